//! Random programs, emitted and interpreted: the same bits in every result, sum and overwritten input.

use super::*;
use crate::arrangement::Arrangement;
use crate::lanes::program::LaneMemory;
use crate::lanes::run::slot_stride;
use crate::layout::{FIRST_ARGUMENT, FIXED, Layout, PARAMETERS, TILE};
use crate::simd::Flush;
use plan::{
    Access, Extent, LaneInput, LaneOutput, Lanes, Operation, Phase, Plan, Primitive, Register, Source,
    Update, Value, ValueId,
};

/// A plain generator of numbers, so that a failure can be run again.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }

    /// Mostly of moderate size; now and then one that is special.
    fn number(&mut self) -> f64 {
        const SPECIAL: [f64; 14] = [
            0.0,
            -0.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            1e-42,
            -3e-310,
            1e38,
            -88.5,
            89.2,
            -104.0,
            709.9,
            1.0,
            -1.0,
        ];
        match self.below(12) {
            0 => SPECIAL[self.below(SPECIAL.len())],
            1 => (self.below(20_000) as f64 - 10_000.0) * 0.03,
            _ => (self.below(2_000_001) as f64 - 1_000_000.0) * 3e-6,
        }
    }
}

/// A program with its plan: inputs are data, overwritten data or parameters.
fn random_plan(random: &mut Random, cols: usize) -> (Plan, Lanes) {
    let mut plan = Plan::default();
    let (walked, one, cols) = (Extent::Walked, Extent::Fixed(1), Extent::Fixed(cols));
    let value = |plan: &mut Plan, rows, cols, source| {
        plan.values.push(Value { name: None, rows, cols, source });
        ValueId(plan.values.len() as u32 - 1)
    };
    let mut inputs = Vec::new();
    let mut parameters = 0;
    let kinds = 1 + random.below(4);
    for _ in 0..1 + random.below(5) {
        let access = [Access::Entry, Access::Column, Access::Scalar, Access::Row][random.below(kinds)];
        let id = match access {
            Access::Entry if random.below(3) == 0 => {
                let place = plan.updated.len();
                let id = value(&mut plan, walked, cols, Source::Updated(place));
                plan.updated.push(Update { old: id, new: id });
                id
            }
            Access::Entry | Access::Row => {
                let cols = if access == Access::Row { one } else { cols };
                let place = plan.data.len();
                let id = value(&mut plan, walked, cols, Source::Data(place));
                plan.data.push(id);
                id
            }
            Access::Column | Access::Scalar => {
                let cols = if access == Access::Scalar { one } else { cols };
                let id = value(&mut plan, one, cols, Source::Parameter(parameters));
                parameters += cols.count(0);
                plan.parameters.push(id);
                id
            }
        };
        inputs.push(LaneInput { value: id, access });
    }
    let mut operations = Vec::new();
    for _ in 0..random.below(30) {
        let registers = inputs.len() + operations.len();
        let mut r = || Register(random.below(registers) as u16);
        let (a, b, c) = (r(), r(), r());
        let unary = [
            Primitive::ABS,
            Primitive::SIGN,
            Primitive::STEP,
            Primitive::EXP,
            Primitive::LOG,
            Primitive::TANH,
            Primitive::ERF,
            Primitive::EXPM1,
            Primitive::LOG1P,
        ];
        let binary = [
            Primitive::MAX,
            Primitive::MIN,
            Primitive::LESS,
            Primitive::GREATER,
            Primitive::LESS_EQUAL,
            Primitive::GREATER_EQUAL,
            Primitive::EQUAL,
        ];
        operations.push(match random.below(12) {
            0 => Operation::Number(random.number()),
            1 => Operation::Add(a, b),
            2 => Operation::Subtract(a, b),
            3 | 4 => Operation::Multiply(a, b),
            5 => Operation::Divide(a, b),
            6 => Operation::Negate(a),
            7 => Operation::SquareRoot(a),
            8 => Operation::MultiplyAdd(a, b, c),
            9 => Operation::Unary(unary[random.below(unary.len())], a),
            10 => Operation::Binary(binary[random.below(binary.len())], a, b),
            _ => Operation::Ternary(Primitive::WHERE, a, b, c),
        });
    }
    let registers = inputs.len() + operations.len();
    let mut outputs = Vec::new();
    for _ in 0..1 + random.below(5) {
        let kinds = [Reduction::Keep, Reduction::SumAll, Reduction::SumDown, Reduction::SumAlong];
        let reduction = kinds[random.below(4)];
        let (rows, cols) = match reduction {
            Reduction::Keep => (walked, cols),
            Reduction::SumAll => (one, one),
            Reduction::SumDown => (one, cols),
            Reduction::SumAlong => (walked, one),
        };
        let to = value(&mut plan, rows, cols, Source::Computed);
        let register = Register((registers - 1 - random.below(registers.min(6))) as u16);
        outputs.push(LaneOutput { register, to, reduction });
    }
    // Overwritten data takes kept results, as far as there are any.
    let kept: Vec<ValueId> =
        outputs.iter().filter(|o| o.reduction == Reduction::Keep).map(|output| output.to).collect();
    for (update, new) in plan.updated.iter_mut().zip(kept) {
        update.new = new;
    }
    let lanes = Lanes { rows: walked, cols, inputs, operations, outputs };
    plan.instructions.push(plan::Instruction::Lanes(lanes.clone()));
    (plan, lanes)
}

/// The arrays of a run.
#[derive(Clone)]
struct Memory<T> {
    arrays: Vec<Vec<T>>,
    sums: Vec<f64>,
}

fn memory<T: Number>(
    plan: &Plan,
    layout: &Layout,
    lanes: &LaneMemory,
    rows: usize,
    random: &mut Random,
) -> Memory<T> {
    let mut numbers = |count: usize| (0..count).map(|_| T::from_f64(random.number())).collect::<Vec<T>>();
    let mut arrays = vec![Vec::new(); FIRST_ARGUMENT];
    arrays[PARAMETERS] = numbers(plan.parameter_entries());
    arrays[FIXED] = numbers(layout.fixed);
    arrays[TILE] = numbers(layout.per_row * rows);
    for id in plan.data.iter().copied().chain(plan.updated.iter().map(|update| update.old)) {
        arrays.push(numbers(rows * plan.value(id).cols.count(rows)));
    }
    Memory { arrays, sums: vec![0.5; lanes.sums] }
}

fn run<T: Number>(
    program: &Program<T>,
    simd: Simd,
    counts: &LaneMemory,
    memory: &mut Memory<T>,
    tiles: &[usize],
) {
    let mut cells = vec![std::ptr::null_mut(); counts.cells];
    let mut numbers = vec![T::ZERO; counts.numbers];
    let mut slots = vec![T::ZERO; counts.slots * slot_stride::<T>()];
    let bases: Vec<*mut T> = memory.arrays.iter_mut().map(Vec::as_mut_ptr).collect();
    let batch = tiles.iter().sum();
    program.start_sums(batch, &mut memory.sums);
    let mut from = 0;
    for rows in tiles {
        let frame = Frame::whole(batch).part(from, *rows);
        let mut workspace =
            Cells { cells: &mut cells, numbers: &mut numbers, slots: &mut slots, sums: &mut memory.sums };
        // SAFETY: the arrays have the layout's sizes, the memory is as counted, and the family was found available.
        unsafe { program.run(simd, &bases, frame, batch, &mut workspace) };
        from += rows;
    }
    // SAFETY: as above.
    unsafe { program.finish_sums(&bases, Frame::whole(batch), batch, &memory.sums) };
}

fn same<T: Number>(a: &Memory<T>, b: &Memory<T>) -> bool {
    // Which NaN it is may differ: neither processors nor compilers promise it. Nor is it promised that what only passes through
    // (`1*x`, `x - 0`) is flushed: a compiler leaves such an operation out, so a subnormal number and the 0 of its sign are one.
    let flushed = |x: f64| if x.is_subnormal() { 0.0_f64.copysign(x) } else { x };
    let is_same = |a: f64, b: f64| {
        a.to_bits() == b.to_bits()
            || (a.is_nan() && b.is_nan())
            || flushed(a) == 0.0 && flushed(a).to_bits() == flushed(b).to_bits()
    };
    a.arrays.iter().zip(&b.arrays).all(|(a, b)| a.iter().zip(b).all(|(a, b)| is_same(a.to_f64(), b.to_f64())))
}

/// How many of the programs were emitted.
fn agree<T: crate::element::Element>(simd: Simd, seeds: std::ops::Range<u64>) -> usize {
    let mut emitted = 0;
    for seed in seeds {
        let random = &mut Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let cols = if random.below(8) == 0 { 500 + random.below(200) } else { 1 + random.below(70) };
        let (plan, lanes) = random_plan(random, cols);
        let layout = Layout::new(&plan, &[Phase::Rows(0)], &Arrangement::plain(&plan)).expect("sound");
        let mut counts = LaneMemory::default();
        let Ok(mut program) = Program::<T>::new(&lanes, &layout, simd, &mut counts) else { continue };
        let mut tiles = Vec::new();
        for _ in 0..random.below(4) {
            tiles.push(random.below(20));
        }
        let mut found = memory(&plan, &layout, &counts, tiles.iter().sum(), random);
        let mut want = found.clone();
        if program.kernel.is_none() {
            continue;
        }
        emitted += 1;
        run(&program, simd, &counts, &mut found, &tiles);
        program.interpret();
        run(&program, simd, &counts, &mut want, &tiles);
        assert!(same(&found, &want), "{simd:?}, seed {seed}, {tiles:?} x {cols}: {lanes:#?}");
    }
    emitted
}

#[test]
fn emitted_programs_give_the_interpreters_bits() {
    for simd in [Simd::Avx512, Simd::Avx2] {
        if simd.is_available() {
            let emitted = agree::<f32>(simd, 0..3000) + agree::<f64>(simd, 0..3000);
            assert!(emitted > 4000, "{emitted}");
        }
    }
}

#[test]
fn emitted_programs_give_the_interpreters_bits_where_subnormal_numbers_are_flushed() {
    let _flush = Flush::on();
    for simd in [Simd::Avx512, Simd::Avx2] {
        if simd.is_available() {
            agree::<f32>(simd, 3000..5000);
            agree::<f64>(simd, 3000..5000);
        }
    }
}

/// The instructions of a program's code, up to the return.
fn disassembled<T: Number>(program: &Program<T>, is_evex: bool) -> Vec<iced_x86::Instruction> {
    let graph = Graph::new(program, is_evex).expect("every function has a lane");
    let code = emit(program, &graph, is_evex).expect("it fits");
    let mut instructions = Vec::new();
    for instruction in &mut iced_x86::Decoder::new(64, &code, iced_x86::DecoderOptions::NONE) {
        instructions.push(instruction);
        if instruction.mnemonic() == iced_x86::Mnemonic::Ret {
            break;
        }
    }
    instructions
}

/// Code that a decoder of another make reads whole: every jump leads to an instruction, memory is only read or written from the
/// pointers of the table, and a constant lies behind the code.
fn reads_back<T: crate::element::Element>(is_evex: bool, seeds: std::ops::Range<u64>) {
    let simd = if is_evex { Simd::Avx512 } else { Simd::Avx2 };
    if !simd.is_available() {
        return;
    }
    for seed in seeds {
        let random = &mut Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let (plan, lanes) = random_plan(random, 21);
        let layout = Layout::new(&plan, &[Phase::Rows(0)], &Arrangement::plain(&plan)).expect("sound");
        let program = Program::<T>::new(&lanes, &layout, simd, &mut LaneMemory::default());
        let Some(program) = program.ok().filter(|program| program.kernel.is_some()) else { continue };
        let instructions = disassembled(&program, is_evex);
        let starts: Vec<u64> = instructions.iter().map(iced_x86::Instruction::ip).collect();
        let end = instructions.last().expect("a return").next_ip();
        for instruction in &instructions {
            assert!(!instruction.is_invalid(), "{seed}");
            if instruction.op0_kind() == iced_x86::OpKind::NearBranch64 {
                assert!(starts.binary_search(&instruction.near_branch_target()).is_ok(), "{seed}");
            }
            if instruction.is_ip_rel_memory_operand() {
                assert!(instruction.ip_rel_memory_address() >= end, "{seed}");
            }
        }
    }
}

#[test]
fn emitted_code_is_read_back_by_another_decoder() {
    for is_evex in [true, false] {
        reads_back::<f32>(is_evex, 0..300);
        reads_back::<f64>(is_evex, 0..300);
    }
}

/// The whole of a vector's turn in `x^2 - y`.
#[test]
fn a_product_and_a_difference_are_four_instructions() {
    if !Simd::Avx512.is_available() {
        return;
    }
    let (walked, one) = (Extent::Walked, Extent::Fixed(1));
    let value = |source| Value { name: None, rows: walked, cols: one, source };
    let entry = |value| LaneInput { value: ValueId(value), access: Access::Entry };
    let lanes = Lanes {
        rows: walked,
        cols: one,
        inputs: vec![entry(0), entry(1)],
        operations: vec![
            Operation::Multiply(Register(0), Register(0)),
            Operation::Subtract(Register(2), Register(1)),
        ],
        outputs: vec![LaneOutput { register: Register(3), to: ValueId(2), reduction: Reduction::Keep }],
    };
    let plan = Plan {
        values: vec![value(Source::Data(0)), value(Source::Data(1)), value(Source::Computed)],
        instructions: vec![plan::Instruction::Lanes(lanes.clone())],
        data: vec![ValueId(0), ValueId(1)],
        ..Plan::default()
    };
    let layout = Layout::new(&plan, &[Phase::Rows(0)], &Arrangement::plain(&plan)).expect("sound");
    let program = Program::<f32>::new(&lanes, &layout, Simd::Avx512, &mut LaneMemory::default());
    let instructions = disassembled(&program.expect("sound"), true);
    let mut formatter = iced_x86::NasmFormatter::new();
    let lines = instructions.iter().map(|instruction| {
        let mut line = String::new();
        iced_x86::Formatter::format(&mut formatter, instruction, &mut line);
        line
    });
    let lines: Vec<String> = lines.collect();
    let single = [
        "vmovups zmm0,[r8+rax]",
        "vmulps zmm0,zmm0,zmm0",
        "vsubps zmm0,zmm0,[r9+rax]",
        "vmovups [r10+rax],zmm0",
    ];
    assert!(lines.windows(single.len()).any(|window| window == single), "{lines:#?}");
}
