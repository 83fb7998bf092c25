//! The options of `chainrule plan`.

use clap::Args;

/// `chainrule plan`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Plan {
    /// A run's folder or the model file in it; or a formula, such as "norm(X*w - y)^2/m".
    #[arg(value_name = "MODEL|FORMULA", allow_hyphen_values = true)]
    pub subject: String,
    /// What a formula is derived by, such as W1,W2; those variables are its parameters, the others its data.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "Formula")]
    pub wrt: Vec<String>,
    /// Declarations and definitions, such as "X: m x n"; may be repeated.
    #[arg(long = "let", value_name = "LINES", allow_hyphen_values = true, help_heading = "Formula")]
    pub declarations: Vec<String>,
    /// A page of your own, such as "swish2(x) = x .* sigmoid(2*x)", or a file of pages (*.chainrule); may be repeated.
    #[arg(long, value_name = "PAGE", help_heading = "Formula")]
    pub define: Vec<String>,
    /// The numbers of the sizes, such as "n = 8, q = 1".
    #[arg(long, value_name = "NAME = N,...", value_delimiter = ',', value_parser = size, help_heading = "Formula")]
    pub sizes: Vec<(String, usize)>,
    /// The size whose rows are walked, which needs no number before the plan runs.
    #[arg(long, value_name = "NAME", default_value = "m", help_heading = "Formula")]
    pub walked: String,
    /// The walked rows that costs are given for [default: the batch of the run, else 1024].
    #[arg(long, value_name = "N", value_parser = super::numbers::whole::<u32>(u32::MAX.into()))]
    pub rows: Option<u32>,
    /// The peak of the machine in GFLOP/s [default: measured on one thread].
    #[arg(long, value_name = "GFLOPS", value_parser = peak)]
    pub peak: Option<f64>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

fn size(text: &str) -> Result<(String, usize), String> {
    let expected = || String::from("expected a size and its number, such as n = 8");
    let (name, number) = text.split_once('=').ok_or_else(expected)?;
    match number.trim().parse() {
        Ok(number) if number > 0 && !name.trim().is_empty() => Ok((name.trim().to_owned(), number)),
        _ => Err(expected()),
    }
}

/// The speed of a machine in GFLOP/s, from that of a calculator to that of a data centre.
fn peak(text: &str) -> Result<f64, String> {
    let expected = || String::from("expected GFLOP/s from 1e-6 to 1e12, such as 100");
    super::numbers::positive(text).ok().filter(|peak| (1e-6..=1e12).contains(peak)).ok_or_else(expected)
}
