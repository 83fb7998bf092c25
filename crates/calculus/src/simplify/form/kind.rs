//! What values in normal form are made of: numbers of nodes and sizes, shapes, terms and the kinds of nodes.

use formula::{Direction, FunctionId, Name, Number, Operator};

/// A value in normal form; children have smaller numbers than their parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(pub(crate) u32);

/// A size of the algebra.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SizeId(pub(crate) u32);

/// Rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    pub(crate) rows: SizeId,
    pub(crate) cols: SizeId,
}

/// The functions that the rules know.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    pub(crate) power: FunctionId,
    pub(crate) abs: FunctionId,
    pub(crate) exp: FunctionId,
}

/// The kinds of value in normal form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A number times powers of scalars times a body.
    Term(Term),
    /// A name of a size as a scalar.
    Size(Name),
    /// The ratio of a circle's circumference to its diameter.
    Pi,
    /// The variable of this rank of appearance.
    Variable(usize),
    /// A column of ones; longer than 1.
    Ones(SizeId),
    /// A matrix of zeros that is no scalar.
    Zeros(SizeId, SizeId),
    /// The identity matrix; no scalar.
    Identity(SizeId),
    /// A sum in order, its numbers without a common factor and the first of them positive, or the sum as it is typed.
    Add(Vec<Id>),
    /// A matrix product of factors that are no scalars, words or terms, with at most one edge of size 1.
    Word(Vec<Id>),
    /// A row times ... times a column: a scalar, the smaller of the word and its transpose.
    Closed(Vec<Id>),
    /// The trace of a word without an edge of size 1: the least of its rotations and of those of its transpose.
    Trace(Vec<Id>),
    /// An elementwise product in order: factors with scalar exponents.
    Elementwise(Vec<(Id, Id)>),
    /// A function, or a slope of it. Scalars may stand beside matrices where they are numbers.
    Apply(FunctionId, Vec<u8>, Vec<Id>),
    /// A transpose that goes no further inward.
    Transpose(Id),
    /// An inverse, a determinant, a diagonal either way or a vec; traces are closed words.
    Operator(Operator, Id),
    /// A column as a matrix of these rows and columns.
    Unvec(Id, SizeId, SizeId),
    /// A Kronecker product of two matrices, neither a scalar nor both what makes it an ordinary product.
    Kronecker(Id, Id),
    /// The matrix that takes vec(X) to vec(X') for X of these rows and columns.
    Commutation(SizeId, SizeId),
    /// A function of whole matrices.
    Call(FunctionId, Vec<Id>),
    /// Matrices beside or below one another.
    Block(Direction, Vec<Id>),
    /// Columns or rows of a matrix: how many before the first, and how many.
    Part(Id, Direction, SizeId, SizeId),
}

/// A number times powers of scalars times a body that is neither a scalar nor a term.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Term {
    pub(crate) number: Number,
    /// Bases with exponents, in order.
    pub(crate) powers: Vec<(Id, Id)>,
    pub(crate) body: Option<Id>,
}

impl Term {
    /// A number.
    pub(crate) fn number(number: Number) -> Term {
        Term { number, powers: Vec::new(), body: None }
    }

    /// Whether it is a number times this value.
    pub(crate) fn is(&self, value: Id) -> bool {
        match (self.powers.as_slice(), self.body) {
            ([], Some(body)) => body == value,
            ([(base, Id::ONE)], None) => *base == value,
            _ => false,
        }
    }

    /// The scalar in front of the body.
    pub(crate) fn coefficient(&self) -> Term {
        Term { body: None, ..self.clone() }
    }
}

impl Id {
    /// 0.
    pub(crate) const ZERO: Id = Id(0);
    /// 1.
    pub(crate) const ONE: Id = Id(1);

    /// Its place; children stand before their parents.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

impl SizeId {
    /// 1.
    pub(crate) const ONE: SizeId = SizeId(0);
}

impl Shape {
    /// `1 x 1`.
    pub(crate) const SCALAR: Shape = Shape { rows: SizeId::ONE, cols: SizeId::ONE };

    pub(crate) fn transpose(self) -> Shape {
        Shape { rows: self.cols, cols: self.rows }
    }
}
