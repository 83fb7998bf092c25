//! Matrix products in normal form: words of factors, cut where an edge has size 1; and closed words, which are scalars.

use super::normal::{Algebra, Id, Kind, Shape, SizeId, Term};
use formula::Number;

impl Algebra {
    /// The matrix product of factors whose shapes fit; scalars may stand between them.
    pub(super) fn word(&mut self, factors: &[Id]) -> Id {
        let shape = self.product_shape(factors);
        let mut result = Term::number(Number::ONE);
        let mut word: Vec<Id> = Vec::new();
        for factor in factors {
            let term = self.split(*factor);
            self.multiply_into(&mut result, &term);
            let Some(body) = term.body else { continue };
            match self.kind(body) {
                Kind::Identity(_) => {}
                Kind::Word(inner) => word.extend(inner),
                _ => word.push(body),
            }
        }
        if result.number.is_zero() {
            return self.zeros(shape);
        }
        if word.is_empty() {
            result.body = (shape != Shape::SCALAR).then(|| self.intern(Kind::Identity(shape.rows)));
            return self.join(result);
        }
        let word = self.cut(word, &mut result);
        result.body = match word.as_slice() {
            [] => None,
            [only] => Some(*only),
            _ => Some(self.intern(Kind::Word(word))),
        };
        self.join(result)
    }

    fn product_shape(&self, factors: &[Id]) -> Shape {
        let mut matrices = factors.iter().map(|factor| self.shape(*factor)).filter(|s| *s != Shape::SCALAR);
        let Some(first) = matrices.next() else { return Shape::SCALAR };
        Shape { rows: first.rows, cols: matrices.next_back().unwrap_or(first).cols }
    }

    /// Takes every segment between two edges of size 1 out as a scalar: `A*x*(x'*x)` to `(x'*x)*A*x`.
    fn cut(&mut self, word: Vec<Id>, scalars: &mut Term) -> Vec<Id> {
        let mut kept: Vec<Id> = Vec::with_capacity(word.len());
        let mut segment: Vec<Id> = Vec::new();
        let mut open = word.first().is_some_and(|first| self.shape(*first).rows == SizeId::ONE);
        for factor in word {
            segment.push(factor);
            if self.shape(factor).cols != SizeId::ONE {
                continue;
            }
            if open {
                let scalar = self.closed(std::mem::take(&mut segment));
                let scalar = self.split(scalar);
                self.multiply_into(scalars, &scalar);
            } else {
                kept.append(&mut segment);
            }
            open = true;
        }
        kept.append(&mut segment);
        kept
    }

    /// A row times ... times a column.
    fn closed(&mut self, word: Vec<Id>) -> Id {
        if let [row, column] = word.as_slice() {
            return self.closed_pair(*row, *column);
        }
        let (mut sign, mut other) = (Number::ONE, Vec::with_capacity(word.len()));
        for factor in word.iter().rev() {
            let transposed = self.transpose(*factor);
            let term = self.split(transposed);
            let product = sign.times(term.number);
            sign = self.checked(product);
            other.push(term.body.unwrap_or(transposed));
        }
        if other == word {
            // x'*K*x = 0 where K' = -K.
            if sign.is_negative() {
                return Id::ZERO;
            }
            if let Some(column) = self.mirrored(&word).map(<[Id]>::to_vec) {
                // Kept ready for `norm(A*x)^2`.
                self.word(&column);
            }
            return self.intern(Kind::Closed(word));
        }
        let transposes = |factors: &[Id]| {
            factors.iter().map(|factor| u64::from(self.key(*factor).transposes)).sum::<u64>()
        };
        let order =
            transposes(&word).cmp(&transposes(&other)).then_with(|| self.compare_lists(&word, &other));
        if order.is_le() {
            self.intern(Kind::Closed(word))
        } else {
            let closed = self.intern(Kind::Closed(other));
            self.scale_number(sign, closed)
        }
    }

    /// `u'*v`, which is the sum of `u .* v`, so that it is the same however it was written.
    fn closed_pair(&mut self, row: Id, column: Id) -> Id {
        let left = self.transpose(row);
        let product = self.elementwise(&[(left, Id::ONE), (column, Id::ONE)]);
        let mut result = self.split(product);
        let Some(body) = result.body.take() else { return product };
        let rows = self.shape(body).rows;
        if result.number.is_zero() {
            return Id::ZERO;
        }
        if self.is_ones(body) {
            let size = self.size(rows).clone();
            let size = self.size_scalar(&size);
            let size = self.split(size);
            self.multiply_into(&mut result, &size);
            return self.join(result);
        }
        let (left, right) = self.halves(body).unwrap_or_else(|| {
            let ones = self.ones(Shape { rows, cols: SizeId::ONE });
            (ones, body)
        });
        let term = self.split(right);
        self.multiply_into(&mut result, &term);
        let right = term.body.unwrap_or(right);
        let left = self.transpose(left);
        let scalar = match (self.kind(left), self.kind(right)) {
            (Kind::Word(_), _) | (_, Kind::Word(_)) => {
                let word = [left, right]
                    .iter()
                    .flat_map(|factor| match self.kind(*factor) {
                        Kind::Word(inner) => inner.clone(),
                        _ => vec![*factor],
                    })
                    .collect();
                self.closed(word)
            }
            _ => self.intern(Kind::Closed(vec![left, right])),
        };
        let scalar = self.split(scalar);
        self.multiply_into(&mut result, &scalar);
        self.join(result)
    }

    /// A column as one factor times the rest, if one of its factors has the exponent 1 or it is a square.
    fn halves(&mut self, body: Id) -> Option<(Id, Id)> {
        let Kind::Elementwise(factors) = self.kind(body).clone() else { return None };
        if let [(base, exponent)] = factors.as_slice() {
            return (self.as_integer(*exponent) == Some(2)).then_some((*base, *base));
        }
        let place = factors.iter().position(|(_, exponent)| *exponent == Id::ONE)?;
        let mut rest = factors;
        let (left, _) = rest.remove(place);
        let right = self.elementwise(&rest);
        Some((left, right))
    }

    /// Ones of a shape: a column, its transpose, or the product of both.
    pub(super) fn ones(&mut self, shape: Shape) -> Id {
        let column = |algebra: &mut Algebra, size| algebra.intern(Kind::Ones(size));
        match (shape.rows == SizeId::ONE, shape.cols == SizeId::ONE) {
            (true, true) => Id::ONE,
            (false, true) => column(self, shape.rows),
            (true, false) => {
                let ones = column(self, shape.cols);
                self.transpose(ones)
            }
            (false, false) => {
                let left = column(self, shape.rows);
                let right = column(self, shape.cols);
                let right = self.transpose(right);
                self.intern(Kind::Word(vec![left, right]))
            }
        }
    }

    /// Whether every entry of a matrix is 1.
    pub(super) fn is_ones(&self, id: Id) -> bool {
        let column = |id: Id| matches!(self.kind(id), Kind::Ones(_));
        match self.kind(id) {
            Kind::Ones(_) => true,
            Kind::Transpose(inner) => column(*inner),
            Kind::Word(factors) => match factors.as_slice() {
                [left, right] => {
                    column(*left) && matches!(self.kind(*right), Kind::Transpose(inner) if column(*inner))
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// The squared norm of a value: the sum of the squares of its entries.
    pub(super) fn squared_norm(&mut self, id: Id) -> Id {
        let two = self.number(Number::integer(2));
        let square = self.elementwise(&[(id, two)]);
        self.total(square)
    }

    /// The sum of all entries.
    fn total(&mut self, id: Id) -> Id {
        let shape = self.shape(id);
        let left = self.ones(Shape { rows: SizeId::ONE, cols: shape.rows });
        let right = self.ones(Shape { rows: shape.cols, cols: SizeId::ONE });
        self.word(&[left, id, right])
    }
}
