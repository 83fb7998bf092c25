//! Codes of categories in the place of their one-hot columns.

use super::{Compiled, Trainer, helpful_threads};
use crate::LearnError;
use engine::{Element, Training};

impl<T: Element> Trainer<T> {
    /// Takes rows from now on whose inputs end with the codes of categories of these widths, to the same bits, in less memory and
    /// time. Where the network does more with its inputs than multiply them, it takes all columns written out, as without codes;
    /// [`Trainer::codes`] tells. It comes before everything that trains, and before [`Trainer::stop_on`].
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn take_codes(&mut self, codes: &[usize]) -> Result<(), LearnError> {
        let (mut step, mut loss) = (self.training.step_plan().clone(), self.loss.engine.plan().clone());
        for plan in [&mut step, &mut loss] {
            plan.coded.clear();
        }
        let is_coded = !codes.is_empty() && step.code(0, codes) && loss.code(0, codes);
        if is_coded || !self.codes.is_empty() {
            if !is_coded {
                step.coded.clear();
            }
            let update = self.training.update_plan().clone();
            let batch = self.options.batch_size.unwrap_or(1);
            let threads = self.options.threads.unwrap_or_else(|| helpful_threads(&step, batch));
            self.training = Training::new(step, update, &self.states, threads)?;
            self.loss = Compiled::new(loss, threads)?;
            self.is_changed = true;
        }
        self.codes = if is_coded { codes.to_vec() } else { Vec::new() };
        Ok(())
    }

    /// The codes that rows must have.
    pub fn codes(&self) -> &[usize] {
        &self.codes
    }
}
