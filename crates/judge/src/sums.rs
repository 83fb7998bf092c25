//! Matrix forms of sums over an index against the sums themselves, term by term on numbers.

use crate::DeriveError;
use crate::sample::{Sampler, replace_abstract_functions, variables};
use formula::{Formula, Matrix, Name, NodeId, Point, Shape};
use std::collections::BTreeSet;
use std::fmt;
use syntax::{IndexSums, Parsed};

/// How formulas over matrices agree with the sums that they stand for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SumCheck {
    /// Random points at which both were computed.
    pub points: usize,
    /// The largest difference as a part of the largest entry.
    pub max_relative_error: f64,
    /// Whether there was a point, and no difference that rounding does not explain.
    pub passed: bool,
}

impl SumCheck {
    /// Both checks as one.
    pub fn and(self, other: SumCheck) -> SumCheck {
        SumCheck {
            points: self.points.min(other.points),
            max_relative_error: self.max_relative_error.max(other.max_relative_error),
            passed: self.passed && other.passed,
        }
    }
}

/// How, as the end of a sentence about sums.
impl fmt::Display for SumCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SumCheck { points, max_relative_error, passed } = self;
        let said = if *passed { "passed" } else { "failed" };
        write!(
            f,
            "term by term against the matrix form at {points} random points, largest relative error \
             {max_relative_error:.1e}: {said}"
        )
    }
}

/// No larger error passes.
const TOLERANCE: f64 = 1e-8;
/// How often a point may be drawn again in which a value is not finite.
const REDRAWS: usize = 60;

/// Computes a formula with its sums term by term, the entries and rows taken from what the matrix form has, and compares the
/// values; `None` where it was written without such sums. `draw` gives numbers from a standard normal distribution.
///
/// # Errors
/// When a size or a function has no value.
pub fn check_sums(
    parsed: &Parsed,
    points: usize,
    draw: &mut dyn FnMut() -> f64,
) -> Result<Option<SumCheck>, DeriveError> {
    let Some(sums) = &parsed.sums else { return Ok(None) };
    let (mut formula, mut plain) = (parsed.formula.clone(), sums.plain.clone());
    replace_abstract_functions(&mut formula)?;
    replace_abstract_functions(&mut plain)?;
    let result = formula.result().ok_or(DeriveError::NoResult)?;
    let expected = plain.result().ok_or(DeriveError::NoResult)?;
    let mut inputs = variables(&formula, &[result]);
    // What the matrix form does not depend on any more has its part in the terms.
    let parts: BTreeSet<&Name> = sums.sums.iter().flat_map(|sum| &sum.parts).map(|(part, _)| part).collect();
    let roots: Vec<NodeId> = sums.sums.iter().map(|sum| sum.term).chain([expected]).collect();
    for variable in variables(&plain, &roots) {
        let is_own =
            parts.contains(&variable.name) || sums.sums.iter().any(|sum| sum.symbol == variable.name);
        let is_let = formula.lines.iter().any(|line| line.name == variable.name);
        if !is_own && !is_let && inputs.iter().all(|known| known.name != variable.name) {
            inputs.push(variable);
        }
    }
    let mut sampler = Sampler::new(&formula, &[result], inputs, 0);
    let mut check = SumCheck { points: 0, max_relative_error: 0.0, passed: false };
    let mut redrawn = 0;
    while check.points < points && redrawn <= REDRAWS {
        let point = sampler.draw(draw)?;
        let value = formula.evaluate(&[result], &point).map_err(DeriveError::Value)?.remove(0);
        let lets = lets(&formula, sums, &point)?;
        let wanted = row_by_row(&plain, (sums, expected), &lets, value.rows)?;
        let largest =
            value.entries.iter().chain(&wanted.entries).fold(0.0_f64, |most, entry| most.max(entry.abs()));
        if !value.entries.iter().chain(&wanted.entries).all(|entry| entry.is_finite()) {
            redrawn += 1;
            continue;
        }
        sampler.keep();
        check.points += 1;
        let is_same_shape = (value.rows, value.cols) == (wanted.rows, wanted.cols);
        let differences = value.entries.iter().zip(&wanted.entries).map(|(one, other)| (one - other).abs());
        let error = differences.fold(0.0_f64, f64::max) / largest.max(f64::MIN_POSITIVE);
        let error = if is_same_shape { error } else { f64::INFINITY };
        check.max_relative_error = check.max_relative_error.max(error);
    }
    check.passed = check.points > 0 && check.max_relative_error < TOLERANCE;
    Ok(Some(check))
}

/// A point with the values of the lets that the plain formula has as variables, and the counts that are their rows.
fn lets(formula: &Formula, sums: &IndexSums, point: &Point) -> Result<Point, DeriveError> {
    let mut point = point.clone();
    for line in &formula.lines {
        let value = formula.evaluate(&[line.value], &point).map_err(DeriveError::Value)?.remove(0);
        point.variables.entry(line.name.clone()).or_insert(value);
    }
    for sum in &sums.sums {
        let rows = sum.parts.iter().find_map(|(_, whole)| Some(point.variables.get(whole)?.rows));
        if let ([name], Some(rows)) = (sum.count.names().as_slice(), rows) {
            point.sizes.entry(name.clone()).or_insert(rows);
        }
    }
    Ok(point)
}

/// The value of the plain formula at a point of the matrix form: that of each index where it has one itself, as
/// `y_i = x_i/sum_j x_j` has.
fn row_by_row(
    plain: &Formula,
    (sums, result): (&IndexSums, NodeId),
    point: &Point,
    rows: usize,
) -> Result<Matrix, DeriveError> {
    let whole = |name: &Name| {
        let mut parts = sums.sums.iter().flat_map(|sum| &sum.parts);
        parts.find(|(part, _)| part == name).and_then(|(_, whole)| point.variables.get(whole))
    };
    let free: Vec<_> = variables(plain, &[result])
        .into_iter()
        .filter_map(|variable| Some((whole(&variable.name)?.clone(), variable)))
        .collect();
    if free.is_empty() {
        return term_by_term(plain, (sums, result), point);
    }
    let mut entries = Vec::new();
    for place in 0..rows {
        let mut point = point.clone();
        for (all, variable) in &free {
            point.variables.insert(variable.name.clone(), entry_or_row(all, place, &variable.shape));
        }
        entries.extend(term_by_term(plain, (sums, result), &point)?.entries);
    }
    let cols = entries.len() / rows.max(1);
    Ok(Matrix::from_fn(rows, cols, |row, col| entries[row * cols + col]))
}

/// The value of the plain formula at a point of the matrix form.
fn term_by_term(
    plain: &Formula,
    (sums, result): (&IndexSums, NodeId),
    point: &Point,
) -> Result<Matrix, DeriveError> {
    let mut point = point.clone();
    for sum in &sums.sums {
        let count = sum.count.evaluate(&point.sizes).map_err(DeriveError::UnknownSize)?;
        let shape = plain.shape(sum.term);
        let size = |size: &formula::Size| size.evaluate(&point.sizes).map_err(DeriveError::UnknownSize);
        let mut total = Matrix::from_fn(size(&shape.rows)?, size(&shape.cols)?, |_, _| 0.0);
        let inputs = variables(plain, &[sum.term]);
        let own = |name: &Name| Some((name.clone(), point.variables.get(name)?.clone()));
        let fixed = inputs.iter().filter_map(|variable| own(&variable.name)).collect();
        let mut term = Point { sizes: point.sizes.clone(), variables: fixed };
        for place in 0..count {
            for (part, whole) in &sum.parts {
                let variable = inputs.iter().find(|variable| variable.name == *part);
                if let (Some(variable), Some(all)) = (variable, point.variables.get(whole)) {
                    term.variables.insert(part.clone(), entry_or_row(all, place, &variable.shape));
                }
            }
            let value = plain.evaluate(&[sum.term], &term).map_err(DeriveError::Value)?.remove(0);
            total.entries.iter_mut().zip(&value.entries).for_each(|(sum, term)| *sum += term);
        }
        point.variables.insert(sum.symbol.clone(), total);
    }
    Ok(plain.evaluate(&[result], &point).map_err(DeriveError::Value)?.remove(0))
}

/// One row of a matrix, as a column or as a row.
fn entry_or_row(all: &Matrix, place: usize, shape: &Shape) -> Matrix {
    let at = |index: usize| all.at(place, index);
    match shape.rows.is_one() {
        true => Matrix::from_fn(1, all.cols, |_, col| at(col)),
        false => Matrix::from_fn(all.cols, 1, |row, _| at(row)),
    }
}
