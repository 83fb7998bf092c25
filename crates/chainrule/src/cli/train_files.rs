//! The files of a run: model, configuration, losses, rows and pictures.

use super::Failure;
use super::arguments::Train;
use super::portions;
use super::run_folder::{BASELINES, CONFIGURATION};
use learn::picture::{self, Grid};
use learn::{Baselines, Epoch, Identity, MODEL_FILE, Model, Run};
use serde_json::{Value, json};
use table::Table;

/// The contents of every file of a run, in the order in which they are listed.
pub fn of(
    run: &Run,
    model: &Model,
    table: &Table,
    configuration: &Value,
) -> Result<Vec<(&'static str, Vec<u8>)>, Failure> {
    let epochs = &run.outcome.epochs;
    let mut files = vec![
        (MODEL_FILE, model.to_bytes()?),
        (CONFIGURATION, format!("{configuration:#}\n").into_bytes()),
        (BASELINES, format!("{:#}\n", baselines(&run.baselines, run)).into_bytes()),
        ("losses.csv", losses(epochs).into_bytes()),
    ];
    let parts = [
        ("train.txt", &run.split.train),
        ("validation.txt", &run.split.validation),
        ("test.txt", &run.split.test),
    ];
    for (name, rows) in parts.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        files.push((name, rows.iter().map(|row| format!("{row}\n")).collect::<String>().into_bytes()));
    }
    if !epochs.is_empty() {
        files.push(("curves.svg", picture::learning_curves(epochs, run.outcome.best_epoch).into_bytes()));
    }
    let description = model.description();
    match (description.inputs.as_slice(), description.targets.as_slice()) {
        ([input], [target]) => files.push(("fit.svg", fit(model, table, [input, target])?.into_bytes())),
        ([first, second], [target]) => {
            files.push(("contour.svg", contour(model, table, [first, second, target])?.into_bytes()));
        }
        _ => {}
    }
    Ok(files)
}

/// Everything the run was told, defaults and all: the settings on which its steps depend, and where its rows come from.
pub fn configuration(
    train: &Train,
    pages: &[String],
    identity: &Identity,
    checksum_of_rows: &str,
    rows: usize,
) -> Value {
    let mut told = json!({
        "schema": 1,
        "version": env!("CARGO_PKG_VERSION"),
        "table": train.table.as_ref().map(|path| path.display().to_string()),
        "checksum_of_rows": checksum_of_rows,
        "start_from": train.start_from.as_ref().map(|path| path.display().to_string()),
        "target": train.target,
        "ignore": train.ignore,
        "define": pages,
        "test": portions::told(train.test.as_ref(), rows).to_string_lossy(),
        "validation": portions::told(train.validation.as_ref(), rows).to_string_lossy(),
        "train": train.train.as_ref().map(|path| path.display().to_string()),
    });
    if let Value::Object(told) = &mut told {
        told.extend(identity.settings().clone());
    }
    told
}

/// The models that this one is compared with, and what else `evaluate` repeats.
fn baselines(baselines: &Baselines, run: &Run) -> Value {
    let Baselines { linear, mean } = baselines;
    let weights: Vec<&[f64]> = linear.weights.iter_rows().collect();
    json!({
        "schema": 1,
        "linear": { "weights": weights, "bias": linear.bias, "rank": linear.rank },
        "mean": mean,
        "epochs": run.outcome.epochs.len(),
        "best_epoch": run.outcome.best_epoch,
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

fn fit(model: &Model, table: &Table, [input, target]: [&str; 2]) -> Result<String, Failure> {
    const PLACES: usize = 400;
    let rows = table.matrix(&[input, target], None)?;
    let points: Vec<(f64, f64)> = rows.iter_rows().map(|row| (row[0], row[1])).collect();
    let places = spread(rows.column(0), 0.0, PLACES);
    let values = predictions(model, places.clone())?;
    let curve: Vec<(f64, f64)> = places.into_iter().zip(values).collect();
    Ok(picture::fit(input, target, &points, &curve))
}

fn contour(model: &Model, table: &Table, [first, second, target]: [&str; 3]) -> Result<String, Failure> {
    const SIDE: usize = 240;
    const ROOM: f64 = 0.08;
    let rows = table.matrix(&[first, second, target], None)?;
    let points: Vec<[f64; 3]> = rows.iter_rows().map(|row| [row[0], row[1], row[2]]).collect();
    let (x, y) = (spread(rows.column(0), ROOM, SIDE), spread(rows.column(1), ROOM, SIDE));
    let places = y.iter().flat_map(|y| x.iter().flat_map(move |x| [*x, *y])).collect();
    let ends = |places: &[f64]| (places[0], places[SIDE - 1]);
    let grid = Grid { x: ends(&x), y: ends(&y), side: SIDE, values: predictions(model, places)? };
    Ok(picture::contour([first, second], target, &grid, &points))
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

fn predictions(model: &Model, rows: Vec<f64>) -> Result<Vec<f64>, Failure> {
    let mut scratch = model.scratch();
    Ok(model.predict(&rows, &mut scratch)?.to_vec())
}
