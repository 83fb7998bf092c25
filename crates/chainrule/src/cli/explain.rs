//! `chainrule explain`: a model's formula and the derived gradient that trained it.

use super::Failure;
use super::arguments::Explain;
use ::library::PAGES;
use learn::Model;
use syntax::visible;

/// Derives the loss of the model by each of its parameters, as training did.
pub fn run(explain: &Explain) -> Result<(), Failure> {
    let model = Model::load(&explain.model)?;
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
    let parameters: Vec<String> =
        network.parameters().iter().map(|parameter| parameter.name.to_string()).collect();
    let answer =
        super::derive::answer(&network.formula(), &network.declarations(), &parameters, model.library())?;
    super::print(&visible(&format!("{title}{}", super::derive::explained(&answer, true, false))))?;
    super::derive::verdict(&answer.check)
}
