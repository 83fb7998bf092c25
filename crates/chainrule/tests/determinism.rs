//! The same seed gives the same bits, whatever is free to be chosen for speed, and the fast path agrees with the reference.

use chainrule::{
    Description, Epochs, Layer, Library, Matrix, Model, Network, Options, Precision, Purpose, Random, Rows,
    Scales, Trainer,
};
use engine::{Arguments, Element, Engine};
use plan::{Instruction, Plan};
use std::ops::ControlFlow;

const ROWS: usize = 203;

fn matrix(rows: usize, cols: usize, stream: u64) -> Matrix {
    let mut random = Random::new(3, Purpose::Example, stream);
    Matrix::new(rows, cols, (0..rows * cols).map(|_| random.normal()).collect()).unwrap()
}

fn network(activations: &[(usize, &str)]) -> Network {
    let layer = |&(units, activation): &(usize, &str)| Layer { units, activation: activation.to_owned() };
    Network {
        inputs: 6,
        layers: activations.iter().map(layer).collect(),
        bias: true,
        loss: String::from("mse"),
    }
}

fn three_layers() -> Network {
    network(&[(33, "silu"), (17, "tanh"), (2, "identity")])
}

fn options(seed: u64) -> Options {
    Options {
        optimizer: String::from("adam"),
        rate: Some(0.001),
        schedule: String::from("cosine"),
        batch_size: Some(32),
        epochs: Epochs::Fixed(5),
        seed,
        ..Options::default()
    }
}

fn trained<T: Element>(seed: u64) -> Vec<T> {
    let mut trainer = Trainer::<T>::new(&three_layers(), &options(seed), &Library::standard()).unwrap();
    let rows = Rows::new(&matrix(ROWS, 6, 0), &matrix(ROWS, 2, 1)).unwrap();
    let validation = Rows::new(&matrix(50, 6, 2), &matrix(50, 2, 3)).unwrap();
    trainer.train(&rows, Some(&validation), |_| ControlFlow::Continue(())).unwrap();
    trainer.parameters().to_vec()
}

/// The bytes of the file of a model of [`three_layers`].
fn file<T: Element>(parameters: &[T], precision: Precision, seed: u64) -> Vec<u8> {
    let network = three_layers();
    let unscaled = |columns| Scales { offset: vec![0.0; columns], factor: vec![1.0; columns] };
    let description = Description {
        schema: 2,
        inputs: (1..=6).map(|column| format!("x{column}")).collect(),
        targets: (1..=2).map(|column| format!("y{column}")).collect(),
        layers: network.layers.into_iter().map(|layer| (layer.units, layer.activation)).collect(),
        bias: network.bias,
        loss: network.loss,
        definitions: Vec::new(),
        input_scaling: unscaled(6),

        meaning: None,
        target_scaling: unscaled(2),
        precision,
        seed,
    };
    let parameters = parameters.iter().map(|parameter| parameter.to_f64()).collect();
    Model::new(description, parameters).unwrap().to_bytes().unwrap()
}

fn check_seeds<T: Element>(precision: Precision) {
    let bits = |parameters: &[T]| -> Vec<u64> {
        parameters.iter().map(|parameter| parameter.to_f64().to_bits()).collect()
    };
    let (once, again, other) = (trained::<T>(11), trained::<T>(11), trained::<T>(12));
    assert_eq!(bits(&once), bits(&again));
    assert_ne!(bits(&once), bits(&other));
    // The seed in the description is held fixed, so that only the parameters can tell the files apart.
    assert_eq!(file(&once, precision, 0), file(&again, precision, 0));
    assert_ne!(file(&once, precision, 0), file(&other, precision, 0));
}

#[test]
fn the_same_seed_gives_the_same_bits_in_single_precision() {
    check_seeds::<f32>(Precision::F32);
}

#[test]
fn the_same_seed_gives_the_same_bits_in_double_precision() {
    check_seeds::<f64>(Precision::F64);
}

/// A training run on the reference engine: the trainer's plans, run plainly.
struct Reference<'a> {
    step: &'a Plan,
    update: &'a Plan,
    parameters: Vec<f64>,
    states: Vec<Vec<f64>>,
    /// The loss, then the gradient.
    results: Vec<f64>,
    steps: f64,
}

impl<'a> Reference<'a> {
    fn new(trainer: &'a Trainer<f64>) -> Reference<'a> {
        let parameters = trainer.parameters().to_vec();
        let (step, update) = (trainer.step_plan(), trainer.update_plan());
        // Both states of Adam start at 0.
        let states = vec![vec![0.0; parameters.len()]; update.updated.len() - 1];
        Reference { step, update, states, results: vec![0.0; 1 + parameters.len()], parameters, steps: 0.0 }
    }

    fn step(&mut self, x: &Matrix, y: &Matrix, rate: f64) {
        let arguments = Arguments {
            rows: x.rows(),
            data: &[x.data(), y.data()],
            parameters: &self.parameters,
            results: &mut self.results,
            ..Arguments::default()
        };
        engine::run_reference(self.step, arguments).unwrap();
        self.steps += 1.0;
        let rows = self.parameters.len();
        let mut updated: Vec<&mut [f64]> =
            [&mut self.parameters].into_iter().chain(&mut self.states).map(Vec::as_mut_slice).collect();
        let arguments = Arguments {
            rows,
            data: &[&self.results[1..]],
            updated: &mut updated,
            scalars: &[self.steps, rate],
            ..Arguments::default()
        };
        engine::run_reference(self.update, arguments).unwrap();
    }
}

/// The largest difference by the largest entry wanted.
fn difference(found: &[f64], want: &[f64]) -> f64 {
    let size = want.iter().fold(0.0_f64, |size, entry| size.max(entry.abs()));
    found.iter().zip(want).fold(0.0_f64, |worst, (a, b)| worst.max((a - b).abs())) / size
}

#[test]
fn the_fast_path_matches_the_reference() {
    let (x, y) = (matrix(ROWS, 6, 0), matrix(ROWS, 2, 1));
    let create = || Trainer::<f64>::new(&three_layers(), &options(4), &Library::standard()).unwrap();
    let (mut trainer, plans) = (create(), create());
    let mut reference = Reference::new(&plans);
    let mut losses = (Vec::new(), Vec::new());
    let mut of_a_step = 0.0_f64;
    for epoch in 1..=5 {
        for rows in Trainer::<f64>::row_order(4, epoch, ROWS).chunks(32) {
            let (x, y) = (x.select_rows(rows).unwrap(), y.select_rows(rows).unwrap());
            let gradient = trainer.gradient(&Rows::new(&x, &y).unwrap()).unwrap();
            losses.0.push(trainer.step(x.data(), y.data(), rows.len(), 1.0).unwrap());
            reference.step(&x, &y, 0.001);
            losses.1.push(reference.results[0]);
            if losses.0.len() == 1 {
                of_a_step = difference(&losses.0, &losses.1)
                    .max(difference(&gradient, &reference.results[1..]))
                    .max(difference(trainer.parameters(), &reference.parameters));
            }
        }
    }
    let of_losses =
        losses.0.iter().zip(&losses.1).fold(0.0_f64, |worst, (a, b)| worst.max((a - b).abs() / b));
    let of_parameters = difference(trainer.parameters(), &reference.parameters);
    println!("after 1 step: {of_a_step:e} of loss, gradient and parameters");
    println!(
        "after 5 epochs ({} steps): {of_losses:e} of a loss, {of_parameters:e} of the parameters",
        losses.0.len()
    );
    assert!(of_a_step <= 1e-12, "{of_a_step:e}");
    // Rounding grows from step to step, and nothing else may.
    assert!(of_losses <= 1e-9 && of_parameters <= 1e-9, "{of_losses:e} {of_parameters:e}");
}

#[test]
fn a_step_takes_three_products_a_layer_less_one() {
    let mut library = Library::standard();
    library.define("double_swish(x) = x .* sigmoid(2*x)").unwrap();
    for activation in ["relu", "sigmoid", "identity", "double_swish"] {
        for layers in [1, 2, 3, 8] {
            for (outputs, bias) in [(1, true), (1, false), (3, true), (3, false)] {
                let mut activations = vec![(5, activation); layers - 1];
                activations.push((outputs, activation));
                let network = Network { bias, ..network(&activations) };
                let trainer = Trainer::<f64>::new(&network, &options(0), &library).unwrap();
                let is_product = |instruction: &&Instruction| matches!(instruction, Instruction::Product(_));
                let products = trainer.step_plan().instructions.iter().filter(is_product).count();
                assert_eq!(
                    products,
                    3 * layers - 1,
                    "{layers} layers of {activation}\n{}",
                    trainer.step_plan()
                );
            }
        }
    }
}

#[test]
fn the_height_of_a_tile_changes_no_bit_of_a_step() {
    let trainer = Trainer::<f64>::new(&three_layers(), &options(0), &Library::standard()).unwrap();
    let (x, y) = (matrix(ROWS, 6, 0), matrix(ROWS, 2, 1));
    let mut want: Option<Vec<u64>> = None;
    for height in [Some(1), Some(8), Some(32), Some(100), Some(ROWS), Some(4096)] {
        let mut plan = trainer.step_plan().clone();
        plan.tiling.as_mut().unwrap().height = height;
        let engine = Engine::<f64>::new(plan).unwrap();
        let mut workspace = engine.workspace(ROWS).unwrap();
        let mut results = vec![0.0; 1 + trainer.parameters().len()];
        let arguments = Arguments {
            rows: ROWS,
            data: &[x.data(), y.data()],
            parameters: trainer.parameters(),
            results: &mut results,
            ..Arguments::default()
        };
        engine.run(&mut workspace, arguments).unwrap();
        let bits: Vec<u64> = results.iter().map(|result| result.to_bits()).collect();
        assert_eq!(want.get_or_insert_with(|| bits.clone()), &bits, "tiles of {height:?} rows");
    }
}

#[test]
fn the_batch_size_changes_no_bit_of_the_loss_over_rows() {
    let rows = Rows::new(&matrix(ROWS, 6, 0), &matrix(ROWS, 2, 1)).unwrap();
    let losses = [Some(1), Some(7), Some(64), Some(1000), None].map(|batch_size| {
        let options = Options { batch_size, ..options(5) };
        let mut trainer = Trainer::<f32>::new(&three_layers(), &options, &Library::standard()).unwrap();
        trainer.loss(&rows).unwrap().to_bits()
    });
    assert!(losses.iter().all(|loss| *loss == losses[0]), "{losses:?}");
}
