//! Transposes in normal form: they go into words and stay outside sums, elementwise products and functions, of which only
//! one of E and E' is stored.

use crate::simplify::form::block::turned;
use crate::simplify::form::kind::{Id, Kind, SizeId};
use crate::simplify::form::normal::Algebra;
use formula::{Number, Operator};

impl Algebra {
    /// The transpose of a value.
    pub(crate) fn transpose(&mut self, id: Id) -> Id {
        if self.is_scalar(id) {
            return id;
        }
        if let Some(known) = self.transposes[id.index()] {
            return known;
        }
        let value = self.transpose_of(id);
        self.transposes[id.index()] = Some(value);
        if self.transposes[value.index()].is_none() {
            self.transposes[value.index()] = Some(id);
        }
        value
    }

    /// What a value is the stored transpose of, or the value.
    pub(crate) fn plain(&self, id: Id) -> Id {
        if let Kind::Transpose(inner) = self.kind(id) { *inner } else { id }
    }

    fn transpose_of(&mut self, id: Id) -> Id {
        match self.kind(id).clone() {
            Kind::Transpose(inner) => inner,
            Kind::Identity(_) => id,
            Kind::Zeros(rows, cols) => self.intern(Kind::Zeros(cols, rows)),
            Kind::Variable(rank) if self.ranks.variables[rank].symmetric => id,
            Kind::Term(mut term) => {
                term.body = term.body.map(|body| self.transpose(body));
                // A skew body brings a sign of its own.
                let Some(body) = term.body else { return id };
                let inner = self.split(body);
                term.body = inner.body;
                self.multiply_into(&mut term, &inner);
                self.join(term)
            }
            Kind::Word(factors) => {
                let factors: Vec<Id> = factors.iter().rev().map(|factor| self.transpose(*factor)).collect();
                self.word(&factors)
            }
            Kind::Add(_) | Kind::Elementwise(_) | Kind::Apply(..) => {
                let shape = self.shape(id);
                if shape.rows == shape.cols {
                    let inward = self.inward(id);
                    // Symmetric, or skew: K' = -K.
                    if inward == id {
                        return id;
                    }
                    let negative = self.negate(id);
                    if inward == negative || self.is_negated_sum(id, inward) {
                        return negative;
                    }
                }
                self.intern(Kind::Transpose(id))
            }
            Kind::Operator(Operator::Inverse, inner) => {
                // Symmetric or skew like what it is of.
                let transposed = self.transpose(inner);
                let term = self.split(transposed);
                if term.body == Some(inner) {
                    self.scale_number(term.number, id)
                } else {
                    self.intern(Kind::Transpose(id))
                }
            }
            Kind::Operator(Operator::DiagonalMatrix, _) => id,
            Kind::Kronecker(left, right) => {
                let (left, right) = (self.transpose(left), self.transpose(right));
                self.kronecker(left, right)
            }
            Kind::Commutation(rows, cols) => self.intern(Kind::Commutation(cols, rows)),
            Kind::Block(direction, parts) => {
                let parts: Vec<Id> = parts.into_iter().map(|part| self.transpose(part)).collect();
                self.block(turned(direction), &parts)
            }
            Kind::Part(of, direction, before, length) => {
                let transposed = self.transpose(of);
                // Where the transpose stays outside, it stays outside of the part too.
                if matches!(self.kind(transposed), Kind::Transpose(inner) if *inner == of) {
                    return self.intern(Kind::Transpose(id));
                }
                self.part(transposed, turned(direction), before, length)
            }
            Kind::Variable(_)
            | Kind::Ones(_)
            | Kind::Size(_)
            | Kind::Pi
            | Kind::Closed(_)
            | Kind::Trace(_)
            | Kind::Operator(..)
            | Kind::Unvec(..)
            | Kind::Call(..) => self.intern(Kind::Transpose(id)),
        }
    }

    fn is_negated_sum(&mut self, id: Id, inward: Id) -> bool {
        let Kind::Add(parts) = self.kind(id).clone() else { return false };
        let negated = parts.into_iter().map(|part| self.negate(part)).collect();
        self.raw_sum(negated) == inward
    }

    /// The transpose of a sum, elementwise product or application with the transposes on its parts.
    pub(crate) fn inward(&mut self, id: Id) -> Id {
        match self.kind(id).clone() {
            Kind::Add(parts) => {
                let parts = parts.into_iter().map(|part| self.transpose(part)).collect();
                self.raw_sum(parts)
            }
            Kind::Elementwise(factors) => {
                let mut sign = Number::ONE;
                let mut transposed = Vec::with_capacity(factors.len());
                for (factor, exponent) in factors {
                    let mut factor = self.transpose(factor);
                    let term = self.split(factor);
                    if let (Some(body), true, Some(whole)) =
                        (term.body, term.number == Number::MINUS_ONE, self.as_integer(exponent))
                    {
                        factor = body;
                        if whole % 2 != 0 {
                            sign = -sign;
                        }
                    }
                    transposed.push((factor, exponent));
                }
                let value = self.raw_elementwise(transposed);
                self.scale_number(sign, value)
            }
            Kind::Apply(function, marks, arguments) => {
                let arguments = arguments.into_iter().map(|argument| self.transpose(argument)).collect();
                self.intern(Kind::Apply(function, marks, arguments))
            }
            Kind::Term(_)
            | Kind::Size(_)
            | Kind::Pi
            | Kind::Variable(_)
            | Kind::Ones(_)
            | Kind::Zeros(..)
            | Kind::Identity(_)
            | Kind::Word(_)
            | Kind::Closed(_)
            | Kind::Trace(_)
            | Kind::Transpose(_)
            | Kind::Operator(..)
            | Kind::Unvec(..)
            | Kind::Kronecker(..)
            | Kind::Commutation(..)
            | Kind::Call(..)
            | Kind::Block(..)
            | Kind::Part(..) => self.transpose(id),
        }
    }

    /// Of a value and its transpose the one that is stored: columns before rows, then fewer transposes, then the order.
    pub(crate) fn orient(&mut self, id: Id) -> Id {
        if self.is_scalar(id) {
            return id;
        }
        let inward = self.inward(id);
        let same_kind = match (self.kind(id), self.kind(inward)) {
            (Kind::Add(_), Kind::Add(parts)) => {
                // The sign is settled first.
                parts.first().is_some_and(|part| !self.split(*part).number.is_negative())
                    && !self.turned.contains(parts)
            }
            (Kind::Elementwise(_), Kind::Elementwise(_)) | (Kind::Apply(..), Kind::Apply(..)) => true,
            _ => false,
        };
        if inward == id || !same_kind || !self.stored_before(inward, id) {
            return id;
        }
        self.intern(Kind::Transpose(inward))
    }

    fn stored_before(&self, a: Id, b: Id) -> bool {
        let rank = |id: Id| {
            let shape = self.shape(id);
            (shape.cols != SizeId::ONE, shape.rows == SizeId::ONE, self.key(id).transposes)
        };
        rank(a).cmp(&rank(b)).then_with(|| self.compare(a, b)).is_lt()
    }
}
