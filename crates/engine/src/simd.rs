//! The families of vector instructions, chosen when an engine is made; every family computes the same bits.

use crate::error::EngineError;

/// A family of vector instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Simd {
    /// What every processor of the target has. Where that lacks a fused multiply-add (x86-64), one is computed in software: right, and slow.
    Portable,
    /// x86-64 with AVX2 and FMA: vectors of 256 bits.
    Avx2,
    /// x86-64 with AVX-512 F, BW, DQ and VL: vectors of 512 bits.
    Avx512,
}

impl Simd {
    /// The widest family that this processor has.
    pub fn detect() -> Simd {
        [Simd::Avx512, Simd::Avx2].into_iter().find(|simd| simd.is_available()).unwrap_or(Simd::Portable)
    }

    /// Whether this processor has it.
    pub fn is_available(self) -> bool {
        match self {
            Simd::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Simd::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Simd::Avx512 => {
                Simd::Avx2.is_available()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Simd::Avx2 | Simd::Avx512 => false,
        }
    }

    /// Itself, if this processor has it.
    pub(crate) fn checked(self) -> Result<Simd, EngineError> {
        if self.is_available() { Ok(self) } else { Err(EngineError::Simd { name: self.name() }) }
    }

    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self {
            Simd::Portable => "portable",
            Simd::Avx2 => "AVX2 and FMA",
            Simd::Avx512 => "AVX-512",
        }
    }
}

/// While it lives, its thread takes subnormal numbers for 0 and makes none: they can cost a hundred times as much as others,
/// and a vanishing gradient is full of them. The mode that was before returns with its end. (Miri
/// knows no such mode.)
pub(crate) struct Flush {
    #[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
    before: u64,
    /// The mode is one thread's: this may not go to another.
    stays: std::marker::PhantomData<*const ()>,
}

impl Flush {
    /// Turns the mode on.
    pub(crate) fn on() -> Flush {
        #[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
        let before = {
            let before = control();
            // SAFETY: the bits are those of flushing alone; see `set_control`.
            unsafe { set_control(before | FLUSH) };
            before
        };
        Flush {
            #[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
            before,
            stays: std::marker::PhantomData,
        }
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        #[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
        // SAFETY: what was there before.
        unsafe {
            set_control(self.before);
        }
    }
}

/// MXCSR: results (15) and operands (6).
#[cfg(all(target_arch = "x86_64", not(miri)))]
const FLUSH: u64 = 1 << 15 | 1 << 6;
/// FPCR: FZ.
#[cfg(all(target_arch = "aarch64", not(miri)))]
const FLUSH: u64 = 1 << 24;

/// The register that says how the processor computes with numbers.
#[cfg(all(target_arch = "x86_64", not(miri)))]
fn control() -> u64 {
    let mut register = 0_u32;
    // SAFETY: MXCSR, 32 bits, is stored to the variable; nothing else happens.
    unsafe {
        std::arch::asm!("stmxcsr [{}]", in(reg) &mut register, options(nostack, preserves_flags));
    }
    u64::from(register)
}

/// Sets it.
///
/// # Safety
/// Only the bits of flushing may differ from the usual mode. The compiler takes the usual mode for granted in what it computes
/// ahead; the engine's constants and what follows from them are normal numbers, so that both modes agree on them.
#[cfg(all(target_arch = "x86_64", not(miri)))]
unsafe fn set_control(register: u64) {
    let register = register as u32;
    // SAFETY: as the caller vouches: rounding and exceptions stay as they are. Without `nomem` or `readonly`, no
    // computation with memory moves across.
    unsafe {
        std::arch::asm!("ldmxcsr [{}]", in(reg) &register, options(nostack, preserves_flags));
    }
}

/// The register that says how the processor computes with numbers.
#[cfg(all(target_arch = "aarch64", not(miri)))]
fn control() -> u64 {
    let register: u64;
    // SAFETY: FPCR is read; nothing else happens.
    unsafe { std::arch::asm!("mrs {}, fpcr", out(reg) register, options(nostack, preserves_flags)) };
    register
}

/// Sets it.
///
/// # Safety
/// Only the bits of flushing may differ from the usual mode. The compiler takes the usual mode for granted in what it computes
/// ahead; the engine's constants and what follows from them are normal numbers, so that both modes agree on them.
#[cfg(all(target_arch = "aarch64", not(miri)))]
unsafe fn set_control(register: u64) {
    // SAFETY: as the caller vouches: rounding and exceptions stay as they are.
    unsafe { std::arch::asm!("msr fpcr, {}", in(reg) register, options(nostack, preserves_flags)) };
}

/// Defines a function `name(simd, arguments)` that runs `body::<T>(arguments)` compiled for the family `simd`. `body` must
/// be generic over [`crate::element::Number`] and marked `#[inline(always)]`, so that each copy is compiled with its family's instructions.
macro_rules! for_each_simd {
    ($(#[$attribute:meta])* fn $name:ident = $body:path, ($($argument:ident: $type:ty),* $(,)?)) => {
        $(#[$attribute])*
        #[allow(clippy::too_many_arguments)]
        pub(crate) unsafe fn $name<T: $crate::element::Number>(simd: $crate::simd::Simd, $($argument: $type),*) {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
            #[allow(clippy::too_many_arguments)]
            unsafe fn avx512<T: $crate::element::Number>($($argument: $type),*) {
                // SAFETY: the caller of `name` keeps what `body` asks for.
                unsafe { $body($crate::simd::Family::<T::Avx512>::NEW, $($argument),*) }
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            #[allow(clippy::too_many_arguments)]
            unsafe fn avx2<T: $crate::element::Number>($($argument: $type),*) {
                // SAFETY: the caller of `name` keeps what `body` asks for.
                unsafe { $body($crate::simd::Family::<T::Avx2>::NEW, $($argument),*) }
            }
            match simd {
                // SAFETY: engines are only made for a family that the processor has, and the caller keeps the rest.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::Simd::Avx512 => unsafe { avx512::<T>($($argument),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::Simd::Avx2 => unsafe { avx2::<T>($($argument),*) },
                // SAFETY: the portable family asks for nothing; the caller keeps the rest.
                _ => unsafe { $body($crate::simd::Family::<T::Portable>::NEW, $($argument),*) },
            }
        }
    };
}
pub(crate) use for_each_simd;

/// Asks for an entry ahead of its use, into the second cache. Nothing is read where it cannot be.
pub(crate) fn prefetch<T>(address: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every processor of the target has the instruction, and it faults on no address.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T1 }>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// Names a family's vector type, so that a body can be generic over it.
pub(crate) struct Family<V>(std::marker::PhantomData<V>);

impl<V> Family<V> {
    pub(crate) const NEW: Family<V> = Family(std::marker::PhantomData);
}

#[cfg(test)]
mod tests {
    use super::Flush;
    use std::hint::black_box;

    #[test]
    #[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
    fn subnormal_numbers_are_flushed_while_it_lives() {
        let small = f32::MIN_POSITIVE;
        let halved = || black_box(black_box(small) * black_box(0.5));
        assert_eq!(halved(), small / 2.0);
        {
            let _flush = Flush::on();
            assert_eq!(halved(), 0.0);
            assert_eq!(black_box(black_box(1e-40_f32) * black_box(1e30)), 0.0);
        }
        assert_eq!(halved(), small / 2.0);
    }
}
