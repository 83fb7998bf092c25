//! A module's text, and what keeps one from being written.

use super::{CodeError, numpy};
use crate::derivation::tests::{one_layer, with_body};
use formula::{Body, Name, Primitive};

#[test]
fn an_abstract_function_is_left_to_the_reader() {
    let module = numpy(&one_layer()).unwrap();
    for part in [
        "def g(x):\n    \"\"\"g, entry by entry. Any function will do",
        "    return np.sin(x + 1 * np.pi / 2)\n",
        "def value_and_gradients(X, W, Y):\n",
        "    X: m x n\n",
        "    m = X.shape[0]\n    Z1 = X @ W  # m x q\n    A2 = g(Z1)  # m x q\n",
        "    f = np.linalg.norm(A2 - Y)**2 / m  # scalar\n",
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
    let module = numpy(&derivation).unwrap();
    for part in [
        "def g(x):\n    \"\"\"g, entry by entry.\"\"\"\n    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))\n",
        "def g_slope(x):\n    \"\"\"The slope of g, entry by entry.\"\"\"\n    return 1 / (1 + np.exp(-x))\n",
    ] {
        assert!(module.contains(part), "{part}\nis not in\n{module}");
    }
}

#[test]
fn an_unknown_slope_is_an_error() {
    let derivation = with_body(one_layer(), |d, g, x| {
        let body = d.primitive(Primitive::ERF, &[x]);
        d.0.function_mut(g).body = Body::Defined(body);
    });
    let error = CodeError::UnknownSlope { function: Name::from("g"), marks: vec![0] };
    assert_eq!(numpy(&derivation), Err(error));
}
