//! The scalar in front of a value: a number times powers of scalars, in the canonical shape of [`tidy`](super::tidy()).

use formula::{Apply, Body, Formula, Node, NodeId, Number, Primitive, ShapeError};
use std::collections::HashMap;

/// A number times powers of scalars.
pub(super) struct Coefficient {
    number: Number,
    /// Bases with their exponents, in order of appearance. An exponent may come to be 0.
    powers: Vec<(NodeId, Number)>,
    /// The place of each base in `powers`; only looked up.
    places: HashMap<NodeId, usize>,
}

impl Coefficient {
    /// The coefficient 1.
    pub(super) fn one() -> Coefficient {
        Coefficient { number: Number::ONE, powers: Vec::new(), places: HashMap::new() }
    }

    /// Multiplies by the scalars of a value and returns what they stand in front of: the matrix, or nothing for a scalar.
    pub(super) fn take(&mut self, formula: &mut Formula, id: NodeId) -> Option<NodeId> {
        let mut body = None;
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            match formula.node(id) {
                Node::Scale([scalar, value]) => stack.extend([*value, *scalar]),
                Node::Number(number) => self.multiply_number(formula, *number),
                Node::Size(_)
                | Node::Variable(_)
                | Node::Constant(..)
                | Node::Add(_)
                | Node::Product(_)
                | Node::Times(_)
                | Node::Apply(_)
                | Node::Transpose(_)
                | Node::Norm(_)
                | Node::Operator(..)
                | Node::Unvec(..)
                | Node::Kronecker(_)
                | Node::Commutation(_)
                | Node::Call(_)
                | Node::Block(..)
                | Node::Part(_) => {
                    if formula.is_scalar(id) {
                        let (base, exponent) = power_of(formula, id).unwrap_or((id, Number::ONE));
                        self.multiply_power(base, exponent);
                    } else {
                        // A chain of scales ends in one matrix.
                        body = Some(id);
                    }
                }
            }
        }
        body
    }

    /// This coefficient to a whole power; `None` for 0 to a negative power and on overflow.
    pub(super) fn power(self, exponent: i64) -> Option<Coefficient> {
        let number = self.number.power(exponent)?;
        let powers = self
            .powers
            .into_iter()
            .map(|(base, inner)| Some((base, inner.times(Number::integer(exponent))?)))
            .collect::<Option<Vec<_>>>()?;
        Some(Coefficient { number, powers, places: self.places })
    }

    /// The coefficient as a node, positive powers before negative ones.
    pub(super) fn build(&self, formula: &mut Formula) -> Result<NodeId, ShapeError> {
        if self.number.is_zero() {
            return Ok(formula.number(Number::ZERO));
        }
        let above = self.powers.iter().filter(|(_, exponent)| *exponent > Number::ZERO);
        let below = self.powers.iter().filter(|(_, exponent)| exponent.is_negative());
        let mut factors = vec![formula.number(self.number)];
        for (base, exponent) in above.chain(below) {
            factors.push(if exponent.is_one() {
                *base
            } else {
                let exponent = formula.number(*exponent);
                formula.power(*base, exponent)?
            });
        }
        let mut product = formula.number(Number::ONE);
        for factor in factors.into_iter().rev() {
            product = formula.scale(factor, product)?;
        }
        Ok(product)
    }

    /// The coefficient times a matrix.
    pub(super) fn scale(&self, formula: &mut Formula, body: NodeId) -> Result<NodeId, ShapeError> {
        let scalar = self.build(formula)?;
        formula.scale(scalar, body)
    }

    fn multiply_number(&mut self, formula: &mut Formula, number: Number) {
        match self.number.times(number) {
            Some(product) => self.number = product,
            // Beyond every representation the two numbers stay two factors.
            None => {
                let base = formula.number(number);
                self.multiply_power(base, Number::ONE);
            }
        }
    }

    fn multiply_power(&mut self, base: NodeId, exponent: Number) {
        let known = self.places.get(&base).and_then(|place| self.powers.get_mut(*place));
        match known.and_then(|(_, before)| before.plus(exponent).map(|sum| (before, sum))) {
            Some((before, sum)) => *before = sum,
            None => {
                self.places.insert(base, self.powers.len());
                self.powers.push((base, exponent));
            }
        }
    }
}

/// A tidy value as a number times the rest; a number is itself times 1.
pub(super) fn without_number(formula: &mut Formula, id: NodeId) -> Result<(Number, NodeId), ShapeError> {
    if let Some(number) = formula.as_number(id) {
        return Ok((number, formula.number(Number::ONE)));
    }
    let &Node::Scale([scalar, body]) = formula.node(id) else { return Ok((Number::ONE, id)) };
    if let Some(number) = formula.as_number(scalar) {
        return Ok((number, body));
    }
    let &Node::Scale([first, rest]) = formula.node(scalar) else { return Ok((Number::ONE, id)) };
    match formula.as_number(first) {
        Some(number) => Ok((number, formula.scale(rest, body)?)),
        None => Ok((Number::ONE, id)),
    }
}

/// A number times a tidy value that has none in front.
pub(super) fn with_number(formula: &mut Formula, number: Number, rest: NodeId) -> Result<NodeId, ShapeError> {
    let number = formula.number(number);
    if let &Node::Scale([scalar, body]) = formula.node(rest)
        && !formula.is_scalar(rest)
    {
        let scalar = formula.scale(number, scalar)?;
        return formula.scale(scalar, body);
    }
    formula.scale(number, rest)
}

/// Base and exponent of a power whose exponent is a number.
pub(crate) fn power_of(formula: &Formula, id: NodeId) -> Option<(NodeId, Number)> {
    let Node::Apply(Apply { function, marks, arguments }) = formula.node(id) else { return None };
    let [base, exponent] = arguments.as_slice() else { return None };
    let power = marks.is_empty() && formula.function(*function).body == Body::Primitive(Primitive::POWER);
    // A number as base takes its shape from the exponent, so it stays as it is.
    if power && formula.as_number(*base).is_none() {
        Some((*base, formula.as_number(*exponent)?))
    } else {
        None
    }
}
