//! What the tests of derivatives share: points, difference quotients and functions of whole matrices.

use formula::{
    Body, Formula, Function, Matrix, Name, Node, NodeId, Point, Primitive, Real, Shape, Signature, Size,
    Sizes, Variable,
};

/// Numbers by Steele, Lea and Flood's SplitMix64.
pub(crate) struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Draw {
        Draw(seed)
    }

    /// In [-1, 1).
    pub fn entry(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    /// The value of a variable: 2 more on the diagonal of a square, so that it has an inverse, and what is declared.
    pub fn value(&mut self, variable: &Variable, sizes: &Sizes) -> Matrix {
        let (rows, cols) =
            (variable.shape.rows.evaluate(sizes).unwrap(), variable.shape.cols.evaluate(sizes).unwrap());
        let entries = (0..rows * cols).map(|_| self.entry()).collect();
        let mut value = Matrix { rows, cols, entries };
        if rows == cols && rows > 1 {
            (0..rows).for_each(|at| value.entries[at * cols + at] += 2.0);
        }
        if variable.properties.is_positive() {
            value.entries.iter_mut().for_each(|entry| *entry = entry.abs() + 0.25);
        }
        if variable.properties.is_symmetric() {
            let other = value.transpose();
            value.entries.iter_mut().zip(other.entries).for_each(|(a, b)| *a += b);
        }
        value
    }

    /// A value for every variable of these nodes.
    pub fn point(&mut self, formula: &Formula, roots: &[NodeId], sizes: &Sizes) -> Point {
        let mut point = Point { sizes: sizes.clone(), ..Point::default() };
        for id in formula.variables(roots) {
            let Node::Variable(variable) = formula.node(id) else { continue };
            let value = self.value(variable, sizes);
            point.variables.insert(variable.name.clone(), value);
        }
        point
    }
}

/// m = 3, n = 4, p = 2, q = 5, k = 1.
pub(crate) fn sizes() -> Sizes {
    [("m", 3), ("n", 4), ("p", 2), ("q", 5), ("k", 1)]
        .map(|(name, size)| (Name::from(name), size))
        .into_iter()
        .collect()
}

pub(crate) fn value<T: Real>(formula: &Formula, id: NodeId, point: &Point<T>) -> Matrix<T> {
    formula.evaluate(&[id], point).unwrap_or_else(|error| panic!("{error}")).remove(0)
}

/// The step of quotients over doubles.
pub(crate) const STEP: f64 = 5e-4;

/// The derivative of every entry of a value by one entry of a variable, by fourth-order central differences.
pub(crate) fn difference<T: Real>(
    formula: &Formula,
    id: NodeId,
    by: &str,
    entry: usize,
    point: &Point<T>,
    step: f64,
) -> Vec<T> {
    quotients(step, |change| {
        let mut moved = point.clone();
        let place = &mut moved.variables.get_mut(by).unwrap().entries[entry];
        *place = *place + T::from(change);
        value(formula, id, &moved).entries
    })
}

/// The derivative of what moves, at 0, by fourth-order central differences.
pub(crate) fn quotients<T: Real>(step: f64, at: impl Fn(f64) -> Vec<T>) -> Vec<T> {
    let [right, left, above, below] = [step, -step, 2.0 * step, -2.0 * step].map(at);
    let quotient =
        |at: usize| (T::from(8.0) * (right[at] - left[at]) - (above[at] - below[at])) / T::from(12.0 * step);
    (0..right.len()).map(quotient).collect()
}

/// The largest difference by the largest entry; not a number is as wrong as can be.
pub(crate) fn error<T: Real>(a: &[T], b: &[T]) -> f64 {
    assert_eq!(a.len(), b.len());
    let scale = a.iter().chain(b).fold(1e-3_f64, |scale, entry| scale.max(entry.value().abs()));
    let worst = |worst: f64, (a, b): (&T, &T)| {
        let error = (*a - *b).value().abs() / scale;
        if error.is_nan() { f64::INFINITY } else { worst.max(error) }
    };
    a.iter().zip(b).fold(0.0, worst)
}

/// Adds softmax and logsumexp, of all entries and of each row, by the formulas that their pages state.
pub(crate) fn add_matrix_functions(formula: &mut Formula) {
    let size = |name: &str| Size::named(Name::from(name));
    let shape = Shape::new(size("m"), size("n"));
    let x = formula.variable(Variable::new("X", shape.clone()));
    let (exp, log) = (formula.primitive(Primitive::EXP), formula.primitive(Primitive::LOG));
    let powers = formula.apply(exp, &[], &[x]).unwrap();
    let total = formula.sum(powers).unwrap();
    let along = formula.sum_columns(powers).unwrap();
    let (whole, each) = (formula.reciprocal(total).unwrap(), formula.reciprocal(along).unwrap());
    let ones = formula.ones(Shape::new(Size::number(1), size("n")));
    let each = formula.product(&[each, ones]).unwrap();
    let column = Shape::column(size("m"));
    let rows = [
        ("softmax", formula.scale(whole, powers).unwrap(), shape.clone(), vec![]),
        ("softmax", formula.times(&[powers, each]).unwrap(), shape.clone(), vec![2]),
        ("logsumexp", formula.apply(log, &[], &[total]).unwrap(), Shape::scalar(), vec![]),
        ("logsumexp", formula.apply(log, &[], &[along]).unwrap(), column, vec![2]),
    ];
    for (name, body, result, axis) in rows {
        formula.add_function(Function {
            name: Name::from(name),
            parameters: vec![Name::from("X")],
            settings: Vec::new(),
            signature: Some(Signature { parameters: vec![shape.clone()], result, axis }),
            body: Body::Defined(body),
            slopes: Default::default(),
            stable: None,
            latex: None,
            code: Default::default(),
            portable: true,
        });
    }
}
