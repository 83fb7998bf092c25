//! Lines of a program: what is computed once, and the smaller of the two ways to a gradient.

use formula::{Formula, Line, Name, Node, NodeId, Number, Operator, Variable};
use std::collections::{BTreeSet, HashMap};

/// A part this heavy gets a line of its own even where it is used once, so that no line is too long to read, or to be parsed
/// by Python, which follows brackets only so deep.
const HEAVIEST: usize = 32;

/// The lines with a line before them for each part that several places use. Lines are computed in order, and a name that a
/// line defines stands for its value in all that follow.
pub(super) fn share(formula: &mut Formula, lines: &[Line], taken: &mut BTreeSet<Name>) -> Vec<Line> {
    let uses = uses(formula, lines);
    let mut shared = Vec::with_capacity(lines.len());
    let mut replaced: HashMap<NodeId, NodeId> = HashMap::new();
    let mut weights: HashMap<NodeId, usize> = HashMap::new();
    for line in lines {
        for id in below(formula, line.value, &replaced) {
            let children: Vec<NodeId> =
                formula.node(id).children().iter().map(|child| replaced[child]).collect();
            // A shape that fitted still fits, since a symbol has the shape of what it stands for.
            let new = formula.rebuild(id, &children).unwrap_or(id);
            let weight =
                1 + children.iter().map(|child| weights.get(child).copied().unwrap_or(1)).sum::<usize>();
            weights.insert(new, weight);
            let is_used_again = uses.get(&id).is_some_and(|count| *count > 1);
            let names = id != line.value && !is_cheap(formula, id) && (is_used_again || weight > HEAVIEST);
            replaced.insert(id, if names { name(formula, new, taken, &mut shared) } else { new });
        }
        let value = replaced[&line.value];
        let shape = formula.shape(value).clone();
        shared.push(Line { name: line.name.clone(), value });
        if !is_leaf(formula, value) {
            let symbol = formula.variable(Variable::new(line.name.clone(), shape));
            replaced.insert(line.value, symbol);
        }
    }
    shared
}

/// How much work lines are: the operations on distinct parts.
pub(super) fn work(formula: &Formula, lines: &[Line]) -> usize {
    let roots: Vec<NodeId> = lines.iter().map(|line| line.value).collect();
    let operations = formula.reachable(&roots).into_iter().filter(|id| !is_cheap(formula, *id));
    operations.map(|id| (formula.node(id).children().len()).saturating_sub(1).max(1)).sum()
}

fn name(formula: &mut Formula, value: NodeId, taken: &mut BTreeSet<Name>, lines: &mut Vec<Line>) -> NodeId {
    let free = (1..).map(|number| Name::from(format!("t{number}"))).find(|name| !taken.contains(name));
    let Some(name) = free else { return value };
    taken.insert(name.clone());
    let shape = formula.shape(value).clone();
    lines.push(Line { name: name.clone(), value });
    formula.variable(Variable::new(name, shape))
}

/// The nodes under a value that are not replaced yet, children first.
fn below(formula: &Formula, root: NodeId, replaced: &HashMap<NodeId, NodeId>) -> Vec<NodeId> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![root];
    while let Some(id) = waiting.pop() {
        if !replaced.contains_key(&id) && found.insert(id) {
            waiting.extend(formula.node(id).children());
        }
    }
    found.into_iter().collect()
}

/// How many places use each node. What is written out wherever it is used passes its own uses on.
fn uses(formula: &Formula, lines: &[Line]) -> HashMap<NodeId, usize> {
    let roots: Vec<NodeId> = lines.iter().map(|line| line.value).collect();
    let mut uses: HashMap<NodeId, usize> = HashMap::new();
    for root in &roots {
        *uses.entry(*root).or_default() += 1;
    }
    for id in formula.reachable(&roots).into_iter().rev() {
        let count = if is_cheap(formula, id) { uses.get(&id).copied().unwrap_or(1) } else { 1 };
        for child in formula.node(id).children() {
            let entry = uses.entry(*child).or_default();
            *entry = entry.saturating_add(count);
        }
    }
    uses
}

fn is_leaf(formula: &Formula, id: NodeId) -> bool {
    formula.node(id).children().is_empty()
}

/// What is written out wherever it is used: leaves, transposes (views of an array), numbers times something, and inverses, so
/// that a product with one stays a solve.
fn is_cheap(formula: &Formula, id: NodeId) -> bool {
    match formula.node(id) {
        Node::Number(_) | Node::Size(_) | Node::Variable(_) | Node::Constant(..) => true,
        Node::Transpose(_) | Node::Operator(Operator::Inverse, _) => true,
        Node::Scale([scalar, value]) => is_number(formula, *scalar) || is_number(formula, *value),
        Node::Apply(apply) => apply.arguments.iter().all(|argument| is_number(formula, *argument)),
        Node::Commutation(_)
        | Node::Add(_)
        | Node::Product(_)
        | Node::Times(_)
        | Node::Norm(_)
        | Node::Operator(..)
        | Node::Unvec(..)
        | Node::Kronecker(_)
        | Node::Call(_)
        | Node::Block(..)
        | Node::Part(_) => false,
    }
}

fn is_number(formula: &Formula, id: NodeId) -> bool {
    match formula.node(id) {
        Node::Number(_) | Node::Size(_) => true,
        Node::Apply(apply) => matches!(apply.arguments.as_slice(), [base, exponent]
            if matches!(formula.node(*base), Node::Size(_) | Node::Number(_))
                && formula.as_number(*exponent) == Some(Number::MINUS_ONE)),
        _ => false,
    }
}
