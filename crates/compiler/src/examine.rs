//! One point of a check: values, derivatives and difference quotients of a derivation on random matrices.

use crate::CompileError;
use crate::check::{Example, Shown};
use crate::quotient::{Opinion, Values, difference, judge};
use crate::sample::{
    Sampler, is_near_kink, kink_distances, replace_abstract_functions, variables, write_out_slopes,
};
use calculus::Derivation;
use formula::{Formula, Matrix, Name, NodeId, Point, Variable};
use std::collections::HashMap;

/// How many nodes may be evaluated at one point for the quotients of the lines, and again for those of the closed forms. Where
/// all entries would take more, a random choice of them is judged.
const WORK: usize = 1_000_000;

/// A derivation made ready to be evaluated again and again. Every line is evaluated in terms of the lines before it, so the
/// work for all of them grows as their number.
pub(crate) struct Examiner {
    sampler: Sampler,
    forward: Vec<ForwardLine>,
    derivatives: Vec<DerivativeLine>,
    closed: Vec<ClosedForm>,
    closed_values: Values,
}

/// A let, or the result.
struct ForwardLine {
    name: Name,
    value: Values,
    /// The values near whose zeros there are kinks.
    kinks: Values,
}

struct DerivativeLine {
    symbol: Name,
    value: Values,
    by: Variable,
    /// The forward lines that mention what it is by, each with the symbol of the derivative by that line; none for the result.
    uses: Vec<(usize, Option<Name>)>,
}

struct ClosedForm {
    name: Name,
    by: Variable,
    /// The result in the inputs and in what it is derived by.
    of: Values,
}

impl Examiner {
    pub(crate) fn new(derivation: &Derivation, closed: &[(Name, NodeId)]) -> Result<Examiner, CompileError> {
        let mut formula = derivation.formula.clone();
        replace_abstract_functions(&mut formula)?;
        let lines: Vec<_> = derivation.lets.iter().chain([&derivation.result]).collect();
        let mut roots: Vec<NodeId> = lines.iter().map(|line| line.value).collect();
        roots.extend(derivation.derivatives.iter().map(|line| line.value));
        roots.extend(closed.iter().map(|(_, value)| *value));
        write_out_slopes(&mut formula, &roots)?;

        let mut forward = Vec::with_capacity(lines.len());
        let mut mentioning: HashMap<Name, Vec<usize>> = HashMap::new();
        for (at, line) in lines.iter().enumerate() {
            let kinks = kink_distances(&mut formula, &[line.value])?;
            forward.push(ForwardLine {
                name: line.name.clone(),
                value: Values::new(&formula, &[line.value]),
                kinks: Values::new(&formula, &kinks),
            });
            for variable in variables(&formula, &[line.value]) {
                mentioning.entry(variable.name).or_default().push(at);
            }
        }
        let known = variables(&formula, &roots);
        let variable = |name: &Name, derivative: NodeId| {
            let known = known.iter().find(|variable| variable.name == *name).cloned();
            known.unwrap_or_else(|| Variable::new(name.clone(), formula.shape(derivative).clone()))
        };
        let mut derivatives = Vec::with_capacity(derivation.derivatives.len());
        for line in &derivation.derivatives {
            let mut uses = Vec::new();
            for &at in mentioning.get(&line.by).into_iter().flatten() {
                let later = derivation.derivatives.iter().find(|later| later.by == forward[at].name);
                match later {
                    // Nothing is to be gained where the result does not depend on that line.
                    None if at + 1 < forward.len() => {}
                    None => uses.push((at, None)),
                    Some(later) => uses.push((at, Some(later.symbol.clone()))),
                }
            }
            derivatives.push(DerivativeLine {
                symbol: line.symbol.clone(),
                value: Values::new(&formula, &[line.value]),
                by: variable(&line.by, line.value),
                uses,
            });
        }
        let by: Vec<(Name, Variable)> = closed
            .iter()
            .map(|(by, value)| (Name::from(format!("closed form by {by}")), variable(by, *value)))
            .collect();
        let is_line = |variable: &Variable| {
            forward.iter().any(|line| line.name == variable.name)
                || derivatives.iter().any(|line| line.symbol == variable.name)
        };
        let mut inputs: Vec<Variable> = known.iter().filter(|variable| !is_line(variable)).cloned().collect();
        // The result may not depend on what it is derived by.
        for by in derivatives.iter().map(|line| &line.by).chain(by.iter().map(|(_, by)| by)) {
            if !is_line(by) && inputs.iter().all(|input| input.name != by.name) {
                inputs.push(by.clone());
            }
        }
        let sampler = Sampler::new(&formula, &roots, inputs);
        let values: Vec<NodeId> = closed.iter().map(|(_, value)| *value).collect();
        let closed_values = Values::new(&formula, &values);
        let mut closed = Vec::with_capacity(by.len());
        for (name, by) in by {
            let of = result_by(derivation, &mut formula, &by.name)?;
            closed.push(ClosedForm { name, by, of: Values::new(&formula, &[of]) });
        }
        Ok(Examiner { sampler, forward, derivatives, closed, closed_values })
    }

    /// The example at a random point and its largest error; `None` where a value is not finite, a kink is near or quotients
    /// are no judge.
    pub(crate) fn examine(
        &mut self,
        draw: &mut dyn FnMut() -> f64,
    ) -> Result<Option<(Example, f64)>, CompileError> {
        let mut point = self.sampler.draw(draw)?;
        let mut example = Example { sizes: self.sampler.sizes.clone(), values: Vec::new() };
        for variable in self.sampler.inputs() {
            if let Some(value) = point.variables.get(&variable.name) {
                example.values.push(shown(&variable.name, value, None));
            }
        }
        for line in &self.forward {
            let value = line.value.first_at(&point)?;
            if !is_finite(&value) || line.kinks.at(&point)?.iter().any(is_near_kink) {
                return Ok(None);
            }
            example.values.push(shown(&line.name, &value, None));
            point.variables.insert(line.name.clone(), value);
        }
        let mut derived = Vec::with_capacity(self.derivatives.len());
        for line in &self.derivatives {
            let value = line.value.first_at(&point)?;
            point.variables.insert(line.symbol.clone(), value.clone());
            derived.push(value);
        }
        let closed = self.closed_values.at(&point)?;
        if !derived.iter().chain(&closed).all(is_finite) {
            return Ok(None);
        }
        let mut worst = 0.0_f64;
        let mut judged = |name: &Name, value: &Matrix, opinion: Opinion| {
            worst = worst.max(opinion.error);
            example.values.push(shown(name, value, opinion.quotients));
        };
        for (line, value) in self.derivatives.iter().zip(&derived) {
            let work: usize = line.uses.iter().map(|(at, _)| self.forward[*at].value.len()).sum();
            let limit = WORK / self.derivatives.len().max(1) / work.max(1);
            let mut weighted = |moved: &Point| self.weighted(line, moved, &point);
            let opinion = judge_entries(value, &line.by, &point, limit, draw, &mut weighted)?;
            let Some(opinion) = opinion else { return Ok(None) };
            judged(&line.symbol, value, opinion);
        }
        for (form, value) in self.closed.iter().zip(&closed) {
            let limit = WORK / self.closed.len().max(1) / form.of.len().max(1);
            let mut result = |moved: &Point| form.of.first_at(moved);
            let opinion = judge_entries(value, &form.by, &point, limit, draw, &mut result)?;
            let Some(opinion) = opinion else { return Ok(None) };
            judged(&form.name, value, opinion);
        }
        self.sampler.keep();
        Ok(Some((example, worst)))
    }

    /// The lines that mention X, each weighted by the derivative by it: what moves as the result does when X moves a little,
    /// by the chain rule. Later derivatives are taken as they are, since they are judged too.
    fn weighted(&self, line: &DerivativeLine, moved: &Point, point: &Point) -> Result<Matrix, CompileError> {
        let mut total = 0.0;
        for (at, derivative) in &line.uses {
            let value = self.forward[*at].value.first_at(moved)?;
            let weight = derivative.as_ref().and_then(|symbol| point.variables.get(symbol));
            total += dot(&value, weight);
        }
        Ok(Matrix::scalar(total))
    }
}

/// The result in the inputs and in the variable or let that it is derived by.
pub(crate) fn result_by(
    derivation: &Derivation,
    formula: &mut Formula,
    by: &Name,
) -> Result<NodeId, CompileError> {
    let mut meaning: HashMap<NodeId, NodeId> = HashMap::new();
    for line in &derivation.lets {
        let symbol = formula.variable(Variable::new(line.name.clone(), formula.shape(line.value).clone()));
        let value = if line.name == *by { symbol } else { formula.substitute(line.value, &mut meaning)? };
        meaning.insert(symbol, value);
    }
    Ok(formula.substitute(derivation.result.value, &mut meaning)?)
}

/// The derivative of a scalar, in the shape of what it is by, against quotients: those of all entries, or of a random choice
/// where there are more than may be asked for.
fn judge_entries(
    derived: &Matrix,
    by: &Variable,
    point: &Point,
    limit: usize,
    draw: &mut dyn FnMut() -> f64,
    value: &mut dyn FnMut(&Point) -> Result<Matrix, CompileError>,
) -> Result<Option<Opinion>, CompileError> {
    let count = derived.entries.len();
    let mut chosen: Vec<usize> = (0..count).collect();
    if limit / 4 < count {
        let keys: Vec<f64> = chosen.iter().map(|_| draw()).collect();
        chosen.sort_by(|a, b| keys[*a].total_cmp(&keys[*b]));
        chosen.truncate((limit / 4).max(1));
    }
    // Several matrices are the derivative by a symmetric one; their symmetric part is the same.
    let symmetric = by.properties.symmetric || by.properties.definite;
    let entry = |at: usize| {
        let (row, col) = (at / derived.cols, at % derived.cols);
        if symmetric { (derived.at(row, col) + derived.at(col, row)) / 2.0 } else { derived.at(row, col) }
    };
    let row = |entries: Vec<f64>| Matrix { rows: 1, cols: entries.len(), entries };
    let judged = row(chosen.iter().map(|at| entry(*at)).collect());
    let opinion = judge(&judged, &mut |step| {
        let quotient = |at: &usize| {
            let place = (at / derived.cols, at % derived.cols);
            Ok(difference(value, by, place, point, step)?.entries[0])
        };
        Ok(row(chosen.iter().map(quotient).collect::<Result<_, CompileError>>()?))
    })?;
    let is_whole = chosen.len() == count;
    Ok(opinion.map(|found| Opinion { quotients: found.quotients.filter(|_| is_whole), ..found }))
}

/// The sum of the products of entries; a missing weight is 1.
fn dot(value: &Matrix, weight: Option<&Matrix>) -> f64 {
    match weight {
        Some(weight) => value.entries.iter().zip(&weight.entries).map(|(a, b)| a * b).sum(),
        None => value.entries.iter().sum(),
    }
}

fn is_finite(matrix: &Matrix) -> bool {
    matrix.entries.iter().all(|entry| entry.is_finite())
}

fn shown(name: &Name, value: &Matrix, quotients: Option<Matrix>) -> Shown {
    Shown {
        name: name.clone(),
        rows: value.rows,
        cols: value.cols,
        entries: value.entries.clone(),
        quotients: quotients.map(|quotients| quotients.entries),
    }
}
