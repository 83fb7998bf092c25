//! Trains a network on `data/sine.csv`, with an activation of its own, and stops once the validation loss is small.

use chainrule::{
    Dataset, Epochs, Layer, Library, Network, Options, Purpose, Random, Rows, Scaling, ScalingKind, Table,
    Trainer,
};
use std::error::Error;
use std::ops::ControlFlow;

fn main() -> Result<(), Box<dyn Error>> {
    let table = Table::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/sine.csv"))?;
    let data = Dataset::new(&table, &["y"], &[] as &[&str])?;
    let order = Random::new(0, Purpose::Split, 0).permutation(data.rows());
    let (train, validation) = order.split_at(data.rows() * 4 / 5);
    let x = Scaling::fit(ScalingKind::Standard, &data.x, train)?.apply(&data.x)?;
    let train = Rows::new(&x.select_rows(train)?, &data.y.select_rows(train)?)?;
    let validation = Rows::new(&x.select_rows(validation)?, &data.y.select_rows(validation)?)?;

    let mut library = Library::standard();
    library.define("double_swish(x) = x .* sigmoid(2*x)")?;
    let layer = |units, activation: &str| Layer { units, activation: activation.to_owned() };
    let layers = vec![layer(32, "tanh"), layer(32, "double_swish"), layer(1, "identity")];
    let network = Network { inputs: 1, layers, bias: true, loss: String::from("mse") };
    let options = Options {
        optimizer: String::from("adam(rate = 0.01)"),
        schedule: String::from("constant"),
        batch_size: Some(16),
        epochs: Epochs::Fixed(500),
        ..Options::default()
    };
    let mut trainer = Trainer::<f32>::new(&network, &options, &library)?;
    let outcome = trainer.train(&train, Some(&validation), |epoch| {
        let loss = epoch.validation_loss.unwrap_or(f64::INFINITY);
        if epoch.number % 10 == 0 {
            println!("epoch {:3}: loss {:.4}, on validation rows {loss:.4}", epoch.number, epoch.train_loss);
        }
        if loss < 0.015 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    println!("{:?} after {} epochs; kept epoch {}", outcome.end, outcome.epochs.len(), outcome.best_epoch);
    Ok(())
}
