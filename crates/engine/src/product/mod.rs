//! Matrix products, by one contract that fixes every bit.

mod column;
mod panels;
pub(crate) mod vector;

pub(crate) use panels::Panels;

/// `C <- A*B` or `C <- C + A*B`.
///
/// The contract: entry (i, j) is one chain of fused multiply-adds in the order of k, which starts from 0 or from C's entry:
/// `c = mul_add(a[i][0], b[0][j], c)`, then `k = 1`, and so on. So neither blocking, nor the height of a tile of rows, nor
/// the width of a vector can change a bit, and a sum over rows may be continued tile by tile.
pub(crate) trait Products<T> {
    /// Entries that a packed k x n factor takes; `None` if no memory could hold them.
    fn packed_entries(&self, k: usize, n: usize) -> Option<usize>;

    /// Lays B out as [`Products::product`] wants it, into the first `packed_entries` of `packed`.
    fn pack(&self, b: View<'_, T>, packed: &mut [T]);

    /// Entries of scratch memory that a product with this m x k factor A wants.
    fn scratch_entries(&self, m: usize, k: usize) -> usize;

    /// The product of A (m x k) with a packed B (k x n) into C, m x n row by row.
    fn product(&self, c: &mut [T], start: Start, a: View<'_, T>, packed: &[T], n: usize, scratch: &mut [T]);
}

/// What a product's chains start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// From 0: C is overwritten.
    Zero,
    /// From C: the product is added.
    C,
}

/// A matrix in somebody else's memory: entry (i, j) is `data[i*row_stride + j*col_stride]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a, T> {
    // Invariant: holds every entry of the matrix.
    data: &'a [T],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

impl<'a, T: Copy> View<'a, T> {
    /// The first rows*cols entries of `data`, row by row.
    pub(crate) fn row_major(data: &'a [T], rows: usize, cols: usize) -> View<'a, T> {
        assert!(
            rows.checked_mul(cols).is_some_and(|entries| entries <= data.len()),
            "a view lies within its data"
        );
        View { data, rows, cols, row_stride: cols, col_stride: 1 }
    }

    /// The same entries as the transpose.
    pub(crate) fn transposed(self) -> View<'a, T> {
        View {
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
            ..self
        }
    }

    pub(crate) fn cols(&self) -> usize {
        self.cols
    }

    /// Entry (i, j), which must exist.
    pub(crate) fn at(&self, i: usize, j: usize) -> T {
        debug_assert!(i < self.rows && j < self.cols);
        self.data[i * self.row_stride + j * self.col_stride]
    }
}
