//! What is said on the way through a training: what it goes on from, what will be trained, how it ended.

use super::Failure;
use super::arguments::{ClassWeights, TargetScale, Train};
use super::checkpoints;
use super::progress::{loss_text, rows_a_second};
use super::report::{plain, rounded};
use learn::{Checkpoint, End, Experiment, OnNan, Outcome, Settings, Solver};
use std::path::Path;
use table::TargetKind;

/// Where a run that ended early is kept.
pub struct Kept<'a> {
    pub folder: &'a Path,
    /// Whether there is a checkpoint from which it goes on.
    pub goes_on: bool,
}

impl Kept<'_> {
    /// What a run is that was stopped, and how it goes on.
    pub fn stopped(&self, outcome: &Outcome, wanted: usize) -> String {
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
pub fn resumed_text(checkpoint: &Checkpoint, out: &Path, table: &Path) -> String {
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
pub fn epochs(count: usize) -> String {
    if count == 1 { String::from("1 epoch") } else { format!("{count} epochs") }
}

/// What will be trained, and on what.
pub fn plan_text(experiment: &Experiment, options: &Train, seconds: f64) -> String {
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
        loss_line(experiment, options),
        settings.training.seed
    )
}

/// The loss, and, where it was typed, what it sees as the targets.
fn loss_line(experiment: &Experiment, train: &Train) -> String {
    let (network, meaning) = (experiment.network(), experiment.meaning());
    let is_balanced = train.class_weights == Some(ClassWeights::Balanced) && meaning.task.is_classes();
    let weights = if is_balanced { BALANCED } else { "" };
    if train.loss.is_none() {
        let each = match network.loss_of_each_target() {
            Some(loss) => format!(", the sum of {loss} over the columns of each target"),
            None => String::new(),
        };
        return format!("{}{each}{weights}", network.loss);
    }
    let is_scaled = train.target_scale != Some(TargetScale::None);
    let sees = match meaning.task.kind {
        TargetKind::Classes if meaning.task.width() == 1 => String::from("1 for the second class, else 0"),
        TargetKind::Classes => String::from("a column for each class, 1 for the one that was seen"),
        TargetKind::Counts => String::from("the counts"),
        TargetKind::Numbers if is_scaled => {
            String::from("the targets as they are scaled (`--target-scale none` leaves them)")
        }
        TargetKind::Numbers => String::from("the targets as they are"),
    };
    let predicted = if meaning.predicts == "A" {
        String::from("A is predicted")
    } else {
        format!("{} is predicted", meaning.predicts)
    };
    format!("{}; in it Y is {sees}, and {predicted}{weights}", network.loss)
}

/// What is said of weights of classes.
const BALANCED: &str = "; rare classes count as much as frequent ones\n           \
    (so probabilities are not calibrated: they are too high for rare classes; without `--class-weights balanced` they are)";

/// `about 3 s`, `about 2 min`.
pub fn duration(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 1.0 => String::from("about a second"),
        seconds if seconds < 120.0 => format!("about {seconds:.0} s"),
        seconds => format!("about {:.0} min", seconds / 60.0),
    }
}

/// How training ended.
pub fn end_text(outcome: &Outcome, settings: &Settings, rows: [usize; 3]) -> String {
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

/// Where numbers were no longer finite.
pub fn place_of_end(outcome: &Outcome, training_rows: &[usize]) -> String {
    match &outcome.end {
        End::Diverged(fault) => checkpoints::place(fault, training_rows),
        // No parameters were good enough to be kept.
        End::Finished | End::Stopped | End::Patience | End::TimeLimit => {
            format!("epoch {}: a parameter is not finite", outcome.epochs.len())
        }
    }
}

/// Numbers were no longer finite: where, and what to try.
pub fn diverged(outcome: &Outcome, training_rows: &[usize], mend: &str, kept: Option<&Kept>) -> Failure {
    let place = place_of_end(outcome, training_rows);
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
pub fn mend(
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
