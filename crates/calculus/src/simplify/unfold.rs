//! Slopes and functions written out: what a reader of formulas does not know by name becomes what it stands for, and
//! roots become powers.

use super::tidy::tidy_above;
use crate::simplify::written::root::exponent_of;
use formula::{Apply, Body, Formula, Node, NodeId, ShapeError};
use std::collections::HashMap;
use syntax::Library;

/// How deeply definitions may stand in definitions; a function defined by itself stays as it is after so many.
const DEPTH: usize = 32;

/// What may be added, in nodes: a value that grows beyond them has no closed form that anyone could read.
const MOST_ADDED: usize = 5_000;

/// The value with known slopes, functions that are not portable, and primitives that are not portable replaced by what they
/// stand for.
///
/// # Errors
/// When it grows too large.
pub(super) fn unfold(formula: &mut Formula, root: NodeId) -> Result<NodeId, ShapeError> {
    let mut root = root;
    let most = formula.extent() + MOST_ADDED;
    for _ in 0..DEPTH {
        let unfolded = unfold_once(formula, root, most)?;
        if unfolded == root {
            break;
        }
        root = unfolded;
    }
    Ok(root)
}

fn unfold_once(formula: &mut Formula, root: NodeId, most: usize) -> Result<NodeId, ShapeError> {
    let mut written: HashMap<NodeId, NodeId> = HashMap::new();
    for id in formula.reachable(&[root]) {
        if formula.extent() > most {
            return Err(ShapeError::TooLarge);
        }
        let children = formula.node(id).children();
        let changed: Vec<NodeId> = children.iter().map(|child| written[child]).collect();
        let mut new = if changed == children { id } else { formula.rebuild(id, &changed)? };
        if let Node::Apply(apply) = formula.node(new) {
            let apply = apply.clone();
            if let Some(body) = stands_for(formula, &apply)? {
                let shape = formula.shape(new).clone();
                let body = formula.broadcast(body, &shape)?;
                // `step(x - 0)` is `step(x)`.
                new = tidy_above(formula, body, &apply.arguments);
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
    let Body::Primitive(primitive) = function.body else { return Ok(None) };
    let parameters = function.parameters.clone();
    match Library::standard().portable_form(formula, primitive) {
        Ok(Some(form)) => formula.lift(form, &parameters, &apply.arguments).map(Some),
        // The rows of the table are read by a test of theirs.
        Ok(None) | Err(_) => Ok(None),
    }
}
