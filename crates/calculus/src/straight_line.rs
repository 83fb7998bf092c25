//! A formula as a straight-line list of lets, each name standing in later lines as a variable.

use crate::naming;
use formula::{Formula, Line, Name, Node, NodeId, ShapeError, Variable};
use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};

/// A formula whose intermediates are lets.
pub(crate) struct StraightLine {
    /// The arena: that of the formula, grown by symbols and by lines in terms of them.
    pub formula: Formula,
    /// The lets, each before its use.
    pub lets: Vec<Let>,
    /// The result in terms of the lets.
    pub result: Line,
}

/// One let.
pub(crate) struct Let {
    pub name: Name,
    /// The variable that stands for it in later lines.
    pub symbol: NodeId,
    /// What it stands for, in terms of earlier lets.
    pub value: NodeId,
    /// What it stands for in the inputs alone.
    pub original: NodeId,
}

impl StraightLine {
    /// Writes a formula and its result with the names of its lets and, where it has none, with names of its own.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn new(formula: &Formula, result: &Line) -> Result<StraightLine, ShapeError> {
        let names = naming::intermediates(formula);
        let mut roots: Vec<NodeId> = names.keys().copied().collect();
        roots.push(result.value);
        let mut writer =
            Writer { formula: formula.clone(), written: HashMap::new(), beginnings: HashMap::new() };
        let mut lets: Vec<Let> = Vec::new();
        for id in formula.reachable(&roots) {
            let value = writer.write(id)?;
            let Some(name) = names.get(&id) else {
                writer.written.insert(id, value);
                continue;
            };
            let shape = formula.shape(id).clone();
            let symbol = writer.formula.variable(Variable::new(name.clone(), shape));
            writer.written.insert(id, symbol);
            writer.remember(id, symbol);
            lets.push(Let { name: name.clone(), symbol, value, original: id });
        }
        let result = Line { name: result.name.clone(), value: writer.written[&result.value] };
        Ok(StraightLine { formula: writer.formula, lets, result })
    }
}

/// Values with names in place of what is let, the longest first; a let that stands in another has its name there too.
///
/// # Errors
/// When there is no room.
pub fn in_lets(formula: &mut Formula, lets: &[Line], values: &[NodeId]) -> Result<Vec<NodeId>, ShapeError> {
    let mut writer =
        Writer { formula: std::mem::take(formula), written: HashMap::new(), beginnings: HashMap::new() };
    let written = writer.write_in(lets, values);
    *formula = writer.formula;
    written
}

struct Writer {
    formula: Formula,
    /// Nodes of the formula in terms of the lets; a let itself is its symbol.
    written: HashMap<NodeId, NodeId>,
    /// Lets that are sums or products, by their kind and first part; only looked up.
    beginnings: HashMap<(Discriminant<Node>, NodeId), Vec<Run>>,
}

/// The parts of a let that is a sum or a product.
struct Run {
    parts: Vec<NodeId>,
    symbol: NodeId,
}

impl Writer {
    fn write_in(&mut self, lets: &[Line], values: &[NodeId]) -> Result<Vec<NodeId>, ShapeError> {
        let mut symbols: HashMap<NodeId, NodeId> = HashMap::new();
        for line in lets {
            let shape = self.formula.shape(line.value).clone();
            let symbol = self.formula.variable(Variable::new(line.name.clone(), shape));
            symbols.insert(line.value, symbol);
            self.remember(line.value, symbol);
        }
        for id in self.formula.reachable(values) {
            let value = match symbols.get(&id) {
                Some(symbol) if !values.contains(&id) => *symbol,
                _ => self.write(id)?,
            };
            self.written.insert(id, value);
        }
        Ok(values.iter().map(|value| self.written[value]).collect())
    }

    /// One node over parts that are written already.
    fn write(&mut self, id: NodeId) -> Result<NodeId, ShapeError> {
        match self.formula.node(id).clone() {
            Node::Add(parts) => {
                let parts = self.gather(discriminant(self.formula.node(id)), &parts);
                self.formula.add(&parts)
            }
            Node::Product(parts) => {
                let parts = self.gather(discriminant(self.formula.node(id)), &parts);
                self.formula.product(&parts)
            }
            Node::Times(parts) => {
                let parts = self.gather(discriminant(self.formula.node(id)), &parts);
                self.formula.times(&parts)
            }
            node @ (Node::Number(_)
            | Node::Size(_)
            | Node::Variable(_)
            | Node::Constant(..)
            | Node::Scale(_)
            | Node::Apply(_)
            | Node::Transpose(_)
            | Node::Norm(_)
            | Node::Operator(..)
            | Node::Unvec(..)
            | Node::Kronecker(_)
            | Node::Commutation(_)
            | Node::Call(_)
            | Node::Block(..)
            | Node::Part(_)) => {
                let children: Vec<NodeId> = node.children().iter().map(|child| self.written[child]).collect();
                if children == node.children() { Ok(id) } else { self.formula.rebuild(id, &children) }
            }
        }
    }

    /// The parts, written. Sums and products inside sums and products were joined when they were built, so that a let may
    /// have become a run of parts: the run is the let again, the longest first.
    fn gather(&self, kind: Discriminant<Node>, parts: &[NodeId]) -> Vec<NodeId> {
        let mut written = Vec::with_capacity(parts.len());
        let mut at = 0;
        while let Some(&part) = parts.get(at) {
            let candidates = self.beginnings.get(&(kind, part)).into_iter().flatten();
            let run = candidates
                .filter(|run| run.parts.len() < parts.len() && parts[at..].starts_with(&run.parts))
                .max_by_key(|run| run.parts.len());
            match run {
                Some(run) => {
                    written.push(run.symbol);
                    at += run.parts.len();
                }
                None => {
                    written.push(self.written[&part]);
                    at += 1;
                }
            }
        }
        written
    }

    fn remember(&mut self, id: NodeId, symbol: NodeId) {
        let node = self.formula.node(id);
        match node {
            Node::Add(parts) | Node::Product(parts) | Node::Times(parts) => {
                if let Some(&first) = parts.first() {
                    let run = Run { parts: parts.clone(), symbol };
                    self.beginnings.entry((discriminant(node), first)).or_default().push(run);
                }
            }
            Node::Number(_)
            | Node::Size(_)
            | Node::Variable(_)
            | Node::Constant(..)
            | Node::Scale(_)
            | Node::Apply(_)
            | Node::Transpose(_)
            | Node::Norm(_)
            | Node::Operator(..)
            | Node::Unvec(..)
            | Node::Kronecker(_)
            | Node::Commutation(_)
            | Node::Call(_)
            | Node::Block(..)
            | Node::Part(_) => {}
        }
    }
}
