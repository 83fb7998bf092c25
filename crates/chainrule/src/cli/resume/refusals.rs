//! What a run that goes on is not told anew: options, pages and numbers of epochs that would make another run of it.

use super::super::Failure;
use super::super::arguments::{Arguments, Train};
use super::{Begun, is_file, is_given};
use clap::{ArgMatches, CommandFactory};
use learn::{Checkpoint, Identity, Outcome};
use std::path::Path;

/// What may be another when a run goes on.
const FREE: [&str; 9] =
    ["epochs", "patience", "time_limit", "quiet", "threads", "checkpoint", "on_nan", "json", "table"];

/// Refuses options that are not as they were.
pub(super) fn refuse_changes(
    now: &ArgMatches,
    was: &ArgMatches,
    run: &Path,
    train: &Train,
) -> Result<(), Failure> {
    let command = Arguments::command();
    for option in options(&command) {
        let id = option.get_id().as_str();
        let Some(long) =
            option.get_long().filter(|_| is_given(now, id) && id != "resume" && !FREE.contains(&id))
        else {
            continue;
        };
        let values = |given: &ArgMatches| -> Vec<String> {
            let raw = given.get_raw(id).into_iter().flatten();
            raw.map(|value| value.to_string_lossy().into_owned()).collect()
        };
        let (own, before) = (values(now), values(was));
        let is_same = match id {
            // Their contents are compared.
            "define" => true,
            "columns" | "train" | "test" | "validation" if are_files(&own) && are_files(&before) => true,
            "out" => train.out.as_deref().is_some_and(|out| is_one_place(out, run)),
            _ => {
                own.len() == before.len()
                    && own.iter().zip(&before).all(|(own, before)| are_equal(own, before))
            }
        };
        if !is_same {
            let was = match (id, before.is_empty()) {
                ("out", _) => run.display().to_string(),
                (_, true) => String::from("not given"),
                (_, false) => before.join(", "),
            };
            return Err(Failure::bad_input(format!(
                "`--{long}` is {} now, and it was {was} when the run of `{}` was begun: leave it out, or begin another run without \
                 `--resume`; only the places of its files, {} may be others",
                own.join(", "),
                run.display(),
                free(&command)
            )));
        }
    }
    Ok(())
}

/// The options of [`FREE`], as they are given: `--epochs`, ... and `--json`.
fn free(command: &clap::Command) -> String {
    let free = options(command).filter(|option| FREE.contains(&option.get_id().as_str()));
    let mut names: Vec<String> =
        free.filter_map(|option| option.get_long()).map(|long| format!("`--{long}`")).collect();
    let last = names.pop().unwrap_or_default();
    format!("{} and {last}", names.join(", "))
}

/// All that `train` takes.
fn options(command: &clap::Command) -> impl Iterator<Item = &clap::Arg> {
    command.find_subcommand("train").into_iter().flat_map(clap::Command::get_arguments)
}

/// Whether these values of an option are files.
fn are_files(values: &[String]) -> bool {
    !values.is_empty() && values.iter().all(|value| is_file(value.as_ref()))
}

/// Whether two values of an option are one, if spelt differently.
fn are_equal(left: &str, right: &str) -> bool {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    left == right || number(left).is_some_and(|value| number(right) == Some(value))
}

fn is_one_place(left: &Path, right: &Path) -> bool {
    let place = |path: &Path| {
        let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::canonicalize(above).ok().map(|above| above.join(path.file_name().unwrap_or_default()))
    };
    left == right || place(left).is_some_and(|left| place(right) == Some(left))
}

/// Refuses a page that is given again and is not as it was.
pub(super) fn refuse_pages(now: &Train, begun: &Begun) -> Result<(), Failure> {
    let own = super::super::library::texts(&now.define)?;
    let mut was = chainrule::Library::standard();
    for text in &begun.pages {
        was.define(text)?;
    }
    let mut library = chainrule::Library::standard();
    for text in own.iter().filter(|text| !begun.pages.contains(text)) {
        for name in library.define(text)? {
            if library.text(&name) != was.text(&name) {
                return Err(Failure::bad_input(format!(
                    "the page `{name}` that `--define` gives is not as it was when the run was begun: leave it out, for the run keeps \
                     its pages, or begin another run without `--resume`"
                )));
            }
        }
    }
    Ok(())
}

/// A run that patience ended has nothing left to do.
pub fn out_of_patience(run: &Path, outcome: &Outcome) -> Failure {
    let (done, best) = (outcome.epochs.len(), outcome.best_epoch);
    Failure::bad_input(format!(
        "the run of `{}` is done: it ended after epoch {done}, for none was better since epoch {best}: let it wait longer with \
         `--patience N`, N above {}",
        run.display(),
        done - best.min(done)
    ))
}

/// Refuses a number of epochs that the run cannot have, or has already.
pub(super) fn refuse_epochs(
    run: &Path,
    now: &Train,
    (checkpoint, identity): (&Checkpoint, &Identity),
    is_done: bool,
) -> Result<(), Failure> {
    let told = identity.settings().get("epochs").and_then(serde_json::Value::as_u64).unwrap_or(0);
    let (done, wanted) = (checkpoint.epochs() as u64, now.epochs.unwrap_or(told));
    let shown = run.display();
    let schedule = identity.settings().get("schedule").and_then(|name| name.as_str()).unwrap_or("constant");
    let anew =
        format!("train on from its model with `chainrule train TABLE.csv --start-from {shown} --epochs N`");
    let message = match identity.fixed_epochs() {
        Some(fixed) if done >= fixed && is_done => format!(
            "the run of `{shown}` is done, {done} of {fixed} epochs, and its schedule {schedule} ends there: {anew}"
        ),
        Some(fixed) if wanted != fixed => format!(
            "the run of `{shown}` has {fixed} epochs, and by its schedule {schedule} each rate depends on their number, so it cannot \
             have {wanted}: leave `--epochs` out, or {anew}; only with `--schedule constant` may a run be made longer"
        ),
        None if now.epochs.is_some() && (wanted < done || wanted == done && is_done) => format!(
            "the run of `{shown}` has made {done} epochs, and `--epochs {wanted}` asks for no more: give a number above {done}"
        ),
        None if wanted <= done && is_done => format!(
            "the run of `{shown}` is done, {done} of {wanted} epochs: give it more with `--epochs N`, N above {done}"
        ),
        _ => return Ok(()),
    };
    Err(Failure::bad_input(message))
}
