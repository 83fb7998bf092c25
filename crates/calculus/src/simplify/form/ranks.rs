//! What appears in the source, numbered from left to right, and the keys by which values are ordered.

use formula::{
    Body, Formula, FunctionId, Name, Node, NodeId, Number, Part, Primitive, Properties, Shape, Signature,
    Size, StableHasher,
};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

/// How a node is ordered among others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// The rank of the variable in it that appears first; the largest number where there is none.
    pub(crate) first: u32,
    pub(crate) class: u8,
    /// How many variables stand in it: what is shorter comes first.
    pub(crate) count: u32,
    /// The ranks of its first variables from left to right, counted from 1; 0 where there are no more.
    pub(crate) leaves: [u32; LEAVES],
    /// How many transposes stand in it.
    pub(crate) transposes: u32,
    pub(crate) hash: u64,
}

pub(crate) const LEAVES: usize = 6;

/// A variable of the source.
pub(crate) struct Appearance {
    pub(crate) node: NodeId,
    pub(crate) shape: Shape,
    pub(crate) symmetric: bool,
    pub(crate) positive: bool,
    pub(crate) properties: Properties,
}

/// Variables, functions and names of sizes, numbered as they appear in the source from left to right.
#[derive(Default)]
pub(crate) struct Ranks {
    pub(crate) variables: Vec<Appearance>,
    pub(crate) variable_ranks: HashMap<NodeId, usize>,
    /// The nodes of the source.
    pub(crate) typed: Vec<NodeId>,
    pub(crate) functions: HashMap<FunctionId, (u32, Option<Primitive>)>,
    pub(crate) signatures: HashMap<FunctionId, Signature>,
    pub(crate) sizes: HashMap<Name, u32>,
}

impl Ranks {
    /// The ranks in the source and in this value.
    pub(crate) fn of(formula: &Formula, root: NodeId) -> Ranks {
        let mut ranks = Ranks::default();
        for (id, function) in formula.functions() {
            if let Some(signature) = &function.signature {
                ranks.signatures.insert(id, signature.clone());
            }
        }
        let mut seen = vec![false; formula.len()];
        let lines = formula.lines.iter().map(|line| (line.value, true));
        let roots: Vec<(NodeId, bool)> = lines.chain([(root, formula.lines.is_empty())]).collect();
        let mut stack: Vec<(NodeId, bool)> = roots.into_iter().rev().collect();
        while let Some((id, is_typed)) = stack.pop() {
            if std::mem::replace(&mut seen[id.index()], true) {
                continue;
            }
            if is_typed {
                ranks.typed.push(id);
            }
            match formula.node(id) {
                Node::Variable(variable) => {
                    ranks.variable_ranks.insert(id, ranks.variables.len());
                    let properties = variable.properties;
                    ranks.variables.push(Appearance {
                        node: id,
                        shape: variable.shape.clone(),
                        symmetric: properties.is_symmetric(),
                        positive: properties.is_positive(),
                        properties,
                    });
                    ranks.see(&variable.shape.rows);
                    ranks.see(&variable.shape.cols);
                }
                Node::Size(size) => ranks.see(size),
                Node::Constant(_, shape) => {
                    ranks.see(&shape.rows);
                    ranks.see(&shape.cols);
                }
                Node::Apply(apply) => {
                    let next = ranks.functions.len() as u32;
                    let primitive = match formula.function(apply.function).body {
                        Body::Primitive(primitive) => Some(primitive),
                        Body::Defined(_) | Body::Abstract => None,
                    };
                    ranks.functions.entry(apply.function).or_insert((next, primitive));
                }
                Node::Call(call) => {
                    let next = ranks.functions.len() as u32;
                    ranks.functions.entry(call.function).or_insert((next, None));
                }
                Node::Unvec(_, shape) => {
                    ranks.see(&shape.rows);
                    ranks.see(&shape.cols);
                }
                Node::Commutation([rows, cols]) => {
                    ranks.see(rows);
                    ranks.see(cols);
                }
                Node::Part(Part { before, length, .. }) => {
                    ranks.see(before);
                    ranks.see(length);
                }
                Node::Number(_)
                | Node::Add(_)
                | Node::Product(_)
                | Node::Scale(_)
                | Node::Times(_)
                | Node::Transpose(_)
                | Node::Norm(_)
                | Node::Operator(..)
                | Node::Kronecker(_)
                | Node::Block(..) => {}
            }
            stack.extend(formula.node(id).children().iter().rev().map(|child| (*child, is_typed)));
        }
        ranks
    }

    /// The rank of a variable of the source.
    pub(crate) fn variable(&self, node: NodeId) -> Option<usize> {
        self.variable_ranks.get(&node).copied()
    }

    /// The shapes of a function of whole matrices.
    pub(crate) fn signature(&self, function: FunctionId) -> Option<&Signature> {
        self.signatures.get(&function)
    }

    /// The value of a primitive where no rounding can hide in it: `exp(0)`, `log(1)`, `max(0, 1)`.
    pub(crate) fn exact_value(&self, function: FunctionId, arguments: &[Number]) -> Option<Number> {
        let primitive = self.functions.get(&function)?.1?;
        let plain = arguments.iter().all(|x| x.as_integer().is_some_and(|whole| whole.abs() <= 1));
        let arguments: Vec<f64> = arguments.iter().map(|x| x.value()).collect();
        let value = plain.then(|| (primitive.row().value)(&arguments))?;
        Number::from_f64(value).filter(|value| value.as_integer().is_some())
    }

    pub(crate) fn see(&mut self, size: &Size) {
        for name in size.names() {
            let next = self.sizes.len() as u32;
            self.sizes.entry(name).or_insert(next);
        }
    }

    pub(crate) fn size(&self, name: &Name) -> u32 {
        self.sizes.get(name).copied().unwrap_or(u32::MAX)
    }

    /// A polynomial's terms add up in any order.
    pub(crate) fn size_hash(&self, size: &Size) -> u64 {
        size.terms().iter().fold(0, |sum: u64, (names, count)| {
            let mut ranks: Vec<u32> = names.iter().map(|name| self.size(name)).collect();
            ranks.sort_unstable();
            sum.wrapping_add(hash_of(&(ranks, count)))
        })
    }
}

pub(crate) fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = StableHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}
