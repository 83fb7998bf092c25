//! A vector register: the five operations that the product kernels need, for each family of instructions.

use crate::element::Number;

/// A register of `LANES` numbers.
///
/// # Safety
/// Every method must only run on a processor with the instructions of its family; `load` and `store` need `LANES` valid entries.
pub trait Vector: Copy {
    /// The number in a lane.
    type Item: Number;
    /// How many numbers it holds.
    const LANES: usize;
    /// Rows of a full tile of accumulators, with two registers a row: what the family's register file holds.
    const HEIGHT: usize;

    /// All lanes 0.
    unsafe fn zero() -> Self;
    /// All lanes `x`.
    unsafe fn splat(x: Self::Item) -> Self;
    /// `LANES` entries from `from` on; any alignment.
    unsafe fn load(from: *const Self::Item) -> Self;
    /// Writes `LANES` entries from `to` on; any alignment.
    unsafe fn store(self, to: *mut Self::Item);
    /// `self * b + c` in each lane, rounded once.
    unsafe fn mul_add(self, b: Self, c: Self) -> Self;
}

/// The portable register: rustc makes of it what the target's base has (NEON on aarch64).
#[derive(Clone, Copy)]
pub struct Portable<T>([T; 4]);

impl<T: Number> Vector for Portable<T> {
    type Item = T;
    const LANES: usize = 4;
    const HEIGHT: usize = 6;

    #[inline(always)]
    unsafe fn zero() -> Self {
        Portable([T::ZERO; 4])
    }
    #[inline(always)]
    unsafe fn splat(x: T) -> Self {
        Portable([x; 4])
    }
    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        // SAFETY: the caller vouches for four entries; an array has the alignment of its item.
        Portable(unsafe { from.cast::<[T; 4]>().read() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        // SAFETY: as for `load`.
        unsafe { to.cast::<[T; 4]>().write(self.0) }
    }
    #[inline(always)]
    unsafe fn mul_add(self, b: Self, c: Self) -> Self {
        Portable(std::array::from_fn(|lane| self.0[lane].mul_add(b.0[lane], c.0[lane])))
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Vector;
    use std::arch::x86_64::*;

    macro_rules! vector {
        ($register:ty, $item:ty, $lanes:literal, $height:literal, $zero:ident, $splat:ident, $load:ident, $store:ident, $fma:ident) => {
            impl Vector for $register {
                type Item = $item;
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
        _mm512_fmadd_ps
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
        _mm512_fmadd_pd
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
        _mm256_fmadd_ps
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
        _mm256_fmadd_pd
    );
}
