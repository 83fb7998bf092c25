//! Registers of aarch64, whose every processor has NEON. Their tests have run under Miri, on no such processor yet.

use super::Vector;
use std::arch::aarch64::*;

/// The NEON register of a number.
pub type Portable<T> = <T as Neon>::Register;

/// A number that NEON has registers for.
pub trait Neon {
    /// Its register.
    type Register;
}

macro_rules! vector {
    ($register:ty, $item:ty, $lanes:literal, $splat:ident, $load:ident, $store:ident, $fma:ident) => {
        impl Neon for $item {
            type Register = $register;
        }
        impl Vector for $register {
            type Item = $item;
            type Mask = usize;
            const LANES: usize = $lanes;
            // 12 x 2 accumulators of 32 registers, two for B, one for A.
            const HEIGHT: usize = 12;

            #[inline(always)]
            unsafe fn zero() -> Self {
                // SAFETY: every processor of this target has NEON.
                unsafe { $splat(0.0) }
            }
            #[inline(always)]
            unsafe fn splat(x: $item) -> Self {
                // SAFETY: as above.
                unsafe { $splat(x) }
            }
            #[inline(always)]
            unsafe fn load(from: *const $item) -> Self {
                // SAFETY: as above, and the caller vouches for the entries.
                unsafe { $load(from) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $item) {
                // SAFETY: as above, and the caller vouches for the entries.
                unsafe { $store(to, self) }
            }
            #[inline(always)]
            unsafe fn mul_add(self, b: Self, c: Self) -> Self {
                // SAFETY: as above.
                unsafe { $fma(c, self, b) }
            }
            #[inline(always)]
            unsafe fn mask(count: usize) -> usize {
                count
            }
            #[inline(always)]
            unsafe fn load_part(from: *const $item, count: usize) -> Self {
                let mut lanes = [0.0; $lanes];
                for (lane, x) in lanes.iter_mut().enumerate().take(count) {
                    // SAFETY: the caller vouches for `count` entries.
                    *x = unsafe { *from.add(lane) };
                }
                // SAFETY: the array has as many.
                unsafe { $load(lanes.as_ptr()) }
            }
            #[inline(always)]
            unsafe fn store_part(self, to: *mut $item, count: usize) {
                let mut lanes = [0.0; $lanes];
                // SAFETY: the array has as many.
                unsafe { $store(lanes.as_mut_ptr(), self) };
                for (lane, x) in lanes.iter().enumerate().take(count) {
                    // SAFETY: the caller vouches for `count` entries.
                    unsafe { *to.add(lane) = *x };
                }
            }
        }
    };
}
vector!(float32x4_t, f32, 4, vdupq_n_f32, vld1q_f32, vst1q_f32, vfmaq_f32);
vector!(float64x2_t, f64, 2, vdupq_n_f64, vld1q_f64, vst1q_f64, vfmaq_f64);
