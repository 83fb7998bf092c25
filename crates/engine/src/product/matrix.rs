//! Matrices in somebody else's memory: a view by two strides, and panels of columns that lie one after another.

use crate::simd::prefetch;
use std::marker::PhantomData;
use std::ops::Range;

/// A matrix that is read entry by entry: entry (i, j) is `data[i*row_stride + j*col_stride]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a, T> {
    // Invariant: holds every entry of the matrix, and one of the strides is 1.
    pub(super) data: &'a [T],
    pub(super) rows: usize,
    pub(super) cols: usize,
    pub(super) row_stride: usize,
    pub(super) col_stride: usize,
}

impl<'a, T: Copy> View<'a, T> {
    /// The first rows*cols entries of `data`, row by row.
    pub(crate) fn row_major(data: &'a [T], rows: usize, cols: usize) -> View<'a, T> {
        View::strided(data, rows, cols, cols)
    }

    /// Rows of `cols` entries, `row_stride` entries from one to the next.
    pub(crate) fn strided(data: &'a [T], rows: usize, cols: usize, row_stride: usize) -> View<'a, T> {
        assert!(
            span(rows, cols, row_stride).is_some_and(|entries| entries <= data.len()),
            "a view lies within its data"
        );
        View { data, rows, cols, row_stride, col_stride: 1 }
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

    /// Some of its rows.
    pub(crate) fn row_range(self, range: Range<usize>) -> View<'a, T> {
        assert!(range.start <= range.end && range.end <= self.rows, "the rows are some of the view's");
        // An empty view has no first entry to begin at.
        let skipped = if range.is_empty() || self.cols == 0 { 0 } else { range.start * self.row_stride };
        View { data: &self.data[skipped..], rows: range.len(), ..self }
    }

    /// Asks for all of it ahead of its use, into the second cache.
    pub(crate) fn prefetch(&self) {
        const LINE: usize = 64;
        let (long, stride) =
            if self.row_stride == 1 { (self.rows, self.col_stride) } else { (self.cols, self.row_stride) };
        let lines = if self.row_stride == 1 { self.cols } else { self.rows };
        for line in 0..lines {
            for entry in (0..long).step_by(LINE / size_of::<T>().max(1)) {
                prefetch(self.data.as_ptr().wrapping_add(line * stride + entry));
            }
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

/// Entries from the first to the last of a row-major matrix; `None` if no memory could hold them.
fn span(rows: usize, cols: usize, row_stride: usize) -> Option<usize> {
    if rows == 0 || cols == 0 {
        return Some(0);
    }
    if row_stride < cols && rows > 1 {
        return None;
    }
    (rows - 1).checked_mul(row_stride)?.checked_add(cols)
}

/// How a matrix is cut into panels of `width` columns, and where they lie.
///
/// Entry (p, j) is at `(j / width)*panel_stride + p*row_stride + j % width`. That covers the *packed* layout, in which each panel's rows
/// follow one another, and the plain row-major one, whose panels lie side by side in the rows. A last packed panel with
/// fewer columns is only as wide as the registers that hold them: its rows are padded to a whole number of registers, and what
/// the padding holds never reaches an entry. A packed matrix of one column is a plain vector.
///
/// Made by [`super::Products::packed`] and [`super::Products::row_major`], since the width is that of the kernels; plain numbers, so
/// that it can be made once and meet its memory in each run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Panelling {
    pub(super) rows: usize,
    pub(super) cols: usize,
    /// Columns of a full panel: two registers.
    pub(super) width: usize,
    /// From a panel to the next.
    panel_stride: usize,
    /// From a row to the next in a full panel, and in a last one with fewer columns.
    row_stride: usize,
    last_row_stride: usize,
    /// Rows before the first one, in every panel: nonzero in a range of rows.
    first_row: usize,
    /// Whether the last panel's rows may be read and written as whole registers.
    pub(super) is_padded: bool,
    /// The entries of memory that it spans.
    entries: Option<usize>,
}

impl Panelling {
    pub(super) fn packed(rows: usize, cols: usize, lanes: usize) -> Panelling {
        let width = 2 * lanes;
        let last_row_stride = if cols == 1 { 1 } else { (cols % width).next_multiple_of(lanes) };
        let padded = cols.checked_next_multiple_of(if cols == 1 { 1 } else { lanes });
        Panelling {
            rows,
            cols,
            width,
            panel_stride: rows.saturating_mul(width),
            row_stride: width,
            last_row_stride,
            first_row: 0,
            is_padded: cols != 1,
            entries: padded.and_then(|padded| padded.checked_mul(rows)),
        }
    }

    pub(super) fn row_major(rows: usize, cols: usize, row_stride: usize, lanes: usize) -> Panelling {
        Panelling {
            rows,
            cols,
            width: 2 * lanes,
            panel_stride: 2 * lanes,
            row_stride,
            last_row_stride: row_stride,
            first_row: 0,
            is_padded: false,
            entries: span(rows, cols, row_stride),
        }
    }

    /// Entries of memory that it spans; `None` if no memory could hold them.
    pub(crate) fn entries(&self) -> Option<usize> {
        self.entries
    }

    /// Columns of a full panel.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// How many panels it has, the last one perhaps not full.
    #[inline]
    pub(crate) fn panels(&self) -> usize {
        self.cols.div_ceil(self.width)
    }

    /// From a row to the next, in this panel.
    #[inline]
    pub(super) fn row_stride(&self, panel: usize) -> usize {
        if (panel + 1) * self.width <= self.cols { self.row_stride } else { self.last_row_stride }
    }

    /// Where this row of this panel begins.
    #[inline]
    pub(super) fn offset(&self, row: usize, panel: usize) -> usize {
        panel * self.panel_stride + (self.first_row + row) * self.row_stride(panel)
    }

    /// Where some rows of a panel of a packed matrix lie, with their padding.
    pub(crate) fn panel_entries(&self, rows: Range<usize>, panel: usize) -> Range<usize> {
        let start = self.offset(rows.start, panel);
        start..start + rows.len() * self.row_stride(panel)
    }

    #[inline]
    fn row_range(self, range: Range<usize>) -> Panelling {
        assert!(range.start <= range.end && range.end <= self.rows, "the rows are some of the matrix's");
        Panelling { rows: range.len(), first_row: self.first_row + range.start, ..self }
    }

    /// Some of the panels, which then begin `offset(0, range.start)`, less the first row's share, later.
    #[inline]
    fn panel_range(self, range: Range<usize>) -> Panelling {
        assert!(
            range.start <= range.end && range.end <= self.panels(),
            "the panels are some of the matrix's"
        );
        let cols = (range.end * self.width).min(self.cols) - (range.start * self.width).min(self.cols);
        Panelling { cols, ..self }
    }
}

/// A matrix in panels that is read.
#[derive(Debug)]
pub(crate) struct Panels<'a, T> {
    pub(super) shape: Panelling,
    // Invariant: all entries of `shape` may be read from here on, for 'a. A pointer, since a range of rows has other rows'
    // entries between its own, and another thread may be writing those.
    pub(super) data: *const T,
    marker: PhantomData<&'a T>,
}

/// A matrix in panels that is written.
#[derive(Debug)]
pub(crate) struct PanelsMut<'a, T> {
    pub(super) shape: Panelling,
    // Invariant: all entries of `shape`, and its padding, may be written from here on, for 'a, and nothing else reads or writes them.
    pub(super) data: *mut T,
    marker: PhantomData<&'a mut T>,
}

// SAFETY: it stands for a shared slice of its own entries.
unsafe impl<T: Sync> Send for Panels<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Panels<'_, T> {}
// SAFETY: it stands for a mutable slice of its own entries.
unsafe impl<T: Send> Send for PanelsMut<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for PanelsMut<'_, T> {}

impl<T> Clone for Panels<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Panels<'_, T> {}

impl<'a, T: Copy> Panels<'a, T> {
    /// The matrix of this shape at the beginning of `data`.
    pub(crate) fn new(shape: Panelling, data: &'a [T]) -> Panels<'a, T> {
        assert!(shape.fits(data.len()), "a matrix in panels lies within its data");
        // SAFETY: just checked.
        unsafe { Panels::from_raw(shape, data.as_ptr()) }
    }

    /// The matrix of this shape from `data` on.
    ///
    /// # Safety
    /// For 'a, the entries that the shape spans are valid, and nothing writes those of its own rows and panels.
    pub(crate) unsafe fn from_raw(shape: Panelling, data: *const T) -> Panels<'a, T> {
        Panels { shape, data, marker: PhantomData }
    }

    /// Some of its rows.
    pub(crate) fn row_range(self, range: Range<usize>) -> Panels<'a, T> {
        Panels { shape: self.shape.row_range(range), ..self }
    }

    /// The columns of some of its panels.
    pub(crate) fn panel_range(self, range: Range<usize>) -> Panels<'a, T> {
        let data = self.data.wrapping_add(range.start * self.shape.panel_stride);
        Panels { shape: self.shape.panel_range(range), data, ..self }
    }

    /// Entry (p, j), which must exist.
    pub(crate) fn at(&self, p: usize, j: usize) -> T {
        // SAFETY: the entry is one of the shape's.
        unsafe { *self.data.add(self.shape.place(p, j)) }
    }
}

impl<'a, T: Copy> PanelsMut<'a, T> {
    /// The matrix of this shape at the beginning of `data`.
    pub(crate) fn new(shape: Panelling, data: &'a mut [T]) -> PanelsMut<'a, T> {
        assert!(shape.fits(data.len()), "a matrix in panels lies within its data");
        // SAFETY: just checked.
        unsafe { PanelsMut::from_raw(shape, data.as_mut_ptr()) }
    }

    /// The matrix of this shape from `data` on.
    ///
    /// # Safety
    /// For 'a, the entries that the shape spans are valid, and nothing else reads or writes those of its own rows and panels.
    pub(crate) unsafe fn from_raw(shape: Panelling, data: *mut T) -> PanelsMut<'a, T> {
        PanelsMut { shape, data, marker: PhantomData }
    }

    /// Some of its rows.
    pub(crate) fn row_range(self, range: Range<usize>) -> PanelsMut<'a, T> {
        PanelsMut { shape: self.shape.row_range(range), ..self }
    }

    /// The columns of some of its panels.
    pub(crate) fn panel_range(self, range: Range<usize>) -> PanelsMut<'a, T> {
        let data = self.data.wrapping_add(range.start * self.shape.panel_stride);
        PanelsMut { shape: self.shape.panel_range(range), data, ..self }
    }
}

impl Panelling {
    fn fits(&self, entries: usize) -> bool {
        self.entries.is_some_and(|own| own <= entries)
    }

    /// Where entry (p, j) lies; it must exist.
    fn place(&self, p: usize, j: usize) -> usize {
        assert!(p < self.rows && j < self.cols, "the entry is one of the matrix's");
        self.offset(p, j / self.width) + j % self.width
    }
}
