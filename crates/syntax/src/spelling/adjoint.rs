//! The star of a conjugate transpose, `x^* A x`.

use super::Spelling;
use super::marks::Mark;
use super::piece::{Axes, Piece};
use super::reader::Reader;

impl Reader<'_> {
    /// Whether a small letter with a star above it stands before a matrix, or before itself: no value at an optimum does.
    pub fn is_adjoint(&self, value: &Piece, behind: usize) -> bool {
        let Some(name) = value.name.as_deref().filter(|_| self.spelling == Spelling::Latex) else {
            return false;
        };
        let is_small = crate::letters::kind(name) != crate::letters::Kind::Matrix;
        is_small
            && matches!(self.ahead(behind), Mark::Name(next)
                if next == name || crate::letters::kind(next) == crate::letters::Kind::Matrix)
    }

    /// Whether an H above a value is the mark of the conjugate transpose, and no number.
    pub fn is_hermitian(&self, value: &Piece) -> bool {
        let is_number = self.declared.get("H") == Some(&Some(Axes::Scalar)) || self.scaling.contains("H");
        !is_number && !value.is_number() && value.name.as_deref() != Some("e")
    }
}
