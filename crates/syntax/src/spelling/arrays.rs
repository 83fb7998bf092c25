//! Languages of arrays: products by the number of axes, and entries counted from 0, or from 1 in Julia.

use super::Spelling;
use super::marks::{Mark, Token};
use super::piece::{Axes, Level, Piece, beside, in_rows};
use super::reader::Reader;
use super::written::Written;
use crate::diagnostic::{Diagnostic, Span};
use crate::letters;
use crate::token::{begins_name, continues_name};
use crate::words::END;
use std::collections::BTreeSet;

impl Reader<'_> {
    /// A product of Python: `@` by the axes, `*` and `/` entry by entry.
    pub fn array_product(
        &mut self,
        left: Piece,
        sign: &str,
        typed: Span,
        right: Piece,
    ) -> Result<Piece, Diagnostic> {
        self.multiplied_on(&left, &right);
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
        for (one, other) in [(&left, &right), (&right, &left)] {
            if let (true, Axes::Vector, Some(name)) =
                (other.written.text.starts_with("eye("), one.axes, self.scale_of_identity(one))
            {
                self.scaling.insert(name);
            }
        }
        // A letter of scalars is one number unless something says that it is a column.
        let is_one = |piece: &Piece| matches!(piece.axes, Axes::Scalar | Axes::Number | Axes::Perhaps);
        let divides = matches!(sign, "/" | "./");
        let is_number =
            |piece: &Piece| piece.written.text.starts_with(|letter: char| letter.is_ascii_digit());
        // `np.sum(r) / total`: a number is divided by a number, but for `1 / x`.
        let counts = |piece: &Piece| piece.name.as_deref().is_some_and(|name| self.is_divisor(name));
        let scales = match divides {
            true => is_one(&right) || left.is_scalar() && !is_number(&left) && counts(&right),
            false => is_one(&left) || is_one(&right),
        };
        let axes = beside(left.axes, right.axes);
        let scaled = (sign == "*" && right.axes == Axes::Vector && self.scale(&left).is_some())
            .then(|| Box::new((left.clone(), typed, right.clone())));
        let (left, right) = match (scales, left.axes, right.axes) {
            (false, Axes::Matrix, Axes::Vector) => (left, in_rows(right)),
            (false, Axes::Vector, Axes::Matrix) => (in_rows(left), right),
            _ => (left, right),
        };
        // `X * c` is no product of matrices, so the number stands in front.
        let is_wide = |piece: &Piece| matches!(piece.axes, Axes::Vector | Axes::Matrix);
        let is_behind = sign == "*"
            && is_wide(&left)
            && is_one(&right)
            && !is_number(&right)
            && (left.axes == Axes::Matrix || right.axes != Axes::Scalar);
        let (left, right) = if is_behind { (right, left) } else { (left, right) };
        if sign == "*" && is_one(&left) && right.axes == Axes::Vector && left.written.text.len() < 100 {
            let parts = Some(Box::new((left.clone(), typed, right.clone())));
            return Ok(Piece { parts, ..left.join("*", typed, right, Level::Product, axes) });
        }
        // `a / x` is a number times `1 / x`.
        if divides && !scales && matches!(left.axes, Axes::Number | Axes::Perhaps) {
            let one = Piece::new(Written::new("1", typed), Level::Whole, Axes::Scalar);
            let inverse = one.join(" ./ ", typed, right, Level::Product, axes);
            return Ok(left.join("*", typed, inverse, Level::Product, axes));
        }
        let own = match (divides, scales) {
            (true, true) => "/",
            (true, false) => " ./ ",
            (false, true) => "*",
            (false, false) => " .* ",
        };
        Ok(Piece { parts: scaled, ..left.join(own, typed, right, Level::Product, axes) })
    }

    /// `A @ B`, which remembers the names in it that are no numbers.
    fn matrix_product(&mut self, left: Piece, typed: Span, right: Piece) -> Result<Piece, Diagnostic> {
        let names = [left.name.clone(), right.name.clone()].into_iter().flatten();
        let is_square = left.axes == Axes::Matrix && right.axes == Axes::Matrix;
        self.multiplied_as_matrices(&left, &right);
        let mut operands: Vec<String> = names.filter(|_| !is_square).collect();
        let product = self.product_of_axes(left, typed, right)?;
        operands.extend(product.operands.iter().cloned());
        let inner = if product.is_scalar() { operands.clone().into() } else { Box::default() };
        Ok(Piece { operands: operands.into(), inner, ..product })
    }

    /// A vector of one axis is a row on the left and a column on the right.
    fn product_of_axes(&mut self, left: Piece, typed: Span, right: Piece) -> Result<Piece, Diagnostic> {
        let is_vector = |piece: &Piece| matches!(piece.axes, Axes::Vector | Axes::Perhaps | Axes::Number);
        for side in [&left, &right] {
            // In `A @ (b / c)` the c is as good a number.
            if !side.written.text.contains('/') || side.name.is_some() {
                self.stands_as_column(side);
            } else if let Some(first) =
                self.open_letters(side).into_iter().find(|name| side.written.text.starts_with(name.as_str()))
            {
                self.columns.insert(first);
            }
        }
        // `0.5 * w @ w` is `0.5*w'*w`.
        let parts = left.parts.clone().filter(|parts| match self.scale(&parts.0) {
            // It is one number when the text is read again.
            Some(name) => {
                self.scaling.insert(name);
                false
            }
            None => true,
        });
        if let Some(parts) = parts {
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
            let (ends, operands) = (is_vector(&right), right.name.clone().into_iter().collect());
            row = self.bounded(row.join("*", typed, right, Level::Product, Axes::Vector))?;
            if ends {
                return Ok(Piece { axes: Axes::Scalar, operands, ..row });
            }
            if *self.peek() != Mark::Sign("@") {
                let end = row.span().end;
                return Ok(row.transposed(Span { start: end, end }));
            }
            let typed = self.advance();
            next = (typed, self.power()?);
        }
    }

    /// Whether nothing is done with a name but to divide by it: `/ N`, `/ (2 * N)`.
    pub fn is_divisor(&self, name: &str) -> bool {
        self.divisors.contains(name) && !self.declared.contains_key(name) && !self.lets.contains_key(name)
    }

    /// The letters of scalars in a value of which nothing else is known, but for functions.
    fn open_letters(&self, value: &Piece) -> BTreeSet<String> {
        let (text, mut names) = (&value.written.text, BTreeSet::new());
        if value.axes != Axes::Perhaps {
            return names;
        }
        let mut rest = text.as_str();
        while let Some(start) = rest.find(begins_name) {
            let length = rest[start..].find(|letter| !continues_name(letter)).unwrap_or(rest.len() - start);
            let (word, behind) = rest[start..].split_at(length);
            let is_known = self.declared.contains_key(word) || self.lets.contains_key(word);
            let is_letter = letters::kind(word) == letters::Kind::Scalar && word != "pi";
            if is_letter && !is_known && !behind.starts_with('(') {
                names.insert(word.to_owned());
            }
            rest = behind;
        }
        names
    }

    /// The one letter of scalars in a value of which nothing else is known.
    fn only_letter(&self, value: &Piece) -> Option<String> {
        let mut names = self.open_letters(value).into_iter();
        names.next().filter(|_| names.next().is_none())
    }

    /// Takes the letters of scalars of a value that is summed, or multiplied as vectors are, for columns.
    pub fn stands_as_column(&mut self, value: &Piece) {
        let names = self.open_letters(value);
        self.columns.extend(names);
    }

    /// Takes a letter of scalars that is added to a column for one.
    pub fn tell_columns(&mut self, left: &Piece, right: &Piece) {
        if self.spelling != Spelling::Python {
            return;
        }
        for (one, other) in [(left, right), (right, left)] {
            if let (Some(name), Axes::Number, Axes::Vector | Axes::Matrix) = (&one.name, one.axes, other.axes)
                && name.len() > 1
                && !self.declared.contains_key(name)
                && !self.lets.contains_key(name)
            {
                self.scaling.insert(name.clone());
            }
            if other.axes == Axes::Vector
                && let Some(name) = self.only_letter(one)
            {
                self.columns.insert(name);
            }
        }
    }

    /// Says of a letter of scalars beside something larger that it is one number, and how it is none.
    fn tell_scales(&mut self, left: &Piece, right: &Piece) {
        for (one, other) in [(left, right), (right, left)] {
            let each = match other.axes {
                Axes::Matrix if one.name.is_some() => "one entry for each column",
                Axes::Vector => "one for each entry",
                Axes::Scalar | Axes::Number | Axes::Perhaps | Axes::Matrix => continue,
            };
            if let Some(name) = self.only_letter(one) {
                self.note(format!("`{name}` is read as one number; for {each} declare `{name}: vector`"));
            }
        }
    }

    /// Whether the mark here stands directly behind the one before.
    pub fn is_tight(&self) -> bool {
        self.tokens.get(self.at).is_some_and(|token| !token.is_apart)
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
            let number = |number: &str| Piece::new(Written::new(number, typed), Level::Whole, Axes::Scalar);
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
        if self.spelling != Spelling::Python {
            return self.range_from_one(open);
        }
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

    /// An index or a range of them as Julia writes them: they count from 1, and `end` is the last.
    fn range_from_one(&mut self, open: Span) -> Result<Range, Diagnostic> {
        let first = self.place_from_one();
        let is_range = self.eat(&Mark::Colon).is_some();
        let last = if is_range { self.place_from_one() } else { None };
        let ends = matches!(self.peek(), Mark::Comma | Mark::CloseBlock);
        match (first, last) {
            (Some(first), None) if ends && !is_range => Ok(Range::One(first)),
            (None, None) if ends && is_range => Ok(Range::All),
            (Some(first), Some(last)) if ends => Ok(Range::From(first, last)),
            _ => {
                let what = "an index is a number from 1 on, `end`, `:` or a range of these";
                let mend = "write `x[1]`, `x[end]`, `X[1, 2]`, `X[:, 1]` or `x[1:3]`";
                Err(self.error(what, mend, open.to(self.span())))
            }
        }
    }

    /// `3`, `end` or `end - 1`
    fn place_from_one(&mut self) -> Option<String> {
        match self.peek().clone() {
            Mark::Number(text) if text.parse::<u32>().is_ok_and(|number| number > 0) => {
                self.advance();
                Some(text)
            }
            Mark::Name(name) if name == END => {
                self.advance();
                match (self.peek(), self.ahead(1).clone()) {
                    (Mark::Sign("-"), Mark::Number(back)) if back.parse::<u32>().is_ok() => {
                        self.at += 2;
                        Some(format!("{END} - {back}"))
                    }
                    _ => Some(END.to_owned()),
                }
            }
            _ => None,
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

/// The names with which nothing is done but to divide by them: `/ N`, `/ (2 * N)`.
pub(super) fn divisors(tokens: &[Token]) -> BTreeSet<String> {
    let mark = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map(|token| &token.mark);
    let divides = |at: usize| match mark(at.checked_sub(1)) {
        Some(Mark::Sign("/")) => true,
        Some(Mark::Sign("*")) => {
            matches!(mark(at.checked_sub(2)), Some(Mark::Number(_)))
                && mark(at.checked_sub(3)) == Some(&Mark::Open)
                && mark(at.checked_sub(4)) == Some(&Mark::Sign("/"))
        }
        _ => false,
    };
    let (mut all, mut others) = (BTreeSet::new(), BTreeSet::new());
    for (at, token) in tokens.iter().enumerate() {
        if let Mark::Name(name) = &token.mark {
            if divides(at) {
                all.insert(name.clone())
            } else {
                others.insert(name.clone())
            };
        }
    }
    &all - &others
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
