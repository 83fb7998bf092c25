//! What has no law: calls of other languages, inverses of functions, and functions of whole matrices.

use super::Spelling;
use super::arguments::{Argument, matches};
use super::marks::Mark;
use super::piece::{Axes, Piece};
use super::reader::Reader;
use super::table::{Pattern, Table};
use crate::diagnostic::{Diagnostic, Span};
use crate::letters;
use crate::token::continues_name;

/// What stands in the place of the meaning of a row that has no law.
pub(super) const NONE: &str = "-";

impl Reader<'_> {
    /// The error of `\tanh^{-1}`, which is the inverse of a function or one over its value.
    pub fn inverse_function(&self, function: &str, typed: Span) -> Diagnostic {
        let what = format!(
            "`{}` raised to -1 is the inverse of a function, which has no law here",
            self.source.slice(typed)
        );
        let spelled = match super::is_function(function) {
            true => format!("{function}(x)"),
            false => "sigmoid(x)".to_owned(),
        };
        let mend = match function {
            "tanh" => {
                format!("write `log((1 + x)/(1 - x))/2` for it, or `1/{spelled}` for one over the value")
            }
            "sigma" => {
                "write `log(x/(1 - x))` for that of the sigmoid, or `x/sigma` for a quotient".to_owned()
            }
            "exp" => format!("write `log(x)` for it, or `1/{spelled}` for one over the value"),
            "log" => format!("write `exp(x)` for it, or `1/{spelled}` for one over the value"),
            _ => format!("write `1/{spelled}` for one over a value, or give the inverse a name of its own"),
        };
        self.error(what, mend, typed)
    }

    /// The error of `X^+`.
    pub fn pseudoinverse(&self, value: &Piece, sign: Span) -> Diagnostic {
        let last = self.at + if *self.peek() == Mark::OpenGroup { 2 } else { 0 };
        let whole = value.span().to(self.tokens.get(last).map_or(sign, |token| token.span));
        let what =
            format!("`{}` is the pseudoinverse of a matrix, which has no law here", self.source.slice(whole));
        let base = match &value.name {
            Some(name) => name.clone(),
            None => format!("({})", value.written.text),
        };
        let mend = format!(
            "where it has full column rank, write `inv({base}'*{base})*{base}'`, with full row rank `{base}'*inv({base}*{base}')`"
        );
        self.error(what, mend, whole)
    }

    /// Says of `e^{At}` that it is no exponential of a matrix.
    pub fn note_exponential(&mut self, exponent: &Piece, typed: Span) {
        let factors: Vec<&str> = exponent.written.text.split('*').collect();
        if let ([left, right], Axes::Vector) = (factors.as_slice(), exponent.axes)
            && letters::kind(left) == letters::Kind::Matrix
            && right.chars().all(continues_name)
        {
            self.note(format!(
                "`{}` is of every entry of the column `{left}*{right}`; of the exponential of a matrix, where `{right}` is a number, nothing is known here",
                self.source.slice(typed)
            ));
        }
    }

    /// Whether a call is all that the same function is of, as in `sum(sum(X))`: that of all entries is the same either way.
    pub fn is_done_twice(&self, name: &str, typed: Span) -> bool {
        let text = &self.source.text;
        let before = text[..typed.start].trim_end().strip_suffix('(').map(str::trim_end);
        before.is_some_and(|before| before.ends_with(name)) && text[typed.end..].trim_start().starts_with(')')
    }

    /// A function that goes down each column in MATLAB, for which no law is stated: refused there, and elsewhere told of.
    pub fn lawless_theirs(&mut self, name: &str, typed: Span) -> Result<(), Diagnostic> {
        if self.spelling == Spelling::Matlab {
            let what =
                format!("`{name}` of a matrix is that of each column in MATLAB, which has no law here");
            return Err(self.error(what, format!("write `{name}(X(:))` for that of all entries"), typed));
        }
        if self.tells_theirs {
            let whole = self.source.slice(typed);
            self.note(format!("`{whole}` is of all entries; MATLAB reads it by columns"));
        }
        Ok(())
    }

    /// The row that says that a call has no law: a capital in it stands for a matrix.
    pub fn lawless(&self, name: &str, arguments: &[Argument]) -> Option<&'static Pattern> {
        let is_of_matrices = |letters: &[(&str, &Piece)]| {
            letters.iter().all(|(letter, piece)| {
                letter.bytes().all(|byte| byte.is_ascii_lowercase()) || piece.axes == Axes::Matrix
            })
        };
        let rows = Table::named(self.spelling.table()).lawless.get(name)?;
        rows.iter().find(|row| matches(row, arguments).is_some_and(|letters| is_of_matrices(&letters)))
    }
}
