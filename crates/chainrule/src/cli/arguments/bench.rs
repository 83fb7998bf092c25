//! The options of `chainrule bench`.

use chainrule::workloads::WORKLOADS;
use clap::Args;
use clap::builder::PossibleValuesParser;

/// `chainrule bench`.
#[derive(Debug, Args)]
#[command(
    after_help = "The limit of a workload is the time that its matrix products alone would take at the peak: a loop of multiply-adds \
                        that never leave the registers, run between the epochs. Nothing can reach all of it."
)]
pub struct Bench {
    /// A workload, or several with commas between them [default: all].
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', value_parser = PossibleValuesParser::new(WORKLOADS.map(|work| work.name)))]
    pub workload: Vec<String>,
    /// Seconds for each workload; three epochs at least.
    #[arg(long, value_name = "S", default_value_t = 2.0, value_parser = seconds)]
    pub seconds: f64,
    /// Threads that train, and that the limits are measured with.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = super::numbers::threads)]
    pub threads: usize,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// A time of up to a day.
fn seconds(text: &str) -> Result<f64, String> {
    const DAY: f64 = 86_400.0;
    let expected = || format!("expected seconds above 0 and up to {DAY}, such as 2");
    super::numbers::positive(text).ok().filter(|seconds| *seconds <= DAY).ok_or_else(expected)
}
