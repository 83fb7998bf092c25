//! How much work a value is, to choose among forms of one size.

use formula::{Formula, Node, NodeId, Operator, Size};

/// About how many operations of numbers a node takes beyond its parts, with ten for every size that has only a name.
pub(crate) fn operations(formula: &Formula, id: NodeId) -> u64 {
    let length = |size: &Size| {
        let term = |(names, count): &(Vec<formula::Name>, i64)| {
            names.iter().fold(count.unsigned_abs(), |product, _| product.saturating_mul(10))
        };
        size.terms().iter().map(term).fold(0_u64, u64::saturating_add)
    };
    let extent = |id: NodeId| {
        let shape = formula.shape(id);
        (length(&shape.rows), length(&shape.cols))
    };
    let (rows, cols) = extent(id);
    let entries = rows.saturating_mul(cols);
    match formula.node(id) {
        Node::Number(_)
        | Node::Size(_)
        | Node::Variable(_)
        | Node::Constant(..)
        | Node::Transpose(_)
        | Node::Commutation(_)
        | Node::Unvec(..)
        | Node::Block(..)
        | Node::Part(_)
        | Node::Operator(Operator::Vec | Operator::Diagonal | Operator::DiagonalMatrix, _) => 0,
        Node::Add(parts) | Node::Times(parts) => entries.saturating_mul(parts.len() as u64 - 1),
        Node::Scale(_) | Node::Apply(_) | Node::Kronecker(_) => entries,
        Node::Norm(inner) | Node::Operator(Operator::Trace, inner) => {
            let (rows, cols) = extent(*inner);
            rows.saturating_mul(cols)
        }
        Node::Call(call) => call.arguments.iter().fold(0, |sum: u64, argument| {
            let (rows, cols) = extent(*argument);
            sum.saturating_add(rows.saturating_mul(cols))
        }),
        Node::Operator(Operator::Determinant | Operator::LogDeterminant | Operator::Inverse, inner) => {
            let (rows, _) = extent(*inner);
            rows.saturating_mul(rows).saturating_mul(rows)
        }
        // Row by row from the left or column by column from the right, whichever is less.
        Node::Product(factors) => {
            let steps = |outer: u64, factors: &mut dyn Iterator<Item = &NodeId>| {
                factors.skip(1).fold(0_u64, |sum, factor| {
                    let (rows, cols) = extent(*factor);
                    sum.saturating_add(outer.saturating_mul(rows).saturating_mul(cols))
                })
            };
            steps(rows, &mut factors.iter()).min(steps(cols, &mut factors.iter().rev()))
        }
    }
}
