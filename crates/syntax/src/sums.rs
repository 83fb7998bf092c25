//! Sums and differences, with scalars, rows and columns repeated to the shape beside them.

use crate::constant::fold;
use crate::diagnostic::{Diagnostic, Mistake, Operand};
use crate::elaborate::{Elaborator, Join, Scope, Values, enclosed, is_sum, unforeseen};
use crate::tree::{Expr, ExprId, Operator, Tree};
use formula::{NodeId, Number, Shape, ShapeError};

impl Elaborator<'_> {
    /// `a + b - c ...`, one sum however long.
    pub fn sum(
        &mut self,
        tree: &Tree,
        id: ExprId,
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        let (first, rest) = tree.chain(id, is_sum);
        let mut terms = vec![values.get(first)];
        let mut left = first;
        for (operator, right, whole) in rest {
            let mut term = values.get(right);
            let wrong = |error: ShapeError| unforeseen(tree, whole, error);
            if let ([only], Some(number)) = (terms.as_slice(), self.formula.as_number(term))
                && let Some(before) = self.formula.as_number(*only)
                && let Some(sum) =
                    fold(operator, before, number).map_err(|mistake| tree.error(mistake, whole))?
            {
                terms = vec![self.formula.number(sum)];
                left = whole;
                continue;
            }
            if self.formula.shape(terms[0]) != self.formula.shape(term) {
                let before = self.formula.add(&terms).map_err(wrong)?;
                let place = Join { tree, whole, operator, left, right, scope };
                let (before, fitted) = self.fit(&place, before, term)?;
                (terms, term) = (vec![before], fitted);
            }
            terms.push(match operator {
                Operator::Subtract => self.formula.negate(term).map_err(wrong)?,
                _ => term,
            });
            left = whole;
        }
        self.formula.add(&terms).map_err(|error| unforeseen(tree, id, error))
    }

    /// Two terms of different shapes made one shape: scalars, rows and columns are repeated.
    fn fit(&mut self, place: &Join, left: NodeId, right: NodeId) -> Result<(NodeId, NodeId), Diagnostic> {
        let shapes = (self.formula.shape(left).clone(), self.formula.shape(right).clone());
        let (left_shape, right_shape) = &shapes;
        // What is taken away from every entry, such as a mean, is meant so.
        if place.operator == Operator::Add && left_shape.is_scalar() != right_shape.is_scalar() {
            let number = if left_shape.is_scalar() { place.left } else { place.right };
            self.doubt_everywhere(place.tree, number, place.whole);
        }
        if place.operator == Operator::Subtract && right_shape.is_scalar() && !is_vector(left_shape) {
            self.doubt_centre(place.tree, place.left, place.right);
        }
        let repeated = if left_shape.is_scalar() {
            (self.formula.broadcast(left, right_shape), Ok(right))
        } else if right_shape.is_scalar() {
            (Ok(left), self.formula.broadcast(right, left_shape))
        } else if is_vector(right_shape) && !is_vector(left_shape) {
            let right = self.repeat(place, right, left, place.right)?;
            (Ok(left), Ok(right))
        } else if is_vector(left_shape) && !is_vector(right_shape) {
            let left = self.repeat(place, left, right, place.left)?;
            (Ok(left), Ok(right))
        } else {
            return Err(self.misfit(place, left, right));
        };
        let error = |error| unforeseen(place.tree, place.whole, error);
        Ok((repeated.0.map_err(error)?, repeated.1.map_err(error)?))
    }

    /// A row or a column beside a matrix, written out as `ones(m)*b'` or `b*ones(n)'`.
    pub fn repeat(
        &mut self,
        place: &Join,
        vector: NodeId,
        matrix: NodeId,
        spelled: ExprId,
    ) -> Result<NodeId, Diagnostic> {
        let shape = self.formula.shape(matrix).clone();
        let own = self.formula.shape(vector).clone();
        let length = if own.is_column() { &own.rows } else { &own.cols };
        // A column may stand for a row, as biases are written; a row stands for itself.
        let (each_row, each_column) = (*length == shape.cols, own.is_column() && *length == shape.rows);
        let text = enclosed(place.tree, spelled);
        let upright = if own.is_column() { format!("{text}'") } else { text.clone() };
        let row = format!("ones({})*{upright}", shape.rows);
        let column = format!("{text}*ones({})'", shape.cols);
        let factors = match (each_row, each_column) {
            (true, true) => {
                let (left, right) =
                    (self.operand(place, spelled, vector), self.operand(place, place.whole, matrix));
                let right = Operand { text: self.other(place, spelled), ..right };
                let mistake = Mistake::AmbiguousBroadcast { left, right, row, column };
                return Err(place.tree.error(mistake, place.whole));
            }
            (true, false) => {
                let ones = self.formula.ones(Shape::column(shape.rows.clone()));
                let flat = if own.is_column() { self.formula.transpose(vector) } else { vector };
                [ones, flat]
            }
            (false, true) => {
                let ones = self.formula.ones(Shape::column(shape.cols.clone()));
                [vector, self.formula.transpose(ones)]
            }
            (false, false) => {
                let is_left = spelled == place.left;
                let (left, right) = if is_left { (vector, matrix) } else { (matrix, vector) };
                return Err(self.misfit(place, left, right));
            }
        };
        if place.scope.body_of.is_none() && self.inlining.is_empty() {
            let (written, each) = if each_row { (row, "column") } else { (column, "row") };
            self.notes.push(format!("`{text}` is read as `{written}`: one entry for each {each}"));
        }
        self.formula.product(&factors).map_err(|error| unforeseen(place.tree, place.whole, error))
    }
}

impl Elaborator<'_> {
    /// Two operands of `.*` or `./`, one of them repeated where a reduction along rows or columns gave it.
    pub fn beside_reduced(
        &mut self,
        place: &Join,
        left: NodeId,
        right: NodeId,
    ) -> Result<(NodeId, NodeId), Diagnostic> {
        let (one, other) = (self.formula.shape(left).clone(), self.formula.shape(right).clone());
        let fits = |vector: &Shape, matrix: &Shape, id: ExprId| {
            let (upright, flat) = (vector.cols.is_one(), vector.rows.is_one());
            let same = upright && vector.rows == matrix.rows || flat && vector.cols == matrix.cols;
            upright != flat && !is_vector(matrix) && same && is_reduced(place.tree, id)
        };
        if fits(&other, &one, place.right) {
            return Ok((left, self.repeat(place, right, left, place.right)?));
        }
        if fits(&one, &other, place.left) {
            return Ok((self.repeat(place, left, right, place.left)?, right));
        }
        Ok((left, right))
    }
}

/// Whether nothing but reductions along rows or columns, and numbers, is in an expression: `1 + sum(X, 2)`.
fn is_reduced(tree: &Tree, root: ExprId) -> bool {
    let (mut stack, mut found) = (vec![root], false);
    while let Some(id) = stack.pop() {
        match tree.expr(id) {
            Expr::Number(..) => {}
            Expr::Call(call) if call.arguments.len() > 1 => {
                let last = call.arguments.last().map(|last| tree.expr(*last));
                match last {
                    Some(Expr::Number(number, _))
                        if *number == Number::ONE || *number == Number::integer(2) =>
                    {
                        found = true;
                    }
                    _ => return false,
                }
            }
            Expr::Name(_) | Expr::Block(..) => return false,
            Expr::Negate(_) | Expr::Transpose(_) | Expr::Binary(..) | Expr::Call(_) => {
                stack.extend(tree.operands(id));
            }
        }
    }
    found
}

fn is_vector(shape: &Shape) -> bool {
    shape.rows.is_one() || shape.cols.is_one()
}
