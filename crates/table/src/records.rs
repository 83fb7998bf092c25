//! A stream of text -> records of cells, one at a time, each with the line on which it begins.

use std::io::Read;

use crate::charset::NotThis;
use crate::error::Error;
use crate::reading::Delimiter;

/// The signs by which text is parted into records.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Signs {
    pub(crate) delimiter: Delimiter,
    pub(crate) quote: Option<u8>,
    pub(crate) comment: Option<u8>,
}

/// The most bytes of a record: 256 MiB, which is a hundred thousand cells of a page each.
pub(crate) const MOST_RECORD: usize = 256 << 20;

/// The records of a text. A line break is CRLF, LF or CR; a quote encloses a cell where it is the first sign of it that is no
/// blank, and stands for itself where it is doubled inside; lines without a sign are passed over.
pub(crate) struct Records<R> {
    input: R,
    signs: Signs,
    most: usize,
    buffer: Vec<u8>,
    /// What of the buffer is to be read.
    start: usize,
    end: usize,
    /// The line of the next byte, counted from 1.
    line: usize,
    /// Whether the last byte was a CR, so that an LF ends no further line.
    after_cr: bool,
    record: Record,
    /// How many lines were comments.
    pub(crate) comments: usize,
}

/// The cells of a record, end to end.
#[derive(Default)]
pub(crate) struct Record {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The line on which it begins, counted from 1.
    pub(crate) line: usize,
}

/// Where in a record the next byte stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Before the first byte of a line.
    Line,
    /// Before the first byte of a cell, or among the blanks before it.
    Cell,
    Bare,
    Quoted,
    /// Behind a quote in a quoted cell, which ends it or is the first of two.
    Closing,
    /// Behind a quoted cell and a blank.
    Closed,
}

/// Why there is no record.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The text ends, or the record grows too long, in a cell whose quote was opened on this line.
    Open(usize),
    /// Behind the closing quote of a cell stands more, on the second line; it was opened on the first.
    Torn(usize, usize),
    /// A byte of value 0.
    Nul(usize),
    /// A record that is too long.
    Long(usize),
    /// Bytes of another encoding.
    Charset(usize),
    /// The file cannot be read on.
    Input(usize, std::io::Error),
}

impl Record {
    /// The number of cells.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The cells, blanks around them left out.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|place| self.cell(place))
    }

    /// A cell, blanks around it left out; empty beyond the last.
    pub(crate) fn cell(&self, place: usize) -> &str {
        let Some(&end) = self.ends.get(place) else { return "" };
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        // Cells are cut at signs of ASCII, from text that is UTF-8.
        let cell = str::from_utf8(&self.bytes[start..end]).unwrap_or_default().trim();
        // The mark that begins a file stands within it where files were joined.
        let cell = cell.strip_prefix('\u{feff}').map_or(cell, str::trim_start);
        // Excel's sign of text, as in ="0012", is no part of it.
        let text = cell.strip_prefix("=\"").and_then(|text| text.strip_suffix('"'));
        text.filter(|text| !text.contains('"')).map_or(cell, str::trim)
    }

    /// Whether no cell holds anything but blanks.
    pub(crate) fn is_blank(&self) -> bool {
        self.bytes.iter().all(|byte| *byte == b' ')
    }
}

impl<R: Read> Records<R> {
    pub(crate) fn new(input: R, signs: Signs) -> Records<R> {
        Records {
            input,
            signs,
            most: MOST_RECORD,
            buffer: vec![0; 1 << 16],
            start: 0,
            end: 0,
            line: 1,
            after_cr: false,
            record: Record::default(),
            comments: 0,
        }
    }

    /// The next record; none at the end of the text.
    pub(crate) fn next(&mut self) -> Result<Option<&Record>, Fault> {
        let (delimiter, are_blanks) = match self.signs.delimiter {
            Delimiter::Sign(sign) => (sign, false),
            Delimiter::Blanks => (b' ', true),
        };
        let is_delimiter = |byte: u8| byte == delimiter || are_blanks && byte == b'\t';
        let quote = self.signs.quote;
        let mut place = Place::Line;
        let mut opened = 0;
        self.record.bytes.clear();
        self.record.ends.clear();
        loop {
            if self.start == self.end && !self.fill()? {
                return match place {
                    Place::Line => Ok(None),
                    Place::Quoted => Err(Fault::Open(opened)),
                    Place::Cell if are_blanks && !self.record.ends.is_empty() => Ok(Some(&self.record)),
                    Place::Cell | Place::Bare | Place::Closing | Place::Closed => {
                        self.record.ends.push(self.record.bytes.len());
                        Ok(Some(&self.record))
                    }
                };
            }
            if place == Place::Bare || place == Place::Quoted {
                // The bulk of a cell is taken at once.
                let rest = &self.buffer[self.start..self.end];
                let is_special = |byte: u8| match place {
                    Place::Quoted => Some(byte) == quote || matches!(byte, b'\n' | b'\r' | 0),
                    _ => is_delimiter(byte) || matches!(byte, b'\n' | b'\r' | 0),
                };
                let plain = rest.iter().position(|&byte| is_special(byte)).unwrap_or(rest.len());
                self.record.bytes.extend_from_slice(&rest[..plain]);
                self.start += plain;
                if self.record.bytes.len() > self.most {
                    let is_quoted = place == Place::Quoted;
                    return Err(if is_quoted { Fault::Open(opened) } else { Fault::Long(self.record.line) });
                }
                if plain > 0 {
                    self.after_cr = false;
                }
                if self.start == self.end {
                    continue;
                }
            }
            let byte = self.buffer[self.start];
            self.start += 1;
            let (was_cr, line) = (std::mem::replace(&mut self.after_cr, byte == b'\r'), self.line);
            let is_break = byte == b'\r' || byte == b'\n';
            if byte == b'\n' && was_cr {
                // The second half of a line break.
                if place == Place::Quoted {
                    self.record.bytes.push(byte);
                }
                continue;
            }
            if is_break {
                self.line += 1;
            }
            if byte == 0 {
                return Err(Fault::Nul(line));
            }
            place = match place {
                Place::Line if is_break => Place::Line,
                Place::Line if Some(byte) == self.signs.comment => {
                    self.comments += 1;
                    self.pass_line()?;
                    Place::Line
                }
                Place::Line | Place::Cell => {
                    if place == Place::Line {
                        self.record.line = line;
                    }
                    let start = self.record.ends.last().copied().unwrap_or(0);
                    if are_blanks && is_delimiter(byte) {
                        Place::Cell
                    } else if is_break {
                        if !are_blanks || self.record.ends.is_empty() {
                            self.record.ends.push(self.record.bytes.len());
                        }
                        return Ok(Some(&self.record));
                    } else if is_delimiter(byte) {
                        self.record.ends.push(self.record.bytes.len());
                        Place::Cell
                    } else if Some(byte) == quote {
                        self.record.bytes.truncate(start);
                        opened = line;
                        Place::Quoted
                    } else {
                        self.record.bytes.push(byte);
                        // Among blanks the cell is still to begin; a run of them is no reason to grow without end.
                        if byte == b' ' && self.record.bytes.len() <= self.most {
                            Place::Cell
                        } else {
                            Place::Bare
                        }
                    }
                }
                Place::Quoted if Some(byte) == quote => Place::Closing,
                Place::Quoted => {
                    self.record.bytes.push(byte);
                    Place::Quoted
                }
                Place::Closing if Some(byte) == quote => {
                    self.record.bytes.push(byte);
                    Place::Quoted
                }
                Place::Bare | Place::Closing | Place::Closed if is_break => {
                    self.record.ends.push(self.record.bytes.len());
                    return Ok(Some(&self.record));
                }
                Place::Bare | Place::Closing | Place::Closed if is_delimiter(byte) => {
                    self.record.ends.push(self.record.bytes.len());
                    Place::Cell
                }
                Place::Closing | Place::Closed if byte == b' ' || byte == b'\t' => Place::Closed,
                Place::Closing | Place::Closed => return Err(Fault::Torn(opened, line)),
                // All but delimiters and line breaks is taken as bulk.
                Place::Bare => {
                    self.record.bytes.push(byte);
                    Place::Bare
                }
            };
        }
    }

    /// The record at hand.
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// Passes over the rest of a line, up to its end.
    pub(crate) fn pass_line(&mut self) -> Result<(), Fault> {
        loop {
            let rest = &self.buffer[self.start..self.end];
            if let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                self.start += end;
                return Ok(());
            }
            self.start = self.end;
            if !self.fill()? {
                return Ok(());
            }
        }
    }

    /// Reads on; false at the end.
    fn fill(&mut self) -> Result<bool, Fault> {
        self.start = 0;
        self.end = 0;
        let count = self.input.read(&mut self.buffer).map_err(|error| {
            let is_other = error.get_ref().is_some_and(|inner| inner.is::<NotThis>());
            if is_other { Fault::Charset(self.line) } else { Fault::Input(self.line, error) }
        })?;
        self.end = count;
        Ok(count > 0)
    }
}

impl Fault {
    /// The error of a file; `failed` makes that of a file that cannot be read on.
    pub(crate) fn into_error(
        self,
        file: &str,
        failed: impl FnOnce(&std::io::Error, Option<usize>) -> Error,
    ) -> Error {
        let file = file.to_owned();
        match self {
            Fault::Open(line) => Error::OpenQuote { file, line, torn: None },
            Fault::Torn(line, torn) => Error::OpenQuote { file, line, torn: Some(torn) },
            Fault::Nul(line) => Error::NulByte { file, line },
            Fault::Long(line) => Error::LongRow { file, line, most: MOST_RECORD },
            Fault::Charset(line) => Error::NotUtf8 { file, line },
            Fault::Input(line, error) => failed(&error, Some(line)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Signs = Signs { delimiter: Delimiter::Sign(b','), quote: Some(b'"'), comment: None };

    /// Every record with its line, or what is wrong, whatever the sizes in which the bytes come.
    fn records(text: &str, signs: Signs) -> Result<Vec<(usize, Vec<String>)>, String> {
        let read = |size: usize| {
            let mut records = Records::new(text.as_bytes(), signs);
            records.buffer = vec![0; size];
            let mut all = Vec::new();
            while let Some(record) = records.next().map_err(|fault| format!("{fault:?}"))? {
                all.push((record.line, record.cells().map(str::to_owned).collect()));
            }
            Ok(all)
        };
        let whole = read(1 << 16);
        for size in [1, 2, 3, 7] {
            assert_eq!(read(size), whole, "{text:?} in pieces of {size}");
        }
        whole
    }

    #[track_caller]
    fn check(text: &str, want: &[(usize, &[&str])]) {
        let want: Vec<(usize, Vec<String>)> = want
            .iter()
            .map(|(line, cells)| (*line, cells.iter().map(|&cell| cell.to_owned()).collect()))
            .collect();
        assert_eq!(records(text, COMMA), Ok(want), "{text:?}");
    }

    #[test]
    fn records_have_cells_and_the_line_on_which_they_begin() {
        check("a,b\n1,2\n", &[(1, &["a", "b"]), (2, &["1", "2"])]);
        check("a\r\n\r\n\r\nb\rc\n\nd", &[(1, &["a"]), (4, &["b"]), (5, &["c"]), (7, &["d"])]);
        check("\n\n a ,\n,\n", &[(3, &["a", ""]), (4, &["", ""])]);
        check("\"a\r\nb\",\"c\"\"d\"\nx,", &[(1, &["a\r\nb", "c\"d"]), (3, &["x", ""])]);
        check(" \"a,b\" ,c\n\"\",\"\"\n", &[(1, &["a,b", "c"]), (2, &["", ""])]);
        check("5\" pipe,a\"b\n", &[(1, &["5\" pipe", "a\"b"])]);
        check("", &[]);
        check("\"a\"", &[(1, &["a"])]);
    }

    #[test]
    fn a_quote_left_open_is_named_by_its_line() {
        for (text, want) in [
            ("a,b\n1,\"x\n2,3\n", "Open(2)"),
            ("a,b\n\n1,\"x\"\"\n", "Open(3)"),
            ("a,b\n1,\"x\n2,\"y\"\n", "Torn(2, 3)"),
            ("a,b\n1,\"x\"y\n", "Torn(2, 2)"),
            ("a,b\n1,\"x\" y\n", "Torn(2, 2)"),
            ("a,b\n1,x\0\n", "Nul(2)"),
            ("a,b\n1,\"x\0\"\n", "Nul(2)"),
        ] {
            assert_eq!(records(text, COMMA), Err(want.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn blanks_comments_and_other_quotes() {
        let cells = |text: &str, signs: Signs| -> Vec<Vec<String>> {
            records(text, signs).unwrap().into_iter().map(|(_, cells)| cells).collect()
        };
        let blanks = Signs { delimiter: Delimiter::Blanks, ..COMMA };
        assert_eq!(cells("  a   b\t c \n 1 \"2 3\" 4", blanks), [["a", "b", "c"], ["1", "2 3", "4"]]);
        let signs = Signs { delimiter: Delimiter::Sign(b';'), quote: Some(b'\''), comment: Some(b'#') };
        assert_eq!(cells("# x;y\na;b\n'1;2';\"\n#", signs), [["a", "b"], ["1;2", "\""]]);
        assert_eq!(cells("\"a;b", Signs { quote: None, ..signs }), [["\"a", "b"]]);
    }

    #[test]
    fn a_record_without_end_is_refused() {
        for text in [format!("a,b\n{}", "x".repeat(200)), format!("a\n\n\"{}", "\n".repeat(200))] {
            let mut records = Records::new(text.as_bytes(), COMMA);
            records.most = 100;
            let fault = loop {
                match records.next() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("{text:?} was read"),
                    Err(fault) => break fault,
                }
            };
            assert!(matches!(fault, Fault::Long(2) | Fault::Open(3)), "{fault:?}");
        }
    }
}
