//! Every option of the program, with its default and its line of help.

mod bench;
mod check;
mod numbers;
mod plan;
mod solve;
mod table;
mod train;

use super::deadline;
pub use bench::Bench;
use calculus::{Form, Layout, Symmetric};
pub use check::Check;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
pub use plan::Plan;
pub use solve::{Solve, SolveFormat};
use std::path::PathBuf;
use std::time::Duration;
use syntax::Spelling;
pub use table::TableOptions;
pub use train::{ClassWeights, OnNan, Precision, Solver, TargetScale, Train};

/// Formulas over matrices to derivatives with every step named, and to networks trained on tables.
#[derive(Debug, Parser)]
#[command(
    name = "chainrule",
    bin_name = "chainrule",
    version,
    arg_required_else_help = true,
    subcommand_required = true
)]
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
    /// Solve for a variable at which the gradient of a formula is zero, with every step.
    Solve(Solve),
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
    #[arg(long, conflicts_with_all = ["steps", "all_steps", "numbers", "format", "json"])]
    pub answer: bool,
    /// Show each step: the laws with their shapes, then the algebra to each closed form with the names of its identities.
    #[arg(long)]
    pub steps: bool,
    /// The same with every step of algebra where there are more than 30.
    #[arg(long)]
    pub all_steps: bool,
    /// Open one step of --steps entry by entry, with the numbers of a small example.
    #[arg(long, value_name = "N", value_parser = numbers::whole::<usize>(1_000_000), conflicts_with_all = ["answer", "format", "json"])]
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
    #[arg(long, default_value_t = 0, value_parser = numbers::seed)]
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
    #[arg(long, value_name = "1|2", default_value_t = 1, value_parser = numbers::order)]
    pub order: u8,
    /// The second variable of a mixed second derivative [default: the first].
    #[arg(long, value_name = "NAME")]
    pub wrt2: Option<String>,
    /// The form of the answer [default: by the shapes].
    #[arg(long, value_name = "FORM", value_parser = named(Form::ALL, Form::name))]
    pub form: Option<Form>,
    /// Which way the answer lies: gradients like the variable and Jacobians with a row for each output, or all one way [default:
    /// mixed; without it, a claim is right in the other layout too where its shape tells that it is meant].
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

/// `chainrule predict`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Predict {
    /// The run's folder or the model file in it.
    pub model: PathBuf,
    /// The table; it needs the model's input columns and may have others; `-` is standard input.
    #[arg(value_name = "TABLE")]
    pub table: PathBuf,
    /// The file of predictions to write; `-` is standard output [default: -].
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// A column of the table to write before the prediction, as an identifier is; may be repeated.
    #[arg(long, value_name = "COLUMN")]
    pub keep: Vec<String>,
    /// Write the probability of every class too, as p_CLASS.
    #[arg(long)]
    pub probabilities: bool,
    /// Of two classes, the positive one is predicted from this probability on [default: 0.5].
    #[arg(long, value_name = "P", value_parser = numbers::share)]
    pub threshold: Option<f64>,
    /// How the table is read.
    #[command(flatten)]
    pub reading: TableOptions,
}

/// `chainrule evaluate`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Evaluate {
    /// The run's folder or the model file in it.
    pub model: PathBuf,
    /// The table, with the model's input and target columns; `-` is standard input.
    #[arg(value_name = "TABLE")]
    pub table: PathBuf,
    /// A file of the numbers of the rows to judge, counted from 0 [default: every row].
    #[arg(long, value_name = "ROWS.txt")]
    pub rows: Option<PathBuf>,
    /// The column of the rows' weights.
    #[arg(long, value_name = "COLUMN")]
    pub weight: Option<String>,
    /// Print the scores as one JSON object; everything else goes to standard error.
    #[arg(long)]
    pub json: bool,
    /// How the table is read.
    #[command(flatten)]
    pub reading: TableOptions,
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_options_fit_together() {
        Arguments::command().debug_assert();
    }
}
