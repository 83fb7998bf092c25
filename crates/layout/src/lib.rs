//! The layout: how a formula is arranged for a reader, before any notation spells it.
//!
//! What goes in front, what becomes a quotient, which product with ones is a sum and where brackets stand is decided here, once.
//! Every notation spells the same tree, and the search for the simplest form counts its parts, so what is simplest is so in print.
//!
//! ```
//! use chainrule_layout::{Piece, layout};
//! use formula::{Formula, Shape, Size, Variable};
//!
//! let mut formula = Formula::new();
//! let x = formula.variable(Variable::new("x", Shape::column(Size::named("n".into()))));
//! let n = formula.size(&Size::named("n".into()));
//! let per_row = formula.reciprocal(n)?;
//! let value = formula.scale(per_row, x)?;
//! let layout = layout(&formula, value); // x/n, not 1/n*x
//! assert!(matches!(layout.piece(layout.root()), Piece::Quotient(..)));
//! # Ok::<(), formula::ShapeError>(())
//! ```

mod brackets;
mod build;
mod chain;
mod word;

pub use brackets::Place;
pub use build::layout;

use formula::{Direction, Formula, FunctionId, Name, NodeId, Number, Operator, Shape, Size};

/// A formula arranged for printing: signs pulled into sums, scalars in front, reciprocals as quotients, products with ones as
/// sums over rows and columns. Every notation spells the same tree, so precedence is decided once, by [`Layout::brackets`].
///
/// The pieces lie in a flat list and refer to each other by number, as a formula's nodes do: what is shared is laid out once,
/// and no depth overflows a stack.
#[derive(Clone, Debug)]
pub struct Layout<'f> {
    formula: &'f Formula,
    pieces: Pieces,
    root: PieceId,
}

/// The pieces of values of one formula, whose arena may grow while they are laid out.
#[derive(Clone, Debug, Default)]
pub struct Pieces {
    list: Vec<Piece>,
    /// For each piece the value it stands for, where it is that of a node of its own.
    nodes: Vec<Option<NodeId>>,
    /// For each node the piece that it has.
    slots: Vec<Option<PieceId>>,
    waiting: Vec<(NodeId, PieceId)>,
}

/// The place of a piece in its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PieceId(usize);

impl PieceId {
    /// Its place in the list.
    pub fn index(self) -> usize {
        self.0
    }
}

/// One piece of a layout.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// A number that is not negative and has a decimal text.
    Number(Number),
    /// A size used as a number.
    Size(Size),
    /// A variable, or the symbol of a let or of a derivative.
    Name(Name),
    /// The ratio of a circle's circumference to its diameter.
    Pi,
    /// A matrix of ones.
    Ones(Shape),
    /// A matrix of zeros.
    Zeros(Shape),
    /// The identity matrix of this size.
    Identity(Size),
    /// A function, or a slope of it, of arguments.
    Call(Call),
    /// The norm of all entries.
    Norm(PieceId),
    /// Trace, determinant, inverse and the like.
    Operator(Operator, PieceId),
    /// A column as the matrix of this shape.
    Unvec(PieceId, Shape),
    /// The Kronecker product.
    Kronecker([PieceId; 2]),
    /// The commutation matrix of these sizes.
    Commutation([Size; 2]),
    /// A function of whole matrices.
    MatrixCall(FunctionId, Vec<PieceId>),
    /// Matrices beside or below one another.
    Block(Direction, Vec<PieceId>),
    /// Rows or columns of a matrix, from the first to the last, counted from 1.
    Range {
        /// The matrix.
        of: PieceId,
        /// Columns (`Across`) or rows (`Down`).
        direction: Direction,
        /// The first.
        first: Size,
        /// The last.
        last: Size,
    },
    /// The square root, entry by entry.
    Root(PieceId),
    /// The sum of entries.
    Total(Over, PieceId),
    /// `-x`.
    Negated(PieceId),
    /// Terms added and subtracted, in order.
    Sum(Vec<Term>),
    /// The matrix product; every factor is a matrix, though the value may be `1 x 1`.
    Product {
        /// Two or more matrices.
        factors: Vec<PieceId>,
        /// Whether the value is `1 x 1`.
        is_scalar: bool,
    },
    /// The product of two or more scalars.
    Scalars(Vec<PieceId>),
    /// A scalar in front of a matrix, or of a matrix product that is a scalar.
    Scaled(PieceId, PieceId),
    /// Anything divided by a scalar.
    Quotient(PieceId, PieceId),
    /// Elementwise products and quotients, left to right; the first factor is never a divisor.
    Elementwise(Vec<Factor>),
    /// A power.
    Power {
        /// What is raised.
        base: PieceId,
        /// To which power.
        exponent: PieceId,
        /// Whether entry by entry (`.^`), which a scalar is not.
        elementwise: bool,
    },
    /// The product of a square matrix with itself, so often.
    MatrixPower(PieceId, usize),
    /// The transpose.
    Transposed(PieceId),
    /// Anything in brackets that precedence alone would not ask for.
    Grouped(PieceId),
}

impl Piece {
    /// The pieces it is built from.
    pub fn parts(&self) -> Vec<PieceId> {
        match self {
            Piece::Number(_)
            | Piece::Size(_)
            | Piece::Name(_)
            | Piece::Pi
            | Piece::Ones(_)
            | Piece::Zeros(_)
            | Piece::Identity(_)
            | Piece::Commutation(_) => Vec::new(),
            Piece::Call(call) => call.arguments.clone(),
            Piece::Kronecker(pair) => pair.to_vec(),
            Piece::MatrixCall(_, parts)
            | Piece::Block(_, parts)
            | Piece::Product { factors: parts, .. }
            | Piece::Scalars(parts) => parts.clone(),
            Piece::Norm(part)
            | Piece::Operator(_, part)
            | Piece::Unvec(part, _)
            | Piece::Range { of: part, .. }
            | Piece::Root(part)
            | Piece::Total(_, part)
            | Piece::Negated(part)
            | Piece::MatrixPower(part, _)
            | Piece::Transposed(part)
            | Piece::Grouped(part) => vec![*part],
            Piece::Sum(terms) => terms.iter().map(|term| term.piece).collect(),
            Piece::Scaled(left, right) | Piece::Quotient(left, right) => vec![*left, *right],
            Piece::Elementwise(factors) => factors.iter().map(|factor| factor.piece).collect(),
            Piece::Power { base, exponent, .. } => vec![*base, *exponent],
        }
    }
}

/// A function of arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function, of the formula's table.
    pub function: FunctionId,
    /// The arguments by which slopes were taken, counted from 0.
    pub marks: Vec<u8>,
    /// One for each parameter.
    pub arguments: Vec<PieceId>,
}

/// What a sum runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// All entries; the value is a scalar.
    All,
    /// The rows, down each column; the value is one row.
    Rows,
    /// The columns, along each row; the value is one column.
    Columns,
}

/// One term of a sum.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Whether it is subtracted.
    pub is_negative: bool,
    /// The term without its sign.
    pub piece: PieceId,
}

/// One factor of an elementwise product.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// Whether it divides.
    pub is_divisor: bool,
    /// The factor.
    pub piece: PieceId,
}

impl<'f> Layout<'f> {
    /// The piece of this number.
    pub fn piece(&self, id: PieceId) -> &Piece {
        self.pieces.piece(id)
    }

    /// Whether a piece needs brackets in this place.
    pub fn brackets(&self, id: PieceId, place: Place) -> bool {
        self.pieces.brackets(id, place)
    }

    /// The shape of what a piece stands for, where that is the value of a node of its own.
    pub fn shape(&self, id: PieceId) -> Option<&'f Shape> {
        self.pieces.nodes[id.index()].map(|node| self.formula.shape(node))
    }

    /// Whether a piece is known to be `1 x 1`.
    pub fn is_scalar(&self, id: PieceId) -> bool {
        self.shape(id).is_some_and(Shape::is_scalar)
    }

    /// Whether no variable and no matrix occurs in a piece, so that it is one number.
    pub fn is_number(&self, id: PieceId) -> bool {
        let mut waiting = vec![id];
        while let Some(id) = waiting.pop() {
            let piece = self.piece(id);
            let holds_more = matches!(
                piece,
                Piece::Name(_)
                    | Piece::Ones(_)
                    | Piece::Zeros(_)
                    | Piece::Identity(_)
                    | Piece::Commutation(_)
                    | Piece::Call(_)
                    | Piece::MatrixCall(..)
                    | Piece::Root(_)
            );
            if holds_more {
                return false;
            }
            waiting.extend(piece.parts());
        }
        true
    }

    /// The piece that stands for the whole.
    pub fn root(&self) -> PieceId {
        self.root
    }

    /// The formula that was laid out.
    pub fn formula(&self) -> &'f Formula {
        self.formula
    }
}

impl Pieces {
    /// The piece of this number.
    pub fn piece(&self, id: PieceId) -> &Piece {
        &self.list[id.index()]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether nothing has been laid out.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The piece of a node that has been laid out or mentioned.
    pub fn slot(&self, node: NodeId) -> Option<PieceId> {
        self.slots.get(node.index()).copied().flatten()
    }
}
