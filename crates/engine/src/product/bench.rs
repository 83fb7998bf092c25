//! What the benchmark of the products needs of them. Not a part of the crate's interface.

use super::{Panelling, Panels, PanelsMut, Products, Start, View};
use crate::element::Element;
use crate::simd::Simd;
use std::ops::Range;

/// How a matrix lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// In panels, one after another.
    Packed,
    /// Row by row.
    Rows,
}

/// Which of its factors a product transposes: the three products of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// C = A*W: nothing.
    Forward,
    /// C = dZ*W': B, whose panels are made ahead.
    Backward,
    /// C = A'*dZ: A.
    Gradient,
}

/// The matrices of a product, filled with numbers.
#[derive(Debug)]
pub struct Setting<T> {
    products: Products,
    kind: Kind,
    sizes: (usize, usize, usize),
    a: Lines<T>,
    /// B row by row, before any transpose and packing.
    source: Lines<T>,
    b: (Panelling, Lines<T>),
    c: (Panelling, Lines<T>),
    scratch: Lines<T>,
}

/// Memory from a cache line's beginning on.
#[derive(Debug)]
struct Lines<T> {
    memory: Vec<T>,
    skipped: usize,
}

impl<T: Element> Lines<T> {
    fn new(entries: usize, mut entry: impl FnMut(usize) -> T) -> Lines<T> {
        let memory: Vec<T> = vec![T::ZERO; entries + 64 / size_of::<T>()];
        let skipped = memory.as_ptr().align_offset(64).min(64 / size_of::<T>());
        let mut lines = Lines { memory, skipped };
        lines.as_mut_slice().iter_mut().enumerate().for_each(|(i, x)| *x = entry(i));
        lines
    }
    fn as_slice(&self) -> &[T] {
        &self.memory[self.skipped..]
    }
    fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.memory[self.skipped..]
    }
}

impl<T: Element> Setting<T> {
    /// Factors m x k and k x n. `None` if this processor lacks the family, or the layout would take too much memory.
    pub fn new(
        simd: Simd,
        kind: Kind,
        (m, k, n): (usize, usize, usize),
        b: Layout,
        c: Layout,
    ) -> Option<Setting<T>> {
        if !simd.is_available() {
            return None;
        }
        let products = Products::new(simd);
        let shape = |layout, rows, cols| match layout {
            Layout::Packed => products.packed::<T>(rows, cols),
            Layout::Rows => products.row_major::<T>(rows, cols, cols),
        };
        let number = |i: usize| T::from_f64((i * 37 % 101) as f64 / 101.0 - 0.5);
        let (b, c) = (shape(b, k, n), shape(c, m, n));
        let mut setting = Setting {
            products,
            kind,
            sizes: (m, k, n),
            a: Lines::new(m * k, number),
            source: Lines::new(k * n, number),
            b: (b, Lines::new(b.entries()?, number)),
            c: (c, Lines::new(c.entries()?, number)),
            scratch: Lines::new(products.scratch_entries::<T>(m, k), number),
        };
        setting.pack();
        Some(setting)
    }

    /// Lays B out.
    pub fn pack(&mut self) {
        let (_, k, n) = self.sizes;
        let from = match self.kind {
            Kind::Backward => View::row_major(self.source.as_slice(), n, k).transposed(),
            Kind::Forward | Kind::Gradient => View::row_major(self.source.as_slice(), k, n),
        };
        self.products.pack(from, PanelsMut::new(self.b.0, self.b.1.as_mut_slice()));
    }

    /// Computes C.
    pub fn run(&mut self) {
        let (m, _, n) = self.sizes;
        self.run_part(0..m, 0..n.div_ceil(self.c.0.width()));
    }

    /// Computes some rows and panels of C.
    pub fn run_part(&mut self, rows: Range<usize>, panels: Range<usize>) {
        let (m, k, _) = self.sizes;
        let a = match self.kind {
            Kind::Gradient => View::row_major(self.a.as_slice(), k, m).transposed(),
            Kind::Forward | Kind::Backward => View::row_major(self.a.as_slice(), m, k),
        };
        let b = Panels::new(self.b.0, self.b.1.as_slice()).panel_range(panels.clone());
        let c = PanelsMut::new(self.c.0, self.c.1.as_mut_slice());
        let c = c.row_range(rows.clone()).panel_range(panels);
        self.products.product(c, Start::Zero, a.row_range(rows), b, self.scratch.as_mut_slice());
    }

    /// Lays out the transpose of B, from B to `to`, which the first call makes.
    pub fn transpose(&mut self, to: &mut Vec<T>) {
        let (_, k, n) = self.sizes;
        let shape = self.products.packed::<T>(n, k);
        to.resize(shape.entries().unwrap_or(0), T::ZERO);
        let from = Panels::new(self.b.0, self.b.1.as_slice());
        self.products.pack_transposed(from, PanelsMut::new(shape, to), 0);
    }

    /// A and B as they lie row by row, and room for C: for another library.
    pub fn plain(&mut self) -> (&[T], &[T], &mut [T]) {
        (self.a.as_slice(), self.source.as_slice(), self.c.1.as_mut_slice())
    }
}
