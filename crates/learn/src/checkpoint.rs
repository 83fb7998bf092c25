//! What a training needs to go on as if it had never stopped, and the file of it.

use crate::container::{self, Container, Numbers, Read, Tensor};
use crate::entries::Entries;
use crate::experiment::Identity;
use crate::progress::Epoch;
use crate::{LearnError, Precision};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::path::Path;

/// A training between two steps: parameters, states of the optimizer, the best parameters so far, what was reported, and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    pub(crate) parameters: Entries,
    /// One after another, each in the order of the parameters.
    pub(crate) states: Entries,
    pub(crate) best: Entries,
    /// What training began with, where that was given.
    pub(crate) first: Option<Entries>,
    pub(crate) epochs: Vec<Epoch>,
    pub(crate) standing: Standing,
}

/// Where a training stands between two steps, beside its numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Standing {
    pub at: Place,
    /// The step up to which each is looked at, its epoch and batch, after numbers were found that are not finite.
    #[serde(default)]
    pub looks_until: Option<(usize, usize)>,
    pub best_epoch: usize,
    /// The validation loss of the best epoch; none before the first and without validation rows.
    pub best_loss: Option<f64>,
    pub seconds: f64,
}

/// The next step of a training, and what decides it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    /// 1, 2, 3, ...
    pub epoch: usize,
    /// Batches of this epoch that were visited.
    pub batch: usize,
    /// Over the batches that were visited and not skipped: the sum of each loss times its rows, and the sum of these.
    pub loss_sum: f64,
    pub rows: usize,
    /// Updates since training began or went back.
    pub steps: u64,
    /// Updates before it went back.
    #[serde(default)]
    pub earlier: u64,
    /// Batches that were skipped so far.
    pub skipped: u64,
    pub rate: f64,
}

/// The name of the file of a run from which it can go on.
pub const CHECKPOINT_FILE: &str = "checkpoint.safetensors";

const KEY: &str = "chainrule-checkpoint";
const SCHEMA: u32 = 2;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    schema: u32,
    precision: Precision,
    states: usize,
    parameters: usize,
    epochs: usize,
    /// Whether it holds what training began with.
    first: bool,
    standing: Standing,
    identity: Identity,
    note: String,
}

impl Checkpoint {
    /// The bytes of its file, with what the run is and a note of whoever writes it.
    ///
    /// # Errors
    /// When the container cannot be built.
    pub fn to_bytes(&self, identity: &Identity, note: &str) -> Result<Vec<u8>, LearnError> {
        let mut bytes = Vec::new();
        self.write_to(identity, note, &mut bytes).map_err(|error| unusable(error.to_string()))?;
        Ok(bytes)
    }

    /// Writes these bytes piece by piece, so that they take no memory beside the checkpoint.
    ///
    /// # Errors
    /// When the container cannot be built or written.
    pub fn write_to(&self, identity: &Identity, note: &str, to: &mut dyn Write) -> io::Result<()> {
        let parameters = self.parameters.len();
        let description = Description {
            schema: SCHEMA,
            precision: self.parameters.precision(),
            states: self.states.len() / parameters.max(1),
            parameters,
            epochs: self.epochs.len(),
            first: self.first.is_some(),
            standing: self.standing.clone(),
            identity: identity.clone(),
            note: note.to_owned(),
        };
        let tensor = |name: &str, shape, numbers| Tensor { name: name.to_owned(), shape, numbers };
        let epochs: Vec<f64> = self.epochs.iter().flat_map(losses).collect();
        let mut tensors = vec![
            tensor("parameters", [1, parameters], self.parameters.numbers()),
            tensor("states", [description.states, parameters], self.states.numbers()),
            tensor("best", [1, parameters], self.best.numbers()),
            tensor("epochs", [self.epochs.len(), EPOCH], Numbers::Double(&epochs)),
        ];
        tensors.extend(self.first.iter().map(|first| tensor("first", [1, parameters], first.numbers())));
        container::write(KEY, &description, &tensors, to)
    }

    /// Reads one from its file, which is a plain one: what has no end holds none.
    ///
    /// # Errors
    /// When there is none, or it is damaged or no plain file.
    pub fn load(path: &Path) -> Result<(Checkpoint, Identity, String), LearnError> {
        let of_file = |reason: String| LearnError::NoCheckpoint { path: path.display().to_string(), reason };
        if std::fs::metadata(path).is_ok_and(|about| !about.is_file()) {
            return Err(of_file(String::from("it is no plain file")));
        }
        Checkpoint::from_bytes(&container::read_file(path)?).map_err(|error| match error {
            LearnError::NoCheckpoint { reason, .. } => of_file(reason),
            other => other,
        })
    }

    /// Reads one from the bytes of its file: the checkpoint, what the run is, and the note.
    ///
    /// # Errors
    /// When they are no checkpoint, or a damaged one.
    pub fn from_bytes(bytes: &[u8]) -> Result<(Checkpoint, Identity, String), LearnError> {
        let (read, container) = Container::read::<serde_json::Value>(KEY, bytes).map_err(unusable)?;
        let Read::Checked(description) = read else {
            return Err(unusable(container::damaged("it has no checksums")));
        };
        // Another schema has other entries, so it is looked at before them.
        let schema = &description["schema"];
        if schema.as_u64() != Some(u64::from(SCHEMA)) {
            return Err(unusable(format!(
                "its schema is {schema}, and {SCHEMA} was expected: go on with the version of Chainrule that wrote it"
            )));
        }
        let description = serde_json::from_value(description);
        let description = description.map_err(|error| unusable(container::unreadable(error)))?;
        let Description { precision, states, parameters, epochs, first, standing, identity, note, .. } =
            description;
        let entries = |name: &str, shape| match container.entries(name, shape).map_err(unusable)? {
            entries if entries.precision() == precision => Ok(entries),
            _ => Err(unusable(format!("its {name} are not of its precision"))),
        };
        let losses = container.numbers("epochs", [epochs, EPOCH]).map_err(unusable)?;
        let checkpoint = Checkpoint {
            parameters: entries("parameters", [1, parameters])?,
            states: entries("states", [states, parameters])?,
            best: entries("best", [1, parameters])?,
            first: first.then(|| entries("first", [1, parameters])).transpose()?,
            epochs: losses.as_chunks().0.iter().enumerate().map(epoch).collect(),
            standing,
        };
        let Checkpoint { parameters, states, best, first, .. } = &checkpoint;
        let are_finite = [parameters, states, best].into_iter().chain(first).all(Entries::are_finite);
        match are_finite {
            true => Ok((checkpoint, identity, note)),
            false => Err(unusable(String::from("a number of it is not finite"))),
        }
    }

    /// Epochs that were finished.
    pub fn epochs(&self) -> usize {
        self.epochs.len()
    }

    /// Batches that were visited in this epoch and all before; of two checkpoints of a run, the later has the greater number. An
    /// epoch counts as 2^32 of them.
    pub fn place(&self) -> u64 {
        let Place { epoch, batch, .. } = &self.standing.at;
        ((*epoch as u64) << 32) + *batch as u64
    }

    /// The [`Checkpoint::place`] of a run after so many epochs.
    pub fn place_after(epochs: u64) -> u64 {
        epochs.saturating_add(1).saturating_mul(1 << 32)
    }

    /// Updates that were made.
    pub fn steps(&self) -> u64 {
        self.standing.at.steps + self.standing.at.earlier
    }
}

/// Numbers of an epoch in a file: its losses, whether it was the best, its rate, and seconds.
const EPOCH: usize = 5;

fn losses(epoch: &Epoch) -> [f64; EPOCH] {
    let is_best = f64::from(u8::from(epoch.best));
    [epoch.train_loss, epoch.validation_loss.unwrap_or(f64::NAN), is_best, epoch.rate, epoch.seconds]
}

fn epoch((index, [train_loss, validation, is_best, rate, seconds]): (usize, &[f64; EPOCH])) -> Epoch {
    let validation_loss = (!validation.is_nan()).then_some(*validation);
    Epoch {
        number: index + 1,
        train_loss: *train_loss,
        validation_loss,
        best: *is_best != 0.0,
        rate: *rate,
        seconds: *seconds,
    }
}

fn unusable(reason: String) -> LearnError {
    LearnError::NoCheckpoint { path: String::from("this file"), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(precision: Precision) -> Checkpoint {
        let numbers = |first: f64, count: i32| {
            let doubles = (0..count).map(move |at| first + f64::from(at) / 8.0);
            match precision {
                Precision::F32 => Entries::Single(doubles.map(|number| number as f32).collect()),
                Precision::F64 => Entries::Double(doubles.collect()),
            }
        };
        let epoch = |number, validation_loss| Epoch {
            number,
            train_loss: 0.1 + number as f64,
            validation_loss,
            best: validation_loss.is_some(),
            rate: 0.003,
            seconds: 0.3,
        };
        Checkpoint {
            parameters: numbers(0.0, 30),
            states: numbers(1.0, 60),
            best: numbers(2.0, 30),
            first: (precision == Precision::F64).then(|| numbers(5.0, 30)),
            epochs: vec![epoch(1, None), epoch(2, Some(0.7))],
            standing: Standing {
                at: Place {
                    epoch: 3,
                    batch: 7,
                    loss_sum: 0.1,
                    rows: 28,
                    steps: 27,
                    earlier: 0,
                    skipped: 1,
                    rate: 0.003,
                },
                looks_until: None,
                best_epoch: 2,
                best_loss: Some(0.7),
                seconds: 1.5,
            },
        }
    }

    #[test]
    fn another_schema_is_told_whatever_its_entries_are() {
        let mut bytes = Vec::new();
        container::write(KEY, &serde_json::json!({ "schema": 1 }), &[], &mut bytes).unwrap();
        let message = Checkpoint::from_bytes(&bytes).unwrap_err().to_string();
        assert!(message.contains("schema is 1, and 2 was expected: go on with the version"), "{message}");
    }

    #[test]
    fn a_file_is_read_back_or_refused() {
        for precision in [Precision::F32, Precision::F64] {
            let checkpoint = checkpoint(precision);
            let identity = Identity::of_test();
            let bytes = checkpoint.to_bytes(&identity, "\"whole\":\"00000000\"").unwrap();
            let read = Checkpoint::from_bytes(&bytes).unwrap();
            assert_eq!(read, (checkpoint, identity, String::from("\"whole\":\"00000000\"")));
            container::testing::refuses_damage(&bytes, &|bytes| Checkpoint::from_bytes(bytes).is_ok());
        }
        // Of an optimizer without states, before the first epoch.
        let states = Entries::Single(Vec::new());
        let checkpoint = Checkpoint { states, epochs: Vec::new(), ..checkpoint(Precision::F32) };
        let bytes = checkpoint.to_bytes(&Identity::of_test(), "").unwrap();
        assert_eq!(Checkpoint::from_bytes(&bytes).unwrap().0, checkpoint);
        let broken = Checkpoint { best: Entries::Single(vec![f32::NAN; 30]), ..checkpoint };
        assert!(Checkpoint::from_bytes(&broken.to_bytes(&Identity::of_test(), "").unwrap()).is_err());
    }
}
