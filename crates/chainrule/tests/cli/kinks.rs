//! Claims about formulas with kinks: every side, what lies between, and what may lie nowhere.

use super::Place;
use super::check::status;

/// Both sides of each kink agree with these wrong claims; what lies between two kinks does not.
#[test]
fn what_lies_between_two_kinks_is_judged() {
    let place = Place::new();
    let cases = [
        ("sum(hardtanh(x - 5))", "(x > 4) .* (x < 6)", "0*x"),
        ("sum(relu6(x - 20))", "(x > 20) .* (x < 26)", "0*x"),
        ("sum(x)", "ones(n)", "1 + step(x - 20).*step(21 - x)"),
        ("sum(relu(x - 2).*relu(3 - x))", "step(x - 2).*step(3 - x).*(5 - 2*x)", "0*x"),
        ("sum(relu(x - 2).*relu(2.000001 - x))", "step(x - 2).*step(2.000001 - x).*(4.000001 - 2*x)", "0*x"),
        ("sum(min(max(x, 2), 3))", "(x > 2) .* (x < 3)", "0*x"),
        ("sum(max(x, 2) - max(x, 3))", "step(x - 2) - step(x - 3)", "0*x"),
        ("sum(abs(x - 2) - abs(x - 3))", "sign(x - 2) - sign(x - 3)", "0*x"),
        ("sum(x.*(x > 2).*(x < 3))", "(x > 2).*(x < 3)", "0*x"),
        ("sum(where(x > 2, where(x < 3, x, 0*x), 0*x))", "(x > 2).*(x < 3)", "0*x"),
        ("sum(relu(x))", "step(x)", "step(x) + step(x - 2).*step(2.5 - x)"),
        ("relu(tr(A) - 2)*relu(2.1 - tr(A))", "", "0*A"),
        // A kink that lies nearer to 0 than anything is drawn.
        ("sum(relu(x - 1e-14))", "step(x - 1e-14)", "step(x)"),
        ("sum(relu(x - 1e-14))*c", "step(x - 1e-14)*c", "step(x)*c"),
        ("sum(max(x, 1e-15))", "step(x - 1e-15)", "step(x)"),
        ("sum(where(x > 1e-60, x, 0*x))", "step(x - 1e-60)", "step(x)"),
        ("sum(log(max(x, 1e-20)))", "", "1 ./ x"),
        ("sum(log(max(x, 1e-300)))", "", "1 ./ x"),
        ("sum(relu(x + 1e-40))", "step(x + 1e-40)", "step(x)"),
        ("sum(relu(x - 1e-14).^2)", "2*relu(x - 1e-14)", "2*relu(x)"),
        // Where a function turns, and where it is alive in a narrow place alone.
        ("sum(arcsin(sin(x)))", "sign(cos(x))", "ones(n)"),
        ("sum(x.^2)", "2*x", "2*x + exp(-(x - 4).^2*1e6)"),
    ];
    for (formula, right, wrong) in cases {
        let by = if formula.contains("(A)") { "A" } else { "x" };
        assert_eq!(status(&place, formula, by, wrong), 1, "{formula}: {wrong}");
        assert!(right.is_empty() || status(&place, formula, by, right) == 0, "{formula}: {right}");
    }
}

/// Claims whose steps stand exactly at their jump over a whole region.
#[test]
fn a_side_that_rounding_might_hide_is_told_or_not_judged() {
    let place = Place::new();
    for (formula, wrong) in [
        ("sum(relu(x))", "step(x - step(1e-3*x + 1).*x)"),
        ("sum(relu(x))", "step(x - step(1e-3*x + 200).*x)"),
        ("sum(abs(x))", "2*step(x - step(1e-3*x + 200).*x/3*3) - 1"),
        ("sum(min(step(1e-12*x + 200).*x, 3*x))", "step(x - step(1e-12*x + 200).*x) + 3*(1 - step(x))"),
    ] {
        assert_eq!(status(&place, formula, "x", wrong), 1, "{formula}: {wrong}");
    }
    let hidden = "step((x/7 + x/7 + 5*x/7 - sqrt(2)^2*x/2).*step(1e-3*x + 200) + x.*step(-1e-3*x - 200))";
    assert_ne!(status(&place, "sum(relu(x))", "x", hidden), 0);
}

/// What is declared excludes a side.
#[test]
fn no_side_is_missing_on_which_no_value_may_lie() {
    let place = Place::new();
    for (formula, right, declared) in [
        ("sum(abs(x))", "ones(n)", "x: n positive"),
        ("sum(relu(x + 1000))", "ones(n)", "x: n positive"),
        ("sum(relu(x + 0.1))", "ones(n)", "x: n nonnegative"),
    ] {
        let check = ["check", formula, "--wrt", "x", "--claim", right, "--let", declared];
        let answer = place.run(&check);
        assert_eq!(answer.status, 0, "{formula}: {}", answer.output);
        let wrong = place.run(&["check", formula, "--wrt", "x", "--claim", "-ones(n)", "--let", declared]);
        assert_eq!(wrong.status, 1, "{formula}: {}", wrong.output);
    }
}

#[test]
fn kinks_that_come_again_and_again_are_judged_at_once() {
    let place = Place::new();
    for (formula, right, wrong) in [
        ("sum(relu(sin(x)))", "step(sin(x)).*cos(x)", "cos(x)"),
        ("sum(abs(cos(x)))", "-sign(cos(x)).*sin(x)", "sin(x)"),
        (
            "sum(relu(sin(x)) + relu(cos(x)))",
            "step(sin(x)).*cos(x) - step(cos(x)).*sin(x)",
            "step(sin(x)).*cos(x) - sin(x)",
        ),
    ] {
        let start = std::time::Instant::now();
        assert_eq!(status(&place, formula, "x", right), 0, "{formula}: {right}");
        assert_eq!(status(&place, formula, "x", wrong), 1, "{formula}: {wrong}");
        assert!(start.elapsed().as_secs() < 8, "{formula}: {:?}", start.elapsed());
    }
}

#[test]
fn every_side_of_a_kink_is_judged() {
    let place = Place::new();
    let cases = [
        ("sum(relu(x - 10))", "step(x - 10)", "0*x"),
        ("sum(relu(x + 1e5))", "step(x + 1e5)", "ones(n)"),
        ("sum(abs(x - 100))", "sign(x - 100)", "-ones(n)"),
        ("sum(max(x, 50))", "(x > 50)", "0*x"),
        ("sum(min(x, y + 30))", "(x < y + 30)", "ones(n)"),
        ("sum(where(x > 50, x.^2, x))", "where(x > 50, 2*x, 1)", "ones(n)"),
        ("sum(min(max(x, -20), 20))", "(x > -20) .* (x < 20)", "ones(n)"),
        ("sum(relu(x).^2)", "2*relu(x)", "2*x"),
        ("sum(abs(x))", "x./abs(x)", "abs(x)./x + 1e-9"),
        ("abs(abs(x'*x))", "2*x", "-2*x"),
    ];
    for (formula, right, wrong) in cases {
        assert_eq!(status(&place, formula, "x", right), 0, "{formula}: {right}");
        assert_eq!(status(&place, formula, "x", wrong), 1, "{formula}: {wrong}");
    }
    // Ties that hold in a region, and kinks of the derivative alone, are no fault of the derivative.
    let ties = [
        // That the step of the derivative is never below 0 is more than numbers tell.
        ("max(x, min(x, y))", "1", 3, "0"),
        ("max(min(x, y), x)", "1", 3, "step(y - x)"),
        ("min(x, max(x, y))", "1", 0, "step(x - y)"),
        ("max(x, x)", "1", 0, "0"),
        ("max(x, max(x, y))", "step(x - y)", 0, "1"),
        ("sqrt((sin(x) + 0.9999999)^2)", "cos(x)*sign(sin(x) + 0.9999999)", 0, "cos(x) + 1"),
    ];
    for (formula, right, status, wrong) in ties {
        for (claim, wanted) in [(right, status), (wrong, 1)] {
            let line = ["check", formula, "--let", "x: scalar, y: scalar", "--wrt", "x", "--claim", claim];
            let answer = place.run(&line);
            assert_eq!(answer.status, wanted, "{formula}: {claim}");
            assert!(!answer.output.contains("failed"), "{formula}: {claim}\n{}", answer.output);
        }
    }
    // A side that no number reaches is named.
    let answer = place.run(&["check", "sum(max(exp(x) - x, 0))", "--wrt", "x", "--claim", "exp(x) - 1"]);
    assert_eq!(answer.status, 3, "{}", answer.output);
    assert!(answer.output.contains("not reached: step below 0"), "{}", answer.output);
}

/// Squares, norms, exponentials, and what is made of them, have one side alone.
#[test]
fn a_side_that_no_sign_allows_is_not_missing() {
    let place = Place::new();
    for (formula, by, right, wrong) in [
        ("sum(abs(x.^2))", "x", "2*x", "-2*x"),
        ("abs(x'*x)", "x", "2*x", "x"),
        ("relu(x'*x)", "x", "2*x", "0*x"),
        ("abs(tr(A'*A))", "A", "2*A", "-2*A"),
        ("sum(abs(exp(x)))", "x", "exp(x)", "-exp(x)"),
        ("sum(max(exp(x), 0))", "x", "exp(x)", "0*x"),
        ("relu(relu(c))", "c", "step(c)", "1"),
        ("relu(-c^2)", "c", "0", "-2*c"),
        ("relu(norm(x)^2 + sum(sigmoid(x)))", "x", "2*x + sigmoid(x).*(1 - sigmoid(x))", "0*x"),
        ("relu(c^3)", "c", "3*c^2*step(c)", "3*c^2"),
    ] {
        assert_eq!(status(&place, formula, by, right), 0, "{formula}: {right}");
        assert_eq!(status(&place, formula, by, wrong), 1, "{formula}: {wrong}");
    }
}

/// Which entry of a block of scalars is chosen is a side as well: each entry has to be chosen somewhere, or is named.
#[test]
fn every_entry_that_a_block_may_give_is_judged() {
    let place = Place::new();
    let declared = "x: n, y: n, A: n x n, c: scalar, s: scalar, t: scalar";
    let cases = [
        ("sum(x)", "x", "ones(n)*max([1; min(x) - 9])"),
        ("sum(x)", "x", "ones(n)*max([1; 2; 3; 4; 5; 6; 7; min(x) - 9])"),
        ("tr(A*A)", "A", "2*A'*max([1; min(A) - 9])"),
        ("logsumexp(x)", "x", "softmax(x)*max([1; min(x) - 9])"),
        ("log(det(A))", "A", "inv(A)'*max([1; min(A) - 9])"),
        ("sum(kron(x, y))", "x", "sum(y)*ones(n)*max([1; min(x) - 9])"),
        ("c*s", "c", "s*max([1; 1.5 - (c - 5)^2 - (s - 5)^2])"),
        ("c*s + t", "c", "s*(is_largest([c; s; t; 100])'*[0; 0; 0; 1])"),
        ("sum(x)*max([1; min(y) - 90])", "x", "ones(n)"),
    ];
    for (formula, by, wrong) in cases {
        let answer = place.run(&["check", formula, "--wrt", by, "--claim", wrong, "--let", declared]);
        assert!([1, 3].contains(&answer.status), "{formula}: {wrong}: {}", answer.output);
    }
    for (formula, by, right) in [
        ("max([c; s])", "c", "(c > s)"),
        ("max([c; s; t])", "c", "hardmax([c; s; t])'*[1; 0; 0]"),
        ("max([c; s; t])", "c", "(c > s)*(c > t)"),
        ("sum(relu([c; s]))", "c", "step(c)"),
        ("sum(x)*max([c; s])", "x", "ones(n)*max(c, s)"),
        ("c*max([c; s; t; 2])", "c", "max([c; s; t; 2]) + c*(is_largest([c; s; t; 2])'*[1; 0; 0; 0])"),
        ("logsumexp([c; s; t])", "c", "exp(c)/(exp(c) + exp(s) + exp(t))"),
    ] {
        let answer = place.run(&["check", formula, "--wrt", by, "--claim", right, "--let", declared]);
        assert_eq!(answer.status, 0, "{formula}: {right}: {}", answer.output);
    }
}

/// Each kink alone is passed by points at which a product of two of them is 0 all the same.
#[test]
fn kinks_of_one_term_are_judged_together() {
    let place = Place::new();
    let scalars = "x: scalar, y: scalar, z: scalar, w: scalar, u: scalar";
    let cases = [
        (scalars, "x^2 + x*relu(y - 3)*relu(z - 3)", "2*x + relu(y - 3)*relu(z - 3)", "2*x", 1),
        (scalars, "x^2 + x*relu(y - 3)*relu(z - 50)", "2*x + relu(y - 3)*relu(z - 50)", "2*x", 1),
        (scalars, "x*(y > 3)*(z > 50)", "(y > 3)*(z > 50)", "0", 1),
        (scalars, "x*relu(y - 3)*relu(z - 2*y)", "relu(y - 3)*relu(z - 2*y)", "0", 1),
        (
            scalars,
            "relu(y)*relu(z)*relu(w)*relu(u)*relu(x)*relu(y + z)",
            "relu(y)*relu(z)*relu(w)*relu(u)*step(x)*relu(y + z)",
            "0",
            1,
        ),
        (scalars, "x*where((y > 5) .* (z > 5), 1, 2)", "where((y > 5) .* (z > 5), 1, 2)", "2", 1),
        (
            scalars,
            "x*where(y > 5, where(z > 5, 1, 2), 3)",
            "where(y > 5, where(z > 5, 1, 2), 3)",
            "where(y > 5, 2, 3)",
            1,
        ),
        (
            "x: n, a: scalar, b: scalar",
            "norm(x)^2*(1 + relu(a - 4)*relu(b - 4))",
            "2*x*(1 + relu(a - 4)*relu(b - 4))",
            "2*x",
            1,
        ),
        // No point lies there that scaling finds, so the sides are named.
        ("x: n x n", "norm(x)^2 + relu(tr(x) - 3)*relu(-det(x) - 3)", "", "2*x", 3),
        // Sides that exclude each other: what stands on both is no fault.
        (scalars, "x*relu(x - 2)*relu(y - 3)", "(2*x - 2)*step(x - 2)*relu(y - 3)", "0", 1),
        (scalars, "x*relu(4 - 2*y)*step(y - 3)*relu(z - 9)", "0", "relu(z - 9)", 1),
    ];
    for (shapes, formula, right, wrong, status) in cases {
        for (claim, wanted) in [(right, 0), (wrong, status)] {
            if !claim.is_empty() {
                let answer = place.run(&["check", formula, "--let", shapes, "--wrt", "x", "--claim", claim]);
                assert_eq!(answer.status, wanted, "{formula}: {claim}\n{}", answer.output);
                assert_eq!(answer.output.contains("at once"), wanted == 3, "{formula}: {claim}");
            }
        }
    }
    let equal = place.run(&["check", "x^2 + relu(y - 3)*relu(z - 3)", "--let", scalars, "--equals", "x^2"]);
    assert_eq!(equal.status, 1, "{}", equal.output);
}
