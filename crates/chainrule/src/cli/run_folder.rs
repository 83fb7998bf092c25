//! A run's folder: made beside its place before training, written whole, and put in its place in one step, so that nobody ever sees
//! half of it and no training is lost to a folder that cannot be written.

mod moves;

use self::moves::{carry_over, clean, exchange, foreign, take_away};
use super::Failure;
use learn::{CHECKPOINT_FILE, MODEL_FILE};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use table::beside;

/// The file of a run that holds its resolved configuration.
pub const CONFIGURATION: &str = "config.json";
/// The file of a run that holds what its model is compared with.
pub const BASELINES: &str = "baselines.json";
/// Every file that a run writes: nothing else in its folder is ever replaced.
pub const FILES: [&str; 13] = [
    MODEL_FILE,
    CHECKPOINT_FILE,
    SLOTS[0],
    SLOTS[1],
    CONFIGURATION,
    BASELINES,
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
    /// Whether it is the run that lies there, so that what lies beside its files stays there.
    goes_on: bool,
    lock: PathBuf,
    _locked: File,
    /// The folders above that were made for it, the highest first.
    made: Vec<PathBuf>,
}

/// How much of a folder's name stands in that of a model that is kept elsewhere.
const KEPT_NAME: usize = 50;
/// How many files are named that stand in the way.
const MOST_NAMED: usize = 3;

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
        if path.file_name().is_none() {
            return Err(Failure::bad_input(format!(
                "`{}` is no name for a new folder: choose one with `--out DIR`",
                path.display()
            )));
        }
        let path = match fs::symlink_metadata(path) {
            Ok(about) if about.is_symlink() => {
                fs::canonicalize(path).map_err(|error| cannot_be_written(path, &error))?
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(cannot_be_written(path, &error));
            }
            _ => path.to_owned(),
        };
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
        let (partial, lock) = (beside(&path, "partial"), beside(&path, "lock"));
        let Some(locked) = table::lock(&lock).map_err(unwritable)? else {
            return Err(Failure::bad_input(format!(
                "another run is being written to `{}`: wait for it, or choose another folder with `--out DIR`",
                path.display()
            )));
        };
        // Made now, so that a value that is dropped takes away what it made.
        let goes_on = self.goes_on;
        let mut folder =
            RunFolder { path, partial, is_replaced: false, goes_on, lock, _locked: locked, made };
        folder.is_replaced = self.is_replaced()?;
        if has_checkpoints(&folder.partial) {
            if self.goes_on {
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
        if folder.partial.exists() {
            if folder.is_replaced {
                // Where the power went while a run was put in its place.
                carry_over(&folder.partial, &folder.path).map_err(unwritable)?;
            }
            take_away(&folder.partial).map_err(unwritable)?;
        }
        fs::create_dir(&folder.partial).map_err(unwritable)?;
        Ok(folder)
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

    /// Writes files into the folder and puts it in its place, all or none.
    ///
    /// # Errors
    /// When the disk or the folder above does not let them be written; a run that was to be replaced is as it was, and the model is
    /// kept where it can be, which the error says.
    pub fn write(&self, files: &[(&str, Vec<u8>)]) -> Result<(), Failure> {
        let outcome = self.write_partial(files).and_then(|()| self.put_in_place());
        outcome.map_err(|error| {
            let model = files.iter().find(|(name, _)| *name == MODEL_FILE);
            let kept = match model.and_then(|(_, model)| self.keep_elsewhere(model)) {
                Some(place) => format!("the model is kept in `{}`", place.display()),
                None => String::from("the model could be kept nowhere"),
            };
            let goes_on = match self.has_checkpoints() {
                true => format!(
                    "; with more room the run goes on with `chainrule train --resume {}`",
                    self.path.display()
                ),
                false => String::new(),
            };
            cannot_be_written(&self.path, &error).and(&format!("; {kept}{goes_on}"))
        })
    }

    fn write_partial(&self, files: &[(&str, Vec<u8>)]) -> io::Result<()> {
        for (name, contents) in files {
            debug_assert!(FILES.contains(name), "{name} is no file of a run");
            let mut file = File::create(self.partial.join(name))?;
            file.write_all(contents)?;
            file.sync_all()?;
        }
        table::sync_folder_of(&self.partial.join(MODEL_FILE))
    }

    fn put_in_place(&self) -> io::Result<()> {
        if self.is_replaced {
            // Of a run that is done; beside its place they would be those of one that is not.
            remove_checkpoints(&self.path);
            exchange(&self.partial, &self.path)?;
            // What lies beside now is the old run.
            if self.goes_on {
                carry_over(&self.partial, &self.path)?;
            }
            // A file that came into it meanwhile keeps it there.
            if take_away(&self.partial).is_err() {
                let before = beside(&self.path, "before");
                fs::rename(&self.partial, &before)?;
                super::tell(&format!(
                    "note: the run that was replaced holds what no run wrote, so it is kept in {}",
                    before.display()
                ));
            }
        } else {
            // A folder that came into being meanwhile is not empty and makes this fail, as it should.
            fs::rename(&self.partial, &self.path)?;
        }
        table::sync_folder_of(&self.path)?;
        remove_checkpoints(&self.path);
        Ok(())
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

impl Drop for RunFolder {
    fn drop(&mut self) {
        // What was put in its place is no longer there; that a leftover cannot be removed adds nothing to what was said. From
        // checkpoints the run can go on.
        if !self.has_checkpoints() {
            let _ = take_away(&self.partial);
        }
        let _ = fs::remove_file(&self.lock);
        // Those that hold something are not removed.
        for folder in self.made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Whether another process is writing a run to this place.
pub fn is_being_written(path: &Path) -> bool {
    let lock = beside(path, "lock");
    lock.is_file() && table::lock(&lock).is_ok_and(|held| held.is_none())
}

/// Whether a path is a file that a run wrote.
pub fn is_part_of_a_run(path: &Path) -> bool {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let is_file_of_runs = path.file_name().is_some_and(|name| FILES.iter().any(|file| name == *file));
    is_file_of_runs
        && path.is_file()
        && path.parent().is_some_and(|folder| folder.join(CONFIGURATION).is_file())
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
    if !(path.is_dir() && path.join(CONFIGURATION).is_file()) {
        return Err(Failure::bad_input(format!(
            "`{shown}` is no run of Chainrule (it has no {CONFIGURATION}), so it is not replaced: {choose}"
        )));
    }
    let foreign = foreign(path).map_err(|error| cannot_be_written(path, &error))?;
    let mut foreign: Vec<String> = foreign.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    foreign.sort();
    if foreign.is_empty() {
        return Ok(());
    }
    let more = foreign.len().saturating_sub(MOST_NAMED);
    foreign.truncate(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Err(Failure::bad_input(format!(
        "`{shown}` holds what no run wrote ({}{more}), so it is not replaced: move that elsewhere, or {choose}",
        foreign.join(", ")
    )))
}

fn cannot_be_written(path: &Path, error: &io::Error) -> Failure {
    Failure::other(format!(
        "`{}` cannot be written ({error}): {}; `--out DIR` names another",
        path.display(),
        table::mend_of(error)
    ))
}

/// Whether a run lies there that can go on.
fn has_checkpoints(folder: &Path) -> bool {
    SLOTS.iter().any(|slot| folder.join(slot).exists())
}

/// Removes the checkpoints of a run that is done; those that stay are taken away with the run.
fn remove_checkpoints(folder: &Path) {
    for slot in SLOTS {
        let _ = fs::remove_file(folder.join(slot));
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}
