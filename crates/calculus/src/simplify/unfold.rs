//! Slopes and functions written out: what a reader of formulas does not know by name becomes what it stands for, and
//! roots become powers.

use super::root::exponent_of;
use formula::{Apply, Body, Formula, Node, NodeId, Number, Primitive, ShapeError};
use std::collections::HashMap;

/// How deeply definitions may stand in definitions; a function defined by itself stays as it is after so many.
const DEPTH: usize = 32;

/// The value with known slopes, functions that are not portable, and primitives that are not portable replaced by what they
/// stand for.
pub(super) fn unfold(formula: &mut Formula, root: NodeId) -> Result<NodeId, ShapeError> {
    let mut root = root;
    for _ in 0..DEPTH {
        let unfolded = unfold_once(formula, root)?;
        if unfolded == root {
            break;
        }
        root = unfolded;
    }
    Ok(root)
}

fn unfold_once(formula: &mut Formula, root: NodeId) -> Result<NodeId, ShapeError> {
    let mut written: HashMap<NodeId, NodeId> = HashMap::new();
    for id in formula.reachable(&[root]) {
        let children = formula.node(id).children();
        let changed: Vec<NodeId> = children.iter().map(|child| written[child]).collect();
        let mut new = if changed == children { id } else { formula.rebuild(id, &changed)? };
        if let Node::Apply(apply) = formula.node(new) {
            let apply = apply.clone();
            if let Some(body) = stands_for(formula, &apply)? {
                let shape = formula.shape(new).clone();
                new = formula.broadcast(body, &shape)?;
            }
        }
        written.insert(id, new);
    }
    Ok(written[&root])
}

fn stands_for(formula: &mut Formula, apply: &Apply) -> Result<Option<NodeId>, ShapeError> {
    let function = formula.function(apply.function);
    let defined = matches!(function.body, Body::Defined(_));
    if !apply.marks.is_empty() || defined && (!function.portable || exponent_of(formula, function).is_some())
    {
        return formula.unfold(apply);
    }
    match (function.body, apply.arguments.as_slice()) {
        (Body::Primitive(primitive), [argument]) => written_out(formula, primitive, *argument),
        _ => Ok(None),
    }
}

/// The primitives whose names are not portable, as `portable` in their rows has it.
fn written_out(
    formula: &mut Formula,
    primitive: Primitive,
    argument: NodeId,
) -> Result<Option<NodeId>, ShapeError> {
    let one = formula.number(Number::ONE);
    let one = formula.broadcast(one, &formula.shape(argument).clone())?;
    match primitive {
        // exp(x) - 1
        Primitive::EXPM1 => {
            let exp = formula.primitive(Primitive::EXP);
            let value = formula.apply(exp, &[], &[argument])?;
            let minus_one = formula.negate(one)?;
            formula.add(&[value, minus_one]).map(Some)
        }
        // log(1 + x)
        Primitive::LOG1P => {
            let log = formula.primitive(Primitive::LOG);
            let sum = formula.add(&[one, argument])?;
            formula.apply(log, &[], &[sum]).map(Some)
        }
        _ => Ok(None),
    }
}
