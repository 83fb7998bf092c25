//! Whether a claimed value equals the right one: by normal form, on numbers, or not, and then where it differs and by which
//! known slip.

mod change;
mod edit;
mod factors;
mod operators;
mod scale;
mod search;
mod slips;
mod slopes;
mod terms;

use crate::CompileError;
use formula::{Formula, Line, Matrix, NodeId, Number, Point, Shape, Sizes, Variable};
use search::{Pair, Search};
pub use slips::{Part, Slip};
use std::collections::HashMap;

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
    /// Yes, as far as numbers tell: they are equal at every point, though the normal forms differ.
    EqualOnNumbers {
        /// The points.
        points: usize,
        /// The largest difference, by the largest entry.
        max_relative_error: f64,
    },
    /// No.
    Different(Box<Difference>),
    /// No point was found where both have finite values.
    Undecided,
}

impl Verdict {
    /// Whether the claim holds.
    pub fn is_yes(&self) -> bool {
        match self {
            Verdict::Equal { .. } | Verdict::EqualOnNumbers { .. } => true,
            Verdict::Different(_) | Verdict::Undecided => false,
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

/// Values with more nodes are compared on numbers alone.
const NORMAL_FORM_NODES: usize = 3_000;

/// Compares a claim with the right value. `draw` gives numbers from a standard normal distribution; `quotients` gives the
/// difference quotients of the right value at a point, a third witness.
///
/// # Errors
/// When a part has no value at any point, such as a function of which no slope is known.
pub fn judge_claim(
    claim: &Claim,
    draw: &mut dyn FnMut() -> f64,
    quotients: &mut dyn FnMut(&Point) -> Result<Option<Matrix>, CompileError>,
) -> Result<Judged, CompileError> {
    let shape = |id: NodeId| claim.formula.shape(id).clone();
    let (claimed, right) = (shape(claim.claimed), shape(claim.right));
    let mut search = Search::new(claim, draw)?;
    let points = search.points();
    let judged = |verdict: Verdict, search: Search| Judged { verdict, formula: search.formula };
    if points == 0 {
        return Ok(judged(Verdict::Undecided, search));
    }
    let (a, b) = (search.claimed, search.right);
    if claimed == right && search.is_equal(a, b) {
        let max_relative_error = search.error(a, b);
        let verdict = if has_same_normal_form(claim)? {
            Verdict::Equal { points }
        } else {
            Verdict::EqualOnNumbers { points, max_relative_error }
        };
        return Ok(judged(verdict, search));
    }
    let entry = if claimed == right { first_entry(&search, quotients)? } else { None };
    let slip = slips::find(&mut search);
    Ok(judged(Verdict::Different(Box::new(Difference { claimed, right, entry, slip })), search))
}

/// Whether the difference of the two is 0 in normal form, or both are the same.
fn has_same_normal_form(claim: &Claim) -> Result<bool, CompileError> {
    let mut formula = Formula::new();
    let mut wanted = vec![claim.claimed, claim.right];
    wanted.extend(claim.definitions.iter().map(|line| line.value));
    let roots = formula.graft(claim.formula, &wanted);
    if formula.len() > NORMAL_FORM_NODES {
        return Ok(false);
    }
    let mut meaning: HashMap<NodeId, NodeId> = HashMap::new();
    for (line, value) in claim.definitions.iter().zip(&roots[2..]) {
        let symbol = Variable::new(line.name.clone(), formula.shape(*value).clone());
        let symbol = formula.variable(symbol);
        let value = formula.substitute(*value, &mut meaning)?;
        meaning.insert(symbol, value);
    }
    let claimed = formula.substitute(roots[0], &mut meaning)?;
    let right = formula.substitute(roots[1], &mut meaning)?;
    let minus = formula.negate(right)?;
    let difference = formula.add(&[claimed, minus])?;
    let difference = calculus::simplify(&mut formula, difference).value;
    if is_zero(&formula, difference) {
        return Ok(true);
    }
    let claimed = calculus::simplify(&mut formula, claimed).value;
    Ok(claimed == calculus::simplify(&mut formula, right).value)
}

fn is_zero(formula: &Formula, id: NodeId) -> bool {
    match formula.node(id) {
        formula::Node::Constant(constant, _) => *constant == formula::Constant::Zeros,
        _ => formula.as_number(id).is_some_and(Number::is_zero),
    }
}

/// The first entry that differs, row by row, at the first point where one does.
fn first_entry(
    search: &Search,
    quotients: &mut dyn FnMut(&Point) -> Result<Option<Matrix>, CompileError>,
) -> Result<Option<Entry>, CompileError> {
    for at in 0..search.points() {
        let (Some(Pair { claimed, right }), Some(point)) = (search.pair(at), search.point(at)) else {
            continue;
        };
        let entries = || claimed.entries.iter().zip(&right.entries);
        // Where a claim has no value there is no size of it.
        let size = entries().fold(0.0_f64, |size, (a, b)| {
            let size = size.max(b.abs());
            if a.is_finite() { size.max(a.abs()) } else { size }
        });
        let first = entries().position(|(a, b)| {
            let difference = (a - b).abs();
            difference.is_nan() || difference > 1e-7 * size
        });
        let Some(first) = first else { continue };
        let witness = quotients(point)?;
        let quotient = witness.and_then(|matrix| matrix.entries.get(first).copied());
        return Ok(Some(Entry {
            sizes: search.sizes(at),
            point: point.clone(),
            row: first / right.cols + 1,
            col: first % right.cols + 1,
            claimed: claimed.entries[first],
            right: right.entries[first],
            quotient,
        }));
    }
    Ok(None)
}
