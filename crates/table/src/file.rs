//! Files, read whole and with limits, so that no path can take all memory.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use crate::error::Error;

/// The most bytes of a file on a disk: 16 GiB.
pub const MOST_FILE: u64 = 16 << 30;
/// The most bytes of what has no length beforehand, such as a pipe: 1 GiB.
pub const MOST_STREAM: u64 = 1 << 30;

/// The bytes of a file, a pipe or standard input (`/dev/stdin`).
///
/// # Errors
/// When there is no such file, when it cannot be read, is a folder or a device, and when it is longer than [`MOST_FILE`] or
/// [`MOST_STREAM`].
pub fn read_file(path: impl AsRef<Path>) -> Result<Vec<u8>, Error> {
    read_file_as_far(path, &|_| u64::MAX)
}

/// The bytes of a file up to where it need not be read on, which the bytes so far say, first of none.
///
/// # Errors
/// As for [`read_file`].
pub fn read_file_as_far(path: impl AsRef<Path>, far: &dyn Fn(&[u8]) -> u64) -> Result<Vec<u8>, Error> {
    let path = path.as_ref();
    let about = check_file(path)?;
    let unreadable = |reason: String| Error::Unreadable { path: path.to_owned(), reason };
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Error::NoFile { path: path.to_owned() },
        _ => unreadable(error.to_string()),
    };
    let most = if about.is_file() { MOST_FILE } else { MOST_STREAM };
    let mut file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    loop {
        // One byte more tells a file that is too long from one that just fits.
        let want = far(&bytes).min(most + 1).saturating_sub(bytes.len() as u64);
        let there = about.len().saturating_sub(bytes.len() as u64);
        let expected = usize::try_from(want.min(there)).unwrap_or(usize::MAX);
        bytes.try_reserve_exact(expected).map_err(|error| unreadable(error.to_string()))?;
        let read = (&mut file).take(want).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > most {
            return Err(Error::TooLong { path: path.to_owned(), most });
        }
        if (read as u64) < want || want == 0 {
            return Ok(bytes);
        }
    }
}

/// What there is at a path, where it can be read to its end.
///
/// # Errors
/// As for [`read_file`], for all that is known before it is read.
pub(crate) fn check_file(path: &Path) -> Result<Metadata, Error> {
    let unreadable = |reason: String| Error::Unreadable { path: path.to_owned(), reason };
    let about = fs::metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::NoFile { path: path.to_owned() },
        _ => unreadable(error.to_string()),
    })?;
    if about.is_dir() {
        return Err(unreadable(String::from("it is a folder")));
    }
    if is_device(&about) {
        return Err(unreadable(String::from("it is a device, which may have no end")));
    }
    if about.len() > MOST_FILE {
        return Err(Error::TooLong { path: path.to_owned(), most: MOST_FILE });
    }
    Ok(about)
}

#[cfg(unix)]
fn is_device(about: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    about.file_type().is_char_device() || about.file_type().is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: &Metadata) -> bool {
    false
}
