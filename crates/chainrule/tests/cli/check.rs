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
    let answer = place.run(&["check", "A*x", "--wrt", "x", "--claim", "A'"]);
    assert_eq!(answer.status, 1);
    assert!(answer.output.contains("right in the other layout"), "{}", answer.output);
    assert!(answer.output.contains("n x m is claimed, m x n is right"), "{}", answer.output);
}

#[test]
fn two_formulas_are_compared() {
    let place = Place::new();
    place.succeed(&["check", "tr(A*B)", "--equals", "sum(A .* B')"]);
    assert_eq!(place.run(&["check", "tr(A*B)", "--equals", "sum(A)*sum(B)"]).status, 1);
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
