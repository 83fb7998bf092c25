//! Sums in normal form: like terms merged, broadcast scalars gathered, the common number and the first sign in front.

use crate::simplify::form::kind::{Id, Kind, Shape, Term};
use crate::simplify::form::normal::Algebra;
use formula::Number;
use std::cmp::Ordering;
use std::collections::HashMap;

impl Algebra {
    /// The sum of values of one shape.
    pub(crate) fn add(&mut self, parts: &[Id]) -> Id {
        let Some(&first) = parts.first() else { return Id::ZERO };
        let shape = self.shape(first);
        let mut sum = Sum::default();
        let mut stack: Vec<(Id, Number)> = parts.iter().rev().map(|part| (*part, Number::ONE)).collect();
        while let Some((part, factor)) = stack.pop() {
            if let Some((inner, number, transposed)) = self.inner_sum(part) {
                let number = number.times(factor);
                let number = self.checked(number);
                for part in inner.into_iter().rev() {
                    stack.push((if transposed { self.transpose(part) } else { part }, number));
                }
                continue;
            }
            let mut term = self.split(part);
            let number = term.number.times(factor);
            term.number = self.checked(number);
            self.add_term(&mut sum, term);
        }
        let mut terms = sum.terms;
        terms.retain(|term| !term.number.is_zero());
        if shape != Shape::SCALAR {
            self.gather_broadcasts(&mut terms);
        }
        self.join_sum(terms, shape)
    }

    /// Stores a sum by the sign that it is typed with: here its negative was made, of nodes from this one on.
    pub(crate) fn keep_sign(&mut self, value: Id, made: usize) -> bool {
        let negative =
            self.inner_sum(value).filter(|(_, number, transposed)| number.is_negative() && !transposed);
        let Some((parts, ..)) = negative else { return false };
        let is_new = self.find(&Kind::Add(parts.clone())).is_some_and(|sum| sum.index() >= made);
        is_new && self.turned.insert(parts)
    }

    /// The terms of a number times a sum, or times the transpose of a sum.
    pub(crate) fn inner_sum(&self, id: Id) -> Option<(Vec<Id>, Number, bool)> {
        let term = self.split(id);
        let body = match (term.body, term.powers.as_slice()) {
            (Some(body), []) => body,
            (None, [(base, Id::ONE)]) => *base,
            _ => return None,
        };
        match self.kind(body) {
            Kind::Add(parts) => Some((parts.clone(), term.number, false)),
            Kind::Transpose(inner) => match self.kind(*inner) {
                Kind::Add(parts) => Some((parts.clone(), term.number, true)),
                _ => None,
            },
            _ => None,
        }
    }

    fn add_term(&mut self, sum: &mut Sum, term: Term) {
        let rest = Term { number: Number::ONE, ..term.clone() };
        match sum.places.get(&rest) {
            Some(place) => {
                let known = &mut sum.terms[*place].number;
                match known.plus(term.number) {
                    Some(number) => *known = number,
                    // A number that the sum would hold no digit of stays a term.
                    None if (known.value() + term.number.value()).is_finite() => sum.terms.push(term),
                    None => _ = self.checked(None),
                }
            }
            None => {
                sum.places.insert(rest, sum.terms.len());
                sum.terms.push(term);
            }
        }
    }

    /// `a*ones + b*ones = (a + b)*ones`.
    fn gather_broadcasts(&mut self, terms: &mut Vec<Term>) {
        let broadcast = |algebra: &Algebra, term: &Term| term.body.is_some_and(|body| algebra.is_ones(body));
        if terms.iter().filter(|term| broadcast(self, term)).count() < 2 {
            return;
        }
        let mut scalars = Vec::new();
        let mut ones = None;
        terms.retain(|term| {
            let gathered = broadcast(self, term);
            if gathered {
                ones = term.body;
                scalars.push(term.coefficient());
            }
            !gathered
        });
        let scalars: Vec<Id> = scalars.into_iter().map(|scalar| self.join(scalar)).collect();
        let scalar = self.add(&scalars);
        let mut term = self.split(scalar);
        term.body = ones;
        if !term.number.is_zero() {
            terms.push(term);
        }
    }

    fn join_sum(&mut self, mut terms: Vec<Term>, shape: Shape) -> Id {
        if terms.is_empty() {
            return self.zeros(shape);
        }
        if terms.len() == 1 {
            return self.join(terms.remove(0));
        }
        terms.sort_by(|a, b| self.compare_terms(a, b));
        let mut content = common_number(&terms);
        let divided = |algebra: &mut Algebra, content: Number| -> Vec<Id> {
            let part = |term: &Term| {
                let number = content.reciprocal().and_then(|inverse| term.number.times(inverse));
                let number = algebra.checked(number);
                algebra.join(Term { number, ..term.clone() })
            };
            terms.iter().map(part).collect()
        };
        let mut parts = divided(self, content);
        if self.turned.contains(&parts) {
            content = -content;
            parts = divided(self, content);
        }
        let sum = self.intern(Kind::Add(parts));
        let sum = self.orient(sum);
        self.scale_number(content, sum)
    }

    /// The sum of parts that are already terms in no special order; signs stay where they are.
    pub(crate) fn raw_sum(&mut self, parts: Vec<Id>) -> Id {
        let mut parts: Vec<Term> = parts.into_iter().map(|part| self.split(part)).collect();
        parts.sort_by(|a, b| self.compare_terms(a, b));
        let parts = parts.into_iter().map(|part| self.join(part)).collect();
        self.intern(Kind::Add(parts))
    }

    /// Numbers and ones first, then by the variable that appears first, then the plainer coefficient.
    fn compare_terms(&self, a: &Term, b: &Term) -> Ordering {
        let plain = |term: &Term| term.powers.is_empty() && term.body.is_none_or(|body| self.is_ones(body));
        let first = |term: &Term| {
            let scalars = term.powers.iter().map(|(base, _)| self.key(*base).first);
            scalars.chain(term.body.map(|body| self.key(body).first)).min()
        };
        let body = |term: &Term| term.body.into_iter().collect::<Vec<Id>>();
        let powers = |term: &Term| term.powers.iter().flat_map(|(base, e)| [*base, *e]).collect::<Vec<Id>>();
        plain(b)
            .cmp(&plain(a))
            .then_with(|| first(a).cmp(&first(b)))
            .then_with(|| a.powers.len().cmp(&b.powers.len()))
            .then_with(|| self.compare_lists(&powers(a), &powers(b)))
            .then_with(|| self.compare_lists(&body(a), &body(b)))
            .then_with(|| a.number.cmp(&b.number))
    }
}

/// Terms by what they are without their numbers.
#[derive(Default)]
struct Sum {
    terms: Vec<Term>,
    /// Only looked up.
    places: HashMap<Term, usize>,
}

/// The largest number that divides all, with the sign of the first.
fn common_number(terms: &[Term]) -> Number {
    let ratios: Option<Vec<(i64, i64)>> = terms.iter().map(|term| term.number.as_ratio()).collect();
    let size = ratios.and_then(|ratios| {
        let above = ratios.iter().fold(0, |all, (n, _)| gcd(all, n.unsigned_abs()));
        let below = ratios.iter().try_fold(1_u64, |all, (_, d)| {
            (all / gcd(all, d.unsigned_abs())).checked_mul(d.unsigned_abs())
        })?;
        Number::ratio(i64::try_from(above).ok()?, i64::try_from(below).ok()?)
    });
    let size = size.unwrap_or(Number::ONE);
    if terms.first().is_some_and(|term| term.number.is_negative()) { -size } else { size }
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
