//! Lane programs as text is lowered to them, and the same as loops written by hand: vectorised by rustc, with reciprocals
//! hoisted and the engine's own functions.

use chainrule_engine::measure::{Alone, erf, exp, log1p, max, tanh};
use chainrule_engine::{EngineError, Simd};
use plan::{
    Access, Extent, Instruction, LaneInput, LaneOutput, Lanes, Operation, Output, Plan, Primitive, Reduction,
    Register, Source, Update, Value, ValueId,
};

/// The entries of a block.
pub const BLOCKS: [usize; 4] = [64, 256, 1024, 4096];

/// A program and its loop over the same arrays: what is read, then what is written.
pub struct Case {
    pub name: &'static str,
    pub plan: Plan,
    pub hand: fn(&mut [&mut [f32]]),
}

/// The programs that are compared.
pub fn cases() -> Vec<Case> {
    use Operation::*;
    let r = Register;
    vec![
        Case {
            // max(x, 0) + log1p(exp(-abs(x)))
            name: "softplus",
            plan: program(
                1,
                0,
                &[
                    Number(0.0),
                    Binary(Primitive::MAX, r(0), r(1)),
                    Unary(Primitive::ABS, r(0)),
                    Negate(r(3)),
                    Unary(Primitive::EXP, r(4)),
                    Unary(Primitive::LOG1P, r(5)),
                    Add(r(2), r(6)),
                ],
                &[7],
            ),
            hand: softplus,
        },
        Case {
            // x*(1 + erf(x/sqrt(2)))/2
            name: "gelu",
            plan: program(
                1,
                0,
                &[
                    Number(std::f64::consts::SQRT_2),
                    Divide(r(0), r(1)),
                    Unary(Primitive::ERF, r(2)),
                    Number(1.0),
                    Add(r(4), r(3)),
                    Multiply(r(0), r(5)),
                    Number(2.0),
                    Divide(r(6), r(7)),
                ],
                &[8],
            ),
            hand: gelu,
        },
        Case {
            // dA .* (1 - A.^2)
            name: "tanh's slope",
            plan: program(
                2,
                0,
                &[Multiply(r(0), r(0)), Number(1.0), Subtract(r(3), r(2)), Multiply(r(1), r(4))],
                &[5],
            ),
            hand: tanh_slope,
        },
        Case { name: "tanh", plan: program(1, 0, &[Unary(Primitive::TANH, r(0))], &[1]), hand: tanh_loop },
        Case {
            name: "sigmoid",
            plan: program(
                1,
                0,
                &[
                    Negate(r(0)),
                    Unary(Primitive::EXP, r(1)),
                    Number(1.0),
                    Add(r(3), r(2)),
                    Divide(r(3), r(4)),
                ],
                &[5],
            ),
            hand: sigmoid,
        },
        Case { name: "adam", plan: adam_plan(), hand: adam },
    ]
}

/// Programs over rows and columns, as a layer of a network has them. Their loops get the columns too.
pub struct RowCase {
    pub name: &'static str,
    pub plan: Plan,
    pub hand: fn(&mut [&mut [f32]], usize),
}

/// A layer forward, `tanh(Z + b)`, and backward: `dZ = dA .* (1 - A.^2)` with its sum down the columns.
pub fn row_cases(cols: usize) -> [RowCase; 2] {
    let r = Register;
    let (walked, cols, one) = (Extent::Walked, Extent::Fixed(cols), Extent::Fixed(1));
    let value = |rows, source| Value { name: None, rows, cols, source };
    let input = |value, access| LaneInput { value: ValueId(value), access };
    let keep =
        |register, to| LaneOutput { register: r(register), to: ValueId(to), reduction: Reduction::Keep };
    let plan = |values: Vec<Value>, inputs, operations, outputs| Plan {
        values,
        instructions: vec![Instruction::Lanes(Lanes { rows: walked, cols, inputs, operations, outputs })],
        data: vec![ValueId(0), ValueId(1)],
        row_results: vec![Output { name: "r".into(), value: ValueId(2) }],
        ..Plan::default()
    };
    let forward = plan(
        vec![value(walked, Source::Data(0)), value(one, Source::Data(1)), value(walked, Source::Computed)],
        vec![input(0, Access::Entry), input(1, Access::Column)],
        vec![Operation::Add(r(0), r(1)), Operation::Unary(Primitive::TANH, r(2))],
        vec![keep(3, 2)],
    );
    let backward = plan(
        vec![
            value(walked, Source::Data(0)),
            value(walked, Source::Data(1)),
            value(walked, Source::Computed),
            value(one, Source::Computed),
        ],
        vec![input(0, Access::Entry), input(1, Access::Entry)],
        vec![
            Operation::Multiply(r(0), r(0)),
            Operation::Number(1.0),
            Operation::Subtract(r(3), r(2)),
            Operation::Multiply(r(1), r(4)),
        ],
        vec![keep(5, 2), LaneOutput { register: r(5), to: ValueId(3), reduction: Reduction::SumDown }],
    );
    [
        RowCase { name: "tanh(Z + b)", plan: forward, hand: layer_forward },
        RowCase { name: "slope and sum", plan: backward, hand: layer_backward },
    ]
}

/// A program over so many inputs; those that are overwritten come last.
fn program(inputs: usize, updated: usize, operations: &[Operation], kept: &[u16]) -> Plan {
    let (walked, one) = (Extent::Walked, Extent::Fixed(1));
    let mut plan = Plan::default();
    let mut value = |source| {
        plan.values.push(Value { name: None, rows: walked, cols: one, source });
        ValueId(plan.values.len() as u32 - 1)
    };
    let data: Vec<ValueId> = (0..inputs).map(|place| value(Source::Data(place))).collect();
    let old: Vec<ValueId> = (0..updated).map(|place| value(Source::Updated(place))).collect();
    let new: Vec<ValueId> = kept.iter().map(|_| value(Source::Computed)).collect();
    let inputs = data.iter().chain(&old).map(|value| LaneInput { value: *value, access: Access::Entry });
    plan.instructions.push(Instruction::Lanes(Lanes {
        rows: walked,
        cols: one,
        inputs: inputs.collect(),
        operations: operations.to_vec(),
        outputs: kept
            .iter()
            .zip(&new)
            .map(|(register, to)| LaneOutput {
                register: Register(*register),
                to: *to,
                reduction: Reduction::Keep,
            })
            .collect(),
    }));
    plan.data = data;
    plan.updated = old.iter().zip(&new).map(|(old, new)| Update { old: *old, new: *new }).collect();
    let results = new.iter().skip(updated).enumerate();
    plan.row_results = results
        .map(|(place, value)| Output { name: format!("r{place}").as_str().into(), value: *value })
        .collect();
    plan
}

/// The library's adam, as it is lowered: `1 - beta^t` are numbers of the step.
fn adam_plan() -> Plan {
    use Operation::*;
    let r = Register;
    let operations = [
        Number(0.9),            // 6
        Multiply(r(6), r(2)),   // 7
        Number(0.1),            // 8
        Multiply(r(8), r(0)),   // 9
        Add(r(7), r(9)),        // 10: M
        Number(0.999),          // 11
        Multiply(r(11), r(3)),  // 12
        Multiply(r(0), r(0)),   // 13
        Number(0.001),          // 14
        Multiply(r(14), r(13)), // 15
        Add(r(12), r(15)),      // 16: V
        Divide(r(10), r(4)),    // 17
        Divide(r(16), r(5)),    // 18
        SquareRoot(r(18)),      // 19
        Number(1e-8),           // 20
        Add(r(19), r(20)),      // 21
        Divide(r(17), r(21)),   // 22
        Multiply(r(14), r(22)), // 23
        Subtract(r(1), r(23)),  // 24: W
    ];
    let mut plan = program(1, 3, &operations, &[24, 10, 16]);
    for place in 0..2 {
        plan.values.push(Value {
            name: None,
            rows: Extent::Fixed(1),
            cols: Extent::Fixed(1),
            source: Source::Scalar(place),
        });
        let value = ValueId(plan.values.len() as u32 - 1);
        plan.scalars.push(value);
        if let [Instruction::Lanes(lanes)] = &mut plan.instructions[..] {
            lanes.inputs.push(LaneInput { value, access: Access::Scalar });
        }
    }
    plan
}

/// Defines a loop, compiled for AVX-512.
macro_rules! hand {
    ($name:ident, |$($array:ident),*| $body:block) => {
        fn $name(arrays: &mut [&mut [f32]]) {
            #[cfg_attr(target_arch = "x86_64", target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))]
            fn with_vectors(arrays: &mut [&mut [f32]]) {
                if let [$($array),*] = arrays $body
            }
            // SAFETY: only called where the processor has the family.
            unsafe { with_vectors(arrays) }
        }
    };
}

hand!(softplus, |x, to| {
    for (to, x) in to.iter_mut().zip(x.iter()) {
        *to = max(*x, 0.0) + log1p(exp(-x.abs()));
    }
});
hand!(gelu, |x, to| {
    for (to, x) in to.iter_mut().zip(x.iter()) {
        *to = *x * (1.0 + erf(*x * std::f32::consts::FRAC_1_SQRT_2)) * 0.5;
    }
});
hand!(tanh_slope, |a, d, to| {
    for ((to, a), d) in to.iter_mut().zip(a.iter()).zip(d.iter()) {
        *to = *d * (1.0 - *a * *a);
    }
});
hand!(tanh_loop, |x, to| {
    for (to, x) in to.iter_mut().zip(x.iter()) {
        *to = tanh(*x);
    }
});
hand!(sigmoid, |x, to| {
    for (to, x) in to.iter_mut().zip(x.iter()) {
        *to = 1.0 / (1.0 + exp(-*x));
    }
});
hand!(adam, |g, w, m, v| {
    let (m_scale, v_scale) = (1.0 / std::hint::black_box(1.0), 1.0 / std::hint::black_box(1.0));
    for (((w, m), v), g) in w.iter_mut().zip(m.iter_mut()).zip(v.iter_mut()).zip(g.iter()) {
        *m = 0.9 * *m + 0.1 * *g;
        *v = 0.999 * *v + 0.001 * (*g * *g);
        *w -= 0.001 * ((*m * m_scale) / ((*v * v_scale).sqrt() + 1e-8));
    }
});

/// Defines a loop over rows, compiled for AVX-512.
macro_rules! hand_rows {
    ($name:ident, |$($array:ident),*; $cols:ident| $body:block) => {
        fn $name(arrays: &mut [&mut [f32]], cols: usize) {
            #[cfg_attr(target_arch = "x86_64", target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))]
            fn with_vectors(arrays: &mut [&mut [f32]], $cols: usize) {
                if let [$($array),*] = arrays $body
            }
            // SAFETY: only called where the processor has the family.
            unsafe { with_vectors(arrays, cols) }
        }
    };
}

hand_rows!(layer_forward, |z, b, to; cols| {
    for (to, z) in to.chunks_exact_mut(cols).zip(z.chunks_exact(cols)) {
        for ((to, z), b) in to.iter_mut().zip(z).zip(b.iter()) {
            *to = tanh(*z + *b);
        }
    }
});
hand_rows!(layer_backward, |a, d, to; cols| {
    let mut sums = [0.0_f32; 1024];
    let sums = &mut sums[..cols];
    for ((to, a), d) in to.chunks_exact_mut(cols).zip(a.chunks_exact(cols)).zip(d.chunks_exact(cols)) {
        for (((to, a), d), sum) in to.iter_mut().zip(a).zip(d).zip(sums.iter_mut()) {
            *to = *d * (1.0 - *a * *a);
            *sum += *to;
        }
    }
    std::hint::black_box(sums);
});

/// A case at work, its arrays filled with numbers of moderate size.
pub fn alone(case: &Case, entries: usize, simd: Simd, is_emitted: bool) -> Result<Alone<f32>, EngineError> {
    let mut alone = Alone::new(&case.plan, entries, simd, is_emitted)?;
    for place in 0..arrays(case) {
        for (index, x) in alone.array(place).iter_mut().enumerate() {
            *x = ((index * 7919 + place * 31) % 1000) as f32 * 0.01 - if place == 0 { 5.0 } else { 0.0 };
        }
    }
    Ok(alone)
}

/// How many arrays a case has.
pub fn arrays(case: &Case) -> usize {
    case.plan.data.len() + case.plan.updated.len() + case.plan.row_results.len()
}
