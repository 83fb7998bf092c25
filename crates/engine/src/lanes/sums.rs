//! Sums, in double precision whatever the run's precision, and in an order that shapes alone determine.
//!
//! A sum of all entries has [`LANES`] partial sums: the entry with number e, counted row by row from the start of the batch,
//! goes to the partial sum e mod `LANES`, and a fixed tree adds the partial sums at the end. A sum down a column is one
//! chain in the order of the rows; a sum along a row has `LANES` partial sums by column. So neither the height of a tile, nor
//! the size of a block, nor the width of a vector changes a bit, and a mean of ten million numbers in `f32` is right.

use crate::element::Number;
use crate::product::vector::Vector;
use crate::simd::{Family, for_each_simd};

/// Partial sums.
pub(crate) const LANES: usize = 8;

for_each_simd! {
    /// Adds entries to the partial sums; the first has number `first`.
    ///
    /// # Safety
    /// The processor has the family.
    fn sum_all = sum_all_body,
    (sums: &mut [f64; LANES], first: usize, entries: &[T])
}
for_each_simd! {
    /// Adds rows of `sums.len()` entries to the sums of their columns.
    ///
    /// # Safety
    /// The processor has the family.
    fn sum_down = sum_down_body,
    (sums: &mut [f64], entries: &[T])
}

#[inline(always)]
unsafe fn sum_all_body<V: Vector>(_: Family<V>, sums: &mut [f64; LANES], first: usize, entries: &[V::Item]) {
    let head = (LANES - first % LANES) % LANES;
    let (head, rest) = entries.split_at(head.min(entries.len()));
    for (place, x) in head.iter().enumerate() {
        sums[(first + place) % LANES] += x.to_f64();
    }
    // A copy, so that the partial sums stay in registers.
    let mut partial = *sums;
    let mut rows = rest.chunks_exact(LANES);
    for row in &mut rows {
        for (sum, x) in partial.iter_mut().zip(row) {
            *sum += x.to_f64();
        }
    }
    for (sum, x) in partial.iter_mut().zip(rows.remainder()) {
        *sum += x.to_f64();
    }
    *sums = partial;
}

#[inline(always)]
unsafe fn sum_down_body<V: Vector>(_: Family<V>, sums: &mut [f64], entries: &[V::Item]) {
    let cols = sums.len();
    for row in entries.chunks_exact(cols.max(1)) {
        for (sum, x) in sums.iter_mut().zip(row) {
            *sum += x.to_f64();
        }
    }
}

/// The sum of the partial sums, by the fixed tree.
pub(crate) fn total(sums: &[f64; LANES]) -> f64 {
    let [a, b, c, d, e, f, g, h] = *sums;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}
