//! Registers of x86-64.

use super::Vector;
use std::arch::x86_64::*;

macro_rules! vector {
    (
        $register:ty, $item:ty, $lanes:literal, $height:literal,
        $zero:ident, $splat:ident, $load:ident, $store:ident, $fma:ident,
        $mask:ty, $mask_first:ident, $load_part:ident, $store_part:ident, $transpose:ident
    ) => {
        impl Vector for $register {
            type Item = $item;
            type Mask = $mask;
            const LANES: usize = $lanes;
            const HEIGHT: usize = $height;

            #[inline(always)]
            unsafe fn zero() -> Self {
                // SAFETY: the caller vouches for the processor.
                unsafe { $zero() }
            }
            #[inline(always)]
            unsafe fn splat(x: $item) -> Self {
                // SAFETY: the caller vouches for the processor.
                unsafe { $splat(x) }
            }
            #[inline(always)]
            unsafe fn load(from: *const $item) -> Self {
                // SAFETY: the caller vouches for the processor and the entries.
                unsafe { $load(from) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $item) {
                // SAFETY: the caller vouches for the processor and the entries.
                unsafe { $store(to, self) }
            }
            #[inline(always)]
            unsafe fn mul_add(self, b: Self, c: Self) -> Self {
                // SAFETY: the caller vouches for the processor.
                unsafe { $fma(self, b, c) }
            }
            #[inline(always)]
            unsafe fn mask(count: usize) -> $mask {
                // SAFETY: the caller vouches for the processor.
                unsafe { $mask_first(count) }
            }
            #[inline(always)]
            unsafe fn load_part(from: *const $item, mask: $mask) -> Self {
                // SAFETY: the caller vouches for the processor and the masked entries.
                unsafe { $load_part(from, mask) }
            }
            #[inline(always)]
            unsafe fn store_part(self, to: *mut $item, mask: $mask) {
                // SAFETY: the caller vouches for the processor and the masked entries.
                unsafe { $store_part(to, self, mask) }
            }
            #[inline(always)]
            unsafe fn transpose(from: *const $item, from_stride: usize, to: *mut $item, to_stride: usize) {
                // SAFETY: the caller vouches for the processor and the entries.
                unsafe { $transpose(from, from_stride, to, to_stride) }
            }
            #[inline(always)]
            fn prefetch_first(address: *const $item) {
                // SAFETY: a hint, which reads nothing.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) }
            }
            #[inline(always)]
            fn prefetch_second(address: *const $item) {
                // SAFETY: a hint, which reads nothing.
                unsafe { _mm_prefetch::<_MM_HINT_T1>(address.cast()) }
            }
        }
    };
}

// AVX-512 has 32 registers: 14 x 2 accumulators, two for B, one for A. AVX2 has 16: 6 x 2, two, one.
vector!(
    __m512,
    f32,
    16,
    14,
    _mm512_setzero_ps,
    _mm512_set1_ps,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_fmadd_ps,
    __mmask16,
    mask_16,
    load_part_512,
    store_part_512,
    transpose_512
);
vector!(
    __m512d,
    f64,
    8,
    14,
    _mm512_setzero_pd,
    _mm512_set1_pd,
    _mm512_loadu_pd,
    _mm512_storeu_pd,
    _mm512_fmadd_pd,
    __mmask8,
    mask_8,
    load_part_512d,
    store_part_512d,
    transpose_512d
);
vector!(
    __m256,
    f32,
    8,
    6,
    _mm256_setzero_ps,
    _mm256_set1_ps,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_fmadd_ps,
    __m256i,
    mask_256,
    _mm256_maskload_ps,
    store_part_256,
    transpose_256
);
vector!(
    __m256d,
    f64,
    4,
    6,
    _mm256_setzero_pd,
    _mm256_set1_pd,
    _mm256_loadu_pd,
    _mm256_storeu_pd,
    _mm256_fmadd_pd,
    __m256i,
    mask_256d,
    _mm256_maskload_pd,
    store_part_256d,
    transpose_256d
);

/// Defines the masked load and store: intrinsics with their arguments in the other order.
macro_rules! parts {
    ($item:ty, $register:ty, $mask:ty, $load_part:ident = $load:ident, $store_part:ident = $store:ident) => {
        #[inline(always)]
        unsafe fn $load_part(from: *const $item, mask: $mask) -> $register {
            // SAFETY: the caller vouches for the processor and the masked entries.
            unsafe { $load(mask, from) }
        }
        #[inline(always)]
        unsafe fn $store_part(to: *mut $item, x: $register, mask: $mask) {
            // SAFETY: the caller vouches for the processor and the masked entries.
            unsafe { $store(to, mask, x) }
        }
    };
}
parts!(f32, __m512, __mmask16, load_part_512 = _mm512_maskz_loadu_ps, store_part_512 = _mm512_mask_storeu_ps);
parts!(
    f64,
    __m512d,
    __mmask8,
    load_part_512d = _mm512_maskz_loadu_pd,
    store_part_512d = _mm512_mask_storeu_pd
);

#[inline(always)]
unsafe fn mask_16(count: usize) -> __mmask16 {
    ((1u32 << count) - 1) as __mmask16
}
#[inline(always)]
unsafe fn mask_8(count: usize) -> __mmask8 {
    ((1u32 << count) - 1) as __mmask8
}
#[inline(always)]
unsafe fn mask_256(count: usize) -> __m256i {
    // SAFETY: the caller vouches for the processor.
    unsafe { _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)) }
}
#[inline(always)]
unsafe fn mask_256d(count: usize) -> __m256i {
    // SAFETY: the caller vouches for the processor.
    unsafe { _mm256_cmpgt_epi64(_mm256_set1_epi64x(count as i64), _mm256_setr_epi64x(0, 1, 2, 3)) }
}
#[inline(always)]
unsafe fn store_part_256(to: *mut f32, x: __m256, mask: __m256i) {
    // SAFETY: the caller vouches for the processor and the masked entries.
    unsafe { _mm256_maskstore_ps(to, mask, x) }
}
#[inline(always)]
unsafe fn store_part_256d(to: *mut f64, x: __m256d, mask: __m256i) {
    // SAFETY: the caller vouches for the processor and the masked entries.
    unsafe { _mm256_maskstore_pd(to, mask, x) }
}

/// Defines a transpose: `log2(LANES)` rounds, in each of which every register is mixed with the one `1 << round` places on, so
/// that blocks of `1 << round` lanes change places. A round names how two registers become two, the lower and the upper.
macro_rules! transpose {
    ($name:ident, $features:literal, $item:ty, $register:ty, $lanes:literal, [$(($low:ident, $high:ident)),*]) => {
        // A function of its own: within a loop, the compiler would keep all its addresses at hand, and most of them in memory.
        #[inline(never)]
        #[target_feature(enable = $features)]
        unsafe fn $name(from: *const $item, from_stride: usize, to: *mut $item, to_stride: usize) {
            // SAFETY: the caller vouches for the processor and the entries.
            unsafe {
                let mut rows = [<$register as Vector>::zero(); $lanes];
                for (i, row) in rows.iter_mut().enumerate() {
                    *row = Vector::load(from.add(i * from_stride));
                }
                let mut _step = 1;
                $(
                    for i in 0..$lanes {
                        if i & _step == 0 {
                            let (a, b) = (rows[i], rows[i + _step]);
                            rows[i] = $low(a, b);
                            rows[i + _step] = $high(a, b);
                        }
                    }
                    _step *= 2;
                )*
                for (j, row) in rows.iter().enumerate() {
                    row.store(to.add(j * to_stride));
                }
            }
        }
    };
}
/// Defines how two registers are mixed.
macro_rules! mix {
    ($name:ident, $register:ty, |$a:ident, $b:ident| $mixed:expr) => {
        #[inline(always)]
        unsafe fn $name($a: $register, $b: $register) -> $register {
            // SAFETY: the caller vouches for the processor.
            unsafe { $mixed }
        }
    };
}
mix!(low_1_512, __m512, |a, b| _mm512_mask_moveldup_ps(a, 0xaaaa, b));
mix!(high_1_512, __m512, |a, b| _mm512_mask_movehdup_ps(b, 0x5555, a));
mix!(low_2_512, __m512, |a, b| {
    _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)))
});
mix!(high_2_512, __m512, |a, b| {
    _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)))
});
// The even quarters of both, and the odd ones: twice that puts all quarters in their places.
mix!(even_512, __m512, |a, b| _mm512_shuffle_f32x4::<0x88>(a, b));
mix!(odd_512, __m512, |a, b| _mm512_shuffle_f32x4::<0xdd>(a, b));
transpose!(
    transpose_512,
    "avx512f",
    f32,
    __m512,
    16,
    [(low_1_512, high_1_512), (low_2_512, high_2_512), (even_512, odd_512), (even_512, odd_512)]
);

mix!(low_1_512d, __m512d, |a, b| _mm512_unpacklo_pd(a, b));
mix!(high_1_512d, __m512d, |a, b| _mm512_unpackhi_pd(a, b));
mix!(even_512d, __m512d, |a, b| _mm512_shuffle_f64x2::<0x88>(a, b));
mix!(odd_512d, __m512d, |a, b| _mm512_shuffle_f64x2::<0xdd>(a, b));
transpose!(
    transpose_512d,
    "avx512f",
    f64,
    __m512d,
    8,
    [(low_1_512d, high_1_512d), (even_512d, odd_512d), (even_512d, odd_512d)]
);

mix!(low_1_256, __m256, |a, b| _mm256_blend_ps::<0xaa>(a, _mm256_moveldup_ps(b)));
mix!(high_1_256, __m256, |a, b| _mm256_blend_ps::<0xaa>(_mm256_movehdup_ps(a), b));
mix!(low_2_256, __m256, |a, b| {
    _mm256_castpd_ps(_mm256_unpacklo_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)))
});
mix!(high_2_256, __m256, |a, b| {
    _mm256_castpd_ps(_mm256_unpackhi_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)))
});
mix!(low_4_256, __m256, |a, b| _mm256_permute2f128_ps::<0x20>(a, b));
mix!(high_4_256, __m256, |a, b| _mm256_permute2f128_ps::<0x31>(a, b));
transpose!(
    transpose_256,
    "avx2",
    f32,
    __m256,
    8,
    [(low_1_256, high_1_256), (low_2_256, high_2_256), (low_4_256, high_4_256)]
);

mix!(low_1_256d, __m256d, |a, b| _mm256_unpacklo_pd(a, b));
mix!(high_1_256d, __m256d, |a, b| _mm256_unpackhi_pd(a, b));
mix!(low_2_256d, __m256d, |a, b| _mm256_permute2f128_pd::<0x20>(a, b));
mix!(high_2_256d, __m256d, |a, b| _mm256_permute2f128_pd::<0x31>(a, b));
transpose!(transpose_256d, "avx2", f64, __m256d, 4, [(low_1_256d, high_1_256d), (low_2_256d, high_2_256d)]);
