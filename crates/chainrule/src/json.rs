//! Answers as JSON: a derivative's as one object, and what it has in common with those of checks.

use crate::answer::{Answer, Otherwise};
use calculus::Reading;
use formula::{Formula, Name, Node, NodeId};
use judge::SumCheck;
use notation::{Dialect, PrintedAlgebra, PrintedLine, PrintedStep, Told, ToldSteps};
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
    let told = answer.told();
    let steps = |is: &dyn Fn(&ToldSteps) -> bool| -> Vec<Value> {
        told.iter().filter(|told| is(&told.steps)).flat_map(|told| steps(&derivation.formula, told)).collect()
    };
    let derivative = |(reading, line): (&Reading, PrintedLine)| {
        let is_of = |other: &Reading| std::ptr::eq(reading, other);
        let laws = steps(&|steps| matches!(steps, ToldSteps::Laws(_, Some(of)) if is_of(of)));
        let first = steps(&|steps| matches!(steps, ToldSteps::First(_, of, _) if is_of(of)));
        let algebra = steps(&|steps| matches!(steps, ToldSteps::Closed(of, _) if is_of(of)));
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
            "algebra": algebra,
            "second": reading.second.as_ref().map(|_| json!({ "algebra_of_first": first, "steps": laws })),
        })
    };
    let derivatives: Vec<Value> = answer.closed.iter().zip(answer.closed_lines()).map(derivative).collect();
    let assumption = |assumption: &syntax::Assumption| json!({ "name": assumption.name.as_str(), "kind": assumption.kind, "why": assumption.why, "or": assumption.or });
    let otherwise = |other: &Otherwise| json!({ "declaration": other.declaration, "name": other.name.as_str(), "text": other.text });
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
        "steps": steps(&|steps| matches!(steps, ToldSteps::Laws(_, None))),
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

/// Steps that belong together.
fn steps(formula: &Formula, told: &Told) -> Vec<Value> {
    let law = |step: &PrintedStep| {
        json!({
            "number": step.number,
            "law": step.law.as_str(),
            "of": step.of,
            "from": step.from,
            "to": step.to,
            "shape": step.shape,
        })
    };
    let algebra = |step: &PrintedAlgebra| {
        let names: Vec<&str> = step.names.iter().map(Name::as_str).collect();
        json!({ "number": step.number, "names": names, "from": step.from, "to": step.to, "shape": step.shape })
    };
    match told.steps {
        ToldSteps::Laws(..) => told.print_laws().iter().map(law).collect(),
        ToldSteps::First(_, _, steps) | ToldSteps::Closed(_, steps) => {
            notation::print_algebra(formula, steps, told.first).iter().map(algebra).collect()
        }
    }
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
