//! From the normal form back to a formula, in the canonical shape of [`tidy`](super::tidy()).

use super::block::turned;
use super::measure::Measure;
use super::normal::{Algebra, Id, Kind, Shape, SizeId, Term};
use super::root::Roots;
use formula::{Constant, Formula, Node, NodeId, Number, ShapeError, Size};
use std::collections::HashMap;

/// The most sums of one term that are tried to take its number or its sign.
const TURNED: usize = 3;

/// Nodes of a formula for nodes of an algebra, each read back once.
pub(super) struct ReadBack {
    pub(super) known: HashMap<Id, NodeId>,
    roots: Roots,
    /// What chooses between several ways to write one node; without it the likeliest is taken.
    measure: Option<Measure>,
}

/// Factors of a scalar or of an elementwise product, those to negative powers apart, which come last.
#[derive(Default)]
struct Quotient {
    above: Vec<NodeId>,
    below: Vec<NodeId>,
}

impl ReadBack {
    /// A reader that writes roots with the functions of this formula, and every node the way that is likeliest to be short.
    pub(super) fn quick(formula: &Formula) -> ReadBack {
        ReadBack { known: HashMap::new(), roots: Roots::of(formula), measure: None }
    }

    /// A reader that weighs the ways to write each node.
    pub(super) fn careful(formula: &Formula) -> ReadBack {
        ReadBack { measure: Some(Measure::of(formula)), ..ReadBack::quick(formula) }
    }

    /// The lightest of several ways, the first of those that are alike.
    fn choose(&mut self, formula: &Formula, ways: &[NodeId]) -> NodeId {
        let lightest = self.measure.as_mut().and_then(|measure| measure.lightest(formula, ways));
        lightest.unwrap_or(ways[0])
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

    fn product(&self, formula: &mut Formula, factors: &[Id]) -> Result<NodeId, ShapeError> {
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

    /// `c*a^e*...*X` as it stands, but for one sum whose signs were turned.
    pub(super) fn scaled(
        &self,
        algebra: &Algebra,
        formula: &mut Formula,
        term: &Term,
        turned: Option<(Id, NodeId)>,
    ) -> Result<NodeId, ShapeError> {
        let mut scalars = Quotient { above: vec![formula.number(term.number)], below: Vec::new() };
        // A sign is taken once.
        let holds = |power: &(Id, Id)| turned.is_some_and(|(sum, _)| algebra.holds(*power, sum));
        let place = term.powers.iter().position(holds);
        for (at, power) in term.powers.iter().enumerate() {
            self.multiply(algebra, formula, &mut scalars, *power, (turned, place == Some(at)))?;
        }
        let body = match term.body {
            Some(body) => self.body(algebra, formula, body, turned.filter(|_| place.is_none()))?,
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
            Kind::Word(factors) | Kind::Closed(factors) => {
                let place = factors.iter().position(|factor| algebra.holds((*factor, Id::ONE), sum));
                let mut word = Vec::with_capacity(factors.len());
                for (at, factor) in factors.iter().enumerate() {
                    word.push(match Some(at) == place {
                        true => self.body(algebra, formula, *factor, turned)?,
                        false => self.known[factor],
                    });
                }
                formula.product(&word)
            }
            Kind::Elementwise(factors) => self.elementwise(algebra, formula, factors, turned),
            Kind::Transpose(inner) => {
                let inner = self.body(algebra, formula, *inner, turned)?;
                Ok(formula.transpose(inner))
            }
            Kind::Operator(operator, inner) => {
                let inner = self.body(algebra, formula, *inner, turned)?;
                formula.operator(*operator, inner)
            }
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
            let takes = turned.is_some_and(|(sum, _)| algebra.holds(*factor, sum));
            self.multiply(algebra, formula, &mut product, *factor, (turned, takes))?;
        }
        product.above.append(&mut product.below);
        formula.times(&product.above)
    }

    /// One more factor of a quotient: the base, or, where it takes the sign, what it is with the turned sum, to its power.
    fn multiply(
        &self,
        algebra: &Algebra,
        formula: &mut Formula,
        quotient: &mut Quotient,
        (base, exponent): (Id, Id),
        (turned, takes): (Option<(Id, NodeId)>, bool),
    ) -> Result<(), ShapeError> {
        let number = algebra.as_number(exponent);
        let norm =
            number.map(|number| self.norm(algebra, formula, (base, number), turned)).transpose()?.flatten();
        let value = match norm {
            Some(norm) => norm,
            None => {
                let base = self.body(algebra, formula, base, turned.filter(|_| takes))?;
                if exponent == Id::ONE {
                    base
                } else {
                    self.roots.raise(formula, base, self.known[&exponent])?
                }
            }
        };
        match number {
            Some(number) if number.is_negative() => quotient.below.push(value),
            _ => quotient.above.push(value),
        }
        Ok(())
    }

    /// `norm(X)^(2*e)` for the power e of a closed word that is the square of a norm; `w'*w` stays for a variable w. It has no sign, so
    /// a sum whose signs were turned beside it is turned in it too.
    fn norm(
        &self,
        algebra: &Algebra,
        formula: &mut Formula,
        (id, exponent): (Id, Number),
        turned: Option<(Id, NodeId)>,
    ) -> Result<Option<NodeId>, ShapeError> {
        let Some(factors) = algebra.squared(id) else { return Ok(None) };
        let Some(double) = exponent.times(Number::integer(2)).filter(|double| double.as_integer().is_some())
        else {
            return Ok(None);
        };
        if algebra.is_plain_square(id) && exponent.abs().is_one() {
            return Ok(None);
        }
        let written = |factor: &Id| match turned {
            Some((sum, node)) if sum == *factor => node,
            _ => self.known[factor],
        };
        let factors: Vec<NodeId> = factors.iter().map(written).collect();
        let product = formula.times(&factors)?;
        let norm = formula.norm(product);
        let exponent = formula.number(double);
        self.roots.raise(formula, norm, exponent).map(Some)
    }
}

/// The value as the source writes it, where that has the same terms or factors in another order.
fn as_typed(algebra: &Algebra, formula: &Formula, id: Id, value: NodeId) -> NodeId {
    let Some(typed) = algebra.typed.get(&id).copied().filter(|typed| *typed != value) else { return value };
    let sorted = |id: NodeId| {
        let mut parts = match formula.node(id) {
            Node::Add(parts) | Node::Times(parts) => parts.clone(),
            Node::Scale(_) => factors_of(formula, id),
            _ => Vec::new(),
        };
        parts.sort_unstable();
        parts
    };
    let is_alike = match (formula.node(typed), formula.node(value)) {
        (Node::Add(parts), Node::Add(_)) => !is_negative(formula, parts[0]) && sorted(typed) == sorted(value),
        (Node::Times(_), Node::Times(_)) | (Node::Scale(_), Node::Scale(_)) => sorted(typed) == sorted(value),
        // w'*x = x'*w
        (Node::Product(left), Node::Product(right)) => {
            formula.is_scalar(value)
                && left.len() == right.len()
                && left.iter().zip(right.iter().rev()).all(|(a, b)| is_transpose(formula, *a, *b))
        }
        _ => false,
    };
    if is_alike { typed } else { value }
}

fn factors_of(formula: &Formula, mut id: NodeId) -> Vec<NodeId> {
    let mut factors = Vec::new();
    while let Node::Scale([factor, rest]) = formula.node(id) {
        factors.push(*factor);
        id = *rest;
    }
    factors.push(id);
    factors
}

fn is_negative(formula: &Formula, id: NodeId) -> bool {
    let number = factors_of(formula, id).first().and_then(|first| formula.as_number(*first));
    number.is_some_and(|number| number.is_negative())
}

fn is_transpose(formula: &Formula, a: NodeId, b: NodeId) -> bool {
    matches!(formula.node(a), Node::Transpose(inner) if *inner == b)
        || matches!(formula.node(b), Node::Transpose(inner) if *inner == a)
}

fn shape(algebra: &Algebra, shape: Shape) -> formula::Shape {
    let size = |id: SizeId| algebra.size(id).clone();
    formula::Shape::new(size(shape.rows), size(shape.cols))
}
