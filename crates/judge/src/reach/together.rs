//! Several kinks at once: a point where each of them lies on a side of its own, which points that reach one after the other need
//! not have.

use super::cells::factors;
use super::{Reach, lines, scaled};
use crate::DeriveError;
use crate::kinks::Side;
use formula::{Matrix, NodeId, Point, Variable};
use std::collections::BTreeMap;

/// How often all variables are scaled in turn.
const ROUNDS: usize = 3;

impl Reach {
    /// A point where all these distances are on their sides; variables are scaled, one after the other, as long as that brings more of
    /// them there. `settle` completes a point from its inputs.
    pub fn together(
        &mut self,
        inputs: &[Variable],
        from: &Point,
        sides: &BTreeMap<NodeId, Side>,
        settle: &mut dyn FnMut(Point) -> Result<Option<Point>, DeriveError>,
    ) -> Result<Option<Point>, DeriveError> {
        let distances: Vec<NodeId> = sides.keys().copied().collect();
        let wanted: Vec<Side> = sides.values().copied().collect();
        let mut best = from.clone();
        let mut most = there(&self.formula.evaluate(&distances, from)?, &wanted);
        for _ in 0..ROUNDS {
            let before = most;
            for (only, sign) in lines(inputs) {
                for factor in factors() {
                    if !self.may_spend(1) {
                        return Ok(None);
                    }
                    let Some(point) = settle(scaled(inputs, &best, only, sign, factor))? else { continue };
                    let found = there(&self.formula.evaluate(&distances, &point)?, &wanted);
                    if found == wanted.len() {
                        return Ok(Some(point));
                    }
                    if found > most {
                        (best, most) = (point, found);
                    }
                }
            }
            if most == before {
                break;
            }
        }
        Ok(None)
    }
}

/// How many of these values are on their sides at once: at one entry, where all have as many, or are one number.
pub(crate) fn there(values: &[Matrix], sides: &[Side]) -> usize {
    let widest = values.iter().map(|value| value.entries.len()).max().unwrap_or(0);
    let on = |value: &Matrix, side: Side, entry: usize| {
        let entry = if value.entries.len() == 1 { 0 } else { entry };
        value.entries[entry] * side.sign() > 0.0
    };
    let pairs = || values.iter().zip(sides);
    if values.iter().all(|value| [1, widest].contains(&value.entries.len())) {
        let at = |entry: usize| pairs().filter(|(value, side)| on(value, **side, entry)).count();
        return (0..widest).map(at).max().unwrap_or(0);
    }
    let somewhere = |value: &Matrix, side: Side| (0..value.entries.len()).any(|entry| on(value, side, entry));
    pairs().filter(|(value, side)| somewhere(value, **side)).count()
}
