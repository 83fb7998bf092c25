//! Scores as a table for a person and as JSON for a program.

use super::Failure;
use learn::{Judgement, NotFinite, Scores};
use serde_json::{Value, json};
use std::fmt::Write;
use syntax::visible;

/// Where the words of a report go: to standard output, unless that is kept for one JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

impl Words {
    /// Writes one or more lines.
    pub fn say(self, text: &str) -> Result<(), Failure> {
        match self {
            Words::Output => super::print(&format!("{}\n", visible(text))),
            Words::Error => {
                super::tell(text);
                Ok(())
            }
        }
    }
}

/// The words of a training, which does not end because nobody hears them.
pub struct Report {
    words: Words,
    is_quiet: bool,
    unheard: Option<Failure>,
}

impl Report {
    /// With words that go there; a quiet one says results alone.
    pub fn new(words: Words, is_quiet: bool) -> Report {
        Report { words, is_quiet, unheard: None }
    }

    /// Writes one or more lines on the way to a result.
    pub fn note(&mut self, text: &str) {
        if !self.is_quiet {
            self.say(text);
        }
    }

    /// Writes one or more lines, or remembers that they could not be written.
    pub fn say(&mut self, text: &str) {
        if let Err(failure) = self.words.say(text) {
            self.unheard.get_or_insert(failure);
        }
    }

    /// The first failure, now that everything is done.
    pub fn finish(self) -> Result<(), Failure> {
        self.unheard.map_or(Ok(()), Err)
    }
}

/// Says where predictions are not finite, once they are written or judged; `rows` is what the rows are called, `count` how many
/// there are.
pub fn told(not_finite: Option<NotFinite>, rows: &str, count: usize) -> Result<(), Failure> {
    let Some(NotFinite { rows: wrong, first }) = not_finite else { return Ok(()) };
    let (have, first_of, their, them) = match wrong {
        1 => ("has a prediction that is", "", "its", "that row"),
        _ => ("have predictions that are", "first ", "their", "those rows"),
    };
    Err(Failure::not_finite(format!(
        "{wrong} of {count} {rows} {have} not finite, {first_of}row {first} (counted from 0): {their} inputs are too large for the \
         model's numbers; correct them, or leave {them} out"
    )))
}

/// A table of scores, one line a model, in the units of the targets.
pub fn score_table(title: &str, judgement: &Judgement, targets: &[String]) -> String {
    let lines = [
        ("this model", Some(judgement.model)),
        ("linear regression", judgement.linear),
        ("mean of the training rows", judgement.mean),
    ];
    let mut text = format!("{title:<27}  {:>11}  {:>11}  {:>11}", "RMSE", "MAE", "R2");
    for (name, scores) in lines {
        if let Some(Scores { rmse, mae, r2, .. }) = scores {
            let _ =
                write!(text, "\n  {name:<25}  {:>11}  {:>11}  {:>11}", digits(rmse), digits(mae), share(r2));
        }
    }
    let _ = write!(text, "\n  RMSE and MAE in the units of {}", targets.join(", "));
    if !judgement.model.r2.is_finite() && judgement.model.rmse.is_finite() {
        text.push_str("\n  there is no R2, for the target is one number in all these rows");
    }
    text
}

/// Scores as JSON; what is not finite is null.
pub fn scores_json(scores: Option<Scores>) -> Value {
    scores.map_or(Value::Null, |scores| {
        json!({
            "rmse": number(scores.rmse),
            "mae": number(scores.mae),
            "r2": number(scores.r2),
            "rows": scores.rows,
        })
    })
}

/// A number as JSON: null where it is not finite, for JSON has no way to say so.
pub fn number(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// A number as one would write it: with all its digits, and an exponent where it is large or small.
pub fn plain(value: f64) -> String {
    match value.abs() {
        size if value == 0.0 || (1e-4..1e6).contains(&size) => value.to_string(),
        _ => format!("{value:e}"),
    }
}

/// The same of a number rounded to so many digits.
pub fn rounded(value: f64, digits: usize) -> String {
    plain(format!("{value:.0$e}", digits.saturating_sub(1)).parse().unwrap_or(value))
}

/// Four digits after the point, without the sign of -0.0000; an exponent where that is long.
fn share(value: f64) -> String {
    match value.abs() {
        size if !size.is_finite() => String::from("none"),
        size if size < 5e-5 => String::from("0.0000"),
        size if size < 1e4 => format!("{value:.4}"),
        _ => format!("{value:.3e}"),
    }
}

/// Five significant digits.
fn digits(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return value.to_string();
    }
    if size != 0.0 && !(1e-3..1e7).contains(&size) {
        return format!("{value:.4e}");
    }
    let whole = [10.0, 100.0, 1e3, 1e4].into_iter().filter(|power| size >= *power).count();
    format!("{value:.0$}", 4_usize.saturating_sub(whole))
}

/// Each line two blanks further in.
pub fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_show_five_digits() {
        for (value, want) in [
            (0.50314, "0.5031"),
            (51.23456, "51.235"),
            (123456.7, "123457"),
            (0.0, "0.0000"),
            (1e-5, "1.0000e-5"),
        ] {
            assert_eq!(digits(value), want);
        }
    }

    #[test]
    fn settings_are_written_one_way() {
        for (value, want) in [
            (2.5, "2.5"),
            (976.5625, "976.5625"),
            (1e6, "1e6"),
            (5e5, "500000"),
            (0.003, "0.003"),
            (1e-7, "1e-7"),
            (0.0, "0"),
        ] {
            assert_eq!(plain(value), want);
        }
        assert_eq!(
            (rounded(0.028421709430404007, 6), rounded(0.0123, 2)),
            ("0.0284217".into(), "0.012".into())
        );
    }

    #[test]
    fn what_is_not_finite_is_null() {
        let scores = Scores { rmse: f64::NAN, mae: 0.5, r2: f64::NEG_INFINITY, rows: 3 };
        assert_eq!(scores_json(Some(scores)), json!({"rmse": null, "mae": 0.5, "r2": null, "rows": 3}));
        assert_eq!(scores_json(None), Value::Null);
    }
}
