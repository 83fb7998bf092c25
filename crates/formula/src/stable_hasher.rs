//! A hash that does not depend on the toolchain.

use std::hash::Hasher;

/// A hash that is the same in every run, on every machine and with every compiler, for what is printed may depend on it: 64 bits
/// at a time, each multiplied and mixed as in SplitMix64 (Steele, Lea and Flood, 2014).
#[derive(Default)]
pub struct StableHasher(u64);

impl StableHasher {
    fn mix(&mut self, word: u64) {
        let mut state = (self.0 ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        self.0 = state ^ (state >> 31);
    }
}

impl Hasher for StableHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.mix(u64::from(*byte)));
    }

    fn write_u32(&mut self, word: u32) {
        self.mix(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.mix(word);
    }

    fn write_i64(&mut self, word: i64) {
        self.mix(word as u64);
    }

    fn write_usize(&mut self, word: usize) {
        self.mix(word as u64);
    }

    fn write_isize(&mut self, word: isize) {
        self.mix(word as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::StableHasher;
    use std::hash::{Hash, Hasher};

    #[test]
    fn a_value_has_one_hash_for_ever() {
        let mut hasher = StableHasher::default();
        (3_u8, 7_u32, vec![1_usize, 2], Some(-5_i64), "name").hash(&mut hasher);
        assert_eq!(hasher.finish(), 0xdbe31450d1d0e93b);
    }
}
