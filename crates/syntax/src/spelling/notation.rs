//! How a derivative is written: `\frac{\partial f}{\partial w}`, `∇_w f`, `D_w f`, `f'(w)`, `grad f`, `w.grad`.

use super::marks::{Mark, Token};
use super::table::Part;
use crate::diagnostic::Span;
use crate::token::begins_name;

/// A derivative as it is written: what it is of and by what, as places in the typed text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Notation {
    /// What is derived; `None` where only the variable is named, as in `w.grad`.
    pub of: Option<Operand>,
    /// What it is derived by, once for each time that is named; nothing in `∇f`.
    pub by: Vec<Operand>,
    /// Whether it is derived twice.
    pub is_second: bool,
}

/// The f or the w of a derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operand {
    pub span: Span,
    /// Whether it stands transposed, as in `\partial w^T`.
    pub is_turned: bool,
}

/// Words that stand before what is derived, or are called with it.
const WORDS: [&str; 5] = ["grad", "gradient", "diff", "jacobian", "hessian"];

/// The derivative that these marks write, if they write one and nothing else. `is_known` tells names of the formula, which are
/// no signs of a derivative then.
pub(super) fn notation(tokens: &[Token], is_known: &dyn Fn(&str) -> bool) -> Option<Notation> {
    let parts = tokens.first().and_then(|first| parted(first, is_known));
    let parted: Vec<Token> = parts.into_iter().flatten().chain(tokens.iter().skip(1).cloned()).collect();
    let tokens = unwrapped(if parted.len() > tokens.len() { &parted } else { tokens });
    fraction(tokens)
        .or_else(|| quotient(tokens))
        .or_else(|| of_variable(tokens))
        .or_else(|| headed(tokens, is_known))
        .or_else(|| primed(tokens))
}

/// `\frac{\partial f}{\partial w}`, `\frac{d}{dw} f`
fn fraction(tokens: &[Token]) -> Option<Notation> {
    let (first, rest) = tokens.split_first()?;
    if first.mark != Mark::Part(Part::Fraction) {
        return None;
    }
    let (above, rest) = operand_at(rest)?;
    let (below, rest) = operand_at(rest)?;
    let (times, of) = changed(unwrapped(above))?;
    let by = variables(unwrapped(below))?;
    let rest = unwrapped(rest);
    // `\frac{df}{dw}(w)` is taken at w.
    let of = match (of.is_empty(), rest.is_empty() || is_bracket(rest)) {
        (true, _) => operand(rest)?,
        (false, true) => operand(&of)?,
        (false, false) => return None,
    };
    derived(times, of, by)
}

/// `∂f/∂w`, `d/dw (x'*A*x)`, `d(x'*A*x)/dw`
fn quotient(tokens: &[Token]) -> Option<Notation> {
    let (times, of) = changed(tokens)?;
    let starts = tokens.len() - of.len();
    let places = top_level(&of).filter(|at| of[*at].mark == Mark::Sign("/"));
    let mut places = places.filter(|at| changed(&of[at + 1..]).is_some());
    // `df/dZ*dZ/dw` is a product of derivatives.
    let (at, None) = (places.next()?, places.next()) else { return None };
    debug_assert!(starts <= tokens.len());
    let (above, below) = (&of[..at], &of[at + 1..]);
    if !above.is_empty() {
        return derived(times, operand(above)?, variables(below)?);
    }
    // The name behind the second d, and what stands behind that.
    let (_, behind) = changed(below)?;
    let mut end = 1;
    while behind.get(end).is_some_and(|token| token.mark == Mark::Lower) {
        end += 1 + operand_at(&behind[end + 1..])?.0.len();
    }
    let by = operand(behind.get(..end)?)?;
    derived(times, operand(behind.get(end..)?)?, vec![by])
}

/// The derivative of a fraction, where it is derived as often above as below.
fn derived(times: usize, of: Operand, by: Vec<Operand>) -> Option<Notation> {
    let is_second = times == 2;
    (times <= 2 && by.len() == times).then_some(Notation { of: Some(of), by, is_second })
}

/// `w.grad`
fn of_variable(tokens: &[Token]) -> Option<Notation> {
    let (last, name) = tokens.split_last()?;
    let is_grad = matches!(&last.mark, Mark::Field(field) if field == "grad");
    let by = vec![operand(name)?];
    (is_grad && is_name(name)).then_some(Notation { of: None, by, is_second: false })
}

/// `Df(x)`: the D and the name of one letter behind it, which is no name of the formula.
fn parted(token: &Token, is_known: &dyn Fn(&str) -> bool) -> Option<[Token; 2]> {
    let Mark::Name(word) = &token.mark else { return None };
    let own = word.strip_prefix('D').filter(|own| own.len() == 1 && own.starts_with(begins_name))?;
    let middle = token.span.start + 1;
    let part = |mark: &str, start, end| Token {
        mark: Mark::Name(mark.to_owned()),
        span: Span { start, end },
        ..token.clone()
    };
    (!is_known(word)).then(|| [part("D", token.span.start, middle), part(own, middle, token.span.end)])
}

/// `∇_w f`, `∂_w f`, `D_w f`, `grad f`, `grad(f, w)`, `jax.grad(f)(w)`
fn headed(tokens: &[Token], is_known: &dyn Fn(&str) -> bool) -> Option<Notation> {
    let (mut first, mut rest) = tokens.split_first()?;
    if let (Mark::Name(_), [field, behind @ ..]) = (&first.mark, rest)
        && matches!(field.mark, Mark::Field(_))
    {
        (first, rest) = (field, behind);
    }
    let own;
    let (mut is_second, mut is_word, mut below) = (false, false, Vec::new());
    match &first.mark {
        Mark::Part(Part::Slope) => {}
        Mark::Part(Part::Change) if rest.first().is_some_and(|next| next.mark == Mark::Lower) => {}
        Mark::Name(word) | Mark::Apply(word) | Mark::Field(word) if !is_known(word) => {
            let (stem, index) =
                word.split_once('_').map_or((word.as_str(), ""), |(stem, index)| (stem, index));
            is_word = WORDS.contains(&stem);
            is_second = stem == "hessian";
            if !is_word && stem != "D" {
                return None;
            }
            if !index.is_empty() {
                let start = first.span.end - index.len();
                let span = Span { start, end: first.span.end };
                own = Token { mark: Mark::Name(index.to_owned()), span, ..first.clone() };
                below.extend(operand(std::slice::from_ref(&own)));
            }
        }
        _ => return None,
    }
    loop {
        match rest.first().map(|token| &token.mark) {
            Some(Mark::Raise { .. }) => {
                let (above, behind) = operand_at(&rest[1..])?;
                is_second |= is_two(above).then_some(true)?;
                rest = behind;
            }
            Some(Mark::Lower) if below.is_empty() => {
                let (index, behind) = operand_at(&rest[1..])?;
                below.push(operand(index)?);
                rest = behind;
            }
            _ => break,
        }
    }
    let inner = unwrapped(rest);
    let comma = top_level(inner).find(|at| inner[*at].mark == Mark::Comma);
    match (comma, bracket_length(rest)) {
        // `grad(f, w)`
        (Some(at), _) if is_word && inner.len() < rest.len() => {
            below.push(operand(&inner[at + 1..])?);
            let of = Some(operand(&inner[..at])?);
            return Some(Notation { of, by: below, is_second });
        }
        // `grad(f)(w)`
        (_, Some(length)) if is_word && length < rest.len() && is_bracket(&rest[length..]) => {
            below.push(operand(unwrapped(&rest[length..]))?);
            let of = Some(operand(unwrapped(&rest[..length]))?);
            return Some(Notation { of, by: below, is_second });
        }
        _ => {}
    }
    let of = operand(rest);
    if of.is_none() && (below.is_empty() || is_word) {
        return None;
    }
    Some(Notation { of, by: below, is_second })
}

/// `f'(w)`, `f''`, `f^{\prime}(w)`
fn primed(tokens: &[Token]) -> Option<Notation> {
    let is_prime = |token: &Token| token.mark == Mark::Quote;
    let at = top_level(tokens).find(|at| {
        is_prime(&tokens[*at])
            || matches!(tokens[*at].mark, Mark::Raise { .. }) && {
                let above = operand_at(&tokens[at + 1..]).map(|(above, _)| unwrapped(above));
                above.is_some_and(|above| !above.is_empty() && above.iter().all(is_prime))
            }
    })?;
    let (name, marks) = tokens.split_at(at);
    let (count, rest) = match marks.first()?.mark {
        Mark::Quote => {
            let count = marks.iter().take_while(|token| is_prime(token)).count();
            (count, &marks[count..])
        }
        _ => {
            let (above, rest) = operand_at(&marks[1..])?;
            (unwrapped(above).len(), rest)
        }
    };
    let by = match rest {
        [] => Vec::new(),
        rest if is_bracket(rest) && is_name(unwrapped(rest)) => vec![operand(unwrapped(rest))?],
        _ => return None,
    };
    (is_name(name) && count <= 2).then_some(Notation { of: operand(name), by, is_second: count == 2 })
}

/// How often a derivative is taken by the d that these marks begin with, and what stands behind it.
fn changed(tokens: &[Token]) -> Option<(usize, Vec<Token>)> {
    let (first, rest) = tokens.split_first()?;
    let mut rest = rest.to_vec();
    match &first.mark {
        Mark::Part(Part::Change) => {}
        Mark::Name(name) if name == "d" => {}
        Mark::Name(name) => {
            let own = name.strip_prefix('d').filter(|own| own.starts_with(begins_name))?;
            let span = Span { start: first.span.start + 1, ..first.span };
            rest.insert(0, Token { mark: Mark::Name(own.to_owned()), span, ..first.clone() });
        }
        _ => return None,
    }
    if !matches!(rest.first().map(|token| &token.mark), Some(Mark::Raise { .. })) {
        return Some((1, rest));
    }
    let (above, behind) = operand_at(&rest[1..])?;
    let behind = behind.to_vec();
    is_two(above).then_some((2, behind))
}

/// What `\partial w \partial w^T` and `dw^2` are by: each variable as often as it is named.
fn variables(tokens: &[Token]) -> Option<Vec<Operand>> {
    let mut all = Vec::new();
    let starts: Vec<usize> = top_level(tokens)
        .filter(|at| {
            let is_free = at.checked_sub(1).is_none_or(|before| {
                !matches!(tokens[before].mark, Mark::Lower | Mark::Raise { .. } | Mark::Part(Part::Change))
                    && tokens[before].mark != Mark::Name("d".to_owned())
            });
            is_free && changed(&tokens[*at..]).is_some()
        })
        .collect();
    if starts.first() != Some(&0) {
        return None;
    }
    for (place, start) in starts.iter().enumerate() {
        let end = starts.get(place + 1).copied().unwrap_or(tokens.len());
        let (times, mut by) = changed(&tokens[*start..end])?;
        if times != 1 {
            return None;
        }
        let power = by.iter().rposition(|token| matches!(token.mark, Mark::Raise { .. }));
        let is_twice = power.is_some_and(|at| is_two(&by[at + 1..]));
        if let (Some(at), true) = (power, is_twice) {
            by.truncate(at);
        }
        let by = is_name(without_turn(&by).0).then_some(operand(&by)?)?;
        all.extend(std::iter::repeat_n(by, 1 + usize::from(is_twice)));
    }
    Some(all)
}

/// The place of marks, and whether they stand transposed.
fn operand(tokens: &[Token]) -> Option<Operand> {
    let (tokens, is_turned) = without_turn(unwrapped(tokens));
    let tokens = unwrapped(tokens);
    let (first, last) = (tokens.first()?, tokens.last()?);
    Some(Operand { span: first.span.to(last.span), is_turned })
}

/// Marks without the transpose that ends them, and whether one does.
fn without_turn(tokens: &[Token]) -> (&[Token], bool) {
    let is_turn = |mark: &Mark| match mark {
        Mark::Quote => true,
        Mark::Name(name) | Mark::Field(name) => name == "T",
        _ => false,
    };
    match tokens {
        [value @ .., raise, turn] if matches!(raise.mark, Mark::Raise { .. }) && is_turn(&turn.mark) => {
            (value, true)
        }
        [value @ .., raise, open, turn, close]
            if matches!(raise.mark, Mark::Raise { .. })
                && open.mark == Mark::OpenGroup
                && close.mark == Mark::CloseGroup
                && is_turn(&turn.mark) =>
        {
            (value, true)
        }
        [value @ .., turn] if matches!(turn.mark, Mark::Quote | Mark::Field(_)) && is_turn(&turn.mark) => {
            (value, true)
        }
        _ => (tokens, false),
    }
}

/// Whether marks are one name with what stands below and above it.
fn is_name(tokens: &[Token]) -> bool {
    let tokens = unwrapped(tokens);
    let mut after_sign = true;
    !tokens.is_empty()
        && top_level(tokens).all(|at| {
            let fits = match &tokens[at].mark {
                Mark::Name(_) | Mark::OpenGroup => after_sign,
                Mark::Number(_) | Mark::OpenBlock => after_sign && at > 0,
                Mark::Accent(_) => return at == 0,
                Mark::CloseGroup | Mark::CloseBlock => true,
                Mark::Lower | Mark::Raise { .. } => at > 0 && !after_sign,
                _ => false,
            };
            after_sign = matches!(tokens[at].mark, Mark::Lower | Mark::Raise { .. });
            fits
        })
}

fn is_two(tokens: &[Token]) -> bool {
    matches!(unwrapped(tokens), [two] if two.mark == Mark::Number("2".to_owned()))
}

/// One mark or one group, and what stands behind it.
fn operand_at(tokens: &[Token]) -> Option<(&[Token], &[Token])> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.mark {
            Mark::OpenGroup => depth += 1,
            Mark::CloseGroup => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(tokens.split_at(at + 1));
        }
    }
    None
}

/// How many marks the bracket has that they begin with.
pub(super) fn bracket_length(tokens: &[Token]) -> Option<usize> {
    opens(&tokens.first()?.mark).then_some(())?;
    // The next one at the top is behind the bracket.
    let close = top_level(tokens).find(|at| *at > 0 && closes(&tokens[*at].mark))?;
    Some(close + 1)
}

fn is_bracket(tokens: &[Token]) -> bool {
    bracket_length(tokens) == Some(tokens.len())
}

/// What is inside of the brackets and groups round all of these marks.
fn unwrapped(mut tokens: &[Token]) -> &[Token] {
    while let [first, inner @ .., _] = tokens
        && first.mark != Mark::OpenBlock
        && is_bracket(tokens)
    {
        tokens = inner;
    }
    tokens
}

pub(super) fn opens(mark: &Mark) -> bool {
    matches!(mark, Mark::Open | Mark::OpenBlock | Mark::OpenGroup | Mark::Part(Part::Open))
}

pub(super) fn closes(mark: &Mark) -> bool {
    matches!(mark, Mark::Close | Mark::CloseBlock | Mark::CloseGroup | Mark::Part(Part::Close))
}

/// The places of marks that stand in no bracket; brackets themselves are among them.
pub(super) fn top_level(tokens: &[Token]) -> impl Iterator<Item = usize> {
    let mut depth = 0_usize;
    let all: Vec<usize> = tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| {
            let is_closing = closes(&token.mark);
            depth = depth.saturating_sub(usize::from(is_closing));
            let is_top = depth == 0;
            depth += usize::from(opens(&token.mark));
            is_top
        })
        .map(|(at, _)| at)
        .collect();
    all.into_iter()
}
