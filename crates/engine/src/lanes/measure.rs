//! What measurements need of the lanes: one program alone, and the functions for loops written by hand.

use super::functions;
use super::program::{LaneMemory, Program};
use super::run::{Cells, slot_stride};
use crate::arrangement::Arrangement;
use crate::element::{Element, Number};
use crate::error::EngineError;
use crate::layout::{FIRST_ARGUMENT, FIXED, Frame, Layout};
use crate::simd::Simd;
use crate::workspace::Aligned;
use plan::{Instruction, Phase, Plan};

/// A plan of one lane program, with arrays of its own: the plan's data, updated data and row results, in this order.
pub struct Alone<T> {
    program: Program<T>,
    simd: Simd,
    rows: usize,
    arrays: Vec<Aligned<T>>,
    /// Only the bases point to it.
    _fixed: Vec<T>,
    lengths: Vec<usize>,
    bases: Vec<*mut T>,
    cells: Vec<*mut T>,
    numbers: Vec<T>,
    slots: Vec<T>,
    sums: Vec<f64>,
}

impl<T: Element> Alone<T> {
    /// Ready to run over so many rows, emitted or interpreted.
    ///
    /// # Errors
    /// If the plan is no single lane program, or contradicts itself.
    pub fn new(plan: &Plan, rows: usize, simd: Simd, is_emitted: bool) -> Result<Alone<T>, EngineError> {
        let simd = simd.checked()?;
        crate::check::check(plan)?;
        let [Instruction::Lanes(lanes)] = &plan.instructions[..] else {
            return Err(EngineError::Plan { mistake: "it is no single lane program".to_owned() });
        };
        let layout = Layout::new(plan, &[Phase::Rows(0)], &Arrangement::plain(plan))?;
        let mut counts = LaneMemory::default();
        let program = Program::new(lanes, &layout, simd, &mut counts);
        let mut program = program.map_err(|mistake| EngineError::Instruction { index: 0, mistake })?;
        if !is_emitted {
            program.interpret();
        }
        let results = plan.row_results.iter().map(|result| result.value);
        let updated = plan.updated.iter().map(|update| update.old);
        let values = plan.data.iter().copied().chain(updated).chain(results);
        let lengths: Vec<usize> =
            values.map(|id| plan.value(id).rows.count(rows) * plan.value(id).cols.count(rows)).collect();
        let mut arrays = Vec::new();
        for length in &lengths {
            let mut array = Aligned::new();
            array.reserve(*length)?;
            arrays.push(array);
        }
        let mut fixed = vec![T::ONE; layout.fixed];
        let mut bases = vec![std::ptr::null_mut(); FIRST_ARGUMENT];
        bases[FIXED] = fixed.as_mut_ptr();
        // Moving an array's owner does not move its entries.
        bases.extend(arrays.iter_mut().map(|array| array.as_mut_slice().as_mut_ptr()));
        Ok(Alone {
            program,
            simd,
            rows,
            arrays,
            _fixed: fixed,
            lengths,
            bases,
            cells: vec![std::ptr::null_mut(); counts.cells],
            numbers: vec![T::ZERO; counts.numbers],
            slots: vec![T::ZERO; counts.slots * slot_stride::<T>()],
            sums: vec![0.0; counts.sums],
        })
    }

    /// The entries of an array.
    pub fn array(&mut self, place: usize) -> &mut [T] {
        &mut self.arrays[place].as_mut_slice()[..self.lengths[place]]
    }

    /// Runs the program once.
    pub fn run(&mut self) {
        let frame = Frame::whole(self.rows);
        let mut cells = Cells {
            cells: &mut self.cells,
            numbers: &mut self.numbers,
            slots: &mut self.slots,
            sums: &mut self.sums,
        };
        self.program.start_sums(self.rows, cells.sums);
        // SAFETY: the arrays have the sizes of the plan's values, the memory is as counted, and the family was checked.
        unsafe { self.program.run(self.simd, &self.bases, frame, self.rows, &mut cells) };
    }
}

macro_rules! functions {
    ($($name:ident)*) => {
        $(
            /// The engine's function, for loops compiled for any family.
            #[inline(always)]
            pub fn $name<T: Number>(x: T) -> T {
                functions::$name(x)
            }
        )*
    };
}

functions!(exp log tanh erf expm1 log1p);

/// The engine's larger of two numbers.
#[inline(always)]
pub fn max<T: Number>(x: T, y: T) -> T {
    functions::max(x, y)
}
