//! How threads share a pass: leaves of rows, then slabs of the sums over them.

use crate::element::Element;
use crate::learning::Learning;
use crate::product::{PanelsMut, Start};
use crate::run::{Job, Runner};
use crate::schedule::{Pass, SumStep};
use crate::workspace::Worker;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Rows of a slab of a sum over the rows, and its columns where it is updated at once: so that it, its parameters and a few
/// states stay in the second cache, while strips of rows come out even and its transpose is made of whole panels.
pub(crate) const SLAB_ROWS: usize = 128;
pub(crate) const SLAB_COLS: usize = 256;

/// The workers' memories, one for each thread.
pub(crate) struct Hands<T>(*mut Worker<T>);

// SAFETY: each thread takes the memory of its own number.
unsafe impl<T: Send> Sync for Hands<T> {}

impl<T> Hands<T> {
    /// Of all workers, which nothing else uses while threads are at work.
    pub(crate) fn new(workers: &mut [Worker<T>]) -> Hands<T> {
        Hands(workers.as_mut_ptr())
    }

    /// The memory of a thread.
    ///
    /// # Safety
    /// The thread exists, and nothing else uses its memory for 'a.
    #[allow(clippy::mut_from_ref)]
    pub(crate) unsafe fn of<'a>(&self, thread: usize) -> &'a mut Worker<T> {
        // SAFETY: as the caller vouches.
        unsafe { &mut *self.0.add(thread) }
    }
}

impl<T: Element> Job<'_, T> {
    /// A thread's part of the rows of a macro-batch.
    pub(crate) fn walk(
        &self,
        pass: &Pass<T>,
        rows: Range<usize>,
        thread: usize,
        next: &AtomicUsize,
        memory: &mut Worker<T>,
    ) {
        let walking = &self.walking;
        let mut runner = Runner::new(self, memory);
        let leaves = walking.leaves(rows.len());
        let start = |leaf: usize| (rows.start + leaf * walking.leaf).min(rows.end);
        if self.engine.keeps_data() {
            // A share of whole leaves, so that products see many rows.
            let share = |thread: usize| thread * leaves / walking.threads;
            let (from, to) = (start(share(thread)), start(share(thread + 1)));
            if from < to || thread == 0 {
                runner.walk(pass, from..to, rows.start);
            }
            return;
        }
        loop {
            let leaf = next.fetch_add(1, Ordering::Relaxed);
            if leaf >= leaves {
                return;
            }
            runner.prefetch_next(leaf, leaves);
            runner.walk(pass, start(leaf)..start(leaf + 1), rows.start);
        }
    }

    /// A thread's part of the products that sum over the rows of a macro-batch, slab by slab, with the update of the
    /// parameters whose gradients they are.
    pub(crate) fn slabs(
        &self,
        pass: &Pass<T>,
        kept: usize,
        learning: Option<&Learning<'_, T>>,
        next: &AtomicUsize,
        memory: &mut Worker<T>,
    ) {
        let mut runner = Runner::new(self, memory);
        let slabs: usize = pass.sums.iter().map(SumStep::slabs).sum();
        let mut first = 0;
        let mut slab = next.fetch_add(1, Ordering::Relaxed);
        for sum in &pass.sums {
            let (across, count) = (sum.slabs_across(), sum.slabs());
            while slab < first + count {
                runner.prefetch_next(slab, slabs);
                let (down, along) = ((slab - first) / across, (slab - first) % across);
                let rows = down * SLAB_ROWS..sum.m.min((down + 1) * SLAB_ROWS);
                // The last slab takes the columns that are left, up to twice as many.
                let end = if along + 1 == across { sum.n } else { (along + 1) * SLAB_COLS };
                runner.sum_slab(sum, rows, along * SLAB_COLS..end, kept, learning);
                slab = next.fetch_add(1, Ordering::Relaxed);
            }
            first += count;
        }
    }
}

impl SumStep {
    /// Slabs beside each other. What is not updated at once lies row by row, and slabs of whole rows are apart from each other.
    fn slabs_across(&self) -> usize {
        if self.parameter.is_some() { (self.n / SLAB_COLS).max(1) } else { 1 }
    }

    /// All its slabs.
    fn slabs(&self) -> usize {
        self.m.div_ceil(SLAB_ROWS).max(1) * self.slabs_across()
    }
}

impl<T: Element> Runner<'_, '_, T> {
    /// A slab of a sum over the rows of a macro-batch.
    fn sum_slab(
        &mut self,
        sum: &SumStep,
        rows: Range<usize>,
        cols: Range<usize>,
        kept: usize,
        learning: Option<&Learning<'_, T>>,
    ) {
        let engine = self.job.engine;
        let products = engine.products;
        let width = products.panel_width::<T>();
        let panels = cols.start / width..cols.end.div_ceil(width);
        let is_whole = kept == 0 && self.job.walking.macro_rows(0) == self.job.walking.batch;
        let learning = learning.filter(|_| sum.parameter.is_some());
        if let (Some(learning), true) = (learning, is_whole) {
            // The gradient is never stored: it is made, used and forgotten in the cache.
            let shape = products.packed::<T>(rows.len(), cols.len());
            let memory = self.memory.slab.as_mut_slice().as_mut_ptr();
            // SAFETY: the slab's memory has room for it and is this thread's.
            let to = unsafe { PanelsMut::from_raw(shape, memory) };
            // SAFETY: as above.
            unsafe { self.slab(sum, rows.clone(), panels.clone(), kept, Start::Zero, to) };
            learning.update_slab(self, sum, rows, panels, Some(memory));
            return;
        }
        let start = if kept == 0 { Start::Zero } else { Start::C };
        let to = self.memory.pointers.bases[sum.to.base].wrapping_add(sum.to.start);
        // SAFETY: each slab is one thread's.
        unsafe {
            let to = PanelsMut::from_raw(sum.shape(engine), to);
            let to = to.row_range(rows.clone()).panel_range(panels.clone());
            self.slab(sum, rows.clone(), panels.clone(), kept, start, to);
        }
        if let Some(learning) = learning {
            learning.update_slab(self, sum, rows, panels, None);
        }
    }
}
