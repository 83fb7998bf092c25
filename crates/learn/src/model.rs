//! A trained model: what it is, its parameters, and predictions in the target's own units.

use crate::network::Part;
use crate::trainer::helpful_threads;
use crate::{Description, LearnError, Meaning, Precision, Scales, Task};
use compiler::Library;
use engine::{Arguments, Element, Engine, Workspace};
use table::{Encoder, Encoding, Matrix, Rounded, ScalingKind, Table, TableEncoder, Tally};

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
    /// How many threads predict the rows of a table at most, where it is told.
    threads: Option<usize>,
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
    /// A model from its description and its parameters, in the order of [`crate::Network::parameters`].
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
        let mut plan = network.compile(part, &library)?;
        if let Some(Meaning { encoding, .. }) = &description.meaning
            && let codes = encoding.codes()
            && !codes.is_empty()
        {
            // Where the network does more with its inputs than multiply them, they are written out.
            let _ = plan.code(0, &codes);
        }
        let engine = match description.precision {
            Precision::F32 => {
                Precise::F32(Engine::new(plan)?, parameters.iter().map(|value| *value as f32).collect())
            }
            Precision::F64 => Precise::F64(Engine::new(plan)?, parameters.clone()),
        };
        Ok(Model { plain: description.plain(), description, library, parameters, engine, threads: None })
    }

    /// What it is.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The pages it was read with: the shipped ones and its own definitions.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Its parameters, in the order of [`crate::Network::parameters`].
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

    /// The same model, the rows of tables predicted by so many threads at most; by itself it takes as many as help. Predictions do not
    /// depend on their number.
    #[must_use]
    pub fn with_threads(self, threads: Option<usize>) -> Model {
        Model { threads, ..self }
    }

    /// Memory for predictions, by the thread that calls.
    pub fn scratch(&self) -> Scratch {
        self.scratch_of(1)
    }

    fn scratch_of(&self, threads: usize) -> Scratch {
        let memory = match &self.engine {
            Precise::F32(..) => Memory::F32(Buffers::new(threads)),
            Precise::F64(..) => Memory::F64(Buffers::new(threads)),
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
        Predictor::new(self, &self.encoding()).predict(table, rows)
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

    /// The same for the rows of a table that is looked up already.
    fn run_table<T: Element + Rounded>(
        &self,
        (engine, parameters): (&Engine<T>, &[T]),
        (encoder, width): (&TableEncoder, usize),
        rows: &[usize],
        buffers: &mut Buffers<T>,
        predictions: &mut Vec<f64>,
    ) -> Result<Tally, LearnError> {
        buffers.inputs.resize(rows.len() * width, T::from_f64(0.0));
        let tally = encoder.encode_into(Some(rows), &mut buffers.inputs)?;
        self.run_encoded(engine, parameters, rows.len(), buffers, predictions)?;
        Ok(tally)
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

/// Predicts the rows of one table after the other, such as the blocks of a long one; its memory does not grow with their number.
pub struct Predictor<'a> {
    model: &'a Model,
    encoder: Encoder<'a>,
    width: usize,
    scratch: Scratch,
    /// Those of the scratch.
    threads: usize,
}

impl<'a> Predictor<'a> {
    /// Predictions of a model, by its own [`Model::encoding`].
    pub fn new(model: &'a Model, encoding: &'a Encoding) -> Predictor<'a> {
        let encoder = encoding.encoder(!model.plan().coded.is_empty());
        Predictor { model, width: encoder.width(), encoder, scratch: model.scratch(), threads: 1 }
    }

    /// As [`Model::predict_table`].
    ///
    /// # Errors
    /// As those of [`Model::predict_table`].
    pub fn predict(&mut self, table: &Table, rows: Option<&[usize]>) -> Result<(Matrix, Tally), LearnError> {
        let Predictor { model, encoder, width, scratch, threads } = self;
        let encoder = (&encoder.on(table)?, *width);
        let all: Vec<usize> = rows.map_or_else(|| (0..table.rows()).collect(), <[usize]>::to_vec);
        let block = (BLOCK_ENTRIES / (*width).max(1)).max(BLOCK_ROWS);
        let helpful = helpful_threads(model.plan(), all.len().min(block));
        let wanted = model.threads.map_or(helpful, |most| most.min(helpful));
        if wanted > *threads {
            (*threads, *scratch) = (wanted, model.scratch_of(wanted));
        }
        let mut tally = Tally::default();
        let mut predictions = Vec::with_capacity(all.len() * model.outputs());
        for rows in all.chunks(block) {
            tally.add(&match (&model.engine, &mut scratch.memory) {
                (Precise::F32(engine, parameters), Memory::F32(buffers)) => {
                    model.run_table((engine, parameters), encoder, rows, buffers, &mut predictions)?
                }
                (Precise::F64(engine, parameters), Memory::F64(buffers)) => {
                    model.run_table((engine, parameters), encoder, rows, buffers, &mut predictions)?
                }
                // A scratch is made for the precision of its model.
                _ => Tally::default(),
            });
        }
        Ok((Matrix::new(all.len(), model.outputs(), predictions)?, tally))
    }
}

/// Rows that are scaled, predicted and scaled back at a time, so that they stay in the caches meanwhile: this many entries, and no
/// fewer rows than are worth getting the weights ready for.
const BLOCK_ENTRIES: usize = 1 << 18;
const BLOCK_ROWS: usize = 1024;

impl<T: Element> Buffers<T> {
    fn new(threads: usize) -> Buffers<T> {
        Buffers { workspace: Workspace::with_threads(threads), inputs: Vec::new(), outputs: Vec::new() }
    }
}
