//! Checkpoints of a run: when one is due, where it lies, and how a run goes on from the last one.

mod newest;

use self::newest::{Newest, newest, read};
use super::Failure;
use super::arguments::{Arguments, Command, OnNan, Train};
use super::progress::Progress;
use super::run_folder::{self, SLOTS};
use clap::Parser;
use learn::{CHECKPOINT_FILE, Checkpoint, Epoch, Fault, Identity, Moment, Watch};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
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
        let wrong = || {
            String::from(
                "expected a time such as 30s, 10m or 2h, a number of epochs such as 5epochs, of updates such as 500steps, or none",
            )
        };
        if text == "none" {
            return Ok(Every::Never);
        }
        let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let number: u32 = text[..text.len() - unit.len()].parse().map_err(|_| wrong())?;
        let seconds = |each: u64| Every::Time(Duration::from_secs(u64::from(number) * each));
        match unit {
            _ if number == 0 => Err(wrong()),
            "s" => Ok(seconds(1)),
            "m" => Ok(seconds(60)),
            "h" => Ok(seconds(3600)),
            "epoch" | "epochs" => Ok(Every::Epochs(number as usize)),
            "step" | "steps" => Ok(Every::Steps(u64::from(number))),
            _ => Err(wrong()),
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
            written: newest(folder).map_or(0, |newest| newest.slot + 1),
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

    fn fault(&mut self, fault: &Fault, halved: Option<f64>) {
        self.faults += 1;
        self.halved = halved.or(self.halved);
        if self.faults > MOST_TOLD {
            return;
        }
        let done = match halved {
            Some(rate) => {
                format!("training goes back to a better epoch or to the start, and on with the rate {rate:e}")
            }
            None => String::from("the batch is skipped"),
        };
        let more = if self.faults == MOST_TOLD { "; more like this are not told" } else { "" };
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

/// How a run was begun: what it needs to go on, wherever the program is started then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begun {
    /// The folder that paths start from.
    folder: OsString,
    /// What stood after the program's name.
    arguments: Vec<OsString>,
    /// The table, where it was given anew when the run went on.
    table: Option<OsString>,
    epochs: Option<u64>,
    on_nan: Option<OnNan>,
}

/// A run that goes on.
pub struct Resumed {
    /// What it was told, and what it is told now.
    pub train: Train,
    pub begun: Begun,
    pub checkpoint: Checkpoint,
    pub identity: Identity,
}

impl Begun {
    /// By the arguments of this process.
    pub fn now() -> Begun {
        Begun {
            folder: std::env::current_dir().unwrap_or_default().into_os_string(),
            arguments: std::env::args_os().skip(1).collect(),
            table: None,
            epochs: None,
            on_nan: None,
        }
    }

    /// The options of the run.
    fn train(&self) -> Option<Train> {
        let words = std::iter::once(OsString::from("chainrule")).chain(self.arguments.iter().cloned());
        let Ok(Arguments { command: Command::Train(train) }) = Arguments::try_parse_from(words) else {
            return None;
        };
        let mut train = *train;
        train.table = self.table.clone().map(PathBuf::from).or(train.table);
        train.epochs = self.epochs.or(train.epochs);
        train.on_nan = self.on_nan.or(train.on_nan);
        Some(train)
    }
}

/// Finds the last checkpoint of the run of this folder, and what the run was told; what is told now counts more. From here on the
/// process is in the folder in which the run was begun.
///
/// # Errors
/// When there is no run that can go on, or it has nothing left to do.
pub fn resume(run: &Path, now: &Train) -> Result<Resumed, Failure> {
    let shown = run.display();
    let here = std::env::current_dir().unwrap_or_default();
    let run = here.join(run_folder::resolve(run)?);
    let partial = table::beside(&run, "partial");
    let (bytes, ignored, is_done) = match newest(&partial) {
        Some(Newest { bytes, newer, .. }) => (bytes, newer, false),
        None if SLOTS.iter().any(|slot| partial.join(slot).exists()) => {
            return Err(Failure::bad_input(format!(
                "no checkpoint of `{shown}` is whole, so the run cannot go on: train anew with `--overwrite`"
            )));
        }
        None => {
            let file = run.join(CHECKPOINT_FILE);
            let bytes = read(&file).map_err(|reason| {
                Failure::bad_input(format!(
                    "`{shown}` is no run that can go on ({}: {reason}): give the folder of a run, as it was given by `--out`",
                    file.display()
                ))
            })?;
            (bytes, None, true)
        }
    };
    if let Some(ignored) = ignored {
        super::tell(&ignored);
    }
    let (checkpoint, identity, note) = Checkpoint::from_bytes(&bytes)?;
    let unreadable = || {
        Failure::bad_input(format!(
            "the checkpoint of `{shown}` was written by another version, whose options are not known: go on with that one"
        ))
    };
    let mut begun: Begun = serde_json::from_str(&note).map_err(|_| unreadable())?;
    begun.epochs = now.epochs.or(begun.epochs);
    begun.on_nan = now.on_nan.or(begun.on_nan);
    if let Some(table) = &now.table {
        let is_stream = table.as_os_str() == "-";
        begun.table = Some(if is_stream { table.into() } else { here.join(table).into_os_string() });
    }
    let mut train = begun.train().ok_or_else(unreadable)?;
    let epochs = train.epochs();
    if is_done && checkpoint.epochs() as u64 >= epochs {
        return Err(Failure::bad_input(format!(
            "the run of `{shown}` is done, {} of {epochs} epochs: give it more with `--epochs N`",
            checkpoint.epochs()
        )));
    }
    if checkpoint.place() > Checkpoint::place_after(epochs) {
        return Err(Failure::bad_input(format!(
            "the run of `{shown}` has trained beyond {} epochs, so `--epochs {epochs}` would undo some: give a greater number, or \
             leave it out",
            checkpoint.epochs()
        )));
    }
    train.threads = now.threads.or(train.threads);
    train.checkpoint = now.checkpoint.or(train.checkpoint);
    train.json |= now.json;
    train.out = Some(run);
    let folder = Path::new(&begun.folder);
    if folder != here && std::env::set_current_dir(folder).is_err() {
        super::tell(&format!(
            "the folder {} is no longer there, so the paths of the run start from {}",
            folder.display(),
            here.display()
        ));
        begun.folder = here.into_os_string();
    }
    Ok(Resumed { train, begun, checkpoint, identity })
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
        for wrong in ["", "5", "m", "0m", "-1m", "1.5m", "5 epochs", "epochs", "99999999999s", "5w", "1é"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read("1m"), Some(Every::default()));
    }
}
