//! The answers of `chainrule check` as JSON objects.

use super::super::report::number;
use super::{Side, expression};
use chainrule::json::{sums, vectorized};
use chainrule::{ClaimAnswer, EqualAnswer, Judged, JudgedLine, LinesAnswer, Verdict, slip_text};
use serde_json::{Value, json};

pub fn claim_json(answer: &ClaimAnswer, before: &[Side]) -> Value {
    let before: Vec<Value> =
        before.iter().map(|side| json!({ "claim": side.claim, "verdict": side.verdict })).collect();
    json!({
        "schema": 1,
        "formula": answer.parsed.echo.trim_end(),
        "derivative": answer.reading.title.as_str(),
        "claim": expression(&answer.echo),
        "sides_before": before,
        "names": answer.names,
        "right": notation::text(&answer.formula, answer.reading.value),
        "notes": answer.reading.notes,
        "vectorization": vectorized(&answer.parsed),
        "sums": sums(answer.sums),
        "verdict": verdict_json(&answer.judged),
    })
}

pub fn equal_json(answer: &EqualAnswer) -> Value {
    json!({
        "schema": 1,
        "formula": answer.left.echo.trim_end(),
        "equals": answer.right.echo.trim_end(),
        "notes": answer.left.notes,
        "vectorization": vectorized(&answer.left),
        "sums": sums(answer.sums),
        "verdict": verdict_json(&answer.judged),
    })
}

pub fn lines_json(answer: &LinesAnswer) -> Value {
    let line = |line: &JudgedLine| {
        json!({
            "line": line.number,
            "derivative": line.symbol.as_str(),
            "text": line.echo.trim_end(),
            "right": notation::text(&line.formula, line.right),
            "verdict": verdict_json(&line.judged),
        })
    };
    let wrong = answer.lines.iter().find(|line| !line.judged.verdict.is_yes());
    json!({
        "schema": 1,
        "formula": answer.parsed.echo.trim_end(),
        "vectorization": vectorized(&answer.parsed),
        "sums": sums(answer.sums),
        "lines": answer.lines.iter().map(line).collect::<Vec<_>>(),
        "first_wrong_line": wrong.map(|line| line.number),
    })
}

fn verdict_json(judged: &Judged) -> Value {
    match &judged.verdict {
        Verdict::Equal { points } => json!({ "equal": true, "by": "normal form", "points": points }),
        Verdict::EqualOnNumbers { points, max_relative_error } => json!({
            "equal": true,
            "by": "numbers",
            "points": points,
            "max_relative_error": number(*max_relative_error),
        }),
        Verdict::EqualTransposed { layout, points, .. } => {
            json!({ "equal": true, "by": "other layout", "layout": layout.name(), "points": points })
        }
        Verdict::Undecided(why) => json!({ "equal": null, "undecided": why }),
        Verdict::Different(difference) => {
            let entry = difference.entry.as_ref().map(|entry| {
                json!({
                    "sizes": entry.sizes.iter().map(|(name, size)| (name.to_string(), json!(size))).collect::<serde_json::Map<_, _>>(),
                    "row": entry.row,
                    "column": entry.col,
                    "claimed": number(entry.claimed),
                    "right": number(entry.right),
                    "difference": number(entry.difference),
                    "quotient": entry.quotient.map(number),
                })
            });
            let slip = difference
                .slip
                .as_ref()
                .map(|slip| json!({ "name": slip.name, "text": slip_text(judged, slip) }));
            let shape = |shape: &formula::Shape| json!([shape.rows.to_string(), shape.cols.to_string()]);
            json!({
                "equal": false,
                "slip": slip,
                "claimed_shape": shape(&difference.claimed),
                "right_shape": shape(&difference.right),
                "entry": entry,
            })
        }
    }
}
