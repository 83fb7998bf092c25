//! A matrix of doubles, row by row.

use crate::error::Error;

/// A matrix of `rows` x `cols` doubles, stored row by row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    rows: usize,
    cols: usize,
    // Invariant: `data.len() == rows * cols`.
    data: Vec<f64>,
}

impl Matrix {
    /// A matrix from its cells, row by row.
    ///
    /// # Errors
    /// When there are not `rows * cols` cells.
    pub fn new(rows: usize, cols: usize, data: Vec<f64>) -> Result<Matrix, Error> {
        if rows.checked_mul(cols) == Some(data.len()) {
            Ok(Matrix { rows, cols, data })
        } else {
            Err(Error::WrongCount { cells: data.len(), rows, columns: cols })
        }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Every cell, row by row.
    pub fn data(&self) -> &[f64] {
        &self.data
    }

    /// Every cell, row by row, to be written over.
    pub fn data_mut(&mut self) -> &mut [f64] {
        &mut self.data
    }

    /// Every cell, row by row, as an owned list.
    pub fn into_data(self) -> Vec<f64> {
        self.data
    }

    /// The cells of row `i`, counted from 0.
    ///
    /// # Panics
    /// When there is no such row, as a slice does.
    pub fn row(&self, i: usize) -> &[f64] {
        &self.data[i * self.cols..(i + 1) * self.cols]
    }

    /// The rows in order, each of `cols` cells.
    pub fn iter_rows(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        (0..self.rows).map(|i| self.row(i))
    }

    /// The cells of column `j` from the first row to the last; nothing when there is no such column.
    pub fn column(&self, j: usize) -> impl Iterator<Item = f64> {
        let stored: &[f64] = if j < self.cols { &self.data } else { &[] };
        stored.iter().skip(j).step_by(self.cols.max(1)).copied()
    }

    /// The given rows in the given order, as a matrix of `chosen.len()` x `cols`; a row may be chosen twice.
    ///
    /// # Errors
    /// When a row number is not below `rows`.
    pub fn select_rows(&self, chosen: &[usize]) -> Result<Matrix, Error> {
        let mut data = Vec::with_capacity(chosen.len() * self.cols);
        for &row in chosen {
            if row >= self.rows {
                return Err(Error::NoRow { row, rows: self.rows });
            }
            data.extend_from_slice(self.row(row));
        }
        Ok(Matrix { rows: chosen.len(), cols: self.cols, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_read_the_same_cells() {
        let matrix = Matrix::new(2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
        assert_eq!(matrix.row(1), [4.0, 5.0, 6.0]);
        assert_eq!(matrix.column(1).collect::<Vec<_>>(), [2.0, 5.0]);
        assert_eq!(matrix.column(3).count(), 0);
        assert_eq!(matrix.iter_rows().flatten().copied().collect::<Vec<_>>(), matrix.data());
    }

    #[test]
    fn selected_rows_come_in_the_order_asked() {
        let matrix = Matrix::new(3, 1, vec![10.0, 11.0, 12.0]).unwrap();
        assert_eq!(matrix.select_rows(&[2, 0, 2]).unwrap().data(), [12.0, 10.0, 12.0]);
        assert_eq!(matrix.select_rows(&[3]), Err(Error::NoRow { row: 3, rows: 3 }));
    }

    #[test]
    fn a_matrix_without_columns_still_has_rows() {
        let matrix = Matrix::new(3, 0, Vec::new()).unwrap();
        assert_eq!(matrix.iter_rows().len(), 3);
        assert_eq!(matrix.select_rows(&[1, 2]).unwrap().rows(), 2);
    }

    #[test]
    fn cells_must_fill_the_shape() {
        assert!(Matrix::new(2, 2, vec![1.0]).is_err());
        assert!(Matrix::new(usize::MAX, 2, vec![]).is_err());
    }
}
