//! Inverses, determinants, diagonals and vec in normal form: scalars out, and each undone where it meets its opposite.

use crate::simplify::form::kind::{Id, Kind, Shape, SizeId, Term};
use crate::simplify::form::normal::Algebra;
use formula::{FunctionId, Number, Operator};

impl Algebra {
    /// An operator of a value.
    pub(crate) fn operator(&mut self, operator: Operator, of: Id) -> Id {
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
    pub(crate) fn call(&mut self, function: FunctionId, arguments: &[Id]) -> Id {
        self.intern(Kind::Call(function, arguments.to_vec()))
    }

    /// The inverse: `inv(c*X) = inv(X)/c`. Of X and X' one is stored.
    pub(crate) fn inverse(&mut self, of: Id) -> Id {
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
        let kind = Kind::Operator(Operator::Inverse, body);
        let value = self.ruled(&kind).unwrap_or_else(|| self.stored_inverse(body));
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
    pub(crate) fn plainer(&self, a: Id, b: Id) -> bool {
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

    /// `det(c*X) = c^n*det(X)`
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
        let value = self.of_either_side(Operator::Determinant, body);
        self.scale(scalar, value)
    }

    fn log_determinant(&mut self, of: Id) -> Id {
        let term = self.split(of);
        let (Some(body), true, true) = (term.body, term.number.is_one(), term.powers.is_empty()) else {
            return self.intern(Kind::Operator(Operator::LogDeterminant, of));
        };
        self.of_either_side(Operator::LogDeterminant, body)
    }

    /// An operator of what a matrix and its transpose have alike.
    fn of_either_side(&mut self, operator: Operator, body: Id) -> Id {
        if let Some(value) = self.ruled(&Kind::Operator(operator, body)) {
            return value;
        }
        let body = self.plainer_side(body);
        self.intern(Kind::Operator(operator, body))
    }

    /// The matrix with a column as its diagonal.
    pub(crate) fn diagonal_matrix(&mut self, of: Id) -> Id {
        if self.is_scalar(of) {
            return of;
        }
        let rows = self.shape(of).rows;
        let mut term = self.split(of);
        let Some(body) = term.body else { return of };
        if term.number.is_zero() {
            return self.zeros(Shape { rows, cols: rows });
        }
        term.body = Some(self.intern(Kind::Operator(Operator::DiagonalMatrix, body)));
        self.join(term)
    }

    /// The diagonal of a square matrix.
    pub(crate) fn diagonal(&mut self, of: Id) -> Id {
        if self.is_scalar(of) {
            return of;
        }
        let rows = self.shape(of).rows;
        let term = self.split(of);
        let Some(body) = term.body else { return of };
        if term.number.is_zero() {
            return self.zeros(Shape { rows, cols: SizeId::ONE });
        }
        let value = self.of_either_side(Operator::Diagonal, body);
        let scalar = self.join(term.coefficient());
        self.scale(scalar, value)
    }

    /// The columns of a matrix, one below the other.
    pub(crate) fn vec(&mut self, of: Id) -> Id {
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
        let value = if self.is_ones(body) {
            self.ones(column)
        } else {
            self.intern(Kind::Operator(Operator::Vec, body))
        };
        let scalar = self.join(term.coefficient());
        self.scale(scalar, value)
    }

    /// A column as a matrix.
    pub(crate) fn unvec(&mut self, of: Id, shape: Shape) -> Id {
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
        let kind = Kind::Unvec(body, shape.rows, shape.cols);
        let undone = match *self.kind(body) {
            Kind::Operator(Operator::Vec, inner) if self.shape(inner) == shape => Some(inner),
            _ => self.ruled(&kind),
        };
        let value = undone.unwrap_or_else(|| {
            // What comes apart in one of its parts does so in all.
            let parts = self.unvec_parts(body, shape);
            parts.unwrap_or_else(|| self.intern(kind))
        });
        let scalar = self.join(term.coefficient());
        self.scale(scalar, value)
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

    /// The coefficient of a term alone, as a value.
    pub(crate) fn coefficient(&mut self, term: &Term) -> Id {
        let coefficient = term.coefficient();
        self.join(coefficient)
    }
}
