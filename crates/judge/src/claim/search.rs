//! Numbers for a wrong claim, the right value, and whatever is tried in their place.

use crate::properties::exactly;
use crate::sample::replace_abstract_functions;
use crate::{Claim, DeriveError};
use formula::{Formula, Line, Matrix, NoValue, NodeId, Point, Precise, Values};

/// Values that differ by less, as a part of their largest entry, may be equal.
const NEAR: f64 = 1e-9;

/// How many multiplications a search takes at most: some tenths of a second.
const MULTIPLICATIONS: f64 = 2e8;

/// A claim and the right answer in an arena of their own, with their values at some points.
pub(super) struct Search {
    pub formula: Formula,
    pub claimed: NodeId,
    pub right: NodeId,
    /// The right answer in other forms, in which a part may stand by itself.
    pub forms: Vec<NodeId>,
    /// Values that the claim may have left out.
    pub pool: Vec<NodeId>,
    definitions: Vec<Line>,
    places: Vec<Place>,
    /// How many multiplications are left.
    left: f64,
}

/// A point with what has been evaluated there.
struct Place {
    point: Point,
    precise: Point<Precise>,
    values: Values,
}

impl Search {
    /// At these points, which are those of the inputs.
    pub fn new(claim: &Claim, points: Vec<Point>) -> Result<Search, DeriveError> {
        let mut wanted = vec![claim.claimed, claim.right];
        wanted.extend_from_slice(claim.forms);
        wanted.extend_from_slice(claim.pool);
        wanted.extend(claim.definitions.iter().map(|line| line.value));
        let mut formula = Formula::new();
        let roots = formula.graft(claim.formula, &wanted);
        replace_abstract_functions(&mut formula)?;
        calculus::write_out_slopes(&mut formula, &roots)?;
        let (forms, pool) = (claim.forms.len(), claim.pool.len());
        let values = &roots[2 + forms + pool..];
        let definitions = claim.definitions.iter().zip(values);
        let mut search = Search {
            claimed: roots[0],
            right: roots[1],
            forms: roots[2..2 + forms].to_vec(),
            pool: roots[2 + forms..2 + forms + pool].to_vec(),
            definitions: definitions
                .map(|(line, value)| Line { name: line.name.clone(), value: *value })
                .collect(),
            formula,
            places: Vec::new(),
            left: MULTIPLICATIONS,
        };
        let inputs = crate::sample::variables(&search.formula, &[search.claimed, search.right]);
        for point in points {
            let precise = exactly::<Precise>(&point, &inputs);
            let (complete, precise) = (search.complete(&point)?, search.complete(&precise)?);
            search.places.push(Place { point: complete, precise, values: Values::default() });
        }
        Ok(search)
    }

    /// A point with the values of all that is defined.
    pub fn complete<T: formula::Real>(&self, point: &Point<T>) -> Result<Point<T>, DeriveError> {
        let mut complete = point.clone();
        for line in &self.definitions {
            let value = self.formula.evaluate(&[line.value], &complete)?.swap_remove(0);
            complete.variables.insert(line.name.clone(), value);
        }
        Ok(complete)
    }

    /// The largest relative difference of two values over all points; infinite where one has no value.
    fn error(&mut self, left: NodeId, right: NodeId) -> f64 {
        let mut worst = 0.0_f64;
        for at in 0..self.places.len() {
            let error = match (self.value(left, at), self.value(right, at)) {
                (Some(left), Some(right)) => relative_error(&left, &right),
                _ => f64::INFINITY,
            };
            worst = worst.max(error);
            if worst > NEAR {
                break;
            }
        }
        worst
    }

    /// Whether two values are equal at every point: in doubles first, and then within the rounding of 31 digits.
    pub fn is_equal(&mut self, left: NodeId, right: NodeId) -> bool {
        let (a, b) = (self.formula.shape(left), self.formula.shape(right));
        let may_fit = a == b || a.rows.as_number().is_some() || b.rows.as_number().is_some();
        may_fit && !self.places.is_empty() && self.error(left, right) <= NEAR && self.is_exact(left, right)
    }

    /// Whether a value is 0 at every point.
    pub fn is_zero(&mut self, id: NodeId) -> bool {
        let is_zero = |value: &Matrix| value.entries.iter().all(|entry| *entry == 0.0);
        (0..self.places.len()).all(|at| self.value(id, at).is_some_and(|value| is_zero(&value)))
    }

    fn is_exact(&self, left: NodeId, right: NodeId) -> bool {
        self.places.iter().all(|place| {
            let Ok(values) = self.formula.evaluate(&[left, right], &place.precise) else { return false };
            let mut pairs = values[0].entries.iter().zip(&values[1].entries);
            pairs.all(|(a, b)| !(*a - *b).is_apart_from_zero())
        })
    }

    /// The number that one value is times the other at a point; `None` where there is none.
    pub fn ratio(&mut self, left: NodeId, right: NodeId, at: usize) -> Option<f64> {
        let (left, right) = (self.value(left, at)?, self.value(right, at)?);
        if (left.rows, left.cols) != (right.rows, right.cols) {
            return None;
        }
        let square: f64 = right.entries.iter().map(|entry| entry * entry).sum();
        let product: f64 = left.entries.iter().zip(&right.entries).map(|(a, b)| a * b).sum();
        let ratio = product / square;
        let scaled = Matrix::from_fn(right.rows, right.cols, |row, col| ratio * right.at(row, col));
        let is_ratio = ratio.is_finite() && ratio != 0.0 && relative_error(&left, &scaled) < NEAR;
        is_ratio.then_some(ratio)
    }

    /// A value at a point; `None` where it has none, or takes more than is left.
    fn value(&mut self, id: NodeId, at: usize) -> Option<Matrix> {
        let Search { formula, places, left, .. } = self;
        let place = places.get_mut(at)?;
        if place.values.get(id).is_none() {
            let work = crate::work::refuse_large(formula, &[id], &place.point.sizes).ok()?;
            *left = Some(*left - work).filter(|left| *left >= 0.0)?;
        }
        let mut outcome = formula.evaluate_more(&[id], &place.point, &mut place.values);
        if let Err(NoValue::Function(_)) = outcome {
            // A slope that nobody has asked for before.
            calculus::write_out_slopes(formula, &[id]).ok()?;
            outcome = formula.evaluate_more(&[id], &place.point, &mut place.values);
        }
        outcome.ok()?;
        place.values.get(id).filter(|value| is_finite(value)).cloned()
    }
}

/// The largest difference, by the largest entry; infinite where shapes differ or something is no number.
fn relative_error(left: &Matrix, right: &Matrix) -> f64 {
    if (left.rows, left.cols) != (right.rows, right.cols) {
        return f64::INFINITY;
    }
    let entries = || left.entries.iter().zip(&right.entries);
    let size = entries().fold(0.0_f64, |size, (a, b)| size.max(a.abs()).max(b.abs()));
    if size == 0.0 {
        return 0.0;
    }
    entries().fold(0.0, |worst: f64, (a, b)| {
        let error = (a - b).abs() / size;
        if error.is_nan() { f64::INFINITY } else { worst.max(error) }
    })
}

fn is_finite(matrix: &Matrix) -> bool {
    matrix.entries.iter().all(|entry| entry.is_finite())
}
