//! Encoded rows: numbers, and what was missing or unseen among the cells that they come from.

use std::collections::BTreeMap;

/// Encoded rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Encoded {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub width: usize,
    /// The numbers, row by row, all finite.
    pub values: Vec<f32>,
    /// What was missing or unseen.
    pub tally: Tally,
}

/// What was missing or unseen among rows that were encoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The number of rows.
    pub rows: usize,
    /// The columns with such cells, by name.
    pub columns: BTreeMap<String, ColumnTally>,
}

/// The cells of a column that are no ordinary ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ColumnTally {
    /// Missing cells.
    pub missing: usize,
    /// Values that the training rows do not have, where each value has a column of its own; they became zeros.
    pub unseen: usize,
    /// Numbers more than ten times the width of the training rows' range beyond that range.
    pub far: usize,
    /// Numbers with a sign of money or per cent beside them that the training rows do not have, or without the one they have.
    pub other_sign: usize,
    /// Numbers that were taken for a value of the training rows with other zeros in front, such as 1234 for 01234.
    pub alike: usize,
}

/// A number that encoded values are rounded to: `f32` or `f64`.
pub trait Rounded: Copy + Default {
    /// The nearest finite number.
    fn rounded(value: f64) -> Self;
}

impl Rounded for f32 {
    fn rounded(value: f64) -> f32 {
        value.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32
    }
}

impl Rounded for f64 {
    fn rounded(value: f64) -> f64 {
        value.clamp(f64::MIN, f64::MAX)
    }
}

impl Tally {
    /// Adds what was found among further rows.
    pub fn add(&mut self, other: &Tally) {
        self.rows += other.rows;
        for (name, further) in &other.columns {
            let column = self.columns.entry(name.clone()).or_default();
            column.missing += further.missing;
            column.unseen += further.unseen;
            column.far += further.far;
            column.other_sign += further.other_sign;
            column.alike += further.alike;
        }
    }
}
