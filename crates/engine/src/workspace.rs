//! The memory of runs: kept from one to the next, so that a run allocates nothing.

use crate::element::Element;
use crate::error::EngineError;

/// All memory that a run needs beside the caller's arrays. One workspace serves one run at a time; it grows to what the largest
/// run so far has needed, and any engine of its precision may use it.
#[derive(Debug)]
pub struct Workspace<T> {
    /// Values of fixed size.
    pub(crate) fixed: Aligned<T>,
    /// Values of a tile.
    pub(crate) tile: Aligned<T>,
    /// Packed factors.
    pub(crate) packed: Aligned<T>,
    /// Strips of left factors.
    pub(crate) strips: Aligned<T>,
    /// Blocks of lane programs.
    pub(crate) slots: Aligned<T>,
    /// Numbers of lane programs.
    pub(crate) numbers: Vec<T>,
    /// Partial sums.
    pub(crate) sums: Vec<f64>,
    /// Pointers during a run.
    pub(crate) pointers: Pointers<T>,
}

/// How much of each kind of memory a run needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs {
    pub fixed: usize,
    pub tile: usize,
    pub packed: usize,
    pub strips: usize,
    pub slots: usize,
    pub numbers: usize,
    pub sums: usize,
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
    /// An empty workspace; the first run fills it.
    pub fn new() -> Workspace<T> {
        Workspace {
            fixed: Aligned::new(),
            tile: Aligned::new(),
            packed: Aligned::new(),
            strips: Aligned::new(),
            slots: Aligned::new(),
            numbers: Vec::new(),
            sums: Vec::new(),
            pointers: Pointers { bases: Vec::new(), cells: Vec::new() },
        }
    }

    /// Grows to what a run needs.
    pub(crate) fn reserve(&mut self, needs: &Needs) -> Result<(), EngineError> {
        self.fixed.reserve(needs.fixed)?;
        self.tile.reserve(needs.tile)?;
        self.packed.reserve(needs.packed)?;
        self.strips.reserve(needs.strips)?;
        self.slots.reserve(needs.slots)?;
        grow(&mut self.numbers, needs.numbers, T::ZERO)?;
        grow(&mut self.sums, needs.sums, 0.0)?;
        grow(&mut self.pointers.bases, needs.bases, std::ptr::null_mut())?;
        grow(&mut self.pointers.cells, needs.cells, std::ptr::null_mut())
    }

    /// Bytes that it holds.
    pub fn bytes(&self) -> usize {
        let entries = [&self.fixed, &self.tile, &self.packed, &self.strips, &self.slots]
            .map(|memory| memory.memory.len())
            .iter()
            .sum::<usize>();
        let pointers = self.pointers.bases.len() + self.pointers.cells.len();
        (entries + self.numbers.len()) * size_of::<T>()
            + self.sums.len() * size_of::<f64>()
            + pointers * size_of::<*mut T>()
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

    fn new() -> Aligned<T> {
        Aligned { memory: Vec::new() }
    }

    fn reserve(&mut self, entries: usize) -> Result<(), EngineError> {
        let entries = entries.checked_add(Self::LINE / size_of::<T>()).ok_or(EngineError::TooLarge)?;
        grow(&mut self.memory, entries, T::ZERO)
    }

    /// The memory from its first cache line on.
    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        let skipped = self.memory.as_ptr().align_offset(Self::LINE).min(self.memory.len());
        &mut self.memory[skipped..]
    }
}

fn grow<T: Clone>(memory: &mut Vec<T>, entries: usize, empty: T) -> Result<(), EngineError> {
    if memory.len() < entries {
        memory.try_reserve_exact(entries - memory.len()).map_err(|_| EngineError::TooLarge)?;
        memory.resize(entries, empty);
    }
    Ok(())
}
