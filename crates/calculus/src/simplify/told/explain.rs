//! The names of what the normal form does to a value, part by part.

use crate::simplify::form::enter::enter_telling;
use crate::simplify::form::kind::Id;
use crate::simplify::rows::head::Head;
use crate::simplify::rows::row::statement;
use crate::simplify::search::measure::Measure;
use crate::simplify::told::reasons::{Becomes, MOST_WITHIN};
use crate::simplify::told::reword::{changed_part, rewordings};
use crate::simplify::told::step::{AlgebraStep, ORDER, Stage, Used, exchanged};
use crate::simplify::written::read_back::ReadBack;
use formula::{Formula, NodeId, ShapeError};
use std::collections::HashMap;

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
    let wholes: Vec<NodeId> = kept.iter().map(|stage| stage.whole).collect();
    for (place, Stage { used, whole: after, part }) in kept.into_iter().enumerate() {
        let goes_on = wholes[place + 1..].iter().any(|later| *later != after);
        let order = used.iter().all(|used| used.name.as_str() == ORDER);
        if after == before || order && goes_on {
            continue;
        }
        // What reads the same is no step of its own.
        if measure.is_same_text(formula, before, after) {
            if !goes_on && let Some(last) = steps.last_mut() {
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
