//! Products of matrices and products entry by entry, however long, with scalars taken to the front.

use crate::constant::{Undefined, fold};
use crate::diagnostic::Diagnostic;
use crate::elaborate::{Elaborator, Join, Scope, Values, unforeseen};
use crate::tree::{Expr, ExprId, Operator, Tree};
use formula::NodeId;

impl Elaborator<'_> {
    /// `A*B*C ...`: a product of matrices; scalars scale.
    pub fn product(
        &mut self,
        tree: &Tree,
        id: ExprId,
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        let (first, rest) = tree.chain(id, |operator| operator == Operator::Multiply);
        let (mut scalars, mut word): (Vec<NodeId>, Vec<NodeId>) = (Vec::new(), Vec::new());
        let links =
            std::iter::once((first, first)).chain(rest.into_iter().map(|(_, right, whole)| (right, whole)));
        let mut left = first;
        for (right, whole) in links {
            let factor = values.get(right);
            if self.formula.is_scalar(factor) {
                self.scale_by(&mut scalars, factor).map_err(|mistake| tree.error(mistake, whole))?;
            } else {
                if let Some(last) = word.last()
                    && self.formula.shape(*last).cols != self.formula.shape(factor).rows
                {
                    let before =
                        self.formula.product(&word).map_err(|error| unforeseen(tree, whole, error))?;
                    let place = Join { tree, whole, operator: Operator::Multiply, left, right, scope };
                    return Err(self.misfit(&place, before, factor));
                }
                word.push(factor);
            }
            if let [head, .., last] = word.as_slice()
                && self.formula.shape(*head).rows.is_one()
                && self.formula.shape(*last).cols.is_one()
            {
                // A row times a column is a scalar, and scales what follows.
                let inner = self.formula.product(&word).map_err(|error| unforeseen(tree, whole, error))?;
                scalars.push(inner);
                word.clear();
            }
            left = whole;
        }
        scalars.append(&mut word);
        self.formula.product(&scalars).map_err(|error| unforeseen(tree, id, error))
    }

    fn scale_by(&mut self, scalars: &mut Vec<NodeId>, factor: NodeId) -> Result<(), Undefined> {
        if let (Some(last), Some(number)) = (scalars.last().copied(), self.formula.as_number(factor))
            && let Some(before) = self.formula.as_number(last)
            && let Some(product) = fold(Operator::Multiply, before, number)?
        {
            scalars.pop();
            scalars.push(self.formula.number(product));
        } else {
            scalars.push(factor);
        }
        Ok(())
    }

    /// `A .* B .* C ...`
    pub fn times(
        &mut self,
        tree: &Tree,
        id: ExprId,
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        let (first, rest) = tree.chain(id, |operator| operator == Operator::Times);
        let (mut scalars, mut matrices): (Vec<NodeId>, Vec<NodeId>) = (Vec::new(), Vec::new());
        self.note_reading(tree, first, &rest, scope);
        let links =
            std::iter::once((first, first)).chain(rest.into_iter().map(|(_, right, whole)| (right, whole)));
        let mut left = first;
        for (right, whole) in links {
            let mut factor = values.get(right);
            if self.formula.is_scalar(factor) {
                self.scale_by(&mut scalars, factor).map_err(|mistake| tree.error(mistake, whole))?;
            } else {
                if let Some(last) = matrices.last().copied()
                    && self.formula.shape(last) != self.formula.shape(factor)
                {
                    let place = Join { tree, whole, operator: Operator::Times, left, right, scope };
                    let before =
                        self.formula.times(&matrices).map_err(|error| unforeseen(tree, whole, error))?;
                    let (before, fitted) = self.beside_reduced(&place, before, factor)?;
                    if self.formula.shape(before) != self.formula.shape(fitted) {
                        return Err(self.misfit(&place, last, factor));
                    }
                    (matrices, factor) = (vec![before], fitted);
                }
                matrices.push(factor);
            }
            left = whole;
        }
        scalars.append(&mut matrices);
        self.formula.times(&scalars).map_err(|error| unforeseen(tree, id, error))
    }

    /// `A*B .* C` could be meant as `A*(B .* C)`, so the reading is said.
    fn note_reading(
        &mut self,
        tree: &Tree,
        first: ExprId,
        rest: &[(Operator, ExprId, ExprId)],
        scope: &Scope,
    ) {
        let (Expr::Binary(Operator::Multiply, head, tail), Some((_, right, _))) =
            (tree.expr(first), rest.first())
        else {
            return;
        };
        if tree.is_bracketed(first) || scope.body_of.is_some() || !self.inlining.is_empty() {
            return;
        }
        let (head, tail, right) = (tree.source(*head), tree.source(*tail), tree.source(*right));
        self.notes.push(format!("`{head}*{tail} .* {right}` is read as `({head}*{tail}) .* {right}`"));
    }
}
