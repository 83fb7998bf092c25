//! From a formula to its normal form.

use super::fold::parities;
use super::normal::{Algebra, Id, Kind, Known, Shape};
use super::order::Ranks;
use formula::{Constant, Formula, Node, NodeId, Number, Part, Primitive, Size};
use std::collections::HashMap;

/// The normal form of a value without slopes that could be written out.
pub(super) fn enter(formula: &mut Formula, root: NodeId, budget: usize) -> (Algebra, Id) {
    let known = Known {
        power: formula.primitive(Primitive::POWER),
        abs: formula.primitive(Primitive::ABS),
        exp: formula.primitive(Primitive::EXP),
        log: formula.primitive(Primitive::LOG),
    };
    let parities = parities(formula, root);
    let mut algebra = Algebra::new(Ranks::of(formula, root), known, parities, budget);
    let mut entered: HashMap<NodeId, Id> = HashMap::new();
    for id in formula.reachable(&[root]) {
        let children: Vec<Id> = formula.node(id).children().iter().map(|child| entered[child]).collect();
        let value = enter_node(&mut algebra, formula, id, &children);
        entered.insert(id, value);
        if !algebra.is_sound() {
            return (algebra, Id::ZERO);
        }
    }
    (algebra, entered[&root])
}

fn enter_node(algebra: &mut Algebra, formula: &Formula, id: NodeId, children: &[Id]) -> Id {
    match formula.node(id) {
        Node::Number(number) => algebra.number(*number),
        Node::Size(size) => algebra.size_scalar(size),
        Node::Variable(_) => match algebra.ranks.variable(id) {
            Some(rank) => algebra.intern(Kind::Variable(rank)),
            // Every variable below the root has a rank.
            None => algebra.number(Number::ONE),
        },
        Node::Constant(constant, shape) => enter_constant(algebra, *constant, &shape.rows, &shape.cols),
        Node::Add(_) => algebra.add(children),
        Node::Product(_) => algebra.word(children),
        Node::Scale(_) => algebra.scale(children[0], children[1]),
        Node::Times(_) => {
            let factors: Vec<(Id, Id)> = children.iter().map(|factor| (*factor, Id::ONE)).collect();
            algebra.elementwise(&factors)
        }
        Node::Apply(apply) => algebra.apply(apply.function, &apply.marks, children),
        Node::Transpose(_) => algebra.transpose(children[0]),
        Node::Norm(_) => {
            let square = algebra.squared_norm(children[0]);
            let half = Number::ratio(1, 2).unwrap_or(Number::ONE);
            let half = algebra.number(half);
            algebra.power(square, half)
        }
        Node::Operator(operator, _) => algebra.operator(*operator, children[0]),
        Node::Unvec(_, shape) => {
            let shape = Shape { rows: algebra.size_id(&shape.rows), cols: algebra.size_id(&shape.cols) };
            algebra.unvec(children[0], shape)
        }
        Node::Kronecker(_) => algebra.kronecker(children[0], children[1]),
        Node::Commutation([rows, cols]) => {
            let (rows, cols) = (algebra.size_id(rows), algebra.size_id(cols));
            algebra.intern(Kind::Commutation(rows, cols))
        }
        Node::Call(call) => algebra.call(call.function, children),
        Node::Block(direction, _) => algebra.block(*direction, children),
        Node::Part(Part { direction, before, length, .. }) => {
            let (before, length) = (algebra.size_id(before), algebra.size_id(length));
            algebra.part(children[0], *direction, before, length)
        }
    }
}

pub(super) fn enter_constant(algebra: &mut Algebra, constant: Constant, rows: &Size, cols: &Size) -> Id {
    let shape = Shape { rows: algebra.size_id(rows), cols: algebra.size_id(cols) };
    match constant {
        Constant::Ones => algebra.ones(shape),
        Constant::Zeros => algebra.zeros(shape),
        Constant::Identity if shape == Shape::SCALAR => Id::ONE,
        Constant::Identity => algebra.intern(Kind::Identity(shape.rows)),
        Constant::Pi => algebra.intern(Kind::Pi),
    }
}
