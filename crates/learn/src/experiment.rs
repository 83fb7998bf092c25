//! An experiment: everything between a table and a judged model.

mod identity;
mod judgement;
mod output_range;
mod parts;
mod settings;

pub use identity::{Identity, checksum_of_rows};
pub use judgement::{Baselines, Judgement, judge};
pub use parts::{Portion, Portions};
pub use settings::{Settings, Solver};

use crate::budget::Budget;
use crate::progress::EachEpoch;
use crate::{
    Checkpoint, Description, End, Epoch, Layer, LearnError, Model, Network, Outcome, Precision, Rows, Scales,
    Trainer, Watch,
};
use compiler::Library;
use engine::Element;
use parts::Parts;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use table::{Dataset, Scaling, ScalingKind, Split, Table};

/// A network ready to be trained on the rows of a table. Nothing has looked at the test rows: they are opened by
/// [`Experiment::run`], once, after the parameters are chosen.
pub struct Experiment {
    settings: Settings,
    library: Library,
    network: Network,
    parts: Parts,
    input_scaling: Scaling,
    target_scaling: Scaling,
    trainer: Precise,
    /// A checksum of the table's rows, before they were parted.
    checksum: String,
    /// Whether training starts from a model, which is kept where no epoch is better.
    is_given: bool,
}

enum Precise {
    F32(Box<Trainer<f32>>),
    F64(Box<Trainer<f64>>),
}

/// What an experiment found.
pub struct Run {
    /// The model with the parameters of the best epoch; none when the loss was not finite before the first epoch ended.
    pub model: Option<Model>,
    /// How training went.
    pub outcome: Outcome,
    /// What the model is compared with, fitted to the same training rows.
    pub baselines: Baselines,
    /// The scores on the test rows; none without a model or without test rows.
    pub test: Option<Judgement>,
    /// Which row of the table went into which part; parts that are tables of their own are empty here.
    pub split: Split,
}

impl Experiment {
    /// Parts the rows, scales them by the training rows, and derives and compiles the network's training step.
    ///
    /// # Errors
    /// For columns, cells and rows that cannot be used, for formulas that do not compile, and for the exact solver on a network
    /// with hidden layers; for a target that is the same in every training row.
    pub fn new(
        table: &Table,
        targets: &[String],
        ignored: &[String],
        portions: Portions,
        mut settings: Settings,
        mut library: Library,
    ) -> Result<Experiment, LearnError> {
        let data = Dataset::new(table, targets, ignored)?;
        settings.network(data.inputs.len(), data.targets.len()).verify()?;
        settings.resolve(&mut library)?;
        let network = settings.network(data.inputs.len(), data.targets.len());
        if settings.solver == Solver::Exact && !settings.hidden.is_empty() {
            return Err(LearnError::NotLinear { network: network.summary() });
        }
        let checksum = checksum_of_rows(&data);
        let parts = Parts::new(data, portions, settings.training.seed)?;
        varies(&parts.train)?;
        let train: Vec<usize> = (0..parts.train.rows()).collect();
        let input_scaling = Scaling::fit(settings.scaling, &parts.train.x, &train)?;
        let target_scaling = match settings.scaling {
            ScalingKind::None => Scaling::fit(ScalingKind::None, &parts.train.y, &train)?,
            _ => output_range::of(&settings.output, &library)?.scale(&parts.train.y)?,
        };
        let trainer = match (settings.solver, settings.precision) {
            // The explicit solution is found in doubles, so the gradient that judges it is computed in doubles too.
            (Solver::Exact, _) | (Solver::Descent, Precision::F64) => {
                Precise::F64(Box::new(Trainer::new(&network, &settings.training, &library)?))
            }
            (Solver::Descent, Precision::F32) => {
                Precise::F32(Box::new(Trainer::new(&network, &settings.training, &library)?))
            }
        };
        Ok(Experiment {
            settings,
            library,
            network,
            parts,
            input_scaling,
            target_scaling,
            trainer,
            checksum,
            is_given: false,
        })
    }

    /// The settings, formulas replaced by the calls of the pages they became, and with the learning rate that is in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The plan of one training step: the loss and its gradient by every parameter.
    pub fn step_plan(&self) -> &plan::Plan {
        match &self.trainer {
            Precise::F32(trainer) => trainer.step_plan(),
            Precise::F64(trainer) => trainer.step_plan(),
        }
    }

    /// Epochs at most, and those without a better one after which training ends, where it may.
    pub fn epochs(&self) -> (usize, Option<usize>) {
        let [rows, validation, _] = self.parts.rows();
        let training = &self.settings.training;
        let budget = Budget::of(training, rows, training.batch_of(rows));
        (budget.epochs, budget.patience.filter(|_| validation > 0))
    }

    /// Seconds that all epochs would take, by a few steps that are undone; no more than the time that training is given.
    ///
    /// # Errors
    /// When numbers and plan do not fit.
    pub fn seconds(&mut self) -> Result<f64, LearnError> {
        let training = &self.settings.training;
        let rows = self.parts.train.rows();
        let batch = training.batch_of(rows);
        let budget = Budget::of(training, rows, batch);
        let first = self.parts.train.select_rows(&(0..batch).collect::<Vec<_>>())?;
        let scaled = Scaled { input: &self.input_scaling, target: &self.target_scaling, parts: &self.parts };
        let step = match &mut self.trainer {
            Precise::F32(trainer) => trainer.seconds_of_step(&scaled.rows(&first)?)?,
            Precise::F64(trainer) => trainer.seconds_of_step(&scaled.rows(&first)?)?,
        };
        let seconds = step * (rows.div_ceil(batch) * budget.epochs) as f64;
        Ok(budget.time.map_or(seconds, |most| seconds.min(most.as_secs_f64())))
    }

    /// The numbers of rows for training, validation and test.
    pub fn rows(&self) -> [usize; 3] {
        self.parts.rows()
    }

    /// Which row of the table is in which part, counted from 0; parts that are tables of their own are empty here.
    pub fn split(&self) -> &Split {
        self.parts.split()
    }

    /// The checksum of the table's rows, as [`checksum_of_rows`] has it.
    pub fn checksum(&self) -> &str {
        &self.checksum
    }

    /// What is trained on what; a checkpoint belongs to an experiment with the same.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn identity(&self) -> Result<Identity, LearnError> {
        let scales = [Scales::from(&self.input_scaling), Scales::from(&self.target_scaling)];
        Identity::new(&self.settings, &self.network, &self.parts, scales, &self.library)
    }

    /// Goes on from a checkpoint, to the same numbers as a training that was never stopped.
    ///
    /// # Errors
    /// When the checkpoint, whose identity is given beside it, is one of another experiment: with what differs.
    pub fn resume(&mut self, checkpoint: Checkpoint, identity: &Identity) -> Result<(), LearnError> {
        if let Some(difference) = self.identity()?.difference(identity) {
            return Err(LearnError::OtherRun { difference });
        }
        let [input, target] = identity.scales();
        self.input_scaling = input.scaling(self.input_scaling.kind);
        self.target_scaling = target.scaling(self.target_scaling.kind);
        self.is_given = checkpoint.first.is_some();
        match &mut self.trainer {
            Precise::F32(trainer) => trainer.resume(checkpoint),
            Precise::F64(trainer) => trainer.resume(checkpoint),
        }
    }

    /// Starts from a model's parameters, in the units of its columns: its scales take the place of those of the training rows. The
    /// model counts as epoch 0.
    ///
    /// # Errors
    /// When the model has other columns, layers or functions.
    pub fn start_from(&mut self, model: &Model) -> Result<(), LearnError> {
        let (theirs, own) = (model.description(), &self.network);
        let differs = |what: &str, theirs: String, own: String| LearnError::OtherModel {
            difference: format!("{what}: its own are {theirs}, and those of the run {own}"),
        };
        let network = theirs.network();
        for (what, theirs, own) in [
            ("the input columns", &theirs.inputs, &self.parts.train.inputs),
            ("the target columns", &theirs.targets, &self.parts.train.targets),
        ] {
            if theirs != own {
                return Err(differs(what, theirs.join(", "), own.join(", ")));
            }
        }
        if network.layers != own.layers || network.bias != own.bias {
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
        self.input_scaling = theirs.input_scaling.scaling(self.input_scaling.kind);
        self.target_scaling = theirs.target_scaling.scaling(self.target_scaling.kind);
        self.is_given = true;
        match &mut self.trainer {
            Precise::F32(trainer) => set(trainer, model.parameters()),
            Precise::F64(trainer) => set(trainer, model.parameters()),
        }
        Ok(())
    }

    /// Ends training, within a step too, once this is set, as where the callback breaks.
    pub fn stop_on(&mut self, stop: Arc<AtomicBool>) {
        match &mut self.trainer {
            Precise::F32(trainer) => trainer.stop_on(stop),
            Precise::F64(trainer) => trainer.stop_on(stop),
        }
    }

    /// Trains until the epochs are done, the callback breaks, or numbers are no longer finite; keeps the best parameters; then
    /// reads the test rows.
    ///
    /// # Errors
    /// For the exact solver when its solution is no critical point of the loss, and when numbers and plan do not fit.
    pub fn run(self, each_epoch: impl FnMut(&Epoch) -> ControlFlow<()>) -> Result<Run, LearnError> {
        self.run_watched(&mut EachEpoch(each_epoch))
    }

    /// The same with somebody who takes checkpoints and is told of numbers that are not finite.
    ///
    /// # Errors
    /// As for [`Experiment::run`], and when a checkpoint does not fit the rows.
    pub fn run_watched(self, watch: &mut dyn Watch) -> Result<Run, LearnError> {
        let Experiment {
            settings,
            library,
            network,
            parts,
            input_scaling,
            target_scaling,
            trainer,
            is_given,
            ..
        } = self;
        let scaled = Scaled { input: &input_scaling, target: &target_scaling, parts: &parts };
        let (outcome, parameters) = match trainer {
            Precise::F64(trainer) if settings.solver == Solver::Exact => scaled.solve(*trainer, &network)?,
            Precise::F32(trainer) => scaled.train(*trainer, watch)?,
            Precise::F64(trainer) => scaled.train(*trainer, watch)?,
        };
        let baselines = Baselines::fit(&parts.train, &input_scaling)?;
        // Parameters that are not finite make no model: the loss blew up with the last step of an epoch.
        let has_model = settings.solver == Solver::Exact || is_given || outcome.best_epoch > 0;
        let has_model = has_model && parameters.iter().all(|parameter| parameter.is_finite());
        let description = Description {
            schema: crate::model::SCHEMA,
            inputs: parts.train.inputs.clone(),
            targets: parts.train.targets.clone(),
            layers: network.layers.iter().map(|layer| (layer.units, layer.activation.clone())).collect(),
            bias: network.bias,
            loss: network.loss.clone(),
            definitions: settings::definitions(&network, &library)?,
            input_scaling: Scales::from(&input_scaling),
            target_scaling: Scales::from(&target_scaling),
            precision: settings.precision,
            seed: settings.training.seed,
        };
        let model = if has_model { Some(Model::new(description, parameters)?) } else { None };
        let (split, test) = parts.open();
        let test = match (&model, test) {
            (Some(model), Some(test)) => Some(judge(model, Some(&baselines), &test)?),
            _ => None,
        };
        Ok(Run { model, outcome, baselines, test, split })
    }
}

fn set<T: Element>(trainer: &mut Trainer<T>, parameters: &[f64]) {
    let own = trainer.parameters_mut();
    own.iter_mut().zip(parameters).for_each(|(own, number)| *own = T::from_f64(*number));
}

/// An error for a target that is one number in every row, where there are several.
fn varies(rows: &Dataset) -> Result<(), LearnError> {
    for (index, column) in rows.targets.iter().enumerate() {
        let mut values = rows.y.column(index);
        if let Some(value) = values.next()
            && rows.rows() > 1
            && values.all(|other| other == value)
        {
            return Err(LearnError::ConstantTarget { column: column.clone(), value });
        }
    }
    Ok(())
}

/// The parts of a table as the network sees them.
struct Scaled<'a> {
    input: &'a Scaling,
    target: &'a Scaling,
    parts: &'a Parts,
}

impl Scaled<'_> {
    fn rows<T: Element>(&self, data: &Dataset) -> Result<Rows<T>, LearnError> {
        Rows::new(&self.input.apply(&data.x)?, &self.target.apply(&data.y)?)
    }

    fn train<T: Element>(
        &self,
        mut trainer: Trainer<T>,
        watch: &mut dyn Watch,
    ) -> Result<(Outcome, Vec<f64>), LearnError> {
        let rows = self.rows(&self.parts.train)?;
        let validation = self.parts.validation.as_ref().map(|data| self.rows(data)).transpose()?;
        let outcome = trainer.train_watched(&rows, validation.as_ref(), watch)?;
        // What trained them is given up before they are written out in doubles.
        drop((rows, validation));
        let parameters = trainer.into_parameters();
        Ok((outcome, parameters.iter().map(|parameter| parameter.to_f64()).collect()))
    }

    /// The explicit solution. It holds only where it is a critical point of the network's own loss, and that is what is asked:
    /// the derived gradient must vanish there, whatever pages the loss and the output come from.
    fn solve(&self, mut trainer: Trainer<f64>, network: &Network) -> Result<(Outcome, Vec<f64>), LearnError> {
        const VANISHES: f64 = 1e-6;
        let start = Instant::now();
        let (x, y) = (self.input.apply(&self.parts.train.x)?, self.target.apply(&self.parts.train.y)?);
        let solution = crate::least_squares(&x, &y, network.bias)?;
        let mut parameters = solution.weights.into_data();
        if network.bias {
            parameters.extend(&solution.bias);
        }
        let rows = Rows::new(&x, &y)?;
        let mut slope_at = |parameters: &[f64]| -> Result<f64, LearnError> {
            trainer.parameters_mut().copy_from_slice(parameters);
            Ok(trainer.gradient(&rows)?.iter().fold(0.0, |largest: f64, entry| largest.max(entry.abs())))
        };
        let at_zero = slope_at(&vec![0.0; parameters.len()])?;
        let at_solution = slope_at(&parameters)?;
        // Where zeros are a critical point already, as for inputs that say nothing, what is left is rounding.
        let is_critical = at_solution <= VANISHES * at_zero + f64::EPSILON;
        if !is_critical {
            return Err(LearnError::NotLinear {
                network: format!("{} with the loss {}", network.summary(), network.loss),
            });
        }
        let seconds = start.elapsed().as_secs_f64();
        Ok((
            Outcome { epochs: Vec::new(), best_epoch: 0, end: End::Finished, seconds, skipped: 0 },
            parameters,
        ))
    }
}

impl Settings {
    fn network(&self, inputs: usize, outputs: usize) -> Network {
        let mut layers = self.hidden.clone();
        layers.push(Layer { units: outputs, activation: self.output.clone() });
        Network { inputs, layers, bias: self.bias, loss: self.loss.clone() }
    }
}
