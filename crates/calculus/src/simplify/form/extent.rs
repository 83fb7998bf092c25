//! The shapes of values in normal form.

use crate::simplify::form::kind::{Id, Kind, Shape, SizeId};
use crate::simplify::form::normal::Algebra;
use formula::{Direction, FunctionId, Name, Operator, Size};
use std::collections::BTreeMap;

impl Algebra {
    pub(crate) fn shape_of(&mut self, kind: &Kind) -> Shape {
        match kind {
            Kind::Term(term) => term.body.map_or(Shape::SCALAR, |body| self.shape(body)),
            Kind::Size(_)
            | Kind::Pi
            | Kind::Closed(_)
            | Kind::Trace(_)
            | Kind::Operator(Operator::Trace | Operator::Determinant | Operator::LogDeterminant, _) => {
                Shape::SCALAR
            }
            Kind::Variable(rank) => {
                let shape = self.ranks.variables[*rank].shape.clone();
                Shape { rows: self.size_id(&shape.rows), cols: self.size_id(&shape.cols) }
            }
            Kind::Ones(rows) => Shape { rows: *rows, cols: SizeId::ONE },
            Kind::Zeros(rows, cols) => Shape { rows: *rows, cols: *cols },
            Kind::Identity(size) => Shape { rows: *size, cols: *size },
            Kind::Add(parts) => self.shape(parts[0]),
            Kind::Word(factors) => {
                Shape { rows: self.shape(factors[0]).rows, cols: self.shape(factors[factors.len() - 1]).cols }
            }
            Kind::Elementwise(factors) => self.shape(factors[0].0),
            Kind::Apply(_, _, arguments) => arguments
                .iter()
                .map(|argument| self.shape(*argument))
                .find(|shape| *shape != Shape::SCALAR)
                .unwrap_or(Shape::SCALAR),
            Kind::Transpose(inner) => self.shape(*inner).transpose(),
            Kind::Operator(Operator::Inverse, inner) => self.shape(*inner),
            Kind::Operator(Operator::Diagonal, inner) => {
                Shape { rows: self.shape(*inner).rows, cols: SizeId::ONE }
            }
            Kind::Operator(Operator::DiagonalMatrix, inner) => {
                let size = self.shape(*inner).rows;
                Shape { rows: size, cols: size }
            }
            Kind::Operator(Operator::Vec, inner) => {
                let shape = self.shape(*inner);
                Shape { rows: self.size_product(shape.rows, shape.cols), cols: SizeId::ONE }
            }
            Kind::Unvec(_, rows, cols) => Shape { rows: *rows, cols: *cols },
            Kind::Kronecker(left, right) => {
                let (left, right) = (self.shape(*left), self.shape(*right));
                Shape {
                    rows: self.size_product(left.rows, right.rows),
                    cols: self.size_product(left.cols, right.cols),
                }
            }
            Kind::Commutation(rows, cols) => {
                let size = self.size_product(*rows, *cols);
                Shape { rows: size, cols: size }
            }
            Kind::Call(function, arguments) => self.call_shape(*function, arguments),
            Kind::Block(direction, parts) => {
                let mut shape = self.shape(parts[0]);
                for part in &parts[1..] {
                    let next = self.shape(*part);
                    match direction {
                        Direction::Across => shape.cols = self.size_sum(shape.cols, next.cols),
                        Direction::Down => shape.rows = self.size_sum(shape.rows, next.rows),
                    }
                }
                shape
            }
            Kind::Part(of, direction, _, length) => match direction {
                Direction::Across => Shape { rows: self.shape(*of).rows, cols: *length },
                Direction::Down => Shape { rows: *length, cols: self.shape(*of).cols },
            },
        }
    }

    /// The shape of a function's value, by its signature in the names that its arguments bind.
    fn call_shape(&mut self, function: FunctionId, arguments: &[Id]) -> Shape {
        let Some(signature) = self.ranks.signature(function).cloned() else { return Shape::SCALAR };
        let mut sizes: BTreeMap<Name, Size> = BTreeMap::new();
        for (argument, declared) in arguments.iter().zip(&signature.parameters) {
            let actual = self.shape(*argument);
            for (declared, actual) in [(&declared.rows, actual.rows), (&declared.cols, actual.cols)] {
                if let Some(name) = declared.as_name() {
                    let actual = self.size(actual).clone();
                    sizes.entry(name.clone()).or_insert(actual);
                }
            }
        }
        let result = signature.result.substitute(&sizes);
        Shape { rows: self.size_id(&result.rows), cols: self.size_id(&result.cols) }
    }

    /// `m*n`
    pub(crate) fn size_product(&mut self, left: SizeId, right: SizeId) -> SizeId {
        let product = self.size(left).multiply(self.size(right));
        self.size_id(&product)
    }

    /// `m + n`
    pub(crate) fn size_sum(&mut self, left: SizeId, right: SizeId) -> SizeId {
        let sum = self.size(left).add(self.size(right));
        self.size_id(&sum)
    }
}
