//! The search for the smallest form: every pass is a trial, kept where the number of distinct subterms falls.

use super::enter::enter;
use super::normal::{Algebra, Id};
use super::read_back::ReadBack;
use super::{AlgebraStep, Simplified};
use formula::{Constant, Formula, Node, NodeId, Number, ShapeError};

/// What arranging one value may cost, in nodes.
const ARRANGE: usize = 2_000_000;
/// What one search may cost, in nodes made or counted.
const SEARCH: usize = 400_000;
/// The most distinct subterms that are searched; larger values stay in normal form.
const LARGEST: usize = 400;

/// The smallest form found of a value whose slopes are written out, with the steps that led to it; nothing where numbers
/// overflow.
pub(super) fn smallest(formula: &mut Formula, id: NodeId) -> Result<Option<Simplified>, ShapeError> {
    let Some(mut plain) = Search::new(formula, id)? else { return Ok(None) };
    let arranged = ReadBack::new(formula).read(&mut plain.algebra, formula, plain.root)?;
    if plain.size > LARGEST {
        return Ok(Some(Simplified { value: arranged, steps: step("arrange", id, arranged) }));
    }
    plain.run()?;
    let mut best = plain;
    if let Some(mut expanded) = Search::new(formula, id)? {
        expanded.algebra.allow(SEARCH);
        let root = expanded.algebra.expand_all(expanded.root);
        if expanded.algebra.is_sound() && root != expanded.root && expanded.start_again(root)? {
            expanded.run()?;
            if expanded.size < best.size {
                best = expanded;
            }
        }
    }
    let mut read_back = ReadBack::new(formula);
    let mut steps = step("arrange", id, arranged);
    for (rule, from, to) in std::mem::take(&mut best.hits) {
        let from = read_back.read(&mut best.algebra, formula, from)?;
        let to = read_back.read(&mut best.algebra, formula, to)?;
        steps.extend(step(rule, from, to));
    }
    let value = read_back.read(&mut best.algebra, formula, best.root)?;
    Ok(Some(Simplified { value, steps }))
}

/// The step from one value to another, if they differ.
pub(super) fn step(rule: &'static str, from: NodeId, to: NodeId) -> Vec<AlgebraStep> {
    if from == to { Vec::new() } else { vec![AlgebraStep { rule, from, to }] }
}

/// A value on its way to a smaller form.
struct Search {
    algebra: Algebra,
    root: Id,
    size: usize,
    hits: Vec<(&'static str, Id, Id)>,
    /// Where candidates are read back to be counted.
    scratch: Formula,
    read_back: ReadBack,
}

impl Search {
    fn new(formula: &mut Formula, id: NodeId) -> Result<Option<Search>, ShapeError> {
        let (algebra, root) = enter(formula, id, ARRANGE);
        if !algebra.is_sound() {
            return Ok(None);
        }
        let (scratch, read_back) = (formula.clone(), ReadBack::new(formula));
        let mut search = Search { algebra, root, size: 0, hits: Vec::new(), scratch, read_back };
        search.size = search.count(root)?;
        Ok(Some(search))
    }

    /// Goes on from an expanded value; whether it is small enough to do so.
    fn start_again(&mut self, root: Id) -> Result<bool, ShapeError> {
        self.hits.push(("expand", self.root, root));
        self.root = root;
        self.size = self.count(root)?;
        Ok(self.size <= LARGEST)
    }

    /// Tries every pass at every node, the root first, until none makes the value smaller or the budget is spent.
    fn run(&mut self) -> Result<(), ShapeError> {
        self.algebra.allow(SEARCH);
        let mut again = true;
        while again {
            again = false;
            for id in self.algebra.reachable(self.root).into_iter().rev() {
                again |= self.try_at(id)?;
                if !self.algebra.is_sound() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn try_at(&mut self, id: Id) -> Result<bool, ShapeError> {
        let collected = self.algebra.collected(id).into_iter().map(|way| ("collect", way));
        let collected: Vec<(&'static str, Id)> = collected.collect();
        let expanded = self.algebra.expanded(id).into_iter().map(|way| ("expand", way));
        for (rule, way) in collected.into_iter().chain(expanded) {
            if way == id {
                continue;
            }
            let root = self.algebra.replace(self.root, id, way);
            if !self.algebra.is_sound() {
                return Ok(false);
            }
            if root == self.root {
                continue;
            }
            let size = self.count(root)?;
            if size < self.size {
                self.hits.push((rule, id, way));
                (self.root, self.size) = (root, size);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The number of distinct subterms of a value as it is printed.
    fn count(&mut self, root: Id) -> Result<usize, ShapeError> {
        let value = self.read_back.read(&mut self.algebra, &mut self.scratch, root)?;
        let parts = self.scratch.reachable(&[value]);
        self.algebra.spend(parts.len());
        Ok(parts.into_iter().map(|part| weight(&self.scratch, part)).sum())
    }
}

/// How many subterms a node adds to a text: one for each operator and each leaf. Numbers, ones and minus signs count nothing,
/// so that what is best does not hang on whether some 2 stands elsewhere already.
fn weight(formula: &Formula, id: NodeId) -> usize {
    match formula.node(id) {
        Node::Number(_) | Node::Constant(Constant::Ones, _) => 0,
        Node::Add(parts) | Node::Product(parts) | Node::Times(parts) => parts.len() - 1,
        Node::Scale([scalar, _]) => usize::from(formula.as_number(*scalar) != Some(Number::MINUS_ONE)),
        Node::Size(_)
        | Node::Variable(_)
        | Node::Constant(..)
        | Node::Apply(_)
        | Node::Transpose(_)
        | Node::Norm(_) => 1,
    }
}
