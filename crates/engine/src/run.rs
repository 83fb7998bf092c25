//! One thread's part of a run: tiles of rows through the steps of a pass, and slabs of the sums over them.

use crate::element::Element;
use crate::engine::Engine;
use crate::lanes::Cells;
use crate::layout::{FIRST_ARGUMENT, Frame, Location, TILE};
use crate::product::View;
use crate::schedule::{Factor, LaneStep, Pass, Step};
use crate::walking::Walking;
use crate::workspace::Worker;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the threads of a run share. The arrays behind the pointers are valid for the run, and each thread writes parts of its own.
pub(crate) struct Job<'a, T> {
    pub engine: &'a Engine<T>,
    pub walking: Walking,
    /// Pointers to the arrays that locations speak of; those that each thread has for itself are null.
    pub bases: &'a [*mut T],
    /// The caller's data.
    pub data: &'a [&'a [T]],
    /// Which of its rows make the batch, if not all in their order.
    pub order: Option<&'a [usize]>,
    /// Rows that the next batch is made of, as far as they are known to exist.
    pub next: &'a [usize],
    /// Rows of the macro-batch, gathered from the data.
    pub gathered: *mut T,
    pub packed: *mut T,
    pub packed_sums: *mut T,
    /// Partial sums of products: those of a leaf after the first begin at `(leaf - 1)*Schedule::partials`.
    pub partials: *mut T,
    /// Partial sums of lane programs: those of a leaf begin at `leaf*LaneMemory::sums`, of each leaf of a macro-batch.
    pub sums: *mut f64,
    pub sums_per_leaf: usize,
    /// Set from outside where the run is to end before its next tile.
    pub stop: &'a AtomicBool,
}

impl<T> Job<'_, T> {
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

// SAFETY: threads follow the pointers only to parts that are theirs: leaves and tiles by rows, slabs by entries; what they read
// of each other's was written before a round of the pool ended.
unsafe impl<T: Sync> Sync for Job<'_, T> {}

/// A thread at work.
pub(crate) struct Runner<'a, 'w, T> {
    pub job: &'a Job<'a, T>,
    pub memory: &'w mut Worker<T>,
}

impl<'a, 'w, T: Element> Runner<'a, 'w, T> {
    /// Ready to work, its bases set.
    pub(crate) fn new(job: &'a Job<'a, T>, memory: &'w mut Worker<T>) -> Runner<'a, 'w, T> {
        let mut runner = Runner { job, memory };
        runner.restore_bases();
        runner
    }

    /// Sets the bases to those of the job, and the tile's to this thread's.
    pub(crate) fn restore_bases(&mut self) {
        let tile = self.memory.tile.as_mut_slice().as_mut_ptr();
        let bases = &mut self.memory.pointers.bases;
        bases[..self.job.bases.len()].copy_from_slice(self.job.bases);
        bases[TILE] = tile;
    }

    /// The rows of a pass from `rows.start` on, whose macro-batch begins at `kept`: all within one leaf, or whole leaves.
    pub(crate) fn walk(&mut self, pass: &Pass<T>, rows: Range<usize>, kept: usize) {
        let walking = &self.job.walking;
        let mut from = rows.start;
        while !self.job.is_stopped() {
            let tile = Frame {
                from,
                rows: walking.tile.min(rows.end - from),
                leaf: from,
                data: 0,
                tile: from,
                tile_room: walking.tile,
                kept,
                kept_room: walking.macro_batch,
            };
            let tile = self.gather(tile);
            for step in &pass.rows {
                match step {
                    Step::Lanes(lanes) if lanes.adds_up && !lanes.program.sums.is_empty() => {
                        self.lanes_by_leaf(lanes, tile);
                    }
                    Step::Sum(sum) => self.sum_tile(&pass.sums[*sum], tile),
                    step => self.step(step, tile),
                }
            }
            if !pass.sums.is_empty() {
                self.pack_sums(pass, tile);
            }
            from += tile.rows;
            if from >= rows.end {
                break;
            }
        }
    }

    /// Steps that run once, or that no sum over the rows is part of.
    pub(crate) fn steps(&mut self, steps: &[Step<T>], frame: Frame) {
        for step in steps {
            self.step(step, frame);
        }
    }

    fn step(&mut self, step: &Step<T>, frame: Frame) {
        match step {
            Step::Product(product) => self.product(product, frame),
            Step::Lanes(lanes) => self.lanes(lanes, frame, 0),
            Step::Transpose { from, to } => {
                // SAFETY: the schedule refuses transposes onto themselves.
                let (from, to) = unsafe { (self.factor(from, frame), self.write(to, frame)) };
                for (i, row) in to.chunks_exact_mut(from.cols().max(1)).enumerate() {
                    row.iter_mut().enumerate().for_each(|(j, entry)| *entry = from.at(i, j));
                }
            }
            Step::Fill { fill, cols, to } => {
                // SAFETY: no other slice lives.
                let to = unsafe { self.write(to, frame) };
                to.fill(T::from_f64(fill.elsewhere));
                let rows = to.chunks_exact_mut(cols.count(frame.rows).max(1));
                for (j, row) in rows.skip(fill.above).enumerate() {
                    if let Some(entry) = row.get_mut(j) {
                        *entry = T::from_f64(fill.diagonal);
                    }
                }
            }
            Step::Copy { from, to } => {
                let entries = to.entries.count(frame);
                let bases = &self.memory.pointers.bases;
                let (from_base, to_base) = (bases[from.base], bases[to.base]);
                // SAFETY: both values lie within their bases and have as many entries; they may overlap.
                unsafe {
                    to_base.add(to.offset(frame)).copy_from(from_base.add(from.offset(frame)), entries)
                };
            }
            // Walked by `walk` alone.
            Step::Sum(_) => {}
        }
    }

    /// The entries of a value that is read.
    ///
    /// # Safety
    /// Nothing writes them while the slice lives.
    pub(crate) unsafe fn read(&self, at: &Location, frame: Frame) -> &'a [T] {
        let from = self.memory.pointers.bases[at.base].wrapping_add(at.offset(frame));
        // SAFETY: the layout placed the value within its base; arenas have the size it asked for, and arguments were checked.
        unsafe { std::slice::from_raw_parts(from, at.entries.count(frame)) }
    }

    /// The entries of a value that is written.
    ///
    /// # Safety
    /// Nothing else reads or writes them while the slice lives.
    #[allow(clippy::mut_from_ref)]
    pub(crate) unsafe fn write(&self, at: &Location, frame: Frame) -> &'a mut [T] {
        let to = self.memory.pointers.bases[at.base].wrapping_add(at.offset(frame));
        // SAFETY: as for `read`.
        unsafe { std::slice::from_raw_parts_mut(to, at.entries.count(frame)) }
    }

    /// A matrix as it is multiplied.
    ///
    /// # Safety
    /// As for [`Runner::read`].
    pub(crate) unsafe fn factor(&self, factor: &Factor, frame: Frame) -> View<'a, T> {
        // SAFETY: as the caller vouches.
        let data = unsafe { self.read(&factor.at, frame) };
        let view = View::row_major(data, factor.rows.count(frame.rows), factor.cols.count(frame.rows));
        if factor.is_transposed { view.transposed() } else { view }
    }

    /// All rows of the macro-batch that begins at `kept`. Data that was gathered is in its memory.
    pub(crate) fn macro_frame(&mut self, kept: usize) -> Frame {
        let walking = &self.job.walking;
        let rows = walking.macro_rows(kept);
        let mut data = 0;
        if self.job.order.is_some() {
            data = kept;
            for value in &self.job.engine.walked_data {
                self.memory.pointers.bases[FIRST_ARGUMENT + value.place] =
                    self.job.gathered.wrapping_add(value.start * walking.macro_batch);
            }
        }
        let (tile_room, kept_room) = (walking.tile, walking.macro_batch);
        Frame { from: kept, rows, leaf: kept, data, tile: kept, tile_room, kept, kept_room }
    }

    /// Runs a lane program, whose sums are those of a leaf.
    pub(crate) fn lanes(&mut self, step: &LaneStep<T>, frame: Frame, leaf: usize) {
        let job = self.job;
        // Leaves are apart; a program without sums may run on rows of several, and has none of theirs.
        let entries = if step.program.sums.is_empty() { 0 } else { job.sums_per_leaf };
        let at = job.sums.wrapping_add(leaf * job.sums_per_leaf);
        // SAFETY: each leaf has so many partial sums, and this leaf is this thread's.
        let sums = unsafe { std::slice::from_raw_parts_mut(at, entries) };
        if !step.adds_up {
            step.program.start_sums(job.walking.batch, sums);
        }
        let Worker { slots, numbers, pointers, .. } = &mut *self.memory;
        let mut cells = Cells { cells: &mut pointers.cells, numbers, slots: slots.as_mut_slice(), sums };
        // SAFETY: the bases are those of the layout, the processor was checked, and the workspace has what the programs need.
        unsafe {
            step.program.run(job.engine.simd, &pointers.bases, frame, job.walking.batch, &mut cells);
            if !step.adds_up {
                step.program.finish_sums(&pointers.bases, frame, job.walking.batch, cells.sums);
            }
        }
    }

    /// Runs a lane program over the tile, leaf by leaf, whose sums go on.
    fn lanes_by_leaf(&mut self, step: &LaneStep<T>, tile: Frame) {
        let size = self.job.walking.leaf.max(1);
        // Leaves of a macro-batch; where it is the whole batch, `kept` is its start.
        let mut from = tile.from;
        loop {
            let leaf = (from - tile.kept) / size;
            let start = tile.kept + leaf * size;
            let rows = (start + size).min(tile.from + tile.rows) - from;
            self.lanes(step, Frame { leaf: start, ..tile.part(from, rows) }, leaf);
            from += rows;
            if from >= tile.from + tile.rows {
                break;
            }
        }
    }
}

impl Factor {
    /// Rows and columns as it is multiplied.
    pub(crate) fn shape(&self, frame: Frame) -> (usize, usize) {
        let (rows, cols) = (self.rows.count(frame.rows), self.cols.count(frame.rows));
        if self.is_transposed { (cols, rows) } else { (rows, cols) }
    }
}
