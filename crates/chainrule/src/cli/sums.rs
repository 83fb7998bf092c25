//! Sums over an index in an answer: their matrix forms, and how both agree on numbers.

use super::{Failure, report::number};
use compiler::SumCheck;
use serde_json::{Value, json};
use syntax::Parsed;

/// An error when a matrix form is not the sum that was written.
pub fn verdict(sums: Option<SumCheck>) -> Result<(), Failure> {
    match sums {
        Some(check) if !check.passed => Err(Failure::check(format!(
            "the matrix form is not confirmed: the sums {}; please report the formula",
            sums_sentence(check)
        ))
        .after_answer()),
        _ => Ok(()),
    }
}

/// How matrix forms agree with the sums that they stand for.
pub fn sums_sentence(check: SumCheck) -> String {
    format!(
        "term by term against the matrix form at {} random points, largest relative error {:.1e}: {}",
        check.points,
        check.max_relative_error,
        if check.passed { "passed" } else { "failed" }
    )
}

/// What each sum over an index is.
pub fn vectorized_text(parsed: &Parsed) -> String {
    let sums = parsed.sums.iter().flat_map(|sums| &sums.vectorized);
    sums.map(|sum| format!("vectorized {sum}\n")).collect()
}

/// The same for a program.
pub fn vectorized_json(parsed: &Parsed) -> Value {
    let sums = parsed.sums.iter().flat_map(|sums| &sums.vectorized);
    sums.map(|sum| json!({ "sum": sum.sum, "form": sum.form, "rules": sum.by })).collect()
}

/// How both agree, for a program; null where there is no sum.
pub fn sums_json(check: Option<SumCheck>) -> Value {
    check.map_or(Value::Null, |check| {
        json!({
            "points": check.points,
            "max_relative_error": number(check.max_relative_error),
            "passed": check.passed,
        })
    })
}
