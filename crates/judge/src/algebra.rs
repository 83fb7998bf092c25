//! Steps of algebra on numbers: whether each part is what it becomes.

use crate::DeriveError;
use crate::properties::exactly;
use crate::sample::{replace_abstract_functions, variables};
use crate::vanish::{Size, looked, size};
use calculus::AlgebraStep;
use formula::{Bounded, Digits, Formula, Matrix, NodeId, Point, Twofold, Variable};
use std::fmt;

/// How steps of algebra agree with numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AlgebraCheck {
    /// The steps that were judged.
    pub steps: usize,
    /// The random points at which they were; 0 where none of them told.
    pub points: usize,
    /// The largest difference between a part and what it becomes, as a part of the largest entry.
    pub max_relative_error: f64,
    /// Whether every step was judged and no difference is more than [`TOLERANCE`].
    pub passed: bool,
}

/// One sentence.
impl fmt::Display for AlgebraCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AlgebraCheck { steps, points, max_relative_error, passed } = self;
        let plural = if *steps == 1 { "" } else { "s" };
        let said = match (passed, points) {
            (true, _) => "passed",
            (false, 0) => "undecided",
            (false, _) => "failed",
        };
        write!(
            f,
            "{steps} step{plural} of algebra at {points} random points, largest relative error {max_relative_error:.1e}: {said}"
        )
    }
}

/// No larger difference passes.
const TOLERANCE: f64 = 1e-9;

/// Evaluates every part that steps change, before and after, at random points with the declared properties.
///
/// # Errors
/// When a part has no value at any point, or too many entries.
pub fn check_algebra(
    formula: &Formula,
    steps: &[AlgebraStep],
    draw: &mut dyn FnMut() -> f64,
) -> Result<AlgebraCheck, DeriveError> {
    let none = AlgebraCheck { passed: true, ..AlgebraCheck::default() };
    if steps.is_empty() {
        return Ok(none);
    }
    let mut formula = formula.clone();
    let mut roots = Vec::with_capacity(2 * steps.len());
    for step in steps {
        let minus = formula.negate(step.to)?;
        roots.extend([step.from, formula.add(&[step.from, minus])?]);
    }
    replace_abstract_functions(&mut formula)?;
    calculus::write_out_slopes(&mut formula, &roots)?;
    let inputs = variables(&formula, &roots);
    let found = looked(&formula, &roots, &inputs, draw, |point, is_cheap| {
        let look = if is_cheap { look::<Twofold> } else { look::<f64> };
        look(&formula, &roots, &inputs, point)
    })?;
    Ok(AlgebraCheck {
        steps: steps.len(),
        points: found.points,
        max_relative_error: found.largest,
        passed: found.points > 0 && found.largest < TOLERANCE,
    })
}

/// The largest difference of a step there, as a part of what is compared; `None` where rounding hides one.
fn look<D: Digits>(
    formula: &Formula,
    roots: &[NodeId],
    inputs: &[Variable],
    point: &Point,
) -> Result<Option<(f64, bool)>, DeriveError> {
    let point = exactly::<Bounded<D>>(point, inputs);
    let values: Vec<Matrix<Bounded<D>>> = formula.evaluate(roots, &point)?;
    let mut worst = 0.0_f64;
    for pair in values.chunks_exact(2) {
        match size(&pair[0], &pair[1]) {
            Size::Part(part) => worst = worst.max(part),
            Size::Nothing => {}
            Size::Hidden => return Ok(None),
        }
    }
    Ok(Some((worst, worst == 0.0)))
}
