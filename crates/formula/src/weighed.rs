//! Sums over the rows of a batch, each row with a weight of its own.

use crate::{Formula, Name, Node, NodeId, Number, Shape, ShapeError, Size, Variable};
use std::collections::HashMap;

impl Formula {
    /// Every line with its sums over a size weighted by a column of that size: a product `A*B` that contracts it becomes
    /// `A*diag(w)*B`, and `norm(E)` of rows of it `norm(diag(sqrt(w))*E)`. So a row of weight 2 counts as the row twice, where the
    /// number of rows stands for the sum of the weights. What a page sums within a call stays as it is.
    ///
    /// # Errors
    /// When a product of the answer has no shape.
    pub fn weigh(&mut self, rows: &Name, weights: &Name) -> Result<(), ShapeError> {
        let size = Size::named(rows.clone());
        let weights = self.variable(Variable::new(weights.clone(), Shape::column(size.clone())));
        let values: Vec<NodeId> = self.lines.iter().map(|line| line.value).collect();
        let mut weighed: HashMap<NodeId, NodeId> = HashMap::new();
        for id in self.reachable(&values) {
            let node = self.node(id).clone();
            let children: Vec<NodeId> =
                node.children().iter().map(|child| weighed.get(child).copied().unwrap_or(*child)).collect();
            let new = match node {
                Node::Product(_) => {
                    let mut factors = children.clone();
                    for factor in factors.iter_mut().skip(1) {
                        if self.shape(*factor).rows == size {
                            *factor = self.scale_rows(weights, *factor)?;
                        }
                    }
                    self.product(&factors)?
                }
                Node::Norm(_) if self.shape(children[0]).rows == size => {
                    let half = Number::ratio(1, 2).unwrap_or(Number::ONE);
                    let half = self.number(half);
                    let roots = self.power(weights, half)?;
                    let scaled = self.scale_rows(roots, children[0])?;
                    self.norm(scaled)
                }
                _ => self.rebuild(id, &children)?,
            };
            weighed.insert(id, new);
        }
        for line in &mut self.lines {
            line.value = weighed.get(&line.value).copied().unwrap_or(line.value);
        }
        Ok(())
    }

    /// `diag(w)*E`, as the elementwise product with w beside itself.
    fn scale_rows(&mut self, weights: NodeId, rows: NodeId) -> Result<NodeId, ShapeError> {
        let cols = self.shape(rows).cols.clone();
        if cols.is_one() {
            return self.times(&[weights, rows]);
        }
        let ones = self.ones(Shape::new(Size::number(1), cols));
        let beside = self.product(&[weights, ones])?;
        self.times(&[beside, rows])
    }
}
