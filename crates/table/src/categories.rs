//! The values of a category: how often each stands among the training rows, which mean yes and no, and which have an order.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::column::Words;

/// The distinct values among the rows that count.
pub(crate) struct Ranked<'a> {
    /// Each with the weight of its rows, in the order in which they first appear.
    pub(crate) values: Vec<(&'a str, f64)>,
    /// The number of rows with a value.
    pub(crate) cells: usize,
    /// The number of rows without one.
    pub(crate) missing: usize,
}

impl<'a> Ranked<'a> {
    /// So many values have a column each however seldom they are.
    const FEW_VALUES: usize = 100;
    /// Of more, those have one that stand in so many rows, and no more of them than this.
    const LEAST_ROWS: f64 = 5.0;
    const MOST_VALUES: usize = 10_000;
    /// So few values make a category however few rows there are.
    pub(crate) const MOST_FEW: usize = 20;

    pub(crate) fn of_words(words: &'a Words, rows: impl Iterator<Item = (usize, f64)>) -> Ranked<'a> {
        let mut weights = vec![0.0; words.distinct.len()];
        let (mut cells, mut missing) = (0, 0);
        for (row, weight) in rows {
            match words.place(row).and_then(|place| weights.get_mut(place)) {
                Some(sum) => {
                    *sum += weight;
                    cells += 1;
                }
                None => missing += 1,
            }
        }
        let counted = words.distinct.iter().zip(weights).filter(|(_, weight)| *weight > 0.0);
        Ranked { values: counted.collect(), cells, missing }
    }

    /// The values in their order: numbers by size where all are numbers, else texts by their letters.
    pub(crate) fn in_order(&self) -> Vec<String> {
        sorted(self.values.iter().map(|(value, _)| (*value).to_owned()).collect())
    }

    /// The values that have a column each, and whether there are others.
    pub(crate) fn most_frequent(&self) -> (Vec<String>, bool) {
        if self.values.len() <= Ranked::FEW_VALUES {
            return (self.in_order(), false);
        }
        let mut values: Vec<&(&str, f64)> = self.values.iter().collect();
        values.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let frequent = values.iter().take_while(|(_, weight)| *weight >= Ranked::LEAST_ROWS).count();
        values.truncate(frequent.clamp(Ranked::FEW_VALUES, Ranked::MOST_VALUES));
        let has_others = values.len() < self.values.len();
        (values.into_iter().map(|(value, _)| (*value).to_owned()).collect(), has_others)
    }
}

/// Values in their order: numbers by size where all are numbers, else texts by code points.
pub(crate) fn sorted(mut values: Vec<String>) -> Vec<String> {
    let numbers: Option<Vec<f64>> = values.iter().map(|value| value.parse().ok()).collect();
    match numbers {
        Some(numbers) if numbers.iter().all(|number| number.is_finite()) => {
            let mut pairs: Vec<(f64, String)> = numbers.into_iter().zip(values).collect();
            pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
            pairs.into_iter().map(|(_, value)| value).collect()
        }
        _ => {
            values.sort_unstable();
            values
        }
    }
}

/// The words for no and yes, in small letters.
const PAIRS: [[&str; 2]; 5] = [["false", "true"], ["no", "yes"], ["f", "t"], ["n", "y"], ["off", "on"]];

/// The pair of no and yes, in small letters, where all words are one of the two in any case, and both are there.
pub(crate) fn boolean_pair<'a>(words: impl Iterator<Item = &'a str>) -> Option<[&'static str; 2]> {
    /// More words in any case of letters no pair has.
    const MOST: usize = 8;
    let words: Vec<String> = words.take(MOST + 1).map(str::to_ascii_lowercase).collect();
    let is_pair = |pair: &&[&'static str; 2]| {
        words.len() <= MOST
            && words.iter().all(|word| pair.contains(&word.as_str()))
            && pair.iter().all(|value| words.iter().any(|word| word == value))
    };
    PAIRS.iter().find(is_pair).copied()
}

/// The known orders: for each place the words that have it, in small letters.
fn orders() -> &'static [Vec<Vec<String>>] {
    static ORDERS: OnceLock<Vec<Vec<Vec<String>>>> = OnceLock::new();
    ORDERS.get_or_init(|| {
        let words = |place: &str| place.split('|').map(|word| word.trim().to_owned()).collect();
        let lines =
            include_str!("orders.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        lines.map(|line| line.split(',').map(words).collect()).collect()
    })
}

/// The known order in which all words stand, in any case of letters, where at least three of its places are taken; only the places
/// that are taken, the least first.
pub(crate) fn known_order<'a>(words: impl Iterator<Item = &'a str>) -> Option<Vec<Vec<String>>> {
    /// More words no order has.
    const MOST: usize = 32;
    let words: BTreeSet<String> =
        words.take(MOST + 1).map(|word| word.to_lowercase().replace(['_', '-'], " ")).collect();
    if words.len() > MOST {
        return None;
    }
    orders().iter().find_map(|order| {
        let place_of = |word: &String| order.iter().position(|values| values.contains(word));
        let places: Option<BTreeSet<usize>> = words.iter().map(place_of).collect();
        let places = places.filter(|places| places.len() >= 3)?;
        Some(places.into_iter().map(|place| order[place].clone()).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_order_is_found_by_its_words() {
        for order in orders() {
            let found = known_order(order.iter().map(|values| values[0].as_str())).unwrap();
            assert_eq!(found.len(), order.len(), "{order:?}");
            let mut all: Vec<&String> = order.iter().flatten().collect();
            all.sort_unstable();
            assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "{order:?}");
            assert!(all.iter().all(|word| **word == word.to_lowercase()), "{order:?}");
        }
        assert_eq!(known_order(["low", "high"].into_iter()), None);
        assert_eq!(known_order(["low", "high", "blue"].into_iter()), None);
        assert_eq!(known_order(["High", "LOW", "Medium"].into_iter()).unwrap()[1][0], "medium");
    }

    #[test]
    fn yes_and_no_are_a_pair_in_any_case() {
        assert_eq!(boolean_pair(["Yes", "no", "YES"].into_iter()), Some(["no", "yes"]));
        assert_eq!(boolean_pair(["T", "F"].into_iter()), Some(["f", "t"]));
        assert_eq!(boolean_pair(["yes"].into_iter()), None);
        assert_eq!(boolean_pair(["yes", "false"].into_iter()), None);
        assert_eq!(boolean_pair(["M", "F"].into_iter()), None);
    }

    #[test]
    fn numbers_are_sorted_by_size_and_texts_by_code_points() {
        let sort = |values: &[&str]| sorted(values.iter().map(|&value| value.to_owned()).collect());
        assert_eq!(sort(&["10", "9", "-1"]), ["-1", "9", "10"]);
        assert_eq!(sort(&["b", "B", "é", "a10", "a9"]), ["B", "a10", "a9", "b", "é"]);
    }
}
