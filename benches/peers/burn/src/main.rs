//! The workloads in burn: `load key=value ...`, then `epoch` by `epoch`, on standard input; one line of answer for each.
//!
//! What a line means is said in `run.py`. Threads are those of `RAYON_NUM_THREADS`.

use burn::backend::{Autodiff, Flex};
use burn::module::Param;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams, Optimizer, SgdConfig};
use burn::prelude::*;
use burn::tensor::activation;
use std::collections::HashMap;
use std::error::Error;
use std::io::BufRead;
use std::time::Instant;

type B = Autodiff<Flex>;

#[derive(Module, Debug)]
struct Net<B: Backend> {
    layers: Vec<Linear<B>>,
}

#[derive(Clone, Copy)]
enum Activation {
    Relu,
    Tanh,
    Sigmoid,
}

impl<B: Backend> Net<B> {
    fn forward(&self, mut x: Tensor<B, 2>, hidden: Activation) -> Tensor<B, 2> {
        for (index, layer) in self.layers.iter().enumerate() {
            x = layer.forward(x);
            if index + 1 < self.layers.len() {
                x = match hidden {
                    Activation::Relu => activation::relu(x),
                    Activation::Tanh => activation::tanh(x),
                    Activation::Sigmoid => activation::sigmoid(x),
                };
            }
        }
        x
    }
}

/// What is measured: an epoch on the rows in a given order, or shuffled where there is more than one batch.
trait Work {
    fn epoch(&mut self, order: &[i32]);
    fn shuffled_epoch(&mut self);
    fn loss(&self) -> f32;
}

struct Training<O> {
    x: Tensor<B, 2>,
    y: Tensor<B, 2>,
    net: Net<B>,
    hidden: Activation,
    batch: usize,
    rate: f64,
    optimizer: O,
    order: Vec<i32>,
    random: u64,
}

impl<O: Optimizer<Net<B>, B>> Work for Training<O> {
    fn epoch(&mut self, order: &[i32]) {
        let device = self.x.device();
        for rows in order.chunks(self.batch) {
            let chosen = Tensor::<B, 1, Int>::from_data(TensorData::new(rows.to_vec(), [rows.len()]), &device);
            self.step(self.x.clone().select(0, chosen.clone()), self.y.clone().select(0, chosen));
        }
    }

    fn shuffled_epoch(&mut self) {
        if self.batch == self.order.len() {
            return self.step(self.x.clone(), self.y.clone());
        }
        self.shuffle();
        let order = std::mem::take(&mut self.order);
        self.epoch(&order);
        self.order = order;
    }

    fn loss(&self) -> f32 {
        let difference = self.net.forward(self.x.clone(), self.hidden) - self.y.clone();
        (difference.clone().mul(difference).sum() / self.order.len() as f32).into_scalar()
    }

}

impl<O: Optimizer<Net<B>, B>> Training<O> {
    fn step(&mut self, x: Tensor<B, 2>, y: Tensor<B, 2>) {
        let rows = x.dims()[0];
        let difference = self.net.forward(x, self.hidden) - y;
        let loss = difference.clone().mul(difference).sum() / rows as f32;
        let gradients = GradientsParams::from_grads(loss.backward(), &self.net);
        self.net = self.optimizer.step(self.rate, self.net.clone(), gradients);
    }

    /// Fisher and Yates, with xorshift64* for the random numbers.
    fn shuffle(&mut self) {
        for last in (1..self.order.len()).rev() {
            self.random ^= self.random >> 12;
            self.random ^= self.random << 25;
            self.random ^= self.random >> 27;
            let drawn = self.random.wrapping_mul(0x2545_f491_4f6c_dd1d);
            let place = (u128::from(drawn) * (last as u128 + 1) >> 64) as usize;
            self.order.swap(last, place);
        }
    }
}

fn load(line: &str) -> Result<(Box<dyn Work>, Vec<i32>), Box<dyn Error>> {
    let keys: HashMap<&str, &str> = line.split_whitespace().filter_map(|part| part.split_once('=')).collect();
    let key = |name: &str| keys.get(name).copied().ok_or(format!("no {name}"));
    let units = key("units")?.split(',').map(str::parse).collect::<Result<Vec<usize>, _>>()?;
    let rows: usize = key("rows")?.parse()?;
    let folder = std::path::Path::new(key("data")?);
    let floats = |name: &str| -> Result<Vec<f32>, Box<dyn Error>> {
        let bytes = std::fs::read(folder.join(name))?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    };
    let order = std::fs::read(folder.join("order.u32"))?;
    let order: Vec<i32> = order.as_chunks::<4>().0.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect();
    let device = Default::default();
    let matrix = |values: Vec<f32>, rows: usize, cols: usize| {
        Tensor::<B, 2>::from_data(TensorData::new(values, [rows, cols]), &device)
    };
    let mut parameters = floats("parameters.f32")?.into_iter();
    let mut layers = Vec::new();
    for pair in units.windows(2) {
        let mut layer = LinearConfig::new(pair[0], pair[1]).init::<B>(&device);
        let weights: Vec<f32> = parameters.by_ref().take(pair[0] * pair[1]).collect();
        let biases: Vec<f32> = parameters.by_ref().take(pair[1]).collect();
        layer.weight = Param::from_tensor(matrix(weights, pair[0], pair[1]));
        layer.bias = Some(Param::from_tensor(matrix(biases, 1, pair[1]).reshape([pair[1]])));
        layers.push(layer);
    }
    let x = matrix(floats("x.f32")?, rows, units[0]);
    let y = matrix(floats("y.f32")?, rows, units[units.len() - 1]);
    let hidden = match key("activation")? {
        "relu" => Activation::Relu,
        "tanh" => Activation::Tanh,
        "sigmoid" => Activation::Sigmoid,
        other => return Err(format!("no activation {other}").into()),
    };
    let (batch, rate) = (key("batch")?.parse()?, key("rate")?.parse()?);
    let (net, rows) = (Net { layers }, (0..rows as i32).collect());
    let work: Box<dyn Work> = match key("optimizer")? {
        "adam" => {
            let optimizer = AdamConfig::new().with_epsilon(1e-8).init();
            Box::new(Training { x, y, net, hidden, batch, rate, optimizer, order: rows, random: 1 })
        }
        "gradient_descent" => {
            let optimizer = SgdConfig::new().init();
            Box::new(Training { x, y, net, hidden, batch, rate, optimizer, order: rows, random: 1 })
        }
        other => return Err(format!("no optimizer {other}").into()),
    };
    Ok((work, order))
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("version burn 0.21.0, flex");
    let mut work: Option<Box<dyn Work>> = None;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if let Some(keys) = line.strip_prefix("load ") {
            let (mut loaded, order) = load(keys)?;
            loaded.epoch(&order);
            println!("loss {}", loaded.loss());
            loaded.shuffled_epoch();
            work = Some(loaded);
        } else if let (Some(work), "epoch") = (&mut work, line.as_str()) {
            let start = Instant::now();
            work.shuffled_epoch();
            println!("seconds {}", start.elapsed().as_secs_f64());
        } else {
            return Err(format!("no command {line}").into());
        }
    }
    Ok(())
}
