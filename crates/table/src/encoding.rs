//! The way from a table's columns to the numbers that a network takes: fitted on the training rows, and part of the model.

use serde::{Deserialize, Serialize};

use crate::choices::Choices;
use crate::column::ColumnType;
use crate::encoded::{Encoded, Rounded, Tally};
use crate::encoder::Encoder;
use crate::error::Error;
use crate::finding::{Doubt, Training, find};
use crate::kind::{ColumnKind, Wanted};
use crate::part::Part;
use crate::reading::{Question, Reading};
use crate::scale::{NumberScaling, Scale};
use crate::scaling::Scaling;
use crate::strays::Strays;
use crate::table::Table;
use crate::words::argument;

/// A category with more columns may be bound as codes.
const CODED: usize = 9;

/// What each input column is, and what it becomes. It is plain data, to be kept in a model's file.
///
/// ```
/// # use chainrule_table::{Choices, Encoding, Table};
/// let homes = Table::parse("homes", b"zone,size,price\nwest,50,210\neast,75,330\nup,90,400\neast,80,390\neast,,250\n")?;
/// let choices = Choices { others: vec!["price".to_owned()], ..Choices::default() };
/// let encoding = Encoding::fit(&homes, &[0, 1, 2, 3], None, &choices)?;
/// assert_eq!(encoding.names(), ["zone=east", "zone=up", "zone=west", "size"]);
///
/// let encoded = encoding.encode(&homes, Some(&[0, 4]))?;
/// assert_eq!((encoded.rows, encoded.width), (2, 4));
/// assert_eq!(encoded.values[..3], [0.0, 0.0, 1.0]);
/// assert_eq!(encoded.tally.columns["size"].missing, 1);
/// # Ok::<(), chainrule_table::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encoding {
    /// The inputs in the order of the table, those that are left out among them, but for wide categories, which stand last.
    pub columns: Vec<EncodedColumn>,
    /// What was told of missing cells where the training rows were read; see [`crate::Reading::missing`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Columns of the training table, targets among them, whose words were taken in one spelling; see [`crate::Reading::merged`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<String>,
}

/// What one column is and becomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncodedColumn {
    /// The column's name.
    pub name: String,
    /// What its cells are.
    pub kind: ColumnKind,
    /// Why it is of this kind, in a few words.
    pub why: String,
    /// Whether the kind was told rather than found.
    pub told: bool,
    /// What else a person should know, each a clause with what to do about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The number of missing cells in the training rows.
    pub missing: usize,
    /// The number of distinct values in the training rows, where they were counted: of words, and of up to two numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct: Option<usize>,
    /// What it becomes.
    pub part: Part,
}

impl Encoding {
    /// Finds what the inputs of a table are, and fits what they become to the training rows (counted from 0): each column but
    /// those that are ignored or have another role. `weights` has one finite weight a row of the table; rows of weight 0 do not
    /// count, and a row of weight 2 counts as two.
    ///
    /// Whether a column is text, numbers or dates is judged by all its cells; everything else by the training rows.
    ///
    /// # Errors
    /// For a name that means no column, a kind that does not fit the cells, an infinite cell, columns of numbers or dates but for a
    /// few cells, and dates that can be read in two ways (all such columns in one error), a row beyond the last, weights that are not one for each row, and where nothing is left
    /// to predict from.
    pub fn fit(
        table: &Table,
        rows: &[usize],
        weights: Option<&[f64]>,
        choices: &Choices,
    ) -> Result<Encoding, Error> {
        let inputs = choices.inputs(table)?;
        let training = Training::new(table, rows, weights, choices.scaling)?;
        let mut columns = Vec::with_capacity(inputs.places.len());
        let (mut open, mut strays) = (Vec::new(), Vec::new());
        for (&place, wanted) in inputs.places.iter().zip(&inputs.wanted) {
            let column = &table.columns()[place];
            match find(column, &training, *wanted) {
                Ok(column) => columns.push(column),
                Err(Doubt::Dates(word)) => open.push((column.name().to_owned(), word)),
                Err(Doubt::Error(error)) => match *error {
                    Error::Strays(found) => strays.push(*found),
                    error => return Err(error),
                },
            }
        }
        if let Some(error) = Strays::of_all(strays) {
            return Err(error);
        }
        if !open.is_empty() {
            return Err(open_dates(table, &open));
        }
        if choices.scaling == NumberScaling::Shared {
            share_scale(&mut columns);
        }
        // Where wide categories stand last, their columns need not be written out.
        let is_wide = |column: &EncodedColumn| {
            matches!(column.part, Part::Category { .. }) && column.part.width() > CODED
        };
        let (wide, narrow): (Vec<_>, Vec<_>) = columns.into_iter().partition(is_wide);
        let Reading { missing, merged, .. } = table.reading().clone();
        let mut encoding = Encoding { columns: [narrow, wide].concat(), missing, merged };
        if encoding.width() == 0 {
            // Rows that are counted may be all that there is to predict from, such as the years of a series.
            for (encoded, &place) in encoding.columns.iter_mut().zip(&inputs.places) {
                let column = &table.columns()[place];
                let is_counted =
                    encoded.kind == ColumnKind::Identifier && column.column_type() == ColumnType::Number;
                if is_counted && !encoded.told {
                    let number = Wanted::from(ColumnKind::Number);
                    if let Ok(found) = find(column, &training, Some(&number)) {
                        *encoded = EncodedColumn {
                            told: false,
                            why: "numbers that count up, and the only input".to_owned(),
                            ..found
                        };
                    }
                }
            }
        }
        if encoding.width() == 0 {
            let reasons = encoding.columns.iter();
            let why = |column: &EncodedColumn| {
                let notes = column.notes.iter().map(String::as_str);
                std::iter::once(column.why.as_str()).chain(notes).collect::<Vec<_>>().join("; ")
            };
            let left_out = reasons.map(|column| (column.name.clone(), why(column))).collect();
            let overruled_by = encoding.columns.iter().find_map(EncodedColumn::overruled_by);
            let (file, rows) = (table.file.clone(), rows.len());
            return Err(Error::NothingLeft { file, left_out, overruled_by, rows });
        }
        Ok(encoding)
    }

    /// The encoding of columns that are all numbers, scaled by these numbers; the offset stands for a missing cell.
    pub fn of_numbers<S: AsRef<str>>(names: &[S], scaling: &Scaling) -> Encoding {
        let numbers = names.iter().zip(scaling.offset.iter().zip(&scaling.factor));
        let columns = numbers.map(|(name, (&offset, &factor))| EncodedColumn {
            name: name.as_ref().to_owned(),
            kind: ColumnKind::Number,
            why: "numbers".to_owned(),
            told: false,
            notes: Vec::new(),
            missing: 0,
            distinct: None,
            part: Part::Number {
                gap: offset,
                scale: Scale::Straight { offset, factor },
                flag: false,
                range: None,
                signs: Vec::new(),
            },
        });
        Encoding { columns: columns.collect(), ..Encoding::default() }
    }

    /// The same for a table that is read so: with what is told of missing cells and of spellings there.
    pub fn read_as(self, reading: &Reading) -> Encoding {
        Encoding { missing: reading.missing.clone(), merged: reading.merged.clone(), ..self }
    }

    /// The number of encoded columns.
    pub fn width(&self) -> usize {
        self.columns.iter().map(|column| column.part.width()).sum()
    }

    /// The widths of the categories that stand last, as far as they are wide: their columns may be bound as codes, the place of
    /// the 1 among them.
    pub fn codes(&self) -> Vec<usize> {
        let is_wide = |width: &usize| *width > CODED;
        let widths = self.used().map(|column| match &column.part {
            part @ Part::Category { .. } => part.width(),
            _ => 0,
        });
        let widths: Vec<usize> = widths.collect();
        let last = widths.iter().rev().take_while(|width| is_wide(width)).count();
        widths[widths.len() - last..].to_vec()
    }

    /// The columns that become inputs, in order.
    pub fn used(&self) -> impl Iterator<Item = &EncodedColumn> {
        self.columns.iter().filter(|column| column.part.width() > 0)
    }

    /// The names of the encoded columns: `zip=9021`, `age`, `age is missing`, `date month sine`.
    pub fn names(&self) -> Vec<String> {
        self.formulas().into_iter().map(|(name, _)| name).collect()
    }

    /// Each encoded column with what it is: `("age", "(age - 38.6)/13.6")`.
    pub fn formulas(&self) -> Vec<(String, String)> {
        self.used().flat_map(|column| column.part.formulas(&column.name)).collect()
    }

    /// Whether the numbers are as fitting makes them, so that every encoded value is finite. A model's file may have been changed.
    pub fn is_sound(&self) -> bool {
        self.columns.iter().all(|column| column.part.is_sound())
    }

    /// The encoded rows of a table, all or these (counted from 0, in this order), whatever other columns it has.
    ///
    /// # Errors
    /// For a column that the table does not have, a row beyond the last, an infinite cell, and a cell that is no number where the
    /// column is one of numbers, or no date where it is one of dates.
    pub fn encode(&self, table: &Table, rows: Option<&[usize]>) -> Result<Encoded, Error> {
        let (count, width) = (rows.map_or(table.rows(), <[usize]>::len), self.width());
        let mut values = vec![0.0; count.saturating_mul(width)];
        let tally = self.encode_into(table, rows, false, &mut values)?;
        Ok(Encoded { rows: count, width, values, tally })
    }

    /// Puts the encoded rows, one behind the other, where they are wanted: `rows * width` numbers. It takes no other memory but
    /// some for each distinct word. Where they are coded, a row ends with one number for each category of
    /// [`Encoding::codes`] in the place of its columns: the place of its 1, or -1 where there is none.
    ///
    /// # Errors
    /// As for [`Encoding::encode`], and where the place has another size.
    pub fn encode_into<T: Rounded>(
        &self,
        table: &Table,
        rows: Option<&[usize]>,
        coded: bool,
        into: &mut [T],
    ) -> Result<Tally, Error> {
        self.encoder(coded).on(table)?.encode_into(rows, into)
    }

    /// What encodes one table after the other, such as the blocks of a long one, with codes or with all columns written out.
    pub fn encoder(&self, coded: bool) -> Encoder<'_> {
        Encoder::new(self, coded)
    }
}

impl EncodedColumn {
    /// Whether there is nothing to say of it: numbers without gaps, found.
    pub fn is_ordinary(&self) -> bool {
        self.kind == ColumnKind::Number && !self.told && self.missing == 0 && self.notes.is_empty()
    }

    /// What tells another fit to make of the column what this one did.
    pub fn wanted(&self) -> Wanted {
        let order = match &self.part {
            Part::Ordered { order, .. } if order.iter().all(|values| values.len() == 1) => order.concat(),
            _ => Vec::new(),
        };
        let day = match &self.part {
            Part::Date { day, open: false, .. } => Some(*day),
            _ => None,
        };
        Wanted { kind: self.kind, order, day }
    }

    /// The option that makes it another kind, the one that is likeliest meant where the kind is not right; none where no kind would
    /// tell rows apart.
    pub fn overruled_by(&self) -> Option<String> {
        let other = match self.kind {
            // Of words the distinct ones were counted; numbers that count up are numbers at least.
            ColumnKind::Identifier if self.distinct.is_none() => ColumnKind::Number,
            ColumnKind::Number | ColumnKind::TwoValues | ColumnKind::Text | ColumnKind::Ordered => {
                ColumnKind::Category
            }
            ColumnKind::Identifier => ColumnKind::Category,
            ColumnKind::Constant => return None,
            ColumnKind::Boolean | ColumnKind::Category | ColumnKind::Date => ColumnKind::Text,
        };
        Some(column_option(&self.name, other.word()))
    }
}

/// Brings all columns of numbers to one scale, on which the least number of all becomes 0 and the greatest 1.
fn share_scale(columns: &mut [EncodedColumn]) {
    let ranges = columns.iter().filter_map(|column| match column.part {
        Part::Number { range, .. } => range,
        _ => None,
    });
    let (low, high) = ranges.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), [least, greatest]| {
        (low.min(least), high.max(greatest))
    });
    // Constant columns are none of these.
    let factor = high - low;
    for column in columns {
        if let Part::Number { scale, .. } = &mut column.part
            && factor > 0.0
            && factor.is_finite()
        {
            *scale = Scale::Straight { offset: low, factor };
        }
    }
}

/// The option that tells a column's kind, as a word or two of a command line.
pub(crate) fn column_option(name: &str, kind: &str) -> String {
    format!("--column {}", argument(&format!("{name}={kind}")))
}

/// The one error for all columns of dates that can be read in two ways, with the two command lines.
pub(crate) fn open_dates(table: &Table, open: &[(String, String)]) -> Error {
    let options = |kind: &str| {
        let options: Vec<String> = open.iter().map(|(name, _)| column_option(name, kind)).collect();
        options.join(" ")
    };
    let example = open.first().map_or("", |(_, word)| word.as_str());
    let names: Vec<String> = open.iter().map(|(name, _)| name.clone()).collect();
    let what = format!(
        "no cell of {} tells whether the day or the month comes first, as in `{example}`",
        crate::words::listed(&names, " and ")
    );
    let choices = [
        (options("day-first"), "the day comes first".to_owned()),
        (options("month-first"), "the month comes first".to_owned()),
    ];
    Error::Undecided { file: table.file.clone(), place: None, question: Box::new(Question { what, choices }) }
}
