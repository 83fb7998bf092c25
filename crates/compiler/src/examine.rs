//! One point of a check: values, derivatives and difference quotients of a derivation on random matrices.

use crate::check::{Example, Shown};
use crate::{CompileError, evaluate};
use calculus::Derivation;
use formula::{
    Apply, Body, Formula, FunctionId, Kink, Name, Node, NodeId, Number, Primitive, Sizes, Variable,
};
use plan::{Binding, Plan};
use std::collections::{BTreeMap, HashMap};

/// The step of a difference quotient, as a part of the entry's size (at least of 1).
const STEP: f64 = 1e-3;
/// How close to a kink a point may be: beyond what the largest step moves an argument by.
const MARGIN: f64 = 1e-2;
/// Floor of the size that errors are measured by, as a part of 1.
const FLOOR: f64 = 1e-3;

/// A derivation made ready to be evaluated again and again.
pub(crate) struct Examiner {
    sizes: Sizes,
    inputs: Vec<Variable>,
    /// Every line's value in the inputs, and the arguments of functions with kinks.
    plan: Plan,
    lines: Vec<ExaminedLine>,
    kinks: usize,
    /// For each derivative: the result as a function of what it is by.
    quotients: Vec<Quotient>,
}

struct ExaminedLine {
    name: Name,
    rows: usize,
    cols: usize,
    /// The place in `quotients` of what the derivative is by.
    by: Option<usize>,
}

struct Quotient {
    by: Name,
    plan: Plan,
    /// Where a let stands among the lines, or a variable among the inputs.
    value: Place,
}

enum Place {
    Input(usize),
    Line(usize),
}

impl Examiner {
    pub(crate) fn new(derivation: &Derivation, closed: &[(Name, NodeId)]) -> Result<Examiner, CompileError> {
        let mut formula = derivation.formula.clone();
        replace_abstract_functions(&mut formula)?;
        // What each symbol stands for, in the inputs.
        let mut meaning: HashMap<NodeId, NodeId> = HashMap::new();
        let mut lines: Vec<(Name, NodeId, Option<Name>)> = Vec::new();
        let forward =
            derivation.lets.iter().chain([&derivation.result]).map(|line| (&line.name, line.value, None));
        let backward =
            derivation.derivatives.iter().map(|line| (&line.symbol, line.value, Some(line.by.clone())));
        for (name, value, by) in forward.chain(backward) {
            let shape = formula.shape(value).clone();
            let symbol = formula.variable(Variable::new(name.clone(), shape));
            let inlined = formula.substitute(value, &mut meaning)?;
            meaning.insert(symbol, inlined);
            lines.push((name.clone(), inlined, by));
        }
        for (by, value) in closed {
            lines.push((Name::from(format!("closed form by {by}")), *value, Some(by.clone())));
        }
        let roots: Vec<NodeId> = lines.iter().map(|(_, value, _)| *value).collect();
        let inputs = variables(&formula, &roots);
        let sizes = choose_sizes(&formula, &roots, &inputs);
        let kinks = kink_arguments(&mut formula, derivation.result.value, &mut meaning)?;
        let mut quotients: Vec<Quotient> = Vec::new();
        for (_, _, by) in &lines {
            let Some(by) = by.as_ref().filter(|by| quotients.iter().all(|quotient| quotient.by != **by))
            else {
                continue;
            };
            quotients.push(quotient(derivation, &mut formula, by, &inputs, &lines, &sizes)?);
        }
        let mut outputs: Vec<(Name, NodeId)> =
            lines.iter().map(|(name, value, _)| (name.clone(), *value)).collect();
        outputs.extend(kinks.iter().enumerate().map(|(at, id)| (Name::from(format!("kink {at}")), *id)));
        let examined = lines
            .iter()
            .map(|(name, value, by)| {
                let shape = formula.shape(*value);
                Ok(ExaminedLine {
                    name: name.clone(),
                    rows: shape.rows.evaluate(&sizes)?,
                    cols: shape.cols.evaluate(&sizes)?,
                    by: by.as_ref().and_then(|by| quotients.iter().position(|quotient| quotient.by == *by)),
                })
            })
            .collect::<Result<Vec<_>, Name>>()
            .map_err(CompileError::UnknownSize)?;
        let names: Vec<Name> = inputs.iter().map(|variable| variable.name.clone()).collect();
        let plan = lowered(&mut formula, outputs, &names, &sizes)?;
        Ok(Examiner { sizes, inputs, plan, lines: examined, kinks: kinks.len(), quotients })
    }

    /// The example at a random point and its largest error; `None` where a value is not finite or a kink is near.
    pub(crate) fn examine(
        &mut self,
        draw: &mut dyn FnMut() -> f64,
    ) -> Result<Option<(Example, f64)>, CompileError> {
        let mut point: Vec<Vec<f64>> = Vec::with_capacity(self.inputs.len());
        for variable in &self.inputs {
            point.push(random_matrix(variable, &self.sizes, draw)?);
        }
        let values = self.run(&self.plan, &point)?;
        let (lines, kinks) = self.split(&values);
        if values.iter().any(|value| !value.is_finite())
            || kinks.iter().any(|distance| distance.abs() < MARGIN)
        {
            return Ok(None);
        }
        let mut quotients = Vec::with_capacity(self.quotients.len());
        for quotient in &self.quotients {
            let differences = self.differences(quotient, &mut point, &lines)?;
            if differences.iter().any(|value| !value.is_finite()) {
                return Ok(None);
            }
            quotients.push(differences);
        }
        let mut shown: Vec<Shown> = Vec::new();
        for (variable, entries) in self.inputs.iter().zip(&point) {
            let rows = variable.shape.rows.evaluate(&self.sizes).map_err(CompileError::UnknownSize)?;
            let cols = entries.len() / rows.max(1);
            shown.push(Shown {
                name: variable.name.clone(),
                rows,
                cols,
                entries: entries.clone(),
                quotients: None,
            });
        }
        let mut worst = 0.0_f64;
        for (line, entries) in self.lines.iter().zip(lines) {
            let quotients = line.by.and_then(|by| quotients.get(by)).cloned();
            if let Some(quotients) = &quotients {
                let error = relative_error(&entries, quotients);
                worst = if error.is_nan() { error } else { worst.max(error) };
            }
            shown.push(Shown {
                name: line.name.clone(),
                rows: line.rows,
                cols: line.cols,
                entries,
                quotients,
            });
        }
        Ok(Some((Example { sizes: self.sizes.clone(), values: shown }, worst)))
    }

    fn run(&self, plan: &Plan, point: &[Vec<f64>]) -> Result<Vec<f64>, CompileError> {
        let data: Vec<&[f64]> = point.iter().map(Vec::as_slice).collect();
        evaluate(plan, &data, &[], &[], 1)
    }

    /// The flat results as one list for each line, and what is left: the arguments near whose zeros there are kinks.
    fn split<'v>(&self, values: &'v [f64]) -> (Vec<Vec<f64>>, &'v [f64]) {
        let mut rest = values;
        let mut lines = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            let (entries, more) = rest.split_at((line.rows * line.cols).min(rest.len()));
            lines.push(entries.to_vec());
            rest = more;
        }
        (lines, if self.kinks == 0 { &[] } else { rest })
    }

    /// Fourth-order central differences of the result by every entry.
    fn differences(
        &self,
        quotient: &Quotient,
        point: &mut Vec<Vec<f64>>,
        lines: &[Vec<f64>],
    ) -> Result<Vec<f64>, CompileError> {
        let at = match quotient.value {
            Place::Input(at) => at,
            Place::Line(line) => {
                // A let is bound like an input, after the others, at the value it has.
                point.push(lines.get(line).cloned().unwrap_or_default());
                point.len() - 1
            }
        };
        let mut differences = Vec::with_capacity(point[at].len());
        for entry in 0..point[at].len() {
            let centre = point[at][entry];
            let step = STEP * centre.abs().max(1.0);
            let mut value = |offset: f64| -> Result<f64, CompileError> {
                point[at][entry] = centre + offset;
                let result = self.run(&quotient.plan, point)?;
                Ok(result.first().copied().unwrap_or(f64::NAN))
            };
            let near = value(step)? - value(-step)?;
            let far = value(2.0 * step)? - value(-2.0 * step)?;
            differences.push((8.0 * near - far) / (12.0 * step));
            point[at][entry] = centre;
        }
        if matches!(quotient.value, Place::Line(_)) {
            point.pop();
        }
        Ok(differences)
    }
}

/// The largest difference, by the largest entry.
fn relative_error(derived: &[f64], quotients: &[f64]) -> f64 {
    let size = derived.iter().chain(quotients).fold(FLOOR, |size, value| size.max(value.abs()));
    derived.iter().zip(quotients).fold(0.0, |worst: f64, (a, b)| {
        let error = (a - b).abs() / size;
        if error.is_nan() { f64::NAN } else { worst.max(error) }
    })
}

/// The plan of the result as a function of a variable or a let.
fn quotient(
    derivation: &Derivation,
    formula: &mut Formula,
    by: &Name,
    inputs: &[Variable],
    lines: &[(Name, NodeId, Option<Name>)],
    sizes: &Sizes,
) -> Result<Quotient, CompileError> {
    let mut meaning: HashMap<NodeId, NodeId> = HashMap::new();
    for line in &derivation.lets {
        let symbol = formula.variable(Variable::new(line.name.clone(), formula.shape(line.value).clone()));
        let value = if line.name == *by { symbol } else { formula.substitute(line.value, &mut meaning)? };
        meaning.insert(symbol, value);
    }
    let result = formula.substitute(derivation.result.value, &mut meaning)?;
    let mut names: Vec<Name> = inputs.iter().map(|variable| variable.name.clone()).collect();
    let value = match names.iter().position(|name| name == by) {
        Some(at) => Place::Input(at),
        None => {
            names.push(by.clone());
            Place::Line(lines.iter().position(|(name, _, _)| name == by).unwrap_or(0))
        }
    };
    let plan = lowered(formula, vec![(Name::from("f"), result)], &names, sizes)?;
    Ok(Quotient { by: by.clone(), plan, value })
}

fn lowered(
    formula: &mut Formula,
    outputs: Vec<(Name, NodeId)>,
    inputs: &[Name],
    sizes: &Sizes,
) -> Result<Plan, CompileError> {
    let request = plan::Request {
        outputs,
        inputs: inputs.iter().map(|name| (name.clone(), Binding::Data)).collect(),
        walked: None,
        sizes: sizes.clone(),
    };
    Ok(plan::lower(formula, &request)?)
}

fn variables(formula: &Formula, roots: &[NodeId]) -> Vec<Variable> {
    let variable = |id: NodeId| match formula.node(id) {
        Node::Variable(variable) => Some(variable.clone()),
        _ => None,
    };
    formula.variables(roots).into_iter().filter_map(variable).collect()
}

/// Small sizes, all different, so that a transposed or swapped factor cannot fit by chance.
fn choose_sizes(formula: &Formula, roots: &[NodeId], inputs: &[Variable]) -> Sizes {
    let mut names: Vec<Name> = Vec::new();
    let mut add = |size: &formula::Size| {
        for name in size.names() {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    };
    for variable in inputs {
        add(&variable.shape.rows);
        add(&variable.shape.cols);
    }
    for id in formula.reachable(roots) {
        add(&formula.shape(id).rows);
        add(&formula.shape(id).cols);
        if let Node::Size(size) = formula.node(id) {
            add(size);
        }
    }
    let small = [4, 3, 2, 5, 6, 7];
    names.into_iter().enumerate().map(|(at, name)| (name, small.get(at).copied().unwrap_or(at + 2))).collect()
}

fn random_matrix(
    variable: &Variable,
    sizes: &Sizes,
    draw: &mut dyn FnMut() -> f64,
) -> Result<Vec<f64>, CompileError> {
    let rows = variable.shape.rows.evaluate(sizes).map_err(CompileError::UnknownSize)?;
    let cols = variable.shape.cols.evaluate(sizes).map_err(CompileError::UnknownSize)?;
    let mut entries: Vec<f64> = (0..rows * cols).map(|_| draw()).collect();
    let properties = variable.properties;
    if properties.positive {
        entries.iter_mut().for_each(|entry| *entry = entry.abs() + 0.1);
    }
    if (properties.symmetric || properties.definite) && rows == cols {
        let square = entries.clone();
        for i in 0..rows {
            for j in 0..cols {
                entries[i * cols + j] = if properties.definite {
                    let product: f64 = (0..cols).map(|k| square[i * cols + k] * square[j * cols + k]).sum();
                    product + if i == j { 1.0 } else { 0.0 }
                } else {
                    (square[i * cols + j] + square[j * cols + i]) / 2.0
                };
            }
        }
    }
    Ok(entries)
}

/// Puts `tanh(x + c)` with its slope in the place of every abstract function, c another for each, so that numbers exist.
fn replace_abstract_functions(formula: &mut Formula) -> Result<(), CompileError> {
    let unknown: Vec<FunctionId> = formula
        .functions()
        .filter(|(_, function)| function.body == Body::Abstract)
        .map(|(id, _)| id)
        .collect();
    let tanh = formula.primitive(Primitive::TANH);
    let one = formula.number(Number::ONE);
    let two = formula.number(Number::integer(2));
    for (index, id) in unknown.into_iter().enumerate() {
        let Some(parameter) = formula.function(id).parameters.first().cloned() else { continue };
        let x = formula.variable(Variable::new(parameter, formula::Shape::scalar()));
        let shift = Number::ratio(index as i64 + 1, 4).unwrap_or(Number::ONE);
        let shift = formula.number(shift);
        let moved = formula.add(&[x, shift])?;
        let value = formula.apply(tanh, &[], &[moved])?;
        let square = formula.power(value, two)?;
        let minus = formula.negate(square)?;
        let slope = formula.add(&[one, minus])?;
        let function = formula.function_mut(id);
        function.body = Body::Defined(value);
        function.slopes.insert(vec![0], slope);
    }
    Ok(())
}

/// The values whose zeros are kinks of the formula: arguments of `abs` and its like, differences of the arguments of `max` and
/// `min`.
fn kink_arguments(
    formula: &mut Formula,
    root: NodeId,
    meaning: &mut HashMap<NodeId, NodeId>,
) -> Result<Vec<NodeId>, CompileError> {
    let inlined = formula.substitute(root, meaning)?;
    let mut unfolded: HashMap<NodeId, NodeId> = HashMap::new();
    let mut waiting = vec![inlined];
    let mut kinks: BTreeMap<NodeId, ()> = BTreeMap::new();
    // Bodies hold further functions; pages do not define each other in circles, so this ends.
    while let Some(root) = waiting.pop() {
        for id in formula.reachable(&[root]) {
            let Node::Apply(apply) = formula.node(id).clone() else { continue };
            if unfolded.contains_key(&id) {
                continue;
            }
            unfolded.insert(id, id);
            if let Some(distance) = kink_distance(formula, &apply)? {
                kinks.insert(distance, ());
            }
            if let Some(body) = formula.unfold(&apply)? {
                waiting.push(body);
            }
        }
    }
    Ok(kinks.into_keys().collect())
}

fn kink_distance(formula: &mut Formula, apply: &Apply) -> Result<Option<NodeId>, CompileError> {
    let Body::Primitive(primitive) = formula.function(apply.function).body else { return Ok(None) };
    if !apply.marks.is_empty() {
        return Ok(None);
    }
    Ok(match (primitive.row().kink, apply.arguments.as_slice()) {
        (Kink::Nowhere, _) => None,
        (Kink::AtZero, [argument, ..]) => Some(*argument),
        (Kink::AtTie, [left, right]) => {
            let shape = formula.shape(if formula.is_scalar(*left) { *right } else { *left }).clone();
            let (left, right) = (formula.broadcast(*left, &shape)?, formula.broadcast(*right, &shape)?);
            let minus = formula.negate(right)?;
            Some(formula.add(&[left, minus])?)
        }
        (Kink::AtZero | Kink::AtTie, _) => None,
    })
}
