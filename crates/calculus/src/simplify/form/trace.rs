//! Traces in normal form: closed words without an edge of size 1, the same however they are rotated, transposed or written
//! as a sum of entries.

use crate::simplify::form::kind::{Id, Kind, Shape, SizeId, Term};
use crate::simplify::form::normal::Algebra;
use formula::{Number, Operator};
use std::cmp::Ordering;

/// The longest trace in which a square is looked for.
const SQUARE: usize = 16;

impl Algebra {
    /// The trace: scalars out, `tr(u*v') = v'*u`.
    pub(crate) fn trace(&mut self, of: Id) -> Id {
        if self.is_scalar(of) {
            return of;
        }
        let term = self.split(of);
        let Some(body) = term.body else { return of };
        if term.number.is_zero() {
            return Id::ZERO;
        }
        if let Some(value) = self.ruled(&Kind::Operator(Operator::Trace, body)) {
            let scalar = self.coefficient(&term);
            return self.scale(scalar, value);
        }
        let value = match self.kind(body).clone() {
            Kind::Word(factors) => self.trace_of_word(factors),
            Kind::Transpose(inner) => self.trace(inner),
            _ => {
                let transposed = self.transpose(body);
                let other = self.split(transposed);
                if other.body == Some(body) && other.number.is_negative() {
                    // A skew matrix has zeros on its diagonal.
                    return Id::ZERO;
                }
                let plain = other.number.is_one() && other.powers.is_empty();
                let side = if plain && self.plainer(transposed, body) { transposed } else { body };
                self.intern(Kind::Trace(vec![side]))
            }
        };
        let scalar = self.coefficient(&term);
        self.scale(scalar, value)
    }

    fn trace_of_word(&mut self, factors: Vec<Id>) -> Id {
        let edge = factors.iter().position(|factor| self.shape(*factor).cols == SizeId::ONE);
        if let Some(place) = edge {
            let rotated = rotation(&factors, place + 1);
            return self.word(&rotated);
        }
        if !self.spend(factors.len()) {
            return Id::ZERO;
        }
        // Neighbours across the cut may meet.
        let rotated = rotation(&factors, factors.len() / 2);
        let rotated = self.word(&rotated);
        let reduced = match self.split(rotated).body.map(|body| self.kind(body)) {
            Some(Kind::Word(met)) => met.len() < factors.len(),
            _ => true,
        };
        if reduced {
            return self.trace(rotated);
        }
        match factors.as_slice() {
            [left, right] => {
                let left = self.transpose(*left);
                let product = self.elementwise(&[(left, Id::ONE), (*right, Id::ONE)]);
                self.total(product)
            }
            _ => self.least_rotation(factors),
        }
    }

    /// The sum of the entries of an elementwise product as a trace, if one of its factors has the exponent 1 or it is a square.
    pub(crate) fn total_as_trace(&mut self, body: Id) -> Option<Id> {
        let body = self.plain(body);
        let (left, right) = self.halves(body)?;
        let left = self.transpose(left);
        let mut result = self.split(left);
        let term = self.split(right);
        self.multiply_into(&mut result, &term);
        let (left, right) = (result.body.take()?, term.body?);
        let mut factors = Vec::new();
        for half in [left, right] {
            match self.kind(half) {
                Kind::Word(inner) => factors.extend(inner.iter().copied()),
                _ => factors.push(half),
            }
        }
        let trace = if factors.len() == 2 {
            self.intern(Kind::Trace(factors))
        } else {
            let word = self.word(&factors);
            self.trace(word)
        };
        let scalar = self.join(result);
        Some(self.scale(scalar, trace))
    }

    /// Of all rotations of a word and of its transpose the one with the fewest transposes, then the first in order.
    fn least_rotation(&mut self, word: Vec<Id>) -> Id {
        let (mut sign, mut other) = (Number::ONE, Vec::with_capacity(word.len()));
        for factor in word.iter().rev() {
            let transposed = self.transpose(*factor);
            let term = self.split(transposed);
            let product = sign.times(term.number);
            sign = self.checked(product);
            other.push(term.body.unwrap_or(transposed));
        }
        let count = |factors: &[Id]| -> u64 {
            factors.iter().map(|factor| u64::from(self.key(*factor).transposes)).sum()
        };
        let (plain, turned) = (count(&word), count(&other));
        let word = rotation(&word, self.first_rotation(&word));
        let other = rotation(&other, self.first_rotation(&other));
        if word == other && sign.is_negative() {
            return Id::ZERO;
        }
        let order = plain.cmp(&turned).then_with(|| self.compare_lists(&word, &other));
        let (least, sign) = if order == Ordering::Greater { (other, sign) } else { (word, Number::ONE) };
        if let Some(half) = self.mirrored_half(&least) {
            // Kept ready for `norm(A*B)^2`.
            self.word(&half);
        }
        let trace = self.intern(Kind::Trace(least));
        self.scale_number(sign, trace)
    }

    /// Where the rotation begins that comes first in order.
    fn first_rotation(&self, word: &[Id]) -> usize {
        let at = |start: usize, step: usize| word[(start + step) % word.len()];
        let mut best = 0;
        for start in 1..word.len() {
            let order = (0..word.len())
                .map(|step| self.compare(at(start, step), at(best, step)))
                .find(|order| order.is_ne());
            if order == Some(Ordering::Less) {
                best = start;
            }
        }
        best
    }

    /// `A*B` of `tr(B'*A'*A*B)`, however it is rotated.
    fn mirrored_half(&self, factors: &[Id]) -> Option<Vec<Id>> {
        if factors.len() > SQUARE {
            return None;
        }
        (0..factors.len()).find_map(|start| {
            let rotated = rotation(factors, start);
            self.mirrored(&rotated).map(<[Id]>::to_vec)
        })
    }

    /// What a trace is the squared norm of.
    pub(crate) fn squared_trace(&self, factors: &[Id]) -> Option<Vec<Id>> {
        match self.mirrored_half(factors)?.as_slice() {
            [half] => Some(vec![*half]),
            half => self.find(&Kind::Word(half.to_vec())).map(|word| vec![word]),
        }
    }

    /// The sum of all entries.
    pub(crate) fn total(&mut self, id: Id) -> Id {
        let shape = self.shape(id);
        let left = self.ones(Shape { rows: SizeId::ONE, cols: shape.rows });
        let right = self.ones(Shape { rows: shape.cols, cols: SizeId::ONE });
        self.word(&[left, id, right])
    }

    /// A term as a value, its body left out where it is 1 x 1 and part of the coefficient.
    pub(crate) fn scaled_by(&mut self, mut term: Term, value: Id) -> Id {
        let inner = self.split(value);
        self.multiply_into(&mut term, &inner);
        term.body = inner.body;
        self.join(term)
    }
}

fn rotation(word: &[Id], start: usize) -> Vec<Id> {
    word[start..].iter().chain(&word[..start]).copied().collect()
}
