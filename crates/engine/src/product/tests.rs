//! Products against the chain of the contract, to the bit.

use super::*;

fn families() -> impl Iterator<Item = Simd> {
    [Simd::Portable, Simd::Avx2, Simd::Avx512].into_iter().filter(|simd| simd.is_available())
}

/// Numbers in [-1, 1) that differ, the same in each run.
fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1 << 23) - 1.0
    };
    std::iter::repeat_with(next).take(count).collect()
}

fn view<T: Copy>(data: &[T], rows: usize, cols: usize, transposed: bool) -> View<'_, T> {
    if transposed {
        View::row_major(data, cols, rows).transposed()
    } else {
        View::row_major(data, rows, cols)
    }
}

/// The contract, as written.
fn chain<T: Number>(c: &mut [T], start: Start, a: View<'_, T>, b: View<'_, T>) {
    for i in 0..a.rows {
        for j in 0..b.cols() {
            let entry = &mut c[i * b.cols() + j];
            let from = if start == Start::C { *entry } else { T::ZERO };
            *entry = (0..a.cols()).fold(from, |sum, p| a.at(i, p).mul_add(b.at(p, j), sum));
        }
    }
}

/// The ways a matrix may lie in memory.
#[derive(Clone, Copy, Debug)]
enum Layout {
    Packed,
    RowMajor,
    Apart,
}

const LAYOUTS: [Layout; 3] = [Layout::Packed, Layout::RowMajor, Layout::Apart];

impl Layout {
    fn shape<T: Number>(self, products: Products, rows: usize, cols: usize) -> Panelling {
        match self {
            Layout::Packed => products.packed::<T>(rows, cols),
            Layout::RowMajor => products.row_major::<T>(rows, cols, cols),
            Layout::Apart => products.row_major::<T>(rows, cols, cols + 3),
        }
    }
}

/// The matrix in this layout, with a number that no product has everywhere beside it.
fn laid_out<T: Number>(products: Products, layout: Layout, from: View<'_, T>) -> (Panelling, Vec<T>) {
    let shape = layout.shape::<T>(products, from.rows, from.cols());
    let mut data = vec![T::from_f64(1e30); shape.entries().unwrap()];
    products.pack(from, PanelsMut::new(shape, &mut data));
    (shape, data)
}

fn check<T: Number>(m: usize, k: usize, n: usize, entries: impl Fn(usize, u64) -> Vec<T>) {
    let (a, b, c) = (entries(m * k, 1), entries(k * n, 2), entries(m * n, 3));
    for (left, right) in [(false, false), (false, true), (true, false), (true, true)] {
        let (a, b) = (view(&a, m, k, left), view(&b, k, n, right));
        for start in [Start::Zero, Start::C] {
            let mut want = c.clone();
            chain(&mut want, start, a, b);
            for (simd, (turn, b_layout)) in
                families().flat_map(|simd| LAYOUTS.into_iter().enumerate().map(move |pair| (simd, pair)))
            {
                // Each size meets three of the nine pairs of layouts, and its neighbours the others.
                let c_layout = LAYOUTS[(turn + m + n + k) % 3];
                let products = Products::new(simd);
                let (b_shape, b_data) = laid_out(products, b_layout, b);
                let (c_shape, mut c_data) = laid_out(products, c_layout, View::row_major(&c, m, n));
                let beside = c_data.iter().filter(|x| **x == T::from_f64(1e30)).count();
                let mut scratch = vec![T::NAN; products.scratch_entries::<T>(m, k)];
                let to = PanelsMut::new(c_shape, &mut c_data);
                products.product(to, start, a, Panels::new(b_shape, &b_data), &mut scratch);
                let found = Panels::new(c_shape, &c_data);
                let case = || {
                    format!(
                        "{m} x {k} x {n}, {left} {right}, {start:?}, {simd:?}, {b_layout:?}, {c_layout:?}"
                    )
                };
                for (at, want) in want.iter().enumerate() {
                    assert!(found.at(at / n, at % n) == *want, "{}", case());
                }
                let kept = c_data.iter().filter(|x| **x == T::from_f64(1e30)).count();
                assert!(kept == beside, "nothing beside C is written: {}", case());
            }
        }
    }
}

#[test]
fn products_of_integers_are_exact_at_every_small_size() {
    let largest = if cfg!(miri) { 3 } else { 20 };
    let integers = |count, seed| numbers(count, seed).into_iter().map(|x| (x * 9.0).floor() as f32).collect();
    for m in 1..=largest {
        for k in 1..=largest {
            for n in 1..=largest {
                check::<f32>(m, k, n, integers);
            }
        }
    }
}

#[test]
fn every_family_computes_the_chain_of_the_contract_to_the_bit() {
    let sizes: &[(usize, usize, usize)] = if cfg!(miri) {
        &[(15, 3, 34), (0, 2, 3), (2, 0, 3), (2, 3, 0), (9, 4, 1)]
    } else {
        &[
            (15, 3, 34),
            (0, 2, 3),
            (2, 0, 3),
            (2, 3, 0),
            (29, 1030, 65),
            (150, 7, 33),
            (1, 513, 100),
            (33, 600, 1),
            (300, 31, 1),
            (1, 40, 1),
            (141, 513, 16),
            (28, 5, 48),
            (150, 1024, 100),
            (1024, 30, 70),
            (1024, 5, 530),
            (200, 40, 10),
            (130, 20, 3),
            (127, 17, 1),
            (28, 64, 256),
            (43, 512, 31),
        ]
    };
    for &(m, k, n) in sizes {
        check::<f64>(m, k, n, numbers);
        check::<f32>(m, k, n, |count, seed| numbers(count, seed).into_iter().map(|x| x as f32).collect());
    }
}

#[test]
fn a_product_continued_tile_by_tile_has_the_same_bits() {
    let (m, k, n) = (13, 37, 21);
    let (a, b) = (numbers(k * m, 4), numbers(k * n, 5));
    for simd in families() {
        let products = Products::new(simd);
        let run = |height: usize| {
            let mut c = vec![0.0; m * n];
            let mut packed = vec![0.0; products.packed::<f64>(k, n).entries().unwrap()];
            for from in (0..k).step_by(height) {
                let rows = height.min(k - from);
                let shape = products.packed::<f64>(rows, n);
                products.pack(View::row_major(&b[from * n..], rows, n), PanelsMut::new(shape, &mut packed));
                let start = if from == 0 { Start::Zero } else { Start::C };
                let a = View::row_major(&a[from * m..], rows, m).transposed();
                let to = PanelsMut::new(products.row_major::<f64>(m, n, n), &mut c);
                products.product(to, start, a, Panels::new(shape, &packed), &mut []);
            }
            c
        };
        let whole = run(k);
        for height in [1, 2, 5, 16, 36] {
            assert_eq!(run(height), whole, "{simd:?} {height}");
        }
    }
}

#[test]
fn a_transpose_is_packed_from_panels_by_ranges_of_rows() {
    let largest = if cfg!(miri) { 3 } else { 70 };
    for (rows, cols) in (1..=largest).flat_map(|rows| [1, 2, 7, 16, 31, 33, 64, 71].map(|cols| (rows, cols)))
    {
        let entries = numbers(rows * cols, 6);
        let from = View::row_major(&entries, rows, cols);
        for simd in families() {
            let products = Products::new(simd);
            let (want_shape, want) = laid_out(products, Layout::Packed, from.transposed());
            for layout in LAYOUTS {
                let (shape, data) = laid_out(products, layout, from);
                let mut found = vec![f64::NAN; want.len()];
                let cut = rows / 3;
                for range in [0..cut, cut..rows] {
                    let to = PanelsMut::new(want_shape, &mut found);
                    let part = Panels::new(shape, &data).row_range(range.clone());
                    products.pack_transposed(part, to, range.start);
                }
                assert_eq!(found, want, "{rows} x {cols}, {layout:?}, {simd:?}");
            }
        }
    }
}

#[test]
fn ranges_of_rows_and_panels_are_matrices_of_their_own() {
    let (m, k, n) = if cfg!(miri) { (5, 3, 21) } else { (40, 9, 77) };
    let (a, b) = (numbers(m * k, 7), numbers(k * n, 8));
    let mut want = vec![0.0; m * n];
    chain(&mut want, Start::Zero, view(&a, m, k, false), view(&b, k, n, false));
    for simd in families() {
        let products = Products::new(simd);
        for (b_layout, c_layout) in LAYOUTS.into_iter().flat_map(|b| LAYOUTS.map(|c| (b, c))) {
            let (b_shape, b_data) = laid_out(products, b_layout, view(&b, k, n, false));
            let c_shape = c_layout.shape::<f64>(products, m, n);
            let mut c_data = vec![0.0; c_shape.entries().unwrap()];
            let panels = c_shape.panels();
            for panel in 0..panels {
                for rows in [0..m / 3, m / 3..m] {
                    // The terms in two parts too.
                    for terms in [0..k / 2, k / 2..k] {
                        let start = if terms.start == 0 { Start::Zero } else { Start::C };
                        let a = view(&a, m, k, false).row_range(rows.clone());
                        let a = a.transposed().row_range(terms.clone()).transposed();
                        let b = Panels::new(b_shape, &b_data).row_range(terms).panel_range(panel..panel + 1);
                        let to = PanelsMut::new(c_shape, &mut c_data).row_range(rows.clone());
                        let to = to.panel_range(panel..panel + 1);
                        products.product(to, start, a, b, &mut []);
                    }
                }
            }
            let found = Panels::new(c_shape, &c_data);
            for (at, want) in want.iter().enumerate() {
                assert_eq!(found.at(at / n, at % n), *want, "{simd:?} {b_layout:?} {c_layout:?}");
            }
        }
    }
}

#[test]
fn rows_that_compete_for_the_cache_make_the_same_product() {
    // 4 KiB apart in f64, and terms that end within a register.
    let (m, stride, k, n) = if cfg!(miri) { (9, 512, 11, 40) } else { (37, 512, 501, 150) };
    let (a, b) = (numbers(m * stride, 9), numbers(k * n, 10));
    let a = View::row_major(&a, m, stride).transposed().row_range(3..3 + k).transposed();
    let mut want = vec![0.0; m * n];
    chain(&mut want, Start::Zero, a, view(&b, k, n, false));
    for simd in families() {
        let products = Products::new(simd);
        let (shape, data) = laid_out(products, Layout::Packed, view(&b, k, n, false));
        for scratch in [0, products.scratch_entries::<f64>(m, k)] {
            let mut found = vec![0.0; m * n];
            let to = PanelsMut::new(products.row_major::<f64>(m, n, n), &mut found);
            products.product(to, Start::Zero, a, Panels::new(shape, &data), &mut vec![0.0; scratch]);
            assert!(found == want, "{simd:?} {scratch}");
        }
    }
}

#[cfg(not(miri))]
#[test]
fn products_agree_with_another_library() {
    for (m, k, n) in [(128, 784, 512), (300, 1030, 77), (512, 128, 260), (257, 640, 10), (100, 300, 1)] {
        let (a, b) = (numbers(m * k, 11), numbers(k * n, 12));
        for (left, right) in [(false, false), (false, true), (true, false)] {
            let mut want = vec![0.0; m * n];
            let strides = |turned, rows: usize, cols: usize| {
                if turned { (1, rows as isize) } else { (cols as isize, 1) }
            };
            let ((a_row, a_col), (b_row, b_col)) = (strides(left, m, k), strides(right, k, n));
            // SAFETY: the matrices have these sizes and strides.
            unsafe {
                let (a, b, c) = (a.as_ptr(), b.as_ptr(), want.as_mut_ptr());
                matrixmultiply::dgemm(m, k, n, 1.0, a, a_row, a_col, b, b_row, b_col, 0.0, c, n as isize, 1);
            }
            let products = Products::new(Simd::detect());
            let (shape, data) = laid_out(products, Layout::Packed, view(&b, k, n, right));
            let mut found = vec![0.0; m * n];
            let to = PanelsMut::new(products.row_major::<f64>(m, n, n), &mut found);
            let mut scratch = vec![0.0; products.scratch_entries::<f64>(m, k)];
            products.product(to, Start::Zero, view(&a, m, k, left), Panels::new(shape, &data), &mut scratch);
            let farthest = found.iter().zip(&want).fold(0.0, |most: f64, (x, y)| most.max((x - y).abs()));
            assert!(farthest < 1e-15 * k as f64, "{m} x {k} x {n}, {left} {right}: {farthest}");
        }
    }
}
