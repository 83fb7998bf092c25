//! What a model is, beside its parameters: columns, encoding, layers, scales and task.

use crate::{LearnError, Network, Task};
use serde::{Deserialize, Serialize};
use table::{EncodedPart, Encoding, Scale, Scaling, ScalingKind};

/// The version of descriptions that say what their columns mean.
pub(crate) const MEANING_SCHEMA: u32 = 3;
/// The version of descriptions whose columns are numbers, each an input.
pub(crate) const SCHEMA: u32 = 2;
/// The version of descriptions without checksums.
pub(crate) const FIRST_SCHEMA: u32 = 1;

/// What a model is: everything in its file but the numbers of its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The version of this description: 3, 2 where it has no meaning, or 1 where its file has no checksums.
    pub schema: u32,
    /// The names of the input columns of a table, in order.
    pub inputs: Vec<String>,
    /// The names of the target columns, in order.
    pub targets: Vec<String>,
    /// The layers, first to last: units and the call of the activation's page.
    pub layers: Vec<(usize, String)>,
    /// Whether layers have biases.
    pub bias: bool,
    /// The call of the loss's page.
    pub loss: String,
    /// The pages of every function and loss it uses, so that the file stands alone.
    pub definitions: Vec<String>,
    /// How inputs are scaled before the first layer; of no columns where they are encoded.
    #[serde(default)]
    pub input_scaling: Scales,
    /// How targets were scaled; predictions are scaled back.
    pub target_scaling: Scales,
    /// What the columns of a table mean to it; without, each input is a number and each output a target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<Meaning>,
    /// The precision it was trained in and computes in.
    pub precision: Precision,
    /// The seed it was trained with.
    pub seed: u64,
}

/// The way from the columns of a table to the first layer, and from the last layer to what is predicted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// What each input column becomes.
    pub encoding: Encoding,
    /// What is predicted.
    pub task: Task,
    /// The prediction, a formula in A, the values of the last layer: `A`, or `softmax(A, 2)`.
    pub predicts: String,
    /// Whether the logarithms of targets were scaled and trained on.
    pub log: bool,
}

/// `scaled = (value - offset)/factor`, column by column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scales {
    /// What becomes 0.
    pub offset: Vec<f64>,
    /// How much becomes 1.
    pub factor: Vec<f64>,
}

impl From<&Scaling> for Scales {
    fn from(scaling: &Scaling) -> Scales {
        Scales { offset: scaling.offset.clone(), factor: scaling.factor.clone() }
    }
}

impl Scales {
    /// Whether they leave numbers as they are.
    pub fn are_none(&self) -> bool {
        self.columns().all(|(offset, factor)| offset == 0.0 && factor == 1.0)
    }

    /// The map of columns that they are, as one of this kind.
    pub(crate) fn scaling(&self, kind: ScalingKind) -> Scaling {
        Scaling { kind, offset: self.offset.clone(), factor: self.factor.clone() }
    }
}

/// A number format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32 bits.
    #[default]
    F32,
    /// 64 bits.
    F64,
}

impl Precision {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::F64 => "f64",
        }
    }
}

impl Scales {
    pub(crate) fn columns(&self) -> impl Iterator<Item = (f64, f64)> {
        self.offset.iter().copied().zip(self.factor.iter().copied())
    }
}

impl Description {
    /// The network it describes.
    pub fn network(&self) -> Network {
        let layer = |(units, activation): &(usize, String)| crate::Layer {
            units: *units,
            activation: activation.clone(),
        };
        Network {
            inputs: self.meaning.as_ref().map_or(self.inputs.len(), |meaning| meaning.encoding.width()),
            layers: self.layers.iter().map(layer).collect(),
            bias: self.bias,
            loss: self.loss.clone(),
        }
    }

    /// How numbers of the input columns are scaled, where scaling is all that is done with them.
    pub(crate) fn plain(&self) -> Option<Scales> {
        let Some(Meaning { encoding, .. }) = &self.meaning else { return Some(self.input_scaling.clone()) };
        let scale = |part: &EncodedPart| match part {
            EncodedPart::Number { scale: Scale::Straight { offset, factor }, flag: false, .. } => {
                Some((*offset, *factor))
            }
            _ => None,
        };
        let scales: Option<Vec<(f64, f64)>> = encoding.used().map(|column| scale(&column.part)).collect();
        let (offset, factor) = scales?.into_iter().unzip();
        Some(Scales { offset, factor })
    }

    /// Whether its parts fit each other.
    pub(crate) fn verify(&self, network: &Network, parameters: usize) -> Result<(), LearnError> {
        let wrong =
            |reason: String| Err(LearnError::NoModel { path: String::from("this description"), reason });
        let scaled = |scales: &Scales, columns: usize| {
            let finite =
                |values: &[f64]| values.len() == columns && values.iter().all(|value| value.is_finite());
            finite(&scales.offset)
                && finite(&scales.factor)
                && scales.factor.iter().all(|factor| *factor != 0.0)
        };
        let known = if self.meaning.is_some() { vec![MEANING_SCHEMA] } else { vec![FIRST_SCHEMA, SCHEMA] };
        if !known.contains(&self.schema) {
            return wrong(format!(
                "its description has version {}, and this program reads versions 1 to 3",
                self.schema
            ));
        }
        let outputs = self.meaning.as_ref().map_or(self.targets.len(), |meaning| meaning.task.width());
        if self.inputs.is_empty() || self.targets.is_empty() || network.outputs() != outputs {
            return wrong(String::from(
                "its last layer does not have one unit for each column that is predicted",
            ));
        }
        let used = |meaning: &Meaning| -> Vec<String> {
            meaning.encoding.used().map(|column| column.name.clone()).collect()
        };
        let fits = |meaning: &Meaning| {
            meaning.encoding.is_sound()
                && used(meaning) == self.inputs
                && meaning.task.names() == self.targets
        };
        if !self.meaning.as_ref().is_none_or(fits) {
            return wrong(String::from("its encoding does not fit its columns"));
        }
        let scaled_inputs = if self.meaning.is_some() { 0 } else { self.inputs.len() };
        if !scaled(&self.input_scaling, scaled_inputs) || !scaled(&self.target_scaling, outputs) {
            return wrong(String::from("its scaling does not fit its columns"));
        }
        network.verify()?;
        if network.parameter_count() != parameters {
            return wrong(format!("it holds {parameters} parameters and its layers do not take as many"));
        }
        Ok(())
    }
}
