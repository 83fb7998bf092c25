//! Notes on what is read as it is written and likely to be meant otherwise, with the formula that says so.

use crate::elaborate::Elaborator;
use crate::infer::Assumption;
use crate::letters;
use crate::meanings::{Form, MOST_NOTES, meaning};
use crate::page::Definition;
use crate::program::Program;
use crate::tree::{Call, Expr, ExprId, Operator, Tree};
use crate::words::{MatrixWord, Meaning, word};
use ::library::Kind;
use formula::{Formula, Name, Node, NodeId, Shape};
use std::collections::BTreeMap;

/// A call that may be meant otherwise.
pub(crate) enum Doubt {
    /// A function entry by entry of a matrix of this shape.
    Whole(ExprId, Shape),
    /// A function of all entries of a matrix, of which there is one by rows too, with this number behind the arguments.
    Rows(ExprId, u8),
    /// A number that is added to every entry of what it stands beside, in this sum.
    Everywhere(ExprId, ExprId),
    /// The mean of all entries of a matrix, taken from that matrix.
    Centre(ExprId),
    /// A page whose result is one number, such as a loss, directly inside a sum or a mean.
    Number(ExprId, ExprId, Kind),
}

impl Elaborator<'_> {
    /// A function entry by entry that others know as one of a whole square matrix.
    pub fn doubt_whole(&mut self, id: ExprId, call: &Call, shape: Shape) {
        let is_matrix = !shape.rows.is_one() && !shape.cols.is_one();
        if is_matrix && self.is_in_formula() && meaning(Form::Whole, &call.name).is_some() {
            self.doubts.push(Doubt::Whole(id, shape));
        }
    }

    /// A function of all entries that has the shape of its argument, where there is one by rows.
    pub fn doubt_rows(&mut self, id: ExprId, page: &Definition, argument: &Shape) {
        let is_matrix = !argument.rows.is_one() && !argument.cols.is_one();
        if !is_matrix || !page.axis.is_empty() || page.parameters.len() != 1 || !self.is_in_formula() {
            return;
        }
        let all = self.library.callable(&page.name, 2).unwrap_or_default();
        // The last number counts along rows.
        let numbers = all.iter().filter(|other| other.axis.len() == 1).flat_map(|other| &other.axis);
        let Some(axis) = numbers.max() else { return };
        let declared = page.parameters[0].shape.as_ref();
        if self.library.value_shape(page).ok().as_ref() == declared {
            self.doubts.push(Doubt::Rows(id, *axis));
        }
    }

    /// A number that is computed, added to every entry of a value that is none.
    pub fn doubt_everywhere(&mut self, tree: &Tree, term: ExprId, sum: ExprId) {
        let is_computed = |id: &ExprId| matches!(tree.expr(*id), Expr::Call(_) | Expr::Transpose(_));
        if self.is_in_formula() && tree.within(term).iter().any(is_computed) {
            self.doubts.push(Doubt::Everywhere(term, sum));
        }
    }

    /// The mean of all entries of a matrix that is taken from the matrix itself, where that of each column may be meant.
    pub fn doubt_centre(&mut self, tree: &Tree, of: ExprId, mean: ExprId) {
        let Expr::Call(call) = tree.expr(mean) else { return };
        let is_mean = word(&call.name).is_some_and(|word| matches!(word.meaning, Meaning::Mean));
        let is_own = matches!(call.arguments.as_slice(), [own] if tree.source(*own) == tree.source(of));
        if is_mean && is_own && tree.len_of(of) < LONGEST_CENTRED && self.is_in_formula() {
            self.doubts.push(Doubt::Centre(mean));
        }
    }

    /// A call of a page of whole matrices whose result is one number, directly inside a reduction.
    pub fn doubt_number(&mut self, tree: &Tree, reduced: ExprId, whole: ExprId, value: NodeId) {
        let Expr::Call(call) = tree.expr(reduced) else { return };
        let pages = self.library.callable(&call.name, call.arguments.len()).unwrap_or_default();
        let judges = pages.iter().find(|page| matches!(page.kind, Kind::Loss | Kind::Metric));
        if let Some(page) = judges.filter(|_| self.formula.shape(value).is_scalar() && self.is_in_formula()) {
            self.doubts.push(Doubt::Number(reduced, whole, page.kind));
        }
    }

    /// Whether what is read is the formula itself, and no page.
    pub fn is_in_formula(&self) -> bool {
        self.inlining.is_empty() && self.building.is_empty() && self.doubts.len() < MOST_DOUBTS
    }
}

/// How many calls are kept to be looked at.
const MOST_DOUBTS: usize = 100;

/// How long a matrix may be that its own mean is looked for beside.
const LONGEST_CENTRED: usize = 20;

/// Vectors' letters that are taken for numbers directly in front of a capital, `x*W`: a row may be meant.
pub(crate) fn rows(program: &Program, assumptions: &[Assumption]) -> Vec<String> {
    let tree = &program.tree;
    let is_number = |name: &Name| {
        assumptions.iter().any(|one| one.name == *name && one.kind == "scalar" && !one.is_constant)
    };
    let mut notes = Vec::new();
    for id in program.lines.iter().flat_map(|line| tree.within(line.value)) {
        let Expr::Binary(Operator::Multiply, left, right) = tree.expr(id) else { continue };
        if let (Expr::Name(row), Expr::Name(matrix)) = (tree.expr(*left), tree.expr(*right))
            && letters::kind(row) == letters::Kind::Vector
            && letters::kind(matrix) == letters::Kind::Matrix
            && is_number(row)
        {
            let all = crate::index_sums::capital(row);
            let note = format!(
                "`{row}` in front of `{matrix}` is read as a number; for a row, or a row for each example, write `{all}*{matrix}`"
            );
            notes.extend(Some(note).filter(|note| notes.len() < MOST_NOTES && !notes.contains(note)));
        }
    }
    notes
}

/// Numbers with a letter or a number below them, `z_k`, beside a vector or matrix of the name before it: they may be meant as its
/// entries.
pub(crate) fn entries(formula: &Formula, assumptions: &[Assumption]) -> Vec<String> {
    let values: Vec<NodeId> = formula.lines.iter().map(|line| line.value).collect();
    let variables = formula.variables(&values).into_iter().filter_map(|id| match formula.node(id) {
        Node::Variable(variable) => Some((&variable.name, &variable.shape)),
        _ => None,
    });
    let shapes: BTreeMap<&Name, &Shape> = variables.collect();
    let said = |assumption: &Assumption| {
        let name = &assumption.name;
        let (stem, label) = name.rsplit_once('_')?;
        let is_index = label.len() == 1 || label.bytes().all(|digit| digit.is_ascii_digit());
        let whole = shapes.get(&Name::from(stem)).filter(|shape| !shape.is_scalar())?;
        let place = if whole.cols.is_one() { "1" } else { "1,2" };
        let is_number = shapes.get(name).is_some_and(|shape| shape.is_scalar());
        (is_index && is_number).then(|| {
            format!("`{name}` is a name of its own, and no entry of `{stem}`: an entry is told by its number, as in `{stem}({place})`")
        })
    };
    assumptions.iter().filter_map(said).take(MOST_NOTES).collect()
}

/// What is said of them.
pub(crate) fn notes(program: &Program, doubts: &[Doubt]) -> Vec<String> {
    if doubts.is_empty() {
        return Vec::new();
    }
    let tree = &program.tree;
    let mut above: BTreeMap<ExprId, (ExprId, ExprId)> = BTreeMap::new();
    for line in &program.lines {
        for id in tree.within(line.value) {
            above.extend(tree.operands(id).into_iter().map(|part| (part, (id, line.value))));
        }
    }
    let mut notes: Vec<String> = Vec::new();
    for doubt in doubts {
        let note = match doubt {
            Doubt::Everywhere(term, sum) => everywhere(program, *term, *sum, &above),
            Doubt::Number(id, whole, kind) => number(tree, *id, *whole, *kind),
            Doubt::Centre(id) => {
                let source = tree.source(*id);
                let root = above.get(id).map_or(*id, |(_, root)| *root);
                source.strip_suffix(')').map(|open| {
                    let whole = tree.source(root).replace(source.as_str(), &format!("{open}, 1)"));
                    format!("`{source}` is the mean of all entries of the matrix; with that of each column it is `{whole}`")
                })
            }
            Doubt::Whole(id, shape) => whole(tree, *id, shape, &above),
            Doubt::Rows(id, axis) => {
                let source = tree.source(*id);
                let by_rows = source.strip_suffix(')').map(|open| format!("{open}, {axis})"));
                let root = above.get(id).map_or(*id, |(_, root)| *root);
                by_rows.map(|by_rows| {
                    let whole = tree.source_with(root, *id, &by_rows);
                    format!("`{source}` is over all entries of the matrix; over each row it is `{whole}`")
                })
            }
        };
        notes.extend(note.filter(|note| notes.len() < MOST_NOTES && !notes.contains(note)));
    }
    notes
}

/// What is said of a loss or a metric inside a reduction, which has nothing to reduce.
fn number(tree: &Tree, id: ExprId, whole: ExprId, kind: Kind) -> Option<String> {
    let Expr::Call(call) = tree.expr(id) else { return None };
    let (source, around) = (tree.source(id), tree.source(whole));
    let first = tree.source(*call.arguments.first()?);
    let is = format!("`{source}` is one number already, and `{around}` is the same number");
    Some(match kind {
        Kind::Loss => {
            format!(
                "{is}: the mean over the rows of a sum of entries; the sum over all entries is `nrows({first})*{source}`"
            )
        }
        _ => is,
    })
}

/// What is said of a number that is added to every entry of the result.
fn everywhere(
    program: &Program,
    term: ExprId,
    sum: ExprId,
    above: &BTreeMap<ExprId, (ExprId, ExprId)>,
) -> Option<String> {
    let tree = &program.tree;
    let mut top = sum;
    while let Some((whole, _)) = above.get(&top) {
        let Expr::Binary(Operator::Add | Operator::Subtract, ..) = tree.expr(*whole) else { return None };
        top = *whole;
    }
    (program.lines.last()?.value == top).then(|| {
        let source = tree.source(term);
        format!("`{source}` is a number, and is added to every entry of what it stands beside")
    })
}

/// What is said of a function entry by entry of a matrix that could be square, where it is used as a whole: as a factor of a
/// product, or in a trace and its like.
fn whole(
    tree: &Tree,
    id: ExprId,
    shape: &Shape,
    above: &BTreeMap<ExprId, (ExprId, ExprId)>,
) -> Option<String> {
    let Expr::Call(call) = tree.expr(id) else { return None };
    let argument = *call.arguments.first()?;
    let is_capital = |name: &Name| crate::letters::kind(name) == crate::letters::Kind::Matrix;
    // A matrix of no declared shape is square as well as not.
    let parts = tree.within(argument);
    let plain = parts.len() < 20
        && parts
            .iter()
            .filter(|part| matches!(tree.expr(**part), Expr::Name(name) if is_capital(name)))
            .count()
            == 1;
    if !shape.is_square() && !plain {
        return None;
    }
    let (mut part, mut trace) = (id, None);
    let used_whole = loop {
        // `exp(A)` is all of the formula.
        let Some((whole, _)) = above.get(&part) else { break plain };
        match tree.expr(*whole) {
            Expr::Binary(Operator::Multiply | Operator::Solve, left, right) => {
                let other = if *left == part { *right } else { *left };
                // A number in front is no factor of a product of matrices.
                match tree.expr(other) {
                    Expr::Number(..) => {}
                    _ => break true,
                }
            }
            Expr::Negate(_) | Expr::Transpose(_) | Expr::Binary(Operator::Divide, ..) => {}
            Expr::Call(outer) => {
                trace = (part == id).then_some(*whole);
                break matches!(
                    word(&outer.name).map(|word| word.meaning),
                    Some(Meaning::Matrix(MatrixWord::Operator(_)))
                );
            }
            _ => break false,
        }
        part = *whole;
    };
    if !used_whole {
        return None;
    }
    let (source, inner, meant) = (tree.source(id), tree.source(argument), meaning(Form::Whole, &call.name)?);
    let mut note = format!(
        "`{source}` acts on every entry of the matrix by itself; of its {meant} as a whole nothing is known here"
    );
    let outer = trace.and_then(|trace| match tree.expr(trace) {
        Expr::Call(outer) => Some((trace, meaning(Form::Traced, &format!("{}({})", outer.name, call.name))?)),
        _ => None,
    });
    if let Some((trace, word)) = outer {
        let root = above.get(&trace).map_or(trace, |(_, root)| *root);
        let mended = tree.source_with(root, trace, &format!("{word}({inner})"));
        note += &format!(", but for the trace of it, which is `{mended}`");
    }
    Some(note)
}
