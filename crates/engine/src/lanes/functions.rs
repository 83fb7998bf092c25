//! The elementary functions of the lanes: without branches, so that they fill whole vectors, and with fused multiply-adds
//! throughout, so that every family of instructions computes the same bits.
//!
//! A subnormal number counts as 0 where a run flushes them; without that, the logarithm takes it for 0 and the others are right.

use super::lane::Comparison::{AtMost, Equal, Less, Unordered};
use super::lane::{Lane, half_power_of_two, split_exponent};
use crate::element::Number;

/// `exp(x) = 2^n * (1 + r + r^2*q(r))` with `x = n*log(2) + r`.
#[inline(always)]
pub(crate) fn exp<L: Lane>(x: L) -> L {
    // In this order a NaN passes.
    let x = x.constant(L::Item::EXP_MAX).smaller(x);
    let x = x.constant(L::Item::EXP_MIN).larger(x);
    let (n, shifted, p) = exp_parts(x);
    (p + x.constant(L::Item::ONE)).scale(n, shifted)
}

/// `exp(x) - 1 = 2^n*p + (2^n - 1)` with `p = r + r^2*q(r)`.
#[inline(always)]
pub(crate) fn expm1<L: Lane>(x: L) -> L {
    let y = x.constant(L::Item::EXP_MAX).smaller(x);
    let y = x.constant(L::Item::EXPM1_MIN).larger(y);
    let y = expm1_in_range(y);
    // Keeps the sign of 0 and the last bit of the smallest numbers.
    x.magnitude().choose(Less, x.constant(L::Item::TINY), x, y)
}

/// `tanh(x) = 1 - 2/(1 + exp(2*x))` for `|x|`; the sign is put back. Near 0, where the difference cancels, `x + x^3*p(x^2)`.
#[inline(always)]
pub(crate) fn tanh<L: Lane>(x: L) -> L {
    let c = |number| x.constant(number);
    let y = x.magnitude();
    let z = x * x;
    let near = (y * z).fma(polynomial(L::Item::TANH, z), y);
    // Above the reduced argument's error stands the slope of tanh, so one constant is enough for the reduction.
    let bounded = c(L::Item::TANH_MAX).smaller(y);
    let shifted = bounded.fma(c(L::Item::TWO_LOG2_E), c(L::Item::SHIFT));
    let r = bounded.fma(c(L::Item::TWO_LOG2_E), c(L::Item::SHIFT) - shifted);
    let far = c(L::Item::ONE) - c(L::Item::TWO) / (exp2_in_range(shifted, r) + c(L::Item::ONE));
    ends_near(y, L::Item::TANH_NEAR, near, far).with_sign_of(x)
}

/// `erf(x) = 1 - 2^l(x)` for `|x|`, with a polynomial for the logarithm of `1 - erf(x)`; the sign is put back. Near 0,
/// `x + x*p(x^2)`.
#[inline(always)]
pub(crate) fn erf<L: Lane>(x: L) -> L {
    let c = |number| x.constant(number);
    let y = x.magnitude();
    let near = polynomial(L::Item::ERF, x * x).fma(y, y);
    let l = polynomial(L::Item::ERFC, c(L::Item::ERF_MAX).smaller(y));
    let shifted = l + c(L::Item::SHIFT);
    let far = c(L::Item::ONE) - exp2_in_range(shifted, l - (shifted - c(L::Item::SHIFT)));
    ends_near(y, L::Item::ERF_NEAR, near, far).with_sign_of(x)
}

/// `2^(n + r) = 2^n*(1 + r*q(r))`, for `n + SHIFT` and r up to 1/2, where that is a normal number.
#[inline(always)]
fn exp2_in_range<L: Lane>(shifted: L, r: L) -> L {
    let p = polynomial(L::Item::EXP2, r).fma(r, r.constant(L::Item::ONE));
    // The bits of SHIFT itself are moved out.
    p.add_bits(shifted.shift_left(L::Item::DIGITS))
}

/// `far` from `end` on, else `near`. A NaN is taken from `near`: bits that are added may turn one into a number.
#[inline(always)]
fn ends_near<L: Lane>(y: L, end: L::Item, near: L, far: L) -> L {
    y.constant(end).choose(AtMost, y, far, near)
}

/// `log(x) = e*log(2) + log(m)` with `x = m*2^e`.
#[inline(always)]
pub(crate) fn log<L: Lane>(x: L) -> L {
    let (m, e) = split_exponent(x);
    let y = log_parts(e, m - x.constant(L::Item::ONE), None);
    log_ends(x, y)
}

/// `log(1 + x)`: of the rounded sum `u = 1 + x`, plus what the rounding lost, `(x - (u - 1))/u`.
#[inline(always)]
pub(crate) fn log1p<L: Lane>(x: L) -> L {
    let (zero, one) = (x.constant(L::Item::ZERO), x.constant(L::Item::ONE));
    let u = one + x;
    let (m, e) = split_exponent(u);
    // Of the two summands the larger one bounds the error of the sum, so the difference is exact in this order.
    let lost = one.choose(Less, x, one - (u - x), x - (u - one));
    let f = e.choose(Equal, zero, x, m - one);
    let lost = e.choose(Equal, zero, zero, lost / u);
    let y = log_parts(e, f, Some(lost));
    // Beyond every integer, 1 + x is x, and infinity makes `lost` NaN.
    x.magnitude().choose(Less, x.constant(L::Item::TINY), x, log_ends(u, y))
}

/// n, `n + SHIFT` and `r + r^2*q(r)`, for `x = n*log(2) + r` with n the nearest integer to `x/log(2)`.
#[inline(always)]
fn exp_parts<L: Lane>(x: L) -> (L, L, L) {
    let shift = x.constant(L::Item::SHIFT);
    let shifted = x.fma(x.constant(L::Item::LOG2_E), shift);
    let n = shifted - shift;
    let r = n.fma(x.constant(-L::Item::LN2_HIGH), x);
    let r = n.fma(x.constant(-L::Item::LN2_LOW), r);
    (n, shifted, (r * r).fma(polynomial(L::Item::EXP, r), r))
}

#[inline(always)]
fn expm1_in_range<L: Lane>(x: L) -> L {
    let (_, shifted, p) = exp_parts(x);
    // Half of it, doubled at the end: 2^n itself may be too large when the result is not.
    let half = half_power_of_two(shifted);
    half.fma(p, half - x.constant(L::Item::HALF)) * x.constant(L::Item::TWO)
}

/// `e*log(2) + log(1 + f) + lost`: with `s = f/(2 + f)`, `log(1 + f) = f - (f^2/2 - s*(f^2/2 + s^2*p(s^2)))`.
#[inline(always)]
fn log_parts<L: Lane>(e: L, f: L, lost: Option<L>) -> L {
    let s = f / (f.constant(L::Item::TWO) + f);
    let z = s * s;
    let h = f.constant(L::Item::HALF) * f * f;
    let r = z * polynomial(L::Item::LOG, z);
    let low = e.constant(L::Item::LN2_LOW);
    let low = s.fma(h + r, lost.map_or_else(|| e * low, |lost| e.fma(low, lost)));
    e.fma(e.constant(L::Item::LN2_HIGH), f - (h - low))
}

/// `y`, except where x is at the ends of a logarithm's domain or outside it.
#[inline(always)]
fn log_ends<L: Lane>(x: L, y: L) -> L {
    let infinity = x.constant(L::Item::INFINITY);
    let y = x.choose(Less, x.constant(L::Item::MIN_POSITIVE), -infinity, y);
    // Infinity gives itself, and a NaN too: it fails the comparison.
    let y = x.choose(Less, infinity, y, x);
    x.choose(Less, x.constant(L::Item::ZERO), x.constant(L::Item::NAN), y)
}

/// Coefficients from the highest on, by Horner's rule.
#[inline(always)]
fn polynomial<L: Lane>(coefficients: &'static [L::Item], x: L) -> L {
    let highest = x.constant(coefficients[0]);
    coefficients[1..].iter().fold(highest, |sum, coefficient| sum.fma(x, x.constant(*coefficient)))
}

/// The larger number; NaN where either is.
#[inline(always)]
pub(crate) fn max<L: Lane>(x: L, y: L) -> L {
    keep_nan(y, y.larger(x))
}

/// The smaller number; NaN where either is.
#[inline(always)]
pub(crate) fn min<L: Lane>(x: L, y: L) -> L {
    keep_nan(y, y.smaller(x))
}

/// The result, but a NaN where y is one.
#[inline(always)]
fn keep_nan<L: Lane>(y: L, result: L) -> L {
    if y.is_never_nan() { result } else { y.choose(Unordered, y, y, result) }
}

/// -1, 0 or 1; NaN of NaN.
#[inline(always)]
pub(crate) fn sign<L: Lane>(x: L) -> L {
    let (zero, one) = (x.constant(L::Item::ZERO), x.constant(L::Item::ONE));
    let other = x.choose(Less, zero, -one, x * zero);
    zero.choose(Less, x, one, other)
}

/// 1 above 0, else 0; NaN of NaN.
#[inline(always)]
pub(crate) fn step<L: Lane>(x: L) -> L {
    let (zero, one) = (x.constant(L::Item::ZERO), x.constant(L::Item::ONE));
    let other = x.choose(AtMost, zero, zero, x);
    zero.choose(Less, x, one, other)
}

/// 1 where the comparison holds, else 0; NaN where either number is NaN.
#[inline(always)]
pub(crate) fn compare<L: Lane>(comparison: super::lane::Comparison, x: L, y: L) -> L {
    let (zero, one) = (x.constant(L::Item::ZERO), x.constant(L::Item::ONE));
    x.choose(Unordered, y, x + y, x.choose(comparison, y, one, zero))
}

/// x where the condition is 1, y where it is 0, so that what is not chosen may be no number; between them their mixture.
#[inline(always)]
pub(crate) fn where_true<L: Lane>(condition: L, x: L, y: L) -> L {
    let (zero, one) = (x.constant(L::Item::ZERO), x.constant(L::Item::ONE));
    let mixture = condition.fma(x, (one - condition) * y);
    condition.choose(Equal, one, x, condition.choose(Equal, zero, y, mixture))
}

#[cfg(test)]
mod tests;
