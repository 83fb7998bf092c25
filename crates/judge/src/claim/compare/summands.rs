//! What is added up in values that are written without a plus: products of blocks, norms of blocks, and traces.

use crate::kinks::diagonal_of_block;
use formula::{Direction, Formula, Node, NodeId, Operator, Size};

/// The terms that a value is the sum of; none, where it is no such sum.
pub(super) fn summands(formula: &mut Formula, id: NodeId) -> Vec<NodeId> {
    let found = match formula.node(id).clone() {
        Node::Product(factors) => of_product(formula, &factors),
        Node::Operator(Operator::Trace, of) => diagonal_of_block(formula, of),
        Node::Norm(of) => of_norm(formula, id, of),
        Node::Add(parts) => Some(parts),
        _ => None,
    };
    found.unwrap_or_default()
}

/// `[A, B]*C = A*C1 + B*C2`, where C1 and C2 are the rows of C beside A and B; and `A*[B; C]` alike.
fn of_product(formula: &mut Formula, factors: &[NodeId]) -> Option<Vec<NodeId>> {
    let (at, left, right) = (0..factors.len() - 1).find_map(|at| {
        let [left, right] = [factors[at], factors[at + 1]];
        let is_block = |id: NodeId, wanted: Direction| {
            matches!(formula.node(id), Node::Block(direction, _) if *direction == wanted)
        };
        (is_block(left, Direction::Across) || is_block(right, Direction::Down)).then_some((at, left, right))
    })?;
    let lengths: Vec<Size> = match (formula.node(left), formula.node(right)) {
        (Node::Block(Direction::Across, parts), _) => {
            parts.iter().map(|part| formula.shape(*part).cols.clone()).collect()
        }
        (_, Node::Block(Direction::Down, parts)) => {
            parts.iter().map(|part| formula.shape(*part).rows.clone()).collect()
        }
        _ => return None,
    };
    let mut before = Size::number(0);
    let mut found = Vec::with_capacity(lengths.len());
    for length in lengths {
        let left = formula.part(left, Direction::Across, before.clone(), length.clone()).ok()?;
        let right = formula.part(right, Direction::Down, before.clone(), length.clone()).ok()?;
        let all = [&factors[..at], &[left, right], &factors[at + 2..]].concat();
        found.push(formula.product(&all).ok()?);
        before = before.add(&length);
    }
    Some(found)
}

/// `norm([A; B]) = norm(A)^2/norm([A; B]) + norm(B)^2/norm([A; B])`
fn of_norm(formula: &mut Formula, whole: NodeId, of: NodeId) -> Option<Vec<NodeId>> {
    let Node::Block(_, parts) = formula.node(of).clone() else { return None };
    let over = formula.reciprocal(whole).ok()?;
    let mut found = Vec::with_capacity(parts.len());
    for part in parts {
        let norm = formula.norm(part);
        let square = formula.scale(norm, norm).ok()?;
        found.push(formula.scale(over, square).ok()?);
    }
    Some(found)
}
