//! How good predictions are: the metrics of a task, target by target, in the target's own units.

use crate::metrics::{Cases, METRICS, confusion};
use crate::{LearnError, Target, Task};
use compiler::{Kind, Library, Request};
use formula::{Name, Sizes};
use table::Matrix;

/// The scores of some rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// The rows that were judged.
    pub rows: usize,
    /// Those of each target, in the order of the task.
    pub targets: Vec<TargetScores>,
}

/// The scores of a target.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetScores {
    /// The target's name.
    pub name: String,
    /// Each metric of the task by its name, with its value where it is a number.
    pub values: Vec<(String, Option<f64>)>,
    /// The weights of rows by the class that was seen and the one that was predicted.
    pub confusion: Option<Matrix>,
}

/// Predictions with an entry that is no finite number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotFinite {
    /// How many rows have one.
    pub rows: usize,
    /// The first such row, counted from 0.
    pub first: usize,
}

/// The rows that predictions are judged by.
#[derive(Clone, Copy, Debug)]
pub struct Truth<'a> {
    /// For each target its values, one a row: numbers, or the places of classes.
    pub targets: &'a [Vec<f64>],
    /// What each row counts; 1 without.
    pub weights: Option<&'a [f64]>,
}

impl TargetScores {
    /// The value of a metric, where it is a number.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.values.iter().find(|(own, _)| own == name).and_then(|(_, value)| *value)
    }
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

/// The scores of predictions, `rows x` [`Task::width`], by the metrics of their task: pages of the library, and what no formula is.
///
/// # Errors
/// When there are no rows, or other numbers of rows.
pub fn scores(
    task: &Task,
    predictions: &Matrix,
    truth: Truth,
    library: &Library,
) -> Result<Scores, LearnError> {
    let rows = predictions.rows();
    if let Some(values) = truth.targets.iter().find(|values| values.len() != rows || values.is_empty()) {
        return Err(LearnError::Rows { x: rows, y: values.len() });
    }
    let metrics = task.preset().metrics;
    let of = |(place, target): (usize, &Target)| {
        let values = &truth.targets[place];
        if !task.is_classes() {
            let predicted: Vec<f64> = predictions.column(place).collect();
            let value = |name: &String| {
                let value = by_page(name, &predicted, values, truth.weights, library)?;
                Ok((name.clone(), Some(value).filter(|value| value.is_finite())))
            };
            let values = metrics.iter().map(value).collect::<Result<_, LearnError>>()?;
            return Ok(TargetScores { name: target.name.clone(), values, confusion: None });
        }
        let mut classes: Vec<usize> = values.iter().map(|value| *value as usize).collect();
        let mut probabilities: Vec<f64> =
            predictions.iter_rows().flat_map(|row| task.probabilities(place, row)).collect();
        // The positive class stands last.
        if target.positive == Some(0) {
            classes.iter_mut().for_each(|class| *class = 1 - *class);
            probabilities.chunks_exact_mut(2).for_each(|pair| pair.swap(0, 1));
        }
        let cases = Cases {
            classes: target.classes.len(),
            truth: &classes,
            probabilities: &probabilities,
            weights: truth.weights,
        };
        let value = |name: &String| {
            let metric = METRICS.iter().find(|metric| metric.name == name);
            (name.clone(), metric.and_then(|metric| (metric.of)(&cases)))
        };
        let values = metrics.iter().map(value).collect();
        Ok(TargetScores { name: target.name.clone(), values, confusion: confusion(&cases) })
    };
    let targets = task.targets.iter().enumerate().map(of).collect::<Result<_, LearnError>>()?;
    Ok(Scores { rows, targets })
}

/// A metric that is a page, of one column.
fn by_page(
    name: &str,
    predicted: &[f64],
    seen: &[f64],
    weights: Option<&[f64]>,
    library: &Library,
) -> Result<f64, LearnError> {
    let library = with_metric(name, library)?;
    let mean = weights.map_or(1.0, |weights| weights.iter().sum::<f64>() / weights.len() as f64);
    let weights: Option<Vec<f64>> =
        weights.map(|weights| weights.iter().map(|weight| weight / mean).collect());
    let data: &[&str] = if weights.is_some() { &["A", "Y", "w"] } else { &["A", "Y"] };
    let plan = compiler::compile(
        &Request {
            text: &format!("{name}(A, Y)"),
            declarations: "A: m x q, Y: m x q",
            values: &["f"],
            data,
            walked: Some("m"),
            weights: data.get(2).copied(),
            sizes: &Sizes::from([(Name::from("q"), 1)]),
            ..Request::default()
        },
        &library,
    )?;
    let arrays: Vec<&[f64]> = [predicted, seen].into_iter().chain(weights.as_deref()).collect();
    let value = compiler::evaluate(&plan, &arrays, &[], &[], seen.len())?;
    Ok(value.first().copied().unwrap_or(f64::NAN))
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
    fn each_target_has_its_own_scores_and_a_row_of_weight_2_counts_twice() {
        let task = Task::numbers(&[String::from("a"), String::from("b")]);
        let of = |rows: &[[f64; 4]], weights: Option<&[f64]>| {
            let column = |at: usize| rows.iter().map(|row| row[at]).collect::<Vec<f64>>();
            let predictions = rows.iter().flat_map(|row| [row[0], row[1]]).collect();
            let predictions = Matrix::new(rows.len(), 2, predictions).unwrap();
            let truth = Truth { targets: &[column(2), column(3)], weights };
            scores(&task, &predictions, truth, &Library::standard()).unwrap()
        };
        let rows = [[1.0, 2.0, 1.0, 4.0], [3.0, 4.0, 2.0, 5.0], [0.0, 1.0, 4.0, 0.0]];
        let once = of(&rows, None);
        assert!((once.targets[0].value("mae").unwrap() - 5.0 / 3.0).abs() < 1e-15, "{once:?}");
        assert!((once.targets[1].value("mae").unwrap() - 4.0 / 3.0).abs() < 1e-15, "{once:?}");
        let twice = of(&[rows[0], rows[0], rows[1], rows[2]], None);
        let weighted = of(&rows, Some(&[2.0, 1.0, 1.0]));
        for name in ["rmse", "mae", "r2"] {
            let [left, right] = [&twice, &weighted].map(|scores| scores.targets[0].value(name).unwrap());
            assert!((left - right).abs() < 1e-14, "{name}: {left} {right}");
        }
    }
}
