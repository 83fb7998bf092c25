//! The laws of simplification, on examples and on random formulas.

use super::testing::{Generator, Reader, agree, library, print};
use super::{algebra, closed_form, simplify, tidy};
use crate::simplify::told::step::exchanged;
use formula::{NodeId, Number, Shape, Size, Variable};

const DECLARED: &str = "X: m x n, Y: m x n, w: n, y: m, l: 1, A: n x n, B: n x n, x: n, W1: n x p, W2: p x q, T: m x q, \
                        Z: p x m, V: q x p, U: q x m, b: p, c: 1, t: 1 positive, S: n x n symmetric";

fn check(text: &str, want: &str) {
    let mut reader = library().declare(DECLARED);
    let id = reader.read(text);
    let value = simplify(&mut reader.formula, id);
    assert_eq!(print(&reader.formula, value), want, "{text}");
    assert_eq!(tidy(&mut reader.formula, value), value, "{text} is tidy");
    assert_eq!(simplify(&mut reader.formula, value), value, "{text} again");
    agree(&reader.formula, id, value).unwrap();
}

#[test]
fn least_squares_print_as_in_a_textbook() {
    check("X'*(2*(X*w - y))", "2*X'*(X*w - y)");
    check("X'*(-1*(2*(y - X*w)))", "2*X'*(X*w - y)");
    check("X'*(2*(X*w - y)) + l*(2*w)", "2*(X'*(X*w - y) + l*w)");
    check("X'*X*w - X'*y + l*w", "X'*(X*w - y) + l*w");
    check("X'*square'(X*w - y)/m", "2/m*X'*(X*w - y)");
    check("sum(square(X*w - y))/m", "norm(X*w - y)^2/m");
    check("norm(w)/norm(X*w)*X'*X*w - norm(X*w)/norm(w)*w", "norm(w)/norm(X*w)*X'*X*w - norm(X*w)/norm(w)*w");
    check("w'*X'*(X*w)", "norm(X*w)^2");
    check("norm(A*x - w)^2 + (A*x - w)'*(A*x - w)", "2*norm(A*x - w)^2");
}

#[test]
fn quadratic_forms_use_symmetry() {
    check("A*x + A'*x", "(A + A')*x");
    check("S*x + S'*x", "2*S*x");
    check("x'*A*x + x'*A'*x", "2*(x'*A*x)");
    check("w'*x - x'*w", "0");
    check("x'*(A - A')*x", "0");
    check("A*A'*A - A*(A'*A)", "zeros(n, n)");
    check("1*norm(w)^-1*w", "1/norm(w)*w");
    check("2*norm(x)*(1/norm(x)*x)", "2*x");
    check("2*A*x/(x'*x) - x'*A*x/(x'*x)^2*2*x", "2/(x'*x)*(A*x - (x'*A*x)/(x'*x)*x)");
}

#[test]
fn slopes_are_written_out() {
    check("sigmoid'(X)", "sigmoid(X) .* (1 - sigmoid(X))");
    check("tanh'(X)", "1 - tanh(X).^2");
    check("relu'(X*W1)", "step(X*W1)");
    check("X .* identity'(X)", "X");
    check("max'(X, 0)", "step(X)");
    check("step'(X)", "zeros(m, n)");
    check("silu'(X)", "sigmoid(X) + X .* sigmoid(X) .* (1 - sigmoid(X))");
    check("log1p(exp(X))", "softplus(X)");
    check("log1p(X .* X)", "log(1 + X.^2)");
    check("g'(X*W1)*W1'", "g'(X*W1)*W1'");
}

#[test]
fn networks_keep_their_shape() {
    check("X'*(2/m*(identity(X*W1) - X*W1*2) .* identity'(X*W1))", "-2/m*X'*X*W1");
    check(
        "X'*(2/m*(sigmoid(X*W1) - Z') .* sigmoid'(X*W1))",
        "2/m*X'*((sigmoid(X*W1) - Z') .* sigmoid(X*W1) .* (1 - sigmoid(X*W1)))",
    );
    check(
        "(2/m*(sigmoid(V*Z) - U) .* sigmoid'(V*Z))*Z'",
        "2/m*((sigmoid(V*Z) - U) .* sigmoid(V*Z) .* (1 - sigmoid(V*Z)))*Z'",
    );
    check(
        "X'*((2/m*(g(h(X*W1)*W2) - T) .* g'(h(X*W1)*W2))*W2' .* h'(X*W1))",
        "2/m*X'*(h'(X*W1) .* (((g(h(X*W1)*W2) - T) .* g'(h(X*W1)*W2))*W2'))",
    );
    check(
        "(ones(m)'*(2/m*(X*W1 + ones(m)*b' - Z') .* g'(X*W1 + ones(m)*b')))'",
        "2/m*(ones(m)'*((X*W1 + ones(m)*b' - Z') .* g'(X*W1 + ones(m)*b')))'",
    );
}

#[test]
fn cross_entropies_cancel() {
    check("X'*(-(y .* sigmoid(-(y .* (X*w)))))", "-X'*(y .* sigmoid(-(y .* (X*w))))");
    check(
        "X'*(-(y ./ sigmoid(X*w)) .* sigmoid'(X*w) + (1 - y) ./ (1 - sigmoid(X*w)) .* sigmoid'(X*w))",
        "X'*(sigmoid(X*w) - y)",
    );
}

#[test]
fn common_factors_come_out() {
    check("X ./ norm(X) + 2*X/norm(X)", "3/norm(X)*X");
    check("A*x*w' + A*w*w'", "A*(x + w)*w'");
    check("c*A*x + c*B*x", "c*(A + B)*x");
    check("X .* exp(Y) + Y .* exp(Y)", "(X + Y) .* exp(Y)");
    check(
        "X - ones(m)/m*sum(X, 1) - ones(m)/m*sum(X - ones(m)/m*sum(X, 1), 1)",
        "X - 1/m*ones(m)*ones(m)'*X",
    );
}

#[test]
fn scalars_fold() {
    check("10/2*X", "5*X");
    check("x*c/(c*c)", "1/c*x");
    check("sqrt(c)*sqrt(c)", "c");
    check("1/sqrt(x'*x + 1)*x", "1/sqrt(x'*x + 1)*x");
    check("norm(c*X)^2", "c^2*norm(X)^2");
    check("sqrt(t^2)*sqrt(4)", "2*t");
    check("sqrt(c^2)", "abs(c)");
    check("2*2^-1.5*X", "1/sqrt(2)*X");
    check("sqrt(2*c)*X*sqrt(2*c)", "2*c*X");
    check("exp(-X.^2/2)/sqrt(2*pi)", "1/sqrt(2*pi)*exp(-0.5*X.^2)");
    check("4^0.5 + 2^0.5*2^0.5 + norm(3*X)", "4 + 3*norm(X)");
    check("ones(m)'*ones(m) + exp(0)", "1 + m");
    check("(3 - X) .* ones(m, n) - 1", "2 - X");
    check("c + c - 2*c + t/3 + t/6", "0.5*t");
}

#[test]
fn traces_turn_and_transpose() {
    check("tr(A*B) - tr(B*A)", "0");
    check("tr(A'*B) - ones(n)'*(A .* B)*ones(n)", "0");
    check("tr(A*B*S) - tr(S*B'*A')", "0");
    check("tr(X'*X)", "norm(X)^2");
    check("tr(B'*A'*A*B)", "norm(A*B)^2");
    check("tr(x*w')", "x'*w");
    check("tr(A - A')", "0");
    check("tr(diag(x)*A)", "x'*diag(A)");
    check("tr(kron(A, S))", "tr(A)*tr(S)");
    check("2*tr(eye(n))*tr(c*A)", "2*c*n*tr(A)");
}

#[test]
fn inverses_meet_what_they_undo() {
    check("inv(A)*A*x", "x");
    check("A*B*inv(A*B)", "eye(n)");
    check("inv(2*A)' - inv(A')/2", "zeros(n, n)");
    check("inv(X'*X) - inv(X'*X)'", "zeros(n, n)");
    check("inv(diag(x))*w", "w .* x.^-1");
    check("det(A*B*S)*A'*inv(A*B*S)'*S", "det(A*B*S)*inv(B)'");
    check("det(inv(A))*det(A)", "1");
    check("logdet(inv(A)) + logdet(A')", "0");
    check("det(c*A)/det(A)", "c^n");
}

#[test]
fn diagonals_and_vecs_are_taken_apart() {
    check("diag(x)*A*w", "x .* (A*w)");
    check("diag(x)*diag(w)*x", "x.^2 .* w");
    check("eye(n) .* A", "diag(diag(A))");
    check("diag(x*w')", "x .* w");
    check("diag(diag(x)*A)", "x .* diag(A)");
    check("vec(x*w')", "kron(w, x)");
    check("unvec(kron(B, A)*vec(S), n, n)", "A*S*B'");
    check("unvec(vec(A) .* vec(B), n, n)", "A .* B");
    check("commutation(m, n)*vec(X) - vec(X')", "zeros(m*n)");
    check("kron(A, B)*kron(S, A)", "kron(A*S, B*A)");
    check("kron(A, B) .* kron(B, S)", "kron(A .* B, B .* S)");
}

#[test]
fn blocks_meet_and_part() {
    check("across(X, Y)*down(w, x)", "X*w + Y*x");
    check("cols(2*across(X, Y), 1, n)", "2*X");
    check("rows(down(A, B)*x, n + 1, n + n)", "B*x");
    check("across(cols(X, 1, 1), cols(X, 2, n))", "X");
    check("down(X', Y')*y", "[X, Y]'*y");
}

#[test]
fn rows_of_text_fold_functions() {
    check("exp(X)/(ones(m)'*exp(X)*ones(n))", "softmax(X)");
    check("exp(w)*exp(w)'/sum(exp(w))^2", "softmax(w)*softmax(w)'");
    check("log(sum(exp(X), 2))", "logsumexp(X, 2)");
    check("exp(X) ./ (sum(exp(X), 2)*ones(n)')", "softmax(X, 2)");
    check("softmax(X, 2)*ones(n)", "ones(m)");
    check("2*sum(softmax(X))", "2");
    check("X .* step(X)", "relu(X)");
    check("tanh(-X) + tanh(X)", "zeros(m, n)");
    check("abs(X) .* sign(X) - X", "zeros(m, n)");
    check("1 ./ (1 + exp(-X)) - sigmoid(X)", "zeros(m, n)");
}

#[test]
fn numbers_too_large_are_left_alone() {
    check("1e300*(1e300*X)", "1e300*1e300*X");
    check("0^-1*c", "c/0");
}

#[test]
fn simplification_keeps_values_and_settles() {
    for seed in 0..600 {
        let mut generator = Generator::new(seed);
        let id = generator.formula(3 + seed as usize % 3);
        let formula = &mut generator.reader.formula;
        let value = simplify(formula, id);
        let texts = format!("{}\n{}", print(formula, id), print(formula, value));
        agree(formula, id, value).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{texts}"));
        assert_eq!(simplify(formula, value), value, "seed {seed}\n{texts}");
        assert_eq!(tidy(formula, value), value, "seed {seed}\n{texts}");
    }
}

#[test]
fn steps_lead_to_the_closed_form_without_a_gap_and_keep_the_value() {
    for seed in 0..600 {
        let mut generator = Generator::new(seed);
        let id = generator.formula(3 + seed as usize % 3);
        let formula = &mut generator.reader.formula;
        let value = closed_form(formula, id);
        let mut place = id;
        for step in algebra(formula, [id, id, value]) {
            let text = |id| print(formula, id);
            let said = format!("seed {seed}, {:?}: {} to {}", step.used, text(step.from), text(step.to));
            assert_eq!(step.before, place, "{said}");
            assert_eq!(exchanged(formula, step.before, step.from, step.to), Some(step.after), "{said}");
            assert!(!step.used.is_empty() && step.from != step.to, "{said}");
            agree(formula, step.from, step.to).unwrap_or_else(|error| panic!("{error}: {said}"));
            place = step.after;
        }
        let mut measure = crate::simplify::search::measure::Measure::of(formula);
        assert!(measure.is_same_text(formula, place, value), "seed {seed}");
    }
}

#[test]
fn renaming_changes_only_names() {
    let names = [
        ("X", "D"),
        ("Y", "C"),
        ("w", "v"),
        ("y", "a"),
        ("l", "z"),
        ("A", "Q"),
        ("B", "P"),
        ("W1", "M"),
        ("W2", "K"),
        ("T", "E"),
        ("Z", "F"),
        ("b", "u"),
        ("c", "r"),
        ("t", "d"),
        ("S", "H"),
        ("m", "q"),
        ("n", "k"),
        ("p", "n"),
        ("q", "m"),
        ("g", "h"),
        ("h", "g"),
    ];
    let rename = |text: &str| {
        let mut renamed = String::new();
        let mut word = String::new();
        for character in text.chars().chain([' ']) {
            if character.is_alphanumeric() {
                word.push(character);
                continue;
            }
            let new = names.iter().find(|(old, _)| *old == word).map_or(word.as_str(), |(_, new)| new);
            renamed.push_str(new);
            renamed.push(character);
            word.clear();
        }
        renamed.trim_end().to_owned()
    };
    for text in [
        "X'*(2*(X*w - y)) + l*(2*w) - w*c",
        "X'*((2/m*(g(h(X*W1)*W2) - T) .* g'(h(X*W1)*W2))*W2' .* h'(X*W1))",
        "2*A*x/(x'*x) - x'*B*x/(x'*x)^2*2*x",
        "(A + B .* S)'*(A' .* B)*(x*w' + w*x')",
        "Y .* (X - ones(m)/m*sum(X, 1)) + n*X .* exp(Y) - m*p*Y",
        "sum(Z*X, 2)*c + b*norm(Y - X) + t^c*b",
        "tr(B*A*S)*inv(B*S)'*x - det(B*A)*diag(S*B)*c + inv(S + A)*w",
        "kron(S, B)*vec(A*S) + kron(B, A)*commutation(n, n)*vec(S)",
        "X'*(softmax(X*W1, 2) .* Z' - softmax(Z', 2))*b - across(X', A)*down(y, x)*logsumexp(w)",
    ] {
        let mut reader = library().declare(DECLARED);
        let id = reader.read(text);
        let value = simplify(&mut reader.formula, id);
        let mut renamed = library().declare(&rename(DECLARED));
        let id = renamed.read(&rename(text));
        let other = simplify(&mut renamed.formula, id);
        assert_eq!(print(&renamed.formula, other), rename(&print(&reader.formula, value)));
    }
}

/// The gradient by the first weight of a network of n x n layers with biases and a squared loss, as it is derived.
fn network(reader: &mut Reader, layers: usize, activation: &str) -> NodeId {
    let f = &mut reader.formula;
    let size = |name: &str| Size::named(name.into());
    let g = f.find_function(activation, &[]).unwrap();
    let x = f.variable(Variable::new("X", Shape::new(size("m"), size("n"))));
    let y = f.variable(Variable::new("Y", Shape::new(size("m"), size("n"))));
    let ones = f.ones(Shape::column(size("m")));
    let (mut value, mut lines) = (x, Vec::new());
    for layer in 1..=layers {
        let weight = f.variable(Variable::new(format!("W{layer}"), Shape::new(size("n"), size("n"))));
        let bias = f.variable(Variable::new(format!("b{layer}"), Shape::column(size("n"))));
        let row = f.transpose(bias);
        let row = f.product(&[ones, row]).unwrap();
        let product = f.product(&[value, weight]).unwrap();
        let z = f.add(&[product, row]).unwrap();
        value = f.apply(g, &[], &[z]).unwrap();
        lines.push((weight, z));
    }
    let minus = f.negate(y).unwrap();
    let residual = f.add(&[value, minus]).unwrap();
    let two = f.number(Number::integer(2));
    let m = f.size(&size("m"));
    let per_row = f.reciprocal(m).unwrap();
    let scalar = f.scale(two, per_row).unwrap();
    let mut upper = f.scale(scalar, residual).unwrap();
    for (place, (weight, z)) in lines.iter().enumerate().rev() {
        let slope = f.apply(g, &[0], &[*z]).unwrap();
        upper = f.times(&[upper, slope]).unwrap();
        if place > 0 {
            let weight = f.transpose(*weight);
            upper = f.product(&[upper, weight]).unwrap();
        }
    }
    let left = f.transpose(x);
    f.product(&[left, upper]).unwrap()
}

#[test]
fn networks_grow_in_proportion_to_their_layers() {
    for activation in ["silu", "sigmoid", "tanh", "relu", "g"] {
        let size = |layers| {
            let mut reader = library();
            let id = network(&mut reader, layers, activation);
            let value = simplify(&mut reader.formula, id);
            reader.formula.reachable(&[value]).len()
        };
        let (eight, sixteen, hundred) = (size(8), size(16), size(100));
        assert!(sixteen <= 2 * eight && hundred <= 16 * eight, "{activation}: {eight} {sixteen} {hundred}");
    }
}

#[test]
fn deep_formulas_do_not_overflow_the_stack() {
    let mut reader = library().declare("X: n x n, a: 1, c: 1");
    let names = ["X", "a", "c"].map(|name| reader.variables[name]);
    let [x, a, c] = names;
    let g = reader.formula.find_function("g", &[]).unwrap();
    let f = &mut reader.formula;
    let (mut matrix, mut scalar) = (x, a);
    for _ in 0..5_000 {
        let sum = f.add(&[matrix, x]).unwrap();
        let product = f.product(&[sum, x]).unwrap();
        let value = f.apply(g, &[], &[product]).unwrap();
        matrix = f.transpose(value);
        let sum = f.add(&[scalar, c]).unwrap();
        scalar = f.apply(g, &[], &[sum]).unwrap();
    }
    let value = f.scale(scalar, matrix).unwrap();
    let simplified = simplify(f, value);
    assert_eq!(simplify(f, simplified), simplified);
    assert_eq!(tidy(f, simplified), simplified);
}
