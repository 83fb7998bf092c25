//! Chains of scalars in front of a value: `-2*lambda/m*(A - Y)`.

use crate::build::{Builder, reciprocal};
use crate::{Piece, PieceId};
use formula::{Formula, Node, NodeId, Number};

/// So many products are opened at once; those inside are parts of their own, which are counted before they are written. A product
/// of a value with itself, again and again, has more factors than can be told.
const OPENED: usize = 5_000;

/// A value taken apart into its sign, its numbers, its scalars, its divisors and at most one matrix.
pub(super) struct Chain {
    pub(super) is_negative: bool,
    numbers: Vec<Number>,
    scalars: Vec<NodeId>,
    divisors: Vec<(NodeId, Number)>,
    pub(super) body: Option<NodeId>,
}

impl Chain {
    /// Takes a value apart, left to right.
    pub(super) fn open(formula: &Formula, id: NodeId) -> Chain {
        let mut chain = Chain {
            is_negative: false,
            numbers: Vec::new(),
            scalars: Vec::new(),
            divisors: Vec::new(),
            body: None,
        };
        let (mut waiting, mut opened) = (vec![id], 0);
        while let Some(id) = waiting.pop() {
            if let Node::Scale([scalar, value]) = formula.node(id)
                && opened < OPENED
            {
                opened += 1;
                waiting.extend([*value, *scalar]);
            } else if let Some(number) = formula.as_number(id) {
                chain.is_negative ^= number.is_negative();
                chain.numbers.push(number.abs());
            } else if !formula.is_scalar(id) {
                chain.body = Some(id);
            } else if let Some(divisor) = reciprocal(formula, id) {
                chain.divisors.push(divisor);
            } else {
                chain.scalars.push(id);
            }
        }
        chain
    }

    /// Whether only ones stand in front of one value.
    fn is_bare(&self) -> bool {
        let values = self.scalars.len() + usize::from(self.body.is_some());
        values == 1 && self.divisors.is_empty() && self.numbers.iter().all(|number| number.is_one())
    }
}

impl Builder<'_, '_> {
    /// A chain with its sign.
    pub(super) fn signed(&mut self, chain: &Chain) -> Piece {
        let piece = self.unsigned(chain);
        if chain.is_negative {
            Piece::Negated(piece)
        } else if chain.is_bare() {
            // Two signs were all there was.
            Piece::Negated(self.push(Piece::Negated(piece)))
        } else {
            self.pieces.list[piece.index()].clone()
        }
    }

    /// A chain without its sign: `2*lambda/m*X`, `norm(X)^2/m`, `X/m`, `2 ./ X`.
    pub(super) fn unsigned(&mut self, chain: &Chain) -> PieceId {
        let (mut above, mut below) = (Vec::new(), Vec::new());
        for number in &chain.numbers {
            let (numerator, denominator) = number.as_quotient();
            above.extend((!numerator.is_one()).then(|| self.push(Piece::Number(numerator))));
            below.extend((!denominator.is_one()).then(|| self.push(Piece::Number(denominator))));
        }
        let (words, plain): (Vec<NodeId>, Vec<NodeId>) =
            chain.scalars.iter().copied().partition(|id| self.is_scalar_product(*id));
        above.extend(plain.iter().map(|id| self.slot(*id)));
        // `2*a'*x` needs no brackets; `(a'*x)*(b'*x)` and `(a'*x)*X` do, or they would be read as other products.
        let last = match (words.as_slice(), chain.body) {
            ([word], None) => Some(self.slot(*word)),
            _ => {
                for word in words {
                    let slot = self.slot(word);
                    above.push(self.push(Piece::Grouped(slot)));
                }
                None
            }
        };
        for (base, exponent) in &chain.divisors {
            below.push(self.raised(*base, *exponent));
        }
        match (chain.body, last) {
            (Some(body), _) => self.scaled_matrix(above, below, body),
            (None, Some(word)) => {
                let value = match self.joined(above) {
                    Some(scalar) => self.push(Piece::Scaled(scalar, word)),
                    None => word,
                };
                self.over(value, below)
            }
            (None, None) => {
                let value = match self.joined(above) {
                    Some(scalar) => scalar,
                    None => self.push(Piece::Number(Number::ONE)),
                };
                self.over(value, below)
            }
        }
    }

    fn scaled_matrix(&mut self, above: Vec<PieceId>, below: Vec<PieceId>, body: NodeId) -> PieceId {
        let divides: Option<Vec<NodeId>> = match self.formula.node(body) {
            Node::Times(factors) => factors
                .iter()
                .all(|factor| reciprocal(self.formula, *factor).is_some())
                .then(|| factors.clone()),
            _ => reciprocal(self.formula, body).map(|_| vec![body]),
        };
        let is_plain = above.is_empty() && below.is_empty();
        let scalar = self.joined(above);
        match (divides, scalar) {
            // `2 ./ X`, not `2*1 ./ X`.
            (Some(divisors), scalar) if !is_plain => {
                let front = match scalar {
                    Some(scalar) => scalar,
                    None => self.push(Piece::Number(Number::ONE)),
                };
                let front = self.over(front, below);
                let piece = self.elementwise(Some(front), &divisors);
                self.push(piece)
            }
            (_, Some(scalar)) => {
                let scalar = self.over(scalar, below);
                let body = self.slot(body);
                self.push(Piece::Scaled(scalar, body))
            }
            (_, None) => {
                let body = self.slot(body);
                self.over(body, below)
            }
        }
    }

    fn over(&mut self, value: PieceId, below: Vec<PieceId>) -> PieceId {
        match self.joined(below) {
            Some(divisor) => self.push(Piece::Quotient(value, divisor)),
            None => value,
        }
    }

    fn joined(&mut self, mut scalars: Vec<PieceId>) -> Option<PieceId> {
        match scalars.len() {
            0 | 1 => scalars.pop(),
            _ => Some(self.push(Piece::Scalars(scalars))),
        }
    }

    /// A number of any sign, for a place of its own.
    pub(super) fn number(&mut self, number: Number) -> PieceId {
        let (numerator, denominator) = number.abs().as_quotient();
        let mut piece = self.push(Piece::Number(numerator));
        if !denominator.is_one() {
            let denominator = self.push(Piece::Number(denominator));
            piece = self.push(Piece::Quotient(piece, denominator));
        }
        if number.is_negative() { self.push(Piece::Negated(piece)) } else { piece }
    }

    /// Whether a scalar prints as a product of matrices.
    fn is_scalar_product(&self, id: NodeId) -> bool {
        match self.formula.node(id) {
            Node::Product(factors) => !self.is_total(factors),
            _ => false,
        }
    }
}
