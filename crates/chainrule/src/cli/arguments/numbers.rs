//! Numbers on the command line, each within the limits that its reader states.

use clap::builder::TypedValueParser;
use engine::MOST_THREADS;

/// A number of threads that a process can have.
pub fn threads() -> impl TypedValueParser<Value = u16> {
    clap::value_parser!(u16).range(1..=MOST_THREADS as i64)
}

/// A finite number above 0.
pub fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value.is_finite() => Ok(value),
        _ => Err(String::from("expected a number above 0, such as 0.003")),
    }
}

/// Rows of a batch; none for all rows at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchSize(pub Option<usize>);

impl std::str::FromStr for BatchSize {
    type Err = String;

    fn from_str(text: &str) -> Result<BatchSize, String> {
        match text.parse() {
            _ if text == "full" => Ok(BatchSize(None)),
            Ok(rows) if rows > 0 => Ok(BatchSize(Some(rows))),
            _ => Err(String::from("expected a number of rows from 1 on, or full for all rows at once")),
        }
    }
}

impl std::fmt::Display for BatchSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(rows) => rows.fmt(f),
            None => f.write_str("full"),
        }
    }
}
