//! Entries and slices, counted from 1: `X(1, 2)`, `A(:, 1)`, `A(2, :)`, `A(1:3, :)`, `x(3)`, `x(end)`.

use crate::diagnostic::{Diagnostic, Mistake, Span};
use crate::meanings::call;
use crate::parser::Parser;
use crate::token::Kind;
use crate::tree::{Expr, ExprId};
use crate::words::END;
use formula::{Name, Primitive};

/// What one place in the bracket says.
enum Range {
    All,
    /// From one to another; they are the same where one entry is asked for.
    From(ExprId, ExprId),
}

impl Parser<'_> {
    /// Whether the name here and its bracket are an entry or a slice of a value, and no call.
    pub fn slices(&self) -> bool {
        if self.ahead(1) != Kind::Open {
            return false;
        }
        let name = self.word();
        let (mut depth, mut at, mut places) = (0_usize, 1, vec![Place::default()]);
        loop {
            match self.ahead(at) {
                Kind::Open | Kind::OpenBlock => depth += 1,
                Kind::Close | Kind::CloseBlock if depth <= 1 => break,
                Kind::Close | Kind::CloseBlock => depth -= 1,
                Kind::End => return false,
                Kind::Comma if depth == 1 => places.push(Place::default()),
                kind => {
                    if let Some(place) = places.last_mut() {
                        let word = if kind == Kind::Name { self.ahead_word(at) } else { "" };
                        place.see(kind, depth, word == END, || self.is_size(word));
                    }
                }
            }
            at += 1;
        }
        let has_range = places.iter().any(|place| place.is_range);
        let is_declared_function = self.functions.contains(name);
        let is_value = self.known.contains(name) && !is_declared_function;
        let may_be_value = is_value
            || !is_declared_function
                && !is_letter_of_functions(name)
                && self.callable.as_ref().is_some_and(|callable| !callable.contains(name))
                && crate::words::word(name).is_none()
                && Primitive::named(name).is_none();
        if has_range {
            return is_value || may_be_value;
        }
        let is_index = (places.len() <= 2 || is_value)
            && places.iter().all(|place| place.words > 0 && !place.is_other)
            && places.iter().any(|place| place.words == 1 && place.is_number || place.has_end)
            && (places.len() > 1 || places[0].words == 1 || places[0].has_end);
        may_be_value && is_index
    }

    /// Whether a name may be a size: no value that is known.
    fn is_size(&self, name: &str) -> bool {
        !self.known.contains(name)
    }

    /// `X(1, 2)` as the rows and columns that it is.
    pub fn slice(&mut self) -> Result<ExprId, Diagnostic> {
        let (name, start) = self.name()?;
        let value = self.push(Expr::Name(name), start);
        let open = self.advance().span;
        let mut ranges = Vec::new();
        loop {
            ranges.push(self.range()?);
            if self.peek() != Kind::Comma {
                break;
            }
            self.advance();
        }
        let span = start.to(self.close(open)?);
        let words: &[&str] = match ranges.len() {
            1 => &["entries"],
            2 => &["rows", "cols"],
            _ => {
                let what = "a matrix has rows and columns, and nothing third".to_owned();
                return Err(self.error_at(Mistake::Page { what, mend: "write `X(1, 2)`".to_owned() }, span));
            }
        };
        if let [Range::All] = ranges.as_slice() {
            return Ok(self.push(call("vec", vec![value]), span));
        }
        let mut part = value;
        for (range, word) in ranges.iter().zip(words) {
            if let Range::From(first, last) = range {
                part = self.push(call(word, vec![part, *first, *last]), span);
            }
        }
        Ok(part)
    }

    fn push(&mut self, expr: Expr, span: Span) -> ExprId {
        let text = self.text;
        self.tree.push(expr, text, span)
    }

    /// `:`, `2`, `1:3`
    fn range(&mut self) -> Result<Range, Diagnostic> {
        if self.peek() == Kind::Colon {
            self.advance();
            return Ok(Range::All);
        }
        let at = self.at;
        let first = self.bound()?;
        if self.peek() != Kind::Colon {
            // Read twice: the first and the last are two expressions.
            self.at = at;
            return Ok(Range::From(first, self.bound()?));
        }
        self.advance();
        let last = self.bound()?;
        if self.peek() == Kind::Colon {
            let what = "a slice goes in steps of 1".to_owned();
            return Err(self.error(Mistake::Page { what, mend: "write `1:3`".to_owned() }));
        }
        Ok(Range::From(first, last))
    }

    fn bound(&mut self) -> Result<ExprId, Diagnostic> {
        if let Kind::Number(number) = self.peek()
            && number.is_zero()
        {
            let what = "entries are counted from 1".to_owned();
            return Err(self.error(Mistake::Page { what, mend: "write `x(1)` for the first one".to_owned() }));
        }
        self.sum()
    }
}

/// What was seen of one place in a bracket.
#[derive(Default)]
struct Place {
    words: usize,
    is_number: bool,
    is_range: bool,
    /// `end`, the last one.
    has_end: bool,
    /// Something that no size has.
    is_other: bool,
}

impl Place {
    fn see(&mut self, kind: Kind, depth: usize, is_end: bool, is_size: impl Fn() -> bool) {
        self.has_end |= is_end;
        match kind {
            Kind::Number(number) => {
                self.is_number = number.as_integer().is_some();
                self.is_other |= !self.is_number;
            }
            Kind::Name => self.is_other |= !is_size(),
            Kind::Plus | Kind::Minus | Kind::Star => {}
            Kind::Colon if depth == 1 => self.is_range = true,
            _ => self.is_other = true,
        }
        self.words += 1;
    }
}

/// Whether a paper writes functions with this letter.
pub(crate) fn is_letter_of_functions(name: &str) -> bool {
    matches!(name.trim_end_matches(|letter: char| letter.is_ascii_digit()), "f" | "g" | "h")
}

/// The names that a call may mean, where all are known.
pub(crate) type Callable = std::collections::BTreeSet<Name>;
