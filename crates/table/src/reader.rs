//! Which format a file has: one row for each that is read, and one for each that is known and not read.

use crate::delimited;
use crate::error::Error;
use crate::idx;
#[cfg(feature = "parquet")]
use crate::parquet;
use crate::reading::Reading;
use crate::source::Source;
use crate::table::Table;

/// A format that is read.
struct Format {
    /// Whether a file begins like one of it.
    is_it: fn(&[u8]) -> bool,
    read: fn(&str, &Source<'_>, &Reading) -> Result<Table, Error>,
}

/// Every format that is read but text, which begins like anything; the first that a file begins like is its own.
const FORMATS: &[Format] = &[
    Format { is_it: idx::is_idx, read: idx::read },
    #[cfg(feature = "parquet")]
    Format { is_it: parquet::is_parquet, read: parquet::read },
];

/// The first bytes of formats that are not read, what they are, and how they become one that is.
const FOREIGN: &[(&[u8], &str, &str)] = &[
    #[cfg(not(feature = "parquet"))]
    (b"PAR1", "a Parquet file", BUILD_PARQUET),
    (b"PARE", "an encrypted Parquet file", SAVE_PARQUET),
    (
        b"PK\x03\x04",
        "a ZIP archive, as spreadsheets (.xlsx, .ods) are",
        "save the sheet as comma-separated values (CSV), or unpack the archive where it holds a table",
    ),
    (
        b"\xD0\xCF\x11\xE0",
        "a spreadsheet of an older kind (.xls)",
        "save the sheet as comma-separated values (CSV)",
    ),
    (b"ARROW1", "an Arrow file", SAVE_PARQUET),
    (b"\x89HDF", "an HDF5 file", SAVE_PARQUET),
    (
        b"\x93NUMPY",
        "an array of NumPy",
        "save it with `numpy.savetxt(FILE, array, delimiter=\",\", header=NAMES, comments=\"\")`",
    ),
    (b"SQLite format 3", "a database of SQLite", "save the table as comma-separated values"),
    (b"%PDF", "a PDF document", "save the table as comma-separated values"),
    (b"\x89PNG", "a picture (PNG)", "give the table that it was made of"),
    (b"\xFF\xD8\xFF", "a picture (JPEG)", "give the table that it was made of"),
    (b"BZh", "compressed with bzip2", "undo it with `bunzip2` first, or compress with gzip"),
    (b"\xFD7zXZ", "compressed with xz", "undo it with `unxz` first, or compress with gzip"),
    (b"\x28\xB5\x2F\xFD", "compressed with zstd", "undo it with `unzstd` first, or compress with gzip"),
    (b"\x1F\x9D", "compressed with compress", "undo it with `uncompress` first, or compress with gzip"),
];

#[cfg(not(feature = "parquet"))]
const BUILD_PARQUET: &str = "build the program with `cargo build --release --features parquet`, or convert the file with `python -c \
     'import pandas, sys; pandas.read_parquet(sys.argv[1]).to_csv(sys.argv[2], index=False)' FILE.parquet FILE.csv`";
const SAVE_PARQUET: &str = "save it as comma-separated values, as with pandas' `to_csv(FILE, index=False)`";
/// The same of formats that are text, by their first signs but for blanks and the case of letters.
const FOREIGN_TEXTS: &[(&[&str], &str, &str)] = &[
    (
        &["{\"", "{ \"", "{}"],
        "JSON",
        "make a table of it, as with `python -c 'import pandas, sys; pandas.read_json(sys.argv[1], \
         lines=True).to_csv(sys.argv[2], index=False)' FILE FILE.csv` where each line is a row",
    ),
    (
        &["[{", "[ {", "[["],
        "JSON",
        "make a table of it, as with `python -c 'import pandas, sys; \
         pandas.read_json(sys.argv[1]).to_csv(sys.argv[2], index=False)' FILE FILE.csv`",
    ),
    (&["<!doctype html", "<html"], "a web page", "fetch the file itself and not the page that shows it"),
    (&["<?xml", "<table"], "XML or HTML", "save the table as comma-separated values"),
    (
        &["@relation"],
        "an ARFF file",
        "take away all lines up to `@data`, and give a line of column names in their place",
    ),
];

/// Reads a table from whatever format it has.
pub(crate) fn read(name: &str, source: &Source<'_>, told: &Reading) -> Result<Table, Error> {
    match read_other(name, source, told)? {
        Some(table) => Ok(table),
        None => delimited::read(name, source, told)?.merged(&told.merged),
    }
}

/// Reads a table from a format that is no text; none where it is text.
pub(crate) fn read_other(name: &str, source: &Source<'_>, told: &Reading) -> Result<Option<Table>, Error> {
    if let Some((_, format, mend)) = FOREIGN.iter().find(|(start, ..)| source.start().starts_with(start)) {
        return Err(Error::ForeignFormat { file: source.file.clone(), format, mend });
    }
    if let Some((_, format, mend)) = foreign_text(source.start()) {
        return Err(Error::ForeignFormat { file: source.file.clone(), format, mend });
    }
    let format = FORMATS.iter().find(|format| (format.is_it)(source.start()));
    let read = format.map(|format| (format.read)(name, source, told)).transpose()?;
    read.map(|table| table.merged(&told.merged)).transpose()
}

/// The format of text that a file begins like and that is no table.
fn foreign_text(start: &[u8]) -> Option<&'static (&'static [&'static str], &'static str, &'static str)> {
    /// The longest first signs of a format.
    const MOST: usize = 16;
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    // Blanks of every kind and number are one.
    let words =
        start[..start.len().min(4 * MOST)].split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let text = words.collect::<Vec<_>>().join(&b' ').to_ascii_lowercase();
    FOREIGN_TEXTS.iter().find(|(starts, ..)| starts.iter().any(|first| text.starts_with(first.as_bytes())))
}
