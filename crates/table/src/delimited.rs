//! Text whose rows are lines and whose cells are parted by a sign -> a table.

use std::io::Read;

use crate::charset::{Charset, is_windows_1252};
use crate::column::{Cells, Column, Numbers};
use crate::dialect::{Dialect, Header, Sample};
use crate::error::{Error, Question};
use crate::missing::Missing;
use crate::number::{Found, Survey, read_number};
use crate::reading::{Decimal, Delimiter, Mark, Reading};
use crate::rows::Rows;
use crate::second::{Kind, Second};
use crate::source::Source;
use crate::table::{Lines, Table};

/// Reads a table from a text.
///
/// The first pass takes every cell as a plain number and notes what the cells of other columns are; only when there are such
/// columns does a second pass read them, as numbers with other marks or as words. So a table of numbers is read once, no
/// cell is kept in two forms, and nothing is decided before every cell was seen.
pub(crate) fn read(name: &str, source: &Source<'_>, told: &Reading) -> Result<Table, Error> {
    let encoding = match told.encoding {
        // The mark of UTF-16 says more than its name.
        Some(encoding) if encoding.to_string().starts_with("UTF-16") => Charset::of_start(source.start()),
        Some(encoding) => encoding,
        None => Charset::of_start(source.start()),
    };
    let missing = Missing::new(&told.missing);
    let read = |encoding| Text { name, source, encoding, told, missing: &missing }.table();
    match read(encoding) {
        Err(Error::NotUtf8 { .. }) if told.encoding.is_none() && encoding == Charset::UTF_8 => {
            let is_other = is_windows_1252(source.read()?).map_err(|error| source.failed(&error, None))?;
            read(if is_other { Charset::WINDOWS_1252 } else { encoding })
        }
        outcome => outcome,
    }
}

struct Text<'a> {
    name: &'a str,
    source: &'a Source<'a>,
    encoding: Charset,
    told: &'a Reading,
    missing: &'a Missing,
}

/// A column while the first pass reads it.
#[derive(Default)]
struct Building {
    /// The cells so far, while all are plain numbers.
    values: Option<Vec<f64>>,
    survey: Survey,
    /// The first row whose cell makes this a column of text.
    text: Option<usize>,
    /// The first row whose cell is digits behind a zero, such as `01234`.
    code: Option<usize>,
}

impl Building {
    /// The first row of a code, where all cells are whole numbers: with their zeros they are words rather than numbers.
    fn of_codes(&self) -> Option<usize> {
        let are_whole = |values: &Vec<f64>| {
            values.iter().all(|value| value.is_nan() || *value >= 0.0 && value.fract() == 0.0)
        };
        self.code.filter(|_| self.values.as_ref().is_some_and(are_whole))
    }
}

/// What the second pass reads a column as; none where the first has read it.
type Form = Option<Kind>;

impl Text<'_> {
    fn table(&self) -> Result<Table, Error> {
        let (sample, is_whole) = self.sample()?;
        let dialect = Dialect::find(Sample { text: &sample, is_whole }, self.told, self.missing).map_err(
            |question| Error::Undecided { file: self.file(), place: None, question: Box::new(question) },
        )?;
        drop(sample);
        let mut rows = self.rows(&dialect)?;
        let header = rows.names.clone();
        let names = &header.names;
        let mut columns: Vec<Building> =
            names.iter().map(|_| Building { values: Some(Vec::new()), ..Building::default() }).collect();
        let mut lines = Lines::default();
        let mut count = 0;
        while rows.next()? {
            lines.note(count, rows.record().line);
            for (column, cell) in columns.iter_mut().zip(rows.record().cells()) {
                self.note(column, count, cell);
            }
            count += 1;
        }
        for column in &mut columns {
            column.text = column.text.or(column.of_codes());
        }
        if count == 0 {
            return Err(Error::HeaderOnly { file: self.file(), columns: names.len() });
        }
        // One of them may have been the header.
        let comments =
            rows.comments().saturating_sub(usize::from(matches!(dialect.header, Header::Comment(_))));
        drop(rows);

        let forms = self.forms(names, &columns, &dialect, &lines)?;
        let mut again = self.second_pass(&dialect, &columns, &forms, count)?.into_iter();
        let mut marked: Vec<&str> = Vec::new();
        let is_comma = |form: &Form| *form == Some(Kind::Numbers(Decimal::Comma));
        let commas: Vec<&str> = named(names, &forms, is_comma).collect();
        // The point is found where some column has fractions that are read with it.
        let has_points = columns.iter().zip(&forms).any(|(column, form)| {
            *form != Some(Kind::Words) && column.survey.found() == Found::Only(Decimal::Point)
        });
        let mut left_out = Vec::new();
        let mut read: Vec<Column> = Vec::with_capacity(names.len());
        for (place, (building, form)) in columns.into_iter().zip(&forms).enumerate() {
            let cells = match (form, building.values) {
                (None, Some(values)) => Cells::Number(Numbers { values }),
                _ => {
                    let second = again.next().expect("each column of another form was read again");
                    if second.has_marks {
                        marked.push(&names[place]);
                    }
                    second.cells
                }
            };
            let column = Column { name: names[place].clone(), cells };
            // Signs at the ends of all lines make a column that has neither a name nor a cell.
            if header.unnamed.binary_search(&place).is_ok() && column.missing() == count && names.len() > 1 {
                left_out.push(place);
            } else {
                read.push(column);
            }
        }
        let mut notes = header.notes(&left_out);
        let decimal = match (self.told.decimal, commas.is_empty()) {
            (Some(decimal), _) => decimal,
            (None, false) if !has_points => Decimal::Comma,
            (None, _) => Decimal::Point,
        };
        if self.told.decimal.is_none() && decimal == Decimal::Point && !commas.is_empty() {
            notes.push(format!("decimal commas in {}", few(&commas)));
        }
        if !marked.is_empty() {
            notes.push(format!("marks between thousands left out in {}", few(&marked)));
        }
        if dialect.has_sep_line {
            notes.push("the line `sep=` left out".to_owned());
        }
        if comments > 0 {
            notes.push(format!("{comments} comment line{} left out", if comments == 1 { "" } else { "s" }));
        }
        if self.source.is_gzip() {
            notes.push("gzip".to_owned());
        }
        let reading = Reading {
            delimiter: Some(dialect.signs.delimiter),
            decimal: Some(decimal),
            quote: Some(dialect.signs.quote.map_or(Mark::None, Mark::Sign)),
            comment: Some(dialect.signs.comment.map_or(Mark::None, Mark::Sign)),
            encoding: Some(self.encoding),
            header: Some(dialect.header != Header::None),
            missing: self.told.missing.clone(),
            notes,
        };
        Ok(Table {
            name: self.name.to_owned(),
            file: self.file(),
            rows: count,
            columns: read,
            lines,
            reading,
        })
    }

    fn file(&self) -> String {
        self.source.file.clone()
    }

    /// The first lines, and whether they are all.
    fn sample(&self) -> Result<(String, bool), Error> {
        const BYTES: usize = 1 << 18;
        const LINES: usize = 20;
        /// Lines may be as long as a hundred thousand columns make them.
        const MOST: usize = 1 << 24;
        let mut input = self.encoding.decode(self.source.read()?);
        let mut bytes = Vec::new();
        let mut buffer = vec![0; 1 << 16];
        let mut lines = 0;
        let is_whole = loop {
            match input.read(&mut buffer) {
                Ok(0) => break true,
                Ok(count) => {
                    bytes.extend_from_slice(&buffer[..count]);
                    lines += buffer[..count].iter().filter(|&&byte| byte == b'\n' || byte == b'\r').count();
                }
                // What is wrong is told by the first pass, with its line.
                Err(_) => break false,
            }
            if bytes.len() >= MOST || bytes.len() >= BYTES && lines >= LINES {
                break false;
            }
        };
        let good = str::from_utf8(&bytes).map_or_else(|error| error.valid_up_to(), |text| text.len());
        bytes.truncate(good);
        Ok((String::from_utf8(bytes).unwrap_or_default(), is_whole))
    }

    fn rows(&self, dialect: &Dialect) -> Result<Rows<'_>, Error> {
        Rows::open(self.source, self.encoding, dialect)
    }

    /// Takes a cell of the first pass.
    fn note(&self, column: &mut Building, row: usize, cell: &str) {
        if column.text.is_some() {
            return;
        }
        let is_number_like = cell.bytes().next().is_some_and(|first| first.is_ascii_digit());
        if column.values.is_none() && is_number_like && self.told.missing.is_empty() {
            // A column that is no plain numbers is only surveyed.
            if !self.missing.has(cell) && !column.survey.note(row, cell) {
                column.text = Some(row);
            }
            return;
        }
        let number = match self.told.decimal {
            Some(decimal) => read_number(cell, decimal),
            None => cell.parse().ok(),
        };
        match number {
            Some(value) if self.missing.has_number(value) => push(column, f64::NAN),
            Some(value) => {
                push(column, value);
                if column.code.is_none() && is_code(cell) {
                    column.code = Some(row);
                }
                if self.told.decimal.is_none() {
                    column.survey.note_plain(row, cell);
                }
            }
            None if self.missing.has(cell) => push(column, f64::NAN),
            None => {
                column.values = None;
                if self.told.decimal.is_some() || !column.survey.note(row, cell) {
                    column.text = Some(row);
                }
            }
        }
    }

    /// What each column is to be read as.
    fn forms(
        &self,
        names: &[String],
        columns: &[Building],
        dialect: &Dialect,
        lines: &Lines,
    ) -> Result<Vec<Form>, Error> {
        let found: Vec<Found> = columns
            .iter()
            .map(|column| if column.text.is_some() { Found::Text } else { column.survey.found() })
            .collect();
        let has = |decimal| found.contains(&Found::Only(decimal));
        let evidence = match (self.told.decimal, has(Decimal::Point), has(Decimal::Comma)) {
            (Some(decimal), ..) => Some(decimal),
            (None, true, false) => Some(Decimal::Point),
            (None, false, true) => Some(Decimal::Comma),
            (None, true, true) | (None, false, false) => None,
        };
        // Where cells are parted by semicolons, it is for decimal commas as a rule, and a point may part thousands.
        let is_comma_land = dialect.signs.delimiter == Delimiter::Sign(b';');
        let is_open = found.iter().any(|found| matches!(found, Found::Open { is_plain: false, .. }));
        let form = |(place, found): (usize, &Found)| {
            let kind = match found {
                Found::Text => return Ok(Some(Kind::Words)),
                Found::Only(decimal) => Kind::Numbers(*decimal),
                Found::Either => Kind::Numbers(Decimal::Point),
                Found::Open { row, cell, is_plain } => match evidence {
                    Some(decimal) => Kind::Numbers(decimal),
                    None if *is_plain && !has(Decimal::Comma) && !is_open && !is_comma_land => {
                        Kind::Numbers(Decimal::Point)
                    }
                    None => return Err(self.open_number(&names[place], cell, lines.of(*row))),
                },
            };
            let is_read = kind == Kind::Numbers(Decimal::Point) && columns[place].values.is_some();
            let is_told = self.told.decimal.is_some() && columns[place].values.is_some();
            Ok(if is_read || is_told { None } else { Some(kind) })
        };
        found.iter().enumerate().map(form).collect()
    }

    fn open_number(&self, column: &str, cell: &str, line: Option<usize>) -> Error {
        let meaning =
            |decimal| read_number(cell, decimal).map_or_else(String::new, |value| value.to_string());
        let choice = |option: &str, decimal| {
            (format!("--decimal {option}"), format!("`{cell}` is {}", meaning(decimal)))
        };
        let what = format!(
            "no cell tells whether `{cell}` is {} or {}",
            meaning(Decimal::Point),
            meaning(Decimal::Comma)
        );
        let choices = [choice(".", Decimal::Point), choice(",", Decimal::Comma)];
        let question = Question { what, choices };
        let place = Some((line, column.to_owned()));
        Error::Undecided { file: self.file(), place, question: Box::new(question) }
    }

    /// The columns that the first pass did not read, in their order.
    fn second_pass(
        &self,
        dialect: &Dialect,
        columns: &[Building],
        forms: &[Form],
        count: usize,
    ) -> Result<Vec<Second>, Error> {
        let second = |(place, form): (usize, &Form)| {
            Some(Second::new(place, (*form)?, count, columns[place].text.unwrap_or(0)))
        };
        let mut seconds: Vec<Second> = forms.iter().enumerate().filter_map(second).collect();
        if seconds.is_empty() {
            return Ok(seconds);
        }
        let changed = || Error::Changed { file: self.file() };
        let mut rows = self.rows(dialect)?;
        let mut again = 0;
        while rows.next()? {
            again += 1;
            if again > count {
                return Err(changed());
            }
            for second in &mut seconds {
                let cell = rows.record().cell(second.place);
                if !second.push(cell, self.missing) {
                    return Err(changed());
                }
            }
        }
        if again == count { Ok(seconds) } else { Err(changed()) }
    }
}

/// Whether a cell is digits behind a zero.
fn is_code(cell: &str) -> bool {
    cell.len() > 1 && cell.starts_with('0') && cell.bytes().all(|byte| byte.is_ascii_digit())
}

fn push(column: &mut Building, value: f64) {
    if let Some(values) = &mut column.values {
        values.push(value);
    }
}

fn named<'a>(
    names: &'a [String],
    forms: &'a [Form],
    is: impl Fn(&Form) -> bool + 'a,
) -> impl Iterator<Item = &'a str> {
    names.iter().zip(forms).filter(move |(_, form)| is(form)).map(|(name, _)| name.as_str())
}

/// Some names in backticks.
fn few(names: &[&str]) -> String {
    const MOST: usize = 3;
    let shown: Vec<String> =
        names.iter().take(MOST).map(|name| format!("`{}`", crate::message::short(name))).collect();
    match names.len().checked_sub(MOST) {
        Some(more @ 1..) => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}
