//! The star of a conjugate transpose, `x^* A x`.

use super::Spelling;
use super::marks::Mark;
use super::piece::Piece;
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
}
