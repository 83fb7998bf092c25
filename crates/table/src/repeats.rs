//! Rows that stand in two places: told by a number of 64 bits that is made of their cells.

use std::collections::HashSet;

use crate::column::{Cells, Column};
use crate::error::Error;
use crate::table::Table;

/// How many of some rows of a table have the same cells in these columns as one of the other rows, which may be of another table.
/// A column that one of the tables does not have counts for nothing. Two rows that differ are taken for equal once in 2^64 pairs.
///
/// # Errors
/// As for [`Column::loaded`].
pub fn repeated_rows<'a>(
    known: (&'a Table, &[usize]),
    rows: (&'a Table, &[usize]),
    columns: &[&str],
) -> Result<usize, Error> {
    // The sets are only looked up, never walked through.
    let names = |table: &'a Table| -> HashSet<&'a str> { table.columns().iter().map(Column::name).collect() };
    let (here, there) = (names(known.0), names(rows.0));
    let is_shared = |name: &&&str| here.contains(**name) && there.contains(**name);
    let shared: HashSet<&str> = columns.iter().filter(is_shared).copied().collect();
    if shared.is_empty() {
        return Ok(0);
    }
    let marks = |(table, rows): (&Table, &[usize])| -> Result<Vec<u64>, Error> {
        // In the order of the names, for the tables may differ in that of the columns.
        let mut columns: Vec<&Column> =
            table.columns().iter().filter(|column| shared.contains(column.name())).collect();
        columns.sort_unstable_by(|a, b| a.name().cmp(b.name()));
        let mut marks = vec![0_u64; rows.len()];
        for column in columns {
            add(column, rows, &mut marks)?;
        }
        Ok(marks)
    };
    let known: HashSet<u64> = marks(known)?.into_iter().collect();
    Ok(marks(rows)?.into_iter().filter(|mark| known.contains(mark)).count())
}

fn add(column: &Column, rows: &[usize], marks: &mut [u64]) -> Result<(), Error> {
    const MISSING: u64 = 1;
    match &*column.cells()? {
        Cells::Number(numbers) => {
            for (mark, &row) in marks.iter_mut().zip(rows) {
                let value = numbers.values.get(row).copied().unwrap_or(f64::NAN);
                *mark = mix(*mark, if value.is_nan() { MISSING } else { crate::part::bits(value) });
            }
        }
        Cells::Text(words) => {
            let of_word = |word: &str| word.bytes().fold(2, |mark, byte| mix(mark, u64::from(byte)));
            let of_words: Vec<u64> = words.distinct.iter().map(of_word).collect();
            for (mark, &row) in marks.iter_mut().zip(rows) {
                let word = words.place(row).and_then(|place| of_words.get(place));
                *mark = mix(*mark, word.copied().unwrap_or(MISSING));
            }
        }
    }
    Ok(())
}

/// One step of a hash: the finaliser of SplitMix64 (Steele, Lea and Flood, 2014), a one-to-one map in which each bit of the sum
/// moves every bit.
fn mix(mark: u64, cell: u64) -> u64 {
    let mut z = mark
        .rotate_left(23)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(cell)
        .wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
