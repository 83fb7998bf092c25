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

/// `k(x, x') = ...`: a name with a prime among the arguments of a definition is a name wherever it stands; what is said of it.
pub(super) fn primed_arguments(tokens: &mut Vec<Token>) -> Vec<String> {
    let mark = |at: usize| tokens.get(at).map_or(&Mark::End, |token| &token.mark);
    let opens = |mark: &Mark| matches!(mark, Mark::Open | Mark::Part(Part::Open));
    let Some(open) = (1..4).find(|at| opens(mark(*at))).filter(|_| matches!(mark(0), Mark::Name(_))) else {
        return Vec::new();
    };
    let (mut primed, mut at) = (Vec::new(), open + 1);
    loop {
        match (mark(at), mark(at + 1), mark(at + 2)) {
            (Mark::Name(name), Mark::Quote, next) if *next != Mark::Quote => {
                primed.push(name.clone());
                at += 2;
            }
            (Mark::Name(_) | Mark::Comma, ..) => at += 1,
            (Mark::Close | Mark::Part(Part::Close), Mark::Equals, _) => break,
            _ => return Vec::new(),
        }
    }
    primed.retain(|name| !tokens[..open].iter().any(|token| token.mark == Mark::Name(name.clone())));
    let mut at = open;
    while at + 1 < tokens.len() {
        if let (Mark::Name(name), Mark::Quote) = (&tokens[at].mark, &tokens[at + 1].mark)
            && primed.contains(name)
        {
            tokens[at].mark = Mark::Name(format!("{name}_prime"));
            tokens[at].span.end = tokens[at + 1].span.end;
            tokens.remove(at + 1);
        }
        at += 1;
    }
    let said = |name: &String| {
        format!("`{name}'` is an argument here, and no transpose: it is called `{name}_prime`")
    };
    primed.iter().map(said).collect()
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
