//! What stands under a sum for one i, as what it is for all i at once: numbers become a column, columns the rows of a matrix.

use super::rows::Rows;
use crate::diagnostic::{Origin, Text};
use crate::parser::expression;
use crate::rules::Rule;
use crate::tree::{Call, Expr, ExprId, Operator, Tree};
use formula::{Name, Shape, Size};
use std::collections::{BTreeMap, BTreeSet};

/// What a part is for one i.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Column,
    Row,
}

/// A part of what is summed, in the tree of results.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// The same for each i.
    Fixed(ExprId, Flat),
    /// Numbers as a column, columns and rows as a matrix with a row for each i.
    Each(ExprId, Kind),
    /// A column times a row: the two matrices.
    Outer(ExprId, ExprId),
}

/// A form with the names of the rules that led to it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub form: Form,
    pub by: Vec<&'static str>,
}

/// How many rows and columns a part has that is the same for each i.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flat {
    Scalar,
    Column,
    Row,
    Matrix,
}

impl Flat {
    pub fn of(shape: &Shape) -> Flat {
        match (shape.rows.is_one(), shape.cols.is_one()) {
            (true, true) => Flat::Scalar,
            (false, true) => Flat::Column,
            (true, false) => Flat::Row,
            (false, false) => Flat::Matrix,
        }
    }

    pub fn turned(self) -> Flat {
        match self {
            Flat::Column => Flat::Row,
            Flat::Row => Flat::Column,
            Flat::Scalar | Flat::Matrix => self,
        }
    }
}

impl Kind {
    pub fn turned(self) -> Kind {
        match self {
            Kind::Number => Kind::Number,
            Kind::Column => Kind::Row,
            Kind::Row => Kind::Column,
        }
    }
}

/// Names of rules, each once.
pub(super) fn with(by: &[&'static str], more: &[&'static str]) -> Vec<&'static str> {
    let mut all = by.to_vec();
    all.extend(more.iter().filter(|name| !by.contains(name)));
    all
}

/// The sum as a formula over matrices.
#[derive(Clone, Debug)]
pub(crate) struct Total {
    pub value: ExprId,
    pub by: Vec<&'static str>,
}

/// Makes matrix forms of the sums of one program.
pub(crate) struct Batch<'a> {
    pub tree: &'a Tree,
    /// The shapes of the expressions, as far as they have any.
    pub shapes: &'a BTreeMap<ExprId, Shape>,
    pub rules: &'a BTreeMap<ExprId, Rule>,
    /// What is summed in each sum.
    pub bodies: &'a BTreeMap<ExprId, ExprId>,
    /// The indexed names, and what stands for all of them.
    pub names: &'a BTreeMap<Name, Name>,
    /// What sums are, those inside others first.
    pub totals: BTreeMap<ExprId, Total>,
    /// The results.
    pub out: Tree,
    /// The numbers among them that are the same for each i.
    pub(super) scalars: BTreeSet<ExprId>,
    /// The columns of numbers among them.
    pub(super) numbers: BTreeSet<ExprId>,
    copies: BTreeMap<ExprId, ExprId>,
    /// Every result by what it is made of.
    known: BTreeMap<String, ExprId>,
    text: u16,
}

impl<'a> Batch<'a> {
    pub fn new(
        tree: &'a Tree,
        shapes: &'a BTreeMap<ExprId, Shape>,
        rules: &'a BTreeMap<ExprId, Rule>,
        (names, bodies): (&'a BTreeMap<Name, Name>, &'a BTreeMap<ExprId, ExprId>),
    ) -> Batch<'a> {
        let mut out = Tree::default();
        let text = out.add_text(&Text::new(Origin::Formula, ""));
        let (totals, scalars, copies) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        let (numbers, known) = (BTreeSet::new(), BTreeMap::new());
        Batch { tree, shapes, rules, bodies, names, totals, out, scalars, numbers, copies, known, text }
    }

    /// An expression in the tree of results; equal ones are one.
    pub fn push(&mut self, expr: Expr) -> ExprId {
        let key = format!("{expr:?}");
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let id = self.out.push(expr, self.text, Default::default());
        self.known.insert(key, id);
        id
    }

    pub fn binary(&mut self, operator: Operator, left: ExprId, right: ExprId) -> ExprId {
        self.push(Expr::Binary(operator, left, right))
    }

    fn call(&mut self, name: &str, arguments: Vec<ExprId>) -> ExprId {
        self.push(crate::meanings::call(name, arguments))
    }

    /// What an expression is for one i; nothing where it is a matrix.
    pub(super) fn kind(&self, id: ExprId) -> Option<Kind> {
        match Flat::of(self.shapes.get(&id)?) {
            Flat::Scalar => Some(Kind::Number),
            Flat::Column => Some(Kind::Column),
            Flat::Row => Some(Kind::Row),
            Flat::Matrix => None,
        }
    }

    /// Takes what a sum is, in the place of the sum.
    pub fn settle(&mut self, id: ExprId, total: Total) {
        self.copies.insert(id, total.value);
        if self.shapes.get(&id).is_some_and(Shape::is_scalar) {
            self.scalars.insert(total.value);
        }
        self.totals.insert(id, total);
    }

    /// A size as an expression.
    pub fn size(&mut self, size: &Size) -> ExprId {
        let text = size.to_string();
        if let Some(known) = self.known.get(&text) {
            return *known;
        }
        let source = Text::new(Origin::Formula, &text);
        let parsed = expression(&mut self.out, &source, source.whole(), &[]);
        let id = parsed.unwrap_or_else(|_| self.push(Expr::Name(Name::from(text.as_str()))));
        self.scalars.insert(id);
        self.known.insert(text, id);
        id
    }

    /// `ones(m)`
    pub fn ones(&mut self, size: ExprId) -> ExprId {
        self.call("ones", vec![size])
    }

    /// An expression that is the same for each i, or has sums in it.
    pub fn copy(&mut self, root: ExprId) -> ExprId {
        for id in self.tree.within(root) {
            if self.copies.contains_key(&id) {
                continue;
            }
            let copied = match self.totals.get(&id) {
                Some(total) => total.value,
                None => {
                    let of = |part: &ExprId| self.copies.get(part).copied().unwrap_or(*part);
                    let mut expr = self.tree.expr(id).with_operands(of);
                    if let Expr::Transpose(part) = expr
                        && let Expr::Transpose(inner) = self.out.expr(part)
                    {
                        expr = self.out.expr(*inner).clone();
                    }
                    self.push(expr)
                }
            };
            self.copies.insert(id, copied);
            if self.shapes.get(&id).is_some_and(Shape::is_scalar) {
                self.scalars.insert(copied);
            }
        }
        self.copies[&root]
    }

    /// `X'`, written out inside products.
    pub(super) fn transposed(&mut self, id: ExprId) -> ExprId {
        match self.out.expr(id).clone() {
            Expr::Transpose(part) => part,
            Expr::Negate(part) => {
                let part = self.transposed(part);
                self.push(Expr::Negate(part))
            }
            Expr::Binary(Operator::Multiply, left, right) => {
                if self.scalars.contains(&left) {
                    let right = self.transposed(right);
                    return self.binary(Operator::Multiply, left, right);
                }
                let (left, right) = (self.transposed(left), self.transposed(right));
                self.product(right, left)
            }
            Expr::Binary(Operator::Divide, left, right) if self.scalars.contains(&right) => {
                let left = self.transposed(left);
                self.binary(Operator::Divide, left, right)
            }
            _ => self.push(Expr::Transpose(id)),
        }
    }

    /// `A*B`, where B may be a product itself: `A*B*C` is the same in either order.
    pub(super) fn product(&mut self, left: ExprId, right: ExprId) -> ExprId {
        match self.out.expr(right) {
            Expr::Binary(Operator::Multiply, first, rest) => {
                let (first, rest) = (*first, *rest);
                let left = self.product(left, first);
                self.binary(Operator::Multiply, left, rest)
            }
            _ => self.binary(Operator::Multiply, left, right),
        }
    }

    /// The same done to the matrix of a part; of a column times a row, to the column.
    pub(super) fn each(&mut self, form: Form, change: &mut dyn FnMut(&mut Self, ExprId) -> ExprId) -> Form {
        match form {
            Form::Fixed(id, flat) => Form::Fixed(change(self, id), flat),
            Form::Each(id, kind) => Form::Each(change(self, id), kind),
            Form::Outer(left, right) => Form::Outer(change(self, left), right),
        }
    }

    /// The right side of a row, with parts in the place of its letters; `m` is how many i there are.
    pub(super) fn filled(
        &mut self,
        pattern: ExprId,
        bound: &BTreeMap<Name, ExprId>,
        count: ExprId,
    ) -> ExprId {
        let rows = Rows::standard();
        let mut made: BTreeMap<ExprId, ExprId> = BTreeMap::new();
        for id in rows.tree.within(pattern) {
            let of = |part: &ExprId| made[part];
            let value = match rows.tree.expr(id) {
                Expr::Name(letter) => bound.get(letter).copied().unwrap_or(count),
                Expr::Transpose(part) => {
                    let part = of(part);
                    self.transposed(part)
                }
                Expr::Binary(Operator::Multiply, left, right) => {
                    let (left, right) = (of(left), of(right));
                    match self.out.expr(right) {
                        Expr::Binary(Operator::Multiply, scale, inner) if self.scalars.contains(scale) => {
                            let (scale, inner) = (*scale, *inner);
                            let inner = self.product(left, inner);
                            self.binary(Operator::Multiply, scale, inner)
                        }
                        _ => self.binary(Operator::Multiply, left, right),
                    }
                }
                Expr::Binary(operator, left, right) => {
                    let (left, right) = (of(left), of(right));
                    self.binary(*operator, left, right)
                }
                Expr::Call(call) => {
                    let arguments = call.arguments.iter().map(of).collect();
                    self.push(Expr::Call(Call { arguments, ..call.clone() }))
                }
                Expr::Negate(part) => {
                    let part = of(part);
                    self.push(Expr::Negate(part))
                }
                Expr::Number(number, text) => self.push(Expr::Number(*number, text.clone())),
                Expr::Block(direction, parts) => {
                    let parts = parts.iter().map(of).collect();
                    self.push(Expr::Block(*direction, parts))
                }
            };
            made.insert(id, value);
        }
        made[&pattern]
    }
}
