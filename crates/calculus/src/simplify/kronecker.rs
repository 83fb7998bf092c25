//! Kronecker products and commutation matrices in normal form, and what they become where they meet their neighbours.

use super::normal::{Algebra, Id, Kind, Shape, SizeId};
use formula::Operator;

impl Algebra {
    /// The Kronecker product: scalars out, `kron(u, v') = u*v'`, `kron(eye(m), eye(n)) = eye(m*n)`, nested to the left.
    pub(super) fn kronecker(&mut self, left: Id, right: Id) -> Id {
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

    /// What stands in place of two neighbours in a word where a Kronecker product or a commutation matrix meets the other.
    pub(super) fn meet_kronecker(&mut self, x: Id, y: Id) -> Option<Vec<Id>> {
        match (self.kind(x).clone(), self.kind(y).clone()) {
            (Kind::Kronecker(a, b), Kind::Kronecker(c, d)) => {
                if let Some(value) = self.unvec_written_out([a, b], [c, d]) {
                    return Some(vec![value]);
                }
                if let Some(value) = self.vec_of_kronecker(x, y) {
                    return Some(vec![value]);
                }
                let (turned, other) = (self.transpose(y), self.transpose(x));
                if let Some(value) = self.vec_of_kronecker(turned, other) {
                    return Some(vec![self.transpose(value)]);
                }
                // kron(A, B)*kron(C, D) = kron(A*C, B*D)
                let fits =
                    self.shape(a).cols == self.shape(c).rows && self.shape(b).cols == self.shape(d).rows;
                if !fits {
                    return self.meet_at_one(x, y);
                }
                let (left, right) = (self.word(&[a, c]), self.word(&[b, d]));
                Some(vec![self.kronecker(left, right)])
            }
            (Kind::Kronecker(..), Kind::Operator(Operator::Vec, inner))
                if self.vec_apart(x, inner).is_some() =>
            {
                self.vec_apart(x, inner).map(|value| vec![value])
            }
            // kron(A, B)*vec(X) = vec(B*X*A')
            (Kind::Kronecker(a, b), Kind::Operator(Operator::Vec, inner))
                if self.shape(inner) == (Shape { rows: self.shape(b).cols, cols: self.shape(a).cols }) =>
            {
                let row = self.transpose(a);
                let inner = self.word(&[b, inner, row]);
                Some(vec![self.vec(inner)])
            }
            // vec(X)'*kron(A, B) = vec(B'*X*A)'
            (Kind::Transpose(column), Kind::Kronecker(a, b)) => match *self.kind(column) {
                Kind::Operator(Operator::Vec, inner)
                    if self.shape(inner)
                        == (Shape { rows: self.shape(b).rows, cols: self.shape(a).rows }) =>
                {
                    let left = self.transpose(b);
                    let inner = self.word(&[left, inner, a]);
                    let column = self.vec(inner);
                    Some(vec![self.transpose(column)])
                }
                Kind::Ones(_) => {
                    let (a, b) = (self.summed_down(a), self.summed_down(b));
                    Some(vec![self.kronecker(a, b)])
                }
                _ => self.meet_at_one(x, y),
            },
            (Kind::Kronecker(a, b), Kind::Ones(_)) => {
                let (a, b) = (self.summed_across(a), self.summed_across(b));
                Some(vec![self.kronecker(a, b)])
            }
            (Kind::Commutation(m, n), Kind::Commutation(p, q)) if (m, n) == (q, p) => Some(Vec::new()),
            // commutation(m, n)*vec(X) = vec(X')
            (Kind::Commutation(rows, cols), Kind::Operator(Operator::Vec, inner))
                if self.shape(inner) == (Shape { rows, cols }) =>
            {
                let inner = self.transpose(inner);
                Some(vec![self.vec(inner)])
            }
            (Kind::Transpose(column), Kind::Commutation(rows, cols)) => match *self.kind(column) {
                Kind::Operator(Operator::Vec, inner)
                    if self.shape(inner) == (Shape { rows: cols, cols: rows }) =>
                {
                    let inner = self.transpose(inner);
                    let column = self.vec(inner);
                    Some(vec![self.transpose(column)])
                }
                Kind::Ones(_) => Some(vec![x]),
                _ => None,
            },
            (Kind::Commutation(..), Kind::Ones(_)) => Some(vec![y]),
            // commutation(p, m)*kron(A, B) = kron(B, A)*commutation(q, n) for A of m x n and B of p x q
            (Kind::Commutation(rows, cols), Kind::Kronecker(a, b))
                if self.shape(b).rows == rows && self.shape(a).rows == cols =>
            {
                let swapped = self.kronecker(b, a);
                let (rows, cols) = (self.shape(b).cols, self.shape(a).cols);
                if rows == SizeId::ONE || cols == SizeId::ONE {
                    return Some(vec![swapped]);
                }
                let commutation = self.intern(Kind::Commutation(rows, cols));
                Some(vec![swapped, commutation])
            }
            (Kind::Kronecker(..), _) | (_, Kind::Kronecker(..)) => self.meet_at_one(x, y),
            _ => None,
        }
    }

    /// `kron(u, B)*Y = kron(u, B*Y)` and its like for a column u, and the same for rows on the other side.
    fn meet_at_one(&mut self, x: Id, y: Id) -> Option<Vec<Id>> {
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

    /// `kron(vec(eye(n))', eye(m))*kron(eye(n), v) = unvec(v, m, n)`: how unvec is written where its name is not known.
    fn unvec_written_out(&mut self, [row, rows]: [Id; 2], [cols, column]: [Id; 2]) -> Option<Id> {
        let (Kind::Transpose(row), Kind::Identity(m), Kind::Identity(n)) =
            (self.kind(row), self.kind(rows), self.kind(cols))
        else {
            return None;
        };
        let (m, n) = (*m, *n);
        let Kind::Operator(Operator::Vec, inner) = *self.kind(*row) else { return None };
        let whole = self.size_product(m, n);
        let fits = *self.kind(inner) == Kind::Identity(n)
            && self.shape(column) == Shape { rows: whole, cols: SizeId::ONE };
        fits.then(|| self.unvec(column, Shape { rows: m, cols: n }))
    }

    /// The sizes `[m, n, p, q]` for which a matrix is `kron(kron(eye(n), commutation(q, m)), eye(p))`, the permutation that
    /// takes `kron(vec(A), vec(B))` to `vec(kron(A, B))` for A of `m x n` and B of `p x q`.
    fn mixing(&self, id: Id) -> Option<[SizeId; 4]> {
        let Kind::Kronecker(first, last) = self.kind(id) else { return None };
        let Kind::Identity(p) = self.kind(*last) else { return None };
        let Kind::Kronecker(outer, middle) = self.kind(*first) else { return None };
        match (self.kind(*outer), self.kind(*middle)) {
            (Kind::Identity(n), Kind::Commutation(q, m)) => Some([*m, *n, *p, *q]),
            _ => None,
        }
    }

    /// `kron(kron(eye(n), commutation(q, m)), eye(p))*kron(vec(A), vec(B)) = vec(kron(A, B))`
    fn vec_of_kronecker(&mut self, x: Id, y: Id) -> Option<Id> {
        let [m, n, p, q] = self.mixing(x)?;
        let Kind::Kronecker(left, right) = *self.kind(y) else { return None };
        let (Kind::Operator(Operator::Vec, a), Kind::Operator(Operator::Vec, b)) =
            (self.kind(left), self.kind(right))
        else {
            return None;
        };
        let (a, b) = (*a, *b);
        let fits = self.shape(a) == Shape { rows: m, cols: n } && self.shape(b) == Shape { rows: p, cols: q };
        if !fits {
            return None;
        }
        let product = self.kronecker(a, b);
        Some(self.vec(product))
    }

    /// `kron(kron(eye(n), commutation(m, q)), eye(p))*vec(kron(A, B)) = kron(vec(A), vec(B))`
    fn vec_apart(&mut self, x: Id, inner: Id) -> Option<Id> {
        let [q, n, p, m] = self.mixing(x)?;
        let (a, b) = match *self.kind(inner) {
            Kind::Kronecker(a, b) => (a, b),
            Kind::Identity(_) if m == n && p == q => {
                (self.intern(Kind::Identity(n)), self.intern(Kind::Identity(p)))
            }
            _ => return None,
        };
        let fits = self.shape(a) == Shape { rows: m, cols: n } && self.shape(b) == Shape { rows: p, cols: q };
        if !fits {
            return None;
        }
        let (a, b) = (self.vec(a), self.vec(b));
        Some(self.kronecker(a, b))
    }

    fn summed_across(&mut self, id: Id) -> Id {
        let ones = self.ones(Shape { rows: self.shape(id).cols, cols: SizeId::ONE });
        self.word(&[id, ones])
    }

    fn summed_down(&mut self, id: Id) -> Id {
        let ones = self.ones(Shape { rows: SizeId::ONE, cols: self.shape(id).rows });
        self.word(&[ones, id])
    }
}
