//! The products of a run: in a tile, in its sums over the rows, and in slabs of a macro-batch.

use crate::element::Element;
use crate::engine::Engine;
use crate::layout::Frame;
use crate::product::{CodedView, Panelling, Panels, PanelsMut, Start};
use crate::run::Runner;
use crate::schedule::{Factor, Pack, Pass, ProductStep, Read, SumStep};
use std::ops::Range;

impl<T: Element> Runner<'_, '_, T> {
    pub(crate) fn product(&mut self, product: &ProductStep, frame: Frame) {
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
    pub(crate) fn sum_tile(&mut self, sum: &SumStep, tile: Frame) {
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

    /// Packs the tile's rows of the right factors that slabs read packed.
    pub(crate) fn pack_sums(&mut self, pass: &Pass<T>, tile: Frame) {
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
