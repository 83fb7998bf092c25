//! The options of `chainrule solve`.

use super::named;
use crate::cli::deadline;
use clap::{Args, ValueEnum};
use std::time::Duration;
use syntax::Spelling;

/// `chainrule solve`.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Least squares:\n  chainrule solve \"norm(X*w - y)^2\" --for w\nRidge regression:\n  \
                  chainrule solve \"norm(X*w - y)^2 + lambda*norm(w)^2\" --for w"
)]
pub struct Solve {
    /// The formula of a scalar, such as "norm(X*w - y)^2", a file that holds it, or - for standard input.
    #[arg(value_name = "FORMULA", allow_hyphen_values = true)]
    pub formula: String,
    /// What to solve for, a variable; several are solved for one by one, each with the others as given.
    #[arg(long = "for", value_name = "NAMES", value_delimiter = ',')]
    pub unknowns: Vec<String>,
    /// How the formula is written [default: as its marks show].
    #[arg(long, value_name = "SPELLING", default_value = Spelling::default().name(), value_parser = named(Spelling::ALL, Spelling::name))]
    pub spelling: Spelling,
    /// Declarations and definitions, such as "X: m x n, g: function"; may be repeated.
    #[arg(long = "let", value_name = "LINES", allow_hyphen_values = true)]
    pub declarations: Vec<String>,
    /// A page of your own, such as "swish2(x) = x .* sigmoid(2*x)", or a file of pages (*.chainrule); may be repeated.
    #[arg(long, value_name = "PAGE")]
    pub define: Vec<String>,
    /// The notation of the answer.
    #[arg(long, value_enum, default_value_t = SolveFormat::Text)]
    pub format: SolveFormat,
    /// Short for --format json.
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// The seed of the random points.
    #[arg(long, default_value_t = 0, value_parser = super::numbers::seed)]
    pub seed: u64,
    /// What an answer may take, such as 10, 10s or 2m; without one by then, the exit status is 3.
    #[arg(long, value_name = "SECONDS", default_value = deadline::DEFAULT, value_parser = deadline::duration)]
    pub time_limit: Duration,
}

/// A notation of the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SolveFormat {
    /// For a terminal.
    Text,
    /// An `align*` environment.
    Latex,
    /// One JSON object.
    Json,
}
