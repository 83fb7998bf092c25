//! Values with an index: in `\sum_i |(Ax - b)_i|` and `-\log \mathrm{softmax}(z)_k` what is in brackets becomes a line of its own, and the
//! index stands below its name.

use super::applied::is_letter_of_functions;
use super::behind::newline;
use super::marks::{Mark, Token};
use super::notation::{closes, opens};
use super::piece::Axes;
use super::table::{Part, Table};
use crate::diagnostic::{Span, Text};
use formula::Primitive;
use std::collections::{BTreeMap, BTreeSet};

/// Names for such lines: of columns, and of matrices.
const NAMES: [[&str; 6]; 2] = [["u", "v", "z", "r", "q", "s"], ["U", "V", "Z", "R", "Q", "S"]];

/// How many values of a text have an index at most.
const MOST: usize = 6;

/// A value in brackets, with the function before them: where it begins and ends, and what stands below it.
struct Indexed {
    start: usize,
    end: usize,
    /// Where it is, without brackets that stand alone.
    inner: Span,
    index: String,
}

/// Whether a text has a value in brackets with a letter or a number below it.
pub(super) fn has_indexed(text: &str) -> bool {
    let indexed = |close| {
        text.split(close).skip(1).any(|rest: &str| rest.starts_with(|one: char| one.is_ascii_alphanumeric()))
    };
    indexed(")_") || indexed("]_")
}

/// Gives each value with an index a line before that in which it stands, and what is to be said of it.
pub(super) fn lifted(
    typed: &Text,
    tokens: &mut Vec<Token>,
    declared: &BTreeMap<String, Option<Axes>>,
) -> Vec<String> {
    part_indices(tokens);
    let summed = summed(&typed.text);
    let mut notes = Vec::new();
    let mut from = 0;
    while let Some(found) = next(tokens, from, &summed).filter(|_| notes.len() < MOST) {
        from = found.end;
        let is_taken = |name: &&str| {
            let own = format!("{name}_");
            let is_own = |word: &String| word == name || word.starts_with(&own);
            declared.contains_key(*name)
                || tokens
                    .iter()
                    .any(|token| matches!(&token.mark, Mark::Name(word) | Mark::Apply(word) if is_own(word)))
        };
        let Some(name) = NAMES[found.index.len() - 1].iter().find(|name| !is_taken(name)) else { break };
        let line =
            tokens[..found.start].iter().rposition(|token| token.mark.ends_line()).map_or(0, |at| at + 1);
        let value: Vec<Token> = tokens[found.start..found.end].to_vec();
        let span = value[0].span.to(value[value.len() - 1].span);
        let own = Token { mark: Mark::Name((*name).to_owned()), span, is_apart: true, is_bold: false };
        let mut before = vec![own.clone(), Token { mark: Mark::Equals, ..own.clone() }];
        before.extend(value);
        before.push(newline(span.end));
        from = from + before.len() + 1 - (found.end - found.start);
        tokens.splice(found.start..found.end, [own]);
        tokens.splice(line..line, before);
        let index = &found.index;
        let inner = typed.slice(found.inner);
        notes.push(format!("`{inner}` with `{index}` below is read as `{name}_{index}` of a line `{name}`"));
    }
    notes
}

/// Parts `_k` behind a bracket, which is a name of the language of formulas, into its marks.
fn part_indices(tokens: &mut Vec<Token>) {
    for at in (1..tokens.len()).rev() {
        let is_close = matches!(tokens[at - 1].mark, Mark::Close | Mark::CloseBlock);
        if let Mark::Name(name) = &tokens[at].mark
            && let Some(label) = name.strip_prefix('_').filter(|_| is_close && !tokens[at].is_apart)
        {
            let mark = match label.bytes().all(|letter| letter.is_ascii_digit()) {
                true => Mark::Number(label.to_owned()),
                false => Mark::Name(label.to_owned()),
            };
            let label = Token { mark, ..tokens[at].clone() };
            tokens[at].mark = Mark::Lower;
            tokens.insert(at + 1, label);
        }
    }
}

/// The next value with an index, in which nothing has the index of a sum.
fn next(tokens: &[Token], from: usize, summed: &BTreeSet<char>) -> Option<Indexed> {
    (from..tokens.len()).find_map(|close| {
        let is_close = matches!(tokens[close].mark, Mark::Close | Mark::CloseBlock | Mark::Part(Part::Close));
        let index = index(tokens.get(close + 1..)?).filter(|_| is_close)?;
        // A sum over both indices reads its entries itself.
        let is_of_pair = index.len() == 2 && index.chars().all(|letter| summed.contains(&letter));
        let mut depth = 0_usize;
        let open = tokens[..=close].iter().rposition(|token| {
            depth += usize::from(closes(&token.mark));
            depth -= usize::from(opens(&token.mark) && depth > 0);
            depth == 0
        })?;
        let is_sized = |at: usize| tokens[at].mark == Mark::Part(Part::Left);
        let mut start = if open > 0 && is_sized(open - 1) { open - 1 } else { open };
        if let Some(before) = start.checked_sub(1)
            && let Mark::Name(name) | Mark::Apply(name) = &tokens[before].mark
        {
            match () {
                () if is_of_columns(name) => start = before,
                // The value of a reduction has no entries.
                () if super::is_function(name) && Primitive::named(name).is_none() => return None,
                () => {}
            }
        }
        let below = |at: usize| match &tokens[at].mark {
            Mark::Lower => tokens[at + 1..].iter().take_while(|token| token.mark != Mark::CloseGroup).any(|token| {
                matches!(&token.mark, Mark::Name(label) if label.chars().all(|letter| summed.contains(&letter)))
            }),
            Mark::Name(name) => name.rsplit_once('_').is_some_and(|(_, label)| {
                !label.is_empty() && label.chars().all(|letter| summed.contains(&letter))
            }),
            Mark::Part(Part::Total) => true,
            _ => false,
        };
        let is_one = !is_of_pair && open + 1 < close && !(start..close).any(below);
        is_one.then(|| {
            let inner = match start < open && !is_sized(start) {
                true => tokens[start].span.to(tokens[close].span),
                false => tokens[open + 1].span.to(tokens[close - 1].span),
            };
            Indexed { start, end: close + 1, inner, index }
        })
    })
}

/// One or two letters or a number that stand below what is before these marks.
fn index(behind: &[Token]) -> Option<String> {
    let marks: Vec<&Mark> = match (&behind.first()?.mark, &behind.get(1)?.mark) {
        (Mark::Lower, mark) => match mark {
            Mark::OpenGroup => behind[2..]
                .iter()
                .map(|token| &token.mark)
                .take_while(|mark| **mark != Mark::CloseGroup)
                .collect(),
            mark => vec![mark],
        },
        _ => return None,
    };
    let mut label = String::new();
    for mark in marks {
        match mark {
            Mark::Name(part) => label.push_str(part.trim_start_matches('_')),
            Mark::Number(part) => label.push_str(part),
            Mark::Comma => {}
            _ => return None,
        }
    }
    is_index(&label).then_some(label)
}

/// Whether a label is one or two small letters, or a number from 1 on.
fn is_index(label: &str) -> bool {
    let is_small = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    (1..=2).contains(&label.len()) && label.bytes().all(is_small) && !label.starts_with('0')
}

/// Whether a function takes a column to a column, other than entry by entry.
fn is_of_columns(name: &str) -> bool {
    let along_rows = format!("{name}(X, 2)");
    let mut rows = Table::named("latex").calls.get(name).into_iter().flatten();
    rows.any(|row| row.own == along_rows) || is_letter_of_functions(name) && !super::is_function(name)
}

/// The letters of the indices that a text has sums over.
fn summed(text: &str) -> BTreeSet<char> {
    let mut letters = BTreeSet::new();
    for sign in ["sum_", "∑_", "Σ_"] {
        for rest in text.split(sign).skip(1) {
            let below = match rest.strip_prefix('{') {
                Some(group) => group.split(['}', '=', '\\']).next().unwrap_or_default(),
                None => rest.get(..1).unwrap_or_default(),
            };
            letters.extend(below.chars().filter(char::is_ascii_alphabetic));
        }
    }
    let small = [('ᵢ', 'i'), ('ⱼ', 'j'), ('ₖ', 'k')];
    letters.extend(small.iter().filter(|(sign, _)| text.contains(*sign)).map(|(_, letter)| *letter));
    letters
}
