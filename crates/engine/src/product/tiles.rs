//! Products by register tiles: a tile of C is kept in registers while a panel of B and a strip of A pass by.

use super::vector::Vector;
use super::{Panels, PanelsMut};
use crate::element::Number;
use crate::simd::{Family, for_each_simd};

/// Rows of B that pass before C is stored and taken up again: a panel of that many rows stays in the first cache.
const DEPTH: usize = 512;
/// Strips of A that pass by a panel before the next one: with `DEPTH` columns they stay in the second cache.
const STRIPS: usize = 10;
/// The most rows of a tile of all families.
const MAX_HEIGHT: usize = 14;

/// The pointer and strides of a view.
#[derive(Clone, Copy)]
pub(super) struct Strided<T> {
    pub data: *const T,
    pub rs: usize,
    pub cs: usize,
}

impl<T> Strided<T> {
    /// From entry (i, p) on.
    fn from(self, i: usize, p: usize) -> Strided<T> {
        Strided { data: self.data.wrapping_add(i * self.rs + p * self.cs), ..self }
    }
}

/// Entries of scratch memory that a product with this m x k factor A wants.
pub(super) fn scratch_entries(m: usize, k: usize) -> usize {
    m.min(STRIPS * MAX_HEIGHT) * k.min(DEPTH)
}

for_each_simd! {
    /// `C <- (C) + A*B` over panels.
    fn product = product_body,
    (c: PanelsMut<'_, T>, adds: bool, a: Strided<T>, b: Panels<'_, T>, scratch: &mut [T])
}

/// # Safety
/// The shapes of C (m x n) and B (k x n) fit and are nonempty, but for k; A holds m x k entries at its strides; C overlaps nothing.
#[inline(always)]
unsafe fn product_body<V: Vector>(
    _: Family<V>,
    c: PanelsMut<'_, V::Item>,
    adds: bool,
    a: Strided<V::Item>,
    b: Panels<'_, V::Item>,
    scratch: &mut [V::Item],
) {
    let (m, n, k) = (c.shape.rows, c.shape.cols, b.shape.rows);
    // Rows or columns of A a multiple of 4 KiB apart compete for the same few lines of the first cache; where enough
    // panels pass by to pay for it, strips of A are laid out anew.
    let conflicts = |stride: usize| stride > 1 && (stride * size_of::<V::Item>()).is_multiple_of(4096);
    let packs_a =
        (conflicts(a.rs) || conflicts(a.cs)) && n > 4 * V::LANES && scratch.len() >= scratch_entries(m, k);
    let mut from_k = 0;
    // Once even if k is 0, so that C is what its chains start from.
    loop {
        let depth = DEPTH.min(k - from_k);
        let adds = adds || from_k > 0;
        for from_row in (0..m).step_by(STRIPS * V::HEIGHT) {
            let rows = (STRIPS * V::HEIGHT).min(m - from_row);
            // Strips of nearly the same height: a last strip of one or two rows would wait for its own sums.
            let strips = rows.div_ceil(V::HEIGHT);
            let (height, taller) = (rows / strips, rows % strips);
            let height = |strip: usize| height + usize::from(strip < taller);
            if packs_a {
                let mut row = 0;
                for strip in 0..strips {
                    let to = &mut scratch[row * depth..][..height(strip) * depth];
                    // SAFETY: the strip lies within A.
                    unsafe { copy_strip(a.from(from_row + row, from_k), height(strip), depth, to) };
                    row += height(strip);
                }
            }
            for panel in 0..c.shape.panels() {
                let columns = (n - panel * 2 * V::LANES).min(2 * V::LANES);
                let (c_stride, b_stride) = (c.shape.row_stride(panel), b.shape.row_stride(panel));
                let last = columns - (columns - 1) / V::LANES * V::LANES;
                let mut row = from_row;
                for strip in 0..strips {
                    let height = height(strip);
                    let a = if packs_a {
                        Strided { data: scratch[(row - from_row) * depth..].as_ptr(), rs: 1, cs: height }
                    } else {
                        a.from(row, from_k)
                    };
                    let tile = Tile {
                        c: c.data.wrapping_add(c.shape.offset(row, panel)),
                        c_stride,
                        c_last: if c.shape.is_padded { V::LANES } else { last },
                        a,
                        b: b.data.wrapping_add(b.shape.offset(from_k, panel)),
                        b_stride,
                        b_last: if b.shape.is_padded { V::LANES } else { last },
                        depth,
                        adds,
                    };
                    // SAFETY: the `height` rows, `columns` columns and `depth` terms lie within the matrices.
                    unsafe {
                        match (columns > V::LANES, tile.c_last.min(tile.b_last) < V::LANES) {
                            (true, false) => tile.run_at_height::<V, 2, false>(height),
                            (false, false) => tile.run_at_height::<V, 1, false>(height),
                            (true, true) => tile.run_at_height::<V, 2, true>(height),
                            (false, true) => tile.run_at_height::<V, 1, true>(height),
                        }
                    }
                    row += height;
                }
            }
        }
        from_k += depth;
        if from_k >= k {
            break;
        }
    }
}

/// Copies a strip of A, `depth` columns of `height` entries one after another.
///
/// # Safety
/// A holds height x depth entries at its strides, and `to` as many.
#[inline(always)]
unsafe fn copy_strip<T: Copy>(a: Strided<T>, height: usize, depth: usize, to: &mut [T]) {
    let (rs, cs, a) = (a.rs, a.cs, a.data);
    let to = to.as_mut_ptr();
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
    c_stride: usize,
    /// Columns of C, and of B, in the last register that may be touched.
    c_last: usize,
    b_last: usize,
    a: Strided<T>,
    b: *const T,
    b_stride: usize,
    depth: usize,
    adds: bool,
}

impl<T: Number> Tile<T> {
    /// The kernel of this height.
    ///
    /// # Safety
    /// As for [`Tile::run`].
    #[inline(always)]
    unsafe fn run_at_height<V: Vector<Item = T>, const REGISTERS: usize, const EDGE: bool>(
        &self,
        height: usize,
    ) {
        macro_rules! heights {
            ($($height:literal)*) => {
                match height {
                    // SAFETY: as the caller vouches, for this height.
                    $($height if $height <= V::HEIGHT => unsafe { self.run::<V, $height, REGISTERS, EDGE>() },)*
                    _ => unreachable!("strips are at most as high as the family's tile"),
                }
            };
        }
        heights!(1 2 3 4 5 6 7 8 9 10 11 12 13 14)
    }

    /// The kernel: `C <- (C) + A*B` for HEIGHT rows and REGISTERS registers of columns, the last of them in part if EDGE.
    ///
    /// # Safety
    /// The processor has V's instructions; C holds HEIGHT x (REGISTERS*LANES) entries at its stride, A HEIGHT x depth at its
    /// strides, B depth rows of REGISTERS*LANES entries, but of the last register's only `c_last` and `b_last` if EDGE; C overlaps neither.
    #[inline(always)]
    unsafe fn run<V: Vector<Item = T>, const HEIGHT: usize, const REGISTERS: usize, const EDGE: bool>(&self) {
        let is_edge = |register: usize| EDGE && register + 1 == REGISTERS;
        // SAFETY: every pointer stays within what the caller vouches for.
        unsafe {
            let mut sums = [[V::zero(); REGISTERS]; HEIGHT];
            let (c_mask, b_mask) = (V::mask(self.c_last), V::mask(self.b_last));
            if self.adds {
                for (i, row) in sums.iter_mut().enumerate() {
                    for (j, sum) in row.iter_mut().enumerate() {
                        let c = self.c.add(i * self.c_stride + j * V::LANES);
                        *sum = if is_edge(j) { V::load_part(c, c_mask) } else { V::load(c) };
                    }
                }
            }
            let (mut a, mut b) = (self.a.data, self.b);
            for _ in 0..self.depth {
                let mut row = [V::zero(); REGISTERS];
                for (j, entries) in row.iter_mut().enumerate() {
                    let b = b.add(j * V::LANES);
                    *entries = if is_edge(j) { V::load_part(b, b_mask) } else { V::load(b) };
                }
                for (i, sums) in sums.iter_mut().enumerate() {
                    let x = V::splat(*a.add(i * self.a.rs));
                    for (sum, entries) in sums.iter_mut().zip(&row) {
                        *sum = x.mul_add(*entries, *sum);
                    }
                }
                a = a.wrapping_add(self.a.cs);
                b = b.wrapping_add(self.b_stride);
            }
            // By reference: an array taken apart by value would pass through memory.
            for (i, row) in sums.iter().enumerate() {
                for (j, sum) in row.iter().enumerate() {
                    let c = self.c.add(i * self.c_stride + j * V::LANES);
                    if is_edge(j) { sum.store_part(c, c_mask) } else { sum.store(c) }
                }
            }
        }
    }
}
