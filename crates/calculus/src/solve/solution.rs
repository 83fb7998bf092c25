//! A solution, the equations that lead to it, and why there may be none.

use super::Inverted;
use formula::{Formula, NodeId, ShapeError};
use std::fmt;

/// An equation and the rule by which it follows from the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equation {
    /// The left side.
    pub left: NodeId,
    /// The right side.
    pub right: NodeId,
    /// The rule.
    pub rule: Rule,
}

/// What leads from one equation to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The gradient is zero at a critical point.
    Critical,
    /// Both sides are multiplied by the unknown, or a power of it, from the left, the right or both sides.
    Multiplied {
        /// From the left.
        left: bool,
        /// From the right.
        right: bool,
        /// The power.
        power: u8,
    },
    /// Both sides are multiplied by what they are divided by that has the unknown in it.
    Cleared,
    /// Both sides are transposed.
    Transposed,
    /// Terms with the unknown are brought together on the left, the rest on the right.
    Collected,
    /// The columns are put below one another: `vec(A*U*B) = kron(B', A)*vec(U)`.
    Vec,
    /// Both sides are multiplied by inverses of what stands beside the unknown.
    Divided,
    /// Both sides are inverted.
    Inverted,
    /// The positive root of both sides is taken.
    Root,
    /// The solutions for other unknowns are put in.
    PutIn,
}

impl Rule {
    /// The rule as the end of a sentence.
    pub fn says(self) -> String {
        match self {
            Rule::Critical => "the gradient is zero at a critical point".to_owned(),
            Rule::Multiplied { left: true, right: true, .. } => {
                "multiplied by the unknown from both sides".to_owned()
            }
            Rule::Multiplied { left: true, right: false, power: 1 } => {
                "multiplied by the unknown from the left".to_owned()
            }
            Rule::Multiplied { power: 1, .. } => "multiplied by the unknown from the right".to_owned(),
            Rule::Multiplied { power, .. } => format!("multiplied by the unknown to the power of {power}"),
            Rule::Cleared => "multiplied by the denominators".to_owned(),
            Rule::Transposed => "transposed".to_owned(),
            Rule::Collected => "terms with the unknown collected".to_owned(),
            Rule::Vec => "vec of a product".to_owned(),
            Rule::Divided => "solved for the unknown".to_owned(),
            Rule::Inverted => "inverted".to_owned(),
            Rule::Root => "the positive root".to_owned(),
            Rule::PutIn => "the solutions for the other unknowns put in".to_owned(),
        }
    }
}

/// What a solution needs, beside what is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The columns of this matrix are independent.
    FullColumnRank(NodeId),
    /// This scalar is above 0.
    Positive(NodeId),
    /// This matrix has an inverse.
    Invertible(NodeId),
    /// This scalar is not 0.
    NotZero(NodeId),
}

impl Need {
    /// What it is of.
    pub(super) fn of(self) -> NodeId {
        match self {
            Need::FullColumnRank(value)
            | Need::Positive(value)
            | Need::Invertible(value)
            | Need::NotZero(value) => value,
        }
    }

    /// The same of another value.
    pub(super) fn with(self, value: NodeId) -> Need {
        match self {
            Need::FullColumnRank(_) => Need::FullColumnRank(value),
            Need::Positive(_) => Need::Positive(value),
            Need::Invertible(_) => Need::Invertible(value),
            Need::NotZero(_) => Need::NotZero(value),
        }
    }
}

/// What kind of critical point a solution is, as far as that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extremum {
    /// The least value: the second derivative is positive semidefinite everywhere.
    Minimum,
    /// The largest value: the second derivative is negative semidefinite everywhere.
    Maximum,
    /// A critical point; more is not shown.
    Critical,
}

/// Where a gradient is zero.
#[derive(Clone, Debug)]
pub struct Solution {
    /// The equations, from the gradient to the solution.
    pub equations: Vec<Equation>,
    /// The value of the unknown.
    pub value: NodeId,
    /// What the solution needs.
    pub needs: Vec<Need>,
    /// The kind of the critical point.
    pub extremum: Extremum,
    /// What stands beside the unknown; the second derivative is the Kronecker product of these.
    pub curvature: Vec<NodeId>,
    /// Scalars of which the kind holds where they are above 0.
    pub provided: Vec<NodeId>,
}

impl Solution {
    /// The solution has an inverse, which its gradient had in it.
    ///
    /// # Errors
    /// When it has none, whatever its variables are.
    pub(super) fn need_inverse(&mut self, formula: &mut Formula) -> Result<(), NoSolution> {
        let inverted = Inverted::of(formula, self.value).map_err(|why| match why {
            NoSolution::Singular(_) => NoSolution::NoInverse(self.value),
            other => other,
        })?;
        for need in inverted.needs {
            if !self.needs.contains(&need) {
                self.needs.push(need);
            }
        }
        Ok(())
    }
}

/// Why an equation has no explicit solution here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSolution {
    /// The formula is no scalar, so it has no gradient.
    NotScalar,
    /// What is to be solved for is a line of the formula, and no variable.
    Line,
    /// The gradient does not depend on the unknown: it is zero everywhere or nowhere.
    Absent,
    /// This part of the gradient is not affine in the unknown, nor in its inverse, and does not become so when multiplied by it.
    NotAffine(NodeId),
    /// Both the unknown and its transpose stand in the gradient.
    WithTranspose,
    /// This matrix beside the unknown has no inverse, so the solution is not the only one.
    Singular(NodeId),
    /// The gradient has the unknown's inverse in it, and this would be its only solution, which has none.
    NoInverse(NodeId),
    /// Parts do not fit together, which no gradient should bring about.
    Misfit(ShapeError),
}

impl fmt::Display for NoSolution {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoSolution::NotScalar => write!(to, "the formula is no scalar"),
            NoSolution::Line => write!(to, "the unknown is a line of the formula"),
            NoSolution::Absent => write!(to, "the gradient does not depend on the unknown"),
            NoSolution::NotAffine(_) => write!(to, "the gradient is not affine in the unknown"),
            NoSolution::WithTranspose => {
                write!(to, "the unknown and its transpose both stand in the gradient")
            }
            NoSolution::Singular(_) => write!(to, "a matrix beside the unknown has no inverse"),
            NoSolution::NoInverse(_) => {
                write!(to, "the solution would have no inverse, which the gradient has in it")
            }
            NoSolution::Misfit(error) => write!(to, "{error}"),
        }
    }
}

impl std::error::Error for NoSolution {}

impl From<ShapeError> for NoSolution {
    fn from(error: ShapeError) -> NoSolution {
        NoSolution::Misfit(error)
    }
}
