//! Lines of Python that are no formulas: imports, the head of a function, and the word before what it returns.

use super::marks::Mark;
use super::reader::Reader;
use crate::diagnostic::Span;

/// How many marks the first line of a function of Python has at most.
const MOST_IN_HEADER: usize = 200;

impl Reader<'_> {
    /// Goes past a line of Python that is no formula, such as `import numpy as np`; past the word before one, such as `return`.
    pub fn is_no_formula(&mut self) -> bool {
        let Mark::Name(word) = self.peek() else { return false };
        match word.as_str() {
            "import" | "from" if matches!(self.ahead(1), Mark::Name(_)) => {
                while !matches!(self.peek(), Mark::Newline | Mark::End) {
                    self.advance();
                }
                true
            }
            "return" => {
                self.advance();
                true
            }
            // `def loss(w):` above lines of its own
            "def" => {
                let Some(end) = (1..MOST_IN_HEADER).find(|at| *self.ahead(*at) == Mark::Colon) else {
                    return false;
                };
                let place =
                    |at: usize| self.tokens.get(self.at + at).map_or_else(Span::default, |token| token.span);
                let between = self.source.text.get(place(end).end..place(end + 1).start).unwrap_or_default();
                let returns = *self.ahead(end + 1) == Mark::Name("return".to_owned());
                let has_lines = between.contains('\n') && !returns && *self.ahead(end - 1) == Mark::Close;
                self.at += if has_lines { end + 1 } else { 0 };
                has_lines
            }
            _ => false,
        }
    }
}
