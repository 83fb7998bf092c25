//! The reverse sweep: from the result to its operands, one law an edge.

use crate::error::CalculusError;
use crate::law::{Law, Laws};
use crate::template::TemplateError;
use formula::{Body, Formula, Node, NodeId, Number, ShapeError};
use std::collections::{HashMap, HashSet};

/// What a sweep found.
pub(crate) struct Sweep<'a> {
    /// Every law applied, from the result down.
    pub edges: Vec<Edge<'a>>,
    /// The edges that give the derivative by a node, as places in `edges`.
    pub incoming: HashMap<NodeId, Vec<usize>>,
    /// The derivative by each target and each symbol on the way: the sum of what the edges give.
    pub derivatives: HashMap<NodeId, NodeId>,
    /// The nodes that the result is built from, parents before children, left operands before right ones.
    pub order: Vec<NodeId>,
}

/// One law applied at one edge.
pub(crate) struct Edge<'a> {
    pub law: &'a Law,
    /// The part G.
    pub of: NodeId,
    /// The operand X.
    pub by: NodeId,
    /// df/dG.
    pub from: NodeId,
    /// What this edge gives to df/dX.
    pub to: NodeId,
}

/// A symbol of a let.
pub(crate) struct Link {
    /// What it stands for.
    pub value: NodeId,
    /// The symbol of its derivative, which the sweep goes on with.
    pub derivative: NodeId,
}

/// Derivatives by target nodes, which are variables or symbols of lets, from `seed`, the derivative of some scalar by the result:
/// 1 where the result is that scalar.
///
/// # Errors
/// When no law fits an edge, or the one that fits gives a wrong shape, or the derivative grows too large.
pub(crate) fn sweep<'a>(
    formula: &mut Formula,
    laws: &'a Laws,
    (result, seed): (NodeId, NodeId),
    links: &HashMap<NodeId, Link>,
    targets: &[NodeId],
) -> Result<Sweep<'a>, CalculusError> {
    let order = parents_first(formula, result, links);
    let targets: HashSet<NodeId> = targets.iter().copied().collect();
    let mut varies = vec![false; formula.len()];
    for &id in order.iter().rev() {
        let child = |child: &NodeId| varies[child.index()];
        varies[id.index()] = targets.contains(&id)
            || links.get(&id).is_some_and(|link| child(&link.value))
            || operands(formula, id).any(|(_, operand)| child(&operand));
    }
    // Nodes made by laws come after these and are never asked about.
    let varies = |id: NodeId| varies.get(id.index()).copied().unwrap_or(false);

    let mut found = Sweep { edges: Vec::new(), incoming: HashMap::new(), derivatives: HashMap::new(), order };
    let mut parts: HashMap<NodeId, Vec<NodeId>> = HashMap::from([(result, vec![seed])]);
    for at in 0..found.order.len() {
        let id = found.order[at];
        if !varies(id) {
            continue;
        }
        let Some(uses) = parts.remove(&id) else { continue };
        // Several uses of one operand add up: the multivariable chain rule.
        let derivative = formula.add(&uses)?;
        if let Some(link) = links.get(&id) {
            found.derivatives.insert(id, derivative);
            if varies(link.value) {
                parts.entry(link.value).or_default().push(link.derivative);
            }
            continue;
        }
        if matches!(formula.node(id), Node::Variable(_)) {
            found.derivatives.insert(id, derivative);
            continue;
        }
        let places: Vec<usize> =
            operands(formula, id).filter(|(_, operand)| varies(*operand)).map(|(place, _)| place).collect();
        for place in places {
            let edge = apply_law(formula, laws, id, place, derivative, &varies)?;
            found.incoming.entry(edge.by).or_default().push(found.edges.len());
            parts.entry(edge.by).or_default().push(edge.to);
            found.edges.push(edge);
        }
    }
    Ok(found)
}

/// The operands of a node with their places, without those that a function chooses by: the slope by the condition of `where` is
/// 0, while its slopes by the two values are not.
fn operands(formula: &Formula, id: NodeId) -> impl Iterator<Item = (usize, NodeId)> {
    let is_flat = move |place: usize| {
        let Node::Apply(apply) = formula.node(id) else { return false };
        let marks: Vec<u8> = apply.marks.iter().copied().chain([place as u8]).collect();
        let slope = formula.function(apply.function).slopes.get(&marks);
        slope.is_some_and(|slope| formula.as_number(*slope).is_some_and(Number::is_zero))
    };
    let children = formula.node(id).children();
    let all_flat = (0..children.len()).all(is_flat);
    children.iter().copied().enumerate().filter(move |(place, _)| all_flat || !is_flat(*place))
}

fn apply_law<'a>(
    formula: &mut Formula,
    laws: &'a Laws,
    of: NodeId,
    place: usize,
    from: NodeId,
    varies: &dyn Fn(NodeId) -> bool,
) -> Result<Edge<'a>, CalculusError> {
    let Some((law, bindings)) = laws.fitting(formula, of, place, varies) else {
        if let Node::Call(call) = formula.node(of)
            && formula.function(call.function).body == Body::Abstract
        {
            return Err(CalculusError::NoGradient { function: formula.function(call.function).name.clone() });
        }
        return Err(CalculusError::NoLaw { part: describe(formula, of), operand: place + 1 });
    };
    let fault = |problem| CalculusError::FaultyLaw { law: law.name.clone(), problem };
    let to = law.apply(formula, &bindings, of, from).map_err(|error| match error {
        TemplateError::Shape(ShapeError::TooLarge) => CalculusError::TooLarge,
        TemplateError::Shape(error @ ShapeError::Misfit { .. }) => fault(error.to_string()),
        TemplateError::Meaning(problem) => fault(problem),
    })?;
    let by = bindings.operand;
    let (given, wanted) = (formula.shape(to), formula.shape(by));
    if given != wanted {
        return Err(fault(format!("it gives the shape {given} for an operand of shape {wanted}")));
    }
    Ok(Edge { law, of, by, from, to })
}

/// The nodes of a value, parents before children, where the only child of a let's symbol is the let's value.
fn parents_first(formula: &Formula, result: NodeId, links: &HashMap<NodeId, Link>) -> Vec<NodeId> {
    let mut order = Vec::new();
    let mut seen = vec![false; formula.len()];
    // A node is left on the stack until its children are done.
    let mut stack = vec![(result, false)];
    while let Some((id, done)) = stack.pop() {
        if done {
            order.push(id);
            continue;
        }
        if std::mem::replace(&mut seen[id.index()], true) {
            continue;
        }
        stack.push((id, true));
        match links.get(&id) {
            Some(link) => stack.push((link.value, false)),
            None => stack.extend(formula.node(id).children().iter().map(|child| (*child, false))),
        }
    }
    order.reverse();
    order
}

/// A part in words, for an error.
pub(crate) fn describe(formula: &Formula, id: NodeId) -> String {
    let shape = formula.shape(id);
    let kind = match formula.node(id) {
        Node::Number(_) | Node::Size(_) => "a number".to_owned(),
        Node::Variable(variable) => format!("the variable {}", variable.name),
        Node::Constant(..) => "a constant".to_owned(),
        Node::Add(parts) => format!("a sum of {} parts", parts.len()),
        Node::Product(factors) => format!("a product of {} factors", factors.len()),
        Node::Scale(_) => "a scalar times a value".to_owned(),
        Node::Times(factors) => format!("an elementwise product of {} factors", factors.len()),
        Node::Apply(apply) => {
            let name = &formula.function(apply.function).name;
            format!("the function {name} of {} arguments", apply.arguments.len())
        }
        Node::Transpose(_) => "a transpose".to_owned(),
        Node::Norm(_) => "a norm".to_owned(),
        Node::Operator(operator, _) => format!("`{}` of a matrix", operator.name()),
        Node::Unvec(..) => "an `unvec`".to_owned(),
        Node::Kronecker(_) => "a Kronecker product".to_owned(),
        Node::Commutation(_) => "a commutation matrix".to_owned(),
        Node::Call(call) => {
            let name = &formula.function(call.function).name;
            format!("the function {name} of {} matrices", call.arguments.len())
        }
        Node::Block(_, parts) => format!("a block of {} parts", parts.len()),
        Node::Part(_) => "some rows or columns".to_owned(),
    };
    format!("{kind}, {shape},")
}
