//! Difference quotients: how a value moves when one entry of a variable does, and whether a derivative agrees.

use crate::sample::variables;
use crate::{CompileError, TOLERANCE};
use formula::{Formula, Matrix, Name, NodeId, Point, Variable};

/// The steps of a quotient, as a part of the entry's size (at least of 1). The error of a quotient falls as the fourth power
/// of its step until rounding outweighs it, so where the first does not agree, a smaller one is asked.
pub(crate) const STEPS: [f64; 3] = [1e-3, 1e-4, 1e-5];
/// Floor of the size that errors of quotients are measured by, as a part of 1.
const FLOOR: f64 = 1e-3;

/// Values on their own, with nothing in their arena that they do not need.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    formula: Formula,
    roots: Vec<NodeId>,
    /// The variables in them.
    names: Vec<Name>,
}

impl Values {
    pub fn new(formula: &Formula, ids: &[NodeId]) -> Values {
        let mut own = Formula::new();
        let roots = own.graft(formula, ids);
        let names = variables(&own, &roots).into_iter().map(|variable| variable.name).collect();
        Values { formula: own, roots, names }
    }

    /// What of a point they need, so that little is copied where an entry moves.
    pub fn restrict<'v>(values: impl Iterator<Item = &'v Values>, by: &Name, point: &Point) -> Point {
        let names = values.flat_map(|values| &values.names).chain([by]);
        let value = |name: &Name| Some((name.clone(), point.variables.get(name)?.clone()));
        Point { sizes: point.sizes.clone(), variables: names.filter_map(value).collect() }
    }

    pub fn at(&self, point: &Point) -> Result<Vec<Matrix>, CompileError> {
        Ok(self.formula.evaluate(&self.roots, point)?)
    }

    /// The first of them.
    pub fn first_at(&self, point: &Point) -> Result<Matrix, CompileError> {
        Ok(self.at(point)?.into_iter().next().unwrap_or_default())
    }

    /// How many nodes they take.
    pub fn len(&self) -> usize {
        self.formula.len()
    }
}

/// The fourth-order central difference of a value by one entry of a variable. A symmetric variable stays symmetric: half of
/// the move is made by the entry's mirror image.
pub(crate) fn difference(
    value: &mut dyn FnMut(&Point) -> Result<Matrix, CompileError>,
    by: &Variable,
    (row, col): (usize, usize),
    point: &Point,
    step: f64,
) -> Result<Matrix, CompileError> {
    let symmetric = by.properties.symmetric || by.properties.definite;
    let mut moved = point.clone();
    let Some(centre) = point.variables.get(&by.name) else {
        return Err(CompileError::UnknownValue { name: by.name.clone(), known: Vec::new() });
    };
    let step = step * centre.at(row, col).abs().max(1.0);
    let mut at = |offset: f64| {
        let mut matrix = centre.clone();
        if symmetric && row != col {
            matrix.entries[row * centre.cols + col] += offset / 2.0;
            matrix.entries[col * centre.cols + row] += offset / 2.0;
        } else {
            matrix.entries[row * centre.cols + col] += offset;
        }
        moved.variables.insert(by.name.clone(), matrix);
        value(&moved)
    };
    let (right, left, far_right, far_left) = (at(step)?, at(-step)?, at(2.0 * step)?, at(-2.0 * step)?);
    let entry = |row: usize, col: usize| {
        let near = right.at(row, col) - left.at(row, col);
        let far = far_right.at(row, col) - far_left.at(row, col);
        (8.0 * near - far) / (12.0 * step)
    };
    Ok(Matrix::from_fn(right.rows, right.cols, entry))
}

/// What quotients say of a derivative.
pub(crate) struct Opinion {
    /// The quotients, where every entry was judged.
    pub quotients: Option<Matrix>,
    /// The largest difference from them, by the largest entry.
    pub error: f64,
}

/// Holds a derivative to its quotients, which are asked for with ever smaller steps until they agree. `None` where they are
/// not finite, or disagree among themselves so that they are no judge here.
pub(crate) fn judge(
    derived: &Matrix,
    quotients: &mut dyn FnMut(f64) -> Result<Matrix, CompileError>,
) -> Result<Option<Opinion>, CompileError> {
    let mut best: Option<Opinion> = None;
    let mut before: Option<Matrix> = None;
    let mut is_settled = false;
    for step in STEPS {
        let quotients = quotients(step)?;
        if quotients.entries.iter().any(|entry| !entry.is_finite()) {
            continue;
        }
        let error = relative_error(derived, &quotients, FLOOR);
        if error < TOLERANCE {
            return Ok(Some(Opinion { quotients: Some(quotients), error }));
        }
        is_settled |=
            before.as_ref().is_some_and(|before| relative_error(before, &quotients, FLOOR) < TOLERANCE);
        before = Some(quotients.clone());
        if best.as_ref().is_none_or(|best| error < best.error) {
            best = Some(Opinion { quotients: Some(quotients), error });
        }
    }
    Ok(best.filter(|_| is_settled))
}

/// The largest difference, by the largest entry or by a floor where all are smaller; infinite where shapes differ or something
/// is no number.
pub(crate) fn relative_error(left: &Matrix, right: &Matrix, floor: f64) -> f64 {
    if (left.rows, left.cols) != (right.rows, right.cols) {
        return f64::INFINITY;
    }
    let entries = || left.entries.iter().zip(&right.entries);
    let size = entries().fold(floor, |size, (a, b)| size.max(a.abs()).max(b.abs()));
    entries().fold(0.0, |worst: f64, (a, b)| {
        let error = (a - b).abs() / size;
        if error.is_nan() { f64::INFINITY } else { worst.max(error) }
    })
}
