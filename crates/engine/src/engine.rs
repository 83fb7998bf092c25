//! The fast path: a plan translated once, then run on any number of rows without allocating.

use crate::arguments::Arguments;
use crate::check::check;
use crate::element::Element;
use crate::error::EngineError;
use crate::lanes::{Cells, slot_stride};
use crate::layout::{FIRST_ARGUMENT, FIXED, Frame, Layout, Location, PARAMETERS, RESULTS, TILE};
use crate::product::{Panels, PanelsMut, Products, Start, View};
use crate::schedule::{Factor, LaneStep, Pack, ProductStep, Schedule, Step};
use crate::simd::Simd;
use crate::workspace::{Needs, Workspace};
use plan::{Extent, Phase, Plan};

/// A plan, ready to run in the precision `T`.
///
/// The same arguments give the same bits whatever the height of the tiles and whichever vector instructions the processor has.
/// An engine is plain data, never changed by a run: threads may share it, each with a [`Workspace`] of its own.
#[derive(Debug)]
pub struct Engine<T> {
    // Invariant: checked, with every place of the layout within its array.
    plan: Plan,
    layout: Layout,
    schedule: Schedule<T>,
    products: Products,
    simd: Simd,
    /// Entries of all factors that are packed once.
    packed: usize,
}

impl<T: Element> Engine<T> {
    /// Translates a plan, for the widest vector instructions of this processor.
    ///
    /// A plan without tiling runs as one tile; without buffers, every value has a place of its own.
    ///
    /// # Errors
    /// If the plan contradicts itself or does not fit into memory.
    pub fn new(plan: Plan) -> Result<Engine<T>, EngineError> {
        Engine::with_simd(plan, Simd::detect())
    }

    /// Translates a plan, for a family of vector instructions.
    ///
    /// # Errors
    /// As for [`Engine::new`], and if this processor lacks the family.
    pub fn with_simd(plan: Plan, simd: Simd) -> Result<Engine<T>, EngineError> {
        let simd = simd.checked()?;
        check(&plan)?;
        let phases = match &plan.tiling {
            Some(tiling) => tiling.phases.clone(),
            None => vec![Phase::Tile; plan.instructions.len()],
        };
        if phases.len() != plan.instructions.len() {
            return Err(EngineError::Plan {
                mistake: "it has not one phase for each instruction".to_owned(),
            });
        }
        if plan.tiling.as_ref().is_some_and(|tiling| tiling.height == Some(0)) {
            return Err(EngineError::Plan { mistake: "its tiles have no rows".to_owned() });
        }
        let layout = Layout::new(&plan, &phases)?;
        let mut schedule = Schedule::new(&plan, &layout, &phases, simd)?;
        let products = Products::new(simd);
        let mut packed = 0usize;
        for pack in &mut schedule.packs {
            pack.start = packed;
            let (k, n) = pack.factor.shape(Frame { from: 0, rows: 0 });
            let entries = products.packed::<T>(k, n).entries().ok_or(EngineError::TooLarge)?;
            // Every factor begins a cache line.
            let entries = entries.checked_next_multiple_of(16).ok_or(EngineError::TooLarge)?;
            packed = packed.checked_add(entries).ok_or(EngineError::TooLarge)?;
        }
        Ok(Engine { plan, layout, schedule, products, simd, packed })
    }

    /// The plan that it runs.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The vector instructions that it uses.
    pub fn simd(&self) -> Simd {
        self.simd
    }

    /// A workspace with room for runs of up to `rows` rows.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn workspace(&self, rows: usize) -> Result<Workspace<T>, EngineError> {
        let mut workspace = Workspace::new();
        workspace.reserve(&self.needs(rows)?)?;
        Ok(workspace)
    }

    /// Runs the plan. Nothing is allocated, unless this workspace never held as many rows.
    ///
    /// # Errors
    /// If an argument has another length than the plan asks for, or the workspace cannot grow; nothing is written then.
    pub fn run(
        &self,
        workspace: &mut Workspace<T>,
        mut arguments: Arguments<'_, T>,
    ) -> Result<(), EngineError> {
        arguments.check(&self.plan)?;
        workspace.reserve(&self.needs(arguments.rows)?)?;
        let batch = arguments.rows;
        let mut run = Run::new(self, workspace, &mut arguments);
        let height = self.tile_height(batch);
        let whole = Frame { from: 0, rows: height };
        run.steps(&self.schedule.before, whole);
        for pack in &self.schedule.packs {
            run.pack(pack, whole);
        }
        run.start_sums();
        // Without rows there is still one tile, of none, so that sums over the rows are 0.
        let mut from = 0;
        loop {
            let frame = Frame { from, rows: height.min(batch - from) };
            run.steps(&self.schedule.tile, frame);
            from += frame.rows;
            if from >= batch {
                break;
            }
        }
        run.finish_sums(whole);
        run.steps(&self.schedule.after, whole);
        Ok(())
    }

    /// Rows of a tile when so many rows are walked.
    fn tile_height(&self, batch: usize) -> usize {
        self.plan.tiling.as_ref().and_then(|tiling| tiling.height).map_or(batch, |height| height.min(batch))
    }

    /// Memory for a run of so many rows.
    fn needs(&self, batch: usize) -> Result<Needs, EngineError> {
        let rows = self.tile_height(batch);
        let count = |(rows_of, cols_of): &(Extent, Extent)| (rows_of.count(rows), cols_of.count(rows));
        let packed_late = |(k, n)| self.products.packed::<T>(k, n).entries();
        let strips = |(m, k)| self.products.scratch_entries::<T>(m, k);
        let (schedule, lanes) = (&self.schedule, &self.schedule.lanes);
        let memory = || {
            let mut packed_late = schedule.packed_late.iter().map(count).map(packed_late);
            let packed_late = packed_late.try_fold(0, |most: usize, entries| Some(most.max(entries?)))?;
            let strips = schedule.lefts.iter().map(count).map(strips).max().unwrap_or(0);
            Some(Needs {
                fixed: self.layout.fixed,
                tile: self.layout.per_row.checked_mul(rows)?,
                packed: self.packed.checked_add(packed_late)?,
                strips,
                slots: lanes.slots.checked_mul(slot_stride::<T>())?,
                numbers: lanes.numbers,
                sums: lanes.sums_per_row.checked_mul(batch)?.checked_add(lanes.sums)?,
                bases: FIRST_ARGUMENT
                    + self.plan.data.len()
                    + self.plan.updated.len()
                    + self.plan.row_results.len(),
                cells: lanes.cells,
            })
        };
        memory().ok_or(EngineError::TooLarge)
    }
}

/// One run: the engine, the memory, and what is at hand.
struct Run<'a, T> {
    engine: &'a Engine<T>,
    batch: usize,
    /// Pointers to the arrays that locations speak of, each valid for the run.
    bases: &'a [*mut T],
    packed: &'a mut [T],
    strips: &'a mut [T],
    cells: Cells<'a, T>,
}

impl<'a, T: Element> Run<'a, T> {
    /// Points the bases to their arrays, all checked to be as long as the plan asks for.
    fn new(
        engine: &'a Engine<T>,
        workspace: &'a mut Workspace<T>,
        arguments: &'a mut Arguments<'_, T>,
    ) -> Run<'a, T> {
        let Workspace { fixed, tile, packed, strips, slots, numbers, sums, pointers } = workspace;
        let fixed = fixed.as_mut_slice();
        let scalars = &mut fixed[engine.layout.scalars..];
        scalars[..arguments.scalars.len()].copy_from_slice(arguments.scalars);
        scalars[arguments.scalars.len()] = T::from_f64(arguments.rows as f64);
        let bases = &mut pointers.bases;
        // Parameters and data are only read: no location of a result is in them.
        bases[PARAMETERS] = arguments.parameters.as_ptr().cast_mut();
        bases[FIXED] = fixed.as_mut_ptr();
        bases[TILE] = tile.as_mut_slice().as_mut_ptr();
        bases[RESULTS] = arguments.results.as_mut_ptr();
        let data = arguments.data.iter().map(|data| data.as_ptr().cast_mut());
        let updated = arguments.updated.iter_mut().map(|updated| updated.as_mut_ptr());
        let row_results = arguments.row_results.iter_mut().map(|result| result.as_mut_ptr());
        for (base, pointer) in bases[FIRST_ARGUMENT..].iter_mut().zip(data.chain(updated).chain(row_results))
        {
            *base = pointer;
        }
        let cells = Cells { cells: &mut pointers.cells, numbers, slots: slots.as_mut_slice(), sums };
        Run {
            engine,
            batch: arguments.rows,
            bases,
            packed: packed.as_mut_slice(),
            strips: strips.as_mut_slice(),
            cells,
        }
    }

    /// The entries of a value that is read.
    ///
    /// # Safety
    /// Nothing writes them while the slice lives.
    unsafe fn read(&self, at: &Location, frame: Frame) -> &'a [T] {
        let from = self.bases[at.base].wrapping_add(at.offset(frame));
        // SAFETY: the layout placed the value within its base; arenas have the size it asked for, and arguments were checked.
        unsafe { std::slice::from_raw_parts(from, at.entries.count(frame)) }
    }

    /// The entries of a value that is written.
    ///
    /// # Safety
    /// Nothing else reads or writes them while the slice lives.
    #[allow(clippy::mut_from_ref)]
    unsafe fn write(&self, at: &Location, frame: Frame) -> &'a mut [T] {
        let to = self.bases[at.base].wrapping_add(at.offset(frame));
        // SAFETY: as for `read`.
        unsafe { std::slice::from_raw_parts_mut(to, at.entries.count(frame)) }
    }

    fn steps(&mut self, steps: &[Step<T>], frame: Frame) {
        for step in steps {
            match step {
                Step::Product(product) => self.product(product, frame),
                Step::Lanes(lanes) => self.lanes(lanes, frame),
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
                    let (from_base, to_base) = (self.bases[from.base], self.bases[to.base]);
                    // SAFETY: both values lie within their bases and have as many entries; they may overlap.
                    unsafe {
                        to_base.add(to.offset(frame)).copy_from(from_base.add(from.offset(frame)), entries)
                    };
                }
            }
        }
    }

    /// A matrix as it is multiplied.
    ///
    /// # Safety
    /// As for [`Run::read`].
    unsafe fn factor(&self, factor: &Factor, frame: Frame) -> View<'a, T> {
        // SAFETY: as the caller vouches.
        let data = unsafe { self.read(&factor.at, frame) };
        let view = View::row_major(data, factor.rows.count(frame.rows), factor.cols.count(frame.rows));
        if factor.is_transposed { view.transposed() } else { view }
    }

    fn pack(&mut self, pack: &Pack, frame: Frame) {
        // SAFETY: packed factors lie in memory of their own.
        let factor = unsafe { self.factor(&pack.factor, frame) };
        let shape = self.engine.products.packed::<T>(factor.rows(), factor.cols());
        self.engine.products.pack(factor, PanelsMut::new(shape, &mut self.packed[pack.start..]));
    }

    fn product(&mut self, product: &ProductStep, frame: Frame) {
        // SAFETY: the schedule refuses products onto their own factors; packed factors lie in memory of their own.
        let (left, right, to) = unsafe {
            (
                self.factor(&product.left, frame),
                self.factor(&product.right, frame),
                self.write(&product.to, frame),
            )
        };
        let products = self.engine.products;
        let shape = products.packed::<T>(right.rows(), right.cols());
        let start = match product.packed {
            Some(place) => self.engine.schedule.packs[place].start,
            None => {
                products.pack(right, PanelsMut::new(shape, &mut self.packed[self.engine.packed..]));
                self.engine.packed
            }
        };
        let from = if product.adds_up && frame.from > 0 { Start::C } else { Start::Zero };
        let to = PanelsMut::new(products.row_major::<T>(left.rows(), right.cols(), right.cols()), to);
        products.product(to, from, left, Panels::new(shape, &self.packed[start..]), self.strips);
    }

    fn lanes(&mut self, step: &LaneStep<T>, frame: Frame) {
        if !step.adds_up {
            step.program.start_sums(self.batch, self.cells.sums);
        }
        // SAFETY: the bases are those of the layout, the processor was checked, and the workspace has what the programs need.
        unsafe { step.program.run(self.engine.simd, self.bases, frame, self.batch, &mut self.cells) };
        if !step.adds_up {
            // SAFETY: as above.
            unsafe { step.program.finish_sums(self.bases, frame, self.batch, self.cells.sums) };
        }
    }

    /// The programs whose sums go on over all tiles.
    fn running_sums(&self) -> impl Iterator<Item = &'a LaneStep<T>> + use<'a, T> {
        let schedule = &self.engine.schedule;
        schedule.sums.iter().filter_map(|place| match &schedule.tile[*place] {
            Step::Lanes(step) => Some(step),
            Step::Product(_) | Step::Transpose { .. } | Step::Fill { .. } | Step::Copy { .. } => None,
        })
    }

    fn start_sums(&mut self) {
        for step in self.running_sums() {
            step.program.start_sums(self.batch, self.cells.sums);
        }
    }

    fn finish_sums(&mut self, frame: Frame) {
        for step in self.running_sums() {
            // SAFETY: as for `lanes`.
            unsafe { step.program.finish_sums(self.bases, frame, self.batch, self.cells.sums) };
        }
    }
}

impl Factor {
    /// Rows and columns as it is multiplied.
    fn shape(&self, frame: Frame) -> (usize, usize) {
        let (rows, cols) = (self.rows.count(frame.rows), self.cols.count(frame.rows));
        if self.is_transposed { (cols, rows) } else { (rows, cols) }
    }
}
