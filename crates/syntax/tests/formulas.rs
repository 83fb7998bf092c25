//! What formulas mean: operators, broadcasts, shapes that were not declared, and what is said of mistakes.

use chainrule_syntax::{Diagnostic, Library, Parsed, Source, parse};
use formula::{Node, Shape};

fn read(text: &str, declarations: &str) -> Result<Parsed, Diagnostic> {
    parse(Source { text, declarations }, &Library::standard())
}

fn parsed(text: &str, declarations: &str) -> Parsed {
    read(text, declarations).unwrap_or_else(|error| panic!("{}", error.render()))
}

/// Two texts make the same node.
fn same(a: &str, b: &str, declarations: &str) {
    let both = parsed(&format!("P_a = {a}\nP_b = {b}"), declarations);
    assert_eq!(both.formula.lines[0].value, both.formula.lines[1].value, "{a} and {b}");
}

/// The shapes assumed, as `X: m x n, ...`.
fn assumed(text: &str, declarations: &str, want: &str) {
    let found = parsed(text, declarations).assumptions;
    let found: Vec<String> = found.iter().map(|one| format!("{}: {}", one.name, one.kind)).collect();
    assert_eq!(found.join(", "), want, "{text}");
}

/// The message and mend of the error hold all of these.
fn refused(text: &str, declarations: &str, wants: &[&str]) {
    let error = read(text, declarations).err().unwrap_or_else(|| panic!("{text} is accepted"));
    for want in wants {
        assert!(error.to_string().contains(want), "{text}: {error}\nlacks {want}");
    }
}

const LAYER: &str = "X: m x n, W: n x p, Y: m x p, b: p, c: m, g: function";

#[test]
fn operators_are_resolved_by_shapes() {
    same("2*X", "2 .* X", LAYER);
    same("X/m", "(1/m)*X", LAYER);
    same("X ./ X", "X .* X.^-1", LAYER);
    same("sqrt(X)", "X.^0.5", LAYER);
    same("X - X", "X + (-X)", LAYER);
    same("(X'*X)^2", "X'*X*X'*X", LAYER);
    same("(X'*X)^0", "eye(n)", LAYER);
    same("sum(X, 1)", "ones(m)'*X", LAYER);
    same("sum(X, 2)", "X*ones(n)", LAYER);
    same("mean(X)", "sum(X)/(m*n)", LAYER);
    same("norm1(X)", "sum(abs(X))", LAYER);
    same("dot(b, b)", "b'*b", LAYER);
    same("b'*b*X", "X*(b'*b)", LAYER);
    same("X.T", "X'", LAYER);
    same("X^T", "X'", LAYER);
    same("1/3 + 1/6", "0.5", LAYER);
    same("2^3*X", "8*X", LAYER);
}

#[test]
fn a_declared_t_is_no_transpose() {
    let power = parsed("x^T", "x: scalar, T: scalar");
    assert!(matches!(power.formula.node(power.formula.result().unwrap()), Node::Apply(_)));
}

#[test]
fn broadcasts_are_written_out() {
    same("X*W + b", "X*W + ones(m)*b'", LAYER);
    same("X*W + c", "X*W + c*ones(p)'", LAYER);
    same("X*W + b'", "X*W + ones(m)*b'", LAYER);
    same("X - mean(X, 1)", "X - ones(m)*mean(X, 1)", LAYER);
    same("1 + X", "ones(m, n) + X", LAYER);
    same("max(X, norm(b))", "max(X, norm(b)*ones(m, n))", LAYER);
    let notes = parsed("X*W + b", LAYER).notes;
    assert!(notes.iter().any(|note| note.contains("`ones(m)*b'`")), "{notes:?}");
    refused("S + d", "S: n x n, d: n", &["each row or each column", "ones(n)*d'", "d*ones(n)'"]);
}

#[test]
fn undeclared_names_take_the_kind_that_fits() {
    let network = "X: m x n, W1: n x p, W2: p x q, Y: m x q, m: size";
    assumed("norm(g2(g1(X*W1)*W2) - Y)^2/m", "g1: function, g2: function", network);
    assumed(
        "Z1 = X*W1\nA1 = g(Z1)\nnorm(A1 - Y)^2/m",
        "g: function",
        "X: m x n, W1: n x p, Y: m x p, m: size",
    );
    assumed("norm(X*w - y)^2/m", "", "X: m x n, w: n x 1, y: m x 1, m: size");
    assumed("norm(A*x - b)^2", "", "A: m x n, x: n x 1, b: m x 1");
    assumed("norm(b - A*x)^2", "", "b: m x 1, A: m x n, x: n x 1");
    assumed("a'*X*a", "", "a: m x 1, X: m x m");
    assumed("norm(X*w - Y)^2", "", "X: m x n, w: n x 1, Y: m x 1");
    assumed("t*x + A*x", "", "t: scalar, x: m x 1, A: m x m");
    assumed("w'*x + b", "", "w: m x 1, x: m x 1, b: scalar");
    assumed("x^2 + 3*x", "", "x: scalar");
    assumed("a'*X*b", "", "a: m x 1, X: m x n, b: n x 1");
    assumed("(w'*A*w)/(w'*B*w)", "", "w: m x 1, A: m x m, B: m x m");
    assumed("(X*a + b)'*C*(X*a + b)", "", "X: m x n, a: n x 1, b: m x 1, C: m x m");
    assumed("norm(X*w - y)^2 + l*norm(w)^2", "", "X: m x n, w: n x 1, y: m x 1, l: scalar");
    assumed("x - mean(x)", "", "x: m x 1");
    assumed("x - log(sum(exp(x)))", "", "x: m x 1");
    assumed("sum(b)", "", "b: m x 1");
    assumed("exp(x)/sum(exp(x))", "", "x: m x 1");
    assumed("mse(A, Y)", "", "A: m x n, Y: m x n");
    assumed("lambda*norm(w)^2", "", "lambda: scalar, w: m x 1");
    assumed("X + ones(k)*b'", "b: q", "X: k x q");
}

#[test]
fn a_divisor_is_a_size_only_where_it_counts_the_rows_of_the_input() {
    let columns = "W2: n x p, W1: p x q, X: q x k, Y: n x k, m: scalar";
    assumed("norm(g2(W2*g1(W1*X)) - Y)^2/m", "g1: function, g2: function", columns);
    assumed("norm(X*w - y)^2/n", "", "X: m x p, w: p x 1, y: m x 1, n: scalar");
    let declared = parsed("norm(W*X - Y)^2/m", "X: n x m, Y: q x m");
    assert_eq!(declared.assumptions.len(), 1);
    let size = |id: &formula::NodeId| matches!(declared.formula.node(*id), Node::Size(_));
    assert!(declared.formula.reachable(&[declared.formula.result().unwrap()]).iter().any(size));
}

#[test]
fn a_bias_has_one_entry_for_each_column_unless_declared() {
    assumed("X*W + b", "", "X: m x n, W: n x p, b: p x 1");
    assumed("X*W + b", "X: m x n, W: n x p", "b: p x 1");
    let bias = parsed("X*W + b", "").assumptions.pop().unwrap();
    assert_eq!(bias.or, ["b: m", "b: scalar"]);
    same("X*W + b", "X*W + ones(m)*b'", "X: m x n, W: n x p");
    assumed("X*W + b", "b: m", "X: m x n, W: n x p");
    same("X*W + b", "X*W + b*ones(p)'", "X: m x n, W: n x p, b: m");
    let network = "X: m x n, W1: n x p, b1: p x 1, W2: p x q, b2: q x 1, Y: m x q";
    assumed("norm(g(X*W1 + b1)*W2 + b2 - Y)", "g: function", network);
    assumed("X*W + b", "b: p", "X: m x n, W: n x p");
    assumed("X*W + b", "b: h", "X: m x n, W: n x h");
    assumed("X*W + b", "b: scalar", "X: m x n, W: n x p");
    let network = "X: m x n, W1: n x p, W2: p x q, Y: m x q, m: size";
    assumed("norm(g(X*W1 + b1)*W2 + b2 - Y)^2/m", "g: function, b1: p, b2: q", network);
}

#[test]
fn a_bias_is_a_column_where_weights_stand_in_front_of_the_data() {
    for (product, upright) in [
        ("W*X", true),
        ("Theta*X", true),
        ("W1'*H", true),
        ("A*X", true),
        ("W2*relu(X)", true),
        ("X*W", false),
        ("A1*W2", false),
        ("W1*W2", false),
        ("X*B", false),
    ] {
        let text = format!("{product} + b");
        let bias = parsed(&text, "").assumptions.pop().unwrap();
        let is_one = format!("ones({}", bias.or[0].trim_start_matches("b: "));
        assert_eq!(bias.or.len(), 2, "{text}");
        let parsed = parsed(&text, "");
        let note = parsed.notes.iter().find(|note| note.contains("one entry for each")).unwrap();
        assert!(note.contains(if upright { "`b*ones(" } else { ")*b'`" }), "{text}: {note}");
        assert!(note.contains(&is_one), "{text}: {note} beside {:?}", bias.or);
        // The other declaration is read, and says the other thing.
        let other = self::parsed(&text, &bias.or[0]);
        let note = other.notes.iter().find(|note| note.contains("one entry for each")).unwrap();
        assert!(note.contains(if upright { ")*b'`" } else { "`b*ones(" }), "{text}: {note}");
    }
    assumed("W*X + b", "b: scalar", "W: m x n, X: n x p");
}

#[test]
fn an_offset_is_offered_as_one_number_and_a_covariance_as_symmetric() {
    let rows = [
        ("norm(y - a - b*x)^2", "a: scalar"),
        ("norm(y - alpha - X*beta)^2", "alpha: scalar"),
        ("norm(y - beta0 - X*beta)^2", "beta0: scalar"),
        ("mean((theta0 + theta1*x - y).^2)", "theta0: scalar"),
        ("sum((y - mu).^2)", "mu: scalar"),
        ("np.mean((slope*x + intercept - y)**2)", ""),
        ("(x - mu)'*Sigma^-1*(x - mu)", "Sigma: symmetric"),
        ("norm(A*x - b)^2", ""),
        ("norm(a - b)^2", ""),
        ("norm(x - mu)^2", ""),
        ("norm(mu + L*eps - x)^2", ""),
    ];
    for (formula, offered) in rows {
        let parsed = parsed(formula, "");
        let all: Vec<&String> = parsed.assumptions.iter().flat_map(|assumption| &assumption.or).collect();
        let want: Vec<&str> = if offered.is_empty() { Vec::new() } else { vec![offered] };
        assert_eq!(all, want, "{formula}");
    }
}

#[test]
fn a_number_added_to_every_entry_of_the_result_is_noted() {
    let notes = |formula: &str| {
        let parsed = parsed(formula, "");
        parsed.notes.iter().filter(|note| note.contains("every entry of what")).count()
    };
    for formula in ["X*w + norm(w)", "norm(w)^2/2 + X*w - y"] {
        assert_eq!(notes(formula), 1, "{formula}");
    }
    for formula in ["x - mean(x)", "X*w + 1", "norm(X*w + norm(w))", "exp(x + max(x))/2", "norm(x) + sum(x)"]
    {
        assert_eq!(notes(formula), 0, "{formula}");
    }
}

#[test]
fn names_in_use_are_no_names_of_sizes() {
    assumed("norm(X*n)", "n: 3", "X: m x 3");
    assumed("X*m'", "m: p, p: scalar", "X: n x 1");
    assumed("m = norm(X), f = m*norm(X)", "", "X: n x p");
}

#[test]
fn the_result_is_f_or_another_free_letter() {
    let name = |text: &str| parsed(text, "").formula.lines.last().map(|line| line.name.to_string());
    assert_eq!(name("norm(X)"), Some("f".to_owned()));
    assert_eq!(name("loss = norm(X)"), Some("loss".to_owned()));
    assert_eq!(name("norm(f)"), Some("h".to_owned()));
}

#[test]
fn shapes_that_do_not_fit_are_named_with_their_mend() {
    let article = "g: function, A1: m x p, A2: m x q, Y: m x q, Z2: m x q";
    let mends =
        ["is p x q because `A1: m x p`", "is m x q because `Z2: m x q`", "`A1'*((A2 - Y) .* g'(Z2))`"];
    refused("A1' * (A2 - Y) .* g'(Z2)", article, &mends);
    let lets = "Z2 = A1*W2, A2 = g(Z2), A1' * (A2 - Y) .* g'(Z2)";
    refused(lets, "g: function", &["`A1'*((A2 - Y) .* g'(Z2))`"]);
    assert!(read("X*w .* y", "").is_ok() && read("(X'*X) .* S", "").is_ok());
    refused("X*Y", LAYER, &["`X` is m x n", "`Y` is m x p", "did you mean `X'*Y`?"]);
    refused("X*X", LAYER, &["X .* X"]);
    refused("X + X'", LAYER, &["m x n", "n x m"]);
    refused("Y + (X*W)'", LAYER, &["did you mean `Y + (X*W)`?"]);
    refused("b/c", LAYER, &["`b ./ c`"]);
    refused("X^2", LAYER, &["`X.^2`"]);
    refused("max(X, Y)", LAYER, &["one shape, such as m x n"]);
    refused("mse(X, Y)", LAYER, &["`mse` declares `Y: m x q`, here m x n", "`Y` is m x p"]);
    refused("X - y", "X: m x n, y: k", &["m x n", "k x 1"]);
}

#[test]
fn names_that_are_not_known_get_the_nearest() {
    refused("sigmiod(X)", "", &["did you mean `sigmoid`?"]);
    refused("foo(X)", "", &["declare `foo: function`"]);
    refused("ln(X)", "", &["write `log`"]);
    refused("X(Y)", "X: m x n", &["`X` is no function", "`X*(Y)`"]);
    refused("relu + X", "", &["`relu(X)`"]);
    refused("leaky_relu(X, slop = 1)", "", &["no setting `slop`", "`slope`"]);
    refused("leaky_relu(X, slope = 1, slope = 2)", "", &["`slope` is given twice"]);
    refused("relu(X, 2)", "", &["takes 1 argument"]);
    refused("1/(1 - 1)", "", &["divides by zero"]);
}

#[test]
fn statements_are_read_in_order() {
    refused("", "", &["no formula"]);
    refused("X: m x n", "", &["no formula"]);
    refused("f = Z + 1, Z = 2", "", &["before the line that defines it"]);
    refused("norm(X), norm(Y)", "", &["not the last line"]);
    refused("f = norm(X)\n- 1", "", &["begins with `-`"]);
    refused("Z = X\nZ = Y", "", &["has a meaning already"]);
    refused("x", "sigmoid: function", &["has a meaning already"]);
    let program = parsed("h2(x) = x.^3\nZ = X*W # a let\nf = sum(h2(Z))\n  + norm(Z)", "X: m x n; W: n x p");
    assert_eq!(program.echo, "Z = X*W\nf = sum(h2(Z)) + norm(Z)");
    assert_eq!(program.formula.lines.len(), 2);
}

#[test]
fn a_let_form_reads_back() {
    let text = "Z1 = X*W1
        A1 = sigmoid(Z1)
        f = norm(A1 - Y)^2/m
        df/dA1 = 2/m*(A1 - Y)
        df/dZ1 = df/dA1 .* sigmoid'(Z1)
        df/dW1 = X'*df/dZ1";
    let read = parsed(text, "");
    let last = read.formula.lines.last().unwrap();
    assert_eq!(
        (last.name.as_str(), read.formula.shape(last.value).to_string().as_str()),
        ("df/dW1", "n x p")
    );
    assert_eq!(parsed(&read.echo, "").echo, read.echo);
}

#[test]
fn symmetric_and_known_shapes_are_kept() {
    same("S'", "S", "S: n x n symmetric");
    same("X*X", "X*X", "X: 3x3");
    assert_eq!(
        parsed("X", "X: n + p x 2*m").formula.shape(parsed("X", "").formula.result().unwrap()).to_string(),
        "n + p x 2*m"
    );
    refused("S", "S: m x n symmetric", &["as many rows as columns"]);
    refused("S", "S: 0 x n", &["no size"]);
}

#[test]
fn long_and_deep_formulas_are_read() {
    for (chain, declarations) in [
        ("X + ", "X: m x n"),
        ("X .* ", "X: m x n"),
        ("X*", "X: n x n"),
        ("x/", "x: scalar"),
        ("x*", "x: scalar"),
        ("x - ", ""),
    ] {
        let name = chain.trim_end_matches([' ', '+', '-', '*', '/', '.']);
        let read = parsed(&(chain.repeat(10_000) + name), declarations);
        assert!(read.formula.result().is_some());
    }
    let nested = "tanh(".repeat(150) + "X" + &")".repeat(150);
    assert!(parsed(&nested, "").formula.result().is_some());
    let lets: String = (1..1_000).map(|i| format!("Z{i} = tanh(Z{})\n", i - 1)).collect();
    assert_eq!(parsed(&lets, "Z0: m x n").formula.lines.len(), 999);
}

#[test]
fn a_loss_means_the_rows_of_its_arguments() {
    same("mse(A, Y)", "norm(A - Y)^2/k", "A: k x q, Y: k x q");
    same("mse(A', Y')", "norm(A' - Y')^2/q", "A: k x q, Y: k x q");
    same("huber(A, Y, delta = 2)", "huber(A, Y; delta = 2)", "A: k x q, Y: k x q");
    let shape = parsed("r2(A, Y)", "A: k x q, Y: k x q");
    assert_eq!(shape.formula.shape(shape.formula.result().unwrap()), &Shape::scalar());
}

#[test]
fn a_word_that_is_no_size_is_an_error_with_the_nearest_property() {
    for (word, mend) in [
        ("covariance", "`positive definite`"),
        ("square", "`n x n`"),
        ("orthogonl", "`orthogonal`"),
        ("row", "`1 x n`"),
        ("simplex", "`nonnegative sums to one`"),
        ("symetric", "`symmetric`"),
        ("simmetric", "`symmetric`"),
        ("vectr", "`vector`"),
        ("banana", "`positive definite`"),
        ("n x n triangular", "`lower triangular`"),
        ("n x n symetric", "`symmetric`"),
    ] {
        refused("tr(X)", &format!("X: {word}"), &["neither a size nor a property", mend]);
    }
    assumed("norm(y)", "y: n", "");
    assumed("norm(y)/batch", "y: batch", "");
    assumed("norm(X*w - y)", "X: rows x features, y: rows", "w: features x 1");
}

/// The declarations of the variables that have properties, as they are printed back.
fn declared(text: &str, declarations: &str) -> Vec<String> {
    let read = parsed(text, declarations).formula;
    let lines: Vec<_> = read.lines.iter().map(|line| line.value).collect();
    let variables = read.variables(&lines).into_iter().filter_map(|id| match read.node(id) {
        Node::Variable(variable) if !variable.properties.is_empty() => Some(variable.clone()),
        _ => None,
    });
    variables.map(|variable| chainrule_syntax::declaration(&variable)).collect()
}

#[test]
fn properties_are_read_and_printed_back() {
    for (declarations, want) in [
        ("X: n x n orthogonal", "X: n x n orthogonal"),
        ("X: orthogonal(n)", "X: n x n orthogonal"),
        ("X: n x n, orthonormal", "X: n x n orthogonal"),
        ("X: n x n diag", "X: n x n diagonal"),
        ("X: k x k diagonal psd", "X: k x k positive semidefinite diagonal"),
        ("X: n x n lower", "X: n x n lower triangular"),
        ("X: n x n, upper-triangular", "X: n x n upper triangular"),
        ("X: n x n spd", "X: n x n positive definite"),
        ("X: n x n symmetric positive-definite", "X: n x n positive definite"),
        ("X: n x n positive semi-definite", "X: n x n positive semidefinite"),
        ("X: n x n, skew-symmetric", "X: n x n skew"),
        ("X: 3 x 3 antisymmetric", "X: 3 x 3 skew"),
        ("X: n x n symmetric nonnegative", "X: n x n symmetric nonnegative"),
        ("X: m x n non-negative, rows sum to 1", "X: m x n nonnegative rows sum to one"),
        ("X: m x n row-stochastic", "X: m x n rows sum to one"),
        ("X: m x n centered", "X: m x n centred"),
        ("X: n, unit norm", "X: n x 1 unit"),
        ("X: n sums to one positive", "X: n x 1 positive sums to one"),
        ("X: n, sums to zero; a: scalar", "X: n x 1 centred"),
        ("X: 1 x n unit", "X: 1 x n unit"),
        ("X: scalar nonneg", "X: scalar nonnegative"),
        ("X: m x n, positive\nw: n", "X: m x n positive"),
    ] {
        assert_eq!(declared("norm(X)", declarations), [want], "{declarations}");
        // What is printed back is read alike.
        assert_eq!(declared("norm(X)", want), [want]);
    }
    assert_eq!(declared("norm(D*x)", "D: diagonal, x: unit"), ["D: m x m diagonal", "x: m x 1 unit"]);
    assert_eq!(declared("norm(P)", "P: rows sum to one"), ["P: m x n rows sum to one"]);
    assert_eq!(declared("p'*p", "p: sums to one"), ["p: m x 1 sums to one"]);
    assert_eq!(
        declared("c*x'*x", "c: positive, x: nonnegative"),
        ["c: scalar positive", "x: m x 1 nonnegative"]
    );
    assert_eq!(declared("norm(X*unit)", "X: m x n, unit: n"), Vec::<String>::new());
}

#[test]
fn properties_that_do_not_fit_are_refused_with_a_mend_that_is_read() {
    for (declarations, what) in [
        ("X: n, orthogonal", "as many rows as columns"),
        ("X: m x n, symmetric", "as many rows as columns"),
        ("X: 2 x 3 diagonal", "as many rows as columns"),
        ("X: 1 x n psd", "as many rows as columns"),
        ("X: vector skew", "as many rows as columns"),
        ("X: m x n unit", "a column or a row"),
        ("X: m x n sums to one", "a column or a row"),
        ("X: n rows sum to one", "more than one column"),
        ("X: n x n lower, upper", "at once"),
        ("X: n x n symmetric lower", "at once"),
        ("X: n x n symmetric skew", "at once"),
        ("X: n x n orthogonal positive", "at once"),
        ("X: n x n positive diagonal", "at once"),
        ("X: n unit sums to one", "at once"),
        ("X: n centred nonnegative", "at once"),
    ] {
        let error = chainrule_syntax::parse(Source { text: "norm(X)", declarations }, &Library::standard());
        let error = error.expect_err(declarations).to_string();
        assert!(error.contains(what), "{declarations}: {error}");
        let mend = error.rsplit('`').nth(1).unwrap_or_default();
        assert_eq!(declared("norm(X)", &format!("X: {mend}")).len(), 1, "{declarations}: {mend}");
    }
}

#[test]
fn names_that_stand_for_constants_are_read_so() {
    same("logdet(S + c*I)", "logdet(S + c*eye(n))", "S: n x n, c: scalar");
    same("norm(I - X)", "norm(eye(n) - X)", "X: n x n");
    same("x'*(S - I/2)*x", "x'*(S - eye(n)/2)*x", "S: n x n, x: n");
    same("e^(-c)", "exp(-c)", "c: scalar");
    same("1'*x", "ones(n)'*x", "x: n");
    assumed("S*I + S", "S: n x n", "I: n x n");
    assumed("norm(I)", "", "I: m x n");
    assumed("e*x", "x: n", "e: scalar");
    assumed("e^2 + e", "", "e: scalar");
    let by = |text: &str, name: &str| {
        let source = Source { text, declarations: "" };
        let read = chainrule_syntax::parse_by(source, &[name.into()], &Library::standard()).unwrap();
        let result = read.formula.result().unwrap();
        let variables = read.formula.reachable(&[result]).into_iter();
        let is_it = |id| matches!(read.formula.node(id), Node::Variable(variable) if *variable.name == *name);
        assert!(variables.into_iter().any(is_it), "{text} by {name}");
    };
    by("logdet(X'*X + lambda*I)", "I");
    by("e^x", "e");
    assumed("A - I", "A: n x n, I: n x n", "");
}

#[test]
fn what_is_likely_meant_otherwise_is_said() {
    let noted = |text: &str, want: &str| {
        let notes = parsed(text, "").notes.join("; ");
        assert!(if want.is_empty() { notes.is_empty() } else { notes.contains(want) }, "{text}: {notes}");
    };
    noted("tr(A*exp(X))", "exponential as a whole");
    noted("x'*sqrt(A)*x", "square root as a whole");
    noted("tr(log(X))", "`logdet(X)`");
    noted("softmax(Q*K'/sqrt(d))*V", "`softmax(Q*K'/sqrt(d), 2)*V`");
    noted("1'*x", "`ones(m)'`");
    noted("sum((X - mean(X)).^2)", "with that of each column it is `sum((X - mean(X, 1)).^2)`");
    noted("(X - mean(X))'*(X - mean(X))/m", "it is `(X - mean(X, 1))'*(X - mean(X, 1))/m`");
    noted("norm(x - mean(x))^2", "");
    noted("logsumexp(z) - z_k", "`z_k` is a name of its own, and no entry of `z`");
    noted("x_1^2 + norm(x)^2", "as in `x(1)`");
    noted("norm(z)^2 + c*z_k", "an entry is told by its number");
    noted("x_1^2 + x_2^2", "");
    noted("sum(exp(X))", "");
    noted("sum(log(1 + exp(X*w)))", "");
    noted("sum(Y .* log(X))", "");
    noted("norm(sqrt(X) - Y)^2", "");
}

#[test]
fn other_readings_that_are_as_good_are_named() {
    let named = |text: &str, want: &[&str]| {
        let found: Vec<String> = parsed(text, "").assumptions.into_iter().flat_map(|one| one.or).collect();
        assert_eq!(found, want, "{text}");
    };
    named("X*w + b", &["b: scalar"]);
    named("norm(X*w + b - y)^2", &["b: scalar"]);
    named("X*W + b", &["b: m", "b: scalar"]);
    named("(x - mu)'*P*(x - mu)", &["P: symmetric"]);
    named("(x - mu)'*inv(S)*(x - mu)", &["S: symmetric"]);
    named("u*v'", &["u: scalar"]);
    named("norm(y - X*beta)^2", &[]);
    named("norm(A*x - b)^2", &[]);
    named("E'*E", &[]);
}

#[test]
fn a_loss_inside_a_reduction_is_one_number_already() {
    for (text, said) in [
        ("sum(huber(x, d))", Some("the sum over all entries is `nrows(x)*huber(x, d)`")),
        ("mean(mse(X*w, y))", Some("`nrows(X*w)*mse(X*w, y)`")),
        ("2*sum(rmse(x, y))", Some("`sum(rmse(x, y))` is the same number")),
        ("huber(x, d)", None),
        ("sum(softmax(x))", None),
        ("sum(huber(x, d)*x)", None),
    ] {
        let notes = parsed(text, "").notes;
        let found = notes.iter().find(|note| note.contains("is one number already"));
        assert_eq!(found.is_some(), said.is_some(), "{text}: {notes:?}");
        assert!(said.is_none_or(|said| found.is_some_and(|note| note.contains(said))), "{text}: {notes:?}");
    }
}
