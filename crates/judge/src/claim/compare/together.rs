//! Two values where several kinks of one term are on sides of their own at once. Points that reach one kink after the other tell
//! nothing of a product of two that vanishes at all of them, so both values are asked with all these kinks on their sides.

use super::Comparison;
use crate::DeriveError;
use crate::claim::outcome::Apart;
use crate::kinks::{Side, on_the_side};
use crate::reach::{Reach, there};
use formula::{Formula, Matrix, Node, NodeId, Point};
use std::collections::{BTreeMap, BTreeSet};

/// Of so many kinks every choice of sides is asked; of more, every pair with the others on either side.
const ALL: usize = 4;
/// So many choices of sides are asked.
const CHOICES: usize = 600;
/// So many of them, where each takes long.
const FEW: usize = 32;
/// So many choices of sides on which the two differ are aimed at, each from so many points.
const AIMED: usize = 8;
const STARTS: usize = 4;
/// Said where choices are left.
const UNASKED: &str = "not reached: every choice of sides of its kinks at once";
/// What follows another up to this part of it is the same.
const SAME: f64 = 1e-9;

/// Among so many kinks sums of two others are looked for.
const SUMMED: usize = 12;

type Sides = BTreeMap<NodeId, Side>;

impl Comparison {
    /// A point where the two differ on such sides; sides on which they would differ and that no point reaches are doubts.
    pub(super) fn compare_together(
        &mut self,
        (reach, missing): (&mut Reach, &BTreeSet<(NodeId, bool)>),
        clear: &[Point],
        settle: &mut dyn FnMut(Point) -> Result<Option<Point>, DeriveError>,
        doubts: &mut Vec<String>,
    ) -> Result<Option<Box<Apart>>, DeriveError> {
        let (formula, roots) = (self.formula.clone(), self.roots.clone());
        let mut left = CHOICES;
        let mut aimed = 0;
        let mut seen: BTreeSet<Vec<(NodeId, bool)>> = BTreeSet::new();
        for group in self.groups() {
            let walls = Walls::new(&formula, group, clear)?;
            for sides in walls.choices() {
                let key: Vec<_> = sides.iter().map(|(id, side)| (*id, *side == Side::Above)).collect();
                let is_missing = key.iter().any(|one| missing.contains(one));
                if is_missing || !walls.is_open(&sides) || !seen.insert(key) {
                    continue;
                }
                if left == 0 || !reach.may_spend(1) {
                    doubts.push(String::from(UNASKED));
                    return Ok(None);
                }
                left -= 1;
                if self.agrees_together(&sides, clear)? {
                    continue;
                }
                aimed += 1;
                if aimed > AIMED {
                    doubts.push(String::from(UNASKED));
                    return Ok(None);
                }
                let mut is_clear = false;
                for start in clear.iter().take(STARTS) {
                    let Some(point) = reach.together(&self.inputs, start, &sides, settle)? else { continue };
                    let Some(found) = self.compare(&formula, &roots, &point, false)? else { continue };
                    if let Some(apart) = found.apart {
                        return Ok(Some(apart));
                    }
                    is_clear |= found.is_clear;
                }
                if !is_clear {
                    doubts.push(format!("not reached: {} at once", self.words(&sides)));
                }
            }
        }
        Ok(None)
    }

    /// Sides on which the two differ are doubts, where points are too dear to be looked for.
    pub(super) fn doubt_together(
        &mut self,
        points: &[Point],
        doubts: &mut Vec<String>,
    ) -> Result<(), DeriveError> {
        let formula = self.formula.clone();
        let mut left = FEW;
        for group in self.groups() {
            let walls = Walls::new(&formula, group, points)?;
            for sides in walls.choices().into_iter().filter(|sides| walls.is_open(sides)) {
                if left == 0 {
                    doubts.push(String::from(UNASKED));
                    return Ok(());
                }
                left -= 1;
                if !self.agrees_together(&sides, points)? {
                    doubts.push(format!("not reached: {} at once", self.words(&sides)));
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Whether both are equal where these kinks are on these sides, at the first point that tells.
    fn agrees_together(&mut self, sides: &Sides, points: &[Point]) -> Result<bool, DeriveError> {
        let (formula, roots) = on_the_side(&self.formula, &self.roots[..2], &self.bends, sides, points)?;
        for point in points.iter().take(STARTS) {
            if let Some(found) = self.compare(&formula, &roots, point, false)? {
                if found.apart.is_some() {
                    return Ok(false);
                }
                if found.is_alive {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The distances of kinks that stand in one term, for each term that has several.
    fn groups(&self) -> Vec<Vec<NodeId>> {
        let bent: Vec<NodeId> = self.bends.iter().map(|bend| bend.value).collect();
        let is_bent = self.formula.depends_on(&bent);
        let steps = self.bends.iter().filter(|bend| bend.is_step(&self.formula));
        let steps: BTreeSet<NodeId> = steps.map(|bend| bend.value).collect();
        let mut groups: BTreeSet<Vec<NodeId>> = BTreeSet::new();
        let mut waiting = self.roots[..2].to_vec();
        while let Some(id) = waiting.pop() {
            let mut parts = self.formula.node(id).children().to_vec();
            parts.retain(|part| is_bent[part.index()]);
            let is_sum = match self.formula.node(id) {
                Node::Add(_) | Node::Block(..) => true,
                Node::Scale(_) | Node::Times(_) | Node::Product(_) | Node::Transpose(_) => parts.len() == 1,
                _ => false,
            };
            if is_sum {
                waiting.extend(parts);
                continue;
            }
            let within: BTreeSet<NodeId> = self.formula.reachable(&[id]).into_iter().collect();
            let bends = self.bends.iter().filter(|bend| within.contains(&bend.value));
            let free = bends.filter(|bend| !follows_from_steps(&self.formula, bend.distance, &steps));
            let distances: BTreeSet<NodeId> = free.map(|bend| bend.distance).collect();
            if distances.len() > 1 {
                groups.insert(distances.into_iter().collect());
            }
        }
        groups.into_iter().collect()
    }

    fn words(&self, sides: &Sides) -> String {
        let word = |(distance, side): (&NodeId, &Side)| {
            let bend = self.bends.iter().find(|bend| bend.distance == *distance);
            let name = bend.map_or("", |bend| &*bend.name);
            let of = self.formula.variables(&[*distance]).into_iter().filter_map(|id| {
                match self.formula.node(id) {
                    Node::Variable(variable) => Some(variable.name.to_string()),
                    _ => None,
                }
            });
            let of: Vec<String> = of.collect();
            format!("{name} of {} {} 0", of.join(", "), side.word())
        };
        sides.iter().map(word).collect::<Vec<String>>().join(" and ")
    }
}

/// Whether a distance varies with steps alone, so that their sides tell its side.
fn follows_from_steps(formula: &Formula, distance: NodeId, steps: &BTreeSet<NodeId>) -> bool {
    let (mut waiting, mut seen) = (vec![distance], BTreeSet::new());
    while let Some(id) = waiting.pop() {
        if steps.contains(&id) || !seen.insert(id) {
            continue;
        }
        if matches!(formula.node(id), Node::Variable(_) | Node::Size(_)) {
            return false;
        }
        waiting.extend(formula.node(id).children());
    }
    true
}

/// The kinks of one term, and where points are beside them.
struct Walls {
    distances: Vec<NodeId>,
    /// The values of the distances at each point.
    values: Vec<Vec<Matrix>>,
    /// For each distance the first that it is a multiple of, and whether that is of the other sign.
    like: Vec<(usize, bool)>,
    /// The pairs of which one follows from the other: lines through points reach all places that they have.
    tied: Vec<[usize; 2]>,
    /// Three of which the first is the sum of the others, each of them with its sign: where both lie on one side, it does too.
    sums: Vec<[(usize, f64); 3]>,
}

impl Walls {
    fn new(formula: &Formula, distances: Vec<NodeId>, points: &[Point]) -> Result<Walls, DeriveError> {
        let mut values = Vec::with_capacity(points.len());
        for point in points {
            values.push(formula.evaluate(&distances, point)?);
        }
        let alone: Vec<Option<NodeId>> = distances
            .iter()
            .map(|distance| {
                let variables = formula.variables(&[*distance]);
                let size = |at: &Point| -> Option<usize> {
                    let Node::Variable(variable) = formula.node(*variables.first()?) else { return None };
                    Some(at.variables.get(&variable.name)?.entries.len())
                };
                let at = distances.iter().position(|other| other == distance)?;
                let is_each = points
                    .iter()
                    .zip(&values)
                    .all(|(point, values)| size(point) == Some(values[at].entries.len()));
                (variables.len() == 1 && is_each).then(|| variables[0])
            })
            .collect();
        let mut like: Vec<(usize, bool)> = Vec::new();
        let mut tied = Vec::new();
        for at in 0..distances.len() {
            like.push((at, false));
            for other in 0..at {
                let line = follows(&values, at, other);
                if let Some((slope, 0.0)) = line
                    && like[at].0 == at
                {
                    like[at] = (like[other].0, (slope < 0.0) != like[other].1);
                }
                if line.is_some() || (alone[at].is_some() && alone[at] == alone[other]) {
                    tied.push([other, at]);
                }
            }
        }
        let free: Vec<usize> = (0..like.len()).filter(|at| like[*at].0 == *at).collect();
        let mut sums = Vec::new();
        for (place, left) in free.iter().enumerate().take(SUMMED) {
            for right in &free[place + 1..] {
                for sum in free.iter().filter(|sum| *sum != left && *sum != right) {
                    let signs = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)];
                    let found =
                        signs.into_iter().find(|signs| is_sum(&values, *sum, [*left, *right], *signs));
                    sums.extend(found.map(|(one, other)| [(*sum, 1.0), (*left, one), (*right, other)]));
                }
            }
        }
        Ok(Walls { distances, values, like, tied, sums })
    }

    /// The choices of sides that are asked.
    fn choices(&self) -> Vec<Sides> {
        let free: Vec<usize> = (0..self.like.len()).filter(|at| self.like[*at].0 == *at).collect();
        let count = free.len();
        let mut chosen: Vec<Vec<Side>> = Vec::new();
        let side = |is_above: bool| if is_above { Side::Above } else { Side::Below };
        if count <= ALL {
            let bits = |choice: usize| (0..count).map(|at| side(choice >> at & 1 == 1)).collect();
            chosen.extend((0..1_usize << count).map(bits));
        } else {
            for (left, right) in (0..count).flat_map(|right| (0..right).map(move |left| (left, right))) {
                for choice in 0..8 {
                    let mut sides = vec![side(choice & 4 == 0); count];
                    (sides[left], sides[right]) = (side(choice & 1 == 0), side(choice & 2 == 0));
                    chosen.push(sides);
                }
                if chosen.len() > 8 * CHOICES {
                    break;
                }
            }
        }
        let with_all = |sides: Vec<Side>| {
            let of = |at: usize| {
                let (first, is_other) = self.like[at];
                let place = free.iter().position(|free| *free == first).unwrap_or(0);
                if is_other { sides[place].other() } else { sides[place] }
            };
            (0..self.like.len()).map(|at| (self.distances[at], of(at))).collect()
        };
        if count < 2 { Vec::new() } else { chosen.into_iter().map(with_all).collect() }
    }

    /// Whether no point is on these sides, and there may be one.
    fn is_open(&self, sides: &Sides) -> bool {
        let sides: Vec<Side> = sides.values().copied().collect();
        let is_reached = |places: &[usize]| {
            let wanted: Vec<Side> = places.iter().map(|at| sides[*at]).collect();
            self.values.iter().any(|values| {
                let values: Vec<Matrix> = places.iter().map(|at| values[*at].clone()).collect();
                there(&values, &wanted) == wanted.len()
            })
        };
        let all: Vec<usize> = (0..sides.len()).collect();
        let excludes = |three: &[(usize, f64); 3]| {
            let [sum, one, other] = three.map(|(at, sign)| sides[at].sign() * sign);
            one == other && one != sum
        };
        !is_reached(&all) && !self.sums.iter().any(excludes) && self.tied.iter().all(|pair| is_reached(pair))
    }
}

/// Whether one value is the sum of two others at all points, each of them with its sign.
fn is_sum(values: &[Vec<Matrix>], sum: usize, of: [usize; 2], signs: (f64, f64)) -> bool {
    let at_point = |values: &Vec<Matrix>| {
        let [sum, left, right] = [sum, of[0], of[1]].map(|at| &values[at].entries);
        let is_same = |((sum, left), right): ((&f64, &f64), &f64)| {
            let (left, right) = (signs.0 * left, signs.1 * right);
            (left + right - sum).abs() <= SAME * (left.abs() + right.abs())
        };
        sum.len() == left.len() && sum.len() == right.len() && sum.iter().zip(left).zip(right).all(is_same)
    };
    values.len() > 2 && values.iter().all(at_point)
}

/// The slope and the rest of the line on which one value follows from another at all points; a rest that is rounding is 0.
fn follows(values: &[Vec<Matrix>], at: usize, other: usize) -> Option<(f64, f64)> {
    let mut places: Vec<[f64; 2]> = Vec::new();
    for values in values {
        let (value, other) = (&values[at].entries, &values[other].entries);
        if value.len() != other.len() {
            return None;
        }
        places.extend(other.iter().zip(value).map(|(x, y)| [*x, *y]));
    }
    let first = *places.first()?;
    let last = *places.iter().max_by(|a, b| (a[0] - first[0]).abs().total_cmp(&(b[0] - first[0]).abs()))?;
    if places.len() < 3 || last[0] == first[0] {
        return None;
    }
    let slope = (last[1] - first[1]) / (last[0] - first[0]);
    let rest = first[1] - slope * first[0];
    let is_on = |[x, y]: &[f64; 2]| (y - slope * x - rest).abs() <= SAME * (y.abs() + (slope * x).abs());
    let size = places.iter().fold(f64::INFINITY, |size, [_, y]| size.min(y.abs()));
    let is_line = slope != 0.0 && slope.is_finite() && places.iter().all(is_on);
    is_line.then_some((slope, if rest.abs() <= SAME * size { 0.0 } else { rest }))
}
