//! Registers for the values of a body: each value takes a free register when it is computed and gives it back after its last
//! use. Where none is free, the value that is needed last goes to the stack; a number just goes, for it can be read again.

use super::body::{Body, Item};
use super::encoder::{Address, Lanes, Operand, RSP, Register, at};
use super::graph::{Operation, Value};
use super::machine::Machine;

/// Where values are while a body is emitted.
pub(super) struct Allocation {
    /// For each value: its register.
    registers: Vec<Option<Register>>,
    /// For each value: its place on the stack.
    slots: Vec<Option<usize>>,
    /// For each register that may be given: the value that it holds.
    owners: Vec<(Register, Option<Value>)>,
    /// Numbers that keep their registers through the loop.
    pinned: Vec<Option<Register>>,
    /// Places on the stack that are free, and how many there are.
    free_slots: Vec<usize>,
    pub slot_count: usize,
    /// Registers that the instruction at hand reads.
    locked: Vec<Register>,
    place: usize,
}

impl Allocation {
    pub(super) fn new(values: usize, given: Vec<Register>, pinned: Vec<Option<Register>>) -> Allocation {
        Allocation {
            registers: vec![None; values],
            slots: vec![None; values],
            owners: given.into_iter().map(|register| (register, None)).collect(),
            pinned,
            free_slots: Vec::new(),
            slot_count: 0,
            locked: Vec::new(),
            place: 0,
        }
    }

    /// Ready for a body: nothing is anywhere.
    pub(super) fn start(&mut self) {
        self.registers.fill(None);
        self.slots.fill(None);
        self.owners.iter_mut().for_each(|(_, owner)| *owner = None);
        self.free_slots = (0..self.slot_count).collect();
        self.start_item(0);
    }

    pub(super) fn start_item(&mut self, place: usize) {
        self.place = place;
        self.locked.clear();
    }

    /// The register of a value, if it is in one.
    pub(super) fn register(&self, value: Value) -> Option<Register> {
        self.pinned[value as usize].or(self.registers[value as usize])
    }

    /// Whether a result may take a value's register: it is read for the last time.
    pub(super) fn is_last_use(&self, body: &Body, value: Value) -> bool {
        self.pinned[value as usize].is_none() && body.uses[value as usize].last() == Some(&self.place)
    }

    pub(super) fn lock(&mut self, register: Register) {
        self.locked.push(register);
    }

    /// Gives back what the item at hand has read for the last time.
    pub(super) fn release(&mut self, body: &Body, values: &[Value]) {
        for value in values {
            if body.uses[*value as usize].last().is_none_or(|last| *last <= self.place) {
                self.forget(*value);
            }
        }
        self.locked.clear();
    }

    fn forget(&mut self, value: Value) {
        if let Some(register) = self.registers[value as usize].take() {
            self.owners.iter_mut().filter(|owner| owner.0 == register).for_each(|owner| owner.1 = None);
        }
        if let Some(slot) = self.slots[value as usize].take() {
            self.free_slots.push(slot);
        }
    }

    /// A register for a value, where a value that must leave is stored.
    pub(super) fn take(&mut self, machine: &mut Machine<'_>, value: Value) -> Option<Register> {
        let free = self.owners.iter().position(|(_, owner)| owner.is_none());
        let place = match free {
            Some(place) => place,
            None => {
                let uses = &machine.body.uses;
                let next = |value: Value| {
                    let uses = &uses[value as usize];
                    uses.get(uses.partition_point(|at| *at < self.place)).copied().unwrap_or(usize::MAX)
                };
                let candidates = self.owners.iter().enumerate();
                let candidates = candidates.filter(|(_, (register, _))| !self.locked.contains(register));
                let (place, _) = candidates.max_by_key(|(_, (_, owner))| owner.map_or(0, next))?;
                let (register, owner) = self.owners[place];
                let owner = owner?;
                self.registers[owner as usize] = None;
                let is_number = machine.operation(owner).is_number();
                if !is_number && self.slots[owner as usize].is_none() {
                    let slot = self.free_slots.pop().unwrap_or_else(|| {
                        self.slot_count += 1;
                        self.slot_count - 1
                    });
                    self.slots[owner as usize] = Some(slot);
                    machine.store(machine.slot(slot), register, Lanes::All);
                }
                place
            }
        };
        self.owners[place].1 = Some(value);
        let register = self.owners[place].0;
        self.registers[value as usize] = Some(register);
        self.locked.push(register);
        Some(register)
    }

    /// A value moves into the register of one that ends.
    pub(super) fn inherit(&mut self, from: Value, to: Value) -> Option<Register> {
        let register = self.registers[from as usize].take()?;
        self.registers[to as usize] = Some(register);
        self.owners.iter_mut().filter(|owner| owner.0 == register).for_each(|owner| owner.1 = Some(to));
        Some(register)
    }

    /// The value in a register.
    pub(super) fn in_register(&mut self, machine: &mut Machine<'_>, value: Value) -> Option<Register> {
        if let Some(register) = self.register(value) {
            self.lock(register);
            return Some(register);
        }
        let register = self.take(machine, value)?;
        self.read_into(machine, register, value);
        Some(register)
    }

    /// Reads a value that is in no register.
    pub(super) fn read_into(&self, machine: &mut Machine<'_>, register: Register, value: Value) {
        match self.slots[value as usize] {
            Some(slot) => machine.load(register, machine.slot(slot), Lanes::All),
            None => machine.read(register, value),
        }
    }

    /// The value as the last operand of an instruction: in memory, where it is there.
    pub(super) fn operand(&mut self, machine: &mut Machine<'_>, value: Value) -> Option<Operand> {
        if let Some(register) = self.register(value) {
            self.lock(register);
            return Some(Operand::Register(register));
        }
        if let Some(slot) = self.slots[value as usize] {
            return Some(Operand::Memory(machine.slot(slot)));
        }
        match machine.in_memory(value) {
            Some(operand) => Some(operand),
            None => self.in_register(machine, value).map(Operand::Register),
        }
    }
}

impl Machine<'_> {
    /// A place on the stack.
    pub(super) fn slot(&self, slot: usize) -> Address {
        at(RSP, (self.reserved + slot * self.bytes) as i32)
    }

    /// What a value of any vector is.
    pub(super) fn operation(&self, value: Value) -> Operation {
        self.graph.operations[value as usize % self.body.values]
    }

    /// Where the entries of a value's vector begin, from those at hand.
    pub(super) fn offset(&self, value: Value) -> usize {
        value as usize / self.body.values * self.bytes
    }

    /// Whether a load is done within the one instruction that reads it.
    pub(super) fn is_folded(&self, value: Value) -> bool {
        let uses = &self.body.uses[value as usize];
        let is_compute = |place: &usize| matches!(self.body.items[*place].0, Item::Compute(_));
        matches!(self.operation(value), Operation::Load(_))
            && uses.len() == 1
            && uses.iter().all(is_compute)
            && self.can_fold(value)
    }
}
