//! What can go wrong in differentiation, each with its mend.

use crate::request::Form;
use formula::{Name, Shape, ShapeError};
use std::fmt;

/// Why a formula has no derivation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CalculusError {
    /// There is no line to differentiate.
    NoResult,
    /// The result is no scalar.
    NotScalar {
        /// The name of the result.
        name: Name,
        /// Its shape.
        shape: Shape,
    },
    /// A name to differentiate by is no variable and no let.
    UnknownName {
        /// The name.
        name: Name,
        /// Names that are there, nearest first.
        nearest: Vec<Name>,
        /// Every name that is there.
        known: Vec<Name>,
    },
    /// A name to differentiate by is empty.
    EmptyName,
    /// A name to differentiate by stands there twice.
    Repeated {
        /// The name.
        name: Name,
    },
    /// A let to differentiate by is a constant.
    ConstantLet {
        /// The name.
        name: Name,
    },
    /// No law fits a part.
    NoLaw {
        /// What the part is, such as `the function h of 4 arguments, 2 x 2`.
        part: String,
        /// The operand no law gives the derivative by, counted from 1.
        operand: usize,
    },
    /// A law fits a part and gives no derivative of the operand's shape.
    FaultyLaw {
        /// Its name.
        law: Name,
        /// What it gives instead.
        problem: String,
    },
    /// The formula or its derivative, with functions and lets written out, is larger than a formula may be.
    TooLarge,
    /// Parts of a derivative do not fit together, which no formula should bring about.
    Misfit(ShapeError),
    /// A form that the derivative does not have for these shapes.
    UnfitForm {
        /// The form asked for.
        form: Form,
        /// The expression and its shape.
        of: Box<(Name, Shape)>,
        /// The variable and its shape.
        by: Box<(Name, Shape)>,
    },
    /// A derivative that ought to be a linear map is none.
    NotLinear {
        /// The part that is not linear.
        part: String,
    },
    /// A function that no law is about has a body that is none for its arguments.
    FaultyBody {
        /// The function.
        function: Name,
        /// What is wrong with its body.
        problem: String,
    },
    /// Nothing is known of the derivative of a function of a whole matrix.
    NoGradient {
        /// Its name.
        function: Name,
    },
    /// A slope is not known, and there is no body to derive it from.
    NoSlope {
        /// Its name.
        function: Name,
    },
}

/// A name of two or three letters of which one is the name that is sought, and the product that it may be: `A*X*B` of AXB.
fn product<'a>(known: &'a Name, sought: &Name) -> Option<(&'a str, String)> {
    let letters: Vec<String> = known.chars().map(String::from).collect();
    let is_run = matches!(letters.len(), 2 | 3) && known.bytes().all(|byte| byte.is_ascii_alphabetic());
    (is_run && letters.iter().any(|letter| *letter == sought.as_str()))
        .then(|| (known.as_str(), letters.join("*")))
}

impl fmt::Display for CalculusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CalculusError::NoResult => f.write_str(
                "there is no formula to differentiate; end the lines with one, such as `f = norm(X)^2`",
            ),
            CalculusError::NotScalar { name, shape } => write!(
                f,
                "{name} has the shape {shape}, and only the derivative of a scalar is taken; \
                 make it one, such as with sum(...) or norm(...)^2"
            ),
            CalculusError::UnknownName { name, nearest, known } => {
                write!(f, "{name} is no variable and no let of the formula")?;
                let nearest: Vec<&str> = nearest.iter().map(Name::as_str).collect();
                match nearest.split_last() {
                    None if known.is_empty() => write!(f, "; it has none"),
                    None => {
                        let names: Vec<&str> = known.iter().map(Name::as_str).collect();
                        write!(f, "; it has {}", names.join(", "))?;
                        match known.iter().find_map(|known| product(known, name)) {
                            Some((run, product)) => {
                                write!(f, "; where {run} is a product, write `{product}`")
                            }
                            None => Ok(()),
                        }
                    }
                    Some((only, [])) => write!(f, "; did you mean {only}?"),
                    Some((last, rest)) => write!(f, "; did you mean {} or {last}?", rest.join(", ")),
                }
            }
            CalculusError::EmptyName => f.write_str(
                "a name to differentiate by is empty; write names parted by single commas, such as `W1,W2`, or none for every \
                 variable",
            ),
            CalculusError::Repeated { name } => {
                write!(f, "{name} stands twice among the names to differentiate by; write it once")
            }
            CalculusError::ConstantLet { name } => write!(
                f,
                "{name} stands for a constant, so nothing can be differentiated by it; \
                 declare it instead, such as `{name}: scalar`"
            ),
            CalculusError::NoLaw { part, operand } => {
                write!(f, "no law gives the derivative of {part} by operand {operand}; add a row to the laws")
            }
            CalculusError::FaultyLaw { law, problem } => {
                write!(f, "the law {law} is at fault: {problem}; mend its row in the laws")
            }
            CalculusError::TooLarge => ShapeError::TooLarge.fmt(f),
            CalculusError::Misfit(error) => {
                write!(f, "parts of the derivative do not fit together: {error}; please report this formula")
            }
            CalculusError::UnfitForm { form, of, by } => {
                let ((of, of_shape), (by, by_shape)) = (&**of, &**by);
                let wants = match form {
                    Form::Gradient => format!("a gradient is of a scalar, and {of} is {of_shape}"),
                    Form::Jacobian => format!(
                        "a Jacobian is of a column by a column, and {of} is {of_shape}, {by} {by_shape}"
                    ),
                    Form::Tangent => format!("a tangent is by a scalar, and {by} is {by_shape}"),
                    Form::Vec | Form::Pullback | Form::Pushforward => {
                        format!("{of} is {of_shape}, {by} {by_shape}")
                    }
                };
                let fitting: Vec<&str> = Form::ALL
                    .into_iter()
                    .filter(|form| form.fits(of_shape, by_shape))
                    .map(Form::name)
                    .collect();
                write!(f, "{wants}; ask for one of the forms {}", fitting.join(", "))
            }
            CalculusError::NotLinear { part } => write!(
                f,
                "the derivative is not linear in {part} so that a law is at fault; mend its row in the laws"
            ),
            CalculusError::FaultyBody { function, problem } => {
                write!(f, "the formula of {function} is at fault: {problem}; mend its definition")
            }
            CalculusError::NoGradient { function } => write!(
                f,
                "{function} is an arbitrary function of a whole matrix, and its derivative has no name; \
                 define the function it belongs to, such as `L(X: m x n) = norm(X)^2`"
            ),
            CalculusError::NoSlope { function } => write!(
                f,
                "the slope of {function} is not known and there is no formula to derive it from; \
                 define the function, such as `{function}(x) = x^2`"
            ),
        }
    }
}

impl From<ShapeError> for CalculusError {
    fn from(error: ShapeError) -> CalculusError {
        match error {
            ShapeError::TooLarge => CalculusError::TooLarge,
            ShapeError::Misfit { .. } => CalculusError::Misfit(error),
        }
    }
}

impl std::error::Error for CalculusError {}
