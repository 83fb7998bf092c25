//! Slips with terms: lost or too many.

use super::change::spread;
use super::edit::everywhere;
use super::search::Search;
use super::slips::{Candidate, Part};
use formula::{Formula, Node, NodeId, Number, Operator};
use std::collections::HashMap;

/// A value is written out into at most this many terms.
const TERMS: usize = 64;

/// A term of the right answer that the claim lacks: one, or two.
pub(super) fn lost(search: &mut Search) -> Vec<Candidate> {
    let claimed = search.claimed;
    let mut found = Vec::new();
    for form in search.forms.clone() {
        for (right, terms) in dropped(&mut search.formula, form) {
            found.push(candidate(&mut search.formula, claimed, right, &terms, true));
        }
    }
    found
}

/// A term of the claim that is not in the right answer.
pub(super) fn too_many(search: &mut Search) -> Vec<Candidate> {
    let (claimed, right) = (search.claimed, search.right);
    let all = dropped(&mut search.formula, claimed);
    all.into_iter()
        .map(|(mended, terms)| candidate(&mut search.formula, mended, right, &terms, false))
        .collect()
}

fn candidate(
    formula: &mut Formula,
    claimed: NodeId,
    right: NodeId,
    terms: &Dropped,
    is_lost: bool,
) -> Candidate {
    let is_transpose = terms.gone.iter().all(|gone| {
        let transposed = formula.transpose(*gone);
        terms.left.contains(&transposed)
    });
    let says = match (is_lost, terms.gone.len(), is_transpose) {
        (true, 1, true) => "the term {0} is missing, the transpose of another one",
        (true, 1, false) => "the term {0} is missing",
        (true, 2, _) => "the terms {0} and {1} are missing",
        (true, _, _) => "only the term {0} is there",
        (false, 1, _) => "the term {0} is too many",
        (false, 2, _) => "the terms {0} and {1} are too many",
        (false, _, _) => "only the term {0} is right",
    };
    let named = if terms.gone.len() > 2 { &terms.left } else { &terms.gone };
    Candidate { claimed, right, says, parts: named.iter().map(|term| Part::Value(*term)).collect() }
}

/// What was left out of a sum, and what was left.
struct Dropped {
    gone: Vec<NodeId>,
    left: Vec<NodeId>,
}

/// A value without one or two terms of a sum, in every place, and of its own sum written out.
fn dropped(formula: &mut Formula, root: NodeId) -> Vec<(NodeId, Dropped)> {
    let mut found = Vec::new();
    let written_out = written_out(formula, root);
    let mut add = |formula: &Formula, whole: NodeId, before: &[NodeId], after: NodeId| {
        let left = match formula.node(after) {
            Node::Add(left) if !before.contains(&after) => left.clone(),
            _ => vec![after],
        };
        let gone: Vec<NodeId> = before.iter().copied().filter(|term| !left.contains(term)).collect();
        if !gone.is_empty() && (gone.len() <= 2 || left.len() == 1) {
            found.push((whole, Dropped { gone, left }));
        }
    };
    for (whole, before, after) in everywhere(formula, root, &fewer) {
        let Node::Add(parts) = formula.node(before).clone() else { continue };
        // Nobody loses all that varies inside of something: `sign(x - 100)` without x is a number by chance.
        if before != root && formula.variables(&[after]).is_empty() {
            continue;
        }
        add(formula, whole, &parts, after);
    }
    if written_out.len() > 1 {
        for left in subsets(&written_out) {
            if let Ok(value) = formula.add(&left) {
                add(formula, value, &written_out, value);
            }
        }
    }
    found
}

/// A sum without one or two of its parts.
fn fewer(formula: &mut Formula, id: NodeId) -> Vec<NodeId> {
    let Node::Add(parts) = formula.node(id).clone() else { return Vec::new() };
    subsets(&parts).into_iter().filter_map(|left| formula.add(&left).ok()).collect()
}

/// These terms without each one, then without each two, then each alone; something is left.
fn subsets(terms: &[NodeId]) -> Vec<Vec<NodeId>> {
    let without = |a: usize, b: usize| {
        let kept = terms.iter().enumerate().filter(|(at, _)| *at != a && *at != b);
        kept.map(|(_, term)| *term).collect::<Vec<_>>()
    };
    let ones = (0..terms.len()).map(|at| without(at, at));
    let twos = (0..terms.len()).flat_map(|a| (a + 1..terms.len()).map(move |b| without(a, b)));
    let limit = if terms.len() > 12 { terms.len() } else { usize::MAX };
    let alone = terms.iter().map(|term| vec![*term]);
    ones.chain(twos).filter(|left| !left.is_empty()).take(limit).chain(alone).collect()
}

/// The terms of a value with products written out over the sums in them; the value alone where there are too many.
fn written_out(formula: &mut Formula, root: NodeId) -> Vec<NodeId> {
    let mut terms: HashMap<NodeId, Vec<NodeId>> = HashMap::new();
    for id in formula.reachable(&[root]) {
        let of = |child: &NodeId| terms[child].clone();
        let node = formula.node(id).clone();
        let parts: Option<Vec<NodeId>> = match &node {
            Node::Add(parts) => Some(parts.iter().flat_map(of).collect()),
            Node::Product(_) | Node::Times(_) | Node::Scale(_) | Node::Kronecker(_) => {
                let choices: Vec<Vec<NodeId>> = node.children().iter().map(of).collect();
                each_choice(&choices)
                    .map(|all| all.iter().filter_map(|chosen| formula.rebuild(id, chosen).ok()).collect())
            }
            Node::Transpose(part)
            | Node::Unvec(part, _)
            | Node::Part(formula::Part { of: part, .. })
            | Node::Operator(
                Operator::Trace | Operator::Diagonal | Operator::DiagonalMatrix | Operator::Vec,
                part,
            ) => {
                let all = of(part);
                Some(all.iter().filter_map(|term| formula.rebuild(id, &[*term]).ok()).collect())
            }
            Node::Operator(Operator::Determinant | Operator::LogDeterminant | Operator::Inverse, _)
            | Node::Number(_)
            | Node::Size(_)
            | Node::Variable(_)
            | Node::Constant(..)
            | Node::Apply(_)
            | Node::Norm(_)
            | Node::Commutation(_)
            | Node::Call(_)
            | Node::Block(..) => None,
        };
        let parts = parts.filter(|parts| !parts.is_empty() && parts.len() <= TERMS);
        terms.insert(id, parts.unwrap_or_else(|| vec![id]));
    }
    terms.remove(&root).unwrap_or_else(|| vec![root])
}

/// Every way to choose one of each, unless there are too many.
fn each_choice(choices: &[Vec<NodeId>]) -> Option<Vec<Vec<NodeId>>> {
    let mut all: Vec<Vec<NodeId>> = vec![Vec::new()];
    for choice in choices {
        if all.len() * choice.len() > TERMS {
            return None;
        }
        all = all
            .iter()
            .flat_map(|begun| {
                choice.iter().map(move |next| {
                    let mut longer = begun.clone();
                    longer.push(*next);
                    longer
                })
            })
            .collect();
    }
    Some(all)
}

/// A value from the pool, 1 or the identity, added to each part of the claim or taken from it.
pub(super) fn lost_somewhere(search: &mut Search) -> Vec<Candidate> {
    let (claimed, right) = (search.claimed, search.right);
    let one = search.formula.number(Number::ONE);
    let mut pool = search.pool.clone();
    pool.push(one);
    let mut found = Vec::new();
    for term in pool {
        let transposed = search.formula.transpose(term);
        let Ok(minus) = search.formula.negate(term) else { continue };
        let Ok(minus_transposed) = search.formula.negate(transposed) else { continue };
        for term in [term, minus, transposed, minus_transposed] {
            let with = |formula: &mut Formula, id: NodeId| {
                let shape = formula.shape(id).clone();
                let term = if formula.is_scalar(term) { spread(formula, term, &shape) } else { Some(term) };
                term.and_then(|term| formula.add(&[id, term]).ok()).into_iter().collect()
            };
            for (whole, _, _) in everywhere(&mut search.formula, claimed, &with) {
                let says = "the term {0} is missing";
                found.push(Candidate { claimed: whole, right, says, parts: vec![Part::Value(term)] });
            }
        }
    }
    found
}
