//! How parameters and results lie in the flat arrays: row by row as a plan says, or, while a network is trained, the matrices
//! that are only multiplied with as the panels that products read.

use crate::element::Element;
use crate::error::EngineError;
use crate::layout::{Location, PARAMETERS, RESULTS};
use crate::product::{Panels, PanelsMut, Products, View};
use plan::{Extent, Instruction, Plan, ValueId};

/// Where each parameter and each result begins.
#[derive(Clone, Debug)]
pub(crate) struct Arrangement {
    /// For each parameter: its first entry in the plan's array, and where it lies.
    parameters: Vec<(usize, Arranged)>,
    /// For each result: its first entry in the plan's array, and in the arranged one.
    results: Vec<(usize, usize)>,
    /// Entries of the arranged arrays.
    pub parameter_entries: usize,
    pub result_entries: usize,
}

/// Where a matrix lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arranged {
    pub start: usize,
    pub rows: usize,
    pub cols: usize,
    /// Whether it lies in panels.
    pub in_panels: bool,
    /// Entries that it takes.
    pub entries: usize,
}

/// Every matrix begins a cache line.
const LINE: usize = 16;

impl Arrangement {
    /// Row by row, one after another.
    pub(crate) fn plain(plan: &Plan) -> Arrangement {
        let mut parameters = Vec::with_capacity(plan.parameters.len());
        let mut start = 0;
        for id in &plan.parameters {
            let (rows, cols) = shape(plan, *id);
            let entries = rows * cols;
            parameters.push((start, Arranged { start, rows, cols, in_panels: false, entries }));
            start += entries;
        }
        let (parameter_entries, mut start) = (start, 0);
        let mut results = Vec::with_capacity(plan.results.len());
        for output in &plan.results {
            results.push((start, start));
            start += plan.value(output.value).fixed_entries().unwrap_or(0);
        }
        Arrangement { parameters, results, parameter_entries, result_entries: start }
    }

    /// For training: the gradient by each parameter, which is the result of that place after the first, lies as the parameter
    /// does, so that what updates one entry after another never minds the order. The first result, the loss, follows.
    ///
    /// # Errors
    /// Unless the results are a number and then a gradient for each parameter.
    pub(crate) fn for_training<T: Element>(
        plan: &Plan,
        products: Products,
        in_panels: bool,
    ) -> Result<Arrangement, EngineError> {
        let gradients = plan.results.get(1..).unwrap_or_default();
        let is_loss = plan.results.first().is_some_and(|output| shape(plan, output.value) == (1, 1));
        let matches = is_loss
            && gradients.len() == plan.parameters.len()
            && gradients
                .iter()
                .zip(&plan.parameters)
                .all(|(output, parameter)| lie_alike(shape(plan, output.value), shape(plan, *parameter)));
        if !matches {
            return Err(EngineError::Plan {
                mistake: "its results are not a loss and its gradient by each parameter".to_owned(),
            });
        }
        let mut arrangement = Arrangement::plain(plan);
        let mut start = 0_usize;
        for ((_, at), (id, output)) in
            arrangement.parameters.iter_mut().zip(plan.parameters.iter().zip(gradients))
        {
            at.start = start;
            at.in_panels = in_panels
                && at.rows > 1
                && at.cols > 1
                && is_only_multiplied(plan, *id)
                && is_only_summed(plan, output.value);
            if at.in_panels {
                let packed = products.packed::<T>(at.rows, at.cols);
                at.entries = packed.entries().ok_or(EngineError::TooLarge)?;
            }
            let entries = if in_panels { at.entries.next_multiple_of(LINE) } else { at.entries };
            start = start.checked_add(entries).ok_or(EngineError::TooLarge)?;
        }
        arrangement.parameter_entries = start;
        for (result, (_, parameter)) in arrangement.results[1..].iter_mut().zip(&arrangement.parameters) {
            result.1 = parameter.start;
        }
        arrangement.results[0].1 = start;
        arrangement.result_entries = start + 1;
        Ok(arrangement)
    }

    /// Where the parameter lies that begins at this entry of the plan's array.
    pub(crate) fn parameter(&self, start: usize) -> usize {
        let found = self.parameters.iter().find(|(own, _)| *own == start);
        found.map_or(start, |(_, at)| at.start)
    }

    /// Where the result lies that begins at this entry of the plan's array.
    pub(crate) fn result(&self, start: usize) -> usize {
        self.results.iter().find(|(own, _)| *own == start).map_or(start, |(_, at)| *at)
    }

    /// The parameter in panels that lies here, or whose gradient does.
    pub(crate) fn panels_at(&self, at: &Location, base: usize) -> Option<usize> {
        debug_assert!(base == PARAMETERS || base == RESULTS);
        let lies = |own: &Arranged| own.in_panels && own.start == at.start;
        self.parameters().position(lies).filter(|_| at.base == base)
    }

    /// All parameters.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &Arranged> {
        self.parameters.iter().map(|(_, at)| at)
    }

    /// From the plan's order, row by row.
    pub(crate) fn arrange<T: Element>(&self, products: Products, plain: &[T], arranged: &mut [T]) {
        for (start, at) in &self.parameters {
            let from = &plain[*start..*start + at.rows * at.cols];
            let to = &mut arranged[at.start..at.start + at.entries];
            if at.in_panels {
                let shape = products.packed::<T>(at.rows, at.cols);
                products.pack(View::row_major(from, at.rows, at.cols), PanelsMut::new(shape, to));
            } else {
                to.copy_from_slice(from);
            }
        }
    }

    /// To the plan's order, row by row.
    pub(crate) fn restore<T: Element>(&self, products: Products, arranged: &[T], plain: &mut [T]) {
        for (start, at) in &self.parameters {
            let to = &mut plain[*start..*start + at.rows * at.cols];
            let from = &arranged[at.start..at.start + at.entries];
            if at.in_panels {
                let from = Panels::new(products.packed::<T>(at.rows, at.cols), from);
                for (row, entries) in to.chunks_exact_mut(at.cols).enumerate() {
                    entries.iter_mut().enumerate().for_each(|(col, entry)| *entry = from.at(row, col));
                }
            } else {
                to.copy_from_slice(from);
            }
        }
    }
}

fn shape(plan: &Plan, id: ValueId) -> (usize, usize) {
    match (plan.value(id).rows, plan.value(id).cols) {
        (Extent::Fixed(rows), Extent::Fixed(cols)) => (rows, cols),
        _ => (0, 0),
    }
}

/// Whether two matrices hold their entries in the same order: of the same shape, or a row and a column.
fn lie_alike(a: (usize, usize), b: (usize, usize)) -> bool {
    let is_vector = |(rows, cols): (usize, usize)| rows == 1 || cols == 1;
    a == b || (is_vector(a) && is_vector(b) && a.0 * a.1 == b.0 * b.1)
}

/// Whether a matrix is read as the right factor of products with walked rows alone.
fn is_only_multiplied(plan: &Plan, id: ValueId) -> bool {
    let mut readers = plan.instructions.iter().filter(|instruction| instruction.reads().contains(&id));
    let is_tiled = plan.tiling.as_ref().is_some_and(|tiling| tiling.height.is_some());
    is_tiled
        && readers.all(|instruction| match instruction {
            Instruction::Product(product) => {
                product.left.value != id && plan.value(product.to).rows == Extent::Walked
            }
            Instruction::Lanes(_) | Instruction::Transpose(_) | Instruction::Fill(_) => false,
        })
}

/// Whether a result is a product that sums over the rows, and nothing else reads it.
fn is_only_summed(plan: &Plan, id: ValueId) -> bool {
    let is_sum = |instruction: &Instruction| matches!(instruction, Instruction::Product(product) if product.to == id && plan.is_sum(product));
    plan.instructions.iter().any(is_sum)
        && !plan.instructions.iter().any(|instruction| instruction.reads().contains(&id))
}
