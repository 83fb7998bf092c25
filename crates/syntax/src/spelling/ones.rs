//! Columns of ones that are written as numbers: `11^T`, `Xᵀ1`.

use super::Spelling;
use super::marks::{Mark, Token};
use super::piece::{Axes, Level, Piece};
use super::reader::Reader;
use super::written::Written;
use crate::diagnostic::Span;

impl Reader<'_> {
    /// Whether a transpose stands behind the mark here, in a text of mathematics.
    pub fn is_turned(&self) -> bool {
        let is_turn = |at: usize| match self.ahead(at) {
            Mark::Name(name) => name == "T" && !self.declared.contains_key("T"),
            _ => false,
        };
        match self.ahead(1) {
            _ if !self.is_mathematics && self.spelling != Spelling::Latex => false,
            Mark::Quote => true,
            Mark::Raise { each: false } => {
                is_turn(2)
                    || *self.ahead(2) == Mark::OpenGroup && is_turn(3) && *self.ahead(4) == Mark::CloseGroup
            }
            _ => false,
        }
    }

    /// Whether a transpose stands directly before the mark here, in a text of mathematics, or a bracket behind a row of ones: the one of
    /// `Xᵀ1` is a column of ones.
    pub fn is_after_turn(&self) -> bool {
        let before = self.source.text[..self.span().start].trim_end_matches([' ', '\t', '}']);
        let turns =
            ["ᵀ", "⊤", "'", "^T", "^{T", "\\top", "\\intercal"].iter().any(|turn| before.ends_with(turn));
        // `1^T(A \odot B)1`
        let is_row = |at: usize| {
            let own = Mark::Number("1".to_owned());
            self.tokens.get(at).is_some_and(|token| token.mark == own)
                && matches!(
                    self.tokens.get(at + 1),
                    Some(Token { mark: Mark::Raise { each: false } | Mark::Quote, .. })
                )
        };
        let ends = before.ends_with([')', ']']) && (0..self.at).any(is_row);
        (turns || ends)
            && (self.is_mathematics || self.spelling == Spelling::Latex)
            && !self.declared.contains_key("T")
    }

    /// The first one of `11^T`, a column of ones beside the row of ones that stays here.
    pub fn ones(&mut self) -> Piece {
        let span = self.span();
        let typed = Span { start: span.start, end: span.start + 1 };
        if let Some(token) = self.tokens.get_mut(self.at) {
            token.mark = Mark::Number("1".to_owned());
            token.span.start += 1;
        }
        Piece::new(Written::new("vector(1)", typed), Level::Whole, Axes::Vector)
    }

    /// Whether what stands below is a size: a letter of sizes or two of them with a cross between.
    pub fn is_of_size(&self) -> bool {
        match self.ahead(1) {
            Mark::Name(_) => true,
            Mark::OpenGroup => matches!(self.ahead(2), Mark::Name(_) | Mark::Number(_)),
            _ => false,
        }
    }
}
