//! Which files are compiled for tests alone, by their place or by the module that declares them.

use crate::rust_source::RustSource;
use crate::tree::Tree;

/// The files that serve tests, benches and examples; the rules for code that ships leave them in peace.
#[derive(Debug, Clone)]
pub(super) struct TestFiles {
    /// Modules declared under `#[cfg(test)]`, as paths without `.rs`.
    modules: Vec<String>,
}

impl TestFiles {
    /// Finds them.
    pub(super) fn of(tree: &Tree) -> Self {
        let mut modules = Vec::new();
        for (path, text) in tree.texts().filter(|(path, _)| path.ends_with(".rs")) {
            let source = RustSource::parse(text);
            let marked = source.code.iter().zip(&source.is_test).filter(|(_, is_test)| **is_test);
            let names = marked.filter_map(|(line, _)| {
                let declaration = line.trim().strip_suffix(';')?;
                declaration.rsplit_once("mod ").map(|(_, name)| name)
            });
            modules.extend(names.map(|name| format!("{}/{name}", folder_of_modules(path))));
        }
        Self { modules }
    }

    /// Whether everything in the file serves tests, benches or examples.
    pub(super) fn contain(&self, path: &str) -> bool {
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_placed = folders.split('/').any(|folder| matches!(folder, "tests" | "benches" | "examples"));
        let is_declared = self.modules.iter().any(|module| {
            path.strip_prefix(module.as_str()).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        });
        name == "tests.rs" || is_placed || is_declared
    }
}

/// The folder in which the modules lie that the file at `path` declares.
fn folder_of_modules(path: &str) -> &str {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    match name {
        "lib.rs" | "main.rs" | "mod.rs" => folder,
        _ => path.strip_suffix(".rs").unwrap_or(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_files_are_known_by_their_place() {
        let files = TestFiles::of(&Tree::default());
        assert!(files.contain("crates/plan/tests/golden.rs"));
        assert!(files.contain("crates/plan/src/fuse/tests.rs"));
        assert!(!files.contain("crates/plan/src/tests_of_time.rs"));
    }

    #[test]
    fn test_files_are_known_by_their_declaration() {
        let files = TestFiles::of(&Tree::from_texts(&[
            ("crates/plan/src/fuse.rs", "mod lanes;\n#[cfg(test)]\nmod random;\n"),
            ("crates/plan/src/lib.rs", "mod fuse;\n#[cfg(test)]\npub(crate) mod golden;\n"),
        ]));
        assert!(files.contain("crates/plan/src/fuse/random.rs"));
        assert!(files.contain("crates/plan/src/fuse/random/shapes.rs"));
        assert!(files.contain("crates/plan/src/golden.rs"));
        assert!(!files.contain("crates/plan/src/fuse/lanes.rs"));
        assert!(!files.contain("crates/plan/src/fuse/randomly.rs"));
    }
}
