//! Signs that no table lists, because the language of formulas has them: brackets, operators, quotation marks.

use super::Spelling;
use super::marks::{Lexer, Mark, Token};
use crate::diagnostic::{Diagnostic, Mistake, Span};
use crate::token::continues_name;

impl Lexer<'_> {
    /// A sign of the language, or one that only the spelling has.
    pub(super) fn sign(&mut self, first: char, second: char) -> Result<bool, Diagnostic> {
        let is_python = self.spelling == Spelling::Python;
        let is_latex = self.spelling == Spelling::Latex;
        let ends_value = self.last().is_some_and(Mark::ends_value)
            && self.tokens.last().is_some_and(|token| token.span.end == self.at);
        let rest = self.rest();
        let (mark, length) = match (first, second) {
            ('(', ':') if rest.starts_with("(:)") && ends_value => (Mark::All, 3),
            ('(', _) => (Mark::Open, 1),
            (')', _) => (Mark::Close, 1),
            ('[', _) => (Mark::OpenBlock, 1),
            (']', _) => (Mark::CloseBlock, 1),
            ('{', _) => (Mark::OpenGroup, 1),
            ('}', _) => (Mark::CloseGroup, 1),
            (',', _) => (Mark::Comma, 1),
            (';', _) => (Mark::Semicolon, 1),
            ('=', '=') => (Mark::Sign("=="), 2),
            ('!' | '~', '=') => (Mark::Sign("!="), 2),
            ('<', '=') => (Mark::Sign("<="), 2),
            ('>', '=') => (Mark::Sign(">="), 2),
            ('<', '-') if !is_python && !is_latex => (Mark::Arrow, 2),
            ('<', _) => (Mark::Sign("<"), 1),
            ('>', _) => (Mark::Sign(">"), 1),
            (':', '=') => (Mark::Equals, 2),
            (':', _) => (Mark::Colon, 1),
            ('=', _) => (Mark::Equals, 1),
            // `w* = ...`
            ('*', _) if self.spelling == Spelling::Text && self.stars() => {
                if let Some(Token { mark: Mark::Name(name), span, .. }) = self.tokens.last_mut() {
                    name.push_str("_star");
                    span.end = self.at + 1;
                }
                self.at += 1;
                return Ok(true);
            }
            ('*', '*') => (Mark::Raise { each: is_python }, 2),
            ('.', '*') => (Mark::Sign(".*"), 2),
            ('.', '/') => (Mark::Sign("./"), 2),
            ('.', '^') => (Mark::Raise { each: true }, 2),
            ('.', '+') if !is_python && !is_latex => (Mark::Sign("+"), 2),
            ('.', '-') if !is_python && !is_latex => (Mark::Sign("-"), 2),
            ('@', '.') if !is_python => (Mark::Sign("@."), 2),
            ('.', '\'') => (Mark::Quote, 2),
            ('.', 'T') if !rest[2..].starts_with(continues_name) => (Mark::Quote, 2),
            // Julia's `exp.(x)` is entry by entry anyway, and the stop after a formula is no part of it.
            ('.', '(') | ('.', _) if is_latex || second == '(' || second == '\0' || is_python => {
                self.at += 1;
                return Ok(true);
            }
            ('+', _) => (Mark::Sign("+"), 1),
            ('-', _) => (Mark::Sign("-"), 1),
            ('*', _) => (Mark::Sign("*"), 1),
            ('/', _) => (Mark::Sign("/"), 1),
            ('\\', _) => (Mark::Sign("\\"), 1),
            ('@', _) => (Mark::Sign("@"), 1),
            ('^', _) => (Mark::Raise { each: false }, 1),
            ('_', _) => (Mark::Lower, 1),
            ('\'' | '"', _) if is_python || self.opens_text() => return self.quoted(first),
            ('\'', _) => (Mark::Quote, 1),
            _ => {
                let what = crate::token::no_sign(first);
                let mend = crate::token::unknown_mend(first).to_owned();
                let span = Span { start: self.at, end: self.at + first.len_utf8() };
                return Err(self.text.error(Mistake::Foreign { what, mend }, span));
            }
        };
        match mark {
            Mark::Open | Mark::OpenBlock | Mark::OpenGroup => self.depth += 1,
            Mark::Close | Mark::CloseBlock | Mark::CloseGroup => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.push(mark, length);
        Ok(true)
    }

    /// Whether the star here ends a name that is defined.
    fn stars(&self) -> bool {
        let behind = self.rest()[1..].trim_start_matches([' ', '\t']);
        let is_name = matches!(self.last(), Some(Mark::Name(_)));
        is_name && behind.starts_with('=') && !behind.starts_with("==")
    }

    /// Whether a quotation mark here opens a text.
    fn opens_text(&self) -> bool {
        matches!(self.last(), None | Some(Mark::Open | Mark::Comma | Mark::Equals))
    }

    /// `'fro'`
    fn quoted(&mut self, quote: char) -> Result<bool, Diagnostic> {
        let inner = &self.rest()[1..];
        match inner.find([quote, '\n']).filter(|end| inner[*end..].starts_with(quote)) {
            Some(end) => {
                let text = inner[..end].to_owned();
                self.push(Mark::Text(text), end + 2);
                Ok(true)
            }
            None if quote == '\'' && self.spelling != Spelling::Python => {
                self.push(Mark::Quote, 1);
                Ok(true)
            }
            None => {
                let what = format!("`{quote}` is not part of a formula");
                let mend = "leave it out".to_owned();
                let span = Span { start: self.at, end: self.at + 1 };
                Err(self.text.error(Mistake::Foreign { what, mend }, span))
            }
        }
    }
}
