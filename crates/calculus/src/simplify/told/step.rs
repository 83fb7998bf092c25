//! What a step of algebra is.

use formula::{Formula, Name, NodeId};
use std::collections::HashMap;

/// What is done in code, and not by a row with two sides.
pub(crate) const DERIVED_AGAIN: &str = "the derivative of the formula when it is simplified first";
pub(crate) const WRITTEN_OUT: &str = "slopes and functions written out";
pub(crate) const ORDER: &str = "order of signs, numbers, factors and terms";
pub(crate) const COMMON_FACTOR: &str = "common factor";
pub(crate) const DISTRIBUTIVE: &str = "distributive law";

/// An identity in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used<T = NodeId> {
    /// Its name.
    pub name: Name,
    /// Its two sides as the library states them; none where it is no row with two sides.
    pub statement: Option<Name>,
    /// What its letters stand for.
    pub letters: Vec<(Name, T)>,
}

impl<T> Used<T> {
    /// What is done in code; the row that states it is looked up when the step is told.
    pub(crate) fn named(name: &str) -> Used<T> {
        Used { name: Name::from(name), statement: None, letters: Vec::new() }
    }

    /// The same with other values.
    pub(crate) fn with<U, E>(self, mut other: impl FnMut(T) -> Result<U, E>) -> Result<Used<U>, E> {
        let letters = self.letters.into_iter().map(|(name, value)| Ok((name, other(value)?)));
        Ok(Used { name: self.name, statement: self.statement, letters: letters.collect::<Result<_, E>>()? })
    }
}

/// One step of algebra.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlgebraStep {
    /// The identities, in the order in which they are used.
    pub used: Vec<Used>,
    /// The whole value before.
    pub before: NodeId,
    /// The whole value after.
    pub after: NodeId,
    /// The part that changes: the whole with this one, wherever it stands, replaced by the next is the whole after.
    pub from: NodeId,
    /// What it becomes.
    pub to: NodeId,
}

/// A value on the way to the closed form.
#[derive(Clone)]
pub(crate) struct Stage {
    /// What made it of the one before.
    pub(crate) used: Vec<Used>,
    pub(crate) whole: NodeId,
    /// The part of the one before that was changed, and what it became, where that is known.
    pub(crate) part: Option<(NodeId, NodeId)>,
}

impl Stage {
    /// A stage of which nothing but the whole is known.
    pub(crate) fn of(name: &str, whole: NodeId) -> Stage {
        Stage { used: vec![Used::named(name)], whole, part: None }
    }
}

/// The value with a part replaced wherever it stands.
pub(crate) fn exchanged(formula: &mut Formula, root: NodeId, part: NodeId, new: NodeId) -> Option<NodeId> {
    formula.substitute(root, &mut HashMap::from([(part, new)])).ok()
}
