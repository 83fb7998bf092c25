//! Difference quotients of a value of any shape, arranged as a form of its derivative.

use crate::CompileError;
use crate::quotient::difference;
use calculus::{Form, Reading, Request, Symmetric};
use formula::{Matrix, Name, Point, Variable};

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

    /// The gradient of a scalar, in the shape of the variable.
    pub fn gradient() -> Arrangement {
        Arrangement::gradient_in(Symmetric::Projection)
    }

    /// The same in a convention for symmetric variables.
    pub fn gradient_in(symmetric: Symmetric) -> Arrangement {
        Arrangement { form: Form::Gradient, is_transposed: false, symmetric, symbol: None }
    }

    /// Whether an entry of the derivative depends on one entry of the variable alone, so that some can be judged without the
    /// others.
    pub fn is_by_entry(&self) -> bool {
        match self.form {
            Form::Gradient | Form::Jacobian | Form::Vec | Form::Pullback => true,
            Form::Tangent | Form::Pushforward => false,
        }
    }

    /// What the derivative of a value by a variable is at a point, by quotients alone. Only those by the chosen entries of the
    /// variable, counted column by column, are taken; the others are NaN, and one that has no value is infinite.
    pub fn quotients(
        &self,
        value: &mut dyn FnMut(&Point) -> Result<Matrix, CompileError>,
        by: &Variable,
        point: &Point,
        step: f64,
        chosen: &[usize],
    ) -> Result<Matrix, CompileError> {
        let whole = value(point)?;
        let (rows, cols) = match point.variables.get(&by.name) {
            Some(centre) => (centre.rows, centre.cols),
            None => (0, 0),
        };
        // d vec(F)/d vec(X)': each column holds how the value moves with one entry of the variable.
        let is_symmetric = by.properties.symmetric || by.properties.definite;
        let both = is_symmetric && self.symmetric == Symmetric::Independent && self.form != Form::Pushforward;
        let mut jacobian = Matrix::from_fn(whole.entries.len(), rows * cols, |_, _| f64::NAN);
        for &at in chosen {
            let place = (at % rows, at / rows);
            let moved = vec(&difference(value, by, place, point, step)?);
            let weight = if both && place.0 != place.1 { 2.0 } else { 1.0 };
            for (out, entry) in moved.entries.iter().enumerate() {
                let entry = if entry.is_nan() { f64::INFINITY } else { weight * entry };
                jacobian.entries[out * rows * cols + at] = entry;
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

fn vec(value: &Matrix) -> Matrix {
    let rows = value.rows.max(1);
    Matrix::from_fn(value.entries.len(), 1, |at, _| value.at(at % rows, at / rows))
}

fn unvec(column: &Matrix, rows: usize, cols: usize) -> Matrix {
    Matrix::from_fn(rows, cols, |row, col| column.entries[col * rows + row])
}
