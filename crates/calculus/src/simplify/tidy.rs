//! Light arithmetic that leaves the structure of a formula alone: scalars gathered in front, neutral parts gone, equal
//! terms counted.

use super::coefficient::{Coefficient, power_of, with_number, without_number};
use formula::{
    Apply, Body, Constant, Formula, FunctionId, Node, NodeId, Number, Primitive, Shape, ShapeError,
};
use std::collections::HashMap;

/// The same value with its small change settled; nothing is distributed, no slope or body is unfolded, no product is
/// regrouped, and what two lines share stays shared.
///
/// The canonical shape, which a printer may rely on:
/// - A scalar product is right-nested, `Scale([a, Scale([b, c])])`: a number other than 1 first, if there is one, then the
///   factors in order of appearance, then the factors to negative powers. Each power of a base occurs once; a
///   power is `Apply` of [`Primitive::POWER`] with a number as exponent, so that 2/m is `Scale([2, power(m, -1)])`.
/// - A scaled matrix is `Scale([s, body])` where s is such a scalar product and the body is no `Scale`.
/// - A sum has at least two terms, none 0, no two the same up to a number.
///
/// A part for which the arena has no room stays as it is.
pub fn tidy(formula: &mut Formula, id: NodeId) -> NodeId {
    let mut tidied: HashMap<NodeId, NodeId> = HashMap::new();
    for part in formula.reachable(&[id]) {
        let children: Vec<NodeId> = formula.node(part).children().iter().map(|child| tidied[child]).collect();
        let new = tidy_node(formula, part, &children).unwrap_or(part);
        tidied.insert(part, new);
    }
    tidied[&id]
}

/// The same down to these parts, which stay as they are.
pub(super) fn tidy_above(formula: &mut Formula, id: NodeId, parts: &[NodeId]) -> NodeId {
    let mut tidied: HashMap<NodeId, NodeId> = parts.iter().map(|part| (*part, *part)).collect();
    let mut stack = vec![id];
    while let Some(&part) = stack.last() {
        let children = formula.node(part).children();
        let unknown = children.iter().copied().filter(|child| !tidied.contains_key(child));
        let waiting = stack.len();
        if !tidied.contains_key(&part) {
            stack.extend(unknown);
        }
        if stack.len() > waiting {
            continue;
        }
        stack.pop();
        if !tidied.contains_key(&part) {
            let children: Vec<NodeId> = children.iter().map(|child| tidied[child]).collect();
            let new = tidy_node(formula, part, &children).unwrap_or(part);
            tidied.insert(part, new);
        }
    }
    tidied[&id]
}

/// The node with tidy children.
pub(super) fn tidy_node(
    formula: &mut Formula,
    id: NodeId,
    children: &[NodeId],
) -> Result<NodeId, ShapeError> {
    match formula.node(id).clone() {
        Node::Number(_) | Node::Size(_) | Node::Variable(_) => Ok(id),
        Node::Constant(constant, shape) => Ok(formula.constant(constant, shape)),
        Node::Add(_) => tidy_sum(formula, children),
        Node::Product(_) => {
            let shape = formula.shape(id).clone();
            scaled(formula, children, &shape, |formula, factors| {
                let factors: Vec<NodeId> = factors
                    .iter()
                    .copied()
                    .filter(|id| !is_constant(formula, *id, Constant::Identity))
                    .collect();
                match factors.as_slice() {
                    // Only identities, so the shape is square.
                    [] => Ok(formula.constant(Constant::Identity, shape.clone())),
                    _ => formula.product(&factors),
                }
            })
        }
        Node::Times(_) => {
            let shape = formula.shape(id).clone();
            scaled(formula, children, &shape, |formula, factors| {
                let factors: Vec<NodeId> =
                    factors.iter().copied().filter(|id| !is_ones(formula, *id)).collect();
                match factors.as_slice() {
                    [] => Ok(formula.ones(shape.clone())),
                    _ => formula.times(&factors),
                }
            })
        }
        Node::Scale(_) => {
            let shape = formula.shape(id).clone();
            scaled(formula, children, &shape, |formula, bodies| formula.product(bodies))
        }
        Node::Apply(Apply { function, marks, .. }) => tidy_apply(formula, function, &marks, children),
        Node::Transpose(_) => {
            let Some(&inner) = children.first() else { return Ok(id) };
            let shape = formula.shape(id).clone();
            scaled(formula, &[inner], &shape, |formula, bodies| match bodies {
                [body] => Ok(formula.transpose(*body)),
                _ => formula.product(bodies),
            })
        }
        Node::Norm(_) => {
            let Some(&inner) = children.first() else { return Ok(id) };
            if formula.is_zero(inner) { Ok(formula.number(Number::ZERO)) } else { Ok(formula.norm(inner)) }
        }
        Node::Operator(..)
        | Node::Unvec(..)
        | Node::Kronecker(_)
        | Node::Commutation(_)
        | Node::Call(_)
        | Node::Block(..)
        | Node::Part(_) => formula.rebuild(id, children),
    }
}

/// `c * build(bodies)` where c gathers the coefficients of all factors; all zeros where one factor is 0.
fn scaled(
    formula: &mut Formula,
    factors: &[NodeId],
    shape: &Shape,
    build: impl FnOnce(&mut Formula, &[NodeId]) -> Result<NodeId, ShapeError>,
) -> Result<NodeId, ShapeError> {
    if factors.iter().any(|factor| formula.is_zero(*factor)) {
        return Ok(formula.constant(Constant::Zeros, shape.clone()));
    }
    let mut coefficient = Coefficient::one();
    let bodies: Vec<NodeId> =
        factors.iter().filter_map(|factor| coefficient.take(formula, *factor)).collect();
    if bodies.is_empty() {
        return coefficient.build(formula);
    }
    let body = build(formula, &bodies)?;
    // A product of matrices may be 1 x 1 or bring a scalar to light.
    if let Some(body) = coefficient.take(formula, body) {
        coefficient.scale(formula, body)
    } else {
        coefficient.build(formula)
    }
}

/// Terms equal up to a number become one, in the place of the first.
fn tidy_sum(formula: &mut Formula, parts: &[NodeId]) -> Result<NodeId, ShapeError> {
    let Some(&first) = parts.first() else { return Ok(formula.number(Number::ZERO)) };
    let shape = formula.shape(first).clone();
    let mut terms: Vec<(Number, NodeId)> = Vec::new();
    let mut places: HashMap<NodeId, usize> = HashMap::new();
    // The constructor joins sums inside sums.
    let joined = formula.add(parts)?;
    let parts = if let Node::Add(parts) = formula.node(joined) { parts.clone() } else { vec![joined] };
    for part in parts {
        let (number, rest) = without_number(formula, part)?;
        if number.is_zero() || formula.is_zero(rest) {
            continue;
        }
        let known = places.get(&rest).and_then(|place| terms.get_mut(*place));
        match known.and_then(|(count, _)| count.plus(number).map(|sum| (count, sum))) {
            Some((count, sum)) => *count = sum,
            None => {
                places.insert(rest, terms.len());
                terms.push((number, rest));
            }
        }
    }
    terms.retain(|(number, _)| !number.is_zero());
    if terms.is_empty() {
        return Ok(formula.constant(Constant::Zeros, shape));
    }
    let parts = terms
        .into_iter()
        .map(|(number, rest)| with_number(formula, number, rest))
        .collect::<Result<Vec<_>, _>>()?;
    formula.add(&parts)
}

fn tidy_apply(
    formula: &mut Formula,
    function: FunctionId,
    marks: &[u8],
    arguments: &[NodeId],
) -> Result<NodeId, ShapeError> {
    let power = marks.is_empty() && formula.function(function).body == Body::Primitive(Primitive::POWER);
    if let (true, [base, exponent]) = (power, arguments)
        && let Some(exponent) = number_of(formula, *exponent)
        && let Some(value) = tidy_power(formula, *base, exponent)?
    {
        return Ok(value);
    }
    formula.apply(function, marks, arguments)
}

/// `base^exponent`, entry by entry; `None` where there is nothing to tidy.
fn tidy_power(formula: &mut Formula, base: NodeId, exponent: Number) -> Result<Option<NodeId>, ShapeError> {
    if exponent.is_zero() {
        let shape = formula.shape(base).clone();
        return Ok(Some(formula.ones(shape)));
    }
    if exponent.is_one() {
        return Ok(Some(base));
    }
    // (a*b)^k = a^k*b^k and (a^b)^k = a^(b*k) hold for whole k.
    let Some(whole) = exponent.as_integer() else { return Ok(None) };
    let mut coefficient = Coefficient::one();
    let body = coefficient.take(formula, base);
    let Some(coefficient) = coefficient.power(whole) else { return Ok(None) };
    let Some(body) = body else { return coefficient.build(formula).map(Some) };
    if is_ones(formula, body) {
        return coefficient.scale(formula, body).map(Some);
    }
    let (body, inner) = power_of(formula, body).unwrap_or((body, Number::ONE));
    let Some(exponent) = inner.times(exponent) else { return Ok(None) };
    let raised = if exponent.is_one() {
        body
    } else {
        let exponent = formula.number(exponent);
        formula.power(body, exponent)?
    };
    coefficient.scale(formula, raised).map(Some)
}

/// The number a value is, or is in every entry.
fn number_of(formula: &Formula, id: NodeId) -> Option<Number> {
    if is_ones(formula, id) {
        return Some(Number::ONE);
    }
    if formula.is_zero(id) {
        return Some(Number::ZERO);
    }
    if let Node::Scale([scalar, body]) = formula.node(id)
        && is_ones(formula, *body)
    {
        return formula.as_number(*scalar);
    }
    formula.as_number(id)
}

fn is_ones(formula: &Formula, id: NodeId) -> bool {
    let inner = if let Node::Transpose(inner) = formula.node(id) { *inner } else { id };
    is_constant(formula, inner, Constant::Ones)
}

fn is_constant(formula: &Formula, id: NodeId, constant: Constant) -> bool {
    matches!(formula.node(id), Node::Constant(kind, _) if *kind == constant)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Generator, agree, library, print};
    use super::*;

    fn check(text: &str, want: &str) {
        let mut reader =
            library().declare("X: m x n, Y: m x n, R: m x n, W: n x p, w: n, a: 1, b: 1, U: m x p");
        let id = reader.read(text);
        let tidied = tidy(&mut reader.formula, id);
        assert_eq!(print(&reader.formula, tidied), want, "{text}");
        assert_eq!(tidy(&mut reader.formula, tidied), tidied, "{text} twice");
    }

    #[test]
    fn scalars_are_gathered_in_front() {
        check("X'*(2*R/m)", "2/m*X'*R");
        check("2*(a*X)*(3*W)", "6*a*X*W");
        check("-(-X)", "X");
        check("X .* (-Y)", "-(X .* Y)");
        check("(a*X)'", "a*X'");
        check("10/2*X", "5*X");
        check("2*norm(X)/norm(X)*X", "2*X");
        check("a*b*a", "a^2*b");
        check("1/(2*a)", "0.5/a");
    }

    #[test]
    fn zeros_and_ones_vanish() {
        check("0*X + Y", "Y");
        check("X*zeros(n, p) + U", "U");
        check("ones(m, n) .* X", "X");
        check("eye(m)*X", "X");
        check("X^1 + 0", "X");
        check("X''", "X");
        check("norm(0*X)", "0");
        check("X - X", "zeros(m, n)");
    }

    #[test]
    fn like_terms_are_counted() {
        check("X + X", "2*X");
        check("X - 2*Y + Y", "X - Y");
        check("a*X + 2*(a*X)", "3*a*X");
        check("a + 1 + 2 + a", "2*a + 3");
    }

    #[test]
    fn products_and_slopes_stay_as_they_are() {
        check("X'*(X*w) - X'*(X*w)*2", "-X'*X*w");
        check("a*X + a*Y", "a*X + a*Y");
        check("sigmoid'(X) .* R", "sigmoid'(X) .* R");
        check("sum(X, 1)'", "(ones(m)'*X)'");
    }

    #[test]
    fn tidying_keeps_values() {
        for seed in 0..400 {
            let mut generator = Generator::new(seed);
            let id = generator.formula(4);
            let formula = &mut generator.reader.formula;
            let tidied = tidy(formula, id);
            if let Err(error) = agree(formula, id, tidied) {
                panic!("seed {seed}: {error}\n{}\n{}", print(formula, id), print(formula, tidied));
            }
            assert_eq!(tidy(formula, tidied), tidied, "seed {seed}: {}", print(formula, tidied));
        }
    }
}
