//! What is of random variables and has no value here: `E[x]`, `Var[x]`.

use super::Spelling;
use super::marks::Mark;
use super::piece::Piece;
use super::reader::Reader;
use crate::diagnostic::Diagnostic;

impl Reader<'_> {
    /// The error of an expectation, where a bracket of one stands here.
    pub fn expectation(&self, value: &Piece) -> Result<(), Diagnostic> {
        let is_open =
            matches!(self.source.slice(self.span()), "[" | "\\{" | "\\[") || *self.peek() == Mark::OpenBlock;
        let name = value.name.as_deref().filter(|name| !self.declared.contains_key(*name));
        if !is_open || self.spelling == Spelling::Python {
            return Ok(());
        }
        if let Some(name @ ("Var" | "Cov" | "Corr")) = name.and_then(|name| name.split('_').next()) {
            let what = format!("`{name}[...]` is of random variables, which have no value here");
            let mend = "write it of a sample, such as `mean((x - mean(x)).^2)`, or by its law, such as `w'*S*w` for the variance of `w'*x` where S is that of x";
            return Err(self.error(what, mend, value.span()));
        }
        if name != Some("E") {
            return Ok(());
        }
        let mend = "write the mean over a sample, such as `mean(x)`, or give the expectation a name";
        Err(self.error("an expectation has no value here", mend, value.span()))
    }
}
