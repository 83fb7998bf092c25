//! Names and numbers that stand for constants though nothing declares them, as the library's table of meanings says.

use crate::program::Program;
use crate::shapes::Declared;
use crate::tree::{Call, Expr, ExprId, Operator, Tree};
use formula::{Name, Size};
use std::collections::BTreeSet;

/// How many readings of one kind are said.
pub(crate) const MOST_NOTES: usize = 3;

/// How a row of the table is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A name that is only ever the base of a power.
    Base,
    /// A name that is only added to square matrices.
    Identity,
    /// A number that is transposed.
    Column,
    /// A function of a square matrix.
    Whole,
    /// A function of such a function.
    Traced,
    /// A word in a declaration.
    Property,
}

/// The rows of this form: what is written, and what it means.
pub(crate) fn rows(form: Form) -> impl Iterator<Item = (&'static str, &'static str)> {
    let word = match form {
        Form::Base => "base",
        Form::Identity => "added",
        Form::Column => "column",
        Form::Whole => "whole",
        Form::Traced => "traced",
        Form::Property => "property",
    };
    ::library::MEANINGS.lines().filter_map(move |line| {
        let (first, rest) = line.split_once(' ')?;
        let (written, meant) = rest.trim().split_once(' ')?;
        (first == word).then(|| (written, meant.trim()))
    })
}

/// What a text means by a name of this form.
pub(crate) fn meaning(form: Form, written: &str) -> Option<&'static str> {
    rows(form).find(|(known, _)| *known == written).map(|(_, meant)| meant)
}

/// Powers of a name that is only ever their base are calls of the function that they are: `e^x` is `exp(x)`. The names, and what is
/// said of it.
pub(crate) fn read_bases(program: &mut Program) -> (Vec<Name>, Vec<String>) {
    let (mut names, mut notes) = (Vec::new(), Vec::new());
    for (name, function) in rows(Form::Base) {
        if !is_undeclared(program, name) {
            continue;
        }
        let (mut powers, mut uses) = (Vec::new(), 0);
        for id in values(program) {
            match program.tree.expr(id) {
                Expr::Name(other) if **other == *name => uses += 1,
                Expr::Binary(Operator::Power | Operator::EachPower, base, exponent) if matches!(program.tree.expr(*base), Expr::Name(other) if **other == *name) =>
                {
                    powers.push((id, *exponent));
                }
                _ => {}
            }
        }
        if powers.is_empty() || powers.len() != uses || is_reduced(program, name, &powers) {
            continue;
        }
        let is_open =
            powers.iter().all(|(_, exponent)| matches!(program.tree.expr(*exponent), Expr::Number(..)));
        names.push(Name::from(name));
        for (id, exponent) in &powers {
            let source = program.tree.source(*id);
            let inner = program.tree.source(*exponent);
            let bare = if program.tree.is_bracketed(*exponent) { &inner[1..inner.len() - 1] } else { &inner };
            let note = match is_open {
                false => format!("`{source}` is read as `{function}({bare})`"),
                true => format!(
                    "`{source}` is read as `{function}({bare})`; declare `{name}: scalar` or `{name}: vector` where it is a variable"
                ),
            };
            program.tree.replace(*id, call(function, vec![*exponent]));
            if !notes.contains(&note) && notes.len() < MOST_NOTES {
                notes.push(note);
            }
        }
    }
    (names, notes)
}

/// Whether powers of a name with numbers above are all that something is reduced of, as in `mean(e.^2)`: then it is a variable, for
/// else there would be nothing to reduce.
fn is_reduced(program: &Program, name: &str, powers: &[(ExprId, ExprId)]) -> bool {
    let tree = &program.tree;
    let is_number = |(_, exponent): &(ExprId, ExprId)| tree.names(*exponent).is_empty();
    let reduces = |id: &ExprId| match tree.expr(*id) {
        Expr::Call(call) => {
            formula::Primitive::named(&call.name).is_none()
                && powers.iter().any(|(power, _)| tree.within(*id).contains(power))
                && tree.names(*id).iter().all(|known| known.as_str() == name)
        }
        _ => false,
    };
    powers.iter().all(is_number) && values(program).iter().any(reduces)
}

/// The places where a name is an identity: all its places, if it is only ever added to something or subtracted from it, with or
/// without a scalar in front.
pub(crate) fn identities(program: &Program) -> BTreeSet<ExprId> {
    let tree = &program.tree;
    let mut found = BTreeSet::new();
    for (name, _) in rows(Form::Identity).filter(|(name, _)| is_undeclared(program, name)) {
        // What a name with scalars in front of it is, up to the sum.
        let mut scaled: BTreeSet<ExprId> = BTreeSet::new();
        let (mut places, mut in_sums) = (Vec::new(), BTreeSet::new());
        for id in values(program) {
            let is_scaled = |part: &ExprId| scaled.contains(part);
            match tree.expr(id) {
                Expr::Name(other) if **other == *name => {
                    places.push(id);
                    scaled.insert(id);
                }
                Expr::Binary(Operator::Add | Operator::Subtract, left, right) => {
                    in_sums.extend([*left, *right].into_iter().filter(is_scaled));
                }
                Expr::Negate(part) | Expr::Binary(Operator::Divide, part, _) if is_scaled(part) => {
                    scaled.insert(id);
                }
                Expr::Binary(Operator::Multiply, left, right)
                    if is_scaled(right) && may_scale(tree, *left) =>
                {
                    scaled.insert(id);
                }
                _ => {}
            }
        }
        // Every place is in a sum: as many of the outermost are as there are places.
        if !places.is_empty() && in_sums.len() == places.len() {
            found.extend(places);
        }
    }
    found
}

/// Whether what stands in front may be a scalar by its form: no capital on its own in it.
fn may_scale(tree: &Tree, id: ExprId) -> bool {
    let is_capital = |name: &Name| crate::letters::kind(name) == crate::letters::Kind::Matrix;
    match tree.expr(id) {
        Expr::Name(name) => !is_capital(name),
        Expr::Transpose(_) | Expr::Block(..) => false,
        Expr::Number(..) | Expr::Negate(_) | Expr::Call(_) => true,
        Expr::Binary(..) => !tree.names(id).iter().any(is_capital),
    }
}

fn is_undeclared(program: &Program, name: &str) -> bool {
    let is_size = |size: &Option<Size>| {
        size.as_ref().is_some_and(|size| size.names().iter().any(|part| **part == *name))
    };
    program.declarations.iter().all(|declaration| match &declaration.declared {
        _ if *declaration.name == *name => false,
        Declared::Value { rows, cols, .. } => !is_size(rows) && !is_size(cols),
        Declared::Function => true,
        Declared::Functional(shape) => {
            !is_size(&Some(shape.rows.clone())) && !is_size(&Some(shape.cols.clone()))
        }
    }) && program.lines.iter().all(|line| line.name.as_deref() != Some(name))
}

/// All expressions of the lines.
fn values(program: &Program) -> Vec<ExprId> {
    program.lines.iter().flat_map(|line| program.tree.within(line.value)).collect()
}

/// A call of a function by its name.
pub(crate) fn call(function: &str, arguments: Vec<ExprId>) -> Expr {
    Expr::Call(Call { name: Name::from(function), marks: Vec::new(), arguments, settings: Vec::new() })
}
