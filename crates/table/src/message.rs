//! The sentence for each error: what, where, what was expected, and the mend.

use std::fmt;
use std::path::Path;

use crate::dates::Moment;
use crate::error::Error;
use crate::kind::ColumnKind;
use crate::number::read_number;
use crate::place::{Place, Role, mend_cell};
use crate::reading::Decimal;
use crate::split::Part;
use crate::words::{argument, count, listed, near, short, valid_rows};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NoFile { path } => {
                write!(f, "there is no file `{}`: check its name and folder", short(&path.to_string_lossy()))
            }
            Error::Unreadable { path, reason } if path == Path::new("/dev/stdin") => {
                write!(f, "standard input cannot be read ({reason}): send a file or a pipe there, or give the path of a file")
            }
            Error::Unreadable { path, reason } => write!(
                f,
                "`{}` cannot be read ({reason}): give the path of a file that you may read",
                short(&path.to_string_lossy())
            ),
            Error::TooLong { path, most } => write!(
                f,
                "`{}` has more than {} GiB, the most that is read: give a shorter file",
                short(&path.to_string_lossy()),
                most >> 30
            ),
            Error::Unwritable { path, reason, mend } => {
                write!(f, "`{}` cannot be written ({reason}): {mend}", short(&path.to_string_lossy()))
            }
            Error::NotUtf8 { file, line } => {
                write!(
                    f,
                    "{file}, line {line}: bytes that are no text in its encoding: save the file as UTF-8, or name its encoding with \
                     `--encoding`, such as `--encoding windows-1252`"
                )
            }
            Error::Empty { file } => write!(
                f,
                "{file} is empty: expected a first line with the names of the columns, then one line for each row"
            ),
            Error::HeaderOnly { file, columns } => write!(
                f,
                "{file} has a header of {} and no rows: expected at least one row of data below it",
                count(*columns, "column")
            ),
            Error::OpenQuote { file, line, torn: None } => write!(
                f,
                "{file}, line {line}: a quote that is opened here is never closed: close it, or read quotes as text with \
                 `--quote none`"
            ),
            Error::OpenQuote { file, line, torn: Some(torn) } => write!(
                f,
                "{file}, line {line}: behind the quote that closes the one opened here{} stands more: close it before, write a quote \
                 that belongs to the text twice, or read quotes as text with `--quote none`",
                if torn == line { String::new() } else { format!(", on line {torn},") }
            ),
            Error::NulByte { file, line } => write!(
                f,
                "{file}, line {line}: a byte of value 0, which no text holds: the file is damaged or no text; save it anew as \
                 comma-separated values in UTF-8"
            ),
            Error::LongRow { file, line, most } => write!(
                f,
                "{file}, line {line}: a row of more than {} MiB, the longest that is read: look for line breaks that are missing, or \
                 whether the file is a table",
                most >> 20
            ),
            Error::TooMuch { file, line } => write!(
                f,
                "{file}{}: its gzip holds more than a hundred times its bytes, so it is hardly a table: undo it with `gunzip` to read \
                 it all the same",
                near(*line)
            ),
            Error::DamagedGzip { file, line } => write!(
                f,
                "{file}{}: its gzip ends early or is damaged, so rows would be lost: copy or compress the file again",
                near(*line)
            ),
            Error::Damaged { file, reason } => {
                write!(f, "{file}: {reason}: copy or download the file again")
            }
            Error::ForeignFormat { file, format, mend } => write!(f, "{file} is {format}, which is not read: {mend}"),
            Error::Changed { file } => {
                write!(f, "{file} was changed while it was read: run the command again when it is whole")
            }
            Error::Undecided { file, place, question } => {
                f.write_str(file)?;
                if let Some((line, column)) = place {
                    if let Some(line) = line {
                        write!(f, ", line {line}")?;
                    }
                    write!(f, ", column `{}`", short(column))?;
                }
                let [(first, one), (second, two)] = &question.choices;
                write!(f, ": {}: choose with `{first}` ({one}) or `{second}` ({two})", question.what)
            }
            Error::UnnamedColumn { file, position } => {
                write!(f, "{file}: column {position} has no name: write one in the first line of the file")
            }
            Error::DuplicateColumn { file, name, positions: [first, second] } => write!(
                f,
                "{file}: columns {first} and {second} are both named `{}`: rename one in the first line of the file",
                short(name)
            ),
            Error::RaggedRow { file, line, cells, columns, delimiter } => write!(
                f,
                "{file}, line {line}: {} where the table has {}, with {delimiter} between cells: write as many cells as columns, put a \
                 cell that holds the sign in quotes, {}, or name the sign with `--delimiter`",
                count(*cells, "cell"),
                count(*columns, "column"),
                if *columns == 1 { "take away lines above the names" } else { "take the line away if it is no row" }
            ),
            Error::RaggedColumn { file, column, cells, rows } => write!(
                f,
                "{file}: column `{}` has {} where the first column has {rows}: give every column the same length",
                short(column),
                count(*cells, "cell")
            ),
            Error::NoColumn { file, role, name, nearest, columns } => {
                no_column(f, file, *role, name, nearest, columns)
            }
            Error::NoTarget { file } => {
                write!(f, "no target column is named for {file}: name the column to predict with `--target COLUMN`")
            }
            Error::RepeatedTarget { name } => {
                write!(f, "column `{}` is named twice as a target: name it once", short(name))
            }
            Error::IgnoredTarget { name } => write!(
                f,
                "column `{}` is both the target and ignored: take it out of `--ignore`, or choose another target",
                short(name)
            ),
            Error::NoInputs { file, columns } => write!(
                f,
                "{file} has {}, and all are targets or ignored: leave at least one column to predict from",
                count(*columns, "column")
            ),
            Error::TextCell { place, cell, others } => {
                let is_number = |decimal| read_number(cell, decimal).is_some();
                if is_number(Decimal::Point) || is_number(Decimal::Comma) {
                    write!(f, "{place}: `{}` has another decimal mark than the column: ", short(cell))?;
                } else {
                    write!(f, "{place}: expected a number, found the text `{}`: ", short(cell))?;
                }
                mend_cell(f, place, "write a number")?;
                match others.as_slice() {
                    [] => Ok(()),
                    [other] => write!(f, " (`{}` is text too)", short(other)),
                    _ => write!(f, " ({} are text too)", listed(others, " and ")),
                }
            }
            Error::MissingCell { place } => {
                write!(f, "{place}: expected a number, found a missing cell: ")?;
                mend_cell(f, place, "fill it in")
            }
            Error::NotFinite { place, value } => {
                debug_assert!(value.is_infinite(), "a NaN is a missing cell");
                write!(f, "{place}: expected a finite number, found a number that is infinite or too large: ")?;
                mend_cell(f, place, "write a finite number")
            }
            Error::WrongCount { cells, rows, columns } => {
                write!(f, "{cells} cells do not fill a matrix of {rows} x {columns}: give rows times columns of them")
            }
            Error::NoRow { row, rows } => {
                write!(f, "row {row} is not there: {}", valid_rows(*rows))
            }
            Error::NotARowNumber { file, line, found } => write!(
                f,
                "{file}, line {line}: expected a row number, found `{}`: \
                 write one whole number a line, counting data rows from 0",
                short(found)
            ),
            Error::RowOutOfRange { file, line, row, rows } => {
                write!(f, "{file}, line {line}: row {row} is not in the table: {}", valid_rows(*rows))
            }
            Error::RepeatedRow { file, lines: [first, second], row } => {
                write!(f, "{file}: row {row} stands on lines {first} and {second}: name each row once")
            }
            Error::NoRows { file } => {
                write!(f, "{file} names no rows: write one row number a line, counting data rows from 0")
            }
            Error::Overlap { parts: [first, second], row } if first == second => {
                write!(f, "row {row} is twice among the {first} rows: name each row once")
            }
            Error::Overlap { parts: [first, second], row } => write!(
                f,
                "row {row} is in both the {first} and the {second} rows: take it out of one of them, \
                 or the model is judged on what it has seen"
            ),
            Error::WrongFraction { part, fraction } => write!(
                f,
                "the {part} fraction is {fraction:?}: expected a number from 0 up to, but not including, 1, such as 0.2"
            ),
            Error::TooFewRows { part, rows } => write!(
                f,
                "no row is left for the {part} part when {} are split: \
                 give more rows, smaller fractions, or `--test 0` or `--validation 0`",
                count(*rows, "row")
            ),
            Error::WholeSets { part, rows, sets, are_groups: true } => write!(
                f,
                "no row is left for the {part} part: the {} are of {}, which are not parted: leave `--group` out, or judge by no rows \
                 with `--test 0 --validation 0`",
                count(*rows, "row"),
                count(*sets, "group")
            ),
            Error::WholeSets { part, rows, sets, are_groups: false } => write!(
                f,
                "no row is left for the {part} part: the {} are of {sets} classes, which have too few rows to share them: predict numbers \
                 with `--task numbers` where they are, or judge by no rows with `--test 0 --validation 0`",
                count(*rows, "row")
            ),
            Error::TooManyFolds { folds, parts } => write!(
                f,
                "{folds} folds of {parts} cannot be made: there are {}, or groups of rows, and folds are from 2 to as many",
                count(*parts, "row")
            ),
            Error::TestRowsNeeded => f.write_str(
                "the training rows are given but the test rows are not: name them too with `--test ROWS.txt`, \
                 a table with `--test TABLE.csv`, or none with `--test 0`",
            ),
            Error::WrongKind { place, cell, kind } => wrong_kind(f, place, cell, *kind),
            Error::Strays(strays) => write!(f, "{strays}"),
            Error::DateTarget { place, cell, distinct, cells } => {
                write!(
                    f,
                    "{place}: `{}` is a date, as its cells are, which is neither a number nor one of few classes: write it as a number in \
                     a column of the file, such as the days or the seconds since the first",
                    short(cell)
                )?;
                // Classes of one row each are learnt by nobody.
                if 2 * distinct > *cells {
                    return Ok(());
                }
                write!(f, ", or take each of the {distinct} dates as a class with `--task classes`")
            }
            Error::UnknownClass { place, cell, classes } => write!(
                f,
                "{place}: `{}` is none of the model's classes, {}: write one of them, or nothing where the class is not known",
                short(cell),
                listed(classes, " and ")
            ),
            Error::NoCount { place, value } => write!(
                f,
                "{place}: {value} is no count, which is a whole number from 0 on: write one, or predict numbers with `--task numbers`"
            ),
            Error::NothingLeft { file, rows: 1, .. } => {
                write!(f, "{file}: one row tells nothing apart: give a table with more rows to train on")
            }
            Error::NothingLeft { file, left_out, overruled_by, rows: _ } => {
                write!(f, "{file}: no column is left to predict from: ")?;
                for (place, (name, why)) in left_out.iter().take(4).enumerate() {
                    write!(f, "{}`{}` is left out ({why})", if place == 0 { "" } else { ", " }, short(name))?;
                }
                if left_out.len() > 4 {
                    write!(f, " and {} more", left_out.len() - 4)?;
                }
                let say = overruled_by.as_ref().map(|option| format!("say what a column is, as with `{option}`, or "));
                write!(f, ": {}give a table with other columns", say.unwrap_or_default())
            }
            Error::NegativeWeight { place, weight } => {
                write!(f, "{place}: expected a weight from 0 on, found {weight}: ")?;
                mend_cell(f, place, "write how much the row counts")
            }
            Error::WrongWeight { row, weight } => write!(
                f,
                "row {row} (counted from 0) has the weight {weight}: give each row a weight that is a number, 0 or more"
            ),
            Error::WrongWidth { columns, expected } => write!(
                f,
                "a matrix of {} meets a scaling of {expected}: give the columns that the scaling was fitted on",
                count(*columns, "column")
            ),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Train => "training",
            Part::Validation => "validation",
            Part::Test => "test",
        })
    }
}

/// Says that a name is no column, offers the nearest, and lists what the table has.
fn no_column(
    f: &mut fmt::Formatter<'_>,
    file: &str,
    role: Role,
    name: &str,
    nearest: &[String],
    columns: &[String],
) -> fmt::Result {
    let name = short(name);
    match role {
        Role::Input => write!(f, "{file} has no column `{name}`: ")?,
        Role::Target | Role::ModelTarget => write!(f, "the target `{name}` is no column of {file}: ")?,
        Role::Ignored => write!(f, "the column `{name}` that is to be ignored is not in {file}: ")?,
        Role::Kind => write!(f, "the column `{name}` whose kind is told is not in {file}: ")?,
        Role::Group => write!(f, "the column `{name}` that rows are grouped by is not in {file}: ")?,
        Role::Order => write!(f, "the column `{name}` that rows are ordered by is not in {file}: ")?,
        Role::Weight => write!(f, "the column `{name}` that has the weights of rows is not in {file}: ")?,
        Role::ModelInput => write!(f, "the model needs the column `{name}`, and {file} does not have it: ")?,
    }
    if !nearest.is_empty() {
        write!(f, "did you mean {}? ", listed(nearest, " or "))?;
    }
    match columns {
        [] => f.write_str("the table has no columns"),
        [only] => {
            write!(f, "the table has `{}` alone", short(only))?;
            let is_sign = |sign: char| !sign.is_alphanumeric() && !"_-.".contains(sign);
            let is_parted = only.contains(is_sign);
            f.write_str(if is_parted { ": name the sign between its columns with `--delimiter`" } else { "" })
        }
        _ => write!(f, "the table has {}", listed(columns, " and ")),
    }
}

/// Says that a cell is none of its column's kind.
fn wrong_kind(f: &mut fmt::Formatter<'_>, place: &Place, cell: &str, kind: ColumnKind) -> fmt::Result {
    let cell = short(cell);
    match kind {
        ColumnKind::Number => {
            write!(f, "{place}: `{cell}` is no number: write one, or nothing where it is missing")?;
            if place.role == Role::Target {
                f.write_str(", or leave `--task` out, so that texts are classes")?;
            }
        }
        ColumnKind::Date if Moment::is_open(&cell) => write!(
            f,
            "{place}: nothing that the model was trained on tells whether the day or the month comes first in `{cell}`: write it as \
             2024-04-03"
        )?,
        ColumnKind::Date => {
            write!(f, "{place}: `{cell}` is no date: write one as 2024-04-03 or 2024-04-03 10:30")?;
            f.write_str(match place.role {
                Role::Order => ", or order the rows by another column",
                _ => ", or nothing where it is missing",
            })?;
        }
        ColumnKind::TwoValues | ColumnKind::Boolean => {
            write!(f, "{place}: `{cell}` is a third value where a {kind} column has two")?;
        }
        ColumnKind::Ordered => {
            write!(f, "{place}: `{cell}` is not in the order that was told: add it at its place")?
        }
        ColumnKind::Category | ColumnKind::Text | ColumnKind::Identifier | ColumnKind::Constant => {
            write!(f, "{place}: `{cell}` does not fit the kind {kind}")?;
        }
    }
    if place.role == Role::Kind {
        let option = argument(&format!("{}=category", place.column));
        write!(f, ", or take the column as it is with `--column {option}`")?;
    }
    Ok(())
}
