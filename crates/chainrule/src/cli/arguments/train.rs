//! `chainrule train`.

use super::super::checkpoints::Every;
use super::TableOptions;
use super::deadline;
use super::numbers::{BatchSize, patience, positive, threads, whole};
use clap::{Args, ValueEnum};
use learn::{SMALL_TABLE, Settings};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;
use table::{NumberScaling, TargetKind, Wanted};

/// `chainrule train`.
#[derive(Debug, Clone, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "An activation or an output may be a page (relu), a page's call with settings (\"leaky_relu(slope = 0.2)\"), or a \
                  formula with one free name (\"x .* sigmoid(2*x)\"). A loss may be a page, a call, or a formula in the names A (the \
                  network's values, m x q), Y (the targets, m x q) and m (the rows of the batch): \"sum(log(cosh(A - Y)))/m\". \
                  `chainrule library` lists the pages."
)]
pub struct Train {
    /// The table, of text (CSV, TSV and the like) or IDX, compressed by gzip or not; `-` is standard input.
    #[arg(value_name = "TABLE", required_unless_present = "resume")]
    pub table: Option<PathBuf>,
    /// The column to predict, or several parted by commas; may be repeated.
    #[arg(long, value_name = "COLUMN,...", required_unless_present_any = ["resume", "start_from"])]
    pub target: Vec<String>,
    /// A column to leave out, or several parted by commas; `*` stands for any letters: 'id,*_name'. May be repeated.
    #[arg(long, value_name = "COLUMN,...")]
    pub ignore: Vec<String>,
    /// What the targets are [default: classes where they are text, booleans or two distinct values, else numbers].
    #[arg(long, value_name = "numbers|counts|classes")]
    pub task: Option<TargetKind>,
    /// Stop when the columns are found and the network is built, and say how long it would train.
    #[arg(long)]
    pub dry_run: bool,

    /// What a column is, whatever it looks like: zip=category, size=ordered:S,M,L, day=day-first; `*` stands for any letters. May be
    /// repeated.
    #[arg(long, value_name = "NAME=KIND", value_parser = column_kind, help_heading = "Columns")]
    pub column: Vec<(String, Wanted)>,
    /// The columns as the audit.json of a run has them; other options overrule it.
    #[arg(long, value_name = "audit.json", help_heading = "Columns")]
    pub columns: Option<PathBuf>,
    /// The column of weights: a row of weight 2 counts as the row twice, in training, scaling and scores.
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    pub weight: Option<String>,
    /// The class that counts as positive, where there are two [default: the last].
    #[arg(long, value_name = "CLASS", help_heading = "Columns")]
    pub positive: Option<String>,

    /// The hidden layers, each with its own activation: "64:relu,32:tanh".
    #[arg(long, value_name = "UNITS:ACTIVATION,...", conflicts_with_all = ["hidden", "activation"], help_heading = "Network")]
    pub layers: Option<String>,
    #[arg(long, value_name = "UNITS,...", help = hidden_help(), help_heading = "Network")]
    pub hidden: Option<String>,
    #[arg(long, value_name = "FUNCTION", allow_hyphen_values = true, help = activation_help(), help_heading = "Network")]
    pub activation: Option<String>,
    /// The activation of the last layer [default: identity, or by the task and the loss]. Numbers are scaled into its range: identity
    /// takes any real number, sigmoid [0,1].
    #[arg(long, value_name = "FUNCTION", allow_hyphen_values = true, help_heading = "Network")]
    pub output: Option<String>,
    /// Leave out the biases.
    #[arg(long, help_heading = "Network")]
    pub no_bias: bool,
    /// A page of your own, such as "swish2(x) = x .* sigmoid(2*x)", or a file of pages (*.chainrule); may be repeated.
    #[arg(long, value_name = "PAGE", help_heading = "Network")]
    pub define: Vec<String>,

    /// What training makes small [default: mse for numbers, poisson for counts, the cross-entropy for classes].
    #[arg(long, value_name = "LOSS", allow_hyphen_values = true, help_heading = "Training")]
    pub loss: Option<String>,
    /// Weights of classes in training: balanced makes rare classes count as much as frequent ones.
    #[arg(long, value_enum, value_name = "HOW", help_heading = "Training")]
    pub class_weights: Option<ClassWeights>,
    /// The optimizer, with settings if need be: "adam(beta1 = 0.95)".
    #[arg(long, value_name = "OPTIMIZER", default_value_t = Settings::default().training.optimizer, help_heading = "Training")]
    pub optimizer: String,
    /// The learning rate [default: the optimizer's].
    #[arg(long, value_name = "R", value_parser = positive, help_heading = "Training")]
    pub learning_rate: Option<f64>,
    /// The schedule of the learning rate over the run.
    #[arg(long, value_name = "SCHEDULE", default_value_t = Settings::default().training.schedule, help_heading = "Training")]
    pub schedule: String,
    /// Rows of a batch, or full for all rows at once.
    #[arg(long, value_name = "B|full", default_value_t = BatchSize(Settings::default().training.batch_size), help_heading = "Training")]
    pub batch_size: BatchSize,
    /// How often each row is visited [default: as often as the rows need, at most 2000 times and ten minutes, with --patience].
    #[arg(long, value_name = "N", value_parser = whole::<u64>(10_000_000), help_heading = "Training")]
    pub epochs: Option<u64>,
    /// Epochs without a better one, by the validation rows, after which training ends [default: an eighth of the epochs where these
    /// are not given, else none].
    #[arg(long, value_name = "N", value_parser = patience, help_heading = "Training")]
    pub patience: Option<NonZero<usize>>,
    /// The most time that training takes, such as 30s or 10m [default: 10m where the epochs are not given, else none].
    #[arg(long, value_name = "TIME", value_parser = deadline::duration, help_heading = "Training")]
    pub time_limit: Option<Duration>,
    /// How parameters are found: step by step, or by the explicit solution of linear regression.
    #[arg(long, value_enum, default_value_t = Solver::Descent, help_heading = "Training")]
    pub solver: Solver,
    /// What every random number comes from: the split, the initial weights, the order of the rows.
    #[arg(long, value_name = "S", default_value_t = Settings::default().training.seed, value_parser = super::numbers::seed, help_heading = "Training")]
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
    /// Start from the weights of a model, a run's folder or the file in it: with its scales, and with its columns, weights of
    /// rows, network, precision, pages and, on its own table, its seed and rows, where these are not given. The model counts as epoch 0.
    #[arg(long, value_name = "RUN", help_heading = "Training")]
    pub start_from: Option<PathBuf>,
    /// Go on with the run of this folder from its last checkpoint, to the same bits as if it had never stopped; its options need
    /// not be given again. Others may be its TABLE (with the same numbers), --epochs (with --schedule constant),
    /// --patience, --time-limit, --on-nan, --threads, --checkpoint, --json and --quiet.
    #[arg(long, value_name = "RUN", help_heading = "Training")]
    pub resume: Option<PathBuf>,

    /// How numbers of inputs are scaled by the training rows: standard (mean 0, deviation 1), robust (median and quartiles, clipped
    /// smoothly), quantile (normal scores), shared (all columns by one range, from 0 to 1) or none [default: standard; shared for the
    /// images of IDX].
    #[arg(long, value_name = "HOW", help_heading = "Columns")]
    pub scale: Option<NumberScaling>,
    /// How targets of numbers are scaled for training [default: standard; none with --scale none].
    #[arg(long, value_enum, value_name = "HOW", help_heading = "Columns")]
    pub target_scale: Option<TargetScale>,
    /// The column whose values no two parts share, as that of patients or houses.
    #[arg(long, value_name = "COLUMN", help_heading = "Rows")]
    pub group: Option<String>,
    /// The column of numbers or dates by which rows stand in order: the last are for the test.
    #[arg(long, value_name = "COLUMN", conflicts_with = "group", help_heading = "Rows")]
    pub order_by: Option<String>,
    /// Train so many times, each time judged by other rows, and report the mean of the scores and their deviation.
    #[arg(long, value_name = "K", value_parser = whole::<usize>(1000), conflicts_with_all = ["test", "train", "resume", "start_from", "out", "checkpoint"], help_heading = "Rows")]
    pub folds: Option<usize>,
    /// The test rows: a fraction of all rows, a file of row numbers counted from 0, or another table [default: 0.2; 0 below 30 rows].
    #[arg(long, value_name = "FRACTION|ROWS.txt|TABLE", help_heading = "Rows")]
    pub test: Option<OsString>,
    /// The rows that choose the best epoch: a fraction of the rows left, a file of row numbers, or another table
    /// [default: 0.2; 0.1 below 1000 rows, 0 below 30].
    #[arg(long, value_name = "FRACTION|ROWS.txt|TABLE", help_heading = "Rows")]
    pub validation: Option<OsString>,
    /// A file of the training rows' numbers [default: all rows that are left].
    #[arg(long, value_name = "ROWS.txt", help_heading = "Rows")]
    pub train: Option<PathBuf>,

    /// The folder to write [default: runs/NAME-SEED].
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// How often a checkpoint is written, from which --resume goes on: a time such as 30s, 10m or 2h, 5epochs, 500steps, or none
    /// [default: 1m].
    #[arg(long, value_name = "EVERY", help_heading = "Output")]
    pub checkpoint: Option<Every>,
    /// Replace the run that is in the folder already.
    #[arg(long, conflicts_with = "resume", help_heading = "Output")]
    pub overwrite: bool,
    /// Print the scores as one JSON object; everything else goes to standard error.
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Print the scores alone: no audit and no progress; warnings and errors stay.
    #[arg(short, long, help_heading = "Output")]
    pub quiet: bool,
    /// How tables are read.
    #[command(flatten)]
    pub reading: TableOptions,
}

/// What is done about numbers that are not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnNan {
    /// Training ends, with the best model before.
    Stop,
    /// The batch changes nothing.
    Skip,
    /// Training goes back to the best epoch so far, and on with half the rate.
    HalveRate,
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

/// How targets of numbers are scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TargetScale {
    /// Less their mean, over their deviation, or into the range of the last layer.
    Standard,
    /// Their logarithms likewise.
    Log,
    /// Not at all.
    None,
}

/// How classes are weighted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClassWeights {
    /// So that all classes count the same.
    Balanced,
}

/// `zip=category`; the last `=` parts the name from the kind.
fn column_kind(text: &str) -> Result<(String, Wanted), String> {
    let (name, kind) = text
        .rsplit_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or("expected a column, = and its kind, such as zip=category")?;
    Ok((name.to_owned(), kind.parse()?))
}

/// Its default depends on the solver, so clap cannot know it.
fn hidden_help() -> String {
    let units: Vec<String> = Settings::default().hidden.iter().map(|layer| layer.units.to_string()).collect();
    format!(
        "The units of the hidden layers, or none [default: {}; none with --solver exact]",
        units.join(",")
    )
}

fn activation_help() -> String {
    let [small, usual] = [0, SMALL_TABLE].map(|rows| {
        Settings::of_rows(rows).hidden.first().map_or_else(String::new, |layer| layer.activation.clone())
    });
    format!("The activation of the hidden layers [default: {usual}; {small} below {SMALL_TABLE} rows]")
}
