//! `chainrule predict`: the rows of a table to predictions.

use super::Failure;
use super::arguments::Predict;
use super::report::told;
use learn::{Model, NotFinite};
use std::fmt::Write;
use table::{Table, write_atomically};

/// Predicts, and writes one line a row under the names of the targets; then says which are not finite.
pub fn run(predict: &Predict) -> Result<(), Failure> {
    let model = Model::load(&predict.model)?;
    let inputs = Table::read(&predict.table)?.model_inputs(&model.description().inputs)?;
    let predictions = model.predict_matrix(&inputs)?;
    let mut text = model.description().targets.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",");
    text.push('\n');
    for row in predictions.iter_rows() {
        for (place, value) in row.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            let _ = write!(text, "{comma}{value}");
        }
        text.push('\n');
    }
    match &predict.output {
        Some(path) => write_atomically(path, text.as_bytes())?,
        None => super::print(&text)?,
    }
    told(NotFinite::among(&predictions), "rows", predictions.rows())
}

/// A cell of a CSV file: in quotes where a sign of the format is in it.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
