//! Two values where random points do not reach: the sides of kinks, the places between them, and where functions vary.

use super::{Comparison, Found, is_finite};
use crate::DeriveError;
use crate::claim::outcome::Apart;
use crate::kinks::{Bend, Side, on_the_side};
use crate::reach::{BESIDE, Reach, ladder, side_words};
use crate::work::DEAR;
use formula::{Formula, NodeId, Point};
use std::collections::{BTreeMap, BTreeSet};

/// The scales of a point at which an explanation has to hold too.
const AROUND: [f64; 4] = [1.37, 0.83, 0.3, 2.9];
/// At how many points between other kinks an explanation has to hold too.
const ELSEWHERE: usize = 8;

impl Comparison {
    /// Points around one where the two differ, and between other kinks: an explanation that holds there by chance does not hold at
    /// these.
    pub(super) fn around(&self, point: &Point) -> Result<Vec<Point>, DeriveError> {
        let (formula, asked) = (&self.formula, self.asked());
        let settle = &mut |point: Point| settled(formula, &asked, point);
        let mut points = Reach::scales(&self.inputs, point, AROUND, settle)?;
        if self.work <= DEAR && !self.bends.is_empty() {
            let mut reach = Reach::new(&self.formula, &self.roots[..2], &self.bends, self.work)?;
            reach.see(point)?;
            points.extend(reach.explore(&self.inputs, point, settle)?.into_iter().take(ELSEWHERE));
        }
        Ok(points)
    }

    /// Points that are aimed at, and the sides of kinks that none reaches.
    pub(super) fn compare_beyond(
        &mut self,
        first: &Point,
        (points, mut clear): (&[Point], Vec<Point>),
        doubts: &mut Vec<String>,
    ) -> Result<Option<Box<Apart>>, DeriveError> {
        let mut reach = Reach::new(&self.formula, &self.roots[..2], &self.bends, self.work)?;
        for point in points {
            reach.see(point)?;
        }
        let (formula, roots) = (self.formula.clone(), self.roots.clone());
        let asked = self.asked();
        let settle = &mut |point: Point| settled(&formula, &asked, point);
        let is_open = !self.seen.lost.is_empty() || !self.seen.is_alive();
        let mut aimed = Vec::new();
        for point in points {
            aimed.extend(reach.explore(&self.inputs, point, settle)?);
        }
        aimed.extend(Reach::scales(&self.inputs, first, BESIDE, settle)?);
        aimed.extend(reach.aim(&self.inputs, first, settle)?);
        if is_open {
            aimed.extend(Reach::scales(&self.inputs, first, ladder(), settle)?);
        }
        // At a tie, where a variable is 0, what is added to it is seen in a value that may be 0 whatever that is.
        let lost = self.seen.lost.clone();
        for point in self.ties(first, settle)? {
            match self.compare(&formula, &roots, &point, false)? {
                Some(Found { apart: Some(apart), .. }) => return Ok(Some(apart)),
                Some(Found { is_clear: true, .. }) => clear.push(point),
                _ => {}
            }
        }
        self.seen.lost = lost;
        for point in aimed {
            match self.compare(&formula, &roots, &point, false)? {
                Some(Found { apart: Some(apart), .. }) => return Ok(Some(apart)),
                Some(Found { is_clear: true, .. }) => clear.push(point),
                _ => {}
            }
        }
        // A side is seen where what the two say there was compared, and not lost in rounding or beyond all doubles.
        let mut compared = Reach::new(&self.formula, &self.roots[..2], &self.bends, self.work)?;
        for point in &clear {
            compared.see(point)?;
        }
        if let Some(kinks) = reach.cut() {
            doubts
                .push(format!("not reached: every place between {kinks} kinks, or fewer at a smaller size"));
        }
        for bend in self.claimed_alone().1.into_iter().filter(|bend| bend.is_apart_at_tie(&self.formula)) {
            let mut is_tied = false;
            for point in &clear {
                let distance = self.formula.evaluate(&[bend.distance], point)?.swap_remove(0);
                is_tied |= distance.entries.contains(&0.0);
            }
            if !is_tied {
                doubts.push(format!("not reached: {} where its arguments are equal", bend.name));
            }
        }
        let missing = compared.missing_sides();
        let asides =
            if missing.is_empty() { Vec::new() } else { Reach::asides(&self.inputs, first, settle)? };
        self.doubt_sides((&missing, &reach), first, &asides, doubts)?;
        let absent = missing.iter().map(|(bend, side)| (bend.distance, *side == Side::Above)).collect();
        self.compare_together((&mut reach, &absent), &clear, settle, doubts)
    }

    /// Points at 0 and at the numbers of the two values, where the right one has no kink: a claim may say something else there.
    fn ties(
        &self,
        first: &Point,
        settle: &mut dyn FnMut(Point) -> Result<Option<Point>, DeriveError>,
    ) -> Result<Vec<Point>, DeriveError> {
        let (own, others) = self.claimed_alone();
        if others.is_empty() {
            return Ok(Vec::new());
        }
        let own: Vec<NodeId> = own.iter().map(|bend| bend.distance).collect();
        Reach::ties(&self.inputs, first, (&self.formula, self.roots[0]), &own, settle)
    }

    /// What has to have a value where the two are compared: both, and what is defined beside them.
    fn asked(&self) -> Vec<NodeId> {
        self.roots[..2].iter().chain(&self.defined).copied().collect()
    }

    /// The kinks of the right value, and those that the claim has alone.
    fn claimed_alone(&self) -> (Vec<&Bend>, Vec<&Bend>) {
        let right: BTreeSet<NodeId> = self.formula.reachable(&self.roots[1..2]).into_iter().collect();
        self.bends.iter().partition(|bend| right.contains(&bend.value))
    }

    /// Kinks where one point is all that is looked at: each has to lie in both values, and both have to agree on each side of it.
    pub(super) fn doubt_kinks(
        &mut self,
        points: &[Point],
        doubts: &mut Vec<String>,
    ) -> Result<(), DeriveError> {
        let Some(first) = points.first().filter(|_| !self.bends.is_empty()) else { return Ok(()) };
        if !self.have_the_same_kinks() {
            doubts.push(String::from(
                "not reached: what lies between kinks at different places, which takes smaller sizes than those declared",
            ));
            return Ok(());
        }
        let mut reach = Reach::new(&self.formula, &self.roots[..2], &self.bends, self.work)?;
        for point in points {
            reach.see(point)?;
        }
        self.doubt_sides((&reach.missing_sides(), &reach), first, points, doubts)?;
        self.doubt_together(points, doubts)
    }

    /// Whether every kink lies in both values.
    fn have_the_same_kinks(&self) -> bool {
        let [claimed, right] = [0, 1].map(|at| {
            let within: BTreeSet<NodeId> = self.formula.reachable(&self.roots[at..=at]).into_iter().collect();
            let bends = self.bends.iter().filter(|bend| within.contains(&bend.value));
            bends.map(|bend| bend.distance).collect::<BTreeSet<NodeId>>()
        });
        claimed == right
    }

    /// The sides of kinks that no point reaches and on which the two differ, and functions that vary nowhere.
    fn doubt_sides(
        &mut self,
        (missing, reach): (&[(Bend, Side)], &Reach),
        first: &Point,
        asides: &[Point],
        doubts: &mut Vec<String>,
    ) -> Result<(), DeriveError> {
        let mut differing = Vec::new();
        let possible = |(bend, side): &&(Bend, Side)| bend.may_be(&self.formula, *side);
        let missing: Vec<(Bend, Side)> = missing.iter().filter(possible).cloned().collect();
        for side in Side::BOTH {
            let there = missing.iter().filter(|(_, absent)| *absent == side);
            let sides: BTreeMap<NodeId, Side> = there.map(|(bend, side)| (bend.distance, *side)).collect();
            if !sides.is_empty() && !self.agrees_on(&sides, first, asides)? {
                differing.extend(missing.iter().filter(|(_, absent)| *absent == side).cloned());
            }
        }
        let words = side_words(&differing).into_iter().chain(reach.flat_functions());
        doubts.extend(words.map(|word| format!("not reached: {word}")));
        Ok(())
    }

    /// Whether both are equal where these kinks are on these sides.
    fn agrees_on(
        &mut self,
        sides: &BTreeMap<NodeId, Side>,
        point: &Point,
        asides: &[Point],
    ) -> Result<bool, DeriveError> {
        let (formula, roots) = on_the_side(&self.formula, &self.roots[..2], &self.bends, sides, asides)?;
        let found = self.compare(&formula, &roots, point, false)?;
        Ok(matches!(found, Some(Found { apart: None, is_alive: true, .. })))
    }
}

/// A point, where all of these have values.
fn settled(formula: &Formula, asked: &[NodeId], point: Point) -> Result<Option<Point>, DeriveError> {
    let values = formula.evaluate(asked, &point)?;
    Ok(values.iter().all(is_finite).then_some(point))
}
