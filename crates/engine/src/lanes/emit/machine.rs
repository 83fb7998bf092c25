//! The instructions of a body, in either family: loads and stores by access, arithmetic, comparisons.

use super::body::Body;
use super::encoder::{
    Address, Encoder, Form, General, Lanes, Operand, R11, RAX, RCX, RDI, RDX, Register, Width, at, indexed,
};
use super::graph::{Binary, Graph, Operation, Value};
use super::table;
use crate::lanes::lane::Comparison;

/// How an input is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Entry,
    Column,
    Row,
}

/// What the instructions of a body need to know.
pub(super) struct Machine<'a> {
    pub encoder: Encoder,
    pub graph: &'a Graph,
    pub body: &'a Body,
    pub is_evex: bool,
    /// Bytes of a number and of a vector.
    pub item: usize,
    pub bytes: usize,
    /// For each input: how it is read, and whether a result may overwrite it.
    pub inputs: Vec<(Stream, bool)>,
    /// For each input, then for each kept result: the register of its pointer.
    pub pointers: Vec<Option<General>>,
    /// Whether RBX counts the rows of a group.
    pub counts_rows: bool,
    /// Bytes of the stack before the slots.
    pub reserved: usize,
    /// For each value that is a constant: its place.
    pub places: Vec<Option<usize>>,
    /// Two registers that no value has.
    pub scratch: [Register; 2],
    /// Whether the vectors at hand are cut off by a mask.
    pub is_masked: bool,
    /// Comparisons whose masks are still in registers 1 to 6 (AVX-512), the latest last.
    pub masks: Vec<(u8, (Comparison, Value, Value))>,
}

/// The register of the mask of a cut-off vector.
pub(super) const TAIL: u8 = 7;

impl<'a> Machine<'a> {
    pub(super) fn width(&self) -> Width {
        if self.is_evex { Width::Z } else { Width::Y }
    }

    fn is_double(&self) -> bool {
        self.item == 8
    }

    /// An instruction of the usual numbers: `ps` or `pd`.
    pub(super) fn form(&self, map: u8, byte: u8) -> Form {
        let is_double = self.is_double();
        Form { map, prefix: u8::from(is_double), w: is_double && self.is_evex, byte }
    }

    /// One with prefix 66 in both precisions, told apart by W.
    pub(super) fn form_w(&self, map: u8, byte: u8) -> Form {
        Form { map, prefix: 1, w: self.is_double(), byte }
    }

    pub(super) fn emit(&mut self, form: Form, to: Register, source: Register, last: Operand) {
        self.encoder.vector(self.width(), form, (to, source, last), Lanes::All, None);
    }

    pub(super) fn load(&mut self, to: Register, from: Address, lanes: Lanes) {
        let form = self.form(1, 0x10);
        self.encoder.vector(self.width(), form, (to, 0, Operand::Memory(from)), lanes, None);
    }

    pub(super) fn store(&mut self, to: Address, from: Register, lanes: Lanes) {
        let form = self.form(1, 0x11);
        self.encoder.vector(self.width(), form, (from, 0, Operand::Memory(to)), lanes, None);
    }

    pub(super) fn copy(&mut self, to: Register, from: Operand) {
        let byte = if matches!(from, Operand::Register(_)) { 0x28 } else { 0x10 };
        let form = self.form(1, byte);
        self.emit(form, to, 0, from);
    }

    /// One number from memory to all lanes.
    pub(super) fn broadcast(&mut self, to: Register, from: Operand) {
        let form = Form {
            map: 2,
            prefix: 1,
            w: self.is_double() && self.is_evex,
            byte: 0x18 + u8::from(self.is_double()),
        };
        self.encoder.vector(self.width(), form, (to, 0, from), Lanes::All, None);
    }

    /// The register that points to an input or a kept result (counted after the inputs).
    fn pointer(&mut self, stream: usize) -> General {
        self.pointers[stream].unwrap_or_else(|| {
            self.encoder.load(R11, at(RDI, table::stream(stream)));
            R11
        })
    }

    fn number(&mut self, cell: usize) -> Address {
        self.encoder.load(R11, at(RDI, table::NUMBERS));
        at(R11, (cell * self.item) as i32)
    }

    fn input(&mut self, input: usize, offset: usize) -> Address {
        let pointer = self.pointer(input);
        match self.inputs[input].0 {
            Stream::Entry => indexed(pointer, RAX, offset as i32),
            Stream::Column => indexed(pointer, RCX, offset as i32),
            Stream::Row => indexed(pointer, RDX, 0),
        }
    }

    pub(super) fn can_fold(&self, value: Value) -> bool {
        let Operation::Load(input) = self.operation(value) else { return false };
        !self.inputs[input].1
    }

    /// Reads a number or an input.
    pub(super) fn read(&mut self, to: Register, value: Value) {
        match self.operation(value) {
            Operation::Constant(_) => {
                let place = self.places[value as usize].unwrap_or(0);
                if self.is_evex {
                    self.broadcast(to, Operand::Constant(place));
                } else {
                    self.copy(to, Operand::Constant(place));
                }
            }
            Operation::Number(cell) => {
                let from = self.number(cell);
                self.broadcast(to, Operand::Memory(from));
            }
            Operation::Load(input) => {
                let from = self.input(input, self.offset(value));
                if self.inputs[input].0 == Stream::Row {
                    self.broadcast(to, Operand::Memory(from));
                } else if !self.is_masked {
                    self.load(to, from, Lanes::All);
                } else if self.is_evex {
                    self.load(to, from, Lanes::OrZero(TAIL));
                } else {
                    let mask = self.scratch[1];
                    self.load(mask, self.mask_address(self.offset(value)), Lanes::All);
                    // vmaskmov: W0 in both precisions
                    let form = Form { map: 2, prefix: 1, w: false, byte: 0x2c + u8::from(self.is_double()) };
                    self.emit(form, to, mask, Operand::Memory(from));
                }
            }
            _ => {}
        }
    }

    /// Where the mask of a cut-off vector lies (AVX2).
    pub(super) fn mask_address(&self, offset: usize) -> Address {
        at(RDI, table::MASK + offset as i32)
    }

    /// A number or an input as the last operand of an instruction, where it can be one.
    pub(super) fn in_memory(&mut self, value: Value) -> Option<Operand> {
        match self.operation(value) {
            Operation::Constant(_) => self.places[value as usize].map(Operand::Constant),
            Operation::Number(cell) if self.is_evex => {
                let from = self.number(cell);
                Some(Operand::Memory(Address { is_broadcast: true, ..from }))
            }
            Operation::Load(input) if self.is_folded(value) => {
                let is_row = self.inputs[input].0 == Stream::Row;
                if is_row && self.is_evex {
                    let from = self.input(input, self.offset(value));
                    return Some(Operand::Memory(Address { is_broadcast: true, ..from }));
                }
                if is_row || self.is_masked {
                    return None;
                }
                Some(Operand::Memory(self.input(input, self.offset(value))))
            }
            _ => None,
        }
    }

    /// Stores a kept result.
    pub(super) fn keep(&mut self, keep: usize, offset: usize, from: Register) {
        let pointer = self.pointer(self.inputs.len() + keep);
        let to = indexed(pointer, RAX, offset as i32);
        if !self.is_masked {
            self.store(to, from, Lanes::All);
        } else if self.is_evex {
            self.store(to, from, Lanes::Of(TAIL));
        } else {
            let mask = self.scratch[1];
            self.load(mask, self.mask_address(offset), Lanes::All);
            let form = Form { map: 2, prefix: 1, w: false, byte: 0x2e + u8::from(self.is_double()) };
            self.emit(form, from, mask, Operand::Memory(to));
        }
    }

    /// The instruction of an operation with two operands.
    pub(super) fn binary_form(&self, binary: Binary) -> Form {
        match binary {
            Binary::Add => self.form(1, 0x58),
            Binary::Multiply => self.form(1, 0x59),
            Binary::Subtract => self.form(1, 0x5c),
            Binary::Smaller => self.form(1, 0x5d),
            Binary::Divide => self.form(1, 0x5e),
            Binary::Larger => self.form(1, 0x5f),
            Binary::And => self.form(1, 0x54),
            Binary::AndNot => self.form(1, 0x55),
            Binary::Or => self.form(1, 0x56),
            Binary::Xor => self.form(1, 0x57),
            Binary::AddBits if self.is_double() => self.form_w(1, 0xd4),
            Binary::AddBits => self.form_w(1, 0xfe),
            Binary::SubtractBits if self.is_double() => self.form_w(1, 0xfb),
            Binary::SubtractBits => self.form_w(1, 0xfa),
            Binary::Scale => self.form_w(2, 0x2c),
        }
    }

    /// `to <- from << count`, or down.
    pub(super) fn shift(&mut self, to: Register, from: Register, count: u32, is_left: bool) {
        let byte = if self.is_double() { 0x73 } else { 0x72 };
        let form = Form { w: self.is_double() && self.is_evex, ..self.form_w(1, byte) };
        let which = if is_left { 6 } else { 2 };
        self.encoder.vector(
            self.width(),
            form,
            (which, to, Operand::Register(from)),
            Lanes::All,
            Some(count as u8),
        );
    }

    /// A mask of the lanes in which the comparison holds.
    pub(super) fn compare(&mut self, comparison: Comparison, a: Register, b: Operand) -> u8 {
        let which = match comparison {
            Comparison::Less => 0x11,
            Comparison::AtMost => 0x12,
            Comparison::Equal => 0x00,
            Comparison::Unordered => 0x03,
        };
        let form = self.form(1, 0xc2);
        if !self.is_evex {
            let to = self.scratch[0];
            self.encoder.vector(Width::Y, form, (to, a, b), Lanes::All, Some(which));
            return to;
        }
        let mask = if self.masks.len() < 6 { self.masks.len() as u8 + 1 } else { self.masks.remove(0).0 };
        self.encoder.vector(Width::Z, form, (mask, a, b), Lanes::All, Some(which));
        mask
    }

    /// `to <- then` where the mask is set, else `otherwise`.
    pub(super) fn blend(&mut self, to: Register, mask: u8, then: Operand, otherwise: Register) {
        if self.is_evex {
            let form = self.form_w(2, 0x65);
            self.encoder.vector(Width::Z, form, (to, otherwise, then), Lanes::Of(mask), None);
        } else {
            let form = Form { map: 3, prefix: 1, w: false, byte: 0x4a + u8::from(self.is_double()) };
            self.encoder.vector(Width::Y, form, (to, otherwise, then), Lanes::All, Some(mask << 4));
        }
    }
}
