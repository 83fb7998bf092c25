//! The loops around the body: over the entries of a flat program, or over groups of rows, their columns, and the rows again.
//!
//! Rows are taken in groups because a sum down a column starts anew in each (see [`crate::lanes::sums`]): within a group a vector
//! of columns stays where it is while the rows pass, and so does its sum, in a register.

use super::accumulators::{SumKind, Sums};
use super::allocation::Allocation;
use super::body::Body;
use super::encoder::{
    ABOVE, ABOVE_EQUAL, Address, BELOW, EQUAL, GREATER, GREATER_EQUAL, General, LESS_EQUAL, Label, Lanes,
    NOT_EQUAL, Operand, R11, RAX, RBP, RBX, RCX, RDI, RDX, RSI, RSP, at,
};
use super::machine::{Machine, TAIL};
use super::table;
use crate::lanes::sums::GROUP;

/// Bytes that a step along the entries takes, whatever the family.
pub(super) const STEP: usize = 64;

/// The bodies of a loop: for one step, and for a wide one.
pub(super) struct Bodies<'a> {
    pub single: &'a Body,
    pub wide: &'a Body,
    /// Bytes of a wide step.
    pub wide_step: usize,
}

impl<'a> Machine<'a> {
    /// The whole loop of a flat program.
    pub(super) fn flat(
        &mut self,
        allocation: &mut Allocation,
        sums: &Sums,
        bodies: &Bodies<'a>,
    ) -> Option<()> {
        let [again, single, tail, masked, end] = [(); 5].map(|()| self.encoder.label());
        for (sum, accumulator) in sums.accumulators.iter().enumerate() {
            self.exchange(sum, accumulator, true);
        }
        self.encoder.load(RAX, at(RDI, table::START));
        self.encoder.load(RSI, at(RDI, table::END));
        self.encoder.add_number(RSI, -(STEP as i32));
        self.encoder.load_address(RDX, at(RSI, STEP as i32 - bodies.wide_step as i32));
        self.load_mask(table::MASK);
        if sums.kinds.contains(&SumKind::All) {
            self.jump_unless(table::HAS_HEAD, again);
            self.encoder.jump(masked);
        }
        self.encoder.here(again);
        if bodies.wide_step > STEP {
            self.turns(RDX, single, bodies.wide_step, |machine| {
                machine.step(allocation, sums, bodies.wide, false)
            })?;
            self.encoder.here(single);
        }
        self.turns(RSI, tail, STEP, |machine| machine.step(allocation, sums, bodies.single, false))?;
        self.encoder.here(tail);
        self.encoder.compare(RAX, Operand::Memory(at(RDI, table::END)));
        self.encoder.jump_if(GREATER_EQUAL, end);
        self.load_mask(table::TAIL);
        self.encoder.here(masked);
        self.step(allocation, sums, bodies.single, true)?;
        self.encoder.add_number(RAX, STEP as i32);
        self.encoder.jump(again);
        self.encoder.here(end);
        for (sum, accumulator) in sums.accumulators.iter().enumerate() {
            self.exchange(sum, accumulator, false);
        }
        Some(())
    }

    /// Steps along the entries while one more ends before the last; then goes on at `end`, which follows.
    fn turns(
        &mut self,
        last: General,
        end: Label,
        step: usize,
        mut work: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.encoder.compare(RAX, Operand::Register(last));
        self.encoder.jump_if(GREATER, end);
        let turn = self.encoder.label();
        self.encoder.align_code();
        self.encoder.here(turn);
        work(self)?;
        self.encoder.add_number(RAX, step as i32);
        self.encoder.compare(RAX, Operand::Register(last));
        self.encoder.jump_if(LESS_EQUAL, turn);
        Some(())
    }

    /// The loops over rows and columns.
    pub(super) fn rows(
        &mut self,
        allocation: &mut Allocation,
        sums: &Sums,
        bodies: &Bodies<'a>,
    ) -> Option<()> {
        let [group, tail, columns_end] = [(); 3].map(|()| self.encoder.label());
        self.encoder.load(RSI, at(RDI, table::END));
        self.load_mask(table::TAIL);
        self.encoder.here(group);
        self.start_group();
        self.clear_along(sums);
        self.encoder.set(RCX, 0);
        if bodies.wide_step > STEP {
            let single = self.encoder.label();
            self.columns(single, bodies.wide_step, |machine| {
                machine.strip(allocation, sums, bodies.wide, bodies.wide_step, false)
            })?;
            self.encoder.here(single);
        }
        self.columns(tail, STEP, |machine| machine.strip(allocation, sums, bodies.single, STEP, false))?;
        self.encoder.here(tail);
        self.encoder.compare(RCX, Operand::Register(RSI));
        self.encoder.jump_if(ABOVE_EQUAL, columns_end);
        self.strip(allocation, sums, bodies.single, STEP, true)?;
        self.encoder.here(columns_end);
        self.finish_along(sums);
        self.finish_group(group);
        Some(())
    }

    /// Counts the group's rows: what is left of it, or of all.
    fn start_group(&mut self) {
        self.encoder.set(RAX, GROUP as i32);
        self.encoder.subtract(RAX, Operand::Memory(at(RDI, table::START)));
        self.encoder.load(RCX, at(RDI, table::REMAINING));
        self.encoder.set(RDX, 0);
        self.encoder.set(R11, 1);
        self.encoder.compare(RCX, Operand::Register(RAX));
        self.encoder.copy_if(ABOVE_EQUAL, RDX, R11);
        self.encoder.store(at(RDI, table::IS_COMPLETE), RDX);
        self.encoder.copy_if(BELOW, RAX, RCX);
        self.encoder.store(at(RDI, table::GROUP_ROWS), RAX);
        self.clear(table::START);
        self.encoder.load(RDX, at(RDI, table::GROUP_ROW));
        let scale = self.item.trailing_zeros() as u8;
        self.encoder.load_address(RDX, Address { index: Some((RAX, scale)), ..at(RDX, 0) });
        self.encoder.store(at(RDI, table::ROW_END), RDX);
    }

    /// Goes on to the next group, if rows are left.
    fn finish_group(&mut self, next: Label) {
        self.encoder.load(RAX, at(RDI, table::GROUP_ROWS));
        self.encoder.load(RCX, at(RDI, table::REMAINING));
        self.encoder.subtract(RCX, Operand::Register(RAX));
        self.encoder.store(at(RDI, table::REMAINING), RCX);
        self.encoder.load(RDX, at(RDI, table::ROW_END));
        self.encoder.store(at(RDI, table::GROUP_ROW), RDX);
        self.encoder.multiply(RAX, Operand::Memory(at(RDI, table::END)));
        self.encoder.add(RAX, Operand::Memory(at(RDI, table::GROUP_ENTRY)));
        self.encoder.store(at(RDI, table::GROUP_ENTRY), RAX);
        self.encoder.set(RDX, 0);
        self.encoder.compare(RCX, Operand::Register(RDX));
        self.encoder.jump_if(NOT_EQUAL, next);
    }

    /// Steps along the columns while one more ends before the last; then goes on at `end`, which follows.
    fn columns(
        &mut self,
        end: Label,
        step: usize,
        mut work: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        let turn = self.encoder.label();
        self.encoder.here(turn);
        self.encoder.load_address(RAX, at(RCX, step as i32));
        self.encoder.compare(RAX, Operand::Register(RSI));
        self.encoder.jump_if(ABOVE, end);
        work(self)?;
        self.encoder.add_number(RCX, step as i32);
        self.encoder.jump(turn);
        Some(())
    }

    /// Some vectors of columns, over the rows of the group.
    fn strip(
        &mut self,
        allocation: &mut Allocation,
        sums: &Sums,
        body: &'a Body,
        bytes: usize,
        is_masked: bool,
    ) -> Option<()> {
        for (sum, accumulator) in sums.accumulators.iter().enumerate() {
            if sums.kinds[sum] == SumKind::Down {
                self.start_down(sum, accumulator, bytes);
            }
        }
        self.encoder.load(RAX, at(RDI, table::GROUP_ENTRY));
        self.encoder.add(RAX, Operand::Register(RCX));
        self.encoder.load(RDX, at(RDI, table::GROUP_ROW));
        let has_along = sums.kinds.contains(&SumKind::Along);
        if has_along {
            self.encoder.set(RBX, 0);
        }
        let turn = self.encoder.label();
        self.encoder.align_code();
        self.encoder.here(turn);
        self.step(allocation, sums, body, is_masked)?;
        self.encoder.add(RAX, Operand::Register(RSI));
        if has_along {
            self.encoder.add_number(RBX, 64);
        }
        self.encoder.add_number(RDX, self.item as i32);
        self.encoder.compare(RDX, Operand::Memory(at(RDI, table::ROW_END)));
        self.encoder.jump_if(BELOW, turn);
        for (sum, accumulator) in sums.accumulators.iter().enumerate() {
            if sums.kinds[sum] == SumKind::Down {
                self.finish_down(sum, accumulator, bytes);
            }
        }
        Some(())
    }

    /// One body.
    fn step(
        &mut self,
        allocation: &mut Allocation,
        sums: &Sums,
        body: &'a Body,
        is_masked: bool,
    ) -> Option<()> {
        self.is_masked = is_masked;
        self.body = body;
        self.body(allocation, |machine, sum, vector, x| match sums.kinds[sum] {
            SumKind::Down => {
                let form = machine.form(1, 0x58);
                machine.accumulate(&sums.accumulators[sum], vector * machine.bytes, form, x);
            }
            SumKind::All | SumKind::Along => machine.add_lanes(sums, sum, vector * machine.bytes, x),
        })
    }

    /// The mask of the cut-off vector at hand.
    fn load_mask(&mut self, from: i32) {
        if self.is_evex {
            self.encoder.load(R11, at(RDI, from));
            self.encoder.mask(TAIL, R11);
        } else if from != table::MASK {
            for part in [0, 32] {
                self.load(self.scratch[0], at(RDI, from + part), Lanes::All);
                self.store(at(RDI, table::MASK + part), self.scratch[0], Lanes::All);
            }
        }
    }

    fn clear(&mut self, word: i32) {
        self.encoder.set(R11, 0);
        self.encoder.store(at(RDI, word), R11);
    }

    /// Jumps if a word of the table is 0.
    pub(super) fn jump_unless(&mut self, word: i32, to: Label) {
        self.encoder.set(R11, 0);
        self.encoder.compare(R11, Operand::Memory(at(RDI, word)));
        self.encoder.jump_if(EQUAL, to);
    }

    /// Brings the pointers that have registers.
    pub(super) fn load_pointers(&mut self) {
        for stream in 0..self.pointers.len() {
            if let Some(register) = self.pointers[stream] {
                self.encoder.load(register, at(RDI, table::stream(stream)));
            }
        }
    }

    /// Puts what saves the caller's registers and makes room on the stack before the code, and what undoes it behind.
    pub(super) fn enclose(&mut self, stack: usize) {
        let pointers = self.pointers.iter().flatten().copied().filter(|register| *register >= 12);
        let mut saved: Vec<General> = pointers.collect();
        if self.counts_rows || self.pointers.contains(&Some(RBX)) {
            saved.push(RBX);
        }
        if stack > 0 {
            saved.push(RBP);
        }
        let mut before = self.encoder.another();
        for register in &saved {
            before.push(*register);
        }
        if stack > 0 {
            before.copy(RBP, RSP);
            before.add_number(RSP, -(stack as i32));
            before.align(RSP);
            self.encoder.copy(RSP, RBP);
        }
        self.encoder.prepend(before);
        for register in saved.iter().rev() {
            self.encoder.pop(*register);
        }
        self.encoder.finish();
    }
}
