//! A training that starts from a model: with all on which the meaning of its weights depends.

use super::{Experiment, TargetScale, have_logarithms, settings};
use crate::{LearnError, Model, Network, Task};
use table::TargetKind;

impl Model {
    /// How its targets of numbers are scaled; none where it predicts no numbers.
    pub fn target_scale(&self) -> Option<TargetScale> {
        let description = self.description();
        (self.task().kind == TargetKind::Numbers).then_some(match &description.meaning {
            Some(meaning) if meaning.log => TargetScale::Log,
            _ if description.target_scaling.are_none() => TargetScale::None,
            _ => TargetScale::Standard,
        })
    }
}

impl Experiment<'_> {
    /// Starts from a model's parameters, in the units of its columns: its encoding and its scales, of logarithms where these are
    /// of them, take the place of those of the training rows. The model counts as epoch 0.
    ///
    /// # Errors
    /// When the model has other columns, layers or functions, predicts something else, or its targets are scaled in another way
    /// than the settings say; for a target without a logarithm where those of the model have one.
    pub fn start_from(&mut self, model: &Model) -> Result<(), LearnError> {
        let (theirs, own) = (model.description(), &self.network);
        let differs = |what: &str, theirs: String, own: String| LearnError::OtherModel {
            difference: format!("{what}: its own are {theirs}, and those of the run {own}"),
        };
        let (network, task) = (theirs.network(), model.task());
        let inputs: Vec<String> = self.meaning.encoding.used().map(|column| column.name.clone()).collect();
        let classes = |task: &Task| -> Vec<String> {
            task.targets.iter().flat_map(|target| target.classes.clone()).collect()
        };
        let positive = |task: &Task| -> Vec<String> {
            let class = |target: &crate::Target| target.classes.get(target.positive?).cloned();
            task.targets.iter().filter_map(class).collect()
        };
        for (what, theirs, own) in [
            ("the input columns", theirs.inputs.clone(), inputs),
            ("the target columns", theirs.targets.clone(), self.meaning.task.names()),
            ("the classes", classes(&task), classes(&self.meaning.task)),
            ("the positive classes", positive(&task), positive(&self.meaning.task)),
        ] {
            if theirs != own {
                return Err(differs(what, theirs.join(", "), own.join(", ")));
            }
        }
        if network.layers != own.layers || network.bias != own.bias || network.inputs != own.inputs {
            let told = |network: &Network| {
                format!("{}{}", network.summary(), if network.bias { "" } else { " without biases" })
            };
            return Err(differs("the layers", told(&network), told(own)));
        }
        let functions = settings::functions(own, &self.library)?;
        if let Some(other) = functions.iter().find(|page| !theirs.definitions.contains(page)) {
            let own = other.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
            return Err(differs("the pages of the functions", String::from("others"), format!("`{own}`")));
        }
        let predicts = theirs.meaning.as_ref().map_or("A", |meaning| &meaning.predicts);
        if predicts != self.meaning.predicts {
            let told = |predicts: &str, loss: &str| format!("{predicts}, by the loss {loss}");
            let (theirs, own) = (told(predicts, &theirs.loss), told(&self.meaning.predicts, &own.loss));
            return Err(differs("the predictions", theirs, own));
        }
        let scale = model.target_scale();
        if let (Some(theirs), Some(own)) = (scale, self.settings.target_scale)
            && theirs != own
        {
            return Err(differs(
                "the scales of the targets",
                theirs.name().to_owned(),
                own.name().to_owned(),
            ));
        }
        self.meaning.log = scale == Some(TargetScale::Log);
        if self.meaning.log {
            have_logarithms(&self.meaning.task, &self.parts.train)?;
        }
        self.settings.target_scale = scale.or(self.settings.target_scale);
        self.target_scaling = theirs.target_scaling.scaling(self.target_scaling.kind);
        self.take_encoding(model.encoding());
        self.is_given = true;
        self.trainer.take_codes(&self.meaning.encoding)?;
        self.trainer.set(model.parameters());
        Ok(())
    }
}
