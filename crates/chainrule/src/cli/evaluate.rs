//! `chainrule evaluate`: a trained model on the rows of a table.

use super::Failure;
use super::arguments::Evaluate;
use super::report::{Words, number, score_table, scores_json, told};
use super::run_folder::BASELINES;
use super::start::trained_rows;
use learn::{Baselines, Linear, Model};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Instant;
use table::{Dataset, Matrix, read_rows};

/// Judges and reports.
pub fn run(evaluate: &Evaluate) -> Result<(), Failure> {
    let start = Instant::now();
    let model = super::model(&evaluate.model)?;
    let description = model.description();
    let table = super::table(&evaluate.table, &evaluate.reading)?;
    super::tell_reading(&table);
    let mut rows = Dataset::for_model(&table, &description.inputs, &description.targets)?;
    let trained = trained_rows(&evaluate.model, &rows);
    let mut seen = trained.as_ref().map(HashSet::len);
    if let Some(path) = &evaluate.rows {
        let chosen = read_rows(path, table.rows())?;
        rows = rows.select_rows(&chosen)?;
        seen = trained.map(|trained| chosen.iter().filter(|row| trained.contains(row)).count());
    }
    if let Some(seen) = seen.filter(|seen| *seen > 0) {
        super::tell(&format!(
            "note: {seen} of these {} rows are rows that the model was trained on, so the scores say less of rows that it has not seen; \
             `--rows` with the test.txt of its run judges it on those",
            rows.rows()
        ));
    }
    // A model file alone can be judged too, but not compared.
    let notes = super::beside(&evaluate.model, BASELINES);
    let baselines = notes.as_ref().and_then(|notes| baselines(notes, &model));
    let judgement = learn::judge(&model, baselines.as_ref(), &rows)?;
    let note = |key: &str| notes.as_ref().and_then(|notes| notes.get(key)).cloned().unwrap_or(Value::Null);
    let words = if evaluate.json { Words::Error } else { Words::Output };
    words.say(&score_table(
        &format!("{}, {} rows", table.name(), rows.rows()),
        &judgement,
        &description.targets,
    ))?;
    if evaluate.json {
        let answer = json!({
            "schema": 1,
            "test": scores_json(Some(judgement.model)),
            "linear": scores_json(judgement.linear),
            "mean": scores_json(judgement.mean),
            "epochs": note("epochs"),
            "best_epoch": note("best_epoch"),
            "seconds": number(start.elapsed().as_secs_f64()),
            "parameters": model.parameters().len(),
            "seed": description.seed,
            "rows_trained_on": seen,
            "model": evaluate.model.display().to_string(),
        });
        super::print(&format!("{answer:#}\n"))?;
    }
    told(judgement.not_finite, "rows", rows.rows())
}

/// The models to compare with, where the notes hold them whole and for the columns of this model.
fn baselines(notes: &Value, model: &Model) -> Option<Baselines> {
    let numbers = |value: &Value| value.as_array()?.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>();
    let (inputs, outputs) = (model.description().inputs.len(), model.description().targets.len());
    let linear = notes.get("linear")?;
    let weights: Vec<Vec<f64>> =
        linear.get("weights")?.as_array()?.iter().map(numbers).collect::<Option<_>>()?;
    let bias = numbers(linear.get("bias")?)?;
    let mean = numbers(notes.get("mean")?)?;
    let fits =
        bias.len() == outputs && mean.len() == outputs && weights.iter().all(|row| row.len() == outputs);
    let weights = Matrix::new(inputs, outputs, weights.concat()).ok().filter(|_| fits)?;
    let rank = usize::try_from(linear.get("rank")?.as_u64()?).ok()?;
    Some(Baselines { linear: Linear { weights, bias, rank }, mean })
}
