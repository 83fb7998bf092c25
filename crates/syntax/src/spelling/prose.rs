//! Words of prose beside a formula, such as `gradient of x^T A x`: they are no factors.

use super::piece::Axes;
use super::table::Table;
use super::{is_function, mentions};
use crate::diagnostic::{Diagnostic, Mistake, Span, Text};
use crate::echo::shorten;
use crate::token::continues_name;
use crate::words::{Meaning, word};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Words that join or lead a formula, and are no factors where they stand beside one without a sign.
const PROSE: [&str; 25] = [
    "and", "as", "at", "by", "else", "for", "from", "given", "if", "in", "is", "let", "of", "on", "or",
    "over", "respect", "subject", "such", "that", "the", "to", "when", "where", "with",
];

/// Phrases that are told for what they are by the rows of the tables.
const PHRASES: [&str; 3] = ["subject to", "such that", "s.t."];

/// Commands whose group is a text.
const TEXTS: [&str; 9] =
    ["text", "textrm", "textit", "textbf", "texttt", "mathrm", "mbox", "operatorname", "operatorname*"];

/// An error where a word of prose stands as a factor.
pub(super) fn check(typed: &Arc<Text>, declared: &BTreeMap<String, Option<Axes>>) -> Result<(), Diagnostic> {
    let text = &typed.text;
    if PHRASES.iter().any(|phrase| text.contains(phrase)) {
        return Ok(());
    }
    let found: Vec<Span> = words(text)
        .into_iter()
        .filter(|span| is_prose(text, *span) && !declared.contains_key(typed.slice(*span)))
        .collect();
    let Some(first) = found.first() else { return Ok(()) };
    let what = format!("`{}` is a word of prose here, and no part of a formula", typed.slice(*first));
    let mend = mend(text, &found, *first);
    Err(typed.error(Mistake::Foreign { what, mend }, *first))
}

/// The formulas between dollar signs in a text of prose, at their places with blanks round them, and what is said of the rest: those
/// with a sign of equality, each a line, or else the longest. What stands behind `where` is known before.
pub(super) fn formulas_inside(typed: &Text) -> Option<(String, String)> {
    let text = &typed.text;
    let sign = if text.contains("$$") { "$$" } else { "$" };
    let parts: Vec<&str> = text.split(sign).collect();
    if parts.len() < 3 {
        return None;
    }
    let is_outside = |(at, _): &(usize, &&str)| at % 2 == 0;
    let outside: Vec<&str> = parts.iter().enumerate().filter(is_outside).map(|(_, part)| *part).collect();
    let words = || outside.iter().flat_map(|part| part.split(|letter: char| !letter.is_alphanumeric()));
    let is_prose = words().any(|word| word.len() > 1 && word.chars().all(char::is_alphabetic));
    let minimizes = words().any(super::minimized::says);
    if let ([_, _, _], true) = (&parts[..], minimizes) {
        // `minimize $f(x)$`
        let gap = " ".repeat(sign.len());
        return Some((parts.join(&gap), String::new()));
    }
    let is_program = PHRASES.iter().any(|phrase| text.contains(phrase));
    let has_more = outside.iter().any(|part| part.contains(['=', '\\'])) || text.contains("$$$");
    if parts.len().is_multiple_of(2) || !is_prose || minimizes || is_program || has_more {
        return None;
    }
    let inside = || parts.iter().enumerate().filter(|(at, _)| at % 2 == 1);
    let has_equation = inside().any(|(_, part)| part.contains('='));
    let longest = inside().max_by_key(|(at, part)| (part.len(), usize::MAX - at)).map(|(at, _)| at)?;
    let is_formula = |at: usize| match has_equation {
        true => parts[at].contains('='),
        false => at == longest,
    };
    let (mut alone, mut is_first, mut aside) = (String::new(), true, Vec::new());
    for (at, part) in parts.iter().enumerate() {
        let gap = if at > 0 { sign.len() } else { 0 };
        alone.push_str(&" ".repeat(gap));
        if at % 2 == 1 && is_formula(at) {
            alone.push_str(part);
            is_first = false;
            continue;
        }
        // A line ends where another formula follows.
        let follows = (at + 1..parts.len()).find(|next| next % 2 == 1).is_some_and(is_formula);
        let word = ["where", "with "].into_iter().find_map(|word| Some((part.find(word)?, "where")));
        let joint = match word {
            _ if is_first || at % 2 == 1 || !follows => None,
            Some(found) => Some(found),
            None if part.len() < 2 => None,
            None => Some((0, r"\\")),
        };
        let (place, word) = joint.unwrap_or((0, ""));
        let blanks = " ".repeat(part.len() - word.len() - place);
        alone.push_str(&format!("{}{word}{blanks}", " ".repeat(place)));
        if part.contains(char::is_alphabetic) {
            aside.push(format!("`{}`", shorten(part.trim())));
        }
    }
    Some((alone, format!("{} beside the formula is set aside", aside.join(", "))))
}

/// The words of a text, but for commands and what stands in a text of LaTeX or in a comment.
fn words(text: &str) -> Vec<Span> {
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some(letter) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = match letter {
            '\\' => {
                let end = rest[1..].find(|letter: char| !letter.is_ascii_alphabetic() && letter != '*');
                let length = end.map_or(rest.len(), |end| end + 1).max(1);
                let group =
                    TEXTS.contains(&&rest[1..length]).then(|| super::commands::group(&rest[length..]));
                length + group.flatten().map_or(0, |(_, length)| length)
            }
            '#' | '%' => rest.find('\n').unwrap_or(rest.len()),
            _ if continues_name(letter) => {
                let length = rest.find(|letter| !continues_name(letter)).unwrap_or(rest.len());
                all.push(Span { start: at, end: at + length });
                length
            }
            _ => letter.len_utf8(),
        };
        at += length;
    }
    all
}

/// Whether a word is one of prose that stands beside something else without a sign.
fn is_prose(text: &str, span: Span) -> bool {
    let (before, word, behind) = (&text[..span.start], &text[span.start..span.end], &text[span.end..]);
    let is_apart = |letter: Option<char>| letter.is_none_or(char::is_whitespace);
    let starts = |letter: char| continues_name(letter) || "([\\|‖{√∑".contains(letter);
    let ends = |letter: char| continues_name(letter) || ")]}'|‖".contains(letter);
    let (left, right) = (before.trim_end().chars().next_back(), behind.trim_start().chars().next());
    PROSE.contains(&word.to_ascii_lowercase().as_str())
        && is_apart(before.chars().next_back())
        && is_apart(behind.chars().next())
        && right.is_some_and(starts)
        && left.is_none_or(ends)
        && !(matches!(word, "for" | "in") && before.matches('(').count() > before.matches(')').count())
        && !(word == "over" && super::minimized::says(before.trim()))
        && (word == "let" || !defines(behind))
}

/// Whether a definition stands behind a word, such as the `x = C*z` of `where x = C*z`.
fn defines(behind: &str) -> bool {
    let behind = behind.trim_start();
    let name = behind.find(|letter| !continues_name(letter)).unwrap_or(behind.len());
    let sign = behind[name..].trim_start();
    name > 0 && (sign.starts_with(':') || sign.starts_with('=') && !sign.starts_with("=="))
}

/// What to write in the place of a text with words of prose.
fn mend(text: &str, found: &[Span], first: Span) -> String {
    let trim = |text: &str| text.trim().trim_end_matches([',', '.', ';', ':']).trim().to_owned();
    let is = |span: &Span, word: &str| text[span.start..span.end].eq_ignore_ascii_case(word);
    let place = |word: &str| found.iter().find(|span| is(span, word)).copied();
    // `x if x > 0 else 0`
    if let (Some(condition), Some(other)) = (place("if"), place("else"))
        && condition.end < other.start
    {
        let (value, rest) = (trim(&text[..condition.start]), trim(&text[other.end..]));
        let test = trim(&text[condition.end..other.start]);
        return format!("write `where({test}, {value}, {rest})`");
    }
    // Up to the next word of prose.
    let part = |start: usize| {
        let next = found.iter().find(|span| span.start > start);
        trim(&text[start..next.map_or(text.len(), |next| next.start)])
    };
    if let Some(of) = place("of") {
        let inner = part(of.end);
        let before = text[..of.start].split_whitespace().find(|word| !PROSE.contains(word)).unwrap_or("");
        let index = place("over")
            .map(|over| part(over.end))
            .filter(|index| index.chars().count() == 1 && inner.contains(&format!("_{index}")));
        return match (function(before), index.or_else(|| index_of(&inner))) {
            (Some("sum"), Some(index)) => format!("write `sum_{index} {inner}`"),
            (Some(function), None) => format!("write `{function}({inner})`"),
            _ => format!("write the formula alone, `{inner}`"),
        };
    }
    let asks = ["minimize ", "minimise ", "maximize ", "maximise ", "min ", "max ", "find "];
    let before = text[..first.start].trim_start();
    let before = asks.iter().find_map(|word| before.strip_prefix(word)).unwrap_or(before);
    match trim(before) {
        before if before.is_empty() => {
            let last = found
                .iter()
                .take_while(|span| {
                    text[first.start..span.start].split_whitespace().all(|word| PROSE.contains(&word))
                })
                .last();
            format!("write the formula alone, `{}`", part(last.map_or(first.end, |last| last.end)))
        }
        before => format!("write the formula alone, `{}`", shorten(&before)),
    }
}

/// The function that a word of prose names, such as `tr` of `trace`.
fn function(named: &str) -> Option<&'static str> {
    let latex = Table::named("latex").words.get(named).copied();
    match word(named) {
        Some(found) if found.meaning.is_usable() => Some(found.name),
        Some(found) => match found.meaning {
            Meaning::Instead(text) => {
                text.split('`').nth(1)?.split('(').next().filter(|name| is_function(name))
            }
            _ => None,
        },
        None => latex.filter(|name| is_function(name)),
    }
}

/// The index of the names of a formula, such as the i of `x_i`.
fn index_of(text: &str) -> Option<String> {
    ["i", "j", "k", "n", "t"]
        .into_iter()
        .find(|index| {
            text.split(|letter| !continues_name(letter)).any(|word| word.ends_with(&format!("_{index}")))
        })
        .filter(|index| !mentions(text, index))
        .map(str::to_owned)
}
