//! Lines of derivatives in a derivation by hand: `∇_w f = ...` and `f'(w) = ...` as `df/dw = ...`.

use super::claim::{called, is_word};
use super::marks::{Mark, Token, marks};
use super::notation::{closes, notation, opens, top_level};
use super::piece::Piece;
use super::reader::Reader;
use super::{Spelling, respell_as};
use crate::diagnostic::{Diagnostic, Span, Text};
use std::sync::Arc;

impl Reader<'_> {
    /// The symbol of a derivative on the left of a line, as `df/dw`, or `df/dw'` where what it is by stands transposed; goes past
    /// it, up to the sign.
    pub fn derivative_symbol(&mut self) -> Result<Option<Piece>, Diagnostic> {
        let line = &self.tokens[self.at..];
        let Some(equals) = equals(line) else { return Ok(None) };
        let side = &line[..equals];
        let is_known = |name: &str| self.lets.contains_key(name) || self.declared.contains_key(name);
        let (Some(found), [first, .., last]) = (notation(side, &is_known), side) else { return Ok(None) };
        let span = first.span.to(last.span);
        let spelled = |span: Span| {
            let part = Text::new(self.source.origin.clone(), self.source.slice(span));
            respell_as(&part, self.declared, self.spelling, self.is_mathematics).map(|spelled| spelled.text)
        };
        // `w.grad` is the derivative by w of what stands above it.
        if let (None, [by], Mark::Field(_)) = (found.of, found.by.as_slice(), &last.mark) {
            let Ok(name) = spelled(by.span) else { return Ok(None) };
            self.at += equals;
            return Ok(is_word(&name).then(|| Piece::name(&format!("{name}_grad"), span, false)));
        }
        let Some(Ok(of)) = found.of.map(|of| spelled(of.span)) else { return Ok(None) };
        // `∇f(w)` is by w.
        let (of, only) = match called(&of) {
            Some((name, arguments)) => (name, arguments.first().copied().filter(|_| arguments.len() == 1)),
            None => (of.as_str(), None),
        };
        if !is_word(of) {
            return Ok(None);
        }
        if found.is_second {
            return Err(self.second_derivative(span));
        }
        let typed = self.source.slice(span);
        let name = match (found.by.as_slice(), only) {
            ([by], _) => spelled(by.span)?,
            ([], Some(only)) => only.to_owned(),
            // `∇f` below `f(w) = ...` is by w.
            ([], None) if self.arguments.get(of).is_some_and(|all| all.len() == 1) => {
                self.arguments[of][0].clone()
            }
            _ => {
                let what = format!("`{typed}` is no formula, and does not say what is derived by");
                let mend = format!(
                    "say it, as in `d{of}/dx = 2*x`, or write the formula alone whose derivative is wanted, such as `x^T A x`"
                );
                return Err(self.error(what, mend, span));
            }
        };
        let by_turned = found.by.iter().any(|by| by.is_turned);
        if found.of.is_some_and(|of| of.is_turned) {
            let what =
                format!("`{typed}` is the transpose of a derivative, and each line is the derivative itself");
            return Err(self.error(
                what,
                format!("write the transpose on the right, as in `d{of}/d{name} = X'`"),
                span,
            ));
        }
        if !is_word(&name) {
            return Ok(None);
        }
        self.at += equals;
        let turn = if by_turned { "'" } else { "" };
        Ok(Some(Piece::name(&format!("d{of}/d{name}{turn}"), span, false)))
    }

    /// Says that a side of a chain of equations is not held to the last one: what a derivative in it is, is not known from the text.
    pub fn tell_uncompared(&mut self, side: &Piece) {
        let typed = self.source.slice(side.span()).trim().to_owned();
        self.note(format!(
            "`{typed}` is not compared with the last side of its equation, which alone is read"
        ));
    }
}

/// Whether a text in the language of formulas has a line whose left side is a derivative that is written otherwise.
pub(super) fn has_symbols(typed: &Arc<Text>) -> bool {
    let is_foreign = |left: &str| {
        let left = left.trim();
        let is_symbol = left.contains(['\'', ' ', '(', '^']) || left.ends_with(".grad");
        !left.is_empty() && is_symbol && !left.contains([':', '"'])
    };
    let mut lines = typed.text.split(['\n', ';']).filter_map(|line| line.split_once('='));
    lines.any(|(left, _)| is_foreign(left)) && has_notation(typed)
}

/// Where the first `=` of a statement stands that is in no bracket.
fn equals(line: &[Token]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in line.iter().enumerate() {
        match &token.mark {
            mark if opens(mark) => depth += 1,
            mark if closes(mark) => depth = depth.saturating_sub(1),
            Mark::Equals if depth == 0 => return Some(at),
            Mark::Comma | Mark::Semicolon if depth == 0 => return None,
            mark if mark.ends_line() => return None,
            _ => {}
        }
    }
    None
}

/// Whether a line of a text has several equations, `f = a = b`.
pub(super) fn has_chain(text: &str) -> bool {
    let is_equation = |line: &str| {
        let (mut depth, mut count, mut before) = (0_i32, 0, ' ');
        for letter in line.chars() {
            match letter {
                '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                '=' if depth == 0 && !matches!(before, '=' | '<' | '>' | '!' | ':') => count += 1,
                '=' if before == '=' => count -= 1,
                _ => {}
            }
            before = letter;
        }
        count > 1
    };
    text.split(['\n', ';', ',']).any(is_equation)
}

fn has_notation(typed: &Arc<Text>) -> bool {
    let Ok(tokens) = marks(typed, Spelling::Text, true) else { return false };
    let lines = tokens.split(|token| matches!(token.mark, Mark::Newline | Mark::Semicolon | Mark::End));
    let left = |line: &[Token]| {
        let equals = top_level(line).find(|at| line[*at].mark == Mark::Equals);
        equals.is_some_and(|equals| notation(&line[..equals], &|_| false).is_some())
    };
    lines.into_iter().any(left)
}

/// Whether the symbol of a derivative stands in a text: what it is there is not known from the text alone.
pub(super) fn mentions_derivative(text: &str) -> bool {
    text.split(|letter| !(crate::token::continues_name(letter) || letter == '/')).any(is_derivative)
}

/// Whether a text is the symbol of a derivative, such as `df/dX`.
pub(crate) fn is_derivative(text: &str) -> bool {
    let text = text.strip_suffix('\'').unwrap_or(text);
    let is_part = |part: &str| {
        let rest = part.strip_prefix('d').filter(|rest| !rest.is_empty());
        rest.is_some_and(|rest| rest.chars().all(crate::token::continues_name))
    };
    text.split_once('/').is_some_and(|(above, below)| is_part(above) && is_part(below))
}

/// Whether `.grad =` of `w.grad = ...` begins a text: it says what the line is about, in whatever way the rest is written.
pub(super) fn says_gradient(text: &str) -> bool {
    text.strip_prefix(".grad").is_some_and(|rest| rest.trim_start().starts_with('='))
}
