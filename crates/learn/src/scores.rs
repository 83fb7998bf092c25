//! How good predictions are, by the metrics of the library.

use crate::LearnError;
use compiler::{Library, Request};
use formula::{Name, Sizes};
use table::Matrix;

/// The usual metrics of regression, in the target's units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// The root of the mean squared error.
    pub rmse: f64,
    /// The mean absolute error.
    pub mae: f64,
    /// The share of the target's variance that is explained; not a number where the target is constant.
    pub r2: f64,
    /// The rows that were judged.
    pub rows: usize,
}

/// The metrics `rmse`, `mae` and `r2` of predictions against targets of the same shape.
///
/// # Errors
/// When the shapes differ.
pub fn scores(predictions: &Matrix, targets: &Matrix, library: &Library) -> Result<Scores, LearnError> {
    if predictions.rows() != targets.rows() || targets.rows() == 0 {
        return Err(LearnError::Rows { x: predictions.rows(), y: targets.rows() });
    }
    let metric = |name: &str| -> Result<f64, LearnError> {
        let sizes = Sizes::from([(Name::from("q"), targets.cols())]);
        let plan = compiler::compile(
            &Request {
                text: &format!("{name}(A, Y)"),
                declarations: "A: m x q, Y: m x q",
                values: &["f"],
                data: &["A", "Y"],
                walked: Some("m"),
                sizes: &sizes,
                ..Request::default()
            },
            library,
        )?;
        let value =
            compiler::evaluate(&plan, &[predictions.data(), targets.data()], &[], &[], targets.rows())?;
        Ok(value.first().copied().unwrap_or(f64::NAN))
    };
    Ok(Scores { rmse: metric("rmse")?, mae: metric("mae")?, r2: metric("r2")?, rows: targets.rows() })
}
