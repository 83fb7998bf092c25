//! What the columns of a table are for, as a person says it.

use crate::{LearnError, Task};
use std::collections::BTreeSet;
use table::{Choices, Encoding, Order, Role, Table, TargetColumn, TargetKind};

/// The roles of a table's columns; every column without one is an input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// The targets, at least one.
    pub targets: Vec<String>,
    /// What the targets are; found where it is not told.
    pub task: Option<TargetKind>,
    /// The class that counts as positive where there are two; the last by default.
    pub positive: Option<String>,
    /// The kinds of inputs, and columns that are left out; columns with another role need not be among `others`. Its scaling does
    /// not count, but that of the settings.
    pub choices: Choices,
    /// The column of the rows' weights.
    pub weight: Option<String>,
    /// The column whose values no two parts share.
    pub group: Option<String>,
    /// The column by which rows stand in order, so that the last are for the test.
    pub order: Option<String>,
    /// Whether rows of rare classes count as much in training as those of frequent ones.
    pub is_balanced: bool,
    /// What inputs become, as a model has it; fitted to the training rows where it is not given.
    pub encoding: Option<Encoding>,
}

impl Columns {
    /// Targets, and columns that are left out.
    pub fn new<S: AsRef<str>, T: AsRef<str>>(targets: &[S], ignored: &[T]) -> Columns {
        let names = |name: &dyn AsRef<str>| name.as_ref().to_owned();
        Columns {
            targets: targets.iter().map(|name| names(name)).collect(),
            choices: Choices {
                ignored: ignored.iter().map(|name| names(name)).collect(),
                ..Choices::default()
            },
            ..Columns::default()
        }
    }

    /// The targets of a table, and what they are together.
    ///
    /// # Errors
    /// For columns that are not there or cannot be targets together.
    pub fn targets_of(&self, table: &Table) -> Result<(Vec<TargetColumn>, Task), LearnError> {
        // The names are judged as those of a table of numbers are.
        if self.targets.is_empty() {
            return Err(table::Error::NoTarget { file: table.name().to_owned() }.into());
        }
        for (place, name) in self.targets.iter().enumerate() {
            if self.targets[..place].contains(name) {
                return Err(table::Error::RepeatedTarget { name: name.clone() }.into());
            }
            if self.choices.ignored.contains(name) {
                return Err(table::Error::IgnoredTarget { name: name.clone() }.into());
            }
        }
        let find = |name: &String| TargetColumn::find(table, name, self.task);
        let columns = self.targets.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let task = Task::of(&columns, self.positive.as_deref())?;
        Ok((columns, task))
    }

    /// What is said of the inputs, with every other role named.
    pub(super) fn input_choices(&self) -> Choices {
        let roles = self.targets.iter().chain(&self.weight).chain(&self.group);
        let mut choices = self.choices.clone();
        choices.others.extend(roles.cloned());
        choices
    }

    /// Whether every column that an encoding uses is there and an input.
    pub(super) fn may_use(&self, table: &Table, encoding: &Encoding) -> Result<bool, LearnError> {
        let choices = self.input_choices();
        let mut left: BTreeSet<String> = choices.others.into_iter().collect();
        for pattern in &choices.ignored {
            left.extend(Choices::columns_of(table, pattern, Role::Ignored)?);
        }
        let is_input = encoding.used().all(|column| !left.contains(&column.name));
        Ok(is_input && encoding.encode(table, Some(&[])).is_ok())
    }

    /// Which rows a part draws, for targets that were found.
    ///
    /// # Errors
    /// For a column that is not there or cannot be ordered by.
    pub fn order_of(&self, table: &Table, targets: &[TargetColumn]) -> Result<Order, LearnError> {
        Ok(match (&self.group, &self.order, targets) {
            (Some(group), ..) => Order::grouped_by(table, group)?,
            (None, Some(order), _) => Order::ordered_by(table, order)?,
            (None, None, [target]) if target.kind == TargetKind::Classes => {
                Order::Stratified(target.values.iter().map(|value| *value as usize).collect())
            }
            _ => Order::Random,
        })
    }

    /// The weight of each row of a table.
    pub(super) fn weights_of(&self, table: &Table) -> Result<Option<Vec<f64>>, LearnError> {
        let Some(name) = &self.weight else { return Ok(None) };
        if self.targets.contains(name) {
            return Err(LearnError::WeightIsTarget { column: name.clone() });
        }
        let weights = table.weights(name)?;
        if weights.iter().all(|weight| *weight == 0.0) {
            return Err(LearnError::NoWeight { column: name.clone(), file: table.name().to_owned() });
        }
        Ok(Some(weights))
    }
}
