//! Answers as JSON: a derivative's as one object, and what it has in common with those of checks.

use crate::answer::{Answer, Otherwise};
use calculus::Reading;
use formula::{Formula, Name, Node, NodeId};
use judge::SumCheck;
use notation::{Dialect, PrintedLine};
use serde_json::{Map, Value, json};
use syntax::Parsed;

impl Answer {
    /// The whole answer for a program: one object, whose `schema` counts the changes that a reader must know of.
    pub fn to_json(&self) -> Value {
        object(self)
    }
}

fn object(answer: &Answer) -> Value {
    let derivation = &answer.derivation;
    let printed = notation::print_derivation(derivation);
    let pair = |line: &PrintedLine| json!([line.name.as_str(), line.text]);
    let lets: Vec<Value> =
        printed.lets.iter().chain([&printed.result]).chain(&printed.derivatives).map(pair).collect();
    let symbol =
        |symbol: &calculus::Symbol| json!({ "name": symbol.name.as_str(), "meaning": symbol.meaning });
    let algebra_step = |step: &notation::PrintedAlgebra| {
        let names: Vec<&str> = step.names.iter().map(Name::as_str).collect();
        json!({ "number": step.number, "names": names, "from": step.from, "to": step.to, "shape": step.shape })
    };
    let mut algebra = answer.printed_algebra().into_iter();
    let derivative = |(reading, line): (&Reading, PrintedLine)| {
        let algebra = algebra.next().unwrap_or_default();
        let let_text = printed
            .derivatives
            .iter()
            .find(|known| known.name == line.name)
            .and_then(|known| known.text.clone());
        json!({
            "wrt": reading.by.as_str(),
            "wrt2": reading.by2.as_ref().map(Name::as_str),
            "form": reading.form.name(),
            "name": reading.title.as_str(),
            "layout": reading.notes,
            "symbols": reading.symbols.iter().map(symbol).collect::<Vec<_>>(),
            "shape": line.shape,
            "text": notation::text_in(&derivation.formula, reading.value, Dialect::Portable),
            "latex": line.latex,
            "lets": lets,
            "let_text": let_text,
            "algebra": algebra.iter().map(algebra_step).collect::<Vec<_>>(),
        })
    };
    let derivatives: Vec<Value> = answer.closed.iter().zip(answer.closed_lines()).map(derivative).collect();
    let assumption = |assumption: &syntax::Assumption| json!({ "name": assumption.name.as_str(), "kind": assumption.kind, "why": assumption.why, "or": assumption.or });
    let otherwise = |other: &Otherwise| json!({ "declaration": other.declaration, "name": other.name.as_str(), "text": other.text });
    let step = |step: &notation::PrintedStep| {
        json!({
            "number": step.number,
            "law": step.law.as_str(),
            "of": step.of,
            "from": step.from,
            "to": step.to,
            "shape": step.shape,
        })
    };
    json!({
        "schema": 1,
        "formula": answer.parsed.echo.trim_end(),
        "layout": answer.notes().join("; "),
        "shapes": shapes(&derivation.formula, answer),
        "declared": answer.declared(),
        "assumptions": answer.parsed.assumptions.iter().map(assumption).collect::<Vec<_>>(),
        "notes": answer.parsed.notes,
        "vectorization": vectorized(&answer.parsed),
        "derivatives": derivatives,
        "otherwise": answer.otherwise.iter().map(otherwise).collect::<Vec<_>>(),
        "steps": notation::print_steps(derivation).iter().map(step).collect::<Vec<_>>(),
        "check": {
            "points": answer.check.points,
            "redrawn": answer.check.redrawn,
            "max_relative_error": answer.check.max_relative_error,
            "passed": answer.check.passed,
            "sums": sums(answer.sums),
            "algebra": answer.algebra_check.map(|check| json!({
                "steps": check.steps,
                "points": check.points,
                "max_relative_error": check.max_relative_error,
                "passed": check.passed,
            })),
        },
    })
}

/// The shapes of the variables and the lets.
fn shapes(formula: &Formula, answer: &Answer) -> Value {
    let parsed = &answer.parsed.formula;
    let roots: Vec<NodeId> = parsed.lines.iter().map(|line| line.value).collect();
    let mut shapes = Map::new();
    let mut insert = |name: &Name, shape: &formula::Shape| {
        shapes.insert(name.to_string(), json!([shape.rows.to_string(), shape.cols.to_string()]));
    };
    for id in parsed.reachable(&roots) {
        if let Node::Variable(variable) = parsed.node(id) {
            insert(&variable.name, &variable.shape);
        }
    }
    for line in &answer.derivation.lets {
        insert(&line.name, formula.shape(line.value));
    }
    Value::Object(shapes)
}

/// What each sum over an index is.
pub fn vectorized(parsed: &Parsed) -> Value {
    let sums = parsed.sums.iter().flat_map(|sums| &sums.vectorized);
    sums.map(|sum| json!({ "sum": sum.sum, "form": sum.form, "rules": sum.by })).collect()
}

/// How sums and their forms agree; null where there is none.
pub fn sums(check: Option<SumCheck>) -> Value {
    check.map_or(Value::Null, |check| {
        json!({
            "points": check.points,
            "max_relative_error": check.max_relative_error,
            "passed": check.passed,
        })
    })
}
