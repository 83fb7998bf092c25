//! The products at the shapes of layers, beside crate matrixmultiply: `cargo bench -p chainrule-engine --bench products`.
//!
//! Elements are floating-point operations, two for each term, so criterion's Gelem/s are GFLOP/s.

use chainrule_engine::Simd;
use chainrule_engine::bench::{Kind, Layout, Setting};
use criterion::{Criterion, Throughput};
use std::hint::black_box;

/// m, k and n of C (m x n), the sum of k terms an entry.
type Sizes = (usize, usize, usize);

/// C = A*W.
const FORWARD: [Sizes; 14] = [
    (128, 784, 128),
    (128, 128, 64),
    (128, 784, 512),
    (128, 512, 512),
    (256, 1024, 2048),
    (512, 1024, 2048),
    (512, 2048, 2048),
    (64, 64, 64),
    (256, 64, 64),
    (256, 8, 64),
    (32, 8, 16),
    (256, 64, 1),
    (128, 784, 10),
    (5, 512, 512),
];
/// dA = dZ*W'.
const BACKWARD: [Sizes; 6] =
    [(128, 512, 512), (512, 2048, 2048), (128, 64, 128), (64, 64, 64), (128, 1, 64), (128, 10, 512)];
/// dW = A'*dZ.
const GRADIENT: [Sizes; 11] = [
    (784, 128, 512),
    (512, 128, 512),
    (784, 128, 128),
    (1024, 512, 2048),
    (2048, 512, 2048),
    (64, 64, 64),
    (64, 256, 64),
    (8, 64, 64),
    (8, 32, 16),
    (64, 256, 1),
    (512, 128, 10),
];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    peak(&mut criterion);
    products(&mut criterion);
    criterion.final_summary();
}

fn products(criterion: &mut Criterion) {
    let kinds = [(Kind::Forward, &FORWARD[..]), (Kind::Backward, &BACKWARD), (Kind::Gradient, &GRADIENT)];
    for (kind, shapes) in kinds {
        let mut group = criterion.benchmark_group(format!("{kind:?}"));
        group.sample_size(20).warm_up_time(std::time::Duration::from_millis(300));
        group.measurement_time(std::time::Duration::from_secs(1));
        for &(m, k, n) in shapes {
            group.throughput(Throughput::Elements(2 * (m * k * n) as u64));
            // Weights live in panels; what flows between layers lies row by row.
            let b = if kind == Kind::Gradient { Layout::Rows } else { Layout::Packed };
            let setting = || Setting::<f32>::new(Simd::detect(), kind, (m, k, n), b, Layout::Rows);
            let Some(mut setting) = setting() else { continue };
            group.bench_function(format!("{m}x{k}x{n}"), |bencher| bencher.iter(|| setting.run()));
            group.bench_function(format!("{m}x{k}x{n}, matrixmultiply"), |bencher| {
                bencher.iter(|| other_library(&mut setting, kind, (m, k, n)));
            });
        }
    }
}

/// The same product by crate matrixmultiply, from factors that lie row by row.
fn other_library(setting: &mut Setting<f32>, kind: Kind, (m, k, n): Sizes) {
    let (a, b, c) = setting.plain();
    let (m_stride, k_stride, n_stride) = (m as isize, k as isize, n as isize);
    let (a_row, a_col) = if kind == Kind::Gradient { (1, m_stride) } else { (k_stride, 1) };
    let (b_row, b_col) = if kind == Kind::Backward { (1, k_stride) } else { (n_stride, 1) };
    // SAFETY: A holds m*k entries, B k*n and C m*n, and the strides are theirs.
    unsafe {
        let (a, b, c) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr());
        matrixmultiply::sgemm(m, k, n, 1.0, a, a_row, a_col, b, b_row, b_col, 0.0, c, n_stride, 1);
    }
}

/// Fused multiply-adds in registers, the limit of every product.
fn peak(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("limit");
    const TIMES: u64 = 1000;
    #[cfg(target_arch = "x86_64")]
    if Simd::Avx512.is_available() {
        group.throughput(Throughput::Elements(TIMES * 16 * 32));
        // SAFETY: the processor was asked.
        group.bench_function("registers", |bencher| bencher.iter(|| unsafe { multiply_adds(TIMES) }));
    }
    black_box(TIMES);
    group.finish();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn multiply_adds(times: u64) {
    use std::arch::x86_64::{_mm512_fmadd_ps, _mm512_set1_ps};
    let (x, y) = (_mm512_set1_ps(black_box(0.999)), _mm512_set1_ps(black_box(0.001)));
    let mut sums = [_mm512_set1_ps(1.0); 16];
    for _ in 0..times {
        for sum in &mut sums {
            *sum = _mm512_fmadd_ps(*sum, x, y);
        }
    }
    black_box(sums);
}
