//! Times an epoch of training on random data: `workload NAME [SECONDS]`, NAME one of the shapes below.
//!
//! The shapes are the usual small and middling ones of networks on tables and images, so that the same epoch can be timed in
//! other systems beside it: every epoch shuffles the rows and visits each once.

use chainrule::{Layer, Library, Network, Options, Rows, Trainer};
use std::time::Instant;

struct Workload {
    name: &'static str,
    units: &'static [usize],
    activation: &'static str,
    batch: usize,
    rows: usize,
    optimizer: &'static str,
    rate: f64,
}

const WORKLOADS: [Workload; 6] = [
    Workload {
        name: "tiny",
        units: &[8, 16, 1],
        activation: "sigmoid",
        batch: 32,
        rows: 16384,
        optimizer: "gradient_descent",
        rate: 1e-2,
    },
    Workload {
        name: "small",
        units: &[8, 64, 64, 1],
        activation: "relu",
        batch: 256,
        rows: 16384,
        optimizer: "adam",
        rate: 1e-3,
    },
    Workload {
        name: "medium",
        units: &[784, 128, 64, 10],
        activation: "relu",
        batch: 128,
        rows: 12800,
        optimizer: "gradient_descent",
        rate: 1e-2,
    },
    Workload {
        name: "large",
        units: &[784, 512, 512, 10],
        activation: "relu",
        batch: 128,
        rows: 6400,
        optimizer: "gradient_descent",
        rate: 1e-2,
    },
    Workload {
        name: "wide",
        units: &[1024, 2048, 2048, 1],
        activation: "relu",
        batch: 512,
        rows: 2048,
        optimizer: "gradient_descent",
        rate: 1e-2,
    },
    Workload {
        name: "full",
        units: &[8, 64, 64, 1],
        activation: "tanh",
        batch: 16384,
        rows: 16384,
        optimizer: "gradient_descent",
        rate: 1e-2,
    },
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| String::from("small"));
    let seconds: f64 = arguments.next().map_or(Ok(3.0), |text| text.parse())?;
    let names = WORKLOADS.map(|work| work.name).join(", ");
    let work = WORKLOADS
        .iter()
        .find(|work| work.name == name)
        .ok_or(format!("no workload {name}; there are {names}"))?;
    let (inputs, outputs) = (work.units[0], work.units[work.units.len() - 1]);
    let layer = |(index, units): (usize, &usize)| {
        let last = index + 2 == work.units.len();
        Layer { units: *units, activation: String::from(if last { "identity" } else { work.activation }) }
    };
    let network = Network {
        inputs,
        layers: work.units[1..].iter().enumerate().map(layer).collect(),
        bias: true,
        loss: String::from("mse"),
    };
    let options = Options {
        optimizer: work.optimizer.to_owned(),
        rate: Some(work.rate),
        schedule: String::from("constant"),
        batch_size: Some(work.batch),
        epochs: 1,
        seed: 0,
    };
    let mut trainer = Trainer::<f32>::new(&network, &options, &Library::standard())?;
    let rows = Rows::new(&random(work.rows, inputs, 1)?, &random(work.rows, outputs, 2)?)?;
    trainer.train(&rows, None, |_| std::ops::ControlFlow::Continue(()))?;
    let (start, mut times) = (Instant::now(), Vec::new());
    while times.len() < 3 || start.elapsed().as_secs_f64() < seconds {
        let before = Instant::now();
        trainer.train(&rows, None, |_| std::ops::ControlFlow::Continue(()))?;
        times.push(before.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    let median = times[times.len() / 2];
    let products = |(index, pair): (usize, &[usize])| pair[0] * pair[1] * if index == 0 { 2 } else { 3 };
    let operations = 2 * work.rows * work.units.windows(2).enumerate().map(products).sum::<usize>();
    println!(
        "{name:8} chainrule th=1 epoch {:9.2} ms  {:9.1} krows/s  {:8.1} GFLOP/s",
        median * 1e3,
        work.rows as f64 / median / 1e3,
        operations as f64 / median / 1e9
    );
    Ok(())
}

fn random(rows: usize, cols: usize, seed: u64) -> Result<chainrule::Matrix, chainrule::TableError> {
    let mut random = chainrule::Random::new(seed, chainrule::Purpose::Example, 0);
    chainrule::Matrix::new(rows, cols, (0..rows * cols).map(|_| random.uniform()).collect())
}
