//! The simplest models of the training rows: the best constant, and a network without hidden layers.

use super::parts::Part;
use crate::{
    Description, Epoch, Layer, LearnError, Linear, Meaning, Model, Network, Options, Precision, Rows, Scales,
    Trainer, linear::least_squares_of,
};
use compiler::Library;
use engine::Element;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::time::Duration;
use table::{Matrix, Table, TargetKind};

/// A model to compare with.
pub struct Baseline {
    /// Its name, such as `mean` or `logistic`.
    pub name: String,
    fitted: Fitted,
}

enum Fitted {
    /// What is predicted of every row.
    Constant(Vec<f64>),
    Linear(Box<Model>),
}

/// A baseline as it is written: a constant, or the weights (a row for each encoded column) and biases of a last layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenBaseline {
    name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    constant: Vec<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    columns: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    weights: Vec<Vec<f64>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    bias: Vec<f64>,
    /// What is predicted, a formula in A.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    predicts: Option<String>,
}

/// Up to this many encoded columns, and entries of them, linear regression is solved exactly.
const MOST_COLUMNS: usize = 2_000;
const MOST_ENTRIES: usize = 20_000_000;
/// The most time that a baseline takes that is trained.
const TIME: Duration = Duration::from_secs(20);

impl Baseline {
    /// Fits both to the training rows.
    pub(super) fn fit<T: Element>(
        part: &Part,
        rows: &Rows<T>,
        validation: Option<&Rows<T>>,
        (meaning, scales): (&Meaning, &Scales),
        seed: u64,
    ) -> Result<Vec<Baseline>, LearnError> {
        let preset = meaning.task.preset();
        let [constant, linear] = preset.baselines.clone();
        let constant = Baseline { name: constant, fitted: Fitted::Constant(constants(part, meaning)) };
        let [inputs, outputs] = rows.widths();
        let is_numbers = meaning.task.kind != TargetKind::Classes;
        let is_exact =
            is_numbers && inputs <= MOST_COLUMNS && rows.len().saturating_mul(inputs) <= MOST_ENTRIES;
        let model = if is_exact {
            let y = |row: usize, to: &mut [f64]| {
                to.iter_mut().enumerate().for_each(|(target, to)| *to = part.value(target, row));
            };
            let Linear { weights, bias, .. } = least_squares_of(rows, y, true, part.weights.as_deref())?;
            let parameters = [weights.into_data(), bias].concat();
            of_parameters(meaning, "A", "mse", unscaled(outputs), parameters)?
        } else {
            let loss = if is_numbers { "mse" } else { preset.loss.as_str() };
            let mut library = Library::standard();
            let of_each = meaning.task.loss_of_each(loss, &mut library)?;
            let trained = trained(rows, validation, (&of_each, &library), seed)?;
            let predicts = if is_numbers { "A" } else { preset.predicts.as_str() };
            let predicts = meaning.task.predicts_of_each(predicts);
            of_parameters(meaning, &predicts, loss, scales.clone(), trained)?
        };
        let fitted = Fitted::Linear(Box::new(model));
        // What is trained on logarithms is no linear regression of the targets.
        let is_comparable = is_exact || !meaning.log;
        Ok(std::iter::once(constant)
            .chain(is_comparable.then_some(Baseline { name: linear, fitted }))
            .collect())
    }

    /// Its predictions for these rows of a table, as the model's are.
    pub(super) fn predict(&self, table: &Table, rows: &[usize]) -> Result<Matrix, LearnError> {
        match &self.fitted {
            Fitted::Constant(row) => Ok(Matrix::new(rows.len(), row.len(), row.repeat(rows.len()))?),
            Fitted::Linear(model) => Ok(model.predict_table(table, Some(rows))?.0),
        }
    }

    /// As it is written.
    pub fn written(&self) -> WrittenBaseline {
        let none = WrittenBaseline { name: self.name.clone(), ..WrittenBaseline::default() };
        match &self.fitted {
            Fitted::Constant(row) => WrittenBaseline { constant: row.clone(), ..none },
            Fitted::Linear(model) => {
                let outputs = model.outputs();
                let (weights, bias) = model.parameters().split_at(model.parameters().len() - outputs);
                WrittenBaseline {
                    columns: model.encoding().names(),
                    weights: weights.chunks(outputs.max(1)).map(<[f64]>::to_vec).collect(),
                    bias: bias.to_vec(),
                    predicts: model.description().meaning.as_ref().map(|meaning| meaning.predicts.clone()),
                    ..none
                }
            }
        }
    }

    /// Reads one that was written beside a model.
    ///
    /// # Errors
    /// When its numbers do not fit the model.
    pub fn read(written: WrittenBaseline, model: &Model) -> Result<Baseline, LearnError> {
        let WrittenBaseline { name, constant, weights, bias, predicts, .. } = written;
        let (outputs, inputs) = (model.outputs(), model.encoding().width());
        let fits = weights.len() == inputs && weights.iter().chain([&bias]).all(|row| row.len() == outputs);
        let fitted = match (constant.len() == outputs, fits) {
            (true, _) => Fitted::Constant(constant),
            (false, true) => {
                let meaning = Meaning {
                    encoding: model.encoding(),
                    task: model.task(),
                    predicts: predicts.unwrap_or_else(|| String::from("A")),
                    log: false,
                };
                let predicts = meaning.predicts.clone();
                let parameters = [weights.concat(), bias].concat();
                Fitted::Linear(Box::new(of_parameters(
                    &meaning,
                    &predicts,
                    "mse",
                    unscaled(outputs),
                    parameters,
                )?))
            }
            (false, false) => {
                let reason = format!("its numbers do not fit {inputs} columns and {outputs} outputs");
                return Err(LearnError::NoModel { path: format!("the baseline {name}"), reason });
            }
        };
        Ok(Baseline { name, fitted })
    }
}

/// The mean of each column of Y: of numbers their mean, of classes their shares.
fn constants(part: &Part, meaning: &Meaning) -> Vec<f64> {
    let weight = |row: usize| part.weights.as_ref().map_or(1.0, |weights| weights[row]);
    let whole: f64 = (0..part.rows.len()).map(weight).sum();
    let width = meaning.task.width();
    let mut sums = vec![std::iter::empty::<f64>().sum::<f64>(); width];
    let mut row = 0;
    for encoded in part.encoded(&meaning.task, part.rows.len()) {
        for values in encoded.chunks_exact(width.max(1)) {
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += weight(row) * value);
            row += 1;
        }
    }
    sums.into_iter().map(|sum| sum / whole).collect()
}

fn unscaled(columns: usize) -> Scales {
    Scales { offset: vec![0.0; columns], factor: vec![1.0; columns] }
}

fn of_parameters(
    meaning: &Meaning,
    predicts: &str,
    loss: &str,
    target_scaling: Scales,
    parameters: Vec<f64>,
) -> Result<Model, LearnError> {
    let description = Description {
        schema: crate::description::MEANING_SCHEMA,
        inputs: meaning.encoding.used().map(|column| column.name.clone()).collect(),
        targets: meaning.task.names(),
        layers: vec![(meaning.task.width(), String::from("identity"))],
        bias: true,
        loss: loss.to_owned(),
        definitions: Vec::new(),
        input_scaling: Scales::default(),
        target_scaling,
        meaning: Some(Meaning { predicts: predicts.to_owned(), log: false, ..meaning.clone() }),
        precision: Precision::F64,
        seed: 0,
    };
    Model::new(description, parameters)
}

/// A network without hidden layers, trained for some 1,500 steps, or fewer where it is large.
fn trained<T: Element>(
    rows: &Rows<T>,
    validation: Option<&Rows<T>>,
    (loss, library): (&str, &Library),
    seed: u64,
) -> Result<Vec<f64>, LearnError> {
    const STEPS: usize = 1_500;
    const BATCH: usize = 256;
    const WORK: usize = 5_000_000_000;
    let [inputs, outputs] = rows.widths();
    let batch = rows.len().min(BATCH);
    let steps = (WORK / (batch * inputs * outputs).max(1)).clamp(STEPS / 30, STEPS);
    let layers = vec![Layer { units: outputs, activation: String::from("identity") }];
    let network = Network { inputs, layers, bias: true, loss: loss.to_owned() };
    let options = Options {
        optimizer: String::from("adam"),
        rate: Some(0.02),
        batch_size: Some(BATCH),
        epochs: crate::Epochs::Fixed(steps.div_ceil(rows.len().div_ceil(BATCH)).max(3)),
        time_limit: Some(TIME),
        weighted: rows.weights().is_some(),
        seed,
        ..Options::default()
    };
    let mut trainer = Trainer::<T>::new(&network, &options, library)?;
    trainer.take_codes(rows.codes())?;
    let go_on = |_: &Epoch| ControlFlow::Continue(());
    if trainer.codes() == rows.codes() {
        trainer.train(rows, validation, go_on)?;
    } else {
        trainer.train(&rows.written_out(), validation.map(Rows::written_out).as_ref(), go_on)?;
    }
    Ok(trainer.into_parameters().iter().map(|parameter| parameter.to_f64()).collect())
}
