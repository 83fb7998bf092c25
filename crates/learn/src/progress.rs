//! What training reports: each epoch, and how it ended.

use crate::Checkpoint;
use formula::Name;
use std::ops::ControlFlow;

/// What is known at the end of an epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Epoch {
    /// 1, 2, 3, ...
    pub number: usize,
    /// The mean of the batches' losses while their rows were visited, each weighed by its rows.
    pub train_loss: f64,
    /// The loss over the validation rows at the end of the epoch, where there are any.
    pub validation_loss: Option<f64>,
    /// Whether it is the best so far.
    pub best: bool,
    /// The learning rate at its end, before the schedule's factor.
    pub rate: f64,
    /// Seconds since training began.
    pub seconds: f64,
}

/// How training ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Every epoch that was finished.
    pub epochs: Vec<Epoch>,
    /// The epoch whose parameters were kept; 0 for those that training began with. Without validation rows it is the last.
    pub best_epoch: usize,
    /// Why it ended.
    pub end: End,
    /// Seconds it took, those before its checkpoint among them.
    pub seconds: f64,
    /// Updates that were made.
    pub steps: u64,
    /// The updates up to the end of the best epoch, in steps of whole epochs.
    pub best_step: u64,
    /// Batches that changed nothing, since their numbers were not finite.
    pub skipped: u64,
}

/// Why training ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// All epochs were run.
    Finished,
    /// No epoch was better for as long as patience allows.
    Patience,
    /// The time was used up.
    TimeLimit,
    /// The callback stopped it.
    Stopped,
    /// A number was no longer finite.
    Diverged(Fault),
}

/// Numbers that are not finite: where they came up.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The epoch in which it happened.
    pub epoch: usize,
    /// The batch of it, counted from 1; none over the validation rows after it.
    pub batch: Option<usize>,
    /// The batch's rows among the training rows, counted from 0.
    pub rows: Vec<usize>,
    /// The first of these with a value that is not finite, where one row alone has.
    pub row: Option<usize>,
    /// The first value of the network that was not finite, such as `Z2`, the loss, a gradient or an update.
    pub value: Name,
    /// The steps before it; 0 where the initial parameters give no finite loss already.
    pub steps: u64,
}

/// What is done when numbers are no longer finite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnNan {
    /// Training ends, with the best parameters before.
    #[default]
    Stop,
    /// The batch changes nothing, and training goes on with the next one.
    Skip,
    /// Training goes back to the best epoch so far, or to the start, and on from there with half the learning rate and states
    /// that begin anew. Without validation rows the best epoch is the one with the least training loss.
    HalveRate,
}

impl OnNan {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            OnNan::Stop => "stop",
            OnNan::Skip => "skip",
            OnNan::HalveRate => "halve-rate",
        }
    }
}

/// What training goes back to, and on with a smaller rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Halved {
    /// The rate from here on.
    pub rate: f64,
    /// The epoch whose parameters it goes back to; 0 for those that training began with.
    pub epoch: usize,
}

/// When a checkpoint may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// After a step within an epoch, with the number of updates so far.
    Step(u64),
    /// After an epoch and the last step of it, with its number and the number of updates so far.
    Epoch(usize, u64),
    /// When training has ended, whatever ended it, before it returns to the best parameters.
    End,
}

/// Who looks on while a network is trained.
pub trait Watch {
    /// Training starts from parameters that were given, with this validation loss where there are such rows. They count as epoch 0.
    fn starts(&mut self, _validation_loss: Option<f64>) {}

    /// An epoch was finished; whether to go on. Where it ends training, a checkpoint of the end is asked for all the same.
    fn epoch(&mut self, epoch: &Epoch) -> ControlFlow<()>;

    /// Whether a checkpoint is wanted now.
    fn wants_checkpoint(&mut self, _moment: Moment) -> bool {
        false
    }

    /// The checkpoint that was wanted.
    fn checkpoint(&mut self, _checkpoint: Checkpoint) {}

    /// The checkpoint that was wanted does not fit in memory, and training goes on. It would have so many bytes.
    fn no_checkpoint(&mut self, _bytes: usize) {}

    /// Patience has ended, and training goes on from the best epoch with a smaller rate.
    fn cools(&mut self, _from: Halved) {}

    /// Numbers were not finite, and training goes on: with the next batch, or from an earlier epoch with half the learning rate.
    fn fault(&mut self, _fault: &Fault, _halved: Option<Halved>) {}
}

/// A closure that takes each epoch.
pub(crate) struct EachEpoch<F>(pub F);

impl<F: FnMut(&Epoch) -> ControlFlow<()>> Watch for EachEpoch<F> {
    fn epoch(&mut self, epoch: &Epoch) -> ControlFlow<()> {
        self.0(epoch)
    }
}
