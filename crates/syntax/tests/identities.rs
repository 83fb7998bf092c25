//! Formulas that people ask for and their known derivatives are read with declared shapes.

use chainrule_syntax::{Library, Source, parse};
use std::path::Path;

/// `matrix(m,n)` as `m x n`, `vector(n)` as `n`, `symmetric(n)` as `n x n symmetric`.
fn declaration(shape: &str) -> String {
    let (kind, sizes) = shape.split_once('(').unwrap_or((shape, ""));
    let sizes = sizes.trim_end_matches(')');
    match kind {
        "matrix" => sizes.replacen(',', " x ", 1),
        "symmetric" => format!("{sizes} x {sizes} symmetric"),
        "vector" => sizes.to_owned(),
        _ => "scalar".to_owned(),
    }
}

/// The test is skipped where the table of identities does not lie beside the repository.
#[test]
fn known_identities_are_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/identities/identities.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: there is no {}", path.display());
        return;
    };
    let identities: Vec<serde_json::Value> = serde_json::from_str(&text).expect("a list of identities");
    let library = Library::standard();
    let mut failed = Vec::new();
    for identity in &identities {
        let word = |key: &str| identity[key].as_str().unwrap_or_default();
        let variables = identity["vars"].as_object().expect("variables with their shapes");
        let declared = |(name, shape): (&String, &serde_json::Value)| {
            format!("{name}: {}", declaration(shape.as_str().unwrap_or_default()))
        };
        let declarations: Vec<String> = variables.iter().map(declared).collect();
        for text in [word("expr"), word("derivative")] {
            if let Err(error) = parse(Source { text, declarations: &declarations.join(", ") }, &library) {
                failed.push(format!("{} {text}\n{}", word("id"), error.render()));
            }
        }
    }
    assert!(failed.is_empty(), "{} of {}\n{}", failed.len(), 2 * identities.len(), failed.join("\n"));
}
