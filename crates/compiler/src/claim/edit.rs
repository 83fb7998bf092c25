//! One place of a value changed: where its parts occur, and the whole with another part in one place.

use formula::{Formula, NodeId};

/// A part of a value in one of the places where it stands.
#[derive(Clone, Debug)]
pub(super) struct Occurrence {
    /// The part.
    pub node: NodeId,
    /// The parents from the value down to the part, each with the place among its children.
    path: Vec<(NodeId, usize)>,
}

/// At most this many places are looked at.
const LIMIT: usize = 300;

/// The places of a value, the outermost first.
pub(super) fn occurrences(formula: &Formula, root: NodeId) -> Vec<Occurrence> {
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
pub(super) fn replace(formula: &mut Formula, occurrence: &Occurrence, new: NodeId) -> Option<NodeId> {
    let mut value = new;
    for (parent, place) in occurrence.path.iter().rev() {
        let mut children = formula.node(*parent).children().to_vec();
        children[*place] = value;
        value = formula.rebuild(*parent, &children).ok()?;
    }
    Some(value)
}

/// Every way to put the parts of one place in another order or grouping: the whole value for each change that `changes` makes of
/// a part, with the part before and after.
pub(super) fn everywhere(
    formula: &mut Formula,
    root: NodeId,
    changes: &dyn Fn(&mut Formula, NodeId) -> Vec<NodeId>,
) -> Vec<(NodeId, NodeId, NodeId)> {
    let mut found = Vec::new();
    for occurrence in occurrences(formula, root) {
        for new in changes(formula, occurrence.node) {
            if new != occurrence.node
                && let Some(whole) = replace(formula, &occurrence, new)
                && whole != root
            {
                found.push((whole, occurrence.node, new));
            }
        }
    }
    found
}
