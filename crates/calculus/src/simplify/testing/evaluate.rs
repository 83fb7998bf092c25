//! The value of a formula in double precision, entry by entry, plainly.

use super::generate::Random;
use formula::{
    Body, Formula, Function, FunctionId, Name, Node, NodeId, Number, Point, Shape, Sizes, Variable,
};
use std::collections::HashMap;

/// A matrix, row by row.
#[derive(Clone, Debug)]
pub struct Matrix {
    pub rows: usize,
    pub cols: usize,
    pub data: Vec<f64>,
}

/// Values of sizes and variables. Variables without a value get one by their name and shape.
#[derive(Clone, Debug)]
pub struct Values {
    pub sizes: Sizes,
    pub seed: u64,
    given: HashMap<Name, Matrix>,
}

impl Values {
    pub fn new(seed: u64, sizes: &[(&str, usize)]) -> Values {
        let sizes = sizes.iter().map(|(name, value)| (Name::from(*name), *value)).collect();
        Values { sizes, seed, given: HashMap::new() }
    }

    /// Gives a variable a value.
    pub fn set(&mut self, name: &Name, value: Matrix) {
        self.given.insert(name.clone(), value);
    }

    pub fn variable(&self, variable: &Variable) -> Matrix {
        if let Some(value) = self.given.get(&variable.name) {
            return value.clone();
        }
        let (rows, cols) = self.extent(&variable.shape);
        let mut random = Random::new(self.seed);
        for byte in variable.name.bytes() {
            random = Random::new(random.next() ^ u64::from(byte));
        }
        let data: Vec<f64> = (0..rows * cols).map(|_| random.unit() * 2.0 - 1.0).collect();
        let mut matrix = Matrix { rows, cols, data };
        if rows == cols && rows > 1 {
            // So that it has an inverse.
            (0..rows).for_each(|at| matrix.data[at * cols + at] += 3.0);
        }
        if variable.properties.is_positive() {
            matrix.data.iter_mut().for_each(|x| *x = x.abs() + 0.25);
        }
        if variable.properties.is_symmetric() {
            for i in 0..rows {
                for j in 0..i {
                    matrix.data[i * cols + j] = matrix.data[j * cols + i];
                }
            }
        }
        matrix
    }

    fn extent(&self, shape: &formula::Shape) -> (usize, usize) {
        (shape.rows.evaluate(&self.sizes).unwrap(), shape.cols.evaluate(&self.sizes).unwrap())
    }
}

/// The value of a node. Functions of which nothing is known are taken to be x^2/2 + x + 1/2.
pub fn evaluate(formula: &Formula, id: NodeId, values: &Values) -> Matrix {
    let mut formula = formula.clone();
    give_bodies(&mut formula);
    let mut point = Point { sizes: values.sizes.clone(), ..Point::default() };
    for id in formula.variables(&[id]) {
        let Node::Variable(variable) = formula.node(id) else { continue };
        let Matrix { rows, cols, data } = values.variable(variable);
        point.variables.insert(variable.name.clone(), formula::Matrix { rows, cols, entries: data });
    }
    let value = formula.evaluate(&[id], &point).unwrap_or_else(|error| panic!("{error}")).remove(0);
    Matrix { rows: value.rows, cols: value.cols, data: value.entries }
}

fn give_bodies(formula: &mut Formula) {
    let unknown = |(id, function): (FunctionId, &Function)| (function.body == Body::Abstract).then_some(id);
    let unknown: Vec<FunctionId> = formula.functions().filter_map(unknown).collect();
    for id in unknown {
        let parameter = formula.function(id).parameters[0].clone();
        let x = formula.variable(Variable::new(parameter, Shape::scalar()));
        let one = formula.number(Number::ONE);
        let half = formula.number(Number::ratio(1, 2).unwrap());
        let square = formula.scale(x, x).unwrap();
        let square = formula.scale(half, square).unwrap();
        let body = formula.add(&[square, x, half]).unwrap();
        let slope = formula.add(&[x, one]).unwrap();
        let function = formula.function_mut(id);
        function.body = Body::Defined(body);
        for (count, slope) in [slope, one].into_iter().enumerate() {
            function.slopes.insert(vec![0; count + 1], slope);
        }
    }
}

/// The largest difference relative to the largest entry, or nothing where a value is not finite.
pub fn relative_error(a: &Matrix, b: &Matrix) -> Option<f64> {
    assert_eq!((a.rows, a.cols), (b.rows, b.cols));
    if a.data.iter().chain(&b.data).any(|x| !x.is_finite()) {
        return None;
    }
    let scale = a.data.iter().chain(&b.data).fold(1e-3, |max: f64, x| max.max(x.abs()));
    Some(a.data.iter().zip(&b.data).map(|(x, y)| (x - y).abs() / scale).fold(0.0, f64::max))
}

/// Whether two nodes have the same value, at several sizes, wherever the first is finite.
pub fn agree(formula: &Formula, a: NodeId, b: NodeId) -> Result<(), String> {
    assert_eq!(formula.shape(a), formula.shape(b));
    for (seed, m, n, p) in [(1, 3, 4, 2), (2, 2, 3, 5), (3, 1, 3, 2), (4, 4, 1, 1)] {
        let values = Values::new(seed, &[("m", m), ("n", n), ("p", p), ("q", 3), ("k", 3)]);
        let (left, right) = (evaluate(formula, a, &values), evaluate(formula, b, &values));
        if left.data.iter().any(|x| !x.is_finite() || x.abs() > 1e12) {
            continue;
        }
        match relative_error(&left, &right) {
            Some(error) if error < 1e-7 => {}
            other => return Err(format!("error {other:?} at m = {m}, n = {n}, p = {p}: {left:?} {right:?}")),
        }
    }
    Ok(())
}
