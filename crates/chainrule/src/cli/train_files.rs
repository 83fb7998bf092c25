//! The files of a run: model, configuration, losses, rows and pictures.

use super::Failure;
use super::arguments::Train;
use super::columns::Found;
use super::portions;
use super::run_folder::{AUDIT, BASELINES, CHECKSUM_OF_RUN, CONFIGURATION, SCORES, TRAINED, TRAINED_BEFORE};
use learn::picture::{self, Grid};
use learn::{Baseline, Epoch, Identity, MODEL_FILE, Model, Run, WrittenBaseline};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use table::{Loaded, Table, TargetColumn};

/// The contents of every file of a run, in the order in which they are listed; its configuration names them all, and the checkpoint.
pub fn of(
    run: &Run,
    model: &Model,
    table: &Table,
    targets: &[TargetColumn],
    (mut configuration, scores, found): (Value, &Value, &Found),
    trained_before: &[usize],
    checkpoint: Option<&str>,
) -> Result<Vec<(&'static str, Vec<u8>)>, Failure> {
    let epochs = &run.outcome.epochs;
    let mut files = vec![
        (MODEL_FILE, model.to_bytes()?),
        (BASELINES, format!("{:#}\n", baselines(run)).into_bytes()),
        (SCORES, format!("{scores:#}\n").into_bytes()),
        (AUDIT, format!("{:#}\n", json!(found)).into_bytes()),
        ("losses.csv", losses(epochs).into_bytes()),
    ];
    let parts = [
        (TRAINED, run.split.train.as_slice()),
        (TRAINED_BEFORE, trained_before),
        ("validation.txt", &run.split.validation),
        ("test.txt", &run.split.test),
    ];
    for (name, rows) in parts.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        files.push((name, rows.iter().map(|row| format!("{row}\n")).collect::<String>().into_bytes()));
    }
    if !epochs.is_empty() {
        files.push(("curves.svg", picture::learning_curves(epochs, run.outcome.best_epoch).into_bytes()));
    }
    files.extend(picture_of(model, table, targets).map(|(name, picture)| (name, picture.into_bytes())));
    let names = files.iter().map(|(name, _)| *name);
    configuration["files"] = names.chain([CONFIGURATION]).chain(checkpoint).collect();
    files.insert(1, (CONFIGURATION, format!("{configuration:#}\n").into_bytes()));
    Ok(files)
}

/// Everything the run was told, defaults and all: the settings on which its steps depend, and where its rows come from.
pub fn configuration(
    train: &Train,
    (pages, targets): (&[String], &[TargetColumn]),
    identity: &Identity,
    checksum_of_rows: &str,
    rows: usize,
) -> Value {
    let mut told = json!({
        "schema": SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "table": train.table.as_ref().map(|path| path.display().to_string()),
        "checksum_of_rows": checksum_of_rows,
        CHECKSUM_OF_RUN: identity.checksum(),
        "start_from": train.start_from.as_ref().map(|path| path.display().to_string()),
        "target": targets.iter().map(|target| &target.name).collect::<Vec<_>>(),
        "ignore": train.ignore,
        "define": pages,
        "test": portions::test(train, rows).to_string_lossy(),
        "validation": portions::validation(train, rows).to_string_lossy(),
        "train": train.train.as_ref().map(|path| path.display().to_string()),
    });
    if let Value::Object(told) = &mut told {
        told.extend(identity.settings().clone());
    }
    told
}

/// The models that this one is compared with, and what else `evaluate` repeats: the file `baselines.json`.
#[derive(Serialize, Deserialize)]
pub struct Baselines {
    schema: u32,
    pub baselines: Vec<WrittenBaseline>,
    pub epochs: usize,
    pub best_epoch: usize,
}

/// The version of what is written.
const SCHEMA: u32 = 3;

fn baselines(run: &Run) -> Value {
    json!(Baselines {
        schema: SCHEMA,
        baselines: run.baselines.iter().map(Baseline::written).collect(),
        epochs: run.outcome.epochs.len(),
        best_epoch: run.outcome.best_epoch,
    })
}

fn losses(epochs: &[Epoch]) -> String {
    let mut text = String::from("epoch,train,validation\n");
    for epoch in epochs {
        let validation = epoch.validation_loss.map_or(String::new(), |loss| loss.to_string());
        text.push_str(&format!("{},{},{validation}\n", epoch.number, epoch.train_loss));
    }
    text
}

/// The fit over one input that is a number, or the contours over two; none where there is no such picture.
fn picture_of(model: &Model, table: &Table, targets: &[TargetColumn]) -> Option<(&'static str, String)> {
    let (inputs, [target], 1) = (&model.description().inputs, targets, model.outputs()) else { return None };
    if inputs.len() > 2 {
        return None;
    }
    let columns: Vec<Loaded> =
        inputs.iter().map(|name| table.column(name)?.loaded().ok()).collect::<Option<_>>()?;
    let columns: Vec<&[f64]> = columns.iter().map(Loaded::numbers).collect::<Option<_>>()?;
    let finite = |row: &usize| {
        columns.iter().all(|column| column[*row].is_finite()) && target.values[*row].is_finite()
    };
    let rows: Vec<usize> = (0..table.rows()).filter(finite).collect();
    match (columns.as_slice(), inputs.as_slice()) {
        ([column], [input]) => {
            let points = rows.iter().map(|row| (column[*row], target.values[*row])).collect::<Vec<_>>();
            Some(("fit.svg", fit(model, [input, &target.name], &points)?))
        }
        ([left, right], [first, second]) => {
            let points =
                rows.iter().map(|row| [left[*row], right[*row], target.values[*row]]).collect::<Vec<_>>();
            Some(("contour.svg", contour(model, [first, second, &target.name], &points)?))
        }
        _ => None,
    }
}

fn fit(model: &Model, [input, target]: [&str; 2], points: &[(f64, f64)]) -> Option<String> {
    const PLACES: usize = 400;
    let places = spread(points.iter().map(|point| point.0), 0.0, PLACES);
    let values = predictions(model, &places)?;
    let curve: Vec<(f64, f64)> = places.into_iter().zip(values).collect();
    Some(picture::fit(input, target, points, &curve))
}

fn contour(model: &Model, [first, second, target]: [&str; 3], points: &[[f64; 3]]) -> Option<String> {
    const SIDE: usize = 240;
    const ROOM: f64 = 0.08;
    let place = |at: usize| spread(points.iter().map(|point| point[at]), ROOM, SIDE);
    let (x, y) = (place(0), place(1));
    let places: Vec<f64> = y.iter().flat_map(|y| x.iter().flat_map(move |x| [*x, *y])).collect();
    let ends = |places: &[f64]| (places[0], places[SIDE - 1]);
    let grid = Grid { x: ends(&x), y: ends(&y), side: SIDE, values: predictions(model, &places)? };
    Some(picture::contour([first, second], target, &grid, points))
}

/// Evenly spread numbers over the range of values, with room beyond it on both sides.
fn spread(values: impl Iterator<Item = f64>, room: f64, count: usize) -> Vec<f64> {
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    let (low, high) = values.fold(start, |(low, high), value| (low.min(value), high.max(value)));
    // One value only: a range around it.
    let width = if high > low { high - low } else { low.abs().max(1.0) };
    let (low, width) = (low - width * room, width * (1.0 + 2.0 * room));
    (0..count).map(|place| low + width * place as f64 / (count - 1) as f64).collect()
}

/// Predictions from numbers alone, where these tell a row.
fn predictions(model: &Model, rows: &[f64]) -> Option<Vec<f64>> {
    let mut scratch = model.scratch();
    Some(model.predict(rows, &mut scratch).ok()?.to_vec())
}
