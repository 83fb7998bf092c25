//! The kinds of node: a closed set, matched exhaustively everywhere.

use crate::{Name, Number, Primitive, Shape, Size};
use std::collections::BTreeMap;

/// A node of a formula's arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// Its place in the arena; children stand before their parents.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A function of a formula's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub(crate) u32);

/// One node. Its shape stands beside it in the arena and is right by construction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A number, `1 x 1`.
    Number(Number),
    /// A size used as a number, such as the m of `norm(A - Y)^2/m`; `1 x 1`, and never a known number.
    Size(Size),
    /// A variable, or the symbol of a let or of a derivative (`df/dZ1`).
    Variable(Variable),
    /// A matrix that its shape determines, or pi.
    Constant(Constant, Shape),
    /// The sum of two or more values of one shape.
    Add(Vec<NodeId>),
    /// The matrix product of two or more factors, none of them a scalar.
    Product(Vec<NodeId>),
    /// `s*X`: a scalar times anything, scalars included.
    Scale([NodeId; 2]),
    /// The elementwise product of two or more matrices of one shape; scalars scale instead.
    Times(Vec<NodeId>),
    /// An elementwise function of arguments of one shape. A number may stand for a matrix of that number.
    Apply(Apply),
    /// The transpose of a matrix that is no scalar.
    Transpose(NodeId),
    /// The square root of the sum of all squared entries (Euclid, Frobenius), `1 x 1`.
    Norm(NodeId),
}

/// A function, or a slope of it, applied entry by entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Apply {
    /// The function.
    pub function: FunctionId,
    /// The arguments by which slopes were taken, counted from 0: `[]` is g itself, `[0]` its slope g', `[0, 0]` the slope of that.
    pub marks: Vec<u8>,
    /// One for each parameter.
    pub arguments: Vec<NodeId>,
}

/// A matrix that its shape determines, or a constant of nature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Constant {
    /// Every entry 1.
    Ones,
    /// Every entry 0.
    Zeros,
    /// The identity matrix.
    Identity,
    /// The ratio of a circle's circumference to its diameter, `1 x 1`.
    Pi,
}

/// A variable with its declared shape.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Variable {
    /// Its name.
    pub name: Name,
    /// Its shape.
    pub shape: Shape,
    /// What else is declared of it.
    pub properties: Properties,
}

impl Variable {
    /// A variable of which nothing but the shape is known.
    pub fn new(name: impl Into<Name>, shape: Shape) -> Variable {
        Variable { name: name.into(), shape, properties: Properties::default() }
    }
}

/// Declared properties of a variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Properties {
    /// It equals its transpose.
    pub symmetric: bool,
    /// Every entry is above 0.
    pub positive: bool,
    /// It is symmetric with eigenvalues above 0.
    pub definite: bool,
}

/// A function of a formula's table: what a page of the library, a user's definition or a declaration says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// Its parameters, each a scalar variable of this name inside the body and the slopes.
    pub parameters: Vec<Name>,
    /// Its settings with the values in force, which are already inside body and slopes.
    pub settings: Vec<Setting>,
    /// What it computes.
    pub body: Body,
    /// Known slopes by their marks, as nodes of the same arena over the parameters: those its page gives, and those derived so far.
    pub slopes: BTreeMap<Vec<u8>, NodeId>,
    /// What the machine runs instead of the body, equal to it in exact arithmetic.
    pub stable: Option<NodeId>,
    /// How LaTeX writes its name.
    pub latex: Option<String>,
    /// Whether every reader of formulas knows it by this name, so that a closed form may keep it.
    pub portable: bool,
}

/// A setting of a function, fixed where the function is used.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Setting {
    /// Its name.
    pub name: Name,
    /// Its value in force.
    pub value: Number,
    /// The page's own value.
    pub default: Number,
}

/// What a function computes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Body {
    /// A machine function.
    Primitive(Primitive),
    /// A formula over the parameters, in the same arena.
    Defined(NodeId),
    /// Declared with `g: function`: nothing is known of it but that it acts entry by entry.
    Abstract,
}

impl Node {
    /// The nodes it is built from, in order.
    pub fn children(&self) -> &[NodeId] {
        match self {
            Node::Number(_) | Node::Size(_) | Node::Variable(_) | Node::Constant(..) => &[],
            Node::Add(parts) | Node::Product(parts) | Node::Times(parts) => parts,
            Node::Scale(pair) => pair,
            Node::Apply(apply) => &apply.arguments,
            Node::Transpose(part) | Node::Norm(part) => std::slice::from_ref(part),
        }
    }
}
