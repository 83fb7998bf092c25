//! Definitions in a row: `z = Xw, \quad L = \|z - y\|^2` is two lines, and in `-y'*log(p) where p = softmax(z)` what stands behind the
//! formula is put in front of it.

use super::marks::{Mark, Token};
use super::notation::top_level;
use super::table::Part;
use crate::diagnostic::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Words that stand between a formula and what its names are.
pub(super) const WORDS: [&str; 3] = ["where", "with", "for"];

/// Moves the definitions behind the last formula of a text in front of it, each on a line of its own, those that others mention
/// first.
pub(crate) fn moved_before(mut tokens: Vec<Token>) -> Vec<Token> {
    models_aside(&mut tokens);
    let Some(behind) = place(&tokens) else { return in_lines(tokens) };
    let line = tokens[..behind].iter().rposition(|token| token.mark.ends_line()).map_or(0, |at| at + 1);
    let all = parts(&tokens[behind..]).filter_map(|part| Some((defined(part)?, names(part), part)));
    let mut definitions: Vec<(String, BTreeSet<String>, &[Token])> = all.collect();
    // How many of those that are left define a name.
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    for (own, ..) in &definitions {
        *open.entry(own.clone()).or_insert(0) += 1;
    }
    let mut new: Vec<Token> = tokens[..line].to_vec();
    while !definitions.is_empty() {
        let is_left = |name: &String| open.get(name).is_some_and(|count| *count > 0);
        let is_ready = |(own, names, _): &(String, BTreeSet<String>, &[Token])| {
            names.iter().all(|name| name == own || !is_left(name))
        };
        // In a circle none is ready, and the reader says so.
        let next = definitions.iter().position(is_ready).unwrap_or(0);
        let (own, _, part) = definitions.remove(next);
        open.entry(own).and_modify(|count| *count -= 1);
        new.extend_from_slice(part);
        new.extend(part.last().map(|last| newline(last.span.end)));
    }
    new.extend_from_slice(&tokens[line..behind]);
    new.extend(tokens.last().filter(|last| last.mark == Mark::End).cloned());
    new
}

/// Makes a remark of what is known up to an error behind a word: the `where y = Xw + \varepsilon` of a loss.
fn models_aside(tokens: &mut [Token]) {
    let is_model = |at: &usize| {
        if !is_word(&tokens[*at].mark) {
            return false;
        }
        let part = parts(&tokens[at + 1..]).next().unwrap_or_default();
        let Some(equals) = part.iter().position(|token| token.mark == Mark::Equals) else { return false };
        top_level(&part[equals..]).any(|error| is_error(&part[equals + error]))
    };
    let models: Vec<usize> = top_level(tokens).filter(is_model).collect();
    for at in models {
        tokens[at].mark = Mark::Part(Part::Remark);
    }
}

/// Ends a line where commas, wide spaces and prose part a definition from what stands before it.
fn in_lines(mut tokens: Vec<Token>) -> Vec<Token> {
    let is_prose = |token: &Token| {
        matches!(&token.mark, Mark::Text(_) | Mark::Semicolon)
            || parts_off(&token.mark)
            || name(&token.mark) == Some("and")
    };
    let top: Vec<usize> = top_level(&tokens).filter(|at| is_prose(&tokens[*at])).collect();
    let mut ends = Vec::new();
    for &at in &top {
        let is_first = at > 0 && !is_prose(&tokens[at - 1]) && !tokens[at - 1].mark.ends_line();
        let length = tokens[at..].iter().take_while(|token| is_prose(token)).count();
        let is_apart = tokens[at..at + length].iter().any(|token| parts_off(&token.mark));
        let next = parts(&tokens[at + length..]).next();
        if is_first && is_apart && next.is_some_and(|part| defined(part).is_some() || defines_function(part))
        {
            ends.push((at, length));
        }
    }
    for (at, length) in ends.into_iter().rev() {
        let line = newline(tokens[at].span.start);
        tokens.splice(at..at + length, [line]);
    }
    tokens
}

/// Whether a part is `L(w) = ...`.
fn defines_function(part: &[Token]) -> bool {
    let mut top = top_level(part).map(|at| &part[at].mark).filter(|mark| **mark != Mark::Lower);
    let is_open = |mark: &Mark| matches!(mark, Mark::Open | Mark::Part(Part::Open));
    let is_close = |mark: &Mark| matches!(mark, Mark::Close | Mark::Part(Part::Close));
    matches!(top.next(), Some(Mark::Name(_)))
        && top.next().is_some_and(is_open)
        && top.next().is_some_and(is_close)
        && top.next() == Some(&Mark::Equals)
}

/// Whether a definition stands behind a word here: the names of the words of a text in its order.
pub(crate) fn is_behind(word: &str, rest: &str) -> bool {
    let rest = rest.trim_start();
    let after = rest.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_');
    let is_named = after.len() < rest.len() && after.trim_start().starts_with('=');
    WORDS.contains(&word) && is_named && !after.trim_start().starts_with("==")
}

/// Where what stands behind a formula begins: at a word or a wide space before a definition.
fn place(tokens: &[Token]) -> Option<usize> {
    let (mut depth, mut line) = (0_usize, 0);
    for (at, token) in tokens.iter().enumerate() {
        match &token.mark {
            Mark::Open | Mark::OpenBlock | Mark::OpenGroup => depth += 1,
            Mark::Close | Mark::CloseBlock | Mark::CloseGroup => depth = depth.saturating_sub(1),
            mark if mark.ends_line() => line = at + 1,
            mark if depth == 0 && at > 0 && parts_off(mark) && !tokens[at - 1].mark.ends_line() => {
                let rest = &tokens[at..];
                let first = parts(rest).next();
                let is_mentioned = |own: &str| names(&tokens[line..at]).iter().any(|name| is_part(name, own));
                // Without a word, `Z = X*W, f = norm(Z)` are lines in their order.
                let tells = first.and_then(defined).is_some_and(|own| is_word(mark) || is_mentioned(&own));
                if tells {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether a name is this one, or an entry of it: the `p_{ic}` of p.
fn is_part(name: &str, own: &str) -> bool {
    let Some(label) = name.strip_prefix(own) else { return false };
    let index = label.strip_prefix('_').filter(|index| (1..=2).contains(&index.len()));
    label.is_empty()
        || index.is_some_and(|index| {
            index.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
        })
}

fn is_word(mark: &Mark) -> bool {
    name(mark).is_some_and(|name| WORDS.contains(&name))
}

/// Whether a formula may end before it.
fn parts_off(mark: &Mark) -> bool {
    is_word(mark) || matches!(mark, Mark::Comma | Mark::Part(Part::Remark))
}

fn name(mark: &Mark) -> Option<&str> {
    match mark {
        Mark::Name(name) | Mark::Apply(name) => Some(name),
        _ => None,
    }
}

/// What stands between words, commas and line ends outside of brackets, one part after the other.
fn parts(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    let mut rest = tokens;
    std::iter::from_fn(move || {
        loop {
            let mut depth = 0_usize;
            let end = rest.iter().position(|token| {
                match &token.mark {
                    Mark::Open | Mark::OpenBlock | Mark::OpenGroup => depth += 1,
                    Mark::Close | Mark::CloseBlock | Mark::CloseGroup => depth = depth.saturating_sub(1),
                    _ => {}
                }
                depth == 0 && parts_definitions(&token.mark)
            });
            let (part, behind) = rest.split_at(end?);
            rest = &behind[1..];
            if !part.is_empty() {
                return Some(part);
            }
        }
    })
}

fn parts_definitions(mark: &Mark) -> bool {
    parts_off(mark) || mark.ends_line() || name(mark) == Some("and") || *mark == Mark::Semicolon
}

/// The name that a part defines, with what stands below and above it: `p = softmax(z)`, and not `i = 1, \dots, n`. What is known up
/// to an error, `y = Xb + \varepsilon`, is no definition.
fn defined(part: &[Token]) -> Option<String> {
    let equals = part.iter().position(|token| token.mark == Mark::Equals)?;
    let (left, right) = (&part[..equals], &part[equals + 1..]);
    let start = left.iter().position(|token| !matches!(token.mark, Mark::Accent(_) | Mark::OpenGroup))?;
    let own = name(&left[start].mark)?;
    let rest = &left[start + 1..];
    let groups = rest.iter().take_while(|token| token.mark == Mark::CloseGroup).count();
    let label = label_length(&rest[groups..]);
    let is_number = matches!(right, [Token { mark: Mark::Number(_), .. }]);
    let is_name = groups + label == rest.len() && !own.is_empty();
    let is_exact = !top_level(right).any(|at| is_error(&right[at]));
    let accents = accents(&left[..start]);
    let own = || format!("{accents}{}", full(own, &rest[groups..groups + label]));
    (is_name && is_exact && !right.is_empty() && !is_number).then(own)
}

fn is_error(token: &Token) -> bool {
    name(&token.mark).is_some_and(|name| ERRORS.contains(&name))
}

/// Letters of errors.
const ERRORS: [&str; 4] = ["epsilon", "varepsilon", "eps", "noise"];

/// How many marks behind a name are below or above it: `_1`, `_{t-1}`, `^{[1]}`, `^{(1)}`.
fn label_length(behind: &[Token]) -> usize {
    let mark = |at: usize| behind.get(at).map(|token| &token.mark);
    let group = |at: usize| {
        let mut depth = 0_usize;
        behind[at..]
            .iter()
            .take_while(|token| {
                depth += usize::from(token.mark == Mark::OpenGroup);
                depth -= usize::from(token.mark == Mark::CloseGroup && depth > 0);
                depth > 0
            })
            .count()
            + 1
    };
    match (mark(0), mark(1), mark(2)) {
        (Some(Mark::Lower), Some(Mark::OpenGroup), _) => {
            let length = 1 + group(1);
            length + label_length(behind.get(length..).unwrap_or_default())
        }
        (Some(Mark::Lower), Some(_), _) => 2 + label_length(behind.get(2..).unwrap_or_default()),
        (Some(Mark::Raise { .. }), Some(Mark::OpenGroup), Some(Mark::OpenBlock | Mark::Open)) => {
            let length = 1 + group(1);
            length + label_length(behind.get(length..).unwrap_or_default())
        }
        _ => 0,
    }
}

/// What stands over a letter: the `\hat x` is not the x.
fn accents(before: &[Token]) -> String {
    let accent = |token: &Token| match token.mark {
        Mark::Accent(accent) => Some(accent),
        _ => None,
    };
    before.iter().filter_map(accent).collect()
}

/// A name with its label.
fn full(own: &str, label: &[Token]) -> String {
    let part = |token: &Token| match &token.mark {
        Mark::Name(part) | Mark::Number(part) => part.clone(),
        Mark::Sign(sign) => (*sign).to_owned(),
        Mark::Raise { .. } => "^".to_owned(),
        Mark::Lower => "_".to_owned(),
        _ => String::new(),
    };
    format!("{own}{}", label.iter().map(part).collect::<String>())
}

/// The names of marks, each with its label.
fn names(tokens: &[Token]) -> BTreeSet<String> {
    let named = |(at, token): (usize, &Token)| {
        let own = name(&token.mark)?;
        let behind = &tokens[at + 1..];
        let is_accent = |token: &&Token| matches!(token.mark, Mark::Accent(_) | Mark::OpenGroup);
        let start = at - tokens[..at].iter().rev().take_while(is_accent).count();
        let accents = accents(&tokens[start..at]);
        Some(format!("{accents}{}", full(own, &behind[..label_length(behind).min(behind.len())])))
    };
    tokens.iter().enumerate().filter_map(named).collect()
}

pub(super) fn newline(at: usize) -> Token {
    Token { mark: Mark::Newline, span: Span { start: at, end: at }, is_apart: false, is_bold: false }
}

#[cfg(test)]
mod tests {
    use crate::spelling::{Spelling, spell};

    #[test]
    fn definitions_behind_a_formula_stand_before_it() {
        for (typed, own) in [
            (r"-y^\top \log p \text{ where } p = \mathrm{softmax}(z)", "p = softmax(z)\n(-y'*log(p))"),
            (r"y^\top \log p, \quad p = \mathrm{softmax}(z)", "p = softmax(z)\ny'*log(p)"),
            (r"\log p, \; p = \sigma(w^\top x)", "p = sigmoid(w'*x)\nlog(p)"),
            ("norm(A*x - b)^2, where x = C*z", "x = C*z\nnorm(A*x - b)^2"),
            ("f = y'*z with z = A*x, x = B*u", "x = B*u\nz = A*x\nf = y'*z"),
            ("‖r‖² where r = y − Xβ and y = Zγ", "y = Z*gamma\nr = y - X*beta\nnorm(r)^2"),
            (r"\hat{y} = Xw + b, \quad L = \|y - \hat y\|^2", "y_hat = X*w + b\nL = norm(y - y_hat)^2"),
            (
                r"z = Ax \quad \text{and} \quad p = \sigma(z), \qquad L(x) = \|p - y\|^2",
                "z = A*x\np = sigmoid(z)\nL = norm(p - y)^2",
            ),
            (r"r = Ax - b, f = \|r\|^2", "r = A*x - b\nf = norm(r)^2"),
            (
                r"z_1 = W_1 x, \quad a_1 = \tanh(z_1), \quad z_2 = W_2 a_1, \quad L = \|z_2 - y\|^2",
                "z1 = W1*x\na1 = tanh(z1)\nz2 = W2*a1\nL = norm(z2 - y)^2",
            ),
            (r"L = \|y - X\beta\|^2, \quad y = X\beta + \varepsilon", "L = norm(y - X*beta)^2"),
            // Lines in their order, a range of an index, and the function `where` stay.
            ("Z = Xᵀ*W, f = norm(Z)^2", "Z = X'*W\nf = norm(Z)^2"),
            (r"\sum_i x_i^2, \quad i = 1, \dots, n", "sum_i(x_i^2)"),
            ("sum(where(xᵀ > 0, xᵀ, 0))", "sum(where(x' > 0, x', 0))"),
        ] {
            let found = spell(typed, "", Spelling::Auto).unwrap_or_else(|error| panic!("{}", error.render()));
            assert_eq!(found.text, own, "{typed}");
        }
    }
}
