//! Rows of inputs and targets in the precision of the run.

use crate::LearnError;
use engine::Element;
use plan::Coded;
use table::Matrix;

/// Inputs X and targets Y, row by row, one row an example, and a weight of each row where they have any.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows<T> {
    x: Vec<T>,
    y: Vec<T>,
    weights: Option<Vec<T>>,
    rows: usize,
    widths: [usize; 2],
    /// The widths of the inputs' last categories, of which X has the codes.
    codes: Vec<usize>,
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
        let widths = [x.cols(), y.cols()];
        Ok(Rows { x: cast(x), y: cast(y), weights: None, rows: x.rows(), widths, codes: Vec::new() })
    }

    /// Encoded rows of these widths, with codes in the place of the inputs' last columns.
    ///
    /// # Errors
    /// When there are none, or their numbers of rows differ.
    pub(crate) fn encoded(
        x: Vec<T>,
        y: Vec<T>,
        widths: [usize; 2],
        codes: Vec<usize>,
    ) -> Result<Rows<T>, LearnError> {
        let [rows, targets] = [(&x, bound_width(widths[0], &codes)), (&y, widths[1])]
            .map(|(values, width)| values.len() / width.max(1));
        if rows == 0 || rows != targets {
            return Err(LearnError::Rows { x: rows, y: targets });
        }
        Ok(Rows { x, y, weights: None, rows, widths, codes })
    }

    /// The same rows with all columns written out.
    pub(crate) fn written_out(&self) -> Rows<T> {
        let width = self.widths[0];
        let mut x = vec![T::from_f64(0.0); self.rows * width];
        let write = self.writer();
        for (row, to) in x.chunks_exact_mut(width.max(1)).enumerate() {
            write(row, to);
        }
        let (y, weights) = (self.y.clone(), self.weights.clone());
        Rows { rows: self.rows, widths: self.widths, x, y, codes: Vec::new(), weights }
    }

    /// What writes the entries of X in a row out, into as many.
    pub(crate) fn writer<S: Element>(&self) -> impl Fn(usize, &mut [S]) + '_ {
        let numbers = self.widths[0] - self.codes.iter().sum::<usize>();
        let coded = Coded { data: 0, numbers, categories: self.codes.clone() };
        let entries = coded.entries();
        move |row, to| {
            let (plain, codes) = self.x[row * entries..][..entries].split_at(numbers);
            to.fill(S::from_f64(0.0));
            for (to, value) in to.iter_mut().zip(plain) {
                *to = S::from_f64(value.to_f64());
            }
            for one in coded.ones(codes.iter().map(|code| code.to_f64())) {
                to[one] = S::from_f64(1.0);
            }
        }
    }

    /// The same rows, each with a weight, of which only their ratios count: the mean is brought to 1.
    ///
    /// # Errors
    /// When there is not one weight for each row, or they are not finite and above 0 in sum.
    pub fn with_weights(self, weights: &[f64]) -> Result<Rows<T>, LearnError> {
        let mean = weights.iter().sum::<f64>() / self.rows as f64;
        if weights.len() != self.rows {
            return Err(LearnError::Rows { x: self.rows, y: weights.len() });
        }
        if !(mean > 0.0 && mean.is_finite() && weights.iter().all(|weight| *weight >= 0.0)) {
            let expected = "weights that are finite and not below 0, of which one is above 0,";
            return Err(LearnError::OutOfRange { what: "the mean of the weights", found: mean, expected });
        }
        let weights = weights.iter().map(|weight| T::from_f64(weight / mean)).collect();
        Ok(Rows { weights: Some(weights), ..self })
    }

    /// The weights of the rows, 1 in the mean, where they have any.
    pub fn weights(&self) -> Option<&[T]> {
        self.weights.as_deref()
    }

    /// What a step reads of the rows: inputs, targets and, where steps weigh them, weights.
    pub(crate) fn arrays(&self) -> Vec<&[T]> {
        [self.x.as_slice(), &self.y].into_iter().chain(self.weights()).collect()
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

    /// The widths of the categories at the end of the inputs whose codes stand in X in the place of their columns.
    pub fn codes(&self) -> &[usize] {
        &self.codes
    }

    /// The inputs, row by row, as they are bound: with codes, where there are any.
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
        let (x, y) = (bound_width(self.widths[0], &self.codes), self.widths[1]);
        let weights = self.weights.as_ref().map(|weights| of(weights, 1));
        Rows {
            x: of(&self.x, x),
            y: of(&self.y, y),
            weights,
            rows: chosen.len(),
            widths: self.widths,
            codes: self.codes.clone(),
        }
    }
}

/// Numbers that a row of inputs is bound as.
fn bound_width(width: usize, codes: &[usize]) -> usize {
    width - codes.iter().sum::<usize>() + codes.len()
}
