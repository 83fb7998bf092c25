//! Transposes that are written as powers, `X^T` and `X^(-T)`, and those of numbers.

use crate::diagnostic::Span;
use crate::meanings::{Form, call, meaning};
use crate::parser::Parser;
use crate::token::Kind;
use crate::tree::{Call, Expr, ExprId};
use formula::Name;

impl Parser<'_> {
    /// The transpose that an exponent here makes of a value, `T`, `-T`, `(T)` or `(-T)`, where nothing is called T; goes past it.
    pub fn turned(&mut self, value: ExprId) -> Option<ExprId> {
        let is_closed = self.peek() == Kind::Open;
        let open = usize::from(is_closed);
        let kind = |ahead: usize| if ahead == 0 { self.peek() } else { self.ahead(ahead) };
        let minus = usize::from(kind(open) == Kind::Minus);
        let at = open + minus;
        let word = if at == 0 { self.word() } else { self.ahead_word(at) };
        let is_turn = kind(at) == Kind::Name && word == "T" && !self.known.contains("T");
        if !is_turn || is_closed && kind(at + 1) != Kind::Close {
            return None;
        }
        self.at += at + open;
        let span = self.tree.span(value).to(self.advance().span);
        let value = if minus > 0 { self.inverse(value, span) } else { value };
        Some(self.tree.push(Expr::Transpose(value), self.text, span))
    }

    fn inverse(&mut self, value: ExprId, span: Span) -> ExprId {
        let (name, arguments) = (Name::from("inv"), vec![value]);
        let inverse = Call { name, marks: Vec::new(), arguments, settings: Vec::new() };
        self.tree.push(Expr::Call(inverse), self.text, span)
    }

    /// A column of ones where a one is transposed, as in `1'*x`.
    pub fn transposed_number(&mut self, value: ExprId, span: Span) -> ExprId {
        let Expr::Number(_, written) = self.tree.expr(value) else { return value };
        match meaning(Form::Column, written) {
            Some(word) => self.tree.push(call(word, vec![value]), self.text, span),
            None => value,
        }
    }
}
