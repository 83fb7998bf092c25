//! Derivatives against difference quotients, on small random matrices.

use crate::{CompileError, examine::Examiner};
use calculus::{Derivation, Reading, Request};
use formula::{Name, Sizes};

/// How derived formulas and difference quotients agree.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Random points that were judged.
    pub points: usize,
    /// Points that were drawn again, because a value was not finite there or a kink was near.
    pub redrawn: usize,
    /// The largest difference between an entry of a derivative and its quotient, by the largest entry of that derivative (by
    /// 1e-3 where all are smaller).
    pub max_relative_error: f64,
    /// Whether every error is below [`TOLERANCE`]; false when no point could be judged.
    pub passed: bool,
    /// The last point, with every value and derivative there.
    pub example: Example,
}

/// Errors below this pass. The quotients' own error is some 1e-10.
pub const TOLERANCE: f64 = 1e-6;

/// Every value and derivative of a derivation at one point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Example {
    /// The values of the named sizes.
    pub sizes: Sizes,
    /// Variables, lets, the result and the derivatives, in the order of the derivation.
    pub values: Vec<Shown>,
}

/// One matrix of an example.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Its name.
    pub name: Name,
    /// Its rows.
    pub rows: usize,
    /// Its columns.
    pub cols: usize,
    /// Its entries, row by row.
    pub entries: Vec<f64>,
    /// For a derivative, the difference quotients of the same entries.
    pub quotients: Option<Vec<f64>>,
}

/// How often a point may be drawn again before the check gives up.
const REDRAWS: usize = 60;

/// Judges every derivative line of a derivation, and the readings of it that answer a request, against fourth-order central differences at random points. `draw` gives numbers from a standard normal
/// distribution. Variables take the properties declared of them, and other domains where the formula has no value.
///
/// # Errors
/// When a part of the formula has no value at any point, such as a function of which no slope is known.
pub fn check(
    derivation: &Derivation,
    readings: &[Reading],
    request: &Request,
    points: usize,
    draw: &mut dyn FnMut() -> f64,
) -> Result<Check, CompileError> {
    let mut examiner = Examiner::new(derivation, readings, request)?;
    let (mut judged, mut redrawn, mut worst) = (0, 0, 0.0_f64);
    let mut example = Example::default();
    while judged < points && redrawn <= REDRAWS {
        match examiner.examine(draw)? {
            Some((shown, error)) => {
                judged += 1;
                worst = worst.max(error);
                example = shown;
            }
            None => redrawn += 1,
        }
    }
    Ok(Check {
        points: judged,
        redrawn,
        max_relative_error: worst,
        passed: judged > 0 && worst < TOLERANCE,
        example,
    })
}
