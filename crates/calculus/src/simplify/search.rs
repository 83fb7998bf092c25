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
    let (mut algebra, root) = enter(formula, id, ARRANGE);
    if !algebra.is_sound() {
        return Ok(None);
    }
    let arranged = ReadBack::new(formula).read(&mut algebra, formula, root)?;
    let mut steps = step("arrange", id, arranged);
    if size(formula, arranged) > LARGEST {
        return Ok(Some(Simplified { value: arranged, steps }));
    }
    let mut scratch = formula.clone();
    let plain = Search::new(algebra, root, &mut scratch)?.run()?;
    let (algebra, root) = enter(formula, id, ARRANGE);
    let mut best = match Search::new(algebra, root, &mut scratch)?.expand_all()? {
        Some(expanded) => {
            let expanded = expanded.run()?;
            if expanded.size < plain.size { expanded } else { plain }
        }
        None => plain,
    };
    let mut read_back = ReadBack::new(formula);
    for (rule, from, to) in best.hits {
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
struct Search<'a> {
    algebra: Algebra,
    root: Id,
    size: usize,
    hits: Vec<Hit>,
    /// Where candidates are read back to be counted.
    scratch: &'a mut Formula,
    read_back: ReadBack,
}

/// Where a search ended.
struct Found {
    algebra: Algebra,
    root: Id,
    size: usize,
    hits: Vec<Hit>,
}

/// A rule with a part before and after it.
type Hit = (&'static str, Id, Id);

impl Search<'_> {
    fn new(algebra: Algebra, root: Id, scratch: &mut Formula) -> Result<Search<'_>, ShapeError> {
        let read_back = ReadBack::new(scratch);
        let mut search = Search { algebra, root, size: 0, hits: Vec::new(), scratch, read_back };
        search.size = search.count(root)?;
        Ok(search)
    }

    /// Starts from the value with every product distributed; nothing where that is the same or grows too large.
    fn expand_all(mut self) -> Result<Option<Self>, ShapeError> {
        self.algebra.allow(SEARCH);
        let root = self.algebra.expand_all(self.root);
        if !self.algebra.is_sound() || root == self.root {
            return Ok(None);
        }
        self.hits.push(("expand", self.root, root));
        self.root = root;
        self.size = self.count(root)?;
        Ok((self.size <= LARGEST).then_some(self))
    }

    /// Tries every pass at every node, the root first, until none makes the value smaller or the budget is spent.
    fn run(mut self) -> Result<Found, ShapeError> {
        self.algebra.allow(SEARCH);
        let mut again = true;
        while again {
            again = false;
            for id in self.algebra.reachable(self.root).into_iter().rev() {
                again |= self.try_at(id)?;
                if !self.algebra.is_sound() {
                    again = false;
                    break;
                }
            }
        }
        let Search { algebra, root, size, hits, .. } = self;
        Ok(Found { algebra, root, size, hits })
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

    fn count(&mut self, root: Id) -> Result<usize, ShapeError> {
        let value = self.read_back.read(&mut self.algebra, self.scratch, root)?;
        let size = size(self.scratch, value);
        self.algebra.spend(size);
        Ok(size)
    }
}

/// The number of distinct subterms of a value as it is printed.
fn size(formula: &Formula, id: NodeId) -> usize {
    formula.reachable(&[id]).into_iter().map(|part| weight(formula, part)).sum()
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
        | Node::Norm(_)
        | Node::Operator(..)
        | Node::Unvec(..)
        | Node::Kronecker(_)
        | Node::Commutation(_)
        | Node::Call(_)
        | Node::Block(..)
        | Node::Part(_) => 1,
    }
}
