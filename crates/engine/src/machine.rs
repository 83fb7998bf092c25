//! What this machine can do at most: multiply-adds that never leave the registers, and numbers streamed through memory.
//!
//! A measured speed says little without its limit. These two limits are measured where the speed is: in the same process, on
//! the same cores, a moment before or after, because clocks change within a second.

use std::sync::Barrier;
use std::time::{Duration, Instant};

/// Multiply-adds of single precision a second, times two: the rate of `threads` loops at once whose numbers all stay in registers,
/// in operations a second. It is the median of short stretches over `time`: a loop that is interrupted now and then is not slower
/// for that, and one that had the other's share for a moment is not faster.
///
/// No product of matrices can be faster: it does as many multiply-adds and moves its numbers besides.
///
/// ```
/// let peak = chainrule_engine::peak_operations(1, std::time::Duration::from_millis(10));
/// assert!(peak > 1e8);
/// ```
pub fn peak_operations(threads: usize, time: Duration) -> f64 {
    rate(threads, time, || multiply_adds(STRETCH) * 2.0)
}

/// Rounds of a stretch: some tens of microseconds.
const STRETCH: usize = 20_000;

/// Bytes a second through memory: the rate of `a[i] = b[i] + s*c[i]` (the triad of McCalpin's STREAM) by `threads` threads, each over
/// three arrays of `entries` numbers of single precision. Counted are the bytes that the formula reads and writes; what a processor
/// reads besides, because it is about to be written, is not. The best of the passes that fit into `time`, of two at least.
///
/// Arrays must be larger than the caches for this to say something of memory.
pub fn bandwidth(threads: usize, entries: usize, time: Duration) -> f64 {
    let arrays = || [0.0, 1.0, 2.0].map(|value| vec![value; entries]);
    let mut memory: Vec<[Vec<f32>; 3]> = (0..threads.max(1)).map(|_| arrays()).collect();
    let (start, mut passes, mut most) = (Instant::now(), 0, 0.0_f64);
    while passes < 3 || start.elapsed() < time {
        let barrier = Barrier::new(memory.len());
        let barrier = &barrier;
        let rates: Vec<f64> = std::thread::scope(|scope| {
            let pass = |arrays| scope.spawn(move || triad(arrays, barrier));
            let threads: Vec<_> = memory.iter_mut().map(pass).collect();
            threads.into_iter().map(|thread| thread.join().unwrap_or(0.0)).collect()
        });
        // The first pass meets pages of memory that are not there yet.
        if passes > 0 {
            most = most.max(rates.iter().sum());
        }
        passes += 1;
    }
    most
}

/// One pass of the triad: bytes a second.
fn triad([a, b, c]: &mut [Vec<f32>; 3], barrier: &Barrier) -> f64 {
    barrier.wait();
    let start = Instant::now();
    for ((a, b), c) in a.iter_mut().zip(b.iter()).zip(c.iter()) {
        *a = *b + 0.5 * *c;
    }
    std::hint::black_box(&a);
    (3 * size_of::<f32>() * a.len()) as f64 / start.elapsed().as_secs_f64()
}

/// The rate of `threads` threads that do the same at once: the sum of each one's median, in units of what `work` returns a second.
fn rate(threads: usize, time: Duration, work: impl Fn() -> f64 + Sync) -> f64 {
    let threads = threads.max(1);
    let barrier = Barrier::new(threads);
    let (barrier, work) = (&barrier, &work);
    let stretches = move || {
        barrier.wait();
        let (start, mut rates) = (Instant::now(), Vec::new());
        while rates.is_empty() || start.elapsed() < time {
            let before = Instant::now();
            let done = work();
            rates.push(done / before.elapsed().as_secs_f64());
        }
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    };
    if threads == 1 {
        return stretches();
    }
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(stretches)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(0.0)).sum()
    })
}

/// Runs a loop of multiply-adds on the widest vectors there are: how many it did.
fn multiply_adds(rounds: usize) -> f64 {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has AVX-512 F.
            return unsafe { avx512(rounds) };
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the processor has AVX2 and FMA.
            return unsafe { avx2(rounds) };
        }
    }
    #[cfg(target_arch = "aarch64")]
    if std::arch::is_aarch64_feature_detected!("neon") {
        // SAFETY: the processor has NEON.
        return unsafe { neon(rounds) };
    }
    plain(rounds)
}

/// Defines a loop over accumulators, enough of them to hide an instruction's delay, few enough to stay in registers.
macro_rules! register_loop {
    ($name:ident, $features:literal, $accumulators:literal, $lanes:literal, $splat:path, |$x:ident, $y:ident, $sum:ident| $step:expr) => {
        #[target_feature(enable = $features)]
        fn $name(rounds: usize) -> f64 {
            // Opaque, so that nothing is computed ahead; the sums stay near 1.
            let ($x, $y) = ($splat(std::hint::black_box(0.5)), $splat(std::hint::black_box(0.5)));
            let mut sums = [$splat(1.0); $accumulators];
            for _ in 0..rounds {
                for sum in &mut sums {
                    let $sum = *sum;
                    *sum = $step;
                }
            }
            std::hint::black_box(sums);
            (rounds * $accumulators * $lanes) as f64
        }
    };
}

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{_mm256_fmadd_ps, _mm256_set1_ps, _mm512_fmadd_ps, _mm512_set1_ps};
#[cfg(target_arch = "x86_64")]
register_loop!(avx512, "avx512f", 16, 16, _mm512_set1_ps, |x, y, sum| _mm512_fmadd_ps(sum, x, y));
#[cfg(target_arch = "x86_64")]
register_loop!(avx2, "avx2,fma", 12, 8, _mm256_set1_ps, |x, y, sum| _mm256_fmadd_ps(sum, x, y));

#[cfg(target_arch = "aarch64")]
use std::arch::aarch64::{vdupq_n_f32, vfmaq_f32};
#[cfg(target_arch = "aarch64")]
register_loop!(neon, "neon", 24, 4, vdupq_n_f32, |x, y, sum| vfmaq_f32(y, sum, x));

/// The loop without vector instructions of a known family: a product and a sum each, as the compiler has them run.
fn plain(rounds: usize) -> f64 {
    const ACCUMULATORS: usize = 32;
    let (x, y) = (std::hint::black_box(0.5_f32), std::hint::black_box(0.5_f32));
    let mut sums = [1.0_f32; ACCUMULATORS];
    for _ in 0..rounds {
        sums.iter_mut().for_each(|sum| *sum = *sum * x + y);
    }
    std::hint::black_box(sums);
    (rounds * ACCUMULATORS) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_positive_and_count_threads() {
        let time = Duration::from_millis(2);
        assert!(multiply_adds(10) > 0.0 && plain(10) == 320.0);
        for threads in [0, 1, 2] {
            let (peak, bandwidth) = (peak_operations(threads, time), bandwidth(threads, 1000, time));
            assert!(peak.is_finite() && peak > 0.0, "{peak}");
            assert!(bandwidth.is_finite() && bandwidth > 0.0, "{bandwidth}");
        }
    }
}
