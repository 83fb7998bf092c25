//! What is printed as LaTeX is read back, and what the article writes is read as it stands.

use chainrule::{Library, Verdict, check_equal, latex};
use serde_json::Value;
use syntax::{Source, Spelling, parse, spell};

/// The known derivatives: their formulas, with the declarations of their variables.
fn formulas() -> Vec<(String, String)> {
    let list: Value = serde_json::from_str(include_str!("identities/identities.json")).expect("JSON");
    let entries = list.as_array().expect("a list");
    entries
        .iter()
        .map(|entry| {
            let declared = entry["vars"].as_object().expect("variables").iter().map(|(name, kind)| {
                let kind = kind.as_str().unwrap_or_default();
                let (word, sizes) = kind.trim_end_matches(')').split_once('(').unwrap_or((kind, ""));
                let shape = match word {
                    "scalar" => "scalar".to_owned(),
                    "vector" => sizes.to_owned(),
                    "symmetric" => format!("{sizes} x {sizes} symmetric"),
                    _ => sizes.replace(',', " x "),
                };
                let property = match entry["domain"][name].as_str() {
                    Some("positive") => " positive",
                    Some("posdef") => " positive definite",
                    _ => "",
                };
                format!("{name}: {shape}{property}")
            });
            let expr = entry["expr"].as_str().expect("a formula").to_owned();
            (expr, declared.collect::<Vec<_>>().join("\n"))
        })
        .collect()
}

#[test]
fn printed_latex_is_read_back_equal() {
    let library = Library::standard();
    let (mut read, mut equal, mut others) = (0, 0, Vec::new());
    for (expr, declarations) in formulas() {
        let parsed = parse(Source { text: &expr, declarations: &declarations }, &library).expect("a known formula");
        let result = parsed.formula.result().expect("a result");
        let Some(printed) = latex(&parsed.formula, result) else { continue };
        let spelled = match spell(&printed, &declarations, Spelling::Latex) {
            Ok(spelled) => spelled,
            Err(error) => {
                others.push(error.render());
                continue;
            }
        };
        read += 1;
        let left = Source { text: &expr, declarations: &declarations };
        match check_equal(left, &spelled.text, 0, &library) {
            Ok(answer) => match answer.judged.verdict {
                Verdict::Equal { .. } | Verdict::EqualOnNumbers { .. } | Verdict::EqualTransposed { .. } => equal += 1,
                Verdict::Different(_) | Verdict::Undecided(_) => {
                    others.push(format!("{expr}: {printed} is read as {}", spelled.text));
                }
            },
            Err(error) => others.push(format!("{expr}: {printed} is read as {}: {error}", spelled.text)),
        }
    }
    println!("{read} read, {equal} equal\n{}", others.join("\n"));
    assert!(equal >= 150, "{equal} of {read}");
}
