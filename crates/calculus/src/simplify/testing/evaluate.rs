//! The value of a formula in double precision, entry by entry, plainly.

use super::generate::Random;
use formula::{Apply, Body, Constant, Formula, Name, Node, NodeId, Sizes, Variable};
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
    bound: HashMap<Name, f64>,
    given: HashMap<Name, Matrix>,
}

impl Values {
    pub fn new(seed: u64, sizes: &[(&str, usize)]) -> Values {
        let sizes = sizes.iter().map(|(name, value)| (Name::from(*name), *value)).collect();
        Values { sizes, seed, bound: HashMap::new(), given: HashMap::new() }
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
        if let Some(value) = self.bound.get(&variable.name) {
            return Matrix { rows, cols, data: vec![*value] };
        }
        let mut random = Random::new(self.seed);
        for byte in variable.name.bytes() {
            random = Random::new(random.next() ^ u64::from(byte));
        }
        let data: Vec<f64> = (0..rows * cols).map(|_| random.unit() * 2.0 - 1.0).collect();
        let mut matrix = Matrix { rows, cols, data };
        if variable.properties.positive {
            matrix.data.iter_mut().for_each(|x| *x = x.abs() + 0.25);
        }
        if variable.properties.symmetric {
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

/// The value of a node.
pub fn evaluate(formula: &Formula, id: NodeId, values: &Values) -> Matrix {
    let mut known: HashMap<NodeId, Matrix> = HashMap::new();
    for part in formula.reachable(&[id]) {
        let value = one(formula, part, values, &known);
        known.insert(part, value);
    }
    known.remove(&id).unwrap()
}

fn one(formula: &Formula, id: NodeId, values: &Values, known: &HashMap<NodeId, Matrix>) -> Matrix {
    let (rows, cols) = values.extent(formula.shape(id));
    let filled = |entry: &dyn Fn(usize, usize) -> f64| {
        let data = (0..rows * cols).map(|at| entry(at / cols, at % cols)).collect();
        Matrix { rows, cols, data }
    };
    match formula.node(id) {
        Node::Number(number) => filled(&|_, _| number.value()),
        Node::Size(size) => filled(&|_, _| size.evaluate(&values.sizes).unwrap() as f64),
        Node::Variable(variable) => values.variable(variable),
        Node::Constant(constant, _) => filled(&|i, j| match constant {
            Constant::Ones => 1.0,
            Constant::Zeros => 0.0,
            Constant::Identity => f64::from(i == j),
            Constant::Pi => std::f64::consts::PI,
        }),
        Node::Add(parts) => filled(&|i, j| parts.iter().map(|part| known[part].data[i * cols + j]).sum()),
        Node::Times(parts) => {
            filled(&|i, j| parts.iter().map(|part| known[part].data[i * cols + j]).product())
        }
        Node::Scale([scalar, body]) => filled(&|i, j| known[scalar].data[0] * known[body].data[i * cols + j]),
        Node::Product(factors) => {
            let mut product = known[&factors[0]].clone();
            for factor in &factors[1..] {
                let right = &known[factor];
                let data = (0..product.rows * right.cols)
                    .map(|at| {
                        let (i, j) = (at / right.cols, at % right.cols);
                        (0..right.rows)
                            .map(|k| product.data[i * product.cols + k] * right.data[k * right.cols + j])
                            .sum()
                    })
                    .collect();
                product = Matrix { rows: product.rows, cols: right.cols, data };
            }
            product
        }
        Node::Transpose(inner) => filled(&|i, j| known[inner].data[j * rows + i]),
        Node::Norm(inner) => {
            let square: f64 = known[inner].data.iter().map(|x| x * x).sum();
            filled(&|_, _| square.sqrt())
        }
        Node::Apply(apply) => filled(&|i, j| {
            let entries: Vec<f64> = apply
                .arguments
                .iter()
                .map(|argument| {
                    let value = &known[argument];
                    if value.data.len() == 1 { value.data[0] } else { value.data[i * cols + j] }
                })
                .collect();
            entry(formula, apply, &entries, values)
        }),
        Node::Operator(..)
        | Node::Unvec(..)
        | Node::Kronecker(_)
        | Node::Commutation(_)
        | Node::Call(_)
        | Node::Block(..)
        | Node::Part(_) => panic!("not among the formulas of these tests"),
    }
}

fn entry(formula: &Formula, apply: &Apply, arguments: &[f64], values: &Values) -> f64 {
    let function = formula.function(apply.function);
    let body = if apply.marks.is_empty() {
        match function.body {
            Body::Primitive(primitive) => return (primitive.row().value)(arguments),
            Body::Abstract => return arguments[0] * arguments[0] / 2.0 + arguments[0] + 0.5,
            Body::Defined(body) => body,
        }
    } else if let Some(slope) = function.slopes.get(&apply.marks) {
        *slope
    } else {
        assert_eq!(function.body, Body::Abstract, "a slope that is not known");
        return if apply.marks.len() == 1 { arguments[0] + 1.0 } else { 1.0 };
    };
    let mut inner = values.clone();
    inner.given.clear();
    inner.bound = function.parameters.iter().cloned().zip(arguments.iter().copied()).collect();
    evaluate(formula, body, &inner).data[0]
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
