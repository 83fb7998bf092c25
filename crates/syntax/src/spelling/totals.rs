//! Sums that do not say what they run over, `\sum (x - \mu)^2`, and the capital Σ where it is the sign of a sum.

use super::marks::{Lexer, Mark, Token};
use super::piece::{Axes, Level, Piece};
use super::reader::Reader;
use super::table::{Part, Row};
use crate::diagnostic::{Diagnostic, Span};
use crate::token::{begins_name, continues_name};
use std::collections::BTreeSet;

/// What of a sum without an index is joined entry by entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Entrywise {
    #[default]
    Nothing,
    /// Columns by their letters.
    Columns,
    /// All but matrices and what is surely one number.
    All,
    /// Matrices, in a sum over both of their indices.
    Pairs,
    /// All that is not surely one number: behind Julia's `@.`.
    Dotted,
}

impl Reader<'_> {
    /// What a sum without an index is of: the product behind it. Where all indexed names in it have one index, that is what the sum
    /// runs over, and is given with it; else it is the sum of all entries.
    pub fn unindexed(&mut self, start: Span) -> Result<(Option<String>, Piece), Diagnostic> {
        let (at, around) = (self.at, std::mem::replace(&mut self.entrywise, Entrywise::Columns));
        let mut body = self.product();
        if body.as_ref().is_ok_and(|body| matches!(body.axes, Axes::Perhaps | Axes::Number)) {
            (self.at, self.entrywise) = (at, Entrywise::All);
            body = self.product();
        }
        self.entrywise = around;
        let body = body?;
        let labels = labels_of(&body.written.text);
        let mut labels = labels.into_iter();
        if let (Some(label), None) = (labels.next(), labels.next()) {
            self.note(format!("`{}` runs over {label}, the one index in it", self.source.slice(start)));
            self.indices.push(format!("_{label}"));
            self.at = at;
            return Ok((Some(label), self.product()?));
        }
        let is_joined = [".^", ".*", "./"].iter().any(|sign| body.written.text.contains(sign));
        let more = if is_joined {
            ", and powers, products and quotients of columns in it are taken entry by entry"
        } else {
            ""
        };
        self.note(format!("`{}` has no index: it is the sum of all entries{more}", self.source.slice(start)));
        Ok((None, body))
    }

    /// `@. exp(x) * y`: all of it is entry by entry.
    pub fn dotted_all(&mut self) -> Result<Piece, Diagnostic> {
        self.advance();
        let around = std::mem::replace(&mut self.entrywise, Entrywise::Dotted);
        let value = self.expression();
        self.entrywise = around;
        Ok(value?.at_least(Level::Whole))
    }

    /// Whether a value is joined entry by entry here.
    pub fn is_entrywise(&self, value: &Piece) -> bool {
        match self.entrywise {
            Entrywise::Nothing => false,
            Entrywise::Dotted => value.axes != Axes::Scalar,
            Entrywise::Pairs => value.axes == Axes::Matrix,
            _ if value.is_transpose => false,
            Entrywise::Columns => value.axes == Axes::Vector,
            Entrywise::All => matches!(value.axes, Axes::Vector | Axes::Perhaps | Axes::Number),
        }
    }

    /// The sign of a product or a quotient of two values, entry by entry where both are columns of such a sum.
    pub fn joined_by(&self, sign: &'static str, left: &Piece, right: &Piece) -> &'static str {
        // `∑ (x − μ)²/n` divides by a number.
        let is_size = matches!(right.name.as_deref(), Some(name @ ("n" | "m" | "N")) if !self.declared.contains_key(name));
        match (sign, self.is_entrywise(left) && self.is_entrywise(right) && !(sign == "/" && is_size)) {
            ("*", true) => ".*",
            ("/", true) => "./",
            _ => sign,
        }
    }
}

/// The names with a letter below them, in a text with sums over an index: what has a number below it there is an entry of the same.
pub(super) fn indexed(tokens: &[Token]) -> BTreeSet<String> {
    if tokens.iter().all(|token| token.mark != Mark::Part(Part::Total)) {
        return BTreeSet::new();
    }
    let is_letter = |mark: Option<&Mark>| match mark {
        Some(Mark::Name(name)) => name.chars().count() == 1,
        _ => false,
    };
    let below = |at: usize| match tokens.get(at).map(|token| &token.mark) {
        Some(Mark::OpenGroup) => is_letter(tokens.get(at + 1).map(|token| &token.mark)),
        mark => is_letter(mark),
    };
    let found = tokens.windows(2).enumerate().filter_map(|(at, pair)| match (&pair[0].mark, &pair[1].mark) {
        (Mark::Name(name), Mark::Lower) => below(at + 2).then(|| name.clone()),
        (Mark::Name(name), _) => {
            let (stem, label) = name.rsplit_once('_')?;
            (label.chars().count() == 1).then(|| stem.to_owned())
        }
        _ => None,
    });
    found.collect()
}

/// The letters that stand alone behind the last `_` of a name.
pub(super) fn labels_of(text: &str) -> BTreeSet<String> {
    let names = text.split(|letter| !continues_name(letter));
    let label = |name: &str| {
        let (stem, label) = name.rsplit_once('_')?;
        let mut letters = label.chars();
        let is_index = letters.next().is_some_and(char::is_lowercase) && letters.next().is_none();
        (is_index && !stem.is_empty()).then(|| label.to_owned())
    };
    names.filter_map(label).collect()
}

/// Whether each capital Σ of a text begins a term and stands before a bracket or a value, as no matrix does everywhere: behind the
/// start, a sign, a bracket or a number, such as that of `1/n Σ (x - y)²`.
pub(super) fn sums_alone(text: &str) -> bool {
    let mut places = text.match_indices('Σ').peekable();
    places.peek().is_some()
        && places.all(|(at, sign)| begins_term(&text[..at]) && begins_body(&text[at + sign.len()..]))
}

/// Whether a term begins behind a text.
fn begins_term(before: &str) -> bool {
    let before = before.trim_end();
    if ["tr(", "Tr(", "trace(", "det(", "inv("].iter().any(|of_matrices| before.ends_with(of_matrices)) {
        return false;
    }
    if before.is_empty() || before.ends_with(['+', '-', '−', '–', '=', '(', ',', '\n', '½', '⅓', '¼', '¾'])
    {
        return true;
    }
    // `(1/n)`, `1/(2n)`, `1/n`, `2`
    let inner = before.strip_suffix(')').and_then(|inner| Some(inner.rsplit_once('(')?.1));
    let term = |text: &str| {
        let start = text
            .rfind(|l: char| !continues_name(l) && !matches!(l, '/' | '.' | ' '))
            .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
        text[start..].trim().to_owned()
    };
    let is_number = |text: &str| {
        let digits = text.trim_start_matches(|l: char| l.is_ascii_digit() || l == '.');
        digits.len() < text.len() && (digits.is_empty() || digits.trim_start().starts_with('/'))
    };
    match inner {
        Some(inner) => {
            let outer = before[..before.len() - inner.len() - 2].trim_end();
            is_number(inner) || outer.strip_suffix('/').is_some_and(|above| is_number(&term(above)))
        }
        None => is_number(&term(before)),
    }
}

/// Whether a text begins with a bracket or a value, which a sum may be over.
fn begins_body(behind: &str) -> bool {
    // `ΣS` is a product of matrices.
    if behind.starts_with(|first: char| first.is_uppercase()) {
        return false;
    }
    behind.trim_start_matches([' ', '\t']).starts_with(|first: char| {
        begins_name(first) && !matches!(first, 'ᵀ' | 'ᵗ' | 'ⁿ' | '_')
            || matches!(first, '(' | '|' | '‖' | '√')
    })
}

impl Lexer<'_> {
    /// Whether a capital Σ here is the sign of a sum: with an index below that names behind it have, or directly before something
    /// indexed; not behind a transpose, and not where something above or behind it is done to a matrix.
    pub(super) fn sums_here(&self) -> bool {
        let text = &self.text.text;
        let before = text[..self.at].trim_end();
        if before.ends_with(['\'', 'ᵀ', '⊤', '′']) || before.ends_with("^T") || before.ends_with("^{T}")
        {
            return false;
        }
        let mut rest = &text[self.at + 'Σ'.len_utf8()..];
        let (mut below, mut above) = (None, None);
        loop {
            let first = rest.chars().next().unwrap_or('\0');
            let sign = first.len_utf8();
            let is_raise =
                |letter: char| matches!(self.row(letter.encode_utf8(&mut [0; 4])), Some(Row::Raise(_)));
            let is_lower =
                |letter: char| matches!(self.row(letter.encode_utf8(&mut [0; 4])), Some(Row::Lower(_)));
            let run =
                |is_part: &dyn Fn(char) -> bool| rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
            let (place, length, start) = match first {
                '_' | '^' => {
                    let group = rest[sign..].starts_with('{').then(|| rest.find('}').map(|end| end + 1));
                    let word = || {
                        let end = rest[sign..].find(|letter: char| !letter.is_alphanumeric());
                        end.map_or(rest.len(), |end| sign + end)
                    };
                    let place = if first == '_' { &mut below } else { &mut above };
                    (place, group.flatten().unwrap_or_else(word), sign)
                }
                _ if is_lower(first) => (&mut below, run(&is_lower), 0),
                _ if is_raise(first) => (&mut above, run(&is_raise), 0),
                _ => break,
            };
            let part = rest[start..length].trim_matches(['{', '}', ' ']);
            *place = Some(part);
            rest = &rest[length.max(sign)..];
            if part.is_empty() {
                return false;
            }
        }
        if below.is_some_and(|below| below.contains(['=', '₌'])) {
            return true;
        }
        let is_bound = |above: &str| {
            above.starts_with(|letter: char| letter.is_alphabetic()) && !matches!(above, "T" | "ᵀ" | "⊤")
        };
        if above.is_some_and(|above| !is_bound(above)) {
            return false;
        }
        let behind = rest.trim_start();
        let first = behind.chars().next().unwrap_or('\0');
        let is_open = |bar: char| text[..self.at].matches(bar).count().is_multiple_of(2);
        let begins = first.is_alphanumeric()
            || matches!(first, '(' | '[' | '√' | '½' | '-')
            || matches!(first, '‖' | '|') && is_open(first);
        let label = below.map(|below| {
            match below.chars().next().map(|letter| letter.encode_utf8(&mut [0; 4]).to_owned()) {
                Some(letter) => match self.row(&letter) {
                    Some(Row::Lower(own)) => own.to_owned(),
                    _ => below.to_owned(),
                },
                None => String::new(),
            }
        });
        match label {
            Some(label) => begins && self.labels.contains(label.as_str()),
            // Directly before something indexed.
            None => above.is_none() && begins && (self.sums || self.is_indexed(behind)),
        }
    }

    /// Whether a name, a bracket or a call that a text begins with has an index in it.
    fn is_indexed(&self, text: &str) -> bool {
        let name = text.find(|letter| !continues_name(letter)).unwrap_or(text.len());
        let (mut depth, mut end) = (0_usize, text.len());
        for (at, letter) in text.char_indices().skip_while(|(at, _)| *at < name) {
            match letter {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                end = at + letter.len_utf8();
                break;
            }
        }
        let operand = &text[..end];
        let is_below = |letter: char| match self.row(letter.encode_utf8(&mut [0; 4])) {
            Some(Row::Lower(own)) => own.starts_with(char::is_alphabetic),
            _ => false,
        };
        operand.contains(is_below) || operand.contains("_{") || !labels_of(operand).is_empty()
    }

    /// The sign of a sum.
    pub(super) fn sum_sign(&mut self) {
        self.push(Mark::Part(Part::Total), 'Σ'.len_utf8());
    }
}
