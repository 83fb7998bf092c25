//! Random numbers that depend on their key alone: the seed, the purpose, the epoch and an index.
//!
//! # Construction
//!
//! The numbers are the key stream of ChaCha with 8 rounds. Its key of 32 bytes is, each as eight bytes with the lowest
//! first: the seed, the number of the purpose, the epoch, and the tag `chainrul` in ASCII. Its stream number is the
//! index, its block counter starts at 0. Each number below takes the next eight bytes as a whole number `u` of 64 bits,
//! lowest byte first:
//!
//! - uniform: `floor(u / 2^11) / 2^53`, every multiple of 2^-53 in [0, 1) equally often;
//! - normal: `sqrt(-2 ln(1 - u1)) cos(2 pi u2)` of two uniforms (Box and Muller, 1958), the logarithm and the cosine
//!   from `libm`, so that no platform's own library takes part;
//! - below n: the high half of the 128-bit product `u * n`, drawn again while the low half is less than
//!   `2^64 mod n` (Lemire, 2019), so that no value is favoured;
//! - shuffle: for i from the last place down to the second, swap places i and below(i + 1) (Fisher and Yates).
//!
//! No number depends on what was drawn for another key, on the platform, or on the number of threads.
//!
//! ```
//! use chainrule_random::{Purpose, Random};
//!
//! let random = Random::new(7, Purpose::InitialWeights, 0);
//! let row = |index| random.at(index).normal(); // on any thread, in any order
//! let last_first = [row(1), row(0)];
//! assert_eq!([row(0), row(1)], [last_first[1], last_first[0]]);
//! ```

use std::f64::consts::TAU;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What random numbers are drawn for. Purposes never share numbers.
///
/// The numbers of the purposes are part of every random number, so they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Parting the rows of a table into training, validation and test rows.
    Split = 1,
    /// The weights that training starts from.
    InitialWeights = 2,
    /// The order of the rows in an epoch.
    Shuffle = 3,
    /// The points at which a derivative is checked against differences.
    Check = 4,
    /// The small matrices that an explanation shows.
    Example = 5,
}

/// A stream of random numbers for one key.
///
/// ```
/// use chainrule_random::{Purpose, Random};
/// let mut random = Random::new(7, Purpose::Shuffle, 3);
/// let order = random.permutation(5);
/// assert_eq!(order, Random::new(7, Purpose::Shuffle, 3).permutation(5));
/// assert!((0.0..1.0).contains(&random.uniform()));
/// ```
#[derive(Clone, Debug)]
pub struct Random {
    stream: ChaCha8Rng,
}

impl Random {
    /// The stream for a seed, a purpose and an epoch (0 where there are no epochs), at index 0.
    pub fn new(seed: u64, purpose: Purpose, epoch: u64) -> Random {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&(purpose as u64).to_le_bytes());
        key[16..24].copy_from_slice(&epoch.to_le_bytes());
        key[24..].copy_from_slice(b"chainrul");
        Random { stream: ChaCha8Rng::from_seed(key) }
    }

    /// The stream for the same key at another index (a row, a layer), from its start.
    ///
    /// Any index costs the same, so rows can be drawn in any order and on any thread.
    pub fn at(&self, index: u64) -> Random {
        let mut stream = self.stream.clone();
        stream.set_stream(index);
        stream.set_word_pos(0);
        Random { stream }
    }

    /// A number from [0, 1), every multiple of 2^-53 equally often.
    pub fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 53) as f64;
        (self.stream.next_u64() >> 11) as f64 * STEP
    }

    /// A number from the normal distribution with mean 0 and variance 1. It takes two uniforms, always.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(1.0 - self.uniform())).sqrt();
        radius * libm::cos(TAU * self.uniform())
    }

    /// A whole number from 0 to `n - 1`, each equally often; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        // 2^64 mod n, computed without 2^64.
        let unfair = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.stream.next_u64()) * u128::from(n);
            if product as u64 >= unfair {
                return (product >> 64) as u64;
            }
        }
    }

    /// Puts the items into a random order, every order equally often.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }

    /// The numbers from 0 to `n - 1` in a random order.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_gives_one_stream() {
        let draw =
            |mut random: Random| (random.normal().to_bits(), random.below(1000), random.uniform().to_bits());
        let key = || Random::new(1, Purpose::Check, 2);
        assert_eq!(draw(key()), draw(key()));
        assert_eq!(draw(key()), draw(key().at(0)));
        assert_eq!(draw(key().at(9)), draw(key().at(4).at(9)));
    }

    #[test]
    fn an_index_is_read_from_its_start_whatever_was_drawn_before() {
        let mut random = Random::new(1, Purpose::Check, 2);
        let fresh = random.at(5).uniform();
        random.uniform();
        assert_eq!(random.at(5).uniform(), fresh);
    }

    #[test]
    fn every_part_of_the_key_matters() {
        let first =
            |seed, purpose, epoch, index| Random::new(seed, purpose, epoch).at(index).uniform().to_bits();
        let draws = [
            first(0, Purpose::Split, 0, 0),
            first(1, Purpose::Split, 0, 0),
            first(0, Purpose::Shuffle, 0, 0),
            first(0, Purpose::Split, 1, 0),
            first(0, Purpose::Split, 0, 1),
        ];
        for (i, a) in draws.iter().enumerate() {
            assert!(draws[i + 1..].iter().all(|b| a != b));
        }
    }

    /// These numbers come from a second program, written from the construction above in another language. A change
    /// of them would change every seed's model.
    #[test]
    fn the_first_numbers_never_change() {
        let mut random = Random::new(0, Purpose::Split, 0);
        assert_eq!(random.uniform(), 0.012476445058211216);
        assert_eq!(random.normal(), 0.07394302727883373);
        assert_eq!(random.permutation(8), [1, 0, 3, 2, 5, 6, 4, 7]);
        let random = Random::new(7, Purpose::InitialWeights, 3).at(5);
        let order = [6, 5, 10, 12, 17, 3, 9, 19, 15, 11, 13, 8, 1, 0, 16, 14, 18, 2, 4, 7];
        assert_eq!(random.clone().permutation(20), order);
        assert_eq!(random.clone().uniform(), 0.3649235758749626);
    }

    #[test]
    fn below_reaches_every_value_about_equally_often() {
        let mut random = Random::new(3, Purpose::Check, 0);
        let mut counts = [0u32; 7];
        for _ in 0..70_000 {
            counts[random.below(7) as usize] += 1;
        }
        // The standard deviation of a count is about 93.
        assert!(counts.iter().all(|&count| count.abs_diff(10_000) < 500), "{counts:?}");
        assert_eq!(random.below(0), 0);
        assert_eq!(random.below(1), 0);
        assert!(random.below(u64::MAX) < u64::MAX);
    }

    #[test]
    fn normals_have_the_moments_of_the_normal_distribution() {
        let mut random = Random::new(4, Purpose::Check, 0);
        let n = 200_000;
        let draws: Vec<f64> = (0..n).map(|_| random.normal()).collect();
        let moment = |power: usize| {
            draws.iter().map(|&x| [x].repeat(power).iter().product::<f64>()).sum::<f64>() / f64::from(n)
        };
        for (power, want, tolerance) in [(1, 0.0, 0.01), (2, 1.0, 0.02), (3, 0.0, 0.05), (4, 3.0, 0.15)] {
            assert!((moment(power) - want).abs() < tolerance, "moment {power} is {}", moment(power));
        }
        assert!(draws.iter().all(|x| x.is_finite()));
    }

    #[test]
    fn shuffles_reach_every_order_about_equally_often() {
        let mut random = Random::new(5, Purpose::Check, 0);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..24_000 {
            *counts.entry(random.permutation(4)).or_insert(0u32) += 1;
        }
        assert_eq!(counts.len(), 24);
        assert!(counts.values().all(|count| count.abs_diff(1000) < 160), "{counts:?}");
    }
}
