//! A column that is no plain numbers, while the second pass over a text reads it: numbers with other marks, or words.

use crate::column::{Cells, Numbers, Words};
use crate::dictionary::Dictionary;
use crate::missing::Missing;
use crate::number::read_number;
use crate::reading::Decimal;

/// What a column is read as.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Numbers(Decimal),
    Words,
}

/// A column while the second pass reads it.
pub(crate) struct Second {
    pub(crate) place: usize,
    kind: Kind,
    pub(crate) cells: Cells,
    /// The place of each word.
    codes: Dictionary,
    /// Whether words that stand for missing cells are kept too.
    keeps_all: bool,
}

impl Second {
    /// A column at its place, of so many rows; its first row of text, where it is of words.
    pub(crate) fn new(place: usize, kind: Kind, count: usize, first_text: usize) -> Second {
        let cells = match kind {
            Kind::Numbers(_) => Cells::Number(Numbers { values: Vec::with_capacity(count) }),
            Kind::Words => {
                Cells::Text(Words { codes: Vec::with_capacity(count), first_text, ..Words::default() })
            }
        };
        Second { place, kind, cells, codes: Dictionary::default(), keeps_all: false }
    }

    /// The cells of a column as they stand, none of them missing.
    pub(crate) fn of_cells(place: usize, count: usize) -> Second {
        Second { keeps_all: true, ..Second::new(place, Kind::Words, count, 0) }
    }

    /// Takes a cell; false where it is not as it was in the first pass.
    pub(crate) fn push(&mut self, cell: &str, missing: &Missing) -> bool {
        match (&mut self.cells, self.kind) {
            (Cells::Number(numbers), Kind::Numbers(decimal)) => {
                let value = match read_number(cell, decimal) {
                    Some(value) if missing.has_number(value) => f64::NAN,
                    Some(value) => value,
                    None if missing.has(cell) => f64::NAN,
                    None => return false,
                };
                numbers.values.push(value);
            }
            (Cells::Text(words), _) => {
                let is_number = || cell.parse().is_ok_and(|value| missing.has_number(value));
                let is_missing = !self.keeps_all && (missing.has(cell) || is_number());
                let code = if is_missing {
                    words.note_missing(cell);
                    Words::MISSING
                } else {
                    let Some(code) = self.codes.place(&mut words.distinct, cell) else { return false };
                    code
                };
                words.codes.push(code);
            }
            (Cells::Number(_), Kind::Words) => return false,
        }
        true
    }
}
