//! A derivative against the quotient along one random direction, which every entry of it takes part in.

use crate::CompileError;
use crate::arrangement::Arrangement;
use crate::quotient::{Moving, Value, is_symmetric, moved, slope_along, symmetric_part};
use formula::{Bounded, Digits, Matrix, Point, Real, Variable};

/// A quotient whose own error, as a part of what is added up in it, is below the first is asked no further; one above the second
/// is no judge.
const TRUSTED: (f64, f64) = (1e-12, 1e-6);
/// Entries smaller than this, as a part of the largest, are judged as if they were of this size.
const SPREAD: f64 = 1e-12;

/// How a derivative and its quotient agree.
pub(crate) struct Agreement {
    /// The largest difference, as a part of what is added up in the derivative.
    pub error: f64,
    /// Whether it is more than rounding and the step explain.
    pub is_wrong: bool,
}

/// A derivative and the way its quotients are taken.
pub(crate) struct Along<'a> {
    pub arrangement: &'a Arrangement,
    pub by: &'a Variable,
    /// The values whose kinks must not be crossed.
    pub kinked: &'a [&'a Value],
    pub steps: &'a [f64],
}

impl Along<'_> {
    /// A derivative against the quotient along a random direction; `None` where no step makes it a judge.
    pub fn judge<D: Digits>(
        &self,
        derived: &Matrix<Bounded<D>>,
        point: &Point<Bounded<D>>,
        value: &mut Moving<'_, Bounded<D>>,
        draw: &mut dyn FnMut() -> f64,
    ) -> Result<Option<Agreement>, CompileError> {
        let by = &self.by.name;
        let Some(centre) = point.variables.get(by) else { return Ok(None) };
        let largest = centre.entries.iter().fold(0.0_f64, |size, entry| size.max(entry.value().abs()));
        let size = if largest > 0.0 { largest } else { 1.0 };
        let mut random = centre.clone();
        random.entries.iter_mut().for_each(|entry| *entry = Bounded::from(size * draw()));
        let whole = value(point)?;
        let direction = self.arrangement.direction(point).unwrap_or(&random);
        let (predicted, sizes) = self.arrangement.predicted(derived, self.by, direction, whole.rows);
        // A symmetric variable stays symmetric.
        let along = if is_symmetric(self.by) { symmetric_part(direction) } else { direction.clone() };
        let observed = self.arrangement.observed(whole, point);
        let mut best: Option<(f64, Agreement)> = None;
        for step in self.steps {
            if self.crosses_a_kink(point, &along, *step)? {
                continue;
            }
            let mut of = |moved: &Point<Bounded<D>>| Ok(self.arrangement.observed(value(moved)?, point));
            let Some(slope) = slope_along(&mut of, by, &along, point, *step)? else { continue };
            if slope.quotient.entries.len() != predicted.entries.len() {
                return Ok(Some(Agreement { error: f64::INFINITY, is_wrong: true }));
            }
            let is_known = predicted.entries.iter().any(|entry| entry.is_known(1.0) && entry.value() != 0.0);
            // What is 0 by rounding is judged by the value that stays as it is.
            let floor = if is_known {
                SPREAD * sizes.iter().fold(0.0_f64, |largest, size| largest.max(*size))
            } else {
                observed.entries.iter().fold(0.0_f64, |largest, entry| largest.max(entry.value().abs()))
            };
            let (mut doubt, mut agreement) = (0.0_f64, Agreement { error: 0.0, is_wrong: false });
            for (at, (predicted, quotient)) in
                predicted.entries.iter().zip(&slope.quotient.entries).enumerate()
            {
                let gap = (*predicted - *quotient).value().abs();
                let bound = (*predicted - *quotient).error() + slope.unsettled[at];
                let size = sizes[at].max(quotient.value().abs()).max(floor);
                if gap == 0.0 && bound == 0.0 {
                    continue;
                }
                doubt = doubt.max(bound / size);
                agreement.error = agreement.error.max(gap / size);
                agreement.is_wrong |= gap > bound;
            }
            if best.as_ref().is_none_or(|(known, _)| doubt < *known) {
                best = Some((doubt, agreement));
            }
            if doubt < TRUSTED.0 {
                break;
            }
        }
        Ok(best.filter(|(doubt, _)| *doubt < TRUSTED.1).map(|(_, agreement)| agreement))
    }

    /// Whether the steps of a quotient pass from one side of a kink to the other.
    fn crosses_a_kink<D: Digits>(
        &self,
        point: &Point<Bounded<D>>,
        along: &Matrix<Bounded<D>>,
        step: f64,
    ) -> Result<bool, CompileError> {
        for value in self.kinked.iter().filter(|value| value.has_kinks()) {
            let here = value.sides(&doubles(point))?;
            for reach in [4.0 * step, -4.0 * step] {
                if value.sides(&doubles(&moved(point, &self.by.name, along, reach)?))? != here {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// The nearest doubles of a point.
fn doubles<T: Real>(point: &Point<T>) -> Point {
    let variables = point.variables.iter();
    let variables = variables.map(|(name, value)| (name.clone(), value.map(T::value))).collect();
    Point { sizes: point.sizes.clone(), variables }
}
