//! Two values that ought to be equal, entry by entry at random points, with bounds of their rounding: equal, different, or not
//! decided and why.

mod beyond;
mod summands;
mod together;

use self::summands::summands;
use super::inputs;
use super::outcome::{Apart, Outcome};
use crate::kinks::{Bend, expose};
use crate::properties::exactly;
use crate::sample::{Sampler, replace_abstract_functions};
use crate::work::{CHEAP, DEAR, refuse_large};
use crate::{Claim, DeriveError};
use formula::{Bounded, Digits, Formula, Matrix, Node, NodeId, Point, Real, Twofold, Values, Variable};
use std::collections::{BTreeSet, HashMap};

/// Values with more nodes are compared on numbers alone.
const NORMAL_FORM_NODES: usize = 3_000;
/// How many times as large as its rounding a number has to be that tells two answers apart, a part in a million of one term too.
const TELLING: f64 = 1e7;
/// How many points are judged at least, each with sizes of its own.
const POINTS: usize = 3;
/// So many lost terms are told.
const TOLD: usize = 40;
/// How many points are drawn before it is said that there are none.
const DRAWS: usize = 120;
/// How many where one costs little: entries of a matrix that all have to be in (0, 1) seldom are.
const MOST_DRAWS: usize = 2000;

/// A claim and the right value in the inputs alone, with every kink by itself.
pub(super) struct Comparison {
    formula: Formula,
    /// The claim, the right value, and their difference in normal form.
    roots: Vec<NodeId>,
    /// What is defined beside them, the formula above all: where it has no value, nothing is claimed.
    defined: Vec<NodeId>,
    is_same: bool,
    is_partial: bool,
    inputs: Vec<Variable>,
    bends: Vec<Bend>,
    work: f64,
    /// How many points are judged.
    wanted: usize,
    /// What has been seen of them at the points so far.
    seen: Seen,
}

#[derive(Default)]
struct Seen {
    /// An entry of the right value that is no rounding.
    is_known: bool,
    /// A point where they are not both exactly 0.
    is_not_zero: bool,
    /// The parts of sums that were not seen anywhere so far, each with its sum: rounding did not leave them.
    lost: Vec<(NodeId, NodeId)>,
    /// Those of them that take a part of a matrix: an exact 0 of theirs is that of these sizes, and tells nothing of others.
    taken: BTreeSet<NodeId>,
    /// Those of them that do not stand in the values by themselves.
    apart: BTreeSet<NodeId>,
    max_relative_error: f64,
    /// Whether a number in them may be a rounded one, which hides what is smaller than its rounding.
    is_rounded: bool,
    /// Whether a random point was taken at which rounding hides the side of a kink.
    is_hidden: bool,
}

impl Seen {
    /// Whether what was compared is more than rounding: 0 is, where it is exactly 0 everywhere.
    fn is_alive(&self) -> bool {
        self.is_known || !self.is_not_zero
    }
}

impl Comparison {
    pub fn new(claim: &Claim) -> Result<Comparison, DeriveError> {
        let mut formula = Formula::new();
        let mut wanted = vec![claim.claimed, claim.right];
        wanted.extend(claim.definitions.iter().map(|line| line.value));
        let roots = formula.graft(claim.formula, &wanted);
        let is_small = formula.len() <= NORMAL_FORM_NODES;
        // What a rounded number is off by must hide nothing beside it.
        let mut meaning: HashMap<NodeId, NodeId> = HashMap::new();
        for id in formula.reachable(&roots) {
            if let Some(number) = formula.as_number(id)
                && number.before_rounding() != number
            {
                meaning.insert(id, formula.number(number.before_rounding()));
            }
        }
        let mut defined = Vec::with_capacity(claim.definitions.len());
        for (line, value) in claim.definitions.iter().zip(&roots[2..]) {
            let symbol = Variable::new(line.name.clone(), formula.shape(*value).clone());
            let symbol = formula.variable(symbol);
            let value = formula.substitute(*value, &mut meaning)?;
            meaning.insert(symbol, value);
            defined.push(value);
        }
        let claimed = formula.substitute(roots[0], &mut meaning)?;
        let right = formula.substitute(roots[1], &mut meaning)?;
        let mut roots = vec![claimed, right];
        let mut is_same = claimed == right;
        if is_small && !is_same {
            let minus = formula.negate(right)?;
            let difference = formula.add(&[claimed, minus])?;
            let difference = calculus::simplify(&mut formula, difference);
            is_same = formula.is_zero(difference) || {
                let claimed = calculus::simplify(&mut formula, claimed);
                claimed == calculus::simplify(&mut formula, right)
            };
            // Of two rounded numbers that are nearly equal, the difference is rounding.
            if !has_rounded(&formula, &roots) {
                roots.push(difference);
            }
        }
        let is_rounded = has_rounded(&formula, &roots);
        replace_abstract_functions(&mut formula)?;
        calculus::write_out_slopes(&mut formula, &[&roots[..], &defined].concat())?;
        let inputs = inputs(claim);
        let sampler = Sampler::new(&formula, &roots, inputs.clone(), 0);
        let work = refuse_large(&formula, &roots, &sampler.first_sizes())?;
        let (roots, bends) = expose(&mut formula, &roots)?;
        let wanted = if work > DEAR { 1 } else { POINTS.max(sampler.choices()) };
        let mut seen = Seen { is_rounded, ..Seen::default() };
        let within = formula.reachable(&roots[..2]);
        for id in within.iter().copied() {
            seen.lost.extend(summands(&mut formula, id).into_iter().map(|part| (id, part)));
        }
        let within: BTreeSet<NodeId> = within.into_iter().collect();
        seen.apart = seen.lost.iter().map(|(_, part)| *part).filter(|part| !within.contains(part)).collect();
        let takes_part = |id: &NodeId| matches!(formula.node(*id), Node::Part(_));
        let parts: Vec<NodeId> = formula.reachable(&roots).into_iter().filter(takes_part).collect();
        let takes_part = formula.depends_on(&parts);
        let lost = seen.lost.iter().map(|(_, part)| *part);
        seen.taken = lost.filter(|part| takes_part[part.index()]).collect();
        let is_partial = claim.is_partial;
        Ok(Comparison { formula, roots, defined, is_same, is_partial, inputs, bends, work, wanted, seen })
    }

    /// The right value of a claim beside itself, for points where it has a value.
    pub fn of_right(claim: &Claim) -> Result<Comparison, DeriveError> {
        Comparison::new(&Claim { claimed: claim.right, ..*claim })
    }

    /// Points where both have values.
    pub fn points(&mut self, draw: &mut dyn FnMut() -> f64) -> Result<Vec<Point>, DeriveError> {
        Ok(self.judge(draw)?.1)
    }

    /// Judges them at random points, and then where those do not reach.
    pub fn judge(&mut self, draw: &mut dyn FnMut() -> f64) -> Result<(Outcome, Vec<Point>), DeriveError> {
        let mut points: Vec<Point> = Vec::new();
        let wanted = self.wanted;
        let mut clear = Vec::new();
        let mut samplers: Vec<Sampler> = (0..wanted)
            .map(|variant| Sampler::new(&self.formula, &self.roots, self.inputs.clone(), variant))
            .collect();
        let roots = self.roots.clone();
        let formula = self.formula.clone();
        let mut apart = None;
        let affordable = (CHEAP * DRAWS as f64 / self.work.max(1.0)) as usize;
        let most = affordable.clamp(DRAWS, MOST_DRAWS);
        for drawn in 0..most {
            if drawn >= DRAWS && !points.is_empty() {
                break;
            }
            let Some(sampler) = samplers.get_mut(points.len()) else { break };
            let point = sampler.draw(draw)?;
            if !formula.evaluate(&self.defined, &point)?.iter().all(is_finite) {
                continue;
            }
            let Some(found) = self.compare(&formula, &roots, &point, true)? else { continue };
            // Where the right value is rounding alone, or the side of a kink, little can be told; as long as there is hope, another
            // point is asked.
            if (!found.is_alive || found.is_hidden) && drawn < DRAWS / 2 {
                continue;
            }
            self.seen.is_hidden |= found.is_hidden;
            sampler.keep();
            clear.extend(found.is_clear.then(|| point.clone()));
            points.push(point);
            apart = apart.or(found.apart);
        }
        if let Some(apart) = apart {
            points.extend(self.around(&apart.point)?);
            return Ok((Outcome::Different(apart), points));
        }
        let Some(first) = points.first().cloned() else {
            let reason = String::from("no point was found where both have finite values");
            return Ok((Outcome::Undecided(vec![reason]), points));
        };
        let equal = |seen: &Seen, is_same: bool| Outcome::Equal {
            is_same,
            points: wanted,
            max_relative_error: seen.max_relative_error,
        };
        if self.is_same {
            return Ok((equal(&self.seen, true), points));
        }
        let mut doubts = Vec::new();
        if self.work > DEAR {
            self.doubt_kinks(&points, &mut doubts)?;
        } else if let Some(apart) = self.compare_beyond(&first, (&points, clear), &mut doubts)? {
            points.insert(0, apart.point.clone());
            points.extend(self.around(&apart.point)?);
            return Ok((Outcome::Different(apart), points));
        }
        if !self.seen.is_alive() {
            doubts
                .push(String::from("the right answer stays 0 within rounding at every scale that was tried"));
        }
        if self.seen.is_hidden {
            doubts.push(String::from("rounding hides on which side of a kink random points are"));
        }
        if !self.seen.lost.is_empty() {
            let lost = self.seen.lost.iter().take(TOLD);
            let parts: Vec<String> = lost.map(|(_, part)| self.named(*part)).collect();
            let parts: BTreeSet<String> = parts.into_iter().collect();
            let parts: Vec<String> = parts.into_iter().collect();
            doubts.push(format!("rounding leaves nothing of a term of a sum: {}", parts.join(", ")));
        }
        let outcome = if doubts.is_empty() { equal(&self.seen, false) } else { Outcome::Undecided(doubts) };
        Ok((outcome, points))
    }

    fn compare(
        &mut self,
        formula: &Formula,
        roots: &[NodeId],
        point: &Point,
        is_random: bool,
    ) -> Result<Option<Found>, DeriveError> {
        if self.work <= CHEAP {
            self.compare_in::<Twofold>(formula, roots, point, is_random)
        } else {
            self.compare_in::<f64>(formula, roots, point, is_random)
        }
    }

    /// Compares them at a point; `None` where there is nothing to compare.
    fn compare_in<D: Digits>(
        &mut self,
        formula: &Formula,
        roots: &[NodeId],
        point: &Point,
        is_random: bool,
    ) -> Result<Option<Found>, DeriveError> {
        let mut values: Values<Bounded<D>> = Values::default();
        let place = exactly::<Bounded<D>>(point, &self.inputs);
        // The values of terms are asked for where they do not stand in the values by themselves.
        let terms = self.seen.lost.iter().map(|(_, part)| *part);
        let is_apart = |part: &NodeId| {
            self.seen.apart.contains(part) || matches!(formula.node(*part), Node::Variable(_))
        };
        let terms = terms.filter(is_apart);
        let distances = self.bends.iter().map(|bend| bend.distance).filter(|_| is_random);
        let distances: Vec<NodeId> = distances.collect();
        let wanted: Vec<NodeId> =
            roots.iter().copied().chain(terms).chain(distances.iter().copied()).collect();
        formula.evaluate_more(&wanted, &place, &mut values)?;
        let (claimed, right) = (&values[roots[0]], &values[roots[1]]);
        // A claim has to have a value wherever the right value has; that is asked at random points alone, since far out a value
        // may overflow by the way it is computed.
        if !is_finite(right) || (!is_finite(claimed) && (self.is_partial || !is_random)) {
            return Ok(None);
        }
        if right.entries.iter().all(|entry| entry.error().is_infinite()) {
            return Ok(None);
        }
        // Where a size is below 0 nothing has it.
        if roots.iter().any(|root| values[*root].entries.len() != right.entries.len()) {
            return Ok(None);
        }
        let is_zero = |matrix: &Matrix<Bounded<D>>| {
            matrix.entries.iter().all(|entry| entry.value() == 0.0 && entry.error() == 0.0)
        };
        let tells = |(right, claimed): (&Bounded<D>, &Bounded<D>)| {
            right.is_known(TELLING) && TELLING * claimed.error() <= right.value().abs()
        };
        let pairs = || right.entries.iter().zip(&claimed.entries);
        let is_known = pairs().any(|pair| pair.0.value() != 0.0 && tells(pair));
        let is_clear = pairs().all(tells);
        let is_alive = is_known || is_zero(right);
        let is_between = |entry: &Bounded<D>| entry.error() > 0.0 && !entry.is_apart_from_zero();
        let is_hidden = distances.iter().any(|distance| values[*distance].entries.iter().any(is_between));
        let apart = |at: usize, difference: f64| Found {
            is_alive,
            is_clear,
            is_hidden,
            apart: Some(Box::new(Apart {
                point: point.clone(),
                entry: at,
                cols: right.cols.max(1),
                claimed: claimed.entries[at].value(),
                right: right.entries[at].value(),
                difference,
            })),
        };
        let exactly = roots.get(2).map(|difference| &values[*difference]).filter(|value| is_finite(value));
        let size = right.entries.iter().fold(0.0_f64, |size, entry| size.max(entry.value().abs()));
        for (at, (a, b)) in claimed.entries.iter().zip(&right.entries).enumerate() {
            let difference = *a - *b;
            if !a.value().is_finite() {
                return Ok(Some(apart(at, f64::NAN)));
            }
            if difference.is_apart_from_zero() {
                return Ok(Some(apart(at, difference.value())));
            }
            // The difference in normal form has no terms that cancel.
            if let Some(entry) =
                exactly.map(|value| value.entries[at]).filter(|entry| entry.is_apart_from_zero())
                && !self.is_same
            {
                return Ok(Some(apart(at, entry.value())));
            }
            if size > difference.error() {
                let error = difference.value().abs() / size;
                self.seen.max_relative_error = self.seen.max_relative_error.max(error);
            }
        }
        self.seen.is_known |= is_known;
        self.seen.is_not_zero |= !(is_zero(right) && is_zero(claimed));
        // What is known of the best entry.
        let blur = |(right, claimed): (&Bounded<D>, &Bounded<D>)| {
            right.error().max(claimed.error()) / right.value().abs()
        };
        let blurs = pairs().map(blur).filter(|blur| blur.is_finite() && self.seen.is_rounded);
        let blur = blurs.reduce(f64::min).unwrap_or(0.0);
        let Seen { lost, taken, .. } = &mut self.seen;
        lost.retain(|(sum, part)| {
            let is_taken = taken.contains(part);
            let (Some(sum), Some(part)) = (values.get(*sum), values.get(*part)) else { return true };
            let mut entries = sum.entries.iter().zip(&part.entries);
            let bound = |sum: &Bounded<D>| TELLING * sum.error().max(blur * sum.value().abs());
            !entries.any(|(sum, part)| part.value().abs() > bound(sum)) && (is_taken || !is_zero(part))
        });
        Ok(Some(Found { is_alive, is_clear, is_hidden, apart: None }))
    }

    /// What a reader knows a term by.
    fn named(&self, part: NodeId) -> String {
        let names: Vec<String> = self
            .formula
            .reachable(&[part])
            .into_iter()
            .filter_map(|id| match self.formula.node(id) {
                Node::Variable(variable) => Some(variable.name.to_string()),
                Node::Apply(apply) => Some(self.formula.function(apply.function).name.to_string()),
                _ => None,
            })
            .collect();
        let names: BTreeSet<String> = names.into_iter().collect();
        let names: Vec<String> = names.into_iter().collect();
        format!(
            "the one of {}",
            if names.is_empty() { String::from("numbers alone") } else { names.join(", ") }
        )
    }
}

/// What one point says.
struct Found {
    /// Whether the right value is more than rounding there.
    is_alive: bool,
    /// Whether no entry is lost in rounding, so that whatever the two say there was compared.
    is_clear: bool,
    /// Whether rounding hides on which side of a kink it is.
    is_hidden: bool,
    apart: Option<Box<Apart>>,
}

/// Whether a number in these values may be a rounded one.
fn has_rounded(formula: &Formula, roots: &[NodeId]) -> bool {
    let is_rounded = |id: NodeId| formula.as_number(id).is_some_and(|number| number.rounding() > 0.0);
    formula.reachable(roots).into_iter().any(is_rounded)
}

fn is_finite<T: Real>(matrix: &Matrix<T>) -> bool {
    matrix.entries.iter().all(|entry| entry.value().is_finite())
}
