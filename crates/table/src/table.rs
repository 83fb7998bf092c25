//! A table: named columns of equal length, read from a file or made in memory.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use crate::audit::Audit;
use crate::column::{Cells, Column, ColumnType, Numbers};
use crate::error::Error;
use crate::matrix::Matrix;
use crate::nearest::nearest;
use crate::place::{Place, Role};
use crate::reader;
use crate::reading::Reading;
use crate::source::Source;
use crate::words::short;

/// Named columns of equal length.
///
/// A number takes eight bytes and a text cell four, and each distinct text is stored once. The cells of a large table that was read
/// lie in a temporary file without a name (in `TMPDIR`), from which [`Column::loaded`] reads them.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub(crate) name: String,
    /// How messages call the file: its path as given.
    pub(crate) file: String,
    /// The row of the file that is its first: above 0 for a later block of one.
    pub(crate) first: usize,
    pub(crate) rows: usize,
    // Invariant: every column has `rows` cells, and no two have the same name.
    pub(crate) columns: Vec<Column>,
    pub(crate) lines: Lines,
    pub(crate) reading: Reading,
}

impl Table {
    /// Reads a file, whatever its format: text whose rows are lines (CSV, TSV and their kin), IDX, or Parquet with the feature
    /// `parquet`; gzip around any is undone.
    ///
    /// Delimiter, decimal mark, quotes, comments, encoding and header are found; [`Table::reading`] has what was found, and
    /// [`Table::read_as`] takes what is known. Where all that the file holds fits two readings, nothing is guessed. Blanks
    /// around cells and lines without a sign count for nothing, and cells such as `NA`, `?` and `nan` are missing. The name
    /// of the table is the file's, without its folder and endings.
    ///
    /// # Errors
    /// For a file that is not there, cannot be read, is a folder or a device, is damaged, or is longer than
    /// [`crate::MOST_FILE`]; bytes that are no text, no rows, a quote that is not
    /// closed, a row with more or fewer cells than columns; and a file that can be read in two ways.
    pub fn read(path: impl AsRef<Path>) -> Result<Table, Error> {
        Table::read_as(path, &Reading::default())
    }

    /// Reads a file as [`Table::read`] does, with what is known of it.
    ///
    /// # Errors
    /// As for [`Table::read`].
    pub fn read_as(path: impl AsRef<Path>, told: &Reading) -> Result<Table, Error> {
        let path = path.as_ref();
        reader::read(&name_of(path), &Source::open(path)?, told)
    }

    /// Reads a table from memory, as [`Table::read`] does from a file; `name` is the table's name and stands for the file in
    /// messages.
    ///
    /// # Errors
    /// As for [`Table::read`], but for those about the file itself.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Table, Error> {
        Table::parse_as(name, bytes, &Reading::default())
    }

    /// Reads a table from memory as [`Table::parse`] does, with what is known of it.
    ///
    /// # Errors
    /// As for [`Table::parse`].
    pub fn parse_as(name: &str, bytes: &[u8], told: &Reading) -> Result<Table, Error> {
        reader::read(name, &Source::memory(short(name), bytes)?, told)
    }

    /// A table of numbers that are in memory already. NaN is a missing cell; both it and infinities are errors once their
    /// column is used.
    ///
    /// # Errors
    /// For no columns, columns of different lengths, no rows, a column without a name, and two of one name.
    pub fn from_columns(name: &str, columns: Vec<(String, Vec<f64>)>) -> Result<Table, Error> {
        let file = short(name);
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        check_names(&file, &names)?;
        let rows = columns.first().map_or(0, |(_, values)| values.len());
        if let Some((column, values)) = columns.iter().find(|(_, values)| values.len() != rows) {
            return Err(Error::RaggedColumn { file, column: column.clone(), cells: values.len(), rows });
        }
        if rows == 0 {
            return Err(Error::HeaderOnly { file, columns: columns.len() });
        }
        let columns = columns
            .into_iter()
            .map(|(name, values)| Column::new(name, Cells::Number(Numbers { values })))
            .collect();
        Ok(Table {
            name: name.to_owned(),
            file,
            first: 0,
            rows,
            columns,
            lines: Lines::default(),
            reading: Reading::default(),
        })
    }

    /// The file's name without folder and extension.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the file was read: what was told and what was found. All is `None` for a table that was made in memory.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// The number of data rows, at least one.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns in the order of the file, at least one.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The names of the columns in the order of the file.
    pub fn column_names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// What the table holds, column by column, for a person to look at before training.
    ///
    /// # Errors
    /// As for [`Column::loaded`].
    pub fn audit(&self) -> Result<Audit, Error> {
        Audit::new(self)
    }

    /// The named columns side by side, at all rows or at the given rows (counted from 0, in the given order), as a
    /// matrix of rows x `columns.len()`.
    ///
    /// # Errors
    /// For a name that is no column, a row beyond the last, and a cell that is text, missing, NaN or infinite.
    pub fn matrix<S: AsRef<str>>(&self, columns: &[S], rows: Option<&[usize]>) -> Result<Matrix, Error> {
        self.matrix_for(columns, rows, Role::Input)
    }

    /// The weight of each row, from 0 on, in the named column.
    ///
    /// # Errors
    /// For a name that is no column, and a cell that is text, missing, infinite or below 0.
    pub fn weights(&self, column: &str) -> Result<Vec<f64>, Error> {
        let weights = self.matrix_for(&[column], None, Role::Weight)?.into_data();
        match weights.iter().position(|weight| *weight < 0.0) {
            Some(row) => {
                let place = self.place(row, self.find(column, Role::Weight)?, Role::Weight);
                Err(Error::NegativeWeight { place, weight: weights[row] })
            }
            None => Ok(weights),
        }
    }

    /// The inputs of a trained model, at all rows: the named columns in the model's order, whatever other columns the
    /// table has, as a matrix of rows x `inputs.len()`.
    ///
    /// # Errors
    /// For a column that the table does not have, and a cell that is text, missing, NaN or infinite.
    pub fn model_inputs<S: AsRef<str>>(&self, inputs: &[S]) -> Result<Matrix, Error> {
        self.matrix_for(inputs, None, Role::ModelInput)
    }

    pub(crate) fn matrix_for<S: AsRef<str>>(
        &self,
        columns: &[S],
        rows: Option<&[usize]>,
        role: Role,
    ) -> Result<Matrix, Error> {
        // A table may have a hundred thousand columns, so each name is looked up once. The map is never walked through.
        let places: HashMap<&str, &Column> =
            self.columns.iter().map(|column| (column.name.as_str(), column)).collect();
        let find = |name: &str| places.get(name).copied().ok_or_else(|| self.no_column(name, role));
        let columns: Vec<&Column> =
            columns.iter().map(|name| find(name.as_ref())).collect::<Result<_, _>>()?;
        let columns = self.all_numbers(&columns, role)?;
        let columns: Vec<(&Column, &[f64])> =
            (columns.iter()).map(|(column, cells)| (*column, cells.numbers().unwrap_or_default())).collect();
        let row_count = rows.map_or(self.rows, <[usize]>::len);
        let mut cells = Vec::with_capacity(row_count.saturating_mul(columns.len()));
        for place in 0..row_count {
            let row = rows.map_or(place, |rows| rows[place]);
            if row >= self.rows {
                return Err(Error::NoRow { row, rows: self.rows });
            }
            for (column, values) in &columns {
                let value = values[row];
                if !value.is_finite() {
                    let place = self.place(row, column, role);
                    return Err(if value.is_nan() {
                        Error::MissingCell { place }
                    } else {
                        Error::NotFinite { place, value }
                    });
                }
                cells.push(value);
            }
        }
        Matrix::new(row_count, columns.len(), cells)
    }

    /// The column of a name, or an error that offers the nearest names.
    pub(crate) fn find(&self, name: &str, role: Role) -> Result<&Column, Error> {
        self.column(name).ok_or_else(|| self.no_column(name, role))
    }

    pub(crate) fn no_column(&self, name: &str, role: Role) -> Error {
        no_column(&self.file, self.column_names(), name, role)
    }

    /// Each column with its cells, or an error for the first column of text that names the others.
    fn all_numbers<'a>(
        &self,
        columns: &[&'a Column],
        role: Role,
    ) -> Result<Vec<(&'a Column, Cow<'a, Cells>)>, Error> {
        let is_text = |column: &&&Column| column.column_type() == ColumnType::Text;
        if let Some(column) = columns.iter().find(is_text)
            && let Cells::Text(words) = &*column.cells()?
        {
            let (row, cell) = words.first_text();
            let others = columns.iter().filter(is_text).skip(1).map(|other| other.name.clone()).collect();
            let place = self.place(row, column, role);
            return Err(Error::TextCell { place, cell: cell.to_owned(), others });
        }
        columns.iter().map(|&column| Ok((column, column.cells()?))).collect()
    }

    pub(crate) fn place(&self, row: usize, column: &Column, role: Role) -> Box<Place> {
        let line = self.lines.of(row);
        let row = self.first + row;
        Box::new(Place { file: self.file.clone(), line, row, column: column.name.clone(), role })
    }
}

/// The error for a column that a file does not have.
pub(crate) fn no_column(file: &str, columns: Vec<String>, name: &str, role: Role) -> Error {
    let nearest = nearest(name, columns.iter().map(String::as_str));
    Error::NoColumn { file: file.to_owned(), role, name: name.to_owned(), nearest, columns }
}

/// The name of a file without its folder and endings.
pub(crate) fn name_of(path: &Path) -> String {
    let stem = |path: &Path| path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let is_gzip = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
    if is_gzip { stem(Path::new(&stem(path))) } else { stem(path) }
}

/// On which line of its file each row begins, kept as the places where the difference of the two changes: blank lines
/// and quoted line breaks are rare.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Lines {
    /// Rows in rising order, each with `line - row` from there on. Lines never fall behind rows.
    changes: Vec<(usize, usize)>,
}

impl Lines {
    /// Notes the line of a row. Rows come in rising order from 0.
    pub(crate) fn note(&mut self, row: usize, line: usize) {
        let difference = line.saturating_sub(row);
        if self.changes.last().is_none_or(|&(_, last)| last != difference) {
            self.changes.push((row, difference));
        }
    }

    pub(crate) fn of(&self, row: usize) -> Option<usize> {
        let after = self.changes.partition_point(|&(first, _)| first <= row);
        let (_, difference) = self.changes.get(after.checked_sub(1)?)?;
        Some(row + difference)
    }
}

/// Checks that there are columns, that each has a name, and that no two have the same.
pub(crate) fn check_names(file: &str, names: &[&str]) -> Result<(), Error> {
    let file = file.to_owned();
    if names.is_empty() {
        return Err(Error::Empty { file });
    }
    let mut seen = BTreeSet::new();
    for (place, &name) in names.iter().enumerate() {
        if name.is_empty() {
            return Err(Error::UnnamedColumn { file, position: place + 1 });
        }
        if !seen.insert(name) {
            let first = names.iter().position(|&other| other == name).unwrap_or(place);
            return Err(Error::DuplicateColumn {
                file,
                name: name.to_owned(),
                positions: [first + 1, place + 1],
            });
        }
    }
    Ok(())
}
