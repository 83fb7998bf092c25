//! From the normal form back to a formula, in the canonical shape of [`tidy`](crate::simplify::tidy()).

use super::root::Roots;
use super::typed::as_typed;
use crate::simplify::form::block::turned;
use crate::simplify::form::kind::{Id, Kind, Shape, SizeId, Term};
use crate::simplify::form::normal::Algebra;
use crate::simplify::search::measure::{Measure, Weight};
use formula::{Constant, Formula, Node, NodeId, Number, ShapeError, Size};
use std::collections::HashMap;

/// The most sums of one term that are tried to take its sign.
const TURNED: usize = 3;

/// Nodes of a formula for nodes of an algebra, each read back once.
pub(crate) struct ReadBack {
    pub(crate) known: HashMap<Id, NodeId>,
    pub(crate) roots: Roots,
    /// What chooses between several ways to write one node; without it the likeliest is taken.
    measure: Option<Measure>,
}

impl ReadBack {
    /// A reader that writes roots with the functions of this formula, and every node the way that is likeliest to be short.
    pub(crate) fn quick(formula: &Formula) -> ReadBack {
        ReadBack { known: HashMap::new(), roots: Roots::of(formula), measure: None }
    }

    /// A reader that weighs the ways to write each node.
    pub(crate) fn careful(formula: &Formula) -> ReadBack {
        ReadBack { measure: Some(Measure::of(formula)), ..ReadBack::quick(formula) }
    }

    /// The weight of a value that was read.
    pub(crate) fn weigh(&mut self, formula: &Formula, value: NodeId) -> Weight {
        self.measure.get_or_insert_with(|| Measure::of(formula)).weigh(formula, value)
    }

    /// The lightest of several ways, the first of those that are alike.
    fn choose(&mut self, formula: &Formula, ways: &[NodeId]) -> NodeId {
        let lightest = self.measure.as_mut().and_then(|measure| measure.lightest(formula, ways));
        lightest.unwrap_or(ways[0])
    }

    /// The formula of a value.
    pub(crate) fn read(
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
            if let Some((inward, is_better)) = algebra.transposed_inward(id)
                && (is_better || self.measure.is_some())
            {
                parts.push(inward);
            }
            if let Some((_, tail, is_better)) = algebra.row_tail(id)
                && (is_better || self.measure.is_some())
            {
                parts.push(tail);
            }
            parts.extend(algebra.squared(id).into_iter().flatten());
            if let Kind::Trace(factors) = algebra.kind(id).clone() {
                let [plain, others] = algebra.rotations(&factors);
                parts.extend(plain.into_iter().chain(others));
            }
            if let (Kind::Block(_, blocks), true) = (algebra.kind(id).clone(), self.measure.is_some()) {
                parts.extend(blocks.into_iter().map(|part| algebra.transpose(part)));
            }
            parts.retain(|part| !self.known.contains_key(part));
            if !parts.is_empty() {
                stack.extend(parts);
                continue;
            }
            let value = self.node(algebra, formula, id)?;
            let value = as_typed(algebra, formula, id, value);
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
                let mut parts: Vec<NodeId> = above.iter().map(|part| self.known[part]).collect();
                for part in below {
                    // Subtracted, so that no sum in it needs to take the sign.
                    let term = algebra.split(part);
                    let value = self.scaled(algebra, formula, &term, None)?;
                    parts.push(as_typed(algebra, formula, part, value));
                }
                formula.add(&parts)
            }
            Kind::Word(_) if algebra.is_ones(id) => Ok(formula.ones(shape(algebra, algebra.shape(id)))),
            Kind::Word(factors) => {
                if let [matrix, ones] = factors.as_slice()
                    && let (Kind::Transpose(inner), Kind::Ones(_)) =
                        (algebra.kind(*matrix), algebra.kind(*ones))
                {
                    // sum(X, 1)' rather than X'*ones(m)
                    let row = formula.transpose(self.known[ones]);
                    let row = formula.product(&[row, self.known[inner]])?;
                    return Ok(formula.transpose(row));
                }
                let mut ways = vec![self.product(formula, &factors)?];
                if let Some((place, tail, is_better)) = algebra.row_tail(id)
                    && let Some(tail) = self.known.get(&tail)
                {
                    // x*(A*y)' rather than x*y'*A'
                    let tail = formula.transpose(*tail);
                    let mut product: Vec<NodeId> =
                        factors[..place].iter().map(|factor| self.known[factor]).collect();
                    product.push(tail);
                    let place = if is_better && self.measure.is_none() { 0 } else { 1 };
                    ways.insert(place, formula.product(&product)?);
                }
                Ok(self.choose(formula, &ways))
            }
            Kind::Closed(factors) => {
                if let Some(norm) = self.norm(algebra, formula, (id, Number::ONE), None)? {
                    return Ok(norm);
                }
                self.product(formula, &factors)
            }
            Kind::Elementwise(factors) => self.elementwise(algebra, formula, &factors, None),
            Kind::Apply(function, marks, arguments) => {
                let arguments: Vec<NodeId> = arguments.iter().map(|argument| self.known[argument]).collect();
                formula.apply(function, &marks, &arguments)
            }
            Kind::Transpose(inner) => {
                let mut ways = vec![formula.transpose(self.known[&inner])];
                if let Some((inward, is_better)) = algebra.transposed_inward(id)
                    && let Some(inward) = self.known.get(&inward)
                {
                    ways.insert(if is_better { 0 } else { 1 }, *inward);
                }
                Ok(self.choose(formula, &ways))
            }
            Kind::Trace(factors) => {
                if let Some(norm) = self.norm(algebra, formula, (id, Number::ONE), None)? {
                    return Ok(norm);
                }
                let mut ways = Vec::new();
                for rotation in algebra.rotations(&factors) {
                    let product = self.product(formula, &rotation)?;
                    ways.push(formula.trace(product)?);
                    if let [left, right] = rotation.as_slice() {
                        // tr(A'*B) = sum(A .* B)
                        let left = formula.transpose(self.known[left]);
                        let product = formula.times(&[left, self.known[right]])?;
                        ways.push(formula.sum(product)?);
                    }
                }
                Ok(self.choose(formula, &ways))
            }
            Kind::Operator(operator, inner) => formula.operator(operator, self.known[&inner]),
            Kind::Unvec(inner, rows, cols) => {
                let shape = shape(algebra, Shape { rows, cols });
                formula.unvec(self.known[&inner], shape)
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
                let plain: Vec<NodeId> = parts.iter().map(|part| self.known[part]).collect();
                let mut ways = vec![formula.block(direction, &plain)?];
                // [A'; B'] = [A, B]'
                let other: Vec<Id> = parts.iter().map(|part| algebra.transpose(*part)).collect();
                let other: Option<Vec<NodeId>> =
                    other.iter().map(|part| self.known.get(part).copied()).collect();
                if let Some(other) = other {
                    let block = formula.block(turned(direction), &other)?;
                    ways.push(formula.transpose(block));
                }
                Ok(self.choose(formula, &ways))
            }
            Kind::Part(of, direction, before, length) => {
                let (before, length) = (algebra.size(before).clone(), algebra.size(length).clone());
                formula.part(self.known[&of], direction, before, length)
            }
        }
    }

    /// `c*a^e*...*X`; a sign in front goes into a sum that has one to give back.
    fn term(
        &mut self,
        algebra: &mut Algebra,
        formula: &mut Formula,
        term: &Term,
    ) -> Result<NodeId, ShapeError> {
        let mut ways = Vec::new();
        if term.number.is_negative() {
            let positive = Term { number: -term.number, ..term.clone() };
            let mut sums = algebra.sums_of(term);
            sums.retain(|sum| algebra.can_turn(*sum));
            for sum in sums.into_iter().take(TURNED) {
                for turned in self.multiplied(algebra, formula, sum, Number::MINUS_ONE)? {
                    ways.push(self.scaled(algebra, formula, &positive, Some((sum, turned)))?);
                }
            }
        }
        ways.push(self.scaled(algebra, formula, term, None)?);
        if self.measure.is_some() && !term.number.abs().is_one() {
            // 2*(x + 1) = 2*x + 2
            let bare = Term { number: Number::ONE, ..term.clone() };
            // A number stays in front of what has other factors.
            for sum in algebra.sums_of(term).into_iter().filter(|sum| term.is(*sum)) {
                for larger in self.multiplied(algebra, formula, sum, term.number)? {
                    ways.push(self.scaled(algebra, formula, &bare, Some((sum, larger)))?);
                }
            }
        }
        Ok(self.choose(formula, &ways))
    }

    pub(crate) fn product(&self, formula: &mut Formula, factors: &[Id]) -> Result<NodeId, ShapeError> {
        let factors: Vec<NodeId> = factors.iter().map(|factor| self.known[factor]).collect();
        // (X^3)' rather than X'*X'*X'
        let mut product = Vec::with_capacity(factors.len());
        for run in factors.chunk_by(|left, right| left == right) {
            match formula.node(run[0]) {
                Node::Transpose(inner) if run.len() > 1 => {
                    let power = formula.product(&vec![*inner; run.len()])?;
                    product.push(formula.transpose(power));
                }
                _ => product.extend(run),
            }
        }
        formula.product(&product)
    }
}

fn shape(algebra: &Algebra, shape: Shape) -> formula::Shape {
    let size = |id: SizeId| algebra.size(id).clone();
    formula::Shape::new(size(shape.rows), size(shape.cols))
}
