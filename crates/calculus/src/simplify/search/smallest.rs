//! The search for the smallest form: every pass is a trial, kept where the number of distinct subterms falls.

use crate::simplify::How;
use crate::simplify::form::enter::enter;
use crate::simplify::form::kind::{Id, Kind};
use crate::simplify::form::normal::Algebra;
use crate::simplify::rows::identity::{Identity, about, tried};
use crate::simplify::rows::matched::Bound;
use crate::simplify::rows::row::Sign;
use crate::simplify::search::measure::Weight;
use crate::simplify::told::explain::explained;
use crate::simplify::told::step::{COMMON_FACTOR, DISTRIBUTIVE, ORDER, Stage, Used};
use crate::simplify::written::read_back::ReadBack;
use formula::{Formula, NodeId, ShapeError};
use std::collections::HashMap;

/// What arranging one value may cost, in nodes.
const ARRANGE: usize = 2_000_000;
/// What the searches for one value may cost, in nodes made or counted, from each start.
pub(crate) const SEARCH: usize = 300_000;
/// What of it distributing every product may cost: a value that takes more has grown too large to be searched.
const EXPANSION: usize = 50_000;
/// The most nodes that are searched; larger values stay in normal form.
const LARGEST: usize = 200;
/// The most parts of all nodes that are searched: a few long words cost as much as many short ones.
const MOST_PARTS: usize = 500;

/// The smallest form found of a value whose slopes are written out, at the end of the stages that lead to it; nothing where
/// numbers overflow. What is left of the budget of each start is for later searches for the same value.
pub(crate) fn smallest(
    formula: &mut Formula,
    id: NodeId,
    budgets: &mut [usize; 2],
    how: How,
) -> Result<Option<Vec<Stage>>, ShapeError> {
    let (mut algebra, root) = enter(formula, id, ARRANGE, how.at_declared);
    if !algebra.is_sound() {
        return Ok(None);
    }
    let nodes = algebra.reachable(root);
    let parts: usize = nodes.iter().map(|id| algebra.children(*id).len()).sum();
    let large = nodes.len() > LARGEST || parts > MOST_PARTS;
    let mut read_back = if large { ReadBack::quick(formula) } else { ReadBack::careful(formula) };
    let arranged = read_back.read(&mut algebra, formula, root)?;
    let mut stages = Vec::new();
    if how.explains && !large {
        stages = explained(formula, id, ARRANGE, how.at_declared)?;
    }
    stages.push(Stage::of(ORDER, arranged));
    if large {
        return Ok(Some(stages));
    }
    // What is only tried is forgotten again.
    let mark = formula.mark();
    let identities = about(formula, id);
    let mut best: Option<Found> = None;
    let starts = [Start::AsIs, Start::Expanded].into_iter().zip(budgets);
    for (start, budget) in starts.filter(|(_, budget)| **budget > 0) {
        let (mut algebra, root) = enter(formula, id, ARRANGE, how.at_declared);
        algebra.allow(std::mem::take(budget));
        let search = Search::new(algebra, root, formula, &identities)?;
        let Some(search) = search.start(start)? else { continue };
        let Some(found) = search.run()? else { continue };
        *budget = found.algebra.allowance();
        if best.as_ref().is_none_or(|best| found.weight.subterms < best.weight.subterms) {
            best = Some(found);
        }
    }
    formula.rewind(mark);
    let Some(mut best) = best else { return Ok(Some(stages)) };
    if !knows_functions(formula, &best) {
        // The same functions in the same order as when it was searched.
        about(formula, id);
    }
    let mut read_back = ReadBack::careful(formula);
    for Hit { used, part: (from, to), root } in best.hits {
        let mut read = |id| read_back.read(&mut best.algebra, formula, id);
        let (whole, part) = (read(root)?, Some((read(from)?, read(to)?)));
        stages.push(Stage { used: vec![used.with(read)?], whole, part });
    }
    Ok(Some(stages))
}

/// Whether every function of the values found is in a formula's table.
fn knows_functions(formula: &Formula, found: &Found) -> bool {
    let roots = found.hits.iter().flat_map(|hit| [hit.part.0, hit.part.1, hit.root]);
    roots.into_iter().all(|root| {
        found.algebra.reachable(root).into_iter().all(|id| match found.algebra.kind(id) {
            Kind::Apply(function, ..) | Kind::Call(function, _) => {
                formula.functions().any(|(known, _)| known == *function)
            }
            _ => true,
        })
    })
}

/// Where a search begins.
#[derive(Clone, Copy)]
enum Start {
    /// The normal form.
    AsIs,
    /// Every product distributed.
    Expanded,
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
    identities: &'a [Identity],
    /// Only looked up.
    known_sides: HashMap<(usize, Id), Option<(Id, Id)>>,
}

/// Where a search ended.
struct Found {
    algebra: Algebra,
    weight: Weight,
    hits: Vec<Hit>,
}

/// Both sides of a row of the search, with a value in place of its letter.
struct Sides {
    place: usize,
    instance: Id,
    left: Id,
    right: Id,
}

/// What was done.
struct Hit {
    used: Used<Id>,
    /// A part, and what it became.
    part: (Id, Id),
    /// The whole value after it.
    root: Id,
}

impl Search<'_> {
    fn new<'a>(
        mut algebra: Algebra,
        root: Id,
        scratch: &'a mut Formula,
        identities: &'a [Identity],
    ) -> Result<Search<'a>, ShapeError> {
        let mut read_back = ReadBack::careful(scratch);
        let value = read_back.read(&mut algebra, scratch, root)?;
        let weight = read_back.weigh(scratch, value);
        let (hits, known_sides) = (Vec::new(), HashMap::new());
        Ok(Search { algebra, root, weight, hits, scratch, read_back, identities, known_sides })
    }

    /// The search from where it is to begin; nothing where that is the normal form again or grows too large.
    fn start(mut self, start: Start) -> Result<Option<Self>, ShapeError> {
        if let Start::AsIs = start {
            return Ok(Some(self));
        }
        let whole = self.algebra.allowance();
        self.algebra.allow(whole.min(EXPANSION));
        let root = self.algebra.expand_all(self.root);
        if !self.algebra.is_sound() || root == self.root {
            return Ok(None);
        }
        self.hits.push(Hit { used: Used::named(DISTRIBUTIVE), part: (self.root, root), root });
        self.root = root;
        self.weight = self.weigh(root)?;
        self.algebra.allow(whole.saturating_sub(EXPANSION));
        Ok((self.weight.subterms <= LARGEST).then_some(self))
    }

    /// Both sides of every row at every value it is to be tried at.
    fn sides(&mut self) -> Vec<Sides> {
        let nodes = self.algebra.reachable(self.root);
        let mut sides = Vec::new();
        let entire =
            |identity: &Identity| identity.row.sign == Sign::Tried && identity.row.letters.len() == 1;
        for (place, identity) in self.identities.iter().enumerate().filter(|(_, identity)| entire(identity)) {
            for instance in self.algebra.instances(identity, &nodes) {
                let known = self.known_sides.get(&(place, instance)).copied();
                let pair = known.unwrap_or_else(|| {
                    let pair = self.algebra.sides(identity, instance).filter(|(left, right)| left != right);
                    pair.filter(|(left, _)| self.algebra.key(*left).first != u32::MAX)
                });
                self.known_sides.insert((place, instance), pair);
                sides.extend(pair.map(|(left, right)| Sides { place, instance, left, right }));
            }
        }
        sides
    }

    /// Tries every pass at every node, the root first, until none makes the value smaller; nothing where the budget is spent
    /// before, since searching again from a place half way would go on.
    fn run(mut self) -> Result<Option<Found>, ShapeError> {
        let mut again = true;
        while again {
            again = false;
            let sides = self.sides();
            for id in self.algebra.reachable(self.root).into_iter().rev() {
                again |= self.try_at(id, &sides)?;
                if !self.algebra.is_sound() {
                    again = false;
                    break;
                }
            }
        }
        let Search { algebra, weight, hits, .. } = self;
        Ok(algebra.is_sound().then_some(Found { algebra, weight, hits }))
    }

    fn try_at(&mut self, id: Id, sides: &[Sides]) -> Result<bool, ShapeError> {
        let mut ways: Vec<(Used<Id>, Id)> = Vec::new();
        let name = |name: &'static str| move |way| (Used::named(name), way);
        ways.extend(self.algebra.collected(id).into_iter().map(name(COMMON_FACTOR)));
        ways.extend(self.algebra.expanded(id).into_iter().map(name(DISTRIBUTIVE)));
        ways.extend(self.algebra.expanded_sum(id).into_iter().map(name(DISTRIBUTIVE)));
        for identity in tried() {
            ways.extend(self.algebra.rewritten(id, identity));
        }
        for Sides { place, instance, left, right } in sides {
            let folded = self.algebra.folded(id, *left, *right);
            if folded.is_empty() {
                continue;
            }
            let identity = &self.identities[*place];
            let bound = Bound::one(identity, &self.algebra, *instance).unwrap_or_default();
            ways.extend(folded.into_iter().map(|way| (identity.used(&bound), way)));
        }
        for (used, way) in ways {
            if way == id || self.algebra.shape(way) != self.algebra.shape(id) {
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
            // An elementwise product is distributed for a shorter text alone, not for less work.
            let is_product = matches!(self.algebra.kind(id), Kind::Elementwise(_) | Kind::Word(_));
            let is_lighter = weight < self.weight
                && (weight.subterms < self.weight.subterms
                    || !is_product
                    || used.name.as_str() != DISTRIBUTIVE);
            if is_lighter {
                self.hits.push(Hit { used, part: (id, way), root });
                (self.root, self.weight) = (root, weight);
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn weigh(&mut self, root: Id) -> Result<Weight, ShapeError> {
        let value = self.read_back.read(&mut self.algebra, self.scratch, root)?;
        let weight = self.read_back.weigh(self.scratch, value);
        self.algebra.spend(weight.subterms);
        Ok(weight)
    }
}
