//! The memory of runs, kept from one to the next so that a run allocates nothing, and the threads that share them.

use crate::element::Element;
use crate::error::EngineError;
use crate::pool::Pool;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// All memory that a run needs beside the caller's arrays, and the threads that run. One workspace serves one run at a time; it
/// grows to what the largest run so far has needed, and any engine of its precision may use it.
#[derive(Debug)]
pub struct Workspace<T> {
    pub(crate) shared: Shared<T>,
    /// One for each thread.
    pub(crate) workers: Vec<Worker<T>>,
    pub(crate) pool: Pool,
    /// Ends a run between two tiles.
    pub(crate) stop: Arc<AtomicBool>,
}

/// What all threads of a run share.
#[derive(Debug)]
pub(crate) struct Shared<T> {
    /// Values of fixed size.
    pub(crate) fixed: Aligned<T>,
    /// Values of a macro-batch.
    pub(crate) kept: Aligned<T>,
    /// Rows of a macro-batch gathered from the data.
    pub(crate) gathered: Aligned<T>,
    /// Packed factors.
    pub(crate) packed: Aligned<T>,
    /// Right factors packed for the sums of a macro-batch.
    pub(crate) packed_sums: Aligned<T>,
    /// Partial sums of products, for each leaf but the first.
    pub(crate) partials: Aligned<T>,
    /// Partial sums of lane programs, for each leaf.
    pub(crate) sums: Vec<f64>,
    /// Values of fixed size of an update.
    pub(crate) update_fixed: Aligned<T>,
    /// Pointers during a run.
    pub(crate) bases: Bases<T>,
}

/// Pointers to the arrays that a run speaks of; they mean nothing after it.
#[derive(Debug)]
pub(crate) struct Bases<T>(Vec<*mut T>);

// SAFETY: as for `Pointers`.
unsafe impl<T: Send> Send for Bases<T> {}
// SAFETY: as for `Pointers`.
unsafe impl<T: Sync> Sync for Bases<T> {}

impl<T> Bases<T> {
    pub(crate) fn new() -> Bases<T> {
        Bases(Vec::new())
    }

    /// Room for so many pointers.
    pub(crate) fn reserve(&mut self, count: usize) -> Result<(), EngineError> {
        self.0.clear();
        self.0.try_reserve(count).map_err(|_| EngineError::TooLarge)
    }

    /// The list, emptied.
    pub(crate) fn clear(&mut self) -> &mut Vec<*mut T> {
        self.0.clear();
        &mut self.0
    }
}

/// What a thread of a run has for itself.
#[derive(Debug)]
pub(crate) struct Worker<T> {
    /// Values of a tile.
    pub(crate) tile: Aligned<T>,
    /// Rows of a tile gathered from the data.
    pub(crate) gathered: Aligned<T>,
    /// Factors that are packed just before their product.
    pub(crate) packed_late: Aligned<T>,
    /// Strips of left factors.
    pub(crate) strips: Aligned<T>,
    /// A slab of a gradient.
    pub(crate) slab: Aligned<T>,
    /// Blocks of lane programs.
    pub(crate) slots: Aligned<T>,
    /// Numbers of lane programs.
    pub(crate) numbers: Vec<T>,
    /// Pointers during a run.
    pub(crate) pointers: Pointers<T>,
}

/// How much of each kind of memory a run needs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Needs {
    pub threads: usize,
    pub fixed: usize,
    pub kept: usize,
    pub gathered: usize,
    pub packed: usize,
    pub packed_sums: usize,
    pub partials: usize,
    pub sums: usize,
    pub update_fixed: usize,
    pub worker: WorkerNeeds,
}

/// How much a thread needs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WorkerNeeds {
    pub tile: usize,
    pub gathered: usize,
    pub packed_late: usize,
    pub strips: usize,
    pub slab: usize,
    pub slots: usize,
    pub numbers: usize,
    pub bases: usize,
    pub cells: usize,
}

/// Pointers that are set anew in each run and mean nothing after it.
#[derive(Debug)]
pub(crate) struct Pointers<T> {
    pub bases: Vec<*mut T>,
    pub cells: Vec<*mut T>,
}

// SAFETY: the pointers are written at the start of each run, before they are followed, by the thread that borrows the
// workspace mutably; between runs they are never followed, so moving or sharing them hands nothing over.
unsafe impl<T: Send> Send for Pointers<T> {}
// SAFETY: as above; a shared workspace gives no access to them.
unsafe impl<T: Sync> Sync for Pointers<T> {}

impl<T: Element> Workspace<T> {
    /// An empty workspace for runs in the caller's thread; the first run fills it.
    pub fn new() -> Workspace<T> {
        Workspace::with_threads(1)
    }

    /// Takes another number of threads from now on, and begins with empty memory then; says whether it was another.
    pub fn set_threads(&mut self, threads: usize) -> bool {
        let is_other = threads.max(1) != self.threads();
        if is_other {
            let stop = std::mem::take(&mut self.stop);
            *self = Workspace { stop, ..Workspace::with_threads(threads) };
        }
        is_other
    }

    /// Ends runs between two tiles of rows, with [`EngineError::Stopped`], once this is set.
    pub fn stop_on(&mut self, stop: Arc<AtomicBool>) {
        self.stop = stop;
    }

    /// An empty workspace with a number of threads, the caller's among them: the others wait for the runs, and end with the
    /// workspace. They are fewer if the system grants fewer, and never more than [`crate::MOST_THREADS`]. The bits of a result do not depend on their number.
    pub fn with_threads(threads: usize) -> Workspace<T> {
        let shared = Shared {
            fixed: Aligned::new(),
            kept: Aligned::new(),
            gathered: Aligned::new(),
            packed: Aligned::new(),
            packed_sums: Aligned::new(),
            partials: Aligned::new(),
            sums: Vec::new(),
            update_fixed: Aligned::new(),
            bases: Bases::new(),
        };
        let pool = Pool::new(threads.max(1));
        let workers = (0..pool.threads()).map(|_| Worker::new()).collect();
        Workspace { shared, workers, pool, stop: Arc::default() }
    }

    /// How many threads it has.
    pub fn threads(&self) -> usize {
        self.workers.len()
    }

    /// Grows to what a run needs.
    pub(crate) fn reserve(&mut self, needs: &Needs) -> Result<(), EngineError> {
        let shared = &mut self.shared;
        shared.fixed.reserve(needs.fixed)?;
        shared.kept.reserve(needs.kept)?;
        shared.gathered.reserve(needs.gathered)?;
        shared.packed.reserve(needs.packed)?;
        shared.packed_sums.reserve(needs.packed_sums)?;
        shared.partials.reserve(needs.partials)?;
        grow(&mut shared.sums, needs.sums, 0.0)?;
        shared.update_fixed.reserve(needs.update_fixed)?;
        shared.bases.reserve(needs.worker.bases)?;
        for worker in self.workers.iter_mut().take(needs.threads.max(1)) {
            worker.reserve(&needs.worker)?;
        }
        Ok(())
    }

    /// Bytes that it holds.
    pub fn bytes(&self) -> usize {
        let Shared { fixed, kept, gathered, packed, packed_sums, partials, sums, update_fixed, .. } =
            &self.shared;
        let shared = [fixed, kept, gathered, packed, packed_sums, partials, update_fixed];
        let entries = shared.iter().map(|memory| memory.memory.len()).sum::<usize>();
        let workers = self.workers.iter().map(Worker::bytes).sum::<usize>();
        entries * size_of::<T>() + size_of_val(sums.as_slice()) + workers
    }
}

impl<T: Element> Worker<T> {
    fn new() -> Worker<T> {
        Worker {
            tile: Aligned::new(),
            gathered: Aligned::new(),
            packed_late: Aligned::new(),
            strips: Aligned::new(),
            slab: Aligned::new(),
            slots: Aligned::new(),
            numbers: Vec::new(),
            pointers: Pointers { bases: Vec::new(), cells: Vec::new() },
        }
    }

    fn reserve(&mut self, needs: &WorkerNeeds) -> Result<(), EngineError> {
        self.tile.reserve(needs.tile)?;
        self.gathered.reserve(needs.gathered)?;
        self.packed_late.reserve(needs.packed_late)?;
        self.strips.reserve(needs.strips)?;
        self.slab.reserve(needs.slab)?;
        self.slots.reserve(needs.slots)?;
        grow(&mut self.numbers, needs.numbers, T::ZERO)?;
        grow(&mut self.pointers.bases, needs.bases, std::ptr::null_mut())?;
        grow(&mut self.pointers.cells, needs.cells, std::ptr::null_mut())
    }

    fn bytes(&self) -> usize {
        let Worker { tile, gathered, packed_late, strips, slab, slots, numbers, pointers } = self;
        let memories = [tile, gathered, packed_late, strips, slab, slots];
        let entries = memories.iter().map(|memory| memory.memory.len()).sum::<usize>() + numbers.len();
        entries * size_of::<T>() + (pointers.bases.len() + pointers.cells.len()) * size_of::<*mut T>()
    }
}

impl<T: Element> Default for Workspace<T> {
    fn default() -> Workspace<T> {
        Workspace::new()
    }
}

/// Memory whose first entry begins a cache line, so that vectors at multiples of their width never straddle two.
#[derive(Debug)]
pub(crate) struct Aligned<T> {
    memory: Vec<T>,
}

impl<T: Element> Aligned<T> {
    const LINE: usize = 64;

    pub(crate) fn new() -> Aligned<T> {
        Aligned { memory: Vec::new() }
    }

    pub(crate) fn reserve(&mut self, entries: usize) -> Result<(), EngineError> {
        if entries == 0 {
            return Ok(());
        }
        let entries = entries.checked_add(Self::LINE / size_of::<T>()).ok_or(EngineError::TooLarge)?;
        grow(&mut self.memory, entries, T::ZERO)
    }

    /// The memory from its first cache line on.
    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        let skipped = self.memory.as_ptr().align_offset(Self::LINE).min(self.memory.len());
        &mut self.memory[skipped..]
    }

    /// The same, to read.
    pub(crate) fn as_slice(&self) -> &[T] {
        let skipped = self.memory.as_ptr().align_offset(Self::LINE).min(self.memory.len());
        &self.memory[skipped..]
    }
}

fn grow<T: Clone>(memory: &mut Vec<T>, entries: usize, empty: T) -> Result<(), EngineError> {
    if memory.len() < entries {
        memory.try_reserve_exact(entries - memory.len()).map_err(|_| EngineError::TooLarge)?;
        if memory.is_empty() {
            // New memory comes as zeros from the system, page by page as it is used.
            *memory = vec![empty; entries];
        } else {
            memory.resize(entries, empty);
        }
    }
    Ok(())
}
