//! A run allocates nothing once its workspace has held as many rows.

use crate::network::{Numbers, network, planned};
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
