//! What ends the program early: its message, its exit status, and its form as JSON.

use learn::LearnError;
use serde_json::{Value, json};
use std::fmt;
use syntax::visible;

/// Why the program did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    status: u8,
    message: String,
    /// What is known of a mistake in a text: its place, what was expected and found, and the mend.
    diagnostic: Option<Box<syntax::Diagnostic>>,
}

impl Failure {
    /// The user can mend it by other input.
    pub fn bad_input(message: impl Into<String>) -> Failure {
        Failure { status: 2, message: message.into(), diagnostic: None }
    }

    /// An answer did not pass its check.
    pub fn check(message: impl Into<String>) -> Failure {
        Failure { status: 3, message: message.into(), diagnostic: None }
    }

    /// Something outside of the input is in the way, such as a full disk.
    pub fn other(message: impl Into<String>) -> Failure {
        Failure { status: 1, message: message.into(), diagnostic: None }
    }

    /// The exit status: 1, 2 or 3.
    pub fn status(&self) -> u8 {
        self.status
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
            }),
            None => {
                json!({ "message": visible(&self.message), "span": null, "expected": null, "found": null, "mend": null })
            }
        };
        json!({ "error": error })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.diagnostic {
            Some(diagnostic) => f.write_str(diagnostic.render().trim_end()),
            None => f.write_str(&self.message),
        }
    }
}

impl From<syntax::Diagnostic> for Failure {
    fn from(diagnostic: syntax::Diagnostic) -> Failure {
        Failure { status: 2, message: diagnostic.message(), diagnostic: Some(Box::new(diagnostic)) }
    }
}

impl From<table::Error> for Failure {
    fn from(error: table::Error) -> Failure {
        let status = if matches!(error, table::Error::Unwritable { .. }) { 1 } else { 2 };
        Failure { status, message: error.to_string(), diagnostic: None }
    }
}

impl From<compiler::CompileError> for Failure {
    fn from(error: compiler::CompileError) -> Failure {
        match error {
            compiler::CompileError::Syntax(diagnostic) => Failure::from(*diagnostic),
            other => Failure::bad_input(other.to_string()),
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
