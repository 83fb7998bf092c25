//! The small language of laws: an expression over metavariables, and the parser that reads it.

use formula::{Direction, Name, Number, Size};

/// An expression of a law. `a - b` is read as `a + (-b)` and `a/b` as `a * b^-1`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    Number(Number),
    /// A metavariable or a size.
    Name(Name),
    /// `df/dG`: the derivative that comes in, by this name.
    Derivative(Name),
    Sum(Vec<Expression>),
    Negative(Box<Expression>),
    Product(Vec<Expression>),
    Times(Vec<Expression>),
    Power(Box<[Expression; 2]>),
    Transpose(Box<Expression>),
    Call(Call),
    /// `[A, X, B]` or `[A; X; B]`.
    Block(Direction, Vec<Expression>),
}

/// `ones(m, n)`, `tr(X)`, `softmax(X, 2)`, `g(X)`, or a slope: `g'(X)` is the one by the only argument, `g'2(X, Y)` the one by
/// the second.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub function: Name,
    /// The argument the slope is taken by, counted from 0.
    pub slope: Option<u8>,
    pub arguments: Vec<Expression>,
}

/// Brackets and signs may nest this deep, so that no text overflows the stack.
const DEEPEST: usize = 40;

impl Expression {
    /// Reads an expression; the error says what is wrong and where.
    pub fn parse(text: &str) -> Result<Expression, String> {
        let mut parser = Parser { rest: text.trim_start(), depth: 0 };
        let expression = parser.sum()?;
        if parser.rest.is_empty() { Ok(expression) } else { Err(parser.unexpected("an operator or the end")) }
    }

    /// How often a name occurs in it.
    pub fn count(&self, name: &Name) -> usize {
        match self {
            Expression::Name(own) => usize::from(own == name),
            Expression::Number(_) | Expression::Derivative(_) => 0,
            Expression::Sum(parts)
            | Expression::Product(parts)
            | Expression::Times(parts)
            | Expression::Block(_, parts) => parts.iter().map(|part| part.count(name)).sum(),
            Expression::Power(pair) => pair.iter().map(|part| part.count(name)).sum(),
            Expression::Negative(inner) | Expression::Transpose(inner) => inner.count(name),
            Expression::Call(call) => call.arguments.iter().map(|argument| argument.count(name)).sum(),
        }
    }

    /// The size that it is, a polynomial in names; `meaning` gives the size that a name stands for.
    pub fn size(&self, meaning: &dyn Fn(&Name) -> Option<Size>) -> Option<Size> {
        match self {
            Expression::Name(name) => meaning(name),
            Expression::Number(number) => {
                number.as_integer().and_then(|value| u32::try_from(value).ok()).map(Size::number)
            }
            Expression::Sum(parts) => {
                parts.iter().try_fold(Size::number(0), |sum, part| Some(sum.add(&part.size(meaning)?)))
            }
            Expression::Product(parts) => parts
                .iter()
                .try_fold(Size::number(1), |product, part| Some(product.multiply(&part.size(meaning)?))),
            Expression::Negative(inner) => Some(inner.size(meaning)?.negate()),
            Expression::Derivative(_)
            | Expression::Times(_)
            | Expression::Power(_)
            | Expression::Transpose(_)
            | Expression::Call(_)
            | Expression::Block(..) => None,
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn sum(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.product()?];
        loop {
            if self.eat("+") {
                parts.push(self.product()?);
            } else if self.eat("-") {
                parts.push(Expression::Negative(Box::new(self.product()?)));
            } else {
                return Ok(one_or(parts, Expression::Sum));
            }
        }
    }

    /// `*`, `.*`, `/` and `./` bind alike and from left to right.
    fn product(&mut self) -> Result<Expression, String> {
        let mut left = self.signed()?;
        loop {
            left = if self.eat(".*") {
                times(left, self.signed()?)
            } else if self.eat("./") {
                times(left, reciprocal(self.signed()?))
            } else if self.eat("*") {
                product(left, self.signed()?)
            } else if self.eat("/") {
                product(left, reciprocal(self.signed()?))
            } else {
                return Ok(left);
            };
        }
    }

    fn signed(&mut self) -> Result<Expression, String> {
        if self.eat("-") {
            let inner = self.nested(Parser::signed)?;
            return Ok(Expression::Negative(Box::new(inner)));
        }
        self.postfix()
    }

    fn postfix(&mut self) -> Result<Expression, String> {
        let mut base = self.primary()?;
        loop {
            if self.eat("'") {
                base = Expression::Transpose(Box::new(base));
            } else if self.eat(".^") || self.eat("^") {
                let negative = self.eat("-");
                let exponent = self.primary()?;
                let exponent = if negative { Expression::Negative(Box::new(exponent)) } else { exponent };
                base = Expression::Power(Box::new([base, exponent]));
            } else {
                return Ok(base);
            }
        }
    }

    fn primary(&mut self) -> Result<Expression, String> {
        if self.eat("(") {
            let inner = self.nested(Parser::sum)?;
            return if self.eat(")") { Ok(inner) } else { Err(self.unexpected("`)`")) };
        }
        if self.eat("[") {
            return self.block();
        }
        if self.rest.starts_with(|first: char| first.is_ascii_digit()) {
            return self.number();
        }
        let Some(name) = self.word() else {
            return Err(self.unexpected("a number, a name or `(`"));
        };
        if name == "df" && self.rest.starts_with("/d") {
            self.advance(2);
            let by = self.word().ok_or_else(|| self.unexpected("the name after `df/d`"))?;
            self.advance(0);
            return Ok(Expression::Derivative(Name::from(by)));
        }
        let slope = self.slope();
        if slope.is_some() || self.rest.starts_with('(') {
            self.advance(1);
            let arguments = self.arguments()?;
            return Ok(Expression::Call(Call { function: Name::from(name), slope, arguments }));
        }
        self.advance(0);
        Ok(Expression::Name(Name::from(name)))
    }

    /// The parts of a block, after its bracket: all parted by commas, or all by semicolons.
    fn block(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.nested(Parser::sum)?];
        let (mark, direction) =
            if self.rest.starts_with(';') { (";", Direction::Down) } else { (",", Direction::Across) };
        while self.eat(mark) {
            parts.push(self.nested(Parser::sum)?);
        }
        if self.eat("]") {
            Ok(Expression::Block(direction, parts))
        } else {
            Err(self.unexpected(&format!("`{mark}` or `]`")))
        }
    }

    /// The mark between a function's name and its bracket: `'`, or `'2` for the second argument.
    fn slope(&mut self) -> Option<u8> {
        let marked = self.rest.strip_prefix('\'')?;
        let digits = marked.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = marked.split_at(digits);
        if !rest.starts_with('(') {
            return None;
        }
        let place = if number.is_empty() { 0 } else { number.parse::<u8>().ok()?.checked_sub(1)? };
        self.rest = rest;
        Some(place)
    }

    fn arguments(&mut self) -> Result<Vec<Expression>, String> {
        let mut arguments = vec![self.nested(Parser::sum)?];
        while self.eat(",") {
            arguments.push(self.nested(Parser::sum)?);
        }
        if self.eat(")") { Ok(arguments) } else { Err(self.unexpected("`,` or `)`")) }
    }

    fn number(&mut self) -> Result<Expression, String> {
        let whole = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let fraction = match self.rest[whole..].strip_prefix('.') {
            Some(rest) => rest.bytes().take_while(u8::is_ascii_digit).count(),
            None => 0,
        };
        let length = if fraction > 0 { whole + 1 + fraction } else { whole };
        let number = Number::decimal(&self.rest[..length]).ok_or_else(|| self.unexpected("a number"))?;
        self.advance(length);
        Ok(Expression::Number(number))
    }

    /// A name, without the blanks after it.
    fn word(&mut self) -> Option<&'a str> {
        let name = word_length(self.rest);
        let (word, rest) = self.rest.split_at(name);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Expression, String>,
    ) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("the brackets nest deeper than {DEEPEST}"));
        }
        let inner = read(self);
        self.depth -= 1;
        inner
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest.starts_with(token);
        if found {
            self.advance(token.len());
        }
        found
    }

    fn advance(&mut self, length: usize) {
        self.rest = self.rest[length..].trim_start();
    }

    fn unexpected(&self, expected: &str) -> String {
        match self.rest {
            "" => format!("{expected} should stand at the end"),
            rest => format!("{expected} should stand before `{rest}`"),
        }
    }
}

/// How many bytes of a text are the name it begins with.
pub(crate) fn word_length(text: &str) -> usize {
    let letters =
        |(place, c): (usize, char)| c.is_alphabetic() || (place > 0 && (c.is_numeric() || c == '_'));
    text.char_indices().find(|&(place, c)| !letters((place, c))).map_or(text.len(), |(place, _)| place)
}

fn one_or(mut parts: Vec<Expression>, many: impl FnOnce(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => many(parts),
    }
}

fn product(left: Expression, right: Expression) -> Expression {
    match left {
        Expression::Product(mut factors) => {
            factors.push(right);
            Expression::Product(factors)
        }
        left => Expression::Product(vec![left, right]),
    }
}

fn times(left: Expression, right: Expression) -> Expression {
    match left {
        Expression::Times(mut factors) => {
            factors.push(right);
            Expression::Times(factors)
        }
        left => Expression::Times(vec![left, right]),
    }
}

fn reciprocal(divisor: Expression) -> Expression {
    Expression::Power(Box::new([divisor, Expression::Number(Number::MINUS_ONE)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Expression {
        Expression::parse(text).expect(text)
    }

    #[test]
    fn operators_bind_from_the_left() {
        assert_eq!(parse("A*B*C"), product(product(parse("A"), parse("B")), parse("C")));
        assert_eq!(parse("A'*B .* C"), times(parse("A'*B"), parse("C")));
        assert_eq!(parse("-X^2"), Expression::Negative(Box::new(parse("X^2"))));
        assert_eq!(parse("2.*X"), times(parse("2"), parse("X")));
    }

    #[test]
    fn a_derivative_is_one_symbol() {
        let seed = Expression::Derivative(Name::from("G"));
        assert_eq!(parse("df/dG*W'"), product(seed.clone(), parse("W'")));
        assert_eq!(parse("df/dG/G"), product(seed, reciprocal(parse("G"))));
    }

    #[test]
    fn a_slope_is_a_mark_before_a_bracket() {
        let Expression::Call(call) = parse("g'2(Y, X)") else { panic!("a call") };
        assert_eq!((call.function.as_str(), call.slope, call.arguments.len()), ("g", Some(1), 2));
        assert_eq!(parse("g'"), Expression::Transpose(Box::new(parse("g"))));
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        for text in ["", "A*", "(A", "A)", "g(X", "A B", "$", "df/d", "g'300(X)", "é^"] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
        assert!(Expression::parse(&"(".repeat(100_000)).is_err());
        assert!(Expression::parse(&"-".repeat(100_000)).is_err());
    }
}
