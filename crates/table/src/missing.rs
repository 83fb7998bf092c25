//! Which cells are missing.

/// Words that stand for a missing cell: those of pandas and R, the `?` and `-` of older tables, and the errors of spreadsheets.
const WORDS: [&str; 30] = [
    "", "?", "-", "NA", "N/A", "n/a", "#N/A", "#N/A N/A", "#NA", "<NA>", "null", "NULL", "Null", "None",
    "none", "NaN", "nan", "-NaN", "-nan", "NaT", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN", "#DIV/0!",
    "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!",
];

/// What stands before a word that is told to be a value.
const KEPT: &str = "not:";

/// What is told of missing cells by one who knows what was told before: what was, but for words of which the opposite is told now,
/// and what is told now.
///
/// ```
/// # use chainrule_table::recalled;
/// let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
/// assert_eq!(recalled(&words("-999 not:None"), &words("not:-999 x")), words("not:None not:-999 x"));
/// ```
pub fn recalled(before: &[String], now: &[String]) -> Vec<String> {
    let parted = |word: &str| match word.trim().strip_prefix(KEPT) {
        Some(kept) => (kept.to_owned(), true),
        None => (word.trim().to_owned(), false),
    };
    let is_said = |word: &str| now.iter().any(|other| parted(other).0 == parted(word).0);
    before.iter().filter(|word| !is_said(word)).chain(now).cloned().collect()
}

/// The words that stand for a missing cell, the usual ones and those that were told.
#[derive(Clone, Debug)]
pub(crate) struct Missing {
    told: Vec<String>,
    /// Words that are values although they usually stand for missing cells.
    kept: Vec<String>,
    numbers: Vec<f64>,
}

impl Missing {
    pub(crate) fn new(told: &[String]) -> Missing {
        let words = || told.iter().map(|word| word.trim());
        let kept = words().filter_map(|word| word.strip_prefix(KEPT)).map(str::to_owned).collect();
        let told: Vec<String> = words().filter(|word| !word.starts_with(KEPT)).map(str::to_owned).collect();
        let numbers = told.iter().filter_map(|word| word.parse().ok()).collect();
        Missing { told, kept, numbers }
    }

    /// Whether a cell, without the blanks around it, is missing.
    pub(crate) fn has(&self, cell: &str) -> bool {
        // Most cells are numbers, and few of the words begin like one.
        let is_like_number =
            cell.bytes().next().is_some_and(|first| first.is_ascii_digit()) && !cell.contains('#');
        !is_like_number && WORDS.contains(&cell) && !self.kept.iter().any(|word| word == cell)
            || self.told.iter().any(|word| word == cell)
    }

    /// Whether a number is missing: every NaN is, and what was told as a number, however it is written.
    pub(crate) fn has_number(&self, value: f64) -> bool {
        value.is_nan() || self.numbers.contains(&value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_words_are_missing_and_others_are_told() {
        let usual = Missing::new(&[]);
        for word in WORDS {
            assert!(usual.has(word), "{word}");
        }
        for word in ["0", "na", "x", "--", ".", "N", "nil", "Nancy"] {
            assert!(!usual.has(word), "{word}");
        }
        assert!(usual.has_number(f64::NAN) && !usual.has_number(0.0));
        let told = Missing::new(&["-999".to_owned(), " x ".to_owned()]);
        let kept = Missing::new(&["not:NA".to_owned()]);
        assert!(!kept.has("NA") && kept.has("N/A"));
        assert!(told.has("x") && told.has("NA") && told.has_number(-999.0) && !told.has_number(999.0));
    }
}
