//! Matrices laid out in panels: copies, and transposes that turn a block at a time around in registers.

use super::vector::Vector;
use super::{Panels, PanelsMut};
use crate::simd::{Family, for_each_simd};

/// Rows that are copied of every panel before the next rows: few enough pages, and in each of them a stream from left to right.
const ROWS: usize = 16;

for_each_simd! {
    /// Copies a matrix from one layout to another. A padded matrix gets 0 for padding.
    fn copy = copy_body, (from: Panels<'_, T>, to: PanelsMut<'_, T>)
}
for_each_simd! {
    /// Writes the transpose into columns `first` and following. Columns up to the last take the padding with them: 0.
    fn transpose = transpose_body, (from: Panels<'_, T>, to: PanelsMut<'_, T>, first: usize)
}

/// # Safety
/// The matrices are as large as each other.
#[inline(always)]
unsafe fn copy_body<V: Vector>(_: Family<V>, from: Panels<'_, V::Item>, to: PanelsMut<'_, V::Item>) {
    let (rows, cols) = (from.shape.rows, from.shape.cols);
    for first in (0..rows).step_by(ROWS) {
        for panel in 0..from.shape.panels() {
            let columns = (cols - panel * from.shape.width).min(from.shape.width);
            let (from_stride, to_stride) = (from.shape.row_stride(panel), to.shape.row_stride(panel));
            let from = from.data.wrapping_add(from.shape.offset(first, panel));
            let to_data = to.data.wrapping_add(to.shape.offset(first, panel));
            for row in 0..ROWS.min(rows - first) {
                for column in (0..columns).step_by(V::LANES) {
                    let part = (columns - column).min(V::LANES);
                    let written = if to.shape.is_padded { V::LANES } else { part };
                    // SAFETY: both matrices have this row of this panel, and no more of it is read and written than that.
                    unsafe {
                        let from = from.add(row * from_stride + column);
                        let to = to_data.add(row * to_stride + column);
                        if part == V::LANES {
                            V::load(from).store(to);
                        } else {
                            V::load_part(from, V::mask(part)).store_part(to, V::mask(written));
                        }
                    }
                }
            }
        }
    }
}

/// # Safety
/// `to` has as many rows as `from` columns, and columns up to `first` plus the rows of `from`.
#[inline(always)]
unsafe fn transpose_body<V: Vector>(
    _: Family<V>,
    from: Panels<'_, V::Item>,
    to: PanelsMut<'_, V::Item>,
    first: usize,
) {
    let (rows, cols, width) = (from.shape.rows, from.shape.cols, to.shape.width);
    let mut row = 0;
    while row < rows {
        // The rows up to the end of a panel, which are columns there.
        let (panel, beside) = ((first + row) / width, (first + row) % width);
        let columns = (width - beside).min(rows - row);
        let is_last = first + row + columns == to.shape.cols;
        let to_stride = to.shape.row_stride(panel);
        for source in 0..from.shape.panels() {
            let start = source * width;
            let from_stride = from.shape.row_stride(source);
            for p in (0..(cols - start).min(width)).step_by(V::LANES) {
                let depth = (cols - start - p).min(width - p).min(V::LANES);
                for column in (0..columns).step_by(V::LANES) {
                    let height = (columns - column).min(V::LANES);
                    // SAFETY: the block lies within both matrices.
                    unsafe {
                        let from = from.data.add(from.shape.offset(row + column, source) + p);
                        let to = to.data.add(to.shape.offset(start + p, panel) + beside + column);
                        if height == V::LANES && depth == V::LANES {
                            V::transpose(from, from_stride, to, to_stride);
                        } else {
                            transpose_part(from, from_stride, (height, depth), to, to_stride);
                        }
                    }
                }
            }
        }
        if is_last && to.shape.is_padded {
            let (start, end) = (beside + columns, (beside + columns).next_multiple_of(V::LANES));
            for p in 0..cols {
                for column in start..end {
                    // SAFETY: a padded matrix has these entries.
                    unsafe { *to.data.add(to.shape.offset(p, panel) + column) = V::Item::default() };
                }
            }
        }
        row += columns;
    }
}

/// Transposes a block of up to LANES x LANES entries.
///
/// # Safety
/// `from` holds `rows` x `cols` entries, `to` cols x rows.
#[inline(never)]
pub(super) unsafe fn transpose_part<T: Copy>(
    from: *const T,
    from_stride: usize,
    (rows, cols): (usize, usize),
    to: *mut T,
    to_stride: usize,
) {
    for i in 0..rows {
        for j in 0..cols {
            // SAFETY: as the caller vouches.
            unsafe { *to.add(j * to_stride + i) = *from.add(i * from_stride + j) };
        }
    }
}
