//! The kinds of node: a closed set, matched exhaustively everywhere.

use crate::{Name, Number, Primitive, Properties, Shape, Size};
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
    /// A function of one whole matrix that the language itself knows: trace, inverse, determinant, ...
    Operator(Operator, NodeId),
    /// A column of entries as the matrix of this shape whose columns they are, one below the other: the inverse of `vec`.
    Unvec(NodeId, Shape),
    /// The Kronecker product: every entry of the left matrix times the whole right one.
    Kronecker([NodeId; 2]),
    /// The permutation K with `K*vec(X) = vec(X')` for X of `m x n`, the two sizes given.
    Commutation([Size; 2]),
    /// A function of whole matrices that a page defines, such as softmax; it keeps its name and has laws of its own.
    Call(Call),
    /// Matrices beside or below one another.
    Block(Direction, Vec<NodeId>),
    /// Some rows or columns of a matrix that follow one another.
    Part(Part),
}

/// A function of one whole matrix, none of them elementwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operator {
    /// The sum of the diagonal of a square matrix, `1 x 1`.
    Trace,
    /// The determinant of a square matrix, `1 x 1`.
    Determinant,
    /// The logarithm of the absolute value of the determinant, `1 x 1`.
    LogDeterminant,
    /// The inverse of a square matrix.
    Inverse,
    /// The diagonal of a square matrix, a column.
    Diagonal,
    /// The matrix with this column as its diagonal and zeros elsewhere.
    DiagonalMatrix,
    /// The columns of a matrix, one below the other.
    Vec,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Operator; 7] = [
        Operator::Trace,
        Operator::Determinant,
        Operator::LogDeterminant,
        Operator::Inverse,
        Operator::Diagonal,
        Operator::DiagonalMatrix,
        Operator::Vec,
    ];

    /// Its name in formulas; the shape of what it is of tells the two meanings of `diag` apart.
    pub fn name(self) -> &'static str {
        match self {
            Operator::Trace => "tr",
            Operator::Determinant => "det",
            Operator::LogDeterminant => "logdet",
            Operator::Inverse => "inv",
            Operator::Diagonal | Operator::DiagonalMatrix => "diag",
            Operator::Vec => "vec",
        }
    }
}

/// A function of whole matrices, of these arguments.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// The function, whose [`Signature`] tells the shapes.
    pub function: FunctionId,
    /// One for each parameter.
    pub arguments: Vec<NodeId>,
}

/// How the parts of a block lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// Beside one another, `[A, B]`: the columns add up.
    Across,
    /// Below one another, `[A; B]`: the rows add up.
    Down,
}

/// Rows or columns of a matrix that follow one another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// The matrix.
    pub of: NodeId,
    /// Columns (`Across`) or rows (`Down`) are chosen.
    pub direction: Direction,
    /// How many stand before the first one chosen.
    pub before: Size,
    /// How many are chosen.
    pub length: Size,
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

/// A function of a formula's table: what a page of the library, a user's definition or a declaration says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// Its parameters, each a scalar variable of this name inside the body and the slopes.
    pub parameters: Vec<Name>,
    /// Its settings with the values in force, which are already inside body and slopes.
    pub settings: Vec<Setting>,
    /// The shapes of its parameters and result, where it is a function of whole matrices; `None` where it acts entry by entry.
    pub signature: Option<Signature>,
    /// What it computes.
    pub body: Body,
    /// Known slopes by their marks, as nodes of the same arena over the parameters: those its page gives, and those derived so far.
    pub slopes: BTreeMap<Vec<u8>, NodeId>,
    /// What the machine runs instead of the body, equal to it in exact arithmetic.
    pub stable: Option<NodeId>,
    /// How LaTeX writes its name.
    pub latex: Option<String>,
    /// How a language of code writes it, by the language's name: an expression over the parameters.
    pub code: BTreeMap<Name, String>,
    /// Whether every reader of formulas knows it by this name, so that a closed form may keep it.
    pub portable: bool,
}

impl Function {
    /// A function of which nothing is known but its name, its parameters and, where it is of whole matrices, their shapes.
    pub fn unknown(name: Name, parameters: Vec<Name>, signature: Option<Signature>) -> Function {
        Function {
            name,
            parameters,
            settings: Vec::new(),
            signature,
            body: Body::Abstract,
            slopes: BTreeMap::new(),
            stable: None,
            latex: None,
            code: BTreeMap::new(),
            portable: false,
        }
    }
}

/// The shapes of a function of whole matrices.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signature {
    /// One for each parameter. Sizes are names, bound where the function is used, or polynomials in names bound before.
    pub parameters: Vec<Shape>,
    /// In the names that the parameters bind.
    pub result: Shape,
    /// The numbers that follow the arguments and belong to the name, such as the 2 of `softmax(X, 2)`.
    pub axis: Vec<u8>,
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
            Node::Number(_)
            | Node::Size(_)
            | Node::Variable(_)
            | Node::Constant(..)
            | Node::Commutation(_) => &[],
            Node::Add(parts) | Node::Product(parts) | Node::Times(parts) | Node::Block(_, parts) => parts,
            Node::Scale(pair) | Node::Kronecker(pair) => pair,
            Node::Apply(apply) => &apply.arguments,
            Node::Call(call) => &call.arguments,
            Node::Transpose(part)
            | Node::Norm(part)
            | Node::Operator(_, part)
            | Node::Unvec(part, _)
            | Node::Part(Part { of: part, .. }) => std::slice::from_ref(part),
        }
    }
    /// The sizes it holds beside its shape.
    pub fn sizes(&self) -> &[Size] {
        match self {
            Node::Size(size) => std::slice::from_ref(size),
            Node::Commutation(sizes) => sizes,
            Node::Part(part) => std::slice::from_ref(&part.before),
            Node::Number(_)
            | Node::Variable(_)
            | Node::Constant(..)
            | Node::Add(_)
            | Node::Product(_)
            | Node::Scale(_)
            | Node::Times(_)
            | Node::Apply(_)
            | Node::Transpose(_)
            | Node::Norm(_)
            | Node::Operator(..)
            | Node::Unvec(..)
            | Node::Kronecker(_)
            | Node::Call(_)
            | Node::Block(..) => &[],
        }
    }
}
