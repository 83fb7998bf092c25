//! How a run walks its rows: leaves, macro-batches and tiles.

use plan::Sums;

/// How a run walks its rows. It follows from the plan, the batch and the number of threads; bits do not depend on the last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walking {
    /// Rows of the batch.
    pub batch: usize,
    /// Rows of a leaf, the last one perhaps fewer.
    pub leaf: usize,
    /// Rows of a macro-batch.
    pub macro_batch: usize,
    /// Rows of a tile.
    pub tile: usize,
    /// Threads at work.
    pub threads: usize,
}

impl Walking {
    /// Leaves of so many rows; at least one, so that sums of no rows are 0.
    pub(crate) fn leaves(&self, rows: usize) -> usize {
        rows.div_ceil(self.leaf.max(1)).max(1)
    }

    /// Rows of the macro-batch that begins at this row.
    pub(crate) fn macro_rows(&self, kept: usize) -> usize {
        self.macro_batch.min(self.batch - kept)
    }

    /// How a plan's rows are walked by so many threads at most.
    pub(crate) fn new(sums: Sums, height: Option<usize>, batch: usize, threads: usize) -> Walking {
        let Some(height) = height else {
            return Walking { batch, leaf: batch, macro_batch: batch, tile: batch, threads: 1 };
        };
        let leaf = sums.leaf(batch).min(batch.max(1));
        let macro_batch = sums.macro_batch(batch);
        let leaves = macro_batch.div_ceil(leaf).max(1);
        let threads = threads.clamp(1, leaves);
        let share = match sums {
            Sums::Slabs { .. } => leaves.div_ceil(threads) * leaf,
            Sums::Leaves => leaf,
        };
        Walking { batch, leaf, macro_batch, tile: height.min(share).min(batch), threads }
    }
}
