//! Every equation of the article "Matrix calculus and backpropagation", run and judged by name.

use chainrule::{
    Answer, Layer, Library, Matrix, Network, Options, Purpose, Question, Random, Rows, Trainer, derive,
    least_squares, print_derivation, text,
};
use std::ops::ControlFlow;

fn answer(formula: &str, declarations: &str, wrt: &[&str]) -> Answer {
    let question = Question { formula, declarations, wrt, ..Question::default() };
    let answer = derive(&question, &Library::standard()).unwrap_or_else(|error| panic!("{formula}: {error}"));
    assert!(answer.check.passed, "{formula}: {:?}", answer.check);
    answer
}

/// The let-form as lines of text.
fn let_form(answer: &Answer) -> Vec<String> {
    let printed = print_derivation(&answer.derivation);
    let lines = printed.lets.iter().chain([&printed.result]).chain(&printed.derivatives);
    lines.map(|line| format!("{} = {}", line.name, line.text.as_deref().unwrap_or("too long"))).collect()
}

/// The article's network of L layers as one expression, `g2(g1(X*W1)*W2)`, with its abstract functions declared.
fn network(layers: usize) -> (String, String, Vec<String>) {
    let value = (1..=layers).fold(String::from("X"), |before, layer| format!("g{layer}({before}*W{layer})"));
    let functions: Vec<String> = (1..=layers).map(|layer| format!("g{layer}: function")).collect();
    let weights = (1..=layers).map(|layer| format!("W{layer}")).collect();
    (format!("norm({value} - Y)^2/m"), functions.join(", "), weights)
}

/// The article's derivative summary for L layers, last layer first, after the lines of the forward pass.
fn summary(layers: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for layer in 1..=layers {
        let before = if layer == 1 { String::from("X") } else { format!("A{}", layer - 1) };
        lines.push(format!("Z{layer} = {before}*W{layer}"));
        lines.push(format!("A{layer} = g{layer}(Z{layer})"));
    }
    lines.push(format!("f = norm(A{layers} - Y)^2/m"));
    for layer in (1..=layers).rev() {
        lines.push(if layer == layers {
            format!("df/dA{layer} = 2/m*(A{layer} - Y)")
        } else {
            format!("df/dA{layer} = df/dZ{}*W{}'", layer + 1, layer + 1)
        });
        lines.push(format!("df/dZ{layer} = df/dA{layer} .* g{layer}'(Z{layer})"));
        let before = if layer == 1 { String::from("X") } else { format!("A{}", layer - 1) };
        lines.push(format!("df/dW{layer} = {before}'*df/dZ{layer}"));
    }
    lines
}

#[test]
fn the_derivative_summary_is_derived() {
    for layers in [1, 2, 3, 8] {
        let (formula, functions, weights) = network(layers);
        let weights: Vec<&str> = weights.iter().map(String::as_str).collect();
        assert_eq!(let_form(&answer(&formula, &functions, &weights)), summary(layers), "{layers} layers");
    }
}

#[test]
fn the_summary_is_the_same_when_written_with_lets() {
    let (_, functions, weights) = network(3);
    let weights: Vec<&str> = weights.iter().map(String::as_str).collect();
    let formula =
        "Z1 = X*W1\nA1 = g1(Z1)\nZ2 = A1*W2\nA2 = g2(Z2)\nZ3 = A2*W3\nA3 = g3(Z3)\nf = 1/m*norm(A3 - Y)^2";
    let declarations = format!("{functions}, X: m x n, W1: n x p, W2: p x q, W3: q x k, Y: m x k");
    let mut lines = let_form(&answer(formula, &declarations, &weights));
    // `1/m*norm(...)` and `norm(...)/m` are the same formula in two spellings.
    lines[6] = lines[6].replace("1/m*norm(A3 - Y)^2", "norm(A3 - Y)^2/m");
    assert_eq!(lines, summary(3));
}

#[test]
fn the_summary_is_the_same_under_other_names() {
    let formula = "norm(h(k(Data*Alpha)*Beta) - Target)^2/m";
    let lines = let_form(&answer(formula, "h: function, k: function, Data: m x n", &["Alpha", "Beta"]));
    let renamed = summary(2).into_iter().map(|line| {
        [("W1", "Alpha"), ("W2", "Beta"), ("g1", "k"), ("g2", "h"), ("X", "Data"), ("Y", "Target")]
            .into_iter()
            .fold(line, |line, (old, new)| line.replace(old, new))
    });
    assert_eq!(lines, renamed.collect::<Vec<_>>());
}

#[test]
fn the_summary_mirrors_when_samples_stand_in_columns() {
    let formula = "norm(g2(W2*g1(W1*X)) - Y)^2/m";
    let declarations = "g1: function, g2: function, X: n x m, W1: p x n, W2: q x p, Y: q x m";
    let lines = let_form(&answer(formula, declarations, &["W1", "W2"]));
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
    assert_eq!(lines, want);
}

#[test]
fn the_last_layer_has_the_articles_substituted_lines() {
    for layers in [1, 2, 3, 8] {
        let (formula, functions, weights) = network(layers);
        let weights: Vec<&str> = weights.iter().map(String::as_str).collect();
        let answer = answer(&formula, &functions, &weights);
        let lines: Vec<String> = answer
            .substituted
            .iter()
            .map(|line| format!("{} = {}", line.name, text(&answer.derivation.formula, line.value).unwrap()))
            .collect();
        let before = if layers == 1 { String::from("X") } else { format!("A{}", layers - 1) };
        let slope = format!("g{layers}'(Z{layers})");
        assert_eq!(
            lines,
            [
                format!("df/dZ{layers} = 2/m*(A{layers} - Y) .* {slope}"),
                format!("df/dW{layers} = 2/m*{before}'*((A{layers} - Y) .* {slope})"),
            ]
        );
    }
}

#[test]
fn a_named_slope_stays_in_the_lets_and_is_written_out_in_the_closed_form() {
    let answer = answer("norm(sigmoid(X*W) - Y)^2/m", "", &["W"]);
    assert!(let_form(&answer).contains(&String::from("df/dZ1 = df/dA1 .* sigmoid'(Z1)")));
    let closed = text(&answer.derivation.formula, answer.closed[0].value).unwrap();
    assert!(!closed.contains("sigmoid'") && closed.contains("sigmoid(X*W)"), "{closed}");
}

#[test]
fn bias_lines_stand_apart() {
    let formula = "norm(g2(g1(X*W1 + ones(m)*b1')*W2 + ones(m)*b2') - Y)^2/m";
    let declarations = "g1: function, g2: function, X: m x n, W1: n x p, b1: p, W2: p x q, b2: q, Y: m x q";
    let lines = let_form(&answer(formula, declarations, &["W1", "b1", "W2", "b2"]));
    let bias: Vec<&String> = lines.iter().filter(|line| line.starts_with("df/db")).collect();
    assert_eq!(bias.len(), 2, "{lines:?}");
    let want: Vec<String> = summary(2).into_iter().filter(|line| line.starts_with("df/d")).collect();
    let rest: Vec<String> =
        lines.iter().filter(|line| line.starts_with("df/d") && !line.starts_with("df/db")).cloned().collect();
    assert_eq!(rest, want);
}

fn matrix(rows: usize, cols: usize, seed: u64) -> Matrix {
    let mut random = Random::new(seed, Purpose::Example, 0);
    Matrix::new(rows, cols, (0..rows * cols).map(|_| random.normal()).collect()).unwrap()
}

fn layers(activations: &[(usize, &str)]) -> Vec<Layer> {
    activations.iter().map(|(units, name)| Layer { units: *units, activation: (*name).to_owned() }).collect()
}

fn options(epochs: usize, rate: f64) -> Options {
    Options {
        optimizer: String::from("gradient_descent"),
        rate: Some(rate),
        schedule: String::from("constant"),
        batch_size: None,
        epochs: epochs.into(),
        seed: 1,
        ..Options::default()
    }
}

#[test]
fn linear_regression_by_its_critical_point_and_by_gradient_descent_agree() {
    let (x, noise) = (matrix(60, 3, 1), matrix(60, 1, 2));
    let y: Vec<f64> =
        (0..60).map(|i| 2.0 * x.row(i)[0] - x.row(i)[1] + 0.5 + 0.3 * noise.row(i)[0]).collect();
    let y = Matrix::new(60, 1, y).unwrap();
    let exact = least_squares(&x, &y, true).unwrap().predict(&x).unwrap();
    let network =
        Network { inputs: 3, layers: layers(&[(1, "identity")]), bias: true, loss: String::from("mse") };
    let mut trainer = Trainer::<f64>::new(&network, &options(3000, 0.1), &Library::standard()).unwrap();
    trainer.train(&Rows::new(&x, &y).unwrap(), None, |_| ControlFlow::Continue(())).unwrap();
    let p = trainer.parameters();
    for i in 0..60 {
        let row = x.row(i);
        let descent = row[0] * p[0] + row[1] * p[1] + row[2] * p[2] + p[3];
        let want = exact.row(i)[0];
        assert!((descent - want).abs() <= 1e-6 * want.abs().max(1e-3), "row {i}: {descent} {want}");
    }
    // The critical point is one: the derived gradient is zero there.
    let solution = least_squares(&x, &y, true).unwrap();
    trainer.parameters_mut()[..3].copy_from_slice(solution.weights.data());
    trainer.parameters_mut()[3] = solution.bias[0];
    let gradient = trainer.gradient(&Rows::new(&x, &y).unwrap()).unwrap();
    assert!(gradient.iter().all(|entry| entry.abs() < 1e-12), "{gradient:?}");
}

/// The value of a network with these parameters at rows, written as the article's loops over units.
fn by_hand(network: &Network, parameters: &[f64], row: &[f64]) -> Vec<f64> {
    let mut values = row.to_vec();
    for (layer, Layer { units, activation }) in network.layers.iter().enumerate() {
        let of =
            |name: String| network.parameters().into_iter().find(|p| *p.name == *name).map(|p| p.range());
        let weights = &parameters[of(format!("W{}", layer + 1)).unwrap()];
        let bias = of(format!("b{}", layer + 1)).map(|range| &parameters[range]);
        values = (0..*units)
            .map(|unit| {
                let products = values.iter().enumerate().map(|(k, value)| value * weights[k * units + unit]);
                let z = products.sum::<f64>() + bias.map_or(0.0, |bias| bias[unit]);
                match activation.as_str() {
                    "sigmoid" => 1.0 / (1.0 + libm::exp(-z)),
                    "tanh" => libm::tanh(z),
                    "relu" => z.max(0.0),
                    _ => z,
                }
            })
            .collect();
    }
    values
}

#[test]
fn each_layer_has_its_own_function_and_any_number_of_units() {
    for (bias, units) in [(true, 2), (false, 1), (true, 3)] {
        let activations = [(4, "sigmoid"), (5, "tanh"), (3, "relu"), (units, "sigmoid")];
        let network = Network { inputs: 3, layers: layers(&activations), bias, loss: String::from("mse") };
        let mut trainer = Trainer::<f64>::new(&network, &options(1, 0.1), &Library::standard()).unwrap();
        for (at, parameter) in trainer.parameters_mut().iter_mut().enumerate() {
            *parameter += 0.01 * at as f64;
        }
        let (x, y) = (matrix(7, 3, 3), matrix(7, units, 4));
        let parameters = trainer.parameters().to_vec();
        let mut error = 0.0;
        for i in 0..7 {
            let values = by_hand(&network, &parameters, x.row(i));
            assert!(
                values.iter().all(|value| (0.0..=1.0).contains(value)),
                "a sigmoid predicts between 0 and 1"
            );
            error += values.iter().zip(y.row(i)).map(|(a, y)| (a - y) * (a - y)).sum::<f64>();
        }
        // The loss is 1/m * norm(A - Y)^2.
        let loss = trainer.loss(&Rows::new(&x, &y).unwrap()).unwrap();
        assert!((loss - error / 7.0).abs() < 1e-12 * loss.max(1.0), "{loss} {}", error / 7.0);
    }
}

#[test]
fn rows_at_once_are_the_same_as_one_at_a_time() {
    let network = Network {
        inputs: 3,
        layers: layers(&[(4, "sigmoid"), (2, "identity")]),
        bias: true,
        loss: String::from("mse"),
    };
    let mut trainer = Trainer::<f64>::new(&network, &options(1, 0.1), &Library::standard()).unwrap();
    let (x, y) = (matrix(9, 3, 5), matrix(9, 2, 6));
    let together = trainer.loss(&Rows::new(&x, &y).unwrap()).unwrap();
    let mut apart = 0.0;
    for i in 0..9 {
        let one = |matrix: &Matrix| matrix.select_rows(&[i]).unwrap();
        apart += trainer.loss(&Rows::new(&one(&x), &one(&y)).unwrap()).unwrap();
    }
    assert!((together - apart / 9.0).abs() < 1e-13, "{together} {}", apart / 9.0);
}

#[test]
fn one_example_is_x_transposed_times_w() {
    let value = |text: &str, declarations: &str| {
        let sizes = chainrule::Sizes::from([("m".into(), 1), ("n".into(), 3)]);
        let request = chainrule::Request {
            text,
            declarations,
            values: &["f"],
            data: &["X", "w"],
            sizes: &sizes,
            ..chainrule::Request::default()
        };
        let plan = chainrule::compile(&request, &Library::standard()).unwrap();
        chainrule::evaluate(&plan, &[&[1.0, 2.0, 3.0], &[0.5, -1.0, 0.25]], &[], &[], 1).unwrap()
    };
    assert_eq!(value("sigmoid(X'*w)", "X: n, w: n"), value("sigmoid(X*w)", "X: m x n, w: n"));
}

#[test]
fn gradient_descent_moves_against_the_gradient() {
    let network = Network {
        inputs: 3,
        layers: layers(&[(4, "tanh"), (1, "identity")]),
        bias: true,
        loss: String::from("mse"),
    };
    let mut trainer = Trainer::<f64>::new(&network, &options(1, 0.25), &Library::standard()).unwrap();
    let (x, y) = (matrix(8, 3, 7), matrix(8, 1, 8));
    let before = trainer.parameters().to_vec();
    assert!(before.iter().any(|parameter| *parameter != 0.0), "weights are initialised randomly");
    let gradient = trainer.gradient(&Rows::new(&x, &y).unwrap()).unwrap();
    trainer.step(x.data(), y.data(), 8, 1.0).unwrap();
    for ((after, before), gradient) in trainer.parameters().iter().zip(&before).zip(gradient) {
        assert!((after - (before - 0.25 * gradient)).abs() < 1e-15, "W <- W - rate*df/dW");
    }
}

#[test]
fn a_last_partial_batch_is_weighed_by_its_own_rows() {
    let network =
        Network { inputs: 2, layers: layers(&[(1, "identity")]), bias: true, loss: String::from("mse") };
    let (x, y) = (matrix(5, 2, 9), matrix(5, 1, 10));
    let options = Options { batch_size: Some(3), ..options(1, 0.1) };
    let mut batches = Trainer::<f64>::new(&network, &options, &Library::standard()).unwrap();
    let mut by_hand = Trainer::<f64>::new(&network, &options, &Library::standard()).unwrap();
    let rows = Rows::new(&x, &y).unwrap();
    batches.train(&rows, None, |_| ControlFlow::Continue(())).unwrap();
    let order = Trainer::<f64>::row_order(1, 1, 5);
    for part in [&order[..3], &order[3..]] {
        let (x, y) = (x.select_rows(part).unwrap(), y.select_rows(part).unwrap());
        by_hand.step(x.data(), y.data(), part.len(), 1.0).unwrap();
    }
    assert_eq!(batches.parameters(), by_hand.parameters());
}
