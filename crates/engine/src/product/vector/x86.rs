//! Registers of x86-64.

use super::Vector;
use std::arch::x86_64::*;

macro_rules! vector {
    (
        $register:ty, $item:ty, $lanes:literal, $height:literal,
        $zero:ident, $splat:ident, $load:ident, $store:ident, $fma:ident,
        $mask:ty, $mask_first:ident, $load_part:ident, $store_part:ident
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
            fn prefetch(address: *const $item) {
                // SAFETY: a hint, which reads nothing.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) }
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
    store_part_512
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
    store_part_512d
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
    store_part_256
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
    store_part_256d
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
