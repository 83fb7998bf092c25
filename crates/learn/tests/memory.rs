//! What a checkpoint takes: one copy of what it holds, written piece by piece.
#![cfg(target_os = "linux")]

use chainrule_learn::{
    Checkpoint, Epoch, Epochs, Identity, Layer, Moment, Network, Options, Rows, Trainer, Watch,
};
use compiler::Library;
use std::io::{self, Write};
use std::ops::ControlFlow;
use table::Matrix;

/// Writes each checkpoint to nowhere.
struct Keeper {
    wants: bool,
    bytes: usize,
}

/// Counts what is written.
struct Count<'a>(&'a mut usize);

impl Write for Count<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        *self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Watch for Keeper {
    fn epoch(&mut self, _: &Epoch) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn wants_checkpoint(&mut self, _: Moment) -> bool {
        self.wants
    }

    fn checkpoint(&mut self, checkpoint: Checkpoint) {
        self.bytes = 0;
        checkpoint.write_to(&Identity::default(), "", &mut Count(&mut self.bytes)).unwrap();
    }
}

/// The most memory that this process has had, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

#[test]
fn a_checkpoint_takes_one_copy_of_what_it_holds() {
    let layer = |units, activation: &str| Layer { units, activation: activation.to_owned() };
    let layers = vec![layer(1500, "tanh"), layer(1500, "tanh"), layer(1, "identity")];
    let network = Network { inputs: 2, layers, bias: true, loss: String::from("mse") };
    let options = Options {
        optimizer: String::from("adam"),
        schedule: String::from("constant"),
        batch_size: Some(2),
        epochs: Epochs::Fixed(1),
        seed: 1,
        threads: Some(1),
        ..Options::default()
    };
    let matrix = |cols: usize| Matrix::new(4, cols, (0..4 * cols).map(|at| at as f64).collect()).unwrap();
    let rows = Rows::<f32>::new(&matrix(2), &matrix(1)).unwrap();
    let mut trainer = Trainer::<f32>::new(&network, &options, &Library::standard()).unwrap();
    let mut keeper = Keeper { wants: false, bytes: 0 };
    trainer.train_watched(&rows, None, &mut keeper).unwrap();
    let before = peak();
    keeper.wants = true;
    trainer.train_watched(&rows, None, &mut keeper).unwrap();
    let (more, own) = (peak() - before, 16 * network.parameter_count());
    assert!(keeper.bytes >= own && keeper.bytes < own + 100_000, "{} and {own}", keeper.bytes);
    assert!(more < own + own / 4, "{more} bytes for a checkpoint of {own}");
}
