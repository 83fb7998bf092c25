//! A column of a table: its name and its cells, numbers or text.

use std::borrow::Cow;

use crate::distinct::Distinct;
use crate::error::Error;
use crate::number::is_beyond_double;
use crate::stored::Stored;
use crate::words::{argument, short};

/// A named column. Its type is [`ColumnType::Text`] as soon as one cell is text.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub(crate) name: String,
    pub(crate) stored: Stored,
}

/// The cells of a column, in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded<'a>(Cow<'a, Cells>);

/// Whether a column holds numbers or text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Every cell that is not missing is a number (infinities written as numbers among them).
    Number,
    /// Some cell is not a number.
    Text,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cells {
    Number(Numbers),
    Text(Words),
}

/// The cells of a column of numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Numbers {
    /// One a row; a missing cell is NaN, and nothing else is.
    pub(crate) values: Vec<f64>,
}

/// The cells of a column of text, each distinct word stored once.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Words {
    /// The distinct words in the order in which they first appear.
    pub(crate) distinct: Distinct,
    /// For each row the place of its word in `distinct`, or [`Words::MISSING`].
    pub(crate) codes: Vec<u32>,
    /// The first row whose cell made this a column of text.
    pub(crate) first_text: usize,
    /// The words, at most [`Words::MOST_MISSING`], that were taken as missing cells; in text they may be values.
    pub(crate) missing_words: Vec<String>,
}

impl Column {
    /// The name in the header.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn new(name: String, cells: Cells) -> Column {
        Column { name, stored: Stored::Held(cells) }
    }

    /// Whether the column holds numbers or text.
    pub fn column_type(&self) -> ColumnType {
        if self.stored.facts().is_some() { ColumnType::Text } else { ColumnType::Number }
    }

    /// The number of missing cells.
    ///
    /// # Errors
    /// As for [`Column::loaded`].
    pub fn missing(&self) -> Result<usize, Error> {
        Ok(self.cells()?.missing())
    }

    /// The cells. Those of a large table are read from where they lie meanwhile, so they are to be dropped after use.
    ///
    /// # Errors
    /// Where the temporary file of a large table cannot be read.
    pub fn loaded(&self) -> Result<Loaded<'_>, Error> {
        Ok(Loaded(self.cells()?))
    }

    pub(crate) fn cells(&self) -> Result<Cow<'_, Cells>, Error> {
        self.stored.cells()
    }

    /// Which words of a column of text were taken as missing cells and may be values, with the option that makes them so.
    pub(crate) fn missing_note(&self) -> Option<String> {
        let words = self.stored.facts()?;
        let taken = || words.missing_words.iter().filter(|word| word.contains(char::is_alphabetic));
        let option = argument(&format!("not:{}", taken().next()?));
        let taken: Vec<String> = taken().map(|word| format!("`{}`", short(word))).collect();
        Some(format!("{} taken as missing (`--missing {option}` makes it a value)", taken.join(" and ")))
    }
}

impl Loaded<'_> {
    /// The values of a column of numbers, one a row, a missing cell as NaN; `None` for a column of text.
    pub fn numbers(&self) -> Option<&[f64]> {
        self.0.numbers()
    }

    /// The text of a cell, without the blanks around it; `None` in a column of numbers, for a missing cell, and
    /// beyond the last row.
    pub fn text(&self, row: usize) -> Option<&str> {
        match &*self.0 {
            Cells::Number(_) => None,
            Cells::Text(words) => words.get(row),
        }
    }

    /// The distinct texts of a column of text, in the order in which they first appear; `None` for a column of numbers.
    pub fn distinct(&self) -> Option<Vec<&str>> {
        match &*self.0 {
            Cells::Number(_) => None,
            Cells::Text(words) => Some(words.distinct.iter().collect()),
        }
    }
}

impl Cells {
    /// The values of numbers; none of words.
    pub(crate) fn numbers(&self) -> Option<&[f64]> {
        match self {
            Cells::Number(numbers) => Some(&numbers.values),
            Cells::Text(_) => None,
        }
    }

    /// The number of missing cells.
    pub(crate) fn missing(&self) -> usize {
        match self {
            Cells::Number(numbers) => numbers.values.iter().filter(|value| value.is_nan()).count(),
            Cells::Text(words) => words.places().filter(Option::is_none).count(),
        }
    }
}

impl Words {
    /// The code of a missing cell. It is the place of no word.
    pub(crate) const MISSING: u32 = u32::MAX;

    pub(crate) fn get(&self, row: usize) -> Option<&str> {
        self.distinct.get(self.place(row)?)
    }

    /// The place of a row's word; none where it is missing.
    pub(crate) fn place(&self, row: usize) -> Option<usize> {
        self.codes.get(row).filter(|&&code| code != Words::MISSING).map(|&code| code as usize)
    }

    /// The number of each word, where all are plain numbers: codes with leading zeros, or whole numbers that doubles do not hold.
    pub(crate) fn plain_numbers(&self) -> Option<Vec<f64>> {
        let number = |word: &str| word.parse().ok().filter(|value: &f64| value.is_finite());
        self.distinct.iter().map(number).collect()
    }

    /// Whether the words are whole numbers of which doubles do not hold all.
    pub(crate) fn are_beyond_doubles(&self) -> bool {
        self.distinct.iter().any(is_beyond_double) && self.plain_numbers().is_some()
    }

    /// The places of all rows' words.
    pub(crate) fn places(&self) -> impl ExactSizeIterator<Item = Option<usize>> + '_ {
        self.codes.iter().map(|&code| (code != Words::MISSING).then_some(code as usize))
    }

    /// So many words that were taken as missing are kept.
    const MOST_MISSING: usize = 4;

    /// Keeps a word that was taken as missing.
    pub(crate) fn note_missing(&mut self, word: &str) {
        let is_known = word.is_empty() || self.missing_words.iter().any(|known| known == word);
        if !is_known && self.missing_words.len() < Words::MOST_MISSING {
            self.missing_words.push(word.to_owned());
        }
    }

    /// The first cell that makes this a column of text: its row and its word.
    pub(crate) fn first_text(&self) -> (usize, &str) {
        (self.first_text, self.get(self.first_text).unwrap_or_default())
    }
}
