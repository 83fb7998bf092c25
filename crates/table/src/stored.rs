//! The cells of a column wherever they are: in memory, or in the spool of a large table, from which they are lent.

use std::borrow::Cow;
use std::sync::Arc;

use crate::column::{Cells, Numbers, Words};
use crate::distinct::Distinct;
use crate::error::Error;
use crate::spool::{Growing, Series, Spool};

/// The cells of a column.
#[derive(Clone, Debug)]
pub(crate) enum Stored {
    Held(Cells),
    Numbers(Series<f64>),
    Words(SpooledWords),
}

/// Words in a spool.
#[derive(Clone, Debug)]
pub(crate) struct SpooledWords {
    text: Series<u8>,
    ends: Series<u64>,
    codes: Series<u32>,
    /// What else is known of them.
    facts: Box<Words>,
}

/// The cells of a column in some rows.
pub(crate) enum Lent<'a> {
    /// All of its cells.
    Held(&'a Cells),
    /// Those of these rows alone, one after the other.
    Numbers(Vec<f64>),
    /// The same, words by their codes.
    Codes(Vec<u32>),
}

/// A cell as it lies in its column.
#[derive(Clone, Copy)]
pub(crate) enum Raw {
    /// NaN where it is missing.
    Number(f64),
    /// The place of a word; none where it is missing.
    Word(Option<usize>),
}

impl Stored {
    /// Numbers that were read, in a spool where there is one.
    pub(crate) fn numbers(values: Growing<f64>, spool: Option<&Arc<Spool>>) -> Result<Stored, Error> {
        Ok(match spool {
            Some(spool) => Stored::Numbers(values.spooled(spool)?),
            None => Stored::Held(Cells::Number(Numbers { values: values.into_held() })),
        })
    }

    /// Words that were read, and their codes.
    pub(crate) fn words(
        words: Words,
        codes: Growing<u32>,
        spool: Option<&Arc<Spool>>,
    ) -> Result<Stored, Error> {
        let Some(spool) = spool else {
            return Ok(Stored::Held(Cells::Text(Words { codes: codes.into_held(), ..words })));
        };
        let codes = codes.spooled(spool)?;
        let Words { distinct, .. } = words;
        let facts = Box::new(Words { distinct: Distinct::default(), ..words });
        let (text, ends) = distinct.into_parts();
        let text = Growing::from(text.into_bytes()).spooled(spool)?;
        let ends = Growing::from(ends).spooled(spool)?;
        Ok(Stored::Words(SpooledWords { text, ends, codes, facts }))
    }

    /// The same cells in a spool.
    pub(crate) fn spooled(self, spool: &Arc<Spool>) -> Result<Stored, Error> {
        match self {
            Stored::Held(Cells::Number(numbers)) => {
                Stored::numbers(Growing::from(numbers.values), Some(spool))
            }
            Stored::Held(Cells::Text(mut words)) => {
                let codes = Growing::from(std::mem::take(&mut words.codes));
                Stored::words(words, codes, Some(spool))
            }
            spooled @ (Stored::Numbers(_) | Stored::Words(_)) => Ok(spooled),
        }
    }

    /// No cells.
    #[cfg(feature = "parquet")]
    pub(crate) fn nothing() -> Stored {
        Stored::Held(Cells::Number(Numbers::default()))
    }

    /// The spool in which they lie, if they do.
    pub(crate) fn spool(&self) -> Option<&Arc<Spool>> {
        match self {
            Stored::Held(_) => None,
            Stored::Numbers(values) => Some(values.spool()),
            Stored::Words(words) => Some(words.codes.spool()),
        }
    }

    /// The bytes of cells in memory.
    #[cfg(feature = "parquet")]
    pub(crate) fn held(&self) -> usize {
        match self {
            Stored::Held(Cells::Number(numbers)) => size_of_val(numbers.values.as_slice()),
            Stored::Held(Cells::Text(words)) => size_of_val(words.codes.as_slice()) + words.distinct.bytes(),
            Stored::Numbers(_) | Stored::Words(_) => 0,
        }
    }

    /// All cells.
    pub(crate) fn cells(&self) -> Result<Cow<'_, Cells>, Error> {
        Ok(match self {
            Stored::Held(cells) => Cow::Borrowed(cells),
            Stored::Numbers(values) => Cow::Owned(Cells::Number(Numbers { values: values.all()? })),
            Stored::Words(words) => {
                let (distinct, codes) = (words.distinct()?, words.codes.all()?);
                Cow::Owned(Cells::Text(Words { distinct, codes, ..(*words.facts).clone() }))
            }
        })
    }

    /// The distinct words of a column of text.
    pub(crate) fn distinct(&self) -> Result<Option<Cow<'_, Distinct>>, Error> {
        Ok(match self {
            Stored::Held(Cells::Text(words)) => Some(Cow::Borrowed(&words.distinct)),
            Stored::Words(words) => Some(Cow::Owned(words.distinct()?)),
            Stored::Held(Cells::Number(_)) | Stored::Numbers(_) => None,
        })
    }

    /// What is known of words but for the words and the rows.
    pub(crate) fn facts(&self) -> Option<&Words> {
        match self {
            Stored::Held(Cells::Text(words)) => Some(words),
            Stored::Words(words) => Some(&words.facts),
            Stored::Held(Cells::Number(_)) | Stored::Numbers(_) => None,
        }
    }

    /// The cells of some rows.
    pub(crate) fn lend(&self, rows: &[usize]) -> Result<Lent<'_>, Error> {
        Ok(match self {
            Stored::Held(cells) => Lent::Held(cells),
            Stored::Numbers(values) => Lent::Numbers(values.at(rows)?),
            Stored::Words(words) => Lent::Codes(words.codes.at(rows)?),
        })
    }
}

/// Cells are equal wherever they lie; those that cannot be read are equal to none.
impl PartialEq for Stored {
    fn eq(&self, other: &Stored) -> bool {
        matches!((self.cells(), other.cells()), (Ok(own), Ok(other)) if own == other)
    }
}

impl SpooledWords {
    fn distinct(&self) -> Result<Distinct, Error> {
        // What was text when it was written is text.
        let text = String::from_utf8(self.text.all()?).unwrap_or_default();
        Ok(Distinct::of_parts(text, self.ends.all()?))
    }
}

impl Lent<'_> {
    /// The cell of a row, which is at this place among those that were asked for; none where there is no such row.
    pub(crate) fn cell(&self, row: usize, at: usize) -> Option<Raw> {
        let word = |code: u32| Raw::Word((code != Words::MISSING).then_some(code as usize));
        match self {
            Lent::Held(Cells::Number(numbers)) => numbers.values.get(row).copied().map(Raw::Number),
            Lent::Held(Cells::Text(words)) => words.codes.get(row).copied().map(word),
            Lent::Numbers(values) => values.get(at).copied().map(Raw::Number),
            Lent::Codes(codes) => codes.get(at).copied().map(word),
        }
    }

    /// The number of a row; NaN where it is missing or there is none.
    pub(crate) fn number(&self, row: usize, at: usize) -> f64 {
        match self.cell(row, at) {
            Some(Raw::Number(value)) => value,
            Some(Raw::Word(_)) | None => f64::NAN,
        }
    }
}
