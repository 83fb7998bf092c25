//! The arguments of a call as they were typed, and whether they are those of a row.

use super::Spelling;
use super::marks::Mark;
use super::piece::{Axes, Level, Piece};
use super::reader::Reader;
use super::table::{Part, Pattern, Table};
use super::written::Written;
use crate::diagnostic::{Diagnostic, Mistake, Span};

/// An argument as it was typed.
pub(crate) struct Argument {
    pub keyword: Option<String>,
    pub text: String,
    pub piece: Option<Piece>,
}

impl Reader<'_> {
    /// Arguments of a function up to the bracket that closes, which is left.
    pub fn typed_arguments(&mut self, name: &str, first: Option<Piece>) -> Result<Vec<Argument>, Diagnostic> {
        let mut all: Vec<Argument> = Vec::new();
        all.extend(first.map(|piece| Argument { keyword: None, text: String::new(), piece: Some(piece) }));
        let open = self.advance();
        while *self.peek() != Mark::Close {
            let keyword = match (self.peek().clone(), self.ahead(1)) {
                (Mark::Name(name), Mark::Equals) => {
                    self.at += 2;
                    let own = Table::named(self.spelling.table()).keywords.get(name.as_str());
                    Some(own.map_or(name, |own| (*own).to_owned()))
                }
                _ => None,
            };
            let start = self.span();
            let piece = match self.peek() {
                Mark::Text(_) => {
                    self.advance();
                    None
                }
                // `np.inf`
                Mark::Name(_) if matches!(self.ahead(1), Mark::Field(name) if name == "inf") => {
                    self.at += 2;
                    None
                }
                // `float('inf')`
                Mark::Name(name) if name == "float" && matches!(self.ahead(2), Mark::Text(_)) => {
                    self.at += 4;
                    None
                }
                // `A(:, 1)`
                Mark::Colon if self.spelling != Spelling::Python => {
                    let typed = self.advance();
                    Some(Piece::new(Written::new(":", typed), Level::Whole, Axes::Vector))
                }
                // `(m, n)`
                Mark::Open | Mark::OpenBlock if self.is_sequence(name) => {
                    let close = if *self.peek() == Mark::Open { Mark::Close } else { Mark::CloseBlock };
                    self.advance();
                    while *self.peek() != close {
                        let start = self.span();
                        let piece = Some(self.expression()?);
                        all.push(Argument { keyword: None, text: self.since(start), piece });
                        if self.eat(&Mark::Comma).is_none() {
                            break;
                        }
                    }
                    if self.eat(&close).is_none() {
                        return Err(self.expected(if close == Mark::Close { "`)`" } else { "`]`" }));
                    }
                    match self.peek() {
                        Mark::Comma | Mark::Semicolon => drop(self.advance()),
                        _ => break,
                    }
                    continue;
                }
                _ => Some(self.inside(Part::Close)?),
            };
            // `A(1:3, :)`
            let piece = match piece {
                Some(first) if *self.peek() == Mark::Colon && self.spelling != Spelling::Python => {
                    let typed = self.advance();
                    let last = self.inside(Part::Close)?;
                    Some(first.join(":", typed, last, Level::Comparison, Axes::Vector))
                }
                piece => piece,
            };
            let text = self.since(start);
            // `axis=[1]`
            let one = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
            let text = one.filter(|_| keyword.is_some()).map_or(text.clone(), str::to_owned);
            all.push(Argument { keyword, text, piece });
            match self.peek() {
                Mark::Comma | Mark::Semicolon => drop(self.advance()),
                _ => break,
            }
        }
        match self.peek() {
            Mark::Close => Ok(all),
            Mark::End => Err(self.source.error(Mistake::Unclosed, open)),
            _ => Err(self.expected("`)` or an operator")),
        }
    }

    /// What was typed since a place, in the quotation marks of the tables.
    fn since(&self, start: Span) -> String {
        let end = self.tokens.get(self.at.saturating_sub(1)).map_or(start, |token| token.span);
        let typed = self.source.slice(start.to(end)).replace('"', "'");
        // `torch.inf`, `math.inf`
        if typed.ends_with(".inf") || typed == "float('inf')" { "np.inf".to_owned() } else { typed }
    }

    /// Whether the bracket here is a tuple, or a list that the rows of a function take apart: `(m, n)`, the `[A, B]` of
    /// `np.hstack([A, B])`.
    fn is_sequence(&self, name: &str) -> bool {
        let is_list = *self.peek() == Mark::OpenBlock;
        if self.spelling != Spelling::Python || is_list && !takes_list(name) {
            return false;
        }
        let (mut depth, mut at, mut has_comma) = (0_usize, 0, false);
        loop {
            match self.ahead(at) {
                Mark::Open | Mark::OpenBlock => depth += 1,
                Mark::Close | Mark::CloseBlock => depth -= 1,
                Mark::Comma => has_comma |= depth == 1,
                Mark::End => return false,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                return has_comma && matches!(self.ahead(at), Mark::Comma | Mark::Close);
            }
        }
    }
}

/// Whether a row of a function has several values in one argument.
fn takes_list(name: &str) -> bool {
    let rows = Table::named("python").calls.get(name);
    rows.is_some_and(|rows| rows.iter().any(|row| row.spelled.contains("((")))
}

/// The parts of the arguments of a row between commas outside of quotation marks.
fn parted(inner: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    inner.split(move |letter| {
        is_quoted ^= letter == '\'';
        letter == ',' && !is_quoted
    })
}

/// The subscripts of a sum over indices with their letters in the order in which they come: `'i,ij,j->'` of `'a, ab, b -> '`.
fn subscripts(text: &str) -> String {
    let mut order = Vec::new();
    let named = |letter: char| {
        if !letter.is_ascii_alphabetic() {
            return letter;
        }
        let at = order.iter().position(|known| *known == letter).unwrap_or_else(|| {
            order.push(letter);
            order.len() - 1
        });
        "ijklmn".chars().nth(at).unwrap_or(letter)
    };
    text.chars().filter(|letter| *letter != ' ').map(named).collect()
}

/// How many rows a message shows.
const MOST_SHOWN: usize = 10;

/// The rows of a call that are shown where none of them fits: those with as many arguments first.
pub(crate) fn nearest<'a>(
    rows: impl Iterator<Item = &'a Pattern>,
    arguments: &[Argument],
) -> impl Iterator<Item = &'a Pattern> {
    let count = |row: &Pattern| parted(row.spelled).count();
    let mut all: Vec<&Pattern> = rows.collect();
    if all.len() > MOST_SHOWN {
        all.sort_by_key(|row| count(row).abs_diff(arguments.len()));
    }
    all.into_iter().take(MOST_SHOWN)
}

/// The letters of a row and what stands for them, where the arguments are those of the row.
pub(crate) fn matches<'a>(
    row: &Pattern,
    arguments: &'a [Argument],
) -> Option<Vec<(&'static str, &'a Piece)>> {
    let inner = row.spelled.split_once('(')?.1.rsplit_once(')')?.0;
    let wanted: Vec<&str> = parted(inner).map(|word| word.trim().trim_matches(['(', ')'])).collect();
    if wanted.len() != arguments.len() {
        return None;
    }
    let mut letters = Vec::new();
    for (at, wanted) in wanted.iter().enumerate() {
        match wanted.split_once('=') {
            // `min=A`; a small letter is no matrix.
            Some((key, value))
                if value.len() == 1 && value.bytes().all(|byte| byte.is_ascii_alphabetic()) =>
            {
                let mut named = arguments.iter().filter(|argument| argument.keyword.as_deref() == Some(key));
                let piece = named.next()?.piece.as_ref()?;
                let fits = piece.axes != Axes::Matrix || value.bytes().all(|byte| byte.is_ascii_uppercase());
                letters.push((value, Some(piece).filter(|_| fits)?));
            }
            Some((key, value)) => {
                let named = arguments.iter().any(|argument| {
                    argument.keyword.as_deref() == Some(key) && argument.text.replace(' ', "") == value
                });
                let placed = arguments[at].keyword.is_none() && arguments[at].text.replace(' ', "") == value;
                if !named && !placed {
                    return None;
                }
            }
            None if wanted.len() == 1 && wanted.bytes().all(|byte| byte.is_ascii_uppercase()) => {
                if arguments[at].keyword.is_some() {
                    return None;
                }
                letters.push((*wanted, arguments[at].piece.as_ref()?));
            }
            // A small letter is no matrix.
            None if wanted.len() == 1 && wanted.bytes().all(|byte| byte.is_ascii_lowercase()) => {
                let own = &arguments[at];
                let piece = own.piece.as_ref().filter(|piece| piece.axes != Axes::Matrix)?;
                if own.keyword.is_some() {
                    return None;
                }
                letters.push((*wanted, piece));
            }
            None if arguments[at].keyword.is_none()
                && (arguments[at].text == *wanted || subscripts(&arguments[at].text) == *wanted) => {}
            None => return None,
        }
    }
    Some(letters)
}

/// What of a text stands in no brackets.
pub(crate) fn outside(text: &str) -> String {
    let mut depth = 0_usize;
    text.chars()
        .filter(|letter| {
            match letter {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        })
        .collect()
}

/// The call of a row under the name that was typed, where that ends in the same word: `torch.norm(X)` for `np.norm(X)`.
pub(super) fn called_as(typed: &str, spelled: &str) -> String {
    let [typed, own] = [typed, spelled].map(|text| text.split('(').next().unwrap_or_default());
    let last = |path: &str| path.rsplit('.').next().map(str::to_owned);
    match typed.contains('.') && last(typed) == last(own) {
        true => format!("{typed}{}", &spelled[own.len()..]),
        false => spelled.to_owned(),
    }
}
