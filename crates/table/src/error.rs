//! Every mistake that a table, a row file, a split or a scaling can hold; `message` has the sentence for each.

use std::error;
use std::path::PathBuf;

use crate::kind::ColumnKind;
use crate::place::{Place, Role};
use crate::reading::{Delimiter, Question};
use crate::split::Part;
use crate::strays::Strays;

/// What went wrong with a file, a table, a split or a scaling. Its `Display` is one sentence with the mend.
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
    /// The file is longer than is read.
    TooLong {
        /// The path as it was given.
        path: PathBuf,
        /// The most bytes that are read.
        most: u64,
    },
    /// The file cannot be written.
    Unwritable {
        /// The path as it was given.
        path: PathBuf,
        /// What the operating system said, or what it is.
        reason: String,
        /// What to do about it.
        mend: &'static str,
    },
    /// The file holds bytes that are none of its encoding, which is UTF-8 where nothing else is known.
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
    /// A quote is not closed, or more than blanks stands behind the one that closes it.
    OpenQuote {
        /// The file.
        file: String,
        /// The line on which the quote was opened.
        line: usize,
        /// The line on which more stands behind a closing quote; none where no quote closes it.
        torn: Option<usize>,
    },
    /// A byte of value 0 in text.
    NulByte {
        /// The file.
        file: String,
        /// Its line.
        line: usize,
    },
    /// A row has more bytes than are read.
    LongRow {
        /// The file.
        file: String,
        /// The line on which it begins.
        line: usize,
        /// The most bytes of a row.
        most: usize,
    },
    /// A compressed file would become more than is read.
    TooMuch {
        /// The file.
        file: String,
        /// The last line that was read, where lines are read.
        line: Option<usize>,
    },
    /// Gzip that ends early or does not fit its checksum.
    DamagedGzip {
        /// The file.
        file: String,
        /// The last line that was read, where lines are read.
        line: Option<usize>,
    },
    /// A file of a format that is no text, IDX or Parquet, that is not whole.
    Damaged {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A format that is known and not read.
    ForeignFormat {
        /// The file.
        file: String,
        /// What it is.
        format: &'static str,
        /// How it becomes one that is read.
        mend: &'static str,
    },
    /// The file was changed while it was read.
    Changed {
        /// The file.
        file: String,
    },
    /// All that the file holds fits two readings.
    Undecided {
        /// The file.
        file: String,
        /// The line, where it is known, and the column, where it is about one.
        place: Option<(Option<usize>, String)>,
        /// What is open.
        question: Box<Question>,
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
        /// What stands between cells.
        delimiter: Delimiter,
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
        place: Box<Place>,
        /// What the cell says.
        cell: String,
        /// The other columns asked for that hold text.
        others: Vec<String>,
    },
    /// A cell of a used column is missing.
    MissingCell {
        /// Where the cell stands.
        place: Box<Place>,
    },
    /// A cell of a used column is infinite.
    NotFinite {
        /// Where the cell stands.
        place: Box<Place>,
        /// Its value.
        value: f64,
    },
    /// A cell is none of the kind that its column is of.
    WrongKind {
        /// Where the cell stands.
        place: Box<Place>,
        /// What the cell says.
        cell: String,
        /// The kind.
        kind: ColumnKind,
    },
    /// A column is numbers or dates but for a few cells.
    Strays(Box<Strays>),
    /// A target is dates, which are neither numbers nor, where they are many, classes.
    DateTarget {
        /// Where the first of them stands.
        place: Box<Place>,
        /// What the cell says.
        cell: String,
        /// The number of distinct cells.
        distinct: usize,
        /// The number of cells that are not missing.
        cells: usize,
    },
    /// A target's cell is none of the classes of a trained model.
    UnknownClass {
        /// Where the cell stands.
        place: Box<Place>,
        /// What the cell says.
        cell: String,
        /// The classes.
        classes: Vec<String>,
    },
    /// A target that is to be counts has a negative number or a fraction.
    NoCount {
        /// Where the cell stands.
        place: Box<Place>,
        /// Its value.
        value: f64,
    },
    /// Every column was left out.
    NothingLeft {
        /// The file.
        file: String,
        /// The columns that might have been inputs, each with the reason.
        left_out: Vec<(String, String)>,
        /// The option by which one of them is kept, where there is one.
        overruled_by: Option<String>,
        /// The number of rows to train on.
        rows: usize,
    },
    /// A row has a weight below 0.
    NegativeWeight {
        /// Where the weight stands.
        place: Box<Place>,
        /// Its value.
        weight: f64,
    },
    /// A row's weight is negative or no number.
    WrongWeight {
        /// The row, counted from 0.
        row: usize,
        /// Its weight.
        weight: f64,
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
    /// Two parts of a split share a row, or one part (given twice here) names a row twice.
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
    /// A part is left without rows, since classes have too few rows for a share each or groups are not parted.
    WholeSets {
        /// The part that is left empty.
        part: Part,
        /// The number of rows to be drawn from.
        rows: usize,
        /// The number of classes or groups that they are of.
        sets: usize,
        /// Whether they are groups.
        are_groups: bool,
    },
    /// There are fewer rows, or groups of rows, than folds, or fewer than two folds.
    TooManyFolds {
        /// The number of folds that was asked for.
        folds: usize,
        /// The number of rows, or of groups.
        parts: usize,
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

impl error::Error for Error {}
