//! The encoding of one table after the other: what each value is to a column is looked up once.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::column::{Cells, Column};
use crate::encoded::{ColumnTally, Rounded, Tally};
use crate::encoding::{EncodedColumn, Encoding};
use crate::error::Error;
use crate::kind::ColumnKind;
use crate::part::{Cell, Part, Reader};
use crate::place::Role;
use crate::reading::Decimal;
use crate::stored::{Lent, Raw};
use crate::table::Table;

/// Encodes one table after the other, such as the blocks of a long one. Columns are looked up again only where a table has others.
pub struct Encoder<'a> {
    width: usize,
    columns: Vec<Way<'a>>,
}

/// A table that is to be encoded, its distinct words looked up.
pub struct TableEncoder<'e, 't> {
    table: &'t Table,
    width: usize,
    columns: Vec<Source<'e, 't>>,
}

/// The way of a column into its part of the matrix.
struct Way<'a> {
    name: &'a str,
    part: &'a Part,
    reader: Reader<'a>,
    /// Where its part begins.
    at: usize,
    /// Whether it is the place of the 1 alone.
    is_coded: bool,
    /// Where the last table had it.
    place: usize,
}

/// A column of a table that is encoded.
struct Source<'e, 't> {
    way: &'e Way<'e>,
    column: &'t Column,
    /// What each distinct word is.
    words: Vec<Option<Cell>>,
}

impl<'a> Encoder<'a> {
    pub(crate) fn new(encoding: &'a Encoding, coded: bool) -> Encoder<'a> {
        let codes = if coded { encoding.codes().len() } else { 0 };
        let written = encoding.used().count() - codes;
        let mut width = 0;
        let way = |(place, EncodedColumn { name, part, .. }): (usize, &'a EncodedColumn)| {
            let (at, is_coded) = (width, place >= written);
            width += if is_coded { 1 } else { part.width() };
            Way { name, part, reader: Reader::new(part, Decimal::Point), at, is_coded, place: usize::MAX }
        };
        let columns = encoding.used().enumerate().map(way).collect();
        Encoder { width, columns }
    }

    /// Numbers of an encoded row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Turns to a table, whatever other columns it has.
    ///
    /// # Errors
    /// For a column that the table does not have.
    pub fn on<'t>(&mut self, table: &'t Table) -> Result<TableEncoder<'_, 't>, Error> {
        let is_there =
            |way: &Way| table.columns().get(way.place).is_some_and(|column| column.name() == way.name);
        if !self.columns.iter().all(is_there) {
            // A table may have a hundred thousand columns, so each name is looked up once. The map is never walked through.
            let names = table.columns().iter().map(Column::name);
            let places: HashMap<&str, usize> = names.enumerate().map(|(place, name)| (name, place)).collect();
            for way in &mut self.columns {
                way.place =
                    *places.get(way.name).ok_or_else(|| table.no_column(way.name, Role::ModelInput))?;
            }
        }
        let decimal = table.reading().decimal.unwrap_or(Decimal::Point);
        self.columns.iter_mut().for_each(|way| way.reader.decimal = decimal);
        let sources = self.columns.iter().map(|way| {
            let column = &table.columns()[way.place];
            let words = column.stored.distinct()?;
            let words = words.iter().flat_map(|words| words.iter()).map(|word| way.reader.word(word));
            Ok(Source { way, column, words: words.collect() })
        });
        Ok(TableEncoder { table, width: self.width, columns: sources.collect::<Result<_, Error>>()? })
    }
}

/// Of so many rows cells are lent at once where they do not lie in memory, or of fewer where there are many columns.
const LENT_ROWS: usize = 1 << 12;
const LENT_CELLS: usize = 1 << 18;
const FEWEST_LENT: usize = 1 << 6;

impl TableEncoder<'_, '_> {
    /// Looks at every cell of all rows, or of these, and writes nothing.
    ///
    /// # Errors
    /// As for [`Encoding::encode`].
    pub fn verify(&self, rows: Option<&[usize]>) -> Result<(), Error> {
        self.refuse_unknown(rows)?;
        for source in &self.columns {
            let count = rows.map_or(self.table.rows(), <[usize]>::len);
            for first in (0..count).step_by(LENT_ROWS) {
                let chosen = chosen(rows, first, count.min(first + LENT_ROWS));
                let lent = source.column.stored.lend(&chosen)?;
                let is_wrong = |&(at, row): &(usize, &usize)| source.cell(&lent, *row, at).is_none();
                if let Some((_, row)) = chosen.iter().enumerate().find(is_wrong) {
                    return Err(source.error(self.table, *row));
                }
            }
        }
        Ok(())
    }

    /// An error for a row beyond the last.
    fn refuse_unknown(&self, rows: Option<&[usize]>) -> Result<(), Error> {
        let unknown = rows.and_then(|rows| rows.iter().find(|&&row| row >= self.table.rows()));
        unknown.map_or(Ok(()), |&row| Err(Error::NoRow { row, rows: self.table.rows() }))
    }

    /// Puts the encoded rows, one behind the other, where they are wanted: `rows * width` numbers.
    ///
    /// # Errors
    /// As for [`Encoding::encode_into`].
    pub fn encode_into<T: Rounded>(&self, rows: Option<&[usize]>, into: &mut [T]) -> Result<Tally, Error> {
        let TableEncoder { table, width, columns } = self;
        let (width, count) = (*width, rows.map_or(table.rows(), <[usize]>::len));
        if count.checked_mul(width) != Some(into.len()) {
            return Err(Error::WrongCount { cells: into.len(), rows: count, columns: width });
        }
        self.refuse_unknown(rows)?;
        let mut tallies = vec![ColumnTally::default(); columns.len()];
        let lent = LENT_CELLS.checked_div(columns.len()).unwrap_or(1).clamp(FEWEST_LENT, LENT_ROWS);
        // Blocks of rows stay in the cache while the columns pass.
        let block = (1_usize << 15).checked_div(width).unwrap_or(1).max(1);
        let lent = block * (lent / block).max(1);
        for first in (0..count).step_by(lent) {
            let last = count.min(first + lent);
            let into = &mut into[first * width..last * width];
            self.encode_some((&chosen(rows, first, last), block), into, &mut tallies)?;
        }
        let found = columns.iter().zip(tallies).filter(|(_, tally)| *tally != ColumnTally::default());
        let columns = found.map(|(source, tally)| (source.column.name().to_owned(), tally)).collect();
        Ok(Tally { rows: count, columns })
    }

    /// The same of rows whose cells are lent at once.
    fn encode_some<T: Rounded>(
        &self,
        (rows, block): (&[usize], usize),
        into: &mut [T],
        tallies: &mut [ColumnTally],
    ) -> Result<(), Error> {
        let TableEncoder { table, width, columns } = self;
        let lent = columns.iter().map(|source| source.column.stored.lend(rows));
        let lent = lent.collect::<Result<Vec<Lent>, Error>>()?;
        into.fill(T::default());
        for first in (0..rows.len()).step_by(block) {
            let last = rows.len().min(first + block);
            for ((source, lent), tally) in columns.iter().zip(&lent).zip(&mut *tallies) {
                let Way { part, at, is_coded, .. } = source.way;
                for (place, &row) in rows.iter().enumerate().take(last).skip(first) {
                    let cell = source.cell(lent, row, place).ok_or_else(|| source.error(table, row))?;
                    tally.note(part, &cell);
                    let at = place * width + at;
                    if *is_coded {
                        into[at] = T::rounded(-1.0);
                        part.encode(&cell, |one, _| into[at] = T::rounded(one as f64));
                        continue;
                    }
                    part.encode(&cell, |offset, value| into[at + offset] = T::rounded(value));
                }
            }
        }
        Ok(())
    }
}

/// The rows at some places among all rows or among these.
fn chosen(rows: Option<&[usize]>, first: usize, last: usize) -> Cow<'_, [usize]> {
    rows.map_or_else(|| (first..last).collect(), |rows| Cow::Borrowed(&rows[first..last]))
}

impl Source<'_, '_> {
    fn cell(&self, lent: &Lent, row: usize, at: usize) -> Option<Cell> {
        match lent.cell(row, at)? {
            Raw::Number(value) if value.is_nan() => Some(Cell::Missing),
            Raw::Number(value) if value.is_infinite() => None,
            Raw::Number(value) => self.way.reader.number(value),
            Raw::Word(None) => Some(Cell::Missing),
            Raw::Word(Some(place)) => self.words.get(place).copied().flatten(),
        }
    }

    /// Why a cell is none that the column can have.
    fn error(&self, table: &Table, row: usize) -> Error {
        let place = table.place(row, self.column, Role::ModelInput);
        let cells = match self.column.cells() {
            Ok(cells) => cells,
            Err(error) => return error,
        };
        match &*cells {
            Cells::Number(numbers) if numbers.values[row].is_infinite() => {
                Error::NotFinite { place, value: numbers.values[row] }
            }
            Cells::Number(numbers) => {
                Error::WrongKind { place, cell: numbers.values[row].to_string(), kind: ColumnKind::Date }
            }
            Cells::Text(words) => {
                let kind = if matches!(self.way.part, Part::Date { .. }) {
                    ColumnKind::Date
                } else {
                    ColumnKind::Number
                };
                Error::WrongKind { place, cell: words.get(row).unwrap_or_default().to_owned(), kind }
            }
        }
    }
}

impl ColumnTally {
    fn note(&mut self, part: &Part, cell: &Cell) {
        let is_other = matches!(part, Part::Category { other: true, .. });
        match cell {
            Cell::Missing => self.missing += 1,
            Cell::Unseen if !is_other && *part != Part::Missing => self.unseen += 1,
            Cell::Number(value) => self.far += usize::from(part.is_far(*value)),
            Cell::OtherSign(value) => {
                self.other_sign += 1;
                self.far += usize::from(part.is_far(*value));
            }
            Cell::Alike(_) => self.alike += 1,
            Cell::Unseen | Cell::Place(_) | Cell::Moment(_) => {}
        }
    }
}
