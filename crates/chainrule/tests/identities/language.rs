//! A reader of the language of known derivatives, of its own: it shares nothing with Chainrule's.

use std::collections::HashMap;

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    Add,
    Subtract,
    Multiply,
    Divide,
    Times,
    Over,
    Power,
    Raise,
}

/// A subterm, its parts as places in the list of terms.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// The bits of a number, so that equal numbers are equal terms.
    Number(u64),
    Name(String),
    Negate(usize),
    Transpose(usize),
    Binary(Sign, usize, usize),
    Call(String, Vec<usize>),
}

/// A text that was read: its distinct subterms, parts before wholes, the whole last.
#[derive(Debug, Default)]
pub struct Expression {
    pub terms: Vec<Term>,
    known: HashMap<Term, usize>,
    pub root: usize,
}

/// Every function with its least and largest number of arguments.
const FUNCTIONS: &[(&str, usize, usize)] = &[
    ("exp", 1, 1),
    ("log", 1, 1),
    ("sqrt", 1, 1),
    ("sin", 1, 1),
    ("cos", 1, 1),
    ("tan", 1, 1),
    ("sinh", 1, 1),
    ("cosh", 1, 1),
    ("tanh", 1, 1),
    ("arcsin", 1, 1),
    ("arccos", 1, 1),
    ("arctan", 1, 1),
    ("abs", 1, 1),
    ("sign", 1, 1),
    ("relu", 1, 1),
    ("step", 1, 1),
    ("sigmoid", 1, 1),
    ("softplus", 1, 1),
    ("erf", 1, 1),
    ("max", 2, 2),
    ("min", 2, 2),
    ("sum", 1, 2),
    ("tr", 1, 1),
    ("det", 1, 1),
    ("logdet", 1, 1),
    ("norm1", 1, 1),
    ("norm2", 1, 1),
    ("logsumexp", 1, 2),
    ("softmax", 1, 2),
    ("inv", 1, 1),
    ("adj", 1, 1),
    ("diag", 1, 1),
    ("vec", 1, 1),
    ("kron", 2, 2),
    ("commutation", 2, 2),
    ("ones", 1, 2),
    ("zeros", 2, 2),
    ("eye", 1, 1),
];

impl Expression {
    /// Reads a whole text.
    pub fn read(text: &str) -> Result<Expression, String> {
        let tokens = tokens(text)?;
        let mut reader = Reader { tokens, at: 0, expression: Expression::default() };
        let root = reader.sum()?;
        match reader.tokens.get(reader.at) {
            None => {
                reader.expression.root = root;
                Ok(reader.expression)
            }
            Some(token) => Err(format!("{token:?} is left over in {text}")),
        }
    }

    /// How many distinct subterms it has: the measure of how long an answer is. A power to a number is one step to read, so that a
    /// number that is nothing but an exponent does not count on its own.
    pub fn size(&self) -> usize {
        let exponent = |term: &Term| match term {
            Term::Binary(Sign::Power | Sign::Raise, _, exponent) => Some(*exponent),
            _ => None,
        };
        let stands = |place: usize| {
            let parts = self.terms.iter().any(|term| match term {
                Term::Number(_) | Term::Name(_) => false,
                Term::Negate(part) | Term::Transpose(part) => *part == place,
                Term::Binary(Sign::Power | Sign::Raise, base, _) => *base == place,
                Term::Binary(_, left, right) => *left == place || *right == place,
                Term::Call(_, parts) => parts.contains(&place),
            });
            parts || self.root == place
        };
        let exponents =
            |place: usize| self.terms.iter().filter_map(exponent).any(|exponent| exponent == place);
        let alone = |place: &usize| {
            matches!(self.terms[*place], Term::Number(_)) && exponents(*place) && !stands(*place)
        };
        self.terms.len() - (0..self.terms.len()).filter(alone).count()
    }

    /// The functions it uses.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().filter_map(|term| match term {
            Term::Call(name, _) => Some(name.as_str()),
            _ => None,
        })
    }

    fn term(&mut self, term: Term) -> usize {
        if let Some(place) = self.known.get(&term) {
            return *place;
        }
        self.terms.push(term.clone());
        self.known.insert(term, self.terms.len() - 1);
        self.terms.len() - 1
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Name(String),
    Sign(&'static str),
}

const SIGNS: &[&str] = &[".*", "./", ".^", "+", "-", "*", "/", "^", "'", "(", ")", ","];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            let length = number_length(rest);
            let value = rest[..length].parse().map_err(|_| format!("no number: {rest}"))?;
            tokens.push(Token::Number(value));
            length
        } else if first.is_ascii_alphabetic() || first == '_' {
            let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
            let length = end.unwrap_or(rest.len());
            tokens.push(Token::Name(rest[..length].to_owned()));
            length
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            let sign = sign.ok_or_else(|| format!("{first:?} is no sign of the language in {text}"))?;
            tokens.push(Token::Sign(sign));
            sign.len()
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// Digits, a point that begins no `.*`, `./` or `.^`, digits, and an exponent.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut length = digits(0);
    let operator = matches!(bytes.get(length + 1), Some(b'*' | b'/' | b'^'));
    if bytes.get(length) == Some(&b'.') && !operator {
        length += 1;
        length += digits(length);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = if length + 1 + sign <= bytes.len() { digits(length + 1 + sign) } else { 0 };
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    expression: Expression,
}

impl Reader {
    fn sign(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        match self.tokens.get(self.at) {
            Some(Token::Sign(sign)) if signs.contains(sign) => {
                self.at += 1;
                Some(sign)
            }
            _ => None,
        }
    }

    fn sum(&mut self) -> Result<usize, String> {
        let mut left = self.product()?;
        while let Some(sign) = self.sign(&["+", "-"]) {
            let right = self.product()?;
            let sign = if sign == "+" { Sign::Add } else { Sign::Subtract };
            left = self.expression.term(Term::Binary(sign, left, right));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<usize, String> {
        let mut left = self.signed()?;
        while let Some(sign) = self.sign(&["*", "/", ".*", "./"]) {
            let right = self.signed()?;
            let sign = match sign {
                "*" => Sign::Multiply,
                "/" => Sign::Divide,
                ".*" => Sign::Times,
                _ => Sign::Over,
            };
            left = self.expression.term(Term::Binary(sign, left, right));
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<usize, String> {
        let mut minuses = 0;
        while let Some(sign) = self.sign(&["-", "+"]) {
            minuses += usize::from(sign == "-");
        }
        let mut value = self.power()?;
        for _ in 0..minuses {
            value = self.expression.term(Term::Negate(value));
        }
        Ok(value)
    }

    fn power(&mut self) -> Result<usize, String> {
        let mut base = self.transposed()?;
        while let Some(sign) = self.sign(&["^", ".^"]) {
            let negative = self.sign(&["-"]).is_some();
            let mut exponent = self.transposed()?;
            if negative {
                exponent = self.expression.term(Term::Negate(exponent));
            }
            let sign = if sign == "^" { Sign::Power } else { Sign::Raise };
            base = self.expression.term(Term::Binary(sign, base, exponent));
        }
        Ok(base)
    }

    fn transposed(&mut self) -> Result<usize, String> {
        let mut value = self.atom()?;
        while self.sign(&["'"]).is_some() {
            value = self.expression.term(Term::Transpose(value));
        }
        Ok(value)
    }

    fn atom(&mut self) -> Result<usize, String> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        match token {
            Some(Token::Number(value)) => Ok(self.expression.term(Term::Number(value.to_bits()))),
            Some(Token::Name(name)) if self.sign(&["("]).is_some() => {
                let mut arguments = vec![self.sum()?];
                while self.sign(&[","]).is_some() {
                    arguments.push(self.sum()?);
                }
                self.close()?;
                let known = FUNCTIONS.iter().find(|(known, ..)| *known == name);
                let (_, least, most) = known.ok_or_else(|| format!("no function of the language: {name}"))?;
                if !(*least..=*most).contains(&arguments.len()) {
                    return Err(format!("{name} of {} arguments", arguments.len()));
                }
                Ok(self.expression.term(Term::Call(name, arguments)))
            }
            Some(Token::Name(name)) => Ok(self.expression.term(Term::Name(name))),
            Some(Token::Sign("(")) => {
                let value = self.sum()?;
                self.close()?;
                Ok(value)
            }
            other => Err(format!("a value was expected, and there is {other:?}")),
        }
    }

    fn close(&mut self) -> Result<(), String> {
        self.sign(&[")"]).map(|_| ()).ok_or_else(|| format!("a bracket is open at token {}", self.at))
    }
}
