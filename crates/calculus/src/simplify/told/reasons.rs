//! Why a node over parts in normal form has its normal form: the rows that make it, and what is done in code.

use crate::simplify::form::kind::{Id, Kind, SizeId};
use crate::simplify::form::normal::Algebra;
use crate::simplify::rows::head::Head;
use crate::simplify::rows::identity::{Identity, named, tried};
use crate::simplify::rows::matched::Bound;
use crate::simplify::told::step::{COMMON_FACTOR, Used};
use formula::{Name, Node, NodeId, Operator};

const LIKE_TERMS: &str = "like terms";
const CANCEL: &str = "factors cancel";
const ONES: &str = "elementwise product with ones";
const IDENTITY: &str = "elementwise product with an identity";
const OWN_TRANSPOSE: &str = "a symmetric matrix is its own transpose";
const UNVEC: &str = "unvec of a vec";
const POWERS: &str = "powers of one base";
const TRANSPOSED_SUM: &str = "transpose of a sum";
const TRANSPOSED_PRODUCT: &str = "transpose of an elementwise product";
const CENTRED: &str = "sum of a centred column is zero";
const CENTRED_COLUMNS: &str = "sums of centred columns are zero";
const CENTRED_ROWS: &str = "sums of centred rows are zero";
const ZERO: &str = "a product with zero";

/// What a value becomes, and what that is first in its text.
#[derive(Clone, Copy)]
pub(crate) struct Becomes {
    pub(crate) value: Id,
    pub(crate) head: Option<Head>,
}

/// So many rows deep the making of a value is told.
pub(crate) const MOST_WITHIN: usize = 8;

impl Algebra {
    /// The names of the identities by which a node over parts in normal form is this value.
    pub(crate) fn reasons(
        &mut self,
        node: &Node,
        parts: &[Id],
        becomes: Becomes,
        within: usize,
    ) -> Vec<Used<Id>> {
        let (mut names, value) = (Vec::new(), becomes.value);
        if within == 0 {
            return names;
        }
        let bodies = self.bodies(parts);
        match node {
            Node::Transpose(_) => {
                self.reasons_of(Kind::Transpose(bodies[0]), becomes, within, &mut names);
                let is_own = parts[0] == value && !self.is_scalar(value);
                if is_own && names.is_empty() {
                    names.push(Used::named(OWN_TRANSPOSE));
                }
            }
            Node::Operator(operator, _) => {
                self.reasons_of(Kind::Operator(*operator, bodies[0]), becomes, within, &mut names);
            }
            Node::Unvec(..) => {
                if matches!(self.kind(bodies[0]), Kind::Operator(Operator::Vec, _)) {
                    names.push(Used::named(UNVEC));
                }
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
                    let body = term.body.map(|body| algebra.kind(algebra.plain(body)).clone());
                    term.powers.len()
                        + match body {
                            Some(Kind::Elementwise(factors)) => factors.len(),
                            Some(_) => usize::from(!term.body.is_some_and(|body| algebra.is_ones(body))),
                            None => 0,
                        }
                };
                let count: usize = parts.iter().map(|part| factors(self, *part)).sum();
                if matches!(node, Node::Times(_)) && bodies.iter().any(|body| self.is_ones(*body)) {
                    names.push(Used::named(ONES));
                }
                let is_identity = |body: &Id| matches!(self.kind(*body), Kind::Identity(_));
                if self.split(value).number.is_zero() {
                    names.push(Used::named(ZERO));
                } else if matches!(node, Node::Times(_)) && bodies.iter().any(is_identity) {
                    names.push(Used::named(IDENTITY));
                } else if factors(self, value) < count {
                    let lost = self.bases(parts).iter().any(|base| !self.bases(&[value]).contains(base));
                    names.push(Used::named(if lost { CANCEL } else { POWERS }));
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
        for row in tried().iter().chain(named()) {
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

    /// What is raised to powers in values, one beside the other, without transposes.
    fn bases(&self, parts: &[Id]) -> Vec<Id> {
        let mut bases = Vec::new();
        for part in parts {
            let term = self.split(*part);
            bases.extend(term.powers.iter().map(|(base, _)| *base));
            let body = term.body.map(|body| self.plain(body));
            match body.map(|body| (body, self.kind(body))) {
                Some((_, Kind::Elementwise(factors))) => {
                    bases.extend(factors.iter().map(|(base, _)| self.plain(*base)));
                }
                Some((body, _)) if !self.is_ones(body) => bases.push(body),
                _ => {}
            }
        }
        bases
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
    pub(crate) fn used(&self, bound: &Bound) -> Used<Id> {
        let formula = &self.row.formula;
        let letters = formula.variables(&[self.left]).into_iter().filter_map(|id| match formula.node(id) {
            Node::Variable(variable) => Some((variable.name.clone(), bound.letter(id)?)),
            _ => None,
        });
        let letters = letters.collect();
        Used { name: self.row.name.clone(), statement: Some(self.row.statement.clone()), letters }
    }
}
