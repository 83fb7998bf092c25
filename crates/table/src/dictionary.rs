//! The place of each word among distinct words, each of which is stored once.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use crate::distinct::Distinct;

/// Looks words up among those that it has put into a list. It holds their places alone, at a hash of each word or, where that place
/// is taken, at the next free one; it is never walked through.
#[derive(Default)]
pub(crate) struct Dictionary {
    /// Places in the list, or [`Dictionary::FREE`]; a power of two of them, at most three quarters taken.
    slots: Vec<u32>,
    hash: RandomState,
}

impl Dictionary {
    const FREE: u32 = u32::MAX;

    /// The place of a word in the list, at whose end it is put where it is new; none where the list holds as many as there are places.
    pub(crate) fn place(&mut self, list: &mut Distinct, word: &str) -> Option<u32> {
        if list.len() * 4 >= self.slots.len() * 3 {
            self.grow(list);
        }
        let slot = self.slot(list, word);
        if self.slots[slot] == Dictionary::FREE {
            self.slots[slot] = u32::try_from(list.len()).ok().filter(|place| *place != Dictionary::FREE)?;
            list.push(word);
        }
        Some(self.slots[slot])
    }

    /// Where the place of a word stands, or is to stand.
    fn slot(&self, list: &Distinct, word: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = self.hash.hash_one(word) as usize & mask;
        while self.slots[slot] != Dictionary::FREE && &list[self.slots[slot] as usize] != word {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self, list: &Distinct) {
        self.slots = vec![Dictionary::FREE; (2 * self.slots.len()).max(16)];
        for (place, word) in list.iter().enumerate() {
            let slot = self.slot(list, word);
            self.slots[slot] = place as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_has_one_place() {
        let (mut dictionary, mut list) = (Dictionary::default(), Distinct::default());
        for turn in 0..2 {
            for number in 0..1000 {
                let place = dictionary.place(&mut list, &number.to_string());
                assert_eq!(place, Some(number), "{turn}");
            }
        }
        assert_eq!(list.len(), 1000);
        assert_eq!(dictionary.place(&mut list, ""), Some(1000));
    }
}
