//! What a person should know of a table before its numbers are believed: each warning with its columns, its numbers and what to do.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::column::{Cells, Column, ColumnType};
use crate::encoding::{EncodedColumn, Encoding, column_option};
use crate::error::Error;
use crate::kind::ColumnKind;
use crate::merging::plain;
use crate::odd_numbers::of_numbers;
use crate::part::Part;
use crate::place::Role;
use crate::repeats::repeated_rows;
use crate::split::Split;
use crate::stored::Raw;
use crate::sums::sum_that_is;
use crate::table::Table;
use crate::target::TargetColumn;
use crate::words::{argument, listed, short};

/// What is doubtful.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WarningKind {
    /// A column tells the target: its cells are the target's, or stand one to one for its classes.
    Copy,
    /// A sum or difference of columns is the target.
    Sum,
    /// Values of a column that differ in capitals, blanks or a last point alone.
    Spelling,
    /// Columns that tell one row from another are left out.
    Identifier,
    /// Columns of one value are left out.
    Constant,
    /// A last row with the sums of the rows above it.
    Total,
    /// A number such as -999 that may stand for a missing cell.
    Sentinel,
    /// A number more than a million deviations from the others.
    Outlier,
    /// Whole numbers above 2^53, whose last digits are lost.
    LargeInteger,
    /// Test rows that stand among the training rows too.
    Repeated,
    /// So few rows that a score says little.
    FewRows,
}

/// A warning. Its `Display` is one clause with what to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// What is doubtful.
    pub kind: WarningKind,
    /// The columns that it is about.
    pub columns: Vec<String>,
    /// The numbers that it is about: how many cells or rows, and the value where it is one.
    pub numbers: Vec<f64>,
    /// What was found.
    pub words: String,
    /// What to do where it is not as it should be.
    pub mend: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.words, self.mend)
    }
}

/// Fewer rows than this judge nothing.
pub const FEW_ROWS: usize = 30;

/// What is doubtful of a table with its encoding, its targets and its split, in the order of [`WarningKind`]; in time linear in the
/// number of cells.
///
/// # Errors
/// As for [`Column::loaded`].
pub fn warnings(
    table: &Table,
    encoding: &Encoding,
    targets: &[TargetColumn],
    split: &Split,
) -> Result<Vec<Warning>, Error> {
    let used: HashSet<&str> = encoding.used().map(|column| column.name.as_str()).collect();
    let inputs: Vec<&Column> = table.columns().iter().filter(|column| used.contains(column.name())).collect();
    let mut found = Vec::new();
    for target in targets {
        let (mut copies, mut others) = (Vec::new(), Vec::new());
        for &column in &inputs {
            if is_copy(column, target)? { &mut copies } else { &mut others }.push(column);
        }
        found.extend(copies.iter().map(|column| copy(column, target)));
        found.extend(sum_that_is(target, &others)?.map(|terms| sum(&terms, target)));
    }
    for target in targets {
        found.extend(spellings(&target.name, &target.classes, "classes of the target"));
    }
    for EncodedColumn { name, part, .. } in encoding.used() {
        if let Part::Category { values, .. } = part {
            found.extend(spellings(name, values, "values of"));
        } else if let Part::TwoValues { values, .. } = part {
            found.extend(spellings(name, &values.concat(), "values of"));
        }
    }
    found.extend(left_out(encoding, ColumnKind::Identifier, WarningKind::Identifier));
    found.extend(left_out(encoding, ColumnKind::Constant, WarningKind::Constant));
    found.extend(total(table)?);
    for column in &inputs {
        if column.column_type() == ColumnType::Number
            && let Cells::Number(numbers) = &*column.cells()?
        {
            found.extend(of_numbers(column.name(), &numbers.values, Role::Input));
        }
    }
    for target in targets.iter().filter(|target| target.classes.is_empty()) {
        found.extend(of_numbers(&target.name, &target.values, Role::Target));
    }
    let names: Vec<&str> = inputs
        .iter()
        .map(|column| column.name())
        .chain(targets.iter().map(|target| target.name.as_str()))
        .collect();
    let repeated = repeated_rows((table, &split.train), (table, &split.test), &names)?;
    if repeated > 0 {
        found.push(Warning {
            kind: WarningKind::Repeated,
            columns: Vec::new(),
            numbers: vec![repeated as f64, split.test.len() as f64],
            words: format!(
                "{repeated} of the {} test rows stand among the training rows too, with the same inputs and target",
                split.test.len()
            ),
            mend: "the score on them is of what was learnt by heart; take rows that are one case to one part with `--group`, \
                   or leave repeated rows out of the file"
                .to_owned(),
        });
    }
    let rows = split.train.len() + split.validation.len() + split.test.len();
    if rows < FEW_ROWS {
        found.push(Warning {
            kind: WarningKind::FewRows,
            columns: Vec::new(),
            numbers: vec![rows as f64],
            words: format!("{rows} rows are too few to judge a model by"),
            mend: "give more rows, or train and judge several times on parts of them with `--folds 5`"
                .to_owned(),
        });
    }
    found.sort_by_key(|warning| warning.kind as usize);
    Ok(found)
}

/// Whether a column's cells are those of the target, or stand one to one for its classes, wherever both are there.
fn is_copy(column: &Column, target: &TargetColumn) -> Result<bool, Error> {
    /// Fewer rows are equal by chance.
    const FEWEST: usize = 4;
    /// So many rows are compared at once.
    const ROWS: usize = 1 << 12;
    let is_number = target.classes.is_empty();
    if is_number && column.column_type() == ColumnType::Text {
        return Ok(false);
    }
    let most = target.classes.len();
    let mut pairs: Vec<(u64, usize)> = Vec::new();
    let mut count = 0;
    let rows: Vec<usize> = (0..target.values.len()).filter(|&row| !target.values[row].is_nan()).collect();
    for rows in rows.chunks(ROWS) {
        let lent = column.stored.lend(rows)?;
        for (at, &row) in rows.iter().enumerate() {
            let value = target.values[row];
            let key = match lent.cell(row, at) {
                Some(Raw::Number(own)) if own.is_nan() => continue,
                Some(Raw::Number(own)) if is_number && own != value => return Ok(false),
                Some(Raw::Number(own)) => crate::part::bits(own),
                Some(Raw::Word(Some(place))) => place as u64,
                Some(Raw::Word(None)) | None => continue,
            };
            count += 1;
            if is_number {
                continue;
            }
            let class = value as usize;
            match pairs.iter().find(|(other, _)| *other == key) {
                Some((_, known)) if *known == class => {}
                None if pairs.len() < most && pairs.iter().all(|(_, known)| *known != class) => {
                    pairs.push((key, class));
                }
                Some(_) | None => return Ok(false),
            }
        }
    }
    Ok(count >= FEWEST && (is_number || count > pairs.len() && pairs.len() > 1))
}

fn copy(column: &Column, target: &TargetColumn) -> Warning {
    let (name, to) = (column.name(), &target.name);
    let words = if target.classes.is_empty() {
        format!("`{}` is the target `{}` in every row", short(name), short(to))
    } else {
        format!("each value of `{}` stands for one class of the target `{}`", short(name), short(to))
    };
    let mend =
        format!("leave it out with `--ignore {}` where it is not known before the target is", argument(name));
    Warning { kind: WarningKind::Copy, columns: vec![name.to_owned()], numbers: Vec::new(), words, mend }
}

/// Terms with their signs.
fn sum(terms: &[(&Column, f64)], target: &TargetColumn) -> Warning {
    let mut words = String::new();
    for (place, (column, sign)) in terms.iter().enumerate() {
        words.push_str(match (place, *sign < 0.0) {
            (0, false) => "",
            (0, true) => "-",
            (_, false) => " + ",
            (_, true) => " - ",
        });
        words.push_str(&format!("`{}`", short(column.name())));
    }
    let columns: Vec<String> = terms.iter().map(|(column, _)| column.name().to_owned()).collect();
    Warning {
        kind: WarningKind::Sum,
        numbers: terms.iter().map(|(_, sign)| *sign).collect(),
        words: format!("{words} is the target `{}` in every row", short(&target.name)),
        mend: format!(
            "leave them out with `--ignore {}` where they are not known before the target is",
            argument(&columns.join(","))
        ),
        columns,
    }
}

/// Whether the last row has the sums of the rows above it, in every column of numbers where it has any, and in two or more, or
/// beside a cell that says so.
fn total(table: &Table) -> Result<Option<Warning>, Error> {
    /// Of fewer rows above, a sum may be a row.
    const FEWEST: usize = 3;
    const WORDS: [&str; 5] = ["total", "totals", "grand total", "sum", "all"];
    let Some(last) = table.rows().checked_sub(1).filter(|&last| last >= FEWEST) else { return Ok(None) };
    let mut says = false;
    for column in table.columns() {
        let Some(Raw::Word(Some(place))) = column.stored.lend(&[last])?.cell(last, 0) else { continue };
        let words = column.stored.distinct()?;
        let word = words.as_ref().and_then(|words| words.get(place)).unwrap_or_default();
        says = says || WORDS.contains(&word.to_lowercase().as_str());
    }
    let mut sums = Vec::new();
    for column in table.columns() {
        if column.column_type() == ColumnType::Text {
            continue;
        }
        let cells = column.cells()?;
        let Some((value, above)) = cells.numbers().and_then(<[f64]>::split_last) else { continue };
        if value.is_nan() {
            continue;
        }
        let above = || above.iter().filter(|value| !value.is_nan());
        let (sum, size) = (above().sum::<f64>(), above().map(|value| value.abs()).sum::<f64>());
        // Sums are written to as many digits as a person reads.
        let is_sum =
            (value - sum).abs() <= 1e-5 * size && above().filter(|value| **value != 0.0).count() >= FEWEST;
        if is_sum {
            sums.push(column.name().to_owned());
        } else if !says {
            return Ok(None);
        }
    }
    let is_total = sums.len() > 1 || says && !sums.is_empty();
    let line = table.lines.of(last).map_or(String::new(), |line| format!(", line {line} of the file,"));
    Ok(is_total.then(|| Warning {
        kind: WarningKind::Total,
        numbers: vec![last as f64],
        words: format!("the last row{line} has the sums of the rows above it in {}", listed(&sums, " and ")),
        mend: "take the line out of the file, for it is no case to learn from".to_owned(),
        columns: sums,
    }))
}

/// Values that differ in capitals, blanks or a last point alone, each lot in the order of its values.
fn spellings(name: &str, values: &[String], what: &str) -> Option<Warning> {
    const MOST: usize = 3;
    let mut lots: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for value in values {
        lots.entry(plain(value)).or_default().push(value);
    }
    let lots: Vec<Vec<&String>> = lots.into_values().filter(|lot| lot.len() > 1).collect();
    let named = |lot: &Vec<&String>| {
        let words: Vec<String> = lot.iter().map(|value| (*value).clone()).collect();
        listed(&words, " and ")
    };
    let mut shown: Vec<String> = lots.iter().take(MOST).map(named).collect();
    if let Some(more @ 1..) = lots.len().checked_sub(MOST) {
        shown.push(format!("{more} more such"));
    }
    lots.first()?;
    Some(Warning {
        kind: WarningKind::Spelling,
        columns: vec![name.to_owned()],
        numbers: vec![lots.len() as f64],
        words: format!("{}, {what} `{}`, are told apart", shown.join("; "), short(name)),
        mend: format!("take them as one with `--merge {}` where they mean the same", argument(name)),
    })
}

fn left_out(encoding: &Encoding, of: ColumnKind, kind: WarningKind) -> Option<Warning> {
    let found: Vec<_> = encoding.columns.iter().filter(|column| column.kind == of && !column.told).collect();
    let first = found.first()?;
    let columns: Vec<String> = found.iter().map(|column| column.name.clone()).collect();
    let (is, what) = match (columns.len(), of) {
        (1, ColumnKind::Identifier) => ("is", "left out as an identifier"),
        (1, _) => ("is", "left out as a constant"),
        (_, ColumnKind::Identifier) => ("are", "left out as identifiers"),
        (_, _) => ("are", "left out as constants"),
    };
    // Numbers that name rows were not counted; words were, and constants.
    let other = if first.distinct.is_some() { ColumnKind::Category } else { ColumnKind::Number };
    let why = if columns.len() == 1 { format!(" ({})", first.why) } else { String::new() };
    Some(Warning {
        kind,
        numbers: Vec::new(),
        words: format!("{} {is} {what}{why}", listed(&columns, " and ")),
        mend: format!(
            "say what it is where that is wrong, as with `{}`",
            column_option(&first.name, other.word())
        ),
        columns,
    })
}
