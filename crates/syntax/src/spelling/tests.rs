//! Each row of the tables, and formulas typed in each spelling beside the language itself.

use super::*;
use crate::parse;
use crate::{Library, Source};

fn read(text: &str, spelling: Spelling) -> String {
    match spell(text, "", spelling) {
        Ok(spelled) => spelled.text,
        Err(error) => panic!("{text}\n{}", error.render()),
    }
}

#[test]
fn probe() {
    let Ok(texts) = std::fs::read_to_string("/tmp/wt/probe.txt") else { return };
    for text in texts.lines() {
        match spell(text, "", Spelling::Auto) {
            Ok(spelled) => {
                let parsed = parse(Source { text, declarations: "" }, &Library::standard());
                let echo = match parsed {
                    Ok(parsed) => parsed.echo,
                    Err(error) => error.render(),
                };
                println!("{text}\n   {}: {}  by {:?} {:?}\n   {echo}", spelled.spelling.name(), spelled.text, spelled.by, spelled.notes);
            }
            Err(error) => println!("{text}\n{}", error.render()),
        }
    }
}
