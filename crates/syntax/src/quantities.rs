//! Capitals that are numbers, as in `A*exp(-E/(R*T))` and `r*N*(1 - N/K)`: nothing there is of matrices, and by some of them is divided
//! or they are raised to a power that is no whole number, as no matrix is.

use crate::letters::{self, COUNTS, Kind};
use crate::program::Program;
use crate::rules::Rule;
use crate::tree::{Expr, ExprId, Operator, Tree};
use formula::Name;
use std::collections::{BTreeMap, BTreeSet};

/// The capitals of a formula of numbers; none where something in it is of matrices.
pub(crate) fn quantities(program: &Program, rules: &BTreeMap<ExprId, Rule>) -> BTreeSet<Name> {
    let tree = &program.tree;
    let all: Vec<ExprId> = program.lines.iter().flat_map(|line| tree.within(line.value)).collect();
    if all.iter().any(|id| is_of_matrices(tree, *id, rules)) || !all.iter().any(|id| shows_numbers(tree, *id))
    {
        return BTreeSet::new();
    }
    all.iter().filter_map(|id| capital(tree, *id)).cloned().collect()
}

fn capital(tree: &Tree, id: ExprId) -> Option<&Name> {
    match tree.expr(id) {
        Expr::Name(name) if letters::kind(name) == Kind::Matrix => Some(name),
        _ => None,
    }
}

fn has_capital(tree: &Tree, id: ExprId) -> bool {
    tree.within(id).into_iter().any(|part| capital(tree, part).is_some())
}

/// Whether an expression is of matrices or columns: a transpose, what is joined entry by entry, a function of all entries, a vector
/// behind a capital.
fn is_of_matrices(tree: &Tree, id: ExprId, rules: &BTreeMap<ExprId, Rule>) -> bool {
    match tree.expr(id) {
        Expr::Number(..) | Expr::Name(_) | Expr::Negate(_) => false,
        Expr::Transpose(_) | Expr::Block(..) => true,
        Expr::Call(_) => !matches!(rules.get(&id), Some(Rule::Each)),
        Expr::Binary(Operator::Multiply, left, right) => {
            let is_vector = |name: &Name| letters::kind(name) == Kind::Vector;
            let before = match tree.expr(*left) {
                Expr::Binary(Operator::Multiply, _, last) => *last,
                _ => *left,
            };
            capital(tree, before).is_some()
                && matches!(tree.expr(*right), Expr::Name(name) if is_vector(name))
        }
        Expr::Binary(operator, ..) => {
            matches!(operator, Operator::Times | Operator::Over | Operator::Solve | Operator::EachPower)
        }
    }
}

/// Whether an expression has a number for a capital: `1 - N/K`, `V/(K + S)`, `E/(R*T)`, `K^alpha`.
fn shows_numbers(tree: &Tree, id: ExprId) -> bool {
    let Expr::Binary(operator, left, right) = tree.expr(id) else { return false };
    let is_quotient = |id: ExprId| match tree.expr(id) {
        Expr::Binary(Operator::Divide, above, below) => {
            has_capital(tree, *above) && has_capital(tree, *below)
        }
        _ => false,
    };
    let is_number = |id: ExprId| matches!(tree.expr(id), Expr::Number(..));
    let is_joined = |id: ExprId| match tree.expr(id) {
        Expr::Binary(Operator::Add | Operator::Subtract | Operator::Multiply, above, below) => {
            !is_number(*above) && !is_number(*below)
        }
        _ => false,
    };
    let counts = |name: &Name| COUNTS.contains(&name.as_str());
    match operator {
        Operator::Add | Operator::Subtract => {
            is_number(*left) && is_quotient(*right) || is_number(*right) && is_quotient(*left)
        }
        Operator::Divide => {
            let names = tree.names(*right);
            let mut capitals = names.into_iter().filter(|name| letters::kind(name) == Kind::Matrix);
            is_joined(*right) && capitals.any(|name| !counts(&name))
        }
        // `X^k` may be a matrix times itself.
        Operator::Power => {
            let is_greek = |name: &Name| letters::is_greek(name);
            capital(tree, *left).is_some() && tree.names(*right).iter().any(is_greek)
        }
        _ => false,
    }
}
