//! Random formulas over every kind of node, by a seeded generator.

use super::read::{Reader, library};
use formula::{Constant, NodeId, Number, Shape, Size};

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
        match self.random.below(if shape.is_scalar() { 11 } else { 9 }) {
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
            9 => {
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
                let function = self.reader.formula.find_function(name, &[]).unwrap();
                self.reader.formula.apply(function, &[], &[inner, other]).unwrap()
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
