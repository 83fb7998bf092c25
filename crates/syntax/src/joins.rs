//! How sums and products join shapes that are being inferred, and what is repeated in them.

use crate::fit::Fit;
use crate::tree::ExprId;
use crate::unify::{Dims, Unequal};

impl Fit<'_> {
    /// One shape, or a scalar beside anything.
    pub fn each(&mut self, left: Dims, right: Dims) -> Result<Dims, Unequal> {
        let computed = self.both_computed(left, right);
        if self.sizes.is_scalar(left) {
            return Ok(Dims { guessed: left.guessed || right.guessed, computed, ..right });
        }
        if !self.sizes.is_scalar(right) {
            if let Some(whole) = self.beside_reduced(left, right) {
                return Ok(Dims { guessed: left.guessed || right.guessed, declared: false, ..whole? });
            }
            self.sizes.unify(left.rows, right.rows)?;
            self.sizes.unify(left.cols, right.cols)?;
        }
        Ok(Dims { guessed: left.guessed || right.guessed, declared: false, computed, ..left })
    }

    /// `exp(X) ./ sum(exp(X), 2)`: what a reduction gave is repeated to the matrix beside it, and makes no column of that.
    fn beside_reduced(&mut self, left: Dims, right: Dims) -> Option<Result<Dims, Unequal>> {
        [(left, right), (right, left)].into_iter().find_map(|(vector, other)| {
            let (upright, flat) = (self.sizes.is_one(vector.cols), self.sizes.is_one(vector.rows));
            let is_wide = |dims: Dims| !self.sizes.is_one(dims.rows) && !self.sizes.is_one(dims.cols);
            if !vector.computed || upright == flat || other.computed || !is_wide(other) {
                return None;
            }
            let fits = match upright {
                true => self.sizes.unify(vector.rows, other.rows),
                false => self.sizes.unify(vector.cols, other.cols),
            };
            Some(fits.map(|()| other))
        })
    }

    /// Whether what two values give is what a reduction gave: where one is, and the other is no larger and nothing undeclared.
    pub fn both_computed(&self, left: Dims, right: Dims) -> bool {
        let plain = |dims: Dims| dims.computed || !dims.guessed && self.sizes.is_scalar(dims);
        (left.computed || right.computed) && plain(left) && plain(right)
    }

    pub fn product(&mut self, left: Dims, right: Dims) -> Result<Dims, Unequal> {
        let guessed = left.guessed || right.guessed;
        if self.sizes.is_scalar(left) || self.sizes.is_scalar(right) {
            let body = if self.sizes.is_scalar(left) { right } else { left };
            return Ok(Dims { guessed, declared: false, computed: self.both_computed(left, right), ..body });
        }
        self.sizes.unify(left.cols, right.rows)?;
        Ok(Dims { rows: left.rows, cols: right.cols, guessed, ..self.sizes.scalar() })
    }

    /// One shape, a scalar beside anything, or a vector beside a matrix.
    pub fn sum(&mut self, left: Dims, right: Dims) -> Result<Dims, Unequal> {
        let guessed = left.guessed || right.guessed;
        for (scalar, other) in [(left, right), (right, left)] {
            if self.sizes.is_scalar(scalar) {
                if !self.sizes.is_scalar(other) {
                    self.beside_scalar(scalar, other);
                }
                let computed = self.both_computed(left, right);
                return Ok(Dims { declared: false, guessed, computed, ..other });
            }
        }
        for (vector, other) in [(left, right), (right, left)] {
            let upright = self.sizes.is_one(vector.cols);
            let flat = self.sizes.is_one(vector.rows);
            let same_length = match upright {
                true => self.sizes.same(vector.rows, other.rows),
                false => self.sizes.same(vector.cols, other.cols),
            };
            let width = if upright { other.cols } else { other.rows };
            if !(upright || flat) || self.sizes.is_one(width) {
                continue;
            }
            // `X - mean(X, 1)`: the sizes agree already, and X is not to be made a row.
            if same_length && (vector.computed || !vector.guessed) {
                return Ok(Dims { guessed, ..other });
            }
            if vector.declared {
                self.deferred.push((vector, other, false));
                return Ok(Dims { guessed, ..other });
            }
            if self.sizes.size(width).is_some() {
                return if vector.guessed { Err(Unequal) } else { Ok(Dims { guessed, ..other }) };
            }
        }
        let computed = self.both_computed(left, right);
        self.sizes.unify(left.rows, right.rows)?;
        self.sizes.unify(left.cols, right.cols)?;
        Ok(Dims { guessed, declared: false, computed, ..left })
    }

    /// A scalar beside something larger: what is undeclared is a scalar too, where it can be one, or the scalar is repeated.
    fn beside_scalar(&mut self, scalar: Dims, other: Dims) {
        if scalar.computed {
            self.spreads += 1;
        } else if scalar.guessed {
            self.beside += 1;
            let may_be_one = self.sizes.may_be_one(other.rows) && self.sizes.may_be_one(other.cols);
            let fits = may_be_one
                && self.sizes.unify(other.rows, 0).and_then(|()| self.sizes.unify(other.cols, 0)).is_ok();
            self.broadcasts += usize::from(!fits);
        }
    }

    /// A column added to a product of two capitals: one entry for each column, or for each row where the weights stand in front.
    pub fn bias(&mut self, id: ExprId, bias: Dims, product: Dims) -> Result<Dims, Unequal> {
        let (flat, one) =
            (self.sizes.is_one(product.rows) || self.sizes.is_one(product.cols), self.sizes.scalar());
        // What is declared says itself what it is.
        if bias.declared && !flat {
            self.deferred.push((bias, product, true));
            return Ok(Dims { declared: false, computed: false, ..product });
        }
        if flat || self.sizes.is_scalar(bias) || !bias.guessed {
            return self.sum(bias, product);
        }
        let along = if self.places.upright.contains(&id) { product.rows } else { product.cols };
        self.sizes.unify(bias.rows, along)?;
        self.sizes.unify(bias.cols, one.cols)?;
        self.biased.insert(id, product);
        Ok(Dims { declared: false, computed: false, ..product })
    }
}
