//! A run's folder: made beside its place before training, written whole, and put in its place in one step, so that nobody ever sees
//! half of it and no training is lost to a folder that cannot be written.

use super::Failure;
use learn::{CHECKPOINT_FILE, MODEL_FILE};
use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use table::beside;

mod contents;
mod moves;
mod place;
mod resolved;
mod seen;

use contents::{first_of, foreign, has_checkpoints, is_marked, is_run, remove_checkpoints, take_away};
pub use contents::{hidden_name, is_part_of_a_run, is_run_of};
use moves::{exchange, free_name};
pub use place::{Checkpointed, Place};
pub use resolved::resolve;
pub use seen::Seen;

/// The file of a run that holds its resolved configuration.
pub const CONFIGURATION: &str = "config.json";
/// What the configuration calls the checksum of what was trained on what.
pub const CHECKSUM_OF_RUN: &str = "checksum_of_run";
/// The file of a run that holds what its model is compared with.
pub const BASELINES: &str = "baselines.json";
/// The file of a run that holds its scores.
pub const SCORES: &str = "scores.json";
/// The file of a run that holds what the table's columns were found to be.
pub const AUDIT: &str = "audit.json";
/// The file of a run that holds its training rows.
pub const TRAINED: &str = "train.txt";
/// The one that holds other rows on which the models before it were trained.
pub const TRAINED_BEFORE: &str = "trained_before.txt";
/// Every file that a run writes: nothing else in its folder is ever replaced.
pub const FILES: [&str; 16] = [
    MODEL_FILE,
    CHECKPOINT_FILE,
    SLOTS[0],
    SLOTS[1],
    CONFIGURATION,
    BASELINES,
    SCORES,
    AUDIT,
    "losses.csv",
    TRAINED,
    TRAINED_BEFORE,
    "validation.txt",
    "test.txt",
    "curves.svg",
    "fit.svg",
    "contour.svg",
];

/// The last two checkpoints of a run that is not done, in turns.
pub const SLOTS: [&str; 2] = ["checkpoint.1.safetensors", "checkpoint.2.safetensors"];

/// The file that marks a folder in which a run is written, and is locked as long as it is.
const MARK: &str = ".chainrule";

/// The folder that a run will be written to, this process's own as long as this value lives.
pub struct RunFolder {
    path: PathBuf,
    /// Where the run is written, beside its place.
    partial: PathBuf,
    /// The run that lies at the place.
    replaced: Option<Seen>,
    /// Whether the run lies at its place, and the hidden folder is no longer this process's own.
    is_done: Cell<bool>,
    locked: File,
    /// The folders above that were made for it, the highest first.
    made: Vec<PathBuf>,
}

/// How much of a folder's name stands in that of a model that is kept elsewhere.
const KEPT_NAME: usize = 50;
impl RunFolder {
    /// Where the run is written as long as it is not done.
    pub fn partial(&self) -> &Path {
        &self.partial
    }

    /// Writes into the mark which run is replaced, so that one that goes on after a kill replaces no other.
    fn tell_replaced(&self) -> io::Result<()> {
        self.locked.set_len(0)?;
        let told = self.replaced.as_ref().map(Seen::number).unwrap_or_default();
        (&self.locked).write_all(told.as_bytes())
    }

    /// Whether a checkpoint lies there.
    pub fn has_checkpoints(&self) -> bool {
        has_checkpoints(&self.partial)
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes files into the folder and puts it in its place, all or none; the checkpoint of the end lies there already, under a
    /// name of [`SLOTS`].
    ///
    /// # Errors
    /// When the disk or the folder above does not let them be written, or something else lies there by now; a run that was to be
    /// replaced is as it was, and the run or its model is kept where it can be, which the error says.
    pub fn write(&self, files: &[(&str, Vec<u8>)], end: Option<&str>) -> Result<(), Failure> {
        let mut is_whole = false;
        let outcome = self.write_partial(files).and_then(|()| {
            is_whole = true;
            self.put_in_place(end)
        });
        let Err(error) = outcome else { return Ok(()) };
        let shown = self.path.display();
        let kept = match is_whole.then(|| self.keep_beside()).flatten() {
            Some(place) => format!("the run is kept in `{}`", place.display()),
            None => {
                let model = files.iter().find(|(name, _)| *name == MODEL_FILE);
                let kept = match model.and_then(|(_, model)| self.keep_elsewhere(model)) {
                    Some(place) => format!("the model is kept in `{}`", place.display()),
                    None => String::from("the model could be kept nowhere"),
                };
                let goes_on = match self.has_checkpoints() {
                    true => format!("; the run goes on with `chainrule train --resume {shown}`"),
                    false => String::new(),
                };
                kept + &goes_on
            }
        };
        Err(Failure::other(format!("`{shown}` cannot be written ({error}); {kept}")))
    }

    fn write_partial(&self, files: &[(&str, Vec<u8>)]) -> io::Result<()> {
        for (name, contents) in files {
            debug_assert!(FILES.contains(name), "{name} is no file of a run");
            let path = self.partial.join(name);
            // Of a run that could not be put in its place.
            let _ = fs::remove_file(&path);
            let mut file = File::create_new(path)?;
            file.write_all(contents)?;
            file.sync_all()?;
        }
        table::sync_folder_of(&self.partial.join(MODEL_FILE))
    }

    /// Puts the folder in its place. Until then the checkpoint of the end lies there under both its names: from one the run goes on,
    /// and under the other it lies in a run that is done.
    fn put_in_place(&self, end: Option<&str>) -> io::Result<()> {
        if let Some(slot) = end {
            let (slot, file) = (self.partial.join(slot), self.partial.join(CHECKPOINT_FILE));
            let _ = fs::remove_file(&file);
            if fs::hard_link(&slot, &file).is_err() {
                fs::copy(&slot, &file)?;
                File::open(&file)?.sync_all()?;
            }
        }
        self.exchange()?;
        self.is_done.set(true);
        if let Err(error) = table::sync_folder_of(&self.path) {
            super::tell(&format!(
                "note: `{}` is written, but whether it would survive a power cut is open ({error})",
                self.path.display()
            ));
        }
        self.end(&self.path);
        Ok(())
    }

    /// Takes away what a run that is done has no longer.
    fn end(&self, run: &Path) {
        remove_checkpoints(run);
        let _ = fs::remove_file(run.join(MARK));
    }

    /// Puts the folder in its place, and takes away what was there.
    fn exchange(&self) -> io::Result<()> {
        let lies_there = Seen::of(&self.path);
        if lies_there.is_none() || self.replaced.is_none() {
            // A folder that came into being meanwhile is not empty and makes this fail, as it should.
            return fs::rename(&self.partial, &self.path);
        }
        if lies_there != self.replaced {
            return Err(io::Error::other("something else was put there meanwhile"));
        }
        // Of a run that is done; beside its place they would be those of one that is not.
        remove_checkpoints(&self.path);
        // Beside its place it is this process's own, until it is taken away.
        let _locked = table::lock(&self.path.join(MARK))?;
        if let Ok(about) = fs::metadata(&self.path) {
            let _ = fs::set_permissions(&self.partial, about.permissions());
        }
        if let Err(error) = exchange(&self.partial, &self.path) {
            let _ = fs::remove_file(self.path.join(MARK));
            return Err(error);
        }
        carry_over(&self.partial, &self.path);
        Ok(())
    }

    /// Puts a run that is whole beside its place, where something else lies.
    fn keep_beside(&self) -> Option<PathBuf> {
        let name = self.path.file_name()?.to_string_lossy().into_owned();
        let names = (2..).map(|number: u32| self.path.with_file_name(format!("{name}-{number}")));
        let kept = names.into_iter().find(|kept| fs::symlink_metadata(kept).is_err())?;
        fs::rename(&self.partial, &kept).ok()?;
        self.is_done.set(true);
        self.end(&kept);
        Some(kept)
    }

    /// Writes a model to the first place that takes it: beside the folder, where the program was started, or among the temporary
    /// files.
    fn keep_elsewhere(&self, model: &[u8]) -> Option<PathBuf> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let short: String = name.chars().take(KEPT_NAME).collect();
        let name = format!("{short}.{}.{MODEL_FILE}", std::process::id());
        let folders =
            [self.path.parent().map(Path::to_owned), Some(PathBuf::from(".")), Some(std::env::temp_dir())];
        folders
            .into_iter()
            .flatten()
            .map(|folder| folder.join(&name))
            .find(|place| table::write_atomically(place, model).is_ok())
    }
}

/// Carries what no run wrote over from the old run, which lies beside now, into the new one, says so, and takes the rest away.
fn carry_over(old: &Path, new: &Path) {
    let is_carried = |name: &std::ffi::OsString| {
        let to = new.join(name);
        fs::symlink_metadata(&to).is_err() && fs::rename(old.join(name), to).is_ok()
    };
    let (carried, left): (Vec<_>, Vec<_>) = foreign(old).into_iter().partition(is_carried);
    let shown = new.display();
    if !carried.is_empty() {
        let carried = first_of(&carried);
        super::tell(&format!(
            "`{shown}` held what no run wrote by the end ({carried}): it is carried over into the new folder"
        ));
    }
    if take_away(old).is_err() && !left.is_empty() {
        let before = free_name(new, "before");
        let place = if fs::rename(old, &before).is_ok() { &before } else { old };
        let left = first_of(&left);
        super::tell(&format!(
            "`{shown}` held what no run wrote by the end ({left}), under names of the new run: it is kept in `{}`",
            place.display()
        ));
    }
}

/// Ends what a process that was killed right before or after its run was put in its place had left to do: takes the mark and the
/// checkpoints in turns away, and carries over what the run that it replaced holds beside.
pub fn settle(run: &Path) {
    let is_left = is_marked(run) && is_run(run);
    if is_left && let Ok(Some(_held)) = table::lock(&run.join(MARK)) {
        let old = beside(run, "partial");
        if is_marked(&old)
            && is_run(&old)
            && !has_checkpoints(&old)
            && let Ok(Some(_its)) = table::lock(&old.join(MARK))
        {
            carry_over(&old, run);
        }
        remove_checkpoints(run);
        let _ = fs::remove_file(run.join(MARK));
    }
}

/// Whether another process is writing a run to this place.
pub fn is_being_written(path: &Path) -> bool {
    let partial = beside(path, "partial");
    is_marked(&partial) && table::lock(&partial.join(MARK)).is_ok_and(|held| held.is_none())
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        // That a leftover cannot be removed adds nothing to what was said. From
        // checkpoints the run can go on.
        if !self.is_done.get() && !self.has_checkpoints() {
            let _ = take_away(&self.partial);
        }
        // Those that hold something are not removed.
        for folder in self.made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run's files, with a configuration that tells it.
    fn files(model: &str) -> [(&'static str, Vec<u8>); 2] {
        let keys =
            ["schema", "version", "table", "target", "layers", "loss", "solver", "optimizer", "batch_size"];
        let told: serde_json::Map<_, _> = keys.map(|key| (key.to_owned(), 1.into())).into_iter().collect();
        [(CONFIGURATION, serde_json::to_vec(&told).unwrap()), (MODEL_FILE, model.into())]
    }

    #[test]
    fn a_run_that_is_written_takes_nothing_of_the_next_one() {
        let above = tempfile::tempdir().unwrap();
        let path = above.path().join("run");
        let first = Place::new(&path, false).unwrap().make().unwrap();
        first.write(&files("first"), None).unwrap();
        let second = Place::new(&path, true).unwrap().make().unwrap();
        drop(first);
        assert!(is_being_written(&path));
        second.write(&files("second"), None).unwrap();
        let third = Place::new(&path, true).unwrap().make().unwrap();
        drop(second);
        drop(third);
        assert_eq!(fs::read_to_string(path.join(MODEL_FILE)).unwrap(), "second");
        let names: Vec<_> =
            fs::read_dir(above.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["run"]);
    }
}
