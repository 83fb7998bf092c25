//! The normal form: hash-consed nodes with scalars in front, products as words, and an order that knows no names.

use super::identity::{Identity, Parity};
use super::order::{Key, Ranks};
use super::row::Sign;
use formula::{Direction, FunctionId, Name, NodeId, Number, Operator, Properties, Size};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Values in normal form. Nodes are made by constructors only (`add`, `word`, `elementwise`, `apply`, `transpose`, `power`,
/// `scale`), which keep the rules; equal values that the rules see through are one node.
pub(super) struct Algebra {
    nodes: Vec<Kind>,
    shapes: Vec<Shape>,
    keys: Vec<Key>,
    /// Only looked up.
    index: HashMap<Kind, Id>,
    /// Transposes found so far.
    pub(super) transposes: Vec<Option<Id>>,
    sizes: Vec<Size>,
    /// Only looked up.
    size_index: HashMap<Size, SizeId>,
    /// The numbers of first appearance.
    pub(super) ranks: Ranks,
    /// The sums that are stored by their negatives, since the source has these.
    pub(super) turned: HashSet<Vec<Id>>,
    /// How values of the source are written there.
    pub(super) typed: HashMap<Id, NodeId>,
    /// The functions that the rules know.
    pub(super) known: Known,
    /// The functions that are odd or even.
    pub(super) parities: Vec<(FunctionId, Parity, [Name; 2])>,
    /// What is declared of any variable.
    pub(super) declared: Properties,
    /// The rows about functions that are always used.
    pub(super) own: Rc<[Identity]>,
    /// How many rows are being used, one in what another made.
    pub(super) depth: usize,
    /// What may still be spent, in nodes made or visited.
    budget: usize,
    /// Whether a number overflowed or the budget was spent, so that the nodes made since mean nothing.
    failed: bool,
}

/// A value in normal form; children have smaller numbers than their parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Id(u32);

/// A size of the algebra.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct SizeId(u32);

/// Rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    pub(super) rows: SizeId,
    pub(super) cols: SizeId,
}

/// The functions that the rules know.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) power: FunctionId,
    pub(super) abs: FunctionId,
    pub(super) exp: FunctionId,
}

/// The kinds of value in normal form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
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
pub(super) struct Term {
    pub(super) number: Number,
    /// Bases with exponents, in order.
    pub(super) powers: Vec<(Id, Id)>,
    pub(super) body: Option<Id>,
}

impl Term {
    /// A number.
    pub(super) fn number(number: Number) -> Term {
        Term { number, powers: Vec::new(), body: None }
    }

    /// Whether it is a number times this value.
    pub(super) fn is(&self, value: Id) -> bool {
        match (self.powers.as_slice(), self.body) {
            ([], Some(body)) => body == value,
            ([(base, Id::ONE)], None) => *base == value,
            _ => false,
        }
    }

    /// The scalar in front of the body.
    pub(super) fn coefficient(&self) -> Term {
        Term { body: None, ..self.clone() }
    }
}

impl Id {
    /// 0.
    pub(super) const ZERO: Id = Id(0);
    /// 1.
    pub(super) const ONE: Id = Id(1);

    /// Its place; children stand before their parents.
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

impl SizeId {
    /// 1.
    pub(super) const ONE: SizeId = SizeId(0);
}

impl Shape {
    /// `1 x 1`.
    pub(super) const SCALAR: Shape = Shape { rows: SizeId::ONE, cols: SizeId::ONE };

    pub(super) fn transpose(self) -> Shape {
        Shape { rows: self.cols, cols: self.rows }
    }
}

impl Algebra {
    /// An algebra over the variables and functions of these ranks.
    pub(super) fn new(ranks: Ranks, known: Known, identities: Vec<Identity>, budget: usize) -> Algebra {
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

    pub(super) fn kind(&self, id: Id) -> &Kind {
        &self.nodes[id.index()]
    }

    pub(super) fn shape(&self, id: Id) -> Shape {
        self.shapes[id.index()]
    }

    pub(super) fn key(&self, id: Id) -> &Key {
        &self.keys[id.index()]
    }

    pub(super) fn is_scalar(&self, id: Id) -> bool {
        self.shape(id) == Shape::SCALAR
    }

    pub(super) fn size(&self, id: SizeId) -> &Size {
        &self.sizes[id.0 as usize]
    }

    pub(super) fn size_id(&mut self, size: &Size) -> SizeId {
        if let Some(id) = self.size_index.get(size) {
            return *id;
        }
        let id = SizeId(self.sizes.len() as u32);
        self.sizes.push(size.clone());
        self.size_index.insert(size.clone(), id);
        id
    }

    /// Takes from the budget; whether there was enough.
    pub(super) fn spend(&mut self, count: usize) -> bool {
        match self.budget.checked_sub(count) {
            Some(rest) => self.budget = rest,
            None => self.failed = true,
        }
        !self.failed
    }

    /// Whether everything made so far is what it should be.
    pub(super) fn is_sound(&self) -> bool {
        !self.failed
    }

    /// A fresh allowance, for work whose failure is not to spoil what follows.
    pub(super) fn allow(&mut self, budget: usize) {
        self.budget = budget;
        self.failed = false;
    }

    /// What is left of the budget.
    pub(super) fn allowance(&self) -> usize {
        self.budget
    }

    /// A result of arithmetic; an overflow spoils the algebra, which then answers with what it was given.
    pub(super) fn checked(&mut self, number: Option<Number>) -> Number {
        number.unwrap_or_else(|| {
            self.failed = true;
            Number::ONE
        })
    }

    /// The node of this kind, made if it is new. Only constructors call this.
    pub(super) fn intern(&mut self, kind: Kind) -> Id {
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
    pub(super) fn made(&self) -> usize {
        self.nodes.len()
    }

    /// The node of this kind, if it was made.
    pub(super) fn find(&self, kind: &Kind) -> Option<Id> {
        self.index.get(kind).copied()
    }

    /// The children of a node, in order.
    pub(super) fn children(&self, id: Id) -> Vec<Id> {
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
    pub(super) fn reachable(&self, root: Id) -> Vec<Id> {
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
    pub(super) fn rebuild(&mut self, id: Id, children: &[Id]) -> Id {
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
    pub(super) fn replace(&mut self, root: Id, old: Id, new: Id) -> Id {
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
    pub(super) fn variable_node(&self, rank: usize) -> NodeId {
        self.ranks.variables[rank].node
    }
}
