//! Predictions as a child process of `benches/peers/predict.py`: commands on standard input, a line of answer for each.
//!
//! | command | answer |
//! |---|---|
//! | `load name=NAME rows=N data=FOLDER` | `done`; a model of the workload's network is made, and the folder has its rows and predictions |
//! | `all` | `seconds S` for all rows, from numbers in the table's units to numbers in the target's |
//! | `one` | `seconds S` for one row, the median of many |

use chainrule::workloads::Workload;
use chainrule::{
    Description, Library, Model, Precision, Purpose, Random, Scales, Scratch, initial_parameters,
};
use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

/// How inputs are scaled: `(x - 0.5)/0.25`.
const SCALE: (f64, f64) = (0.5, 0.25);

fn main() -> Result<(), Box<dyn Error>> {
    println!("version Chainrule {}", env!("CARGO_PKG_VERSION"));
    let mut loaded: Option<Loaded> = None;
    for line in std::io::stdin().lines() {
        let line = line?;
        match (line.as_str(), &mut loaded) {
            ("all", Some(loaded)) => println!("seconds {}", loaded.all()?),
            ("one", Some(loaded)) => println!("seconds {}", loaded.one()?),
            (line, _) if line.starts_with("load ") => {
                loaded = Some(load(line)?);
                println!("done");
            }
            _ => return Err(format!("no command `{line}`").into()),
        }
    }
    Ok(())
}

struct Loaded {
    model: Model,
    rows: Vec<f64>,
    scratch: Scratch,
}

impl Loaded {
    fn all(&mut self) -> Result<f64, Box<dyn Error>> {
        let start = Instant::now();
        std::hint::black_box(self.model.predict(&self.rows, &mut self.scratch)?);
        Ok(start.elapsed().as_secs_f64())
    }

    fn one(&mut self) -> Result<f64, Box<dyn Error>> {
        let row = &self.rows[..self.model.description().inputs.len()];
        let mut times = Vec::with_capacity(1001);
        for _ in 0..1001 {
            let start = Instant::now();
            std::hint::black_box(self.model.predict(std::hint::black_box(row), &mut self.scratch)?);
            times.push(start.elapsed().as_secs_f64());
        }
        times.sort_by(f64::total_cmp);
        Ok(times[times.len() / 2])
    }
}

fn load(line: &str) -> Result<Loaded, Box<dyn Error>> {
    let keys: HashMap<&str, &str> = line.split(' ').filter_map(|part| part.split_once('=')).collect();
    let key = |name: &str| keys.get(name).copied().ok_or(format!("no {name} in `{line}`"));
    let work = Workload::named(key("name")?).ok_or("no such workload")?;
    let (count, folder): (usize, _) = (key("rows")?.parse()?, Path::new(key("data")?));
    let network = work.network();
    let (inputs, targets) = (network.inputs, network.outputs());
    let columns =
        |letter: &str, count: usize| (1..=count).map(|column| format!("{letter}{column}")).collect();
    let scales =
        |columns, (offset, factor)| Scales { offset: vec![offset; columns], factor: vec![factor; columns] };
    let library = Library::standard();
    let description = Description {
        schema: 1,
        inputs: columns("x", inputs),
        targets: columns("y", targets),
        layers: network.layers.iter().map(|layer| (layer.units, layer.activation.clone())).collect(),
        bias: network.bias,
        loss: network.loss.clone(),
        definitions: Vec::new(),
        input_scaling: scales(inputs, SCALE),

        meaning: None,
        target_scaling: scales(targets, (0.0, 1.0)),
        precision: Precision::F32,
        seed: 0,
    };
    let parameters = initial_parameters(&network, 0, &library)?;
    let mut random = Random::new(1, Purpose::Example, 0);
    let rows: Vec<f64> = (0..count * inputs).map(|_| f64::from(random.uniform() as f32)).collect();
    let model = Model::new(description, parameters)?;
    let mut scratch = model.scratch();
    let write = |name: &str, values: &[f64]| {
        let bytes: Vec<u8> = values.iter().flat_map(|value| (*value as f32).to_le_bytes()).collect();
        std::fs::write(folder.join(name), bytes)
    };
    write("x.f32", &rows)?;
    write("parameters.f32", model.parameters())?;
    write("predictions.f32", model.predict(&rows, &mut scratch)?)?;
    Ok(Loaded { model, rows, scratch })
}
