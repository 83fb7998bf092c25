//! Functions and slopes replaced by what they stand for, until only primitives are left.

use crate::PlanError;
use formula::{Body, Formula, FunctionId, Node, NodeId};
use std::collections::HashMap;

/// How deep functions may be defined by functions; only a function defined by itself goes deeper.
const DEPTH: usize = 256;

/// What is still to be done, innermost last.
enum Task {
    /// Replace the functions in this node.
    Visit(NodeId),
    /// The first node stands for the second, which is visited before.
    Stands(NodeId, NodeId),
}

/// The same values, built from primitives and node kinds alone: functions by their stable bodies where the pages give one.
///
/// # Errors
/// When a function has no body, a slope is used that is not known, or the values would have more than so many nodes.
pub fn unfold(formula: &mut Formula, roots: &[NodeId], limit: usize) -> Result<Vec<NodeId>, PlanError> {
    if WrittenOut::default().nodes(formula, roots) > limit {
        return Err(PlanError::TooLong { limit });
    }
    let mut done: HashMap<NodeId, NodeId> = HashMap::new();
    let mut depth = 0;
    let mut tasks: Vec<Task> = roots.iter().rev().map(|root| Task::Visit(*root)).collect();
    while let Some(task) = tasks.pop() {
        let id = match task {
            Task::Stands(from, to) => {
                depth -= 1;
                done.insert(from, done[&to]);
                continue;
            }
            Task::Visit(id) if done.contains_key(&id) => continue,
            Task::Visit(id) => id,
        };
        let children = formula.node(id).children();
        let waiting: Vec<NodeId> =
            children.iter().copied().filter(|child| !done.contains_key(child)).collect();
        if !waiting.is_empty() {
            tasks.push(Task::Visit(id));
            tasks.extend(waiting.into_iter().rev().map(Task::Visit));
            continue;
        }
        let new: Vec<NodeId> = children.iter().map(|child| done[child]).collect();
        let rebuilt = if new == children { id } else { formula.rebuild(id, &new)? };
        match body(formula, rebuilt)? {
            None => {
                done.insert(id, rebuilt);
                done.insert(rebuilt, rebuilt);
            }
            Some((function, arguments, body)) => {
                depth += 1;
                if depth > DEPTH {
                    let function = formula.function(function).name.clone();
                    return Err(PlanError::Endless { function });
                }
                let parameters = formula.function(function).parameters.clone();
                let value = if formula.function(function).signature.is_some() {
                    let sizes = formula.call_sizes(function, &arguments)?;
                    formula.instantiate(body, &parameters, &arguments, &sizes)?
                } else {
                    formula.lift(body, &parameters, &arguments)?
                };
                tasks.push(Task::Stands(id, value));
                tasks.push(Task::Visit(value));
            }
        }
    }
    Ok(roots.iter().map(|root| done[root]).collect())
}

/// How many nodes values have once their functions are written out, without writing them out.
#[derive(Default)]
struct WrittenOut {
    /// What a body adds, by where it is; 0 while it is counted, since a function that is defined by itself has no end.
    bodies: HashMap<NodeId, usize>,
}

impl WrittenOut {
    fn nodes(&mut self, formula: &Formula, roots: &[NodeId]) -> usize {
        let mut total = 0_usize;
        for id in formula.reachable(roots) {
            total = total.saturating_add(1);
            let Ok(Some((_, _, body))) = body(formula, id) else { continue };
            let inside = match self.bodies.get(&body) {
                Some(known) => *known,
                None => {
                    self.bodies.insert(body, 0);
                    let inside = self.nodes(formula, &[body]);
                    self.bodies.insert(body, inside);
                    inside
                }
            };
            total = total.saturating_add(inside);
        }
        total
    }
}

/// The function, the arguments and the body that an application of a function stands for; `None` for primitives and for what
/// is no application.
fn body(formula: &Formula, id: NodeId) -> Result<Option<(FunctionId, Vec<NodeId>, NodeId)>, PlanError> {
    let apply = match formula.node(id) {
        Node::Apply(apply) => apply,
        Node::Call(call) => {
            let function = formula.function(call.function);
            return match function.body {
                Body::Defined(body) => {
                    Ok(Some((call.function, call.arguments.clone(), function.stable.unwrap_or(body))))
                }
                Body::Primitive(_) | Body::Abstract => {
                    Err(PlanError::Abstract { function: function.name.clone() })
                }
            };
        }
        _ => return Ok(None),
    };
    let function = formula.function(apply.function);
    let body = match (function.body, apply.marks.is_empty()) {
        (Body::Primitive(_), true) => return Ok(None),
        (Body::Defined(body), true) => function.stable.unwrap_or(body),
        (Body::Abstract, _) => return Err(PlanError::Abstract { function: function.name.clone() }),
        (Body::Primitive(_) | Body::Defined(_), false) => match function.slopes.get(&apply.marks) {
            Some(slope) => *slope,
            None => {
                let arguments = apply.marks.iter().map(|mark| usize::from(*mark) + 1).collect();
                return Err(PlanError::UnknownSlope { function: function.name.clone(), arguments });
            }
        },
    };
    Ok(Some((apply.function, apply.arguments.clone(), body)))
}
