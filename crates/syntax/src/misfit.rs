//! Shapes that do not fit: both operands with their shapes, where these come from, and the likely mend.

use crate::diagnostic::{Diagnostic, Mistake, Operand};
use crate::elaborate::{Elaborator, Join, enclosed};
use crate::tree::{Expr, ExprId, Operator, Tree};
use formula::{Name, NodeId, Shape};

impl Elaborator<'_> {
    /// The error for two operands that an operator cannot join.
    pub fn misfit(&self, place: &Join, left: NodeId, right: NodeId) -> Diagnostic {
        let (left_shape, right_shape) = (self.formula.shape(left).clone(), self.formula.shape(right).clone());
        let mend = mend(place, &left_shape, &right_shape, self.last_factor(place));
        let mistake = Mistake::Shapes {
            operation: place.operator.sign(),
            left: self.operand(place, place.left, left),
            right: self.operand(place, place.right, right),
            mend: Some(match mend {
                Some(text) => format!("did you mean `{text}`?"),
                None => rule(place, &left_shape, &right_shape),
            }),
        };
        place.tree.error(mistake, place.whole)
    }

    /// An operand as written, with its shape and the names it follows from.
    pub fn operand(&self, place: &Join, spelled: ExprId, value: NodeId) -> Operand {
        let shape_of = |name: Name| {
            let shape = self.formula.shape(*place.scope.values.get(&name)?).clone();
            Some((name, shape))
        };
        let names = place.tree.names(spelled).into_iter().filter_map(shape_of).collect();
        Operand { text: place.tree.source(spelled), shape: self.formula.shape(value).clone(), names }
    }

    /// The text of the operand beside this one.
    pub fn other(&self, place: &Join, spelled: ExprId) -> String {
        place.tree.source(if spelled == place.left { place.right } else { place.left })
    }

    /// The shape of the last factor of the left operand, where that is a name, a transpose of one, or such in brackets.
    fn last_factor(&self, place: &Join) -> Option<Shape> {
        let Expr::Binary(Operator::Multiply | Operator::Times, _, last) = place.tree.expr(place.left) else {
            return None;
        };
        self.shape_of(place, *last)
    }

    /// The shape of an expression built of names, sums and functions, found again from its names.
    fn shape_of(&self, place: &Join, id: ExprId) -> Option<Shape> {
        let (mut id, mut turned) = (id, false);
        loop {
            id = match place.tree.expr(id) {
                Expr::Name(name) => {
                    let shape = self.formula.shape(*place.scope.values.get(name)?);
                    return Some(if turned { shape.transpose() } else { shape.clone() });
                }
                Expr::Transpose(part) => {
                    turned = !turned;
                    *part
                }
                Expr::Negate(part) => *part,
                Expr::Binary(
                    Operator::Add | Operator::Subtract | Operator::Times | Operator::Over,
                    left,
                    _,
                ) => *left,
                Expr::Call(call) if crate::words::word(&call.name).is_none() => *call.arguments.first()?,
                Expr::Binary(..) | Expr::Number(..) | Expr::Call(_) | Expr::Block(..) => return None,
            };
        }
    }
}

/// What may have been meant, if it fits.
fn mend(place: &Join, left: &Shape, right: &Shape, last: Option<Shape>) -> Option<String> {
    let tree = place.tree;
    let (a, b) = (enclosed(tree, place.left), enclosed(tree, place.right));
    match place.operator {
        Operator::Times | Operator::Over => {
            // The article's own line: `A' * B .* C` where `A'*(B .* C)` fits.
            if let (Expr::Binary(Operator::Multiply, head, tail), Some(last)) = (tree.expr(place.left), last)
                && last == *right
            {
                let (head, tail) = (tree.source(*head), tree.source(*tail));
                return Some(format!(
                    "{head}*({tail} {} {})",
                    place.operator.sign(),
                    tree.source(place.right)
                ));
            }
            beside(place, left, right)
        }
        Operator::Multiply => {
            if let (Expr::Binary(Operator::Times, head, tail), Some(last)) = (tree.expr(place.left), last)
                && last.cols == right.rows
                && Shape::new(last.rows, right.cols.clone()) == *left
            {
                let (head, tail) = (tree.source(*head), tree.source(*tail));
                return Some(format!("{head} .* ({tail}*{})", tree.source(place.right)));
            }
            if left == right && left.is_column() {
                Some(format!("{}*{b}` for a number, or `{a} .* {b}", turned(tree, place.left)))
            } else if left == right {
                Some(format!("{a} .* {b}"))
            } else if left.rows == right.rows {
                Some(format!("{}*{b}", turned(tree, place.left)))
            } else if left.cols == right.cols {
                Some(format!("{a}*{}", turned(tree, place.right)))
            } else if right.cols == left.rows {
                Some(format!("{b}*{a}"))
            } else {
                None
            }
        }
        Operator::Add | Operator::Subtract => (left.transpose() == *right).then(|| {
            format!("{} {} {}", tree.source(place.left), place.operator.sign(), turned(tree, place.right))
        }),
        Operator::EachPower => beside(place, left, right),
        Operator::Greater
        | Operator::Less
        | Operator::GreaterEqual
        | Operator::LessEqual
        | Operator::Equal
        | Operator::NotEqual => beside(place, left, right),
        Operator::Divide | Operator::Power | Operator::Solve => None,
    }
}

/// Both operands with one of them turned round or repeated to the shape of the other.
fn beside(place: &Join, left: &Shape, right: &Shape) -> Option<String> {
    let (tree, sign) = (place.tree, place.operator.sign());
    let enclosed_fitted = |text: String| if text.contains('*') { format!("({text})") } else { text };
    if let Some(text) = fitted(tree, place.right, right, left) {
        return Some(format!("{} {sign} {}", enclosed(tree, place.left), enclosed_fitted(text)));
    }
    let text = fitted(tree, place.left, left, right)?;
    Some(format!("{} {sign} {}", enclosed_fitted(text), enclosed(tree, place.right)))
}

/// An expression turned round or repeated to a wanted shape, as text, where that makes it fit.
pub(crate) fn fitted(tree: &Tree, id: ExprId, shape: &Shape, wanted: &Shape) -> Option<String> {
    if shape.transpose() == *wanted {
        return Some(turned(tree, id));
    }
    let (upright, flat) = match (shape.cols.is_one(), shape.rows.is_one()) {
        (true, _) => (enclosed(tree, id), turned(tree, id)),
        (_, true) => (turned(tree, id), enclosed(tree, id)),
        _ => return None,
    };
    let length = if shape.cols.is_one() { &shape.rows } else { &shape.cols };
    if *length == wanted.rows && shape.cols.is_one() {
        return Some(format!("{upright}*ones({})'", wanted.cols));
    }
    (*length == wanted.cols).then(|| format!("ones({})*{flat}", wanted.rows))
}

/// What fits, where nothing close to what was written does.
fn rule(place: &Join, left: &Shape, right: &Shape) -> String {
    let (a, b) = (place.tree.source(place.left), place.tree.source(place.right));
    match place.operator {
        Operator::Multiply => format!(
            "a product wants as many rows on its right as columns on its left: {} of `{b}` to fit {} of `{a}`; correct one \
             of the two, or put a matrix of {} x {} between them",
            right.rows, left.cols, left.cols, right.rows
        ),
        Operator::Divide => {
            format!("divide by a scalar, or entry by entry with `{a} ./ {b}`, which wants equal shapes")
        }
        Operator::Power => String::from("raise a square matrix to a whole number, or every entry with `.^`"),
        Operator::Solve => {
            format!("`{a}*X = {b}` wants as many rows of `{b}` as of `{a}`: {} and {}", right.rows, left.rows)
        }
        Operator::Add
        | Operator::Subtract
        | Operator::Times
        | Operator::Over
        | Operator::EachPower
        | Operator::Greater
        | Operator::Less
        | Operator::GreaterEqual
        | Operator::LessEqual
        | Operator::Equal
        | Operator::NotEqual => {
            format!("both sides want one shape, or one of them a scalar: correct `{a}` or `{b}`")
        }
    }
}

/// The transpose of an expression, as text.
pub(crate) fn turned(tree: &Tree, id: ExprId) -> String {
    match tree.expr(id) {
        Expr::Transpose(part) => enclosed(tree, *part),
        _ => enclosed(tree, id) + "'",
    }
}
