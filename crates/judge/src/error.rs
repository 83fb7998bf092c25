//! What can be wrong on the way from text to a derivative that is judged.

use formula::Name;
use std::fmt;
use syntax::Diagnostic;

/// A mistake in a text, or a part of it that the stages after reading cannot treat.
#[derive(Debug)]
pub enum DeriveError {
    /// The text cannot be read as a formula.
    Syntax(Box<Diagnostic>),
    /// The formula cannot be differentiated.
    Calculus(calculus::CalculusError),
    /// A formula has no value in numbers.
    Value(formula::NoValue),
    /// Two shapes do not fit where one value stands for another.
    Shape(formula::ShapeError),
    /// No line has this name.
    UnknownValue {
        /// The name.
        name: Name,
        /// The lines there are.
        known: Vec<Name>,
    },
    /// A size has no number.
    UnknownSize(Name),
    /// The formula has no last line.
    NoResult,
    /// A value has too many entries to be checked on numbers.
    TooLarge {
        /// Its rows.
        rows: usize,
        /// Its columns.
        cols: usize,
        /// Whether it is large by sizes that are declared as numbers.
        by_numbers: bool,
    },
    /// A formula takes too many multiplications to be checked on numbers.
    TooMuchWork {
        /// How many it takes at one point.
        work: f64,
        /// Whether that is by sizes that are declared as numbers.
        by_numbers: bool,
    },
    /// A page does not keep what it says.
    Page {
        /// The page, as it is used.
        page: Name,
        /// What does not hold.
        what: String,
        /// What mends it.
        mend: String,
    },
    /// A derivation by hand has no line of a derivative.
    NoDerivativeLine,
    /// The formula is the symbol of a derivative, and nothing else.
    DerivativeAlone {
        /// Its symbol, such as `df/dw`.
        symbol: Name,
        /// What is derived.
        of: Name,
        /// What it is derived by.
        by: Name,
    },
    /// The last line is a derivative that is given.
    DerivativeLine {
        /// Its symbol, such as `df/dw`.
        symbol: Name,
        /// What it is a derivative of.
        of: Name,
    },
    /// Nothing says what a claim is derived by.
    NoVariable,
    /// A claim about one entry in a layout that was asked for.
    EntryInLayout,
    /// A claim about entries that no matrix form holds.
    Entries {
        /// Which, as a sentence.
        what: String,
    },
}

impl fmt::Display for DeriveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeriveError::Syntax(error) => error.fmt(f),
            DeriveError::Calculus(error) => error.fmt(f),
            DeriveError::Value(error) => error.fmt(f),
            DeriveError::Shape(error) => error.fmt(f),
            DeriveError::UnknownValue { name, known } => {
                let known: Vec<&str> = known.iter().map(Name::as_str).collect();
                write!(f, "the formula has no line named {name}; it has {}", known.join(", "))
            }
            DeriveError::UnknownSize(name) => write!(f, "the size {name} has no number; give it one"),
            DeriveError::TooLarge { rows, cols, by_numbers } => write!(
                f,
                "a value of {rows} x {cols} is too large to be checked on numbers, with more than {} entries; {}",
                crate::work::LARGEST,
                smaller(*by_numbers)
            ),
            DeriveError::TooMuchWork { work, by_numbers } => write!(
                f,
                "the formulas take some {work:.1e} multiplications at each point, more than {:.0e}, too many to be checked on numbers; {}",
                crate::work::WORK,
                smaller(*by_numbers)
            ),
            DeriveError::Page { page, what, mend } => write!(f, "the page `{page}` is refused: {what}; {mend}"),
            DeriveError::NoDerivativeLine => f.write_str(
                "there is no line of a derivative to check; write `df/dX = ...` below the lines of f, or claim one with `--wrt` \
                 and `--claim`",
            ),
            DeriveError::DerivativeLine { symbol, of } => write!(
                f,
                "the last line says what `{symbol}` is, which is a claim about {of}: give the line of {of} alone to derive it, or \
                 the lines to `chainrule check`, which says whether the claim is right; what the derivative itself is derived by is \
                 named with `--wrt`"
            ),
            DeriveError::DerivativeAlone { symbol, of, by } => write!(
                f,
                "`{symbol}` says which derivative is wanted, and not of which formula: write the formula of {of}, and ask with \
                 `--wrt {by}`"
            ),
            DeriveError::NoVariable => f.write_str(
                "nothing says what the claim is derived by: name it with `--wrt`, or on the left side of the claim, as in \
                 `df/dx = 2*x`",
            ),
            DeriveError::EntryInLayout => f.write_str(
                "a claim about one entry says which entry it is, in whatever layout: leave `--layout` out, and the transpose on \
                 its left side",
            ),
            DeriveError::Entries { what } => {
                write!(f, "{what}: claim the derivative over whole columns and matrices, without indices on the left side")
            }
            DeriveError::NoResult => {
                f.write_str("the formula has no last line; write the expression it computes")
            }
        }
    }
}

impl std::error::Error for DeriveError {}

impl From<Diagnostic> for DeriveError {
    fn from(error: Diagnostic) -> DeriveError {
        DeriveError::Syntax(Box::new(error))
    }
}

impl From<calculus::CalculusError> for DeriveError {
    fn from(error: calculus::CalculusError) -> DeriveError {
        DeriveError::Calculus(error)
    }
}

impl From<formula::NoValue> for DeriveError {
    fn from(error: formula::NoValue) -> DeriveError {
        DeriveError::Value(error)
    }
}

impl From<formula::ShapeError> for DeriveError {
    fn from(error: formula::ShapeError) -> DeriveError {
        DeriveError::Shape(error)
    }
}

/// What makes a formula smaller.
fn smaller(by_numbers: bool) -> &'static str {
    if by_numbers {
        "declare sizes by names, such as `X: m x n`: the derivative is the same, and it is checked at small sizes"
    } else {
        "ask by fewer variables, or of a formula with fewer factors and pages within each other"
    }
}
