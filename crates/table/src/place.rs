//! Where a cell stands and what its column is used for, which decides how it can be mended.

use std::fmt;

use crate::words::{argument, short};

/// Where a cell stands, and what its column is used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as its path was given.
    pub file: String,
    /// The line of the file, counted from 1; none for a table that was made in memory.
    pub line: Option<usize>,
    /// The data row, counted from 0 as in row files.
    pub row: usize,
    /// The column's name.
    pub column: String,
    /// What the column is used for.
    pub role: Role,
}

/// What a column is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Something to predict from, in training: it can be ignored.
    Input,
    /// What is to be predicted.
    Target,
    /// A column to leave out.
    Ignored,
    /// A column whose kind was told.
    Kind,
    /// What rows are grouped by in a split.
    Group,
    /// What rows are ordered by in a split.
    Order,
    /// What says how much each row counts.
    Weight,
    /// An input of a trained model: it is needed.
    ModelInput,
    /// What a trained model predicts, to judge it by.
    ModelTarget,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { file, line, row, column, role: _ } = self;
        match line {
            Some(line) => write!(f, "{file}, line {line} (row {row}, counted from 0)")?,
            None => write!(f, "{file}, row {row} (counted from 0)")?,
        }
        write!(f, ", column `{}`", short(column))
    }
}

/// The mend of a bad cell: an input may be ignored, a target or a model's input may not.
pub(crate) fn mend_cell(f: &mut fmt::Formatter<'_>, place: &Place, repair: &str) -> fmt::Result {
    match place.role {
        Role::Input | Role::Ignored | Role::Kind => {
            write!(
                f,
                "{repair}, remove the row, or leave the column out with `--ignore {}`",
                argument(&place.column)
            )
        }
        Role::Target => write!(f, "{repair}, remove the row, or choose another target"),
        Role::ModelTarget => write!(f, "{repair}, or remove the row"),
        Role::Group | Role::Order => {
            write!(f, "{repair} or remove the row, for the rows are parted by this column")
        }
        Role::Weight => write!(f, "{repair}, remove the row, or leave `--weight` out"),
        Role::ModelInput => write!(f, "{repair} or remove the row, for the model needs this column"),
    }
}
