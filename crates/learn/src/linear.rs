//! Linear regression by its explicit solution.

use crate::LearnError;
use crate::rows::Rows;
use engine::Element;
use nalgebra::DMatrix;
use table::Matrix;

/// Weights and biases of a linear model, `A = X*W + ones(m)*b'`.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// `n x q`.
    pub weights: Matrix,
    /// One for each output; zeros without a bias.
    pub bias: Vec<f64>,
    /// How many independent directions the inputs span, of at most n.
    pub rank: usize,
}

/// The W and b where `norm(X*W + ones(m)*b' - Y)^2/m` has its least value: the critical point, where the derived gradient
/// `2/m*X'*(X*W - Y)` is zero. Inputs that depend on each other leave a whole plane of such points; of these the one with the
/// smallest `norm(W)` is taken.
///
/// The critical point solves `X'*X*W = X'*Y`, but `X'*X` squares the condition of X, so it is never formed: X (centred where
/// there is a bias) is factored by orthogonal matrices from both sides.
///
/// # Errors
/// When X and Y have no rows or differ in rows.
pub fn least_squares(x: &Matrix, y: &Matrix, bias: bool) -> Result<Linear, LearnError> {
    weighted_least_squares(x, y, bias, None)
}

/// The same where `norm(diag(sqrt(w))*(X*W + ones(m)*b' - Y))` is least: a row of weight 2 counts as the row twice.
///
/// # Errors
/// When X, Y and the weights have no rows or differ in rows.
pub fn weighted_least_squares(
    x: &Matrix,
    y: &Matrix,
    bias: bool,
    weights: Option<&[f64]>,
) -> Result<Linear, LearnError> {
    if x.rows() != y.rows() {
        return Err(LearnError::Rows { x: x.rows(), y: y.rows() });
    }
    let write = |row: usize, to: &mut [f64]| {
        let (inputs, outputs) = to.split_at_mut(x.cols());
        inputs.copy_from_slice(x.row(row));
        outputs.copy_from_slice(y.row(row));
    };
    least_squares_of_rows((x.rows(), [x.cols(), y.cols()]), &write, bias, weights)
}

/// The same of the rows that a trainer takes, with targets that `y` writes for each row, asked for twice.
///
/// # Errors
/// As those of [`weighted_least_squares`].
pub(crate) fn least_squares_of<T: Element>(
    rows: &Rows<T>,
    y: impl Fn(usize, &mut [f64]),
    bias: bool,
    weights: Option<&[f64]>,
) -> Result<Linear, LearnError> {
    let widths @ [inputs, _] = rows.widths();
    let write_out = rows.writer();
    let write = |row: usize, to: &mut [f64]| {
        write_out(row, &mut to[..inputs]);
        y(row, &mut to[inputs..]);
    };
    least_squares_of_rows((rows.len(), widths), &write, bias, weights)
}

/// The same of so many rows, which are asked for one by one, twice: `write` writes the entries of X in a row and those of Y behind
/// them. So memory holds a block of rows at a time, whatever their number.
///
/// # Errors
/// When there are no rows, or another number of weights.
fn least_squares_of_rows(
    (rows, [inputs, outputs]): (usize, [usize; 2]),
    write: &dyn Fn(usize, &mut [f64]),
    bias: bool,
    weights: Option<&[f64]>,
) -> Result<Linear, LearnError> {
    if rows == 0 || weights.is_some_and(|weights| weights.len() != rows) {
        return Err(LearnError::Rows { x: rows, y: weights.map_or(rows, <[f64]>::len) });
    }
    let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
    let mut row = vec![0.0; inputs + outputs];
    let mut means = vec![0.0; inputs + outputs];
    if bias {
        for i in 0..rows {
            write(i, &mut row);
            means.iter_mut().zip(&row).for_each(|(mean, value)| *mean += weight(i) * value);
        }
        let whole: f64 = (0..rows).map(weight).sum();
        means.iter_mut().for_each(|mean| *mean /= whole);
    }
    let mut factor = Factor::new(inputs + outputs);
    for i in 0..rows {
        write(i, &mut row);
        let root = weight(i).sqrt();
        row.iter_mut().zip(&means).for_each(|(value, mean)| *value = root * (*value - mean));
        factor.push(&row);
    }
    let (x, y) = factor.parts(inputs);
    let (weights, rank) = smallest_solution(&x, &y, rows);
    let mut data = Vec::with_capacity(inputs * outputs);
    for i in 0..inputs {
        data.extend((0..outputs).map(|j| weights[(i, j)]));
    }
    let (mean_x, mean_y) = means.split_at(inputs);
    let through = |j: usize| (0..inputs).map(|i| mean_x[i] * weights[(i, j)]).sum::<f64>();
    let bias = (0..outputs).map(|j| mean_y[j] - through(j)).collect();
    Ok(Linear { weights: Matrix::new(inputs, outputs, data)?, bias, rank })
}

/// The triangular factor of rows that come one by one, `[X Y] = Q*R`: a block of them below the factor so far is factored anew, which
/// leaves `norm(X*W - Y)` up to a constant what it is. (Golub and Van Loan, Matrix Computations, 5.2, block QR.)
struct Factor {
    /// The factor so far, and below it the rows since, row by row.
    rows: Vec<f64>,
    width: usize,
    /// Rows at which they are factored.
    full: usize,
}

impl Factor {
    /// Rows of a block at least, so that the factor is small beside them.
    const BLOCK: usize = 256;

    fn new(width: usize) -> Factor {
        Factor { rows: Vec::new(), width, full: width + Factor::BLOCK.max(3 * width) }
    }

    fn push(&mut self, row: &[f64]) {
        self.rows.extend_from_slice(row);
        if self.rows.len() == self.full * self.width {
            let r = self.matrix().qr().r();
            self.rows.clear();
            for row in r.row_iter() {
                self.rows.extend(row.iter());
            }
        }
    }

    fn matrix(&self) -> DMatrix<f64> {
        DMatrix::from_row_slice(self.rows.len() / self.width.max(1), self.width, &self.rows)
    }

    /// The columns of X and those of Y, of so many rows as are left.
    fn parts(&self, inputs: usize) -> (DMatrix<f64>, DMatrix<f64>) {
        let matrix = self.matrix();
        (matrix.columns(0, inputs).into_owned(), matrix.columns(inputs, self.width - inputs).into_owned())
    }
}

impl Linear {
    /// `X*W + ones(m)*b'`.
    ///
    /// # Errors
    /// When X has another number of columns than the model was fitted to.
    pub fn predict(&self, x: &Matrix) -> Result<Matrix, LearnError> {
        if x.cols() != self.weights.rows() {
            return Err(LearnError::Width { found: x.cols(), expected: self.weights.rows() });
        }
        let cols = self.bias.len();
        let mut data = Vec::with_capacity(x.rows() * cols);
        for i in 0..x.rows() {
            for (j, bias) in self.bias.iter().enumerate() {
                let products = x.row(i).iter().enumerate().map(|(k, value)| value * self.weights.row(k)[j]);
                data.push(products.sum::<f64>() + bias);
            }
        }
        Ok(Matrix::new(x.rows(), cols, data)?)
    }
}

/// The W of least norm among those where `norm(X*W - Y)` is least, and the rank of X, by the complete orthogonal decomposition:
/// `X*P = Q*[R; 0]` with the columns of X put in order by P, so that R's diagonal falls and shows the rank; then `R' = Z*T`,
/// which leaves `T'*(Z'*P'*W) = Q'*Y`, with T triangular and `Z'*P'*W` of the same norm as W. Rows of R count as zero from the
/// first on whose diagonal entry is at most `max(m, n) * 2^-52` of the largest, m the rows that there were at first. (Golub and Van Loan,
/// Matrix Computations, 5.5.)
fn smallest_solution(x: &DMatrix<f64>, y: &DMatrix<f64>, rows: usize) -> (DMatrix<f64>, usize) {
    let mut weights = DMatrix::zeros(x.ncols(), y.ncols());
    if x.ncols() == 0 {
        return (weights, 0);
    }
    let factors = x.clone().col_piv_qr();
    let mut rotated = y.clone();
    factors.q_tr_mul(&mut rotated);
    let r = factors.r();
    let diagonal: Vec<f64> = (0..r.nrows()).map(|i| r[(i, i)].abs()).collect();
    let largest = diagonal.first().copied().unwrap_or(0.0);
    let threshold = largest * f64::EPSILON * rows.max(x.ncols()) as f64;
    let rank = diagonal.iter().take_while(|entry| **entry > threshold).count();
    if rank > 0 {
        let rows = r.rows(0, rank).transpose().qr();
        let solved = rows.r().transpose().solve_lower_triangular(&rotated.rows(0, rank).into_owned());
        if let Some(solved) = solved {
            weights = rows.q() * solved;
            factors.p().inv_permute_rows(&mut weights);
        }
    }
    (weights, rank)
}

#[cfg(test)]
mod tests {
    use super::*;
    use random::{Purpose, Random};

    /// The last column is the difference of the first two; columns differ in size by six orders.
    #[test]
    fn dependent_columns_of_all_sizes_are_solved_to_rounding() {
        let mut random = Random::new(0, Purpose::Check, 0);
        for case in 0..200 {
            let (rows, cols) = (if case % 5 == 0 { 5 } else { 38 }, 3 + case % 7);
            let size = |column: usize| [1.0, 1e3, 1e-3][(column + case) % 3];
            let (mut inputs, mut targets) = (Vec::new(), Vec::new());
            for _ in 0..rows {
                let mut row: Vec<f64> = (0..cols - 1).map(|column| size(column) * random.normal()).collect();
                row.push(row[0] - row[1]);
                targets.extend([row[0] + row[1], 3.0 * row[0] - 2.0]);
                inputs.extend(row);
            }
            let largest = targets.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
            let x = Matrix::new(rows, cols, inputs).unwrap();
            let y = Matrix::new(rows, 2, targets).unwrap();
            let line = least_squares(&x, &y, true).unwrap();
            assert_eq!(line.rank, (cols - 1).min(rows - 1), "{rows} x {cols}");
            let predicted = line.predict(&x).unwrap();
            for (found, want) in predicted.data().iter().zip(y.data()) {
                assert!((found - want).abs() < 1e-12 * largest, "{rows} x {cols}: {found} for {want}");
            }
        }
    }

    #[test]
    fn rows_in_blocks_are_solved_as_rows_at_once() {
        let mut random = Random::new(1, Purpose::Check, 0);
        let (rows, inputs, outputs) = (4_000, 7, 2);
        let mut numbers = |count: usize| -> Vec<f64> { (0..count).map(|_| random.normal()).collect() };
        let x = Matrix::new(rows, inputs, numbers(rows * inputs)).unwrap();
        let y = Matrix::new(rows, outputs, numbers(rows * outputs)).unwrap();
        let weights: Vec<f64> = numbers(rows).iter().map(|number| number.abs()).collect();
        let line = weighted_least_squares(&x, &y, false, Some(&weights)).unwrap();
        // At the critical point `X'*diag(w)*(X*W - Y)` is zero.
        let predicted = line.predict(&x).unwrap();
        for (i, j) in (0..inputs).flat_map(|i| (0..outputs).map(move |j| (i, j))) {
            let term = |row: usize| weights[row] * x.row(row)[i] * (predicted.row(row)[j] - y.row(row)[j]);
            let (slope, size) =
                (0..rows).map(term).fold((0.0, 0.0), |(sum, size), term| (sum + term, size + term.abs()));
            assert!(slope.abs() < 1e-12 * size, "{slope} of {size}");
        }
    }

    #[test]
    fn the_solution_of_a_line_is_exact() {
        let x = Matrix::new(4, 1, vec![0.0, 1.0, 2.0, 3.0]).unwrap();
        let y = Matrix::new(4, 1, vec![1.0, 3.0, 5.0, 7.0]).unwrap();
        let line = least_squares(&x, &y, true).unwrap();
        assert!((line.weights.row(0)[0] - 2.0).abs() < 1e-12);
        assert!((line.bias[0] - 1.0).abs() < 1e-12);
        assert_eq!(line.rank, 1);
    }

    #[test]
    fn dependent_columns_give_the_smallest_weights() {
        // The second column repeats the first: the slope 2 is shared as 1 and 1.
        let x = Matrix::new(4, 2, vec![0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0]).unwrap();
        let y = Matrix::new(4, 1, vec![1.0, 3.0, 5.0, 7.0]).unwrap();
        let line = least_squares(&x, &y, true).unwrap();
        assert_eq!(line.rank, 1);
        for i in 0..2 {
            assert!((line.weights.row(i)[0] - 1.0).abs() < 1e-12);
        }
        let predicted = line.predict(&x).unwrap();
        assert!((predicted.row(3)[0] - 7.0).abs() < 1e-12);
    }

    #[test]
    fn more_columns_than_rows_are_solved() {
        let x = Matrix::new(2, 3, vec![1.0, 0.0, 2.0, 0.0, 1.0, -1.0]).unwrap();
        let y = Matrix::new(2, 1, vec![3.0, 4.0]).unwrap();
        let solution = least_squares(&x, &y, false).unwrap();
        let predicted = solution.predict(&x).unwrap();
        assert!((predicted.row(0)[0] - 3.0).abs() < 1e-12 && (predicted.row(1)[0] - 4.0).abs() < 1e-12);
        assert!(
            least_squares(&Matrix::new(0, 3, vec![]).unwrap(), &Matrix::new(0, 1, vec![]).unwrap(), true)
                .is_err()
        );
    }
}
