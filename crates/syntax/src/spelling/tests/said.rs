//! What is said of a reading beside the formula, and what is refused by its name.

use super::*;

#[test]
fn calls_that_have_no_law_are_told_for_what_they_are() {
    for (typed, said) in [
        ("np.linalg.pinv(X) @ y", "`pinv` is the pseudoinverse"),
        ("torch.linalg.pinv(X) @ y", "`pinv` is the pseudoinverse"),
        ("np.linalg.eigvals(X).sum()", "`eigvals` is the eigenvalues"),
        ("np.sum(np.linalg.svd(X))", "svd"),
        ("np.linalg.cholesky(S) @ x", "cholesky"),
        ("scipy.linalg.expm(A) @ x", "`expm` is the exponential of a matrix"),
        ("scipy.linalg.logm(A) @ x", "`logm` is the logarithm of a matrix"),
        ("np.linalg.norm(X, 2)", "the largest singular value"),
        ("F.cross_entropy(X @ W, y)", "class number"),
        ("np.sum(w * x, axis=1)", "goes along a second axis"),
        ("np.fft.rfft(x)", "is not read"),
        ("F.nll_loss(Z, y)", "class number"),
        ("torch.norm(X, p='nuc')", "the sum of the singular values"),
        ("torch.norm(X, 5)", "`torch.norm(X, 1)`"),
        ("opnorm(X)", "the largest singular value"),
        ("nuclearnorm(X)", "the sum of the singular values"),
    ] {
        match parse(typed, &Library::standard()) {
            Ok(parsed) => panic!("{typed} is read as {}", parsed.echo),
            Err(error) => assert!(error.to_string().contains(said), "{typed}: {}", error.render()),
        }
    }
}

#[test]
fn what_python_does_otherwise_is_said() {
    for (typed, said) in [
        ("np.sum(X * c)", "declare `c: vector`"),
        ("x[1] + x[2]", "`x[1]` is counted from 0"),
        ("w*A[1, 2]", "`A[1, 2]` is counted from 0"),
        ("np.sum(alpha * y)", "declare `alpha: vector`"),
        ("np.linalg.norm(x * d)**2", "declare `d: vector`"),
        ("np.sum((x - mu)**2 / sigma**2)", "declare `sigma: vector`"),
        ("(alpha*y) @ K @ (alpha*y)", "declare `alpha: vector`"),
        ("np.sum(np.exp(-b * t))", "declare `b: vector`"),
        ("softmax(Q @ K.T) @ V", "along each row"),
        ("F.cross_entropy(X @ W, Y)", "probabilities"),
        (r"\sum (x - \mu)^2", "has no index"),
        ("Σ xᵢ²", "runs over i"),
    ] {
        let parsed = parse(typed, &Library::standard()).unwrap_or_else(|error| panic!("{}", error.render()));
        assert!(parsed.notes.iter().any(|note| note.contains(said)), "{typed}: {:?}", parsed.notes);
    }
}

#[test]
fn what_matlab_sums_twice_is_the_sum_of_all() {
    for (typed, own) in [
        ("sum(sum(X))", "sum(sum(X, 1))"),
        ("sum(sum(X.^2))", "sum(sum(X.^2, 1))"),
        ("mean(mean((X - Y).^2))", "mean(mean((X - Y).^2, 1))"),
        ("sqrt(sum(sum(X.*Y)))", "sqrt(sum(sum(X .* Y, 1)))"),
        ("sum(sum(X, 2))", "sum(sum(X, 2), 1)"),
        ("sum(mean(X))", "sum(mean(X, 1))"),
        ("sum(x)", "sum(x)"),
        ("var(x)", "var(x)*numel(x)/(numel(x) - 1)"),
        ("std(X*w - y)", "std(X*w - y)*sqrt(numel(X*w - y)/(numel(X*w - y) - 1))"),
        ("sum(var(X))", "sum(var(X, 1)*nrows(X)/(nrows(X) - 1))"),
    ] {
        assert_eq!(read(typed, Spelling::Matlab), own, "{typed}");
    }
}

/// What comes of sums down columns and then of those is the sum of all, in either reading.
#[test]
fn of_a_sum_of_sums_nothing_is_said() {
    let notes = |typed: &str| spell(typed, "", Spelling::Auto).unwrap().notes;
    let is_said = |typed: &str| notes(typed).iter().any(|note| note.contains("MATLAB and Julia's older"));
    assert!(!is_said("sum(sum(X.^2)) + norm(W, 'fro')^2"));
    assert!(is_said("sum(X.^2) + norm(W, 'fro')^2"));
}

#[test]
fn what_has_no_law_or_is_a_property_is_refused_by_its_name() {
    let mut wrong = Vec::new();
    for (typed, said) in [
        ("tr(A^{1/2})", "the power `(1/2)` of a matrix is a root and no product, and has no law here"),
        ("A^{-1/2} x", "the power `(-1/2)` of a matrix is a root"),
        ("A^(1/2)*x", "is a root and no product"),
        ("A^½ x", "is a root and no product"),
        (r"\tr(A^{-\frac12})", "is a root and no product"),
        (
            "X^+ y",
            "`X^+` is the pseudoinverse of a matrix, which has no law here; where it has full column rank, write `inv(X'*X)*X'`",
        ),
        ("X^+ * y", "`X^+` is the pseudoinverse"),
        ("X⁺ y", "`X⁺` is the pseudoinverse"),
        ("‖X⁺y − w‖²", "`X⁺` is the pseudoinverse"),
        (r"\|X^{+} y\|^2", "`X^{+}` is the pseudoinverse"),
        (r"\|X^\dagger y\|", "the pseudoinverse of a matrix has no law here"),
        ("X^† y", "the pseudoinverse of a matrix has no law here"),
        (
            r"x^T P x \text{ with } P \succ 0",
            "positive definite is a property of it; declare it beside the formula, as in `--let \"P: spd\"`",
        ),
        (r"\sum_i w_{y_i}^T x_i", "an index stands below an index"),
        ("sum_i log(p_{y_i})", "an index stands below an index"),
        (r"-\sum_{i} \log p_{i, y_{i}}", "an index stands below an index"),
        (r"\sum_{i,j} A_{jk} x_i", "a sum runs over two indices"),
        (r"\sum_i (x_{i+1} - x_i)^2", "is the entry beside another"),
        ("sum_i (x_{i+1} - x_i)^2", "`sum((x(2:n) - x(1:n-1)).^2)`"),
        (r"\sum_i x_i x_{i-1}", "is the entry beside another"),
    ] {
        match parse(typed, &Library::standard()) {
            Ok(parsed) => wrong.push(format!("{typed} is read as {}", parsed.echo)),
            Err(error) if error.to_string().contains(said) => {}
            Err(error) => wrong.push(error.render()),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_capital_round_one_matrix_is_a_function_unless_it_is_a_matrix_elsewhere() {
    for (typed, declared, own, said) in [
        ("tr(H(P))", "", "H: function\ntr(H(P))", "`H` is read as an arbitrary function"),
        ("F(A)", "", "F: n x m -> scalar\nF(A)", "`F` is read as an arbitrary function"),
        (r"\tr F(A)", "", "F: function\ntr(F(A))", "`F` is read as an arbitrary function"),
        ("tr(H(P)) + tr(H)", "", "tr(H*P) + tr(H)", "because H is a matrix here too"),
        ("tr(H(P)) + tr(H)", "H: m x n", "tr(H*P) + tr(H)", "because H is a matrix here too"),
        ("tr(H(P) + H(Q))", "", "H: function\ntr(H(P) + H(Q))", "arbitrary function"),
        ("tr(H(P))", "", "H: function\ntr(H(P))", "for the product write `H*P`"),
        (
            "tr(H(P - Q))",
            "",
            "tr(H*(P - Q))",
            "`H(P - Q)` is read as the product H*(P - Q); declare `H: function`",
        ),
        ("tr(H(2*P))", "", "tr(H*(2*P))", "`H(2*P)` is read as the product H*(2*P); declare `H: function`"),
        ("sum(F(X+B))", "", "sum(F*(X + B))", "declare `F: function` for a function"),
        ("c*X(w - v)", "", "c*X*(w - v)", "`X(w - v)` is read as the product X*(w - v)"),
    ] {
        let found = spell(typed, declared, Spelling::Auto).unwrap();
        assert_eq!(found.text.replace("(P)*", "P*").replace("*(P)", "*P"), own, "{typed}");
        assert!(found.notes.iter().any(|note| note.contains(said)), "{typed}: {:?}", found.notes);
    }
    for (typed, declared) in
        [("tr(H(P))", "H: function"), ("A(x - y)", "A: function"), ("G(X) = X + 1\nG(A)", "")]
    {
        assert_eq!(spell(typed, declared, Spelling::Auto).unwrap().text, typed);
    }
}

#[test]
fn both_readings_of_a_divisor_without_blanks_are_said() {
    for (typed, said) in [
        ("x'A x/x'x", "`x'*A*x/(x'*x)`; the other reading is `(x'*A*x/x')*x`"),
        ("xᵀy/2n", "`x'*y/(2*n)`; the other reading is `(x'*y/2)*n`"),
    ] {
        let found = spell(typed, "", Spelling::Auto).unwrap();
        assert!(found.notes.iter().any(|note| note.contains(said)), "{typed}: {:?}", found.notes);
    }
    assert!(spell("1/n X'y", "", Spelling::Auto).unwrap().notes.is_empty());
}

#[test]
fn what_stands_behind_a_divisor_or_a_function_without_brackets_is_said() {
    for (typed, own, said) in [
        ("a'b/c d", "a'*b/c*d", "`(a'*b/c)*d`; the other reading is `a'*b/(c*d)`"),
        (r"x^\top y / c d", "x'*y / c*d", "`(x'*y/c)*d`; the other reading is `x'*y/(c*d)`"),
        ("log x y", "log(x*y)", "`log(x*y)`; the other reading is `log(x)*y`"),
        (r"\log x y + z", "log(x*y) + z", "`log(x*y)`; the other reading is `log(x)*y`"),
    ] {
        let found = spell(typed, "", Spelling::Auto).unwrap();
        assert_eq!(found.text, own, "{typed}");
        assert!(found.notes.iter().any(|note| note.contains(said)), "{typed}: {:?}", found.notes);
    }
    for typed in [r"\sin \theta \cos \phi", r"\log 2x", r"\frac{1}{n} x y", "1/n x y"] {
        assert!(spell(typed, "", Spelling::Auto).unwrap().notes.is_empty(), "{typed}");
    }
}

#[test]
fn what_matlab_divides_by_from_the_right_is_a_matrix_or_a_count() {
    for (typed, declared, own, said) in [
        ("A/B", "", "A*inv(B)", "`A/B` is read as `A*inv(B)`, as MATLAB divides; declare `B: scalar`"),
        ("A/(B+C)", "", "A*inv((B + C))", "`A/(B + C)` is read as `A*inv(B + C)`"),
        ("A/B'", "", "A*inv(B')", "`A*inv(B')`"),
        (
            "X'*X/N",
            "",
            "X'*X/N",
            "`/N` is read as a division by a number, for N is only divided by; declare `N: matrix`",
        ),
        ("A/(2*N)", "", "A/(2*N)", "declare `N: matrix`"),
        ("X'*X/N", "N: matrix", "X'*X*inv(N)", "`X'*X*inv(N)`"),
        ("X'*X/N + N", "", "X'*X*inv(N) + N", "`X'*X*inv(N)`"),
    ] {
        let found = spell(typed, declared, Spelling::Matlab).unwrap();
        assert_eq!(found.text, own, "{typed}");
        assert!(found.notes.iter().any(|note| note.contains(said)), "{typed}: {:?}", found.notes);
    }
}

#[test]
fn a_letter_of_functions_that_is_called_is_an_arbitrary_one() {
    for (typed, own) in [
        ("sum(g(x))", "g: function\nsum(g(x))"),
        ("np.sum(g(x))", "g: function\nsum(g(x))"),
        ("norm(phi(X*W1)*W2 - Y)^2", "phi: function\nnorm(phi(X*W1)*W2 - Y)^2"),
        ("sum(h'(x))", "h: function\nsum(h'(x))"),
    ] {
        let found = spell(typed, "", Spelling::Auto).unwrap();
        assert_eq!(found.text, own, "{typed}");
        assert!(
            found.notes.iter().any(|note| note.contains("an arbitrary function")),
            "{typed}: {:?}",
            found.notes
        );
    }
    for (typed, declared) in
        [("sum(g(x))", "g: function"), ("g(x) = x.^2\nsum(g(x))", ""), ("sum(foo(x))", ""), ("f(3)", "")]
    {
        assert_eq!(spell(typed, declared, Spelling::Auto).unwrap().text, typed);
    }
}

#[test]
fn an_argument_that_the_formula_does_not_mention_is_an_error_or_is_said() {
    for (typed, mended) in [
        ("f(w) = x.^2", "`--wrt x`"),
        ("f = @(w) x.^2", "`--wrt x`"),
        ("lambda w: np.sum(x**2)", "`--wrt x`"),
        (r"J(\theta) = \|y - X\beta\|^2", "`--wrt y`"),
        (r"J(\theta) = \log|\Sigma|", "`--wrt Sigma`"),
        ("f(w) = sum_i |x_i|", "`--wrt x_i`"),
        ("f(w) = norm(X*W - y)^2", "`--wrt W`"),
    ] {
        let found = spell(typed, "", Spelling::Auto).unwrap();
        let what = found.absent().unwrap();
        // What is said is in the words of what was typed.
        assert!(what.contains(mended) && !what.contains("bars("), "{typed}: {what}");
    }
    let found = spell("f(w, x) = x.^2", "", Spelling::Auto).unwrap();
    assert_eq!((found.absent(), found.notes.len()), (None, 1));
}

#[test]
fn marks_of_two_spellings_are_refused_where_they_mean_different_things() {
    for typed in ["x'*A*x + y**2", r"\frac{1}{2} x**2", "X.T @ (y .* w) * 2"] {
        let error = spell(typed, "", Spelling::Auto).expect_err(typed).to_string();
        assert!(error.contains("Python"), "{error}");
    }
    assert_eq!(read("x'*A*x + y**2", Spelling::Text), "x'*A*x + y^2");
}

#[test]
fn a_function_of_which_nothing_is_known_is_of_all_entries_where_the_value_has_to_be_a_number() {
    for (typed, functions) in [
        (r"\|Xw - y\|^2 + \lambda R(w)", "R: n -> scalar\n"),
        (r"f(w) + \frac\lambda2\|w\|^2", "f: n -> scalar\n"),
        (r"\|X - Y\|_F^2 + \lambda R(X)", "R: n x m -> scalar\n"),
        (r"f(w) + g(w) + \frac\rho2\|w - z\|^2", "f: n -> scalar\ng: n -> scalar\n"),
        (r"f(x) + g(z) + y^\top(Ax + Bz - c)", "f: n -> scalar\ng: p -> scalar\n"),
        ("f(w) + norm(w)^2", "f: n -> scalar\n"),
        (r"\mathcal{L}(w) + \lambda\|w\|_1", "L: n -> scalar\n"),
        (r"f(x) + \frac{1}{2\lambda}\|x - v\|^2", "f: n -> scalar\n"),
        // Layers, and what stands in a sum, are of each entry.
        (r"\|g(XW) - Y\|_F^2", "g: function\n"),
        (r"A = g(Z)", "g: function\n"),
        (r"\sum_i \rho(y_i - x_i^\top \beta)", "rho: function\n"),
        (r"\mathbf{1}^\top g(Xw)", "g: function\n"),
    ] {
        let found = spell(typed, "", Spelling::Auto).unwrap();
        let rest = found.text.strip_prefix(functions);
        assert!(rest.is_some_and(|rest| !rest.contains(": ")), "{typed}: {}", found.text);
        let is_whole = functions.contains("scalar");
        let said = found.notes.iter().any(|note| note.contains("of all entries, whose value is a number"));
        assert_eq!(said, is_whole, "{typed}: {:?}", found.notes);
        let parsed = crate::parse(typed, &crate::Library::standard()).unwrap();
        let shape = parsed.formula.shape(parsed.formula.result().unwrap());
        assert!(!is_whole || shape.is_scalar(), "{typed}: {shape}");
    }
    // What is declared entry by entry stays so.
    let declared = spell("f(w) + norm(w)^2", "f: function", Spelling::Auto).unwrap();
    assert_eq!((declared.text.as_str(), declared.notes.len()), ("f(w) + norm(w)^2", 0));
}

#[test]
fn what_a_condition_says_of_a_matrix_is_told_as_its_declaration() {
    for (typed, declaration) in [
        (r"x^T A x, A \succ 0", "`A: spd`"),
        (r"V(x) = x^\top P x, \quad P \succeq 0", "`P: psd`"),
        ("x' A x, A ≻ 0", "`A: spd`"),
        ("xᵀAx, A ⪰ 0", "`A: psd`"),
        (r"x^\top A x, \ A = A^\top", "`A: symmetric`"),
    ] {
        let found = spell(typed, "", Spelling::Auto).unwrap();
        assert!(found.notes.iter().any(|note| note.ends_with(declaration)), "{typed}: {:?}", found.notes);
        let parsed = parse(typed, &Library::standard()).unwrap();
        assert!(parsed.formula.shape(parsed.formula.result().unwrap()).is_scalar(), "{typed}");
    }
}
