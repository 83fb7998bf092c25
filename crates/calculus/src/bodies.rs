//! Functions that no law is about, written out by their bodies, so that the laws of what they are made of apply.

use crate::error::CalculusError;
use crate::law::Laws;
use formula::{Body, Formula, FunctionId, Node, NodeId, ShapeError};
use std::collections::HashMap;

/// How deeply definitions may stand in definitions.
const DEPTH: usize = 32;

/// The lines of a formula with every such function written out; what has no body stays, and is an error where a law is wanted.
///
/// # Errors
/// When a body does not have the shape that its function promises, or the lines grow too large.
pub(crate) fn write_out(formula: &mut Formula, laws: &Laws) -> Result<(), CalculusError> {
    for _ in 0..DEPTH {
        let roots: Vec<NodeId> = formula.lines.iter().map(|line| line.value).collect();
        let order = formula.reachable(&roots);
        if !order.iter().any(|id| has_body_alone(formula, laws, *id)) {
            break;
        }
        let mut written: HashMap<NodeId, NodeId> = HashMap::new();
        for id in order {
            let children = formula.node(id).children();
            let changed: Vec<NodeId> = children.iter().map(|child| written[child]).collect();
            let new = if changed == children { id } else { formula.rebuild(id, &changed)? };
            written.insert(id, if has_body_alone(formula, laws, id) { body(formula, new)? } else { new });
        }
        for line in &mut formula.lines {
            line.value = written[&line.value];
        }
    }
    Ok(())
}

/// Whether a node is a function with a body that no law is about.
fn has_body_alone(formula: &Formula, laws: &Laws, id: NodeId) -> bool {
    function(formula, id).is_some_and(|function| matches!(formula.function(function).body, Body::Defined(_)))
        && !laws.are_about(formula, id)
}

/// The function that a node is of; slopes are not written out.
fn function(formula: &Formula, id: NodeId) -> Option<FunctionId> {
    if let Node::Call(call) = formula.node(id) {
        return Some(call.function);
    }
    if let Node::Apply(apply) = formula.node(id)
        && apply.marks.is_empty()
    {
        return Some(apply.function);
    }
    None
}

/// A function's body at its arguments.
fn body(formula: &mut Formula, id: NodeId) -> Result<NodeId, CalculusError> {
    let Some(function) = function(formula, id) else { return Ok(id) };
    let name = formula.function(function).name.clone();
    let fault = |problem: String| CalculusError::FaultyBody { function: name.clone(), problem };
    let shape = formula.shape(id).clone();
    let value = at_arguments(formula, id, function).map_err(|error| match error {
        ShapeError::TooLarge => CalculusError::TooLarge,
        ShapeError::Misfit { .. } => fault(error.to_string()),
    })?;
    if *formula.shape(value) != shape {
        return Err(fault(format!("its shape is {}, not {shape}", formula.shape(value))));
    }
    Ok(value)
}

fn at_arguments(formula: &mut Formula, id: NodeId, function: FunctionId) -> Result<NodeId, ShapeError> {
    let shape = formula.shape(id).clone();
    let arguments = formula.node(id).children().to_vec();
    let Body::Defined(body) = formula.function(function).body else { return Ok(id) };
    let parameters = formula.function(function).parameters.clone();
    if formula.function(function).signature.is_some() {
        let sizes = formula.call_sizes(function, &arguments)?;
        return formula.instantiate(body, &parameters, &arguments, &sizes);
    }
    let value = formula.lift(body, &parameters, &arguments)?;
    formula.broadcast(value, &shape)
}
