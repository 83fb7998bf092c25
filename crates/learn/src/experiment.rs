//! An experiment: everything between a table and a judged model.

mod baselines;
mod columns;
mod identity;
mod judgement;
mod link;
mod output_range;
mod parts;
mod precise;
mod settings;
mod start;
mod training;

pub use baselines::{Baseline, WrittenBaseline};
pub use columns::Columns;
pub use identity::{Identity, checksum_of_rows};
pub use judgement::{Judgement, judge};
pub use parts::{Portion, Portions};
pub use settings::{SMALL_TABLE, Settings, Solver, TargetScale};

use crate::budget::Budget;
use crate::progress::EachEpoch;
use crate::{
    Checkpoint, Description, Epoch, LearnError, Meaning, Model, Network, Outcome, Precision, Scales, Scores,
    Task, Trainer, Watch, scores,
};
use compiler::Library;
use parts::{Part, Parts};
use precise::Precise;
use std::ops::ControlFlow;
use std::sync::{Arc, atomic::AtomicBool};
use table::{Encoding, Matrix, Scaling, ScalingKind, Split, Table, TargetColumn, TargetKind};
use training::Encoded;

/// A network ready to be trained on the rows of a table. Nothing has looked at the test rows: they are opened by
/// [`Experiment::run`], once, after the parameters are chosen.
pub struct Experiment<'t> {
    settings: Settings,
    library: Library,
    network: Network,
    parts: Parts<'t>,
    targets: Vec<TargetColumn>,
    meaning: Meaning,
    target_scaling: Scaling,
    is_balanced: bool,
    trainer: Precise,
    /// A checksum of the table's rows, before they were parted.
    checksum: String,
    /// Whether training starts from a model, which is kept where no epoch is better.
    is_given: bool,
}

/// What an experiment found.
pub struct Run {
    /// The model with the parameters of the best epoch; none when the loss was not finite before the first epoch ended.
    pub model: Option<Model>,
    /// How training went.
    pub outcome: Outcome,
    /// What the model is compared with, fitted to the same training rows.
    pub baselines: Vec<Baseline>,
    /// The scores on the training and the validation rows, where there is a model and there are such rows.
    pub train: Option<Scores>,
    /// Those on the validation rows.
    pub validation: Option<Scores>,
    /// The scores on the test rows; none without a model or without test rows.
    pub test: Option<Judgement>,
    /// Which row of the table went into which part; parts that are tables of their own are empty here.
    pub split: Arc<Split>,
}

impl<'t> Experiment<'t> {
    /// Finds what the columns mean, parts the rows, fits the encoding to the training rows, and derives and compiles the network's
    /// training step.
    ///
    /// # Errors
    /// For columns, cells and rows that cannot be used, for formulas that do not compile, and for the exact solver on a network
    /// with hidden layers; for a target that is the same in every training row.
    pub fn new(
        table: &'t Table,
        columns: &Columns,
        portions: Portions,
        mut settings: Settings,
        mut library: Library,
    ) -> Result<Experiment<'t>, LearnError> {
        let has_formula = settings.has_formula(&library);
        settings.resolve(&mut library)?;
        let (targets, task) = columns.targets_of(table)?;
        let outputs = settings.outputs(&task, has_formula, &mut library)?;
        // What is too large is refused before anything is encoded.
        settings.network(table.columns().len(), &task, &outputs).verify()?;
        let weights = columns.weights_of(table)?;
        let found = (targets.as_slice(), &task, weights.as_deref());
        let parts = Parts::new(table, columns, found, portions, settings.training.seed)?;
        let choices = table::Choices { scaling: settings.scaling, ..columns.input_choices() };
        let encoding = match &columns.encoding {
            // Where a column of it is not there or no input, what differs is told by whoever compares the two.
            Some(encoding) if columns.may_use(table, encoding)? => encoding.clone().read_as(table.reading()),
            _ => Encoding::fit(table, &parts.split().train, weights.as_deref(), &choices)?,
        };
        parts.fit(&encoding)?;
        let network = settings.network(encoding.width(), &task, &outputs);
        network.verify()?;
        if settings.solver == Solver::Exact && !settings.hidden.is_empty() {
            return Err(LearnError::NotLinear { network: network.summary() });
        }
        settings.training.weighted = columns.weight.is_some() || (columns.is_balanced && task.is_classes());
        let log = settings.target_scale() == TargetScale::Log && task.kind == TargetKind::Numbers;
        let target_scaling = target_scaling(&settings, &task, &parts.train, &outputs.output, log, &library)?;
        let mut trainer = match (settings.solver, settings.precision) {
            // The explicit solution is found in doubles, so the gradient that judges it is computed in doubles too.
            (Solver::Exact, _) | (Solver::Descent, Precision::F64) => {
                Precise::F64(Box::new(Trainer::new(&network, &settings.training, &library)?))
            }
            (Solver::Descent, Precision::F32) => {
                Precise::F32(Box::new(Trainer::new(&network, &settings.training, &library)?))
            }
        };
        trainer.take_codes(&encoding)?;
        let names = identity::names(&encoding, &task.names());
        Ok(Experiment {
            settings,
            library,
            network,
            checksum: checksum_of_rows(table, &names)?.unwrap_or_default(),
            parts,
            targets,
            meaning: Meaning { encoding, task, predicts: outputs.predicts, log },
            target_scaling,
            is_balanced: columns.is_balanced,
            trainer,
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

    /// What the columns mean.
    pub fn meaning(&self) -> &Meaning {
        &self.meaning
    }

    /// The targets, as they were found in the table.
    pub fn targets(&self) -> &[TargetColumn] {
        &self.targets
    }

    /// Rows of the table without a target, which are left out.
    pub fn without_target(&self) -> usize {
        self.parts.without_target
    }

    /// The plan of one training step: the loss and its gradient by every parameter.
    pub fn step_plan(&self) -> &plan::Plan {
        self.trainer.step_plan()
    }

    /// Epochs at most, and those without a better one after which training ends, where it may.
    pub fn epochs(&self) -> (usize, Option<usize>) {
        let [_, validation, _] = self.parts.rows();
        let budget = self.budget();
        (budget.epochs, budget.patience.filter(|_| validation > 0))
    }

    fn budget(&self) -> Budget {
        let (training, [rows, ..]) = (&self.settings.training, self.parts.rows());
        Budget::of(training, rows, training.batch_of(rows))
    }

    /// Seconds that all epochs would take, by a few steps that are undone; no more than the time that training is given.
    ///
    /// # Errors
    /// When numbers and plan do not fit.
    pub fn seconds(&mut self) -> Result<f64, LearnError> {
        let [rows, ..] = self.parts.rows();
        let (batch, budget) = (self.settings.training.batch_of(rows), self.budget());
        let encoded = Encoded {
            part: &self.parts.train,
            meaning: &self.meaning,
            scaling: &self.target_scaling,
            weights: self.parts.train.training_weights(&self.meaning.task, self.is_balanced),
        };
        let step = match &mut self.trainer {
            Precise::F32(trainer) => {
                let rows = encoded.rows(batch, trainer)?;
                trainer.seconds_of_step(&rows)?
            }
            Precise::F64(trainer) => {
                let rows = encoded.rows(batch, trainer)?;
                trainer.seconds_of_step(&rows)?
            }
        };
        let seconds = step * (rows.div_ceil(batch) * budget.epochs) as f64;
        Ok(budget.time.map_or(seconds, |most| seconds.min(most.as_secs_f64())))
    }

    /// The numbers of rows for training, validation and test.
    pub fn rows(&self) -> [usize; 3] {
        self.parts.rows()
    }

    /// Which row of the table is in which part, counted from 0; parts that are tables of their own are empty here.
    pub fn split(&self) -> &Arc<Split> {
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
        let fitted = (self.meaning.encoding.clone(), Scales::from(&self.target_scaling));
        Identity::new(&self.settings, &self.network, &self.parts, fitted, &self.library)
    }

    /// Goes on from a checkpoint, to the same numbers as a training that was never stopped.
    ///
    /// # Errors
    /// When the checkpoint, whose identity is given beside it, is one of another experiment: with what differs.
    pub fn resume(&mut self, checkpoint: Checkpoint, identity: &Identity) -> Result<(), LearnError> {
        if let Some(difference) = self.identity()?.difference(identity) {
            return Err(LearnError::OtherRun { difference });
        }
        self.take_encoding(identity.encoding().clone());
        self.target_scaling = identity.scales().scaling(self.target_scaling.kind);
        self.is_given = checkpoint.first.is_some();
        self.trainer.take_codes(&self.meaning.encoding)?;
        match &mut self.trainer {
            Precise::F32(trainer) => trainer.resume(checkpoint),
            Precise::F64(trainer) => trainer.resume(checkpoint),
        }
    }

    /// Takes another encoding, with what is told here of missing cells and of spellings.
    fn take_encoding(&mut self, encoding: Encoding) {
        let Encoding { missing, merged, .. } = std::mem::take(&mut self.meaning.encoding);
        self.meaning.encoding = Encoding { missing, merged, ..encoding };
    }

    /// Ends training, within a step too, once this is set, as where the callback breaks.
    pub fn stop_on(&mut self, stop: Arc<AtomicBool>) {
        self.trainer.stop_on(stop);
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
            meaning,
            target_scaling,
            is_balanced,
            trainer,
            is_given,
            ..
        } = self;
        let scales = Scales::from(&target_scaling);
        let data = training::Data {
            parts: &parts,
            meaning: &meaning,
            scaling: &target_scaling,
            is_balanced,
            seed: settings.training.seed,
        };
        let (outcome, parameters, baselines) = match trainer {
            Precise::F64(trainer) if settings.solver == Solver::Exact => data.solve(*trainer, &network)?,
            Precise::F32(trainer) => data.train(*trainer, watch)?,
            Precise::F64(trainer) => data.train(*trainer, watch)?,
        };
        // Parameters that are not finite make no model: the loss blew up with the last step of an epoch.
        let has_model = settings.solver == Solver::Exact || is_given || outcome.best_epoch > 0;
        let has_model = has_model && parameters.iter().all(|parameter| parameter.is_finite());
        let description = Description {
            schema: crate::description::MEANING_SCHEMA,
            inputs: meaning.encoding.used().map(|column| column.name.clone()).collect(),
            targets: meaning.task.names(),
            layers: network.layers.iter().map(|layer| (layer.units, layer.activation.clone())).collect(),
            bias: network.bias,
            loss: network.loss.clone(),
            definitions: settings::definitions(&network, &library)?,
            input_scaling: Scales::default(),
            target_scaling: scales,
            meaning: Some(meaning.clone()),
            precision: settings.precision,
            seed: settings.training.seed,
        };
        let model = has_model.then(|| Model::new(description, parameters)).transpose()?;
        let model = model.map(|model| model.with_threads(settings.training.threads));
        let score = |part: Option<&Part>| -> Result<Option<Scores>, LearnError> {
            let (Some(model), Some(part)) = (&model, part) else { return Ok(None) };
            let (predictions, _) = model.predict_table(&part.table, Some(&part.rows))?;
            let truth = part.truth();
            Ok(Some(scores(&meaning.task, &predictions, part.judged_by(&truth), &library)?))
        };
        let train = score(Some(&parts.train))?;
        let validation = score(parts.validation.as_ref())?;
        let test = match (&model, parts.open()) {
            (Some(model), Some(test)) => Some(judgement::of_part(model, &baselines, test)?),
            _ => None,
        };
        Ok(Run { model, outcome, baselines, train, validation, test, split: Arc::clone(parts.split()) })
    }
}

/// The scaling of the targets by the training rows: of numbers into the range of the last layer, of all else none.
fn target_scaling(
    settings: &Settings,
    task: &Task,
    train: &Part,
    output: &str,
    log: bool,
    library: &Library,
) -> Result<Scaling, LearnError> {
    let width = task.width();
    let none = Scaling { kind: ScalingKind::None, offset: vec![0.0; width], factor: vec![1.0; width] };
    if task.kind != TargetKind::Numbers || settings.target_scale() == TargetScale::None {
        return Ok(none);
    }
    let mut values: Vec<f64> = train.encoded(task, train.rows.len()).flatten().collect();
    if log {
        have_logarithms(task, train)?;
        values.iter_mut().for_each(|value| *value = libm::log(*value));
    }
    let y = Matrix::new(train.rows.len(), width, values)?;
    output_range::of(output, library)?.scale(&y, train.weights.as_deref())
}

/// An error for a target that has no logarithm.
fn have_logarithms(task: &Task, train: &Part) -> Result<(), LearnError> {
    let width = task.width();
    match train.encoded(task, train.rows.len()).flatten().enumerate().find(|(_, value)| *value <= 0.0) {
        None => Ok(()),
        Some((at, value)) => {
            let (row, column) = (train.rows[at / width], task.targets[at % width].name.clone());
            Err(LearnError::NoLogarithm { column, row, value })
        }
    }
}
