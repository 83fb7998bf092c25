//! Derivatives by hand, checked: the words, the JSON and the exit status.

use super::Place;
use serde_json::Value;

#[test]
fn a_right_claim_is_a_yes() {
    let place = Place::new();
    let claim = ["check", "norm(X*w - y)^2", "--wrt", "w", "--claim"];
    let answer = place.succeed(&[&claim[..], &["2*X'*X*w - 2*X'*y"]].concat());
    assert!(answer.output.contains("\nyes        by normal form"), "{}", answer.output);
    let json = place.succeed(&[&claim[..], &["2*X'*(X*w - y)", "--json"]].concat()).output;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["verdict"]["equal"], true);
    assert_eq!(json["derivative"], "df/dw");
}

#[test]
fn a_wrong_claim_is_a_no_with_its_slip_and_its_entry() {
    let place = Place::new();
    let claim = ["check", "norm(X*w - y)^2", "--wrt", "w", "--claim", "X'*(X*w - y)"];
    let answer = place.run(&claim);
    assert_eq!((answer.status, answer.errors.as_str()), (1, ""));
    for part in ["no         factor: a factor 2 is missing", "first in row 1, column 1", "2*X'*(X*w - y)"] {
        assert!(answer.output.contains(part), "{part} in {}", answer.output);
    }
    let answer = place.run(&[&claim[..], &["--json"]].concat());
    let json: Value = serde_json::from_str(&answer.output).unwrap();
    assert_eq!(json["verdict"]["equal"], false);
    assert_eq!(json["verdict"]["slip"]["name"], "factor");
    let entry = &json["verdict"]["entry"];
    let (right, quotient) = (entry["right"].as_f64().unwrap(), entry["quotient"].as_f64().unwrap());
    assert!((right - quotient).abs() < 1e-6, "{right} {quotient}");
    assert!((entry["claimed"].as_f64().unwrap() * 2.0 - right).abs() < 1e-9);
}

#[test]
fn forms_and_layouts_are_claimed_as_they_are_derived() {
    let place = Place::new();
    place.succeed(&["check", "A*x", "--wrt", "x", "--claim", "A'", "--layout", "denominator"]);
    place.succeed(&["check", "A*X*B", "--wrt", "X", "--claim", "kron(B', A)", "--form", "vec"]);
    place.succeed(&["check", "norm(A*x)^2", "--wrt", "x", "--claim", "2*A'*A", "--order", "2"]);
    let row = place.succeed(&["check", "norm(A*x)^2", "--wrt", "x", "--claim", "2*x'*A'*A"]);
    assert!(row.output.contains("as a row (numerator layout)"), "{}", row.output);
    let turned = place.succeed(&["check", "A*x", "--wrt", "x", "--claim", "A'"]);
    assert!(turned.output.contains("transposed (denominator layout)"), "{}", turned.output);
    let answer = place.run(&["check", "A*x", "--wrt", "x", "--claim", "A'", "--layout", "mixed"]);
    assert_eq!(answer.status, 1);
    assert!(answer.output.contains("right in the other layout"), "{}", answer.output);
    assert!(answer.output.contains("n x m is claimed, m x n is right"), "{}", answer.output);
}

#[test]
fn two_formulas_are_compared() {
    let place = Place::new();
    place.succeed(&["check", "tr(A*B)", "--equals", "sum(A .* B')"]);
    assert_eq!(place.run(&["check", "tr(A*B)", "--equals", "sum(A)*sum(B)"]).status, 1);
    // It is the formula that is compared, so there is nothing to derive by.
    assert_eq!(place.run(&["check", "x^2", "--wrt", "x", "--equals", "x*x"]).status, 2);
}

#[test]
fn the_first_wrong_line_of_a_file_is_named() {
    let place = Place::new();
    let right = "X: m x n, w: n, y: m\nZ = X*w\nf = norm(Z - y)^2\n\ndf/dZ = 2*(Z - y)\ndf/dw = X'*df/dZ\n";
    let file = place.file("right.txt", right);
    assert!(place.succeed(&["check", file]).output.contains("every line of a derivative is right"));
    let file = place.file("wrong.txt", right.replace("2*(Z", "(Z"));
    let answer = place.run(&["check", file]);
    assert_eq!(answer.status, 1);
    for part in ["line 5", "line 6     df/dw = X'*df/dZ: yes", "factor: a factor 2 is missing"] {
        assert!(answer.output.contains(part), "{part} in {}", answer.output);
    }
    let json = place.run(&["check", file, "--json"]).output;
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["first_wrong_line"], 5);
    // An arbitrary function that is found in the text is declared on no line of the file.
    let file = place.file("found.txt", "Z = X*w\nA = g(Z)\nf = sum(A)\n\ndf/dA = vector(1)\ndf/dZ = g(Z)\n");
    let answer = place.run(&["check", file]);
    assert!(answer.output.contains("the first line that is not right is line 6"), "{}", answer.output);
}

#[test]
fn a_claim_that_cannot_be_read_is_bad_input() {
    let place = Place::new();
    let errors = |arguments: &[&str]| {
        let answer = place.run(arguments);
        assert_eq!((answer.status, answer.output.as_str()), (2, ""), "{arguments:?}");
        answer.errors
    };
    let unclosed = errors(&["check", "norm(x)^2", "--wrt", "x", "--claim", "2*(x"]);
    assert!(unclosed.contains("in the claim: this bracket is never closed"), "{unclosed}");
    let unknown = errors(&["check", "norm(x)^2", "--wrt", "x", "--claim", "2*xx"]);
    assert!(unknown.contains("`xx` is not known here") && unknown.contains("^^"), "{unknown}");
    let misfit = errors(&["check", "norm(X*w)^2", "--wrt", "w", "--claim", "2*X*(X*w)"]);
    assert!(misfit.contains("in the claim"), "{misfit}");
    assert!(errors(&["check", "norm(x)^2"]).contains("there is no line of a derivative to check"));
    let stray = errors(&["check", "f = norm(x)^2\ndf/dx = 2*x\ndg/dx = x"]);
    assert!(stray.contains("`g` is not known here"), "{stray}");
    errors(&["check", "norm(x)^2", "--wrt", "q", "--claim", "x"]);
    errors(&["check", "norm(x)^2", "--wrt", "x"]);
}

/// The exit status of a claim about a formula of columns x and y and a matrix X.
pub fn status(place: &Place, formula: &str, by: &str, claim: &str) -> i32 {
    let declared = "x: n, y: n, w: p, t: n, X: n x p, A: n x n, c: scalar";
    place.run(&["check", formula, "--wrt", by, "--claim", claim, "--let", declared]).status
}

#[test]
fn what_is_small_is_judged_as_what_is_large() {
    let place = Place::new();
    let cases = [
        ("y'*x*1.38e-23", "x", "1.38e-23*y", "-1.38e-23*y"),
        ("y'*x*1.38e-23", "x", "y*1.38e-23", "1.380001e-23*y"),
        ("1e-30*norm(x)^2", "x", "2e-30*x", "0*x"),
        ("exp(-40*norm(x)^2)", "x", "-80*exp(-40*norm(x)^2)*x", "80*exp(-40*norm(x)^2)*x"),
        ("exp(-1e7*norm(x)^2)", "x", "-2e7*exp(-1e7*norm(x)^2)*x", "2e7*exp(-1e7*norm(x)^2)*x"),
        (
            "norm(X*w - t)^2/n + 0.5e-8*norm(w)^2",
            "w",
            "2*X'*(X*w - t)/n + 1e-8*w",
            "2*X'*(X*w - t)/n + 5e-8*w",
        ),
        ("norm(X*w - t)^2 + 1e-12*sum(w)", "w", "2*X'*(X*w - t) + 1e-12", "2*X'*(X*w - t) - 1e-12"),
        ("norm(x)^2 + 1e-18*sum(exp(x))", "x", "2*x + 1e-18*exp(x)", "2*x + 2e-18*exp(x)"),
        ("1e15*norm(x)^2 + sum(tanh(x))", "x", "2e15*x + 1 - tanh(x).^2", "2e15*x + tanh(x).^2 - 1"),
        ("logdet(A'*A + 1e-9*eye(n))", "A", "2*A*inv(A'*A + 1e-9*eye(n))", "2*A*inv(A'*A)"),
        ("sum(log(1 + 1e-14*x.^2))", "x", "2e-14*x./(1 + 1e-14*x.^2)", "2e-14*x"),
        (
            "c*sum(sin(x)) + sum(cos(1e-9*x))",
            "x",
            "c*cos(x) - 1e-9*sin(1e-9*x)",
            "c*cos(x) + 1e-9*sin(1e-9*x)",
        ),
    ];
    for (formula, by, right, wrong) in cases {
        assert_eq!(status(&place, formula, by, right), 0, "{formula}: {right}");
        assert_eq!(status(&place, formula, by, wrong), 1, "{formula}: {wrong}");
    }
}

#[test]
fn what_is_flat_is_no_evidence() {
    let place = Place::new();
    for formula in ["sum(softmax(x))", "sum(x - mean(x))", "sum(sign(x))", "sum(step(x))*c"] {
        assert_eq!(status(&place, formula, "x", "0*x"), 0, "{formula}");
        assert_eq!(status(&place, formula, "x", "1e-20*x"), 1, "{formula}");
    }
    for (formula, wrong) in [
        ("sum(relu(x - 10))", "0*x"),
        ("sum(tanh(x + 1000))", "0*x"),
        ("sum(x) + sum(tanh(x - 1e6))", "ones(n)"),
        ("sum(exp(-1e9*x.^2))", "0*x"),
        ("sum(sigmoid(1000 - x))", "0*x"),
    ] {
        assert_eq!(status(&place, formula, "x", wrong), 1, "{formula}: {wrong}");
    }
    // A function that no number within reach makes vary.
    let far = place.run(&["check", "sum(tanh(cosh(x) + 1e3))", "--wrt", "x", "--claim", "0*x"]);
    assert_eq!(far.status, 3, "{}", far.output);
    assert!(far.output.contains("not reached: tanh where it varies"), "{}", far.output);
}

/// A right claim may have any value where the formula has none, though its derivative may have one there.
#[test]
fn nothing_is_claimed_where_the_formula_has_no_value() {
    let place = Place::new();
    for (formula, by, right, wrong) in [
        ("sum(log(x))", "x", "1./abs(x)", "2./abs(x)"),
        ("log(det(A))", "A", "inv(A)'*sign(det(A))", "-inv(A)'*sign(det(A))"),
        ("log(c)", "c", "where(c > 0, 1/c, 0)", "where(c > 0, 2/c, 0)"),
        ("log(c)", "c", "sign(c)/c", "-sign(c)/c"),
        ("c^1.5", "c", "1.5*abs(c)^0.5", "abs(c)^0.5"),
        ("log(x'*y)", "x", "y/abs(x'*y)", "x/abs(x'*y)"),
        ("log(1 - c)", "c", "-1/abs(1 - c)", "1/abs(1 - c)"),
        ("log(log(c))", "c", "1/abs(c*log(c))", "1/abs(c*log(2*c))"),
        ("log2(c)", "c", "1/(abs(c)*log(2))", "1/abs(c)"),
        ("log1p(c)", "c", "1/abs(1 + c)", "1/abs(c)"),
    ] {
        let (right_status, wrong_status) =
            (status(&place, formula, by, right), status(&place, formula, by, wrong));
        assert!([0, 3].contains(&right_status), "{formula}: {right}: {right_status}");
        assert_eq!(wrong_status, 1, "{formula}: {wrong}");
    }
}

/// Constants fold exactly, so a rounded one is not taken for another.
#[test]
fn numbers_of_any_size_fold_exactly() {
    let place = Place::new();
    let cases = [
        ("1e-30*sum(x.^3)", "3e-30*x.^2", "3.000001e-30*x.^2"),
        ("1e23*sum(x.^3)", "3e23*x.^2", "1e23*x.^2"),
        ("8.8541878128e-12*sum(x.^3)", "2.65625634384e-11*x.^2", "2.65625634385e-11*x.^2"),
        ("sum(x.^100)*1e-30", "1e-28*x.^99", "1e-29*x.^99"),
        ("0.0001135*(3.8799e-18*sum(exp(x)))", "4.4036865e-22*exp(x)", "4.4036866e-22*exp(x)"),
        ("sum(exp(x))/3254.1/5.5707e-16", "exp(x)/1.812761487e-12", "exp(x)/1.812761486e-12"),
        ("sum(x.^2)", "2*x", "2*x*(1 + 3e-19)"),
        ("log(1 + 3e-20*norm(x)^2)", "6e-20*x/(1 + 3e-20*norm(x)^2)", "6e-20*x"),
        ("sum(exp(1e-19*x))", "1e-19*exp(1e-19*x)", "1e-19*ones(n)"),
    ];
    for (formula, right, wrong) in cases {
        assert_eq!(status(&place, formula, "x", right), 0, "{formula}: {right}");
        assert_eq!(status(&place, formula, "x", wrong), 1, "{formula}: {wrong}");
    }
    // What no double holds is not taken for 0.
    assert_eq!(status(&place, "sum(1e-200*x)*1e-200", "x", "0*x"), 3);
    assert_eq!(status(&place, "1e-400*sum(x)", "x", "0*x"), 2);
}

#[test]
fn sizes_that_a_formula_leaves_unnamed_are_called_as_the_claim_calls_them() {
    let place = Place::new();
    let check = |formula: &str, by: &str, claim: &str, declared: &str| {
        place.run(&["check", formula, "--wrt", by, "--claim", claim, "--let", declared])
    };
    for (formula, by, claim) in [
        ("mean((X*w - y).^2)", "w", "2/n*X'*(X*w - y)"),
        ("mean((X*w - y).^2)", "w", "2/N*X'*(X*w - y)"),
        ("mean((X*w - y).^2)", "w", "X'*(X*w - y)*2/num"),
        ("mean(x)", "x", "ones(d)/d"),
        ("mean(x)", "x", "1/n*ones(n)"),
        ("mean(X)", "X", "ones(n, d)/(n*d)"),
    ] {
        let answer = check(formula, by, claim, "");
        assert_eq!(answer.status, 0, "{formula}: {claim}: {}{}", answer.output, answer.errors);
    }
    let answer = check("mean((X*w - y).^2)", "w", "2/n*X'*(X*w - y)", "");
    assert!(answer.output.contains("n of the claim is the size m"), "{}", answer.output);
    // What the formula names is what it names, and a name that is no size is unknown.
    assert_eq!(check("mean((X*w - y).^2)", "w", "2/n*X'*(X*w - y)", "X: m x n").status, 1);
    assert_eq!(check("mean((X*w - y).^2)", "w", "3/n*X'*(X*w - y)", "").status, 1);
    assert_eq!(check("mean((X*w - y).^2)", "w", "3/N*X'*(X*w - y)", "").status, 2);
}

#[test]
fn a_claim_tells_which_reading_of_a_formula_is_meant() {
    let place = Place::new();
    for (formula, by, claim, status) in [
        ("norm(X*w + b - y)^2", "b", "2*sum(X*w + b - y)", 0),
        ("norm(X*w + b - y)^2", "b", "2*(X*w + b - y)", 0),
        ("norm(X*w + b - y)^2", "b", "sum(X*w + b - y)", 1),
        ("mean((X*w + b - y).^2)", "b", "2*mean(X*w + b - y)", 0),
        ("np.sum(p * np.log(p / q))", "q", "-p / q", 0),
        ("np.sum(p * np.log(p / q))", "q", "p / q", 1),
        ("np.mean((X @ w - y)**2)", "w", "2 * X.T @ (X @ w - y) / n", 0),
        // What holds for a symmetric matrix alone is no other reading.
        ("x'*A*x", "x", "2*A*x", 1),
    ] {
        let answer = place.run(&["check", formula, "--wrt", by, "--claim", claim]);
        assert_eq!(answer.status, status, "{formula}: {claim}: {}{}", answer.output, answer.errors);
    }
}

#[test]
fn the_identity_of_a_claim_is_known_without_a_declaration() {
    let place = Place::new();
    for (formula, claim, status) in [
        ("tr(X)", "I", 0),
        ("tr(X*X')", "2*I*X", 0),
        ("tr(X)^2", "2*tr(X)*I", 0),
        ("norm(X - eye(n))^2", "2*(X - I)", 0),
        ("tr(X)", "2*I", 1),
    ] {
        let answer = place.run(&["check", formula, "--wrt", "X", "--claim", claim]);
        assert_eq!(answer.status, status, "{formula}: {claim}: {}{}", answer.output, answer.errors);
    }
}

#[test]
fn the_right_answer_is_shown_to_a_claim_whose_shapes_do_not_fit() {
    let place = Place::new();
    for claim in ["2*(X*w - y)*X'", "2*X*(X*w - y)", "2*X'*(X*w - y')", "2*X^2*w"] {
        let answer = place.run(&["check", "norm(X*w - y)^2", "--wrt", "w", "--claim", claim]);
        assert_eq!(answer.status, 2, "{claim}");
        assert!(answer.errors.contains("right      df/dw = 2*X'*(X*w - y)"), "{claim}: {}", answer.errors);
    }
}

/// The product of two numbers of ten digits is rounded, and so is whatever comes of it.
#[test]
fn numbers_of_many_digits_make_no_claim_wrong() {
    let place = Place::new();
    for c in ["1.0000000001", "2.1191250844", "6.999999999999", "0.1234567890123456", "2.0000000000001"] {
        for (formula, right) in [
            ("norm(C*x - y)^2", "2*C*(C*x - y)"),
            ("sum((C*x).^2.5)", "2.5*C*(C*x).^1.5"),
            ("sum(sqrt(1 + (C*x).^2))", "C^2*x./sqrt(1 + (C*x).^2)"),
            ("sum((C*x).^7)", "7*C*(C*x).^6"),
        ] {
            let [formula, right] = [formula, right].map(|text| text.replace('C', c));
            assert_eq!(status(&place, &formula, "x", &right), 0, "{formula}: {right}");
            let wrong = format!("1.000000001*{right}");
            assert_eq!(status(&place, &formula, "x", &wrong), 1, "{formula}: {wrong}");
        }
    }
}

/// A literal of as many digits as a double has may be a rounded one; that excuses its own last digit, and nothing else.
#[test]
fn a_rounded_number_excuses_its_last_digit_alone() {
    let place = Place::new();
    for (formula, by, claim, wanted) in [
        ("sum(x.^2)/3", "x", "0.6666666666666666*x", 0),
        ("sum(x.^2)/3", "x", "0.6666666666666667*x", 0),
        ("sum(x.^2)/3", "x", "0.6666666666666665*x", 1),
        ("sum(x.^2)/3 + sum(y)*c", "x", "0.6666666666666666*x*(1 + exp(-(c - 7)^2))", 1),
        ("sum(y)*c", "c", "1.0000000000000004*sum(y)", 1),
        ("sum(y)*c", "c", "0.9999999999999999*sum(y)", 1),
        ("sum(x)*pi", "x", "3.141592653589793*ones(n)", 0),
        ("sum(x)*pi", "x", "3.141592653589794*ones(n)", 1),
        ("sum(x)*sqrt(2)", "x", "1.4142135623730951*ones(n)", 0),
        ("sum(x)*sqrt(2)", "x", "1.4142135623730954*ones(n)", 1),
        ("sum(x)*sqrt(2) + c*sum(y)", "x", "1.4142135623730951*ones(n)*(1 + 1e-17*c)", 1),
    ] {
        assert_eq!(status(&place, formula, by, claim), wanted, "{formula}: {claim}");
    }
}

#[test]
fn what_rounding_hides_is_undecided() {
    let place = Place::new();
    let claims =
        |claim: &str| place.run(&["check", "sqrt(x^2 + 1e-60)", "--wrt", "x", "--claim", claim]).status;
    assert_eq!((claims("x/sqrt(x^2 + 1e-60)"), claims("-x/sqrt(x^2 + 1e-60)"), claims("sign(x)")), (0, 1, 3));
}

/// Products of blocks, norms of blocks and traces are sums, though no plus is written.
#[test]
fn what_rounding_hides_in_a_sum_without_a_plus_is_no_yes() {
    let place = Place::new();
    for (formula, claim, wanted) in [
        ("sum(x)", "ones(n)*norm([1e30; x])/1e30", 3),
        ("sum(x)", "[ones(n), 1e-40*x]*[1; 1]", 1),
        ("sum(x)", "ones(n)*tr([1e40, 1; 1, sum(x)])/1e40", 1),
        ("sum(x)", "ones(n)*sum([1e40; x])/1e40", 1),
        ("norm([3; x])", "x/norm([3; x])", 0),
        ("norm([3; x])", "x/sqrt(9 + x'*x)", 0),
        ("sum([3; x].^2)", "2*x", 0),
        ("tr([3, 1; 1, sum(x)])", "ones(n)", 0),
        ("[y', 2]*[x; 3]", "y", 0),
        ("norm([x, y]*[2; 3])^2", "2*2*[x, y]*[2; 3]", 0),
    ] {
        assert_eq!(status(&place, formula, "x", claim), wanted, "{formula}: {claim}");
    }
}

#[test]
fn no_false_reason_is_given_for_a_claim_of_zero() {
    let place = Place::new();
    for (formula, right) in [
        ("relu(x - 1e6)^2", "2*relu(x - 1000000) is missing"),
        ("sigmoid(x - 100)", "sigmoid(x - 100)*(1 - sigmoid(x - 100)) is missing"),
        ("arcsin(x + 5)", "1/sqrt(1 - (x + 5)^2) is missing"),
    ] {
        let answer = place.run(&["check", formula, "--let", "x: scalar", "--wrt", "x", "--claim", "0"]);
        assert_eq!(answer.status, 1, "{formula}");
        assert!(answer.output.contains(right), "{formula}\n{}", answer.output);
    }
    for (formula, claim) in [("sum(abs(x - 100))", "-ones(n)"), ("sum(x) + sum(tanh(x + 1000))", "ones(n)")] {
        let answer = place.run(&["check", formula, "--let", "x: n", "--wrt", "x", "--claim", claim]);
        assert_eq!(answer.status, 1, "{formula}");
        assert!(
            !answer.output.contains("the term x is") && !answer.output.contains("the term -x is"),
            "{}",
            answer.output
        );
    }
}

#[test]
fn pages_that_do_not_keep_what_they_say_are_refused_by_every_subcommand() {
    let place = Place::new();
    let table = place.file("t.csv", "x,y\n0,1\n1,3\n2,5\n3,7\n4,9\n5,11\n6,13\n7,15\n8,17\n9,19\n");
    for page in [
        "act(x) = tanh(x)\n    slope tanh(x)^2 - 1",
        "act(x) = tanh(x)\n    stable x",
        "act(x) = tanh(x)\n    check act(2) = 5",
        "act(x) = 1e-20*x\n    slope 5e-20",
    ] {
        let commands: [&[&str]; 4] = [
            &["derive", "sum(act(x))", "--define", page],
            &["check", "sum(act(x))", "--wrt", "x", "--claim", "x", "--define", page],
            &["train", table, "--target", "y", "--activation", "act", "--define", page],
            &["plan", "sum(act(x))", "--let", "x: 3", "--define", page],
        ];
        for command in commands {
            let answer = place.run(command);
            assert_eq!(answer.status, 2, "{command:?}: {}", answer.output);
            let text = format!("{}{}", answer.output, answer.errors);
            assert!(text.contains("the page `act` is refused"), "{command:?}: {text}");
        }
    }
}
