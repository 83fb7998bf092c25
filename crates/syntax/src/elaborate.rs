//! Syntax tree to nodes: operators with their overloads resolved and every broadcast written out.

use crate::constant::fold;
use crate::diagnostic::{Diagnostic, Mistake, Operand};
use crate::library::Library;
use crate::nearest::nearest;
use crate::tree::{Expr, ExprId, Operator, Tree};
use crate::words::{Meaning, word};
use formula::{
    Constant, Formula, FunctionId, Name, NodeId, Number, Primitive, Shape, ShapeError, Size, Variable,
};
use std::collections::BTreeMap;

/// How deep definitions may use definitions.
pub(crate) const DEEPEST: usize = 50;

/// The largest literal power of a matrix that is written out as a product.
const LARGEST_POWER: i64 = 64;

/// Builds the nodes of one formula.
pub(crate) struct Elaborator<'a> {
    pub library: &'a Library,
    pub formula: Formula,
    /// What the reader of the answer ought to know, such as a broadcast that was written out.
    pub notes: Vec<String>,
    /// Functions whose bodies are being read, and pages being written out: none of them may come again inside.
    pub building: Vec<FunctionId>,
    pub inlining: Vec<Name>,
    pub depth: usize,
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
            building: Vec::new(),
            inlining: Vec::new(),
            depth: 0,
        }
    }

    /// The node of an expression.
    pub fn evaluate(&mut self, tree: &Tree, root: ExprId, scope: &Scope) -> Result<NodeId, Diagnostic> {
        let ids = tree.within(root);
        let first = ids.first().map_or(0, |id| id.index());
        let skipped = skipped(tree, &ids, first);
        let mut values = Values { first, nodes: vec![None; root.index() + 1 - first] };
        for id in ids {
            if !skipped[id.index() - first] {
                let node = self.expression(tree, id, scope, &values)?;
                values.nodes[id.index() - first] = Some(node);
            }
        }
        Ok(values.get(root))
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
            Expr::Binary(operator, left, right) => match operator {
                Operator::Add | Operator::Subtract => self.sum(tree, id, scope, values),
                Operator::Multiply => self.product(tree, id, scope, values),
                Operator::Times => self.times(tree, id, scope, values),
                Operator::Divide => self.divide(tree, id, (*left, *right), scope, values),
                Operator::Over => self.over(tree, id, (*left, *right), scope, values),
                Operator::Power => self.raise(tree, id, (*left, *right), scope, values),
                Operator::EachPower => {
                    self.same_shape(tree, id, (*left, *right), scope, values)?;
                    self.power(tree, id, values.get(*left), values.get(*right))
                }
            },
        }
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
        if scope.functions.contains_key(name) || self.is_function(name) {
            return Err(tree.error(Mistake::NotAValue { name: name.clone() }, id));
        }
        let nearest = nearest(name, scope.values.keys().chain(scope.sizes.keys()).cloned());
        Err(tree.error(Mistake::UnknownName { name: name.clone(), nearest }, id))
    }

    /// `a + b - c ...`, one sum however long.
    fn sum(&mut self, tree: &Tree, id: ExprId, scope: &Scope, values: &Values) -> Result<NodeId, Diagnostic> {
        let (first, rest) = tree.chain(id, is_sum);
        let mut terms = vec![values.get(first)];
        let mut left = first;
        for (operator, right, whole) in rest {
            let mut term = values.get(right);
            let wrong = |error: ShapeError| unforeseen(tree, whole, error);
            if let ([only], Some(number)) = (terms.as_slice(), self.formula.as_number(term))
                && let Some(before) = self.formula.as_number(*only)
                && let Some(sum) =
                    fold(operator, before, number).map_err(|mistake| tree.error(mistake, whole))?
            {
                terms = vec![self.formula.number(sum)];
                left = whole;
                continue;
            }
            if self.formula.shape(terms[0]) != self.formula.shape(term) {
                let before = self.formula.add(&terms).map_err(wrong)?;
                let place = Join { tree, whole, operator, left, right, scope };
                let (before, fitted) = self.fit(&place, before, term)?;
                (terms, term) = (vec![before], fitted);
            }
            terms.push(match operator {
                Operator::Subtract => self.formula.negate(term).map_err(wrong)?,
                _ => term,
            });
            left = whole;
        }
        self.formula.add(&terms).map_err(|error| unforeseen(tree, id, error))
    }

    /// Two terms of different shapes made one shape: scalars, rows and columns are repeated.
    fn fit(&mut self, place: &Join, left: NodeId, right: NodeId) -> Result<(NodeId, NodeId), Diagnostic> {
        let shapes = (self.formula.shape(left).clone(), self.formula.shape(right).clone());
        let (left_shape, right_shape) = &shapes;
        let repeated = if left_shape.is_scalar() {
            (self.formula.broadcast(left, right_shape), Ok(right))
        } else if right_shape.is_scalar() {
            (Ok(left), self.formula.broadcast(right, left_shape))
        } else if is_vector(right_shape) && !is_vector(left_shape) {
            let right = self.repeat(place, right, left, place.right)?;
            (Ok(left), Ok(right))
        } else if is_vector(left_shape) && !is_vector(right_shape) {
            let left = self.repeat(place, left, right, place.left)?;
            (Ok(left), Ok(right))
        } else {
            return Err(self.misfit(place, left, right));
        };
        let error = |error| unforeseen(place.tree, place.whole, error);
        Ok((repeated.0.map_err(error)?, repeated.1.map_err(error)?))
    }

    /// A row or a column beside a matrix, written out as `ones(m)*b'` or `b*ones(n)'`.
    fn repeat(
        &mut self,
        place: &Join,
        vector: NodeId,
        matrix: NodeId,
        spelled: ExprId,
    ) -> Result<NodeId, Diagnostic> {
        let shape = self.formula.shape(matrix).clone();
        let own = self.formula.shape(vector).clone();
        let length = if own.is_column() { &own.rows } else { &own.cols };
        // A column may stand for a row, as biases are written; a row stands for itself.
        let (each_row, each_column) = (*length == shape.cols, own.is_column() && *length == shape.rows);
        let text = enclosed(place.tree, spelled);
        let upright = if own.is_column() { format!("{text}'") } else { text.clone() };
        let row = format!("ones({})*{upright}", shape.rows);
        let column = format!("{text}*ones({})'", shape.cols);
        let factors = match (each_row, each_column) {
            (true, true) => {
                let (left, right) =
                    (self.operand(place, spelled, vector), self.operand(place, place.whole, matrix));
                let right = Operand { text: self.other(place, spelled), ..right };
                let mistake = Mistake::AmbiguousBroadcast { left, right, row, column };
                return Err(place.tree.error(mistake, place.whole));
            }
            (true, false) => {
                let ones = self.formula.ones(Shape::column(shape.rows.clone()));
                let flat = if own.is_column() { self.formula.transpose(vector) } else { vector };
                [ones, flat]
            }
            (false, true) => {
                let ones = self.formula.ones(Shape::column(shape.cols.clone()));
                [vector, self.formula.transpose(ones)]
            }
            (false, false) => {
                let is_left = spelled == place.left;
                let (left, right) = if is_left { (vector, matrix) } else { (matrix, vector) };
                return Err(self.misfit(place, left, right));
            }
        };
        if place.scope.body_of.is_none() && self.inlining.is_empty() {
            let (written, each) = if each_row { (row, "column") } else { (column, "row") };
            self.notes.push(format!("`{text}` is read as `{written}`: one entry for each {each}"));
        }
        self.formula.product(&factors).map_err(|error| unforeseen(place.tree, place.whole, error))
    }

    /// `A*B*C ...`: a product of matrices; scalars scale.
    fn product(
        &mut self,
        tree: &Tree,
        id: ExprId,
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        let (first, rest) = tree.chain(id, |operator| operator == Operator::Multiply);
        let (mut scalars, mut word): (Vec<NodeId>, Vec<NodeId>) = (Vec::new(), Vec::new());
        let links =
            std::iter::once((first, first)).chain(rest.into_iter().map(|(_, right, whole)| (right, whole)));
        let mut left = first;
        for (right, whole) in links {
            let factor = values.get(right);
            if self.formula.is_scalar(factor) {
                self.scale_by(&mut scalars, factor).map_err(|mistake| tree.error(mistake, whole))?;
            } else {
                if let Some(last) = word.last()
                    && self.formula.shape(*last).cols != self.formula.shape(factor).rows
                {
                    let before =
                        self.formula.product(&word).map_err(|error| unforeseen(tree, whole, error))?;
                    let place = Join { tree, whole, operator: Operator::Multiply, left, right, scope };
                    return Err(self.misfit(&place, before, factor));
                }
                word.push(factor);
            }
            if let [head, .., last] = word.as_slice()
                && self.formula.shape(*head).rows.is_one()
                && self.formula.shape(*last).cols.is_one()
            {
                // A row times a column is a scalar, and scales what follows.
                let inner = self.formula.product(&word).map_err(|error| unforeseen(tree, whole, error))?;
                scalars.push(inner);
                word.clear();
            }
            left = whole;
        }
        scalars.append(&mut word);
        self.formula.product(&scalars).map_err(|error| unforeseen(tree, id, error))
    }

    fn scale_by(&mut self, scalars: &mut Vec<NodeId>, factor: NodeId) -> Result<(), Mistake> {
        if let (Some(last), Some(number)) = (scalars.last().copied(), self.formula.as_number(factor))
            && let Some(before) = self.formula.as_number(last)
            && let Some(product) = fold(Operator::Multiply, before, number)?
        {
            scalars.pop();
            scalars.push(self.formula.number(product));
        } else {
            scalars.push(factor);
        }
        Ok(())
    }

    /// `A .* B .* C ...`
    fn times(
        &mut self,
        tree: &Tree,
        id: ExprId,
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        let (first, rest) = tree.chain(id, |operator| operator == Operator::Times);
        let (mut scalars, mut matrices): (Vec<NodeId>, Vec<NodeId>) = (Vec::new(), Vec::new());
        self.note_reading(tree, first, &rest, scope);
        let links =
            std::iter::once((first, first)).chain(rest.into_iter().map(|(_, right, whole)| (right, whole)));
        let mut left = first;
        for (right, whole) in links {
            let factor = values.get(right);
            if self.formula.is_scalar(factor) {
                self.scale_by(&mut scalars, factor).map_err(|mistake| tree.error(mistake, whole))?;
            } else {
                if let Some(before) = matrices.last().copied()
                    && self.formula.shape(before) != self.formula.shape(factor)
                {
                    let place = Join { tree, whole, operator: Operator::Times, left, right, scope };
                    return Err(self.misfit(&place, before, factor));
                }
                matrices.push(factor);
            }
            left = whole;
        }
        scalars.append(&mut matrices);
        self.formula.times(&scalars).map_err(|error| unforeseen(tree, id, error))
    }

    /// `A*B .* C` could be meant as `A*(B .* C)`, so the reading is said.
    fn note_reading(
        &mut self,
        tree: &Tree,
        first: ExprId,
        rest: &[(Operator, ExprId, ExprId)],
        scope: &Scope,
    ) {
        let (Expr::Binary(Operator::Multiply, head, tail), Some((_, right, _))) =
            (tree.expr(first), rest.first())
        else {
            return;
        };
        if tree.is_bracketed(first) || scope.body_of.is_some() || !self.inlining.is_empty() {
            return;
        }
        let (head, tail, right) = (tree.source(*head), tree.source(*tail), tree.source(*right));
        self.notes.push(format!("`{head}*{tail} .* {right}` is read as `({head}*{tail}) .* {right}`"));
    }

    /// `x/m` by a scalar, as a scaling by its reciprocal.
    fn divide(
        &mut self,
        tree: &Tree,
        id: ExprId,
        (left, right): (ExprId, ExprId),
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        let (value, divisor) = (values.get(left), values.get(right));
        if !self.formula.is_scalar(divisor) {
            let place = Join { tree, whole: id, operator: Operator::Divide, left, right, scope };
            let mistake = Mistake::WantsShape {
                what: "`/`".to_owned(),
                wanted: "a scalar on its right".to_owned(),
                operand: self.operand(&place, right, divisor),
                mend: "write `./` to divide entry by entry".to_owned(),
            };
            return Err(tree.error(mistake, id));
        }
        if let (Some(value), Some(divisor)) = (self.formula.as_number(value), self.formula.as_number(divisor))
            && let Some(quotient) =
                fold(Operator::Divide, value, divisor).map_err(|mistake| tree.error(mistake, id))?
        {
            return Ok(self.formula.number(quotient));
        }
        let reciprocal = self.reciprocal(tree, id, divisor)?;
        // Numbers stand in front.
        let scaled = match self.formula.as_number(value) {
            Some(_) => self.formula.scale(value, reciprocal),
            None => self.formula.scale(reciprocal, value),
        };
        scaled.map_err(|error| unforeseen(tree, id, error))
    }

    /// `X ./ Y`
    fn over(
        &mut self,
        tree: &Tree,
        id: ExprId,
        (left, right): (ExprId, ExprId),
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        if self.formula.is_scalar(values.get(right)) {
            return self.divide(tree, id, (left, right), scope, values);
        }
        self.same_shape(tree, id, (left, right), scope, values)?;
        let reciprocal = self.reciprocal(tree, id, values.get(right))?;
        self.formula.times(&[values.get(left), reciprocal]).map_err(|error| unforeseen(tree, id, error))
    }

    fn reciprocal(&mut self, tree: &Tree, id: ExprId, value: NodeId) -> Result<NodeId, Diagnostic> {
        if let Some(number) = self.formula.as_number(value) {
            let folded =
                fold(Operator::Divide, Number::ONE, number).map_err(|mistake| tree.error(mistake, id))?;
            return Ok(self.formula.number(folded.unwrap_or(Number::ONE)));
        }
        let exponent = self.formula.number(Number::MINUS_ONE);
        self.power(tree, id, value, exponent)
    }

    /// `x^k` of a scalar, or a whole power of a square matrix, written out.
    fn raise(
        &mut self,
        tree: &Tree,
        id: ExprId,
        (left, right): (ExprId, ExprId),
        scope: &Scope,
        values: &Values,
    ) -> Result<NodeId, Diagnostic> {
        let (base, exponent) = (values.get(left), values.get(right));
        if self.formula.is_scalar(base) && self.formula.is_scalar(exponent) {
            return self.power(tree, id, base, exponent);
        }
        let place = Join { tree, whole: id, operator: Operator::Power, left, right, scope };
        let operand = self.operand(&place, left, base);
        let entrywise = format!("write `{}.^{}` for each entry", enclosed(tree, left), enclosed(tree, right));
        let refuse = |mend: String| Err(tree.error(Mistake::Power { operand, mend }, id));
        let whole = self.formula.as_number(exponent).and_then(Number::as_integer);
        match whole {
            _ if !self.formula.shape(base).is_square() => refuse(entrywise),
            Some(0) => {
                let shape = self.formula.shape(base).clone();
                Ok(self.formula.constant(Constant::Identity, shape))
            }
            Some(count @ 1..=LARGEST_POWER) => {
                let factors = vec![base; count as usize];
                self.formula.product(&factors).map_err(|error| unforeseen(tree, id, error))
            }
            Some(count) if count < 0 => {
                Err(tree.error(Mistake::Planned { what: "the inverse of a matrix".to_owned() }, id))
            }
            _ => refuse(format!(
                "write a whole number up to {LARGEST_POWER}, or {}",
                &entrywise["write ".len()..]
            )),
        }
    }

    /// `x^y`, entry by entry.
    pub fn power(
        &mut self,
        tree: &Tree,
        id: ExprId,
        base: NodeId,
        exponent: NodeId,
    ) -> Result<NodeId, Diagnostic> {
        if let (Some(base), Some(exponent)) = (self.formula.as_number(base), self.formula.as_number(exponent))
            && let Some(power) =
                fold(Operator::Power, base, exponent).map_err(|mistake| tree.error(mistake, id))?
        {
            return Ok(self.formula.number(power));
        }
        let power = self.primitive(Primitive::POWER)?;
        self.formula.apply(power, &[], &[base, exponent]).map_err(|error| unforeseen(tree, id, error))
    }

    /// An error unless the two operands have one shape or one of them is a scalar.
    fn same_shape(
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
                let sizes = word(&call.name).is_some_and(|word| {
                    matches!(word.meaning, Meaning::Ones | Meaning::Zeros | Meaning::Identity)
                });
                let sizes = call.arguments.iter().filter(|_| sizes);
                let settings = call.settings.iter().map(|(_, value)| value);
                sizes.chain(settings).for_each(|part| with_parts[part.index() - first] = true);
            }
            Expr::Binary(..) | Expr::Number(..) | Expr::Name(_) | Expr::Negate(_) | Expr::Transpose(_) => {}
        }
    }
    skipped.iter().zip(with_parts).map(|(link, inner)| *link || inner).collect()
}

fn is_sum(operator: Operator) -> bool {
    matches!(operator, Operator::Add | Operator::Subtract)
}

fn is_vector(shape: &Shape) -> bool {
    shape.rows.is_one() || shape.cols.is_one()
}

/// An expression as written, in brackets where an operator beside it would tear it apart.
pub(crate) fn enclosed(tree: &Tree, id: ExprId) -> String {
    let text = tree.source(id);
    match tree.expr(id) {
        Expr::Negate(_) | Expr::Binary(..) if !tree.is_bracketed(id) => format!("({text})"),
        _ => text,
    }
}

/// A shape error from the formula that was not foreseen here: its own words.
pub(crate) fn unforeseen(tree: &Tree, id: ExprId, error: ShapeError) -> Diagnostic {
    let operand = |shape: Shape| Operand { text: tree.source(id), shape, names: Vec::new() };
    let (left, right) = (operand(error.left), operand(error.right));
    tree.error(Mistake::Shapes { operation: error.operation, left, right, mend: None }, id)
}
