//! Pages of a user go through the same judgements, and wrong ones are caught by them.

use crate::functions::keeps_what_it_says;
use crate::losses::gradient_matches_differences;
use crate::optimizers::small_model_learns;
use crate::slopes::{
    matrix_derivative_matches_differences, slope_is_finite_far_out, slope_matches_differences,
};
use crate::{Verdict, derivations::derivative_reads_back, fast::fast_engine_is_the_reference};
use chainrule_compiler::{Kind, Library};
use formula::Formula;
use formula::Name;
use judge::{judge_borrowed_pages, judge_own_pages};

/// The verdict on a page that is defined for it.
fn verdict(page: &str, judge: impl Fn(&Library, &Name) -> Verdict) -> Verdict {
    let mut library = Library::standard();
    let names = library.define(page)?;
    judge(&library, names.first().ok_or("a page defines a name")?)
}

fn refused(page: &str, judge: impl Fn(&Library, &Name) -> Verdict, want: &str) {
    let error = verdict(page, judge).expect_err(page).to_string();
    assert!(error.contains(want), "{page}: {error}");
}

#[test]
fn a_bell_passes_with_and_without_a_slope() {
    let without = "function bump(x) = exp(-x^2)\n    check bump(0) = 1";
    let with = "function bump(x) = exp(-x^2)\n    slope -2*x*bump(x)\n    latex b";
    for page in [without, with] {
        verdict(page, slope_matches_differences).unwrap();
        verdict(page, slope_is_finite_far_out).unwrap();
        verdict(page, fast_engine_is_the_reference).unwrap();
        verdict(page, derivative_reads_back).unwrap();
        verdict(page, |library, name| keeps_what_it_says(library, Kind::Function, name)).unwrap();
    }
}

#[test]
fn a_function_of_matrices_is_judged_by_its_derivative() {
    let center = "function center(X: m x n) = X - ones(m)*mean(X, 1)";
    verdict(center, matrix_derivative_matches_differences).unwrap();
    verdict(
        "function blend(X: m x n, Y: m x n, c: scalar) = c*X + tanh(Y)",
        matrix_derivative_matches_differences,
    )
    .unwrap();
}

#[test]
fn wrong_pages_are_caught() {
    refused("function u1(x) = x^3\n    slope 3.003*x^2", slope_matches_differences, "difference quotient");
    refused(
        "function u1(x) = x/(1 + exp(-x))\n    slope x*exp(x)/exp(x)",
        slope_is_finite_far_out,
        "its slope NaN",
    );
    refused(
        "loss l1(A: m x q, Y: m x q) = sum(log(A - A))/m",
        gradient_matches_differences,
        "0 entries only",
    );
    refused("optimizer o(W, G, t; rate = 0.01)\n    W <- W + rate*G", small_model_learns, "at rate 0.1");
}

#[test]
fn pages_that_do_not_keep_what_they_say_are_refused_before_they_are_used() {
    let cases = [
        ("function u1(x) = x^3\n    slope 3.003*x^2", "its slope is not that of its body"),
        ("function u1(x) = 1e-20*x\n    slope 5e-20", "its slope is not that of its body"),
        ("function u1(x) = tanh(x)\n    slope tanh(x)^2 - 1", "its slope is not that of its body"),
        ("function u1(x) = x + 1e-12*x^2\n    slope 1 + 3e-12*x", "its slope"),
        ("function u1(x) = relu(x - 300)\n    slope 0", "its slope"),
        ("function u1(x) = exp(x)\n    stable 1.001*exp(x)", "its stable form"),
        ("function u1(x) = tanh(x)\n    stable x", "its stable form"),
        ("function u1(x) = exp(x)\n    slope log(x)", "its slope"),
        ("function u1(X: m x n) = sum(X)\n    stable 2*sum(X)", "its stable form"),
        (
            "function u1(X: m x n) = exp(X)/sum(exp(X))\n    stable exp(X - 1)/sum(exp(X))\n    portable",
            "its stable form",
        ),
        ("loss mae(A: m x q, Y: m x q) = sum(A - Y)/m\n    check mae([1], [2]) = 1", "does not hold"),
        ("metric mae(A: m x q, Y: m x q) = sum(A - Y)/m\n    check mae([1], [2]) = 1", "does not hold"),
        ("function u1(x) = exp(x)\n    check u1(1) = 2.7182818", "does not hold"),
        ("function u1(x) = tanh(x)\n    check u1(2) = 5", "does not hold"),
        ("function u1(x) = log(x)\n    check u1(-1) = log(-2)", "neither side has a value"),
        ("function u1(x) = x\n    check u1(0) = 1e-9", "does not hold"),
        ("function u1(x) = log(x)\n    check u1(-1) = 0", "does not hold"),
        ("loss u1(A: m x q, Y: m x q) = sum(A - Y)/m\n    check u1([1], [0]) = 2", "does not hold"),
        ("schedule u1(u) = 1 - u\n    check u1(0) = 0", "does not hold"),
    ];
    for (page, want) in cases {
        let mut library = Library::standard();
        library.define(page).unwrap_or_else(|error| panic!("{page}: {error}"));
        let error = judge_own_pages(&library, []).expect_err(page).to_string();
        assert!(error.contains(want), "{page}: {error}");
    }
    // A slope holds at every setting, and at those that a text names.
    let mut library = Library::standard();
    library.define("function u1(x; a = 1) = tanh(a*x)\n    slope 1 - tanh(a*x)^2").unwrap();
    judge_own_pages(&library, []).expect_err("the slope lacks a factor");
}

/// Lines that are wrong where few points are: between two kinks, far out, in a narrow place.
#[test]
fn lines_are_judged_between_kinks_and_far_out() {
    let pages = [
        "u1(x) = relu(x-2)*relu(3-x)\n    slope 0",
        "u1(x) = x\n    stable x + step(x-2)*step(3-x)",
        "u1(x) = x + relu(x-2)*relu(2.1-x)\n    slope 1",
        "u1(x) = x\n    stable max(x, -1000)",
        "u1(x) = x\n    stable x + step(x-1e6)",
        "u1(x) = x\n    stable x + exp(-(x-4)^2*1e6)",
        "u1(x) = x + 1e-3*sigmoid(1000*(x-30))\n    slope 1",
        "u1(x) = x^2\n    check u1(1e-10) = 0",
        "u1(x) = x^2\n    check u1(1e-10) = 2e-20",
        "u1(x) = exp(x)\n    check u1(-40) = 0",
        "u1(x; a = 2) = a*x^2\n    slope 4*x",
        "u1(x; a = 0) = relu(x - a)\n    slope step(x)",
        "u1(x; a = 1) = a*x\n    stable x",
        // At one place, in a narrow one, where values are beyond doubles or lost in rounding.
        "u1(x) = tanh(x)\n    stable where(x == 0, 50, tanh(x))",
        "u1(x) = tanh(x)\n    stable tanh(x) + 50*equal(x, 0)",
        "u1(x) = x^2\n    slope where(x == 1, 1, 2*x)",
        "u1(x) = tanh(x)\n    slope 1 - tanh(x)^2 + 1e6*relu(1e-3 - abs(x - 0.3))",
        "u1(x) = tanh(x)\n    stable tanh(x) + 5e5*relu(1e-5 - abs(x - 0.25))",
        "u1(x) = exp(x)\n    slope exp(x)*where(x < -600, 2, 1)",
        "u1(x) = exp(x)\n    slope exp(x) + step(x - 680)*exp(x)",
        "u1(x) = 1e-300*x\n    slope 2e-300",
        "u1(x) = 1e-300*tanh(x)\n    slope 5e-300*(1 - tanh(x)^2)",
    ];
    for page in pages {
        let mut library = Library::standard();
        library.define(page).unwrap_or_else(|error| panic!("{page}: {error}"));
        judge_own_pages(&library, []).expect_err(page);
    }
    for page in [
        "u1(x) = log(1 + exp(x))\n    stable max(x, 0) + log1p(exp(-abs(x)))\n    slope sigmoid(x)",
        "u1(x) = relu(x)^2\n    slope 2*relu(x)",
        "u1(x) = where(x > 0, x, 0.1*x)\n    slope where(x > 0, 1, 0.1)",
        "u1(x) = min(max(x, -1000), 1000)\n    slope where(abs(x) < 1000, 1, 0)",
        "u1(x) = x*tanh(x)\n    stable abs(x*tanh(x))",
    ] {
        let mut library = Library::standard();
        library.define(page).unwrap_or_else(|error| panic!("{page}: {error}"));
        judge_own_pages(&library, []).unwrap_or_else(|error| panic!("{page}: {error}"));
    }
}

/// A shipped page keeps its lines when a function of the user's stands in it, or is refused where it is used.
#[test]
fn shipped_pages_that_use_a_users_function_are_judged() {
    let cases = [
        ("sigmoid(x) = 5*x", "softplus"),
        ("step(x) = x", "relu"),
        ("sigmoid(x) = x", "silu"),
        ("erf(x) = x", "gelu"),
        ("exp(x) = x", "elu"),
    ];
    for (page, user) in cases {
        let mut library = Library::standard();
        library.define(page).unwrap();
        let mut formula = Formula::new();
        library.function(&mut formula, user).unwrap();
        let error = judge_borrowed_pages(&library, &formula).expect_err(page).to_string();
        assert!(error.contains("a function of yours"), "{error}");
    }
    // What says the same by other words is no fault.
    let mut library = Library::standard();
    library.define("sigmoid(x) = exp(x)/(1 + exp(x))").unwrap();
    let mut formula = Formula::new();
    library.function(&mut formula, "softplus").unwrap();
    judge_borrowed_pages(&library, &formula).unwrap();
}
