//! Comma-separated values -> a table.

use std::collections::HashMap;

use csv::{ByteRecord, ReaderBuilder};

use crate::column::{Cell, Cells, Column, Numbers, Words};
use crate::error::Error;
use crate::table::{Lines, Table, check_names};

/// Reads a table from the bytes of a file; `file` is how messages call it.
///
/// The first pass takes every cell as a number and finds the columns where that fails; only when there are such
/// columns does a second pass read their text. So a table of numbers is read once, and no cell is kept in two forms.
pub(crate) fn parse(name: String, file: String, bytes: &[u8]) -> Result<Table, Error> {
    let text = decode(&file, bytes)?;
    let mut records = Records::new(text);
    let header = records.next().ok_or_else(|| Error::Empty { file: file.clone() })?;
    let names: Vec<String> = cells(header).map(|name| name.trim().to_owned()).collect();
    check_names(&file, &names.iter().map(String::as_str).collect::<Vec<_>>())?;

    let mut columns: Vec<Option<Numbers>> = vec![Some(Numbers::default()); names.len()];
    let mut lines = Lines::default();
    let mut rows = 0;
    while records.next().is_some() {
        let line = records.line;
        if records.record.len() != names.len() {
            return Err(Error::RaggedRow { file, line, cells: records.record.len(), columns: names.len() });
        }
        lines.note(rows, line);
        for (column, cell) in columns.iter_mut().zip(cells(&records.record)) {
            let Some(numbers) = column else { continue };
            match Cell::read(cell) {
                Cell::Number(value) => numbers.values.push(value),
                Cell::Missing => {
                    numbers.missing.push(rows);
                    numbers.values.push(f64::NAN);
                }
                Cell::Text(_) => *column = None,
            }
        }
        rows += 1;
    }
    if rows == 0 {
        return Err(Error::HeaderOnly { file, columns: names.len() });
    }

    let mut words = read_words(text, &columns, rows).into_iter();
    let columns = names
        .into_iter()
        .zip(columns)
        .map(|(name, numbers)| {
            let cells = match numbers {
                Some(numbers) => Cells::Number(numbers),
                None => Cells::Text(words.next().expect("each column without numbers was read as words")),
            };
            Column { name, cells }
        })
        .collect();
    Ok(Table { name, file, rows, columns, lines })
}

/// The words of the columns that are not numbers, in the order of the columns.
fn read_words(text: &str, columns: &[Option<Numbers>], rows: usize) -> Vec<Words> {
    let places: Vec<usize> = (0..columns.len()).filter(|&place| columns[place].is_none()).collect();
    if places.is_empty() {
        return Vec::new();
    }
    let new_words = || Words { distinct: Vec::new(), codes: Vec::with_capacity(rows) };
    let mut words: Vec<Words> = places.iter().map(|_| new_words()).collect();
    // The maps are only looked up, never walked through.
    let mut codes: Vec<HashMap<String, usize>> = vec![HashMap::new(); places.len()];
    let mut records = Records::new(text);
    records.next();
    while let Some(record) = records.next() {
        for ((words, codes), &place) in words.iter_mut().zip(&mut codes).zip(&places) {
            let cell = cell(record, place);
            let code = match Cell::read(cell) {
                Cell::Missing => Words::MISSING,
                Cell::Number(_) | Cell::Text(_) => {
                    let word = cell.trim();
                    codes.get(word).copied().unwrap_or_else(|| {
                        let code = words.distinct.len();
                        words.distinct.push(word.to_owned());
                        codes.insert(word.to_owned(), code);
                        code
                    })
                }
            };
            words.codes.push(code);
        }
    }
    words
}

/// The records of a text, one at a time, each with the line on which it begins.
struct Records<'a> {
    text: &'a [u8],
    reader: csv::Reader<&'a [u8]>,
    record: ByteRecord,
    /// The line of `record`, counted from 1.
    line: usize,
    /// How many bytes of the text were counted into `line`.
    counted: usize,
}

impl<'a> Records<'a> {
    fn new(text: &'a str) -> Records<'a> {
        // Ragged rows are let through here, so that the caller can say what is wrong with them.
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        Records { text: text.as_bytes(), reader, record: ByteRecord::new(), line: 1, counted: 0 }
    }

    fn next(&mut self) -> Option<&ByteRecord> {
        // Reading from memory does not fail, and rows of any length are let through.
        if !self.reader.read_byte_record(&mut self.record).unwrap_or(false) {
            return None;
        }
        // A record's position may still point at the line breaks before it.
        let position = self.record.position().map_or(self.counted, |position| position.byte() as usize);
        let rest = self.text.get(position..).unwrap_or_default();
        let breaks = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = (position + breaks).max(self.counted);
        self.line += line_breaks(self.text.get(self.counted..start).unwrap_or_default());
        self.counted = start;
        Some(&self.record)
    }
}

/// The number of line breaks: CRLF, LF or CR.
fn line_breaks(bytes: &[u8]) -> usize {
    let mut breaks = 0;
    let mut before = b' ';
    for &byte in bytes {
        let ends_line = byte == b'\r' || (byte == b'\n' && before != b'\r');
        breaks += usize::from(ends_line);
        before = byte;
    }
    breaks
}

/// The text of a file without its byte order mark.
pub(crate) fn decode<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Error> {
    match str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            Err(Error::NotUtf8 { file: file.to_owned(), line: 1 + line_breaks(good) })
        }
    }
}

fn cells(record: &ByteRecord) -> impl Iterator<Item = &str> {
    record.iter().map(decoded)
}

fn cell(record: &ByteRecord, place: usize) -> &str {
    record.get(place).map_or("", decoded)
}

/// A cell as text. Cells are cut at commas, quotes and line breaks, all ASCII, from text that is UTF-8.
fn decoded(cell: &[u8]) -> &str {
    str::from_utf8(cell).expect("a cell of UTF-8 text is UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::ColumnType;

    fn parsed(text: &str) -> Table {
        parse("t".to_owned(), "t.csv".to_owned(), text.as_bytes()).unwrap()
    }

    fn line_of(text: &str, column: &str) -> Option<usize> {
        match parsed(text).matrix(&[column], None) {
            Err(Error::MissingCell { place } | Error::TextCell { place, .. }) => place.line,
            other => panic!("expected a bad cell, found {other:?}"),
        }
    }

    #[test]
    fn every_usual_spelling_of_a_table_reads_equal() {
        let plain = parsed("a,b\n1,x\n2,y\n");
        for text in [
            "a,b\r\n1,x\r\n2,y\r\n",
            "\u{feff}a,b\n1,x\n2,y",
            "a,b\r1,x\r2,y\r",
            " a ,\" b\"\n\"1\",x\n 2 ,\" y\"\n",
        ] {
            let table = parsed(text);
            assert_eq!(table.columns, plain.columns, "{text:?}");
        }
    }

    #[test]
    fn lines_are_those_of_the_editor() {
        assert_eq!(line_of("a\n1\nx\n", "a"), Some(3));
        assert_eq!(line_of("\n\na\r\n\r\n1\r\n\r\n\r\nx\r\n", "a"), Some(8));
        assert_eq!(line_of("a,b\n\"1\n2\",1\n3,\n", "b"), Some(4));
        assert_eq!(line_of("\u{feff}a\r1\rx\r", "a"), Some(3));
    }

    #[test]
    fn a_column_is_text_from_its_first_text_cell() {
        let table = parsed("a,b,c\n007,1,?\nx,nan,\n007,NA,NA\n");
        let [a, b, c] = table.columns() else { panic!("three columns") };
        assert_eq!((a.column_type(), a.missing()), (ColumnType::Text, 0));
        assert_eq!(a.distinct().unwrap(), ["007", "x"]);
        assert_eq!((a.text(0), a.text(2), a.text(3)), (Some("007"), Some("007"), None));
        assert_eq!((b.column_type(), b.missing()), (ColumnType::Number, 1));
        assert_eq!((c.column_type(), c.missing()), (ColumnType::Number, 3));
        assert_eq!(b.numbers().unwrap()[0], 1.0);
    }

    #[test]
    fn quoted_commas_and_quotes_belong_to_the_cell() {
        let table = parsed("a,b\n\"x, \"\"y\"\"\",1\n");
        assert_eq!(table.column("a").unwrap().text(0), Some("x, \"y\""));
    }
}
