//! Words and operators about whole matrices: what they mean, the shapes they infer, and what is said of mistakes.

use chainrule_syntax::{Diagnostic, Library, Parsed, Source, parse};
use formula::{Matrix, Name, Node, Operator, Point, Sizes};

fn read(text: &str, declarations: &str) -> Result<Parsed, Diagnostic> {
    parse(Source { text, declarations }, &Library::standard())
}

fn parsed(text: &str, declarations: &str) -> Parsed {
    read(text, declarations).unwrap_or_else(|error| panic!("{}", error.render()))
}

/// Two texts make the same node.
fn same(a: &str, b: &str) {
    let both = parsed(&format!("P_a = {a}\nP_b = {b}"), MATRICES);
    assert_eq!(both.formula.lines[0].value, both.formula.lines[1].value, "{a} and {b}");
}

/// The shape of a text, and the shapes assumed in it.
fn shaped(text: &str, declarations: &str, shape: &str, assumed: &str) {
    let read = parsed(text, declarations);
    let result = read.formula.result().expect("a result");
    assert_eq!(read.formula.shape(result).to_string(), shape, "{text}");
    let found: Vec<String> =
        read.assumptions.iter().map(|one| format!("{}: {}", one.name, one.kind)).collect();
    assert_eq!(found.join(", "), assumed, "{text}");
}

/// The message and mend of the error hold all of these.
fn refused(text: &str, declarations: &str, wants: &[&str]) {
    let error = read(text, declarations).err().unwrap_or_else(|| panic!("{text} is accepted"));
    for want in wants {
        assert!(error.to_string().contains(want), "{text}: {error}\nlacks {want}");
    }
}

/// The value of a text at small numbers.
fn valued(text: &str, want: &[f64]) {
    let read = parsed(text, "A: 2 x 2, x: 2, c: scalar");
    let matrix =
        |rows: usize, entries: &[f64]| Matrix { rows, cols: entries.len() / rows, entries: entries.to_vec() };
    let variables =
        [("A", matrix(2, &[2.0, 1.0, 0.0, 4.0])), ("x", matrix(2, &[3.0, -1.0])), ("c", matrix(1, &[0.5]))];
    let point = Point {
        sizes: Sizes::new(),
        variables: variables.into_iter().map(|(name, value)| (Name::from(name), value)).collect(),
    };
    let values = read.formula.evaluate(&[read.formula.result().expect("a result")], &point).expect("a value");
    assert_eq!(values[0].entries.len(), want.len(), "{text}");
    for (found, want) in values[0].entries.iter().zip(want) {
        assert!((found - want).abs() < 1e-12, "{text}: {:?}", values[0].entries);
    }
}

const MATRICES: &str = "A: n x n, B: n x n, X: m x n, Y: m x n, x: n, y: n, c: scalar, S: n x n symmetric";

#[test]
fn what_is_written_out_is_what_it_stands_for() {
    same("A\\B", "inv(A)*B");
    same("solve(A, x)", "inv(A)*x");
    same("A\\B*X'", "inv(A)*B*X'");
    same("c\\A", "A/c");
    same("adj(A)", "det(A)*inv(A)");
    same("A^-1", "inv(A)");
    same("A^-2", "inv(A)*inv(A)");
    same("A^2", "A*A");
    same("A^0", "eye(n)");
    same("mean(X)", "sum(X)/(m*n)");
    same("norm1(X)", "sum(abs(X))");
    same("norm2(X)", "norm(X)");
    same("dot(x, y)", "x'*y");
    same("dot(X, Y)", "sum(X .* Y)");
    same("tr(c)", "c");
    same("kron(c, A)", "c*A");
    same("vec(x)", "x");
    same("unvec(vec(X), m, n)", "X");
    same("commutation(1, n)", "eye(n)");
    same("[[A, B], A]", "[A, B, A]");
    same("rows([A; B], 1, n)", "A");
    same("cols(X, 1, n)", "X");
    same("softmax(X, 1)", "softmax(X', 2)'");
    same("logsumexp(X, 1)", "logsumexp(X', 2)'");
    same("diag(x)'", "diag(x)");
    same("S'", "S");
    same("X + vector(1)*x'", "X + ones(m)*x'");
    same("X*vector(2)", "X*(2*ones(n))");
    same("where(c, x, y)", "where(c != 0, x, y)");
    same("where((x > 0) .* (y > 0), x, y)", "where((x > 0) .* (y > 0), x, y)");
    same("where(x < y, 1, 2)", "where(less(x, y), 1, 2)");
}

#[test]
fn values_are_those_of_the_definitions() {
    valued("A\\x", &[13.0 / 8.0, -0.25]);
    valued("tr(A) + det(A) + logdet(-A)", &[6.0 + 8.0 + 3.0 * std::f64::consts::LN_2]);
    valued("adj(A)", &[4.0, -1.0, 0.0, 2.0]);
    valued("diag(A)", &[2.0, 4.0]);
    valued("diag(x)", &[3.0, 0.0, 0.0, -1.0]);
    valued("vec(A)", &[2.0, 0.0, 1.0, 4.0]);
    valued("unvec([1; 2; 3; 4], 2, 2)", &[1.0, 3.0, 2.0, 4.0]);
    valued("kron(x', A)", &[6.0, 3.0, -2.0, -1.0, 0.0, 12.0, 0.0, -4.0]);
    valued("commutation(2, 2)*vec(A) - vec(A')", &[0.0; 4]);
    valued("[A, x; x', c]", &[2.0, 1.0, 3.0, 0.0, 4.0, -1.0, 3.0, -1.0, 0.5]);
    valued("rows(A, 2, 2)", &[0.0, 4.0]);
    valued("cols(A, 1, 1)", &[2.0, 0.0]);
    valued("A^3", &[8.0, 28.0, 0.0, 64.0]);
    valued("A > 1", &[1.0, 0.0, 0.0, 1.0]);
    valued("[x >= 3, x <= -1, x == 3, x != 3]", &[1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0]);
    valued("x + 1 > 0", &[1.0, 0.0]);
    valued("where(x > 0, log(x), 7)", &[1.0986122886681098, 7.0]);
    valued("where(A, 1, 2)", &[1.0, 1.0, 2.0, 1.0]);
    valued("max(x, c) - min(x, c)", &[2.5, 1.5]);
    valued("sum(softmax(A, 2), 2)", &[1.0, 1.0]);
    valued("sum(softmax(A))", &[1.0]);
    valued("logsumexp([c, c])", &[0.5 + std::f64::consts::LN_2]);
    valued("relu6(x) + elu(x) + hardtanh(x)", &[7.0, -1.6321205588285577]);
}

#[test]
fn a_part_of_the_language_is_a_node() {
    let node = |text: &str| {
        let read = parsed(text, MATRICES);
        read.formula.node(read.formula.result().expect("a result")).clone()
    };
    for (text, operator) in [
        ("tr(A)", Operator::Trace),
        ("det(A)", Operator::Determinant),
        ("logdet(A)", Operator::LogDeterminant),
        ("inv(A)", Operator::Inverse),
        ("diag(A)", Operator::Diagonal),
        ("diag(x)", Operator::DiagonalMatrix),
        ("vec(X)", Operator::Vec),
    ] {
        assert!(matches!(node(text), Node::Operator(found, _) if found == operator), "{text}");
    }
    assert!(matches!(node("softmax(X)"), Node::Call(_)));
    assert!(matches!(node("softmax(X, 2)"), Node::Call(_)));
    assert!(matches!(node("logsumexp(X, 2)"), Node::Call(_)));
    assert!(matches!(node("kron(A, X)"), Node::Kronecker(_)));
    assert!(matches!(node("commutation(m, n)"), Node::Commutation(_)));
    assert!(matches!(node("unvec(kron(x, x), n, n)"), Node::Unvec(..)));
    assert!(matches!(node("[A, B]"), Node::Block(..)));
    assert!(matches!(node("rows(X, 2, 3)"), Node::Part(_)));
}

#[test]
fn shapes_are_inferred() {
    shaped("tr(A*X)", "", "1 x 1", "A: m x n, X: n x m");
    shaped("det(X'*A*X)", "", "1 x 1", "X: m x n, A: m x m");
    shaped("a'*inv(X)*b", "", "1 x 1", "a: m x 1, X: m x m, b: m x 1");
    shaped("x'*diag(d)*x", "", "1 x 1", "x: m x 1, d: m x 1");
    shaped("diag(a)*X", "", "m x n", "a: m x 1, X: m x n");
    shaped("diag(X)", "", "m x 1", "X: m x m");
    shaped("diag(A*B)", "", "m x 1", "A: m x n, B: n x m");
    shaped("diag(A*x)", "", "m x m", "A: m x n, x: n x 1");
    shaped("vec(X)'*vec(Y)", "", "1 x 1", "X: m x n, Y: m x n");
    shaped("kron(A, B)*vec(X)", "", "m*p x 1", "A: m x n, B: p x q, X: q x n");
    shaped("kron(A, B)*x", "", "m*p x 1", "A: m x n, B: p x q, x: n*q x 1");
    shaped("commutation(m, n)*vec(X)", "", "m*n x 1", "X: m x n");
    shaped("commutation(p, q)*vec(X)", "X: p x q", "p*q x 1", "");
    shaped("unvec(x, m, n)*B", "", "m x p", "x: m*n x 1, B: n x p");
    shaped("A\\b", "", "m x 1", "A: m x m, b: m x 1");
    shaped("solve(A, b)", "", "m x 1", "A: m x m, b: m x 1");
    shaped("x'*X^2*y", "", "1 x 1", "x: m x 1, X: m x m, y: m x 1");
    shaped("logsumexp(b)", "", "1 x 1", "b: m x 1");
    shaped("-t'*log(softmax(x))", "", "1 x 1", "t: m x 1, x: m x 1");
    shaped("softmax(X*W, 2)", "", "m x p", "X: m x n, W: n x p");
    shaped("[A, B]*x", "", "m x 1", "A: m x n, B: m x p, x: n + p x 1");
    shaped("[A, B; C, D]", "", "m + q x n + p", "A: m x n, B: m x p, C: q x n, D: q x p");
    shaped("[X, ones(m)]*w", "X: m x n", "m x 1", "w: n + 1 x 1");
    shaped("[A, b]", "", "m x n + 1", "A: m x n, b: m x 1");
    shaped("[x; 1]", "", "m + 1 x 1", "x: m x 1");
    shaped("rows(X, 1, k)*w", "", "k x 1", "X: m x n, w: n x 1");
    shaped("rows(X, k, m)", "X: m x n", "m - k + 1 x n", "");
    shaped("where(x > 0, x, 0)", "", "1 x 1", "x: scalar");
    shaped("vector(1)'*X*vector(1)", "", "1 x 1", "X: m x n");
    shaped("tr(inv(S)*A)", "S: symmetric", "1 x 1", "S: m x m, A: m x m");
    shaped("X*S", "S: symmetric", "m x n", "X: m x n, S: n x n");
    shaped("log(X)", "X: positive", "m x n", "X: m x n");
    shaped("S*x", "S: symmetric(n)", "n x 1", "x: n x 1");
    shaped("X*y", "X: matrix(m, n), y: vector(n)", "m x 1", "");
}

#[test]
fn mistakes_have_mends() {
    refused("X^k", "X: n x n", &["literal whole number", "`X^3`", "`X.^k`"]);
    refused("A^100", "A: n x n", &["from -64 to 64"]);
    refused("A/B", MATRICES, &["`A*inv(B)`", "`A ./ B`"]);
    refused("X\\y", "X: m x n, y: m", &["square", "(X'*X)\\(X'*y)"]);
    refused("A\\X", MATRICES, &["as many rows"]);
    refused("inv(X)", MATRICES, &["`X` is m x n", "`X'*X` is square"]);
    refused("tr(X*Y)", "X: m x n, Y: n x p", &["`X*Y` is m x p"]);
    refused("diag(x')", MATRICES, &["`diag(x)`"]);
    refused("[A, X]", MATRICES, &["equally many rows", "`[A; B]`"]);
    refused("[A; x]", MATRICES, &["equally many columns"]);
    refused("rows(X, 3, 2)", MATRICES, &["from the first one to the last one"]);
    refused("cols(X, 1, n + 1)", MATRICES, &["counted from 1 to n", "`cols(X, 1, 3)`"]);
    refused("unvec(x, n, n)", MATRICES, &["a column of n*n entries"]);
    refused("kron(X)", MATRICES, &["write `kron(A, B)`"]);
    refused("softmax(X, 3)", MATRICES, &["`softmax(X)` or `softmax(X, 1)` or `softmax(X, 2)`"]);
    refused("softmax'(X)", MATRICES, &["no slope entry by entry"]);
    refused("ones(m)*vector(x)", MATRICES, &["a number"]);
    refused("x > X", MATRICES, &["`(ones(m)*x') > X`"]);
    refused("X .* x", MATRICES, &["`X .* (ones(m)*x')`"]);
    refused("where(X > 0, x, 0)", MATRICES, &["`ones(m)*x'`"]);
    refused("a < b < c", "", &["(a < b) .* (b < c)"]);
    refused("x <- 1", "", &["`< -`"]);
    refused("sin(x)(y)", "", &["operator"]);
    refused("ln(X)", "", &["`log`"]);
    refused("X: matrix(m), X", "", &["the columns"]);
    refused("f(x) = tr(x), f(X)", "", &["looks at a whole matrix", "function f(X: m x n)"]);
    refused("f(x) = vector(x), f(X)", "", &["looks at a whole matrix"]);
    refused("f(X: m x n) = X*vector(1), f(X)", "", &["is not inferred here", "`ones(m)`"]);
}

#[test]
fn definitions_of_a_user_nest() {
    let mut library = Library::standard();
    library
        .define("cube(x) = x^3, mix(x, y; share = 0.5) = share*x + (1 - share)*y")
        .expect("functions entry by entry");
    library
        .define("gram(X: m x n; ridge = 0) = X'*X + ridge*eye(n)\nfit(X: m x n, y: m) = gram(X, ridge = 2)\\(X'*y)")
        .expect("functions of matrices");
    let read = |text: &str| {
        parse(text, &library).unwrap_or_else(|error| panic!("{}", error.render())).formula.lines[0].value
    };
    let both = |a: &str, b: &str| {
        let text = format!("P_a = {a}\nP_b = {b}");
        let read = parse(text.as_str(), &library).unwrap_or_else(|error| panic!("{}", error.render()));
        assert_eq!(read.formula.lines[0].value, read.formula.lines[1].value, "{text}");
    };
    both("fit(A, y)", "(A'*A + 2*eye(n))\\(A'*y)");
    both("tr(gram(mix(X, cube(X)), ridge = 0.1))", "tr(mix(X, cube(X))'*mix(X, cube(X)) + 0.1*eye(n))");
    both("gram(cube(gram(X)))", "cube(gram(X))'*cube(gram(X)) + 0*eye(n)");
    read("sum(mix(cube(x), cube(cube(x)); share = 0.2))");
}

#[test]
fn entries_and_slices_are_counted_from_one() {
    for (a, b) in [
        ("X(1, 2)", "cols(rows(X, 1, 1), 2, 2)"),
        ("X(2,3)^2", "cols(rows(X, 2, 2), 3, 3)^2"),
        ("X(:, 1)", "cols(X, 1, 1)"),
        ("X(2, :)", "rows(X, 2, 2)"),
        ("X(1:3, :)", "rows(X, 1, 3)"),
        ("X(:, 2:n)", "cols(X, 2, n)"),
        ("X(1:2, 1:2)", "cols(rows(X, 1, 2), 1, 2)"),
        ("X(m, 1)", "cols(rows(X, m, m), 1, 1)"),
        ("X(m - 1, 1)", "cols(rows(X, m - 1, m - 1), 1, 1)"),
        ("X(:, :)", "X"),
        ("X(:)", "vec(X)"),
        ("x(3)", "rows(x, 3, 3)"),
        ("x(2:n) - x(1:n-1)", "rows(x, 2, n) - rows(x, 1, n - 1)"),
        ("x(1, 1)", "cols(rows(x, 1, 1), 1, 1)"),
        ("A(:, 1)'*A(2, :)'", "cols(A, 1, 1)'*rows(A, 2, 2)'"),
        ("exp(x(1))*y", "exp(rows(x, 1, 1))*y"),
        ("X(end, 1)", "cols(rows(X, m, m), 1, 1)"),
        ("X(:, end)", "cols(X, n, n)"),
        ("X(end, end)", "cols(rows(X, m, m), n, n)"),
        ("X(2:end, :)", "rows(X, 2, m)"),
        ("x(end)", "rows(x, n, n)"),
        ("x(end - 1)", "rows(x, n - 1, n - 1)"),
        ("x(2:end) - x(1:end-1)", "rows(x, 2, n) - rows(x, 1, n - 1)"),
        ("entries(x', 2, 3)", "cols(x', 2, 3)"),
        ("nrows(X)/ncols(X)", "m/n"),
    ] {
        same(a, b);
    }
    valued("A(1, 2)", &[1.0]);
    valued("A(2, :)", &[0.0, 4.0]);
    valued("x(2)", &[-1.0]);
    valued("max(A) + min(x)", &[3.0]);
    valued("prod(x)", &[-3.0]);
    valued("[var(x); std(x)]", &[4.0, 2.0]);
    shaped("X(1, 2)", "", "1 x 1", "X: m x n");
    shaped("x(3)^2 + x(1)*x(2)", "", "1 x 1", "x: m x 1");
    shaped("a(2)*x(1)", "", "1 x 1", "a: m x 1, x: n x 1");
    shaped("r(2)", "r: 1 x n", "1 x 1", "");
    shaped("norm(A(:, 2) - b)^2", "", "1 x 1", "A: m x n, b: m x 1");
    shaped("sum(A(1:3, :))", "", "1 x 1", "A: m x n");
}

#[test]
fn an_entry_reads_back_as_it_is_shown() {
    for (text, want) in [
        ("cols(rows(X, 1, 1), 2, 2)", "X(1, 2)"),
        ("rows(X, 1, 3)", "X(1:3, :)"),
        ("cols(X, 2, 2)'", "X(:, 2)'"),
        ("x(3)", "x(3)"),
        ("x(2:n)", "x(2:n)"),
        ("X( 1:2 , 3 )", "X(1:2, 3)"),
        ("rows(X*A, 1, 1)", "rows(X*A, 1, 1)"),
        ("rows(cols(X, 1, 1), 2, 2)", "rows(X(:, 1), 2, 2)"),
        ("entries(x, n, n)", "entries(x, n, n)"),
        ("x(end)", "x(end)"),
        ("x(2:end - 1)", "x(2:end - 1)"),
        ("X(end, 1)", "X(end, 1)"),
    ] {
        let read = parsed(text, MATRICES);
        assert_eq!(read.echo, format!("f = {want}"), "{text}");
        let again = parsed(&read.echo, MATRICES);
        assert_eq!(again.echo, read.echo);
    }
}

#[test]
fn entries_that_are_none_are_refused_with_a_mend() {
    refused("x(0)", "x: n", &["counted from 1", "x(1)"]);
    refused("x(5)", "x: 3", &["from 1 to 3"]);
    refused("X(4, 1)", "X: 3 x 2", &["name rows from 1 to 3"]);
    refused("X(1, 4)", "X: 3 x 2", &["name columns from 1 to 2"]);
    refused("X(3)", "X: m x n", &["a column or a row", "X(1, 2)", "X(:, 2)"]);
    refused("X(:, end + 1)", "X: m x n", &["name columns from 1 to n"]);
    refused("x(end - 3)", "x: 3", &["counted from 1 to 3"]);
    refused("X(1, 2, 3)", "X: m x n", &["X(1, 2)"]);
    refused("x(1:2:5)", "x: n", &["steps of 1", "1:3"]);
    refused("x(3:2)", "x: n", &["from the first one to the last one"]);
    refused("x(y)", "x: n, y: n", &["`x` is no function", "x*(y)"]);
    refused("f(3)", "", &["no function `f`"]);
    refused("L(X)", "L: matrix -> scalar", &["a shape with sizes", "`L: m x n -> scalar`", "`L: function`"]);
}
