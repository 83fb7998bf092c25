//! The numbers that a formula can be evaluated in.

use crate::{Matrix, Number, Primitive};
use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Numbers with the four operations.
pub trait Arithmetic:
    Copy
    + Debug
    + PartialEq
    + From<f64>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
}

impl Arithmetic for f64 {}

/// A kind of real number: doubles, or [`Precise`](crate::Precise) numbers that know their rounding.
pub trait Real: Arithmetic {
    /// The ratio of a circle's circumference to its diameter.
    const PI: Self;

    /// A number of a formula.
    fn of(number: Number) -> Self;

    /// The nearest double.
    fn value(self) -> f64;

    /// A primitive of one number for each argument.
    fn primitive(primitive: Primitive, arguments: &[Self]) -> Self;

    /// The distance from 0.
    fn abs(self) -> Self {
        Self::primitive(Primitive::ABS, &[self])
    }

    /// The square root.
    fn sqrt(self) -> Self;

    /// The same number taken as it is, without what is known of its rounding; where nothing is known of it, it stays so.
    fn as_given(self) -> Self {
        self
    }

    /// The solution X of `left*X = right` for a square matrix, and its determinant. Where it is singular the determinant is 0
    /// and the solution not finite.
    fn solve(left: &Matrix<Self>, right: &Matrix<Self>) -> (Matrix<Self>, Self);
}

impl Real for f64 {
    const PI: f64 = std::f64::consts::PI;

    fn of(number: Number) -> f64 {
        number.value()
    }

    fn value(self) -> f64 {
        self
    }

    fn primitive(primitive: Primitive, arguments: &[f64]) -> f64 {
        (primitive.row().value)(arguments)
    }

    fn sqrt(self) -> f64 {
        f64::sqrt(self)
    }

    fn solve(left: &Matrix, right: &Matrix) -> (Matrix, f64) {
        eliminate(left, right, f64::abs)
    }
}

/// The solution and the determinant by elimination with partial pivoting, for numbers of this magnitude.
pub(crate) fn eliminate<T>(left: &Matrix<T>, right: &Matrix<T>, magnitude: fn(T) -> f64) -> (Matrix<T>, T)
where
    T: Copy + From<f64> + Sub<Output = T> + Mul<Output = T> + Div<Output = T> + Neg<Output = T>,
{
    let (mut left, mut right, size) = (left.clone(), right.clone(), left.rows);
    let mut determinant = T::from(1.0);
    for pivot in 0..size {
        let magnitude = |row: &usize| magnitude(left.at(*row, pivot));
        let best = (pivot..size).max_by(|a, b| magnitude(a).total_cmp(&magnitude(b)));
        let best = best.unwrap_or(pivot);
        if best != pivot {
            left.swap_rows(best, pivot);
            right.swap_rows(best, pivot);
            determinant = -determinant;
        }
        let diagonal = left.at(pivot, pivot);
        determinant = determinant * diagonal;
        for row in 0..size {
            if row != pivot {
                let factor = left.at(row, pivot) / diagonal;
                left.subtract_row(row, pivot, factor);
                right.subtract_row(row, pivot, factor);
            }
        }
    }
    for row in 0..size {
        let pivot = left.at(row, row);
        for entry in &mut right.entries[row * right.cols..(row + 1) * right.cols] {
            *entry = *entry / pivot;
        }
    }
    (right, determinant)
}

impl<T: Copy + Sub<Output = T> + Mul<Output = T>> Matrix<T> {
    fn swap_rows(&mut self, a: usize, b: usize) {
        for col in 0..self.cols {
            self.entries.swap(a * self.cols + col, b * self.cols + col);
        }
    }

    fn subtract_row(&mut self, from: usize, row: usize, factor: T) {
        for col in 0..self.cols {
            let at = from * self.cols + col;
            self.entries[at] = self.entries[at] - factor * self.at(row, col);
        }
    }
}
