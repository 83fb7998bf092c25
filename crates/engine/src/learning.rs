//! An update at work within a step: slab by slab while gradients are in the cache, then the rest.

use crate::element::Element;
use crate::engine::Engine;
use crate::layout::{FIRST_ARGUMENT, Frame, TILE};
use crate::pool::Pool;
use crate::product::{Panels, PanelsMut};
use crate::run::{Job, Runner};
use crate::schedule::SumStep;
use crate::sharing::Hands;
use std::ops::Range;

/// Entries that a thread updates at least where there are several: fewer are done sooner than they are handed over.
pub(crate) const SHARE: usize = 4096;

/// An update at hand while a step runs.
pub(crate) struct Learning<'a, T> {
    pub update: &'a Engine<T>,
    pub step: &'a Engine<T>,
    /// The update's bases; the tile's is each thread's own.
    pub bases: &'a [*mut T],
    pub parameters: *mut T,
    pub gradient: *mut T,
    pub loss: *const T,
    pub rest: &'a [Range<usize>],
    /// Rows of the next batch.
    pub next: &'a [usize],
    /// Whether the packed transposes are those of the parameters.
    pub is_packed: bool,
    /// Whether the loss is a finite number; known once it was judged.
    pub is_finite: bool,
}

// SAFETY: threads follow its pointers only to the slabs and shares that are theirs.
unsafe impl<T: Sync> Sync for Learning<'_, T> {}

impl<T: Element> Engine<T> {
    /// Whether slabs of its gradient update this parameter: a product over the rows of the last pass, when all is known.
    pub(crate) fn updates_by_slabs(&self, parameter: usize) -> bool {
        let sums = self.schedule.passes.last().map_or(&[][..], |pass| &pass.sums);
        self.keeps_data() && sums.iter().any(|sum| sum.parameter == Some(parameter))
    }
}

impl<T: Element> Learning<'_, T> {
    /// Looks at the loss, which is known: the parameters are updated where it is a finite number.
    pub(crate) fn judge(&mut self) {
        // SAFETY: the loss is an entry of the results, which nothing writes now.
        self.is_finite = unsafe { (*self.loss).to_f64().is_finite() };
    }

    /// Updates the parameters of a slab of their gradient, which lies in packed panels of its own or among the results.
    pub(crate) fn update_slab(
        &self,
        runner: &mut Runner<'_, '_, T>,
        sum: &SumStep,
        rows: Range<usize>,
        panels: Range<usize>,
        slab: Option<*mut T>,
    ) {
        let products = self.step.products;
        let shape = products.packed::<T>(sum.m, sum.n);
        let first_col = panels.start * shape.width();
        let cols = first_col..sum.n.min(panels.end * shape.width());
        let own = products.packed::<T>(rows.len(), cols.len());
        for panel in panels.clone() {
            let entries = shape.panel_entries(rows.clone(), panel);
            let entries = sum.to.start + entries.start..sum.to.start + entries.end;
            let gradient = match slab {
                Some(slab) => slab.wrapping_add(own.panel_entries(0..rows.len(), panel - panels.start).start),
                None => self.gradient.wrapping_add(entries.start),
            };
            self.update_range(runner, entries, gradient);
        }
        for pack in self.step.schedule.packs.iter().filter(|pack| pack.parameter == sum.parameter) {
            // SAFETY: these rows and panels of the parameter, and the transpose's rows and columns that they are, are this thread's;
            // columns of whole panels.
            unsafe {
                let from = Panels::from_raw(shape, self.parameters.wrapping_add(sum.to.start));
                let to = runner.job.packed.wrapping_add(pack.start);
                let to = PanelsMut::from_raw(products.packed::<T>(sum.n, sum.m), to);
                let from = from.row_range(rows.clone()).panel_range(panels.clone());
                products.pack_transposed(from, to.row_range(cols.clone()), rows.start);
            }
        }
    }

    /// Updates a range of entries by their gradient.
    fn update_range(&self, runner: &mut Runner<'_, '_, T>, entries: Range<usize>, gradient: *mut T) {
        let tile = runner.memory.tile.as_mut_slice().as_mut_ptr();
        let bases = &mut runner.memory.pointers.bases[..self.bases.len()];
        // The step's bases make room for the update's, and return.
        bases.copy_from_slice(self.bases);
        bases[TILE] = tile;
        bases[FIRST_ARGUMENT] = gradient;
        let job = Job { engine: self.update, ..*runner.job };
        let has_tile = self.update.tile_entries() > 0;
        let most = if has_tile { SHARE } else { usize::MAX };
        let mut from = entries.start;
        while from < entries.end {
            let rows = most.min(entries.end - from);
            let frame = Frame {
                from,
                rows,
                leaf: from,
                data: entries.start,
                tile: from,
                tile_room: SHARE,
                kept: from,
                kept_room: 0,
            };
            let mut update = Runner { job: &job, memory: &mut *runner.memory };
            update.steps(&self.update.schedule.passes[0].rows, frame);
            from += rows;
        }
        runner.restore_bases();
    }

    /// Updates what no slab has updated.
    pub(crate) fn finish(&self, job: &Job<'_, T>, pool: &mut Pool, hands: &Hands<T>) {
        let entries: usize = self.rest.iter().map(Range::len).sum();
        let threads = job.walking.threads.min(entries / SHARE).max(1);
        pool.run(threads, &|thread| {
            // SAFETY: each thread has a number of its own, and so a worker's memory.
            let mut runner = Runner::new(job, unsafe { hands.of(thread) });
            for range in self.rest {
                // Shares of whole cache lines.
                let share = (range.len() / threads).next_multiple_of(16);
                let from = (range.start + thread * share).min(range.end);
                let to = if thread + 1 == threads { range.end } else { (from + share).min(range.end) };
                if from < to {
                    self.update_range(&mut runner, from..to, self.gradient.wrapping_add(from));
                }
            }
        });
        // SAFETY: no other thread is at work.
        let mut runner = Runner::new(job, unsafe { hands.of(0) });
        for pack in &self.step.schedule.packs {
            if pack.parameter.is_some_and(|parameter| !self.step.updates_by_slabs(parameter)) {
                runner.pack(pack, Frame::whole(job.walking.batch));
            }
        }
    }
}
