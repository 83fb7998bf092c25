//! The documents' shell blocks, run: what a newcomer is told to type works.
//!
//! The blocks run in a scratch copy of the repository, which is removed in the end, so that what they write stays out of the
//! checkout and a second run starts clean. Build outputs are shared with the checkout.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::tree::Tree;

/// Runs every block of every document below `root`, in order, and stops at the first that fails. The scratch copy is
/// made inside `target`, the folder of build outputs.
///
/// # Errors
/// A sentence that names the block that failed and its status, or the file that could not be copied.
pub fn run(root: &Path, target: &Path) -> Result<String, String> {
    let tree = Tree::read(root)?;
    let scratch = target.join("readme");
    copy(root, &tree, &scratch)?;
    let outcome = run_all(&tree, &scratch, target);
    // What was built of the copy counts as fresh for the checkout too, as long as the copy's files are there and unchanged.
    fs::remove_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
    outcome
}

fn run_all(tree: &Tree, scratch: &Path, target: &Path) -> Result<String, String> {
    let (mut times, mut skipped) = (Vec::new(), 0);
    for block in
        tree.texts().filter(|(path, _)| is_document(path)).flat_map(|(path, text)| blocks(path, text))
    {
        let place = format!("{}:{}", block.path, block.line);
        if let Some(reason) = &block.not_run {
            println!("\n{place}: not run: {reason}");
            skipped += 1;
            continue;
        }
        println!("\n{place}: running\n{}", block.commands.trim_end());
        let elapsed = run_block(&block, scratch, target).map_err(|problem| format!("{place}: {problem}"))?;
        times.push(format!("  {place}: {:.1} s", elapsed.as_secs_f64()));
    }
    let counts = format!("readme: {} blocks ran, {skipped} not run", times.len());
    Ok(times.into_iter().chain([counts]).collect::<Vec<_>>().join("\n"))
}

/// A shell block of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The document.
    pub path: String,
    /// The line of the opening fence, counted from 1.
    pub line: usize,
    /// The reason in `<!-- not run: reason -->` above the block, where there is one.
    pub not_run: Option<String>,
    /// The commands, as bash reads them.
    pub commands: String,
}

/// The shell blocks of a document: `sh` blocks hold commands alone; `console` blocks show commands after `$ `, their
/// continuations after `> `, and what they print, which is left out.
pub fn blocks(path: &str, text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut fence: Option<&str> = None;
    let mut comment: Option<String> = None;
    for (number, line) in text.lines().enumerate() {
        let is_shell = fence.is_some_and(|info| info == "sh" || info == "console");
        match (line.trim().strip_prefix("```"), fence) {
            (Some(info), None) => {
                fence = Some(info.trim());
                if matches!(info.trim(), "sh" | "console") {
                    let not_run = comment.take();
                    found.push(Block {
                        path: path.to_owned(),
                        line: number + 1,
                        not_run,
                        commands: String::new(),
                    });
                }
            }
            (Some(_), Some(_)) => fence = None,
            (None, Some(info)) if is_shell => {
                let command = match info {
                    "console" => {
                        line.trim_start().strip_prefix("$ ").or(line.trim_start().strip_prefix("> "))
                    }
                    _ => Some(line),
                };
                if let (Some(block), Some(command)) = (found.last_mut(), command) {
                    block.commands.push_str(command);
                    block.commands.push('\n');
                }
            }
            (None, Some(_)) => {}
            (None, None) if line.trim().is_empty() => {}
            (None, None) => {
                let reason =
                    line.trim().strip_prefix("<!-- not run:").and_then(|rest| rest.strip_suffix("-->"));
                comment = reason.map(|reason| reason.trim().to_owned());
            }
        }
    }
    found
}

/// The documents that tell a reader what to type.
fn is_document(path: &str) -> bool {
    let is_page = path.ends_with(".md") && path != "CHANGELOG.md" && path != "ARCHITECTURE.md";
    is_page && (!path.contains('/') || path.starts_with("guide/"))
}

/// Runs a block as one script from the root of the scratch copy.
fn run_block(block: &Block, scratch: &Path, target: &Path) -> Result<Duration, String> {
    // A built program is found by its name, as it would be after `cargo install`.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = [target.join("release")].into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).map_err(|error| format!("cannot extend PATH: {error}"))?;
    let start = Instant::now();
    let status = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &block.commands])
        .current_dir(scratch)
        .env("PATH", path)
        .env("CARGO_TARGET_DIR", target)
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("cannot start bash: {error}"))?;
    match status.success() {
        true => Ok(start.elapsed()),
        false => Err(format!("the block ended with {status}; mend the document or the program")),
    }
}

/// Copies the files of the repository to an empty `scratch`, with their times, so that Cargo builds again only what
/// changed.
fn copy(root: &Path, tree: &Tree, scratch: &Path) -> Result<(), String> {
    if scratch.exists() {
        fs::remove_dir_all(scratch)
            .map_err(|error| format!("cannot empty {}: {error}", scratch.display()))?;
    }
    for file in tree.files() {
        let (from, to): (PathBuf, PathBuf) = (root.join(&file.path), scratch.join(&file.path));
        let copied = to.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| {
            fs::copy(&from, &to)?;
            let modified = fs::metadata(&from)?.modified()?;
            fs::File::options().write(true).open(&to)?.set_modified(modified)
        });
        copied.map_err(|error| format!("cannot copy {}: {error}", file.path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_blocks_give_their_commands() {
        let text = "Type\n\n```sh\na \\\n  b\n# why\n```\n\n```rust\nc\n```\n\n```console\n$ d\nprinted\n$ e \\\n> f\n```\n";
        let found = blocks("README.md", text);
        let commands: Vec<_> = found.iter().map(|block| (block.line, block.commands.as_str())).collect();
        assert_eq!(commands, [(3, "a \\\n  b\n# why\n"), (13, "d\ne \\\nf\n")]);
    }

    #[test]
    fn a_comment_keeps_the_next_block_from_running() {
        let text = "<!-- not run: it takes an hour -->\n\n```sh\na\n```\n\n```sh\nb\n```\n";
        let reasons: Vec<_> = blocks("README.md", text).into_iter().map(|block| block.not_run).collect();
        assert_eq!(reasons, [Some("it takes an hour".to_owned()), None]);
    }

    #[test]
    fn a_comment_does_not_reach_past_a_paragraph() {
        let text = "<!-- not run: slow -->\nText.\n```sh\nb\n```\n";
        assert_eq!(blocks("README.md", text)[0].not_run, None);
    }

    #[test]
    fn documents_are_pages_at_the_root_and_in_the_guide() {
        assert!(is_document("README.md"));
        assert!(is_document("guide/first.md"));
        assert!(!is_document("CHANGELOG.md"));
        assert!(!is_document("crates/plan/NOTES.md"));
    }
}
