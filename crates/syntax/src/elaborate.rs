//! Syntax tree to nodes: operators with their overloads resolved and every broadcast written out.

use crate::diagnostic::{Diagnostic, Mistake, Operand};
use crate::library::Library;
use crate::nearest::nearest;
use crate::otherwise::Doubt;
use crate::tree::{Expr, ExprId, Operator, Tree};
use crate::words::sizes_of;
use formula::{Constant, Formula, FunctionId, Name, NodeId, Number, Shape, ShapeError, Size, Variable};
use std::collections::BTreeMap;

/// How deep definitions may use definitions.
pub(crate) const DEEPEST: usize = 50;

/// Builds the nodes of one formula.
pub(crate) struct Elaborator<'a> {
    pub library: &'a Library,
    pub formula: Formula,
    /// What the reader of the answer ought to know, such as a broadcast that was written out.
    pub notes: Vec<String>,
    /// Calls that may be meant otherwise.
    pub doubts: Vec<Doubt>,
    /// Functions whose bodies are being read, and pages being written out: none of them may come again inside.
    pub building: Vec<FunctionId>,
    pub inlining: Vec<(Name, Vec<u8>)>,
    pub depth: usize,
    /// What the bars of the text that is read are, each by its shape.
    pub bars: Vec<(ExprId, &'static str)>,
    /// How many expressions were read so far. Pages of matrices are read again wherever they are used.
    pub read: usize,
}

/// What names stand for in one text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// Variables, lets, parameters and settings.
    pub values: BTreeMap<Name, NodeId>,
    /// The settings among them.
    pub numbers: BTreeMap<Name, Number>,
    /// Names of sizes.
    pub sizes: BTreeMap<Name, Size>,
    /// The shapes of `vector(1)` and `matrix(1)`, which no page has.
    pub constants: BTreeMap<ExprId, Shape>,
    /// Arbitrary functions.
    pub functions: BTreeMap<Name, FunctionId>,
    /// The page whose body this is, if it acts on one number at a time.
    pub body_of: Option<Name>,
}

/// The nodes of the expressions read so far.
pub(crate) struct Values {
    first: usize,
    nodes: Vec<Option<NodeId>>,
}

impl Values {
    /// The node of an expression that has one of its own.
    pub fn known(&self, id: ExprId) -> Option<NodeId> {
        self.nodes.get(id.index().checked_sub(self.first)?).copied().flatten()
    }

    pub fn get(&self, id: ExprId) -> NodeId {
        self.nodes[id.index() - self.first].expect("operands are read before what joins them")
    }
}

impl<'a> Elaborator<'a> {
    pub fn new(library: &'a Library, formula: Formula) -> Elaborator<'a> {
        Elaborator {
            library,
            formula,
            notes: Vec::new(),
            doubts: Vec::new(),
            building: Vec::new(),
            inlining: Vec::new(),
            depth: 0,
            bars: Vec::new(),
            read: 0,
        }
    }

    /// The node of an expression.
    pub fn evaluate(&mut self, tree: &Tree, root: ExprId, scope: &Scope) -> Result<NodeId, Diagnostic> {
        self.values(tree, root, scope).map(|values| values.get(root))
    }

    /// The nodes of an expression and of its parts.
    pub fn values(&mut self, tree: &Tree, root: ExprId, scope: &Scope) -> Result<Values, Diagnostic> {
        let ids = tree.within(root);
        self.read += ids.len();
        if self.read > Formula::MOST_NODES {
            return Err(tree.error(Mistake::TooLong, root));
        }
        let first = ids.first().map_or(0, |id| id.index());
        let skipped = skipped(tree, &ids, first);
        let mut values = Values { first, nodes: vec![None; root.index() + 1 - first] };
        for id in ids {
            if !skipped[id.index() - first] {
                let node = self.expression(tree, id, scope, &values)?;
                values.nodes[id.index() - first] = Some(node);
            }
        }
        Ok(values)
    }

    fn expression(
        &mut self,
        tree: &Tree,
        id: ExprId,
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        match tree.expr(id) {
            Expr::Number(number, _) => Ok(self.formula.number(*number)),
            Expr::Name(name) => self.name(tree, id, name, scope),
            Expr::Negate(part) => {
                self.formula.negate(values.get(*part)).map_err(|error| unforeseen(tree, id, error))
            }
            Expr::Transpose(part) => Ok(self.formula.transpose(values.get(*part))),
            Expr::Call(call) => self.call(tree, id, call, scope, values),
            Expr::Block(direction, parts) => self.block(tree, id, (*direction, parts), scope, values),
            Expr::Binary(operator, left, right) => match operator {
                Operator::Add | Operator::Subtract => self.sum(tree, id, scope, values),
                Operator::Multiply => self.product(tree, id, scope, values),
                Operator::Times => self.times(tree, id, scope, values),
                Operator::Divide => self.divide(tree, id, (*left, *right), scope, values),
                Operator::Over => self.over(tree, id, (*left, *right), scope, values),
                Operator::Solve => self.solve(tree, id, (*left, *right), scope, values),
                Operator::Greater
                | Operator::Less
                | Operator::GreaterEqual
                | Operator::LessEqual
                | Operator::Equal
                | Operator::NotEqual => self.compare(tree, id, (*operator, *left, *right), scope, values),
                Operator::Power => self.raise(tree, id, (*left, *right), scope, values),
                Operator::EachPower => {
                    self.same_shape(tree, id, (*left, *right), scope, values)?;
                    self.power(tree, id, values.get(*left), values.get(*right))
                }
            },
        }
    }

    /// `x > y`, entry by entry: 1 where it holds, else 0.
    fn compare(
        &mut self,
        tree: &Tree,
        id: ExprId,
        (operator, left, right): (Operator, ExprId, ExprId),
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        self.same_shape(tree, id, (left, right), scope, values)?;
        let Some(primitive) = operator.comparison() else {
            return Err(tree.error(Mistake::ComparisonChain, id));
        };
        let function = self.primitive(primitive)?;
        let arguments = [values.get(left), values.get(right)];
        self.formula.apply(function, &[], &arguments).map_err(|error| unforeseen(tree, id, error))
    }

    fn name(&mut self, tree: &Tree, id: ExprId, name: &Name, scope: &Scope) -> Result<NodeId, Diagnostic> {
        if let Some(value) = scope.values.get(name) {
            return Ok(*value);
        }
        if let Some(size) = scope.sizes.get(name) {
            return Ok(self.formula.size(size));
        }
        if &**name == "pi" {
            return Ok(self.formula.constant(Constant::Pi, Shape::scalar()));
        }
        if let Some(shape) = scope.constants.get(&id) {
            return Ok(self.formula.constant(Constant::Identity, shape.clone()));
        }
        if scope.functions.contains_key(name) || self.is_function(name) {
            let argument = tree.negated_behind(id).unwrap_or_else(|| "X".to_owned());
            return Err(tree.error(Mistake::NotAValue { name: name.clone(), argument }, id));
        }
        let nearest = nearest(name, scope.values.keys().chain(scope.sizes.keys()).cloned());
        Err(tree.error(Mistake::UnknownName { name: name.clone(), nearest }, id))
    }

    /// An error unless the two operands have one shape or one of them is a scalar.
    pub fn same_shape(
        &self,
        tree: &Tree,
        whole: ExprId,
        (left, right): (ExprId, ExprId),
        scope: &Scope,
        values: &Values,
    ) -> Result<(), Diagnostic> {
        let (a, b) = (values.get(left), values.get(right));
        let fits = self.formula.shape(a) == self.formula.shape(b)
            || self.formula.is_scalar(a)
            || self.formula.is_scalar(b);
        let Expr::Binary(operator, ..) = tree.expr(whole) else { return Ok(()) };
        match fits {
            true => Ok(()),
            false => Err(self.misfit(&Join { tree, whole, operator: *operator, left, right, scope }, a, b)),
        }
    }

    /// A scalar variable for each of these names.
    pub fn scalars(&mut self, names: impl IntoIterator<Item = Name>) -> BTreeMap<Name, NodeId> {
        names
            .into_iter()
            .map(|name| (name.clone(), self.formula.variable(Variable::new(name, Shape::scalar()))))
            .collect()
    }
}

/// One place where two operands are joined.
pub(crate) struct Join<'a> {
    pub tree: &'a Tree,
    pub whole: ExprId,
    pub operator: Operator,
    pub left: ExprId,
    pub right: ExprId,
    pub scope: &'a Scope,
}

/// The expressions that need no node of their own: the inner links of chains, the values of settings, and sizes.
fn skipped(tree: &Tree, ids: &[ExprId], first: usize) -> Vec<bool> {
    let mut skipped = vec![false; ids.last().map_or(0, |last| last.index() + 1 - first)];
    let joins = |operator: Operator, inner: ExprId| match tree.expr(inner) {
        Expr::Binary(other, ..) => {
            is_sum(operator) && is_sum(*other)
                || operator == *other && matches!(operator, Operator::Multiply | Operator::Times)
        }
        _ => false,
    };
    // Settings and sizes are skipped with all that is in them; a link of a chain alone.
    let mut with_parts = skipped.clone();
    for id in ids.iter().rev() {
        if with_parts[id.index() - first] {
            tree.operands(*id).iter().for_each(|part| with_parts[part.index() - first] = true);
            continue;
        }
        match tree.expr(*id) {
            Expr::Binary(operator, left, _) if joins(*operator, *left) => {
                skipped[left.index() - first] = true
            }
            Expr::Call(call) => {
                let settings = call.settings.iter().map(|(_, value)| value);
                sizes_of(call)
                    .iter()
                    .chain(settings)
                    .for_each(|part| with_parts[part.index() - first] = true);
            }
            Expr::Binary(..)
            | Expr::Number(..)
            | Expr::Name(_)
            | Expr::Negate(_)
            | Expr::Transpose(_)
            | Expr::Block(..) => {}
        }
    }
    skipped.iter().zip(with_parts).map(|(link, inner)| *link || inner).collect()
}

pub(crate) fn is_sum(operator: Operator) -> bool {
    matches!(operator, Operator::Add | Operator::Subtract)
}

/// An expression as written, in brackets where an operator beside it would tear it apart.
pub(crate) fn enclosed(tree: &Tree, id: ExprId) -> String {
    let text = tree.source(id);
    match tree.expr(id) {
        Expr::Negate(_) | Expr::Binary(..) if !tree.is_bracketed(id) => format!("({text})"),
        _ => text,
    }
}

/// An error from the formula that was not foreseen here: its own words.
pub(crate) fn unforeseen(tree: &Tree, id: ExprId, error: ShapeError) -> Diagnostic {
    let operand = |shape: Shape| Operand { text: tree.source(id), shape, names: Vec::new() };
    let mistake = match error {
        ShapeError::TooLarge => Mistake::TooLong,
        ShapeError::Misfit { operation, left, right } => {
            Mistake::Shapes { operation, left: operand(left), right: operand(right), mend: None }
        }
    };
    tree.error(mistake, id)
}
