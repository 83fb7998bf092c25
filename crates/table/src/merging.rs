//! Words that differ in capitals, blanks or a last point alone, and columns in which they are told to be one.

use std::collections::HashMap;

use crate::choices::fits;
use crate::column::{Cells, Words};
use crate::distinct::Distinct;
use crate::error::Error;
use crate::stored::Stored;
use crate::table::Table;

/// A word as all its spellings are: in small letters, blanks, and `_` and `-` between letters or digits, as one blank, without points
/// at its end.
pub(crate) fn plain(word: &str) -> String {
    let small: Vec<char> = word.trim().trim_end_matches('.').to_lowercase().chars().collect();
    let is_between = |at: usize| {
        let beside = [at.checked_sub(1).and_then(|before| small.get(before)), small.get(at + 1)];
        beside.iter().all(|letter| letter.is_some_and(|letter| letter.is_alphanumeric()))
    };
    let blank =
        |(at, &letter): (usize, &char)| if "_-".contains(letter) && is_between(at) { ' ' } else { letter };
    let blanked: String = small.iter().enumerate().map(blank).collect();
    blanked.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The columns among these that are told: each text is a name, or names and patterns between commas.
pub(crate) fn told_columns(names: &[&str], told: &[String]) -> Vec<String> {
    let is_told = |name: &str| {
        told.iter().any(|text| match names.contains(&text.as_str()) {
            true => text == name,
            false => text.split(',').any(|part| {
                let part = part.trim();
                part == name || part.contains('*') && !names.contains(&part) && fits(part, name)
            }),
        })
    };
    names.iter().filter(|name| is_told(name)).map(|&name| name.to_owned()).collect()
}

impl Table {
    /// Takes the spellings of words in the columns that are told to be one; no other columns are asked about.
    pub(crate) fn merged(mut self, told: &[String]) -> Result<Table, Error> {
        if told.is_empty() {
            return Ok(self);
        }
        let names: Vec<&str> = self.columns.iter().map(|column| column.name()).collect();
        self.reading.merged = told_columns(&names, told);
        for column in self.columns.iter_mut().filter(|column| self.reading.merged.contains(&column.name)) {
            let mut cells = column.cells()?.into_owned();
            if let Cells::Text(words) = &mut cells {
                words.merge();
                let merged = Stored::Held(cells);
                column.stored = match column.stored.spool() {
                    Some(spool) => merged.spooled(spool)?,
                    None => merged,
                };
            }
        }
        Ok(self)
    }
}

impl Words {
    /// Takes all spellings of a word as one.
    fn merge(&mut self) {
        let mut places: HashMap<String, u32> = HashMap::new();
        let mut distinct = Distinct::default();
        let mut place = |word: &str| {
            // A word of signs alone is itself.
            let one = Some(plain(word)).filter(|one| !one.is_empty()).unwrap_or_else(|| word.to_owned());
            *places.entry(one).or_insert_with_key(|one| {
                distinct.push(one);
                // There are no more than before.
                distinct.len() as u32 - 1
            })
        };
        let to: Vec<u32> = self.distinct.iter().map(&mut place).collect();
        for code in self.codes.iter_mut().filter(|code| **code != Words::MISSING) {
            *code = to[*code as usize];
        }
        self.distinct = distinct;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_word_are_one() {
        for (word, want) in [
            (" YES", "yes"),
            ("New_York", "new york"),
            ("NEW  YORK.", "new york"),
            ("<=50K.", "<=50k"),
            ("\u{c4}pfel", "\u{e4}pfel"),
            ("2-", "2-"),
            ("--", "--"),
            (".", ""),
        ] {
            assert_eq!(plain(word), want, "{word}");
        }
    }

    #[test]
    fn a_name_is_told_before_a_list_or_a_pattern() {
        let names = ["a,b", "a", "b", "cat_x", "cat_y"];
        for (told, want) in [
            ("a,b", "a,b"),
            ("b, a", "a b"),
            ("cat_*", "cat_x cat_y"),
            ("a,cat_*", "a cat_x cat_y"),
            ("z", ""),
        ] {
            assert_eq!(told_columns(&names, &[told.to_owned()]).join(" "), want, "{told}");
        }
    }
}
