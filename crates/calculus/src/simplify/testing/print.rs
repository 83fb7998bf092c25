//! Formulas as text.

use formula::{Apply, Body, Constant, Direction, Formula, Node, NodeId, Primitive, Size};
use std::collections::HashMap;

#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Level {
    Sum,
    Product,
    Sign,
    Power,
    Atom,
}

/// The text of a node, with brackets only where they are needed.
pub fn print(formula: &Formula, id: NodeId) -> String {
    let mut known: HashMap<NodeId, (String, Level)> = HashMap::new();
    for part in formula.reachable(&[id]) {
        let text = one(formula, part, &known);
        known.insert(part, text);
    }
    known.remove(&id).unwrap().0
}

type Known = HashMap<NodeId, (String, Level)>;

fn at(known: &Known, id: NodeId, level: Level) -> String {
    let (text, have) = &known[&id];
    if *have >= level { text.clone() } else { format!("({text})") }
}

fn one(formula: &Formula, id: NodeId, known: &Known) -> (String, Level) {
    match formula.node(id) {
        Node::Number(number) if number.is_negative() => (number.to_string(), Level::Sign),
        Node::Number(number) => {
            let text = number.to_string();
            let level = if text.contains('/') { Level::Product } else { Level::Atom };
            (text, level)
        }
        Node::Size(size) => {
            let level = if size.as_name().is_some() { Level::Atom } else { Level::Sum };
            (size.to_string(), level)
        }
        Node::Variable(variable) => (variable.name.to_string(), Level::Atom),
        Node::Constant(constant, shape) => {
            let sizes = if shape.is_column() {
                shape.rows.to_string()
            } else {
                format!("{}, {}", shape.rows, shape.cols)
            };
            let text = match constant {
                Constant::Ones => format!("ones({sizes})"),
                Constant::Zeros => format!("zeros({sizes})"),
                Constant::Identity => format!("eye({})", shape.rows),
                Constant::Pi => "pi".to_owned(),
            };
            (text, Level::Atom)
        }
        Node::Add(parts) => {
            let mut text = String::new();
            for part in parts {
                let term = match broadcast(formula, *part) {
                    Some(None) => "1".to_owned(),
                    Some(Some(scalar)) => at(known, scalar, Level::Product),
                    None => at(known, *part, Level::Product),
                };
                match (text.is_empty(), term.strip_prefix('-')) {
                    (true, _) => text.push_str(&term),
                    (false, Some(rest)) => text.push_str(&format!(" - {rest}")),
                    (false, None) => text.push_str(&format!(" + {term}")),
                }
            }
            (text, Level::Sum)
        }
        Node::Product(factors) => (joined(known, factors, "*"), Level::Product),
        Node::Times(factors) => (joined(known, factors, " .* "), Level::Product),
        Node::Scale(_) => scaled(formula, id, known),
        Node::Apply(Apply { function, marks, arguments }) => {
            let function = formula.function(*function);
            if marks.is_empty() && function.body == Body::Primitive(Primitive::POWER) {
                let operator = if formula.is_scalar(id) { "^" } else { ".^" };
                let (base, exponent) =
                    (at(known, arguments[0], Level::Atom), at(known, arguments[1], Level::Sign));
                return (format!("{base}{operator}{exponent}"), Level::Power);
            }
            let marks = if marks.is_empty() { String::new() } else { "'".repeat(marks.len()) };
            let arguments: Vec<&str> = arguments.iter().map(|argument| known[argument].0.as_str()).collect();
            (format!("{}{marks}({})", function.name, arguments.join(", ")), Level::Atom)
        }
        Node::Transpose(inner) => (format!("{}'", at(known, *inner, Level::Atom)), Level::Atom),
        Node::Norm(inner) => (format!("norm({})", known[inner].0), Level::Atom),
        Node::Operator(operator, inner) => (format!("{}({})", operator.name(), known[inner].0), Level::Atom),
        Node::Unvec(inner, shape) => {
            (format!("unvec({}, {}, {})", known[inner].0, shape.rows, shape.cols), Level::Atom)
        }
        Node::Kronecker([left, right]) => {
            (format!("kron({}, {})", known[left].0, known[right].0), Level::Atom)
        }
        Node::Commutation([rows, cols]) => (format!("commutation({rows}, {cols})"), Level::Atom),
        Node::Call(call) => {
            let function = formula.function(call.function);
            let mut arguments: Vec<String> = call.arguments.iter().map(|id| known[id].0.clone()).collect();
            let axis = function.signature.iter().flat_map(|signature| &signature.axis);
            arguments.extend(axis.map(|axis| axis.to_string()));
            (format!("{}({})", function.name, arguments.join(", ")), Level::Atom)
        }
        Node::Block(direction, parts) => {
            let parts: Vec<&str> = parts.iter().map(|part| known[part].0.as_str()).collect();
            let between = if *direction == Direction::Across { ", " } else { "; " };
            (format!("[{}]", parts.join(between)), Level::Atom)
        }
        Node::Part(part) => {
            let name = if part.direction == Direction::Across { "cols" } else { "rows" };
            let first = part.before.add(&Size::number(1));
            let last = part.before.add(&part.length);
            (format!("{name}({}, {first}, {last})", known[&part.of].0), Level::Atom)
        }
    }
}

/// The scalar that is repeated in every entry of a matrix; nothing stands for 1.
fn broadcast(formula: &Formula, id: NodeId) -> Option<Option<NodeId>> {
    let is_ones = |id: NodeId| match formula.node(id) {
        Node::Constant(constant, _) => *constant == Constant::Ones,
        Node::Transpose(inner) => matches!(formula.node(*inner), Node::Constant(Constant::Ones, _)),
        _ => false,
    };
    match formula.node(id) {
        Node::Scale([scalar, body]) if is_ones(*body) => Some(Some(*scalar)),
        _ => is_ones(id).then_some(None),
    }
}

fn joined(known: &Known, factors: &[NodeId], operator: &str) -> String {
    let level = |place: usize| if place == 0 { Level::Sign } else { Level::Power };
    let texts: Vec<String> =
        factors.iter().enumerate().map(|(place, factor)| at(known, *factor, level(place))).collect();
    texts.join(operator)
}

/// `-2/m*X`: the factors above, those below, the matrix.
fn scaled(formula: &Formula, id: NodeId, known: &Known) -> (String, Level) {
    let (mut sign, mut above, mut below, mut body) = ("", Vec::new(), Vec::new(), None);
    let mut stack = vec![id];
    while let Some(part) = stack.pop() {
        if let Node::Scale([scalar, value]) = formula.node(part) {
            stack.extend([*value, *scalar]);
            continue;
        }
        if !formula.is_scalar(part) {
            body = Some(at(known, part, Level::Power));
            if let Node::Product(_) = formula.node(part) {
                body = Some(known[&part].0.clone());
            }
            continue;
        }
        let text = at(known, part, Level::Sign);
        match (formula.node(part), text.rsplit_once("^-")) {
            (Node::Number(number), _) if number.is_negative() => {
                sign = "-";
                if number.abs() != formula::Number::ONE {
                    above.push(number.abs().to_string());
                }
            }
            (Node::Apply(_), Some((base, "1"))) => below.push(base.to_owned()),
            (Node::Apply(_), Some((base, exponent))) if exponent.parse::<i64>().is_ok() => {
                below.push(format!("{base}^{exponent}"));
            }
            _ => above.push(text),
        }
    }
    let mut text = above.join("*");
    if text.is_empty() && (!below.is_empty() || body.is_none()) {
        text.push('1');
    }
    for factor in below {
        text.push_str(&format!("/{factor}"));
    }
    if let Some(body) = body {
        if !text.is_empty() {
            text.push('*');
        }
        text.push_str(&body);
    }
    (format!("{sign}{text}"), Level::Product)
}
