//! Numbers that may be rounded ones: how far they may be from what they were rounded from, and what that may be.

use super::{Kind, Number};

/// A decimal of so many digits may be a rounded one.
const LONG: i64 = 15;
/// What folding a few numbers rounds, as a part of the result.
const FOLDED: f64 = 4.0 * f64::EPSILON;
/// Whole numbers up to this are small.
const SMALL_RATIO: i64 = 1000;

impl Number {
    /// How far it may be from what was rounded to it: where it is held as a double, what a few roundings and products leave; where
    /// it is a decimal of nearly as many digits as a double has, half a unit of the last digit or the distance to the next double;
    /// else 0.
    pub fn rounding(self) -> f64 {
        match self.0 {
            Kind::Double(value) => FOLDED * value.abs(),
            Kind::Ratio(..) | Kind::Scaled(..) => self.last_digit(),
        }
    }

    /// How far the last digit may be off, where it may be a rounded one.
    fn last_digit(self) -> f64 {
        let value = self.value().abs();
        match self.0 {
            Kind::Double(_) => 1.5 * f64::EPSILON * value,
            Kind::Ratio(_, 1) => 0.0,
            Kind::Ratio(..) | Kind::Scaled(..) => {
                let text = format!("{value:e}");
                let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                let digits = mantissa.bytes().filter(u8::is_ascii_digit).count() as i64;
                if digits < LONG || !self.is_decimal() {
                    return 0.0;
                }
                let exponent: i64 = exponent.parse().unwrap_or(0);
                let half: f64 = format!("5e{}", exponent - digits).parse().unwrap_or(0.0);
                half.max(value.next_up() - value)
            }
        }
    }

    /// The ratio of small whole numbers that it may have been rounded from, such as 2/3 of 0.6666666666666666; else itself.
    pub fn before_rounding(self) -> Number {
        let (value, rounding) = (self.value(), self.last_digit());
        if rounding == 0.0 || value.abs() > SMALL_RATIO as f64 {
            return self;
        }
        // n/d - p/q = (n*q - p*d)/(d*q)
        let apart = |p: i64, q: i64| match self.0 {
            Kind::Ratio(n, d) => {
                let [n, d, p, q] = [n, d, p, q].map(i128::from);
                (n * q - p * d) as f64 / (d * q) as f64
            }
            Kind::Scaled(..) | Kind::Double(_) => p as f64 / q as f64 - value,
        };
        let near = |q: i64| {
            let p = (value * q as f64).round() as i64;
            if p != 0 && apart(p, q).abs() <= rounding { Number::ratio(p, q) } else { None }
        };
        (1..=SMALL_RATIO).find_map(near).unwrap_or(self)
    }

    /// Whether a decimal text spells it, however long.
    fn is_decimal(self) -> bool {
        let without = |mut number: i64, factor: i64| {
            while number % factor == 0 {
                number /= factor;
            }
            number
        };
        match self.0 {
            Kind::Ratio(_, d) | Kind::Scaled(_, d, _) => without(without(d, 2), 5) == 1,
            Kind::Double(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_decimal_may_be_off_by_its_last_digit_or_the_next_double() {
        let decimal = |text: &str| Number::decimal(text).unwrap();
        for (text, before) in [
            ("0.6666666666666666", "2/3"),
            ("0.66666666666666663", "2/3"),
            ("0.6666666666666667", "2/3"),
            ("0.333333333333333", "1/3"),
            ("-0.14285714285714285", "-1/7"),
            ("0.6666666666666665", ""),
            ("1.0000000000000004", ""),
            ("0.33333333333333", ""),
            ("1.4142135623730951", ""),
            ("0.125", ""),
        ] {
            let number = decimal(text);
            let found = number.before_rounding();
            match before {
                "" => assert_eq!(found, number, "{text}"),
                before => assert_eq!(found.to_string(), before, "{text}"),
            }
        }
        assert_eq!(decimal("0.25").rounding(), 0.0);
        assert_eq!(decimal("1.00000000000004").rounding(), 5e-15);
    }
}
