//! An evaluator of the language of known derivatives, of its own.

use crate::language::{Expression, Sign, Term};
use std::collections::BTreeMap;

/// A matrix, its entries row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    pub rows: usize,
    pub cols: usize,
    pub entries: Vec<f64>,
}

/// What names stand for.
pub type Names = BTreeMap<String, Value>;

impl Value {
    pub fn scalar(value: f64) -> Value {
        Value { rows: 1, cols: 1, entries: vec![value] }
    }

    pub fn of(rows: usize, cols: usize, entry: impl Fn(usize, usize) -> f64) -> Value {
        let places = (0..rows).flat_map(|row| (0..cols).map(move |col| (row, col)));
        Value { rows, cols, entries: places.map(|(row, col)| entry(row, col)).collect() }
    }

    pub fn at(&self, row: usize, col: usize) -> f64 {
        self.entries[row * self.cols + col]
    }

    pub fn is_scalar(&self) -> bool {
        (self.rows, self.cols) == (1, 1)
    }

    /// The columns, one below the other.
    pub fn vec(&self) -> Value {
        Value::of(self.rows * self.cols, 1, |at, _| self.at(at % self.rows, at / self.rows))
    }

    pub fn map(&self, function: impl Fn(f64) -> f64) -> Value {
        Value { entries: self.entries.iter().map(|entry| function(*entry)).collect(), ..self.clone() }
    }

    pub fn transpose(&self) -> Value {
        Value::of(self.cols, self.rows, |row, col| self.at(col, row))
    }

    pub fn multiply(&self, right: &Value) -> Value {
        let entry = |row, col| (0..self.cols).map(|k| self.at(row, k) * right.at(k, col)).sum();
        Value::of(self.rows, right.cols, entry)
    }

    fn identity(size: usize) -> Value {
        Value::of(size, size, |row, col| f64::from(u8::from(row == col)))
    }

    /// The inverse and the determinant, by elimination with the largest pivot of each column.
    pub fn inverse(&self) -> (Value, f64) {
        let size = self.rows;
        let row = |at: usize| {
            let unit = (0..size).map(|col| f64::from(u8::from(col == at)));
            (0..size).map(|col| self.at(at, col)).chain(unit).collect::<Vec<f64>>()
        };
        let mut rows: Vec<Vec<f64>> = (0..size).map(row).collect();
        let mut determinant = 1.0;
        for col in 0..size {
            let best = (col..size).max_by(|a, b| rows[*a][col].abs().total_cmp(&rows[*b][col].abs()));
            let best = best.unwrap_or(col);
            if best != col {
                rows.swap(best, col);
                determinant = -determinant;
            }
            let pivot = rows[col][col];
            determinant *= pivot;
            rows[col].iter_mut().for_each(|entry| *entry /= pivot);
            let chosen = rows[col].clone();
            for (at, other) in rows.iter_mut().enumerate() {
                let factor = other[col];
                if at != col {
                    other.iter_mut().zip(&chosen).for_each(|(entry, part)| *entry -= factor * part);
                }
            }
        }
        (Value::of(size, size, |row, col| rows[row][size + col]), determinant)
    }

    fn without(&self, row: usize, col: usize) -> Value {
        let past = |at: usize, gap: usize| at + usize::from(at >= gap);
        Value::of(self.rows - 1, self.cols - 1, |i, j| self.at(past(i, row), past(j, col)))
    }
}

/// The value of an expression, and the smallest distance of an argument from a kink of its function.
pub fn value(expression: &Expression, names: &Names) -> Result<(Value, f64), String> {
    let mut values: Vec<Value> = Vec::with_capacity(expression.terms.len());
    let mut kink = f64::INFINITY;
    for term in &expression.terms {
        let value = match term {
            Term::Number(bits) => Value::scalar(f64::from_bits(*bits)),
            Term::Name(name) => match names.get(name) {
                Some(value) => value.clone(),
                None if name == "pi" => Value::scalar(std::f64::consts::PI),
                None => return Err(format!("nothing is called {name}")),
            },
            Term::Negate(part) => values[*part].map(|entry| -entry),
            Term::Transpose(part) => values[*part].transpose(),
            Term::Binary(sign, left, right) => binary(*sign, &values[*left], &values[*right])?,
            Term::Call(name, arguments) => {
                let arguments: Vec<&Value> = arguments.iter().map(|argument| &values[*argument]).collect();
                call(name, &arguments, &mut kink)?
            }
        };
        values.push(value);
    }
    Ok((values.swap_remove(expression.root), kink))
}

fn entrywise(left: &Value, right: &Value, join: fn(f64, f64) -> f64) -> Result<Value, String> {
    if (left.rows, left.cols) == (right.rows, right.cols) {
        return Ok(Value::of(left.rows, left.cols, |row, col| join(left.at(row, col), right.at(row, col))));
    }
    if right.is_scalar() {
        return Ok(left.map(|entry| join(entry, right.entries[0])));
    }
    if left.is_scalar() {
        return Ok(right.map(|entry| join(left.entries[0], entry)));
    }
    Err(format!("{} x {} beside {} x {}", left.rows, left.cols, right.rows, right.cols))
}

fn binary(sign: Sign, left: &Value, right: &Value) -> Result<Value, String> {
    match sign {
        Sign::Add => entrywise(left, right, |a, b| a + b),
        Sign::Subtract => entrywise(left, right, |a, b| a - b),
        Sign::Times => entrywise(left, right, |a, b| a * b),
        Sign::Over => entrywise(left, right, |a, b| a / b),
        Sign::Raise => entrywise(left, right, libm::pow),
        Sign::Multiply if left.is_scalar() || right.is_scalar() => entrywise(left, right, |a, b| a * b),
        Sign::Multiply if left.cols == right.rows => Ok(left.multiply(right)),
        Sign::Multiply => Err(format!("{} x {} * {} x {}", left.rows, left.cols, right.rows, right.cols)),
        Sign::Divide if right.is_scalar() => entrywise(left, right, |a, b| a / b),
        Sign::Divide => Err(format!("division by {} x {}", right.rows, right.cols)),
        Sign::Power if left.is_scalar() && right.is_scalar() => entrywise(left, right, libm::pow),
        Sign::Power => {
            let exponent = right.entries[0];
            if left.rows != left.cols || !right.is_scalar() || exponent.fract() != 0.0 {
                return Err("a power of a matrix that is not square, or no whole exponent".into());
            }
            let base = if exponent < 0.0 { left.inverse().0 } else { left.clone() };
            let start = Value::identity(left.rows);
            Ok((0..exponent.abs() as usize).fold(start, |power, _| power.multiply(&base)))
        }
    }
}

fn elementwise(name: &str) -> Option<fn(f64) -> f64> {
    let function: fn(f64) -> f64 = match name {
        "exp" => libm::exp,
        "log" => libm::log,
        "sqrt" => libm::sqrt,
        "sin" => libm::sin,
        "cos" => libm::cos,
        "tan" => libm::tan,
        "sinh" => libm::sinh,
        "cosh" => libm::cosh,
        "tanh" => libm::tanh,
        "arcsin" => libm::asin,
        "arccos" => libm::acos,
        "arctan" => libm::atan,
        "erf" => libm::erf,
        "abs" => f64::abs,
        "sign" => |x| if x == 0.0 { 0.0 } else { x.signum() },
        "step" => |x| f64::from(u8::from(x > 0.0)),
        "relu" => |x| x.max(0.0),
        "sigmoid" => |x| 1.0 / (1.0 + libm::exp(-x)),
        "softplus" => |x| x.max(0.0) + libm::log1p(libm::exp(-x.abs())),
        _ => return None,
    };
    Some(function)
}

fn call(name: &str, arguments: &[&Value], kink: &mut f64) -> Result<Value, String> {
    let x = arguments[0];
    if matches!(name, "relu" | "abs" | "sign" | "step" | "norm1") {
        *kink = x.entries.iter().fold(*kink, |least, entry| least.min(entry.abs()));
    }
    if let Some(function) = elementwise(name) {
        return Ok(x.map(function));
    }
    let whole = |value: &Value| value.entries[0] as usize;
    let second = arguments.get(1).map(|value| whole(value));
    let square = || {
        if x.rows == x.cols { Ok(()) } else { Err(format!("{name} of {} x {}", x.rows, x.cols)) }
    };
    let total = || x.entries.iter().sum::<f64>();
    match (name, arguments) {
        ("max", [a, b]) | ("min", [a, b]) => {
            let apart = entrywise(a, b, |a, b| a - b)?;
            *kink = apart.entries.iter().fold(*kink, |least, entry| least.min(entry.abs()));
            if name == "max" { entrywise(a, b, f64::max) } else { entrywise(a, b, f64::min) }
        }
        ("sum", [_]) => Ok(Value::scalar(total())),
        ("sum", [_, axis]) if axis.entries == [1.0] => {
            Ok(Value::of(1, x.cols, |_, col| (0..x.rows).map(|row| x.at(row, col)).sum()))
        }
        ("sum", [_, axis]) if axis.entries == [2.0] => {
            Ok(Value::of(x.rows, 1, |row, _| (0..x.cols).map(|col| x.at(row, col)).sum()))
        }
        ("logsumexp", [_]) => Ok(Value::scalar(log_sum_exp(&x.entries))),
        ("softmax", [_]) => {
            let total = log_sum_exp(&x.entries);
            Ok(x.map(|entry| libm::exp(entry - total)))
        }
        ("logsumexp" | "softmax", [_, axis]) if axis.entries == [2.0] => {
            let rows: Vec<f64> = x.entries.chunks(x.cols).map(log_sum_exp).collect();
            Ok(match name {
                "softmax" => Value::of(x.rows, x.cols, |row, col| libm::exp(x.at(row, col) - rows[row])),
                _ => Value::of(x.rows, 1, |row, _| rows[row]),
            })
        }
        ("norm1", [_]) => Ok(Value::scalar(x.entries.iter().map(|entry| entry.abs()).sum())),
        ("norm2", [_]) => Ok(Value::scalar(x.entries.iter().map(|entry| entry * entry).sum::<f64>().sqrt())),
        ("tr", [_]) => square().map(|()| Value::scalar((0..x.rows).map(|at| x.at(at, at)).sum())),
        ("det", [_]) => square().map(|()| Value::scalar(x.inverse().1)),
        ("logdet", [_]) => square().map(|()| Value::scalar(libm::log(x.inverse().1.abs()))),
        ("inv", [_]) => square().map(|()| x.inverse().0),
        ("adj", [_]) => square().map(|()| {
            let sign = |row: usize, col: usize| if (row + col).is_multiple_of(2) { 1.0 } else { -1.0 };
            Value::of(x.rows, x.rows, |row, col| sign(row, col) * x.without(col, row).inverse().1)
        }),
        ("diag", [_]) if x.cols == 1 => {
            Ok(Value::of(x.rows, x.rows, |row, col| if row == col { x.entries[row] } else { 0.0 }))
        }
        ("diag", [_]) => square().map(|()| Value::of(x.rows, 1, |row, _| x.at(row, row))),
        ("vec", [_]) => Ok(x.vec()),
        ("kron", [_, y]) => Ok(Value::of(x.rows * y.rows, x.cols * y.cols, |row, col| {
            x.at(row / y.rows, col / y.cols) * y.at(row % y.rows, col % y.cols)
        })),
        ("commutation", [_, n]) => {
            let (m, n) = (whole(x), whole(n));
            Ok(Value::of(m * n, m * n, |row, col| {
                f64::from(u8::from((row / n, row % n) == (col % m, col / m)))
            }))
        }
        ("ones", _) => Ok(Value::of(whole(x), second.unwrap_or(1), |_, _| 1.0)),
        ("zeros", [_, cols]) => Ok(Value::of(whole(x), whole(cols), |_, _| 0.0)),
        ("eye", [_]) => Ok(Value::identity(whole(x))),
        _ => Err(format!("{name} of these arguments")),
    }
}

fn log_sum_exp(entries: &[f64]) -> f64 {
    let most = entries.iter().fold(f64::NEG_INFINITY, |most, entry| most.max(*entry));
    most + libm::log(entries.iter().map(|entry| libm::exp(entry - most)).sum())
}
