//! What a table holds, column by column, as data and as aligned text.

use std::fmt;

use crate::column::{Cells, Column, ColumnType, Numbers, Words};
use crate::error::Error;
use crate::table::Table;
use crate::words::short;

/// What a table holds. Its `Display` is a title and one line a column, for up to [`Audit::MOST_LINES`] columns; a last line then
/// sums up the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Audit {
    /// The table's name.
    pub table: String,
    /// The number of data rows.
    pub rows: usize,
    /// How the file was read, where it is not plain; see [`crate::Reading`].
    pub reading: String,
    /// The columns in the order of the table.
    pub columns: Vec<ColumnAudit>,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnAudit {
    /// The column's name.
    pub name: String,
    /// Numbers or text.
    pub column_type: ColumnType,
    /// The number of missing cells.
    pub missing: usize,
    /// The words of a column of text that were taken as missing cells, and may be values; at most a few.
    pub missing_words: Vec<String>,
    /// The number of cells that are infinite.
    pub not_finite: usize,
    /// The number of distinct cells, missing ones left out; `None` for numbers with more than
    /// [`ColumnAudit::MOST_DISTINCT`].
    pub distinct: Option<usize>,
    /// The least finite number.
    pub min: Option<f64>,
    /// The greatest finite number.
    pub max: Option<f64>,
}

impl Audit {
    /// Up to this many columns are shown one by one.
    pub const MOST_LINES: usize = 26;

    pub(crate) fn new(table: &Table) -> Result<Audit, Error> {
        Ok(Audit {
            table: table.name().to_owned(),
            rows: table.rows(),
            reading: table.reading().to_string(),
            columns: table.columns().iter().map(ColumnAudit::new).collect::<Result<_, Error>>()?,
        })
    }

    /// The number of missing cells in all columns.
    pub fn missing(&self) -> usize {
        self.columns.iter().map(|column| column.missing).sum()
    }
}

impl ColumnAudit {
    /// Up to this many distinct numbers are counted.
    pub const MOST_DISTINCT: usize = 32;

    fn new(column: &Column) -> Result<ColumnAudit, Error> {
        let cells = column.cells()?;
        let found = match &*cells {
            Cells::Number(numbers) => ColumnAudit::of_numbers(column, numbers),
            Cells::Text(words) => ColumnAudit::of_words(column, words),
        };
        Ok(ColumnAudit { missing: cells.missing(), ..found })
    }

    fn of_numbers(column: &Column, numbers: &Numbers) -> ColumnAudit {
        let finite = || numbers.values.iter().copied().filter(|value| value.is_finite());
        ColumnAudit {
            name: column.name().to_owned(),
            column_type: ColumnType::Number,
            missing: 0,
            missing_words: Vec::new(),
            not_finite: numbers.values.iter().filter(|value| value.is_infinite()).count(),
            distinct: count_distinct(finite(), ColumnAudit::MOST_DISTINCT),
            min: finite().reduce(f64::min),
            max: finite().reduce(f64::max),
        }
    }

    fn of_words(column: &Column, words: &Words) -> ColumnAudit {
        ColumnAudit {
            name: column.name().to_owned(),
            column_type: ColumnType::Text,
            missing: 0,
            missing_words: words.missing_words.clone(),
            not_finite: 0,
            distinct: Some(words.distinct.len()),
            min: None,
            max: None,
        }
    }

    /// Whether all cells that are there are equal, so that the column tells nothing.
    pub fn is_constant(&self) -> bool {
        self.not_finite == 0 && self.distinct == Some(1)
    }

    /// What a person should notice; empty when there is nothing.
    fn note(&self) -> String {
        let mut notes = Vec::new();
        if self.distinct == Some(0) && self.not_finite == 0 {
            notes.push("no value".to_owned());
        }
        if self.is_constant() {
            notes.push("constant".to_owned());
        }
        if self.not_finite > 0 {
            notes.push(format!("{} infinite", self.not_finite));
        }
        if !self.missing_words.is_empty() {
            let words: Vec<String> =
                self.missing_words.iter().map(|word| format!("`{}`", short(word))).collect();
            notes.push(format!("{} taken as missing", words.join(" and ")));
        }
        notes.join(", ")
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ColumnType::Number => "number",
            ColumnType::Text => "text",
        })
    }
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        let (rows, columns) = (self.rows, self.columns.len());
        write!(f, "{}: {rows} row{}, {columns} column{}", short(&self.table), plural(rows), plural(columns))?;
        if !self.reading.is_empty() {
            write!(f, "; read with {}", self.reading)?;
        }
        let (shown, others) = self.columns.split_at(columns.min(Audit::MOST_LINES));
        let header =
            ["column", "type", "missing", "distinct", "least", "greatest", "note"].map(str::to_owned);
        let lines: Vec<[String; 7]> = std::iter::once(header).chain(shown.iter().map(line)).collect();
        let widths: [usize; 7] = std::array::from_fn(|place| {
            lines.iter().map(|line| line[place].chars().count()).max().unwrap_or(0)
        });
        for [name, kind, numbers @ .., note] in &lines {
            let mut text = format!("  {name:<0$}  {kind:<1$}", widths[0], widths[1]);
            for (number, width) in numbers.iter().zip(&widths[2..]) {
                text.push_str(&format!("  {number:>width$}"));
            }
            text.push_str("  ");
            text.push_str(note);
            write!(f, "\n{}", text.trim_end())?;
        }
        if others.is_empty() { Ok(()) } else { write!(f, "\n  {}", summary(others)) }
    }
}

/// Columns that are not shown one by one: how many they are, and how many of them a person should know of.
fn summary(columns: &[ColumnAudit]) -> String {
    let count = |is: fn(&ColumnAudit) -> bool| columns.iter().filter(|column| is(column)).count();
    let counts = [
        (count(|column| column.column_type == ColumnType::Text), "of text"),
        (count(|column| column.missing > 0), "with missing cells"),
        (count(|column| column.not_finite > 0), "with infinite cells"),
        (count(ColumnAudit::is_constant), "constant"),
    ];
    let said: Vec<String> = (counts.into_iter().filter(|(count, _)| *count > 0))
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let end = if said.is_empty() { String::new() } else { format!(": {}", said.join(", ")) };
    format!("and {} more{end}", columns.len())
}

fn line(column: &ColumnAudit) -> [String; 7] {
    [
        short(&column.name),
        column.column_type.to_string(),
        column.missing.to_string(),
        column.distinct.map_or_else(|| format!(">{}", ColumnAudit::MOST_DISTINCT), |count| count.to_string()),
        column.min.map_or_else(|| "-".to_owned(), six_digits),
        column.max.map_or_else(|| "-".to_owned(), six_digits),
        column.note(),
    ]
}

/// A number to six significant digits, without trailing zeros.
fn six_digits(value: f64) -> String {
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    let size = rounded.abs();
    if size == 0.0 || (1e-4..1e15).contains(&size) { rounded.to_string() } else { format!("{rounded:e}") }
}

/// The number of distinct values (0 and -0 are one), or `None` when there are more than `most`.
fn count_distinct(values: impl Iterator<Item = f64>, most: usize) -> Option<usize> {
    let mut seen: Vec<f64> = Vec::new();
    for value in values {
        let place = seen.partition_point(|&other| other < value);
        if seen.get(place) != Some(&value) {
            if seen.len() == most {
                return None;
            }
            seen.insert(place, value);
        }
    }
    Some(seen.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_aligned_with_one_line_a_column() {
        let csv = "id,price,zone,rooms,empty\n1,10.25,a,3,\n2,?,a,3,\n3,inf,,3,NA\n4,123456789.123,b,3,?\n";
        let audit = Table::parse("homes", csv.as_bytes()).unwrap().audit().unwrap();
        let want = "\
homes: 4 rows, 5 columns
  column  type    missing  distinct  least   greatest  note
  id      number        0         4      1          4
  price   number        1         2  10.25  123457000  1 infinite
  zone    text          1         2      -          -
  rooms   number        0         1      3          3  constant
  empty   number        4         0      -          -  no value";
        assert_eq!(audit.to_string(), want);
        assert_eq!(audit.missing(), 6);
    }

    #[test]
    fn columns_beyond_the_first_are_summed_up() {
        let names: Vec<String> = (0..Audit::MOST_LINES + 4).map(|place| format!("c{place}")).collect();
        let mut rows = [vec!["1"; names.len()], vec!["2"; names.len()]];
        let after = Audit::MOST_LINES;
        (rows[0][after], rows[0][after + 1], rows[1][after + 2]) = ("x", "?", "1");
        let csv = format!("{}\n{}\n{}\n", names.join(","), rows[0].join(","), rows[1].join(","));
        let audit = Table::parse("wide", csv.as_bytes()).unwrap().audit().unwrap();
        let text = audit.to_string();
        assert_eq!(text.lines().count(), 2 + Audit::MOST_LINES + 1);
        // The column with one number and a missing cell is constant too.
        assert!(text.ends_with("\n  and 4 more: 1 of text, 1 with missing cells, 2 constant"), "{text}");
        assert_eq!(audit.columns.len(), names.len());
    }

    #[test]
    fn distinct_numbers_are_counted_up_to_the_limit() {
        let up_to = |n: i32| count_distinct((0..n).map(f64::from), 32);
        assert_eq!(up_to(32), Some(32));
        assert_eq!(up_to(33), None);
        assert_eq!(count_distinct([0.0, -0.0, 1.0, 0.0].into_iter(), 32), Some(2));
    }

    #[test]
    fn a_constant_column_may_have_missing_cells() {
        let audit = Table::parse("t", b"a,b\n5,x\n?,x\n5,x\n").unwrap().audit().unwrap();
        assert!(audit.columns.iter().all(ColumnAudit::is_constant));
    }

    #[test]
    fn numbers_are_shown_to_six_digits() {
        for (value, want) in [
            (0.0, "0"),
            (15.0001, "15.0001"),
            (-122.23, "-122.23"),
            (0.846153846, "0.846154"),
            (1e300, "1e300"),
            (2e-9, "2e-9"),
        ] {
            assert_eq!(six_digits(value), want);
        }
    }
}
