//! Scores as a table for a person and as JSON for a program.

use super::Failure;
use learn::{Judgement, NotFinite, Target, Task};
use serde_json::Value;
use std::fmt::Write;
use syntax::visible;
use table::Matrix;

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

/// A table of scores for each target, one line a model.
pub fn score_table(title: &str, judgement: &Judgement, task: &Task) -> String {
    let tables = task.targets.iter().enumerate().map(|(at, target)| {
        let title =
            if task.targets.len() > 1 { format!("{title}, {}", target.name) } else { title.to_owned() };
        one_table(&title, judgement, task, at)
    });
    let mut text = tables.collect::<Vec<_>>().join("\n\n");
    match judgement.without_target {
        0 => {}
        1 => text.push_str("\n  1 row has no target and is not judged"),
        rows => {
            let _ = write!(text, "\n  {rows} rows have no target and are not judged");
        }
    }
    text
}

fn one_table(title: &str, judgement: &Judgement, task: &Task, at: usize) -> String {
    let lines = std::iter::once(("this model", &judgement.model))
        .chain(judgement.baselines.iter().map(|(name, scores)| (told_baseline(name), scores)));
    let mut text = format!("{title:<27}");
    for (name, _) in judgement.model.targets.get(at).into_iter().flat_map(|target| &target.values) {
        let _ = write!(text, "  {:>11}", label(name));
    }
    for (name, scores) in lines {
        let Some(target) = scores.targets.get(at) else { continue };
        let _ = write!(text, "\n  {name:<25}");
        for (name, value) in &target.values {
            let is_share = task.is_classes() || name == "r2";
            let shown = match value {
                None => String::from("none"),
                Some(value) if is_share => share(*value),
                Some(value) => digits(*value),
            };
            let _ = write!(text, "  {shown:>11}");
        }
    }
    let target = &task.targets[at];
    let scores = judgement.model.targets.get(at);
    if !task.is_classes() {
        let _ = write!(text, "\n  RMSE and MAE in the units of {}", target.name);
        let value = |name: &str| scores.and_then(|scores| scores.value(name));
        if value("r2").is_none() && value("rmse").is_some() {
            text.push_str("\n  there is no R2, for the target is one number in all these rows");
        }
    } else if let Some(positive) = target.positive {
        let _ = write!(text, "\n  AUC and F1 of the class {}", target.classes[positive]);
    }
    if let Some(confusion) = scores.and_then(|scores| scores.confusion.as_ref()) {
        text.push_str(&confusion_text(confusion, target));
    }
    text
}

/// Which class was seen and which was predicted, where there are few enough to be read.
fn confusion_text(confusion: &Matrix, target: &Target) -> String {
    const MOST: usize = 10;
    if target.classes.len() > MOST {
        return String::new();
    }
    // The positive class stands last.
    let mut classes: Vec<&String> = target.classes.iter().collect();
    if target.positive == Some(0) {
        classes.reverse();
    }
    let short = |name: &str, width: usize| name.chars().take(width).collect::<String>();
    let mut text = format!("\n  {:<25}", "seen, and predicted as");
    for class in &classes {
        let _ = write!(text, "  {:>8}", short(class, 8));
    }
    for (class, row) in classes.iter().zip(confusion.iter_rows()) {
        let _ = write!(text, "\n    {:<23}", short(class, 23));
        for weight in row {
            let _ = write!(text, "  {:>8}", plain(*weight));
        }
    }
    text
}

/// A baseline in words.
fn told_baseline(name: &str) -> &str {
    match name {
        "mean" => "mean of the training rows",
        "majority" => "shares of the classes",
        "linear" => "linear regression",
        "logistic" => "logistic regression",
        other => other,
    }
}

/// The name of a metric as a head of a column: short ones are spelt in capitals.
fn label(name: &str) -> String {
    match name {
        "balanced_accuracy" => String::from("balanced"),
        short if short.len() <= 4 => short.to_uppercase(),
        long => long.replace('_', " "),
    }
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
        assert_eq!((number(f64::NAN), number(0.5)), (Value::Null, Value::from(0.5)));
    }
}
