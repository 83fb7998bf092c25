//! What a model learns from: the matrix of inputs beside the matrix of targets.

use crate::column::Column;
use crate::error::Error;
use crate::matrix::Matrix;
use crate::place::Role;
use crate::table::Table;

/// The inputs and targets of every row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// The names of the columns of `x`.
    pub inputs: Vec<String>,
    /// The names of the columns of `y`.
    pub targets: Vec<String>,
    /// The inputs, rows x inputs.
    pub x: Matrix,
    /// The targets, rows x targets.
    pub y: Matrix,
}

impl Dataset {
    /// All columns but the targets and the ignored ones as inputs, in the order of the table, beside the targets in
    /// the order given.
    ///
    /// # Errors
    /// For a target or ignored name that is no column, no target, a target named twice or ignored, no column left to
    /// predict from, and a cell in use that is text, missing, NaN or infinite.
    pub fn new<S: AsRef<str>, T: AsRef<str>>(
        table: &Table,
        targets: &[S],
        ignored: &[T],
    ) -> Result<Dataset, Error> {
        let targets = names(targets);
        let ignored = names(ignored);
        if targets.is_empty() {
            return Err(Error::NoTarget { file: table.file.clone() });
        }
        for (place, target) in targets.iter().enumerate() {
            table.find(target, Role::Target)?;
            if targets[..place].contains(target) {
                return Err(Error::RepeatedTarget { name: target.clone() });
            }
            if ignored.contains(target) {
                return Err(Error::IgnoredTarget { name: target.clone() });
            }
        }
        for name in &ignored {
            table.find(name, Role::Ignored)?;
        }
        let used = |column: &&Column| !targets.contains(&column.name) && !ignored.contains(&column.name);
        let inputs: Vec<String> =
            table.columns().iter().filter(used).map(|column| column.name.clone()).collect();
        if inputs.is_empty() {
            return Err(Error::NoInputs { file: table.file.clone(), columns: table.columns().len() });
        }
        let y = table.matrix_for(&targets, None, Role::Target)?;
        let x = table.matrix_for(&inputs, None, Role::Input)?;
        Ok(Dataset { inputs, targets, x, y })
    }

    /// The inputs and targets of a trained model from another table, whatever other columns it has.
    ///
    /// # Errors
    /// For a column that the table does not have, and a cell in use that is text, missing, NaN or infinite.
    pub fn for_model<S: AsRef<str>, T: AsRef<str>>(
        table: &Table,
        inputs: &[S],
        targets: &[T],
    ) -> Result<Dataset, Error> {
        let x = table.model_inputs(inputs)?;
        let y = table.matrix_for(targets, None, Role::Target)?;
        Ok(Dataset { inputs: names(inputs), targets: names(targets), x, y })
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.x.rows()
    }

    /// The given rows, counted from 0, in the given order.
    ///
    /// # Errors
    /// For a row beyond the last.
    pub fn select_rows(&self, rows: &[usize]) -> Result<Dataset, Error> {
        Ok(Dataset {
            inputs: self.inputs.clone(),
            targets: self.targets.clone(),
            x: self.x.select_rows(rows)?,
            y: self.y.select_rows(rows)?,
        })
    }
}

fn names<S: AsRef<str>>(names: &[S]) -> Vec<String> {
    names.iter().map(|name| name.as_ref().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: &[&str] = &[];

    fn table() -> Table {
        Table::parse("t", b"id,a,y,b\nk1,1,10,3\nk2,2,20,4\n").unwrap()
    }

    #[test]
    fn inputs_are_what_is_neither_target_nor_ignored() {
        let data = Dataset::new(&table(), &["y"], &["id"]).unwrap();
        assert_eq!(data.inputs, ["a", "b"]);
        assert_eq!(data.x.data(), [1.0, 3.0, 2.0, 4.0]);
        assert_eq!(data.y.data(), [10.0, 20.0]);
        assert_eq!(data.select_rows(&[1]).unwrap().y.data(), [20.0]);
    }

    #[test]
    fn several_targets_keep_the_order_given() {
        let data = Dataset::new(&table(), &["b", "a"], &["id"]).unwrap();
        assert_eq!(data.inputs, ["y"]);
        assert_eq!(data.y.data(), [3.0, 1.0, 4.0, 2.0]);
    }

    #[test]
    fn a_model_finds_its_columns_by_name() {
        let data = Dataset::for_model(&table(), &["b", "a"], &["y"]).unwrap();
        assert_eq!(data.x.data(), [3.0, 1.0, 4.0, 2.0]);
        assert_eq!(data.inputs, ["b", "a"]);
    }

    #[test]
    fn wrong_choices_of_columns_are_refused() {
        let table = table();
        let error = |targets: &[&str], ignored: &[&str]| Dataset::new(&table, targets, ignored).unwrap_err();
        assert!(matches!(error(NONE, NONE), Error::NoTarget { .. }));
        assert!(matches!(error(&["y", "y"], NONE), Error::RepeatedTarget { .. }));
        assert!(matches!(error(&["y"], &["y"]), Error::IgnoredTarget { .. }));
        assert!(matches!(error(&["y"], &["id", "a", "b"]), Error::NoInputs { .. }));
        assert!(matches!(error(&["y"], &["ids"]), Error::NoColumn { role: Role::Ignored, .. }));
        assert!(matches!(error(&["z"], NONE), Error::NoColumn { role: Role::Target, .. }));
    }
}
