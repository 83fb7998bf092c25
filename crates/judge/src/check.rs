//! Derivatives against difference quotients, on small random matrices.

use crate::{DeriveError, examine::Examiner};
use calculus::{Derivation, Reading, Request};
use formula::{Name, Sizes};
use std::fmt;

/// How derived formulas and difference quotients agree.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Random points that were judged.
    pub points: usize,
    /// Points that were drawn again, because a value was not finite there or a kink was near.
    pub redrawn: usize,
    /// The largest difference between how a value moves along a random direction and how its derivative says, as a part of what
    /// is added up in the latter.
    pub max_relative_error: f64,
    /// Whether no difference is more than rounding and the step of the quotients explain, and each is below [`TOLERANCE`]; false
    /// when no point could be judged.
    pub passed: bool,
    /// Whether a difference is more than that, by quotients of several steps. Where this is false too, no point tells.
    pub is_contradicted: bool,
    /// What no point reached, as words: a side of a kink, or a function where it varies. A side of a kink is judged all the
    /// same, by the smooth formula that holds there.
    pub not_reached: Vec<String>,
    /// The last random point, with every value and derivative there.
    pub example: Example,
}

/// One sentence.
impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = match (self.passed, self.is_contradicted) {
            (true, _) => "passed",
            (false, true) => "failed",
            (false, false) => "undecided",
        };
        let Check { points, redrawn, max_relative_error, .. } = self;
        write!(
            f,
            "{points} random points ({redrawn} redrawn), largest relative error {max_relative_error:.1e}: {said}"
        )
    }
}

/// No larger error passes, whatever the rounding.
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
const REDRAWS: usize = 64;

/// Judges every derivative line of a derivation, and the readings of it that answer a request, against fourth-order central
/// differences along random directions at random points, in 31 digits where that is cheap. `draw` gives numbers from a standard
/// normal distribution. Variables take the properties declared of them, and other domains where the formula has no value; sides
/// of kinks and functions that the random points do not reach are aimed at.
///
/// # Errors
/// When a part of the formula has no value at any point, such as a function of which no slope is known.
pub fn check(
    derivation: &Derivation,
    readings: &[Reading],
    request: &Request,
    points: usize,
    draw: &mut dyn FnMut() -> f64,
) -> Result<Check, DeriveError> {
    let mut examiner = Examiner::new(derivation, readings, request)?;
    let points = examiner.points(points);
    let mut redrawn = 0;
    let mut opinions = Vec::new();
    while opinions.len() < points && redrawn <= REDRAWS {
        match examiner.examine(draw)? {
            Some(opinion) => opinions.push(opinion),
            None => redrawn += 1,
        }
        if examiner.has_lost() {
            break;
        }
    }
    let judged = opinions.len();
    let mut example = Example::default();
    let mut not_reached = Vec::new();
    if let Some(last) = opinions.last() {
        let last = last.point.clone();
        example = examiner.example(&last)?;
        let (more, missing) = examiner.examine_beyond(&last, draw)?;
        opinions.extend(more);
        not_reached = missing;
    }
    let worst = opinions.iter().fold(0.0_f64, |worst, opinion| worst.max(opinion.error));
    let is_wrong = opinions.iter().any(|opinion| opinion.is_wrong);
    let is_contradicted = judged > 0 && (is_wrong || worst >= TOLERANCE);
    Ok(Check {
        points: judged,
        redrawn,
        max_relative_error: worst,
        passed: judged > 0 && !is_contradicted,
        is_contradicted,
        not_reached,
        example,
    })
}
