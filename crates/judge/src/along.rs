//! Derivatives against the quotient along one random direction, which every entry of them takes part in.

use crate::DeriveError;
use crate::arrangement::Arrangement;
use crate::quotient::{Moving, Value, is_symmetric, moved, slope_along, symmetric_part};
use formula::{Bounded, Digits, Matrix, Name, Point, Real, Variable};

/// A quotient whose own error, as a part of what is added up in it, is above this is no judge.
const DOUBTED: f64 = 1e-6;
/// Entries smaller than this, as a part of the largest, are judged as if they were of this size.
const SPREAD: f64 = 1e-12;

/// Values and errors below this are what underflow leaves.
const UNDERFLOWN: f64 = 1e-250;
/// Two quotients that differ by at most this part of them are of one slope.
const SETTLED: f64 = 0.1;

/// How a derivative and its quotient agree.
#[derive(Clone, Copy)]
pub(crate) struct Agreement {
    /// The largest difference, as a part of what is added up in the derivative.
    pub error: f64,
    /// Whether it is more than rounding and the step explain.
    pub is_wrong: bool,
}

/// Derivatives of one value and the way its quotients are taken.
pub(crate) struct Along<'a, D> {
    pub arrangement: &'a Arrangement,
    /// What moves, each with the derivative by it: several move jointly.
    pub moving: &'a [(&'a Variable, Matrix<Bounded<D>>)],
    /// The values whose kinks must not be crossed.
    pub kinked: &'a [&'a Value],
    pub steps: &'a Steps,
}

/// The steps of quotients, as a part of the variable's size.
pub(crate) struct Steps {
    /// In the order in which they are tried.
    pub sizes: &'static [f64],
    /// A quotient whose own error, as a part of what is added up in it, is below this is asked no further.
    pub trusted: f64,
    /// What is tried before anything is said against a derivative, from large to small.
    pub finer: &'static [f64],
}

/// A direction of each variable that moves.
type Directions<'a, D> = [(&'a Name, Matrix<Bounded<D>>)];

/// What the derivatives say of a move.
struct Expected<D> {
    moves: Matrix<Bounded<D>>,
    /// The sums of what is added up in the moves, without signs.
    sizes: Vec<f64>,
    /// Moves smaller than this are judged as if they were of this size.
    floor: f64,
}

/// What a quotient of one step says.
struct Said<D> {
    step: f64,
    /// Its own error, as a part of what is added up in it; infinite where it tells no slope.
    doubt: f64,
    agreement: Agreement,
    quotient: Matrix<Bounded<D>>,
}

impl<D: Digits> Said<D> {
    fn is_judge(&self) -> bool {
        self.doubt < DOUBTED
    }

    /// Whether both tell the same slope.
    fn confirms(&self, other: &Said<D>) -> bool {
        let entries = self.quotient.entries.iter().zip(&other.quotient.entries);
        entries.into_iter().all(|(one, two)| is_settled(*one, (*one - *two).value().abs()))
    }
}

/// Whether a quotient that is this far from another tells a slope, or is nothing but rounding in both.
fn is_settled<D: Digits>(quotient: Bounded<D>, apart: f64) -> bool {
    apart <= SETTLED * quotient.value().abs() || apart <= 2.0 * quotient.error()
}

impl<D: Digits> Along<'_, D> {
    /// The derivatives against the quotient along a random direction; `None` where no step makes it a judge.
    ///
    /// Over a step in which a value turns often, its quotient is next to nothing beside a derivative that is right, whatever the
    /// size of the step. So a derivative is contradicted only where smaller steps tell the same slope, and none agrees with it.
    pub fn judge(
        &self,
        point: &Point<Bounded<D>>,
        value: &mut Moving<'_, Bounded<D>>,
        draw: &mut dyn FnMut() -> f64,
    ) -> Result<Option<Agreement>, DeriveError> {
        let whole = value(point)?;
        let mut directions = Vec::with_capacity(self.moving.len());
        let mut expected: Option<(Matrix<Bounded<D>>, Vec<f64>)> = None;
        for (by, derived) in self.moving {
            let Some(centre) = point.variables.get(&by.name) else {
                // What the value does not have does not move it.
                let is_wrong = derived.entries.iter().any(|entry| entry.value() != 0.0);
                return Ok(Some(Agreement { error: f64::from(u8::from(is_wrong)), is_wrong }));
            };
            let largest = centre.entries.iter().fold(0.0_f64, |size, entry| size.max(entry.value().abs()));
            let size = if largest > 0.0 { largest } else { 1.0 };
            let mut random = centre.clone();
            random.entries.iter_mut().for_each(|entry| *entry = Bounded::from(size * draw()));
            let direction = self.arrangement.direction(point).unwrap_or(&random);
            let (moves, sizes) = self.arrangement.predicted(derived, by, direction, whole.rows);
            expected = Some(match expected {
                None => (moves, sizes),
                Some(others) => joined(others, &(moves, sizes)),
            });
            // A symmetric variable stays symmetric.
            let along = if is_symmetric(by) { symmetric_part(direction) } else { direction.clone() };
            directions.push((&by.name, along));
        }
        let Some((moves, sizes)) = expected else { return Ok(None) };
        let observed = self.arrangement.observed(whole, point);
        let is_known = moves.entries.iter().any(|entry| entry.is_known(1.0) && entry.value() != 0.0);
        // What is 0 by rounding is judged by the value that stays as it is, or by the terms that cancel in it, of which its
        // rounding tells.
        let floor = if is_known {
            SPREAD * sizes.iter().fold(0.0_f64, |largest, size| largest.max(*size))
        } else {
            let size = |entry: &Bounded<D>| match entry.value().abs() {
                // What underflows has no terms to tell of.
                value if value < UNDERFLOWN && entry.error() < UNDERFLOWN => value,
                value => value.max(entry.error() / D::PART),
            };
            observed.entries.iter().fold(0.0_f64, |largest, entry| largest.max(size(entry)))
        };
        let expected = Expected { moves, sizes, floor };
        let mut of = |moved: &Point<Bounded<D>>| Ok(self.arrangement.observed(value(moved)?, point));
        let mut best: Option<Said<D>> = None;
        for step in self.steps.sizes {
            let Some(said) = self.said(point, &directions, &expected, &mut of, *step)? else { continue };
            let is_trusted = said.doubt < self.steps.trusted;
            if best.as_ref().is_none_or(|best| said.doubt < best.doubt) {
                best = Some(said);
            }
            if is_trusted {
                break;
            }
        }
        let best = best.filter(Said::is_judge);
        if let Some(best) = best.as_ref().filter(|best| !best.agreement.is_wrong) {
            return Ok(Some(best.agreement));
        }
        let mut is_confirmed = false;
        let largest = best.as_ref().map_or(f64::INFINITY, |best| best.step);
        for step in self.steps.finer.iter().filter(|step| **step < largest) {
            let said = self.said(point, &directions, &expected, &mut of, *step)?;
            let Some(said) = said.filter(Said::is_judge) else { continue };
            if !said.agreement.is_wrong {
                return Ok(Some(said.agreement));
            }
            is_confirmed |= best.as_ref().is_some_and(|best| said.confirms(best));
        }
        Ok(best.filter(|_| is_confirmed).map(|best| best.agreement))
    }

    /// What the quotient of one step says; `None` where a kink is crossed or a value is not finite.
    fn said(
        &self,
        point: &Point<Bounded<D>>,
        directions: &Directions<'_, D>,
        expected: &Expected<D>,
        value: &mut Moving<'_, Bounded<D>>,
        step: f64,
    ) -> Result<Option<Said<D>>, DeriveError> {
        if self.crosses_a_kink(point, directions, step)? {
            return Ok(None);
        }
        let Some(slope) = slope_along(value, directions, point, step)? else { return Ok(None) };
        let (mut doubt, mut agreement) = (0.0_f64, Agreement { error: 0.0, is_wrong: false });
        if slope.quotient.entries.len() != expected.moves.entries.len() {
            agreement = Agreement { error: f64::INFINITY, is_wrong: true };
            return Ok(Some(Said { step, doubt, agreement, quotient: slope.quotient }));
        }
        for (at, (predicted, quotient)) in
            expected.moves.entries.iter().zip(&slope.quotient.entries).enumerate()
        {
            let gap = (*predicted - *quotient).value().abs();
            let bound = (*predicted - *quotient).error() + slope.unsettled[at];
            if gap == 0.0 && bound == 0.0 {
                continue;
            }
            let size = expected.sizes[at].max(quotient.value().abs()).max(expected.floor);
            let is_apart = gap > bound;
            let is_told = size.is_finite() && (bound / size).is_finite() && gap.is_finite();
            if !is_told || (is_apart && !is_settled(*quotient, slope.unsettled[at])) {
                doubt = f64::INFINITY;
                continue;
            }
            doubt = doubt.max(bound / size);
            agreement.error = agreement.error.max(gap / size);
            agreement.is_wrong |= is_apart;
        }
        Ok(Some(Said { step, doubt, agreement, quotient: slope.quotient }))
    }

    /// Whether the steps of a quotient pass from one side of a kink to the other.
    fn crosses_a_kink(
        &self,
        point: &Point<Bounded<D>>,
        directions: &Directions<'_, D>,
        step: f64,
    ) -> Result<bool, DeriveError> {
        for value in self.kinked.iter().filter(|value| value.has_kinks()) {
            let here = value.sides(&doubles(point))?;
            for reach in [4.0 * step, -4.0 * step] {
                if value.sides(&doubles(&moved(point, directions, reach)?))? != here {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// The moves that several variables make together, with the sizes of what is added up in them.
fn joined<D: Digits>(
    (moves, sizes): (Matrix<Bounded<D>>, Vec<f64>),
    others: &(Matrix<Bounded<D>>, Vec<f64>),
) -> (Matrix<Bounded<D>>, Vec<f64>) {
    let entries = moves.entries.iter().zip(&others.0.entries).map(|(a, b)| *a + *b).collect();
    let sizes = sizes.iter().zip(&others.1).map(|(a, b)| a + b).collect();
    (Matrix { entries, ..moves }, sizes)
}

/// The nearest doubles of a point.
pub(crate) fn doubles<T: Real>(point: &Point<T>) -> Point {
    let variables = point.variables.iter();
    let variables = variables.map(|(name, value)| (name.clone(), value.map(T::value))).collect();
    Point { sizes: point.sizes.clone(), variables }
}
