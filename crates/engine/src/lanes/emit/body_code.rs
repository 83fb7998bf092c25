//! The machine code of one body: its items, in order, for one vector of entries.

use super::allocation::Allocation;
use super::body::Item;
use super::encoder::{Lanes, Operand, Register};
use super::graph::{Binary, Operation, Value};
use super::machine::Machine;

impl Binary {
    fn is_commutative(self) -> bool {
        matches!(
            self,
            Binary::Add | Binary::Multiply | Binary::And | Binary::Or | Binary::Xor | Binary::AddBits
        )
    }
}

impl Machine<'_> {
    /// Emits a body; none if the registers do not suffice.
    pub(super) fn body(
        &mut self,
        allocation: &mut Allocation,
        mut add: impl FnMut(&mut Self, usize, usize, Register),
    ) -> Option<()> {
        allocation.start();
        self.masks.clear();
        for place in 0..self.body.items.len() {
            allocation.start_item(place);
            let (item, vector) = self.body.items[place];
            match item {
                Item::Compute(value) => self.compute(allocation, value, vector)?,
                Item::Store(keep) => {
                    let value = self.body.value(self.graph, self.graph.keeps[keep], vector);
                    let register = allocation.in_register(self, value)?;
                    self.keep(keep, vector * self.bytes, register);
                    allocation.release(self.body, &[value]);
                }
                Item::Sum(sum) => {
                    let value = self.body.value(self.graph, self.graph.sums[sum], vector);
                    let register = allocation.in_register(self, value)?;
                    add(self, sum, vector, register);
                    allocation.release(self.body, &[value]);
                }
            }
        }
        Some(())
    }

    fn compute(&mut self, allocation: &mut Allocation, value: Value, vector: usize) -> Option<()> {
        let operation = self.graph.operations[value as usize];
        let of_vector = |value| self.body.value(self.graph, value, vector);
        let value = of_vector(value);
        match operation {
            Operation::Number(_) | Operation::Constant(_) => {}
            Operation::Load(_) => {
                if !self.is_folded(value) {
                    let to = allocation.take(self, value)?;
                    self.read(to, value);
                }
            }
            Operation::Binary(binary, operands) => {
                let [a, b] = operands.map(of_vector);
                let is_better =
                    |a: Value, b: Value| allocation.register(a).is_none() && allocation.register(b).is_some();
                let (a, b) = if binary.is_commutative() && is_better(a, b) { (b, a) } else { (a, b) };
                let source = allocation.in_register(self, a)?;
                let last = allocation.operand(self, b)?;
                allocation.release(self.body, &[a, b]);
                let to = allocation.take(self, value)?;
                let form = self.binary_form(binary);
                self.emit(form, to, source, last);
            }
            Operation::SquareRoot(a) => {
                let a = of_vector(a);
                let last = allocation.operand(self, a)?;
                allocation.release(self.body, &[a]);
                let to = allocation.take(self, value)?;
                let form = self.form(1, 0x51);
                self.emit(form, to, 0, last);
            }
            Operation::ShiftLeft(a, count) | Operation::ShiftRight(a, count) => {
                let a = of_vector(a);
                let from = allocation.in_register(self, a)?;
                allocation.release(self.body, &[a]);
                let to = allocation.take(self, value)?;
                self.shift(to, from, count, matches!(operation, Operation::ShiftLeft(..)));
            }
            Operation::Fma(operands) => self.fma(allocation, value, operands.map(of_vector))?,
            Operation::TakeBits(operands) => self.take_bits(allocation, value, operands.map(of_vector))?,
            Operation::Choose(comparison, operands) => {
                let [a, b, then, otherwise] = operands.map(of_vector);
                let known = self.masks.iter().find(|(_, known)| *known == (comparison, a, b));
                let mask = match known {
                    Some((mask, _)) => *mask,
                    None => {
                        let a_register = allocation.in_register(self, a)?;
                        let last = allocation.operand(self, b)?;
                        let mask = self.compare(comparison, a_register, last);
                        if self.is_evex {
                            self.masks.push((mask, (comparison, a, b)));
                        }
                        mask
                    }
                };
                let other = allocation.in_register(self, otherwise)?;
                let last = allocation.operand(self, then)?;
                allocation.release(self.body, &[a, b, then, otherwise]);
                let to = allocation.take(self, value)?;
                self.blend(to, mask, last, other);
            }
        }
        allocation.release(self.body, &[]);
        Some(())
    }

    /// Whether a result may take the register of an operand: it is in one, ends here, and is none of the others.
    fn ends(&self, allocation: &Allocation, value: Value, others: [Value; 2]) -> bool {
        allocation.register(value).is_some()
            && allocation.is_last_use(self.body, value)
            && !others.contains(&value)
    }

    /// `a*b + c`, in the form that overwrites an operand which ends here.
    fn fma(&mut self, allocation: &mut Allocation, value: Value, [a, b, c]: [Value; 3]) -> Option<()> {
        let first = [(a, b, c), (b, a, c)].into_iter().find(|(a, b, c)| self.ends(allocation, *a, [*b, *c]));
        if let Some((a, b, c)) = first {
            allocation.lock(allocation.register(a)?);
            // to*b + c (213) or, if b is the one in memory, to*[b] + c (132)
            let b_is_loose = allocation.register(b).is_none() && allocation.register(c).is_some();
            let (source, last, byte) = if b_is_loose {
                let source = allocation.in_register(self, c)?;
                (source, allocation.operand(self, b)?, 0x98)
            } else {
                let source = allocation.in_register(self, b)?;
                (source, allocation.operand(self, c)?, 0xa8)
            };
            let to = allocation.inherit(a, value)?;
            allocation.release(self.body, &[a, b, c]);
            let form = self.form_w(2, byte);
            self.emit(form, to, source, last);
            return Some(());
        }
        // a*b + to (231)
        let (a, b) = if allocation.register(a).is_none() { (b, a) } else { (a, b) };
        let source = allocation.in_register(self, a)?;
        let to = if self.ends(allocation, c, [a, b]) {
            allocation.inherit(c, value)?
        } else if let Some(from) = allocation.register(c) {
            allocation.lock(from);
            let to = allocation.take(self, value)?;
            self.copy(to, Operand::Register(from));
            to
        } else {
            let to = allocation.take(self, value)?;
            allocation.read_into(self, to, c);
            to
        };
        allocation.lock(to);
        let last = allocation.operand(self, b)?;
        allocation.release(self.body, &[a, b, c]);
        let form = self.form_w(2, 0xb8);
        self.emit(form, to, source, last);
        Some(())
    }

    /// The bits of `from` in place of those of `value` that the mask has.
    fn take_bits(
        &mut self,
        allocation: &mut Allocation,
        to: Value,
        [value, from, mask]: [Value; 3],
    ) -> Option<()> {
        let own = allocation.in_register(self, value)?;
        let source = allocation.in_register(self, from)?;
        let register = if self.ends(allocation, value, [from, mask]) {
            allocation.inherit(value, to)?
        } else {
            let register = allocation.take(self, to)?;
            self.copy(register, Operand::Register(own));
            register
        };
        let last = allocation.operand(self, mask)?;
        allocation.release(self.body, &[value, from, mask]);
        // a & !c | b & c, as a table of truth.
        let form = self.form_w(3, 0x25);
        self.encoder.vector(self.width(), form, (register, source, last), Lanes::All, Some(0xd8));
        Some(())
    }
}
