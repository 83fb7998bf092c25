//! The ways in which one value in normal form may be written.

use crate::simplify::form::kind::{Id, Kind, SizeId, Term};
use crate::simplify::form::normal::Algebra;
use crate::simplify::written::read_back::ReadBack;
use formula::{Formula, NodeId, Number, Operator, ShapeError};

impl ReadBack {
    /// A number times a sum, or times a sum's transpose, on its terms; a transpose outside and, where that is known, inside.
    pub(crate) fn multiplied(
        &self,
        algebra: &mut Algebra,
        formula: &mut Formula,
        id: Id,
        number: Number,
    ) -> Result<Vec<NodeId>, ShapeError> {
        let Kind::Transpose(inner) = *algebra.kind(id) else {
            return self.multiplied_sum(algebra, formula, id, number);
        };
        let outside = self.multiplied_sum(algebra, formula, inner, number)?;
        let mut ways: Vec<NodeId> = outside.into_iter().map(|sum| formula.transpose(sum)).collect();
        if let Some((inward, is_better)) = algebra.transposed_inward(id)
            && self.known.contains_key(&inward)
        {
            let inside = self.multiplied_sum(algebra, formula, inward, number)?;
            let place = if is_better { 0 } else { ways.len() };
            ways.splice(place..place, inside);
        }
        Ok(ways)
    }

    /// A sum whose terms are multiplied by a number, with a positive one in front: where the first has become negative, by sums in
    /// the terms that take the signs, or by another term that is put before it. Nothing where a number is beyond every representation.
    fn multiplied_sum(
        &self,
        algebra: &Algebra,
        formula: &mut Formula,
        id: Id,
        number: Number,
    ) -> Result<Vec<NodeId>, ShapeError> {
        let Some(terms) = algebra.multiplied_terms(id, number) else { return Ok(Vec::new()) };
        let mut ways = Vec::new();
        if let Some(first) = terms.first().filter(|first| first.number.is_negative())
            && algebra.turnable(first).is_some()
        {
            ways.push(self.positive_first(algebra, formula, &terms, true)?);
        }
        ways.push(self.positive_first(algebra, formula, &terms, false)?);
        Ok(ways)
    }

    /// The sum of terms, those that are subtracted last; where sums in them take signs, fewer are.
    fn positive_first(
        &self,
        algebra: &Algebra,
        formula: &mut Formula,
        terms: &[Term],
        turns: bool,
    ) -> Result<NodeId, ShapeError> {
        let (mut above, mut below) = (Vec::new(), Vec::new());
        for term in terms {
            let sum = algebra.turnable(term).filter(|_| turns && term.number.is_negative());
            let inner = sum.and_then(|sum| algebra.multiplied_terms(algebra.plain(sum), Number::MINUS_ONE));
            let (Some(sum), Some(inner)) = (sum, inner) else {
                let value = self.scaled(algebra, formula, term, None)?;
                if term.number.is_negative() {
                    below.push(value)
                } else {
                    above.push(value)
                }
                continue;
            };
            let mut turned = self.positive_first(algebra, formula, &inner, false)?;
            if algebra.plain(sum) != sum {
                turned = formula.transpose(turned);
            }
            let positive = Term { number: -term.number, ..term.clone() };
            above.push(self.scaled(algebra, formula, &positive, Some((sum, turned)))?);
        }
        above.append(&mut below);
        formula.add(&above)
    }
}

impl Algebra {
    /// Where a transpose stands outside a sum or an elementwise product, the same with it inside, and whether that needs no
    /// more transposes.
    pub(crate) fn transposed_inward(&mut self, id: Id) -> Option<(Id, bool)> {
        let Kind::Transpose(inner) = *self.kind(id) else { return None };
        if !matches!(self.kind(inner), Kind::Add(_) | Kind::Elementwise(_) | Kind::Apply(..)) {
            return None;
        }
        let inward = self.inward(inner);
        Some((inward, self.key(inward).transposes <= self.key(inner).transposes))
    }

    /// The place from which on a word is a row, the column whose transpose that is, and whether it is likely to be shorter.
    pub(crate) fn row_tail(&mut self, id: Id) -> Option<(usize, Id, bool)> {
        let Kind::Word(factors) = self.kind(id).clone() else { return None };
        let place = factors.iter().position(|factor| self.shape(*factor).rows == SizeId::ONE)?;
        let tail = &factors[place..];
        if tail.len() < 2 {
            return None;
        }
        let column: Vec<Id> = tail.iter().rev().map(|factor| self.transpose(*factor)).collect();
        let column = self.word(&column);
        let before: u32 = tail.iter().fold(0, |sum, factor| sum.saturating_add(self.key(*factor).transposes));
        let plain = matches!(self.kind(column), Kind::Word(_));
        plain.then(|| (place, column, self.key(column).transposes.saturating_add(1) < before))
    }

    /// The factors of a trace, and their transposes in turn, those with fewer transposes first; both only of two.
    pub(crate) fn rotations(&mut self, factors: &[Id]) -> [Vec<Id>; 2] {
        let [left, right] = *factors else { return [factors.to_vec(), factors.to_vec()] };
        let others = [self.transpose(right), self.transpose(left)];
        let count = |pair: [Id; 2]| pair.iter().map(|id| u64::from(self.key(*id).transposes)).sum::<u64>();
        let plain = [left, right];
        if count(others) < count(plain) {
            [others.to_vec(), plain.to_vec()]
        } else {
            [plain.to_vec(), others.to_vec()]
        }
    }

    /// Whether a closed word is the square of a variable, which reads well as `w'*w`.
    pub(crate) fn is_plain_square(&self, id: Id) -> bool {
        matches!(self.kind(id), Kind::Closed(factors)
            if factors.len() == 2 && matches!(self.kind(factors[1]), Kind::Variable(_)))
    }

    /// The sums of a term, or their transposes, that stand in it to the power 1 or -1.
    pub(crate) fn sums_of(&self, term: &Term) -> Vec<Id> {
        let mut sums = Vec::new();
        let mut waiting: Vec<(Id, Id)> = term.body.iter().map(|body| (*body, Id::ONE)).collect();
        waiting.extend(term.powers.iter().rev());
        while let Some((base, exponent)) = waiting.pop() {
            let plain = self.plain(base);
            match self.kind(plain) {
                _ if !self.is_one_or_minus_one(exponent) => {}
                Kind::Add(_) => sums.push(base),
                Kind::Elementwise(factors) => waiting.extend(factors.iter().rev()),
                Kind::Operator(Operator::Diagonal | Operator::DiagonalMatrix | Operator::Vec, inner)
                    if exponent == Id::ONE =>
                {
                    waiting.push((*inner, Id::ONE));
                }
                // The square of a norm has no sign.
                Kind::Closed(_) if self.squared(base).is_some() => {}
                Kind::Word(factors) | Kind::Closed(factors) if plain == base && exponent == Id::ONE => {
                    waiting.extend(factors.iter().rev().map(|factor| (*factor, Id::ONE)));
                }
                _ => {}
            }
        }
        sums
    }

    /// Whether the sum stands in this power, so that its sign is one of the power's.
    pub(crate) fn holds(&self, power: (Id, Id), sum: Id) -> bool {
        let term = Term { number: Number::ONE, powers: vec![power], body: None };
        self.sums_of(&term).contains(&sum)
    }

    /// The factors of a word, or the one factor that a value is.
    pub(crate) fn word_factors(&self, id: Id) -> Vec<Id> {
        match self.kind(id) {
            Kind::Word(factors) => factors.clone(),
            _ => vec![id],
        }
    }

    /// The first sum of a term that has a sign to give back.
    fn turnable(&self, term: &Term) -> Option<Id> {
        self.sums_of(term).into_iter().find(|sum| self.can_turn(*sum))
    }

    /// Whether an exponent is 1 or -1, so that a sign of the base is one of the power.
    pub(crate) fn is_one_or_minus_one(&self, exponent: Id) -> bool {
        self.as_number(exponent).is_some_and(|number| number.abs().is_one())
    }

    /// The terms of a sum times a number, if it is a sum and every product has a representation.
    fn multiplied_terms(&self, id: Id, number: Number) -> Option<Vec<Term>> {
        let Kind::Add(parts) = self.kind(id) else { return None };
        let times = |part: &Id| {
            let term = self.split(*part);
            Some(Term { number: term.number.times(number)?, ..term })
        };
        parts.iter().map(times).collect()
    }

    /// Whether a sum, or a sum's transpose, has a sign to give back: a negative term, or a first one in which a sum has.
    pub(crate) fn can_turn(&self, id: Id) -> bool {
        let mut sum = self.plain(id);
        loop {
            let Kind::Add(parts) = self.kind(sum) else { return false };
            let terms: Vec<Term> = parts.iter().map(|part| self.split(*part)).collect();
            if terms.iter().any(|term| term.number.is_negative()) {
                return true;
            }
            match terms.first().and_then(|first| self.sums_of(first).into_iter().next()) {
                Some(inner) => sum = self.plain(inner),
                None => return false,
            }
        }
    }
}
