//! A safetensors container with a description and checksums as JSON in its header: what model files and checkpoints are.
//!
//! Each tensor has a checksum, and the whole file has one in which its own digits count as zeros, so that nothing in the file can
//! change unnoticed, names and shapes neither.

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

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
pub(crate) struct Tensor {
    pub name: String,
    pub shape: [usize; 2],
    /// Whether its numbers are written as doubles.
    pub is_double: bool,
    pub numbers: Vec<f64>,
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

/// The bytes of a container: the same for the same contents.
///
/// # Errors
/// With what is wrong, when the description does not become JSON or a tensor's numbers do not fit its shape.
pub(crate) fn write<D: Serialize>(key: &str, description: &D, tensors: &[Tensor]) -> Result<Vec<u8>, String> {
    let data: Vec<Vec<u8>> = tensors.iter().map(Tensor::bytes).collect();
    let checksums =
        tensors.iter().zip(&data).map(|(tensor, data)| (tensor.name.clone(), checksum(&[data]))).collect();
    let header = Header { description, tensors: checksums, whole: String::from(UNKNOWN) };
    let text = serde_json::to_string(&header).map_err(|error| error.to_string())?;
    let views = tensors.iter().zip(&data).map(|(tensor, data)| {
        let dtype = if tensor.is_double { Dtype::F64 } else { Dtype::F32 };
        let view = TensorView::new(dtype, tensor.shape.to_vec(), data).map_err(|error| error.to_string())?;
        Ok((tensor.name.clone(), view))
    });
    let views = views.collect::<Result<Vec<_>, String>>()?;
    // One entry only: the order of several would be that of a hash map.
    let metadata = HashMap::from([(key.to_owned(), text)]);
    let mut bytes = safetensors::serialize(views, Some(metadata)).map_err(|error| error.to_string())?;
    if let Some(place) = place_of_whole(&bytes) {
        let whole = checksum_of_whole(&bytes, &place);
        bytes[place].copy_from_slice(whole.as_bytes());
    }
    Ok(bytes)
}

impl Tensor {
    fn bytes(&self) -> Vec<u8> {
        match self.is_double {
            true => self.numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
            false => self.numbers.iter().flat_map(|number| (*number as f32).to_le_bytes()).collect(),
        }
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

    /// The numbers of a matrix, row by row.
    ///
    /// # Errors
    /// With what is wrong, when there is none of this name and shape, or it was changed since it was written.
    pub(crate) fn numbers(&self, name: &str, shape: [usize; 2]) -> Result<Vec<f64>, String> {
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
            Dtype::F32 => Ok(data
                .as_chunks::<4>()
                .0
                .iter()
                .map(|bytes| f64::from(f32::from_le_bytes(*bytes)))
                .collect()),
            Dtype::F64 => {
                Ok(data.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect())
            }
            other => Err(format!("its {name} holds {other:?}, not F32 or F64")),
        }
    }
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
    let mut hasher = crc32fast::Hasher::new();
    parts.iter().for_each(|part| hasher.update(part));
    format!("{:08x}", hasher.finalize())
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
