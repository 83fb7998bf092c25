//! What is wrong with a text: the mistake, its place, and the words that say how to mend it.

use crate::token::LONGEST_TEXT;
use crate::visible::visible;
use formula::{Name, Shape};
use std::fmt;
use std::sync::Arc;

pub use crate::mistake::Mistake;

/// One mistake in one text. Its [`Display`](fmt::Display) is the message; [`Diagnostic::render`] also shows the place.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// What is wrong.
    pub mistake: Box<Mistake>,
    /// Where, as bytes of the text.
    pub span: Span,
    /// The text it is in.
    pub text: Arc<Text>,
}

/// A part of a text, in bytes from `start` up to `end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A text and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Where it came from.
    pub origin: Origin,
    /// The text itself.
    pub text: String,
}

/// Where a text came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The formula.
    Formula,
    /// The declarations beside the formula (`--let`).
    Declarations,
    /// A formula that is claimed to equal another.
    Claim,
    /// Definitions of the user's own (`--define`).
    Definitions,
    /// A page of the library, shipped or defined before.
    Page(Name),
    /// The use of a name with its settings, such as `adam(beta1 = 0.95)`.
    Use,
    /// What the table of primitives says of a slope.
    Primitive(Name),
}

/// One operand of an operation that does not fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    /// How it was written.
    pub text: String,
    /// Its shape.
    pub shape: Shape,
    /// The names in it with their shapes, from which its shape follows.
    pub names: Vec<(Name, Shape)>,
}

impl Diagnostic {
    /// What is wrong, as a sentence, without the mend.
    pub fn message(&self) -> String {
        self.mistake.words().message
    }

    /// What would have been right here, where that can be said.
    pub fn expected(&self) -> Option<String> {
        self.mistake.words().expected
    }

    /// What stands here instead, where that can be said.
    pub fn found(&self) -> Option<String> {
        self.mistake.words().found
    }

    /// How to mend it, where that can be said.
    pub fn mend(&self) -> Option<String> {
        self.mistake.words().mend
    }

    /// The message, the line with a caret under the place, and the mend. A long line is shown around the place.
    pub fn render(&self) -> String {
        const WIDTH: usize = 100;
        let source = &self.text.text;
        let start = floor(source, self.span.start);
        let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |at| start + at);
        let number = source[..line_start].matches('\n').count() + 1;
        // Counted as it is shown, so that the caret stands under its place.
        let visible = |part: &str| visible(&part.replace('\t', " "));
        let line = visible(&source[line_start..line_end]);
        let column = visible(&source[line_start..start]).chars().count();
        let end = floor(source, self.span.end.clamp(start, line_end));
        let length = visible(&source[start..end]).chars().count().max(1);
        let is_long = line.chars().nth(WIDTH).is_some();
        let from = if is_long { column.saturating_sub(WIDTH / 2) } else { 0 };
        let mut letters = line.chars().skip(from);
        let shown: String = letters.by_ref().take(WIDTH).collect();
        let until = from + shown.chars().count();
        let before = if from > 0 { "..." } else { "" };
        let after = if letters.next().is_some() { "..." } else { "" };
        let gutter = " ".repeat(number.to_string().len());
        let indent = " ".repeat(before.len() + column - from);
        let carets = "^".repeat(length.min((until + 1).saturating_sub(column)).max(1));
        let words = self.mistake.words();
        let mut text = format!(
            "{}{}\n{gutter} |\n{number} | {before}{shown}{after}\n{gutter} | {indent}{carets}\n",
            self.text.origin.beginning(),
            words.message
        );
        if let Some(mend) = words.mend {
            text.push_str(&format!("{gutter} = {mend}\n"));
        }
        text
    }
}

/// The message and, after a semicolon, the mend.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.mistake.words();
        f.write_str(&words.message)?;
        words.mend.map_or(Ok(()), |mend| write!(f, "; {mend}"))
    }
}

impl std::error::Error for Diagnostic {}

impl Span {
    /// From the start of this part to the end of the other.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start, end: other.end }
    }
}

impl Text {
    pub(crate) fn new(origin: Origin, text: &str) -> Arc<Text> {
        Arc::new(Text { origin, text: text.to_owned() })
    }

    /// The part of the text at this place.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    /// An error where it is longer than any text that is read.
    pub(crate) fn check_length(self: &Arc<Self>) -> Result<(), Diagnostic> {
        match self.text.len() <= LONGEST_TEXT {
            true => Ok(()),
            false => Err(self.error(Mistake::TooMuchText { limit: LONGEST_TEXT }, Span::default())),
        }
    }

    pub(crate) fn whole(&self) -> Span {
        Span { start: 0, end: self.text.len() }
    }

    pub(crate) fn error(self: &Arc<Self>, mistake: Mistake, span: Span) -> Diagnostic {
        Diagnostic { mistake: Box::new(mistake), span, text: self.clone() }
    }
}

impl Origin {
    /// `in the formula: `, `in the page softplus: `: the beginning of a rendered diagnostic. Where a name stands alone, it is shown
    /// below and has no place.
    fn beginning(&self) -> String {
        match self {
            Origin::Formula => String::from("in the formula: "),
            Origin::Declarations => String::from("in the declarations: "),
            Origin::Claim => String::from("in the claim: "),
            Origin::Definitions => String::from("in the definitions: "),
            Origin::Page(name) => format!("in the page `{name}`: "),
            Origin::Use => String::new(),
            Origin::Primitive(name) => format!("in the slope of `{name}`: "),
        }
    }
}

/// The nearest place at or before this one where a character begins.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_place() {
        let text = Text::new(Origin::Formula, "a = 1\nnörm(A - Y");
        let error = text.error(Mistake::Unclosed, Span { start: 11, end: 12 });
        let rendered = error.render();
        let lines: Vec<&str> = rendered.lines().collect();
        assert_eq!(lines[2], "2 | nörm(A - Y");
        assert_eq!(lines[3], "  |     ^");
    }

    #[test]
    fn a_long_line_is_shown_around_the_place() {
        let text = Text::new(Origin::Formula, &"x + ".repeat(10_000));
        let rendered = text.error(Mistake::Unclosed, Span { start: 20_000, end: 20_001 }).render();
        let lines: Vec<&str> = rendered.lines().collect();
        assert!(lines[2].len() < 120 && lines[2].ends_with("..."));
        assert_eq!(&lines[2][lines[3].find('^').unwrap()..][..1], "x");
    }
}
