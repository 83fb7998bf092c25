//! What was read so far of a formula: its text in the language of formulas, how tightly that holds together, and what it is.

use super::kept::Line;
use super::written::Written;
use crate::diagnostic::Span;
pub(crate) use crate::echo::Level;
use crate::letters;

/// How many axes a value has in a language of arrays, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Axes {
    Scalar,
    /// A name of a number, such as `lam`, or what is made of such.
    Number,
    Vector,
    Matrix,
    /// A lower-case letter of scalars, which may be a vector.
    Perhaps,
}

/// A part of a formula.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub written: Written,
    pub level: Level,
    pub axes: Axes,
    /// The name it is, where it is one and nothing else.
    pub name: Option<String>,
    /// Whether it is a transpose, and the last letter of its text the mark.
    pub is_transpose: bool,
    /// The scalar and the vector that it is the product of, in a language of arrays.
    pub parts: Option<Box<(Piece, Span, Piece)>>,
    /// What it is where it is multiplied on, in a language of arrays.
    pub onto: Option<Box<Piece>>,
    /// The names that it is a product of vectors of, in a language of arrays.
    pub operands: Box<[String]>,
    /// The names of the inner products that it is made of entry by entry, in a language of arrays.
    pub inner: Box<[String]>,
    /// The names of the two factors that it is the product of, in a language of arrays: first what may be the slope of a line.
    pub factors: Option<Box<[String; 2]>>,
    /// What it is the product of in a sum over pairs: entries of rows, of columns, and of matrices.
    pub entries: Option<Box<[Option<Piece>; 3]>>,
    /// Whether it is a column or a row of two axes, in a language of arrays.
    pub line: Option<Line>,
    /// Round how many brackets it was put.
    pub depth: usize,
}

impl Piece {
    pub fn new(written: Written, level: Level, axes: Axes) -> Piece {
        Piece {
            written,
            level,
            axes,
            name: None,
            is_transpose: false,
            parts: None,
            onto: None,
            operands: Box::default(),
            inner: Box::default(),
            factors: None,
            entries: None,
            line: None,
            depth: 0,
        }
    }

    /// A name of this text, typed there.
    pub fn name(name: &str, typed: Span, is_same: bool) -> Piece {
        let written = if is_same { Written::same(name, typed) } else { Written::new(name, typed) };
        let axes = match letters::kind(name) {
            letters::Kind::Scalar => Axes::Perhaps,
            letters::Kind::Vector => Axes::Vector,
            letters::Kind::Matrix => Axes::Matrix,
        };
        Piece { name: Some(name.to_owned()), ..Piece::new(written, Level::Whole, axes) }
    }

    /// Where it was typed.
    pub fn span(&self) -> Span {
        self.written.span()
    }

    /// In brackets, if it holds together less than this.
    pub fn at_least(self, level: Level) -> Piece {
        if self.level >= level { self } else { self.enclosed() }
    }

    /// In brackets.
    pub fn enclosed(self) -> Piece {
        let (axes, operands) = (self.axes, self.operands.clone());
        Piece { axes, operands, ..Piece::call("(", self.span(), vec![self]) }
    }

    /// A call: its name with the opening bracket, and the arguments.
    pub fn call(opening: &str, typed: Span, arguments: Vec<Piece>) -> Piece {
        let start = Span { start: typed.start, end: typed.start };
        let head = if opening == "(" { start } else { typed };
        let mut written = Written::new(opening, head);
        let (mut depth, mut inner) = (0, Box::default());
        for (index, argument) in arguments.iter().enumerate() {
            if index > 0 {
                written.sign(", ", Span { start: argument.span().start, end: argument.span().start });
            }
            written.push(&argument.written);
            depth = depth.max(argument.depth);
            inner = both(inner, &argument.inner);
        }
        let end = written.span().end.max(typed.end);
        written.sign(")", Span { start: end, end });
        Piece { depth: depth + 1, inner, ..Piece::new(written, Level::Whole, Axes::Scalar) }
    }

    /// Two parts joined by a sign.
    pub fn join(self, sign: &str, typed: Span, right: Piece, level: Level, axes: Axes) -> Piece {
        let (left_level, right_level) = match level {
            Level::Comparison => (Level::Sum, Level::Sum),
            Level::Sum => (Level::Sum, Level::Product),
            Level::Product => (Level::Product, Level::Power),
            Level::Sign | Level::Power | Level::Whole => (Level::Whole, Level::Whole),
        };
        let (left, right) = (self.at_least(left_level), right.at_least(right_level));
        let (mut written, inner) = (left.written, both(left.inner, &right.inner));
        written.sign(sign, typed);
        written.push(&right.written);
        Piece { depth: left.depth.max(right.depth), inner, ..Piece::new(written, level, axes) }
    }

    /// `X'`; of a transpose, what it is of.
    pub fn transposed(mut self, typed: Span) -> Piece {
        let (axes, line) = (self.axes, self.line.map(Line::turned));
        if self.is_transpose {
            self.written.pop();
            return Piece { is_transpose: false, line, ..self };
        }
        let mut piece = self.at_least(Level::Power);
        // `X^2'` would be right as well, but nobody should have to know.
        if piece.level == Level::Power {
            piece = piece.enclosed();
        }
        let (depth, inner) = (piece.depth, piece.inner);
        let mut written = piece.written;
        written.sign("'", typed);
        Piece { is_transpose: true, depth, inner, line, ..Piece::new(written, Level::Whole, axes) }
    }

    /// `X^2` or `X.^2`
    pub fn power(self, each: bool, typed: Span, exponent: Piece) -> Piece {
        let axes = self.axes;
        let sign = if each { ".^" } else { "^" };
        self.join(sign, typed, exponent, Level::Power, axes)
    }

    /// `-x`
    pub fn negated(self, typed: Span) -> Piece {
        let (axes, inner) = (self.axes, self.at_least(Level::Sign));
        let mut written = Written::new("-", typed);
        written.push(&inner.written);
        Piece { depth: inner.depth, inner: inner.inner, ..Piece::new(written, Level::Sign, axes) }
    }

    /// Whether it is a number as it is written, such as `2` or `1/2`.
    pub fn is_number(&self) -> bool {
        self.written.text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'/'))
    }

    /// Whether it is a number or a scalar for sure.
    pub fn is_scalar(&self) -> bool {
        self.axes == Axes::Scalar
    }
}

/// How many names of inner products are remembered.
const MOST_INNER: usize = 8;

/// The names of two lists, each once.
fn both(names: Box<[String]>, more: &[String]) -> Box<[String]> {
    if more.is_empty() {
        return names;
    }
    let mut names = names.into_vec();
    let new = more.iter().filter(|name| !names.contains(name)).take(MOST_INNER).cloned();
    let new: Vec<String> = new.collect();
    names.extend(new);
    names.truncate(MOST_INNER);
    names.into_boxed_slice()
}

/// A vector as a row beside each row of a matrix: `vector(1)*b'`.
pub(crate) fn in_rows(vector: Piece) -> Piece {
    let typed = vector.span();
    let row = vector.transposed(Span { start: typed.end, end: typed.end });
    let ones = Piece::new(
        Written::new("vector(1)", Span { start: typed.start, end: typed.start }),
        Level::Whole,
        Axes::Matrix,
    );
    ones.join("*", Span { start: typed.start, end: typed.start }, row, Level::Product, Axes::Matrix)
}

/// The axes of two values side by side.
pub(crate) fn beside(left: Axes, right: Axes) -> Axes {
    let rank = |axes: Axes| match axes {
        Axes::Scalar => 0,
        Axes::Number => 1,
        Axes::Perhaps => 2,
        Axes::Vector => 3,
        Axes::Matrix => 4,
    };
    if rank(left) >= rank(right) { left } else { right }
}

/// The axes of a product in the language of formulas, where a transpose tells.
pub(super) fn matrix_product(left: &Piece, sign: &str, right: &Piece) -> Axes {
    match (sign, left.axes, right.axes) {
        ("*", Axes::Vector, Axes::Vector) if left.is_transpose => Axes::Scalar,
        ("*", Axes::Matrix, Axes::Vector | Axes::Perhaps | Axes::Number) => Axes::Vector,
        ("*", Axes::Vector, Axes::Matrix) if left.is_transpose => Axes::Vector,
        _ => beside(left.axes, right.axes),
    }
}
