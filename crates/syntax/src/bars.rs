//! Bars, as in `|x|`: the absolute value of a scalar, the determinant of a square matrix, the norm of a column.

use crate::diagnostic::{Diagnostic, Mistake};
use crate::elaborate::{Elaborator, Join, Scope, unforeseen};
use crate::letters;
use crate::program::Program;
use crate::shapes::Declared;
use crate::tree::{Call, Expr, ExprId, Operator, Tree};
use crate::words::{Meaning, word};
use formula::{Name, NodeId, Operator as MatrixOperator, Primitive};
use std::collections::BTreeMap;

/// What an expression is by its letters and declarations alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Scalar,
    Vector,
    Matrix,
}

/// Turns bars round what is a matrix by its letters into determinants, before shapes are inferred: they say that it is square.
/// Those round what is a scalar by its letters are absolute values.
pub(crate) fn settle(program: &mut Program) {
    let is_bars = |name: &Name| word(name).is_some_and(|word| word.meaning == Meaning::Bars);
    if !program.tree.calls().any(is_bars) {
        return;
    }
    let ids: Vec<ExprId> = program.lines.iter().flat_map(|line| program.tree.within(line.value)).collect();
    let mut kinds: BTreeMap<ExprId, Kind> = BTreeMap::new();
    let mut lets: BTreeMap<Name, Kind> = BTreeMap::new();
    let ends: BTreeMap<ExprId, Name> =
        program.lines.iter().filter_map(|line| Some((line.value, line.name.clone()?))).collect();
    let (mut determinants, mut logarithms, mut absolute) = (Vec::new(), Vec::new(), Vec::new());
    for id in ids {
        let of = |part: &ExprId| kinds.get(part).copied().unwrap_or(Kind::Scalar);
        let kind = match program.tree.expr(id) {
            Expr::Number(..) => Kind::Scalar,
            Expr::Name(name) => lets.get(name).copied().unwrap_or_else(|| kind_of(program, name)),
            Expr::Negate(part) | Expr::Transpose(part) => of(part),
            Expr::Block(..) => Kind::Matrix,
            Expr::Binary(operator, left, right) => join(*operator, of(left), of(right)),
            Expr::Call(call) => {
                let first = call.arguments.first();
                let inner = first.map_or(Kind::Scalar, of);
                if is_bars(&call.name) && inner == Kind::Matrix {
                    determinants.push(id);
                }
                if is_bars(&call.name) && inner == Kind::Scalar {
                    absolute.push(id);
                }
                if &*call.name == "log" && first.is_some_and(|first| determinants.contains(first)) {
                    logarithms.push(id);
                }
                if &*call.name == "log" && first.is_some_and(|first| of_determinant(program, *first)) {
                    logarithms.push(id);
                }
                match word(&call.name).map(|word| word.meaning) {
                    None | Some(Meaning::SquareRoot) => inner,
                    Some(Meaning::Matrix(crate::words::MatrixWord::Operator(MatrixOperator::Inverse))) => {
                        inner
                    }
                    Some(_) => Kind::Scalar,
                }
            }
        };
        kinds.insert(id, kind);
        if let Some(name) = ends.get(&id) {
            lets.insert(name.clone(), kind);
        }
    }
    for id in absolute {
        program.tree.rename(id, "abs");
    }
    for id in determinants {
        program.tree.rename(id, "det");
    }
    for id in logarithms {
        let Expr::Call(call) = program.tree.expr(id) else { continue };
        let Some(Expr::Call(inner)) = call.arguments.first().map(|first| program.tree.expr(*first)) else {
            continue;
        };
        // `log|det(X)|` is of what the determinant is of.
        let innermost = inner.arguments.first().map(|first| program.tree.expr(*first));
        let inner = match innermost {
            Some(Expr::Call(determinant)) if &*determinant.name == "det" => determinant,
            _ => inner,
        };
        let call = Call { name: Name::from("logdet"), ..inner.clone() };
        program.tree.replace(id, Expr::Call(call));
    }
}

/// Whether these are bars round a determinant: their logarithm is `logdet`.
fn of_determinant(program: &Program, bars: ExprId) -> bool {
    let Expr::Call(call) = program.tree.expr(bars) else { return false };
    let is_bars = word(&call.name).is_some_and(|word| word.meaning == Meaning::Bars);
    let inner = call.arguments.first().map(|first| program.tree.expr(*first));
    is_bars && matches!(inner, Some(Expr::Call(inner)) if &*inner.name == "det")
}

fn kind_of(program: &Program, name: &Name) -> Kind {
    match program.declared(name) {
        Some(Declared::Value { rows, cols, .. }) => {
            let is_one = |size: &Option<formula::Size>| size.as_ref().is_some_and(formula::Size::is_one);
            match (is_one(rows), is_one(cols)) {
                (true, true) => Kind::Scalar,
                (false, true) | (true, false) => Kind::Vector,
                (false, false) => Kind::Matrix,
            }
        }
        Some(Declared::Function | Declared::Functional(_)) => Kind::Scalar,
        None => match letters::kind(name) {
            letters::Kind::Matrix => Kind::Matrix,
            letters::Kind::Vector => Kind::Vector,
            letters::Kind::Scalar => Kind::Scalar,
        },
    }
}

fn join(operator: Operator, left: Kind, right: Kind) -> Kind {
    match (operator, left, right) {
        (Operator::Power | Operator::EachPower | Operator::Divide, left, _) => left,
        (_, Kind::Scalar, other) | (_, other, Kind::Scalar) => other,
        (Operator::Multiply, Kind::Matrix, Kind::Vector)
        | (Operator::Multiply, Kind::Vector, Kind::Matrix) => Kind::Vector,
        (Operator::Multiply, Kind::Vector, Kind::Vector) => Kind::Scalar,
        (_, Kind::Matrix, _) | (_, _, Kind::Matrix) => Kind::Matrix,
        (_, Kind::Vector, Kind::Vector) => Kind::Vector,
    }
}

impl Elaborator<'_> {
    /// The value between bars, by its shape; the function that they are is kept for the echo.
    pub fn bars(
        &mut self,
        tree: &Tree,
        id: ExprId,
        (call, value): (&Call, NodeId),
        scope: &Scope,
    ) -> Result<NodeId, Diagnostic> {
        let shape = self.formula.shape(value).clone();
        let spelled = call.arguments[0];
        let (name, node) = if shape.is_scalar() {
            let abs = self.primitive(Primitive::ABS)?;
            ("abs", self.formula.apply(abs, &[], &[value]))
        } else if shape.is_square() {
            ("det", self.formula.operator(MatrixOperator::Determinant, value))
        } else if shape.is_column() {
            let text = tree.source(spelled);
            self.note(format!(
                "the bars round `{text}`, a column, are its norm; `abs({text})` is entry by entry"
            ));
            ("norm", Ok(self.formula.norm(value)))
        } else {
            let place =
                Join { tree, whole: id, operator: Operator::Times, left: spelled, right: spelled, scope };
            let text = tree.source(spelled);
            let mistake = Mistake::WantsShape {
                what: "`|...|`".to_owned(),
                wanted: "a scalar, a square matrix or a column".to_owned(),
                operand: self.operand(&place, spelled, value),
                mend: format!("write `norm({text})` for the length, or `abs({text})` entry by entry"),
            };
            return Err(tree.error(mistake, id));
        };
        if self.inlining.is_empty() && self.building.is_empty() {
            self.bars.push((id, name));
        }
        node.map_err(|error| unforeseen(tree, id, error))
    }
}

/// A text with bars in the place of the calls that they are read as: `|x|` for `bars(x)`.
pub(crate) fn typed(text: &str) -> String {
    const CALL: &str = "bars(";
    let starts = |at: &usize| !text[..*at].ends_with(crate::token::continues_name);
    let Some(start) = text.match_indices(CALL).map(|(at, _)| at).find(starts) else { return text.to_owned() };
    let inside = &text[start + CALL.len()..];
    let mut depth = 0_usize;
    let close = inside.find(|letter| {
        match letter {
            '(' => depth += 1,
            ')' if depth == 0 => return true,
            ')' => depth -= 1,
            _ => {}
        }
        false
    });
    let Some(close) = close else { return text.to_owned() };
    format!("{}|{}|{}", &text[..start], typed(&inside[..close]), typed(&inside[close + 1..]))
}
