//! Simplification: light tidying of lines, and the closed form that a textbook prints.

mod block;
mod coefficient;
mod collect;
mod elementwise;
mod enter;
mod expand;
mod extent;
mod fold;
mod kronecker;
mod line;
mod measure;
mod meet;
mod normal;
mod operator;
mod order;
mod orient;
mod read_back;
mod rewrite;
mod root;
mod scalar;
mod search;
mod sum;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod tidy;
mod trace;
mod unfold;
mod ways;
mod word;
mod work;

use formula::{Formula, NodeId, ShapeError};
use search::{smallest, step};
pub(crate) use tidy::power_of;
pub use tidy::tidy;
use unfold::unfold;

/// What simplification makes of a value.
#[derive(Clone, Debug)]
pub struct Simplified {
    /// The simplest form found.
    pub value: NodeId,
    /// The steps from the value given to it, each of a part or of the whole.
    pub steps: Vec<AlgebraStep>,
}

/// One step of algebra.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlgebraStep {
    /// What was done: `write out`, `arrange`, `collect`, `expand`, `split`, `fold`.
    pub rule: &'static str,
    /// The part before.
    pub from: NodeId,
    /// The part after.
    pub to: NodeId,
}

/// The closed form of a value, as a textbook prints it: slopes and functions that are not portable written out, like terms
/// merged, scalars in front, common factors taken out where that makes it smaller. The result is [`tidy()`], and simplifying
/// it again changes nothing.
///
/// It always ends quickly: a large value is only brought into normal form, and one for which the arena has no room stays as
/// it is.
pub fn simplify(formula: &mut Formula, id: NodeId) -> Simplified {
    let mut values = vec![id];
    let mut steps = Vec::new();
    let mut value = id;
    let mut budgets = [search::SEARCH; 2];
    for _ in 0..ROUNDS {
        let mark = formula.mark();
        let Ok(round) = simplify_once(formula, value, &mut budgets) else {
            formula.rewind(mark);
            break;
        };
        steps.extend(round.steps);
        // Settled, or, rarely, back at an earlier form: then the oldest of those that take turns stands for all.
        if let Some(place) = values.iter().position(|known| *known == round.value) {
            value = values[place..].iter().copied().min().unwrap_or(round.value);
            steps.extend(step("arrange", round.value, value));
            break;
        }
        value = round.value;
        values.push(value);
    }
    // Where a part takes more rows or columns than there are, algebra does not keep the shape: it stays as it is.
    if formula.shape(value) != formula.shape(id) {
        return Simplified { value: id, steps: Vec::new() };
    }
    Simplified { value, steps }
}

/// The order of a normal form follows what appears first, and that may change a few times before it settles.
const ROUNDS: usize = 8;

fn simplify_once(
    formula: &mut Formula,
    id: NodeId,
    budgets: &mut [usize; 2],
) -> Result<Simplified, ShapeError> {
    let written = unfold(formula, id)?;
    let mut steps = step("write out", id, written);
    match smallest(formula, written, budgets)? {
        Some(smallest) => {
            steps.extend(smallest.steps);
            Ok(Simplified { value: smallest.value, steps })
        }
        None => {
            let value = tidy(formula, written);
            steps.extend(step("arrange", written, value));
            Ok(Simplified { value, steps })
        }
    }
}

/// The closed form of a value where its text is shorter and it is no more work, as `softplus(x)` is for `log(1 + exp(x))`; else
/// the value as it is. What is not short itself is left.
pub fn shorter(formula: &mut Formula, id: NodeId) -> NodeId {
    if formula.reachable(&[id]).len() > LONGEST {
        return id;
    }
    let value = simplify(formula, id).value;
    let mut measure = measure::Measure::default();
    let [closed, given] = [value, id].map(|id| measure.weigh(formula, id));
    if closed.subterms < given.subterms && closed.work <= given.work { value } else { id }
}

/// A value with more nodes is no short line.
const LONGEST: usize = 80;

/// How many distinct subterms the text of a value has.
pub(crate) fn weight(formula: &Formula, id: NodeId) -> usize {
    measure::Measure::default().weigh(formula, id).subterms
}
