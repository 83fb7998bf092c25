//! Every option of the program, with its default and its line of help.

mod bench;
mod check;
mod numbers;
mod plan;

use super::checkpoints::Every;
use super::deadline;
pub use bench::Bench;
use calculus::{Form, Layout, Symmetric};
pub use check::Check;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use learn::Settings;
pub use numbers::BatchSize;
use numbers::{positive, threads, whole};
pub use plan::Plan;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;
use syntax::Spelling;
use table::ScalingKind;

/// Formulas over matrices to derivatives with every step named, and to networks trained on tables.
#[derive(Debug, Parser)]
#[command(name = "chainrule", version, arg_required_else_help = true, subcommand_required = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Derive a formula: each step with its law and shapes, the closed form, and a numeric check.
    Derive(Derive),
    /// Check a derivative that was derived by hand: whether it is right, else where it differs and by which known slip.
    Check(Check),
    /// Train a network on a table, and judge it on rows that it has not seen.
    Train(Box<Train>),
    /// Predict the target for the rows of a table.
    Predict(Predict),
    /// Judge a trained model on the rows of a table.
    Evaluate(Evaluate),
    /// Show a model's formula and the derived gradient that trained it.
    Explain(Explain),
    /// Show the plan of a model's step or of a formula: what runs, what it costs, and how fast it could be.
    Plan(Plan),
    /// Measure this machine's limits, and how near to them training comes.
    Bench(Bench),
    /// List the pages of the library, or show one.
    Library(Library),
}

/// `chainrule derive`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Derive {
    /// The formula, such as "norm(X*w - y)^2", a file that holds it, or - for standard input.
    #[arg(value_name = "FORMULA", allow_hyphen_values = true)]
    pub formula: String,
    /// What to derive by, such as W1,W2; lets too [default: every variable].
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub wrt: Vec<String>,
    /// What of the derivative is shown, and how.
    #[command(flatten)]
    pub reading: Reading,
    /// Declarations and definitions, such as "X: m x n, g: function"; may be repeated.
    #[arg(long = "let", value_name = "LINES", allow_hyphen_values = true)]
    pub declarations: Vec<String>,
    /// A page of your own, such as "swish2(x) = x .* sigmoid(2*x)", or a file of pages (*.chainrule); may be repeated.
    #[arg(long, value_name = "PAGE")]
    pub define: Vec<String>,
    /// Show the closed forms alone, one line for each.
    #[arg(long, conflicts_with_all = ["steps", "numbers", "format", "json"])]
    pub answer: bool,
    /// Show each step with its law and shapes.
    #[arg(long)]
    pub steps: bool,
    /// Open one step of --steps entry by entry, with the numbers of a small example.
    #[arg(long, value_name = "N", conflicts_with_all = ["answer", "format", "json"])]
    pub why: Option<usize>,
    /// Show every let and derivative as a small matrix beside its difference quotient.
    #[arg(long)]
    pub numbers: bool,
    /// The notation of the answer.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// In LaTeX and HTML, write W1 as the W of layer [1].
    #[arg(long)]
    pub layers: bool,
    /// Short for --format json.
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// The seed of the check's random points.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// What an answer may take, such as 10, 10s or 2m; without one by then, the exit status is 3.
    #[arg(long, value_name = "SECONDS", default_value = deadline::DEFAULT, value_parser = deadline::duration)]
    pub time_limit: Duration,
}

/// How often is derived, and how the answer is read and lies.
#[derive(Debug, Args)]
#[command(next_help_heading = "Derivative")]
pub struct Reading {
    /// How the formula, and what is claimed of it, is written [default: as its marks show].
    #[arg(long, value_name = "SPELLING", default_value = Spelling::default().name(), value_parser = named(Spelling::ALL, Spelling::name))]
    pub spelling: Spelling,
    /// 1 for first derivatives, 2 for second ones of a scalar: a Hessian by a vector, applied to a direction by a matrix.
    #[arg(long, value_name = "1|2", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    pub order: u8,
    /// The second variable of a mixed second derivative [default: the first].
    #[arg(long, value_name = "NAME")]
    pub wrt2: Option<String>,
    /// The form of the answer [default: by the shapes].
    #[arg(long, value_name = "FORM", value_parser = named(Form::ALL, Form::name))]
    pub form: Option<Form>,
    /// Which way the answer lies: gradients like the variable and Jacobians with a row for each output, or all one way [default:
    /// mixed; without it, a claim in any layout is right].
    #[arg(long, value_name = "LAYOUT", value_parser = named(Layout::ALL, Layout::name))]
    pub layout: Option<Layout>,
    /// What a derivative by a symmetric variable is: its symmetric part, or by the entries on and above the diagonal.
    #[arg(long, value_name = "CONVENTION", default_value = Symmetric::default().name(), value_parser = named(Symmetric::ALL, Symmetric::name))]
    pub symmetric: Symmetric,
}

/// One of several values by its name.
fn named<T: Copy + Send + Sync + 'static, const N: usize>(
    all: [T; N],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.map(name)).try_map(move |text| {
        all.into_iter().find(|value| name(*value) == text).ok_or("one of the values that `--help` lists")
    })
}

/// A notation of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Chainrule's own language, which reads back.
    Text,
    /// LaTeX for the package amsmath.
    Latex,
    /// A page for a browser, in one file.
    Html,
    /// A Python module for NumPy.
    Numpy,
    /// A Python module for JAX.
    Jax,
    /// A Python module for PyTorch.
    Pytorch,
    /// One JSON object.
    Json,
}

/// `chainrule train`.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "An activation or an output may be a page (relu), a page's call with settings (\"leaky_relu(slope = 0.2)\"), or a \
                  formula with one free name (\"x .* sigmoid(2*x)\"). A loss may be a page, a call, or a formula in the names A (the \
                  network's values, m x q), Y (the targets, m x q) and m (the rows of the batch): \"sum(log(cosh(A - Y)))/m\". \
                  `chainrule library` lists the pages."
)]
pub struct Train {
    /// The table: comma-separated values, whose first line names the columns; `-` is standard input.
    #[arg(value_name = "TABLE.csv", required_unless_present = "resume")]
    pub table: Option<PathBuf>,
    /// The column to predict; may be repeated for several.
    #[arg(long, value_name = "COLUMN", required_unless_present = "resume")]
    pub target: Vec<String>,
    /// A column to leave out; may be repeated.
    #[arg(long, value_name = "COLUMN")]
    pub ignore: Vec<String>,

    /// The hidden layers, each with its own activation: "64:relu,32:tanh".
    #[arg(long, value_name = "UNITS:ACTIVATION,...", conflicts_with_all = ["hidden", "activation"], help_heading = "Network")]
    pub layers: Option<String>,
    #[arg(long, value_name = "UNITS,...", help = hidden_help(), help_heading = "Network")]
    pub hidden: Option<String>,
    /// The activation of the hidden layers.
    #[arg(long, value_name = "FUNCTION", allow_hyphen_values = true, default_value_t = default_activation(), help_heading = "Network")]
    pub activation: String,
    /// The activation of the last layer. The targets are scaled into its range: identity takes any real number, sigmoid [0,1].
    #[arg(long, value_name = "FUNCTION", allow_hyphen_values = true, default_value_t = Settings::default().output, help_heading = "Network")]
    pub output: String,
    /// Leave out the biases.
    #[arg(long, help_heading = "Network")]
    pub no_bias: bool,
    /// A page of your own, such as "swish2(x) = x .* sigmoid(2*x)", or a file of pages (*.chainrule); may be repeated.
    #[arg(long, value_name = "PAGE", help_heading = "Network")]
    pub define: Vec<String>,

    /// What training makes small.
    #[arg(long, value_name = "LOSS", allow_hyphen_values = true, default_value_t = Settings::default().loss, help_heading = "Training")]
    pub loss: String,
    /// The optimizer, with settings if need be: "adam(beta1 = 0.95)".
    #[arg(long, value_name = "OPTIMIZER", default_value_t = Settings::default().training.optimizer, help_heading = "Training")]
    pub optimizer: String,
    /// The learning rate [default: the optimizer's].
    #[arg(long, value_name = "R", allow_negative_numbers = true, value_parser = positive, help_heading = "Training")]
    pub learning_rate: Option<f64>,
    /// The schedule of the learning rate over the run.
    #[arg(long, value_name = "SCHEDULE", default_value_t = Settings::default().training.schedule, help_heading = "Training")]
    pub schedule: String,
    /// Rows of a batch, or full for all rows at once.
    #[arg(long, value_name = "B|full", default_value_t = BatchSize(Settings::default().training.batch_size), help_heading = "Training")]
    pub batch_size: BatchSize,
    #[arg(long, value_name = "N", help = epochs_help(), value_parser = whole::<u64>(10_000_000), help_heading = "Training")]
    pub epochs: Option<u64>,
    /// How parameters are found: step by step, or by the explicit solution of linear regression.
    #[arg(long, value_enum, default_value_t = Solver::Descent, help_heading = "Training")]
    pub solver: Solver,
    /// What every random number comes from: the split, the initial weights, the order of the rows.
    #[arg(long, value_name = "S", default_value_t = Settings::default().training.seed, help_heading = "Training")]
    pub seed: u64,
    /// Threads that share each step; by default as many as help at this size. The result does not depend on them.
    #[arg(long, value_name = "N", value_parser = threads, help_heading = "Training")]
    pub threads: Option<usize>,
    /// The number format of training and of the model.
    #[arg(long, value_enum, default_value_t = Precision::from(Settings::default().precision), help_heading = "Training")]
    pub precision: Precision,

    /// What is done when the loss or its gradient is NaN or infinite: end with the best model before, skip the batch, or go back to
    /// the best epoch so far and on with half the rate [default: stop].
    #[arg(long, value_enum, value_name = "WHAT", help_heading = "Training")]
    pub on_nan: Option<OnNan>,
    /// Start from the weights of a model, a run's folder or the file in it, with its scales of the columns.
    #[arg(long, value_name = "RUN", help_heading = "Training")]
    pub start_from: Option<PathBuf>,
    /// Go on with the run of this folder from its last checkpoint, to the same bits as if it had never stopped; its options need
    /// not be given again. A run that is done wants more --epochs.
    #[arg(long, value_name = "RUN", help_heading = "Training", conflicts_with_all = [
        "target", "ignore", "layers", "hidden", "activation", "output", "no_bias", "define", "loss", "optimizer", "learning_rate",
        "schedule", "batch_size", "solver", "seed", "precision", "scale", "test", "validation", "train", "out", "overwrite",
        "start_from"
    ])]
    pub resume: Option<PathBuf>,

    /// How columns are scaled: to mean 0 and deviation 1 on the training rows, or not at all.
    #[arg(long, value_enum, default_value_t = Scale::from(Settings::default().scaling), help_heading = "Rows")]
    pub scale: Scale,
    /// The test rows: a fraction of all rows, a file of row numbers counted from 0, or another table.
    #[arg(
        long,
        value_name = "FRACTION|ROWS.txt|TABLE.csv",
        allow_negative_numbers = true,
        default_value = "0.2",
        help_heading = "Rows"
    )]
    pub test: OsString,
    /// The rows that choose the best epoch: a fraction of the rows left, a file of row numbers, or another table.
    #[arg(
        long,
        value_name = "FRACTION|ROWS.txt|TABLE.csv",
        allow_negative_numbers = true,
        default_value = "0.2",
        help_heading = "Rows"
    )]
    pub validation: OsString,
    /// A file of the training rows' numbers [default: all rows that are left].
    #[arg(long, value_name = "ROWS.txt", help_heading = "Rows")]
    pub train: Option<PathBuf>,

    /// The folder to write [default: runs/NAME-SEED].
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// How often a checkpoint is written, from which --resume goes on: a time such as 30s or 10m, 5epochs, 500steps, or none
    /// [default: 1m].
    #[arg(long, value_name = "EVERY", help_heading = "Output")]
    pub checkpoint: Option<Every>,
    /// Replace the run that is in the folder already.
    #[arg(long, help_heading = "Output")]
    pub overwrite: bool,
    /// Print the scores as one JSON object; everything else goes to standard error.
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

/// What is done about numbers that are not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum OnNan {
    /// Training ends, with the best model before.
    Stop,
    /// The batch changes nothing.
    Skip,
    /// Training goes back to the best epoch so far, and on with half the rate.
    HalveRate,
}

/// `chainrule predict`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Predict {
    /// The run's folder or the model file in it.
    pub model: PathBuf,
    /// The table; it needs the model's input columns and may have others; `-` is standard input.
    #[arg(value_name = "TABLE.csv")]
    pub table: PathBuf,
    /// The file of predictions to write; `-` is standard output [default: -].
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `chainrule evaluate`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Evaluate {
    /// The run's folder or the model file in it.
    pub model: PathBuf,
    /// The table, with the model's input and target columns; `-` is standard input.
    #[arg(value_name = "TABLE.csv")]
    pub table: PathBuf,
    /// A file of the numbers of the rows to judge, counted from 0 [default: every row].
    #[arg(long, value_name = "ROWS.txt")]
    pub rows: Option<PathBuf>,
    /// Print the scores as one JSON object; everything else goes to standard error.
    #[arg(long)]
    pub json: bool,
}

/// `chainrule explain`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Explain {
    /// The run's folder or the model file in it.
    pub model: PathBuf,
    /// Show each derivative in closed form too: every layer after its parameter in one line.
    #[arg(long)]
    pub closed: bool,
    /// What an answer may take, such as 10, 10s or 2m; without one by then, the exit status is 3.
    #[arg(long, value_name = "SECONDS", default_value = deadline::DEFAULT, value_parser = deadline::duration)]
    pub time_limit: Duration,
}

/// `chainrule library`.
#[derive(Debug, Args)]
pub struct Library {
    /// The page to show [default: the list of all pages].
    pub name: Option<String>,
    /// A page of your own, or a file of pages (*.chainrule), to list and show beside the shipped ones; may be repeated.
    #[arg(long, value_name = "PAGE")]
    pub define: Vec<String>,
}

/// How parameters are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Solver {
    /// By the optimizer, step by step.
    Descent,
    /// By the explicit solution, for a linear model with the squared loss.
    Exact,
}

/// A number format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Precision {
    /// 32 bits.
    F32,
    /// 64 bits.
    F64,
}

impl From<learn::Precision> for Precision {
    fn from(precision: learn::Precision) -> Precision {
        match precision {
            learn::Precision::F32 => Precision::F32,
            learn::Precision::F64 => Precision::F64,
        }
    }
}

/// How columns are scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scale {
    /// To mean 0 and standard deviation 1.
    Standard,
    /// Not at all.
    None,
}

impl From<ScalingKind> for Scale {
    fn from(kind: ScalingKind) -> Scale {
        match kind {
            ScalingKind::Standard | ScalingKind::Range => Scale::Standard,
            ScalingKind::None => Scale::None,
        }
    }
}

/// Its default depends on the solver, so clap cannot know it.
fn epochs_help() -> String {
    format!("How often each row is visited [default: {}]", Settings::default().training.epochs)
}

fn hidden_help() -> String {
    let units: Vec<String> = Settings::default().hidden.iter().map(|layer| layer.units.to_string()).collect();
    format!(
        "The units of the hidden layers, or none [default: {}; none with --solver exact]",
        units.join(",")
    )
}

fn default_activation() -> String {
    Settings::default().hidden.first().map_or_else(String::new, |layer| layer.activation.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_options_fit_together() {
        Arguments::command().debug_assert();
    }
}
