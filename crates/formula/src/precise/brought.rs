//! What the errors of arguments bring to the value of a function.

use super::{Bounded, Digits};
use crate::{Kink, Real, Row};

/// 2^-20: by how much an argument is moved to see the slope of a function, as a part of it, and by itself where it is above 1: a
/// function may turn within a unit, however large its argument is.
const MOVE: f64 = 9.536_743_164_062_5e-7;
/// So many times their rounding numbers are apart at least.
const APART: f64 = 8.0;
/// What a function is off a line, as a part of its rise and of its size, where it turns.
const BENT: f64 = 0.1;

/// What the errors of arguments bring to the value of a function, by its slopes beside the arguments and over their errors.
pub(super) fn brought_by<D: Digits>(row: &Row, values: &[D], arguments: &[Bounded<D>]) -> f64 {
    // Doubles tell slopes well enough, as long as they tell places apart between which the function turns.
    let in_doubles = |at: &[D]| {
        let at: Vec<f64> = at.iter().map(|value| value.double()).collect();
        D::from((row.value)(&at))
    };
    let in_digits = |at: &[D]| D::primitive(row, at).0;
    // Between its kinks a function that has them is a number or an argument with a sign, and rounds nothing.
    let rounding = if row.kink == Kink::Nowhere { f64::EPSILON } else { 0.0 };
    let mut total = 0.0;
    for (place, argument) in arguments.iter().enumerate().filter(|(_, argument)| argument.error > 0.0) {
        let value = argument.value();
        let size = if value == 0.0 { 1.0 } else { value.abs() };
        let [near, far] = [size.min(1.0), size].map(|size| size * MOVE);
        let told = APART * f64::EPSILON * size;
        let mut slope = Slope::of(&in_doubles, values, place, far, rounding).steepest;
        if far > near {
            slope = slope.max(Slope::of(&in_doubles, values, place, near.max(told), rounding).seen);
        }
        if told > near && row.kink == Kink::Nowhere {
            let fine = Slope::of(&in_digits, values, place, near.max(APART * D::PART * size), D::PART);
            slope = if fine.turns { f64::INFINITY } else { slope.max(fine.seen) };
        }
        for over in [1.0, 0.37].map(|part| part * argument.error).into_iter().filter(|over| *over > far) {
            slope = slope.max(Slope::of(&in_doubles, values, place, over, rounding).steepest);
        }
        total += slope * argument.error;
    }
    total
}

/// How steep a function is around a place.
struct Slope {
    /// The larger of those to both sides, with what rounding hides of it.
    steepest: f64,
    /// The same, as far as it is more than rounding.
    seen: f64,
    /// Whether it turns between the places that were looked at, so that they do not tell its slope.
    turns: bool,
}

impl Slope {
    /// Of a function of these values, one of which is moved by a step to either side; its results are rounded by this part.
    fn of<D: Digits>(
        function: &dyn Fn(&[D]) -> D,
        values: &[D],
        place: usize,
        step: f64,
        rounding: f64,
    ) -> Slope {
        let mut at = values.to_vec();
        let centre = function(&at);
        let [left, right] = [-step, step].map(|step| {
            at[place] = values[place] + D::from(step);
            (function(&at) - centre).double()
        });
        // On the other side of an end of its domain the function has no value; one that is beyond all doubles may be any.
        let rise = left.abs().max(right.abs());
        let rise = if rise.is_nan() { f64::INFINITY } else { rise };
        let size = centre.double().abs();
        let bent = (left + right).abs();
        let turns = bent > BENT * (left.abs() + right.abs()) && bent > BENT * size;
        let is_seen = rise > APART * size * rounding;
        Slope {
            steepest: (rise + size * rounding) / step,
            seen: if is_seen { rise / step } else { 0.0 },
            turns,
        }
    }
}

/// How far apart the values on both sides of a kink are, where rounding does not tell on which one the arguments lie: 1 for a
/// step, next to nothing for a maximum.
pub(super) fn at_kink<D: Digits>(function: fn(&[f64]) -> f64, kink: Kink, arguments: &[Bounded<D>]) -> f64 {
    let distance = match (kink, arguments) {
        (Kink::AtZero, [argument, ..]) => *argument,
        (Kink::AtTie, [left, right, ..]) => *left - *right,
        (Kink::Nowhere | Kink::AtZero | Kink::AtTie, _) => return 0.0,
    };
    if distance.error == 0.0 || distance.is_apart_from_zero() {
        return 0.0;
    }
    let mut at: Vec<f64> = arguments.iter().map(|argument| argument.value()).collect();
    let kink = at[0] - distance.value();
    let away = distance.value().abs() + distance.error;
    let away = away.max(4.0 * f64::EPSILON * kink.abs()).max(f64::MIN_POSITIVE);
    let mut value = |side: f64| {
        at[0] = kink + side * away;
        function(&at)
    };
    let (below, there, above) = (value(-1.0), value(0.0), value(1.0));
    let apart = below.max(there).max(above) - below.min(there).min(above);
    if (below + there + above).is_nan() || apart.is_nan() { f64::INFINITY } else { apart }
}
