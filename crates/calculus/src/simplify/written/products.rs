//! Terms and products written as formulas: scalars in front, divisors last, norms as norms, and one sum that takes the sign of the whole.

use super::read_back::ReadBack;
use crate::simplify::form::kind::{Id, Kind, Term};
use crate::simplify::form::normal::Algebra;
use formula::{Formula, Node, NodeId, Number, ShapeError};

/// Factors of a scalar or of an elementwise product, those to negative powers apart, which come last.
#[derive(Default)]
struct Quotient {
    above: Vec<NodeId>,
    below: Vec<NodeId>,
}

impl ReadBack {
    /// `c*a^e*...*X` as it stands, but for one sum whose signs were turned.
    pub(crate) fn scaled(
        &self,
        algebra: &Algebra,
        formula: &mut Formula,
        term: &Term,
        turned: Option<(Id, NodeId)>,
    ) -> Result<NodeId, ShapeError> {
        let mut scalars = Quotient { above: vec![formula.number(term.number)], below: Vec::new() };
        // A sign is taken once.
        let holds = |power: &(Id, Id)| turned.is_some_and(|(sum, _)| algebra.holds(*power, sum));
        let place = term.powers.iter().position(holds);
        for (at, power) in term.powers.iter().enumerate() {
            self.multiply(algebra, formula, &mut scalars, *power, (turned, place == Some(at)))?;
        }
        let body = match term.body {
            Some(body) => self.body(algebra, formula, body, turned.filter(|_| place.is_none()))?,
            None => formula.number(Number::ONE),
        };
        let mut scalar = formula.number(Number::ONE);
        for factor in scalars.above.into_iter().chain(scalars.below).rev() {
            scalar = formula.scale(factor, scalar)?;
        }
        formula.scale(scalar, body)
    }

    /// The body of a term, with the first of its factors that is the turned sum replaced.
    fn body(
        &self,
        algebra: &Algebra,
        formula: &mut Formula,
        body: Id,
        turned: Option<(Id, NodeId)>,
    ) -> Result<NodeId, ShapeError> {
        let Some((sum, node)) = turned else { return Ok(self.known[&body]) };
        if body == sum {
            return Ok(node);
        }
        match algebra.kind(body) {
            Kind::Word(factors) | Kind::Closed(factors) => {
                let place = factors.iter().position(|factor| algebra.holds((*factor, Id::ONE), sum));
                let mut word = Vec::with_capacity(factors.len());
                for (at, factor) in factors.iter().enumerate() {
                    word.push(match Some(at) == place {
                        true => self.body(algebra, formula, *factor, turned)?,
                        false => self.known[factor],
                    });
                }
                formula.product(&word)
            }
            Kind::Elementwise(factors) => self.elementwise(algebra, formula, factors, turned),
            Kind::Transpose(inner) => {
                let inner = self.body(algebra, formula, *inner, turned)?;
                Ok(formula.transpose(inner))
            }
            Kind::Operator(operator, inner) => {
                let inner = self.body(algebra, formula, *inner, turned)?;
                formula.operator(*operator, inner)
            }
            _ => Ok(self.known[&body]),
        }
    }

    pub(super) fn elementwise(
        &self,
        algebra: &Algebra,
        formula: &mut Formula,
        factors: &[(Id, Id)],
        turned: Option<(Id, NodeId)>,
    ) -> Result<NodeId, ShapeError> {
        let mut product = Quotient::default();
        // A sign is taken once.
        let place =
            factors.iter().position(|factor| turned.is_some_and(|(sum, _)| algebra.holds(*factor, sum)));
        for (at, factor) in factors.iter().enumerate() {
            self.multiply(algebra, formula, &mut product, *factor, (turned, place == Some(at)))?;
        }
        product.above.append(&mut product.below);
        formula.times(&product.above)
    }

    /// One more factor of a quotient: the base, or, where it takes the sign, what it is with the turned sum, to its power.
    fn multiply(
        &self,
        algebra: &Algebra,
        formula: &mut Formula,
        quotient: &mut Quotient,
        (base, exponent): (Id, Id),
        (turned, takes): (Option<(Id, NodeId)>, bool),
    ) -> Result<(), ShapeError> {
        let number = algebra.as_number(exponent);
        let norm =
            number.map(|number| self.norm(algebra, formula, (base, number), turned)).transpose()?.flatten();
        let value = match norm {
            Some(norm) => norm,
            None => {
                let base = self.body(algebra, formula, base, turned.filter(|_| takes))?;
                if exponent == Id::ONE {
                    base
                } else {
                    self.roots.raise(formula, base, self.known[&exponent])?
                }
            }
        };
        match number {
            Some(number) if number.is_negative() => quotient.below.push(value),
            _ => quotient.above.push(value),
        }
        Ok(())
    }

    /// `norm(X)^(2*e)` for the power e of a closed word that is the square of a norm; `w'*w` stays for a variable w. It has no sign, so
    /// a sum whose signs were turned beside it is turned in it too.
    pub(super) fn norm(
        &self,
        algebra: &Algebra,
        formula: &mut Formula,
        (id, exponent): (Id, Number),
        turned: Option<(Id, NodeId)>,
    ) -> Result<Option<NodeId>, ShapeError> {
        let Some(factors) = algebra.squared(id) else { return Ok(None) };
        let Some(double) = exponent.times(Number::integer(2)).filter(|double| double.as_integer().is_some())
        else {
            return Ok(None);
        };
        if algebra.is_plain_square(id) && exponent.abs().is_one() {
            return Ok(None);
        }
        let written = |factor: &Id| match turned {
            Some((sum, node)) if sum == *factor => node,
            _ => self.known[factor],
        };
        let factors: Vec<NodeId> = factors.iter().map(written).collect();
        let mut product = formula.times(&factors)?;
        // It is that of the transpose.
        if let Node::Transpose(inner) = formula.node(product) {
            product = *inner;
        }
        let norm = formula.norm(product);
        let exponent = formula.number(double);
        self.roots.raise(formula, norm, exponent).map(Some)
    }
}
