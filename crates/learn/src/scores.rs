//! How good predictions are, by the metrics of the library.

use crate::LearnError;
use compiler::{Kind, Library, Request};
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

/// Predictions with an entry that is no finite number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotFinite {
    /// How many rows have one.
    pub rows: usize,
    /// The first such row, counted from 0.
    pub first: usize,
}

impl NotFinite {
    /// Those among predictions, one row an example; `None` when every entry is finite.
    pub fn among(predictions: &Matrix) -> Option<NotFinite> {
        let is_wrong = |row: &[f64]| !row.iter().all(|value| value.is_finite());
        let mut wrong = predictions.iter_rows().enumerate().filter(|(_, row)| is_wrong(row));
        let (first, _) = wrong.next()?;
        Some(NotFinite { rows: 1 + wrong.count(), first })
    }
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
        let library = with_metric(name, library)?;
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
            &library,
        )?;
        let value =
            compiler::evaluate(&plan, &[predictions.data(), targets.data()], &[], &[], targets.rows())?;
        Ok(value.first().copied().unwrap_or(f64::NAN))
    };
    Ok(Scores { rmse: metric("rmse")?, mae: metric("mae")?, r2: metric("r2")?, rows: targets.rows() })
}

/// The library in which a call of this name means the metric, although a loss has the same name: a metric is a function of
/// matrices, and functions are looked for first.
fn with_metric(name: &str, library: &Library) -> Result<Library, LearnError> {
    let mut library = library.clone();
    if let Some(page) = library.text(name).into_iter().find(|page| page.kind == Kind::Metric) {
        let header = format!("{} {name}(", Kind::Metric);
        let function = page.text.replacen(&header, &format!("{} {name}(", Kind::Function), 1);
        library.define(&function).map_err(compiler::CompileError::from)?;
    }
    Ok(library)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predictions_that_are_not_finite_are_counted_by_rows() {
        let among = |data: Vec<f64>| NotFinite::among(&Matrix::new(data.len() / 2, 2, data).unwrap());
        let (nan, wide) = (f64::NAN, f64::INFINITY);
        assert_eq!(among(vec![1.0, -1e300, 0.0, 5e-324]), None);
        assert_eq!(among(vec![1.0, 2.0, 3.0, nan]), Some(NotFinite { rows: 1, first: 1 }));
        assert_eq!(among(vec![wide, nan, 3.0, 4.0, -wide, 6.0]), Some(NotFinite { rows: 2, first: 0 }));
    }

    #[test]
    fn scores_of_several_columns_are_means_over_all_entries() {
        let matrix = |data: [f64; 4]| Matrix::new(2, 2, data.to_vec()).unwrap();
        let (predictions, targets) = (matrix([1.0, 2.0, 3.0, 4.0]), matrix([1.0, 1.0, 1.0, 1.0]));
        let found = scores(&predictions, &targets, &Library::standard()).unwrap();
        assert!((found.mae - 1.5).abs() < 1e-15, "{found:?}");
        assert!((found.rmse - 3.5_f64.sqrt()).abs() < 1e-15, "{found:?}");
    }
}
