//! The workloads of the benchmarks: the usual small and middling shapes of networks on tables and images.
//!
//! `chainrule bench`, the example `workload` and the scripts of `benches/peers` all read this one table.

use crate::{
    Layer, LearnError, Library, Matrix, Network, Options, Purpose, Random, Rows, TableError, Trainer,
};

/// A network, its training, and how many rows it is trained on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Workload {
    /// Its name.
    pub name: &'static str,
    /// Units from the inputs to the outputs.
    pub units: &'static [usize],
    /// The activation of all layers but the last, which has none.
    pub activation: &'static str,
    /// Rows of a batch.
    pub batch: usize,
    /// Rows of an epoch.
    pub rows: usize,
    /// The optimizer's page.
    pub optimizer: &'static str,
    /// The learning rate, low enough that no number overflows however long it runs.
    pub rate: f64,
}

/// Every workload, from the one with the least arithmetic a step to the one with the most, and one with all rows in a batch.
pub const WORKLOADS: [Workload; 6] = [
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
        rate: 1e-3,
    },
    Workload {
        name: "wide",
        units: &[1024, 2048, 2048, 1],
        activation: "relu",
        batch: 512,
        rows: 2048,
        optimizer: "gradient_descent",
        rate: 1e-4,
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

impl Workload {
    /// The workload of a name.
    pub fn named(name: &str) -> Option<Workload> {
        WORKLOADS.into_iter().find(|work| work.name == name)
    }

    /// Its network, with biases and the loss mse: the sum of squares over the rows' number.
    pub fn network(&self) -> Network {
        let layers = self.units.get(1..).unwrap_or_default();
        let layer = |(index, units): (usize, &usize)| Layer {
            units: *units,
            activation: String::from(if index + 1 == layers.len() { "identity" } else { self.activation }),
        };
        Network {
            inputs: self.units.first().copied().unwrap_or(0),
            layers: layers.iter().enumerate().map(layer).collect(),
            bias: true,
            loss: String::from("mse"),
        }
    }

    /// How it is trained, for so many epochs, by so many threads, or by as many as help.
    pub fn options(&self, epochs: usize, threads: Option<usize>) -> Options {
        Options {
            optimizer: self.optimizer.to_owned(),
            rate: Some(self.rate),
            schedule: String::from("constant"),
            batch_size: Some(self.batch),
            epochs: epochs.into(),
            threads,
            ..Options::default()
        }
    }

    /// Random rows, uniform in [0, 1), the same on every machine.
    ///
    /// # Errors
    /// Never for the workloads of the table.
    pub fn matrices(&self) -> Result<(Matrix, Matrix), TableError> {
        let matrix = |cols: usize, seed: u64| {
            let mut random = Random::new(seed, Purpose::Example, 0);
            Matrix::new(self.rows, cols, (0..self.rows * cols).map(|_| random.uniform()).collect())
        };
        let ends = [self.units.first(), self.units.last()].map(|units| units.copied().unwrap_or(0));
        Ok((matrix(ends[0], 1)?, matrix(ends[1], 2)?))
    }

    /// Additions and multiplications of an epoch's matrix products: forward, and backward to the weights and to every layer's
    /// inputs but the first one's, which nobody asks for.
    pub fn operations(&self) -> f64 {
        let products = |(index, pair): (usize, &[usize])| pair[0] * pair[1] * if index == 0 { 2 } else { 3 };
        2.0 * self.rows as f64 * self.units.windows(2).enumerate().map(products).sum::<usize>() as f64
    }

    /// Its shape in a few words: `8-64-64-1 relu, batch 256, 16384 rows, adam`.
    pub fn summary(&self) -> String {
        let units: Vec<String> = self.units.iter().map(usize::to_string).collect();
        let Workload { activation, batch, rows, optimizer, .. } = self;
        let batch = if batch == rows { String::from("full batch") } else { format!("batch {batch}") };
        format!("{} {activation}, {batch}, {rows} rows, {optimizer}", units.join("-"))
    }

    /// A trainer for it, with the initial weights of seed 0, and its rows.
    ///
    /// # Errors
    /// Never for the workloads of the table.
    pub fn trainer(
        &self,
        epochs: usize,
        threads: Option<usize>,
    ) -> Result<(Trainer<f32>, Rows<f32>), LearnError> {
        let (x, y) = self.matrices()?;
        let trainer = Trainer::new(&self.network(), &self.options(epochs, threads), &Library::standard())?;
        Ok((trainer, Rows::new(&x, &y)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operations_of_an_epoch_are_those_of_its_plan() {
        for work in WORKLOADS {
            let trainer =
                Trainer::<f32>::new(&work.network(), &work.options(1, Some(1)), &Library::standard());
            let (per_row, once) = trainer.unwrap().step_plan().multiply_adds();
            assert_eq!(once, 0, "{}", work.name);
            assert_eq!(2.0 * (per_row * work.rows) as f64, work.operations(), "{}", work.name);
            assert_eq!(Workload::named(work.name), Some(work));
        }
    }
}
