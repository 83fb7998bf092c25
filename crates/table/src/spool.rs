//! Cells of large tables on disk: appended column by column to one temporary file without a name while a table is read, and read back
//! by column or by rows.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;

/// A file without a name, which goes with the process, and what is said where it cannot be written.
pub(crate) struct Nameless {
    pub(crate) file: File,
    folder: PathBuf,
}

/// The bytes of a spool, which all columns of a table share.
#[derive(Debug)]
pub(crate) struct Spool {
    file: Mutex<Bytes>,
    folder: PathBuf,
}

#[derive(Debug)]
struct Bytes {
    file: File,
    length: u64,
    /// What was read last.
    room: Vec<u8>,
}

/// A number of fixed size, as it lies in a spool: its bytes, the lowest first.
pub(crate) trait Fixed: Copy {
    const SIZE: usize;

    fn put(self, to: &mut Vec<u8>);

    fn of(bytes: &[u8]) -> Self;
}

/// Numbers that are read one after the other, the last of them in memory.
#[derive(Debug)]
pub(crate) struct Growing<T> {
    held: Vec<T>,
    pieces: Vec<Piece>,
}

/// Numbers in a spool.
#[derive(Clone, Debug)]
pub(crate) struct Series<T> {
    spool: Arc<Spool>,
    pieces: Vec<Piece>,
    kind: std::marker::PhantomData<T>,
}

/// A piece of numbers that lie side by side.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// The number behind its last.
    end: usize,
    /// Where its first lies.
    at: u64,
}

/// So many bytes are turned into numbers at once.
const BLOCK: usize = 1 << 16;

impl Nameless {
    pub(crate) fn new() -> Result<Nameless, Error> {
        let folder = std::env::temp_dir();
        match tempfile::tempfile_in(&folder) {
            Ok(file) => Ok(Nameless { file, folder }),
            Err(error) => Err(unwritable(&folder, &error)),
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(|error| unwritable(&self.folder, &error))
    }
}

fn unwritable(folder: &Path, error: &io::Error) -> Error {
    let mend = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "make room there, or name a folder that has more as `TMPDIR`, for what does not fit into memory is kept there meanwhile"
        }
        _ => {
            "name a folder that you may write to as `TMPDIR`, for what does not fit into memory is kept there meanwhile"
        }
    };
    Error::Unwritable { path: folder.to_owned(), reason: error.to_string(), mend }
}

impl Spool {
    pub(crate) fn new() -> Result<Spool, Error> {
        let Nameless { file, folder } = Nameless::new()?;
        Ok(Spool { file: Mutex::new(Bytes { file, length: 0, room: Vec::new() }), folder })
    }

    /// Puts bytes at the end; where they lie.
    fn append(&self, bytes: &[u8]) -> Result<u64, Error> {
        let Bytes { file, length, .. } = &mut *self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let at = *length;
        file.seek(SeekFrom::Start(at))
            .and_then(|_| file.write_all(bytes))
            .map_err(|error| unwritable(&self.folder, &error))?;
        *length += bytes.len() as u64;
        Ok(at)
    }

    /// Hands over so many bytes.
    fn read(&self, at: u64, count: usize, take: impl FnOnce(&[u8])) -> Result<(), Error> {
        let Bytes { file, room, .. } = &mut *self.file.lock().unwrap_or_else(PoisonError::into_inner);
        room.resize(room.len().max(count), 0);
        let room = &mut room[..count];
        let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(room));
        read.map_err(|error| Error::Unreadable { path: self.folder.clone(), reason: error.to_string() })?;
        take(room);
        Ok(())
    }
}

macro_rules! fixed {
    ($($number:ty),*) => {$(
        impl Fixed for $number {
            const SIZE: usize = size_of::<$number>();

            fn put(self, to: &mut Vec<u8>) {
                to.extend_from_slice(&self.to_le_bytes());
            }

            fn of(bytes: &[u8]) -> $number {
                bytes.try_into().map_or_else(|_| Default::default(), <$number>::from_le_bytes)
            }
        }
    )*};
}

fixed!(f64, u8, u32, u64);

impl<T> Default for Growing<T> {
    fn default() -> Growing<T> {
        Growing { held: Vec::new(), pieces: Vec::new() }
    }
}

impl<T: Fixed> Growing<T> {
    pub(crate) fn push(&mut self, number: T) {
        self.held.push(number);
    }

    /// The last number, where it is in memory.
    #[cfg(feature = "parquet")]
    pub(crate) fn last(&self) -> Option<T> {
        self.held.last().copied()
    }

    /// The bytes in memory.
    pub(crate) fn held(&self) -> usize {
        self.held.len() * T::SIZE
    }

    /// Moves what is in memory to a spool.
    pub(crate) fn spool(&mut self, spool: &Spool) -> Result<(), Error> {
        let mut end = self.pieces.last().map_or(0, |piece| piece.end);
        let mut bytes = Vec::with_capacity(BLOCK);
        let mut at = None;
        for numbers in self.held.chunks(BLOCK / T::SIZE) {
            bytes.clear();
            numbers.iter().for_each(|number| number.put(&mut bytes));
            let place = spool.append(&bytes)?;
            at.get_or_insert(place);
        }
        end += self.held.len();
        if let Some(at) = at {
            self.pieces.push(Piece { end, at });
        }
        self.held.clear();
        Ok(())
    }

    /// All of it in a spool, where some of it is or all is wanted there.
    pub(crate) fn spooled(mut self, spool: &Arc<Spool>) -> Result<Series<T>, Error> {
        self.spool(spool)?;
        Ok(Series { spool: Arc::clone(spool), pieces: self.pieces, kind: std::marker::PhantomData })
    }

    /// All of it, where none of it was moved.
    pub(crate) fn into_held(self) -> Vec<T> {
        self.held
    }
}

impl<T> From<Vec<T>> for Growing<T> {
    fn from(held: Vec<T>) -> Growing<T> {
        Growing { held, pieces: Vec::new() }
    }
}

impl<T: Fixed> Series<T> {
    pub(crate) fn len(&self) -> usize {
        self.pieces.last().map_or(0, |piece| piece.end)
    }

    /// All numbers.
    pub(crate) fn all(&self) -> Result<Vec<T>, Error> {
        let mut all = Vec::with_capacity(self.len());
        self.range(0, self.len(), &mut all)?;
        Ok(all)
    }

    /// Where they lie.
    pub(crate) fn spool(&self) -> &Arc<Spool> {
        &self.spool
    }

    /// Appends the numbers from `first` up to but not including `last`, as far as there are so many.
    fn range(&self, first: usize, last: usize, into: &mut Vec<T>) -> Result<(), Error> {
        let mut first = first;
        let mut piece = self.pieces.partition_point(|piece| piece.end <= first);
        while first < last.min(self.len()) {
            let Piece { end, at } = self.pieces[piece];
            let start = piece.checked_sub(1).map_or(0, |before| self.pieces[before].end);
            let count = (end.min(last) - first).min(BLOCK / T::SIZE);
            let at = at + ((first - start) * T::SIZE) as u64;
            self.spool.read(at, count * T::SIZE, |bytes| {
                into.extend(bytes.chunks_exact(T::SIZE).map(T::of));
            })?;
            first += count;
            if first == end {
                piece += 1;
            }
        }
        Ok(())
    }

    /// The numbers at some places, in their order; those that lie near each other are read at once.
    pub(crate) fn at(&self, places: &[usize]) -> Result<Vec<T>, Error> {
        let mut found = Vec::with_capacity(places.len());
        if places.is_sorted() {
            self.at_sorted(places.iter().copied(), &mut found)?;
            return Ok(found);
        }
        let mut order: Vec<usize> = (0..places.len()).collect();
        order.sort_unstable_by_key(|&at| places[at]);
        self.at_sorted(order.iter().map(|&at| places[at]), &mut found)?;
        let mut numbers = found.clone();
        order.into_iter().zip(found).for_each(|(at, number)| numbers[at] = number);
        Ok(numbers)
    }

    fn at_sorted(&self, places: impl Iterator<Item = usize>, into: &mut Vec<T>) -> Result<(), Error> {
        /// What lies between two numbers is read along up to so many.
        const GAP: usize = 256;
        const MOST: usize = 1 << 14;
        let (mut these, mut run) = (Vec::new(), Vec::new());
        let mut places = places.peekable();
        while let Some(first) = places.next() {
            these.clear();
            these.push(first);
            let mut last = first;
            while let Some(next) = places.next_if(|next| next - last <= GAP && next - first < MOST) {
                these.push(next);
                last = next;
            }
            run.clear();
            self.range(first, last + 1, &mut run)?;
            into.extend(these.iter().filter_map(|place| run.get(place - first)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers in pieces of these sizes.
    fn series(pieces: &[usize]) -> (Vec<f64>, Series<f64>) {
        let spool = Arc::new(Spool::new().unwrap());
        let mut growing = Growing::default();
        let mut all = Vec::new();
        let mut other = Growing::default();
        for &size in pieces {
            for _ in 0..size {
                let number = all.len() as f64 * 0.5 - 3.0;
                growing.push(number);
                all.push(number);
            }
            assert_eq!(growing.held(), 8 * size);
            growing.spool(&spool).unwrap();
            other.push(7_u32);
            other.spool(&spool).unwrap();
        }
        (all, growing.spooled(&spool).unwrap())
    }

    #[test]
    fn numbers_come_back_by_column_and_by_place() {
        for pieces in [&[5][..], &[1, 2, 3], &[0, 20_000, 0, 30_000], &[8192, 8192, 1]] {
            let (all, series) = series(pieces);
            assert_eq!((series.all().unwrap(), series.len()), (all.clone(), all.len()));
            for step in [1, 2, 255, 257, 4096] {
                let mut places: Vec<usize> = (0..all.len()).step_by(step).collect();
                for _ in 0..2 {
                    let found = series.at(&places).unwrap();
                    assert!(found.iter().eq(places.iter().map(|place| &all[*place])), "{pieces:?} {step}");
                    places.reverse();
                }
            }
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_an_error_with_its_mend() {
        let file = std::fs::OpenOptions::new().read(true).write(true).open("/dev/full").unwrap();
        let bytes = Mutex::new(Bytes { file, length: 0, room: Vec::new() });
        let spool = Arc::new(Spool { file: bytes, folder: PathBuf::from("full") });
        let error = Growing::from(vec![1.0; 10]).spooled(&spool).unwrap_err().to_string();
        assert!(error.contains("`full` cannot be written") && error.contains("`TMPDIR`"), "{error}");
    }

    #[test]
    fn infinities_and_missing_cells_keep_their_bits() {
        let spool = Arc::new(Spool::new().unwrap());
        let numbers = [f64::NAN, f64::INFINITY, -0.0, f64::from_bits(1)];
        let series = Growing::from(numbers.to_vec()).spooled(&spool).unwrap();
        assert!(series.all().unwrap().iter().map(|number| number.to_bits()).eq(numbers.map(f64::to_bits)));
    }
}
