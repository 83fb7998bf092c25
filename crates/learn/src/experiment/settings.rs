//! What an experiment is told, and what it does when it is told nothing.

use super::{link, output_range};
use crate::{Layer, LearnError, Network, Options, Precision, Task};
use compiler::{CompileError, Library};
use serde_json::{Map, Value, json};
use syntax::Kind;
use table::NumberScaling;

/// How a network is built and trained. [`Settings::default`] is what the program does by default.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The hidden layers, first to last: units and activation, each activation a page's call or a formula with one free name.
    pub hidden: Vec<Layer>,
    /// The activation of the last layer, likewise; that of the task and the loss where it is absent. Its range decides how numbers
    /// are scaled: with one between 0 and 1 they are mapped there, with one over all real numbers they are standardised.
    pub output: Option<String>,
    /// Whether layers have biases.
    pub bias: bool,
    /// A page's call, or a formula in `A`, `Y` and `m`; that of the task where it is absent.
    pub loss: Option<String>,
    /// How parameters are found.
    pub solver: Solver,
    /// How the network is trained when the solver descends.
    pub training: Options,
    /// The precision of training and of the model.
    pub precision: Precision,
    /// How the numbers of inputs are scaled; [`NumberScaling::None`] leaves the targets as they are too, where nothing else is said.
    pub scaling: NumberScaling,
    /// How targets of numbers are scaled; standard where it is absent.
    pub target_scale: Option<TargetScale>,
}

/// How targets of numbers are scaled for training; scores and predictions are in their own units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetScale {
    /// Into the range of the last layer: less the mean, over the deviation, where it has all real numbers.
    Standard,
    /// Their logarithms likewise.
    Log,
    /// Not at all.
    None,
}

/// How parameters are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Solver {
    /// By the optimizer, step by step along the derived gradient.
    #[default]
    Descent,
    /// By the explicit solution: for a linear model with the squared loss.
    Exact,
}

/// What did best on the validation rows of a table of some ten thousand rows, over five seeds, among networks of this size with
/// relu, silu, gelu, softplus and tanh, rates from 0.001 to 0.01, batches from 32 to 256 and 80 to 300 epochs.
impl Default for Settings {
    fn default() -> Settings {
        let layer = || Layer { units: 64, activation: String::from("tanh") };
        Settings {
            hidden: vec![layer(), layer()],
            output: None,
            bias: true,
            loss: None,
            solver: Solver::default(),
            training: Options::default(),
            precision: Precision::default(),
            scaling: NumberScaling::default(),
            target_scale: None,
        }
    }
}

/// Tables with fewer rows are small: their networks overfit tanh, and every row that judges an epoch is missed in training.
pub const SMALL_TABLE: usize = 1_000;

impl Settings {
    /// The usual settings for a table of so many rows: below [`SMALL_TABLE`] the hidden layers are silu, with which boston, energy
    /// and yacht of UCI come out 5 to 30% better than with tanh, and tables of many thousand rows 3% worse.
    pub fn of_rows(rows: usize) -> Settings {
        let mut settings = Settings::default();
        if rows < SMALL_TABLE {
            settings.hidden.iter_mut().for_each(|layer| layer.activation = String::from("silu"));
        }
        settings
    }

    /// How targets of numbers are scaled.
    pub(super) fn target_scale(&self) -> TargetScale {
        let usual =
            if self.scaling == NumberScaling::None { TargetScale::None } else { TargetScale::Standard };
        self.target_scale.unwrap_or(usual)
    }

    pub(super) fn network(&self, inputs: usize, task: &Task, outputs: &Outputs) -> Network {
        let mut layers = self.hidden.clone();
        layers.push(Layer { units: task.width(), activation: outputs.output.clone() });
        Network { inputs, layers, bias: self.bias, loss: outputs.loss.clone() }
    }

    /// Makes a page of the library of each activation and loss that is a formula, and puts its call in the formula's place; takes
    /// the learning rate that is in force out of the optimizer's call and into the options.
    pub(super) fn resolve(&mut self, library: &mut Library) -> Result<(), LearnError> {
        let activations = self.hidden.iter_mut().map(|layer| &mut layer.activation).chain(&mut self.output);
        for activation in activations {
            *activation =
                library.anonymous_function(activation, "g").map_err(CompileError::from)?.to_string();
        }
        if let Some(loss) = &mut self.loss {
            *loss = library.anonymous_loss(loss, "loss").map_err(CompileError::from)?.to_string();
        }
        let mut optimizer =
            library.choose(Kind::Optimizer, &self.training.optimizer).map_err(CompileError::from)?;
        if let Some(setting) = optimizer.settings.iter_mut().find(|setting| setting.name.as_str() == "rate") {
            self.training.rate = Some(self.training.rate.unwrap_or(setting.value.value()));
            // The rate is said once.
            setting.value = setting.default;
        }
        self.training.optimizer = optimizer.to_string();
        Ok(())
    }

    /// Whether the loss is a formula in A and Y, which sees the columns of all targets, and no page, which is of each target's own.
    pub(super) fn has_formula(&self, library: &Library) -> bool {
        self.loss.as_ref().is_some_and(|loss| library.choose(Kind::Loss, loss).is_err())
    }

    /// The loss, the activation of the last layer and what is predicted, for a task: what was told, else what the task has. Called
    /// when formulas are pages.
    pub(super) fn outputs(
        &self,
        task: &Task,
        has_formula: bool,
        library: &mut Library,
    ) -> Result<Outputs, LearnError> {
        let preset = task.preset();
        let is_bounded = |output: &str, library: &Library| {
            Ok::<bool, LearnError>(output_range::of(output, library)?.is_bounded())
        };
        // What is between bounds is no logit, so where such an output alone is told, its values are the probabilities.
        let plain = match &self.output {
            Some(output) if self.loss.is_none() && task.is_classes() && is_bounded(output, library)? => {
                Some(Task::numbers(&[]).preset().loss)
            }
            _ => None,
        };
        let own = self.loss.clone().or(plain).unwrap_or_else(|| preset.loss.clone());
        let loss = if has_formula { own } else { task.loss_of_each(&own, library)? };
        let is_linked = link::is_before_link(&loss, task.kind, task.width(), library)?;
        let usual = if is_linked { String::from("identity") } else { preset.other.clone() };
        let output = self.output.clone().unwrap_or(usual);
        if is_linked && is_bounded(&output, library)? {
            return Err(LearnError::BoundedLogits { output, loss });
        }
        let predicts = if is_linked { task.predicts_of_each(&preset.predicts) } else { String::from("A") };
        Ok(Outputs { loss, output, predicts })
    }

    /// Every setting by its name, as the program's options call it, over so many training rows.
    pub(super) fn named(&self, network: &Network, rows: usize) -> Map<String, Value> {
        let layer = |layer: &Layer| json!({ "units": layer.units, "activation": layer.activation });
        let training = &self.training;
        let pairs = [
            ("layers", network.layers.iter().map(layer).collect()),
            ("bias", json!(self.bias)),
            ("loss", json!(network.loss)),
            ("solver", json!(self.solver.name())),
            ("optimizer", json!(training.optimizer)),
            ("learning_rate", json!(training.rate)),
            ("schedule", json!(training.schedule)),
            ("batch_size", training.batch_size.map_or(json!("full"), |rows| json!(rows))),
            ("epochs", json!(training.epochs.of(rows, training.batch_of(rows)))),
            ("patience", json!(training.patience)),
            ("time_limit", json!(training.time_limit.map(|limit| limit.as_secs_f64()))),
            ("seed", json!(training.seed)),
            ("precision", json!(self.precision.name())),
            ("scale", json!(self.scaling.to_string())),
            ("target_scale", json!(self.target_scale().name())),
            ("on_nan", json!(training.on_nan.name())),
        ];
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// What the last layer is trained by, and what it means.
pub(super) struct Outputs {
    pub(super) loss: String,
    pub(super) output: String,
    /// A formula in A.
    pub(super) predicts: String,
}

impl TargetScale {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            TargetScale::Standard => "standard",
            TargetScale::Log => "log",
            TargetScale::None => "none",
        }
    }
}

impl Solver {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Solver::Descent => "descent",
            Solver::Exact => "exact",
        }
    }
}

/// The pages of every function and loss that a network uses, and of those that these use.
pub(super) fn definitions(network: &Network, library: &Library) -> Result<Vec<String>, LearnError> {
    Ok(texts(named_definitions(network, library)?))
}

fn named_definitions(network: &Network, library: &Library) -> Result<Vec<(String, String)>, LearnError> {
    let mut found = named_functions(network, library)?;
    found.extend(pages([(Kind::Loss, network.loss.as_str())], library)?);
    found.sort_by(|left, right| left.1.cmp(&right.1));
    found.dedup();
    Ok(found)
}

fn texts(pages: Vec<(String, String)>) -> Vec<String> {
    pages.into_iter().map(|(_, text)| text).collect()
}

/// The pages of the functions alone.
pub(super) fn functions(network: &Network, library: &Library) -> Result<Vec<String>, LearnError> {
    Ok(texts(named_functions(network, library)?))
}

fn named_functions(network: &Network, library: &Library) -> Result<Vec<(String, String)>, LearnError> {
    pages(network.layers.iter().map(|layer| (Kind::Function, layer.activation.as_str())), library)
}

/// Those of functions and loss, and those of the optimizer and the schedule: each name beside its page.
pub(super) fn pages_of_training(
    network: &Network,
    training: &Options,
    library: &Library,
) -> Result<Vec<(String, String)>, LearnError> {
    let how = [(Kind::Optimizer, training.optimizer.as_str()), (Kind::Schedule, training.schedule.as_str())];
    Ok([named_definitions(network, library)?, pages(how, library)?].concat())
}

fn pages<'a>(
    calls: impl IntoIterator<Item = (Kind, &'a str)>,
    library: &Library,
) -> Result<Vec<(String, String)>, LearnError> {
    let name = |(kind, call)| Ok((kind, library.choose(kind, call).map_err(CompileError::from)?.name));
    let wanted = calls.into_iter().map(name).collect::<Result<Vec<_>, LearnError>>()?;
    let pages = library.definitions(wanted).map_err(CompileError::from)?;
    Ok(pages.into_iter().map(|page| (page.name.to_string(), page.text)).collect())
}
