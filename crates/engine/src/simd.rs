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

/// Names a family's vector type, so that a body can be generic over it.
pub(crate) struct Family<V>(std::marker::PhantomData<V>);

impl<V> Family<V> {
    pub(crate) const NEW: Family<V> = Family(std::marker::PhantomData);
}
