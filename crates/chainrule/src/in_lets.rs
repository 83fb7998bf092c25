//! Closed forms under the names of the formula's own lets.

use calculus::{Derivation, Form, Laws, Reading};
use formula::{Formula, Line, Name, Node, NodeId};
use judge::DeriveError;
use std::collections::{BTreeSet, HashMap};
use syntax::Parsed;

/// The closed forms with the formula's own lets, and the derivatives by those, under their names.
pub(crate) fn in_lets(
    parsed: &Parsed,
    request: &calculus::Request,
    derivation: &mut Derivation,
    closed: &[Reading],
) -> Result<Vec<Line>, DeriveError> {
    let own = parsed.formula.lines.split_last().map_or(&[][..], |(_, own)| own);
    let is_plain =
        |reading: &Reading| matches!(reading.form, Form::Gradient | Form::Pullback) && reading.by2.is_none();
    if own.is_empty() || closed.is_empty() || !closed.iter().all(is_plain) || own.len() > MOST_LETS {
        return Ok(Vec::new());
    }
    let formula = &mut derivation.formula;
    let mut lets: Vec<Line> = Vec::new();
    for line in own {
        let value = calculus::simplify(formula, line.value);
        if !matches!(formula.node(value), Node::Variable(_) | Node::Number(_)) {
            lets.push(Line { name: line.name.clone(), value });
        }
    }
    // The derivatives by the lets, in the arena of the answer.
    let wrt = own.iter().map(|line| line.name.clone()).collect();
    let request = calculus::Request { wrt, ..request.clone() };
    let mut by_lets: Vec<Line> = Vec::new();
    if let Ok(derived) = calculus::derive(&parsed.formula, &request, Laws::standard()) {
        let values: Vec<NodeId> = derived.readings.iter().map(|reading| reading.value).collect();
        let values = formula.graft(&derived.derivation.formula, &values);
        let titles = derived.readings.iter().map(|reading| reading.title.clone());
        by_lets = titles.zip(values).map(|(name, value)| Line { name, value }).collect();
        by_lets.retain(|line| !formula.node(line.value).children().is_empty());
    }
    let values = closed.iter().map(|reading| reading.value).chain(by_lets.iter().map(|line| line.value));
    let values: Vec<NodeId> = values.collect();
    lets = with_others(formula, lets, &values);
    by_lets = with_others(formula, by_lets, &values);
    let plain = lines_in(formula, closed, &lets, &[])?;
    let with_derivatives = lines_in(formula, closed, &lets, &by_lets)?;
    // A derivative by a let is a line of its own where that makes the whole shorter.
    let length = |lines: &[Line]| lines.iter().map(|line| 2 + written(formula, line.value)).sum::<u64>();
    let shown = if length(&with_derivatives) <= length(&plain) { with_derivatives } else { plain };
    let same =
        |line: &Line| closed.iter().any(|reading| reading.title == line.name && reading.value == line.value);
    Ok(if shown.iter().all(same) { Vec::new() } else { shown })
}

/// How many nodes a value has when it is written out.
fn written(formula: &Formula, root: NodeId) -> u64 {
    let mut sizes: HashMap<NodeId, u64> = HashMap::new();
    for id in formula.reachable(&[root]) {
        let parts = formula.node(id).children().iter().map(|child| sizes[child]);
        sizes.insert(id, parts.fold(1, u64::saturating_add));
    }
    sizes[&root]
}

/// The closed forms under the names of lets and of derivatives by lets, with the lines of those that are used before them.
fn lines_in(
    formula: &mut Formula,
    closed: &[Reading],
    lets: &[Line],
    by_lets: &[Line],
) -> Result<Vec<Line>, DeriveError> {
    let all: Vec<Line> = lets.iter().chain(by_lets).cloned().collect();
    let answers = closed.iter().map(|reading| Line { name: reading.title.clone(), value: reading.value });
    let mut lines: Vec<Line> = answers.collect();
    let mut shown: Vec<Line> = Vec::new();
    while let Some(line) = lines.pop() {
        let Some(value) = calculus::in_lets(formula, &all, &[line.value])?.pop() else { continue };
        for id in formula.variables(&[value]) {
            let Node::Variable(variable) = formula.node(id) else { continue };
            let used = by_lets.iter().find(|other| other.name == variable.name);
            if let Some(used) =
                used.filter(|used| !shown.iter().chain(&lines).any(|known| known.name == used.name))
            {
                lines.push(used.clone());
            }
        }
        shown.push(Line { name: line.name, value });
    }
    shown.reverse();
    // Each line before those that use it.
    let mut sorted: Vec<Line> = Vec::with_capacity(shown.len());
    while !shown.is_empty() {
        let names: BTreeSet<&Name> = shown.iter().map(|line| &line.name).collect();
        let uses = |line: &Line| {
            formula.variables(&[line.value]).iter().any(|id| match formula.node(*id) {
                Node::Variable(variable) => names.contains(&variable.name),
                _ => false,
            })
        };
        let place = shown.iter().position(|line| !uses(line)).unwrap_or(0);
        sorted.push(shown.remove(place));
    }
    Ok(sorted)
}

/// The lets, and again as they stand in values where their terms or factors are in another order.
fn with_others(formula: &mut Formula, lets: Vec<Line>, values: &[NodeId]) -> Vec<Line> {
    let mut all = lets.clone();
    let parts = formula.reachable(values);
    let mut tries = MOST_TRIES;
    for line in lets {
        let variables = formula.variables(&[line.value]);
        for part in &parts {
            let alike = *part != line.value
                && formula.shape(*part) == formula.shape(line.value)
                && std::mem::discriminant(formula.node(*part))
                    == std::mem::discriminant(formula.node(line.value))
                && formula.variables(&[*part]).iter().collect::<BTreeSet<_>>() == variables.iter().collect();
            if !alike || tries == 0 || all.iter().any(|known| known.value == *part) {
                continue;
            }
            tries -= 1;
            let Ok(minus) = formula.negate(line.value) else { continue };
            let Ok(difference) = formula.add(&[*part, minus]) else { continue };
            let difference = calculus::simplify(formula, difference);
            if formula.is_zero(difference) {
                all.push(Line { name: line.name.clone(), value: *part });
            }
        }
    }
    all
}

/// How many parts are compared with lets.
const MOST_TRIES: usize = 60;

/// A formula with more lets than these is read by its lines.
const MOST_LETS: usize = 40;
