//! The options of `chainrule check`.

use super::Reading;
use crate::cli::deadline;
use clap::Args;
use std::time::Duration;

/// `chainrule check`.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "A file of a derivation by hand holds declarations, the lines of the formula and the lines of the derivatives:\n  \
                  Z = X*w\n  f = norm(Z - y)^2\n  df/dZ = 2*(Z - y)\n  df/dw = X'*df/dZ"
)]
pub struct Check {
    /// The formula; or a derivation by hand, a file of it, or - for standard input.
    #[arg(value_name = "FORMULA|FILE", allow_hyphen_values = true)]
    pub formula: String,
    /// What was derived by: a variable or a let [default: what the left side of the claim says].
    #[arg(long, value_name = "NAME", requires = "claim")]
    pub wrt: Option<String>,
    /// The derivative as it is claimed.
    #[arg(long, value_name = "FORMULA", allow_hyphen_values = true)]
    pub claim: Option<String>,
    /// A formula of any shape that may be equal to the first one itself.
    #[arg(long, value_name = "FORMULA", allow_hyphen_values = true, conflicts_with_all = ["claim", "wrt", "wrt2", "order", "form", "layout"])]
    pub equals: Option<String>,
    /// What of the derivative is claimed, and how it lies.
    #[command(flatten)]
    pub reading: Reading,
    /// Declarations and definitions, such as "X: m x n, g: function"; may be repeated.
    #[arg(long = "let", value_name = "LINES", allow_hyphen_values = true)]
    pub declarations: Vec<String>,
    /// A page of your own, such as "swish2(x) = x .* sigmoid(2*x)", or a file of pages (*.chainrule); may be repeated.
    #[arg(long, value_name = "PAGE")]
    pub define: Vec<String>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// The seed of the random points.
    #[arg(long, default_value_t = 0, value_parser = super::numbers::seed)]
    pub seed: u64,
    /// What an answer may take, such as 10, 10s or 2m; without one by then, the exit status is 3.
    #[arg(long, value_name = "SECONDS", default_value = deadline::DEFAULT, value_parser = deadline::duration)]
    pub time_limit: Duration,
}
