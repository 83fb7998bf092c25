//! No text makes the reader panic, and what it prints reads back equal.

use chainrule_syntax::{Kind, Library, Source, optimizer, parse, schedule};
use proptest::prelude::*;

/// Whatever reads text is given this one.
fn read_everywhere(text: &str, other: &str) {
    let library = Library::standard();
    let rendered = |error: chainrule_syntax::Diagnostic| error.render().len() + error.to_string().len();
    let _ = parse(Source { text, declarations: other }, &library).map_err(rendered);
    let _ = parse(text, &library).map_err(rendered);
    let _ = library.clone().define(text).map_err(rendered);
    let _ = library.clone().anonymous_function(text, "g").map_err(rendered);
    let _ = library.clone().anonymous_loss(text, "loss").map_err(rendered);
    let _ = library.choose(Kind::Metric, text).map_err(rendered);
    let _ = optimizer(text, &library).map_err(rendered);
    let _ = schedule(text, &library).map_err(rendered);
}

fn tokens() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "X",
        "W",
        "Y",
        "x",
        "y",
        "b",
        "m",
        "n",
        "g",
        "f",
        "T",
        "df/dX",
        "df",
        "2",
        "0",
        "0.5",
        "1e-8",
        "+",
        "-",
        "*",
        "/",
        ".*",
        "./",
        "^",
        ".^",
        "'",
        "(",
        ")",
        ",",
        ";",
        ":",
        "=",
        "\n",
        "\n    ",
        "sum(",
        "norm(",
        "ones(",
        "sigmoid(",
        "leaky_relu(",
        "slope",
        "mse(",
        "function ",
        "loss ",
        "optimizer ",
        "state ",
        "stable ",
        "check ",
        "latex ",
        "<-",
        "scalar",
        "symmetric",
        "positive definite",
        "x",
        " x ",
        "max(",
        "# why",
        "@",
        "\\",
        "[",
        "<",
        "é",
        "'(",
        "∘",
    ]);
    prop::collection::vec(token, 0..30).prop_map(|tokens| tokens.concat())
}

/// Formulas that are mostly well formed.
fn formulas() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["X", "Y", "W", "x", "y", "b", "c", "2", "0.5", "m", "pi"])
        .prop_map(str::to_owned);
    leaf.prop_recursive(5, 40, 2, |inner| {
        let operator = prop::sample::select(vec![" + ", " - ", "*", "/", " .* ", " ./ "]);
        let function = prop::sample::select(vec!["sum", "norm", "sigmoid", "tanh", "exp", "mean", "sqrt"]);
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(a, o, b)| format!("{a}{o}{b}")),
            (function, inner.clone()).prop_map(|(f, a)| format!("{f}({a})")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("-{a}")),
            inner.clone().prop_map(|a| format!("({a})'")),
            inner.prop_map(|a| format!("({a})^2")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in any::<String>(), other in any::<String>()) {
        read_everywhere(&text, &other);
    }

    #[test]
    fn no_string_of_tokens_panics(text in tokens(), other in tokens()) {
        read_everywhere(&text, &other);
    }

    #[test]
    fn the_echo_reads_back_equal(text in formulas()) {
        let library = Library::standard();
        if let Ok(first) = parse(text.as_str(), &library) {
            let again = parse(first.echo.as_str(), &library);
            prop_assert!(again.is_ok(), "{} is refused", first.echo);
            if let Ok(again) = again {
                prop_assert_eq!(&again.echo, &first.echo);
                prop_assert_eq!(&again.formula.lines, &first.formula.lines);
                prop_assert_eq!(&again.assumptions, &first.assumptions);
            }
        }
    }
}
