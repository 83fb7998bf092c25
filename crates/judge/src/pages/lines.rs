//! Lines of a page held to its body: at points, where these do not reach, and on sides of kinks that none reaches.

use crate::DeriveError;
use crate::along::doubles;
use crate::kinks::{Bend, Side, expose, on_the_side};
use crate::reach::Reach;
use formula::{Formula, Matrix, Name, NodeId, Point, Precise, Real};
use std::collections::{BTreeMap, BTreeSet};

/// From so many points, lines run to where points do not reach.
const STARTS: usize = 3;
/// How many times as large as its rounding a number is that tells.
const TELLING: f64 = 1e7;

/// A line of a page, and what the body says of it.
pub(super) struct Judged {
    pub what: &'static str,
    pub given: NodeId,
    pub wanted: NodeId,
}

/// Judges lines of a page at points, and then where these do not reach.
pub(super) fn lines_hold(
    formula: &mut Formula,
    page: &Name,
    body: NodeId,
    lines: &[Judged],
    points: impl Iterator<Item = Point<Precise>>,
) -> Result<(), DeriveError> {
    if lines.is_empty() {
        return Ok(());
    }
    let roots: Vec<NodeId> = lines.iter().flat_map(|line| [line.given, line.wanted]).collect();
    calculus::write_out_slopes(formula, &roots)?;
    // What a slope is alive by is seen in the body.
    let (exposed, bends) = expose(formula, &[&roots[..], &[body]].concat())?;
    let mut reach = Reach::new(formula, &exposed, &bends, 0.0)?;
    let mut holding = Holding { page, lines, clear: Vec::new(), is_told: vec![false; lines.len()] };
    let mut starts = Vec::new();
    for point in points {
        holding.at(formula, &roots, &point, None)?;
        let point = doubles(&point);
        reach.see(&point)?;
        if starts.len() < STARTS {
            starts.push(point);
        }
    }
    let inputs = crate::sample::variables(formula, &roots);
    let settled = formula.clone();
    let settle = &mut |point: Point| {
        let values = settled.evaluate(&roots, &point)?;
        let is_finite = values.iter().all(|value| value.entries.iter().all(|entry| entry.is_finite()));
        Ok(is_finite.then_some(point))
    };
    for start in &starts {
        let mut aimed = reach.explore(&inputs, start, settle)?;
        aimed.extend(reach.aim(&inputs, start, settle)?);
        for pair in exposed.chunks_exact(2) {
            let own: BTreeSet<NodeId> = formula.reachable(&pair[1..]).into_iter().collect();
            let own = bends.iter().filter(|bend| own.contains(&bend.value)).map(|bend| bend.distance);
            let own: Vec<NodeId> = own.collect();
            aimed.extend(Reach::ties(&inputs, start, (formula, pair[0]), &own, settle)?);
        }
        for point in aimed {
            reach.see(&point)?;
            holding.at(formula, &roots, &point.to::<Precise>(), None)?;
        }
    }
    let mut compared = Reach::new(formula, &exposed, &bends, 0.0)?;
    for point in &holding.clear {
        compared.see(point)?;
    }
    // A side that nothing reaches may be none: the one that a guard such as max(x, 0) is against.
    let absent: Vec<(NodeId, Side)> =
        reach.missing_sides().into_iter().map(|(bend, side)| (bend.value, side)).collect();
    for (bend, side) in compared.missing_sides() {
        if absent.contains(&(bend.value, side)) {
            continue;
        }
        let sides = BTreeMap::from([(bend.distance, side)]);
        let (formula, roots) = on_the_side(formula, &exposed[..roots.len()], &bends, &sides, &starts)?;
        for start in &starts {
            holding.at(&formula, &roots, &start.to::<Precise>(), Some((&bend, side)))?;
        }
    }
    holding.is_told()
}

/// What is known of lines so far.
struct Holding<'a> {
    page: &'a Name,
    lines: &'a [Judged],
    /// Points at which nothing was lost in rounding.
    clear: Vec<Point>,
    /// For each line, whether some point tells what it should be.
    is_told: Vec<bool>,
}

impl Holding<'_> {
    /// Judges the lines at a point, as they are there or as they are on one side of a kink.
    fn at(
        &mut self,
        formula: &Formula,
        roots: &[NodeId],
        point: &Point<Precise>,
        there: Option<(&Bend, Side)>,
    ) -> Result<(), DeriveError> {
        let values = formula.evaluate(roots, point)?;
        let mut is_clear = true;
        for ((line, is_told), pair) in self.lines.iter().zip(&mut self.is_told).zip(values.chunks(2)) {
            let mut entries = pair[0].entries.iter().zip(&pair[1].entries);
            if there.is_none() {
                let tells = |(given, wanted): (&Precise, &Precise)| {
                    wanted.is_known(TELLING) && TELLING * given.error() <= wanted.value().abs()
                };
                *is_told |= entries.clone().any(tells);
                is_clear &= entries.clone().all(tells);
            }
            let Some((given, wanted)) = entries.find(|(given, wanted)| differ(**given, **wanted)) else {
                continue;
            };
            let what = line.what;
            let (given, wanted) = (given.value(), wanted.value());
            let what_is = match there {
                None => format!("at {} it is {given:?}, and the body gives {wanted:?}", shown(point)),
                Some((bend, side)) => format!(
                    "where {} is {} 0, where rounding tells nothing, it is another formula",
                    bend.name,
                    side.word()
                ),
            };
            return Err(DeriveError::Page {
                page: self.page.clone(),
                what: format!("its {what} is not that of its body: {what_is}"),
                mend: format!("mend the line, or leave the {what} out"),
            });
        }
        if is_clear && there.is_none() {
            self.clear.push(doubles(point));
        }
        Ok(())
    }

    /// An error where rounding leaves nothing of what a line should be at any point.
    fn is_told(&self) -> Result<(), DeriveError> {
        let Some((line, _)) = self.lines.iter().zip(&self.is_told).find(|(_, is_told)| !**is_told) else {
            return Ok(());
        };
        let what = line.what;
        Err(DeriveError::Page {
            page: self.page.clone(),
            what: format!(
                "its {what} cannot be judged: what the body gives is lost in rounding at every point that was tried"
            ),
            mend: format!("bring its numbers nearer to 1, or leave the {what} out"),
        })
    }
}

/// The variables of a point as words.
fn shown(point: &Point<Precise>) -> String {
    let rows = |value: &Matrix<Precise>| {
        let row = |row: &[Precise]| {
            row.iter().map(|entry| entry.value().to_string()).collect::<Vec<_>>().join(", ")
        };
        let rows: Vec<String> = value.entries.chunks(value.cols.max(1)).map(row).collect();
        if value.entries.len() == 1 { rows.join("; ") } else { format!("[{}]", rows.join("; ")) }
    };
    let named = |(name, value): (&Name, &Matrix<Precise>)| format!("{name} = {}", rows(value));
    point.variables.iter().map(named).collect::<Vec<_>>().join(", ")
}

/// Whether what is written is certainly not what is wanted, where that has a value.
fn differ(given: Precise, wanted: Precise) -> bool {
    if !wanted.value().is_finite() || wanted.error().is_infinite() {
        return false;
    }
    let gap = given - wanted;
    // A stable form or a slope must have a value where the body says that there is one.
    !given.value().is_finite() || gap.is_apart_from_zero()
}
