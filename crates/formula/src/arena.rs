//! A formula: a flat list of hash-consed nodes, a table of functions, and named lines.

mod growth;
mod shape_error;

use crate::{
    Apply, Body, Constant, Function, FunctionId, Name, Node, NodeId, Number, Operator, Primitive, Shape,
    Size, Variable,
};
use std::collections::HashMap;

pub use growth::Mark;
pub use shape_error::ShapeError;

/// A formula as a value: nodes, children before parents, equal nodes stored once; the functions they use, with bodies and
/// slopes as nodes of the same arena; and the lines, of which the last is the result.
#[derive(Clone, Debug, Default)]
pub struct Formula {
    nodes: Vec<Node>,
    shapes: Vec<Shape>,
    /// Only ever looked up, never walked, so that its order cannot matter.
    index: HashMap<Node, NodeId>,
    /// What the nodes take up, each the more the more parts it has.
    taken: usize,
    pub(crate) functions: Vec<Function>,
    /// The lets in the order they were written, then the result.
    pub lines: Vec<Line>,
}

/// A named value of a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The name of a let, or of the result (`f` where none was written).
    pub name: Name,
    /// What it stands for.
    pub value: NodeId,
}

type Built = Result<NodeId, ShapeError>;

impl Formula {
    /// An empty formula.
    pub fn new() -> Formula {
        Formula::default()
    }

    /// The node of this id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The shape of a node.
    pub fn shape(&self, id: NodeId) -> &Shape {
        &self.shapes[id.index()]
    }

    /// How many nodes the arena holds.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the arena holds no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Every node of the arena, children before parents.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// The result: the value of the last line.
    pub fn result(&self) -> Option<NodeId> {
        self.lines.last().map(|line| line.value)
    }

    /// Whether a node is `1 x 1`.
    pub fn is_scalar(&self, id: NodeId) -> bool {
        self.shape(id).is_scalar()
    }

    /// The number a node is, if it is one.
    pub fn as_number(&self, id: NodeId) -> Option<Number> {
        match self.node(id) {
            Node::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether it is the number 0, or a matrix of zeros by its form.
    pub fn is_zero(&self, id: NodeId) -> bool {
        match self.node(id) {
            Node::Constant(constant, _) => *constant == Constant::Zeros,
            Node::Number(number) => number.is_zero(),
            _ => false,
        }
    }

    /// A number.
    pub fn number(&mut self, number: Number) -> NodeId {
        self.intern(Node::Number(number), Shape::scalar())
    }

    /// A size used as a number.
    pub fn size(&mut self, size: &Size) -> NodeId {
        match size.as_number().and_then(|value| i64::try_from(value).ok()) {
            Some(value) => self.number(Number::integer(value)),
            None => self.intern(Node::Size(size.clone()), Shape::scalar()),
        }
    }

    /// A variable.
    pub fn variable(&mut self, variable: Variable) -> NodeId {
        let shape = variable.shape.clone();
        self.intern(Node::Variable(variable), shape)
    }

    /// A constant of a shape; `1 x 1` ones, zeros and identities are numbers, and a row of ones is a column's transpose.
    pub fn constant(&mut self, constant: Constant, shape: Shape) -> NodeId {
        match constant {
            Constant::Pi => self.intern(Node::Constant(constant, Shape::scalar()), Shape::scalar()),
            Constant::Ones | Constant::Identity if shape.is_scalar() => self.number(Number::ONE),
            Constant::Zeros if shape.is_scalar() => self.number(Number::ZERO),
            Constant::Ones if shape.rows.is_one() => {
                let column = self.constant(constant, shape.transpose());
                self.intern(Node::Transpose(column), shape)
            }
            Constant::Ones | Constant::Zeros | Constant::Identity => {
                self.intern(Node::Constant(constant, shape.clone()), shape)
            }
        }
    }

    /// A matrix of ones.
    pub fn ones(&mut self, shape: Shape) -> NodeId {
        self.constant(Constant::Ones, shape)
    }

    /// The value itself where it has that shape; a scalar as `s*ones(m, n)`.
    pub fn broadcast(&mut self, id: NodeId, shape: &Shape) -> Built {
        if self.shape(id) == shape {
            return Ok(id);
        }
        if !self.is_scalar(id) {
            return Err(self.mismatch("broadcast", id, shape));
        }
        let ones = self.ones(shape.clone());
        self.scale(id, ones)
    }

    /// The sum of parts of one shape; sums inside are joined, one part alone is itself.
    pub fn add(&mut self, parts: &[NodeId]) -> Built {
        let parts = self.flatten(parts, |node| match node {
            Node::Add(inner) => Some(inner),
            _ => None,
        })?;
        let [first, rest @ ..] = parts.as_slice() else {
            return Ok(self.number(Number::ZERO));
        };
        if rest.is_empty() {
            return Ok(*first);
        }
        let shape = self.shape(*first).clone();
        if let Some(part) = rest.iter().find(|part| self.shape(**part) != &shape) {
            return Err(ShapeError::Misfit { operation: "+", left: shape, right: self.shape(*part).clone() });
        }
        self.build(Node::Add(parts), shape)
    }

    /// The matrix product; products inside are joined, scalars scale, one factor alone is itself.
    pub fn product(&mut self, factors: &[NodeId]) -> Built {
        let mut scalar: Option<NodeId> = None;
        let mut word: Vec<NodeId> = Vec::new();
        for &factor in factors {
            if self.is_scalar(factor) {
                scalar = Some(match scalar {
                    Some(before) => self.scale(before, factor)?,
                    None => factor,
                });
                continue;
            }
            if let Some(&last) = word.last()
                && self.shape(last).cols != self.shape(factor).rows
            {
                return Err(ShapeError::Misfit {
                    operation: "*",
                    left: self.shape(last).clone(),
                    right: self.shape(factor).clone(),
                });
            }
            match self.node(factor) {
                Node::Product(inner) => {
                    self.room_for(word.len() + inner.len())?;
                    word.extend(inner);
                }
                _ => word.push(factor),
            }
        }
        let body = match (word.first(), word.last()) {
            (Some(&first), Some(&last)) if word.len() > 1 => {
                let shape = Shape::new(self.shape(first).rows.clone(), self.shape(last).cols.clone());
                Some(self.build(Node::Product(word), shape)?)
            }
            (first, _) => first.copied(),
        };
        match (scalar, body) {
            (Some(scalar), Some(body)) => self.scale(scalar, body),
            (Some(only), None) | (None, Some(only)) => Ok(only),
            (None, None) => Ok(self.number(Number::ONE)),
        }
    }

    /// `s*X`; 1 times anything is itself.
    pub fn scale(&mut self, scalar: NodeId, value: NodeId) -> Built {
        if !self.is_scalar(scalar) {
            let scalar_shape = Shape::scalar();
            return Err(self.mismatch("scale", scalar, &scalar_shape));
        }
        self.room_for(2)?;
        Ok(self.scaled(scalar, value))
    }

    /// What is certain to be a scalar times a value.
    pub(crate) fn scaled(&mut self, scalar: NodeId, value: NodeId) -> NodeId {
        if self.as_number(scalar).is_some_and(Number::is_one) {
            return value;
        }
        if self.as_number(value).is_some_and(Number::is_one) {
            return scalar;
        }
        let shape = self.shape(value).clone();
        self.intern(Node::Scale([scalar, value]), shape)
    }

    /// The elementwise product; scalars scale, also those in front of a factor, and products inside are joined. So
    /// `c*(A*B) .* C` is one value, whether it is read as `(c*(A*B)) .* C` or as `c*((A*B) .* C)`.
    pub fn times(&mut self, factors: &[NodeId]) -> Built {
        let (mut scalars, mut matrices) = (Vec::new(), Vec::new());
        let alone = factors.iter().filter(|factor| !self.is_scalar(**factor)).count() < 2;
        let mut waiting: Vec<NodeId> = factors.iter().rev().copied().collect();
        while let Some(factor) = waiting.pop() {
            match self.node(factor) {
                _ if self.is_scalar(factor) => scalars.push(factor),
                // Its factors are no scalars and no products.
                Node::Times(inner) => {
                    self.room_for(matrices.len() + inner.len())?;
                    matrices.extend(inner);
                }
                Node::Scale([scalar, inner]) if !alone => waiting.extend([*inner, *scalar]),
                _ => matrices.push(factor),
            }
        }
        let mut result = match matrices.as_slice() {
            [] => None,
            [only] => Some(*only),
            [first, rest @ ..] => {
                let shape = self.shape(*first).clone();
                if let Some(part) = rest.iter().find(|part| self.shape(**part) != &shape) {
                    return Err(ShapeError::Misfit {
                        operation: ".*",
                        left: shape,
                        right: self.shape(*part).clone(),
                    });
                }
                Some(self.build(Node::Times(matrices.clone()), shape)?)
            }
        };
        for scalar in scalars.into_iter().rev() {
            result = Some(match result {
                Some(value) => self.scale(scalar, value)?,
                None => scalar,
            });
        }
        Ok(match result {
            Some(value) => value,
            None => self.number(Number::ONE),
        })
    }

    /// An elementwise function, or a slope of it, of arguments of one shape. Numbers stand as they are beside matrices; other
    /// scalars are written out as `s*ones(m, n)`. Of two arguments that may be exchanged, a number is the second.
    pub fn apply(&mut self, function: FunctionId, marks: &[u8], arguments: &[NodeId]) -> Built {
        if let (Body::Primitive(primitive), [first, second]) = (self.function(function).body, arguments)
            && primitive.row().symmetric
            && self.as_number(*first).is_some()
            && self.as_number(*second).is_none()
        {
            let marks: Vec<u8> = marks.iter().map(|mark| 1 - mark).collect();
            return self.apply(function, &marks, &[*second, *first]);
        }
        let matrix = arguments.iter().copied().find(|id| !self.is_scalar(*id));
        let shape = matrix.map_or_else(Shape::scalar, |id| self.shape(id).clone());
        let mut built = Vec::with_capacity(arguments.len());
        for &argument in arguments {
            let number = self.as_number(argument).is_some();
            built.push(if number { argument } else { self.broadcast(argument, &shape)? });
        }
        let apply = Apply { function, marks: marks.to_vec(), arguments: built };
        self.build(Node::Apply(apply), shape)
    }

    /// `x^y`, entry by entry.
    pub fn power(&mut self, base: NodeId, exponent: NodeId) -> Built {
        let power = self.primitive(Primitive::POWER);
        self.apply(power, &[], &[base, exponent])
    }

    /// Whether a function applied is the power itself, and no slope of it.
    pub fn is_power(&self, apply: &Apply) -> bool {
        apply.marks.is_empty() && self.function(apply.function).body == Body::Primitive(Primitive::POWER)
    }

    /// `1/x`, entry by entry, as a power.
    pub fn reciprocal(&mut self, id: NodeId) -> Built {
        let exponent = self.number(Number::MINUS_ONE);
        self.power(id, exponent)
    }

    /// `-x`; numbers are negated, anything else is scaled by -1.
    pub fn negate(&mut self, id: NodeId) -> Built {
        if let Some(number) = self.as_number(id) {
            return Ok(self.number(-number));
        }
        let minus = self.number(Number::MINUS_ONE);
        self.scale(minus, id)
    }

    /// The transpose; scalars are their own, a transpose's transpose is the matrix, symmetric variables, identities and square
    /// constants are themselves.
    pub fn transpose(&mut self, id: NodeId) -> NodeId {
        if self.is_scalar(id) {
            return id;
        }
        let shape = self.shape(id).transpose();
        match self.node(id) {
            Node::Transpose(inner) => *inner,
            Node::Variable(variable) if variable.properties.is_symmetric() => id,
            Node::Constant(Constant::Identity, _) => id,
            Node::Constant(Constant::Zeros, _) => self.constant(Constant::Zeros, shape),
            Node::Constant(Constant::Ones, _) => self.constant(Constant::Ones, shape),
            Node::Operator(Operator::DiagonalMatrix, _) => id,
            Node::Operator(Operator::Inverse, _) if self.is_symmetric_inverse(id) => id,
            Node::Commutation([rows, cols]) => {
                let (rows, cols) = (rows.clone(), cols.clone());
                self.commutation(cols, rows)
            }
            _ => self.intern(Node::Transpose(id), shape),
        }
    }

    /// Whether it is the inverse, or the inverse of an inverse and so on, of a symmetric variable.
    fn is_symmetric_inverse(&self, id: NodeId) -> bool {
        let mut base = id;
        while let Node::Operator(Operator::Inverse, inner) = self.node(base) {
            base = *inner;
        }
        matches!(self.node(base), Node::Variable(variable) if variable.properties.is_symmetric())
    }

    pub(crate) fn mismatch(&self, operation: &'static str, id: NodeId, expected: &Shape) -> ShapeError {
        ShapeError::Misfit { operation, left: self.shape(id).clone(), right: expected.clone() }
    }

    fn flatten(
        &self,
        parts: &[NodeId],
        inner: impl Fn(&Node) -> Option<&Vec<NodeId>>,
    ) -> Result<Vec<NodeId>, ShapeError> {
        let length = |part: &NodeId| inner(self.node(*part)).map_or(1, Vec::len);
        self.room_for(parts.iter().map(length).sum())?;
        Ok(parts
            .iter()
            .flat_map(|part| inner(self.node(*part)).map_or(std::slice::from_ref(part), Vec::as_slice))
            .copied()
            .collect())
    }

    /// A node, if the arena has room for it.
    pub(crate) fn build(&mut self, node: Node, shape: Shape) -> Built {
        self.room_for(node.children().len())?;
        Ok(self.intern(node, shape))
    }

    /// A node without parts that multiply, which a text brings about once for each of its words.
    pub(crate) fn intern(&mut self, node: Node, shape: Shape) -> NodeId {
        if let Some(id) = self.index.get(&node) {
            return *id;
        }
        let id = NodeId(self.nodes.len() as u32);
        self.taken += growth::weight(&node);
        self.nodes.push(node.clone());
        self.shapes.push(shape);
        self.index.insert(node, id);
        id
    }
}
