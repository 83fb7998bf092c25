//! A text in the language of formulas, and where each part of it was typed.

use crate::diagnostic::Span;

/// A text and the places it was typed at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    pub text: String,
    /// The parts in order; they cover the text.
    parts: Vec<Part>,
}

/// A part of a text: where it begins, and where it was typed.
#[derive(Clone, Copy, Debug)]
struct Part {
    at: usize,
    typed: Span,
    /// Whether it was typed just so, letter by letter.
    is_same: bool,
}

impl Written {
    /// A text that was typed as something else there.
    pub fn new(text: &str, typed: Span) -> Written {
        Written { text: text.to_owned(), parts: vec![Part { at: 0, typed, is_same: false }] }
    }

    /// A text that was typed just so.
    pub fn same(text: &str, typed: Span) -> Written {
        Written { text: text.to_owned(), parts: vec![Part { at: 0, typed, is_same: true }] }
    }

    /// The text and another one behind it.
    pub fn push(&mut self, other: &Written) {
        let start = self.text.len();
        self.text.push_str(&other.text);
        self.parts.extend(other.parts.iter().map(|part| Part { at: part.at + start, ..*part }));
    }

    /// The text and a sign behind it.
    pub fn sign(&mut self, text: &str, typed: Span) {
        self.push(&Written::new(text, typed));
    }

    /// Leaves the last letter out, which is a part of its own.
    pub fn pop(&mut self) {
        self.text.pop();
        let end = self.text.len();
        while self.parts.last().is_some_and(|part| part.at >= end) {
            self.parts.pop();
        }
    }

    /// Puts a text in the place of a part of it.
    pub fn replace(&mut self, old: &str, new: &str) {
        let Some(start) = self.text.find(old) else { return };
        self.text.replace_range(start..start + old.len(), new);
        for part in self.parts.iter_mut().filter(|part| part.at > start) {
            part.at = (part.at + new.len()).saturating_sub(old.len());
        }
    }

    /// Everything that was typed for it.
    pub fn span(&self) -> Span {
        let start = self.parts.iter().map(|part| part.typed.start).min().unwrap_or(0);
        let end = self.parts.iter().map(|part| part.typed.end).max().unwrap_or(0);
        Span { start, end }
    }

    /// Where a part of the text was typed.
    pub fn typed(&self, span: Span) -> Span {
        let end = span.end.max(span.start + 1);
        let first = self.parts.partition_point(|part| part.at <= span.start).saturating_sub(1);
        let mut found: Option<Span> = None;
        for (index, part) in self.parts.iter().enumerate().skip(first).take_while(|(_, part)| part.at < end) {
            let part_end = self.parts.get(index + 1).map_or(self.text.len(), |next| next.at);
            let typed = match part.is_same {
                true => Span {
                    start: (part.typed.start + span.start.saturating_sub(part.at)).min(part.typed.end),
                    end: part.typed.end - part_end.saturating_sub(end).min(part.typed.end - part.typed.start),
                },
                false => part.typed,
            };
            found = Some(match found {
                Some(known) => Span { start: known.start.min(typed.start), end: known.end.max(typed.end) },
                None => typed,
            });
        }
        found.unwrap_or_else(|| Span { start: self.span().end, end: self.span().end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lead_back_to_what_was_typed() {
        let mut written = Written::same("norm", Span { start: 10, end: 14 });
        written.sign("(", Span { start: 3, end: 5 });
        written.push(&Written::same("x", Span { start: 20, end: 21 }));
        assert_eq!(written.typed(Span { start: 1, end: 3 }), Span { start: 11, end: 13 });
        assert_eq!(written.typed(Span { start: 5, end: 6 }), Span { start: 20, end: 21 });
        assert_eq!(written.typed(Span { start: 4, end: 5 }), Span { start: 3, end: 5 });
        assert_eq!(written.span(), Span { start: 3, end: 21 });
    }
}
