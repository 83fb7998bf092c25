//! What checkpoints cost: for each workload the size of one, the seconds to make and to write it, and the time of training with one
//! each minute by the time without.
//!
//! ```sh
//! cargo run --release -p chainrule --example checkpoints
//! ```

use chainrule::workloads::WORKLOADS;
use chainrule::{Checkpoint, Epoch, Identity, Moment, Watch};
use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long each measurement trains, and how many there are of each kind, by turns.
const SPAN: Duration = Duration::from_secs(1);
const TURNS: usize = 9;

/// Looks at the clock as `chainrule train` does, and makes one checkpoint at the end.
struct Keeper {
    path: PathBuf,
    start: Instant,
    epochs: usize,
    checkpoint: Option<(usize, f64)>,
}

impl Watch for Keeper {
    fn epoch(&mut self, epoch: &Epoch) -> ControlFlow<()> {
        self.epochs = epoch.number;
        if self.start.elapsed() < SPAN { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn wants_checkpoint(&mut self, moment: Moment) -> bool {
        let is_end = moment == Moment::End;
        let is_late = self.start.elapsed() > Duration::from_secs(60);
        if is_end {
            self.start = Instant::now();
        }
        is_end || is_late
    }

    fn checkpoint(&mut self, checkpoint: Checkpoint) {
        let bytes = checkpoint.to_bytes(&Identity::default(), "").expect("bytes of a checkpoint");
        let written = File::create(&self.path).and_then(|mut file| {
            file.write_all(&bytes)?;
            file.sync_all()
        });
        written.expect("a file among the temporary ones");
        self.checkpoint = Some((bytes.len(), self.start.elapsed().as_secs_f64()));
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("checkpoint-{}.safetensors", std::process::id()));
    println!("{:8} {:>12} {:>10} {:>10} {:>8}", "work", "bytes", "seconds", "epoch, ms", "ratio");
    for work in WORKLOADS {
        let (mut epochs_of_plain, mut ratios) = (Vec::new(), Vec::new());
        let mut checkpoint = (0, 0.0);
        for _ in 0..TURNS {
            let (mut trainer, rows) = work.trainer(1_000_000, None)?;
            let (start, mut epochs) = (Instant::now(), 0);
            trainer.train(&rows, None, |epoch| {
                epochs = epoch.number;
                if start.elapsed() < SPAN { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            let plain = start.elapsed().as_secs_f64() / epochs as f64;
            let (mut trainer, rows) = work.trainer(1_000_000, None)?;
            let start = Instant::now();
            let mut keeper = Keeper { path: path.clone(), start, epochs: 0, checkpoint: None };
            trainer.train_watched(&rows, None, &mut keeper)?;
            let made = keeper.checkpoint.unwrap_or_default();
            let kept = (start.elapsed().as_secs_f64() - made.1) / keeper.epochs as f64;
            epochs_of_plain.push(plain);
            ratios.push(kept / plain);
            checkpoint = made;
        }
        let plain = median(epochs_of_plain);
        let ratio = median(ratios) * (1.0 + checkpoint.1 / 60.0);
        let (bytes, seconds) = checkpoint;
        println!("{:8} {bytes:12} {seconds:10.4} {:10.3} {ratio:8.4}", work.name, plain * 1e3);
    }
    Ok(std::fs::remove_file(path)?)
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
