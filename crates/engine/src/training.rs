//! A training step as one piece: the loss, its gradient and the update, with the parameters kept as the products read them.

mod by_slabs;
mod snapshot;

use self::by_slabs::{is_by_entry, rest};
pub use self::snapshot::Snapshot;
use crate::arguments::Arguments;
use crate::arrangement::Arrangement;
use crate::check::check;
use crate::element::Element;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::layout::{FIRST_ARGUMENT, FIXED, Frame};
use crate::learning::{Learning, SHARE};
use crate::product::Products;
use crate::run::{Job, Runner};
use crate::sharing::{SLAB_COLS, SLAB_ROWS};
use crate::simd::Simd;
use crate::walking::Walking;
use crate::workspace::{Aligned, Bases, Workspace};
use plan::Plan;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A plan of a loss and its gradient, and a plan that updates the parameters by it, run as one.
///
/// The gradient by a large matrix is made slab by slab and updates its parameters while it is in the cache; it is never stored.
/// Matrices that the loss only multiplies with are kept in the order in which products read them; the first plan's parameters
/// are the second's first updated matrix, and its other ones, the states, lie like them. The bits are those of the two plans
/// run one after the other.
#[derive(Debug)]
pub struct Training<T> {
    step: Engine<T>,
    update: Engine<T>,
    workspace: Workspace<T>,
    parameters: Aligned<T>,
    states: Vec<Aligned<T>>,
    /// What each state begins with.
    starts: Vec<T>,
    /// The gradient as the parameters lie, then the loss; of large matrices only where a batch has several macro-batches.
    results: Aligned<T>,
    /// Whether the update changes each entry by that entry alone, and so may be run on any range.
    is_by_entry: bool,
    /// What no slab updates: ranges of the arranged parameters.
    rest: Vec<Range<usize>>,
    /// Whether the packed transposes are those of the parameters.
    is_packed: bool,
    /// Pointers to the update's arrays during a step.
    bases: Bases<T>,
}

/// What one step trains on.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a, T> {
    /// The matrices of the first plan's data.
    pub data: &'a [&'a [T]],
    /// How many rows the batch has.
    pub rows: usize,
    /// Which rows of the data make the batch, if not all of them in their order.
    pub order: Option<&'a [usize]>,
    /// Which rows the next batch will be made of, if that is known: they are asked for ahead. Rows that do not exist are
    /// passed over.
    pub next: &'a [usize],
}

impl<T: Element> Training<T> {
    /// Joins a plan whose results are a loss and then its gradient by each parameter, and a plan that walks over entries: its data
    /// is the gradient, its first updated matrix the parameters, the others the states, which begin with these numbers.
    ///
    /// # Errors
    /// If a plan contradicts itself, the two do not belong together, or they do not fit into memory.
    pub fn new(step: Plan, update: Plan, states: &[T], threads: usize) -> Result<Training<T>, EngineError> {
        Training::with_simd(step, update, states, threads, Simd::detect())
    }

    /// The same for a family of vector instructions.
    ///
    /// # Errors
    /// As for [`Training::new`], and if this processor lacks the family.
    pub fn with_simd(
        step: Plan,
        update: Plan,
        states: &[T],
        threads: usize,
        simd: Simd,
    ) -> Result<Training<T>, EngineError> {
        T::training([step, update], states, threads, simd)
    }

    /// [`Training::with_simd`], compiled where it is called.
    pub(crate) fn with_simd_here(
        [step, update]: [Plan; 2],
        states: &[T],
        threads: usize,
        simd: Simd,
    ) -> Result<Training<T>, EngineError> {
        let simd = simd.checked()?;
        check(&step)?;
        let wrong = |mistake: &str| Err(EngineError::Plan { mistake: mistake.to_owned() });
        if update.data.len() != 1 || update.updated.len() != states.len() + 1 {
            return wrong("the update has not one gradient, the parameters, and a start for each state");
        }
        if !update.results.is_empty() || !update.row_results.is_empty() || !update.parameters.is_empty() {
            return wrong("the update has results or parameters of its own");
        }
        let update = Engine::with_simd(update, simd)?;
        let is_by_entry = is_by_entry(&update);
        let arrangement = Arrangement::for_training::<T>(&step, Products::new(simd), is_by_entry)?;
        let step = Engine::arranged(step, arrangement, simd)?;
        let entries = step.arrangement.parameter_entries;
        let mut parameters = Aligned::new();
        parameters.reserve(entries)?;
        let mut results = Aligned::new();
        results.reserve(step.arrangement.result_entries)?;
        let mut arrays = Vec::with_capacity(states.len());
        for state in states {
            let mut memory = Aligned::new();
            memory.reserve(entries)?;
            memory.as_mut_slice().fill(*state);
            arrays.push(memory);
        }
        let rest = rest(&step);
        Ok(Training {
            step,
            update,
            workspace: Workspace::with_threads(threads),
            parameters,
            states: arrays,
            starts: states.to_vec(),
            results,
            is_by_entry,
            rest,
            is_packed: false,
            bases: Bases::new(),
        })
    }

    /// The plan of the loss and its gradient.
    pub fn step_plan(&self) -> &Plan {
        self.step.plan()
    }

    /// The plan of the update.
    pub fn update_plan(&self) -> &Plan {
        self.update.plan()
    }

    /// The threads that share a step.
    pub fn threads(&self) -> usize {
        self.workspace.threads()
    }

    /// Ends a step between two tiles of rows once this is set.
    pub fn stop_on(&mut self, stop: Arc<AtomicBool>) {
        self.workspace.stop_on(stop);
    }

    /// Lets other threads share the steps from now on, so many of them, the caller's among them. The bits stay the same.
    pub fn set_threads(&mut self, threads: usize) {
        self.is_packed &= !self.workspace.set_threads(threads);
    }

    /// Bytes that it holds beside the parameters, states and gradients.
    pub fn workspace_bytes(&self) -> usize {
        self.workspace.bytes()
    }

    /// One step: the loss of the batch, and the update with these scalars. Parameters and states stay as they are where the loss
    /// is no finite number.
    ///
    /// # Errors
    /// If an argument has another length than the plans ask for, or the step was asked to stop; nothing is changed then.
    pub fn step(&mut self, batch: Batch<'_, T>, scalars: &[T]) -> Result<T, EngineError> {
        T::step(self, batch, scalars)
    }

    /// [`Training::step`], compiled where it is called.
    pub(crate) fn step_here(&mut self, batch: Batch<'_, T>, scalars: &[T]) -> Result<T, EngineError> {
        let entries = self.step.arrangement.parameter_entries;
        if scalars.len() != self.update.plan.scalars.len() {
            return Err(EngineError::ArgumentCount {
                list: "scalars",
                expected: self.update.plan.scalars.len(),
                found: scalars.len(),
            });
        }
        let mut arguments =
            Arguments { rows: batch.rows, data: batch.data, order: batch.order, ..Arguments::default() };
        arguments.check_data(&self.step.plan)?;
        let walking = self.step.walking(batch.rows, self.workspace.threads());
        self.reserve(&walking, batch.order.is_some())?;
        let loss = self.step.arrangement.result_entries - 1;
        if !self.is_by_entry {
            arguments.parameters = self.parameters.as_slice();
            arguments.results = self.results.as_mut_slice();
            self.step.execute(&mut self.workspace, &mut arguments, walking, None)?;
            let value = self.results.as_slice()[loss];
            if value.to_f64().is_finite() {
                self.update_apart(scalars)?;
            }
            return Ok(value);
        }
        // The step reads the parameters, and the update writes them behind it, both by this pointer: a slab of them is updated by
        // one thread after all tiles have read it.
        let parameters = self.parameters.as_mut_slice().as_mut_ptr();
        let gradient = self.results.as_mut_slice().as_mut_ptr();
        let Training { step, update, bases, workspace, states, rest, is_packed, .. } = self;
        let states = states.iter_mut().map(|state| state.as_mut_slice().as_mut_ptr());
        let updated = std::iter::once(parameters).chain(states);
        let mut learning = Learning {
            bases: update.start_update(bases, workspace, scalars, gradient, updated, entries),
            update,
            step,
            parameters,
            gradient,
            loss: gradient.wrapping_add(loss),
            rest,
            next: batch.next,
            is_packed: *is_packed,
            is_finite: false,
        };
        step.execute(workspace, &mut arguments, walking, Some(&mut learning))?;
        self.is_packed = true;
        Ok(self.results.as_slice()[loss])
    }

    fn reserve(&mut self, walking: &Walking, gathers: bool) -> Result<(), EngineError> {
        let mut needs = self.step.needs(walking, gathers)?;
        let update = self.update.needs(&self.update.walking(SHARE, 1), false)?;
        needs.update_fixed = update.fixed;
        needs.worker.slab = 2 * SLAB_ROWS * SLAB_COLS;
        let (own, other) = (&mut needs.worker, &update.worker);
        own.tile = own.tile.max(other.tile);
        own.slots = own.slots.max(other.slots);
        own.numbers = own.numbers.max(other.numbers);
        own.bases = own.bases.max(other.bases);
        own.cells = own.cells.max(other.cells);
        needs.sums = needs.sums.max(update.sums);
        self.bases.reserve(other.bases)?;
        self.workspace.reserve(&needs)
    }

    /// The update as a run of its own, where an entry depends on others.
    fn update_apart(&mut self, scalars: &[T]) -> Result<(), EngineError> {
        let entries = self.step.arrangement.parameter_entries;
        let (gradient, _) = self.results.as_slice().split_at(entries);
        let states = self.states.iter_mut().map(Aligned::as_mut_slice);
        let mut updated: Vec<&mut [T]> = std::iter::once(self.parameters.as_mut_slice())
            .chain(states)
            .map(|matrix| &mut matrix[..entries])
            .collect();
        self.is_packed = false;
        let arguments = Arguments {
            rows: entries,
            data: &[gradient],
            updated: &mut updated,
            scalars,
            ..Arguments::default()
        };
        // Half of an update is no update: once begun, it is done.
        let stop = std::mem::take(&mut self.workspace.stop);
        let outcome = self.update.run(&mut self.workspace, arguments);
        self.workspace.stop_on(stop);
        outcome
    }
}

impl<T: Element> Engine<T> {
    /// Computes what an update needs once a step, and points to its arrays.
    fn start_update<'a>(
        &self,
        bases: &'a mut Bases<T>,
        workspace: &mut Workspace<T>,
        scalars: &[T],
        gradient: *mut T,
        updated: impl Iterator<Item = *mut T>,
        entries: usize,
    ) -> &'a [*mut T] {
        let fixed = workspace.shared.update_fixed.as_mut_slice();
        self.place_scalars(fixed, scalars, entries);
        let bases = bases.clear();
        bases.resize(FIRST_ARGUMENT, std::ptr::null_mut());
        bases[FIXED] = fixed.as_mut_ptr();
        bases.push(gradient);
        bases.extend(updated);
        let walking =
            Walking { batch: entries, leaf: entries, macro_batch: entries, tile: SHARE, threads: 1 };
        let job = Job {
            engine: self,
            walking,
            bases,
            data: &[],
            order: None,
            next: &[],
            gathered: std::ptr::null_mut(),
            packed: std::ptr::null_mut(),
            packed_sums: std::ptr::null_mut(),
            partials: std::ptr::null_mut(),
            sums: workspace.shared.sums.as_mut_ptr(),
            sums_per_leaf: self.schedule.lanes.sums,
            stop: &AtomicBool::new(false),
        };
        Runner::new(&job, &mut workspace.workers[0])
            .steps(&self.schedule.passes[0].before, Frame::whole(entries));
        bases
    }
}
