//! Random formulas over every kind of node, by a seeded generator.

use super::read::{Reader, library};
use formula::{Constant, Direction, Function, NodeId, Number, Operator, Primitive, Shape, Size};

/// Numbers by Steele, Lea and Flood's SplitMix64.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }
}

/// Makes formulas over the variables of [`VARIABLES`].
pub struct Generator {
    pub reader: Reader,
    random: Random,
}

const VARIABLES: &str = "X: m x n, Y: m x n, W: n x p, V: p x n, S: n x n symmetric, A: n x n, w: n, v: n, y: m, \
                         b: p, a: 1, c: 1, t: 1 positive, P: m x n positive";

impl Generator {
    pub fn new(seed: u64) -> Generator {
        Generator { reader: library().declare(VARIABLES), random: Random::new(seed) }
    }

    /// A value of a random shape.
    pub fn formula(&mut self, depth: usize) -> NodeId {
        let (rows, cols) = (self.size(), self.size());
        self.value(&rows, &cols, depth)
    }

    fn size(&mut self) -> Size {
        match self.random.below(5) {
            0 => Size::named("m".into()),
            1 | 2 => Size::named("n".into()),
            3 => Size::named("p".into()),
            _ => Size::number(1),
        }
    }

    fn value(&mut self, rows: &Size, cols: &Size, depth: usize) -> NodeId {
        let shape = Shape::new(rows.clone(), cols.clone());
        if depth == 0 {
            return self.leaf(&shape);
        }
        let below = depth - 1;
        match self.random.below(if shape.is_scalar() { 14 } else { 12 }) {
            0 => self.leaf(&shape),
            1 | 2 => {
                let parts: Vec<NodeId> =
                    (0..2 + self.random.below(2)).map(|_| self.value(rows, cols, below)).collect();
                let mut parts = parts;
                if self.random.below(2) == 0 {
                    parts[0] = self.reader.formula.negate(parts[0]).unwrap();
                }
                self.reader.formula.add(&parts).unwrap()
            }
            3 | 4 => {
                let inner = self.size();
                let left = self.value(rows, &inner, below);
                let right = self.value(&inner, cols, below);
                // A scalar on one side is a scaling, whose other side has the whole shape.
                self.reader.formula.product(&[left, right]).unwrap()
            }
            5 => {
                let factors = [self.value(rows, cols, below), self.value(rows, cols, below)];
                self.reader.formula.times(&factors).unwrap()
            }
            6 => {
                let scalar = self.value(&Size::number(1), &Size::number(1), below);
                let body = self.value(rows, cols, below);
                self.reader.formula.scale(scalar, body).unwrap()
            }
            7 => {
                let inner = self.value(cols, rows, below);
                self.reader.formula.transpose(inner)
            }
            8 => self.apply(rows, cols, below),
            9..12 => self.whole(&shape, below),
            12 => {
                let (rows, cols) = (self.size(), self.size());
                let inner = self.value(&rows, &cols, below);
                self.reader.formula.norm(inner)
            }
            _ => {
                let (rows, cols) = (self.size(), self.size());
                let inner = self.value(&rows, &cols, below);
                self.reader.formula.sum(inner).unwrap()
            }
        }
    }

    /// An operator or another function of whole matrices; inverses and determinants of what has them.
    fn whole(&mut self, shape: &Shape, depth: usize) -> NodeId {
        if shape.is_scalar() {
            let size = self.size();
            return match self.random.below(3) {
                0 => {
                    let inner = self.value(&size, &size, depth);
                    self.reader.formula.trace(inner).unwrap()
                }
                1 => {
                    let inner = self.invertible(&size, depth);
                    let operator = [Operator::Determinant, Operator::LogDeterminant][self.random.below(2)];
                    self.reader.formula.operator(operator, inner).unwrap()
                }
                _ => {
                    let other = self.size();
                    let inner = self.value(&size, &other, depth);
                    self.call("logsumexp", 0, inner)
                }
            };
        }
        if shape.is_column() {
            return match self.random.below(3) {
                0 => {
                    let inner = self.value(&shape.rows, &shape.rows, depth);
                    self.reader.formula.operator(Operator::Diagonal, inner).unwrap()
                }
                1 => {
                    let other = self.size();
                    let inner = self.value(&shape.rows, &other, depth);
                    self.call("logsumexp", 1, inner)
                }
                _ => self.through_vec(shape, depth),
            };
        }
        match self.random.below(if shape.is_square() { 7 } else { 5 }) {
            0 => self.through_vec(shape, depth),
            1 => {
                let inner = self.value(&shape.rows, &shape.cols, depth);
                let axis = self.random.below(2);
                self.call("softmax", axis, inner)
            }
            2 => {
                // The first columns of two blocks.
                let first = self.value(&shape.rows, &shape.cols, depth);
                let other = self.size();
                let second = self.value(&shape.rows, &other, depth);
                let formula = &mut self.reader.formula;
                let block = formula.block(Direction::Across, &[first, second]).unwrap();
                let tanh = formula.primitive(Primitive::TANH);
                let value = formula.apply(tanh, &[], &[block]).unwrap();
                formula.part(value, Direction::Across, Size::number(0), shape.cols.clone()).unwrap()
            }
            3 => {
                // Two blocks meet.
                let (p, q) = (self.size(), self.size());
                let left = [self.value(&shape.rows, &p, depth), self.value(&shape.rows, &q, depth)];
                let right = [self.value(&p, &shape.cols, depth), self.value(&q, &shape.cols, depth)];
                let formula = &mut self.reader.formula;
                let left = formula.block(Direction::Across, &left).unwrap();
                let right = formula.block(Direction::Down, &right).unwrap();
                formula.product(&[left, right]).unwrap()
            }
            4 => {
                // A Kronecker product between what makes it of this shape.
                let (a, b) = (self.size(), self.size());
                let first = self.value(&shape.rows, &a.multiply(&b), 0);
                let (left, right) = (self.value(&a, &a, depth), self.value(&b, &b, depth));
                let last = self.value(&a.multiply(&b), &shape.cols, 0);
                let kron = self.reader.formula.kronecker(left, right);
                self.reader.formula.product(&[first, kron, last]).unwrap()
            }
            5 => {
                let inner = self.invertible(&shape.rows, depth);
                self.reader.formula.inverse(inner).unwrap()
            }
            _ => {
                let inner = self.value(&shape.rows, &Size::number(1), depth);
                self.reader.formula.operator(Operator::DiagonalMatrix, inner).unwrap()
            }
        }
    }

    /// `unvec(kron(B, A)*vec(X))`, its columns one below the other where a column is wanted.
    fn through_vec(&mut self, shape: &Shape, depth: usize) -> NodeId {
        let (rows, cols) = if shape.is_column() {
            (Size::number(1), shape.rows.clone())
        } else {
            (shape.rows.clone(), shape.cols.clone())
        };
        let inner = self.value(&cols, &rows, depth);
        let formula = &mut self.reader.formula;
        let column = formula.operator(Operator::Vec, inner).unwrap();
        let commutation = formula.commutation(cols.clone(), rows.clone());
        let mut swapped = formula.product(&[commutation, column]).unwrap();
        if self.random.below(2) == 0 {
            let left = self.value(&cols, &cols, 0);
            let right = self.value(&rows, &rows, 0);
            let kron = self.reader.formula.kronecker(left, right);
            swapped = self.reader.formula.product(&[kron, swapped]).unwrap();
        }
        let formula = &mut self.reader.formula;
        if shape.is_column() { swapped } else { formula.unvec(swapped, Shape::new(rows, cols)).unwrap() }
    }

    fn call(&mut self, name: &str, axis: usize, argument: NodeId) -> NodeId {
        let formula = &mut self.reader.formula;
        let fits = |function: &Function| {
            &*function.name == name && function.signature.as_ref().is_some_and(|s| s.axis.len() == axis)
        };
        let id = formula.functions().find(|(_, function)| fits(function)).unwrap().0;
        formula.call(id, &[argument]).unwrap()
    }

    /// A variable, `X'*X + eye`, or the product of both.
    fn invertible(&mut self, size: &Size, depth: usize) -> NodeId {
        let inner = self.value(size, size, depth);
        let formula = &mut self.reader.formula;
        let transposed = formula.transpose(inner);
        let square = formula.product(&[transposed, inner]).unwrap();
        let identity = formula.constant(Constant::Identity, Shape::new(size.clone(), size.clone()));
        let definite = formula.add(&[square, identity]).unwrap();
        let plain = self.reader.variables[["A", "S"][self.random.below(2)]];
        let formula = &mut self.reader.formula;
        match (self.random.below(3), formula.shape(plain).rows == *size) {
            (0, true) => plain,
            (1, true) => formula.product(&[plain, definite]).unwrap(),
            _ => definite,
        }
    }

    fn apply(&mut self, rows: &Size, cols: &Size, depth: usize) -> NodeId {
        const NAMES: [&str; 14] = [
            "exp", "tanh", "sigmoid", "softplus", "relu", "identity", "silu", "square", "g", "h", "abs",
            "sign", "step", "erf",
        ];
        let inner = self.value(rows, cols, depth);
        let formula = &mut self.reader.formula;
        match self.random.below(6) {
            // Powers of what is at least 1, and whole powers of anything.
            0 => {
                let square = formula.times(&[inner, inner]).unwrap();
                let one = formula.number(Number::ONE);
                let one = formula.broadcast(one, &Shape::new(rows.clone(), cols.clone())).unwrap();
                let base = formula.add(&[one, square]).unwrap();
                let exponents =
                    [Number::MINUS_ONE, Number::ratio(1, 2).unwrap(), Number::ratio(-3, 2).unwrap()];
                let exponent = formula.number(exponents[self.random.below(3)]);
                formula.power(base, exponent).unwrap()
            }
            1 => {
                let exponent = formula.number(Number::integer(self.random.below(4) as i64));
                formula.power(inner, exponent).unwrap()
            }
            2 => {
                let (name, other) = (["max", "min"][self.random.below(2)], self.value(rows, cols, depth));
                let formula = &mut self.reader.formula;
                let function = formula.find_function(name, &[]).unwrap();
                // A and A' tie on the diagonal, A and 3/4*A' only where they are 0.
                let part = formula.number(Number::ratio(3, 4).unwrap());
                let other = formula.scale(part, other).unwrap();
                formula.apply(function, &[], &[inner, other]).unwrap()
            }
            3 => {
                let name = NAMES[self.random.below(NAMES.len())];
                let function = formula.find_function(name, &[]).unwrap();
                formula.apply(function, &[0], &[inner]).unwrap()
            }
            _ => {
                let name = NAMES[self.random.below(NAMES.len())];
                let function = formula.find_function(name, &[]).unwrap();
                formula.apply(function, &[], &[inner]).unwrap()
            }
        }
    }

    fn leaf(&mut self, shape: &Shape) -> NodeId {
        let choice = self.random.below(6);
        let formula = &mut self.reader.formula;
        if choice == 0 {
            let constant = match self.random.below(if shape.is_square() { 3 } else { 2 }) {
                0 => Constant::Ones,
                1 => Constant::Zeros,
                _ => Constant::Identity,
            };
            return formula.constant(constant, shape.clone());
        }
        if choice == 1 && shape.is_scalar() {
            return match self.random.below(3) {
                0 => formula.size(&Size::named("m".into())),
                1 => formula.constant(Constant::Pi, Shape::scalar()),
                _ => formula.number(Number::ratio(self.random.below(7) as i64 - 3, 2).unwrap()),
            };
        }
        let mut names: Vec<&String> = self.reader.variables.keys().collect();
        names.sort();
        let mut fitting: Vec<NodeId> = Vec::new();
        for name in names {
            let id = self.reader.variables[name];
            for id in [id, formula.transpose(id)] {
                if formula.shape(id) == shape && !fitting.contains(&id) {
                    fitting.push(id);
                }
            }
        }
        if fitting.is_empty() {
            return formula.ones(shape.clone());
        }
        fitting[self.random.below(fitting.len())]
    }
}
