//! Loads a model from its file and predicts with it, as a program that embeds Chainrule does.

use chainrule::{
    Description, Epochs, Library, MODEL_FILE, Matrix, Model, Options, Precision, Rows, Scales, Trainer,
};
use std::error::Error;
use std::ops::ControlFlow;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(MODEL_FILE);
    exclusive_or()?.save(&path)?;

    let model = Model::load(&path)?;
    let mut scratch = model.scratch();
    let rows = [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0];
    let predictions = model.predict(&rows, &mut scratch)?;
    for (row, prediction) in rows.chunks_exact(2).zip(predictions) {
        println!("{row:?} -> {prediction:.3}");
    }
    Ok(())
}

/// A small model to load: the exclusive or, learnt from its four rows.
fn exclusive_or() -> Result<Model, Box<dyn Error>> {
    let unscaled = |columns| Scales { offset: vec![0.0; columns], factor: vec![1.0; columns] };
    let description = Description {
        schema: 1,
        inputs: vec![String::from("x1"), String::from("x2")],
        targets: vec![String::from("y")],
        layers: vec![(8, String::from("tanh")), (1, String::from("sigmoid"))],
        bias: true,
        loss: String::from("mse"),
        definitions: Vec::new(),
        input_scaling: unscaled(2),

        meaning: None,
        target_scaling: unscaled(1),
        precision: Precision::F64,
        seed: 0,
    };
    let options = Options {
        optimizer: String::from("adam(rate = 0.05)"),
        schedule: String::from("constant"),
        batch_size: None,
        epochs: Epochs::Fixed(500),
        seed: description.seed,
        ..Options::default()
    };
    let x = Matrix::new(4, 2, vec![0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0])?;
    let y = Matrix::new(4, 1, vec![0.0, 1.0, 1.0, 0.0])?;
    let mut trainer = Trainer::<f64>::new(&description.network(), &options, &Library::standard())?;
    trainer.train(&Rows::new(&x, &y)?, None, |_| ControlFlow::Continue(()))?;
    Ok(Model::new(description, trainer.parameters().to_vec())?)
}
