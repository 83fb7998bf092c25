//! The numbers that an engine computes with, `f32` and `f64`, and what its kernels need of them.

use crate::doors::Compiled;
use crate::product::vector::{Portable, Vector};
use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A precision of the engine: `f32` or `f64`. Sealed.
pub trait Element: Compiled {}

impl Element for f32 {}
impl Element for f64 {}

/// What the kernels need of a number: exact operations, bit tricks, and the constants of the elementary functions.
/// Public in a private module, which seals [`Element`].
pub trait Number:
    Copy
    + Default
    + Debug
    + PartialEq
    + PartialOrd
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// The register of the portable kernels.
    type Portable: Vector<Item = Self>;
    /// The register of the AVX2 kernels.
    #[cfg(target_arch = "x86_64")]
    type Avx2: Vector<Item = Self>;
    /// The register of the AVX-512 kernels.
    #[cfg(target_arch = "x86_64")]
    type Avx512: Vector<Item = Self>;

    /// Entries of a block of a lane program: 2 KiB, so that a dozen registers stay in the first cache.
    const BLOCK: usize = 2048 / size_of::<Self>();

    /// 0.
    const ZERO: Self;
    /// 1/2.
    const HALF: Self;
    /// 1.
    const ONE: Self;
    /// 2.
    const TWO: Self;
    /// Infinity.
    const INFINITY: Self;
    /// Not a number.
    const NAN: Self;

    /// Bits of the significand that are stored.
    const DIGITS: u32;
    /// The exponent's bits of 1.
    const BIAS: u64;
    /// sqrt(1/2).
    const SQRT_HALF: Self;

    /// 1/log(2).
    const LOG2_E: Self;
    /// log(2), its upper bits: times any exponent, it is exact.
    const LN2_HIGH: Self;
    /// log(2), the rest.
    const LN2_LOW: Self;
    /// 1.5 times 2 to the length of the significand: adding it rounds to an integer, which the low bits then hold.
    const SHIFT: Self;
    /// From here on `exp` is infinite; the engine never looks further.
    const EXP_MAX: Self;
    /// From here down `exp` is 0.
    const EXP_MIN: Self;
    /// From here down `expm1` is -1.
    const EXPM1_MIN: Self;
    /// 2/log(2).
    const TWO_LOG2_E: Self;
    /// From here on `tanh` is 1.
    const TANH_MAX: Self;
    /// From here on `erf` is 1.
    const ERF_MAX: Self;
    /// Below this distance from 0, `expm1(x)` is `x`.
    const TINY: Self;
    /// Coefficients of q, highest first, in `exp(r) = 1 + r + r^2*q(r)` on [-log(2)/2, log(2)/2].
    const EXP: &'static [Self];
    /// Coefficients of p, highest first, in `2*artanh(s) = 2*s + s^3*p(s^2)` for `s` up to `(sqrt(2) - 1)/(sqrt(2) + 1)`.
    const LOG: &'static [Self];
    /// Coefficients of p, highest first, in `tanh(x) = x + x^3*p(x^2)` below `TANH_NEAR`.
    const TANH: &'static [Self];
    /// Below this distance from 0, `tanh` is its polynomial.
    const TANH_NEAR: Self;
    /// Coefficients of q, highest first, in `2^r = 1 + r*q(r)` on [-1/2, 1/2].
    const EXP2: &'static [Self];
    /// Coefficients of p, highest first, in `erf(x) = x + x*p(x^2)` below `ERF_NEAR`.
    const ERF: &'static [Self];
    /// Coefficients of l, highest first, in `1 - erf(x) = 2^l(x)` from `ERF_NEAR` to `ERF_MAX`.
    const ERFC: &'static [Self];
    /// Below this distance from 0, `erf` is its polynomial.
    const ERF_NEAR: Self;
    /// The smallest normal number.
    const MIN_POSITIVE: Self;

    /// The nearest number of this precision.
    fn from_f64(x: f64) -> Self;
    /// The same number.
    fn to_f64(self) -> f64;
    /// `self*b + c`, rounded once.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// The distance from 0.
    fn abs(self) -> Self;
    /// Its absolute value, with the sign of `sign`.
    fn copysign(self, sign: Self) -> Self;
    /// Whether it is finite and neither 0 nor subnormal.
    fn is_normal(self) -> bool;
    /// The number of these bits, of which f32 takes the lower half.
    fn from_raw(bits: u64) -> Self;
    /// Its bits.
    fn raw(self) -> u64;
    /// The sum of the bits as integers.
    fn add_bits(self, other: Self) -> Self;
    /// The difference of the bits as integers.
    fn subtract_bits(self, other: Self) -> Self;
    /// The bits that are set in both.
    fn and_bits(self, other: Self) -> Self;
    /// The bits moved up.
    fn shift_left(self, count: u32) -> Self;
    /// The bits moved down, zeros after them.
    fn shift_right(self, count: u32) -> Self;
}

macro_rules! number {
    ($float:ident, $bits:ident, $avx2:ident, $avx512:ident, { $($constant:ident = $value:expr;)* }) => {
        impl Number for $float {
            type Portable = Portable<$float>;
            #[cfg(target_arch = "x86_64")]
            type Avx2 = std::arch::x86_64::$avx2;
            #[cfg(target_arch = "x86_64")]
            type Avx512 = std::arch::x86_64::$avx512;

            const ZERO: $float = 0.0;
            const HALF: $float = 0.5;
            const ONE: $float = 1.0;
            const TWO: $float = 2.0;
            const INFINITY: $float = $float::INFINITY;
            const NAN: $float = $float::NAN;
            const MIN_POSITIVE: $float = $float::MIN_POSITIVE;
            const LOG2_E: $float = std::$float::consts::LOG2_E;
            const TWO_LOG2_E: $float = 2.0 * std::$float::consts::LOG2_E;
            $(const $constant: number!(@type $constant $float) = $value;)*

            #[inline(always)]
            fn from_f64(x: f64) -> $float {
                x as $float
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn mul_add(self, b: $float, c: $float) -> $float {
                $float::mul_add(self, b, c)
            }
            #[inline(always)]
            fn sqrt(self) -> $float {
                $float::sqrt(self)
            }
            #[inline(always)]
            fn abs(self) -> $float {
                $float::abs(self)
            }
            #[inline(always)]
            fn copysign(self, sign: $float) -> $float {
                $float::copysign(self, sign)
            }
            #[inline(always)]
            fn is_normal(self) -> bool {
                $float::is_normal(self)
            }
            #[inline(always)]
            fn from_raw(bits: u64) -> $float {
                $float::from_bits(bits as $bits)
            }
            #[inline(always)]
            fn raw(self) -> u64 {
                u64::from(self.to_bits())
            }
            #[inline(always)]
            fn add_bits(self, other: $float) -> $float {
                $float::from_bits(self.to_bits().wrapping_add(other.to_bits()))
            }
            #[inline(always)]
            fn subtract_bits(self, other: $float) -> $float {
                $float::from_bits(self.to_bits().wrapping_sub(other.to_bits()))
            }
            #[inline(always)]
            fn and_bits(self, other: $float) -> $float {
                $float::from_bits(self.to_bits() & other.to_bits())
            }
            #[inline(always)]
            fn shift_left(self, count: u32) -> $float {
                $float::from_bits(self.to_bits() << count)
            }
            #[inline(always)]
            fn shift_right(self, count: u32) -> $float {
                $float::from_bits(self.to_bits() >> count)
            }
        }
    };
    (@type EXP $float:ident) => { &'static [$float] };
    (@type LOG $float:ident) => { &'static [$float] };
    (@type TANH $float:ident) => { &'static [$float] };
    (@type EXP2 $float:ident) => { &'static [$float] };
    (@type ERF $float:ident) => { &'static [$float] };
    (@type ERFC $float:ident) => { &'static [$float] };
    (@type DIGITS $float:ident) => { u32 };
    (@type BIAS $float:ident) => { u64 };
    (@type $constant:ident $float:ident) => { $float };
}

// The coefficients are Chebyshev fits, computed with 200 bits on intervals 1e-4 wider than needed. Their errors: EXP 1.4e-9
// and 1.4e-18 (of q); LOG 1.2e-9 and 3.1e-16, TANH 1.3e-8 and 7.7e-18 (of p): far below half a unit in the result's last place.
number!(f32, u32, __m256, __m512, {
    DIGITS = 23;
    BIAS = 127;
    SQRT_HALF = std::f32::consts::FRAC_1_SQRT_2;
    LN2_HIGH = 0.693_145_75;
    LN2_LOW = 1.428_606_8e-6;
    SHIFT = 12_582_912.0;
    EXP_MAX = 89.0;
    EXP_MIN = -104.0;
    EXPM1_MIN = -18.0;
    TANH_MAX = 9.1;
    ERF_MAX = 3.95;
    ERF_NEAR = 1.0;
    EXP2 = &[1.5353246e-04, 0.0013398895, 0.009618438, 0.055503324, 0.24022648, std::f32::consts::LN_2];
    ERF = &[7.787663e-05, -7.9916057e-04, 0.005186382, -0.02685288, 0.11283565, -0.37612623, 0.12837917];
    ERFC = &[2.6944425e-04, -0.0042584664, 0.031531174, -0.14880925, -0.92057663, -1.6260927, -4.803178e-04];
    TANH_NEAR = 0.55;
    TINY = 1.0e-20;
    EXP = &[0.000_198_909_91, 0.001_393_365, 0.008_333_311, 0.041_666_465, 0.166_666_67, 0.5];
    TANH = &[-0.006_609_614, 0.021_309_062, -0.053_909_376, 0.133_331_13, -0.333_333_3];
    LOG = &[0.233_305_82, 0.285_508_17, 0.400_001_22, 0.666_666_7];
});

number!(f64, u64, __m256d, __m512d, {
    DIGITS = 52;
    BIAS = 1023;
    SQRT_HALF = std::f64::consts::FRAC_1_SQRT_2;
    LN2_HIGH = 0.693_147_180_369_123_8;
    LN2_LOW = 1.908_214_929_270_587_7e-10;
    SHIFT = 6_755_399_441_055_744.0;
    EXP_MAX = 710.0;
    EXP_MIN = -746.0;
    EXPM1_MIN = -38.0;
    TANH_MAX = 19.2;
    ERF_MAX = 6.0;
    ERF_NEAR = 1.0;
    EXP2 = &[
        4.434753143501412e-10,
        7.073790203134313e-09,
        1.017819977521544e-07,
        1.3215435244407181e-06,
        1.5252733492429001e-05,
        0.00015403530457182456,
        0.0013333558146775572,
        0.009618129107594069,
        0.05550410866482008,
        0.2402265069591013,
        std::f64::consts::LN_2,
    ];
    ERF = &[
        5.890787639080087e-11,
        -1.1333842379619107e-09,
        1.4649756754350108e-08,
        -1.6348835784858576e-07,
        1.646086253581821e-06,
        -1.4925586764395886e-05,
        0.00012055330762393943,
        -0.0008548326971399465,
        0.005223977624656613,
        -0.026866170645060517,
        0.11283791670954794,
        -0.3761263890318375,
        0.1283791670955126,
    ];
    ERFC = &[
        1.541793870939395e-12,
        -7.035296104508075e-11,
        1.5025822119084652e-09,
        -1.9936496157844646e-08,
        1.8369178492903557e-07,
        -1.241631017246299e-06,
        6.311338851018312e-06,
        -2.407860787439501e-05,
        6.571776344530973e-05,
        -0.00010324727988942608,
        -6.144687876007898e-05,
        0.0009202446904029654,
        -0.0025465308043348847,
        0.0003995348272656489,
        0.02752754226219721,
        -0.14823479567758796,
        -0.9184601049160833,
        -1.6279045229529572,
        -2.441043171998872e-07,
    ];
    TANH_NEAR = 0.55;
    TINY = 1.0e-40;
    TANH = &[
        -2.059_855_667_327_516_6e-5,
        8.510_707_927_354_112e-5,
        -0.000_234_631_045_283_004_06,
        0.000_588_934_807_244_702_8,
        -0.001_455_661_577_570_236_5,
        0.003_592_110_347_096_177,
        -0.008_863_234_395_418_095,
        0.021_869_488_493_563_037,
        -0.053_968_253_967_431_74,
        0.133_333_333_333_327_14,
        -0.333_333_333_333_333_3,
    ];
    EXP = &[
        2.091_468_696_808_687_6e-9,
        2.510_521_700_472_074_5e-8,
        2.755_727_364_311_03e-7,
        2.755_725_540_020_642_2e-6,
        2.480_158_732_554_774_3e-5,
        0.000_198_412_698_748_206_27,
        0.001_388_888_888_888_374_8,
        0.008_333_333_333_326_136,
        0.041_666_666_666_666_7,
        0.166_666_666_666_666_7,
        0.5,
    ];
    LOG = &[
        0.146_165_854_248_886_23,
        0.153_317_106_182_107_73,
        0.181_828_894_556_749_47,
        0.222_222_111_302_598_78,
        0.285_714_286_260_032_7,
        0.399_999_999_998_994_44,
        0.666_666_666_666_667,
    ];
});
