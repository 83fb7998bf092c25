//! What an elementary function is made of: operations that every processor has, each rounded once or exact.
//!
//! A function written over [`Lane`] is one function for both ways to run it: of a number it is a value, which the interpreter's
//! loops compute; of a node of the emitter's graph it is the machine code to be. So both give the same bits.

use crate::element::Number;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A number, or a place for one.
pub(crate) trait Lane:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    type Item: Number;

    /// A constant. (`self` only says where.)
    fn constant(self, number: Self::Item) -> Self;
    /// Whether it is known ahead to be no NaN.
    fn is_never_nan(self) -> bool;
    /// `self*b + c`, rounded once.
    fn fma(self, b: Self, c: Self) -> Self;
    /// The square root.
    fn root(self) -> Self;
    /// `self` where it is above `other`, else (a NaN, equality) `other`.
    fn larger(self, other: Self) -> Self;
    /// `self` where it is below `other`, else `other`.
    fn smaller(self, other: Self) -> Self;
    /// `then` where the comparison of `self` and `other` holds, else `otherwise`.
    fn choose(self, comparison: Comparison, other: Self, then: Self, otherwise: Self) -> Self;
    /// The distance from 0.
    fn magnitude(self) -> Self;
    /// Its absolute value, with the sign of `sign`.
    fn with_sign_of(self, sign: Self) -> Self;
    /// `self * 2^n` for an integer n from -2000 to 2000, rounded once where `self` lies in [1/2, 2); `shifted` is `n + SHIFT`.
    fn scale(self, n: Self, shifted: Self) -> Self;

    /// The sum of the bits as integers.
    fn add_bits(self, other: Self) -> Self;
    /// The bits that are set in both.
    fn and_bits(self, other: Self) -> Self;
    /// The difference of the bits as integers.
    fn subtract_bits(self, other: Self) -> Self;
    /// The bits moved up.
    fn shift_left(self, count: u32) -> Self;
    /// The bits moved down, zeros after them.
    fn shift_right(self, count: u32) -> Self;
}

/// A comparison; none but [`Comparison::Unordered`] holds of a NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Comparison {
    Less,
    AtMost,
    Equal,
    Unordered,
}

impl<T: Number> Lane for T {
    type Item = T;

    #[inline(always)]
    fn constant(self, number: T) -> T {
        number
    }
    #[inline(always)]
    fn is_never_nan(self) -> bool {
        false
    }
    #[inline(always)]
    fn fma(self, b: T, c: T) -> T {
        self.mul_add(b, c)
    }
    #[inline(always)]
    fn root(self) -> T {
        self.sqrt()
    }
    #[inline(always)]
    fn larger(self, other: T) -> T {
        if self > other { self } else { other }
    }
    #[inline(always)]
    fn smaller(self, other: T) -> T {
        if self < other { self } else { other }
    }
    #[inline(always)]
    fn choose(self, comparison: Comparison, other: T, then: T, otherwise: T) -> T {
        let holds = match comparison {
            Comparison::Less => self < other,
            Comparison::AtMost => self <= other,
            Comparison::Equal => self == other,
            Comparison::Unordered => self.partial_cmp(&other).is_none(),
        };
        if holds { then } else { otherwise }
    }
    #[inline(always)]
    fn magnitude(self) -> T {
        self.abs()
    }
    #[inline(always)]
    fn with_sign_of(self, sign: T) -> T {
        self.copysign(sign)
    }
    #[inline(always)]
    fn scale(self, _: T, shifted: T) -> T {
        let (s, t) = powers_of_two(shifted);
        self * s * t
    }
    #[inline(always)]
    fn add_bits(self, other: T) -> T {
        Number::add_bits(self, other)
    }
    #[inline(always)]
    fn and_bits(self, other: T) -> T {
        Number::and_bits(self, other)
    }
    #[inline(always)]
    fn subtract_bits(self, other: T) -> T {
        Number::subtract_bits(self, other)
    }
    #[inline(always)]
    fn shift_left(self, count: u32) -> T {
        Number::shift_left(self, count)
    }
    #[inline(always)]
    fn shift_right(self, count: u32) -> T {
        Number::shift_right(self, count)
    }
}

/// From `n + SHIFT`: two numbers whose product is 2^n, neither of them subnormal or infinite for n from -250 to 250 (f32) or
/// -2000 to 2000 (f64). Scaling in two such steps overflows and underflows only where the result does, and rounds once.
#[inline(always)]
pub(crate) fn powers_of_two<L: Lane>(shifted: L) -> (L, L) {
    const OFFSET: u64 = 1 << 12;
    let integer = |bits: u64| shifted.constant(L::Item::from_raw(bits));
    // The even offset makes n positive, so that moving its bits down halves it, rounded down.
    let n = shifted.add_bits(integer(OFFSET.wrapping_sub(L::Item::SHIFT.raw())));
    let half = n.shift_right(1);
    let rest = n.subtract_bits(half);
    let exponent = integer(L::Item::BIAS.wrapping_sub(OFFSET / 2));
    let power = |n: L| n.add_bits(exponent).shift_left(L::Item::DIGITS);
    (power(half), power(rest))
}

/// From `n + SHIFT`: 2^(n - 1), for an n for which that is normal.
#[inline(always)]
pub(crate) fn half_power_of_two<L: Lane>(shifted: L) -> L {
    let integer = |bits: u64| shifted.constant(L::Item::from_raw(bits));
    shifted
        .add_bits(integer((L::Item::BIAS - 1).wrapping_sub(L::Item::SHIFT.raw())))
        .shift_left(L::Item::DIGITS)
}

/// Of a positive normal number x: m in [sqrt(1/2), sqrt(2)) and an integer e with `x = m*2^e`.
#[inline(always)]
pub(crate) fn split_exponent<L: Lane>(x: L) -> (L, L) {
    let integer = |bits: u64| x.constant(L::Item::from_raw(bits));
    let (one, sqrt_half) = (L::Item::BIAS << L::Item::DIGITS, L::Item::SQRT_HALF.raw());
    // Counting from sqrt(1/2) instead of 1 makes the exponent step where m should.
    let counted = x.add_bits(integer(one - sqrt_half));
    let m = counted.and_bits(integer((1 << L::Item::DIGITS) - 1)).add_bits(integer(sqrt_half));
    let e = counted.shift_right(L::Item::DIGITS);
    let shifted = e.add_bits(integer(L::Item::SHIFT.raw() - L::Item::BIAS));
    (m, shifted - x.constant(L::Item::SHIFT))
}
