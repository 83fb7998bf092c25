//! The table of rules, and what a rule reports.

mod code;
mod documents;
mod files;
mod manifests;
mod test_files;

use std::fmt;

use crate::tree::Tree;

/// A rule of the workspace: its name, what it asks for, and the function that finds the breaches.
pub struct Rule {
    /// A short name, unique among the rules.
    pub name: &'static str,
    /// What it asks for, as one sentence.
    pub asks: &'static str,
    check: fn(&Tree) -> Vec<Finding>,
}

/// Every rule, in the order in which breaches are printed.
pub static RULES: &[Rule] = &[
    rule("plain names", "Files and folders carry plain names that say the idea.", files::plain_names),
    rule("small files", "No file is larger than 2 MB.", files::small_files),
    rule("clean lines", "No tabs, no trailing spaces, a newline at the end.", files::clean_lines),
    rule(
        "opening sentence",
        "A Rust file opens with a `//!` sentence that says what it is.",
        files::opening_sentence,
    ),
    rule("short files", "A file has at most 400 lines without tests, or says why.", files::short_files),
    rule("no machine paths", "No file names a folder of one machine.", files::no_machine_paths),
    rule(
        "unsafe in one place",
        "Only `engine` has `unsafe`, each with its reason.",
        code::unsafe_in_one_place,
    ),
    rule("nothing unfinished", "No ignored test, no placeholder, no debug print.", code::nothing_unfinished),
    rule("libraries never print", "Only programs print and exit.", code::libraries_never_print),
    rule(
        "functions are text",
        "No function of the library is named in the compiler's Rust.",
        code::functions_are_text,
    ),
    rule("reasons for dependencies", "A comment above a foreign dependency says why.", manifests::reasons),
    rule("order of the crates", "A crate depends only on crates before it in its line.", manifests::order),
    rule("shared lints", "Every crate takes the lints of the workspace.", manifests::shared_lints),
    rule(
        "runnable first page",
        "A crate's first page of documentation runs.",
        documents::runnable_first_page,
    ),
    rule("invariants", "ARCHITECTURE.md states an invariant of every crate.", documents::invariants),
    rule("first commands", "The README runs the program and the tests.", documents::first_commands),
];

const fn rule(name: &'static str, asks: &'static str, check: fn(&Tree) -> Vec<Finding>) -> Rule {
    Rule { name, asks, check }
}

/// Every breach of every rule, rule by rule.
pub fn check(tree: &Tree) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| (rule.check)(tree)).collect()
}

/// One breach of a rule: where it is, what is wrong and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The path from the root of the repository.
    pub path: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, and after a semicolon the mend.
    pub message: String,
}

impl Finding {
    /// A breach at `line`, counted from 0.
    fn at(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: line + 1, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_names_of_their_own_and_sentences() {
        for (index, rule) in RULES.iter().enumerate() {
            assert!(RULES[..index].iter().all(|other| other.name != rule.name), "{} twice", rule.name);
            assert!(rule.asks.ends_with('.'), "{}", rule.name);
        }
    }
}
