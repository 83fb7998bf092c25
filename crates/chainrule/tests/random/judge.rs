//! One formula judged: every line and every step of its derivation, its gradients, their closed forms and their texts.

mod doubts;
mod steps;

use crate::differences::{Opinion, Rounding, apart, judge};
use crate::generator::{DECLARATIONS, SIZES};
use crate::kinds::Kind;
use calculus::{Derivation, Laws};
use chainrule::Library;
pub use doubts::Doubts;
use formula::{
    Apply, Body, Call, Formula, Kink, Matrix, Name, Node, NodeId, Operator, Point, Precise, Real, Variable,
};
use notation::{latex, text};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};
use steps::{OpenedStep, opened_steps};
use syntax::Source;

/// What became of a formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Right,
    /// Why there is no judgement.
    Refused(String),
    /// What is wrong.
    Wrong(String),
}

/// All that is counted of one formula.
#[derive(Debug)]
pub struct Report {
    pub text: String,
    pub verdict: Verdict,
    pub redraws: usize,
    /// Small errors that another point did not confirm, and so were rounding.
    pub unconfirmed: usize,
    /// The last error that did not pass.
    off: f64,
    pub lines: usize,
    pub steps: usize,
    pub closed: usize,
    pub vanishing: usize,
    pub worst: f64,
    /// Outer and inner kind of each edge of the formula.
    pub pairs: BTreeMap<(Kind, Kind), usize>,
    /// Texts that are another text when they are read and printed again.
    pub unlike: Vec<String>,
    /// Texts that read as other nodes than those they were printed from, though they print the same.
    pub regrouped: Vec<String>,
    /// Closed forms that are simplified further when read again.
    pub unsettled: Vec<String>,
    pub latex: Vec<String>,
    /// The time to derive, to simplify, to read back, and to judge.
    pub times: [Duration; 4],
}

/// Errors below this are confirmed at another point, since rounding may leave a value so few digits.
const SMALL: f64 = 1e-4;

/// Times one thing after another.
struct Clock(Instant);

impl Clock {
    fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now - std::mem::replace(&mut self.0, now)
    }
}

/// How often a point may be drawn again because values are not finite there or a kink is near.
const REDRAWS: usize = 5;

impl Report {
    /// Judges a formula, its closed forms and texts too where they are asked for.
    pub fn new(text: &str, seed: u64, library: &Library, closes: bool) -> Report {
        let mut report = Report {
            text: text.to_owned(),
            verdict: Verdict::Right,
            redraws: 0,
            unconfirmed: 0,
            off: 0.0,
            lines: 0,
            steps: 0,
            closed: 0,
            vanishing: 0,
            worst: 0.0,
            pairs: BTreeMap::new(),
            unlike: Vec::new(),
            regrouped: Vec::new(),
            unsettled: Vec::new(),
            latex: Vec::new(),
            times: [Duration::ZERO; 4],
        };
        report.verdict = match report.judge(seed, library, closes) {
            Ok(()) => Verdict::Right,
            Err(verdict) => verdict,
        };
        report
    }

    fn judge(&mut self, seed: u64, library: &Library, closes: bool) -> Result<(), Verdict> {
        let source = Source { text: &self.text, declarations: DECLARATIONS };
        let parsed = syntax::parse(source, library)
            .map_err(|error| Verdict::Refused(format!("not read: {error}")))?
            .formula;
        let result = parsed.result().ok_or_else(|| Verdict::Refused("no result".into()))?;
        for id in parsed.reachable(&[result]) {
            for child in parsed.node(id).children() {
                *self.pairs.entry((Kind::of(&parsed, id), Kind::of(&parsed, *child))).or_default() += 1;
            }
        }
        let mut clock = Clock(Instant::now());
        if closes {
            self.read_back(&parsed, result, library);
        }
        self.times[2] += clock.lap();
        let mut derivation = calculus::differentiate(&parsed, &[], Laws::standard())
            .map_err(|error| Verdict::Refused(format!("not derived: {error}")))?;
        self.times[0] += clock.lap();
        let mut closed = Vec::new();
        for gradient in derivation.gradients.clone() {
            if !closes {
                closed.push((gradient.clone(), gradient.value));
                continue;
            }
            let simplest = calculus::simplify(&mut derivation.formula, gradient.value);
            self.times[1] += clock.lap();
            self.read_back(&derivation.formula, simplest, library);
            self.settle(&derivation.formula, simplest, library);
            self.times[2] += clock.lap();
            closed.push((gradient, simplest));
        }
        let steps = opened_steps(&mut derivation)?;
        let doubts = Doubts::of(&parsed);
        let lines = derivation.lets.iter().chain([&derivation.result]);
        let mut roots: Vec<NodeId> = lines.map(|line| line.value).collect();
        roots.extend(derivation.gradients.iter().map(|gradient| gradient.value));
        let named: BTreeSet<&Name> = derivation.lets.iter().map(|line| &line.name).collect();
        let mut last = String::new();
        let mut suspicion = None;
        for attempt in 0..=REDRAWS {
            let point =
                draw(&derivation.formula, &roots, &named, seed.wrapping_mul(31).wrapping_add(attempt as u64));
            let judged = self.at(&derivation, &steps, &closed, point.clone());
            self.times[3] += clock.lap();
            match judged {
                Ok(None) => return Ok(()),
                Err(verdict) => match doubts.as_ref().and_then(|doubts| doubts.at(&point)) {
                    Some(doubt) => {
                        self.redraws += 1;
                        last = doubt.into();
                    }
                    // A wrong law is wrong at every point; rounding that leaves few digits is not.
                    None if self.off < SMALL && suspicion.is_none() => {
                        self.redraws += 1;
                        self.unconfirmed += 1;
                        suspicion = Some(verdict);
                    }
                    None => return Err(verdict),
                },
                Ok(Some(reason)) => {
                    self.redraws += 1;
                    last = reason;
                }
            }
        }
        Err(suspicion.unwrap_or(Verdict::Refused(last)))
    }

    /// A printed value read again is the same formula.
    fn read_back(&mut self, formula: &Formula, id: NodeId, library: &Library) {
        let Some(printed) = text(formula, id) else { return };
        self.latex.extend(latex(formula, id));
        match syntax::parse(Source { text: &printed, declarations: DECLARATIONS }, library) {
            Err(error) => self.unlike.push(format!("{printed}\n      is not read: {error}")),
            Ok(again) => {
                let Some(read) = again.formula.result() else { return };
                let reprinted = text(&again.formula, read).unwrap_or_default();
                if reprinted != printed {
                    self.unlike.push(format!("{printed}\n      reads as {reprinted}"));
                } else if !is_same((formula, id), (&again.formula, read)) {
                    self.regrouped.push(printed);
                }
            }
        }
    }

    /// A closed form read again is its own closed form.
    fn settle(&mut self, formula: &Formula, id: NodeId, library: &Library) {
        self.closed += 1;
        let Some(printed) = text(formula, id) else { return };
        let Ok(parsed) = syntax::parse(Source { text: &printed, declarations: DECLARATIONS }, library) else {
            return;
        };
        let mut again = parsed.formula;
        let Some(read) = again.result() else { return };
        let simplest = calculus::simplify(&mut again, read);
        let reprinted = text(&again, simplest).unwrap_or_default();
        if reprinted != printed {
            self.unsettled.push(format!("{printed}\n      becomes {reprinted}"));
        }
    }

    /// Everything at one point; a reason to draw another one, where there is one.
    fn at(
        &mut self,
        derivation: &Derivation,
        steps: &[OpenedStep],
        closed: &[(calculus::Gradient, NodeId)],
        mut point: Point,
    ) -> Result<Option<String>, Verdict> {
        let formula = &derivation.formula;
        let inputs = point.clone();
        for line in derivation.lets.iter().chain([&derivation.result]) {
            let value = evaluate(formula, line.value, &point)?;
            if value.entries.iter().any(|entry| !entry.is_finite()) {
                return Ok(Some(format!("{} is not finite", line.name)));
            }
            point.variables.insert(line.name.clone(), value);
        }
        let mut rounding = point.variables[&derivation.result.name].entries[0].abs();
        for line in &derivation.derivatives {
            let value = evaluate(formula, line.value, &point)?;
            if value.entries.iter().any(|entry| !entry.is_finite()) {
                return Ok(Some(format!("{} is not finite", line.symbol)));
            }
            rounding += sizes_together(&value, &point.variables[&line.by]);
            point.variables.insert(line.symbol.clone(), value);
        }
        for line in &derivation.derivatives {
            let derived = point.variables[&line.symbol].clone();
            let opinion = by_differences(derivation, &line.by, &derived, rounding, &mut point);
            if let Some(reason) =
                self.heed(&opinion, || format!("{} is {}", line.symbol, shown(formula, line.value)))?
            {
                return Ok(Some(reason));
            }
            self.lines += 1;
        }
        for step in steps {
            let opinion = step.judge(formula, &point, rounding)?;
            let what = || {
                let [of, by] = [step.of, step.by].map(|id| shown(formula, id));
                format!(
                    "by {}: from {} as df/d({of}) comes {} for df/d({by})",
                    step.law,
                    shown(formula, step.from),
                    step.shown(formula)
                )
            };
            if let Some(reason) = self.heed(&opinion, what)? {
                return Ok(Some(reason));
            }
            self.steps += 1;
        }
        for (gradient, simplest) in closed {
            let line = &point.variables[&Name::from(name_of(formula, gradient.symbol))];
            for (id, what) in [(gradient.value, "gradient"), (*simplest, "closed form")] {
                let value = evaluate(formula, id, &inputs)?;
                let scale = line.entries.iter().fold(rounding * 1e-6, |most, entry| most.max(entry.abs()));
                let error = value.entries.iter().zip(&line.entries).map(|(a, b)| (a - b).abs() / scale);
                let error = error.fold(
                    0.0,
                    |worst: f64, error| if error.is_nan() { f64::INFINITY } else { worst.max(error) },
                );
                if error > 1e-7 && apart(&value.entries, &line.entries) > 1e-7 {
                    let by = &gradient.by;
                    self.off = error;
                    return Err(Verdict::Wrong(format!(
                        "the {what} by {by} is off by {error:.1e}: {}",
                        shown(formula, id)
                    )));
                }
            }
        }
        Ok(None)
    }

    /// A reason to draw another point; an error where something is wrong.
    fn heed(&mut self, opinion: &Opinion, what: impl Fn() -> String) -> Result<Option<String>, Verdict> {
        match opinion {
            Opinion::Right(error) => self.worst = self.worst.max(*error),
            Opinion::Vanishing => self.vanishing += 1,
            Opinion::Unsure => return Ok(Some("differences of two steps disagree".into())),
            Opinion::NotFinite => return Ok(Some("a value nearby is not finite".into())),
            Opinion::Wrong(error) => {
                self.off = *error;
                return Err(Verdict::Wrong(format!("off by {error:.1e}: {}", what())));
            }
        }
        Ok(None)
    }
}

fn shown(formula: &Formula, id: NodeId) -> String {
    text(formula, id).unwrap_or_else(|| "a long value".into())
}

fn name_of(formula: &Formula, id: NodeId) -> String {
    match formula.node(id) {
        Node::Variable(variable) => variable.name.to_string(),
        _ => String::new(),
    }
}

fn evaluate(formula: &Formula, id: NodeId, point: &Point) -> Result<Matrix, Verdict> {
    let values = formula.evaluate(&[id], point);
    let mut values = values.map_err(|error| Verdict::Wrong(format!("{}: {error}", shown(formula, id))))?;
    values.pop().ok_or_else(|| Verdict::Wrong("no value".into()))
}

/// sum |a .* b|
fn sizes_together(a: &Matrix, b: &Matrix) -> f64 {
    a.entries.iter().zip(&b.entries).map(|(a, b)| (a * b).abs()).sum()
}

/// Differences of the result by a variable or a let: the lets that depend on it move with it.
fn by_differences(
    derivation: &Derivation,
    by: &Name,
    derived: &Matrix,
    rounding: f64,
    point: &mut Point,
) -> Opinion {
    let formula = &derivation.formula;
    let mut moving = BTreeSet::from([by.clone()]);
    let mut lines = Vec::new();
    let mut is_symmetric = false;
    for line in derivation.lets.iter().chain([&derivation.result]) {
        let mut moves = false;
        for id in formula.variables(&[line.value]) {
            if let Node::Variable(Variable { name, properties, .. }) = formula.node(id) {
                moves |= moving.contains(name);
                is_symmetric |= name == by && properties.is_symmetric();
            }
        }
        if moves && line.name != *by {
            moving.insert(line.name.clone());
            lines.push(line);
        }
    }
    let kept = point.clone();
    let at = kept.variables[by].clone();
    let result = &derivation.result.name;
    let rounding = Rounding { quotient: rounding, derivative: rounding };
    let opinion = judge(derived, &at, is_symmetric, rounding, |moved| {
        point.variables.insert(by.clone(), moved.clone());
        for line in &lines {
            let value = formula.evaluate(&[line.value], point).ok()?.pop()?;
            point.variables.insert(line.name.clone(), value);
        }
        Some(point.variables[result].entries[0])
    });
    *point = kept;
    opinion
}

/// Whether a formula that can be read has a value at one of a few points, without doubt.
pub fn has_a_value(text: &str, seed: u64, library: &Library) -> bool {
    let Ok(parsed) = syntax::parse(Source { text, declarations: DECLARATIONS }, library) else { return true };
    let formula = parsed.formula;
    let (Some(result), Some(doubts)) = (formula.result(), Doubts::of(&formula)) else { return true };
    (0..3).any(|attempt| {
        let point = draw(&formula, &[result], &BTreeSet::new(), seed.wrapping_add(attempt));
        let value = formula.evaluate(&[result], &point).ok().and_then(|mut values| values.pop());
        value.is_some_and(|value| value.entries[0].abs() < 1e9) && doubts.at(&point).is_none()
    })
}

/// Points at which two values are compared, and the scales of their variables in turn.
const REFERENCES: u64 = 200;
const SCALES: [f64; 5] = [1.0, 0.3, 3.0, 0.05, 20.0];
/// Sizes at which a part has more entries are passed over.
const MOST_ENTRIES: f64 = 1e5;
/// What is nearer, as a part of the largest entry, counts as equal.
const NEAR: f64 = 1e-8;

/// Whether two values differ at some of many random points, of all sizes and scales, by more than rounding.
pub fn differ_somewhere(formula: &Formula, [left, right]: [NodeId; 2], seed: u64) -> bool {
    (0..REFERENCES).any(|attempt| {
        let size = |step: u64| 1 + ((attempt * step + seed) % 5) as usize;
        let sizes = [("m", size(1)), ("n", size(2)), ("p", size(3))];
        let known = sizes.iter().map(|(name, size)| (Name::from(*name), *size)).collect();
        let entries = |id: NodeId| {
            let shape = formula.shape(id);
            Some(shape.rows.evaluate(&known).ok()? as f64 * shape.cols.evaluate(&known).ok()? as f64)
        };
        let nodes = formula.reachable(&[left, right]);
        if nodes.into_iter().any(|id| entries(id).is_none_or(|entries| entries > MOST_ENTRIES)) {
            return false;
        }
        let mut point =
            draw_sized(formula, &[left, right], &BTreeSet::new(), seed.wrapping_add(attempt), sizes);
        let scale = SCALES[attempt as usize % SCALES.len()];
        for value in point.variables.values_mut() {
            value.entries.iter_mut().for_each(|entry| *entry *= scale);
        }
        // With a bound of its rounding: of what is 0 but for rounding, every multiple is the same.
        let precise = |value: Matrix| value.map(Precise::from);
        let variables = point.variables.into_iter().map(|(name, value)| (name, precise(value))).collect();
        let point = Point { sizes: point.sizes, variables };
        let Ok(values) = formula.evaluate(&[left, right], &point) else { return false };
        let largest =
            values[1].entries.iter().fold(0.0_f64, |largest, entry| largest.max(entry.value().abs()));
        values[0].entries.iter().zip(&values[1].entries).any(|(a, b)| {
            let difference = *a - *b;
            difference.is_apart_from_zero() && difference.value().abs() > NEAR * largest
        })
    })
}

/// Values for every variable that these values are built from, but for those of these names.
fn draw(formula: &Formula, roots: &[NodeId], named: &BTreeSet<&Name>, seed: u64) -> Point {
    draw_sized(formula, roots, named, seed, SIZES)
}

fn draw_sized(
    formula: &Formula,
    roots: &[NodeId],
    named: &BTreeSet<&Name>,
    seed: u64,
    sizes: [(&str, usize); 3],
) -> Point {
    let mut random = chainrule::Random::new(seed, chainrule::Purpose::Check, 0);
    let sizes = sizes.iter().map(|(name, size)| (Name::from(*name), *size)).collect();
    let mut point = Point { sizes, variables: BTreeMap::new() };
    for id in formula.variables(roots) {
        let Node::Variable(variable) = formula.node(id) else { continue };
        let size = |size: &formula::Size| size.evaluate(&point.sizes).unwrap_or(1);
        let (rows, cols) = (size(&variable.shape.rows), size(&variable.shape.cols));
        if named.contains(&variable.name) {
            continue;
        }
        let drawn: Vec<f64> = (0..rows * cols).map(|_| random.normal()).collect();
        let drawn = Matrix { rows, cols, entries: drawn };
        let properties = variable.properties;
        let value = if chainrule::property("positive definite")
            .is_some_and(|definite| properties.has(definite))
        {
            let square = drawn.multiply(&drawn.transpose());
            Matrix::from_fn(rows, cols, |row, col| square.at(row, col) + if row == col { 0.5 } else { 0.0 })
        } else if properties.is_symmetric() {
            Matrix::from_fn(rows, cols, |row, col| (drawn.at(row, col) + drawn.at(col, row)) / 2.0)
        } else if properties.is_positive() {
            Matrix::from_fn(rows, cols, |row, col| drawn.at(row, col).abs() + 0.3)
        } else {
            drawn
        };
        point.variables.insert(variable.name.clone(), value);
    }
    point
}

/// Whether two values in two arenas are the same formula, their functions the same by name and settings.
fn is_same(first: (&Formula, NodeId), second: (&Formula, NodeId)) -> bool {
    let mut known: HashMap<NodeId, NodeId> = HashMap::new();
    let mut waiting = vec![(first.1, second.1)];
    while let Some((a, b)) = waiting.pop() {
        if let Some(other) = known.insert(a, b) {
            if other != b {
                return false;
            }
            continue;
        }
        let (left, right) = (first.0.node(a), second.0.node(b));
        let same_function = |a, b| {
            let (a, b) = (first.0.function(a), second.0.function(b));
            a.name == b.name && a.settings == b.settings && a.signature == b.signature
        };
        let same = match (left, right) {
            (
                Node::Apply(Apply { function: f, marks, .. }),
                Node::Apply(Apply { function: g, marks: others, .. }),
            ) => marks == others && same_function(*f, *g),
            (Node::Call(Call { function: f, .. }), Node::Call(Call { function: g, .. })) => {
                same_function(*f, *g)
            }
            (Node::Block(a, _), Node::Block(b, _)) => a == b,
            (Node::Operator(a, _), Node::Operator(b, _)) => a == b,
            (Node::Part(a), Node::Part(b)) => {
                (a.direction, &a.before, &a.length) == (b.direction, &b.before, &b.length)
            }
            _ if left.children().is_empty() => left == right,
            _ => std::mem::discriminant(left) == std::mem::discriminant(right),
        };
        let (left, right) = (left.children(), right.children());
        if !same || left.len() != right.len() || first.0.shape(a) != second.0.shape(b) {
            return false;
        }
        waiting.extend(left.iter().copied().zip(right.iter().copied()));
    }
    true
}
