//! Conditions: the indicator of one, `\mathbb{1}[x > 0]`, and what is told by cases.

use super::Spelling;
use super::marks::Mark;
use super::piece::{Axes, Level, Piece, beside};
use super::reader::Reader;
use super::table::{Part, Table};
use crate::diagnostic::{Diagnostic, Mistake};
use crate::token::continues_name;

/// Cases as they are read.
const WHOLE: &str = r"`\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}`";

/// How many marks are looked at for the end of a condition.
const MOST_IN_CONDITION: usize = 1000;

impl Reader<'_> {
    /// `\mathbb{1}[x > 0]`, `1_{x > 0}`, `I(x > 0)`: the condition, which is 1 where it holds, else 0. `None` where the value is no sign
    /// of an indicator, or no condition stands behind or below it.
    pub fn indicator(&mut self, value: &Piece) -> Result<Option<Piece>, Diagnostic> {
        let is_sign = match &value.name {
            Some(name) => name == "I" && !self.declared.contains_key(name) && !self.lets.contains_key(name),
            None => matches!(value.written.text.as_str(), "1" | "vector(1)"),
        };
        let open = usize::from(*self.peek() == Mark::Lower);
        let end = if is_sign { self.end_of_condition(open) } else { None };
        let Some(end) = end else { return Ok(None) };
        self.at += open;
        for token in &mut self.tokens[self.at..end] {
            if token.mark == Mark::Equals {
                token.mark = Mark::Sign("==");
            }
        }
        self.advance();
        // `_{\{x > 0\}}`
        let is_set = self.source.slice(self.span()) == "\\{";
        self.at += usize::from(is_set);
        let condition = self.inside(Part::Close)?;
        if is_set && self.eat(&Mark::Part(Part::Close)).is_none() || self.at != end {
            return Err(self.expected("the bracket that closes the condition"));
        }
        self.advance();
        self.note(format!(
            "the indicator of `{}` is 1 where that holds and 0 elsewhere, so its slope is 0",
            self.source.slice(condition.span())
        ));
        Ok(Some(condition.enclosed()))
    }

    /// Where the bracket so far ahead closes, if there is one and a comparison stands in it.
    fn end_of_condition(&self, open: usize) -> Option<usize> {
        let (mut depth, mut compares) = (0_usize, false);
        for at in open..open + MOST_IN_CONDITION {
            match self.ahead(at) {
                Mark::Open | Mark::OpenBlock | Mark::OpenGroup | Mark::Part(Part::Open) => depth += 1,
                _ if depth == 0 => return None,
                Mark::Close | Mark::CloseBlock | Mark::CloseGroup | Mark::Part(Part::Close) => depth -= 1,
                Mark::Sign("<" | ">" | "<=" | ">=" | "==" | "!=") | Mark::Equals => compares = true,
                Mark::End | Mark::Comma | Mark::Semicolon | Mark::Newline => return None,
                _ => {}
            }
            if depth == 0 {
                return compares.then_some(self.at + at);
            }
        }
        None
    }

    /// `expression := sum (comparison sum)*`: of `0 < x < 1` both hold, but for MATLAB, which compares the first result.
    pub fn expression(&mut self) -> Result<Piece, Diagnostic> {
        let mut left = self.sum()?;
        let mut all: Option<Piece> = None;
        while let Mark::Sign(sign @ ("<" | ">" | "<=" | ">=" | "==" | "!=")) = *self.peek() {
            let typed = self.advance();
            let right = self.sum()?;
            let axes = beside(left.axes, right.axes);
            let one = left.join(&format!(" {sign} "), typed, right.clone(), Level::Comparison, axes);
            if self.spelling == Spelling::Matlab {
                left = one;
                continue;
            }
            left = right;
            all = Some(match all {
                None => one,
                Some(before) => {
                    let axes = beside(before.axes, one.axes);
                    self.bounded(before.join(" .* ", typed, one, Level::Product, axes))?
                }
            });
        }
        self.bounded(all.unwrap_or(left))
    }

    /// `\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}` is `where(x > 0, x, 0)`.
    pub fn cases(&mut self) -> Result<Piece, Diagnostic> {
        let open = self.advance();
        let table = Table::named("latex");
        let mut all: Vec<(Piece, Option<Piece>)> = Vec::new();
        while self.eat(&Mark::Part(Part::EndOf)).is_none() {
            let value = self.inside(Part::EndOf)?;
            let mut is_rest = false;
            loop {
                match self.peek() {
                    Mark::Comma | Mark::Part(Part::Align | Part::Remark) => {}
                    Mark::Name(word) if table.otherwise.contains(word.as_str()) => is_rest = true,
                    Mark::Name(word) | Mark::Text(word) if table.conditions.contains(word.as_str()) => {}
                    _ => break,
                }
                self.advance();
            }
            let ends = matches!(self.peek(), Mark::Part(Part::Break | Part::EndOf));
            let condition = if is_rest || ends { None } else { Some(self.inside(Part::EndOf)?) };
            all.push((value, condition));
            while matches!(self.peek(), Mark::Comma | Mark::Semicolon | Mark::Part(Part::Break)) {
                self.advance();
            }
            if *self.peek() == Mark::End {
                return Err(self.source.error(Mistake::Unclosed, open));
            }
        }
        let close = self.tokens.get(self.at - 1).map_or(open, |token| token.span);
        let typed = open.to(close);
        let mut rest = match all.pop() {
            Some((value, None)) => value,
            Some((value, Some(condition))) if !all.is_empty() => {
                self.note(format!(
                    "the last case, `{}`, is read as that of all that is left",
                    self.source.slice(value.span().to(condition.span()))
                ));
                value
            }
            _ => {
                let mend = format!("write what it is elsewhere too, as in {WHOLE}");
                return Err(self.error("a case without the one of all that is left", mend, typed));
            }
        };
        for (value, condition) in all.into_iter().rev() {
            let Some(condition) = condition else {
                let mend = format!("write a condition behind each but the last, as in {WHOLE}");
                return Err(self.error("a case without a condition", mend, value.span()));
            };
            let axes = [&condition, &value, &rest].iter().fold(Axes::Scalar, |axes, p| beside(axes, p.axes));
            rest = Piece { axes, ..Piece::call("where(", typed, vec![condition, value, rest]) };
            rest = self.bounded(rest)?;
        }
        Ok(rest)
    }
}

/// How far behind a bracket a comparison is looked for.
const LONGEST_CONDITION: usize = 500;

/// Whether the bracket that stands there in a text is that of an indicator, such as `1[x > 0]` or `I(x > 0)`.
pub(super) fn is_indicator(text: &str, open: usize) -> bool {
    let (before, behind) = text.split_at(open);
    let sign = before.strip_suffix(['I', '1', '𝟏', '𝟙']);
    let is_sign = sign.is_some_and(|rest| !rest.ends_with(|letter| continues_name(letter) || letter == '.'));
    // A longer condition is none that is told by its sign alone; and each bracket of a long text is asked.
    is_sign && {
        let inner = behind.chars().skip(1).take(LONGEST_CONDITION);
        inner.take_while(|letter| !matches!(letter, ')' | ']' | '}')).any(|letter| "<>=≤≥≠".contains(letter))
    }
}

/// Whether a text has an indicator.
pub(super) fn has_indicator(text: &str) -> bool {
    text.match_indices(['(', '[', '{']).any(|(at, _)| is_indicator(text, at))
}
