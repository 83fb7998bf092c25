//! Values of the primitives that choose and compare, as doubles and to 31 digits.

use crate::twofold::Twofold;
use crate::twofold_functions::WithError;
use std::ops::{Add, Mul, Sub};

/// NaN where either is NaN, unlike `f64::max`, so that a diverged value is seen and not hidden.
pub(super) fn maximum(x: f64, y: f64) -> f64 {
    if x > y || x.is_nan() { x } else { y }
}

pub(super) fn minimum(x: f64, y: f64) -> f64 {
    if x < y || x.is_nan() { x } else { y }
}

/// 1 where the comparison holds, else 0; NaN where either number is NaN, which no comparison holds for.
pub(super) fn compare(numbers: &[f64], holds: bool) -> f64 {
    if numbers.iter().any(|number| number.is_nan()) { f64::NAN } else { f64::from(u8::from(holds)) }
}

pub(super) fn compare_precisely(numbers: &[Twofold], holds: bool) -> WithError {
    if numbers.iter().any(|number| number.is_nan()) {
        known(f64::NAN)
    } else {
        known(f64::from(u8::from(holds)))
    }
}

/// A number that a function has chosen.
pub(super) fn exact(value: Twofold) -> WithError {
    WithError { value, error: 0.0 }
}

/// A double that is a function's exact value.
pub(super) fn known(value: f64) -> WithError {
    exact(Twofold::new(value))
}

/// What is not chosen is not looked at, so that it may be no number there: `where(x > 0, log(x), 0)`.
pub(super) fn choose<T>(condition: T, x: T, y: T) -> T
where
    T: Copy + PartialEq + From<f64> + Add<Output = T> + Sub<Output = T> + Mul<Output = T>,
{
    if condition == T::from(1.0) {
        x
    } else if condition == T::from(0.0) {
        y
    } else {
        condition * x + (T::from(1.0) - condition) * y
    }
}

pub(super) fn sign(x: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        // 0 for 0, NaN for NaN.
        x * 0.0
    }
}

pub(super) fn step(x: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x.is_nan() {
        x
    } else {
        0.0
    }
}
