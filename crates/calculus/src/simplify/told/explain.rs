//! The names of what the normal form does to a value, part by part.

use crate::simplify::form::enter::enter_telling;
use crate::simplify::form::kind::Id;
use crate::simplify::rows::identity::Head;
use crate::simplify::rows::row::statement;
use crate::simplify::search::measure::Measure;
use crate::simplify::told::reasons::{Becomes, MOST_WITHIN};
use crate::simplify::told::reword::{changed_part, rewordings};
use crate::simplify::written::read_back::ReadBack;
use formula::{Formula, Name, NodeId, ShapeError};
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

/// The stages as steps that change something; what only puts things in order is one step with what comes after it.
pub(crate) fn steps(formula: &mut Formula, id: NodeId, stages: Vec<Stage>) -> Vec<AlgebraStep> {
    let mut before = id;
    let mut steps: Vec<AlgebraStep> = Vec::new();
    let mut measure = Measure::of(formula);
    // What comes back to where it was is left out.
    let mut kept: Vec<Stage> = Vec::with_capacity(stages.len());
    for stage in stages {
        match kept.iter().position(|before| before.whole == stage.whole) {
            Some(place) => kept.truncate(place + 1),
            None if stage.whole == id => kept.clear(),
            None => kept.push(stage),
        }
    }
    let mut stages = kept.into_iter();
    while let Some(Stage { used, whole: after, part }) = stages.next() {
        let order = used.iter().all(|used| used.name.as_str() == ORDER);
        if after == before || order && stages.clone().any(|later| later.whole != after) {
            continue;
        }
        // What reads the same is no step of its own.
        if measure.is_same_text(formula, before, after) {
            if !stages.clone().any(|later| later.whole != after)
                && let Some(last) = steps.last_mut()
            {
                (last.after, last.from, last.to) = (after, last.before, after);
            }
            continue;
        }
        // Where the whole is put in order around the part, all of it changes.
        let part = part.filter(|(from, to)| exchanged(formula, before, *from, *to) == Some(after));
        let (from, to) = part.unwrap_or_else(|| changed_part(formula, before, after));
        let reworded = if order { rewordings(formula, from, to) } else { Vec::new() };
        let used = if reworded.is_empty() { used } else { reworded };
        let stated =
            |used: Used| Used { statement: used.statement.or_else(|| statement(&used.name)), ..used };
        let used: Vec<Used> = used.into_iter().map(stated).collect();
        match steps.last_mut() {
            // What one name says twice, of what it has just made, is one step.
            Some(last) if last.to == from && last.used == used => (last.after, last.to) = (after, to),
            _ => steps.push(AlgebraStep { used, before, after, from, to }),
        }
        before = after;
    }
    steps
}

/// The value with a part replaced wherever it stands.
pub(crate) fn exchanged(formula: &mut Formula, root: NodeId, part: NodeId, new: NodeId) -> Option<NodeId> {
    formula.substitute(root, &mut HashMap::from([(part, new)])).ok()
}

/// The stages from a value to its normal form, one for each part that an identity changes.
pub(crate) fn explained(
    formula: &mut Formula,
    root: NodeId,
    budget: usize,
    at_declared: bool,
) -> Result<Vec<Stage>, ShapeError> {
    let mut made: Vec<(NodeId, Vec<Id>, Id)> = Vec::new();
    let (mut algebra, _) = enter_telling(formula, root, (budget, at_declared), |_, id, parts, value| {
        made.push((id, parts.to_vec(), value));
    });
    let mut read_back = ReadBack::careful(formula);
    let mut known: HashMap<NodeId, NodeId> = HashMap::new();
    let mut stages = Vec::new();
    for (id, parts, value) in made {
        let children: Vec<NodeId> = formula.node(id).children().iter().map(|child| known[child]).collect();
        let from =
            if formula.node(id).children() == children { id } else { formula.rebuild(id, &children)? };
        let to = read_back.read(&mut algebra, formula, value)?;
        let mut used = Vec::new();
        // What is read back as it stood needs no word.
        if from != to {
            let becomes = Becomes { value, head: Head::of_node(formula.node(to)) };
            used = algebra.reasons(formula.node(id), &parts, becomes, MOST_WITHIN);
        }
        known.insert(id, if used.is_empty() { from } else { to });
        if !used.is_empty() {
            let whole = formula.substitute(root, &mut known.clone())?;
            let mut read = |id| read_back.read(&mut algebra, formula, id);
            let used = used.into_iter().map(|used| used.with(&mut read)).collect::<Result<_, _>>()?;
            stages.push(Stage { used, whole, part: Some((from, to)) });
        }
    }
    Ok(stages)
}
