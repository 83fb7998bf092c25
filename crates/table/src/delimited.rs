//! Text whose rows are lines and whose cells are parted by a sign -> a table.

use std::io::Read;

use crate::building::Building;
use crate::charset::{Charset, is_windows_1252};
use crate::column::Column;
use crate::dialect::{Dialect, Header, Sample};
use crate::error::Error;
use crate::merging::told_columns;
use crate::missing::Missing;
use crate::number::{Found, read_number};
use crate::reading::{Decimal, Delimiter, Mark, Question, Reading};
use crate::records::Record;
use crate::room::{Reads, Room};
use crate::rows::Rows;
use crate::second::{Kind, Second};
use crate::source::Source;
use crate::stored::Stored;
use crate::table::{Lines, Table};

/// Reads a table from a text.
///
/// The first pass takes every cell as a plain number and notes what the cells of other columns are; only when there are such
/// columns does a second pass read them, as numbers with other marks or as words. So a table of numbers is read once, no
/// cell is kept in two forms, and nothing is decided before every cell was seen.
pub(crate) fn read(name: &str, source: &Source<'_>, told: &Reading) -> Result<Table, Error> {
    let missing = Missing::new(&told.missing);
    let (table, _) = in_charset(source, told, |encoding| {
        Text { name, source, encoding, told, missing: &missing }.table()
    })?;
    Ok(table)
}

/// What all cells of a text say of it, and how its letters are written.
pub(crate) fn survey(
    name: &str,
    source: &Source<'_>,
    told: &Reading,
    missing: &Missing,
) -> Result<(Layout, Charset), Error> {
    in_charset(source, told, |encoding| {
        let Surveyed { found, .. } = Text { name, source, encoding, told, missing }.survey(None)?;
        Ok(found)
    })
}

/// Reads with the encoding that was told or that the file has.
fn in_charset<T>(
    source: &Source<'_>,
    told: &Reading,
    read: impl Fn(Charset) -> Result<T, Error>,
) -> Result<(T, Charset), Error> {
    let encoding = match told.encoding {
        // The mark of UTF-16 says more than its name.
        Some(encoding) if encoding.to_string().starts_with("UTF-16") => Charset::of_start(source.start()),
        Some(encoding) => encoding,
        None => Charset::of_start(source.start()),
    };
    match read(encoding) {
        Err(Error::NotUtf8 { .. }) if told.encoding.is_none() && encoding == Charset::UTF_8 => {
            let is_other = is_windows_1252(source.read()?).map_err(|error| source.failed(&error, None))?;
            let encoding = if is_other { Charset::WINDOWS_1252 } else { encoding };
            Ok((read(encoding)?, encoding))
        }
        outcome => Ok((outcome?, encoding)),
    }
}

/// A text and how it is read.
pub(crate) struct Text<'a> {
    pub(crate) name: &'a str,
    pub(crate) source: &'a Source<'a>,
    pub(crate) encoding: Charset,
    pub(crate) told: &'a Reading,
    pub(crate) missing: &'a Missing,
}

/// What the first pass found, but for cells.
pub(crate) struct Layout {
    pub(crate) dialect: Dialect,
    pub(crate) names: Vec<String>,
    pub(crate) forms: Vec<Form>,
    /// The places of columns that have neither a name nor a cell, in rising order.
    pub(crate) left_out: Vec<usize>,
    pub(crate) rows: usize,
    pub(crate) reading: Reading,
}

/// What the first pass found.
struct Surveyed {
    found: Layout,
    columns: Vec<Building>,
    lines: Lines,
}

/// What the second pass reads a column as; none where the first has read it.
pub(crate) type Form = Option<Kind>;

impl Text<'_> {
    /// The whole table.
    fn table(&self) -> Result<Table, Error> {
        let mut room = Room::default();
        let Surveyed { found, mut columns, lines } = self.survey(Some(&mut room))?;
        // What is read again is not kept meanwhile.
        let again = columns.iter_mut().zip(&found.forms).filter(|(_, form)| form.is_some());
        again.for_each(|(column, _)| column.values = None);
        room.keep(columns.iter().map(Building::held).sum());
        let again = self.second_pass(&found, &columns, &mut room)?;
        let spool = room.last(again.iter().map(Second::bytes).sum(), found.names.len())?;
        let mut again = again.into_iter();
        let mut read: Vec<Column> = Vec::with_capacity(found.names.len());
        for (place, (building, form)) in columns.into_iter().zip(&found.forms).enumerate() {
            let stored = match (form, building.values) {
                (None, Some(values)) => Stored::numbers(values, spool.as_ref())?,
                _ => {
                    let again = again.next().expect("each column of another form was read again");
                    again.stored(spool.as_ref())?
                }
            };
            if found.left_out.binary_search(&place).is_err() {
                read.push(Column { name: found.names[place].clone(), stored });
            }
        }
        Ok(Table {
            name: self.name.to_owned(),
            file: self.file(),
            first: 0,
            rows: found.rows,
            columns: read,
            lines,
            reading: found.reading,
        })
    }

    /// What all cells of the file say of it; the cells of plain numbers too, where there is room for them.
    fn survey(&self, mut room: Option<&mut Room>) -> Result<Surveyed, Error> {
        let (sample, is_whole) = self.sample()?;
        let dialect = Dialect::find(Sample { text: &sample, is_whole }, self.told, self.missing).map_err(
            |question| Error::Undecided { file: self.file(), place: None, question: Box::new(question) },
        )?;
        drop(sample);
        let mut rows = self.rows(&dialect)?;
        let header = rows.names.clone();
        let mut columns: Vec<Building> = header.names.iter().map(|_| Building::new(room.is_some())).collect();
        let mut lines = Lines::default();
        let (mut count, mut look) = (0, 0);
        while rows.next()? {
            let line = rows.record().line;
            if let Some(room) = &mut room {
                lines.note(count, line);
                if count >= look {
                    look = count + room.look(&mut columns)?;
                }
            }
            for (column, cell) in columns.iter_mut().zip(rows.record().cells()) {
                column.note(cell, (count, line), self.told, self.missing);
            }
            count += 1;
        }
        for column in &mut columns {
            column.settle();
        }
        // Lines of blanks are no table.
        if header.unnamed.len() == header.names.len() && columns.iter().all(|column| !column.has_value) {
            return Err(Error::Empty { file: self.file() });
        }
        if count == 0 {
            return Err(Error::HeaderOnly { file: self.file(), columns: header.names.len() });
        }
        // One of them may have been the header.
        let comments =
            rows.comments().saturating_sub(usize::from(matches!(dialect.header, Header::Comment(_))));
        let repeats = rows.repeats;
        drop(rows);

        let (forms, decimal) = self.forms(&header.names, &columns, &dialect)?;
        // Signs at the ends of all lines make a column that has neither a name nor a cell.
        let is_empty = |place: &usize| header.names.len() > 1 && !columns[*place].has_value;
        let left_out: Vec<usize> = header.unnamed.iter().copied().filter(is_empty).collect();
        let mut notes = header.notes(&left_out);
        if repeats > 0 {
            let lines = if repeats == 1 { "line that repeats" } else { "lines that repeat" };
            notes.push(format!("{repeats} {lines} the names of the columns left out"));
        }
        let reading = self.reading(&header.names, (&columns, &forms, decimal), &dialect, notes, comments);
        let found = Layout { dialect, names: header.names, forms, left_out, rows: count, reading };
        Ok(Surveyed { found, columns, lines })
    }

    /// How the file is read, with all that a person should know of it.
    fn reading(
        &self,
        names: &[String],
        (columns, forms, decimal): (&[Building], &[Form], Decimal),
        dialect: &Dialect,
        mut notes: Vec<String>,
        comments: usize,
    ) -> Reading {
        let is_comma = |form: &Form| *form == Some(Kind::Numbers(Decimal::Comma));
        let named = |is: &dyn Fn(&Building, &Form) -> bool| -> Vec<&str> {
            let all = names.iter().zip(columns.iter().zip(forms));
            all.filter(|(_, (column, form))| is(column, form)).map(|(name, _)| name.as_str()).collect()
        };
        let commas = named(&|_, form| is_comma(form));
        if self.told.decimal.is_none() && decimal == Decimal::Point && !commas.is_empty() {
            notes.push(format!("decimal commas in {}", few(&commas)));
        }
        let marked = named(&|column, form| match form {
            Some(Kind::Numbers(decimal)) => column.survey.has_thousands(*decimal),
            Some(Kind::Words) | None => false,
        });
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
        Reading {
            has_one_unit: false,
            delimiter: Some(dialect.signs.delimiter),
            decimal: Some(decimal),
            quote: Some(dialect.signs.quote.map_or(Mark::None, Mark::Sign)),
            comment: Some(dialect.signs.comment.map_or(Mark::None, Mark::Sign)),
            encoding: Some(self.encoding),
            header: Some(dialect.header != Header::None),
            missing: self.told.missing.clone(),
            merged: told_columns(&names.iter().map(String::as_str).collect::<Vec<_>>(), &self.told.merged),
            notes,
        }
    }

    pub(crate) fn file(&self) -> String {
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

    pub(crate) fn rows(&self, dialect: &Dialect) -> Result<Rows<'_>, Error> {
        Rows::open(self.source, self.encoding, dialect)
    }

    /// What each column is to be read as.
    fn forms(
        &self,
        names: &[String],
        columns: &[Building],
        dialect: &Dialect,
    ) -> Result<(Vec<Form>, Decimal), Error> {
        let found_in = |column: &Building| match (column.text, &column.bare) {
            (None, _) => column.survey.found(),
            (Some(_), Some(bare)) => bare.found(),
            (Some(_), None) => Found::Text,
        };
        let found: Vec<Found> = columns.iter().map(found_in).collect();
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
                Found::Open { line, cell, is_plain } => match evidence {
                    Some(decimal) => Kind::Numbers(decimal),
                    None if *is_plain && !has(Decimal::Comma) && !is_open && !is_comma_land => {
                        Kind::Numbers(Decimal::Point)
                    }
                    None => return Err(self.open_number(&names[place], cell, *line)),
                },
            };
            // What has something beside its numbers is read where its kind is found.
            if columns[place].text.is_some() {
                return Ok(Some(Kind::Words));
            }
            let is_read = kind == Kind::Numbers(Decimal::Point) || self.told.decimal.is_some();
            Ok(if is_read && columns[place].is_plain { None } else { Some(kind) })
        };
        let forms: Vec<Form> = found.iter().enumerate().map(form).collect::<Result<_, _>>()?;
        // Where some columns have points and others commas, the point is the table's.
        let is_comma = has(Decimal::Comma) && !has(Decimal::Point);
        let found = if is_comma { Decimal::Comma } else { Decimal::Point };
        Ok((forms, self.told.decimal.unwrap_or(found)))
    }

    fn open_number(&self, column: &str, cell: &str, line: usize) -> Error {
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
        let place = Some((Some(line), column.to_owned()));
        Error::Undecided { file: self.file(), place, question: Box::new(question) }
    }

    /// The columns that the first pass did not read, in their order.
    fn second_pass(
        &self,
        found: &Layout,
        columns: &[Building],
        room: &mut Room,
    ) -> Result<Vec<Second>, Error> {
        let second = |(place, form): (usize, &Form)| {
            Some(Second::new(place, (*form)?, found.rows, columns[place].text.unwrap_or(0)))
        };
        let mut seconds: Vec<Second> = found.forms.iter().enumerate().filter_map(second).collect();
        if seconds.is_empty() {
            return Ok(seconds);
        }
        let mut rows = self.rows(&found.dialect)?;
        let (mut again, mut look) = (0, 0);
        while again < found.rows && rows.next()? {
            if again >= look {
                look = again + room.look(&mut seconds)?;
            }
            again += 1;
            self.take(&mut seconds, rows.record())?;
        }
        self.ends(&mut rows, again, found.rows)?;
        Ok(seconds)
    }

    /// Gives each column its cell of a row.
    pub(crate) fn take(&self, seconds: &mut [Second], record: &Record) -> Result<(), Error> {
        let fits = seconds.iter_mut().all(|second| second.push(record.cell(second.place), self.missing));
        if fits { Ok(()) } else { Err(Error::Changed { file: self.file() }) }
    }

    /// Checks that the rows of a second pass end where those of the first did.
    pub(crate) fn ends(&self, rows: &mut Rows<'_>, again: usize, count: usize) -> Result<(), Error> {
        if again == count && !rows.next()? { Ok(()) } else { Err(Error::Changed { file: self.file() }) }
    }
}

/// Some names in backticks.
fn few(names: &[&str]) -> String {
    const MOST: usize = 3;
    let shown: Vec<String> =
        names.iter().take(MOST).map(|name| format!("`{}`", crate::words::short(name))).collect();
    match names.len().checked_sub(MOST) {
        Some(more @ 1..) => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}
