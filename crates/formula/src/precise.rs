//! Numbers of 31 digits that know their rounding: what judges a derivative tells a small term from rounding by them.
//!
//! A value carries a running bound of its error. Each operation adds what it rounds itself to what its arguments bring: for a
//! function, their error times its slope, which two of its values tell. So where two values that should be equal differ by more
//! than their bounds, they are different; and where a bound is as large as the value, nothing is known of it.

use crate::real::eliminate;
use crate::twofold::Twofold;
use crate::twofold_functions::Bounded;
use crate::{Kink, Matrix, Number, Primitive, Real};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A number with a bound of its error. Equal are those of equal value and bound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Precise {
    value: Twofold,
    error: f64,
}

/// 2^-102: what an operation adds, as a part of its result.
const PART: f64 = 1.972_152_263_052_53e-31;
/// Results below this may have lost digits that no double holds.
pub(crate) const SMALL: f64 = 1e-260;
/// What they may have lost.
pub(crate) const LOST: f64 = 1e-290;
/// 2^-20: by how much, as a part of it, an argument is moved to see the slope of a function.
const MOVE: f64 = 9.536_743_164_062_5e-7;
/// 2^-50: how far a number may be from what it was typed as or computed from, as a part of it, where no ratio holds it.
const INEXACT: f64 = 8.881_784_197_001_252e-16;

impl Precise {
    /// A bound of how far it is from the exact value; infinite where nothing is known.
    pub fn error(self) -> f64 {
        if self.value.is_finite() { self.error } else { f64::INFINITY }
    }

    /// Whether it is certainly not 0.
    pub fn is_apart_from_zero(self) -> bool {
        self.value().abs() > self.error()
    }

    /// Whether rounding leaves it at least these many times as large as its error; an exact 0 is known too.
    pub fn is_known(self, times: f64) -> bool {
        self.error() == 0.0 || self.value().abs() > times * self.error()
    }

    /// Whether it is a double, exactly: sums and products of such numbers are exact in twice the digits.
    fn is_double(self) -> bool {
        self.error == 0.0 && self.value.low == 0.0
    }

    fn rounded(value: Twofold, brought: f64) -> Precise {
        let size = value.high.abs();
        let lost = if size < SMALL { LOST } else { 0.0 };
        Precise { value, error: brought + size * PART + lost }
    }
}

impl From<f64> for Precise {
    fn from(value: f64) -> Precise {
        Precise { value: Twofold::new(value), error: 0.0 }
    }
}

impl Neg for Precise {
    type Output = Precise;

    fn neg(self) -> Precise {
        Precise { value: -self.value, error: self.error }
    }
}

impl Add for Precise {
    type Output = Precise;

    fn add(self, other: Precise) -> Precise {
        let value = self.value + other.value;
        if self.is_double() && other.is_double() {
            return Precise { value, error: 0.0 };
        }
        Precise { value, error: self.error + other.error + value.high.abs() * PART }
    }
}

impl Sub for Precise {
    type Output = Precise;

    fn sub(self, other: Precise) -> Precise {
        self + -other
    }
}

impl Mul for Precise {
    type Output = Precise;

    fn mul(self, other: Precise) -> Precise {
        let (a, b) = (self.value.high, other.value.high);
        let is_exact_zero = |number: Precise| number.value.high == 0.0 && number.error == 0.0;
        if (is_exact_zero(self) && b.is_finite()) || (is_exact_zero(other) && a.is_finite()) {
            return Precise::default();
        }
        let value = self.value * other.value;
        if self.is_double() && other.is_double() && value.high.abs() > SMALL {
            return Precise { value, error: 0.0 };
        }
        let brought = a.abs() * other.error + b.abs() * self.error + self.error * other.error;
        Precise::rounded(value, brought)
    }
}

impl Div for Precise {
    type Output = Precise;

    fn div(self, other: Precise) -> Precise {
        let value = self.value / other.value;
        if self.value.high == 0.0 && self.error == 0.0 && value.high == 0.0 {
            return Precise::default();
        }
        // The least that the divisor may be.
        let least = other.value.high.abs() - other.error;
        if least <= 0.0 {
            return Precise { value, error: f64::INFINITY };
        }
        Precise::rounded(value, (self.error + value.high.abs() * other.error) / least)
    }
}

impl Real for Precise {
    const PI: Precise = Precise { value: Twofold::PI, error: 1e-31 };

    fn of(number: Number) -> Precise {
        match number.as_ratio() {
            Some((numerator, denominator)) => {
                let whole = |value: i64| {
                    let high = value as f64;
                    // What a double does not hold of 64 bits, another holds.
                    Twofold::new(high) + Twofold::new((i128::from(value) - high as i128) as f64)
                };
                let value = whole(numerator) / whole(denominator);
                let is_exact = value.low == 0.0 && (denominator.unsigned_abs()).is_power_of_two();
                Precise { value, error: if is_exact { 0.0 } else { value.high.abs() * PART } }
            }
            None => {
                let value = number.value();
                Precise { value: Twofold::new(value), error: value.abs() * INEXACT }
            }
        }
    }

    fn value(self) -> f64 {
        self.value.high
    }

    fn primitive(primitive: Primitive, arguments: &[Precise]) -> Precise {
        let row = primitive.row();
        let values: Vec<Twofold> = arguments.iter().map(|argument| argument.value).collect();
        let Bounded { value, error } = (row.precise)(&values);
        let mut brought = error;
        if arguments.iter().any(|argument| argument.error > 0.0) {
            brought += 2.0 * brought_by(row.value, arguments) + at_kink(row.kink, arguments);
        }
        // No rounding makes the value of a function of exact numbers inexact where it chooses one of them.
        if brought == 0.0 { Precise { value, error: 0.0 } } else { Precise::rounded(value, brought) }
    }

    fn sqrt(self) -> Precise {
        let value = self.value.square_root();
        if self.error == 0.0 && self.value.high == 0.0 {
            return self;
        }
        Precise::rounded(value, self.error / value.high)
    }

    fn solve(left: &Matrix<Precise>, right: &Matrix<Precise>) -> (Matrix<Precise>, Precise) {
        let size = left.rows;
        let bare = |matrix: &Matrix<Precise>| Matrix {
            rows: matrix.rows,
            cols: matrix.cols,
            entries: matrix.entries.iter().map(|entry| entry.value).collect(),
        };
        let (solution, determinant) = eliminate(&bare(left), &bare(right), |entry| entry.high.abs());
        // The solution is that of a matrix within `change` of this one, so it is within abs(inverse)*change*abs(solution) of the
        // exact one, twice that for what is neglected.
        let doubles = Matrix::from_fn(size, size, |row, col| left.at(row, col).value());
        let identity = Matrix::from_fn(size, size, |row, col| f64::from(u8::from(row == col)));
        let (inverse, _) = eliminate(&doubles, &identity, f64::abs);
        let largest = left.entries.iter().fold(0.0_f64, |size, entry| size.max(entry.value().abs()));
        let rounding = 8.0 * size as f64 * PART * largest;
        let change = |row: usize, col: usize| left.at(row, col).error() + rounding;
        let mut relative = 0.0;
        for row in 0..size {
            for col in 0..size {
                relative += 2.0 * inverse.at(col, row).abs() * change(row, col);
            }
        }
        let residual = Matrix::from_fn(size, right.cols, |row, col| {
            let of_matrix = |k: usize| change(row, k) * solution.at(k, col).high.abs();
            right.at(row, col).error() + (0..size).map(of_matrix).sum::<f64>()
        });
        let solution = Matrix::from_fn(size, right.cols, |row, col| {
            let brought = (0..size).map(|k| 2.0 * inverse.at(row, k).abs() * residual.at(k, col)).sum();
            // Beyond this the matrix may as well be singular.
            let error = if relative < 0.1 { brought } else { f64::INFINITY };
            Precise::rounded(solution.at(row, col), error)
        });
        let error = determinant.high.abs() * relative;
        let error = if relative < 0.1 { error } else { f64::INFINITY };
        (solution, Precise::rounded(determinant, error))
    }
}

/// What the errors of arguments bring to the value of a function, by its slopes, which doubles tell well enough.
fn brought_by(function: fn(&[f64]) -> f64, arguments: &[Precise]) -> f64 {
    let mut at: Vec<f64> = arguments.iter().map(|argument| argument.value()).collect();
    let centre = function(&at);
    let mut total = 0.0;
    for (place, argument) in arguments.iter().enumerate().filter(|(_, argument)| argument.error > 0.0) {
        let value = argument.value();
        let size = if value == 0.0 { 1.0 } else { value.abs() };
        let step = (size * MOVE).max(argument.error);
        let mut slope: Option<f64> = None;
        for step in [step, -step] {
            at[place] = value + step;
            let moved = (function(&at) - centre).abs() / step.abs();
            // On the other side of an end of its domain the function has no value.
            if moved.is_finite() {
                slope = Some(slope.map_or(moved, |slope| slope.max(moved)));
            }
        }
        at[place] = value;
        let slope = slope.unwrap_or(f64::INFINITY);
        // What rounding hides of the slope.
        let hidden = centre.abs() * f64::EPSILON / step;
        total += (slope + hidden) * argument.error;
    }
    total
}

/// Infinite where rounding does not tell on which side of a kink the arguments are.
fn at_kink(kink: Kink, arguments: &[Precise]) -> f64 {
    let distance = match (kink, arguments) {
        (Kink::AtZero, [argument, ..]) => *argument,
        (Kink::AtTie, [left, right, ..]) => *left - *right,
        (Kink::Nowhere | Kink::AtZero | Kink::AtTie, _) => return 0.0,
    };
    if distance.error == 0.0 || distance.is_apart_from_zero() { 0.0 } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(value: f64) -> Precise {
        Precise::from(value)
    }

    fn of(name: &str, arguments: &[Precise]) -> Precise {
        Precise::primitive(Primitive::named(name).unwrap(), arguments)
    }

    #[test]
    fn what_cancels_is_within_its_bound() {
        for at in 1..100_u32 {
            let x = exact(f64::from(at) * 0.07);
            let square = |x: Precise| x * x;
            // cosh(x)^2 - sinh(x)^2 - 1 and log(exp(x)) - x
            let rest = square(of("cosh", &[x])) - square(of("sinh", &[x])) - exact(1.0);
            assert!(!rest.is_apart_from_zero(), "{rest:?}");
            let rest = of("log", &[of("exp", &[x])]) - x;
            assert!(!rest.is_apart_from_zero(), "{rest:?}");
            assert!(rest.error() < 1e-25, "{rest:?}");
        }
    }

    #[test]
    fn a_term_that_is_twenty_orders_smaller_is_seen() {
        let (large, small) = (of("exp", &[exact(1.5)]), of("sin", &[exact(0.3)]) * exact(1e-20));
        assert!((large + small - large).is_apart_from_zero());
        assert!((large + small + small - (large + small)).is_apart_from_zero());
        assert!(!(large + small - small - large).is_apart_from_zero());
    }

    #[test]
    fn what_underflows_is_unknown() {
        let tiny = of("exp", &[exact(-900.0)]);
        assert!(!tiny.is_apart_from_zero());
        assert!(!tiny.is_known(1.0));
        assert!(exact(0.0).is_known(1e9) && of("exp", &[exact(-500.0)]).is_apart_from_zero());
    }

    #[test]
    fn sums_and_products_of_doubles_are_exact() {
        let rest = exact(1e16) + exact(1.0) - exact(1e16);
        assert_eq!(of("equal", &[exact(2.0) * exact(3.0), exact(6.0)]), exact(1.0));
        assert!((rest - exact(1.0)).error() < 1e-14);
        // On which side of a kink a number is, is known where rounding leaves it.
        assert_eq!(of("step", &[exact(0.1) - exact(0.1)]).error(), 0.0);
        let third = Precise::of(Number::ratio(1, 3).unwrap());
        assert_eq!(of("step", &[third + third + third - exact(1.0)]).error(), f64::INFINITY);
    }

    #[test]
    fn a_solution_is_within_its_bound() {
        for size in [1, 4, 30, 60] {
            let entry = |row: usize, col: usize| {
                let spread = ((row * 37 + col * 101 + row * col * 13) % 97) as f64 / 97.0 - 0.5;
                exact(if row == col { 3.0 + spread } else { spread })
            };
            let matrix = Matrix::from_fn(size, size, entry);
            let right = Matrix::from_fn(size, 2, |row, col| exact((row + 3 * col) as f64 * 0.3));
            let (solution, determinant) = matrix.solve(&right);
            assert!(determinant.is_known(1e20), "{determinant:?}");
            let back = matrix.multiply(&solution);
            for (back, right) in back.entries.iter().zip(&right.entries) {
                assert!(!(*back - *right).is_apart_from_zero(), "{back:?} for {right:?}");
                assert!(back.error() < 1e-22, "{back:?} at {size}");
            }
        }
        let singular = Matrix::from_fn(2, 2, |row, col| exact(((row + 1) * (col + 1)) as f64 * 0.1));
        let (_, determinant) = singular.solve(&Matrix::from_fn(2, 0, |_, _| exact(0.0)));
        assert!(!determinant.is_apart_from_zero(), "{determinant:?}");
    }
}
