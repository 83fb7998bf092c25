//! A run's folder: made beside its place before training, written whole, and put in its place in one step, so that nobody ever sees
//! half of it and no training is lost to a folder that cannot be written.

use super::Failure;
use learn::{CHECKPOINT_FILE, MODEL_FILE};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use table::beside;

mod contents;
mod moves;
mod resolved;

use contents::{
    clean, empty, first_foreign, first_of, foreign, has_checkpoints, is_empty, is_marked, is_run,
    may_be_taken_over, remove_checkpoints, remove_unfinished, take_away,
};
pub use contents::{is_part_of_a_run, settle};
use moves::{exchange, free_name};
use resolved::is_mount_point;
pub use resolved::resolve;

/// The file of a run that holds its resolved configuration.
pub const CONFIGURATION: &str = "config.json";
/// The file of a run that holds what its model is compared with.
pub const BASELINES: &str = "baselines.json";
/// The file of a run that holds its scores.
pub const SCORES: &str = "scores.json";
/// The file of a run that holds what the table's columns were found to be.
pub const AUDIT: &str = "audit.json";
/// Every file that a run writes: nothing else in its folder is ever replaced.
pub const FILES: [&str; 15] = [
    MODEL_FILE,
    CHECKPOINT_FILE,
    SLOTS[0],
    SLOTS[1],
    CONFIGURATION,
    BASELINES,
    SCORES,
    AUDIT,
    "losses.csv",
    "train.txt",
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

/// A place for a run that may be taken.
pub struct Place {
    path: PathBuf,
    overwrite: bool,
    /// Whether the run that lies there goes on.
    goes_on: bool,
}

/// The folder that a run will be written to, this process's own as long as this value lives.
pub struct RunFolder {
    path: PathBuf,
    /// Where the run is written, beside its place.
    partial: PathBuf,
    is_replaced: bool,
    _locked: File,
    /// The folders above that were made for it, the highest first.
    made: Vec<PathBuf>,
}

/// How much of a folder's name stands in that of a model that is kept elsewhere.
const KEPT_NAME: usize = 50;

impl Place {
    /// Looks at a place for a run before anything is read or trained.
    ///
    /// # Errors
    /// When something lies there already and is not to be replaced, or is no run, or holds files that no run wrote.
    pub fn new(path: &Path, overwrite: bool) -> Result<Place, Failure> {
        Place::of(path, overwrite, false)
    }

    /// The place of a run that goes on.
    ///
    /// # Errors
    /// When what lies there is no run. Files that no run wrote stay in the folder.
    pub fn of_run(path: &Path) -> Result<Place, Failure> {
        Place::of(path, true, true)
    }

    fn of(path: &Path, overwrite: bool, goes_on: bool) -> Result<Place, Failure> {
        let path = resolve(path)?;
        if is_mount_point(&path) {
            return Err(Failure::bad_input(format!(
                "`{}` is where a disk is mounted, so no finished run can be put in its place: choose a folder within it, such as \
                 `--out {}`",
                path.display(),
                path.join("run").display()
            )));
        }
        settle(&path);
        let place = Place { path, overwrite, goes_on };
        place.is_replaced()?;
        Ok(place)
    }

    /// Whether a run lies there that is to be replaced.
    fn is_replaced(&self) -> Result<bool, Failure> {
        let is_taken = self.path.exists() && !is_empty(&self.path);
        if is_taken {
            may_be_replaced(&self.path, self.overwrite, self.goes_on)?;
        }
        Ok(is_taken)
    }

    /// Makes the folder beside its place, so that no training is lost to a disk that cannot be written.
    ///
    /// # Errors
    /// When the place was taken meanwhile; when another run is being written there; when the folder cannot be made.
    pub fn make(&self) -> Result<RunFolder, Failure> {
        let unwritable = |error: io::Error| cannot_be_written(&self.path, &error);
        let path = self.path.clone();
        let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut made: Vec<PathBuf> = above
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
            .map(Path::to_owned)
            .collect();
        made.reverse();
        fs::create_dir_all(above).map_err(unwritable)?;
        clean(above);
        let partial = beside(&path, "partial");
        let Some(locked) = self.own(&partial)? else {
            return Err(Failure::bad_input(format!(
                "another run is being written to `{}`: wait for it, or choose another folder with `--out DIR`",
                path.display()
            )));
        };
        // Made now, so that a value that is dropped takes away what it made.
        let mut folder = RunFolder { path, partial, is_replaced: false, _locked: locked, made };
        folder.is_replaced = self.is_replaced()?;
        if has_checkpoints(&folder.partial) {
            if self.goes_on {
                remove_unfinished(&folder.partial);
                return Ok(folder);
            }
            if !self.overwrite {
                let shown = self.path.display();
                return Err(Failure::bad_input(format!(
                    "a run into `{shown}` was not finished: go on with `chainrule train --resume {shown}`, begin anew with \
                     `--overwrite`, or choose another folder with `--out DIR`"
                )));
            }
        }
        // Before anything of it is taken away.
        if let Some(names) = first_foreign(&folder.partial) {
            return Err(self.is_foreign(&folder.partial, &names));
        }
        empty(&folder.partial);
        Ok(folder)
    }

    /// The hidden folder beside the place, this process's own; `None` where another process has it.
    fn own(&self, partial: &Path) -> Result<Option<File>, Failure> {
        let unwritable = |error: io::Error| cannot_be_written(&self.path, &error);
        match fs::create_dir(partial) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(unwritable(error)),
            Err(_) if !(may_be_taken_over(partial) || self.goes_on && has_checkpoints(partial)) => {
                let names = first_foreign(partial).unwrap_or_default();
                return Err(self.is_foreign(partial, &names));
            }
            Ok(()) | Err(_) => {}
        }
        table::lock(&partial.join(MARK)).map_err(unwritable)
    }

    /// What lies in the way of the hidden folder was put there by somebody else.
    fn is_foreign(&self, partial: &Path, names: &str) -> Failure {
        let holds = if names.is_empty() { String::new() } else { format!(" ({names})") };
        Failure::bad_input(format!(
            "`{}` is what a run into `{}` would be written to, and no run wrote what is there{holds}: move it elsewhere, or choose \
             another folder with `--out DIR`",
            partial.display(),
            self.path.display()
        ))
    }
}

impl RunFolder {
    /// Where the run is written as long as it is not done.
    pub fn partial(&self) -> &Path {
        &self.partial
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
    /// When the disk or the folder above does not let them be written; a run that was to be replaced is as it was, and the model is
    /// kept where it can be, which the error says.
    pub fn write(&self, files: &[(&str, Vec<u8>)], end: Option<&str>) -> Result<(), Failure> {
        let outcome = self.write_partial(files).and_then(|()| self.put_in_place(end));
        outcome.map_err(|error| {
            let model = files.iter().find(|(name, _)| *name == MODEL_FILE);
            let kept = match model.and_then(|(_, model)| self.keep_elsewhere(model)) {
                Some(place) => format!("the model is kept in `{}`", place.display()),
                None => String::from("the model could be kept nowhere"),
            };
            let goes_on = match self.has_checkpoints() {
                true => {
                    format!("; the run goes on with `chainrule train --resume {}`", self.path.display())
                }
                false => String::new(),
            };
            Failure::other(format!("`{}` cannot be written ({error}); {kept}{goes_on}", self.path.display()))
        })
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

    fn put_in_place(&self, end: Option<&str>) -> io::Result<()> {
        let end = end.map(|slot| (self.partial.join(slot), self.partial.join(CHECKPOINT_FILE)));
        if let Some((slot, file)) = &end {
            fs::rename(slot, file)?;
        }
        if let Err(error) = self.exchange() {
            // From there the run goes on, and under this name it is looked for.
            if let Some((slot, file)) = &end {
                let _ = fs::rename(file, slot);
            }
            return Err(error);
        }
        table::sync_folder_of(&self.path)?;
        remove_checkpoints(&self.path);
        let _ = fs::remove_file(self.path.join(MARK));
        Ok(())
    }

    /// Puts the folder in its place, and takes away what was there.
    fn exchange(&self) -> io::Result<()> {
        if !self.is_replaced {
            // A folder that came into being meanwhile is not empty and makes this fail, as it should.
            return fs::rename(&self.partial, &self.path);
        }
        // Of a run that is done; beside its place they would be those of one that is not.
        remove_checkpoints(&self.path);
        exchange(&self.partial, &self.path)?;
        self.carry_over();
        Ok(())
    }

    /// Carries what no run wrote over from the old run, which lies beside now, into the new one, says so, and takes the rest away.
    fn carry_over(&self) {
        let is_carried = |name: &std::ffi::OsString| {
            let to = self.path.join(name);
            fs::symlink_metadata(&to).is_err() && fs::rename(self.partial.join(name), to).is_ok()
        };
        let (carried, left): (Vec<_>, Vec<_>) = foreign(&self.partial).into_iter().partition(is_carried);
        let shown = self.path.display();
        if !carried.is_empty() {
            let carried = first_of(&carried);
            super::tell(&format!(
                "`{shown}` held what no run wrote by the end ({carried}): it is carried over into the new folder"
            ));
        }
        if take_away(&self.partial).is_err() && !left.is_empty() {
            let before = free_name(&self.path, "before");
            let place = if fs::rename(&self.partial, &before).is_ok() { &before } else { &self.partial };
            let left = first_of(&left);
            super::tell(&format!(
                "`{shown}` held what no run wrote by the end ({left}), under names of the new run: it is kept in `{}`",
                place.display()
            ));
        }
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

/// Whether another process is writing a run to this place.
pub fn is_being_written(path: &Path) -> bool {
    let partial = beside(path, "partial");
    is_marked(&partial) && table::lock(&partial.join(MARK)).is_ok_and(|held| held.is_none())
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        // What was put in its place is no longer there; that a leftover cannot be removed adds nothing to what was said. From
        // checkpoints the run can go on.
        if !self.has_checkpoints() {
            let _ = take_away(&self.partial);
        }
        // Those that hold something are not removed.
        for folder in self.made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Refuses what is not to be replaced.
fn may_be_replaced(path: &Path, overwrite: bool, goes_on: bool) -> Result<(), Failure> {
    let shown = path.display();
    let choose = "choose another folder with `--out DIR`";
    if !overwrite {
        let go_on = match path.join(CHECKPOINT_FILE).is_file() {
            true => format!(", go on with that run with `--resume {shown}`"),
            false => String::new(),
        };
        return Err(Failure::bad_input(format!(
            "`{shown}` is there already: {choose}{go_on}, or replace it with `--overwrite`"
        )));
    }
    // It was found by its checkpoint.
    if goes_on {
        return Ok(());
    }
    if !(path.is_dir() && is_run(path)) {
        return Err(Failure::bad_input(format!(
            "`{shown}` is no run of Chainrule (it has no {CONFIGURATION} of one), so it is not replaced: {choose}"
        )));
    }
    fs::read_dir(path).map_err(|error| cannot_be_written(path, &error))?;
    match first_foreign(path) {
        None => Ok(()),
        Some(names) => Err(Failure::bad_input(format!(
            "`{shown}` holds what no run wrote ({names}), so it is not replaced: move that elsewhere, or {choose}"
        ))),
    }
}

fn cannot_be_written(path: &Path, error: &io::Error) -> Failure {
    Failure::other(format!(
        "`{}` cannot be written ({error}): {}; `--out DIR` names another",
        path.display(),
        table::mend_of(error)
    ))
}
