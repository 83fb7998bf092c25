//! Matrices laid out in panels.

use super::{Panels, PanelsMut, View};
use crate::element::Number;

/// Lays a view out in panels.
pub(super) fn pack<T: Number>(from: View<'_, T>, to: PanelsMut<'_, T>, lanes: usize) {
    assert!((from.rows, from.cols) == (to.shape.rows, to.shape.cols), "the matrices are as large");
    copy(to, lanes, 0, from.cols, |p, j| from.at(p, j));
}

/// Lays the transpose of a matrix in panels out in panels, from a column on.
pub(super) fn pack_transposed<T: Number>(
    from: Panels<'_, T>,
    to: PanelsMut<'_, T>,
    first_column: usize,
    lanes: usize,
) {
    assert!(from.shape.cols == to.shape.rows, "the transpose is as large");
    assert!(
        first_column.checked_add(from.shape.rows).is_some_and(|end| end <= to.shape.cols),
        "the rows are columns of the transpose"
    );
    copy(to, lanes, first_column, first_column + from.shape.rows, |p, j| from.at(j - first_column, p));
}

fn copy<T: Number>(
    to: PanelsMut<'_, T>,
    lanes: usize,
    first: usize,
    end: usize,
    entry: impl Fn(usize, usize) -> T,
) {
    let shape = to.shape;
    for panel in 0..shape.panels() {
        let start = panel * shape.width;
        let padded = (shape.cols - start).min(shape.width).next_multiple_of(lanes);
        for p in 0..shape.rows {
            for j in 0..padded {
                let column = start + j;
                let is_padding = shape.is_padded && column >= shape.cols && end == shape.cols;
                if !is_padding && !(first..end).contains(&column) {
                    continue;
                }
                let x = if is_padding { T::ZERO } else { entry(p, column) };
                // SAFETY: the entry is one of the matrix's, or padding that it has.
                unsafe { *to.data.add(shape.offset(p, panel) + j) = x };
            }
        }
    }
}
