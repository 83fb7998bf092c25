//! Inverses, determinants, diagonals and vec in normal form: scalars out, and each undone where it meets its opposite.

use super::normal::{Algebra, Id, Kind, Shape, SizeId, Term};
use formula::{FunctionId, Number, Operator};

impl Algebra {
    /// An operator of a value.
    pub(super) fn operator(&mut self, operator: Operator, of: Id) -> Id {
        match operator {
            Operator::Trace => self.trace(of),
            Operator::Inverse => self.inverse(of),
            Operator::Determinant => self.determinant(of),
            Operator::LogDeterminant => self.log_determinant(of),
            Operator::Diagonal => self.diagonal(of),
            Operator::DiagonalMatrix => self.diagonal_matrix(of),
            Operator::Vec => self.vec(of),
        }
    }

    /// A function of whole matrices.
    pub(super) fn call(&mut self, function: FunctionId, arguments: &[Id]) -> Id {
        self.intern(Kind::Call(function, arguments.to_vec()))
    }

    /// The inverse: `inv(c*X) = inv(X)/c`, `inv(inv(X)) = X`, `inv(diag(v)) = diag(1 ./ v)`. Of X and X' one is stored.
    pub(super) fn inverse(&mut self, of: Id) -> Id {
        let minus = self.number(Number::MINUS_ONE);
        if self.is_scalar(of) {
            return self.power(of, minus);
        }
        let term = self.split(of);
        let Some(body) = term.body else { return of };
        if term.number.is_zero() {
            return self.intern(Kind::Operator(Operator::Inverse, of));
        }
        let scalar = self.join(term.coefficient());
        let scalar = self.power(scalar, minus);
        let value = match self.kind(body).clone() {
            Kind::Operator(Operator::Inverse, inner) => inner,
            Kind::Operator(Operator::DiagonalMatrix, line) => {
                let line = self.elementwise(&[(line, minus)]);
                self.diagonal_matrix(line)
            }
            Kind::Kronecker(left, right) if self.is_square(left) && self.is_square(right) => {
                let (left, right) = (self.inverse(left), self.inverse(right));
                self.kronecker(left, right)
            }
            // A permutation is undone by its transpose.
            Kind::Identity(_) | Kind::Commutation(..) => self.transpose(body),
            Kind::Transpose(inner) => {
                let inverse = self.inverse(inner);
                self.transpose(inverse)
            }
            _ => self.stored_inverse(body),
        };
        self.scale(scalar, value)
    }

    /// The inverse of a body, or the transpose of that of its transpose where that is the one stored.
    fn stored_inverse(&mut self, body: Id) -> Id {
        let transposed = self.transpose(body);
        let other = self.split(transposed);
        let plain = other.number.is_one() && other.powers.is_empty();
        let wrapped = matches!(self.kind(transposed), Kind::Transpose(_));
        if plain && !wrapped && transposed != body && self.plainer(transposed, body) {
            let inverse = self.intern(Kind::Operator(Operator::Inverse, transposed));
            return self.transpose(inverse);
        }
        self.intern(Kind::Operator(Operator::Inverse, body))
    }

    /// Whether the first has fewer transposes, or as many and comes first.
    pub(super) fn plainer(&self, a: Id, b: Id) -> bool {
        let transposes = |id: Id| self.key(id).transposes;
        transposes(a).cmp(&transposes(b)).then_with(|| self.compare(a, b)).is_lt()
    }

    /// Of a value and its transpose the plainer one, where what is asked of both is the same.
    fn plainer_side(&mut self, body: Id) -> Id {
        if let Kind::Transpose(inner) = self.kind(body) {
            return *inner;
        }
        let transposed = self.transpose(body);
        let term = self.split(transposed);
        let bare = term.number.is_one() && term.powers.is_empty();
        if bare && self.plainer(transposed, body) { transposed } else { body }
    }

    /// `det(c*X) = c^n*det(X)`, `det(inv(X)) = 1/det(X)`, `det(X') = det(X)`.
    fn determinant(&mut self, of: Id) -> Id {
        if self.is_scalar(of) {
            return of;
        }
        let rows = self.shape(of).rows;
        let term = self.split(of);
        let Some(body) = term.body else { return of };
        if term.number.is_zero() {
            return Id::ZERO;
        }
        let scalar = self.join(term.coefficient());
        let size = self.size(rows).clone();
        let size = self.size_scalar(&size);
        let scalar = self.power(scalar, size);
        let value = match self.kind(body).clone() {
            Kind::Identity(_) => Id::ONE,
            Kind::Operator(Operator::Inverse, inner) => {
                let minus = self.number(Number::MINUS_ONE);
                let inner = self.determinant(inner);
                self.power(inner, minus)
            }
            Kind::Kronecker(left, right) if self.is_square(left) && self.is_square(right) => {
                let (rows, other) = (self.shape(left).rows, self.shape(right).rows);
                let (rows, other) = (self.size(rows).clone(), self.size(other).clone());
                let (rows, other) = (self.size_scalar(&rows), self.size_scalar(&other));
                let (left, right) = (self.determinant(left), self.determinant(right));
                let (left, right) = (self.power(left, other), self.power(right, rows));
                self.scale(left, right)
            }
            _ => {
                let body = self.plainer_side(body);
                self.intern(Kind::Operator(Operator::Determinant, body))
            }
        };
        self.scale(scalar, value)
    }

    /// `logdet(inv(X)) = -logdet(X)`, `logdet(X') = logdet(X)`.
    fn log_determinant(&mut self, of: Id) -> Id {
        let term = self.split(of);
        let (Some(body), true, true) = (term.body, term.number.is_one(), term.powers.is_empty()) else {
            return self.intern(Kind::Operator(Operator::LogDeterminant, of));
        };
        match *self.kind(body) {
            Kind::Identity(_) => Id::ZERO,
            Kind::Operator(Operator::Inverse, inner) => {
                let inner = self.log_determinant(inner);
                self.negate(inner)
            }
            _ => {
                let body = self.plainer_side(body);
                self.intern(Kind::Operator(Operator::LogDeterminant, body))
            }
        }
    }

    /// The matrix with a column as its diagonal.
    pub(super) fn diagonal_matrix(&mut self, of: Id) -> Id {
        if self.is_scalar(of) {
            return of;
        }
        let rows = self.shape(of).rows;
        let mut term = self.split(of);
        let Some(body) = term.body else { return of };
        if term.number.is_zero() {
            return self.zeros(Shape { rows, cols: rows });
        }
        term.body = Some(if self.is_ones(body) {
            self.intern(Kind::Identity(rows))
        } else {
            self.intern(Kind::Operator(Operator::DiagonalMatrix, body))
        });
        self.join(term)
    }

    /// The diagonal of a square matrix: `diag(diag(v)) = v`, `diag(u*v') = u .* v`, `diag(diag(v)*X) = v .* diag(X)`.
    pub(super) fn diagonal(&mut self, of: Id) -> Id {
        if self.is_scalar(of) {
            return of;
        }
        let rows = self.shape(of).rows;
        let term = self.split(of);
        let Some(body) = term.body else { return of };
        let column = Shape { rows, cols: SizeId::ONE };
        if term.number.is_zero() {
            return self.zeros(column);
        }
        let value = match self.kind(body).clone() {
            Kind::Operator(Operator::DiagonalMatrix, line) => line,
            Kind::Identity(_) => self.ones(column),
            Kind::Kronecker(left, right) if self.is_square(left) && self.is_square(right) => {
                let (left, right) = (self.diagonal(left), self.diagonal(right));
                self.kronecker(left, right)
            }
            Kind::Word(factors) => match self.diagonal_of_word(&factors) {
                Some(value) => value,
                None => self.stored_diagonal(body),
            },
            _ => self.stored_diagonal(body),
        };
        let scalar = self.join(term.coefficient());
        self.scale(scalar, value)
    }

    fn stored_diagonal(&mut self, body: Id) -> Id {
        let body = self.plainer_side(body);
        self.intern(Kind::Operator(Operator::Diagonal, body))
    }

    fn diagonal_of_word(&mut self, factors: &[Id]) -> Option<Id> {
        if let Some((column, row)) = self.rank_one(factors) {
            let row = self.transpose(row);
            return Some(self.elementwise(&[(column, Id::ONE), (row, Id::ONE)]));
        }
        let (first, last) = (*factors.first()?, *factors.last()?);
        let (line, rest) = if let Kind::Operator(Operator::DiagonalMatrix, line) = *self.kind(first) {
            (line, &factors[1..])
        } else if let Kind::Operator(Operator::DiagonalMatrix, line) = *self.kind(last) {
            (line, &factors[..factors.len() - 1])
        } else {
            return None;
        };
        let rest = self.word(rest);
        let rest = self.diagonal(rest);
        Some(self.elementwise(&[(line, Id::ONE), (rest, Id::ONE)]))
    }

    /// The column and the row whose product a word is, if it has an inner edge of size 1.
    pub(super) fn rank_one(&mut self, factors: &[Id]) -> Option<(Id, Id)> {
        let (_, inner) = factors.split_last()?;
        let place = inner.iter().position(|factor| self.shape(*factor).cols == SizeId::ONE)? + 1;
        let column = self.word(&factors[..place]);
        let row = self.word(&factors[place..]);
        Some((column, row))
    }

    /// The columns of a matrix, one below the other: `vec(u*v') = kron(v, u)`.
    pub(super) fn vec(&mut self, of: Id) -> Id {
        let shape = self.shape(of);
        if shape.cols == SizeId::ONE {
            return of;
        }
        if shape.rows == SizeId::ONE {
            return self.transpose(of);
        }
        let term = self.split(of);
        let Some(body) = term.body else { return of };
        let rows = self.size_product(shape.rows, shape.cols);
        let column = Shape { rows, cols: SizeId::ONE };
        if term.number.is_zero() {
            return self.zeros(column);
        }
        let value = match self.kind(body).clone() {
            Kind::Unvec(inner, ..) => inner,
            _ if self.is_ones(body) => self.ones(column),
            Kind::Word(factors) => match self.rank_one(&factors) {
                Some((left, right)) => {
                    let right = self.transpose(right);
                    self.kronecker(right, left)
                }
                None => self.intern(Kind::Operator(Operator::Vec, body)),
            },
            _ => self.intern(Kind::Operator(Operator::Vec, body)),
        };
        let scalar = self.join(term.coefficient());
        self.scale(scalar, value)
    }

    /// A column as a matrix: `unvec(vec(X)) = X`, `unvec(kron(v, u)) = u*v'`, `unvec(kron(A, B)*x) = B*unvec(x)*A'`.
    pub(super) fn unvec(&mut self, of: Id, shape: Shape) -> Id {
        if shape.cols == SizeId::ONE {
            return of;
        }
        if shape.rows == SizeId::ONE {
            return self.transpose(of);
        }
        let term = self.split(of);
        let Some(body) = term.body else { return of };
        if term.number.is_zero() {
            return self.zeros(shape);
        }
        let value = self.resolved(body, shape).unwrap_or_else(|| {
            // What comes apart in one of its parts does so in all.
            let parts = self.unvec_parts(body, shape);
            parts.unwrap_or_else(|| self.intern(Kind::Unvec(body, shape.rows, shape.cols)))
        });
        let scalar = self.join(term.coefficient());
        self.scale(scalar, value)
    }

    fn resolved(&mut self, body: Id, shape: Shape) -> Option<Id> {
        match self.kind(body).clone() {
            Kind::Operator(Operator::Vec, inner) if self.shape(inner) == shape => Some(inner),
            Kind::Ones(_) => Some(self.ones(shape)),
            Kind::Kronecker(left, right)
                if self.shape(right).rows == shape.rows && self.shape(left).rows == shape.cols =>
            {
                let row = self.transpose(left);
                Some(self.word(&[right, row]))
            }
            Kind::Word(factors) => {
                let (first, rest) = (*factors.first()?, &factors[1..]);
                match *self.kind(first) {
                    Kind::Kronecker(left, right)
                        if self.shape(right).rows == shape.rows && self.shape(left).rows == shape.cols =>
                    {
                        let inner = Shape { rows: self.shape(right).cols, cols: self.shape(left).cols };
                        let rest = self.word(rest);
                        let middle = self.unvec(rest, inner);
                        let row = self.transpose(left);
                        Some(self.word(&[right, middle, row]))
                    }
                    // commutation(m, n)*vec(X) = vec(X')
                    Kind::Commutation(rows, cols) if rows == shape.cols && cols == shape.rows => {
                        let rest = self.word(rest);
                        let inner = self.unvec(rest, shape.transpose());
                        Some(self.transpose(inner))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A sum, an elementwise product or a function whose parts come apart.
    fn unvec_parts(&mut self, body: Id, shape: Shape) -> Option<Id> {
        let parts = match self.kind(body).clone() {
            Kind::Add(parts) => parts,
            Kind::Elementwise(factors) if factors.iter().all(|(_, exponent)| self.is_scalar(*exponent)) => {
                factors.iter().map(|(base, _)| *base).collect()
            }
            Kind::Apply(_, _, arguments) => arguments,
            _ => return None,
        };
        let opened: Vec<Id> = parts
            .iter()
            .map(|part| if self.is_scalar(*part) { *part } else { self.unvec(*part, shape) })
            .collect();
        let opens = |id: Id| {
            let body = self.split(id).body.unwrap_or(id);
            !self.is_scalar(id) && !matches!(self.kind(body), Kind::Unvec(..))
        };
        if !opened.iter().any(|part| opens(*part)) {
            return None;
        }
        Some(match self.kind(body).clone() {
            Kind::Elementwise(factors) => {
                let factors: Vec<(Id, Id)> =
                    opened.into_iter().zip(factors).map(|(base, (_, exponent))| (base, exponent)).collect();
                self.elementwise(&factors)
            }
            Kind::Apply(function, marks, _) => self.apply(function, &marks, &opened),
            _ => self.add(&opened),
        })
    }

    pub(super) fn is_square(&self, id: Id) -> bool {
        let shape = self.shape(id);
        shape.rows == shape.cols
    }

    /// The coefficient of a term alone, as a value.
    pub(super) fn coefficient(&mut self, term: &Term) -> Id {
        let coefficient = term.coefficient();
        self.join(coefficient)
    }
}
