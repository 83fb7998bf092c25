//! Equations that are not affine in the unknown: in its inverse or a power of it they may be, or when they are multiplied by it.

use super::solution::{Equation, Extremum, Need, NoSolution, Rule, Solution};
use super::{Inverted, affine, joined};
use crate::simplify::{power_of, simplify};
use formula::{Constant, Formula, Node, NodeId, Number, Variable};
use std::collections::HashMap;

/// Solves what is affine in the inverse of the unknown.
pub(super) fn by_inverse(
    formula: &mut Formula,
    value: NodeId,
    unknown: NodeId,
    begun: &[Equation],
) -> Result<Option<Solution>, NoSolution> {
    let shape = formula.shape(unknown).clone();
    if shape.is_scalar() || !shape.is_square() {
        return Ok(None);
    }
    let inverse = formula.inverse(unknown)?;
    let turned = formula.transpose(unknown);
    let inverse_of_turned = formula.inverse(turned)?;
    let Node::Variable(variable) = formula.node(unknown).clone() else { return Ok(None) };
    let stand_in = Variable { name: format!("inv({})", variable.name).into(), ..variable };
    let stand_in = formula.variable(stand_in);
    let turned = formula.transpose(stand_in);
    let mut replaced = HashMap::from([(inverse, stand_in), (inverse_of_turned, turned)]);
    let in_inverse = formula.substitute(value, &mut replaced)?;
    let depends = formula.depends_on(&[unknown, stand_in]);
    if formula.depends_on(&[unknown])[in_inverse.index()] || !depends[in_inverse.index()] {
        return Ok(None);
    }
    let mut solution = match affine(formula, in_inverse, stand_in, begun.to_vec()) {
        Ok(solution) => solution,
        Err(NoSolution::NotAffine(_) | NoSolution::WithTranspose) => return Ok(None),
        Err(other) => return Err(other),
    };
    // No inverse is 0.
    if matches!(formula.node(solution.value), Node::Constant(Constant::Zeros, _)) {
        return Ok(None);
    }
    let mut back = HashMap::from([(stand_in, inverse)]);
    for equation in &mut solution.equations {
        equation.left = formula.substitute(equation.left, &mut back)?;
        equation.right = formula.substitute(equation.right, &mut back)?;
    }
    let inverted = formula.inverse(solution.value)?;
    let inverted = simplify(formula, inverted);
    solution.need_inverse(formula)?;
    solution.equations.push(Equation { left: unknown, right: inverted, rule: Rule::Inverted });
    solution.value = inverted;
    solution.extremum = Extremum::Critical;
    Ok(Some(solution))
}

/// Solves what is affine in a power of the unknown, entry by entry, by its positive root. The reciprocal of a scalar is left to what
/// it is multiplied by.
pub(super) fn by_power(
    formula: &mut Formula,
    value: NodeId,
    unknown: NodeId,
    begun: &[Equation],
) -> Result<Option<Solution>, NoSolution> {
    let is_scalar = formula.is_scalar(unknown);
    let Node::Variable(variable) = formula.node(unknown).clone() else { return Ok(None) };
    for exponent in [-1, 2, 3, 4].into_iter().skip(usize::from(is_scalar)) {
        let number = formula.number(Number::integer(exponent));
        let power = formula.power(unknown, number)?;
        let stand_in = Variable { name: format!("{}^{exponent}", variable.name).into(), ..variable.clone() };
        let stand_in = formula.variable(stand_in);
        let in_power = formula.substitute(value, &mut HashMap::from([(power, stand_in)]))?;
        if formula.depends_on(&[unknown])[in_power.index()]
            || !formula.depends_on(&[stand_in])[in_power.index()]
        {
            continue;
        }
        let Ok(mut solution) = affine(formula, in_power, stand_in, begun.to_vec()) else { continue };
        let mut back = HashMap::from([(stand_in, power)]);
        for equation in &mut solution.equations {
            equation.left = formula.substitute(equation.left, &mut back)?;
            equation.right = formula.substitute(equation.right, &mut back)?;
        }
        let Some(part) = Number::ratio(1, exponent) else { continue };
        let part = formula.number(part);
        let known = formula.as_number(solution.value);
        let root = match known {
            Some(number) if number.is_zero() => solution.value,
            _ => formula.power(solution.value, part)?,
        };
        let root = simplify(formula, root);
        if known.is_none() && is_scalar {
            solution.needs.push(Need::Positive(solution.value));
        }
        if let Node::Scale([scalar, _]) = *formula.node(root) {
            let needs = Inverted::of(formula, scalar)?.needs;
            solution.needs.extend(needs.into_iter().filter(|_| exponent < 0));
        }
        let rule = if exponent < 0 { Rule::Inverted } else { Rule::Root };
        solution.equations.push(Equation { left: unknown, right: root, rule });
        solution.value = root;
        return Ok(Some(solution));
    }
    Ok(None)
}

/// What an equation may be multiplied by.
pub(super) fn multipliers(formula: &Formula, unknown: NodeId) -> Vec<Rule> {
    let multiplied = |left, right, power| Rule::Multiplied { left, right, power };
    if formula.is_scalar(unknown) {
        let powers = (1..=4).map(|power| multiplied(true, false, power));
        return powers.chain([Rule::Cleared]).collect();
    }
    if !formula.shape(unknown).is_square() {
        return Vec::new();
    }
    vec![multiplied(true, false, 1), multiplied(false, true, 1), multiplied(true, true, 1)]
}

/// The gradient in the shape of the unknown's inverse is that of U', so it is multiplied by U'.
pub(super) fn multiply(
    formula: &mut Formula,
    value: NodeId,
    unknown: NodeId,
    rule: Rule,
) -> Result<NodeId, NoSolution> {
    let (left, right, factor) = match rule {
        Rule::Multiplied { left, right, power: 1 } => (left, right, formula.transpose(unknown)),
        Rule::Multiplied { left, right, power } => {
            let exponent = formula.number(Number::integer(i64::from(power)));
            (left, right, formula.power(unknown, exponent)?)
        }
        Rule::Cleared => match denominator(formula, value, unknown)? {
            Some(factor) => (true, false, factor),
            None => return Ok(value),
        },
        _ => return Ok(value),
    };
    // Each term by itself, so that inverses meet what they are the inverse of.
    let parts = match formula.node(value).clone() {
        Node::Add(parts) => parts,
        _ => vec![value],
    };
    let mut sum = Vec::with_capacity(parts.len());
    for part in parts {
        let part = if left { joined(formula, factor, part)? } else { part };
        let part = if right { joined(formula, part, factor)? } else { part };
        sum.push(simplify(formula, part));
    }
    let sum = if sum.len() == 1 { sum[0] } else { formula.add(&sum)? };
    Ok(simplify(formula, sum))
}

/// The product of all that has the unknown in it and that terms of a number are divided by; `None` where there is nothing.
fn denominator(formula: &mut Formula, value: NodeId, unknown: NodeId) -> Result<Option<NodeId>, NoSolution> {
    let depends = formula.depends_on(&[unknown]);
    let mut below: Vec<(NodeId, i64)> = Vec::new();
    for id in formula.reachable(&[value]) {
        let Some((base, exponent)) = power_of(formula, id) else { continue };
        let times = exponent.value();
        let is_divisor = (-4.0..0.0).contains(&times) && times.fract() == 0.0;
        if !is_divisor || !depends[base.index()] || !formula.is_scalar(base) {
            continue;
        }
        let times = -times as i64;
        match below.iter_mut().find(|(known, _)| *known == base) {
            Some((_, most)) => *most = times.max(*most),
            None => below.push((base, times)),
        }
    }
    let mut product = None;
    for (base, times) in below {
        let exponent = formula.number(Number::integer(times));
        let factor = formula.power(base, exponent)?;
        product = Some(match product {
            Some(product) => joined(formula, product, factor)?,
            None => factor,
        });
    }
    Ok(product)
}
