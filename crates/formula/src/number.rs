//! Exact numbers: a rational of 64 bits, with a power of ten where it needs one; a double where that does not hold it.

mod rounding;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A number of a formula. `1/3`, `0.1` and `1.38e-23` are kept exactly, so that constants fold without rounding; what needs more
/// than 64 bits above or below the line is kept as the nearest double, and so is what comes of it: it is known to be rounded. No
/// NaN and no infinity is ever held, and nothing that a double has no digit of.
#[derive(Clone, Copy, Debug)]
pub struct Number(Kind);

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Invariant: the denominator is positive and the two have no common divisor.
    Ratio(i64, i64),
    /// `numerator/denominator * 10^exponent`. Invariant: not held by a ratio; no factor of 10 above, none of 2 or 5 below, no
    /// common divisor.
    Scaled(i64, i64, i32),
    /// A rounded number. Invariant: finite and not 0.
    Double(f64),
}

/// The significant digits of a rounded number's text, one more than tell a double, and of decimals that are read as rounded.
const DIGITS: usize = 18;

/// A sum may round away so much of its smaller part.
const LOST: f64 = 1e-3;

impl Number {
    /// 0.
    pub const ZERO: Number = Number(Kind::Ratio(0, 1));
    /// 1.
    pub const ONE: Number = Number(Kind::Ratio(1, 1));
    /// -1.
    pub const MINUS_ONE: Number = Number(Kind::Ratio(-1, 1));

    /// A whole number.
    pub const fn integer(value: i64) -> Number {
        Number(Kind::Ratio(value, 1))
    }

    /// `numerator/denominator` in lowest terms; `None` when the denominator is 0.
    pub fn ratio(numerator: i64, denominator: i64) -> Option<Number> {
        Number::reduce(i128::from(numerator), i128::from(denominator))
    }

    /// The number a finite double stands for: the decimal ratio that its shortest text spells where that fits, so
    /// that `0.1` is 1/10. `None` for NaN and infinities.
    pub fn from_f64(value: f64) -> Option<Number> {
        if !value.is_finite() {
            return None;
        }
        Some(Number::decimal(&format!("{value}")).unwrap_or(Number(Kind::Double(value))))
    }

    /// Reads `12`, `0.25`, `1e-8`; `None` when the text is no decimal number, or one that is beyond the doubles. A decimal with more
    /// digits than tell one double from the next is taken to be rounded.
    pub fn decimal(text: &str) -> Option<Number> {
        let value: f64 = text.parse().ok().filter(|v: &f64| v.is_finite())?;
        let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
        if value == 0.0 && mantissa.bytes().any(|digit| matches!(digit, b'1'..=b'9')) {
            return None;
        }
        let digits = mantissa.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0');
        if value != 0.0 && mantissa.contains('.') && digits.count() >= DIGITS {
            return Some(Number(Kind::Double(value)));
        }
        Some(exact_decimal(text).unwrap_or(Number(Kind::Double(value))))
    }

    /// The nearest double.
    pub fn value(self) -> f64 {
        match self.0 {
            Kind::Ratio(n, d) => n as f64 / d as f64,
            Kind::Scaled(n, d, exponent) => scaled_value(n, d, exponent),
            Kind::Double(value) => value,
        }
    }

    /// Numerator and denominator in lowest terms, where 64 bits hold them.
    pub fn as_ratio(self) -> Option<(i64, i64)> {
        match self.0 {
            Kind::Ratio(n, d) => Some((n, d)),
            Kind::Scaled(..) | Kind::Double(_) => None,
        }
    }

    /// Numerator, denominator and a power of ten, where the number is kept exactly.
    pub(crate) fn as_scaled_ratio(self) -> Option<(i64, i64, i32)> {
        match self.0 {
            Kind::Ratio(n, d) => Some((n, d, 0)),
            Kind::Scaled(n, d, exponent) => Some((n, d, exponent)),
            Kind::Double(_) => None,
        }
    }

    /// A number with a decimal text over a whole one: 0.5 over 1, 2 over 3.
    pub fn as_quotient(self) -> (Number, Number) {
        match self.0 {
            Kind::Ratio(n, d) if self.to_string().contains('/') => (Number::integer(n), Number::integer(d)),
            Kind::Scaled(n, d, exponent) if d != 1 => {
                let above = Number::scaled(n.into(), 1, exponent).unwrap_or(self);
                (above, if above == self { Number::ONE } else { Number::integer(d) })
            }
            Kind::Ratio(..) | Kind::Scaled(..) | Kind::Double(_) => (self, Number::ONE),
        }
    }

    /// The whole number it is, if it is one.
    pub fn as_integer(self) -> Option<i64> {
        match self.0 {
            Kind::Ratio(n, 1) => Some(n),
            _ => None,
        }
    }

    /// What it is held as, each number once.
    fn key(self) -> (i64, i64, Option<i32>) {
        match self.0 {
            Kind::Ratio(n, d) => (n, d, Some(0)),
            Kind::Scaled(n, d, exponent) => (n, d, Some(exponent)),
            Kind::Double(value) => (value.to_bits().cast_signed(), 1, None),
        }
    }

    /// Whether it is 0.
    pub fn is_zero(self) -> bool {
        self == Number::ZERO
    }

    /// Whether it is 1.
    pub fn is_one(self) -> bool {
        self == Number::ONE
    }

    /// Whether it is below 0.
    pub fn is_negative(self) -> bool {
        self.value() < 0.0
    }

    /// Its absolute value.
    pub fn abs(self) -> Number {
        if self.is_negative() { -self } else { self }
    }

    /// `self + other`; `None` when the sum overflows every representation, or holds no digit of the smaller one.
    pub fn plus(self, other: Number) -> Option<Number> {
        if let (Some((a, b, e)), Some((c, d, f))) = (self.as_scaled_ratio(), other.as_scaled_ratio()) {
            let exact = || {
                let (a, b, c, d) = (i128::from(a), i128::from(b), i128::from(c), i128::from(d));
                let least = e.min(f);
                let shift = |exponent: i32| 10_i128.checked_pow(exponent.abs_diff(least));
                let (a, c) = (a.checked_mul(shift(e)?)?, c.checked_mul(shift(f)?)?);
                let above = a.checked_mul(d)?.checked_add(c.checked_mul(b)?)?;
                Number::scaled(above, b * d, least)
            };
            if let Some(sum) = exact() {
                return Some(sum);
            }
        }
        let (left, right) = (self.value(), other.value());
        let sum = left + right;
        let (large, small) = if left.abs() < right.abs() { (right, left) } else { (left, right) };
        let lost = small - (sum - large);
        if lost.abs() > LOST * small.abs() { None } else { Number::double(sum) }
    }

    /// `self * other`; `None` when the product is beyond the doubles.
    pub fn times(self, other: Number) -> Option<Number> {
        if let (Some((a, b, e)), Some((c, d, f))) = (self.as_scaled_ratio(), other.as_scaled_ratio()) {
            let above = i128::from(a) * i128::from(c);
            if let Some(product) = Number::scaled(above, i128::from(b) * i128::from(d), e + f) {
                return Some(product);
            }
        }
        let product = self.value() * other.value();
        let is_lost = product == 0.0 && !self.is_zero() && !other.is_zero();
        if is_lost { None } else { Number::double(product) }
    }

    /// `1 / self`; `None` for 0.
    pub fn reciprocal(self) -> Option<Number> {
        match self.0 {
            Kind::Ratio(n, d) => Number::reduce(i128::from(d), i128::from(n)),
            Kind::Scaled(n, d, exponent) => Number::scaled(d.into(), n.into(), -exponent),
            Kind::Double(value) => Number::double(1.0 / value),
        }
    }

    /// `self` to a whole power; `None` for 0 to a negative power and on overflow.
    pub fn power(self, exponent: i64) -> Option<Number> {
        let base = if exponent < 0 { self.reciprocal()? } else { self };
        let mut count = exponent.unsigned_abs();
        let (mut result, mut square) = (Number::ONE, base);
        while count > 0 {
            if count & 1 == 1 {
                result = result.times(square)?;
            }
            count >>= 1;
            if count > 0 {
                square = square.times(square)?;
            }
        }
        Some(result)
    }

    fn reduce(numerator: i128, denominator: i128) -> Option<Number> {
        if denominator == 0 {
            return None;
        }
        let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs()) as i128;
        let sign = denominator.signum();
        let (n, d) = (sign * numerator / divisor, sign * denominator / divisor);
        match (i64::try_from(n), i64::try_from(d)) {
            (Ok(n), Ok(d)) if n != i64::MIN => Some(Number(Kind::Ratio(n, d))),
            _ => None,
        }
    }

    /// `numerator/denominator * 10^exponent`, where it can be held exactly and doubles have its size.
    fn scaled(numerator: i128, denominator: i128, exponent: i32) -> Option<Number> {
        if denominator == 0 || numerator == 0 {
            return if denominator == 0 { None } else { Some(Number::ZERO) };
        }
        let divisor =
            gcd(numerator.unsigned_abs(), denominator.unsigned_abs()) as i128 * denominator.signum();
        let (mut above, mut below, mut exponent) = (numerator / divisor, denominator / divisor, exponent);
        let power = 10_i128.checked_pow(exponent.unsigned_abs());
        let ratio = power.and_then(|power| {
            let (above, below) = if exponent < 0 {
                (Some(above), below.checked_mul(power))
            } else {
                (above.checked_mul(power), Some(below))
            };
            Number::reduce(above?, below?)
        });
        if ratio.is_some() {
            return ratio;
        }
        for (factor, other) in [(2, 5), (5, 2)] {
            while below % factor == 0 {
                (below, above, exponent) = (below / factor, above.checked_mul(other)?, exponent - 1);
            }
        }
        while above % 10 == 0 {
            (above, exponent) = (above / 10, exponent + 1);
        }
        let (above, below) = (i64::try_from(above).ok()?, i64::try_from(below).ok()?);
        let value = scaled_value(above, below, exponent);
        let is_held = above != i64::MIN && value.is_finite() && value != 0.0;
        is_held.then_some(Number(Kind::Scaled(above, below, exponent)))
    }

    /// What arithmetic rounded.
    fn double(value: f64) -> Option<Number> {
        match value {
            0.0 => Some(Number::ZERO),
            _ => value.is_finite().then_some(Number(Kind::Double(value))),
        }
    }
}

/// The ratio a decimal text spells, where numerator and denominator fit.
fn exact_decimal(text: &str) -> Option<Number> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    Number::scaled(digits, 1, shift)
}

pub(crate) fn scaled_value(numerator: i64, denominator: i64, exponent: i32) -> f64 {
    let above = match exponent {
        0 => numerator as f64,
        _ => format!("{numerator}e{exponent}").parse().unwrap_or(f64::NAN),
    };
    above / denominator as f64
}

fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

impl std::ops::Neg for Number {
    type Output = Number;

    fn neg(self) -> Number {
        Number(match self.0 {
            Kind::Ratio(n, d) => Kind::Ratio(-n, d),
            Kind::Scaled(n, d, exponent) => Kind::Scaled(-n, d, exponent),
            Kind::Double(value) => Kind::Double(-value),
        })
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.0 {
            Kind::Ratio(n, d) => (n, d).hash(state),
            Kind::Scaled(n, d, exponent) => (n, d, exponent).hash(state),
            Kind::Double(value) => value.to_bits().hash(state),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        match (self.0, other.0) {
            (Kind::Ratio(a, b), Kind::Ratio(c, d)) => {
                (i128::from(a) * i128::from(d)).cmp(&(i128::from(c) * i128::from(b)))
            }
            _ => self.value().total_cmp(&other.value()).then_with(|| self.key().cmp(&other.key())),
        }
    }
}

/// As a decimal where the denominator divides a power of ten (`0.25`, `1e-8`), else as `2/3`; both read back equal.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Ratio(n, 1) => write!(f, "{n}"),
            Kind::Ratio(n, d) => {
                let value = n as f64 / d as f64;
                let text = if value.abs() < 1e-4 { format!("{value:e}") } else { format!("{value}") };
                if exact_decimal(&text) == Some(*self) { f.write_str(&text) } else { write!(f, "{n}/{d}") }
            }
            Kind::Scaled(n, d, exponent) => {
                let digits = n.unsigned_abs().to_string();
                let (first, rest) = digits.split_at(1);
                let point = if rest.is_empty() { "" } else { "." };
                let sign = if n < 0 { "-" } else { "" };
                let power = i64::from(exponent) + rest.len() as i64;
                write!(f, "{sign}{first}{point}{rest}e{power}")?;
                if d == 1 { Ok(()) } else { write!(f, "/{d}") }
            }
            // All digits of a double, so that it reads back as one.
            Kind::Double(value) => {
                let text = format!("{value:.*e}", DIGITS - 1);
                let power = text.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
                match power {
                    -4..=15 => write!(f, "{value:.*}", (DIGITS as i32 - 1 - power) as usize),
                    _ => f.write_str(&text),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::decimal(text).expect("a number of the test")
    }

    #[test]
    fn decimals_are_kept_exactly() {
        assert_eq!(number("0.1").as_ratio(), Some((1, 10)));
        assert_eq!(number("1e-8").as_ratio(), Some((1, 100_000_000)));
        assert_eq!(number("2.50").as_ratio(), Some((5, 2)));
        assert_eq!(Number::from_f64(0.1), Some(number("0.1")));
        assert_eq!(number("1e-300").as_ratio(), None);
        assert_eq!(Number::decimal("1e-400"), None);
        let times = |a: &str, b: &str| number(a).times(number(b));
        assert_eq!(times("1e-30", "3"), Some(number("3e-30")));
        assert_eq!(times("8.8541878128e-12", "3"), Some(number("2.65625634384e-11")));
        assert_eq!(times("1e-200", "1e-200"), None);
        assert_eq!(number("1e-30").plus(number("2e-29")), Some(number("2.1e-29")));
        assert_eq!(number("3e-30").times(number("1e30")), Some(number("3")));
        assert_eq!(number("3e-30").reciprocal().and_then(Number::reciprocal), Some(number("3e-30")));
        let sum = Number::ONE.plus(number("3e-19"));
        assert!(sum.is_none_or(|sum| sum != Number::ONE), "{sum:?}");
    }

    #[test]
    fn arithmetic_is_exact_and_checked() {
        let third = Number::ratio(1, 3).unwrap();
        let sixth = Number::ratio(1, 6).unwrap();
        assert_eq!(third.plus(sixth), Number::ratio(1, 2));
        assert_eq!(third.times(Number::integer(3)), Some(Number::ONE));
        assert_eq!(third.power(-2), Some(Number::integer(9)));
        assert_eq!(Number::ZERO.reciprocal(), None);
        assert_eq!(number("1e300").times(number("1e300")), None);
        // A double holds no digit of the 1.
        assert_eq!(Number::integer(i64::MAX).plus(Number::ONE), None);
    }

    #[test]
    fn what_comes_of_a_rounded_number_is_rounded() {
        let square = number("1.0000000001").power(2).unwrap();
        for rounded in [square, number("6.999999999999").power(2).unwrap().times(number("5e11")).unwrap()] {
            assert!(rounded.rounding() > 0.0, "{rounded}");
            assert_eq!(Number::decimal(&rounded.to_string()), Some(rounded));
        }
        assert_eq!(square.to_string().len(), "1.".len() + DIGITS - 1);
        assert_eq!(square.plus(-square), Some(Number::ZERO));
    }

    #[test]
    fn printed_numbers_read_back_equal() {
        for text in
            ["0", "-3", "0.25", "1e-8", "1e-300", "6931471805599453e-16", "0.001", "-1.38e-23", "5e30"]
        {
            let n = number(text);
            assert_eq!(Number::decimal(&n.to_string()), Some(n), "{text}");
        }
        let rounded = number("1.0507009873554805").times(number("1.6732632423543772")).unwrap();
        assert_eq!(Number::decimal(&rounded.to_string()), Some(rounded));
        assert_eq!(Number::ratio(2, 3).unwrap().to_string(), "2/3");
        assert_eq!(number("1e-8").to_string(), "1e-8");
    }
}
