//! Every mistake that a table, a row file, a split or a scaling can hold, each said in one sentence with its mend.

use std::error;
use std::fmt;
use std::path::PathBuf;

/// What went wrong with a file, a table, a split or a scaling.
///
/// Lines are counted from 1 as an editor counts them; data rows are counted from 0, as in row files.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// No file lies at the path.
    NoFile {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The file is there but cannot be read (a folder, no permission, a failing disk).
    Unreadable {
        /// The path as it was given.
        path: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// The file cannot be written.
    Unwritable {
        /// The path as it was given.
        path: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// The file holds bytes that are no UTF-8.
    NotUtf8 {
        /// The file.
        file: String,
        /// The line of the first such byte.
        line: usize,
    },
    /// The table has no line at all.
    Empty {
        /// The file.
        file: String,
    },
    /// The table has column names and no rows.
    HeaderOnly {
        /// The file.
        file: String,
        /// The number of columns that the header names.
        columns: usize,
    },
    /// A column has no name.
    UnnamedColumn {
        /// The file.
        file: String,
        /// The place of the column, counted from 1.
        position: usize,
    },
    /// Two columns have one name.
    DuplicateColumn {
        /// The file.
        file: String,
        /// The name.
        name: String,
        /// The places of the two columns, counted from 1.
        positions: [usize; 2],
    },
    /// A row has more or fewer cells than the header has names.
    RaggedRow {
        /// The file.
        file: String,
        /// The line on which the row begins.
        line: usize,
        /// The number of cells in the row.
        cells: usize,
        /// The number of columns.
        columns: usize,
    },
    /// Columns given in memory differ in length.
    RaggedColumn {
        /// The table's name.
        file: String,
        /// The column that differs from the first.
        column: String,
        /// The number of its cells.
        cells: usize,
        /// The number of cells in the first column.
        rows: usize,
    },
    /// A name is no column of the table.
    NoColumn {
        /// The file.
        file: String,
        /// What the column was wanted for.
        role: Role,
        /// The name that was asked for.
        name: String,
        /// The columns with the nearest names, nearest first.
        nearest: Vec<String>,
        /// Every column of the table.
        columns: Vec<String>,
    },
    /// No target was named.
    NoTarget {
        /// The file.
        file: String,
    },
    /// A target is named twice.
    RepeatedTarget {
        /// The column.
        name: String,
    },
    /// A column is both a target and ignored.
    IgnoredTarget {
        /// The column.
        name: String,
    },
    /// After targets and ignored columns nothing is left to predict from.
    NoInputs {
        /// The file.
        file: String,
        /// The number of columns in the table.
        columns: usize,
    },
    /// A cell of a column that is used as numbers is text.
    TextCell {
        /// Where the cell stands.
        place: Place,
        /// What the cell says.
        cell: String,
    },
    /// A cell of a used column is missing.
    MissingCell {
        /// Where the cell stands.
        place: Place,
    },
    /// A cell of a used column is no finite number.
    NotFinite {
        /// Where the cell stands.
        place: Place,
        /// Its value: NaN or an infinity.
        value: f64,
    },
    /// The cells given to a matrix are not rows times columns.
    WrongCount {
        /// The number of cells given.
        cells: usize,
        /// The number of rows asked for.
        rows: usize,
        /// The number of columns asked for.
        columns: usize,
    },
    /// A row number beyond the end of a table or matrix.
    NoRow {
        /// The row, counted from 0.
        row: usize,
        /// The number of rows.
        rows: usize,
    },
    /// A line of a row file is no row number.
    NotARowNumber {
        /// The row file.
        file: String,
        /// The line.
        line: usize,
        /// What stands there.
        found: String,
    },
    /// A row file names a row that the table does not have.
    RowOutOfRange {
        /// The row file.
        file: String,
        /// The line.
        line: usize,
        /// The row, counted from 0.
        row: usize,
        /// The number of rows in the table.
        rows: usize,
    },
    /// A row file names a row twice.
    RepeatedRow {
        /// The row file.
        file: String,
        /// The lines of the two places.
        lines: [usize; 2],
        /// The row, counted from 0.
        row: usize,
    },
    /// A row file names no row.
    NoRows {
        /// The row file.
        file: String,
    },
    /// Two parts of a split share a row.
    Overlap {
        /// The two parts.
        parts: [Part; 2],
        /// The first shared row, counted from 0.
        row: usize,
    },
    /// A part's fraction is not between 0 and 1.
    WrongFraction {
        /// The part.
        part: Part,
        /// The fraction that was asked for.
        fraction: f64,
    },
    /// A split would leave a part without rows.
    TooFewRows {
        /// The part that is left empty.
        part: Part,
        /// The number of rows to be split.
        rows: usize,
    },
    /// The training rows are given but the test rows are to be drawn.
    TestRowsNeeded,
    /// A matrix has another number of columns than the scaling that is applied to it.
    WrongWidth {
        /// The number of columns of the matrix.
        columns: usize,
        /// The number of columns that the scaling was fitted on.
        expected: usize,
    },
}

/// What a column is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Something to predict from, in training: it can be ignored.
    Input,
    /// What is to be predicted.
    Target,
    /// A column to leave out.
    Ignored,
    /// An input of a trained model: it is needed.
    ModelInput,
}

/// A part of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The rows that the model learns from.
    Train,
    /// The rows that choose the best epoch.
    Validation,
    /// The rows that judge the model, read once.
    Test,
}

/// Where a cell stands, and what its column is used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as its path was given.
    pub file: String,
    /// The line of the file, counted from 1.
    pub line: usize,
    /// The data row, counted from 0 as in row files.
    pub row: usize,
    /// The column's name.
    pub column: String,
    /// What the column is used for.
    pub role: Role,
}

impl error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NoFile { path } => {
                write!(f, "there is no file `{}`: check its name and folder", short(&path.to_string_lossy()))
            }
            Error::Unreadable { path, reason } => write!(
                f,
                "`{}` cannot be read ({reason}): give the path of a file that you may read",
                short(&path.to_string_lossy())
            ),
            Error::Unwritable { path, reason } => write!(
                f,
                "`{}` cannot be written ({reason}): choose a folder that exists and that you may write to",
                short(&path.to_string_lossy())
            ),
            Error::NotUtf8 { file, line } => {
                write!(f, "{file}, line {line}: a byte that is not UTF-8 text: save the file as UTF-8")
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
            Error::UnnamedColumn { file, position } => {
                write!(f, "{file}: column {position} has no name: write one in the first line of the file")
            }
            Error::DuplicateColumn { file, name, positions: [first, second] } => write!(
                f,
                "{file}: columns {first} and {second} are both named `{}`: rename one in the first line of the file",
                short(name)
            ),
            Error::RaggedRow { file, line, cells, columns } => write!(
                f,
                "{file}, line {line}: {} where the header has {}: \
                 look for a missing or extra comma, or a quote that is not closed",
                count(*cells, "cell"),
                count(*columns, "column")
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
            Error::TextCell { place, cell } => {
                write!(f, "{place}: expected a number, found the text `{}`: ", short(cell))?;
                mend_cell(f, place, "write a number")
            }
            Error::MissingCell { place } => {
                write!(f, "{place}: expected a number, found a missing cell: ")?;
                mend_cell(f, place, "fill it in")
            }
            Error::NotFinite { place, value } => {
                let value = if value.is_nan() { "NaN" } else { "a number that is infinite or too large" };
                write!(f, "{place}: expected a finite number, found {value}: ")?;
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
            Error::Overlap { parts: [first, second], row } => write!(
                f,
                "row {row} is in both the {first} and the {second} rows: take it out of one of them, \
                 or the model is judged on what it has seen"
            ),
            Error::WrongFraction { part, fraction } => write!(
                f,
                "the {part} fraction is {fraction}: expected a number from 0 up to, but not including, 1, such as 0.2"
            ),
            Error::TooFewRows { part, rows } => write!(
                f,
                "no row is left for the {part} part when {} are split: \
                 give more rows, smaller fractions, or `--test 0` or `--validation 0`",
                count(*rows, "row")
            ),
            Error::TestRowsNeeded => f.write_str(
                "the training rows are given but the test rows are not: name them too with `--test ROWS.txt`, \
                 a table with `--test TABLE.csv`, or none with `--test 0`",
            ),
            Error::WrongWidth { columns, expected } => write!(
                f,
                "a matrix of {} meets a scaling of {expected}: give the columns that the scaling was fitted on",
                count(*columns, "column")
            ),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { file, line, row, column, role: _ } = self;
        write!(f, "{file}, line {line} (row {row}, counted from 0), column `{}`", short(column))
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
        Role::Target => write!(f, "the target `{name}` is no column of {file}: ")?,
        Role::Ignored => write!(f, "the column `{name}` that is to be ignored is not in {file}: ")?,
        Role::ModelInput => write!(f, "the model needs the column `{name}`, and {file} does not have it: ")?,
    }
    if !nearest.is_empty() {
        write!(f, "did you mean {}? ", listed(nearest, " or "))?;
    }
    match columns {
        [] => f.write_str("the table has no columns"),
        _ => write!(f, "the table has {}", listed(columns, " and ")),
    }
}

/// The mend of a bad cell: an input may be ignored, a target or a model's input may not.
fn mend_cell(f: &mut fmt::Formatter<'_>, place: &Place, repair: &str) -> fmt::Result {
    match place.role {
        Role::Input | Role::Ignored => {
            write!(f, "{repair}, remove the row, or leave the column out with `--ignore {}`", argument(&place.column))
        }
        Role::Target => write!(f, "{repair}, remove the row, or choose another target"),
        Role::ModelInput => write!(f, "{repair} or remove the row, for the model needs this column"),
    }
}

fn valid_rows(rows: usize) -> String {
    match rows {
        0 => "there are no rows".to_owned(),
        1 => "the only row is row 0".to_owned(),
        _ => format!("rows are counted from 0 to {}", rows - 1),
    }
}

fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// At most twelve names in backticks, the last joined by `last`.
fn listed(names: &[String], last: &str) -> String {
    const MOST: usize = 12;
    let mut shown: Vec<String> = names.iter().take(MOST).map(|name| format!("`{}`", short(name))).collect();
    if names.len() > MOST {
        shown.push(format!("{} more", names.len() - MOST));
    }
    match shown.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{}{last}{end}", rest.join(", ")),
    }
}

/// A column's name as a word of a command line.
fn argument(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-.+%/@:".contains(c);
    if !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("'{}'", short(&name.replace('\'', "'\\''")))
    }
}

/// A cell or name on one line: control characters escaped, and cut where it grows long.
pub(crate) fn short(text: &str) -> String {
    const MOST: usize = 60;
    let mut shown = String::new();
    for (place, character) in text.chars().enumerate() {
        if place == MOST {
            shown.push_str("...");
            break;
        }
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}
