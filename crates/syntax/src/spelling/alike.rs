//! Marks that are written in the place of others: a prime above a letter, braces behind a function.

use super::marks::{Mark, Token};
use super::table::Part;
use crate::diagnostic::Text;

/// Leaves what stands before the last `\implies` of a text: its conclusion is the formula.
pub(super) fn conclusion(typed: &Text, tokens: &mut Vec<Token>) -> Option<String> {
    let at = tokens.iter().rposition(|token| token.mark == Mark::Part(Part::Implies))?;
    let is_open = |marks: &[Token], (open, close): (Mark, Mark)| {
        let count = |mark: &Mark| marks.iter().filter(|token| token.mark == *mark).count();
        count(&open) > count(&close)
    };
    let pairs = [(Mark::Open, Mark::Close), (Mark::OpenGroup, Mark::CloseGroup)];
    let ends = tokens.get(at + 1).is_none_or(|token| token.mark.ends_line());
    if ends || pairs.into_iter().any(|pair| is_open(&tokens[..at], pair)) {
        return None;
    }
    let sign = typed.slice(tokens[at].span).to_owned();
    tokens.drain(..=at);
    Some(format!("what stands before `{sign}` is set aside, and what follows from it is read"))
}

/// `f^\prime` and `f^{\prime\prime}` are `f'` and `f''`.
pub(super) fn primes(tokens: &mut Vec<Token>) {
    let mut at = 0;
    while at < tokens.len() {
        let quotes = |from: usize| {
            let marks = tokens.iter().skip(from).map(|token| &token.mark);
            marks.take_while(|mark| **mark == Mark::Quote).count()
        };
        let mark = |at: usize| tokens.get(at).map(|token| &token.mark);
        if matches!(mark(at), Some(Mark::Raise { each: false })) {
            let grouped = quotes(at + 2);
            let is_group = mark(at + 1) == Some(&Mark::OpenGroup) && grouped > 0;
            if is_group && mark(at + 2 + grouped) == Some(&Mark::CloseGroup) {
                tokens.remove(at + 2 + grouped);
                tokens.drain(at..at + 2);
            } else if quotes(at + 1) > 0 {
                tokens.remove(at);
            }
        }
        at += 1;
    }
}

/// `max{0, x}`: braces directly behind a function are its brackets.
pub(super) fn round_braces(tokens: &mut [Token]) {
    let mut open = Vec::new();
    for at in 0..tokens.len() {
        let is_function = at
            .checked_sub(1)
            .is_some_and(|at| matches!(&tokens[at].mark, Mark::Name(name) if super::is_function(name)));
        match tokens[at].mark {
            // A group of letters above or below has no width.
            Mark::OpenGroup => {
                let is_round = is_function && tokens[at].span.end > tokens[at].span.start;
                open.push(is_round);
                if is_round {
                    tokens[at].mark = Mark::Open;
                }
            }
            Mark::CloseGroup if open.pop() == Some(true) => tokens[at].mark = Mark::Close,
            _ => {}
        }
    }
}
