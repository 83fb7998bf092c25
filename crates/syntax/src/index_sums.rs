//! Sums over one index: `sum_i (y_i - x_i'*w)^2` is `norm(y - X*w)^2`, where the y_i are the entries of y and the x_i the rows of X.
//!
//! With the sums taken away the formula is read like any other, so that the kinds of indexed names are found in the same order
//! of preference. Then each sum becomes a formula over matrices by the rows of the library's table, and what is made of it is
//! read again. The sums themselves are kept, so that both can be compared on numbers.

mod apart;
mod batch;
mod chain;
mod counts;
mod fixed;
mod forms;
mod names;
mod rows;
#[cfg(test)]
mod tests;

use crate::diagnostic::{Diagnostic, Mistake, Origin, Text};
use crate::echo::echo;
use crate::infer::Assumption;
use crate::library::Library;
use crate::meanings::read_bases;
use crate::parse::{Parsed, Prepared, plain, prepared};
use crate::program::{Assignment, Declaration, Program};
use crate::rules::rules;
use crate::shapes::{Declared, size_of};
use crate::tree::{Expr, ExprId};
use crate::usage::usages;
use apart::Apart;
use batch::Batch;
pub(crate) use fixed::is_fixed;
use formula::{Formula, Line, Name, NodeId, Properties, Shape, Size, Variable};
use names::{Indexed, Indices, Stands};
pub(crate) use names::{OWN_MEANING, capital};
use std::collections::{BTreeMap, BTreeSet};

/// What the sums over indices of a formula are.
#[derive(Clone, Debug)]
pub struct IndexSums {
    /// Each sum with its matrix form, those inside others first.
    pub vectorized: Vec<Vectorized>,
    /// The formula with the sums as they were written.
    pub plain: Formula,
    /// The sums in it.
    pub sums: Vec<PlainSum>,
}

impl IndexSums {
    /// The variable whose entries or rows an indexed name stands for.
    pub fn whole(&self, name: &str) -> Option<&Name> {
        let mut parts = self.sums.iter().flat_map(|sum| &sum.parts);
        parts.find(|(part, _)| &**part == name).map(|(_, whole)| whole)
    }
}

/// One sum and its matrix form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vectorized {
    /// The sum, such as `sum_i((y_i - x_i'*w)^2)`.
    pub sum: String,
    /// What it is over matrices, such as `norm(y - X*w)^2`.
    pub form: String,
    /// The names of the rules.
    pub by: Vec<&'static str>,
}

/// `sum_i((y_i - x_i'*w)^2) = norm(y - X*w)^2   by rows times a column, then a sum of squares`
impl std::fmt::Display for Vectorized {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} = {}   by {}", self.sum, self.form, self.by.join(", then "))
    }
}

/// A sum as it was written.
#[derive(Clone, Debug)]
pub struct PlainSum {
    /// The variable that stands for the sum in what it is part of.
    pub symbol: Name,
    /// One term, a value of the plain formula.
    pub term: NodeId,
    /// How many terms there are.
    pub count: Size,
    /// The variables of a term that change with the index, and the variables whose entries or rows they are.
    pub parts: Vec<(Name, Name)>,
}

/// A sum in a program.
pub(crate) struct IndexSum {
    pub id: ExprId,
    pub index: Name,
    /// Where its upper bound stands.
    pub to: Option<Size>,
    pub body: ExprId,
}

impl IndexSum {
    /// The same sum where its expressions stand elsewhere.
    fn moved(&self, now: impl Fn(&ExprId) -> ExprId) -> IndexSum {
        let (index, to) = (self.index.clone(), self.to.clone());
        IndexSum { id: now(&self.id), index, to, body: now(&self.body) }
    }
}

/// So many sums a formula may have at most.
const MOST_SUMS: usize = 30;

/// The sums over an index: calls `sum_i(..., to = m)` that nothing defines.
pub(crate) fn find(program: &Program) -> Result<Vec<IndexSum>, Diagnostic> {
    let tree = &program.tree;
    let mut found = Vec::new();
    for id in program.lines.iter().flat_map(|line| tree.within(line.value)) {
        let Expr::Call(call) = tree.expr(id) else { continue };
        let Some(index) = call.name.strip_prefix("sum_").filter(|index| !index.is_empty()) else { continue };
        let is_defined = !matches!(program.library.callable(&call.name, 0).as_deref(), Ok([]));
        if is_defined || program.declared(&call.name).is_some() {
            continue;
        }
        let ([body], [] | [_]) = (call.arguments.as_slice(), call.settings.as_slice()) else { continue };
        let to = match call.settings.as_slice() {
            [(name, to)] if &**name == "to" => Some(size_of(tree, *to)?),
            [] => None,
            _ => continue,
        };
        found.push(IndexSum { id, index: Name::from(index), to, body: *body });
    }
    found.sort_by_key(|sum| sum.id);
    match found.get(MOST_SUMS) {
        Some(sum) => Err(tree.error(Mistake::TooLong, sum.id)),
        None => Ok(found),
    }
}

/// Reads a program with sums over indices.
pub(crate) fn read(mut program: Program, sums: &[IndexSum], wanted: &[Shape]) -> Result<Parsed, Diagnostic> {
    let (bases, noted) = read_bases(&mut program);
    let apart = Apart::of(&mut program, sums);
    let mut calls: Vec<Expr> = sums.iter().map(|sum| program.tree.expr(sum.id).clone()).collect();
    let mut indices = Indices::new(&program, sums)?;
    let fixed = indices.fixed(&program)?;
    for sum in sums {
        let (body, span) = (program.tree.expr(sum.body).clone(), program.tree.span(sum.id));
        program.tree.replace(sum.id, body);
        program.tree.widen(sum.id, span);
    }
    indices.bars_of_entries(&mut program);
    indices.count(&mut program, sums, &fixed)?;
    program.entries = indices.entries();
    program.totals = totals(&program, sums);
    let library = program.library.clone();
    let mut ready = prepared(&program, &library, wanted)?;
    let moved: Vec<IndexSum>;
    let mut sums = sums;
    if !fixed.is_empty() {
        let now = indices.fix(&mut program, &fixed, &ready);
        let at = |id: &ExprId| now[id.index()];
        calls = calls.iter().map(|call| call.with_operands(at)).collect();
        moved = sums.iter().map(|sum| sum.moved(at)).collect();
        sums = &moved;
        program.totals = totals(&program, sums);
        ready = prepared(&program, &library, wanted)?;
    }
    let fits = |program: &Program| is_read(program, &library, wanted);
    let within = sums.iter().flat_map(|sum| program.tree.names(sum.body)).collect();
    if indices.meet(&mut program, &ready, (&within, fits)) {
        ready = prepared(&program, &library, wanted)?;
    }
    let shapes = shapes(&mut program, sums, &mut ready)?;
    let written = written(&mut program, sums, calls);
    let all = indices.all(&program, &shapes, &ready)?;
    let usages = usages(&program);
    let called = rules(&program, &usages, &ready.sizes, &mut ready.elaborator, &ready.scope)?;
    let renamed: BTreeMap<Name, Name> = all.iter().map(|one| (one.name.clone(), one.all.clone())).collect();
    let bodies = sums.iter().map(|sum| (sum.id, sum.body)).collect();
    let mut batch = Batch::new(&program.tree, &shapes, &called, (&renamed, &bodies));
    let mut vectorized = Vec::new();
    for (sum, text) in sums.iter().zip(written) {
        let count = batch.size(&indices.counts[&sum.index]);
        let total = batch.sum(sum.id, count)?;
        vectorized.push(Vectorized { sum: text, form: echo(&batch.out, total.value), by: total.by.clone() });
        batch.settle(sum.id, total);
    }
    let mut lines = Vec::new();
    for line in &program.lines {
        let (name, value) = match line.name.as_ref().and_then(|name| all.iter().find(|one| one.name == *name))
        {
            Some(one) => {
                let count = batch.size(&indices.counts[&one.index]);
                (Some(&one.all), batch.all(line.value, count)?)
            }
            None => (line.name.as_ref(), batch.copy(line.value)),
        };
        let value = echo(&batch.out, value);
        lines.push(name.map_or_else(|| value.clone(), |name| format!("{name} = {value}")));
    }
    let given = sums.iter().filter_map(|sum| sum.to.as_ref()).flat_map(Size::names);
    let given = given.chain(indices.divisors.iter().map(|(name, _)| name.clone())).collect();
    let declarations = declarations(&program, &all, &indices, &ready);
    let declarations = apart.declarations(declarations, &program, &given);
    let assumptions = assumptions(&ready, &all, &indices);
    let plain_sums = plain_sums(&mut program, sums, (&mut ready, &indices, &all))?;
    let Prepared { elaborator, .. } = ready;
    let mut formula = elaborator.formula;
    formula.lines = plain_sums.1.into_iter().collect();
    let mut lines = apart.with(lines);
    // What begins with a minus could go on with the line before.
    for line in lines.iter_mut().skip(1).filter(|line| line.starts_with('-')) {
        *line = format!("({line})");
    }
    let read = program.rewritten(&lines.join("\n"), declarations)?;
    let mut parsed = plain(read, wanted)?;
    parsed.assumptions = apart.assumptions(assumptions, std::mem::take(&mut parsed.assumptions));
    parsed.notes.extend(noted);
    parsed.notes.extend(indices.notes);
    parsed.bases = bases;
    for name in &mut parsed.by {
        if let Some(all) = renamed.get(name) {
            *name = all.clone();
        }
    }
    parsed.sums = Some(IndexSums { vectorized, plain: formula, sums: plain_sums.0 });
    Ok(parsed)
}

/// The sums of a name alone.
fn totals(program: &Program, sums: &[IndexSum]) -> BTreeSet<ExprId> {
    let is_name = |sum: &&IndexSum| matches!(program.tree.expr(sum.id), Expr::Name(_));
    sums.iter().filter(is_name).map(|sum| sum.id).collect()
}

/// The sums as they were written, with what bars were found to be.
fn written(program: &mut Program, sums: &[IndexSum], calls: Vec<Expr>) -> Vec<String> {
    let tree = &mut program.tree;
    let bodies: Vec<Expr> = sums.iter().map(|sum| tree.expr(sum.id).clone()).collect();
    for ((sum, call), body) in sums.iter().zip(calls).zip(&bodies) {
        tree.replace(sum.body, body.clone());
        tree.replace(sum.id, call);
    }
    let texts = sums.iter().map(|sum| echo(tree, sum.id)).collect();
    for (sum, body) in sums.iter().zip(bodies) {
        tree.replace(sum.id, body);
    }
    texts
}

/// Whether all lines have values.
fn is_read(program: &Program, library: &Library, wanted: &[Shape]) -> bool {
    let Ok(mut ready) = prepared(program, library, wanted) else { return false };
    program.lines.iter().all(|line| {
        let value = ready.elaborator.evaluate(&program.tree, line.value, &ready.scope);
        let value = value.map(|value| {
            ready.scope.values.extend(line.name.clone().map(|name| (name, value)));
        });
        value.is_ok()
    })
}

/// The shapes of all expressions of the lines, which are evaluated in order.
fn shapes(
    program: &mut Program,
    sums: &[IndexSum],
    ready: &mut Prepared,
) -> Result<BTreeMap<ExprId, Shape>, Diagnostic> {
    let mut shapes: BTreeMap<ExprId, Shape> = BTreeMap::new();
    let Prepared { elaborator, scope, .. } = ready;
    for line in &program.lines {
        let tree = &program.tree;
        let values = elaborator.values(tree, line.value, scope)?;
        let within: BTreeSet<ExprId> = tree.within(line.value).into_iter().collect();
        for id in &within {
            let shape = match (values.known(*id), tree.expr(*id)) {
                (Some(value), _) => elaborator.formula.shape(value).clone(),
                // A link of a chain has no node of its own, but the shape of its parts.
                (None, Expr::Binary(_, left, right)) => match (shapes.get(left), shapes.get(right)) {
                    (Some(left), Some(right)) if left.is_scalar() => Shape::clone(right),
                    (Some(left), Some(_)) => Shape::clone(left),
                    _ => continue,
                },
                _ => continue,
            };
            shapes.insert(*id, shape);
        }
        // A sum may be a link of the chain that it stands in.
        for sum in sums.iter().filter(|sum| within.contains(&sum.id)) {
            let value = elaborator.evaluate(tree, sum.id, scope)?;
            shapes.insert(sum.id, elaborator.formula.shape(value).clone());
        }
        if let Some(name) = &line.name {
            scope.values.insert(name.clone(), values.get(line.value));
        }
    }
    for (id, name) in elaborator.bars.drain(..) {
        program.tree.rename(id, name);
    }
    Ok(shapes)
}

/// The sums with their terms, and the line of the result in terms of the sums.
fn plain_sums(
    program: &mut Program,
    sums: &[IndexSum],
    (ready, indices, all): (&mut Prepared, &Indices, &[Indexed]),
) -> Result<(Vec<PlainSum>, Option<Line>), Diagnostic> {
    let Prepared { elaborator, scope, .. } = ready;
    let (mut found, mut result) = (Vec::new(), None);
    let lines: Vec<(Option<Name>, ExprId)> =
        program.lines.iter().map(|line: &Assignment| (line.name.clone(), line.value)).collect();
    for (name, value) in lines {
        let within: BTreeSet<ExprId> = program.tree.within(value).into_iter().collect();
        for sum in sums.iter().filter(|sum| within.contains(&sum.id)) {
            let term = elaborator.evaluate(&program.tree, sum.id, scope)?;
            // No name that is typed has a blank in it.
            let symbol = Name::from(format!("sum {}", found.len() + 1));
            let shape = elaborator.formula.shape(term).clone();
            let variable = elaborator.formula.variable(Variable::new(symbol.clone(), shape));
            scope.values.insert(symbol.clone(), variable);
            program.tree.replace(sum.id, Expr::Name(symbol.clone()));
            let parts = all.iter().filter(|one| one.index == sum.index && !one.is_let);
            let parts = parts.map(|one| (one.name.clone(), one.all.clone())).collect();
            found.push(PlainSum { symbol, term, count: indices.counts[&sum.index].clone(), parts });
        }
        let node = elaborator.evaluate(&program.tree, value, scope)?;
        let name = name.unwrap_or_else(|| Name::from("f"));
        scope.values.insert(name.clone(), node);
        result = Some(Line { name, value: node });
    }
    Ok((found, result))
}

/// What is declared for the formula over matrices: everything that was found, and what was declared.
fn declarations(program: &Program, all: &[Indexed], indices: &Indices, ready: &Prepared) -> Vec<Declaration> {
    let text = Text::new(Origin::Declarations, "");
    let mut made: Vec<Declaration> = Vec::new();
    let mut declare = |name: &Name, shape: &Shape, properties: Properties| {
        if made.iter().all(|known| known.name != *name) {
            let (rows, cols) = (Some(shape.rows.clone()), Some(shape.cols.clone()));
            let declared = Declared::Value { rows, cols, properties };
            let text = text.clone();
            made.push(Declaration {
                name: name.clone(),
                declared,
                text,
                span: Default::default(),
                alone: None,
            });
        }
    };
    for usage in usages(program).names {
        let Some(value) = ready.scope.values.get(&usage.name) else { continue };
        let properties = match program.declared(&usage.name) {
            Some(Declared::Value { properties, .. }) => *properties,
            _ => Properties::default(),
        };
        match all.iter().find(|one| one.name == usage.name) {
            Some(one) => declare(&one.all, &one.shape(&indices.counts[&one.index]), properties),
            None => declare(&usage.name, ready.elaborator.formula.shape(*value), properties),
        }
    }
    for known in &program.declarations {
        let is_known = made.iter().any(|one| one.name == known.name);
        if !is_known && all.iter().all(|one| one.name != known.name) {
            made.push(Declaration {
                declared: known.declared.clone(),
                name: known.name.clone(),
                text: known.text.clone(),
                span: known.span,
                alone: None,
            });
        }
    }
    made
}

/// What was assumed, of the columns and matrices in the place of indexed names.
fn assumptions(ready: &Prepared, all: &[Indexed], indices: &Indices) -> Vec<Assumption> {
    let mut made: Vec<Assumption> = Vec::new();
    for assumed in ready.inferred.assumptions.iter().filter(|one| !one.is_constant) {
        let mut assumed = assumed.clone();
        if let Some(one) = all.iter().find(|one| one.name == assumed.name) {
            let are = if one.stands == Stands::Number { "entries" } else { "rows" };
            assumed.why = format!("its {are} are the {}: {}", one.name, assumed.why);
            assumed.kind = one.shape(&indices.counts[&one.index]).to_string();
            assumed.name = one.all.clone();
        }
        if made.iter().all(|known| known.name != assumed.name) {
            made.push(assumed);
        }
    }
    for (name, index) in &indices.divisors {
        let why = format!("it is only divided by, and counts the terms of the sum over {index}");
        let (name, kind) = (name.clone(), "size".to_owned());
        made.push(Assumption { name, kind, why, or: Vec::new(), is_property: false, is_constant: false });
    }
    made
}

/// A mistake of a sum, with its mend.
pub(crate) fn refused(program: &Program, id: ExprId, what: String, mend: String) -> Diagnostic {
    program.tree.error(Mistake::Foreign { what, mend }, id)
}
