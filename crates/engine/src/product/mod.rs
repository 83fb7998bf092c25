//! Matrix products, by one contract that fixes every bit.

pub mod bench;
mod coded;
mod matrix;
mod pack;
mod thin;
mod tiles;
pub(crate) mod vector;

pub(crate) use coded::CodedView;
pub(crate) use matrix::{Panelling, Panels, PanelsMut, View};

use crate::element::Number;
use crate::simd::Simd;
use thin::thin_product;
use tiles::{Strided, product};
use vector::Vector;

/// `C <- A*B` or `C <- C + A*B`, for one family of instructions.
///
/// The contract: entry (i, j) is one chain of fused multiply-adds in the order of k, which starts from 0 or from C's entry:
/// `c = mul_add(a[i][0], b[0][j], c)`, then `k = 1`, and so on. So neither blocking, nor the height of a tile of rows, nor
/// the width of a vector can change a bit, and a sum over rows may be continued tile by tile.
///
/// A is a view by two strides, so it may be a transpose. B and C are in panels: packed, or row by row as other code has them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Products {
    // Invariant: the processor has it.
    simd: Simd,
}

/// What a product's chains start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// From 0: C is overwritten.
    Zero,
    /// From C: the product is added.
    C,
}

impl Products {
    /// For a family that was checked to be available.
    pub(crate) fn new(simd: Simd) -> Products {
        debug_assert!(simd.is_available());
        Products { simd }
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

    /// Columns of a full panel.
    pub(crate) fn panel_width<T: Number>(self) -> usize {
        2 * self.lanes::<T>()
    }

    /// A matrix whose panels lie one after another.
    pub(crate) fn packed<T: Number>(self, rows: usize, cols: usize) -> Panelling {
        Panelling::packed(rows, cols, self.lanes::<T>())
    }

    /// A matrix whose rows lie `row_stride` entries apart.
    pub(crate) fn row_major<T: Number>(self, rows: usize, cols: usize, row_stride: usize) -> Panelling {
        Panelling::row_major(rows, cols, row_stride, self.lanes::<T>())
    }

    /// Whether a row-major B (k x n) had better be packed first for a single product with m rows than be read as it lies.
    ///
    /// Only rows a multiple of 4 KiB apart, which compete for the same few lines of every cache, are worth it, and only for many
    /// rows of A: reading them costs AVX2 a quarter of the product's time and AVX-512 hardly any; packing costs 7% at 512 rows.
    pub(crate) fn pays_to_pack<T: Number>(self, m: usize, k: usize, n: usize) -> bool {
        let row = n.saturating_mul(size_of::<T>());
        n > 1 && row.is_multiple_of(4096) && k >= 32 && m >= 256
    }

    /// Lays a matrix out in panels, or some of its rows, each range by a thread of its own. Padding becomes 0.
    pub(crate) fn pack<T: Number>(self, from: View<'_, T>, to: PanelsMut<'_, T>) {
        assert!((from.rows, from.cols) == (to.shape.rows, to.shape.cols), "the matrices are as large");
        if from.col_stride == 1 {
            let shape = self.row_major::<T>(from.rows, from.cols, from.row_stride);
            self.copy(Panels::new(shape, from.data), to);
        } else {
            let shape = self.row_major::<T>(from.cols, from.rows, from.col_stride);
            self.pack_transposed(Panels::new(shape, from.data), to, 0);
        }
    }

    /// Copies a matrix from one layout to another. Padding becomes 0.
    pub(crate) fn copy<T: Number>(self, from: Panels<'_, T>, to: PanelsMut<'_, T>) {
        let (shape, width) = (to.shape, 2 * self.lanes::<T>());
        assert!((from.shape.rows, from.shape.cols) == (shape.rows, shape.cols), "the matrices are as large");
        assert!(from.shape.width == width && shape.width == width, "the panels are those of this family");
        // SAFETY: just checked; the target is borrowed mutably, so they do not overlap.
        unsafe { pack::copy(self.simd, from, to) }
    }

    /// Lays W' out in panels, given W, or some of its rows, in panels: they become the columns of W' from `first` on.
    pub(crate) fn pack_transposed<T: Number>(self, from: Panels<'_, T>, to: PanelsMut<'_, T>, first: usize) {
        let (shape, width) = (to.shape, 2 * self.lanes::<T>());
        assert!(from.shape.cols == shape.rows, "the transpose is as large");
        let end = first.checked_add(from.shape.rows);
        assert!(end.is_some_and(|end| end <= shape.cols), "the rows are columns of the transpose");
        assert!(from.shape.width == width && shape.width == width, "the panels are those of this family");
        // SAFETY: just checked; the target is borrowed mutably, so they do not overlap.
        unsafe { pack::transpose(self.simd, from, to, first) }
    }

    /// Entries of scratch memory that a product with this m x k factor A wants.
    pub(crate) fn scratch_entries<T: Number>(self, m: usize, k: usize) -> usize {
        tiles::scratch_entries(m, k)
    }

    /// `C <- A*B` or `C <- C + A*B`.
    ///
    /// Where C is padded, its padding is written too; nothing else is beside its entries. With less scratch memory than
    /// [`Products::scratch_entries`] it may take longer.
    pub(crate) fn product<T: Number>(
        self,
        c: PanelsMut<'_, T>,
        start: Start,
        a: View<'_, T>,
        b: Panels<'_, T>,
        scratch: &mut [T],
    ) {
        let (m, k, n) = (a.rows, a.cols, b.shape.cols);
        assert!(
            (c.shape.rows, b.shape.rows, c.shape.cols) == (m, k, n),
            "the factors fit, and C is as large"
        );
        let width = 2 * self.lanes::<T>();
        assert!(c.shape.width == width && b.shape.width == width, "the panels are those of this family");
        if m == 0 || n == 0 {
            return;
        }
        let a = Strided { data: a.data.as_ptr(), rs: a.row_stride, cs: a.col_stride };
        let adds = start == Start::C;
        // SAFETY: the shapes fit, and the matrices hold their entries. C and the scratch memory overlap nothing, since they are
        // borrowed mutably.
        unsafe {
            // With a handful of terms, turning a thin C around would take longer than they do.
            if n == 1 || (n <= self.lanes::<T>() && k >= 8) {
                thin_product::<T>(self.simd, c, adds, a, b, scratch);
            } else {
                product::<T>(self.simd, c, adds, a, b, scratch);
            }
        }
    }
}

#[cfg(test)]
mod tests;
