//! A column that is no plain numbers, while the second pass over a text reads it: numbers with other marks, or words.

use std::sync::Arc;

use crate::column::{Cells, Numbers, Words};
use crate::dictionary::Dictionary;
use crate::error::Error;
use crate::missing::Missing;
use crate::number::read_number;
use crate::reading::Decimal;
use crate::room::Reads;
use crate::spool::{Growing, Spool};
use crate::stored::Stored;

/// What a column is read as.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Numbers(Decimal),
    Words,
}

/// A column while the second pass reads it.
pub(crate) struct Second {
    pub(crate) place: usize,
    read: Read,
    /// Whether words that stand for missing cells are kept too.
    keeps_all: bool,
}

enum Read {
    Numbers(Growing<f64>, Decimal),
    Words {
        /// The words, without the codes of the rows.
        words: Words,
        codes: Growing<u32>,
        /// The place of each word.
        places: Dictionary,
    },
}

impl Second {
    /// A column at its place, of so many rows; its first row of text, where it is of words.
    pub(crate) fn new(place: usize, kind: Kind, count: usize, first_text: usize) -> Second {
        /// More cells may go to a spool.
        const MOST: usize = 1 << 14;
        let count = count.min(MOST);
        let read = match kind {
            Kind::Numbers(decimal) => Read::Numbers(Growing::from(Vec::with_capacity(count)), decimal),
            Kind::Words => Read::Words {
                words: Words { first_text, ..Words::default() },
                codes: Growing::from(Vec::with_capacity(count)),
                places: Dictionary::default(),
            },
        };
        Second { place, read, keeps_all: false }
    }

    /// The cells of a column as they stand, none of them missing.
    pub(crate) fn of_cells(place: usize, count: usize) -> Second {
        Second { keeps_all: true, ..Second::new(place, Kind::Words, count, 0) }
    }

    /// Takes a cell; false where it is not as it was in the first pass.
    pub(crate) fn push(&mut self, cell: &str, missing: &Missing) -> bool {
        match &mut self.read {
            Read::Numbers(values, decimal) => {
                let value = match read_number(cell, *decimal) {
                    Some(value) if missing.has_number(value) => f64::NAN,
                    Some(value) => value,
                    None if missing.has(cell) => f64::NAN,
                    None => return false,
                };
                values.push(value);
            }
            Read::Words { words, codes, places } => {
                let is_number = || cell.parse().is_ok_and(|value| missing.has_number(value));
                let is_missing = !self.keeps_all && (missing.has(cell) || is_number());
                let code = if is_missing {
                    words.note_missing(cell);
                    Words::MISSING
                } else {
                    let Some(code) = places.place(&mut words.distinct, cell) else { return false };
                    code
                };
                codes.push(code);
            }
        }
        true
    }

    /// Whether the last cell is a word.
    #[cfg(feature = "parquet")]
    pub(crate) fn ends_in_word(&self) -> bool {
        matches!(&self.read, Read::Words { codes, .. } if codes.last().is_some_and(|code| code != Words::MISSING))
    }

    /// The bytes that it takes in memory, words and all.
    pub(crate) fn bytes(&self) -> usize {
        match &self.read {
            Read::Numbers(..) => self.held(),
            Read::Words { words, .. } => self.held() + words.distinct.bytes(),
        }
    }

    /// The cells, none of which went to a spool.
    pub(crate) fn cells(self) -> Cells {
        match self.read {
            Read::Numbers(values, _) => Cells::Number(Numbers { values: values.into_held() }),
            Read::Words { words, codes, .. } => Cells::Text(Words { codes: codes.into_held(), ..words }),
        }
    }

    /// The cells, in a spool where there is one.
    pub(crate) fn stored(self, spool: Option<&Arc<Spool>>) -> Result<Stored, Error> {
        match self.read {
            Read::Numbers(values, _) => Stored::numbers(values, spool),
            Read::Words { words, codes, .. } => Stored::words(words, codes, spool),
        }
    }
}

impl Reads for Second {
    fn held(&self) -> usize {
        match &self.read {
            Read::Numbers(values, _) => values.held(),
            Read::Words { codes, .. } => codes.held(),
        }
    }

    fn spool(&mut self, spool: &Spool) -> Result<(), Error> {
        match &mut self.read {
            Read::Numbers(values, _) => values.spool(spool),
            Read::Words { codes, .. } => codes.spool(spool),
        }
    }
}
