//! No text makes the reader panic, and what it prints reads back equal.

use chainrule_syntax::{Kind, LONGEST_TEXT, Library, Source, Spelling, optimizer, parse, schedule, spell};
use proptest::prelude::*;

/// Whatever reads text is given this one.
fn read_everywhere(text: &str, other: &str) {
    let library = Library::standard();
    let rendered = |error: chainrule_syntax::Diagnostic| error.render().len() + error.to_string().len();
    let _ = parse(Source { text, declarations: other }, &library).map_err(rendered);
    let _ = parse(text, &library).map_err(rendered);
    // What is too long is refused alike in all of them.
    let few = if text.len() > LONGEST_TEXT { 1 } else { Spelling::ALL.len() };
    for spelling in Spelling::ALL.into_iter().take(few) {
        let spelled = spell(text, other, spelling).map_err(rendered);
        // What was read is read again as it is, or refused with a place in the typed text.
        if let Ok(spelled) = spelled {
            let _ = parse(spelled.text.as_str(), &library).map_err(|error| rendered(spelled.restore(error)));
        }
    }
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
        "]",
        "[X, Y; ",
        ">",
        "<=",
        "==",
        "!=",
        "where(",
        "inv(",
        "kron(",
        "diag(",
        "vec(",
        "unvec(",
        "rows(X, ",
        "cols(",
        "commutation(",
        "softmax(",
        "logsumexp(",
        "vector(",
        "matrix(",
        ", 2)",
        "^-1",
        "\\frac{",
        "}{",
        "}",
        "{",
        "\\|",
        "\\left(",
        "\\right)",
        "\\sigma",
        "\\hat",
        "\\mathrm{tr}",
        "\\begin{bmatrix}",
        "\\end{bmatrix}",
        "\\\\",
        "&",
        "$",
        "^{\\top}",
        "_{1}",
        "^{[1]}",
        "^{(i)}",
        "\\sum_{i=1}^m",
        "\\min_w",
        "‖",
        "|",
        "ᵀ",
        "⁻¹",
        "₂",
        "√",
        "½",
        "Σ",
        "⊗",
        "⟨",
        "∑",
        "**",
        ".T",
        "np.sum(",
        "np.linalg.norm(",
        "axis=0",
        "lambda w: ",
        "[0, 1]",
        ".mean(",
        "(:)",
        "'fro'",
    ]);
    prop::collection::vec(token, 0..30).prop_map(|tokens| tokens.concat())
}

/// Formulas that are mostly well formed.
fn formulas() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["X", "Y", "W", "x", "y", "b", "c", "2", "0.5", "m", "pi"])
        .prop_map(str::to_owned);
    leaf.prop_recursive(5, 40, 2, |inner| {
        let operators = vec![" + ", " - ", "*", "/", " .* ", " ./ ", "\\", " > ", " <= ", " == "];
        let operator = prop::sample::select(operators);
        let functions = vec![
            "sum",
            "norm",
            "sigmoid",
            "tanh",
            "exp",
            "mean",
            "sqrt",
            "tr",
            "inv",
            "det",
            "logdet",
            "adj",
            "diag",
            "vec",
            "softmax",
            "logsumexp",
            "vector",
            "matrix",
            "elu",
            "relu6",
        ];
        let function = prop::sample::select(functions);
        let pair = prop::sample::select(vec![
            "kron({}, {})",
            "[{}, {}]",
            "[{}; {}]",
            "max({}, {})",
            "where({}, {}, 1)",
            "solve({}, {})",
            "softmax({}, 2)*{}",
            "rows({}, 1, 2)*{}",
            "unvec({}, m, n) + {}",
            "commutation(m, n)*{}*{}",
        ]);
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(a, o, b)| format!("({a}){o}{b}")),
            (pair, inner.clone(), inner.clone())
                .prop_map(|(text, a, b)| text.replacen("{}", &a, 1).replacen("{}", &b, 1)),
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

/// What is read, or the message for it.
fn outcome(text: &str, declarations: &str) -> String {
    match parse(Source { text, declarations }, &Library::standard()) {
        Ok(read) => format!("{} nodes", read.formula.len()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_long_or_deep_is_read_or_refused() {
    let nested = |open: &str, close: &str, depth: usize| open.repeat(depth) + "X" + &close.repeat(depth);
    for (open, close) in
        [("(", ")"), ("[", "]"), ("inv(", ")"), ("[X, ", "]"), ("-(", ")"), ("kron(X, ", ")")]
    {
        assert!(outcome(&nested(open, close, 10_000), "X: n x n").contains("deeper than 200"), "{open}");
        assert!(!outcome(&nested(open, close, 10_000)[..20_000], "X: n x n").is_empty());
    }
    for (open, close) in [("inv(", ")"), ("softmax(", ", 2)"), ("[X, 1*", "]"), ("where(X > 0, X, ", ")")] {
        let text = outcome(&nested(open, close, 150), "X: n x n");
        assert!(text.contains("nodes"), "{open}: {text}");
    }
    let long = |link: &str| link.repeat(10_000) + "X";
    for link in ["X*", "X + ", "X .* ", "X\\", "X' - "] {
        let text = outcome(&long(link), "X: n x n");
        assert!(text.contains("nodes"), "{link}: {text}");
    }
    let block = format!("[{}X]", "X, ".repeat(10_000));
    assert!(outcome(&block, "X: m x n").contains("nodes"));
    assert!(outcome(&block.replace(", ", "; "), "").contains("nodes"));
    assert!(outcome(&("X > ".repeat(10_000) + "X"), "").contains("not chained"));
}

#[test]
fn what_is_longer_than_any_formula_is_refused_before_it_is_read() {
    for link in ["x+", "x*", "x .* ", "-", "x -", "sin(x) + ", "(x)*", "2*", "x > ", "x, ", "x' + "] {
        let text = link.repeat(100_000) + "x";
        let start = std::time::Instant::now();
        assert!(outcome(&text, "").contains("more than 32000 names"), "{link}: {}", outcome(&text, ""));
        assert!(outcome("x", &text).contains("more than 32000 names"), "{link}");
        assert!(start.elapsed().as_millis() < 1000, "{link}: {:?}", start.elapsed());
    }
    let numbered = |line: &str, count: usize| -> String {
        (0..count).map(|at| line.replace('#', &at.to_string())).collect()
    };
    for line in ["x# + ", "x#: m x n\n", "z# = sin(x)\n", "sin(x#) .* "] {
        let text = numbered(line, 40_000) + "x";
        assert!(outcome(&text, "").contains("more than 32000 names"), "{line}: {}", outcome(&text, ""));
    }
    let definitions = numbered("f#(x) = x\n", 2_000);
    assert!(outcome("x", &definitions).contains("more than 1000 definitions"));
    let error = Library::standard().define(&definitions).unwrap_err();
    assert!(error.to_string().contains("more than 1000 definitions"), "{error}");
}

#[test]
fn ten_megabytes_are_refused_in_milliseconds() {
    for text in ["x+", "#", "(", "\n", "é", "f(x) = x\n", "function f(x) = x\n", "x: n\n", "1", "'"] {
        let text = text.repeat(10_000_000 / text.len());
        // The least of three: a machine has other things to do.
        let times = (0..3).map(|_| {
            let start = std::time::Instant::now();
            let all = [
                parse(text.as_str(), &Library::standard()).map(|_| ()).unwrap_err(),
                parse(Source { text: "x", declarations: &text }, &Library::standard())
                    .map(|_| ())
                    .unwrap_err(),
                Library::standard().define(&text).map(|_| ()).unwrap_err(),
            ];
            for error in &all {
                assert_eq!(error.message(), "this text is longer than 1000000 bytes");
                assert!(error.render().len() < 1000);
            }
            start.elapsed()
        });
        let least = times.min().unwrap();
        assert!(least.as_millis() < 500, "{least:?} for {:?}", &text[..1]);
    }
}

#[test]
fn sums_in_sums_end_at_once() {
    for count in [12, 24, 40] {
        let start = std::time::Instant::now();
        let _ = spell(&(r"\sum_i ".repeat(count) + "x_i"), "", Spelling::Auto);
        let _ = spell(&(r"\sum_i \sum_k x_{ik} ".repeat(count) + "y"), "", Spelling::Auto);
        assert!(start.elapsed().as_secs() < 2, "{count}: {:?}", start.elapsed());
    }
}

#[test]
fn pages_that_use_one_another_grow_to_a_limit() {
    let chain = |first: &str, next: &str, count: usize| -> String {
        let lines = (1..count)
            .map(|at| next.replace("NEW", &format!("h{at}")).replace("OLD", &format!("h{}", at - 1)));
        first.to_owned() + "\n" + &lines.collect::<Vec<_>>().join("\n")
    };
    for (first, next) in [
        ("h0(X: m x n) = X .* exp(X)", "NEW(X: m x n) = OLD(OLD(X))"),
        ("h0(X: m x n) = X", "NEW(X: m x n) = OLD(X) + OLD(X)"),
        ("h0(X: m x n) = X", "NEW(X: m x n) = [OLD(X); OLD(X)]"),
        ("h0(X: m x m) = X", "NEW(X: m x m) = OLD(X)*OLD(X)"),
        (
            "loss h0(A: m x q, Y: m x q) = sum(A - Y)",
            "loss NEW(A: m x q, Y: m x q) = OLD(A, Y)*OLD(A, Y) + OLD(Y, A)",
        ),
    ] {
        let mut library = Library::standard();
        let start = std::time::Instant::now();
        let error = library.define(&chain(first, next, 40)).map(|_| ()).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("more than 250000 nodes") || text.contains("too large"), "{next}: {text}");
        assert!(start.elapsed().as_secs() < 10, "{next}: {:?}", start.elapsed());
    }
}

#[test]
fn sizes_that_grow_without_bound_are_refused() {
    let doubled = |line: &str| {
        let lets: Vec<String> = (1..70)
            .map(|i| line.replace("NEW", &format!("Z{i}")).replace("OLD", &format!("Z{}", i - 1)))
            .collect();
        lets.join("\n")
    };
    let kronecker = doubled("NEW = kron(OLD, OLD)");
    for declarations in ["Z0: m x n", "Z0: matrix", ""] {
        assert!(outcome(&kronecker, declarations).contains("too large"), "{declarations}");
    }
    let two = kronecker.replace('Z', "Y") + "\n" + &kronecker + "\nZ69 + Y69";
    assert!(outcome(&two, "").contains("too large"));
    for line in ["NEW = OLD + OLD", "NEW = OLD*OLD", "NEW = OLD .* OLD", "NEW = [OLD, OLD]", "NEW = OLD^40"] {
        assert!(outcome(&doubled(line), "Z0: n x n").contains("more than 250000 nodes"), "{line}");
    }
    let many: Vec<String> = (0..2_000).map(|i| format!("X{i}")).collect();
    assert!(outcome(&format!("[{}]", many.join(", ")), "").contains("too large"));
}

#[test]
fn the_kinds_of_many_names_are_found_in_a_time_that_grows_as_their_count() {
    let library = Library::standard();
    // What stands alike is decided once; what stands each in its own way, within a limit on what is looked at.
    let terms: &[fn(usize) -> String] = &[
        |at| format!("x{at}^2"),
        |at| format!("sin(x{at})"),
        |at| format!("c{at}*x{at}^2"),
        |at| format!("x{at}*y{at}"),
        |at| format!("norm(x{at} - y{at})^2"),
        |at| format!("{}*x{at}^2", at + 1),
        |at| format!("x{at}^{}*sin({at}.5*y{at})", at + 2),
        |at| format!("{}x{at}^2*y{at}{}", "(".repeat(at % 90 + 1), " + z)".repeat(at % 90 + 1)),
    ];
    for term in terms {
        for count in [12, 50, 300] {
            let text = (0..count).map(term).collect::<Vec<_>>().join(" + ");
            let start = std::time::Instant::now();
            let parsed = parse(text.as_str(), &library);
            assert!(start.elapsed().as_secs() < 5, "{:?}: {:?}", &text[..60], start.elapsed());
            assert!(parsed.is_ok(), "{text}");
        }
    }
    for count in [2, 12, 50, 300] {
        let text = (0..count).map(|at| format!("x{at}^2")).collect::<Vec<_>>().join(" + ");
        let parsed = parse(text.as_str(), &library).unwrap();
        assert!(parsed.assumptions.iter().all(|one| one.kind == "scalar"), "{count}");
    }
}
