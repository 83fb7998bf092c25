//! Every step of a derivation opens, and its sum over k and l is what its law gives.

use super::*;
use crate::differentiate;
use crate::simplify::testing::library;
use formula::Line;

fn steps(declarations: &str, text: &str) -> Vec<Why> {
    let mut reader = library().declare(declarations);
    let value = reader.read(text);
    reader.formula.lines.push(Line { name: Name::from("f"), value });
    let derivation = differentiate(&reader.formula, &[], Laws::standard()).unwrap();
    derivation
        .steps
        .iter()
        .map(|step| why(&derivation.formula, step, Laws::standard()).unwrap_or_else(|| panic!("{step:?}")))
        .collect()
}

#[test]
fn the_sum_over_k_and_l_is_what_the_law_gives() {
    let declarations = "A: m x n, X: n x p, N: n x n, x: n, y: m, t: 1, b: p, Y: m x p, D: n x p";
    for text in [
        "norm(g(A*X + Y) - Y)^2/m",
        "tr(N*inv(N))*det(N)",
        "logdet(N)*t",
        "sum(diag(x)*N)",
        "sum(diag(N) .* x)",
        "logsumexp(A*X)",
        "sum(softmax(A*X, 2) .* Y)",
        "sum(logsumexp(A, 2) .* y)",
        "norm(kron(A, X))",
        "sum(across(X, N*D))",
        "norm(down(X, D))",
        "norm(rows(N*N, 1, 2))",
        "norm(cols(N, 1, 2))",
        "norm(vec(A'))",
        "sum(max(A*X, Y) .* Y^3)",
        "sum(sigmoid(ones(m)*b' + Y))",
        "t^2*sum(Y, 1)*b",
        "norm(unvec(vec(A), m, n))",
        "sum(A*X, 2)'*y",
        "norm(softmax(A))",
    ] {
        for why in steps(declarations, text) {
            let example = why.example.as_ref().unwrap_or_else(|| panic!("{} in {text}", why.statement));
            let error = (example.sum - example.given).abs() / example.given.abs().max(1.0);
            assert!(error < 1e-7, "{}: {} and {}", why.statement, example.sum, example.given);
        }
    }
}

#[test]
fn a_product_has_the_entries_of_the_article() {
    let why = steps("X: m x n, W: n x p", "norm(X*W)").remove(1);
    assert_eq!(why.statement.as_str(), "G = X*W    df/dX = df/dG*W'");
    let names: Vec<&str> = why.letters.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["G", "X", "W"]);
    // dG[k,l]/dX[i,j] = [k = i]*W[j,l]
    let slope = &why.slope.as_ref().unwrap()[0];
    assert!(slope.sums.is_empty());
    let [Factor::Equal(Index::WholeRow, Index::Row), Factor::Entry(_, at)] = slope.factors.as_slice() else {
        panic!("{slope:?}")
    };
    assert_eq!(*at, [Index::Column, Index::WholeColumn]);
    // df/dX[i,j] = sum over l of df/dG[i,l]*W[j,l]
    assert_eq!(why.collapsed.as_ref().unwrap()[0].sums.len(), 1);
    // G[k,l] = sum over r of X[k,r]*W[r,l]
    assert_eq!(why.whole_entry.as_ref().unwrap()[0].factors.len(), 2);
}
