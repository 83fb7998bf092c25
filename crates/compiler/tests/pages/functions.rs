//! Functions: what their pages say is true.

use crate::{Verdict, arguments_of, every, text_of};
use chainrule_compiler::{Kind, Library, Source};
use formula::Name;
use judge::judge_page;

/// What the judge of users' pages says of a page: its slopes and stable form against its body, and its `check` lines.
pub(crate) fn keeps_what_it_says(library: &Library, kind: Kind, name: &Name) -> Verdict {
    judge_page(library, kind, name)?;
    Ok(match library.checks(kind, name)?.len() {
        0 => String::from("has no check lines"),
        count => format!("check lines that hold: {count}"),
    })
}

/// The page is read where a formula uses it, and its text begins with what it is.
fn is_read(library: &Library, kind: Kind, name: &Name) -> Verdict {
    let text = text_of(library, kind, name)?;
    let arguments = arguments_of(&text, kind, name)?;
    if !text.starts_with("# ") {
        return Err("the page does not begin with a comment that says what it is".into());
    }
    match kind {
        Kind::Optimizer => drop(syntax::optimizer(name, library)?),
        Kind::Schedule => drop(syntax::schedule(name, library)?),
        Kind::Function | Kind::Loss | Kind::Metric | Kind::Law => {
            let names = arguments.split(',').map(|part| part.split(':').next().unwrap_or(part).trim());
            let text = format!("{name}({})", names.collect::<Vec<_>>().join(", "));
            // The arguments of a function of numbers are declared by no shape: any will do.
            let declarations = if arguments.contains(':') { arguments.as_str() } else { "" };
            syntax::parse(Source { text: &text, declarations }, library)?;
        }
    }
    Ok(String::from("the page is read and used"))
}

#[test]
fn every_page_is_read_and_used() {
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Law) {
        every(kind, |library, name| is_read(library, kind, name));
    }
}

#[test]
fn every_page_keeps_what_it_says() {
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Law) {
        every(kind, |library, name| keeps_what_it_says(library, kind, name));
    }
}
