//! Numbers for two values that ought to be equal, at random points of several sizes, and for whatever is tried in their place.

use crate::quotient::relative_error;
use crate::sample::{Sampler, nudged, refuse_large, replace_abstract_functions, variables, write_out_slopes};
use crate::{Claim, CompileError};
use formula::{Formula, Matrix, Name, NoValue, NodeId, Point, Sizes};
use std::collections::{BTreeSet, HashMap};

/// Values that differ by less, as a part of their largest entry, are equal.
const EQUAL: f64 = 1e-9;
/// Values that differ by more are different; between the two it is rounding that speaks, and another point is asked.
const DIFFERENT: f64 = 1e-6;
/// Below this size, as a part of 1, a value may be rounding of something that is 0.
const FLOOR: f64 = 1e-6;
/// Parts larger than this speak of a matrix that is nearly singular.
const HUGE: f64 = 1e9;
/// How many points are judged, each with sizes of its own.
const POINTS: usize = 4;
/// How many points are drawn before it is said that there are none.
const DRAWS: usize = 120;

/// A claim and the right answer in an arena of their own, with their values at some points.
pub(super) struct Search {
    pub formula: Formula,
    pub claimed: NodeId,
    pub right: NodeId,
    /// The right answer in other forms, in which a part may stand by itself.
    pub forms: Vec<NodeId>,
    /// Values that the claim may have left out.
    pub pool: Vec<NodeId>,
    places: Vec<Place>,
}

/// A point with what has been evaluated there.
struct Place {
    point: Point,
    values: HashMap<NodeId, Matrix>,
}

/// The two values at one point.
pub(super) struct Pair {
    pub claimed: Matrix,
    pub right: Matrix,
}

impl Search {
    /// Draws points at which both values are finite.
    pub fn new(claim: &Claim, draw: &mut dyn FnMut() -> f64) -> Result<Search, CompileError> {
        let mut wanted = vec![claim.claimed, claim.right];
        wanted.extend_from_slice(claim.forms);
        wanted.extend_from_slice(claim.pool);
        wanted.extend(claim.definitions.iter().map(|line| line.value));
        let mut formula = Formula::new();
        let roots = formula.graft(claim.formula, &wanted);
        replace_abstract_functions(&mut formula)?;
        write_out_slopes(&mut formula, &roots)?;
        let (forms, pool) = (claim.forms.len(), claim.pool.len());
        let definitions = &roots[2 + forms + pool..];
        let names: BTreeSet<&Name> = claim.definitions.iter().map(|line| &line.name).collect();
        let inputs: Vec<_> = variables(&formula, &roots)
            .into_iter()
            .filter(|variable| !names.contains(&variable.name))
            .collect();
        let mut search = Search {
            claimed: roots[0],
            right: roots[1],
            forms: roots[2..2 + forms].to_vec(),
            pool: roots[2 + forms..2 + forms + pool].to_vec(),
            formula,
            places: Vec::new(),
        };
        let mut samplers: Vec<Sampler> = (0..POINTS)
            .map(|variant| Sampler::new(&search.formula, &roots, inputs.clone(), variant))
            .collect();
        if let Some(sampler) = samplers.first() {
            refuse_large(&search.formula, &roots, &sampler.first_sizes())?;
        }
        for drawn in 0..DRAWS {
            let at = search.places.len();
            let Some(sampler) = samplers.get_mut(at) else { break };
            let mut point = sampler.draw(draw)?;
            let mut is_usable = true;
            for (line, value) in claim.definitions.iter().zip(definitions) {
                let value = search.formula.evaluate(&[*value], &point)?.swap_remove(0);
                is_usable &= is_finite(&value);
                point.variables.insert(line.name.clone(), value);
            }
            let mut values = HashMap::new();
            search.formula.evaluate_more(&roots, &point, &mut values)?;
            let (claimed, right) = (&values[&search.claimed], &values[&search.right]);
            is_usable &= is_finite(right) && (is_finite(claimed) || !claim.is_partial);
            // Where forms of the right value differ, rounding speaks.
            is_usable &=
                search.forms.iter().all(|form| relative_error(&values[form], right, FLOOR) < DIFFERENT);
            if !is_usable || !is_settled(&search.formula, search.right, right, &point)? {
                continue;
            }
            // A claim that is rounding alone, and a part as large as the inverse of what is nearly singular, are asked
            // elsewhere, as long as there is hope.
            if drawn < DRAWS / 2 && is_finite(claimed) {
                let parts = search.formula.reachable(&[search.claimed, search.right]);
                let is_huge = |id: &NodeId| values[id].entries.iter().any(|entry| entry.abs() > HUGE);
                if parts.iter().any(is_huge) || !is_settled(&search.formula, search.claimed, claimed, &point)?
                {
                    continue;
                }
            }
            let error = relative_error(claimed, right, FLOOR);
            if !(EQUAL..DIFFERENT).contains(&error) {
                sampler.keep();
                search.places.push(Place { point, values });
            }
        }
        Ok(search)
    }

    /// How many points there are.
    pub fn points(&self) -> usize {
        self.places.len()
    }

    /// The sizes and the variables of a point.
    pub fn point(&self, at: usize) -> Option<&Point> {
        self.places.get(at).map(|place| &place.point)
    }

    /// The sizes of a point.
    pub fn sizes(&self, at: usize) -> Sizes {
        self.point(at).map_or_else(Sizes::new, |point| point.sizes.clone())
    }

    /// The claim and the right answer at a point.
    pub fn pair(&self, at: usize) -> Option<Pair> {
        let place = self.places.get(at)?;
        let value = |id: NodeId| place.values.get(&id).cloned();
        Some(Pair { claimed: value(self.claimed)?, right: value(self.right)? })
    }

    /// The largest relative difference of two values over all points; infinite where one has no value.
    pub fn error(&mut self, left: NodeId, right: NodeId) -> f64 {
        let mut worst = 0.0_f64;
        for at in 0..self.places.len() {
            let error = match (self.value(left, at), self.value(right, at)) {
                (Some(left), Some(right)) => relative_error(&left, &right, FLOOR),
                _ => f64::INFINITY,
            };
            worst = worst.max(error);
            if worst > EQUAL {
                break;
            }
        }
        worst
    }

    /// Whether two values are equal at every point.
    pub fn is_equal(&mut self, left: NodeId, right: NodeId) -> bool {
        let (a, b) = (self.formula.shape(left), self.formula.shape(right));
        (a == b || a.rows.as_number().is_some() || b.rows.as_number().is_some())
            && self.error(left, right) <= EQUAL
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
        let is_ratio = ratio.is_finite() && ratio != 0.0 && relative_error(&left, &scaled, FLOOR) < EQUAL;
        is_ratio.then_some(ratio)
    }

    fn value(&mut self, id: NodeId, at: usize) -> Option<Matrix> {
        let Search { formula, places, .. } = self;
        let place = places.get_mut(at)?;
        let mut outcome = formula.evaluate_more(&[id], &place.point, &mut place.values);
        if let Err(NoValue::Function(_)) = outcome {
            // A slope that nobody has asked for before.
            write_out_slopes(formula, &[id]).ok()?;
            outcome = formula.evaluate_more(&[id], &place.point, &mut place.values);
        }
        outcome.ok()?;
        place.values.get(&id).filter(|value| is_finite(value)).cloned()
    }
}

/// Whether a value is more than rounding: it hardly moves when its variables hardly do. The inverse of a singular matrix is
/// finite in numbers, and anything.
fn is_settled(formula: &Formula, id: NodeId, value: &Matrix, point: &Point) -> Result<bool, CompileError> {
    let moved = formula.evaluate(&[id], &nudged(point))?;
    Ok(moved.first().is_some_and(|moved| relative_error(moved, value, FLOOR) < DIFFERENT))
}

fn is_finite(matrix: &Matrix) -> bool {
    matrix.entries.iter().all(|entry| entry.is_finite())
}
