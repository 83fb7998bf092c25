//! A safetensors container with a description and checksums as JSON in its header: what model files and checkpoints are.
//!
//! Each tensor has a checksum, and the whole file has one in which its own digits count as zeros, so that nothing in the file can
//! change unnoticed, names and shapes neither.

use crate::entries::Entries;
use safetensors::tensor::{Dtype, SafeTensors};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

/// What stands before the whole file's checksum, as the header spells it; every quote within a text of the description is spelt
/// with more strokes.
const BEFORE_WHOLE: &[u8] = br#"\"whole\":\""#;
/// A checksum that is not known yet.
const UNKNOWN: &str = "00000000";

/// What the header holds. The whole file's checksum is the last field.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<D> {
    description: D,
    tensors: BTreeMap<String, String>,
    whole: String,
}

/// A matrix to write.
pub(crate) struct Tensor<'a> {
    pub name: String,
    pub shape: [usize; 2],
    pub numbers: Numbers<'a>,
}

/// The numbers of a matrix, row by row.
#[derive(Clone, Copy)]
pub(crate) enum Numbers<'a> {
    /// As they are.
    Single(&'a [f32]),
    /// As they are.
    Double(&'a [f64]),
    /// Doubles that are written in 32 bits.
    Narrowed(&'a [f64]),
}

/// A container that was read, its checksums right.
pub(crate) struct Container<'a> {
    tensors: SafeTensors<'a>,
    checksums: BTreeMap<String, String>,
    has_checksums: bool,
}

/// A description beside the container it was read from.
pub(crate) enum Read<D> {
    /// With checksums, and they are right.
    Checked(D),
    /// As text, without checksums: a file of the first schema, or no file of ours.
    Bare(String),
}

/// Writes a container piece by piece, so that it takes no memory of its own: the same bytes for the same contents.
///
/// # Errors
/// When the description does not become JSON, a tensor's numbers do not fit its shape, or the bytes cannot be written.
pub(crate) fn write<D: Serialize>(
    key: &str,
    description: &D,
    tensors: &[Tensor<'_>],
    to: &mut dyn Write,
) -> io::Result<()> {
    let mut order: Vec<&Tensor<'_>> = tensors.iter().collect();
    // Doubles first, so that every number lies where a multiple of its size is.
    order.sort_by(|left, right| (right.numbers.size(), &left.name).cmp(&(left.numbers.size(), &right.name)));
    let hashers: Vec<crc32fast::Hasher> = order.iter().map(|tensor| tensor.numbers.hasher()).collect();
    let sum = |hasher: &crc32fast::Hasher| format!("{:08x}", hasher.clone().finalize());
    let checksums = order.iter().zip(&hashers).map(|(tensor, hasher)| (tensor.name.clone(), sum(hasher)));
    let header = Header { description, tensors: checksums.collect(), whole: String::from(UNKNOWN) };
    let mut header = header_bytes(key, &serde_json::to_string(&header)?, &order)?;
    if let Some(place) = place_of_whole(&header) {
        let mut whole = crc32fast::Hasher::new();
        whole.update(&header);
        hashers.iter().for_each(|hasher| whole.combine(hasher));
        header[place].copy_from_slice(sum(&whole).as_bytes());
    }
    to.write_all(&header)?;
    order.iter().try_for_each(|tensor| tensor.numbers.pieces(&mut |piece| to.write_all(piece)))
}

/// What stands before the numbers: its length, and the names, shapes and places of the tensors behind a text.
fn header_bytes(key: &str, text: &str, tensors: &[&Tensor<'_>]) -> io::Result<Vec<u8>> {
    let mut json = format!("{{\"__metadata__\":{}", json!({ key: text }));
    let mut start = 0;
    for Tensor { name, shape, numbers } in tensors {
        if shape[0].checked_mul(shape[1]) != Some(numbers.len()) {
            let [rows, cols] = shape;
            let found = numbers.len();
            return Err(io::Error::other(format!("{name} is {rows} x {cols} and has {found} numbers")));
        }
        let end = start + numbers.len() * numbers.size();
        let dtype = if numbers.size() == size_of::<f64>() { "F64" } else { "F32" };
        // In this order, which is that of the file's format.
        json += &format!(
            ",{}:{{\"dtype\":\"{dtype}\",\"shape\":[{},{}],\"data_offsets\":[{start},{end}]}}",
            json!(name),
            shape[0],
            shape[1]
        );
        start = end;
    }
    json.push('}');
    let length = json.len().next_multiple_of(size_of::<u64>());
    let mut bytes = (length as u64).to_le_bytes().to_vec();
    bytes.extend(json.into_bytes());
    bytes.resize(size_of::<u64>() + length, b' ');
    Ok(bytes)
}

impl Numbers<'_> {
    fn len(&self) -> usize {
        match self {
            Numbers::Single(numbers) => numbers.len(),
            Numbers::Double(numbers) | Numbers::Narrowed(numbers) => numbers.len(),
        }
    }

    /// Bytes of each.
    fn size(&self) -> usize {
        match self {
            Numbers::Single(_) | Numbers::Narrowed(_) => size_of::<f32>(),
            Numbers::Double(_) => size_of::<f64>(),
        }
    }

    /// Hands over their bytes, some thousand numbers at a time.
    fn pieces(&self, take: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        const PIECE: usize = 1 << 13;
        let mut bytes = Vec::with_capacity(PIECE * self.size());
        let mut each = |piece: &mut dyn Iterator<Item = u8>| {
            bytes.clear();
            bytes.extend(piece);
            take(&bytes)
        };
        match self {
            Numbers::Single(numbers) => numbers
                .chunks(PIECE)
                .try_for_each(|piece| each(&mut piece.iter().flat_map(|number| number.to_le_bytes()))),
            Numbers::Double(numbers) => numbers
                .chunks(PIECE)
                .try_for_each(|piece| each(&mut piece.iter().flat_map(|number| number.to_le_bytes()))),
            Numbers::Narrowed(numbers) => numbers.chunks(PIECE).try_for_each(|piece| {
                each(&mut piece.iter().flat_map(|number| (*number as f32).to_le_bytes()))
            }),
        }
    }

    fn hasher(&self) -> crc32fast::Hasher {
        let mut hasher = crc32fast::Hasher::new();
        let hashed = self.pieces(&mut |piece| {
            hasher.update(piece);
            Ok(())
        });
        debug_assert!(hashed.is_ok());
        hasher
    }
}

impl Container<'_> {
    /// Reads what was written under a key.
    ///
    /// # Errors
    /// With what is wrong, when the bytes are no such container or were changed since.
    pub(crate) fn read<'a, D: DeserializeOwned>(
        key: &str,
        bytes: &'a [u8],
    ) -> Result<(Read<D>, Container<'a>), String> {
        let broken =
            |error: safetensors::SafeTensorError| format!("it is no whole safetensors file ({error})");
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(broken)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(broken)?;
        let text = metadata.metadata().as_ref().and_then(|entries| entries.get(key));
        let text = text.ok_or("its header has no description by Chainrule of this kind")?;
        if !text.starts_with(r#"{"description":"#) {
            let bare = Container { tensors, checksums: BTreeMap::new(), has_checksums: false };
            return Ok((Read::Bare(text.clone()), bare));
        }
        let whole = place_of_whole(bytes).map(|place| checksum_of_whole(bytes, &place));
        let header: Header<D> = serde_json::from_str(text).map_err(unreadable)?;
        if whole.as_deref() != Some(header.whole.as_str()) {
            return Err(damaged("its checksum is not that of its bytes"));
        }
        let container = Container { tensors, checksums: header.tensors, has_checksums: true };
        Ok((Read::Checked(header.description), container))
    }

    /// The numbers of a matrix, row by row, as doubles.
    ///
    /// # Errors
    /// With what is wrong, when there is none of this name and shape, or it was changed since it was written.
    pub(crate) fn numbers(&self, name: &str, shape: [usize; 2]) -> Result<Vec<f64>, String> {
        Ok(match self.entries(name, shape)? {
            Entries::Single(numbers) => numbers.into_iter().map(f64::from).collect(),
            Entries::Double(numbers) => numbers,
        })
    }

    /// The numbers of a matrix, row by row, as they were written.
    ///
    /// # Errors
    /// As those of [`Container::numbers`].
    pub(crate) fn entries(&self, name: &str, shape: [usize; 2]) -> Result<Entries, String> {
        let tensor = self.tensors.tensor(name).map_err(|_| format!("it lacks the parameter {name}"))?;
        if tensor.shape() != shape {
            let [rows, cols] = shape;
            return Err(format!(
                "its {name} has the shape {:?} and its layers want {rows} x {cols}",
                tensor.shape()
            ));
        }
        let data = tensor.data();
        if self.has_checksums && self.checksums.get(name) != Some(&checksum(&[data])) {
            return Err(damaged(&format!("the checksum of its {name} is not that of its numbers")));
        }
        match tensor.dtype() {
            Dtype::F32 => Ok(Entries::Single(
                data.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
            )),
            Dtype::F64 => Ok(Entries::Double(
                data.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect(),
            )),
            other => Err(format!("its {name} holds {other:?}, not F32 or F64")),
        }
    }
}

/// The bytes of a container's file, read as far as its header says that it goes and a byte more; of what begins as no container, the
/// beginning.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, table::Error> {
    table::read_file_as_far(path, &end_of)
}

/// How far a file with this beginning is to be read.
fn end_of(bytes: &[u8]) -> u64 {
    /// The longest header that the file's format allows.
    const LONGEST: u64 = 100_000_000;
    #[derive(Deserialize)]
    struct Place {
        data_offsets: [u64; 2],
    }
    let Some(length) = bytes.first_chunk() else { return size_of::<u64>() as u64 };
    let start = size_of::<u64>();
    let length = match u64::from_le_bytes(*length) {
        0..=LONGEST => u64::from_le_bytes(*length) as usize,
        _ => 0,
    };
    let header = (start + length) as u64;
    let Some(header_bytes) = bytes.get(start..start + length) else { return header };
    let entries =
        serde_json::from_slice::<BTreeMap<String, serde_json::Value>>(header_bytes).unwrap_or_default();
    let places = entries.into_values().filter_map(|entry| serde_json::from_value::<Place>(entry).ok());
    let end = places.map(|place| place.data_offsets[1]).max();
    end.map_or(header, |end| header.saturating_add(end).saturating_add(1))
}

/// A description that is not of its kind.
pub(crate) fn unreadable(error: serde_json::Error) -> String {
    format!("its description is not readable ({error})")
}

/// What is said of a file that is not as it was written.
pub(crate) fn damaged(what: &str) -> String {
    format!(
        "{what}: the file was changed or damaged since it was written, so take a copy of it or train again"
    )
}

/// CRC-32 in eight digits.
pub(crate) fn checksum(parts: &[&[u8]]) -> String {
    let mut checksum = Checksum::default();
    parts.iter().for_each(|part| checksum.add(part));
    checksum.digits()
}

/// A CRC-32 of bytes that come one after the other.
#[derive(Default)]
pub(crate) struct Checksum(crc32fast::Hasher);

impl Checksum {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// It in eight digits.
    pub(crate) fn digits(self) -> String {
        format!("{:08x}", self.0.finalize())
    }
}

/// The place of the whole file's checksum.
fn place_of_whole(bytes: &[u8]) -> Option<Range<usize>> {
    let before = bytes.windows(BEFORE_WHOLE.len()).position(|window| window == BEFORE_WHOLE)?;
    let start = before + BEFORE_WHOLE.len();
    (start + UNKNOWN.len() <= bytes.len()).then_some(start..start + UNKNOWN.len())
}

/// The checksum of a file in which its own digits count as zeros.
fn checksum_of_whole(bytes: &[u8], place: &Range<usize>) -> String {
    checksum(&[&bytes[..place.start], UNKNOWN.as_bytes(), &bytes[place.end..]])
}

#[cfg(test)]
pub(crate) mod testing {
    /// Whatever is cut off or flipped in a container, none is read: each of the last bytes, every byte of the header, and 2,000
    /// places of the rest.
    pub(crate) fn refuses_damage(bytes: &[u8], is_read: &dyn Fn(&[u8]) -> bool) {
        assert!(is_read(bytes));
        for cut in 1..=bytes.len().min(4096) {
            assert!(!is_read(&bytes[..bytes.len() - cut]), "{cut} bytes cut off");
        }
        let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        assert!(header < bytes.len());
        let random = |at: usize| (at.wrapping_mul(0x9e37_79b9) >> 3) % bytes.len();
        for place in (0..header).chain((0..2000).map(random)) {
            for bit in [0, 3, 7] {
                let mut damaged = bytes.to_vec();
                damaged[place] ^= 1 << bit;
                assert!(!is_read(&damaged), "bit {bit} of byte {place}");
            }
        }
    }
}
