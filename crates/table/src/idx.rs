//! IDX, the format of MNIST -> a table: a row for each item, a column for each of its numbers, and the labels beside them.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::column::Column;
use crate::error::Error;
use crate::reading::Reading;
use crate::room::{Reads, Room};
use crate::source::Source;
use crate::spool::Growing;
use crate::stored::Stored;
use crate::table::{Lines, Table};

/// The most columns that an item has: a picture of a thousand by a thousand.
const MOST_COLUMNS: u64 = 1 << 20;

/// Whether a file begins as IDX does: two zero bytes, the kind of its numbers, and how many sizes it has.
pub(crate) fn is_idx(start: &[u8]) -> bool {
    matches!(start, [0, 0, kind, sizes @ 1..=4, ..] if width(*kind).is_some())
}

/// The bytes of a number of a kind.
fn width(kind: u8) -> Option<usize> {
    match kind {
        0x08 | 0x09 => Some(1),
        0x0B => Some(2),
        0x0C | 0x0D => Some(4),
        0x0E => Some(8),
        _ => None,
    }
}

/// Reads the items as rows, with columns `p0`, `p1` and on; items of one number are the column `label`. Beside a file whose
/// name holds `images-idx3`, one with `labels-idx1` in its place becomes the column `label`.
pub(crate) fn read(name: &str, source: &Source<'_>, told: &Reading) -> Result<Table, Error> {
    let mut room = Room::default();
    let Items { rows, mut columns } = items(source, &mut room)?;
    let mut reading = Reading { missing: told.missing.clone(), has_one_unit: true, ..Reading::default() };
    reading.notes.push("the format IDX".to_owned());
    let is_alone = columns.len() == 1;
    if !is_alone && let Some(path) = source.path().and_then(labels_beside) {
        let labels = Source::open(&path)?;
        let beside = items(&labels, &mut room)?;
        let [column] = <[Growing<f64>; 1]>::try_from(beside.columns).map_err(|_| {
            damaged(&labels, "its items are no single numbers, so they are no labels".to_owned())
        })?;
        if beside.rows != rows {
            let reason = format!("it has {} labels for the {rows} images of {}", beside.rows, source.file);
            return Err(damaged(&labels, reason));
        }
        columns.push(column);
        reading.notes.push(format!("labels from {}", labels.file));
    }
    let has_labels = is_alone || reading.notes.len() > 1;
    let last = columns.len() - 1;
    let spool = room.last(columns.iter().map(Reads::held).sum(), columns.len())?;
    let columns = columns
        .into_iter()
        .enumerate()
        .map(|(place, values)| {
            let name = if place == last && has_labels { "label".to_owned() } else { format!("p{place}") };
            Ok(Column { name, stored: Stored::numbers(values, spool.as_ref())? })
        })
        .collect::<Result<_, Error>>()?;
    let file = source.file.clone();
    Ok(Table { name: name.to_owned(), file, first: 0, rows, columns, lines: Lines::default(), reading })
}

struct Items {
    rows: usize,
    columns: Vec<Growing<f64>>,
}

fn items(source: &Source<'_>, room: &mut Room) -> Result<Items, Error> {
    let mut input = source.read()?;
    let mut take = |bytes: &mut [u8]| {
        let mut taken = 0;
        while taken < bytes.len() {
            match input.read(&mut bytes[taken..]) {
                Ok(0) => return Err(damaged(source, "it ends before its last item".to_owned())),
                Ok(count) => taken += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(source.failed(&error, None)),
            }
        }
        Ok(())
    };
    let mut start = [0; 4];
    take(&mut start)?;
    let width = width(start[2])
        .filter(|_| is_idx(&start))
        .ok_or_else(|| damaged(source, "it is no IDX".to_owned()))?;
    let mut sizes = Vec::new();
    for _ in 0..start[3] {
        let mut size = [0; 4];
        take(&mut size)?;
        sizes.push(u64::from(u32::from_be_bytes(size)));
    }
    let rows = usize::try_from(sizes[0]).unwrap_or(usize::MAX);
    let count = sizes[1..].iter().try_fold(1_u64, |count, size| count.checked_mul(*size)).unwrap_or(u64::MAX);
    if rows == 0 || count == 0 {
        return Err(damaged(source, "it has no numbers".to_owned()));
    }
    if count > MOST_COLUMNS {
        return Err(damaged(
            source,
            format!("its items are of {count} numbers, and {MOST_COLUMNS} are the most"),
        ));
    }
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let mut columns: Vec<Growing<f64>> = (0..count).map(|_| Growing::default()).collect();
    let mut item = vec![0; count * width];
    // What a damaged header promises is not taken as given, so the columns grow with what is there.
    let mut look = 0;
    for row in 0..rows {
        if row >= look {
            look = row + room.look(&mut columns)?;
        }
        take(&mut item)?;
        for (column, number) in columns.iter_mut().zip(item.chunks_exact(width)) {
            column.push(number_of(start[2], number));
        }
    }
    if take(&mut [0]).is_ok() {
        return Err(damaged(source, format!("more stands behind its {rows} items")));
    }
    Ok(Items { rows, columns })
}

/// A number of a kind, its bytes in the order of the file, highest first.
fn number_of(kind: u8, bytes: &[u8]) -> f64 {
    match (kind, bytes) {
        (0x09, &[byte]) => f64::from(i8::from_be_bytes([byte])),
        (0x0B, &[a, b]) => f64::from(i16::from_be_bytes([a, b])),
        (0x0C, &[a, b, c, d]) => f64::from(i32::from_be_bytes([a, b, c, d])),
        (0x0D, &[a, b, c, d]) => f64::from(f32::from_be_bytes([a, b, c, d])),
        (0x0E, &[a, b, c, d, e, f, g, h]) => f64::from_be_bytes([a, b, c, d, e, f, g, h]),
        (_, bytes) => bytes.first().map_or(f64::NAN, |byte| f64::from(*byte)),
    }
}

fn damaged(source: &Source<'_>, reason: String) -> Error {
    Error::Damaged { file: source.file.clone(), reason }
}

/// The file of labels beside a file of images, where there is one.
fn labels_beside(images: &Path) -> Option<PathBuf> {
    let name = images.file_name()?.to_str()?;
    let labels = name.replace("images", "labels").replace("idx3", "idx1");
    if labels == name {
        return None;
    }
    let other = match labels.strip_suffix(".gz") {
        Some(plain) => plain.to_owned(),
        None => format!("{labels}.gz"),
    };
    [labels, other].into_iter().map(|name| images.with_file_name(name)).find(|path| path.is_file())
}
