//! On which sides of 0 a value may lie, as far as its structure tells: no square, norm or exponential is below it.

use formula::{Body, Constant, Formula, FunctionId, Name, Node, NodeId, Operator, Row};
use std::collections::{BTreeMap, HashMap};

use super::Side;

/// On which sides of 0 a value may lie; 0 itself is on neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signs {
    above: bool,
    below: bool,
}

/// Numbers at which a function is asked for its signs.
const ASKED: [f64; 26] = [
    1e-12, 1e-3, 0.1, 0.3, 0.5, 0.8, 0.95, 1.0, 1.3, 1.5, 1.8, 2.0, 2.5, 3.0, 3.7, 4.5, 5.0, 5.6, 6.0, 7.5,
    10.0, 15.0, 30.0, 100.0, 1e3, 1e6,
];
/// As deep as pages are looked into.
const DEEPEST: usize = 8;

impl Signs {
    const ANY: Signs = Signs { above: true, below: true };
    const NONE: Signs = Signs { above: false, below: false };
    const ABOVE: Signs = Signs { above: true, below: false };

    fn of(value: f64) -> Signs {
        Signs { above: value > 0.0, below: value < 0.0 }
    }

    pub fn may_be(self, side: Side) -> bool {
        match side {
            Side::Above => self.above,
            Side::Below => self.below,
        }
    }

    fn or(self, other: Signs) -> Signs {
        Signs { above: self.above || other.above, below: self.below || other.below }
    }

    fn times(self, other: Signs) -> Signs {
        Signs {
            above: self.above && other.above || self.below && other.below,
            below: self.above && other.below || self.below && other.above,
        }
    }
}

/// The signs of a value.
pub(super) fn signs(formula: &Formula, root: NodeId) -> Signs {
    signs_of(formula, root, &BTreeMap::new(), 0)
}

/// The signs of a value whose variables may have fewer signs than any.
fn signs_of(formula: &Formula, root: NodeId, variables: &BTreeMap<Name, Signs>, depth: usize) -> Signs {
    let mut known: HashMap<NodeId, Signs> = HashMap::new();
    for id in formula.reachable(&[root]) {
        let found = {
            let of = |part: &NodeId| known.get(part).copied().unwrap_or(Signs::ANY);
            let any = |parts: &[NodeId]| parts.iter().map(of).fold(Signs::NONE, Signs::or);
            match formula.node(id) {
                Node::Number(number) => Signs::of(number.value()),
                Node::Size(_) | Node::Norm(_) | Node::Commutation(_) => Signs::ABOVE,
                Node::Variable(variable) => {
                    let is_signed =
                        syntax::told(variable.properties).iter().any(|row| row.has_no_entry_below_zero());
                    let declared = if is_signed { Signs::ABOVE } else { Signs::ANY };
                    variables.get(&variable.name).copied().unwrap_or(declared)
                }
                Node::Constant(Constant::Zeros, _) => Signs::NONE,
                Node::Constant(Constant::Ones | Constant::Identity | Constant::Pi, _) => Signs::ABOVE,
                Node::Add(parts) | Node::Block(_, parts) => any(parts),
                Node::Scale(parts) | Node::Kronecker(parts) => all(parts, of),
                Node::Times(parts) => all(parts, of),
                // A column times its transpose is its length squared.
                Node::Product(parts) if formula.is_scalar(id) && is_square(formula, parts) => Signs::ABOVE,
                Node::Product(parts) => all(parts, of),
                Node::Operator(Operator::Trace, part) if matches!(formula.node(*part), Node::Product(parts) if is_square(formula, parts)) => {
                    Signs::ABOVE
                }
                Node::Transpose(part) | Node::Unvec(part, _) => of(part),
                Node::Part(part) => of(&part.of),
                Node::Operator(
                    Operator::Trace | Operator::Vec | Operator::Diagonal | Operator::DiagonalMatrix,
                    part,
                ) => of(part),
                Node::Operator(Operator::Determinant | Operator::LogDeterminant | Operator::Inverse, _) => {
                    Signs::ANY
                }
                Node::Apply(apply) if !apply.marks.is_empty() => Signs::ANY,
                Node::Apply(apply) => match formula.function(apply.function).body {
                    Body::Primitive(primitive) => {
                        of_primitive(formula, primitive.row(), &apply.arguments, of)
                    }
                    Body::Defined(body) => {
                        of_page(formula, (apply.function, body), &apply.arguments, of, depth)
                    }
                    Body::Abstract => Signs::ANY,
                },
                Node::Call(call) => match formula.function(call.function).body {
                    Body::Defined(body) => {
                        of_page(formula, (call.function, body), &call.arguments, of, depth)
                    }
                    Body::Primitive(_) | Body::Abstract => Signs::ANY,
                },
            }
        };
        known.insert(id, found);
    }
    known.get(&root).copied().unwrap_or(Signs::ANY)
}

/// Of a product of entries; each factor that is there twice is a square.
fn all(parts: &[NodeId], of: impl Fn(&NodeId) -> Signs) -> Signs {
    let mut counts: BTreeMap<NodeId, usize> = BTreeMap::new();
    for part in parts {
        *counts.entry(*part).or_default() += 1;
    }
    let sign = |(part, count): (&NodeId, &usize)| match (of(part), count % 2) {
        (Signs::NONE, _) => Signs::NONE,
        (_, 0) => Signs::ABOVE,
        (signs, _) => signs,
    };
    counts.iter().map(sign).fold(Signs::ABOVE, Signs::times)
}

/// Whether the second half of the factors is the transpose of the first.
fn is_square(formula: &Formula, parts: &[NodeId]) -> bool {
    let is_transpose = |one: &NodeId, other: &NodeId| match (formula.node(*one), formula.node(*other)) {
        (Node::Transpose(part), _) if part == other => true,
        (_, Node::Transpose(part)) => part == one,
        _ => false,
    };
    let pairs = parts.iter().zip(parts.iter().rev()).take(parts.len() / 2);
    parts.len().is_multiple_of(2) && pairs.into_iter().all(|(one, other)| is_transpose(one, other))
}

/// Of a primitive: those of its values at numbers of these signs.
fn of_primitive(formula: &Formula, row: &Row, arguments: &[NodeId], of: impl Fn(&NodeId) -> Signs) -> Signs {
    let asked = |argument: &NodeId| -> Vec<f64> {
        if let Some(number) = formula.as_number(*argument) {
            return vec![number.value()];
        }
        let signs = of(argument);
        let above = ASKED.into_iter().filter(|_| signs.above);
        above.chain(ASKED.into_iter().filter(|_| signs.below).map(|number| -number)).chain([0.0]).collect()
    };
    let values = |of: &[f64]| Signs::of((row.value)(of));
    match arguments {
        [only] => asked(only).into_iter().map(|x| values(&[x])).fold(Signs::NONE, Signs::or),
        [left, right] => {
            let right = asked(right);
            let pairs = asked(left).into_iter().flat_map(|x| right.iter().map(move |y| [x, *y]));
            pairs.map(|pair| values(&pair)).fold(Signs::NONE, Signs::or)
        }
        _ => Signs::ANY,
    }
}

/// Of a page: those of its body where the parameters have the signs of the arguments.
fn of_page(
    formula: &Formula,
    (function, body): (FunctionId, NodeId),
    arguments: &[NodeId],
    of: impl Fn(&NodeId) -> Signs,
    depth: usize,
) -> Signs {
    if depth == DEEPEST {
        return Signs::ANY;
    }
    let parameters = formula.function(function).parameters.iter().cloned();
    let variables = parameters.zip(arguments.iter().map(of)).collect();
    signs_of(formula, body, &variables, depth + 1)
}
