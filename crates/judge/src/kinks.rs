//! Kinks: the places where a function jumps or turns, and a formula on one side of them.
//!
//! On each side a formula is smooth, and what holds of it there holds of the same smooth formula everywhere. So a side that no
//! point reaches is judged all the same: every function with a kink is replaced by what it is on that side.

mod blocks;
mod signs;

pub(crate) use self::blocks::diagonal_of_block;
use self::blocks::{Grids, entry_by_entry};
use crate::DeriveError;
use formula::{
    Apply, Body, Constant, Formula, FunctionId, Kink, Matrix, Name, Node, NodeId, Number, Point, Row,
};
use std::collections::{BTreeMap, HashMap};

/// A primitive with a kink in a formula.
#[derive(Clone, Debug)]
pub(crate) struct Bend {
    /// The function that a reader sees: a page, or the primitive itself.
    pub name: Name,
    /// The value of the primitive.
    pub value: NodeId,
    /// What is 0 at the kink.
    pub distance: NodeId,
}

impl Bend {
    /// Whether there may be a point on this side, as far as the structure of the distance tells.
    pub fn may_be(&self, formula: &Formula, side: Side) -> bool {
        signs::signs(formula, self.distance).may_be(side)
    }

    /// Whether its value is 0 or 1, and nothing else.
    pub fn is_step(&self, formula: &Formula) -> bool {
        matches!(formula.node(self.value), Node::Apply(apply) if row(formula, apply).is_some_and(|row| row.truth))
    }

    /// Whether it is one value on both sides, and another where its arguments are equal.
    pub fn is_apart_at_tie(&self, formula: &Formula) -> bool {
        let Node::Apply(apply) = formula.node(self.value) else { return false };
        let Body::Primitive(primitive) = formula.function(apply.function).body else { return false };
        let row = primitive.row();
        let at = |distance: f64| {
            let mut arguments = vec![0.0; apply.arguments.len()];
            arguments.first_mut().into_iter().for_each(|first| *first = distance);
            (row.value)(&arguments)
        };
        at(1.0) == at(-1.0) && at(0.0) != at(1.0) && row.kink != Kink::Nowhere && at(1.0) == at(2.0)
    }
}

/// A side of a kink: where the distance is above 0, or below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Above,
    Below,
}

impl Side {
    pub const BOTH: [Side; 2] = [Side::Above, Side::Below];

    pub fn sign(self) -> f64 {
        match self {
            Side::Above => 1.0,
            Side::Below => -1.0,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Side::Above => "above",
            Side::Below => "below",
        }
    }

    pub fn other(self) -> Side {
        match self {
            Side::Above => Side::Below,
            Side::Below => Side::Above,
        }
    }
}

/// Formulas of more nodes are judged with their pages as they are.
const LARGEST: usize = 50_000;

/// The same values with every function that has a kink inside written out, so that each kink stands by itself; and the kinks.
pub(crate) fn expose(
    formula: &mut Formula,
    roots: &[NodeId],
) -> Result<(Vec<NodeId>, Vec<Bend>), DeriveError> {
    let mut exposing = Exposing {
        built: HashMap::new(),
        bends: BTreeMap::new(),
        has_kink: BTreeMap::new(),
        grids: Grids::new(),
    };
    for root in roots {
        exposing.build(formula, *root, None)?;
    }
    let built = roots.iter().map(|root| exposing.built[root]).collect();
    Ok((built, exposing.bends.into_values().collect()))
}

struct Exposing {
    built: HashMap<NodeId, NodeId>,
    bends: BTreeMap<NodeId, Bend>,
    has_kink: BTreeMap<(FunctionId, Vec<u8>), bool>,
    grids: Grids,
}

impl Exposing {
    /// Pages do not define each other in circles, so this ends; its depth is that of pages within pages.
    fn build(&mut self, formula: &mut Formula, root: NodeId, name: Option<&Name>) -> Result<(), DeriveError> {
        for id in formula.reachable(&[root]) {
            if self.built.contains_key(&id) {
                continue;
            }
            let children: Vec<NodeId> =
                formula.node(id).children().iter().map(|child| self.built[child]).collect();
            let mut new = formula.rebuild(id, &children)?;
            if let Some((written_out, function)) = self.written_out(formula, new)? {
                // What stands in the arguments is built already.
                for done in children {
                    self.built.insert(done, done);
                }
                let outer = name.cloned().unwrap_or_else(|| formula.function(function).name.clone());
                self.build(formula, written_out, Some(&outer))?;
                new = self.built[&written_out];
            }
            // Each entry of a block of scalars is on a side of its own.
            let grid = entry_by_entry(formula, new, &mut self.grids);
            match grid.as_ref().and_then(|grid| Some((grid, grid.block(formula)?))) {
                Some((grid, block)) if formula.shape(block) == formula.shape(new) => {
                    for entry in &grid.entries {
                        self.note(formula, *entry, name)?;
                        self.built.insert(*entry, *entry);
                    }
                    self.built.insert(new, block);
                    new = block;
                }
                Some(_) | None => self.note(formula, new, name)?,
            }
            self.built.insert(id, new);
            self.built.insert(new, new);
        }
        Ok(())
    }

    /// The body of a function with a kink inside, at its arguments.
    fn written_out(
        &mut self,
        formula: &mut Formula,
        id: NodeId,
    ) -> Result<Option<(NodeId, FunctionId)>, DeriveError> {
        if formula.len() > LARGEST {
            return Ok(None);
        }
        Ok(match formula.node(id).clone() {
            Node::Apply(apply) if self.has_kink(formula, apply.function, &apply.marks) => {
                formula.unfold(&apply)?.map(|body| (body, apply.function))
            }
            Node::Call(call) if self.has_kink(formula, call.function, &[]) => {
                let function = formula.function(call.function);
                let parameters = function.parameters.clone();
                let Body::Defined(body) = function.body else { return Ok(None) };
                let sizes = formula.call_sizes(call.function, &call.arguments)?;
                let body = formula.instantiate(body, &parameters, &call.arguments, &sizes)?;
                Some((body, call.function))
            }
            _ => None,
        })
    }

    /// Whether a page's body, or a slope of it, has a kink somewhere inside; a primitive is no page.
    fn has_kink(&mut self, formula: &Formula, function: FunctionId, marks: &[u8]) -> bool {
        let key = (function, marks.to_vec());
        if let Some(known) = self.has_kink.get(&key) {
            return *known;
        }
        // A slope may mention its own function, whose kinks are found where that is asked.
        self.has_kink.insert(key.clone(), false);
        let found = formula.function(function);
        let body = match (marks.is_empty(), found.body) {
            (true, Body::Defined(body)) => Some(body),
            (true, Body::Primitive(_) | Body::Abstract) => None,
            (false, _) => found.slopes.get(marks).copied(),
        };
        let inside = body.map(|body| formula.reachable(&[body])).unwrap_or_default();
        let has = inside.into_iter().any(|id| match formula.node(id) {
            Node::Apply(apply) => {
                is_bent(formula, apply) || self.has_kink(formula, apply.function, &apply.marks)
            }
            Node::Call(call) => self.has_kink(formula, call.function, &[]),
            _ => false,
        });
        self.has_kink.insert(key, has);
        has
    }

    fn note(&mut self, formula: &mut Formula, id: NodeId, name: Option<&Name>) -> Result<(), DeriveError> {
        let Node::Apply(apply) = formula.node(id).clone() else { return Ok(()) };
        if self.bends.contains_key(&id) {
            return Ok(());
        }
        if let Some(distance) = distance(formula, &apply)? {
            let name = name.cloned().unwrap_or_else(|| formula.function(apply.function).name.clone());
            self.bends.insert(id, Bend { name, value: id, distance });
        }
        Ok(())
    }
}

fn row(formula: &Formula, apply: &Apply) -> Option<&'static Row> {
    match formula.function(apply.function).body {
        Body::Primitive(primitive) if apply.marks.is_empty() => Some(primitive.row()),
        Body::Primitive(_) | Body::Defined(_) | Body::Abstract => None,
    }
}

fn is_bent(formula: &Formula, apply: &Apply) -> bool {
    row(formula, apply).is_some_and(|row| row.kink != Kink::Nowhere)
}

/// What is 0 where a primitive has its kink.
fn distance(formula: &mut Formula, apply: &Apply) -> Result<Option<NodeId>, DeriveError> {
    let Some(row) = row(formula, apply) else { return Ok(None) };
    Ok(match (row.kink, apply.arguments.as_slice()) {
        (Kink::AtZero, [argument, ..]) => Some(*argument),
        (Kink::AtTie, [left, right]) => {
            let [left, right] = level(formula, [*left, *right])?;
            let minus = formula.negate(right)?;
            Some(formula.add(&[left, minus])?)
        }
        (Kink::Nowhere | Kink::AtZero | Kink::AtTie, _) => None,
    })
}

/// Two arguments, each in the shape of the one that is no scalar.
fn level(formula: &mut Formula, [left, right]: [NodeId; 2]) -> Result<[NodeId; 2], DeriveError> {
    let shape = formula.shape(if formula.is_scalar(left) { right } else { left }).clone();
    Ok([formula.broadcast(left, &shape)?, formula.broadcast(right, &shape)?])
}

/// What the function of a kink is on one side of it. Every primitive with a kink is a sum of numbers times its arguments there,
/// and the numbers are read off its values.
fn on_side(formula: &mut Formula, bend: &Bend, side: Side) -> Result<NodeId, DeriveError> {
    let Node::Apply(apply) = formula.node(bend.value).clone() else { return Ok(bend.value) };
    let Some(row) = row(formula, &apply) else { return Ok(bend.value) };
    let shape = formula.shape(bend.value).clone();
    let mut at = vec![0.0; apply.arguments.len()];
    at[0] = side.sign();
    let constant = (row.value)(&at);
    let mut parts = Vec::new();
    let mut rest = constant;
    for (place, argument) in apply.arguments.iter().enumerate() {
        let mut moved = at.clone();
        // Half way to the kink.
        moved[place] += 0.5 * if place == 0 { -side.sign() } else { side.sign() };
        let slope = ((row.value)(&moved) - constant) / (moved[place] - at[place]);
        rest -= slope * at[place];
        if slope != 0.0 {
            let slope = formula.number(Number::integer(slope as i64));
            let argument = formula.broadcast(*argument, &shape)?;
            parts.push(formula.scale(slope, argument)?);
        }
    }
    let constant = if rest == 0.0 {
        formula.constant(Constant::Zeros, shape.clone())
    } else {
        let rest = formula.number(Number::integer(rest as i64));
        formula.broadcast(rest, &shape)?
    };
    if parts.is_empty() || rest != 0.0 {
        parts.push(constant);
    }
    Ok(formula.add(&parts)?)
}

/// Values where kinks at these distances are on the sides given, in an arena of their own. Kinks that lie where one of these does, but
/// whose distance has the other sign, are on the other side; the rest stay as they are.
pub(crate) fn on_the_side(
    formula: &Formula,
    nodes: &[NodeId],
    bends: &[Bend],
    sides: &BTreeMap<NodeId, Side>,
    points: &[Point],
) -> Result<(Formula, Vec<NodeId>), DeriveError> {
    let all: Vec<NodeId> = bends.iter().map(|bend| bend.distance).collect();
    // What is minus another at every one of these points is so everywhere.
    let mut at_all: Vec<Vec<Matrix>> = Vec::with_capacity(points.len());
    for point in points {
        at_all.push(formula.evaluate(&all, point)?);
    }
    let known: Vec<usize> = (0..all.len()).filter(|at| sides.contains_key(&all[*at])).collect();
    let of_minus = |at: usize| {
        let minus = known.iter().find(|other| {
            at_all.iter().all(|values| {
                let (value, other) = (&values[at].entries, &values[**other].entries);
                value.len() == other.len() && value.iter().zip(other).all(|(a, b)| *a == -b)
            })
        });
        minus.map(|other| sides[&all[*other]].other())
    };
    let mut formula = formula.clone();
    let mut meaning: HashMap<NodeId, NodeId> = HashMap::new();
    for (at, bend) in bends.iter().enumerate() {
        let Some(its_side) = sides.get(&bend.distance).copied().or_else(|| of_minus(at)) else { continue };
        // Kinks within its arguments come before it.
        let straight = on_side(&mut formula, bend, its_side)?;
        let straight = formula.substitute(straight, &mut meaning)?;
        meaning.insert(bend.value, straight);
    }
    let mut there = Vec::with_capacity(nodes.len());
    for node in nodes {
        there.push(formula.substitute(*node, &mut meaning)?);
    }
    Ok((formula, there))
}

#[cfg(test)]
mod tests {
    use super::*;
    use formula::{Matrix, Point, Primitive, Shape, Sizes, Variable};

    #[test]
    fn every_primitive_with_a_kink_is_itself_on_each_side() {
        for primitive in Primitive::all().filter(|primitive| primitive.row().kink != Kink::Nowhere) {
            let mut formula = Formula::new();
            let names = primitive.row().parameters;
            let arguments: Vec<NodeId> =
                names.iter().map(|name| formula.variable(Variable::new(*name, Shape::scalar()))).collect();
            let function = formula.primitive(primitive);
            let value = formula.apply(function, &[], &arguments).unwrap();
            let (roots, bends) = expose(&mut formula, &[value]).unwrap();
            assert_eq!((roots[0], bends.len()), (value, 1), "{}", primitive.row().name);
            for side in Side::BOTH {
                let there = on_side(&mut formula, &bends[0], side).unwrap();
                for at in [0.3, 2.0, 7.5] {
                    let numbers = [side.sign() * at + 1.0, 1.0];
                    let numbers = if names.len() == 1 { [side.sign() * at, 0.0] } else { numbers };
                    let variables = names.iter().zip(numbers);
                    let variables = variables.map(|(name, x)| (Name::from(*name), Matrix::scalar(x)));
                    let point = Point { sizes: Sizes::new(), variables: variables.collect() };
                    let values = formula.evaluate(&[value, there, bends[0].distance], &point).unwrap();
                    assert_eq!(values[0], values[1], "{} {} 0", primitive.row().name, side.word());
                    assert!(values[2].entries[0] * side.sign() > 0.0);
                }
            }
        }
    }
}
