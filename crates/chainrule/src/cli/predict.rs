//! `chainrule predict`: the rows of a table to predictions.

use super::Failure;
use super::arguments::Predict;
use super::report::told;
use super::run_folder::is_part_of_a_run;
use learn::{LearnError, MODEL_FILE, NotFinite, Predictor, Target, Task, most_probable};
use std::io::Write;
use std::path::Path;
use table::{Blocks, Column, ColumnTally, Loaded, Matrix, Output, Role, Tally};

/// Predicts, and writes one line a row; then says which cells were missing or unseen, and which predictions are not finite.
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
    let reading = super::recalling(&model, &predict.reading)?;
    let mut blocks = super::blocks(&predict.table, &reading)?;
    super::tell_reading(blocks.name(), blocks.reading());
    let (rows, encoding, task) = (blocks.rows(), model.encoding(), model.task());
    predict.keep.iter().try_for_each(|name| refuse_unknown(&blocks, name))?;
    refuse_what_has_no_classes(predict, &task)?;
    let lines = Lines { predict, task: &task };
    lines.refuse_repeated_names()?;
    let inputs: Vec<&str> = encoding.used().map(|column| column.name.as_str()).collect();
    blocks.choose(&inputs, Role::ModelInput)?;
    blocks.keep(&predict.keep)?;
    let wanted = inputs.len() + predict.keep.len();
    let mut predictor = Predictor::new(&model, &encoding);
    let mut tally = Tally::default();
    let mut not_finite: Option<NotFinite> = None;
    let mut failed = None;
    let mut write = |to: &mut dyn Write| -> std::io::Result<()> {
        to.write_all(lines.header().as_bytes())?;
        let mut first = 0;
        let height = (BLOCK / wanted.max(1)).clamp(MOST_ROWS / 64, MOST_ROWS);
        let outcome = blocks.each_with_cells(height, |block, kept| -> Result<(), Stop> {
            let (predictions, further) = predictor.predict(block, None)?;
            tally.add(&further);
            if let Some(NotFinite { rows, first: at }) = NotFinite::among(&predictions) {
                let before = not_finite.map_or(0, |before| before.rows);
                let at = not_finite.map_or(first + at, |before| before.first);
                not_finite = Some(NotFinite { rows: before + rows, first: at });
            }
            first += block.rows();
            let kept = kept.iter().map(Column::loaded).collect::<Result<Vec<_>, _>>()?;
            Ok(to.write_all(lines.of(&kept, &predictions).as_bytes())?)
        });
        match outcome {
            Ok(()) => Ok(()),
            Err(Stop::Write(error)) => Err(error),
            Err(Stop::Predict(error)) => {
                failed = Some(*error);
                Err(std::io::Error::other("no prediction"))
            }
        }
    };
    let written = match output {
        Some(output) => output.write_by(&mut write).map_err(Failure::from),
        None => super::print_by(&mut write),
    };
    if let Some(error) = failed {
        return Err(error.into());
    }
    written?;
    if let Some(words) = tally_text(&tally) {
        super::tell(&words);
    }
    told(not_finite, "rows", rows)
}

/// Cells that are read, predicted and written at a time, and the most rows.
const BLOCK: usize = 1 << 21;
const MOST_ROWS: usize = 1 << 15;

/// Why predictions stop before the last row.
enum Stop {
    Predict(Box<LearnError>),
    Write(std::io::Error),
}

impl From<LearnError> for Stop {
    fn from(error: LearnError) -> Stop {
        Stop::Predict(Box::new(error))
    }
}

impl From<table::Error> for Stop {
    fn from(error: table::Error) -> Stop {
        Stop::from(LearnError::from(error))
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Stop {
        Stop::Write(error)
    }
}

/// An error for a column to keep that the table does not have.
fn refuse_unknown(blocks: &Blocks, name: &str) -> Result<(), Failure> {
    let names = blocks.column_names();
    if names.iter().any(|own| own == name) {
        return Ok(());
    }
    let nearest = table::nearest(name, names.iter().map(String::as_str));
    let mend = match nearest.first() {
        Some(nearest) => format!(": did you mean `{nearest}`?"),
        None => {
            let some: Vec<String> = names.iter().take(20).map(|name| format!("`{name}`")).collect();
            format!(
                ": it has {}{}",
                some.join(", "),
                if names.len() > some.len() { " and others" } else { "" }
            )
        }
    };
    Err(Failure::bad_input(format!("the table has no column `{name}` to keep{mend}")))
}

fn refuse_what_has_no_classes(predict: &Predict, task: &Task) -> Result<(), Failure> {
    if predict.probabilities && !task.is_classes() {
        return Err(Failure::bad_input(format!(
            "the model predicts {}, which have no probabilities: leave `--probabilities` out",
            task.kind
        )));
    }
    let has_two = task.targets.iter().any(|target| target.classes.len() == 2);
    if predict.threshold.is_some() && !has_two {
        return Err(Failure::bad_input(
            "no target of the model has two classes, so there is no probability to compare with: leave `--threshold` out",
        ));
    }
    Ok(())
}

/// The lines of predictions as they are written.
struct Lines<'a> {
    predict: &'a Predict,
    task: &'a Task,
}

impl Lines<'_> {
    /// The names of the columns as the line of them.
    fn header(&self) -> String {
        let names: Vec<String> = self.names().iter().map(|name| quoted(name)).collect();
        names.join(",") + "\n"
    }

    /// An error for a column to keep whose name another column of the answer has.
    fn refuse_repeated_names(&self) -> Result<(), Failure> {
        let names = self.names();
        let is_repeated = |(place, name): &(usize, &String)| names[place + 1..].contains(name);
        match self.predict.keep.iter().enumerate().find(is_repeated) {
            None => Ok(()),
            Some((_, name)) => Err(Failure::bad_input(format!(
                "the column `{name}` that is to be kept would be one of two columns of that name in the predictions: keep it once, and \
                 rename it in the table where it is called as what is predicted"
            ))),
        }
    }

    /// The names: kept columns, then each target's prediction and, where they are asked for, its probabilities.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.predict.keep.clone();
        let several = self.task.targets.len() > 1;
        for Target { name, classes, .. } in &self.task.targets {
            let of = if several { format!("_{name}") } else { String::new() };
            names.push(format!("prediction{of}"));
            if self.predict.probabilities {
                names.extend(classes.iter().map(|class| format!("p{of}_{class}")));
            }
        }
        names
    }

    /// A line for each row of a block, of whose columns these are kept.
    fn of(&self, kept: &[Loaded], predictions: &Matrix) -> String {
        let mut text = String::new();
        for (row, predicted) in predictions.iter_rows().enumerate() {
            let mut cells: Vec<String> = kept.iter().map(|column| cell(column, row)).collect();
            for (at, target) in self.task.targets.iter().enumerate() {
                if !self.task.is_classes() {
                    cells.push(predicted[at].to_string());
                    continue;
                }
                let probabilities = self.task.probabilities(at, predicted);
                let class = self.class(target, &probabilities);
                cells.push(class.map_or_else(String::new, |class| quoted(&target.classes[class])));
                if self.predict.probabilities {
                    cells.extend(probabilities.iter().map(f64::to_string));
                }
            }
            text.push_str(&cells.join(","));
            text.push('\n');
        }
        text
    }

    fn class(&self, target: &Target, probabilities: &[f64]) -> Option<usize> {
        match (self.predict.threshold, target.positive) {
            (Some(threshold), Some(positive)) if probabilities[positive].is_finite() => {
                let is_positive = probabilities[positive] >= threshold;
                Some(if is_positive { positive } else { 1 - positive })
            }
            _ => most_probable(probabilities),
        }
    }
}

/// A cell as it is kept: its text, or the number of a format that is no text; nothing where that has none.
fn cell(column: &Loaded, row: usize) -> String {
    match column.numbers() {
        Some(numbers) if numbers[row].is_nan() => String::new(),
        Some(numbers) => numbers[row].to_string(),
        None => quoted(column.text(row).unwrap_or_default()),
    }
}

/// What was missing or unseen, in words.
pub fn tally_text(tally: &Tally) -> Option<String> {
    const MOST: usize = 10;
    let of = |(name, column): (&String, &ColumnTally)| {
        let parts = [
            (column.missing, "missing"),
            (column.unseen, "unseen"),
            (column.far, "beyond the training rows by more than ten times their range"),
            (
                column.other_sign,
                "with another sign of money or per cent or brackets, or without it (the number is taken all the same)",
            ),
            (column.alike, "with other zeros in front (taken for the value of the same number)"),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        format!("`{name}` {}", parts.join(" and "))
    };
    let mut told: Vec<String> = tally.columns.iter().take(MOST).map(of).collect();
    if let Some(more @ 1..) = tally.columns.len().checked_sub(MOST) {
        told.push(format!("and {more} more columns"));
    }
    (!told.is_empty()).then(|| {
        format!("note: of {} rows these cells are not as in training: {}", tally.rows, told.join(", "))
    })
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
