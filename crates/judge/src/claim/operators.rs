//! A wrong operator: one of `+ - * .* ./` where another belongs.

use super::change::{spread, stands_for};
use super::search::Search;
use super::slips::Candidate;
use formula::{Apply, Body, Formula, Node, NodeId, Number, Primitive};

/// Every operator of the claim replaced by the others, in each place where it joins two parts.
pub(super) fn wrong(search: &mut Search) -> Vec<Candidate> {
    stands_for(search, &|formula, id| {
        let mut found = Vec::new();
        match formula.node(id).clone() {
            Node::Add(parts) => {
                found.extend(signs(formula, &parts));
                for at in 1..parts.len() {
                    // Multiplication binds more tightly, so it joins neighbours.
                    let (left, right) = (parts[at - 1], parts[at]);
                    let mut joined = products(formula, left, right);
                    if let Some(plain) = without_minus(formula, right) {
                        joined.extend(products(formula, left, plain));
                    }
                    for value in joined {
                        let mut others = parts.clone();
                        others.splice(at - 1..=at, [value]);
                        found.extend(formula.add(&others));
                    }
                }
            }
            Node::Product(factors) => {
                for at in 1..factors.len() {
                    let (left, right) = (formula.product(&factors[..at]), formula.product(&factors[at..]));
                    if let (Ok(left), Ok(right)) = (left, right) {
                        found.extend(sums(formula, left, right));
                        found.extend(products(formula, left, right));
                    }
                }
                found.extend(grouped(formula, &factors));
            }
            Node::Times(factors) => {
                for at in 0..factors.len() {
                    let mut others = factors.clone();
                    if let Some(upside_down) = reciprocal(formula, factors[at]) {
                        others[at] = upside_down;
                        found.extend(formula.times(&others));
                    }
                    if at == 0 {
                        continue;
                    }
                    let (left, right) = (formula.times(&factors[..at]), formula.times(&factors[at..]));
                    if let (Ok(left), Ok(right)) = (left, right) {
                        found.extend(sums(formula, left, right));
                        found.extend(formula.product(&[left, right]));
                        if let Some(right) = reciprocal(formula, right) {
                            found.extend(sums(formula, left, right));
                            found.extend(formula.product(&[left, right]));
                        }
                    }
                    let neighbours = [factors[at - 1], factors[at]];
                    if let Ok(value) = formula.product(&neighbours) {
                        let mut others = factors.clone();
                        others.splice(at - 1..=at, [value]);
                        found.extend(formula.times(&others));
                    }
                }
            }
            Node::Scale([scalar, value]) => {
                if let Some(upside_down) = reciprocal(formula, scalar) {
                    found.extend(formula.scale(upside_down, value));
                    found.extend(sums(formula, value, upside_down));
                }
                // A minus sign is no product, and neither is a scalar that is spread over a matrix.
                let is_plain = formula.as_number(scalar) != Some(Number::MINUS_ONE)
                    && !matches!(formula.node(value), Node::Constant(..));
                if is_plain {
                    found.extend(sums(formula, scalar, value));
                    found.extend(sums(formula, value, scalar));
                }
                if let Some(upside_down) = reciprocal(formula, value) {
                    found.extend(formula.scale(scalar, upside_down));
                }
            }
            Node::Apply(Apply { function, arguments, .. }) => {
                let is_power = formula.function(function).body == Body::Primitive(Primitive::POWER);
                if let (true, [base, exponent]) = (is_power, arguments.as_slice()) {
                    if let Ok(minus) = formula.negate(*exponent) {
                        found.extend(formula.power(*base, minus));
                    }
                    // `X.^2` for `X^2`.
                    if formula.as_number(*exponent) == Some(Number::integer(2)) {
                        found.extend(formula.product(&[*base, *base]));
                    }
                }
            }
            Node::Number(_)
            | Node::Size(_)
            | Node::Variable(_)
            | Node::Constant(..)
            | Node::Transpose(_)
            | Node::Norm(_)
            | Node::Operator(..)
            | Node::Unvec(..)
            | Node::Kronecker(_)
            | Node::Commutation(_)
            | Node::Call(_)
            | Node::Block(..)
            | Node::Part(_) => {}
        }
        found
    })
}

/// A product in which two neighbouring groups of factors are multiplied entry by entry.
fn grouped(formula: &mut Formula, factors: &[NodeId]) -> Vec<NodeId> {
    const LONGEST: usize = 7;
    let mut found = Vec::new();
    for left in 0..factors.len().min(LONGEST) {
        for middle in left + 1..factors.len().min(LONGEST) {
            for right in middle + 1..=factors.len().min(LONGEST) {
                let groups =
                    (formula.product(&factors[left..middle]), formula.product(&factors[middle..right]));
                let (Ok(before), Ok(after)) = groups else { continue };
                for value in products(formula, before, after) {
                    let mut others = factors.to_vec();
                    others.splice(left..right, [value]);
                    found.extend(formula.product(&others));
                }
            }
        }
    }
    found
}

/// A sum with the sign of one part changed, or of all from one on.
fn signs(formula: &mut Formula, parts: &[NodeId]) -> Vec<NodeId> {
    let mut found = Vec::new();
    let Ok(minus) = parts.iter().map(|part| formula.negate(*part)).collect::<Result<Vec<_>, _>>() else {
        return found;
    };
    let plain: Vec<NodeId> = parts
        .iter()
        .zip(&minus)
        .map(|(part, minus)| without_minus(formula, *part).unwrap_or(*minus))
        .collect();
    for at in 0..parts.len() {
        let mut one = parts.to_vec();
        one[at] = plain[at];
        found.extend(formula.add(&one));
    }
    for at in 1..parts.len() {
        let mut rest = parts.to_vec();
        rest[at..].copy_from_slice(&plain[at..]);
        found.extend(formula.add(&rest));
    }
    found
}

/// The value whose negative this is.
fn without_minus(formula: &Formula, id: NodeId) -> Option<NodeId> {
    match formula.node(id) {
        Node::Scale([scalar, value]) if formula.as_number(*scalar) == Some(Number::MINUS_ONE) => Some(*value),
        _ => None,
    }
}

/// The sum and the differences of two values; a scalar stands for a matrix of it.
fn sums(formula: &mut Formula, left: NodeId, right: NodeId) -> Vec<NodeId> {
    let (a, b) = (formula.shape(left).clone(), formula.shape(right).clone());
    let (left, right) = if a == b {
        (Some(left), Some(right))
    } else if a.is_scalar() {
        (spread(formula, left, &b), Some(right))
    } else if b.is_scalar() {
        (Some(left), spread(formula, right, &a))
    } else {
        (None, None)
    };
    let (Some(left), Some(right)) = (left, right) else { return Vec::new() };
    let mut found: Vec<NodeId> = formula.add(&[left, right]).into_iter().collect();
    if let Ok(minus) = formula.negate(right) {
        found.extend(formula.add(&[left, minus]));
    }
    found
}

/// The products and quotients of two values.
fn products(formula: &mut Formula, left: NodeId, right: NodeId) -> Vec<NodeId> {
    let mut found: Vec<NodeId> = formula.times(&[left, right]).into_iter().collect();
    found.extend(formula.product(&[left, right]));
    if let Some(right) = reciprocal(formula, right) {
        found.extend(formula.times(&[left, right]));
    }
    found
}

/// 1 by a value, entry by entry; the value itself where it is 1 by something.
fn reciprocal(formula: &mut Formula, id: NodeId) -> Option<NodeId> {
    if formula.is_zero(id) {
        return None;
    }
    if let Node::Apply(Apply { function, arguments, .. }) = formula.node(id).clone()
        && formula.function(function).body == Body::Primitive(Primitive::POWER)
        && let [base, exponent] = arguments.as_slice()
        && let Some(number) = formula.as_number(*exponent)
    {
        if number == Number::MINUS_ONE {
            return Some(*base);
        }
        let minus = formula.number(-number);
        return formula.power(*base, minus).ok();
    }
    formula.reciprocal(id).ok()
}
