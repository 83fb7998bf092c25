//! Where a parser stands among its tokens, and what it says of a token that does not fit.

use crate::diagnostic::{Diagnostic, Mistake, Span, Text};
use crate::echo::shorten;
use crate::parser::Parser;
use crate::token::{Kind, Token};
use std::sync::Arc;

impl Parser<'_> {
    /// Goes past a closing bracket; `open` is the place of the one it closes.
    pub fn close(&mut self, open: Span) -> Result<Span, Diagnostic> {
        match self.peek() {
            Kind::Close => Ok(self.advance().span),
            Kind::End => Err(self.source.error(Mistake::Unclosed, open)),
            _ => Err(self.unexpected("`)` or an operator")),
        }
    }

    /// The place of the token before the one here.
    pub fn before(&self) -> Span {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        before.map_or(self.token().span, |token| token.span)
    }

    /// The error for a text that ought to be at its end, or at the end of a statement.
    pub fn unexpected(&self, expected: &str) -> Diagnostic {
        let starts_value = matches!(self.peek(), Kind::Name | Kind::Number(_) | Kind::Open | Kind::OpenBlock);
        match (self.peek(), self.at.checked_sub(1).and_then(|at| self.tokens.get(at))) {
            (Kind::Close | Kind::CloseBlock, _) if self.depth == 0 => self.error(Mistake::Unopened),
            (Kind::Arrow, Some(before)) if ends_value(before.kind) => {
                let mend = "write a space, `< -`, for a comparison with a negative number".to_owned();
                self.error(Mistake::Foreign { what: "`<-` is no operator here".to_owned(), mend })
            }
            (_, Some(before)) if starts_value && ends_value(before.kind) => {
                let left = self.operand_before(before.span);
                // `ln x`
                if let Some(own) = crate::spelling::function_in_papers(&left) {
                    let right = self.operand_at(self.at, own != "log");
                    let what = format!(
                        "`{left}` is the function `{own}` here, and stands before `{right}` without brackets"
                    );
                    return self.error(Mistake::Foreign { what, mend: format!("write `{own}({right})`") });
                }
                let is_function = crate::spelling::is_function(&left);
                let mut right = self.operand_at(self.at, is_function && left != "log");
                // `log x^2` is the logarithm of a power, as papers have it.
                if is_function && left != "norm" {
                    right = self.with_power(right);
                }
                // `cos 2x`
                if let (true, Some(Kind::Number(_)), Some(Kind::Name)) =
                    (is_function, self.kind_at(self.at), self.kind_at(self.at + 1))
                    && let Some(number) = self.tokens.get(self.at)
                {
                    let factor = self.operand_at(self.at + 1, false);
                    right = format!("{}*{factor}", self.source.slice(number.span));
                }
                let divides = self.at.checked_sub(2).and_then(|at| self.tokens.get(at));
                if divides.is_some_and(|token| token.kind == Kind::Slash) && !is_function {
                    let what = format!(
                        "there is no operator between `{left}` and `{right}`, which stand behind `/`"
                    );
                    let mend = format!(
                        "write `({left}*{right})` to divide by both, `{left}*{right}` to divide by the first alone"
                    );
                    return self.error(Mistake::Foreign { what, mend });
                }
                self.error(Mistake::MissingOperator { left, right })
            }
            (Kind::Close | Kind::CloseBlock, _) => {
                let found = format!("`{}`", self.word());
                self.error(Mistake::Expected { expected: expected.to_owned(), found })
            }
            _ => self.expected(expected),
        }
    }

    fn kind_at(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// The operand that ends before the token here: a name, a number, or a bracket with the function before it, and the marks of
    /// transposes behind it.
    fn operand_before(&self, last: Span) -> String {
        let kind = |at: usize| self.tokens.get(at).map(|token| token.kind);
        let mut at = self.at.saturating_sub(1);
        while kind(at) == Some(Kind::Quote) && at > 0 {
            at -= 1;
        }
        let mut depth = 0_usize;
        loop {
            match kind(at) {
                Some(Kind::Close | Kind::CloseBlock) => depth += 1,
                Some(Kind::Open | Kind::OpenBlock) => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 || at == 0 {
                break;
            }
            at -= 1;
        }
        let named = kind(at) == Some(Kind::Open) && at > 0 && kind(at - 1) == Some(Kind::Name);
        let first = self.tokens.get(at - usize::from(named)).map_or(last, |token| token.span);
        shorten(self.source.slice(first.to(last)))
    }

    /// The operand that begins with the token here: a name with its bracket, a number, or what stands in brackets, with the marks of
    /// transposes behind it; a function without brackets has them round its argument.
    pub fn operand_here(&self) -> String {
        self.operand_at(self.at, false)
    }

    /// The operand that begins with a token, or the product of it and what it is multiplied by.
    fn operand_at(&self, first: usize, with_factors: bool) -> String {
        /// How many functions without brackets are followed.
        const MOST: usize = 8;
        let kind = |at: usize| self.tokens.get(at).map(|token| token.kind);
        let word = |at: usize| self.tokens.get(at).map_or("", |token| self.source.slice(token.span));
        let begins = |at: usize| matches!(kind(at), Some(Kind::Name | Kind::Number(_)));
        let is_bare = |at: usize| {
            kind(at) == Some(Kind::Name) && begins(at + 1) && crate::spelling::is_function(word(at))
        };
        let mut last = first;
        while is_bare(last) && last - first < MOST {
            last += 1;
        }
        if last > first {
            let inner = self.operand_at(last, word(last - 1) != "log");
            return (first..last).rev().fold(inner, |inner, at| format!("{}({inner})", word(at)));
        }
        let mut end = self.operand_end(first);
        while let Some(past) = end.filter(|_| with_factors)
            && kind(past + 1) == Some(Kind::Star)
            && let Some(more) = self.operand_end(past + 2)
        {
            end = Some(more);
        }
        match (self.tokens.get(first), end.and_then(|end| self.tokens.get(end))) {
            (Some(first), Some(end)) => shorten(self.source.slice(first.span.to(end.span))),
            _ => word(first).to_owned(),
        }
    }

    /// An operand that begins here, with the power directly behind it.
    fn with_power(&self, operand: String) -> String {
        let kind = |at: usize| self.tokens.get(at).map(|token| token.kind);
        let end = self.operand_end(self.at).filter(|end| kind(end + 1) == Some(Kind::Caret));
        let power =
            end.and_then(|end| self.operand_end(end + 2 + usize::from(kind(end + 2) == Some(Kind::Minus))));
        let is_alone = self.operand_at(self.at, false) == operand;
        match (self.tokens.get(self.at), power.and_then(|end| self.tokens.get(end))) {
            (Some(first), Some(last)) if is_alone => shorten(self.source.slice(first.span.to(last.span))),
            _ => operand,
        }
    }

    /// The last token of the operand that begins with a token; `None` where its bracket is never closed.
    fn operand_end(&self, first: usize) -> Option<usize> {
        let kind = |at: usize| self.tokens.get(at).map(|token| token.kind);
        let (mut at, mut depth) = (first, 0_usize);
        if kind(at) == Some(Kind::Name) && kind(at + 1) == Some(Kind::Open) {
            at += 1;
        }
        loop {
            match kind(at) {
                Some(Kind::Open | Kind::OpenBlock) => depth += 1,
                Some(Kind::Close | Kind::CloseBlock) => depth = depth.saturating_sub(1),
                None | Some(Kind::End) => return None,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            at += 1;
        }
        while kind(at + 1) == Some(Kind::Quote) {
            at += 1;
        }
        Some(at)
    }

    /// The error that something else ought to stand here.
    pub fn expected(&self, expected: &str) -> Diagnostic {
        let found = match self.peek() {
            Kind::End => "the end".to_owned(),
            Kind::Newline => "the end of the line".to_owned(),
            Kind::Close | Kind::CloseBlock if self.depth <= 1 => return self.error(Mistake::Unopened),
            _ => format!("`{}`", self.source.slice(self.token().span)),
        };
        self.error(Mistake::Expected { expected: expected.to_owned(), found })
    }

    /// The error that a value ought to stand here.
    pub fn no_value(&self) -> Diagnostic {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        if before.is_some_and(|before| before.kind == self.peek()) && self.peek().joins() {
            let sign = self.source.slice(self.token().span);
            let what = format!("`{sign}` stands twice, with no value between");
            let mend = String::from("leave out one of the two, or write the value that is missing");
            return self.error(Mistake::Foreign { what, mend });
        }
        self.expected("a value: a name, a number or an opening bracket")
    }

    /// A mistake at the token here.
    pub fn error(&self, mistake: Mistake) -> Diagnostic {
        self.source.error(mistake, self.token().span)
    }

    /// A mistake at a place of this text.
    pub fn error_at(&self, mistake: Mistake, span: Span) -> Diagnostic {
        self.source.error(mistake, span)
    }

    /// The kind of the token here.
    pub fn peek(&self) -> Kind {
        self.token().kind
    }

    /// The token here; the last one is the end, and stays.
    pub fn token(&self) -> Token {
        let end = Token {
            kind: Kind::End,
            span: Span { start: self.source.text.len(), end: self.source.text.len() },
        };
        self.tokens.get(self.at).copied().unwrap_or(end)
    }

    /// The token after the one here and any number of others.
    pub fn ahead(&self, count: usize) -> Kind {
        self.tokens.get(self.at + count).map_or(Kind::End, |token| token.kind)
    }

    /// The text of the token after the one here and any number of others.
    pub fn ahead_word(&self, count: usize) -> &str {
        self.tokens.get(self.at + count).map_or("", |token| self.source.slice(token.span))
    }

    /// The text of the token here.
    pub fn word(&self) -> &str {
        self.source.slice(self.token().span)
    }

    /// Goes past the token here, and returns it.
    pub fn advance(&mut self) -> Token {
        let token = self.token();
        self.at = (self.at + 1).min(self.tokens.len());
        token
    }

    /// Goes past a token of this kind, or says what was expected.
    pub fn expect(&mut self, kind: Kind, expected: &str) -> Result<Token, Diagnostic> {
        match self.peek() == kind {
            true => Ok(self.advance()),
            false => Err(self.unexpected(expected)),
        }
    }

    /// The text that is read.
    pub fn source(&self) -> &Arc<Text> {
        &self.source
    }

    /// Goes past the bracket here and its partner, and looks at what follows, without moving.
    pub fn after_brackets(&self) -> Kind {
        let (mut depth, mut count) = (0_usize, 0);
        // The token here is the name before the bracket.
        loop {
            count += 1;
            match self.ahead(count) {
                Kind::Open | Kind::OpenBlock => depth += 1,
                Kind::Close | Kind::CloseBlock if depth <= 1 => return self.ahead(count + 1),
                Kind::Close | Kind::CloseBlock => depth -= 1,
                Kind::End => return Kind::End,
                _ => {}
            }
        }
    }
}

fn ends_value(kind: Kind) -> bool {
    matches!(kind, Kind::Name | Kind::Number(_) | Kind::Close | Kind::CloseBlock | Kind::Quote)
}
