//! Pages of a user go through the same judgements, and wrong ones are caught by them.

use crate::functions::{checks_hold, stable_form_is_the_body};
use crate::losses::gradient_matches_differences;
use crate::optimizers::small_model_learns;
use crate::slopes::{
    matrix_derivative_matches_differences, slope_is_finite_far_out, slope_is_that_of_the_body,
    slope_matches_differences,
};
use crate::{Verdict, derivations::derivative_reads_back, fast::fast_engine_is_the_reference};
use chainrule_compiler::{Kind, Library};
use formula::Name;

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
        verdict(page, slope_is_that_of_the_body).unwrap();
        verdict(page, slope_is_finite_far_out).unwrap();
        verdict(page, fast_engine_is_the_reference).unwrap();
        verdict(page, derivative_reads_back).unwrap();
        verdict(page, |library, name| checks_hold(library, Kind::Function, name)).unwrap();
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
    refused("function u1(x) = x^3\n    slope 3.003*x^2", slope_is_that_of_the_body, "the body gives");
    refused(
        "function u1(x) = x/(1 + exp(-x))\n    slope x*exp(x)/exp(x)",
        slope_is_finite_far_out,
        "its slope NaN",
    );
    refused("function u1(x) = exp(x)\n    stable 1.001*exp(x)", stable_form_is_the_body, "the stable form");
    let check = |library: &Library, name: &Name| checks_hold(library, Kind::Function, name);
    refused("function u1(x) = exp(x)\n    check u1(1) = 2.7182818", check, "does not hold");
    refused(
        "loss l1(A: m x q, Y: m x q) = sum(log(A - A))/m",
        gradient_matches_differences,
        "0 entries only",
    );
    refused("optimizer o(W, G, t; rate = 0.01)\n    W <- W + rate*G", small_model_learns, "at rate 0.1");
}
