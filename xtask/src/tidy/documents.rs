//! Rules that look at the documents: first pages that run, an invariant for every crate.

use super::Finding;
use crate::readme;
use crate::tree::Tree;

/// The page that a newcomer opens first.
const README: &str = "README.md";

/// What a newcomer is told to type: see it work, and see it tested.
const FIRST_COMMANDS: [&str; 2] = ["cargo run --release -- ", "cargo test --workspace"];

/// The page that explains how the workspace is built.
const ARCHITECTURE: &str = "ARCHITECTURE.md";

pub(super) fn runnable_first_page(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in tree.crates() {
        let path = format!("crates/{name}/src/lib.rs");
        let Some(text) = tree.text(&path) else {
            let message =
                format!("`{name}` has no library; every crate is one, with a first page of documentation");
            findings.push(Finding::at(&path, 0, message));
            continue;
        };
        let page = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
        // Fences come in pairs; the first of each pair carries the words.
        let mut openings = page.filter_map(|line| line.strip_prefix("```")).step_by(2);
        // Any other word after the fence (`text`, `ignore`, `no_run`) keeps the example from running.
        let runs = |info: &str| {
            let mut words = info.split(',').map(str::trim);
            words.all(|word| word.is_empty() || word == "rust" || word.starts_with("edition"))
        };
        if !openings.any(runs) {
            let message = "the first page has no example that runs; add ten lines of use between ``` fences";
            findings.push(Finding::at(&path, 0, message));
        }
    }
    findings
}

pub(super) fn invariants(tree: &Tree) -> Vec<Finding> {
    let Some(text) = tree.text(ARCHITECTURE) else {
        let message = "the page is missing; write what each crate is and its invariant";
        return if tree.crates().is_empty() { vec![] } else { vec![Finding::at(ARCHITECTURE, 0, message)] };
    };
    let mut findings = Vec::new();
    for name in tree.crates() {
        let heading = format!("`{name}`");
        let mut lines = text.lines().enumerate();
        let found = lines.find(|(_, line)| line.starts_with('#') && line.contains(&heading));
        let Some((number, _)) = found else {
            let message = format!(
                "the crate `{name}` is not described; add a heading `### {heading}` and its invariant"
            );
            findings.push(Finding::at(ARCHITECTURE, 0, message));
            continue;
        };
        let mut section = lines.map(|(_, line)| line).take_while(|line| !line.starts_with('#'));
        if !section.any(|line| line.starts_with("Invariant: ")) {
            let message = format!("`{name}` has no line `Invariant: ...`; say what always holds there");
            findings.push(Finding::at(ARCHITECTURE, number, message));
        }
    }
    findings
}

pub(super) fn first_commands(tree: &Tree) -> Vec<Finding> {
    if tree.crates().is_empty() {
        return vec![];
    }
    let blocks = readme::blocks(README, tree.text(README).unwrap_or_default());
    let is_run = |command: &str| {
        blocks.iter().any(|block| block.not_run.is_none() && block.commands.contains(command))
    };
    let missing = FIRST_COMMANDS.iter().filter(|command| !is_run(command));
    let message =
        |command: &str| format!("no `sh` block runs `{}`; show it among the first commands", command.trim());
    missing.map(|command| Finding::at(README, 0, message(command))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_pages_run() {
        let check = |page: &str| {
            let tree = Tree::from_texts(&[("crates/plan/Cargo.toml", ""), ("crates/plan/src/lib.rs", page)]);
            runnable_first_page(&tree).len()
        };
        assert_eq!(check("//! Plans.\n//! ```\n//! assert!(true);\n//! ```\n"), 0);
        assert_eq!(check("//! Plans.\n//! ```text\n//! a\n//! ```\n//! b\n"), 1);
        assert_eq!(check("//! Plans.\n//! ```no_run\n//! a();\n//! ```\n"), 1);
        assert_eq!(check("//! Plans.\n\n/// ```\n/// a();\n/// ```\nfn a() {}\n"), 1);
    }

    #[test]
    fn every_crate_has_its_invariant() {
        let check = |page: &str| {
            let tree = Tree::from_texts(&[("crates/plan/Cargo.toml", ""), (ARCHITECTURE, page)]);
            invariants(&tree).len()
        };
        assert_eq!(check("### `plan`: plain data\n\nInvariant: verified.\n"), 0);
        assert_eq!(check("### `plan`\n\n### `engine`\n\nInvariant: none.\n"), 1);
        assert_eq!(check("### `engine`\n"), 1);
    }

    #[test]
    fn first_commands_stand_in_blocks_that_run() {
        let check = |page: &str| {
            let tree = Tree::from_texts(&[("crates/plan/Cargo.toml", ""), (README, page)]);
            first_commands(&tree).len()
        };
        let block = "```sh\ncargo run --release -- train a.csv\ncargo test --workspace\n```\n";
        assert_eq!(check(block), 0);
        assert_eq!(check(&format!("<!-- not run: slow -->\n{block}")), 2);
        assert_eq!(check("`cargo test --workspace`\n"), 2);
    }
}
