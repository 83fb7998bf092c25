//! Sums along an axis that is kept, in a language of arrays: a column beside a row is a matrix, as in
//! `sq = np.sum(X**2, axis=1, keepdims=True)` and `sq + sq.T - 2 * X @ X.T`.

use super::Spelling;
use super::piece::{Axes, Piece, in_rows};
use super::reader::Reader;

/// How a value of two axes, one of them 1, stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Column,
    Row,
}

impl Reader<'_> {
    /// What a value is that was summed along an axis that is kept, or is such a let; `None` for all else.
    pub fn line(&self, piece: &Piece) -> Option<Line> {
        if self.spelling != Spelling::Python || piece.axes != Axes::Matrix {
            return None;
        }
        let text = &piece.written.text;
        let (own, is_turned) = match text.strip_suffix('\'').filter(|_| piece.is_transpose) {
            Some(own) => (own, true),
            None => (text.as_str(), false),
        };
        let line = self.lines.get(own).copied().or_else(|| called(own))?;
        Some(match (line, is_turned) {
            (Line::Column, false) | (Line::Row, true) => Line::Column,
            _ => Line::Row,
        })
    }

    /// Both sides of a sum where a column stands beside a row, or beside a vector, each repeated as far as the other goes.
    pub fn repeated(&self, left: Piece, right: Piece) -> Result<(Piece, Piece), (Piece, Piece)> {
        let of = |piece: &Piece| match piece.axes {
            Axes::Vector => Some(Line::Row),
            _ => self.line(piece),
        };
        let is_kept = self.line(&left).is_some() || self.line(&right).is_some();
        match (is_kept, of(&left), of(&right)) {
            (true, Some(Line::Column), Some(Line::Row)) => Ok((across(left), down(right))),
            (true, Some(Line::Row), Some(Line::Column)) => Ok((down(left), across(right))),
            _ => Err((left, right)),
        }
    }
}

/// A column in each column of a matrix.
fn across(column: Piece) -> Piece {
    let end = column.span();
    in_rows(column).transposed(end)
}

/// A row, or a vector, in each row of a matrix.
fn down(row: Piece) -> Piece {
    let end = row.span();
    match row.axes {
        Axes::Vector => in_rows(row),
        _ => in_rows(row.transposed(end)),
    }
}

/// What a call is whose last argument is the axis along which it goes: `sum(X.^2, 2)` is a column, `mean(X, 1)` a row.
fn called(text: &str) -> Option<Line> {
    let mut depth = 0_usize;
    let inner = text.strip_suffix(')')?;
    let is_whole = inner.char_indices().all(|(_, letter)| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth > 0 || crate::token::continues_name(letter),
        }
        depth > 0
    });
    match inner.rsplit_once(", ")?.1 {
        "2" if is_whole => Some(Line::Column),
        "1" if is_whole => Some(Line::Row),
        _ => None,
    }
}
