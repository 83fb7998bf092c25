//! What training reports: each epoch, and how it ended.

use formula::Name;

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
    /// Seconds since training began.
    pub seconds: f64,
}

/// How training ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Every epoch that was finished.
    pub epochs: Vec<Epoch>,
    /// The epoch whose parameters were kept; 0 for the initial ones. Without validation rows it is the last.
    pub best_epoch: usize,
    /// Why it ended.
    pub end: End,
    /// Seconds it took.
    pub seconds: f64,
}

/// Why training ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// All epochs were run.
    Finished,
    /// The callback stopped it.
    Stopped,
    /// The loss was no longer a finite number.
    Diverged {
        /// The epoch in which it happened.
        epoch: usize,
        /// The first value of the network that was not finite, such as `Z2`, or the loss.
        value: Name,
        /// The steps before it; 0 where the initial parameters give no finite loss already.
        steps: u64,
    },
}
