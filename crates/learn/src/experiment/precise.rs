//! A trainer in the precision of the run.

use crate::{LearnError, Trainer};
use engine::Element;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use table::Encoding;

/// A trainer in one of the two precisions.
pub(super) enum Precise {
    F32(Box<Trainer<f32>>),
    F64(Box<Trainer<f64>>),
}

impl Precise {
    pub(super) fn step_plan(&self) -> &plan::Plan {
        match self {
            Precise::F32(trainer) => trainer.step_plan(),
            Precise::F64(trainer) => trainer.step_plan(),
        }
    }

    /// Lets rows have the codes of wide categories, where the network only multiplies its inputs.
    pub(super) fn take_codes(&mut self, encoding: &Encoding) -> Result<(), LearnError> {
        match self {
            Precise::F32(trainer) => trainer.take_codes(&encoding.codes()),
            Precise::F64(trainer) => trainer.take_codes(&encoding.codes()),
        }
    }

    /// Starts from these parameters.
    pub(super) fn set(&mut self, parameters: &[f64]) {
        fn set<T: Element>(trainer: &mut Trainer<T>, parameters: &[f64]) {
            let own = trainer.parameters_mut();
            own.iter_mut().zip(parameters).for_each(|(own, number)| *own = T::from_f64(*number));
        }
        match self {
            Precise::F32(trainer) => set(trainer, parameters),
            Precise::F64(trainer) => set(trainer, parameters),
        }
    }

    pub(super) fn stop_on(&mut self, stop: Arc<AtomicBool>) {
        match self {
            Precise::F32(trainer) => trainer.stop_on(stop),
            Precise::F64(trainer) => trainer.stop_on(stop),
        }
    }
}
