//! `chainrule train`: a table to a judged model in a folder of its own.

use super::arguments::Train;
use super::checkpoints::{self, Begun, Keeper, Resumed};
use super::interrupt::Interrupt;
use super::outlier::far_number;
use super::progress::{Progress, rows_a_second};
use super::report::{Report, Words, number, score_table, scores_json, told};
use super::run_folder::Place;
use super::{Failure, library, train_files};
use learn::{
    CHECKPOINT_FILE, Checkpoint, End, Experiment, Identity, Model, OnNan, Outcome, Portion, Portions, Run,
    Settings, Solver,
};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Instant;
use table::read_rows;

/// Trains, judges, writes and reports.
pub fn run(train: &Train) -> Result<(), Failure> {
    match &train.resume {
        None => run_from(train, Begun::now(), None),
        Some(run) => {
            let Resumed { train, begun, checkpoint, identity } = checkpoints::resume(run, train)?;
            run_from(&train, begun, Some((checkpoint, identity)))
        }
    }
}

fn run_from(train: &Train, begun: Begun, checkpoint: Option<(Checkpoint, Identity)>) -> Result<(), Failure> {
    let mut words = Report::new(if train.json { Words::Error } else { Words::Output });
    let settings = train.settings().map_err(Failure::bad_input)?;
    let pages = library::with(&train.define)?;
    let path = train.table.as_deref().unwrap_or(Path::new("-"));
    let table = super::table(path).map_err(|failure| {
        match checkpoint.is_some() && super::is_standard_input(path) {
            true => failure.and("; the run read it from standard input, and wants it from there again"),
            false => failure,
        }
    })?;
    let default_out = || PathBuf::from(format!("runs/{}-{}", table.name(), train.seed));
    let out = train.out.clone().unwrap_or_else(default_out);
    let place = match checkpoint {
        None => Place::new(&out, train.overwrite)?,
        Some(_) => Place::of_run(&out)?,
    };
    words.say(&format!("{}\n", table.audit()));

    let portions = portions(train, table.rows())?;
    let mut experiment = Experiment::new(&table, &train.target, &train.ignore, portions, settings, pages)?;
    // A run that goes on has all that it took from there in its checkpoint.
    if let Some(run) = train.start_from.as_ref().filter(|_| checkpoint.is_none()) {
        experiment.start_from(&Model::load(run)?)?;
    }
    words.say(&plan_text(&experiment));
    if let Some((checkpoint, identity)) = checkpoint {
        let (epochs, steps) = (checkpoint.epochs(), checkpoint.steps());
        experiment.resume(checkpoint, &identity)?;
        words.say(&format!("goes on    after {epochs} epochs and {steps} updates\n"));
    }
    let (settings, network) = (experiment.settings().clone(), experiment.network().clone());
    let configuration = train_files::configuration(train, &settings, &network);
    let (rows, training_rows) = (experiment.rows(), experiment.training_rows().to_vec());
    let folder = place.make()?;

    let interrupt = Interrupt::watch();
    experiment.stop_on(interrupt.flag());
    let progress = Progress::new(settings.training.epochs, rows[0]);
    let every = train.checkpoint.unwrap_or_default();
    let identity = experiment.identity()?;
    let mut keeper = Keeper::new(every, folder.partial(), identity, &begun, &progress, &training_rows)?;
    let start = Instant::now();
    // A panic in a step, in whatever thread, was told where it happened; what it leaves is told here.
    let stepping = std::panic::AssertUnwindSafe(|| experiment.run_watched(&mut keeper));
    let stepped = std::panic::catch_unwind(stepping);
    progress.finish();
    if !matches!(stepped, Ok(Ok(_))) && folder.has_checkpoints() {
        let shown = folder.path().display();
        super::tell(&format!(
            "from its last checkpoint the run goes on with `chainrule train --resume {shown}`"
        ));
    }
    let run = stepped.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let seconds = start.elapsed().as_secs_f64();
    if interrupt.is_asked() {
        super::tell(
            "stopped by a signal: the best model so far is judged and written; another signal ends at once",
        );
    }

    let Some(model) = &run.model else {
        keeper.forget_end();
        if run.outcome.end == End::Stopped {
            return Err(Failure::other(
                "stopped by a signal before the first step was done, so no model is written",
            ));
        }
        let mend = mend(&run.outcome, &settings, keeper.halved(), far_number(&table, &train.ignore));
        return Err(diverged(&run.outcome, &training_rows, &mend, None));
    };
    words.say(&end_text(&run.outcome, &settings, rows));
    let files = train_files::of(&run, model, &table, &configuration)?;
    folder.write(&files, keeper.end())?;
    if let Some(test) = &run.test {
        words.say(&score_table(&format!("test, {} rows", test.model.rows), test, &train.target));
    } else {
        words.say("no test rows, so no scores");
    }
    let checkpoint = keeper.end().map(|_| CHECKPOINT_FILE);
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).chain(checkpoint).collect();
    words.say(&format!(
        "\nwritten to {}: {}\n\nthe network\n{}\n`chainrule explain {}` shows its derived gradient, step by step.",
        folder.path().display(),
        names.join(", "),
        indented(&network.formula()),
        folder.path().display()
    ));
    if matches!(run.outcome.end, End::Diverged { .. }) {
        let mend = mend(&run.outcome, &settings, keeper.halved(), far_number(&table, &train.ignore));
        return Err(diverged(&run.outcome, &training_rows, &mend, Some(folder.path())));
    }
    let is_saved =
        |failure: Failure| failure.and(&format!("; the run is saved in {}", folder.path().display()));
    if train.json {
        let answer = answer(&run, seconds, network.parameter_count(), &settings, folder.path());
        super::print(&format!("{answer:#}\n")).map_err(is_saved)?;
    }
    words.finish().map_err(is_saved)?;
    run.test.map_or(Ok(()), |test| told(test.not_finite, "test rows", test.model.rows))
}

/// The answer as JSON.
fn answer(run: &Run, seconds: f64, parameters: usize, settings: &Settings, out: &Path) -> Value {
    json!({
        "schema": 1,
        "test": scores_json(run.test.map(|test| test.model)),
        "linear": scores_json(run.test.and_then(|test| test.linear)),
        "mean": scores_json(run.test.and_then(|test| test.mean)),
        "epochs": run.outcome.epochs.len(),
        "best_epoch": run.outcome.best_epoch,
        "seconds": number(seconds),
        "parameters": parameters,
        "seed": settings.training.seed,
        "out": out.display().to_string(),
    })
}

/// The rows of each part, as the options give them.
fn portions(train: &Train, rows: usize) -> Result<Portions, Failure> {
    let training = train.train.as_ref().map(|path| read_rows(path, rows)).transpose()?;
    Ok(Portions {
        train: training,
        validation: portion(&train.validation, rows)?,
        test: portion(&train.test, rows)?,
    })
}

/// A number is a fraction, a name that ends in `.csv` a table, any other a file of row numbers.
fn portion(text: &OsStr, rows: usize) -> Result<Portion, Failure> {
    if let Some(fraction) = text.to_str().and_then(|text| text.trim().parse().ok()) {
        return Ok(Portion::Fraction(fraction));
    }
    let path = Path::new(text);
    let is_table = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    if is_table {
        Ok(Portion::Table(Box::new(super::table(path)?)))
    } else {
        Ok(Portion::Rows(read_rows(path, rows)?))
    }
}

/// What will be trained, and on what.
fn plan_text(experiment: &Experiment) -> String {
    let (settings, network) = (experiment.settings(), experiment.network());
    let [train, validation, test] = experiment.rows();
    let how = match settings.solver {
        Solver::Exact => String::from("the explicit solution, from the critical points of the loss"),
        Solver::Descent => {
            let training = &settings.training;
            let batch = training.batch_size.map_or(String::from("all rows"), |rows| format!("{rows} rows"));
            format!(
                "{}, rate {:?}, schedule {}, batches of {batch}, {} epochs, {}",
                training.optimizer,
                training.rate.unwrap_or_default(),
                training.schedule,
                training.epochs,
                train_files::precision(settings.precision)
            )
        }
    };
    format!(
        "network    {}, {}\n           {} parameters, {} products a step\nloss       {}\ntraining   {how}\n\
         rows       {train} for training, {validation} for validation, {test} for the test (seed {})\n",
        network.summary(),
        if network.bias { "with biases" } else { "without biases" },
        network.parameter_count(),
        experiment.step_plan().products(),
        network.loss,
        settings.training.seed
    )
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
        End::Finished | End::Diverged { .. } => String::new(),
    };
    let best = outcome.epochs.iter().find(|epoch| epoch.number == outcome.best_epoch);
    let kept = match best.and_then(|epoch| epoch.validation_loss) {
        Some(loss) => {
            format!("best epoch {} of {done}, by its validation loss {loss:.5}", outcome.best_epoch)
        }
        None if done == 0 => String::from("no epoch is whole, so nothing was judged by validation rows"),
        None if outcome.best_epoch < done => {
            format!("epoch {} of {done} kept, which has the least training loss", outcome.best_epoch)
        }
        None => format!("last epoch {done} kept, for there are no validation rows"),
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
fn diverged(outcome: &Outcome, training_rows: &[usize], mend: &str, kept: Option<&Path>) -> Failure {
    let place = match &outcome.end {
        End::Diverged(fault) => checkpoints::place(fault, training_rows),
        // No parameters were good enough to be kept.
        End::Finished | End::Stopped => {
            format!("epoch {}: a parameter is not finite", outcome.epochs.len())
        }
    };
    let kept = match kept {
        Some(folder) => {
            format!(
                "the model of epoch {}, the last good one, is kept in {}",
                outcome.best_epoch,
                folder.display()
            )
        }
        None => String::from("no epoch was finished before, so no model is written"),
    };
    Failure::bad_input(format!("the loss or its gradient became NaN or infinite in {place}; {mend}; {kept}"))
}

/// What to try where numbers were no longer finite: what was tried already is not proposed again. `halved` is the last of the rates
/// that were tried after the first, `far` what is said of a number of the table that is far from all others.
fn mend(outcome: &Outcome, settings: &Settings, halved: Option<f64>, far: Option<String>) -> String {
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
            false => format!("a rate of {} was tried too", two_digits(tried)),
        };
        return format!(
            "{why}, so the rate is not to blame: look at the functions and the loss where their arguments are small, and at columns \
             that are left as they are by `--scale none`{skip}"
        );
    }
    let halve = if on_nan == OnNan::HalveRate { "" } else { ", or `--on-nan halve-rate`" };
    format!("try a smaller rate, such as `--learning-rate {}`{halve}", two_digits(tried / 10.0))
}

/// A number rounded to two digits, with an exponent where it is long otherwise.
fn two_digits(value: f64) -> String {
    let rounded: f64 = format!("{value:.1e}").parse().unwrap_or(value);
    if (1e-4..1e6).contains(&rounded) { rounded.to_string() } else { format!("{rounded:e}") }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
