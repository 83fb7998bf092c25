//! One thread's part of a run: tiles of rows through the steps of a pass, and slabs of the sums over them.

use crate::element::Element;
use crate::engine::Engine;
use crate::lanes::Cells;
use crate::layout::{FIRST_ARGUMENT, Frame, Location, TILE};
use crate::product::{CodedView, Panelling, Panels, PanelsMut, Start, View};
use crate::schedule::{Factor, LaneStep, Pack, Pass, ProductStep, Read, Step, SumStep};
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
                for (i, row) in to.chunks_exact_mut(cols.count(frame.rows).max(1)).enumerate() {
                    if let Some(entry) = row.get_mut(i) {
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
    unsafe fn read(&self, at: &Location, frame: Frame) -> &'a [T] {
        let from = self.memory.pointers.bases[at.base].wrapping_add(at.offset(frame));
        // SAFETY: the layout placed the value within its base; arenas have the size it asked for, and arguments were checked.
        unsafe { std::slice::from_raw_parts(from, at.entries.count(frame)) }
    }

    /// The entries of a value that is written.
    ///
    /// # Safety
    /// Nothing else reads or writes them while the slice lives.
    #[allow(clippy::mut_from_ref)]
    unsafe fn write(&self, at: &Location, frame: Frame) -> &'a mut [T] {
        let to = self.memory.pointers.bases[at.base].wrapping_add(at.offset(frame));
        // SAFETY: as for `read`.
        unsafe { std::slice::from_raw_parts_mut(to, at.entries.count(frame)) }
    }

    /// A matrix as it is multiplied.
    ///
    /// # Safety
    /// As for [`Runner::read`].
    unsafe fn factor(&self, factor: &Factor, frame: Frame) -> View<'a, T> {
        // SAFETY: as the caller vouches.
        let data = unsafe { self.read(&factor.at, frame) };
        let view = View::row_major(data, factor.rows.count(frame.rows), factor.cols.count(frame.rows));
        if factor.is_transposed { view.transposed() } else { view }
    }

    /// `to <- left*right` or `to <- to + left*right`, or some rows of it.
    ///
    /// # Safety
    /// As for [`Runner::read`], of the left factor.
    unsafe fn multiply(
        &mut self,
        to: PanelsMut<'_, T>,
        start: Start,
        (left, rows): (&Factor, Option<Range<usize>>),
        right: Panels<'_, T>,
        frame: Frame,
    ) {
        let engine = self.job.engine;
        let products = engine.products;
        let Some(place) = left.coded else {
            // SAFETY: as the caller vouches.
            let left = unsafe { self.factor(left, frame) };
            let left = rows.map_or(left, |rows| left.row_range(rows));
            return products.product(to, start, left, right, self.memory.strips.as_mut_slice());
        };
        let coded = &engine.plan.coded[place];
        // SAFETY: as above.
        let x = CodedView::new(unsafe { self.read(&left.at, frame) }, left.rows.count(frame.rows), coded);
        let strips = self.memory.strips.as_mut_slice();
        if left.is_transposed {
            let rows = rows.unwrap_or(0..coded.cols());
            products.coded_sum(to, start, x, rows, right, strips);
        } else {
            products.coded_product(to, start, x, right, strips);
        }
    }

    /// Packs a factor for all tiles of a pass.
    pub(crate) fn pack(&mut self, pack: &Pack, frame: Frame) {
        let products = self.job.engine.products;
        let (k, n) = pack.factor.shape(frame);
        let shape = products.packed::<T>(k, n);
        let to = self.job.packed.wrapping_add(pack.start);
        // SAFETY: packed factors lie in memory of their own, which one thread writes here; a parameter in panels has their entries.
        unsafe {
            let to = PanelsMut::from_raw(shape, to);
            if pack.parameter.is_some() {
                let from = self.memory.pointers.bases[pack.factor.at.base].wrapping_add(pack.factor.at.start);
                products.pack_transposed(Panels::from_raw(products.packed::<T>(n, k), from), to, 0);
            } else {
                products.pack(self.factor(&pack.factor, frame), to);
            }
        }
    }

    fn product(&mut self, product: &ProductStep, frame: Frame) {
        let products = self.job.engine.products;
        let (k, n) = product.right.shape(frame);
        let packed = products.packed::<T>(k, n);
        let rows = products.row_major::<T>(k, n, n);
        // SAFETY: the schedule refuses products onto their own factors; packed factors lie in memory of their own, and what is
        // read in panels was arranged so.
        unsafe {
            let lies = || {
                let at = &product.right.at;
                self.memory.pointers.bases[at.base].wrapping_add(at.offset(frame)).cast_const()
            };
            let right = match product.read {
                Read::Rows => Panels::from_raw(rows, lies()),
                Read::Panels => Panels::from_raw(packed, lies()),
                Read::Packed(place) => {
                    let start = self.job.engine.schedule.packs[place].start;
                    Panels::from_raw(packed, self.job.packed.wrapping_add(start))
                }
                Read::Late => {
                    let right = self.factor(&product.right, frame);
                    let memory = self.memory.packed_late.as_mut_slice();
                    products.pack(right, PanelsMut::new(packed, memory));
                    Panels::from_raw(packed, memory.as_ptr())
                }
            };
            let to = self.write(&product.to, frame);
            let (m, _) = product.left.shape(frame);
            let to = PanelsMut::new(products.row_major::<T>(m, n, n), to);
            self.multiply(to, Start::Zero, (&product.left, None), right, frame);
        }
    }

    /// Adds the tile's rows to a leaf's partial sums of a product.
    fn sum_tile(&mut self, sum: &SumStep, tile: Frame) {
        let engine = self.job.engine;
        let products = engine.products;
        let leaf = tile.from / self.job.walking.leaf.max(1);
        let starts = tile.from == leaf * self.job.walking.leaf;
        let to = match leaf {
            // The first leaf's are where the sum is wanted in the end.
            0 => self.memory.pointers.bases[sum.to.base].wrapping_add(sum.to.start),
            leaf => self.job.partials.wrapping_add((leaf - 1) * engine.schedule.partials + sum.partial),
        };
        let start = if starts { Start::Zero } else { Start::C };
        // SAFETY: the leaf is this thread's, and so are its partial sums; the tile's rows lie elsewhere.
        unsafe {
            let right = if products.pays_to_pack::<T>(sum.m, tile.rows, sum.n) {
                let right = self.factor(&sum.right, tile);
                let memory = self.memory.packed_late.as_mut_slice();
                let shape = products.packed::<T>(tile.rows, sum.n);
                products.pack(right, PanelsMut::new(shape, memory));
                Panels::from_raw(shape, memory.as_ptr())
            } else {
                let shape = products.row_major::<T>(tile.rows, sum.n, sum.n);
                Panels::new(shape, self.read(&sum.right.at, tile))
            };
            let to = PanelsMut::from_raw(sum.shape(engine), to);
            self.multiply(to, start, (&sum.left, None), right, tile);
        }
    }

    /// Packs the tile's rows of the right factors that slabs read packed.
    fn pack_sums(&mut self, pass: &Pass<T>, tile: Frame) {
        let engine = self.job.engine;
        for sum in &pass.sums {
            let Some(place) = sum.packed else { continue };
            let rows = self.job.walking.macro_rows(tile.kept);
            let at = engine.packed_sum(place, self.job.walking.macro_batch);
            let first = tile.from - tile.kept;
            // SAFETY: the packed memory has room for every row of the macro-batch, of which these are this thread's.
            unsafe {
                let shape = engine.products.packed::<T>(rows, sum.n);
                let to = PanelsMut::from_raw(shape, self.job.packed_sums.wrapping_add(at));
                engine.products.pack(self.factor(&sum.right, tile), to.row_range(first..first + tile.rows));
            }
        }
    }

    /// Continues some rows of a sum over the macro-batch that begins at `kept`, into `to`.
    ///
    /// # Safety
    /// `to` has these rows and all columns of the sum, and nothing else reads or writes them.
    pub(crate) unsafe fn slab(
        &mut self,
        sum: &SumStep,
        rows: Range<usize>,
        panels: Range<usize>,
        kept: usize,
        start: Start,
        to: PanelsMut<'_, T>,
    ) {
        let engine = self.job.engine;
        let products = engine.products;
        let frame = self.macro_frame(kept);
        // SAFETY: the rows of the macro-batch are all there, and nothing writes them now.
        unsafe {
            if self.job.walking.threads > 1 && sum.left.coded.is_none() {
                // Half of it, or more, lies in another core's cache, and comes sooner when asked for at once.
                self.factor(&sum.left, frame).row_range(rows.clone()).prefetch();
            }
            let right = match sum.packed {
                Some(place) => {
                    let at = engine.packed_sum(place, self.job.walking.macro_batch);
                    let shape = products.packed::<T>(frame.rows, sum.n);
                    Panels::from_raw(shape, self.job.packed_sums.wrapping_add(at))
                }
                None => {
                    let shape = products.row_major::<T>(frame.rows, sum.n, sum.n);
                    Panels::new(shape, self.read(&sum.right.at, frame))
                }
            };
            self.multiply(to, start, (&sum.left, Some(rows)), right.panel_range(panels), frame);
        }
    }

    /// All rows of the macro-batch that begins at `kept`. Data that was gathered is in its memory.
    fn macro_frame(&mut self, kept: usize) -> Frame {
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

impl SumStep {
    /// How the sum lies.
    pub(crate) fn shape<T: Element>(&self, engine: &Engine<T>) -> Panelling {
        match self.parameter {
            Some(_) => engine.products.packed::<T>(self.m, self.n),
            None => engine.products.row_major::<T>(self.m, self.n, self.n),
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
