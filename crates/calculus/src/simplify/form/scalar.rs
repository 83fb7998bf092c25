//! Scalars in normal form: numbers times powers, and what of a value stands in front of its matrix.

use crate::simplify::form::kind::{Id, Kind, Shape, SizeId, Term};
use crate::simplify::form::normal::Algebra;
use formula::{Number, Size};

impl Algebra {
    /// A number.
    pub(crate) fn number(&mut self, number: Number) -> Id {
        self.intern(Kind::Term(Term::number(number)))
    }

    /// The number a node is, if it is one.
    pub(crate) fn as_number(&self, id: Id) -> Option<Number> {
        match self.kind(id) {
            Kind::Term(term) if term.powers.is_empty() && term.body.is_none() => Some(term.number),
            _ => None,
        }
    }

    pub(crate) fn as_integer(&self, id: Id) -> Option<i64> {
        self.as_number(id).and_then(Number::as_integer)
    }

    /// A size as a scalar: a sum of products of its names.
    pub(crate) fn size_scalar(&mut self, size: &Size) -> Id {
        let mut parts = vec![Id::ZERO];
        for (names, count) in size.terms() {
            let mut product = self.number(Number::integer(*count));
            for name in names {
                let factor = self.intern(Kind::Size(name.clone()));
                product = self.scale(product, factor);
            }
            parts.push(product);
        }
        self.add(&parts)
    }

    /// A value as a number times powers of scalars times a body.
    pub(crate) fn split(&self, id: Id) -> Term {
        match self.kind(id) {
            Kind::Term(term) => term.clone(),
            Kind::Zeros(..) => Term { number: Number::ZERO, powers: Vec::new(), body: Some(id) },
            _ if self.is_scalar(id) => Term { number: Number::ONE, powers: vec![(id, Id::ONE)], body: None },
            _ => Term { number: Number::ONE, powers: Vec::new(), body: Some(id) },
        }
    }

    /// The value of a term; exponents 0 go and the powers come into order.
    pub(crate) fn join(&mut self, mut term: Term) -> Id {
        if term.number.is_zero() {
            let shape = term.body.map_or(Shape::SCALAR, |body| self.shape(body));
            return self.zeros(shape);
        }
        term.powers.retain(|(_, exponent)| *exponent != Id::ZERO);
        term.powers.sort_by(|a, b| self.compare_factors(a.0, b.0));
        if term.number.is_one() {
            match (term.powers.as_slice(), term.body) {
                ([], Some(body)) => return body,
                ([(base, Id::ONE)], None) => return *base,
                _ => {}
            }
        }
        self.intern(Kind::Term(term))
    }

    /// Zeros of a shape.
    pub(crate) fn zeros(&mut self, shape: Shape) -> Id {
        if shape == Shape::SCALAR { Id::ZERO } else { self.intern(Kind::Zeros(shape.rows, shape.cols)) }
    }

    /// Multiplies a term by the coefficient of another; the body stays.
    pub(crate) fn multiply_into(&mut self, term: &mut Term, coefficient: &Term) {
        let number = term.number.times(coefficient.number);
        term.number = self.checked(number);
        for (base, exponent) in &coefficient.powers {
            let Some(place) = term.powers.iter().position(|(known, _)| known == base) else {
                term.powers.push((*base, *exponent));
                continue;
            };
            let sum = self.add(&[term.powers[place].1, *exponent]);
            if matches!(self.kind(*base), Kind::Term(_)) {
                // A product under a root may open once the exponents have met.
                term.powers.remove(place);
                let power = self.power(*base, sum);
                let power = self.split(power);
                self.multiply_into(term, &power);
            } else {
                term.powers[place].1 = sum;
            }
        }
    }

    /// `s*X`.
    pub(crate) fn scale(&mut self, scalar: Id, value: Id) -> Id {
        let coefficient = self.split(scalar);
        let mut term = self.split(value);
        self.multiply_into(&mut term, &coefficient);
        self.join(term)
    }

    /// `c*X` for a number c.
    pub(crate) fn scale_number(&mut self, number: Number, value: Id) -> Id {
        let mut term = self.split(value);
        let product = term.number.times(number);
        term.number = self.checked(product);
        self.join(term)
    }

    pub(crate) fn negate(&mut self, id: Id) -> Id {
        self.scale_number(Number::MINUS_ONE, id)
    }

    /// `x^e` of scalars. `(a*b)^e` and `(x^a)^e` are opened only where that holds for every sign.
    pub(crate) fn power(&mut self, base: Id, exponent: Id) -> Id {
        if exponent == Id::ZERO {
            return Id::ONE;
        }
        if exponent == Id::ONE {
            return base;
        }
        let term = self.split(base);
        self.open_power(&term, exponent).unwrap_or_else(|| {
            self.join(Term { number: Number::ONE, powers: vec![(base, exponent)], body: None })
        })
    }

    fn open_power(&mut self, term: &Term, exponent: Id) -> Option<Id> {
        let mut result = Term::number(Number::ONE);
        if let Some(whole) = self.as_integer(exponent) {
            // 0 to a negative power stays as it is.
            result.number = term.number.power(whole)?;
        } else if !term.number.is_one() {
            let exponent = self.as_number(exponent)?;
            match exact_power(term.number, exponent) {
                Some(number) => result.number = number,
                None => return self.split_root(term, exponent),
            }
        }
        if self.as_integer(exponent).is_none()
            && term.powers.len() > 1
            && !term.powers.iter().all(|(base, _)| self.is_positive(*base))
        {
            return None;
        }
        for (base, inner) in &term.powers {
            let (base, exponent) = self.power_of_power(*base, *inner, exponent)?;
            let power = if matches!(self.kind(base), Kind::Term(_)) {
                self.power(base, exponent)
            } else {
                self.join(Term { number: Number::ONE, powers: vec![(base, exponent)], body: None })
            };
            let power = self.split(power);
            self.multiply_into(&mut result, &power);
        }
        Some(self.join(result))
    }

    /// `2^-1.5 = 2^-1*2^-0.5`
    fn split_root(&mut self, term: &Term, exponent: Number) -> Option<Id> {
        let (above, below) = exponent.as_ratio()?;
        let whole = above / below;
        if whole == 0 || !term.powers.is_empty() || term.number.is_negative() {
            return None;
        }
        let number = term.number.power(whole)?;
        let rest = Number::ratio(above % below, below)?;
        let (base, rest) = (self.number(term.number), self.number(rest));
        Some(self.join(Term { number, powers: vec![(base, rest)], body: None }))
    }

    /// `(x^a)^b` as one power, where that holds; entries of a matrix alike.
    pub(crate) fn power_of_power(&mut self, base: Id, inner: Id, outer: Id) -> Option<(Id, Id)> {
        let exponent = self.scale(inner, outer);
        if inner == Id::ONE || self.as_integer(outer).is_some() || self.is_positive(base) {
            return Some((base, exponent));
        }
        if self.as_integer(inner).is_some_and(|whole| whole % 2 == 0) {
            let abs = self.known.abs;
            return Some((self.apply(abs, &[], &[base]), exponent));
        }
        None
    }

    /// Whether no entry can be below 0.
    pub(crate) fn is_positive(&self, id: Id) -> bool {
        match self.kind(id) {
            Kind::Size(_) | Kind::Pi | Kind::Ones(_) => true,
            Kind::Variable(rank) => self.ranks.variables[*rank].positive,
            Kind::Term(term) => {
                !term.number.is_negative()
                    && term.powers.iter().all(|(base, _)| self.is_positive(*base))
                    && term.body.is_none_or(|body| self.is_positive(body))
            }
            Kind::Apply(function, marks, _) => {
                marks.is_empty() && (*function == self.known.exp || *function == self.known.abs)
            }
            Kind::Closed(_) => self.squared(id).is_some(),
            Kind::Transpose(inner) => match self.kind(*inner) {
                Kind::Variable(_) | Kind::Ones(_) | Kind::Apply(..) => self.is_positive(*inner),
                _ => false,
            },
            Kind::Trace(_) => self.squared(id).is_some(),
            Kind::Zeros(..)
            | Kind::Identity(_)
            | Kind::Add(_)
            | Kind::Word(_)
            | Kind::Elementwise(_)
            | Kind::Operator(..)
            | Kind::Unvec(..)
            | Kind::Kronecker(..)
            | Kind::Commutation(..)
            | Kind::Call(..)
            | Kind::Block(..)
            | Kind::Part(..) => false,
        }
    }

    /// The factors whose elementwise product a closed word is the squared norm of.
    pub(crate) fn squared(&self, id: Id) -> Option<Vec<Id>> {
        let factors = match self.kind(id) {
            Kind::Closed(factors) => factors,
            Kind::Trace(factors) => return self.squared_trace(factors),
            _ => return None,
        };
        if let Some(column) = self.mirrored(factors) {
            return match column {
                [column] => Some(vec![*column]),
                // Interned when the closed word was made.
                _ => self.find(&Kind::Word(column.to_vec())).map(|word| vec![word]),
            };
        }
        let ones = |id: Id| matches!(self.kind(id), Kind::Ones(_));
        let ones_row = |id: Id| matches!(self.kind(id), Kind::Transpose(inner) if ones(*inner));
        let body = match factors.as_slice() {
            [row, body] if ones_row(*row) => *body,
            [row, body, column] if ones_row(*row) && ones(*column) => *body,
            _ => return None,
        };
        let body = self.plain(body);
        let Kind::Elementwise(factors) = self.kind(body) else { return None };
        let two = |exponent: Id| self.as_integer(exponent) == Some(2);
        factors
            .iter()
            .all(|(_, exponent)| two(*exponent))
            .then(|| factors.iter().map(|(base, _)| *base).collect())
    }

    /// The second half of a word whose first half is its transpose: `A*x` of `x'*A'*A*x`.
    pub(crate) fn mirrored<'a>(&self, factors: &'a [Id]) -> Option<&'a [Id]> {
        let (left, right) = factors.split_at(factors.len() / 2);
        let mirrored = left.len() == right.len()
            && left.iter().zip(right.iter().rev()).all(|(row, column)| self.is_transpose_of(*row, *column));
        mirrored.then_some(right)
    }

    /// Whether one node is known to be the other's transpose.
    fn is_transpose_of(&self, a: Id, b: Id) -> bool {
        self.transposes[b.index()] == Some(a) || matches!(self.kind(a), Kind::Transpose(inner) if *inner == b)
    }

    /// Whether a size is 1.
    pub(crate) fn is_unit(&self, size: SizeId) -> bool {
        size == SizeId::ONE
    }
}

/// A positive number to a fractional power, where that is a rational number: square roots only.
fn exact_power(number: Number, exponent: Number) -> Option<Number> {
    let (numerator, 2) = exponent.as_ratio()? else { return None };
    let (above, below) = number.as_ratio()?;
    let root = |whole: i64| {
        let root = whole.checked_isqrt()?;
        (root * root == whole).then_some(root)
    };
    Number::ratio(root(above)?, root(below)?)?.power(numerator)
}
