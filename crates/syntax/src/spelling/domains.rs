//! Sets below what is asked for and below sums: the R^n of `\min_{x \in R^n}`, the S of `\sum_{i \in S}`.

use super::marks::{Lexer, Mark, Token};
use super::reader::Reader;
use super::table::Part;
use crate::diagnostic::Text;
use std::collections::BTreeSet;

/// Reads `|S|` of a set that a sum runs over as the number of its elements; what is to be said of that.
pub(super) fn count_sets(typed: &Text, tokens: &mut Vec<Token>) -> Vec<String> {
    let sets: BTreeSet<String> = (0..tokens.len())
        .filter(|at| is_in(&tokens[*at], typed))
        .filter_map(|at| match &tokens.get(at + 1)?.mark {
            Mark::Name(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    let (mut notes, mut at) = (Vec::new(), 0);
    while at + 2 < tokens.len() {
        let is_bar = |token: &Token| matches!(token.mark, Mark::Part(Part::Bar | Part::CloseBar));
        let set = match &tokens[at + 1].mark {
            Mark::Name(name) if sets.contains(name) => Some(name.clone()),
            _ => None,
        };
        if let Some(set) = set.filter(|_| is_bar(&tokens[at]) && is_bar(&tokens[at + 2])) {
            let span = tokens[at].span.to(tokens[at + 2].span);
            let note =
                format!("`{}` is read as a number n_{set}, that of the elements of {set}", typed.slice(span));
            if !notes.contains(&note) {
                notes.push(note);
            }
            let name = Token { mark: Mark::Name(format!("n_{set}")), span, ..tokens[at].clone() };
            tokens.splice(at..at + 3, [name]);
        }
        at += 1;
    }
    notes
}

/// Whether a mark is the `\in` below a sum.
fn is_in(token: &Token, typed: &Text) -> bool {
    token.mark == Mark::Equals && matches!(typed.slice(token.span), "\\in" | "∈")
}

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
        self.tokens.get(self.at).is_some_and(|token| is_in(token, self.source))
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
