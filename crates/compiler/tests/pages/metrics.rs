//! Metrics: finite on ordinary numbers, and what is worked out by hand for those that are shipped.

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

#[test]
fn metrics_have_the_values_worked_out_by_hand() {
    let library = Library::standard();
    let y = [1.0, 2.0, 0.0, 2.0, 5.0, 5.0];
    // Differences 3, -1, 0.5, 0, 0, -2.
    let a = [4.0, 1.0, 0.5, 2.0, 5.0, 3.0];
    let squares = 9.0 + 1.0 + 0.25 + 4.0;
    // The columns of y are 1, 0, 5 with the mean 2 and 2, 2, 5 with the mean 3.
    let about_the_means = (1.0 + 4.0 + 9.0) + (1.0 + 1.0 + 4.0);
    let wanted = [
        ("rmse", f64::sqrt(squares / 6.0), 0.0),
        ("mae", 6.5 / 6.0, 0.0),
        ("r2", 1.0 - squares / about_the_means, 1.0),
    ];
    for (name, wanted, perfect) in wanted {
        let library = as_function(&library, Kind::Metric, name).unwrap();
        let text = format!("{name}(A, Y)");
        let found = of_a_and_y(&library, &text, [&a, &y], 2).unwrap();
        assert!((found - wanted).abs() < 1e-12, "{name} is {found}, not {wanted}");
        assert_eq!(
            of_a_and_y(&library, &text, [&y, &y], 2).unwrap(),
            perfect,
            "{name} of perfect predictions"
        );
    }
}
