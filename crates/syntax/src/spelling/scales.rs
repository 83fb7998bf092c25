//! Capitals that only scale, in a language of arrays: the C of `C/2 * w @ w`.

use super::marks::{Mark, Token};
use super::piece::{Axes, Piece};
use super::reader::Reader;
use crate::letters;
use crate::token::{begins_name, continues_name};
use std::collections::BTreeSet;

/// The capitals with which nothing is done but to multiply them entry by entry and to divide them.
pub(super) fn factors(tokens: &[Token]) -> BTreeSet<String> {
    let mark = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map(|token| &token.mark);
    let is_factor = |at: usize| {
        let (before, behind) = (mark(at.checked_sub(1)), mark(Some(at + 1)));
        let joins = |mark: Option<&Mark>| matches!(mark, Some(Mark::Sign("*" | "/")));
        let starts = match before {
            None | Some(Mark::Newline | Mark::Equals | Mark::Open | Mark::Colon | Mark::Sign("+" | "-")) => {
                true
            }
            Some(Mark::Name(word)) => word == "return",
            before => before == Some(&Mark::Sign("*")),
        };
        let ends =
            matches!(behind, None | Some(Mark::Newline | Mark::End | Mark::Close | Mark::Sign("+" | "-")));
        starts && (joins(behind) || ends && joins(before))
    };
    let (mut all, mut others) = (BTreeSet::new(), BTreeSet::new());
    for (at, token) in tokens.iter().enumerate() {
        if let Mark::Name(name) = &token.mark {
            let is_scale = letters::kind(name) == letters::Kind::Matrix && is_factor(at);
            if is_scale { &mut all } else { &mut others }.insert(name.clone());
        }
    }
    &all - &others
}

impl Reader<'_> {
    /// The one capital that a value is but for numbers, where the text only scales by it.
    pub fn scale(&self, value: &Piece) -> Option<String> {
        let text = &value.written.text;
        let mut names =
            text.split(|letter| !continues_name(letter)).filter(|word| word.starts_with(begins_name));
        let (name, None) = (names.next()?, names.next()) else { return None };
        let is_known = self.declared.contains_key(name) || self.lets.contains_key(name);
        let is_scale = value.axes == Axes::Matrix && self.factors.contains(name);
        (is_scale && !is_known && !text.contains(['(', '\''])).then(|| name.to_owned())
    }

    /// Takes the names of a product of vectors for vectors, where it is a factor beside what is no number: the y of `(x @ y) * z`.
    pub fn multiplied_on(&mut self, left: &Piece, right: &Piece) {
        let is_open = |name: &String| {
            letters::kind(name) != letters::Kind::Matrix
                && !self.declared.contains_key(name)
                && !self.lets.contains_key(name)
        };
        let mut found = Vec::new();
        for (one, other) in [(left, right), (right, left)] {
            let is_letter = |name: &String| letters::kind(name) == letters::Kind::Scalar;
            let tells = match other.axes {
                Axes::Vector | Axes::Matrix => true,
                Axes::Perhaps => one.operands.iter().any(is_letter),
                Axes::Scalar | Axes::Number => !other.operands.is_empty(),
            };
            found.extend(one.operands.iter().filter(|name| tells && is_open(name)).cloned());
        }
        self.operands.extend(found);
    }

    /// The undeclared name that an identity is multiplied with: nobody gives its diagonal other entries so.
    pub fn scale_of_identity(&self, value: &Piece) -> Option<String> {
        let name = value.name.as_ref()?;
        let is_known = self.declared.contains_key(name) || self.lets.contains_key(name);
        (!is_known).then(|| name.clone())
    }
}
