//! A number of a table that is far from all others, which is looked at first where training came to nothing.

use table::Table;

/// So many times the spread of a column from its middle is no number of the same kind.
const FAR: f64 = 1e6;
/// What lies between this part of a column and the same part from its end is its spread.
const TAIL: f64 = 0.1;

/// The first number, over the columns that are not left out, that is far from all others, as words that end in what to do.
pub fn far_number(table: &Table, ignored: &[String]) -> Option<String> {
    let columns = table.columns().iter().filter(|column| !ignored.iter().any(|name| name == column.name()));
    columns.into_iter().find_map(|column| {
        let cells = column.loaded().ok()?;
        let numbers = cells.numbers()?;
        let row = far_row(numbers)?;
        Some(format!(
            "row {row} of the table, counted from 0, has {:?} in the column `{}`, more than a million times as far from the middle as \
             most of its numbers: look at it first",
            numbers[row],
            column.name()
        ))
    })
}

/// The row of the number that is farthest from the middle, where it is far.
fn far_row(numbers: &[f64]) -> Option<usize> {
    let mut sorted: Vec<f64> = numbers.iter().copied().filter(|number| number.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let tail = (sorted.len() as f64 * TAIL).ceil() as usize;
    let (low, high) = (*sorted.get(tail)?, *sorted.get(sorted.len().checked_sub(tail + 1)?)?);
    let (middle, spread) = (sorted[sorted.len() / 2], high - low);
    let distance = |row: usize| (numbers[row] - middle).abs();
    let far = (0..numbers.len()).filter(|row| distance(*row).is_finite());
    let farthest = far.max_by(|left, right| distance(*left).total_cmp(&distance(*right)))?;
    // Of a column that is one number almost everywhere, nothing is known of how far is far.
    (spread > 0.0 && distance(farthest) > FAR * spread).then_some(farthest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_far_from_all_others_or_none_is() {
        let numbers =
            |far: f64| (0..40).map(|at| if at == 17 { far } else { f64::from(at) }).collect::<Vec<f64>>();
        assert_eq!(far_row(&numbers(1e300)), Some(17));
        assert_eq!(far_row(&numbers(-1e9)), Some(17));
        assert_eq!(far_row(&numbers(1e6)), None);
        assert_eq!(far_row(&[1.0; 30]), None);
        assert_eq!((far_row(&[]), far_row(&[1e300])), (None, None));
        // Sizes that differ by powers are no reason.
        let powers: Vec<f64> = (0..40).map(|at| [1.0, 10.0, 100.0, 1e3][at % 4]).collect();
        assert_eq!(far_row(&powers), None);
    }
}
