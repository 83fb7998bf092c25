//! Lengths and inner products of rows in sums over pairs: `\|x_i - y_j\|^2`, `\|x_i\|^2` and `\langle x_i, y_j\rangle`.

use super::marks::Mark;
use super::pairs::of_entries;
use super::piece::{Axes, Level, Piece};
use super::reader::Reader;
use super::table::Part;
use super::written::Written;
use crate::diagnostic::Span;
use crate::index_sums::capital;

impl Reader<'_> {
    /// `\|x_i - y_j\|^2` in a sum over i and j: the squared distances between all rows of two matrices; `\|x_i\|^2`, the squares of those of
    /// one. Nothing is gone past where something else stands.
    #[inline(never)]
    pub fn distances(&mut self) -> Option<Piece> {
        let [first, second] = self.pair.clone()?;
        let (at, open) = (self.at, self.advance());
        let found = self.rows_of_distance();
        let Some((names, end)) = found else {
            self.at = at;
            return None;
        };
        let [(row, of_row), (column, of_column)] = match <[(String, String); 2]>::try_from(names) {
            Ok(names) => names,
            Err(names) => {
                let (row, label) = names.first()?;
                let place = [&first, &second].iter().position(|index| *index == label);
                let Some(place) = place else {
                    self.at = at;
                    return None;
                };
                let text = format!("sum({}.^2, 2)", capital(row));
                let squares = Piece::new(Written::new(&text, open.to(end)), Level::Whole, Axes::Vector);
                let mut entries = [None, None, None];
                entries[place] = Some(squares);
                return Some(of_entries(open.to(end), entries));
            }
        };
        let Some([rows, columns]) = self.rows_first([(row, of_row), (column, of_column)]) else {
            self.at = at;
            return None;
        };
        let text =
            format!("(sum({rows}.^2, 2)*vector(1)' + vector(1)*sum({columns}.^2, 2)' - 2*{rows}*{columns}')");
        Some(Piece::new(Written::new(&text, open.to(end)), Level::Whole, Axes::Matrix))
    }

    /// `x_i - y_j\|_2^2`: the two names, or the one, each with what is below it.
    fn rows_of_distance(&mut self) -> Option<(Vec<(String, String)>, Span)> {
        let mut names = Vec::new();
        for sign in [Mark::Sign("-"), Mark::Part(Part::Norm)] {
            names.push(self.row_of_pair()?);
            let closes = matches!(self.peek(), Mark::Part(Part::Norm | Part::CloseNorm));
            (*self.peek() == sign || closes).then(|| self.advance())?;
            if closes {
                break;
            }
        }
        self.lower_first();
        if *self.peek() == Mark::Lower {
            self.label().ok()?.filter(|(label, _)| label == "2")?;
        }
        self.eat(&Mark::Raise { each: false })?;
        let grouped = self.eat(&Mark::OpenGroup).is_some();
        let end = self.eat(&Mark::Number("2".to_owned()))?;
        (!grouped || self.eat(&Mark::CloseGroup).is_some()).then_some((names, end))
    }

    /// `\langle x_i, y_j\rangle` in a sum over i and j: the product of all rows of two matrices. `None` where something else stands.
    #[inline(never)]
    pub fn products_of_rows(&mut self) -> Option<Piece> {
        let open = self.advance();
        let left = self.row_of_pair()?;
        self.eat(&Mark::Comma)?;
        let right = self.row_of_pair()?;
        let end = self.eat(&Mark::Part(Part::CloseAngle))?;
        let [rows, columns] = self.rows_first([left, right])?;
        let written = Written::new(&format!("({rows}*{columns}')"), open.to(end));
        Some(of_entries(open.to(end), [None, None, Some(Piece::new(written, Level::Whole, Axes::Matrix))]))
    }

    /// `x_i`: a name and what is below it.
    fn row_of_pair(&mut self) -> Option<(String, String)> {
        let Mark::Name(name) = self.peek().clone() else { return None };
        self.advance();
        let label = if *self.peek() == Mark::Lower { self.label().ok()??.0 } else { return None };
        Some((name, label))
    }

    /// The matrices of two rows, first that of the first index of the pair; `None` where the rows have not one index each.
    fn rows_first(&self, [one, other]: [(String, String); 2]) -> Option<[String; 2]> {
        let [first, second] = self.pair.as_ref()?;
        let [rows, columns] = match one.1 == *first {
            true => [one, other],
            false => [other, one],
        };
        (rows.1 == *first && columns.1 == *second).then(|| [capital(&rows.0), capital(&columns.0)])
    }
}
