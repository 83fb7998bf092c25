//! Conditions: values that are 0 or 1 everywhere.

use crate::diagnostic::Diagnostic;
use crate::elaborate::{Elaborator, unforeseen};
use crate::tree::{ExprId, Tree};
use formula::{Body, Constant, Node, NodeId, Number, Primitive};
use std::collections::BTreeSet;

impl Elaborator<'_> {
    /// A condition as a value that is 0 or 1 everywhere: what is not so by its form is compared with 0.
    pub fn condition(&mut self, tree: &Tree, id: ExprId, condition: NodeId) -> Result<NodeId, Diagnostic> {
        let (mut stack, mut seen) = (vec![condition], BTreeSet::new());
        while let Some(node) = stack.pop() {
            if !seen.insert(node) {
                continue;
            }
            match self.formula.node(node) {
                Node::Number(number) if number.is_zero() || number.is_one() => {}
                Node::Constant(Constant::Ones | Constant::Zeros | Constant::Identity, _) => {}
                Node::Times(parts) => stack.extend(parts),
                Node::Scale(parts) => stack.extend(parts),
                Node::Transpose(part) => stack.push(*part),
                Node::Apply(apply) if apply.marks.is_empty() => {
                    match self.formula.function(apply.function).body {
                        Body::Primitive(primitive) if primitive.row().truth => {}
                        _ => return self.differs_from_zero(tree, id, condition),
                    }
                }
                _ => return self.differs_from_zero(tree, id, condition),
            }
        }
        Ok(condition)
    }

    fn differs_from_zero(&mut self, tree: &Tree, id: ExprId, value: NodeId) -> Result<NodeId, Diagnostic> {
        let (differs, zero) = (self.primitive(Primitive::NOT_EQUAL)?, self.formula.number(Number::ZERO));
        self.formula.apply(differs, &[], &[value, zero]).map_err(|error| unforeseen(tree, id, error))
    }
}
