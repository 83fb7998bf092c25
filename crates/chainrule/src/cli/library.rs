//! `chainrule library`: the pages by kind, or the text of one.

use super::Failure;
use super::arguments::Library as Arguments;
use ::library::{Kind, PAGES};
use calculus::Laws;
use chainrule::Library;
use formula::Name;
use std::fmt::Write;
use syntax::visible;

/// Prints the list, or the page.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let library = with(&arguments.define)?;
    match &arguments.name {
        Some(name) => super::print(&visible(&page(&library, name)?)),
        None => super::print(&list(&library)),
    }
}

/// The shipped pages and those that the user defines, each a text or a file of pages.
pub fn with(definitions: &[String]) -> Result<Library, Failure> {
    with_texts(&texts(definitions)?)
}

/// The texts of pages, each given as it is or as the path of a file that holds it.
pub fn texts(definitions: &[String]) -> Result<Vec<String>, Failure> {
    definitions.iter().map(|definition| super::text_or_file(definition, "chainrule")).collect()
}

/// The shipped pages and these.
pub fn with_texts(texts: &[String]) -> Result<Library, Failure> {
    let mut library = Library::standard();
    for text in texts {
        library.define(text)?;
    }
    judge::judge_own_pages(&library, [])?;
    for note in library.notes() {
        super::tell(&format!("note: {note}"));
    }
    Ok(library)
}

/// Every page of a name, or the rows of a law.
fn page(library: &Library, name: &str) -> Result<String, Failure> {
    let pages: Vec<String> = library.text(name).iter().map(|page| page.text.trim_end().to_owned()).collect();
    if !pages.is_empty() {
        return Ok(format!("{}\n", pages.join("\n\n")));
    }
    let law_page = PAGES.iter().find(|page| page.kind == Kind::Law && page.name == name);
    if let Some(page) = law_page {
        return Ok(page.text.to_owned());
    }
    let rows: Vec<String> = Laws::standard()
        .rows()
        .iter()
        .filter(|law| law.name.as_str() == name)
        .map(|law| format!("law {}   {}\n", law.name, law.statement))
        .collect();
    if !rows.is_empty() {
        return Ok(rows.concat());
    }
    let known = Kind::ALL.into_iter().flat_map(|kind| names(library, kind));
    let nearest = table::nearest(name, known);
    let mend = match nearest.is_empty() {
        true => String::from("`chainrule library` lists them all"),
        false => format!(
            "did you mean {}?",
            nearest.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
        ),
    };
    Err(Failure::bad_input(format!("the library has no page `{name}`: {mend}")))
}

/// A line for each kind, with the names of its pages.
fn list(library: &Library) -> String {
    const WIDTH: usize = 100;
    let mut text = String::new();
    for kind in Kind::ALL {
        let names = names(library, kind);
        let _ = write!(text, "{:<12}", kind.word());
        let mut used = 0;
        for (place, name) in names.iter().enumerate() {
            let comma = if place + 1 < names.len() { ", " } else { "" };
            if used + name.len() > WIDTH - 12 {
                let _ = write!(text, "\n{:<12}", "");
                used = 0;
            }
            let _ = write!(text, "{name}{comma}");
            used += name.len() + comma.len();
        }
        text.push('\n');
    }
    text.push_str("\n`chainrule library NAME` shows a page.\n");
    text
}

/// The names of a kind; laws by the names of their rows.
fn names(library: &Library, kind: Kind) -> Vec<String> {
    if kind != Kind::Law {
        return library.names(kind).iter().map(Name::to_string).collect();
    }
    let mut names: Vec<String> = Laws::standard().rows().iter().map(|law| law.name.to_string()).collect();
    names.dedup();
    names
}
