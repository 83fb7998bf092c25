//! The matrix of a linear map that is written as a formula in a symbol: how Jacobians, vec forms and Hessians are read off a
//! pullback.

use crate::error::CalculusError;
use crate::scalars::{self, is_ones};
use crate::sweep::describe;
use formula::{Constant, Direction, Formula, Node, NodeId, Operator, Part, Shape, ShapeError, Size};
use std::collections::HashMap;

/// The matrix M' where `vec(map) = M*vec(symbol)`. If the map is the pullback from df/dF to df/dX, this is the Jacobian
/// `d vec(F)/d vec(X)'`, with a row for each entry of F.
///
/// # Errors
/// When the map is not linear in the symbol, which only a faulty law brings about, or its matrix is too large.
pub(crate) fn jacobian(formula: &mut Formula, map: NodeId, symbol: NodeId) -> Result<NodeId, CalculusError> {
    let depends = formula.depends_on(&[symbol]);
    let depends = |id: NodeId| depends.get(id.index()).copied().unwrap_or(false);
    let inner = entries(formula.shape(symbol));
    if !depends(map) {
        let outer = entries(formula.shape(map));
        return Ok(scalars::zeros(formula, Shape::new(inner, outer)));
    }
    let mut reader = Reader { rows: inner.clone(), known: HashMap::new() };
    let identity = formula.constant(Constant::Identity, Shape::new(inner.clone(), inner));
    reader.known.insert(symbol, identity);
    for id in formula.reachable(&[map]) {
        if id == symbol || !depends(id) {
            continue;
        }
        let matrix = reader.read(formula, id)?;
        let matrix = matrix.ok_or_else(|| CalculusError::NotLinear { part: describe(formula, id) })?;
        reader.known.insert(id, matrix);
    }
    Ok(reader.known[&map])
}

/// How many entries a value of a shape has.
pub(crate) fn entries(shape: &Shape) -> Size {
    shape.rows.multiply(&shape.cols)
}

struct Reader {
    /// The number of entries of the symbol.
    rows: Size,
    /// The matrix of every node that depends on the symbol, transposed.
    known: HashMap<NodeId, NodeId>,
}

type Read = Result<Option<NodeId>, ShapeError>;

impl Reader {
    /// The transposed matrix of a node from those of its children: `matrix(L1 . L2)' = matrix(L2)'*matrix(L1)'`.
    fn read(&self, formula: &mut Formula, id: NodeId) -> Read {
        let node = formula.node(id).clone();
        let shape = formula.shape(id).clone();
        let of = |child: NodeId, formula: &Formula| formula.shape(child).clone();
        match &node {
            Node::Add(parts) => self.sum(formula, parts),
            Node::Product(factors) => {
                let Some((place, inner)) = self.only(factors) else { return Ok(None) };
                // vec(A*X*B) = kron(B', A)*vec(X)
                let own = of(factors[place], formula);
                let left = side(formula, &factors[..place], &own.rows)?;
                let right = side(formula, &factors[place + 1..], &own.cols)?;
                let left = scalars::transpose(formula, left)?;
                let step = kronecker(formula, right, left)?;
                self.after(formula, inner, step)
            }
            Node::Scale([scalar, body]) => match (self.known.get(scalar), self.known.get(body)) {
                // vec(s*B) = vec(B)*s
                (Some(inner), None) => {
                    let column = formula.operator(Operator::Vec, *body)?;
                    let row = scalars::transpose(formula, column)?;
                    self.after(formula, *inner, row)
                }
                (None, Some(inner)) => scalars::product(formula, &[*scalar, *inner]).map(Some),
                _ => Ok(None),
            },
            Node::Times(factors) => {
                let Some((place, inner)) = self.only(factors) else { return Ok(None) };
                // vec(A .* X) = diag(vec(A))*vec(X)
                let mut others = factors.clone();
                others.remove(place);
                let others = scalars::times(formula, &others)?;
                if is_ones(formula, others) {
                    return Ok(Some(inner));
                }
                let column = formula.operator(Operator::Vec, others)?;
                let step = formula.operator(Operator::DiagonalMatrix, column)?;
                self.after(formula, inner, step)
            }
            Node::Transpose(child) => {
                let Some(&inner) = self.known.get(child) else { return Ok(None) };
                // vec(X') = commutation(m, n)*vec(X), whose transpose is commutation(n, m)
                let step = formula.commutation(shape.rows, shape.cols);
                self.after(formula, inner, step)
            }
            Node::Operator(operator, child) => {
                let Some(&inner) = self.known.get(child) else { return Ok(None) };
                let size = of(*child, formula).rows;
                let step = match operator {
                    // tr(X) = vec(eye(n))'*vec(X)
                    Operator::Trace => {
                        let identity = formula.constant(Constant::Identity, Shape::new(size.clone(), size));
                        formula.operator(Operator::Vec, identity)?
                    }
                    Operator::Diagonal => diagonals(formula, &size)?,
                    Operator::DiagonalMatrix => {
                        let step = diagonals(formula, &size)?;
                        formula.transpose(step)
                    }
                    Operator::Vec => return Ok(Some(inner)),
                    Operator::Determinant | Operator::LogDeterminant | Operator::Inverse => return Ok(None),
                };
                self.after(formula, inner, step)
            }
            Node::Unvec(child, _) => Ok(self.known.get(child).copied()),
            Node::Kronecker(pair) => {
                let Some((place, inner)) = self.only(pair) else { return Ok(None) };
                let (a, b) = (of(pair[0], formula), of(pair[1], formula));
                // vec(kron(A, B)) = kron(kron(eye(n), commutation(q, m)), eye(p)) * kron(vec(A), vec(B))
                let other = formula.operator(Operator::Vec, pair[1 - place])?;
                let other = scalars::transpose(formula, other)?;
                let own = identity(formula, &entries(if place == 0 { &a } else { &b }));
                let first = if place == 0 {
                    kronecker(formula, own, other)?
                } else {
                    kronecker(formula, other, own)?
                };
                let (outer, innermost) = (identity(formula, &a.cols), identity(formula, &b.rows));
                let swap = formula.commutation(a.rows, b.cols);
                let shuffle = kronecker(formula, outer, swap)?;
                let shuffle = kronecker(formula, shuffle, innermost)?;
                let step = scalars::product(formula, &[first, shuffle])?;
                self.after(formula, inner, step)
            }
            Node::Block(direction, parts) => self.block(formula, *direction, parts, &shape),
            Node::Part(Part { of: child, direction, before, length }) => {
                let Some(&inner) = self.known.get(child) else { return Ok(None) };
                let own = of(*child, formula);
                match direction {
                    // The columns of X lie below one another in vec(X).
                    Direction::Across => {
                        let (before, length) = (before.multiply(&own.rows), length.multiply(&own.rows));
                        formula.part(inner, Direction::Across, before, length).map(Some)
                    }
                    Direction::Down if own.is_column() => {
                        formula.part(inner, Direction::Across, before.clone(), length.clone()).map(Some)
                    }
                    // rows(X, ...) = rows(eye(m), ...)*X
                    Direction::Down => {
                        let square = identity(formula, &own.rows);
                        let chosen =
                            formula.part(square, Direction::Across, before.clone(), length.clone())?;
                        let outer = identity(formula, &own.cols);
                        let step = kronecker(formula, outer, chosen)?;
                        self.after(formula, inner, step)
                    }
                }
            }
            // Neither linear nor, but for the symbol, dependent on it.
            Node::Number(_)
            | Node::Size(_)
            | Node::Variable(_)
            | Node::Constant(..)
            | Node::Apply(_)
            | Node::Norm(_)
            | Node::Commutation(_)
            | Node::Call(_) => Ok(None),
        }
    }

    /// The only one of these that depends on the symbol: its place and its matrix.
    fn only(&self, parts: &[NodeId]) -> Option<(usize, NodeId)> {
        let mut known = parts.iter().enumerate().filter_map(|(at, part)| Some((at, *self.known.get(part)?)));
        let only = known.next()?;
        known.next().is_none().then_some(only)
    }

    fn after(&self, formula: &mut Formula, inner: NodeId, step: NodeId) -> Read {
        let is_identity = |id: NodeId| matches!(formula.node(id), Node::Constant(Constant::Identity, _));
        if is_identity(inner) {
            return Ok(Some(step));
        }
        if is_identity(step) {
            return Ok(Some(inner));
        }
        scalars::product(formula, &[inner, step]).map(Some)
    }

    fn sum(&self, formula: &mut Formula, parts: &[NodeId]) -> Read {
        let mut matrices = Vec::with_capacity(parts.len());
        for part in parts {
            match self.known.get(part) {
                Some(matrix) => matrices.push(*matrix),
                None if formula.is_zero(*part) => {}
                None => return Ok(None),
            }
        }
        scalars::sum(formula, &matrices).map(Some)
    }

    fn block(&self, formula: &mut Formula, direction: Direction, parts: &[NodeId], shape: &Shape) -> Read {
        let mut matrices = Vec::with_capacity(parts.len());
        for part in parts {
            let own = formula.shape(*part).clone();
            match self.known.get(part) {
                Some(matrix) => matrices.push((*matrix, own)),
                None if formula.is_zero(*part) => {
                    let zeros = scalars::zeros(formula, Shape::new(self.rows.clone(), entries(&own)));
                    matrices.push((zeros, own));
                }
                None => return Ok(None),
            }
        }
        // The entries of parts beside one another, and of columns below one another, follow one another in vec.
        if direction == Direction::Across || shape.is_column() {
            let matrices: Vec<NodeId> = matrices.into_iter().map(|(matrix, _)| matrix).collect();
            return formula.block(Direction::Across, &matrices).map(Some);
        }
        // [A; B] = [eye; zeros]*A + [zeros; eye]*B
        let square = identity(formula, &shape.rows);
        let outer = identity(formula, &shape.cols);
        let (mut before, mut terms) = (Size::number(0), Vec::with_capacity(matrices.len()));
        for (matrix, own) in matrices {
            let rows = formula.part(square, Direction::Down, before.clone(), own.rows.clone())?;
            before = before.add(&own.rows);
            if !formula.is_zero(matrix) {
                let step = kronecker(formula, outer, rows)?;
                terms.extend(self.after(formula, matrix, step)?);
            }
        }
        scalars::sum(formula, &terms).map(Some)
    }
}

/// The factors on one side, or the identity where there are none.
fn side(formula: &mut Formula, factors: &[NodeId], size: &Size) -> Result<NodeId, ShapeError> {
    if factors.is_empty() { Ok(identity(formula, size)) } else { scalars::product(formula, factors) }
}

fn identity(formula: &mut Formula, size: &Size) -> NodeId {
    formula.constant(Constant::Identity, Shape::new(size.clone(), size.clone()))
}

/// The Kronecker product; that of identities is one.
fn kronecker(formula: &mut Formula, left: NodeId, right: NodeId) -> Result<NodeId, ShapeError> {
    let is_identity = |id: NodeId| matches!(formula.node(id), Node::Constant(Constant::Identity, _));
    if is_identity(left) && is_identity(right) {
        let size = formula.shape(left).rows.multiply(&formula.shape(right).rows);
        return Ok(identity(formula, &size));
    }
    if formula.is_scalar(left) || formula.is_scalar(right) {
        return scalars::product(formula, &[left, right]);
    }
    Ok(formula.kronecker(left, right))
}

/// The matrix D of `n*n x n` with `vec(diag(x)) = D*x` and `diag(X) = D'*vec(X)`.
fn diagonals(formula: &mut Formula, size: &Size) -> Result<NodeId, ShapeError> {
    let identity = identity(formula, size);
    let ones = formula.ones(Shape::column(size.clone()));
    let (left, right) = (kronecker(formula, identity, ones)?, kronecker(formula, ones, identity)?);
    formula.times(&[left, right])
}
