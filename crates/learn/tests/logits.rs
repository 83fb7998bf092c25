//! Losses of logits where these are far from 0: value and gradient stay finite in single precision, and classes are learnt.

use chainrule_learn::{Layer, Network, Options, Rows, Trainer};
use compiler::Library;
use std::ops::ControlFlow;
use table::Matrix;

/// Logits that are linear in two inputs.
fn trainer(loss: &str, classes: usize) -> Trainer<f32> {
    let layers = vec![Layer { units: classes, activation: String::from("identity") }];
    let network = Network { inputs: 2, layers, bias: true, loss: loss.to_owned() };
    let options = Options {
        optimizer: String::from("adam(rate = 0.1)"),
        schedule: String::from("constant"),
        batch_size: Some(16),
        epochs: chainrule_learn::Epochs::Fixed(60),
        threads: Some(1),
        ..Options::default()
    };
    Trainer::new(&network, &options, &Library::standard()).unwrap()
}

/// Points on a circle, and 1 at the third of it in which each lies.
fn thirds() -> (Matrix, Matrix) {
    let (mut points, mut classes) = (Vec::new(), Vec::new());
    for row in 0..48 {
        let angle = std::f64::consts::TAU * (f64::from(row) + 0.5) / 48.0;
        points.extend([libm::cos(angle), libm::sin(angle)]);
        classes.extend([0, 1, 2].map(|class| f64::from(u8::from(row / 16 == class))));
    }
    (Matrix::new(48, 2, points).unwrap(), Matrix::new(48, 3, classes).unwrap())
}

#[test]
fn losses_of_logits_are_finite_far_out() {
    let (x, y) = thirds();
    let rows = Rows::new(&x, &y).unwrap();
    for loss in ["cross_entropy", "binary_cross_entropy"] {
        let mut trainer = trainer(loss, 3);
        let count = trainer.parameters_mut().len();
        for scale in [1.0, 1e2, 1e4, 1e6] {
            for (at, parameter) in trainer.parameters_mut().iter_mut().enumerate() {
                *parameter = scale * (at as f32 - count as f32 / 2.0);
            }
            let (value, gradient) = (trainer.loss(&rows).unwrap(), trainer.gradient(&rows).unwrap());
            assert!(value.is_finite() && value > 0.0, "{loss} at {scale}: {value}");
            // A row's gradient by its logits has entries between -1 and 1, and inputs are no larger than 1.
            assert!(gradient.iter().all(|entry| entry.abs() <= 1.001), "{loss} at {scale}: {gradient:?}");
            assert!(gradient.iter().any(|entry| entry.abs() > 0.01), "{loss} at {scale}: {gradient:?}");
        }
    }
}

#[test]
fn classes_are_learnt_from_logits() {
    let (x, y) = thirds();
    let rows = Rows::new(&x, &y).unwrap();
    for loss in ["cross_entropy", "binary_cross_entropy"] {
        let mut trainer = trainer(loss, 3);
        let before = trainer.loss(&rows).unwrap();
        trainer.train(&rows, None, |_| ControlFlow::Continue(())).unwrap();
        let after = trainer.loss(&rows).unwrap();
        assert!(after < before / 3.0, "{loss}: {before} before and {after} after");
    }
}
