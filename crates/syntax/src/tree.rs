//! The syntax tree: a flat list, operands before what joins them, each with its place in a text.

use crate::diagnostic::{Diagnostic, Mistake, Span, Text};
use formula::{Direction, Name, Number, Primitive};
use std::collections::BTreeSet;
use std::sync::Arc;

/// An expression of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ExprId(u32);

impl ExprId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Expressions of one or more texts.
///
/// Flat for the reason a formula is: a sum of ten thousand terms is a deep tree, and a walk over a list needs no stack.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    exprs: Vec<Expr>,
    spans: Vec<(u16, Span)>,
    texts: Vec<Arc<Text>>,
    bracketed: BTreeSet<ExprId>,
}

/// What is made of a name, which may be of operands that are given first.
pub(crate) type Made<'a> = dyn FnMut(&Name, &mut dyn FnMut(Expr) -> ExprId) -> Option<Expr> + 'a;

/// One expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    /// A number and how it was written.
    Number(Number, Name),
    Name(Name),
    Negate(ExprId),
    Transpose(ExprId),
    Binary(Operator, ExprId, ExprId),
    Call(Call),
    /// `[A, B]` or `[A; B]`, of two or more parts.
    Block(Direction, Vec<ExprId>),
}

/// `g(Z)`, its slope `g'(Z)`, or `g(Z; slope = 0.1)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub name: Name,
    /// The arguments by which slopes are meant, as in [`formula::Apply`].
    pub marks: Vec<u8>,
    pub arguments: Vec<ExprId>,
    pub settings: Vec<(Name, ExprId)>,
}

/// An operator with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Times,
    Over,
    Power,
    EachPower,
    Solve,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Equal,
    NotEqual,
}

impl Operator {
    /// The primitive that a comparison is.
    pub fn comparison(self) -> Option<Primitive> {
        match self {
            Operator::Greater => Some(Primitive::GREATER),
            Operator::Less => Some(Primitive::LESS),
            Operator::GreaterEqual => Some(Primitive::GREATER_EQUAL),
            Operator::LessEqual => Some(Primitive::LESS_EQUAL),
            Operator::Equal => Some(Primitive::EQUAL),
            Operator::NotEqual => Some(Primitive::NOT_EQUAL),
            Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Times
            | Operator::Over
            | Operator::Power
            | Operator::EachPower
            | Operator::Solve => None,
        }
    }

    /// How it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Times => ".*",
            Operator::Over => "./",
            Operator::Power => "^",
            Operator::EachPower => ".^",
            Operator::Solve => "\\",
            Operator::Greater => ">",
            Operator::Less => "<",
            Operator::GreaterEqual => ">=",
            Operator::LessEqual => "<=",
            Operator::Equal => "==",
            Operator::NotEqual => "!=",
        }
    }
}

impl Expr {
    /// The same of other operands.
    pub fn with_operands(&self, of: impl Fn(&ExprId) -> ExprId) -> Expr {
        match self {
            Expr::Number(..) | Expr::Name(_) => self.clone(),
            Expr::Negate(part) => Expr::Negate(of(part)),
            Expr::Transpose(part) => Expr::Transpose(of(part)),
            Expr::Binary(operator, left, right) => Expr::Binary(*operator, of(left), of(right)),
            Expr::Call(call) => Expr::Call(Call {
                arguments: call.arguments.iter().map(&of).collect(),
                settings: call.settings.iter().map(|(name, value)| (name.clone(), of(value))).collect(),
                ..call.clone()
            }),
            Expr::Block(direction, parts) => Expr::Block(*direction, parts.iter().map(of).collect()),
        }
    }
}

impl Tree {
    /// The tree with other expressions in the place of names, and where each of its own stands now.
    pub fn with_names(&self, made: &mut Made) -> (Tree, Vec<ExprId>) {
        let mut tree = Tree { texts: self.texts.clone(), ..Tree::default() };
        let mut now: Vec<ExprId> = Vec::new();
        for (at, (expr, (text, span))) in self.exprs.iter().zip(&self.spans).enumerate() {
            let mut first = |expr: Expr| tree.push(expr, *text, *span);
            let expr = match expr {
                Expr::Name(name) => made(name, &mut first).unwrap_or_else(|| expr.clone()),
                _ => expr.with_operands(|part| now[part.index()]),
            };
            let id = tree.push(expr, *text, *span);
            if self.bracketed.contains(&ExprId(at as u32)) {
                tree.bracketed.insert(id);
            }
            now.push(id);
        }
        (tree, now)
    }

    /// Makes room for expressions of this text; returns its number.
    pub fn add_text(&mut self, text: &Arc<Text>) -> u16 {
        self.texts.push(text.clone());
        (self.texts.len() - 1) as u16
    }

    /// How many expressions it holds.
    pub fn len(&self) -> usize {
        self.exprs.len()
    }

    pub fn push(&mut self, expr: Expr, text: u16, span: Span) -> ExprId {
        self.exprs.push(expr);
        self.spans.push((text, span));
        ExprId(self.exprs.len() as u32 - 1)
    }

    /// Gives a call another name.
    pub fn rename(&mut self, id: ExprId, name: &str) {
        if let Expr::Call(call) = &mut self.exprs[id.index()] {
            call.name = Name::from(name);
        }
    }

    /// Puts another expression, of operands that stand before it, in the place of one.
    pub fn replace(&mut self, id: ExprId, expr: Expr) {
        self.exprs[id.index()] = expr;
    }

    /// Counts the brackets round an expression to its place.
    pub fn widen(&mut self, id: ExprId, span: Span) {
        self.spans[id.index()].1 = span;
        self.bracketed.insert(id);
    }

    /// Whether an expression was written in brackets.
    pub fn is_bracketed(&self, id: ExprId) -> bool {
        self.bracketed.contains(&id)
    }

    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.index()]
    }

    pub fn span(&self, id: ExprId) -> Span {
        self.spans[id.index()].1
    }

    /// How many bytes of text an expression was read from.
    pub fn len_of(&self, id: ExprId) -> usize {
        let span = self.span(id);
        span.end - span.start
    }

    /// The name or number with a minus before it that stands behind an expression, as in `exp -x`.
    pub fn negated_behind(&self, id: ExprId) -> Option<String> {
        let (text, span) = self.spans[id.index()];
        let behind =
            self.texts[usize::from(text)].text.get(span.end..)?.strip_prefix(' ')?.strip_prefix('-')?;
        // Up to the end of the term: `exp -x^2` is of all of it.
        let ends = |letter: char| "+-,;=<>)]\n".contains(letter);
        let length = behind.find(|letter| ends(letter) || letter == '(').unwrap_or(behind.len());
        let term = behind[..length].trim_end();
        (!term.is_empty() && !behind[length..].starts_with('(')).then(|| format!("-{term}"))
    }

    /// The text an expression was read from, on one line.
    pub fn source(&self, id: ExprId) -> String {
        let (text, span) = self.spans[id.index()];
        crate::echo::shorten(self.texts[usize::from(text)].slice(span))
    }

    /// The text an expression was read from, on one line, with another text in the place of a part of it.
    pub fn source_with(&self, id: ExprId, part: ExprId, instead: &str) -> String {
        let ((text, whole), (_, inner)) = (self.spans[id.index()], self.spans[part.index()]);
        let text = &self.texts[usize::from(text)];
        let (before, after) =
            (Span { start: whole.start, end: inner.start }, Span { start: inner.end, end: whole.end });
        crate::echo::shorten(&format!("{}{instead}{}", text.slice(before), text.slice(after)))
    }

    /// A mistake at an expression.
    pub fn error(&self, mistake: impl Into<Mistake>, id: ExprId) -> Diagnostic {
        let (text, span) = self.spans[id.index()];
        self.texts[usize::from(text)].error(mistake.into(), span)
    }

    /// The operands of an expression, in order; settings come last.
    pub fn operands(&self, id: ExprId) -> Vec<ExprId> {
        match self.expr(id) {
            Expr::Number(..) | Expr::Name(_) => Vec::new(),
            Expr::Negate(part) | Expr::Transpose(part) => vec![*part],
            Expr::Binary(_, left, right) => vec![*left, *right],
            Expr::Call(call) => {
                let settings = call.settings.iter().map(|(_, value)| *value);
                call.arguments.iter().copied().chain(settings).collect()
            }
            Expr::Block(_, parts) => parts.clone(),
        }
    }

    /// The expressions that this one is built from, itself last: every operand before what joins it.
    pub fn within(&self, root: ExprId) -> Vec<ExprId> {
        let mut found = Vec::new();
        let mut stack = vec![root];
        while let Some(id) = stack.pop() {
            found.push(id);
            stack.extend(self.operands(id));
        }
        found.sort();
        found
    }

    /// The first operand of a chain `a op b op c` of these operators, and the others with their operators and the
    /// expressions that they end.
    pub fn chain(
        &self,
        top: ExprId,
        joins: fn(Operator) -> bool,
    ) -> (ExprId, Vec<(Operator, ExprId, ExprId)>) {
        let (mut first, mut rest) = (top, Vec::new());
        while let Expr::Binary(operator, left, right) = self.expr(first)
            && joins(*operator)
        {
            rest.push((*operator, *right, first));
            first = *left;
        }
        rest.reverse();
        (first, rest)
    }

    /// The names that stand for values in an expression, each once, in order of appearance.
    pub fn names(&self, root: ExprId) -> Vec<Name> {
        let mut names: Vec<Name> = Vec::new();
        for id in self.within(root) {
            if let Expr::Name(name) = self.expr(id)
                && !names.contains(name)
            {
                names.push(name.clone());
            }
        }
        names
    }

    /// The names of the functions called anywhere in the tree.
    pub fn calls(&self) -> impl Iterator<Item = &Name> {
        self.exprs.iter().filter_map(|expr| match expr {
            Expr::Call(call) => Some(&call.name),
            Expr::Number(..)
            | Expr::Name(_)
            | Expr::Negate(_)
            | Expr::Transpose(_)
            | Expr::Binary(..)
            | Expr::Block(..) => None,
        })
    }

    /// Whether two expressions, perhaps of two trees, read the same.
    #[cfg(test)]
    pub fn same(&self, mine: ExprId, other: &Tree, theirs: ExprId) -> bool {
        let mut stack = vec![(mine, theirs)];
        while let Some((a, b)) = stack.pop() {
            let head = match (self.expr(a), other.expr(b)) {
                (Expr::Number(x, _), Expr::Number(y, _)) => x == y,
                (Expr::Name(x), Expr::Name(y)) => x == y,
                (Expr::Negate(_), Expr::Negate(_)) | (Expr::Transpose(_), Expr::Transpose(_)) => true,
                (Expr::Binary(x, ..), Expr::Binary(y, ..)) => x == y,
                (Expr::Call(x), Expr::Call(y)) => {
                    let names =
                        |call: &Call| call.settings.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
                    x.name == y.name && x.marks == y.marks && names(x) == names(y)
                }
                (Expr::Block(x, _), Expr::Block(y, _)) => x == y,
                _ => false,
            };
            let (left, right) = (self.operands(a), other.operands(b));
            if !head || left.len() != right.len() {
                return false;
            }
            stack.extend(left.into_iter().zip(right));
        }
        true
    }
}
