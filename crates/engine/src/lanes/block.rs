//! The interpreter: each step is one loop over a block, which rustc makes a vector loop for each family of instructions.

use super::functions::{compare, erf, exp, expm1, log, log1p, max, min, sign, step, tanh, where_true};
use super::lane::{Comparison, Lane};
use crate::element::Number;
use crate::product::vector::Vector;
use crate::simd::{Family, for_each_simd};

/// One operation on a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub operation: Op,
    /// Its operands; an operation of fewer repeats its last.
    pub a: Source,
    pub b: Source,
    pub c: Source,
    /// The cell whose memory takes the result; it overlaps no operand's.
    pub to: Cell,
}

/// A place in the list of pointers that a run keeps.
pub(crate) type Cell = usize;

/// An operand: a block, or one number for the whole block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Block(Cell),
    Number(Cell),
}

/// What a step does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    Copy,
    Add,
    Subtract,
    Multiply,
    Divide,
    /// `a*b` with b the reciprocal of the plan's divisor, where one exists; else `a/c`.
    DivideByNumber,
    Negate,
    SquareRoot,
    MultiplyAdd,
    Max,
    Min,
    Abs,
    Sign,
    Step,
    Exp,
    Log,
    Tanh,
    Erf,
    Expm1,
    Log1p,
    Less,
    AtMost,
    Equal,
    /// The second operand where the first is 1, the third where it is 0.
    Where,
    /// A primitive without a lane of its own: its row's value, in double precision.
    Call(fn(&[f64]) -> f64),
    /// The same with two arguments.
    Call2(fn(&[f64]) -> f64),
    /// The same with three arguments.
    Call3(fn(&[f64]) -> f64),
}

for_each_simd! {
    /// Runs the steps over `entries` entries of each block.
    ///
    /// # Safety
    /// The processor has the family. Every cell that a step names points to as many entries (a number: to one), initialised
    /// where it is read; a step's result overlaps none of its operands.
    fn run_block = run_block_body,
    (steps: &[Step], cells: &[*mut T], entries: usize)
}

#[inline(always)]
unsafe fn run_block_body<V: Vector>(_: Family<V>, steps: &[Step], cells: &[*mut V::Item], entries: usize) {
    for Step { operation, a, b, c, to } in steps {
        let block = Block { cells, entries, a: *a, b: *b, c: *c, to: *to };
        // SAFETY: as the caller vouches.
        unsafe {
            match *operation {
                Op::Copy => block.unary(|x| x),
                Op::Add => block.binary(|x, y| x + y),
                Op::Subtract => block.binary(|x, y| x - y),
                Op::Multiply => block.binary(|x, y| x * y),
                Op::Divide => block.binary(|x, y| x / y),
                Op::DivideByNumber => block.divide_by_number(),
                Op::Negate => block.unary(|x| -x),
                Op::SquareRoot => block.unary(Lane::root),
                Op::MultiplyAdd => block.ternary(|x, y, z| x.mul_add(y, z)),
                Op::Max => block.binary(max),
                Op::Min => block.binary(min),
                Op::Abs => block.unary(Number::abs),
                Op::Sign => block.unary(sign),
                Op::Step => block.unary(step),
                Op::Exp => block.unary(exp),
                Op::Log => block.unary(log),
                Op::Tanh => block.unary(tanh),
                Op::Erf => block.unary(erf),
                Op::Expm1 => block.unary(expm1),
                Op::Log1p => block.unary(log1p),
                Op::Less => block.binary(|x, y| compare(Comparison::Less, x, y)),
                Op::AtMost => block.binary(|x, y| compare(Comparison::AtMost, x, y)),
                Op::Equal => block.binary(|x, y| compare(Comparison::Equal, x, y)),
                Op::Where => block.ternary(where_true),
                Op::Call(value) => block.unary(|x| Number::from_f64(value(&[x.to_f64()]))),
                Op::Call2(value) => block.binary(|x, y| Number::from_f64(value(&[x.to_f64(), y.to_f64()]))),
                Op::Call3(value) => {
                    block.ternary(|x, y, z| Number::from_f64(value(&[x.to_f64(), y.to_f64(), z.to_f64()])))
                }
            }
        }
    }
}

/// A step at work. Its methods share the safety conditions of [`run_block`].
struct Block<'a, T> {
    cells: &'a [*mut T],
    entries: usize,
    a: Source,
    b: Source,
    c: Source,
    to: Cell,
}

impl<'a, T: Number> Block<'a, T> {
    #[inline(always)]
    unsafe fn block(&self, cell: Cell) -> &'a [T] {
        // SAFETY: as the caller vouches.
        unsafe { std::slice::from_raw_parts(self.cells[cell], self.entries) }
    }

    #[inline(always)]
    unsafe fn number(&self, cell: Cell) -> T {
        // SAFETY: as the caller vouches.
        unsafe { *self.cells[cell] }
    }

    #[inline(always)]
    unsafe fn result(&self) -> &'a mut [T] {
        // SAFETY: as the caller vouches; the step's operands lie elsewhere.
        unsafe { std::slice::from_raw_parts_mut(self.cells[self.to], self.entries) }
    }

    #[inline(always)]
    unsafe fn unary(&self, f: impl Fn(T) -> T) {
        // SAFETY: as the caller vouches.
        unsafe {
            match self.a {
                Source::Block(a) => map(self.result(), self.block(a), f),
                Source::Number(a) => self.result().fill(f(self.number(a))),
            }
        }
    }

    #[inline(always)]
    unsafe fn binary(&self, f: impl Fn(T, T) -> T) {
        // SAFETY: as the caller vouches.
        unsafe {
            match (self.a, self.b) {
                (Source::Block(a), Source::Block(b)) => map2(self.result(), self.block(a), self.block(b), f),
                (Source::Block(a), Source::Number(b)) => {
                    let y = self.number(b);
                    map(self.result(), self.block(a), |x| f(x, y));
                }
                (Source::Number(a), Source::Block(b)) => {
                    let x = self.number(a);
                    map(self.result(), self.block(b), |y| f(x, y));
                }
                (Source::Number(a), Source::Number(b)) => {
                    self.result().fill(f(self.number(a), self.number(b)))
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn divide_by_number(&self) {
        let (Source::Block(a), Source::Number(c)) = (self.a, self.c) else { return };
        // SAFETY: as the caller vouches.
        unsafe {
            let divisor = self.number(c);
            let reciprocal = T::ONE / divisor;
            // Where the reciprocal is subnormal or infinite, it has lost too much.
            if reciprocal.is_normal() {
                map(self.result(), self.block(a), |x| x * reciprocal);
            } else {
                map(self.result(), self.block(a), |x| x / divisor);
            }
        }
    }

    /// A loop for each mixture of blocks and numbers.
    #[inline(always)]
    unsafe fn ternary(&self, f: impl Fn(T, T, T) -> T) {
        use Source::{Block as B, Number as N};
        // SAFETY: as the caller vouches.
        unsafe {
            match (self.a, self.b, self.c) {
                (B(a), B(b), B(c)) => map3(self.result(), self.block(a), self.block(b), self.block(c), f),
                (B(a), B(b), N(c)) => {
                    let z = self.number(c);
                    map2(self.result(), self.block(a), self.block(b), |x, y| f(x, y, z));
                }
                (B(a), N(b), B(c)) => {
                    let y = self.number(b);
                    map2(self.result(), self.block(a), self.block(c), |x, z| f(x, y, z));
                }
                (N(a), B(b), B(c)) => {
                    let x = self.number(a);
                    map2(self.result(), self.block(b), self.block(c), |y, z| f(x, y, z));
                }
                (B(a), N(b), N(c)) => {
                    let (y, z) = (self.number(b), self.number(c));
                    map(self.result(), self.block(a), |x| f(x, y, z));
                }
                (N(a), B(b), N(c)) => {
                    let (x, z) = (self.number(a), self.number(c));
                    map(self.result(), self.block(b), |y| f(x, y, z));
                }
                (N(a), N(b), B(c)) => {
                    let (x, y) = (self.number(a), self.number(b));
                    map(self.result(), self.block(c), |z| f(x, y, z));
                }
                (N(a), N(b), N(c)) => self.result().fill(f(self.number(a), self.number(b), self.number(c))),
            }
        }
    }
}

#[inline(always)]
fn map<T: Number>(to: &mut [T], a: &[T], f: impl Fn(T) -> T) {
    for (to, a) in to.iter_mut().zip(a) {
        *to = f(*a);
    }
}

#[inline(always)]
fn map2<T: Number>(to: &mut [T], a: &[T], b: &[T], f: impl Fn(T, T) -> T) {
    for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
        *to = f(*a, *b);
    }
}

#[inline(always)]
fn map3<T: Number>(to: &mut [T], a: &[T], b: &[T], c: &[T], f: impl Fn(T, T, T) -> T) {
    for (((to, a), b), c) in to.iter_mut().zip(a).zip(b).zip(c) {
        *to = f(*a, *b, *c);
    }
}

#[cfg(test)]
mod tests;
