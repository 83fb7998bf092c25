//! Expressions that are numbers: the values of settings and of states.

use crate::diagnostic::{Diagnostic, Mistake};
use crate::tree::{Expr, ExprId, Operator, Tree};
use formula::{Name, Number};
use std::collections::BTreeMap;

/// The number an expression is, where these names stand for numbers; `None` where it is no number.
pub(crate) fn constant(
    tree: &Tree,
    root: ExprId,
    names: &BTreeMap<Name, Number>,
) -> Result<Option<Number>, Diagnostic> {
    let mut values: BTreeMap<ExprId, Number> = BTreeMap::new();
    for id in tree.within(root) {
        let of = |id: &ExprId| values.get(id).copied();
        let value = match tree.expr(id) {
            Expr::Number(number, _) => Some(*number),
            Expr::Name(name) => names.get(name).copied(),
            Expr::Negate(part) => of(part).map(|number| -number),
            Expr::Transpose(part) => of(part),
            Expr::Binary(operator, left, right) => match (of(left), of(right)) {
                (Some(left), Some(right)) => {
                    fold(*operator, left, right).map_err(|mistake| tree.error(mistake, id))?
                }
                _ => None,
            },
            Expr::Call(_) | Expr::Block(..) => None,
        };
        match value {
            Some(value) => values.insert(id, value),
            None => return Ok(None),
        };
    }
    Ok(values.get(&root).copied())
}

/// Why an operation on two numbers has no result.
pub(crate) enum Undefined {
    DivisionByZero,
    Overflow,
}

impl From<Undefined> for Mistake {
    fn from(undefined: Undefined) -> Mistake {
        match undefined {
            Undefined::DivisionByZero => Mistake::DivisionByZero,
            Undefined::Overflow => Mistake::Overflow,
        }
    }
}

/// An operation on two numbers, where its result is exact or as near as a double; `None` where it is left to the machine.
pub(crate) fn fold(operator: Operator, left: Number, right: Number) -> Result<Option<Number>, Undefined> {
    let in_range = |value: Option<Number>| value.map(Some).ok_or(Undefined::Overflow);
    // A sum that would hold no digit of its smaller part stays a sum.
    let sum = |right: Number| match left.plus(right) {
        None if !(left.value() + right.value()).is_finite() => Err(Undefined::Overflow),
        sum => Ok(sum),
    };
    match operator {
        Operator::Add => sum(right),
        Operator::Subtract => sum(-right),
        Operator::Multiply | Operator::Times => in_range(left.times(right)),
        Operator::Divide | Operator::Over if right.is_zero() => Err(Undefined::DivisionByZero),
        Operator::Divide | Operator::Over => in_range(right.reciprocal().and_then(|right| left.times(right))),
        Operator::Power | Operator::EachPower => match right.as_integer() {
            Some(exponent) if exponent < 0 && left.is_zero() => Err(Undefined::DivisionByZero),
            Some(exponent) => in_range(left.power(exponent)),
            None => Ok(None),
        },
        // A quotient of numbers is written `/`, and comparisons are left to the machine.
        Operator::Solve
        | Operator::Greater
        | Operator::Less
        | Operator::GreaterEqual
        | Operator::LessEqual
        | Operator::Equal
        | Operator::NotEqual => Ok(None),
    }
}
