//! `chainrule train`: a table to a judged model in a folder of its own.

use super::arguments::Train;
use super::checkpoints::{self, Every, Keeper};
use super::interrupt::Interrupt;
use super::outlier::far_number;
use super::progress::{Progress, loss_text, rows_a_second};
use super::report::{Report, Words, indented, number, plain, rounded, score_table, scores_json, told};
use super::resume::{self, Begun, Resumed};
use super::run_folder::Place;
use super::start::Start;
use super::{Failure, library, portions, train_files};
use learn::{CHECKPOINT_FILE, Checkpoint, End, Experiment, Identity, OnNan, Outcome, Run, Settings, Solver};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use table::{Dataset, Table};

/// Trains, judges, writes and reports.
pub fn run(train: &Train) -> Result<(), Failure> {
    let Some(run) = &train.resume else {
        let mut begun = Begun::now(library::texts(&train.define)?);
        let table = super::table(table_path(train), &train.reading)?;
        let Some(path) = &train.start_from else { return run_from(train, &begun, &table, None, None) };
        let start = Start::read(path, &table)?;
        begun.know(start.pages());
        let train = begun.add(start.options(&begun, &table))?;
        start.refuse_other_scales(&train)?;
        return run_from(&train, &begun, &table, Some(&start), None);
    };
    let Resumed { train, begun, checkpoint, identity } = resume::resume(run, train)?;
    let path = table_path(&train);
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
    run_from(&train, &begun, &table, None, Some((checkpoint, identity)))
}

fn table_path(train: &Train) -> &Path {
    train.table.as_deref().unwrap_or(Path::new("-"))
}

fn run_from(
    train: &Train,
    begun: &Begun,
    table: &Table,
    start: Option<&Start>,
    checkpoint: Option<(Checkpoint, Identity)>,
) -> Result<(), Failure> {
    let mut words = Report::new(if train.json { Words::Error } else { Words::Output }, train.quiet);
    let settings = train.settings().map_err(Failure::bad_input)?;
    let pages = library::with_texts(begun.pages())?;
    if train.target.iter().chain(&train.ignore).any(|name| table.column(name).is_none()) {
        Dataset::new(table, &train.target, &train.ignore)?;
    }
    let default_out = || PathBuf::from(format!("runs/{}-{}", table.name(), train.seed));
    let out = train.out.clone().unwrap_or_else(default_out);
    let place = match checkpoint {
        None => Place::new(&out, train.overwrite)?,
        Some(_) => Place::of_run(&out)?,
    };
    // What it refuses is refused before the table is told.
    let folder = place.make()?;
    if let Some((checkpoint, _)) = &checkpoint {
        words.note(&resumed_text(checkpoint, &out, table_path(train)));
        if train.checkpoint == Some(Every::Never) {
            super::tell(
                "note: with `--checkpoint none` the checkpoint that the run goes on from goes with the old folder in the end",
            );
        }
    }
    words.note(&format!("{}\n", table.audit()));

    let portions = portions::of(train, table.rows())?;
    let mut experiment = Experiment::new(table, &train.target, &train.ignore, portions, settings, pages)?;
    if let Some(start) = start {
        experiment.start_from(&start.model)?;
    }
    let seconds = experiment.seconds()?;
    words.note(&plan_text(&experiment, seconds));
    if let Some(warning) = start.and_then(|start| start.warning(experiment.split())) {
        super::tell(&warning);
    }
    if let Some((checkpoint, identity)) = checkpoint {
        experiment.resume(checkpoint, &identity)?;
    }
    let (settings, network) = (experiment.settings().clone(), experiment.network().clone());
    let identity = experiment.identity()?;
    let configuration =
        train_files::configuration(train, begun.pages(), &identity, experiment.checksum(), table.rows());
    let (rows, training_rows) = (experiment.rows(), experiment.split().train.clone());

    let interrupt = Interrupt::watch();
    experiment.stop_on(interrupt.flag());
    let (most_epochs, _) = experiment.epochs();
    let progress = Progress::new(most_epochs, rows[0], train.quiet);
    let every = train.checkpoint.unwrap_or_default();
    let from = start.map(|start| start.path.as_path());
    let mut keeper = Keeper::new(every, folder.partial(), identity, begun, &progress, &training_rows, from)?;
    // A panic in a step, in whatever thread, was told where it happened; what it leaves is told here.
    let stepping = std::panic::AssertUnwindSafe(|| experiment.run_watched(&mut keeper));
    let stepped = std::panic::catch_unwind(stepping);
    progress.finish();
    if matches!(&stepped, Ok(Ok(run)) if run.model.is_none()) {
        keeper.forget_end();
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

    let Some(model) = &run.model else {
        if run.outcome.end == End::Stopped {
            return Err(Failure::other(
                "stopped by a signal before the first step was done, so no model is written",
            ));
        }
        let mend = mend(&run.outcome, &settings, keeper.halved(), far_number(table, &train.ignore), None);
        return Err(diverged(&run.outcome, &training_rows, &mend, None));
    };
    words.note(&end_text(&run.outcome, &settings, rows));
    let files = train_files::of(&run, model, table, &configuration)?;
    let kept = Kept { folder: folder.path(), goes_on: keeper.end().is_some() };
    folder.write(&files, keeper.end())?;
    if let Some(test) = &run.test {
        words.say(&score_table(&format!("test, {} rows", test.model.rows), test, &train.target));
    } else {
        words.say("no test rows, so no scores");
    }
    let checkpoint = keeper.end().map(|_| CHECKPOINT_FILE);
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
        let far = far_number(table, &train.ignore);
        let mend = mend(&run.outcome, &settings, keeper.halved(), far, Some(&kept));
        diverged(&run.outcome, &training_rows, &mend, Some(&kept))
    });
    let is_saved =
        |failure: Failure| failure.and(&format!("; the run is saved in {}", folder.path().display()));
    if train.json {
        let answer =
            answer(&run, most_epochs, network.parameter_count(), &settings, folder.path(), failure.as_ref());
        super::print(&format!("{answer:#}\n")).map_err(is_saved)?;
    }
    if let Some(failure) = failure {
        return Err(failure.after_answer());
    }
    words.finish().map_err(is_saved)?;
    run.test.map_or(Ok(()), |test| told(test.not_finite, "test rows", test.model.rows))
}

/// Where a run that ended early is kept.
struct Kept<'a> {
    folder: &'a Path,
    /// Whether there is a checkpoint from which it goes on.
    goes_on: bool,
}

impl Kept<'_> {
    /// What a run is that was stopped, and how it goes on.
    fn stopped(&self, outcome: &Outcome, wanted: usize) -> String {
        let done = outcome.epochs.len();
        let how = match self.goes_on {
            true => format!("it goes on with `chainrule train --resume {}`", self.folder.display()),
            false => String::from("it cannot go on, for it keeps no checkpoint (`--checkpoint none`)"),
        };
        format!(
            "\nThe run was stopped after {done} of {}, and its scores are those of a part of it: {how}.",
            epochs(wanted)
        )
    }
}

/// What a run goes on from.
fn resumed_text(checkpoint: &Checkpoint, out: &Path, table: &Path) -> String {
    let table = if super::is_standard_input(table) {
        String::from("standard input")
    } else {
        table.display().to_string()
    };
    let (done, steps) = (checkpoint.epochs(), checkpoint.steps());
    let steps = if steps == 1 { String::from("1 step") } else { format!("{steps} steps") };
    format!("goes on    {}, after {} and {steps}, with the table of {table}\n", out.display(), epochs(done))
}

/// `1 epoch`, `2 epochs`.
fn epochs(count: usize) -> String {
    if count == 1 { String::from("1 epoch") } else { format!("{count} epochs") }
}

/// The answer as JSON, and the error of a run that could not be trained to its end.
fn answer(
    run: &Run,
    most_epochs: usize,
    parameters: usize,
    settings: &Settings,
    out: &Path,
    failure: Option<&Failure>,
) -> Value {
    let ended = match run.outcome.end {
        End::Finished | End::Patience => "done",
        End::TimeLimit => "time limit",
        End::Stopped => "stopped by a signal",
        End::Diverged(_) => "not finite",
    };
    let mut answer = json!({
        "schema": 1,
        "test": scores_json(run.test.map(|test| test.model)),
        "linear": scores_json(run.test.and_then(|test| test.linear)),
        "mean": scores_json(run.test.and_then(|test| test.mean)),
        "epochs": run.outcome.epochs.len(),
        "epochs_wanted": if settings.solver == Solver::Exact { 0 } else { most_epochs },
        "ended": ended,
        "best_epoch": run.outcome.best_epoch,
        "seconds": number(run.outcome.seconds),
        "parameters": parameters,
        "seed": settings.training.seed,
        "out": out.display().to_string(),
    });
    if let Some(failure) = failure {
        answer["error"] = failure.to_json()["error"].take();
    }
    answer
}

/// What will be trained, and on what.
fn plan_text(experiment: &Experiment, seconds: f64) -> String {
    let (settings, network) = (experiment.settings(), experiment.network());
    let [train, validation, test] = experiment.rows();
    let how = match settings.solver {
        Solver::Exact => String::from("the explicit solution, from the critical points of the loss"),
        Solver::Descent => {
            let training = &settings.training;
            let batch = training.batch_size.map_or(String::from("all rows"), |rows| format!("{rows} rows"));
            let (most, patience) = experiment.epochs();
            let most = match patience {
                Some(patience) => format!("up to {} (ends {patience} after the best)", epochs(most)),
                None => epochs(most),
            };
            format!(
                "{}, rate {}, schedule {}, batches of {batch}, {}\n           {most}, {} at most",
                training.optimizer,
                plain(training.rate.unwrap_or_default()),
                training.schedule,
                settings.precision.name(),
                duration(seconds)
            )
        }
    };
    format!(
        "network    {}, {}\n           {} parameters, {} matrix products a step\nloss       {}\ntraining   {how}\n\
         rows       {train} for training, {validation} for validation, {test} for the test (seed {})\n",
        network.summary(),
        if network.bias { "with biases" } else { "without biases" },
        network.parameter_count(),
        experiment.step_plan().products(),
        network.loss,
        settings.training.seed
    )
}

/// `about 3 s`, `about 2 min`.
fn duration(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 1.0 => String::from("about a second"),
        seconds if seconds < 120.0 => format!("about {seconds:.0} s"),
        seconds => format!("about {:.0} min", seconds / 60.0),
    }
}

/// How training ended.
fn end_text(outcome: &Outcome, settings: &Settings, rows: [usize; 3]) -> String {
    if settings.solver == Solver::Exact {
        return format!("solved in {:.3} s\n", outcome.seconds);
    }
    let done = outcome.epochs.len();
    let why = match outcome.end {
        End::Stopped if outcome.best_epoch > done => {
            let place = outcome.best_epoch;
            format!("stopped by a signal within epoch {place}; the model of its last step is kept\n")
        }
        End::Stopped => format!("stopped by a signal after epoch {done}; the best model so far is kept\n"),
        End::TimeLimit => format!("the time was used up after epoch {done}; the best model so far is kept\n"),
        End::Patience => {
            format!("ended after epoch {done}, for none was better since epoch {}\n", outcome.best_epoch)
        }
        End::Finished | End::Diverged { .. } => String::new(),
    };
    let best = outcome.epochs.iter().find(|epoch| epoch.number == outcome.best_epoch);
    let rate_of_best = best.map(|best| best.rate).filter(|rate| Some(*rate) != settings.training.rate);
    let kept = match best.and_then(|epoch| epoch.validation_loss) {
        Some(loss) => {
            format!("best epoch {} of {done}, by its validation loss {}", outcome.best_epoch, loss_text(loss))
        }
        None if outcome.best_epoch == 0 => {
            String::from("no epoch is better than the model that the run started from, so that is kept")
        }
        None if done == 0 => String::from("no epoch is whole, so nothing was judged by validation rows"),
        None if outcome.best_epoch < done => {
            format!("epoch {} of {done} kept, which has the least training loss", outcome.best_epoch)
        }
        None => format!("last epoch {done} kept, for there are no validation rows"),
    };
    let kept = match rate_of_best {
        Some(rate) => format!("{kept}, trained with the rate {}", rounded(rate, 6)),
        None => kept,
    };
    let kept = match outcome.skipped {
        0 => kept,
        1 => format!("{kept}; 1 batch was skipped"),
        batches => format!("{kept}; {batches} batches were skipped"),
    };
    let rate = rows_a_second(rows[0] * done, outcome.seconds);
    format!("{why}{kept}; {:.1} s, {rate}\n", outcome.seconds)
}

/// Numbers were no longer finite: where, and what to try.
fn diverged(outcome: &Outcome, training_rows: &[usize], mend: &str, kept: Option<&Kept>) -> Failure {
    let place = match &outcome.end {
        End::Diverged(fault) => checkpoints::place(fault, training_rows),
        // No parameters were good enough to be kept.
        End::Finished | End::Stopped | End::Patience | End::TimeLimit => {
            format!("epoch {}: a parameter is not finite", outcome.epochs.len())
        }
    };
    let kept = match kept {
        Some(Kept { folder, .. }) if outcome.best_epoch == 0 => {
            format!("the model that the run started from is kept in {}", folder.display())
        }
        Some(Kept { folder, .. }) => format!(
            "the model of epoch {}, the last good one, is kept in {}",
            outcome.best_epoch,
            folder.display()
        ),
        None => String::from("no epoch was finished before, so no model is written"),
    };
    Failure::bad_input(format!("numbers became NaN or infinite in {place}; {mend}; {kept}"))
}

/// What to try where numbers were no longer finite: what was tried already is not proposed again. `halved` is the last of the rates
/// that were tried after the first, `far` what is said of a number of the table that is far from all others.
fn mend(
    outcome: &Outcome,
    settings: &Settings,
    halved: Option<f64>,
    far: Option<String>,
    kept: Option<&Kept>,
) -> String {
    /// A rate that is as small as this part of the first is not to blame.
    const BLAMELESS: f64 = 1e-9;
    let on_nan = settings.training.on_nan;
    let skip = if on_nan == OnNan::Skip { "" } else { ", or leave such batches out with `--on-nan skip`" };
    if let Some(far) = far {
        return format!("{far}{skip}");
    }
    let is_untrained = matches!(&outcome.end, End::Diverged(fault) if fault.steps == 0) && halved.is_none();
    let first = settings.training.rate.unwrap_or(1e-3);
    let tried = halved.unwrap_or(first);
    if is_untrained || tried < first * BLAMELESS {
        let why = match is_untrained {
            true => String::from("no step was taken"),
            false => format!("a rate of {} was tried too", rounded(tried, 2)),
        };
        return format!(
            "{why}, so the rate is not to blame: look at the functions and the loss where their arguments are small, and at columns \
             that are left as they are by `--scale none`{skip}"
        );
    }
    let halve = match kept {
        _ if on_nan == OnNan::HalveRate => String::new(),
        Some(Kept { folder, goes_on: true }) => {
            format!(", or go on with `chainrule train --resume {} --on-nan halve-rate`", folder.display())
        }
        _ => String::from(", or give `--on-nan halve-rate`"),
    };
    format!("try a smaller rate, such as `--learning-rate {}`{halve}", rounded(tried / 10.0, 2))
}
