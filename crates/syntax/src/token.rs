//! Text to tokens: numbers, names and operators with their places; comments and breaks inside brackets fall away.

use crate::diagnostic::{Diagnostic, Mistake, Span, Text};
use formula::Number;
use std::sync::Arc;

/// A token and its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub kind: Kind,
    pub span: Span,
}

/// What a token is; a name's text is read at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Number(Number),
    Name,
    Open,
    Close,
    OpenBlock,
    CloseBlock,
    Comma,
    Semicolon,
    Newline,
    Colon,
    Equals,
    Arrow,
    Plus,
    Minus,
    Star,
    Slash,
    Backslash,
    DotStar,
    DotSlash,
    Caret,
    DotCaret,
    Quote,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    EqualEqual,
    NotEqual,
    End,
}

impl Kind {
    /// Whether a line may break after it or, but for `-`, before it.
    pub fn joins(self) -> bool {
        match self {
            Kind::Plus | Kind::Minus | Kind::Star | Kind::Slash | Kind::Backslash => true,
            Kind::DotStar | Kind::DotSlash | Kind::Caret | Kind::DotCaret => true,
            Kind::Colon | Kind::Equals | Kind::Arrow => true,
            Kind::Greater | Kind::Less | Kind::GreaterEqual | Kind::LessEqual => true,
            Kind::EqualEqual | Kind::NotEqual => true,
            Kind::Number(_) | Kind::Name | Kind::Open | Kind::Close | Kind::Comma => false,
            Kind::OpenBlock | Kind::CloseBlock => false,
            Kind::Semicolon | Kind::Newline | Kind::Quote | Kind::End => false,
        }
    }

    /// Whether it is a name, a number or an operator, which become nodes.
    fn is_word(self) -> bool {
        match self {
            Kind::Number(_) | Kind::Name | Kind::Quote => true,
            Kind::Open | Kind::Close | Kind::OpenBlock | Kind::CloseBlock => false,
            Kind::Comma | Kind::Semicolon | Kind::Newline | Kind::Colon => false,
            Kind::Equals | Kind::Arrow | Kind::End => false,
            Kind::Plus | Kind::Minus | Kind::Star | Kind::Slash | Kind::Backslash => true,
            Kind::DotStar | Kind::DotSlash | Kind::Caret | Kind::DotCaret => true,
            Kind::Greater | Kind::Less | Kind::GreaterEqual | Kind::LessEqual => true,
            Kind::EqualEqual | Kind::NotEqual => true,
        }
    }
}

/// How line breaks outside brackets are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breaks {
    /// They part statements.
    Part,
    /// They are white space.
    Space,
}

/// The longest text that is read, in bytes: a formula, declarations, a claim, or definitions.
pub const LONGEST_TEXT: usize = 1_000_000;

/// The most names, numbers and operators that one text may have.
const MOST_WORDS: usize = 32_000;

/// The tokens of a part of a text, closed by [`Kind::End`].
///
/// # Errors
/// When the text is longer than [`LONGEST_TEXT`], the part has more names, numbers and operators than are read, or it has a
/// letter that is not of the language.
pub(crate) fn tokens(text: &Arc<Text>, part: Span, breaks: Breaks) -> Result<Vec<Token>, Diagnostic> {
    text.check_length()?;
    let mut lexer = Lexer { text, at: part.start, end: part.end, depth: 0, tokens: Vec::new() };
    let mut words = 0;
    while let Some(token) = lexer.next()? {
        words += usize::from(token.kind.is_word());
        if words > MOST_WORDS {
            return Err(text.error(Mistake::TooManyWords { limit: MOST_WORDS }, token.span));
        }
        match token.kind {
            Kind::Open | Kind::OpenBlock => lexer.depth += 1,
            Kind::Close | Kind::CloseBlock => lexer.depth = lexer.depth.saturating_sub(1),
            Kind::Newline if breaks == Breaks::Space || lexer.depth > 0 => continue,
            _ => {}
        }
        let before = lexer.tokens.last().map(|last| last.kind);
        if token.kind == Kind::Newline && before.is_none_or(Kind::joins) {
            continue;
        }
        if token.kind.joins() && token.kind != Kind::Minus && before == Some(Kind::Newline) {
            lexer.tokens.pop();
        }
        lexer.tokens.push(token);
    }
    lexer.tokens.push(Token { kind: Kind::End, span: Span { start: part.end, end: part.end } });
    Ok(lexer.tokens)
}

/// Whether a name may begin with this letter.
pub(crate) fn begins_name(letter: char) -> bool {
    letter.is_alphabetic() || letter == '_'
}

/// Whether a name may go on with this letter.
pub(crate) fn continues_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

struct Lexer<'a> {
    text: &'a Arc<Text>,
    at: usize,
    end: usize,
    depth: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.text.get(self.at..self.end).unwrap_or("")
    }

    /// The next token; `None` at the end.
    fn next(&mut self) -> Result<Option<Token>, Diagnostic> {
        self.skip_space();
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Ok(None);
        };
        let second = rest[first.len_utf8()..].chars().next().unwrap_or('\0');
        if first.is_ascii_digit() || (first == '.' && second.is_ascii_digit()) {
            return self.number().map(Some);
        }
        if begins_name(first) {
            let length = rest.find(|letter| !continues_name(letter)).unwrap_or(rest.len());
            return Ok(Some(self.take(Kind::Name, length)));
        }
        let third_continues = rest.chars().nth(2).is_some_and(continues_name);
        let (kind, length) = match (first, second) {
            ('.', '*') => (Kind::DotStar, 2),
            ('.', '/') => (Kind::DotSlash, 2),
            ('.', '^') => (Kind::DotCaret, 2),
            ('.', '\'') => (Kind::Quote, 2),
            // NumPy's transpose.
            ('.', 'T') if !third_continues => (Kind::Quote, 2),
            ('<', '-') => (Kind::Arrow, 2),
            ('*', '*') => {
                return self.refuse(2, "`**` is no operator here", "write `^`, or `.^` entry by entry");
            }
            ('(', _) => (Kind::Open, 1),
            (')', _) => (Kind::Close, 1),
            (',', _) => (Kind::Comma, 1),
            (';', _) => (Kind::Semicolon, 1),
            ('\n', _) => (Kind::Newline, 1),
            (':', _) => (Kind::Colon, 1),
            ('=', '=') => (Kind::EqualEqual, 2),
            ('!' | '~', '=') => (Kind::NotEqual, 2),
            ('>', '=') => (Kind::GreaterEqual, 2),
            ('<', '=') => (Kind::LessEqual, 2),
            ('>', _) => (Kind::Greater, 1),
            ('<', _) => (Kind::Less, 1),
            ('[', _) => (Kind::OpenBlock, 1),
            (']', _) => (Kind::CloseBlock, 1),
            ('=', _) => (Kind::Equals, 1),
            ('+', _) => (Kind::Plus, 1),
            ('-', _) => (Kind::Minus, 1),
            ('*', _) => (Kind::Star, 1),
            ('/', _) => (Kind::Slash, 1),
            ('\\', _) => (Kind::Backslash, 1),
            ('^', _) => (Kind::Caret, 1),
            ('\'', _) => (Kind::Quote, 1),
            _ => return self.foreign(first),
        };
        Ok(Some(self.take(kind, length)))
    }

    fn skip_space(&mut self) {
        loop {
            let rest = self.rest();
            let blank =
                rest.find(|letter: char| letter == '\n' || !letter.is_whitespace()).unwrap_or(rest.len());
            let comment = match rest[blank..].starts_with('#') {
                true => rest[blank..].find('\n').unwrap_or(rest.len() - blank),
                false => 0,
            };
            if blank + comment == 0 {
                return;
            }
            self.at += blank + comment;
        }
    }

    fn take(&mut self, kind: Kind, length: usize) -> Token {
        let span = Span { start: self.at, end: self.at + length };
        self.at += length;
        Token { kind, span }
    }

    /// `12`, `0.25`, `.5`, `1e-8`; the point of `2.*X` belongs to the operator.
    fn number(&mut self) -> Result<Token, Diagnostic> {
        let rest = self.rest().as_bytes();
        let digits = |from: usize| rest[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let byte = |at: usize| rest.get(at).copied().unwrap_or(0);
        let mut length = digits(0);
        let after_point = byte(length + 1);
        if byte(length) == b'.' && !matches!(after_point, b'*' | b'/' | b'^' | b'\'' | b'T') {
            length += 1;
            length += digits(length);
        }
        if matches!(byte(length), b'e' | b'E') {
            let sign = usize::from(matches!(byte(length + 1), b'+' | b'-'));
            if byte(length + 1 + sign).is_ascii_digit() {
                length += 1 + sign;
                length += digits(length);
            }
        }
        let token = self.take(Kind::End, length);
        let text = self.text.slice(token.span);
        let nothing = text.split(['e', 'E']).next().unwrap_or("").bytes().all(|b| matches!(b, b'0' | b'.'));
        match Number::decimal(text) {
            _ if nothing => Ok(Token { kind: Kind::Number(Number::ZERO), ..token }),
            Some(number) if number.value() != 0.0 => Ok(Token { kind: Kind::Number(number), ..token }),
            _ => Err(self.text.error(Mistake::NumberOutOfRange { text: text.to_owned() }, token.span)),
        }
    }

    fn refuse(&mut self, length: usize, what: &str, mend: &str) -> Result<Option<Token>, Diagnostic> {
        let span = self.take(Kind::End, length).span;
        Err(self.text.error(Mistake::Foreign { what: what.to_owned(), mend: mend.to_owned() }, span))
    }

    fn foreign(&mut self, letter: char) -> Result<Option<Token>, Diagnostic> {
        let mend = match letter {
            '@' => "write `*` for the matrix product",
            '−' | '–' | '—' => "write `-`",
            '·' | '×' | '∗' => "write `*`, and `x` between the sizes of a shape",
            '⊙' | '∘' | '⊗' => "write `.*` for the elementwise product",
            '÷' => "write `/`, or `./` entry by entry",
            '’' | '‘' | '′' | 'ᵀ' | '⊤' | '`' => "write `'` for the transpose",
            '²' | '³' => "write `^2` or `^3`",
            '{' | '}' => "write round brackets",
            '|' => "write `abs(x)`, or `norm(x)` for the length",
            '≤' => "write `<=`",
            '≥' => "write `>=`",
            '≠' => "write `!=`",
            '!' | '~' => {
                "for what is not so write `1 - c` where c is 0 or 1; a factorial is written as its number"
            }
            '&' => "write `.*` between two comparisons in brackets",
            '"' => "leave the quotation mark out",
            '.' => "write `0.5` for a number, `.*`, `./` or `.^` entry by entry",
            _ => unknown_mend(letter),
        };
        self.refuse(letter.len_utf8(), &no_sign(letter), mend)
    }
}

/// What to do about a sign that the language does not have.
pub(crate) fn unknown_mend(letter: char) -> &'static str {
    match letter {
        '%' => {
            "where a comment begins with it, leave it out with all that stands behind it; a remainder has no law here"
        }
        _ => "leave it out",
    }
}

/// What is said of a sign that the language does not have, by its name where it is not seen.
pub(crate) fn no_sign(letter: char) -> String {
    let name = match letter {
        '\u{feff}' => "the byte-order mark ",
        '\u{200b}' => "the space of no width ",
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "the mark of direction "
        }
        _ if letter.is_control() => "the control character ",
        _ => "",
    };
    format!("{name}`{letter}` is not part of the language")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Origin;

    fn kinds(text: &str) -> Vec<Kind> {
        let text = Text::new(Origin::Formula, text);
        let all = tokens(&text, text.whole(), Breaks::Part).expect("tokens of the test");
        all.into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn a_point_before_an_operator_belongs_to_the_operator() {
        let two = Kind::Number(Number::integer(2));
        assert_eq!(kinds("2.*X"), [two, Kind::DotStar, Kind::Name, Kind::End]);
        assert_eq!(kinds("2 .* X"), kinds("2.*X"));
        assert_eq!(kinds("X.T*Y"), kinds("X'*Y"));
        let half = Kind::Number(Number::ratio(1, 2).unwrap());
        assert_eq!(kinds(".5 0.5 5e-1"), [half, half, half, Kind::End]);
    }

    #[test]
    fn a_line_may_break_at_an_operator_and_inside_brackets() {
        assert_eq!(kinds("x +\n y # why\n * 2"), kinds("x + y * 2"));
        assert_eq!(kinds("f(x,\n\n y)"), kinds("f(x, y)"));
        assert!(kinds("x\ny").contains(&Kind::Newline));
    }
}
