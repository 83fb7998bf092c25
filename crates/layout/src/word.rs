//! Words: products of matrices, in which products with ones are recognised as the sums that the reader wrote out.

use crate::build::{Builder, is_ones_column, is_ones_row};
use crate::{Over, Piece, PieceId};
use formula::{Node, NodeId, Shape};

impl Builder<'_, '_> {
    /// A product of matrices: `sum(X)` for `ones(m)'*X*ones(n)`, `sum(X, 1)` for `ones(m)'*X`, `sum(X, 2)` for
    /// `X*ones(n)`, `ones(m, n)` for `ones(m)*ones(n)'`, and so for each part between edges of size 1.
    pub(super) fn word(&mut self, factors: &[NodeId]) -> Piece {
        if let Some(total) = self.total(factors) {
            return total;
        }
        if let Some(grouped) = self.grouped(factors) {
            return grouped;
        }
        let formula = self.formula;
        let parts: Vec<&[NodeId]> = factors.chunk_by(|left, _| !formula.shape(*left).cols.is_one()).collect();
        let mut pieces: Vec<PieceId> = Vec::with_capacity(factors.len());
        let mut rest = parts.as_slice();
        while let [part, later @ ..] = rest {
            rest = later;
            match (*part, later.first()) {
                ([column], Some([row])) if is_ones_column(formula, *column) && is_ones_row(formula, *row) => {
                    let rows = formula.shape(*column).rows.clone();
                    let shape = Shape::new(rows, formula.shape(*row).cols.clone());
                    pieces.push(self.push(Piece::Ones(shape)));
                    rest = &later[1..];
                }
                // A scalar between two matrices stays a product, so that every factor is a matrix.
                (part, _) if !self.is_scalar_word(part) => match self.total(part) {
                    Some(total) => pieces.push(self.push(total)),
                    None => self.runs(part, &mut pieces),
                },
                (part, _) => self.runs(part, &mut pieces),
            }
        }
        match pieces.as_slice() {
            [only] => self.pieces.list[only.index()].clone(),
            _ => Piece::Product { factors: pieces, is_scalar: self.is_scalar_word(factors) },
        }
    }

    /// Factors, those that stand side by side and are the same as a power.
    fn runs(&mut self, factors: &[NodeId], pieces: &mut Vec<PieceId>) {
        for run in factors.chunk_by(|left, right| left == right) {
            let base = self.slot(run[0]);
            let piece = if run.len() > 1 { self.push(Piece::MatrixPower(base, run.len())) } else { base };
            pieces.push(piece);
        }
    }

    /// A product that begins with a scalar, such as `u'*v*A`: read from the left that would scale A, so all but the first factor
    /// stand in brackets, `u'*(v*A)`.
    fn grouped(&mut self, factors: &[NodeId]) -> Option<Piece> {
        let place = self.has_inner_edge(factors)?;
        let [first, rest @ ..] = factors else { return None };
        if place == 0 || !self.formula.shape(*first).rows.is_one() {
            return None;
        }
        let word = self.word(rest);
        let word = self.push(word);
        let inner = self.push(Piece::Grouped(word));
        let first = self.slot(*first);
        Some(Piece::Product { factors: vec![first, inner], is_scalar: self.is_scalar_word(factors) })
    }

    /// Whether a whole product is printed as a sum of entries.
    pub(super) fn is_total(&self, factors: &[NodeId]) -> bool {
        self.has_inner_edge(factors).is_none() && {
            let (left, right) = self.ends(factors);
            left || right
        }
    }

    fn total(&mut self, factors: &[NodeId]) -> Option<Piece> {
        if !self.is_total(factors) {
            return None;
        }
        let formula = self.formula;
        let (left, right) = self.ends(factors);
        let is_scalar = self.is_scalar_word(factors);
        Some(match (factors, left, right) {
            ([_, inner @ .., _], true, true) if !inner.is_empty() => {
                Piece::Total(Over::All, self.inner_of_all(inner))
            }
            ([_, inner @ ..], true, _) if is_scalar => Piece::Total(Over::All, self.inner_of_all(inner)),
            ([_, inner @ ..], true, _) => Piece::Total(Over::Rows, self.inner(inner)),
            ([inner @ .., _], _, _) => match (inner, is_scalar) {
                ([only], is_scalar) if matches!(formula.node(*only), Node::Transpose(_)) => {
                    // X'*ones(m) is sum(X, 1)', and sum(X) for a column.
                    let Node::Transpose(matrix) = formula.node(*only) else { return None };
                    let matrix = self.slot(*matrix);
                    if is_scalar {
                        Piece::Total(Over::All, matrix)
                    } else {
                        let row = self.push(Piece::Total(Over::Rows, matrix));
                        Piece::Transposed(row)
                    }
                }
                (inner, true) => Piece::Total(Over::All, self.inner_of_all(inner)),
                (inner, false) => Piece::Total(Over::Columns, self.inner(inner)),
            },
            ([], ..) => return None,
        })
    }

    /// What all entries are added up of; the order of the entries does not matter.
    fn inner_of_all(&mut self, factors: &[NodeId]) -> PieceId {
        if let [only] = factors
            && let Node::Transpose(matrix) = self.formula.node(*only)
        {
            return self.slot(*matrix);
        }
        self.inner(factors)
    }

    fn inner(&mut self, factors: &[NodeId]) -> PieceId {
        match factors {
            [only] => self.slot(*only),
            _ => {
                let word = self.word(factors);
                self.push(word)
            }
        }
    }

    /// Whether a product begins with a row of ones, and whether it ends with a column of them.
    fn ends(&self, factors: &[NodeId]) -> (bool, bool) {
        match factors {
            [first, .., last] => (is_ones_row(self.formula, *first), is_ones_column(self.formula, *last)),
            _ => (false, false),
        }
    }

    fn has_inner_edge(&self, factors: &[NodeId]) -> Option<usize> {
        let [inner @ .., _] = factors else { return None };
        inner.iter().position(|factor| self.formula.shape(*factor).cols.is_one())
    }

    fn is_scalar_word(&self, factors: &[NodeId]) -> bool {
        match factors {
            [first, .., last] => {
                self.formula.shape(*first).rows.is_one() && self.formula.shape(*last).cols.is_one()
            }
            _ => false,
        }
    }
}
