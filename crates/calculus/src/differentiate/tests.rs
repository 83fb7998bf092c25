//! Derivations as text: the article's table for networks of any depth, and gradients judged by differences.

use super::*;
use crate::simplify::testing::{Generator, Reader, Values, evaluate, library, print};
use formula::{Body, Function, Shape, Size};

/// Reads lines `name = expression` over declared variables; the last is the result. Functions g1, g2, ... are abstract.
fn read(declarations: &str, lines: &[&str]) -> Formula {
    let mut reader = library();
    for layer in 1..=8 {
        reader.formula.add_function(abstract_function(&format!("g{layer}")));
    }
    read_lines(reader.declare(declarations), lines)
}

fn read_lines(mut reader: Reader, lines: &[&str]) -> Formula {
    for line in lines {
        let (name, text) = line.split_once('=').unwrap();
        let (name, value) = (name.trim(), reader.read(text.trim()));
        reader.variables.insert(name.to_owned(), value);
        reader.formula.lines.push(Line { name: Name::from(name), value });
    }
    reader.formula
}

fn abstract_function(name: &str) -> Function {
    Function::unknown(Name::from(name), vec![Name::from("x")], None)
}

fn derive(formula: &Formula, wrt: &str) -> Derivation {
    let wrt: Vec<Name> = wrt.split_whitespace().map(Name::from).collect();
    differentiate(formula, &wrt, Laws::standard()).unwrap_or_else(|error| panic!("{error}"))
}

/// The lets, the result and the derivatives, each a line.
fn let_form(derivation: &Derivation) -> Vec<String> {
    let Derivation { formula, lets, result, derivatives, .. } = derivation;
    let lines = lets.iter().chain([result]).map(|line| (&line.name, line.value));
    let lines = lines.chain(derivatives.iter().map(|line| (&line.symbol, line.value)));
    lines.map(|(name, value)| format!("{name} = {}", print(formula, value))).collect()
}

fn check(formula: &Formula, wrt: &str, want: &[&str]) {
    assert_eq!(let_form(&derive(formula, wrt)), want);
    matches_differences(formula, wrt);
}

/// Each gradient by a variable, in the inputs alone, against differences.
fn matches_differences(formula: &Formula, wrt: &str) {
    let (judged, unjudged) = judge(&derive(formula, wrt));
    assert!(judged > 0 && unjudged == 0, "{judged} entries judged, {unjudged} not");
}

/// How many entries of gradients agree with fourth-order central differences, and how many have none to agree with: those
/// near a kink, or of a size at which differences are no judge.
fn judge(derivation: &Derivation) -> (usize, usize) {
    let formula = &derivation.formula;
    let result = formula.result().unwrap();
    let variables = formula.variables(&[result]);
    let (mut judged, mut unjudged) = (0, 0);
    for gradient in &derivation.gradients {
        let variable = variables.iter().find(|id| name_of(formula, **id) == gradient.by);
        let Some(Node::Variable(variable)) = variable.map(|id| formula.node(*id)) else { continue };
        // The entries of a symmetric matrix cannot be moved one by one.
        if variable.properties.is_symmetric() {
            continue;
        }
        let mut values = Values::new(11, &[("m", 3), ("n", 4), ("p", 2), ("q", 3), ("k", 2)]);
        let start = values.variable(variable);
        let found = evaluate(formula, gradient.value, &values);
        // What the quotients of so large a value are off by.
        let rounding = evaluate(formula, result, &values).data[0].abs() * 1e-12;
        let mut f = |entry: usize, by: f64| {
            let mut moved = start.clone();
            moved.data[entry] += by;
            values.set(&variable.name, moved);
            evaluate(formula, result, &values).data[0]
        };
        let mut difference = |entry: usize, step: f64| {
            let near = f(entry, step) - f(entry, -step);
            let far = f(entry, 2.0 * step) - f(entry, -2.0 * step);
            (8.0 * near - far) / (12.0 * step)
        };
        for entry in 0..start.data.len() {
            let (finer, coarser) = (difference(entry, 5e-4), difference(entry, 1e-3));
            let error = |value: f64| (value - finer).abs() / finer.abs().max(1.0);
            // A norm has no slope where it is 0.
            let singular = !found.data[entry].is_finite();
            let settled =
                finer.abs() < 1e6 && rounding < 1e-7 * finer.abs().max(1.0) && error(coarser) < 1e-7;
            if singular || !settled {
                unjudged += 1;
                continue;
            }
            judged += 1;
            let found = found.data[entry];
            assert!(error(found) < 1e-6, "df/d{} at {entry}: {found} and {finer}", gradient.by);
        }
    }
    (judged, unjudged)
}

/// The article's summary for a network of this many layers, with names for input, weights, target, size and functions.
fn summary(layers: usize) -> Vec<String> {
    let below = |layer: usize| if layer == 1 { "X".to_owned() } else { format!("A{}", layer - 1) };
    let mut lines = Vec::new();
    for l in 1..=layers {
        lines.push(format!("Z{l} = {}*W{l}", below(l)));
        lines.push(format!("A{l} = g{l}(Z{l})"));
    }
    lines.push(format!("f = norm(A{layers} - Y)^2/m"));
    for l in (1..=layers).rev() {
        if l == layers {
            lines.push(format!("df/dA{l} = 2/m*(A{l} - Y)"));
        } else {
            lines.push(format!("df/dA{l} = df/dZ{0}*W{0}'", l + 1));
        }
        lines.push(format!("df/dZ{l} = df/dA{l} .* g{l}'(Z{l})"));
        lines.push(format!("df/dW{l} = {}'*df/dZ{l}", below(l)));
    }
    lines
}

/// A network's formula in one line, its weights from the first, with the names of `declare`.
fn network(layers: usize) -> (String, String, String) {
    let (mut declarations, mut value, mut wrt) =
        ("X: m x n, Y: m x n".to_owned(), "X".to_owned(), String::new());
    for l in 1..=layers {
        declarations.push_str(&format!(", W{l}: n x n"));
        value = format!("g{l}({value}*W{l})");
        wrt.push_str(&format!("W{l} "));
    }
    (declarations, format!("f = norm({value} - Y)^2/m"), wrt)
}

#[test]
fn the_summary_of_the_article_is_derived() {
    for layers in [1, 2, 3, 8] {
        let (declarations, line, wrt) = network(layers);
        let formula = read(&declarations, &[&line]);
        let want = summary(layers);
        assert_eq!(let_form(&derive(&formula, &wrt)), want);
        // The functions of the test are parabolas, whose values grow beyond measure in deeper networks.
        if layers < 3 {
            matches_differences(&formula, &wrt);
        }
    }
}

#[test]
fn the_summary_is_the_same_written_with_lets() {
    let formula = read(
        "X: m x n, W1: n x n, W2: n x n, Y: m x n",
        &["Z1 = X*W1", "A1 = g1(Z1)", "Z2 = A1*W2", "A2 = g2(Z2)", "f = norm(A2 - Y)^2/m"],
    );
    assert_eq!(let_form(&derive(&formula, "W1 W2")), summary(2));
    // Names for some of them are names for the same layers.
    for lines in
        [["A1 = g1(X*W1)", "f = norm(g2(A1*W2) - Y)^2/m"], ["Z1 = X*W1", "f = norm(g2(g1(Z1)*W2) - Y)^2/m"]]
    {
        let formula = read("X: m x n, W1: n x n, W2: n x n, Y: m x n", &lines);
        assert_eq!(let_form(&derive(&formula, "W1 W2")), summary(2));
    }
}

#[test]
fn other_names_change_only_the_names() {
    let formula = read("B: q x p, C: p x p, D: p x p, T: q x p", &["loss = norm(g1(g2(B*C)*D) - T)^2/q"]);
    let want = [
        "Z1 = B*C",
        "A1 = g2(Z1)",
        "Z2 = A1*D",
        "A2 = g1(Z2)",
        "loss = norm(A2 - T)^2/q",
        "dloss/dA2 = 2/q*(A2 - T)",
        "dloss/dZ2 = dloss/dA2 .* g1'(Z2)",
        "dloss/dD = A1'*dloss/dZ2",
        "dloss/dA1 = dloss/dZ2*D'",
        "dloss/dZ1 = dloss/dA1 .* g2'(Z1)",
        "dloss/dC = B'*dloss/dZ1",
    ];
    check(&formula, "C D", &want);
}

#[test]
fn samples_may_be_columns() {
    let formula = read("X: n x m, W1: p x n, W2: q x p, Y: q x m", &["f = norm(g2(W2*g1(W1*X)) - Y)^2/m"]);
    let want = [
        "Z1 = W1*X",
        "A1 = g1(Z1)",
        "Z2 = W2*A1",
        "A2 = g2(Z2)",
        "f = norm(A2 - Y)^2/m",
        "df/dA2 = 2/m*(A2 - Y)",
        "df/dZ2 = df/dA2 .* g2'(Z2)",
        "df/dW2 = df/dZ2*A1'",
        "df/dA1 = W2'*df/dZ2",
        "df/dZ1 = df/dA1 .* g1'(Z1)",
        "df/dW1 = df/dZ1*X'",
    ];
    check(&formula, "W1 W2", &want);
}

#[test]
fn biases_stand_after_their_layer() {
    let formula = read(
        "X: m x n, W1: n x p, b1: p, W2: p x q, b2: q, Y: m x q",
        &["f = norm(identity(sigmoid(X*W1 + ones(m)*b1')*W2 + ones(m)*b2') - Y)^2/m"],
    );
    let want = [
        "Z1 = X*W1 + ones(m)*b1'",
        "A1 = sigmoid(Z1)",
        "Z2 = A1*W2 + ones(m)*b2'",
        "A2 = identity(Z2)",
        "f = norm(A2 - Y)^2/m",
        "df/dA2 = 2/m*(A2 - Y)",
        "df/dZ2 = df/dA2 .* identity'(Z2)",
        "df/dW2 = A1'*df/dZ2",
        "df/db2 = df/dZ2'*ones(m)",
        "df/dA1 = df/dZ2*W2'",
        "df/dZ1 = df/dA1 .* sigmoid'(Z1)",
        "df/dW1 = X'*df/dZ1",
        "df/db1 = df/dZ1'*ones(m)",
    ];
    check(&formula, "W1 b1 W2 b2", &want);
    let derivation = derive(&formula, "b1");
    let laws: Vec<&str> =
        derivation.derivatives.last().unwrap().laws.iter().map(|law| law.as_str()).collect();
    assert_eq!(laws, ["adding a constant", "repeated row"]);

    let columns = read("X: n x m, W: p x n, b: p, Y: p x m", &["f = norm(g(W*X + b*ones(m)') - Y)^2"]);
    check(
        &columns,
        "W b",
        &[
            "Z1 = W*X + b*ones(m)'",
            "A1 = g(Z1)",
            "f = norm(A1 - Y)^2",
            "df/dA1 = 2*(A1 - Y)",
            "df/dZ1 = df/dA1 .* g'(Z1)",
            "df/dW = df/dZ1*X'",
            "df/db = df/dZ1*ones(m)",
        ],
    );
}

#[test]
fn only_lines_that_lead_to_what_was_asked_are_there() {
    let (declarations, line, _) = network(3);
    let formula = read(&declarations, &[&line]);
    let lines: Vec<String> =
        derive(&formula, "W3").derivatives.iter().map(|line| line.symbol.to_string()).collect();
    assert_eq!(lines, ["df/dA3", "df/dZ3", "df/dW3"]);
    let lines: Vec<String> =
        derive(&formula, "Y").derivatives.iter().map(|line| line.symbol.to_string()).collect();
    assert_eq!(lines, ["df/dY"]);
}

#[test]
fn every_quantity_may_be_asked_for() {
    let lines = ["Z1 = X*W1", "A1 = g1(Z1)", "H = A1*W2", "f = norm(H - Y)^2/m"];
    let formula = read("X: m x n, W1: n x n, W2: n x n, Y: m x n", &lines);
    let derivation = derive(&formula, "Z1 H");
    let lines: Vec<&str> = derivation.derivatives.iter().map(|line| line.symbol.as_str()).collect();
    assert_eq!(lines, ["df/dH", "df/dA1", "df/dZ1"]);
    let values: Vec<String> = derivation
        .gradients
        .iter()
        .map(|g| format!("{} {}", g.by, print(&derivation.formula, g.value)))
        .collect();
    assert_eq!(
        values,
        ["Z1 ((2/m*(g1(X*W1)*W2 - Y))*W2') .* g1'(X*W1)".to_owned(), "H 2/m*(g1(X*W1)*W2 - Y)".to_owned()]
    );
    matches_differences(&formula, "");
}

#[test]
fn a_let_that_became_part_of_a_longer_sum_or_product_is_still_a_let() {
    let formula = read(
        "X: m x n, V: n x p, W: p x q, Y: m x q",
        &["Z = X*V", "R = Z*W - Y", "f = norm(R + Y)^2 + sum(Z)"],
    );
    let want = [
        "Z = X*V",
        "R = Z*W - Y",
        "f = norm(R + Y)^2 + ones(m)'*Z*ones(p)",
        "df/dR = 2*(R + Y)",
        "df/dW = Z'*df/dR",
        "df/dZ = df/dR*W' + ones(m, p)",
        "df/dV = X'*df/dZ",
    ];
    let derivation = derive(&formula, "V W");
    println!("{:#?}", let_form(&derivation));
    assert_eq!(let_form(&derivation)[..2], want[..2]);
    matches_differences(&formula, "");
}

#[test]
fn uses_of_one_variable_add_up() {
    check(
        &read("X: m x n, w: n, y: m, l: 1", &["f = norm(X*w - y)^2 + l*norm(w)^2"]),
        "w",
        &["f = norm(X*w - y)^2 + l*norm(w)^2", "df/dw = 2*X'*(X*w - y) + 2*l*w"],
    );
    check(
        &read("X: m x n, W: n x n, Y: m x n", &["f = norm(g2(g1(X*W)*W) - Y)^2/m"]),
        "W",
        &[
            "Z1 = X*W",
            "A1 = g1(Z1)",
            "Z2 = A1*W",
            "A2 = g2(Z2)",
            "f = norm(A2 - Y)^2/m",
            "df/dA2 = 2/m*(A2 - Y)",
            "df/dZ2 = df/dA2 .* g2'(Z2)",
            "df/dA1 = df/dZ2*W'",
            "df/dZ1 = df/dA1 .* g1'(Z1)",
            "df/dW = A1'*df/dZ2 + X'*df/dZ1",
        ],
    );
    check(&read("a: 1", &["f = a*a + a"]), "a", &["f = a*a + a", "df/da = 1 + 2*a"]);
    check(&read("a: 1", &["f = a"]), "", &["f = a", "df/da = 1"]);
}

#[test]
fn formulas_match_differences() {
    let declarations = "X: m x n, W: n x p, V: p x q, y: m, w: n, b: p, c: 1, d: 1, Y: m x p, A: n x n";
    for line in [
        "f = sum(softplus(-y.*(X*w)))",
        "f = norm(X*W)",
        "f = norm(X*W - Y)^2/(2*m) + c*norm(W)^2",
        "f = sum((X*W)^3 .* Y)",
        "f = sum(1 ./ (exp(X*W) + 1))",
        "f = w'*A*w/(w'*w)",
        "f = sum(exp(c*(X*W)'))",
        "f = sum(X*W, 1)*b",
        "f = y'*sum(X .* X, 2)",
        "f = sum(max(X*W, Y))*d - sum(silu(X*W) .* sigmoid(Y))",
        "f = exp(c)*tanh(d)/(1 + c^2) + sum(X)*c",
        "f = sum(((X*w)*(w'*A)) .* X)",
        "f = sum(square(X*W + ones(m)*b') .* gauss(Y))",
        "f = sum(X)^2*norm(w)^3",
        "f = (w'*w)*norm(X)^2 + norm((c*(A*W))')^2",
        "f = sum(power(exp(X), X))",
        "f = norm(eye(n)*W + ones(n, p))^2",
    ] {
        let mut reader = library().declare(declarations).declare("x: 1");
        let body = reader.read("exp(-x^2)*x");
        reader.variables.remove("x");
        let gauss = Function { body: Body::Defined(body), ..abstract_function("gauss") };
        reader.formula.add_function(gauss);
        println!("{line}");
        let formula = read_lines(reader, &[line]);
        println!("{:#?}", let_form(&derive(&formula, "")));
        matches_differences(&formula, "");
    }
}

#[test]
fn random_formulas_match_differences() {
    let (mut judged, mut unjudged) = (0, 0);
    for seed in 0..150 {
        let mut generator = Generator::new(seed);
        let id = generator.formula(4);
        let mut formula = generator.reader.formula;
        let value = formula.sum(id).unwrap();
        formula.lines.push(Line { name: Name::from("f"), value });
        // At a tie max and min have the slope 0 by definition; max(V, V) is nothing but ties, and max(V, V') has some.
        let mut transposed = formula.clone();
        let mut tie = |id: &NodeId| {
            let Node::Apply(apply) = formula.node(*id) else { return false };
            let mut same = |a: NodeId, b: NodeId| a == b || transposed.transpose(a) == b;
            apply.arguments.windows(2).any(|pair| same(pair[0], pair[1]))
        };
        if formula.variables(&[value]).is_empty() || formula.reachable(&[value]).iter().any(&mut tie) {
            continue;
        }
        let counts = std::panic::catch_unwind(|| judge(&derive(&formula, "")));
        let Ok(counts) = counts else { panic!("seed {seed}: {}", print(&formula, value)) };
        judged += counts.0;
        unjudged += counts.1;
    }
    println!("{judged} entries judged, {unjudged} not");
    assert!(judged > 5 * unjudged);
}

#[test]
fn steps_say_each_law_once_from_line_to_line() {
    let formula = read("X: m x n, W1: n x p, W2: p x q, Y: m x q", &["f = norm(g2(g1(X*W1)*W2) - Y)^2/m"]);
    let Derivation { formula, steps, derivatives, .. } = derive(&formula, "W1 W2");
    let text = |id| print(&formula, id);
    let steps: Vec<String> = steps
        .iter()
        .map(|s| {
            format!(
                "{} {}: {} by {}: {} -> {}",
                s.number,
                s.law,
                text(s.of),
                text(s.by),
                text(s.from),
                text(s.to)
            )
        })
        .collect();
    assert_eq!(
        steps,
        [
            "1 scaling: norm(A2 - Y)^2/m by norm(A2 - Y)^2: 1 -> m^-1",
            "2 squared Frobenius norm: norm(A2 - Y)^2 by A2 - Y: m^-1 -> 2/m*(A2 - Y)",
            "3 adding a constant: A2 - Y by A2: 2/m*(A2 - Y) -> 2/m*(A2 - Y)",
            "4 elementwise function: g2(Z2) by Z2: df/dA2 -> df/dA2 .* g2'(Z2)",
            "5 left multiplication: A1*W2 by W2: df/dZ2 -> A1'*df/dZ2",
            "6 right multiplication: A1*W2 by A1: df/dZ2 -> df/dZ2*W2'",
            "7 elementwise function: g1(Z1) by Z1: df/dA1 -> df/dA1 .* g1'(Z1)",
            "8 left multiplication: X*W1 by W1: df/dZ1 -> X'*df/dZ1",
        ]
    );
    let laws: Vec<&str> = derivatives[0].laws.iter().map(|law| law.as_str()).collect();
    assert_eq!(laws, ["scaling", "squared Frobenius norm", "adding a constant"]);
}

#[test]
fn what_cannot_be_differentiated_is_an_error() {
    let formula = read("X: m x n, W: n x p", &["c = 2", "Z = X*W", "f = c*Z"]);
    let error = |formula: &Formula, name: &str| {
        differentiate(formula, &[Name::from(name)], Laws::standard()).unwrap_err().to_string()
    };
    assert!(error(&formula, "W").starts_with("f has the shape m x p"));
    let formula = read("X: m x n, W: n x p", &["c = 2", "Z = X*W", "f = norm(c*Z)"]);
    assert_eq!(error(&formula, "w"), "w is no variable and no let of the formula; did you mean W?");
    assert!(error(&formula, "c").starts_with("c stands for a constant"));
    assert_eq!(differentiate(&Formula::new(), &[], Laws::standard()).unwrap_err(), CalculusError::NoResult);
    let few = Laws::parse("law norm  f = norm(G)  df/dG = G/f").unwrap();
    let error = differentiate(&formula, &[], &few).unwrap_err().to_string();
    assert_eq!(
        error,
        "no law gives the derivative of a scalar times a value, m x p, by operand 2; add a row to the laws"
    );
    let wrong = Laws::parse("law norm  f = norm(G)  df/dG = f").unwrap();
    let error = differentiate(&formula, &[], &wrong).unwrap_err().to_string();
    assert!(error.starts_with("the law norm is at fault: it gives the shape 1 x 1"), "{error}");
}

#[test]
fn what_the_result_does_not_depend_on_has_the_derivative_zero() {
    let formula = read("X: m x n, w: n, a: 1", &["u = a*w", "f = norm(X)^2"]);
    let derivation = derive(&formula, "X w a u");
    let lines = let_form(&derivation);
    assert_eq!(lines[1..], ["df/dX = 2*X", "df/dw = zeros(n)", "df/da = 0", "df/du = zeros(n)"]);
}

#[test]
fn another_name_of_a_variable_or_let_is_that_variable_or_let() {
    let formula = read("X: m x n, W: n x p", &["V = W", "Z = X*V", "S = Z", "f = norm(S)^2"]);
    let derivation = derive(&formula, "V S");
    let by: Vec<&str> = derivation.gradients.iter().map(|gradient| gradient.by.as_str()).collect();
    assert_eq!(by, ["W", "Z"]);
}

#[test]
fn names_avoid_those_in_use() {
    let formula = read("A1: m x n, W: n x p, Z2: m x p", &["f = sum(g(A1*W) .* Z2)"]);
    let lines = let_form(&derive(&formula, "W"));
    assert_eq!(lines[..2], ["Z3 = A1*W", "A3 = g(Z3)"]);
}

#[test]
fn a_deep_network_takes_milliseconds() {
    let size = |name: &str| Size::named(Name::from(name));
    let layers = 200;
    let mut formula = Formula::new();
    let g = formula.add_function(abstract_function("g"));
    let x = formula.variable(Variable::new("X", Shape::new(size("m"), size("n"))));
    let mut value = x;
    for layer in 1..=layers {
        let square = Shape::new(size("n"), size("n"));
        let weight = formula.variable(Variable::new(format!("W{layer}"), square));
        let product = formula.product(&[value, weight]).unwrap();
        value = formula.apply(g, &[], &[product]).unwrap();
    }
    let value = formula.norm(value);
    formula.lines.push(Line { name: Name::from("f"), value });
    let start = std::time::Instant::now();
    let derivation = derive(&formula, "");
    println!("{layers} layers in {:?}", start.elapsed());
    assert_eq!(derivation.derivatives.len(), 3 * layers + 1);
    // Z, A, and for each layer Z', dA.*, two products: the work grows with the layers.
    assert!(derivation.formula.len() < 40 * layers, "{}", derivation.formula.len());
}

#[test]
fn a_deep_chain_of_functions_does_not_overflow_the_stack() {
    let mut formula = Formula::new();
    let g = formula.add_function(abstract_function("g"));
    let mut value = formula.variable(Variable::new("a", Shape::scalar()));
    for _ in 0..5_000 {
        value = formula.apply(g, &[], &[value]).unwrap();
    }
    formula.lines.push(Line { name: Name::from("f"), value });
    assert_eq!(derive(&formula, "a").steps.len(), 5_000);
}
