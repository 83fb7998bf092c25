//! The options of `chainrule train` to the roles and kinds of a table's columns, and the file in which they are kept.

use super::Failure;
use super::arguments::{ClassWeights, Train};
use learn::{Columns, Experiment};
use serde::{Deserialize, Serialize};
use std::path::Path;
use table::{Choices, ColumnKind, EncodedColumn, Encoding, Role, Table, TargetKind, Wanted, Warning};

/// What the columns of a table were found to be: the file `audit.json` of a run, which `--columns` replays.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Found {
    schema: u32,
    table: String,
    rows: usize,
    reading: String,
    targets: Vec<FoundTarget>,
    #[serde(default)]
    ignored: Vec<String>,
    #[serde(default)]
    pub weight: Option<String>,
    #[serde(default)]
    pub group: Option<String>,
    #[serde(default)]
    pub order_by: Option<String>,
    /// What was told of missing cells.
    #[serde(default)]
    missing: Vec<String>,
    /// Columns whose words were taken in one spelling.
    #[serde(default)]
    merged: Vec<String>,
    columns: Vec<EncodedColumn>,
    /// What a person should know of the table.
    #[serde(default)]
    pub warnings: Vec<Warning>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct FoundTarget {
    name: String,
    task: TargetKind,
    why: String,
    #[serde(default)]
    classes: Vec<String>,
    missing: usize,
}

const SCHEMA: u32 = 3;

impl Found {
    /// Those of an experiment.
    ///
    /// # Errors
    /// Where the cells of a large table cannot be read.
    pub fn of(experiment: &Experiment, table: &Table, columns: &Columns) -> Result<Found, Failure> {
        let target = |column: &table::TargetColumn| FoundTarget {
            name: column.name.clone(),
            task: column.kind,
            why: column.why.clone(),
            classes: column.classes.clone(),
            missing: column.missing.len(),
        };
        Ok(Found {
            schema: SCHEMA,
            table: table.name().to_owned(),
            rows: table.rows(),
            reading: table.reading().to_string(),
            targets: experiment.targets().iter().map(target).collect(),
            ignored: columns.choices.ignored.clone(),
            weight: columns.weight.clone(),
            group: columns.group.clone(),
            order_by: columns.order.clone(),
            missing: table.reading().missing.clone(),
            merged: table.reading().merged.clone(),
            columns: experiment.meaning().encoding.columns.clone(),
            warnings: table::warnings(
                table,
                &experiment.meaning().encoding,
                experiment.targets(),
                experiment.split(),
            )?,
        })
    }

    /// Reads the file.
    ///
    /// # Errors
    /// When it is not there, or is none.
    pub fn read(path: &Path) -> Result<Found, Failure> {
        let bytes = table::read_file(path)?;
        let found: Result<Found, _> = serde_json::from_slice(&bytes);
        found.map_err(|error| {
            Failure::bad_input(format!(
                "`{}` is no audit of a table ({error}): give the audit.json of a run's folder",
                path.display()
            ))
        })
    }

    /// The kinds of all inputs, as they are told.
    fn kinds(&self) -> Vec<(String, Wanted)> {
        self.columns.iter().map(|column| (column.name.clone(), column.wanted())).collect()
    }
}

/// The options, and the audit that they replay.
pub struct Recalled {
    /// The options with what the audit says of missing cells and of spellings.
    pub train: Train,
    replayed: Option<Found>,
}

impl Recalled {
    /// Reads the audit, where options name one.
    ///
    /// # Errors
    /// When its file is not there, or is none.
    pub fn of(train: &Train) -> Result<Recalled, Failure> {
        let replayed = train.columns.as_deref().map(Found::read).transpose()?;
        let told = replayed.as_ref().map(|found| (found.missing.as_slice(), found.merged.as_slice()));
        let (missing, merged) = told.unwrap_or_default();
        let train = Train { reading: train.reading.recalling(missing, merged), ..train.clone() };
        Ok(Recalled { train, replayed })
    }

    /// The roles and kinds of a table's columns; `encoding` is that of a model or a checkpoint.
    ///
    /// # Errors
    /// For a kind of inputs that is told of a target.
    pub fn columns(&self, table: &Table, encoding: Option<Encoding>) -> Result<Columns, Failure> {
        let Recalled { train, replayed } = self;
        let mut kinds = replayed.as_ref().map(Found::kinds).unwrap_or_default();
        kinds.retain(|(name, _)| table.column(name).is_some());
        kinds.extend(train.column.iter().cloned());
        let mut ignored: Vec<String> = train.ignore.iter().flat_map(|text| names(table, text)).collect();
        if let Some(found) = replayed {
            ignored.extend(found.ignored.iter().filter(|name| table.column(name).is_some()).cloned());
        }
        let kept = |own: &Option<String>, of: fn(&Found) -> &Option<String>| {
            own.clone().or_else(|| replayed.as_ref().and_then(|found| of(found).clone()))
        };
        let targets: Vec<String> = train.target.iter().flat_map(|text| names(table, text)).collect();
        refuse_kinds_of_targets(train, &targets)?;
        for name in train.reading.merge.iter().flat_map(|text| names(table, text)) {
            Choices::columns_of(table, &name, Role::Kind)?;
        }
        Ok(Columns {
            targets,
            task: train.task,
            positive: train.positive.clone(),
            choices: Choices { kinds, ignored, ..Choices::default() },
            weight: kept(&train.weight, |found| &found.weight),
            group: kept(&train.group, |found| &found.group),
            order: kept(&train.order_by, |found| &found.order_by),
            is_balanced: train.class_weights == Some(ClassWeights::Balanced),
            encoding,
        })
    }
}

/// An error for a kind of inputs that is told of a target.
fn refuse_kinds_of_targets(train: &Train, targets: &[String]) -> Result<(), Failure> {
    let Some((name, wanted)) = train.column.iter().find(|(name, _)| targets.contains(name)) else {
        return Ok(());
    };
    let mend = match wanted.kind {
        ColumnKind::Number => "say `--task numbers` in its place",
        ColumnKind::Category | ColumnKind::Ordered | ColumnKind::Boolean | ColumnKind::TwoValues => {
            "say `--task classes` in its place"
        }
        _ => "a target is `--task numbers`, `--task counts` or `--task classes`",
    };
    Err(Failure::bad_input(format!(
        "`--column {name}={wanted}` says what an input is, and `{name}` is the target: {mend}"
    )))
}

/// The columns that a text names: the one of this name, else those between its commas.
pub fn names(table: &Table, text: &str) -> Vec<String> {
    let is_one = table.column(text).is_some() || !text.contains(',');
    if is_one { vec![text.to_owned()] } else { text.split(',').map(|name| name.trim().to_owned()).collect() }
}
