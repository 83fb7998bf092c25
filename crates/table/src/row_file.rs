//! Row files: the rows of a part of a split, as numbers counted from 0, one a line.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::Error;
use crate::file::read_file;
use crate::output::write_atomically;
use crate::words::short;

/// Reads a row file for a table of `rows` rows: data rows counted from 0, one a line, in any order; blank lines are
/// passed over.
///
/// # Errors
/// For a file that is not there or cannot be read, a line that is no row number, a row beyond
/// the last, a row named twice, and a file that names no row.
pub fn read_rows(path: impl AsRef<Path>, rows: usize) -> Result<Vec<usize>, Error> {
    let path = path.as_ref();
    let bytes = read_file(path)?;
    let file = short(&path.to_string_lossy());
    let mut chosen = Vec::new();
    let mut lines: BTreeMap<usize, usize> = BTreeMap::new();
    // Bytes that are no text are no row number either, and are told as that.
    let text = String::from_utf8_lossy(&bytes);
    for (place, text) in text.strip_prefix('\u{feff}').unwrap_or(&text).lines().enumerate() {
        let line = place + 1;
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let Ok(row) = text.parse::<usize>() else {
            return Err(Error::NotARowNumber { file, line, found: text.to_owned() });
        };
        if row >= rows {
            return Err(Error::RowOutOfRange { file, line, row, rows });
        }
        if let Some(first) = lines.insert(row, line) {
            return Err(Error::RepeatedRow { file, lines: [first, line], row });
        }
        chosen.push(row);
    }
    if chosen.is_empty() {
        return Err(Error::NoRows { file });
    }
    Ok(chosen)
}

/// Writes a row file that [`read_rows`] reads back, by [`write_atomically`].
///
/// # Errors
/// When the file cannot be written; then a file that was there before is as it was.
pub fn write_rows(path: impl AsRef<Path>, rows: &[usize]) -> Result<(), Error> {
    let mut text = String::new();
    for row in rows {
        text.push_str(&row.to_string());
        text.push('\n');
    }
    write_atomically(path, text.as_bytes())
}
