//! What each call of a program does with shapes.

use crate::diagnostic::Diagnostic;
use crate::elaborate::{Elaborator, Scope};
use crate::functions::Callee;
use crate::program::Program;
use crate::reductions::{Along, along};
use crate::shapes::{Declared, size_of};
use crate::tree::{Call, Expr, ExprId, Tree};
use crate::usage::Usages;
use crate::words::{MatrixWord, Meaning};
use formula::{Direction, Name, Operator, Shape, Signature, Size};
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
    /// A square matrix; the value is a scalar.
    SquareToScalar,
    /// A square matrix; the value has its shape.
    SquareToSquare,
    /// A column to a square matrix, a square matrix to a column.
    Diagonal,
    /// The columns one below the other.
    Vec,
    /// A column with as many entries as a matrix of this shape, which the value is.
    Unvec(Shape),
    /// Rows times rows, columns times columns.
    Kronecker,
    /// A square matrix and a matrix of as many rows, which the value has the shape of.
    Solve,
    /// So many rows or columns.
    Part(Direction, Size),
    /// So many entries of a column or a row.
    Entries(Size),
    /// A column of any length, or a matrix of any shape.
    Free(Direction),
    /// The declared shapes of a page's arguments and of its value.
    Page(Vec<Shape>, Shape),
    /// The shapes of the argument and of the value, in sizes of the formula.
    Given(Shape, Shape),
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
            Callee::Abstract(function) => match &elaborator.formula.function(function).signature {
                Some(Signature { parameters, result, .. }) => {
                    let of = parameters.first().cloned().unwrap_or(Shape::scalar());
                    Rule::Given(of, result.clone())
                }
                None => Rule::Each,
            },
            Callee::Primitive(_) => Rule::Each,
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
                Meaning::Norm | Meaning::AbsoluteNorm | Meaning::Bars | Meaning::Count(_) => Rule::Scalar,
                Meaning::Dot => Rule::Dot,
                Meaning::SquareRoot => Rule::Each,
                Meaning::Matrix(word) => match word {
                    MatrixWord::Operator(operator) => match operator {
                        Operator::Trace | Operator::Determinant | Operator::LogDeterminant => {
                            Rule::SquareToScalar
                        }
                        Operator::Inverse => Rule::SquareToSquare,
                        Operator::Diagonal | Operator::DiagonalMatrix => Rule::Diagonal,
                        Operator::Vec => Rule::Vec,
                    },
                    MatrixWord::Diagonal => Rule::Diagonal,
                    MatrixWord::Adjugate => Rule::SquareToSquare,
                    MatrixWord::Kronecker => Rule::Kronecker,
                    MatrixWord::Solve => Rule::Solve,
                    MatrixWord::Vector => Rule::Free(Direction::Down),
                    MatrixWord::Matrix => Rule::Free(Direction::Across),
                    // What is wrong with its sizes is said where nodes are built.
                    MatrixWord::Ones
                    | MatrixWord::Zeros
                    | MatrixWord::Identity
                    | MatrixWord::Commutation
                    | MatrixWord::Unvec
                    | MatrixWord::Entries
                    | MatrixWord::Part(_) => match of_sizes(tree, call, word) {
                        Some(rule) => rule,
                        None => continue,
                    },
                },
                Meaning::Instead(_) | Meaning::Lawless(_) => continue,
            },
        };
        rules.insert(id, rule);
    }
    Ok(rules)
}

/// The rule of a word with sizes among its arguments, where these are sizes.
fn of_sizes(tree: &Tree, call: &Call, word: MatrixWord) -> Option<Rule> {
    let size = |at: usize| size_of(tree, *call.arguments.get(at)?).ok();
    let length = || Some(size(2)?.add(&size(1)?.negate()).add(&Size::number(1)));
    match word {
        MatrixWord::Identity => Some(Rule::Constant(Shape::new(size(0)?, size(0)?))),
        MatrixWord::Commutation => {
            let all = size(0)?.multiply(&size(1)?);
            Some(Rule::Constant(Shape::new(all.clone(), all)))
        }
        MatrixWord::Unvec => Some(Rule::Unvec(Shape::new(size(1)?, size(2)?))),
        MatrixWord::Part(direction) => Some(Rule::Part(direction, length()?)),
        MatrixWord::Entries => Some(Rule::Entries(length()?)),
        _ => Some(Rule::Constant(Shape::new(size(0)?, size(1).unwrap_or(Size::number(1))))),
    }
}
