//! The checkpoints of a training under way.

use super::Course;
use crate::checkpoint::Standing;
use crate::entries::Entries;
use crate::progress::Moment;
use crate::{Checkpoint, LearnError, trainer::Trainer};
use engine::{Element, EngineError};

impl<T: Element> Course<'_, T> {
    /// Makes a checkpoint where one is wanted and all is finite.
    pub(super) fn offer_checkpoint(&mut self, moment: Moment) -> Result<(), LearnError> {
        if self.watch.wants_checkpoint(moment) && self.is_finite() {
            self.make_checkpoint()?;
        }
        Ok(())
    }

    /// Hands a checkpoint over; where there is no memory for it, training goes on without.
    pub(super) fn make_checkpoint(&mut self) -> Result<(), LearnError> {
        match self.checkpoint()? {
            Some(checkpoint) => self.watch.checkpoint(checkpoint),
            None => {
                let arrays = 2 + self.trainer.training.states() + usize::from(self.trainer.is_given);
                self.watch.no_checkpoint(self.trainer.parameters.len() * size_of::<T>() * arrays);
            }
        }
        Ok(())
    }

    /// A checkpoint, or none where memory does not suffice for it.
    fn checkpoint(&self) -> Result<Option<Checkpoint>, LearnError> {
        let Trainer { training, parameters, .. } = &*self.trainer;
        let read = |entries: usize, read: &dyn Fn(&mut [T]) -> Result<(), EngineError>| {
            let mut numbers = Vec::new();
            if numbers.try_reserve_exact(entries).is_err() {
                return Ok::<Option<Entries>, LearnError>(None);
            }
            numbers.resize(entries, T::from_f64(0.0));
            read(&mut numbers)?;
            Ok(Entries::new(numbers))
        };
        let entries = parameters.len();
        let Some(parameters) = read(entries, &|to| training.read_parameters(to))? else { return Ok(None) };
        let states = read(entries * training.states(), &|to| training.read_states(to))?;
        let best = read(entries, &|to| training.read_saved(&self.best, to))?;
        let (Some(states), Some(best)) = (states, best) else { return Ok(None) };
        let first = match self.trainer.is_given {
            true => match read(entries, &|to| training.read_saved(&self.first, to))? {
                None => return Ok(None),
                first => first,
            },
            false => None,
        };
        Ok(Some(Checkpoint {
            parameters,
            states,
            best,
            first,
            epochs: self.epochs.clone(),
            standing: Standing {
                at: self.at.clone(),
                looks_until: self.looks_until,
                best_epoch: self.best_epoch,
                best_loss: self.best_loss,
                seconds: self.seconds(),
            },
        }))
    }
}
