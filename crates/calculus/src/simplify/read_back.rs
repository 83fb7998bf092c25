//! From the normal form back to a formula, in the canonical shape of [`tidy`](super::tidy()).

use super::normal::{Algebra, Id, Kind, Shape, SizeId, Term};
use super::root::Roots;
use formula::{Constant, Formula, NodeId, Number, Operator, ShapeError, Size};
use std::collections::HashMap;

/// Nodes of a formula for nodes of an algebra, each read back once.
pub(super) struct ReadBack {
    known: HashMap<Id, NodeId>,
    roots: Roots,
}

/// Factors of a scalar or of an elementwise product, those to negative powers apart, which come last.
#[derive(Default)]
struct Quotient {
    above: Vec<NodeId>,
    below: Vec<NodeId>,
}

impl ReadBack {
    /// A reader that writes roots with the functions of this formula.
    pub(super) fn new(formula: &Formula) -> ReadBack {
        ReadBack { known: HashMap::new(), roots: Roots::of(formula) }
    }

    /// The formula of a value.
    pub(super) fn read(
        &mut self,
        algebra: &mut Algebra,
        formula: &mut Formula,
        root: Id,
    ) -> Result<NodeId, ShapeError> {
        let mut stack = vec![root];
        while let Some(&id) = stack.last() {
            if self.known.contains_key(&id) {
                stack.pop();
                continue;
            }
            let mut parts = algebra.children(id);
            if let Some(inward) = algebra.better_inward(id) {
                parts.push(inward);
            }
            if let Some((_, tail)) = algebra.row_tail(id) {
                parts.push(tail);
            }
            parts.extend(algebra.squared(id).into_iter().flatten());
            if let Kind::Trace(factors) = algebra.kind(id).clone() {
                parts.extend(algebra.plainest_rotation(&factors));
            }
            parts.retain(|part| !self.known.contains_key(part));
            if !parts.is_empty() {
                stack.extend(parts);
                continue;
            }
            let value = self.node(algebra, formula, id)?;
            self.known.insert(id, value);
            stack.pop();
        }
        Ok(self.known[&root])
    }

    fn node(&mut self, algebra: &mut Algebra, formula: &mut Formula, id: Id) -> Result<NodeId, ShapeError> {
        match algebra.kind(id).clone() {
            Kind::Term(term) => self.term(algebra, formula, &term),
            Kind::Size(name) => Ok(formula.size(&Size::named(name))),
            Kind::Pi => Ok(formula.constant(Constant::Pi, formula::Shape::scalar())),
            Kind::Variable(rank) => Ok(algebra.variable_node(rank)),
            Kind::Ones(_) => Ok(formula.ones(shape(algebra, algebra.shape(id)))),
            Kind::Zeros(..) => Ok(formula.constant(Constant::Zeros, shape(algebra, algebra.shape(id)))),
            Kind::Identity(_) => Ok(formula.constant(Constant::Identity, shape(algebra, algebra.shape(id)))),
            Kind::Add(parts) => {
                let negative = |id: &Id| algebra.split(*id).number.is_negative();
                let (below, above): (Vec<Id>, Vec<Id>) = parts.into_iter().partition(negative);
                let parts: Vec<NodeId> = above.iter().chain(&below).map(|part| self.known[part]).collect();
                formula.add(&parts)
            }
            Kind::Word(_) if algebra.is_ones(id) => Ok(formula.ones(shape(algebra, algebra.shape(id)))),
            Kind::Word(factors) => {
                if let Some((place, tail)) = algebra.row_tail(id) {
                    // x*(A*y)' rather than x*y'*A'
                    let mut product: Vec<NodeId> =
                        factors[..place].iter().map(|factor| self.known[factor]).collect();
                    product.push(formula.transpose(self.known[&tail]));
                    return formula.product(&product);
                }
                if let [matrix, ones] = factors.as_slice()
                    && let (Kind::Transpose(inner), Kind::Ones(_)) =
                        (algebra.kind(*matrix), algebra.kind(*ones))
                {
                    // sum(X, 1)' rather than X'*ones(m)
                    let row = formula.transpose(self.known[ones]);
                    let row = formula.product(&[row, self.known[inner]])?;
                    return Ok(formula.transpose(row));
                }
                let factors: Vec<NodeId> = factors.iter().map(|factor| self.known[factor]).collect();
                formula.product(&factors)
            }
            Kind::Closed(factors) => {
                if let Some(norm) = self.norm(algebra, formula, id, Number::ONE)? {
                    return Ok(norm);
                }
                let factors: Vec<NodeId> = factors.iter().map(|factor| self.known[factor]).collect();
                formula.product(&factors)
            }
            Kind::Elementwise(factors) => self.elementwise(algebra, formula, &factors, None),
            Kind::Apply(function, marks, arguments) => {
                let arguments: Vec<NodeId> = arguments.iter().map(|argument| self.known[argument]).collect();
                formula.apply(function, &marks, &arguments)
            }
            Kind::Transpose(inner) => match algebra.better_inward(id) {
                Some(inward) => Ok(self.known[&inward]),
                None => Ok(formula.transpose(self.known[&inner])),
            },
            Kind::Trace(factors) => {
                if let Some(norm) = self.norm(algebra, formula, id, Number::ONE)? {
                    return Ok(norm);
                }
                let factors = algebra.plainest_rotation(&factors);
                let factors: Vec<NodeId> = factors.iter().map(|factor| self.known[factor]).collect();
                let product = formula.product(&factors)?;
                formula.trace(product)
            }
            Kind::Operator(operator, inner) => formula.operator(operator, self.known[&inner]),
            Kind::Unvec(inner, rows, cols) => {
                // unvec(v, m, n) = kron(vec(eye(n))', eye(m))*kron(eye(n), v)
                let shape = shape(algebra, Shape { rows, cols });
                let square = |size: &Size| formula::Shape::new(size.clone(), size.clone());
                let outer = formula.constant(Constant::Identity, square(&shape.rows));
                let identity = formula.constant(Constant::Identity, square(&shape.cols));
                let column = formula.operator(Operator::Vec, identity)?;
                let row = formula.transpose(column);
                let left = formula.kronecker(row, outer);
                let right = formula.kronecker(identity, self.known[&inner]);
                formula.product(&[left, right])
            }
            Kind::Kronecker(left, right) => Ok(formula.kronecker(self.known[&left], self.known[&right])),
            Kind::Commutation(rows, cols) => {
                let shape = shape(algebra, Shape { rows, cols });
                Ok(formula.commutation(shape.rows, shape.cols))
            }
            Kind::Call(function, arguments) => {
                let arguments: Vec<NodeId> = arguments.iter().map(|argument| self.known[argument]).collect();
                formula.call(function, &arguments)
            }
            Kind::Block(direction, parts) => {
                let parts: Vec<NodeId> = parts.iter().map(|part| self.known[part]).collect();
                formula.block(direction, &parts)
            }
            Kind::Part(of, direction, before, length) => {
                let (before, length) = (algebra.size(before).clone(), algebra.size(length).clone());
                formula.part(self.known[&of], direction, before, length)
            }
        }
    }

    /// `c*a^e*...*X`; a sign in front goes into a sum that has one to give back.
    fn term(&self, algebra: &Algebra, formula: &mut Formula, term: &Term) -> Result<NodeId, ShapeError> {
        match algebra.sum_to_turn(term) {
            Some(sum) if term.number.is_negative() => {
                let turned = self.turn(algebra, formula, sum)?;
                let positive = Term { number: -term.number, ..term.clone() };
                self.scaled(algebra, formula, &positive, Some((sum, turned)))
            }
            _ => self.scaled(algebra, formula, term, None),
        }
    }

    /// `c*a^e*...*X` as it stands, but for one sum whose signs were turned.
    fn scaled(
        &self,
        algebra: &Algebra,
        formula: &mut Formula,
        term: &Term,
        turned: Option<(Id, NodeId)>,
    ) -> Result<NodeId, ShapeError> {
        let mut scalars = Quotient { above: vec![formula.number(term.number)], below: Vec::new() };
        for (base, exponent) in &term.powers {
            self.multiply(algebra, formula, &mut scalars, (*base, *exponent), turned)?;
        }
        let body = match term.body {
            Some(body) => self.body(algebra, formula, body, turned)?,
            None => formula.number(Number::ONE),
        };
        let mut scalar = formula.number(Number::ONE);
        for factor in scalars.above.into_iter().chain(scalars.below).rev() {
            scalar = formula.scale(factor, scalar)?;
        }
        formula.scale(scalar, body)
    }

    /// The body of a term, with the first of its factors that is the turned sum replaced.
    fn body(
        &self,
        algebra: &Algebra,
        formula: &mut Formula,
        body: Id,
        turned: Option<(Id, NodeId)>,
    ) -> Result<NodeId, ShapeError> {
        let Some((sum, node)) = turned else { return Ok(self.known[&body]) };
        if body == sum {
            return Ok(node);
        }
        match algebra.kind(body) {
            Kind::Word(factors) if factors.contains(&sum) => {
                let place = factors.iter().position(|factor| *factor == sum);
                let factors: Vec<NodeId> = factors
                    .iter()
                    .enumerate()
                    .map(|(at, factor)| if Some(at) == place { node } else { self.known[factor] })
                    .collect();
                formula.product(&factors)
            }
            Kind::Elementwise(factors) => self.elementwise(algebra, formula, factors, turned),
            _ => Ok(self.known[&body]),
        }
    }

    fn elementwise(
        &self,
        algebra: &Algebra,
        formula: &mut Formula,
        factors: &[(Id, Id)],
        turned: Option<(Id, NodeId)>,
    ) -> Result<NodeId, ShapeError> {
        let mut product = Quotient::default();
        for factor in factors {
            self.multiply(algebra, formula, &mut product, *factor, turned)?;
        }
        product.above.append(&mut product.below);
        formula.times(&product.above)
    }

    /// One more factor of a quotient: the base, or what a turned sum became, to its power.
    fn multiply(
        &self,
        algebra: &Algebra,
        formula: &mut Formula,
        quotient: &mut Quotient,
        (base, exponent): (Id, Id),
        turned: Option<(Id, NodeId)>,
    ) -> Result<(), ShapeError> {
        let number = algebra.as_number(exponent);
        let norm = number.map(|number| self.norm(algebra, formula, base, number)).transpose()?.flatten();
        let value = match (norm, turned) {
            (Some(norm), _) => norm,
            (None, Some((sum, node))) if sum == base && exponent == Id::ONE => node,
            (None, _) => self.roots.raise(formula, self.known[&base], self.known[&exponent])?,
        };
        match number {
            Some(number) if number.is_negative() => quotient.below.push(value),
            _ => quotient.above.push(value),
        }
        Ok(())
    }

    /// `norm(X)^(2*e)` for the power e of a closed word that is the square of a norm; `w'*w` stays for a variable w.
    fn norm(
        &self,
        algebra: &Algebra,
        formula: &mut Formula,
        id: Id,
        exponent: Number,
    ) -> Result<Option<NodeId>, ShapeError> {
        let Some(factors) = algebra.squared(id) else { return Ok(None) };
        let Some(double) = exponent.times(Number::integer(2)).filter(|double| double.as_integer().is_some())
        else {
            return Ok(None);
        };
        if algebra.is_plain_square(id) && exponent.abs().is_one() {
            return Ok(None);
        }
        let factors: Vec<NodeId> = factors.iter().map(|factor| self.known[factor]).collect();
        let product = formula.times(&factors)?;
        let norm = formula.norm(product);
        let exponent = formula.number(double);
        self.roots.raise(formula, norm, exponent).map(Some)
    }

    /// The negative of a sum, or of a sum's transpose, with the signs on the terms, positive terms first.
    fn turn(&self, algebra: &Algebra, formula: &mut Formula, id: Id) -> Result<NodeId, ShapeError> {
        let (sum, transposed) = match algebra.kind(id) {
            Kind::Transpose(inner) => (*inner, true),
            _ => (id, false),
        };
        let Kind::Add(parts) = algebra.kind(sum) else { return formula.negate(self.known[&id]) };
        let (mut above, mut below) = (Vec::new(), Vec::new());
        for part in parts {
            let mut term = algebra.split(*part);
            term.number = -term.number;
            let value = self.scaled(algebra, formula, &term, None)?;
            if term.number.is_negative() { below.push(value) } else { above.push(value) }
        }
        above.append(&mut below);
        let sum = formula.add(&above)?;
        Ok(if transposed { formula.transpose(sum) } else { sum })
    }
}

fn shape(algebra: &Algebra, shape: Shape) -> formula::Shape {
    let size = |id: SizeId| algebra.size(id).clone();
    formula::Shape::new(size(shape.rows), size(shape.cols))
}

impl Algebra {
    /// Where a transpose stands outside a sum or an elementwise product, the same with it inside, if that needs no more
    /// transposes.
    fn better_inward(&mut self, id: Id) -> Option<Id> {
        let Kind::Transpose(inner) = *self.kind(id) else { return None };
        if !matches!(self.kind(inner), Kind::Add(_) | Kind::Elementwise(_)) {
            return None;
        }
        let inward = self.inward(inner);
        (self.key(inward).transposes <= self.key(inner).transposes).then_some(inward)
    }

    /// The place from which on a word is a row that is better written as the transpose of a column, and that column.
    fn row_tail(&mut self, id: Id) -> Option<(usize, Id)> {
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
        (plain && self.key(column).transposes.saturating_add(1) < before).then_some((place, column))
    }

    /// The factors of a trace of two, or their transposes, whichever have fewer.
    fn plainest_rotation(&mut self, factors: &[Id]) -> Vec<Id> {
        let [left, right] = *factors else { return factors.to_vec() };
        let others = [self.transpose(right), self.transpose(left)];
        let count = |pair: [Id; 2]| pair.iter().map(|id| u64::from(self.key(*id).transposes)).sum::<u64>();
        if count(others) < count([left, right]) { others.to_vec() } else { factors.to_vec() }
    }

    /// Whether a closed word is the square of a variable, which reads well as `w'*w`.
    fn is_plain_square(&self, id: Id) -> bool {
        matches!(self.kind(id), Kind::Closed(factors)
            if factors.len() == 2 && matches!(self.kind(factors[1]), Kind::Variable(_)))
    }

    /// The sum of a term that can take the term's sign: one with a negative part, to the power 1.
    fn sum_to_turn(&self, term: &Term) -> Option<Id> {
        let turns = |id: Id| {
            let inner = if let Kind::Transpose(inner) = self.kind(id) { *inner } else { id };
            matches!(self.kind(inner), Kind::Add(parts)
                if parts.iter().any(|part| self.split(*part).number.is_negative()))
        };
        let scalar = term.powers.iter().find(|(base, exponent)| *exponent == Id::ONE && turns(*base));
        if let Some((base, _)) = scalar {
            return Some(*base);
        }
        let body = term.body?;
        if turns(body) {
            return Some(body);
        }
        match self.kind(body) {
            Kind::Word(factors) => factors.iter().copied().find(|factor| turns(*factor)),
            Kind::Elementwise(factors) => {
                let turning = factors.iter().find(|(base, exponent)| *exponent == Id::ONE && turns(*base));
                turning.map(|(base, _)| *base)
            }
            _ => None,
        }
    }
}
