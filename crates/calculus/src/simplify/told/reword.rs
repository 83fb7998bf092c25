//! What the same normal form was written as and is written as: the smallest part that changes, and the rows that say so.

use crate::simplify::told::step::{Used, exchanged};
use formula::{Constant, Formula, Node, NodeId, Operator};

/// The smallest part of a value in which it differs from another, and what that part is there, where exchanging it makes the other. Only
/// terms, what a number scales and transposes are parts here: of values that are equal, others need not be.
pub(crate) fn changed_part(formula: &mut Formula, before: NodeId, after: NodeId) -> (NodeId, NodeId) {
    let (mut from, mut to) = (before, after);
    while matches!(formula.node(from), Node::Add(_) | Node::Scale(_) | Node::Transpose(_)) {
        let (old, new) = (formula.node(from).children().to_vec(), formula.node(to).children().to_vec());
        let mut places = (0..old.len().min(new.len())).filter(|place| old[*place] != new[*place]);
        let (Some(place), None) = (places.next(), places.next()) else { break };
        let is_scalar = matches!(formula.node(from), Node::Scale(_)) && place == 0;
        if is_scalar || old.len() != new.len() || formula.rebuild(from, &new).ok() != Some(to) {
            break;
        }
        (from, to) = (old[place], new[place]);
    }
    if exchanged(formula, before, from, to) == Some(after) { (from, to) } else { (before, after) }
}

/// The names of the rows by which a part is written as another of the same normal form; none where only order, signs and numbers
/// are others.
pub(crate) fn rewordings(formula: &Formula, from: NodeId, to: NodeId) -> Vec<Used> {
    let [old, new] = [from, to].map(|root| formula.reachable(&[root]));
    let differs = |is: &dyn Fn(&Node) -> bool| {
        let count = |nodes: &[NodeId]| nodes.iter().filter(|id| is(formula.node(**id))).count();
        count(&old) != count(&new)
    };
    let is_zero = matches!(formula.node(to), Node::Constant(Constant::Zeros, _));
    let mut names = Vec::new();
    let is_constant = |wanted: Constant| move |node: &Node| matches!(node, Node::Constant(constant, _) if *constant == wanted);
    if is_zero {
        return vec![Used::named("a product with zero")];
    }
    if differs(&is_constant(Constant::Zeros)) {
        names.push("sum with zero");
    }
    if differs(&is_constant(Constant::Identity)) {
        names.push("product with the identity");
    }
    if differs(&|node| matches!(node, Node::Norm(_))) {
        names.push("square of a norm");
    }
    if differs(&|node| matches!(node, Node::Operator(Operator::Trace, _))) {
        names.push("trace of a product by entries");
    } else if differs(&is_constant(Constant::Ones)) {
        names.push("sum of an elementwise product");
    }
    if differs(&|node| matches!(node, Node::Unvec(..) | Node::Operator(Operator::Vec, _))) {
        names.push("unvec of a vec");
    }
    let turned = |nodes: &[NodeId], others: &[NodeId]| -> Vec<NodeId> {
        let inner = |id: &NodeId| match formula.node(*id) {
            Node::Transpose(inner) if !others.contains(id) => Some(*inner),
            _ => None,
        };
        nodes.iter().filter_map(inner).collect()
    };
    let inner = [turned(&old, &new), turned(&new, &old)].concat();
    let is_turned = |is: &dyn Fn(&Node) -> bool| inner.iter().any(|id| is(formula.node(*id)));
    if is_turned(&|node| matches!(node, Node::Add(_))) {
        names.push("transpose of a sum");
    }
    if is_turned(&|node| matches!(node, Node::Product(_))) {
        names.push("transpose of a product");
    }
    if is_turned(&|node| matches!(node, Node::Times(_) | Node::Apply(_))) {
        names.push("transpose of an elementwise product");
    }
    if names.is_empty() && !inner.is_empty() {
        names.push("transpose of a product");
    }
    names.into_iter().map(Used::named).collect()
}
