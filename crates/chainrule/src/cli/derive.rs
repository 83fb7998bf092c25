//! `chainrule derive`: a formula to its derivatives, with the steps, the numbers and the check.

use super::Failure;
use super::arguments::{Derive, Format};
use compiler::Library;

/// Derives and prints.
pub fn run(derive: &Derive) -> Result<(), Failure> {
    let _ = (derive, Format::Text);
    Err(Failure::other("not there yet"))
}

/// The derivation of a formula as text, each line with its law.
pub fn answer(
    formula: &str,
    declarations: &str,
    by: &[String],
    library: &Library,
) -> Result<String, Failure> {
    let _ = (formula, declarations, by, library);
    Ok(String::new())
}
