//! The elementary functions of the lanes, for one number: without branches, so that rustc makes vector loops of them, and with
//! `mul_add` throughout, so that every family of instructions computes the same bits.

use crate::element::Number;

/// `exp(x) = 2^n * (1 + r + r^2*q(r))` with `x = n*log(2) + r`.
#[inline(always)]
pub(crate) fn exp<T: Number>(x: T) -> T {
    // Written so that a NaN passes: every comparison with it is false.
    let x = if x > T::EXP_MAX { T::EXP_MAX } else { x };
    let x = if x < T::EXP_MIN { T::EXP_MIN } else { x };
    let (shifted, p) = exp_parts(x);
    // The scaling is in two steps, so that it overflows and underflows only where the result does, and rounds once.
    let (s, t) = T::powers_of_two(shifted);
    (p + T::ONE) * s * t
}

/// `exp(x) - 1 = 2^n*p + (2^n - 1)` with `p = r + r^2*q(r)`.
#[inline(always)]
pub(crate) fn expm1<T: Number>(x: T) -> T {
    let y = if x > T::EXP_MAX { T::EXP_MAX } else { x };
    let y = if y < T::EXPM1_MIN { T::EXPM1_MIN } else { y };
    let y = expm1_in_range(y);
    // Keeps the sign of 0 and the last bit of subnormal numbers.
    if x.abs() < T::TINY { x } else { y }
}

/// `tanh(x) = t/(t + 2)` with `t = exp(2*x) - 1`, for `|x|`; the sign is put back. Near 0, where the three roundings show,
/// `x + x^3*p(x^2)`.
#[inline(always)]
pub(crate) fn tanh<T: Number>(x: T) -> T {
    let y = x.abs() * T::TWO;
    let y = if y > T::TANH_MAX { T::TANH_MAX } else { y };
    let t = expm1_in_range(y);
    let far = t / (t + T::TWO);
    let z = x * x;
    let near = (x.abs() * z).mul_add(polynomial(T::TANH, z), x.abs());
    let y = if x.abs() < T::TANH_NEAR { near } else { far };
    y.copysign(x)
}

/// `log(x) = e*log(2) + log(m)` with `x = m*2^e`.
#[inline(always)]
pub(crate) fn log<T: Number>(x: T) -> T {
    let subnormal = x < T::MIN_POSITIVE;
    let scaled = if subnormal { x * T::SUBNORMAL_SCALE } else { x };
    let (m, e) = scaled.split_exponent();
    let e = if subnormal { e - T::SUBNORMAL_EXPONENT } else { e };
    let y = log_parts(e, m - T::ONE, T::ZERO);
    log_ends(x, y)
}

/// `log(1 + x)`: of the rounded sum `u = 1 + x`, plus what the rounding lost, `(x - (u - 1))/u`.
#[inline(always)]
pub(crate) fn log1p<T: Number>(x: T) -> T {
    let u = T::ONE + x;
    let (m, e) = u.split_exponent();
    let is_near = e == T::ZERO;
    // Of the two summands the larger one bounds the error of the sum, so the difference is exact in this order.
    let lost = if x > T::ONE { T::ONE - (u - x) } else { x - (u - T::ONE) };
    let f = if is_near { x } else { m - T::ONE };
    let lost = if is_near { T::ZERO } else { lost / u };
    let y = log_parts(e, f, lost);
    // Beyond every integer, 1 + x is x, and infinity makes `lost` NaN.
    if x.abs() < T::TINY { x } else { log_ends(u, y) }
}

/// `n + SHIFT` and `r + r^2*q(r)`, for `x = n*log(2) + r` with n the nearest integer to `x/log(2)`.
#[inline(always)]
fn exp_parts<T: Number>(x: T) -> (T, T) {
    let shifted = x.mul_add(T::LOG2_E, T::SHIFT);
    let n = shifted - T::SHIFT;
    let r = n.mul_add(-T::LN2_HIGH, x);
    let r = n.mul_add(-T::LN2_LOW, r);
    (shifted, (r * r).mul_add(polynomial(T::EXP, r), r))
}

#[inline(always)]
fn expm1_in_range<T: Number>(x: T) -> T {
    let (shifted, p) = exp_parts(x);
    // Half of it, doubled at the end: 2^n itself may be too large when the result is not.
    let half = T::half_power_of_two(shifted);
    half.mul_add(p, half - T::HALF) * T::TWO
}

/// `e*log(2) + log(1 + f) + lost`: with `s = f/(2 + f)`, `log(1 + f) = f - (f^2/2 - s*(f^2/2 + s^2*p(s^2)))`.
#[inline(always)]
fn log_parts<T: Number>(e: T, f: T, lost: T) -> T {
    let s = f / (T::TWO + f);
    let z = s * s;
    let h = T::HALF * f * f;
    let r = z * polynomial(T::LOG, z);
    let low = s.mul_add(h + r, e.mul_add(T::LN2_LOW, lost));
    e.mul_add(T::LN2_HIGH, f - (h - low))
}

/// `y`, except where x is at the ends of a logarithm's domain or outside it.
#[inline(always)]
fn log_ends<T: Number>(x: T, y: T) -> T {
    let y = if x == T::ZERO { -T::INFINITY } else { y };
    // Infinity gives itself, and a NaN too: it fails both comparisons.
    let y = if x < T::INFINITY { y } else { x };
    if x < T::ZERO { T::NAN } else { y }
}

/// Coefficients from the highest on, by Horner's rule.
#[inline(always)]
fn polynomial<T: Number>(coefficients: &'static [T], x: T) -> T {
    coefficients.iter().fold(T::ZERO, |sum, coefficient| sum.mul_add(x, *coefficient))
}

/// The larger number; NaN where either is.
#[inline(always)]
#[allow(clippy::eq_op)]
pub(crate) fn max<T: Number>(x: T, y: T) -> T {
    // `x != x` is true of NaN alone.
    if (x > y) | (x != x) { x } else { y }
}

/// The smaller number; NaN where either is.
#[inline(always)]
#[allow(clippy::eq_op)]
pub(crate) fn min<T: Number>(x: T, y: T) -> T {
    if (x < y) | (x != x) { x } else { y }
}

/// -1, 0 or 1; NaN of NaN.
#[inline(always)]
pub(crate) fn sign<T: Number>(x: T) -> T {
    let other = if x < T::ZERO { -T::ONE } else { x * T::ZERO };
    if x > T::ZERO { T::ONE } else { other }
}

/// 1 above 0, else 0; NaN of NaN.
#[inline(always)]
pub(crate) fn step<T: Number>(x: T) -> T {
    let other = if x <= T::ZERO { T::ZERO } else { x };
    if x > T::ZERO { T::ONE } else { other }
}
