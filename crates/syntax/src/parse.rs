//! Text to formula, from end to end.

use crate::diagnostic::{Diagnostic, Mistake};
use crate::echo::echo;
use crate::elaborate::{Elaborator, Scope};
use crate::index_sums::{self, IndexSum, IndexSums};
use crate::infer::{Assumption, Inferred, infer};
use crate::let_entries;
use crate::letters;
use crate::library::Library;
use crate::meanings::read_bases;
use crate::otherwise;
use crate::program::Program;
use crate::properties::{Bearer, properties};
use crate::shapes::Declared;
use crate::spelling::{self, Spelled};
use crate::tree::Expr;
use crate::usage::{Usages, usages};
use formula::{Formula, Function, Line, Name, Properties, Shape, Size, Variable};
use std::collections::BTreeSet;

/// A formula as text, and the declarations beside it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Source<'a> {
    /// The formula: one expression, or lines of declarations, lets and a last expression.
    pub text: &'a str,
    /// Declarations, lets and definitions that stand before it (`--let`); may be empty.
    pub declarations: &'a str,
}

impl<'a> From<&'a str> for Source<'a> {
    fn from(text: &'a str) -> Source<'a> {
        Source { text, declarations: "" }
    }
}

/// A formula that was read.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The formula: every overload resolved, every broadcast written out. Its lines are the lets and the result, each in terms
    /// of the variables alone.
    pub formula: Formula,
    /// The formula as it was read, a line each for the lets and the result, with brackets as they were meant.
    pub echo: String,
    /// What was assumed of names that were not declared.
    pub assumptions: Vec<Assumption>,
    /// What the formula's left side says is derived by, such as the x of `f(x) = x'*A*x`.
    pub by: Vec<Name>,
    /// What else to know: broadcasts that were written out, and the way sums go.
    pub notes: Vec<String>,
    /// The sums over an index that the formula was written with, and what they are.
    pub sums: Option<IndexSums>,
    /// The names that were taken for the numbers that their powers are written with, such as e.
    pub bases: Vec<Name>,
    /// The library with the definitions that stood among the declarations.
    pub library: Library,
}

impl Parsed {
    /// The formula as it was read, with what is declared and assumed of it, a line each.
    pub fn text(&self, declared: &[String]) -> String {
        let vectorized = self.sums.iter().flat_map(|sums| &sums.vectorized);
        let vectorized = vectorized.map(|sum| format!("vectorized {sum}\n"));
        let declared = declared.iter().map(|declaration| format!("declared   {declaration}\n"));
        let assumed = self.assumptions.iter().map(|assumption| format!("assumed    {assumption}\n"));
        let notes = self.notes.iter().map(|note| format!("note       {note}\n"));
        let said: String = vectorized.chain(declared).chain(assumed).chain(notes).collect();
        format!("{}\n\n{said}", self.echo.trim_end())
    }

    /// What a name with indices is an entry or a row of: the x of `x_i`, the W of `W_ij`. `None` where the formula has the name
    /// itself, or nothing that it may be a part of.
    pub fn whole(&self, name: &str) -> Option<Name> {
        if let Some(all) = self.sums.as_ref().and_then(|sums| sums.whole(name)) {
            return Some(all.clone());
        }
        let lines = self.formula.lines.iter();
        let (mut known, roots): (Vec<Name>, Vec<_>) =
            lines.map(|line| (line.name.clone(), line.value)).unzip();
        known.extend(self.formula.variables(&roots).into_iter().filter_map(
            |id| match self.formula.node(id) {
                formula::Node::Variable(variable) => Some(variable.name.clone()),
                _ => None,
            },
        ));
        let (stem, labels) = name.split_once('_')?;
        let labels: Vec<char> = labels.chars().filter(|label| *label != '_').collect();
        let is_index = labels.iter().all(char::is_ascii_lowercase) && (1..=2).contains(&labels.len());
        if !is_index || known.iter().any(|known| known.as_str() == name) {
            return None;
        }
        let wholes = [Name::from(stem), Name::from(crate::index_sums::capital(stem))];
        wholes.into_iter().find(|whole| known.contains(whole))
    }
}

/// Reads a formula.
///
/// # Errors
/// The first mistake, with its place, what was expected and found, and how to mend it.
pub fn parse<'a>(source: impl Into<Source<'a>>, library: &Library) -> Result<Parsed, Diagnostic> {
    parse_as(source.into(), &[], library)
}

/// Reads a formula whose value has one of these shapes, the first that fits: names of sizes that nothing declares, and constants
/// of any size, are what makes it so.
///
/// # Errors
/// Those of [`parse`].
pub fn parse_as(source: Source, shapes: &[Shape], library: &Library) -> Result<Parsed, Diagnostic> {
    let program = Program::read(source.declarations, source.text, library)?;
    let spelled = [program.beside_spelled.clone(), program.spelled.clone()];
    let restored = |error| spelled.iter().fold(error, |error, spelled| spelled.restore(error));
    let sums = index_sums::find(&program).map_err(restored)?;
    let entries = let_entries::entries(&program, &sums);
    if !entries.is_empty() {
        let mut other = Program::read(source.declarations, source.text, library)?;
        let_entries::written(&mut other, &entries);
        // Where a line is no column they are names of their own.
        if let Ok(parsed) = index_sums::find(&other).and_then(|sums| elaborated(other, &sums, shapes)) {
            return Ok(parsed);
        }
    }
    elaborated(program, &sums, shapes).map_err(restored)
}

/// The formula of a program.
fn elaborated(program: Program, sums: &[IndexSum], shapes: &[Shape]) -> Result<Parsed, Diagnostic> {
    let_entries::hold_lines(&program, sums)?;
    match sums {
        [] => plain(program, shapes),
        sums => index_sums::read(program, sums, shapes),
    }
}

/// What is known of a program before its lines are read.
pub(crate) struct Prepared<'a> {
    pub elaborator: Elaborator<'a>,
    pub scope: Scope,
    pub inferred: Inferred,
    /// The names of sizes.
    pub sizes: BTreeSet<Name>,
}

/// Finds out what the names of a program are.
pub(crate) fn prepared<'a>(
    program: &Program,
    library: &'a Library,
    shapes: &[Shape],
) -> Result<Prepared<'a>, Diagnostic> {
    let usages = usages(program);
    let mut elaborator = Elaborator::new(library, Formula::new());
    let sizes = size_names(program, &usages)?;
    let mut scope = Scope::default();
    declare_functions(program, &usages, &mut elaborator, &mut scope)?;
    let inferred = infer(program, &usages, &sizes, (&mut elaborator, &scope), shapes)?;
    for name in sizes.iter().chain(&inferred.sizes) {
        scope.sizes.insert(name.clone(), Size::named(name.clone()));
    }
    for shape in inferred.shapes.values().chain(inferred.constants.values()) {
        for name in shape.rows.names().into_iter().chain(shape.cols.names()) {
            scope.sizes.insert(name.clone(), Size::named(name));
        }
    }
    scope.sizes.extend(inferred.meant.clone());
    scope.constants = inferred.constants.clone();
    declare_variables(program, &inferred, &mut elaborator, &mut scope);
    Ok(Prepared { elaborator, scope, inferred, sizes })
}

/// The formula of a program without sums over an index.
pub(crate) fn plain(mut program: Program, shapes: &[Shape]) -> Result<Parsed, Diagnostic> {
    let (bases, mut noted) = read_bases(&mut program);
    let library = program.library.clone();
    let Prepared { mut elaborator, mut scope, inferred, .. } = prepared(&program, &library, shapes)?;
    let usages = usages(&program);
    let result = result_name(&program, &usages, &scope);
    let mut lines = Vec::new();
    let mut echoes = Vec::new();
    for line in &program.lines {
        let name = line.name.clone().unwrap_or_else(|| result.clone());
        let value = elaborator.evaluate(&program.tree, line.value, &scope)?;
        for (id, name) in elaborator.bars.drain(..) {
            program.tree.rename(id, name);
        }
        echoes.push(format!("{name} = {}", echo(&program.tree, line.value)));
        scope.values.insert(name.clone(), value);
        lines.push(Line { name, value });
    }
    let Elaborator { mut formula, notes, doubts, .. } = elaborator;
    formula.lines = lines;
    noted.extend(notes);
    noted.extend(otherwise::notes(&program, &doubts));
    noted.extend(otherwise::entries(&formula, &inferred.assumptions));
    noted.extend(otherwise::rows(&program, &inferred.assumptions));
    let Spelled { notes: mut all, by, .. } = program.spelled;
    all.extend(noted);
    let is_declared = |name: &str| program.declarations.iter().any(|known| *known.name == *name);
    let echo = spelling::keep_transposes(echoes.join("\n"), is_declared);
    let (assumptions, notes, library) = (inferred.assumptions, all, program.library);
    Ok(Parsed { formula, echo, assumptions, by, notes, sums: None, bases, library })
}

/// Reads a formula that is to be derived by these names: none of them is a constant.
///
/// # Errors
/// Those of [`parse`].
pub fn parse_by(source: Source, by: &[Name], library: &Library) -> Result<Parsed, Diagnostic> {
    let kinds = with_kinds(source, library);
    let source = Source { declarations: kinds.as_deref().unwrap_or(source.declarations), ..source };
    let parsed = parse(source, library)?;
    let identities = parsed.assumptions.iter().filter(|one| one.is_constant).map(|one| &one.name);
    let identities = identities.filter(|name| by.contains(name)).map(|name| format!("{name}: matrix"));
    let bases = by.iter().filter(|name| parsed.bases.contains(name)).map(|name| format!("{name}: scalar"));
    let declared: Vec<String> = identities.chain(bases).collect();
    if declared.is_empty() {
        return Ok(parsed);
    }
    let declarations = format!("{}\n{}", source.declarations, declared.join("\n"));
    parse(Source { declarations: &declarations, ..source }, library)
}

/// The declarations with the kinds of names of which a property of any value is declared alone, `c: positive`, and whose letter is that of
/// a scalar: what they are where nothing is declared of them. `None` where that changes nothing.
fn with_kinds(source: Source, library: &Library) -> Option<String> {
    let is_property = |word: &str| properties().iter().any(|row| row.of == Bearer::Any && row.name == word);
    let open = |piece: &str| {
        let (name, word) = piece.split_once(':')?;
        let (name, word) = (name.trim(), word.trim());
        let is_open = letters::kind(name) == letters::Kind::Scalar && is_property(word);
        is_open.then(|| (name.to_owned(), word.to_owned()))
    };
    let pieces: Vec<&str> = source.declarations.split([',', ';', '\n']).collect();
    pieces.iter().find_map(|piece| open(piece))?;
    let rest: Vec<&str> = pieces.iter().copied().filter(|piece| open(piece).is_none()).collect();
    let parsed = parse(Source { declarations: &rest.join("\n"), ..source }, library).ok()?;
    let mut is_changed = false;
    let mut said = |piece: &&str| {
        let (name, word) = open(piece)?;
        let known = parsed.assumptions.iter().find(|one| *one.name == *name)?;
        let kind = match known.kind.split_once(" x ") {
            Some((_, "1")) => "vector",
            Some(_) => "matrix",
            None => return None,
        };
        is_changed = true;
        Some(format!("{name}: {kind} {word}"))
    };
    let told: Vec<String> =
        pieces.iter().map(|piece| said(piece).unwrap_or_else(|| (*piece).to_owned())).collect();
    is_changed.then(|| told.join("\n"))
}

/// The names that declared shapes, and `ones(m)` and its like, use as sizes.
fn size_names(program: &Program, usages: &Usages) -> Result<BTreeSet<Name>, Diagnostic> {
    let mut names = usages.sizes.clone();
    names.extend(program.counts.iter().cloned());
    for declaration in &program.declarations {
        names.extend(declaration.declared.sizes());
    }
    let one = Some(Size::number(1));
    for declaration in &program.declarations {
        // `m: scalar` beside `X: m x n` says nothing new.
        let scalar = matches!(&declaration.declared, Declared::Value { rows, cols, .. } if *rows == one && *cols == one);
        if names.contains(&declaration.name) && !scalar {
            let mistake = Mistake::Redefined { name: declaration.name.clone() };
            return Err(declaration.text.error(mistake, declaration.span));
        }
    }
    let clash = program.lines.iter().find(|line| line.name.as_ref().is_some_and(|name| names.contains(name)));
    match clash {
        Some(line) => {
            let name = line.name.clone().unwrap_or_else(|| Name::from("f"));
            Err(program.tree.error(Mistake::Redefined { name }, line.value))
        }
        None => Ok(names),
    }
}

/// What the gradient of an arbitrary function of a matrix is called.
fn gradient_name(function: &Name) -> Name {
    Name::from(format!("d{function}"))
}

/// A function of the table for every `g: function` that is called.
fn declare_functions(
    program: &Program,
    usages: &Usages,
    elaborator: &mut Elaborator,
    scope: &mut Scope,
) -> Result<(), Diagnostic> {
    for declaration in &program.declarations {
        if !declaration.declared.is_called() {
            continue;
        }
        let name = &declaration.name;
        if elaborator.is_function(name) {
            return Err(declaration.text.error(Mistake::Redefined { name: name.clone() }, declaration.span));
        }
        if let Declared::Functional(shape) = &declaration.declared {
            let is_taken = |name: &Name| program.declared(name).is_some() || elaborator.is_function(name);
            let gradient = Some(gradient_name(name)).filter(|name| !is_taken(name));
            let is_used = |name: &Name| usages.called.contains(name);
            if is_used(name) || gradient.as_ref().is_some_and(is_used) {
                let (function, of_gradient) = elaborator.functional(name, &gradient_name(name), shape)?;
                scope.functions.insert(name.clone(), function);
                scope.functions.extend(gradient.map(|name| (name, of_gradient)));
            }
            continue;
        }
        // What is declared and never called is known, but stays out of the table.
        if usages.called.contains(name) {
            let function = elaborator.formula.add_function(Function::unknown(name.clone(), Vec::new(), None));
            scope.functions.insert(name.clone(), function);
        }
    }
    Ok(())
}

/// A variable for every name that is a value, in order of appearance.
fn declare_variables(program: &Program, inferred: &Inferred, elaborator: &mut Elaborator, scope: &mut Scope) {
    for id in program.lines.iter().flat_map(|line| program.tree.within(line.value)) {
        let name = match program.tree.expr(id) {
            Expr::Name(name) => name,
            // A value called like a function is known, to say so.
            Expr::Call(call) => &call.name,
            Expr::Number(..) | Expr::Negate(_) | Expr::Transpose(_) | Expr::Binary(..) | Expr::Block(..) => {
                continue;
            }
        };
        if scope.values.contains_key(name) || scope.sizes.contains_key(name) {
            continue;
        }
        let (shape, properties) = match (program.declared(name), inferred.shapes.get(name)) {
            (Some(Declared::Value { rows: Some(rows), cols: Some(cols), properties }), _) => {
                (Shape::new(rows.clone(), cols.clone()), *properties)
            }
            (Some(Declared::Value { properties, .. }), Some(shape)) => (shape.clone(), *properties),
            (_, Some(shape)) => (shape.clone(), Properties::default()),
            _ => continue,
        };
        let variable = Variable { name: name.clone(), shape, properties };
        scope.values.insert(name.clone(), elaborator.formula.variable(variable));
    }
}

/// The name of the result where none was written: f, or another letter if f has a meaning already.
fn result_name(program: &Program, usages: &Usages, scope: &Scope) -> Name {
    let taken = |name: &Name| {
        scope.values.contains_key(name)
            || scope.sizes.contains_key(name)
            || usages.called.contains(name)
            || program.declared(name).is_some()
            || program.lines.iter().any(|line| line.name.as_ref() == Some(name))
    };
    let letters = ["f", "h", "u", "v", "s", "c"].into_iter().map(Name::from);
    let more = (1_u64..).map(|number| Name::from(format!("f{number}")));
    letters.chain(more).find(|name| !taken(name)).unwrap_or_else(|| Name::from("f"))
}
