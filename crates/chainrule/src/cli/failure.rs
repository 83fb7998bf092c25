//! The exit statuses, and what ends the program early: its message, its exit status, and its form as JSON.

use compiler::CompileError;
use judge::DeriveError;
use learn::LearnError;
use serde_json::{Value, json};
use std::fmt;
use syntax::visible;

/// The exit statuses: one table for every subcommand, for `--help` and for the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Yes, or done; also when a signal ended a training early and the best model so far was kept.
    Done,
    /// No.
    No,
    /// Bad input or usage; also when the system is in the way of what was asked, as a full disk is.
    BadInput,
    /// Undecided, or an answer of our own that failed its check.
    Undecided,
    /// Done, but some predictions are not finite.
    NotFinite,
}

impl Status {
    /// Every status, in the order of its number.
    pub const ALL: [Status; 5] =
        [Status::Done, Status::No, Status::BadInput, Status::Undecided, Status::NotFinite];

    /// The number that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Status::Done => 0,
            Status::No => 1,
            Status::BadInput => 2,
            Status::Undecided => 3,
            Status::NotFinite => 4,
        }
    }

    /// What it means, in the words of `--help`.
    fn meaning(self) -> &'static str {
        match self {
            Status::Done => "yes, or done",
            Status::No => "no",
            Status::BadInput => "bad input or usage",
            Status::Undecided => "undecided, or an answer of our own that failed its check",
            Status::NotFinite => "done, but some predictions are not finite",
        }
    }

    /// The table, one line a status.
    pub fn table() -> String {
        let line = |status: Status| format!("\n  {}  {}", status.code(), status.meaning());
        Status::ALL.into_iter().fold(String::from("Exit status:"), |table, status| table + &line(status))
    }
}

/// Why the program did not do what it was asked, or not all of it.
#[derive(Debug)]
pub struct Failure {
    status: Status,
    message: String,
    /// Words behind the message, or behind what is shown of the mistake.
    more: String,
    /// Whether the answer is printed already, so that standard output, which may hold one JSON object, is closed to the message.
    is_after_answer: bool,
    /// What is known of a mistake in a text: its place, what was expected and found, and the mend.
    diagnostic: Option<Box<syntax::Diagnostic>>,
}

impl Failure {
    /// The user can mend it by other input.
    pub fn bad_input(message: impl Into<String>) -> Failure {
        Failure::new(Status::BadInput, message.into())
    }

    /// There is no answer, or it did not pass its check.
    pub fn check(message: impl Into<String>) -> Failure {
        Failure::new(Status::Undecided, message.into())
    }

    /// The same with more words.
    pub fn and(mut self, words: &str) -> Failure {
        self.more.push_str(words);
        self
    }

    /// Something outside of the input is in the way, such as a full disk.
    pub fn other(message: impl Into<String>) -> Failure {
        Failure::new(Status::BadInput, message.into())
    }

    /// Predictions were made and written, and some are not finite.
    pub fn not_finite(message: impl Into<String>) -> Failure {
        Failure::new(Status::NotFinite, message.into()).after_answer()
    }

    fn new(status: Status, message: String) -> Failure {
        Failure { status, message, more: String::new(), is_after_answer: false, diagnostic: None }
    }

    /// The same, said when the answer is printed already.
    pub fn after_answer(self) -> Failure {
        Failure { is_after_answer: true, ..self }
    }

    /// The exit status.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Whether the answer is printed already.
    pub fn is_after_answer(&self) -> bool {
        self.is_after_answer
    }

    /// The message and what else is known, as JSON.
    pub fn to_json(&self) -> Value {
        let error = match &self.diagnostic {
            Some(diagnostic) => json!({
                "message": visible(&diagnostic.message()),
                "span": [diagnostic.span.start, diagnostic.span.end],
                "expected": diagnostic.expected(),
                "found": diagnostic.found().map(|found| visible(&found)),
                "mend": diagnostic.mend().map(|mend| visible(&mend)),
                "more": visible(self.more.trim_start()),
            }),
            None => {
                let message = format!("{}{}", self.message, self.more);
                json!({ "message": visible(&message), "span": null, "expected": null, "found": null, "mend": null })
            }
        };
        json!({ "error": error })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.diagnostic {
            Some(diagnostic) => f.write_str(diagnostic.render().trim_end())?,
            None => f.write_str(&self.message)?,
        }
        f.write_str(&self.more)
    }
}

impl From<syntax::Diagnostic> for Failure {
    fn from(diagnostic: syntax::Diagnostic) -> Failure {
        let message = diagnostic.message();
        Failure { diagnostic: Some(Box::new(diagnostic)), ..Failure::bad_input(message) }
    }
}

impl From<table::Error> for Failure {
    fn from(error: table::Error) -> Failure {
        Failure::bad_input(error.to_string())
    }
}

impl From<DeriveError> for Failure {
    fn from(error: DeriveError) -> Failure {
        match error {
            DeriveError::Syntax(diagnostic) => Failure::from(*diagnostic),
            other => Failure::bad_input(other.to_string()),
        }
    }
}

impl From<CompileError> for Failure {
    fn from(error: CompileError) -> Failure {
        match error {
            CompileError::Derive(error) => Failure::from(*error),
            CompileError::Plan(_) | CompileError::Engine(_) => Failure::bad_input(error.to_string()),
        }
    }
}

impl From<LearnError> for Failure {
    fn from(error: LearnError) -> Failure {
        match error {
            LearnError::Compile(error) => Failure::from(error),
            LearnError::Table(error) => Failure::from(error),
            LearnError::Engine(error) => Failure::other(error.to_string()),
            other => Failure::bad_input(other.to_string()),
        }
    }
}
