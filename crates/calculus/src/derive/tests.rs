//! Every form of every derivative: known answers as text, and all of them judged by differences.

use super::*;
use crate::request::{Layout, Symmetric};
use crate::simplify::testing::{library, print};
use crate::testing::{Draw, STEP, difference, error, quotients, sizes, value};
use formula::{Matrix, Point};

fn read(declarations: &str, lines: &str) -> Formula {
    let mut reader = library().declare(declarations);
    for line in lines.split(';') {
        let (name, text) = line.split_once('=').unwrap_or(("f", line));
        let (name, value) = (name.trim(), reader.read(text.trim()));
        reader.variables.insert(name.to_owned(), value);
        reader.formula.lines.push(Line { name: Name::from(name), value });
    }
    reader.formula
}

fn by(wrt: &str) -> Request {
    Request { wrt: wrt.split_whitespace().map(Name::from).collect(), ..Request::default() }
}

fn second_by(wrt: &str, by: Option<&str>) -> Request {
    Request { order: Order::Second(by.map(Name::from)), ..self::by(wrt) }
}

fn form(form: Form, request: Request) -> Request {
    Request { form: Some(form), ..request }
}

fn answer(formula: &Formula, request: &Request) -> Derived {
    derive(formula, request, Laws::standard()).unwrap_or_else(|error| panic!("{error}"))
}

/// The closed form of the only derivative asked for, after it was judged by differences.
fn closed(declarations: &str, lines: &str, request: &Request) -> String {
    let formula = read(declarations, lines);
    let derived = answer(&formula, request);
    judge(&formula, &derived, request);
    print(&derived.derivation.formula, derived.readings[0].value)
}

fn check(declarations: &str, lines: &str, request: &Request, want: &str) {
    assert_eq!(closed(declarations, lines, request), want, "{lines}");
}

/// Compares every reading, raw and in closed form, with the Jacobian by differences.
fn judge(formula: &Formula, derived: &Derived, request: &Request) {
    for reading in &derived.readings {
        let arena = &derived.derivation.formula;
        // What the last derivative is of and by.
        let (of, by) = match &reading.by2 {
            None => (formula.result().unwrap(), &reading.by),
            Some(by2) => {
                let first =
                    Request { order: Order::First, form: None, layout: Layout::Mixed, ..request.clone() };
                let first = Request { wrt: vec![reading.by.clone()], ..first };
                let first = answer(formula, &first);
                (first.readings[0].value, by2)
            }
        };
        let before = if reading.by2.is_some() {
            let first = Request { wrt: vec![reading.by.clone()], ..self::by("") };
            answer(formula, &Request { symmetric: request.symmetric, ..first }).derivation.formula
        } else {
            formula.clone()
        };
        for (which, id) in [("raw", reading.raw), ("closed", reading.value)] {
            for seed in 0..2 {
                let mut draw = Draw::new(seed);
                let mut point = draw.point(&before, &[of], &sizes());
                let more = draw.point(arena, &[id], &sizes());
                for (name, value) in more.variables {
                    point.variables.entry(name).or_insert(value);
                }
                let Some(variable) = declared(&before, &[of]).remove(by) else {
                    assert!(value(arena, id, &point).entries.iter().all(|entry| *entry == 0.0), "{which}");
                    continue;
                };
                let want = wanted(&before, of, &variable, reading, request, &point);
                let have = value(arena, id, &point);
                assert_eq!((have.rows, have.cols), (want.rows, want.cols), "{which} {}", reading.title);
                let error = error(&have.entries, &want.entries);
                assert!(
                    error < 1e-7,
                    "{which} {} {}: {error}\n{:?}\n{:?}",
                    reading.title,
                    print(arena, id),
                    have.entries,
                    want.entries
                );
            }
        }
    }
}

/// What the reading should be at a point, from differences alone.
fn wanted(
    formula: &Formula,
    of: NodeId,
    variable: &Variable,
    reading: &Reading,
    request: &Request,
    point: &Point,
) -> Matrix {
    let start = &point.variables[&variable.name];
    let (rows, cols) = (start.rows, start.cols);
    let whole = value(formula, of, point);
    let symmetric = is_symmetric(variable);
    // The derivative of F by the entry of X in row i and column j, where a symmetric X moves both entries.
    let by_entry = |i: usize, j: usize| -> Vec<f64> {
        if !symmetric {
            return difference(formula, of, &variable.name, i * cols + j, point, STEP);
        }
        let moved = |by: f64| {
            let mut moved = point.clone();
            let entries = &mut moved.variables.get_mut(&variable.name).unwrap().entries;
            entries[i * cols + j] += by;
            if i != j {
                entries[j * cols + i] += by;
            }
            value(formula, of, &moved).entries
        };
        let half = if i != j && request.symmetric == Symmetric::Projection { 0.5 } else { 1.0 };
        quotients(STEP, moved).into_iter().map(|quotient| half * quotient).collect()
    };
    // d vec(F)/d vec(X)'
    let columns: Vec<Vec<f64>> = (0..rows * cols).map(|at| by_entry(at % rows, at / rows)).collect();
    let jacobian = Matrix::from_fn(whole.entries.len(), rows * cols, |out, at| {
        columns[at][(out % whole.rows) * whole.cols + out / whole.rows]
    });
    let unvec = |column: &Matrix, rows: usize, cols: usize| {
        Matrix::from_fn(rows, cols, |row, col| column.entries[col * rows + row])
    };
    let vec = |value: &Matrix| {
        Matrix::from_fn(value.entries.len(), 1, |at, _| value.at(at % value.rows, at / value.rows))
    };
    let result = match reading.form {
        Form::Gradient => unvec(&jacobian.transpose(), rows, cols),
        Form::Jacobian | Form::Vec => jacobian,
        Form::Tangent => unvec(&jacobian, whole.rows, whole.cols),
        Form::Pullback => {
            let seed = &point.variables[&reading.symbols[0].name];
            unvec(&jacobian.transpose().multiply(&vec(seed)), rows, cols)
        }
        Form::Pushforward => {
            let change = &point.variables[&reading.symbols[0].name];
            // A symmetric change moves each entry, and the Jacobian without regard to symmetry is not known here.
            if symmetric {
                let moved = |by: f64| {
                    let mut moved = point.clone();
                    let entries = &mut moved.variables.get_mut(&variable.name).unwrap().entries;
                    entries.iter_mut().zip(&change.entries).for_each(|(entry, change)| *entry += by * change);
                    value(formula, of, &moved)
                };
                let (above, below) = (moved(1e-5), moved(-1e-5));
                return Matrix::from_fn(whole.rows, whole.cols, |i, j| {
                    (above.at(i, j) - below.at(i, j)) / 2e-5
                });
            }
            unvec(&jacobian.multiply(&vec(change)), whole.rows, whole.cols)
        }
    };
    if request.layout.transposes(reading.form) { result.transpose() } else { result }
}

const SHAPES: &str = "A: m x n, B: p x q, X: n x p, S: n x n symmetric, N: n x n, M: n x n, x: n, y: m, z: n, t: 1, c: 1, \
                      W: m x n, D: m x m, w: n, b: p, Y: m x p";

#[test]
fn the_form_follows_from_the_shapes() {
    let natural = |lines: &str, wrt: &str| {
        let derived = answer(&read(SHAPES, lines), &by(wrt));
        (derived.readings[0].form, derived.readings[0].title.to_string())
    };
    assert_eq!(natural("norm(A*x)", "x"), (Form::Gradient, "df/dx".to_owned()));
    assert_eq!(natural("A*x", "x"), (Form::Jacobian, "dG/dx".to_owned()));
    assert_eq!(natural("F = t*A", "t"), (Form::Tangent, "dF/dt".to_owned()));
    assert_eq!(natural("A*X*B", "X"), (Form::Pullback, "df/dX".to_owned()));
    assert_eq!(natural("c*t", "t"), (Form::Gradient, "df/dt".to_owned()));
}

#[test]
fn jacobians_are_read_off_the_pullback() {
    check(SHAPES, "A*x", &by("x"), "A");
    check(SHAPES, "x*x'*x", &by("x"), "2*x*x' + (x'*x)*eye(n)");
    for lines in [
        "exp(x)",
        "A*exp(x)",
        "x .* z",
        "norm(x)*x",
        "(x'*z)*x",
        "inv(N)*x",
        "softmax(x)",
        "diag(x)*z",
        "diag(x*z')",
        "A'*(A*x - y)",
        "sum(diag(x)*N, 2)",
        "rows(N*x, 1, 2)",
        "down(x, N*x)",
        "unvec(kron(x, z), n, n)*z",
        "logsumexp(x*z', 2)",
        "tr(N*diag(x))*x",
        "x/(1 + x'*x)",
        "vec(x*z')",
    ] {
        println!("{lines}: {}", closed(SHAPES, lines, &by("x")));
    }
}

#[test]
fn vec_forms_are_kronecker_products() {
    let vec = |wrt: &str| form(Form::Vec, by(wrt));
    check(SHAPES, "A*X*B", &vec("X"), "kron(B', A)");
    check(SHAPES, "X'", &vec("X"), "commutation(n, p)");
    check(SHAPES, "X", &vec("X"), "eye(n*p)");
    check(SHAPES, "A .* W", &vec("A"), "diag(vec(W))");
    check(SHAPES, "inv(N)", &vec("N"), "-kron(inv(N)', inv(N))");
    for (lines, wrt) in [
        ("X'*X", "X"),
        ("A*exp(X)", "X"),
        ("det(N)*A", "N"),
        ("tr(N)*N", "N"),
        ("kron(A, B)", "A"),
        ("kron(A, B)", "B"),
        ("det(N)*inv(N)", "N"),
        ("across(X, N*X)", "X"),
        ("down(X, N*X)", "X"),
        ("rows(N, 1, 2)", "N"),
        ("cols(N, 2, 3)", "N"),
        ("diag(diag(N))", "N"),
        ("diag(N)", "N"),
        ("unvec(vec(A)'', m, n)", "A"),
        ("softmax(A, 2)", "A"),
        ("softmax(A)", "A"),
        ("logsumexp(A, 2)", "A"),
        ("norm(A)*A", "A"),
        ("y'*A*x", "A"),
        ("sum(A, 1)", "A"),
        ("sum(A, 2)", "A"),
        ("y'*A", "A"),
        ("inv(S)", "S"),
        ("A*S", "S"),
        ("S .* S", "S"),
        ("exp(A*X)", "X"),
        ("A*X*B + Y*B", "X"),
        ("rows(across(A*X, Y), 1, 2)", "X"),
    ] {
        println!("{lines}: {}", closed(SHAPES, lines, &vec(wrt)));
        let independent = Request { symmetric: Symmetric::Independent, ..vec(wrt) };
        closed(SHAPES, lines, &independent);
        closed(SHAPES, lines, &Request { layout: Layout::Denominator, ..vec(wrt) });
    }
}

#[test]
fn pullbacks_and_pushforwards_are_adjoint_readings() {
    check(SHAPES, "A*X*B", &by("X"), "A'*df/dG*B'");
    check(SHAPES, "A*X*B", &form(Form::Pushforward, by("X")), "A*dX*B");
    check(SHAPES, "inv(N)", &form(Form::Pushforward, by("N")), "-inv(N)*dN*inv(N)");
    check(SHAPES, "F = inv(N)", &by("N"), "-inv(N)'*df/dF*inv(N)'");
    check(SHAPES, "norm(A)^2", &form(Form::Pushforward, by("A")), "2*(ones(m)'*(A .* dA)*ones(n))");
    for (lines, wrt) in [
        ("X'*X", "X"),
        ("A*exp(X)*B", "X"),
        ("det(N)*A", "N"),
        ("tr(N)*N", "N"),
        ("kron(A, B)", "A"),
        ("kron(A, B)", "B"),
        ("across(X, N*X)", "X"),
        ("down(X, N*X)", "X"),
        ("rows(N, 1, 2)", "N"),
        ("cols(N, 2, 3)", "N"),
        ("diag(diag(N))", "N"),
        ("softmax(A, 2)", "A"),
        ("softmax(A)", "A"),
        ("logsumexp(A, 2)", "A"),
        ("y'*A", "A"),
        ("inv(S)", "S"),
        ("A*S", "S"),
        ("logdet(S)", "S"),
        ("c*A", "A"),
        ("norm(A*X)", "X"),
    ] {
        println!("{lines}: {}", closed(SHAPES, lines, &form(Form::Pullback, by(wrt))));
        println!("    {}", closed(SHAPES, lines, &form(Form::Pushforward, by(wrt))));
    }
}

#[test]
fn anything_has_a_derivative_by_a_scalar() {
    for lines in
        ["inv(N + t*M)", "t*A", "kron(t*A, t*B)", "exp(t)*x", "(A + t*W)*(X + t^2*X)", "across(t*A, A)"]
    {
        println!("{lines}: {}", closed(SHAPES, lines, &by("t")));
        closed(SHAPES, lines, &Request { layout: Layout::Denominator, ..by("t") });
    }
    check(SHAPES, "inv(N + t*M)", &by("t"), "-inv(N + t*M)*M*inv(N + t*M)");
}

#[test]
fn hessians_by_columns_are_matrices() {
    check(SHAPES, "norm(A*x - y)^2", &second_by("x", None), "2*A'*A");
    check(SHAPES, "x'*N*x", &second_by("x", None), "N + N'");
    check(SHAPES, "x'*S*x", &second_by("x", None), "2*S");
    check(SHAPES, "x'*N*z", &second_by("x", Some("z")), "N");
    check(SHAPES, "t^3", &second_by("t", None), "6*t");
    for lines in [
        "norm(x)",
        "(x'*x)^2",
        "sum(softplus(A*x))",
        "sum(exp(A*x)) - y'*A*x",
        "logsumexp(x)",
        "x'*z",
        "t*x'*x",
        "logdet(S + x*x')",
        "x'*N*x/(x'*x)",
    ] {
        println!("{lines}: {}", closed(SHAPES, lines, &second_by("x", None)));
    }
    for lines in ["t*norm(A*x - y)^2", "t^2*sum(exp(A*x) .* y)"] {
        println!("{lines}: {}", closed(SHAPES, lines, &second_by("x", Some("y"))));
        println!("    {}", closed(SHAPES, lines, &second_by("x", Some("t"))));
        println!("    {}", closed(SHAPES, lines, &second_by("t", Some("x"))));
    }
}

#[test]
fn hessians_by_matrices_are_maps_or_in_vec_form() {
    let vec = |wrt: &str, by2| form(Form::Vec, second_by(wrt, by2));
    check(SHAPES, "norm(A*X - Y)^2", &vec("X", None), "2*kron(eye(p), A'*A)");
    check(SHAPES, "norm(A*X - Y)^2", &second_by("X", None), "2*A'*A*V");
    check(SHAPES, "logdet(N)", &second_by("N", None), "-inv(N)'*V'*inv(N)'");
    for (lines, wrt, by2) in [
        ("logdet(N)", "N", None),
        ("norm(Y - A*X)^2", "X", Some("A")),
        ("tr(N*N*N)", "N", None),
        ("logdet(S)", "S", None),
        ("sum(softplus(A*X))", "X", None),
        ("x'*N*z", "N", Some("x")),
        ("c*norm(A)^2", "A", Some("c")),
        ("c*norm(A)^2", "c", Some("A")),
        ("tr(S*N*S)", "S", None),
    ] {
        println!("{lines}: {}", closed(SHAPES, lines, &second_by(wrt, by2)));
        println!("    {}", closed(SHAPES, lines, &vec(wrt, by2)));
        println!("    {}", closed(SHAPES, lines, &form(Form::Pushforward, second_by(wrt, by2))));
    }
}

#[test]
fn layouts_turn_gradients_and_jacobians() {
    let layout = |layout: Layout, wrt: &str| Request { layout, ..by(wrt) };
    check(SHAPES, "x'*z", &layout(Layout::Numerator, "x"), "z'");
    check(SHAPES, "x'*z", &layout(Layout::Denominator, "x"), "z");
    check(SHAPES, "A*x", &layout(Layout::Numerator, "x"), "A");
    check(SHAPES, "A*x", &layout(Layout::Denominator, "x"), "A'");
    check(SHAPES, "y'*A*x", &layout(Layout::Numerator, "A"), "x*y'");
    let derived = answer(&read(SHAPES, "y'*A*x"), &layout(Layout::Numerator, "A"));
    assert_eq!(
        derived.readings[0].notes,
        ["numerator layout: the gradient of a scalar has the shape of the variable's transpose"]
    );
}

#[test]
fn a_symmetric_variable_has_a_symmetric_derivative() {
    let independent = |wrt: &str| Request { symmetric: Symmetric::Independent, ..by(wrt) };
    check(SHAPES, "logdet(S)", &by("S"), "inv(S)");
    check(SHAPES, "logdet(S)", &independent("S"), "2*inv(S) - diag(diag(inv(S)))");
    check(SHAPES, "norm(S)^2", &by("S"), "2*S");
    for lines in ["x'*S*z", "x'*inv(S)*x", "tr(N*S)", "tr(S*N*S)", "sum(exp(S) .* N)"] {
        println!("{lines}: {}", closed(SHAPES, lines, &by("S")));
        println!("    {}", closed(SHAPES, lines, &independent("S")));
    }
    let notes = &answer(&read(SHAPES, "x'*S*z"), &by("S")).readings[0].notes;
    assert!(notes.iter().any(|note| note.starts_with("S is symmetric")), "{notes:?}");
    let notes = &answer(&read(SHAPES, "x'*N*z"), &by("N")).readings[0].notes;
    assert!(!notes.iter().any(|note| note.contains("symmetric")), "{notes:?}");
}

#[test]
fn lets_may_be_what_a_derivative_is_by() {
    let lines = "Z = A*X; F = Z*B";
    let derived = answer(&read(SHAPES, lines), &by("Z X"));
    let arena = &derived.derivation.formula;
    let texts: Vec<String> = derived.readings.iter().map(|reading| print(arena, reading.value)).collect();
    assert_eq!(texts, ["df/dF*B'", "A'*df/dF*B'"]);
    let lines: Vec<String> = derived
        .derivation
        .derivatives
        .iter()
        .map(|line| format!("{} = {}", line.symbol, print(arena, line.value)))
        .collect();
    assert_eq!(lines, ["df/dZ = df/dF*B'", "df/dX = A'*df/dZ"]);
    // Hessians by a let: the let is held as a variable.
    let derived = answer(&read(SHAPES, "r = A*x - y; f = norm(r)^2 + sum(exp(r))"), &second_by("r", None));
    let text = print(&derived.derivation.formula, derived.readings[0].value);
    assert_eq!(text, "diag(exp(A*x - y)) + 2*eye(m)");
}

#[test]
fn what_a_form_cannot_be_is_an_error_with_a_mend() {
    let error = |lines: &str, request: Request| {
        derive(&read(SHAPES, lines), &request, Laws::standard()).unwrap_err().to_string()
    };
    assert_eq!(
        error("A*X", form(Form::Gradient, by("X"))),
        "a gradient is of a scalar, and G is m x p; ask for one of the forms vec, pullback, pushforward"
    );
    assert!(error("A*X", form(Form::Jacobian, by("X"))).starts_with("a Jacobian is of a column by a column"));
    assert!(error("A*x", form(Form::Tangent, by("x"))).contains("jacobian, vec, pullback, pushforward"));
    assert!(error("A*x", second_by("x", None)).starts_with("f has the shape m x 1"));
    assert!(error("norm(A*x)", second_by("x", Some("X1"))).starts_with("X1 is no variable"));
}

fn network(layers: usize) -> Formula {
    let size = |name: &str| formula::Size::named(Name::from(name));
    let mut reader = library();
    let sigmoid = reader.formula.find_function("sigmoid", &[]).unwrap();
    let f = &mut reader.formula;
    let mut value = f.variable(Variable::new("X", Shape::new(size("m"), size("n"))));
    let target = f.variable(Variable::new("Y", Shape::new(size("m"), size("n"))));
    for layer in 1..=layers {
        let square = Shape::new(size("n"), size("n"));
        let weight = f.variable(Variable::new(format!("W{layer}"), square));
        let product = f.product(&[value, weight]).unwrap();
        value = f.apply(sigmoid, &[], &[product]).unwrap();
    }
    let minus = f.negate(target).unwrap();
    let residual = f.add(&[value, minus]).unwrap();
    let value = f.norm(residual);
    f.lines.push(Line { name: Name::from("f"), value });
    reader.formula
}

#[test]
fn a_deep_network_stays_in_its_lines() {
    let formula = network(400);
    let start = std::time::Instant::now();
    let derived = answer(&formula, &by(""));
    println!("400 layers in {:?}", start.elapsed());
    let by_first = derived.readings.iter().find(|reading| reading.by.as_str() == "W1").unwrap();
    assert_eq!(by_first.value, by_first.raw, "written out it would have some 2^400 terms");
    let by_last = derived.readings.iter().find(|reading| reading.by.as_str() == "W400").unwrap();
    assert_ne!(by_last.value, by_last.raw);
    assert!(derived.derivation.formula.len() < 60 * 400, "{}", derived.derivation.formula.len());
}

#[test]
fn ten_thousand_nodes_do_not_overflow_the_stack() {
    let size = |name: &str| formula::Size::named(Name::from(name));
    let square = Shape::new(size("n"), size("n"));
    type Step = fn(&mut Formula, NodeId, [NodeId; 4]) -> NodeId;
    let steps: [(&str, Step, usize); 9] = [
        (
            "functions",
            |f, x, _| {
                let g = f.find_function("g", &[]).unwrap();
                f.apply(g, &[], &[x]).unwrap()
            },
            3_000,
        ),
        (
            "sums of products",
            |f, x, [n, y, ..]| {
                let p = f.product(&[n, x]).unwrap();
                let t = f.times(&[p, y]).unwrap();
                f.add(&[t, y]).unwrap()
            },
            3_000,
        ),
        ("scales", |f, x, [.., t]| f.scale(t, x).unwrap(), 10_000),
        (
            "inverses",
            |f, x, [n, ..]| {
                let sum = f.add(&[n, x]).unwrap();
                f.inverse(sum).unwrap()
            },
            5_000,
        ),
        (
            "transposes",
            |f, x, [_, y, ..]| {
                let sum = f.times(&[x, y]).unwrap();
                f.transpose(sum)
            },
            5_000,
        ),
        (
            "norms",
            |f, x, [_, y, ..]| {
                let norm = f.norm(x);
                f.scale(norm, y).unwrap()
            },
            5_000,
        ),
        (
            "traces",
            |f, x, [n, y, ..]| {
                let tr = f.trace(x).unwrap();
                let s = f.scale(tr, y).unwrap();
                f.add(&[s, n]).unwrap()
            },
            3_000,
        ),
        (
            "diagonals",
            |f, x, [n, ..]| {
                let d = f.operator(formula::Operator::Diagonal, x).unwrap();
                let d = f.operator(formula::Operator::DiagonalMatrix, d).unwrap();
                f.add(&[d, n]).unwrap()
            },
            3_000,
        ),
        (
            "shared sums",
            |f, x, [n, ..]| {
                let square = f.times(&[x, x]).unwrap();
                f.add(&[square, n]).unwrap()
            },
            5_000,
        ),
    ];
    for (name, step, count) in steps {
        let mut f = library().formula;
        let mut letters =
            ["N", "Y", "X"].map(|name| f.variable(Variable::new(name, square.clone()))).to_vec();
        letters.push(f.variable(Variable::new("t", Shape::scalar())));
        let mut value = letters[2];
        for _ in 0..count {
            value = step(&mut f, value, [letters[0], letters[1], letters[2], letters[3]]);
        }
        let value = f.norm(value);
        f.lines.push(Line { name: Name::from("f"), value });
        let start = std::time::Instant::now();
        let d = crate::differentiate(&f, &[Name::from("X")], Laws::standard());
        let time = start.elapsed();
        let derived = derive(&f, &by("X"), Laws::standard());
        println!(
            "{name}: {} nodes, differentiated in {time:?}, derived in {:?}",
            f.len(),
            start.elapsed() - time
        );
        assert!(d.is_ok() && derived.is_ok(), "{name}");
    }
}
