//! Words and operators about whole matrices as nodes: inverses and solutions, diagonals, Kronecker products, blocks and parts.

use crate::diagnostic::{Diagnostic, Mistake};
use crate::elaborate::{Elaborator, Join, Scope, Values, enclosed, unforeseen};
use crate::misfit::turned;
use crate::tree::{Call, ExprId, Operator, Tree};
use crate::unify::{product_of, sum_of};
use crate::words::MatrixWord;
use formula::{Constant, Direction, NodeId, Number, Shape, ShapeError, Size};

impl Elaborator<'_> {
    /// The node of a word about whole matrices.
    pub fn matrix_word(
        &mut self,
        tree: &Tree,
        id: ExprId,
        (call, word): (&Call, MatrixWord),
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        let argument = |at: usize| values.get(call.arguments[at]);
        let misfit = |error: ShapeError| unforeseen(tree, id, error);
        match word {
            MatrixWord::Operator(operator @ formula::Operator::Vec) => {
                let shape = self.formula.shape(argument(0));
                let Some(_) = product_of(&shape.rows, &shape.cols) else {
                    return Err(tree.error(Mistake::SizeTooLarge, id));
                };
                self.formula.operator(operator, argument(0)).map_err(misfit)
            }
            MatrixWord::Operator(operator) => {
                self.want_square(tree, id, call, (call.arguments[0], argument(0)), scope)?;
                self.formula.operator(operator, argument(0)).map_err(misfit)
            }
            MatrixWord::Diagonal => {
                let of = argument(0);
                if self.formula.shape(of).is_column() {
                    return self.formula.operator(formula::Operator::DiagonalMatrix, of).map_err(misfit);
                }
                self.want_square(tree, id, call, (call.arguments[0], of), scope)?;
                self.formula.operator(formula::Operator::Diagonal, of).map_err(misfit)
            }
            MatrixWord::Adjugate => {
                let of = argument(0);
                self.want_square(tree, id, call, (call.arguments[0], of), scope)?;
                if self.formula.is_scalar(of) {
                    return Ok(self.formula.number(Number::ONE));
                }
                let determinant =
                    self.formula.operator(formula::Operator::Determinant, of).map_err(misfit)?;
                let inverse = self.formula.inverse(of).map_err(misfit)?;
                let note = format!("`{}` is read as det times inv, of an invertible matrix", tree.source(id));
                self.note(note);
                self.formula.scale(determinant, inverse).map_err(misfit)
            }
            MatrixWord::Unvec => {
                let rows = self.size(tree, call.arguments[1], scope)?;
                let cols = self.size(tree, call.arguments[2], scope)?;
                let (of, shape) = (argument(0), Shape::new(rows, cols));
                let column = Shape::column(shape.rows.multiply(&shape.cols));
                if *self.formula.shape(of) != column {
                    let mend = "give the rows and columns that its entries fill, as in `unvec(v, m, n)`";
                    let wanted = format!("a column of {} entries", column.rows);
                    return Err(self.wants(tree, id, call, (wanted, mend), (0, of), scope));
                }
                self.formula.unvec(of, shape).map_err(misfit)
            }
            MatrixWord::Kronecker => {
                let (left, right) = (argument(0), argument(1));
                let (a, b) = (self.formula.shape(left), self.formula.shape(right));
                let (Some(_), Some(_)) = (product_of(&a.rows, &b.rows), product_of(&a.cols, &b.cols)) else {
                    return Err(tree.error(Mistake::SizeTooLarge, id));
                };
                Ok(self.formula.kronecker(left, right))
            }
            MatrixWord::Commutation => {
                let rows = self.size(tree, call.arguments[0], scope)?;
                let cols = self.size(tree, call.arguments[1], scope)?;
                Ok(self.formula.commutation(rows, cols))
            }
            MatrixWord::Solve => {
                let (left, right) = (call.arguments[0], call.arguments[1]);
                self.solve(tree, id, (left, right), scope, values)
            }
            MatrixWord::Part(_) | MatrixWord::Entries => {
                let of = argument(0);
                let shape = self.formula.shape(of).clone();
                let direction = match word {
                    MatrixWord::Part(direction) => direction,
                    _ if shape.cols.is_one() => Direction::Down,
                    _ if shape.rows.is_one() => Direction::Across,
                    _ => {
                        let text = enclosed(tree, call.arguments[0]);
                        let mend = format!("write `{text}(1, 2)` for an entry, `{text}(:, 2)` for a column");
                        let wanted = "a column or a row with one number in the bracket".to_owned();
                        return Err(self.wants(tree, id, call, (wanted, &mend), (0, of), scope));
                    }
                };
                let whole = if direction == Direction::Down { &shape.rows } else { &shape.cols };
                let first = self.size_in(tree, call.arguments[1], scope, whole)?;
                let last = self.size_in(tree, call.arguments[2], scope, whole)?;
                let before = first.add(&Size::number(1).negate());
                let length = last.add(&before.negate());
                let (whole, what) = match direction {
                    Direction::Down => (shape.rows, "rows"),
                    Direction::Across => (shape.cols, "columns"),
                };
                let beyond = last.negate().add(&whole);
                let empty = length.as_number() == Some(0) || length.is_negative();
                if before.is_negative() || empty || beyond.is_negative() {
                    let wanted =
                        format!("{what} from the first one to the last one, counted from 1 to {whole}");
                    let mut mend = format!("name {what} from 1 to {whole}");
                    if tree.source(id).starts_with(&*call.name) {
                        let last = whole.as_number().map_or("3".to_owned(), |whole| whole.to_string());
                        mend = format!("{mend}, as in `{}(X, 1, {last})`", call.name);
                    }
                    return Err(self.wants(tree, id, call, (wanted, &mend), (0, of), scope));
                }
                self.formula.part(of, direction, before, length).map_err(misfit)
            }
            MatrixWord::Vector | MatrixWord::Matrix => {
                let value = argument(0);
                if !self.formula.is_scalar(value) {
                    let mend = "write the number that stands everywhere, such as `vector(1)`";
                    return Err(self.wants(tree, id, call, ("a number".to_owned(), mend), (0, value), scope));
                }
                match scope.constants.get(&id) {
                    Some(shape) => {
                        let source = tree.source(id);
                        let note = match source.starts_with(call.name.as_str()) {
                            true => format!("`{source}` is {shape}"),
                            false => format!("`{source}` is read as `ones({})'`", shape.rows),
                        };
                        self.note(note);
                        self.formula.broadcast(value, &shape.clone()).map_err(misfit)
                    }
                    None => {
                        let what = format!("the shape of `{}` is not inferred here", call.name);
                        let mend = "write `ones(m)` or `ones(m, n)` with the sizes of an argument".to_owned();
                        Err(tree.error(Mistake::Page { what, mend }, id))
                    }
                }
            }
            MatrixWord::Ones | MatrixWord::Zeros => {
                let rows = self.size(tree, call.arguments[0], scope)?;
                let cols = match call.arguments.get(1) {
                    Some(cols) => self.size(tree, *cols, scope)?,
                    None => Size::number(1),
                };
                let constant = if word == MatrixWord::Ones { Constant::Ones } else { Constant::Zeros };
                Ok(self.formula.constant(constant, Shape::new(rows, cols)))
            }
            MatrixWord::Identity => {
                let size = self.size(tree, call.arguments[0], scope)?;
                Ok(self.formula.constant(Constant::Identity, Shape::new(size.clone(), size)))
            }
        }
    }

    /// `A\B`, the solution X of `A*X = B`, as `inv(A)*B`.
    pub fn solve(
        &mut self,
        tree: &Tree,
        id: ExprId,
        (left, right): (ExprId, ExprId),
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        let (a, b) = (values.get(left), values.get(right));
        let shape = self.formula.shape(a).clone();
        if !shape.is_square() {
            let place = Join { tree, whole: id, operator: Operator::Solve, left, right, scope };
            let spelled = enclosed(tree, left);
            let mistake = Mistake::WantsShape {
                what: "`\\`".to_owned(),
                wanted: "a square matrix on its left".to_owned(),
                operand: self.operand(&place, left, a),
                mend: format!(
                    "for least squares write `({spelled}'*{spelled})\\({spelled}'*{})`",
                    enclosed(tree, right)
                ),
            };
            return Err(tree.error(mistake, id));
        }
        if !shape.is_scalar() && shape.cols != self.formula.shape(b).rows {
            let place = Join { tree, whole: id, operator: Operator::Solve, left, right, scope };
            return Err(self.misfit(&place, a, b));
        }
        let misfit = |error: ShapeError| unforeseen(tree, id, error);
        let inverse = self.formula.inverse(a).map_err(misfit)?;
        self.formula.product(&[inverse, b]).map_err(misfit)
    }

    /// Parts beside or below one another; a scalar is a part of one row and one column.
    pub fn block(
        &mut self,
        tree: &Tree,
        id: ExprId,
        (direction, parts): (Direction, &[ExprId]),
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        let nodes: Vec<NodeId> = parts.iter().map(|part| values.get(*part)).collect();
        let shared = |node: NodeId| match direction {
            Direction::Across => &self.formula.shape(node).rows,
            Direction::Down => &self.formula.shape(node).cols,
        };
        let odd = nodes.iter().position(|node| shared(*node) != shared(nodes[0]));
        if let Some(odd) = odd {
            let (left, right) = (parts[0], parts[odd]);
            let place = Join { tree, whole: id, operator: Operator::Add, left, right, scope };
            let (sign, wanted, other) = match direction {
                Direction::Across => ("[ , ]", "rows", "[A; B]"),
                Direction::Down => ("[ ; ]", "columns", "[A, B]"),
            };
            let mistake = Mistake::Shapes {
                operation: sign,
                left: self.operand(&place, left, nodes[0]),
                right: self.operand(&place, right, nodes[odd]),
                mend: Some(format!(
                    "parts of `{sign}` have equally many {wanted}; `{other}` is the other way"
                )),
            };
            return Err(tree.error(mistake, id));
        }
        let mut along = nodes.iter().map(|node| match direction {
            Direction::Across => &self.formula.shape(*node).cols,
            Direction::Down => &self.formula.shape(*node).rows,
        });
        let Some(_) = along.try_fold(Size::number(0), |sum, size| sum_of(&sum, size)) else {
            return Err(tree.error(Mistake::SizeTooLarge, id));
        };
        self.formula.block(direction, &nodes).map_err(|error| unforeseen(tree, id, error))
    }

    /// An error unless the argument of a word is square.
    fn want_square(
        &self,
        tree: &Tree,
        id: ExprId,
        call: &Call,
        (spelled, value): (ExprId, NodeId),
        scope: &Scope,
    ) -> Result<(), Diagnostic> {
        let shape = self.formula.shape(value);
        if shape.is_square() {
            return Ok(());
        }
        let text = enclosed(tree, spelled);
        let (wanted, mend) = match (&*call.name, shape.rows.is_one()) {
            ("diag", true) => (
                "a column, or a square matrix".to_owned(),
                format!("write `diag({})`", turned(tree, spelled)),
            ),
            _ => (
                "a square matrix".to_owned(),
                format!("`{text}'*{text}` is square, of {} x {}", shape.cols, shape.cols),
            ),
        };
        Err(self.wants(tree, id, call, (wanted, &mend), (0, value), scope))
    }

    /// The error that an argument of a word has another shape than it wants.
    fn wants(
        &self,
        tree: &Tree,
        id: ExprId,
        call: &Call,
        (wanted, mend): (String, &str),
        (at, value): (usize, NodeId),
        scope: &Scope,
    ) -> Diagnostic {
        let spelled = call.arguments[at];
        let place = Join { tree, whole: id, operator: Operator::Times, left: spelled, right: spelled, scope };
        let what = format!("`{}`", call.name);
        let operand = self.operand(&place, spelled, value);
        tree.error(Mistake::WantsShape { what, wanted, operand, mend: mend.to_owned() }, id)
    }
}
