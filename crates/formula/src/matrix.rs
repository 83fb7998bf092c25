//! Matrices of numbers, plainly.

use crate::Real;

/// A matrix of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix<T = f64> {
    /// How many rows it has.
    pub rows: usize,
    /// How many columns it has.
    pub cols: usize,
    /// Its entries, row by row.
    pub entries: Vec<T>,
}

/// No rows and no columns.
impl<T> Default for Matrix<T> {
    fn default() -> Self {
        Matrix { rows: 0, cols: 0, entries: Vec::new() }
    }
}

impl<T: Copy> Matrix<T> {
    /// The matrix with this entry in each row and column.
    pub fn from_fn(rows: usize, cols: usize, entry: impl Fn(usize, usize) -> T) -> Matrix<T> {
        let entries = (0..rows * cols).map(|at| entry(at / cols, at % cols)).collect();
        Matrix { rows, cols, entries }
    }

    /// A `1 x 1` matrix.
    pub fn scalar(value: T) -> Matrix<T> {
        Matrix { rows: 1, cols: 1, entries: vec![value] }
    }

    /// The entry of a row and a column, counted from 0.
    pub fn at(&self, row: usize, col: usize) -> T {
        self.entries[row * self.cols + col]
    }

    /// The transpose.
    pub fn transpose(&self) -> Matrix<T> {
        Matrix::from_fn(self.cols, self.rows, |row, col| self.at(col, row))
    }

    /// The same matrix with every entry changed.
    pub fn map<U>(&self, change: impl Fn(T) -> U) -> Matrix<U> {
        Matrix {
            rows: self.rows,
            cols: self.cols,
            entries: self.entries.iter().map(|e| change(*e)).collect(),
        }
    }
}

impl<T: Real> Matrix<T> {
    /// The matrix product; as many columns here as rows there.
    pub fn multiply(&self, right: &Matrix<T>) -> Matrix<T> {
        let mut entries = vec![T::from(0.0); self.rows * right.cols];
        for row in 0..self.rows {
            for k in 0..self.cols {
                let factor = self.at(row, k);
                for col in 0..right.cols {
                    let entry = &mut entries[row * right.cols + col];
                    *entry = *entry + factor * right.at(k, col);
                }
            }
        }
        Matrix { rows: self.rows, cols: right.cols, entries }
    }

    /// The solution X of `self*X = right` by elimination with partial pivoting, and the determinant. Where the matrix is
    /// singular the determinant is 0 and the solution not finite.
    pub fn solve(&self, right: &Matrix<T>) -> (Matrix<T>, T) {
        T::solve(self, right)
    }
}
