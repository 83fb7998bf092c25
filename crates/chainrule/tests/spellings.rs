//! What is printed as LaTeX is read back, and what the article writes is read as it stands.

use chainrule::{Library, Question, Verdict, check_equal, derive, latex};
use notation::Language;
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
        let parsed =
            parse(Source { text: &expr, declarations: &declarations }, &library).expect("a known formula");
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
                Verdict::Equal { .. } | Verdict::EqualOnNumbers { .. } | Verdict::EqualTransposed { .. } => {
                    equal += 1
                }
                Verdict::Different(_) | Verdict::Undecided(_) => {
                    others.push(format!("{expr}: {printed} is read as {}", spelled.text));
                }
            },
            Err(error) => others.push(format!("{expr}: {printed} is read as {}: {error}", spelled.text)),
        }
    }
    println!("{read} read, {equal} equal\n{}", others.join("\n"));
    assert!(equal >= 200, "{equal} of {read}");
}

/// The lines of a module that lead to the value.
fn lines_of_value(module: &str) -> Option<String> {
    let body = module.split("def value_and_gradients").nth(1)?;
    let body = body.rsplit_once("    return ")?.0.split("\"\"\"").nth(2)?;
    let lines: Vec<&str> = body.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines.iter().position(|line| line.starts_with("f = "))?;
    Some(lines[..=last].join("\n"))
}

#[test]
fn printed_numpy_is_read_back_equal() {
    let library = Library::standard();
    let (mut printed, mut equal, mut others) = (0, 0, Vec::new());
    for (expr, declarations) in formulas() {
        let question = Question {
            formula: &expr,
            declarations: &declarations,
            points: 1,
            closed: true,
            ..Question::default()
        };
        let Ok(answer) = derive(&question, &library) else { continue };
        let Ok(module) = notation::code(&answer.derivation, &answer.closed, &answer.request, Language::NumPy)
        else {
            continue;
        };
        let Some(text) = lines_of_value(&module) else { continue };
        printed += 1;
        // There every array has two axes.
        let arrays: Vec<String> = declarations
            .lines()
            .map(|line| match line.split_whitespace().collect::<Vec<_>>().as_slice() {
                [name, "scalar", ..] => format!("{name} scalar"),
                [name, size, ..] if !line.contains(" x ") => format!("{name} {size} x 1"),
                _ => line.to_owned(),
            })
            .collect();
        let spelled = match spell(&text, &arrays.join("\n"), Spelling::Python) {
            Ok(spelled) => spelled,
            Err(error) => {
                others.push(error.render());
                continue;
            }
        };
        let left = Source { text: &expr, declarations: &declarations };
        match check_equal(left, &spelled.text, 0, &library) {
            Ok(answer)
                if matches!(
                    answer.judged.verdict,
                    Verdict::Equal { .. } | Verdict::EqualOnNumbers { .. }
                ) =>
            {
                equal += 1;
            }
            Ok(_) => others.push(format!("{expr}: {text} is read as {}", spelled.text)),
            Err(error) => others.push(format!("{expr}: {text} is read as {}: {error}", spelled.text)),
        }
    }
    println!("{printed} printed, {equal} equal\n{}", others.join("\n"));
    // The others call a function that the module writes out beside them.
    assert!(equal >= 164, "{equal} of {printed}");
}
