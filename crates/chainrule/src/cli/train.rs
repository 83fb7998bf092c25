//! `chainrule train`: a table to a judged model in a folder of its own.

use super::arguments::Train;
use super::checkpoints::{Every, Keeper};
use super::columns::{Found, Recalled};
use super::interrupt::Interrupt;
use super::outlier::far_number;
use super::progress::Progress;
use super::report::{Report, Words, indented, score_table, told};
use super::resume::{self, Begun, Last, Resumed};
use super::run_folder::Place;
use super::start::Start;
use super::train_advice::Again;
use super::train_words::{Kept, diverged, end_text, mend, plan_text, resumed_text};
use super::{Failure, audit, folds, library, portions, train_advice, train_answer, train_files};
use learn::{CHECKPOINT_FILE, End, Experiment};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use table::Table;

/// Trains, judges, writes and reports.
pub fn run(train: &Train) -> Result<(), Failure> {
    let Some(run) = &train.resume else {
        let mut begun = Begun::now(library::texts(&train.define)?);
        let recalled = Recalled::of(train)?;
        let train = &recalled.train;
        let Some(path) = &train.start_from else {
            let table = super::table(table_path(train), &train.reading)?;
            return run_from(&recalled, &begun, &table, None, None);
        };
        let model = super::model(path)?;
        let table = super::table(table_path(train), &super::recalling(&model, &train.reading)?)?;
        let start = Start::new(path, model, &table);
        begun.know(start.pages());
        let options = start.options(&begun, &table, train);
        let recalled = Recalled::of(&begun.add(options)?)?;
        start.refuse_other_scales(&recalled.train)?;
        if let Some(note) = start.note(&table, &recalled.train) {
            super::tell(&note);
        }
        return run_from(&recalled, &begun, &table, Some(&start), None);
    };
    let Resumed { train, begun, last } = resume::resume(run, train)?;
    let recalled = Recalled::of(&train)?;
    let train = &recalled.train;
    let path = table_path(train);
    let table = match super::table(path, &train.reading) {
        Err(_) if super::is_standard_input(path) => {
            return Err(Failure::bad_input(format!(
                "the run of `{0}` read its table from standard input, where there is none now: send it there again, or give its file \
                 with `chainrule train TABLE.csv --resume {0}`",
                run.display()
            )));
        }
        table => table?,
    };
    run_from(&recalled, &begun, &table, None, Some(last))
}

fn table_path(train: &Train) -> &Path {
    train.table.as_deref().unwrap_or(Path::new("-"))
}

fn run_from(
    recalled: &Recalled,
    begun: &Begun,
    table: &Table,
    start: Option<&Start>,
    last: Option<Last>,
) -> Result<(), Failure> {
    let train = &recalled.train;
    let mut words = Report::new(if train.json { Words::Error } else { Words::Output }, train.quiet);
    let settings =
        train.settings(table.rows(), table.reading().usual_scaling()).map_err(Failure::bad_input)?;
    let pages = library::with_texts(begun.pages())?;
    let encoding = match (start, &last) {
        (Some(start), _) => Some(start.model.encoding()),
        (None, Some(last)) => Some(last.identity.encoding().clone()),
        (None, None) => None,
    };
    let columns = recalled.columns(table, encoding)?;
    columns.targets_of(table)?;
    if train.folds.is_some() {
        return folds::run(train, table, &columns, settings, pages, words);
    }
    let out = train.out.clone().unwrap_or_else(|| PathBuf::from(default_out(table.name(), train.seed)));
    let place = match (&last, train.dry_run) {
        (Some(last), _) => Some(Place::of_run(&out, last.from.clone())?),
        (None, false) => Some(Place::new(&out, train.overwrite)?),
        (None, true) => None,
    };
    if last.is_none() {
        refuse_inputs_within(&out, train, start)?;
    }
    // What it refuses is refused before the table is told.
    let folder = place.map(|place| place.make()).transpose()?;
    if let Some(last) = &last {
        words.note(&resumed_text(&last.checkpoint, &out, table_path(train)));
        if train.checkpoint == Some(Every::Never) {
            super::tell(
                "note: with `--checkpoint none` the checkpoint that the run goes on from goes with the old folder in the end",
            );
        }
    }

    let portions = portions::of(train, table.rows())?;
    let mut experiment = Experiment::new(table, &columns, portions, settings, pages)?;
    let found = Found::of(&experiment, table, &columns)?;
    words.note(&audit::text(&experiment, table, &columns, &found.warnings));
    if let Some(start) = start {
        experiment.start_from(&start.model)?;
    }
    let mut begun = begun.clone();
    if let Some(start) = start {
        begun.trained_before = start.trained_before(experiment.split());
    }
    let is_resumed = last.is_some();
    let done = last.as_ref().filter(|last| last.is_done).map(|last| last.checkpoint.epochs());
    if let Some(last) = last {
        experiment.resume(last.checkpoint, &last.identity)?;
    }
    let seconds = experiment.seconds()?;
    words.note(&plan_text(&experiment, train, seconds));
    if let Some(warning) = start.and_then(|start| start.warning(experiment.split())) {
        super::tell(&warning);
    }
    let Some(folder) = folder else {
        if train.json {
            super::print(&format!("{:#}\n", train_answer::of_dry_run(&experiment, &found, seconds)))?;
        }
        return words.finish();
    };
    let (settings, network) = (experiment.settings().clone(), experiment.network().clone());
    let (targets, task) = (experiment.targets().to_vec(), experiment.meaning().task.clone());
    let identity = experiment.identity()?;
    let is_constant = identity.fixed_epochs().is_none();
    let what = (begun.pages(), targets.as_slice());
    let configuration =
        train_files::configuration(train, what, &identity, experiment.checksum(), table.rows());
    let (rows, split) = (experiment.rows(), Arc::clone(experiment.split()));
    let training_rows = &split.train;

    let interrupt = Interrupt::watch();
    experiment.stop_on(interrupt.flag());
    let (most_epochs, _) = experiment.epochs();
    let progress = Progress::new(most_epochs, rows[0], train.quiet);
    let every = train.checkpoint.unwrap_or_default();
    let from = start.map(|start| start.path.as_path());
    let mut keeper = Keeper::new(every, folder.partial(), identity, &begun, &progress, training_rows, from)?;
    // A panic in a step, in whatever thread, was told where it happened; what it leaves is told here.
    let stepping = std::panic::AssertUnwindSafe(|| experiment.run_watched(&mut keeper));
    let stepped = std::panic::catch_unwind(stepping);
    progress.finish();
    if matches!(&stepped, Ok(Ok(run)) if run.model.is_none()) {
        keeper.forget_end();
    }
    if let Ok(Ok(run)) = &stepped
        && run.outcome.end == End::Patience
        && done == Some(run.outcome.epochs.len())
    {
        keeper.forget_end();
        return Err(resume::out_of_patience(&out, &run.outcome));
    }
    let has_model = stepped.as_ref().is_ok_and(|run| run.as_ref().is_ok_and(|run| run.model.is_some()));
    if !has_model && folder.has_checkpoints() {
        super::tell(&format!(
            "from its last checkpoint the run goes on with `chainrule train --resume {}`",
            folder.path().display()
        ));
    }
    let run = stepped.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    if interrupt.is_asked() {
        super::tell(
            "stopped by a signal: the best model so far is judged and written; another signal ends at once, and what was trained since \
             the last checkpoint is lost",
        );
    }

    let far = || far_number(table, &columns.choices.ignored);
    let Some(model) = &run.model else {
        if run.outcome.end == End::Stopped {
            return Err(Failure::other(
                "stopped by a signal before the first step was done, so no model is written",
            ));
        }
        let mend = mend(&run.outcome, &settings, keeper.halved(), far(), None);
        return Err(diverged(&run.outcome, training_rows, &mend, None));
    };
    words.note(&end_text(&run.outcome, &settings, rows));
    let mut answer = train_answer::of(&run, &task, &settings, most_epochs, folder.path());
    let checkpoint = keeper.end().map(|_| CHECKPOINT_FILE);
    let settled = (configuration, &answer, &found);
    let files = train_files::of(&run, model, table, &targets, settled, &begun.trained_before, checkpoint)?;
    let kept = Kept { folder: folder.path(), goes_on: keeper.end().is_some() };
    folder.write(&files, keeper.end())?;
    if let Some(test) = &run.test {
        test.notes.iter().for_each(|note| super::tell(&format!("note: of the test rows {note}")));
        words.say(&score_table(&format!("test, {} rows", test.model.rows), test, &task));
    } else {
        words.say("no test rows, so no scores");
    }
    let resumed = is_resumed.then(|| Again { run: folder.path(), goes_on: kept.goes_on && is_constant });
    let command = (train, &begun, resumed.as_ref());
    if let Some(advice) = train_advice::of(&run, &settings, rows, table.rows(), command) {
        words.say(&advice);
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).chain(checkpoint).collect();
    words.note(&format!(
        "\nwritten to {}: {}\n\nthe network\n{}\n`chainrule explain {}` shows its derived gradient, step by step.",
        folder.path().display(),
        names.join(", "),
        indented(&network.formula()),
        folder.path().display()
    ));
    if run.outcome.end == End::Stopped {
        words.say(&kept.stopped(&run.outcome, most_epochs));
    }
    let failure = matches!(run.outcome.end, End::Diverged { .. }).then(|| {
        let mend = mend(&run.outcome, &settings, keeper.halved(), far(), Some(&kept));
        diverged(&run.outcome, training_rows, &mend, Some(&kept))
    });
    let is_saved =
        |failure: Failure| failure.and(&format!("; the run is saved in {}", folder.path().display()));
    if train.json {
        if let Some(failure) = &failure {
            answer["error"] = failure.to_json().get_mut("error").map(Value::take).unwrap_or_default();
        }
        super::print(&format!("{answer:#}\n")).map_err(is_saved)?;
    }
    if let Some(failure) = failure {
        return Err(failure.after_answer());
    }
    words.finish().map_err(is_saved)?;
    run.test.map_or(Ok(()), |test| told(test.not_finite, "test rows", test.model.rows))
}

/// A folder under `runs` that need not be quoted.
fn default_out(table: &str, seed: u64) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() || "-_.".contains(letter) { letter } else { '_' };
    format!("runs/{}-{seed}", table.chars().map(plain).collect::<String>())
}

/// Refuses to replace a folder that holds what the run reads; the run that it starts from may be replaced by it, rows and all.
fn refuse_inputs_within(out: &Path, train: &Train, start: Option<&Start>) -> Result<(), Failure> {
    let Ok(folder) = out.canonicalize() else { return Ok(()) };
    let is_within = |path: &&Path| path.canonicalize().is_ok_and(|path| path.starts_with(&folder));
    let starts_there = start.is_some_and(|start| is_within(&start.path.as_path()));
    let parts =
        [&train.test, &train.validation].into_iter().flatten().map(Path::new).chain(train.train.as_deref());
    let others = train.table.iter().chain(&train.columns).map(PathBuf::as_path);
    let inputs = others.chain(train.define.iter().map(Path::new)).chain(parts.filter(|_| !starts_there));
    match inputs.into_iter().find(is_within) {
        None => Ok(()),
        Some(input) => Err(Failure::bad_input(format!(
            "`{}` lies in `{}`, which the run would replace, and the run reads it: choose another folder with `--out`",
            input.display(),
            out.display()
        ))),
    }
}
