//! Exact numbers: a rational where it fits in 64 bits, a double where it does not.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A number of a formula. `1/3` and `0.1` are kept exactly as ratios, so that constants fold without rounding; what does
/// not fit (`1e-300`, `1e30`) is kept as the nearest double. No NaN and no infinity is ever held.
#[derive(Clone, Copy, Debug)]
pub struct Number(Kind);

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Invariant: the denominator is positive and the two have no common divisor.
    Ratio(i64, i64),
    /// Invariant: finite, and not equal to a ratio that fits.
    Double(f64),
}

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

    /// Reads `12`, `0.25`, `1e-8`; `None` when the text is no finite decimal number.
    pub fn decimal(text: &str) -> Option<Number> {
        let value: f64 = text.parse().ok().filter(|v: &f64| v.is_finite())?;
        Some(exact_decimal(text).unwrap_or(Number(Kind::Double(value))))
    }

    /// The nearest double.
    pub fn value(self) -> f64 {
        match self.0 {
            Kind::Ratio(n, d) => n as f64 / d as f64,
            Kind::Double(value) => value,
        }
    }

    /// Numerator and denominator in lowest terms, where the number is kept exactly.
    pub fn as_ratio(self) -> Option<(i64, i64)> {
        match self.0 {
            Kind::Ratio(n, d) => Some((n, d)),
            Kind::Double(_) => None,
        }
    }

    /// The whole number it is, if it is one.
    pub fn as_integer(self) -> Option<i64> {
        match self.0 {
            Kind::Ratio(n, 1) => Some(n),
            _ => None,
        }
    }

    /// Whether arithmetic may have rounded it: it is held as a double, or as a decimal of as many digits as a double has.
    pub fn may_be_rounded(self) -> bool {
        match self.0 {
            Kind::Double(_) => true,
            Kind::Ratio(_, 1) => false,
            Kind::Ratio(_, denominator) => {
                let without = |mut number: i64, factor: i64| {
                    while number % factor == 0 {
                        number /= factor;
                    }
                    number
                };
                let is_decimal = without(without(denominator, 2), 5) == 1;
                let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
                let mantissa = |text: String| digits(text.split('e').next().unwrap_or_default());
                is_decimal && mantissa(format!("{:e}", self.value())) >= 15
            }
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

    /// `self + other`; `None` when the sum overflows every representation.
    pub fn plus(self, other: Number) -> Option<Number> {
        if let (Kind::Ratio(a, b), Kind::Ratio(c, d)) = (self.0, other.0) {
            let (a, b, c, d) = (i128::from(a), i128::from(b), i128::from(c), i128::from(d));
            if let Some(sum) = Number::reduce(a * d + c * b, b * d) {
                return Some(sum);
            }
        }
        Number::double(self.value() + other.value())
    }

    /// `self * other`; `None` on overflow.
    pub fn times(self, other: Number) -> Option<Number> {
        if let (Kind::Ratio(a, b), Kind::Ratio(c, d)) = (self.0, other.0) {
            let numerator = i128::from(a) * i128::from(c);
            if let Some(product) = Number::reduce(numerator, i128::from(b) * i128::from(d)) {
                return Some(product);
            }
        }
        Number::double(self.value() * other.value())
    }

    /// `1 / self`; `None` for 0.
    pub fn reciprocal(self) -> Option<Number> {
        match self.0 {
            Kind::Ratio(n, d) => Number::reduce(i128::from(d), i128::from(n)),
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

    /// What arithmetic rounded, so that its text reads back equal.
    fn double(value: f64) -> Option<Number> {
        Number::from_f64(value)
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
    let scale = 10_i128.checked_pow(shift.unsigned_abs())?;
    if shift >= 0 { Number::reduce(digits.checked_mul(scale)?, 1) } else { Number::reduce(digits, scale) }
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
            Kind::Double(value) => Kind::Double(-value),
        })
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        match (self.0, other.0) {
            (Kind::Ratio(a, b), Kind::Ratio(c, d)) => a == c && b == d,
            (Kind::Double(a), Kind::Double(b)) => a.to_bits() == b.to_bits(),
            _ => false,
        }
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.0 {
            Kind::Ratio(n, d) => (n, d).hash(state),
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
            _ => self.value().total_cmp(&other.value()),
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
            Kind::Double(value) => write!(f, "{value:e}"),
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
        assert_eq!(
            Number::integer(i64::MAX).plus(Number::ONE).map(Number::value),
            Some(9.223372036854776e18)
        );
    }

    #[test]
    fn printed_numbers_read_back_equal() {
        for text in ["0", "-3", "0.25", "1e-8", "1e-300", "6931471805599453e-16", "0.001"] {
            let n = number(text);
            assert_eq!(Number::decimal(&n.to_string()), Some(n), "{text}");
        }
        let rounded = number("1.0507009873554805").times(number("1.6732632423543772")).unwrap();
        assert_eq!(Number::decimal(&rounded.to_string()), Some(rounded));
        assert_eq!(Number::ratio(2, 3).unwrap().to_string(), "2/3");
        assert_eq!(number("1e-8").to_string(), "1e-8");
    }
}
