//! Functions that are powers: `sqrt(x)` is `x^0.5` in normal form and `sqrt(x)` again when it is read back.

use formula::{Body, Formula, Function, FunctionId, Node, NodeId, Number, Primitive, ShapeError};

/// The portable functions of a formula that are fractional powers, with their exponents.
pub(crate) struct Roots {
    known: Vec<(Number, FunctionId)>,
}

impl Roots {
    /// The roots in a formula's table.
    pub(crate) fn of(formula: &Formula) -> Roots {
        let fractional = |exponent: &Number| exponent.as_integer().is_none();
        let known = formula
            .functions()
            .filter(|(_, function)| function.portable)
            .filter_map(|(id, function)| Some((exponent_of(formula, function).filter(fractional)?, id)))
            .collect();
        Roots { known }
    }

    /// `base^exponent`, written with a root's name or under 1 where there is one.
    pub(crate) fn raise(
        &self,
        formula: &mut Formula,
        base: NodeId,
        exponent: NodeId,
    ) -> Result<NodeId, ShapeError> {
        let Some(number) = formula.as_number(exponent) else { return formula.power(base, exponent) };
        if number.is_one() {
            return Ok(base);
        }
        let root = |wanted: Number| self.known.iter().find(|(known, _)| *known == wanted).map(|(_, id)| *id);
        if let Some(root) = root(number) {
            return formula.apply(root, &[], &[base]);
        }
        if let Some(root) = root(-number) {
            let root = formula.apply(root, &[], &[base])?;
            return formula.reciprocal(root);
        }
        formula.power(base, exponent)
    }
}

/// The exponent of a function that raises its one parameter to a power.
pub(crate) fn exponent_of(formula: &Formula, function: &Function) -> Option<Number> {
    let (Body::Defined(body), [parameter]) = (function.body, function.parameters.as_slice()) else {
        return None;
    };
    let Node::Apply(apply) = formula.node(body) else { return None };
    let [base, exponent] = apply.arguments.as_slice() else { return None };
    let power = apply.marks.is_empty()
        && formula.function(apply.function).body == Body::Primitive(Primitive::POWER)
        && matches!(formula.node(*base), Node::Variable(variable) if variable.name == *parameter);
    if power { formula.as_number(*exponent) } else { None }
}
