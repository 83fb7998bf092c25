//! Rows of inputs and targets in the precision of the run, and batches gathered from them.

use crate::LearnError;
use engine::Element;
use table::Matrix;

/// Inputs X and targets Y, row by row, one row an example.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows<T> {
    x: Vec<T>,
    y: Vec<T>,
    rows: usize,
}

impl<T: Element> Rows<T> {
    /// The rows of two matrices.
    ///
    /// # Errors
    /// When they have no rows or differ in rows.
    pub fn new(x: &Matrix, y: &Matrix) -> Result<Rows<T>, LearnError> {
        if x.rows() == 0 || x.rows() != y.rows() {
            return Err(LearnError::Rows { x: x.rows(), y: y.rows() });
        }
        let cast = |matrix: &Matrix| matrix.data().iter().map(|value| T::from_f64(*value)).collect();
        Ok(Rows { x: cast(x), y: cast(y), rows: x.rows() })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none; never, by construction.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The inputs, row by row.
    pub fn x(&self) -> &[T] {
        &self.x
    }

    /// The targets, row by row.
    pub fn y(&self) -> &[T] {
        &self.y
    }
}

/// A batch gathered from rows, in memory that is used again for the next.
pub(crate) struct Gathered<T> {
    x: Vec<T>,
    y: Vec<T>,
    rows: usize,
}

impl<T: Element> Gathered<T> {
    pub(crate) fn new(rows: &Rows<T>, batch: usize) -> Gathered<T> {
        let room = |entries: &[T]| Vec::with_capacity(entries.len() / rows.rows.max(1) * batch);
        Gathered { x: room(&rows.x), y: room(&rows.y), rows: 0 }
    }

    pub(crate) fn gather(&mut self, from: &Rows<T>, chosen: &[usize]) {
        let (inputs, outputs) = (from.x.len() / from.rows, from.y.len() / from.rows);
        self.x.clear();
        self.y.clear();
        for &row in chosen {
            self.x.extend_from_slice(&from.x[row * inputs..(row + 1) * inputs]);
            self.y.extend_from_slice(&from.y[row * outputs..(row + 1) * outputs]);
        }
        self.rows = chosen.len();
    }

    pub(crate) fn x(&self) -> &[T] {
        &self.x
    }

    pub(crate) fn y(&self) -> &[T] {
        &self.y
    }

    pub(crate) fn rows(&self) -> Rows<T> {
        Rows { x: self.x.clone(), y: self.y.clone(), rows: self.rows }
    }
}
