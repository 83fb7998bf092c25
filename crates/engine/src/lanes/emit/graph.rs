//! A lane program as a graph of machine operations: elementary functions written out, equal parts once.

use crate::element::Number;
use crate::lanes::block::{Op, Source};
use crate::lanes::functions::{compare, erf, exp, expm1, log, log1p, max, min, sign, step, tanh, where_true};
use crate::lanes::lane::{Comparison, Lane, powers_of_two};
use crate::lanes::program::{InputAccess, Program};
use std::cell::RefCell;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A value of the graph, by its place in the list of operations.
pub(super) type Value = u32;

/// A machine operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    /// The entries of an input: its place.
    Load(usize),
    /// A number of the run, by its cell.
    Number(usize),
    /// A constant, by its bits.
    Constant(u64),
    /// An instruction with two operands.
    Binary(Binary, [Value; 2]),
    SquareRoot(Value),
    /// `a*b + c`, rounded once.
    Fma([Value; 3]),
    /// `c` where `a` and `b` compare so, else `d`.
    Choose(Comparison, [Value; 4]),
    ShiftLeft(Value, u32),
    ShiftRight(Value, u32),
    /// The first with those bits of the second that are set in the third (AVX-512).
    TakeBits([Value; 3]),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    /// The first where it is above the second, else the second.
    Larger,
    Smaller,
    And,
    /// The bits of the second that the first has not.
    AndNot,
    Or,
    Xor,
    AddBits,
    SubtractBits,
    /// The first times 2 to the second, rounded once (AVX-512).
    Scale,
}

/// All that a run of a program does with its entries.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub operations: Vec<Operation>,
    known: HashMap<Operation, Value>,
    /// For each result that is kept: its value.
    pub keeps: Vec<Value>,
    /// For each sum: its value.
    pub sums: Vec<Value>,
    /// Divisors, by their cells, whose reciprocals follow the program's numbers.
    pub reciprocals: Vec<usize>,
    is_evex: bool,
}

impl Operation {
    /// The values that it reads.
    pub(super) fn operands(&self) -> &[Value] {
        match self {
            Operation::Load(_) | Operation::Number(_) | Operation::Constant(_) => &[],
            Operation::Binary(_, operands) => operands,
            Operation::SquareRoot(operand)
            | Operation::ShiftLeft(operand, _)
            | Operation::ShiftRight(operand, _) => std::slice::from_ref(operand),
            Operation::Fma(operands) | Operation::TakeBits(operands) => operands,
            Operation::Choose(_, operands) => operands,
        }
    }

    /// Whether it is the same for all entries.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Operation::Number(_) | Operation::Constant(_))
    }
}

impl Graph {
    /// The graph of a program; none if it calls a function without a lane.
    pub(super) fn new<T: Number>(program: &Program<T>, is_evex: bool) -> Option<Graph> {
        let graph = RefCell::new(Graph { is_evex, ..Graph::default() });
        let node = |value| Node::<T> { graph: &graph, value, item: PhantomData };
        let number = |cell: usize| match program.constants.iter().find(|(at, _)| *at == cell) {
            Some((_, number)) => Operation::Constant(number.raw()),
            None => Operation::Number(cell),
        };
        let mut cells: HashMap<usize, Value> = HashMap::new();
        for (place, input) in program.inputs.iter().enumerate() {
            let value = graph.borrow_mut().add(Operation::Load(place));
            cells.insert(input.cell, value);
            if let InputAccess::Column { slot } | InputAccess::Row { slot } = input.access {
                cells.insert(slot, value);
            }
        }
        let value = |cells: &HashMap<usize, Value>, source: Source| match source {
            Source::Number(cell) => Some(graph.borrow_mut().add(number(cell))),
            Source::Block(cell) => cells.get(&cell).copied(),
        };
        for step_at in &program.steps {
            let [a, b, c] = [step_at.a, step_at.b, step_at.c].map(|source| value(&cells, source));
            let [a, b, c] = [node(a?), node(b?), node(c?)];
            let result = match step_at.operation {
                Op::Copy => a,
                Op::Add => a + b,
                Op::Subtract => a - b,
                Op::Multiply => a * b,
                Op::Divide => a / b,
                Op::DivideByNumber => {
                    let Source::Number(cell) = step_at.c else { return None };
                    // As at run time: a reciprocal that has lost too much is none.
                    let reciprocal = c.known().map(|divisor| T::ONE / divisor);
                    match reciprocal {
                        Some(reciprocal) if reciprocal.is_normal() => a * a.constant(reciprocal),
                        Some(_) => a / c,
                        None => {
                            let reciprocal = graph.borrow_mut().reciprocal(cell, program.number_cells);
                            a * node(reciprocal)
                        }
                    }
                }
                Op::Negate => -a,
                Op::SquareRoot => a.root(),
                Op::MultiplyAdd => a.fma(b, c),
                Op::Max => max(a, b),
                Op::Min => min(a, b),
                Op::Abs => a.magnitude(),
                Op::Sign => sign(a),
                Op::Step => step(a),
                Op::Exp => exp(a),
                Op::Log => log(a),
                Op::Tanh => tanh(a),
                Op::Erf => erf(a),
                Op::Expm1 => expm1(a),
                Op::Log1p => log1p(a),
                Op::Less => compare(Comparison::Less, a, b),
                Op::AtMost => compare(Comparison::AtMost, a, b),
                Op::Equal => compare(Comparison::Equal, a, b),
                Op::Where => where_true(a, b, c),
                Op::Call(_) | Op::Call2(_) | Op::Call3(_) => return None,
            };
            cells.insert(step_at.to, result.value);
        }
        let mut keeps = Vec::new();
        for keep in &program.keeps {
            keeps.push(value(&cells, keep.from.unwrap_or(Source::Block(keep.cell)))?);
        }
        let sums = program.sums.iter().map(|sum| cells.get(&sum.from).copied()).collect::<Option<_>>()?;
        let graph = graph.into_inner();
        Some(Graph { keeps, sums, ..graph })
    }

    fn add(&mut self, operation: Operation) -> Value {
        *self.known.entry(operation).or_insert_with(|| {
            self.operations.push(operation);
            (self.operations.len() - 1) as Value
        })
    }

    fn reciprocal(&mut self, divisor: usize, number_cells: usize) -> Value {
        let known = self.reciprocals.iter().position(|cell| *cell == divisor);
        let place = known.unwrap_or_else(|| {
            self.reciprocals.push(divisor);
            self.reciprocals.len() - 1
        });
        self.add(Operation::Number(number_cells + place))
    }
}

/// A value while the graph grows.
pub(super) struct Node<'g, T> {
    graph: &'g RefCell<Graph>,
    value: Value,
    item: PhantomData<T>,
}

impl<T> Clone for Node<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Node<'_, T> {}

impl<T: Number> Node<'_, T> {
    fn add_operation(self, operation: Operation) -> Self {
        let value = self.graph.borrow_mut().add(operation);
        Node { value, ..self }
    }

    fn binary(self, operation: Binary, other: Self) -> Self {
        self.add_operation(Operation::Binary(operation, [self.value, other.value]))
    }

    fn bits(self, bits: u64) -> Self {
        self.add_operation(Operation::Constant(bits))
    }

    fn sign_bit(self) -> Self {
        self.bits((-T::ZERO).raw())
    }

    fn known(self) -> Option<T> {
        match self.graph.borrow().operations[self.value as usize] {
            Operation::Constant(bits) => Some(T::from_raw(bits)),
            _ => None,
        }
    }
}

impl<T: Number> Add for Node<'_, T> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.binary(Binary::Add, other)
    }
}
impl<T: Number> Sub for Node<'_, T> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.binary(Binary::Subtract, other)
    }
}
impl<T: Number> Mul for Node<'_, T> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.binary(Binary::Multiply, other)
    }
}
impl<T: Number> Div for Node<'_, T> {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        self.binary(Binary::Divide, other)
    }
}
impl<T: Number> Neg for Node<'_, T> {
    type Output = Self;
    fn neg(self) -> Self {
        match self.known() {
            Some(number) => self.constant(-number),
            None => self.binary(Binary::Xor, self.sign_bit()),
        }
    }
}

impl<T: Number> Lane for Node<'_, T> {
    type Item = T;

    fn constant(self, number: T) -> Self {
        self.bits(number.raw())
    }
    #[allow(clippy::eq_op)]
    fn is_never_nan(self) -> bool {
        self.known().is_some_and(|number| number == number)
    }
    fn fma(self, b: Self, c: Self) -> Self {
        self.add_operation(Operation::Fma([self.value, b.value, c.value]))
    }
    fn root(self) -> Self {
        self.add_operation(Operation::SquareRoot(self.value))
    }
    fn larger(self, other: Self) -> Self {
        self.binary(Binary::Larger, other)
    }
    fn smaller(self, other: Self) -> Self {
        self.binary(Binary::Smaller, other)
    }
    fn choose(self, comparison: Comparison, other: Self, then: Self, otherwise: Self) -> Self {
        let operands = [self.value, other.value, then.value, otherwise.value];
        self.add_operation(Operation::Choose(comparison, operands))
    }
    fn magnitude(self) -> Self {
        self.sign_bit().binary(Binary::AndNot, self)
    }
    fn with_sign_of(self, sign: Self) -> Self {
        if self.graph.borrow().is_evex {
            let operands = [self.value, sign.value, self.sign_bit().value];
            return self.add_operation(Operation::TakeBits(operands));
        }
        self.magnitude().binary(Binary::Or, sign.sign_bit().binary(Binary::And, sign))
    }
    fn scale(self, n: Self, shifted: Self) -> Self {
        if self.graph.borrow().is_evex {
            return self.binary(Binary::Scale, n);
        }
        let (s, t) = powers_of_two(shifted);
        self * s * t
    }
    fn add_bits(self, other: Self) -> Self {
        self.binary(Binary::AddBits, other)
    }
    fn subtract_bits(self, other: Self) -> Self {
        self.binary(Binary::SubtractBits, other)
    }
    fn and_bits(self, other: Self) -> Self {
        self.binary(Binary::And, other)
    }
    fn shift_left(self, count: u32) -> Self {
        self.add_operation(Operation::ShiftLeft(self.value, count))
    }
    fn shift_right(self, count: u32) -> Self {
        self.add_operation(Operation::ShiftRight(self.value, count))
    }
}
