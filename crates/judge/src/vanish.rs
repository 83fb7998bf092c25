//! Whether a gradient vanishes at a value, within the rounding of that very computation.

use crate::DeriveError;
use crate::sample::{Sampler, replace_abstract_functions, variables};
use crate::work::{CHEAP, refuse_large};
use formula::{Bounded, Digits, Formula, Matrix, NodeId, Point, Real, Twofold, Variable};
use std::collections::HashMap;

/// Points that are drawn for one that will do.
const DRAWS: usize = 120;
/// Points that are looked at.
const MOST_POINTS: usize = 6;
/// Rounding that hides more than this part of the gradient at other values hides the answer too.
const HIDDEN: f64 = 1e-9;

/// Whether a gradient is 0 at a value of its unknown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vanishes {
    /// The random points at which it was looked at; 0 where none of them told.
    pub points: usize,
    /// The largest entry that the gradient has there, as a part of the largest that it has at a random value of the unknown.
    pub largest: f64,
    /// Whether every entry is 0 within its rounding.
    pub is_zero: bool,
}

impl Vanishes {
    /// Whether it is 0 at every point, and there was one.
    pub fn passed(&self) -> bool {
        self.points > 0 && self.is_zero
    }
}

/// Evaluates a gradient where unknowns have these values, and where they have random ones, which tells how large its terms are.
///
/// # Errors
/// When a part has no value at any point, or too many entries.
pub fn vanishes(
    formula: &Formula,
    gradient: NodeId,
    mut values: HashMap<NodeId, NodeId>,
    draw: &mut dyn FnMut() -> f64,
) -> Result<Vanishes, DeriveError> {
    let mut formula = formula.clone();
    let there = formula.substitute(gradient, &mut values)?;
    let roots = [gradient, there];
    replace_abstract_functions(&mut formula)?;
    calculus::write_out_slopes(&mut formula, &roots)?;
    let inputs = variables(&formula, &roots);
    looked(&formula, &roots, &inputs, draw, |point, is_cheap| {
        if is_cheap { look::<Twofold>(&formula, roots, point) } else { look::<f64>(&formula, roots, point) }
    })
}

/// What is seen at the points that will do, in more orders of sizes where none of the usual sizes does: a determinant may want more
/// rows than columns. `look` is told whether 31 digits are affordable.
///
/// # Errors
/// When a part has no value at any point, or too many entries.
pub(crate) fn looked(
    formula: &Formula,
    roots: &[NodeId],
    inputs: &[Variable],
    draw: &mut dyn FnMut() -> f64,
    look: impl Fn(&Point, bool) -> Result<Option<(f64, bool)>, DeriveError>,
) -> Result<Vanishes, DeriveError> {
    let sampler = || Sampler::new(formula, roots, inputs.to_vec(), 0);
    let work = refuse_large(formula, roots, &sampler().first_sizes())?;
    let look = |point: &Point| look(point, work <= CHEAP);
    let found = looked_among(sampler(), draw, look)?;
    if found.points > 0 {
        return Ok(found);
    }
    let orders = crate::sizes::orders(formula, roots, inputs, DRAWS / 2);
    looked_among(sampler().among(orders), draw, look)
}

fn looked_among(
    mut sampler: Sampler,
    draw: &mut dyn FnMut() -> f64,
    look: impl Fn(&Point) -> Result<Option<(f64, bool)>, DeriveError>,
) -> Result<Vanishes, DeriveError> {
    let wanted = sampler.choices().clamp(3, MOST_POINTS);
    let mut found = Vanishes { points: 0, largest: 0.0, is_zero: true };
    for _ in 0..DRAWS {
        if found.points == wanted {
            break;
        }
        let point = sampler.draw(draw)?;
        if let Some((largest, is_zero)) = look(&point)? {
            sampler.keep();
            found.points += 1;
            found.largest = found.largest.max(largest);
            found.is_zero &= is_zero;
        }
    }
    Ok(found)
}

/// How large the gradient is there, as a part of what it is elsewhere, and whether that is rounding; `None` where rounding hides it.
fn look<D: Digits>(
    formula: &Formula,
    roots: [NodeId; 2],
    point: &Point,
) -> Result<Option<(f64, bool)>, DeriveError> {
    let values: Vec<Matrix<Bounded<D>>> = formula.evaluate(&roots, &point.to())?;
    let [elsewhere, there] = values.as_slice() else { return Ok(None) };
    let Size::Part(part) = size(elsewhere, there) else { return Ok(None) };
    Ok(Some((part, !there.entries.iter().any(|entry| entry.is_apart_from_zero()))))
}

/// How large what should vanish is beside what it is compared with.
pub(crate) enum Size {
    /// Its largest entry as a part of the other's.
    Part(f64),
    /// Both are 0 within their rounding.
    Nothing,
    /// A value is not finite, or rounding hides what is asked.
    Hidden,
}

/// How large one value is beside another.
pub(crate) fn size<D: Digits>(whole: &Matrix<Bounded<D>>, part: &Matrix<Bounded<D>>) -> Size {
    let largest =
        |matrix: &Matrix<Bounded<D>>, of: fn(&Bounded<D>) -> f64| {
            matrix.entries.iter().map(of).fold(0.0_f64, |largest, entry| {
                if entry > largest || entry.is_nan() { entry } else { largest }
            })
        };
    let size = largest(whole, |entry| entry.value().abs());
    let (left, error) = (largest(part, |entry| entry.value().abs()), largest(part, |entry| entry.error()));
    let apart = |matrix: &Matrix<Bounded<D>>| matrix.entries.iter().any(|entry| entry.is_apart_from_zero());
    if size.is_finite() && left.is_finite() && !apart(whole) && !apart(part) {
        return Size::Nothing;
    }
    let told = size > 0.0 && size.is_finite() && left.is_finite() && error < HIDDEN * size;
    if told { Size::Part(left / size) } else { Size::Hidden }
}
