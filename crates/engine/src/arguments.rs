//! What a caller binds for one run.

use crate::error::EngineError;
use plan::{Extent, Plan, ValueId};

/// Everything that a run reads and writes, in the order of the plan's lists; matrices lie row by row without gaps.
#[derive(Debug)]
pub struct Arguments<'a, T> {
    /// How many rows are walked.
    pub rows: usize,
    /// The matrices of `Plan::data`; of those in `Plan::coded` the rows as they are bound.
    pub data: &'a [&'a [T]],
    /// Which rows of the data make the batch, one for each walked row; without it, all of them in their order.
    pub order: Option<&'a [usize]>,
    /// The matrices of `Plan::updated`: read, then overwritten.
    pub updated: &'a mut [&'a mut [T]],
    /// The flat array of `Plan::parameters`.
    pub parameters: &'a [T],
    /// The numbers of `Plan::scalars`.
    pub scalars: &'a [T],
    /// The flat array that `Plan::results` are written to.
    pub results: &'a mut [T],
    /// The matrices that `Plan::row_results` are written to.
    pub row_results: &'a mut [&'a mut [T]],
}

/// No rows, and nothing bound: the start of `Arguments { rows, data, ..Arguments::default() }`.
impl<T> Default for Arguments<'_, T> {
    fn default() -> Self {
        Arguments {
            rows: 0,
            data: &[],
            order: None,
            updated: &mut [],
            parameters: &[],
            scalars: &[],
            results: &mut [],
            row_results: &mut [],
        }
    }
}

impl<T> Arguments<'_, T> {
    /// Whether every list and every array has the length that a checked plan asks for.
    pub(crate) fn check(&self, plan: &Plan) -> Result<(), EngineError> {
        self.check_data(plan)?;
        count("updated matrices", plan.updated.len(), self.updated.len())?;
        count("scalars", plan.scalars.len(), self.scalars.len())?;
        count("row results", plan.row_results.len(), self.row_results.len())?;
        flat("the array of parameters", plan.parameter_entries(), self.parameters.len())?;
        flat("the array of results", plan.result_entries(), self.results.len())?;
        for (index, (update, found)) in plan.updated.iter().zip(self.updated.iter()).enumerate() {
            self.length(plan, "updated matrix", index, update.old, found.len())?;
        }
        for (index, (output, found)) in plan.row_results.iter().zip(self.row_results.iter()).enumerate() {
            self.length(plan, "row result", index, output.value, found.len())?;
        }
        Ok(())
    }

    /// The same of the data and the order of its rows.
    pub(crate) fn check_data(&self, plan: &Plan) -> Result<(), EngineError> {
        count("data matrices", plan.data.len(), self.data.len())?;
        let Some(order) = self.order else {
            let mut data = plan.data.iter().zip(self.data).enumerate();
            return data.try_for_each(|(index, (id, found))| {
                self.length(plan, "data matrix", index, *id, found.len())
            });
        };
        if plan.data.iter().any(|id| plan.value(*id).cols == Extent::Walked) {
            return Err(EngineError::Plan {
                mistake: "its columns are walked, so rows of the data cannot be chosen".to_owned(),
            });
        }
        count("chosen rows", self.rows, order.len())?;
        let last = order.iter().max().copied();
        for (index, (id, found)) in plan.data.iter().zip(self.data).enumerate() {
            let value = plan.value(*id);
            if value.rows != Extent::Walked {
                self.length(plan, "data matrix", index, *id, found.len())?;
                continue;
            }
            let width = plan.bound_cols(*id).count(0);
            let rows = last.map_or(0, |last| last.saturating_add(1));
            if width.checked_mul(rows).is_none_or(|needed| needed > found.len()) {
                let what = format!("data matrix {index}, of which row {} is chosen,", rows.saturating_sub(1));
                return Err(EngineError::ArgumentLength { what, rows, cols: width, found: found.len() });
            }
        }
        Ok(())
    }

    fn length(
        &self,
        plan: &Plan,
        list: &str,
        index: usize,
        id: ValueId,
        found: usize,
    ) -> Result<(), EngineError> {
        let value = plan.value(id);
        let count = |extent: Extent| extent.count(self.rows);
        let (rows, cols) = (count(value.rows), count(plan.bound_cols(id)));
        if rows.checked_mul(cols) == Some(found) {
            return Ok(());
        }
        let name = value.name.as_ref().map_or(String::new(), |name| format!(" ({name})"));
        Err(EngineError::ArgumentLength { what: format!("{list} {index}{name}"), rows, cols, found })
    }
}

fn count(list: &'static str, expected: usize, found: usize) -> Result<(), EngineError> {
    if expected == found { Ok(()) } else { Err(EngineError::ArgumentCount { list, expected, found }) }
}

fn flat(what: &str, expected: usize, found: usize) -> Result<(), EngineError> {
    if expected == found {
        Ok(())
    } else {
        Err(EngineError::ArgumentLength { what: what.to_owned(), rows: 1, cols: expected, found })
    }
}
