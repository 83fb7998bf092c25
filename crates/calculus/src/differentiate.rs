//! Formula to derivation: the lets, the lines of the derivatives, last layer first, and the gradients asked for.

use crate::bodies::write_out;
use crate::derivation::{Derivation, DerivativeLine, Gradient, Step};
use crate::error::CalculusError;
use crate::law::Laws;
use crate::scalars;
use crate::simplify::tidy;
use crate::slope::write_out_slopes_by;
use crate::straight_line::{Let, StraightLine};
use crate::sweep::{Edge, Link, Sweep, sweep};
use formula::{Body, Formula, Line, Name, Node, NodeId, Number, ShapeError, Variable};
use std::collections::{HashMap, HashSet};
use syntax::nearest;

/// Differentiates the result of a formula, a scalar, by variables and lets; by every variable where none is named.
///
/// Each derivative has the shape of what it is by. Every step is one law applied at one edge of the formula.
///
/// # Errors
/// When the result is no scalar, a name is unknown, no law fits a part, or a slope that is needed cannot be written out.
pub fn differentiate(formula: &Formula, wrt: &[Name], laws: &Laws) -> Result<Derivation, CalculusError> {
    let result = formula.lines.last().ok_or(CalculusError::NoResult)?;
    let shape = formula.shape(result.value);
    if !shape.is_scalar() {
        return Err(CalculusError::NotScalar { name: result.name.clone(), shape: shape.clone() });
    }
    differentiate_from(formula, wrt, laws, None)
}

/// What a sweep begins with where the result is not the scalar that is differentiated.
pub(crate) struct Seed {
    /// The letter of the scalar, such as f.
    pub scalar: Name,
    /// The derivative of that scalar by the result, such as `df/dG`.
    pub symbol: Variable,
}

/// The same from a seed, for a result of any shape: the derivatives are then formulas in the seed's symbol.
pub(crate) fn differentiate_from(
    formula: &Formula,
    wrt: &[Name],
    laws: &Laws,
    seed: Option<&Seed>,
) -> Result<Derivation, CalculusError> {
    let mut formula = formula.clone();
    write_out(&mut formula, laws)?;
    let result = formula.lines.last().ok_or(CalculusError::NoResult)?;
    let StraightLine { mut formula, lets, result } = StraightLine::new(&formula, result)?;
    let asked = asked(&formula, &lets, wrt)?;
    let scalar = seed.map_or(&result.name, |seed| &seed.scalar).clone();
    let start = match seed {
        Some(seed) => formula.variable(seed.symbol.clone()),
        None => formula.number(Number::ONE),
    };
    let mut links = HashMap::new();
    for line in &lets {
        let derivative = derivative_symbol(&mut formula, &scalar, &line.name, line.symbol);
        links.insert(line.symbol, Link { value: line.value, derivative });
    }
    let targets: Vec<NodeId> = asked.iter().map(|(_, target)| *target).collect();
    let found = sweep(&mut formula, laws, (result.value, start), &links, &targets)?;

    let paths = in_order(&found, &lets, &asked);
    let mut derivatives = Vec::with_capacity(paths.len());
    for path in &paths {
        let value = match found.derivatives.get(&path.target) {
            Some(value) => tidy(&mut formula, *value),
            // The result does not depend on it.
            None => {
                let shape = formula.shape(path.target).clone();
                scalars::zeros(&mut formula, shape)
            }
        };
        let symbol = derivative_symbol(&mut formula, &scalar, &path.by, path.target);
        derivatives.push((symbol, path, value));
    }
    let gradients = gradients(&mut formula, &lets, &derivatives, &asked)?;
    let mut derivatives: Vec<DerivativeLine> = derivatives
        .into_iter()
        .map(|(symbol, path, value)| DerivativeLine {
            symbol: name_of(&formula, symbol),
            by: path.by.clone(),
            value,
            laws: path.laws(&found.edges),
        })
        .collect();
    let steps = steps(&found.edges, &paths);
    let mut roots = vec![result.value];
    roots.extend(lets.iter().map(|line| line.value));
    roots.extend(found.edges.iter().map(|edge| edge.to));
    roots.extend(gradients.iter().map(|gradient: &Gradient| gradient.value));
    write_out_slopes_by(&mut formula, &roots, laws)?;
    for line in &mut derivatives {
        line.value = with_short_slopes(&mut formula, line.value);
    }

    let used: HashSet<NodeId> = found.order.iter().copied().collect();
    let lets = lets.into_iter().filter(|line| used.contains(&line.symbol));
    let lets = lets.map(|line| Line { name: line.name, value: line.value }).collect();
    let seed = seed.map(|seed| seed.symbol.name.clone());
    Ok(Derivation { formula, lets, result, seed, derivatives, gradients, steps })
}

/// The variable `df/dX`.
fn derivative_symbol(formula: &mut Formula, scalar: &Name, by: &Name, target: NodeId) -> NodeId {
    let shape = formula.shape(target).clone();
    formula.variable(Variable::new(format!("d{scalar}/d{by}"), shape))
}

fn name_of(formula: &Formula, symbol: NodeId) -> Name {
    let Node::Variable(variable) = formula.node(symbol) else { return Name::from("") };
    variable.name.clone()
}

/// What was asked for, with the variable or the symbol of the let that it is.
pub(crate) fn asked(
    formula: &Formula,
    lets: &[Let],
    wrt: &[Name],
) -> Result<Vec<(Name, NodeId)>, CalculusError> {
    let lines = &formula.lines;
    let values: Vec<NodeId> = lines.iter().map(|line| line.value).collect();
    if wrt.is_empty() {
        let variables = formula.variables(&values[values.len().saturating_sub(1)..]);
        return Ok(variables.into_iter().map(|id| (name_of(formula, id), id)).collect());
    }
    for (at, name) in wrt.iter().enumerate() {
        if name.is_empty() {
            return Err(CalculusError::EmptyName);
        }
        if wrt[..at].contains(name) {
            return Err(CalculusError::Repeated { name: name.clone() });
        }
    }
    let variables = formula.variables(&values);
    let find = |name: &Name| {
        if let Some(line) = lets.iter().find(|line| line.name == *name) {
            return Ok((name.clone(), line.symbol));
        }
        if let Some(id) = variables.iter().find(|id| name_of(formula, **id) == *name) {
            return Ok((name.clone(), *id));
        }
        // A let may be another name of a variable or of a let before it.
        if let Some(line) = lines.iter().rev().skip(1).find(|line| line.name == *name) {
            let same = lets.iter().find(|other| other.original == line.value).map(|other| other.symbol);
            let same = same.or_else(|| variables.contains(&line.value).then_some(line.value));
            let same = same.ok_or_else(|| CalculusError::ConstantLet { name: name.clone() })?;
            return Ok((name_of(formula, same), same));
        }
        let known = variables.iter().map(|id| name_of(formula, *id));
        let known: Vec<Name> = known.chain(lets.iter().map(|line| line.name.clone())).collect();
        let nearest = nearest(name, known.iter().cloned());
        Err(CalculusError::UnknownName { name: name.clone(), nearest, known })
    };
    wrt.iter().map(find).collect()
}

/// The way from the lines before to the derivative by one target.
struct Path {
    target: NodeId,
    by: Name,
    /// The edges it takes, from the result down.
    edges: Vec<usize>,
    /// The place of the last of the lines of lets that it begins from.
    after: Option<usize>,
}

impl Path {
    fn laws(&self, edges: &[Edge]) -> Vec<Name> {
        let mut laws: Vec<Name> = Vec::new();
        for edge in &self.edges {
            if let Some(edge) = edges.get(*edge)
                && !laws.contains(&edge.law.name)
            {
                laws.push(edge.law.name.clone());
            }
        }
        laws
    }
}

/// The lines: the derivatives by the lets, the last let first, and each derivative by a variable as soon as all it needs is
/// there; several at one place from left to right.
fn in_order(found: &Sweep, lets: &[Let], asked: &[(Name, NodeId)]) -> Vec<Path> {
    let mut lines: Vec<&Let> =
        lets.iter().filter(|line| found.derivatives.contains_key(&line.symbol)).collect();
    lines.reverse();
    let places: HashMap<NodeId, usize> =
        lines.iter().enumerate().map(|(place, line)| (line.value, place)).collect();
    let mut paths: Vec<Path> =
        lines.iter().map(|line| path(found, &places, line.symbol, line.name.clone())).collect();

    let mentioned: HashMap<NodeId, usize> =
        found.order.iter().enumerate().map(|(place, id)| (*id, place)).collect();
    let known: HashSet<NodeId> = lines.iter().map(|line| line.symbol).collect();
    let mut others: Vec<Path> = Vec::new();
    for (name, target) in asked {
        if !known.contains(target) && others.iter().all(|other| other.target != *target) {
            others.push(path(found, &places, *target, name.clone()));
        }
    }
    others.sort_by_key(|other| {
        (other.after.unwrap_or(0), mentioned.get(&other.target).copied().unwrap_or(usize::MAX))
    });
    let mut ordered = Vec::with_capacity(paths.len() + others.len());
    let mut others = others.into_iter().peekable();
    for (place, line) in paths.drain(..).enumerate() {
        ordered.push(line);
        while let Some(other) = others.next_if(|other| other.after.unwrap_or(0) <= place) {
            ordered.push(other);
        }
    }
    ordered.extend(others);
    ordered
}

/// A line with the slopes of primitives that are one term written out: `1 ./ Z1` for `log'(Z1)`. One for which the arena has no room
/// stays as it is.
fn with_short_slopes(formula: &mut Formula, value: NodeId) -> NodeId {
    let mut written: HashMap<NodeId, NodeId> = HashMap::new();
    for id in formula.reachable(&[value]) {
        let children: Vec<NodeId> = formula.node(id).children().iter().map(|child| written[child]).collect();
        let new =
            if formula.node(id).children() == children { Ok(id) } else { formula.rebuild(id, &children) };
        let Ok(mut new) = new else { return value };
        if let Some(slope) = short_slope(formula, new) {
            new = slope;
        }
        written.insert(id, new);
    }
    let new = written[&value];
    if new == value { value } else { tidy(formula, new) }
}

fn short_slope(formula: &mut Formula, id: NodeId) -> Option<NodeId> {
    let Node::Apply(apply) = formula.node(id).clone() else { return None };
    let primitive = matches!(formula.function(apply.function).body, Body::Primitive(_));
    // Of two that vary, the slopes belong together, as those of a maximum do where both are equal.
    let varying = apply.arguments.iter().filter(|id| formula.as_number(**id).is_none()).count();
    if apply.marks.is_empty() || !primitive || varying > 1 {
        return None;
    }
    let slope = formula.unfold(&apply).ok()??;
    let shape = formula.shape(id).clone();
    let slope = formula.broadcast(slope, &shape).ok()?;
    let is_sum = |id: &NodeId| matches!(formula.node(*id), Node::Add(_));
    let sums = is_sum(&slope)
        || match formula.node(slope) {
            Node::Scale(_) | Node::Times(_) => formula.node(slope).children().iter().any(is_sum),
            _ => false,
        };
    (!sums).then_some(slope)
}

/// Goes back from a target along the edges to the result or to the lets whose derivatives have lines of their own.
fn path(found: &Sweep, places: &HashMap<NodeId, usize>, target: NodeId, by: Name) -> Path {
    let mut path = Path { target, by, edges: Vec::new(), after: None };
    let mut seen = HashSet::from([target]);
    let mut waiting = vec![target];
    while let Some(id) = waiting.pop() {
        if let Some(place) = places.get(&id) {
            path.after = path.after.max(Some(*place));
            continue;
        }
        for &edge in found.incoming.get(&id).into_iter().flatten() {
            path.edges.push(edge);
            let of = found.edges[edge].of;
            if seen.insert(of) {
                waiting.push(of);
            }
        }
    }
    path.edges.sort_unstable();
    path
}

/// Every edge once, in the order of the lines.
fn steps(edges: &[Edge], paths: &[Path]) -> Vec<Step> {
    let mut listed = vec![false; edges.len()];
    let mut steps = Vec::with_capacity(edges.len());
    for &at in paths.iter().flat_map(|path| &path.edges) {
        if std::mem::replace(&mut listed[at], true) {
            continue;
        }
        let Edge { law, of, by, from, to } = &edges[at];
        steps.push(Step {
            number: steps.len() + 1,
            law: law.name.clone(),
            statement: law.statement.clone(),
            of: *of,
            by: *by,
            from: *from,
            to: *to,
        });
    }
    steps
}

/// What was asked for, in the inputs alone: every symbol replaced by what it stands for, what is shared still shared.
fn gradients(
    formula: &mut Formula,
    lets: &[Let],
    derivatives: &[(NodeId, &Path, NodeId)],
    asked: &[(Name, NodeId)],
) -> Result<Vec<Gradient>, ShapeError> {
    let mut replaced: HashMap<NodeId, NodeId> =
        lets.iter().map(|line| (line.symbol, line.original)).collect();
    let mut by_target: HashMap<NodeId, (NodeId, NodeId)> = HashMap::new();
    for (symbol, path, value) in derivatives {
        let value = formula.substitute(*value, &mut replaced)?;
        replaced.insert(*symbol, value);
        by_target.insert(path.target, (*symbol, value));
    }
    let gradient = |(by, target): &(Name, NodeId)| {
        by_target.get(target).map(|(symbol, value)| Gradient {
            by: by.clone(),
            symbol: *symbol,
            value: *value,
        })
    };
    Ok(asked.iter().filter_map(gradient).collect())
}

#[cfg(test)]
mod tests;
