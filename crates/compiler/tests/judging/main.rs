//! The check of derivations: it passes what is right on every kind of domain, and fails what is wrong.

mod claims;

use calculus::{Derivation, Laws};
use chainrule_compiler::{Check, Library, Source, check};
use formula::{Name, Number};

/// The derivation of a formula by all its variables, with its closed forms.
fn derived(text: &str, declarations: &str) -> (Derivation, Vec<(Name, formula::NodeId)>) {
    let parsed = syntax::parse(Source { text, declarations }, &Library::standard()).unwrap();
    let derivation = calculus::differentiate(&parsed.formula, &[], Laws::standard()).unwrap();
    let closed = derivation.gradients.iter().map(|gradient| (gradient.by.clone(), gradient.value)).collect();
    (derivation, closed)
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

fn judged(derivation: &Derivation, closed: &[(Name, formula::NodeId)]) -> Check {
    check(derivation, closed, 3, &mut draw()).unwrap()
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
    ];
    for (text, declarations) in cases {
        let (derivation, closed) = derived(text, declarations);
        let check = judged(&derivation, &closed);
        assert!(check.passed, "{text}: {} points, error {}", check.points, check.max_relative_error);
    }
}

#[test]
fn a_wrong_line_fails() {
    for wrong in 0..2 {
        let (mut derivation, _) = derived("norm(tanh(X*w) - y)^2", "X: m x n, w: n, y: m");
        let count = derivation.derivatives.len();
        let line = &mut derivation.derivatives[wrong * (count - 1)];
        let factor = derivation.formula.number(Number::ratio(1001, 1000).unwrap());
        line.value = derivation.formula.scale(factor, line.value).unwrap();
        assert!(!judged(&derivation, &[]).passed);
    }
}

#[test]
fn a_wrong_closed_form_fails() {
    let (mut derivation, mut closed) = derived("norm(tanh(X*w) - y)^2", "X: m x n, w: n, y: m");
    assert!(judged(&derivation, &closed).passed);
    let half = derivation.formula.number(Number::ratio(1, 2).unwrap());
    closed[0].1 = derivation.formula.scale(half, closed[0].1).unwrap();
    assert!(!judged(&derivation, &closed).passed);
}

#[test]
fn a_formula_without_a_value_is_not_confirmed() {
    let (derivation, closed) = derived("log(-1 - norm(x)^2)", "x: n");
    let check = judged(&derivation, &closed);
    assert_eq!((check.points, check.passed), (0, false));
}
