//! A lane program as the interpreter wants it: registers assigned to cells, numbers folded, every place resolved.

use super::block::{Cell, Source, Step};
#[cfg(target_arch = "x86_64")]
use super::emit::Kernel;
use super::sums::{LANES, PADDING};
use super::translation::Translation;
use crate::element::Number;
use crate::layout::{Layout, Location};
use crate::simd::Simd;
use plan::{Extent, Lanes, Reduction, Register};

/// A translated lane program.
#[derive(Debug)]
pub(crate) struct Program<T> {
    pub rows: Extent,
    pub cols: Extent,
    /// Whether entries only meet entries with the same number, so that rows need not be told apart.
    pub is_flat: bool,
    /// Constants and their cells.
    pub constants: Vec<(Cell, T)>,
    /// Numbers read when the program starts, and their cells.
    pub numbers: Vec<(Cell, Location)>,
    /// Computes with numbers alone; runs once, on blocks of one entry.
    pub prologue: Vec<Step>,
    /// How many cells hold numbers: they come first.
    pub number_cells: usize,
    /// Blocks read from values.
    pub inputs: Vec<Input>,
    /// The steps of a block.
    pub steps: Vec<Step>,
    /// Blocks written to values.
    pub keeps: Vec<Keep>,
    /// Sums.
    pub sums: Vec<Sum>,
    /// The cells of blocks of the workspace: a range that ends the list of cells.
    pub first_slot: Cell,
    pub slots: usize,
    /// The program as machine code, where it can be had; else it is interpreted.
    #[cfg(target_arch = "x86_64")]
    pub(super) kernel: Option<Kernel>,
}

/// A block read from a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input {
    pub cell: Cell,
    pub from: Location,
    pub access: InputAccess,
}

/// How a block is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InputAccess {
    /// In place.
    Entry,
    /// The same for every row; repeated into this slot where a block has several rows.
    Column { slot: Cell },
    /// The same for every column; spread into this slot.
    Row { slot: Cell },
}

/// A block written to a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keep {
    pub cell: Cell,
    pub to: Location,
    /// Where the block is until the end of the steps; `None` if a step writes it to the cell at once.
    pub from: Option<Source>,
}

/// A sum of a register.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sum {
    pub from: Cell,
    pub reduction: Reduction,
    pub to: Location,
    /// Where its partial sums begin in the workspace, plus `per_row` times the rows of the batch.
    pub start: usize,
    pub per_row: usize,
}

/// Memory that the programs of a plan need together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LaneMemory {
    /// The most cells of a program.
    pub cells: usize,
    /// The most numbers of a program.
    pub numbers: usize,
    /// The most slots of a program.
    pub slots: usize,
    /// Partial sums of all programs: of fixed size, and for each row of the batch (where columns are walked).
    pub sums: usize,
    pub sums_per_row: usize,
}

impl<T: Number> Program<T> {
    /// Translates a checked program, for a family of instructions.
    ///
    /// # Errors
    /// What is wrong, if a result would overwrite an input that is still needed.
    pub(crate) fn new(
        lanes: &Lanes,
        layout: &Layout,
        simd: Simd,
        memory: &mut LaneMemory,
    ) -> Result<Program<T>, String> {
        let mut program = Program {
            rows: lanes.rows,
            cols: lanes.cols,
            is_flat: true,
            constants: Vec::new(),
            numbers: Vec::new(),
            prologue: Vec::new(),
            number_cells: 0,
            inputs: Vec::new(),
            steps: Vec::new(),
            keeps: Vec::new(),
            sums: Vec::new(),
            first_slot: 0,
            slots: 0,
            #[cfg(target_arch = "x86_64")]
            kernel: None,
        };
        let outputs: Vec<(Register, Location, Reduction)> = lanes
            .outputs
            .iter()
            .map(|output| (output.register, layout.at(output.to), reduction(lanes, output.reduction)))
            .collect();
        program.is_flat =
            outputs.iter().all(|(_, _, reduction)| matches!(reduction, Reduction::Keep | Reduction::SumAll));
        Translation::new(lanes, &mut program).translate(lanes, layout, &outputs)?;
        let is_flat = program.is_flat;
        for sum in &mut program.sums {
            (sum.start, sum.per_row) = (memory.sums, memory.sums_per_row);
            match (sum.reduction, lanes.cols) {
                (Reduction::SumAlong, _) => memory.sums = memory.sums.saturating_add(LANES),
                (Reduction::SumAll, _) if is_flat => memory.sums = memory.sums.saturating_add(2 * LANES),
                (_, Extent::Fixed(cols)) => {
                    memory.sums = memory.sums.saturating_add(cols.saturating_add(PADDING).saturating_mul(2));
                }
                (_, Extent::Walked) => {
                    memory.sums = memory.sums.saturating_add(2 * PADDING);
                    memory.sums_per_row += 2;
                }
            }
        }
        memory.cells = memory.cells.max(program.first_slot + program.slots);
        memory.numbers = memory.numbers.max(program.number_cells);
        memory.slots = memory.slots.max(program.slots);
        #[cfg(target_arch = "x86_64")]
        {
            program.kernel = Kernel::new(&program, simd);
            if let Some(kernel) = &program.kernel {
                memory.cells = memory.cells.max(kernel.words);
                memory.numbers = memory.numbers.max(kernel.numbers);
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = simd;
        Ok(program)
    }

    /// Forgets its machine code.
    pub(super) fn interpret(&mut self) {
        #[cfg(target_arch = "x86_64")]
        {
            self.kernel = None;
        }
    }
}

impl Sum {
    /// Where its partial sums lie: [`LANES`], or one for each column, padded; and as many again for the group of rows at hand.
    pub(super) fn range<T>(&self, program: &Program<T>, batch: usize) -> std::ops::Range<usize> {
        let start = self.start + self.per_row * batch;
        let count = match self.reduction {
            Reduction::SumAlong => LANES,
            Reduction::SumAll if program.is_flat => 2 * LANES,
            _ => 2 * program.cols.count(batch).next_multiple_of(PADDING),
        };
        start..start + count
    }
}

/// A reduction, by its simplest name: over one row or one column some are the same.
fn reduction(lanes: &Lanes, reduction: Reduction) -> Reduction {
    let one = Extent::Fixed(1);
    match reduction {
        Reduction::SumDown if lanes.rows == one => Reduction::Keep,
        Reduction::SumDown if lanes.cols == one => Reduction::SumAll,
        Reduction::SumAlong if lanes.cols == one => Reduction::Keep,
        Reduction::SumAlong if lanes.rows == one => Reduction::SumAll,
        Reduction::Keep | Reduction::SumAll | Reduction::SumDown | Reduction::SumAlong => reduction,
    }
}
