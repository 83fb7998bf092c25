//! The signs of a text of cells, found in its first lines: delimiter, quote, comments, header.

use crate::missing::Missing;
use crate::number::read_number;
use crate::reading::{Decimal, Delimiter, Mark, Question, Reading};
use crate::records::{Records, Signs};

/// So many records are looked at, and of wide ones so many cells.
const RECORDS: usize = 200;
const CELLS: usize = 1 << 18;

/// How a text is parted into rows of cells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dialect {
    pub(crate) signs: Signs,
    /// Whether the first line is `sep=;` or the like, and no row.
    pub(crate) has_sep_line: bool,
    pub(crate) header: Header,
}

/// Where the names of the columns stand.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Header {
    /// In the first record.
    First,
    /// In the first record, all but that of the first column, as R writes names of rows.
    ButIndex,
    /// In the first record, and all others end in one more delimiter.
    ButEnd,
    /// In a comment above the first record, which holds these.
    Comment(Vec<String>),
    /// Nowhere.
    None,
}

/// The first lines of a text.
#[derive(Clone, Copy)]
pub(crate) struct Sample<'a> {
    pub(crate) text: &'a str,
    /// Whether it is all of the text, so that its last record is whole.
    pub(crate) is_whole: bool,
}

impl Sample<'_> {
    /// The records as cells, as far as they can be parted.
    fn records(self, signs: Signs) -> Vec<Vec<String>> {
        let mut records = Records::new(self.text.as_bytes(), signs);
        let mut all: Vec<Vec<String>> = Vec::new();
        let mut cells = 0;
        let is_whole = loop {
            match records.next() {
                Ok(Some(_)) if all.len() == RECORDS || all.len() > 2 && cells > CELLS => break true,
                Ok(Some(record)) => {
                    cells += record.len();
                    all.push(record.cells().map(str::to_owned).collect());
                }
                Ok(None) => break self.is_whole,
                Err(_) => break true,
            }
        };
        if !is_whole && all.len() > 1 {
            all.pop();
        }
        all
    }
}

impl Dialect {
    /// Finds what was not told.
    ///
    /// # Errors
    /// For a text that can be read in two ways.
    pub(crate) fn find(sample: Sample<'_>, told: &Reading, missing: &Missing) -> Result<Dialect, Question> {
        let sep = sep_line(sample.text);
        let below = sep.map_or(sample.text, |(_, rest)| rest);
        let sample = Sample { text: below, ..sample };
        let top = below.trim_start_matches(['\r', '\n']);
        let comment = match told.comment {
            Some(mark) => mark.sign(),
            None => top.starts_with('#').then_some(b'#'),
        };
        let signs_of = |delimiter: Delimiter| Signs {
            delimiter,
            quote: told.quote.map_or_else(|| Some(quote_of(below, delimiter)), Mark::sign),
            comment,
        };
        let delimiter = match (told.delimiter, sep) {
            (Some(delimiter), _) => delimiter,
            (None, Some((delimiter, _))) => delimiter,
            (None, None) => find_delimiter(&|delimiter| sample.records(signs_of(delimiter)), missing)?,
        };
        let signs = signs_of(delimiter);
        let records = sample.records(signs);
        let names = match told.header {
            Some(false) => None,
            // A line of names may stand behind the sign of comments too.
            _ => last_comment(top, comment).map(|line| {
                let line = Sample { text: line, is_whole: true };
                line.records(Signs { comment: None, ..signs }).into_iter().next().unwrap_or_default()
            }),
        };
        let header = find_header(&records, names, told, missing)?;
        Ok(Dialect { signs, has_sep_line: sep.is_some(), header })
    }
}

/// The delimiter of a first line `sep=;`, and what stands below it.
fn sep_line(text: &str) -> Option<(Delimiter, &str)> {
    let end = text.find(['\r', '\n']).unwrap_or(text.len());
    let (line, rest) = text.split_at(end);
    let line = line.trim_matches(['"', ' ']);
    let sign = line.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).map(|_| &line[4..])?;
    Some((sign.parse().ok()?, rest))
}

/// What stands behind the sign in the last line of the comments at the top.
fn last_comment(top: &str, comment: Option<u8>) -> Option<&str> {
    let sign = char::from(comment?);
    let lines = top.split(['\r', '\n']).filter(|line| !line.is_empty());
    lines.take_while(|line| line.starts_with(sign)).last().map(|line| line.trim_start_matches(sign).trim())
}

/// Single quotes enclose cells where they stand around some, every one that opens closes, and no double quote does it.
fn quote_of(text: &str, delimiter: Delimiter) -> u8 {
    let is_delimiter = |byte: u8| match delimiter {
        Delimiter::Sign(sign) => byte == sign,
        Delimiter::Blanks => byte == b' ' || byte == b'\t',
    };
    let bytes = text.as_bytes();
    let is_edge =
        |byte: Option<&u8>| byte.is_none_or(|&byte| is_delimiter(byte) || byte == b'\n' || byte == b'\r');
    let (mut opens, mut closes) = (0, 0);
    for (place, &byte) in bytes.iter().enumerate() {
        let opens_here = || is_edge(place.checked_sub(1).and_then(|before| bytes.get(before)));
        if byte == b'"' && opens_here() {
            return b'"';
        }
        if byte == b'\'' {
            opens += usize::from(opens_here());
            closes += usize::from(is_edge(bytes.get(place + 1)));
        }
    }
    if opens > 0 && opens == closes { b'\'' } else { b'"' }
}

/// How well a delimiter parts the records.
struct Fit {
    delimiter: Delimiter,
    /// The share of the records below the first that have its number of cells.
    agree: f64,
    /// The share of their cells that are numbers or missing.
    numbers: f64,
}

fn find_delimiter(
    records: &dyn Fn(Delimiter) -> Vec<Vec<String>>,
    missing: &Missing,
) -> Result<Delimiter, Question> {
    let fit = |delimiter: Delimiter| {
        let records = records(delimiter);
        let (first, below) = records.split_first()?;
        let width = below.first().map_or(first.len(), Vec::len);
        if first.len() < 2 {
            return None;
        }
        let width = if below.iter().all(|row| row.len() == width) && width == first.len() + 1 {
            width
        } else {
            first.len()
        };
        let fitting: Vec<&Vec<String>> = below.iter().filter(|row| row.len() == width).collect();
        let count = |of: &dyn Fn(&str) -> bool| {
            let cells = fitting.iter().flat_map(|row| row.iter());
            cells.clone().filter(|cell| of(cell)).count() as f64 / cells.count().max(1) as f64
        };
        let agree = if below.is_empty() { 1.0 } else { fitting.len() as f64 / below.len() as f64 };
        Some(Fit { delimiter, agree, numbers: count(&|cell| missing.has(cell) || is_number(cell)) })
    };
    let fits: Vec<Fit> = Delimiter::SIGNS.into_iter().filter_map(|sign| fit(Delimiter::Sign(sign))).collect();
    let full: Vec<&Fit> = fits.iter().filter(|fit| fit.agree == 1.0).collect();
    let most = |fits: &[&Fit], of: fn(&Fit) -> f64| fits.iter().map(|fit| of(fit)).fold(0.0, f64::max);
    if let [first, ..] = full.as_slice() {
        let best = most(&full, |fit| fit.numbers);
        let best: Vec<&&Fit> = full.iter().filter(|fit| fit.numbers == best).collect();
        return match best.as_slice() {
            [one] => Ok(one.delimiter),
            [one, two, ..] => {
                let choice = |fit: &Fit| {
                    (format!("--delimiter {}", fit.delimiter.argument()), fit.delimiter.to_string())
                };
                let (one, two) = (choice(one), choice(two));
                let what = format!(
                    "{} and {} both part every line into equally many cells, so the delimiter is open",
                    one.1, two.1
                );
                Err(Question { what, choices: [one, two] })
            }
            [] => Ok(first.delimiter),
        };
    }
    if !fits.is_empty() {
        let all: Vec<&Fit> = fits.iter().collect();
        let best = most(&all, |fit| fit.agree);
        // Rows that do not fit are told of where they are read; the first sign is that of most tables.
        return Ok(fits
            .iter()
            .find(|fit| fit.agree == best)
            .map_or(Delimiter::SIGNS.map(Delimiter::Sign)[0], |fit| fit.delimiter));
    }
    let blanks = fit(Delimiter::Blanks).filter(|fit| fit.agree == 1.0 && fit.numbers > 0.0);
    let has_rows = records(Delimiter::Blanks).len() > 1;
    Ok(if blanks.is_some() && has_rows { Delimiter::Blanks } else { Delimiter::Sign(b',') })
}

fn is_number(cell: &str) -> bool {
    read_number(cell, Decimal::Point).is_some() || read_number(cell, Decimal::Comma).is_some()
}

/// Where the names stand. They are no numbers above numbers, and no words that stand below in their own column.
fn find_header(
    records: &[Vec<String>],
    comment: Option<Vec<String>>,
    told: &Reading,
    missing: &Missing,
) -> Result<Header, Question> {
    let Some((first, below)) = records.split_first() else { return Ok(Header::First) };
    let is_value = |cell: &String| is_number(cell) && !missing.has(cell);
    if let Some(names) = comment
        && names.len() == first.len()
        && first.iter().any(is_value)
        && !names.iter().any(is_value)
    {
        return Ok(Header::Comment(names));
    }
    if told.header == Some(false) {
        return Ok(Header::None);
    }
    let has_index = below.len() > 1
        && below.iter().all(|row| row.len() == first.len() + 1)
        && are_names_of_rows(below)
        && below.iter().any(|row| row.last().is_some_and(|cell| !cell.is_empty()));
    let has_end = !below.is_empty()
        && below.iter().all(|row| row.len() == first.len() + 1 && row.last().is_some_and(String::is_empty));
    let header = match (has_index, has_end) {
        (true, _) => Header::ButIndex,
        (false, true) => Header::ButEnd,
        (false, false) => Header::First,
    };
    if told.header == Some(true) {
        return Ok(header);
    }
    let shift = usize::from(has_index);
    let mut named_numbers = 0;
    let mut numbers = 0;
    let mut repeated = 0;
    for (place, name) in first.iter().enumerate() {
        let cells =
            || below.iter().filter_map(|row| row.get(place + shift)).filter(|cell| !missing.has(cell));
        // The line of names may be repeated, as where files were joined.
        let rows = below.iter().filter(|row| row.len() < 2 || *row != first);
        let cells_of_rows =
            || rows.clone().filter_map(|row| row.get(place + shift)).filter(|cell| !missing.has(cell));
        let has_cells = cells_of_rows().next().is_some() || below.is_empty();
        if has_cells && cells_of_rows().all(|cell| is_number(cell)) {
            numbers += 1;
            named_numbers += usize::from(!is_value(name));
        }
        repeated += usize::from(below.len() > 1 && !name.is_empty() && cells().any(|cell| cell == name));
    }
    let is_open = if numbers > 0 { named_numbers == 0 } else { repeated == first.len() };
    if !is_open {
        return Ok(header);
    }
    let what = "the first line looks like all others, so it is open whether it names the columns".to_owned();
    let choice = |option: &str, meaning: &str| (option.to_owned(), meaning.to_owned());
    let no_header = choice("--no-header", "it is a row, and columns are called c1, c2 and so on");
    Err(Question { what, choices: [no_header, choice("--header", "it holds names")] })
}

/// Whether the first cells of all rows are distinct, as names or numbers of rows are.
fn are_names_of_rows(rows: &[Vec<String>]) -> bool {
    let mut names: Vec<&String> = rows.iter().filter_map(|row| row.first()).collect();
    names.sort_unstable();
    names.windows(2).all(|pair| pair[0] != pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Result<Dialect, Question> {
        let sample = Sample { text, is_whole: true };
        Dialect::find(sample, &Reading::default(), &Missing::new(&[]))
    }

    #[track_caller]
    fn delimiter(text: &str, want: Delimiter) {
        assert_eq!(find(text).unwrap().signs.delimiter, want, "{text:?}");
    }

    #[test]
    fn the_delimiter_parts_all_lines_alike() {
        for (text, sign) in [
            ("a,b\n1,2\n3,4\n", b','),
            ("a;b;y\n1,5;2,5;3\n2,5;3,5;4\n", b';'),
            ("a\tb\n1,5\tx y\n", b'\t'),
            ("a|b\n1|2\n", b'|'),
            ("name,note\nx,a;b\ny,c\n", b','),
            ("name;note\nx;a,b\ny;c,d\n", b';'),
            ("\"a,b\";c\n\"1,5\";2\n", b';'),
            ("a,b\n1,2\n3\n", b','),
            ("a;b\n1;2\n3\n", b';'),
            ("a\n1\n2\n", b','),
            ("full name\nJohn Smith\nJane Doe\n", b','),
            ("date time,y\n1 2,3\n4 5,6\n", b','),
            ("sep=;\na,b;c\n1;2\n", b';'),
            ("\"sep=|\"\na|b\n1|2\n", b'|'),
            ("x,y;z\n1,5;2,5\n", b';'),
        ] {
            delimiter(text, Delimiter::Sign(sign));
        }
        delimiter("  a   b\n  1  2\n 10 20\n", Delimiter::Blanks);
        delimiter("a b c\nx 1 2\n", Delimiter::Blanks);
        let open = find("a,b;c\nx,y;z\nu,v;w\n").unwrap_err();
        assert_eq!(open.choices.map(|(option, _)| option), ["--delimiter ,", "--delimiter ';'"]);
    }

    #[test]
    fn names_are_no_numbers_above_numbers() {
        for (text, header) in [
            ("a,b\n1,2\n", Header::First),
            ("a,y\nx,2\n3,4\n", Header::First),
            ("id,2019,2020\n1,5,6\n", Header::First),
            ("a,b\nx,y\nz,a\n", Header::First),
            ("1,2\nx,y\n", Header::First),
            (",a\n0,1\n1,2\n", Header::First),
            ("a,b\n1,2,\n3,4,\n", Header::ButEnd),
            ("a b\nr1 1 2\nr2 3 4\n", Header::ButIndex),
            ("# made by hand\na,b\n1,2\n", Header::First),
            ("# made by hand\n# a b\n1 2\n3 4\n", Header::Comment(vec!["a".to_owned(), "b".to_owned()])),
            ("#a\tb\nx\t2\n", Header::Comment(vec!["a".to_owned(), "b".to_owned()])),
        ] {
            assert_eq!(find(text).map(|dialect| dialect.header), Ok(header), "{text:?}");
        }
        for text in
            ["1,2\n3,4\n", "5.1,3.5,setosa\n4.9,3,setosa\n", "1,5;2\n3;4\n", "p,x\nq,x\np,y\n", "1,2\n"]
        {
            let question = find(text).unwrap_err();
            assert_eq!(question.choices.map(|(option, _)| option), ["--no-header", "--header"], "{text:?}");
        }
    }

    #[test]
    fn single_quotes_enclose_where_all_that_open_close() {
        for (text, want) in [
            ("a,b\n'x,y',1\n", b'\''),
            ("a,b\n'tis,1\n", b'"'),
            ("a,b\n'x',\"y\"\n", b'"'),
            ("a,b\nit's,1\n", b'"'),
        ] {
            assert_eq!(find(text).unwrap().signs.quote, Some(want), "{text:?}");
        }
    }
}
