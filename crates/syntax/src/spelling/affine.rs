//! Lines and layers of code, `w * x + b` and `X @ w + b`: what is added is one number, or one for each row or column, by what it is added
//! to.

use super::Spelling;
use super::piece::{Axes, Level, Piece, in_rows};
use super::reader::Reader;
use super::table::Table;
use super::written::Written;
use crate::diagnostic::{Diagnostic, Span};
use crate::token::continues_name;

impl Reader<'_> {
    /// A product of Python, with what it says of its factors.
    #[inline(never)]
    pub fn multiplied(
        &mut self,
        left: Piece,
        sign: &str,
        typed: Span,
        right: Piece,
    ) -> Result<Piece, Diagnostic> {
        self.tell_alike(sign, &left, &right);
        let factors = self.factors_of_slope(sign, &left, &right).map(Box::new);
        Ok(Piece { factors, ..self.array_product(left, sign, typed, right)? })
    }

    /// The factors of `w * x` and of `X @ w`, the slope of a line first, where a table says that one of them is such.
    fn factors_of_slope(&self, sign: &str, left: &Piece, right: &Piece) -> Option<[String; 2]> {
        let name = |piece: &Piece| {
            let text = piece.written.text.trim_end_matches('\'');
            text.chars().all(continues_name).then(|| text.to_owned())
        };
        let (left, right) = (name(left)?, name(right)?);
        let slopes = &Table::named("python").slopes;
        match sign {
            "*" if slopes.contains(left.as_str()) => Some([left, right]),
            "*" | "@" if slopes.contains(right.as_str()) => Some([right, left]),
            "@" => Some([left, right]),
            _ => None,
        }
    }

    /// Takes what is added to a product with a slope for one number, and the slope of `w * x + b` too.
    #[inline(never)]
    pub fn tell_intercept(&mut self, left: &Piece, right: &Piece) {
        let table = Table::named("python");
        for (one, other) in [(left, right), (right, left)] {
            let (Some(name), Some([slope, of])) = (&one.name, other.factors.as_deref()) else { continue };
            let is_open = |name: &str| !self.declared.contains_key(name) && !self.lets.contains_key(name);
            let is_intercept = table.intercepts.contains(name.as_str()) && is_open(name);
            if !is_intercept || !table.slopes.contains(slope.as_str()) {
                continue;
            }
            if other.written.text.contains(['@', '\'']) || of.starts_with(char::is_uppercase) {
                self.scaling.insert(name.clone());
            } else if is_open(slope) {
                self.scaling.extend([name.clone(), slope.clone()]);
            }
        }
    }

    /// Terms of a sum where a vector is added to each row of a matrix.
    pub fn aligned(&mut self, left: Piece, right: Piece) -> (Piece, Piece) {
        if self.spelling != Spelling::Python {
            return (left, right);
        }
        let (left, right) = super::kept::repeated(left, right);
        if self.is_bias_of_columns(&left, &right) {
            return (left, self.in_columns(right));
        }
        match (left.axes, right.axes) {
            (Axes::Matrix, Axes::Vector | Axes::Perhaps) => (
                left,
                if right.axes == Axes::Vector || right.name.is_some() { in_rows(right) } else { right },
            ),
            (Axes::Vector, Axes::Matrix) => (in_rows(left), right),
            _ => (left, right),
        }
    }

    /// Whether a bias is added to a product in which the weights stand on the left, `W @ X + b`: examples are columns there, and an
    /// entry of the bias belongs to a row.
    #[inline(never)]
    pub fn is_bias_of_columns(&self, left: &Piece, right: &Piece) -> bool {
        let Some([weights, data]) = left.factors.as_deref() else { return false };
        let is_weight = |name: &str| name.starts_with('W');
        let is_matrix = |name: &str| name.starts_with(char::is_uppercase);
        left.axes == Axes::Matrix
            && is_weight(weights)
            && is_matrix(data)
            && !is_weight(data)
            && right.axes != Axes::Matrix
            && right.name.as_ref().is_some_and(|name| name.starts_with('b') && !self.lets.contains_key(name))
    }

    /// A vector as a column beside each column of a matrix, said so.
    #[inline(never)]
    pub fn in_columns(&mut self, vector: Piece) -> Piece {
        let (name, typed) = (vector.written.text.clone(), vector.span());
        self.note(format!(
            "`{name}` is read as one number for each row, for the weights stand on the left; for one for each column write `{name}[None, :]`"
        ));
        let end = Span { start: typed.end, end: typed.end };
        let ones = Piece::new(Written::new("vector(1)", end), Level::Whole, Axes::Matrix).transposed(end);
        vector.join("*", end, ones, Level::Product, Axes::Matrix)
    }
}
