//! The cells into which kinks cut the points. A formula that is right on both sides of each kink may be wrong between two of them,
//! so a point is looked for in every cell that a line from a point runs through.

use super::Reach;
use super::points::{lines, power_of_ten, scaled};
use crate::DeriveError;
use formula::{Matrix, NodeId, Point, Variable};
use std::collections::{BTreeMap, BTreeSet};

/// An entry at some sizes, and on which side of each kink it lies: of all kinks with as many entries, and of those that are one
/// number.
pub(super) type Cell = (Vec<usize>, Vec<bool>);

/// Decades that a line runs through, each side of the point that it starts from, and how densely near it.
const DECADES: i32 = 12;
const DENSE: i32 = 3;
/// Decades below 1 where a kink is looked for that lies nearer to 0 than a line runs.
const NEAREST: [i32; 2] = [305, 150];
/// Between places that are further apart lie decades, which are looked through from the larger to the smaller: near 0 little is
/// left of anything.
const FAR: f64 = 100.0;
const DECADE: f64 = 10.0;
/// Two places of a line that are nearer, as a part of them, are one.
const WIDTH: f64 = 1e-13;
/// The most points that are kept, for each kink and together with few of them.
const KEPT_EACH: usize = 12;
const KEPT: usize = 48;

/// Kinks that are passed at one place so often are taken to be one kink that is written twice.
const TWINS: usize = 4;
/// So many places are looked at between two neighbours of a line: where kinks come again and again, halving never ends.
const WITHIN: usize = 1000;

/// Entries behind so many others share their cells.
const PLACES: usize = 32;

/// Kinks that were passed at one place, with how often; by how many entries they have.
pub(super) type Twins = BTreeMap<(usize, Vec<usize>), usize>;

/// A place on a line: the factor, and the cells of all entries there.
type Place = (f64, Vec<Cell>);

impl Reach {
    /// Notes the cells that a point lies in.
    pub(super) fn enter(&mut self, point: &Point) -> Result<(), DeriveError> {
        let walls = self.walls();
        let cells = self.cells_at(&walls, point)?;
        self.cells.extend(cells);
        Ok(())
    }

    /// Points in cells that no point has been in, on lines through this one, all of them seen. `settle` completes a point from its inputs.
    pub fn explore(
        &mut self,
        inputs: &[Variable],
        from: &Point,
        settle: &mut dyn FnMut(Point) -> Result<Option<Point>, DeriveError>,
    ) -> Result<Vec<Point>, DeriveError> {
        let mut found = Vec::new();
        let walls = self.walls();
        if walls.is_empty() {
            return Ok(found);
        }
        let most = KEPT.max(KEPT_EACH * walls.len());
        for (only, sign) in lines(inputs) {
            let mut near: Vec<Place> = Vec::new();
            for factor in NEAREST.map(|power| power_of_ten(-power)) {
                let Some(point) = settle(scaled(inputs, from, only, sign, factor))? else { continue };
                // A distance that is 0 there may be so by rounding.
                let values = self.formula.evaluate(&walls, &point)?;
                if self.may_spend(2) && values.iter().all(|value| !value.entries.contains(&0.0)) {
                    near.push((factor, self.cells_at(&walls, &point)?));
                }
            }
            let mut at = |reach: &mut Reach, factor: f64| -> Result<Option<Place>, DeriveError> {
                if found.len() >= most || !reach.may_spend(1) {
                    reach.is_cut = true;
                    return Ok(None);
                }
                let Some(point) = settle(scaled(inputs, from, only, sign, factor))? else {
                    return Ok(None);
                };
                let cells = reach.cells_at(&walls, &point)?;
                let known = reach.cells.len();
                reach.cells.extend(cells.iter().cloned());
                if reach.cells.len() > known {
                    found.push(point);
                }
                Ok(Some((factor, cells)))
            };
            let mut places = near;
            for factor in factors() {
                places.extend(at(self, factor)?);
            }
            for pair in places.windows(2).rev() {
                let mut gaps = vec![[pair[0].clone(), pair[1].clone()]];
                let mut left_within = WITHIN;
                while let Some([left, right]) = gaps.pop() {
                    if !self.may_hide(&left.1, &right.1) {
                        continue;
                    }
                    if right.0 - left.0 <= WIDTH * right.0 {
                        self.note_twins(&left.1, &right.1);
                        continue;
                    }
                    if left_within == 0 {
                        self.is_cut = true;
                        break;
                    }
                    left_within -= 1;
                    if let Some(middle) = at(self, middle(left.0, right.0))? {
                        gaps.push([left, middle.clone()]);
                        gaps.push([middle, right]);
                    }
                }
            }
        }
        for point in &found {
            self.see(point)?;
        }
        Ok(found)
    }

    /// Whether a cell that was not entered may lie between two places, or is that of the first: where an entry passes two kinks, it
    /// is between them.
    fn may_hide(&self, left: &[Cell], right: &[Cell]) -> bool {
        left.iter().zip(right).any(|(left, right)| {
            let passed = passed(left, right);
            let is_twin = |passed: &[usize]| {
                self.twins.get(&(left.1.len(), passed.to_vec())).is_some_and(|often| *often >= TWINS)
            };
            let between = |at: &usize| {
                let mut cell = left.clone();
                cell.1[*at] = !cell.1[*at];
                cell
            };
            !self.cells.contains(left)
                || (passed.len() > 2 && !is_twin(&passed))
                || (passed.len() == 2
                    && !passed.iter().all(|at| self.cells.contains(&between(at)))
                    && !is_twin(&passed))
        })
    }

    /// Counts the kinks that are passed between two places which are one.
    fn note_twins(&mut self, left: &[Cell], right: &[Cell]) {
        for (left, right) in left.iter().zip(right) {
            let passed = passed(left, right);
            if passed.len() > 1 {
                *self.twins.entry((left.1.len(), passed)).or_insert(0) += 1;
            }
        }
    }

    /// The values that are 0 at a kink, each once.
    fn walls(&self) -> Vec<NodeId> {
        let walls: BTreeSet<NodeId> = self.bends.iter().map(|seen| seen.bend.distance).collect();
        walls.into_iter().collect()
    }

    /// The cells of all entries at a point, in order.
    fn cells_at(&self, walls: &[NodeId], point: &Point) -> Result<Vec<Cell>, DeriveError> {
        let values = self.formula.evaluate(walls, point)?;
        let counts: BTreeSet<usize> = values.iter().map(|value| value.entries.len()).collect();
        let widest = counts.last().copied().unwrap_or(0);
        let sizes: Vec<usize> = point.sizes.values().copied().collect();
        let mut cells = Vec::new();
        for count in counts.into_iter().filter(|count| *count > 1 || widest == 1) {
            let among: Vec<&Matrix> =
                values.iter().filter(|value| [1, count].contains(&value.entries.len())).collect();
            cells.extend((0..count).map(|entry| {
                let is_above =
                    |value: &&Matrix| value.entries[if value.entries.len() == 1 { 0 } else { entry }] > 0.0;
                let place = sizes.iter().copied().chain([count, entry.min(PLACES)]).collect();
                (place, among.iter().map(is_above).collect())
            }));
        }
        Ok(cells)
    }
}

/// The kinks that an entry passes between two places.
fn passed(left: &Cell, right: &Cell) -> Vec<usize> {
    (0..left.1.len()).filter(|at| left.1[*at] != right.1[*at]).collect()
}

/// A factor between two.
fn middle(left: f64, right: f64) -> f64 {
    if right > FAR * left { right / DECADE } else { (left + right) / 2.0 }
}

/// The factors of a line's first places, from small to large.
pub(super) fn factors() -> impl Iterator<Item = f64> {
    let decades = -DECADES..=DECADES;
    decades.flat_map(|decade| {
        let within: &[f64] = if decade.abs() < DENSE { &[1.0, 1.6, 2.5, 4.0, 6.3] } else { &[1.0] };
        within.iter().map(move |part| part * power_of_ten(decade))
    })
}
