//! The numbers that training changes: read, set, copied and returned to.

use super::Training;
use crate::arrangement::Arranged;
use crate::element::Element;
use crate::error::EngineError;
use crate::product::Panels;
use crate::workspace::Aligned;

/// A copy of the parameters, and of the states where they were saved too, in the order in which a training holds them.
#[derive(Debug)]
pub struct Snapshot<T> {
    parameters: Aligned<T>,
    states: Vec<Aligned<T>>,
}

impl<T: Element> Snapshot<T> {
    /// A snapshot of nothing.
    pub fn new() -> Snapshot<T> {
        Snapshot { parameters: Aligned::new(), states: Vec::new() }
    }
}

impl<T: Element> Default for Snapshot<T> {
    fn default() -> Snapshot<T> {
        Snapshot::new()
    }
}

impl<T: Element> Training<T> {
    /// Copies the parameters, in the plan's order, row by row.
    ///
    /// # Errors
    /// If the array has another length than the parameters.
    pub fn read_parameters(&self, to: &mut [T]) -> Result<(), EngineError> {
        self.check_length("the array of parameters", 1, to.len())?;
        self.step.arrangement.restore(self.step.products, self.parameters.as_slice(), to);
        Ok(())
    }

    /// Sets the parameters, in the plan's order, row by row. The states stay as they are.
    ///
    /// # Errors
    /// If the array has another length than the parameters.
    pub fn set_parameters(&mut self, from: &[T]) -> Result<(), EngineError> {
        self.check_length("the array of parameters", 1, from.len())?;
        self.step.arrangement.arrange(self.step.products, from, self.parameters.as_mut_slice());
        self.is_packed = false;
        Ok(())
    }

    /// How many states the update keeps for each parameter.
    pub fn states(&self) -> usize {
        self.states.len()
    }

    /// Copies the states, one after another, each in the order of the parameters, row by row.
    ///
    /// # Errors
    /// If the array has another length than the states.
    pub fn read_states(&self, to: &mut [T]) -> Result<(), EngineError> {
        self.check_length("the array of states", self.states.len(), to.len())?;
        let entries = self.step.plan.parameter_entries().max(1);
        for (state, to) in self.states.iter().zip(to.chunks_exact_mut(entries)) {
            self.step.arrangement.restore(self.step.products, state.as_slice(), to);
        }
        Ok(())
    }

    /// Sets the states, in the order of [`Training::read_states`].
    ///
    /// # Errors
    /// If the array has another length than the states.
    pub fn set_states(&mut self, from: &[T]) -> Result<(), EngineError> {
        self.check_length("the array of states", self.states.len(), from.len())?;
        let entries = self.step.plan.parameter_entries().max(1);
        for (state, from) in self.states.iter_mut().zip(from.chunks_exact(entries)) {
            self.step.arrangement.arrange(self.step.products, from, state.as_mut_slice());
        }
        Ok(())
    }

    /// Sets the states to the numbers that they began with.
    pub fn reset_states(&mut self) {
        for (state, start) in self.states.iter_mut().zip(&self.starts) {
            state.as_mut_slice().fill(*start);
        }
    }

    /// Copies parameters and states into a snapshot, in the place of what it held.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn save(&self, to: &mut Snapshot<T>) -> Result<(), EngineError> {
        self.save_parameters(to)?;
        to.states.resize_with(self.states.len(), Aligned::new);
        for (state, to) in self.states.iter().zip(&mut to.states) {
            self.copy(state, to)?;
        }
        Ok(())
    }

    /// Copies the parameters alone into a snapshot.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn save_parameters(&self, to: &mut Snapshot<T>) -> Result<(), EngineError> {
        self.copy(&self.parameters, &mut to.parameters)
    }

    /// Sets the parameters, and the states where the snapshot holds them, to those of a snapshot of this training; one of nothing
    /// changes nothing.
    pub fn return_to(&mut self, from: &Snapshot<T>) {
        let entries = self.step.arrangement.parameter_entries;
        let own = std::iter::once(&mut self.parameters).chain(&mut self.states);
        let saved = std::iter::once(&from.parameters).chain(&from.states);
        for (own, saved) in own.zip(saved) {
            if let Some(saved) = saved.as_slice().get(..entries) {
                own.as_mut_slice()[..entries].copy_from_slice(saved);
                self.is_packed = false;
            }
        }
    }

    /// Copies the parameters of a snapshot, in the plan's order, row by row.
    ///
    /// # Errors
    /// If the array has another length than the parameters, or the snapshot holds none.
    pub fn read_saved(&self, from: &Snapshot<T>, to: &mut [T]) -> Result<(), EngineError> {
        self.check_length("the array of parameters", 1, to.len())?;
        let saved = from.parameters.as_slice();
        self.check_saved(saved.len())?;
        self.step.arrangement.restore(self.step.products, saved, to);
        Ok(())
    }

    /// Whether every parameter is a finite number.
    pub fn is_finite(&self) -> bool {
        self.are_all_finite(&self.parameters)
    }

    /// Whether every state is a finite number.
    pub fn states_are_finite(&self) -> bool {
        self.states.iter().all(|state| self.are_all_finite(state))
    }

    fn are_all_finite(&self, array: &Aligned<T>) -> bool {
        let is_finite = |at: &Arranged| {
            let entries = &array.as_slice()[at.start..at.start + at.entries];
            if at.entries == at.rows * at.cols {
                return are_finite(entries);
            }
            // What pads a matrix in panels is nobody's.
            let panels = Panels::new(self.step.products.packed::<T>(at.rows, at.cols), entries);
            let mut places = (0..at.rows).flat_map(|row| (0..at.cols).map(move |col| (row, col)));
            places.all(|(row, col)| panels.at(row, col).to_f64().is_finite())
        };
        self.step.arrangement.parameters().all(is_finite)
    }

    fn copy(&self, from: &Aligned<T>, to: &mut Aligned<T>) -> Result<(), EngineError> {
        let entries = self.step.arrangement.parameter_entries;
        to.reserve(entries)?;
        to.as_mut_slice()[..entries].copy_from_slice(&from.as_slice()[..entries]);
        Ok(())
    }

    fn check_length(&self, what: &str, rows: usize, found: usize) -> Result<(), EngineError> {
        let cols = self.step.plan.parameter_entries();
        if found == rows * cols {
            return Ok(());
        }
        Err(EngineError::ArgumentLength { what: what.to_owned(), rows, cols, found })
    }

    fn check_saved(&self, found: usize) -> Result<(), EngineError> {
        let cols = self.step.arrangement.parameter_entries;
        if found >= cols {
            return Ok(());
        }
        Err(EngineError::ArgumentLength { what: String::from("the snapshot"), rows: 1, cols, found })
    }
}

/// Whether every number is finite: 0 times any other is NaN.
fn are_finite<T: Element>(numbers: &[T]) -> bool {
    let mut sums = [T::ZERO; 16];
    let mut chunks = numbers.chunks_exact(sums.len());
    for chunk in &mut chunks {
        for (sum, number) in sums.iter_mut().zip(chunk) {
            *sum = *sum + *number * T::ZERO;
        }
    }
    sums.iter().chain(chunks.remainder()).all(|number| number.to_f64().is_finite())
}
