//! Where a run goes: whether the place may be taken, and the hidden folder beside it in which the run is written.

use super::contents::{
    clean, empty, first_foreign, has_checkpoints, hidden_name, is_empty, is_run, may_be_taken_over,
    remove_unfinished,
};
use super::resolved::{is_mount_point, resolve};
use super::{CONFIGURATION, MARK, RunFolder, Seen, settle};
use crate::cli::Failure;
use learn::CHECKPOINT_FILE;
use std::cell::Cell;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use table::beside;

/// How often a hidden folder is asked for that another process has, or took away.
const TRIES: usize = 10;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// A place for a run that may be taken.
pub struct Place {
    path: PathBuf,
    overwrite: bool,
    /// The checkpoint of the run that goes on, where one does.
    from: Option<Checkpointed>,
}

/// The file of a checkpoint that a run goes on from.
#[derive(Clone)]
pub struct Checkpointed {
    pub file: PathBuf,
    /// What it was when it was read.
    pub seen: Option<Seen>,
    /// Whether its run lies at its place too, as it was before it went on.
    pub is_own: bool,
}

impl Place {
    /// Looks at a place for a run before anything is read or trained.
    ///
    /// # Errors
    /// When something lies there already and is not to be replaced, or is no run, or holds files that no run wrote.
    pub fn new(path: &Path, overwrite: bool) -> Result<Place, Failure> {
        Place::of(path, overwrite, None)
    }

    /// The place of a run that goes on.
    ///
    /// # Errors
    /// When something lies there that is neither this run nor what it was begun to replace. Files that no run wrote stay in the folder.
    pub fn of_run(path: &Path, from: Checkpointed) -> Result<Place, Failure> {
        Place::of(path, false, Some(from))
    }

    fn of(path: &Path, overwrite: bool, from: Option<Checkpointed>) -> Result<Place, Failure> {
        let path = resolve(path)?;
        if hidden_name(&path).is_some() {
            return Err(Failure::bad_input(format!(
                "`{}` is a name of folders in which runs are written: choose another with `--out DIR`",
                path.display()
            )));
        }
        if is_mount_point(&path) {
            return Err(Failure::bad_input(format!(
                "`{}` is where a disk is mounted, so no finished run can be put in its place: choose a folder within it, such as \
                 `--out {}`",
                path.display(),
                path.join("run").display()
            )));
        }
        settle(&path);
        let place = Place { path, overwrite, from };
        place.replaced()?;
        Ok(place)
    }

    /// The run that lies there and is to be replaced.
    fn replaced(&self) -> Result<Option<Seen>, Failure> {
        if fs::symlink_metadata(&self.path).is_err() || is_empty(&self.path) {
            return Ok(None);
        }
        let from = self.from.as_ref();
        let seen = Seen::of(&self.path);
        if let Some(from) = from.filter(|from| !from.is_own && !self.is_to_be_replaced(seen.as_ref())) {
            return Err(Failure::bad_input(format!(
                "the run of `{shown}` is not done, and lies in `{}`; something else lies at `{shown}` now: move that elsewhere",
                from.file.parent().unwrap_or(Path::new(".")).display(),
                shown = self.path.display(),
            )));
        }
        if from.is_none_or(|from| !from.is_own) {
            may_be_replaced(&self.path, self.overwrite || from.is_some())?;
        }
        Ok(seen)
    }

    /// Whether this is what a run that goes on was begun to replace, as the mark of its folder tells.
    fn is_to_be_replaced(&self, seen: Option<&Seen>) -> bool {
        let told = fs::read_to_string(beside(&self.path, "partial").join(MARK)).unwrap_or_default();
        seen.is_some_and(|seen| !told.is_empty() && told == seen.number())
    }

    /// Whether a run goes on from where it is written.
    fn goes_on(&self) -> bool {
        self.from.is_some()
    }

    /// Makes the folder beside its place, so that no training is lost to a disk that cannot be written.
    ///
    /// # Errors
    /// When the place was taken meanwhile; when another run is being written there; when the folder cannot be made.
    pub fn make(&self) -> Result<RunFolder, Failure> {
        let path = self.path.clone();
        let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut made: Vec<PathBuf> = above
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
            .map(Path::to_owned)
            .collect();
        made.reverse();
        clean(above);
        let partial = beside(&path, "partial");
        let locked = self.own(above, &partial)?;
        // Made now, so that a value that is dropped takes away what it made.
        let is_done = Cell::new(false);
        let mut folder = RunFolder { path, partial, replaced: None, is_done, locked, made };
        folder.replaced = self.replaced()?;
        if !self.goes_on() {
            folder.tell_replaced().map_err(|error| cannot_be_written(&self.path, &error))?;
        }
        if let Some(from) = &self.from
            && Seen::of(&from.file) != from.seen
        {
            return Err(Failure::bad_input(format!(
                "the run of `{shown}` was changed by another process meanwhile: ask again with `chainrule train --resume {shown}`",
                shown = self.path.display()
            )));
        }
        if has_checkpoints(&folder.partial) {
            if self.goes_on() {
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

    /// Makes the hidden folder beside the place this process's own, and returns the lock of it. Others may take away what they think
    /// is left over, and the empty folder above, until it is locked.
    fn own(&self, above: &Path, partial: &Path) -> Result<File, Failure> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.try_to_own(above, partial)? {
                Ok(Some(locked)) => return Ok(locked),
                Ok(None) if tries >= TRIES => {
                    return Err(Failure::bad_input(format!(
                        "another run is being written to `{}`: wait for it, or choose another folder with `--out DIR`",
                        self.path.display()
                    )));
                }
                Err(error) if tries >= TRIES || error.kind() != io::ErrorKind::NotFound => {
                    return Err(cannot_be_written(&self.path, &error));
                }
                Ok(None) => std::thread::sleep(BETWEEN_TRIES),
                Err(_) => {}
            }
        }
    }

    fn try_to_own(&self, above: &Path, partial: &Path) -> Result<io::Result<Option<File>>, Failure> {
        if let Err(error) = fs::create_dir_all(above) {
            return Ok(Err(error));
        }
        match fs::create_dir(partial) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Ok(Err(error)),
            Err(_) if !(may_be_taken_over(partial) || self.goes_on() && has_checkpoints(partial)) => {
                if fs::symlink_metadata(partial).is_err() {
                    return Ok(Err(io::ErrorKind::NotFound.into()));
                }
                let names = first_foreign(partial).unwrap_or_default();
                return Err(self.is_foreign(partial, &names));
            }
            Ok(()) | Err(_) => {}
        }
        Ok(table::lock(&partial.join(MARK)))
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

/// Refuses what is not to be replaced.
fn may_be_replaced(path: &Path, overwrite: bool) -> Result<(), Failure> {
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

pub(super) fn cannot_be_written(path: &Path, error: &io::Error) -> Failure {
    Failure::other(format!(
        "`{}` cannot be written ({error}): {}; `--out DIR` names another",
        path.display(),
        table::mend_of(error)
    ))
}
