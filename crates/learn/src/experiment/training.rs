//! The training of an experiment: its rows as the network sees them, through the trainer or the explicit solution.

use super::parts::{Part, Parts};
use super::{Baseline, LearnError};
use crate::linear::least_squares_of;
use crate::{End, Meaning, Network, Outcome, Rows, Scales, Trainer, Watch};
use engine::Element;
use std::time::Instant;
use table::{Rounded, Scaling};

/// The parts of a table, and what the network sees of them.
pub(super) struct Data<'a> {
    pub(super) parts: &'a Parts<'a>,
    pub(super) meaning: &'a Meaning,
    pub(super) scaling: &'a Scaling,
    pub(super) is_balanced: bool,
    pub(super) seed: u64,
}

/// A part of them.
pub(super) struct Encoded<'a> {
    pub(super) part: &'a Part<'a>,
    pub(super) meaning: &'a Meaning,
    pub(super) scaling: &'a Scaling,
    pub(super) weights: Option<Vec<f64>>,
}

/// How training went, the parameters in doubles, and what was fitted to the same rows.
type Trained = (Outcome, Vec<f64>, Vec<Baseline>);

impl Encoded<'_> {
    /// The first rows, at most so many, as a trainer takes them.
    pub(super) fn rows<T: Element + Rounded>(
        &self,
        most: usize,
        trainer: &Trainer<T>,
    ) -> Result<Rows<T>, LearnError> {
        let Meaning { encoding, task, log, .. } = self.meaning;
        let weights = self.weights.as_deref();
        self.part.encode_some(
            encoding,
            task,
            (self.scaling, *log),
            weights,
            (most, !trainer.codes().is_empty()),
        )
    }
}

impl Data<'_> {
    fn rows<T: Element + Rounded>(&self, part: &Part, trainer: &Trainer<T>) -> Result<Rows<T>, LearnError> {
        let weights = part.training_weights(&self.meaning.task, self.is_balanced);
        Encoded { part, meaning: self.meaning, scaling: self.scaling, weights }.rows(usize::MAX, trainer)
    }

    pub(super) fn train<T: Element + Rounded>(
        &self,
        mut trainer: Trainer<T>,
        watch: &mut dyn Watch,
    ) -> Result<Trained, LearnError> {
        let rows = self.rows(&self.parts.train, &trainer)?;
        let validation = self.parts.validation.as_ref().map(|part| self.rows(part, &trainer)).transpose()?;
        let outcome = trainer.train_watched(&rows, validation.as_ref(), watch)?;
        // What trained them is given up before they are written out in doubles.
        let parameters = trainer.into_parameters();
        let parameters = parameters.iter().map(|parameter| parameter.to_f64()).collect();
        Ok((outcome, parameters, self.baselines(&rows, validation.as_ref())?))
    }

    fn baselines<T: Element>(
        &self,
        rows: &Rows<T>,
        validation: Option<&Rows<T>>,
    ) -> Result<Vec<Baseline>, LearnError> {
        let scales = Scales::from(self.scaling);
        Baseline::fit(&self.parts.train, rows, validation, (self.meaning, &scales), self.seed)
    }

    /// The explicit solution. It holds only where it is a critical point of the network's own loss, and that is what is asked:
    /// the derived gradient must vanish there, whatever pages the loss and the output come from.
    pub(super) fn solve(&self, mut trainer: Trainer<f64>, network: &Network) -> Result<Trained, LearnError> {
        const VANISHES: f64 = 1e-6;
        let start = Instant::now();
        trainer.take_codes(&[])?;
        let rows: Rows<f64> = self.rows(&self.parts.train, &trainer)?;
        let [_, outputs] = rows.widths();
        let y = |row: usize, to: &mut [f64]| to.copy_from_slice(&rows.y()[row * outputs..][..outputs]);
        let solution = least_squares_of(&rows, y, network.bias, rows.weights())?;
        let mut parameters = solution.weights.into_data();
        if network.bias {
            parameters.extend(&solution.bias);
        }
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
        let (best_epoch, steps, best_step) = (0, 0, 0);
        let end = End::Finished;
        let outcome = Outcome { epochs: Vec::new(), best_epoch, end, seconds, steps, best_step, skipped: 0 };
        Ok((outcome, parameters, self.baselines(&rows, None)?))
    }
}
