//! Slopes of functions: given by their pages, else derived from their bodies by the laws.

use crate::error::CalculusError;
use crate::law::Laws;
use crate::scalars;
use crate::simplify::tidy;
use crate::sweep::sweep;
use formula::{Apply, Body, Formula, FunctionId, Node, NodeId, Number, Shape, Variable};
use std::collections::{BTreeSet, HashMap};
use syntax::Library;

/// The slope of a function by the arguments that the marks name, one after the other, as a formula over its parameters. What
/// had to be derived is kept in the function's table of slopes.
///
/// # Errors
/// When nothing is known of the function, or no law fits a part of its body.
pub fn slope(formula: &mut Formula, function: FunctionId, marks: &[u8]) -> Result<NodeId, CalculusError> {
    slope_by(formula, function, marks, Laws::standard())
}

/// The slope of a function by laws of one's own.
fn slope_by(
    formula: &mut Formula,
    function: FunctionId,
    marks: &[u8],
    laws: &Laws,
) -> Result<NodeId, CalculusError> {
    let unknown =
        |formula: &Formula| CalculusError::NoSlope { function: formula.function(function).name.clone() };
    let mut value = match formula.function(function).body {
        Body::Defined(body) => Some(body),
        // A row may have made it of other functions, and its slopes are asked for first here.
        Body::Primitive(primitive) if formula.function(function).slopes.is_empty() => {
            let _ = Library::standard().primitive(formula, primitive);
            None
        }
        Body::Primitive(_) | Body::Abstract => None,
    };
    for (place, mark) in marks.iter().enumerate() {
        let taken = &marks[..=place];
        if let Some(known) = formula.function(function).slopes.get(taken) {
            value = Some(*known);
            continue;
        }
        let parameter = formula.function(function).parameters.get(usize::from(*mark)).cloned();
        let (Some(body), Some(parameter)) = (value, parameter) else { return Err(unknown(formula)) };
        let parameter = formula.variable(Variable::new(parameter, Shape::scalar()));
        let one = formula.number(Number::ONE);
        let found = sweep(formula, laws, (body, one), &HashMap::new(), &[parameter])?;
        let derived = match found.derivatives.get(&parameter) {
            Some(derived) => tidy(formula, *derived),
            None => scalars::zeros(formula, Shape::scalar()),
        };
        formula.function_mut(function).slopes.insert(taken.to_vec(), derived);
        value = Some(derived);
    }
    value.ok_or_else(|| unknown(formula))
}

/// Sees to it that every slope in these values has its formula in its function's table, and so on within those
/// formulas. Functions of which nothing is known have none.
///
/// # Errors
/// Those of [`slope`].
pub fn write_out_slopes(formula: &mut Formula, roots: &[NodeId]) -> Result<(), CalculusError> {
    write_out_slopes_by(formula, roots, Laws::standard())
}

/// The same by laws of one's own.
pub(crate) fn write_out_slopes_by(
    formula: &mut Formula,
    roots: &[NodeId],
    laws: &Laws,
) -> Result<(), CalculusError> {
    let mut done: BTreeSet<(FunctionId, Vec<u8>)> = BTreeSet::new();
    let mut roots = roots.to_vec();
    while !roots.is_empty() {
        let mut found: Vec<(FunctionId, Vec<u8>)> = Vec::new();
        for id in formula.reachable(&roots) {
            if let Node::Apply(Apply { function, marks, .. }) = formula.node(id)
                && done.insert((*function, marks.clone()))
            {
                found.push((*function, marks.clone()));
            }
        }
        roots.clear();
        for (function, marks) in found {
            match formula.function(function).body {
                Body::Abstract => {}
                Body::Primitive(_) if marks.is_empty() => {}
                Body::Primitive(_) | Body::Defined(_) => {
                    roots.push(slope_by(formula, function, &marks, laws)?)
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simplify::testing::{Reader, Values, evaluate, library, print};
    use formula::{Function, Name};

    fn define(reader: &mut Reader, name: &str, parameters: &[&str], body: &str) -> FunctionId {
        for parameter in parameters {
            let id = reader.formula.variable(Variable::new(*parameter, Shape::scalar()));
            reader.variables.insert((*parameter).to_owned(), id);
        }
        let body = Body::Defined(reader.read(body));
        reader.formula.add_function(Function {
            name: Name::from(name),
            parameters: parameters.iter().map(|name| Name::from(*name)).collect(),
            settings: Vec::new(),
            signature: None,
            body,
            slopes: Default::default(),
            stable: None,
            latex: None,
            code: Default::default(),
            portable: false,
        })
    }

    #[test]
    fn a_slope_is_derived_from_the_body_and_kept() {
        let mut reader = library();
        let swish = define(&mut reader, "swish2", &["x"], "x*sigmoid(2*x)");
        let found = slope(&mut reader.formula, swish, &[0]).unwrap();
        assert_eq!(print(&reader.formula, found), "sigmoid(2*x) + 2*x*sigmoid'(2*x)");
        assert_eq!(reader.formula.function(swish).slopes[&vec![0]], found);
        assert_eq!(slope(&mut reader.formula, swish, &[0]).unwrap(), found);
    }

    #[test]
    fn a_slope_given_by_its_page_is_used() {
        let mut reader = library();
        let sigmoid = reader.formula.find_function("sigmoid", &[]).unwrap();
        let found = slope(&mut reader.formula, sigmoid, &[0]).unwrap();
        assert_eq!(print(&reader.formula, found), "sigmoid(x)*(1 - sigmoid(x))");
    }

    #[test]
    fn slopes_match_differences() {
        let mut reader = library();
        let bodies =
            ["x", "3", "x^3*exp(y)", "max(x, y)/(1 + exp(-x))", "tanh(x*y)^2", "x^y + y", "abs(x)*erf(y)"];
        for (number, body) in bodies.into_iter().enumerate() {
            let function = define(&mut reader, &format!("h{number}"), &["x", "y"], body);
            for marks in [vec![0], vec![1], vec![0, 1], vec![1, 1]] {
                let below = slope(&mut reader.formula, function, &marks[..marks.len() - 1]).unwrap();
                let found = slope(&mut reader.formula, function, &marks).unwrap();
                write_out_slopes(&mut reader.formula, &[below, found]).unwrap();
                let at = |id: NodeId, by: f64| {
                    let mut values = Values::new(1, &[]);
                    for (place, start) in [0.7, 1.3].into_iter().enumerate() {
                        let moved = if marks.last() == Some(&(place as u8)) { start + by } else { start };
                        let name = Name::from(["x", "y"][place]);
                        let variable = Variable::new(name.clone(), Shape::scalar());
                        let mut value = values.variable(&variable);
                        value.data[0] = moved;
                        values.set(&name, value);
                    }
                    evaluate(&reader.formula, id, &values).data[0]
                };
                let difference = (at(below, 1e-5) - at(below, -1e-5)) / 2e-5;
                let error = (at(found, 0.0) - difference).abs() / difference.abs().max(1.0);
                assert!(error < 1e-7, "{body} by {marks:?}: {} and {difference}", at(found, 0.0));
            }
        }
    }

    #[test]
    fn a_function_of_which_nothing_is_known_has_no_slope() {
        let mut reader = library();
        let g = reader.formula.find_function("g", &[]).unwrap();
        let error = slope(&mut reader.formula, g, &[0]).unwrap_err();
        assert_eq!(error, CalculusError::NoSlope { function: Name::from("g") });
        let sin = reader.formula.find_function("sin", &[]).unwrap();
        assert!(slope(&mut reader.formula, sin, &[3]).is_err());
    }

    #[test]
    fn slopes_within_slopes_are_written_out() {
        let mut reader = library();
        let inner = define(&mut reader, "inner", &["x"], "sin(x)*x");
        define(&mut reader, "outer", &["x"], "inner(x)^2 + g(x)");
        let x = reader.formula.variable(Variable::new("x", Shape::scalar()));
        let outer = reader.formula.find_function("outer", &[]).unwrap();
        let value = reader.formula.apply(outer, &[0], &[x]).unwrap();
        write_out_slopes(&mut reader.formula, &[value]).unwrap();
        assert!(reader.formula.function(inner).slopes.contains_key(&vec![0]));
    }
}
