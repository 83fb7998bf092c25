//! What is said of a run's scores, each with the next thing to try.

use super::fault::{command_with, is_given};
use super::portions::FEWEST;
use learn::{End, METRICS, Run, Scores, Settings, Solver};

/// The advice, where there is any, a line each.
pub fn of(run: &Run, settings: &Settings, [train, ..]: [usize; 3], rows: usize) -> Option<String> {
    let mut lines = Vec::new();
    let outcome = &run.outcome;
    let (done, best) = (outcome.epochs.len(), outcome.best_epoch);
    let is_judged = outcome.epochs.last().is_some_and(|epoch| epoch.validation_loss.is_some());
    if run.test.is_none() && rows < FEWEST {
        lines.push(format!(
            "trained on all {train} rows, for below {FEWEST} nothing can be judged by rows that are kept back: `--folds 5` judges by parts"
        ));
    }
    if is_judged
        && best == done
        && done > 0
        && outcome.end == End::Finished
        && settings.solver == Solver::Descent
    {
        lines.push(format!(
            "the best epoch was the last, so more may be better: `{}`",
            command_with(&[("--epochs", Some(&(2 * done).to_string())), ("--overwrite", None)])
        ));
    }
    if let Some(test) = &run.test {
        let better = test.baselines.iter().find(|(_, scores)| is_better(scores, &test.model));
        if let Some((name, _)) = better {
            let layer = settings.hidden.first().map(|layer| format!("16:{}", layer.activation));
            let (hidden, rate) = match &layer {
                None => (None, "0.001"),
                Some(layer) if is_given("--layers") => (Some(("--layers", Some(layer.as_str()))), "0.002"),
                Some(_) => (Some(("--hidden", Some("16"))), "0.002"),
            };
            let other = hidden.into_iter().chain([("--learning-rate", Some(rate)), ("--overwrite", None)]);
            lines.push(format!(
                "the baseline {name} is better, so the network learnt what does not hold elsewhere, or too little: try `{}`",
                command_with(&other.collect::<Vec<_>>())
            ));
        }
    }
    (!lines.is_empty()).then(|| format!("\n{}", lines.join("\n")))
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
