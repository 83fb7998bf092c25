//! What is said of a run's scores, each with the next thing to try.

use super::arguments::Train;
use super::fault::{command_with, word};
use super::portions::FEWEST;
use super::resume::Begun;
use learn::{End, METRICS, Run, Scores, Settings, Solver};
use std::path::Path;

/// A run that went on, which no option but a few may be added to.
pub struct Again<'a> {
    /// Its folder.
    pub run: &'a Path,
    /// Whether it may have more epochs.
    pub goes_on: bool,
}

/// The most epochs that are proposed; no more may be given.
const MOST_EPOCHS: usize = 10_000_000;

/// The advice, where there is any, a line each. Every command in it is one that the program takes.
pub fn of(
    run: &Run,
    settings: &Settings,
    [train_rows, ..]: [usize; 3],
    rows: usize,
    (train, begun, again): (&Train, &Begun, Option<&Again>),
) -> Option<String> {
    let mut lines = Vec::new();
    let outcome = &run.outcome;
    let (done, best) = (outcome.epochs.len(), outcome.best_epoch);
    let is_judged = outcome.epochs.last().is_some_and(|epoch| epoch.validation_loss.is_some());
    let is_free = again.is_none() && train.start_from.is_none();
    // The command that began the run, with other options.
    let anew = |options: &[(&str, Option<&str>)], before: usize| match again {
        None => Some(command_with(&[options, &[("--overwrite", None)]].concat())),
        Some(again) => {
            begun.command_with(&[options, &[("--out", Some(&free_place(again.run, before)))]].concat())
        }
    };
    let tried =
        |command: Option<String>| command.map_or(String::new(), |command| format!(": try `{command}`"));
    if run.test.is_none() && rows < FEWEST {
        let how = if is_free { "`--folds 5`" } else { "a training anew with `--folds 5`" };
        lines.push(format!(
            "trained on all {train_rows} rows, for below {FEWEST} nothing can be judged by rows that are kept back: {how} judges by parts"
        ));
    }
    if is_judged
        && best == done
        && done > 0
        && outcome.end == End::Finished
        && settings.solver == Solver::Descent
        && 2 * done <= MOST_EPOCHS
    {
        let epochs = (2 * done).to_string();
        let command = match again {
            Some(Again { run, goes_on: true }) => {
                Some(format!("chainrule train --resume {} --epochs {epochs}", word(run.as_os_str())))
            }
            _ => anew(&[("--epochs", Some(&epochs))], lines.len()),
        };
        lines.push(format!("the best epoch was the last, so more may be better{}", tried(command)));
    }
    if let Some(test) = &run.test {
        let better = test.baselines.iter().find(|(_, scores)| is_better(scores, &test.model));
        if let Some((name, _)) = better {
            // The layers of a model that the run starts from cannot be others.
            let layer = settings.hidden.first().filter(|_| train.start_from.is_none());
            let layer = layer.map(|layer| format!("16:{}", layer.activation));
            let (hidden, rate) = match &layer {
                None => (None, "0.001"),
                Some(layer) if begun.gave("layers") => (Some(("--layers", Some(layer.as_str()))), "0.002"),
                Some(_) => (Some(("--hidden", Some("16"))), "0.002"),
            };
            let other: Vec<_> = hidden.into_iter().chain([("--learning-rate", Some(rate))]).collect();
            // The explicit solution has no rate.
            let command = if settings.solver == Solver::Descent { anew(&other, lines.len()) } else { None };
            lines.push(format!(
                "the baseline {name} is better, so the network learnt what does not hold elsewhere, or too little{}",
                tried(command)
            ));
        }
    }
    (!lines.is_empty()).then(|| format!("\n{}", lines.join("\n")))
}

/// A place beside a run where nothing lies, `run-2`, `run-3` and so on, behind as many that are proposed before.
fn free_place(run: &Path, before: usize) -> String {
    let place = |number: usize| format!("{}-{number}", run.display());
    let free = (2..).map(place).filter(|place| !Path::new(place).exists()).nth(before).unwrap_or_default();
    word(free.as_ref())
}

/// Whether the first metric of some target is better.
fn is_better(left: &Scores, right: &Scores) -> bool {
    left.targets.iter().zip(&right.targets).any(|(left, right)| {
        let (Some((name, Some(left))), Some((_, Some(right)))) = (left.values.first(), right.values.first())
        else {
            return false;
        };
        let higher =
            METRICS.iter().find(|metric| metric.name == name).is_some_and(|metric| metric.higher_is_better);
        if higher { left > right } else { left < right }
    })
}
