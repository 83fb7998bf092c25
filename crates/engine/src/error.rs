//! What can be wrong with a plan or with the arguments of a run.

use std::fmt;

/// Why a plan cannot run, or not with these arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EngineError {
    /// A list of the call has more or fewer members than the plan's.
    ArgumentCount {
        /// Which list: "data matrices", "scalars" ...
        list: &'static str,
        /// How many the plan has.
        expected: usize,
        /// How many the call gave.
        found: usize,
    },
    /// An array of the call is longer or shorter than its value.
    ArgumentLength {
        /// What the array is, with its name where it has one: "data matrix 0 (X)".
        what: String,
        /// Its rows.
        rows: usize,
        /// Its columns.
        cols: usize,
        /// How many entries the call gave.
        found: usize,
    },
    /// An instruction of the plan contradicts itself, the shapes of its values, or an earlier instruction.
    Instruction {
        /// Its place in `Plan::instructions`.
        index: usize,
        /// What is wrong, as the end of the sentence "instruction 3 ...".
        mistake: String,
    },
    /// The lists, values, tiling or buffers of the plan contradict each other.
    Plan {
        /// What is wrong, as a clause.
        mistake: String,
    },
    /// The run was asked to stop, and did so between two tiles of rows.
    Stopped,
    /// The values need more memory than a machine can address.
    TooLarge,
    /// This processor lacks the vector instructions that were asked for.
    Simd {
        /// Their name.
        name: &'static str,
    },
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EngineError::Stopped => f.write_str("the run was asked to stop"),
            EngineError::ArgumentCount { list, expected, found } => {
                write!(
                    f,
                    "the call gives {found} {list}, but the plan has {expected}: give one for each, in the plan's order"
                )
            }
            EngineError::ArgumentLength { what, rows, cols, found } => {
                write!(
                    f,
                    "{what} is {rows} x {cols} and so needs {} entries, row by row, but the call gives {found}",
                    rows.saturating_mul(*cols)
                )
            }
            EngineError::Instruction { index, mistake } => {
                write!(f, "instruction {index} of the plan {mistake}: build the plan anew, and verify it")
            }
            EngineError::Plan { mistake } => {
                write!(f, "the plan is inconsistent, {mistake}: build it anew, and verify it")
            }
            EngineError::TooLarge => {
                write!(f, "the plan's values do not fit into memory: walk fewer rows at a time")
            }
            EngineError::Simd { name } => {
                write!(
                    f,
                    "this processor has no {name} instructions: let the engine choose with Simd::detect"
                )
            }
        }
    }
}

impl std::error::Error for EngineError {}
