//! One point of a check: values, derivatives and difference quotients of a derivation on random matrices.

use crate::CompileError;
use crate::arrangement::Arrangement;
use crate::check::{Example, Shown};
use crate::quotient::{Opinion, Values, judge};
use crate::sample::{
    Sampler, is_near_kink, kink_distances, refuse_large, replace_abstract_functions, variables,
    write_out_slopes,
};
use calculus::{Derivation, Form, Reading, Request};
use formula::{Formula, Line, Matrix, Name, NodeId, Point, Shape, Variable};
use std::collections::HashMap;

/// Gradients of more nodes are judged by their lines alone, where they are those lines.
const LARGE: usize = 300;
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

/// A derivative in closed form.
struct ClosedForm {
    name: Name,
    value: Values,
    /// What it is the derivative of, in the inputs and in what it is derived by.
    of: Values,
    by: Variable,
    arrangement: Arrangement,
}

impl Examiner {
    pub(crate) fn new(
        derivation: &Derivation,
        readings: &[Reading],
        request: &Request,
    ) -> Result<Examiner, CompileError> {
        let mut formula = derivation.formula.clone();
        replace_abstract_functions(&mut formula)?;
        let held: Vec<&Line> = readings.iter().flat_map(|reading| &reading.held).collect();
        let lines: Vec<&Line> =
            held.into_iter().chain(&derivation.lets).chain([&derivation.result]).collect();
        let mut roots: Vec<NodeId> = lines.iter().map(|line| line.value).collect();
        roots.extend(derivation.derivatives.iter().map(|line| line.value));
        roots.extend(readings.iter().map(|reading| reading.value));
        write_out_slopes(&mut formula, &roots)?;

        let mut forward: Vec<ForwardLine> = Vec::with_capacity(lines.len());
        let mut mentioning: HashMap<Name, Vec<usize>> = HashMap::new();
        for line in &lines {
            if forward.iter().any(|known| known.name == line.name) {
                continue;
            }
            for variable in variables(&formula, &[line.value]) {
                mentioning.entry(variable.name).or_default().push(forward.len());
            }
            let kinks = kink_distances(&mut formula, &[line.value])?;
            forward.push(ForwardLine {
                name: line.name.clone(),
                value: Values::new(&formula, &[line.value]),
                kinks: Values::new(&formula, &kinks),
            });
        }
        let known = variables(&formula, &roots);
        let mut derivatives = Vec::with_capacity(derivation.derivatives.len());
        for line in &derivation.derivatives {
            let mut uses = Vec::new();
            for &at in mentioning.get(&line.by).into_iter().flatten() {
                let later = derivation.derivatives.iter().find(|later| later.by == forward[at].name);
                match later {
                    // The result does not depend on that line.
                    None if at + 1 < forward.len() => {}
                    None => uses.push((at, derivation.seed.clone())),
                    Some(later) => uses.push((at, Some(later.symbol.clone()))),
                }
            }
            let by = known.iter().find(|variable| variable.name == line.by).cloned();
            derivatives.push(DerivativeLine {
                symbol: line.symbol.clone(),
                value: Values::new(&formula, &[line.value]),
                by: by.unwrap_or_else(|| Variable::new(line.by.clone(), formula.shape(line.value).clone())),
                uses,
            });
        }
        let mut closed = Vec::with_capacity(readings.len());
        for reading in readings.iter().filter(|reading| !is_lines(&formula, reading, request)) {
            closed.extend(closed_forms(derivation, &formula, reading, request)?);
        }
        let is_line = |variable: &Variable| {
            forward.iter().any(|line| line.name == variable.name)
                || derivatives.iter().any(|line| line.symbol == variable.name)
        };
        let mut inputs: Vec<Variable> = known.iter().filter(|variable| !is_line(variable)).cloned().collect();
        // The result may not depend on what it is derived by.
        for by in derivatives.iter().map(|line| &line.by).chain(closed.iter().map(|form| &form.by)) {
            if !is_line(by) && inputs.iter().all(|input| input.name != by.name) {
                inputs.push(by.clone());
            }
        }
        let sampler = Sampler::new(&formula, &roots, inputs, 0);
        refuse_large(&formula, &roots, &sampler.first_sizes())?;
        Ok(Examiner { sampler, forward, derivatives, closed })
    }

    /// The example at a random point and its largest error; `None` where a value is not finite, a kink is near or quotients
    /// are no judge.
    pub(crate) fn examine(
        &mut self,
        draw: &mut dyn FnMut() -> f64,
    ) -> Result<Option<(Example, f64)>, CompileError> {
        let mut point = self.sampler.draw(draw)?;
        let mut example = Example { sizes: point.sizes.clone(), values: Vec::new() };
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
        if !derived.iter().all(is_finite) {
            return Ok(None);
        }
        let mut worst = 0.0_f64;
        let mut judged = |name: &Name, value: &Matrix, opinion: Opinion| {
            worst = worst.max(opinion.error);
            example.values.push(shown(name, value, opinion.quotients));
        };
        let gradient = Arrangement::gradient();
        for (line, value) in self.derivatives.iter().zip(&derived) {
            // Several matrices are the derivative by a symmetric one; their symmetric part is the same.
            let value = if is_symmetric(&line.by) { symmetric_part(value) } else { value.clone() };
            let work: usize = line.uses.iter().map(|(at, _)| self.forward[*at].value.len()).sum();
            let limit = WORK / self.derivatives.len().max(1) / work.max(1);
            let mut weighted = |moved: &Point| self.weighted(line, moved, &point);
            let chosen = choose(value.entries.len(), limit / 4, draw);
            let used = line.uses.iter().map(|(at, _)| &self.forward[*at].value);
            let near = Values::restrict(used, &line.by.name, &point);
            let opinion = judge_entries(&value, &gradient, &line.by, &near, &chosen, &mut weighted)?;
            let Some(opinion) = opinion else { return Ok(None) };
            judged(&line.symbol, &value, opinion);
        }
        for form in &self.closed {
            let value = form.value.first_at(&point)?;
            if !is_finite(&value) {
                return Ok(None);
            }
            let count = point.variables.get(&form.by.name).map_or(0, |centre| centre.entries.len());
            let limit = WORK / self.closed.len().max(1) / form.of.len().max(1);
            let limit = if form.arrangement.is_by_entry() { limit / 4 } else { count };
            let chosen = choose(count, limit, draw);
            let mut of = |moved: &Point| form.of.first_at(moved);
            let near = Values::restrict([&form.of, &form.value].into_iter(), &form.by.name, &point);
            let opinion = judge_entries(&value, &form.arrangement, &form.by, &near, &chosen, &mut of)?;
            let Some(opinion) = opinion else { return Ok(None) };
            judged(&form.name, &value, opinion);
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

/// Whether a closed form is a large gradient that is nothing but its lines put into each other: those are judged one by one.
fn is_lines(formula: &Formula, reading: &Reading, request: &Request) -> bool {
    let is_gradient = reading.form == Form::Gradient && reading.second.is_none();
    is_gradient
        && reading.value == reading.raw
        && !request.layout.transposes(reading.form)
        && formula.reachable(&[reading.value]).len() > LARGE
}

/// A reading, and for a second derivative the first one that it is the derivative of.
fn closed_forms(
    derivation: &Derivation,
    formula: &Formula,
    reading: &Reading,
    request: &Request,
) -> Result<Vec<ClosedForm>, CompileError> {
    let of = ValueBy::new(derivation, &reading.by)?;
    let by = reading.by2.as_ref().unwrap_or(&reading.by);
    let title = Name::from(format!("{} in closed form", reading.title));
    let value = Values::new(formula, &[reading.value]);
    let arrangement = Arrangement::new(reading, request);
    let Some(second) = &reading.second else {
        return Ok(vec![ClosedForm { name: title, value, of: of.value, by: of.by, arrangement }]);
    };
    let again = ValueBy::new(second, by)?;
    let first = ClosedForm {
        name: Name::from(format!("{} by {}", second.result.name, reading.by)),
        value: again.value.clone(),
        of: of.value,
        by: of.by,
        arrangement: Arrangement::gradient_in(request.symmetric),
    };
    let second = ClosedForm { name: title, value, of: again.value, by: again.by, arrangement };
    Ok(vec![first, second])
}

/// The result of a derivation as it depends on a variable or let.
pub(crate) struct ValueBy {
    /// Its value in the inputs and in that variable or let, with stand-ins for unknown functions.
    pub value: Values,
    /// The variable, or the symbol of the let.
    pub by: Variable,
}

impl ValueBy {
    pub fn new(derivation: &Derivation, by: &Name) -> Result<ValueBy, CompileError> {
        let mut formula = Formula::new();
        let lines: Vec<&Line> = derivation.lets.iter().chain([&derivation.result]).collect();
        let values: Vec<NodeId> = lines.iter().map(|line| line.value).collect();
        let values = formula.graft(&derivation.formula, &values);
        let mut meaning: HashMap<NodeId, NodeId> = HashMap::new();
        let mut root = None;
        for (line, value) in lines.iter().zip(&values) {
            let symbol = Variable::new(line.name.clone(), formula.shape(*value).clone());
            let symbol = formula.variable(symbol);
            let inlined = if line.name == *by { symbol } else { formula.substitute(*value, &mut meaning)? };
            meaning.insert(symbol, inlined);
            root = Some(inlined);
        }
        let root = root.ok_or(CompileError::NoResult)?;
        replace_abstract_functions(&mut formula)?;
        write_out_slopes(&mut formula, &[root])?;
        let known = variables(&formula, &[&values[..], &[root]].concat());
        let found = known.into_iter().find(|variable| variable.name == *by);
        let of_gradient = derivation.gradients.iter().find(|gradient| gradient.by == *by);
        let shape = of_gradient
            .map_or_else(Shape::scalar, |gradient| derivation.formula.shape(gradient.value).clone());
        let by = found.unwrap_or_else(|| Variable::new(by.clone(), shape));
        Ok(ValueBy { value: Values::new(&formula, &[root]), by })
    }
}

/// This many of a number of entries, at random; all where there are no more.
fn choose(count: usize, limit: usize, draw: &mut dyn FnMut() -> f64) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..count).collect();
    let limit = limit.max(1);
    if limit < count {
        let keys: Vec<f64> = chosen.iter().map(|_| draw()).collect();
        chosen.sort_by(|a, b| keys[*a].total_cmp(&keys[*b]));
        chosen.truncate(limit);
    }
    chosen
}

/// A derivative against quotients by the chosen entries of the variable, counted column by column.
fn judge_entries(
    derived: &Matrix,
    arrangement: &Arrangement,
    by: &Variable,
    point: &Point,
    chosen: &[usize],
    value: &mut dyn FnMut(&Point) -> Result<Matrix, CompileError>,
) -> Result<Option<Opinion>, CompileError> {
    let mut is_whole = true;
    let opinion = judge(derived, &mut |step| {
        let mut quotients = arrangement.quotients(value, by, point, step, chosen)?;
        if (quotients.rows, quotients.cols) == (derived.rows, derived.cols) {
            for (quotient, derived) in quotients.entries.iter_mut().zip(&derived.entries) {
                if quotient.is_nan() {
                    is_whole = false;
                    *quotient = *derived;
                }
            }
        }
        Ok(quotients)
    })?;
    Ok(opinion.map(|found| Opinion { quotients: found.quotients.filter(|_| is_whole), ..found }))
}

fn is_symmetric(variable: &Variable) -> bool {
    variable.properties.symmetric || variable.properties.definite
}

fn symmetric_part(matrix: &Matrix) -> Matrix {
    Matrix::from_fn(matrix.rows, matrix.cols, |row, col| (matrix.at(row, col) + matrix.at(col, row)) / 2.0)
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
