//! The measure of a form: how many distinct subterms its text has, and at ties how much work it is.

use crate::simplify::search::work::operations;
use formula::{Constant, Formula, FunctionId, Name, Node, NodeId, Number, Size};
use layout::{PieceId, Pieces};
use std::collections::HashMap;

/// How large a value is as a reader of its text sees it. Operators of one precedence lean to the left, `2/m*X'*R` being
/// `((2/m)*X')*R`, so that what stands bare in a product is no subterm of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Weight {
    /// Distinct subterms of the text.
    pub(crate) subterms: usize,
    /// About how many operations of numbers it takes.
    pub(crate) work: u64,
}

/// A counter of subterms that knows the texts of values it has counted.
#[derive(Default)]
pub(crate) struct Measure {
    trees: HashMap<Tree, TreeId>,
    parts: Vec<Vec<TreeId>>,
    /// Which of them are identity matrices, where the lines of the formula have one.
    identities: Vec<bool>,
    knows_identities: bool,
    pub(crate) pieces: Pieces,
    /// The text of each piece, where it is known.
    pub(crate) lines: Vec<Option<Line>>,
    /// The work of each node of the arena that has been laid out.
    work: Vec<Option<u64>>,
    /// The round in which each node and each tree was last counted.
    nodes_seen: Vec<u32>,
    trees_seen: Vec<u32>,
    round: u32,
}

/// A subterm.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tree {
    Number(Number),
    Name(Name),
    Size(String),
    Pi,
    Negated(TreeId),
    Transposed(TreeId),
    /// A matrix times itself, so often.
    MatrixPower(TreeId, usize),
    Joined(Sign, TreeId, TreeId),
    Word(&'static str, Vec<TreeId>),
    Function(FunctionId, Vec<u8>, Vec<TreeId>),
}

pub(crate) type TreeId = usize;

/// What joins two subterms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sign {
    Plus,
    Minus,
    Times,
    Over,
    EntryTimes,
    EntryOver,
    Power,
}

/// A text as what is joined from left to right.
pub(crate) type Line = Vec<(Sign, TreeId)>;

impl Measure {
    /// A counter for values of a formula.
    pub(crate) fn of(formula: &Formula) -> Measure {
        let lines: Vec<NodeId> = formula.lines.iter().map(|line| line.value).collect();
        let is_identity = |id: &NodeId| matches!(formula.node(*id), Node::Constant(Constant::Identity, _));
        Measure { knows_identities: formula.reachable(&lines).iter().any(is_identity), ..Measure::default() }
    }

    /// The weight of a value.
    pub(crate) fn weigh(&mut self, formula: &Formula, root: NodeId) -> Weight {
        self.round += 1;
        self.nodes_seen.resize(formula.len(), 0);
        self.work.resize(formula.len(), None);
        let (mut stack, mut unknown, mut work) = (vec![root], Vec::new(), 0_u64);
        while let Some(id) = stack.pop() {
            if std::mem::replace(&mut self.nodes_seen[id.index()], self.round) == self.round {
                continue;
            }
            stack.extend(formula.node(id).children());
            match &self.work[id.index()] {
                Some(own) => work = work.saturating_add(*own),
                None => unknown.push(id),
            }
        }
        // Children have smaller numbers.
        unknown.sort_unstable();
        for id in unknown {
            let own = operations(formula, id);
            work = work.saturating_add(own);
            self.work[id.index()] = Some(own);
            let piece = self.pieces.lay_out(formula, id);
            self.lines.resize(self.pieces.len(), None);
            let line = self.line(formula, piece);
            self.lines[piece.index()] = Some(line);
        }
        let tree = self.node(formula, root);
        // A 1, as in `1 - x`, and an identity that was typed are no more to read: they do not speak for writing a product out.
        let one = self.tree(Tree::Number(Number::ONE));
        self.trees_seen.resize(self.parts.len(), 0);
        self.trees_seen[one] = self.round;
        let (mut stack, mut subterms) = (vec![tree], 0);
        while let Some(tree) = stack.pop() {
            if !self.identities[tree]
                && std::mem::replace(&mut self.trees_seen[tree], self.round) != self.round
            {
                subterms += 1;
                stack.extend(&self.parts[tree]);
            }
        }
        Weight { subterms, work }
    }

    /// Whether two values have one text.
    pub(crate) fn is_same_text(&mut self, formula: &Formula, a: NodeId, b: NodeId) -> bool {
        self.weigh(formula, a);
        self.weigh(formula, b);
        self.node(formula, a) == self.node(formula, b)
    }

    /// The first of the lightest values.
    pub(crate) fn lightest(&mut self, formula: &Formula, options: &[NodeId]) -> Option<NodeId> {
        match options {
            [] => None,
            [only] => Some(*only),
            _ => options.iter().copied().min_by_key(|id| self.weigh(formula, *id).subterms),
        }
    }

    pub(crate) fn tree(&mut self, tree: Tree) -> TreeId {
        if let Some(id) = self.trees.get(&tree) {
            return *id;
        }
        let parts = match &tree {
            Tree::Number(_) | Tree::Name(_) | Tree::Size(_) | Tree::Pi => Vec::new(),
            Tree::Negated(inner) | Tree::Transposed(inner) | Tree::MatrixPower(inner, _) => vec![*inner],
            Tree::Joined(_, left, right) => vec![*left, *right],
            Tree::Word(_, parts) | Tree::Function(_, _, parts) => parts.clone(),
        };
        self.parts.push(parts);
        self.identities.push(self.knows_identities && matches!(tree, Tree::Word("eye", _)));
        let id = self.parts.len() - 1;
        self.trees.insert(tree, id);
        id
    }

    /// A line as one subterm.
    pub(crate) fn fold(&mut self, line: &[(Sign, TreeId)]) -> TreeId {
        let mut tree = line[0].1;
        for (sign, next) in &line[1..] {
            tree = self.tree(Tree::Joined(*sign, tree, *next));
        }
        tree
    }

    /// A value as one subterm.
    fn node(&mut self, formula: &Formula, id: NodeId) -> TreeId {
        let piece = self.pieces.lay_out(formula, id);
        self.whole(formula, piece)
    }

    /// A piece as one subterm.
    pub(crate) fn whole(&mut self, formula: &Formula, piece: PieceId) -> TreeId {
        match self.lines.get(piece.index()) {
            Some(Some(line)) => match line.as_slice() {
                [(_, only)] => *only,
                _ => {
                    let line = line.clone();
                    self.fold(&line)
                }
            },
            _ => {
                let line = self.line(formula, piece);
                self.fold(&line)
            }
        }
    }

    pub(crate) fn size(&mut self, size: &Size) -> TreeId {
        let mut sum: Option<TreeId> = None;
        for (names, count) in size.terms() {
            let mut term: Option<TreeId> = None;
            if *count != 1 || names.is_empty() {
                term = Some(self.tree(Tree::Number(Number::integer(*count))));
            }
            for name in names {
                let name = self.tree(Tree::Size(name.to_string()));
                term = Some(match term {
                    Some(before) => self.tree(Tree::Joined(Sign::Times, before, name)),
                    None => name,
                });
            }
            sum = match (sum, term) {
                (Some(before), Some(term)) => Some(self.tree(Tree::Joined(Sign::Plus, before, term))),
                (before, term) => before.or(term),
            };
        }
        sum.unwrap_or_else(|| self.tree(Tree::Number(Number::ZERO)))
    }

    pub(crate) fn negated(&mut self, mut line: Line) -> Line {
        line[0].1 = self.tree(Tree::Negated(line[0].1));
        line
    }
}
