//! Row files: the rows of a part of a split, as numbers counted from 0, one a line.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::error::Error;
use crate::file::read_file;
use crate::message::short;
use crate::reader::decode;

/// Reads a row file for a table of `rows` rows: data rows counted from 0, one a line, in any order; blank lines are
/// passed over.
///
/// # Errors
/// For a file that is not there or cannot be read, bytes that are no UTF-8, a line that is no row number, a row beyond
/// the last, a row named twice, and a file that names no row.
pub fn read_rows(path: impl AsRef<Path>, rows: usize) -> Result<Vec<usize>, Error> {
    let path = path.as_ref();
    let bytes = read_file(path)?;
    let file = short(&path.to_string_lossy());
    let mut chosen = Vec::new();
    let mut lines: BTreeMap<usize, usize> = BTreeMap::new();
    for (place, text) in decode(&file, &bytes)?.lines().enumerate() {
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

/// Writes a file so that nobody ever sees half of it: first under another name in the same folder, then renamed.
///
/// # Errors
/// When the file cannot be written; then a file that was there before is as it was, and nothing else is left.
pub fn write_atomically(path: impl AsRef<Path>, contents: &[u8]) -> Result<(), Error> {
    let path = path.as_ref();
    let unwritable =
        |reason: io::Error| Error::Unwritable { path: path.to_owned(), reason: reason.to_string() };
    let name = path.file_name().ok_or_else(|| unwritable(io::ErrorKind::InvalidFilename.into()))?;
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}.partial", std::process::id()));
    let temporary = path.with_file_name(temporary);
    let written = write_through(&temporary, contents).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|reason| {
        // That the leftover cannot be removed either adds nothing to the message.
        let _ = fs::remove_file(&temporary);
        unwritable(reason)
    })
}

fn write_through(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(contents)?;
    // Without this a crash of the machine could leave the new name with old or no contents.
    file.sync_all()
}
