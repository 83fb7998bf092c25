//! Answers that other systems of matrix calculus are known to get wrong, unfinished or ugly, as a textbook prints them.

use chainrule::{Answer, Language, Library, Question, code, derive, text};

fn answer(formula: &str, declarations: &str, wrt: &str) -> Answer {
    let question = Question { formula, declarations, wrt: &[wrt], ..Question::default() };
    let answer = derive(&question, &Library::standard()).unwrap_or_else(|error| panic!("{formula}: {error}"));
    assert!(answer.check.passed, "{formula}: {:.1e}", answer.check.max_relative_error);
    answer
}

fn check(formula: &str, declarations: &str, wrt: &str, want: &str) {
    let answer = answer(formula, declarations, wrt);
    let found = text(&answer.derivation.formula, answer.closed[0].value).unwrap_or_default();
    assert_eq!(found, want, "{formula} by {wrt}");
}

#[test]
fn sums_factors_and_residuals_are_as_typed_in_every_derivative() {
    let hinge = "C*sum(max(0, 1 - y .* (X*w + b)))";
    let told = "X: n x p, y: n, w: p, b: scalar, C: scalar";
    check(hinge, told, "w", "-C*X'*(y .* step(1 - y .* (X*w + b)))");
    check(hinge, told, "b", "-C*y'*step(1 - y .* (X*w + b))");
    check("c'*x - m*sum(log(b - A*x))", "m: scalar", "x", "c + m*A'*(1 ./ (b - A*x))");
    check("norm(y - X*w)^2 + a*norm(w)^2", "a: scalar", "w", "2*(X'*(X*w - y) + a*w)");
    check("logdet(eye(n) - g*P)", "P: n x n, g: scalar", "P", "-g*inv(eye(n) - g*P)'");
    check("norm(X'*X - eye(n))^2", "X: m x n", "X", "4*X*(X'*X - eye(n))");
    check("(a - 1)*sum(log(x)) + n*a*log(b)", "x: n, a: scalar, b: scalar", "a", "sum(log(x)) + n*log(b)");
}

#[test]
fn a_sign_is_taken_once() {
    let told = "X: m x n, A: m x m, v: m, y: m, w: n";
    let formula = "-v'*((X*w - y) .* (A*(X*w - y)))";
    check(formula, told, "v", "(A*(y - X*w)) .* (X*w - y)");
    answer("-(v'*(X*w - y))*((X*w - y)'*A*v)*norm(X*w - y)", told, "v");
    answer("-sum((X*w - y).^3 .* (A*(X*w - y)) ./ (1 + (y - X*w).^2))", told, "w");
}

#[test]
fn nothing_is_divided_by_what_was_no_divisor() {
    check("sum(abs(x).^3)", "x: n", "x", "3*x .* abs(x)");
    check("sum(max(0, 1 - x).^2)", "x: n", "x", "-2*max(1 - x, 0)");
    check("log(1 + q/v)", "q: scalar, v: scalar", "q", "1/(v + q)");
    check("sum(log(1 + abs(x)/e))", "x: n, e: scalar", "x", "sign(x) ./ (e + abs(x))");
}

#[test]
fn a_function_that_a_row_makes_is_derived_again() {
    let request =
        chainrule::DerivativeRequest { order: chainrule::Order::Second(None), ..Default::default() };
    for (formula, second) in
        [("sum(log(cosh(x)))", "diag(1 - tanh(x).^2)"), ("sum(log(cos(x)))", "-diag(1 + tan(x).^2)")]
    {
        let source = chainrule::Source { text: formula, declarations: "x: n" };
        let parsed = chainrule::syntax::parse(source, &chainrule::Library::standard()).unwrap();
        let derived =
            chainrule::calculus::derive(&parsed.formula, &request, chainrule::calculus::Laws::standard())
                .unwrap();
        let text = chainrule::text(&derived.derivation.formula, derived.readings[0].value);
        assert_eq!(text.as_deref(), Some(second), "{formula}");
    }
}

#[test]
fn terms_that_are_each_others_transposes_are_merged() {
    check("w'*r + r'*w", "w: n, r: n", "w", "2*r");
    check("(X*w - y)'*(X*w - y)", "", "w", "2*X'*(X*w - y)");
    check("x'*A*x", "A: n x n, x: n", "x", "(A + A')*x");
    check("a'*X*b + b'*X'*a", "X: m x n, a: m, b: n", "X", "2*a*b'");
}

#[test]
fn constants_are_folded() {
    check("10/2*norm(X*w - y)^2", "", "w", "10*X'*(X*w - y)");
    check("0.5*3*norm(x)^2*4/6", "x: n", "x", "2*x");
}

#[test]
fn the_slope_of_a_rectifier_is_a_step_of_its_argument() {
    check("sum(relu(X*w))", "X: m x n, w: n", "w", "X'*step(X*w)");
    check("norm(relu(X*W) - Y)^2", "", "W", "2*X'*(step(X*W) .* (relu(X*W) - Y))");
}

#[test]
fn the_gradient_of_a_layer_is_a_product_and_no_kronecker_product() {
    check("norm(X*W - Y)^2/m", "X: m x n", "W", "2/m*X'*(X*W - Y)");
    check("norm(tanh(X*W) - Y)^2", "", "W", "2*X'*((1 - tanh(X*W).^2) .* (tanh(X*W) - Y))");
}

#[test]
fn a_ridge_does_not_lose_its_data() {
    check("norm(X*w - y)^2 + lambda*norm(w)^2", "", "w", "2*(X'*(X*w - y) + lambda*w)");
}

#[test]
fn a_rayleigh_quotient_keeps_its_denominator() {
    check("(x'*A*x)/(x'*x)", "A: n x n symmetric, x: n", "x", "2/(x'*x)*(A*x - (x'*A*x)/(x'*x)*x)");
}

#[test]
fn a_log_determinant_has_the_transposed_inverse() {
    check("logdet(X)", "X: n x n", "X", "inv(X)'");
    check("log(det(X))", "X: n x n positive definite", "X", "inv(X)");
    check("logdet(X'*X)", "X: m x n", "X", "2*X*inv(X'*X)");
}

#[test]
fn the_first_weights_of_two_layers_have_a_gradient() {
    check(
        "norm(sigmoid(X*W1)*W2 - Y)^2/m",
        "X: m x n",
        "W1",
        "2/m*X'*(sigmoid(X*W1) .* ((sigmoid(X*W1)*W2 - Y)*W2') .* (1 - sigmoid(X*W1)))",
    );
}

#[test]
fn cross_entropies_end_in_the_difference_of_two_tables() {
    check("sum(softplus(X*w)) - y'*X*w", "", "w", "X'*(sigmoid(X*w) - y)");
    check("-y'*log(sigmoid(X*w)) - (1 - y)'*log(1 - sigmoid(X*w))", "y: m", "w", "X'*(sigmoid(X*w) - y)");
    check("sum(logsumexp(X*W, 2)) - sum(Y .* (X*W))", "", "W", "X'*(softmax(X*W, 2) - Y)");
}

/// Shared parts are shown in the answer itself, not in code alone.
#[test]
fn what_is_shared_has_a_name() {
    let answer = answer("norm(sigmoid(X*W1)*W2 - Y)^2/m", "X: m x n", "W1");
    let formula = &answer.derivation.formula;
    let lets = answer.derivation.lets.iter().map(|line| (line.name.as_str(), line.value));
    let derivatives = answer.derivation.derivatives.iter().map(|line| (line.symbol.as_str(), line.value));
    let lines: Vec<String> = lets
        .chain(derivatives)
        .map(|(name, value)| format!("{name} = {}", text(formula, value).unwrap_or_default()))
        .collect();
    for line in ["Z1 = X*W1", "A1 = sigmoid(Z1)", "df/dZ1 = df/dA1 .* sigmoid'(Z1)", "df/dW1 = X'*df/dZ1"] {
        assert!(lines.iter().any(|known| known == line), "{line} in {lines:#?}");
    }
}

#[test]
fn a_smooth_ramp_is_known_in_every_spelling() {
    check("sum(log(exp(x) + 1))", "x: n", "x", "sigmoid(x)");
    check(
        "norm(y - m*ones(n))^2/(2*s^2) + n*log(s)",
        "y: n, m: scalar, s: scalar",
        "s",
        "(n - norm(y - m)^2/s^2)/s",
    );
    check("sum(log(1 + exp(-y .* (X*w))))", "X: m x n, y: m", "w", "-X'*(y .* sigmoid(-y .* (X*w)))");
}

/// What is typed overflows where its value does not, so that code computes it by functions that are written in stable form.
#[test]
fn code_does_not_overflow_where_the_value_does_not() {
    let stable = |formula: &str, declarations: &str, wrt: &str, language: Language, lines: &[&str]| {
        let answer = answer(formula, declarations, wrt);
        let module = code(&answer.derivation, &answer.closed, &answer.request, language).unwrap();
        for line in lines {
            assert!(module.contains(line), "{line}\nis not in\n{module}");
        }
    };
    let ramp = ["    f = np.sum(softplus(x))  # scalar\n", "    df_dx = sigmoid(x)  # n x 1\n"];
    stable("sum(log(exp(x) + 1))", "x: n", "x", Language::NumPy, &ramp);
    stable("sum(log(exp(x) + 1))", "x: n", "x", Language::NumPy, &["    return np.logaddexp(x, 0)\n"]);
    stable("sum(log(exp(x) + 1))", "x: n", "x", Language::Jax, &["    return jax.nn.softplus(x)\n"]);
    stable("sum(log(exp(x) + 1))", "x: n", "x", Language::PyTorch, &["    return torch.logaddexp("]);
    let maximum = ["    f = logsumexp(x)  # scalar\n", "np.max(X) + np.log(np.sum(np.exp(X - np.max(X))))"];
    stable("log(sum(exp(x)))", "x: n", "x", Language::NumPy, &maximum);
    let shares = ["    G = softmax(x)  # n x 1\n", "np.exp(X - np.max(X)) / np.sum("];
    stable("exp(x)/sum(exp(x))", "x: n", "x", Language::NumPy, &shares);
    // Through the names of lets, which are kept.
    let lines = ["    Z = X @ w  # m x 1\n", "    L = softplus(-", "    f = np.sum(L)  # scalar\n"];
    let named = "Z = X*w\nE = exp(-y .* Z)\nL = log(1 + E)\nf = sum(L)";
    stable(named, "y: m, X: m x n, w: n", "w", Language::NumPy, &lines);
}
