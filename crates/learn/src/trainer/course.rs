//! The training loop: batches through the compiled step and update, what is kept, and what is gone back to.

mod going_back;
mod saving;

use self::going_back::Heeded;
use super::Trainer;
use crate::budget::{Budget, LEAST_STEPS};
use crate::checkpoint::{Place, Standing};
use crate::progress::{End, Epoch, Fault, Halved, Moment, OnNan, Outcome, Watch};
use crate::rows::Rows;
use crate::{Checkpoint, Epochs, LearnError};
use engine::{Batch, Element, EngineError, Snapshot};
use formula::Name;
use std::ops::Range;
use std::time::Instant;

/// Steps from one snapshot to the next: copying parameters and states takes about as long as a step or two.
const BETWEEN_SNAPSHOTS: u64 = 512;
/// What the rate is multiplied by where patience ends, and the least that becomes of 1.
const COOLED: f64 = 0.2;
const LEAST_COOLED: f64 = 0.2 * 0.2;
/// A training under way.
///
/// Numbers that are not finite are looked for where it costs nothing: in the loss of each step, and in parameters and states at
/// the end of each epoch and at each snapshot within one. Where some are found, training returns to the last snapshot and steps to that place again, with a look after
/// each step, so that it is known which batch made them, and no parameters with its update are kept.
pub(super) struct Course<'a, T: Element> {
    trainer: &'a mut Trainer<T>,
    rows: &'a Rows<T>,
    validation: Option<&'a Rows<T>>,
    watch: &'a mut dyn Watch,
    /// Rows of a batch, and batches of an epoch.
    batch: usize,
    batches: usize,
    budget: Budget,
    /// The order of the rows in an epoch.
    order: (usize, Vec<usize>),
    at: Place,
    epochs: Vec<Epoch>,
    /// The parameters that training began with, where it may go back to them.
    first: Snapshot<T>,
    best: Snapshot<T>,
    best_epoch: usize,
    best_loss: Option<f64>,
    last: Snapshot<T>,
    at_last: Place,
    /// The step up to which each is looked at, its epoch and batch.
    looks_until: Option<(usize, usize)>,
    before: Snapshot<T>,
    /// Updates that were made before this training, by others.
    earlier_steps: u64,
    earlier_seconds: f64,
    start: Instant,
}

impl<'a, T: Element> Course<'a, T> {
    pub(super) fn new(
        trainer: &'a mut Trainer<T>,
        rows: &'a Rows<T>,
        validation: Option<&'a Rows<T>>,
        watch: &'a mut dyn Watch,
    ) -> Result<Course<'a, T>, LearnError> {
        let start = Instant::now();
        trainer.settle()?;
        let batch = trainer.batch_of(rows);
        let steps = trainer.steps;
        let at = Place {
            epoch: 1,
            batch: 0,
            loss_sum: 0.0,
            rows: 0,
            steps,
            earlier: 0,
            skipped: 0,
            rate: trainer.rate,
        };
        let mut course = Course {
            rows,
            validation,
            watch,
            batch,
            batches: rows.len().div_ceil(batch),
            budget: Budget::of(&trainer.options, rows.len(), batch),
            order: (0, Vec::new()),
            at_last: at.clone(),
            at,
            epochs: Vec::new(),
            first: Snapshot::new(),
            best: Snapshot::new(),
            best_epoch: 0,
            best_loss: None,
            last: Snapshot::new(),
            looks_until: None,
            before: Snapshot::new(),
            earlier_steps: steps,
            earlier_seconds: 0.0,
            start,
            trainer,
        };
        if course.trainer.options.on_nan == OnNan::HalveRate || course.trainer.is_given {
            course.trainer.training.save_parameters(&mut course.first)?;
        }
        match course.trainer.resumed.take() {
            Some(checkpoint) => course.go_on_from(checkpoint)?,
            None => course.begin()?,
        }
        course.snapshot()?;
        Ok(course)
    }

    /// From the parameters at hand; those that were given are judged, to be kept where no epoch is better.
    fn begin(&mut self) -> Result<(), LearnError> {
        self.trainer.training.save_parameters(&mut self.best)?;
        if !self.trainer.is_given {
            return Ok(());
        }
        let loss = match self.validation.map(|validation| self.trainer.loss(validation)).transpose() {
            Ok(loss) => loss,
            // Whoever stops it now gets no step, and what was given.
            Err(LearnError::Engine(EngineError::Stopped)) => None,
            Err(error) => return Err(error),
        };
        self.best_loss = loss.filter(|loss| loss.is_finite());
        self.watch.starts(loss);
        Ok(())
    }

    fn go_on_from(&mut self, checkpoint: Checkpoint) -> Result<(), LearnError> {
        let training = &mut self.trainer.training;
        // Its precision was looked at where it was taken.
        if let Some(first) = &checkpoint.first {
            training.set_parameters(first.array().unwrap_or_default())?;
            training.save_parameters(&mut self.first)?;
        }
        training.set_parameters(checkpoint.best.array().unwrap_or_default())?;
        training.save_parameters(&mut self.best)?;
        training.set_parameters(checkpoint.parameters.array().unwrap_or_default())?;
        training.set_states(checkpoint.states.array().unwrap_or_default())?;
        let Standing { at, looks_until, best_epoch, best_loss, seconds } = checkpoint.standing;
        // Steps that are looked at again may be those of epochs that were judged.
        let next = checkpoint.epochs.len() + 1;
        let is_there = at.epoch == next || (looks_until.is_some() && (1..next).contains(&at.epoch));
        if at.batch > self.batches || !is_there {
            let Place { batch, epoch, .. } = at;
            return Err(LearnError::NoCheckpoint {
                path: String::from("this checkpoint"),
                reason: format!("it stands after batch {batch} of epoch {epoch}, which these rows have not"),
            });
        }
        (self.at, self.looks_until) = (at, looks_until);
        (self.best_epoch, self.best_loss, self.earlier_seconds) = (best_epoch, best_loss, seconds);
        // They count from the first step of the whole training.
        self.earlier_steps = 0;
        self.epochs = checkpoint.epochs;
        Ok(())
    }

    /// Steps until the training ends, and returns to the best parameters.
    pub(super) fn run(mut self) -> Result<Outcome, LearnError> {
        let end = loop {
            if let Some(end) = self.ends()? {
                break end;
            }
            match self.step() {
                Ok(None) => {}
                Ok(Some(end)) => break end,
                Err(LearnError::Engine(EngineError::Stopped)) => break End::Stopped,
                Err(error) => return Err(error),
            }
        };
        if self.watch.wants_checkpoint(Moment::End) && self.is_finite() {
            self.make_checkpoint()?;
        }
        let stepped = self.at.steps > self.earlier_steps;
        let is_judged = self.best_epoch > 0 || self.best_loss.is_some();
        if matches!(end, End::Stopped | End::TimeLimit)
            && !is_judged
            && stepped
            && self.trainer.training.is_finite()
        {
            // Of an epoch that is longer than patience, its last step is better than nothing.
            self.best_epoch = self.at.epoch;
            self.trainer.training.save_parameters(&mut self.best)?;
        }
        let seconds = self.seconds();
        let Course { trainer, best, best_epoch, epochs, at, batches, .. } = self;
        let steps = at.steps + at.earlier;
        let best_step = (best_epoch as u64 * batches as u64).min(steps);
        trainer.steps = at.steps;
        trainer.training.return_to(&best);
        trainer.training.read_parameters(&mut trainer.parameters)?;
        Ok(Outcome { epochs, best_epoch, end, seconds, steps, best_step, skipped: at.skipped })
    }

    /// The next batch: its step, and what follows it. Returns why training ended, if it did.
    fn step(&mut self) -> Result<Option<End>, LearnError> {
        if self.at.batch == self.batches {
            // Training was stopped while the epoch was judged.
            return self.end_epoch();
        }
        let chosen = self.chosen();
        let looks = self.looks_until.is_some_and(|until| (self.at.epoch, self.at.batch) <= until);
        if looks {
            self.trainer.training.save(&mut self.before)?;
        } else {
            self.looks_until = None;
        }
        let loss = self.advance(chosen.clone())?;
        if loss.is_finite() && (!looks || self.is_finite()) {
            self.at.steps += 1;
            self.at.loss_sum += loss * chosen.len() as f64;
            self.at.rows += chosen.len();
        } else {
            if !looks && !self.is_finite() {
                self.look_again((self.at.epoch, self.at.batch));
                return Ok(None);
            }
            let fault = self.fault(chosen, looks)?;
            if looks {
                self.trainer.training.return_to(&self.before);
            }
            match self.heed(fault, loss.is_finite())? {
                Heeded::PassedOver => {}
                Heeded::WentBack => return Ok(None),
                Heeded::Ended(end) => return Ok(Some(end)),
            }
        }
        self.at.batch += 1;
        if self.at.batch == self.batches {
            return self.end_epoch();
        }
        if (self.at.batch as u64).is_multiple_of(BETWEEN_SNAPSHOTS) {
            if !self.is_finite() {
                self.look_again((self.at.epoch, self.at.batch - 1));
                return Ok(None);
            }
            self.snapshot()?;
        }
        self.offer_checkpoint(Moment::Step(self.at.steps))?;
        Ok(None)
    }

    /// The rows of the next batch by their place in the epoch.
    fn chosen(&mut self) -> Range<usize> {
        if self.batches > 1 && self.order.0 != self.at.epoch {
            let order = Trainer::<T>::row_order(self.trainer.options.seed, self.at.epoch, self.rows.len());
            self.order = (self.at.epoch, order);
        }
        self.at.batch * self.batch..self.rows.len().min((self.at.batch + 1) * self.batch)
    }

    /// The step on these rows, and its loss.
    fn advance(&mut self, chosen: Range<usize>) -> Result<f64, LearnError> {
        let Place { epoch, batch, steps, rate, .. } = self.at;
        let total = self.budget.epochs as f64 * self.batches as f64;
        let factor = self.trainer.factor(((epoch - 1) * self.batches + batch) as f64 / total)?;
        let order = &self.order.1;
        let next = order.get(chosen.end..self.rows.len().min(chosen.end + self.batch)).unwrap_or_default();
        let rows = chosen.len();
        let order = (self.batches > 1).then(|| &order[chosen]);
        let data = &self.rows.arrays();
        self.trainer.advance(Batch { data, rows, order, next }, steps + 1, rate * factor)
    }

    /// After the last batch of an epoch: judges it, unless it was judged already.
    fn end_epoch(&mut self) -> Result<Option<End>, LearnError> {
        let number = self.at.epoch;
        let last_batch = (number, self.batches - 1);
        let mut flow = std::ops::ControlFlow::Continue(());
        if number > self.epochs.len() {
            // The last update of an epoch may have been the one that overflowed, with no loss computed since; and states that
            // overflow let parameters stand still, whose losses are as finite as before.
            if !self.is_finite() {
                self.look_again(last_batch);
                return Ok(None);
            }
            let validation_loss = match self.judge()? {
                Ok(loss) => loss,
                Err(fault) => {
                    return Ok(match self.heed(fault, true)? {
                        Heeded::Ended(end) => Some(end),
                        Heeded::WentBack | Heeded::PassedOver => None,
                    });
                }
            };
            let train_loss = self.at.loss_sum / self.at.rows as f64;
            // What may be gone back to has to be chosen, by the training loss where there is no other.
            let halves = self.trainer.options.on_nan == OnNan::HalveRate;
            let judged = validation_loss.or(halves.then_some(train_loss));
            let best = match (judged, self.best_loss) {
                (Some(loss), Some(best)) => loss < best,
                _ => true,
            };
            if best {
                (self.best_loss, self.best_epoch) = (judged, number);
                self.trainer.training.save_parameters(&mut self.best)?;
            }
            let (rate, seconds) = (self.at.rate, self.seconds());
            let epoch = Epoch { number, train_loss, validation_loss, best, rate, seconds };
            flow = self.watch.epoch(&epoch);
            self.epochs.push(epoch);
        }
        self.at = Place { epoch: number + 1, batch: 0, loss_sum: 0.0, rows: 0, ..self.at.clone() };
        if self.at.steps >= self.at_last.steps + BETWEEN_SNAPSHOTS {
            self.snapshot()?;
        }
        self.offer_checkpoint(Moment::Epoch(number, self.at.steps))?;
        Ok(flow.is_break().then_some(End::Stopped))
    }

    /// Why training ends where it stands, before its next step; where patience ends, it may go back to the best epoch instead. A
    /// training that goes on from a checkpoint asks it first of all, as the unbroken one did after it.
    fn ends(&mut self) -> Result<Option<End>, LearnError> {
        if self.is_out_of_patience() {
            if !self.may_cool() {
                return Ok(Some(End::Patience));
            }
            let rate = self.at.rate * COOLED;
            self.watch.cools(Halved { rate, epoch: self.best_epoch });
            self.start_anew(rate)?;
        }
        let is_late = self.budget.time.is_some_and(|most| self.start.elapsed() >= most);
        Ok(match self.at.epoch > self.budget.epochs {
            true => Some(End::Finished),
            false => is_late.then_some(End::TimeLimit),
        })
    }

    /// Whether no epoch was better for as long as patience allows; the updates that a network needs to settle are granted.
    fn is_out_of_patience(&self) -> bool {
        let epoch = self.at.epoch - 1;
        if self.at.batch > 0 {
            return false;
        }
        let Some(patience) = self.budget.patience.filter(|_| self.validation.is_some()) else { return false };
        let is_told = self.trainer.options.patience.is_some();
        epoch - self.best_epoch.min(epoch) >= patience
            && (is_told || self.at.rate < self.trainer.rate || self.at.steps >= LEAST_STEPS)
    }

    /// Whether training goes on from the best epoch with a smaller rate where patience ends: a rate that is too large to settle
    /// moves around what a smaller one would find.
    fn may_cool(&self) -> bool {
        let least = self.trainer.rate * LEAST_COOLED;
        self.trainer.options.epochs == Epochs::ByRows && self.best_epoch > 0 && self.at.rate > least * 1.5
    }

    /// The validation loss where there are such rows, or what is not finite.
    fn judge(&mut self) -> Result<Result<Option<f64>, Fault>, LearnError> {
        if self.at.rows == 0 {
            let value = Name::from("the loss of every batch");
            return Ok(Err(self.fault_of(value, Vec::new(), None, None)));
        }
        let Some(validation) = self.validation else { return Ok(Ok(None)) };
        self.trainer.training.read_parameters(&mut self.trainer.parameters)?;
        let loss = self.trainer.loss(validation)?;
        if loss.is_finite() {
            return Ok(Ok(Some(loss)));
        }
        let found = self.trainer.first_value_not_finite(validation)?;
        let (value, _) = found.unwrap_or_else(|| (Name::from("the loss"), None));
        Ok(Err(self.fault_of(value, Vec::new(), None, None)))
    }

    /// What was not finite in the step on these rows. Where each step is looked at, it was taken from the copy before.
    fn fault(&mut self, chosen: Range<usize>, looks: bool) -> Result<Fault, LearnError> {
        let order = match self.batches {
            1 => chosen.collect(),
            _ => self.order.1[chosen].to_vec(),
        };
        let Trainer { training, parameters, .. } = &mut *self.trainer;
        let mut after = vec![T::from_f64(0.0); parameters.len()];
        training.read_parameters(&mut after)?;
        match looks {
            true => training.read_saved(&self.before, parameters)?,
            false => parameters.copy_from_slice(&after),
        }
        let (value, row) = self.trainer.not_finite(&self.rows.select(&order), &after)?;
        let row = row.map(|row| order[row]);
        Ok(self.fault_of(value, order, row, Some(self.at.batch + 1)))
    }

    fn fault_of(&self, value: Name, rows: Vec<usize>, row: Option<usize>, batch: Option<usize>) -> Fault {
        let steps = self.at.steps - self.earlier_steps;
        Fault { epoch: self.at.epoch, batch, rows, row, value, steps }
    }

    fn seconds(&self) -> f64 {
        self.earlier_seconds + self.start.elapsed().as_secs_f64()
    }
}
