//! The model file: a safetensors container with the description and checksums as JSON in its header.
//!
//! Each tensor has a checksum, and the whole file has one in which its own digits count as zeros, so that nothing in the file can
//! change unnoticed, names and shapes neither. Files of schema 1 have none.

use crate::LearnError;
use crate::model::{Description, FIRST_SCHEMA, Model, Precision, SCHEMA};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The name of the model file inside a run's folder.
pub const MODEL_FILE: &str = "model.safetensors";

/// The key of the description in the container's metadata.
const KEY: &str = "chainrule";
/// What stands before the whole file's checksum, as the header spells it; every quote within a text of the description is spelt
/// with more strokes.
const BEFORE_WHOLE: &[u8] = br#"\"whole\":\""#;
/// A checksum that is not known yet.
const UNKNOWN: &str = "00000000";

/// What the header of a file of schema 2 holds. The whole file's checksum is the last field.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    description: Description,
    tensors: BTreeMap<String, String>,
    whole: String,
}

/// CRC-32 in eight digits.
fn checksum(parts: &[&[u8]]) -> String {
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

impl Model {
    /// Reads a model from its file, or from the run's folder that holds it.
    ///
    /// # Errors
    /// When there is no such file, or when it is no model of Chainrule or a damaged one.
    pub fn load(path: impl AsRef<Path>) -> Result<Model, LearnError> {
        let path = path.as_ref();
        let file: PathBuf = if path.is_dir() { path.join(MODEL_FILE) } else { path.to_owned() };
        let bytes = table::read_file(&file)?;
        Model::from_bytes(&bytes).map_err(|error| match error {
            LearnError::NoModel { reason, .. } => {
                LearnError::NoModel { path: file.display().to_string(), reason }
            }
            other => LearnError::NoModel { path: file.display().to_string(), reason: other.to_string() },
        })
    }

    /// Reads a model from the bytes of its file.
    ///
    /// # Errors
    /// When they are no model of Chainrule.
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, LearnError> {
        let wrong = |reason: String| LearnError::NoModel { path: String::from("this file"), reason };
        let container =
            |error: safetensors::SafeTensorError| wrong(format!("it is no whole safetensors file ({error})"));
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(container)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(container)?;
        let text = metadata.metadata().as_ref().and_then(|entries| entries.get(KEY));
        let text = text.ok_or_else(|| wrong(String::from("its header has no description by Chainrule")))?;
        let damaged = |what: &str| {
            wrong(format!(
                "{what}: the file was changed or damaged since it was written, so take a copy of it or train again"
            ))
        };
        let readable = |error: serde_json::Error| wrong(format!("its description is not readable ({error})"));
        let (description, checksums) = if text.starts_with(r#"{"description":"#) {
            let header: Header = serde_json::from_str(text).map_err(readable)?;
            let whole = place_of_whole(bytes).map(|place| checksum_of_whole(bytes, &place));
            if whole.as_deref() != Some(header.whole.as_str()) {
                return Err(damaged("its checksum is not that of its bytes"));
            }
            (header.description, Some(header.tensors))
        } else {
            (serde_json::from_str::<Description>(text).map_err(readable)?, None)
        };
        if (description.schema == FIRST_SCHEMA) != checksums.is_none() {
            return Err(damaged("it has not the checksums of its schema"));
        }
        let network = description.network();
        network.verify()?;
        let mut parameters = Vec::new();
        for parameter in network.parameters() {
            let tensor = tensors
                .tensor(&parameter.name)
                .map_err(|_| wrong(format!("it lacks the parameter {}", parameter.name)))?;
            if tensor.shape() != [parameter.rows, parameter.cols] {
                return Err(wrong(format!(
                    "its {} has the shape {:?} and its layers want {} x {}",
                    parameter.name,
                    tensor.shape(),
                    parameter.rows,
                    parameter.cols
                )));
            }
            let data = tensor.data();
            if let Some(checksums) = &checksums
                && checksums.get(parameter.name.as_str()) != Some(&checksum(&[data]))
            {
                return Err(damaged(&format!(
                    "the checksum of its {} is not that of its numbers",
                    parameter.name
                )));
            }
            match tensor.dtype() {
                Dtype::F32 => parameters.extend(
                    data.as_chunks::<4>().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))),
                ),
                Dtype::F64 => {
                    parameters.extend(data.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)))
                }
                other => {
                    return Err(wrong(format!("its {} holds {other:?}, not F32 or F64", parameter.name)));
                }
            }
        }
        if parameters.iter().any(|parameter: &f64| !parameter.is_finite()) {
            return Err(wrong(String::from("a parameter of it is no finite number")));
        }
        Model::new(description, parameters)
    }

    /// Writes its file, whole or not at all.
    ///
    /// # Errors
    /// When the model has no bytes, or the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), LearnError> {
        Ok(table::write_atomically(path.as_ref(), &self.to_bytes()?)?)
    }

    /// The bytes of its file: the same for the same model, with no time and no path inside.
    ///
    /// # Errors
    /// When the description does not become JSON or the container cannot be built.
    pub fn to_bytes(&self) -> Result<Vec<u8>, LearnError> {
        let wrong = |reason: String| LearnError::NoModel { path: String::from("this model"), reason };
        let network = self.description().network();
        let (dtype, width) = match self.description().precision {
            Precision::F32 => (Dtype::F32, 4),
            Precision::F64 => (Dtype::F64, 8),
        };
        let bytes: Vec<u8> = match dtype {
            Dtype::F32 => self.parameters().iter().flat_map(|value| (*value as f32).to_le_bytes()).collect(),
            _ => self.parameters().iter().flat_map(|value| value.to_le_bytes()).collect(),
        };
        let mut views = Vec::new();
        let mut tensors = BTreeMap::new();
        for parameter in network.parameters() {
            let range = parameter.range();
            let data = &bytes[range.start * width..range.end * width];
            tensors.insert(parameter.name.to_string(), checksum(&[data]));
            let view = TensorView::new(dtype, vec![parameter.rows, parameter.cols], data);
            views.push((parameter.name.to_string(), view.map_err(|error| wrong(error.to_string()))?));
        }
        let description = Description { schema: SCHEMA, ..self.description().clone() };
        let header = Header { description, tensors, whole: String::from(UNKNOWN) };
        let description = serde_json::to_string(&header).map_err(|error| wrong(error.to_string()))?;
        // One entry only: the order of several would be that of a hash map.
        let metadata = HashMap::from([(String::from(KEY), description)]);
        let mut bytes =
            safetensors::serialize(views, Some(metadata)).map_err(|error| wrong(error.to_string()))?;
        if let Some(place) = place_of_whole(&bytes) {
            let whole = checksum_of_whole(&bytes, &place);
            bytes[place].copy_from_slice(whole.as_bytes());
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scales;

    fn model() -> Model {
        let unscaled = |columns| Scales { offset: vec![0.0; columns], factor: vec![1.0; columns] };
        let description = Description {
            schema: SCHEMA,
            inputs: vec![String::from("\"whole\":\"00000000\""), String::from("b")],
            targets: vec![String::from("y")],
            layers: vec![
                (30, String::from("tanh")),
                (20, String::from("relu")),
                (1, String::from("identity")),
            ],
            bias: true,
            loss: String::from("mse"),
            definitions: Vec::new(),
            input_scaling: unscaled(2),
            target_scaling: unscaled(1),
            precision: Precision::F64,
            seed: 0,
        };
        let count = description.network().parameter_count();
        Model::new(description, (0..count).map(|at| (at % 17) as f64 - 8.3).collect()).unwrap()
    }

    #[test]
    fn a_file_is_read_back_or_refused() {
        let bytes = model().to_bytes().unwrap();
        let read = Model::from_bytes(&bytes).unwrap();
        assert_eq!((read.parameters(), read.description()), (model().parameters(), model().description()));
        assert_eq!(read.to_bytes().unwrap(), bytes);
        let refused = |bytes: &[u8], what: &str| assert!(Model::from_bytes(bytes).is_err(), "{what}");
        for cut in 1..=bytes.len().min(4096) {
            refused(&bytes[..bytes.len() - cut], &format!("{cut} bytes cut off"));
        }
        let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        assert!(header < bytes.len());
        let random = |at: usize| (at.wrapping_mul(0x9e37_79b9) >> 3) % bytes.len();
        for place in (0..header).chain((0..2000).map(random)) {
            for bit in [0, 3, 7] {
                let mut damaged = bytes.clone();
                damaged[place] ^= 1 << bit;
                refused(&damaged, &format!("bit {bit} of byte {place}"));
            }
        }
    }

    /// The same description and numbers in a container without checksums.
    fn without_checksums(schema: u32, first: f64) -> Vec<u8> {
        let model = model();
        let description = Description { schema, ..model.description().clone() };
        let mut numbers = model.parameters().to_vec();
        numbers[0] = first;
        let bytes: Vec<u8> = numbers.iter().flat_map(|value| value.to_le_bytes()).collect();
        let views = description.network().parameters().into_iter().map(|parameter| {
            let range = parameter.range();
            let data = bytes[8 * range.start..8 * range.end].to_vec();
            (parameter.name.to_string(), vec![parameter.rows, parameter.cols], data)
        });
        let views: Vec<(String, Vec<usize>, Vec<u8>)> = views.collect();
        let views = views.iter().map(|(name, shape, data)| {
            (name.clone(), TensorView::new(Dtype::F64, shape.clone(), data).unwrap())
        });
        let metadata = HashMap::from([(String::from(KEY), serde_json::to_string(&description).unwrap())]);
        safetensors::serialize(views, Some(metadata)).unwrap()
    }

    #[test]
    fn files_of_the_first_schema_are_read_and_later_ones_need_checksums() {
        assert_eq!(Model::from_bytes(&without_checksums(1, 0.5)).unwrap().description().schema, 1);
        assert!(Model::from_bytes(&without_checksums(2, 0.5)).is_err());
        for wrong in [f64::NAN, f64::INFINITY] {
            assert!(Model::from_bytes(&without_checksums(1, wrong)).is_err());
        }
    }
}
