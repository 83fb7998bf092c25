//! Products built with their scalars in front: the one piece of algebra that a step of a derivation shows done.

use formula::{Constant, Formula, Node, NodeId, Number, Shape, ShapeError};

/// The matrix product, `(a*A)*(b*B) = (a*b)*A*B` and `A*eye(n) = A`.
pub(crate) fn product(formula: &mut Formula, factors: &[NodeId]) -> Result<NodeId, ShapeError> {
    let (scalars, mut bodies) = apart(formula, factors);
    let is_identity = |id: &NodeId| matches!(formula.node(*id), Node::Constant(Constant::Identity, _));
    let fits = |pair: &[NodeId]| formula.shape(pair[0]).cols == formula.shape(pair[1]).rows;
    if bodies.len() > 1 && bodies.windows(2).all(fits) {
        let last = bodies[bodies.len() - 1];
        bodies.retain(|body| !is_identity(body));
        if bodies.is_empty() {
            bodies.push(last);
        }
    }
    let body = if bodies.is_empty() { None } else { Some(formula.product(&bodies)?) };
    in_front(formula, scalars, body)
}

/// The elementwise product, `(a*A) .* (b*B) = (a*b)*(A .* B)` and `A .* ones(m, n) = A`.
pub(crate) fn times(formula: &mut Formula, factors: &[NodeId]) -> Result<NodeId, ShapeError> {
    let (scalars, mut bodies) = apart(formula, factors);
    if let Some(&first) = bodies.first() {
        let shape = formula.shape(first).clone();
        if bodies.iter().all(|body| *formula.shape(*body) == shape) {
            bodies.retain(|body| !is_ones(formula, *body));
        }
        if bodies.is_empty() {
            bodies.push(formula.ones(shape));
        }
    }
    let body = if bodies.is_empty() { None } else { Some(formula.times(&bodies)?) };
    in_front(formula, scalars, body)
}

/// The transpose, `(a*A)' = a*A'`, `(A*B)' = B'*A'`, and `(A*B + C')' = B'*A' + C` where every term gains by it.
pub(crate) fn transpose(formula: &mut Formula, id: NodeId) -> Result<NodeId, ShapeError> {
    let (_, bodies) = apart(formula, &[id]);
    let Some(&body) = bodies.first() else { return Ok(id) };
    let Node::Add(terms) = formula.node(body).clone() else { return transpose_term(formula, id) };
    let gains = |term: &NodeId| {
        let (_, bodies) = apart(formula, &[*term]);
        bodies.iter().all(|body| matches!(formula.node(*body), Node::Product(_) | Node::Transpose(_)))
    };
    if body != id || !terms.iter().all(gains) {
        return transpose_term(formula, id);
    }
    let terms = terms.iter().map(|term| transpose_term(formula, *term)).collect::<Result<Vec<_>, _>>()?;
    formula.add(&terms)
}

fn transpose_term(formula: &mut Formula, id: NodeId) -> Result<NodeId, ShapeError> {
    let (scalars, bodies) = apart(formula, &[id]);
    let Some(&body) = bodies.first() else { return Ok(id) };
    let body = if let Node::Product(word) = formula.node(body).clone() {
        let word: Vec<NodeId> = word.iter().rev().map(|factor| formula.transpose(*factor)).collect();
        formula.product(&word)?
    } else {
        formula.transpose(body)
    };
    in_front(formula, scalars, Some(body))
}

/// The sum; numbers alone are added up.
pub(crate) fn sum(formula: &mut Formula, parts: &[NodeId]) -> Result<NodeId, ShapeError> {
    let numbers: Option<Vec<Number>> = parts.iter().map(|part| formula.as_number(*part)).collect();
    let total = numbers.and_then(|all| all.into_iter().try_fold(Number::ZERO, Number::plus));
    match total {
        Some(number) => Ok(formula.number(number)),
        None => formula.add(parts),
    }
}

/// The power; `x^0 = 1` and `x^1 = x`.
pub(crate) fn power(formula: &mut Formula, base: NodeId, exponent: NodeId) -> Result<NodeId, ShapeError> {
    match formula.as_number(exponent).and_then(Number::as_integer) {
        Some(0) => Ok(formula.ones(formula.shape(base).clone())),
        Some(1) => Ok(base),
        _ => formula.power(base, exponent),
    }
}

/// All zeros, of a shape.
pub(crate) fn zeros(formula: &mut Formula, shape: Shape) -> NodeId {
    formula.constant(Constant::Zeros, shape)
}

/// Scalars and matrices, each in their order. A scale is taken apart once: what it scales has no scalar in front.
fn apart(formula: &Formula, factors: &[NodeId]) -> (Vec<NodeId>, Vec<NodeId>) {
    let (mut scalars, mut bodies) = (Vec::new(), Vec::new());
    for &factor in factors {
        let mut body = factor;
        while let (false, Node::Scale([scalar, inner])) = (formula.is_scalar(body), formula.node(body)) {
            scalars.push(*scalar);
            body = *inner;
        }
        if formula.is_scalar(body) { scalars.push(body) } else { bodies.push(body) }
    }
    (scalars, bodies)
}

/// One scalar, its number first, times a matrix.
fn in_front(formula: &mut Formula, scalars: Vec<NodeId>, body: Option<NodeId>) -> Result<NodeId, ShapeError> {
    let (mut number, mut rest) = (Number::ONE, formula.number(Number::ONE));
    for scalar in scalars {
        // Taken apart no deeper than it was built here, so that a long chain is never walked again.
        let (first, others) = if let Node::Scale([first, others]) = formula.node(scalar) {
            (*first, Some(*others))
        } else {
            (scalar, None)
        };
        let product = formula.as_number(first).and_then(|factor| number.times(factor));
        let others = if product.is_some() { others } else { Some(scalar) };
        number = product.unwrap_or(number);
        if let Some(others) = others {
            rest = formula.scale(rest, others)?;
        }
    }
    let number = formula.number(number);
    let coefficient = formula.scale(number, rest)?;
    match body {
        Some(body) => formula.scale(coefficient, body),
        None => Ok(coefficient),
    }
}

/// Whether every entry is 1.
pub(crate) fn is_ones(formula: &Formula, id: NodeId) -> bool {
    let inner = if let Node::Transpose(inner) = formula.node(id) { *inner } else { id };
    matches!(formula.node(inner), Node::Constant(Constant::Ones, _))
}
