//! Each lane against its primitive's row, and each family of instructions against the portable one.

use super::*;
use crate::simd::Simd;
use plan::Primitive;

fn families() -> impl Iterator<Item = Simd> {
    [Simd::Portable, Simd::Avx2, Simd::Avx512].into_iter().filter(|simd| simd.is_available())
}

fn apply<T: Number>(simd: Simd, operation: Op, arguments: [&[T]; 2]) -> Vec<T> {
    let entries = arguments[0].len();
    let mut to = vec![T::ZERO; entries];
    let cells = [arguments[0].as_ptr().cast_mut(), arguments[1].as_ptr().cast_mut(), to.as_mut_ptr()];
    let [a, b] = [Source::Block(0), Source::Block(1)];
    assert_eq!(arguments[1].len(), entries);
    // SAFETY: the family is available, the three cells hold `entries` entries, and the result lies apart.
    unsafe { run_block::<T>(simd, &[Step { operation, a, b, c: b, to: 2 }], &cells, entries) };
    to
}

const UNARY: [(Op, Primitive); 9] = [
    (Op::Abs, Primitive::ABS),
    (Op::Sign, Primitive::SIGN),
    (Op::Step, Primitive::STEP),
    (Op::Exp, Primitive::EXP),
    (Op::Log, Primitive::LOG),
    (Op::Tanh, Primitive::TANH),
    (Op::Erf, Primitive::ERF),
    (Op::Expm1, Primitive::EXPM1),
    (Op::Log1p, Primitive::LOG1P),
];

/// Places between which the numbers of a precision are dense, and all that is special.
fn arguments(special: &[f64], count: usize) -> Vec<f64> {
    let mut arguments = special.to_vec();
    for i in 0..count {
        let t = (i as f64 + 0.5) / count as f64;
        // Even steps over the range where the functions bend, and even steps of the exponent over all magnitudes.
        arguments.push(200.0 * t - 100.0);
        arguments.push(4.0 * t - 2.0);
        arguments.push(1500.0 * t - 750.0);
        let exponent = (600.0 * t) as i32 - 300;
        let magnitude =
            (1.0 + (t * 7919.0).fract()) * f64::from_bits(((1023 + i64::from(exponent)) as u64) << 52);
        arguments.extend([magnitude, -magnitude, magnitude - 1.0]);
    }
    arguments
}

const SPECIAL: [f64; 27] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    800.0,
    -800.0,
    88.72,
    88.73,
    -87.3,
    -103.9,
    -104.1,
    709.78,
    709.79,
    -745.1,
    -745.2,
    1e-45,
    -1e-45,
    5e-324,
    1e-310,
    3.0e38,
    f64::MAX,
    f64::MIN_POSITIVE,
];

#[test]
fn single_precision_lanes_are_within_two_units_in_the_last_place() {
    let inputs: Vec<f32> = arguments(&SPECIAL, 60_000).into_iter().map(|x| x as f32).collect();
    for (operation, primitive) in UNARY {
        let found = apply(Simd::detect(), operation, [&inputs, &inputs]);
        let mut worst = (0.0, 0.0);
        for (x, y) in inputs.iter().zip(found) {
            // The logarithm takes a positive subnormal number for 0.
            let counted = if x.is_subnormal() && *x > 0.0 && primitive == Primitive::LOG { 0.0 } else { *x };
            let want = (primitive.row().value)(&[f64::from(counted)]);
            if want.is_nan() || f64::from(want as f32) == f64::from(y) || (want as f32).is_infinite() {
                assert!(
                    want.is_nan() == y.is_nan() && (want.is_nan() || want as f32 == y || y.abs() == f32::MAX),
                    "{} of {x:e}: {y:e}",
                    primitive.row().name
                );
                continue;
            }
            let unit = f64::from(want.abs() as f32).max(f64::from(f32::MIN_POSITIVE));
            let unit =
                f64::from(f32::from_bits((unit as f32).to_bits() & 0x7f80_0000)) * f64::from(f32::EPSILON);
            let error = (f64::from(y) - want).abs() / unit;
            if error > worst.0 || error.is_nan() {
                worst = (error, *x);
            }
        }
        println!("f32 {} {:.3} ulp at {:e}", primitive.row().name, worst.0, worst.1);
        assert!(worst.0 < 2.0, "{}: {} ulp at {:e}", primitive.row().name, worst.0, worst.1);
    }
}

#[test]
fn double_precision_lanes_are_within_two_units_of_the_rows_values() {
    let inputs = arguments(&SPECIAL, 60_000);
    for (operation, primitive) in UNARY {
        let found = apply(Simd::detect(), operation, [&inputs, &inputs]);
        let mut worst = (0.0, 0.0);
        for (x, y) in inputs.iter().zip(found) {
            let counted = if x.is_subnormal() && *x > 0.0 && primitive == Primitive::LOG { 0.0 } else { *x };
            let want = (primitive.row().value)(&[counted]);
            if want.is_nan() || want == y || want.is_infinite() {
                assert!(
                    want.is_nan() == y.is_nan() && (want.is_nan() || want == y),
                    "{} of {x:e}: {y:e} not {want:e}",
                    primitive.row().name
                );
                continue;
            }
            let unit =
                f64::from_bits(want.abs().max(f64::MIN_POSITIVE).to_bits() & (0x7ff << 52)) * f64::EPSILON;
            let error = (y - want).abs() / unit;
            if error > worst.0 || error.is_nan() {
                worst = (error, *x);
            }
        }
        println!("f64 {} {:.3} ulp at {:e}", primitive.row().name, worst.0, worst.1);
        assert!(worst.0 <= 2.0, "{}: {} ulp at {:e}", primitive.row().name, worst.0, worst.1);
    }
}

#[test]
fn every_family_computes_the_same_bits() {
    let count = if cfg!(miri) { 40 } else { 5_000 };
    let inputs = arguments(&SPECIAL, count);
    let single: Vec<f32> = inputs.iter().map(|x| *x as f32).collect();
    let others: Vec<f64> = inputs.iter().rev().copied().collect();
    let single_others: Vec<f32> = others.iter().map(|x| *x as f32).collect();
    let binary = [Op::Add, Op::Subtract, Op::Multiply, Op::Divide, Op::Max, Op::Min, Op::MultiplyAdd];
    for operation in
        UNARY.into_iter().map(|(operation, _)| operation).chain(binary).chain([Op::SquareRoot, Op::Negate])
    {
        let double = |simd| apply(simd, operation, [&inputs, &others]);
        let float = |simd| apply(simd, operation, [&single, &single_others]);
        let (want, want_single) = (double(Simd::Portable), float(Simd::Portable));
        for simd in families() {
            let same = double(simd)
                .iter()
                .zip(&want)
                .all(|(x, y)| x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan());
            let same_single = float(simd)
                .iter()
                .zip(&want_single)
                .all(|(x, y)| x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan());
            assert!(same && same_single, "{operation:?} {simd:?}");
        }
    }
}

#[test]
fn signs_of_zero_are_those_of_the_rows() {
    for (operation, primitive) in UNARY {
        for x in [0.0, -0.0] {
            let want = (primitive.row().value)(&[x]);
            if want == 0.0 {
                let found = apply(Simd::detect(), operation, [&[x], &[x]])[0];
                assert_eq!(found.to_bits(), want.to_bits(), "{} of {x}", primitive.row().name);
            }
        }
    }
}

#[test]
fn a_nan_is_never_hidden() {
    for (operation, _) in UNARY {
        assert!(apply(Simd::detect(), operation, [&[f32::NAN], &[1.0]])[0].is_nan(), "{operation:?}");
    }
    for operation in [Op::Max, Op::Min] {
        for pair in [[f64::NAN, 1.0], [1.0, f64::NAN], [f64::NAN; 2]] {
            assert!(
                apply(Simd::detect(), operation, [&pair[..1], &pair[1..]])[0].is_nan(),
                "{operation:?} {pair:?}"
            );
        }
    }
}
