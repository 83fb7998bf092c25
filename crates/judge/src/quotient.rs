//! Difference quotients: how a value moves along a direction, with a bound of the error, and entry by entry for a reader.

use crate::DeriveError;
use crate::sample::variables;
use formula::{Bounded, Digits, Formula, Matrix, Name, NodeId, Point, Real, Variable};
use std::ops::{Div, Mul, Sub};

/// The step of the quotients that are shown, as a part of the entry's size.
pub(crate) const SHOWN_STEP: f64 = 1e-4;

/// A value as a function of the point.
pub(crate) type Moving<'v, T> = dyn FnMut(&Point<T>) -> Result<Matrix<T>, DeriveError> + 'v;

/// A value on its own, with nothing in its arena that it does not need.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    formula: Formula,
    /// The value, and then what is 0 at its kinks.
    roots: Vec<NodeId>,
    /// The variables in it.
    names: Vec<Name>,
}

impl Value {
    /// A value with the distances from its kinks.
    pub fn new(formula: &Formula, id: NodeId, distances: &[NodeId]) -> Value {
        let mut own = Formula::new();
        let ids: Vec<NodeId> = std::iter::once(id).chain(distances.iter().copied()).collect();
        let roots = own.graft(formula, &ids);
        let names = variables(&own, &roots).into_iter().map(|variable| variable.name).collect();
        Value { formula: own, roots, names }
    }

    /// What of a point several values need, so that little is copied where a variable moves.
    pub fn restrict<'v, T: Copy>(
        values: impl Iterator<Item = &'v Value>,
        by: impl Iterator<Item = &'v Name>,
        point: &Point<T>,
    ) -> Point<T> {
        let names = values.flat_map(|value| &value.names).chain(by);
        let value = |name: &Name| Some((name.clone(), point.variables.get(name)?.clone()));
        Point { sizes: point.sizes.clone(), variables: names.filter_map(value).collect() }
    }

    pub fn at<T: Real>(&self, point: &Point<T>) -> Result<Matrix<T>, DeriveError> {
        Ok(self.formula.evaluate(&self.roots[..1], point)?.swap_remove(0))
    }

    /// On which side of each kink every entry is.
    pub fn sides(&self, point: &Point) -> Result<Vec<bool>, DeriveError> {
        let distances = self.formula.evaluate(&self.roots[1..], point)?;
        Ok(distances.iter().flat_map(|distance| &distance.entries).map(|entry| *entry > 0.0).collect())
    }

    pub fn has_kinks(&self) -> bool {
        self.roots.len() > 1
    }

    /// How many nodes it takes.
    pub fn len(&self) -> usize {
        self.formula.len()
    }
}

/// The central difference of fourth order, from the moves over one step and over two.
fn fourth_order<T>(near: T, far: T, step: T) -> T
where
    T: Copy + From<f64> + Sub<Output = T> + Mul<Output = T> + Div<Output = T>,
{
    (T::from(8.0) * near - far) / (T::from(12.0) * step)
}

/// How a value moves when a variable goes along a direction.
pub(crate) struct Slope<D> {
    /// The quotient, with its rounding.
    pub quotient: Matrix<Bounded<D>>,
    /// How far the quotient of twice the step is from it: a bound of what the step itself makes.
    pub unsettled: Vec<f64>,
}

/// The slope of a value along directions of variables, by quotients of fourth order with this step and twice it; `None` where it is not
/// finite.
pub(crate) fn slope_along<D: Digits>(
    value: &mut Moving<'_, Bounded<D>>,
    directions: &[(&Name, Matrix<Bounded<D>>)],
    point: &Point<Bounded<D>>,
    step: f64,
) -> Result<Option<Slope<D>>, DeriveError> {
    let mut moves = Vec::with_capacity(3);
    let mut place = point.clone();
    let mut at = |by: f64| {
        move_from(point, &mut place, directions, by)?;
        value(&place)
    };
    for times in [1.0, 2.0, 4.0] {
        let (ahead, behind) = (at(times * step)?, at(-times * step)?);
        if !ahead.entries.iter().chain(&behind.entries).all(|entry| entry.value().is_finite()) {
            return Ok(None);
        }
        let differences = ahead.entries.iter().zip(&behind.entries).map(|(a, b)| *a - *b).collect();
        moves.push(Matrix { entries: differences, ..ahead });
    }
    let [one, two, four] = &moves[..] else { return Ok(None) };
    let step = Bounded::<D>::from(step);
    let double = step + step;
    let quotient = |at: usize| fourth_order(one.entries[at], two.entries[at], step);
    let wider = |at: usize| fourth_order(two.entries[at], four.entries[at], double);
    let count = one.entries.len();
    let entries: Vec<Bounded<D>> = (0..count).map(quotient).collect();
    let unsettled = (0..count).map(|at| (entries[at] - wider(at)).value().abs()).collect();
    Ok(Some(Slope { quotient: Matrix { rows: one.rows, cols: one.cols, entries }, unsettled }))
}

/// A point with variables moved, each along a direction.
pub(crate) fn moved<T: Real>(
    point: &Point<T>,
    directions: &[(&Name, Matrix<T>)],
    by: f64,
) -> Result<Point<T>, DeriveError> {
    let mut moved = point.clone();
    move_from(point, &mut moved, directions, by)?;
    Ok(moved)
}

/// Moves variables of a place that has the others of a point, each from its value at the point along a direction.
fn move_from<T: Real>(
    point: &Point<T>,
    place: &mut Point<T>,
    directions: &[(&Name, Matrix<T>)],
    by: f64,
) -> Result<(), DeriveError> {
    for (name, direction) in directions {
        let (Some(centre), Some(moved)) = (point.variables.get(*name), place.variables.get_mut(*name)) else {
            return Err(DeriveError::UnknownValue { name: (*name).clone(), known: Vec::new() });
        };
        for ((entry, centre), change) in moved.entries.iter_mut().zip(&centre.entries).zip(&direction.entries)
        {
            *entry = *centre + *change * T::from(by);
        }
    }
    Ok(())
}

/// The fourth-order central difference of a value by one entry of a variable. A symmetric variable stays symmetric: half of
/// the move is made by the entry's mirror image.
pub(crate) fn difference(
    value: &mut dyn FnMut(&Point) -> Result<Matrix, DeriveError>,
    by: &Variable,
    (row, col): (usize, usize),
    point: &Point,
) -> Result<Matrix, DeriveError> {
    let Some(centre) = point.variables.get(&by.name) else {
        return Err(DeriveError::UnknownValue { name: by.name.clone(), known: Vec::new() });
    };
    let unit = Matrix::from_fn(centre.rows, centre.cols, |i, j| if (i, j) == (row, col) { 1.0 } else { 0.0 });
    let direction = [(&by.name, if is_symmetric(by) { symmetric_part(&unit) } else { unit })];
    let size = centre.at(row, col).abs();
    let step = SHOWN_STEP * if size > 0.0 { size } else { 1.0 };
    let mut at = |times: f64| value(&moved(point, &direction, times * step)?);
    let (right, left, far_right, far_left) = (at(1.0)?, at(-1.0)?, at(2.0)?, at(-2.0)?);
    Ok(Matrix::from_fn(right.rows, right.cols, |row, col| {
        let near = right.at(row, col) - left.at(row, col);
        fourth_order(near, far_right.at(row, col) - far_left.at(row, col), step)
    }))
}

/// Whether a variable equals its transpose.
pub(crate) fn is_symmetric(variable: &Variable) -> bool {
    variable.properties.is_symmetric()
}

/// The mean of a square matrix and its transpose.
pub(crate) fn symmetric_part<T: Real>(matrix: &Matrix<T>) -> Matrix<T> {
    let half = T::from(0.5);
    Matrix::from_fn(matrix.rows, matrix.cols, |row, col| half * (matrix.at(row, col) + matrix.at(col, row)))
}
