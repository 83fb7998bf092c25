//! The normal form: hash-consed nodes with scalars in front, products as words, and an order that knows no names.

use crate::simplify::form::kind::{Id, Kind, Known, Shape, SizeId, Term};
use crate::simplify::form::ranks::{Key, Ranks};
use crate::simplify::rows::identity::{Identity, Parity};
use crate::simplify::rows::row::Sign;
use formula::{FunctionId, Name, NodeId, Number, Properties, Size};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Values in normal form. Nodes are made by constructors only (`add`, `word`, `elementwise`, `apply`, `transpose`, `power`,
/// `scale`), which keep the rules; equal values that the rules see through are one node.
pub(crate) struct Algebra {
    nodes: Vec<Kind>,
    shapes: Vec<Shape>,
    keys: Vec<Key>,
    /// Only looked up.
    index: HashMap<Kind, Id>,
    /// Transposes found so far.
    pub(crate) transposes: Vec<Option<Id>>,
    sizes: Vec<Size>,
    /// Only looked up.
    size_index: HashMap<Size, SizeId>,
    /// The numbers of first appearance.
    pub(crate) ranks: Ranks,
    /// The sums that are stored by their negatives, since the source has these.
    pub(crate) turned: HashSet<Vec<Id>>,
    /// How values of the source are written there.
    pub(crate) typed: HashMap<Id, NodeId>,
    /// The functions that the rules know.
    pub(crate) known: Known,
    /// The functions that are odd or even.
    pub(crate) parities: Vec<(FunctionId, Parity, [Name; 2])>,
    /// What is declared of any variable.
    pub(crate) declared: Properties,
    /// The rows about functions that are always used.
    pub(crate) own: Rc<[Identity]>,
    /// How many rows are being used, one in what another made.
    pub(crate) depth: usize,
    /// What may still be spent, in nodes made or visited.
    budget: usize,
    /// Whether a number overflowed or the budget was spent, so that the nodes made since mean nothing.
    failed: bool,
}

impl Algebra {
    /// An algebra over the variables and functions of these ranks.
    pub(crate) fn new(ranks: Ranks, known: Known, identities: Vec<Identity>, budget: usize) -> Algebra {
        let all = ranks.variables.iter().map(|variable| variable.properties);
        let declared = all.fold(Properties::default(), Properties::with);
        let parities = identities.iter().filter_map(Identity::named_parity).collect();
        let is_used = |identity: &Identity| identity.row.sign == Sign::Always && identity.parity().is_none();
        let own = identities.into_iter().filter(is_used).collect();
        let mut algebra = Algebra {
            nodes: Vec::new(),
            shapes: Vec::new(),
            keys: Vec::new(),
            index: HashMap::new(),
            transposes: Vec::new(),
            sizes: Vec::new(),
            size_index: HashMap::new(),
            ranks,
            turned: HashSet::new(),
            typed: HashMap::new(),
            known,
            parities,
            declared,
            own,
            depth: 0,
            budget,
            failed: false,
        };
        algebra.size_id(&Size::number(1));
        algebra.intern(Kind::Term(Term::number(Number::ZERO)));
        algebra.intern(Kind::Term(Term::number(Number::ONE)));
        algebra
    }

    pub(crate) fn kind(&self, id: Id) -> &Kind {
        &self.nodes[id.index()]
    }

    pub(crate) fn shape(&self, id: Id) -> Shape {
        self.shapes[id.index()]
    }

    pub(crate) fn key(&self, id: Id) -> &Key {
        &self.keys[id.index()]
    }

    pub(crate) fn is_scalar(&self, id: Id) -> bool {
        self.shape(id) == Shape::SCALAR
    }

    pub(crate) fn size(&self, id: SizeId) -> &Size {
        &self.sizes[id.0 as usize]
    }

    pub(crate) fn size_id(&mut self, size: &Size) -> SizeId {
        if let Some(id) = self.size_index.get(size) {
            return *id;
        }
        let id = SizeId(self.sizes.len() as u32);
        self.sizes.push(size.clone());
        self.size_index.insert(size.clone(), id);
        id
    }

    /// Takes from the budget; whether there was enough.
    pub(crate) fn spend(&mut self, count: usize) -> bool {
        match self.budget.checked_sub(count) {
            Some(rest) => self.budget = rest,
            None => self.failed = true,
        }
        !self.failed
    }

    /// Whether everything made so far is what it should be.
    pub(crate) fn is_sound(&self) -> bool {
        !self.failed
    }

    /// A fresh allowance, for work whose failure is not to spoil what follows.
    pub(crate) fn allow(&mut self, budget: usize) {
        self.budget = budget;
        self.failed = false;
    }

    /// What is left of the budget.
    pub(crate) fn allowance(&self) -> usize {
        self.budget
    }

    /// A result of arithmetic; an overflow spoils the algebra, which then answers with what it was given.
    pub(crate) fn checked(&mut self, number: Option<Number>) -> Number {
        number.unwrap_or_else(|| {
            self.failed = true;
            Number::ONE
        })
    }

    /// The node of this kind, made if it is new. Only constructors call this.
    pub(crate) fn intern(&mut self, kind: Kind) -> Id {
        if let Some(id) = self.index.get(&kind) {
            return *id;
        }
        if let Some(value) = self.ruled(&kind) {
            self.index.insert(kind, value);
            return value;
        }
        self.spend(1);
        let shape = self.shape_of(&kind);
        let key = self.key_of(&kind);
        let id = Id(self.nodes.len() as u32);
        self.nodes.push(kind.clone());
        self.shapes.push(shape);
        self.keys.push(key);
        self.transposes.push(None);
        self.index.insert(kind, id);
        id
    }

    /// How many nodes have been made.
    pub(crate) fn made(&self) -> usize {
        self.nodes.len()
    }

    /// The node of this kind, if it was made.
    pub(crate) fn find(&self, kind: &Kind) -> Option<Id> {
        self.index.get(kind).copied()
    }

    /// The children of a node, in order.
    pub(crate) fn children(&self, id: Id) -> Vec<Id> {
        match self.kind(id) {
            Kind::Size(_)
            | Kind::Pi
            | Kind::Variable(_)
            | Kind::Ones(_)
            | Kind::Zeros(..)
            | Kind::Identity(_)
            | Kind::Commutation(..) => Vec::new(),
            Kind::Term(term) => {
                term.powers.iter().flat_map(|(base, exponent)| [*base, *exponent]).chain(term.body).collect()
            }
            Kind::Add(parts)
            | Kind::Word(parts)
            | Kind::Closed(parts)
            | Kind::Trace(parts)
            | Kind::Block(_, parts) => parts.clone(),
            Kind::Elementwise(factors) => {
                factors.iter().flat_map(|(base, exponent)| [*base, *exponent]).collect()
            }
            Kind::Apply(_, _, arguments) | Kind::Call(_, arguments) => arguments.clone(),
            Kind::Transpose(inner)
            | Kind::Operator(_, inner)
            | Kind::Unvec(inner, ..)
            | Kind::Part(inner, ..) => vec![*inner],
            Kind::Kronecker(left, right) => vec![*left, *right],
        }
    }

    /// The nodes a value is built from, itself included, children first.
    pub(crate) fn reachable(&self, root: Id) -> Vec<Id> {
        let mut seen = vec![false; root.index() + 1];
        let mut stack = vec![root];
        let mut found = Vec::new();
        while let Some(id) = stack.pop() {
            if !std::mem::replace(&mut seen[id.index()], true) {
                found.push(id);
                stack.extend(self.children(id));
            }
        }
        found.sort_unstable();
        found
    }

    /// The node with other children, by its constructor.
    pub(crate) fn rebuild(&mut self, id: Id, children: &[Id]) -> Id {
        match self.kind(id).clone() {
            Kind::Size(_)
            | Kind::Pi
            | Kind::Variable(_)
            | Kind::Ones(_)
            | Kind::Zeros(..)
            | Kind::Identity(_)
            | Kind::Commutation(..) => id,
            Kind::Term(term) => {
                let mut result = self.number(term.number);
                for pair in children.chunks_exact(2).take(term.powers.len()) {
                    let power = self.power(pair[0], pair[1]);
                    result = self.scale(result, power);
                }
                match (term.body, children.last()) {
                    (Some(_), Some(body)) => self.scale(result, *body),
                    _ => result,
                }
            }
            Kind::Add(_) => self.add(children),
            Kind::Word(_) | Kind::Closed(_) => self.word(children),
            Kind::Trace(_) => {
                let word = self.word(children);
                self.trace(word)
            }
            Kind::Elementwise(_) => {
                let factors: Vec<(Id, Id)> =
                    children.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
                self.elementwise(&factors)
            }
            Kind::Apply(function, marks, _) => self.apply(function, &marks, children),
            Kind::Transpose(_) => self.transpose(children[0]),
            Kind::Operator(operator, _) => self.operator(operator, children[0]),
            Kind::Unvec(_, rows, cols) => self.unvec(children[0], Shape { rows, cols }),
            Kind::Kronecker(..) => self.kronecker(children[0], children[1]),
            Kind::Call(function, _) => self.call(function, children),
            Kind::Block(direction, _) => self.block(direction, children),
            Kind::Part(_, direction, before, length) => self.part(children[0], direction, before, length),
        }
    }

    /// A value with one node replaced by another of the same shape.
    pub(crate) fn replace(&mut self, root: Id, old: Id, new: Id) -> Id {
        let mut replaced: HashMap<Id, Id> = HashMap::from([(old, new)]);
        for id in self.reachable(root) {
            if id <= old {
                continue;
            }
            let children = self.children(id);
            if children.iter().any(|child| replaced.contains_key(child)) {
                let children: Vec<Id> =
                    children.iter().map(|child| replaced.get(child).copied().unwrap_or(*child)).collect();
                let value = self.rebuild(id, &children);
                replaced.insert(id, value);
            }
            if !self.is_sound() {
                break;
            }
        }
        replaced.get(&root).copied().unwrap_or(root)
    }

    /// The node of the formula that a variable came from.
    pub(crate) fn variable_node(&self, rank: usize) -> NodeId {
        self.ranks.variables[rank].node
    }
}
