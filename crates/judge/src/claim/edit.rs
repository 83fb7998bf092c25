//! One place of a value changed: where its parts occur, and the whole with another part in one place.

use formula::{Constant, Formula, Node, NodeId};
use std::collections::{BTreeMap, HashMap};

/// A part of a value in one of the places where it stands.
#[derive(Clone, Debug)]
struct Occurrence {
    /// The part.
    node: NodeId,
    /// The parents from the value down to the part, each with the place among its children.
    path: Vec<(NodeId, usize)>,
}

/// At most this many places are looked at.
const LIMIT: usize = 300;

/// The places of a value, the outermost first.
fn occurrences(formula: &Formula, root: NodeId) -> Vec<Occurrence> {
    let mut found = vec![Occurrence { node: root, path: Vec::new() }];
    let mut next = 0;
    while next < found.len() && found.len() < LIMIT {
        let Occurrence { node, path } = found[next].clone();
        next += 1;
        for (place, child) in formula.node(node).children().iter().enumerate() {
            let mut path = path.clone();
            path.push((node, place));
            found.push(Occurrence { node: *child, path });
        }
    }
    found
}

/// The whole value with something else in this place; `None` where its shape does not fit there.
fn replace(formula: &mut Formula, occurrence: &Occurrence, new: NodeId) -> Option<NodeId> {
    let mut value = new;
    for (parent, place) in occurrence.path.iter().rev() {
        let mut children = formula.node(*parent).children().to_vec();
        children[*place] = value;
        value = match formula.rebuild(*parent, &children) {
            Ok(value) => value,
            Err(_) if matches!(formula.node(*parent), Node::Add(_)) => level(formula, &children)?,
            Err(_) => return None,
        };
    }
    Some(value)
}

/// The sum of parts of which some are scalars: each stands for a matrix of it where a matrix is among them, and a scalar that was
/// spread over a matrix is one again where none is.
fn level(formula: &mut Formula, parts: &[NodeId]) -> Option<NodeId> {
    let plain: Vec<NodeId> =
        parts.iter().map(|part| spread_scalar(formula, *part).unwrap_or(*part)).collect();
    let shape = plain.iter().map(|part| formula.shape(*part)).find(|shape| !shape.is_scalar()).cloned();
    let Some(shape) = shape else { return formula.add(&plain).ok() };
    let level: Result<Vec<NodeId>, _> = plain.iter().map(|part| formula.broadcast(*part, &shape)).collect();
    formula.add(&level.ok()?).ok()
}

/// The scalar s of `s*ones(m, n)`.
pub(super) fn spread_scalar(formula: &mut Formula, id: NodeId) -> Option<NodeId> {
    let (mut scalars, mut rest) = (Vec::new(), id);
    loop {
        match *formula.node(rest) {
            Node::Scale([scalar, value]) => {
                scalars.push(scalar);
                rest = value;
            }
            Node::Constant(Constant::Ones, _) if !scalars.is_empty() => {
                return formula.product(&scalars).ok();
            }
            _ => return None,
        }
    }
}

/// The whole value for each change that `changes` makes of a part, in one place and, where the part stands in several, in all of
/// them; each with the part before and after.
pub(super) fn everywhere(
    formula: &mut Formula,
    root: NodeId,
    changes: &dyn Fn(&mut Formula, NodeId) -> Vec<NodeId>,
) -> Vec<(NodeId, NodeId, NodeId)> {
    let mut found = Vec::new();
    let occurrences = occurrences(formula, root);
    let mut counts: BTreeMap<NodeId, usize> = BTreeMap::new();
    for occurrence in &occurrences {
        *counts.entry(occurrence.node).or_default() += 1;
    }
    for occurrence in occurrences {
        let node = occurrence.node;
        // The first time, all places at once.
        let is_shared = counts.remove(&node).is_some_and(|count| count > 1);
        for new in changes(formula, node) {
            if new == node {
                continue;
            }
            let mut wholes = Vec::new();
            if is_shared {
                wholes.extend(formula.substitute(root, &mut HashMap::from([(node, new)])));
            }
            wholes.extend(replace(formula, &occurrence, new));
            found.extend(wholes.into_iter().filter(|whole| *whole != root).map(|whole| (whole, node, new)));
        }
    }
    found
}
