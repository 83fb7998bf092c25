//! Trains with a checkpoint in a file, stops halfway, and goes on from the file to the same bits as a training that never stopped.

use chainrule::{
    Checkpoint, Columns, Epoch, Epochs, Experiment, Library, Moment, Portions, Run, Settings, Table, Watch,
};
use std::error::Error;
use std::ops::ControlFlow;
use std::path::PathBuf;

/// Writes a checkpoint every ten epochs and at the end, and stops after some epoch.
struct Keeper {
    path: PathBuf,
    stop_after: usize,
    /// What the checkpoint is of, so that it goes on with nothing else.
    identity: chainrule::Identity,
}

impl Watch for Keeper {
    fn epoch(&mut self, epoch: &Epoch) -> ControlFlow<()> {
        if epoch.number < self.stop_after { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn wants_checkpoint(&mut self, moment: Moment) -> bool {
        matches!(moment, Moment::Epoch(number, _) if number.is_multiple_of(10)) || moment == Moment::End
    }

    fn checkpoint(&mut self, checkpoint: Checkpoint) {
        let bytes = checkpoint.to_bytes(&self.identity, "a note of your own");
        // A program would write beside the file and rename, so that no power cut leaves half of one.
        let written = bytes.map(|bytes| std::fs::write(&self.path, bytes));
        println!("after {} epochs: {written:?}", checkpoint.epochs());
    }
}

fn experiment(table: &Table) -> Result<Experiment<'_>, Box<dyn Error>> {
    let mut settings = Settings::default();
    settings.training.epochs = Epochs::Fixed(40);
    let columns = Columns::new(&["y"], &[] as &[&str]);
    Ok(Experiment::new(table, &columns, Portions::default(), settings, Library::standard())?)
}

fn trained(experiment: Experiment, path: &std::path::Path, stop_after: usize) -> Result<Run, Box<dyn Error>> {
    let identity = experiment.identity()?;
    Ok(experiment.run_watched(&mut Keeper { path: path.to_owned(), stop_after, identity })?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let table = Table::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/sine.csv"))?;
    let path = std::env::temp_dir().join(format!("resume-{}.safetensors", std::process::id()));
    let unbroken = trained(experiment(&table)?, &path, 40)?;
    trained(experiment(&table)?, &path, 25)?;

    let (checkpoint, identity, note) = Checkpoint::from_bytes(&std::fs::read(&path)?)?;
    println!("read: {} epochs, {} steps, {note}", checkpoint.epochs(), checkpoint.steps());
    let mut again = experiment(&table)?;
    again.resume(checkpoint, &identity)?;
    let resumed = trained(again, &path, 40)?;
    let parameters = |run: &Run| run.model.as_ref().map(|model| model.parameters().to_vec());
    assert_eq!(parameters(&resumed), parameters(&unbroken));
    println!("best epoch {}, to the same bits", resumed.outcome.best_epoch);
    Ok(std::fs::remove_file(path)?)
}
