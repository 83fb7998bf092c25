//! Sums along an axis that is kept, in a language of arrays: a column beside a row is a matrix, as in
//! `sq = np.sum(X**2, axis=1, keepdims=True)` and `sq + sq.T - 2 * X @ X.T`.

use super::piece::{Axes, Piece, in_rows};

/// How a value of two axes, one of them 1, stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Column,
    Row,
}

impl Line {
    /// What the value of a call is whose row keeps the axis along which it goes.
    pub fn of_row(spelled: &str) -> Option<Line> {
        let keeps = spelled.contains("keepdims=True");
        let is_column = spelled.contains("axis=1") || spelled.contains("axis=-1");
        keeps.then_some(if is_column { Line::Column } else { Line::Row })
    }

    /// That of the transpose.
    pub fn turned(self) -> Line {
        match self {
            Line::Column => Line::Row,
            Line::Row => Line::Column,
        }
    }
}

/// Both sides of a sum; where a column stands beside a row, or beside a vector, each is repeated as far as the other goes.
pub(crate) fn repeated(left: Piece, right: Piece) -> (Piece, Piece) {
    let of = |piece: &Piece| match piece.axes {
        Axes::Vector => Some(Line::Row),
        Axes::Matrix => piece.line,
        _ => None,
    };
    let is_kept = left.line.is_some() || right.line.is_some();
    match (is_kept, of(&left), of(&right)) {
        (true, Some(Line::Column), Some(Line::Row)) => (across(left), down(right)),
        (true, Some(Line::Row), Some(Line::Column)) => (down(left), across(right)),
        _ => (left, right),
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
