//! Points near another: scaled, aside of it, and with entries at the numbers of a formula.

use super::{MOST, Reach};
use crate::DeriveError;
use crate::properties::scaled_by;
use formula::{Formula, Name, NodeId, Point};
use syntax::Scaled;

/// Powers of ten by which variables are scaled where something is not reached.
pub(super) const LADDER: [i32; 12] = [1, -1, 2, -2, 3, -3, 5, -5, 8, -8, 12, -12];
/// Points aside of another are this many times it.
const ASIDE: [f64; 3] = [1.0, 4.0, 0.25];
/// How many numbers are tried as an entry.
const TIES: usize = 49;
/// How far beside a number, as a part of it.
const BESIDE_TIE: f64 = 1e-3;

impl Reach {
    /// The point at these scales where it has values.
    pub fn scales(
        inputs: &[formula::Variable],
        from: &Point,
        factors: impl IntoIterator<Item = f64>,
        settle: &mut dyn FnMut(Point) -> Result<Option<Point>, DeriveError>,
    ) -> Result<Vec<Point>, DeriveError> {
        let mut found = Vec::new();
        for factor in factors {
            found.extend(settle(scaled(inputs, from, None, 1.0, factor))?);
        }
        Ok(found)
    }

    /// A point, and others where all variables or one of them are a few times theirs, with either sign.
    pub fn asides(
        inputs: &[formula::Variable],
        from: &Point,
        settle: &mut dyn FnMut(Point) -> Result<Option<Point>, DeriveError>,
    ) -> Result<Vec<Point>, DeriveError> {
        let mut found: Vec<Point> = settle(from.clone())?.into_iter().collect();
        for (only, sign) in lines(inputs) {
            for factor in ASIDE {
                found.extend(settle(scaled(inputs, from, only, sign, factor))?);
            }
        }
        Ok(found)
    }

    /// The point with the first entry of each input in turn set to 0 and to the numbers of a value, of either sign, and beside them, where no entry of
    /// these distances is 0: away from them, a formula may be another at one place.
    pub fn ties(
        inputs: &[formula::Variable],
        from: &Point,
        (formula, value): (&Formula, NodeId),
        distances: &[NodeId],
        settle: &mut dyn FnMut(Point) -> Result<Option<Point>, DeriveError>,
    ) -> Result<Vec<Point>, DeriveError> {
        let mut numbers = vec![0.0];
        for id in formula.reachable(&[value]) {
            let number = formula.as_number(id).map(|number| number.value());
            let beside = |number: f64| [number, number + BESIDE_TIE * number, number - BESIDE_TIE * number];
            for number in number.into_iter().flat_map(|number| [number, -number]).flat_map(beside) {
                if !numbers.contains(&number) && numbers.len() < TIES {
                    numbers.push(number);
                }
            }
        }
        let mut found = Vec::new();
        let free = inputs.iter().filter(|input| scaled_by(input.properties) == Scaled::Any);
        for (input, number) in
            free.take(MOST).flat_map(|input| numbers.iter().map(move |number| (input, number)))
        {
            let mut point = scaled(inputs, from, None, 1.0, 1.0);
            let Some(entry) =
                point.variables.get_mut(&input.name).and_then(|value| value.entries.first_mut())
            else {
                continue;
            };
            *entry = *number;
            let Some(point) = settle(point)? else { continue };
            let values = formula.evaluate(distances, &point)?;
            if values.iter().all(|value| !value.entries.contains(&0.0)) {
                found.push(point);
            }
        }
        Ok(found)
    }
}

/// The lines through a point on which others are looked for: all variables scaled, or one of them, with either sign.
pub(super) fn lines(inputs: &[formula::Variable]) -> impl Iterator<Item = (Option<&Name>, f64)> {
    let alone = if inputs.len() > 1 { &inputs[..inputs.len().min(MOST)] } else { &[] };
    let choices = std::iter::once(None).chain(alone.iter().map(|input| Some(&input.name)));
    choices.flat_map(|only| [1.0, -1.0].map(|sign| (only, sign)))
}

/// The scales of the ladder.
pub(crate) fn ladder() -> impl Iterator<Item = f64> {
    LADDER.into_iter().map(power_of_ten)
}

pub(super) fn power_of_ten(power: i32) -> f64 {
    let power_of = |count: i32| (0..count).fold(1.0, |value, _| value * 10.0);
    if power < 0 { 1.0 / power_of(-power) } else { power_of(power) }
}

/// The point with its inputs, or one of them, multiplied by a number; a sign changes those alone that may be below 0.
pub(super) fn scaled(
    inputs: &[formula::Variable],
    from: &Point,
    only: Option<&Name>,
    sign: f64,
    factor: f64,
) -> Point {
    let mut point = Point { sizes: from.sizes.clone(), ..Point::default() };
    for input in inputs {
        let Some(value) = from.variables.get(&input.name) else { continue };
        let scaled = scaled_by(input.properties);
        let sign = if scaled == Scaled::Any { sign } else { 1.0 };
        let is_scaled = only.is_none_or(|only| *only == input.name) && scaled != Scaled::Never;
        let factor = if is_scaled { sign * factor } else { 1.0 };
        point.variables.insert(input.name.clone(), value.map(|entry| entry * factor));
    }
    point
}
