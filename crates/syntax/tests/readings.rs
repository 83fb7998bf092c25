//! Formulas as people write them: every line of every file of `readings/` is read as it is meant, without declarations.

use chainrule_syntax::{Library, Parsed, Source, parse};
use formula::{Node, Shape};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn kind(shape: &Shape) -> &'static str {
    match (shape.rows.is_one(), shape.cols.is_one()) {
        (true, true) => "scalar",
        (false, true) => "vector",
        (true, false) => "row",
        (false, false) => "matrix",
    }
}

/// The kinds of the variables, and that of the result.
fn kinds(parsed: &Parsed) -> (BTreeMap<String, &'static str>, &'static str) {
    let formula = &parsed.formula;
    let result = formula.result().unwrap();
    let variables = formula.reachable(&[result]).into_iter().filter_map(|id| match formula.node(id) {
        Node::Variable(variable) => Some((variable.name.to_string(), kind(&variable.shape))),
        _ => None,
    });
    (variables.collect(), kind(formula.shape(result)))
}

#[test]
fn every_formula_is_read_as_it_is_meant() {
    let library = Library::standard();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readings");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let (mut count, mut wrong) = (0, Vec::new());
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (formula, meant) = line.split_once('|').unwrap();
            let formula = formula.trim();
            count += 1;
            let pair = |part: &str| {
                part.split_once(':').map(|(name, kind)| (name.trim().to_owned(), kind.trim().to_owned()))
            };
            let wanted: BTreeMap<String, String> = meant.split(',').filter_map(pair).collect();
            let parsed = match parse(formula, &library) {
                Ok(parsed) => parsed,
                Err(error) => {
                    wrong.push(format!("{formula}: {error}"));
                    continue;
                }
            };
            let (found, result) = kinds(&parsed);
            let is_meant = found.len() == wanted.len()
                && found.iter().all(|(name, kind)| wanted.get(name).is_some_and(|wanted| wanted == kind));
            // What is read is what is read when all of it is declared.
            let declarations: Vec<String> = parsed
                .assumptions
                .iter()
                .filter(|one| !one.is_constant && one.kind != "size")
                .map(|one| format!("{}: {}", one.name, one.kind))
                .collect();
            let again = parse(Source { text: formula, declarations: &declarations.join("\n") }, &library);
            let is_same = again
                .is_ok_and(|again| kinds(&again) == (found.clone(), result) && again.echo == parsed.echo);
            if !is_meant || !is_same {
                wrong.push(format!("{formula}: {found:?}, result {result}, same when declared: {is_same}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} are read otherwise:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 130, "{count} formulas");
}

/// In Python `**` is the power of a number as well as of every entry.
#[test]
fn what_python_squares_may_be_one_number() {
    let library = Library::standard();
    for (formula, scalar, vector) in [
        ("np.mean((X @ w + b - y)**2) + lam*b**2", "b", "y"),
        ("np.sum((x - mu)**2) + mu**2", "mu", "x"),
        ("np.sum((y - X @ w)**2) + alpha*np.sum(w**2)", "alpha", "w"),
    ] {
        let (kinds, result) = kinds(&parse(formula, &library).unwrap());
        assert_eq!((kinds[scalar], kinds[vector], result), ("scalar", "vector", "scalar"), "{formula}");
    }
}
