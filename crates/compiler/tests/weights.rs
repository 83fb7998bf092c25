//! A row of weight 2 counts as the row twice, whatever the loss.

use chainrule_compiler as compiler;
use compiler::{Library, Request, compile, evaluate};
use formula::Sizes;

/// The loss of rows with weights that are 1 in the mean, and its gradient by V in A = X*V.
fn weighted(call: &str, x: &[f64], y: &[f64], weights: Option<&[f64]>, rows: usize) -> Vec<f64> {
    let sizes = Sizes::from([("n".into(), 2), ("q".into(), 2)]);
    let library = Library::standard();
    let mut data = vec!["X", "Y"];
    data.extend(weights.map(|_| "w"));
    let plan = compile(
        &Request {
            text: &format!("A = X*V\nf = {call}"),
            declarations: "X: m x n, V: n x q, Y: m x q, w: m",
            values: &["f"],
            gradients: &["V"],
            data: &data,
            parameters: &["V"],
            walked: Some("m"),
            weights: weights.map(|_| "w"),
            sizes: &sizes,
            ..Request::default()
        },
        &library,
    )
    .unwrap();
    let mut arrays = vec![x, y];
    arrays.extend(weights);
    evaluate(&plan, &arrays, &[0.3, -0.2, 0.5, 0.1], &[], rows).unwrap()
}

#[test]
fn a_row_of_weight_2_counts_as_the_row_twice() {
    let (x, y) = ([1.0, 2.0, -1.0, 0.5, 0.3, 4.0], [1.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
    let twice: Vec<f64> = [&x[..], &x[..2]].concat();
    let targets: Vec<f64> = [&y[..], &y[..2]].concat();
    let weights = [1.5, 0.75, 0.75];
    let losses = library::PAGES.iter().filter(|page| page.kind == library::Kind::Loss);
    let calls = losses.map(|page| format!("{}(A, Y)", page.name));
    let own = ["sum(log(cosh(A - Y)))/m", "norm(A - Y)^2/m + sum((A .* Y).^2)/m"].map(String::from);
    for call in calls.chain(own) {
        let want = weighted(&call, &twice, &targets, None, 4);
        let found = weighted(&call, &x, &y, Some(&weights), 3);
        assert_eq!(want.len(), 5);
        for (found, want) in found.iter().zip(&want) {
            assert!((found - want).abs() <= 1e-12 * want.abs().max(1.0), "{call}: {found} for {want}");
        }
    }
}
