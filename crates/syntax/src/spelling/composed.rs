//! Composed functions: `(f \circ g)(x)` is f(g(x)), where letters of functions are composed and an argument follows.

use super::applied::is_letter_of_functions;
use super::marks::{Mark, Token};
use super::notation::{bracket_length, closes, opens};
use super::piece::Axes;
use crate::diagnostic::Text;
use std::collections::BTreeMap;

/// Writes each composition as calls in each other.
pub(super) fn composed(
    typed: &Text,
    tokens: &mut Vec<Token>,
    declared: &BTreeMap<String, Option<Axes>>,
) -> Vec<String> {
    let mut notes = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if let Some((functions, argument)) = composition(typed, &tokens[at..], declared) {
            let open = at + argument;
            let span = tokens[at].span.to(tokens[open - 1].span);
            let nested: Vec<Token> = functions
                .iter()
                .flat_map(|function| [function.clone(), Token { mark: Mark::Open, ..function.clone() }])
                .take(2 * functions.len() - 1)
                .collect();
            if let Some(length) = bracket_length(&tokens[open..]) {
                let close = open + length - 1;
                let end = Token { mark: Mark::Close, ..tokens[close].clone() };
                tokens.splice(close..close, std::iter::repeat_n(end, functions.len() - 1));
                notes.push(format!("`{}` is read as the composition of functions", typed.slice(span)));
                tokens.splice(at..open, nested);
            }
        }
        at += 1;
    }
    notes
}

/// The functions of the composition that begins here, and where the bracket of its argument is.
fn composition(
    typed: &Text,
    tokens: &[Token],
    declared: &BTreeMap<String, Option<Axes>>,
) -> Option<(Vec<Token>, usize)> {
    let is_value = |name: &str| matches!(declared.get(name), Some(Some(_)));
    if !opens(&tokens.first()?.mark) {
        return None;
    }
    let (mut functions, mut at) = (Vec::new(), 1);
    loop {
        let token = tokens.get(at)?;
        match &token.mark {
            Mark::Name(name) | Mark::Apply(name) if is_letter_of_functions(name) && !is_value(name) => {
                functions.push(token.clone());
            }
            _ => return None,
        }
        let next = tokens.get(at + 1)?;
        match &next.mark {
            Mark::Sign(_) if matches!(typed.slice(next.span), "\\circ" | "∘") => at += 2,
            mark if closes(mark) => break,
            _ => return None,
        }
    }
    let argument = at + 2;
    let is_call = matches!(tokens.get(argument)?.mark, Mark::Open);
    (functions.len() > 1 && is_call).then_some((functions, argument))
}

#[cfg(test)]
mod tests {
    use crate::spelling::{Spelling, spell};

    #[test]
    fn composed_functions_are_called_in_each_other() {
        for (typed, own) in [
            (r"(f \circ g)(x)", "f(g(x))"),
            ("(f ∘ g)(x + y)", "f(g(x + y))"),
            (r"(\sigma \circ f)(Wx)", "sigmoid(f(W*x))"),
            (r"(A \circ B)x", "(A .* B)*x"),
        ] {
            let found = spell(typed, "", Spelling::Auto).unwrap_or_else(|error| panic!("{}", error.render()));
            assert!(found.text.ends_with(own), "{typed}: {}", found.text);
        }
    }
}
