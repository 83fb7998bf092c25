//! Difference quotients of a value of any shape, arranged as a form of its derivative.

use crate::DeriveError;
use crate::quotient::{difference, is_symmetric};
use calculus::{Form, Reading, Request, Symmetric};
use formula::{Matrix, Name, Point, Real, Variable};

/// How a derivative is arranged.
#[derive(Clone, Debug)]
pub(crate) struct Arrangement {
    form: Form,
    /// It is the transpose of what the form says.
    is_transposed: bool,
    symmetric: Symmetric,
    /// The symbol that a map is applied to: df/dF of a pullback, dX of a pushforward.
    symbol: Option<Name>,
}

impl Arrangement {
    /// Of one answer to a request.
    pub fn new(reading: &Reading, request: &Request) -> Arrangement {
        Arrangement {
            form: reading.form,
            is_transposed: request.layout.transposes(reading.form),
            symmetric: request.symmetric,
            symbol: reading.symbols.first().map(|symbol| symbol.name.clone()),
        }
    }

    /// Whether it is a gradient in the shape of the variable, so that several add up to one move.
    pub fn is_gradient(&self) -> bool {
        self.form == Form::Gradient && !self.is_transposed
    }

    /// The gradient of a scalar, in the shape of the variable.
    pub fn gradient() -> Arrangement {
        Arrangement::gradient_in(Symmetric::Projection)
    }

    /// The same in a convention for symmetric variables.
    pub fn gradient_in(symmetric: Symmetric) -> Arrangement {
        Arrangement { form: Form::Gradient, is_transposed: false, symmetric, symbol: None }
    }

    /// How the value moves when the variable goes along a direction, to first order, as its derivative has it: for a scalar and
    /// for a map from df/dF one number, else a matrix of the value's rows. With it, the sum of what is added up in each entry,
    /// without its signs. By a symmetric variable the direction's symmetric part is meant.
    pub fn predicted<T: Real>(
        &self,
        derived: &Matrix<T>,
        by: &Variable,
        direction: &Matrix<T>,
        rows: usize,
    ) -> (Matrix<T>, Vec<f64>) {
        let derived = if self.is_transposed { derived.transpose() } else { derived.clone() };
        let both = is_symmetric(by) && self.symmetric == Symmetric::Independent;
        let weighted = Matrix::from_fn(direction.rows, direction.cols, |row, col| {
            let weight = if both && row != col { 0.5 } else { 1.0 };
            T::from(weight) * direction.at(row, col)
        });
        let map = match self.form {
            Form::Jacobian | Form::Vec => derived,
            Form::Gradient | Form::Pullback => vec(&derived).transpose(),
            Form::Tangent => vec(&derived),
            // The direction is what the map was applied to.
            Form::Pushforward => {
                let sizes = derived.entries.iter().map(|entry| entry.value().abs()).collect();
                return (derived, sizes);
            }
        };
        let along = vec(&weighted);
        let moves = map.multiply(&along);
        let sizes = map.map(|entry| entry.value().abs()).multiply(&along.map(|entry| entry.value().abs()));
        let rows = if moves.entries.len() == 1 { 1 } else { rows.max(1) };
        let cols = moves.entries.len() / rows;
        let sizes = unvec(&sizes, rows, cols).entries;
        (unvec(&moves, rows, cols), sizes)
    }

    /// What of a moved value `predicted` speaks of: the value itself, or its sum weighted by df/dF.
    pub fn observed<T: Real>(&self, value: Matrix<T>, point: &Point<T>) -> Matrix<T> {
        match self.form {
            Form::Jacobian | Form::Vec | Form::Tangent | Form::Pushforward | Form::Gradient => value,
            Form::Pullback => {
                let symbol = self.symbol.as_ref().and_then(|name| point.variables.get(name));
                Matrix::scalar(dot(&value, symbol))
            }
        }
    }

    /// The direction that is prescribed: dX of a pushforward.
    pub fn direction<'p, T>(&self, point: &'p Point<T>) -> Option<&'p Matrix<T>> {
        match self.form {
            Form::Pushforward => self.symbol.as_ref().and_then(|name| point.variables.get(name)),
            Form::Gradient | Form::Jacobian | Form::Tangent | Form::Vec | Form::Pullback => None,
        }
    }

    /// What the derivative of a value by a variable is at a point, by quotients alone.
    ///
    /// # Errors
    /// When the value has none near the point.
    pub fn quotients(
        &self,
        value: &mut dyn FnMut(&Point) -> Result<Matrix, DeriveError>,
        by: &Variable,
        point: &Point,
    ) -> Result<Matrix, DeriveError> {
        let whole = value(point)?;
        let (rows, cols) = match point.variables.get(&by.name) {
            Some(centre) => (centre.rows, centre.cols),
            None => (0, 0),
        };
        // d vec(F)/d vec(X)': each column holds how the value moves with one entry of the variable.
        let both =
            is_symmetric(by) && self.symmetric == Symmetric::Independent && self.form != Form::Pushforward;
        let mut jacobian = Matrix::from_fn(whole.entries.len(), rows * cols, |_, _| 0.0);
        for at in 0..rows * cols {
            let place = (at % rows, at / rows);
            let moved = vec(&difference(value, by, place, point)?);
            let weight = if both && place.0 != place.1 { 2.0 } else { 1.0 };
            for (out, entry) in moved.entries.iter().enumerate() {
                jacobian.entries[out * rows * cols + at] = weight * entry;
            }
        }
        let symbol = self.symbol.as_ref().and_then(|name| point.variables.get(name)).map(vec);
        let one = Matrix::from_fn(whole.entries.len(), 1, |_, _| 1.0);
        let arranged = match self.form {
            Form::Jacobian | Form::Vec => jacobian,
            Form::Tangent => unvec(&jacobian, whole.rows, whole.cols),
            Form::Gradient => unvec(&jacobian.transpose().multiply(&one), rows, cols),
            Form::Pullback => {
                unvec(&jacobian.transpose().multiply(symbol.as_ref().unwrap_or(&one)), rows, cols)
            }
            Form::Pushforward => {
                let still = Matrix::from_fn(rows * cols, 1, |_, _| 0.0);
                unvec(&jacobian.multiply(symbol.as_ref().unwrap_or(&still)), whole.rows, whole.cols)
            }
        };
        Ok(if self.is_transposed { arranged.transpose() } else { arranged })
    }
}

/// The sum of the products of entries; a missing weight is 1.
pub(crate) fn dot<T: Real>(value: &Matrix<T>, weight: Option<&Matrix<T>>) -> T {
    let mut sum = T::from(0.0);
    for (at, entry) in value.entries.iter().enumerate() {
        sum = sum + weight.map_or(*entry, |weight| *entry * weight.entries[at]);
    }
    sum
}

fn vec<T: Real>(value: &Matrix<T>) -> Matrix<T> {
    let rows = value.rows.max(1);
    Matrix::from_fn(value.entries.len(), 1, |at, _| value.at(at % rows, at / rows))
}

fn unvec<T: Real>(column: &Matrix<T>, rows: usize, cols: usize) -> Matrix<T> {
    Matrix::from_fn(rows, cols, |row, col| column.entries[col * rows + row])
}
