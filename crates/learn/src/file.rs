//! The model file: a safetensors container with the description as JSON in its header.

use crate::LearnError;
use crate::model::{Description, Model, Precision};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The name of the model file inside a run's folder.
pub const MODEL_FILE: &str = "model.safetensors";

/// The key of the description in the container's metadata.
const KEY: &str = "chainrule";

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
        let description: Description = serde_json::from_str(text)
            .map_err(|error| wrong(format!("its description is not readable ({error})")))?;
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
        let description =
            serde_json::to_string(self.description()).map_err(|error| wrong(error.to_string()))?;
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
        for parameter in network.parameters() {
            let range = parameter.range();
            let data = &bytes[range.start * width..range.end * width];
            let view = TensorView::new(dtype, vec![parameter.rows, parameter.cols], data);
            views.push((parameter.name.to_string(), view.map_err(|error| wrong(error.to_string()))?));
        }
        // One entry only: the order of several would be that of a hash map.
        let metadata = HashMap::from([(String::from(KEY), description)]);
        safetensors::serialize(views, Some(metadata)).map_err(|error| wrong(error.to_string()))
    }
}
