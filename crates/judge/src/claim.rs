//! Whether a claimed value equals the right one: by normal form, on numbers, or not, and then where it differs and by which
//! known slip.

mod change;
mod compare;
mod edit;
mod factors;
mod operators;
mod outcome;
mod scale;
mod search;
mod slips;
mod slopes;
mod terms;

use crate::DeriveError;
use crate::sample::variables;
use calculus::Layout;
use compare::Comparison;
use formula::{Formula, Line, Matrix, Name, NodeId, Point, Shape, Sizes, Variable};
use outcome::{Apart, Outcome};
use search::Search;
pub use slips::{Part, Slip};
use std::collections::BTreeSet;

/// A value that is claimed to equal another.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The arena of every node below.
    pub formula: &'a Formula,
    /// The value as it is claimed.
    pub claimed: NodeId,
    /// The right value.
    pub right: NodeId,
    /// Other forms of the right value. A slip is found where the part it is about stands by itself in one of them.
    pub forms: &'a [NodeId],
    /// Values of which the claim may have left out one, such as the parts of the formula that was differentiated.
    pub pool: &'a [NodeId],
    /// Whether the claim only has to hold where it has a value; else it has to have one wherever the right value has.
    pub is_partial: bool,
    /// The layout in which the transpose of the right value is right, where that is no mistake and their shapes tell them apart.
    pub other_layout: Option<Layout>,
    /// What symbols in these values stand for, each in terms of the variables and of symbols before it.
    pub definitions: &'a [Line],
}

/// How a claim compares with the right value.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Yes: the normal forms are the same, and so are the numbers.
    Equal {
        /// The points at which numbers were compared.
        points: usize,
    },
    /// Yes, as far as numbers tell: they are equal at every point within rounding, and every term and every side of a kink was
    /// reached, though the normal forms differ.
    EqualOnNumbers {
        /// The points.
        points: usize,
        /// The largest difference, by the largest entry.
        max_relative_error: f64,
    },
    /// Yes, in the other layout: it is the transpose of the right value.
    EqualTransposed {
        /// The layout.
        layout: Layout,
        /// The shape claimed.
        claimed: Shape,
        /// The points at which numbers were compared.
        points: usize,
    },
    /// No.
    Different(Box<Difference>),
    /// Numbers do not tell; why, as sentences.
    Undecided(Vec<String>),
}

impl Verdict {
    /// Whether the claim holds.
    pub fn is_yes(&self) -> bool {
        match self {
            Verdict::Equal { .. } | Verdict::EqualOnNumbers { .. } | Verdict::EqualTransposed { .. } => true,
            Verdict::Different(_) | Verdict::Undecided(_) => false,
        }
    }
}

/// What a wrong claim differs by.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The shape claimed.
    pub claimed: Shape,
    /// The right shape.
    pub right: Shape,
    /// The first entry that differs at a small example, where the shapes are the same.
    pub entry: Option<Entry>,
    /// The known slip that it is.
    pub slip: Option<Slip>,
}

/// One entry at a small example.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The sizes of the example.
    pub sizes: Sizes,
    /// The example: every variable and symbol at its value.
    pub point: Point,
    /// The row, counted from 1.
    pub row: usize,
    /// The column, counted from 1.
    pub col: usize,
    /// What is claimed there.
    pub claimed: f64,
    /// What is right there.
    pub right: f64,
    /// Claimed less right, to more digits than the two show.
    pub difference: f64,
    /// What the difference quotient says, where there is one.
    pub quotient: Option<f64>,
}

/// A claim that was judged.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The outcome.
    pub verdict: Verdict,
    /// The arena of the parts that a slip names.
    pub formula: Formula,
}

/// Compares a claim with the right value, every entry of it. `draw` gives numbers from a standard normal distribution; `quotients`
/// gives the difference quotients of the right value at a point, a third witness.
///
/// # Errors
/// When a part has no value at any point, such as a function of which no slope is known.
pub fn judge_claim(
    claim: &Claim,
    draw: &mut dyn FnMut() -> f64,
    quotients: &mut dyn FnMut(&Point) -> Result<Option<Matrix>, DeriveError>,
) -> Result<Judged, DeriveError> {
    let shape = |id: NodeId| claim.formula.shape(id).clone();
    let (claimed, right) = (shape(claim.claimed), shape(claim.right));
    if claimed != right {
        let mut points = Vec::new();
        if let Some(layout) = claim.other_layout
            && (&claimed.rows, &claimed.cols) == (&right.cols, &right.rows)
        {
            let mut formula = claim.formula.clone();
            let transposed = formula.transpose(claim.claimed);
            let beside = Claim { formula: &formula, claimed: transposed, ..*claim };
            let (outcome, found) = Comparison::new(&beside)?.judge(draw)?;
            match outcome {
                Outcome::Equal { points, .. } => {
                    let verdict = Verdict::EqualTransposed { layout, claimed: shape(claim.claimed), points };
                    return Ok(Judged { verdict, formula });
                }
                Outcome::Undecided(why) => return Ok(Judged { verdict: Verdict::Undecided(why), formula }),
                Outcome::Different(_) => points = found,
            }
        }
        if points.is_empty() {
            points = Comparison::of_right(claim)?.points(draw)?;
        }
        return different(claim, points, None, quotients);
    }
    let (outcome, points) = Comparison::new(claim)?.judge(draw)?;
    let verdict = match outcome {
        Outcome::Different(apart) => return different(claim, points, Some(*apart), quotients),
        Outcome::Equal { is_same: true, points, .. } => Verdict::Equal { points },
        Outcome::Equal { points, max_relative_error, .. } => {
            Verdict::EqualOnNumbers { points, max_relative_error }
        }
        Outcome::Undecided(why) => Verdict::Undecided(why),
    };
    Ok(Judged { verdict, formula: claim.formula.clone() })
}

/// Where a wrong claim differs, and by which slip.
fn different(
    claim: &Claim,
    points: Vec<Point>,
    apart: Option<Apart>,
    quotients: &mut dyn FnMut(&Point) -> Result<Option<Matrix>, DeriveError>,
) -> Result<Judged, DeriveError> {
    let shape = |id: NodeId| claim.formula.shape(id).clone();
    let mut search = Search::new(claim, points)?;
    let mut entry = None;
    if let Some(Apart { point, entry: at, cols, claimed, right, difference }) = apart {
        let complete = search.complete(&point)?;
        let quotient = quotients(&complete)?.and_then(|matrix| matrix.entries.get(at).copied());
        entry = Some(Entry {
            sizes: point.sizes.clone(),
            point: complete,
            row: at / cols + 1,
            col: at % cols + 1,
            claimed,
            right,
            difference,
            quotient,
        });
    }
    let slip = slips::find(&mut search);
    let difference = Difference { claimed: shape(claim.claimed), right: shape(claim.right), entry, slip };
    Ok(Judged { verdict: Verdict::Different(Box::new(difference)), formula: search.formula })
}

/// The variables of a claim and of everything beside it, without what is defined.
fn inputs(claim: &Claim) -> Vec<Variable> {
    let mut roots = vec![claim.claimed, claim.right];
    roots.extend_from_slice(claim.forms);
    roots.extend_from_slice(claim.pool);
    roots.extend(claim.definitions.iter().map(|line| line.value));
    let names: BTreeSet<&Name> = claim.definitions.iter().map(|line| &line.name).collect();
    let known = variables(claim.formula, &roots).into_iter();
    known.filter(|variable| !names.contains(&variable.name)).collect()
}
