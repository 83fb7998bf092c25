//! Where differences are no judges.

use super::*;

/// The places of a formula where differences and the rules of the calculus are no judges.
pub struct Doubts {
    formula: Formula,
    /// Values whose zeros are kinks: arguments of `abs` and its like, differences of the arguments of `max` and its like, in the
    /// bodies of functions too.
    kinks: Vec<NodeId>,
    /// Matrices of which there is an inverse or a determinant.
    inverted: Vec<NodeId>,
    /// Arguments of functions that are computed otherwise than they are defined.
    rearranged: Vec<NodeId>,
}

/// How near a kink may be for differences to be trusted.
const MARGIN: f64 = 0.02;
/// The largest condition number of a matrix whose inverse keeps enough digits.
const CONDITION: f64 = 300.0;
/// How far out a function that is computed otherwise than it is defined keeps its relative precision: the logistic function,
/// as half of one plus a hyperbolic tangent, loses the digits of its small values.
const FAR: f64 = 15.0;

impl Doubts {
    pub fn of(formula: &Formula) -> Option<Doubts> {
        let mut formula = formula.clone();
        let (mut waiting, mut seen) = (vec![formula.result()?], BTreeSet::new());
        let (mut kinks, mut inverted, mut rearranged) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        while let Some(root) = waiting.pop() {
            for id in formula.reachable(&[root]) {
                if !seen.insert(id) {
                    continue;
                }
                match formula.node(id).clone() {
                    Node::Operator(
                        Operator::Inverse | Operator::Determinant | Operator::LogDeterminant,
                        matrix,
                    ) => {
                        inverted.insert(matrix);
                    }
                    Node::Apply(apply) => {
                        if formula.function(apply.function).stable.is_some() {
                            rearranged.extend(apply.arguments.clone());
                        }
                        waiting.extend(formula.unfold(&apply).ok()?);
                        let Body::Primitive(primitive) = formula.function(apply.function).body else {
                            continue;
                        };
                        match (primitive.row().kink, apply.arguments.as_slice()) {
                            (Kink::AtZero, [argument, ..]) => {
                                kinks.insert(*argument);
                            }
                            (Kink::AtTie, [left, right]) => {
                                let minus = formula.negate(*right).ok()?;
                                let shape = formula.shape(id).clone();
                                let left = formula.broadcast(*left, &shape).ok()?;
                                let right = formula.broadcast(minus, &shape).ok()?;
                                kinks.insert(formula.add(&[left, right]).ok()?);
                            }
                            (Kink::Nowhere | Kink::AtZero | Kink::AtTie, _) => {}
                        }
                    }
                    _ => {}
                }
            }
        }
        let [kinks, inverted, rearranged] =
            [kinks, inverted, rearranged].map(|ids| ids.into_iter().collect());
        Some(Doubts { formula, kinks, inverted, rearranged })
    }

    /// What is doubtful at a point, if anything is.
    pub fn at(&self, point: &Point) -> Option<&'static str> {
        let values = |ids: &[NodeId]| self.formula.evaluate(ids, point).unwrap_or_default();
        let near_zero = |matrix: &Matrix| matrix.entries.iter().any(|entry| entry.abs() < MARGIN);
        if values(&self.kinks).iter().any(near_zero) {
            return Some("a kink is near");
        }
        let size = |matrix: &Matrix| matrix.entries.iter().fold(0.0_f64, |most, entry| most.max(entry.abs()));
        let singular = |matrix: &Matrix| {
            let identity =
                Matrix::from_fn(matrix.rows, matrix.rows, |row, col| f64::from(u8::from(row == col)));
            let condition = size(matrix) * size(&matrix.solve(&identity).0);
            !condition.is_finite() || condition > CONDITION
        };
        if values(&self.inverted).iter().any(singular) {
            return Some("a matrix has no inverse");
        }
        if values(&self.rearranged).iter().any(|matrix| size(matrix) > FAR) {
            return Some("a function is evaluated so far out that it keeps few digits");
        }
        None
    }
}
