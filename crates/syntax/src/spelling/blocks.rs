//! Matrices entry by entry: `[A, B; C, D]` and the environments of LaTeX.

use super::Spelling;
use super::marks::{Mark, Token, marks};
use super::piece::{Axes, Level, Piece};
use super::reader::Reader;
use super::table::Part;
use super::written::Written;
use crate::diagnostic::{Diagnostic, Mistake, Span, Text};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Reader<'_> {
    /// `[A, B; C, D]`, or `\begin{bmatrix} A & B \\ C & D \end{bmatrix}`.
    pub fn block(&mut self) -> Result<Piece, Diagnostic> {
        let open = self.advance();
        // The columns of an `array`.
        if *self.peek() == Mark::OpenGroup
            && matches!(self.tokens.get(self.at + 2).map(|t| &t.mark), Some(Mark::CloseGroup))
        {
            self.at += 3;
        }
        let mut written = Written::new("[", open);
        let mut depth = 0;
        let is_list = self.spelling == Spelling::Python;
        let (mut rows, mut parts) = (0, 0);
        loop {
            // `[[a, b], [c, d]]`: a list of lists is a matrix of these rows.
            let is_row = is_list && *self.peek() == Mark::OpenBlock;
            let part = if is_row { self.row()? } else { self.inside(Part::EndOf)? };
            (rows, parts) = (rows + usize::from(is_row), parts + 1);
            depth = depth.max(part.depth);
            written.push(&part.written);
            // A line break before the end of a matrix begins no row.
            if *self.ahead(1) == Mark::Part(Part::EndOf) && *self.peek() == Mark::Part(Part::Break) {
                self.advance();
            }
            let typed = self.span();
            match self.peek() {
                Mark::Comma if is_list => written.sign("; ", typed),
                Mark::Comma | Mark::Part(Part::Align) => written.sign(", ", typed),
                Mark::Semicolon | Mark::Part(Part::Break) => written.sign("; ", typed),
                Mark::CloseBlock | Mark::Part(Part::EndOf) => break,
                Mark::End => return Err(self.source.error(Mistake::Unclosed, open)),
                _ => return Err(self.expected("`,`, `;` or `]`")),
            }
            self.advance();
        }
        written.sign("]", self.span());
        let close = self.advance();
        if rows != 0 && rows != parts {
            let mend = "write a list of numbers, or a list of lists, one for each row";
            return Err(self.error("a list of lists and of numbers", mend, open.to(close)));
        }
        let axes = if is_list && rows == 0 { Axes::Vector } else { Axes::Matrix };
        let depth = depth + 1;
        Ok(Piece { depth, ..Piece::new(written, Level::Whole, axes) })
    }

    /// What stands in brackets; columns with commas between them, `[h_{t-1}, x_t]`, are one column below the other.
    #[inline(never)]
    pub fn bracketed(&mut self) -> Result<Piece, Diagnostic> {
        let open = self.advance();
        let mut whole = self.inside(Part::Close)?;
        let is_column = |piece: &Piece| !matches!(piece.axes, Axes::Matrix) && !piece.is_number();
        let mut parts = 1;
        while is_column(&whole) && self.eat(&Mark::Comma).is_some() {
            let next = self.inside(Part::Close)?;
            if !is_column(&next) {
                return Err(self.expected("`]` or an operator"));
            }
            let typed = Span { start: next.span().start, end: next.span().start };
            whole = whole.join("; ", typed, next, Level::Comparison, Axes::Vector);
            parts += 1;
        }
        match self.peek() {
            Mark::CloseBlock | Mark::Part(Part::Close) => {}
            Mark::End => return Err(self.source.error(Mistake::Unclosed, open)),
            _ => return Err(self.expected("`)` or an operator")),
        }
        let typed = open.to(self.advance());
        if parts == 1 {
            return Ok(whole);
        }
        let mut written = Written::new("[", open);
        written.push(&whole.written);
        written.sign("]", typed);
        let text = written.text.clone();
        self.note(format!("`{}` is read as one column below the other, `{text}`", self.source.slice(typed)));
        Ok(Piece { depth: whole.depth + 1, ..Piece::new(written, Level::Whole, Axes::Vector) })
    }

    /// The error of a matrix with dots in it.
    pub fn picture(&self) -> Diagnostic {
        let what = "a matrix with dots in it is a picture, and has no value";
        let mend = r#"write a letter for it, such as X, and declare its sizes beside the formula, as in `--let "X: m x n"`"#;
        self.error(what, mend, self.span())
    }

    /// The entries of a list in a list, which are a row: `a, b` of `[a, b]`.
    fn row(&mut self) -> Result<Piece, Diagnostic> {
        let open = self.advance();
        let mut row = self.inside(Part::EndOf)?;
        while let Some(typed) = self.eat(&Mark::Comma) {
            if *self.peek() == Mark::CloseBlock {
                break;
            }
            let next = self.inside(Part::EndOf)?;
            row = row.join(", ", typed, next, Level::Comparison, Axes::Matrix);
        }
        match self.eat(&Mark::CloseBlock) {
            Some(_) => Ok(row),
            None if *self.peek() == Mark::End => Err(self.source.error(Mistake::Unclosed, open)),
            None => Err(self.expected("`,` or `]`")),
        }
    }
}

/// `[ones(m,1) X]`: blanks part the columns of a matrix where no sign of its own stands in a row of it; they become commas.
pub(super) fn part_columns(tokens: &mut Vec<Token>) {
    let mut commas = BTreeSet::new();
    for open in 0..tokens.len() {
        let is_index = !tokens[open].is_apart && open > 0 && tokens[open - 1].mark.ends_value();
        if tokens[open].mark == Mark::OpenBlock && !is_index {
            commas.extend(blanks(&tokens[open + 1..]).into_iter().map(|at| at + open + 1));
        }
    }
    if commas.is_empty() {
        return;
    }
    for (at, token) in std::mem::take(tokens).into_iter().enumerate() {
        if commas.contains(&at) {
            let span = Span { start: token.span.start, end: token.span.start };
            tokens.push(Token { mark: Mark::Comma, span, is_apart: false, is_bold: false });
        }
        tokens.push(token);
    }
}

/// Whether a text in the language of formulas has such columns.
pub(super) fn has_columns(typed: &Arc<Text>) -> bool {
    let is_blank = |token: &Token| token.mark == Mark::Comma && token.span.start == token.span.end;
    typed.text.contains('[')
        && marks(typed, Spelling::Text, false).is_ok_and(|tokens| tokens.iter().any(is_blank))
}

/// The places in a bracket behind a blank between two values; none where a sign or a comma stands in it.
fn blanks(tokens: &[Token]) -> Vec<usize> {
    let (mut depth, mut found) = (0_usize, Vec::new());
    for (at, token) in tokens.iter().take(super::operands::MOST_IN_BRACKET).enumerate() {
        let starts_value = matches!(
            token.mark,
            Mark::Name(_) | Mark::Apply(_) | Mark::Number(_) | Mark::Open | Mark::OpenBlock
        );
        // `[x -y]` has two columns, `[x - y]` one.
        let is_signed = matches!(token.mark, Mark::Sign("-" | "+"))
            && tokens.get(at + 1).is_some_and(|next| !next.is_apart);
        let begins = starts_value || is_signed;
        if depth == 0 && at > 0 && token.is_apart && begins && tokens[at - 1].mark.ends_value() {
            found.push(at);
        }
        match token.mark {
            Mark::Open | Mark::OpenBlock | Mark::OpenGroup => depth += 1,
            Mark::CloseBlock if depth == 0 => return found,
            Mark::Close | Mark::CloseBlock | Mark::CloseGroup => depth = depth.saturating_sub(1),
            Mark::Sign(_) if depth == 0 && (!token.is_apart || is_signed) => {}
            Mark::Comma | Mark::Colon | Mark::Equals | Mark::Sign(_) if depth == 0 => return Vec::new(),
            _ => {}
        }
    }
    Vec::new()
}
