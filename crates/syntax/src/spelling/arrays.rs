//! Languages of arrays: products by the number of axes, and entries counted from 0.

use super::marks::Mark;
use super::piece::{Axes, Level, Piece, beside, in_rows};
use super::reader::Reader;
use super::table::Table;
use crate::diagnostic::{Diagnostic, Span};
use crate::words::END;

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
            let left = match left.onto.clone() {
                Some(onto) => {
                    let (all, each) = (self.source.slice(left.span()), &onto.written.text);
                    self.note(format!("`{all}` is multiplied on, so it is read along each row: `{each}`"));
                    *onto
                }
                None => left,
            };
            return self.matrix_product(left, typed, right);
        }
        self.tell_scales(&left, &right);
        let is_plain = |piece: &Piece| matches!(piece.axes, Axes::Scalar | Axes::Perhaps);
        let divides = matches!(sign, "/" | "./");
        // `x / total`: a name that stands nowhere else is the number of something, but for `1 / x`.
        let counts = |piece: &Piece| piece.name.as_deref().is_some_and(|name| self.is_once(name));
        let is_number =
            |piece: &Piece| piece.written.text.starts_with(|letter: char| letter.is_ascii_digit());
        let scales = match divides {
            true => is_plain(&right) || counts(&right) && !is_number(&left),
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
        // `X * c` is no product of matrices, so the number stands in front.
        let is_behind = sign == "*" && left.axes == Axes::Matrix && is_plain(&right) && !is_number(&right);
        let (left, right) = if is_behind { (right, left) } else { (left, right) };
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

    /// Says of a letter of scalars beside a matrix that it is one number, and how it is none.
    fn tell_scales(&mut self, left: &Piece, right: &Piece) {
        for (one, other) in [(left, right), (right, left)] {
            if let (Some(name), Axes::Perhaps, Axes::Matrix) = (&one.name, one.axes, other.axes)
                && !self.declared.contains_key(name)
                && !Table::named("python").scalars.contains(name.as_str())
            {
                self.note(format!(
                    "`{name}` is read as one number; for one entry for each column declare `{name}: vector`"
                ));
            }
        }
    }

    /// `X[0, 1]`, `X[:, 0]`, `x[2]`, `X[1:3]`, `x[-1]`, `x[:, None]`
    pub fn entry(&mut self, value: Piece) -> Result<Piece, Diagnostic> {
        let open = self.advance();
        let mut ranges = vec![self.range(open)?];
        while self.eat(&Mark::Comma).is_some() {
            ranges.push(self.range(open)?);
        }
        let Some(close) = self.eat(&Mark::CloseBlock) else { return Err(self.expected("`]`")) };
        let typed = open.to(close);
        match ranges.as_slice() {
            [Range::All, Range::New] if value.axes != Axes::Matrix => {
                return Ok(in_rows(value).transposed(typed));
            }
            [Range::New, Range::All] if value.axes != Axes::Matrix => return Ok(in_rows(value)),
            _ if ranges.contains(&Range::New) => {
                let mend = "write `x[:, None]` for a vector beside the rows of a matrix";
                return Err(self.error("a new axis of more than a vector", mend, typed));
            }
            _ => {}
        }
        let (mut value, is_matrix) = (value.clone(), value.axes == Axes::Matrix);
        let words = [if is_matrix { "rows(" } else { "entries(" }, "cols("];
        if ranges.len() > 2 {
            return Err(self.error("an array of more than two axes", "use one or two indices", typed));
        }
        let single = ranges.iter().filter(|range| matches!(range, Range::One(_))).count();
        for (range, word) in ranges.iter().zip(words) {
            let (first, last) = match range {
                Range::All | Range::New => continue,
                Range::One(place) => (place, place),
                Range::From(first, last) => (first, last),
            };
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
        let is_row = is_matrix && single == 1 && matches!(ranges[0], Range::One(_));
        let value = Piece { axes, ..value };
        Ok(if is_row { value.transposed(typed) } else { value })
    }

    /// An index or a range of them, which count from 0, or from the end where they are negative.
    fn range(&mut self, open: Span) -> Result<Range, Diagnostic> {
        if matches!(self.peek(), Mark::Name(name) if name == "None") {
            self.advance();
            return Ok(Range::New);
        }
        if *self.peek() == Mark::Name("np".to_owned()) && *self.ahead(1) == Mark::Field("newaxis".to_owned())
        {
            self.at += 2;
            return Ok(Range::New);
        }
        let first = self.whole();
        let is_range = self.eat(&Mark::Colon).is_some();
        let last = if is_range { self.whole() } else { None };
        let ends = matches!(self.peek(), Mark::Comma | Mark::CloseBlock);
        match (first, is_range, last) {
            (Some(first), false, _) if ends => Ok(Range::One(place(first))),
            (None, true, None) if ends => Ok(Range::All),
            (first, true, last) if ends && last != Some(0) => {
                let last = match last {
                    None => END.to_owned(),
                    Some(last) if last < 0 => format!("{END} - {}", -last),
                    Some(last) => last.to_string(),
                };
                Ok(Range::From(place(first.unwrap_or(0)), last))
            }
            _ => {
                let what = "an index is a number, `:` or a range of numbers";
                Err(self.error(what, "write `X[0, 1]`, `X[:, 0]` or `X[0:3]`", open.to(self.span())))
            }
        }
    }

    /// A whole number, perhaps with a minus before it.
    fn whole(&mut self) -> Option<i64> {
        let is_negative = *self.peek() == Mark::Sign("-");
        let Mark::Number(text) = self.ahead(usize::from(is_negative)) else { return None };
        let number = i64::from(text.parse::<u32>().ok()?);
        self.at += 1 + usize::from(is_negative);
        Some(if is_negative { -number } else { number })
    }
}

/// What one place in a bracket takes, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Range {
    All,
    One(String),
    From(String, String),
    /// `None`: an axis of length 1.
    New,
}

/// An index that counts from 0, or from the end where it is negative, counted from 1.
fn place(index: i64) -> String {
    match index {
        -1 => END.to_owned(),
        ..-1 => format!("{END} - {}", -1 - index),
        0.. => (index + 1).to_string(),
    }
}
