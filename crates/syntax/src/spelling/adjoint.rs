//! The star of a conjugate transpose, `x^* A x`.

use super::Spelling;
use super::marks::{Mark, Token};
use super::piece::{Axes, Piece};
use super::reader::Reader;

impl Reader<'_> {
    /// Whether a small letter with a star above it stands before a matrix, or before itself: no value at an optimum does.
    pub fn is_adjoint(&self, value: &Piece, behind: usize) -> bool {
        let Some(name) = value.name.as_deref().filter(|_| self.spelling == Spelling::Latex) else {
            return false;
        };
        let is_small = crate::letters::kind(name) != crate::letters::Kind::Matrix;
        // `X^* A X` has a matrix without its star too.
        let is_bare = |(at, token): (usize, &Token)| {
            token.mark == Mark::Name(name.to_owned())
                && self.tokens.get(at + 1).is_none_or(|next| !matches!(next.mark, Mark::Raise { .. }))
        };
        let is_factor = matches!(self.ahead(behind), Mark::Name(_));
        if !is_small && is_factor && self.tokens.iter().enumerate().any(is_bare) {
            return true;
        }
        is_small
            && matches!(self.ahead(behind), Mark::Name(next)
                if next == name || crate::letters::kind(next) == crate::letters::Kind::Matrix)
    }

    /// Whether a plus or a minus above a value is part of its name: what an update sets, `P^{+} = ...`, and a small letter, as the
    /// positive example `z^+`, with no power behind the sign.
    pub fn is_labelled(&self, value: &Piece, behind: usize) -> bool {
        let Some(name) = &value.name else { return false };
        let is_small = crate::letters::kind(name) != crate::letters::Kind::Matrix;
        let ends = match self.ahead(behind) {
            Mark::Number(_) => false,
            Mark::Name(_) | Mark::Open => self.spelling == Spelling::Latex,
            _ => true,
        };
        *self.ahead(behind) == Mark::Equals
            || is_small && ends && self.declared.get(name) != Some(&Some(Axes::Matrix))
    }

    /// Whether an H above a value is the mark of the conjugate transpose, and no number.
    pub fn is_hermitian(&self, value: &Piece) -> bool {
        let is_number = self.declared.get("H") == Some(&Some(Axes::Scalar)) || self.scaling.contains("H");
        !is_number && !value.is_number() && value.name.as_deref() != Some("e")
    }
}
