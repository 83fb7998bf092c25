//! Lower-case names that are square matrices by where they stand, as code has them: the `cov` of `np.linalg.inv(cov)` and `w @ cov @ w`.

use super::piece::Piece;
use super::reader::Reader;
use super::table::Pattern;
use crate::letters;
use crate::token::{begins_name, continues_name};

/// Functions of square matrices.
const SQUARE: [&str; 4] = ["inv", "det", "logdet", "tr"];

impl Reader<'_> {
    /// Takes the argument of a function of square matrices for one, where it is a name.
    pub fn is_of_square(&mut self, pattern: &Pattern, argument: &Piece) {
        let is_of = |own: &&str| pattern.own.strip_prefix(own).is_some_and(|of| of.starts_with('('));
        if let Some(name) = argument.name.clone().filter(|_| SQUARE.iter().any(is_of)) {
            self.is_square(&name);
        }
    }

    /// Takes the middle of `x @ name @ x` for a matrix: the form is quadratic, whatever the letter.
    pub fn between_equals(&mut self, left: &Piece, right: &Piece) {
        let whole =
            format!("{}*{}", left.written.text, right.written.text).replace(['\'', ' ', '(', ')'], "");
        let factors: Vec<&str> = whole.split('*').collect();
        if let [.., first, middle, last] = factors[..]
            && first == last
            && first != middle
        {
            self.is_square(middle);
        }
    }

    /// Takes an undeclared name for a square matrix by where it stands, whatever its letter.
    fn is_square(&mut self, name: &str) {
        let is_name = name.starts_with(begins_name) && name.chars().all(continues_name);
        let is_open = !self.declared.contains_key(name) && !self.lets.contains_key(name);
        if is_name && is_open && letters::kind(name) != letters::Kind::Matrix {
            self.squares.insert(name.to_owned());
        }
    }
}
