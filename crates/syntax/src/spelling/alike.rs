//! Marks that are written in the place of others: a prime above a letter, braces behind a function.

use super::Spelling;
use super::marks::{Mark, Token, marks};
use super::notation::{closes, opens};
use super::piece::Axes;
use super::table::Part;
use crate::diagnostic::{Origin, Text};
use crate::letters::{self, Kind};
use crate::token::{begins_name, continues_name};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the marks of a text are once all are known.
pub(super) fn settle(tokens: &mut Vec<Token>, spelling: Spelling) {
    primes(tokens);
    match spelling {
        Spelling::Latex => super::continued::join(tokens),
        Spelling::Text => {
            round_braces(tokens);
            super::blocks::part_columns(tokens);
        }
        Spelling::Matlab => super::blocks::part_columns(tokens),
        Spelling::Auto | Spelling::Python => {}
    }
}

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
    name_primed(tokens, open, &|name| primed.iter().any(|primed| primed == name));
    let said = |name: &String| {
        format!("`{name}'` is an argument here, and no transpose: it is called `{name}_prime`")
    };
    primed.iter().map(said).collect()
}

/// Makes names of names with a prime, from a mark on.
fn name_primed(tokens: &mut Vec<Token>, start: usize, is_primed: &dyn Fn(&str) -> bool) {
    let mut at = start;
    while at + 1 < tokens.len() {
        if let (Mark::Name(name), Mark::Quote) = (&tokens[at].mark, &tokens[at + 1].mark)
            && is_primed(name)
        {
            tokens[at].mark = Mark::Name(format!("{name}_prime"));
            tokens[at].span.end = tokens[at + 1].span.end;
            tokens.remove(at + 1);
        }
        at += 1;
    }
}

/// `x - x'`, `\phi(s')` beside `\phi(s)`: a name with a prime that stands by itself, as it does without one elsewhere in the text, is
/// another point, and a name wherever it stands; what is said of it. Products have transposes.
pub(super) fn primed_points(
    tokens: &mut Vec<Token>,
    declared: &BTreeMap<String, Option<Axes>>,
) -> Vec<String> {
    let mark = |at: usize| tokens.get(at).map_or(&Mark::End, |token| &token.mark);
    let is_point = |name: &str| {
        let is_small = letters::kind(name) != Kind::Matrix && !super::is_function(name);
        let is_open = declared.get(name).is_none_or(|axes| *axes == Some(Axes::Vector));
        is_small && is_open
    };
    // Names that are terms, each with the sum that it stands in, and names that are arguments of functions by their letters.
    let (mut terms, mut open, mut count) = ([BTreeSet::new(), BTreeSet::new()], vec![0], 0);
    for (at, token) in tokens.iter().enumerate() {
        let name = match &token.mark {
            Mark::Name(name) => name,
            mark => {
                let is_apart =
                    matches!(mark, Mark::Comma | Mark::Semicolon | Mark::Equals) || mark.ends_line();
                if opens(mark) || is_apart {
                    count += 1;
                    open.truncate(open.len() - usize::from(is_apart));
                    open.push(count);
                } else if closes(mark) && open.len() > 1 {
                    open.pop();
                }
                continue;
            }
        };
        let is_primed = *mark(at + 1) == Mark::Quote;
        let before = at.checked_sub(1).map_or(&Mark::Newline, mark);
        let behind = mark(at + 1 + usize::from(is_primed));
        if !begins_term(before) || !ends_term(behind) || !is_point(name) {
            continue;
        }
        let is_sign = |mark: &Mark| matches!(mark, Mark::Sign("+" | "-"));
        // Of a known function, as in `kron(u, u')`, a transpose is an argument.
        let sum = match is_sign(before) || is_sign(behind) {
            true => open.last().copied(),
            false if in_known_call(tokens, at) => continue,
            false => None,
        };
        terms[usize::from(is_primed)].insert((name.clone(), sum));
    }
    let [plain, primed] = terms;
    let mut primed: BTreeSet<String> = primed.intersection(&plain).map(|(name, _)| name.clone()).collect();
    // Beside `x^T` a prime is none.
    if has_turns(tokens) {
        let names = |primes: bool| {
            let pairs = tokens.iter().zip(tokens.iter().skip(1));
            let fits = move |(own, next): &(&Token, &Token)| {
                (next.mark == Mark::Quote) == primes && !matches!(own.mark, Mark::Quote)
            };
            pairs.filter(fits).filter_map(|(own, _)| match &own.mark {
                Mark::Name(name) if is_point(name) => Some(name.clone()),
                _ => None,
            })
        };
        let plain: BTreeSet<String> = names(false).collect();
        primed.extend(names(true).filter(|name| plain.contains(name)));
    }
    let is_set = |name: &String| {
        let mut pairs = tokens.iter().zip(tokens.iter().skip(1));
        pairs.any(|(own, next)| own.mark == Mark::Name(name.clone()) && next.mark == Mark::Equals)
    };
    primed.retain(|name| !is_set(name));
    name_primed(tokens, 0, &|name| primed.contains(name));
    let said = |name: &String| {
        format!(
            "`{name}'` stands beside `{name}` as another point, and is no transpose: it is called `{name}_prime`"
        )
    };
    primed.iter().map(said).collect()
}

/// Whether a name stands transposed by a T above it.
fn has_turns(tokens: &[Token]) -> bool {
    let is_turn = |token: Option<&Token>| matches!(token.map(|token| &token.mark), Some(Mark::Name(name)) if name == "T");
    tokens.iter().enumerate().any(|(at, token)| {
        let is_raised = matches!(token.mark, Mark::Raise { each: false });
        let group = usize::from(tokens.get(at + 1).is_some_and(|next| next.mark == Mark::OpenGroup));
        is_raised && is_turn(tokens.get(at + 1 + group))
    })
}

/// Whether a mark stands in the bracket of a function that is known.
fn in_known_call(tokens: &[Token], at: usize) -> bool {
    let mut depth = 0_usize;
    for open in (0..at).rev().take(super::operands::MOST_IN_BRACKET) {
        match tokens[open].mark {
            Mark::Close | Mark::CloseBlock | Mark::Part(Part::Close) => depth += 1,
            Mark::Open | Mark::OpenBlock | Mark::Part(Part::Open) if depth == 0 => {
                let before = open.checked_sub(1).map(|before| &tokens[before].mark);
                return match before {
                    Some(Mark::Name(name) | Mark::Apply(name)) => super::is_function(name),
                    _ => true,
                };
            }
            Mark::Open | Mark::OpenBlock | Mark::Part(Part::Open) => depth -= 1,
            _ => {}
        }
    }
    true
}

/// Whether a text in the language of formulas has such names.
pub(super) fn has_primed_points(typed: &Arc<Text>, declared: &BTreeMap<String, Option<Axes>>) -> bool {
    let text = &typed.text;
    let ends = |(at, _): (usize, &str)| {
        let next = text[at + 1..].trim_start().chars().next();
        next.is_some_and(|next| "+-),|".contains(next))
    };
    text.match_indices('\'').any(ends)
        && marks(typed, Spelling::Text, false)
            .is_ok_and(|mut tokens| !primed_points(&mut tokens, declared).is_empty())
}

/// A text in the language of formulas with brackets around the names whose transposes would be read as such points, `x + (x)'`, where
/// nothing is declared of them.
pub(crate) fn keep_transposes(text: String, is_declared: impl Fn(&str) -> bool) -> String {
    let typed = Text::new(Origin::Formula, &text);
    if !has_primed_points(&typed, &BTreeMap::new()) {
        return text;
    }
    let (mut kept, mut at) = (String::new(), 0);
    while let Some(letter) = text[at..].chars().next() {
        let name =
            text[at..].find(|letter| !continues_name(letter)).map_or(&text[at..], |end| &text[at..at + end]);
        let is_turned = text[at + name.len()..].starts_with('\'');
        if name.is_empty() {
            kept.push(letter);
            at += letter.len_utf8();
        } else if is_turned && name.starts_with(begins_name) && !is_declared(name) {
            kept.push_str(&format!("({name})"));
            at += name.len();
        } else {
            kept.push_str(name);
            at += name.len();
        }
    }
    kept
}

/// Whether a term or an argument begins behind a mark.
pub(super) fn begins_term(mark: &Mark) -> bool {
    match mark {
        Mark::Open | Mark::Comma | Mark::OpenGroup | Mark::Equals | Mark::Newline | Mark::Semicolon => true,
        Mark::Sign(sign) => matches!(*sign, "+" | "-"),
        Mark::Part(part) => matches!(
            part,
            Part::Open
                | Part::Norm
                | Part::OpenNorm
                | Part::Bar
                | Part::OpenBar
                | Part::OpenAngle
                | Part::Align
        ),
        _ => false,
    }
}

/// Whether a term or an argument ends before a mark.
pub(super) fn ends_term(mark: &Mark) -> bool {
    match mark {
        Mark::Close | Mark::Comma | Mark::CloseGroup | Mark::End | Mark::Newline | Mark::Semicolon => true,
        Mark::Sign(sign) => matches!(*sign, "+" | "-"),
        Mark::Part(part) => matches!(
            part,
            Part::Close | Part::Norm | Part::CloseNorm | Part::Bar | Part::CloseBar | Part::CloseAngle
        ),
        _ => false,
    }
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
