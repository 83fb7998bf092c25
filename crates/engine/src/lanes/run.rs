//! A lane program at work: block after block over the rows at hand.

use super::block::{Source, run_block};
use super::program::{InputAccess, Program};
use super::sums::{LANES, sum_all, sum_down, total};
use crate::element::Number;
use crate::layout::{Frame, Location};
use crate::simd::Simd;
use plan::Reduction;

/// Entries between the slots of two registers: a block, and a line of 128 bytes, so that two slots never compete for one cache set.
pub(crate) fn slot_stride<T: Number>() -> usize {
    T::BLOCK + 128 / size_of::<T>()
}

/// The workspace of lane programs during a run.
pub(crate) struct Cells<'a, T> {
    /// One pointer for each cell of the program.
    pub cells: &'a mut [*mut T],
    /// The memory of the cells that hold numbers.
    pub numbers: &'a mut [T],
    /// The memory of the slots, [`slot_stride`] entries each.
    pub slots: &'a mut [T],
    /// Partial sums of all programs.
    pub sums: &'a mut [f64],
}

/// The entries at hand: `rows` rows from `row` on, `cols` columns from `col` on; several rows only if the columns are all.
#[derive(Clone, Copy)]
struct Range {
    row: usize,
    rows: usize,
    col: usize,
    cols: usize,
    /// All columns.
    stride: usize,
}

impl Range {
    fn entries(self) -> usize {
        self.rows * self.cols
    }

    fn first_entry(self) -> usize {
        self.row * self.stride + self.col
    }
}

impl<T: Number> Program<T> {
    /// Sets the partial sums to 0.
    pub(crate) fn start_sums(&self, batch: usize, sums: &mut [f64]) {
        for sum in &self.sums {
            sums[sum.range(self, batch)].fill(0.0);
        }
    }

    /// Runs over the rows of the frame.
    ///
    /// # Safety
    /// The bases hold the arrays that the plan's layout speaks of, for this frame; the processor has the family; and the cells
    /// have the memory that [`super::LaneMemory`] counted.
    pub(crate) unsafe fn run(
        &self,
        simd: Simd,
        bases: &[*mut T],
        frame: Frame,
        batch: usize,
        workspace: &mut Cells<'_, T>,
    ) {
        let (rows, cols) = (self.rows.count(frame.rows), self.cols.count(frame.rows));
        // Rows of the leaf before these: only for what walks.
        let before = if self.rows == plan::Extent::Walked { frame.from - frame.leaf } else { 0 };
        let (rows, cols, first) =
            if self.is_flat { (1, rows * cols, before * cols) } else { (rows, cols, before) };
        #[cfg(target_arch = "x86_64")]
        if let Some(kernel) = &self.kernel
            && cols > 0
            && rows > 0
        {
            // SAFETY: as the caller vouches.
            if unsafe { kernel.run(self, simd, bases, frame, (rows, cols, first), batch, workspace) } {
                return;
            }
        }
        // SAFETY: as the caller vouches.
        unsafe { self.compute_numbers(simd, bases, frame, workspace) };
        let slots = workspace.slots.as_mut_ptr();
        for (slot, cell) in (self.first_slot..self.first_slot + self.slots).enumerate() {
            workspace.cells[cell] = slots.wrapping_add(slot * slot_stride::<T>());
        }
        if cols == 0 {
            for sum in self.sums.iter().filter(|sum| sum.reduction == Reduction::SumAlong) {
                // SAFETY: a sum along rows has an entry for each row. Of no columns, it is 0.
                unsafe { std::slice::from_raw_parts_mut(pointer(bases, &sum.to, frame), rows) }.fill(T::ZERO);
            }
        }
        if rows == 0 || cols == 0 {
            return;
        }
        let height = block_height::<T>(cols).min(rows);
        // SAFETY: as the caller vouches; `height` rows of a block fit into a slot.
        unsafe { self.repeat_columns(bases, frame, cols, height, workspace) };
        for row in (0..rows).step_by(height) {
            for col in (0..cols).step_by(if height > 1 { cols } else { T::BLOCK }) {
                let width = if height > 1 { cols } else { T::BLOCK.min(cols - col) };
                let range = Range { row, rows: height.min(rows - row), col, cols: width, stride: cols };
                // SAFETY: the range is within the program's rows and columns, and its entries fit into a slot.
                unsafe {
                    self.place_blocks(bases, frame, range, workspace);
                    run_block::<T>(simd, &self.steps, workspace.cells, range.entries());
                    self.add_sums(simd, bases, frame, batch, first, range, workspace);
                    self.store_kept(workspace.cells, range.entries());
                }
            }
        }
    }

    /// Writes the sums that are complete.
    ///
    /// # Safety
    /// As for [`Program::run`].
    pub(crate) unsafe fn finish_sums(&self, bases: &[*mut T], frame: Frame, batch: usize, sums: &[f64]) {
        for sum in &self.sums {
            let partial = &sums[sum.range(self, batch)];
            let (done, group) = partial.split_at(partial.len() / 2);
            let columns =
                || done.iter().zip(group).take(self.cols.count(batch)).map(|(done, group)| done + group);
            let to = pointer(bases, &sum.to, frame);
            // SAFETY: a sum of all has one entry, a sum down has one for each column, as the plan was checked.
            unsafe {
                match sum.reduction {
                    Reduction::SumAll if self.is_flat => *to = T::from_f64(total(lanes_at(done))),
                    Reduction::SumAll => {
                        // Columns are added up as the entries of a row are.
                        let mut lanes = [0.0; LANES];
                        for (col, sum) in columns().enumerate() {
                            lanes[col % LANES] += sum;
                        }
                        *to = T::from_f64(total(&lanes));
                    }
                    Reduction::SumDown => {
                        for (col, sum) in columns().enumerate() {
                            *to.add(col) = T::from_f64(sum);
                        }
                    }
                    // Written row by row.
                    Reduction::SumAlong | Reduction::Keep => {}
                }
            }
        }
    }

    /// Computes what is the same for all entries.
    ///
    /// # Safety
    /// As for [`Program::run`].
    pub(super) unsafe fn compute_numbers(
        &self,
        simd: Simd,
        bases: &[*mut T],
        frame: Frame,
        workspace: &mut Cells<'_, T>,
    ) {
        self.place_numbers(bases, frame, workspace);
        // SAFETY: numbers, their cells and the prologue's results are in the workspace's memory of numbers.
        unsafe { run_block::<T>(simd, &self.prologue, workspace.cells, 1) };
    }

    fn place_numbers(&self, bases: &[*mut T], frame: Frame, workspace: &mut Cells<'_, T>) {
        for (cell, number) in &self.constants {
            workspace.numbers[*cell] = *number;
        }
        for (cell, from) in &self.numbers {
            // SAFETY: a value read as a number has one entry, which the layout placed within its base.
            workspace.numbers[*cell] = unsafe { *pointer(bases, from, frame) };
        }
        let numbers = workspace.numbers.as_mut_ptr();
        for cell in 0..self.number_cells {
            workspace.cells[cell] = numbers.wrapping_add(cell);
        }
    }

    /// Repeats the inputs that are the same for every row, once for all blocks.
    ///
    /// # Safety
    /// As for [`Program::run`].
    unsafe fn repeat_columns(
        &self,
        bases: &[*mut T],
        frame: Frame,
        cols: usize,
        height: usize,
        workspace: &mut Cells<'_, T>,
    ) {
        for input in &self.inputs {
            if let InputAccess::Column { slot } = input.access
                && height > 1
            {
                let (from, to) = (pointer(bases, &input.from, frame), workspace.cells[slot]);
                for row in 0..height {
                    // SAFETY: the input has `cols` entries, a slot at least `height*cols`, and they lie in different arrays.
                    unsafe { to.add(row * cols).copy_from_nonoverlapping(from, cols) };
                }
                workspace.cells[input.cell] = to;
            }
        }
    }

    /// Points the cells of inputs and results to the range.
    ///
    /// # Safety
    /// As for [`Program::run`]; the range lies within the rows and columns of the program.
    unsafe fn place_blocks(
        &self,
        bases: &[*mut T],
        frame: Frame,
        range: Range,
        workspace: &mut Cells<'_, T>,
    ) {
        for input in &self.inputs {
            let from = pointer(bases, &input.from, frame);
            match input.access {
                InputAccess::Entry => workspace.cells[input.cell] = from.wrapping_add(range.first_entry()),
                InputAccess::Column { .. } if range.cols == range.stride && range.rows > 1 => {}
                InputAccess::Column { .. } => {
                    // One row, or a part of one: read in place. (Of a last single row, the repeated rows hold the same.)
                    workspace.cells[input.cell] = from.wrapping_add(range.col);
                }
                InputAccess::Row { slot } => {
                    let to = workspace.cells[slot];
                    for row in 0..range.rows {
                        // SAFETY: the input has an entry for each row; a slot holds the range's entries.
                        unsafe {
                            let x = *from.add(range.row + row);
                            std::slice::from_raw_parts_mut(to.add(row * range.cols), range.cols).fill(x);
                        }
                    }
                    workspace.cells[input.cell] = to;
                }
            }
        }
        for keep in &self.keeps {
            workspace.cells[keep.cell] = pointer(bases, &keep.to, frame).wrapping_add(range.first_entry());
        }
    }

    /// Adds the range's entries to the sums.
    ///
    /// # Safety
    /// As for [`Program::run`], after the range's steps.
    #[allow(clippy::too_many_arguments)]
    unsafe fn add_sums(
        &self,
        simd: Simd,
        bases: &[*mut T],
        frame: Frame,
        batch: usize,
        first: usize,
        range: Range,
        workspace: &mut Cells<'_, T>,
    ) {
        for sum in &self.sums {
            let partial = &mut workspace.sums[sum.range(self, batch)];
            // SAFETY: the cell holds the range's entries, and the processor has the family.
            unsafe {
                let entries =
                    std::slice::from_raw_parts(workspace.cells[sum.from].cast_const(), range.entries());
                match sum.reduction {
                    Reduction::SumAll if self.is_flat => {
                        sum_all::<T>(simd, lanes_at_mut(partial), first + range.first_entry(), entries);
                    }
                    Reduction::SumAll | Reduction::SumDown => {
                        let (done, group) = partial.split_at_mut(partial.len() / 2);
                        let columns = range.col..range.col + range.cols;
                        let (done, group) = (&mut done[columns.clone()], &mut group[columns]);
                        sum_down::<T>(simd, done, group, first + range.row, entries);
                    }
                    Reduction::SumAlong => {
                        let to = pointer(bases, &sum.to, frame);
                        let lanes = lanes_at_mut(partial);
                        for (row, entries) in entries.chunks_exact(range.cols).enumerate() {
                            if range.col == 0 {
                                lanes.fill(0.0);
                            }
                            sum_all::<T>(simd, lanes, range.col, entries);
                            if range.col + range.cols == range.stride {
                                *to.add(range.row + row) = T::from_f64(total(lanes));
                            }
                        }
                    }
                    Reduction::Keep => {}
                }
            }
        }
    }

    /// Stores the kept blocks that no step has written in place.
    ///
    /// # Safety
    /// As for [`Program::run`], after the range's steps and sums.
    unsafe fn store_kept(&self, cells: &[*mut T], entries: usize) {
        for keep in &self.keeps {
            let to = cells[keep.cell];
            // SAFETY: a result overlaps the source of no kept block, or is that very block; both hold the range's entries.
            unsafe {
                match keep.from {
                    Some(Source::Block(from)) => to.copy_from(cells[from], entries),
                    Some(Source::Number(from)) => {
                        std::slice::from_raw_parts_mut(to, entries).fill(*cells[from])
                    }
                    None => {}
                }
            }
        }
    }
}

/// Where a value begins.
pub(super) fn pointer<T>(bases: &[*mut T], at: &Location, frame: Frame) -> *mut T {
    bases[at.base].wrapping_add(at.offset(frame))
}

fn lanes_at(sums: &[f64]) -> &[f64; LANES] {
    sums.first_chunk().expect("the workspace holds every program's partial sums")
}

fn lanes_at_mut(sums: &mut [f64]) -> &mut [f64; LANES] {
    sums.first_chunk_mut().expect("the workspace holds every program's partial sums")
}

/// Rows of a block: as many as fit, in a number that fills whole vectors where it can; 1 if a row is cut into blocks.
fn block_height<T: Number>(cols: usize) -> usize {
    let most = (T::BLOCK / cols.max(1)).max(1);
    let filling = |entries: usize| {
        // The fewest rows whose entries are a multiple of `entries`, a power of two.
        let rows = entries >> cols.trailing_zeros().min(entries.trailing_zeros());
        (rows <= most).then_some(most - most % rows)
    };
    filling(64).or_else(|| filling(16)).unwrap_or(most)
}
