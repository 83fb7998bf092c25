//! The emitter: a translated lane program as machine code for AVX-512 or AVX2, equal to the interpreter to the bit.
//!
//! The program becomes a graph of machine operations in which exp, log and their kin are written out ([`graph`]); these are put
//! in an order ([`body`]), given registers ([`allocation`]) and written as instructions ([`body_code`], [`machine`],
//! [`encoder`]) inside the loops over rows and columns ([`loops`], with the sums: [`accumulators`]). One pass then reads every input once and writes every
//! result once, sums included. Programs that call a function without a lane, or whose values do not fit on a small stack,
//! are left to the interpreter, as is every program where the system refuses executable memory.

mod accumulators;
mod allocation;
mod body;
mod body_code;
mod encoder;
mod graph;
mod loops;
mod machine;
mod memory;
mod table;

use super::program::{InputAccess, Program};
use super::run::{Cells, pointer};
use super::sums::{GROUP, LANES};
use crate::element::Number;
use crate::layout::{Frame, Location};
use crate::simd::Simd;
use accumulators::{Accumulator, SumKind, Sums};
use allocation::Allocation;
use body::Plain;
use encoder::{Encoder, RBX, Register};
use graph::{Graph, Operation};
use loops::{Bodies, STEP};
use machine::{Machine, Stream};
use plan::Reduction;

/// The machine code of a program.
#[derive(Debug)]
pub(super) struct Kernel {
    code: memory::Code,
    simd: Simd,
    /// Divisors, by their cells, whose reciprocals follow the program's numbers.
    reciprocals: Vec<usize>,
    /// Where the inputs and the kept results lie.
    streams: Vec<Location>,
    /// Whether a sum counts its entries, so that vectors begin at a multiple of [`LANES`].
    counts_entries: bool,
    /// Words of the table.
    pub words: usize,
    /// Numbers of a run.
    pub numbers: usize,
}

/// The stack of a kernel stays within one page, so that it never steps over the page that guards a thread's.
const LARGEST_STACK: usize = 4096 - 256;

impl Kernel {
    /// Emits a program for a family; none where the interpreter must do.
    pub(super) fn new<T: Number>(program: &Program<T>, simd: Simd) -> Option<Kernel> {
        let is_evex = match simd {
            // Miri runs no machine code.
            _ if cfg!(miri) => return None,
            Simd::Avx512 => true,
            Simd::Avx2 => false,
            Simd::Portable => return None,
        };
        let graph = Graph::new(program, is_evex)?;
        let code = emit(program, &graph, is_evex)?;
        let streams = program.inputs.iter().map(|input| input.from);
        Some(Kernel {
            streams: streams.chain(program.keeps.iter().map(|keep| keep.to)).collect(),
            code: memory::Code::new(&code)?,
            simd,
            counts_entries: sum_kinds(program).contains(&SumKind::All),
            words: table::WORDS + program.inputs.len() + program.keeps.len() + 2 * program.sums.len(),
            numbers: program.number_cells + graph.reciprocals.len(),
            reciprocals: graph.reciprocals,
        })
    }

    /// Runs over rows and columns, all of them with entries; says no, and does nothing, where the interpreter must do.
    ///
    /// # Safety
    /// As for [`Program::run`].
    #[allow(clippy::too_many_arguments)]
    pub(super) unsafe fn run<T: Number>(
        &self,
        program: &Program<T>,
        simd: Simd,
        bases: &[*mut T],
        frame: Frame,
        (rows, cols, first): (usize, usize, usize),
        batch: usize,
        workspace: &mut Cells<'_, T>,
    ) -> bool {
        if simd != self.simd {
            return false;
        }
        if program.prologue.is_empty() {
            // Constants are in the code.
            for (cell, from) in &program.numbers {
                // SAFETY: a value read as a number has one entry, which the layout placed within its base.
                workspace.numbers[*cell] = unsafe { *pointer(bases, from, frame) };
            }
        } else {
            // SAFETY: as the caller vouches.
            unsafe { program.compute_numbers(simd, bases, frame, workspace) };
        }
        for (place, divisor) in self.reciprocals.iter().enumerate() {
            let reciprocal = T::ONE / workspace.numbers[*divisor];
            // Where it is subnormal or infinite, it has lost too much; the interpreter divides.
            if !reciprocal.is_normal() {
                return false;
            }
            workspace.numbers[program.number_cells + place] = reciprocal;
        }
        let size = size_of::<T>();
        let in_step = STEP / size;
        let head = if self.counts_entries { first % LANES } else { 0 };
        let table = &mut workspace.cells[..self.words];
        let mut set =
            |place: i32, word: usize| table[place as usize / 8] = std::ptr::without_provenance_mut(word);
        set(table::END, cols * size);
        set(table::START, if program.is_flat { (head * size).wrapping_neg() } else { first % GROUP });
        set(table::REMAINING, rows);
        set(table::GROUP_ENTRY, 0);
        set(table::GROUP_ROW, 0);
        set(table::HAS_HEAD, usize::from(head > 0));
        let numbers = workspace.numbers.as_mut_ptr();
        table[table::NUMBERS as usize / 8] = numbers;
        // The lanes of the first vector that are entries, and those of the last.
        // SAFETY: the table has 64 bytes for each mask.
        unsafe {
            if head > 0 {
                self.mask::<T>(table.as_mut_ptr(), table::MASK, head, (cols + head).min(in_step));
            }
            self.mask::<T>(table.as_mut_ptr(), table::TAIL, 0, (cols + head) % in_step);
        }
        let (pointers, sums) = table[table::WORDS..].split_at_mut(self.streams.len());
        for (word, at) in pointers.iter_mut().zip(&self.streams) {
            *word = pointer(bases, at, frame);
        }
        for (words, sum) in sums.chunks_exact_mut(2).zip(&program.sums) {
            if sum.reduction == Reduction::SumAlong {
                words[0] = pointer(bases, &sum.to, frame);
            } else {
                let partial = &mut workspace.sums[sum.range(program, batch)];
                let half = partial.len() / 2;
                let partial = partial.as_mut_ptr();
                words[0] = partial.cast();
                words[1] = partial.wrapping_add(half).cast();
            }
        }
        // SAFETY: the kernel was emitted for this program and family. The pointers are those of the program's values, which
        // hold rows times columns entries; sums are padded to whole vectors; entries beyond the ends are masked.
        unsafe { self.code.call(table.as_mut_ptr().cast()) };
        true
    }

    /// Writes the mask of the lanes from `from` up to `to`.
    ///
    /// # Safety
    /// There are 64 bytes.
    unsafe fn mask<T: Number>(&self, table: *mut *mut T, place: i32, from: usize, to: usize) {
        let mask = table.wrapping_byte_add(place as usize).cast::<u8>();
        if self.simd == Simd::Avx512 {
            let bits = ((1_u64 << to) - 1) & !((1_u64 << from) - 1);
            // SAFETY: as the caller vouches.
            unsafe { mask.cast::<u64>().write_unaligned(bits) };
            return;
        }
        let size = size_of::<T>();
        for byte in 0..STEP {
            let is_set = (from..to).contains(&(byte / size));
            // SAFETY: as the caller vouches.
            unsafe { mask.add(byte).write(if is_set { 0xff } else { 0 }) };
        }
    }
}

fn sum_kinds<T: Number>(program: &Program<T>) -> Vec<SumKind> {
    let kind = |reduction| match reduction {
        Reduction::SumAlong => SumKind::Along,
        Reduction::SumAll if program.is_flat => SumKind::All,
        Reduction::SumAll | Reduction::SumDown | Reduction::Keep => SumKind::Down,
    };
    program.sums.iter().map(|sum| kind(sum.reduction)).collect()
}

/// How a program's vectors share the registers.
struct Share {
    /// Vectors of a wide step, and how many of them are in step.
    vectors: usize,
    abreast: usize,
}

impl Share {
    /// Several vectors are in step where their values fit; the shorter a body, the more.
    fn new(plain: &Plain, sums: usize, registers: usize, parts: usize) -> Share {
        let fits = |abreast: &usize| {
            let all = abreast * plain.items.len();
            abreast * (plain.pressure + sums) + 3 <= registers && (*abreast == 2 || all <= 48) && all <= 240
        };
        let abreast = [4, 2].into_iter().find(fits).unwrap_or(1);
        Share { vectors: abreast.max(parts), abreast }
    }
}

fn emit<T: Number>(program: &Program<T>, graph: &Graph, is_evex: bool) -> Option<Vec<u8>> {
    let bytes = if is_evex { 64 } else { 32 };
    let registers: u8 = if is_evex { 32 } else { 16 };
    let parts = STEP / bytes;
    let plain = Plain::new(graph, program);
    let kinds = sum_kinds(program);
    let mut free: Vec<Register> = (0..registers - 2).collect();
    let down = kinds.iter().filter(|kind| **kind == SumKind::Down).count();
    let share = Share::new(&plain, down, free.len(), parts);
    let single = plain.repeat(graph, parts, share.abreast.min(parts));
    let wide = plain.repeat(graph, share.vectors, share.abreast);
    let bodies = Bodies { single: &single, wide: &wide, wide_step: share.vectors * bytes };
    // Sums are in registers while enough of them remain for the values.
    let mut reserved = 0;
    let mut accumulators = Vec::new();
    for kind in &kinds {
        let vectors = if *kind == SumKind::All { parts } else { share.vectors };
        let needed = share.abreast * plain.pressure + 3;
        if *kind != SumKind::Along && free.len() >= needed + vectors {
            accumulators.push(Accumulator::Registers(free.split_off(free.len() - vectors)));
        } else {
            accumulators.push(Accumulator::Stack(reserved));
            reserved += if *kind == SumKind::Along { GROUP * STEP } else { vectors * bytes };
        }
    }
    let sums = Sums { kinds, accumulators };
    let mut pinned = vec![None; graph.operations.len() * share.vectors];
    let mut numbers: Vec<(bool, usize, usize)> = Vec::new();
    for (value, operation) in graph.operations.iter().enumerate() {
        let uses = single.uses[value].len();
        if operation.is_number() && uses > 0 {
            // Numbers of the run take an instruction more to reach than constants do.
            numbers.push((matches!(operation, Operation::Number(_)), uses, value));
        }
    }
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    let spare = free.len().saturating_sub(share.abreast * plain.pressure + 3);
    for (_, _, value) in numbers.iter().take(spare) {
        pinned[*value] = free.pop();
    }
    let mut constants = Vec::new();
    let places = graph.operations.iter().map(|operation| match operation {
        Operation::Constant(bits) => {
            constants.push(*bits);
            Some(constants.len() - 1)
        }
        _ => None,
    });
    let places = places.collect();
    let has_along = sums.kinds.contains(&SumKind::Along);
    let pointers = [8, 9, 10, 12, 13, 14, 15]
        .into_iter()
        .chain((!has_along).then_some(RBX))
        .map(Some)
        .chain(std::iter::repeat(None));
    let mut machine = Machine {
        encoder: Encoder::new(is_evex, size_of::<T>()),
        graph,
        body: &single,
        is_evex,
        item: size_of::<T>(),
        bytes,
        inputs: program
            .inputs
            .iter()
            .map(|input| {
                let stream = match input.access {
                    InputAccess::Entry => Stream::Entry,
                    InputAccess::Column { .. } => Stream::Column,
                    InputAccess::Row { .. } => Stream::Row,
                };
                (stream, program.keeps.iter().any(|keep| keep.to.overlaps(&input.from)))
            })
            .collect(),
        pointers: pointers.take(program.inputs.len() + program.keeps.len()).collect(),
        counts_rows: has_along,
        reserved,
        places,
        scratch: [registers - 2, registers - 1],
        is_masked: false,
        masks: Vec::new(),
    };
    machine.load_pointers();
    for (value, register) in pinned.iter().enumerate() {
        if let Some(register) = register {
            machine.read(*register, value as u32);
        }
    }
    let mut allocation = Allocation::new(graph.operations.len() * share.vectors, free, pinned);
    if program.is_flat {
        machine.flat(&mut allocation, &sums, &bodies)?;
    } else {
        machine.rows(&mut allocation, &sums, &bodies)?;
    }
    let stack = reserved + allocation.slot_count * bytes;
    if stack > LARGEST_STACK {
        return None;
    }
    machine.enclose(stack);
    machine.encoder.assemble(&constants)
}

#[cfg(test)]
mod tests;
