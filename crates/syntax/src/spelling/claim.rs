//! A claim about a formula: its left side, which says what it is about, and what is claimed.

use super::chains::is_chain;
use super::marks::{Mark, Token, marks};
use super::notation::{Notation, Operand, notation, top_level};
use super::table::Part;
use super::{Spelled, Spelling, detect, is_function, mentions, spell_part};
use crate::diagnostic::{Diagnostic, Mistake, Origin, Span, Text};
use crate::library::Library;
use formula::Name;
use std::sync::Arc;

/// One claim.
#[derive(Clone, Debug)]
pub struct Claim {
    /// What it says that it is about, on the left of `=`; several where it says so more than once, nothing where it says nothing.
    pub left: Vec<LeftSide>,
    /// What is claimed.
    pub value: Spelled,
}

impl Claim {
    /// A claim that is in the language of formulas and has no left side.
    pub fn of(value: &str) -> Claim {
        let typed = Text::new(Origin::Claim, value);
        let (text, places) = (value.to_owned(), None);
        let value = Spelled {
            text,
            spelling: Spelling::Text,
            by: Vec::new(),
            notes: Vec::new(),
            sides: Vec::new(),
            typed,
            places,
            others: Vec::new(),
        };
        Claim { left: Vec::new(), value }
    }

    /// Whether its left side says what it is derived by.
    pub fn names_its_variable(&self) -> bool {
        self.left.iter().any(|left| matches!(&left.says, Says::Derivative { by, .. } if !by.is_empty()))
    }
}

/// The left side of a claim.
#[derive(Clone, Debug)]
pub struct LeftSide {
    /// What it says.
    pub says: Says,
    span: Span,
    typed: Arc<Text>,
}

impl LeftSide {
    /// An error of this side.
    pub fn mistaken(&self, what: String, mend: String) -> Diagnostic {
        self.typed.error(Mistake::Foreign { what, mend }, self.span)
    }

    /// As it was typed.
    pub fn typed(&self) -> &str {
        self.typed.slice(self.span)
    }
}

/// What the left side of a claim says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// That it is a derivative.
    Derivative {
        /// What is derived.
        of: Of,
        /// By what, once for each time that is named; nothing in `∇f`.
        by: Vec<Name>,
        /// Whether it is derived twice.
        is_second: bool,
        /// What stands transposed in it, so that the layout is said.
        turned: Option<Turned>,
    },
    /// A name, such as `dw`, `f_w` or `gradient`.
    Name(Name),
}

/// What a left side says is derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// Nothing is said.
    Anything,
    /// What has this name.
    Name(Name),
    /// This formula.
    Formula(String),
}

/// What stands transposed in the symbol of a derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turned {
    /// What is derived, as in `\frac{\partial y^T}{\partial x}`.
    Of,
    /// What it is derived by, as in `\frac{\partial y}{\partial x^T}`.
    By,
}

/// Reads a claim about a formula. A chain of equal sides, `df/dw = a = b`, is one claim for each side.
///
/// # Errors
/// The first mistake of its spelling, or a left side that is no derivative.
pub fn spell_claim(
    text: &str,
    declarations: &str,
    spelling: Spelling,
    (formula, library): (&Spelled, &Library),
) -> Result<Vec<Claim>, Diagnostic> {
    let typed = Text::new(Origin::Claim, text);
    typed.check_length()?;
    let found = match spelling {
        Spelling::Auto => detect::detect(&typed),
        other => Ok(Some(other)),
    };
    let all = marks(&typed, found.as_ref().ok().copied().flatten().unwrap_or(Spelling::Text), true);
    let beside = |typed: &Arc<Text>, value: &str, spelling| {
        spell_part((typed, value), declarations, spelling, (formula, library))
    };
    let Ok(tokens) = all else {
        return Ok(vec![Claim { left: Vec::new(), value: beside(&typed, text, spelling)? }]);
    };
    let sides = sides(&tokens, spelling_of(&found) == Spelling::Latex);
    let is_known = |name: &str| mentions(&formula.text, name);
    let slice = |tokens: &[Token]| match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => Span::default(),
    };
    // In what stands on the left, names are spelled as they are in the formula.
    let own = |span: Span| {
        beside(&Text::new(Origin::Claim, typed.slice(span)), typed.slice(span), spelling_of(&found))
    };
    let (mut left, mut values, mut chains) = (Vec::new(), Vec::new(), Vec::new());
    for (at, side) in sides.iter().enumerate() {
        let span = slice(side);
        let is_last = at + 1 == sides.len();
        if is_chain(side, &is_known) {
            chains.push(span);
            continue;
        }
        let says = match notation(side, &is_known) {
            Some(found) if !is_last => Some(derivative(&found, &own, (&typed, formula))?),
            _ if at == 0 && !is_last => own(span)
                .ok()
                .filter(|name| is_word(&name.text))
                .map(|name| Says::Name(Name::from(name.text.as_str()))),
            _ => None,
        };
        match says {
            // What stands behind a value is a value.
            Some(says) if values.is_empty() => left.push(LeftSide { says, span, typed: typed.clone() }),
            _ => values.push(span),
        }
    }
    let statement = sides.iter().map(|side| slice(side)).reduce(Span::to).unwrap_or_default();
    let spelling = match (&found, spelling) {
        (Ok(Some(found)), Spelling::Auto) => *found,
        _ => spelling,
    };
    let read = |value: &Span| {
        // All else of the equation is blank, so that every place stays where it is.
        let is_last = Some(value) == values.last();
        let is_own = |at: usize| {
            at < statement.start || (value.start..value.end).contains(&at) || is_last && at >= statement.end
        };
        let blanked: String = text
            .char_indices()
            .flat_map(|(at, letter)| {
                let stays = is_own(at) || letter == '\n' && sides.len() < 2;
                std::iter::repeat_n(
                    if stays { letter } else { ' ' },
                    if stays { 1 } else { letter.len_utf8() },
                )
            })
            .collect();
        let mut value = beside(&typed, if sides.len() > 1 { &blanked } else { text }, spelling)?;
        let note = |chain: &Span| {
            format!(
                "`{}` of the claim is a product of derivatives that nothing defines, and is not compared",
                typed.slice(*chain)
            )
        };
        value.notes.extend(chains.iter().map(note));
        Ok(Claim { left: left.clone(), value })
    };
    if let ([], Some(chain)) = (values.as_slice(), chains.first()) {
        let what =
            format!("`{}` is a product of derivatives, and nothing says what they are", typed.slice(*chain));
        let mend = "claim the derivative itself, as in `df/dw = 2*X'*(X*w - y)`, or give a file with the lines of the formula and of each derivative";
        return Err(typed.error(Mistake::Foreign { what, mend: mend.to_owned() }, *chain));
    }
    values.iter().map(read).collect()
}

fn spelling_of(found: &Result<Option<Spelling>, Diagnostic>) -> Spelling {
    found.as_ref().ok().copied().flatten().unwrap_or(Spelling::Text)
}

/// The sides of the last equation of a text.
fn sides(tokens: &[Token], is_latex: bool) -> Vec<&[Token]> {
    let end = tokens.iter().position(|token| token.mark == Mark::End).unwrap_or(tokens.len());
    let tokens = &tokens[..end];
    let arranges = |mark: &Mark| matches!(mark, Mark::Part(Part::Align | Part::Break));
    let goes_on = |at: usize| {
        let next = tokens[at..].iter().find(|token| !arranges(&token.mark));
        next.is_none_or(|token| token.mark == Mark::Equals)
    };
    let parts = |at: usize| match tokens[at].mark {
        Mark::Newline | Mark::Semicolon => true,
        Mark::Comma => !is_latex,
        Mark::Part(Part::Break) => !goes_on(at),
        _ => false,
    };
    let start =
        top_level(tokens).filter(|at| parts(*at) && at + 1 < tokens.len()).last().map_or(0, |at| at + 1);
    let line = &tokens[start..];
    let mut sides = Vec::new();
    let mut from = 0;
    let trim = |mut side: &'_ [Token]| -> (usize, usize) {
        let (mut before, mut behind) = (0, 0);
        while let [first, rest @ ..] = side
            && arranges(&first.mark)
        {
            (side, before) = (rest, before + 1);
        }
        while let [rest @ .., last] = side
            && arranges(&last.mark)
        {
            (side, behind) = (rest, behind + 1);
        }
        (before, behind)
    };
    let mut add = |from: usize, to: usize| {
        let (before, behind) = trim(&line[from..to]);
        if from + before < to - behind {
            sides.push(&line[from + before..to - behind]);
        }
    };
    for at in top_level(line).filter(|at| line[*at].mark == Mark::Equals) {
        add(from, at);
        from = at + 1;
    }
    add(from, line.len());
    sides
}

/// What the symbol of a derivative says, in the language of formulas.
fn derivative(
    found: &Notation,
    own: &dyn Fn(Span) -> Result<Spelled, Diagnostic>,
    (typed, formula): (&Arc<Text>, &Spelled),
) -> Result<Says, Diagnostic> {
    let mut by = Vec::new();
    for Operand { span, .. } in &found.by {
        let name = own(*span)?.text;
        if !is_word(&name) {
            let what = format!("`{}` is no name, and a formula is derived by a variable", typed.slice(*span));
            let mend = "name the variable, as in `df/dw = ...`".to_owned();
            return Err(typed.error(Mistake::Foreign { what, mend }, *span));
        }
        by.push(Name::from(name.as_str()));
    }
    let of = match found.of {
        None => Of::Anything,
        Some(Operand { span, .. }) => {
            let text = own(span)?.text;
            let formula_of = || Of::Formula(text.clone());
            match called(&text) {
                _ if is_word(&text) => Of::Name(Name::from(text.as_str())),
                Some((name, arguments))
                    if !is_function(name) && !formula.text.contains(&format!("{name}(")) =>
                {
                    // `∇f(w)` is by w.
                    if let ([], [only]) = (by.as_slice(), arguments.as_slice()) {
                        by.push(Name::from(*only));
                    }
                    Of::Name(Name::from(name))
                }
                _ => formula_of(),
            }
        }
    };
    // `∂w ∂w^T` is the matrix of second derivatives.
    let by_turned = found.by.iter().filter(|by| by.is_turned).count() == 1 && !found.is_second;
    let turned = match (found.of.is_some_and(|of| of.is_turned), by_turned) {
        (true, false) => Some(Turned::Of),
        (false, true) => Some(Turned::By),
        _ => None,
    };
    Ok(Says::Derivative { of, by, is_second: found.is_second, turned })
}

/// The name of `f(w, b)`, one that stands before a bracket of names, and the names.
pub(super) fn called(text: &str) -> Option<(&str, Vec<&str>)> {
    let text = text.lines().last()?;
    let (name, arguments) = text.split_once('(')?;
    let arguments: Vec<&str> = arguments.strip_suffix(')')?.split(',').map(str::trim).collect();
    (is_word(name) && arguments.iter().all(|argument| is_word(argument))).then_some((name, arguments))
}

pub(super) fn is_word(text: &str) -> bool {
    text.starts_with(crate::token::begins_name) && text.chars().all(crate::token::continues_name)
}
