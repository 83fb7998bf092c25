//! Random formulas, for what must hold of every text.

use super::tests::Draft;
use formula::{Constant, Formula, NodeId, Number, Primitive, Shape, Size};

/// A small generator of numbers, so that a failure repeats.
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }
}

/// A formula of about this many steps over `X: m x n`, `A, B: n x n`, `y: m`, `a, b: n` and the scalars `s`, `c`; the values
/// near the end of the list are the deep ones.
pub(crate) fn random_formula(seed: u64, steps: usize) -> (Formula, Vec<NodeId>) {
    let mut draw = Draw(seed);
    let mut d = Draft(Formula::new());
    let mut pool = vec![
        d.matrix("X", "m", "n"),
        d.matrix("A", "n", "n"),
        d.matrix("B", "n", "n"),
        d.matrix("y", "m", "1"),
        d.matrix("a", "n", "1"),
        d.matrix("b", "n", "1"),
        d.scalar("s"),
        d.scalar("c"),
        d.ones("m", "1"),
        d.ones("n", "1"),
        d.ones("m", "n"),
        d.size("m"),
        d.n(2),
        d.n(-1),
        d.ratio(1, 2),
        d.ratio(-2, 3),
    ];
    let n = Size::named(formula::Name::from("n"));
    pool.push(d.0.constant(Constant::Identity, Shape::new(n.clone(), n)));
    for _ in 0..steps {
        let mut pick = || pool[draw.below(pool.len())];
        let (one, two, three) = (pick(), pick(), pick());
        let scalar = d.0.is_scalar(one);
        let built = match draw.below(14) {
            0 | 1 => d.0.product(&[one, two]).ok(),
            2 => d.0.product(&[one, two, three]).ok(),
            3 => d.0.add(&[one, two]).ok(),
            4 => d.0.negate(two).and_then(|minus| d.0.add(&[one, minus])).ok(),
            5 => d.0.times(&[one, two]).ok(),
            6 => d.0.scale(one, two).ok(),
            7 => Some(d.t(one)),
            8 if scalar => {
                d.0.broadcast(one, &d.0.shape(two).clone()).and_then(|wide| d.0.add(&[two, wide])).ok()
            }
            8 => d.0.sum(one).ok(),
            9 => d.0.sum_rows(one).ok(),
            10 => d.0.sum_columns(one).ok(),
            11 => {
                let power = [(-1, 1), (2, 1), (1, 2), (-1, 2), (-2, 1), (3, 1)][draw.below(6)];
                let exponent = d.0.number(Number::ratio(power.0, power.1).unwrap());
                // Of a positive value, so that every power has one.
                let exp = d.primitive(Primitive::TANH, &[one]);
                let exp = d.primitive(Primitive::EXP, &[exp]);
                d.0.power(exp, exponent).ok()
            }
            12 => Some(d.primitive(Primitive::TANH, &[one])),
            _ => Some(d.norm(one)),
        };
        pool.extend(built);
    }
    (d.0, pool)
}
