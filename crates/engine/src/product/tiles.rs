//! Products by register tiles: a tile of C is kept in registers while a panel of B and a strip of A pass by.
//!
//! What lies where, in f32 with AVX-512, and why:
//!
//! - registers: a tile of C, 14 x 32, as 28 accumulators. A term loads two registers of B and broadcasts 14 entries of A, for 28
//!   multiply-adds: the processor manages twice as many loads in that time, but hardly more broadcasts.
//! - first cache (32 to 48 KiB): the strip of A, 14 x 512 entries, that passes by the panel, and what of the panel is at hand.
//! - second cache (512 KiB and more): the panel of B, 512 x 32 entries in 64 KiB, which comes back for every strip of a block; and
//!   the block's ten strips of A, 280 KiB, which come back for every panel. While two strips pass by a panel, the next panel
//!   is asked for; while a tile is computed, the next tile of C.
//! - beyond: all of B, once for each block of rows, and C, once for each 512 terms. Longer chains between two visits of C
//!   are worth more than a panel that fits into the first cache: with 256 terms, gradients over 512 rows lost 7%.
//!
//! A *slab* of C, some rows and panels with all their terms, may be computed by a call of its own, so that an update finds it in
//! the cache. Slabs of 112 rows and more by 1 to 8 panels cost 1 to 2% (at 1024 x 512 x 2048 and 2048 x 512 x 2048; 0 to 1% at
//! 784 x 128 x 512), 56 rows 2 to 4%, 28 rows 3 to 5%, and all rows of two panels nothing.

use super::pack::transpose_part;
use super::vector::Vector;
use super::{Panels, PanelsMut};
use crate::element::Number;
use crate::simd::{Family, for_each_simd};

/// Rows of B that pass before C is stored and taken up again.
const DEPTH: usize = 512;
/// Strips of A that pass by a panel before the next panel.
const STRIPS: usize = 10;
/// The most rows of a tile of all families.
pub(super) const MAX_HEIGHT: usize = 14;
/// With fewer terms than this, C is most of what moves: where its rows are wide, a strip passes by all panels before the next one, so
/// that C goes by along its rows.
const SHORT: usize = 64;

/// The pointer and strides of a view.
#[derive(Clone, Copy)]
pub(super) struct Strided<T> {
    pub data: *const T,
    pub rs: usize,
    pub cs: usize,
}

impl<T> Strided<T> {
    /// From entry (i, p) on.
    pub(super) fn from(self, i: usize, p: usize) -> Strided<T> {
        Strided { data: self.data.wrapping_add(i * self.rs + p * self.cs), ..self }
    }
}

/// The most entries of a column of a strip, of all families.
const MAX_STRIDE: usize = 16;

/// Entries of scratch memory that a product with this m x k factor A wants.
pub(super) fn scratch_entries(m: usize, k: usize) -> usize {
    m.min(STRIPS).saturating_mul(MAX_STRIDE * k.min(DEPTH))
}

/// The rows of a matrix, cut into strips of nearly the same height: a last one of one or two rows would wait for its own sums.
#[derive(Clone, Copy)]
struct Strips {
    count: usize,
    height: usize,
    /// How many strips have one row more.
    taller: usize,
}

impl Strips {
    fn new(rows: usize, most: usize) -> Strips {
        let count = rows.div_ceil(most);
        Strips { count, height: rows / count, taller: rows % count }
    }
    #[inline(always)]
    fn start(self, strip: usize) -> usize {
        strip * self.height + strip.min(self.taller)
    }
    #[inline(always)]
    fn height(self, strip: usize) -> usize {
        self.height + usize::from(strip < self.taller)
    }
}

for_each_simd! {
    /// `C <- (C) + A*B` over panels.
    fn product = product_body,
    (c: PanelsMut<'_, T>, adds: bool, a: Strided<T>, b: Panels<'_, T>, scratch: &mut [T])
}

/// # Safety
/// The shapes of C (m x n) and B (k x n) fit and are nonempty, but for k; A holds m x k entries at its strides; C overlaps nothing.
#[inline(always)]
pub(super) unsafe fn product_body<V: Vector>(
    _: Family<V>,
    c: PanelsMut<'_, V::Item>,
    adds: bool,
    a: Strided<V::Item>,
    b: Panels<'_, V::Item>,
    scratch: &mut [V::Item],
) {
    let (m, n, k) = (c.shape.rows, c.shape.cols, b.shape.rows);
    // Rows or columns of A a multiple of 4 KiB apart compete for the same few lines of the first cache; where enough
    // panels pass by to pay for it, strips of A are laid out anew. Columns are met one after the other, which hurts less.
    let conflicts = |stride: usize| stride > 1 && (stride * size_of::<V::Item>()).is_multiple_of(4096);
    let pays = (conflicts(a.rs) && n > 4 * V::LANES) || (conflicts(a.cs) && n > 32 * V::LANES);
    let strips = Strips::new(m, V::HEIGHT);
    let packed = strip_stride::<V>() * DEPTH.min(k);
    let packs_a = pays && scratch.len() >= strips.count.min(STRIPS) * packed;
    let is_wide = !c.shape.is_padded && c.shape.row_stride(0) * size_of::<V::Item>() > 1024;
    let block = if k < SHORT && is_wide { 1 } else { STRIPS };
    let mut from_k = 0;
    // Once even if k is 0, so that C is what its chains start from.
    loop {
        let depth = DEPTH.min(k - from_k);
        let adds = adds || from_k > 0;
        for first in (0..strips.count).step_by(block) {
            let block = first..(first + block).min(strips.count);
            if packs_a {
                for strip in block.clone() {
                    let (start, height) = (strips.start(strip), strips.height(strip));
                    let to = &mut scratch[(strip - first) * packed..];
                    // SAFETY: the strip lies within A.
                    unsafe { copy_strip::<V>(a.from(start, from_k), height, m - start, depth, to) };
                }
            }
            for panel in 0..c.shape.panels() {
                let columns = (n - panel * c.shape.width).min(c.shape.width);
                let last = columns - (columns - 1) / V::LANES * V::LANES;
                let c_last = if c.shape.is_padded { V::LANES } else { last };
                let b_last = if b.shape.is_padded { V::LANES } else { last };
                let this = b.data.wrapping_add(b.shape.offset(from_k, panel));
                let next = b.data.wrapping_add(b.shape.offset(from_k, panel + 1));
                for strip in block.clone() {
                    let (start, height) = (strips.start(strip), strips.height(strip));
                    let a = if packs_a {
                        let strip = scratch[(strip - first) * packed..].as_ptr();
                        Strided { data: strip, rs: 1, cs: strip_stride::<V>() }
                    } else {
                        a.from(start, from_k)
                    };
                    // The first strip asks for one half of the next panel, the second for the other.
                    let ahead = match strip - first {
                        half @ 0..2 if block.len() > 2 => next.wrapping_add(half * V::LANES),
                        _ => this,
                    };
                    let tile = Tile {
                        c: c.data.wrapping_add(c.shape.offset(start, panel)),
                        c_stride: c.shape.row_stride(panel),
                        c_last,
                        next: c.data.wrapping_add(c.shape.offset(start + height, panel)),
                        a,
                        b: this,
                        b_stride: b.shape.row_stride(panel),
                        b_last,
                        ahead,
                        depth,
                        adds,
                    };
                    // SAFETY: the `height` rows, `columns` columns and `depth` terms lie within the matrices.
                    unsafe { tile.run_at::<V>(height, columns) };
                }
            }
        }
        from_k += depth;
        if from_k >= k {
            break;
        }
    }
}

/// Entries from a column to the next in a strip that is laid out anew: a register's or the strip's, whichever is more.
const fn strip_stride<V: Vector>() -> usize {
    if V::LANES > V::HEIGHT { V::LANES } else { V::HEIGHT }
}

/// Lays a strip of A out anew, `depth` columns one after another.
///
/// # Safety
/// A holds height x depth entries at its strides, of `below` rows altogether.
#[inline(always)]
unsafe fn copy_strip<V: Vector>(
    a: Strided<V::Item>,
    height: usize,
    below: usize,
    depth: usize,
    to: &mut [V::Item],
) {
    let stride = strip_stride::<V>();
    assert!(depth * stride <= to.len(), "the strip has room");
    let to = to.as_mut_ptr();
    // SAFETY: as the caller vouches, and just checked.
    unsafe {
        if a.rs == 1 {
            for i in (0..height).step_by(V::LANES) {
                let mask = V::mask((height - i).min(V::LANES));
                for p in 0..depth {
                    V::load_part(a.data.add(i + p * a.cs), mask).store_part(to.add(i + p * stride), mask);
                }
            }
        } else if a.cs == 1 {
            for p in (0..depth).step_by(V::LANES) {
                let (from, to, columns) = (a.data.add(p), to.add(p * stride), (depth - p).min(V::LANES));
                // A whole block takes in rows of the next strip, if there are some.
                if columns == V::LANES && height <= V::LANES && below >= V::LANES {
                    V::transpose(from, a.rs, to, stride);
                } else {
                    transpose_part(from, a.rs, (height, columns), to, stride);
                }
            }
        } else {
            for (i, p) in (0..height).flat_map(|i| (0..depth).map(move |p| (i, p))) {
                *to.add(i + p * stride) = *a.data.add(i * a.rs + p * a.cs);
            }
        }
    }
}

/// A tile of C and what passes by it.
pub(super) struct Tile<T> {
    pub c: *mut T,
    pub c_stride: usize,
    /// Columns of C, and of B, in the last register that may be touched.
    pub c_last: usize,
    pub b_last: usize,
    /// Where the next tile begins, and the next panel of B: hints, at the strides of C and of B.
    pub next: *const T,
    pub ahead: *const T,
    pub a: Strided<T>,
    pub b: *const T,
    pub b_stride: usize,
    pub depth: usize,
    pub adds: bool,
}

impl<T: Number> Tile<T> {
    /// The kernel of this height for so many columns, at most two registers.
    ///
    /// # Safety
    /// As for [`Tile::run`].
    #[inline(always)]
    pub(super) unsafe fn run_at<V: Vector<Item = T>>(&self, height: usize, columns: usize) {
        macro_rules! heights {
            ($registers:literal, $edge:literal: $($height:literal)*) => {
                match height {
                    // SAFETY: as the caller vouches, for this height.
                    $($height if $height <= V::HEIGHT => unsafe { self.run::<V, $height, $registers, $edge>() },)*
                    _ => unreachable!("strips are at most as high as the family's tile"),
                }
            };
        }
        match (columns > V::LANES, self.c_last.min(self.b_last) < V::LANES) {
            (true, false) => heights!(2, false: 1 2 3 4 5 6 7 8 9 10 11 12 13 14),
            (false, false) => heights!(1, false: 1 2 3 4 5 6 7 8 9 10 11 12 13 14),
            (true, true) => heights!(2, true: 1 2 3 4 5 6 7 8 9 10 11 12 13 14),
            (false, true) => heights!(1, true: 1 2 3 4 5 6 7 8 9 10 11 12 13 14),
        }
    }

    /// The kernel: `C <- (C) + A*B` for HEIGHT rows and REGISTERS registers of columns, the last of them in part if EDGE.
    ///
    /// # Safety
    /// The processor has V's instructions; C holds HEIGHT x (REGISTERS*LANES) entries at its stride, A HEIGHT x depth at its
    /// strides, B depth rows of REGISTERS*LANES entries, but of the last register's only `c_last` and `b_last` if EDGE; C overlaps neither.
    #[inline(always)]
    unsafe fn run<V: Vector<Item = T>, const HEIGHT: usize, const REGISTERS: usize, const EDGE: bool>(&self) {
        let is_edge = |register: usize| EDGE && register + 1 == REGISTERS;
        // SAFETY: every pointer that is followed stays within what the caller vouches for.
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
            if self.depth >= SHORT {
                for i in 0..HEIGHT {
                    for j in 0..REGISTERS {
                        V::prefetch_first(self.next.wrapping_add(i * self.c_stride + j * V::LANES));
                    }
                }
            }
            let (mut a, mut b, mut ahead) = (self.a.data, self.b, self.ahead);
            for _ in 0..self.depth {
                let mut row = [V::zero(); REGISTERS];
                for (j, entries) in row.iter_mut().enumerate() {
                    let b = b.add(j * V::LANES);
                    *entries = if is_edge(j) { V::load_part(b, b_mask) } else { V::load(b) };
                }
                V::prefetch_second(ahead);
                for (i, sums) in sums.iter_mut().enumerate() {
                    let x = V::splat(*a.add(i * self.a.rs));
                    for (sum, entries) in sums.iter_mut().zip(&row) {
                        *sum = x.mul_add(*entries, *sum);
                    }
                }
                a = a.wrapping_add(self.a.cs);
                b = b.wrapping_add(self.b_stride);
                ahead = ahead.wrapping_add(self.b_stride);
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
