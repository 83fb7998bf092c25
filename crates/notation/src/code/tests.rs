//! A module's text, and what keeps one from being written.

use super::{CodeError, Language, code};
use crate::derivation::tests::{one_layer, with_body};
use crate::text::tests::Draft;
use calculus::{Derivation, Form, Reading, Request};
use formula::{Body, Formula, Line, Name, NodeId, Primitive};

/// The module of a derivation with its gradient as it was derived.
fn one_layer_module(derivation: &Derivation) -> Result<String, CodeError> {
    let gradient = &derivation.gradients[0];
    let reading = Reading {
        by: gradient.by.clone(),
        by2: None,
        form: Form::Gradient,
        title: Name::from("df/dW"),
        raw: gradient.value,
        value: gradient.value,
        simplified: gradient.value,
        symbols: Vec::new(),
        held: Vec::new(),
        notes: Vec::new(),
        second: None,
    };
    code(derivation, &[reading], &Request::default(), Language::NumPy)
}

#[test]
fn an_abstract_function_is_left_to_the_reader() {
    let module = one_layer_module(&one_layer()).unwrap();
    for part in [
        "def g(x):\n    \"\"\"g, entry by entry. Any function will do",
        "    return np.sin(x + 1 * np.pi / 2)\n",
        "def value_and_gradients(X, W, Y):\n",
        "    X: m x n\n",
        "    m = X.shape[0]\n    Z1 = X @ W  # m x q\n    A2 = g(Z1)  # m x q\n",
        "    t1 = A2 - Y  # m x q\n    f = np.linalg.norm(t1)**2 / m  # scalar\n",
        "    df_dZ1 = df_dA2 * g_slope(Z1)  # m x q\n    df_dW = X.T @ df_dZ1  # n x q\n",
        "    return f, {\"W\": df_dW}\n",
    ] {
        assert!(module.contains(part), "{part}\nis not in\n{module}");
    }
}

#[test]
fn functions_are_written_in_their_stable_form() {
    let derivation = with_body(one_layer(), |d, g, x| {
        let (minus, one) = (d.neg(x), d.n(1));
        let exp = d.primitive(Primitive::EXP, &[x]);
        let sum = d.add(&[one, exp]);
        let body = d.primitive(Primitive::LOG, &[sum]);
        let decay = d.primitive(Primitive::EXP, &[minus]);
        let sum = d.add(&[one, decay]);
        let slope = d.pow(sum, -1, 1);
        let (zero, size) = (d.n(0), d.primitive(Primitive::ABS, &[x]));
        let minus = d.neg(size);
        let (ramp, decay) = (d.primitive(Primitive::MAX, &[x, zero]), d.primitive(Primitive::EXP, &[minus]));
        let tail = d.primitive(Primitive::LOG1P, &[decay]);
        let stable = d.add(&[ramp, tail]);
        let function = d.0.function_mut(g);
        function.body = Body::Defined(body);
        function.stable = Some(stable);
        function.slopes.insert(vec![0], slope);
    });
    let module = one_layer_module(&derivation).unwrap();
    for part in [
        "def g(x):\n    \"\"\"g, entry by entry.\"\"\"\n    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))\n",
        "def g_slope(x):\n    \"\"\"The slope of g, entry by entry.\"\"\"\n    return 1 / (1 + np.exp(-x))\n",
    ] {
        assert!(module.contains(part), "{part}\nis not in\n{module}");
    }
}

/// A module for formulas that need no derivation.
fn lines(build: impl FnOnce(&mut Draft) -> Vec<(&'static str, NodeId)>) -> [String; 3] {
    let mut draft = Draft(Formula::new());
    let lines = build(&mut draft).into_iter();
    let mut lines: Vec<Line> = lines.map(|(name, value)| Line { name: Name::from(name), value }).collect();
    let result = lines.pop().unwrap();
    let derivation = Derivation {
        lets: lines,
        result,

        seed: None,
        derivatives: Vec::new(),
        gradients: Vec::new(),
        steps: Vec::new(),
        formula: draft.0,
    };
    Language::ALL.map(|language| code(&derivation, &[], &Request::default(), language).unwrap())
}

fn check(build: impl FnOnce(&mut Draft) -> Vec<(&'static str, NodeId)>, want: [&str; 3]) {
    for (module, want) in lines(build).iter().zip(want) {
        assert!(module.contains(want), "{want}\nis not in\n{module}");
    }
}

#[test]
fn products_with_inverses_are_solves() {
    let inverse = |d: &mut Draft, id: NodeId| d.0.inverse(id).unwrap();
    check(
        |d| {
            let (a, b, x) = (d.matrix("A", "n", "n"), d.matrix("B", "n", "n"), d.matrix("x", "n", "1"));
            let (ia, ib, t) = (inverse(d, a), inverse(d, b), d.t(x));
            vec![("f", d.mul(&[t, ia, ib, x]))]
        },
        [
            "f = (x.T @ np.linalg.solve(A, np.linalg.solve(B, x)))[0, 0]",
            "f = (x.T @ jnp.linalg.solve(A, jnp.linalg.solve(B, x)))[0, 0]",
            "f = (x.T @ torch.linalg.solve(A, torch.linalg.solve(B, x)))[0, 0]",
        ],
    );
    check(
        |d| {
            let (a, x) = (d.matrix("A", "n", "n"), d.matrix("X", "m", "n"));
            let inverse = inverse(d, a);
            let transposed = d.t(inverse);
            let (left, right) = (d.mul(&[x, inverse]), d.mul(&[x, transposed]));
            let alone = d.norm(inverse);
            vec![("L", left), ("R", right), ("f", alone)]
        },
        [
            "L = np.linalg.solve(A.T, X.T).T  # m x n\n    R = np.linalg.solve(A, X.T).T  # m x n\n    \
             f = np.linalg.norm(np.linalg.inv(A))",
            "L = jnp.linalg.solve(A.T, X.T).T",
            "f = torch.linalg.norm(torch.linalg.inv(A))",
        ],
    );
}

#[test]
fn parts_that_several_lines_use_are_computed_once() {
    let [numpy, ..] = lines(|d| {
        let (x, w) = (d.matrix("X", "m", "n"), d.matrix("w", "n", "1"));
        let product = d.mul(&[x, w]);
        let exp = d.primitive(Primitive::EXP, &[product]);
        let (sum, norm) = (d.0.sum(exp).unwrap(), d.norm(exp));
        vec![("s", sum), ("f", norm)]
    });
    assert_eq!(numpy.matches("np.exp(").count(), 1, "{numpy}");
    assert_eq!(numpy.matches("X @ w").count(), 1, "{numpy}");
}

#[test]
fn a_deep_line_is_cut_where_a_reader_would_lose_the_thread() {
    let [numpy, ..] = lines(|d| {
        let mut value = d.matrix("X", "m", "n");
        for _ in 0..500 {
            value = d.primitive(Primitive::TANH, &[value]);
        }
        vec![("f", d.norm(value))]
    });
    let deepest = numpy.lines().map(|line| line.matches("np.tanh(").count()).max();
    assert!(deepest < Some(40), "{deepest:?}");
}

#[test]
fn an_unknown_slope_is_an_error() {
    let derivation = with_body(one_layer(), |d, g, x| {
        let body = d.primitive(Primitive::ERF, &[x]);
        d.0.function_mut(g).body = Body::Defined(body);
    });
    let error = CodeError::UnknownSlope { function: Name::from("g"), marks: vec![0] };
    assert_eq!(one_layer_module(&derivation), Err(error));
}
