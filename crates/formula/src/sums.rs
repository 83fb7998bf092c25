//! Sums over entries, rows and columns, as products with ones, and the norm.

use crate::{Formula, Node, NodeId, Shape, ShapeError};

type Built = Result<NodeId, ShapeError>;

impl Formula {
    /// The norm of all entries.
    pub fn norm(&mut self, id: NodeId) -> NodeId {
        self.intern(Node::Norm(id), Shape::scalar())
    }

    /// The sum of all entries, as `ones(m)'*X*ones(n)`; a scalar is its own.
    pub fn sum(&mut self, id: NodeId) -> Built {
        let columns = self.sum_rows(id)?;
        self.sum_columns(columns)
    }

    /// The sum down each column, `1 x n`, as `ones(m)'*X`.
    pub fn sum_rows(&mut self, id: NodeId) -> Built {
        let ones = self.ones(Shape::column(self.shape(id).rows.clone()));
        let row = self.transpose(ones);
        self.product(&[row, id])
    }

    /// The sum along each row, `m x 1`, as `X*ones(n)`.
    pub fn sum_columns(&mut self, id: NodeId) -> Built {
        let ones = self.ones(Shape::column(self.shape(id).cols.clone()));
        self.product(&[id, ones])
    }
}
