//! The fast path: a plan translated once, then run on any number of rows without allocating.

use crate::arguments::Arguments;
use crate::arrangement::Arrangement;
use crate::check::check;
use crate::element::Element;
use crate::error::EngineError;
use crate::lanes::slot_stride;
use crate::layout::{FIRST_ARGUMENT, FIXED, Frame, KEPT, Layout, PARAMETERS, RESULTS};
use crate::learning::Learning;
use crate::product::Products;
use crate::run::{Job, Runner};
use crate::schedule::Schedule;
use crate::sharing::Hands;
use crate::simd::{Flush, Simd};
use crate::sums::{add_leaves, add_up};
use crate::walking::Walking;
use crate::workspace::{Needs, WorkerNeeds, Workspace};
use plan::{Extent, Phase, Plan, Sums};
use std::sync::atomic::AtomicUsize;

/// Bytes of a second-level cache that most machines have for each core.
const SECOND_CACHE: usize = 1 << 20;

/// A plan, ready to run in the precision `T`.
///
/// The same arguments give the same bits whatever the height of the tiles, the number of threads, and whichever vector
/// instructions the processor has. An engine is plain data, never changed by a run: threads may share it, each with a
/// [`Workspace`] of its own.
#[derive(Debug)]
pub struct Engine<T> {
    // Invariant: checked, with every place of the layout within its array.
    pub(crate) plan: Plan,
    pub(crate) arrangement: Arrangement,
    layout: Layout,
    pub(crate) schedule: Schedule<T>,
    pub(crate) products: Products,
    pub(crate) simd: Simd,
    /// Entries of all factors that are packed once.
    packed: usize,
    /// The data with walked rows.
    pub(crate) walked_data: Vec<WalkedData>,
}

/// Data whose rows may be gathered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WalkedData {
    /// Its place in the plan's list.
    pub place: usize,
    /// Its columns, as they are bound.
    pub width: usize,
    /// Where its rows are gathered, times the rows that there is room for.
    pub start: usize,
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
        T::engine(plan, simd)
    }

    /// [`Engine::with_simd`], compiled where it is called.
    pub(crate) fn with_simd_here(plan: Plan, simd: Simd) -> Result<Engine<T>, EngineError> {
        check(&plan)?;
        let arrangement = Arrangement::plain(&plan);
        Engine::arranged(plan, arrangement, simd.checked()?)
    }

    /// Translates a checked plan whose parameters and results lie in a certain way.
    pub(crate) fn arranged(
        plan: Plan,
        arrangement: Arrangement,
        simd: Simd,
    ) -> Result<Engine<T>, EngineError> {
        let phases = match &plan.tiling {
            Some(tiling) => tiling.phases.clone(),
            None => vec![Phase::Rows(0); plan.instructions.len()],
        };
        let wrong = |mistake: &str| Err(EngineError::Plan { mistake: mistake.to_owned() });
        if phases.len() != plan.instructions.len() {
            return wrong("it has not one phase for each instruction");
        }
        if let Some(tiling) = &plan.tiling {
            if tiling.height == Some(0) {
                return wrong("its tiles have no rows");
            }
            if let Sums::Slabs { rows } = tiling.sums
                && (rows == 0 || !rows.is_multiple_of(Sums::LEAF))
            {
                return wrong("its macro-batches are not whole leaves");
            }
        }
        let products = Products::new(simd);
        let layout = Layout::new(&plan, &phases, &arrangement)?;
        let mut schedule = Schedule::new(&plan, &layout, &phases, &arrangement, simd)?;
        let mut packed = 0usize;
        for pack in &mut schedule.packs {
            pack.start = packed;
            let (k, n) = pack.factor.shape(Frame::default());
            let entries = products.packed::<T>(k, n).entries().ok_or(EngineError::TooLarge)?;
            // Every factor begins a cache line.
            let entries = entries.checked_next_multiple_of(16).ok_or(EngineError::TooLarge)?;
            packed = packed.checked_add(entries).ok_or(EngineError::TooLarge)?;
        }
        let mut walked_data = Vec::new();
        let mut start = 0_usize;
        for (place, id) in plan.data.iter().enumerate() {
            if let (Extent::Walked, Extent::Fixed(width)) = (plan.value(*id).rows, plan.bound_cols(*id)) {
                walked_data.push(WalkedData { place, width, start });
                start = start.checked_add(width).ok_or(EngineError::TooLarge)?;
            }
        }
        Ok(Engine { plan, arrangement, layout, schedule, products, simd, packed, walked_data })
    }

    /// The plan that it runs.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The vector instructions that it uses.
    pub fn simd(&self) -> Simd {
        self.simd
    }

    /// A workspace with room for runs of up to `rows` rows, in the caller's thread.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn workspace(&self, rows: usize) -> Result<Workspace<T>, EngineError> {
        let mut workspace = Workspace::new();
        workspace.reserve(&self.needs(&self.walking(rows, 1), false)?)?;
        Ok(workspace)
    }

    /// Runs the plan, in as many threads as the workspace has and the rows employ. Nothing is allocated, unless this workspace
    /// never held as many rows.
    ///
    /// # Errors
    /// If an argument has another length than the plan asks for, or the workspace cannot grow; nothing is written then.
    pub fn run(&self, workspace: &mut Workspace<T>, arguments: Arguments<'_, T>) -> Result<(), EngineError> {
        T::run(self, workspace, arguments)
    }

    /// [`Engine::run`], compiled where it is called.
    pub(crate) fn run_here(
        &self,
        workspace: &mut Workspace<T>,
        mut arguments: Arguments<'_, T>,
    ) -> Result<(), EngineError> {
        arguments.check(&self.plan)?;
        let walking = self.walking(arguments.rows, workspace.threads());
        workspace.reserve(&self.needs(&walking, arguments.order.is_some())?)?;
        self.execute(workspace, &mut arguments, walking, None)
    }

    pub(crate) fn walking(&self, rows: usize, threads: usize) -> Walking {
        let tiling = self.plan.tiling.as_ref();
        let sums = tiling.map_or(Sums::Leaves, |tiling| tiling.sums);
        Walking::new(sums, tiling.and_then(|tiling| tiling.height), rows, threads)
    }

    /// Whether gathered rows wait for the sums of a macro-batch.
    pub(crate) fn keeps_data(&self) -> bool {
        let tiling = self.plan.tiling.as_ref();
        tiling.is_some_and(|tiling| tiling.height.is_some() && tiling.sums != Sums::Leaves)
    }

    /// Where a right factor of slabs lies packed, with so many rows of a macro-batch.
    pub(crate) fn packed_sum(&self, place: usize, rows: usize) -> usize {
        let before = self.schedule.packed_sums[..place].iter();
        // The padding of a last panel is less than a full one, and every factor begins a cache line.
        before.map(|cols| rows * cols.next_multiple_of(self.products.panel_width::<T>())).sum()
    }

    /// Memory for a run.
    pub(crate) fn needs(&self, walking: &Walking, gathers: bool) -> Result<Needs, EngineError> {
        let (schedule, lanes) = (&self.schedule, &self.schedule.lanes);
        let Walking { batch, macro_batch, tile, threads, .. } = *walking;
        let count = |(rows_of, cols_of): &(Extent, Extent)| (rows_of.count(tile), cols_of.count(tile));
        let strips = |(m, k): &(Extent, Extent)| {
            self.products.scratch_entries::<T>(m.count(macro_batch), k.count(macro_batch))
        };
        let memory = || {
            let mut packed_late = 0;
            for (k, n) in schedule.packed_late.iter().map(count) {
                packed_late = packed_late.max(self.products.packed::<T>(k, n).entries()?);
            }
            let strips = schedule.lefts.iter().map(strips).max().unwrap_or(0);
            let width: usize = self.walked_data.iter().map(|data| data.width).sum();
            let (mut gathered, mut gathered_kept) = (0, 0);
            match gathers {
                true if self.keeps_data() => gathered_kept = width.checked_mul(macro_batch)?,
                true => gathered = width.checked_mul(tile)?,
                false => {}
            }
            let leaves = walking.leaves(macro_batch);
            let arguments = self.plan.data.len() + self.plan.updated.len() + self.plan.row_results.len();
            Some(Needs {
                threads,
                fixed: self.layout.fixed,
                kept: self.layout.kept_per_row.checked_mul(macro_batch)?,
                gathered: gathered_kept,
                packed: self.packed,
                packed_sums: self.packed_sum(schedule.packed_sums.len(), 1).checked_mul(macro_batch)?,
                partials: schedule.partials.checked_mul(leaves - 1)?,
                sums: self.sums_per_leaf(batch)?.checked_mul(leaves)?,
                update_fixed: 0,
                worker: WorkerNeeds {
                    tile: self.layout.per_row.checked_mul(tile)?,
                    gathered,
                    packed_late,
                    strips,
                    slab: 0,
                    slots: lanes.slots.checked_mul(slot_stride::<T>())?,
                    numbers: lanes.numbers,
                    bases: FIRST_ARGUMENT + arguments,
                    cells: lanes.cells,
                },
            })
        };
        memory().ok_or(EngineError::TooLarge)
    }

    /// Entries of values of a tile, for each of its rows.
    pub(crate) fn tile_entries(&self) -> usize {
        self.layout.per_row
    }

    /// Writes the call's scalars and the number of rows to where values of fixed size lie.
    pub(crate) fn place_scalars(&self, fixed: &mut [T], scalars: &[T], rows: usize) {
        let places = &mut fixed[self.layout.scalars..];
        places[..scalars.len()].copy_from_slice(scalars);
        places[scalars.len()] = T::from_f64(rows as f64);
    }

    /// Partial sums of lane programs for each leaf.
    fn sums_per_leaf(&self, batch: usize) -> Option<usize> {
        let lanes = &self.schedule.lanes;
        lanes.sums_per_row.checked_mul(batch)?.checked_add(lanes.sums)
    }

    /// Runs the plan with checked arguments, in a workspace that has what it needs; and with what learns from it, if given.
    pub(crate) fn execute(
        &self,
        workspace: &mut Workspace<T>,
        arguments: &mut Arguments<'_, T>,
        walking: Walking,
        mut learning: Option<&mut Learning<'_, T>>,
    ) -> Result<(), EngineError> {
        let _flush = Flush::on();
        let Workspace { shared, workers, pool, stop } = workspace;
        let fixed = shared.fixed.as_mut_slice();
        self.place_scalars(fixed, arguments.scalars, arguments.rows);
        let bases = shared.bases.clear();
        bases.resize(FIRST_ARGUMENT, std::ptr::null_mut());
        // Data are only read, and so are parameters, save by what learns: no location of a result is in them.
        (bases[PARAMETERS], bases[RESULTS]) = match &learning {
            Some(learning) => (learning.parameters, learning.gradient),
            None => (arguments.parameters.as_ptr().cast_mut(), arguments.results.as_mut_ptr()),
        };
        bases[FIXED] = fixed.as_mut_ptr();
        bases[KEPT] = shared.kept.as_mut_slice().as_mut_ptr();
        bases.extend(arguments.data.iter().map(|data| data.as_ptr().cast_mut()));
        bases.extend(arguments.updated.iter_mut().map(|updated| updated.as_mut_ptr()));
        bases.extend(arguments.row_results.iter_mut().map(|result| result.as_mut_ptr()));
        let sums_per_leaf = self.sums_per_leaf(walking.batch).unwrap_or(0);
        let leaves = walking.leaves(walking.macro_batch);
        shared.sums[..sums_per_leaf * leaves].fill(0.0);
        let data = arguments.data.iter().map(|data| size_of_val(*data)).sum::<usize>();
        // What the second cache holds anyway need not be asked for.
        let is_far = data > SECOND_CACHE;
        let job = Job {
            engine: self,
            walking,
            bases,
            data: arguments.data,
            order: arguments.order,
            next: learning.as_ref().filter(|_| is_far).map_or(&[], |learning| learning.next),
            gathered: shared.gathered.as_mut_slice().as_mut_ptr(),
            packed: shared.packed.as_mut_slice().as_mut_ptr(),
            packed_sums: shared.packed_sums.as_mut_slice().as_mut_ptr(),
            partials: shared.partials.as_mut_slice().as_mut_ptr(),
            sums: shared.sums.as_mut_ptr(),
            sums_per_leaf,
            stop,
        };
        let whole = Frame::whole(walking.batch);
        let hands = Hands::new(workers);
        // SAFETY: the caller's thread uses its memory while no round of the pool is at work, one borrow after another.
        let own = || unsafe { hands.of(0) };
        for (index, pass) in self.schedule.passes.iter().enumerate() {
            let is_last = index + 1 == self.schedule.passes.len();
            let mut runner = Runner::new(&job, own());
            runner.steps(&pass.before, whole);
            let keeps_packs = learning.as_ref().is_some_and(|learning| learning.is_packed);
            for pack in self.schedule.packs.iter().filter(|pack| pack.pass == index) {
                if !(keeps_packs && pack.parameter.is_some()) {
                    runner.pack(pack, whole);
                }
            }
            let mut kept = 0;
            loop {
                let rows = walking.macro_rows(kept);
                let next = AtomicUsize::new(0);
                pool.run(walking.threads, &|thread| {
                    // SAFETY: each thread has a number of its own, and so a worker's memory.
                    let memory = unsafe { hands.of(thread) };
                    job.walk(pass, kept..kept + rows, thread, &next, memory);
                });
                // Until here nothing was changed that outlives the run.
                if job.is_stopped() {
                    return Err(EngineError::Stopped);
                }
                if kept + rows >= walking.batch {
                    // SAFETY: no thread is at work; each leaf's sums are as many entries as the result.
                    unsafe {
                        add_up(&job, pass, own(), whole);
                        if !self.keeps_data() {
                            pass.sums.iter().for_each(|sum| add_leaves(&job, sum));
                        }
                    }
                    if is_last {
                        Runner::new(&job, own()).steps(&self.schedule.early, whole);
                        if let Some(learning) = &mut learning {
                            learning.judge();
                        }
                    }
                }
                if self.keeps_data() && !pass.sums.is_empty() {
                    let learning = learning.as_deref().filter(|learning| learning.is_finite);
                    let next = AtomicUsize::new(0);
                    pool.run(walking.threads, &|thread| {
                        // SAFETY: as above.
                        let memory = unsafe { hands.of(thread) };
                        job.slabs(pass, kept, learning, &next, memory);
                    });
                }
                kept += rows;
                if kept >= walking.batch {
                    break;
                }
            }
        }
        Runner::new(&job, own()).steps(&self.schedule.after, whole);
        if let Some(learning) = learning.filter(|learning| learning.is_finite) {
            learning.finish(&job, pool, &hands);
        }
        Ok(())
    }
}
