//! Checkpoints of a run: when one is due, where it lies, and which is the newest.

use super::Failure;
use super::progress::{Progress, loss_text};
use super::report::rounded;
use super::resume::Begun;
use super::run_folder::{SLOTS, Seen};
use learn::{Checkpoint, Epoch, Fault, Halved, Identity, LearnError, Moment, Watch};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use table::Output;

/// How often a checkpoint is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// Whenever so much time has passed since the last.
    Time(Duration),
    /// After so many epochs.
    Epochs(usize),
    /// After so many updates.
    Steps(u64),
    /// Never, and the run cannot go on.
    Never,
}

/// Every minute, in runs that are longer than that.
impl Default for Every {
    fn default() -> Every {
        Every::Time(Duration::from_secs(60))
    }
}

impl std::str::FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Every, String> {
        const FORMS: &str = "a time such as 30s, 10m or 2h, a number of epochs such as 5epochs, of steps such as 500steps, or none";
        let wrong = |what: String| Err(format!("{what}: expected {FORMS}"));
        if text == "none" {
            return Ok(Every::Never);
        }
        let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let digits = &text[..text.len() - unit.len()];
        if digits.is_empty() {
            return wrong(format!("`{text}` does not begin with a whole number"));
        }
        let Ok(number) = digits.parse::<u32>() else {
            return wrong(format!("{digits} is more than {}, the largest number here", u32::MAX));
        };
        let seconds = |each: u64| Every::Time(Duration::from_secs(u64::from(number) * each));
        match unit {
            _ if unit.starts_with(['.', ',']) => {
                wrong(format!("`{text}` is no whole number, and a smaller unit makes it one"))
            }
            _ if number == 0 => wrong(String::from("0 would be always, and `none` is never")),
            "s" => Ok(seconds(1)),
            "m" => Ok(seconds(60)),
            "h" => Ok(seconds(3600)),
            "epoch" | "epochs" => Ok(Every::Epochs(number as usize)),
            "step" | "steps" => Ok(Every::Steps(u64::from(number))),
            "" => wrong(format!("{number} of what is not said")),
            _ if unit.starts_with(' ') => wrong(format!("there is a blank in `{text}`")),
            _ => wrong(format!("`{unit}` is no unit of time and no count")),
        }
    }
}

/// Who looks on while a run is trained: shows its progress and writes its checkpoints.
pub struct Keeper<'a> {
    every: Every,
    folder: PathBuf,
    identity: Identity,
    note: String,
    progress: &'a Progress,
    /// Which row of the table each training row is.
    rows: &'a [usize],
    /// Checkpoints that were written; each takes the place of the last but one.
    written: usize,
    /// The model that it starts from.
    starts_from: Option<&'a Path>,
    last: Instant,
    asked: u64,
    /// Where the checkpoint of the end lies, which is a file of the run.
    end: Option<&'static str>,
    is_end: bool,
    has_failed: bool,
    faults: usize,
    halved: Option<f64>,
}

/// Steps from one look at the clock to the next.
const GLANCE: u64 = 16;
/// Faults that are told, each by a line.
const MOST_TOLD: usize = 10;

impl<'a> Keeper<'a> {
    /// Writes checkpoints into this folder, with what the run is and how it was begun.
    pub fn new(
        every: Every,
        folder: &Path,
        identity: Identity,
        begun: &Begun,
        progress: &'a Progress,
        rows: &'a [usize],
        starts_from: Option<&'a Path>,
    ) -> Result<Keeper<'a>, Failure> {
        let note = serde_json::to_string(begun)
            .map_err(|error| Failure::other(format!("the arguments make no text ({error})")))?;
        Ok(Keeper {
            every,
            folder: folder.to_owned(),
            identity,
            note,
            progress,
            rows,
            written: begun.next_slot,
            starts_from,
            last: Instant::now(),
            asked: 0,
            end: None,
            is_end: false,
            has_failed: false,
            faults: 0,
            halved: None,
        })
    }

    /// The name of the checkpoint of the end in the run's folder, where one was made.
    pub fn end(&self) -> Option<&'static str> {
        self.end
    }

    /// The last rate that numbers which were not finite were answered with.
    pub fn halved(&self) -> Option<f64> {
        self.halved
    }

    /// Takes the checkpoint of the end away: nothing was trained from which to go on.
    pub fn forget_end(&mut self) {
        if let Some(slot) = self.end.take() {
            let _ = std::fs::remove_file(self.folder.join(slot));
        }
    }

    fn cannot(&mut self, why: &str) {
        if !std::mem::replace(&mut self.has_failed, true) {
            super::tell(&format!("no checkpoint could be {why}"));
        }
    }
}

impl Watch for Keeper<'_> {
    fn starts(&mut self, validation_loss: Option<f64>) {
        let Some(from) = self.starts_from else { return };
        let loss = match validation_loss {
            Some(loss) => format!("validation {}", loss_text(loss)),
            None => String::from("not judged, for there are no validation rows"),
        };
        super::tell(&format!(
            "epoch 0/{}  {loss}: the model of {}, from which training starts; the optimizer's states begin anew",
            self.progress.epochs(),
            from.display()
        ));
    }

    fn epoch(&mut self, epoch: &Epoch) -> ControlFlow<()> {
        self.progress.show(epoch);
        ControlFlow::Continue(())
    }

    fn wants_checkpoint(&mut self, moment: Moment) -> bool {
        self.is_end = moment == Moment::End;
        let is_due = match (self.every, moment) {
            (Every::Never, _) => false,
            (_, Moment::End) => true,
            (Every::Time(time), _) => {
                // Most steps are shorter than a look at the clock should cost.
                self.asked += 1;
                (self.asked.is_multiple_of(GLANCE) || matches!(moment, Moment::Epoch(..)))
                    && self.last.elapsed() >= time
            }
            (Every::Epochs(epochs), Moment::Epoch(number, _)) => number.is_multiple_of(epochs),
            (Every::Steps(steps), Moment::Step(number) | Moment::Epoch(_, number)) => {
                number.is_multiple_of(steps)
            }
            (Every::Epochs(_), _) => false,
        };
        if is_due {
            self.last = Instant::now();
        }
        is_due
    }

    fn checkpoint(&mut self, checkpoint: Checkpoint) {
        let slot = SLOTS[self.written % SLOTS.len()];
        let path = self.folder.join(slot);
        // A link or a pipe would be written through, or waited for.
        if std::fs::symlink_metadata(&path).is_ok_and(|about| !about.is_file()) {
            let _ = std::fs::remove_file(&path);
        }
        let mut write = |to: &mut dyn Write| checkpoint.write_to(&self.identity, &self.note, to);
        let written = Output::new(path, &[]).and_then(|output| output.write_by(&mut write));
        match written {
            Ok(()) => {
                self.written += 1;
                self.end = self.is_end.then_some(slot);
            }
            Err(error) => self.cannot(&format!("written, and training goes on: {error}")),
        }
    }

    fn no_checkpoint(&mut self, bytes: usize) {
        let size = bytes / 1_000_000;
        self.cannot(&format!(
            "made, and training goes on: memory does not suffice for its {size} million bytes"
        ));
    }

    fn cools(&mut self, from: Halved) {
        self.progress.tell(&format!(
            "none was better since epoch {}: on from there with the rate {}",
            from.epoch,
            rounded(from.rate, 6)
        ));
    }

    fn fault(&mut self, fault: &Fault, halved: Option<Halved>) {
        self.faults += 1;
        self.halved = halved.map(|halved| halved.rate).or(self.halved);
        if self.faults > MOST_TOLD {
            return;
        }
        let done = match halved {
            Some(Halved { rate, epoch: 0 }) => {
                format!("training goes back to the start, and on with the rate {}", rounded(rate, 6))
            }
            Some(Halved { rate, epoch }) => {
                format!(
                    "training goes back to epoch {epoch}, the best, and on with the rate {}",
                    rounded(rate, 6)
                )
            }
            None => String::from("the batch is skipped"),
        };
        let more = if self.faults == MOST_TOLD { "; what follows of this kind is not told" } else { "" };
        super::tell(&format!("{}: {done}{more}", place(fault, self.rows)));
    }
}

/// Where numbers were not finite: `epoch 2, batch 3 (rows 4, 17, ... of the table), Z2 of row 17 is not finite`.
pub fn place(fault: &Fault, training_rows: &[usize]) -> String {
    /// Rows that are named.
    const MOST: usize = 4;
    let in_table = |row: &usize| training_rows.get(*row).unwrap_or(row).to_string();
    let mut rows: Vec<String> = fault.rows.iter().take(MOST).map(in_table).collect();
    if fault.rows.len() > MOST {
        rows.push(format!("... ({} in all)", fault.rows.len()));
    }
    let batch = match fault.batch {
        Some(batch) => format!(", batch {batch} (rows {} of the table, counted from 0)", rows.join(", ")),
        None => String::from(", over the validation rows"),
    };
    let row = fault.row.map_or(String::new(), |row| format!(" of row {}", in_table(&row)));
    // `Z2`: the letter may stand there twice.
    let layer = fault.value.trim_start_matches(['Z', 'A']).parse::<usize>();
    let layer = layer.map_or(String::new(), |layer| format!(" in layer {layer}"));
    format!("epoch {}{batch}: {}{layer}{row} is not finite", fault.epoch, fault.value)
}

/// The newest whole checkpoint among those that a run writes in turns.
pub struct Newest {
    /// Which of [`SLOTS`] it lies in.
    slot: usize,
    /// Its file, as it was before it was read.
    pub file: PathBuf,
    pub seen: Option<Seen>,
    /// What it holds.
    pub read: ReadCheckpoint,
    /// What is said of another that is not used.
    pub broken: Option<String>,
}

/// A checkpoint, what its run is, and how that was begun, as text.
pub type ReadCheckpoint = (Checkpoint, Identity, String);

impl Newest {
    /// Where the next checkpoint goes: it takes the place of the older one.
    pub fn next_slot(&self) -> usize {
        self.slot + 1
    }

    /// That of this folder.
    ///
    /// # Errors
    /// Why none is whole, where there are some.
    pub fn of(folder: &Path) -> Result<Option<Newest>, LearnError> {
        let mut best: Option<Newest> = None;
        let mut broken = None;
        for (slot, name) in SLOTS.iter().enumerate() {
            let path = folder.join(name);
            if std::fs::symlink_metadata(&path).is_err() {
                continue;
            }
            let seen = Seen::of(&path);
            match Checkpoint::load(&path) {
                Ok(read) if best.as_ref().is_none_or(|best| read.0.place() > best.read.0.place()) => {
                    best = Some(Newest { slot, file: path, seen, read, broken: None });
                }
                Ok(_) => {}
                Err(error) => broken = Some((path, error)),
            }
        }
        match (best, broken) {
            (Some(best), Some((path, error))) => {
                let is_older = written_at(&path) <= written_at(&folder.join(SLOTS[best.slot]));
                let broken = match is_older {
                    true => {
                        format!(
                            "the checkpoint before the last is not whole, and the last one is used: {error}"
                        )
                    }
                    false => {
                        format!("the last checkpoint is not whole, so the one before it is used: {error}")
                    }
                };
                Ok(Some(Newest { broken: Some(broken), ..best }))
            }
            (Some(best), None) => Ok(Some(best)),
            (None, Some((_, error))) => Err(error),
            (None, None) => Ok(None),
        }
    }
}

fn written_at(file: &Path) -> Option<SystemTime> {
    std::fs::symlink_metadata(file).and_then(|about| about.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_epochs_and_steps_are_read() {
        let read = |text: &str| text.parse::<Every>().ok();
        assert_eq!(read("30s"), Some(Every::Time(Duration::from_secs(30))));
        assert_eq!(read("10m"), Some(Every::Time(Duration::from_secs(600))));
        assert_eq!(read("2h"), Some(Every::Time(Duration::from_secs(7200))));
        assert_eq!((read("5epochs"), read("1epoch")), (Some(Every::Epochs(5)), Some(Every::Epochs(1))));
        assert_eq!((read("500steps"), read("none")), (Some(Every::Steps(500)), Some(Every::Never)));
        for (wrong, what) in [
            ("", "does not begin"),
            ("5", "5 of what"),
            ("m", "does not begin"),
            ("0m", "0 would be always"),
            ("-1m", "does not begin"),
            ("1.5m", "no whole number"),
            ("0.5s", "no whole number"),
            ("5 epochs", "a blank"),
            ("epochs", "does not begin"),
            ("99999999999s", "more than"),
            ("5w", "`w` is no unit"),
            ("1min", "`min` is no unit"),
            ("1é", "`é` is no unit"),
        ] {
            let error = wrong.parse::<Every>().unwrap_err();
            assert!(error.contains(what) && error.contains("2h"), "{wrong}: {error}");
        }
        assert_eq!(read("1m"), Some(Every::default()));
    }
}
