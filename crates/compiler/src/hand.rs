//! Hand-derived formulas: read beside the formula they are about, compared with what is derived.

use crate::arrangement::Arrangement;
use crate::examine::ValueBy;
use crate::quotient::STEPS;
use crate::{Claim, CompileError, Judged, Library, Source, judge_claim};
use calculus::{Laws, Reading, Request};
use formula::{Body, Formula, Line, Name, Node, NodeId, Point, Variable};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;
use syntax::{Diagnostic, Mistake, Origin, Parsed, Span, Text, nearest};

/// A derivative that somebody derived by hand.
#[derive(Clone, Copy, Debug)]
pub struct ClaimQuestion<'a> {
    /// The formula: lets and a last line.
    pub text: &'a str,
    /// Declarations of its variables.
    pub declarations: &'a str,
    /// What was derived: by which variable or let, how often, in which form and layout.
    pub request: &'a Request,
    /// The derivative as it is claimed. It may mention the variables, the lets, the result and every function.
    pub claim: &'a str,
}

/// A claim, what is right, and how they compare.
#[derive(Clone, Debug)]
pub struct ClaimAnswer {
    /// The formula as it was read, with what was assumed.
    pub parsed: Parsed,
    /// The claim as it was read.
    pub echo: String,
    /// The right answer.
    pub reading: Reading,
    /// Its arena.
    pub formula: Formula,
    /// How they compare.
    pub judged: Judged,
}

/// Two formulas that may be equal.
#[derive(Clone, Debug)]
pub struct EqualAnswer {
    /// The first as it was read, with what was assumed.
    pub left: Parsed,
    /// The second.
    pub right: Parsed,
    /// How they compare: the first is the claim, the second what is right.
    pub judged: Judged,
}

/// Values of which a claim may have left out one: at most this many are tried.
const POOL: usize = 40;

/// Derives a formula and compares a claim with the derivative. `draw` gives numbers from a standard normal distribution.
///
/// # Errors
/// What is wrong with the formula or with the claim, with the place and the mend; or the part that has no law.
pub fn check_claim(
    question: &ClaimQuestion,
    library: &Library,
    draw: &mut dyn FnMut() -> f64,
) -> Result<ClaimAnswer, CompileError> {
    let source = Source { text: question.text, declarations: question.declarations };
    let parsed = syntax::parse(source, library)?;
    let derived = calculus::derive(&parsed.formula, question.request, Laws::standard())?;
    let mut formula = derived.derivation.formula.clone();
    let reading = derived.readings.into_iter().next().ok_or(CompileError::NoResult)?;

    let lines = &parsed.formula.lines;
    let mut values: Vec<NodeId> = lines.iter().map(|line| line.value).collect();
    values = formula.graft(&parsed.formula, &values);
    let mut definitions: Vec<Line> = Vec::new();
    for (at, (line, value)) in lines.iter().zip(&values).enumerate() {
        let is_last = at + 1 == lines.len();
        let name = if is_last { &derived.derivation.result.name } else { &line.name };
        if !is_variable(&formula, *value, name) {
            definitions.push(Line { name: name.clone(), value: *value });
        }
    }
    let known: Vec<NodeId> = values.iter().copied().chain([reading.value, reading.raw]).collect();
    let claim = read_beside(question.claim, &formula, &known, &definitions, &parsed.library)?;
    let claimed = claim.formula.result().ok_or(CompileError::NoResult)?;
    let claimed = formula.graft(&claim.formula, &[claimed])[0];

    let derivation = reading.second.as_deref().unwrap_or(&derived.derivation);
    let of = ValueBy::new(derivation, reading.by2.as_ref().unwrap_or(&reading.by))?;
    let arrangement = Arrangement::new(&reading, question.request);
    let pool = pool(&formula, &known);
    let judged = judge_claim(
        &Claim {
            formula: &formula,
            claimed,
            right: reading.value,
            forms: &[reading.value, reading.raw],
            pool: &pool,
            definitions: &definitions,
        },
        draw,
        &mut |point| {
            let Some(centre) = point.variables.get(&of.by.name) else { return Ok(None) };
            let all: Vec<usize> = (0..centre.entries.len()).collect();
            let mut value = |moved: &Point| of.value.first_at(moved);
            arrangement.quotients(&mut value, &of.by, point, STEPS[1], &all).map(Some)
        },
    )?;
    Ok(ClaimAnswer { parsed, echo: claim.echo, reading, formula, judged })
}

/// Compares two formulas of any shape; what one of them says of undeclared names holds for the other.
///
/// # Errors
/// What is wrong with one of them, with the place and the mend.
pub fn check_equal(
    left: Source,
    right: &str,
    library: &Library,
    draw: &mut dyn FnMut() -> f64,
) -> Result<EqualAnswer, CompileError> {
    let (left, right) = read_both(left, right, library)?;
    let mut formula = left.formula.clone();
    let claimed = left.formula.result().ok_or(CompileError::NoResult)?;
    let result = right.formula.result().ok_or(CompileError::NoResult)?;
    let result = formula.graft(&right.formula, &[result])[0];
    let pool = pool(&formula, &[claimed, result]);
    let claim =
        Claim { formula: &formula, claimed, right: result, forms: &[result], pool: &pool, definitions: &[] };
    let judged = judge_claim(&claim, draw, &mut |_| Ok(None))?;
    Ok(EqualAnswer { left, right, judged })
}

/// Both formulas, the second with the declarations inferred for the first; or the other way round, where the first alone leaves
/// too much open.
fn read_both(left: Source, right: &str, library: &Library) -> Result<(Parsed, Parsed), CompileError> {
    let beside = |known: &Parsed, text: &str| {
        let values: Vec<NodeId> = known.formula.lines.iter().map(|line| line.value).collect();
        let declarations = declarations(&known.formula, &values, &[]);
        syntax::parse(Source { text, declarations: &declarations }, &known.library)
    };
    let first = syntax::parse(left, library)?;
    match beside(&first, right) {
        Ok(second) => Ok((first, second)),
        Err(error) => {
            let second = syntax::parse(Source { text: right, ..left }, library);
            let Ok(second) = second else { return Err(error.into()) };
            match beside(&second, left.text) {
                Ok(first) => Ok((first, second)),
                Err(_) => Err(error.into()),
            }
        }
    }
}

/// A claim, read with the variables of these values and with symbols for what is defined.
fn read_beside(
    text: &str,
    formula: &Formula,
    values: &[NodeId],
    definitions: &[Line],
    library: &Library,
) -> Result<Parsed, CompileError> {
    let declarations = declarations(formula, values, definitions);
    let parsed = syntax::parse(Source { text, declarations: &declarations }, library)?;
    if let Some(unknown) = parsed.assumptions.first() {
        let mut known: Vec<Name> =
            crate::sample::variables(formula, values).into_iter().map(|variable| variable.name).collect();
        known.extend(definitions.iter().map(|line| line.name.clone()));
        return Err(unknown_name(text, &unknown.name, known).into());
    }
    Ok(parsed)
}

/// The error where a claim mentions what the formula does not have.
fn unknown_name(text: &str, name: &Name, known: Vec<Name>) -> Diagnostic {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    let place = text.match_indices(name.as_str()).map(|(at, _)| at).find(|at| {
        let (before, after) = (&text[..*at], &text[at + name.len()..]);
        !before.ends_with(is_letter) && !after.starts_with(is_letter)
    });
    let start = place.unwrap_or(0);
    let near = nearest(name, known.iter().cloned());
    let mistake =
        Mistake::UnknownName { name: name.clone(), nearest: if near.is_empty() { known } else { near } };
    let text = Arc::new(Text { origin: Origin::Formula, text: text.to_owned() });
    Diagnostic { mistake: Box::new(mistake), span: Span { start, end: start + name.len() }, text }
}

/// The declarations of all that these values are built from, as text.
fn declarations(formula: &Formula, values: &[NodeId], definitions: &[Line]) -> String {
    let mut text = String::new();
    let mut seen: BTreeSet<Name> = BTreeSet::new();
    let mut declare = |variable: &Variable| {
        if !seen.insert(variable.name.clone()) {
            return;
        }
        let properties = variable.properties;
        let words = [
            (variable.shape.is_scalar() && !properties.symmetric && !properties.definite, "scalar"),
            (properties.symmetric && !properties.definite, "symmetric"),
            (properties.definite, "positive definite"),
            (properties.positive, "positive"),
        ];
        let _ = write!(text, "{}:", variable.name);
        if !words[0].0 {
            let _ = write!(text, " {}", variable.shape);
        }
        for (_, word) in words.iter().filter(|(holds, _)| *holds) {
            let _ = write!(text, " {word}");
        }
        text.push('\n');
    };
    for variable in crate::sample::variables(formula, values) {
        declare(&variable);
    }
    for line in definitions {
        declare(&Variable::new(line.name.clone(), formula.shape(line.value).clone()));
    }
    for (_, function) in formula.functions() {
        if function.body == Body::Abstract {
            let _ = writeln!(text, "{}: function", function.name);
        }
    }
    text
}

/// The parts of these values, the smallest first.
fn pool(formula: &Formula, values: &[NodeId]) -> Vec<NodeId> {
    let parts = formula.reachable(values).into_iter();
    parts.filter(|id| formula.as_number(*id).is_none()).take(POOL).collect()
}

fn is_variable(formula: &Formula, id: NodeId, name: &Name) -> bool {
    matches!(formula.node(id), Node::Variable(variable) if variable.name == *name)
}
