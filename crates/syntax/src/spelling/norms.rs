//! Norms: Euclid's, that of all entries, the sum of absolute values, and that of a matrix below it.

use super::marks::Mark;
use super::piece::{Axes, Level, Piece};
use super::reader::Reader;
use super::table::Part;
use crate::diagnostic::{Diagnostic, Span};

impl Reader<'_> {
    /// `‖x‖`, `‖x‖₁`, `‖X‖_F`
    pub fn norm(&mut self) -> Result<Piece, Diagnostic> {
        if let Some(distances) = self.distances() {
            return Ok(distances);
        }
        // In a sum over pairs the norm is of what its index picks.
        let pair = self.pair.take();
        let between = self.between(Part::Norm);
        self.pair = pair;
        let (inner, typed) = between?;
        self.lower_first();
        self.norm_of(inner, typed)
    }

    /// `\|x\|_Q^2` of a column is x'*Q*x, and `\|x\|_Q` its root; `None` where no matrix stands below.
    fn weighted(&mut self, inner: &Piece, typed: Span) -> Result<Option<Piece>, Diagnostic> {
        let first = 1 + usize::from(*self.ahead(1) == Mark::OpenGroup);
        let is_matrix = match self.ahead(first) {
            Mark::Name(name) => name.starts_with(char::is_uppercase) && !name.starts_with('F'),
            _ => false,
        };
        let is_alone = first == 1
            || matches!(
                self.ahead(first + 1),
                Mark::CloseGroup | Mark::Lower | Mark::Raise { .. } | Mark::Quote
            );
        if *self.peek() != Mark::Lower || !is_matrix || !is_alone || inner.axes == Axes::Matrix {
            return Ok(None);
        }
        let start = self.advance();
        let weight = self.argument()?.at_least(Level::Power);
        let square = inner.clone().at_least(Level::Power).transposed(typed);
        let scaled = square.join("*", start, weight, Level::Product, Axes::Vector);
        let square =
            scaled.join("*", typed, inner.clone().at_least(Level::Power), Level::Product, Axes::Scalar);
        let grouped = usize::from(*self.ahead(1) == Mark::OpenGroup);
        let is_squared = matches!(self.peek(), Mark::Raise { each: false })
            && *self.ahead(1 + grouped) == Mark::Number("2".to_owned())
            && (grouped == 0 || *self.ahead(3) == Mark::CloseGroup);
        Ok(Some(match is_squared {
            true => {
                self.at += 2 + 2 * grouped;
                square
            }
            false => Piece { axes: Axes::Scalar, ..Piece::call("sqrt(", typed, vec![square]) },
        }))
    }

    /// The norm that the index here says, or Euclid's where there is none.
    pub fn norm_of(&mut self, inner: Piece, typed: Span) -> Result<Piece, Diagnostic> {
        if let Some(weighted) = self.weighted(&inner, typed)? {
            return Ok(weighted);
        }
        let label = match self.peek() {
            Mark::Lower => self.label()?,
            _ => None,
        };
        let name = match label.as_ref().map(|(label, _)| label.as_str()) {
            None | Some("2" | "F" | "Fro" | "fro" | "") => "norm(",
            Some("1") => "norm1(",
            Some("infinity" | "inf" | "infty" | "∞") if inner.axes != Axes::Matrix => {
                let inner = Piece::call("abs(", typed, vec![inner]);
                return Ok(Piece::call("max(", typed, vec![inner]));
            }
            Some(other) => {
                let what = match other {
                    "star" | "nuc" | "nuclear" | "tr" => {
                        "the nuclear norm, the sum of the singular values, has no law".to_owned()
                    }
                    "op" | "infinity" | "inf" | "infty" => {
                        format!("the norm of index {other} of a matrix has no law")
                    }
                    _ => format!("the norm of index {other} has no law"),
                };
                let mend = "the norms here are Euclid's and Frobenius's, `\\|x\\|`, and the sum of absolute values, `\\|x\\|_1`";
                let span = label.as_ref().map_or(typed, |(_, span)| *span);
                return Err(self.error(what, mend, span));
            }
        };
        let index = label.map_or(String::new(), |(label, _)| label);
        if inner.axes == Axes::Matrix && index == "1" {
            self.note("a norm of index 1 is read as the sum of all absolute values; of a matrix it may mean the largest of its columns, which has no law".to_owned());
        }
        if inner.axes == Axes::Matrix && index == "2" {
            self.note("a norm of index 2 is read as the root of the sum of all squares; of a matrix it may mean the largest singular value, which has no law".to_owned());
        }
        Ok(Piece::call(name, typed, vec![inner]))
    }
}
