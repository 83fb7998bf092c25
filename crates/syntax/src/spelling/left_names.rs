//! Left sides of LaTeX that are one name though they have several parts: the `RSS` of `RSS(\beta) = ...` and the `\sigma_B^2` of
//! `\sigma_B^2 = ...`, which are names wherever they stand then.

use super::marks::{Mark, Token};
use super::table::Part;
use crate::diagnostic::Text;

/// How many such names a text has at most.
const MOST: usize = 100;

/// Makes one name of each such left side, and what is to be said of it.
pub(super) fn named(typed: &Text, tokens: &mut Vec<Token>) -> Vec<String> {
    let mut notes = Vec::new();
    let (mut start, mut left) = (0, MOST);
    while start < tokens.len() && left > 0 {
        let line = &tokens[start..];
        // How many marks the left side has, and how many of them the name keeps.
        let found = capitals(line).map(|length| (length, 1)).or_else(|| square(line));
        if let Some((length, kept)) = found {
            left -= 1;
            let side = &line[..length];
            let run: Vec<Mark> = side.iter().map(|token| token.mark.clone()).collect();
            let shown = typed.slice(side[0].span.to(side[length - 1].span)).to_owned();
            let is_square = side.iter().any(|token| matches!(token.mark, Mark::Raise { .. }));
            replaced(tokens, &run, |found| {
                let mut own = found[..kept].to_vec();
                match &mut own[0].mark {
                    Mark::Name(name) if is_square => name.push_str("_squared"),
                    mark => *mark = Mark::Name(shown.clone()),
                }
                if !is_square {
                    own[0].span = own[0].span.to(found[found.len() - 1].span);
                }
                own
            });
            notes.extend(is_square.then(|| {
                format!("`{shown}` has a line of its own, and is one name in it and wherever it stands")
            }));
        }
        let ends = |token: &Token| {
            token.mark.ends_line() || matches!(token.mark, Mark::Comma | Mark::Part(Part::Remark))
        };
        let rest = &tokens[start..];
        start += rest.iter().position(ends).map_or(rest.len(), |at| at + 1);
    }
    notes
}

/// Writes something else in the place of each run of these marks.
fn replaced(tokens: &mut Vec<Token>, run: &[Mark], other: impl Fn(&[Token]) -> Vec<Token>) {
    let mut at = 0;
    while at + run.len() <= tokens.len() {
        let is_run = run.iter().zip(&tokens[at..]).all(|(mark, token)| *mark == token.mark);
        if is_run {
            let new = other(&tokens[at..at + run.len()]);
            at += new.len();
            tokens.splice(at - new.len()..at - new.len() + run.len(), new);
        } else {
            at += 1;
        }
    }
}

/// How many letters stand side by side at the beginning of a line that says what they are, or what they are of its argument.
fn capitals(line: &[Token]) -> Option<usize> {
    let is_letter = |(at, token): &(usize, &Token)| {
        let is_joined = *at == 0 || !token.is_apart;
        is_joined
            && matches!(&token.mark, Mark::Name(name) if name.len() == 1 && name.bytes().all(|letter| letter.is_ascii_uppercase()))
    };
    let length = line.iter().enumerate().take_while(is_letter).count();
    let behind = match line.get(length)?.mark {
        Mark::Open => 1 + length + line[length..].iter().position(|token| token.mark == Mark::Close)?,
        _ => length,
    };
    (length > 1 && line.get(behind)?.mark == Mark::Equals).then_some(length)
}

/// How many marks the square of a name has at the beginning of a line that says what it is, and where its power begins.
fn square(line: &[Token]) -> Option<(usize, usize)> {
    let Mark::Name(_) = line.first()?.mark else { return None };
    let group = |at: usize| -> Option<usize> {
        match line.get(at)?.mark {
            Mark::OpenGroup => {
                Some(at + 1 + line[at..].iter().position(|token| token.mark == Mark::CloseGroup)?)
            }
            _ => Some(at + 1),
        }
    };
    let power = if line.get(1)?.mark == Mark::Lower { group(2)? } else { 1 };
    let is_power = matches!(line.get(power)?.mark, Mark::Raise { each: false });
    let end = group(power + 1)?;
    let is_two = line[power + 1..end].iter().any(|token| token.mark == Mark::Number("2".to_owned()));
    (is_power && is_two && end - power <= 4 && line.get(end)?.mark == Mark::Equals).then_some((end, power))
}
