//! Products with one column: the rows' chains run side by side, without panels.

use super::vector::Vector;
use crate::element::Number;
use crate::simd::{Family, for_each_simd};

for_each_simd! {
    /// `c <- (c) + A*b` for an A whose columns are contiguous.
    fn column_from_columns = column_from_columns_body,
    (c: *mut T, adds: bool, m: usize, k: usize, a: *const T, cs: usize, b: *const T, bs: usize)
}
for_each_simd! {
    /// `c <- (c) + A*b` for any A.
    fn column_from_rows = column_from_rows_body,
    (c: *mut T, c_stride: usize, adds: bool, m: usize, k: usize, a: *const T, rs: usize, cs: usize, b: *const T, bs: usize)
}

/// # Safety
/// c holds m entries, A m x k with contiguous columns `cs` apart, b holds k that lie `bs` apart; c overlaps neither.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn column_from_columns_body<V: Vector>(
    _: Family<V>,
    c: *mut V::Item,
    adds: bool,
    m: usize,
    k: usize,
    a: *const V::Item,
    cs: usize,
    b: *const V::Item,
    bs: usize,
) {
    let mut row = 0;
    // SAFETY: each call covers rows below m.
    unsafe {
        while row + 8 * V::LANES <= m {
            column_strip::<V, 8>(c.add(row), adds, k, a.add(row), cs, b, bs);
            row += 8 * V::LANES;
        }
        while row + V::LANES <= m {
            column_strip::<V, 1>(c.add(row), adds, k, a.add(row), cs, b, bs);
            row += V::LANES;
        }
        column_from_rows_body::<V>(
            Family::NEW,
            c.add(row),
            1,
            adds,
            m - row,
            k,
            a.wrapping_add(row),
            1,
            cs,
            b,
            bs,
        );
    }
}

/// `c <- (c) + A*b` for REGISTERS registers of rows.
///
/// # Safety
/// As for `column_from_columns_body`, with m = REGISTERS*LANES.
#[inline(always)]
unsafe fn column_strip<V: Vector, const REGISTERS: usize>(
    c: *mut V::Item,
    adds: bool,
    k: usize,
    a: *const V::Item,
    cs: usize,
    b: *const V::Item,
    bs: usize,
) {
    // SAFETY: every pointer stays within what the caller vouches for.
    unsafe {
        let mut sums = [V::zero(); REGISTERS];
        if adds {
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = V::load(c.add(i * V::LANES));
            }
        }
        for p in 0..k {
            let x = V::splat(*b.add(p * bs));
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = V::load(a.add(p * cs + i * V::LANES)).mul_add(x, *sum);
            }
        }
        for (i, sum) in sums.iter().enumerate() {
            sum.store(c.add(i * V::LANES));
        }
    }
}

/// # Safety
/// c, A and b hold m, m x k and k entries at their strides; c overlaps neither.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn column_from_rows_body<V: Vector>(
    _: Family<V>,
    c: *mut V::Item,
    c_stride: usize,
    adds: bool,
    m: usize,
    k: usize,
    a: *const V::Item,
    rs: usize,
    cs: usize,
    b: *const V::Item,
    bs: usize,
) {
    let mut row = 0;
    // SAFETY: each call covers rows below m.
    unsafe {
        while row + 8 <= m {
            row_chains::<V::Item, 8>(
                c.add(row * c_stride),
                c_stride,
                adds,
                k,
                a.add(row * rs),
                rs,
                cs,
                b,
                bs,
            );
            row += 8;
        }
        while row < m {
            row_chains::<V::Item, 1>(
                c.add(row * c_stride),
                c_stride,
                adds,
                k,
                a.add(row * rs),
                rs,
                cs,
                b,
                bs,
            );
            row += 1;
        }
    }
}

/// `c <- (c) + A*b` for ROWS rows, each a chain of single numbers: side by side, so that no chain waits for itself.
///
/// # Safety
/// As for `column_from_rows_body`, with m = ROWS.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn row_chains<T: Number, const ROWS: usize>(
    c: *mut T,
    c_stride: usize,
    adds: bool,
    k: usize,
    a: *const T,
    rs: usize,
    cs: usize,
    b: *const T,
    bs: usize,
) {
    // SAFETY: every pointer stays within what the caller vouches for.
    unsafe {
        let mut sums = [T::ZERO; ROWS];
        if adds {
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = *c.add(i * c_stride);
            }
        }
        for p in 0..k {
            let x = *b.add(p * bs);
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = (*a.add(i * rs + p * cs)).mul_add(x, *sum);
            }
        }
        for (i, sum) in sums.iter().enumerate() {
            *c.add(i * c_stride) = *sum;
        }
    }
}
