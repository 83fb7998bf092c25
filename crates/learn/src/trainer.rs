//! The training loop: batches through the compiled step, the compiled update, and what is kept.

use crate::network::Part;
use crate::progress::{End, Epoch, Outcome};
use crate::rows::Rows;
use crate::{LearnError, Network, initial_parameters};
use compiler::Library;
use engine::{Arguments, Batch, Element, Engine, Training, Workspace};
use formula::Name;
use std::ops::ControlFlow;
use std::time::Instant;
use table::{Purpose, Random};

/// How a network is trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The call of an optimizer's page, such as `adam` or `adam(beta1 = 0.95)`.
    pub optimizer: String,
    /// The learning rate; the optimizer's own when absent.
    pub rate: Option<f64>,
    /// The call of a schedule's page, a factor on the rate over the run.
    pub schedule: String,
    /// Rows of a batch; every row at once when absent.
    pub batch_size: Option<usize>,
    /// How often each row is visited.
    pub epochs: usize,
    /// What every random number of the run is drawn from.
    pub seed: u64,
    /// Threads that share each step; when absent, as many as help at this size and the machine has. The bits of a run do not
    /// depend on them.
    pub threads: Option<usize>,
}

/// A network, its parameters and everything compiled to train it. The step is what the derived gradients compile to, the
/// update what the optimizer's page compiles to; nothing is computed here.
///
/// # Examples
///
/// Linear regression by gradient descent, until the loss is small enough:
///
/// ```
/// use chainrule_learn::{End, Layer, Network, Options, Rows, Trainer};
/// use compiler::Library;
/// use std::ops::ControlFlow;
/// use table::Matrix;
///
/// let layers = vec![Layer { units: 1, activation: String::from("identity") }];
/// let network = Network { inputs: 1, layers, bias: true, loss: String::from("mse") };
/// let options = Options {
///     optimizer: String::from("gradient_descent"),
///     rate: Some(0.1),
///     schedule: String::from("constant"),
///     batch_size: None,
///     epochs: 1000,
///     seed: 0,
///     threads: None,
/// };
/// let x = Matrix::new(4, 1, vec![0.0, 1.0, 2.0, 3.0])?;
/// let y = Matrix::new(4, 1, vec![1.0, 3.0, 5.0, 7.0])?;
///
/// let mut trainer = Trainer::<f64>::new(&network, &options, &Library::standard())?;
/// let outcome = trainer.train(&Rows::new(&x, &y)?, None, |epoch| {
///     if epoch.train_loss < 1e-8 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
/// })?;
/// assert_eq!(outcome.end, End::Stopped);
/// let [slope, intercept] = trainer.parameters() else { unreachable!() };
/// assert!((slope - 2.0).abs() < 1e-3 && (intercept - 1.0).abs() < 1e-3);
/// # Ok::<(), chainrule_learn::LearnError>(())
/// ```
pub struct Trainer<T: Element> {
    network: Network,
    options: Options,
    rate: f64,
    library: Library,
    training: Training<T>,
    loss: Compiled<T>,
    schedule: Compiled<f64>,
    parameters: Vec<T>,
    /// Whether the parameters were changed from outside since the last step.
    is_changed: bool,
    steps: u64,
}

/// Multiply-adds of a step that a thread takes at least: those of about ten microseconds, far above what it takes to share them.
const SHARE: usize = 1 << 20;

struct Compiled<T: Element> {
    engine: Engine<T>,
    workspace: Workspace<T>,
}

impl<T: Element> Compiled<T> {
    fn new(plan: plan::Plan, threads: usize) -> Result<Compiled<T>, LearnError> {
        Ok(Compiled { engine: Engine::new(plan)?, workspace: Workspace::with_threads(threads) })
    }
}

impl<T: Element> Trainer<T> {
    /// Derives and compiles a network's step, with random initial weights.
    ///
    /// # Errors
    /// When the network is too large, or its formula, the optimizer or the schedule does not compile.
    pub fn new(network: &Network, options: &Options, library: &Library) -> Result<Trainer<T>, LearnError> {
        network.verify()?;
        let loss = network.compile(Part::Loss, library)?;
        let step = network.compile(Part::Step, library)?;
        let optimizer =
            compiler::optimizer(&options.optimizer, library).map_err(compiler::CompileError::from)?;
        let schedule =
            compiler::schedule(&options.schedule, library).map_err(compiler::CompileError::from)?;
        let initial = initial_parameters(network, options.seed, library)?;
        let parameters: Vec<T> = initial.into_iter().map(T::from_f64).collect();
        // Without a size of batches, the rows of the table will tell.
        let threads =
            options.threads.unwrap_or_else(|| helpful_threads(&step, options.batch_size.unwrap_or(1)));
        let states: Vec<T> = optimizer.states.iter().map(|(_, start)| T::from_f64(start.value())).collect();
        let update = compiler::compile_update(&optimizer)?;
        Ok(Trainer {
            network: network.clone(),
            options: options.clone(),
            rate: options.rate.unwrap_or(optimizer.rate.value.value()),
            library: library.clone(),
            training: Training::new(step, update, &states, threads)?,
            loss: Compiled::new(loss, threads)?,
            schedule: Compiled::new(compiler::compile_schedule(&schedule)?, 1)?,
            parameters,
            is_changed: true,
            steps: 0,
        })
    }

    /// The parameters, in the order of [`Network::parameters`].
    pub fn parameters(&self) -> &[T] {
        &self.parameters
    }

    /// The parameters, to start from others than random ones.
    pub fn parameters_mut(&mut self) -> &mut [T] {
        self.is_changed = true;
        &mut self.parameters
    }

    /// The gradient of the loss over rows, in the order of the parameters.
    ///
    /// # Errors
    /// When the rows do not fit the network.
    pub fn gradient(&self, rows: &Rows<T>) -> Result<Vec<T>, LearnError> {
        let plan = self.training.step_plan().clone();
        let mut results = vec![T::from_f64(0.0); plan.result_entries()];
        let mut compiled = Compiled::new(plan, self.training.threads())?;
        let arguments = Arguments {
            rows: rows.len(),
            data: &[rows.x(), rows.y()],
            parameters: &self.parameters,
            results: &mut results,
            ..Arguments::default()
        };
        compiled.engine.run(&mut compiled.workspace, arguments)?;
        // The first result is the loss.
        results.remove(0);
        Ok(results)
    }

    /// The plan of a step: the loss and its gradient by every parameter.
    pub fn step_plan(&self) -> &plan::Plan {
        self.training.step_plan()
    }

    /// The plan of an update.
    pub fn update_plan(&self) -> &plan::Plan {
        self.training.update_plan()
    }

    /// How many threads share a step.
    pub fn threads(&self) -> usize {
        self.training.threads()
    }

    /// The order in which an epoch (1, 2, ...) visits this many rows.
    pub fn row_order(seed: u64, epoch: usize, rows: usize) -> Vec<usize> {
        Random::new(seed, Purpose::Shuffle, epoch as u64).permutation(rows)
    }

    /// The loss over rows: one number, whatever the batch size of training.
    ///
    /// # Errors
    /// When the rows do not fit the network.
    pub fn loss(&mut self, rows: &Rows<T>) -> Result<f64, LearnError> {
        let mut loss = [T::from_f64(0.0)];
        let arguments = Arguments {
            rows: rows.len(),
            data: &[rows.x(), rows.y()],
            parameters: &self.parameters,
            results: &mut loss,
            ..Arguments::default()
        };
        self.loss.engine.run(&mut self.loss.workspace, arguments)?;
        Ok(loss[0].to_f64())
    }

    /// One step on one batch: the loss and its gradient, then the update with the rate times `factor`. Returns the loss.
    /// Parameters stay as they are when the loss is not finite.
    ///
    /// # Errors
    /// When the rows do not fit the network.
    pub fn step(&mut self, x: &[T], y: &[T], rows: usize, factor: f64) -> Result<f64, LearnError> {
        let loss = self.advance(Batch { data: &[x, y], rows, order: None, next: &[] }, factor)?;
        self.training.read_parameters(&mut self.parameters)?;
        Ok(loss)
    }

    /// Hands over parameters that were changed from outside.
    fn settle(&mut self) -> Result<(), LearnError> {
        if std::mem::take(&mut self.is_changed) {
            self.training.set_parameters(&self.parameters)?;
        }
        Ok(())
    }

    /// A step that leaves the parameters with what trains them.
    fn advance(&mut self, batch: Batch<'_, T>, factor: f64) -> Result<f64, LearnError> {
        self.settle()?;
        let scalars = [T::from_f64((self.steps + 1) as f64), T::from_f64(self.rate * factor)];
        let loss = self.training.step(batch, &scalars)?.to_f64();
        self.steps += u64::from(loss.is_finite());
        Ok(loss)
    }

    /// Trains for the epochs of the options, or until the callback breaks. With validation rows the parameters of the epoch with
    /// the least validation loss are kept in the end, else those of the last.
    ///
    /// # Errors
    /// When the rows do not fit the network.
    pub fn train(
        &mut self,
        rows: &Rows<T>,
        validation: Option<&Rows<T>>,
        mut each_epoch: impl FnMut(&Epoch) -> ControlFlow<()>,
    ) -> Result<Outcome, LearnError> {
        let start = Instant::now();
        let batch = self.options.batch_size.unwrap_or(rows.len()).clamp(1, rows.len().max(1));
        if self.options.threads.is_none() {
            let threads = helpful_threads(self.training.step_plan(), batch);
            self.training.set_threads(threads);
            if self.loss.workspace.threads() != threads {
                self.loss.workspace = Workspace::with_threads(threads);
            }
        }
        self.settle()?;
        self.training.keep()?;
        let (mut best_loss, mut best_epoch) = (f64::INFINITY, 0);
        let mut epochs: Vec<Epoch> = Vec::new();
        let mut end = End::Finished;
        for number in 1..=self.options.epochs {
            let train_loss = match self.epoch(number, rows, batch)? {
                Ok(loss) => loss,
                Err(value) => {
                    end = End::Diverged { epoch: number, value };
                    break;
                }
            };
            let mut validation_loss = None;
            if let Some(rows) = validation {
                self.training.read_parameters(&mut self.parameters)?;
                validation_loss = Some(self.loss(rows)?);
            }
            if validation_loss.is_some_and(|loss| !loss.is_finite()) {
                let value = self.first_not_finite(validation.unwrap_or(rows))?;
                end = End::Diverged { epoch: number, value };
                break;
            }
            let judged = validation_loss.unwrap_or(f64::NEG_INFINITY);
            // The last update of an epoch may have been the one that overflowed, with no loss computed since.
            let is_best = (judged < best_loss || validation_loss.is_none()) && self.training.is_finite();
            if is_best {
                (best_loss, best_epoch) = (judged, number);
                self.training.keep()?;
            }
            let seconds = start.elapsed().as_secs_f64();
            let epoch = Epoch { number, train_loss, validation_loss, best: is_best, seconds };
            let flow = each_epoch(&epoch);
            epochs.push(epoch);
            if flow.is_break() {
                end = End::Stopped;
                break;
            }
        }
        self.training.return_to_kept();
        self.training.read_parameters(&mut self.parameters)?;
        Ok(Outcome { epochs, best_epoch, end, seconds: start.elapsed().as_secs_f64() })
    }

    /// Visits every row once: the mean loss, or the first value that was not finite.
    fn epoch(
        &mut self,
        number: usize,
        rows: &Rows<T>,
        batch: usize,
    ) -> Result<Result<f64, Name>, LearnError> {
        let batches = rows.len().div_ceil(batch);
        let total = self.options.epochs as f64 * batches as f64;
        let order =
            if batches > 1 { Self::row_order(self.options.seed, number, rows.len()) } else { Vec::new() };
        let mut sum = 0.0;
        for index in 0..batches {
            let factor = self.factor(((number - 1) * batches + index) as f64 / total)?;
            let chosen = index * batch..rows.len().min((index + 1) * batch);
            let next = order.get(chosen.end..rows.len().min(chosen.end + batch)).unwrap_or_default();
            let order = (batches > 1).then(|| &order[chosen.clone()]);
            let data = &[rows.x(), rows.y()];
            let loss = self.advance(Batch { data, rows: chosen.len(), order, next }, factor)?;
            if !loss.is_finite() {
                self.training.read_parameters(&mut self.parameters)?;
                let last = order.map_or_else(|| rows.clone(), |order| rows.select(order));
                return Ok(Err(self.first_not_finite(&last)?));
            }
            sum += loss * chosen.len() as f64;
        }
        Ok(Ok(sum / rows.len() as f64))
    }

    /// The schedule's factor at u.
    fn factor(&mut self, u: f64) -> Result<f64, LearnError> {
        let mut factor = [1.0];
        let arguments = Arguments { rows: 1, scalars: &[u], results: &mut factor, ..Arguments::default() };
        self.schedule.engine.run(&mut self.schedule.workspace, arguments)?;
        Ok(factor[0])
    }

    /// The first of `Z1`, `A1`, `Z2`, ..., f with an entry that is no finite number on these rows.
    fn first_not_finite(&self, rows: &Rows<T>) -> Result<Name, LearnError> {
        let layers = 1..=self.network.layers.len();
        let names: Vec<String> =
            layers.flat_map(|number| [format!("Z{number}"), format!("A{number}")]).collect();
        let values: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut compiled =
            Compiled::<T>::new(self.network.compile(Part::Values(&values), &self.library)?, 1)?;
        let widths = self.network.layers.iter().flat_map(|layer| [layer.units; 2]);
        let mut matrices: Vec<Vec<T>> =
            widths.map(|width| vec![T::from_f64(0.0); rows.len() * width]).collect();
        let mut row_results: Vec<&mut [T]> = matrices.iter_mut().map(Vec::as_mut_slice).collect();
        let arguments = Arguments {
            rows: rows.len(),
            data: &[rows.x()],
            parameters: &self.parameters,
            row_results: &mut row_results,
            ..Arguments::default()
        };
        compiled.engine.run(&mut compiled.workspace, arguments)?;
        let finite = |matrix: &Vec<T>| matrix.iter().all(|entry| entry.to_f64().is_finite());
        if let Some((name, _)) = values.iter().zip(&matrices).find(|(_, matrix)| !finite(matrix)) {
            return Ok(Name::from(*name));
        }
        Ok(Name::from("the loss"))
    }
}

/// Threads that help with steps of so many rows.
fn helpful_threads(step: &plan::Plan, rows: usize) -> usize {
    let (per_row, _) = step.multiply_adds();
    let work = per_row.saturating_mul(rows);
    let available = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    available.min(work / SHARE).max(1)
}
