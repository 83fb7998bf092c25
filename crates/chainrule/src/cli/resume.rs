//! How a run was begun, and how it goes on from its last checkpoint.

mod files;
mod refusals;

use self::files::{files_of, found, is_file, set_file, table_of, tell_changed_files};
pub use self::refusals::out_of_patience;
use self::refusals::{refuse_changes, refuse_epochs, refuse_pages};
use super::arguments::{Arguments, Command, OnNan, Train};
use super::checkpoints::Newest;
use super::run_folder::{self, CONFIGURATION, Checkpointed, SLOTS, Seen};
use super::{Failure, fault};
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use learn::{CHECKPOINT_FILE, Checkpoint, Identity, MODEL_FILE};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::num::NonZero;
use std::path::{Path, PathBuf};

/// How a run was begun: what it needs to go on, wherever the program is started then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begun {
    /// The folder that paths start from, where they do not lie in the one at hand.
    folder: Word,
    /// What stood after the program's name, and what was taken from a model beside it.
    arguments: Vec<Word>,
    /// The pages that were defined.
    pages: Vec<String>,
    /// The table, where it was given anew when the run went on.
    table: Option<Word>,
    /// Other files that were, each by its option.
    #[serde(default)]
    files: BTreeMap<String, Word>,
    epochs: Option<u64>,
    #[serde(default)]
    patience: Option<NonZero<usize>>,
    on_nan: Option<OnNan>,
    /// Rows of the table that are not for training, and on which the models before it were trained.
    #[serde(default)]
    pub trained_before: Vec<usize>,
    /// The processor's vector instructions, of which each family rounds in its own way.
    instructions: String,
    /// Which of the checkpoints in turns is written first.
    #[serde(skip)]
    pub next_slot: usize,
}

/// A word of a command line: text, but for paths that are none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Word {
    Text(String),
    Other(OsString),
}

impl Word {
    fn new(word: OsString) -> Word {
        word.into_string().map_or_else(Word::Other, Word::Text)
    }

    fn as_os_str(&self) -> &OsStr {
        match self {
            Word::Text(text) => text.as_ref(),
            Word::Other(word) => word,
        }
    }
}

/// A run that goes on.
pub struct Resumed {
    /// What it was told, and what it is told now.
    pub train: Train,
    pub begun: Begun,
    pub last: Last,
}

/// Where a run stands.
pub struct Last {
    pub checkpoint: Checkpoint,
    pub identity: Identity,
    /// Whether the run was ended and written, if not to its last epoch.
    pub is_done: bool,
    /// The file that the checkpoint was read from.
    pub from: Checkpointed,
}

impl Begun {
    /// By the arguments of this process, with pages that were defined.
    pub fn now(pages: Vec<String>) -> Begun {
        Begun {
            folder: Word::new(std::env::current_dir().unwrap_or_default().into_os_string()),
            arguments: words_of_process().map(Word::new).collect(),
            pages,
            table: None,
            files: BTreeMap::new(),
            epochs: None,
            patience: None,
            on_nan: None,
            trained_before: Vec::new(),
            instructions: engine::Simd::detect().name().to_owned(),
            next_slot: 0,
        }
    }

    /// The pages that were defined, each text one page or several.
    pub fn pages(&self) -> &[String] {
        &self.pages
    }

    /// Adds pages before those that were given, which may replace them.
    pub fn know(&mut self, pages: Vec<String>) {
        self.pages.splice(0..0, pages);
    }

    /// Whether an option was given.
    pub fn gave(&self, id: &str) -> bool {
        self.read().is_some_and(|(given, _)| is_given(&given, id))
    }

    /// Adds options, and reads all again.
    ///
    /// # Errors
    /// When they do not go together with those that were given.
    pub fn add(&mut self, options: Vec<OsString>) -> Result<Train, Failure> {
        // Behind the name of the subcommand, since after `--` no option is read.
        self.arguments.splice(1..1, options.into_iter().map(Word::new));
        let train = self.read().map(|(_, train)| train);
        train.ok_or_else(|| Failure::other("the options of the model do not go together with those given"))
    }

    /// The command that began the run, with these options in the place of what it says of them; none where what it reads may be
    /// elsewhere by now.
    pub fn command_with(&self, options: &[(&str, Option<&str>)]) -> Option<String> {
        let (_, train) = self.read()?;
        let is_here = |path: &PathBuf| path.exists() || super::is_standard_input(path);
        let pages = train.define.iter().filter(|text| text.len() < 256 && text.ends_with(".chainrule"));
        let parts = [&train.test, &train.validation].into_iter().flatten();
        let parts = parts.filter(|part| part.to_str().is_none_or(|text| text.trim().parse::<f64>().is_err()));
        let mut reads =
            train.table.iter().chain(&train.columns).chain(&train.train).chain(&train.start_from).cloned();
        let is_all_here = reads.all(|path| is_here(&path))
            && parts.map(PathBuf::from).chain(pages.map(PathBuf::from)).all(|path| is_here(&path));
        let is_as_begun = self.table.is_none()
            && std::env::current_dir().is_ok_and(|here| here.as_os_str() == self.folder.as_os_str());
        let words = self.arguments.iter().map(Word::as_os_str);
        (is_all_here && is_as_begun).then(|| fault::words_with(words, options))
    }

    /// The options of the run, as given and as read.
    fn read(&self) -> Option<(ArgMatches, Train)> {
        let (given, mut train) = read(self.arguments.iter().map(|word| word.as_os_str().to_owned()))?;
        train.table = self.table.as_ref().map(|table| PathBuf::from(table.as_os_str())).or(train.table);
        for (option, file) in &self.files {
            set_file(&mut train, option, PathBuf::from(file.as_os_str()));
        }
        train.epochs = self.epochs.or(train.epochs);
        train.patience = self.patience.or(train.patience);
        train.on_nan = self.on_nan.or(train.on_nan);
        Some((given, train))
    }
}

fn words_of_process() -> impl Iterator<Item = OsString> {
    std::env::args_os().skip(1)
}

fn read(words: impl Iterator<Item = OsString>) -> Option<(ArgMatches, Train)> {
    let words = std::iter::once(OsString::from("chainrule")).chain(words);
    let mut matches = Arguments::command().try_get_matches_from(words).ok()?;
    let Ok(Arguments { command: Command::Train(train) }) = Arguments::from_arg_matches(&matches) else {
        return None;
    };
    matches.remove_subcommand().map(|(_, given)| (given, *train))
}

fn is_given(given: &ArgMatches, id: &str) -> bool {
    given.value_source(id) == Some(ValueSource::CommandLine)
}

/// Finds the last checkpoint of the run of this folder, and what the run was told; what is told now counts more.
///
/// # Errors
/// When there is no run that can go on, it has nothing left to do, or it would be another one.
pub fn resume(given: &Path, now: &Train) -> Result<Resumed, Failure> {
    let run = folder_of(given);
    let run = run_folder::resolve(&run).unwrap_or(run);
    let shown = run.display();
    if run_folder::is_being_written(&run) {
        return Err(Failure::bad_input(format!(
            "the run of `{shown}` is still being trained: wait for it to end, or stop it with Ctrl-C, which keeps its model, and \
             go on then"
        )));
    }
    run_folder::settle(&run);
    let Found { checkpoint: (checkpoint, identity, note), next_slot, file, seen, is_done } =
        find(&run, given)?;
    if file.starts_with(&run) && !run_folder::is_run_of(&run, &identity.checksum()) {
        return Err(Failure::bad_input(format!(
            "`{shown}` is more than the run of {}, or another one, and a run that goes on replaces its folder: put the checkpoint into \
             a folder of its own, and give that to `--resume`",
            file.display()
        )));
    }
    let unreadable = || {
        Failure::bad_input(format!(
            "the checkpoint of `{shown}` was written by another version, whose options are not known: go on with that one"
        ))
    };
    let mut begun: Begun = serde_json::from_str(&note).map_err(|_| unreadable())?;
    begun.next_slot = next_slot;
    let (was_given, _) = begun.read().ok_or_else(unreadable)?;
    if let Some((given, _)) = read(words_of_process()) {
        refuse_changes(&given, &was_given, &run, now)?;
    }
    refuse_pages(now, &begun)?;
    refuse_epochs(&run, now, (&checkpoint, &identity), is_done)?;
    begun.epochs = now.epochs.or(begun.epochs);
    begun.patience = now.patience.or(begun.patience);
    begun.on_nan = now.on_nan.or(begun.on_nan);
    let here = std::env::current_dir().unwrap_or_default();
    if let Some(table) = &now.table {
        let table = if super::is_standard_input(table) { table.clone() } else { here.join(table) };
        begun.table = Some(Word::new(table.into_os_string()));
    }
    for (option, file) in files_of(now) {
        begun.files.insert(option.to_owned(), Word::new(here.join(file).into_os_string()));
    }
    let (_, mut train) = begun.read().ok_or_else(unreadable)?;
    let folder = PathBuf::from(begun.folder.as_os_str());
    tell_changed_files(&train, &begun, &folder);
    let instructions = engine::Simd::detect().name();
    if begun.instructions != instructions {
        super::tell(&format!(
            "note: the run was trained with {} and goes on with {instructions}, which rounds otherwise: its bits are not those of an \
             unbroken run",
            begun.instructions
        ));
        instructions.clone_into(&mut begun.instructions);
    }
    train.table = match (&now.table, train.table) {
        (Some(table), _) => Some(table.clone()),
        (None, Some(table)) => Some(table_of(&table, &folder, &run)?),
        (None, None) => None,
    };
    for (option, file) in files_of(&train) {
        let place = found(&file, &folder);
        if !place.exists() {
            return Err(Failure::bad_input(format!(
                "`{}`, which `--{option}` gave to the run, is no longer there: say where it is now with `chainrule train --resume \
                 {shown} --{option} FILE`",
                file.display()
            )));
        }
        set_file(&mut train, option, place);
    }
    train.threads = now.threads.or(train.threads);
    train.time_limit = now.time_limit.or(train.time_limit);
    train.quiet |= now.quiet;
    train.checkpoint = now.checkpoint.or(train.checkpoint);
    train.json |= now.json;
    let is_own = file.starts_with(&run) || is_earlier(&run, &begun, (&checkpoint, &identity));
    let from = Checkpointed { file, seen, is_own };
    train.out = Some(run);
    Ok(Resumed { train, begun, last: Last { checkpoint, identity, is_done, from } })
}

/// Whether the run that lies at a place was begun as this one was, and made no more of the same steps, so that it is what this one
/// went on from.
fn is_earlier(run: &Path, begun: &Begun, (checkpoint, identity): (&Checkpoint, &Identity)) -> bool {
    Checkpoint::load(&run.join(CHECKPOINT_FILE)).is_ok_and(|(other, its_identity, note)| {
        let is_before = other.place() <= checkpoint.place() && identity.difference(&its_identity).is_none();
        is_before
            && serde_json::from_str::<Begun>(&note).is_ok_and(|other| {
                let words =
                    |begun: &Begun| (begun.folder.clone(), begun.arguments.clone(), begun.pages.clone());
                words(&other) == words(begun)
            })
    })
}

/// The run's folder: of a file in it, or of the hidden folder in which it is written, too.
fn folder_of(given: &Path) -> PathBuf {
    let within = given.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = if given.is_file() { within } else { given };
    run_folder::hidden_name(folder).map_or_else(|| folder.to_owned(), |name| folder.with_file_name(name))
}

/// The checkpoint of a run.
struct Found {
    checkpoint: (Checkpoint, Identity, String),
    next_slot: usize,
    /// Its file, as it was before it was read.
    file: PathBuf,
    seen: Option<Seen>,
    /// Whether the run was ended and written, if not to its last epoch.
    is_done: bool,
}

fn find(run: &Path, given: &Path) -> Result<Found, Failure> {
    let damaged = |error: learn::LearnError| {
        let model = if run.join(MODEL_FILE).is_file() {
            format!(
                "train on from its model with `chainrule train TABLE.csv --start-from {}`, or ",
                run.display()
            )
        } else {
            String::new()
        };
        Failure::bad_input(format!(
            "no checkpoint of `{}` is whole, so the run cannot go on ({error}): {model}train anew with `--overwrite`",
            run.display()
        ))
    };
    let file = run.join(CHECKPOINT_FILE);
    // Those of a run under way are newer; one that was copied elsewhere has them in its own folder.
    for folder in [table::beside(run, "partial"), run.to_owned()] {
        if folder == run && file.is_file() {
            break;
        }
        if let Some(newest) = Newest::of(&folder).map_err(damaged)? {
            let next_slot = newest.next_slot();
            if let Some(broken) = &newest.broken {
                super::tell(broken);
            }
            let Newest { read, file, seen, .. } = newest;
            return Ok(Found { checkpoint: read, next_slot, file, seen, is_done: false });
        }
    }
    if std::fs::symlink_metadata(&file).is_err() {
        return Err(Failure::bad_input(why_none(run, given)));
    }
    let seen = Seen::of(&file);
    let checkpoint = Checkpoint::load(&file).map_err(damaged)?;
    Ok(Found { checkpoint, next_slot: 0, file, seen, is_done: true })
}

/// Why there is no checkpoint of a run.
fn why_none(run: &Path, given: &Path) -> String {
    let shown = run.display();
    if run.join(CONFIGURATION).is_file() {
        let is_exact = super::beside(run, CONFIGURATION).is_some_and(|told| told["solver"] == "exact");
        return match is_exact {
            true => format!(
                "the run of `{shown}` was solved by `--solver exact`, so there is nothing to go on with: its model is the best there is"
            ),
            false => format!(
                "the run of `{shown}` has no checkpoint, as with `--checkpoint none`, so it cannot go on: train on from its model with \
                 `chainrule train TABLE.csv --start-from {shown}`"
            ),
        };
    }
    if table::beside(run, "partial").is_dir() {
        return format!(
            "the run of `{shown}` ended before its first checkpoint, so nothing of it is left: train anew, with `--checkpoint 10s` \
             if it may end as early again"
        );
    }
    if run.exists() {
        return format!(
            "`{}` is no run of Chainrule (it holds no {CONFIGURATION} and no checkpoint): give the folder of a run, as it was given \
             by `--out`",
            given.display()
        );
    }
    let above = run.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = run.file_name().unwrap_or_default().to_string_lossy();
    let entries = std::fs::read_dir(above).into_iter().flatten().filter_map(Result::ok).filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let path = entry.path();
        let of_partial = run_folder::hidden_name(&path);
        let has = |file: &str| entry.path().join(file).is_file();
        let is_run = has(CHECKPOINT_FILE) || SLOTS.iter().any(|slot| has(slot));
        is_run.then(|| of_partial.unwrap_or(&name).to_owned())
    });
    let nearest = table::nearest(&name, entries);
    let mend = match nearest.first() {
        Some(nearest) => {
            format!("did you mean `{}`?", run.with_file_name(nearest).display())
        }
        None => String::from("give the folder of a run, as it was given by `--out`"),
    };
    format!(
        "there is no run `{shown}`, done or under way; a run that ended before its first checkpoint leaves nothing: {mend}"
    )
}
