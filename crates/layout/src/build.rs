//! From nodes to pieces: one arm for each kind of node.

use crate::chain::Chain;
use crate::{Call, Factor, Layout, Piece, PieceId, Pieces, Term};
use formula::{Apply, Constant, Formula, Node, NodeId, Number, Part, Shape, Size};

/// Arranges a value of a formula for printing.
pub fn layout(formula: &Formula, id: NodeId) -> Layout<'_> {
    let mut pieces = Pieces::default();
    let root = pieces.lay_out(formula, id);
    Layout { formula, pieces, root }
}

impl Pieces {
    /// Lays out a value and what it is built from, as far as that has not been done. A node that is mentioned gets a slot at once and is
    /// laid out later, so that no recursion follows the depth of the formula.
    pub fn lay_out(&mut self, formula: &Formula, id: NodeId) -> PieceId {
        let mut builder = Builder { formula, pieces: self };
        let root = builder.slot(id);
        while let Some((node, slot)) = builder.pieces.waiting.pop() {
            builder.pieces.list[slot.index()] = builder.piece_of(node);
        }
        root
    }
}

/// A layout in the making.
pub(super) struct Builder<'f, 'p> {
    pub(super) formula: &'f Formula,
    pub(super) pieces: &'p mut Pieces,
}

impl Builder<'_, '_> {
    /// The piece of a node, now or later.
    pub(super) fn slot(&mut self, id: NodeId) -> PieceId {
        if let Some(slot) = self.pieces.slot(id) {
            return slot;
        }
        let slot = self.push(Piece::Pi);
        self.pieces.nodes[slot.index()] = Some(id);
        let needed = self.pieces.slots.len().max(id.index() + 1);
        self.pieces.slots.resize(needed, None);
        self.pieces.slots[id.index()] = Some(slot);
        self.pieces.waiting.push((id, slot));
        slot
    }

    /// A piece of its own.
    pub(super) fn push(&mut self, piece: Piece) -> PieceId {
        self.pieces.list.push(piece);
        self.pieces.nodes.push(None);
        PieceId(self.pieces.list.len() - 1)
    }

    fn piece_of(&mut self, id: NodeId) -> Piece {
        let formula = self.formula;
        match formula.node(id) {
            Node::Number(_) | Node::Scale(_) => {
                let chain = Chain::open(formula, id);
                self.signed(&chain)
            }
            Node::Size(size) => Piece::Size(size.clone()),
            Node::Variable(variable) => Piece::Name(variable.name.clone()),
            Node::Constant(constant, shape) => self.constant(*constant, shape),
            Node::Add(parts) => self.sum(parts),
            Node::Product(factors) => self.word(factors),
            Node::Times(factors) => self.elementwise(None, factors),
            Node::Apply(apply) => self.apply(id, apply),
            Node::Transpose(inner) => Piece::Transposed(self.slot(*inner)),
            Node::Norm(inner) => Piece::Norm(self.slot(*inner)),
            Node::Operator(operator, inner) => Piece::Operator(*operator, self.slot(*inner)),
            Node::Unvec(inner, shape) => Piece::Unvec(self.slot(*inner), shape.clone()),
            Node::Kronecker([left, right]) => Piece::Kronecker([self.slot(*left), self.slot(*right)]),
            Node::Commutation(sizes) => Piece::Commutation(sizes.clone()),
            Node::Call(call) => {
                let arguments = call.arguments.iter().map(|argument| self.slot(*argument)).collect();
                Piece::MatrixCall(call.function, arguments)
            }
            Node::Block(direction, parts) => {
                Piece::Block(*direction, parts.iter().map(|part| self.slot(*part)).collect())
            }
            Node::Part(Part { of, direction, before, length }) => Piece::Range {
                of: self.slot(*of),
                direction: *direction,
                first: before.add(&Size::number(1)),
                last: before.add(length),
            },
        }
    }

    fn constant(&mut self, constant: Constant, shape: &Shape) -> Piece {
        match constant {
            Constant::Ones => Piece::Ones(shape.clone()),
            Constant::Zeros => Piece::Zeros(shape.clone()),
            Constant::Identity => Piece::Identity(shape.rows.clone()),
            Constant::Pi => Piece::Pi,
        }
    }

    /// A scalar that was broadcast into a sum is printed bare, as long as another term shows the shape and none is an identity:
    /// `eye(n) - 1/n` would be taken for a multiple of it.
    fn sum(&mut self, parts: &[NodeId]) -> Piece {
        let chains: Vec<Chain> = parts.iter().map(|part| Chain::open(self.formula, *part)).collect();
        let bodies: Vec<NodeId> = chains.iter().filter_map(|chain| chain.body).collect();
        let is_shown = bodies.iter().any(|body| !is_ones(self.formula, *body))
            && !bodies.iter().any(|body| is_identity(self.formula, *body));
        let mut terms = Vec::with_capacity(parts.len());
        for (mut chain, part) in chains.into_iter().zip(parts) {
            let is_broadcast = is_shown && chain.body.is_some_and(|body| is_ones(self.formula, body));
            let is_negative = chain.is_negative;
            let piece = if is_broadcast || is_negative {
                if is_broadcast {
                    chain.body = None;
                }
                self.unsigned(&chain)
            } else {
                self.slot(*part)
            };
            terms.push(Term { is_negative, piece });
        }
        Piece::Sum(terms)
    }

    /// Factors and divisors in order, but the first is a factor: `1/m` in front of the node, or 1 where all divide.
    pub(super) fn elementwise(&mut self, front: Option<PieceId>, nodes: &[NodeId]) -> Piece {
        let mut factors = Vec::with_capacity(nodes.len() + 1);
        for &node in nodes {
            factors.push(match reciprocal(self.formula, node) {
                Some((base, exponent)) => Factor { is_divisor: true, piece: self.raised(base, exponent) },
                None => Factor { is_divisor: false, piece: self.slot(node) },
            });
        }
        let first = match (front, factors.iter().position(|factor| !factor.is_divisor)) {
            (Some(front), _) => Factor { is_divisor: false, piece: front },
            (None, Some(place)) => factors.remove(place),
            (None, None) => Factor { is_divisor: false, piece: self.push(Piece::Number(Number::ONE)) },
        };
        factors.insert(0, first);
        Piece::Elementwise(factors)
    }

    fn apply(&mut self, id: NodeId, apply: &Apply) -> Piece {
        if self.formula.is_power(apply)
            && let [base, exponent] = apply.arguments.as_slice()
        {
            return self.power(id, *base, *exponent);
        }
        let arguments = self.arguments(&apply.arguments);
        Piece::Call(Call { function: apply.function, marks: apply.marks.clone(), arguments })
    }

    fn power(&mut self, id: NodeId, base: NodeId, exponent: NodeId) -> Piece {
        if let Some((base, exponent)) = reciprocal(self.formula, id) {
            let divisor = self.raised(base, exponent);
            let one = self.push(Piece::Number(Number::ONE));
            return if self.formula.is_scalar(id) {
                Piece::Quotient(one, divisor)
            } else {
                let factor = |is_divisor, piece| Factor { is_divisor, piece };
                Piece::Elementwise(vec![factor(false, one), factor(true, divisor)])
            };
        }
        if self.formula.as_number(exponent) == Number::ratio(1, 2) {
            return Piece::Root(self.slot(base));
        }
        let elementwise = !self.formula.is_scalar(id);
        let arguments = self.arguments(&[base, exponent]);
        Piece::Power { base: arguments[0], exponent: arguments[1], elementwise }
    }

    /// The arguments of a function; scalars that were broadcast are printed bare beside a matrix.
    fn arguments(&mut self, nodes: &[NodeId]) -> Vec<PieceId> {
        let formula = self.formula;
        let chains: Vec<Chain> = nodes.iter().map(|node| Chain::open(formula, *node)).collect();
        let shows_shape = |chain: &Chain| chain.body.is_some_and(|body| !is_ones(formula, body));
        let is_shown = chains.iter().any(shows_shape);
        let mut pieces = Vec::with_capacity(nodes.len());
        for (mut chain, node) in chains.into_iter().zip(nodes) {
            let is_broadcast = is_shown && chain.body.is_some_and(|body| is_ones(formula, body));
            pieces.push(if is_broadcast {
                chain.body = None;
                let piece = self.unsigned(&chain);
                if chain.is_negative { self.push(Piece::Negated(piece)) } else { piece }
            } else {
                self.slot(*node)
            });
        }
        pieces
    }

    /// A base to a positive power.
    pub(super) fn raised(&mut self, base: NodeId, exponent: Number) -> PieceId {
        let slot = self.slot(base);
        if exponent.is_one() {
            return slot;
        }
        if Number::ratio(1, 2) == Some(exponent) {
            return self.push(Piece::Root(slot));
        }
        let elementwise = !self.formula.is_scalar(base);
        let exponent = self.number(exponent);
        self.push(Piece::Power { base: slot, exponent, elementwise })
    }
}

/// The base and the positive power of `1/x^y`, where the power is a number.
pub(super) fn reciprocal(formula: &Formula, id: NodeId) -> Option<(NodeId, Number)> {
    let Node::Apply(apply) = formula.node(id) else { return None };
    let [base, exponent] = apply.arguments.as_slice() else { return None };
    let exponent = formula.as_number(*exponent).filter(|number| number.is_negative())?;
    // A number to a matrix power has no matrix to divide by.
    let fits = formula.is_scalar(*base) == formula.is_scalar(id);
    (fits && formula.is_power(apply)).then_some((*base, -exponent))
}

/// Whether every entry is 1.
pub(super) fn is_ones(formula: &Formula, id: NodeId) -> bool {
    match formula.node(id) {
        Node::Constant(constant, _) => *constant == Constant::Ones,
        Node::Transpose(inner) => matches!(formula.node(*inner), Node::Constant(Constant::Ones, _)),
        Node::Product(factors) => {
            matches!(factors.as_slice(), [left, right] if is_ones_column(formula, *left) && is_ones_row(formula, *right))
        }
        _ => false,
    }
}

fn is_identity(formula: &Formula, id: NodeId) -> bool {
    matches!(formula.node(id), Node::Constant(Constant::Identity, _))
}

/// Whether it is a column of ones.
pub(super) fn is_ones_column(formula: &Formula, id: NodeId) -> bool {
    matches!(formula.node(id), Node::Constant(Constant::Ones, shape) if shape.is_column())
}

/// Whether it is a row of ones.
pub(super) fn is_ones_row(formula: &Formula, id: NodeId) -> bool {
    matches!(formula.node(id), Node::Transpose(inner) if is_ones_column(formula, *inner))
}
