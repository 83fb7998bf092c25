//! Common factors taken out of sums: scalars, the beginnings and ends of words, elementwise factors.

use crate::simplify::form::kind::{Id, Kind, SizeId, Term};
use crate::simplify::form::normal::Algebra;
use formula::Number;

/// Terms of a sum that share something, by their places.
struct Group<K> {
    shared: K,
    places: Vec<usize>,
}

/// Which end of a word is shared.
#[derive(Clone, Copy)]
enum End {
    Left,
    Right,
}

impl Algebra {
    /// The ways to write a sum with a common factor taken out of some of its terms.
    pub(crate) fn collected(&mut self, id: Id) -> Vec<Id> {
        let Kind::Add(parts) = self.kind(id).clone() else { return Vec::new() };
        let terms: Vec<Term> = parts.iter().map(|part| self.split(*part)).collect();
        let mut ways = self.collect_scalars(&parts, &terms);
        if !self.is_scalar(id) {
            ways.extend(self.collect_words(&parts, &terms, End::Left));
            ways.extend(self.collect_words(&parts, &terms, End::Right));
            ways.extend(self.collect_elementwise(&parts, &terms));
        }
        if self.shape(id).cols == SizeId::ONE && !self.is_scalar(id) {
            ways.extend(self.collect_columns(&parts, &terms));
        }
        ways
    }

    /// `s*X + s*Y = s*(X + Y)`
    fn collect_scalars(&mut self, parts: &[Id], terms: &[Term]) -> Vec<Id> {
        let mut groups: Vec<Group<(Id, Id)>> = Vec::new();
        for (base, _) in terms.iter().flat_map(|term| &term.powers) {
            if groups.iter().any(|group| group.shared.0 == *base) {
                continue;
            }
            let power = |term: &Term| term.powers.iter().find(|(known, _)| known == base).map(|(_, e)| *e);
            let places: Vec<usize> =
                (0..terms.len()).filter(|place| power(&terms[*place]).is_some()).collect();
            if places.len() < 2 {
                continue;
            }
            let mut exponents: Vec<Id> = Vec::new();
            for exponent in places.iter().filter_map(|place| power(&terms[*place])) {
                if !exponents.contains(&exponent) {
                    exponents.push(exponent);
                }
            }
            // What all have of a power, where that is positive, leaves no quotients behind.
            let numbers: Option<Vec<Number>> = exponents.iter().map(|id| self.as_number(*id)).collect();
            if let Some(least) = numbers.and_then(|numbers| numbers.into_iter().min())
                && !least.is_negative()
            {
                exponents.retain(|id| self.as_number(*id) == Some(least));
            }
            // The least power is tried first: it leaves the fewest behind.
            exponents.sort_by_key(|id| self.as_number(*id).map(Number::abs));
            for exponent in exponents {
                groups.push(Group { shared: (*base, exponent), places: places.clone() });
            }
        }
        let mut ways = Vec::new();
        for Group { shared: (base, exponent), places } in groups {
            let factor = self.power(base, exponent);
            let minus = self.negate(exponent);
            let inverse = self.power(base, minus);
            let rest: Vec<Id> = places.iter().map(|place| self.scale(inverse, parts[*place])).collect();
            let rest = self.add(&rest);
            let product = self.scale(factor, rest);
            ways.push(self.with_others(parts, &places, product));
        }
        ways
    }

    /// `A*B + A*C = A*(B + C)` and `B*A + C*A = (B + C)*A`, with the scalars that all share; the longest first.
    fn collect_words(&mut self, parts: &[Id], terms: &[Term], end: End) -> Vec<Id> {
        let factors: Vec<Vec<Id>> = terms
            .iter()
            .map(|term| term.body.map_or_else(Vec::new, |body| self.word_factors(body)))
            .collect();
        let mut groups: Vec<Group<Vec<Id>>> = Vec::new();
        for (place, factors) in factors.iter().enumerate() {
            for length in 1..=factors.len() {
                let shared = match end {
                    End::Left => &factors[..length],
                    End::Right => &factors[factors.len() - length..],
                };
                match groups.iter_mut().find(|group| group.shared == shared) {
                    Some(group) => group.places.push(place),
                    None => groups.push(Group { shared: shared.to_vec(), places: vec![place] }),
                }
            }
        }
        groups.retain(|group| group.places.len() > 1);
        groups.sort_by_key(|group| std::cmp::Reverse(group.shared.len()));
        let mut ways = Vec::new();
        for Group { shared, places } in groups {
            let common: Vec<(Id, Id)> = terms[places[0]]
                .powers
                .iter()
                .copied()
                .filter(|power| places.iter().all(|place| terms[*place].powers.contains(power)))
                .collect();
            // `X - ones(m)*sum(X, 1)/m` stays: a factor that is the whole of one term is not taken out of what a sum adds up.
            let rest_of = |place: usize| match end {
                End::Left => &factors[place][shared.len()..],
                End::Right => &factors[place][..factors[place].len() - shared.len()],
            };
            let beside = |rest: &[Id]| match end {
                End::Left => rest.first().copied(),
                End::Right => rest.last().copied(),
            };
            let is_summed =
                |place: &usize| beside(rest_of(*place)).is_some_and(|id| self.is_line_of_ones(id));
            if places.iter().any(|place| rest_of(*place).is_empty()) && places.iter().any(is_summed) {
                continue;
            }
            let mut rests = Vec::new();
            for place in &places {
                let mut coefficient = terms[*place].coefficient();
                coefficient.powers.retain(|power| !common.contains(power));
                let scalar = self.join(coefficient);
                let rest = rest_of(*place);
                let rest = if rest.is_empty() { self.unit_beside(&shared, end) } else { self.word(rest) };
                rests.push(self.scale(scalar, rest));
            }
            let rest = self.add(&rests);
            let mut word = shared;
            match end {
                End::Left => word.push(rest),
                End::Right => word.insert(0, rest),
            }
            let product = self.word(&word);
            let common = self.join(Term { number: Number::ONE, powers: common, body: None });
            let product = self.scale(common, product);
            ways.push(self.with_others(parts, &places, product));
        }
        ways
    }

    /// `(b'*x)*a + (a'*x)*b = (a*b' + b*a')*x`, only among terms that all have such a scalar: elsewhere cheap columns would
    /// turn into products of rank one.
    fn collect_columns(&mut self, parts: &[Id], terms: &[Term]) -> Vec<Id> {
        let mut groups: Vec<Group<Id>> = Vec::new();
        let mut lefts: Vec<Vec<(usize, Id)>> = Vec::new();
        for (place, term) in terms.iter().enumerate() {
            for (at, (base, exponent)) in term.powers.iter().enumerate() {
                let (Kind::Closed(factors), true) = (self.kind(*base).clone(), *exponent == Id::ONE) else {
                    continue;
                };
                // A sum of entries stays one.
                if factors.iter().any(|factor| self.is_line_of_ones(*factor)) {
                    continue;
                }
                let mut rest = term.clone();
                rest.powers.remove(at);
                let rest = self.join(rest);
                let turned: Vec<Id> = factors.iter().rev().map(|factor| self.transpose(*factor)).collect();
                for word in [factors, turned] {
                    let Some((last, row)) = word.split_last() else { continue };
                    let mut left = vec![rest];
                    left.extend(row);
                    let left = self.word(&left);
                    let known = groups.iter().position(|group| group.shared == *last);
                    let group = known.unwrap_or_else(|| {
                        groups.push(Group { shared: *last, places: Vec::new() });
                        lefts.push(Vec::new());
                        groups.len() - 1
                    });
                    if !groups[group].places.contains(&place) {
                        groups[group].places.push(place);
                        lefts[group].push((place, left));
                    }
                }
            }
        }
        let mut ways = Vec::new();
        for (group, lefts) in groups.into_iter().zip(lefts) {
            if group.places.len() < 2 {
                continue;
            }
            let lefts: Vec<Id> = lefts.into_iter().map(|(_, left)| left).collect();
            let matrix = self.add(&lefts);
            let product = self.word(&[matrix, group.shared]);
            ways.push(self.with_others(parts, &group.places, product));
        }
        ways
    }

    /// `A .* B + A .* C = A .* (B + C)`
    fn collect_elementwise(&mut self, parts: &[Id], terms: &[Term]) -> Vec<Id> {
        let factors: Vec<Vec<(Id, Id)>> = terms.iter().map(|term| self.elementwise_factors(term)).collect();
        let mut groups: Vec<Group<(Id, Id)>> = Vec::new();
        for shared in factors.iter().flatten() {
            if groups.iter().any(|group| group.shared == *shared) {
                continue;
            }
            let holds = |list: &[(Id, Id)]| list.iter().any(|(base, _)| *base == shared.0);
            let places: Vec<usize> = (0..terms.len()).filter(|place| holds(&factors[*place])).collect();
            if places.len() > 1 {
                groups.push(Group { shared: *shared, places });
            }
        }
        let mut ways = Vec::new();
        for Group { shared: (base, exponent), places } in groups {
            let minus = self.negate(exponent);
            let rests: Vec<Id> = places
                .iter()
                .map(|place| self.elementwise(&[(parts[*place], Id::ONE), (base, minus)]))
                .collect();
            let rest = self.add(&rests);
            let product = self.elementwise(&[(base, exponent), (rest, Id::ONE)]);
            ways.push(self.with_others(parts, &places, product));
        }
        ways
    }

    fn with_others(&mut self, parts: &[Id], places: &[usize], product: Id) -> Id {
        let others = (0..parts.len()).filter(|place| !places.contains(place)).map(|place| parts[place]);
        let parts: Vec<Id> = others.chain([product]).collect();
        self.add(&parts)
    }

    fn elementwise_factors(&mut self, term: &Term) -> Vec<(Id, Id)> {
        let Some(body) = term.body else { return Vec::new() };
        match self.kind(body).clone() {
            Kind::Elementwise(factors) => factors,
            Kind::Transpose(inner) => match self.kind(inner).clone() {
                Kind::Elementwise(factors) => {
                    factors.into_iter().map(|(base, exponent)| (self.transpose(base), exponent)).collect()
                }
                _ => vec![(body, Id::ONE)],
            },
            _ => vec![(body, Id::ONE)],
        }
    }

    /// What stands beside a word that is whole: the identity, or 1 at an edge of size 1.
    fn unit_beside(&mut self, shared: &[Id], end: End) -> Id {
        let size = match end {
            End::Left => shared.last().map(|factor| self.shape(*factor).cols),
            End::Right => shared.first().map(|factor| self.shape(*factor).rows),
        };
        match size {
            Some(size) if !self.is_unit(size) => self.intern(Kind::Identity(size)),
            _ => Id::ONE,
        }
    }
}
