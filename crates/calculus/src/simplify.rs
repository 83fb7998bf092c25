//! Simplification: light tidying of lines, and the closed form that a textbook prints.

mod coefficient;
mod form;
mod rows;
mod search;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod tidy;
mod told;
mod unfold;
mod written;

pub(crate) use coefficient::power_of;
use formula::{Formula, Node, NodeId, ShapeError};
use search::smallest::smallest;
pub use tidy::tidy;
use told::explain::steps;
pub use told::step::{AlgebraStep, Used};
use told::step::{DERIVED_AGAIN, ORDER, Stage, WRITTEN_OUT};
use unfold::unfold;

/// The closed form of a value, as a textbook prints it: slopes and functions that are not portable written out, like terms
/// merged, scalars in front, common factors taken out where that makes it smaller. The result is [`tidy()`], and simplifying
/// it again changes nothing.
///
/// It always ends quickly: a large value is only brought into normal form, and one for which the arena has no room stays as
/// it is.
pub fn simplify(formula: &mut Formula, id: NodeId) -> NodeId {
    stages(formula, id, How::default()).last().map_or(id, |stage| stage.whole)
}

/// The same for a value that is not derived again, where what is declared of its variables may be used: `Q'*Q = eye(n)` for an
/// orthogonal Q. That holds at such a Q alone, not around it, so no derivative by Q is one of what it makes.
pub fn closed_form(formula: &mut Formula, id: NodeId) -> NodeId {
    let how = How { at_declared: true, ..How::default() };
    stages(formula, id, how).last().map_or(id, |stage| stage.whole)
}

/// How a value is simplified.
#[derive(Clone, Copy, Default)]
struct How {
    /// Whether what is declared of variables is used.
    at_declared: bool,
    /// Whether each part that changes is a stage.
    explains: bool,
}

/// The steps from a value, by another that is simplified in its place, to its closed form, each with the names of the identities
/// that it takes. Each is a change of one part, wherever it stands in the whole, and begins where the one before ends.
pub(crate) fn algebra(formula: &mut Formula, [raw, id, value]: [NodeId; 3]) -> Vec<AlgebraStep> {
    let mut all = vec![Stage::of(DERIVED_AGAIN, id)];
    all.extend(stages(formula, id, How { at_declared: true, explains: true }));
    all.push(Stage::of(ORDER, value));
    steps(formula, raw, all)
}

/// The values on the way to the closed form.
fn stages(formula: &mut Formula, id: NodeId, how: How) -> Vec<Stage> {
    let mut values = vec![id];
    let mut stages: Vec<Stage> = Vec::new();
    let mut value = id;
    let mut budgets = [search::smallest::SEARCH; 2];
    for _ in 0..ROUNDS {
        let mark = formula.mark();
        let Ok(round) = round(formula, value, &mut budgets, how) else {
            formula.rewind(mark);
            break;
        };
        let next = round.last().map_or(value, |stage| stage.whole);
        stages.extend(round);
        // Settled, or, rarely, back at an earlier form: then the oldest of those that take turns stands for all.
        if let Some(place) = values.iter().position(|known| *known == next) {
            value = values[place..].iter().copied().min().unwrap_or(next);
            stages.push(Stage::of(ORDER, value));
            break;
        }
        value = next;
        values.push(value);
    }
    // Where a part takes more rows or columns than there are, algebra does not keep the shape: it stays as it is.
    if formula.shape(value) == formula.shape(id) { stages } else { Vec::new() }
}

/// The order of a normal form follows what appears first, and that may change a few times before it settles.
const ROUNDS: usize = 8;

fn round(
    formula: &mut Formula,
    id: NodeId,
    budgets: &mut [usize; 2],
    how: How,
) -> Result<Vec<Stage>, ShapeError> {
    let written = unfold(formula, id)?;
    // Where nothing was written out, the constructors have only put something together.
    let left = formula.reachable(&[written]);
    let applied = |id: &NodeId| matches!(formula.node(*id), Node::Apply(_) | Node::Call(_));
    let lost = formula.reachable(&[id]).into_iter().any(|id| applied(&id) && !left.contains(&id));
    let mut stages = vec![Stage::of(if lost { WRITTEN_OUT } else { ORDER }, written)];
    match smallest(formula, written, budgets, how)? {
        Some(more) => stages.extend(more),
        None => stages.push(Stage::of(ORDER, tidy(formula, written))),
    }
    Ok(stages)
}

/// The closed form of a value where its text is shorter and it is no more work, as `softplus(x)` is for `log(1 + exp(x))`; else
/// the value as it is. What is not short itself is left.
pub fn shorter(formula: &mut Formula, id: NodeId) -> NodeId {
    if formula.reachable(&[id]).len() > LONGEST {
        return id;
    }
    let value = simplify(formula, id);
    let mut measure = search::measure::Measure::of(formula);
    let [closed, given] = [value, id].map(|id| measure.weigh(formula, id));
    if closed.subterms < given.subterms && closed.work <= given.work { value } else { id }
}

/// A value with more nodes is no short line.
const LONGEST: usize = 80;

/// How many distinct subterms the text of a value has.
pub(crate) fn weight(formula: &Formula, id: NodeId) -> usize {
    search::measure::Measure::of(formula).weigh(formula, id).subterms
}
