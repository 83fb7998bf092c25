//! Rows of inputs and targets in the precision of the run.

use crate::LearnError;
use engine::Element;
use table::Matrix;

/// Inputs X and targets Y, row by row, one row an example.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows<T> {
    x: Vec<T>,
    y: Vec<T>,
    rows: usize,
    widths: [usize; 2],
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
        Ok(Rows { x: cast(x), y: cast(y), rows: x.rows(), widths: [x.cols(), y.cols()] })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none; never, by construction.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The columns of the inputs and of the targets.
    pub fn widths(&self) -> [usize; 2] {
        self.widths
    }

    /// The inputs, row by row.
    pub fn x(&self) -> &[T] {
        &self.x
    }

    /// The targets, row by row.
    pub fn y(&self) -> &[T] {
        &self.y
    }

    /// Some of the rows, each as often as it is named.
    ///
    /// # Panics
    /// If a row does not exist, as an index of a slice does.
    pub(crate) fn select(&self, chosen: &[usize]) -> Rows<T> {
        let of = |entries: &[T], width: usize| -> Vec<T> {
            chosen.iter().flat_map(|row| &entries[row * width..(row + 1) * width]).copied().collect()
        };
        let [x, y] = self.widths;
        Rows { x: of(&self.x, x), y: of(&self.y, y), rows: chosen.len(), widths: self.widths }
    }
}
