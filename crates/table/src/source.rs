//! The bytes of a table, read as often as need be and never held whole: a file, or what is in memory; gzip is undone.

use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::error::Error;
use crate::file::{MOST_FILE, check_file};
use crate::spool::Nameless;
use crate::words::short;

/// Gzip makes at most so much of so many bytes: a thousand times its bytes are possible, and no table is like that.
const MOST_RATIO: u64 = 100;
/// What gzip may always make: 64 MiB.
const ALWAYS: u64 = 64 << 20;

/// The first two bytes of gzip, and its only method.
const GZIP: [u8; 3] = [0x1F, 0x8B, 8];

/// Bytes that can be read from their start, as often as one likes.
pub(crate) struct Source<'a> {
    /// How messages call the file: its path as given.
    pub(crate) file: String,
    bytes: Bytes<'a>,
    /// How often gzip is undone: 0, 1 or, for an archive in an archive, 2.
    depth: usize,
    /// The first bytes, gzip undone.
    start: Vec<u8>,
}

enum Bytes<'a> {
    File(PathBuf),
    /// What came through a pipe and is long: a file without a name, which goes with the process. All its readers have one
    /// place in it, so there is one at a time.
    Spool(File),
    /// What came through a pipe and is short, or is in memory anyway.
    Memory(std::borrow::Cow<'a, [u8]>),
}

/// Bytes of which any can be read, gzip undone.
#[cfg(feature = "parquet")]
pub(crate) enum Anywhere {
    File(File),
    Memory(Vec<u8>),
}

/// Gzip makes more of a file than is read.
#[derive(Debug)]
pub(crate) struct TooMuch;

impl fmt::Display for TooMuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too much of too few bytes")
    }
}

impl std::error::Error for TooMuch {}

impl<'a> Source<'a> {
    /// So many of the first bytes tell the format.
    const START: u64 = 1 << 12;

    /// The bytes of a file, or of a pipe, which are taken in at once: into memory, or where they are many, into a temporary file.
    pub(crate) fn open(path: &Path) -> Result<Source<'a>, Error> {
        let bytes = match check_file(path)?.is_file() {
            true => Bytes::File(path.to_owned()),
            false => taken_in(path)?,
        };
        Source::of(short(&path.to_string_lossy()), bytes)
    }

    /// Bytes in memory.
    pub(crate) fn memory(file: String, bytes: &'a [u8]) -> Result<Source<'a>, Error> {
        Source::of(file, Bytes::Memory(bytes.into()))
    }

    fn of(file: String, bytes: Bytes<'a>) -> Result<Source<'a>, Error> {
        let mut source = Source { file, bytes, depth: 0, start: Vec::new() };
        loop {
            let mut start = Vec::new();
            let read = source.read()?.take(Source::START).read_to_end(&mut start).map(|_| ());
            source.start = start;
            // What is damaged within gzip is told where it is read, with its line.
            if source.depth == 0 {
                read.map_err(|error| source.failed(&error, None))?;
            }
            if source.depth == 2 || !source.start.starts_with(&GZIP) {
                return Ok(source);
            }
            source.depth += 1;
        }
    }

    /// The first bytes, up to some thousand.
    pub(crate) fn start(&self) -> &[u8] {
        &self.start
    }

    /// Whether it is compressed.
    pub(crate) fn is_gzip(&self) -> bool {
        self.depth > 0
    }

    /// The path, where there is a file.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.bytes {
            Bytes::File(path) => Some(path),
            Bytes::Spool(_) | Bytes::Memory(_) => None,
        }
    }

    /// All bytes from the first on, gzip undone.
    pub(crate) fn read(&self) -> Result<Box<dyn Read + '_>, Error> {
        let (input, length): (Box<dyn Read + '_>, u64) = match &self.bytes {
            Bytes::File(path) => {
                let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
                let (length, file) = opened.map_err(|error| self.failed(&error, None))?;
                (Box::new(file), length)
            }
            Bytes::Spool(file) => {
                let at_start =
                    |mut file: File| file.rewind().and_then(|()| Ok((file.metadata()?.len(), file)));
                let (length, file) =
                    file.try_clone().and_then(at_start).map_err(|error| self.failed(&error, None))?;
                (Box::new(file), length)
            }
            Bytes::Memory(bytes) => (Box::new(Cursor::new(bytes)), bytes.len() as u64),
        };
        let most = length.saturating_mul(MOST_RATIO).clamp(ALWAYS, MOST_FILE);
        Ok((0..self.depth)
            .fold(input, |input, _| Box::new(Limited { input: MultiGzDecoder::new(input), left: most })))
    }

    /// The bytes where any of them can be read: the file itself, or memory where it is compressed or came through a pipe.
    #[cfg(feature = "parquet")]
    pub(crate) fn anywhere(&self) -> Result<Anywhere, Error> {
        if let (0, Bytes::File(path)) = (self.depth, &self.bytes) {
            return File::open(path).map(Anywhere::File).map_err(|error| self.failed(&error, None));
        }
        let mut bytes = Vec::new();
        self.read()?.read_to_end(&mut bytes).map_err(|error| self.failed(&error, None))?;
        Ok(Anywhere::Memory(bytes))
    }

    /// The error of a file that could not be read on, near a line where that is known.
    pub(crate) fn failed(&self, error: &io::Error, line: Option<usize>) -> Error {
        let is_too_much = error.get_ref().is_some_and(|inner| inner.is::<TooMuch>());
        if is_too_much {
            return Error::TooMuch { file: self.file.clone(), line };
        }
        if self.is_gzip() {
            return Error::DamagedGzip { file: self.file.clone(), line };
        }
        Error::Unreadable { path: PathBuf::from(&self.file), reason: error.to_string() }
    }
}

/// The bytes of a pipe.
fn taken_in<'a>(path: &Path) -> Result<Bytes<'a>, Error> {
    /// So many bytes are held in memory.
    const MOST_HELD: u64 = 64 << 20;
    let unreadable =
        |error: io::Error| Error::Unreadable { path: path.to_owned(), reason: error.to_string() };
    let mut input = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    Read::by_ref(&mut input).take(MOST_HELD).read_to_end(&mut bytes).map_err(unreadable)?;
    if (bytes.len() as u64) < MOST_HELD {
        return Ok(Bytes::Memory(bytes.into()));
    }
    let mut spool = Nameless::new()?;
    spool.write(&bytes)?;
    drop(bytes);
    let mut room = vec![0; 1 << 16];
    let mut length = MOST_HELD;
    loop {
        let count = match input.read(&mut room) {
            Ok(0) => return Ok(Bytes::Spool(spool.file)),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(error)),
        };
        length += count as u64;
        if length > MOST_FILE {
            return Err(Error::TooLong { path: path.to_owned(), most: MOST_FILE });
        }
        spool.write(&room[..count])?;
    }
}

/// A stream that ends in [`TooMuch`] after so many bytes.
struct Limited<R> {
    input: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(out)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| io::Error::other(TooMuch))?;
        Ok(count)
    }
}
