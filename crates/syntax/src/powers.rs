//! Division and powers: reciprocals, roots and whole powers as the power primitive or as products.

use crate::constant::fold;
use crate::diagnostic::{Diagnostic, Mistake};
use crate::elaborate::{Elaborator, Join, Scope, Values, enclosed, unforeseen};
use crate::tree::{ExprId, Operator, Tree};
use formula::{Body, Constant, Node, NodeId, Number, Primitive};

/// The largest literal power of a matrix that is written out as a product.
const LARGEST_POWER: u64 = 64;

impl Elaborator<'_> {
    /// `x/m` by a scalar, as a scaling by its reciprocal.
    pub fn divide(
        &mut self,
        tree: &Tree,
        id: ExprId,
        (left, right): (ExprId, ExprId),
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        let (value, divisor) = (values.get(left), values.get(right));
        if !self.formula.is_scalar(divisor) {
            let place = Join { tree, whole: id, operator: Operator::Divide, left, right, scope };
            let (a, b) = (enclosed(tree, left), enclosed(tree, right));
            let shape = self.formula.shape(divisor);
            let fits = shape.is_square() && self.formula.shape(value).cols == shape.rows;
            let mistake = Mistake::WantsShape {
                what: "`/`".to_owned(),
                wanted: "a scalar on its right".to_owned(),
                operand: self.operand(&place, right, divisor),
                mend: match fits {
                    true => {
                        format!("write `{a}*inv({})`, or `{a} ./ {b}` entry by entry", tree.source(right))
                    }
                    false => format!("write `{a} ./ {b}` to divide entry by entry"),
                },
            };
            return Err(tree.error(mistake, id));
        }
        if let (Some(value), Some(divisor)) = (self.formula.as_number(value), self.formula.as_number(divisor))
            && let Some(quotient) =
                fold(Operator::Divide, value, divisor).map_err(|mistake| tree.error(mistake, id))?
        {
            return Ok(self.formula.number(quotient));
        }
        let reciprocal = self.reciprocal(tree, id, divisor)?;
        // Numbers stand in front.
        let scaled = match self.formula.as_number(value) {
            Some(_) => self.formula.scale(value, reciprocal),
            None => self.formula.scale(reciprocal, value),
        };
        scaled.map_err(|error| unforeseen(tree, id, error))
    }

    /// `X ./ Y`
    pub fn over(
        &mut self,
        tree: &Tree,
        id: ExprId,
        (left, right): (ExprId, ExprId),
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        if self.formula.is_scalar(values.get(right)) {
            return self.divide(tree, id, (left, right), scope, values);
        }
        let place = Join { tree, whole: id, operator: Operator::Over, left, right, scope };
        let (above, below) = self.beside_reduced(&place, values.get(left), values.get(right))?;
        if self.formula.shape(above) != self.formula.shape(below) {
            self.same_shape(tree, id, (left, right), scope, values)?;
        }
        let reciprocal = self.reciprocal(tree, id, below)?;
        self.formula.times(&[above, reciprocal]).map_err(|error| unforeseen(tree, id, error))
    }

    fn reciprocal(&mut self, tree: &Tree, id: ExprId, value: NodeId) -> Result<NodeId, Diagnostic> {
        if let Some(number) = self.formula.as_number(value) {
            let folded =
                fold(Operator::Divide, Number::ONE, number).map_err(|mistake| tree.error(mistake, id))?;
            return Ok(self.formula.number(folded.unwrap_or(Number::ONE)));
        }
        // 1/x^2 is x^-2, and prints as it was typed.
        if let Node::Apply(apply) = self.formula.node(value)
            && let [base, exponent] = *apply.arguments.as_slice()
            && apply.marks.is_empty()
            && self.formula.function(apply.function).body == Body::Primitive(Primitive::POWER)
            && let Some(exponent) = self.formula.as_number(exponent).filter(|number| !number.is_negative())
        {
            let exponent = self.formula.number(-exponent);
            return self.power(tree, id, base, exponent);
        }
        let exponent = self.formula.number(Number::MINUS_ONE);
        self.power(tree, id, value, exponent)
    }

    /// `x^k` of a scalar, or a whole power of a square matrix, written out.
    pub fn raise(
        &mut self,
        tree: &Tree,
        id: ExprId,
        (left, right): (ExprId, ExprId),
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        let (base, exponent) = (values.get(left), values.get(right));
        if self.formula.is_scalar(base) && self.formula.is_scalar(exponent) {
            return self.power(tree, id, base, exponent);
        }
        let place = Join { tree, whole: id, operator: Operator::Power, left, right, scope };
        let operand = self.operand(&place, left, base);
        let entrywise = format!("write `{}.^{}` for each entry", enclosed(tree, left), enclosed(tree, right));
        let refuse = |mend: String| Err(tree.error(Mistake::Power { operand: operand.clone(), mend }, id));
        let whole = self.formula.as_number(exponent).and_then(Number::as_integer);
        match whole {
            _ if !self.formula.shape(base).is_square() => refuse(entrywise),
            Some(0) => {
                let shape = self.formula.shape(base).clone();
                Ok(self.formula.constant(Constant::Identity, shape))
            }
            Some(count) if count.unsigned_abs() <= LARGEST_POWER => {
                let misfit = |error| unforeseen(tree, id, error);
                // X^-2 = inv(X)*inv(X)
                let factor = if count < 0 { self.formula.inverse(base).map_err(misfit)? } else { base };
                let factors = vec![factor; count.unsigned_abs() as usize];
                self.formula.product(&factors).map_err(misfit)
            }
            Some(_) => refuse(format!(
                "write a whole number from -{LARGEST_POWER} to {LARGEST_POWER}, or {}",
                &entrywise["write ".len()..]
            )),
            None => {
                let base = enclosed(tree, left);
                // A root of a matrix is no product.
                let mend = match self.formula.as_number(exponent) {
                    Some(_) => format!("give this power a name, such as `R`, or {entrywise}"),
                    None => format!(
                        "write the number itself, as in `{base}^3`, or {}",
                        &entrywise["write ".len()..]
                    ),
                };
                let exponent = tree.source(right);
                Err(tree.error(Mistake::MatrixPower { operand, exponent, mend }, id))
            }
        }
    }

    /// `x^y`, entry by entry.
    pub fn power(
        &mut self,
        tree: &Tree,
        id: ExprId,
        base: NodeId,
        exponent: NodeId,
    ) -> Result<NodeId, Diagnostic> {
        if let (Some(base), Some(exponent)) = (self.formula.as_number(base), self.formula.as_number(exponent))
            && let Some(power) =
                fold(Operator::Power, base, exponent).map_err(|mistake| tree.error(mistake, id))?
        {
            return Ok(self.formula.number(power));
        }
        let power = self.primitive(Primitive::POWER)?;
        self.formula.apply(power, &[], &[base, exponent]).map_err(|error| unforeseen(tree, id, error))
    }
}
