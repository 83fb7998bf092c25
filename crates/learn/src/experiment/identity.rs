//! What a training is of: the numbers as read and what was told, so that a checkpoint goes on with nothing else.

use super::{Parts, Settings, settings};
use crate::container::checksum;
use crate::{LearnError, Network, Scales};
use compiler::Library;
use serde::{Deserialize, Serialize};
use table::Dataset;

/// The rows of each part, a checksum of every column's numbers, the scales, and every setting on which the steps depend. Threads are none of
/// them, and the number of epochs is not where the schedule is the same at every step. The default is that of a training that no
/// experiment made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    rows: [usize; 3],
    columns: Vec<(String, String)>,
    /// Those of the inputs and of the targets, which may be a model's own.
    scales: [Scales; 2],
    settings: Vec<(String, String)>,
}

impl Identity {
    pub(super) fn new(
        settings: &Settings,
        network: &Network,
        parts: &Parts,
        scales: [Scales; 2],
        library: &Library,
    ) -> Result<Identity, LearnError> {
        let training = &settings.training;
        let is_constant = is_constant(&training.schedule, library)?;
        let pages = settings::pages_of_training(network, training, library)?.join("\n");
        let told = [
            ("the network", network.summary()),
            ("the biases", network.bias.to_string()),
            ("the loss", network.loss.clone()),
            ("the optimizer", training.optimizer.clone()),
            ("the learning rate", format!("{:?}", training.rate)),
            ("the schedule", training.schedule.clone()),
            ("the batch size", training.batch_size.map_or(String::from("full"), |rows| rows.to_string())),
            (EPOCHS, if is_constant { String::from("any") } else { training.epochs.to_string() }),
            ("the seed", training.seed.to_string()),
            ("the precision", format!("{:?}", settings.precision)),
            ("the scaling", format!("{:?}", settings.scaling)),
            ("what is done about NaN", format!("{:?}", training.on_nan)),
            (
                "the pages of the functions, the loss, the optimizer and the schedule",
                checksum(&[pages.as_bytes()]),
            ),
        ];
        Ok(Identity {
            rows: parts.rows(),
            columns: columns(&parts.datasets()),
            scales,
            settings: told.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        })
    }

    #[cfg(test)]
    pub(crate) fn of_test() -> Identity {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let scales = || Scales { offset: vec![0.1], factor: vec![3.0] };
        Identity {
            rows: [4, 0, 1],
            columns: vec![pair("x", "01234567")],
            scales: [scales(), scales()],
            settings: vec![pair("the loss", "mse")],
        }
    }

    /// The scales of the inputs and of the targets.
    pub(super) fn scales(&self) -> &[Scales; 2] {
        &self.scales
    }

    /// What of this run is not as in another; none where one goes on with the other's checkpoint.
    pub fn difference(&self, other: &Identity) -> Option<String> {
        let parts = ["training", "validation", "test"];
        let by_rows = parts.iter().zip(self.rows.iter().zip(other.rows)).find_map(|(part, (own, other))| {
            (*own != other).then(|| format!("there were {other} {part} rows, and now there are {own}"))
        });
        let names = |identity: &Identity| -> Vec<String> {
            identity.columns.iter().map(|(name, _)| name.clone()).collect()
        };
        let by_names = || {
            let (own, other) = (names(self), names(other));
            (own != other).then(|| {
                format!("the columns were {}, and now they are {}", other.join(", "), own.join(", "))
            })
        };
        let by_numbers = || {
            let pairs = self.columns.iter().zip(&other.columns);
            let changed: Vec<&str> =
                pairs.filter(|(own, other)| own != other).map(|((name, _), _)| name.as_str()).collect();
            (!changed.is_empty()).then(|| format!("the numbers of {} are others now", changed.join(", ")))
        };
        let by_settings = || {
            let mut pairs = self.settings.iter().zip(&other.settings);
            pairs.find(|(own, other)| own != other).map(|((name, own), (_, other))| {
                let epochs = match name.as_str() {
                    EPOCHS => ": only with `--schedule constant` do more epochs begin with the same steps",
                    _ => "",
                };
                format!("{name} was {other}, and now it is {own}{epochs}")
            })
        };
        by_rows.or_else(by_names).or_else(by_numbers).or_else(by_settings)
    }
}

const EPOCHS: &str = "the number of epochs of the schedule";

/// Whether a schedule is one factor over the whole run.
fn is_constant(schedule: &str, library: &Library) -> Result<bool, LearnError> {
    let schedule = compiler::schedule(schedule, library).map_err(compiler::CompileError::from)?;
    Ok(schedule.is_constant())
}

/// Each column's name and the checksum of its numbers, part after part.
fn columns(parts: &[&Dataset]) -> Vec<(String, String)> {
    let Some(first) = parts.first() else { return Vec::new() };
    let of = |name: &String, column: &dyn Fn(&Dataset) -> Vec<u8>| {
        let bytes: Vec<Vec<u8>> = parts.iter().map(|part| column(part)).collect();
        let bytes: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
        (name.clone(), checksum(&bytes))
    };
    let inputs = first
        .inputs
        .iter()
        .enumerate()
        .map(|(at, name)| of(name, &|part| part.x.column(at).flat_map(f64::to_le_bytes).collect()));
    let targets = first
        .targets
        .iter()
        .enumerate()
        .map(|(at, name)| of(name, &|part| part.y.column(at).flat_map(f64::to_le_bytes).collect()));
    inputs.chain(targets).collect()
}
