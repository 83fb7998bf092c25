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
    /// Which lanes of a register take part: the first ones.
    type Mask: Copy;

    /// The first `count` lanes, at most `LANES`.
    unsafe fn mask(count: usize) -> Self::Mask;
    /// The masked entries from `from` on, and 0 in the other lanes; no other memory is touched.
    unsafe fn load_part(from: *const Self::Item, mask: Self::Mask) -> Self;
    /// Writes the masked entries from `to` on; no other memory is touched.
    unsafe fn store_part(self, to: *mut Self::Item, mask: Self::Mask);
    /// Writes the transpose of a block of LANES x LANES entries.
    #[inline(always)]
    unsafe fn transpose(from: *const Self::Item, from_stride: usize, to: *mut Self::Item, to_stride: usize) {
        for i in 0..Self::LANES {
            for j in 0..Self::LANES {
                // SAFETY: the caller vouches for the entries.
                unsafe { *to.add(j * to_stride + i) = *from.add(i * from_stride + j) };
            }
        }
    }
    /// Asks for the cache line of an address, which need not be valid, in the first cache.
    #[inline(always)]
    fn prefetch_first(_: *const Self::Item) {}
    /// The same in the second cache.
    #[inline(always)]
    fn prefetch_second(_: *const Self::Item) {}
    /// `self * b + c` in each lane, rounded once.
    unsafe fn mul_add(self, b: Self, c: Self) -> Self;
}

/// The register that every processor of the target has.
#[cfg(not(target_arch = "aarch64"))]
pub type Portable<T> = Plain<T>;
#[cfg(target_arch = "aarch64")]
pub use neon::Portable;

/// Four numbers, of which rustc makes what the target's base has.
#[derive(Clone, Copy)]
pub struct Plain<T>([T; 4]);

impl<T: Number> Vector for Plain<T> {
    type Item = T;
    type Mask = usize;
    const LANES: usize = 4;
    const HEIGHT: usize = 6;

    #[inline(always)]
    unsafe fn zero() -> Self {
        Plain([T::ZERO; 4])
    }
    #[inline(always)]
    unsafe fn splat(x: T) -> Self {
        Plain([x; 4])
    }
    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        // SAFETY: the caller vouches for four entries; an array has the alignment of its item.
        Plain(unsafe { from.cast::<[T; 4]>().read() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        // SAFETY: as for `load`.
        unsafe { to.cast::<[T; 4]>().write(self.0) }
    }
    #[inline(always)]
    unsafe fn mul_add(self, b: Self, c: Self) -> Self {
        Plain(std::array::from_fn(|lane| self.0[lane].mul_add(b.0[lane], c.0[lane])))
    }
    #[inline(always)]
    unsafe fn mask(count: usize) -> usize {
        count
    }
    #[inline(always)]
    unsafe fn load_part(from: *const T, count: usize) -> Self {
        // SAFETY: the caller vouches for `count` entries.
        Plain(std::array::from_fn(|lane| if lane < count { unsafe { *from.add(lane) } } else { T::ZERO }))
    }
    #[inline(always)]
    unsafe fn store_part(self, to: *mut T, count: usize) {
        for (lane, x) in self.0.iter().enumerate().take(count) {
            // SAFETY: the caller vouches for `count` entries.
            unsafe { *to.add(lane) = *x };
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "x86_64")]
mod x86;
