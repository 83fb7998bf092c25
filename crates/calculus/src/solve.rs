//! Explicit solutions: where a gradient is zero, solved for the unknown.
//!
//! A gradient that is affine in the unknown U is `A*U*B + C`, and U is `-inv(A)*C*inv(B)`. One that is not may be affine in
//! inv(U) or in a power of it, or become so when it is multiplied by U. Every step is an equation with the rule that leads to it.

mod affine;
mod definite;
mod forms;
mod joint;
mod solution;

use crate::reading::is_symmetric;
use crate::simplify::{power_of, simplify};
use affine::{NotAffine, Term, terms};
use definite::{Conditions, Sign, is_singular, sign};
use forms::{by_inverse, by_power, multipliers, multiply};
use formula::{Constant, Formula, Node, NodeId, Number, Operator, Shape, ShapeError};
pub use joint::solve_jointly;
pub use solution::{Equation, Extremum, Need, NoSolution, Rule, Solution};
use std::collections::HashMap;

/// Solves `gradient = 0` for an unknown variable of the gradient's shape.
///
/// # Errors
/// Why there is no explicit solution.
pub fn solve(formula: &mut Formula, gradient: NodeId, unknown: NodeId) -> Result<Solution, NoSolution> {
    let value = simplify(formula, gradient);
    if !formula.depends_on(&[unknown])[value.index()] {
        return Err(NoSolution::Absent);
    }
    let zero = zero_like(formula, value);
    let begun = vec![Equation { left: value, right: zero, rule: Rule::Critical }];
    let offender = match affine(formula, value, unknown, begun.clone()) {
        Ok(solution) => return Ok(solution),
        Err(NoSolution::NotAffine(part)) => part,
        Err(other) => return Err(other),
    };
    if let Some(solution) = by_inverse(formula, value, unknown, &begun)? {
        return Ok(solution);
    }
    if !formula.is_scalar(unknown)
        && let Some(mut solution) = by_power(formula, value, unknown, &begun)?
    {
        solution.extremum = Extremum::Critical;
        return Ok(solution);
    }
    for rule in multipliers(formula, unknown) {
        let multiplied = multiply(formula, value, unknown, rule)?;
        // A number that is not 0 has no zero, and without denominators nothing is cleared.
        if !formula.depends_on(&[unknown])[multiplied.index()] || multiplied == value {
            continue;
        }
        let mut equations = begun.clone();
        let zero = zero_like(formula, multiplied);
        equations.push(Equation { left: multiplied, right: zero, rule });
        let direct = match affine(formula, multiplied, unknown, equations.clone()) {
            Err(NoSolution::NotAffine(_)) => by_power(formula, multiplied, unknown, &equations)?,
            Err(other) => return Err(other),
            Ok(solution) => Some(solution),
        };
        // Multiplied by 0 everything is 0: a gradient that has the unknown's inverse has no value there.
        if let Some(mut solution) = direct.filter(|solution| !formula.is_zero(solution.value)) {
            if !formula.is_scalar(unknown) {
                solution.need_inverse(formula)?;
            }
            // The second derivative is that of the gradient, not of its multiple.
            solution.extremum = Extremum::Critical;
            return Ok(solution);
        }
    }
    Err(NoSolution::NotAffine(offender))
}

pub(crate) fn is_symmetric_unknown(formula: &Formula, unknown: NodeId) -> bool {
    matches!(formula.node(unknown), Node::Variable(variable) if is_symmetric(variable))
}

/// Whether more is declared of a variable than its symmetry.
fn is_bound(variable: &formula::Variable) -> bool {
    syntax::told(variable.properties).iter().any(|row| row.name != "symmetric")
}

fn zero_like(formula: &mut Formula, value: NodeId) -> NodeId {
    let shape = formula.shape(value).clone();
    match shape.is_scalar() {
        true => formula.number(Number::integer(0)),
        false => formula.constant(Constant::Zeros, shape),
    }
}

/// A value with the unknown replaced.
fn at(formula: &mut Formula, value: NodeId, unknown: NodeId, by: NodeId) -> Result<NodeId, ShapeError> {
    let value = formula.substitute(value, &mut HashMap::from([(unknown, by)]))?;
    Ok(simplify(formula, value))
}

/// Solves what is affine in the unknown.
fn affine(
    formula: &mut Formula,
    value: NodeId,
    unknown: NodeId,
    mut equations: Vec<Equation>,
) -> Result<Solution, NoSolution> {
    let zero = zero_like(formula, unknown);
    let is_scalar = formula.is_scalar(unknown);
    if is_scalar {
        affine::is_affine(formula, value, unknown).map_err(NoSolution::NotAffine)?;
    }
    let mut all = match is_scalar {
        true => Vec::new(),
        false => terms(formula, value, unknown).map_err(|why| match why {
            NotAffine::Part(part) => NoSolution::NotAffine(part),
            NotAffine::Shape(error) => NoSolution::Misfit(error),
        })?,
    };
    let rest = at(formula, value, unknown, zero)?;
    let minus = formula.negate(rest)?;
    let mut right = simplify(formula, minus);
    if is_scalar {
        let one = formula.number(Number::ONE);
        let there = at(formula, value, unknown, one)?;
        let slope = formula.add(&[there, right])?;
        let slope = simplify(formula, slope);
        return scalar(formula, unknown, slope, right, equations);
    }
    if all.iter().all(|term| term.is_transposed) && !all.is_empty() {
        for term in &mut all {
            *term = term.turned(formula);
        }
        let left = formula.transpose(value);
        let left = simplify(formula, left);
        let turned = formula.transpose(right);
        right = simplify(formula, turned);
        let zero = zero_like(formula, left);
        equations.push(Equation { left, right: zero, rule: Rule::Transposed });
    }
    if all.iter().any(|term| term.is_transposed) {
        return Err(NoSolution::WithTranspose);
    }
    let factors = Factors::of(formula, &all, unknown)?;
    match factors {
        Factors::Beside { left, right: after } => beside(formula, unknown, [left, after], right, equations),
        Factors::Many(matrix) => {
            let column = formula.operator(Operator::Vec, unknown)?;
            let product = formula.product(&[matrix, column])?;
            let known = formula.operator(Operator::Vec, right)?;
            equations.push(Equation { left: product, right: known, rule: Rule::Vec });
            let inverse = formula.inverse(matrix)?;
            let solved = formula.product(&[inverse, known])?;
            let shape = formula.shape(unknown).clone();
            let solved = formula.unvec(solved, shape)?;
            let solved = simplify(formula, solved);
            equations.push(Equation { left: unknown, right: solved, rule: Rule::Divided });
            judged(formula, equations, solved, vec![matrix])
        }
    }
}

/// What stands beside the unknown.
enum Factors {
    /// `left*U*right`; absent where it is the identity.
    Beside { left: Option<NodeId>, right: Option<NodeId> },
    /// The matrix of `vec(U)`, where both sides differ from term to term.
    Many(NodeId),
}

impl Factors {
    fn of(formula: &mut Formula, all: &[Term], unknown: NodeId) -> Result<Factors, NoSolution> {
        let shape = formula.shape(unknown).clone();
        let square = |size: &formula::Size| Shape::new(size.clone(), size.clone());
        let mut tidy = |part: Option<NodeId>| part.map(|part| simplify(formula, part));
        let parts: Vec<[Option<NodeId>; 2]> =
            all.iter().map(|term| [tidy(term.left), tidy(term.right)]).collect();
        let mut total = |side: usize| -> Result<Option<NodeId>, NoSolution> {
            if all.iter().all(|term| term.scalar.is_none())
                && parts.iter().all(|part| part[side].is_none())
                && all.len() == 1
            {
                return Ok(None);
            }
            let size = if side == 0 { &shape.rows } else { &shape.cols };
            let mut sum = Vec::with_capacity(all.len());
            for (term, part) in all.iter().zip(&parts) {
                let factor = part[side].unwrap_or_else(|| formula.constant(Constant::Identity, square(size)));
                sum.push(match term.scalar {
                    Some(scalar) => formula.scale(scalar, factor)?,
                    None => factor,
                });
            }
            let sum = if sum.len() == 1 { sum[0] } else { formula.add(&sum)? };
            Ok(Some(simplify(formula, sum)))
        };
        if parts.iter().all(|part| part[0].is_none()) && parts.iter().any(|part| part[1].is_some()) {
            return Ok(Factors::Beside { left: None, right: total(1)? });
        }
        if parts.iter().all(|part| part[1] == parts[0][1]) {
            return Ok(Factors::Beside { left: total(0)?, right: parts[0][1] });
        }
        if parts.iter().all(|part| part[0] == parts[0][0]) {
            return Ok(Factors::Beside { left: parts[0][0], right: total(1)? });
        }
        let mut sum = Vec::with_capacity(all.len());
        for (term, [left, right]) in all.iter().zip(&parts) {
            let left = left.unwrap_or_else(|| formula.constant(Constant::Identity, square(&shape.rows)));
            let right = right.unwrap_or_else(|| formula.constant(Constant::Identity, square(&shape.cols)));
            let right = formula.transpose(right);
            let product = formula.kronecker(right, left);
            sum.push(match term.scalar {
                Some(scalar) => formula.scale(scalar, product)?,
                None => product,
            });
        }
        let sum = formula.add(&sum)?;
        Ok(Factors::Many(simplify(formula, sum)))
    }
}

/// `left*U*after = right`.
fn beside(
    formula: &mut Formula,
    unknown: NodeId,
    [left, after]: [Option<NodeId>; 2],
    right: NodeId,
    mut equations: Vec<Equation>,
) -> Result<Solution, NoSolution> {
    let mut whole = unknown;
    let mut solved = right;
    let mut factors = Vec::new();
    if let Some(left) = left {
        whole = joined(formula, left, whole)?;
        let inverse = formula.inverse(left)?;
        solved = joined(formula, inverse, solved)?;
        factors.push(left);
    }
    if let Some(after) = after {
        whole = joined(formula, whole, after)?;
        let inverse = formula.inverse(after)?;
        solved = joined(formula, solved, inverse)?;
        factors.push(after);
    }
    let whole = simplify(formula, whole);
    equations.push(Equation { left: whole, right, rule: Rule::Collected });
    let solved = simplify(formula, solved);
    if whole != unknown {
        equations.push(Equation { left: unknown, right: solved, rule: Rule::Divided });
    }
    judged(formula, equations, solved, factors)
}

fn joined(formula: &mut Formula, a: NodeId, b: NodeId) -> Result<NodeId, ShapeError> {
    match (formula.is_scalar(a), formula.is_scalar(b)) {
        (true, _) => formula.scale(a, b),
        (false, true) => formula.scale(b, a),
        (false, false) => formula.product(&[a, b]),
    }
}

/// `slope*u = right` of a scalar.
fn scalar(
    formula: &mut Formula,
    unknown: NodeId,
    slope: NodeId,
    right: NodeId,
    mut equations: Vec<Equation>,
) -> Result<Solution, NoSolution> {
    let whole = formula.scale(slope, unknown)?;
    let whole = simplify(formula, whole);
    equations.push(Equation { left: whole, right, rule: Rule::Collected });
    let reciprocal = formula.reciprocal(slope)?;
    let solved = formula.scale(reciprocal, right)?;
    let solved = simplify(formula, solved);
    if whole != unknown {
        equations.push(Equation { left: unknown, right: solved, rule: Rule::Divided });
    }
    judged(formula, equations, solved, vec![slope])
}

/// A solution with what the inverses of these factors need, and what their signs say of the critical point: the second derivative
/// is their Kronecker product.
///
/// # Errors
/// A factor that has no inverse, whatever its variables are.
fn judged(
    formula: &mut Formula,
    equations: Vec<Equation>,
    value: NodeId,
    factors: Vec<NodeId>,
) -> Result<Solution, NoSolution> {
    let mut needs = Vec::new();
    let mut provided = Vec::new();
    // How many factors are positive, and how many negative.
    let mut signs = [0, 0];
    for &factor in &factors {
        let inverted = Inverted::of(formula, factor)?;
        needs.extend(inverted.needs);
        provided.extend(inverted.provided);
        match inverted.is_positive {
            Some(true) => signs[0] += 1,
            Some(false) => signs[1] += 1,
            None => {}
        }
    }
    let bound = |id: &NodeId| matches!(formula.node(*id), Node::Variable(known) if is_bound(known));
    let is_bound = equations.last().is_some_and(|last| bound(&last.left));
    let extremum = match signs {
        // The least value of a free variable need not be that of one with properties.
        _ if is_bound => Extremum::Critical,
        [positive, negative] if positive + negative < factors.len() => Extremum::Critical,
        [_, negative] if negative % 2 == 0 => Extremum::Minimum,
        _ => Extremum::Maximum,
    };
    Ok(Solution { equations, value, needs, extremum, curvature: factors, provided })
}

/// What the inverse of a matrix, or the reciprocal of a scalar, rests on.
struct Inverted {
    needs: Vec<Need>,
    /// Scalars of which the sign holds where they are above 0.
    provided: Vec<NodeId>,
    /// Whether it is positive (semi)definite, or its negative is, as far as that is known.
    is_positive: Option<bool>,
}

impl Inverted {
    /// # Errors
    /// When there is no inverse, whatever its variables are.
    fn of(formula: &mut Formula, value: NodeId) -> Result<Inverted, NoSolution> {
        if is_singular(formula, value) {
            return Err(NoSolution::Singular(value));
        }
        if let Node::Scale([scalar, rest]) = *formula.node(value)
            && !formula.is_scalar(rest)
        {
            let (mut all, scalar) = (Inverted::of(formula, rest)?, Inverted::of(formula, scalar)?);
            all.needs.extend(scalar.needs);
            all.provided.extend(scalar.provided);
            all.is_positive = all.is_positive.zip(scalar.is_positive).map(|(rest, scalar)| rest == scalar);
            return Ok(all);
        }
        let mut conditions = Conditions::default();
        let mut its_sign = sign(formula, value, &mut conditions);
        let mut is_positive = its_sign.map(|_| true);
        if its_sign.is_none()
            && let Ok(minus) = formula.negate(value)
        {
            let minus = simplify(formula, minus);
            conditions = Conditions::default();
            its_sign = sign(formula, minus, &mut conditions);
            is_positive = its_sign.map(|_| false);
        }
        let provided = if its_sign.is_some() { conditions.positive } else { Vec::new() };
        let is_scalar = formula.is_scalar(value);
        let bare = if is_scalar { bare(formula, value) } else { value };
        let mut needs = Vec::new();
        if is_scalar && !provided.is_empty() {
            needs.push(Need::NotZero(bare));
            return Ok(Inverted { needs, provided, is_positive });
        }
        needs.extend(provided.iter().copied().map(Need::Positive));
        match its_sign {
            Some(Sign::Definite) => {}
            _ if formula.as_number(value).is_some() => {}
            _ if is_scalar => needs.push(Need::NotZero(bare)),
            Some(Sign::Semidefinite) if conditions.full_rank.len() == 1 => {
                needs.extend(conditions.full_rank.into_iter().map(Need::FullColumnRank));
            }
            Some(Sign::Semidefinite) | None => needs.push(Need::Invertible(bare)),
        }
        Ok(Inverted { needs, provided, is_positive })
    }
}

/// What is not 0 where a scalar is not: it is no power, and not scaled by numbers and sizes.
fn bare(formula: &Formula, value: NodeId) -> NodeId {
    let is_known = |id: &NodeId| matches!(formula.node(*id), Node::Number(_) | Node::Size(_));
    match formula.node(value) {
        Node::Scale([scalar, rest]) if is_known(scalar) => bare(formula, *rest),
        Node::Scale([rest, scalar]) if is_known(scalar) => bare(formula, *rest),
        _ => power_of(formula, value).map_or(value, |(base, _)| bare(formula, base)),
    }
}
