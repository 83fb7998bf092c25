//! Inverses among the factors of a product, which code solves with and does not form.

use crate::spell::Spelled;
use formula::Operator;
use layout::{Layout, Piece, PieceId, Place};

/// Factors with the powers among them written out, so that each inverse is seen.
pub(super) fn written_out(layout: &Layout, factors: &[PieceId]) -> Vec<PieceId> {
    let times = |factor: &PieceId| match layout.piece(*factor) {
        Piece::MatrixPower(base, count) => (*base, *count),
        _ => (*factor, 1),
    };
    factors.iter().map(times).flat_map(|(factor, count)| std::iter::repeat_n(factor, count)).collect()
}

/// A factor that is the inverse of a matrix, or the transpose of one.
#[derive(Clone, Copy)]
pub(super) struct Inverse {
    of: PieceId,
    is_transposed: bool,
}

impl Inverse {
    /// The first of them and its place.
    pub(super) fn first(layout: &Layout, factors: &[PieceId]) -> Option<(usize, Inverse)> {
        factors.iter().enumerate().find_map(|(place, factor)| {
            let (factor, is_transposed) = match layout.piece(*factor) {
                Piece::Transposed(inner) => (layout.piece(*inner), true),
                piece => (piece, false),
            };
            match factor {
                Piece::Operator(Operator::Inverse, of) => Some((place, Inverse { of: *of, is_transposed })),
                _ => None,
            }
        })
    }

    /// The matrix whose inverse it is; with `transposed`, its transpose.
    pub(super) fn spell(self, transposed: bool, out: &mut Spelled) -> &mut Spelled {
        if self.is_transposed == transposed {
            out.part(self.of, Place::Open)
        } else {
            out.part(self.of, Place::Transposed).text(".T")
        }
    }
}
