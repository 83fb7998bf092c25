//! Claims: what is right is accepted in any form, what is wrong is refused, and a known slip has its name.

use super::draw;
use calculus::{Form, Layout, Order, Request, Symmetric};
use chainrule_judge::{
    ClaimQuestion, Judged, Library, Part, Source, Verdict, check_claim, check_equal, check_lines,
};
use formula::Name;
use syntax::Claim as Written;

/// The verdict on a claim, in a word or two: `yes`, `numbers`, the name of the slip, or `no`.
fn verdict(formula: &str, declarations: &str, by: &str, claim: &str) -> String {
    let request = Request { wrt: vec![Name::from(by)], ..Request::default() };
    verdict_in(formula, declarations, &request, claim)
}

/// The same for any request.
fn verdict_in(formula: &str, declarations: &str, request: &Request, claim: &str) -> String {
    let is_in_any_layout = request.layout == Layout::Mixed;
    let claim = &Written::of(claim);
    let question = ClaimQuestion { text: formula, declarations, request, is_in_any_layout, claim };
    match check_claim(&question, &Library::standard(), &mut draw()) {
        Ok(answer) => word(&answer.judged),
        Err(error) => format!("error: {error}"),
    }
}

fn word(judged: &Judged) -> String {
    match &judged.verdict {
        Verdict::Equal { .. } => "yes".to_owned(),
        Verdict::EqualOnNumbers { .. } => "numbers".to_owned(),
        Verdict::EqualTransposed { .. } => "other layout".to_owned(),
        Verdict::Undecided(why) => format!("undecided: {}", why.join("; ")),
        Verdict::Different(difference) => match &difference.slip {
            None => "no".to_owned(),
            Some(slip) => {
                let mut says = slip.says.to_owned();
                for (at, part) in slip.parts.iter().enumerate() {
                    let text = match part {
                        Part::Value(id) => notation::text(&judged.formula, *id).unwrap_or_default(),
                        Part::Number(number) => number.to_string(),
                    };
                    says = says.replace(&format!("{{{at}}}"), &text);
                }
                format!("{}: {says}", slip.name)
            }
        },
    }
}

#[test]
fn slips_have_their_names() {
    let squares = "norm(X*w - y)^2/m";
    let declared = "X: m x n, w: n, y: m";
    let layer = "norm(g(X*W) - Y)^2";
    let layers = "X: m x n, W: n x p, Y: m x p, g: function";
    let cases = [
        (squares, declared, "w", "2/m*X'*(X*w - y)", "yes"),
        (squares, declared, "w", "(2*X'*X*w - 2*X'*y)/m", "yes"),
        (squares, declared, "w", "-2/m*X'*(X*w - y)", "sign"),
        (squares, declared, "w", "1/m*X'*(X*w - y)", "factor: a factor 2 is missing"),
        (squares, declared, "w", "4/m*X'*(X*w - y)", "factor: a factor 2 is too many"),
        (squares, declared, "w", "3/m*X'*(X*w - y)", "factor: it is 1.5 times"),
        (squares, declared, "w", "2*X'*(X*w - y)", "size factor: a factor 1/m is missing"),
        (squares, declared, "w", "2/m*(X*w - y)'*X", "other layout"),
        (squares, declared, "w", "2/m*X'*(X*w + y)", "operator"),
        (squares, declared, "w", "2/m*X'*X*w", "term lost: the term"),
        (squares, declared, "w", "2/m*X'*(X*w - y) + w", "term too many: the term w is too many"),
        (layer, layers, "W", "2*X'*((g(X*W) - Y) .* g(X*W))", "slope: g(X*W) stands where g'(X*W) belongs"),
        (layer, layers, "W", "2*X'*((g(X*W) - Y) .* g'(g(X*W)))", "slope"),
        (layer, layers, "W", "2*X'*(g(X*W) - Y)", "factor lost: the factor g'(X*W) is missing"),
        (layer, layers, "W", "2*X'*((g(X*W) - Y) ./ g'(X*W))", "operator"),
        ("x'*A*x", "A: n x n, x: n", "x", "2*A*x", "symmetric part: it is right only where A is symmetric"),
        ("x'*A*x", "A: n x n, x: n", "x", "A*x", "term lost: the term A' is missing, the transpose"),
        ("x'*A*x", "A: n x n, x: n", "A", "x*x'", "yes"),
        ("x'*A*B*y", "A: n x n, B: n x n, x: n, y: n", "A", "x*y'*B'", "yes"),
        ("x'*A*B*y", "A: n x n, B: n x n, x: n, y: n", "A", "x*B'*y'", "error"),
        ("x'*A*B*y", "A: n x n, B: n x n, x: n, y: n", "A", "B'*x*y'", "swapped factors"),
        ("x'*A*B*y", "A: n x n, B: n x n, x: n, y: n", "A", "x*y'*B", "transposed factor"),
        ("sum(exp(c*x))", "x: n, c: scalar", "x", "exp(c*x)", "factor: a factor c is missing"),
        ("sum(exp(c*x))", "x: n, c: scalar", "x", "c*exp(x)", "factor lost: the factor c is missing"),
        ("sum(log(x))", "x: n", "x", "1./x + q", "error: `q` is not known here"),
        ("sum(x.^3)", "x: n", "x", "3*x.^3", "number: 3 stands where 2 belongs"),
        ("2*sum(x)", "x: n", "x", "2", "sum: it is a scalar"),
        (
            "sum(X*w + ones(m)*b')",
            "X: m x n, w: n x p, b: p",
            "b",
            "ones(m, p)",
            "sum: the sum over the rows",
        ),
        ("sum(x .* y)", "x: n, y: n", "x", "x", "no"),
        (
            "-sum(Y .* log_softmax(Z, 2))/m",
            "Y: m x n, Z: m x n",
            "Z",
            "(softmax(Z, 2) - Y)/m",
            "taken as known: it is right only where the rows of Y sum to one",
        ),
        (
            "-y'*log_softmax(z)",
            "y: n, z: n",
            "z",
            "softmax(z) - y",
            "taken as known: it is right only where the entries of y sum to one",
        ),
        (
            "w'*S*w/(w'*w)",
            "S: n x n symmetric, w: n",
            "w",
            "2*(S*w - (w'*S*w)*w)",
            "taken as known: it is right only where w has norm 1",
        ),
    ];
    let mut wrong = Vec::new();
    for (formula, declarations, by, claim, want) in cases {
        let found = verdict(formula, declarations, by, claim);
        if !found.starts_with(want) {
            wrong.push(format!("{formula} by {by}: {claim}\n    wanted {want}\n    found  {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong where numbers cannot tell, or at sizes and places that no random point has, is never a yes.
#[test]
fn a_side_counts_where_the_claim_was_compared() {
    let rows = [
        ("sum(exp(x))", "where(x > 690, 0, exp(x))"),
        ("sum(exp(x))", "min(exp(x), 1e300)"),
        ("sum(tanh(x))", "where(abs(x) > 30, 0, 1 - tanh(x).^2)"),
        ("sum(softplus(x))", "sigmoid(x).*where(x < -100, 1e43, 1)"),
        ("sum(x.*exp(-x.^2))", "(1 - 2*x.^2).*exp(-x.^2).*where(abs(x) > 30, 0, 1)"),
        ("sum(x.^30)", "30*x.^29.*(1 + step(x - 1e10))"),
        ("mean(x)", "ones(n)/min(n, 50)"),
        ("sum(x)", "ones(n)*(1 + relu(n - 7))"),
        ("sum(x)", "ones(n)*sign(n - 1)"),
        ("sum(x)", "ones(n)*(1 + equal(n, 17))"),
        ("sum(x.^2)", "2*x + 7*equal(x, 3)"),
        ("sum(x.^2)", "2*x.*not_equal(x, 3)"),
        ("sum(x.^2)", "2*x + (x >= 3).*(x <= 3)"),
        ("sum(x.^2)", "where(x == 0, 1, 2*x)"),
    ];
    for (formula, claim) in rows {
        let found = verdict(formula, "x: n", "x", claim);
        assert!(!["yes", "numbers", "other layout"].contains(&found.as_str()), "{formula}, {claim}: {found}");
    }
    for (formula, claim) in [
        ("sum(max(x, 2*x))", "1 + step(x)"),
        ("sum(min(max(x, -1), 1))", "abs(x) < 1"),
        ("sum(where(abs(x) < 1, x.^2/2, abs(x) - 1/2))", "min(max(x, -1), 1)"),
        ("sum(abs(x).^2)", "2*abs(x).*sign(x)"),
        ("norm(x)^2/max(n, 6)", "2*x/max(n, 6)"),
    ] {
        let found = verdict(formula, "x: n", "x", claim);
        assert!(["yes", "numbers"].contains(&found.as_str()), "{formula}, {claim}: {found}");
    }
}

#[test]
fn sizes_that_only_a_claim_names_are_those_that_fit() {
    for (formula, by, claim) in [
        ("tr(X)", "X", "eye(n)"),
        ("sum(x)", "x", "ones(n)"),
        ("sum(x)", "x", "vector(1)"),
        ("mean(x)", "x", "ones(n)/n"),
        ("sum(X)", "X", "ones(p, q)"),
        ("norm(y - X*beta)^2", "beta", "2*X'*(X*beta - y)"),
    ] {
        assert_eq!(verdict(formula, "", by, claim), "yes", "{formula} by {by}: {claim}");
    }
    assert_ne!(verdict("sum(x)", "", "x", "2*ones(n)"), "yes");
    assert_ne!(verdict("norm(X*w)^2", "", "w", "ones(n, n)"), "yes");
}

#[test]
fn claims_are_judged_in_every_form() {
    let by = |name: &str| Request { wrt: vec![Name::from(name)], ..Request::default() };
    let form = |form: Form| Request { form: Some(form), ..by("X") };
    let second = |name: &str| Request { order: Order::Second(None), ..by(name) };
    let numerator = Request { layout: Layout::Numerator, ..by("x") };
    let independent = Request { symmetric: Symmetric::Independent, ..by("S") };
    let product = "A: k x m, X: m x n, B: n x p";
    let square = "A: m x n, x: n, y: m";
    let symmetric = "S: n x n symmetric, x: n, y: n";
    let cases = [
        ("A*x", square, by("x"), "A", "yes"),
        ("A*x", square, by("x"), "A'", "other layout"),
        ("norm(A*x - y)^2", square, numerator.clone(), "2*(A*x - y)'*A", "yes"),
        ("norm(A*x - y)^2", square, numerator, "2*A'*(A*x - y)", "transposed"),
        ("norm(A*x - y)^2", square, second("x"), "2*A'*A", "yes"),
        ("norm(A*x - y)^2", square, second("x"), "A'*A", "factor: a factor 2 is missing"),
        ("A*X*B", product, form(Form::Pullback), "A'*df/dG*B'", "yes"),
        ("A*X*B", product, form(Form::Pushforward), "A*dX*B", "yes"),
        ("A*X*B", product, form(Form::Vec), "kron(B', A)", "yes"),
        ("A*X*B", product, form(Form::Vec), "kron(A, B')", "swapped factors"),
        ("A*X'", "A: k x n, X: m x n", form(Form::Vec), "kron(eye(m), A)", "other layout"),
        ("x'*S*y", symmetric, by("S"), "(x*y' + y*x')/2", "yes"),
        ("x'*S*y", symmetric, by("S"), "x*y'", "symmetric part: its symmetric part is meant"),
        ("x'*S*y", symmetric, independent.clone(), "x*y' + y*x' - diag(x.*y)", "yes"),
        ("x'*S*y", symmetric, independent.clone(), "x*y'", "symmetric part: its symmetric part is missing"),
        (
            "x'*S*y",
            symmetric,
            independent,
            "(x*y' + y*x')/2",
            "other layout: it is right by the other convention",
        ),
        ("Z = A*x\nf = norm(Z - y)^2", square, by("Z"), "2*(Z - y)", "yes"),
        ("Z = A*x\nf = norm(Z - y)", square, by("x"), "A'*(Z - y)/f", "yes"),
        ("sum(log(x))", "x: n", by("x"), "exp(-log(x))", "numbers"),
        ("sum(x)", "x: n", by("x"), "x./x", "yes"),
        ("sum(relu(x))", "x: n", by("x"), "step(x)./step(x)", "operator"),
        ("logdet(A'*A)", "A: m x n", by("A"), "2*A*inv(A'*A)", "yes"),
    ];
    let mut wrong = Vec::new();
    for (formula, declarations, request, claim, want) in cases {
        let found = verdict_in(formula, declarations, &request, claim);
        if !found.starts_with(want) {
            wrong.push(format!("{formula}: {claim}\n    wanted {want}\n    found  {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn two_formulas_of_any_shape_are_compared() {
    let compare = |left: &str, right: &str| {
        let source = Source { text: left, declarations: "" };
        match check_equal(source, right, &Library::standard(), &mut draw()) {
            Ok(answer) => word(&answer.judged),
            Err(error) => format!("error: {error}"),
        }
    };
    assert_eq!(compare("tr(A*B)", "tr(B*A)"), "yes");
    assert_eq!(compare("(A*B)'", "B'*A'"), "yes");
    assert_eq!(compare("exp(log(x))", "x"), "numbers");
    assert_eq!(compare("x", "exp(log(x))"), "numbers");
    assert!(compare("(A*B)'", "A*B").starts_with("transposed"), "{}", compare("(A*B)'", "A*B"));
    assert_eq!(compare("sin(x)", "cos(x)"), "slope: sin(x) stands where sin'(x) belongs");
    assert_eq!(compare("arctan(x)", "cos(x)"), "no");
    assert!(compare("A*B", "A*").starts_with("error"));
}

#[test]
fn the_first_wrong_line_of_a_derivation_is_named() {
    let lines = |wrong: usize| {
        let mut lines = [
            "X: m x n, W1: n x p, W2: p x q, Y: m x q, g: function",
            "Z1 = X*W1",
            "A1 = g(Z1)",
            "Z2 = A1*W2",
            "f = norm(Z2 - Y)^2/m",
            "df/dZ2 = 2/m*(Z2 - Y)",
            "df/dW2 = A1'*df/dZ2",
            "df/dA1 = df/dZ2*W2'",
            "df/dZ1 = df/dA1 .* g'(Z1)",
            "df/dW1 = X'*df/dZ1",
        ];
        match wrong {
            6 => lines[5] = "df/dZ2 = 2*(Z2 - Y)",
            9 => lines[8] = "df/dZ1 = df/dA1 .* g(Z1)",
            10 => lines[9] = "df/dW1 = df/dZ1'*X",
            _ => {}
        }
        let text = lines.join("\n");
        let source = Source { text: &text, declarations: "" };
        check_lines(source, &Library::standard(), &mut draw()).unwrap()
    };
    for wrong in [0, 6, 9, 10] {
        let answer = lines(wrong);
        assert_eq!(answer.lines.len(), 5);
        for line in &answer.lines {
            // A mistake is found in the line that makes it and in no other.
            assert_eq!(line.judged.verdict.is_yes(), line.number != wrong, "line {}", line.number);
        }
        let slip = answer.lines.iter().find(|line| line.number == wrong).map(|line| word(&line.judged));
        match (wrong, slip) {
            (6, Some(slip)) => assert!(slip.starts_with("size factor: a factor 1/m"), "{slip}"),
            (9, Some(slip)) => assert!(slip.starts_with("slope: g(Z1) stands where g'(Z1)"), "{slip}"),
            (10, Some(slip)) => assert!(slip.starts_with("transposed"), "{slip}"),
            (_, slip) => assert_eq!(slip, None),
        }
    }
    let right = lines(9);
    let line = &right.lines[3];
    assert_eq!(notation::text(&line.formula, line.right).as_deref(), Some("df/dA1 .* g'(Z1)"));
}

#[test]
fn no_text_makes_a_check_panic() {
    let text = "X: m x n, w: n, y: m, g: function\nZ = X*w\nf = norm(g(Z) - y)^2/m\ndf/dZ = 2/m*(g(Z) - y) .* g'(Z)\ndf/dw = X'*df/dZ\n";
    let pieces = [
        "'",
        "(",
        ")",
        "df/d",
        "/",
        "\n",
        "=",
        ":",
        "\u{e9}",
        "Z",
        "0",
        "1e400",
        ";",
        "[X, X]",
        "inv(",
        "g: function\n",
    ];
    let mut random = draw();
    let mut below = |limit: usize| ((random() + 1.5) / 3.0 * limit as f64) as usize % limit.max(1);
    let mut read = 0;
    for _ in 0..300 {
        let letters: Vec<char> = text.chars().collect();
        let (from, length) = (below(letters.len()), below(6));
        let mut hostile: String = letters[..from].iter().collect();
        hostile.push_str(pieces[below(pieces.len())]);
        hostile.extend(&letters[(from + length).min(letters.len())..]);
        let source = Source { text: &hostile, declarations: "" };
        read += usize::from(check_lines(source, &Library::standard(), &mut draw()).is_ok());
        let _ = check_equal(
            Source { text: "X*w", declarations: "" },
            &hostile,
            &Library::standard(),
            &mut draw(),
        );
        let last = hostile.lines().next_back().unwrap_or_default();
        verdict("norm(X*w - y)^2", "X: m x n, w: n, y: m", "w", last);
    }
    assert!(read > 10, "{read}");
}

#[test]
fn what_is_too_large_for_numbers_is_said() {
    let found = verdict("norm(X*w)^2", "X: 1000000 x 100000, w: 100000", "w", "2*X'*X*w");
    assert!(found.contains("1000000 x 100000 is too large to be checked on numbers"), "{found}");
}
