//! `chainrule evaluate`: a trained model on the rows of a table.

use super::Failure;
use super::arguments::Evaluate;
use super::predict::tally_text;
use super::report::{Words, number, score_table, told};
use super::run_folder::BASELINES;
use super::start::trained_rows;
use super::train_answer::{SCHEMA, lift_test, targets};
use super::train_files::Baselines;
use learn::Baseline;
use serde_json::json;
use std::collections::HashSet;
use std::time::Instant;
use table::read_rows;

/// Judges and reports.
pub fn run(evaluate: &Evaluate) -> Result<(), Failure> {
    let start = Instant::now();
    let model = super::model(&evaluate.model)?;
    let table = super::table(&evaluate.table, &super::recalling(&model, &evaluate.reading)?)?;
    super::tell_reading(table.name(), table.reading());
    let trained = trained_rows(&evaluate.model, &model, &table);
    let chosen = evaluate.rows.as_ref().map(|path| read_rows(path, table.rows())).transpose()?;
    let seen = match (&chosen, &trained) {
        (Some(chosen), Some(trained)) => Some(chosen.iter().filter(|row| trained.contains(row)).count()),
        (_, trained) => trained.as_ref().map(HashSet::len),
    };
    let count = chosen.as_ref().map_or(table.rows(), Vec::len);
    if let Some(seen) = seen.filter(|seen| *seen > 0) {
        super::tell(&format!(
            "note: {seen} of these {count} rows are rows that the model was trained on, so the scores say less of rows that it has not \
             seen; `--rows` with the test.txt of its run judges it on those"
        ));
    }
    // A model file alone can be judged too, but not compared.
    let notes = super::beside(&evaluate.model, BASELINES);
    let notes: Option<Baselines> = notes.and_then(|notes| serde_json::from_value(notes).ok());
    if notes.is_none() && evaluate.model.join(BASELINES).exists() {
        super::tell(&format!(
            "note: {} of this run is damaged, so its model is compared with nothing",
            BASELINES
        ));
    }
    let written = notes.iter().flat_map(|notes| notes.baselines.clone());
    let baselines: Vec<Baseline> =
        written.filter_map(|written| Baseline::read(written, &model).ok()).collect();
    let judgement = learn::judge(&model, &baselines, &table, chosen.as_deref(), evaluate.weight.as_deref())?;
    let words = if evaluate.json { Words::Error } else { Words::Output };
    let task = model.task();
    let rows = judgement.model.rows;
    words.say(&score_table(&format!("{}, {rows} rows", table.name()), &judgement, &task))?;
    judgement.notes.iter().for_each(|note| super::tell(&format!("note: {note}")));
    if let Some(words) = tally_text(&judgement.tally) {
        super::tell(&words);
    }
    if evaluate.json {
        let mut answer = json!({
            "schema": SCHEMA,
            "task": task.kind.to_string(),
            "targets": targets(&task, None, None, Some(&judgement)),
            "epochs": notes.as_ref().map(|notes| notes.epochs),
            "best_epoch": notes.as_ref().map(|notes| notes.best_epoch),
            "seconds": number(start.elapsed().as_secs_f64()),
            "parameters": model.parameters().len(),
            "seed": model.description().seed,
            "rows_trained_on": seen,
            "model": evaluate.model.display().to_string(),
        });
        lift_test(&mut answer);
        super::print(&format!("{answer:#}\n"))?;
    }
    told(judgement.not_finite, "rows", rows)
}
