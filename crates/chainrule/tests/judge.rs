//! An independent judge: NumPy repeats a training run from its initial weights and its order of the rows.

use chainrule::{Epochs, Layer, Library, Matrix, Network, Options, Purpose, Random, Rows, Trainer};
use serde_json::{Value, json};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Rows of the table; with the batch size the last batch of an epoch has 6 of them.
const ROWS: usize = 70;
const BATCH_SIZE: usize = 16;
/// With 5 batches an epoch these are 100 steps.
const EPOCHS: usize = 20;
/// The largest relative difference that passes.
const TOLERANCE: f64 = 1e-10;

#[test]
fn numpy_repeats_a_hundred_steps() {
    let Some(python) = python_with_numpy() else {
        // Past the harness's capture, so that a skip is seen in a run that passes.
        let reason = "no python3 with numpy, and none could be installed; set PYTHON to one";
        let _ = writeln!(std::io::stderr(), "numpy_repeats_a_hundred_steps: skipped: {reason}");
        return;
    };
    let layer = |units, activation: &str| Layer { units, activation: activation.to_owned() };
    let layers = vec![layer(16, "relu"), layer(8, "tanh"), layer(2, "identity")];
    let network = Network { inputs: 5, layers, bias: true, loss: String::from("mse") };
    let options = Options {
        optimizer: String::from("adam"),
        rate: Some(0.001),
        schedule: String::from("constant"),
        batch_size: Some(BATCH_SIZE),
        epochs: Epochs::Fixed(EPOCHS),
        seed: 7,
        ..Options::default()
    };
    let (x, y) = (matrix(ROWS, 5, 0), matrix(ROWS, 2, 1));
    let orders: Vec<Vec<usize>> =
        (1..=EPOCHS).map(|epoch| Trainer::<f64>::row_order(options.seed, epoch, ROWS)).collect();

    let mut trainer = Trainer::<f64>::new(&network, &options, &Library::standard()).unwrap();
    let verdict = judge(&python, &run(&network, trainer.parameters(), &x, &y, &orders));

    // Step by step, the loss of every step; and by the training loop, which must be the same steps.
    let mut losses = Vec::new();
    for rows in orders.iter().flat_map(|order| order.chunks(BATCH_SIZE)) {
        let (x, y) = (x.select_rows(rows).unwrap(), y.select_rows(rows).unwrap());
        losses.push(trainer.step(x.data(), y.data(), rows.len(), 1.0).unwrap());
    }
    let mut loop_trainer = Trainer::<f64>::new(&network, &options, &Library::standard()).unwrap();
    loop_trainer.train(&Rows::new(&x, &y).unwrap(), None, |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(loop_trainer.parameters(), trainer.parameters());

    assert_eq!(losses.len(), 100);
    let of_losses = largest_difference(&losses, &numbers(&verdict["losses"]), f64::abs);
    let want = numbers(&verdict["parameters"]);
    let size = want.iter().fold(0.0_f64, |size, entry| size.max(entry.abs()));
    let of_parameters = largest_difference(trainer.parameters(), &want, |_| size);
    println!("losses from {} to {} in 100 steps", losses[0], losses[99]);
    println!("largest difference from NumPy: {of_losses:e} of a loss, {of_parameters:e} of the parameters");
    assert!(of_losses <= TOLERANCE, "{of_losses:e}");
    assert!(of_parameters <= TOLERANCE, "{of_parameters:e}");
}

fn matrix(rows: usize, cols: usize, stream: u64) -> Matrix {
    let mut random = Random::new(1, Purpose::Example, stream);
    Matrix::new(rows, cols, (0..rows * cols).map(|_| random.normal()).collect()).unwrap()
}

/// What the judge is told: data, orders, and the initial parameters layer by layer.
fn run(network: &Network, parameters: &[f64], x: &Matrix, y: &Matrix, orders: &[Vec<usize>]) -> Value {
    let nested = |matrix: &Matrix| matrix.iter_rows().map(<[f64]>::to_vec).collect::<Vec<_>>();
    let places = network.parameters();
    let entries = |place: usize| &parameters[places[place].range()];
    let layers: Vec<Value> = network
        .layers
        .iter()
        .enumerate()
        .map(|(layer, Layer { units, activation })| {
            let weights: Vec<&[f64]> = entries(2 * layer).chunks_exact(*units).collect();
            json!({ "weights": weights, "bias": entries(2 * layer + 1), "activation": activation })
        })
        .collect();
    json!({ "x": nested(x), "y": nested(y), "orders": orders, "batch_size": BATCH_SIZE, "layers": layers })
}

/// The judge's answer.
fn judge(python: &Path, run: &Value) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a python that has run before");
    // The judge reads all before it prints, and the handle is dropped here, so neither waits for the other.
    child.stdin.take().expect("a pipe").write_all(run.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the judge ended with {}", output.status);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The Python of the variable PYTHON or `python3` where it has NumPy, else one of a virtual environment among the build outputs.
fn python_with_numpy() -> Option<PathBuf> {
    let succeeds = |command: &mut Command| {
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let has_numpy = |python: &Path| succeeds(Command::new(python).args(["-c", "import numpy"]));
    let system = PathBuf::from(std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into()));
    if has_numpy(&system) {
        return Some(system);
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-with-numpy");
    let inside = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let make = || succeeds(Command::new(&system).args(["-m", "venv"]).arg(&folder));
    let install = ["-m", "pip", "install", "--quiet", "--retries", "1", "--timeout", "15", "numpy"];
    let fill = || succeeds(Command::new(&inside).args(install));
    (has_numpy(&inside) || (make() && fill() && has_numpy(&inside))).then_some(inside)
}

fn numbers(values: &Value) -> Vec<f64> {
    values.as_array().expect("a list").iter().map(|value| value.as_f64().expect("a number")).collect()
}

/// The largest difference of two lists, each entry's taken relative to the size of the wanted one.
fn largest_difference(found: &[f64], want: &[f64], size: impl Fn(f64) -> f64) -> f64 {
    assert_eq!(found.len(), want.len());
    found.iter().zip(want).fold(0.0, |worst, (a, b)| worst.max((a - b).abs() / size(*b)))
}
