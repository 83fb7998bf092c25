//! How a file is read: what was told by options, and what was found where nothing was told.

use crate::scale::NumberScaling;
use std::fmt;
use std::str::FromStr;

use crate::charset::Charset;
use crate::words::listed;

/// How a file of text is read. What is `None` is found in the file; [`crate::Table::reading`] has what was found.
///
/// ```
/// # use chainrule_table::{Decimal, Delimiter, Reading, Table};
/// let table = Table::parse("t", b"size;price\n1,5;2\n2,25;3\n")?;
/// assert_eq!(table.column("size").unwrap().loaded()?.numbers().unwrap(), [1.5, 2.25]);
/// assert_eq!(table.reading().delimiter, Some(Delimiter::Sign(b';')));
/// assert_eq!(table.reading().decimal, Some(Decimal::Comma));
/// # Ok::<(), chainrule_table::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// What stands between the cells of a row.
    pub delimiter: Option<Delimiter>,
    /// What stands before the fraction of a number; the other sign then parts groups of three digits.
    pub decimal: Option<Decimal>,
    /// What encloses a cell that holds delimiters or line breaks.
    pub quote: Option<Mark>,
    /// What begins a line that is no row.
    pub comment: Option<Mark>,
    /// How letters are written as bytes.
    pub encoding: Option<Charset>,
    /// Whether the first line names the columns.
    pub header: Option<bool>,
    /// Cells that are missing besides the usual ones; with `not:` before it, as in `not:NA`, a word that is a value in columns of text.
    pub missing: Vec<String>,
    /// Columns whose words are one where they differ in capitals, blanks or a last point alone: names, or names and patterns between
    /// commas; what is no column counts for nothing.
    pub merged: Vec<String>,
    /// Whether all columns are numbers of one unit, as the pixels of images are.
    pub has_one_unit: bool,
    /// What else a person should know of how the file was read, each a few words.
    pub notes: Vec<String>,
}

impl Reading {
    /// How numbers that were read so are scaled where nobody says it.
    pub fn usual_scaling(&self) -> NumberScaling {
        if self.has_one_unit { NumberScaling::Shared } else { NumberScaling::Standard }
    }
}

/// What stands between the cells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// One sign, of ASCII.
    Sign(u8),
    /// Any number of blanks and tabs.
    Blanks,
}

/// A decimal mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimal {
    /// `1.5`, and `1,234` is more than a thousand.
    Point,
    /// `1,5`, and `1.234` is more than a thousand.
    Comma,
}

/// A sign of ASCII, or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// No sign does it.
    None,
    /// This sign does it.
    Sign(u8),
}

impl Delimiter {
    /// The signs that are looked for, in the order in which they are preferred.
    pub(crate) const SIGNS: [u8; 4] = [b',', b';', b'\t', b'|'];

    /// As a word of a command line.
    pub(crate) fn argument(self) -> String {
        match self {
            Delimiter::Sign(b'\t') => "tab".to_owned(),
            Delimiter::Sign(sign @ (b';' | b'|')) => format!("'{}'", char::from(sign)),
            Delimiter::Sign(sign) => char::from(sign).to_string(),
            Delimiter::Blanks => "blanks".to_owned(),
        }
    }
}

impl Mark {
    pub(crate) fn sign(self) -> Option<u8> {
        match self {
            Mark::None => None,
            Mark::Sign(sign) => Some(sign),
        }
    }
}

/// A sign that can stand for something in a table: no letter, no digit and no line break.
fn sign(text: &str) -> Option<u8> {
    let &[byte] = text.as_bytes() else { return None };
    let is_sign = byte.is_ascii_punctuation() || byte == b'\t' || byte == b' ';
    (is_sign && !b".-+_".contains(&byte)).then_some(byte)
}

impl FromStr for Delimiter {
    type Err = String;

    /// One sign, or `comma`, `semicolon`, `tab`, `pipe`, `blanks`.
    fn from_str(text: &str) -> Result<Delimiter, String> {
        match text.to_lowercase().as_str() {
            "comma" => Ok(Delimiter::Sign(b',')),
            "semicolon" => Ok(Delimiter::Sign(b';')),
            "tab" | "\\t" => Ok(Delimiter::Sign(b'\t')),
            "pipe" => Ok(Delimiter::Sign(b'|')),
            "blanks" | "blank" | "space" | "spaces" | " " => Ok(Delimiter::Blanks),
            _ => sign(text)
                .filter(|byte| !b"\"'".contains(byte))
                .map(Delimiter::Sign)
                .ok_or_else(|| "expected one sign such as ; or one of the words tab, blanks".to_owned()),
        }
    }
}

impl FromStr for Decimal {
    type Err = String;

    fn from_str(text: &str) -> Result<Decimal, String> {
        match text.to_lowercase().as_str() {
            "." | "point" => Ok(Decimal::Point),
            "," | "comma" => Ok(Decimal::Comma),
            _ => Err("expected . or , (or the words point, comma)".to_owned()),
        }
    }
}

impl FromStr for Mark {
    type Err = String;

    fn from_str(text: &str) -> Result<Mark, String> {
        match text {
            "none" => Ok(Mark::None),
            _ => sign(text)
                .filter(|&byte| byte != b' ' && byte != b'\t')
                .map(Mark::Sign)
                .ok_or_else(|| "expected one sign, or none".to_owned()),
        }
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Delimiter::Sign(b',') => f.write_str("commas"),
            Delimiter::Sign(b';') => f.write_str("semicolons"),
            Delimiter::Sign(b'\t') => f.write_str("tabs"),
            Delimiter::Sign(b'|') => f.write_str("vertical bars"),
            Delimiter::Sign(sign) => write!(f, "`{}`", char::from(*sign)),
            Delimiter::Blanks => f.write_str("blanks"),
        }
    }
}

/// What is not plain (commas, `"`, decimal points, UTF-8, a header), as words behind "read with"; empty where all is plain.
impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST_NOTES: usize = 4;
        let mut words = Vec::new();
        if let Some(delimiter) = self.delimiter.filter(|&delimiter| delimiter != Delimiter::Sign(b',')) {
            words.push(format!("{delimiter} between cells"));
        }
        if self.decimal == Some(Decimal::Comma) {
            words.push("decimal commas".to_owned());
        }
        match self.quote {
            None | Some(Mark::Sign(b'"')) => {}
            Some(Mark::Sign(sign)) => words.push(format!("`{}` as quotes", char::from(sign))),
            Some(Mark::None) => words.push("quotes as text".to_owned()),
        }
        if let Some(encoding) = self.encoding.filter(|&encoding| encoding != Charset::UTF_8) {
            words.push(encoding.to_string());
        }
        if self.header == Some(false) {
            words.push("no header, so columns are called c1, c2 and so on".to_owned());
        }
        if !self.merged.is_empty() {
            let columns = listed(&self.merged, " and ");
            words.push(format!("one spelling, in small letters, of each word of {columns}"));
        }
        words.extend(self.notes.iter().take(MOST_NOTES).cloned());
        if let Some(more @ 1..) = self.notes.len().checked_sub(MOST_NOTES) {
            words.push(format!("and {more} more of this kind"));
        }
        f.write_str(&words.join("; "))
    }
}

/// What a file leaves open, and two options of the program with what each means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What is open, as a clause.
    pub what: String,
    /// The options, such as `--no-header`, each with what it means.
    pub choices: [(String, String); 2],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_words_are_read() {
        for (text, want) in [
            (",", Some(Delimiter::Sign(b','))),
            ("tab", Some(Delimiter::Sign(b'\t'))),
            ("\\t", Some(Delimiter::Sign(b'\t'))),
            ("\t", Some(Delimiter::Sign(b'\t'))),
            (" ", Some(Delimiter::Blanks)),
            ("blanks", Some(Delimiter::Blanks)),
            (":", Some(Delimiter::Sign(b':'))),
            ("semicolon", Some(Delimiter::Sign(b';'))),
            ("", None),
            ("ab", None),
            ("a", None),
            ("1", None),
            (".", None),
            ("\"", None),
            ("\n", None),
            ("é", None),
        ] {
            assert_eq!(text.parse().ok(), want, "{text:?}");
        }
        assert_eq!((",".parse(), "point".parse()), (Ok(Decimal::Comma), Ok(Decimal::Point)));
        assert!("x".parse::<Decimal>().is_err());
        assert_eq!(("none".parse(), "'".parse()), (Ok(Mark::None), Ok(Mark::Sign(b'\''))));
        assert!("ab".parse::<Mark>().is_err());
    }

    #[test]
    fn what_is_plain_is_not_said() {
        let plain = Reading {
            delimiter: Some(Delimiter::Sign(b',')),
            decimal: Some(Decimal::Point),
            quote: Some(Mark::Sign(b'"')),
            comment: Some(Mark::None),
            encoding: Some(Charset::UTF_8),
            header: Some(true),
            ..Reading::default()
        };
        assert_eq!(plain.to_string(), "");
        assert_eq!(Reading::default().to_string(), "");
    }
}
