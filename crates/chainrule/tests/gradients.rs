//! The compiled gradient of every loss with every activation, against fourth-order central differences in double precision.

use chainrule::{
    Epochs, Kind, Layer, Library, Matrix, Name, Network, Options, Purpose, Random, Request, Rows, Sizes,
    Trainer, compile, evaluate,
};

/// The step of the difference quotients.
const STEP: f64 = 1e-3;
/// The largest error that passes, by the largest quotient (by 1 where all are smaller).
const TOLERANCE: f64 = 1e-7;
/// How often a point may be drawn again because it lies near a kink or outside a domain.
const REDRAWS: u64 = 50;

struct Judged {
    error: f64,
    redrawn: u64,
}

/// The error of the gradient at the first point that is no kink.
fn judge(network: &Network, library: &Library) -> Option<Judged> {
    let options = Options {
        optimizer: String::from("gradient_descent"),
        rate: Some(1e-300),
        schedule: String::from("constant"),
        batch_size: None,
        epochs: Epochs::Fixed(1),
        ..Options::default()
    };
    let mut trainer = Trainer::<f64>::new(network, &options, library).unwrap();
    for redrawn in 0..REDRAWS {
        let mut random = Random::new(redrawn, Purpose::Check, 0);
        let mut matrix = |rows: usize, cols: usize| {
            Matrix::new(rows, cols, (0..rows * cols).map(|_| random.normal()).collect()).unwrap()
        };
        let (x, y) = (matrix(5, network.inputs), matrix(5, network.outputs()));
        let parameters =
            matrix(1, network.parameter_count()).data().iter().map(|entry| entry / 2.0).collect::<Vec<_>>();
        trainer.parameters_mut().copy_from_slice(&parameters);
        let rows = Rows::new(&x, &y).unwrap();
        let loss = trainer.loss(&rows).unwrap();
        let gradient = trainer.gradient(&rows).unwrap();
        if !loss.is_finite() || gradient.iter().any(|entry| !entry.is_finite()) {
            continue;
        }
        let mut quotient = |at: usize, step: f64| {
            let mut value = |offset: f64| {
                trainer.parameters_mut()[at] = parameters[at] + offset;
                let value = trainer.loss(&rows).unwrap();
                trainer.parameters_mut()[at] = parameters[at];
                value
            };
            (8.0 * (value(step) - value(-step)) - (value(2.0 * step) - value(-2.0 * step))) / (12.0 * step)
        };
        let coarse: Vec<f64> = (0..gradient.len()).map(|at| quotient(at, STEP)).collect();
        let fine: Vec<f64> = (0..gradient.len()).map(|at| quotient(at, STEP / 4.0)).collect();
        let size = fine.iter().fold(1.0_f64, |size, entry| size.max(entry.abs()));
        let apart = |a: &[f64], b: &[f64]| {
            a.iter().zip(b).fold(0.0_f64, |worst, (a, b)| worst.max((a - b).abs())) / size
        };
        // Quotients of two steps differ only where a kink lies between them, whatever the gradient says.
        if fine.iter().all(|entry| entry.is_finite()) && apart(&coarse, &fine) < 1e-6 {
            return Some(Judged { error: apart(&gradient, &fine), redrawn });
        }
    }
    None
}

#[test]
fn every_loss_with_every_activation_matches_differences() {
    let library = Library::standard();
    let activations = library.names(Kind::Function);
    let (mut combinations, mut redrawn, mut worst) = (0, 0, (0.0, String::new()));
    let mut undefined: Vec<String> = Vec::new();
    let losses = library.names(Kind::Loss);
    for loss in &losses {
        for activation in &activations {
            // Functions of several arguments are no activations.
            if library.clone().anonymous_function(activation, "activation").is_err() {
                continue;
            }
            for depth in 1..=4 {
                let layer = |units| Layer { units, activation: activation.to_string() };
                let mut layers: Vec<Layer> = [3, 4, 3].into_iter().take(depth - 1).map(layer).collect();
                layers.push(layer(2));
                let network = Network { inputs: 3, layers, bias: true, loss: loss.to_string() };
                match judge(&network, &library) {
                    Some(judged) => {
                        combinations += 1;
                        redrawn += judged.redrawn;
                        let what = format!("{loss} with {activation}, {depth} layers");
                        assert!(judged.error < TOLERANCE, "{what}: {:e}", judged.error);
                        if judged.error > worst.0 {
                            worst = (judged.error, what);
                        }
                    }
                    None => undefined.push(format!("{loss} with {activation}, {depth} layers")),
                }
            }
        }
    }
    println!(
        "{combinations} combinations, {redrawn} points drawn again, largest error {:e} ({})",
        worst.0, worst.1
    );
    println!("not defined at any point drawn: {undefined:?}");
    // A function that is not defined, or beyond all bounds, on a part of the line has no gradient at most points of a network.
    for what in &undefined {
        let activation = what.split(" with ").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or("");
        assert!(is_partial(activation, &library), "{what}");
    }
    assert!(combinations >= losses.len() * 8 * 4, "{combinations}");
}

#[test]
fn losses_of_several_targets_match_differences() {
    let mut library = Library::standard();
    for loss in library.names(Kind::Loss) {
        let sum = format!("{loss}(cols(A, 1, 3), cols(Y, 1, 3)) + {loss}(cols(A, 4, 5), cols(Y, 4, 5))");
        let both = library.anonymous_loss(&sum, "both").unwrap().to_string();
        for activation in ["identity", "softplus"] {
            let layer = |units| Layer { units, activation: activation.to_owned() };
            let network =
                Network { inputs: 3, layers: vec![layer(4), layer(5)], bias: true, loss: both.clone() };
            let judged = judge(&network, &library);
            let error = judged.unwrap_or_else(|| panic!("{loss} with {activation} has no value")).error;
            assert!(error < TOLERANCE, "{loss} with {activation}: {error:e}");
        }
    }
}

/// Whether a function is not finite, or grows past 1e3, somewhere on [-10, 10].
fn is_partial(function: &str, library: &Library) -> bool {
    let grid: Vec<f64> = (0..=2000).map(|at| f64::from(at - 1000) / 100.0 + 1e-3).collect();
    let request = Request {
        text: &format!("y = {function}(z)\nf = ones(k)'*y"),
        declarations: "z: k",
        values: &["y"],
        data: &["z"],
        sizes: &Sizes::from([(Name::from("k"), grid.len())]),
        ..Request::default()
    };
    let values = evaluate(&compile(&request, library).unwrap(), &[&grid], &[], &[], 1).unwrap();
    values.iter().any(|value| !value.is_finite() || value.abs() > 1e3)
}
