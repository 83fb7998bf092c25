//! A derivation: named lines from the formula to its derivatives, and the law behind each step.

use formula::{Formula, Line, Name, NodeId};

/// What differentiation makes of a formula: a straight-line list of lets. Every name stands in later lines as a variable
/// (the symbol of its line), so a line shows what it is built from and nothing is written twice.
#[derive(Clone, Debug)]
pub struct Derivation {
    /// The arena of every node below.
    pub formula: Formula,
    /// The intermediates, first to last: `Z1 = X*W1`, `A1 = sigmoid(Z1)`, ...
    pub lets: Vec<Line>,
    /// The formula in terms of the lets: `f = norm(A2 - Y)^2/m`.
    pub result: Line,
    /// The symbol that the derivatives begin from, such as `df/dG`, where the result is not itself the scalar that is
    /// differentiated.
    pub seed: Option<Name>,
    /// The derivatives, last layer first: `df/dA2 = 2/m*(A2 - Y)`, ...; each in terms of lets and of earlier derivatives.
    pub derivatives: Vec<DerivativeLine>,
    /// What was asked for, in the order asked.
    pub gradients: Vec<Gradient>,
    /// Every law that was applied, in order.
    pub steps: Vec<Step>,
}

/// The line of one derivative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerivativeLine {
    /// Its symbol, such as `df/dZ1`.
    pub symbol: Name,
    /// The let or variable it is the derivative by, such as `Z1`.
    pub by: Name,
    /// Its value.
    pub value: NodeId,
    /// The laws it took, in order, each once: `by scaling, then squared Frobenius norm`.
    pub laws: Vec<Name>,
}

/// One derivative that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gradient {
    /// The variable or let.
    pub by: Name,
    /// Its derivative in terms of the lets and derivative lines: the symbol of a line.
    pub symbol: NodeId,
    /// Its derivative in the inputs alone, as the lines were derived: every symbol replaced by what it stands for, shared
    /// parts shared, no algebra done. The training program is compiled from these.
    pub value: NodeId,
}

/// One law applied to one edge of the formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// 1, 2, 3, ...
    pub number: usize,
    /// The law's name, such as `right multiplication`.
    pub law: Name,
    /// The law as the library states it, such as `G = X*W    df/dX = df/dG*W'`.
    pub statement: Name,
    /// The part G the law acts on, in terms of the lets.
    pub of: NodeId,
    /// The operand X it gives the derivative by, in terms of the lets.
    pub by: NodeId,
    /// df/dG before, in terms of the lines.
    pub from: NodeId,
    /// df/dX after, in terms of the lines; where X is used several times this is one of the contributions that add up.
    pub to: NodeId,
}
