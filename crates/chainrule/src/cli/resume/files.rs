//! The files of a run: its table, its pages and those that say its columns and parts, where they lie by now.

use super::super::Failure;
use super::super::arguments::Train;
use super::Begun;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Says which files of pages were changed since, for the run keeps its own.
pub(super) fn tell_changed_files(train: &Train, begun: &Begun, folder: &Path) {
    for path in train.define.iter().filter(|text| text.len() < 256).map(|text| found(Path::new(text), folder))
    {
        let text = std::fs::read_to_string(&path).ok();
        if text.is_some_and(|text| !begun.pages.contains(&text)) {
            super::super::tell(&format!(
                "note: {} was changed since the run was begun, which goes on with the pages as they were",
                path.display()
            ));
        }
    }
}

/// A path of the run: from the folder at hand, else from the one in which the run was begun.
pub(super) fn found(path: &Path, folder: &Path) -> PathBuf {
    let old = folder.join(path);
    if !path.exists() && old.exists() { old } else { path.to_owned() }
}

/// The files beside its table that a run is told of, each with its option.
pub(super) fn files_of(train: &Train) -> Vec<(&'static str, PathBuf)> {
    let part = |part: &Option<OsString>| part.clone().filter(|part| is_file(part)).map(PathBuf::from);
    let files = [
        ("columns", train.columns.clone()),
        ("train", train.train.clone()),
        ("test", part(&train.test)),
        ("validation", part(&train.validation)),
    ];
    files.into_iter().filter_map(|(option, file)| Some((option, file?))).collect()
}

pub(super) fn set_file(train: &mut Train, option: &str, file: PathBuf) {
    match option {
        "columns" => train.columns = Some(file),
        "train" => train.train = Some(file),
        "test" => train.test = Some(file.into_os_string()),
        _ => train.validation = Some(file.into_os_string()),
    }
}

/// Whether what says which rows a part has is a file, and no part by chance.
pub(super) fn is_file(part: &OsStr) -> bool {
    part.to_str().is_none_or(|text| text.trim().parse::<f64>().is_err())
}

/// Where the table of a run is.
pub(super) fn table_of(table: &Path, folder: &Path, run: &Path) -> Result<PathBuf, Failure> {
    let path = found(table, folder);
    if super::super::is_standard_input(table) || path.exists() {
        return Ok(path);
    }
    let here = std::env::current_dir().unwrap_or_default();
    let places = match table.is_absolute() || folder == here {
        true => String::from("is no longer there"),
        false => format!("is neither in {} nor in {}", here.display(), folder.display()),
    };
    Err(Failure::bad_input(format!(
        "the table `{}` of the run {places}: say where it is now with `chainrule train TABLE.csv --resume {}`",
        table.display(),
        run.display()
    )))
}
