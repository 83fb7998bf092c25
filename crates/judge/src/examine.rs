//! One point of a check: the lines and closed forms of a derivation against difference quotients along a random direction.

mod subject;

use self::subject::{ALONE, DerivativeLine, Opinion, Subject, Told};
use crate::DeriveError;
use crate::arrangement::Arrangement;
use crate::check::{Example, Shown};
use crate::closed::{ClosedForm, Derived, is_lines, is_plain};
use crate::kinks::{Bend, Side, expose, on_the_side};
use crate::quotient::{Value, is_symmetric, symmetric_part};
use crate::reach::Reach;
use crate::sample::{Sampler, replace_abstract_functions, variables};
use crate::work::{CHEAP, DEAR, refuse_large};
use calculus::{Derivation, Reading, Request};
use formula::{Formula, Line, Matrix, Name, NodeId, Point, Variable};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// How many nodes or multiplications the quotients that are shown may take in all.
const SHOWN: f64 = 2e6;

/// So many points may have values of which no quotient tells, where each takes long.
const LOST: usize = 12;

/// A derivation made ready to be evaluated again and again. Every line is evaluated in terms of the lines before it, so the
/// work for all of them grows as their number.
pub(crate) struct Examiner {
    sampler: Sampler,
    /// Multiplications of one evaluation.
    work: f64,
    formula: Formula,
    outline: Outline,
    /// What the outline's values are.
    nodes: Vec<NodeId>,
    bends: Vec<Bend>,
    subject: Subject,
    reach: Reach,
    /// Points that had values of which no quotient tells.
    lost: usize,
}

/// What there is to judge; each value is a place in a list of nodes.
struct Outline {
    forward: Vec<(Name, usize)>,
    derivatives: Vec<DerivativeLine<usize>>,
    closed: Vec<ClosedForm<usize>>,
    inputs: Vec<Variable>,
}

impl Examiner {
    pub(crate) fn new(
        derivation: &Derivation,
        readings: &[Reading],
        request: &Request,
    ) -> Result<Examiner, DeriveError> {
        let mut formula = derivation.formula.clone();
        let held: Vec<&Line> = readings.iter().flat_map(|reading| &reading.held).collect();
        let lines: Vec<&Line> =
            held.into_iter().chain(&derivation.lets).chain([&derivation.result]).collect();
        let mut nodes: Vec<NodeId> = Vec::new();
        let mut forward: Vec<(Name, usize)> = Vec::with_capacity(lines.len());
        let mut mentioning: HashMap<Name, Vec<usize>> = HashMap::new();
        for line in &lines {
            if forward.iter().any(|(name, _)| *name == line.name) {
                continue;
            }
            for variable in variables(&formula, &[line.value]) {
                mentioning.entry(variable.name).or_default().push(forward.len());
            }
            forward.push((line.name.clone(), nodes.len()));
            nodes.push(line.value);
        }
        let mut roots = nodes.clone();
        roots.extend(derivation.derivatives.iter().map(|line| line.value));
        roots.extend(readings.iter().map(|reading| reading.value));
        let known = variables(&formula, &roots);
        let mut derivatives = Vec::with_capacity(derivation.derivatives.len());
        for line in &derivation.derivatives {
            let mut uses = Vec::new();
            for &at in mentioning.get(&line.by).into_iter().flatten() {
                let later = derivation.derivatives.iter().find(|later| later.by == forward[at].0);
                match later {
                    // The result does not depend on that line.
                    None if at + 1 < forward.len() => {}
                    None => uses.push((at, derivation.seed.clone())),
                    Some(later) => uses.push((at, Some(later.symbol.clone()))),
                }
            }
            let by = known.iter().find(|variable| variable.name == line.by).cloned();
            let by = by.unwrap_or_else(|| Variable::new(line.by.clone(), formula.shape(line.value).clone()));
            derivatives.push(DerivativeLine { symbol: line.symbol.clone(), value: nodes.len(), by, uses });
            nodes.push(line.value);
        }
        let mut derived = Derived::new(derivation);
        let mut closed = Vec::with_capacity(readings.len());
        for reading in readings {
            let line = derivation.derivatives.iter().find(|line| line.by == reading.by);
            let is_free = !known.iter().any(|variable| variable.name == reading.by && is_symmetric(variable));
            let is_its_line = is_free && line.is_some_and(|line| line.value == reading.value);
            // A closed form that is its line is judged by it.
            let is_judged = is_its_line && is_plain(reading, request);
            if is_lines(&formula, reading, request) || is_judged {
                continue;
            }
            for form in derived.closed_forms(&mut formula, reading, request)? {
                let (value, of) = (nodes.len(), nodes.len() + 1);
                nodes.extend([form.value, form.of]);
                closed.push(ClosedForm {
                    value,
                    of,
                    name: form.name,
                    by: form.by,
                    arrangement: form.arrangement,
                });
            }
        }
        replace_abstract_functions(&mut formula)?;
        calculus::write_out_slopes(&mut formula, &nodes)?;
        let is_line = |variable: &Variable| {
            forward.iter().any(|(name, _)| *name == variable.name)
                || derivatives.iter().any(|line| line.symbol == variable.name)
        };
        let mut inputs: Vec<Variable> =
            variables(&formula, &nodes).into_iter().filter(|variable| !is_line(variable)).collect();
        // The result may not depend on what it is derived by.
        for by in derivatives.iter().map(|line| &line.by).chain(closed.iter().map(|form| &form.by)) {
            if !is_line(by) && inputs.iter().all(|input| input.name != by.name) {
                inputs.push(by.clone());
            }
        }
        let sampler = Sampler::new(&formula, &nodes, inputs.clone(), 0);
        let work = refuse_large(&formula, &nodes, &sampler.first_sizes())?;
        let (nodes, bends) = expose(&mut formula, &nodes)?;
        let outline = Outline { forward, derivatives, closed, inputs };
        let functions: Vec<NodeId> = outline.forward.iter().map(|(_, at)| nodes[*at]).collect();
        let reach = Reach::new(&formula, &functions, &bends, work)?;
        let subject = outline.subject(&formula, &nodes, &bends);
        Ok(Examiner { sampler, work, formula, outline, nodes, bends, subject, reach, lost: 0 })
    }

    /// How many points are worth their time, of so many that are wanted.
    pub(crate) fn points(&self, wanted: usize) -> usize {
        if self.work > DEAR { wanted.min(1) } else { wanted }
    }

    /// Whether so many points were lost that more are not worth their time.
    pub(crate) fn has_lost(&self) -> bool {
        let most = if self.work > DEAR { LOST / 4 } else { LOST };
        self.work > CHEAP && self.lost > most
    }

    /// What a random point says; `None` where a value is not finite or quotients are no judge.
    pub(crate) fn examine(&mut self, draw: &mut dyn FnMut() -> f64) -> Result<Option<Opinion>, DeriveError> {
        let point = self.sampler.draw(draw)?;
        let opinion = match self.subject.opinion(&point, self.work, draw)? {
            Told::Opinion(opinion) => Some(opinion),
            Told::Lost => {
                self.sampler.lose();
                self.lost += 1;
                None
            }
            Told::NoValue => None,
        };
        if let (Some(opinion), true) = (&opinion, self.work <= DEAR) {
            self.sampler.keep();
            if let Some(complete) = self.subject.settle(opinion.point.clone())? {
                self.reach.see(&complete)?;
            }
        }
        Ok(opinion)
    }

    /// What points say that were looked for because the random ones did not reach every side of every kink and every function
    /// where it varies; and what is still not reached, as words.
    pub(crate) fn examine_beyond(
        &mut self,
        from: &Point,
        draw: &mut dyn FnMut() -> f64,
    ) -> Result<(Vec<Opinion>, Vec<String>), DeriveError> {
        let mut opinions = Vec::new();
        if self.work > DEAR {
            return Ok((opinions, Vec::new()));
        }
        let subject = &self.subject;
        let inputs = self.sampler.inputs();
        let settle = &mut |point: Point| subject.settle(point);
        let mut points = self.reach.explore(inputs, from, settle)?;
        points.extend(self.reach.aim(inputs, from, settle)?);
        for point in points {
            opinions.extend(subject.opinion(&point, self.work, draw)?.known());
        }
        let missing = self.reach.missing_sides();
        let asides = if missing.is_empty() { Vec::new() } else { Reach::asides(inputs, from, settle)? };
        let own = self.own_kinks();
        for side in Side::BOTH {
            // Every kink whose other side was never seen, on this side; the others stay as they are. Where no function that is
            // derived has one of them, as in `sqrt(x^2)` with its slope x/abs(x), nothing is there to be judged by.
            let there = || missing.iter().filter(|(_, absent)| *absent == side).map(|(bend, _)| bend);
            if !there().any(|bend| own.contains(&bend.value)) {
                continue;
            }
            let sides = there().map(|bend| (bend.distance, side)).collect();
            let (mut formula, nodes) = on_the_side(&self.formula, &self.nodes, &self.bends, &sides, &asides)?;
            let (nodes, bends) = expose(&mut formula, &nodes)?;
            let subject = self.outline.subject(&formula, &nodes, &bends);
            opinions.extend(subject.opinion(from, self.work, draw)?.known());
        }
        let mut words = crate::reach::side_words(&missing);
        words.extend(self.reach.flat_functions());
        Ok((opinions, words))
    }

    /// The values with kinks in what is derived.
    fn own_kinks(&self) -> BTreeSet<NodeId> {
        let lines = self.outline.forward.iter().map(|(_, at)| *at);
        let derived = lines.chain(self.outline.closed.iter().map(|form| form.of));
        let derived: Vec<NodeId> = derived.map(|at| self.nodes[at]).collect();
        let within: BTreeSet<NodeId> = self.formula.reachable(&derived).into_iter().collect();
        self.bends.iter().map(|bend| bend.value).filter(|value| within.contains(value)).collect()
    }

    /// Every value and derivative at a point, with the quotients of each entry beside it where they are not too many.
    pub(crate) fn example(&self, point: &Point) -> Result<Example, DeriveError> {
        let mut example = Example { sizes: point.sizes.clone(), values: Vec::new() };
        for variable in self.sampler.inputs() {
            if let Some(value) = point.variables.get(&variable.name) {
                example.values.push(shown(&variable.name, value, None));
            }
        }
        let Some(complete) = self.subject.settle(point.clone())? else { return Ok(example) };
        for (name, _) in &self.subject.forward {
            if let Some(value) = complete.variables.get(name) {
                example.values.push(shown(name, value, None));
            }
        }
        let mut left = SHOWN;
        let mut fits = |by: &Name, work: usize| {
            let count = complete.variables.get(by).map_or(0, |centre| centre.entries.len());
            let takes = (4 * count) as f64 * (work as f64).max(self.work);
            let fits = takes <= left;
            left -= if fits { takes } else { 0.0 };
            fits
        };
        let gradient = Arrangement::gradient();
        for line in &self.subject.derivatives {
            let Some(value) = complete.variables.get(&line.symbol) else { continue };
            let value = if is_symmetric(&line.by) { symmetric_part(value) } else { value.clone() };
            let used = || line.uses.iter().map(|(at, _)| &self.subject.forward[*at].1);
            let quotients = if fits(&line.by.name, used().map(Value::len).sum()) {
                let near = Value::restrict(used(), [&line.by.name].into_iter(), &complete);
                let mut weighted = |moved: &Point| self.subject.weighted(line, moved, &complete);
                Some(gradient.quotients(&mut weighted, &line.by, &near)?)
            } else {
                None
            };
            example.values.push(shown(&line.symbol, &value, quotients));
        }
        for form in &self.subject.closed {
            let value = form.value.at(&complete)?;
            let quotients = if fits(&form.by.name, form.of.len()) {
                Some(form.arrangement.quotients(&mut |moved| form.of.at(moved), &form.by, &complete)?)
            } else {
                None
            };
            example.values.push(shown(&form.name, &value, quotients));
        }
        Ok(example)
    }
}

impl Outline {
    /// The places of closed forms in groups that are judged together.
    fn closed_groups(&self, nodes: &[NodeId]) -> Vec<Vec<usize>> {
        let mut gradients: BTreeMap<NodeId, Vec<usize>> = BTreeMap::new();
        let mut alone = Vec::new();
        for (at, form) in self.closed.iter().enumerate() {
            if form.arrangement.is_gradient() {
                gradients.entry(nodes[form.of]).or_default().push(at);
            } else {
                alone.push(at);
            }
        }
        let (many, few): (Vec<_>, Vec<_>) = gradients.into_values().partition(|group| group.len() > ALONE);
        alone.extend(few.into_iter().flatten());
        alone.into_iter().map(|at| vec![at]).chain(many).collect()
    }

    fn subject(&self, formula: &Formula, nodes: &[NodeId], bends: &[Bend]) -> Subject {
        let value = |at: &usize| {
            let parts: BTreeSet<NodeId> = formula.reachable(&[nodes[*at]]).into_iter().collect();
            let inside = bends.iter().filter(|bend| parts.contains(&bend.value));
            let distances: Vec<NodeId> = inside.map(|bend| bend.distance).collect();
            Value::new(formula, nodes[*at], &distances)
        };
        let derivative = |line: &DerivativeLine<usize>| DerivativeLine {
            symbol: line.symbol.clone(),
            value: value(&line.value),
            by: line.by.clone(),
            uses: line.uses.clone(),
        };
        // Many closed forms are the derivatives of one value.
        let mut shared: HashMap<NodeId, Arc<Value>> = HashMap::new();
        let mut share = |at: &usize| shared.entry(nodes[*at]).or_insert_with(|| Arc::new(value(at))).clone();
        let closed = self.closed.iter().map(|form| ClosedForm {
            name: form.name.clone(),
            value: share(&form.value),
            of: share(&form.of),
            by: form.by.clone(),
            arrangement: form.arrangement.clone(),
        });
        let closed = closed.collect();
        Subject {
            forward: self.forward.iter().map(|(name, at)| (name.clone(), value(at))).collect(),
            derivatives: self.derivatives.iter().map(derivative).collect(),
            closed,
            closed_groups: self.closed_groups(nodes),
            inputs: self.inputs.clone(),
        }
    }
}

fn shown(name: &Name, value: &Matrix, quotients: Option<Matrix>) -> Shown {
    Shown {
        name: name.clone(),
        rows: value.rows,
        cols: value.cols,
        entries: value.entries.clone(),
        quotients: quotients.map(|quotients| quotients.entries),
    }
}
