//! Kronecker products and commutation matrices in normal form.

use crate::simplify::form::kind::{Id, Kind, Shape, SizeId};
use crate::simplify::form::normal::Algebra;

impl Algebra {
    /// The Kronecker product: scalars out, `kron(u, v') = u*v'`, `kron(eye(m), eye(n)) = eye(m*n)`, nested to the left.
    pub(crate) fn kronecker(&mut self, left: Id, right: Id) -> Id {
        if self.is_scalar(left) || self.is_scalar(right) {
            return self.scale_either(left, right);
        }
        let (mut term, second) = (self.split(left), self.split(right));
        let (Some(left), Some(right)) = (term.body, second.body) else { return left };
        self.multiply_into(&mut term, &second);
        let (a, b) = (self.shape(left), self.shape(right));
        if term.number.is_zero() {
            let shape =
                Shape { rows: self.size_product(a.rows, b.rows), cols: self.size_product(a.cols, b.cols) };
            return self.zeros(shape);
        }
        let value = match (self.kind(left).clone(), self.kind(right).clone()) {
            (Kind::Identity(m), Kind::Identity(n)) => {
                let size = self.size_product(m, n);
                self.intern(Kind::Identity(size))
            }
            (_, Kind::Kronecker(middle, last)) => {
                let first = self.kronecker(left, middle);
                self.kronecker(first, last)
            }
            (Kind::Kronecker(first, middle), Kind::Identity(_))
                if matches!(self.kind(middle), Kind::Identity(_)) =>
            {
                let last = self.kronecker(middle, right);
                self.intern_kronecker(first, last)
            }
            _ if self.is_ones(left) && self.is_ones(right) => {
                let shape = Shape {
                    rows: self.size_product(a.rows, b.rows),
                    cols: self.size_product(a.cols, b.cols),
                };
                self.ones(shape)
            }
            _ if a.cols == SizeId::ONE && b.rows == SizeId::ONE => self.word(&[left, right]),
            _ if a.rows == SizeId::ONE && b.cols == SizeId::ONE => self.word(&[right, left]),
            _ => self.intern_kronecker(left, right),
        };
        let scalar = self.coefficient(&term);
        self.scale(scalar, value)
    }

    fn scale_either(&mut self, left: Id, right: Id) -> Id {
        if self.is_scalar(left) { self.scale(left, right) } else { self.scale(right, left) }
    }

    fn intern_kronecker(&mut self, left: Id, right: Id) -> Id {
        // Found now, one level at a time, so that a deep product is never walked at once.
        self.transpose(left);
        self.transpose(right);
        self.intern(Kind::Kronecker(left, right))
    }

    /// `kron(u, B)*Y = kron(u, B*Y)` and its like for a column u, and the same for rows on the other side.
    pub(crate) fn meet_at_one(&mut self, x: Id, y: Id) -> Option<Vec<Id>> {
        if let Kind::Kronecker(a, b) = *self.kind(x) {
            if self.shape(a).cols == SizeId::ONE {
                let right = self.word(&[b, y]);
                return Some(vec![self.kronecker(a, right)]);
            }
            if self.shape(b).cols == SizeId::ONE {
                let left = self.word(&[a, y]);
                return Some(vec![self.kronecker(left, b)]);
            }
        }
        if let Kind::Kronecker(a, b) = *self.kind(y) {
            if self.shape(a).rows == SizeId::ONE {
                let right = self.word(&[x, b]);
                return Some(vec![self.kronecker(a, right)]);
            }
            if self.shape(b).rows == SizeId::ONE {
                let left = self.word(&[x, a]);
                return Some(vec![self.kronecker(left, b)]);
            }
        }
        None
    }

    /// The matrix that takes vec(X) to vec(X') for X of this shape.
    pub(crate) fn commutation(&mut self, shape: Shape) -> Id {
        if shape.rows == SizeId::ONE || shape.cols == SizeId::ONE {
            let size = self.size_product(shape.rows, shape.cols);
            return if size == SizeId::ONE { Id::ONE } else { self.intern(Kind::Identity(size)) };
        }
        self.intern(Kind::Commutation(shape.rows, shape.cols))
    }
}
