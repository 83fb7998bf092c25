//! A network with everything compiled to train it.

mod codes;
mod course;
mod fault;

use self::course::Course;
use crate::entries::Entries;
use crate::network::Part;
use crate::options::{Options, rounded_rate, stays_finite};
use crate::progress::{EachEpoch, Epoch, Outcome, Watch};
use crate::rows::Rows;
use crate::{Checkpoint, LearnError, Network, Precision, initial_parameters};
use compiler::Library;
use engine::{Arguments, Batch, Element, Engine, EngineError, Snapshot, Training, Workspace};
use random::{Purpose, Random};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// A network, its parameters and everything compiled to train it. The step is what the derived gradients compile to, the
/// update what the optimizer's page compiles to; nothing is computed here.
///
/// # Examples
///
/// Linear regression by gradient descent, until the loss is small enough:
///
/// ```
/// use chainrule_learn::{End, Epochs, Layer, Network, Options, Rows, Trainer};
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
///     epochs: Epochs::Fixed(1000),
///     ..Options::default()
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
    /// What each state begins with.
    states: Vec<T>,
    loss: Compiled<T>,
    /// The widths of the categories at the end of the inputs that rows have the codes of.
    codes: Vec<usize>,
    schedule: Compiled<f64>,
    parameters: Vec<T>,
    /// Whether the parameters were changed from outside since the last step.
    is_changed: bool,
    /// Whether training starts from parameters that were given, and not from random ones.
    is_given: bool,
    steps: u64,
    /// What the next training goes on from.
    resumed: Option<Checkpoint>,
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
    /// When the network is too large, or its formula, the optimizer or the schedule does not compile; when a page of the user's does
    /// not keep what it says, or a number of the network or of the options is out of its range; when the loss does not depend on
    /// what the network computes.
    pub fn new(network: &Network, options: &Options, library: &Library) -> Result<Trainer<T>, LearnError> {
        network.verify()?;
        network.judge_pages(library)?;
        network.check(library)?;
        options.check()?;
        let loss = network.compile(Part::Loss { weighted: options.weighted }, library)?;
        let step = network.compile(Part::Step { weighted: options.weighted }, library)?;
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
        let rate = rounded_rate::<T>(options.rate.unwrap_or(optimizer.rate.value.value()))?;
        if !stays_finite(&update, &optimizer, rate)? {
            return Err(LearnError::UpdateNotFinite { optimizer: options.optimizer.clone() });
        }
        Ok(Trainer {
            network: network.clone(),
            options: options.clone(),
            rate,
            library: library.clone(),
            training: Training::new(step, update, &states, threads)?,
            states,
            codes: Vec::new(),
            loss: Compiled::new(loss, threads)?,
            schedule: Compiled::new(compiler::compile_schedule(&schedule)?, 1)?,
            parameters,
            is_changed: true,
            is_given: false,
            steps: 0,
            resumed: None,
        })
    }

    /// The parameters, in the order of [`Network::parameters`].
    pub fn parameters(&self) -> &[T] {
        &self.parameters
    }

    /// The parameters alone, and the end of all that trained them.
    pub fn into_parameters(self) -> Vec<T> {
        self.parameters
    }

    /// The parameters, to start from others than random ones. With validation rows they count as epoch 0, so that no training ends
    /// with worse ones.
    pub fn parameters_mut(&mut self) -> &mut [T] {
        (self.is_changed, self.is_given) = (true, true);
        &mut self.parameters
    }

    /// The gradient of the loss over rows, in the order of the parameters.
    ///
    /// # Errors
    /// When the rows do not fit the network.
    pub fn gradient(&self, rows: &Rows<T>) -> Result<Vec<T>, LearnError> {
        self.fit_weights(rows)?;
        let plan = self.training.step_plan().clone();
        let mut results = vec![T::from_f64(0.0); plan.result_entries()];
        let mut compiled = Compiled::new(plan, self.training.threads())?;
        let arguments = Arguments {
            rows: rows.len(),
            data: &rows.arrays(),
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

    /// Ends training, within a step too, once this is set: with the best parameters so far, as where the callback breaks.
    pub fn stop_on(&mut self, stop: Arc<AtomicBool>) {
        self.training.stop_on(Arc::clone(&stop));
        self.loss.workspace.stop_on(stop);
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
        self.fit_weights(rows)?;
        let mut loss = [T::from_f64(0.0)];
        let arguments = Arguments {
            rows: rows.len(),
            data: &rows.arrays(),
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
        let width = |entries: &[T]| entries.len().div_ceil(rows.max(1));
        self.fit([width(x), width(y)])?;
        let batch = Batch { data: &[x, y], rows, order: None, next: &[] };
        let loss = self.advance(batch, self.steps + 1, self.rate * factor)?;
        self.steps += u64::from(loss.is_finite());
        self.training.read_parameters(&mut self.parameters)?;
        Ok(loss)
    }

    /// An error for rows that have weights where steps do not weigh them, or none where they do.
    fn fit_weights(&self, rows: &Rows<T>) -> Result<(), LearnError> {
        if rows.codes() != self.codes {
            let (found, expected) = (rows.codes().len(), self.codes.len());
            return Err(LearnError::Columns { what: "codes", found, expected });
        }
        let (found, expected) = (usize::from(rows.weights().is_some()), usize::from(self.options.weighted));
        match found == expected {
            true => self.fit(rows.widths()),
            false => Err(LearnError::Columns { what: "weights", found, expected }),
        }
    }

    /// An error for rows with other columns than the network's inputs and outputs.
    fn fit(&self, [x, y]: [usize; 2]) -> Result<(), LearnError> {
        let pairs = [("inputs", x, self.network.inputs), ("targets", y, self.network.outputs())];
        match pairs.into_iter().find(|(_, found, expected)| found != expected) {
            Some((what, found, expected)) => Err(LearnError::Columns { what, found, expected }),
            None => Ok(()),
        }
    }

    /// Seconds that a step on these rows takes, by a few that are undone.
    ///
    /// # Errors
    /// When the rows do not fit the network.
    pub fn seconds_of_step(&mut self, rows: &Rows<T>) -> Result<f64, LearnError> {
        const TRIAL: Duration = Duration::from_millis(10);
        self.fit_weights(rows)?;
        self.settle()?;
        let mut before = Snapshot::new();
        self.training.save(&mut before)?;
        let (mut start, mut steps) = (Instant::now(), 0_u32);
        while steps < 2 || (start.elapsed() < TRIAL && steps < 1000) {
            let batch = Batch { data: &rows.arrays(), rows: rows.len(), order: None, next: &[] };
            let step = self.advance(batch, 1, self.rate);
            match step {
                Err(LearnError::Engine(EngineError::Stopped)) => break,
                step => step.map(drop)?,
            }
            steps += 1;
            if steps == 1 {
                // The first finds nothing in the caches.
                start = Instant::now();
            }
        }
        let seconds = start.elapsed().as_secs_f64() / f64::from(steps.saturating_sub(1).max(1));
        self.training.return_to(&before);
        Ok(seconds)
    }

    /// Hands over parameters that were changed from outside.
    fn settle(&mut self) -> Result<(), LearnError> {
        if std::mem::take(&mut self.is_changed) {
            self.training.set_parameters(&self.parameters)?;
        }
        Ok(())
    }

    /// The step of this number, from 1 on, that leaves the parameters with what trains them.
    fn advance(&mut self, batch: Batch<'_, T>, number: u64, rate: f64) -> Result<f64, LearnError> {
        self.settle()?;
        let scalars = [T::from_f64(number as f64), T::from_f64(rate)];
        Ok(self.training.step(batch, &scalars)?.to_f64())
    }

    /// Goes on from a checkpoint with the next [`Trainer::train`], which must be given the same rows.
    ///
    /// # Errors
    /// When it is one of another network, optimizer or precision.
    pub fn resume(&mut self, checkpoint: Checkpoint) -> Result<(), LearnError> {
        let (entries, states) = (self.parameters.len(), self.training.states());
        let found = (checkpoint.parameters.len(), checkpoint.states.len(), checkpoint.best.len());
        let first = checkpoint.first.as_ref().map_or(entries, Entries::len);
        let is_precise = checkpoint.parameters.precision() == precision::<T>();
        if (found, first) != ((entries, states * entries, entries), entries) || !is_precise {
            return Err(LearnError::NoCheckpoint {
                path: String::from("this checkpoint"),
                reason: format!(
                    "it is not one of {entries} parameters with {states} states each in {}",
                    precision::<T>().name()
                ),
            });
        }
        self.is_given = checkpoint.first.is_some();
        self.resumed = Some(checkpoint);
        Ok(())
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
        each_epoch: impl FnMut(&Epoch) -> ControlFlow<()>,
    ) -> Result<Outcome, LearnError> {
        self.train_watched(rows, validation, &mut EachEpoch(each_epoch))
    }

    /// The same with somebody who takes checkpoints and is told of numbers that are not finite.
    ///
    /// # Errors
    /// When the rows do not fit the network, or a checkpoint does not fit the rows.
    pub fn train_watched(
        &mut self,
        rows: &Rows<T>,
        validation: Option<&Rows<T>>,
        watch: &mut dyn Watch,
    ) -> Result<Outcome, LearnError> {
        for rows in std::iter::once(rows).chain(validation) {
            self.fit_weights(rows)?;
        }
        if self.options.threads.is_none() {
            let threads = helpful_threads(self.training.step_plan(), self.batch_of(rows));
            self.training.set_threads(threads);
            self.loss.workspace.set_threads(threads);
        }
        Course::new(self, rows, validation, watch)?.run()
    }

    /// Rows of a batch of these.
    fn batch_of(&self, rows: &Rows<T>) -> usize {
        self.options.batch_of(rows.len())
    }

    /// The schedule's factor at u.
    fn factor(&mut self, u: f64) -> Result<f64, LearnError> {
        let mut factor = [1.0];
        let arguments = Arguments { rows: 1, scalars: &[u], results: &mut factor, ..Arguments::default() };
        self.schedule.engine.run(&mut self.schedule.workspace, arguments)?;
        Ok(factor[0])
    }
}

/// The precision of an element.
fn precision<T: Element>() -> Precision {
    if size_of::<T>() == size_of::<f64>() { Precision::F64 } else { Precision::F32 }
}

/// Threads that help with steps, or predictions, of so many rows.
pub(crate) fn helpful_threads(step: &plan::Plan, rows: usize) -> usize {
    let (per_row, _) = step.multiply_adds();
    let work = per_row.saturating_mul(rows);
    let available = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    available.min(work / SHARE).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Epochs, Layer};
    use table::Matrix;

    fn network() -> Network {
        let layers = vec![Layer { units: 1, activation: String::from("identity") }];
        Network { inputs: 1, layers, bias: true, loss: String::from("mse") }
    }

    fn options() -> Options {
        Options {
            optimizer: String::from("adam"),
            schedule: String::from("constant"),
            batch_size: Some(2),
            epochs: Epochs::Fixed(2),
            ..Options::default()
        }
    }

    fn trainer(network: &Network, options: &Options) -> Result<Trainer<f32>, LearnError> {
        Trainer::new(network, options, &Library::standard())
    }

    fn rows(inputs: usize, targets: usize) -> Rows<f32> {
        let matrix = |cols: usize| Matrix::new(4, cols, (0..4 * cols).map(|at| at as f64).collect()).unwrap();
        Rows::new(&matrix(inputs), &matrix(targets)).unwrap()
    }

    #[test]
    fn codes_train_to_the_bits_of_the_columns_written_out() {
        let layer = |units: usize| Layer { units, activation: String::from("tanh") };
        let network = Network { inputs: 14, layers: vec![layer(5), layer(1)], ..network() };
        // Two numbers, and the codes of 5 and 7 columns, of which -1 and 7 are none.
        let x = (0..20)
            .flat_map(|row| [row as f32 / 9.0, (row % 7) as f32, (row % 6) as f32 - 1.0, (row % 8) as f32]);
        let y = (0..20).map(|row| (row % 3) as f32).collect();
        let coded = Rows::encoded(x.collect(), y, [14, 1], vec![5, 7]).unwrap();
        let written = coded.written_out();
        assert_eq!((written.x().len(), written.x()[14..28].iter().sum::<f32>()), (20 * 14, 1.0 / 9.0 + 3.0));
        let trained = |rows: &Rows<f32>| {
            let mut trainer = trainer(&network, &options()).unwrap();
            trainer.take_codes(rows.codes()).unwrap();
            let outcome = trainer.train(rows, Some(rows), |_| ControlFlow::Continue(())).unwrap();
            let losses: Vec<u64> = outcome.epochs.iter().map(|epoch| epoch.train_loss.to_bits()).collect();
            (losses, trainer.parameters().iter().map(|number| number.to_bits()).collect::<Vec<_>>())
        };
        assert_eq!(trained(&coded), trained(&written));
        let mut other = trainer(&network, &options()).unwrap();
        assert!(matches!(
            other.loss(&coded),
            Err(LearnError::Columns { what: "codes", found: 2, expected: 0 })
        ));
        assert_eq!(coded.select(&[3]).x(), &coded.x()[12..16]);
    }

    #[test]
    fn rows_that_do_not_fit_the_network_are_refused() {
        let good = rows(1, 1);
        let mut trainer = trainer(&network(), &options()).unwrap();
        let before = trainer.parameters().to_vec();
        for (inputs, targets, what) in
            [(1, 2, "targets"), (2, 1, "inputs"), (2, 2, "inputs"), (1, 3, "targets")]
        {
            let wrong = rows(inputs, targets);
            let go = |_: &Epoch| ControlFlow::Continue(());
            let [x, y] = [wrong.x().to_vec(), wrong.y().to_vec()];
            let refused = [
                trainer.train(&wrong, None, go).map(|_| ()),
                trainer.train(&wrong, Some(&wrong), go).map(|_| ()),
                trainer.train(&wrong, Some(&good), go).map(|_| ()),
                trainer.train(&good, Some(&wrong), go).map(|_| ()),
                trainer.loss(&wrong).map(|_| ()),
                trainer.gradient(&wrong).map(|_| ()),
                trainer.step(&x, &y, 4, 1.0).map(|_| ()),
            ];
            for result in refused {
                let message = result.unwrap_err().to_string();
                assert!(message.contains(what) && message.contains("give rows of 1"), "{message}");
            }
        }
        assert_eq!(trainer.parameters(), before);
        trainer.train(&good, Some(&good), |_| ControlFlow::Continue(())).unwrap();
        // Half a row is no row.
        assert!(trainer.step(&[1.0; 3], &[1.0; 2], 2, 1.0).is_err());
    }

    #[test]
    fn numbers_out_of_their_range_are_refused() {
        let refused = |network: &Network, options: &Options, word: &str| {
            let message = trainer(network, options).err().expect("a refusal").to_string();
            assert!(message.contains(word), "{word} in {message}");
        };
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-300, 1e300] {
            refused(&network(), &Options { rate: Some(rate), ..options() }, "learning rate");
        }
        refused(&network(), &Options { batch_size: Some(0), ..options() }, "batch");
        refused(&network(), &Options { threads: Some(0), ..options() }, "threads");
        for optimizer in ["adam(beta1 = 2)", "momentum(beta = 1)", "adam(epsilon = 0)"] {
            refused(&network(), &Options { optimizer: optimizer.to_owned(), ..options() }, "range");
        }
        refused(&network(), &Options { schedule: String::from("cosine(end = -1)"), ..options() }, "range");
        refused(&Network { inputs: 0, ..network() }, &options(), "inputs");
        refused(&Network { layers: Vec::new(), ..network() }, &options(), "layers");
        let units = |units| vec![Layer { units, activation: String::from("identity") }];
        refused(&Network { layers: units(0), ..network() }, &options(), "units");
        refused(&Network { layers: units(usize::MAX), ..network() }, &options(), "parameters");
        refused(&Network { loss: String::from("huber(delta = 0)"), ..network() }, &options(), "range");
    }
}
