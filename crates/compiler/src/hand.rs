//! Hand-derived formulas: read beside the formula they are about, compared with what is derived.

use crate::arrangement::Arrangement;
use crate::examine::ValueBy;
use crate::quotient::STEPS;
use crate::{Claim, CompileError, Judged, Library, Source, judge_claim};
use calculus::{Derived, Laws, Reading, Request};
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
    let mut known = Known::new(&parsed, &derived)?;
    let reading = derived.readings.first().ok_or(CompileError::NoResult)?.clone();
    let named: Vec<&Name> = parsed.formula.lines.iter().map(|line| &line.name).collect();
    let named: Vec<Line> =
        known.definitions.iter().filter(|line| named.contains(&&line.name)).cloned().collect();
    let claim = known.read(question.claim, &named, &reading, &parsed.library)?;
    let judged = known.judge(&claim, &reading, &derived, question.request, draw)?;
    Ok(ClaimAnswer { parsed, echo: claim.echo, reading, formula: known.formula, judged })
}

/// One line of a derivation by hand.
#[derive(Clone, Debug)]
pub struct JudgedLine {
    /// The number of the line of text, counted from 1.
    pub number: usize,
    /// The name of the derivative, such as `df/dZ1`.
    pub symbol: Name,
    /// The line as it was read.
    pub echo: String,
    /// The right answer.
    pub reading: Reading,
    /// The right answer in terms of the lines before it, or in closed form where it needs others.
    pub right: NodeId,
    /// The arena of both.
    pub formula: Formula,
    /// How they compare.
    pub judged: Judged,
}

/// A derivation by hand, line by line.
#[derive(Clone, Debug)]
pub struct LinesAnswer {
    /// The forward lines as they were read, with what was assumed.
    pub parsed: Parsed,
    /// The lines of derivatives, in the order of the text.
    pub lines: Vec<JudgedLine>,
}

/// Judges every line `df/dX = ...` of a derivation by hand. A line may mention the derivatives of lines before it; they are taken
/// at their right values, so that a mistake is found once, in the line that makes it.
///
/// # Errors
/// What is wrong with a line, with the place and the mend; or the part that has no law.
pub fn check_lines(
    source: Source,
    library: &Library,
    draw: &mut dyn FnMut() -> f64,
) -> Result<LinesAnswer, CompileError> {
    let lines = syntax::lines(source, library)?;
    let (derivatives, forward): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.derivative().is_some());
    if derivatives.is_empty() {
        return Err(CompileError::NoDerivativeLine);
    }
    let spans: Vec<Span> = derivatives.iter().map(|line| line.span).collect();
    let text = without(source.text, &spans);
    let parsed = syntax::parse(Source { text: &text, ..source }, library)?;
    let mut judged: Vec<JudgedLine> = Vec::new();
    let mut before: Vec<Name> = parsed.formula.lines.iter().map(|line| line.name.clone()).collect();
    for line in &derivatives {
        let (Some(symbol), Some((of, by))) = (line.name.clone(), line.derivative()) else { continue };
        let mut differentiated = parsed.clone();
        let place = parsed.formula.lines.iter().position(|known| known.name == of);
        let Some(place) = place else {
            let names = parsed.formula.lines.iter().map(|line| line.name.clone()).collect();
            return Err(unknown_name(source.text, &of, names, line.span).into());
        };
        differentiated.formula.lines.truncate(place + 1);
        let request = Request { wrt: vec![by], ..Request::default() };
        let derived = calculus::derive(&differentiated.formula, &request, Laws::standard())?;
        let mut known = Known::new(&differentiated, &derived)?;
        for earlier in &judged {
            let value = known.formula.graft(&earlier.formula, &[earlier.reading.value])[0];
            known.definitions.retain(|line| line.name != earlier.symbol);
            known.definitions.insert(known.forward, Line { name: earlier.symbol.clone(), value });
        }
        let reading = derived.readings.first().ok_or(CompileError::NoResult)?.clone();
        let named: Vec<Line> =
            known.definitions.iter().filter(|line| before.contains(&line.name)).cloned().collect();
        let others: Vec<Span> = derivatives
            .iter()
            .chain(&forward)
            .filter(|other| other.span != line.span)
            .map(|line| line.span)
            .collect();
        let text = without(source.text, &others);
        let claim = known.read(&only(&text, line.span), &named, &reading, &parsed.library)?;
        let outcome = known.judge(&claim, &reading, &derived, &request, draw)?;
        let right = known.in_terms_of(&before).unwrap_or(reading.value);
        before.push(symbol.clone());
        judged.push(JudgedLine {
            right,
            number: line.number,
            symbol,
            echo: claim.echo,
            reading,
            formula: known.formula,
            judged: outcome,
        });
    }
    Ok(LinesAnswer { parsed, lines: judged })
}

/// A text with blanks in the place of some of its parts, so that every other place stays where it is.
fn without(text: &str, spans: &[Span]) -> String {
    blanked(text, |at| spans.iter().any(|span| (span.start..span.end).contains(&at)))
}

/// A text with blanks in the place of everything but one part.
fn only(text: &str, span: Span) -> String {
    blanked(text, |at| !(span.start..span.end).contains(&at))
}

fn blanked(text: &str, is_blank: impl Fn(usize) -> bool) -> String {
    let mut left = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        if letter != '\n' && is_blank(at) {
            // As many bytes as before.
            left.extend(std::iter::repeat_n(' ', letter.len_utf8()));
        } else {
            left.push(letter);
        }
    }
    left
}

/// What is known when a claim is judged: the right answer's arena, and what every symbol stands for.
struct Known {
    formula: Formula,
    /// The values of the formula's own lines.
    values: Vec<NodeId>,
    /// Lets and the result, then the derivatives of the sweep; each in terms of those before it.
    definitions: Vec<Line>,
    /// How many of them are lets or the result.
    forward: usize,
    /// The line of the derivative, in terms of the lines before it.
    line: Option<NodeId>,
}

impl Known {
    fn new(parsed: &Parsed, derived: &Derived) -> Result<Known, CompileError> {
        let derivation = &derived.derivation;
        let mut formula = derivation.formula.clone();
        let lines = &parsed.formula.lines;
        let values: Vec<NodeId> = lines.iter().map(|line| line.value).collect();
        let values = formula.graft(&parsed.formula, &values);
        let mut definitions: Vec<Line> = Vec::new();
        for (at, (line, value)) in lines.iter().zip(&values).enumerate() {
            let is_last = at + 1 == lines.len();
            let name = if is_last { &derivation.result.name } else { &line.name };
            if !is_variable(&formula, *value, name) {
                definitions.push(Line { name: name.clone(), value: *value });
            }
        }
        for line in &derivation.lets {
            if definitions.iter().all(|known| known.name != line.name) {
                definitions.push(line.clone());
            }
        }
        let forward = definitions.len();
        for line in &derivation.derivatives {
            definitions.push(Line { name: line.symbol.clone(), value: line.value });
        }
        // By a symmetric variable a line is not yet the derivative in its convention.
        let is_symmetric = |by: &Name| {
            let inputs = crate::sample::variables(&formula, &values);
            inputs
                .iter()
                .any(|input| input.name == *by && (input.properties.symmetric || input.properties.definite))
        };
        let line = derivation.derivatives.last().filter(|line| !is_symmetric(&line.by));
        let line = line.map(|line| line.value);
        Ok(Known { formula, values, definitions, forward, line })
    }

    /// The line of the derivative, where every symbol in it is one of these names.
    fn in_terms_of(&self, names: &[Name]) -> Option<NodeId> {
        let line = self.line?;
        let own = crate::sample::variables(&self.formula, &self.values);
        let is_known = |variable: &Variable| {
            names.contains(&variable.name) || own.iter().any(|input| input.name == variable.name)
        };
        crate::sample::variables(&self.formula, &[line]).iter().all(is_known).then_some(line)
    }

    /// A claim, which may mention the variables, what is named, and the symbols of the right answer.
    fn read(
        &self,
        text: &str,
        named: &[Line],
        reading: &Reading,
        library: &Library,
    ) -> Result<Parsed, CompileError> {
        let symbols = reading.symbols.iter().map(|symbol| symbol.node);
        let values: Vec<NodeId> = self.values.iter().copied().chain(symbols).collect();
        read_beside(text, &self.formula, &values, named, library)
    }

    fn judge(
        &mut self,
        claim: &Parsed,
        reading: &Reading,
        derived: &Derived,
        request: &Request,
        draw: &mut dyn FnMut() -> f64,
    ) -> Result<Judged, CompileError> {
        let claimed = claim.formula.result().ok_or(CompileError::NoResult)?;
        let claimed = self.formula.graft(&claim.formula, &[claimed])[0];
        let derivation = reading.second.as_deref().unwrap_or(&derived.derivation);
        let of = ValueBy::new(derivation, reading.by2.as_ref().unwrap_or(&reading.by))?;
        let arrangement = Arrangement::new(reading, request);
        let mut values = self.values.clone();
        values.push(reading.value);
        let pool = pool(&self.formula, &values);
        let mut forms = vec![reading.value, reading.raw];
        forms.extend(self.line.filter(|line| self.formula.shape(*line) == self.formula.shape(reading.value)));
        let claim = Claim {
            formula: &self.formula,
            claimed,
            right: reading.value,
            forms: &forms,
            pool: &pool,
            is_partial: false,
            definitions: &self.definitions,
        };
        judge_claim(&claim, draw, &mut |point| {
            let Some(centre) = point.variables.get(&of.by.name) else { return Ok(None) };
            let all: Vec<usize> = (0..centre.entries.len()).collect();
            let mut value = |moved: &Point| of.value.first_at(moved);
            arrangement.quotients(&mut value, &of.by, point, STEPS[1], &all).map(Some)
        })
    }
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
    let claim = Claim {
        formula: &formula,
        claimed,
        right: result,
        forms: &[result],
        pool: &pool,
        is_partial: true,
        definitions: &[],
    };
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
    let mut parsed =
        syntax::parse(Source { text, declarations: &declarations }, library).map_err(in_claim)?;
    // What is beside a claim are declarations of this page's own making.
    parsed.notes.clear();
    if let Some(unknown) = parsed.assumptions.first() {
        let mut known: Vec<Name> =
            crate::sample::variables(formula, values).into_iter().map(|variable| variable.name).collect();
        known.extend(definitions.iter().map(|line| line.name.clone()));
        let whole = Span { start: 0, end: text.len() };
        return Err(unknown_name(text, &unknown.name, known, whole).into());
    }
    Ok(parsed)
}

/// The error where a claim mentions what the formula does not have, in this part of the text.
fn unknown_name(text: &str, name: &Name, known: Vec<Name>, within: Span) -> Diagnostic {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    let part = text.get(within.start..within.end).unwrap_or_default();
    let place = part.match_indices(name.as_str()).map(|(at, _)| at).find(|at| {
        let (before, after) = (&part[..*at], &part[at + name.len()..]);
        !before.ends_with(is_letter) && !after.starts_with(is_letter)
    });
    let start = place.map_or(within.start, |at| within.start + at);
    let near = nearest(name, known.iter().cloned());
    let mistake =
        Mistake::UnknownName { name: name.clone(), nearest: if near.is_empty() { known } else { near } };
    let text = Arc::new(Text { origin: Origin::Claim, text: text.to_owned() });
    Diagnostic { mistake: Box::new(mistake), span: Span { start, end: start + name.len() }, text }
}

/// The same mistake, said to be in the claim.
fn in_claim(error: Diagnostic) -> Diagnostic {
    match error.text.origin {
        Origin::Formula => {
            let text = Text { origin: Origin::Claim, text: error.text.text.clone() };
            Diagnostic { text: Arc::new(text), ..error }
        }
        _ => error,
    }
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
