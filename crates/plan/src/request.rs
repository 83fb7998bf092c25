//! What is asked of a formula: which values, from which inputs, at which sizes.

use formula::{Name, NodeId, Sizes};

/// What a plan is to compute, and how the variables of the formula are bound.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The values asked for, by name. Those with walked rows become `Plan::row_results`, the others `Plan::results`, each in
    /// this order.
    pub outputs: Vec<(Name, NodeId)>,
    /// How each variable is bound. Data, updated data, parameters and scalars stand in the plan in this order; what is
    /// bound and not used stands there too, so that the caller's arrays keep their layout.
    pub inputs: Vec<(Name, Binding)>,
    /// The named size along which rows are walked, such as `m`; its number is known only when the plan runs.
    pub walked: Option<Name>,
    /// The numbers of all other sizes.
    pub sizes: Sizes,
}

/// How a variable gets its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// A matrix bound for each call.
    Data,
    /// A matrix bound for each call and overwritten by the value of this node, which has its shape.
    Updated(NodeId),
    /// A part of the flat array of parameters.
    Parameter,
    /// A number bound for each call.
    Scalar,
}
