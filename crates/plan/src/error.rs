//! What can be wrong with a formula that is to become a plan.

use formula::{Name, Shape, ShapeError, Size};
use std::fmt;

/// Why no plan could be made, or what is broken in one.
#[derive(Clone, Debug, PartialEq)]
pub enum PlanError {
    /// A variable of the formula that the request does not bind.
    Unbound {
        /// The variable.
        name: Name,
    },
    /// A name that the request binds and the formula does not know, so that its shape is not known either.
    UnknownInput {
        /// The name.
        name: Name,
    },
    /// A name that the request binds twice.
    BoundTwice {
        /// The name.
        name: Name,
    },
    /// A variable that occurs with two shapes.
    TwoShapes {
        /// The variable.
        name: Name,
        /// One shape.
        first: Shape,
        /// The other.
        second: Shape,
    },
    /// A variable bound as one number that is none.
    NotScalar {
        /// The variable.
        name: Name,
        /// Its shape.
        shape: Shape,
    },
    /// A parameter whose shape holds the walked size.
    WalkedParameter {
        /// The parameter.
        name: Name,
        /// Its shape.
        shape: Shape,
    },
    /// A new value that does not fit where the old one lies.
    UpdateShape {
        /// The variable that is overwritten.
        name: Name,
        /// Its shape.
        old: Shape,
        /// The shape of its new value.
        new: Shape,
    },
    /// A named size without a number.
    UnknownSize {
        /// The size.
        name: Name,
    },
    /// An axis that joins the walked size with something else.
    MixedSize {
        /// The axis.
        size: Size,
        /// The walked size.
        walked: Name,
    },
    /// A matrix whose rows and columns would both be the walked size.
    BothWalked {
        /// The matrix's shape.
        shape: Shape,
    },
    /// A matrix with more entries than a machine can number.
    TooLarge {
        /// The matrix's shape.
        shape: Shape,
    },
    /// A formula that is longer, written out, than a program is made of.
    TooLong {
        /// How many operands it may have.
        limit: usize,
    },
    /// A part that no instruction computes: formulas with it are derived and checked, and not yet run as programs.
    NoInstruction {
        /// Its name in formulas.
        part: &'static str,
    },
    /// Rows or columns beyond the last.
    TooFew {
        /// `rows` or `cols`.
        part: &'static str,
        /// The last that is taken, counted from 1.
        last: usize,
        /// How many there are.
        has: usize,
    },
    /// A function of which no body is known.
    Abstract {
        /// The function.
        function: Name,
    },
    /// A slope that was not derived.
    UnknownSlope {
        /// The function.
        function: Name,
        /// The arguments by which the slope is taken, counted from 1.
        arguments: Vec<usize>,
    },
    /// A function whose body needs itself.
    Endless {
        /// The function.
        function: Name,
    },
    /// A body whose shapes do not fit its arguments.
    Shape(ShapeError),
    /// A plan that breaks one of its own rules; only a plan that was put together by hand can.
    Broken {
        /// Where: an instruction, a value or a list.
        place: String,
        /// The rule that is broken.
        rule: &'static str,
    },
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlanError::NoInstruction { part } => write!(
                f,
                "no instruction computes `{part}` yet: such formulas are derived and checked, and code for them can be \
                 written, but they do not run as programs"
            ),
            PlanError::TooFew { part, last, has } => {
                write!(f, "`{part}` takes up to number {last} of {has}: take those that there are")
            }
            PlanError::Unbound { name } => {
                write!(
                    f,
                    "the variable `{name}` is not bound: say whether it is data, a parameter or a number"
                )
            }
            PlanError::UnknownInput { name } => {
                write!(
                    f,
                    "the formula has no variable `{name}`, so its shape is not known: declare it or leave it out"
                )
            }
            PlanError::BoundTwice { name } => {
                write!(f, "`{name}` is bound twice: bind each variable once")
            }
            PlanError::TwoShapes { name, first, second } => write!(
                f,
                "`{name}` occurs with the shapes {first} and {second}: give one of the two another name"
            ),
            PlanError::NotScalar { name, shape } => {
                write!(f, "`{name}` is bound as one number but is {shape}: bind it as data or as a parameter")
            }
            PlanError::WalkedParameter { name, shape } => write!(
                f,
                "the parameter `{name}` is {shape}, and its size would change with the rows: bind it as data, or walk the rows of another size, \
                 as `--walked b` with a number for this one does"
            ),
            PlanError::UpdateShape { name, old, new } => {
                write!(f, "`{name}` is {old} and cannot be overwritten by a value that is {new}")
            }
            PlanError::UnknownSize { name } => {
                write!(f, "the size `{name}` has no number: give it one, as `--sizes {name}=100` does")
            }
            PlanError::MixedSize { size, walked } => write!(
                f,
                "the rows are walked along `{walked}`, and an axis of size {size} cannot be: only `{walked}` alone can"
            ),
            PlanError::BothWalked { shape } => write!(
                f,
                "a matrix of {shape} would have every row beside every other, which cannot be walked by rows: \
                 give that size a number instead of walking it"
            ),
            PlanError::TooLarge { shape } => {
                write!(
                    f,
                    "a matrix of {shape} has more than 2^{} entries with these sizes: choose smaller sizes",
                    crate::lower::MOST_ENTRIES.ilog2()
                )
            }
            PlanError::TooLong { limit } => write!(
                f,
                "written out, the formula has more than {limit} operands, and no program is so long: use fewer layers, and \
                 functions that use the one before less often"
            ),
            PlanError::Abstract { function } => {
                write!(f, "the function `{function}` is only declared and cannot be computed: define it")
            }
            PlanError::UnknownSlope { function, arguments } => {
                let by: Vec<String> = arguments.iter().map(usize::to_string).collect();
                let by = by.join(", then ");
                write!(f, "the slope of `{function}` by argument {by} is not known: derive it first")
            }
            PlanError::Endless { function } => {
                write!(
                    f,
                    "the function `{function}` is defined by itself without end: define it by other functions"
                )
            }
            PlanError::Shape(error @ ShapeError::TooLarge) => error.fmt(f),
            PlanError::Shape(error @ ShapeError::Misfit { .. }) => {
                write!(f, "a function's body does not fit its arguments: {error}")
            }
            PlanError::Broken { place, rule } => write!(f, "{place} breaks the rule that {rule}"),
        }
    }
}

impl std::error::Error for PlanError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            PlanError::Shape(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ShapeError> for PlanError {
    fn from(error: ShapeError) -> PlanError {
        PlanError::Shape(error)
    }
}
