//! Numbers that know their rounding: what judges a derivative tells a small term from rounding by them.
//!
//! A value carries a running bound of its error. Each operation adds what it rounds itself to what its arguments bring: for a
//! function, their error times its slope, which two of its values tell. So where two values that should be equal differ by more
//! than their bounds, they are different; and where a bound is as large as the value, nothing is known of it.

mod brought;

use self::brought::{at_kink, brought_by};
use crate::real::{Arithmetic, eliminate};
use crate::twofold::Twofold;
use crate::twofold_functions::{WithError, whole_power};
use crate::{Kink, Matrix, Number, Primitive, Real, Row};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A number with a bound of its error. Equal are those of equal value and bound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounded<D> {
    value: D,
    error: f64,
}

/// A number of 31 digits with a bound of its error: for what is small enough that ten times the work does not matter.
pub type Precise = Bounded<Twofold>;

/// A double with a bound of its error.
pub type Rough = Bounded<f64>;

/// How a number is held, without its bound.
pub trait Digits: Arithmetic {
    /// What an operation adds to the error, as a part of its result.
    const PART: f64;
    /// The ratio of a circle's circumference to its diameter.
    const PI: Self;

    /// The nearest double.
    fn double(self) -> f64;

    /// Whether a sum or product of two of them is exact, but for what underflows.
    fn is_joined_exactly(self, other: Self) -> bool;

    /// A ratio times a power of ten, and a bound of its error.
    fn ratio(numerator: i64, denominator: i64, exponent: i32) -> (Self, f64);

    /// A primitive, and a bound of its error where the arguments are exact.
    fn primitive(row: &Row, arguments: &[Self]) -> (Self, f64);

    /// The square root.
    fn square_root(self) -> Self;
}

/// Results below this may have lost digits that no double holds.
pub(crate) const SMALL: f64 = 1e-260;
/// What they may have lost.
pub(crate) const LOST: f64 = 1e-290;
/// Results above this may have lost any digits.
const LARGE: f64 = 1e304;

impl Arithmetic for Twofold {}

impl Digits for Twofold {
    /// 2^-102
    const PART: f64 = 1.972_152_263_052_53e-31;
    const PI: Twofold = Twofold::PI;

    fn double(self) -> f64 {
        self.high
    }

    fn is_joined_exactly(self, other: Twofold) -> bool {
        self.low == 0.0 && other.low == 0.0
    }

    fn ratio(numerator: i64, denominator: i64, exponent: i32) -> (Twofold, f64) {
        let whole = |value: i64| {
            let high = value as f64;
            // What a double does not hold of 64 bits, another holds.
            Twofold::new(high) + Twofold::new((i128::from(value) - high as i128) as f64)
        };
        let value = whole(numerator) / whole(denominator);
        if exponent != 0 {
            let power = whole_power(Twofold::new(10.0), f64::from(exponent.abs()));
            let value = if exponent < 0 { value / power } else { value * power };
            // Every product within the power rounds.
            let roundings = 2.0 + 2.0 * f64::from(exponent.abs());
            return (value, value.high.abs() * roundings * Self::PART);
        }
        let is_exact = value.low == 0.0 && denominator.unsigned_abs().is_power_of_two();
        (value, if is_exact { 0.0 } else { value.high.abs() * Self::PART })
    }

    fn primitive(row: &Row, arguments: &[Twofold]) -> (Twofold, f64) {
        let WithError { value, error } = (row.precise)(arguments);
        (value, error)
    }

    fn square_root(self) -> Twofold {
        Twofold::square_root(self)
    }
}

impl Digits for f64 {
    /// 2^-53
    const PART: f64 = 1.110_223_024_625_156_5e-16;
    const PI: f64 = std::f64::consts::PI;

    fn double(self) -> f64 {
        self
    }

    fn is_joined_exactly(self, other: f64) -> bool {
        // Whole numbers, as long as they are small.
        let is_small_whole = |number: f64| number.trunc() == number && number.abs() < 1e7;
        is_small_whole(self) && is_small_whole(other)
    }

    fn ratio(numerator: i64, denominator: i64, exponent: i32) -> (f64, f64) {
        let value = crate::number::scaled_value(numerator, denominator, exponent);
        let is_exact = denominator == 1 && exponent == 0 && numerator.unsigned_abs() < 1 << 53;
        (value, if is_exact { 0.0 } else { 3.0 * value.abs() * Self::PART })
    }

    fn primitive(row: &Row, arguments: &[f64]) -> (f64, f64) {
        let value = (row.value)(arguments);
        // What is exact of whole numbers in twice as many digits is exact.
        if row.kink == Kink::Nowhere && value.trunc() == value && arguments.iter().all(|a| a.trunc() == *a) {
            let arguments: Vec<Twofold> = arguments.iter().copied().map(Twofold::new).collect();
            let precise = (row.precise)(&arguments);
            if precise.error == 0.0 && precise.value.low == 0.0 {
                return (precise.value.high, 0.0);
            }
        }
        // Two units in the last place are what `libm` promises.
        (value, if row.kink == Kink::Nowhere { 8.0 * value.abs() * Self::PART } else { 0.0 })
    }

    fn square_root(self) -> f64 {
        self.sqrt()
    }
}

impl<D: Digits> Bounded<D> {
    /// A bound of how far it is from the exact value; infinite where nothing is known.
    pub fn error(self) -> f64 {
        if self.value.double().is_finite() && !self.error.is_nan() { self.error } else { f64::INFINITY }
    }

    /// Whether it is certainly not 0.
    pub fn is_apart_from_zero(self) -> bool {
        self.value().abs() > self.error()
    }

    /// Whether rounding leaves it more than these many times as large as its error; an exact 0 is known too.
    pub fn is_known(self, times: f64) -> bool {
        self.error() == 0.0 || self.value().abs() > times * self.error()
    }

    fn is_zero(self) -> bool {
        self.error == 0.0 && self.value.double() == 0.0
    }

    fn is_joined_exactly(self, other: Bounded<D>) -> bool {
        self.error == 0.0 && other.error == 0.0 && self.value.is_joined_exactly(other.value)
    }

    /// What its error brings to a product: where all of it is lost below the doubles, a large factor does not bring it back, and
    /// the bound tells nothing of the sizes of terms any more.
    fn magnified(self, brought: f64) -> f64 {
        let is_lost =
            self.value.double().abs() < SMALL && (LOST..SMALL).contains(&self.error) && !self.is_known(1.0);
        if is_lost && brought > SMALL { f64::INFINITY } else { brought }
    }

    fn rounded(value: D, brought: f64) -> Bounded<D> {
        let size = value.double().abs();
        let lost = match size {
            size if size < SMALL => LOST,
            // Near the end of the doubles what a step on the way could not hold is gone.
            size if size > LARGE => f64::INFINITY,
            _ => 0.0,
        };
        Bounded { value, error: brought + size * D::PART + lost }
    }
}

impl<D: Digits> From<f64> for Bounded<D> {
    fn from(value: f64) -> Bounded<D> {
        Bounded { value: D::from(value), error: 0.0 }
    }
}

impl<D: Digits> Neg for Bounded<D> {
    type Output = Bounded<D>;

    fn neg(self) -> Bounded<D> {
        Bounded { value: -self.value, error: self.error }
    }
}

impl<D: Digits> Add for Bounded<D> {
    type Output = Bounded<D>;

    fn add(self, other: Bounded<D>) -> Bounded<D> {
        let value = self.value + other.value;
        let is_exact = self.is_joined_exactly(other);
        let rounding = if is_exact { 0.0 } else { value.double().abs() * D::PART };
        Bounded { value, error: self.error + other.error + rounding }
    }
}

impl<D: Digits> Sub for Bounded<D> {
    type Output = Bounded<D>;

    fn sub(self, other: Bounded<D>) -> Bounded<D> {
        self + -other
    }
}

impl<D: Digits> Mul for Bounded<D> {
    type Output = Bounded<D>;

    fn mul(self, other: Bounded<D>) -> Bounded<D> {
        let (a, b) = (self.value.double(), other.value.double());
        if (self.is_zero() && b.is_finite()) || (other.is_zero() && a.is_finite()) {
            return Bounded::from(0.0);
        }
        let value = self.value * other.value;
        if self.is_joined_exactly(other) && value.double().abs() > SMALL {
            return Bounded { value, error: 0.0 };
        }
        let brought = a.abs() * other.error + b.abs() * self.error + self.error * other.error;
        Bounded::rounded(value, self.magnified(brought).max(other.magnified(brought)))
    }
}

impl<D: Digits> Div for Bounded<D> {
    type Output = Bounded<D>;

    fn div(self, other: Bounded<D>) -> Bounded<D> {
        let value = self.value / other.value;
        if self.is_zero() && value.double() == 0.0 {
            return Bounded::from(0.0);
        }
        // The least that the divisor may be.
        let least = other.value.double().abs() - other.error;
        if least <= 0.0 {
            return Bounded { value, error: f64::INFINITY };
        }
        let brought = (self.error + value.double().abs() * other.error) / least;
        Bounded::rounded(value, self.magnified(brought))
    }
}

impl<D: Digits> Arithmetic for Bounded<D> {}

impl<D: Digits> Real for Bounded<D> {
    const PI: Bounded<D> = Bounded { value: D::PI, error: 4.0 * D::PART };

    fn of(number: Number) -> Bounded<D> {
        let (value, error) = match number.as_scaled_ratio() {
            Some((numerator, denominator, exponent)) => D::ratio(numerator, denominator, exponent),
            None => (D::from(number.value()), 0.0),
        };
        let size = value.double().abs();
        let inexact = number.rounding();
        // A number near the least of the doubles is not 0, and has not all its digits.
        let inexact = if size < SMALL && !number.is_zero() { inexact + LOST } else { inexact };
        Bounded { value, error: error + inexact }
    }

    fn value(self) -> f64 {
        self.value.double()
    }

    fn primitive(primitive: Primitive, arguments: &[Bounded<D>]) -> Bounded<D> {
        let row = primitive.row();
        let values: Vec<D> = arguments.iter().map(|argument| argument.value).collect();
        let (value, error) = D::primitive(row, &values);
        // Of what nothing is known, a function tells nothing.
        if arguments.iter().any(|argument| argument.error().is_infinite()) {
            return Bounded { value, error: f64::INFINITY };
        }
        let mut brought = error;
        if arguments.iter().any(|argument| argument.error > 0.0) {
            brought += 2.0 * brought_by(row, &values, arguments) + at_kink(row.value, row.kink, arguments);
        }
        // What a function chooses among exact numbers is exact. A smooth one is exactly 0 at 0 or 1, and elsewhere by underflow.
        let is_whole = |argument: &Bounded<D>| argument.value() == 0.0 || argument.value() == 1.0;
        let underflows =
            value.double() == 0.0 && row.kink == Kink::Nowhere && !arguments.iter().any(is_whole);
        if brought == 0.0 && !underflows {
            Bounded { value, error: 0.0 }
        } else {
            Bounded::rounded(value, brought)
        }
    }

    fn sqrt(self) -> Bounded<D> {
        if self.is_zero() {
            return self;
        }
        let value = self.value.square_root();
        Bounded::rounded(value, self.error / value.double())
    }

    fn as_given(self) -> Bounded<D> {
        if self.error().is_finite() { Bounded { value: self.value, error: 0.0 } } else { self }
    }

    fn solve(left: &Matrix<Bounded<D>>, right: &Matrix<Bounded<D>>) -> (Matrix<Bounded<D>>, Bounded<D>) {
        let size = left.rows;
        let bare = |matrix: &Matrix<Bounded<D>>| matrix.map(|entry| entry.value);
        let magnitude: fn(D) -> f64 = |entry| entry.double().abs();
        let (solution, determinant) = eliminate(&bare(left), &bare(right), magnitude);
        // The solution is that of a matrix within `change` of this one, so it is within abs(inverse)*change*abs(solution) of the
        // exact one, twice that for what is neglected.
        // The inverse has these digits too: in fewer, one of a singular matrix would look tame.
        let identity = Matrix::from_fn(size, size, |row, col| D::from(f64::from(u8::from(row == col))));
        let inverse = eliminate(&bare(left), &identity, magnitude).0.map(magnitude);
        let largest = left.entries.iter().fold(0.0_f64, |size, entry| size.max(entry.value().abs()));
        let rounding = 8.0 * size as f64 * D::PART * largest;
        let change = |row: usize, col: usize| left.at(row, col).error() + rounding;
        let mut relative = 0.0;
        for row in 0..size {
            for col in 0..size {
                relative += 2.0 * inverse.at(col, row) * change(row, col);
            }
        }
        // Beyond this the matrix may as well be singular.
        let singular = if relative < 0.1 { 0.0 } else { f64::INFINITY };
        let absolute = |value: &Matrix<D>| value.map(|entry| entry.double().abs());
        let mut residual = Matrix::from_fn(size, size, change).multiply(&absolute(&solution));
        for (entry, right) in residual.entries.iter_mut().zip(&right.entries) {
            *entry += right.error();
        }
        let brought = inverse.multiply(&residual);
        let solution = Matrix::from_fn(size, right.cols, |row, col| {
            Bounded::rounded(solution.at(row, col), 2.0 * brought.at(row, col) + singular)
        });
        let error = determinant.double().abs() * relative + singular;
        (solution, Bounded::rounded(determinant, error))
    }
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
    fn whole_powers_of_whole_numbers_are_exact() {
        for (base, exponent, power) in
            [(3.0, 2.0, 9.0), (-1.0, 9.0, -1.0), (10.0, 15.0, 1e15), (-2.0, 0.0, 1.0)]
        {
            let value = of("power", &[exact(base), exact(exponent)]);
            assert_eq!((value.value(), value.error()), (power, 0.0), "{base}^{exponent}");
            let arguments = [base, exponent].map(Rough::from);
            let rough = Rough::primitive(Primitive::named("power").unwrap(), &arguments);
            assert_eq!((rough.value(), rough.error()), (power, 0.0), "{base}^{exponent} as doubles");
        }
        let (third, large) =
            (of("power", &[exact(3.0), exact(-1.0)]), of("power", &[exact(3.0), exact(60.0)]));
        assert!(third.error() > 0.0 && large.error() > 0.0);
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
    fn of_what_nothing_is_known_a_function_tells_nothing() {
        for error in [f64::INFINITY, f64::NAN, 1e5] {
            let unknown = Precise { value: Twofold::new(0.0), error };
            let value = of("exp", &[unknown]);
            assert!(!value.is_apart_from_zero() && value.error() > 1e300, "{error}: {value:?}");
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
    fn a_power_that_underflows_is_no_exact_zero() {
        for power in [1e6, 4000.0, 1e300] {
            let tiny = of("power", &[exact(1e-6), exact(power)]);
            assert!(!tiny.is_apart_from_zero() && !tiny.is_known(1.0), "{power}: {tiny:?}");
        }
        assert_eq!(of("sin", &[exact(0.0)]).error(), 0.0);
    }

    #[test]
    fn what_an_error_brings_to_a_function_that_turns_is_within_its_bound() {
        for size in [3.0, 1e3, 1e7, 1e10, 1e13, 1e17] {
            for (part, off) in [(1e-25, 1e-25), (1e-20, 3e-21), (1e-12, 7e-13), (1e-3, 4e-4)] {
                // Errors of the argument, as they are and beside it.
                let (at, error) = (exact(size), part * size);
                for function in Primitive::all().filter(|function| function.row().parameters.len() == 1) {
                    let bounded =
                        Precise::primitive(function, &[Bounded::rounded(Twofold::from(size), error)]);
                    let beside = Precise::primitive(function, &[at + exact(off * size)]);
                    let difference = (bounded.value() - beside.value()).abs();
                    assert!(
                        !(bounded - beside).is_apart_from_zero() || !bounded.value().is_finite(),
                        "{} at {size:e}, {error:e}: {difference:e} beside {bounded:?}",
                        function.row().name
                    );
                }
            }
        }
    }

    #[test]
    fn what_underflows_is_not_brought_back() {
        let lost = exact(1e-200) * exact(1.3e-200);
        assert!((lost * exact(1e250)).error().is_infinite() && (lost / exact(1e-250)).error().is_infinite());
        assert!((lost * exact(1e10) + exact(1.0)).error() < 1e-30);
        // What cancels is no such thing.
        let third = Precise::of(Number::ratio(1, 3).unwrap());
        assert!(((third - third) * exact(1e20)).error() < 1e-9);
    }

    #[test]
    fn sums_and_products_of_doubles_are_exact() {
        let rest = exact(1e16) + exact(1.0) - exact(1e16);
        assert_eq!(of("equal", &[exact(2.0) * exact(3.0), exact(6.0)]), exact(1.0));
        assert!((rest - exact(1.0)).error() < 1e-14);
        // On which side of a kink a number is, is known where rounding leaves it.
        assert_eq!(of("step", &[exact(0.1) - exact(0.1)]).error(), 0.0);
        let third = Precise::of(Number::ratio(1, 3).unwrap());
        let nothing = third + third + third - exact(1.0);
        assert!((1.0..10.0).contains(&of("step", &[nothing]).error()));
        // A maximum turns there, and does not jump.
        assert!(of("max", &[nothing, exact(0.0)]).error() < 1e-29);
        assert!(of("abs", &[nothing]).error() < 1e-29);
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
        // Of rank 3, in more digits than a double has.
        let tall = Matrix::from_fn(5, 3, |row, col| exact((((row * 7 + col * 3) % 11) as f64).sqrt() - 1.4));
        let singular = tall.multiply(&tall.transpose());
        let (_, determinant) = singular.solve(&Matrix::from_fn(5, 0, |_, _| exact(0.0)));
        assert!(!determinant.is_apart_from_zero(), "{determinant:?}");
    }
}
