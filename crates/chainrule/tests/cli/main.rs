//! The built program, run as a user runs it.

mod bad_input;
mod check;
mod commands;
mod limits;
mod machine;
mod names;
mod training;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of its own for a test, in which the program runs; it vanishes with the value.
struct Place {
    folder: tempfile::TempDir,
}

/// What the program printed, and its exit status.
struct Answer {
    status: i32,
    output: String,
    errors: String,
}

impl Place {
    fn new() -> Place {
        Place { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file and returns its name.
    fn file<'a>(&self, name: &'a str, contents: impl AsRef<[u8]>) -> &'a str {
        std::fs::write(self.path(name), contents).expect("a file in a temporary folder");
        name
    }

    /// The names of everything in the folder.
    fn names(&self) -> Vec<String> {
        names(self.folder.path())
    }

    /// Runs the program in the folder.
    fn run(&self, arguments: &[&str]) -> Answer {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chainrule"));
        let Output { status, stdout, stderr } =
            command.args(arguments).current_dir(self.folder.path()).output().expect("the program runs");
        Answer {
            status: status.code().unwrap_or(-1),
            output: String::from_utf8(stdout).expect("output in UTF-8"),
            errors: String::from_utf8(stderr).expect("messages in UTF-8"),
        }
    }

    /// Runs the program, which must succeed.
    fn succeed(&self, arguments: &[&str]) -> Answer {
        let answer = self.run(arguments);
        assert_eq!(answer.status, 0, "{arguments:?}: {}", answer.errors);
        answer
    }
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A table that is shipped with Chainrule.
fn shipped(name: &str) -> String {
    format!("{}/../../data/{name}", env!("CARGO_MANIFEST_DIR"))
}
