//! Metrics: finite on ordinary numbers.

use crate::{Draw, Verdict, as_function, every, of_a_and_y};
use chainrule_compiler::{Kind, Library};
use formula::Name;

/// A finite number where predictions are wrong, and where they are right.
pub(crate) fn metric_is_finite(library: &Library, name: &Name) -> Verdict {
    let library = as_function(library, Kind::Metric, name)?;
    let mut draw = Draw(11);
    // Between 0 and 1, where metrics over probabilities are defined too.
    let mut matrix = || -> Vec<f64> { draw.entries(10).iter().map(|entry| 0.5 + 0.45 * entry).collect() };
    let (a, y) = (matrix(), matrix());
    let text = format!("{name}(A, Y)");
    let (wrong, right) =
        (of_a_and_y(&library, &text, [&a, &y], 2)?, of_a_and_y(&library, &text, [&y, &y], 2)?);
    match wrong.is_finite() && right.is_finite() {
        true => Ok(format!("{wrong:.6} for random predictions, {right} for perfect ones")),
        false => Err(format!("{wrong} for random predictions, {right} for perfect ones").into()),
    }
}

#[test]
fn metrics_are_finite() {
    every(Kind::Metric, metric_is_finite);
}
