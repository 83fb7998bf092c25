//! The search for the smallest form: every pass is a trial, kept where the number of distinct subterms falls.

use super::enter::enter;
use super::measure::{Measure, Weight};
use super::normal::{Algebra, Id};
use super::read_back::ReadBack;
use super::{AlgebraStep, Simplified};
use formula::{Formula, NodeId, ShapeError};

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
    if formula.reachable(&[arranged]).len() > LARGEST {
        return Ok(Some(Simplified { value: arranged, steps }));
    }
    let mut scratch = formula.clone();
    let plain = Search::new(algebra, root, &mut scratch)?.run()?;
    let (algebra, root) = enter(formula, id, ARRANGE);
    let mut best = match Search::new(algebra, root, &mut scratch)?.expand_all()? {
        Some(expanded) => {
            let expanded = expanded.run()?;
            if expanded.weight < plain.weight { expanded } else { plain }
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
    weight: Weight,
    hits: Vec<Hit>,
    /// Where candidates are read back to be counted.
    scratch: &'a mut Formula,
    read_back: ReadBack,
    measure: Measure,
}

/// Where a search ended.
struct Found {
    algebra: Algebra,
    root: Id,
    weight: Weight,
    hits: Vec<Hit>,
}

/// A rule with a part before and after it.
type Hit = (&'static str, Id, Id);

impl Search<'_> {
    fn new(mut algebra: Algebra, root: Id, scratch: &mut Formula) -> Result<Search<'_>, ShapeError> {
        let mut read_back = ReadBack::new(scratch);
        let value = read_back.read(&mut algebra, scratch, root)?;
        let mut measure = Measure::default();
        let weight = measure.weigh(scratch, value);
        Ok(Search { algebra, root, weight, hits: Vec::new(), scratch, read_back, measure })
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
        self.weight = self.weigh(root)?;
        Ok((self.weight.subterms <= LARGEST).then_some(self))
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
        let Search { algebra, root, weight, hits, .. } = self;
        Ok(Found { algebra, root, weight, hits })
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
            let weight = self.weigh(root)?;
            if weight < self.weight {
                self.hits.push((rule, id, way));
                (self.root, self.weight) = (root, weight);
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn weigh(&mut self, root: Id) -> Result<Weight, ShapeError> {
        let value = self.read_back.read(&mut self.algebra, self.scratch, root)?;
        let weight = self.measure.weigh(self.scratch, value);
        self.algebra.spend(weight.subterms);
        Ok(weight)
    }
}
