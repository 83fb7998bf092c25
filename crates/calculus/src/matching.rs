//! Whether a law fits an edge of a formula, and what its letters stand for there.

use crate::expression::{Call, Expression};
use crate::law::{COLUMNS, KRONECKER, Law, Laws, NORM, ONES, ROWS, UNVEC, is_letter, names, operator};
use formula::{
    Apply, Body, Call as FunctionCall, Constant, Direction, Formula, Name, Node, NodeId, Part as Range,
    Primitive, Shape, Size,
};
use std::collections::BTreeMap;

/// What the letters of a law stand for at one edge.
#[derive(Debug)]
pub(crate) struct Bindings {
    /// The operand X.
    pub operand: NodeId,
    pub letters: Vec<(Name, Part)>,
    /// The function letter and the function, with its marks, that it stands for.
    pub function: Option<(Name, Apply)>,
    /// The names of sizes.
    pub sizes: BTreeMap<Name, Size>,
}

/// What a letter stands for. The other operands beside X are joined only when the law uses them.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Value(NodeId),
    Sum(Vec<NodeId>),
    Product(Vec<NodeId>),
    Times(Vec<NodeId>),
    /// All that stands on one side of X in a block, with its shape: it may be nothing.
    Block(Direction, Vec<NodeId>, Shape),
}

impl Bindings {
    /// What a letter stands for.
    pub fn letter(&self, name: &Name) -> Option<&Part> {
        self.letters.iter().find(|(letter, _)| letter == name).map(|(_, part)| part)
    }
}

impl Laws {
    /// The first law that fits the edge from a node to its child at this place. `varies` tells which nodes depend on what the
    /// derivative is by.
    pub(crate) fn fitting(
        &self,
        formula: &Formula,
        node: NodeId,
        place: usize,
        varies: &dyn Fn(NodeId) -> bool,
    ) -> Option<(&Law, Bindings)> {
        self.rows().iter().find_map(|law| Some((law, fit(law, formula, node, place, varies)?)))
    }
}

/// The letters of one law at an edge, if it fits.
pub(crate) fn fit(
    law: &Law,
    formula: &Formula,
    node: NodeId,
    place: usize,
    varies: &dyn Fn(NodeId) -> bool,
) -> Option<Bindings> {
    let bindings = Bindings { operand: node, letters: Vec::new(), function: None, sizes: BTreeMap::new() };
    let mut matcher = Matcher { law, formula, varies, bindings };
    matcher.edge(&law.pattern, node, place)?;
    varies(matcher.bindings.operand).then_some(matcher.bindings)
}

struct Matcher<'a> {
    law: &'a Law,
    formula: &'a Formula,
    varies: &'a dyn Fn(NodeId) -> bool,
    bindings: Bindings,
}

impl Matcher<'_> {
    /// Matches a node whose child at this place is, or leads to, the operand.
    fn edge(&mut self, pattern: &Expression, id: NodeId, place: usize) -> Option<()> {
        match (self.formula.node(id), pattern) {
            (Node::Add(parts), Expression::Sum(patterns)) => self.beside(patterns, parts, place, Part::Sum),
            (Node::Times(parts), Expression::Times(patterns)) => {
                self.beside(patterns, parts, place, Part::Times)
            }
            (Node::Scale(pair), Expression::Product(patterns)) => self.scale(patterns, pair, place),
            (Node::Product(word), Expression::Product(patterns)) => self.product(patterns, word, place),
            (Node::Transpose(inner), Expression::Transpose(pattern)) => self.operand(pattern, *inner),
            (Node::Norm(inner), Expression::Call(call)) if call.function.as_str() == NORM => {
                self.operand(call.arguments.first()?, *inner)
            }
            (Node::Operator(kind, inner), Expression::Call(call)) => {
                let of = call.arguments.first()?;
                let declared = if let Expression::Name(letter) = of { self.law.shape(letter) } else { None };
                let shape = declared.unwrap_or(self.formula.shape(*inner));
                if operator(&call.function, shape) == Some(*kind) { self.operand(of, *inner) } else { None }
            }
            (Node::Unvec(inner, shape), Expression::Call(call)) if call.function.as_str() == UNVEC => {
                let [column, rows, cols] = call.arguments.as_slice() else { return None };
                self.size(&named(rows)?, &shape.rows)?;
                self.size(&named(cols)?, &shape.cols)?;
                self.operand(column, *inner)
            }
            (Node::Kronecker(pair), Expression::Call(call)) if call.function.as_str() == KRONECKER => {
                self.arguments(&call.arguments, pair, place)
            }
            (Node::Call(function), Expression::Call(call)) if names(call, self.formula, function) => {
                let count = function.arguments.len();
                self.arguments(&call.arguments[..count], &function.arguments, place)
            }
            (Node::Call(called), Expression::Call(call))
                if is_letter(&call.function) && self.law.is_to_scalar() && self.has_gradient(called) =>
            {
                let (function, arguments) = (called.function, called.arguments.clone());
                let apply = Apply { function, marks: Vec::new(), arguments };
                self.bindings.function = Some((call.function.clone(), apply));
                self.arguments(&call.arguments, &called.arguments, place)
            }
            (Node::Block(direction, parts), Expression::Block(wanted, patterns)) if direction == wanted => {
                self.block(*direction, patterns, parts, place)
            }
            (Node::Part(part), Expression::Call(call)) => self.part(part, call),
            (Node::Apply(apply), Expression::Power(patterns)) => {
                let function = self.formula.function(apply.function);
                let power = apply.marks.is_empty() && function.body == Body::Primitive(Primitive::POWER);
                if power { self.arguments(patterns.as_slice(), &apply.arguments, place) } else { None }
            }
            (Node::Apply(apply), Expression::Call(call))
                if is_letter(&call.function) && !self.law.is_to_scalar() =>
            {
                self.bindings.function = Some((call.function.clone(), apply.clone()));
                self.arguments(&call.arguments, &apply.arguments, place)
            }
            (
                Node::Number(_)
                | Node::Size(_)
                | Node::Variable(_)
                | Node::Constant(..)
                | Node::Add(_)
                | Node::Times(_)
                | Node::Scale(_)
                | Node::Product(_)
                | Node::Transpose(_)
                | Node::Norm(_)
                | Node::Operator(..)
                | Node::Unvec(..)
                | Node::Kronecker(_)
                | Node::Commutation(_)
                | Node::Call(_)
                | Node::Block(..)
                | Node::Part(_)
                | Node::Apply(_),
                _,
            ) => None,
        }
    }

    /// Whether a gradient stands for a function of whole matrices, of which nothing else need be known.
    fn has_gradient(&self, call: &FunctionCall) -> bool {
        self.formula.function(call.function).slopes.contains_key(&vec![0])
    }

    /// Matches the child that is, or leads to, the operand. What is passed over on the way must not vary otherwise, because
    /// this one edge answers for it.
    fn operand(&mut self, pattern: &Expression, id: NodeId) -> Option<()> {
        if let Expression::Name(name) = pattern
            && *name == self.law.operand
        {
            self.bindings.operand = id;
            return self.bind(name, Part::Value(id), &self.formula.shape(id).clone());
        }
        let children = self.formula.node(id).children();
        let mut varying = (0..children.len()).filter(|place| (self.varies)(children[*place]));
        let (place, None) = (varying.next()?, varying.next()) else { return None };
        self.edge(pattern, id, place)
    }

    /// Operands whose order is free: the one at this place, and all the others as one letter.
    fn beside(
        &mut self,
        patterns: &[Expression],
        parts: &[NodeId],
        place: usize,
        join: fn(Vec<NodeId>) -> Part,
    ) -> Option<()> {
        let [first, second] = patterns else { return None };
        let (operand, others) = if self.holds_operand(first) { (first, second) } else { (second, first) };
        let Expression::Name(others) = others else { return None };
        let rest = without(parts, place);
        let shape = self.formula.shape(*parts.first()?).clone();
        self.bind(others, join(rest), &shape)?;
        self.operand(operand, *parts.get(place)?)
    }

    /// `a*X`: the letter declared a scalar is the scalar in front. Of two scalars either may be.
    fn scale(&mut self, patterns: &[Expression], pair: &[NodeId; 2], place: usize) -> Option<()> {
        let [first, second] = patterns else { return None };
        let other = *pair.get(1 - place.min(1))?;
        let operand_in_front = self.holds_operand(first);
        if !self.law.is_scalar(first)
            || !self.formula.is_scalar(if operand_in_front { pair[place] } else { other })
        {
            return None;
        }
        let (operand, rest) = if operand_in_front { (first, second) } else { (second, first) };
        self.value(rest, other)?;
        self.operand(operand, *pair.get(place)?)
    }

    /// Factors in order. A letter alone on its side of the operand is all the factors there, at least one.
    fn product(&mut self, patterns: &[Expression], word: &[NodeId], place: usize) -> Option<()> {
        if patterns.iter().any(|pattern| self.law.is_scalar(pattern)) {
            return None;
        }
        let at = patterns.iter().position(|pattern| self.holds_operand(pattern))?;
        self.side(&patterns[..at], &word[..place])?;
        self.side(&patterns[at + 1..], &word[place + 1..])?;
        self.operand(&patterns[at], word[place])
    }

    /// Parts in order. The letter on each side of the operand is all the parts there, and may be none.
    fn block(
        &mut self,
        direction: Direction,
        patterns: &[Expression],
        parts: &[NodeId],
        place: usize,
    ) -> Option<()> {
        let [Expression::Name(before), operand, Expression::Name(after)] = patterns else { return None };
        // The operand comes first: it says how high or wide a side without parts is.
        self.operand(operand, *parts.get(place)?)?;
        let own = self.formula.shape(parts[place]).clone();
        for (letter, parts) in [(before, &parts[..place]), (after, &parts[place + 1..])] {
            let shapes = parts.iter().map(|part| self.formula.shape(*part));
            let shape = match direction {
                Direction::Across => Shape::new(own.rows.clone(), Size::sum(shapes.map(|shape| &shape.cols))),
                Direction::Down => Shape::new(Size::sum(shapes.map(|shape| &shape.rows)), own.cols.clone()),
            };
            self.bind(letter, Part::Block(direction, parts.to_vec(), shape.clone()), &shape)?;
        }
        Some(())
    }

    /// `cols(X, k + 1, k + p)`: k columns stand before the p chosen.
    fn part(&mut self, part: &Range, call: &Call) -> Option<()> {
        let word = match part.direction {
            Direction::Across => COLUMNS,
            Direction::Down => ROWS,
        };
        let [operand, first, last] = call.arguments.as_slice() else { return None };
        if call.function.as_str() != word {
            return None;
        }
        let (first, last) = (named(first)?, named(last)?);
        let one = Size::number(1);
        self.size(&first.add(&one.negate()), &part.before)?;
        self.size(&last.add(&first.negate()).add(&one), &part.length)?;
        self.operand(operand, part.of)
    }

    fn side(&mut self, patterns: &[Expression], factors: &[NodeId]) -> Option<()> {
        if let ([Expression::Name(letter)], [first, .., last]) = (patterns, factors) {
            let rows = self.formula.shape(*first).rows.clone();
            let shape = Shape::new(rows, self.formula.shape(*last).cols.clone());
            return self.bind(letter, Part::Product(factors.to_vec()), &shape);
        }
        if patterns.len() != factors.len() {
            return None;
        }
        patterns.iter().zip(factors).try_for_each(|(pattern, factor)| self.value(pattern, *factor))
    }

    fn arguments(&mut self, patterns: &[Expression], arguments: &[NodeId], place: usize) -> Option<()> {
        if patterns.len() != arguments.len() || !self.holds_operand(patterns.get(place)?) {
            return None;
        }
        // The operand comes first, because a number beside it says nothing of the shape.
        self.operand(&patterns[place], arguments[place])?;
        for (at, (pattern, argument)) in patterns.iter().zip(arguments).enumerate() {
            if at != place {
                self.value(pattern, *argument)?;
            }
        }
        Some(())
    }

    /// Matches a part without the operand.
    fn value(&mut self, pattern: &Expression, id: NodeId) -> Option<()> {
        match pattern {
            // A number stands for a matrix of that number.
            Expression::Name(name) if self.formula.as_number(id).is_some() => {
                self.bindings.letters.push((name.clone(), Part::Value(id)));
                Some(())
            }
            Expression::Name(name) => {
                let shape = self.formula.shape(id).clone();
                self.bind(name, Part::Value(id), &shape)
            }
            Expression::Number(number) => (self.formula.as_number(id) == Some(*number)).then_some(()),
            Expression::Transpose(inner) => {
                let Node::Transpose(child) = self.formula.node(id) else { return None };
                self.value(inner, *child)
            }
            Expression::Call(Call { function, slope: None, arguments }) if function.as_str() == ONES => {
                let Node::Constant(Constant::Ones, shape) = self.formula.node(id) else { return None };
                let ([Expression::Name(rows)], true) = (arguments.as_slice(), shape.is_column()) else {
                    return None;
                };
                self.size(&Size::named(rows.clone()), &shape.rows)
            }
            Expression::Derivative(_)
            | Expression::Sum(_)
            | Expression::Negative(_)
            | Expression::Product(_)
            | Expression::Times(_)
            | Expression::Power(_)
            | Expression::Call(_)
            | Expression::Block(..) => None,
        }
    }

    fn holds_operand(&self, pattern: &Expression) -> bool {
        pattern.count(&self.law.operand) > 0
    }

    /// Lets a letter stand for a part whose shape fits the declared one.
    fn bind(&mut self, name: &Name, part: Part, shape: &Shape) -> Option<()> {
        if let Some(declared) = self.law.shape(name) {
            let (rows, cols) = (declared.rows.clone(), declared.cols.clone());
            self.size(&rows, &shape.rows)?;
            self.size(&cols, &shape.cols)?;
        }
        self.bindings.letters.push((name.clone(), part));
        Some(())
    }

    fn size(&mut self, declared: &Size, actual: &Size) -> Option<()> {
        let known = declared.substitute(&self.bindings.sizes);
        match known.as_name() {
            Some(name) if !self.bindings.sizes.contains_key(name) && declared.as_name() == Some(name) => {
                self.bindings.sizes.insert(name.clone(), actual.clone());
                Some(())
            }
            _ => (known == *actual).then_some(()),
        }
    }
}

/// A size in the names of a law.
fn named(expression: &Expression) -> Option<Size> {
    expression.size(&|name| Some(Size::named(name.clone())))
}

fn without(parts: &[NodeId], place: usize) -> Vec<NodeId> {
    let mut rest = parts.to_vec();
    if place < rest.len() {
        rest.remove(place);
    }
    rest
}
