//! One-hot columns bound as codes give the bits of the matrix written out.

use crate::network::{Numbers, descent, planned, regression};
use chainrule_engine::{Arguments, Batch, Engine, Simd, Training, Workspace, run_reference};
use plan::{Coded, Plan};

/// A plan whose data are bound as they are, and the same with codes.
fn both(inputs: usize, hidden: usize, categories: &[usize]) -> [Plan; 2] {
    let dense = planned(regression(inputs, hidden), Some(32));
    let mut coded = dense.clone();
    assert!(coded.code(0, categories), "the data are only multiplied with");
    [dense, coded]
}

/// Rows of numbers and codes, every ninth code that of no category; and the matrix written out.
fn rows(coded: &Coded, rows: usize, from: &[f32]) -> [Vec<f32>; 2] {
    let (mut bound, mut dense) = (Vec::new(), Vec::new());
    for row in 0..rows {
        let numbers = &from[row * coded.cols()..][..coded.numbers];
        bound.extend_from_slice(numbers);
        dense.extend_from_slice(numbers);
        for (place, width) in coded.categories.iter().enumerate() {
            let at = 31 * row + 7 * place;
            let code = match at % 9 {
                0 => [-1, *width as i64][row % 2],
                _ => (at / 9 % width) as i64,
            };
            bound.push(code as f32);
            dense.extend((0..*width).map(|column| f32::from(u8::from(column as i64 == code))));
        }
    }
    [bound, dense]
}

#[test]
fn a_product_with_one_hot_columns_takes_rows() {
    // Leaves; slabs, of one macro-batch and of several; a category as wide as a slab, one alone, and numbers after all.
    let shapes: [(usize, usize, usize, &[usize]); 5] = [
        (19, 19, 300, &[5, 11]),
        (640, 100, 70, &[300, 9, 321]),
        (301, 301, 1000, &[3, 290]),
        (40, 1025, 130, &[40]),
        (12, 8, 65, &[1, 2, 3]),
    ];
    for (inputs, hidden, count, categories) in shapes {
        let [dense, coded] = both(inputs, hidden, categories);
        let what = format!("{inputs} x {hidden}, {count} rows, {categories:?}");
        let numbers = Numbers::<f32>::new(&dense, count, 5);
        let [bound, written] = rows(&coded.coded[0], count, &numbers.data[0]);
        let order: Vec<usize> = (0..count).map(|row| 17 * row % count).collect();
        for simd in [Simd::Portable, Simd::Avx2, Simd::Avx512].into_iter().filter(|simd| simd.is_available())
        {
            for order in [None, Some(&order[..])] {
                let run = |plan: &Plan, x: &[f32], threads: usize| {
                    let engine = Engine::<f32>::with_simd(plan.clone(), simd).expect("sound");
                    let mut results = vec![0.0; plan.result_entries()];
                    let arguments = Arguments {
                        rows: count,
                        data: &[x, &numbers.data[1]],
                        order,
                        parameters: &numbers.parameters,
                        results: &mut results,
                        ..Arguments::default()
                    };
                    let mut workspace = Workspace::with_threads(threads);
                    engine.run(&mut workspace, arguments).expect("the arguments fit");
                    results.into_iter().map(f32::to_bits).collect::<Vec<_>>()
                };
                let want = run(&dense, &written, 1);
                assert!(run(&coded, &bound, 1) == want && run(&coded, &bound, 3) == want, "{what}, {simd:?}");
            }
        }
        // The same of steps that learn.
        let update = planned(descent(), Some(64));
        let [first, second] = [(dense, &written), (coded, &bound)].map(|(plan, x)| {
            let mut training = Training::<f32>::new(plan, update.clone(), &[0.0], 2).expect("sound");
            training.set_parameters(&numbers.parameters).expect("as many");
            for _ in 0..3 {
                let data: [&[f32]; 2] = [x, &numbers.data[1]];
                let batch = Batch { data: &data, rows: count, order: Some(&order), next: &order[..5] };
                training.step(batch, &[0.01]).expect("the arguments fit");
            }
            let mut parameters = vec![0.0; numbers.parameters.len()];
            training.read_parameters(&mut parameters).expect("as many");
            parameters.into_iter().map(f32::to_bits).collect::<Vec<_>>()
        });
        assert!(first == second, "{what}");
    }
}

#[test]
fn the_reference_writes_codes_out() {
    let [dense, coded] = both(9, 4, &[3, 2]);
    let numbers = Numbers::<f32>::new(&dense, 20, 3);
    let [bound, written] = rows(&coded.coded[0], 20, &numbers.data[0]);
    let [first, second] = [(dense, written), (coded, bound)].map(|(plan, x)| {
        let double = |values: &[f32]| values.iter().map(|value| f64::from(*value)).collect::<Vec<_>>();
        let mut results = vec![0.0; plan.result_entries()];
        let arguments = Arguments {
            rows: 20,
            data: &[&double(&x), &double(&numbers.data[1])],
            parameters: &double(&numbers.parameters),
            results: &mut results,
            ..Arguments::default()
        };
        run_reference(&plan, arguments).expect("the arguments fit");
        results
    });
    assert_eq!(first, second);
}

#[test]
fn what_is_read_otherwise_has_no_codes() {
    let mut plan = planned(regression(4, 3), Some(32));
    // The targets are subtracted, no data has such columns, and there is no third matrix.
    assert!(!plan.code(1, &[1]) && !plan.code(0, &[5]) && !plan.code(2, &[1]));
    assert!(plan.code(0, &[2]) && !plan.code(0, &[2]), "once");
    plan.coded[0].categories = vec![7];
    assert!(Engine::<f32>::new(plan).is_err());
}
