//! A trained model: what it is, its parameters, and predictions in the target's own units.

use crate::network::Part;
use crate::{LearnError, Network, Task};
use compiler::Library;
use engine::{Arguments, Element, Engine, Workspace};
use serde::{Deserialize, Serialize};
use table::{EncodedPart, Encoding, Matrix, Scale, Scaling, ScalingKind, Table, Tally};

/// A trained network with all that is needed to use it on rows of a table. It may be shared between threads; each thread
/// brings its own [`Scratch`].
///
/// # Examples
///
/// A model built by hand, written to its file and read back:
///
/// ```
/// use chainrule_learn::{Description, Model, Precision, Scales};
///
/// let unscaled = |columns| Scales { offset: vec![0.0; columns], factor: vec![1.0; columns] };
/// let description = Description {
///     schema: 2,
///     inputs: vec![String::from("width"), String::from("height")],
///     targets: vec![String::from("half the perimeter")],
///     layers: vec![(1, String::from("identity"))],
///     bias: false,
///     loss: String::from("mse"),
///     definitions: Vec::new(),
///     input_scaling: unscaled(2),
///     meaning: None,
///     target_scaling: unscaled(1),
///     precision: Precision::F64,
///     seed: 0,
/// };
/// let built = Model::new(description, vec![1.0, 1.0])?;
///
/// let model = Model::from_bytes(&built.to_bytes()?)?;
/// let mut scratch = model.scratch();
/// assert_eq!(model.predict(&[2.0, 3.0, 10.0, 5.0], &mut scratch)?, [5.0, 15.0]);
/// # Ok::<(), chainrule_learn::LearnError>(())
/// ```
pub struct Model {
    description: Description,
    library: Library,
    parameters: Vec<f64>,
    /// How numbers of the input columns are scaled, where scaling is all that is done with them.
    plain: Option<Scales>,
    engine: Precise,
}

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

enum Precise {
    F32(Engine<f32>, Vec<f32>),
    F64(Engine<f64>, Vec<f64>),
}

/// The memory a thread needs for predictions; it grows to the largest number of rows it has seen, and not after that.
pub struct Scratch {
    memory: Memory,
    predictions: Vec<f64>,
}

enum Memory {
    F32(Buffers<f32>),
    F64(Buffers<f64>),
}

struct Buffers<T: Element> {
    workspace: Workspace<T>,
    inputs: Vec<T>,
    outputs: Vec<T>,
}

impl Model {
    /// A model from its description and its parameters, in the order of [`Network::parameters`].
    ///
    /// # Errors
    /// When the description's formula does not compile, a definition does not keep what it says, or the numbers do not fit its
    /// sizes.
    pub fn new(description: Description, parameters: Vec<f64>) -> Result<Model, LearnError> {
        let mut library = Library::standard();
        // One text, since a definition may use one that stands after it.
        if !description.definitions.is_empty() {
            library.define(&description.definitions.join("\n")).map_err(compiler::CompileError::from)?;
        }
        let network = description.network();
        network.judge_pages(&library)?;
        description.verify(&network, parameters.len())?;
        let name = network.prediction_name();
        let part = match &description.meaning {
            Some(Meaning { predicts, .. }) if predicts != "A" => Part::Prediction(predicts),
            _ => Part::Values(&[&name]),
        };
        let plan = network.compile(part, &library)?;
        let engine = match description.precision {
            Precision::F32 => {
                Precise::F32(Engine::new(plan)?, parameters.iter().map(|value| *value as f32).collect())
            }
            Precision::F64 => Precise::F64(Engine::new(plan)?, parameters.clone()),
        };
        Ok(Model { plain: description.plain(), description, library, parameters, engine })
    }

    /// What it is.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The pages it was read with: the shipped ones and its own definitions.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Its parameters, in the order of [`Network::parameters`].
    pub fn parameters(&self) -> &[f64] {
        &self.parameters
    }

    /// The plan of a prediction.
    pub fn plan(&self) -> &plan::Plan {
        match &self.engine {
            Precise::F32(engine, _) => engine.plan(),
            Precise::F64(engine, _) => engine.plan(),
        }
    }

    /// Memory for predictions.
    pub fn scratch(&self) -> Scratch {
        let memory = match &self.engine {
            Precise::F32(..) => Memory::F32(Buffers::new()),
            Precise::F64(..) => Memory::F64(Buffers::new()),
        };
        Scratch { memory, predictions: Vec::new() }
    }

    /// Predictions for rows of inputs, in the target's units: `rows` holds the input columns in the order of
    /// [`Description::inputs`], row by row, in the table's units; the answer holds the target columns likewise. Nothing is
    /// allocated once the scratch has seen as many rows.
    ///
    /// # Errors
    /// When `rows` is no whole number of rows.
    pub fn predict<'s>(&self, rows: &[f64], scratch: &'s mut Scratch) -> Result<&'s [f64], LearnError> {
        let inputs = self.description.inputs.len();
        let Some(scales) = &self.plain else {
            return Err(LearnError::NotPlain { columns: self.description.inputs.clone() });
        };
        if inputs == 0 || !rows.len().is_multiple_of(inputs) {
            return Err(LearnError::Width { found: rows.len(), expected: inputs });
        }
        match (&self.engine, &mut scratch.memory) {
            (Precise::F32(engine, parameters), Memory::F32(buffers)) => {
                self.run(engine, parameters, scales, rows, buffers, &mut scratch.predictions)?;
            }
            (Precise::F64(engine, parameters), Memory::F64(buffers)) => {
                self.run(engine, parameters, scales, rows, buffers, &mut scratch.predictions)?;
            }
            // The scratch of a model of another precision: make it this model's.
            _ => {
                *scratch = self.scratch();
                return self.predict(rows, scratch);
            }
        }
        Ok(&scratch.predictions)
    }

    /// Predictions for a matrix of inputs.
    ///
    /// # Errors
    /// When it has another number of columns than the model has inputs.
    pub fn predict_matrix(&self, inputs: &Matrix) -> Result<Matrix, LearnError> {
        if inputs.cols() != self.description.inputs.len() {
            return Err(LearnError::Width { found: inputs.cols(), expected: self.description.inputs.len() });
        }
        let mut scratch = self.scratch();
        let predictions = self.predict(inputs.data(), &mut scratch)?.to_vec();
        Ok(Matrix::new(inputs.rows(), self.outputs(), predictions)?)
    }

    /// How many numbers are predicted for a row: one for each target of numbers or of two classes, else one for each class.
    pub fn outputs(&self) -> usize {
        self.description.layers.last().map_or(0, |(units, _)| *units)
    }

    /// What is predicted.
    pub fn task(&self) -> Task {
        let meaning = self.description.meaning.as_ref();
        meaning.map_or_else(|| Task::numbers(&self.description.targets), |meaning| meaning.task.clone())
    }

    /// What each input column becomes.
    pub fn encoding(&self) -> Encoding {
        let Description { meaning, inputs, input_scaling, .. } = &self.description;
        let scaling = || Encoding::of_numbers(inputs, &input_scaling.scaling(ScalingKind::Standard));
        meaning.as_ref().map_or_else(scaling, |meaning| meaning.encoding.clone())
    }

    /// Predictions for rows of a table, all or these (counted from 0): `rows x` [`Model::outputs`] in the target's units, or the
    /// probabilities that the last layer gives; and which cells were missing or unseen.
    ///
    /// # Errors
    /// When the table lacks an input column, or a cell of one is of another kind.
    pub fn predict_table(
        &self,
        table: &Table,
        rows: Option<&[usize]>,
    ) -> Result<(Matrix, Tally), LearnError> {
        let encoding = self.encoding();
        let width = encoding.width();
        let all: Vec<usize> = rows.map_or_else(|| (0..table.rows()).collect(), <[usize]>::to_vec);
        let mut tally = Tally::default();
        let mut predictions = Vec::with_capacity(all.len() * self.outputs());
        let mut scratch = self.scratch();
        for rows in all.chunks((TABLE_ENTRIES / width.max(1)).max(BLOCK_ROWS / 16)) {
            let further = match (&self.engine, &mut scratch.memory) {
                (Precise::F32(engine, parameters), Memory::F32(buffers)) => {
                    buffers.inputs.resize(rows.len() * width, 0.0);
                    let further = encoding.encode_into(table, Some(rows), &mut buffers.inputs)?;
                    self.run_encoded(engine, parameters, rows.len(), buffers, &mut predictions)?;
                    further
                }
                (Precise::F64(engine, parameters), Memory::F64(buffers)) => {
                    buffers.inputs.resize(rows.len() * width, 0.0);
                    let further = encoding.encode_into(table, Some(rows), &mut buffers.inputs)?;
                    self.run_encoded(engine, parameters, rows.len(), buffers, &mut predictions)?;
                    further
                }
                _ => Tally::default(),
            };
            tally.add(&further);
        }
        Ok((Matrix::new(all.len(), self.outputs(), predictions)?, tally))
    }

    fn run<T: Element>(
        &self,
        engine: &Engine<T>,
        parameters: &[T],
        scales: &Scales,
        rows: &[f64],
        buffers: &mut Buffers<T>,
        predictions: &mut Vec<f64>,
    ) -> Result<(), LearnError> {
        let inputs = self.description.inputs.len();
        let block = BLOCK_ROWS.max(BLOCK_ENTRIES / inputs);
        predictions.clear();
        // Without rows there is nothing to predict, and no block.
        for rows in rows.chunks(block * inputs) {
            buffers.inputs.clear();
            for row in rows.chunks_exact(inputs) {
                let scaled = scales.columns().zip(row);
                buffers
                    .inputs
                    .extend(scaled.map(|((offset, factor), value)| T::from_f64((value - offset) / factor)));
            }
            self.run_encoded(engine, parameters, rows.len() / inputs, buffers, predictions)?;
        }
        Ok(())
    }

    /// What is predicted of the rows that stand encoded in the buffers, behind other predictions.
    fn run_encoded<T: Element>(
        &self,
        engine: &Engine<T>,
        parameters: &[T],
        count: usize,
        buffers: &mut Buffers<T>,
        predictions: &mut Vec<f64>,
    ) -> Result<(), LearnError> {
        let (outputs, scales) = (self.outputs(), &self.description.target_scaling);
        buffers.outputs.clear();
        buffers.outputs.resize(count * outputs, T::from_f64(0.0));
        let arguments = Arguments {
            rows: count,
            data: &[&buffers.inputs],
            parameters,
            row_results: &mut [&mut buffers.outputs],
            ..Arguments::default()
        };
        engine.run(&mut buffers.workspace, arguments)?;
        let is_log = self.description.meaning.as_ref().is_some_and(|meaning| meaning.log);
        for row in buffers.outputs.chunks_exact(outputs) {
            let predicted = scales.columns().zip(row);
            let predicted = predicted.map(|((offset, factor), value)| value.to_f64() * factor + offset);
            predictions.extend(predicted.map(|value| if is_log { libm::exp(value) } else { value }));
        }
        Ok(())
    }
}

/// Rows that are scaled, predicted and scaled back at a time, so that they stay in the caches meanwhile: this many entries, and no
/// fewer rows than are worth getting the weights ready for.
const BLOCK_ENTRIES: usize = 1 << 18;
const BLOCK_ROWS: usize = 1024;
/// The same of a table, of whose columns each block looks up the words again.
const TABLE_ENTRIES: usize = 1 << 22;

impl<T: Element> Buffers<T> {
    fn new() -> Buffers<T> {
        Buffers { workspace: Workspace::new(), inputs: Vec::new(), outputs: Vec::new() }
    }
}

impl Scales {
    fn columns(&self) -> impl Iterator<Item = (f64, f64)> {
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
    fn plain(&self) -> Option<Scales> {
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
    fn verify(&self, network: &Network, parameters: usize) -> Result<(), LearnError> {
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
