//! The model file: a container with the model's description and one tensor for each parameter. Files of schema 1 have no checksums.

use crate::LearnError;
use crate::container::{self, Container, Numbers, Read, Tensor};
use crate::description::{FIRST_SCHEMA, MEANING_SCHEMA, SCHEMA};
use crate::{Description, Model, Precision};
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
        let bytes = container::read_file(&file)?;
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
        let (read, container) = Container::read::<Description>(KEY, bytes).map_err(wrong)?;
        let (description, has_checksums) = match read {
            Read::Checked(description) => (description, true),
            Read::Bare(text) => {
                let description = serde_json::from_str::<Description>(&text);
                (description.map_err(|error| wrong(container::unreadable(error)))?, false)
            }
        };
        if (description.schema == FIRST_SCHEMA) == has_checksums {
            return Err(wrong(container::damaged("it has not the checksums of its schema")));
        }
        let network = description.network();
        network.verify()?;
        let mut parameters = Vec::new();
        for parameter in network.parameters() {
            let shape = [parameter.rows, parameter.cols];
            parameters.extend(container.numbers(&parameter.name, shape).map_err(wrong)?);
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
        let unwritable = |reason: String| LearnError::NoModel { path: String::from("this model"), reason };
        let is_double = self.description().precision == Precision::F64;
        let tensor = |parameter: crate::Parameter| {
            let numbers = &self.parameters()[parameter.range()];
            Tensor {
                name: parameter.name.to_string(),
                shape: [parameter.rows, parameter.cols],
                numbers: if is_double { Numbers::Double(numbers) } else { Numbers::Narrowed(numbers) },
            }
        };
        let parameters = self.description().network().parameters();
        let tensors: Vec<Tensor<'_>> = parameters.into_iter().map(tensor).collect();
        let schema = if self.description().meaning.is_some() { MEANING_SCHEMA } else { SCHEMA };
        let description = Description { schema, ..self.description().clone() };
        let mut bytes = Vec::new();
        let each = if is_double { size_of::<f64>() } else { size_of::<f32>() };
        bytes.try_reserve(self.parameters().len() * each).map_err(|error| unwritable(error.to_string()))?;
        container::write(KEY, &description, &tensors, &mut bytes)
            .map_err(|error| unwritable(error.to_string()))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scales;
    use safetensors::tensor::{Dtype, TensorView};
    use std::collections::HashMap;
    use table::Matrix;

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
            meaning: None,
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
        container::testing::refuses_damage(&bytes, &|bytes| Model::from_bytes(bytes).is_ok());
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

    #[test]
    fn a_file_of_the_first_schema_predicts_what_its_numbers_predict() {
        let now = model();
        let first = Model::from_bytes(&without_checksums(1, now.parameters()[0])).unwrap();
        let inputs = Matrix::new(3, 2, vec![0.5, -1.0, 2.0, 0.25, -3.0, 1.5]).unwrap();
        let predicted = first.predict_matrix(&inputs).unwrap();
        assert_eq!(predicted.data(), now.predict_matrix(&inputs).unwrap().data());
        assert!(predicted.data().iter().all(|value| value.is_finite()));
        assert_eq!(predicted.data().len(), 3);
    }
}
