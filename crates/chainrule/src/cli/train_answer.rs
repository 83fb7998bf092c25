//! The scores of a run as JSON: the file `scores.json`, and what `--json` prints.

use super::columns::Found;
use super::report::number;
use learn::{End, Experiment, Judgement, Run, Scores, Settings, Solver, Target, TargetScores, Task};
use serde_json::{Map, Value, json};
use std::path::Path;

/// The version of the object.
pub const SCHEMA: u32 = 3;

/// What would be trained: the audit, the network, the rows of each part and the seconds at most.
pub fn of_dry_run(experiment: &Experiment<'_>, audit: &Found, seconds: f64) -> Value {
    let [train, validation, test] = experiment.rows();
    json!({
        "schema": SCHEMA,
        "dry_run": true,
        "task": experiment.meaning().task.kind.to_string(),
        "targets": experiment.meaning().task.names(),
        "network": experiment.network().summary(),
        "parameters": experiment.network().parameter_count(),
        "loss": experiment.network().loss,
        "rows": { "train": train, "validation": validation, "test": test },
        "epochs_wanted": experiment.epochs().0,
        "seconds_at_most": number(seconds),
        "seed": experiment.settings().training.seed,
        "audit": audit,
    })
}

/// The scores of a run beside what it was.
pub fn of(run: &Run, task: &Task, settings: &Settings, most_epochs: usize, out: &Path) -> Value {
    let outcome = &run.outcome;
    let (ended, stopped) = match outcome.end {
        End::Finished => ("done", Some("limit")),
        End::Patience => ("done", Some("patience")),
        End::TimeLimit => ("time limit", Some("limit")),
        End::Stopped => ("stopped by a signal", Some("signal")),
        End::Diverged(_) => ("not finite", None),
    };
    let is_exact = settings.solver == Solver::Exact;
    let mut answer = json!({
        "schema": SCHEMA,
        "task": task.kind.to_string(),
        "targets": targets(task, run.train.as_ref(), run.validation.as_ref(), run.test.as_ref()),
        "model": out.display().to_string(),
        "seconds": number(outcome.seconds),
        "steps": outcome.steps,
        "best_step": outcome.best_step,
        "stopped": stopped.filter(|_| !is_exact),
        "epochs": outcome.epochs.len(),
        "epochs_wanted": if is_exact { 0 } else { most_epochs },
        "ended": ended,
        "best_epoch": outcome.best_epoch,
        "parameters": run.model.as_ref().map(|model| model.parameters().len()),
        "seed": settings.training.seed,
        "out": out.display().to_string(),
    });
    lift_test(&mut answer);
    answer
}

/// Of a single target, its test scores stand at the top too.
pub fn lift_test(answer: &mut Value) {
    if let Some([target]) = answer["targets"].as_array().map(Vec::as_slice) {
        answer["test"] = target["test"].clone();
    }
}

/// Each target with its scores in each part, and those of the baselines.
pub fn targets(
    task: &Task,
    train: Option<&Scores>,
    validation: Option<&Scores>,
    test: Option<&Judgement>,
) -> Value {
    let target = |(at, target): (usize, &Target)| {
        let of = |scores: Option<&Scores>| scores.map_or(Value::Null, |scores| one(scores, at));
        let baseline = |(name, scores): &(String, Scores)| json!({ "name": name, "test": one(scores, at) });
        let baselines: Vec<Value> = test.into_iter().flat_map(|test| &test.baselines).map(baseline).collect();
        let mut answer = json!({
            "name": target.name,
            "task": task.kind.to_string(),
            "train": of(train),
            "validation": of(validation),
            "test": of(test.map(|test| &test.model)),
            "baselines": baselines,
        });
        if task.is_classes() {
            answer["classes"] = json!(target.classes);
            answer["positive"] = json!(target.positive.and_then(|place| target.classes.get(place)));
            let confusion = test.and_then(|test| test.model.targets.get(at)?.confusion.as_ref());
            answer["confusion"] = confusion.map_or(Value::Null, |confusion| {
                json!(confusion.iter_rows().map(<[f64]>::to_vec).collect::<Vec<_>>())
            });
        }
        answer
    };
    task.targets.iter().enumerate().map(target).collect()
}

/// The scores of a target; what is no number is null.
fn one(scores: &Scores, at: usize) -> Value {
    let Some(TargetScores { values, .. }) = scores.targets.get(at) else { return Value::Null };
    let mut object = Map::from_iter([(String::from("rows"), json!(scores.rows))]);
    object.extend(values.iter().map(|(name, value)| (name.clone(), value.map_or(Value::Null, number))));
    Value::Object(object)
}
