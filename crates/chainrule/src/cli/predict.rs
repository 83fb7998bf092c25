//! `chainrule predict`: the rows of a table to predictions.

use super::Failure;
use super::arguments::Predict;
use super::report::told;
use super::run_folder::is_part_of_a_run;
use learn::{MODEL_FILE, NotFinite};
use std::fmt::Write;
use std::path::Path;
use table::Output;

/// Predicts, and writes one line a row under the names of the targets; then says which are not finite.
pub fn run(predict: &Predict) -> Result<(), Failure> {
    let output = predict.output.as_deref().filter(|path| *path != Path::new("-"));
    let file = predict.model.join(MODEL_FILE);
    let inputs = [predict.model.as_path(), &file, super::past_sign(&predict.table)];
    // Standard output may be one of them too, as with `1<>table.csv`.
    let standard = Path::new("/dev/stdout");
    if output.is_none() && standard.exists() {
        output_beside(standard, &inputs)?;
    }
    let output = output.map(|path| output_beside(path, &inputs)).transpose()?;
    let model = super::model(&predict.model)?;
    let table = super::table(&predict.table, &predict.reading)?;
    super::tell_reading(&table);
    let inputs = table.model_inputs(&model.description().inputs)?;
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
    match output {
        Some(output) => output.write(text.as_bytes())?,
        None => super::print(&text)?,
    }
    told(NotFinite::among(&predictions), "rows", predictions.rows())
}

/// The output, refused where it is the model, the table or a file of a run.
fn output_beside(path: &Path, inputs: &[&Path]) -> Result<Output, Failure> {
    if is_part_of_a_run(path) {
        return Err(Failure::bad_input(format!(
            "`{}` is a file of a run, or named as one in its folder: give another name",
            path.display()
        )));
    }
    Ok(Output::new(path, inputs)?)
}

/// A cell of a CSV file: in quotes where a sign of the format is in it.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
