//! Factors of elementwise products that are of one kind and become one: diagonals, vecs, Kronecker products.

use crate::simplify::form::kind::{Id, Kind, Term};
use crate::simplify::form::normal::Algebra;
use formula::Operator;

impl Algebra {
    /// `diag(v) .* X = diag(v .* diag(X))`, and the identity alike.
    pub(crate) fn meet_diagonals(&mut self, factors: &[(Id, Id)]) -> Option<Id> {
        if factors.len() < 2 && factors.iter().all(|(_, exponent)| *exponent == Id::ONE) {
            return None;
        }
        let raised =
            |algebra: &Algebra, exponent: Id| algebra.as_integer(exponent).is_some_and(|whole| whole > 0);
        let diagonal = |algebra: &Algebra, base: Id| {
            matches!(algebra.kind(base), Kind::Identity(_) | Kind::Operator(Operator::DiagonalMatrix, _))
        };
        factors.iter().find(|(base, exponent)| diagonal(self, *base) && raised(self, *exponent))?;
        if !factors.iter().all(|(_, exponent)| self.is_scalar(*exponent)) {
            return None;
        }
        // Elsewhere 0 stays 0 only where it meets no division by 0.
        let whole = factors.iter().all(|(base, exponent)| !diagonal(self, *base) || raised(self, *exponent));
        if !whole {
            return None;
        }
        let lines: Vec<(Id, Id)> =
            factors.iter().map(|(base, exponent)| (self.diagonal(*base), *exponent)).collect();
        let line = self.elementwise(&lines);
        Some(self.diagonal_matrix(line))
    }

    /// `vec(A) .* vec(B) = vec(A .* B)`
    pub(crate) fn meet_vecs(&mut self, factors: &[(Id, Id)]) -> Option<Id> {
        if factors.len() < 2 {
            return None;
        }
        let mut inner = Vec::with_capacity(factors.len());
        for (base, exponent) in factors {
            let Kind::Operator(Operator::Vec, matrix) = *self.kind(*base) else { return None };
            let same = inner.first().is_none_or(|(first, _)| self.shape(*first) == self.shape(matrix));
            if !same || !self.is_scalar(*exponent) {
                return None;
            }
            inner.push((matrix, *exponent));
        }
        let product = self.elementwise(&inner);
        Some(self.vec(product))
    }

    /// `kron(A, B) .* kron(C, D) = kron(A .* C, B .* D)` where the shapes fit.
    pub(crate) fn meet_kroneckers(&mut self, factors: &mut Vec<(Id, Id)>, scalars: &mut Term) {
        let mut place = 0;
        while let Some(&(base, exponent)) = factors.get(place) {
            place += 1;
            let Kind::Kronecker(left, right) = *self.kind(base) else { continue };
            let shapes = (self.shape(left), self.shape(right));
            let mut met = Vec::new();
            for (at, (other, exponent)) in factors.iter().enumerate().skip(place) {
                if let Kind::Kronecker(a, b) = *self.kind(*other)
                    && (self.shape(a), self.shape(b)) == shapes
                    && self.is_scalar(*exponent)
                {
                    met.push((at, a, b, *exponent));
                }
            }
            if met.is_empty() || !self.is_scalar(exponent) {
                continue;
            }
            for (at, ..) in met.iter().rev() {
                factors.remove(*at);
            }
            place -= 1;
            factors.remove(place);
            let mut lefts = vec![(left, exponent)];
            let mut rights = vec![(right, exponent)];
            for (_, a, b, exponent) in met {
                lefts.push((a, exponent));
                rights.push((b, exponent));
            }
            let (left, right) = (self.elementwise(&lefts), self.elementwise(&rights));
            let product = self.kronecker(left, right);
            let term = self.split(product);
            self.multiply_into(scalars, &term);
            match term.body {
                Some(body) if !self.is_ones(body) => factors.push((body, Id::ONE)),
                _ => {}
            }
        }
    }
}
