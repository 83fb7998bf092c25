//! What a node's value looks like before anything is stored for it: broadcasts and transposes are only said, not made.

use crate::ValueId;
use formula::Shape;

/// A value of a formula, with its shape in named sizes.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub shape: Shape,
    pub kind: Kind,
}

/// Which entries a form has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// A stored matrix, or its transpose.
    Matrix { value: ValueId, transposed: bool },
    /// Entry (i, j) is entry j of a stored vector: `ones(m)*v'`.
    Column(ValueId),
    /// Entry (i, j) is entry i of a stored vector: `v*ones(n)'`.
    Row(ValueId),
    /// Every entry is the same number: `s*ones(m, n)`, or a scalar.
    Uniform(Scalar),
    /// The identity matrix.
    Identity,
}

/// A number known now, or a stored `1 x 1` value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar {
    Number(f64),
    Value(ValueId),
}

impl Form {
    pub fn new(shape: &Shape, kind: Kind) -> Form {
        Form { shape: shape.clone(), kind }
    }

    /// The same number at every entry.
    pub fn number(shape: &Shape, value: f64) -> Form {
        Form::new(shape, Kind::Uniform(Scalar::Number(value)))
    }

    /// The form as `1 x 1`, for what is the same at every entry.
    pub fn as_scalar(&self) -> Form {
        Form::new(&Shape::scalar(), self.kind)
    }

    pub fn is_uniform(&self) -> bool {
        matches!(self.kind, Kind::Uniform(_))
    }

    pub fn is_zero(&self) -> bool {
        self.kind == Kind::Uniform(Scalar::Number(0.0))
    }

    /// The transpose.
    pub fn transpose(&self) -> Form {
        let kind = match self.kind {
            Kind::Matrix { value, transposed } => Kind::Matrix { value, transposed: !transposed },
            Kind::Column(vector) => Kind::Row(vector),
            Kind::Row(vector) => Kind::Column(vector),
            Kind::Uniform(scalar) => Kind::Uniform(scalar),
            Kind::Identity => Kind::Identity,
        };
        Form { shape: self.shape.transpose(), kind }
    }
}
