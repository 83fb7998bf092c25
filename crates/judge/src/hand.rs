//! Hand-derived formulas: read beside the formula they are about, compared with what is derived.

mod beside;
mod entries;
mod left;
mod names;
mod places;

use crate::pages::judge_borrowed_pages;
use crate::{Check, Claim, DeriveError, Judged, Library, Source, SumCheck, check, check_sums, judge_claim};
use beside::{Known, declarations, in_claim, pool, unknown_name};
use calculus::{Laws, Layout, Reading, Request};
use formula::{Body, Formula, Line, Name, Node, NodeId, Shape};
use left::Asked;
use std::collections::BTreeSet;
use syntax::{Claim as Written, Mistake, Parsed, Span};

/// At how many random points the right answer is judged by quotients, beside the claim.
const POINTS: usize = 1;

/// In how many other readings of a formula a claim is looked at.
const MOST_READINGS: usize = 3;

/// At how many random points sums over an index are computed term by term.
const SUM_POINTS: usize = 3;

/// A derivative that somebody derived by hand.
#[derive(Clone, Copy, Debug)]
pub struct ClaimQuestion<'a> {
    /// The formula: lets and a last line.
    pub text: &'a str,
    /// Declarations of its variables.
    pub declarations: &'a str,
    /// What was derived: by which variable or let, how often, in which form and layout. By nothing is by what the claim's left side
    /// says.
    pub request: &'a Request,
    /// Whether a right answer in the other layout is right: nobody asked for one.
    pub is_in_any_layout: bool,
    /// The derivative as it is claimed. It may mention the variables, the lets, the result and every function.
    pub claim: &'a Written,
}

/// A claim, what is right, and how they compare.
#[derive(Clone, Debug)]
pub struct ClaimAnswer {
    /// The formula as it was read, with what was assumed.
    pub parsed: Parsed,
    /// The claim as it was read.
    pub echo: String,
    /// What its own names are taken for, as sentences.
    pub names: Vec<String>,
    /// The right answer.
    pub reading: Reading,
    /// Its arena.
    pub formula: Formula,
    /// How they compare.
    pub judged: Judged,
    /// How the right answer agrees with difference quotients.
    pub check: Check,
    /// How matrix forms agree with the sums over an index that formula and claim were written with.
    pub sums: Option<SumCheck>,
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
    /// How matrix forms agree with the sums over an index that both were written with.
    pub sums: Option<SumCheck>,
}

/// Derives a formula and compares a claim with the derivative. `draw` gives numbers from a standard normal distribution.
///
/// # Errors
/// What is wrong with the formula or with the claim, with the place and the mend; or the part that has no law.
pub fn check_claim(
    question: &ClaimQuestion,
    library: &Library,
    draw: &mut dyn FnMut() -> f64,
) -> Result<ClaimAnswer, DeriveError> {
    let answer = check_claim_as_read(question, library, draw);
    if answer.as_ref().is_ok_and(|answer| answer.judged.verdict.is_yes()) {
        return answer;
    }
    // A claim may tell which of several readings of the formula is meant: whether b is one number or one for each row.
    let source = Source { text: question.text, declarations: question.declarations };
    let parsed = syntax::parse_by(source, &question.request.wrt, library)?;
    let kinds = parsed.assumptions.iter().filter(|one| !one.is_constant && !one.is_property);
    let kinds = kinds.flat_map(|assumption| &assumption.or);
    for kind in kinds.take(MOST_READINGS) {
        let declarations = format!("{}\n{kind}", question.declarations);
        let other = ClaimQuestion { declarations: &declarations, ..*question };
        let Ok(mut found) = check_claim_as_read(&other, library, draw) else { continue };
        if found.judged.verdict.is_yes() && found.check.passed {
            found.names.push(format!("`{kind}`, with which the claim is right"));
            return Ok(found);
        }
    }
    answer
}

/// The same in one reading of the formula.
fn check_claim_as_read(
    question: &ClaimQuestion,
    library: &Library,
    draw: &mut dyn FnMut() -> f64,
) -> Result<ClaimAnswer, DeriveError> {
    let source = Source { text: question.text, declarations: question.declarations };
    let parsed = syntax::parse_by(source, &question.request.wrt, library)?;
    let Asked { request, labels, is_in_any_layout } = left::asked(question, &parsed, library, draw)?;
    judge_borrowed_pages(&parsed.library, &parsed.formula)?;
    let derived = calculus::derive(&parsed.formula, &request, Laws::standard())?.not_vanishing();
    let mut known = Known::new(&parsed, &derived)?;
    known.is_in_any_layout = is_in_any_layout;
    let reading = known.about(labels, derived.readings.first().ok_or(DeriveError::NoResult)?)?;
    let named: Vec<Name> = parsed.formula.lines.iter().map(|line| line.name.clone()).collect();
    let lines: Vec<Line> =
        known.definitions.iter().filter(|line| named.contains(&line.name)).cloned().collect();
    let mut judge = |text: &str| {
        let claim = known.read(text, &lines, &reading, &parsed.library)?;
        let judged = known.judge(&claim, &named, &reading, (&derived, &request), draw)?;
        Ok::<_, DeriveError>((claim, judged))
    };
    let text = question.claim.value.text.as_str();
    let mut answer = judge(text);
    let mut names = Vec::new();
    if answer.as_ref().map_or(true, |(_, judged)| !judged.verdict.is_yes()) {
        let unknown = answer.as_ref().err().and_then(unknown_of_claim);
        let written = [question.text, question.declarations];
        let values: Vec<NodeId> = parsed.formula.lines.iter().map(|line| line.value).collect();
        for other in names::renamed(text, unknown.as_ref(), written, &parsed.formula, &values) {
            let Ok(found) = judge(&other.text) else { continue };
            let is_right = found.1.verdict.is_yes();
            if is_right || (answer.is_err() && !other.only_if_right) {
                (answer, names) = (Ok(found), other.says);
            }
            if is_right {
                break;
            }
        }
    }
    let (claim, judged) = answer?;
    let check = check(&derived.derivation, &derived.readings, &request, POINTS, draw)?;
    let sums = sums_of([&parsed, &claim.parsed], draw)?;
    names.extend(claim.says);
    Ok(ClaimAnswer { parsed, echo: claim.echo, names, reading, formula: known.formula, judged, check, sums })
}

/// The name in a claim that the formula does not have.
fn unknown_of_claim(error: &DeriveError) -> Option<Name> {
    match error {
        DeriveError::Syntax(diagnostic) => match &*diagnostic.mistake {
            Mistake::UnknownName { name, .. } => Some(name.clone()),
            _ => None,
        },
        _ => None,
    }
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
    /// How matrix forms agree with the sums over an index that the lines were written with.
    pub sums: Option<SumCheck>,
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
) -> Result<LinesAnswer, DeriveError> {
    let lines = syntax::lines(source, library)?;
    let lines = left::with_derivatives(source.text, lines);
    let (derivatives, forward): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.derivative.is_some());
    if derivatives.is_empty() {
        return Err(DeriveError::NoDerivativeLine);
    }
    let spans: Vec<Span> = derivatives.iter().map(|line| line.span).collect();
    let text = without(source.text, &spans);
    let parsed = syntax::parse(Source { text: &text, ..source }, library)?;
    judge_borrowed_pages(&parsed.library, &parsed.formula)?;
    let mut sums = sums_of([&parsed], draw)?;
    let mut judged: Vec<JudgedLine> = Vec::new();
    let mut before: Vec<Name> = parsed.formula.lines.iter().map(|line| line.name.clone()).collect();
    for line in &derivatives {
        let (Some(symbol), Some((of, by))) = (line.name.clone(), line.derivative.clone()) else { continue };
        let mut differentiated = parsed.clone();
        let place = parsed.formula.lines.iter().position(|known| known.name == of);
        let Some(place) = place else {
            let names = parsed.formula.lines.iter().map(|line| line.name.clone()).collect();
            return Err(unknown_name(source.text, &of, names, line.span).into());
        };
        differentiated.formula.lines.truncate(place + 1);
        let whole = parsed.whole(&by).unwrap_or_else(|| by.clone());
        let labels = if whole == by { Vec::new() } else { left::labels(&by) };
        let layout = if line.is_turned { Layout::Numerator } else { Layout::default() };
        if line.is_turned && !labels.is_empty() {
            return Err(DeriveError::EntryInLayout);
        }
        let request = Request { wrt: vec![whole], layout, ..Request::default() };
        let derived = calculus::derive(&differentiated.formula, &request, Laws::standard())?.not_vanishing();
        let mut known = Known::new(&differentiated, &derived)?;
        for earlier in &judged {
            let value = known.formula.graft(&earlier.formula, &[earlier.reading.value])[0];
            known.definitions.retain(|line| line.name != earlier.symbol);
            known.definitions.insert(known.forward, Line { name: earlier.symbol.clone(), value });
        }
        let is_of_entry = !labels.is_empty();
        let reading = known.about(labels, derived.readings.first().ok_or(DeriveError::NoResult)?)?;
        let named: Vec<Line> =
            known.definitions.iter().filter(|line| before.contains(&line.name)).cloned().collect();
        let others: Vec<Span> = derivatives
            .iter()
            .chain(&forward)
            .filter(|other| other.span != line.span)
            .map(|line| line.span)
            .collect();
        let text = without(source.text, &others);
        let text = only(&text, line.span);
        let value =
            text.split_once('=').filter(|_| is_of_entry).map_or(text.as_str(), |(_, value)| value.trim());
        let mut claim = known.read(value, &named, &reading, &parsed.library)?;
        if is_of_entry {
            let echo = claim.echo.split_once(" = ").map_or(claim.echo.as_str(), |(_, value)| value);
            claim.echo = format!("{} = {echo}", reading.title);
        }
        sums = sums.into_iter().chain(sums_of([&claim.parsed], draw)?).reduce(SumCheck::and);
        let outcome = known.judge(&claim, &before, &reading, (&derived, &request), draw)?;
        // The line as it is derived lies in one layout only.
        let line_of = known.in_terms_of(&before).filter(|_| !line.is_turned);
        let right = line_of.unwrap_or(reading.value);
        let symbol = if is_of_entry { reading.title.clone() } else { symbol };
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
    Ok(LinesAnswer { parsed, lines: judged, sums })
}

/// How matrix forms agree with the sums over an index of these formulas, where there are any.
fn sums_of<const N: usize>(
    all: [&Parsed; N],
    draw: &mut dyn FnMut() -> f64,
) -> Result<Option<SumCheck>, DeriveError> {
    let mut worst: Option<SumCheck> = None;
    for parsed in all {
        worst = worst.into_iter().chain(check_sums(parsed, SUM_POINTS, draw)?).reduce(SumCheck::and);
    }
    Ok(worst)
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
) -> Result<EqualAnswer, DeriveError> {
    let (mut left, right) = read_both(left, right, library)?;
    let mut formula = left.formula.clone();
    let claimed = left.formula.result().ok_or(DeriveError::NoResult)?;
    let result = right.formula.result().ok_or(DeriveError::NoResult)?;
    let result = formula.graft(&right.formula, &[result])[0];
    let pool = pool(&formula, &[claimed, result]);
    let claim = Claim {
        formula: &formula,
        claimed,
        right: result,
        forms: &[result],
        pool: &pool,
        is_partial: true,
        other_layout: None,
        definitions: &[],
    };
    let judged = judge_claim(&claim, draw, &mut |_| Ok(None))?;
    let jumps = jumps(&formula, &[claimed, result]);
    if !jumps.is_empty() {
        let jumps: Vec<&str> = jumps.into_iter().collect();
        left.notes.push(format!(
            "no point lies just where {} jumps: values there are not compared",
            jumps.join(", ")
        ));
    }
    let sums = sums_of([&left, &right], draw)?;
    Ok(EqualAnswer { left, right, judged, sums })
}

/// The functions in these values, and in the bodies of others there, that are constant but for jumps.
fn jumps(formula: &Formula, roots: &[NodeId]) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    let (mut waiting, mut seen) = (roots.to_vec(), BTreeSet::new());
    while let Some(root) = waiting.pop() {
        for id in formula.reachable(&[root]) {
            let Node::Apply(apply) = formula.node(id) else { continue };
            match formula.function(apply.function).body {
                Body::Primitive(primitive) if apply.marks.is_empty() => {
                    let row = primitive.row();
                    found.extend(row.slopes.iter().all(|slope| *slope == "0").then_some(row.name));
                }
                Body::Defined(body) if seen.insert(body) => waiting.push(body),
                Body::Primitive(_) | Body::Defined(_) | Body::Abstract => {}
            }
        }
    }
    found
}

/// Both formulas, the second with the declarations inferred for the first; or the other way round, where the first alone leaves
/// too much open.
fn read_both(left: Source, right: &str, library: &Library) -> Result<(Parsed, Parsed), DeriveError> {
    let beside = |known: &Parsed, text: &str| {
        let values: Vec<NodeId> = known.formula.lines.iter().map(|line| line.value).collect();
        let declarations = declarations(&known.formula, &values, &[]);
        let shapes: Vec<Shape> =
            known.formula.result().map(|result| known.formula.shape(result).clone()).into_iter().collect();
        syntax::parse_as(Source { text, declarations: &declarations }, &shapes, &known.library)
    };
    let first = syntax::parse(left, library)?;
    match beside(&first, right) {
        Ok(second) => Ok((first, second)),
        Err(error) => {
            let second = syntax::parse(Source { text: right, ..left }, library);
            let Ok(second) = second else { return Err(in_claim(error).into()) };
            match beside(&second, left.text) {
                Ok(first) => Ok((first, second)),
                Err(_) => Err(in_claim(error).into()),
            }
        }
    }
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
