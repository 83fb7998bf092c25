//! From a formula to its normal form; and from a side of an identity, with values in place of its letters.

use crate::simplify::form::kind::{Id, Kind, Known, Shape};
use crate::simplify::form::normal::Algebra;
use crate::simplify::form::ranks::Ranks;
use crate::simplify::rows::identity::{Identity, known_about};
use crate::simplify::rows::matched::Bound;
use crate::simplify::tidy::tidy_node;
use formula::{
    Body, Constant, Formula, FunctionId, Name, Node, NodeId, Number, Part, Primitive, Properties, Size,
};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// The normal form of a value without slopes that could be written out.
pub(crate) fn enter(formula: &mut Formula, root: NodeId, budget: usize, at_declared: bool) -> (Algebra, Id) {
    enter_telling(formula, root, (budget, at_declared), |_, _, _, _| {})
}

/// The same, and tells each node with its parts and itself in normal form, parts first.
pub(crate) fn enter_telling(
    formula: &mut Formula,
    root: NodeId,
    (budget, at_declared): (usize, bool),
    mut tell: impl FnMut(&mut Algebra, NodeId, &[Id], Id),
) -> (Algebra, Id) {
    let known = Known {
        power: formula.primitive(Primitive::POWER),
        abs: formula.primitive(Primitive::ABS),
        exp: formula.primitive(Primitive::EXP),
    };
    let identities = known_about(formula, root);
    let mut ranks = Ranks::of(formula, root);
    let typed = typed(formula, std::mem::take(&mut ranks.typed));
    if !at_declared {
        ranks.variables.iter_mut().for_each(|variable| variable.properties = Properties::default());
    }
    let mut algebra = Algebra::new(ranks, known, identities, budget);
    let mut entered: HashMap<NodeId, Id> = HashMap::new();
    let scope = Scope { sizes: &BTreeMap::new(), identity: None, lifted: None };
    for id in formula.reachable(&[root]) {
        let children: Vec<Id> = formula.node(id).children().iter().map(|child| entered[child]).collect();
        let made = algebra.made();
        let mut value = enter_node(&mut algebra, formula, id, &children, &scope).unwrap_or(Id::ONE);
        if matches!(formula.node(id), Node::Add(_))
            && typed.contains_key(&id)
            && !algebra.split(children[0]).number.is_negative()
            && algebra.keep_sign(value, made)
        {
            value = algebra.add(&children);
        }
        entered.insert(id, value);
        if let Some(typed) = typed.get(&id) {
            algebra.typed.entry(value).or_insert(*typed);
        }
        if !algebra.is_sound() {
            return (algebra, Id::ZERO);
        }
        tell(&mut algebra, id, &children, value);
    }
    (algebra, entered[&root])
}

/// Sources of more nodes are written in whatever order.
const LARGEST_TYPED: usize = 1_000;

/// The nodes of the source, tidy as laws leave them too, and how each is written: tidy.
fn typed(formula: &mut Formula, mut source: Vec<NodeId>) -> HashMap<NodeId, NodeId> {
    let mut typed: HashMap<NodeId, NodeId> = HashMap::new();
    if source.len() > LARGEST_TYPED {
        return typed;
    }
    // Children have smaller numbers.
    source.sort_unstable();
    for id in source {
        let children: Vec<NodeId> = formula.node(id).children().iter().map(|child| typed[child]).collect();
        let tidied = tidy_node(formula, id, &children).unwrap_or(id);
        typed.insert(id, tidied);
        typed.entry(tidied).or_insert(tidied);
    }
    typed
}

impl Identity {
    /// A side of the row with what its letters stand for.
    pub(crate) fn side(&self, algebra: &mut Algebra, root: NodeId, bound: &Bound) -> Option<Id> {
        self.side_telling(algebra, root, bound, |_, _, _, _| {})
    }

    /// The same, and tells each node with its parts and itself, parts first.
    pub(crate) fn side_telling(
        &self,
        algebra: &mut Algebra,
        root: NodeId,
        bound: &Bound,
        mut tell: impl FnMut(&mut Algebra, NodeId, &[Id], Id),
    ) -> Option<Id> {
        let formula = &self.row.formula;
        let lifted = bound.lifted.filter(|shape| *shape != Shape::SCALAR);
        let scope = Scope { sizes: &bound.sizes, identity: Some(self), lifted };
        let mut entered: HashMap<NodeId, Id> = HashMap::new();
        for id in formula.reachable(&[root]) {
            let children: Vec<Id> = formula.node(id).children().iter().map(|child| entered[child]).collect();
            let value = match formula.node(id) {
                Node::Variable(_) => bound.letter(id)?,
                _ => enter_node(algebra, formula, id, &children, &scope)?,
            };
            tell(algebra, id, &children, value);
            entered.insert(id, value);
        }
        let value = entered.get(&root).copied()?;
        // A number for the entries of a matrix is a matrix of it.
        match lifted {
            Some(shape) if algebra.is_scalar(value) => {
                let ones = algebra.ones(shape);
                Some(algebra.scale(value, ones))
            }
            _ => Some(value),
        }
    }
}

/// What the names of a formula mean where it is entered.
struct Scope<'a> {
    sizes: &'a BTreeMap<Name, Size>,
    /// The row that the formula is of, with functions of its own.
    identity: Option<&'a Identity>,
    /// The matrix for whose entries numbers stand.
    lifted: Option<Shape>,
}

impl Scope<'_> {
    fn size<'b>(&self, size: &'b Size) -> Cow<'b, Size> {
        if self.sizes.is_empty() { Cow::Borrowed(size) } else { Cow::Owned(size.substitute(self.sizes)) }
    }

    fn shape(&self, algebra: &mut Algebra, rows: &Size, cols: &Size) -> Shape {
        Shape { rows: algebra.size_id(&self.size(rows)), cols: algebra.size_id(&self.size(cols)) }
    }

    fn function(&self, algebra: &Algebra, formula: &Formula, id: FunctionId) -> Option<FunctionId> {
        match self.identity {
            None => Some(id),
            Some(_) if formula.function(id).body == Body::Primitive(Primitive::POWER) => {
                Some(algebra.known.power)
            }
            Some(identity) => identity.function(id),
        }
    }
}

/// The node over values in normal form; nothing where a function of a row is none of the formula.
fn enter_node(
    algebra: &mut Algebra,
    formula: &Formula,
    id: NodeId,
    children: &[Id],
    scope: &Scope<'_>,
) -> Option<Id> {
    Some(match formula.node(id) {
        Node::Number(number) => algebra.number(*number),
        Node::Size(size) => algebra.size_scalar(&scope.size(size)),
        // Every variable below the root has a rank.
        Node::Variable(_) => algebra.ranks.variable(id).map(|rank| algebra.intern(Kind::Variable(rank)))?,
        Node::Constant(constant, shape) => {
            let shape = scope.shape(algebra, &shape.rows, &shape.cols);
            match constant {
                Constant::Ones => algebra.ones(shape),
                Constant::Zeros => algebra.zeros(shape),
                Constant::Identity if shape == Shape::SCALAR => Id::ONE,
                Constant::Identity => algebra.intern(Kind::Identity(shape.rows)),
                Constant::Pi => algebra.intern(Kind::Pi),
            }
        }
        Node::Add(_) => {
            let matrix = scope.lifted.filter(|_| children.iter().any(|child| !algebra.is_scalar(*child)));
            let ones = matrix.map(|shape| algebra.ones(shape));
            let lift = |algebra: &mut Algebra, child: &Id| match ones {
                Some(ones) if algebra.is_scalar(*child) => algebra.scale(*child, ones),
                _ => *child,
            };
            let parts: Vec<Id> = children.iter().map(|child| lift(algebra, child)).collect();
            algebra.add(&parts)
        }
        Node::Product(_) => algebra.word(children),
        Node::Scale(_) if scope.lifted.is_none() => algebra.scale(children[0], children[1]),
        Node::Scale(_) | Node::Times(_) => {
            let (scalars, matrices): (Vec<Id>, Vec<Id>) =
                children.iter().partition(|child| scope.lifted.is_some() && algebra.is_scalar(**child));
            let factors: Vec<(Id, Id)> = matrices.into_iter().map(|factor| (factor, Id::ONE)).collect();
            let product = algebra.elementwise(&factors);
            scalars.into_iter().fold(product, |product, scalar| algebra.scale(scalar, product))
        }
        Node::Apply(apply) => {
            let function = scope.function(algebra, formula, apply.function)?;
            algebra.apply(function, &apply.marks, children)
        }
        Node::Transpose(_) => algebra.transpose(children[0]),
        Node::Norm(_) => {
            let square = algebra.squared_norm(children[0]);
            let half = algebra.number(Number::ratio(1, 2)?);
            algebra.power(square, half)
        }
        Node::Operator(operator, _) => algebra.operator(*operator, children[0]),
        Node::Unvec(_, shape) => {
            let shape = scope.shape(algebra, &shape.rows, &shape.cols);
            algebra.unvec(children[0], shape)
        }
        Node::Kronecker(_) => algebra.kronecker(children[0], children[1]),
        Node::Commutation([rows, cols]) => {
            let shape = scope.shape(algebra, rows, cols);
            algebra.commutation(shape)
        }
        Node::Call(call) => {
            let function = scope.function(algebra, formula, call.function)?;
            algebra.call(function, children)
        }
        Node::Block(direction, _) => algebra.block(*direction, children),
        Node::Part(Part { direction, before, length, .. }) => {
            let sizes = scope.shape(algebra, before, length);
            algebra.part(children[0], *direction, sizes.rows, sizes.cols)
        }
    })
}
