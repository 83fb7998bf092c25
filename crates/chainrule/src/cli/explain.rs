//! `chainrule explain`: a model's formula and the derived gradient that trained it.

use super::Failure;
use super::arguments::Explain;
use super::deadline::Deadline;
use super::derive::doing;
use ::library::PAGES;
use chainrule::{Question, derive_telling};
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
    super::print(&visible(&format!("{title}{}", super::derive::explained(&answer, true, false))))?;
    super::derive::verdict(&answer.check)
}
