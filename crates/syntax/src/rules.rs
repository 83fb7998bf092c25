//! What each call of a program does with shapes.

use crate::diagnostic::Diagnostic;
use crate::elaborate::{Elaborator, Scope};
use crate::functions::Callee;
use crate::program::Program;
use crate::reductions::{Along, along};
use crate::shapes::{Declared, size_of};
use crate::tree::{Call, Expr, ExprId};
use crate::usage::Usages;
use crate::words::Meaning;
use formula::{Name, Shape, Size};
use std::collections::{BTreeMap, BTreeSet};

/// What a call does with shapes.
pub(crate) enum Rule {
    /// Entry by entry: all arguments have one shape, and so has the value.
    Each,
    /// The value is a scalar.
    Scalar,
    /// Two arguments of one shape; the value is a scalar.
    Dot,
    /// `1 x n`.
    Columns,
    /// `m x 1`.
    Rows,
    /// A constant of this shape.
    Constant(Shape),
    /// The declared shapes of a page's arguments and of its value.
    Page(Vec<Shape>, Shape),
}

/// What each call does with shapes.
pub(crate) fn rules(
    program: &Program,
    usages: &Usages,
    size_names: &BTreeSet<Name>,
    elaborator: &mut Elaborator,
    scope: &Scope,
) -> Result<BTreeMap<ExprId, Rule>, Diagnostic> {
    let tree = &program.tree;
    let is_value = |name: &Name| {
        let declared = matches!(program.declared(name), Some(Declared::Value { .. }));
        declared
            || size_names.contains(name)
            || program.lines.iter().any(|line| line.name.as_ref() == Some(name))
    };
    let mut rules = BTreeMap::new();
    for id in program.lines.iter().flat_map(|line| tree.within(line.value)) {
        let Expr::Call(call) = tree.expr(id) else { continue };
        if usages.apart.contains(&id) || is_value(&call.name) {
            continue;
        }
        let rule = match elaborator.callee(tree, id, call, scope)? {
            Callee::Abstract(_) | Callee::Primitive(_) => Rule::Each,
            Callee::Page(page) if page.is_elementwise() => Rule::Each,
            Callee::Page(page) => {
                let shapes = page.parameters.iter().filter_map(|parameter| parameter.shape.clone()).collect();
                Rule::Page(shapes, elaborator.library.value_shape(&page)?)
            }
            Callee::Word(word) => match word.meaning {
                Meaning::Sum | Meaning::Mean => match along(tree, call)? {
                    Along::All => Rule::Scalar,
                    Along::Columns => Rule::Columns,
                    Along::Rows => Rule::Rows,
                },
                Meaning::Norm | Meaning::AbsoluteNorm => Rule::Scalar,
                Meaning::Dot => Rule::Dot,
                Meaning::SquareRoot => Rule::Each,
                Meaning::Ones | Meaning::Zeros | Meaning::Identity => {
                    match constant_shape(program, call, word.meaning == Meaning::Identity) {
                        Some(shape) => Rule::Constant(shape),
                        None => continue,
                    }
                }
                Meaning::Planned | Meaning::Instead(_) => continue,
            },
        };
        rules.insert(id, rule);
    }
    Ok(rules)
}

/// The shape of `ones(m, n)` and its like, where its arguments are sizes.
fn constant_shape(program: &Program, call: &Call, square: bool) -> Option<Shape> {
    let size = |at: usize| size_of(&program.tree, *call.arguments.get(at)?).ok();
    let rows = size(0)?;
    let cols = if square { rows.clone() } else { size(1).unwrap_or(Size::number(1)) };
    Some(Shape::new(rows, cols))
}
