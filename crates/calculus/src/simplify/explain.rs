//! The names of what the normal form does to a value, part by part.

use super::enter::enter_telling;
use super::identity::{Head, Identity, tried};
use super::matched::Bound;
use super::normal::{Algebra, Id, Kind, SizeId};
use super::read_back::ReadBack;
use formula::{Formula, Name, Node, NodeId, Operator, ShapeError};
use std::collections::HashMap;

/// What is done in code, and not by a row with two sides.
pub(super) const DERIVED_AGAIN: &str = "the derivative of the formula when it is simplified first";
pub(super) const WRITTEN_OUT: &str = "slopes and functions written out";
pub(super) const ORDER: &str = "order of numbers, factors and terms";
pub(super) const COMMON_FACTOR: &str = "common factor";
pub(super) const DISTRIBUTIVE: &str = "distributive law";
const LIKE_TERMS: &str = "like terms";
const POWERS: &str = "powers of one base";
const TRANSPOSED_SUM: &str = "transpose of a sum";
const TRANSPOSED_PRODUCT: &str = "transpose of an elementwise product";
const CENTRED: &str = "sum of a centred column is zero";
const CENTRED_COLUMNS: &str = "sums of centred columns are zero";
const CENTRED_ROWS: &str = "sums of centred rows are zero";
const ZERO: &str = "a product with zero";

/// An identity in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used<T = NodeId> {
    /// Its name.
    pub name: Name,
    /// Its two sides as the library states them; none where it is no row with two sides.
    pub statement: Option<Name>,
    /// What its letters stand for.
    pub letters: Vec<(Name, T)>,
}

impl<T> Used<T> {
    /// What is done in code.
    pub(super) fn named(name: &str) -> Used<T> {
        Used { name: Name::from(name), statement: None, letters: Vec::new() }
    }

    /// The same with other values.
    pub(super) fn with<U, E>(self, mut other: impl FnMut(T) -> Result<U, E>) -> Result<Used<U>, E> {
        let letters = self.letters.into_iter().map(|(name, value)| Ok((name, other(value)?)));
        Ok(Used { name: self.name, statement: self.statement, letters: letters.collect::<Result<_, E>>()? })
    }
}

/// One step of algebra.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlgebraStep {
    /// The identities, in the order in which they are used.
    pub used: Vec<Used>,
    /// The whole value before.
    pub before: NodeId,
    /// The whole value after.
    pub after: NodeId,
    /// The part that changes: the whole with this one, wherever it stands, replaced by the next is the whole after.
    pub from: NodeId,
    /// What it becomes.
    pub to: NodeId,
}

/// A value on the way to the closed form.
#[derive(Clone)]
pub(super) struct Stage {
    /// What made it of the one before.
    pub(super) used: Vec<Used>,
    pub(super) whole: NodeId,
    /// The part of the one before that was changed, and what it became, where that is known.
    pub(super) part: Option<(NodeId, NodeId)>,
}

impl Stage {
    /// A stage of which nothing but the whole is known.
    pub(super) fn of(name: &str, whole: NodeId) -> Stage {
        Stage { used: vec![Used::named(name)], whole, part: None }
    }
}

/// The stages as steps that change something; what only puts things in order is one step with what comes after it.
pub(super) fn steps(formula: &mut Formula, id: NodeId, stages: Vec<Stage>) -> Vec<AlgebraStep> {
    let mut before = id;
    let mut steps = Vec::new();
    let mut stages = stages.into_iter();
    while let Some(Stage { used, whole: after, part }) = stages.next() {
        let order = used.iter().all(|used| used.name.as_str() == ORDER);
        if after == before || order && stages.clone().any(|later| later.whole != after) {
            continue;
        }
        // Where the whole is put in order around the part, all of it changes.
        let part = part.filter(|(from, to)| exchanged(formula, before, *from, *to) == Some(after));
        let (from, to) = part.unwrap_or((before, after));
        steps.push(AlgebraStep { used, before, after, from, to });
        before = after;
    }
    steps
}

/// The value with a part replaced wherever it stands.
pub(super) fn exchanged(formula: &mut Formula, root: NodeId, part: NodeId, new: NodeId) -> Option<NodeId> {
    let mut known: HashMap<NodeId, NodeId> = HashMap::from([(part, new)]);
    for id in formula.reachable(&[root]) {
        if known.contains_key(&id) {
            continue;
        }
        let children = formula.node(id).children();
        let others: Vec<NodeId> = children.iter().map(|child| known[child]).collect();
        let value = if others == children { id } else { formula.rebuild(id, &others).ok()? };
        known.insert(id, value);
    }
    known.get(&root).copied()
}

/// The stages from a value to its normal form, one for each part that an identity changes.
pub(super) fn explained(
    formula: &mut Formula,
    root: NodeId,
    budget: usize,
) -> Result<Vec<Stage>, ShapeError> {
    let mut made: Vec<(NodeId, Vec<Id>, Id)> = Vec::new();
    let (mut algebra, _) = enter_telling(formula, root, budget, |_, id, parts, value| {
        made.push((id, parts.to_vec(), value));
    });
    let mut read_back = ReadBack::careful(formula);
    let mut known: HashMap<NodeId, NodeId> = HashMap::new();
    let mut stages = Vec::new();
    for (id, parts, value) in made {
        let children: Vec<NodeId> = formula.node(id).children().iter().map(|child| known[child]).collect();
        let from =
            if formula.node(id).children() == children { id } else { formula.rebuild(id, &children)? };
        let to = read_back.read(&mut algebra, formula, value)?;
        let mut used = Vec::new();
        // What is read back as it stood needs no word.
        if from != to {
            let becomes = Becomes { value, head: Head::of_node(formula.node(to)) };
            used = algebra.reasons(formula.node(id), &parts, becomes, MOST_WITHIN);
        }
        known.insert(id, if used.is_empty() { from } else { to });
        if !used.is_empty() {
            let whole = rewritten(formula, root, &known)?;
            let mut read = |id| read_back.read(&mut algebra, formula, id);
            let used = used.into_iter().map(|used| used.with(&mut read)).collect::<Result<_, _>>()?;
            stages.push(Stage { used, whole, part: Some((from, to)) });
        }
    }
    Ok(stages)
}

/// What a value becomes, and what that is first in its text.
#[derive(Clone, Copy)]
struct Becomes {
    value: Id,
    head: Option<Head>,
}

/// The value with some of its parts settled.
fn rewritten(
    formula: &mut Formula,
    root: NodeId,
    settled: &HashMap<NodeId, NodeId>,
) -> Result<NodeId, ShapeError> {
    let mut known: HashMap<NodeId, NodeId> = HashMap::new();
    for id in formula.reachable(&[root]) {
        let value = match settled.get(&id) {
            Some(value) => *value,
            None => {
                let children = formula.node(id).children();
                let others: Vec<NodeId> = children.iter().map(|child| known[child]).collect();
                if others == children { id } else { formula.rebuild(id, &others)? }
            }
        };
        known.insert(id, value);
    }
    Ok(known[&root])
}

/// So many rows deep the making of a value is told.
const MOST_WITHIN: usize = 8;

impl Algebra {
    /// The names of the identities by which a node over parts in normal form is this value.
    fn reasons(&mut self, node: &Node, parts: &[Id], becomes: Becomes, within: usize) -> Vec<Used<Id>> {
        let (mut names, value) = (Vec::new(), becomes.value);
        if within == 0 {
            return names;
        }
        let bodies = self.bodies(parts);
        match node {
            Node::Transpose(_) => self.reasons_of(Kind::Transpose(bodies[0]), becomes, within, &mut names),
            Node::Operator(operator, _) => {
                self.reasons_of(Kind::Operator(*operator, bodies[0]), becomes, within, &mut names);
            }
            Node::Unvec(..) => {
                let shape = self.shape(value);
                let kind = Kind::Unvec(bodies[0], shape.rows, shape.cols);
                self.reasons_of(kind, becomes, within, &mut names);
            }
            Node::Kronecker(_) => {
                let kind = Kind::Kronecker(bodies[0], bodies[1]);
                self.reasons_of(kind, becomes, within, &mut names);
            }
            Node::Block(direction, _) => {
                self.reasons_of(Kind::Block(*direction, parts.to_vec()), becomes, within, &mut names);
            }
            Node::Apply(apply) => {
                let kind = Kind::Apply(apply.function, apply.marks.clone(), parts.to_vec());
                self.reasons_of(kind, becomes, within, &mut names);
            }
            Node::Call(call) => {
                self.reasons_of(Kind::Call(call.function, parts.to_vec()), becomes, within, &mut names);
            }
            Node::Product(_) => self.reasons_of_product(&bodies, becomes, within, &mut names),
            Node::Norm(_) => {
                let turned = self.transpose(bodies[0]);
                self.reasons_of_product(&[turned, bodies[0]], becomes, within, &mut names);
            }
            Node::Add(_) => {
                let terms = |algebra: &Algebra, id: Id| {
                    algebra
                        .inner_sum(id)
                        .map_or(usize::from(!algebra.split(id).number.is_zero()), |(parts, ..)| parts.len())
                };
                let count: usize = parts.iter().map(|part| terms(self, *part)).sum();
                if terms(self, value) < count {
                    names.push(Used::named(LIKE_TERMS));
                }
                if !self.split(value).number.abs().is_one() && self.inner_sum(value).is_some() {
                    names.push(Used::named(COMMON_FACTOR));
                }
                if self.came_out(parts, value) {
                    names.push(Used::named(TRANSPOSED_SUM));
                }
            }
            Node::Scale(_) | Node::Times(_) => {
                let factors = |algebra: &Algebra, id: Id| {
                    let term = algebra.split(id);
                    let body = term.body.map(|body| algebra.kind(body).clone());
                    term.powers.len()
                        + match body {
                            Some(Kind::Elementwise(factors)) => factors.len(),
                            Some(_) => usize::from(!term.body.is_some_and(|body| algebra.is_ones(body))),
                            None => 0,
                        }
                };
                let count: usize = parts.iter().map(|part| factors(self, *part)).sum();
                if self.split(value).number.is_zero() {
                    names.push(Used::named(ZERO));
                } else if factors(self, value) < count {
                    names.push(Used::named(POWERS));
                }
                if matches!(node, Node::Times(_)) && self.came_out(parts, value) {
                    names.push(Used::named(TRANSPOSED_PRODUCT));
                }
            }
            Node::Number(_)
            | Node::Size(_)
            | Node::Variable(_)
            | Node::Constant(..)
            | Node::Commutation(_)
            | Node::Part(_) => {}
        }
        names
    }

    /// The same of a value that is made of parts without scalars in front.
    fn reasons_of(&mut self, kind: Kind, becomes: Becomes, within: usize, names: &mut Vec<Used<Id>>) {
        let value = becomes.value;
        let body = self.split(value).body.unwrap_or(value);
        if *self.kind(body) == kind {
            return;
        }
        if let Kind::Apply(function, _, arguments) = &kind
            && let [argument] = arguments.as_slice()
            && self.split(*argument).number.is_negative()
            && let Some([name, statement]) = self.parity_row(*function)
        {
            let argument = self.negate(*argument);
            let letters = vec![(Name::from("x"), argument)];
            names.push(Used { name, statement: Some(statement), letters });
        }
        let ruled =
            self.ruling(&kind, |algebra, row, bound| algebra.tell(row, row.right, &bound, within, names));
        if ruled.is_some() {
            return;
        }
        let Some(head) = Head::of_kind(&kind) else { return };
        for row in tried() {
            for (side, other) in [(row.left, row.right), (row.right, row.left)] {
                let made = Head::of_node(row.row.formula.node(other));
                if Head::of_node(row.row.formula.node(side)) == Some(head)
                    && (within < MOST_WITHIN || made == becomes.head)
                    && (made != Some(head) || !self.is_as_made(&kind, value))
                    && let Some(bound) = self.matched_kind(row, side, &kind)
                    && row.side(self, other, &bound).map(|made| self.split(made).body)
                        == Some(self.split(value).body)
                {
                    self.tell(row, other, &bound, within, names);
                    return;
                }
            }
        }
    }

    /// Whether a value is what it was made of, but for what every trace and every scalar product is stored as.
    fn is_as_made(&self, kind: &Kind, value: Id) -> bool {
        let factors = |id: Id| match self.kind(id) {
            Kind::Word(factors) => factors.clone(),
            _ => vec![id],
        };
        let scalar = self.split(value).powers.first().map_or(value, |(base, _)| *base);
        match (kind, self.kind(scalar)) {
            (Kind::Operator(Operator::Trace, of), Kind::Trace(made)) => factors(*of) == *made,
            (Kind::Closed(of), Kind::Closed(made)) => of == made,
            _ => false,
        }
    }

    /// Names a row, and what is done to make its other side.
    fn tell(
        &mut self,
        row: &Identity,
        side: NodeId,
        bound: &Bound,
        within: usize,
        names: &mut Vec<Used<Id>>,
    ) {
        add(names, row.used(bound));
        let formula = &row.row.formula;
        row.side_telling(self, side, bound, |algebra, id, parts, value| {
            if !matches!(formula.node(id), Node::Apply(_) | Node::Call(_)) {
                let becomes = Becomes { value, head: None };
                for used in algebra.reasons(formula.node(id), parts, becomes, within - 1) {
                    add(names, used);
                }
            }
        });
    }

    /// The rows that a product meets from left to right.
    fn reasons_of_product(
        &mut self,
        bodies: &[Id],
        becomes: Becomes,
        within: usize,
        names: &mut Vec<Used<Id>>,
    ) {
        let mut word: Vec<Id> = Vec::new();
        let mut waiting: Vec<Id> = bodies.iter().rev().copied().collect();
        while let Some(body) = waiting.pop() {
            match self.kind(body) {
                Kind::Identity(_) => continue,
                Kind::Word(inner) => {
                    waiting.extend(inner.iter().rev());
                    continue;
                }
                _ => word.push(body),
            }
            if word.len() < 2 {
                continue;
            }
            let ruled = self.ruling_factors(&word, |algebra, row, bound| {
                algebra.tell(row, row.right, &bound, within, names)
            });
            let centred = word.len().checked_sub(2).and_then(|start| {
                let zero = if ruled.is_none() { self.centred(word[start], word[start + 1]) } else { None }?;
                let name = match (self.is_scalar(zero), self.shape(zero).rows == SizeId::ONE) {
                    (true, _) => CENTRED,
                    (false, true) => CENTRED_COLUMNS,
                    (false, false) => CENTRED_ROWS,
                };
                names.push(Used::named(name));
                Some((start, zero))
            });
            if let Some((start, made)) = ruled.or(centred) {
                word.truncate(start);
                let term = self.split(made);
                waiting.extend(term.body);
            }
            if !self.spend(1) {
                return;
            }
        }
        let value = becomes.value;
        let term = self.split(value);
        if self.is_scalar(value)
            && let [(scalar, _)] = term.powers.as_slice()
            && let Kind::Closed(made) = self.kind(*scalar).clone()
            && made != word
        {
            let turned: Vec<Id> = word.iter().rev().map(|factor| self.transpose(*factor)).collect();
            if turned == made {
                names.push(Used::named("a number is its own transpose"));
            }
        }
    }

    /// Whether a transpose stands outside of a value that stood on its parts.
    fn came_out(&self, parts: &[Id], value: Id) -> bool {
        let is_transpose =
            |id: Id| matches!(self.kind(self.split(id).body.unwrap_or(id)), Kind::Transpose(_));
        is_transpose(value) && parts.iter().any(|part| is_transpose(*part))
    }

    /// Values without the scalars in front of them.
    fn bodies(&self, parts: &[Id]) -> Vec<Id> {
        parts.iter().map(|part| self.split(*part).body.unwrap_or(*part)).collect()
    }
}

/// Each identity is named once.
fn add(all: &mut Vec<Used<Id>>, used: Used<Id>) {
    if all.iter().all(|known| known.name != used.name) {
        all.push(used);
    }
}

impl Identity {
    /// The row as it is used with these letters.
    pub(super) fn used(&self, bound: &Bound) -> Used<Id> {
        let formula = &self.row.formula;
        let letters = formula.variables(&[self.left]).into_iter().filter_map(|id| match formula.node(id) {
            Node::Variable(variable) => Some((variable.name.clone(), bound.letter(id)?)),
            _ => None,
        });
        let letters = letters.collect();
        Used { name: self.row.name.clone(), statement: Some(self.row.statement.clone()), letters }
    }
}
