//! A question about a formula and everything the answer consists of: `derive` in one call.

mod text;

pub use self::text::Steps;
use crate::in_lets::in_lets;
use calculus::{AlgebraStep, AlgebraSteps, Derivation, Form, Laws, Layout, Order, Reading, Symmetric};
use formula::{Body, Kink, Line, Name, Node, NodeId};
use judge::{AlgebraCheck, Check, DeriveError, Library, Source, SumCheck};
use random::{Purpose, Random};
use std::collections::{BTreeSet, HashMap};
use syntax::Parsed;

/// A formula and what is asked of it.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The formula: lets and a last line, in the language of formulas.
    pub formula: &'a str,
    /// Declarations such as `X: m x n, g: function`.
    pub declarations: &'a str,
    /// The variables and lets to derive by; every variable when empty.
    pub wrt: &'a [&'a str],
    /// First or second derivatives.
    pub order: Order,
    /// The form of the answers; by the shapes when `None`.
    pub form: Option<Form>,
    /// Which way the answers lie.
    pub layout: Layout,
    /// What the derivative by a symmetric variable is.
    pub symmetric: Symmetric,
    /// Whether each derivative is brought into closed form too; of a scalar, its lines stand alone without.
    pub closed: bool,
    /// Whether the steps of algebra to each closed form are told, and judged on numbers.
    pub algebra: bool,
    /// Random points at which every derivative is checked.
    pub points: usize,
    /// What the random points are drawn from.
    pub seed: u64,
}

/// An empty formula, once by every variable, in mixed layout, with closed forms, checked at three points.
impl Default for Question<'_> {
    fn default() -> Self {
        Question {
            formula: "",
            declarations: "",
            wrt: &[],
            order: Order::First,
            form: None,
            layout: Layout::Mixed,
            symmetric: Symmetric::Projection,
            closed: true,
            algebra: false,
            points: 3,
            seed: 0,
        }
    }
}

/// The derivatives of a formula, with the way there and the check.
#[derive(Debug)]
pub struct Answer {
    /// What was asked for.
    pub request: calculus::Request,
    /// The formula as it was read, with what was assumed.
    pub parsed: Parsed,
    /// The lines and the steps. Its arena holds every node below.
    pub derivation: Derivation,
    /// The lines of the last layer with their derivatives put in: `df/dZ2 = 2/m*(A2 - Y) .* g2'(Z2)`.
    pub substituted: Vec<Line>,
    /// Each derivative asked for in its closed form; none where none was asked for.
    pub closed: Vec<Reading>,
    /// The steps of algebra to each closed form, where they were asked for.
    pub algebra: Vec<AlgebraSteps>,
    /// The closed forms with the names of the formula's own lets and of the derivatives by them, each of which is a line before
    /// it is used; empty where none of them stands in a closed form.
    pub in_lets: Vec<Line>,
    /// How lines and closed forms agree with difference quotients.
    pub check: Check,
    /// How the steps of algebra agree with numbers, where they were asked for.
    pub algebra_check: Option<AlgebraCheck>,
    /// How the formula agrees with the sums over an index that it was written with.
    pub sums: Option<SumCheck>,
    /// The functions with a kink that occur, each with the slope chosen there, as a sentence.
    pub kinks: Vec<String>,
    /// Derivatives asked for that are others where the formula is read otherwise, in ways that are as good.
    pub otherwise: Vec<Otherwise>,
}

/// A derivative in another reading of the formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Otherwise {
    /// The declaration that chooses the reading: `b: scalar`.
    pub declaration: String,
    /// The derivative: `df/db`.
    pub name: Name,
    /// What it is then.
    pub text: String,
}

impl Answer {
    /// The declarations of the variables of which more is known than a shape: `S: n x n symmetric`.
    pub fn declared(&self) -> Vec<String> {
        let formula = &self.parsed.formula;
        let lines: Vec<NodeId> = formula.lines.iter().map(|line| line.value).collect();
        let variables = formula.variables(&lines).into_iter().filter_map(|id| match formula.node(id) {
            Node::Variable(variable) => Some(variable),
            _ => None,
        });
        let known = variables.filter(|variable| !variable.properties.is_empty());
        known.map(syntax::declaration).collect()
    }

    /// The layout of each derivative and the convention for each symmetric variable, as sentences, each once.
    pub fn notes(&self) -> Vec<&str> {
        let mut notes: Vec<&str> = Vec::new();
        for note in self.closed.iter().flat_map(|reading| &reading.notes) {
            if !notes.contains(&note.as_str()) {
                notes.push(note);
            }
        }
        notes
    }
}

/// Derives a formula by its variables and lets, in the form that is asked for: the lines with their laws, the closed forms, and
/// the check of both against difference quotients.
///
/// # Errors
/// What is wrong with the formula, with the place and the mend; or the part that has no law.
pub fn derive(question: &Question, library: &Library) -> Result<Answer, DeriveError> {
    derive_telling(question, library, &mut |_| {})
}

/// What is done for an answer, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The formula is differentiated.
    Deriving,
    /// The closed forms are searched.
    Simplifying,
    /// Lines and closed forms are compared with difference quotients.
    Checking,
}

/// The same, and tells where each stage begins, for who waits.
///
/// # Errors
/// Those of [`derive`].
pub fn derive_telling(
    question: &Question,
    library: &Library,
    tell: &mut dyn FnMut(Stage),
) -> Result<Answer, DeriveError> {
    let source = Source { text: question.formula, declarations: question.declarations };
    let wrt: Vec<Name> = question.wrt.iter().map(|name| Name::from(*name)).collect();
    let mut parsed = syntax::parse_by(source, &wrt, library)?;
    hold_formula(&parsed, question.wrt)?;
    let wrt = whole(&mut parsed, wrt);
    judge::judge_borrowed_pages(&parsed.library, &parsed.formula)?;
    let request = calculus::Request {
        // Without a choice, what the formula's left side says: the x of `f(x) = ...`.
        wrt: if wrt.is_empty() { parsed.by.clone() } else { wrt },
        order: question.order.clone(),
        form: question.form,
        layout: question.layout,
        symmetric: question.symmetric,
    };
    tell(Stage::Deriving);
    let laws = Laws::standard();
    let calculus::Derived { mut derivation, readings: closed } = match question.closed {
        true => calculus::derive_telling(&parsed.formula, &request, laws, &mut || tell(Stage::Simplifying))?,
        false => {
            let derivation = calculus::differentiate(&parsed.formula, &request.wrt, laws)?;
            calculus::Derived { derivation, readings: Vec::new() }
        }
    };
    let is_first = request.order == calculus::Order::First;
    for reading in closed.iter().filter(|_| is_first) {
        let by = &reading.by;
        // At declared values alone it may be 0 and yet change.
        let is_zero = derivation.formula.is_zero(reading.value) && {
            let everywhere = calculus::simplify(&mut derivation.formula, reading.raw);
            derivation.formula.is_zero(everywhere)
        };
        if !is_zero {
            continue;
        }
        parsed.notes.push(format!(
            "the derivative by `{by}` is 0 everywhere: as the formula is read, its value does not change with `{by}`"
        ));
    }
    let substituted = substituted(&mut derivation)?;
    tell(Stage::Checking);
    let mut random = Random::new(question.seed, Purpose::Check, 0);
    let check = judge::check(&derivation, &closed, &request, question.points, &mut || random.normal())?;
    let sums = judge::check_sums(&parsed, question.points, &mut || random.normal())?;
    let mut algebra = Vec::new();
    let mut algebra_check = None;
    if question.algebra {
        let steps = closed.iter().map(|reading| reading.algebra(&mut derivation.formula));
        algebra = steps.collect();
        let all = algebra.iter().flat_map(|steps: &AlgebraSteps| steps.first.iter().chain(&steps.value));
        let all: Vec<AlgebraStep> = all.cloned().collect();
        let mut random = Random::new(question.seed, Purpose::Check, 1);
        let judged = judge::check_algebra(&derivation.formula, &all, &mut || random.normal())?;
        algebra_check = Some(judged);
    }
    let in_lets = in_lets(&parsed, &request, &mut derivation, &closed)?;
    let kinks = kinks(&derivation);
    let otherwise = otherwise(question, &parsed, &request, (&derivation, &closed), library);
    Ok(Answer {
        request,
        parsed,
        derivation,
        substituted,
        closed,
        algebra,
        in_lets,
        check,
        algebra_check,
        sums,
        kinks,
        otherwise,
    })
}

/// Holds the last line to be a formula to derive, and no derivative that is given or asked for.
fn hold_formula(parsed: &Parsed, wrt: &[&str]) -> Result<(), DeriveError> {
    let Some((last, before)) = parsed.formula.lines.split_last() else { return Ok(()) };
    if let Node::Variable(only) = parsed.formula.node(last.value)
        && let Some((of, by)) = formula::derivative(&only.name)
    {
        return Err(DeriveError::DerivativeAlone { symbol: only.name.clone(), of: of.into(), by: by.into() });
    }
    match formula::derivative(&last.name) {
        Some((of, _)) if wrt.is_empty() || before.iter().any(|line| line.name.as_str() == of) => {
            Err(DeriveError::DerivativeLine { symbol: last.name.clone(), of: of.into() })
        }
        _ => Ok(()),
    }
}

/// The variables that are derived by, where they may be asked for by their entries or rows: by all x_i at once is by X.
fn whole(parsed: &mut Parsed, wrt: Vec<Name>) -> Vec<Name> {
    let mut notes = Vec::new();
    let whole = |name: Name| match parsed.whole(&name) {
        Some(all) => {
            notes.push(format!("the derivative by all `{name}` at once is the one by `{all}`"));
            all
        }
        None => name,
    };
    let wrt = wrt.into_iter().map(whole).collect();
    parsed.notes.extend(notes);
    wrt
}

/// How many other readings are derived.
const MOST_READINGS: usize = 3;

/// Formulas of more nodes are derived in the reading that was taken alone.
const LARGEST_READ_TWICE: usize = 60;

/// The derivatives that are others in readings that are as good. A reading that cannot be derived is none, nor is one whose
/// derivatives do not agree with difference quotients.
fn otherwise(
    question: &Question,
    parsed: &Parsed,
    request: &calculus::Request,
    (derivation, closed): (&Derivation, &[Reading]),
    library: &Library,
) -> Vec<Otherwise> {
    let mut found = Vec::new();
    let lines: Vec<NodeId> = parsed.formula.lines.iter().map(|line| line.value).collect();
    if closed.is_empty() || parsed.formula.reachable(&lines).len() > LARGEST_READ_TWICE {
        return found;
    }
    let taken = notation::print_readings(derivation, closed);
    let choices = parsed.assumptions.iter().filter(|assumption| !assumption.is_constant);
    let choices = choices.flat_map(|assumption| assumption.or.iter().map(move |or| (&assumption.name, or)));
    for (chosen, declaration) in choices.take(MOST_READINGS) {
        let declarations = format!("{}\n{declaration}", question.declarations);
        let source = Source { text: question.formula, declarations: &declarations };
        let Ok(other) = syntax::parse_by(source, &request.wrt, library) else { continue };
        let Ok(derived) = calculus::derive(&other.formula, request, Laws::standard()) else { continue };
        let mut random = Random::new(question.seed, Purpose::Check, 0);
        let (derivation, readings) = (&derived.derivation, &derived.readings);
        let check = judge::check(derivation, readings, request, question.points, &mut || random.normal());
        if !check.is_ok_and(|check| check.passed) {
            continue;
        }
        let lines = notation::print_readings(&derived.derivation, &derived.readings);
        for ((reading, line), before) in derived.readings.iter().zip(lines).zip(&taken) {
            // By a symmetric matrix itself the convention is another, not the reading.
            let by_itself = reading.by == *chosen && line.shape == before.shape;
            if line.name == before.name
                && line.text != before.text
                && !by_itself
                && let Some(text) = line.text
            {
                found.push(Otherwise { declaration: declaration.clone(), name: line.name, text });
            }
        }
    }
    found
}

/// A step of a derivation opened entry by entry: the multivariable chain rule in the letters of its law, and on the numbers of a
/// small example; `None` where its law is not among those of the library.
pub fn why(arena: &formula::Formula, step: &calculus::Step) -> Option<calculus::Why> {
    calculus::why(arena, step, Laws::standard())
}

/// A value with more nodes is no line that anyone reads, and nothing is put into it.
const LONGEST: usize = 200;

/// The derivatives of the last layer with the symbols of earlier derivatives put in, up to the line that passes to the layer
/// before.
fn substituted(derivation: &mut Derivation) -> Result<Vec<Line>, DeriveError> {
    let lets: BTreeSet<Name> = derivation.lets.iter().map(|line| line.name.clone()).collect();
    let formula = &mut derivation.formula;
    let mut meaning: HashMap<NodeId, NodeId> = HashMap::new();
    let mut symbols: Vec<NodeId> = Vec::new();
    let mut lines = Vec::new();
    for line in &derivation.derivatives {
        let parts = formula.variables(&[line.value]);
        let mentions = symbols.iter().any(|symbol| parts.contains(symbol));
        let passes = matches!(formula.node(line.value), Node::Product(_)) && lets.contains(&line.by);
        if mentions && passes {
            break;
        }
        let value = formula.substitute(line.value, &mut meaning)?;
        // The line after it would hold all of it again.
        if formula.reachable(&[value]).len() > LONGEST {
            break;
        }
        let value = calculus::tidy(formula, value);
        let shape = formula.shape(line.value).clone();
        let symbol = formula.variable(formula::Variable::new(line.symbol.clone(), shape));
        meaning.insert(symbol, value);
        symbols.push(symbol);
        if mentions {
            lines.push(Line { name: line.symbol.clone(), value });
        }
    }
    Ok(lines)
}

/// A sentence for each primitive with a kink that the formula uses, directly or inside a page.
fn kinks(derivation: &Derivation) -> Vec<String> {
    let formula = &derivation.formula;
    let mut roots: Vec<NodeId> = derivation.lets.iter().map(|line| line.value).collect();
    roots.push(derivation.result.value);
    let mut sentences = Vec::new();
    let mut seen = BTreeSet::new();
    while let Some(root) = roots.pop() {
        for id in formula.reachable(&[root]) {
            let Node::Apply(apply) = formula.node(id) else { continue };
            if !seen.insert(apply.function) {
                continue;
            }
            match formula.function(apply.function).body {
                Body::Defined(body) => roots.push(body),
                Body::Abstract => {}
                Body::Primitive(primitive) => {
                    let row = primitive.row();
                    match row.kink {
                        Kink::Nowhere => {}
                        Kink::AtZero => {
                            sentences.push(format!("at 0 the slope of {} is taken to be 0", row.name))
                        }
                        Kink::AtTie if row.symmetric => sentences.push(format!(
                            "where its arguments are equal, {} is taken to be the second",
                            row.name
                        )),
                        Kink::AtTie => sentences.push(format!(
                            "where its arguments are equal, both slopes of {} are taken to be 0",
                            row.name
                        )),
                    }
                }
            }
        }
    }
    sentences.sort();
    sentences
}
