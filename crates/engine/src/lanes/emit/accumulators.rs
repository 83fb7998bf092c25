//! The sums of a program while it runs: in registers where there are enough, else on the stack.

use super::encoder::{
    Address, BELOW, Form, Lanes, Operand, R11, RBX, RCX, RDI, RDX, RSP, Register, Width, at, indexed,
};
use super::loops::STEP;
use super::machine::{Machine, TAIL};
use super::table;
use crate::lanes::sums::GROUP;

/// What becomes of a sum's register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SumKind {
    /// Partial sums by entry number, through the whole run.
    All,
    /// One sum for each column.
    Down,
    /// Partial sums by column, anew for each row.
    Along,
}

/// Where an accumulator is: in registers, one for each vector of a step, or on the stack.
#[derive(Clone, Debug)]
pub(super) enum Accumulator {
    Registers(Vec<Register>),
    Stack(usize),
}

/// The sums of a program and their accumulators.
#[derive(Debug)]
pub(super) struct Sums {
    pub kinds: Vec<SumKind>,
    pub accumulators: Vec<Accumulator>,
}

impl Machine<'_> {
    /// Adds a vector to the part of an accumulator.
    pub(super) fn accumulate(&mut self, accumulator: &Accumulator, part: usize, form: Form, x: Register) {
        match accumulator {
            Accumulator::Registers(registers) => {
                let to = registers[part / self.bytes];
                self.emit(form, to, to, Operand::Register(x));
            }
            Accumulator::Stack(place) => {
                let (sum, place) = (self.scratch[1], at(RSP, (*place + part) as i32));
                self.emit(form, sum, x, Operand::Memory(place));
                self.store(place, sum, Lanes::All);
            }
        }
    }

    /// Adds the entries of a vector to eight partial sums in double precision, by their number.
    pub(super) fn add_lanes(&mut self, sums: &Sums, sum: usize, offset: usize, x: Register) {
        let part = offset % STEP;
        let x = if !self.is_masked {
            x
        } else {
            // Lanes that are cut off add 0.
            let zeroed = self.scratch[0];
            if self.is_evex {
                let form = self.form(1, 0x28);
                let operands = (zeroed, 0, Operand::Register(x));
                self.encoder.vector(Width::Z, form, operands, Lanes::OrZero(TAIL), None);
            } else {
                let mask = Operand::Memory(self.mask_address(part));
                let form = self.form(1, 0x54);
                self.emit(form, zeroed, x, mask);
            }
            zeroed
        };
        let add = Form { map: 1, prefix: 1, w: self.is_evex, byte: 0x58 };
        let add_part = |machine: &mut Self, part: usize, x: Register| {
            if sums.kinds[sum] == SumKind::All {
                machine.accumulate(&sums.accumulators[sum], part, add, x);
            } else if let Accumulator::Stack(place) = sums.accumulators[sum] {
                let (to, place) = (machine.scratch[1], indexed(RSP, RBX, (place + part) as i32));
                machine.emit(add, to, x, Operand::Memory(place));
                machine.store(place, to, Lanes::All);
            }
        };
        if self.item == 8 {
            add_part(self, part, x);
            return;
        }
        let double = self.scratch[1];
        let widen = Form { map: 1, prefix: 0, w: false, byte: 0x5a };
        self.emit(widen, double, 0, Operand::Register(x));
        add_part(self, 0, double);
        self.upper_half(double, x);
        self.emit(widen, double, 0, Operand::Register(double));
        // The upper half is the next eight entries, or the next four.
        add_part(self, if self.is_evex { 0 } else { 32 }, double);
    }

    fn upper_half(&mut self, to: Register, from: Register) {
        let form = Form { map: 3, prefix: 1, w: self.is_evex, byte: if self.is_evex { 0x1b } else { 0x19 } };
        self.encoder.vector(self.width(), form, (from, 0, Operand::Register(to)), Lanes::All, Some(1));
    }

    /// Loads or stores the partial sums of all entries.
    pub(super) fn exchange(&mut self, sum: usize, accumulator: &Accumulator, is_load: bool) {
        self.encoder.load(R11, at(RDI, self.sum_word(sum)));
        for part in (0..STEP).step_by(self.bytes) {
            let memory = at(R11, part as i32);
            match (accumulator, is_load) {
                (Accumulator::Registers(registers), true) => {
                    self.load(registers[part / self.bytes], memory, Lanes::All);
                }
                (Accumulator::Registers(registers), false) => {
                    self.store(memory, registers[part / self.bytes], Lanes::All);
                }
                (Accumulator::Stack(place), _) => {
                    let (register, stack) = (self.scratch[0], at(RSP, (*place + part) as i32));
                    let (from, to) = if is_load { (memory, stack) } else { (stack, memory) };
                    self.load(register, from, Lanes::All);
                    self.store(to, register, Lanes::All);
                }
            }
        }
    }

    /// The word of a sum's partial sums; the next is that of its group's.
    fn sum_word(&self, sum: usize) -> i32 {
        table::stream(self.pointers.len() + 2 * sum)
    }

    /// Brings the sums of a vector of columns: single ones of a group, or the double ones that are never put aside.
    pub(super) fn start_down(&mut self, sum: usize, accumulator: &Accumulator, bytes: usize) {
        let (low, high) = (self.scratch[0], self.scratch[1]);
        let word = self.sum_word(sum) + if self.item == 8 { 0 } else { 8 };
        self.encoder.load(R11, at(RDI, word));
        let narrow = Form { map: 1, prefix: 1, w: self.is_evex, byte: 0x5a };
        let insert =
            Form { map: 3, prefix: 1, w: self.is_evex, byte: if self.is_evex { 0x1a } else { 0x18 } };
        for part in (0..bytes).step_by(self.bytes) {
            if self.item == 8 {
                self.load(low, indexed(R11, RCX, part as i32), Lanes::All);
            } else {
                let from = self.double_column(part);
                self.emit(narrow, low, 0, Operand::Memory(from));
                let next = Address { distance: from.distance + self.bytes as i32, ..from };
                self.emit(narrow, high, 0, Operand::Memory(next));
                let operands = (low, low, Operand::Register(high));
                self.encoder.vector(self.width(), insert, operands, Lanes::All, Some(1));
            }
            self.place_accumulator(accumulator, part, low);
        }
    }

    fn place_accumulator(&mut self, accumulator: &Accumulator, part: usize, from: Register) {
        match accumulator {
            Accumulator::Registers(registers) => {
                self.copy(registers[part / self.bytes], Operand::Register(from))
            }
            Accumulator::Stack(place) => self.store(at(RSP, (*place + part) as i32), from, Lanes::All),
        }
    }

    fn accumulator(&mut self, accumulator: &Accumulator, part: usize) -> Register {
        match accumulator {
            Accumulator::Registers(registers) => registers[part / self.bytes],
            Accumulator::Stack(place) => {
                self.load(self.scratch[0], at(RSP, (*place + part) as i32), Lanes::All);
                self.scratch[0]
            }
        }
    }

    /// The double-precision sums of the single-precision columns from this part on.
    fn double_column(&self, part: usize) -> Address {
        Address { index: Some((RCX, 1)), ..at(R11, 2 * part as i32) }
    }

    /// Puts the sums of a vector of columns aside; a complete group's are added to the column's.
    pub(super) fn finish_down(&mut self, sum: usize, accumulator: &Accumulator, bytes: usize) {
        let double = self.scratch[1];
        let (widen, add) = (
            Form { map: 1, prefix: 0, w: false, byte: 0x5a },
            Form { map: 1, prefix: 1, w: self.is_evex, byte: 0x58 },
        );
        if self.item == 8 {
            self.encoder.load(R11, at(RDI, self.sum_word(sum)));
            for part in (0..bytes).step_by(self.bytes) {
                let from = self.accumulator(accumulator, part);
                self.store(indexed(R11, RCX, part as i32), from, Lanes::All);
            }
            return;
        }
        let [incomplete, end] = [(); 2].map(|()| self.encoder.label());
        self.jump_unless(table::IS_COMPLETE, incomplete);
        for is_complete in [true, false] {
            for part in (0..bytes).step_by(self.bytes) {
                let from = self.accumulator(accumulator, part);
                for half in 0..2 {
                    if half == 0 {
                        self.emit(widen, double, 0, Operand::Register(from));
                    } else {
                        self.upper_half(double, from);
                        self.emit(widen, double, 0, Operand::Register(double));
                    }
                    let to = self.double_column(part);
                    let to = Address { distance: to.distance + (half * self.bytes) as i32, ..to };
                    self.encoder.load(R11, at(RDI, self.sum_word(sum) + if is_complete { 0 } else { 8 }));
                    if is_complete {
                        self.emit(add, double, double, Operand::Memory(to));
                        self.store(to, double, Lanes::All);
                        self.encoder.load(R11, at(RDI, self.sum_word(sum) + 8));
                        self.zero(double);
                    }
                    self.store(to, double, Lanes::All);
                }
            }
            if is_complete {
                self.encoder.jump(end);
                self.encoder.here(incomplete);
            }
        }
        self.encoder.here(end);
    }

    fn zero(&mut self, register: Register) {
        let form = self.form(1, 0x57);
        self.emit(form, register, register, Operand::Register(register));
    }

    /// Sets the partial sums along the group's rows to 0.
    pub(super) fn clear_along(&mut self, sums: &Sums) {
        for (sum, accumulator) in sums.accumulators.iter().enumerate() {
            if let (SumKind::Along, Accumulator::Stack(place)) = (sums.kinds[sum], accumulator) {
                let zero = self.scratch[0];
                self.zero(zero);
                for part in (0..GROUP * STEP).step_by(self.bytes) {
                    self.store(at(RSP, (place + part) as i32), zero, Lanes::All);
                }
            }
        }
    }

    /// Adds the partial sums along each row by the fixed tree, and stores them.
    pub(super) fn finish_along(&mut self, sums: &Sums) {
        if !sums.kinds.contains(&SumKind::Along) {
            return;
        }
        let turn = self.encoder.label();
        self.encoder.set(RBX, 0);
        self.encoder.load(RDX, at(RDI, table::GROUP_ROW));
        self.encoder.here(turn);
        let [x, y] = self.scratch;
        let double = |map, byte| Form { map, prefix: 1, w: self.is_evex, byte };
        let (load, add, upper, extract, narrow) =
            (double(1, 0x10), double(1, 0x58), double(1, 0x15), double(3, 0x19), double(1, 0x5a));
        let (store, is_double) = (self.item, self.item == 8);
        let store =
            Form { map: 1, prefix: if store == 8 { 3 } else { 2 }, w: is_double && self.is_evex, byte: 0x11 };
        for (sum, accumulator) in sums.accumulators.iter().enumerate() {
            let (SumKind::Along, Accumulator::Stack(place)) = (sums.kinds[sum], accumulator) else {
                continue;
            };
            let half = |part: i32| Operand::Memory(indexed(RSP, RBX, *place as i32 + part));
            let word = self.sum_word(sum);
            let encoder = &mut self.encoder;
            encoder.load(R11, at(RDI, word));
            let all = Lanes::All;
            encoder.vector(Width::Y, load, (x, 0, half(0)), all, None);
            encoder.vector(Width::Y, add, (x, x, half(32)), all, None);
            encoder.vector(Width::Y, extract, (x, 0, Operand::Register(y)), all, Some(1));
            encoder.vector(Width::X, add, (x, x, Operand::Register(y)), all, None);
            encoder.vector(Width::X, upper, (y, x, Operand::Register(x)), all, None);
            encoder.vector(Width::X, add, (x, x, Operand::Register(y)), all, None);
            if !is_double {
                encoder.vector(Width::X, narrow, (x, 0, Operand::Register(x)), all, None);
            }
            encoder.vector(Width::X, store, (x, 0, Operand::Memory(indexed(R11, RDX, 0))), all, None);
        }
        self.encoder.add_number(RBX, 64);
        self.encoder.add_number(RDX, self.item as i32);
        self.encoder.compare(RDX, Operand::Memory(at(RDI, table::ROW_END)));
        self.encoder.jump_if(BELOW, turn);
    }
}
