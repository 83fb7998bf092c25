//! Losses, optimizers, schedules and metrics against the numbers of PyTorch and scikit-learn: each row of the table is tested by
//! being there.

use crate::optimizers::{By, Weights};
use crate::schedules::factors;
use crate::{Draw, as_function, of_a_and_y, sizes, worst};
use chainrule_compiler::{Kind, Library, Request, compile, evaluate};
use engine::{Arguments, Engine};
use std::error::Error;

const TABLE: &str = include_str!("peers.txt");
/// How far a number may be from theirs, by the larger of its size and 1, in doubles and in singles.
const DOUBLE: f64 = 1e-13;
const SINGLE: f64 = 2e-6;

type Outcome = Result<(), Box<dyn Error>>;

/// The rows of a matrix.
fn matrix(text: &str) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let row = |row: &str| row.split_whitespace().map(str::parse).collect::<Result<Vec<f64>, _>>();
    Ok(text.split(';').map(row).collect::<Result<_, _>>()?)
}

/// Judges every row of a kind.
fn every_row(kind: Kind, judge: impl Fn(&[&str]) -> Outcome) {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    let rows = rows.map(|line| line.split(" | ").collect::<Vec<_>>());
    let rows: Vec<_> = rows.filter(|row| row[0] == kind.word()).collect();
    assert!(rows.len() > 5, "{kind}: {} rows", rows.len());
    for row in rows {
        judge(&row[1..]).unwrap_or_else(|error| panic!("{kind} {}: {error}", row[1]));
    }
}

fn near(found: &[f64], wanted: &[f64], tolerance: f64, what: &str) -> Outcome {
    let (error, at) = worst(found, wanted, 1.0);
    match found.len() == wanted.len() && error <= tolerance {
        true => Ok(()),
        false => Err(format!("{what}, number {at}: {:e} is not {:e}", found[at], wanted[at]).into()),
    }
}

/// `huber(delta = 2)` of A and Y.
fn call(text: &str) -> String {
    match text.split_once('(') {
        Some((name, settings)) => format!("{name}(A, Y; {settings}"),
        None => format!("{text}(A, Y)"),
    }
}

/// The value and the gradient, in doubles by the reference and in singles by the fast engine.
fn loss_is_theirs(row: &[&str]) -> Outcome {
    let [text, a, y, value, gradient] = row else { return Err("a loss has five columns".into()) };
    let (a, y, gradient) = (matrix(a)?, matrix(y)?, matrix(gradient)?.concat());
    let text = call(text);
    let request = Request {
        text: &format!("f = {text}"),
        declarations: "A: m x q, Y: m x q",
        values: &["f"],
        gradients: &["A"],
        data: &["A", "Y"],
        sizes: &sizes(&[("m", a.len()), ("q", a[0].len())]),
        ..Request::default()
    };
    let plan = compile(&request, &Library::standard())?;
    let wanted = [vec![value.parse()?], gradient].concat();
    let rows = a.len();
    let (a, y) = (a.concat(), y.concat());
    near(&evaluate(&plan, &[&a, &y], &[], &[], rows)?, &wanted, DOUBLE, "in doubles")?;

    let engine = Engine::<f32>::new(plan)?;
    let single = |entries: &[f64]| entries.iter().map(|entry| *entry as f32).collect::<Vec<f32>>();
    let mut results = vec![0.0_f32; wanted.len()];
    let data = [single(&a), single(&y)];
    let data = [data[0].as_slice(), data[1].as_slice()];
    let arguments = Arguments { rows, data: &data, results: &mut results, ..Arguments::default() };
    engine.run(&mut engine.workspace(rows)?, arguments)?;
    let found: Vec<f64> = results.iter().map(|entry| f64::from(*entry)).collect();
    near(&found, &wanted, SINGLE, "in singles")
}

fn optimizer_is_theirs(row: &[&str]) -> Outcome {
    let [text, start, gradients, end] = row else { return Err("an optimizer has four columns".into()) };
    let mut weights = Weights::new(&Library::standard(), text, &matrix(start)?.concat())?;
    for gradient in matrix(gradients)? {
        weights.step(&gradient, weights.rate, By::Fast)?;
    }
    near(weights.entries(), &matrix(end)?.concat(), DOUBLE, "after the last step")
}

fn schedule_is_theirs(row: &[&str]) -> Outcome {
    let [text, wanted] = row else { return Err("a schedule has two columns".into()) };
    let places: Vec<f64> = (0..=20).map(|step| f64::from(step) / 20.0).collect();
    near(&factors(&Library::standard(), text, &places)?, &matrix(wanted)?.concat(), DOUBLE, "of 21 factors")
}

fn metric_is_theirs(row: &[&str]) -> Outcome {
    let [text, a, y, value] = row else { return Err("a metric has four columns".into()) };
    let (a, y) = (matrix(a)?, matrix(y)?);
    let name = text.split('(').next().unwrap_or(text);
    let library = as_function(&Library::standard(), Kind::Metric, name)?;
    let found = of_a_and_y(&library, &call(text), [&a.concat(), &y.concat()], a[0].len())?;
    near(&[found], &[value.parse()?], DOUBLE, "the value")
}

#[test]
fn losses_are_those_of_pytorch() {
    every_row(Kind::Loss, loss_is_theirs);
}

#[test]
fn metrics_are_those_of_scikit_learn() {
    every_row(Kind::Metric, metric_is_theirs);
}

#[test]
fn optimizers_are_those_of_pytorch() {
    every_row(Kind::Optimizer, optimizer_is_theirs);
}

#[test]
fn schedules_are_those_of_pytorch() {
    every_row(Kind::Schedule, schedule_is_theirs);
}

/// In singles logsumexp is between the largest entry and that plus log(n), and the shares of softmax are one together.
#[test]
fn softmax_is_finite_at_logits_of_ten_thousand() -> Outcome {
    let library = Library::standard();
    for cols in [2, 10, 1000] {
        let mut draw = Draw(cols as u64);
        let rows = 5;
        let entries: Vec<f32> = draw.entries(rows * cols).iter().map(|entry| 1e4 * *entry as f32).collect();
        for text in
            ["logsumexp(X, 2)", "sum(softmax(X, 2), 2)", "logsumexp(X)*ones(m)", "sum(softmax(X))*ones(m)"]
        {
            let request = Request {
                text: &format!("y = {text}\nf = sum(y)"),
                declarations: "X: m x n",
                values: &["y"],
                data: &["X"],
                sizes: &sizes(&[("m", rows), ("n", cols)]),
                ..Request::default()
            };
            let engine = Engine::<f32>::new(compile(&request, &library)?)?;
            let mut results = vec![0.0_f32; rows];
            let arguments =
                Arguments { rows, data: &[&entries], results: &mut results, ..Arguments::default() };
            engine.run(&mut engine.workspace(rows)?, arguments)?;
            for (row, found) in results.iter().enumerate() {
                let entries =
                    if text.contains(", 2)") { &entries[row * cols..(row + 1) * cols] } else { &entries };
                let largest = entries.iter().fold(f32::NEG_INFINITY, |largest, x| largest.max(*x));
                // log(n) is at most 8.6 for 5000 entries.
                let (low, high) =
                    if text.contains("softmax") { (1.0, 1.0) } else { (largest, largest + 8.6) };
                assert!(
                    (low - 1e-3..=high + 1e-3).contains(found),
                    "{text} of {cols} columns, row {row}: {found} is not from {low} to {high}"
                );
            }
        }
    }
    Ok(())
}
