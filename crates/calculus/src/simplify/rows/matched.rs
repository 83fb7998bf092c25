//! Where a side of an identity stands in a value: what its letters and sizes are there.

use crate::simplify::form::kind::{Id, Kind, Shape, SizeId};
use crate::simplify::form::normal::Algebra;
use crate::simplify::rows::identity::Identity;
use formula::{Constant, Name, Node, NodeId, Part, Properties, Size};
use std::collections::BTreeMap;
use syntax::Bearer;

/// What the letters and the sizes of a row stand for.
#[derive(Clone, Default)]
pub(crate) struct Bound {
    letters: Vec<(NodeId, Id)>,
    pub(crate) sizes: BTreeMap<Name, Size>,
    /// The shape of a matrix for whose entries a row about numbers is read.
    pub(crate) lifted: Option<Shape>,
    /// Sizes that are to be these once all their names are known.
    later: Vec<(Size, Size)>,
}

impl Bound {
    /// What a letter stands for.
    pub(crate) fn letter(&self, letter: NodeId) -> Option<Id> {
        self.letters.iter().find(|(known, _)| *known == letter).map(|(_, value)| *value)
    }

    /// A row about one letter, of this value.
    pub(crate) fn one(identity: &Identity, algebra: &Algebra, value: Id) -> Option<Bound> {
        let row = identity.row;
        let [letter] = row.letters.as_slice() else { return None };
        let mut bound = Bound::default();
        if row.is_of_entries() {
            bound.lifted = Some(algebra.shape(value));
        } else if !algebra.fits(&letter.variable.shape, algebra.shape(value), &mut bound) {
            return None;
        }
        bound.letters.push((*row.formula.variables(&[row.left]).first()?, value));
        Some(bound)
    }
}

/// What is still to be found.
#[derive(Clone)]
enum Goal {
    /// A part of a row is this value.
    Value(NodeId, Id),
    /// Parts of a row are these factors in a row.
    Factors(Vec<NodeId>, Vec<Id>),
}

impl Algebra {
    /// What the letters stand for where this side of a row is this value.
    pub(crate) fn matched(&mut self, identity: &Identity, side: NodeId, value: Id) -> Option<Bound> {
        self.solve(identity, vec![Goal::Value(side, value)], Bound::default())
    }

    /// The same for a value that is not made yet.
    pub(crate) fn matched_kind(&mut self, identity: &Identity, side: NodeId, kind: &Kind) -> Option<Bound> {
        let mut bound = Bound::default();
        let goals = self.parts_alike(identity, side, kind, &mut bound)?;
        self.solve(identity, goals, bound)
    }

    /// What the letters stand for where a product of a row is the product of these factors.
    pub(crate) fn matched_factors(
        &mut self,
        identity: &Identity,
        side: NodeId,
        factors: &[Id],
    ) -> Option<Bound> {
        let Node::Product(parts) = identity.row.formula.node(side) else { return None };
        let (first, last) = (*parts.first()?, *parts.last()?);
        if parts.len() > factors.len()
            || !self.may_be(identity, last, *factors.last()?)
            || !self.may_be(identity, first, *factors.first()?)
        {
            return None;
        }
        let goal = Goal::Factors(parts.clone(), factors.to_vec());
        self.solve(identity, vec![goal], Bound::default())
    }

    /// Whether a product of a row can end with this factor.
    pub(crate) fn may_end(&self, identity: &Identity, last: Id) -> bool {
        match identity.row.formula.node(identity.left) {
            Node::Product(parts) => parts.last().is_some_and(|part| self.may_be(identity, *part, last)),
            _ => false,
        }
    }

    /// Whether a part of a row can be this value or have it at its end, by what both are first.
    fn may_be(&self, identity: &Identity, part: NodeId, value: Id) -> bool {
        let inner = |id: Id| self.plain(id);
        match identity.row.formula.node(part) {
            Node::Operator(operator, _) => {
                matches!(self.kind(inner(value)), Kind::Operator(known, _) if known == operator)
            }
            Node::Kronecker(_) => matches!(self.kind(value), Kind::Kronecker(..)),
            Node::Commutation(_) => matches!(self.kind(value), Kind::Commutation(..)),
            Node::Constant(..) => self.key(value).first == u32::MAX,
            Node::Transpose(of) => match identity.row.formula.node(*of) {
                Node::Operator(..) | Node::Kronecker(_) => self.may_be(identity, *of, value),
                _ => true,
            },
            _ => true,
        }
    }

    fn solve(&mut self, identity: &Identity, mut goals: Vec<Goal>, mut bound: Bound) -> Option<Bound> {
        while let Some(goal) = goals.pop() {
            match goal {
                Goal::Value(side, value) => {
                    if !self.settle(identity, side, value, &mut goals, &mut bound)? {
                        return None;
                    }
                }
                Goal::Factors(parts, factors) => {
                    let (first, rest) = parts.split_first()?;
                    if rest.is_empty() {
                        let value = self.segment(&factors);
                        goals.push(Goal::Value(*first, value));
                        continue;
                    }
                    // The last way goes on here, those before it on their own.
                    let most = if self.may_be_several(identity, *first) {
                        factors.len().saturating_sub(rest.len())
                    } else {
                        1
                    };
                    for length in 1..=most {
                        let (head, tail) = factors.split_at(length.min(factors.len()));
                        if tail.is_empty() {
                            return None;
                        }
                        let head = self.segment(head);
                        let mut more = goals.clone();
                        more.push(Goal::Factors(rest.to_vec(), tail.to_vec()));
                        more.push(Goal::Value(*first, head));
                        if let Some(found) = self.solve(identity, more, bound.clone()) {
                            return Some(found);
                        }
                    }
                    return None;
                }
            }
        }
        let known = |(declared, actual): &(Size, Size)| {
            declared.names().iter().all(|name| bound.sizes.contains_key(name))
                && declared.substitute(&bound.sizes) == *actual
        };
        let all = bound.later.iter().all(known);
        all.then_some(bound)
    }

    /// Whether a part can be several factors of a product: a letter of which nothing is declared.
    fn may_be_several(&self, identity: &Identity, part: NodeId) -> bool {
        let formula = &identity.row.formula;
        let letter = match formula.node(part) {
            Node::Transpose(inner) => *inner,
            _ => part,
        };
        let Node::Variable(variable) = formula.node(letter) else { return false };
        let mut letters = identity.row.letters.iter();
        let known = letters.find(|letter| letter.variable.name == variable.name);
        known.is_none_or(|letter| Properties::SYMMETRIC.has(letter.properties))
    }

    fn is_letter(&self, identity: &Identity, part: NodeId) -> bool {
        let formula = &identity.row.formula;
        match formula.node(part) {
            Node::Variable(_) => true,
            Node::Transpose(inner) => matches!(formula.node(*inner), Node::Variable(_)),
            _ => false,
        }
    }

    /// Some factors of a product, in which no row is looked for again: shorter ones come first.
    fn segment(&mut self, factors: &[Id]) -> Id {
        match factors {
            [only] => *only,
            _ => self.without_rows(|algebra| algebra.word(factors)),
        }
    }

    /// Whether a part of a row is a value, as far as is seen without its parts, which become goals; nothing where it is not.
    fn settle(
        &mut self,
        identity: &Identity,
        side: NodeId,
        value: Id,
        goals: &mut Vec<Goal>,
        bound: &mut Bound,
    ) -> Option<bool> {
        match identity.row.formula.node(side) {
            Node::Variable(_) => return Some(self.bind(identity, side, value, bound)),
            Node::Transpose(inner) if self.is_letter(identity, *inner) => {
                // Of every value something is the transpose; a letter's transpose is what is written as one.
                let plain = match self.kind(value) {
                    Kind::Transpose(plain) => Some(*plain),
                    _ if self.shape(value).rows == SizeId::ONE => None,
                    _ if self.transposes[value.index()] == Some(value) => Some(value),
                    _ if bound.letter(*inner).is_some() => None,
                    _ => return None,
                };
                let plain = plain.unwrap_or_else(|| self.transpose(value));
                return Some(self.bind(identity, *inner, plain, bound));
            }
            Node::Transpose(inner) => {
                let turned = self.transpose(value);
                goals.push(Goal::Value(*inner, turned));
                return Some(true);
            }
            _ => {}
        }
        let kind = self.kind(value).clone();
        let mut parts = self.parts_alike(identity, side, &kind, bound)?;
        goals.append(&mut parts);
        Some(true)
    }

    /// The parts of a row and of a value that are to be alike, where both are of one kind.
    fn parts_alike(
        &mut self,
        identity: &Identity,
        side: NodeId,
        kind: &Kind,
        bound: &mut Bound,
    ) -> Option<Vec<Goal>> {
        let formula = &identity.row.formula;
        let pairs = |sides: &[NodeId], values: &[Id]| {
            let pairs = sides.iter().zip(values).map(|(side, value)| Goal::Value(*side, *value));
            (sides.len() == values.len()).then(|| pairs.collect::<Vec<_>>())
        };
        match (formula.node(side), kind) {
            (Node::Number(number), Kind::Term(term)) => {
                (term.number == *number && term.powers.is_empty() && term.body.is_none()).then(Vec::new)
            }
            (Node::Transpose(inner), Kind::Transpose(value)) => pairs(&[*inner], &[*value]),
            (Node::Operator(operator, inner), Kind::Operator(known, value)) if operator == known => {
                pairs(&[*inner], &[*value])
            }
            (Node::Product(parts), Kind::Word(factors) | Kind::Closed(factors)) => {
                Some(vec![Goal::Factors(parts.clone(), factors.clone())])
            }
            (Node::Times(sides), Kind::Elementwise(factors)) => {
                let [one, other] = sides.as_slice() else { return None };
                let (letter, side) =
                    if self.is_letter(identity, *one) { (*one, *other) } else { (*other, *one) };
                if !self.is_letter(identity, letter) {
                    return None;
                }
                // The letter is all the other factors together.
                let place = factors.iter().position(|(factor, exponent)| {
                    *exponent == Id::ONE
                        && self.solve(identity, vec![Goal::Value(side, *factor)], bound.clone()).is_some()
                })?;
                let mut rest = factors.clone();
                let (factor, _) = rest.remove(place);
                let rest = self.elementwise(&rest);
                Some(vec![Goal::Value(letter, rest), Goal::Value(side, factor)])
            }
            (Node::Kronecker(sides), Kind::Kronecker(left, right)) => pairs(sides, &[*left, *right]),
            (Node::Unvec(inner, shape), Kind::Unvec(value, rows, cols)) => {
                let known = Shape { rows: *rows, cols: *cols };
                self.fits(shape, known, bound).then_some(())?;
                pairs(&[*inner], &[*value])
            }
            (Node::Commutation([rows, cols]), Kind::Commutation(p, q)) => {
                let shape = formula::Shape::new(rows.clone(), cols.clone());
                self.fits(&shape, Shape { rows: *p, cols: *q }, bound).then(Vec::new)
            }
            (Node::Constant(Constant::Identity, shape), Kind::Identity(size)) => {
                self.fits(shape, Shape { rows: *size, cols: *size }, bound).then(Vec::new)
            }
            (Node::Constant(Constant::Ones, shape), _) if self.is_ones_kind(kind) => {
                let known = self.shape_of(kind);
                self.fits(shape, known, bound).then(Vec::new)
            }
            (Node::Constant(Constant::Zeros, shape), Kind::Zeros(rows, cols)) => {
                self.fits(shape, Shape { rows: *rows, cols: *cols }, bound).then(Vec::new)
            }
            (Node::Apply(apply), Kind::Apply(function, marks, arguments)) => {
                let same = identity.function(apply.function) == Some(*function) && apply.marks == *marks;
                if same { pairs(&apply.arguments, arguments) } else { None }
            }
            (Node::Call(call), Kind::Call(function, arguments)) => {
                let same = identity.function(call.function) == Some(*function);
                if same { pairs(&call.arguments, arguments) } else { None }
            }
            (Node::Block(direction, sides), Kind::Block(known, parts)) if direction == known => {
                pairs(sides, parts)
            }
            (Node::Part(part), Kind::Part(of, direction, before, length)) if part.direction == *direction => {
                let Part { before: first, length: count, .. } = part;
                let sizes = formula::Shape::new(first.clone(), count.clone());
                let known = Shape { rows: *before, cols: *length };
                let of = pairs(&[part.of], &[*of])?;
                self.fits(&sizes, known, bound).then_some(of)
            }
            _ => None,
        }
    }

    fn is_ones_kind(&self, kind: &Kind) -> bool {
        let column = |id: Id| matches!(self.kind(id), Kind::Ones(_));
        match kind {
            Kind::Ones(_) => true,
            Kind::Transpose(inner) => column(*inner),
            Kind::Word(factors) => match factors.as_slice() {
                [left, right] => column(*left) && self.is_ones(*right),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether a letter can stand for a value, and then it does.
    fn bind(&mut self, identity: &Identity, letter: NodeId, value: Id, bound: &mut Bound) -> bool {
        if let Some(known) = bound.letter(letter) {
            return known == value;
        }
        let row = identity.row;
        let Node::Variable(variable) = row.formula.node(letter) else { return false };
        let shape = self.shape(value);
        if row.is_of_entries() {
            if *bound.lifted.get_or_insert(shape) != shape {
                return false;
            }
        } else if !self.fits(&variable.shape, shape, bound) {
            return false;
        }
        let wanted = row.letters.iter().find(|letter| letter.variable.name == variable.name);
        let wanted = wanted.map(|letter| letter.properties).unwrap_or_default();
        if !wanted.is_empty() && !self.has(value, wanted) {
            return false;
        }
        bound.letters.push((letter, value));
        true
    }

    /// Whether a shape is as declared, where the names of sizes that are new come to be what they must be.
    pub(crate) fn fits(&self, declared: &formula::Shape, shape: Shape, bound: &mut Bound) -> bool {
        let pairs = [(&declared.rows, shape.rows), (&declared.cols, shape.cols)];
        pairs.into_iter().all(|(declared, actual)| {
            let actual = self.size(actual);
            if let Some(name) = declared.as_name() {
                return *bound.sizes.entry(name.clone()).or_insert_with(|| actual.clone()) == *actual;
            }
            if declared.as_number().is_some() {
                return declared == actual;
            }
            bound.later.push((declared.clone(), actual.clone()));
            true
        })
    }

    /// Whether a value is known to have properties that can be declared.
    fn has(&self, value: Id, wanted: Properties) -> bool {
        if let Kind::Variable(rank) = self.kind(value)
            && self.ranks.variables[*rank].properties.has(wanted)
        {
            return true;
        }
        // What is declared of a row is true of the column that it is stored as.
        if let Kind::Transpose(inner) = *self.kind(value)
            && self.shape(inner).rows == SizeId::ONE
            && wanted.rows().all(|place| syntax::properties()[place].of == Bearer::Vector)
        {
            return self.has(inner, wanted);
        }
        if wanted == Properties::SYMMETRIC {
            // Looked up: it is asked while transposes are made.
            return self.transposes[value.index()] == Some(value);
        }
        wanted == Properties::POSITIVE && self.is_positive(value)
    }
}
