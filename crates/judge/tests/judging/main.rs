//! The check of derivations: it passes what is right on every kind of domain, and fails what is wrong.

mod claims;

use calculus::{Derivation, Derived, Form, Laws, Layout, Order, Request, Symmetric};
use chainrule_judge::{Check, Library, Source, check};
use formula::{Name, Number};

/// All derivatives of a formula.
fn derived(text: &str, declarations: &str, request: &Request) -> Derived {
    let parsed = syntax::parse(Source { text, declarations }, &Library::standard()).unwrap();
    calculus::derive(&parsed.formula, request, Laws::standard()).unwrap()
}

/// A few numbers that look random.
fn draw() -> impl FnMut() -> f64 {
    let mut state = 12_345_u64;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let unit = (state >> 11) as f64 / (1_u64 << 53) as f64;
        3.0 * (unit - 0.5)
    }
}

fn judged(derived: &Derived, request: &Request) -> Check {
    check(&derived.derivation, &derived.readings, request, 3, &mut draw()).unwrap()
}

#[test]
fn right_derivatives_pass_on_every_domain() {
    let cases = [
        ("norm(g(X*W) - Y)^2/m", "X: m x n, W: n x p, Y: m x p, g: function"),
        ("sum(log(x) .* arcsin(y))", "x: n, y: n"),
        ("sum(log(x - 1))", "x: 2"),
        ("x'*S*x", "S: n x n symmetric"),
        ("sum(relu(X*w))", "X: 50 x 40, w: 40"),
        ("sum(sqrt(x))", "x: n positive"),
        ("exp(20*a)/b", "a: scalar, b: scalar"),
        ("norm(cols(A, 40, 55)*x)^2 + sum(rows(B, 30, 31))", "A: m x n, x: 16, B: n x p"),
    ];
    for (text, declarations) in cases {
        let request = Request::default();
        let check = judged(&derived(text, declarations, &request), &request);
        assert!(check.passed, "{text}: {} points, error {}", check.points, check.max_relative_error);
    }
}

#[test]
fn right_derivatives_pass_in_every_form() {
    let second = |by: Option<&str>| Order::Second(by.map(Name::from));
    let plain = Request::default();
    let form = |form: Form| Request { form: Some(form), ..Request::default() };
    let cases = [
        ("tanh(A*x)", "A: m x n, x: n", "x", plain.clone()),
        ("tanh(A*x)", "A: m x n, x: n", "x", Request { layout: Layout::Denominator, ..plain.clone() }),
        ("A*X*B", "A: k x m, X: m x n, B: n x p", "X", form(Form::Pullback)),
        ("A*X*B", "A: k x m, X: m x n, B: n x p", "X", form(Form::Pushforward)),
        ("A*X'*B", "A: k x n, X: m x n, B: m x p", "X", form(Form::Vec)),
        ("Z = X*w\nF = tanh(Z)", "X: m x n, w: n", "Z", plain.clone()),
        ("exp(t*A)", "A: m x n, t: scalar", "t", plain.clone()),
        (
            "norm(tanh(X*w) - y)^2",
            "X: m x n, w: n, y: m",
            "w",
            Request { order: second(None), ..plain.clone() },
        ),
        ("sum(tanh(X*w))", "X: m x n, w: n", "w", Request { order: second(Some("X")), ..plain.clone() }),
        ("norm(tanh(X*W))^2", "X: m x n, W: n x p", "W", Request { order: second(None), ..plain.clone() }),
        ("norm(tanh(X*W))^2", "X: m x n, W: n x p", "W", Request { order: second(None), ..form(Form::Vec) }),
        (
            "Z = X*w\nf = sum(exp(Z))*sum(w)",
            "X: m x n, w: n",
            "Z",
            Request { order: second(None), ..plain.clone() },
        ),
        ("x'*S*S*x", "S: n x n symmetric, x: n", "S", plain.clone()),
        (
            "x'*S*S*x",
            "S: n x n symmetric, x: n",
            "S",
            Request { symmetric: Symmetric::Independent, ..plain.clone() },
        ),
        ("x'*S*S*x", "S: n x n symmetric, x: n", "S", Request { order: second(None), ..plain.clone() }),
        ("S*x", "S: n x n symmetric, x: n", "S", form(Form::Vec)),
        ("S*x", "S: n x n symmetric, x: n", "S", form(Form::Pushforward)),
    ];
    let mut wrong = Vec::new();
    for (text, declarations, by, request) in cases {
        let request = Request { wrt: vec![Name::from(by)], ..request };
        let mut derived = derived(text, declarations, &request);
        let right = judged(&derived, &request);
        if !right.passed {
            wrong
                .push(format!("{text} by {by}: {} points, error {}", right.points, right.max_relative_error));
        }
        let factor = derived.derivation.formula.number(Number::ratio(1001, 1000).unwrap());
        let value = derived.readings[0].value;
        derived.readings[0].value = derived.derivation.formula.scale(factor, value).unwrap();
        if judged(&derived, &request).passed {
            wrong.push(format!("{text} by {by}: a wrong answer passed"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wrong_line_fails() {
    for wrong in 0..2 {
        let request = Request::default();
        let mut derived = derived("norm(tanh(X*w) - y)^2", "X: m x n, w: n, y: m", &request);
        derived.readings.clear();
        let Derivation { formula, derivatives, .. } = &mut derived.derivation;
        let count = derivatives.len();
        let line = &mut derivatives[wrong * (count - 1)];
        let factor = formula.number(Number::ratio(1001, 1000).unwrap());
        line.value = formula.scale(factor, line.value).unwrap();
        assert!(!judged(&derived, &request).passed);
    }
}

#[test]
fn a_formula_without_a_value_is_not_confirmed() {
    let request = Request::default();
    let check = judged(&derived("log(-1 - norm(x)^2)", "x: n", &request), &request);
    assert_eq!((check.points, check.passed), (0, false));
}

#[test]
fn right_derivatives_are_never_contradicted_whatever_their_scale() {
    let request = Request::default();
    let cases = [
        ("sum(sin(1e10*x))", true),
        ("sum(sin(1e10*x) + sin(x))", true),
        ("sum(sin(1e10*x) + sin(1e-10*x))", true),
        ("sum(sin(1e20*x))", true),
        ("sum(sin(1e60*x))", true),
        ("sum(exp(1e10*x))", true),
        ("1e300*sum(sin(x))", true),
        ("1e-200*sum(sin(x))", true),
        ("1e240*sum(sin(1e-240*x))", true),
        ("1e300*sum(sin(1e-300*x))", false),
        ("1e307*sum(sin(x))", false),
        // Nearly everywhere all of it underflows.
        ("sum(x.^1000000)", true),
        ("sum(exp(-1e5*x.^2))", true),
        ("sum(sin(exp(exp(exp(3*x)))))", false),
        // In doubles.
        ("sum(sin(1e10*X*X'))", false),
    ];
    for (text, is_confirmed) in cases {
        let declarations = if text.contains('X') { "X: 80 x 60" } else { "x: n" };
        let mut derived = derived(text, declarations, &request);
        let check = judged(&derived, &request);
        assert!(!check.is_contradicted && (check.passed || !is_confirmed), "{text}: {check:?}");
        // And a wrong one never passes.
        let factor = derived.derivation.formula.number(Number::ratio(1001, 1000).unwrap());
        let value = derived.readings[0].value;
        derived.readings[0].value = derived.derivation.formula.scale(factor, value).unwrap();
        let check = judged(&derived, &request);
        assert!(!check.passed && (check.is_contradicted || !is_confirmed), "1.001 of {text}: {check:?}");
    }
}
