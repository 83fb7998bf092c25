//! The rows of a text of cells, each with as many cells as there are columns.

use std::io::Read;

use crate::charset::{Charset, Decoded};
use crate::dialect::{Dialect, Header};
use crate::error::Error;
use crate::names::Names;
use crate::reading::Delimiter;
use crate::records::{Fault, Record, Records};
use crate::source::Source;

/// The rows of a text, each with as many cells as there are columns.
pub(crate) struct Rows<'a> {
    records: Records<Decoded<Box<dyn Read + 'a>>>,
    source: &'a Source<'a>,
    pub(crate) names: Names,
    delimiter: Delimiter,
    /// Whether the record at hand is still to be given as a row.
    is_ahead: bool,
    /// The line of names as it stands above the rows; empty where there is none, or one of a single name.
    header: Vec<String>,
    /// How many lines so far repeat it.
    pub(crate) repeats: usize,
}

impl<'a> Rows<'a> {
    /// The rows of a file from its first on.
    ///
    /// # Errors
    /// For a file without a line of cells.
    pub(crate) fn open(
        source: &'a Source<'a>,
        encoding: Charset,
        dialect: &Dialect,
    ) -> Result<Rows<'a>, Error> {
        let mut rows = Rows {
            records: Records::new(encoding.decode(source.read()?), dialect.signs),
            source,
            names: Names::default(),
            delimiter: dialect.signs.delimiter,
            is_ahead: false,
            header: Vec::new(),
            repeats: 0,
        };
        if dialect.has_sep_line {
            rows.records.pass_line().map_err(|fault| rows.error(fault))?;
        }
        if !rows.advance()? {
            return Err(Error::Empty { file: source.file.clone() });
        }
        let names = {
            let first = || rows.record().cells().map(str::to_owned);
            match &dialect.header {
                Header::First => Names::new(first()),
                Header::ButIndex => Names::new(std::iter::once(String::new()).chain(first())),
                Header::ButEnd => Names::new(first().chain(std::iter::once(String::new()))),
                Header::Comment(names) => Names::new(names.iter().cloned()),
                Header::None => Names::new((1..=rows.record().len()).map(|place| format!("c{place}"))),
            }
        };
        rows.names = names;
        let is_name = |cell: &str| cell.parse::<f64>().is_err() && !cell.is_empty();
        if dialect.header == Header::First && rows.record().len() > 1 && rows.record().cells().any(is_name) {
            rows.header = rows.record().cells().map(str::to_owned).collect();
        }
        // The first record may be a row.
        rows.is_ahead = matches!(dialect.header, Header::Comment(_) | Header::None);
        Ok(rows)
    }

    fn advance(&mut self) -> Result<bool, Error> {
        let next = self.records.next().map(|record| record.is_some());
        next.map_err(|fault| self.error(fault))
    }

    fn error(&self, fault: Fault) -> Error {
        fault.into_error(&self.source.file, |error, line| self.source.failed(error, line))
    }

    /// Goes on to the next row; false at the end.
    pub(crate) fn next(&mut self) -> Result<bool, Error> {
        let width = self.names.names.len();
        loop {
            if !std::mem::take(&mut self.is_ahead) && !self.advance()? {
                return Ok(false);
            }
            let record = self.record();
            if record.len() == width {
                // Files that were joined have their line of names again.
                if !self.header.is_empty() && record.cells().eq(self.header.iter().map(String::as_str)) {
                    self.repeats += 1;
                    continue;
                }
                return Ok(true);
            }
            // A line of blanks is no row of a table of several columns.
            if !(record.len() == 1 && record.is_blank()) {
                return Err(Error::RaggedRow {
                    file: self.source.file.clone(),
                    line: record.line,
                    cells: record.len(),
                    columns: width,
                    delimiter: self.delimiter,
                });
            }
        }
    }

    /// The row at hand.
    pub(crate) fn record(&self) -> &Record {
        self.records.record()
    }

    /// How many lines so far were comments.
    pub(crate) fn comments(&self) -> usize {
        self.records.comments
    }
}
