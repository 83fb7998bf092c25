//! How the names of a program are used, as far as that says something of their shapes.

use crate::program::Program;
use crate::tree::{Expr, ExprId, Operator};
use crate::words::{END, MatrixWord, Meaning, sizes_of, word};
use formula::Name;
use std::collections::{BTreeMap, BTreeSet};

/// How one name is used.
#[derive(Clone, Debug)]
pub(crate) struct Usage {
    pub name: Name,
    /// Only ever as a divisor or an exponent, or inside one.
    pub scalar_only: bool,
    /// An exponent somewhere, or inside of one.
    pub exponent: bool,
    /// Transposed somewhere: nobody transposes a scalar.
    pub transposed: bool,
    /// A row that stands in each row of a matrix, as `vector(1)*b'` does.
    pub repeated: bool,
    /// Made a diagonal somewhere, as in `diag(d)`.
    pub diagonal: bool,
    /// How many calls stand round it where they are most; the input of a network has the most.
    pub depth: usize,
}

/// How the names of a program are used.
pub(crate) struct Usages {
    /// The names that stand for values, lets excepted, in order of appearance.
    pub names: Vec<Usage>,
    /// The names used as sizes, as in `ones(m)`.
    pub sizes: BTreeSet<Name>,
    /// The names that are called.
    pub called: BTreeSet<Name>,
    /// The expressions that stand for no value: sizes and the values of settings.
    pub apart: BTreeSet<ExprId>,
    /// Whether there is a `vector(1)` or a `matrix(1)`.
    pub has_free: bool,
}

/// Looks through the lines, the last first, so that what stands round a let also stands round its parts.
pub(crate) fn usages(program: &Program) -> Usages {
    let tree = &program.tree;
    let lets: BTreeMap<&Name, ExprId> =
        program.lines.iter().filter_map(|line| Some((line.name.as_ref()?, line.value))).collect();
    let (mut sizes, mut called, mut apart) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut depths: BTreeMap<ExprId, usize> = BTreeMap::new();
    let mut scalars: BTreeSet<ExprId> = BTreeSet::new();
    let mut exponents: BTreeSet<ExprId> = BTreeSet::new();
    let mut transposes: BTreeSet<ExprId> = BTreeSet::new();
    let mut repeats: BTreeSet<ExprId> = BTreeSet::new();
    let mut diagonals: BTreeSet<ExprId> = BTreeSet::new();
    let mut found: Vec<ExprId> = Vec::new();
    let mut has_free = false;
    for line in program.lines.iter().rev() {
        for id in tree.within(line.value).into_iter().rev() {
            if apart.contains(&id) {
                apart.extend(tree.operands(id));
                continue;
            }
            let depth = depths.get(&id).copied().unwrap_or(0);
            let inside = scalars.contains(&id);
            let mut deepen = |part: ExprId, depth: usize| {
                let known = depths.entry(part).or_insert(0);
                *known = depth.max(*known);
            };
            match tree.expr(id) {
                Expr::Number(..) => {}
                Expr::Name(name) => match lets.get(name) {
                    Some(value) => deepen(*value, depth),
                    None => found.push(id),
                },
                Expr::Negate(part) | Expr::Transpose(part) => {
                    deepen(*part, depth);
                    match tree.expr(id) {
                        Expr::Transpose(_) => !repeats.contains(part) && transposes.insert(*part),
                        _ => inside && scalars.insert(*part),
                    };
                    exponents.extend(exponents.contains(&id).then_some(*part));
                }
                Expr::Binary(operator, left, right) => {
                    deepen(*left, depth);
                    deepen(*right, depth);
                    if let (Operator::Multiply, Expr::Call(ones), Expr::Transpose(row)) =
                        (operator, tree.expr(*left), tree.expr(*right))
                        && matches!(
                            word(&ones.name).map(|word| word.meaning),
                            Some(Meaning::Matrix(MatrixWord::Vector))
                        )
                    {
                        repeats.insert(*row);
                    }
                    let joins = !matches!(operator, Operator::Times | Operator::Over | Operator::Solve);
                    // `x/(w'*x)` divides by a scalar, but by no scalar name.
                    let divides = matches!(operator, Operator::Divide | Operator::Power)
                        && !tree
                            .within(*right)
                            .iter()
                            .any(|part| matches!(tree.expr(*part), Expr::Transpose(_)));
                    let is_power = matches!(operator, Operator::Power | Operator::EachPower);
                    exponents.extend((exponents.contains(&id)).then_some(*left));
                    exponents.extend((exponents.contains(&id) || is_power).then_some(*right));
                    scalars.extend((inside && joins).then_some(*left));
                    scalars.extend((inside && joins || divides).then_some(*right));
                }
                Expr::Call(call) => {
                    called.insert(call.name.clone());
                    apart.extend(call.settings.iter().map(|(_, value)| *value));
                    let meaning = word(&call.name).map(|word| word.meaning);
                    has_free |= matches!(meaning, Some(Meaning::Matrix(word)) if word.is_free());
                    if matches!(meaning, Some(Meaning::Matrix(MatrixWord::Diagonal))) {
                        diagonals.extend(call.arguments.first());
                    }
                    call.arguments.iter().for_each(|argument| deepen(*argument, depth + 1));
                    for size in sizes_of(call) {
                        sizes.extend(tree.names(*size).into_iter().filter(|name| &**name != END));
                        apart.insert(*size);
                    }
                }
                Expr::Block(_, parts) => parts.iter().for_each(|part| deepen(*part, depth)),
            }
        }
    }
    found.sort();
    let mut names: Vec<Usage> = Vec::new();
    for id in found {
        let Expr::Name(name) = tree.expr(id) else { continue };
        let depth = depths.get(&id).copied().unwrap_or(0);
        let (scalar, transposed) = (scalars.contains(&id), transposes.contains(&id));
        let exponent = exponents.contains(&id);
        let (diagonal, repeated) = (diagonals.contains(&id), repeats.contains(&id));
        match names.iter_mut().find(|usage| usage.name == *name) {
            Some(usage) => {
                usage.scalar_only &= scalar;
                usage.exponent |= exponent;
                usage.transposed |= transposed;
                usage.diagonal |= diagonal;
                usage.repeated |= repeated;
                usage.depth = usage.depth.max(depth);
            }
            None => {
                let name = name.clone();
                names.push(Usage {
                    name,
                    scalar_only: scalar,
                    exponent,
                    transposed,
                    repeated,
                    diagonal,
                    depth,
                })
            }
        }
    }
    Usages { names, sizes, called, apart, has_free }
}
