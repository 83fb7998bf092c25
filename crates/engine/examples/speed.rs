//! How fast the engine's products and lanes are on this machine, beside a loop of fused multiply-adds that touches no memory.
//!
//! `cargo run --release -p chainrule-engine --example speed`; pin it to a core for steady numbers. Three
//! numbers `m k n` as arguments time that product alone.

use chainrule_engine::{Arguments, Element, Engine};
use plan::{
    Access, Extent, Instruction, LaneInput, LaneOutput, Lanes, Operand, Operation, Output, Plan, Primitive,
    Product, Reduction, Register, Source, Tiling, Value, ValueId,
};
use std::time::Instant;

fn main() -> Result<(), chainrule_engine::EngineError> {
    println!("peak, f32: {:.0} GFLOP/s", peak());
    println!("products, f32 (GFLOP/s): X*W tile by tile with W packed once; with one tile a run; X'*Z; X*W'");
    for (m, k, n) in sizes() {
        let flops = |rows: usize| 2.0 * (rows * k * n) as f64;
        let many = 16 * m;
        let tiled = product::<f32>(many, Some(m), k, n, Kind::Plain)?;
        let single = product::<f32>(m, None, k, n, Kind::Plain)?;
        let summed = product::<f32>(m, None, k, n, Kind::Summed)?;
        let transposed = product::<f32>(many, Some(m), k, n, Kind::Transposed)?;
        let rate = |rows: usize, seconds: f64| flops(rows) / seconds / 1e9;
        println!(
            "{m:4} x {k:4} x {n:4}: {:6.1} {:6.1} {:6.1} {:6.1}",
            rate(many, tiled),
            rate(m, single),
            rate(m, summed),
            rate(many, transposed)
        );
    }
    println!("lanes (ns an entry, f32 and f64), 4096 x 64");
    let unary = |primitive| vec![Operation::Unary(primitive, Register(0))];
    let r = Register;
    for (name, operations) in [
        ("x + 1", vec![Operation::Number(1.0), Operation::Add(r(0), r(1))]),
        ("exp", unary(Primitive::EXP)),
        ("log", unary(Primitive::LOG)),
        ("tanh", unary(Primitive::TANH)),
        ("expm1", unary(Primitive::EXPM1)),
        ("log1p", unary(Primitive::LOG1P)),
        ("erf", unary(Primitive::ERF)),
        (
            "sigmoid",
            vec![
                Operation::Negate(r(0)),
                Operation::Unary(Primitive::EXP, r(1)),
                Operation::Number(1.0),
                Operation::Add(r(2), r(3)),
                Operation::Divide(r(3), r(4)),
            ],
        ),
    ] {
        println!("{name:8} {:.3} {:.3}", lanes::<f32>(&operations)?, lanes::<f64>(&operations)?);
    }
    Ok(())
}

/// Rows, terms and columns of the products: those given as arguments, else those of common networks.
fn sizes() -> Vec<(usize, usize, usize)> {
    let given: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    match given[..] {
        [m, k, n] => vec![(m, k, n)],
        _ => vec![
            (128, 784, 512),
            (128, 512, 512),
            (32, 784, 512),
            (256, 64, 64),
            (128, 784, 128),
            (128, 64, 10),
            (256, 64, 1),
            (512, 1024, 2048),
        ],
    }
}

enum Kind {
    Plain,
    Summed,
    Transposed,
}

fn value(rows: Extent, cols: Extent, source: Source) -> Value {
    Value { name: None, rows, cols, source }
}

/// Seconds of a run of one product.
fn product<T: Element>(
    rows: usize,
    height: Option<usize>,
    k: usize,
    n: usize,
    kind: Kind,
) -> Result<f64, chainrule_engine::EngineError> {
    use Extent::{Fixed, Walked};
    let operand = |id, transposed| Operand { value: ValueId(id), transposed };
    let x = value(Walked, Fixed(k), Source::Data(0));
    let mut plan = Plan { data: vec![ValueId(0)], ..Plan::default() };
    let output = Output { name: "C".into(), value: ValueId(2) };
    let (left, right) = match kind {
        Kind::Plain | Kind::Transposed => {
            let is_transposed = matches!(kind, Kind::Transposed);
            let (w_rows, w_cols) = if is_transposed { (n, k) } else { (k, n) };
            let w = value(Fixed(w_rows), Fixed(w_cols), Source::Parameter(0));
            plan.values = vec![x, w, value(Walked, Fixed(n), Source::Computed)];
            plan.parameters = vec![ValueId(1)];
            plan.row_results = vec![output];
            (operand(0, false), operand(1, is_transposed))
        }
        Kind::Summed => {
            let z = value(Walked, Fixed(n), Source::Data(1));
            plan.values = vec![x, z, value(Fixed(k), Fixed(n), Source::Computed)];
            plan.data.push(ValueId(1));
            plan.results = vec![output];
            (operand(0, true), operand(1, false))
        }
    };
    plan.instructions = vec![Instruction::Product(Product { left, right, to: ValueId(2) })];
    plan.tiling = Some(Tiling { height, phases: vec![plan::Phase::Tile] });
    time::<T>(plan, rows)
}

/// Nanoseconds an entry of a program of one input.
fn lanes<T: Element>(operations: &[Operation]) -> Result<f64, chainrule_engine::EngineError> {
    let (rows, cols) = (Extent::Walked, Extent::Fixed(64));
    let plan = Plan {
        values: vec![value(rows, cols, Source::Data(0)), value(rows, cols, Source::Computed)],
        instructions: vec![Instruction::Lanes(Lanes {
            rows,
            cols,
            inputs: vec![LaneInput { value: ValueId(0), access: Access::Entry }],
            operations: operations.to_vec(),
            outputs: vec![LaneOutput {
                register: Register(operations.len() as u16),
                to: ValueId(1),
                reduction: Reduction::Keep,
            }],
        })],
        data: vec![ValueId(0)],
        row_results: vec![Output { name: "Y".into(), value: ValueId(1) }],
        ..Plan::default()
    };
    Ok(time::<T>(plan, 4096)? * 1e9 / (4096.0 * 64.0))
}

/// The fewest seconds of a run, on numbers between 0 and 1: other programs can only add to it.
fn time<T: Element>(plan: Plan, rows: usize) -> Result<f64, chainrule_engine::EngineError> {
    let numbers = |id: &ValueId| -> Vec<T> {
        let value = plan.value(*id);
        let count = value.rows.count(rows) * value.cols.count(rows);
        (0..count).map(|i| T::from_f64((i * 37 % 101) as f64 / 101.0)).collect()
    };
    let data: Vec<Vec<T>> = plan.data.iter().map(numbers).collect();
    let data: Vec<&[T]> = data.iter().map(Vec::as_slice).collect();
    let parameters: Vec<T> = plan.parameters.iter().flat_map(numbers).collect();
    let mut results = vec![T::from_f64(0.0); plan.result_entries()];
    let mut row_results: Vec<Vec<T>> = plan.row_results.iter().map(|output| numbers(&output.value)).collect();
    let engine = Engine::new(plan)?;
    let mut workspace = engine.workspace(rows)?;
    let mut times = Vec::new();
    let start = Instant::now();
    while times.len() < 7 || start.elapsed().as_secs_f64() < 0.2 {
        let begin = Instant::now();
        engine.run(
            &mut workspace,
            Arguments {
                rows,
                data: &data,
                updated: &mut [],
                parameters: &parameters,
                scalars: &[],
                results: &mut results,
                row_results: &mut row_results.iter_mut().map(Vec::as_mut_slice).collect::<Vec<_>>(),
            },
        )?;
        times.push(begin.elapsed().as_secs_f64());
    }
    Ok(times.into_iter().fold(f64::INFINITY, f64::min))
}

/// The rate of fused multiply-adds in registers, with AVX-512; 0 elsewhere.
fn peak() -> f64 {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f") {
        // SAFETY: the processor was asked.
        return (0..20).map(|_| unsafe { multiply_adds() }).fold(0.0, f64::max);
    }
    0.0
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn multiply_adds() -> f64 {
    use std::arch::x86_64::{_mm512_fmadd_ps, _mm512_reduce_add_ps, _mm512_set1_ps};
    let (x, y) = (_mm512_set1_ps(std::hint::black_box(0.999)), _mm512_set1_ps(std::hint::black_box(0.001)));
    let mut sums = [_mm512_set1_ps(1.0); 16];
    let begin = Instant::now();
    for _ in 0..200_000 {
        for sum in &mut sums {
            *sum = _mm512_fmadd_ps(*sum, x, y);
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    std::hint::black_box(sums.map(|sum| _mm512_reduce_add_ps(sum)));
    200_000.0 * 16.0 * 32.0 / seconds / 1e9
}
