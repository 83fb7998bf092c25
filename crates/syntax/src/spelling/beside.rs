//! Factors side by side in a text without another mark of mathematics: `(A + A')x`, `x x'` and `A(x - y)`.

use crate::token::{begins_name, continues_name};

/// Words that stand behind a value and are no factor.
const WORDS: [&str; 12] =
    ["where", "with", "for", "and", "or", "if", "else", "in", "is", "over", "subject", "such"];

/// How many letters a bracket has at most that is looked at.
const LONGEST: usize = 200;

/// Whether a bracket that closes here has a factor behind it, as the one of `(A + A')x`.
pub(super) fn has_factor_behind(text: &str, close: usize) -> bool {
    if !text[close..].starts_with(')') || declares(&text[..close]) {
        return false;
    }
    let behind = text[close + 1..].trim_start_matches([' ', '\t']);
    let length = behind.find(|letter| !continues_name(letter)).unwrap_or(behind.len());
    // `(x + y)(x - y)'`
    if text[close + 1..].starts_with('(') {
        return !is_call(text, close);
    }
    let is_name = behind.starts_with(begins_name) && !behind.starts_with('_');
    is_name && !WORDS.contains(&&behind[..length]) && !behind[length..].trim_start().starts_with('=')
}

/// Whether the bracket that closes here is that of a call.
fn is_call(text: &str, close: usize) -> bool {
    let mut depth = 0_usize;
    for (at, letter) in text[..=close].char_indices().rev().take(LONGEST) {
        match letter {
            ')' => depth += 1,
            '(' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text[..at].ends_with(|before: char| continues_name(before) || before == '\'');
        }
    }
    true
}

/// Whether a word is the name of one letter, with numbers or an index: `x`, `W1`, `x_i`.
pub(super) fn is_letter(word: &str) -> bool {
    let stem =
        word.split('_').next().unwrap_or(word).trim_end_matches(|letter: char| letter.is_ascii_digit());
    stem.len() == 1 && stem.starts_with(|letter: char| letter.is_ascii_alphabetic())
}

/// Whether the name of one letter stands behind a blank here.
pub(super) fn has_letter_behind(text: &str, end: usize) -> bool {
    let behind = text[end..].trim_start_matches([' ', '\t']);
    let length = behind.find(|letter| !continues_name(letter)).unwrap_or(behind.len());
    let next = behind[length..].trim_start_matches([' ', '\t']);
    // A row of words is a sentence, and `a: m x n` a declaration.
    let is_last = !next.starts_with(begins_name)
        || is_letter(&next[..next.find(|l| !continues_name(l)).unwrap_or(next.len())]);
    behind.len() < text[end..].len() && is_letter(&behind[..length]) && is_last && !declares(&text[..end])
}

/// Whether the line so far is a declaration, as far as it is looked at.
fn declares(before: &str) -> bool {
    let mut start = before.len().saturating_sub(LONGEST);
    while !before.is_char_boundary(start) {
        start += 1;
    }
    let before = &before[start..];
    let line = before.rsplit(['\n', ';']).next().unwrap_or(before);
    line.contains(':') && !line.contains(":=")
}

/// Whether a capital stands before the bracket that opens here, round a sum, a difference, a product or one name, and is always applied or is
/// multiplied so: `A(x - y)`, `H(P)`.
pub(super) fn applies_capital(text: &str, open: usize) -> bool {
    let before = &text[..open];
    let start = before
        .rfind(|letter| !continues_name(letter))
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let name = &before[start..];
    if !is_letter(name) || !name.starts_with(|letter: char| letter.is_ascii_uppercase()) || declares(before) {
        return false;
    }
    let (mut depth, mut is_sum, mut end) = (0_usize, false, None);
    for (at, byte) in text.as_bytes()[open..].iter().enumerate().take(LONGEST) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b',' | b':' if depth == 1 => return false,
            b'+' | b'-' | b'*' | b'/' if depth == 1 && at > 1 => is_sum = true,
            _ => {}
        }
        if depth == 0 {
            end = Some(open + at);
            break;
        }
    }
    let Some(end) = end else { return false };
    let inside = text[open + 1..end].trim();
    let is_definition =
        text[end + 1..].trim_start().strip_prefix('=').is_some_and(|rest| !rest.starts_with('='));
    let names = inside.contains(begins_name);
    let is_name =
        inside.starts_with(|letter: char| letter.is_ascii_uppercase()) && inside.chars().all(continues_name);
    !is_definition && names && (is_sum || is_name)
}

/// Whether a bracket behind a transpose of a letter that names no function has a factor behind it: `x'(A + B)x`.
pub(super) fn is_between(before: &str, behind: &str) -> bool {
    let start = before.rfind(|letter| !continues_name(letter)).map_or(0, |at| at + 1);
    let name = before.get(start..).unwrap_or("f");
    if !behind.starts_with('(') || name.len() != 1 || super::applied::is_letter_of_functions(name) {
        return false;
    }
    let mut depth = 0_usize;
    // No bracket that is longer is looked at.
    for (at, byte) in behind.bytes().enumerate().take(200) {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let next = behind[at + 1..].trim_start_matches([' ', '\t']);
            return next.starts_with(|first| begins_name(first) || first == '(');
        }
    }
    false
}
