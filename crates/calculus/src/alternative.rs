//! The same derivatives of the simplified formula, kept where their closed forms are smaller.

use crate::error::CalculusError;
use crate::reading::Derived;
use crate::request::Request;
use crate::simplify::{simplify, weight};
use formula::{Formula, Line, Node, NodeId};

/// A formula with more nodes is not derived a second time.
const LARGEST: usize = 80;

/// Replaces closed forms by those of the simplified formula where these are smaller: `kron(t*A, t*B) = t^2*kron(A, B)` is simpler
/// to derive than to simplify afterwards. The lines and steps stay those of the formula as it was written.
pub(crate) fn improve(
    formula: &Formula,
    request: &Request,
    derive: impl FnOnce(&Formula, &Request) -> Result<Derived, CalculusError>,
    derived: &mut Derived,
) {
    let Some(result) = formula.lines.last() else { return };
    let order = formula.reachable(&[result.value]);
    if order.len() > LARGEST {
        return;
    }
    // In the arena of the derivation, so that its nodes stay what they are.
    let mut simplified = derived.derivation.formula.clone();
    let value = simplify(&mut simplified, result.value);
    if value == result.value || simplified.reachable(&[value]).len() > LARGEST {
        return;
    }
    // Every variable is known, though the simplified result may not mention it.
    let is_variable = |id: &NodeId| matches!(formula.node(*id), Node::Variable(_));
    let variables = order.into_iter().filter(is_variable);
    let mut lines: Vec<Line> = variables
        .filter_map(|value| {
            let Node::Variable(variable) = formula.node(value) else { return None };
            Some(Line { name: variable.name.clone(), value })
        })
        .collect();
    let wrt: Vec<_> = derived.readings.iter().map(|reading| reading.by.clone()).collect();
    lines.push(Line { name: result.name.clone(), value });
    simplified.lines = lines;
    let request = Request { wrt, ..request.clone() };
    // A let, which the simplified formula does not have, is no reason to fail.
    let Ok(other) = derive(&simplified, &request) else { return };
    let mut arena = other.derivation.formula;
    for (reading, other) in derived.readings.iter_mut().zip(other.readings) {
        let names =
            |symbols: &[crate::Symbol]| -> Vec<_> { symbols.iter().map(|symbol| symbol.node).collect() };
        let comparable = reading.form == other.form && names(&reading.symbols) == names(&other.symbols);
        if comparable && weight(&arena, other.value) < weight(&arena, reading.value) {
            reading.value = other.value;
            reading.simplified = other.simplified;
        }
    }
    arena.lines = std::mem::take(&mut derived.derivation.formula.lines);
    derived.derivation.formula = arena;
}
