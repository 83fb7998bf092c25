//! What a training is of: the numbers as read and what was told, so that a checkpoint goes on with nothing else.

use super::parts::Part;
use super::{Parts, Settings, settings};
use crate::container::{Checksum, checksum};
use crate::{LearnError, Network, Scales};
use compiler::Library;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use table::{Column, Encoding, Loaded, Table};

/// The rows of each part, a checksum of every column's numbers, the scales, every setting by its name, and a checksum of every page
/// that is used. The default is that of a training that no experiment made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    rows: [usize; 3],
    columns: Vec<(String, String)>,
    /// What inputs become.
    #[serde(default)]
    encoding: Encoding,
    /// The scales of the targets.
    scales: Scales,
    settings: Map<String, Value>,
    pages: Vec<(String, String)>,
    /// Whether the schedule is one factor over the whole run, so that no step depends on the number of epochs.
    is_constant: bool,
}

/// Settings that may be others when a training goes on: the steps that were made do not depend on them.
const FREE: [&str; 3] = ["on_nan", "patience", "time_limit"];
const EPOCHS: &str = "epochs";

impl Identity {
    pub(super) fn new(
        settings: &Settings,
        network: &Network,
        parts: &Parts,
        (encoding, scales): (Encoding, Scales),
        library: &Library,
    ) -> Result<Identity, LearnError> {
        let training = &settings.training;
        let schedule =
            compiler::schedule(&training.schedule, library).map_err(compiler::CompileError::from)?;
        let pages = settings::pages_of_training(network, training, library)?;
        let mut columns = columns(&parts.all(), &names(&encoding, &parts.targets))?;
        columns.extend(weights(&parts.all()));
        Ok(Identity {
            rows: parts.rows(),
            columns,
            encoding,
            scales,
            settings: settings.named(network, parts.rows()[0]),
            pages: pages.into_iter().map(|(name, text)| (name, checksum(&[text.as_bytes()]))).collect(),
            is_constant: schedule.is_constant(),
        })
    }

    #[cfg(test)]
    pub(crate) fn of_test() -> Identity {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Identity {
            encoding: Encoding::default(),
            rows: [4, 0, 1],
            columns: vec![pair("x", "01234567")],
            scales: Scales { offset: vec![0.1], factor: vec![3.0] },
            settings: Map::from_iter([(String::from("loss"), Value::from("mse"))]),
            pages: vec![pair("mse", "01234567")],
            is_constant: true,
        }
    }

    /// Every setting by its name, defaults and all, with the learning rate that is in force.
    pub fn settings(&self) -> &Map<String, Value> {
        &self.settings
    }

    /// The number of epochs where steps depend on it, by the schedule; none where there may be more.
    pub fn fixed_epochs(&self) -> Option<u64> {
        self.settings.get(EPOCHS).and_then(Value::as_u64).filter(|_| !self.is_constant)
    }

    /// What inputs become.
    pub fn encoding(&self) -> &Encoding {
        &self.encoding
    }

    /// The scales of the targets.
    pub(super) fn scales(&self) -> &Scales {
        &self.scales
    }

    /// A checksum of all of it.
    pub fn checksum(&self) -> String {
        checksum(&[&serde_json::to_vec(self).unwrap_or_default()])
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
            let changed = changed(&self.columns, &other.columns);
            (!changed.is_empty()).then(|| format!("the numbers of {} are others now", changed.join(", ")))
        };
        let by_settings = || {
            self.settings.iter().find_map(|(name, own)| {
                let other = other.settings.get(name).unwrap_or(&Value::Null);
                let is_free = FREE.contains(&name.as_str()) || (name == EPOCHS && self.is_constant);
                let more = if name == EPOCHS {
                    ": only with `--schedule constant` do more epochs begin with the same steps"
                } else {
                    ""
                };
                let words = name.replace('_', " ");
                let differs = !is_free && own != other;
                differs
                    .then(|| format!("{words}: it was {}, and now it is {}{more}", shown(other), shown(own)))
            })
        };
        let by_pages = || {
            let changed = changed(&self.pages, &other.pages);
            (!changed.is_empty()).then(|| format!("what defines {} is not as it was", changed.join(", ")))
        };
        by_rows.or_else(by_names).or_else(by_numbers).or_else(by_settings).or_else(by_pages)
    }
}

/// The names whose checksum is another one.
fn changed<'a>(own: &'a [(String, String)], other: &[(String, String)]) -> Vec<&'a str> {
    let other: BTreeSet<&(String, String)> = other.iter().collect();
    own.iter().filter(|pair| !other.contains(pair)).map(|(name, _)| name.as_str()).collect()
}

/// A setting as it is told; layers as `64:relu,1:identity`.
fn shown(value: &Value) -> String {
    let layer = |layer: &Value| format!("{}:{}", layer["units"], layer["activation"].as_str().unwrap_or("?"));
    match value {
        Value::String(text) => text.clone(),
        Value::Array(layers) => layers.iter().map(layer).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// A checksum of every cell of some columns of a table, and of their names: two tables with the same have the same rows, for a model
/// of these columns. None where a column is not there.
///
/// # Errors
/// Where the cells of a large table cannot be read.
pub fn checksum_of_rows(table: &Table, names: &[String]) -> Result<Option<String>, LearnError> {
    let columns = by_name(table);
    let mut text = String::new();
    for name in names {
        let Some(column) = columns.get(name.as_str()) else { return Ok(None) };
        let mut sum = Checksum::default();
        add(&column.loaded()?, 0..table.rows(), &mut sum);
        text.push_str(&format!("{name:?} {}\n", sum.digits()));
    }
    Ok(Some(checksum(&[text.as_bytes()])))
}

/// The input columns that are used, and the targets.
pub(super) fn names(encoding: &Encoding, targets: &[String]) -> Vec<String> {
    encoding.used().map(|column| column.name.clone()).chain(targets.iter().cloned()).collect()
}

/// Each column's name and the checksum of its cells, part after part.
fn columns(parts: &[&Part], names: &[String]) -> Result<Vec<(String, String)>, LearnError> {
    let tables: Vec<HashMap<&str, &Column>> = parts.iter().map(|part| by_name(&part.table)).collect();
    let of = |name: &String| {
        let mut sum = Checksum::default();
        for (part, table) in parts.iter().zip(&tables) {
            if let Some(column) = table.get(name.as_str()) {
                add(&column.loaded()?, part.rows.iter().copied(), &mut sum);
            }
        }
        Ok((name.clone(), sum.digits()))
    };
    names.iter().map(of).collect()
}

/// The checksum of the rows' weights, part after part, where they have some.
fn weights(parts: &[&Part]) -> Option<(String, String)> {
    let mut weights = parts.iter().filter_map(|part| part.weights.as_ref()).peekable();
    weights.peek()?;
    let mut sum = Checksum::default();
    weights.flatten().for_each(|weight| sum.add(&weight.to_le_bytes()));
    Some((String::from("the rows' weights"), sum.digits()))
}

/// Adds the cells of a column in some rows: doubles, or texts with a zero byte behind each.
fn add(column: &Loaded, rows: impl Iterator<Item = usize>, sum: &mut Checksum) {
    /// So many bytes are added at once.
    const BLOCK: usize = 1 << 16;
    let numbers = column.numbers();
    let mut bytes = Vec::new();
    for row in rows {
        match numbers {
            Some(numbers) => bytes.extend_from_slice(&numbers[row].to_le_bytes()),
            None => {
                bytes.extend_from_slice(column.text(row).unwrap_or_default().as_bytes());
                bytes.push(0);
            }
        }
        if bytes.len() >= BLOCK {
            sum.add(&bytes);
            bytes.clear();
        }
    }
    sum.add(&bytes);
}

/// The columns of a table by their names, each looked up once. The map is never walked through.
fn by_name(table: &Table) -> HashMap<&str, &Column> {
    table.columns().iter().map(|column| (column.name(), column)).collect()
}
