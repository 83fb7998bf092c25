//! Lane programs from the plan's registers to the interpreter's cells.

use super::block::{Cell, Op, Source, Step};
use super::program::{Input, InputAccess, Keep, Program, Sum};
use crate::check::operands;
use crate::element::Number;
use crate::layout::{Layout, Location};
use plan::{Access, Extent, LaneInput, Lanes, Operation, Primitive, Reduction, Register};

/// The translation of one program. Cells are numbered when all are counted: numbers, inputs, keeps, slots.
pub(super) struct Translation<'a, T> {
    program: &'a mut Program<T>,
    homes: Vec<Home>,
    /// The place of the last operation that reads a register; the end for what is kept.
    last_reads: Vec<usize>,
    free_slots: Vec<usize>,
    steps: Vec<(Op, [Home; 3], Home)>,
    prologue: Vec<(Op, [Home; 3], Home)>,
}

/// A register while the program is translated.
#[derive(Clone, Copy)]
enum Home {
    /// A number, in this cell.
    Number(Cell),
    /// A block: this input's.
    Input(usize),
    /// A block: this keep's, written there at once.
    Keep(usize),
    /// A block: this slot's.
    Slot(usize),
}

impl<'a, T: Number> Translation<'a, T> {
    /// Ready to translate into an empty program.
    pub(super) fn new(lanes: &Lanes, program: &'a mut Program<T>) -> Translation<'a, T> {
        let registers = lanes.inputs.len() + lanes.operations.len();
        let mut last_reads = vec![0; registers];
        for (place, operation) in lanes.operations.iter().enumerate() {
            for register in operands(*operation) {
                last_reads[usize::from(register.0)] = place;
            }
        }
        for output in &lanes.outputs {
            last_reads[usize::from(output.register.0)] = usize::MAX;
        }
        Translation {
            program,
            homes: Vec::with_capacity(registers),
            last_reads,
            free_slots: Vec::new(),
            steps: Vec::new(),
            prologue: Vec::new(),
        }
    }

    /// Fills the program in.
    ///
    /// # Errors
    /// What is wrong, if a result would overwrite an input that is still needed.
    pub(super) fn translate(
        mut self,
        lanes: &Lanes,
        layout: &Layout,
        outputs: &[(Register, Location, Reduction)],
    ) -> Result<(), String> {
        self.inputs(lanes, layout);
        let kept = self.keeps(outputs)?;
        for (place, operation) in lanes.operations.iter().enumerate() {
            self.operation(lanes, place, *operation, &kept);
        }
        let mut sums = Vec::new();
        for (register, to, reduction) in outputs.iter().filter(|output| output.2 != Reduction::Keep) {
            // A sum wants a block, even of a number.
            let from = match self.homes[usize::from(register.0)] {
                number @ Home::Number(_) => self.copy_to_slot(number),
                block => block,
            };
            sums.push((from, *to, *reduction));
        }
        let keep_sources = self.keep_sources(outputs, &kept);
        self.assign_cells(sums, keep_sources);
        Ok(())
    }

    /// Numbers become cells; the rest blocks.
    fn inputs(&mut self, lanes: &Lanes, layout: &Layout) {
        for input in &lanes.inputs {
            let from = layout.at(input.value);
            let home = match access(lanes, *input) {
                Access::Scalar => {
                    let cell = self.number_cell();
                    self.program.numbers.push((cell, from));
                    Home::Number(cell)
                }
                Access::Entry => self.input(from, InputAccess::Entry),
                // Slots of repeated inputs are never free for others: they outlive a block.
                Access::Column => {
                    let slot = self.new_slot();
                    self.program.is_flat = false;
                    self.input(from, InputAccess::Column { slot })
                }
                Access::Row => {
                    let slot = self.new_slot();
                    self.program.is_flat = false;
                    self.input(from, InputAccess::Row { slot })
                }
            };
            self.homes.push(home);
        }
    }

    fn input(&mut self, from: Location, access: InputAccess) -> Home {
        self.program.inputs.push(Input { cell: 0, from, access });
        Home::Input(self.program.inputs.len() - 1)
    }

    /// For each output that is kept: its register, and whether its operation may write it at once. That is so unless an
    /// input lies in the same place, or the register has been promised elsewhere.
    fn keeps(
        &mut self,
        outputs: &[(Register, Location, Reduction)],
    ) -> Result<Vec<(Register, bool)>, String> {
        let mut kept: Vec<(Register, bool)> = Vec::new();
        for (_, to, _) in outputs.iter().filter(|output| output.2 == Reduction::SumAlong) {
            if self.program.inputs.iter().any(|input| input.from.overlaps(to)) {
                return Err("writes a sum over an input that it still reads".to_owned());
            }
        }
        for (register, to, _) in outputs.iter().filter(|output| output.2 == Reduction::Keep) {
            if self.program.keeps.iter().any(|keep| keep.to.overlaps(to)) {
                return Err("writes two results to one place".to_owned());
            }
            let mut is_direct = !kept.iter().any(|(other, is_direct)| other == register && *is_direct);
            for input in self.program.inputs.iter().filter(|input| input.from.overlaps(to)) {
                if input.access != InputAccess::Entry || input.from != *to {
                    return Err("writes a result over an input that it still reads".to_owned());
                }
                is_direct = false;
            }
            self.program.keeps.push(Keep { cell: 0, to: *to, from: None });
            kept.push((*register, is_direct));
        }
        Ok(kept)
    }

    fn operation(&mut self, lanes: &Lanes, place: usize, operation: Operation, kept: &[(Register, bool)]) {
        if let Operation::Number(number) = operation {
            let cell = self.number_cell();
            self.program.constants.push((cell, T::from_f64(number)));
            self.homes.push(Home::Number(cell));
            return;
        }
        let (op, registers) = translate_operation(lanes, operation);
        let mut sources = registers.map(|register| self.homes[usize::from(register.0)]);
        if sources.iter().all(|source| matches!(source, Home::Number(_))) {
            let cell = self.number_cell();
            self.prologue.push((op, sources, Home::Number(cell)));
            self.homes.push(Home::Number(cell));
            return;
        }
        let op = match (op, sources) {
            (Op::Divide, [_, divisor @ Home::Number(_), _]) => {
                sources[2] = divisor;
                Op::DivideByNumber
            }
            _ => op,
        };
        // The result's place is chosen before the operands' are given back, so that they never meet.
        let register = Register((lanes.inputs.len() + place) as u16);
        let to = match kept.iter().position(|keep| *keep == (register, true)) {
            Some(keep) => Home::Keep(keep),
            None => Home::Slot(self.slot()),
        };
        self.steps.push((op, sources, to));
        self.homes.push(to);
        for operand in operands(operation) {
            let operand = usize::from(operand.0);
            if self.last_reads[operand] == place {
                // Twice read by this operation, it is given back once.
                self.last_reads[operand] = usize::MAX;
                if let Home::Slot(slot) = self.homes[operand] {
                    self.free_slots.push(slot);
                }
            }
        }
    }

    /// Where each kept block waits for the end of the steps, if it was not written at once.
    fn keep_sources(
        &mut self,
        outputs: &[(Register, Location, Reduction)],
        kept: &[(Register, bool)],
    ) -> Vec<Option<Home>> {
        let mut sources = Vec::with_capacity(kept.len());
        for (keep, (register, _)) in kept.iter().enumerate() {
            let home = self.homes[usize::from(register.0)];
            let is_overwritten = |input: usize| {
                let from = &self.program.inputs[input].from;
                outputs.iter().any(|(_, to, reduction)| *reduction == Reduction::Keep && from.overlaps(to))
            };
            sources.push(match home {
                Home::Keep(place) if place == keep => None,
                // The block of an input that a result overwrites is saved first.
                Home::Input(input) if is_overwritten(input) => Some(self.copy_to_slot(home)),
                Home::Number(_) | Home::Input(_) | Home::Keep(_) | Home::Slot(_) => Some(home),
            });
        }
        sources
    }

    fn copy_to_slot(&mut self, from: Home) -> Home {
        let to = Home::Slot(self.slot());
        self.steps.push((Op::Copy, [from; 3], to));
        to
    }

    fn number_cell(&mut self) -> Cell {
        self.program.number_cells += 1;
        self.program.number_cells - 1
    }

    fn slot(&mut self) -> usize {
        self.free_slots.pop().unwrap_or_else(|| self.new_slot())
    }

    fn new_slot(&mut self) -> usize {
        self.program.slots += 1;
        self.program.slots - 1
    }

    /// Numbers all cells, now that they are counted.
    fn assign_cells(self, sums: Vec<(Home, Location, Reduction)>, keep_sources: Vec<Option<Home>>) {
        let Translation { program, steps, prologue, .. } = self;
        let first_input = program.number_cells;
        let first_keep = first_input + program.inputs.len();
        let first_slot = first_keep + program.keeps.len();
        program.first_slot = first_slot;
        let cell = |home: Home| match home {
            Home::Number(cell) => cell,
            Home::Input(input) => first_input + input,
            Home::Keep(keep) => first_keep + keep,
            Home::Slot(slot) => first_slot + slot,
        };
        let source = |home: Home| match home {
            Home::Number(_) => Source::Number(cell(home)),
            Home::Input(_) | Home::Keep(_) | Home::Slot(_) => Source::Block(cell(home)),
        };
        for (index, input) in program.inputs.iter_mut().enumerate() {
            input.cell = first_input + index;
            match &mut input.access {
                InputAccess::Entry => {}
                InputAccess::Column { slot } | InputAccess::Row { slot } => *slot += first_slot,
            }
        }
        for ((index, keep), from) in program.keeps.iter_mut().enumerate().zip(keep_sources) {
            keep.cell = first_keep + index;
            keep.from = from.map(source);
        }
        program.sums = sums
            .into_iter()
            .map(|(from, to, reduction)| Sum { from: cell(from), reduction, to, start: 0, per_row: 0 })
            .collect();
        let step = |(operation, [a, b, c], to): (Op, [Home; 3], Home)| Step {
            operation,
            a: source(a),
            b: source(b),
            c: source(c),
            to: cell(to),
        };
        program.steps = steps.into_iter().map(step).collect();
        program.prologue = prologue.into_iter().map(step).collect();
    }
}

/// The interpreter's operation and its operands, the last repeated where it has fewer than three.
fn translate_operation(lanes: &Lanes, operation: Operation) -> (Op, [Register; 3]) {
    match operation {
        Operation::Number(_) => (Op::Copy, [Register(0); 3]),
        Operation::Add(a, b) => (Op::Add, [a, b, b]),
        Operation::Subtract(a, b) => (Op::Subtract, [a, b, b]),
        Operation::Multiply(a, b) => (Op::Multiply, [a, b, b]),
        Operation::Divide(a, b) => (Op::Divide, [a, b, b]),
        Operation::Negate(a) => (Op::Negate, [a; 3]),
        Operation::SquareRoot(a) => (Op::SquareRoot, [a; 3]),
        Operation::MultiplyAdd(a, b, c) => (Op::MultiplyAdd, [a, b, c]),
        Operation::Unary(primitive, a) => (unary(primitive), [a; 3]),
        // x^2 = x*x
        Operation::Binary(Primitive::POWER, a, b) if is_number(lanes, b, 2.0) => (Op::Multiply, [a; 3]),
        Operation::Binary(primitive, a, b) => {
            let (op, is_turned) = binary(primitive);
            (op, if is_turned { [b, a, a] } else { [a, b, b] })
        }
        Operation::Ternary(Primitive::WHERE, a, b, c) => (Op::Where, [a, b, c]),
        Operation::Ternary(primitive, a, b, c) => (Op::Call3(primitive.row().value), [a, b, c]),
    }
}

fn is_number(lanes: &Lanes, register: Register, number: f64) -> bool {
    let operation =
        usize::from(register.0).checked_sub(lanes.inputs.len()).map(|place| lanes.operations[place]);
    operation == Some(Operation::Number(number))
}

/// The fast lane of a primitive of one argument, if it has one.
fn unary(primitive: Primitive) -> Op {
    match primitive {
        Primitive::ABS => Op::Abs,
        Primitive::SIGN => Op::Sign,
        Primitive::STEP => Op::Step,
        Primitive::EXP => Op::Exp,
        Primitive::LOG => Op::Log,
        Primitive::TANH => Op::Tanh,
        Primitive::ERF => Op::Erf,
        Primitive::EXPM1 => Op::Expm1,
        Primitive::LOG1P => Op::Log1p,
        other => Op::Call(other.row().value),
    }
}

/// The fast lane of a primitive of two arguments, if it has one, and whether that takes them in the other order.
fn binary(primitive: Primitive) -> (Op, bool) {
    match primitive {
        Primitive::MAX => (Op::Max, false),
        Primitive::MIN => (Op::Min, false),
        Primitive::LESS => (Op::Less, false),
        Primitive::GREATER => (Op::Less, true),
        Primitive::LESS_EQUAL => (Op::AtMost, false),
        Primitive::GREATER_EQUAL => (Op::AtMost, true),
        Primitive::EQUAL => (Op::Equal, false),
        other => (Op::Call2(other.row().value), false),
    }
}

/// What an input is, by its simplest name.
fn access(lanes: &Lanes, input: LaneInput) -> Access {
    let one = Extent::Fixed(1);
    match input.access {
        Access::Column if lanes.cols == one => Access::Scalar,
        Access::Column if lanes.rows == one => Access::Entry,
        Access::Row if lanes.rows == one => Access::Scalar,
        Access::Row if lanes.cols == one => Access::Entry,
        access => access,
    }
}
