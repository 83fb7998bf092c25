//! The files of the repository, read once, as the rules see them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every file of the repository that is tracked, or would be if it were added, in the order of their paths.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    files: Vec<TreeFile>,
}

/// One file: where it lies and what it says.
#[derive(Debug, Clone)]
pub struct TreeFile {
    /// The path from the root of the repository, with `/` between its parts.
    pub path: String,
    /// The length in bytes.
    pub bytes: u64,
    /// The text, or nothing where the file is not UTF-8.
    pub text: Option<String>,
}

impl Tree {
    /// Reads the files below `root`. Git says which they are where `root` is a checkout; elsewhere (an unpacked
    /// archive) the folders are walked, without build outputs and runs.
    ///
    /// # Errors
    /// A sentence that names the file or folder that could not be read.
    pub fn read(root: &Path) -> Result<Self, String> {
        let mut paths = match git_paths(root) {
            Some(paths) => paths,
            None => walked_paths(root)?,
        };
        paths.sort();
        paths.dedup();
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            let full = root.join(&path);
            // Git goes on listing a file that was deleted and not yet committed.
            if !full.is_file() {
                continue;
            }
            let content = fs::read(&full).map_err(|error| format!("cannot read {path}: {error}"))?;
            files.push(TreeFile { path, bytes: content.len() as u64, text: String::from_utf8(content).ok() });
        }
        Ok(Self { files })
    }

    /// A tree of texts in memory, for tests of a rule.
    pub fn from_texts(texts: &[(&str, &str)]) -> Self {
        let file = |&(path, text): &(&str, &str)| TreeFile {
            path: path.to_owned(),
            bytes: text.len() as u64,
            text: Some(text.to_owned()),
        };
        Self { files: texts.iter().map(file).collect() }
    }

    /// All files, in the order of their paths.
    pub fn files(&self) -> &[TreeFile] {
        &self.files
    }

    /// The path and text of every file that is text.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|file| Some((file.path.as_str(), file.text.as_deref()?)))
    }

    /// The text of the file at `path`, where there is one.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts().find(|(candidate, _)| *candidate == path).map(|(_, text)| text)
    }

    /// The names of the folders of `crates/` that hold a manifest, in alphabetical order.
    pub fn crates(&self) -> Vec<&str> {
        let name = |file: &'_ TreeFile| -> Option<(usize, usize)> {
            let rest = file.path.strip_prefix("crates/")?;
            let name = rest.strip_suffix("/Cargo.toml")?;
            (!name.contains('/')).then_some(("crates/".len(), "crates/".len() + name.len()))
        };
        self.files.iter().filter_map(|file| name(file).map(|(from, to)| &file.path[from..to])).collect()
    }
}

/// The paths that git tracks or would add, or nothing where `root` is not itself the root of a checkout.
fn git_paths(root: &Path) -> Option<Vec<String>> {
    // A copy inside another repository's ignored folder would list nothing: only a checkout's own root counts.
    if !root.join(".git").exists() {
        return None;
    }
    let listing = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = String::from_utf8(listing.stdout).ok()?;
    Some(text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

/// The paths of all files below `root`, without build outputs, runs and version control.
fn walked_paths(root: &Path) -> Result<Vec<String>, String> {
    let mut paths = Vec::new();
    let mut folders: Vec<PathBuf> = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let full = root.join(&folder);
        let describe = |error| format!("cannot list {}: {error}", full.display());
        for entry in fs::read_dir(&full).map_err(describe)? {
            let entry = entry.map_err(describe)?;
            let path = folder.join(entry.file_name());
            if entry.file_type().map_err(describe)?.is_dir() {
                let name = entry.file_name();
                if name != "target" && name != ".git" && path != Path::new("runs") {
                    folders.push(path);
                }
            } else {
                let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
                paths.push(parts.join("/"));
            }
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_the_folders_with_a_manifest() {
        let tree = Tree::from_texts(&[
            ("Cargo.toml", ""),
            ("crates/plan/Cargo.toml", ""),
            ("crates/plan/src/lib.rs", ""),
            ("crates/plan/fixtures/inner/Cargo.toml", ""),
        ]);
        assert_eq!(tree.crates(), ["plan"]);
    }

    #[test]
    fn walking_and_git_find_this_file() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert!(walked_paths(root).unwrap().contains(&"xtask/src/tree.rs".to_owned()));
        assert!(Tree::read(root).unwrap().text("xtask/src/tree.rs").is_some());
    }
}
