//! The built program, run as a user runs it.

mod algebra;
mod bad_input;
mod check;
mod checkpoints;
mod claims;
mod commands;
mod endings;
mod files;
mod folders;
mod forms;
mod hostile;
mod kinks;
mod limits;
mod machine;
mod memory;
mod names;
mod outputs;
mod recall;
mod runs;
mod starts;
mod statuses;
mod streams;
mod tables;
mod tasks;
mod training;
mod unlike;

use std::ffi::OsStr;
use std::fmt::Debug;
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

    /// Runs the program in the folder, on words that may be no text.
    fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Answer {
        self.answer(Command::new(env!("CARGO_BIN_EXE_chainrule")).args(arguments))
    }

    /// Runs a line of the shell in the folder, in which `$CHAINRULE` is the program.
    #[cfg(unix)]
    fn shell(&self, line: &str) -> Answer {
        self.answer(Command::new("sh").arg("-c").arg(line).env("CHAINRULE", env!("CARGO_BIN_EXE_chainrule")))
    }

    fn answer(&self, command: &mut Command) -> Answer {
        let Output { status, stdout, stderr } =
            command.current_dir(self.folder.path()).output().expect("the program runs");
        Answer {
            status: status.code().unwrap_or(-1),
            output: String::from_utf8(stdout).expect("output in UTF-8"),
            errors: String::from_utf8(stderr).expect("messages in UTF-8"),
        }
    }

    /// Runs the program, which must end with this status, without a panic, and with a message that holds all the words.
    fn ends<S: AsRef<OsStr> + Debug>(&self, status: i32, arguments: &[S], words: &[&str]) -> Answer {
        let answer = self.run(arguments);
        assert_eq!(answer.status, status, "{arguments:?}: {}{}", answer.output, answer.errors);
        for word in words {
            assert!(answer.errors.contains(word), "{arguments:?}: no `{word}` in {}", answer.errors);
        }
        answer
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
