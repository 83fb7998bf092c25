//! How claims are written: in every spelling, by their entries, with a left side, as chains of equations.

use super::Place;
use super::check::status;

#[test]
fn a_claim_takes_the_spelling_of_its_formula() {
    let place = Place::new();
    for (formula, by, claim) in [
        ("x' A x", "x", "(A + A') x"),
        ("½ x' A x", "x", "½ (A + A') x"),
        ("‖Xw − y‖²", "w", "2 X'(Xw - y)"),
        (r"\|Xw - y\|^2", "w", "2X^T(Xw - y)"),
        ("‖Xw − y‖² + λ‖w‖²", "w", "2*X'*(X*w - y) + 2*lambda*w"),
        ("norm(Xw - y)^2 + norm(w)^2", "w", "2*X'*(Xw - y) + 2*w"),
    ] {
        assert_eq!(status(&place, formula, by, claim), 0, "{formula}: {claim}");
    }
    assert_eq!(status(&place, "norm(Xw - y)^2 + lambda*norm(w)^2", "w", "2*lambda*w"), 1);
}

/// The formula, what is derived by, the claim, and the claim over whole columns and matrices.
const BY_ENTRY: [[&str; 4]; 27] = [
    [r"-\sum_i p_i \log p_i", "p", r"-1 - \log p_i", "-1 - log(p)"],
    [r"-\sum_i p_i \log p_i", "p", "−1 − log(pᵢ)", "-1 - log(p)"],
    ["sum_i q_i*log(q_i/p_i)", "p", "-q_i/p_i", "-q ./ p"],
    ["sum_i q_i*log(q_i/p_i)", "p", "−qᵢ/pᵢ", "-q ./ p"],
    ["sum_i q_i*log(q_i/p_i)", "q", "1 + log(q_j/p_j)", "1 + log(q ./ p)"],
    [r"\sum_i (y_i - x_i^T w)^2", "w", r"-2 \sum_i (y_i - x_i^T w) x_{ij}", "-2*(X'*(y - X*w))"],
    [r"\sum_i (y_i - x_i^T w)^2", "y", "2 (y_i - x_i^T w)", "2*(y - X*w)"],
    [r"\sum_i (y_i - x_i^T w)^2", "X", "-2 (y_i - x_i^T w) w", "-2*((y - X*w)*w')"],
    [
        r"\log \sum_j e^{z_j} - \sum_j y_j z_j",
        "z",
        r"\frac{e^{z_i}}{\sum_j e^{z_j}} - y_i",
        "exp(z)/sum(exp(z)) - y",
    ],
    [
        r"\log \sum_j e^{z_j} - \sum_j y_j z_j",
        "z",
        r"\frac{e^{z_i}}{\sum_i e^{z_i}} - y_i",
        "exp(z)/sum(exp(z)) - y",
    ],
    ["p = softmax(z); f = -y'*log(p)", "z", "p_j*sum(y) - y_j", "sum(y)*p - y"],
    [r"\sum_i x_i^2", "x", r"\partial f / \partial x_i = 2 x_i", "2*x"],
    [r"\sum_i x_i^2", "x_i", "2 x_i", "2*x"],
    ["x'*x", "x", "df/dx_i = 2*x_i", "2*x"],
    ["x'*x", "x", "∂f/∂xᵢ = 2xᵢ", "2*x"],
    ["x'*A*x", "x", "sum_j (A_ij + A_ji)*x_j", "(A' + A)'*x"],
    ["norm(x)", "x", "x_i/norm(x)", "x/norm(x)"],
    ["sum(x.^3)", "x", "3 x_i²", "3*x.^2"],
    ["prod(x)", "x", "prod(x)/x_i", "prod(x) ./ x"],
    ["y' A x", "A", "y_i x_j", "y_i*x_j"],
    ["tr(A*A)", "A", "2*A_ji", "2*A_ji"],
    ["tr(A*B)", "A", "∂f/∂A_ij = b_ji", "b_ji"],
    ["A*x", "x", r"\frac{\partial y_i}{\partial x_j} = A_{ij}", "A_ij"],
    ["sum(y.*(A*x))", "x", "sum_i y_i a_ij", "A'*y"],
    ["norm(X*w - y)^2", "X", "2*(x_i'*w - y_i)*w_j", "2*((X*w - y)*w')"],
    ["R = X*W - Y; f = norm(R)^2", "W", r"2 \sum_k x_{ki} r_{kj}", "2*(X'*R)"],
    ["R = X*W - Y; f = norm(R)^2", "W", r"2 \sum_k r_{kj} x_{ki}", "(2*(R'*X))'"],
];

#[test]
fn a_claim_by_its_entries_is_the_column_or_the_matrix_of_them() {
    let place = Place::new();
    for [formula, by, claim, whole] in BY_ENTRY {
        let answer = place.run(&["check", formula, "--wrt", by, "--claim", claim]);
        assert_eq!(answer.status, 0, "{formula}: {claim}\n{}{}", answer.output, answer.errors);
        for part in ["the claim is read as the ", &format!(" = {whole}\n"), "\nyes   "] {
            assert!(answer.output.contains(part), "{claim}: {part} in {}", answer.output);
        }
    }
}

#[test]
fn a_wrong_claim_by_entries_is_a_no_and_one_without_a_form_is_refused() {
    let place = Place::new();
    for (formula, by, claim, status, says) in [
        ("sum_i q_i*log(q_i/p_i)", "q", "log(q_i/p_i)", 1, "the term ones(m) is missing"),
        ("x'*x", "x", "3*x_i", 1, "it is 3/2 times the right answer"),
        ("tr(A*A)", "A", "2*A_ij", 1, "\nright      df/dA = 2*A'"),
        ("x'*x", "x", "2*x_i*q_i", 2, "`q_i` is not known here"),
        ("-y'*log(softmax(z))", "z", "p_j - y_j", 2, "`p_j` is not known here"),
        (
            "norm(X*W - Y)^2",
            "W",
            "X_ij*Y_jk*W_kl",
            2,
            "is written by its entries, and has no form for all i and j and k and l",
        ),
        (
            "y'*x",
            "y",
            "df/dx = y",
            2,
            "the claim is about the derivative by `x`, and the one by `y` was asked",
        ),
    ] {
        let answer = place.run(&["check", formula, "--wrt", by, "--claim", claim]);
        let printed = format!("{}{}", answer.output, answer.errors);
        assert_eq!(answer.status, status, "{claim}: {printed}");
        assert!(printed.contains(says), "{claim}: {says} in {printed}");
    }
}

#[test]
fn the_left_side_of_a_claim_says_what_it_is_derived_by() {
    let place = Place::new();
    for claim in ["df/dx_i = y_i", "∂f/∂x = y", r"\frac{\partial f}{\partial x_j} = y_j"] {
        let answer = place.succeed(&["check", "y'*x", "--claim", claim]);
        assert!(answer.output.contains("claim      df/dx = y\nyes"), "{}", answer.output);
    }
    let answer = place.run(&["check", "y'*x", "--claim", "y"]);
    assert_eq!(answer.status, 2);
    assert!(answer.errors.contains("name it with `--wrt`, or on the left side"), "{}", answer.errors);
}

#[test]
fn every_notation_of_a_derivative_is_the_left_side_of_a_claim() {
    let place = Place::new();
    for left in [
        "∂_w f",
        r"\partial_w f",
        "D_w f",
        "Df(w)",
        "f'(w)",
        "f'",
        r"f^{\prime}(w)",
        "grad f",
        "grad_w f",
        "grad(f, w)",
        r"\nabla f",
        "∇f",
        "∇_w f",
        "f_w",
        "dw",
        "w_grad",
        "d f/d w",
        r"\mathrm{d}f/\mathrm{d}w",
        r"\operatorname{grad} f",
        r"\frac{\mathrm{d} f}{\mathrm{d} \mathbf{w}}",
        r"\frac{\partial}{\partial w} \|Xw - y\|^2",
        "dL/dw",
    ] {
        for (claim, status) in [("2*X'*(X*w - y)", 0), ("X'*(X*w - y)", 1)] {
            let claim = format!("{left} = {claim}");
            place.ends(status, &["check", "norm(X*w - y)^2", "--wrt", "w", "--claim", &claim], &[]);
        }
        let line = format!("{left} = 2*X'*r");
        let is_by = left.contains('w') && !left.contains(['(', '\\']) && !matches!(left, "f_w" | "dL/dw");
        if is_by {
            let text = format!("r = X*w - y\nf = norm(r)^2\n{line}");
            place.ends(0, &["check", &text], &[]);
        }
    }
}

#[test]
fn each_side_of_a_chain_of_equations_is_a_claim() {
    let place = Place::new();
    let chain = r"\begin{align*} \nabla_w f &= \frac{\partial}{\partial w} \|Xw-y\|^2 \\ &= 2X^T(Xw-y) \\ &= 2X^TXw - 2X^Ty \end{align*}";
    let answer = place.succeed(&["check", r"\|Xw-y\|^2", "--claim", chain]);
    assert!(answer.output.contains("side       df/dw = 2*X'*(X*w - y): yes"), "{}", answer.output);
    assert!(answer.output.contains("claim      df/dw = 2*X'*X*w - 2*X'*y\nyes"), "{}", answer.output);
    for wrong in
        [chain.replace("= 2X^T(", "= X^T("), chain.replace("2X^Ty", "X^Ty"), chain.replace("|^2", "|^4")]
    {
        let answer = place.run(&["check", r"\|Xw-y\|^2", "--claim", &wrong]);
        assert_ne!(answer.status, 0, "{wrong}: {}", answer.output);
    }
}

#[test]
fn the_sides_of_a_formula_are_equal_or_refused() {
    let place = Place::new();
    for (formula, is_equal) in [
        (r"J(w) = \|Xw - y\|^2 = (Xw-y)^T(Xw-y)", true),
        (r"J(w) = \|Xw - y\|^2 = (Xw-y)^T(Xw+y)", false),
        ("J(w) = norm(X*w - y)^2 = (X*w - y)'*(X*w - y)", true),
        ("J(w) = ‖Xw − y‖² = (Xw − y)ᵀ(Xw − y)", true),
        ("J(w) = ‖Xw − y‖² = 2(Xw − y)ᵀ(Xw − y)", false),
    ] {
        let answer = place.run(&["derive", formula]);
        let says =
            if is_equal { "is equal to it on numbers" } else { "the sides of the equation are not equal" };
        assert_eq!(answer.status, if is_equal { 0 } else { 2 }, "{formula}: {}", answer.errors);
        assert!(format!("{}{}", answer.output, answer.errors).contains(says), "{formula}: {}", answer.output);
    }
}

#[test]
fn names_of_derivatives_below_a_formula_are_its_lines() {
    let place = Place::new();
    let network = "Z1 = X*W1\nA1 = sigmoid(Z1)\nL = norm(A1*W2 - Y)^2\ndZ2 = 2*(A1*W2 - Y)\n";
    let text = "Z1 = X*W1\nA1 = sigmoid(Z1)\nZ2 = A1*W2\nL = norm(Z2 - Y)^2\ndZ2 = 2*(Z2 - Y)\ndW2 = A1'*dZ2\ndL_dA1 = dZ2*W2'\n";
    place.ends(0, &["check", text], &[]);
    place.ends(1, &["check", &text.replace("A1'*dZ2", "2*A1'*dZ2")], &[]);
    // Z2 is no line there.
    place.ends(2, &["check", network], &[]);
}

#[test]
fn a_line_of_a_derivative_has_every_left_side_of_a_claim() {
    let place = Place::new();
    for (formula, line, wrong) in [
        ("f = norm(X*w - y)^2", "f_w = 2*X'*(X*w - y)", "f_w = X'*(X*w - y)"),
        ("f = norm(X*w - y)^2", "w.grad = 2*X'*(X*w - y)", "w.grad = X'*(X*w - y)"),
        ("f = norm(X*w - y)^2", "∂f/∂w^T = 2*(X*w - y)'*X", "∂f/∂w^T = 2*X'*(X*w - y)"),
        ("f(w) = norm(X*w - y)^2", "∇f = 2*X'*(X*w - y)", "∇f = X'*(X*w - y)"),
        ("f(w) = norm(X*w - y)^2", "df/dw = 2*X'*(X*w - y)", "df/dw = X'*(X*w - y)"),
        ("f = norm(w)^2", "df/dw_i = 2*w_i", "df/dw_i = w_i"),
    ] {
        place.ends(0, &["check", &format!("{formula}\n{line}\n")], &[]);
        place.ends(1, &["check", &format!("{formula}\n{wrong}\n")], &[]);
    }
}

#[test]
fn a_product_of_derivatives_that_nothing_defines_is_told() {
    let place = Place::new();
    for claim in [
        "df/dw = df/dZ * dZ/dw = 2*X'*(X*w - y)",
        r"\frac{\partial f}{\partial w} = \frac{\partial f}{\partial z}\frac{\partial z}{\partial w} = 2X^T(Xw - y)",
    ] {
        let answer = place.succeed(&["check", "norm(X*w - y)^2", "--claim", claim]);
        assert!(answer.output.contains("is a product of derivatives"), "{claim}: {}", answer.output);
    }
    place.ends(2, &["check", "norm(X*w - y)^2", "--wrt", "w", "--claim", "df/dZ * dZ/dw"], &[]);
    let file = "Z = X*w\nf = norm(Z - y)^2\ndf/dw = df/dZ * dZ/dw = 2*X'*(X*w - y)\n";
    let answer = place.succeed(&["check", file]);
    assert!(answer.output.contains("is not compared"), "{}", answer.output);
}

#[test]
fn what_says_or_asks_for_a_derivative_is_no_formula_to_derive() {
    let place = Place::new();
    for text in ["f = norm(w)^2\ndf/dw = 2*w", r"\frac{df}{dX} = W^T \frac{df}{dG}", r"\frac{df}{dX}"] {
        place.ends(2, &["derive", text], &[]);
    }
    place.succeed(&["derive", "df/dw = 2*w", "--wrt", "w"]);
}

#[test]
fn the_left_side_of_a_claim_is_held_to_what_it_says() {
    let place = Place::new();
    // A formula, a claim, what it is derived by where that is asked, and the exit status.
    let rows = [
        ("KL(q||p) = sum(q.*log(q./p))", "dKL/dp = 1 + log(q./p)", "", 1),
        ("KL(q||p) = sum(q.*log(q./p))", "dKL/dp = -q./p", "", 0),
        ("f(x, y) = x'*A*y", "df/dy = A*y", "", 1),
        ("f(x, y) = x'*A*y", "df/dy = A'*x", "", 0),
        ("f(x, y) = x'*A*y", "df/dA = A*y", "", 2),
        ("r = X*w - y; f = norm(r)^2", "dr/dw = 2*X'*r", "", 2),
        ("r = X*w - y; f = norm(r)^2", "df/dw = 2*X'*r", "", 0),
        ("norm(x)^2", "df/dx_i = 2*x_j", "", 2),
        ("norm(x)^2", "df/dx_i = 2*x_i", "", 0),
        ("norm(x)^2", "2*x_i", "x_j", 2),
        ("norm(x)^2", "2*x_j", "x_j", 0),
        ("norm(x)^2", "df/dx_i = 2*x_ij", "", 2),
        (r"\mathrm{tr}(AX)", r"\frac{\partial f}{\partial X_{ij}} = A_{ij}", "", 1),
        (r"\mathrm{tr}(AX)", r"\frac{\partial f}{\partial X_{ij}} = A_{ji}", "", 0),
        (r"\mathrm{tr}(AX)", r"\frac{\partial f}{\partial X_{ij}} = A_{kl}", "", 2),
        ("tr(A*X)", "df/dX_ij = A'", "", 2),
        ("norm(X*w - y)^2", "df/dw_i = 2*X'*(X*w - y)", "", 2),
        (r"\sum_i \sin(x_i)", r"\frac{\partial f}{\partial x_i} = \sum_i \cos(x_i)", "", 2),
        ("y = W*x", "dy_i/dx_j = W_ji", "", 1),
        ("y = W*x", "dy_i/dx_j = W_ij", "", 0),
        ("J(w) = norm(X*w - y)^2", "∇_y J(w) = 2*X'*(X*w - y)", "", 2),
        ("J(w) = norm(X*w - y)^2", "∇_w J(w) = 2*X'*(X*w - y)", "", 0),
        ("norm(X*w - y)^2", "dw = -2*(X*w - y)", "y", 2),
        ("norm(X*w - y)^2", "w_grad = 2*X'*(X*w - y)", "w", 0),
        (r"\|Xw - y\|^2", r"\partial_w f = -2(Xw - y)", "y", 2),
        ("sum(2*x)", "df/dx_i = 2", "", 0),
        ("sum(2*x)", "df/dx_i = 3", "", 1),
        ("norm(X*w - y)^2", "f_v = 2*X'*(X*w - y)", "w", 2),
        ("norm(X*w - y)^2", "f = 2*X'*(X*w - y)", "w", 2),
        ("norm(X*w - y)^2", "f'(y) = 2*X'*(X*w - y)", "w", 2),
        ("norm(X*w - y)^2", "f''(w) = 2*X'*(X*w - y)", "w", 1),
        ("norm(X*w - y)^2", "∇f = 2*X'*(X*w - y)", "", 2),
        ("norm(X*w - y)^2", "∇f(w) = 2*X'*(X*w - y)", "", 0),
        ("norm(X*w - y)^2", "∇f(w) = 2*X'*(X*w - y)", "y", 2),
        ("norm(X*w - y)^2", "d/dw norm(X*w)^2 = 2*X'*(X*w - y)", "", 2),
        ("norm(X*w - y)^2", "d/dw norm(X*w - y)^2 = 2*X'*(X*w - y)", "", 0),
        ("norm(X*w - y)^2", "∂f/∂w^T = 2*X'*(X*w - y)", "", 1),
        ("norm(X*w - y)^2", "∂f/∂w^T = 2*(X*w - y)'*X", "", 0),
        ("norm(X*w - y)^2", "∂f/∂w_i = 2*X'*(X*w - y)", "", 2),
        (r"\|Xw - y\|^2", r"\frac{\partial f}{\partial w^\top} = 2(Xw - y)^\top X", "", 0),
        (r"\|Xw - y\|^2", r"\frac{\partial f}{\partial w^\top} = 2X^\top (Xw - y)", "", 1),
        (r"\|Xw - y\|^2", r"\frac{\partial^2 f}{\partial w \partial w^\top} = 2X^\top X", "", 0),
        (r"\|Xw - y\|^2", r"\frac{\partial^2 f}{\partial w^2} = X^\top X", "", 1),
        ("y = tanh(x)", "dy_i/dx_i = 1 - y_i^2", "", 2),
        ("y = softmax(x)", "dy_i/dx_i = y_i*(1 - y_i)", "", 0),
        ("y = softmax(x)", "dy_i/dx_i = y_i*(1 + y_i)", "", 1),
        ("y = W*x", "dy_i/dx_i = W_ii", "", 2),
        ("tr(A*A)", "df/dA_ij = 2*A_ji", "", 0),
    ];
    for (formula, claim, by, status) in rows {
        let mut arguments = vec!["check", formula, "--claim", claim];
        if !by.is_empty() {
            arguments.extend(["--wrt", by]);
        }
        place.ends(status, &arguments, &[]);
    }
}
