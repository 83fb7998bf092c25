//! Blocks of scalars, `[a; b; c]`, entry by entry: each entry has a side of its own of the kinks of what is computed from them.

use super::row;
use calculus::simplify;
use formula::{Apply, Constant, Direction, Formula, Kink, Node, NodeId, Number, Operator, Shape};
use std::collections::HashMap;

/// Values of more entries stay as they are.
const MOST: usize = 64;
/// Functions of blocks with more kinks than these stay as they are: as many kinks at once have too many choices of sides.
const MOST_VARYING: usize = 12;
/// As deep as a value is looked into.
const DEEPEST: usize = 40;

/// The entries of a small matrix as scalars, row by row.
#[derive(Clone)]
pub(super) struct Grid {
    rows: usize,
    cols: usize,
    pub entries: Vec<NodeId>,
}

/// The values that were taken apart, or cannot be.
pub(super) type Grids = HashMap<NodeId, Option<Grid>>;

impl Grid {
    fn of(rows: usize, cols: usize, mut at: impl FnMut(usize, usize) -> Option<NodeId>) -> Option<Grid> {
        let places = (0..rows).flat_map(|row| (0..cols).map(move |col| (row, col)));
        let entries = places.map(|(row, col)| at(row, col)).collect::<Option<Vec<NodeId>>>()?;
        Some(Grid { rows, cols, entries })
    }

    fn at(&self, row: usize, col: usize) -> NodeId {
        self.entries[row * self.cols + col]
    }

    /// The matrix of these entries.
    pub fn block(&self, formula: &mut Formula) -> Option<NodeId> {
        let mut rows = Vec::with_capacity(self.rows);
        for row in self.entries.chunks(self.cols) {
            rows.push(formula.block(Direction::Across, row).ok()?);
        }
        formula.block(Direction::Down, &rows).ok()
    }
}

/// A function with a kink, entry by entry, where it is one of a block of scalars.
pub(super) fn entry_by_entry(formula: &mut Formula, id: NodeId, grids: &mut Grids) -> Option<Grid> {
    let Node::Apply(apply) = formula.node(id) else { return None };
    let is_bent = row(formula, apply).is_some_and(|row| row.kink != Kink::Nowhere);
    if !is_bent || formula.is_scalar(id) {
        return None;
    }
    let found = grid(formula, id, grids, 0)?;
    let varying = found.entries.iter().filter(|entry| formula.as_number(**entry).is_none()).count();
    if varying > MOST_VARYING {
        grids.insert(id, None);
        return None;
    }
    Some(found)
}

/// The entries on the diagonal of a small matrix of scalars.
pub(crate) fn diagonal_of_block(formula: &mut Formula, id: NodeId) -> Option<Vec<NodeId>> {
    let grid = grid(formula, id, &mut Grids::new(), 0)?;
    Some((0..grid.rows.min(grid.cols)).map(|at| grid.at(at, at)).collect())
}

/// How many rows and columns a small matrix has.
fn small(shape: &Shape) -> Option<(usize, usize)> {
    let number = |size: Option<u64>| usize::try_from(size?).ok();
    let (rows, cols) = (number(shape.rows.as_number())?, number(shape.cols.as_number())?);
    (rows > 0 && cols > 0 && rows.checked_mul(cols)? <= MOST).then_some((rows, cols))
}

fn grid(formula: &mut Formula, id: NodeId, grids: &mut Grids, depth: usize) -> Option<Grid> {
    if formula.is_scalar(id) {
        return Some(Grid { rows: 1, cols: 1, entries: vec![id] });
    }
    if let Some(known) = grids.get(&id) {
        return known.clone();
    }
    let found = small(formula.shape(id)).filter(|_| depth < DEEPEST);
    let found = found.and_then(|size| taken_apart(formula, id, size, grids, depth + 1));
    grids.insert(id, found.clone());
    found
}

fn taken_apart(
    formula: &mut Formula,
    id: NodeId,
    (rows, cols): (usize, usize),
    grids: &mut Grids,
    depth: usize,
) -> Option<Grid> {
    let node = formula.node(id).clone();
    let parts = |formula: &mut Formula, grids: &mut Grids, parts: &[NodeId]| {
        parts.iter().map(|part| grid(formula, *part, grids, depth)).collect::<Option<Vec<Grid>>>()
    };
    match &node {
        Node::Constant(constant, _) => {
            let [zero, one] = [Number::ZERO, Number::ONE].map(|number| formula.number(number));
            Grid::of(rows, cols, |row, col| match constant {
                Constant::Ones => Some(one),
                Constant::Zeros => Some(zero),
                Constant::Identity => Some(if row == col { one } else { zero }),
                Constant::Pi => None,
            })
        }
        Node::Block(direction, of) => {
            let of = parts(formula, grids, of)?;
            let mut places = Vec::new();
            for (at, part) in of.iter().enumerate() {
                let length = if *direction == Direction::Down { part.rows } else { part.cols };
                places.extend((0..length).map(|within| (at, within)));
            }
            Grid::of(rows, cols, |row, col| {
                let (part, within) = places.get(if *direction == Direction::Down { row } else { col })?;
                let part = &of[*part];
                Some(if *direction == Direction::Down {
                    part.at(*within, col)
                } else {
                    part.at(row, *within)
                })
            })
        }
        Node::Transpose(of) => {
            let of = grid(formula, *of, grids, depth)?;
            Grid::of(rows, cols, |row, col| Some(of.at(col, row)))
        }
        Node::Operator(Operator::Vec, of) => {
            let of = grid(formula, *of, grids, depth)?;
            Grid::of(rows, cols, |row, _| Some(of.at(row % of.rows, row / of.rows)))
        }
        Node::Unvec(of, _) => {
            let of = grid(formula, *of, grids, depth)?;
            Grid::of(rows, cols, |row, col| of.entries.get(col * rows + row).copied())
        }
        Node::Add(of) => {
            let of = parts(formula, grids, of)?;
            Grid::of(rows, cols, |row, col| sum(formula, of.iter().map(|part| part.at(row, col))))
        }
        Node::Times(of) => {
            let of = parts(formula, grids, of)?;
            Grid::of(rows, cols, |row, col| product(formula, of.iter().map(|part| part.at(row, col))))
        }
        Node::Scale([scalar, of]) => {
            let of = grid(formula, *of, grids, depth)?;
            Grid::of(rows, cols, |row, col| product(formula, [*scalar, of.at(row, col)].into_iter()))
        }
        Node::Product(of) => {
            let mut of = parts(formula, grids, of)?.into_iter();
            let first = of.next()?;
            of.try_fold(first, |left, right| {
                Grid::of(left.rows, right.cols, |row, col| {
                    let mut terms = Vec::with_capacity(left.cols);
                    for at in 0..left.cols {
                        terms.push(product(formula, [left.at(row, at), right.at(at, col)].into_iter())?);
                    }
                    sum(formula, terms.into_iter())
                })
            })
        }
        Node::Apply(apply) => {
            let of = parts(formula, grids, &apply.arguments)?;
            Grid::of(rows, cols, |row, col| {
                let at =
                    |part: &Grid| if part.entries.len() == 1 { part.entries[0] } else { part.at(row, col) };
                applied(formula, apply, &of.iter().map(at).collect::<Vec<NodeId>>())
            })
        }
        Node::Number(_)
        | Node::Size(_)
        | Node::Variable(_)
        | Node::Norm(_)
        | Node::Operator(..)
        | Node::Kronecker(_)
        | Node::Commutation(_)
        | Node::Call(_)
        | Node::Part(_) => None,
    }
}

fn sum(formula: &mut Formula, parts: impl Iterator<Item = NodeId>) -> Option<NodeId> {
    let parts: Vec<NodeId> = parts.filter(|part| formula.as_number(*part) != Some(Number::ZERO)).collect();
    formula.add(&parts).ok()
}

fn product(formula: &mut Formula, parts: impl Iterator<Item = NodeId>) -> Option<NodeId> {
    let mut parts: Vec<NodeId> = parts.filter(|part| formula.as_number(*part) != Some(Number::ONE)).collect();
    if let Some(zero) = parts.iter().find(|part| formula.as_number(**part) == Some(Number::ZERO)) {
        return Some(*zero);
    }
    let Some(first) = parts.pop() else { return Some(formula.number(Number::ONE)) };
    parts.into_iter().rev().try_fold(first, |all, part| formula.scale(part, all).ok())
}

/// A function of scalars; a comparison of two that are always as far apart is a number.
fn applied(formula: &mut Formula, apply: &Apply, arguments: &[NodeId]) -> Option<NodeId> {
    if let (Some(row), [left, right]) = (row(formula, apply), arguments)
        && row.truth
        && row.kink == Kink::AtTie
    {
        let minus = formula.negate(*right).ok()?;
        let distance = formula.add(&[*left, minus]).ok()?;
        let distance = simplify(formula, distance);
        if let Some(distance) = formula.as_number(distance) {
            let value = Number::from_f64((row.value)(&[distance.value(), 0.0]))?;
            return Some(formula.number(value));
        }
    }
    formula.apply(apply.function, &apply.marks, arguments).ok()
}
