//! Products with a matrix whose last columns are one-hot: its numbers go the usual way, and each 1 takes a row.

use super::{Panels, PanelsMut, Products, Start, View};
use crate::element::Number;
use plan::Coded;
use std::ops::Range;

/// Rows of numbers, each followed by the codes of its categories.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CodedView<'a, T> {
    data: &'a [T],
    rows: usize,
    coded: &'a Coded,
}

impl<'a, T: Number> CodedView<'a, T> {
    /// The first `rows` rows of `data`.
    pub(crate) fn new(data: &'a [T], rows: usize, coded: &'a Coded) -> CodedView<'a, T> {
        assert!(rows.checked_mul(coded.entries()).is_some_and(|entries| entries <= data.len()));
        CodedView { data, rows, coded }
    }

    fn numbers(&self) -> View<'a, T> {
        View::strided(self.data, self.rows, self.coded.numbers, self.coded.entries())
    }

    /// For each row, the columns that have a 1 in it.
    fn ones(&self) -> impl Iterator<Item = impl Iterator<Item = usize> + use<'a, T>> + use<'a, T> {
        let coded = self.coded;
        let rows = self.data.chunks_exact(coded.entries().max(1)).take(self.rows);
        rows.map(move |row| coded.ones(row[coded.numbers..].iter().map(|code| code.to_f64())))
    }
}

/// The bits are those of the matrix written out: a 0 changes no entry of a chain, and a 1 adds what it meets.
impl Products {
    /// `C <- X*B` or `C <- C + X*B`.
    pub(crate) fn coded_product<T: Number>(
        self,
        mut c: PanelsMut<'_, T>,
        start: Start,
        x: CodedView<'_, T>,
        b: Panels<'_, T>,
        scratch: &mut [T],
    ) {
        assert!(b.shape.rows == x.coded.cols() && c.shape.rows == x.rows, "the factors fit");
        self.product(c.reborrow(), start, x.numbers(), b.row_range(0..x.coded.numbers), scratch);
        for (row, ones) in x.ones().enumerate() {
            ones.for_each(|one| c.add_row(row, b, one));
        }
    }

    /// Some rows of `X'*B`, into a C that has these rows alone: `C <- X'*B` or `C <- C + X'*B`.
    pub(crate) fn coded_sum<T: Number>(
        self,
        mut c: PanelsMut<'_, T>,
        start: Start,
        x: CodedView<'_, T>,
        rows: Range<usize>,
        b: Panels<'_, T>,
        scratch: &mut [T],
    ) {
        assert!(b.shape.rows == x.rows && c.shape.rows == rows.len() && rows.end <= x.coded.cols());
        let numbers = rows.start.min(x.coded.numbers)..rows.end.min(x.coded.numbers);
        let counted = numbers.len();
        if counted > 0 {
            let view = x.numbers().transposed().row_range(numbers);
            self.product(c.reborrow().row_range(0..counted), start, view, b, scratch);
        }
        if start == Start::Zero {
            (counted..rows.len()).for_each(|row| c.clear_row(row));
        }
        for (row, ones) in x.ones().enumerate() {
            ones.filter(|one| rows.contains(one)).for_each(|one| c.add_row(one - rows.start, b, row));
        }
    }
}

impl<T: Number> PanelsMut<'_, T> {
    fn reborrow(&mut self) -> PanelsMut<'_, T> {
        // SAFETY: for as long as the new one lives, this one is borrowed.
        unsafe { PanelsMut::from_raw(self.shape, self.data) }
    }

    /// The entries of a row in each panel: where they begin, and how many they are.
    fn row_parts(&self, row: usize) -> impl Iterator<Item = (usize, usize)> + use<T> {
        assert!(row < self.shape.rows, "the row is one of the matrix's");
        let shape = self.shape;
        (0..shape.panels())
            .map(move |panel| (shape.offset(row, panel), shape.width.min(shape.cols - panel * shape.width)))
    }

    fn clear_row(&mut self, row: usize) {
        for (start, entries) in self.row_parts(row) {
            // SAFETY: these are entries of the matrix, which is borrowed mutably.
            unsafe { std::slice::from_raw_parts_mut(self.data.add(start), entries) }.fill(T::ZERO);
        }
    }

    /// Adds a row of B.
    fn add_row(&mut self, row: usize, b: Panels<'_, T>, from: usize) {
        assert!(from < b.shape.rows && (b.shape.cols, b.shape.width) == (self.shape.cols, self.shape.width));
        for (panel, (start, entries)) in self.row_parts(row).enumerate() {
            // SAFETY: both matrices have these entries; C is borrowed mutably, so they do not overlap.
            let (to, from) = unsafe {
                (
                    std::slice::from_raw_parts_mut(self.data.add(start), entries),
                    std::slice::from_raw_parts(b.data.add(b.shape.offset(from, panel)), entries),
                )
            };
            to.iter_mut().zip(from).for_each(|(to, from)| *to = *to + *from);
        }
    }
}
