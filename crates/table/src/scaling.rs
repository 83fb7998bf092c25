//! Scaling columns to a common size, by the training rows alone.

use crate::error::Error;
use crate::matrix::Matrix;

/// A map of each column: `scaled = (value - offset) / factor`, and back: `value = scaled * factor + offset`.
///
/// Its fields are plain numbers, so that a model file can hold them.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// Which rule the numbers come from.
    pub kind: ScalingKind,
    /// What becomes 0, one number a column, in the column's unit.
    pub offset: Vec<f64>,
    /// How much becomes 1, one number a column, in the column's unit; above 0.
    pub factor: Vec<f64>,
}

/// How offset and factor follow from the training rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalingKind {
    /// Offset the mean, factor the standard deviation (of the rows as a whole population): mean 0, variance 1.
    Standard,
    /// Offset the least value, factor the greatest less the least: from 0 to 1, as a sigmoid's output is.
    Range,
    /// Values stay as they are: offset 0, factor 1.
    None,
}

impl Scaling {
    /// Fits a scaling to the given rows of a matrix, all of whose cells should be finite.
    ///
    /// A column that is constant on these rows gets its value as offset and 1 as factor, so it becomes 0. With no rows
    /// values stay as they are.
    ///
    /// # Errors
    /// For a row beyond the last.
    pub fn fit(kind: ScalingKind, matrix: &Matrix, rows: &[usize]) -> Result<Scaling, Error> {
        if let Some(&row) = rows.iter().find(|&&row| row >= matrix.rows()) {
            return Err(Error::NoRow { row, rows: matrix.rows() });
        }
        let mut spreads = vec![Spread::default(); matrix.cols()];
        for &row in rows {
            for (spread, &value) in spreads.iter_mut().zip(matrix.row(row)) {
                spread.widen(value);
            }
        }
        if kind == ScalingKind::Standard {
            for &row in rows {
                for (spread, &value) in spreads.iter_mut().zip(matrix.row(row)) {
                    spread.add(value, 1.0);
                }
            }
        }
        let (offset, factor) = spreads.iter().map(|spread| spread.offset_and_factor(kind)).unzip();
        Ok(Scaling { kind, offset, factor })
    }

    /// The scaled matrix, of the same shape.
    ///
    /// # Errors
    /// When the matrix has another number of columns than the scaling.
    pub fn apply(&self, matrix: &Matrix) -> Result<Matrix, Error> {
        self.map(matrix, |value, offset, factor| (value - offset) / factor)
    }

    /// The matrix in its own units again, of the same shape.
    ///
    /// # Errors
    /// When the matrix has another number of columns than the scaling.
    pub fn invert(&self, matrix: &Matrix) -> Result<Matrix, Error> {
        self.map(matrix, |value, offset, factor| value * factor + offset)
    }

    fn map(&self, matrix: &Matrix, cell: impl Fn(f64, f64, f64) -> f64) -> Result<Matrix, Error> {
        let expected = self.offset.len().min(self.factor.len());
        if matrix.cols() != expected {
            return Err(Error::WrongWidth { columns: matrix.cols(), expected });
        }
        let mut mapped = matrix.clone();
        for row in mapped.data_mut().chunks_mut(expected.max(1)) {
            for ((value, &offset), &factor) in row.iter_mut().zip(&self.offset).zip(&self.factor) {
                *value = cell(*value, offset, factor);
            }
        }
        Ok(mapped)
    }
}

/// Offset and factor of one column from its finite values with their weights, which are above 0.
pub(crate) fn fit_column(kind: ScalingKind, values: impl Iterator<Item = (f64, f64)> + Clone) -> (f64, f64) {
    let mut spread = Spread::default();
    values.clone().for_each(|(value, _)| spread.widen(value));
    if kind == ScalingKind::Standard {
        values.for_each(|(value, weight)| spread.add(value, weight));
    }
    spread.offset_and_factor(kind)
}

/// The size of a column's values, gathered in two passes: first the range, then mean and squares.
#[derive(Clone)]
struct Spread {
    min: f64,
    max: f64,
    count: f64,
    /// The mean of the values over `unit`.
    mean: f64,
    /// The sum of the squared distances from the mean, of the values over `unit`.
    squares: f64,
}

impl Default for Spread {
    fn default() -> Spread {
        Spread { min: f64::INFINITY, max: f64::NEG_INFINITY, count: 0.0, mean: 0.0, squares: 0.0 }
    }
}

impl Spread {
    fn widen(&mut self, value: f64) {
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Welford's update (1962): it never subtracts two large sums, so a large mean does not drown the variance.
    /// A value of weight w counts as w values (West, 1979).
    fn add(&mut self, value: f64, weight: f64) {
        let value = value / self.unit();
        self.count += weight;
        let before = value - self.mean;
        self.mean += before * weight / self.count;
        self.squares += weight * before * (value - self.mean);
    }

    /// A power of two near the largest magnitude. To divide by it is exact, and it keeps the squares of huge and of
    /// tiny values within the range of a double.
    fn unit(&self) -> f64 {
        const EXPONENT: u64 = 0x7ff0_0000_0000_0000;
        let largest = self.max.abs().max(self.min.abs());
        f64::from_bits(largest.to_bits() & EXPONENT).max(f64::MIN_POSITIVE)
    }

    fn offset_and_factor(&self, kind: ScalingKind) -> (f64, f64) {
        let (offset, factor) = match kind {
            ScalingKind::None => return (0.0, 1.0),
            // No row was seen.
            _ if self.min > self.max => return (0.0, 1.0),
            _ if self.min == self.max => return (self.min, 1.0),
            ScalingKind::Range => (self.min, self.max - self.min),
            ScalingKind::Standard => {
                (self.mean * self.unit(), (self.squares / self.count).sqrt() * self.unit())
            }
        };
        // Values that differ by less than a double can square would otherwise divide by 0.
        (offset, if factor > 0.0 { factor } else { 1.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(kind: ScalingKind, column: &[f64]) -> (Scaling, Vec<f64>) {
        let matrix = Matrix::new(column.len(), 1, column.to_vec()).unwrap();
        let rows: Vec<usize> = (0..column.len()).collect();
        let scaling = Scaling::fit(kind, &matrix, &rows).unwrap();
        let scaled = scaling.apply(&matrix).unwrap().into_data();
        (scaling, scaled)
    }

    #[test]
    fn standard_scaling_gives_mean_0_and_variance_1() {
        let (scaling, scaled) = fitted(ScalingKind::Standard, &[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!((scaling.offset[0], scaling.factor[0]), (5.0, 2.0));
        assert_eq!(scaled[0], -1.5);
    }

    #[test]
    fn a_large_mean_does_not_drown_the_variance() {
        let (scaling, _) = fitted(ScalingKind::Standard, &[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
        assert_eq!(scaling.offset[0], 1e9 + 10.0);
        assert!((scaling.factor[0] - 22.5f64.sqrt()).abs() < 1e-9, "{}", scaling.factor[0]);
    }

    #[test]
    fn huge_and_tiny_values_keep_a_finite_factor() {
        for size in [1e300, 1e-300, 5e-324] {
            let (scaling, scaled) = fitted(ScalingKind::Standard, &[0.0, size]);
            assert!(scaling.factor[0] > 0.0 && scaling.factor[0].is_finite());
            assert!(scaled.iter().all(|value| value.abs() < 2.0), "{scaled:?}");
        }
    }

    #[test]
    fn range_scaling_maps_least_and_greatest_to_0_and_1() {
        let (_, scaled) = fitted(ScalingKind::Range, &[-3.0, 5.0, 1.0]);
        assert_eq!(scaled, [0.0, 1.0, 0.5]);
    }

    #[test]
    fn a_constant_column_becomes_0() {
        for kind in [ScalingKind::Standard, ScalingKind::Range] {
            let (scaling, scaled) = fitted(kind, &[0.1, 0.1, 0.1]);
            assert_eq!(scaled, [0.0; 3]);
            assert_eq!((scaling.offset[0], scaling.factor[0]), (0.1, 1.0));
        }
    }

    #[test]
    fn none_leaves_every_value_as_it_is() {
        assert_eq!(fitted(ScalingKind::None, &[1.0, -7.5]).1, [1.0, -7.5]);
    }

    #[test]
    fn only_the_given_rows_count() {
        let matrix = Matrix::new(3, 2, vec![0.0, 1.0, 2.0, 5.0, 1e6, 1e6]).unwrap();
        let scaling = Scaling::fit(ScalingKind::Standard, &matrix, &[0, 1]).unwrap();
        assert_eq!((scaling.offset, scaling.factor), (vec![1.0, 3.0], vec![1.0, 2.0]));
        assert!(Scaling::fit(ScalingKind::Range, &matrix, &[3]).is_err());
        let of_none = Scaling::fit(ScalingKind::Standard, &matrix, &[]).unwrap();
        assert_eq!((of_none.offset, of_none.factor), (vec![0.0; 2], vec![1.0; 2]));
    }

    #[test]
    fn a_matrix_of_another_width_is_refused() {
        let (scaling, _) = fitted(ScalingKind::Range, &[1.0, 2.0]);
        let wide = Matrix::new(1, 2, vec![1.0, 2.0]).unwrap();
        assert_eq!(scaling.apply(&wide), Err(Error::WrongWidth { columns: 2, expected: 1 }));
        assert_eq!(scaling.invert(&wide), Err(Error::WrongWidth { columns: 2, expected: 1 }));
    }
}
