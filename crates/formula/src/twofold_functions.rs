//! The primitives in twice the precision of a double: by series near 0, and elsewhere by one step of Newton from what `libm` says.
//! Each result comes with a bound of its own error for an exact argument.

use crate::precise::{LOST, SMALL};
use crate::twofold::Twofold;

/// A value and a bound of its error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WithError {
    pub value: Twofold,
    pub error: f64,
}

/// 2^-95: what a function adds to the error of its argument, as a part of its value.
const PART: f64 = 2.524_354_896_707_238e-29;

/// A value that is right up to a part of itself, which grows with the size of the argument. What is small although the argument
/// is not may have lost digits.
fn relative(value: Twofold, size: f64) -> WithError {
    let lost = if value.high.abs() < SMALL && size.abs() > 1.0 { LOST } else { 0.0 };
    WithError { value, error: PART * value.high.abs() * (1.0 + size.abs()) + lost }
}

/// A value that is right up to a part of 1.
fn absolute(value: Twofold, size: f64) -> WithError {
    WithError { value, error: PART * (1.0 + size.abs()) }
}

/// A value that rounding alone separates from what is exact.
fn rounded(value: Twofold) -> WithError {
    relative(value, 0.0)
}

pub(crate) fn exp(x: Twofold) -> WithError {
    relative(exponential(x), x.high)
}

pub(crate) fn expm1(x: Twofold) -> WithError {
    relative(less_one(x), x.high)
}

pub(crate) fn log(x: Twofold) -> WithError {
    if (x.high - 1.0).abs() < 0.3 {
        log1p(x - Twofold::ONE)
    } else {
        absolute(logarithm(x), log_size(x.high))
    }
}

pub(crate) fn log1p(x: Twofold) -> WithError {
    if x.high.abs() >= 0.3 {
        let whole = Twofold::ONE + x;
        return absolute(logarithm(whole), log_size(whole.high));
    }
    // log(1 + x) = 2*artanh(s) = 2*(s + s^3/3 + s^5/5 + ...) with s = x/(2 + x), which is within 0.18 of 0.
    let s = x / (Twofold::new(2.0) + x);
    let square = s * s;
    let mut sum = Twofold::default();
    for k in (0..22_u32).rev() {
        sum = Twofold::ONE / Twofold::new(f64::from(2 * k + 1)) + square * sum;
    }
    rounded((s * sum).times(2.0))
}

pub(crate) fn tanh(x: Twofold) -> WithError {
    // From here on 1 - tanh(x) is below what twice the digits hold.
    if x.high.abs() > 40.0 {
        return rounded(Twofold::new(x.high.signum()));
    }
    let e = less_one(x.abs().times(2.0));
    let value = e / (e + Twofold::new(2.0));
    relative(if x.high < 0.0 { -value } else { value }, x.high)
}

pub(crate) fn sinh(x: Twofold) -> WithError {
    let e = less_one(x.abs());
    let value = (e + e / (e + Twofold::ONE)).times(0.5);
    relative(if x.high < 0.0 { -value } else { value }, x.high)
}

pub(crate) fn cosh(x: Twofold) -> WithError {
    let e = exponential(x.abs());
    relative((e + Twofold::ONE / e).times(0.5), x.high)
}

pub(crate) fn sin(x: Twofold) -> WithError {
    let turn = Turn::of(x);
    let value = match turn.quarter {
        0 => turn.sin(),
        1 => turn.cos(),
        2 => -turn.sin(),
        _ => -turn.cos(),
    };
    if turn.is_none { rounded(value) } else { absolute(value, x.high) }
}

pub(crate) fn cos(x: Twofold) -> WithError {
    let turn = Turn::of(x);
    let value = match turn.quarter {
        0 => turn.cos(),
        1 => -turn.sin(),
        2 => -turn.cos(),
        _ => turn.sin(),
    };
    absolute(value, x.high)
}

pub(crate) fn tan(x: Twofold) -> WithError {
    let (sin, cos) = (sin(x), cos(x));
    let value = sin.value / cos.value;
    let part = sin.error + cos.error * value.high.abs();
    WithError { value, error: 2.0 * part / cos.value.high.abs() + PART * value.high.abs() }
}

pub(crate) fn arctan(x: Twofold) -> WithError {
    rounded(arc_tangent(x))
}

pub(crate) fn arcsin(x: Twofold) -> WithError {
    let root = ((Twofold::ONE - x) * (Twofold::ONE + x)).square_root();
    rounded(arc_tangent(x / root))
}

pub(crate) fn arccos(x: Twofold) -> WithError {
    let ratio = (Twofold::ONE - x) / (Twofold::ONE + x);
    rounded(arc_tangent(ratio.square_root()).times(2.0))
}

pub(crate) fn erf(x: Twofold) -> WithError {
    if x.high.is_nan() {
        return rounded(x);
    }
    // From here on 1 - erf(x) is below what twice the digits hold.
    if x.high.abs() > 9.0 {
        return rounded(Twofold::new(x.high.signum()));
    }
    // erf(x) = 2/sqrt(pi)*exp(-x^2)*(x + 2*x^3/3 + 4*x^5/(3*5) + ...): no term has another sign.
    let square = x * x;
    let (mut term, mut sum, mut odd) = (x, x, 1.0);
    while term.high.abs() > 1e-34 * sum.high.abs() {
        odd += 2.0;
        term = (term * square).times(2.0) / Twofold::new(odd);
        sum = sum + term;
    }
    let value = sum * exponential(-square) / Twofold::PI.square_root();
    relative(value.times(2.0), 1.0 + square.high)
}

pub(crate) fn power(x: Twofold, y: Twofold) -> WithError {
    if x.high == 0.0 {
        return WithError { value: Twofold::new(libm::pow(0.0, y.high)), error: 0.0 };
    }
    let is_whole = |y: Twofold| y.low == 0.0 && y.high.trunc() == y.high && y.high.abs() <= 4096.0;
    if is_whole(y) {
        let value = whole_power(x, y.high);
        // Products of whole numbers are exact as long as doubles hold them.
        let is_exact = is_whole(x) && y.high >= 0.0 && value.high.abs() <= LARGEST_WHOLE;
        return if is_exact { WithError { value, error: 0.0 } } else { relative(value, y.high) };
    }
    let double = y.times(2.0);
    if is_whole(double) {
        return relative(whole_power(x.square_root(), double.high), double.high);
    }
    if x.high > 0.0 && x.is_finite() && y.is_finite() {
        let exponent = y * log(x).value;
        return relative(exponential(exponent), exponent.high);
    }
    // Of what is not above 0 the double says whether there is a value.
    rounded(Twofold::new(libm::pow(x.high, y.high)))
}

/// Doubles hold all whole numbers up to 2^53.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;

pub(crate) fn whole_power(x: Twofold, exponent: f64) -> Twofold {
    let (mut left, mut square, mut result) = (exponent.abs() as u32, x, Twofold::ONE);
    while left > 0 {
        if left & 1 == 1 {
            result = result * square;
        }
        left >>= 1;
        if left > 0 {
            square = square * square;
        }
    }
    if exponent < 0.0 { Twofold::ONE / result } else { result }
}

fn exponential(x: Twofold) -> Twofold {
    if x.high.abs() > 700.0 || x.high.is_nan() {
        // Near and beyond the ends of what a double holds: in two factors, each of which has its digits.
        let half = x.times(0.5);
        let inner = if half.high.abs() > 700.0 || half.high.is_nan() {
            Twofold::new(libm::exp(half.high))
        } else {
            exponential(half)
        };
        return inner * inner;
    }
    let (rest, exponent) = reduced(x);
    (less_one_near_zero(rest) + Twofold::ONE).shifted(exponent)
}

fn less_one(x: Twofold) -> Twofold {
    if x.high.abs() < 0.35 { less_one_near_zero(x) } else { exponential(x) - Twofold::ONE }
}

/// `x - k*log(2)`, which is within 0.35 of 0, and k.
fn reduced(x: Twofold) -> (Twofold, i32) {
    let k = (x.high / std::f64::consts::LN_2).round();
    (x - Twofold::LN_2.times(k), k as i32)
}

/// `exp(x) - 1`, by the series at x/512 and nine steps of (1 + p)^2 - 1 = 2*p + p^2, in which nothing cancels.
fn less_one_near_zero(x: Twofold) -> Twofold {
    let small = x.shifted(-9);
    let mut sum = Twofold::ONE;
    for k in (2..=9_u32).rev() {
        sum = Twofold::ONE + small * sum / Twofold::new(f64::from(k));
    }
    let mut p = small * sum;
    for _ in 0..9 {
        p = p.times(2.0) + p * p;
    }
    p
}

/// `log(x)`: with y near it, y + log(x*exp(-y)), whose second part is small.
fn logarithm(x: Twofold) -> Twofold {
    if x.high <= 0.0 || !x.is_finite() {
        return Twofold::new(libm::log(x.high));
    }
    // The exponent is taken apart, so that no power underflows.
    let exponent = libm::ilogb(x.high);
    let x = x.shifted(-exponent);
    let y = libm::log(x.high);
    let z = x * exponential(Twofold::new(-y)) - Twofold::ONE;
    let near = Twofold::new(y) + (z - (z * z).times(0.5));
    near + Twofold::LN_2.times(f64::from(exponent))
}

/// An angle as so many quarters of a turn and a rest within an eighth of 0.
struct Turn {
    quarter: i64,
    rest: Twofold,
    is_none: bool,
}

impl Turn {
    fn of(x: Twofold) -> Turn {
        if x.high.is_nan() || x.high.abs() > 1e15 {
            // No digit of so large an angle is left within a turn.
            return Turn { quarter: 0, rest: Twofold::new(f64::NAN), is_none: false };
        }
        let turns = (x.high / std::f64::consts::FRAC_PI_2).round();
        let rest = x - Twofold::PI.times(0.5 * turns);
        Turn { quarter: (turns as i64).rem_euclid(4), rest, is_none: turns == 0.0 }
    }

    /// x*(1 - x^2/(2*3)*(1 - x^2/(4*5)*(...)))
    fn sin(&self) -> Twofold {
        self.rest * self.alternating(1)
    }

    /// 1 - x^2/(1*2)*(1 - x^2/(3*4)*(...))
    fn cos(&self) -> Twofold {
        self.alternating(0)
    }

    fn alternating(&self, first: u32) -> Twofold {
        let square = self.rest * self.rest;
        let mut sum = Twofold::ONE;
        for k in (1..=15_u32).rev() {
            let place = 2 * k + first;
            sum = Twofold::ONE - square * sum / Twofold::new(f64::from(place * (place - 1)));
        }
        sum
    }
}

/// With y near it, y + arctan((x - tan(y))/(1 + x*tan(y))), whose second part is as small as the last digit of a double.
fn arc_tangent(x: Twofold) -> Twofold {
    if !x.is_finite() {
        return Twofold::PI.times(0.5 * x.high.signum());
    }
    let y = libm::atan(x.high);
    let turn = Turn { quarter: 0, rest: Twofold::new(y), is_none: true };
    if y.abs() < 0.8 {
        let (sin, cos) = (turn.sin(), turn.cos());
        return Twofold::new(y) + (x * cos - sin) / (cos + x * sin);
    }
    // arctan(x) = pi/2 - arctan(1/x), of which the second is small.
    let quarter = Twofold::PI.times(0.5 * y.signum());
    quarter - arc_tangent(Twofold::ONE / x)
}

/// Some size of the logarithm of a number.
fn log_size(x: f64) -> f64 {
    f64::from(libm::ilogb(x).clamp(-1100, 1100))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Primitive;

    /// A decimal number in twice the digits of a double.
    fn decimal(text: &str) -> Twofold {
        let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut value = Twofold::default();
        for digit in whole.chars().chain(fraction.chars()).filter_map(|digit| digit.to_digit(10)) {
            value = value.times(10.0) + Twofold::new(f64::from(digit));
        }
        let exponent: f64 = exponent.parse().unwrap();
        let scaled = value * whole_power(Twofold::new(10.0), exponent - fraction.len() as f64);
        if text.starts_with('-') { -scaled } else { scaled }
    }

    #[test]
    fn functions_are_within_their_bounds_of_forty_digits() {
        let mut judged = std::collections::BTreeSet::new();
        let lines = include_str!("twofold_functions/digits.txt").lines();
        for line in lines.filter(|line| !line.starts_with('#')) {
            let [name, arguments, wanted] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let arguments: Vec<Twofold> =
                arguments.split(',').map(|x| Twofold::new(x.parse().unwrap())).collect();
            let row = Primitive::named(name).unwrap().row();
            let (found, wanted) = ((row.precise)(&arguments), decimal(wanted));
            let error = (found.value - wanted).high.abs();
            assert!(error <= found.error + 1e-30 * wanted.high.abs(), "{line}: {found:?}, {error:e}");
            assert!(found.error < 1e-23 * wanted.high.abs(), "{line}: {found:?} is no bound");
            judged.insert(name);
        }
        // Those that choose or compare are exact.
        let smooth = Primitive::all().filter(|p| p.row().kink == crate::Kink::Nowhere);
        for primitive in smooth.filter(|primitive| primitive.row().name != "where") {
            assert!(judged.contains(primitive.row().name), "{} has no digits", primitive.row().name);
        }
    }

    #[test]
    fn both_values_of_a_primitive_are_one_function() {
        for primitive in Primitive::all() {
            let row = primitive.row();
            for at in 0..200_i32 {
                let x = [f64::from(at - 100) * 0.04, f64::from(at * 7 % 50 - 20) * 0.1, 0.5];
                let x = if row.name == "where" { [f64::from(at % 2), x[0], x[1]] } else { x };
                let x = &x[..row.parameters.len()];
                let precise: Vec<Twofold> = x.iter().map(|x| Twofold::new(*x)).collect();
                let (plain, precise) = ((row.value)(x), (row.precise)(&precise).value.high);
                let is_same = (plain.is_nan() && precise.is_nan())
                    || plain == precise
                    || (plain - precise).abs() <= 1e-14 * plain.abs().max(1e-2);
                assert!(is_same, "{} of {x:?}: {plain} and {precise}", row.name);
            }
        }
    }
}
