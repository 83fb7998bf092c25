//! The distinct words of a column, end to end, so that many short ones take little more than their letters.

use std::ops::Index;

/// Words in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Distinct {
    text: String,
    /// Where each word ends.
    ends: Vec<u64>,
}

impl Distinct {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes that they take.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len() + size_of_val(self.ends.as_slice())
    }

    /// All words end to end, and where each ends.
    pub(crate) fn into_parts(self) -> (String, Vec<u64>) {
        (self.text, self.ends)
    }

    /// The words of what [`Distinct::into_parts`] gave.
    pub(crate) fn of_parts(text: String, ends: Vec<u64>) -> Distinct {
        Distinct { text, ends }
    }

    pub(crate) fn push(&mut self, word: &str) {
        self.text.push_str(word);
        self.ends.push(self.text.len() as u64);
    }

    pub(crate) fn get(&self, place: usize) -> Option<&str> {
        (place < self.len()).then(|| &self[place])
    }

    pub(crate) fn first(&self) -> Option<&str> {
        self.get(0)
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        (0..self.len()).map(|place| &self[place])
    }
}

impl Index<usize> for Distinct {
    type Output = str;

    fn index(&self, place: usize) -> &str {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[place] as usize]
    }
}

impl<S: AsRef<str>> FromIterator<S> for Distinct {
    fn from_iter<I: IntoIterator<Item = S>>(words: I) -> Distinct {
        let mut distinct = Distinct::default();
        words.into_iter().for_each(|word| distinct.push(word.as_ref()));
        distinct
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_their_order() {
        let words = ["", "ab", "\u{e4}", "", "c"];
        let distinct: Distinct = words.iter().collect();
        assert!(distinct.iter().eq(words) && distinct.len() == 5);
        assert_eq!((distinct.first(), distinct.get(2), distinct.get(5)), (Some(""), Some("\u{e4}"), None));
        assert_eq!(&distinct[4], "c");
    }
}
