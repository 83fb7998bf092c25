//! How far the functions are from the truth: in single precision against their own double precision, that against sums of two
//! doubles.

use super::*;
use std::ops::Range;

/// A number as the sum of two doubles, the second below half a unit in the first's last place: about 32 digits.
#[derive(Clone, Copy)]
struct Double2(f64, f64);

impl Double2 {
    fn sum(a: f64, b: f64) -> Double2 {
        let s = a + b;
        let t = s - a;
        Double2(s, (a - (s - t)) + (b - t))
    }

    fn product(a: f64, b: f64) -> Double2 {
        let p = a * b;
        Double2(p, a.mul_add(b, -p))
    }

    fn add(self, other: Double2) -> Double2 {
        let (high, low) = (Double2::sum(self.0, other.0), Double2::sum(self.1, other.1));
        let high = Double2::sum(high.0, high.1 + low.0);
        Double2::sum(high.0, high.1 + low.1)
    }

    fn negate(self) -> Double2 {
        Double2(-self.0, -self.1)
    }

    fn multiply(self, other: Double2) -> Double2 {
        let p = Double2::product(self.0, other.0);
        Double2::sum(p.0, p.1 + self.0.mul_add(other.1, self.1 * other.0))
    }

    fn divide(self, other: Double2) -> Double2 {
        let mut quotient = Double2(0.0, 0.0);
        for _ in 0..3 {
            let rest = self.add(quotient.multiply(other).negate());
            quotient = quotient.add(Double2(rest.0 / other.0, 0.0));
        }
        quotient
    }
}

const ONE: Double2 = Double2(1.0, 0.0);
const LN_2: [f64; 3] = [std::f64::consts::LN_2, 2.3190468138462996e-17, 5.707708438416212e-34];

/// `exp(x) - 1` by its series for `x/2^8`, then `(1 + e)^2 - 1 = 2*e + e^2`.
fn expm1_near(x: Double2) -> Double2 {
    let x = Double2(x.0 / 256.0, x.1 / 256.0);
    let (mut term, mut sum) = (x, x);
    for n in 2..16 {
        term = term.multiply(x).divide(Double2(f64::from(n), 0.0));
        sum = sum.add(term);
    }
    for _ in 0..8 {
        sum = Double2(2.0 * sum.0, 2.0 * sum.1).add(sum.multiply(sum));
    }
    sum
}

/// n and `exp(x)/2^n - 1`.
fn exp_of(x: Double2) -> (i32, Double2) {
    let n = (x.0 / LN_2[0]).round();
    let r = LN_2.iter().fold(x, |r, part| r.add(Double2::product(n, *part).negate()));
    (n as i32, expm1_near(r))
}

fn scaled(x: Double2, n: i32) -> Double2 {
    // In two steps, for the smallest and the largest.
    let power = |n: i32| f64::from_bits(((1023 + n) as u64) << 52);
    let (s, t) = (power(n / 2), power(n - n / 2));
    Double2(x.0 * s * t, x.1 * s * t)
}

fn true_expm1(x: Double2) -> Double2 {
    let (n, e) = exp_of(x);
    if n == 0 { e } else { scaled(e, n).add(scaled(ONE, n)).add(ONE.negate()) }
}

/// The root of `expm1(y) = x`, from a near one by Newton's step.
fn true_log1p(x: Double2, near: f64) -> Double2 {
    let e = true_expm1(Double2(near, 0.0));
    let step = x.add(e.negate()).divide(e.add(ONE));
    Double2(near, 0.0).add(step)
}

/// `2/sqrt(pi)*exp(-x^2)*sum(2^n*x^(2n+1)/(1*3*...*(2n+1)))`, whose terms are all positive.
fn true_erf(x: f64) -> Double2 {
    let square = Double2::product(x, x);
    let (mut term, mut sum) = (Double2(x, 0.0), Double2(x, 0.0));
    for n in 1..220 {
        let twice = Double2(2.0 * square.0, 2.0 * square.1);
        term = term.multiply(twice).divide(Double2(f64::from(2 * n + 1), 0.0));
        sum = sum.add(term);
    }
    let (n, e) = exp_of(square.negate());
    let scale = Double2(std::f64::consts::FRAC_2_SQRT_PI, 1.533545961316588e-17);
    sum.multiply(scaled(e.add(ONE), n)).multiply(scale)
}

/// A function in both precisions, and its true value.
struct Function {
    name: &'static str,
    single: fn(&[f32], &mut [f32]),
    double: fn(&[f64], &mut [f64]),
    truth: fn(f64) -> Double2,
    /// Where doubles are sampled.
    range: Range<f64>,
    /// Units in the last place that it may err by, in single and in double precision.
    bounds: [f64; 2],
}

/// Maps a function in the widest vectors.
macro_rules! mapped {
    ($function:ident, $float:ident) => {{
        fn map(from: &[$float], to: &mut [$float]) {
            #[cfg_attr(
                target_arch = "x86_64",
                target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")
            )]
            fn wide(from: &[$float], to: &mut [$float]) {
                from.iter().zip(to).for_each(|(from, to)| *to = $function(*from));
            }
            if crate::Simd::Avx512.is_available() {
                // SAFETY: the processor has the family.
                #[allow(unused_unsafe)]
                unsafe {
                    wide(from, to)
                }
            } else {
                from.iter().zip(to).for_each(|(from, to)| *to = $function(*from));
            }
        }
        map
    }};
}

macro_rules! function {
    ($function:ident, $range:expr, $bounds:expr, $truth:expr) => {
        Function {
            name: stringify!($function),
            single: mapped!($function, f32),
            double: mapped!($function, f64),
            truth: $truth,
            range: $range,
            bounds: $bounds,
        }
    };
}

fn functions() -> [Function; 6] {
    [
        function!(exp, -745.0..709.7, [1.0, 1.05], |x| {
            let (n, e) = exp_of(Double2(x, 0.0));
            scaled(e.add(ONE), n)
        }),
        function!(log, 0.0..1e300, [1.0, 1.0], |x| {
            // log(m*2^e) = log(m) + e*log(2), with m near 1
            let e = (x.to_bits() >> 52) as i32 - 1023;
            let m = scaled(Double2(x, 0.0), -e).0;
            let (m, e) = if m > std::f64::consts::SQRT_2 { (m / 2.0, e + 1) } else { (m, e) };
            let own = true_log1p(Double2::sum(m, -1.0), libm_log(m));
            LN_2.iter().rev().fold(own, |sum, part| sum.add(Double2::product(f64::from(e), *part)))
        }),
        function!(tanh, -22.0..22.0, [1.7, 2.0], |x| {
            let e = true_expm1(Double2(2.0 * x, 0.0));
            e.divide(e.add(Double2(2.0, 0.0)))
        }),
        function!(erf, -6.5..6.5, [1.7, 2.0], true_erf),
        function!(expm1, -40.0..709.0, [1.7, 2.0], |x| true_expm1(Double2(x, 0.0))),
        function!(log1p, -1.0..1e300, [1.0, 1.5], |x| {
            if x.abs() < 0.4 { true_log1p(Double2(x, 0.0), libm_log1p(x)) } else { log_of_sum(x) }
        }),
    ]
}

fn libm_log(x: f64) -> f64 {
    (plan::Primitive::LOG.row().value)(&[x])
}

fn libm_log1p(x: f64) -> f64 {
    (plan::Primitive::LOG1P.row().value)(&[x])
}

fn log_of_sum(x: f64) -> Double2 {
    let u = Double2::sum(1.0, x);
    let e = (u.0.to_bits() >> 52) as i32 - 1023;
    let m = scaled(u, -e);
    let own = true_log1p(m.add(ONE.negate()), libm_log(m.0));
    LN_2.iter().rev().fold(own, |sum, part| sum.add(Double2::product(f64::from(e), *part)))
}

/// The largest error of single precision, in units of the last place, over every `stride`th number from `first` on.
fn worst_single(function: &Function, first: u32, stride: usize, end: u64) -> (f64, f32) {
    const BLOCK: usize = 1 << 12;
    let mut worst = (0.0, 0.0);
    let (mut single, mut double) = (vec![0.0; BLOCK], vec![0.0; BLOCK]);
    let mut bits = u64::from(first);
    while bits < end {
        let inputs: Vec<f32> = (0..BLOCK as u64)
            .map(|i| f32::from_bits((bits + i * stride as u64).min(end - 1) as u32))
            .collect();
        bits += (BLOCK * stride) as u64;
        // The logarithm takes a positive subnormal number for 0.
        let counted = |x: &f32| {
            let is_zero = function.name == "log" && *x > 0.0 && *x < f32::MIN_POSITIVE;
            if is_zero { 0.0 } else { f64::from(*x) }
        };
        let wide: Vec<f64> = inputs.iter().map(counted).collect();
        (function.single)(&inputs, &mut single);
        (function.double)(&wide, &mut double);
        for ((x, found), want) in inputs.iter().zip(&single).zip(&double) {
            if (*want as f32).is_infinite() || want.is_nan() || found.is_nan() {
                let is_right = if want.is_nan() { found.is_nan() } else { *found == *want as f32 };
                assert!(is_right, "{} of {x:e}: {found:e}", function.name);
                continue;
            }
            let size = (want.abs() as f32).max(f32::MIN_POSITIVE);
            let unit = f64::from(f32::from_bits(size.to_bits() & 0x7f80_0000)) * f64::from(f32::EPSILON);
            let error = (f64::from(*found) - want).abs() / unit;
            if error > worst.0 {
                worst = (error, *x);
            }
        }
    }
    worst
}

/// With `CHAINRULE_EVERY_F32` set: of all 2^32 numbers; a release build takes two minutes.
#[test]
#[cfg(not(miri))]
fn single_precision_is_within_its_bounds() {
    let is_whole = std::env::var_os("CHAINRULE_EVERY_F32").is_some();
    for function in functions() {
        let stride = if is_whole { 1 } else { 4001 };
        let quarter = |part: u32| {
            let function = &function;
            move || worst_single(function, part << 30, stride, u64::from(part + 1) << 30)
        };
        let worst = std::thread::scope(|scope| {
            let threads = [0, 1, 2, 3].map(|part| scope.spawn(quarter(part)));
            let found = threads.map(|thread| thread.join().expect("no function panics"));
            found.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).expect("four parts")
        });
        println!("f32 {}: {:.3} ulp at {:e}", function.name, worst.0, worst.1);
        assert!(worst.0 <= function.bounds[0], "{}: {} ulp at {:e}", function.name, worst.0, worst.1);
    }
}

#[test]
#[cfg(not(miri))]
fn double_precision_is_within_its_bounds() {
    let count = 10_000;
    for function in functions() {
        let Range { start, end } = function.range;
        let mut inputs = Vec::new();
        for i in 0..count {
            let t = (i as f64 + 0.37) / count as f64;
            inputs.extend([
                start + (end.min(800.0) - start) * t,
                4.0 * t - 2.0,
                0.3 * t,
                1.0 + 0.4 * (t - 0.5),
            ]);
            let exponent = (400.0 * t) as i32 - 300;
            let magnitude =
                (1.0 + (t * 7919.0).fract()) * f64::from_bits(((1023 + i64::from(exponent)) as u64) << 52);
            inputs.extend([magnitude, -magnitude]);
        }
        inputs.retain(|x| *x > start && *x < end);
        let mut found = vec![0.0; inputs.len()];
        (function.double)(&inputs, &mut found);
        let mut worst = (0.0, 0.0);
        for (x, found) in inputs.iter().zip(found) {
            let want = (function.truth)(*x);
            let unit = want.0.abs().max(f64::MIN_POSITIVE);
            let unit = f64::from_bits(unit.to_bits() & (0x7ff << 52)) * f64::EPSILON;
            let error = ((found - want.0) - want.1).abs() / unit;
            if error > worst.0 || error.is_nan() {
                worst = (error, *x);
            }
        }
        println!("f64 {}: {:.3} ulp at {:e}", function.name, worst.0, worst.1);
        assert!(worst.0 <= function.bounds[1], "{}: {} ulp at {:e}", function.name, worst.0, worst.1);
    }
}
