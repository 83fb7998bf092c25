//! The fast path against the reference, and against itself.

use crate::network::{
    Builder, Numbers, WALKED, descent, difference, fixed, network, numbers, planned, r, regression,
    two_passes,
};
use chainrule_engine::{Batch, Engine, EngineError, Simd, Training, Workspace};
use plan::{Access, Extent, Instruction, Operation, Plan, Primitive, Reduction, Source, Transpose};

fn families() -> impl Iterator<Item = Simd> {
    [Simd::Portable, Simd::Avx2, Simd::Avx512].into_iter().filter(|simd| simd.is_available())
}

fn check(plan: &Plan, rows: usize, tolerance: f64) {
    let numbers = Numbers::<f64>::new(plan, rows, 1);
    let want = numbers.reference(plan);
    for plan in [plan.clone(), planned(plan.clone(), Some(16)), planned(plan.clone(), None)] {
        let engine = Engine::new(plan).expect("the plan is sound");
        let found = numbers.run(&engine, &mut Workspace::new());
        let worst = difference(&found, &want);
        assert!(worst <= tolerance, "{rows} rows: {worst:e}");
    }
}

#[test]
fn a_network_in_double_precision_is_the_reference_at_every_size() {
    for size in 1..=40 {
        let rows = (size * 7) % 40 + 1;
        check(&network(size, (size * 3) % 40 + 1, (size * 11) % 13 + 1), rows, 1e-12);
    }
    for rows in 0..=40 {
        check(&network(5, 9, 3), rows, 1e-12);
    }
    check(&network(700, 600, 1), 33, 1e-12);
}

#[test]
fn a_network_in_single_precision_is_near_the_reference() {
    for (inputs, hidden, outputs, rows) in [(3, 5, 2, 17), (30, 64, 10, 100), (8, 1, 1, 33)] {
        let plan = network(inputs, hidden, outputs);
        let numbers = Numbers::<f32>::new(&plan, rows, 2);
        let want = Numbers::<f64>::new(&plan, rows, 2).reference(&plan);
        let engine = Engine::new(planned(plan, Some(32))).expect("the plan is sound");
        let worst = difference(&numbers.run(&engine, &mut Workspace::new()), &want);
        assert!(worst < 1e-5, "{worst:e}");
    }
}

#[test]
fn neither_tiles_nor_families_nor_buffers_change_a_bit() {
    for (inputs, hidden, outputs, rows) in [(7, 19, 3, 101), (33, 40, 17, 64), (4, 1, 1, 77), (3, 600, 2, 40)]
    {
        let plan = network(inputs, hidden, outputs);
        let numbers = Numbers::<f32>::new(&plan, rows, 3);
        let fused = planned(plan.clone(), Some(8));
        let want = numbers.run(&Engine::new(fused).expect("sound"), &mut Workspace::new()).bits();
        for simd in families() {
            // One workspace for all, so that what one run leaves there is seen if another reads it.
            let mut workspace = Workspace::new();
            for height in [Some(1), Some(5), Some(16), Some(32), Some(1000)] {
                let engine = Engine::with_simd(planned(plan.clone(), height), simd).expect("sound");
                assert!(numbers.run(&engine, &mut workspace).bits() == want, "{simd:?} {height:?}");
            }
        }
    }
}

#[test]
fn training_gives_the_bits_of_the_two_plans_one_after_the_other() {
    // Small sums in leaves; large ones in slabs, of one macro-batch and of several; and gradients of two passes.
    let shapes = [(7, 19, 300), (300, 100, 70), (300, 301, 1000), (40, 1025, 130)];
    let regressions = shapes.map(|(inputs, hidden, rows)| (regression(inputs, hidden), rows, 0.01));
    for (step, rows, rate) in regressions.into_iter().chain([(two_passes(), 200, 1e-5)]) {
        let (step, update) = (planned(step, Some(32)), planned(descent(), Some(64)));
        let what = format!("{} parameters, {rows} rows", step.parameter_entries());
        let mut first = Numbers::<f32>::new(&step, rows, 11);
        let start = first.parameters.clone();
        let mut training = Training::<f32>::new(step.clone(), update.clone(), &[0.0], 3).expect("sound");
        training.set_parameters(&start).expect("as many");
        let (step, update) = (Engine::new(step).expect("sound"), Engine::new(update).expect("sound"));
        let mut states = vec![0.0; start.len()];
        let mut workspace = Workspace::new();
        for _ in 0..3 {
            let found = first.run(&step, &mut workspace);
            let data: Vec<&[f32]> = first.data.iter().map(Vec::as_slice).collect();
            let batch = Batch { data: &data, rows, order: None, next: &[] };
            let loss = training.step(batch, &[rate]).expect("the arguments fit");
            assert_eq!(loss.to_bits(), found.results[0].to_bits(), "{what}");
            let mut second = Numbers::<f32>::new(update.plan(), start.len(), 12);
            second.data[0].copy_from_slice(&found.results[1..]);
            second.updated[0].copy_from_slice(&first.parameters);
            second.updated[1].copy_from_slice(&states);
            second.scalars[0] = rate;
            let updated = second.run(&update, &mut workspace).updated;
            first.parameters.copy_from_slice(&updated[0]);
            states.copy_from_slice(&updated[1]);
            let mut parameters = vec![0.0; start.len()];
            training.read_parameters(&mut parameters).expect("as many");
            let same = |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits();
            assert!(parameters.iter().zip(&first.parameters).all(same), "{what}");
        }
    }
}

#[test]
fn a_step_without_a_finite_loss_changes_nothing() {
    for (inputs, hidden) in [(5, 6), (200, 100)] {
        let (step, update) = (planned(regression(inputs, hidden), Some(32)), planned(descent(), Some(64)));
        let entries = step.parameter_entries();
        let mut training = Training::<f32>::new(step, update, &[0.0], 2).expect("sound");
        let start: Vec<f32> = numbers(entries, 1).into_iter().map(|number| number as f32).collect();
        training.set_parameters(&start).expect("as many");
        let (x, mut y) = (vec![1.0; 150 * inputs], vec![0.0; 150]);
        y[149] = f32::NAN;
        let mut batch = Batch { data: &[&x, &y], rows: 150, order: None, next: &[] };
        assert!(training.step(batch, &[0.1]).expect("the arguments fit").is_nan());
        let mut found = start.clone();
        training.read_parameters(&mut found).expect("as many");
        assert_eq!(found, start);
        // A row that does not exist is refused.
        let order = [0, 150];
        (batch.rows, batch.order) = (2, Some(&order[..]));
        assert!(matches!(training.step(batch, &[0.1]), Err(EngineError::ArgumentLength { .. })));
    }
}

#[test]
fn rows_that_depend_on_a_sum_over_all_are_computed_in_a_second_pass() {
    // The squares of what is left of X*W when its column means are taken off.
    let mut b = Builder::default();
    let (x, w, m) = (b.data(WALKED, fixed(6)), b.parameter(6, 20), b.row_count());
    let z = b.product((x, false), (w, false));
    let sums = b.lanes(WALKED, fixed(20), &[(z, Access::Entry)], &[], &[(0, Reduction::SumDown)])[0];
    let inputs = [(z, Access::Entry), (sums, Access::Column), (m, Access::Scalar)];
    let operations =
        [Operation::Divide(r(1), r(2)), Operation::Subtract(r(0), r(3)), Operation::Multiply(r(4), r(4))];
    let outputs = [(5, Reduction::SumAll), (4, Reduction::Keep)];
    let [squares, centred] = b.lanes(WALKED, fixed(20), &inputs, &operations, &outputs)[..] else {
        unreachable!()
    };
    let gram = b.product((centred, true), (centred, false));
    b.result("squares", squares);
    b.result("gram", gram);
    b.row_result("centred", centred);
    let plan = planned(b.plan, Some(32));
    let tiling = plan.tiling.as_ref().expect("tiled");
    assert!(tiling.height.is_some() && tiling.phases.contains(&plan::Phase::Rows(1)), "{plan}");
    let numbers = Numbers::<f64>::new(&plan, 333, 6);
    let want = numbers.reference(&plan);
    let engine = Engine::new(plan).expect("sound");
    let once = numbers.run(&engine, &mut Workspace::new());
    let worst = difference(&once, &want);
    assert!(worst < 1e-12, "{worst:e}");
    assert!(numbers.run(&engine, &mut Workspace::with_threads(3)).bits() == once.bits());
}

#[test]
fn a_mean_of_ten_million_rows_in_single_precision_is_right() {
    let mut b = Builder::default();
    let (x, m) = (b.data(WALKED, fixed(1)), b.row_count());
    let sum = b.lanes(WALKED, fixed(1), &[(x, Access::Entry)], &[], &[(0, Reduction::SumAll)])[0];
    let inputs = [(sum, Access::Scalar), (m, Access::Scalar)];
    let mean =
        b.lanes(fixed(1), fixed(1), &inputs, &[Operation::Divide(r(0), r(1))], &[(2, Reduction::Keep)])[0];
    b.result("mean", mean);
    let engine = Engine::<f32>::new(planned(b.plan.clone(), Some(256))).expect("sound");
    let mut numbers = Numbers::<f32>::new(&b.plan, 10_000_000, 4);
    for x in &mut numbers.data[0] {
        *x = 0.1 + *x * 0.01;
    }
    let want = numbers.data[0].iter().map(|x| f64::from(*x)).sum::<f64>() / 1e7;
    let found = numbers.run(&engine, &mut Workspace::new()).results[0];
    assert!((f64::from(found) - want).abs() < 1e-7, "{found} {want}");
}

/// Every kind of operand, access and reduction at once.
fn mixture(cols: usize) -> Plan {
    use Access::{Column, Entry, Row, Scalar};
    use Operation::*;
    let mut b = Builder::default();
    let (x, v) = (b.data(WALKED, fixed(cols)), b.data(WALKED, fixed(1)));
    let (c, s) = (b.parameter(cols, 1), b.scalar());
    let operations = [
        Number(2.0),                           // 4
        Multiply(r(3), r(4)),                  // 5, hoisted
        Multiply(r(0), r(5)),                  // 6
        MultiplyAdd(r(6), r(1), r(2)),         // 7
        MultiplyAdd(r(5), r(7), r(4)),         // 8
        MultiplyAdd(r(4), r(5), r(8)),         // 9
        Binary(Primitive::MAX, r(9), r(5)),    // 10
        Binary(Primitive::MIN, r(10), r(0)),   // 11
        Unary(Primitive::ABS, r(11)),          // 12
        SquareRoot(r(12)),                     // 13
        Divide(r(13), r(4)),                   // 14
        Subtract(r(5), r(14)),                 // 15
        Negate(r(15)),                         // 16
        Unary(Primitive::ERF, r(16)),          // 17
        Binary(Primitive::POWER, r(12), r(4)), // 18
        Binary(Primitive::POWER, r(12), r(2)), // 19
        Add(r(17), r(18)),                     // 20
        MultiplyAdd(r(20), r(4), r(5)),        // 21
        MultiplyAdd(r(0), r(5), r(21)),        // 22
        MultiplyAdd(r(22), r(0), r(5)),        // 23
        Divide(r(5), r(4)),                    // 24, a number
        Subtract(r(23), r(24)),                // 25
    ];
    let inputs = [(x, Entry), (c, Column), (v, Row), (s, Scalar)];
    let outputs = [
        (25, Reduction::Keep),
        (25, Reduction::Keep),
        (0, Reduction::Keep),
        (24, Reduction::Keep),
        (19, Reduction::SumAlong),
        (22, Reduction::SumDown),
        (24, Reduction::SumDown),
        (23, Reduction::SumAll),
        (17, Reduction::SumAll),
        (24, Reduction::SumAlong),
        (0, Reduction::SumAll),
    ];
    let values = b.lanes(WALKED, fixed(cols), &inputs, &operations, &outputs);
    for (index, value) in values.iter().enumerate() {
        match index {
            0..=4 | 9 => b.row_result(&format!("r{index}"), *value),
            _ => b.result(&format!("f{index}"), *value),
        }
    }
    // The same value under another name, and an input as a result.
    b.result("again", values[5]);
    b.result("c", c);
    b.row_result("x", x);
    b.plan
}

#[test]
fn every_operand_access_and_reduction_is_the_reference() {
    for cols in [1, 2, 3, 8, 10, 16, 17, 40, 64, 100, 300, 600, 1025] {
        for rows in [0, 1, 2, 5, 33, 70] {
            let plan = mixture(cols);
            let numbers = Numbers::<f64>::new(&plan, rows, 5);
            let want = numbers.reference(&plan);
            // Of one leaf, the rows are summed in the order of the whole.
            let mut bits = None;
            for height in [Some(1), Some(7), Some(16), None].into_iter().filter(|h| h.is_some() || rows <= 64)
            {
                let mut tiled = plan::tile(plan.clone());
                tiled.tiling.as_mut().expect("tiled").height = height;
                for simd in families() {
                    let engine = Engine::with_simd(tiled.clone(), simd).expect("sound");
                    let found = numbers.run(&engine, &mut Workspace::new());
                    let worst = difference(&found, &want);
                    assert!(worst < 1e-12, "{rows} x {cols}, {height:?} {simd:?}: {worst:e}");
                    assert_eq!(
                        *bits.get_or_insert(found.bits()),
                        found.bits(),
                        "{rows} x {cols}, {height:?} {simd:?}"
                    );
                }
            }
        }
    }
}

/// Adam's step over one matrix, in one program or one instruction an operation.
fn adam(fuse: bool) -> Plan {
    use Access::{Entry, Scalar};
    use Operation::*;
    let shape = (fixed(37), fixed(21));
    let mut b = Builder::default();
    let g = b.data(shape.0, shape.1);
    let [w, m, v] = [(); 3].map(|()| b.updated(shape.0, shape.1));
    let rate = b.scalar();
    let keep = Reduction::Keep;
    let inputs = [(w, Entry), (m, Entry), (v, Entry), (g, Entry), (rate, Scalar)];
    let operations = [
        Number(0.9),
        Number(0.1),
        Multiply(r(3), r(6)),
        MultiplyAdd(r(1), r(5), r(7)), // 8: m
        Multiply(r(3), r(3)),
        Unary(Primitive::ABS, r(2)),
        MultiplyAdd(r(5), r(10), r(9)), // 11: v
        SquareRoot(r(11)),
        Add(r(12), r(6)),
        Divide(r(8), r(13)),
        Multiply(r(14), r(4)),
        Subtract(r(0), r(15)), // 16: w
    ];
    let new = if fuse {
        b.lanes(shape.0, shape.1, &inputs, &operations, &[(16, keep), (8, keep), (11, keep)])
    } else {
        // The new m and v first; the old m is read once more after that, with the new.
        let mv = b.lanes(shape.0, shape.1, &inputs, &operations[..7], &[(8, keep), (11, keep)]);
        let inputs = [(w, Entry), (mv[0], Entry), (mv[1], Entry), (m, Entry), (rate, Scalar)];
        let operations =
            [Subtract(r(1), r(3)), Divide(r(5), r(2)), Multiply(r(6), r(4)), Subtract(r(0), r(7))];
        let w = b.lanes(shape.0, shape.1, &inputs, &operations, &[(8, keep)])[0];
        vec![w, mv[0], mv[1]]
    };
    for (old, new) in [w, m, v].into_iter().zip(new) {
        b.update(old, new);
    }
    b.plan
}

#[test]
fn updates_take_the_place_of_what_was_read() {
    for fuse in [true, false] {
        check(&adam(fuse), 0, 1e-13);
    }
    // Two matrices that change places, and one that is asked for before it is overwritten.
    let mut b = Builder::default();
    let (a, c) = (b.updated(fixed(3), fixed(4)), b.updated(fixed(3), fixed(4)));
    let (p, q) = (b.updated(WALKED, fixed(4)), b.updated(WALKED, fixed(4)));
    for (old, new) in [(a, c), (c, a), (p, q), (q, p)] {
        b.update(old, new);
    }
    b.result("a", a);
    b.row_result("p", p);
    let numbers = Numbers::<f64>::new(&b.plan, 9, 6);
    let want = numbers.reference(&b.plan);
    let engine = Engine::new(b.plan).expect("sound");
    assert_eq!(numbers.run(&engine, &mut Workspace::new()).bits(), want.bits());
}

#[test]
fn rows_that_stand_in_columns_are_the_reference() {
    use Access::{Column, Entry, Row};
    let mut b = Builder::default();
    let (x, w, bias) = (b.data(fixed(6), WALKED), b.parameter(9, 6), b.parameter(9, 1));
    let z = b.product((w, false), (x, false));
    let program = [Operation::Add(r(0), r(1)), Operation::Unary(Primitive::EXP, r(2))];
    let outputs =
        [Reduction::Keep, Reduction::SumAlong, Reduction::SumDown, Reduction::SumAll].map(|kind| (3, kind));
    let [a, along, down, all] = b.lanes(fixed(9), WALKED, &[(z, Entry), (bias, Row)], &program, &outputs)[..]
    else {
        unreachable!()
    };
    let divide = [Operation::Divide(r(0), r(1))];
    let softmax =
        b.lanes(fixed(9), WALKED, &[(a, Entry), (down, Column)], &divide, &[(2, Reduction::Keep)])[0];
    let dw = b.product((softmax, false), (x, true));
    let turned = b.value(WALKED, fixed(9), Source::Computed);
    b.plan.instructions.push(Instruction::Transpose(Transpose { from: softmax, to: turned }));
    let identity = b.value(fixed(3), fixed(5), Source::Computed);
    b.plan.instructions.push(Instruction::Fill(plan::Fill {
        diagonal: 1.0,
        elsewhere: 0.25,
        above: 1,
        to: identity,
    }));
    for (name, value) in [("along", along), ("all", all), ("dW", dw), ("I", identity)] {
        b.result(name, value);
    }
    b.row_result("softmax", turned);
    for rows in [0, 1, 2, 31, 700] {
        check(&b.plan, rows, 1e-12);
    }
}

#[test]
fn arguments_of_a_wrong_length_are_refused_with_a_sentence() {
    let plan = network(3, 4, 2);
    let engine = Engine::<f64>::new(plan.clone()).expect("sound");
    let refused = |change: fn(&mut Numbers<f64>)| {
        let mut numbers = Numbers::<f64>::new(&plan, 5, 7);
        change(&mut numbers);
        let mut reference = numbers.clone();
        let error =
            numbers.bind(|arguments| engine.run(&mut Workspace::new(), arguments)).expect_err("refused");
        assert_eq!(
            reference.bind(|arguments| chainrule_engine::run_reference(&plan, arguments)),
            Err(error.clone())
        );
        error.to_string()
    };
    let sentence = refused(|numbers| numbers.data[0].truncate(14));
    assert_eq!(sentence, "data matrix 0 is 5 x 3 and so needs 15 entries, row by row, but the call gives 14");
    let sentence = refused(|numbers| numbers.data.truncate(1));
    assert!(sentence.starts_with("the call gives 1 data matrices, but the plan has 2"), "{sentence}");
    for change in [
        (|numbers| numbers.parameters.push(0.0)) as fn(&mut Numbers<f64>),
        |numbers| numbers.scalars.clear(),
        |numbers| numbers.results.truncate(3),
        |numbers| numbers.row_results[1].push(0.0),
        |numbers| numbers.updated.push(Vec::new()),
        |numbers| numbers.rows = usize::MAX,
    ] {
        refused(change);
    }
}

#[test]
fn plans_that_contradict_themselves_are_refused() {
    let sound = planned(network(3, 4, 2), Some(16));
    let refused = |what: &str, change: fn(&mut Plan)| {
        let mut plan = sound.clone();
        change(&mut plan);
        assert!(Engine::<f32>::new(plan).is_err(), "{what}");
    };
    assert!(Engine::<f32>::new(sound.clone()).is_ok());
    refused("a value twice", |plan| plan.instructions.push(plan.instructions[0].clone()));
    refused("read too early", |plan| plan.instructions.reverse());
    refused("no such value", |plan| plan.data[0].0 = 1000);
    refused("another shape", |plan| plan.values[0].cols = fixed(7));
    refused("too many walked", |plan| plan.values[2].rows = WALKED);
    refused("no rows in a tile", |plan| plan.tiling.as_mut().expect("tiled").height = Some(0));
    refused("a phase too few", |plan| plan.tiling.as_mut().expect("tiled").phases.truncate(1));
    refused("a small arena", |plan| plan.buffers.as_mut().expect("placed").per_row = 1);
    refused("all in one place", |plan| {
        for place in &mut plan.buffers.as_mut().expect("placed").places {
            if let Some(plan::Place::Tile(offset)) = place {
                *offset = 0;
            }
        }
    });
    refused("a register out of range", |plan| {
        for instruction in &mut plan.instructions {
            if let Instruction::Lanes(lanes) = instruction {
                lanes.outputs[0].register = r(999);
            }
        }
    });
    refused("too large", |plan| {
        for value in &mut plan.values {
            if value.rows != Extent::Walked {
                value.rows = fixed(usize::MAX);
            }
        }
    });
}

#[test]
fn engines_and_workspaces_go_from_thread_to_thread() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Engine<f32>>();
    is_shared::<Workspace<f64>>();
    is_shared::<EngineError>();
}

#[test]
fn subnormal_numbers_are_flushed_while_an_engine_runs() {
    let mut b = Builder::default();
    let x = b.data(WALKED, fixed(1));
    let square = b.lanes(
        WALKED,
        fixed(1),
        &[(x, Access::Entry)],
        &[Operation::Multiply(r(0), r(0))],
        &[(1, Reduction::Keep)],
    )[0];
    b.row_result("square", square);
    let mut numbers = Numbers::<f32>::new(&b.plan, 40, 7);
    numbers.data[0].fill(1e-20);
    for simd in families() {
        if cfg!(target_arch = "x86_64") && !cfg!(miri) {
            let engine = Engine::with_simd(b.plan.clone(), simd).expect("sound");
            assert!(numbers.run(&engine, &mut Workspace::new()).row_results[0].iter().all(|x| *x == 0.0));
            assert!(std::hint::black_box(1e-20_f32) * std::hint::black_box(1e-20) > 0.0);
        }
    }
}
