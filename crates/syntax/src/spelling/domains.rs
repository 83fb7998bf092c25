//! Sets below what is asked for and below sums: the R^n of `\min_{x \in R^n}`, the S of `\sum_{i \in S}`.

use super::marks::{Lexer, Mark};
use super::reader::Reader;
use super::table::Part;

impl Lexer<'_> {
    /// The length of `\in \mathbb{R}^n` in the group below what asks for the least of a formula, where a name lives and which is no part
    /// of it; or of the `\in` alone below a sum.
    pub(super) fn domain_below(&self) -> Option<(usize, bool)> {
        let sign = ["\\in", "∈"].into_iter().find(|sign| self.rest().starts_with(sign))?;
        let behind = &self.rest()[sign.len()..];
        if sign == "\\in" && behind.starts_with(|letter: char| letter.is_alphabetic()) {
            return None;
        }
        let mut closed = 0_usize;
        let open = self.tokens.iter().rposition(|token| match token.mark {
            Mark::CloseGroup => {
                closed += 1;
                false
            }
            Mark::OpenGroup if closed > 0 => {
                closed -= 1;
                false
            }
            ref mark => *mark == Mark::OpenGroup,
        })?;
        let mark =
            |back: usize| open.checked_sub(back).and_then(|at| self.tokens.get(at)).map(|token| &token.mark);
        let asks = match mark(2) {
            Some(Mark::Part(Part::Minimize)) => true,
            Some(Mark::Apply(name)) => super::minimized::is_extreme(name),
            _ => false,
        };
        if mark(1) == Some(&Mark::Lower) && mark(2) == Some(&Mark::Part(Part::Total)) {
            return Some((sign.len(), false));
        }
        if mark(1) != Some(&Mark::Lower) || !asks {
            return None;
        }
        let mut depth = 0_usize;
        let end = behind.find(|letter| {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => return true,
                '}' => depth -= 1,
                _ => {}
            }
            false
        })?;
        Some((sign.len() + end, true))
    }
}

impl Reader<'_> {
    /// Whether `\in` stands here, below a sum.
    pub fn is_among(&self) -> bool {
        *self.peek() == Mark::Equals && matches!(self.source.slice(self.span()), "\\in" | "∈")
    }

    /// The set behind `\in`, as it was typed, up to the end of the group.
    pub fn set_below(&mut self) -> String {
        self.advance();
        let (start, mut end, mut depth) = (self.span(), self.span(), 0_usize);
        loop {
            match self.peek() {
                Mark::OpenGroup => depth += 1,
                Mark::CloseGroup if depth == 0 => break,
                Mark::CloseGroup => depth -= 1,
                Mark::End => break,
                _ => {}
            }
            end = self.advance();
        }
        self.source.slice(start.to(end)).to_owned()
    }
}
