//! What is gone back to where numbers are no longer finite.

use super::Course;
use crate::LearnError;
use crate::checkpoint::Place;
use crate::progress::{End, Fault, Halved, OnNan};
use engine::Element;

/// The part of the first rate below which it is not halved any more.
const LEAST_RATE: f64 = 1e-40;

/// What was done about numbers that are not finite.
pub(super) enum Heeded {
    /// The batch is passed over.
    PassedOver,
    /// Training stands at the last snapshot.
    WentBack,
    /// Training ends.
    Ended(End),
}

impl<T: Element> Course<'_, T> {
    /// What is done about numbers that are not finite.
    pub(super) fn heed(&mut self, fault: Fault, loss_is_finite: bool) -> Result<Heeded, LearnError> {
        // Where the parameters that are gone back to give no finite loss, others are gone back to, and from the first no rate helps.
        let is_by_rate = loss_is_finite || self.at.steps > self.earlier_steps;
        let rate = self.at.rate / 2.0;
        match self.trainer.options.on_nan {
            OnNan::Skip if fault.batch.is_some() => {
                self.watch.fault(&fault, None);
                self.at.skipped += 1;
                Ok(Heeded::PassedOver)
            }
            OnNan::HalveRate
                if (is_by_rate || self.best_epoch > 0) && rate > self.trainer.rate * LEAST_RATE =>
            {
                let epoch = if is_by_rate { self.best_epoch } else { 0 };
                self.watch.fault(&fault, Some(Halved { rate, epoch }));
                if !is_by_rate {
                    self.trainer.training.return_to(&self.first);
                    self.trainer.training.save_parameters(&mut self.best)?;
                    (self.best_epoch, self.best_loss) = (0, None);
                }
                self.start_anew(rate)?;
                Ok(Heeded::WentBack)
            }
            OnNan::Stop | OnNan::Skip | OnNan::HalveRate => Ok(Heeded::Ended(End::Diverged(fault))),
        }
    }

    /// Goes on after the best epoch with another rate, and with states that know nothing of what came after it.
    pub(super) fn start_anew(&mut self, rate: f64) -> Result<(), LearnError> {
        self.trainer.training.return_to(&self.best);
        self.trainer.training.reset_states();
        self.epochs.truncate(self.best_epoch);
        let (epoch, steps) = (self.best_epoch + 1, self.earlier_steps);
        let earlier = self.at.earlier + self.at.steps - steps;
        self.at =
            Place { epoch, batch: 0, loss_sum: 0.0, rows: 0, steps, earlier, rate, skipped: self.at.skipped };
        self.looks_until = None;
        self.snapshot()
    }

    /// Returns to the last snapshot.
    pub(super) fn go_back(&mut self) {
        self.trainer.training.return_to(&self.last);
        self.at = self.at_last.clone();
        self.looks_until = None;
    }

    /// Returns to the last snapshot, to step until this batch of this epoch again with a look after each step.
    pub(super) fn look_again(&mut self, until: (usize, usize)) {
        self.go_back();
        self.looks_until = Some(until);
    }

    pub(super) fn is_finite(&self) -> bool {
        self.trainer.training.is_finite() && self.trainer.training.states_are_finite()
    }

    pub(super) fn snapshot(&mut self) -> Result<(), LearnError> {
        self.trainer.training.save(&mut self.last)?;
        self.at_last = self.at.clone();
        Ok(())
    }
}
