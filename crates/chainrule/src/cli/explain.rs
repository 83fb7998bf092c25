//! `chainrule explain`: a model's formula and the derived gradient that trained it.

use super::Failure;
use super::arguments::Explain;
use super::deadline::Deadline;
use super::derive::doing;
use super::report::rounded;
use ::library::PAGES;
use chainrule::{Model, Question, Steps, TargetKind, derive_telling};
use std::fmt::Write;
use syntax::visible;

/// Derives the loss of the model by each of its parameters, as training did. The closed forms, each as long as the network
/// after its parameter, are shown where they are asked for.
pub fn run(explain: &Explain) -> Result<(), Failure> {
    let model = super::model(&explain.model)?;
    let description = model.description();
    let network = description.network();
    let by = |names: &[String]| names.join(", ");
    let own = |text: &&String| PAGES.iter().all(|page| page.text.trim() != text.trim());
    let own: String =
        description.definitions.iter().filter(own).map(|text| format!("{}\n\n", text.trim_end())).collect();
    let title = format!(
        "{} from {}\n{}, {}, {} parameters, loss {}\n\n{own}",
        by(&description.targets),
        by(&description.inputs),
        network.summary(),
        if network.bias { "with biases" } else { "without biases" },
        network.parameter_count(),
        network.loss
    );
    let title = format!("{title}{}", predicting(&model));
    let parameters = network.parameters();
    let wrt: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let (formula, declarations) = (network.formula(), network.declarations());
    let question = Question {
        formula: &formula,
        declarations: &declarations,
        wrt: &wrt,
        closed: explain.closed,
        points: 1,
        ..Question::default()
    };
    let deadline = Deadline::start(explain.time_limit, false)?;
    let answer = derive_telling(&question, model.library(), &mut |stage| deadline.now(doing(stage)))?;
    drop(deadline);
    super::print(&visible(&format!("{title}{}", answer.explained(Steps::Some, false))))?;
    super::derive::verdict(&answer.check)
}

/// The whole function that predicts: the columns of X from those of a table, the lines of the network, and what they mean, with the
/// numbers of scales to six digits.
fn predicting(model: &Model) -> String {
    let description = model.description();
    let (network, task) = (description.network(), model.task());
    let mut text = String::from("columns of X, from those of a table\n");
    let formulas = model.encoding().formulas();
    let width = formulas.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(32);
    for (place, (name, formula)) in formulas.iter().enumerate() {
        let _ = writeln!(text, "  {:>4}  {name:<width$}  {formula}", place + 1);
    }
    let predicts = description.meaning.as_ref().map_or("A", |meaning| meaning.predicts.as_str());
    let (lines, last) = match predicts {
        "A" => (network.prediction(), network.prediction_name()),
        link => (network.predicting(link), network.named("P")),
    };
    text.push_str("\nprediction\n");
    lines.lines().for_each(|line| {
        let _ = writeln!(text, "  {line}");
    });
    let scales = &description.target_scaling;
    let is_log = description.meaning.as_ref().is_some_and(|meaning| meaning.log);
    let mut column = 0;
    for (target, width) in task.targets.iter().zip(task.widths()) {
        let entry = |at: usize| {
            if model.outputs() == 1 { last.clone() } else { format!("{last}, column {}", at + 1) }
        };
        match (task.kind, width) {
            (TargetKind::Classes, 1) => {
                let _ = writeln!(
                    text,
                    "  probability of {} = {} is {}",
                    target.name,
                    target.classes[1],
                    entry(column)
                );
            }
            (TargetKind::Classes, _) => {
                for (place, class) in target.classes.iter().enumerate() {
                    let _ = writeln!(
                        text,
                        "  probability of {} = {class} is {}",
                        target.name,
                        entry(column + place)
                    );
                }
            }
            (TargetKind::Numbers | TargetKind::Counts, _) => {
                let (offset, factor) = (scales.offset[column], scales.factor[column]);
                let scaled = match (factor == 1.0, offset == 0.0) {
                    (true, true) => entry(column),
                    _ => format!("{} + {}*({})", rounded(offset, 6), rounded(factor, 6), entry(column)),
                };
                let scaled = if is_log { format!("exp({scaled})") } else { scaled };
                let _ = writeln!(text, "  {} is {scaled}", target.name);
            }
        }
        column += width;
    }
    text.push('\n');
    text
}
