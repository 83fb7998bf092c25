//! The ways in which a node may be written otherwise by rows of text.

use crate::simplify::form::kind::{Id, Kind, Term};
use crate::simplify::form::normal::Algebra;
use crate::simplify::rows::identity::Identity;
use crate::simplify::rows::matched::Bound;
use crate::simplify::told::step::Used;
use formula::{NodeId, Number, Operator};

/// The most values that one row is tried at.
const INSTANCES: usize = 12;

impl Algebra {
    /// One side of a row where the other stands: as the whole value, or as some factors of a product.
    pub(crate) fn rewritten(&mut self, id: Id, identity: &Identity) -> Vec<(Used<Id>, Id)> {
        let (left, right) = (identity.left, identity.right);
        let ways =
            [(left, right), (right, left)].map(|(side, other)| self.written(id, identity, side, other));
        ways.into_iter().flatten().filter(|(_, way)| *way != id).collect()
    }

    fn written(
        &mut self,
        id: Id,
        identity: &Identity,
        side: NodeId,
        other: NodeId,
    ) -> Option<(Used<Id>, Id)> {
        if let Some(bound) = self.matched(identity, side, id) {
            let value = identity.side(self, other, &bound)?;
            // What a product of more than two factors becomes has the row in it again.
            return Some((identity.used(&bound), self.written_on(value, identity, side, other)));
        }
        let Kind::Word(factors) = self.kind(id).clone() else { return None };
        let segments =
            (0..factors.len()).flat_map(|start| (start + 2..=factors.len()).map(move |end| (start, end)));
        for (start, end) in segments {
            let Some(bound) = self.matched_factors(identity, side, &factors[start..end]) else { continue };
            let value = identity.side(self, other, &bound)?;
            let mut word = factors[..start].to_vec();
            word.push(value);
            word.extend(&factors[end..]);
            return Some((identity.used(&bound), self.word(&word)));
        }
        None
    }

    fn written_on(&mut self, id: Id, identity: &Identity, side: NodeId, other: NodeId) -> Id {
        let mut value = id;
        for part in self.children(id) {
            if let Some(bound) = self.matched(identity, side, part)
                && let Some(new) = identity.side(self, other, &bound)
                && new != part
                && self.spend(1)
            {
                let new = self.written_on(new, identity, side, other);
                value = self.replace(value, part, new);
            }
        }
        value
    }

    /// Both sides of a row about one letter, with a value in its place, if its shape fits.
    pub(crate) fn sides(&mut self, identity: &Identity, value: Id) -> Option<(Id, Id)> {
        let bound = Bound::one(identity, self, value)?;
        let left = identity.side(self, identity.left, &bound)?;
        let right = identity.side(self, identity.right, &bound)?;
        (self.shape(left) == self.shape(right)).then_some((left, right))
    }

    /// The values at which a row is to be tried in a formula: the arguments of its functions, and their negatives.
    pub(crate) fn instances(&mut self, identity: &Identity, nodes: &[Id]) -> Vec<Id> {
        let mut found: Vec<Id> = Vec::new();
        for id in nodes {
            let argument = match self.kind(*id) {
                Kind::Apply(function, marks, arguments)
                    if marks.is_empty() && identity.of.contains(function) =>
                {
                    arguments.as_slice()
                }
                Kind::Call(function, arguments) if identity.of.contains(function) => arguments.as_slice(),
                _ => continue,
            };
            let &[argument] = argument else { continue };
            let constant = self.key(argument).first == u32::MAX;
            if constant || !identity.row.is_of_entries() && self.is_scalar(argument) {
                continue;
            }
            let both =
                if identity.row.is_of_entries() { [argument, self.negate(argument)] } else { [argument; 2] };
            for instance in both {
                if !found.contains(&instance) {
                    found.push(instance);
                }
            }
            if found.len() >= INSTANCES {
                break;
            }
        }
        found
    }

    /// The ways to write a node with the left side of a row in it as the right side.
    pub(crate) fn folded(&mut self, id: Id, left: Id, right: Id) -> Vec<Id> {
        if id == left {
            return vec![right];
        }
        if self.transposes[left.index()] == Some(id) {
            return vec![self.transpose(right)];
        }
        let mut ways = Vec::new();
        match (self.kind(id).clone(), self.kind(left).clone()) {
            (Kind::Word(factors) | Kind::Closed(factors) | Kind::Trace(factors), Kind::Word(inner)) => {
                let other = self.transpose(left);
                if let Some(way) = self.fold_word(id, &factors, &inner, right) {
                    ways.push(way);
                } else if let Kind::Word(inner) = self.kind(other).clone() {
                    let right = self.transpose(right);
                    ways.extend(self.fold_word(id, &factors, &inner, right));
                }
            }
            (Kind::Add(parts), _) => ways.extend(self.fold_sum(id, &parts, left, right)),
            (Kind::Elementwise(factors), Kind::Elementwise(inner)) => {
                ways.extend(self.fold_powers(id, &factors, &inner, left, right));
            }
            (Kind::Term(term), Kind::Term(inner)) => match inner.body {
                Some(body) => ways.extend(self.fold_scaled(&term, &inner, body, right)),
                None => ways.extend(self.fold_powers(id, &term.powers, &inner.powers, left, right)),
            },
            _ => {}
        }
        ways
    }

    fn fold_word(&mut self, id: Id, factors: &[Id], inner: &[Id], right: Id) -> Option<Id> {
        let place = factors.windows(inner.len()).position(|window| window == inner)?;
        let mut word = factors[..place].to_vec();
        word.push(right);
        word.extend(&factors[place + inner.len()..]);
        let value = self.word(&word);
        Some(if matches!(self.kind(id), Kind::Trace(_)) { self.trace(value) } else { value })
    }

    /// `n + c*(right - left)` where all terms of the left side are in the sum.
    fn fold_sum(&mut self, id: Id, parts: &[Id], left: Id, right: Id) -> Vec<Id> {
        let Some((inner, number, false)) = self.inner_sum(left) else { return Vec::new() };
        if inner.len() > parts.len() {
            return Vec::new();
        }
        let bare = |term: &Term| Term { number: Number::ONE, ..term.clone() };
        let terms: Vec<Term> = parts.iter().map(|part| self.split(*part)).collect();
        let mut counts: Vec<Number> = Vec::new();
        for part in inner {
            let part = self.split(part);
            let same = terms.iter().find(|term| {
                let ones = part.body.is_some_and(|body| self.is_ones(body)) && part.powers.is_empty();
                bare(term) == bare(&part) || ones && term.body == part.body
            });
            let Some(same) = same else { return Vec::new() };
            let unit = part.number.times(number).and_then(Number::reciprocal);
            let count = unit.and_then(|unit| same.number.times(unit)).filter(|_| same.powers == part.powers);
            if let Some(count) = count
                && !counts.contains(&count)
            {
                counts.push(count);
            }
        }
        let mut ways = Vec::new();
        for count in counts {
            let more = self.scale_number(count, right);
            let less = self.scale_number(-count, left);
            ways.push(self.add(&[id, more, less]));
        }
        ways
    }

    /// `n .* (right ./ left).^e` where all factors of the left side are in the product.
    fn fold_powers(
        &mut self,
        id: Id,
        factors: &[(Id, Id)],
        inner: &[(Id, Id)],
        left: Id,
        right: Id,
    ) -> Vec<Id> {
        let mut exponents: Vec<Number> = Vec::new();
        for (base, exponent) in inner {
            let Some((_, found)) = factors.iter().find(|(known, _)| known == base) else { return Vec::new() };
            let ratio = self.as_number(*exponent).and_then(Number::reciprocal);
            let ratio = self.as_number(*found).and_then(|found| found.times(ratio?));
            if let Some(ratio) = ratio.filter(|ratio| ratio.as_integer().is_some_and(|whole| whole != 0))
                && !exponents.contains(&ratio)
            {
                exponents.push(ratio);
            }
        }
        if self.split(right).number.is_zero() {
            return Vec::new();
        }
        // A power that was positive is none to divide by: `abs(x)^2*sign(x)` is `x*abs(x)`, and not `x^2/sign(x)`.
        let divides = |algebra: &Algebra, number: Number| {
            inner.iter().any(|(base, exponent)| {
                let found = factors.iter().find(|(known, _)| known == base).map(|(_, found)| *found);
                let found = found.and_then(|found| algebra.as_number(found));
                let taken = algebra.as_number(*exponent).and_then(|exponent| exponent.times(-number));
                let left = found.and_then(|found| found.plus(taken?));
                !algebra.is_positive(*base)
                    && left.is_none_or(|left| {
                        left.is_negative() && !found.is_some_and(|found| found.is_negative())
                    })
            })
        };
        exponents.retain(|exponent| !divides(self, *exponent));
        let mut ways = Vec::new();
        for exponent in exponents {
            let (more, less) = (self.number(exponent), self.number(-exponent));
            ways.push(self.elementwise(&[(id, Id::ONE), (right, more), (left, less)]));
        }
        ways
    }

    /// `exp(X)/sum(exp(X))` in a scaled word or elementwise product: the scalars go with one of the factors.
    fn fold_scaled(&mut self, term: &Term, inner: &Term, body: Id, right: Id) -> Vec<Id> {
        let Some(value) = term.body else { return Vec::new() };
        if inner.powers.is_empty() {
            return Vec::new();
        }
        let mut rest = term.coefficient();
        for (base, exponent) in &inner.powers {
            let Some(place) = rest.powers.iter().position(|(known, _)| known == base) else {
                return Vec::new();
            };
            // As much of the power is there, or more.
            let found = self.as_number(rest.powers[place].1);
            let ratio =
                self.as_number(*exponent).and_then(Number::reciprocal).and_then(|unit| found?.times(unit));
            if ratio.is_none_or(|ratio| ratio < Number::ONE) {
                return Vec::new();
            }
            let minus = self.negate(*exponent);
            rest.powers[place].1 = self.add(&[rest.powers[place].1, minus]);
        }
        let number = inner.number.reciprocal().and_then(|number| rest.number.times(number));
        rest.number = self.checked(number);
        let rest = self.join(rest);
        let (turned, other) = (self.transpose(body), self.transpose(right));
        let mut ways = Vec::new();
        for (wanted, right) in [(body, right), (turned, other)] {
            let replaced = match self.kind(value).clone() {
                _ if value == wanted => vec![right],
                Kind::Word(factors) => {
                    let places = (0..factors.len()).filter(|place| factors[*place] == wanted);
                    let words: Vec<Vec<Id>> = places
                        .map(|place| {
                            let mut word = factors.clone();
                            word[place] = right;
                            word
                        })
                        .collect();
                    words.iter().map(|word| self.word(word)).collect()
                }
                Kind::Elementwise(factors) => {
                    let place = factors.iter().position(|factor| *factor == (wanted, Id::ONE));
                    let mut factors = factors;
                    place
                        .map(|place| {
                            factors[place].0 = right;
                            self.elementwise(&factors)
                        })
                        .into_iter()
                        .collect()
                }
                Kind::Operator(operator @ (Operator::DiagonalMatrix | Operator::Vec), line)
                    if line == wanted =>
                {
                    vec![self.operator(operator, right)]
                }
                _ => Vec::new(),
            };
            for value in replaced {
                ways.push(self.scale(rest, value));
            }
        }
        ways
    }
}
