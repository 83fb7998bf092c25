//! Languages of arrays: products by the number of axes, and entries counted from 0.

use super::marks::Mark;
use super::piece::{Axes, Level, Piece};
use super::reader::{Reader, beside, in_rows};
use crate::diagnostic::{Diagnostic, Span};

impl Reader<'_> {
    /// A product of Python: `@` by the axes, `*` and `/` entry by entry.
    pub fn array_product(
        &mut self,
        left: Piece,
        sign: &str,
        typed: Span,
        right: Piece,
    ) -> Result<Piece, Diagnostic> {
        if sign == "@" {
            return self.matrix_product(left, typed, right);
        }
        let is_plain = |piece: &Piece| matches!(piece.axes, Axes::Scalar | Axes::Perhaps);
        let divides = matches!(sign, "/" | "./");
        // `x / total`: a name that stands nowhere else is the number of something, but for `1 / x`.
        let counts = |piece: &Piece| piece.name.as_deref().is_some_and(|name| self.is_once(name));
        let is_number = left.written.text.starts_with(|letter: char| letter.is_ascii_digit());
        let scales = match divides {
            true => is_plain(&right) || counts(&right) && !is_number,
            false => is_plain(&left) || is_plain(&right),
        };
        let axes = beside(left.axes, right.axes);
        let (left, right) = match (scales, left.axes, right.axes) {
            (false, Axes::Matrix, Axes::Vector) => (left, in_rows(right)),
            (false, Axes::Vector, Axes::Matrix) => (in_rows(left), right),
            _ => (left, right),
        };
        if sign == "*" && left.is_scalar() && right.axes == Axes::Vector && left.written.text.len() < 100 {
            let parts = Some(Box::new((left.clone(), typed, right.clone())));
            return Ok(Piece { parts, ..left.join("*", typed, right, Level::Product, axes) });
        }
        let own = match (divides, scales) {
            (true, true) => "/",
            (true, false) => " ./ ",
            (false, true) => "*",
            (false, false) => " .* ",
        };
        Ok(left.join(own, typed, right, Level::Product, axes))
    }

    /// `A @ B`: a vector of one axis is a row on the left and a column on the right.
    fn matrix_product(&mut self, left: Piece, typed: Span, right: Piece) -> Result<Piece, Diagnostic> {
        let is_vector = |piece: &Piece| matches!(piece.axes, Axes::Vector | Axes::Perhaps);
        // `0.5 * w @ w` is `0.5*w'*w`.
        if let Some(parts) = left.parts {
            let (scalar, times, vector) = *parts;
            let product = self.matrix_product(vector, typed, right)?;
            let axes = product.axes;
            return Ok(scalar.join("*", times, product, Level::Product, axes));
        }
        if !is_vector(&left) {
            let axes = if is_vector(&right) { Axes::Vector } else { beside(left.axes, right.axes) };
            return Ok(left.join("*", typed, right, Level::Product, axes));
        }
        let mut row = left.transposed(typed);
        let mut next = (typed, right);
        loop {
            let (typed, right) = next;
            let ends = is_vector(&right);
            row = self.bounded(row.join("*", typed, right, Level::Product, Axes::Vector))?;
            if ends {
                return Ok(Piece { axes: Axes::Scalar, ..row });
            }
            if *self.peek() != Mark::Sign("@") {
                let end = row.span().end;
                return Ok(row.transposed(Span { start: end, end }));
            }
            let typed = self.advance();
            next = (typed, self.power()?);
        }
    }

    /// Whether a name is mentioned once in the whole text.
    fn is_once(&self, name: &str) -> bool {
        self.mentions.get(name).copied() == Some(1)
    }

    /// `X[0, 1]`, `X[:, 0]`, `x[2]`, `X[1:3]`
    pub fn entry(&mut self, value: Piece) -> Result<Piece, Diagnostic> {
        let open = self.advance();
        let mut ranges = vec![self.range(open)?];
        while self.eat(&Mark::Comma).is_some() {
            ranges.push(self.range(open)?);
        }
        let Some(close) = self.eat(&Mark::CloseBlock) else { return Err(self.expected("`]`")) };
        let typed = open.to(close);
        let (mut value, is_matrix) = (value.clone(), value.axes == Axes::Matrix);
        let words = ["rows(", "cols("];
        if ranges.len() > 2 {
            return Err(self.error("an array of more than two axes", "use one or two indices", typed));
        }
        let single = ranges.iter().filter(|range| matches!(range, Some((_, _, true)))).count();
        for (range, word) in ranges.iter().zip(words) {
            let Some((first, last, _)) = range else { continue };
            let number = |number: &str| {
                Piece::new(super::written::Written::new(number, typed), Level::Whole, Axes::Scalar)
            };
            value = Piece::call(word, typed, vec![value, number(first), number(last)]);
        }
        let axes = match (is_matrix, single) {
            (true, 0) => Axes::Matrix,
            (true, 1) | (false, 0) => Axes::Vector,
            _ => Axes::Scalar,
        };
        let is_row = is_matrix && single == 1 && matches!(ranges[0], Some((_, _, true)));
        let value = Piece { axes, ..value };
        Ok(if is_row { value.transposed(typed) } else { value })
    }

    /// An index or a range of them, counted from 1; `None` for all. The last says whether it is one index.
    fn range(&mut self, open: Span) -> Result<Option<(String, String, bool)>, Diagnostic> {
        let whole = |mark: &Mark| match mark {
            Mark::Number(text) => text.parse::<u32>().ok(),
            _ => None,
        };
        let first = whole(self.peek());
        if first.is_some() {
            self.advance();
        }
        let is_range = self.eat(&Mark::Colon).is_some();
        let last = if is_range { whole(self.peek()) } else { None };
        if last.is_some() {
            self.advance();
        }
        let ends = matches!(self.peek(), Mark::Comma | Mark::CloseBlock);
        match (first, is_range, last) {
            (Some(first), false, _) if ends => {
                let first = first.saturating_add(1).to_string();
                Ok(Some((first.clone(), first, true)))
            }
            (None, true, None) if ends => Ok(None),
            (first, true, Some(last)) if ends && last > 0 => {
                Ok(Some((first.unwrap_or(0).saturating_add(1).to_string(), last.to_string(), false)))
            }
            _ => {
                let what = "an index is a number, `:` or a range of numbers";
                Err(self.error(what, "write `X[0, 1]`, `X[:, 0]` or `X[0:3]`", open.to(self.span())))
            }
        }
    }
}
