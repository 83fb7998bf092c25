//! A model's scores beside those of the simplest models.

use crate::{LearnError, Linear, Model, NotFinite, Scores, least_squares, scores};
use table::{Dataset, Matrix, Scaling};

/// The scores of a model, and of what it is compared with, on the same rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// Those of the model.
    pub model: Scores,
    /// Those of linear regression on the training rows.
    pub linear: Option<Scores>,
    /// Those of predicting the mean of the training rows.
    pub mean: Option<Scores>,
    /// The model's predictions that are not finite, if any.
    pub not_finite: Option<NotFinite>,
}

/// The simplest models of the training rows, in the table's units.
#[derive(Clone, Debug, PartialEq)]
pub struct Baselines {
    /// Linear regression.
    pub linear: Linear,
    /// The mean of each target.
    pub mean: Vec<f64>,
}

impl Baselines {
    /// Fits both to rows; the scaling of the inputs only steadies the arithmetic, and is taken out again.
    pub(super) fn fit(rows: &Dataset, scaling: &Scaling) -> Result<Baselines, LearnError> {
        let mut linear = least_squares(&scaling.apply(&rows.x)?, &rows.y, true)?;
        let outputs = linear.bias.len().max(1);
        let entries = linear.weights.data_mut().chunks_mut(outputs);
        for ((weights, factor), offset) in entries.zip(&scaling.factor).zip(&scaling.offset) {
            for (weight, bias) in weights.iter_mut().zip(&mut linear.bias) {
                *weight /= factor;
                *bias -= offset * *weight;
            }
        }
        let mean = |column| rows.y.column(column).sum::<f64>() / rows.rows() as f64;
        Ok(Baselines { linear, mean: (0..rows.y.cols()).map(mean).collect() })
    }
}

/// The scores of a model, and of the baselines where they are given, on rows in the table's units.
///
/// # Errors
/// When the rows do not have the columns of the model.
pub fn judge(model: &Model, baselines: Option<&Baselines>, rows: &Dataset) -> Result<Judgement, LearnError> {
    let score = |predictions: &Matrix| scores(predictions, &rows.y, model.library());
    let linear = baselines.map(|baselines| score(&baselines.linear.predict(&rows.x)?)).transpose()?;
    let mean = baselines.map(|baselines| score(&repeated(&baselines.mean, rows.rows())?)).transpose()?;
    let predictions = model.predict_matrix(&rows.x)?;
    let not_finite = NotFinite::among(&predictions);
    Ok(Judgement { model: score(&predictions)?, linear, mean, not_finite })
}

fn repeated(row: &[f64], rows: usize) -> Result<Matrix, LearnError> {
    Ok(Matrix::new(rows, row.len(), row.repeat(rows))?)
}
