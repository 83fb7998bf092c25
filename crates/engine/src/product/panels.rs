//! Products over packed panels: B is cut into panels of two registers' width, each laid out row after row, and every tile of
//! C is kept in registers while a panel and a strip of A pass by.

use super::column::{column_from_columns, column_from_rows};
use super::vector::Vector;
use super::{Products, Start, View};
use crate::element::Number;
use crate::simd::{Family, Simd, for_each_simd};
use std::mem::MaybeUninit;

/// Rows of B that pass before C is stored and taken up again: a panel of that many rows stays in the second cache.
const DEPTH: usize = 512;
/// Strips of A that pass by a panel before the next one: with `DEPTH` columns they stay in the second cache.
const STRIPS: usize = 10;
/// The most rows of a tile, and the most entries of one, of all families.
const MAX_HEIGHT: usize = 14;
const MAX_TILE: usize = MAX_HEIGHT * 32;

/// Products by register tiles, for one family of instructions.
///
/// The loops, from the outermost: blocks of k, blocks of rows, panels of columns, strips of rows; the kernel then runs over
/// the block of k. A product with one column has no use for panels: its rows are chains side by side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Panels {
    // Invariant: the processor has it.
    simd: Simd,
}

impl Panels {
    /// For a family that was checked to be available.
    pub(crate) fn new(simd: Simd) -> Panels {
        debug_assert!(simd.is_available());
        Panels { simd }
    }

    /// Entries of a register.
    fn lanes<T: Number>(self) -> usize {
        match self.simd {
            #[cfg(target_arch = "x86_64")]
            Simd::Avx512 => T::Avx512::LANES,
            #[cfg(target_arch = "x86_64")]
            Simd::Avx2 => T::Avx2::LANES,
            _ => T::Portable::LANES,
        }
    }
}

impl<T: Number> Products<T> for Panels {
    fn packed_entries(&self, k: usize, n: usize) -> Option<usize> {
        let width = if n <= 1 { n } else { n.checked_next_multiple_of(self.lanes::<T>())? };
        k.checked_mul(width)
    }

    fn pack(&self, b: View<'_, T>, packed: &mut [T]) {
        let (k, n) = (b.rows, b.cols);
        if n == 1 {
            for (p, entry) in packed[..k].iter_mut().enumerate() {
                *entry = b.at(p, 0);
            }
            return;
        }
        let lanes = self.lanes::<T>();
        let mut rest = packed;
        for from in (0..n).step_by(2 * lanes) {
            let columns = (n - from).min(2 * lanes);
            let width = columns.next_multiple_of(lanes);
            let (panel, after) = rest.split_at_mut(k * width);
            rest = after;
            if b.col_stride == 1 {
                for (p, row) in panel.chunks_exact_mut(width).enumerate() {
                    let start = p * b.row_stride + from;
                    row[..columns].copy_from_slice(&b.data[start..start + columns]);
                    row[columns..].fill(T::ZERO);
                }
            } else {
                // The source runs down the columns: a few rows of the panel at a time, so that they stay in the first cache.
                for (block, rows) in panel.chunks_mut(16 * width).enumerate() {
                    let depth = rows.len() / width;
                    for j in 0..columns {
                        let start = 16 * block * b.row_stride + (from + j) * b.col_stride;
                        for p in 0..depth {
                            rows[p * width + j] = b.data[start + p * b.row_stride];
                        }
                    }
                    if columns < width {
                        rows.chunks_exact_mut(width).for_each(|row| row[columns..].fill(T::ZERO));
                    }
                }
            }
        }
    }

    fn scratch_entries(&self, m: usize, k: usize) -> usize {
        m.min(STRIPS * MAX_HEIGHT) * k.min(DEPTH)
    }

    fn product(&self, c: &mut [T], start: Start, a: View<'_, T>, packed: &[T], n: usize, scratch: &mut [T]) {
        let (m, k) = (a.rows, a.cols);
        let entries = Products::<T>::packed_entries(self, k, n);
        assert!(m.checked_mul(n).is_some_and(|entries| entries <= c.len()), "C holds the product");
        assert!(entries.is_some_and(|entries| entries <= packed.len()), "B is packed");
        // Rows or columns of A a multiple of 4 KiB apart compete for the same few lines of the first cache; where enough
        // panels pass by to pay for it, strips of A are laid out anew.
        let conflicts = |stride: usize| stride > 1 && (stride * size_of::<T>()).is_multiple_of(4096);
        let packs_a = (conflicts(a.row_stride) || conflicts(a.col_stride))
            && n > 4 * self.lanes::<T>()
            && scratch.len() >= Products::<T>::scratch_entries(self, m, k);
        let scratch = if packs_a { scratch.as_mut_ptr() } else { std::ptr::null_mut() };
        let adds = start == Start::C;
        if k == 0 && !adds {
            c[..m * n].fill(T::ZERO);
        }
        if m == 0 || n == 0 || k == 0 {
            return;
        }
        let (c, a, rs, cs, b) =
            (c.as_mut_ptr(), a.data.as_ptr(), a.row_stride, a.col_stride, packed.as_ptr());
        // SAFETY: C holds m*n entries, the view A all its own, B was packed for k x n by this family, and the scratch memory
        // is null or long enough (checked above); none of them overlap, since C and the scratch memory are borrowed mutably.
        unsafe {
            if n > 1 {
                product::<T>(self.simd, c, adds, m, n, k, a, rs, cs, b, scratch);
            } else if rs == 1 && m > 1 {
                column_from_columns::<T>(self.simd, c, adds, m, k, a, cs, b);
            } else {
                column_from_rows::<T>(self.simd, c, adds, m, k, a, rs, cs, b);
            }
        }
    }
}

for_each_simd! {
    /// `C <- (C) + A*B` over panels.
    fn product = product_body,
    (c: *mut T, adds: bool, m: usize, n: usize, k: usize, a: *const T, rs: usize, cs: usize, b: *const T, scratch: *mut T)
}
/// # Safety
/// C holds m*n entries, A (with these strides) m x k, B the panels of k x n, all three nonempty; the scratch memory is null or
/// holds a block of A. C and the scratch memory overlap nothing.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn product_body<V: Vector>(
    _: Family<V>,
    c: *mut V::Item,
    adds: bool,
    m: usize,
    n: usize,
    k: usize,
    a: *const V::Item,
    rs: usize,
    cs: usize,
    b: *const V::Item,
    scratch: *mut V::Item,
) {
    for from_k in (0..k).step_by(DEPTH) {
        let depth = DEPTH.min(k - from_k);
        let adds = adds || from_k > 0;
        for from_row in (0..m).step_by(STRIPS * V::HEIGHT) {
            let rows = (STRIPS * V::HEIGHT).min(m - from_row);
            // Strips of nearly the same height: a last strip of one or two rows would wait for its own sums.
            let strips = rows.div_ceil(V::HEIGHT);
            let (height, taller) = (rows / strips, rows % strips);
            let height = |strip: usize| height + usize::from(strip < taller);
            if !scratch.is_null() {
                let mut row = 0;
                for strip in 0..strips {
                    // SAFETY: the strip lies within A, and its copy within the block's.
                    unsafe {
                        let from = a.add((from_row + row) * rs + from_k * cs);
                        copy_strip(from, rs, cs, height(strip), depth, scratch.add(row * depth));
                    }
                    row += height(strip);
                }
            }
            for from_col in (0..n).step_by(2 * V::LANES) {
                let columns = (n - from_col).min(2 * V::LANES);
                let width = columns.next_multiple_of(V::LANES);
                let mut row = from_row;
                for strip in 0..strips {
                    let height = height(strip);
                    // SAFETY: row, from_col and from_k are within the matrices, and so are the `height` rows, `columns` columns
                    // and `depth` terms from there on; panels are k rows of `width` entries, all before this one full.
                    unsafe {
                        let (a, rs, cs) = if scratch.is_null() {
                            (a.add(row * rs + from_k * cs), rs, cs)
                        } else {
                            (scratch.add((row - from_row) * depth).cast_const(), 1, height)
                        };
                        let tile = Tile {
                            c: c.add(row * n + from_col),
                            stride: n,
                            a,
                            rs,
                            cs,
                            b: b.add(from_col * k + from_k * width),
                            depth,
                            adds,
                        };
                        if columns == 2 * V::LANES {
                            tile.run_at_height::<V, 2>(height);
                        } else if columns == V::LANES {
                            tile.run_at_height::<V, 1>(height);
                        } else if width == 2 * V::LANES {
                            tile.run_narrow::<V, 2>(height, columns);
                        } else {
                            tile.run_narrow::<V, 1>(height, columns);
                        }
                    }
                    row += height;
                }
            }
        }
    }
}

/// Copies a strip of A, `depth` columns of `height` entries one after another.
///
/// # Safety
/// A holds height x depth entries at its strides, `to` as many; they do not overlap.
#[inline(always)]
unsafe fn copy_strip<T: Copy>(a: *const T, rs: usize, cs: usize, height: usize, depth: usize, to: *mut T) {
    // SAFETY: as the caller vouches. The inner loop runs along the memory of A.
    unsafe {
        if rs == 1 {
            for p in 0..depth {
                to.add(p * height).copy_from_nonoverlapping(a.add(p * cs), height);
            }
        } else {
            for i in 0..height {
                for p in 0..depth {
                    *to.add(p * height + i) = *a.add(i * rs + p * cs);
                }
            }
        }
    }
}

/// A tile of C and what passes by it.
struct Tile<T> {
    c: *mut T,
    stride: usize,
    a: *const T,
    rs: usize,
    cs: usize,
    b: *const T,
    depth: usize,
    adds: bool,
}

impl<T: Number> Tile<T> {
    /// A tile with fewer columns than its registers: by way of a full one beside C.
    ///
    /// # Safety
    /// As for [`Tile::run`], with `columns` columns of C instead of all.
    #[inline(always)]
    unsafe fn run_narrow<V: Vector<Item = T>, const REGISTERS: usize>(self, height: usize, columns: usize) {
        let mut full = MaybeUninit::<[T; MAX_TILE]>::uninit();
        let full = full.as_mut_ptr().cast::<T>();
        let stride = REGISTERS * V::LANES;
        debug_assert!(height * stride <= MAX_TILE);
        // SAFETY: C holds `columns` entries in each row; `full` holds height*stride entries, and every one is written, by the
        // copy, the zeros or the kernel, before it is read.
        unsafe {
            if self.adds {
                for i in 0..height {
                    let row = full.add(i * stride);
                    self.c.add(i * self.stride).copy_to_nonoverlapping(row, columns);
                    for j in columns..stride {
                        row.add(j).write(T::ZERO);
                    }
                }
            }
            let (c, c_stride) = (self.c, self.stride);
            Tile { c: full, stride, ..self }.run_at_height::<V, REGISTERS>(height);
            for i in 0..height {
                c.add(i * c_stride).copy_from_nonoverlapping(full.add(i * stride), columns);
            }
        }
    }

    /// The kernel of this height.
    ///
    /// # Safety
    /// As for [`Tile::run`].
    #[inline(always)]
    unsafe fn run_at_height<V: Vector<Item = T>, const REGISTERS: usize>(self, height: usize) {
        macro_rules! heights {
            ($($height:literal)*) => {
                match height {
                    // SAFETY: as the caller vouches, for this height.
                    $($height if $height <= V::HEIGHT => unsafe { self.run::<V, $height, REGISTERS>() },)*
                    _ => unreachable!("strips are at most as high as the family's tile"),
                }
            };
        }
        heights!(1 2 3 4 5 6 7 8 9 10 11 12 13 14)
    }

    /// The kernel: `C <- (C) + A*B` for HEIGHT rows and REGISTERS registers of columns.
    ///
    /// # Safety
    /// The processor has V's instructions; C holds HEIGHT x (REGISTERS*LANES) entries at its stride, A HEIGHT x depth at its
    /// strides, B depth rows of REGISTERS*LANES entries; C overlaps neither.
    #[inline(always)]
    unsafe fn run<V: Vector<Item = T>, const HEIGHT: usize, const REGISTERS: usize>(self) {
        // SAFETY: every pointer stays within what the caller vouches for.
        unsafe {
            let mut sums = [[V::zero(); REGISTERS]; HEIGHT];
            if self.adds {
                for (i, row) in sums.iter_mut().enumerate() {
                    for (j, sum) in row.iter_mut().enumerate() {
                        *sum = V::load(self.c.add(i * self.stride + j * V::LANES));
                    }
                }
            }
            let (mut a, mut b) = (self.a, self.b);
            for _ in 0..self.depth {
                let mut row = [V::zero(); REGISTERS];
                for (j, entries) in row.iter_mut().enumerate() {
                    *entries = V::load(b.add(j * V::LANES));
                }
                for (i, sums) in sums.iter_mut().enumerate() {
                    let x = V::splat(*a.add(i * self.rs));
                    for (sum, entries) in sums.iter_mut().zip(&row) {
                        *sum = x.mul_add(*entries, *sum);
                    }
                }
                a = a.wrapping_add(self.cs);
                b = b.wrapping_add(REGISTERS * V::LANES);
            }
            // By reference: an array taken apart by value would pass through memory.
            for (i, row) in sums.iter().enumerate() {
                for (j, sum) in row.iter().enumerate() {
                    sum.store(self.c.add(i * self.stride + j * V::LANES));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
