//! The lines of a module: lets, result and derivatives, each in the form that is best to compute.

use super::output::Output;
use super::share;
use calculus::{Derivation, Reading};
use formula::{Constant, Formula, Line, Name, Node, NodeId, Operator, Variable};
use std::collections::HashMap;

/// The lets, the result and the derivatives: as derived, or in closed form with the lets in it, whichever is less work. A let
/// that is an inverse is put in where it is used, so that products with it become solves. Each line has its simplest form,
/// where that is shorter than what was typed, since functions such as `softplus` do not overflow where `log(1 + exp(x))` does.
pub(super) fn cheapest(
    formula: &mut Formula,
    derivation: &Derivation,
    readings: &[Reading],
    outputs: &[Output],
) -> Vec<Line> {
    let mut inverses: HashMap<NodeId, NodeId> = HashMap::new();
    let mut inlined: HashMap<NodeId, NodeId> = HashMap::new();
    let mut symbols: HashMap<NodeId, NodeId> = HashMap::new();
    let mut known = Known::default();
    let mut lets = Vec::with_capacity(derivation.lets.len());
    for line in &derivation.lets {
        let symbol = Variable::new(line.name.clone(), formula.shape(line.value).clone());
        let symbol = formula.variable(symbol);
        let short = known.shorter(formula, line.value);
        known.insert(formula, symbol, short);
        let wholes = [line.value, short].map(|value| replace(formula, value, &mut inlined));
        inlined.insert(symbol, wholes[0]);
        let mut value = replace(formula, short, &mut inverses);
        if matches!(formula.node(value), Node::Operator(Operator::Inverse, _)) {
            inverses.insert(symbol, value);
        } else {
            lets.push(Line { name: line.name.clone(), value });
            value = symbol;
        }
        symbols.extend(wholes.map(|whole| (whole, value)));
    }
    let mut line = |formula: &mut Formula, name: &Name, value: NodeId| {
        let short = known.shorter(formula, value);
        Line { name: name.clone(), value: replace(formula, short, &mut inverses) }
    };
    let result = line(formula, &derivation.result.name, derivation.result.value);
    let value: Vec<Line> = lets.into_iter().chain([result]).collect();
    let mut derived = value.clone();
    derived.extend(derivation.derivatives.iter().map(|found| line(formula, &found.symbol, found.value)));
    slopes_by_values(formula, &mut derived);
    let mut short = value;
    for (reading, output) in readings.iter().zip(outputs) {
        let value = replace(formula, reading.value, &mut symbols);
        short.push(Line { name: output.symbol.clone(), value });
    }
    // Only plain gradients are what the lines are.
    let is_derived = outputs.iter().all(|output| output.is_plain_gradient());
    if is_derived && share::work(formula, &derived) <= share::work(formula, &short) { derived } else { short }
}

/// The lets before a line, to find its shorter form and to write that by their names.
#[derive(Default)]
struct Known {
    /// What a let stands for, unless it is more work than its entries.
    values: HashMap<NodeId, NodeId>,
    /// The lets by what they stand for.
    symbols: HashMap<NodeId, NodeId>,
}

impl Known {
    /// A line in its simplest form where that is shorter, else as it is. Lets are written out for that, but not what they share:
    /// `log(A1)` is `-softplus(-Z1)` where `A1` is `sigmoid(Z1)`, and `Z1` stays a product that is computed once.
    fn shorter(&self, formula: &mut Formula, value: NodeId) -> NodeId {
        let whole = replace(formula, value, &mut self.values.clone());
        let short = calculus::shorter(formula, whole);
        if short == whole { value } else { replace(formula, short, &mut self.symbols.clone()) }
    }

    /// One let more, in its shorter form.
    fn insert(&mut self, formula: &mut Formula, symbol: NodeId, value: NodeId) {
        let is_ones = |id: &NodeId| matches!(formula.node(*id), Node::Constant(Constant::Ones, _));
        let is_kept = match formula.node(value) {
            // A sum is a product with ones.
            Node::Product(factors) => !factors.iter().any(is_ones),
            Node::Operator(..) | Node::Kronecker(_) => true,
            Node::Number(_)
            | Node::Size(_)
            | Node::Variable(_)
            | Node::Constant(..)
            | Node::Add(_)
            | Node::Scale(_)
            | Node::Times(_)
            | Node::Apply(_)
            | Node::Transpose(_)
            | Node::Norm(_)
            | Node::Unvec(..)
            | Node::Commutation(_)
            | Node::Call(_)
            | Node::Block(..)
            | Node::Part(_) => false,
        };
        if !is_kept {
            let whole = replace(formula, value, &mut self.values.clone());
            self.values.insert(symbol, whole);
            // Numbers and variables are written as they are.
            if !formula.node(whole).children().is_empty() {
                self.symbols.insert(whole, symbol);
            }
        }
    }
}

/// Slopes that are given by the function's own value are written so, since the value is there: `A1*(1 - A1)` for `sigmoid'(Z1)`.
fn slopes_by_values(formula: &mut Formula, lines: &mut [Line]) {
    let roots: Vec<NodeId> = lines.iter().map(|line| line.value).collect();
    let mut written: HashMap<NodeId, NodeId> = HashMap::new();
    for id in formula.reachable(&roots) {
        let Node::Apply(apply) = formula.node(id).clone() else { continue };
        let slope = formula.function(apply.function).slopes.get(&apply.marks).copied();
        let Some(slope) = slope.filter(|_| !apply.marks.is_empty()) else { continue };
        let by_value = formula.reachable(&[slope]).into_iter().any(|part| match formula.node(part) {
            Node::Apply(inner) => inner.function == apply.function && inner.marks.is_empty(),
            _ => false,
        });
        if let Some(unfolded) = formula.unfold(&apply).ok().flatten().filter(|_| by_value) {
            written.insert(id, unfolded);
        }
    }
    for line in lines {
        line.value = replace(formula, line.value, &mut written);
    }
}

/// A value with nodes replaced by others of their shapes, which therefore fit.
fn replace(formula: &mut Formula, value: NodeId, replaced: &mut HashMap<NodeId, NodeId>) -> NodeId {
    formula.substitute(value, replaced).unwrap_or(value)
}
