//! What is known beside a claim: the formula it is about, every name that it may mention, and what they stand for.

use super::entries;
use crate::arrangement::Arrangement;
use crate::closed::ValueBy;
use crate::quotient::Value;
use crate::sample::replace_abstract_functions;
use crate::{Claim, DeriveError, Judged, Library, Source, judge_claim};
use calculus::{Derived, Layout, Reading, Request};
use formula::{Body, Formula, Line, Matrix, Name, Node, NodeId, Operator, Point, Shape, Variable};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;
use syntax::{Diagnostic, Mistake, Origin, Parsed, Span, Text, nearest};

/// Values of which a claim may have left out one: at most this many are tried.
const POOL: usize = 40;

/// By variables of more entries no quotients are shown.
const SHOWN: usize = 1_000;

/// What is known when a claim is judged: the right answer's arena, and what every symbol stands for.
pub(super) struct Known {
    pub formula: Formula,
    /// The values of the formula's own lines.
    values: Vec<NodeId>,
    /// Lets and the result, then the derivatives of the sweep; each in terms of those before it.
    pub definitions: Vec<Line>,
    /// How many of them are lets or the result.
    pub forward: usize,
    /// The line of the derivative, in terms of the lines before it.
    line: Option<NodeId>,
    /// Whether a right answer in the other layout is right.
    pub is_in_any_layout: bool,
    /// The indices that the left side of the claim has.
    labels: Vec<char>,
    /// Whether the claim is about the diagonal of the right answer alone.
    is_diagonal: bool,
}

/// A claim as it was read.
pub(super) struct Claimed {
    /// The text that was read, with the sums over an index in it.
    pub parsed: Parsed,
    /// The arena of its value.
    pub formula: Formula,
    pub value: NodeId,
    /// Its value as text.
    pub echo: String,
    /// What it was taken for, where that is to be said.
    pub says: Option<String>,
}

impl Known {
    pub fn new(parsed: &Parsed, derived: &Derived) -> Result<Known, DeriveError> {
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
            inputs.iter().any(|input| input.name == *by && input.properties.is_symmetric())
        };
        let line = derivation.derivatives.last().filter(|line| !is_symmetric(&line.by));
        let line = line.map(|line| line.value);
        let (is_in_any_layout, labels, is_diagonal) = (false, Vec::new(), false);
        Ok(Known { formula, values, definitions, forward, line, is_in_any_layout, labels, is_diagonal })
    }

    /// The right answer to a claim about the entry with these indices. The entries `dy_i/dx_i` are the diagonal of dy/dx.
    ///
    /// # Errors
    /// Where the indices are those of no matrix.
    pub fn about(&mut self, labels: Vec<char>, reading: &Reading) -> Result<Reading, DeriveError> {
        let mut reading = reading.clone();
        self.labels = labels;
        match *self.labels.as_slice() {
            [first, second] if first == second => {}
            [] | [_] | [_, _] => return Ok(reading),
            _ => {
                let what = format!(
                    "the claim is about entries of `{}` with the indices {}, which are no rows and columns of a matrix",
                    reading.title,
                    self.labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ")
                );
                return Err(DeriveError::Entries { what });
            }
        }
        let shape = self.formula.shape(reading.value);
        if shape.rows != shape.cols || shape.is_scalar() {
            let what =
                format!("`{}` is {shape}, and has no diagonal for each `{}`", reading.title, self.labels[0]);
            return Err(DeriveError::Entries { what });
        }
        (self.is_diagonal, self.line) = (true, None);
        self.labels.truncate(1);
        for value in [&mut reading.value, &mut reading.raw] {
            *value = self.formula.operator(Operator::Diagonal, *value).map_err(DeriveError::Shape)?;
        }
        reading.value = calculus::simplify(&mut self.formula, reading.value);
        reading.title = Name::from(format!("diag({})", reading.title).as_str());
        Ok(reading)
    }

    /// The line of the derivative, where every symbol in it is one of these names.
    pub fn in_terms_of(&self, names: &[Name]) -> Option<NodeId> {
        let line = self.line?;
        let own = crate::sample::variables(&self.formula, &self.values);
        let is_known = |variable: &Variable| {
            names.contains(&variable.name) || own.iter().any(|input| input.name == variable.name)
        };
        crate::sample::variables(&self.formula, &[line]).iter().all(is_known).then_some(line)
    }

    /// A claim, which may mention the variables, what is named, and the symbols of the right answer.
    pub fn read(
        &self,
        text: &str,
        named: &[Line],
        reading: &Reading,
        library: &Library,
    ) -> Result<Claimed, DeriveError> {
        let symbols = reading.symbols.iter().map(|symbol| symbol.node);
        let values: Vec<NodeId> = self.values.iter().copied().chain(symbols).collect();
        let right = self.formula.shape(reading.value);
        let other = Shape::new(right.cols.clone(), right.rows.clone());
        let shapes = if self.is_in_any_layout { vec![right.clone(), other] } else { vec![right.clone()] };
        let said = (named, self.labels.as_slice());
        read_beside(text, &self.formula, &values, said, (&shapes, library))
    }

    pub fn judge(
        &mut self,
        claim: &Claimed,
        names: &[Name],
        reading: &Reading,
        (derived, request): (&Derived, &Request),
        draw: &mut dyn FnMut() -> f64,
    ) -> Result<Judged, DeriveError> {
        let claimed = self.formula.graft(&claim.formula, &[claim.value])[0];
        let derivation = reading.second.as_ref().map_or(&derived.derivation, |second| &second.derivation);
        let mut of = ValueBy::new(derivation, reading.by2.as_ref().unwrap_or(&reading.by))?;
        replace_abstract_functions(&mut of.formula)?;
        calculus::write_out_slopes(&mut of.formula, &[of.value])?;
        let of_value = Value::new(&of.formula, of.value, &[]);
        let (arrangement, is_diagonal) = (Arrangement::new(reading, request), self.is_diagonal);
        let mut values = self.values.clone();
        values.push(reading.value);
        let pool = pool(&self.formula, &values);
        let shape = self.formula.shape(reading.value);
        let line = self.line.filter(|line| self.formula.shape(*line) == shape);
        // Slips are said in the names of lines before, where there are such names.
        let mentions = |line: &NodeId| {
            let symbols = crate::sample::variables(&self.formula, &[*line]);
            symbols.iter().any(|symbol| names.contains(&symbol.name)) && self.in_terms_of(names).is_some()
        };
        let mut forms: Vec<NodeId> = line.filter(mentions).into_iter().collect();
        forms.extend([reading.value, reading.raw]);
        forms.extend(line);
        let is_transposed = request.layout.transposes(reading.form);
        let other = Layout::ALL.into_iter().find(|layout| layout.transposes(reading.form) != is_transposed);
        let other_layout = other.filter(|_| self.is_in_any_layout);
        let claim = Claim {
            formula: &self.formula,
            claimed,
            right: reading.value,
            forms: &forms,
            pool: &pool,
            is_partial: false,
            other_layout,
            definitions: &self.definitions,
        };
        judge_claim(&claim, draw, &mut |point| {
            let Some(centre) = point.variables.get(&of.by.name) else { return Ok(None) };
            if centre.entries.len() > SHOWN {
                return Ok(None);
            }
            let mut value = |moved: &Point| of_value.at(moved);
            let quotients = arrangement.quotients(&mut value, &of.by, point)?;
            Ok(Some(match is_diagonal {
                true => Matrix::from_fn(quotients.rows, 1, |row, _| quotients.at(row, row)),
                false => quotients,
            }))
        })
    }
}

/// A claim, read with the variables of these values and with symbols for what is defined.
fn read_beside(
    text: &str,
    formula: &Formula,
    values: &[NodeId],
    (definitions, labels): (&[Line], &[char]),
    (shapes, library): (&[Shape], &Library),
) -> Result<Claimed, DeriveError> {
    let declarations = declarations(formula, values, definitions);
    let variables = crate::sample::variables(formula, values).into_iter();
    let lines = definitions.iter().map(|line| (line.name.clone(), formula.shape(line.value).clone()));
    let known = variables.map(|variable| (variable.name, variable.shape)).chain(lines).collect();
    if let Some(read) = entries::read(text, labels, (&known, &declarations), (shapes, library)) {
        let claim = read?;
        return all_known(text, formula, values, definitions, &claim.parsed).map(|()| claim);
    }
    let mut parsed =
        syntax::parse_as(Source { text, declarations: &declarations }, shapes, library).map_err(in_claim)?;
    // What is beside a claim are declarations of this page's own making.
    parsed.notes.clear();
    all_known(text, formula, values, definitions, &parsed)?;
    let value = parsed.formula.result().ok_or(DeriveError::NoResult)?;
    let (formula, echo) = (parsed.formula.clone(), parsed.echo.clone());
    Ok(Claimed { formula, value, echo, says: None, parsed })
}

/// The error of a name in a claim that neither the formula nor its lines have.
fn all_known(
    text: &str,
    formula: &Formula,
    values: &[NodeId],
    definitions: &[Line],
    parsed: &Parsed,
) -> Result<(), DeriveError> {
    let Some(unknown) = parsed.assumptions.iter().find(|one| !one.is_constant) else { return Ok(()) };
    let mut known: Vec<Name> =
        crate::sample::variables(formula, values).into_iter().map(|variable| variable.name).collect();
    known.extend(definitions.iter().map(|line| line.name.clone()));
    let whole = Span { start: 0, end: text.len() };
    Err(unknown_name(text, &entries::written(text, &unknown.name), known, whole).into())
}

/// The error where a claim mentions what the formula does not have, in this part of the text.
pub(super) fn unknown_name(text: &str, name: &Name, known: Vec<Name>, within: Span) -> Diagnostic {
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
pub(super) fn in_claim(error: Diagnostic) -> Diagnostic {
    match error.text.origin {
        Origin::Formula => {
            let text = Text { origin: Origin::Claim, text: error.text.text.clone() };
            Diagnostic { text: Arc::new(text), ..error }
        }
        _ => error,
    }
}

/// The declarations of all that these values are built from, as text.
pub(super) fn declarations(formula: &Formula, values: &[NodeId], definitions: &[Line]) -> String {
    let mut text = String::new();
    let mut seen: BTreeSet<Name> = BTreeSet::new();
    let mut declare = |variable: &Variable| {
        if !seen.insert(variable.name.clone()) {
            return;
        }
        let _ = writeln!(text, "{}", syntax::declaration(variable));
    };
    for variable in crate::sample::variables(formula, values) {
        declare(&variable);
    }
    for line in definitions {
        declare(&Variable::new(line.name.clone(), formula.shape(line.value).clone()));
    }
    for (_, function) in formula.functions() {
        match &function.signature {
            _ if function.body != Body::Abstract => {}
            None => drop(writeln!(text, "{}: function", function.name)),
            // The gradient of a function of a whole matrix is known with the function.
            Some(signature) => {
                if let (Some(shape), false) = (signature.parameters.first(), function.slopes.is_empty()) {
                    let _ = writeln!(text, "{}: {shape} -> scalar", function.name);
                }
            }
        }
    }
    text
}

/// The parts of these values, the smallest first.
pub(super) fn pool(formula: &Formula, values: &[NodeId]) -> Vec<NodeId> {
    let parts = formula.reachable(values).into_iter();
    parts.filter(|id| formula.as_number(*id).is_none()).take(POOL).collect()
}

fn is_variable(formula: &Formula, id: NodeId, name: &Name) -> bool {
    matches!(formula.node(id), Node::Variable(variable) if variable.name == *name)
}
