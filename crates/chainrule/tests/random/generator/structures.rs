//! Blocks, parts of values, and sizes taken apart.

use super::{Dim, Generator, PRODUCTS, Piece, SUMS, atom};

impl Generator<'_> {
    pub(super) fn block(&mut self, rows: Dim, cols: Dim, (left, right): (usize, usize)) -> Option<Piece> {
        let (down, across) = (self.split(&SUMS, rows), self.split(&SUMS, cols));
        match (down, across) {
            (Some((_, first, second)), _) => {
                let above = self.value(first, cols, left)?;
                atom(format!("[{}; {}]", above.text, self.value(second, cols, right)?.text))
            }
            (None, Some((_, first, second))) => {
                let before = self.value(rows, first, left)?;
                atom(format!("[{}, {}]", before.text, self.value(rows, second, right)?.text))
            }
            (None, None) => None,
        }
    }

    pub(super) fn part(&mut self, rows: Dim, cols: Dim, budget: usize) -> Option<Piece> {
        let down = self.chance(50);
        let (chosen, name) = if down { (rows, "rows") } else { (cols, "cols") };
        let fitting: Vec<(Dim, String, String)> = SUMS
            .iter()
            .flat_map(|(whole, first, second)| {
                let start = (*whole, "1".to_owned(), (*first).to_owned());
                let end = (*whole, format!("{first} + 1"), (*whole).to_owned());
                [(*first, start), (*second, end)]
            })
            .chain(["m", "n", "p", "n*n"].iter().flat_map(|whole| {
                let place = |at: &str| ("1", (*whole, at.to_owned(), at.to_owned()));
                [place("1"), place("2"), place(whole)]
            }))
            .filter(|(length, _)| *length == chosen)
            .map(|(_, part)| part)
            .collect();
        if fitting.is_empty() {
            return None;
        }
        let (whole, first, last) = fitting[self.below(fitting.len())].clone();
        let inner = if down { self.value(whole, cols, budget)? } else { self.value(rows, whole, budget)? };
        atom(format!("{name}({}, {first}, {last})", inner.text))
    }

    pub(super) fn split(&mut self, table: &[(Dim, Dim, Dim)], whole: Dim) -> Option<(Dim, Dim, Dim)> {
        let fitting: Vec<_> = table.iter().filter(|(known, ..)| *known == whole).copied().collect();
        if fitting.is_empty() { None } else { Some(self.pick(&fitting)) }
    }

    /// Two sizes of which this one is the product.
    pub(super) fn factors(&mut self, whole: Dim) -> Option<(Dim, Dim)> {
        match self.split(&PRODUCTS, whole) {
            Some((_, first, second)) if whole.contains('+') || self.chance(80) => Some((first, second)),
            None if whole.contains('+') => None,
            _ if self.chance(50) => Some((whole, "1")),
            _ => Some(("1", whole)),
        }
    }
}
