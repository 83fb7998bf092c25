//! Numbers of twice the precision of a double, as an unevaluated sum of two: some 31 decimal digits. Arithmetic follows Joldes,
//! Muller and Popescu, "Tight and rigorous error bounds for basic building blocks of double-word arithmetic", 2017.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// `high + low`, where `high` is the sum rounded to a double. Every operation below has a relative error under 2^-102.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Twofold {
    pub(crate) high: f64,
    pub(crate) low: f64,
}

/// `a + b`, exactly.
fn exact_sum(a: f64, b: f64) -> Twofold {
    let high = a + b;
    let b_part = high - a;
    Twofold { high, low: (a - (high - b_part)) + (b - b_part) }
}

/// `a + b`, exactly, where `a` is the larger or 0.
fn exact_sum_ordered(a: f64, b: f64) -> Twofold {
    let high = a + b;
    Twofold { high, low: b - (high - a) }
}

/// Larger numbers overflow where they are split.
const SPLITTABLE: f64 = 1e299;
/// 2^30
const UP: f64 = 1_073_741_824.0;

/// `a * b`, exactly where nothing underflows. The factors are split by Dekker, which is quick on machines without fused
/// multiply-adds too.
fn exact_product(a: f64, b: f64) -> Twofold {
    let split = |x: f64| {
        // What is too large to be multiplied by 2^27 + 1 is split as 2^-30 of it.
        let (down, up) = if x.abs() > SPLITTABLE { (UP.recip(), UP) } else { (1.0, 1.0) };
        let small = x * down;
        let scaled = 134_217_729.0 * small;
        let high = scaled - (scaled - small);
        (high * up, (small - high) * up)
    };
    let high = a * b;
    let ((a_high, a_low), (b_high, b_low)) = (split(a), split(b));
    let low = ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low;
    // Where the product is nearly infinite, the rounded one stands.
    Twofold { high, low: if low.is_finite() { low } else { 0.0 } }
}

impl Twofold {
    pub(crate) const ONE: Twofold = Twofold::new(1.0);
    pub(crate) const PI: Twofold = Twofold { high: std::f64::consts::PI, low: 1.224_646_799_147_353_2e-16 };
    pub(crate) const LN_2: Twofold =
        Twofold { high: std::f64::consts::LN_2, low: 2.319_046_813_846_299_6e-17 };

    pub(crate) const fn new(value: f64) -> Twofold {
        Twofold { high: value, low: 0.0 }
    }

    /// `self * factor`.
    pub(crate) fn times(self, factor: f64) -> Twofold {
        let product = exact_product(self.high, factor);
        exact_sum_ordered(product.high, product.low + self.low * factor)
    }

    /// `self * 2^exponent`, exactly where nothing underflows.
    pub(crate) fn shifted(self, exponent: i32) -> Twofold {
        Twofold { high: libm::ldexp(self.high, exponent), low: libm::ldexp(self.low, exponent) }
    }

    pub(crate) fn square_root(self) -> Twofold {
        if self.high <= 0.0 || !self.high.is_finite() {
            return Twofold::new(self.high.sqrt());
        }
        // One step of Newton from the double's root.
        let root = self.high.sqrt();
        let rest = self - exact_product(root, root);
        exact_sum_ordered(root, rest.high / (2.0 * root))
    }

    pub(crate) fn abs(self) -> Twofold {
        if self.high < 0.0 { -self } else { self }
    }

    pub(crate) fn is_nan(self) -> bool {
        self.high.is_nan()
    }

    pub(crate) fn is_finite(self) -> bool {
        self.high.is_finite()
    }
}

impl From<f64> for Twofold {
    fn from(value: f64) -> Twofold {
        Twofold::new(value)
    }
}

impl Neg for Twofold {
    type Output = Twofold;

    fn neg(self) -> Twofold {
        Twofold { high: -self.high, low: -self.low }
    }
}

impl Add for Twofold {
    type Output = Twofold;

    fn add(self, other: Twofold) -> Twofold {
        let (high, low) = (exact_sum(self.high, other.high), exact_sum(self.low, other.low));
        if !high.high.is_finite() {
            return Twofold::new(high.high);
        }
        let sum = exact_sum_ordered(high.high, high.low + low.high);
        exact_sum_ordered(sum.high, low.low + sum.low)
    }
}

impl Sub for Twofold {
    type Output = Twofold;

    fn sub(self, other: Twofold) -> Twofold {
        self + -other
    }
}

impl Mul for Twofold {
    type Output = Twofold;

    fn mul(self, other: Twofold) -> Twofold {
        let product = exact_product(self.high, other.high);
        if !product.high.is_finite() {
            return Twofold::new(product.high);
        }
        let cross = self.high * other.low + self.low * other.high;
        exact_sum_ordered(product.high, product.low + cross)
    }
}

impl Div for Twofold {
    type Output = Twofold;

    fn div(self, other: Twofold) -> Twofold {
        let first = self.high / other.high;
        if first == 0.0 || !first.is_finite() || !other.high.is_finite() {
            return Twofold::new(first);
        }
        let rest = self - other.times(first);
        let second = rest.high / other.high;
        let rest = rest - other.times(second);
        let third = rest.high / other.high;
        let sum = exact_sum_ordered(first, second);
        sum + Twofold::new(third)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_undo_each_other_to_a_hundred_bits() {
        for at in 1..200_u32 {
            let a = Twofold::new(f64::from(at) + 0.1) / Twofold::new(7.0);
            let b = Twofold::new(1.0) / Twofold::new(f64::from(at) * 3.0);
            let near = |x: Twofold, y: Twofold| (x - y).high.abs() <= 1e-30 * y.high.abs();
            assert!(near((a + b) - b, a), "{a:?} + {b:?}");
            assert!(near(a * b / b, a), "{a:?} * {b:?}");
            assert!(near(a.square_root() * a.square_root(), a), "root of {a:?}");
            assert!(near((a * Twofold::new(3.0)).times(1.0 / 4.0), a.times(0.75)), "{a:?} * 3/4");
            assert_eq!(a.shifted(-70).shifted(70), a);
        }
    }

    #[test]
    fn products_are_exact_up_to_the_last_powers_of_ten() {
        for (a, b) in [(1.1e304, 0.7), (7.3e303, 1.0 / 3.0), (1.3e300, 1.7e3), (0.1, 3.3e304)] {
            let large = exact_product(a, b);
            let small = |x: f64| if x > 1e10 { libm::ldexp(x, -100) } else { x };
            let wanted = exact_product(small(a), small(b));
            assert_eq!(large.shifted(-100), wanted, "{a:e} * {b:e}");
        }
    }

    #[test]
    fn what_overflows_is_infinite_and_not_anything() {
        let huge = Twofold::new(1e308);
        assert_eq!((huge + huge).high, f64::INFINITY);
        assert_eq!((huge * huge).high, f64::INFINITY);
        assert_eq!((huge / Twofold::new(1e-10)).high, f64::INFINITY);
        assert_eq!((Twofold::ONE / Twofold::new(0.0)).high, f64::INFINITY);
        assert!((Twofold::new(-1.0).square_root()).high.is_nan());
    }
}
