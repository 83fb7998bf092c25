//! What of a formula a set of points reaches: both sides of each kink, and each function where its values vary. What is not
//! reached is aimed at, by scaling the variables and by solving for the argument.

mod cells;
mod points;
mod together;

use self::cells::{Cell, Twins};
pub(crate) use self::points::ladder;
use self::points::{LADDER, lines, power_of_ten, scaled};
pub(crate) use self::together::there;
use crate::DeriveError;
use crate::kinks::{Bend, Side};
use formula::{Digits, Formula, Matrix, Name, Node, NodeId, Number, Point, Precise, Real, Rough};
use std::collections::BTreeSet;

/// What points have reached of some values.
pub(crate) struct Reach {
    formula: Formula,
    bends: Vec<SeenBend>,
    functions: Vec<SeenFunction>,
    cells: BTreeSet<Cell>,
    twins: Twins,
    /// How many nodes one evaluation takes.
    size: usize,
    /// How many nodes may still be evaluated to reach more.
    budget: usize,
    /// Whether cells between kinks were left because they are too many.
    is_cut: bool,
}

struct SeenBend {
    bend: Bend,
    above: bool,
    below: bool,
}

struct SeenFunction {
    name: Name,
    value: NodeId,
    /// The same with its arguments a thousandth larger.
    moved: NodeId,
    argument: NodeId,
    varies: bool,
    /// It varies where its argument is near 0; a tail far out may be nothing beside what it is added to.
    is_near: bool,
}

/// How often an interval is halved to find an argument.
const HALVINGS: usize = 60;
/// Where a function is looked for: most vary most near 0.
const ALIVE: f64 = 0.3;
/// Up to where an argument is near 0.
const NEAR: f64 = 30.0;
/// The scales at which a random point is asked again: past the first turn of what turns, such as an arcsine of a sine, and where
/// sums that are clipped are small.
pub(crate) const BESIDE: [f64; 5] = [5.0, 30.0, 400.0, 0.2, 0.04];
/// How many nodes are evaluated at most to reach what random points do not: some tenths of a second.
const BUDGET: usize = 16_000_000;
/// Multiplications that take about as long as what a node takes beside them.
const MULTIPLICATIONS: f64 = 16.0;
/// How many variables are scaled alone, and how many points are kept.
const MOST: usize = 6;

impl Reach {
    /// Of values whose kinks stand by themselves, and which take so many multiplications.
    pub fn new(formula: &Formula, roots: &[NodeId], bends: &[Bend], work: f64) -> Result<Reach, DeriveError> {
        let mut formula = formula.clone();
        let is_size = |id: &NodeId| matches!(formula.node(*id), Node::Size(_));
        let sizes = formula.reachable(roots).into_iter().filter(is_size);
        // A kink between sizes is reached by other sizes alone.
        let varying: Vec<NodeId> = formula.variables(roots).into_iter().chain(sizes).collect();
        let depends = formula.depends_on(&varying);
        let bends: Vec<Bend> = bends.iter().filter(|bend| depends[bend.distance.index()]).cloned().collect();
        let bent: BTreeSet<NodeId> = bends.iter().map(|bend| bend.value).collect();
        let mut functions = Vec::new();
        let factor = formula.number(Number::ratio(1001, 1000).unwrap_or(Number::ONE));
        for id in formula.reachable(roots) {
            let Node::Apply(apply) = formula.node(id).clone() else { continue };
            let Some(argument) = apply.arguments.iter().copied().find(|argument| depends[argument.index()])
            else {
                continue;
            };
            if bent.contains(&id) || !apply.marks.is_empty() {
                continue;
            }
            let mut arguments = apply.arguments.clone();
            for argument in &mut arguments {
                *argument = formula.scale(factor, *argument)?;
            }
            let moved = formula.apply(apply.function, &[], &arguments)?;
            let name = formula.function(apply.function).name.clone();
            functions.push(SeenFunction { name, value: id, moved, argument, varies: false, is_near: false });
        }
        let bends = bends.into_iter().map(|bend| SeenBend { bend, above: false, below: false }).collect();
        let size = formula.reachable(roots).len().max((work / MULTIPLICATIONS) as usize);
        Ok(Reach {
            formula,
            bends,
            functions,
            cells: BTreeSet::new(),
            twins: Twins::new(),
            size,
            budget: BUDGET,
            is_cut: false,
        })
    }

    /// Notes what a point reaches; says whether something is new. Doubles are asked first, and more digits where doubles see
    /// nothing move.
    pub fn see(&mut self, point: &Point) -> Result<bool, DeriveError> {
        self.enter(point)?;
        Ok(self.see_in(&point.to::<Rough>())? | self.see_in(&point.to::<Precise>())?)
    }

    fn see_in<D: Digits>(&mut self, point: &Point<formula::Bounded<D>>) -> Result<bool, DeriveError> {
        let open = |seen: &SeenBend| !(seen.above && seen.below);
        let mut nodes: Vec<NodeId> =
            self.bends.iter().filter(|seen| open(seen)).map(|seen| seen.bend.distance).collect();
        let dead: Vec<&SeenFunction> = self.functions.iter().filter(|seen| !seen.is_near).collect();
        nodes.extend(dead.iter().flat_map(|seen| [seen.value, seen.moved, seen.argument]));
        if nodes.is_empty() {
            return Ok(false);
        }
        let values = self.formula.evaluate(&nodes, point)?;
        let (distances, asked) = values.split_at(nodes.len() - 3 * dead.len());
        let mut is_new = false;
        for (seen, distance) in self.bends.iter_mut().filter(|seen| open(seen)).zip(distances) {
            let on = |side: Side| {
                distance
                    .entries
                    .iter()
                    .any(|entry| entry.is_apart_from_zero() && entry.value() * side.sign() > 0.0)
            };
            let (above, below) = (seen.above || on(Side::Above), seen.below || on(Side::Below));
            is_new |= (above, below) != (seen.above, seen.below);
            (seen.above, seen.below) = (above, below);
        }
        for (seen, three) in self.functions.iter_mut().filter(|seen| !seen.is_near).zip(asked.chunks(3)) {
            let [value, moved, argument] = three else { continue };
            let before = (seen.varies, seen.is_near);
            for (at, (a, b)) in value.entries.iter().zip(&moved.entries).enumerate() {
                if a.error().is_finite() && (*b - *a).is_apart_from_zero() {
                    seen.varies = true;
                    let argument = argument.entries.get(at).or(argument.entries.first());
                    seen.is_near |= argument.is_some_and(|argument| argument.value().abs() < NEAR);
                }
            }
            is_new |= (seen.varies, seen.is_near) != before;
        }
        Ok(is_new)
    }

    fn is_complete(&self) -> bool {
        self.bends.iter().all(|seen| seen.above && seen.below)
            && self.functions.iter().all(|seen| seen.is_near)
    }

    /// Points near this one, scaled or solved for, that reach what was not reached. `settle` completes a point from its inputs;
    /// where it has no values there, there is no point.
    pub fn aim(
        &mut self,
        inputs: &[formula::Variable],
        from: &Point,
        settle: &mut dyn FnMut(Point) -> Result<Option<Point>, DeriveError>,
    ) -> Result<Vec<Point>, DeriveError> {
        let mut found = Vec::new();
        let Some(settled) = settle(from.clone())? else { return Ok(found) };
        for (only, sign) in lines(inputs) {
            let mut rungs: Vec<(f64, Point)> = vec![(1.0, settled.clone())];
            for power in LADDER {
                if self.is_complete() || found.len() >= MOST || !self.may_spend(3) {
                    return Ok(found);
                }
                let factor = power_of_ten(power);
                let scaled = scaled(inputs, from, only, sign, factor);
                let Some(point) = settle(scaled)? else { continue };
                if self.see(&point)? {
                    found.push(point.clone());
                }
                rungs.push((factor, point));
            }
            rungs.sort_by(|a, b| a.0.total_cmp(&b.0));
            for at in 0..self.functions.len() {
                if !self.functions[at].is_near
                    && self.may_spend(2 * rungs.len() + 2 * HALVINGS)
                    && let Some(point) = self.solve(at, &rungs, inputs, from, only, sign, settle)?
                    && self.see(&point)?
                {
                    found.push(point);
                }
            }
        }
        Ok(found)
    }

    /// Whether there is work left for so many evaluations, which are then counted.
    pub fn may_spend(&mut self, evaluations: usize) -> bool {
        let nodes = evaluations * self.size;
        let may = nodes <= self.budget;
        self.budget -= if may { nodes } else { 0 };
        may
    }

    /// A point between two rungs of the ladder where an entry of a function's argument is near 0, or nearest to it.
    #[allow(clippy::too_many_arguments)]
    fn solve(
        &self,
        function: usize,
        rungs: &[(f64, Point)],
        inputs: &[formula::Variable],
        from: &Point,
        only: Option<&Name>,
        sign: f64,
        settle: &mut dyn FnMut(Point) -> Result<Option<Point>, DeriveError>,
    ) -> Result<Option<Point>, DeriveError> {
        let argument = self.functions[function].argument;
        let value = |point: &Point| -> Result<Matrix, DeriveError> {
            Ok(self.formula.evaluate(&[argument], point)?.swap_remove(0))
        };
        let mut values = Vec::with_capacity(rungs.len());
        for (_, point) in rungs {
            values.push(value(point)?);
        }
        let entries = values.first().map_or(0, |value| value.entries.len());
        // How far an entry is from where functions are alive, with its side.
        let side = |value: &Matrix, entry: usize| value.entries[entry] - ALIVE;
        let crossing = values.windows(2).zip(rungs.windows(2)).find_map(|(pair, places)| {
            let entry = (0..entries).find(|at| side(&pair[0], *at) * side(&pair[1], *at) < 0.0)?;
            Some((entry, side(&pair[0], entry) < 0.0, [places[0].0, places[1].0]))
        });
        let mut best = None;
        if let Some((entry, below, [mut low, mut high])) = crossing {
            for _ in 0..HALVINGS {
                let middle = (low + high) / 2.0;
                let Some(point) = settle(scaled(inputs, from, only, sign, middle))? else { break };
                let is_low = (side(&value(&point)?, entry) < 0.0) == below;
                (low, high) = if is_low { (middle, high) } else { (low, middle) };
                best = Some(point);
            }
            return Ok(best);
        }
        // Where none crosses, one may come near and turn back: the middle of three is halved around the nearest.
        let turn = values.windows(3).zip(rungs.windows(3)).find_map(|(three, places)| {
            let far = |at: usize, entry: usize| side(&three[at], entry).abs();
            let is_nearest =
                |entry: &usize| far(1, *entry) < far(0, *entry) && far(1, *entry) < far(2, *entry);
            Some(((0..entries).find(is_nearest)?, [places[0].0, places[2].0]))
        });
        let Some((entry, [mut low, mut high])) = turn else { return Ok(best) };
        for _ in 0..HALVINGS {
            let mut distances = [0.0; 2];
            let thirds = [low + (high - low) / 3.0, high - (high - low) / 3.0];
            for (distance, third) in distances.iter_mut().zip(thirds) {
                let Some(point) = settle(scaled(inputs, from, only, sign, third))? else { return Ok(best) };
                *distance = side(&value(&point)?, entry).abs();
                best = Some(point);
            }
            (low, high) = if distances[0] < distances[1] { (low, thirds[1]) } else { (thirds[0], high) };
        }
        Ok(best)
    }

    /// The kinks of which a side was not reached, with that side.
    pub fn missing_sides(&self) -> Vec<(Bend, Side)> {
        let mut missing = Vec::new();
        for seen in &self.bends {
            for (is_seen, side) in [(seen.above, Side::Above), (seen.below, Side::Below)] {
                if !is_seen {
                    missing.push((seen.bend.clone(), side));
                }
            }
        }
        missing
    }

    /// How many kinks cut the points into more cells than were looked into; `None` where there is no such cell.
    pub fn cut(&self) -> Option<usize> {
        self.is_cut.then_some(self.bends.len())
    }

    /// What no point reached of the functions that have no kink, as words.
    pub fn flat_functions(&self) -> Vec<String> {
        let flat = self.functions.iter().filter(|seen| !seen.varies);
        let names: BTreeSet<String> = flat.map(|seen| format!("{} where it varies", seen.name)).collect();
        names.into_iter().collect()
    }
}

/// Sides that were not reached, as words, each once.
pub(crate) fn side_words(missing: &[(Bend, Side)]) -> Vec<String> {
    let words: BTreeSet<String> =
        missing.iter().map(|(bend, side)| format!("{} {} 0", bend.name, side.word())).collect();
    words.into_iter().collect()
}
