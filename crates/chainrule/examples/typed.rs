//! What is typed costs what is shipped: epochs of networks whose activation and loss are formulas beside the same of the library, by
//! turns; and an epoch of a deep network of sigmoids, whose gradients vanish, beside one of relus.
//!
//! `cargo run --release -p chainrule --example typed`; pin it to a core for steady ratios.

use chainrule::workloads::Workload;
use chainrule::{Layer, Library, Network, Rows, Trainer};
use std::error::Error;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let mut library = Library::standard();
    library.define("typed_gelu(x) = x*(1 + erf(x/sqrt(2)))/2")?;
    library.define("typed_silu(x) = x/(1 + exp(-x))")?;
    library.define("typed_loss(A: m x q, Y: m x q) = norm(A - Y)^2/m")?;
    println!("the ratio of the median times of 15 epochs by turns, 8-64-64-1, batches of 256, adam");
    for (shipped, typed) in [("gelu", "typed_gelu"), ("silu", "typed_silu")] {
        let ratio = ratio(
            network(&[8, 64, 64, 1], typed, "typed_loss"),
            network(&[8, 64, 64, 1], shipped, "mse"),
            &library,
        )?;
        println!("  {typed:10} and typed_loss / {shipped} and mse    {ratio:.3}");
    }
    let deep: Vec<usize> = [8].into_iter().chain([64; 20]).chain([1]).collect();
    let (sigmoid, relu) = (network(&deep, "sigmoid", "mse"), network(&deep, "relu", "mse"));
    let ratio = ratio(sigmoid.clone(), relu.clone(), &library)?;
    let operations = operations(&sigmoid, &library)? / operations(&relu, &library)?;
    println!("20 hidden layers of 64");
    println!("  sigmoid / relu    {ratio:.3}, of {operations:.3} times as many operations");
    Ok(())
}

fn network(units: &[usize], activation: &str, loss: &str) -> Network {
    let layer = |(index, units): (usize, &usize)| Layer {
        units: *units,
        activation: String::from(if index == 0 { "identity" } else { activation }),
    };
    // Counted from the last layer, which has no activation.
    let mut layers: Vec<Layer> = units[1..].iter().rev().enumerate().map(layer).collect();
    layers.reverse();
    Network { inputs: units[0], layers, bias: true, loss: loss.to_owned() }
}

fn trainer(network: &Network, library: &Library) -> Result<Trainer<f32>, Box<dyn Error>> {
    let small = Workload::named("small").ok_or("the workload small is in the table")?;
    Ok(Trainer::new(network, &small.options(1, Some(1)), library)?)
}

/// Multiply-adds twice, and lane operations, of a step.
fn operations(network: &Network, library: &Library) -> Result<f64, Box<dyn Error>> {
    let trainer = trainer(network, library)?;
    let costs = trainer.step_plan().costs(256);
    Ok(costs.iter().map(|cost| (2 * cost.multiply_adds + cost.operations) as f64).sum())
}

fn ratio(a: Network, b: Network, library: &Library) -> Result<f64, Box<dyn Error>> {
    let small = Workload::named("small").ok_or("the workload small is in the table")?;
    let (x, y) = small.matrices()?;
    let rows = Rows::new(&x, &y)?;
    let mut trainers = [trainer(&a, library)?, trainer(&b, library)?];
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..16 {
        for (trainer, times) in trainers.iter_mut().zip(&mut times) {
            let start = Instant::now();
            trainer.train(&rows, None, |_| ControlFlow::Continue(()))?;
            times.push(start.elapsed());
        }
    }
    let median = |times: &mut Vec<Duration>| {
        // The first epoch makes room for all.
        let mut times = times.split_off(1);
        times.sort();
        times[times.len() / 2].as_secs_f64()
    };
    let [a, b] = &mut times;
    Ok(median(a) / median(b))
}
