//! Factors side by side in a text of mathematics: `XW` is X times W and `x^TAx` has a transpose, where nothing says that such
//! letters are a word.

use super::marks::{Mark, Token};
use super::minimized::is_extreme;
use super::piece::Axes;
use super::table::{Part, Row, Table};
use crate::diagnostic::{Span, Text};
use crate::token::continues_name;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the names of a text before it is read.
struct Words<'a> {
    declared: &'a BTreeMap<String, Option<Axes>>,
    /// The names that the text itself shows to be words.
    shown: BTreeSet<String>,
    /// The names of one letter.
    single: BTreeSet<String>,
}

/// Parts the names of a text of mathematics that are products of their letters.
pub(super) fn part_letters(typed: &Text, tokens: &mut Vec<Token>, declared: &BTreeMap<String, Option<Axes>>) {
    let single = tokens.iter().filter_map(|token| match &token.mark {
        Mark::Name(name) if name.len() == 1 => Some(name.clone()),
        _ => None,
    });
    let words = Words { declared, shown: shown(typed, tokens), single: single.collect() };
    let taken = std::mem::take(tokens);
    let declarations = declarations(&taken);
    for (at, token) in taken.iter().enumerate() {
        let parts = match &token.mark {
            Mark::Name(name) if typed.slice(token.span) == name && !declarations.contains(&at) => {
                parts(name, (at, &taken), &words)
            }
            _ => Vec::new(),
        };
        if parts.is_empty() {
            tokens.push(token.clone());
            continue;
        }
        let mut start = token.span.start;
        for (index, (mark, length)) in parts.into_iter().enumerate() {
            let span = Span { start, end: start + length };
            tokens.push(Token { mark, span, is_apart: token.is_apart && index == 0, is_bold: token.is_bold });
            start += length;
        }
    }
}

/// How the names of a text stand in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    /// The names that the text defines as functions, as in `g(x) = ...`.
    pub defined: BTreeSet<String>,
    /// The names that stand somewhere without a bracket behind them, as no function does.
    pub alone: BTreeSet<String>,
}

/// How the names of a text stand in it.
pub(super) fn standing(tokens: &[Token]) -> Standing {
    let (mut standing, mut open) = (Standing::default(), Vec::new());
    for (at, token) in tokens.iter().enumerate() {
        let behind = tokens.get(at + 1).map_or(&Mark::End, |token| &token.mark);
        match &token.mark {
            Mark::Name(name) => {
                // `rho: function`
                let kind = tokens.get(at + 2).map(|token| &token.mark);
                if *behind == Mark::Colon && kind == Some(&Mark::Name("function".to_owned())) {
                    standing.defined.insert(name.clone());
                    continue;
                }
                // `\sigma^2` is a number's square, `g^{[1]}` a layer.
                let mark = |ahead: usize| tokens.get(at + ahead).map(|token| &token.mark);
                let is_squared = matches!(mark(2), Some(Mark::Number(_)))
                    || mark(2) == Some(&Mark::OpenGroup) && matches!(mark(3), Some(Mark::Number(_)));
                let is_called = match behind {
                    Mark::Open | Mark::Part(Part::Open) | Mark::Quote | Mark::Lower => true,
                    Mark::Raise { .. } => !is_squared,
                    _ => false,
                };
                if !is_called {
                    standing.alone.insert(name.clone());
                }
            }
            Mark::Open | Mark::Part(Part::Open) => {
                open.push(at.checked_sub(1).and_then(|at| match &tokens.get(at)?.mark {
                    Mark::Name(name) => Some(name.clone()),
                    _ => None,
                }));
            }
            Mark::Close | Mark::Part(Part::Close) => {
                if let (Some(Some(name)), Mark::Equals) = (open.pop(), behind) {
                    standing.defined.insert(name);
                }
            }
            _ => {}
        }
    }
    standing
}

/// The places of the marks that stand in declarations, such as `A: n x n symmetric`.
fn declarations(tokens: &[Token]) -> BTreeSet<usize> {
    let (mut all, mut start, mut depth, mut declares) = (BTreeSet::new(), 0, 0_usize, false);
    for (at, token) in tokens.iter().enumerate() {
        match token.mark {
            Mark::Open | Mark::OpenBlock => depth += 1,
            Mark::Close | Mark::CloseBlock => depth = depth.saturating_sub(1),
            Mark::Colon if depth == 0 => declares = true,
            Mark::Newline | Mark::Semicolon | Mark::Comma | Mark::End if depth == 0 => {
                if declares {
                    all.extend(start..at);
                }
                (start, declares) = (at + 1, false);
            }
            _ => {}
        }
    }
    all
}

/// The names that a text shows to be words: what is defined or set, what is declared in it, and small letters beside a sign of
/// multiplication of a program.
fn shown(typed: &Text, tokens: &[Token]) -> BTreeSet<String> {
    let mut shown = BTreeSet::new();
    let mark = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or(&Mark::End, |token| &token.mark);
    let multiplies = |at: Option<usize>| {
        let is_sign = matches!(mark(at), Mark::Sign("*" | ".*" | "./" | "@"));
        let spelled = at.and_then(|at| tokens.get(at)).map(|token| typed.slice(token.span));
        is_sign && spelled.is_some_and(|spelled| spelled.is_ascii())
    };
    for (at, token) in tokens.iter().enumerate() {
        let Mark::Name(name) = &token.mark else { continue };
        let is_small = name.chars().skip(1).all(|letter| !letter.is_uppercase()) && name.len() > 2
            || !name.starts_with(char::is_uppercase);
        let is_factor = is_small && (multiplies(at.checked_sub(1)) || multiplies(Some(at + 1)));
        // `f(x) = ...` defines f.
        let is_set = matches!(mark(Some(at + 1)), Mark::Equals | Mark::Colon);
        if is_factor || is_set {
            shown.insert(name.clone());
        }
    }
    shown
}

/// The marks that a name at a place is the product of, with their lengths; none where it is a word.
fn parts(name: &str, (at, tokens): (usize, &[Token]), words: &Words) -> Vec<(Mark, usize)> {
    let mark = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or(&Mark::End, |token| &token.mark);
    let (before, behind) = (mark(at.checked_sub(1)), mark(Some(at + 1)));
    let is_called = *behind == Mark::Open && tokens.get(at + 1).is_some_and(|next| !next.is_apart);
    if words.declared.contains_key(name) || words.shown.contains(name) {
        return Vec::new();
    }
    if let Mark::Raise { each: false } = before {
        let Some((turn, rest)) = turned(name) else { return Vec::new() };
        let rest = match rest {
            "" => Vec::new(),
            rest if rest.starts_with('_') => {
                vec![(Mark::Lower, 1), (Mark::Name(rest[1..].to_owned()), rest.len() - 1)]
            }
            rest if is_called => match super::is_function(rest) || rest.len() == 1 {
                true => vec![(Mark::Name(rest.to_owned()), rest.len())],
                false => return Vec::new(),
            },
            rest => letters(rest).unwrap_or_else(|| vec![rest.to_owned()]).into_iter().map(sized).collect(),
        };
        return std::iter::once(sized(turn.to_owned())).chain(rest).collect();
    }
    // `dX` is a change of X, where nothing is called d.
    let is_difference = name.len() == 2 && name.starts_with('d') && !words.single.contains("d");
    if is_called || is_difference || is_change(at, tokens) {
        return Vec::new();
    }
    letters(name).unwrap_or_default().into_iter().map(sized).collect()
}

fn sized(name: String) -> (Mark, usize) {
    let length = name.len();
    (Mark::Name(name), length)
}

/// Whether a name is a part of the symbol of a derivative: one of the two in `df/dX`.
fn is_change(at: usize, tokens: &[Token]) -> bool {
    let changes = |at: Option<usize>| matches!(at.and_then(|at| tokens.get(at)).map(|token| &token.mark), Some(Mark::Name(name)) if name.starts_with('d'));
    let divides = |at: Option<usize>| {
        at.and_then(|at| tokens.get(at)).is_some_and(|token| token.mark == Mark::Sign("/"))
    };
    changes(Some(at))
        && (divides(Some(at + 1)) && changes(Some(at + 2))
            || divides(at.checked_sub(1)) && changes(at.checked_sub(2)))
}

/// The T of a transpose and what stands behind it without a blank, where an exponent of this name is that: `TAx`.
pub(super) fn turned(name: &str) -> Option<(&str, &str)> {
    let rest = name.strip_prefix('T').filter(|rest| !rest.is_empty())?;
    let is_single = rest.chars().count() == 1 && rest.chars().all(char::is_alphabetic);
    let is_label = rest.starts_with('_') && rest.len() > 1;
    let is_apart = is_single || is_label || letters(rest).is_some() || is_numbered(rest);
    let is_word = is_known(name) || super::is_function(rest) && letters(rest).is_none();
    (is_apart && !is_word || rest.len() > 2 && super::is_function(rest) && !is_extreme(rest))
        .then(|| name.split_at(1))
}

/// Whether an exponent is a transpose with a capital and its index of one capital letter behind it, and a column behind these: the
/// `TS_Bw` of `w^TS_Bw`, where what stands below S is one letter, as in LaTeX.
pub(super) fn is_labelled_factor(exponent: &str) -> bool {
    let mut letters = exponent.chars();
    let is_capital = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_uppercase());
    letters.next() == Some('T')
        && is_capital(letters.next())
        && letters.next() == Some('_')
        && is_capital(letters.next())
        && letters.next().is_some_and(|letter| letter.is_ascii_lowercase())
        && !letters.next().is_some_and(continues_name)
}

/// Whether a name is one letter with numbers behind it.
fn is_numbered(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(char::is_alphabetic) && letters.all(|letter| letter.is_ascii_digit())
}

/// Whether a name is a function, the name of a letter or a word that many programs use.
fn is_known(name: &str) -> bool {
    let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    super::is_function(name)
        || Table::named("latex").words.contains_key(name)
        || is_greek(stem)
        || Table::named("python").scalars.contains(name)
}

/// Whether a word is the name of a Greek letter.
pub(super) fn is_greek(word: &str) -> bool {
    let rows = &Table::named("unicode").rows;
    word.len() > 1 && rows.values().any(|row| matches!(row, Row::Name(own) if *own == word && word != "ones"))
}

/// The letters that a name is the product of, each with the numbers behind it: capitals side by side, a capital before a letter,
/// and two or three small letters; `None` where it is one letter or a word.
pub(super) fn letters(name: &str) -> Option<Vec<String>> {
    if name.len() == 1 || is_known(name) || !name.chars().next()?.is_ascii_alphabetic() {
        return None;
    }
    // `Wx_i`: what stands below belongs to the last letter.
    let (stem, label) = name.find('_').map_or((name, ""), |at| name.split_at(at));
    if !stem.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        return None;
    }
    let mut all: Vec<String> = Vec::new();
    for letter in stem.chars() {
        match all.last_mut() {
            Some(last) if letter.is_ascii_digit() => last.push(letter),
            _ => all.push(letter.to_string()),
        }
    }
    let is_capital = |letter: &String| letter.starts_with(|first: char| first.is_ascii_uppercase());
    let capitals = all.iter().filter(|letter| is_capital(letter)).count();
    let (first, rest) = all.split_first()?;
    let is_product = match (is_capital(first), capitals) {
        _ if rest.is_empty() => false,
        // `Xbeta`
        (true, 1) if is_known(&stem[first.len()..]) && is_greek(&stem[first.len()..]) => {
            return Some(vec![first.clone(), name[first.len()..].to_owned()]);
        }
        (true, 1) => all.len() <= 3 && (label.is_empty() || all.len() == 2),
        (false, 0) => all.len() <= 3 && label.is_empty(),
        // `trX`
        (false, _) if super::is_function(stem.trim_end_matches(|l: char| l.is_ascii_uppercase())) => {
            let function = stem.trim_end_matches(|letter: char| letter.is_ascii_uppercase());
            all.splice(..function.len(), [function.to_owned()]);
            label.is_empty()
        }
        // Three small letters in a row are a part of a word.
        _ => {
            let small = |three: &[String]| three.iter().all(|letter| !is_capital(letter));
            label.is_empty() && !all.windows(3).any(small)
        }
    };
    if let (true, Some(last)) = (is_product, all.last_mut()) {
        last.push_str(label);
    }
    is_product.then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_factors_and_words_are_words() {
        let parted = |name: &str| letters(name).map(|parts| parts.join(" ")).unwrap_or_default();
        for (name, want) in [
            ("XW", "X W"),
            ("Ax", "A x"),
            ("AXB", "A X B"),
            ("W1x", "W1 x"),
            ("x1x2", "x1 x2"),
            ("XWv", "X W v"),
            ("wx", "w x"),
            ("aXb", "a X b"),
            ("Xbeta", "X beta"),
            ("Axb", "A x b"),
            ("trXX", "tr X X"),
            ("Wx_i", "W x_i"),
        ] {
            assert_eq!(parted(name), want);
        }
        for word in ["W1", "loss", "Data", "lambda", "beta1", "Sigma", "tr", "relu", "lam", "x_hat", "myData"]
        {
            assert_eq!(parted(word), "", "{word}");
        }
    }
}
