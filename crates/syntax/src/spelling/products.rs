//! Products without a sign in a text that has no other mark of mathematics: `norm(Xw - y)^2 + norm(w)^2` has X times w, because
//! w stands in it too.

use super::Spelling;
use super::juxtaposed::{self, is_greek};
use super::marks::{Mark, Token};
use super::piece::Axes;
use crate::diagnostic::{Span, Text};
use crate::letters::{self, Kind};
use std::collections::{BTreeMap, BTreeSet};

/// Parts the names of a text that are products of letters of which one is a name of its own in it or is declared; what is to be said
/// of that.
pub(super) fn part_products(
    typed: &Text,
    tokens: &mut Vec<Token>,
    declared: &BTreeMap<String, Option<Axes>>,
    spelling: Spelling,
) -> Vec<String> {
    let is_function =
        |token: &Token| matches!(&token.mark, Mark::Name(name) if matches!(name.as_str(), "def" | "lambda"));
    if spelling == Spelling::Python && tokens.iter().any(is_function) {
        return Vec::new();
    }
    let products = products(tokens, declared, spelling);
    let mut notes = Vec::new();
    for (name, (factors, shared)) in &products {
        let because = match shared {
            Some(shared) => format!("{shared} stands elsewhere here too"),
            None => "no product here has a sign".to_owned(),
        };
        notes.push(format!(
            "`{name}` is read as the product {}, because {because}; declare it to keep it one name, such as `{name}: vector` or `{name}: matrix`",
            factors.join("*")
        ));
    }
    if spelling == Spelling::Text {
        notes.extend(alone(tokens, declared, &products));
    }
    let taken = std::mem::take(tokens);
    for (at, token) in taken.iter().enumerate() {
        if spelling == Spelling::Text && is_coefficient(&taken, at) {
            let span = Span { start: token.span.start, end: token.span.start };
            tokens.push(Token { mark: Mark::Sign("*"), span, is_apart: false, is_bold: false });
        }
        let product = match &token.mark {
            Mark::Name(name) if typed.slice(token.span) == name => products.get(name),
            _ => None,
        };
        let Some((factors, _)) = product else {
            tokens.push(token.clone());
            continue;
        };
        // Behind a sign that goes entry by entry or divides, and before a power of each entry, the product is in brackets.
        let mark = |at: usize| taken.get(at).map_or(&Mark::End, |token| &token.mark);
        // `ax^2` is a times the square of x, and `UV'` U times the transpose of V.
        // A matrix times a row has no shape, so `Xw'` is a row.
        let is_column = |factor: &String| factor.starts_with(char::is_lowercase);
        let turns = match mark(at + 1) {
            Mark::Quote => true,
            Mark::Raise { each: false } => *mark(at + 2) == Mark::Name("T".to_owned()),
            _ => false,
        };
        let is_row = turns && !factors.first().is_none_or(is_column) && factors.last().is_some_and(is_column);
        let is_whole = is_row
            || matches!(mark(at + 1), Mark::Raise { each: true })
            || at > 0 && matches!(mark(at - 1), Mark::Sign("/" | ".*" | "./" | "\\") | Mark::Raise { .. });
        let sign = |mark: Mark, at: usize| Token {
            mark,
            span: Span { start: at, end: at },
            is_apart: false,
            is_bold: token.is_bold,
        };
        let mut start = token.span.start;
        tokens.extend(is_whole.then(|| sign(Mark::Open, start)));
        for (index, factor) in factors.iter().enumerate() {
            let span = Span { start, end: start + factor.len() };
            let is_apart = token.is_apart && index == 0;
            // Programs have a sign between factors.
            match spelling {
                Spelling::Python if index > 0 => tokens.push(sign(Mark::Sign("@"), start)),
                Spelling::Matlab if index > 0 => tokens.push(sign(Mark::Sign("*"), start)),
                _ => {}
            }
            tokens.push(Token { mark: Mark::Name(factor.clone()), span, is_apart, is_bold: token.is_bold });
            start = span.end;
        }
        tokens.extend(is_whole.then(|| sign(Mark::Close, start)));
    }
    notes
}

/// Whether the name here has its coefficient directly before it: the x of `3x^2`, and not that of `1/2x`.
pub(super) fn is_coefficient(tokens: &[Token], at: usize) -> bool {
    let mark = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or(&Mark::End, |token| &token.mark);
    let is_name =
        matches!(&tokens[at].mark, Mark::Name(name) if !name.starts_with('_')) && !tokens[at].is_apart;
    // `cos 2x`
    let is_applied = matches!(mark(at.checked_sub(2)), Mark::Name(_) | Mark::Apply(_));
    let is_divisor = matches!(mark(at.checked_sub(2)), Mark::Sign("/" | "./" | "\\") | Mark::Raise { .. });
    is_name && matches!(mark(at.checked_sub(1)), Mark::Number(_)) && !is_divisor && !is_applied
}

/// The names that are products, with their factors and the first of them that is a name of its own; with none where the text has
/// no sign of multiplication at all, as in `norm(Ax - b)^2`.
fn products(
    tokens: &[Token],
    declared: &BTreeMap<String, Option<Axes>>,
    spelling: Spelling,
) -> BTreeMap<String, (Vec<String>, Option<String>)> {
    let mark = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or(&Mark::End, |token| &token.mark);
    let (mut names, mut words) = (BTreeSet::new(), BTreeSet::new());
    for (at, token) in tokens.iter().enumerate() {
        let Mark::Name(name) = &token.mark else { continue };
        let is_called =
            *mark(Some(at + 1)) == Mark::Open && tokens.get(at + 1).is_some_and(|next| !next.is_apart);
        let is_set = matches!(mark(Some(at + 1)), Mark::Equals | Mark::Colon);
        // `Wx*x` has the weight of x, which is no product.
        let is_weight = matches!(mark(Some(at + 1)), Mark::Sign("*" | ".*" | "@"))
            && matches!(mark(Some(at + 2)), Mark::Name(next) if name.len() > next.len() && name.ends_with(next.as_str()));
        if is_called || is_set || is_weight {
            words.insert(name.clone());
        }
        if !is_called {
            names.insert(name.clone());
        }
    }
    let mut products = BTreeMap::new();
    for (name, factors, shared) in polynomials(&names, &arguments(tokens)) {
        if !words.contains(name) && !declared.contains_key(name) {
            products.insert(name.clone(), (factors, Some(shared)));
        }
    }
    let has_no_sign = spelling == Spelling::Text
        && !tokens.iter().any(|token| matches!(token.mark, Mark::Sign("*" | "@" | "/" | "./" | ".*")))
        && (names.len() > 1 || tokens.iter().any(|token| token.mark == Mark::Open));
    let is_single = |name: &str| {
        let first = name.chars().next();
        names.iter().filter(|other| other.chars().next() == first && other.chars().count() > 1).count() == 1
    };
    let is_bare = |name: &str| {
        let small = name.chars().filter(char::is_ascii_lowercase).count();
        is_single(name)
            && !ACRONYMS.contains(&name)
            && (small == 0 || name.len() == 2 && name.ends_with(|last| matches!(last, 'h'..='z')))
    };
    // `x^2 + 2xy + y^2`
    let is_letter = |letter: &String| names.contains(letter) && !words.contains(letter);
    for name in names.iter().filter(|name| !words.contains(*name) && !declared.contains_key(*name)) {
        let is_run = (2..=3).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase());
        let factors: Vec<String> = name.chars().map(String::from).collect();
        let own = factors.iter().filter(|letter| is_letter(letter)).count();
        // `dx` may be a difference, and `std` is a word.
        let is_word = !has_no_sign && (name.len() > 2 || name.starts_with('d'));
        if is_run
            && !is_greek(name)
            && !is_word
            && (own == factors.len() || has_no_sign && own == 1 && name.len() == 2)
        {
            let shared = factors.iter().find(|letter| is_letter(letter)).cloned();
            products.insert(name.clone(), (factors, shared));
        }
    }
    // `x_1x_2`
    for name in names.iter().filter(|name| !words.contains(*name) && !declared.contains_key(*name)) {
        if let Some(factors) = labelled(name) {
            let shared = factors.iter().find(|factor| names.contains(*factor)).cloned();
            products.insert(name.clone(), (factors, shared));
        }
    }
    let is_name = |name: &String| names.contains(name) || declared.get(name).is_some_and(Option::is_some);
    for name in names.iter().filter(|name| !words.contains(*name) && !declared.contains_key(*name)) {
        let is_greek_capital = is_greek(&name.to_lowercase());
        let Some(factors) = juxtaposed::letters(name) else { continue };
        let capitals = name.chars().filter(char::is_ascii_uppercase).count();
        let is_run = name.starts_with(|first: char| first.is_ascii_uppercase()) && factors.len() <= 3
            // Longer runs are capitals of which two are names.
            || factors.len() <= 5
                && capitals == factors.len()
                && factors.iter().filter(|factor| is_name(factor)).collect::<BTreeSet<_>>().len() > 1;
        // `Sxy` is S of x and y, where S is no name itself, and `AT` the transpose of A.
        let is_indexed = capitals == 1 && factors.len() == 3 && !is_name(&factors[0]);
        let is_turned = factors.last().is_some_and(|last| last == "T" && !is_name(last));
        if is_greek_capital || !is_run || is_indexed || is_turned {
            continue;
        }
        if let Some(shared) = factors.iter().find(|factor| is_name(factor)).cloned() {
            products.insert(name.clone(), (factors, Some(shared)));
        } else if has_no_sign && is_bare(name) {
            products.insert(name.clone(), (factors, None));
        }
    }
    products
}

/// Capitals that are one name wherever they stand.
const ACRONYMS: [&str; 10] = ["MSE", "RSS", "TSS", "SSE", "SSR", "MAE", "KL", "CE", "BCE", "NLL"];

/// The letters with numbers below them that a name consists of, where there are two and more: `x_1x_2`.
fn labelled(name: &str) -> Option<Vec<String>> {
    let mut factors: Vec<String> = Vec::new();
    for letter in name.chars() {
        let ends = factors.last().is_none_or(|last| last.ends_with(|letter: char| letter.is_ascii_digit()));
        match factors.last_mut() {
            Some(last) if !ends || !letter.is_alphabetic() => last.push(letter),
            _ => factors.push(letter.to_string()),
        }
    }
    let is_labelled = |factor: &String| {
        let (letter, label) = factor.split_once('_').unwrap_or_default();
        letter.chars().count() == 1 && !label.is_empty() && label.bytes().all(|digit| digit.is_ascii_digit())
    };
    (factors.len() > 1 && factors.iter().all(is_labelled)).then_some(factors)
}

/// What is said of names that look like a coefficient and its unknown, the `ax` of `ax + by`, in a text that has no capitals.
fn alone(
    tokens: &[Token],
    declared: &BTreeMap<String, Option<Axes>>,
    products: &BTreeMap<String, (Vec<String>, Option<String>)>,
) -> Vec<String> {
    let names: BTreeSet<&String> = tokens
        .iter()
        .filter_map(|token| if let Mark::Name(name) = &token.mark { Some(name) } else { None })
        .collect();
    if names.iter().any(|name| name.starts_with(char::is_uppercase)) {
        return Vec::new();
    }
    let is_open = |name: &str| !declared.contains_key(name) && !products.contains_key(name);
    // `wx` beside w, too.
    let is_own = |letter: &str| names.contains(&letter.to_owned());
    let beside = |name: &&String| {
        let (first, last) = (name.get(..1)?, name.get(1..).filter(|last| last.len() == 1)?);
        let is_run = name.bytes().all(|letter| letter.is_ascii_lowercase()) && !is_greek(name);
        (is_run && (is_own(first) || is_own(last))).then(|| (first.to_owned(), last.to_owned()))
    };
    let term = |name: &&String| {
        let own = term(name).map(|(first, last)| (first.to_owned(), last.to_owned()));
        own.or_else(|| beside(name))
    };
    let terms = names.iter().filter_map(|name| Some((*name, term(name)?)));
    terms
        .filter(|(name, _)| is_open(name))
        .map(|(name, (a, x))| format!("`{name}` is read as one name; for a product write `{a}*{x}`"))
        .collect()
}

/// The scalar's letter and the vector's that a name of two small letters consists of.
fn term(name: &str) -> Option<(&str, &str)> {
    let (first, last) = (name.get(..1)?, name.get(1..).filter(|last| last.len() == 1)?);
    let is_small = name.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_scaled = letters::kind(first) == Kind::Scalar && letters::kind(last) == Kind::Vector;
    (is_small && is_scaled).then_some((first, last))
}

/// The x of `f(x) = ax^2`.
fn arguments(tokens: &[Token]) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let [first, open, rest @ ..] = tokens else { return found };
    if !matches!(first.mark, Mark::Name(_) | Mark::Apply(_)) || open.mark != Mark::Open {
        return found;
    }
    for (at, token) in rest.iter().enumerate() {
        match &token.mark {
            Mark::Name(name) => {
                found.insert(name.as_str());
            }
            Mark::Comma => {}
            Mark::Close if rest.get(at + 1).is_some_and(|next| next.mark == Mark::Equals) => return found,
            _ => return BTreeSet::new(),
        }
    }
    BTreeSet::new()
}

/// The terms of `ax^2 + bx + c`: names of two small letters, a scalar's and a vector's, of which two have the same vector's, or which
/// end with an argument.
fn polynomials<'a>(
    names: &'a BTreeSet<String>,
    arguments: &BTreeSet<&str>,
) -> Vec<(&'a String, Vec<String>, String)> {
    let all: Vec<_> = names.iter().filter_map(|name| Some((name, term(name)?))).collect();
    let is_shared = |last: &str| all.iter().filter(|(_, (_, other))| *other == last).count() > 1;
    let terms = all.iter().filter(|(_, (_, last))| is_shared(last)).map(|(name, (first, last))| {
        (*name, vec![(*first).to_owned(), (*last).to_owned()], (*last).to_owned())
    });
    // The `xy` and `ax` of `f(x, y) = ...`
    let of_arguments = names.iter().filter_map(|name| {
        let letters: Vec<String> = name.chars().map(String::from).collect();
        let is_factor = |letter: &String| {
            arguments.contains(letter.as_str()) || letters::kind(letter) == Kind::Scalar && letter.is_ascii()
        };
        let shared = letters.iter().find(|letter| arguments.contains(letter.as_str()))?.clone();
        let is_product = (2..=3).contains(&letters.len()) && letters.iter().all(is_factor);
        is_product.then_some((name, letters, shared))
    });
    terms.chain(of_arguments).collect()
}
