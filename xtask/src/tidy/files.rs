//! Rules that look at files as files: names, sizes, lines, openings.

use super::Finding;
use super::test_files::TestFiles;
use crate::rust_source::RustSource;
use crate::tree::Tree;

/// The largest file that the repository takes, in bytes.
const LARGEST_FILE: u64 = 2_000_000;

/// The most lines of a Rust file, without its tests.
const MOST_LINES: usize = 400;

/// Names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 8] = ["utils", "util", "helpers", "helper", "common", "types", "misc", "stuff"];

/// Endings of the files that people write by hand. Tables and golden texts stand as they were made.
const WRITTEN_BY_HAND: [&str; 6] = [".rs", ".md", ".toml", ".chainrule", ".sh", ".yml"];

pub(super) fn plain_names(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files() {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        if !file.path.chars().all(is_plain) {
            let message = "the name holds other characters than ASCII letters, digits, `-`, `_` and `.`; rename the file";
            findings.push(Finding::at(&file.path, 0, message));
        }
        let parts = file.path.split('/').map(|part| part.split('.').next().unwrap_or_default());
        for part in parts.filter(|part| EMPTY_NAMES.contains(part)) {
            let message = format!("`{part}` says nothing; name the idea, or leave the code where it is used");
            findings.push(Finding::at(&file.path, 0, message));
        }
    }
    findings
}

pub(super) fn small_files(tree: &Tree) -> Vec<Finding> {
    let large = tree.files().iter().filter(|file| file.bytes > LARGEST_FILE);
    large
        .map(|file| {
            let megabytes = file.bytes as f64 / 1e6;
            let message =
                format!("the file has {megabytes:.1} MB; keep files under 2 MB, or fetch them when needed");
            Finding::at(&file.path, 0, message)
        })
        .collect()
}

pub(super) fn clean_lines(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| WRITTEN_BY_HAND.iter().any(|end| path.ends_with(end)))
    {
        for (number, line) in text.lines().enumerate() {
            if line.contains('\t') {
                findings.push(Finding::at(path, number, "a tab; indent with spaces"));
            }
            if line.ends_with(' ') {
                findings.push(Finding::at(path, number, "spaces at the end of the line; delete them"));
            }
        }
        if !text.is_empty() && !text.ends_with('\n') {
            findings.push(Finding::at(
                path,
                text.lines().count() - 1,
                "no newline at the end of the file; add one",
            ));
        }
    }
    findings
}

pub(super) fn opening_sentence(tree: &Tree) -> Vec<Finding> {
    let opens_with_sentence = |text: &str| {
        let comment = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
        let paragraph: Vec<&str> = comment.take_while(|line| !line.is_empty()).collect();
        paragraph.join(" ").contains(['.', ':', '?'])
    };
    rust_files(tree)
        .filter(|(_, text)| !opens_with_sentence(text))
        .map(|(path, _)| {
            let message = "the file does not open with a sentence; start it with `//! What it is.`";
            Finding::at(path, 0, message)
        })
        .collect()
}

pub(super) fn short_files(tree: &Tree) -> Vec<Finding> {
    let tests = TestFiles::of(tree);
    let mut findings = Vec::new();
    for (path, text) in rust_files(tree).filter(|(path, _)| !tests.contain(path)) {
        let is_test = RustSource::parse(text).is_test;
        let lines = is_test.iter().filter(|&&is_test| !is_test).count();
        let mut opening = text.lines().map_while(|line| line.strip_prefix("//!"));
        let has_reason = opening.any(|line| line.trim().strip_prefix("Long because: ").is_some());
        if lines > MOST_LINES && !has_reason {
            let message = format!(
                "{lines} lines without tests, more than {MOST_LINES}; split the file by ideas, or write \
                 `//! Long because: reason.` in its opening comment"
            );
            findings.push(Finding::at(path, 0, message));
        }
    }
    findings
}

pub(super) fn no_machine_paths(tree: &Tree) -> Vec<Finding> {
    // Written in two parts, so that this file does not break its own rule.
    let absolute =
        [concat!("/wo", "rk/"), concat!("/tm", "p/"), concat!("/ho", "me/"), concat!("/ro", "ot/")];
    let beside = concat!("../sh", "ared");
    let tests = TestFiles::of(tree);
    let mut findings = Vec::new();
    for (path, text) in tree.texts() {
        let source = path.ends_with(".rs").then(|| RustSource::parse(text));
        for (number, line) in text.lines().enumerate() {
            if let Some(found) = absolute.iter().find(|&&folder| holds_path(line, folder)) {
                let message = format!(
                    "`{found}` is a folder of one machine; write a path from the root of the repository"
                );
                findings.push(Finding::at(path, number, message));
            }
            let is_test = tests.contain(path) || source.as_ref().is_some_and(|source| source.is_test[number]);
            if line.contains(beside) && !(is_test && text.contains("skip")) {
                let message = format!(
                    "`{beside}` lies outside the repository; only a test that skips without it may look"
                );
                findings.push(Finding::at(path, number, message));
            }
        }
    }
    findings
}

/// Whether `line` names the absolute path `folder`, and not merely a longer path or an address that contains it.
fn holds_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '/' | '_' | '-' | '}' | '$'))
    })
}

fn rust_files(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.texts().filter(|(path, _)| path.ends_with(".rs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(check: fn(&Tree) -> Vec<Finding>, path: &str, text: &str) -> Vec<String> {
        check(&Tree::from_texts(&[(path, text)])).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn names_without_meaning_are_refused() {
        assert_eq!(found(plain_names, "crates/plan/src/utils.rs", "").len(), 1);
        assert_eq!(found(plain_names, "crates/plan/tests/common/mod.rs", "").len(), 1);
        assert_eq!(found(plain_names, "data/my table.csv", "").len(), 1);
        assert!(found(plain_names, "crates/plan/src/tile.rs", "").is_empty());
    }

    #[test]
    fn lines_are_clean() {
        let found = found(clean_lines, "a.md", "one \n\ttwo\nthree");
        assert_eq!(found.len(), 3);
        assert!(found[1].starts_with("a.md:2: a tab"));
        assert!(found[2].starts_with("a.md:3: no newline"));
    }

    #[test]
    fn openings_are_sentences() {
        assert!(found(opening_sentence, "a.rs", "//! Row tiles,\n//! found by the plan.\n").is_empty());
        assert_eq!(found(opening_sentence, "a.rs", "//! Tiles\n\nfn a() {}\n").len(), 1);
        assert_eq!(found(opening_sentence, "a.rs", "use std::fmt; // no.\n").len(), 1);
    }

    #[test]
    fn long_files_need_a_reason_and_tests_do_not_count() {
        let long = "fn a() {}\n".repeat(401);
        assert_eq!(found(short_files, "a.rs", &format!("//! Text.\n{long}")).len(), 1);
        assert!(
            found(short_files, "a.rs", &format!("//! Text.\n//! Long because: a table.\n{long}")).is_empty()
        );
        assert!(
            found(short_files, "a.rs", &format!("//! Text.\n#[cfg(test)]\nmod tests {{\n{long}}}\n"))
                .is_empty()
        );
        assert!(found(short_files, "tests/a.rs", &long).is_empty());
    }

    #[test]
    fn folders_of_one_machine_are_refused() {
        let folder = concat!("/tm", "p/x");
        assert_eq!(found(no_machine_paths, "a.md", &format!("see `{folder}`\n")).len(), 1);
        assert!(found(no_machine_paths, "a.md", &format!("see target{folder}\n")).is_empty());
    }

    #[test]
    fn only_skipping_tests_look_beside_the_repository() {
        let beside = concat!("../sh", "ared");
        let test = format!("//! T.\nlet a = \"{beside}\"; // skip\n");
        assert_eq!(found(no_machine_paths, "crates/plan/src/a.rs", &test).len(), 1);
        assert!(found(no_machine_paths, "crates/plan/tests/a.rs", &test).is_empty());
    }
}
