//! Tokens to syntax trees: expressions, with the operators of the language, tightest first.

use crate::diagnostic::{Diagnostic, Mistake, Span, Text};
use crate::slices::Callable;
use crate::token::{Breaks, Kind, Token, tokens};
use crate::tree::{Call, Expr, ExprId, Operator, Tree};
use formula::{Direction, Name};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How deep brackets may nest. Only brackets recurse; chains of operators are loops.
const DEEPEST: usize = 200;

/// Reads one part of one text into a tree.
pub(crate) struct Parser<'a> {
    pub tree: &'a mut Tree,
    /// Names declared or defined so far: they decide whether `X^T` is a transpose and `df/dX` one symbol.
    pub known: BTreeSet<Name>,
    /// Those among them that are functions.
    pub functions: BTreeSet<Name>,
    /// The names of the library's functions; where they are not given, only what is known can be a value with entries.
    pub callable: Option<Callable>,
    pub source: Arc<Text>,
    pub text: u16,
    pub tokens: Vec<Token>,
    pub at: usize,
    pub depth: usize,
}

impl<'a> Parser<'a> {
    /// A parser at the start of a part of a text.
    pub fn new(
        tree: &'a mut Tree,
        source: &Arc<Text>,
        part: Span,
        breaks: Breaks,
    ) -> Result<Self, Diagnostic> {
        let tokens = tokens(source, part, breaks)?;
        let text = tree.add_text(source);
        Ok(Parser {
            tree,
            known: BTreeSet::new(),
            functions: BTreeSet::new(),
            callable: None,
            source: source.clone(),
            text,
            tokens,
            at: 0,
            depth: 0,
        })
    }

    /// `expression := sum (comparison sum)?`
    pub fn expression(&mut self) -> Result<ExprId, Diagnostic> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.error(Mistake::TooDeep { limit: DEEPEST }));
        }
        let mut value = self.sum()?;
        if let Some(operator) = comparison(self.peek()) {
            self.advance();
            let right = self.sum()?;
            value = self.join(operator, value, right);
            if comparison(self.peek()).is_some() {
                return Err(self.error(Mistake::ComparisonChain));
            }
        }
        self.depth -= 1;
        Ok(value)
    }

    /// `sum := product ((+ | -) product)*`
    pub fn sum(&mut self) -> Result<ExprId, Diagnostic> {
        self.chain(Self::product, |kind| match kind {
            Kind::Plus => Some(Operator::Add),
            Kind::Minus => Some(Operator::Subtract),
            _ => None,
        })
    }

    /// `product := sign ((* | / | .* | ./ | \) sign)*`
    fn product(&mut self) -> Result<ExprId, Diagnostic> {
        self.chain(Self::sign, |kind| match kind {
            Kind::Star => Some(Operator::Multiply),
            Kind::Slash => Some(Operator::Divide),
            Kind::DotStar => Some(Operator::Times),
            Kind::DotSlash => Some(Operator::Over),
            Kind::Backslash => Some(Operator::Solve),
            _ => None,
        })
    }

    fn chain(
        &mut self,
        operand: fn(&mut Self) -> Result<ExprId, Diagnostic>,
        operator: fn(Kind) -> Option<Operator>,
    ) -> Result<ExprId, Diagnostic> {
        let mut left = operand(self)?;
        while let Some(operator) = operator(self.peek()) {
            self.advance();
            let right = operand(self)?;
            left = self.join(operator, left, right);
        }
        Ok(left)
    }

    /// `sign := -* power`
    fn sign(&mut self) -> Result<ExprId, Diagnostic> {
        let mut signs = Vec::new();
        while self.peek() == Kind::Minus {
            signs.push(self.advance().span);
        }
        let mut value = self.power()?;
        for sign in signs.into_iter().rev() {
            let span = sign.to(self.tree.span(value));
            value = self.tree.push(Expr::Negate(value), self.text, span);
        }
        Ok(value)
    }

    /// `power := primary (' | ^ exponent | .^ exponent)*`, one level, left to right
    fn power(&mut self) -> Result<ExprId, Diagnostic> {
        let mut value = self.primary()?;
        let mut after_power = false;
        loop {
            let operator = match self.peek() {
                Kind::Quote => {
                    let span = self.tree.span(value).to(self.advance().span);
                    value = self.transposed_number(value, span);
                    value = self.tree.push(Expr::Transpose(value), self.text, span);
                    after_power = false;
                    continue;
                }
                Kind::Caret => Operator::Power,
                Kind::DotCaret => Operator::EachPower,
                _ => return Ok(value),
            };
            if after_power {
                return Err(self.error(Mistake::PowerTower));
            }
            self.advance();
            if operator == Operator::Power
                && let Some(turned) = self.turned(value)
            {
                value = turned;
                continue;
            }
            let exponent = self.exponent()?;
            if let Expr::Name(name) = self.tree.expr(value)
                && self.peek() == Kind::Open
                && crate::spelling::is_function(name)
                && !self.known.contains(name)
            {
                let power = self.source.slice(self.tree.span(exponent));
                let what = format!("the function `{name}` is raised to a power, and not its value");
                let mend = format!("write `{name}{}^{power}`", self.operand_here());
                return Err(self.error_at(Mistake::Foreign { what, mend }, self.tree.span(value)));
            }
            value = self.join(operator, value, exponent);
            after_power = true;
        }
    }

    /// `exponent := -? primary`
    fn exponent(&mut self) -> Result<ExprId, Diagnostic> {
        if self.peek() != Kind::Minus {
            return self.primary();
        }
        let sign = self.advance().span;
        let value = self.primary()?;
        let span = sign.to(self.tree.span(value));
        Ok(self.tree.push(Expr::Negate(value), self.text, span))
    }

    /// A number, a name, a call, or an expression in brackets.
    fn primary(&mut self) -> Result<ExprId, Diagnostic> {
        let token = self.token();
        match token.kind {
            Kind::Number(number) => {
                self.advance();
                // A point at the end would run into an operator when the text is printed.
                let spelled = Name::from(self.source.slice(token.span).trim_end_matches('.'));
                Ok(self.tree.push(Expr::Number(number, spelled), self.text, token.span))
            }
            Kind::Name if self.slices() => self.slice(),
            Kind::Name if self.calls() => self.call(),
            Kind::Name => {
                let (name, span) = self.name()?;
                Ok(self.tree.push(Expr::Name(name), self.text, span))
            }
            Kind::Open => {
                self.advance();
                let value = self.expression()?;
                let end = self.close(token.span)?;
                self.tree.widen(value, token.span.to(end));
                Ok(value)
            }
            Kind::OpenBlock => self.block(),
            _ => Err(self.no_value()),
        }
    }

    /// `[A, B; C, D]`: rows of blocks parted by semicolons, the blocks of a row by commas.
    fn block(&mut self) -> Result<ExprId, Diagnostic> {
        let open = self.advance().span;
        let (mut rows, mut row) = (Vec::new(), vec![self.expression()?]);
        loop {
            match self.peek() {
                Kind::Comma => {
                    self.advance();
                    row.push(self.expression()?);
                }
                Kind::Semicolon => {
                    self.advance();
                    let next = vec![self.expression()?];
                    rows.push(self.beside(Direction::Across, std::mem::replace(&mut row, next)));
                }
                _ => break,
            }
        }
        let end = match self.peek() {
            Kind::CloseBlock => self.advance().span,
            Kind::End => return Err(self.source.error(Mistake::Unclosed, open)),
            _ => return Err(self.unexpected("`,`, `;` or `]`")),
        };
        rows.push(self.beside(Direction::Across, row));
        let block = self.beside(Direction::Down, rows);
        self.tree.widen(block, open.to(end));
        Ok(block)
    }

    /// Parts beside or below one another; one alone is itself.
    fn beside(&mut self, direction: Direction, parts: Vec<ExprId>) -> ExprId {
        match (parts.as_slice(), parts.last()) {
            ([first, .., _], Some(last)) => {
                let span = self.tree.span(*first).to(self.tree.span(*last));
                self.tree.push(Expr::Block(direction, parts), self.text, span)
            }
            (_, Some(only)) => *only,
            (_, None) => unreachable!("a block has at least one part"),
        }
    }

    /// Whether the name here is followed by `(`, or by slope marks and `(`.
    fn calls(&self) -> bool {
        let kind = |at: usize| self.tokens.get(at).map_or(Kind::End, |token| token.kind);
        let mut at = self.at + 1;
        while kind(at) == Kind::Quote {
            at += if matches!(kind(at + 1), Kind::Number(_)) { 2 } else { 1 };
        }
        kind(at) == Kind::Open
    }

    /// `g(Z)`, `g'(Z)`, `h'2(X, Y)`, `g(Z, slope = 0.1)`, `g(Z; slope = 0.1)`
    fn call(&mut self) -> Result<ExprId, Diagnostic> {
        let start = self.advance().span;
        let name = Name::from(self.source.slice(start));
        let mut marks = Vec::new();
        while self.peek() == Kind::Quote {
            self.advance();
            marks.push(match self.peek() {
                Kind::Number(number) => {
                    let place = number.as_integer().and_then(|place| u8::try_from(place).ok()).unwrap_or(0);
                    if place == 0 {
                        return Err(self.expected("the number of an argument, counted from 1"));
                    }
                    self.advance();
                    place - 1
                }
                _ => 0,
            });
        }
        let open = self.advance().span;
        let (mut arguments, mut settings) = (Vec::new(), Vec::new());
        while self.peek() != Kind::Close {
            let next = self.tokens.get(self.at + 1).map(|token| token.kind);
            if self.peek() == Kind::Name && next == Some(Kind::Equals) {
                let (setting, _) = self.name()?;
                self.advance();
                settings.push((setting, self.expression()?));
            } else {
                arguments.push(self.expression()?);
            }
            match self.peek() {
                Kind::Comma | Kind::Semicolon => self.advance(),
                _ => break,
            };
        }
        let end = self.close(open)?;
        Ok(self.tree.push(Expr::Call(Call { name, marks, arguments, settings }), self.text, start.to(end)))
    }

    fn join(&mut self, operator: Operator, left: ExprId, right: ExprId) -> ExprId {
        let span = self.tree.span(left).to(self.tree.span(right));
        self.tree.push(Expr::Binary(operator, left, right), self.text, span)
    }

    /// A name, or the symbol of a derivative such as `df/dX`, written without spaces and no division of known names.
    pub fn name(&mut self) -> Result<(Name, Span), Diagnostic> {
        if self.peek() != Kind::Name {
            return Err(self.expected("a name"));
        }
        let first = self.advance().span;
        let text = |span: Span| self.source.slice(span);
        let (slash, second) = (self.token(), self.tokens.get(self.at + 1).copied());
        if let Some(second) = second
            && slash.kind == Kind::Slash
            && second.kind == Kind::Name
            && slash.span.start == first.end
            && second.span.start == slash.span.end
            && [first, second.span].iter().all(|span| {
                let word = text(*span);
                word.len() > 1 && word.starts_with('d') && !self.known.contains(word)
            })
        {
            let mut span = first.to(second.span);
            self.at += 2;
            // `d2f/dW1^2`: the second derivative by a name that ends with a digit.
            let square = self.tokens.get(self.at + 1).map(|token| token.span);
            if let Some(square) = square
                && text(first).starts_with("d2")
                && text(second.span).ends_with(|letter: char| letter.is_numeric())
                && text(span.to(square)).strip_prefix(text(span)) == Some("^2")
            {
                span = span.to(square);
                self.at += 2;
            }
            // `df/dw' = ...`: what is derived by stands transposed.
            if self.peek() == Kind::Quote && self.ahead(1) == Kind::Equals {
                span = span.to(self.token().span);
                self.at += 1;
            }
            return Ok((Name::from(text(span)), span));
        }
        Ok((Name::from(text(first)), first))
    }
}

fn comparison(kind: Kind) -> Option<Operator> {
    match kind {
        Kind::Greater => Some(Operator::Greater),
        Kind::Less => Some(Operator::Less),
        Kind::GreaterEqual => Some(Operator::GreaterEqual),
        Kind::LessEqual => Some(Operator::LessEqual),
        Kind::EqualEqual => Some(Operator::Equal),
        Kind::NotEqual => Some(Operator::NotEqual),
        _ => None,
    }
}

/// Reads a part of a text that is one expression, in which these names are known.
pub(crate) fn expression(
    tree: &mut Tree,
    source: &Arc<Text>,
    part: Span,
    known: &[Name],
) -> Result<ExprId, Diagnostic> {
    let mut parser = Parser::new(tree, source, part, Breaks::Space)?;
    parser.known.extend(known.iter().cloned());
    let root = parser.expression()?;
    parser.expect(Kind::End, "an operator or the end")?;
    Ok(root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Origin;
    use crate::echo::echo;

    fn read(text: &str) -> Result<(Tree, ExprId), Diagnostic> {
        let source = Text::new(Origin::Formula, text);
        let mut tree = Tree::default();
        let root = expression(&mut tree, &source, source.whole(), &[])?;
        Ok((tree, root))
    }

    fn check(text: &str, want: &str) {
        let (tree, root) = read(text).unwrap_or_else(|error| panic!("{}", error.render()));
        assert_eq!(echo(&tree, root), want);
        let (again, root_again) = read(want).unwrap();
        assert!(tree.same(root, &again, root_again), "{text} and {want} read differently");
    }

    fn refused(text: &str, want: &str) {
        let message = read(text).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(message.contains(want), "{text}: {message}");
    }

    #[test]
    fn operators_bind_as_the_language_says() {
        check("X^2'", "(X^2)'");
        check("-x^2", "-x^2");
        check("(-x)^2", "(-x)^2");
        check("x^-2", "x^-2");
        check("(a^b)^c", "(a^b)^c");
        check("a^(b^c)", "a^(b^c)");
        check("A' * B .* C", "(A'*B) .* C");
        check("A .* B * C", "(A .* B)*C");
        check("a - (b - c)", "a - (b - c)");
        check("(a - b) - c", "a - b - c");
        check("1/m*norm(A-Y)^2", "1/m*norm(A - Y)^2");
        check("1/(m*n)", "1/(m*n)");
        check("2.*X", "2 .* X");
        check("2.5e-3*x", "2.5e-3*x");
        check("X.T*Y^T", "X'*Y'");
        check("g'(Z) + h'2(X, Y)", "g'(Z) + h'2(X, Y)");
        check("leaky_relu(Z; slope = 0.2)", "leaky_relu(Z, slope = 0.2)");
        check("a + -b", "a + (-b)");
        check("a*-b", "a*(-b)");
        check("--x", "--x");
        check("df/dZ1 .* g'(Z1)", "df/dZ1 .* g'(Z1)");
        check("x./y.^2.*z", "x ./ y.^2 .* z");
        check("A\\B*C", "(A \\ B)*C");
        check("A*(B\\C)", "A*(B \\ C)");
        check("[A, B; C, D]", "[A, B; C, D]");
        check("[[A; B], C]'*[A]", "[[A; B], C]'*A");
        check("[[A, B]; C]", "[A, B; C]");
        check("x + 1 >= y*2", "x + 1 >= y*2");
        check("(x > 0)*y - (x == y)", "(x > 0)*y - (x == y)");
        check("f(x != 1, -[a; b])", "f(x != 1, -[a; b])");
    }

    #[test]
    fn mistakes_say_how_to_mend_them() {
        refused("a^b^c", "(a^b)^c");
        refused("A @ B", "write `*`");
        refused("x**2", "write `^`");
        refused("2x", "2*x");
        refused("X (Y)' Z", "operator");
        refused("[A, B", "never closed");
        refused("[A, B)", "expected `,`, `;` or `]`");
        refused("A]", "never opened");
        refused("[]", "expected a value");
        refused("a < b < c", "(a < b) .* (b < c)");
        refused("x<-1", "`< -`");
        refused("norm(A - Y", "never closed");
        refused("norm(A - Y))", "never opened");
        refused("a +", "expected a value");
        refused("", "expected a value");
        refused("1e999", "range");
        refused("1e-999", "range");
    }

    #[test]
    fn deep_brackets_are_refused_and_long_chains_are_read() {
        refused(&("(".repeat(100_000) + "x" + &")".repeat(100_000)), "200");
        for chain in ["x + ", "x .* ", "x*", "-", "x/"] {
            let text = chain.repeat(10_000) + "x";
            let (tree, root) = read(&text).unwrap();
            let (again, root_again) = read(&echo(&tree, root)).unwrap();
            assert!(tree.same(root, &again, root_again));
        }
        assert!(read(&("X".to_owned() + &"'".repeat(10_000))).is_ok());
    }
}
