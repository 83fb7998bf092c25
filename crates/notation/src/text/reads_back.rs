//! Printed texts are read again: equal in value, and equal as text.

use super::random::random_formula;
use super::text;
use formula::{Body, Constant, Formula, Node, NodeId, Size};
use syntax::{Library, Source, parse};

const DECLARATIONS: &str = "X: m x n, A: n x n, B: n x n, y: m, a: n, b: n, s: scalar, c: scalar";

/// Rows, columns and entries, row by row.
type Matrix = (usize, usize, Vec<f64>);

fn size(size: &Size) -> usize {
    let sizes = [("m", 5), ("n", 3)].map(|(name, value)| (formula::Name::from(name), value));
    size.evaluate(&sizes.into_iter().collect()).unwrap()
}

/// Entries between -1 and 1 that differ by the name.
fn entries(name: &str, rows: usize, cols: usize) -> Matrix {
    let mut draw = super::random::Draw(name.bytes().map(u64::from).sum());
    (rows, cols, (0..rows * cols).map(|_| draw.below(2001) as f64 / 1000.0 - 1.0).collect())
}

fn entrywise(parts: &[&Matrix], value: impl Fn(&[f64]) -> f64) -> Matrix {
    // A number stands for a matrix of that number.
    let wide = parts.iter().max_by_key(|part| part.2.len()).unwrap();
    let at = |part: &Matrix, index: usize| if part.2.len() == 1 { part.2[0] } else { part.2[index] };
    let row = |index: usize| parts.iter().map(|part| at(part, index)).collect::<Vec<f64>>();
    (wide.0, wide.1, (0..wide.2.len()).map(|index| value(&row(index))).collect())
}

fn multiply(left: &Matrix, right: &Matrix) -> Matrix {
    let entry = |row: usize, col: usize| {
        (0..left.1).map(|k| left.2[row * left.1 + k] * right.2[k * right.1 + col]).sum::<f64>()
    };
    let cells = (0..left.0).flat_map(|row| (0..right.1).map(move |col| (row, col)));
    (left.0, right.1, cells.map(|(row, col)| entry(row, col)).collect())
}

fn value(formula: &Formula, root: NodeId) -> Matrix {
    let mut values: Vec<Matrix> = vec![(0, 0, Vec::new()); formula.len()];
    for id in formula.reachable(&[root]) {
        let parts: Vec<&Matrix> = formula.node(id).children().iter().map(|id| &values[id.index()]).collect();
        let (rows, cols) = (size(&formula.shape(id).rows), size(&formula.shape(id).cols));
        values[id.index()] = match formula.node(id) {
            Node::Number(number) => (1, 1, vec![number.value()]),
            Node::Size(inner) => (1, 1, vec![size(inner) as f64]),
            Node::Variable(variable) => entries(&variable.name, rows, cols),
            Node::Constant(constant, _) => {
                let entry = |index: usize| match constant {
                    Constant::Ones => 1.0,
                    Constant::Zeros => 0.0,
                    Constant::Identity => f64::from(u8::from(index / cols == index % cols)),
                    Constant::Pi => std::f64::consts::PI,
                };
                (rows, cols, (0..rows * cols).map(entry).collect())
            }
            Node::Add(_) => entrywise(&parts, |row| row.iter().sum()),
            Node::Times(_) | Node::Scale(_) => entrywise(&parts, |row| row.iter().product()),
            Node::Product(_) => {
                let first = parts[0].clone();
                parts[1..].iter().fold(first, |left, right| multiply(&left, right))
            }
            Node::Apply(apply) => match formula.function(apply.function).body {
                Body::Primitive(primitive) => entrywise(&parts, primitive.row().value),
                Body::Defined(_) | Body::Abstract => panic!("the random formulas use primitives alone"),
            },
            Node::Transpose(_) => {
                let cells = (0..rows).flat_map(|row| (0..cols).map(move |col| col * rows + row));
                (rows, cols, cells.map(|index| parts[0].2[index]).collect())
            }
            Node::Norm(_) => (1, 1, vec![parts[0].2.iter().map(|entry| entry * entry).sum::<f64>().sqrt()]),
            Node::Operator(..)
            | Node::Unvec(..)
            | Node::Kronecker(_)
            | Node::Commutation(_)
            | Node::Call(_)
            | Node::Block(..)
            | Node::Part(_) => panic!("not among the formulas of these tests"),
        };
    }
    values.swap_remove(root.index())
}

#[test]
fn every_text_reads_back_with_its_value() {
    let library = Library::standard();
    let mut read = 0;
    for seed in 0..150 {
        let (formula, pool) = random_formula(seed, 50);
        for &id in pool.iter().rev().take(12) {
            let Some(printed) = text(&formula, id).filter(|text| text.len() < 2000) else { continue };
            let source = Source { text: &printed, declarations: DECLARATIONS };
            let parsed = match parse(source, &library) {
                Ok(parsed) => parsed,
                Err(error) => panic!("{printed}: {error}"),
            };
            let again = parsed.formula.result().unwrap();
            let (want, got) = (value(&formula, id), value(&parsed.formula, again));
            assert_eq!((want.0, want.1), (got.0, got.1), "{printed}");
            for (want, got) in want.2.iter().zip(&got.2) {
                let near = (want - got).abs() <= 1e-9 * want.abs().max(1.0);
                assert!(near || !want.is_finite(), "{printed}: {want} and {got}");
            }
            read += 1;
        }
    }
    assert!(read > 1000, "{read}");
}

/// What the language prints of its own formulas is what was typed.
#[test]
fn plain_formulas_print_as_they_were_typed() {
    let library = Library::standard();
    let declarations = "X: m x n, A: n x n, B: n x n, Y: m x n, y: m, a: n, b: n, s: scalar, c: scalar, \
                        g: function";
    for typed in [
        "norm(g(X*A)*B - Y)^2/m",
        "2/m*X'*((X*A - Y) .* g'(X*A))",
        "2/m*(X*A - Y) .* g'(X*B)",
        "X*A + ones(m)*b'",
        "sum(X*A, 1)'",
        "sum(X, 2)*b'",
        "sum(X .* Y)/(m*n)",
        "sum(max(X, 0))",
        "1 - exp(-X) ./ sqrt(1 + Y.^2)",
        "s*norm(a)^2 + c*sum(abs(a))",
        "-y .* g''(X*b)",
        "(a'*A*b)*B",
        "(a + b)'*(A - 2*B)*a",
        "2/(3*m)*X",
        "leaky_relu(X, slope = 0.2)",
        "log(1 + exp(-s))^2/c",
        "1/sqrt(s) - s^(2/3)",
        "eye(n) - ones(n, n)/n",
    ] {
        let parsed = match parse(Source { text: typed, declarations }, &library) {
            Ok(parsed) => parsed,
            Err(error) => panic!("{typed}: {error}"),
        };
        let result = parsed.formula.result().unwrap();
        assert_eq!(text(&parsed.formula, result).as_deref(), Some(typed));
    }
}

/// A simplest form is one: it prints, reads back and simplifies to the same text.
#[test]
fn simplest_forms_read_back_as_themselves() {
    let library = Library::standard();
    for typed in [
        "norm(sigmoid(X*W1)*W2 - Y)^2/m",
        "norm(softplus(X*W1 + ones(m)*b')*W2 - Y)^2/(2*m)",
        "norm(g(X*W) - Y)^2/m + s*norm(W)^2",
        "sum(log(1 + exp(-y .* (X*w))))/m",
        "sum(exp(X*w) ./ (1 + (X*w).^2))",
        "norm(X*w - y)",
    ] {
        let declarations =
            "X: m x n, Y: m x q, y: m, w: n, b: p, W1: n x p, W2: p x q, W: n x q, s: scalar, g: function";
        let mut parsed = parse(Source { text: typed, declarations }, &library).unwrap();
        let derivation = calculus::differentiate(&parsed.formula, &[], calculus::Laws::standard()).unwrap();
        parsed.formula = derivation.formula;
        for gradient in derivation.gradients {
            let simplest = calculus::simplify(&mut parsed.formula, gradient.value).value;
            let printed = text(&parsed.formula, simplest).unwrap();
            let mut again = parse(Source { text: &printed, declarations }, &library).unwrap().formula;
            let result = again.result().unwrap();
            let simplest = calculus::simplify(&mut again, result).value;
            assert_eq!(
                text(&again, simplest).as_deref(),
                Some(printed.as_str()),
                "{typed} by {}",
                gradient.by
            );
        }
    }
}
