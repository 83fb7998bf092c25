//! The kinds of node that a random formula may be built from, and which may stand in which.

use formula::{Formula, Node, NodeId, Operator};

/// A kind of node, each operator of whole matrices one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Number,
    Size,
    Variable,
    Constant,
    Add,
    Product,
    Scale,
    Times,
    Apply,
    Transpose,
    Norm,
    Trace,
    Determinant,
    LogDeterminant,
    Inverse,
    Diagonal,
    DiagonalMatrix,
    Vec,
    Unvec,
    Kronecker,
    Commutation,
    Call,
    Block,
    Part,
}

impl Kind {
    pub const ALL: [Kind; 24] = [
        Kind::Number,
        Kind::Size,
        Kind::Variable,
        Kind::Constant,
        Kind::Add,
        Kind::Product,
        Kind::Scale,
        Kind::Times,
        Kind::Apply,
        Kind::Transpose,
        Kind::Norm,
        Kind::Trace,
        Kind::Determinant,
        Kind::LogDeterminant,
        Kind::Inverse,
        Kind::Diagonal,
        Kind::DiagonalMatrix,
        Kind::Vec,
        Kind::Unvec,
        Kind::Kronecker,
        Kind::Commutation,
        Kind::Call,
        Kind::Block,
        Kind::Part,
    ];

    /// The kind of a node.
    pub fn of(formula: &Formula, id: NodeId) -> Kind {
        match formula.node(id) {
            Node::Number(_) => Kind::Number,
            Node::Size(_) => Kind::Size,
            Node::Variable(_) => Kind::Variable,
            Node::Constant(..) => Kind::Constant,
            Node::Add(_) => Kind::Add,
            Node::Product(_) => Kind::Product,
            Node::Scale(_) => Kind::Scale,
            Node::Times(_) => Kind::Times,
            Node::Apply(_) => Kind::Apply,
            Node::Transpose(_) => Kind::Transpose,
            Node::Norm(_) => Kind::Norm,
            Node::Operator(Operator::Trace, _) => Kind::Trace,
            Node::Operator(Operator::Determinant, _) => Kind::Determinant,
            Node::Operator(Operator::LogDeterminant, _) => Kind::LogDeterminant,
            Node::Operator(Operator::Inverse, _) => Kind::Inverse,
            Node::Operator(Operator::Diagonal, _) => Kind::Diagonal,
            Node::Operator(Operator::DiagonalMatrix, _) => Kind::DiagonalMatrix,
            Node::Operator(Operator::Vec, _) => Kind::Vec,
            Node::Unvec(..) => Kind::Unvec,
            Node::Kronecker(_) => Kind::Kronecker,
            Node::Commutation(_) => Kind::Commutation,
            Node::Call(_) => Kind::Call,
            Node::Block(..) => Kind::Block,
            Node::Part(_) => Kind::Part,
        }
    }

    /// Whether it is built from other nodes.
    pub fn has_parts(self) -> bool {
        !matches!(self, Kind::Number | Kind::Size | Kind::Variable | Kind::Constant | Kind::Commutation)
    }

    /// Whether it is `1 x 1`, always.
    fn is_scalar(self) -> bool {
        use Kind::{Determinant, LogDeterminant, Norm, Number, Size, Trace};
        matches!(self, Number | Size | Norm | Trace | Determinant | LogDeterminant)
    }

    /// Whether it is a column of more than one entry, always.
    fn is_column(self) -> bool {
        matches!(self, Kind::Vec | Kind::Diagonal)
    }

    /// Whether a node of this kind can have one of the other kind as a part. The constructors join sums in sums, products in
    /// products and blocks in blocks, undo a transpose's transpose, and leave out what does nothing to a scalar.
    pub fn holds(self, inner: Kind) -> bool {
        use Kind::{
            Add, Apply, Block, Call, Commutation, Constant, Determinant, Diagonal, DiagonalMatrix, Inverse,
            Kronecker, LogDeterminant, Norm, Number, Part, Product, Scale, Size, Times, Trace, Transpose,
            Unvec, Variable, Vec,
        };
        match self {
            Number | Size | Variable | Constant | Commutation => false,
            Add => inner != Add,
            Product => !inner.is_scalar() && inner != Product,
            Scale | Apply | Norm | LogDeterminant => !(self == LogDeterminant && inner.is_column()),
            // The scalars in front of its factors come out.
            Times => !inner.is_scalar() && inner != Times && inner != Scale,
            Transpose => !inner.is_scalar() && !matches!(inner, Transpose | DiagonalMatrix | Commutation),
            Trace | Determinant | Inverse | Diagonal => !inner.is_scalar() && !inner.is_column(),
            DiagonalMatrix => {
                !inner.is_scalar() && !matches!(inner, Inverse | DiagonalMatrix | Commutation | Unvec)
            }
            Vec => !inner.is_scalar() && !inner.is_column(),
            // The unvec of a matrix is that of a column, which these never are.
            Unvec => !inner.is_scalar() && !matches!(inner, Inverse | DiagonalMatrix | Commutation | Unvec),
            Kronecker | Call => !inner.is_scalar(),
            // Of blocks and parts only those in the other direction stay inside.
            Block => true,
            Part => !inner.is_scalar(),
        }
    }
}
