//! When the instructions of a plan run, and how its rows and the sums over them are arranged.

/// How the rows are walked.
#[derive(Clone, Debug, PartialEq)]
pub struct Tiling {
    /// Rows of a tile; `None` when the whole batch is one tile, because columns are walked.
    pub height: Option<usize>,
    /// How sums over the rows are arranged.
    pub sums: Sums,
    /// When each instruction runs, in the order of `Plan::instructions`.
    pub phases: Vec<Phase>,
}

/// How sums over walked rows are arranged. It follows from shapes alone, never from threads or caches, so that a run gives the
/// same bits wherever it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sums {
    /// Small results. The batch is cut into leaves, [`Sums::leaf`] rows each, which have partial sums of their own; a fixed tree
    /// adds them.
    Leaves,
    /// Large results, of which partial sums would cost too much. The rows of a macro-batch are walked first; then each entry of
    /// a product that sums over them is continued by one chain over all its rows, slab by slab of the entries. Sums of lane
    /// programs have leaves, as above.
    Slabs {
        /// Rows of a macro-batch: a multiple of [`Sums::LEAF`].
        rows: usize,
    },
}

impl Sums {
    /// Rows of a leaf at least.
    pub const LEAF: usize = 64;
    /// Leaves of small results at most: more would cost more memory and time than they save.
    pub const MOST: usize = 8;

    /// Rows of a leaf, of a batch of so many rows.
    pub fn leaf(self, batch: usize) -> usize {
        match self {
            Sums::Leaves => batch.div_ceil(Sums::MOST).next_multiple_of(16).max(Sums::LEAF),
            Sums::Slabs { .. } => Sums::LEAF,
        }
    }

    /// Rows that are walked before the sums over them go on.
    pub fn macro_batch(self, batch: usize) -> usize {
        match self {
            Sums::Leaves => batch,
            Sums::Slabs { rows } => rows.min(batch),
        }
    }
}

/// When an instruction runs: once before the first pass over the rows, in the pass over the rows, once after it, in the second
/// pass, and so on. Nearly every plan has one pass; where rows depend on a sum over all of them, the next pass computes
/// again what it needs of the rows, so that memory does not grow with the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Once, before the pass of this number (or after the last).
    Once(u16),
    /// For each tile of rows, in the pass of this number.
    Rows(u16),
}

impl Phase {
    /// What depends on no walked row.
    pub const BEFORE: Phase = Phase::Once(0);

    /// The pass that it is in or waits for.
    pub fn pass(self) -> u16 {
        match self {
            Phase::Once(pass) | Phase::Rows(pass) => pass,
        }
    }

    /// Whether it is a part of a pass over the rows.
    pub fn walks(self) -> bool {
        matches!(self, Phase::Rows(_))
    }
}

impl PartialOrd for Phase {
    fn partial_cmp(&self, other: &Phase) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Phase {
    fn cmp(&self, other: &Phase) -> std::cmp::Ordering {
        (self.pass(), self.walks()).cmp(&(other.pass(), other.walks()))
    }
}
