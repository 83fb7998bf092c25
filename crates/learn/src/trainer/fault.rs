//! Which value was the first that is no finite number.

use super::{Compiled, Trainer};
use crate::LearnError;
use crate::network::Part;
use crate::rows::Rows;
use engine::{Arguments, Element};
use formula::Name;

impl<T: Element> Trainer<T> {
    /// What was not finite in a step on these rows from the parameters at hand to those after it: a value of the forward pass, and
    /// the row where one row alone has it, the loss, a gradient in the order of the backward pass, or an update.
    pub(super) fn not_finite(
        &mut self,
        rows: &Rows<T>,
        after: &[T],
    ) -> Result<(Name, Option<usize>), LearnError> {
        if let Some(found) = self.first_value_not_finite(rows)? {
            return Ok(found);
        }
        if !self.loss(rows)?.is_finite() {
            return Ok((Name::from("the loss"), None));
        }
        let gradient = self.gradient(rows)?;
        let parameters = self.network.parameters();
        let is_finite = |numbers: &[T]| numbers.iter().all(|number| number.to_f64().is_finite());
        let first =
            |numbers: &[T]| parameters.iter().rev().find(|parameter| !is_finite(&numbers[parameter.range()]));
        let value = match (first(&gradient), first(after)) {
            (Some(parameter), _) => format!("df/d{}", parameter.name),
            (None, Some(parameter)) => format!("the update of {}", parameter.name),
            (None, None) => String::from("a state of the optimizer"),
        };
        Ok((Name::from(value), None))
    }

    /// The first of `Z1`, `A1`, `Z2`, ... with an entry that is no finite number on these rows, and the row of it where there is
    /// one alone.
    pub(super) fn first_value_not_finite(
        &self,
        rows: &Rows<T>,
    ) -> Result<Option<(Name, Option<usize>)>, LearnError> {
        let named = self.network.values();
        let values: Vec<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
        let mut compiled =
            Compiled::<T>::new(self.network.compile(Part::Values(&values), &self.library)?, 1)?;
        let mut matrices: Vec<Vec<T>> =
            named.iter().map(|(_, width)| vec![T::from_f64(0.0); rows.len() * width]).collect();
        let mut row_results: Vec<&mut [T]> = matrices.iter_mut().map(Vec::as_mut_slice).collect();
        // Values of the network are asked for with all columns of X.
        let written = (!rows.codes().is_empty()).then(|| rows.written_out());
        let arguments = Arguments {
            rows: rows.len(),
            data: &[written.as_ref().unwrap_or(rows).x()],
            parameters: &self.parameters,
            row_results: &mut row_results,
            ..Arguments::default()
        };
        compiled.engine.run(&mut compiled.workspace, arguments)?;
        for ((name, width), matrix) in named.iter().zip(&matrices) {
            let is_finite = |row: &[T]| row.iter().all(|entry| entry.to_f64().is_finite());
            let mut wrong = matrix.chunks_exact(*width).enumerate().filter(|(_, row)| !is_finite(row));
            if let Some((row, _)) = wrong.next() {
                return Ok(Some((Name::from(name.as_str()), wrong.next().is_none().then_some(row))));
            }
        }
        Ok(None)
    }
}
