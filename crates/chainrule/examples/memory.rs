//! The peak of resident memory of an epoch of training, beside the table's own: `memory ROWS UNITS BATCH`, as `memory 4000000 8,64,64,1 full`.
//!
//! Linux only: the peak is `VmHWM`, forgotten by the system before training begins.

use chainrule::{Epochs, Layer, Library, Matrix, Network, Options, Purpose, Random, Rows, Trainer};
use std::error::Error;
use std::ops::ControlFlow;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [rows, units, batch] = &arguments[..] else {
        return Err("usage: memory ROWS UNITS BATCH|full".into());
    };
    let rows: usize = rows.parse()?;
    let batch_size = if batch == "full" { None } else { Some(batch.parse()?) };
    let units = units.split(',').map(str::parse).collect::<Result<Vec<usize>, _>>()?;
    let (Some(inputs), Some(outputs)) = (units.first(), units.last()) else { return Err("no units".into()) };
    let layers = &units[1..];
    let layer = |(index, units): (usize, &usize)| Layer {
        units: *units,
        activation: String::from(if index + 1 == layers.len() { "identity" } else { "tanh" }),
    };
    let network = Network {
        inputs: *inputs,
        layers: layers.iter().enumerate().map(layer).collect(),
        bias: true,
        loss: String::from("mse"),
    };
    let options = Options {
        optimizer: String::from("gradient_descent"),
        rate: Some(1e-4),
        schedule: String::from("constant"),
        batch_size,
        epochs: Epochs::Fixed(1),
        threads: Some(1),
        ..Options::default()
    };
    let table = {
        let matrix = |cols: usize, seed: u64| {
            let mut random = Random::new(seed, Purpose::Example, 0);
            Matrix::new(rows, cols, (0..rows * cols).map(|_| random.uniform()).collect())
        };
        Rows::<f32>::new(&matrix(*inputs, 1)?, &matrix(*outputs, 2)?)?
    };
    // What the table was made from is gone; its own memory stays.
    std::fs::write("/proc/self/clear_refs", "5")?;
    let mut trainer = Trainer::<f32>::new(&network, &options, &Library::standard())?;
    trainer.train(&table, None, |_| ControlFlow::Continue(()))?;
    println!("table {} peak {}", 4 * (table.x().len() + table.y().len()), peak()?);
    Ok(())
}

/// The most resident memory since it was last forgotten, in bytes.
fn peak() -> Result<usize, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kibibytes: usize = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1024)
}
