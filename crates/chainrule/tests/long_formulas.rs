//! Long formulas: networks of many layers are derived and simplified in time that grows with their length, and formulas of ten
//! thousand nodes overflow no stack.

use calculus::{Laws, differentiate, simplify, tidy};
use chainrule::{Library, Question, derive};
use std::time::{Duration, Instant};

/// A network of so many layers, line by line, and its squared loss.
fn network(layers: usize) -> String {
    let mut text = String::from("X: m x n\nY: m x n\n");
    for layer in 1..=layers {
        text.push_str(&format!("W{layer}: n x n\n"));
    }
    for layer in 1..=layers {
        let before = if layer == 1 { "X".to_owned() } else { format!("A{}", layer - 1) };
        text.push_str(&format!("A{layer} = tanh({before}*W{layer})\n"));
    }
    text + &format!("norm(A{layers} - Y)^2/m")
}

/// The times to read, to differentiate by every variable, and to simplify every line.
fn times(layers: usize, library: &Library) -> [Duration; 3] {
    let text = network(layers);
    let start = Instant::now();
    let parsed = syntax::parse(text.as_str(), library).unwrap();
    let read = start.elapsed();
    let start = Instant::now();
    let mut derivation = differentiate(&parsed.formula, &[], Laws::standard()).unwrap();
    let derived = start.elapsed();
    assert_eq!(derivation.gradients.len(), layers + 2);
    let start = Instant::now();
    for line in derivation.derivatives.clone() {
        let value = tidy(&mut derivation.formula, line.value);
        simplify(&mut derivation.formula, value);
    }
    [read, derived, start.elapsed()]
}

#[test]
fn the_time_for_a_network_grows_with_its_layers() {
    let library = Library::standard();
    println!("{:>6} {:>12} {:>12} {:>12} {:>12}", "layers", "read", "derived", "simplified", "per layer");
    let mut per_layer = Vec::new();
    for layers in [50, 100, 200, 400] {
        // The best of three, so that a busy machine is not mistaken for a slow program.
        let best = (0..3).map(|_| times(layers, &library)).min_by_key(|times| times.iter().sum::<Duration>());
        let [read, derived, simplified] = best.unwrap();
        let total = read + derived + simplified;
        per_layer.push(total / layers as u32);
        println!(
            "{layers:6} {read:12.1?} {derived:12.1?} {simplified:12.1?} {:12.1?}",
            total / layers as u32
        );
    }
    assert!(per_layer[3] < 3 * per_layer[0], "eight times the layers take {per_layer:?} each");
    assert!(per_layer[2] * 200 < Duration::from_secs(10), "200 layers take {:?}", per_layer[2] * 200);
}

/// The times to get from text to the plan of a training step, and from there to what runs.
fn planning(layers: usize, library: &Library) -> [Duration; 2] {
    let mut declarations = String::from("X: m x n, Y: m x n");
    let mut text = String::new();
    let mut names = Vec::new();
    for layer in 1..=layers {
        declarations += &format!(", W{layer}: n x n, b{layer}: n");
        let before = if layer == 1 { "X".to_owned() } else { format!("A{}", layer - 1) };
        text += &format!("Z{layer} = {before}*W{layer} + ones(m)*b{layer}'\nA{layer} = tanh(Z{layer})\n");
        names.extend([format!("W{layer}"), format!("b{layer}")]);
    }
    text += &format!("f = mse(A{layers}, Y)");
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let request = compiler::Request {
        text: &text,
        declarations: &declarations,
        values: &["f"],
        gradients: &names,
        data: &["X", "Y"],
        parameters: &names,
        walked: Some("m"),
        sizes: &formula::Sizes::from([(formula::Name::from("n"), 64)]),
        ..compiler::Request::default()
    };
    let start = Instant::now();
    let plan = compiler::compile(&request, library).unwrap();
    let planned = start.elapsed();
    assert_eq!(plan.products(), 3 * layers - 1);
    let start = Instant::now();
    engine::Engine::<f32>::new(plan).unwrap();
    [planned, start.elapsed()]
}

#[test]
fn the_time_to_plan_a_network_grows_with_its_layers() {
    let library = Library::standard();
    println!("{:>6} {:>12} {:>12}", "layers", "planned", "translated");
    let mut per_layer = Vec::new();
    for layers in [50, 100, 200, 400] {
        let best =
            (0..3).map(|_| planning(layers, &library)).min_by_key(|times| times.iter().sum::<Duration>());
        let [planned, translated] = best.unwrap();
        per_layer.push((planned + translated) / layers as u32);
        println!("{layers:6} {planned:12.1?} {translated:12.1?}");
    }
    assert!(per_layer[3] < 12 * per_layer[0], "eight times the layers take {per_layer:?} each");
    assert!(per_layer[1] * 100 < Duration::from_secs(5), "100 layers take {:?}", per_layer[1] * 100);
}

/// The whole answer: closed forms by every variable as well, each as long as the network before its layer.
#[test]
fn a_network_of_many_layers_is_answered() {
    for layers in [25, 50, 100] {
        let text = network(layers);
        let start = Instant::now();
        let question = Question { formula: &text, wrt: &["W1"], points: 1, ..Question::default() };
        let answer = derive(&question, &Library::standard()).unwrap();
        println!("{layers:6} layers by the first weights, closed form and check: {:.1?}", start.elapsed());
        assert!(answer.check.passed);
    }
}

/// Sums, signs and transposes ten thousand deep or long; products and functions, which have a derivative for each, shorter.
#[test]
fn ten_thousand_nodes_overflow_no_stack() {
    let library = Library::standard();
    let many = 10_000;
    let lets = |step: &str| {
        let lines: String = (1..=2000)
            .map(|at| format!("z{at} = {}\n", step.replace('#', &format!("z{}", at - 1))))
            .collect();
        format!("x: n\nz0 = x\n{lines}sum(z2000)")
    };
    let texts = [
        format!("sum({})", vec!["x"; many].join(" + ")),
        format!("sum({})", vec!["x"; many / 10].join(" .* ")),
        format!("x'*{}*x", vec!["A"; many / 5].join("*")),
        format!("sum(x{})", "'".repeat(many)),
        format!("sum({}x)", "-".repeat(many)),
        lets("tanh(#)"),
    ];
    for text in texts {
        let start = Instant::now();
        let shown: String = text.chars().take(40).collect();
        let declared = if text.starts_with("x: n") { "" } else { "x: n, A: n x n" };
        let source = syntax::Source { text: &text, declarations: declared };
        // A text may be refused for its depth, with a message; what is read is derived and simplified.
        let parsed = match syntax::parse(source, &library) {
            Ok(parsed) => parsed,
            Err(error) => {
                println!("{shown:?}: {error}");
                continue;
            }
        };
        let mut derivation = differentiate(&parsed.formula, &["x".into()], Laws::standard()).unwrap();
        let gradient = derivation.gradients[0].value;
        let simplest = simplify(&mut derivation.formula, gradient);
        let length = notation::text(&derivation.formula, simplest).map_or(0, |text| text.len());
        println!(
            "{shown:?}: {} nodes, {length} characters, {:.1?}",
            derivation.formula.len(),
            start.elapsed()
        );
    }
}
