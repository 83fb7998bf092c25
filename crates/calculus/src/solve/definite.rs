//! Matrices that are positive (semi)definite by how they are built, and what has to hold for it.

use formula::{Apply, Constant, Formula, Node, NodeId, Operator, Properties, Size};

/// How far a symmetric matrix is known to be positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// `x'*A*x >= 0` for all x.
    Semidefinite,
    /// `x'*A*x > 0` for all x but 0.
    Definite,
}

/// What a sign rests on.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    /// Matrices whose columns have to be independent for the matrix to be definite.
    pub full_rank: Vec<NodeId>,
    /// Scalars that have to be above 0.
    pub positive: Vec<NodeId>,
}

/// Whether a property of this name is declared or follows from what is.
fn is_declared(properties: Properties, name: &str) -> bool {
    syntax::property(name).is_some_and(|property| properties.has(property))
}

/// The sign of a matrix as it is built: a Gram matrix `M'*M`, `M'*K*M` around a definite K, an inverse, sums of these with factors
/// above 0. `None` where this does not show it.
pub(super) fn sign(formula: &mut Formula, id: NodeId, conditions: &mut Conditions) -> Option<Sign> {
    match formula.node(id).clone() {
        Node::Constant(Constant::Identity, _) => Some(Sign::Definite),
        Node::Variable(variable) if is_declared(variable.properties, "positive definite") => {
            Some(Sign::Definite)
        }
        Node::Variable(variable) if is_declared(variable.properties, "positive semidefinite") => {
            Some(Sign::Semidefinite)
        }
        // A semidefinite matrix that has an inverse is definite.
        Node::Operator(Operator::Inverse, of) => sign(formula, of, conditions).map(|_| Sign::Definite),
        Node::Transpose(of) => sign(formula, of, conditions),
        Node::Scale([scalar, matrix]) => {
            is_positive(formula, scalar, conditions).then_some(())?;
            sign(formula, matrix, conditions)
        }
        Node::Add(parts) => {
            let mut strongest = Sign::Semidefinite;
            for part in parts {
                if sign(formula, part, conditions)? == Sign::Definite {
                    strongest = Sign::Definite;
                }
            }
            Some(strongest)
        }
        Node::Kronecker([left, right]) => {
            let signs = [sign(formula, left, conditions)?, sign(formula, right, conditions)?];
            Some(if signs == [Sign::Definite; 2] { Sign::Definite } else { Sign::Semidefinite })
        }
        Node::Product(factors) => gram(formula, &factors, conditions),
        Node::Operator(Operator::DiagonalMatrix, entries) => {
            let is_positive = matches!(formula.node(entries), Node::Variable(variable) if variable.properties.is_positive());
            is_positive.then_some(Sign::Definite)
        }
        // The square of a scalar.
        Node::Apply(apply) if formula.is_scalar(id) && is_even_power(formula, &apply) => {
            Some(Sign::Semidefinite)
        }
        _ if formula.is_scalar(id) => is_positive(formula, id, conditions).then_some(Sign::Definite),
        Node::Variable(_)
        | Node::Number(_)
        | Node::Size(_)
        | Node::Constant(..)
        | Node::Times(_)
        | Node::Apply(_)
        | Node::Norm(_)
        | Node::Operator(..)
        | Node::Unvec(..)
        | Node::Commutation(_)
        | Node::Call(_)
        | Node::Block(..)
        | Node::Part(_) => None,
    }
}

/// `M'*M`, or `M'*K*M` with a sign of K's own.
fn gram(formula: &mut Formula, factors: &[NodeId], conditions: &mut Conditions) -> Option<Sign> {
    let half = factors.len() / 2;
    for at in 0..half {
        let mirrored = formula.transpose(factors[factors.len() - 1 - at]);
        if mirrored != factors[at] {
            return None;
        }
    }
    if factors.len() % 2 == 1 {
        sign(formula, factors[half], conditions)?;
    }
    let right = &factors[factors.len() - half..];
    let root = if right.len() == 1 { right[0] } else { formula.product(right).ok()? };
    conditions.full_rank.push(root);
    Some(Sign::Semidefinite)
}

fn is_even_power(formula: &Formula, apply: &Apply) -> bool {
    let exponent = apply.arguments.last().and_then(|exponent| formula.as_number(*exponent));
    formula.is_power(apply) && exponent.is_some_and(|exponent| exponent.value().rem_euclid(2.0) == 0.0)
}

/// Whether a scalar is above 0, or would be under a condition that is noted.
fn is_positive(formula: &Formula, id: NodeId, conditions: &mut Conditions) -> bool {
    match formula.node(id) {
        Node::Number(number) => number.value() > 0.0,
        Node::Size(_) | Node::Constant(Constant::Pi | Constant::Ones, _) => true,
        Node::Variable(variable) if variable.properties.is_positive() => true,
        Node::Variable(_) => {
            if !conditions.positive.contains(&id) {
                conditions.positive.push(id);
            }
            true
        }
        Node::Scale(parts) => {
            let parts = *parts;
            parts.iter().all(|part| is_positive(formula, *part, conditions))
        }
        Node::Add(parts) => {
            let parts = parts.clone();
            parts.iter().all(|part| is_positive(formula, *part, conditions))
        }
        // A power of a scalar that is above 0, such as 1/m.
        Node::Apply(apply) => {
            let base = apply.arguments.first().copied();
            formula.is_power(apply) && base.is_some_and(|base| is_positive(formula, base, conditions))
        }
        Node::Constant(..)
        | Node::Product(_)
        | Node::Times(_)
        | Node::Transpose(_)
        | Node::Norm(_)
        | Node::Operator(..)
        | Node::Unvec(..)
        | Node::Kronecker(_)
        | Node::Commutation(_)
        | Node::Call(_)
        | Node::Block(..)
        | Node::Part(_) => false,
    }
}

/// Whether a matrix passes through fewer dimensions than it has: `x*x'` of a column x has rank 1.
pub(super) fn is_singular(formula: &Formula, id: NodeId) -> bool {
    let shape = formula.shape(id);
    if shape.is_scalar() {
        return false;
    }
    let is_less = |inner: &Size| match (inner.as_number(), shape.rows.as_number()) {
        (Some(inner), Some(outer)) => inner < outer,
        // A size that is a name is mostly more than 1.
        (inner, None) => inner == Some(1),
        (None, Some(_)) => false,
    };
    let is_part = |part: &NodeId| formula.shape(*part).is_square() && is_singular(formula, *part);
    match formula.node(id) {
        Node::Product(factors) => {
            factors.iter().skip(1).any(|factor| is_less(&formula.shape(*factor).rows))
                || factors.iter().any(is_part)
        }
        Node::Scale([_, matrix]) | Node::Transpose(matrix) => is_singular(formula, *matrix),
        Node::Kronecker(parts) => parts.iter().any(is_part),
        Node::Constant(kind, _) => matches!(kind, Constant::Zeros | Constant::Ones),
        Node::Variable(_)
        | Node::Number(_)
        | Node::Size(_)
        | Node::Add(_)
        | Node::Times(_)
        | Node::Apply(_)
        | Node::Norm(_)
        | Node::Operator(..)
        | Node::Unvec(..)
        | Node::Commutation(_)
        | Node::Call(_)
        | Node::Block(..)
        | Node::Part(_) => false,
    }
}
