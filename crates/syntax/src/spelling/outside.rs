//! What stands below names beside sums over two indices: entries inside of them, and those that are left outside.

use super::marks::Mark;
use super::pairs::Pair;
use super::piece::Piece;
use super::reader::Reader;
use crate::diagnostic::{Diagnostic, Span};

impl Reader<'_> {
    /// Whether a name with this label is an entry: beside others over which a sum goes, or behind a line `x = A b`, unless a line
    /// defines it.
    pub fn is_entry_of_list(&self, stem: &str, label: &str) -> bool {
        let is_of_let = self.lets.contains_key(stem) && !self.lets.contains_key(&format!("{stem}{label}"));
        !label.starts_with('0') && (self.indexed.contains(stem) || is_of_let)
    }

    /// Whether both indices of the sum that is read stand below, behind the mark here.
    pub fn is_entry_of_pair(&self) -> bool {
        let Some([row, column]) = &self.pair else { return false };
        let below = |at: usize| match self.ahead(at) {
            Mark::Name(name) => Some(name.trim_start_matches('_').to_owned()),
            Mark::Comma => Some(String::new()),
            _ => None,
        };
        let start = 1 + usize::from(*self.ahead(1) == Mark::OpenGroup);
        let label: String = (start..start + 3).map_while(below).collect();
        label == format!("{row}{column}") || label == format!("{column}{row}")
    }

    /// The error of a name with an index of a sum over two behind that sum.
    pub fn hold_inside(&self, value: &Piece, label: &str, typed: Span) -> Result<(), Diagnostic> {
        let label = label.replace('_', "");
        let is_open =
            |index: &String| self.indices.iter().any(|open| open.strip_prefix('_') == Some(index.as_str()));
        let is_of = |[row, column]: &&Pair| {
            let is_label = label == format!("{row}{column}") || label == format!("{column}{row}");
            (is_label || label == *row || label == *column) && !is_open(row) && !is_open(column)
        };
        let Some([row, column]) = self.pairs.iter().find(is_of).filter(|_| self.pair.is_none()) else {
            return Ok(());
        };
        let span = value.span().to(typed);
        let what = format!("`{}` stands outside the sum over {row} and {column}", self.source.slice(span));
        let mend =
            r"put all that is summed in brackets, `\sum_{i,j} (...)`, or give it a name without the index";
        Err(self.error(what, mend, span))
    }
}
