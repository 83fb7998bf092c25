//! `--folds K`: as many trainings, each judged by other rows, and the mean of their scores.

use super::arguments::Train;
use super::outlier::far_number;
use super::report::{Report, number, told};
use super::train_words::{mend, place_of_end};
use super::{Failure, audit};
use chainrule::Library;
use learn::{Columns, End, Experiment, Portion, Portions, Scores, Settings};
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::sync::Arc;
use table::{Parting, Table, TargetColumn};

/// Trains on each fold, and reports; no model is kept. A fold whose numbers are not finite does not count, and is told.
pub fn run(
    train: &Train,
    table: &Table,
    columns: &Columns,
    settings: Settings,
    pages: Library,
    mut words: Report,
) -> Result<(), Failure> {
    let folds = train.folds.unwrap_or(2);
    let (targets, task) = columns.targets_of(table)?;
    let usable = (0..table.rows()).filter(|row| TargetColumn::all_known(&targets, *row)).collect();
    let order = columns.order_of(table, &targets)?;
    let parting = Parting { usable: Some(usable), order, ..Parting::new(table.rows(), train.seed) };
    let mut judged: Vec<(Scores, Vec<(String, Scores)>)> = Vec::new();
    let mut faults = Faults::default();
    for (fold, split) in parting.folds(folds)?.into_iter().enumerate() {
        // The validation rows are drawn within the training rows, as they would be without folds.
        let validation = super::portions::validation(train, table.rows());
        let fraction = validation.to_str().and_then(|text| text.trim().parse().ok()).ok_or_else(|| {
            Failure::bad_input(
                "with `--folds` the validation rows are a fraction, such as `--validation 0.2`",
            )
        })?;
        let portions = Portions {
            train: Some(split.train),
            validation: Portion::Fraction(fraction),
            test: Portion::Rows(split.test),
        };
        let experiment = Experiment::new(table, columns, portions, settings.clone(), pages.clone())?;
        if fold == 0 {
            words.note(&audit::text(&experiment, table, columns, &[]));
        }
        let (split, settings) = (Arc::clone(experiment.split()), experiment.settings().clone());
        let run = experiment.run(|_| std::ops::ControlFlow::Continue(()))?;
        let fold = format!("fold {} of {folds}", fold + 1);
        if matches!(run.outcome.end, End::Diverged(_)) || run.model.is_none() {
            let place = place_of_end(&run.outcome, &split.train);
            super::tell(&format!("{fold} does not count: numbers became NaN or infinite in {place}"));
            faults.diverged.get_or_insert_with(|| {
                mend(&run.outcome, &settings, None, far_number(table, &columns.choices.ignored), None)
            });
            faults.count += 1;
            continue;
        }
        let Some(test) = run.test else { continue };
        if let Err(failure) = told(test.not_finite, "test rows", test.model.rows) {
            super::tell(&format!("{fold} does not count: {failure}"));
            faults.count += 1;
            continue;
        }
        words.note(&format!("{fold}: {}", line(&test.model)));
        judged.push((test.model, test.baselines));
    }
    let counted = match faults.count {
        0 => format!("{folds} folds"),
        _ => format!("{} of {folds} folds, for the others do not count", judged.len()),
    };
    let mut failure = faults.failure(folds);
    if let Some(failure) = failure.take_if(|failure| judged.is_empty() && !failure.is_after_answer()) {
        return Err(failure);
    }
    let models: Vec<&Scores> = judged.iter().map(|(model, _)| model).collect();
    let names: Vec<&String> =
        judged.first().into_iter().flat_map(|(_, all)| all.iter().map(|(name, _)| name)).collect();
    let baseline = |name: &str| -> Vec<&Scores> {
        judged
            .iter()
            .flat_map(|(_, all)| all.iter().filter(|(own, _)| own == name).map(|(_, scores)| scores))
            .collect()
    };
    let mut text = String::new();
    let mut answers = Vec::new();
    for (at, target) in task.targets.iter().enumerate() {
        let title = if task.targets.len() > 1 { format!(", {}", target.name) } else { String::new() };
        let _ = write!(text, "{counted}{title}: mean and deviation over the folds");
        let own = means(&models, at);
        for (name, mean, deviation) in &own {
            let _ = write!(text, "\n  {name:<20} {mean:>10.4} +- {deviation:.4}");
        }
        let baselines: Vec<Value> = names
            .iter()
            .map(|name| json!({ "name": name, "test": object(&means(&baseline(name), at)) }))
            .collect();
        for name in &names {
            if let Some((metric, mean, deviation)) = means(&baseline(name), at).first() {
                let _ = write!(text, "\n  {name:<20} {mean:>10.4} +- {deviation:.4} ({metric})");
            }
        }
        text.push('\n');
        answers.push(json!({
            "name": target.name,
            "task": task.kind.to_string(),
            "classes": target.classes,
            "test": object(&own),
            "baselines": baselines,
        }));
    }
    let failure = failure.map(Failure::after_answer);
    if train.json {
        let mut answer = json!({
            "schema": super::train_answer::SCHEMA,
            "task": task.kind.to_string(),
            "folds": folds,
            "folds_judged": judged.len(),
            "seed": train.seed,
            "targets": answers,
        });
        if let Some(failure) = &failure {
            answer["error"] = failure.to_json().get_mut("error").map(Value::take).unwrap_or_default();
        }
        super::print(&format!("{answer:#}\n"))?;
    } else if !judged.is_empty() {
        words.say(text.trim_end());
    }
    failure.map_or(Ok(()), Err)?;
    words.finish()
}

/// The folds that do not count.
#[derive(Default)]
struct Faults {
    count: usize,
    /// What to try where the training of one came to nothing; otherwise predictions were not finite.
    diverged: Option<String>,
}

impl Faults {
    /// What they are together, where there are any.
    fn failure(self, folds: usize) -> Option<Failure> {
        let count = format!("{} of {folds} folds", self.count);
        (self.count > 0).then(|| match self.diverged {
            Some(mend) => {
                Failure::bad_input(format!("{count} came to nothing, for numbers were not finite; {mend}"))
            }
            None => {
                Failure::not_finite(format!("{count} have predictions that are not finite, as told above"))
            }
        })
    }
}

/// `accuracy 0.9667, ...` of the first target.
fn line(scores: &Scores) -> String {
    let shown = |(name, value): &(String, Option<f64>)| {
        format!("{name} {}", value.map_or_else(|| String::from("none"), |value| format!("{value:.4}")))
    };
    scores.targets.iter().flat_map(|target| &target.values).map(shown).collect::<Vec<_>>().join(", ")
}

/// Each metric of a target with its mean and its deviation over the folds that have a number.
fn means(scores: &[&Scores], at: usize) -> Vec<(String, f64, f64)> {
    let names = scores.first().and_then(|scores| scores.targets.get(at)).map(|target| &target.values);
    let of = |(name, _): &(String, Option<f64>)| {
        let values: Vec<f64> =
            scores.iter().filter_map(|scores| scores.targets.get(at)?.value(name)).collect();
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
        (name.clone(), mean, variance.sqrt())
    };
    names.into_iter().flatten().map(of).collect()
}

fn object(means: &[(String, f64, f64)]) -> Value {
    let each = means.iter().flat_map(|(name, mean, deviation)| {
        [(name.clone(), number(*mean)), (format!("{name}_deviation"), number(*deviation))]
    });
    Value::Object(Map::from_iter(each))
}
