//! Columns whose sum or difference is the target, found without trying every choice.
//!
//! A column is told by its product with one random vector, which a sum of columns has for the sum of theirs; so two or three columns
//! are looked up by what is missing to the target's. Longer sums are found by least squares over few columns: where a combination
//! with factors -1, 0 and 1 is the target, it is the best one.

use crate::column::{Column, ColumnType};
use crate::error::Error;
use crate::target::TargetColumn;
use random::{Purpose, Random};

/// So many columns are tried three by three, which takes the square of their number.
const MOST_FOR_THREE: usize = 256;
/// So many columns are tried all together.
const MOST_FOR_ALL: usize = 64;
/// Fewer rows are sums by chance.
const FEWEST_ROWS: usize = 8;
/// So many rows tell columns apart; what is found is compared in all.
const SAMPLE: usize = 512;
/// How far a sum may be off, relative to its terms.
const TOLERANCE: f64 = 1e-9;

/// The columns of numbers without gaps, two or more, each with its sign, whose sum is the target wherever that is there.
pub(crate) fn sum_that_is<'a>(
    target: &TargetColumn,
    columns: &[&'a Column],
) -> Result<Option<Vec<(&'a Column, f64)>>, Error> {
    if !target.classes.is_empty() {
        return Ok(None);
    }
    let rows: Vec<usize> = (0..target.values.len()).filter(|&row| target.values[row].is_finite()).collect();
    let step = rows.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<usize> = rows.iter().copied().step_by(step).collect();
    if rows.len() < FEWEST_ROWS {
        return Ok(None);
    }
    let mut random = Random::new(0, Purpose::Check, 0);
    let vector: Vec<f64> = sample.iter().map(|_| 0.5 + random.uniform()).collect();
    let mut terms = Vec::new();
    for &column in columns.iter().filter(|column| column.column_type() == ColumnType::Number) {
        let values = of_sample(column, &sample)?;
        let varies = values.iter().any(|value| *value != values[0]);
        if varies && values.iter().all(|value| value.is_finite()) {
            terms.push(Term { column, product: product(&values, &vector), size: size(&values, &vector) });
        }
    }
    let search = Search { rows, sample, vector, target: &target.values, terms: &terms };
    let found = match search.few()? {
        Some(found) => Some(found),
        None => search.many()?,
    };
    Ok(found.map(|found| found.into_iter().map(|(place, sign)| (terms[place].column, sign)).collect()))
}

/// A column that may be a term of the sum.
struct Term<'a> {
    column: &'a Column,
    /// Its product with the random vector, and that of its sizes.
    product: f64,
    size: f64,
}

struct Search<'a> {
    rows: Vec<usize>,
    sample: Vec<usize>,
    /// The random vector, one number for each row of the sample.
    vector: Vec<f64>,
    target: &'a [f64],
    terms: &'a [Term<'a>],
}

/// The numbers of a column in the rows of the sample.
fn of_sample(column: &Column, sample: &[usize]) -> Result<Vec<f64>, Error> {
    let lent = column.stored.lend(sample)?;
    Ok(sample.iter().enumerate().map(|(at, &row)| lent.number(row, at)).collect())
}

fn product(values: &[f64], vector: &[f64]) -> f64 {
    values.iter().zip(vector).map(|(value, v)| v * value).sum()
}

fn size(values: &[f64], vector: &[f64]) -> f64 {
    values.iter().zip(vector).map(|(value, v)| v * value.abs()).sum()
}

type Terms = Vec<(usize, f64)>;

impl Search<'_> {
    /// Whether the terms are the target in all rows.
    fn holds(&self, found: &[(usize, f64)]) -> Result<bool, Error> {
        /// So many rows are compared at once.
        const ROWS: usize = 1 << 12;
        for rows in self.rows.chunks(ROWS) {
            let lent = found.iter().map(|&(place, _)| self.terms[place].column.stored.lend(rows));
            let lent = lent.collect::<Result<Vec<_>, Error>>()?;
            let differs = |(at, &row): (usize, &usize)| {
                let values = || found.iter().zip(&lent).map(|((_, sign), lent)| sign * lent.number(row, at));
                let size: f64 = values().map(f64::abs).sum();
                let holds = (values().sum::<f64>() - self.target[row]).abs() <= TOLERANCE * size;
                !holds
            };
            if rows.iter().enumerate().any(differs) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Two or three columns.
    fn few(&self) -> Result<Option<Terms>, Error> {
        let target: Vec<f64> = self.sample.iter().map(|&row| self.target[row]).collect();
        let wanted = product(&target, &self.vector);
        let room = TOLERANCE * size(&target, &self.vector);
        let mut sorted: Vec<(f64, usize)> =
            self.terms.iter().enumerate().map(|(place, term)| (term.product, place)).collect();
        sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let look_up = |value: f64, room: f64| {
            /// Equal columns are alternatives; a few are enough.
            const MOST: usize = 4;
            let first = sorted.partition_point(|&(other, _)| other < value - room);
            sorted[first..]
                .iter()
                .take(MOST)
                .take_while(move |&&(other, _)| other <= value + room)
                .map(|&(_, place)| place)
        };
        let distinct = |found: &Terms| {
            found
                .iter()
                .enumerate()
                .all(|(at, (place, _))| found[..at].iter().all(|(other, _)| other != place))
        };
        let try_with = |known: &[(usize, f64)], value: f64, size: f64| -> Option<Result<Terms, Error>> {
            // What is missing may be added or taken off.
            [1.0, -1.0].into_iter().find_map(|sign| {
                look_up(sign * (wanted - value), room + TOLERANCE * size).find_map(|place| {
                    let mut found = known.to_vec();
                    found.push((place, sign));
                    let is_right = found.iter().any(|(_, sign)| *sign > 0.0) && distinct(&found);
                    let holds = if is_right { self.holds(&found) } else { Ok(false) };
                    holds.map(|holds| holds.then_some(found)).transpose()
                })
            })
        };
        let (count, terms) = (self.terms.len(), self.terms);
        let one = |(place, term): (usize, &Term)| try_with(&[(place, 1.0)], term.product, term.size);
        let two = terms.iter().enumerate().find_map(one);
        if two.is_some() || count > MOST_FOR_THREE {
            return two.transpose();
        }
        let three = (0..count).find_map(|a| {
            (0..a).find_map(|b| {
                let signs = [[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0]];
                signs.into_iter().find_map(|[first, second]| {
                    let value = first * terms[a].product + second * terms[b].product;
                    try_with(&[(a, first), (b, second)], value, terms[a].size + terms[b].size)
                })
            })
        });
        three.transpose()
    }

    /// Any number of columns, by least squares over few of them: Gram and Schmidt's orthogonal columns, each made twice.
    fn many(&self) -> Result<Option<Terms>, Error> {
        const NEARLY: f64 = 1e-6;
        let count = self.terms.len();
        if count > MOST_FOR_ALL || self.sample.len() < count + FEWEST_ROWS {
            return Ok(None);
        }
        let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let mut basis: Vec<(usize, Vec<f64>)> = Vec::new();
        // The factors of earlier orthogonal columns in each column.
        let mut upper: Vec<Vec<f64>> = Vec::new();
        for (place, term) in self.terms.iter().enumerate() {
            let mut rest = of_sample(term.column, &self.sample)?;
            let length = dot(&rest, &rest).sqrt();
            let mut factors = vec![0.0; basis.len()];
            for _ in 0..2 {
                for (factor, (_, direction)) in factors.iter_mut().zip(&basis) {
                    let share = dot(&rest, direction);
                    *factor += share;
                    rest.iter_mut().zip(direction).for_each(|(value, d)| *value -= share * d);
                }
            }
            let left = dot(&rest, &rest).sqrt();
            // What is a combination of earlier columns adds nothing.
            if left.is_finite() && left > 1e-9 * length {
                rest.iter_mut().for_each(|value| *value /= left);
                factors.push(left);
                basis.push((place, rest));
                upper.push(factors);
            }
        }
        let target: Vec<f64> = self.sample.iter().map(|&row| self.target[row]).collect();
        let mut factors: Vec<f64> = basis.iter().map(|(_, direction)| dot(&target, direction)).collect();
        for at in (0..factors.len()).rev() {
            factors[at] /= upper[at][at];
            let factor = factors[at];
            for (before, share) in upper[at][..at].iter().enumerate() {
                factors[before] -= share * factor;
            }
        }
        let mut found: Terms = Vec::new();
        for (factor, (place, _)) in factors.into_iter().zip(&basis) {
            let sign = factor.round();
            if !(sign.abs() <= 1.0 && (factor - sign).abs() < NEARLY) {
                return Ok(None);
            }
            if sign != 0.0 {
                found.push((*place, sign));
            }
        }
        let holds = found.len() > 1 && self.holds(&found)?;
        Ok(holds.then_some(found))
    }
}
