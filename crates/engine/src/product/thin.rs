//! Thin products: with no more columns than a register has lanes, registers lie along the rows of C instead.
//!
//! A tile is computed as the transposed product, `C' <- (C') + B'*A'`, by the same kernels: 32 rows of A are the panel, laid out by
//! transposes in registers unless A is itself a transpose, and a row of B' is broadcast. No lane is idle however few columns
//! there are, and a term of a tile of 10 columns takes 2 loads and 10 broadcasts instead of 33 broadcasts.
//! A single column has a kernel of its own, with eight chains of registers side by side.

use super::pack::transpose_part;
use super::tiles::{MAX_HEIGHT, Strided, Tile, product_body};
use super::vector::Vector;
use super::{Panels, PanelsMut};
use crate::element::Number;
use crate::simd::{Family, for_each_simd};
use std::mem::MaybeUninit;

/// Terms that are laid out at a time: 32 or 128 rows of so many stay in the first cache.
const DEPTH: usize = 128;
const COLUMN_DEPTH: usize = 32;
/// Registers of rows of a column that run side by side.
const REGISTERS: usize = 8;
/// The most lanes of all families.
const MAX_LANES: usize = 16;

for_each_simd! {
    /// `C <- (C) + A*B` for a C of at most LANES columns.
    fn thin_product = thin_product_body,
    (c: PanelsMut<'_, T>, adds: bool, a: Strided<T>, b: Panels<'_, T>, scratch: &mut [T])
}

/// # Safety
/// As for [`product_body`]; A's rows or columns are contiguous, and C has at most LANES columns.
#[inline(always)]
unsafe fn thin_product_body<V: Vector>(
    _: Family<V>,
    c: PanelsMut<'_, V::Item>,
    adds: bool,
    a: Strided<V::Item>,
    b: Panels<'_, V::Item>,
    scratch: &mut [V::Item],
) {
    let (m, n, k) = (c.shape.rows, c.shape.cols, b.shape.rows);
    let (c_stride, b_stride) = (c.shape.row_stride(0), b.shape.row_stride(0));
    let b_data = b.data.wrapping_add(b.shape.offset(0, 0));
    let lies_along = a.rs == 1;
    let can_turn = a.cs == 1 && k >= V::LANES;
    let mut row = 0;
    while m - row >= V::LANES && (lies_along || can_turn) {
        let registers = if n == 1 {
            // The largest of 8, 4, 2 and 1 that the rows fill.
            REGISTERS >> (0..3).take_while(|half| (REGISTERS >> half) * V::LANES > m - row).count()
        } else {
            ((m - row) / V::LANES).min(2)
        };
        let rows = registers * V::LANES;
        let most = if n == 1 { COLUMN_DEPTH } else { DEPTH };
        let most = if lies_along { k.max(1) } else { most.min(scratch.len() / rows / V::LANES * V::LANES) };
        if most == 0 {
            break;
        }
        let tile = c.data.wrapping_add(c.shape.offset(row, 0));
        let mut from_k = 0;
        // Once even if k is 0, so that C is what its chains start from.
        loop {
            let depth = most.min(k - from_k);
            let adds = adds || from_k > 0;
            let part = a.from(row, from_k);
            // SAFETY: the rows and terms lie within the matrices; the scratch memory holds as many.
            unsafe {
                let panel = if lies_along {
                    Strided { data: part.data, rs: 1, cs: part.cs }
                } else {
                    turn::<V>(part, rows, depth, scratch);
                    Strided { data: scratch.as_ptr(), rs: 1, cs: rows }
                };
                let b = Strided { data: b_data.wrapping_add(from_k * b_stride), rs: 1, cs: b_stride };
                if n > 1 {
                    tile_of_rows::<V>(
                        (tile, c_stride),
                        n,
                        c.shape.is_padded,
                        adds,
                        registers,
                        depth,
                        panel,
                        b,
                    );
                } else if c_stride == 1 {
                    column_strip::<V>(registers, tile, adds, depth, panel, b);
                } else {
                    let mut column = [V::Item::default(); REGISTERS * MAX_LANES];
                    for (i, entry) in column.iter_mut().enumerate().take(rows) {
                        *entry = *tile.add(i * c_stride);
                    }
                    column_strip::<V>(registers, column.as_mut_ptr(), adds, depth, panel, b);
                    for (i, entry) in column.iter().enumerate().take(rows) {
                        *tile.add(i * c_stride) = *entry;
                    }
                }
            }
            from_k += depth;
            if from_k >= k {
                break;
            }
        }
        row += rows;
    }
    // SAFETY: the rows that are left lie within the matrices.
    unsafe {
        if n > 1 && row < m {
            product_body::<V>(Family::NEW, c.row_range(row..m), adds, a.from(row, 0), b, scratch);
        } else if row < m {
            let b = Strided { data: b_data, rs: 1, cs: b_stride };
            let to = c.data.wrapping_add(c.shape.offset(row, 0));
            column_from_rows::<V::Item>(to, c_stride, adds, m - row, k, a.from(row, 0), b);
        }
    }
}

/// Lays rows of A out as a panel of their transpose.
///
/// # Safety
/// A holds rows x depth entries with contiguous rows, and `to` as many; rows is a multiple of LANES.
#[inline(always)]
unsafe fn turn<V: Vector>(a: Strided<V::Item>, rows: usize, depth: usize, to: &mut [V::Item]) {
    let to = to.as_mut_ptr();
    for i in (0..rows).step_by(V::LANES) {
        for p in (0..depth).step_by(V::LANES) {
            // SAFETY: as the caller vouches.
            unsafe {
                let (from, to) = (a.data.add(i * a.rs + p), to.add(p * rows + i));
                if p + V::LANES <= depth {
                    V::transpose(from, a.rs, to, rows);
                } else {
                    transpose_part(from, a.rs, (V::LANES, depth - p), to, rows);
                }
            }
        }
    }
}

/// A tile of n columns and `registers*LANES` rows: `C <- (C) + A*B`, by way of C'.
///
/// # Safety
/// The tile of C, `depth` columns of its rows of A in `panel`, and as many rows of B are valid; C overlaps neither.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn tile_of_rows<V: Vector>(
    (c, c_stride): (*mut V::Item, usize),
    n: usize,
    is_padded: bool,
    adds: bool,
    registers: usize,
    depth: usize,
    panel: Strided<V::Item>,
    b: Strided<V::Item>,
) {
    let rows = registers * V::LANES;
    // Not cleared as a whole, which would take a tenth of the time of a tile of 64 terms.
    let mut turned = MaybeUninit::<[V::Item; MAX_LANES * 2 * MAX_LANES]>::uninit();
    let turned = turned.as_mut_ptr().cast::<V::Item>();
    let mut block = MaybeUninit::<[V::Item; MAX_LANES * MAX_LANES]>::uninit();
    let block = block.as_mut_ptr().cast::<V::Item>();
    // SAFETY: C has n columns, at most LANES, and the buffers LANES x rows and LANES x LANES entries. All are written before they
    // are read: `block` by whole transposes and whole registers, n rows of `turned` by the kernels, the others here.
    unsafe {
        for row in n..V::LANES {
            for register in 0..registers {
                V::zero().store(turned.add(row * rows + register * V::LANES));
            }
        }
        let (mask, written) = (V::mask(n), V::mask(if is_padded { V::LANES } else { n }));
        for i in (0..if adds { rows } else { 0 }).step_by(V::LANES) {
            for row in 0..V::LANES {
                V::load_part(c.add((i + row) * c_stride), mask).store(block.add(row * V::LANES));
            }
            V::transpose(block, V::LANES, turned.add(i), rows);
        }
        // Chains of columns, about as many in each part, since a tile has no more rows than its family's height.
        let parts = n.div_ceil(V::HEIGHT.min(MAX_HEIGHT));
        for part in 0..parts {
            let (start, end) = (part * n / parts, (part + 1) * n / parts);
            let c = turned.add(start * rows);
            let tile = Tile {
                c,
                c_stride: rows,
                c_last: V::LANES,
                b_last: V::LANES,
                next: c,
                ahead: panel.data,
                a: b.from(start, 0),
                b: panel.data,
                b_stride: panel.cs,
                depth,
                adds,
            };
            tile.run_at::<V>(end - start, rows);
        }
        for i in (0..rows).step_by(V::LANES) {
            V::transpose(turned.add(i), rows, block, V::LANES);
            for row in 0..V::LANES {
                V::load(block.add(row * V::LANES)).store_part(c.add((i + row) * c_stride), written);
            }
        }
    }
}

/// `c <- (c) + A*b` for so many registers of rows.
///
/// # Safety
/// As for [`column_kernel`].
#[inline(always)]
unsafe fn column_strip<V: Vector>(
    registers: usize,
    c: *mut V::Item,
    adds: bool,
    depth: usize,
    a: Strided<V::Item>,
    b: Strided<V::Item>,
) {
    // SAFETY: as the caller vouches, for this number of registers.
    unsafe {
        match registers {
            1 => column_kernel::<V, 1>(c, adds, depth, a, b),
            2 => column_kernel::<V, 2>(c, adds, depth, a, b),
            4 => column_kernel::<V, 4>(c, adds, depth, a, b),
            _ => column_kernel::<V, 8>(c, adds, depth, a, b),
        }
    }
}

/// The kernel of a column: a chain for each of COUNT registers of rows.
///
/// # Safety
/// c holds COUNT*LANES entries, A as many rows by `depth` columns with contiguous columns, b `depth` entries at its stride; c overlaps neither.
#[inline(always)]
unsafe fn column_kernel<V: Vector, const COUNT: usize>(
    c: *mut V::Item,
    adds: bool,
    depth: usize,
    a: Strided<V::Item>,
    b: Strided<V::Item>,
) {
    // SAFETY: every pointer stays within what the caller vouches for.
    unsafe {
        let mut sums = [V::zero(); COUNT];
        if adds {
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = V::load(c.add(i * V::LANES));
            }
        }
        for p in 0..depth {
            let x = V::splat(*b.data.add(p * b.cs));
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = V::load(a.data.add(p * a.cs + i * V::LANES)).mul_add(x, *sum);
            }
        }
        for (i, sum) in sums.iter().enumerate() {
            sum.store(c.add(i * V::LANES));
        }
    }
}

/// `c <- (c) + A*b` for any A, a row at a time.
///
/// # Safety
/// c, A and b hold m, m x k and k entries at their strides; c overlaps neither.
#[inline(always)]
unsafe fn column_from_rows<T: Number>(
    c: *mut T,
    c_stride: usize,
    adds: bool,
    m: usize,
    k: usize,
    a: Strided<T>,
    b: Strided<T>,
) {
    let mut row = 0;
    // SAFETY: each call covers rows below m.
    unsafe {
        while row + 8 <= m {
            row_chains::<T, 8>(c.add(row * c_stride), c_stride, adds, k, a.from(row, 0), b);
            row += 8;
        }
        while row < m {
            row_chains::<T, 1>(c.add(row * c_stride), c_stride, adds, k, a.from(row, 0), b);
            row += 1;
        }
    }
}

/// `c <- (c) + A*b` for ROWS rows, each a chain of single numbers: side by side, so that no chain waits for itself.
///
/// # Safety
/// As for [`column_from_rows`], with m = ROWS.
#[inline(always)]
unsafe fn row_chains<T: Number, const ROWS: usize>(
    c: *mut T,
    c_stride: usize,
    adds: bool,
    k: usize,
    a: Strided<T>,
    b: Strided<T>,
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
            let x = *b.data.add(p * b.cs);
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = (*a.data.add(i * a.rs + p * a.cs)).mul_add(x, *sum);
            }
        }
        for (i, sum) in sums.iter().enumerate() {
            *c.add(i * c_stride) = *sum;
        }
    }
}
