//! Slips with factors: swapped, lost, too many, transposed.

use super::change::stands_for;
use super::edit::{everywhere, spread_scalar};
use super::search::Search;
use super::slips::{Candidate, Part};
use formula::{Formula, Node, NodeId};

/// Every order is tried of at most this many factors; of more, every swap of two, and of two neighbouring groups.
const ORDERED: usize = 5;

/// The factors of a product in another order.
pub(super) fn swapped(search: &mut Search) -> Vec<Candidate> {
    stands_for(search, &|formula, id| {
        match formula.node(id).clone() {
            Node::Kronecker([left, right]) => return vec![formula.kronecker(right, left)],
            Node::Product(_) | Node::Scale(_) => {}
            _ => return Vec::new(),
        }
        let (mut scalars, mut factors) = (Vec::new(), Vec::new());
        // A product that came out as a scalar was spread over a matrix, or scales one.
        let value = spread_scalar(formula, id).unwrap_or(id);
        factors_of(formula, value, &mut scalars, &mut factors);
        let orders = orders(&factors);
        orders.into_iter().filter_map(|order| in_order(formula, &scalars, &order)).collect()
    })
}

/// The scalars and the other factors that a value is the product of.
fn factors_of(formula: &Formula, id: NodeId, scalars: &mut Vec<NodeId>, factors: &mut Vec<NodeId>) {
    let mut waiting = vec![id];
    while let Some(id) = waiting.pop() {
        match formula.node(id) {
            Node::Scale(pair) => waiting.extend(pair.iter().rev()),
            Node::Product(parts) => factors.extend(parts),
            _ if formula.is_scalar(id) => scalars.push(id),
            _ => factors.push(id),
        }
    }
}

/// The product in this order; a part of it that comes out as a scalar scales the rest.
fn in_order(formula: &mut Formula, scalars: &[NodeId], order: &[NodeId]) -> Option<NodeId> {
    let mut words = scalars.to_vec();
    let mut word: Option<NodeId> = None;
    for &factor in order {
        word = Some(match word {
            None => factor,
            Some(word) if formula.is_scalar(word) => {
                words.push(word);
                factor
            }
            Some(word) => formula.product(&[word, factor]).ok()?,
        });
    }
    words.extend(word);
    formula.product(&words).ok()
}

/// Other orders of these factors.
fn orders(factors: &[NodeId]) -> Vec<Vec<NodeId>> {
    let count = factors.len();
    if count > ORDERED {
        let mut found = Vec::new();
        for left in 0..count {
            for middle in left + 1..count {
                let mut order = factors.to_vec();
                order.swap(left, middle);
                found.push(order);
                for right in middle + 1..=count {
                    let mut order = factors.to_vec();
                    order[left..right].rotate_left(middle - left);
                    found.push(order);
                }
            }
        }
        return found;
    }
    // Each factor is put in every place of every order of those before it.
    let mut all: Vec<Vec<NodeId>> = vec![Vec::new()];
    for factor in factors {
        all = all
            .iter()
            .flat_map(|order| {
                (0..=order.len()).map(move |place| {
                    let mut longer = order.clone();
                    longer.insert(place, *factor);
                    longer
                })
            })
            .collect();
    }
    all
}

/// A part transposed, where its shape allows it.
pub(super) fn transposed(search: &mut Search) -> Vec<Candidate> {
    stands_for(search, &|formula, id| {
        if formula.is_scalar(id) { Vec::new() } else { vec![formula.transpose(id)] }
    })
}

/// A factor left out of a product.
fn without_one(formula: &mut Formula, id: NodeId) -> Vec<(NodeId, NodeId)> {
    let mut found = Vec::new();
    match formula.node(id).clone() {
        Node::Product(factors) => {
            for place in 0..factors.len() {
                let mut fewer = factors.clone();
                let factor = fewer.remove(place);
                found.extend(formula.product(&fewer).map(|value| (value, factor)));
            }
        }
        Node::Times(factors) => {
            for place in 0..factors.len() {
                let mut fewer = factors.clone();
                let factor = fewer.remove(place);
                found.extend(formula.times(&fewer).map(|value| (value, factor)));
            }
        }
        Node::Scale([scalar, value]) => found.push((value, scalar)),
        Node::Kronecker([left, right]) => found.extend([(left, right), (right, left)]),
        Node::Number(_)
        | Node::Size(_)
        | Node::Variable(_)
        | Node::Constant(..)
        | Node::Add(_)
        | Node::Apply(_)
        | Node::Transpose(_)
        | Node::Norm(_)
        | Node::Operator(..)
        | Node::Unvec(..)
        | Node::Commutation(_)
        | Node::Call(_)
        | Node::Block(..)
        | Node::Part(_) => {}
    }
    found
}

/// A factor of the right answer that the claim lacks.
pub(super) fn lost(search: &mut Search) -> Vec<Candidate> {
    let claimed = search.claimed;
    let mut found = Vec::new();
    for form in search.forms.clone() {
        for (right, factor) in dropped(&mut search.formula, form) {
            let says = "the factor {0} is missing";
            found.push(Candidate { claimed, right, says, parts: vec![Part::Value(factor)] });
        }
    }
    found
}

/// A factor of the claim that is not in the right answer.
pub(super) fn too_many(search: &mut Search) -> Vec<Candidate> {
    let (claimed, right) = (search.claimed, search.right);
    let says = "the factor {0} is too many";
    dropped(&mut search.formula, claimed)
        .into_iter()
        .map(|(claimed, factor)| Candidate { claimed, right, says, parts: vec![Part::Value(factor)] })
        .collect()
}

/// A value without one factor, in every place, and that factor.
fn dropped(formula: &mut Formula, root: NodeId) -> Vec<(NodeId, NodeId)> {
    let all = everywhere(formula, root, &|formula, id| {
        without_one(formula, id).into_iter().map(|(value, _)| value).collect()
    });
    all.into_iter()
        .map(|(whole, before, after)| {
            let factor = without_one(formula, before).into_iter().find(|(value, _)| *value == after);
            (whole, factor.map_or(before, |(_, factor)| factor))
        })
        .collect()
}

/// A factor from the pool, put to each part of the claim.
pub(super) fn lost_somewhere(search: &mut Search) -> Vec<Candidate> {
    let (claimed, right) = (search.claimed, search.right);
    let mut found = Vec::new();
    for factor in search.pool.clone() {
        let with = |formula: &mut Formula, id: NodeId| {
            if formula.as_number(factor).is_some() || formula.as_number(id).is_some() {
                return Vec::new();
            }
            let transposed = formula.transpose(factor);
            let mut values: Vec<NodeId> = Vec::new();
            for factor in [factor, transposed] {
                values.extend(formula.times(&[id, factor]));
                values.extend(formula.product(&[factor, id]));
                values.extend(formula.product(&[id, factor]));
            }
            values
        };
        for (whole, _, _) in everywhere(&mut search.formula, claimed, &with) {
            let says = "the factor {0} is missing";
            found.push(Candidate { claimed: whole, right, says, parts: vec![Part::Value(factor)] });
        }
    }
    found
}
