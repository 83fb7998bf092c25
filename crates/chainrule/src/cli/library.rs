//! `chainrule library`: the pages by kind, or the text of one.

use super::Failure;
use super::arguments::Library as Arguments;
use compiler::Library;

/// Prints the list, or the page.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let library = with(&arguments.define)?;
    match &arguments.name {
        Some(name) => super::print(&format!("{}\n", library.page(name)?.trim_end())),
        None => super::print(&list(&library)),
    }
}

/// The shipped pages and those that the user defines, each a text or a file of pages.
pub fn with(definitions: &[String]) -> Result<Library, Failure> {
    let mut library = Library::standard();
    for definition in definitions {
        library.define(&super::text_or_file(definition, "chainrule")?)?;
    }
    Ok(library)
}

/// A title for each kind, and the names under it.
fn list(library: &Library) -> String {
    let mut text = String::new();
    for (kind, names) in library.pages() {
        text.push_str(&format!("{kind}\n  {}\n", names.join("  ")));
    }
    text.push_str("\n`chainrule library NAME` shows a page.\n");
    text
}
