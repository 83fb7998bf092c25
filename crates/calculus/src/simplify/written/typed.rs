//! Values as the source writes them.

use crate::simplify::form::kind::Id;
use crate::simplify::form::normal::Algebra;
use formula::{Formula, Node, NodeId};

/// The value as the source writes it, where that has the same terms or factors in another order.
pub(crate) fn as_typed(algebra: &Algebra, formula: &Formula, id: Id, value: NodeId) -> NodeId {
    let Some(typed) = algebra.typed.get(&id).copied().filter(|typed| *typed != value) else { return value };
    let sorted = |id: NodeId| {
        let mut parts = match formula.node(id) {
            Node::Add(parts) | Node::Times(parts) => parts.clone(),
            Node::Scale(_) => factors_of(formula, id),
            _ => Vec::new(),
        };
        parts.sort_unstable();
        parts
    };
    let is_alike = match (formula.node(typed), formula.node(value)) {
        (Node::Add(parts), Node::Add(_)) => !is_negative(formula, parts[0]) && sorted(typed) == sorted(value),
        (Node::Times(_), Node::Times(_)) | (Node::Scale(_), Node::Scale(_)) => sorted(typed) == sorted(value),
        // w'*x = x'*w
        (Node::Product(left), Node::Product(right)) => {
            formula.is_scalar(value)
                && left.len() == right.len()
                && left.iter().zip(right.iter().rev()).all(|(a, b)| is_transpose(formula, *a, *b))
        }
        _ => false,
    };
    if is_alike { typed } else { value }
}

fn factors_of(formula: &Formula, mut id: NodeId) -> Vec<NodeId> {
    let mut factors = Vec::new();
    while let Node::Scale([factor, rest]) = formula.node(id) {
        factors.push(*factor);
        id = *rest;
    }
    factors.push(id);
    factors
}

fn is_negative(formula: &Formula, id: NodeId) -> bool {
    let number = factors_of(formula, id).first().and_then(|first| formula.as_number(*first));
    number.is_some_and(|number| number.is_negative())
}

fn is_transpose(formula: &Formula, a: NodeId, b: NodeId) -> bool {
    matches!(formula.node(a), Node::Transpose(inner) if *inner == b)
        || matches!(formula.node(b), Node::Transpose(inner) if *inner == a)
}
