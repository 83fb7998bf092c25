//! Where constructors use the rows that are always used.

use crate::simplify::form::kind::{Id, Kind};
use crate::simplify::form::normal::Algebra;
use crate::simplify::rows::head::Head;
use crate::simplify::rows::identity::{Identity, Parity, structural};
use crate::simplify::rows::matched::Bound;
use formula::{FunctionId, Name};
use std::rc::Rc;

/// So many rows may be used within one another; a row whose right side is its left side again would not end.
const DEEPEST: usize = 40;
/// The longest product that a row is looked for in.
const LONGEST: usize = 17;

impl Algebra {
    /// What a row that is always used makes of a value that is not made yet; the first that fits.
    pub(crate) fn ruled(&mut self, kind: &Kind) -> Option<Id> {
        self.ruling(kind, |_, _, _| {})
    }

    /// The same, and tells the row and what its letters are.
    pub(crate) fn ruling(
        &mut self,
        kind: &Kind,
        tell: impl FnOnce(&mut Algebra, &Identity, Bound),
    ) -> Option<Id> {
        let head = Head::of_kind(kind)?;
        if let Kind::Closed(factors) = kind
            && !self.may_meet_rows(factors)
        {
            return None;
        }
        self.with_rows(head, |algebra, rows| {
            let (value, row, bound) = rows.into_iter().find_map(|row| {
                let bound = algebra.matched_kind(row, row.left, kind)?;
                let value = row.side(algebra, row.right, &bound)?;
                (algebra.shape(value) == algebra.shape_of(kind)).then_some((value, row, bound))
            })?;
            tell(algebra, row, bound);
            Some(value)
        })
    }

    /// What a row makes of the last of these factors, and from which of them on; of the fewest factors.
    pub(crate) fn ruled_factors(&mut self, factors: &[Id]) -> Option<(usize, Id)> {
        self.ruling_factors(factors, |_, _, _| {})
    }

    /// The same, and tells the row and what its letters are.
    pub(crate) fn ruling_factors(
        &mut self,
        factors: &[Id],
        tell: impl FnOnce(&mut Algebra, &Identity, Bound),
    ) -> Option<(usize, Id)> {
        let starts = (factors.len().saturating_sub(LONGEST)..factors.len() - 1).rev();
        if !self.may_meet_rows(&factors[factors.len().saturating_sub(LONGEST)..]) {
            return None;
        }
        let last = *factors.last()?;
        self.with_rows(Head::Product, |algebra, mut rows| {
            rows.retain(|row| algebra.may_end(row, last));
            let (start, value, row, bound) = starts.into_iter().find_map(|start| {
                rows.iter().find_map(|row| {
                    let bound = algebra.matched_factors(row, row.left, &factors[start..])?;
                    Some((start, row.side(algebra, row.right, &bound)?, *row, bound))
                })
            })?;
            tell(algebra, row, bound);
            Some((start, value))
        })
    }

    /// Whether a row about a product may fit: it has a factor of some kind that has rows, ones, or a letter with a property.
    fn may_meet_rows(&self, factors: &[Id]) -> bool {
        let is_told = |id: &Id| {
            let inner = self.plain(*id);
            Head::of_kind(self.kind(inner)).is_some() || self.is_line_of_ones(inner)
        };
        !self.declared.is_empty() || factors.iter().any(is_told)
    }

    /// Looks for one of the rows that are always used and begin with this, unless too many are being used already.
    fn with_rows<T>(
        &mut self,
        head: Head,
        find: impl FnOnce(&mut Algebra, Vec<&Identity>) -> Option<T>,
    ) -> Option<T> {
        if self.depth >= DEEPEST {
            return None;
        }
        self.depth += 1;
        let own = Rc::clone(&self.own);
        let own = own.iter().filter(|row| row.head == Some(head));
        let declared = self.declared;
        let rows = structural(head).iter().chain(own).filter(|row| row.is_possible(declared));
        let found = find(self, rows.collect());
        self.depth -= 1;
        found
    }

    /// Does something without any row.
    pub(crate) fn without_rows<T>(&mut self, work: impl FnOnce(&mut Algebra) -> T) -> T {
        let depth = std::mem::replace(&mut self.depth, DEEPEST);
        let result = work(self);
        self.depth = depth;
        result
    }

    /// What a sign in front of its argument does to a function.
    pub(crate) fn parity(&self, function: FunctionId) -> Option<Parity> {
        self.parities.iter().find(|(known, ..)| *known == function).map(|(_, parity, _)| *parity)
    }

    /// The name and the sides of the row that says so.
    pub(crate) fn parity_row(&self, function: FunctionId) -> Option<[Name; 2]> {
        self.parities.iter().find(|(known, ..)| *known == function).map(|(.., row)| row.clone())
    }
}
