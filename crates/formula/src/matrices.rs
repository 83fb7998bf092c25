//! Constructors of the nodes that are about whole matrices: inverses, determinants, diagonals, vec, Kronecker products,
//! blocks and functions that pages define.

use crate::{
    Call, Constant, Direction, Formula, FunctionId, Name, Node, NodeId, Operator, Part, Shape, ShapeError,
    Size,
};
use std::collections::BTreeMap;

type Built = Result<NodeId, ShapeError>;

impl Formula {
    /// An operator of a matrix. Of a scalar, trace, determinant, both diagonals and vec are the scalar itself.
    ///
    /// # Errors
    /// When the matrix is not square where it has to be, or is no column where one is made a diagonal.
    pub fn operator(&mut self, operator: Operator, of: NodeId) -> Built {
        let shape = self.shape(of).clone();
        let scalar = shape.is_scalar();
        let result = match operator {
            Operator::DiagonalMatrix if shape.is_column() => {
                Shape::new(shape.rows.clone(), shape.rows.clone())
            }
            Operator::DiagonalMatrix => {
                let column = Shape::column(shape.rows);
                return Err(self.mismatch(operator.name(), of, &column));
            }
            Operator::Vec if shape.is_column() => return Ok(of),
            Operator::Vec => Shape::column(shape.rows.multiply(&shape.cols)),
            Operator::Trace
            | Operator::Determinant
            | Operator::LogDeterminant
            | Operator::Inverse
            | Operator::Diagonal => {
                if !shape.is_square() {
                    let square = Shape::new(shape.rows.clone(), shape.rows);
                    return Err(self.mismatch(operator.name(), of, &square));
                }
                match operator {
                    Operator::Inverse => shape,
                    Operator::Diagonal => Shape::column(shape.rows),
                    _ => Shape::scalar(),
                }
            }
        };
        if scalar {
            match operator {
                Operator::Inverse => return self.reciprocal(of),
                Operator::LogDeterminant => {}
                Operator::Trace
                | Operator::Determinant
                | Operator::Diagonal
                | Operator::DiagonalMatrix
                | Operator::Vec => return Ok(of),
            }
        }
        self.build(Node::Operator(operator, of), result)
    }

    /// The trace of a square matrix.
    ///
    /// # Errors
    /// When it is not square.
    pub fn trace(&mut self, of: NodeId) -> Built {
        self.operator(Operator::Trace, of)
    }

    /// The inverse of a square matrix.
    ///
    /// # Errors
    /// When it is not square.
    pub fn inverse(&mut self, of: NodeId) -> Built {
        self.operator(Operator::Inverse, of)
    }

    /// A column of `m*n` entries as the `m x n` matrix whose columns they are.
    ///
    /// # Errors
    /// When it is no column of that many entries.
    pub fn unvec(&mut self, of: NodeId, shape: Shape) -> Built {
        let column = Shape::column(shape.rows.multiply(&shape.cols));
        if *self.shape(of) != column {
            return Err(self.mismatch("unvec", of, &column));
        }
        if shape == column {
            return Ok(of);
        }
        match self.node(of) {
            Node::Operator(Operator::Vec, inner) if *self.shape(*inner) == shape => Ok(*inner),
            _ => self.build(Node::Unvec(of, shape.clone()), shape),
        }
    }

    /// The Kronecker product; a scalar scales.
    pub fn kronecker(&mut self, left: NodeId, right: NodeId) -> NodeId {
        if self.is_scalar(left) || self.is_scalar(right) {
            let (scalar, value) = if self.is_scalar(left) { (left, right) } else { (right, left) };
            return self.scaled(scalar, value);
        }
        let (a, b) = (self.shape(left), self.shape(right));
        let shape = Shape::new(a.rows.multiply(&b.rows), a.cols.multiply(&b.cols));
        self.intern(Node::Kronecker([left, right]), shape)
    }

    /// The commutation matrix K with `K*vec(X) = vec(X')` for X of `rows x cols`; the identity where one of them is 1.
    pub fn commutation(&mut self, rows: Size, cols: Size) -> NodeId {
        let size = rows.multiply(&cols);
        let shape = Shape::new(size.clone(), size);
        if rows.is_one() || cols.is_one() {
            return self.constant(Constant::Identity, shape);
        }
        self.intern(Node::Commutation([rows, cols]), shape)
    }

    /// Matrices beside one another (of as many rows) or below one another (of as many columns); blocks of the same direction
    /// inside are joined, one part alone is itself, and parts without rows or columns are left out.
    ///
    /// # Errors
    /// When rows or columns do not fit.
    pub fn block(&mut self, direction: Direction, parts: &[NodeId]) -> Built {
        let mut flat: Vec<NodeId> = Vec::with_capacity(parts.len());
        for part in parts {
            match self.node(*part) {
                Node::Block(inner, more) if *inner == direction => {
                    self.room_for(flat.len() + more.len())?;
                    flat.extend(more);
                }
                _ => flat.push(*part),
            }
        }
        let empty = |size: &Size| size.as_number() == Some(0);
        flat.retain(|part| !empty(along(self.shape(*part), direction)));
        let (Some(&first), true) = (flat.first().or(parts.first()), !parts.is_empty()) else {
            let zero = Shape::new(Size::number(0), Size::number(0));
            return Err(ShapeError::Misfit { operation: "[ ]", left: zero.clone(), right: zero });
        };
        if flat.len() < 2 {
            return Ok(first);
        }
        let shape = self.shape(first).clone();
        for part in &flat {
            let other = self.shape(*part);
            if across(other, direction) != across(&shape, direction) {
                let operation = match direction {
                    Direction::Across => "[ , ]",
                    Direction::Down => "[ ; ]",
                };
                return Err(ShapeError::Misfit { operation, left: shape, right: other.clone() });
            }
        }
        let total = Size::sum(flat.iter().map(|part| along(self.shape(*part), direction)));
        let shape = match direction {
            Direction::Across => Shape::new(shape.rows, total),
            Direction::Down => Shape::new(total, shape.cols),
        };
        self.build(Node::Block(direction, flat), shape)
    }

    /// The rows (`Down`) or columns (`Across`) of a matrix from the one after `before` on, `length` of them. All of them are
    /// the matrix itself, and a part of a part, or a part of a block that is some of its blocks, is taken at once.
    ///
    /// # Errors
    /// When known sizes show that there are not so many.
    pub fn part(&mut self, of: NodeId, direction: Direction, before: Size, length: Size) -> Built {
        let shape = self.shape(of).clone();
        let whole = along(&shape, direction).clone();
        let result = match direction {
            Direction::Across => Shape::new(shape.rows.clone(), length.clone()),
            Direction::Down => Shape::new(length.clone(), shape.cols.clone()),
        };
        let beyond = before.add(&length).negate().add(&whole);
        if before.is_negative() || length.is_negative() || beyond.is_negative() {
            let operation = match direction {
                Direction::Across => "cols",
                Direction::Down => "rows",
            };
            return Err(ShapeError::Misfit { operation, left: shape, right: result });
        }
        if length == whole {
            return Ok(of);
        }
        match self.node(of).clone() {
            Node::Part(inner) if inner.direction == direction => {
                return self.part(inner.of, direction, inner.before.add(&before), length);
            }
            Node::Block(inner, parts) if inner == direction => {
                let mut passed = Size::number(0);
                let mut places = vec![passed.clone()];
                for part in &parts {
                    passed = passed.add(along(self.shape(*part), direction));
                    places.push(passed.clone());
                }
                let end = before.add(&length);
                let start = places.iter().position(|place| *place == before);
                let end = places.iter().position(|place| *place == end);
                if let (Some(start), Some(end)) = (start, end)
                    && start < end
                {
                    return self.block(direction, &parts[start..end]);
                }
            }
            _ => {}
        }
        self.build(Node::Part(Part { of, direction, before, length }), result)
    }

    /// A function of whole matrices. The names of sizes in its signature are bound by the arguments' shapes.
    ///
    /// # Errors
    /// When the arguments' shapes are not those of the parameters, or the function acts entry by entry.
    pub fn call(&mut self, function: FunctionId, arguments: &[NodeId]) -> Built {
        let sizes = self.call_sizes(function, arguments)?;
        let shape = match &self.function(function).signature {
            Some(signature) => signature.result.substitute(&sizes),
            None => Shape::scalar(),
        };
        self.build(Node::Call(Call { function, arguments: arguments.to_vec() }), shape)
    }

    /// What the names of sizes in a function's signature stand for, where it is called with these arguments.
    ///
    /// # Errors
    /// When the arguments' shapes are not those of the parameters.
    pub fn call_sizes(
        &self,
        function: FunctionId,
        arguments: &[NodeId],
    ) -> Result<BTreeMap<Name, Size>, ShapeError> {
        let declared =
            self.function(function).signature.as_ref().map_or(&[][..], |signature| &signature.parameters);
        let mut sizes = BTreeMap::new();
        let wrong = |argument: Option<&NodeId>, expected: Option<&Shape>| ShapeError::Misfit {
            operation: "call",
            left: argument.map_or_else(Shape::scalar, |id| self.shape(*id).clone()),
            right: expected.cloned().unwrap_or_else(Shape::scalar),
        };
        if declared.len() != arguments.len() {
            return Err(wrong(arguments.last(), declared.last()));
        }
        for (argument, expected) in arguments.iter().zip(declared) {
            let actual = self.shape(*argument);
            for (declared, actual) in [(&expected.rows, &actual.rows), (&expected.cols, &actual.cols)] {
                match declared.as_name() {
                    Some(name) if !sizes.contains_key(name) => {
                        sizes.insert(name.clone(), actual.clone());
                    }
                    _ if declared.substitute(&sizes) == *actual => {}
                    _ => return Err(wrong(Some(argument), Some(expected))),
                }
            }
        }
        Ok(sizes)
    }

    /// A matrix formula over variables named like parameters, with arguments in their place and names of sizes replaced. What
    /// a page defines for `X: m x n` is so made a formula over any matrix.
    ///
    /// # Errors
    /// When a shape does not fit.
    pub fn instantiate(
        &mut self,
        body: NodeId,
        parameters: &[Name],
        arguments: &[NodeId],
        sizes: &BTreeMap<Name, Size>,
    ) -> Built {
        let mut built: BTreeMap<NodeId, NodeId> = BTreeMap::new();
        for id in self.reachable(&[body]) {
            let node = self.node(id).clone();
            let argument = match &node {
                Node::Variable(variable) => parameters.iter().position(|name| *name == variable.name),
                _ => None,
            };
            let value = match (argument.and_then(|at| arguments.get(at)), node) {
                (Some(argument), _) => *argument,
                (None, Node::Size(size)) => self.size(&size.substitute(sizes)),
                (None, Node::Constant(Constant::Pi, _)) => id,
                (None, Node::Constant(constant, shape)) => self.constant(constant, shape.substitute(sizes)),
                (None, Node::Commutation([rows, cols])) => {
                    self.commutation(rows.substitute(sizes), cols.substitute(sizes))
                }
                (None, Node::Unvec(inner, shape)) => self.unvec(built[&inner], shape.substitute(sizes))?,
                (None, Node::Part(Part { of, direction, before, length })) => {
                    self.part(built[&of], direction, before.substitute(sizes), length.substitute(sizes))?
                }
                (None, node) => {
                    let children: Vec<NodeId> = node.children().iter().map(|child| built[child]).collect();
                    self.rebuild(id, &children)?
                }
            };
            built.insert(id, value);
        }
        Ok(built[&body])
    }
}

/// The size that adds up in a block of this direction.
fn along(shape: &Shape, direction: Direction) -> &Size {
    match direction {
        Direction::Across => &shape.cols,
        Direction::Down => &shape.rows,
    }
}

/// The size that the parts of a block of this direction share.
fn across(shape: &Shape, direction: Direction) -> &Size {
    match direction {
        Direction::Across => &shape.rows,
        Direction::Down => &shape.cols,
    }
}
