//! Products distributed over sums: one factor at a time where that makes a formula smaller, or all as a fresh start.

use crate::simplify::form::kind::{Id, Kind, Shape, Term};
use crate::simplify::form::normal::Algebra;
use formula::{Number, Operator};
use std::collections::HashMap;

/// A sum grows no further than this when everything is expanded.
const TERMS: usize = 24;

impl Algebra {
    /// The ways to distribute one factor of a node over its sum.
    pub(crate) fn expanded(&mut self, id: Id) -> Vec<Id> {
        let mut ways = Vec::new();
        // The square of a norm stays one.
        if self.squared(id).is_some() {
            return ways;
        }
        match self.kind(id).clone() {
            Kind::Word(factors) | Kind::Closed(factors) => {
                for (place, factor) in factors.iter().enumerate() {
                    let Some(terms) = self.terms(*factor) else { continue };
                    let products: Vec<Id> = terms
                        .into_iter()
                        .map(|term| {
                            let mut factors = factors.clone();
                            factors[place] = term;
                            self.word(&factors)
                        })
                        .collect();
                    ways.push(self.add(&products));
                }
            }
            Kind::Elementwise(factors) => {
                for (place, (factor, exponent)) in factors.iter().enumerate() {
                    if *exponent != Id::ONE {
                        continue;
                    }
                    let Some(terms) = self.terms(*factor) else { continue };
                    let products: Vec<Id> = terms
                        .into_iter()
                        .map(|term| {
                            let mut factors = factors.clone();
                            factors[place].0 = term;
                            self.elementwise(&factors)
                        })
                        .collect();
                    ways.push(self.add(&products));
                }
            }
            Kind::Term(term) => {
                for (place, (base, exponent)) in term.powers.iter().enumerate() {
                    if *exponent != Id::ONE {
                        continue;
                    }
                    let Some(terms) = self.terms(*base) else { continue };
                    let mut rest = term.clone();
                    rest.powers.remove(place);
                    let rest = self.join(rest);
                    let products: Vec<Id> = terms.into_iter().map(|part| self.scale(part, rest)).collect();
                    ways.push(self.add(&products));
                }
                ways.extend(self.cleared(&term));
                if let Some(terms) = term.body.and_then(|body| self.terms(body)) {
                    let scalar = self.join(term.coefficient());
                    let products: Vec<Id> = terms.into_iter().map(|part| self.scale(scalar, part)).collect();
                    ways.push(self.add(&products));
                }
            }
            Kind::Trace(factors) => {
                for (place, factor) in factors.iter().enumerate() {
                    let Some(terms) = self.terms(*factor) else { continue };
                    let products: Vec<Id> = terms
                        .into_iter()
                        .map(|term| {
                            let mut factors = factors.clone();
                            factors[place] = term;
                            let word = self.word(&factors);
                            self.trace(word)
                        })
                        .collect();
                    ways.push(self.add(&products));
                }
            }
            Kind::Operator(
                operator @ (Operator::Diagonal | Operator::DiagonalMatrix | Operator::Vec),
                inner,
            ) => {
                if let Some(terms) = self.terms(inner) {
                    let parts: Vec<Id> =
                        terms.into_iter().map(|term| self.operator(operator, term)).collect();
                    ways.push(self.add(&parts));
                }
            }
            Kind::Kronecker(left, right) => {
                if let Some(terms) = self.terms(left) {
                    let parts: Vec<Id> = terms.into_iter().map(|term| self.kronecker(term, right)).collect();
                    ways.push(self.add(&parts));
                }
                if let Some(terms) = self.terms(right) {
                    let parts: Vec<Id> = terms.into_iter().map(|term| self.kronecker(left, term)).collect();
                    ways.push(self.add(&parts));
                }
            }
            Kind::Unvec(inner, rows, cols) => {
                if let Some(terms) = self.terms(inner) {
                    let shape = Shape { rows, cols };
                    let parts: Vec<Id> = terms.into_iter().map(|term| self.unvec(term, shape)).collect();
                    ways.push(self.add(&parts));
                }
            }
            Kind::Part(of, direction, before, length) => {
                if let Some(terms) = self.terms(of) {
                    let parts: Vec<Id> =
                        terms.into_iter().map(|term| self.part(term, direction, before, length)).collect();
                    ways.push(self.add(&parts));
                }
            }
            Kind::Size(_)
            | Kind::Pi
            | Kind::Variable(_)
            | Kind::Ones(_)
            | Kind::Zeros(..)
            | Kind::Identity(_)
            | Kind::Add(_)
            | Kind::Apply(..)
            | Kind::Transpose(_)
            | Kind::Operator(..)
            | Kind::Commutation(..)
            | Kind::Call(..)
            | Kind::Block(..) => {}
        }
        ways.retain(|way| *way != id);
        ways
    }

    /// `1/(a*(b + c/a)) = 1/(a*b + c)`: a divisor that is multiplied into a sum beside it which it divides parts of; also where the
    /// sum divides entry by entry.
    fn cleared(&mut self, term: &Term) -> Vec<Id> {
        let mut ways = Vec::new();
        let minus = self.number(Number::MINUS_ONE);
        let divides = |power: &(Id, Id)| power.1 == minus;
        let divisors: Vec<(Id, Id)> = term.powers.iter().filter(|power| divides(power)).copied().collect();
        for (divisor, exponent) in &divisors {
            let mut rest = term.clone();
            rest.powers.retain(|(base, _)| base != divisor);
            for (sum, _) in divisors.iter().filter(|(sum, _)| sum != divisor) {
                let Some(sum_times) = self.multiplied_by_its_divisor(*sum, *divisor) else { continue };
                let mut rest = rest.clone();
                rest.powers.retain(|(base, _)| base != sum);
                let rest = self.join(rest);
                let reciprocal = self.power(sum_times, *exponent);
                ways.push(self.scale(reciprocal, rest));
            }
            let Some(Kind::Elementwise(factors)) = term.body.map(|body| self.kind(body).clone()) else {
                continue;
            };
            for (place, (sum, own)) in factors.iter().enumerate().filter(|(_, (_, own))| own == exponent) {
                let Some(sum_times) = self.multiplied_by_its_divisor(*sum, *divisor) else { continue };
                let mut factors = factors.clone();
                factors[place] = (sum_times, *own);
                let body = self.elementwise(&factors);
                let scalar = self.join(rest.coefficient());
                ways.push(self.scale(scalar, body));
            }
        }
        ways
    }

    /// A sum times a scalar by which a part of it is divided.
    fn multiplied_by_its_divisor(&mut self, sum: Id, divisor: Id) -> Option<Id> {
        let terms = self.terms(sum)?;
        let exponent = self.number(Number::MINUS_ONE);
        terms.iter().any(|part| self.split(*part).powers.contains(&(divisor, exponent))).then(|| {
            let parts: Vec<Id> = terms.iter().map(|part| self.scale(divisor, *part)).collect();
            self.add(&parts)
        })
    }

    /// A sum with every product in it distributed, where terms may cancel that no one product shows.
    pub(crate) fn expanded_sum(&mut self, id: Id) -> Option<Id> {
        let Kind::Add(parts) = self.kind(id).clone() else { return None };
        let opened: Vec<Id> = parts.iter().map(|part| self.expand_node(*part)).collect();
        (opened != parts).then(|| self.add(&opened))
    }

    /// The value with every product distributed; the value as it is where that grows too large.
    pub(crate) fn expand_all(&mut self, root: Id) -> Id {
        let mut expanded: HashMap<Id, Id> = HashMap::new();
        for id in self.reachable(root) {
            let children: Vec<Id> = self.children(id).iter().map(|child| expanded[child]).collect();
            let value = if children == self.children(id) { id } else { self.rebuild(id, &children) };
            let value = self.expand_node(value);
            expanded.insert(id, value);
            if !self.is_sound() {
                return root;
            }
        }
        expanded[&root]
    }

    fn expand_node(&mut self, id: Id) -> Id {
        let mut done = Vec::new();
        let mut stack = vec![id];
        while let Some(part) = stack.pop() {
            let next = self.expanded(part).first().copied();
            match next.map(|next| (next, self.terms(next))) {
                Some((_, Some(terms))) if done.len() + stack.len() + terms.len() <= TERMS => {
                    stack.extend(terms)
                }
                Some((_, Some(_))) => return id,
                Some((next, None)) if next != part => stack.push(next),
                Some(_) | None => done.push(part),
            }
            if !self.spend(1) {
                return id;
            }
        }
        self.add(&done)
    }

    /// The terms of a number times a sum, or times the transpose of a sum.
    fn terms(&mut self, id: Id) -> Option<Vec<Id>> {
        let (parts, number, transposed) = self.inner_sum(id)?;
        let terms = parts
            .into_iter()
            .map(|part| {
                let part = if transposed { self.transpose(part) } else { part };
                self.scale_number(number, part)
            })
            .collect();
        Some(terms)
    }
}
