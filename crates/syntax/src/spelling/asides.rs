//! What stands beside a formula in code and is no part of it: descriptions and comments, the types of arguments, and the points behind
//! which a line goes on.

use super::Spelling;
use crate::token::{begins_name, continues_name};

/// How much of a line is looked at.
const MOST_IN_LINE: usize = 500;

/// The length of what stands aside here, and the language that writes it so.
pub(super) fn aside(text: &str, at: usize) -> Option<(usize, Spelling)> {
    let rest = text.get(at..)?;
    match rest.as_bytes().first()? {
        b'"' | b'\'' => description(rest).map(|length| (length, Spelling::Python)),
        b'%' if is_comment(text, at) => Some((line(rest).len(), Spelling::Matlab)),
        b'.' if rest.starts_with("...") => {
            let behind = line(rest)[3..].trim_start_matches([' ', '\t', '\r']);
            let goes_on = behind.is_empty() || behind.starts_with('%');
            let end = rest.find('\n').filter(|_| goes_on)?;
            Some((end + 1, Spelling::Matlab))
        }
        b':' if rest[1..].starts_with(':') => kind(&rest[2..]).map(|length| (2 + length, Spelling::Matlab)),
        _ => None,
    }
}

fn line(rest: &str) -> &str {
    rest.split('\n').next().unwrap_or_default()
}

/// The length of a description between three quotation marks.
fn description(rest: &str) -> Option<usize> {
    let marks = ["\"\"\"", "'''"].into_iter().find(|marks| rest.starts_with(marks))?;
    rest[3..].find(marks).map(|end| end + 6)
}

/// Whether a sign of percent begins a comment: at the beginning of a line, behind a semicolon, or before words.
fn is_comment(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches([' ', '\t']);
    if before.is_empty() || before.ends_with(['\n', ';', ',']) {
        return true;
    }
    let behind: String = line(&text[at..]).chars().skip(1).take(MOST_IN_LINE).collect();
    let mut words = behind.split_whitespace().map(|word| word.chars().all(char::is_alphabetic));
    text[..at].ends_with(char::is_whitespace) && words.next() == Some(true) && words.next() == Some(true)
}

/// The length of a type of Julia, `Vector{Float64}`.
fn kind(rest: &str) -> Option<usize> {
    if !rest.starts_with(begins_name) {
        return None;
    }
    let name = rest.find(|letter| !continues_name(letter)).unwrap_or(rest.len());
    let braces = rest[name..].strip_prefix('{').and_then(|inner| line(inner).find('}'));
    Some(name + braces.map_or(0, |end| end + 2))
}

/// Whether a line of a text begins a function of MATLAB or of Julia.
pub(super) fn has_function(text: &str) -> bool {
    text.lines().any(|line| {
        let behind = line.trim_start().strip_prefix("function");
        behind.is_some_and(|behind| behind.starts_with([' ', '[']) && !is_definition(behind))
    })
}

/// Whether a function has its value behind it, `function f(x) = x^2`, as a page has.
fn is_definition(behind: &str) -> bool {
    let close = behind.rfind(')').map_or("", |close| behind[close + 1..].trim_start());
    let open = behind.find('(').unwrap_or(behind.len());
    close.starts_with('=') || !behind[..open].contains('=') && behind[open..].contains(") =")
}
