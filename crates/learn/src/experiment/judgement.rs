//! A model's scores beside those of the simplest models.

use super::parts::{Chosen, Part, targets_for};
use super::{Baseline, Columns};
use crate::{LearnError, Model, NotFinite, Scores, scores};
use std::borrow::Cow;
use table::{Matrix, Table, Tally, TargetColumn};

/// The scores of a model, and of what it is compared with, on the same rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Those of the model.
    pub model: Scores,
    /// Those of each baseline, by its name.
    pub baselines: Vec<(String, Scores)>,
    /// The model's predictions that are not finite, if any.
    pub not_finite: Option<NotFinite>,
    /// Cells that were missing or unseen.
    pub tally: Tally,
    /// Rows without a target, which are not judged.
    pub without_target: usize,
    /// What else is to be said of the targets, each a clause.
    pub notes: Vec<String>,
}

/// The scores of a model, and of the baselines that are given, on rows of a table, all or these (counted from 0).
///
/// # Errors
/// When the table does not have the columns of the model, or no row has a target.
pub fn judge(
    model: &Model,
    baselines: &[Baseline],
    table: &Table,
    rows: Option<&[usize]>,
    weight: Option<&str>,
) -> Result<Judgement, LearnError> {
    let task = model.task();
    // Inputs that are not there are told before targets that are not.
    model.encoding().encode(table, Some(&[]))?;
    let found = targets_for(table, &task)?;
    let all: Vec<usize> = rows.map_or_else(|| (0..table.rows()).collect(), <[usize]>::to_vec);
    let asked = all.len();
    if let Some(&row) = all.iter().find(|row| **row >= table.rows()) {
        return Err(table::Error::NoRow { row, rows: table.rows() }.into());
    }
    let rows: Vec<usize> = all.into_iter().filter(|row| TargetColumn::all_known(&found, *row)).collect();
    if rows.is_empty() {
        return Err(LearnError::NoTargets { column: task.names().join(", ") });
    }
    let columns = Columns { weight: weight.map(str::to_owned), ..Columns::default() };
    let weights = columns.weights_of(table)?;
    let part =
        Part::of(Cow::Borrowed(table), &found, weights.as_deref(), Chosen::Own(rows)).with_notes(&found);
    Ok(Judgement { without_target: asked - part.rows.len(), ..of_part(model, baselines, &part)? })
}

/// The same on a part of an experiment.
pub(super) fn of_part(model: &Model, baselines: &[Baseline], part: &Part) -> Result<Judgement, LearnError> {
    let task = model.task();
    let truth = part.truth();
    let score = |predictions: &Matrix| scores(&task, predictions, part.judged_by(&truth), model.library());
    let (predictions, tally) = model.predict_table(&part.table, Some(&part.rows))?;
    let of = |baseline: &Baseline| {
        let predictions = baseline.predict(&part.table, &part.rows)?;
        Ok((baseline.name.clone(), score(&predictions)?))
    };
    Ok(Judgement {
        model: score(&predictions)?,
        baselines: baselines.iter().map(of).collect::<Result<_, LearnError>>()?,
        not_finite: NotFinite::among(&predictions),
        tally,
        without_target: 0,
        notes: part.notes.clone(),
    })
}
