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

fn check<T: Number>(m: usize, k: usize, n: usize, entries: impl Fn(usize, u64) -> Vec<T>) {
    let (a, b, c) = (entries(m * k, 1), entries(k * n, 2), entries(m * n, 3));
    for (left, right) in [(false, false), (false, true), (true, false), (true, true)] {
        let (a, b) = (view(&a, m, k, left), view(&b, k, n, right));
        for start in [Start::Zero, Start::C] {
            let mut want = c.clone();
            chain(&mut want, start, a, b);
            for simd in families() {
                let products = Panels::new(simd);
                let mut packed = vec![T::NAN; Products::<T>::packed_entries(&products, k, n).unwrap()];
                products.pack(b, &mut packed);
                let mut found = c.clone();
                let mut scratch = vec![T::NAN; Products::<T>::scratch_entries(&products, m, k)];
                products.product(&mut found, start, a, &packed, n, &mut scratch);
                assert!(found == want, "{m} x {k} x {n}, {left} {right}, {start:?}, {simd:?}");
            }
        }
    }
}

#[test]
fn products_of_integers_are_exact_at_every_small_size() {
    let largest = if cfg!(miri) { 5 } else { 20 };
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
        let products = Panels::new(simd);
        let run = |height: usize| {
            let mut c = vec![0.0; m * n];
            let mut packed = vec![0.0; Products::<f64>::packed_entries(&products, k, n).unwrap()];
            for from in (0..k).step_by(height) {
                let rows = height.min(k - from);
                products.pack(View::row_major(&b[from * n..], rows, n), &mut packed);
                let start = if from == 0 { Start::Zero } else { Start::C };
                let a = View::row_major(&a[from * m..], rows, m).transposed();
                products.product(&mut c, start, a, &packed, n, &mut []);
            }
            c
        };
        let whole = run(k);
        for height in [1, 2, 5, 16, 36] {
            assert_eq!(run(height), whole, "{simd:?} {height}");
        }
    }
}
