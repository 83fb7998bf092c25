//! A run allocates nothing once its workspace has held as many rows.

use crate::network::{Numbers, descent, network, numbers, planned, regression};
use chainrule_engine::{Batch, Training};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts the allocations of each thread, so that the test harness does not count.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A thread that ends may allocate after its count is gone.
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller vouches.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller vouches.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn nothing_is_allocated_in_a_run() {
    for height in [None, Some(16)] {
        let plan = planned(network(20, 30, 5), height);
        let engine = chainrule_engine::Engine::<f32>::new(plan.clone()).expect("sound");
        let mut workspace = engine.workspace(100).expect("there is memory");
        for rows in [100, 37, 0, 100] {
            let mut numbers = Numbers::<f32>::new(&plan, rows, 1);
            let mut allocations = usize::MAX;
            let run = |arguments: chainrule_engine::Arguments<'_, f32>| {
                let before = COUNT.with(Cell::get);
                let outcome = engine.run(&mut workspace, arguments);
                allocations = COUNT.with(Cell::get) - before;
                outcome
            };
            numbers.bind(run).expect("the arguments fit");
            assert_eq!(allocations, 0, "{rows} rows, tiles of {height:?}");
        }
    }
}

/// In both arrangements of sums, with rows chosen from a table, in one thread and with another's help. Only the caller's thread is
/// counted; the others run the same code.
#[test]
fn nothing_is_allocated_in_a_training_step() {
    for (inputs, hidden) in [(9, 20), (200, 150)] {
        let (step, update) = (planned(regression(inputs, hidden), Some(32)), planned(descent(), Some(64)));
        let entries = step.parameter_entries();
        for threads in [1, 2] {
            let mut training =
                Training::<f32>::new(step.clone(), update.clone(), &[0.0], threads).expect("sound");
            training.set_parameters(&numbers_f32(entries, 1)).expect("as many");
            let (x, y) = (numbers_f32(300 * inputs, 2), numbers_f32(300, 3));
            let order: Vec<usize> = (0..300).rev().collect();
            for rows in [200, 200, 37, 200] {
                let batch =
                    Batch { data: &[&x, &y], rows, order: Some(&order[..rows]), next: &order[rows..] };
                let before = COUNT.with(Cell::get);
                let loss = training.step(batch, &[0.001]).expect("the arguments fit");
                let allocations = COUNT.with(Cell::get) - before;
                assert!(loss.is_finite());
                // The first step makes room for all.
                if rows == 37 {
                    assert_eq!(allocations, 0, "{inputs} inputs, {threads} threads");
                }
            }
            let before = COUNT.with(Cell::get);
            let batch = Batch { data: &[&x, &y], rows: 200, order: Some(&order[..200]), next: &[] };
            training.step(batch, &[0.001]).expect("the arguments fit");
            assert_eq!(COUNT.with(Cell::get) - before, 0, "{inputs} inputs, {threads} threads");
        }
    }
}

fn numbers_f32(count: usize, seed: u64) -> Vec<f32> {
    numbers(count, seed).into_iter().map(|number| number as f32).collect()
}
