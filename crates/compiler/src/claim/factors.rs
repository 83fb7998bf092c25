//! Slips with factors: swapped, lost, too many, transposed.

use super::change::stands_for;
use super::edit::everywhere;
use super::search::Search;
use super::slips::{Candidate, Part};
use formula::{Formula, Node, NodeId};

/// Every order is tried of at most this many factors; of more, every swap of two.
const ORDERED: usize = 5;

/// The factors of a product in another order.
pub(super) fn swapped(search: &mut Search) -> Vec<Candidate> {
    stands_for(search, &|formula, id| {
        let factors = match formula.node(id).clone() {
            Node::Product(factors) => factors,
            Node::Kronecker([left, right]) => return vec![formula.kronecker(right, left)],
            // A product that is a scalar may have lost its place among the factors it scales.
            Node::Scale([scalar, value]) => match (formula.node(scalar).clone(), formula.node(value).clone())
            {
                (Node::Product(mut factors), Node::Product(more)) => {
                    factors.extend(more);
                    factors
                }
                (Node::Product(mut factors), _) => {
                    factors.push(value);
                    factors
                }
                _ => return Vec::new(),
            },
            _ => return Vec::new(),
        };
        orders(&factors).into_iter().filter_map(|order| formula.product(&order).ok()).collect()
    })
}

/// Other orders of these factors.
fn orders(factors: &[NodeId]) -> Vec<Vec<NodeId>> {
    let mut found = Vec::new();
    if factors.len() > ORDERED {
        for left in 0..factors.len() {
            for right in left + 1..factors.len() {
                let mut order = factors.to_vec();
                order.swap(left, right);
                found.push(order);
            }
            let mut order = factors.to_vec();
            order.rotate_left(left);
            found.push(order);
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
