//! A lane program while it is put together: equal operations once, numbers folded, only what is kept.

use crate::{Access, Extent, LaneInput, LaneOutput, Lanes, Operation, Reduction, Register, ValueId};

/// A lane program under construction. A register is the place of a slot, inputs and operations mixed; [`Program::finish`]
/// puts the inputs first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    slots: Vec<Slot>,
    outputs: Vec<LaneOutput>,
}

#[derive(Clone, Copy, Debug)]
enum Slot {
    Input(LaneInput),
    Operation(Operation),
}

impl Program {
    /// A finished program, to be changed.
    pub fn of(lanes: &Lanes) -> Program {
        let mut program = Program::default();
        let inputs: Vec<Register> = lanes.inputs.iter().map(|input| program.input(*input)).collect();
        program.append(lanes, inputs, |program, operation| program.emit(operation));
        program
    }

    /// Writes the operations and outputs of a finished program, whose inputs stand in these registers, and gives the new
    /// register for each of its own.
    pub fn append(
        &mut self,
        lanes: &Lanes,
        inputs: Vec<Register>,
        mut emit: impl FnMut(&mut Program, Operation) -> Register,
    ) -> Vec<Register> {
        let mut new = inputs;
        for operation in &lanes.operations {
            let register = emit(self, operation.map(|register| new[register.index()]));
            new.push(register);
        }
        for output in &lanes.outputs {
            self.output(new[output.register.index()], output.to, output.reduction);
        }
        new
    }

    /// The register of an input.
    pub fn input(&mut self, input: LaneInput) -> Register {
        let known = self.slots.iter().position(|slot| matches!(slot, Slot::Input(known) if *known == input));
        known.map_or_else(|| self.push(Slot::Input(input)), register)
    }

    /// The register of a constant.
    pub fn number(&mut self, value: f64) -> Register {
        self.emit(Operation::Number(value))
    }

    /// Keeps a register, as it is or summed.
    pub fn output(&mut self, register: Register, to: ValueId, reduction: Reduction) {
        self.outputs.push(LaneOutput { register, to, reduction });
    }

    /// Drops the outputs for which this does not hold.
    pub fn retain_outputs(&mut self, keep: impl Fn(&LaneOutput) -> bool) {
        self.outputs.retain(keep);
    }

    /// The constant a register holds, if it is one.
    pub fn as_number(&self, register: Register) -> Option<f64> {
        match self.slots[register.index()] {
            Slot::Operation(Operation::Number(value)) => Some(value),
            _ => None,
        }
    }

    /// Whether a register holds the same number at every entry.
    pub fn is_uniform(&self, register: Register) -> bool {
        // Each slot looks only at earlier ones, so one sweep up to this one settles it.
        let mut uniform: Vec<bool> = Vec::with_capacity(register.index() + 1);
        for slot in &self.slots[..=register.index()] {
            uniform.push(match slot {
                Slot::Input(input) => input.access == Access::Scalar,
                Slot::Operation(operation) => {
                    operation.operands().iter().all(|operand| uniform[operand.index()])
                }
            });
        }
        uniform[register.index()]
    }

    /// The register of an operation: a known one where the same was computed before, simplified where that is exact.
    pub fn emit(&mut self, operation: Operation) -> Register {
        if let Some(value) = self.fold(operation) {
            return self.number(value);
        }
        match operation {
            // 1*x = x and -1*x = -x
            Operation::Multiply(a, b) => match (self.as_number(a), self.as_number(b)) {
                (Some(1.0), _) => return b,
                (_, Some(1.0)) => return a,
                (Some(-1.0), _) => return self.emit(Operation::Negate(b)),
                (_, Some(-1.0)) => return self.emit(Operation::Negate(a)),
                _ => {}
            },
            // x/1 = x
            Operation::Divide(a, b) if self.as_number(b) == Some(1.0) => return a,
            // a + -b = a - b and -a + b = b - a
            Operation::Add(a, b) => match (self.negated(a), self.negated(b)) {
                (_, Some(b)) => return self.emit(Operation::Subtract(a, b)),
                (Some(a), None) => return self.emit(Operation::Subtract(b, a)),
                (None, None) => {}
            },
            // a - -b = a + b
            Operation::Subtract(a, b) => {
                if let Some(b) = self.negated(b) {
                    return self.emit(Operation::Add(a, b));
                }
            }
            // --a = a
            Operation::Negate(a) => {
                if let Some(a) = self.negated(a) {
                    return a;
                }
            }
            _ => {}
        }
        let known = self.slots.iter().position(|slot| match slot {
            Slot::Operation(known) => known.same(operation),
            Slot::Input(_) => false,
        });
        known.map_or_else(|| self.push(Slot::Operation(operation)), register)
    }

    /// `x/s` where s is the same at every entry, as `x*(1/s)`: one division instead of one for each entry.
    pub fn emit_hoisted(&mut self, operation: Operation) -> Register {
        if let Operation::Divide(a, b) = operation
            && self.is_uniform(b)
            && !self.is_uniform(a)
        {
            let one = self.number(1.0);
            let reciprocal = self.emit(Operation::Divide(one, b));
            return self.emit(Operation::Multiply(a, reciprocal));
        }
        self.emit(operation)
    }

    /// The program with `a*b + c` rounded once, wherever the product is used by that sum alone.
    pub fn contract(&self) -> Program {
        let uses = self.uses();
        let mut new: Vec<Register> = Vec::with_capacity(self.slots.len());
        let mut program = Program::default();
        for (index, slot) in self.slots.iter().enumerate() {
            let copied = match slot {
                // What nobody uses is copied too, so that registers keep their places; `finish` leaves it out.
                Slot::Input(input) => program.input(*input),
                Slot::Operation(operation) if uses[index] == 0 => {
                    program.emit(operation.map(|r| new[r.index()]))
                }
                Slot::Operation(operation) => {
                    let contracted = self.contracted(*operation, &uses, &new, &mut program);
                    contracted.unwrap_or_else(|| program.emit(operation.map(|r| new[r.index()])))
                }
            };
            new.push(copied);
        }
        for output in &self.outputs {
            program.output(new[output.register.index()], output.to, output.reduction);
        }
        program
    }

    /// The program with its inputs first, and only what its outputs need.
    pub fn finish(&self, rows: Extent, cols: Extent) -> Lanes {
        let uses = self.uses();
        let mut new = vec![Register(0); self.slots.len()];
        let (mut inputs, mut operations) = (Vec::new(), Vec::new());
        for (index, slot) in self.slots.iter().enumerate() {
            if let Slot::Input(input) = slot
                && uses[index] > 0
            {
                new[index] = register(inputs.len());
                inputs.push(*input);
            }
        }
        for (index, slot) in self.slots.iter().enumerate() {
            if let Slot::Operation(operation) = slot
                && uses[index] > 0
            {
                new[index] = register(inputs.len() + operations.len());
                operations.push(operation.map(|register| new[register.index()]));
            }
        }
        let output = |output: &LaneOutput| LaneOutput { register: new[output.register.index()], ..*output };
        let outputs = self.outputs.iter().map(output).collect();
        Lanes { rows, cols, inputs, operations, outputs }
    }

    /// `a*b + c` for a sum or difference of which one side is a product used only here.
    fn contracted(
        &self,
        operation: Operation,
        uses: &[usize],
        new: &[Register],
        program: &mut Program,
    ) -> Option<Register> {
        let product = |register: Register| match self.slots[register.index()] {
            Slot::Operation(Operation::Multiply(a, b)) if uses[register.index()] == 1 => Some((a, b)),
            _ => None,
        };
        let at = |register: Register| new[register.index()];
        match operation {
            Operation::Add(a, b) => {
                let ((p, q), c) = product(a).map(|pair| (pair, b)).or_else(|| Some((product(b)?, a)))?;
                Some(program.emit(Operation::MultiplyAdd(at(p), at(q), at(c))))
            }
            // c - s*q = (-s)*q + c, where -s is computed once.
            Operation::Subtract(c, b) => {
                let (p, q) = product(b)?;
                let (s, q) = if self.is_uniform(p) { (p, q) } else { (q, p) };
                if !self.is_uniform(s) {
                    return None;
                }
                let negated = program.emit(Operation::Negate(at(s)));
                Some(program.emit(Operation::MultiplyAdd(negated, at(q), at(c))))
            }
            _ => None,
        }
    }

    /// How often each slot is read, by what is needed for the outputs alone.
    fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.slots.len()];
        for output in &self.outputs {
            uses[output.register.index()] += 1;
        }
        for (index, slot) in self.slots.iter().enumerate().rev() {
            if let Slot::Operation(operation) = slot
                && uses[index] > 0
            {
                for operand in operation.operands() {
                    uses[operand.index()] += 1;
                }
            }
        }
        uses
    }

    /// What a register is the negative of.
    fn negated(&self, register: Register) -> Option<Register> {
        match self.slots[register.index()] {
            Slot::Operation(Operation::Negate(inner)) => Some(inner),
            _ => None,
        }
    }

    /// The value of an operation on constants, where it is finite.
    fn fold(&self, operation: Operation) -> Option<f64> {
        let number = |register: Register| self.as_number(register);
        let value = match operation {
            Operation::Number(_) => return None,
            Operation::Add(a, b) => number(a)? + number(b)?,
            Operation::Subtract(a, b) => number(a)? - number(b)?,
            Operation::Multiply(a, b) => number(a)? * number(b)?,
            Operation::Divide(a, b) => number(a)? / number(b)?,
            Operation::Negate(a) => -number(a)?,
            Operation::SquareRoot(a) => number(a)?.sqrt(),
            Operation::MultiplyAdd(a, b, c) => number(a)?.mul_add(number(b)?, number(c)?),
            Operation::Unary(primitive, a) => (primitive.row().value)(&[number(a)?]),
            Operation::Binary(primitive, a, b) => (primitive.row().value)(&[number(a)?, number(b)?]),
            Operation::Ternary(primitive, a, b, c) => {
                (primitive.row().value)(&[number(a)?, number(b)?, number(c)?])
            }
        };
        value.is_finite().then_some(value)
    }

    fn push(&mut self, slot: Slot) -> Register {
        self.slots.push(slot);
        register(self.slots.len() - 1)
    }
}

impl Operation {
    /// The registers it reads, in order.
    pub fn operands(&self) -> Vec<Register> {
        match *self {
            Operation::Number(_) => Vec::new(),
            Operation::Negate(a) | Operation::SquareRoot(a) | Operation::Unary(_, a) => vec![a],
            Operation::Add(a, b)
            | Operation::Subtract(a, b)
            | Operation::Multiply(a, b)
            | Operation::Divide(a, b)
            | Operation::Binary(_, a, b) => vec![a, b],
            Operation::MultiplyAdd(a, b, c) | Operation::Ternary(_, a, b, c) => vec![a, b, c],
        }
    }

    /// The same operation on other registers.
    pub(crate) fn map(self, new: impl Fn(Register) -> Register) -> Operation {
        match self {
            Operation::Number(value) => Operation::Number(value),
            Operation::Add(a, b) => Operation::Add(new(a), new(b)),
            Operation::Subtract(a, b) => Operation::Subtract(new(a), new(b)),
            Operation::Multiply(a, b) => Operation::Multiply(new(a), new(b)),
            Operation::Divide(a, b) => Operation::Divide(new(a), new(b)),
            Operation::Negate(a) => Operation::Negate(new(a)),
            Operation::SquareRoot(a) => Operation::SquareRoot(new(a)),
            Operation::MultiplyAdd(a, b, c) => Operation::MultiplyAdd(new(a), new(b), new(c)),
            Operation::Unary(primitive, a) => Operation::Unary(primitive, new(a)),
            Operation::Binary(primitive, a, b) => Operation::Binary(primitive, new(a), new(b)),
            Operation::Ternary(primitive, a, b, c) => Operation::Ternary(primitive, new(a), new(b), new(c)),
        }
    }

    /// Whether two operations give the same bits; `0` and `-0` are two constants.
    fn same(self, other: Operation) -> bool {
        match (self, other) {
            (Operation::Number(a), Operation::Number(b)) => a.to_bits() == b.to_bits(),
            (Operation::Add(a, b), Operation::Add(c, d))
            | (Operation::Multiply(a, b), Operation::Multiply(c, d)) => (a, b) == (c, d) || (a, b) == (d, c),
            _ => self == other,
        }
    }
}

impl Register {
    /// Its place among a program's registers.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Programs are kept far below 65536 registers by those who put them together.
fn register(index: usize) -> Register {
    Register(u16::try_from(index).expect("a lane program holds fewer than 65536 registers"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Primitive;

    fn input(program: &mut Program, value: u32, access: Access) -> Register {
        program.input(LaneInput { value: ValueId(value), access })
    }

    #[test]
    fn equal_operations_are_computed_once_and_numbers_folded() {
        let mut program = Program::default();
        let x = input(&mut program, 0, Access::Entry);
        let y = input(&mut program, 1, Access::Entry);
        let once = program.emit(Operation::Add(x, y));
        assert_eq!(program.emit(Operation::Add(y, x)), once);
        let minus = program.emit(Operation::Negate(y));
        let difference = program.emit(Operation::Add(x, minus));
        assert_eq!(program.emit(Operation::Subtract(x, y)), difference);
        let (two, three) = (program.number(2.0), program.number(3.0));
        let six = program.emit(Operation::Multiply(two, three));
        assert_eq!(program.as_number(six), Some(6.0));
        let one = program.number(1.0);
        assert_eq!(program.emit(Operation::Multiply(one, x)), x);
    }

    #[test]
    fn a_product_that_feeds_one_sum_is_rounded_once() {
        let mut program = Program::default();
        let x = input(&mut program, 0, Access::Entry);
        let s = input(&mut program, 1, Access::Scalar);
        let scaled = program.emit(Operation::Multiply(s, x));
        let stepped = program.emit(Operation::Subtract(x, scaled));
        program.output(stepped, ValueId(2), Reduction::Keep);
        let lanes = program.contract().finish(Extent::Walked, Extent::Fixed(1));
        assert_eq!(
            lanes.operations,
            [Operation::Negate(Register(1)), Operation::MultiplyAdd(Register(2), Register(0), Register(0)),]
        );
        // The product itself is asked for: it is computed once and both are kept.
        program.output(scaled, ValueId(3), Reduction::Keep);
        let lanes = program.contract().finish(Extent::Walked, Extent::Fixed(1));
        assert!(lanes.operations.contains(&Operation::Subtract(Register(0), Register(2))));
    }

    #[test]
    fn division_by_a_constant_of_the_step_becomes_a_product() {
        let mut program = Program::default();
        let x = input(&mut program, 0, Access::Entry);
        let m = input(&mut program, 1, Access::Scalar);
        let quotient = program.emit_hoisted(Operation::Divide(x, m));
        program.output(quotient, ValueId(2), Reduction::Keep);
        let lanes = program.finish(Extent::Walked, Extent::Fixed(1));
        assert_eq!(
            lanes.operations,
            [
                Operation::Number(1.0),
                Operation::Divide(Register(2), Register(1)),
                Operation::Multiply(Register(0), Register(3)),
            ]
        );
    }

    #[test]
    fn what_no_output_needs_is_left_out() {
        let mut program = Program::default();
        let x = input(&mut program, 0, Access::Entry);
        let y = input(&mut program, 1, Access::Entry);
        program.emit(Operation::Multiply(x, x));
        let value = program.emit(Operation::Unary(Primitive::EXP, y));
        program.output(value, ValueId(2), Reduction::SumAll);
        let lanes = program.finish(Extent::Walked, Extent::Fixed(4));
        assert_eq!(lanes.inputs, [LaneInput { value: ValueId(1), access: Access::Entry }]);
        assert_eq!(lanes.operations, [Operation::Unary(Primitive::EXP, Register(0))]);
    }
}
