//! Sums, in an order that shapes alone determine.
//!
//! - A sum down a column takes its rows in groups of [`GROUP`], counted from the start of the batch (of a leaf of it): a group is
//!   one chain of additions in the run's own precision, and the groups are one chain in double precision.
//! - A sum of all entries of a program that tells its columns apart is the sum of its columns' sums.
//! - A sum of all entries of any other has [`LANES`] partial sums in double precision: the entry with number e, counted row by
//!   row from the same start, goes to the partial sum e mod `LANES`. So does a sum along a row, by column. A fixed tree
//!   adds the partial sums at the end.
//!
//! So neither the height of a tile, nor the size of a block, nor the width of a vector changes a bit. A group of eight loses at
//! most seven roundings, 4e-7 of its numbers' size and on random numbers a tenth of that, and what follows loses nothing that
//! `f32` could show: a mean of ten million numbers in `f32` is right to 1e-6.

use crate::element::Number;
use crate::product::vector::Vector;
use crate::simd::{Family, for_each_simd};

/// Partial sums.
pub(crate) const LANES: usize = 8;

/// Rows of a column that are added before their sum is.
pub(crate) const GROUP: usize = 8;

/// The columns of sums are padded to a multiple of this, so that vectors need no mask.
pub(crate) const PADDING: usize = 16;

for_each_simd! {
    /// Adds entries to the partial sums; the first has number `first`.
    ///
    /// # Safety
    /// The processor has the family.
    fn sum_all = sum_all_body,
    (sums: &mut [f64; LANES], first: usize, entries: &[T])
}
for_each_simd! {
    /// Adds rows of `sums.len()` entries to the sums of their columns; the first row has number `first`.
    ///
    /// # Safety
    /// The processor has the family.
    fn sum_down = sum_down_body,
    (sums: &mut [f64], group: &mut [f64], first: usize, entries: &[T])
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
unsafe fn sum_down_body<V: Vector>(
    _: Family<V>,
    sums: &mut [f64],
    group: &mut [f64],
    first: usize,
    entries: &[V::Item],
) {
    let cols = sums.len();
    let is_double = size_of::<V::Item>() == size_of::<f64>();
    for (place, row) in entries.chunks_exact(cols.max(1)).enumerate() {
        if is_double {
            for (sum, x) in sums.iter_mut().zip(row) {
                *sum += x.to_f64();
            }
            continue;
        }
        for (sum, x) in group.iter_mut().zip(row) {
            *sum = (V::Item::from_f64(*sum) + *x).to_f64();
        }
        if (first + place) % GROUP == GROUP - 1 {
            for (sum, group) in sums.iter_mut().zip(&mut *group) {
                *sum += *group;
                *group = 0.0;
            }
        }
    }
}

/// The sum of the partial sums, by the fixed tree.
pub(crate) fn total(sums: &[f64; LANES]) -> f64 {
    let [a, b, c, d, e, f, g, h] = *sums;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}
