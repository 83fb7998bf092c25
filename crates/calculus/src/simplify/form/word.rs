//! Matrix products in normal form: words of factors, cut where an edge has size 1; and closed words, which are scalars.

use crate::simplify::form::kind::{Id, Kind, Shape, SizeId, Term};
use crate::simplify::form::normal::Algebra;
use formula::{Number, Operator};

impl Algebra {
    /// The matrix product of factors whose shapes fit; scalars may stand between them.
    pub(crate) fn word(&mut self, factors: &[Id]) -> Id {
        let shape = self.product_shape(factors);
        let mut result = Term::number(Number::ONE);
        let mut word: Vec<Id> = Vec::new();
        let mut waiting: Vec<Id> = factors.iter().rev().copied().collect();
        while let Some(factor) = waiting.pop() {
            let term = self.split(factor);
            self.multiply_into(&mut result, &term);
            if result.number.is_zero() {
                return self.zeros(shape);
            }
            let Some(body) = term.body else { continue };
            match self.kind(body) {
                Kind::Identity(_) => {}
                Kind::Word(inner) => waiting.extend(inner.iter().rev()),
                _ => match self.meet(&mut word, body) {
                    Some(met) => waiting.extend(met.into_iter().rev()),
                    None => word.push(body),
                },
            }
        }
        if word.is_empty() {
            result.body = (shape != Shape::SCALAR).then(|| self.intern(Kind::Identity(shape.rows)));
            return self.join(result);
        }
        let word = self.cut(word, &mut result);
        if result.number.is_zero() {
            return self.zeros(shape);
        }
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
            let mut column = self.onto_column(std::mem::take(&mut segment), scalars);
            if open {
                let scalar = self.closed(column);
                let scalar = self.split(scalar);
                self.multiply_into(scalars, &scalar);
            } else {
                kept.append(&mut column);
            }
            open = true;
        }
        if open {
            segment = self.onto_row(segment, scalars);
        }
        kept.append(&mut segment);
        kept
    }

    /// `diag(v)*x = v .* x`, the last diagonal first.
    fn onto_column(&mut self, mut word: Vec<Id>, scalars: &mut Term) -> Vec<Id> {
        while let Some((place, line)) = self.last_diagonal(&word) {
            let column = self.word(&word[place + 1..]);
            let column = self.elementwise(&[(line, Id::ONE), (column, Id::ONE)]);
            word.truncate(place);
            self.append(&mut word, column, scalars);
            if scalars.number.is_zero() {
                break;
            }
        }
        word
    }

    /// `x'*diag(v) = (v .* x)'`
    fn onto_row(&mut self, word: Vec<Id>, scalars: &mut Term) -> Vec<Id> {
        if self.last_diagonal(&word).is_none() {
            return word;
        }
        let column: Vec<Id> = word.iter().rev().map(|factor| self.transpose(*factor)).collect();
        let column = self.word(&column);
        let row = self.transpose(column);
        let mut word = Vec::new();
        self.append(&mut word, row, scalars);
        word
    }

    fn last_diagonal(&self, word: &[Id]) -> Option<(usize, Id)> {
        word.iter().enumerate().rev().find_map(|(place, factor)| match self.kind(*factor) {
            Kind::Operator(Operator::DiagonalMatrix, line) => Some((place, *line)),
            _ => None,
        })
    }

    /// Appends a value to a word, its scalars to the others.
    fn append(&mut self, word: &mut Vec<Id>, value: Id, scalars: &mut Term) {
        let term = self.split(value);
        self.multiply_into(scalars, &term);
        match term.body.map(|body| (body, self.kind(body))) {
            Some((_, Kind::Word(inner))) => word.extend(inner),
            Some((body, _)) => word.push(body),
            None => {}
        }
    }

    /// Where the end of a word and its next factor simplify: takes the end off and returns what stands in its place.
    fn meet(&mut self, word: &mut Vec<Id>, next: Id) -> Option<Vec<Id>> {
        let last = *word.last()?;
        word.push(next);
        let ruled = self.ruled_factors(word);
        word.pop();
        if let Some((start, value)) = ruled {
            word.truncate(start);
            return Some(vec![value]);
        }
        if let Some(zero) = self.centred(last, next) {
            word.pop();
            return Some(vec![zero]);
        }
        let met = match (self.kind(last), self.kind(next)) {
            (Kind::Block(..), Kind::Block(..)) => self.meet_blocks(last, next).map(|sum| vec![sum]),
            (Kind::Kronecker(..), _) | (_, Kind::Kronecker(..)) => self.meet_at_one(last, next),
            _ => None,
        };
        if met.is_some() {
            word.pop();
        }
        met
    }

    /// What a sum of rows or of columns of a sum is where a term of it vanishes, or all cancel, as those of
    /// `ones(m)'*(X - ones(m)*sum(X, 1)/m)`.
    pub(crate) fn centred(&mut self, left: Id, right: Id) -> Option<Id> {
        let inner = |algebra: &Algebra, id: Id| algebra.plain(id);
        let sum = |algebra: &Algebra, id: Id| matches!(algebra.kind(inner(algebra, id)), Kind::Add(_));
        let down = self.is_line_of_ones(left) && sum(self, right);
        let across = self.is_line_of_ones(right) && sum(self, left);
        if !down && !across {
            return None;
        }
        let (parts, _, transposed) = self.inner_sum(if down { right } else { left })?;
        // Terms cancel only where one repeats what another adds up, and vanish where they are centred.
        if !parts.iter().any(|part| self.repeats(*part) || self.is_of_a_sum(*part)) {
            return None;
        }
        let products: Vec<Id> = parts
            .into_iter()
            .map(|part| {
                let part = if transposed { self.transpose(part) } else { part };
                if down { self.word(&[left, part]) } else { self.word(&[part, right]) }
            })
            .collect();
        let total = self.add(&products);
        let is_zero = |id: &Id| self.split(*id).number.is_zero();
        (is_zero(&total) || products.iter().any(is_zero)).then_some(total)
    }

    /// Whether a value is a multiple of a sum, or a product that begins or ends with one.
    fn is_of_a_sum(&self, id: Id) -> bool {
        let Some(body) = self.split(id).body else { return false };
        let factors = self.word_factors(body);
        [factors.first(), factors.last()].into_iter().flatten().any(|end| self.inner_sum(*end).is_some())
    }

    /// Whether a value repeats one row or one column, or is a number everywhere.
    fn repeats(&self, id: Id) -> bool {
        let Some(body) = self.split(id).body else { return false };
        let inner = self.plain(body);
        match self.kind(inner) {
            Kind::Word(factors) => {
                [factors.first(), factors.last()].into_iter().flatten().any(|end| self.is_line_of_ones(*end))
            }
            _ => self.is_line_of_ones(inner),
        }
    }

    /// A row times ... times a column.
    fn closed(&mut self, word: Vec<Id>) -> Id {
        match word.as_slice() {
            [row, column] => return self.closed_pair(*row, *column),
            [row, body, column] if self.is_ones(*row) && self.is_ones(*column) => {
                if let Some(trace) = self.total_as_trace(*body) {
                    return trace;
                }
            }
            _ => {}
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
        if let Kind::Operator(Operator::Diagonal, inner) = *self.kind(body) {
            // sum(diag(X)) = tr(X)
            let trace = self.trace(inner);
            return self.scaled_by(result, trace);
        }
        if let Kind::Operator(Operator::Vec, inner) = *self.kind(body) {
            // sum(vec(X)) = sum(X)
            let total = self.total(inner);
            return self.scaled_by(result, total);
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
    pub(crate) fn halves(&mut self, body: Id) -> Option<(Id, Id)> {
        let Kind::Elementwise(factors) = self.kind(body).clone() else { return None };
        let mut plain = |base: Id| {
            let transposed = self.transpose(base);
            !matches!(self.kind(transposed), Kind::Term(_))
        };
        if let [(base, exponent)] = factors.as_slice() {
            let plain = plain(*base);
            return (self.as_integer(*exponent) == Some(2) && plain).then_some((*base, *base));
        }
        let place = factors.iter().position(|(base, exponent)| *exponent == Id::ONE && plain(*base))?;
        let mut rest = factors;
        let (left, _) = rest.remove(place);
        let right = self.elementwise(&rest);
        Some((left, right))
    }

    /// Whether a value is a column or a row of ones.
    pub(crate) fn is_line_of_ones(&self, id: Id) -> bool {
        let inner = self.plain(id);
        matches!(self.kind(inner), Kind::Ones(_))
    }

    /// Ones of a shape: a column, its transpose, or the product of both.
    pub(crate) fn ones(&mut self, shape: Shape) -> Id {
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
    pub(crate) fn is_ones(&self, id: Id) -> bool {
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
    pub(crate) fn squared_norm(&mut self, id: Id) -> Id {
        let two = self.number(Number::integer(2));
        let square = self.elementwise(&[(id, two)]);
        self.total(square)
    }
}
