//! Places of the text that is read back to those of the text as it was typed.

use super::Spelled;
use crate::diagnostic::{Diagnostic, Span, Text};
use std::sync::Arc;

impl Spelled {
    /// A mistake in the text, with its place in the text as it was typed; other mistakes stay as they are.
    pub fn restore(&self, error: Diagnostic) -> Diagnostic {
        match &self.places {
            _ if error.text.text != self.text => error,
            places => {
                let typed = Text { origin: error.text.origin.clone(), text: self.typed.text.clone() };
                let span = places.as_ref().map_or(error.span, |places| places.typed(error.span));
                Diagnostic { span, text: Arc::new(typed), ..error }
            }
        }
    }

    /// Where a part of the text was typed.
    pub fn typed(&self, span: Span) -> Span {
        self.places.as_ref().map_or(span, |places| places.typed(span))
    }

    /// The number of the typed line that a line of the text stands for, both counted from 1.
    pub fn typed_line(&self, number: usize) -> usize {
        let mut ends = std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1));
        let Some(start) = ends.nth(number.saturating_sub(1)) else { return number };
        let before = self.typed.text.get(..self.typed(Span { start, end: start + 1 }).start);
        before.map_or(number, |before| before.matches('\n').count() + 1)
    }
}
