//! Inner products by a point: `\mathbf w\cdot\mathbf x` and `w·x` are `w'*x`, where both sides are columns by what is declared, by
//! bold type or by their letters.

use super::Spelling;
use super::marks::{Mark, Token};
use super::piece::{Axes, Level, Piece};
use super::reader::Reader;
use super::table::{Part, Table};
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::letters;
use crate::token::{begins_name, continues_name};

impl Reader<'_> {
    /// Whether a sign of multiplication here is the point of an inner product.
    pub fn is_point(&self, typed: Span) -> bool {
        let is_spelled = matches!(self.spelling, Spelling::Text | Spelling::Latex);
        is_spelled && matches!(self.source.slice(typed), "·" | "⋅" | "\\cdot")
    }

    /// `w·x`, `w·(x − y)`, `x·Ay`: the inner product of the column on the left and what stands side by side on the right; the
    /// plain product where either is none.
    pub fn inner(&mut self, left: Piece, typed: Span) -> Result<Piece, Diagnostic> {
        let mut right = self.sign()?;
        while right.axes == Axes::Matrix && self.juxtaposes() {
            let start = self.span().start;
            let next = self.sign()?;
            let axes = super::piece::matrix_product(&right, "*", &next);
            right = right.join("*", Span { start, end: start }, next, Level::Product, axes);
        }
        let is_known = is_column(&left) && is_column(&right);
        let is_open = !is_known && self.may_be_inner(&left, &right);
        self.met.points_are_inner |= is_open;
        let is_inner = is_known || is_open && self.ways.points_are_inner;
        if !is_inner || self.is_chained(typed) {
            let axes = super::piece::matrix_product(&left, "*", &right);
            let parts = scaled(&left, &right, typed);
            let right = if right.level == Level::Product { right.enclosed() } else { right };
            return Ok(Piece { parts, ..left.join("*", typed, right, Level::Product, axes) });
        }
        let (before, behind) = (left.written.text.clone(), right.written.text.clone());
        // `2w·x` is `2*w'*x`.
        let product = match left.parts {
            Some(parts) => {
                let (scalar, times, column) = *parts;
                let row = scalar.join("*", times, column.transposed(typed), Level::Product, Axes::Vector);
                row.join("*", typed, right, Level::Product, Axes::Scalar)
            }
            None => left.transposed(typed).join("*", typed, right, Level::Product, Axes::Scalar),
        };
        self.note(format!(
            "the point between `{before}` and `{behind}` is read as their inner product, `{}`",
            product.written.text
        ));
        Ok(product)
    }

    /// Whether the point is one of several between single names, `m·g·h`, which are numbers.
    fn is_chained(&self, typed: Span) -> bool {
        let point = self.tokens.iter().position(|token| token.span == typed);
        let is_name = |at: usize| {
            let mark = self.tokens.get(at).map(|token| &token.mark);
            matches!(mark, Some(Mark::Name(name)) if letters::kind(name) != letters::Kind::Matrix)
        };
        let is_link = |at: Option<usize>| {
            let Some(at) = at.filter(|at| *at > 0) else { return false };
            let is_point = self.tokens.get(at).is_some_and(|token| self.is_point(token.span));
            is_point && is_name(at - 1) && is_name(at + 1)
        };
        is_link(point) && (is_link(point.map(|at| at + 2)) || is_link(point.and_then(|at| at.checked_sub(2))))
    }

    /// The error of a cross between two vectors in bold type, or below arrows.
    pub fn cross(&self, typed: Span) -> Option<Diagnostic> {
        let at = self.at.checked_sub(1).filter(|at| self.tokens[*at].span == typed)?;
        let is_vector = |at: usize| self.tokens.get(at).is_some_and(|token| token.is_bold);
        let is_cross = matches!(self.source.slice(typed), "\\times" | "×");
        (is_cross && is_vector(at.checked_sub(1)?) && is_vector(at + 1)).then(|| {
            let what = "the cross product of two vectors has no law here";
            let mend = "write what it stands in as a product with a matrix, `A*b` where the entries of A are those of a; for a product of numbers write `a*b`";
            self.error(what, mend, typed)
        })
    }

    /// Whether both sides of a point may be columns, or the left one a column and the right one a matrix, as in `x·A·x`.
    fn may_be_inner(&self, left: &Piece, right: &Piece) -> bool {
        // Behind `x'*A` everything is a factor.
        if begins_with_row(&left.written.text) {
            return false;
        }
        let is_short = |piece: &Piece| piece.written.text.len() < 200;
        let is_wide = |piece: &Piece| piece.axes == Axes::Vector && !piece.is_transpose && is_short(piece);
        let may_be = |piece: &Piece| is_wide(piece) || self.may_be_column(piece);
        may_be(left) && may_be(right) || is_column(left) && right.axes == Axes::Matrix && is_short(right)
    }

    /// Whether a value whose letter stands for a scalar may be a column: an undeclared name, other than a count.
    fn may_be_column(&self, left: &Piece) -> bool {
        let is_open = |name: &str| {
            letters::kind(name) == letters::Kind::Scalar
                && !self.declared.contains_key(name)
                && !Table::named("python").scalars.contains(name)
        };
        matches!(left.axes, Axes::Perhaps | Axes::Scalar) && left.name.as_deref().is_some_and(is_open)
    }
}

/// Makes norms of the bars of `a·b/(|a||b|)`, round two names that a point joins.
pub(super) fn cosines(typed: &Text, tokens: &mut [Token]) {
    let points: Vec<[Mark; 2]> = tokens
        .windows(3)
        .filter(|three| matches!(typed.slice(three[1].span), "·" | "⋅" | "\\cdot"))
        .map(|three| [three[0].mark.clone(), three[2].mark.clone()])
        .filter(|sides| sides.iter().all(|side| matches!(side, Mark::Name(_))))
        .collect();
    let is_bar = |token: &Token| matches!(token.mark, Mark::Part(Part::Bar | Part::OpenBar | Part::CloseBar));
    let alone = |name: &Mark| {
        let is_alone = |three: &[Token]| is_bar(&three[0]) && three[1].mark == *name && is_bar(&three[2]);
        tokens.windows(3).position(is_alone)
    };
    let found: Vec<usize> =
        points.iter().filter_map(|[one, other]| Some([alone(one)?, alone(other)?])).flatten().collect();
    for at in found {
        tokens[at].mark = Mark::Part(Part::OpenNorm);
        tokens[at + 2].mark = Mark::Part(Part::CloseNorm);
    }
}

/// A scalar and the column that it is in front of, which an inner product behind them takes apart.
pub(crate) fn scaled(left: &Piece, right: &Piece, typed: Span) -> Option<Box<(Piece, Span, Piece)>> {
    let is_scalar = matches!(left.axes, Axes::Scalar | Axes::Number | Axes::Perhaps);
    let is_short = left.written.text.len() < 100;
    (is_scalar && is_short && is_column(right)).then(|| Box::new((left.clone(), typed, right.clone())))
}

/// Whether a product has a row in it: `x'*A`.
fn begins_with_row(text: &str) -> bool {
    text.match_indices("'*").any(|(at, _)| {
        let name = text[..at].rsplit(|letter| !continues_name(letter)).next().unwrap_or_default();
        name.starts_with(char::is_lowercase)
    })
}

/// Whether a value is a column by its letters: no number is added to it, it holds no call, and its names are no counts.
fn is_column(piece: &Piece) -> bool {
    let text = &piece.written.text;
    if piece.axes != Axes::Vector || piece.is_transpose || text.len() > 200 || begins_with_row(text) {
        return false;
    }
    let counts = &Table::named("python").scalars;
    if piece.name.as_deref().is_some_and(|name| counts.contains(name)) {
        return false;
    }
    let letters: Vec<char> = text.chars().collect();
    let is_sum = text.contains(" + ") || text.contains(" - ");
    let around = letters.iter().zip(letters.iter().skip(1));
    let has_call = around.clone().any(|(before, next)| continues_name(*before) && *next == '(');
    let starts_number =
        |before: char, next: char| next.is_ascii_digit() && !continues_name(before) && before != '.';
    let has_number = letters.first().is_some_and(char::is_ascii_digit)
        || around.clone().any(|(before, next)| starts_number(*before, *next));
    letters.iter().any(|letter| begins_name(*letter)) && !has_call && !(is_sum && has_number)
}
