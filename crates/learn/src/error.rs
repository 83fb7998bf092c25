//! What can go wrong in learning, each with the mend.

use crate::Network;
use std::fmt;

/// A mistake or a failure in building, training, saving or loading a model.
#[derive(Debug)]
pub enum LearnError {
    /// A formula of the network, its loss, its optimizer or its schedule is wrong.
    Compile(compiler::CompileError),
    /// Numbers and plan do not fit.
    Engine(engine::EngineError),
    /// A table's cells do not make the matrix that is asked for.
    Table(table::Error),
    /// X and Y must have the same number of rows, at least one.
    Rows {
        /// Rows of X.
        x: usize,
        /// Rows of Y.
        y: usize,
    },
    /// Rows have other columns than the network.
    Columns {
        /// Which columns: `inputs` or `targets`.
        what: &'static str,
        /// Columns found.
        found: usize,
        /// Columns expected.
        expected: usize,
    },
    /// A number that training is told lies outside of its range.
    OutOfRange {
        /// What it is, such as `the learning rate`.
        what: &'static str,
        /// The number.
        found: f64,
        /// What was expected, with an example.
        expected: &'static str,
    },
    /// A target has one value in every training row.
    ConstantTarget {
        /// The column.
        column: String,
        /// Its value.
        value: f64,
    },
    /// A loss that does not depend on what the network computes.
    LossWithoutPrediction {
        /// Its page.
        loss: String,
        /// Whether it is one of several columns alone, as of shares that add up to 1.
        takes_several: bool,
    },
    /// The update of an optimizer is not finite on small weights and gradients.
    UpdateNotFinite {
        /// The call of the optimizer.
        optimizer: String,
    },
    /// The inputs have another number of columns than the model.
    Width {
        /// Columns found.
        found: usize,
        /// Columns expected.
        expected: usize,
    },
    /// Targets are of several kinds, so no one loss and no one score is theirs.
    SeveralKinds {
        /// Each target with its kind.
        kinds: Vec<(String, table::TargetKind)>,
        /// What all of them may be.
        common: Vec<table::TargetKind>,
    },
    /// A target has no value in any row.
    NoTargets {
        /// The column.
        column: String,
    },
    /// A target has one class in all rows.
    OneClass {
        /// The column.
        column: String,
        /// The class.
        class: String,
    },
    /// A class is in no training row.
    UntrainedClass {
        /// The column.
        column: String,
        /// The class.
        class: String,
        /// How many other rows have it.
        rows: usize,
        /// Whether another seed may part the rows otherwise.
        by_seed: bool,
        /// Whether the classes are numbers, more than are offered as classes.
        are_numbers: bool,
    },
    /// No target has the class that was told to be positive, or none has two classes.
    NoPositive {
        /// The class.
        positive: String,
        /// The classes there are.
        classes: Vec<String>,
    },
    /// The logarithm of a target that is not above 0 was to be trained on.
    NoLogarithm {
        /// The column.
        column: String,
        /// The row of the table, counted from 0.
        row: usize,
        /// The value.
        value: f64,
    },
    /// The weights of rows were to be a target.
    WeightIsTarget {
        /// The column.
        column: String,
    },
    /// Every weight is 0.
    NoWeight {
        /// The column.
        column: String,
        /// The table.
        file: String,
    },
    /// A loss of logits beside a last layer that is bounded.
    BoundedLogits {
        /// The activation of the last layer.
        output: String,
        /// The loss.
        loss: String,
    },
    /// Numbers alone were given to a model whose columns are encoded.
    NotPlain {
        /// The input columns.
        columns: Vec<String>,
    },
    /// The explicit solution is known for a linear model with the squared loss only.
    NotLinear {
        /// The layers it was asked for.
        network: String,
    },
    /// A network has more layers than can be derived.
    TooManyLayers {
        /// Its layers.
        layers: usize,
    },
    /// A network has more parameters than memory is taken for.
    TooManyParameters {
        /// Its input columns.
        inputs: usize,
        /// Its parameters, or the largest number where there are more than that.
        parameters: usize,
    },
    /// A checkpoint is one of another run.
    OtherRun {
        /// What differs.
        difference: String,
    },
    /// A model has not the layers and columns that a run starts with.
    OtherModel {
        /// What differs.
        difference: String,
    },
    /// A file is no checkpoint, or a damaged one.
    NoCheckpoint {
        /// Its path, or `this file`.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file is no model of Chainrule, or a damaged one.
    NoModel {
        /// Its path, or `these bytes`.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for LearnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LearnError::Compile(error) => error.fmt(f),
            LearnError::Engine(error) => error.fmt(f),
            LearnError::Table(error) => error.fmt(f),
            LearnError::Rows { x, y } => {
                write!(
                    f,
                    "the inputs have {x} rows and the targets {y}; give both the same number, at least one"
                )
            }
            LearnError::Columns { what, found, expected } => write!(
                f,
                "the rows have {found} columns of {what}, and the network has {expected}: give rows of {expected}, or a network of {found}"
            ),
            LearnError::OutOfRange { what, found, expected } => {
                // A count has no point, and what is tiny or huge an exponent.
                let is_count = found.fract() == 0.0 && found.abs() < 1e15;
                let found = if is_count { found.to_string() } else { format!("{found:?}") };
                write!(f, "{what} is {found}, and {expected} was expected")
            }
            LearnError::ConstantTarget { column, value } => write!(
                f,
                "the target `{column}` is {value} in every training row, so there is nothing to learn: choose another target"
            ),
            LearnError::LossWithoutPrediction { loss, takes_several: true } => write!(
                f,
                "the loss `{loss}` is the same whatever the network computes where A has one column, as for a number and for two classes: \
                 take `--loss binary_cross_entropy` for two classes, and one that depends on the single A for a number, such as `--loss mse`"
            ),
            LearnError::LossWithoutPrediction { loss, takes_several: false } => write!(
                f,
                "the loss `{loss}` is the same whatever the network computes, A, so nothing could be trained: write one that depends on A, such as \"norm(A - Y)^2/m\""
            ),
            LearnError::UpdateNotFinite { optimizer } => write!(
                f,
                "the optimizer `{optimizer}` makes weights that are not finite from weights and gradients around 1: look at divisions, \
                 roots and logarithms in its lines, and at its settings"
            ),
            LearnError::Width { found, expected } => {
                write!(
                    f,
                    "rows of {found} columns were given to a model of {expected} inputs; give it {expected} columns in the order of its inputs"
                )
            }
            LearnError::SeveralKinds { kinds, common } => {
                let of_first = |(_, kind): &&(String, table::TargetKind)| *kind == kinds[0].1;
                let names = |kinds: Vec<&(String, table::TargetKind)>| {
                    kinds.iter().map(|(name, _)| table::argument(name)).collect::<Vec<_>>().join(",")
                };
                let (own, others) = kinds.iter().partition(of_first);
                let told: Vec<String> =
                    kinds.iter().map(|(name, kind)| format!("`{name}` has {kind}")).collect();
                write!(
                    f,
                    "the targets are of several kinds ({}), and one network predicts targets of one kind: train a network for each \
                     kind, such as `--target {} --ignore {}`",
                    told.join(", "),
                    names(own),
                    names(others)
                )?;
                common
                    .iter()
                    .try_for_each(|kind| write!(f, ", or predict all of them as {kind} with `--task {kind}`"))
            }
            LearnError::NoTargets { column } => write!(
                f,
                "the target `{column}` is missing in every row, so there is nothing to learn: choose another target, or look whether \
                 its values are among the words for missing cells"
            ),
            LearnError::OneClass { column, class } => write!(
                f,
                "the target `{column}` is `{class}` in every row, so there is nothing to tell apart: choose another target, or add \
                 rows of other classes"
            ),
            LearnError::UntrainedClass { column, class, rows, by_seed, are_numbers } => write!(
                f,
                "the class `{class}` of `{column}` is in {rows} validation or test row{} and in no training row, so it cannot be \
                 learnt: add rows of it, leave these out, or part the rows otherwise{}{}",
                if *rows == 1 { "" } else { "s" },
                if *by_seed { ", as with another `--seed`" } else { "" },
                if *are_numbers { "; or predict numbers with `--task numbers`" } else { "" }
            ),
            LearnError::NoPositive { positive, classes } if classes.is_empty() => write!(
                f,
                "`{positive}` is to be the positive one of two classes, and no target has two: leave `--positive` out"
            ),
            LearnError::NoPositive { positive, classes } => write!(
                f,
                "`{positive}` is no class of a target with two classes ({}): give one of these with `--positive`, or leave it out",
                classes.iter().take(20).map(|class| format!("`{class}`")).collect::<Vec<_>>().join(", ")
            ),
            LearnError::NoLogarithm { column, row, value } => write!(
                f,
                "the target `{column}` is {value} in row {row} (counted from 0), and only numbers above 0 have a logarithm: leave \
                 `--target-scale log` out"
            ),
            LearnError::WeightIsTarget { column } => write!(
                f,
                "`{column}` is the target and cannot say how much a row counts: name another column with `--weight`, or leave it out"
            ),
            LearnError::NoWeight { column, file } => write!(
                f,
                "{file}: each weight in the column `{column}` is 0, so that no row counts: name another column with `--weight`, or leave it out"
            ),
            LearnError::BoundedLogits { output, loss } => write!(
                f,
                "the loss `{loss}` takes logits, any real numbers, and the output `{output}` is bounded: leave `--output` out, for \
                 predictions are probabilities all the same, or leave `--loss` out"
            ),
            LearnError::NotPlain { columns } => write!(
                f,
                "the columns {} are encoded, so numbers alone do not tell a row: give the rows as a table, to `predict_table`",
                columns.join(", ")
            ),
            LearnError::NotLinear { network } => write!(
                f,
                "the exact solver fits a linear model with the loss mse, and this is {network}; leave out the hidden layers and the output function, or the solver"
            ),
            LearnError::TooManyLayers { layers } => {
                write!(
                    f,
                    "the network has {layers} layers, and up to {} are derived; give it fewer",
                    Network::MOST_LAYERS
                )
            }
            LearnError::TooManyParameters { inputs, parameters } => write!(
                f,
                "the network has {parameters} parameters behind {inputs} input columns, and memory is taken for up to {}; choose \
                 fewer units, or fewer columns",
                Network::MOST_PARAMETERS
            ),
            LearnError::OtherRun { difference } => write!(
                f,
                "the run cannot go on, since it would be another one: {difference}; give it what it was begun with, or train anew from its model with `--start-from`"
            ),
            LearnError::OtherModel { difference } => write!(
                f,
                "the run cannot start from this model: {difference}; give it the model's own, or leave `--start-from` out"
            ),
            LearnError::NoCheckpoint { path, reason } => {
                write!(f, "{path} is no checkpoint that training can go on from: {reason}")
            }
            LearnError::NoModel { path, reason } => {
                write!(
                    f,
                    "{path} is no model of Chainrule: {reason}; give a run's folder or the model.safetensors inside it"
                )
            }
        }
    }
}

impl std::error::Error for LearnError {}

impl From<compiler::CompileError> for LearnError {
    fn from(error: compiler::CompileError) -> LearnError {
        LearnError::Compile(error)
    }
}

impl From<engine::EngineError> for LearnError {
    fn from(error: engine::EngineError) -> LearnError {
        LearnError::Engine(error)
    }
}

impl From<table::Error> for LearnError {
    fn from(error: table::Error) -> LearnError {
        LearnError::Table(error)
    }
}
