//! The order of normal forms: by first appearance in the source, which is the lines of the formula and then the value itself; then by
//! class, then by structure; never by names or by places in an arena, so that reading back and renaming change nothing.

use crate::simplify::form::kind::{Id, Kind};
use crate::simplify::form::normal::Algebra;
use formula::{
    Body, Formula, FunctionId, Name, Node, NodeId, Number, Part, Primitive, Properties, Shape, Signature,
    Size, StableHasher,
};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

/// How a node is ordered among others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// The rank of the variable in it that appears first; the largest number where there is none.
    pub(crate) first: u32,
    class: u8,
    /// How many variables stand in it: what is shorter comes first.
    count: u32,
    /// The ranks of its first variables from left to right, counted from 1; 0 where there are no more.
    leaves: [u32; LEAVES],
    /// How many transposes stand in it.
    pub(crate) transposes: u32,
    hash: u64,
}

const LEAVES: usize = 6;

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
    variable_ranks: HashMap<NodeId, usize>,
    /// The nodes of the source.
    pub(crate) typed: Vec<NodeId>,
    functions: HashMap<FunctionId, (u32, Option<Primitive>)>,
    signatures: HashMap<FunctionId, Signature>,
    sizes: HashMap<Name, u32>,
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

    fn see(&mut self, size: &Size) {
        for name in size.names() {
            let next = self.sizes.len() as u32;
            self.sizes.entry(name).or_insert(next);
        }
    }

    fn size(&self, name: &Name) -> u32 {
        self.sizes.get(name).copied().unwrap_or(u32::MAX)
    }

    /// A polynomial's terms add up in any order.
    fn size_hash(&self, size: &Size) -> u64 {
        size.terms().iter().fold(0, |sum: u64, (names, count)| {
            let mut ranks: Vec<u32> = names.iter().map(|name| self.size(name)).collect();
            ranks.sort_unstable();
            sum.wrapping_add(hash_of(&(ranks, count)))
        })
    }
}

impl Algebra {
    /// Which of two nodes comes first.
    pub(crate) fn compare(&self, a: Id, b: Id) -> Ordering {
        if a == b { Ordering::Equal } else { self.key(a).cmp(self.key(b)) }
    }

    /// Which of two factors comes first: a letter before what is made of letters.
    pub(crate) fn compare_factors(&self, a: Id, b: Id) -> Ordering {
        let is_made = |id: Id| !matches!(self.kind(id), Kind::Variable(_) | Kind::Size(_) | Kind::Pi);
        is_made(a).cmp(&is_made(b)).then_with(|| self.compare(a, b))
    }

    /// Which of two lists comes first.
    pub(crate) fn compare_lists(&self, a: &[Id], b: &[Id]) -> Ordering {
        a.iter()
            .zip(b)
            .map(|(x, y)| self.compare(*x, *y))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| a.len().cmp(&b.len()))
    }

    /// The key of a node whose children are known.
    pub(crate) fn key_of(&self, kind: &Kind) -> Key {
        match kind {
            Kind::Variable(rank) => {
                let rank = *rank as u32;
                let mut leaves = [0; LEAVES];
                leaves[0] = rank + 1;
                Key { first: rank, class: 0, count: 1, leaves, transposes: 0, hash: hash_of(&(0, rank)) }
            }
            Kind::Size(name) => leaf(1, &self.ranks.size(name)),
            Kind::Pi => leaf(2, &()),
            Kind::Ones(rows) => leaf(3, &self.ranks.size_hash(self.size(*rows))),
            Kind::Identity(size) => leaf(4, &self.ranks.size_hash(self.size(*size))),
            Kind::Zeros(rows, cols) => {
                let hash = |id| self.ranks.size_hash(self.size(id));
                leaf(5, &(hash(*rows), hash(*cols)))
            }
            Kind::Transpose(inner) => {
                let key = self.join_keys(6, &(), [*inner].into_iter());
                Key { transposes: key.transposes.saturating_add(1), ..key }
            }
            Kind::Apply(function, marks, arguments) => {
                let rank = self.ranks.functions.get(function).map_or(u32::MAX, |(rank, _)| *rank);
                let key = self.join_keys(7, &(rank, marks), arguments.iter().copied());
                // The function that appears first comes first, also after its text is read back.
                Key { hash: u64::from(rank.min(0xffff)) << 48 | key.hash >> 16, ..key }
            }
            Kind::Closed(factors) => self.join_keys(8, &(), factors.iter().copied()),
            Kind::Elementwise(factors) => {
                self.join_keys(9, &(), factors.iter().flat_map(|(base, exponent)| [*base, *exponent]))
            }
            Kind::Word(factors) => self.join_keys(10, &(), factors.iter().copied()),
            Kind::Add(parts) => self.join_keys(11, &(), parts.iter().copied()),
            Kind::Term(term) => {
                let scalars = term.powers.iter().flat_map(|(base, exponent)| [*base, *exponent]);
                self.join_keys(12, &(term.number, term.body.is_some()), scalars.chain(term.body))
            }
            Kind::Trace(factors) => self.join_keys(13, &(), factors.iter().copied()),
            Kind::Operator(operator, inner) => self.join_keys(14, operator, [*inner].into_iter()),
            Kind::Kronecker(left, right) => self.join_keys(15, &(), [*left, *right].into_iter()),
            Kind::Commutation(rows, cols) => {
                let hash = |id| self.ranks.size_hash(self.size(id));
                leaf(16, &(hash(*rows), hash(*cols)))
            }
            Kind::Unvec(inner, rows, cols) => {
                let hash = |id| self.ranks.size_hash(self.size(id));
                self.join_keys(17, &(hash(*rows), hash(*cols)), [*inner].into_iter())
            }
            Kind::Call(function, arguments) => {
                let rank = self.ranks.functions.get(function).map_or(u32::MAX, |(rank, _)| *rank);
                self.join_keys(18, &rank, arguments.iter().copied())
            }
            Kind::Block(direction, parts) => self.join_keys(19, direction, parts.iter().copied()),
            Kind::Part(of, direction, before, length) => {
                let hash = |id| self.ranks.size_hash(self.size(id));
                self.join_keys(20, &(direction, hash(*before), hash(*length)), [*of].into_iter())
            }
        }
    }

    fn join_keys(&self, class: u8, own: &impl Hash, children: impl Iterator<Item = Id>) -> Key {
        let (mut first, mut transposes, mut leaves, mut found) = (u32::MAX, 0_u32, [0; LEAVES], 0);
        let mut count = 0_u32;
        let mut hasher = StableHasher::default();
        (class, own).hash(&mut hasher);
        for child in children {
            let key = self.key(child);
            first = first.min(key.first);
            count = count.saturating_add(key.count);
            transposes = transposes.saturating_add(key.transposes);
            key.hash.hash(&mut hasher);
            for leaf in key.leaves {
                if leaf != 0 && found < LEAVES {
                    leaves[found] = leaf;
                    found += 1;
                }
            }
        }
        Key { first, class, count, leaves, transposes, hash: hasher.finish() }
    }
}

fn leaf(class: u8, own: &impl Hash) -> Key {
    Key { first: u32::MAX, class, count: 0, leaves: [0; LEAVES], transposes: 0, hash: hash_of(&(class, own)) }
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = StableHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}
