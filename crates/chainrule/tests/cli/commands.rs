//! Help, the library, derivations and explanations.

use super::{Place, shipped};

#[test]
fn help_shows_every_option_with_its_default() {
    let place = Place::new();
    let help = place.succeed(&["train", "--help"]).output;
    let bare = place.run(&["train"]);
    for text in [&help, &bare.errors] {
        for option in [
            "--target",
            "--layers",
            "--hidden",
            "--activation",
            "--output",
            "--no-bias",
            "--loss",
            "--optimizer",
            "--learning-rate",
            "--schedule",
            "--batch-size",
            "--epochs",
            "--seed",
            "--precision",
            "--scale",
            "--test",
            "--validation",
            "--train",
            "--ignore",
            "--solver",
            "--out",
            "--json",
            "--define",
        ] {
            assert!(text.contains(option), "{option} in {text}");
        }
        for default in [
            "[default: tanh; silu below 1000 rows]",
            "[default: mse for",
            "[default: cosine]",
            "[default: f32]",
            "[default: 0.2;",
        ] {
            assert!(text.contains(default), "{default} in {text}");
        }
        assert!(text.contains("one free name") && text.contains("A (the network's values"), "{text}");
    }
    for command in ["derive", "predict", "evaluate", "explain"] {
        assert!(place.run(&[command]).errors.contains("Usage"), "{command}");
    }
}

#[test]
fn the_library_lists_and_shows_its_pages() {
    let place = Place::new();
    let list = place.succeed(&["library"]).output;
    for name in ["softplus", "mse", "adam", "cosine", "rmse", "right multiplication"] {
        assert!(list.contains(name), "{name} in {list}");
    }
    assert!(place.succeed(&["library", "softplus"]).output.contains("log(1 + exp(x))"));
    let own = place.succeed(&["library", "bump", "--define", "bump(x) = exp(-x.^2)"]).output;
    assert!(own.contains("exp(-x.^2)"), "{own}");
}

#[test]
fn a_derivation_is_printed_with_its_laws() {
    let place = Place::new();
    let line = ["derive", "norm(X*w - y)^2", "--let", "X: m x n, w: n, y: m", "--wrt", "w", "--steps"];
    let text = place.succeed(&line).output;
    for word in ["2*X'*(X*w - y)", "squared Frobenius norm"] {
        assert!(text.contains(word), "{word} in {text}");
    }
    let value: serde_json::Value =
        serde_json::from_str(&place.succeed(&[line.as_slice(), &["--json"]].concat()).output).unwrap();
    assert_eq!(value["schema"], 1);
    assert_eq!(value["derivatives"][0]["wrt"], "w");
    assert_eq!(value["check"]["passed"], true);
    let latex = place.succeed(&["derive", "sum(x .* x)", "--format", "latex"]).output;
    assert!(latex.contains('x'));
}

#[test]
fn what_is_declared_is_printed_back_and_drawn_so() {
    let place = Place::new();
    let ask = |formula: &str, declarations: &str, more: &[&str]| {
        place.succeed(&[&["derive", formula, "--let", declarations][..], more].concat()).output
    };
    let text = ask("tr(Q'*A*Q)", "Q: n x n, orthogonal; A: n x n psd", &["--wrt", "Q"]);
    assert!(text.contains("\ndeclared   Q: n x n orthogonal\n"), "{text}");
    assert!(text.contains("\ndeclared   A: n x n positive semidefinite\n"), "{text}");
    assert!(text.contains("is that by any other of its shape, though Q is declared `orthogonal`"), "{text}");
    assert!(text.contains(": passed"), "{text}");
    let json = ask("sum(p .* log(p))", "p: n nonneg sums to one", &["--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["declared"][0], "p: n x 1 nonnegative sums to one");
    assert_eq!(json["check"]["passed"], true);
    // The numbers are those of an orthogonal matrix.
    let numbers = ask("tr(Q*A)", "Q: 2 x 2 orthogonal, A: 2 x 2", &["--numbers"]);
    let start = numbers.lines().position(|line| line.trim_start().starts_with("Q =")).unwrap();
    let rows: Vec<Vec<f64>> = (numbers.lines().skip(start).take(2))
        .map(|line| line.split('|').next().unwrap_or_default().split_whitespace())
        .map(|words| words.filter_map(|word| word.parse().ok()).collect())
        .collect();
    for row in &rows {
        assert!((row.iter().map(|entry| entry * entry).sum::<f64>() - 1.0).abs() < 1e-4, "{numbers}");
    }
}

#[test]
fn a_claim_knows_what_is_declared() {
    let place = Place::new();
    let claim = ["check", "sum(sqrt(p))", "--wrt", "p", "--let", "p: n positive sums to one", "--claim"];
    place.succeed(&[&claim[..], &["0.5 ./ sqrt(p)"]].concat());
    let claim = ["check", "x'*D*x", "--wrt", "x", "--let", "D: n x n diagonal", "--claim"];
    place.succeed(&[&claim[..], &["2*D*x"]].concat());
    let claim = ["check", "x'*Q'*Q*x", "--wrt", "x", "--let", "Q: orthogonal", "--claim"];
    place.succeed(&[&claim[..], &["2*x"]].concat());
    let claim = ["check", "norm(x)^2*norm(y)^2", "--wrt", "y", "--let", "x: n unit, y: n", "--claim"];
    place.succeed(&[&claim[..], &["2*y"]].concat());
    let claim = ["check", "norm(A*x - b)^2 + x(2)", "--wrt", "x", "--claim"];
    place.succeed(&[&claim[..], &["2*A'*(A*x - b) + [0; 1; zeros(n - 2)]"]].concat());
}

#[test]
fn a_model_is_explained_by_its_derivation() {
    let place = Place::new();
    let table = shipped("sine.csv");
    place.succeed(&["train", &table, "--target", "y", "--epochs", "1", "--hidden", "3,2", "--out", "run"]);
    let text = place.succeed(&["explain", "run"]).output;
    for line in ["Z1 = X*W1", "df/dZ3", "df/dW1", "right multiplication"] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn every_format_shows_the_derivative() {
    let place = Place::new();
    for (format, sign) in [
        ("text", "df/dW1 = "),
        ("latex", r"\frac{\partial f}{\partial W_{1}} &= "),
        ("html", "<mfrac><mrow><mo>∂</mo>"),
        ("numpy", "import numpy as np"),
        ("jax", "jax.config.update(\"jax_enable_x64\", True)"),
        ("pytorch", "import torch"),
        ("json", "\"text\": "),
    ] {
        let asked = ["derive", "norm(sigmoid(X*W1) - Y)^2/m", "--wrt", "W1", "--format", format];
        let output = place.succeed(&asked).output;
        assert!(output.contains(sign), "{sign} in {output}");
    }
    let asked = ["derive", "norm(X*W1 - Y)^2", "--format", "latex", "--layers"];
    assert!(place.succeed(&asked).output.contains("{W^{[1]}}^{\\top}"));
}

/// A norm of one entry has a kink where others are smooth.
#[test]
fn second_derivatives_of_one_entry_are_those_of_its_size() {
    let place = Place::new();
    let shown = place.succeed(&["derive", "norm(x)^4", "--let", "x: 1 x 1", "--order", "2"]).output;
    assert!(
        shown.contains("d2f/dx2 = 4*abs(x)*(abs(x) + 2*x*sign(x))") && shown.contains("passed"),
        "{shown}"
    );
}
