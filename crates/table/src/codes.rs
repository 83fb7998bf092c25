//! The distinct values of a column, and which of them each row has.

use std::collections::BTreeMap;

use crate::column::Cells;

impl Cells {
    /// For each row the number of its value, equal for equal values; none for a missing cell.
    pub(crate) fn codes(&self) -> Vec<Option<usize>> {
        match self {
            Cells::Text(words) => words.places().collect(),
            Cells::Number(numbers) => {
                let mut codes: BTreeMap<u64, usize> = BTreeMap::new();
                let code = |&value: &f64| {
                    let next = codes.len();
                    (!value.is_nan()).then(|| *codes.entry(crate::part::bits(value)).or_insert(next))
                };
                numbers.values.iter().map(code).collect()
            }
        }
    }

    /// The distinct values as texts, and for each row the place of its own, none for a missing cell.
    pub(crate) fn labels(&self) -> (Vec<String>, Vec<Option<usize>>) {
        let codes = self.codes();
        let labels = match self {
            Cells::Text(words) => words.distinct.iter().map(str::to_owned).collect(),
            Cells::Number(numbers) => {
                let mut labels = Vec::new();
                for (code, value) in codes.iter().zip(&numbers.values) {
                    if *code == Some(labels.len()) {
                        labels.push((value + 0.0).to_string());
                    }
                }
                labels
            }
        };
        (labels, codes)
    }
}
