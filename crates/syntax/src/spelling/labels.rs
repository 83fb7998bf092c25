//! Labels that stand above without brackets: the layer of `a^l = \sigma(w^l a^{l-1} + b^l)`, the word of `\theta^{old}`, the head's matrix
//! `W^Q`. They are put in brackets, as in `a^{(l)}`.

use super::indices::entry_of_layer;
use super::juxtaposed::is_greek;
use super::marks::{Mark, Token};
use super::piece::Piece;
use super::reader::Reader;
use crate::diagnostic::{Diagnostic, Span, Text};
use std::collections::BTreeSet;
use std::ops::Range;

/// The letters of a layer.
const LAYERS: [&str; 2] = ["l", "L"];
/// So many marks at most stand in a label.
const LONGEST: usize = 10;
/// The matrices of attention, which are no numbers of a power.
const ROLES: [&str; 4] = ["Q", "K", "V", "O"];

/// Puts labels above in brackets; what is to be said of them.
pub(super) fn bracket_labels(typed: &Text, tokens: &mut Vec<Token>) -> Vec<String> {
    // `x^{top}` is a slip of `x^\top`.
    for range in all_above(tokens).into_iter().rev() {
        let marks: Vec<&Mark> = tokens[range.clone()].iter().map(|token| &token.mark).collect();
        if word(&marks).is_some_and(|word| word == "top") {
            let span = tokens[range.start].span.to(tokens[range.end - 1].span);
            let turn = Token { mark: Mark::Name("T".to_owned()), span, is_apart: false, is_bold: false };
            tokens.splice(range, [turn]);
        }
    }
    let above = all_above(tokens);
    let mut is_above = vec![false; tokens.len()];
    above.iter().for_each(|range| is_above[range.clone()].fill(true));
    let names = tokens.iter().zip(&is_above).filter(|(_, is_above)| !**is_above);
    let elsewhere: BTreeSet<&str> = names
        .filter_map(|(token, _)| if let Mark::Name(name) = &token.mark { Some(name.as_str()) } else { None })
        .collect();
    let marks = |range: &Range<usize>| -> Vec<&Mark> {
        tokens[range.clone()].iter().map(|token| &token.mark).collect()
    };
    // A letter is one of layers where they stand beside the next or the last, `l` and `l - 1`, and nowhere else; and L above two names.
    let layer = LAYERS.into_iter().find(|letter| {
        let is_it = |mark: &Mark| *mark == Mark::Name((*letter).to_owned());
        let alone = above.iter().any(|range| matches!(marks(range)[..], [mark] if is_it(mark)));
        let shifted = above.iter().any(
            |range| matches!(marks(range)[..], [mark, Mark::Sign("+" | "-"), Mark::Number(_)] if is_it(mark)),
        );
        let bases = above.iter().filter(|range| matches!(marks(range)[..], [mark] if is_it(mark)));
        let bases: BTreeSet<&str> = bases.filter_map(|range| base(tokens, range)).collect();
        alone && (shifted || *letter == "L" && bases.len() > 1) && !elsewhere.contains(letter)
    });
    // Where a word is a power of a bracket, `(1 - p)^{tails}`, all words are powers.
    let raises = |range: &&Range<usize>| word(&marks(range)).is_some() && base(tokens, range).is_none();
    let is_power = above.iter().any(|range| raises(&range));
    let is_label = |range: &Range<usize>| {
        let base = base(tokens, range);
        let is_named = base.is_some_and(|name| name != "e");
        let is_capital = base.is_some_and(|name| name.starts_with(char::is_uppercase));
        if let Some(word) = word(&marks(range)) {
            // Two of the letters elsewhere make a product of it.
            let letters: BTreeSet<String> = word.chars().map(String::from).collect();
            let others = letters.iter().filter(|letter| elsewhere.contains(letter.as_str())).count();
            return (is_named || is_power) && base != Some("e") && !is_greek(&word) && others < 2;
        }
        match marks(range)[..] {
            [Mark::Name(word)] if ROLES.contains(&word.as_str()) => is_capital,
            [Mark::Name(word), ..] => is_named && Some(word.as_str()) == layer,
            _ => false,
        }
    };
    let labels: Vec<Range<usize>> = above.iter().filter(|range| is_label(range)).cloned().collect();
    let mut notes = Vec::new();
    for range in labels.into_iter().rev() {
        let (first, last) = (tokens[range.start].span, tokens[range.end - 1].span);
        let is_grouped = tokens[range.start - 1].mark == Mark::OpenGroup;
        let sign = |mark: Mark, at: usize| Token {
            mark,
            span: Span { start: at, end: at },
            is_apart: false,
            is_bold: false,
        };
        let name = word(&tokens[range.clone()].iter().map(|token| &token.mark).collect::<Vec<_>>());
        if let Some(name) = &name {
            let name = Token { span: first.to(last), ..sign(Mark::Name(name.clone()), first.start) };
            tokens.splice(range.clone(), [name]);
        }
        if name.is_some() && is_power {
            continue;
        }
        // Of a layer `l` is said once, whatever is added to it.
        let shown = typed.slice(if name.is_some() { first.to(last) } else { first });
        let note = format!("`^{{{shown}}}` is read as a label, which makes another name, and no power");
        if !notes.contains(&note) {
            notes.push(note);
        }
        let end = if name.is_some() { range.start + 1 } else { range.end };
        let mut closing = vec![sign(Mark::Close, last.end)];
        let mut opening = vec![sign(Mark::Open, first.start)];
        if !is_grouped {
            closing.push(sign(Mark::CloseGroup, last.end));
            opening.insert(0, sign(Mark::OpenGroup, first.start));
        }
        tokens.splice(end..end, closing);
        tokens.splice(range.start..range.start, opening);
    }
    notes.reverse();
    notes
}

/// The name that this stands above, or what closes below it.
fn base<'t>(tokens: &'t [Token], range: &Range<usize>) -> Option<&'t str> {
    let at = range.start.checked_sub(2)?;
    let at = if matches!(tokens[at].mark, Mark::Raise { .. }) { at.checked_sub(1)? } else { at };
    match &tokens.get(at)?.mark {
        Mark::Name(name) => Some(name),
        Mark::CloseGroup => Some(""),
        _ => None,
    }
}

/// The word of three letters and more that stands above, as one name or letter by letter: `old`, `OLS`.
fn word(above: &[&Mark]) -> Option<String> {
    let letters = above.iter().map(|mark| match mark {
        Mark::Name(name) if name.bytes().all(|letter| letter.is_ascii_alphabetic()) => Some(name.as_str()),
        _ => None,
    });
    let word: String = letters.collect::<Option<Vec<&str>>>()?.concat();
    let is_small = word.bytes().all(|letter| letter.is_ascii_lowercase());
    if !is_small && !word.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return None;
    }
    let is_whole = above.len() == 1 || above.len() == word.len();
    (word.len() > 2 && is_whole).then_some(word)
}

impl Reader<'_> {
    /// Goes past what is said below or above a brace, `\underbrace{x'*x}_{\text{length}}`, which is no part of the formula; whether there
    /// was a brace.
    pub(super) fn pass_brace(&mut self, value: &Piece) -> bool {
        let before = self.source.text.get(..value.span().start).unwrap_or_default();
        let before = before.trim_end_matches(['{', ' ']);
        if !before.ends_with("\\underbrace") && !before.ends_with("\\overbrace")
            || *self.ahead(1) != Mark::OpenGroup
        {
            return false;
        }
        let mut depth = 0_usize;
        loop {
            let mark = self.ahead(1).clone();
            self.advance();
            match mark {
                Mark::OpenGroup => depth += 1,
                Mark::CloseGroup => depth = depth.saturating_sub(1),
                Mark::End => return true,
                _ => {}
            }
            if depth == 0 {
                self.advance();
                return true;
            }
        }
    }

    /// `W^{[1]}` is W1, `A^{[L]}` is A_L, `x^{(i)}` is x_i.
    pub(super) fn layer(&mut self, value: Piece) -> Result<Piece, Diagnostic> {
        let is_layer = *self.ahead(1) == Mark::OpenBlock;
        match self.label()? {
            Some((label, typed)) => {
                if let Some(name) = entry_of_layer(value.name.as_deref(), &label) {
                    return Ok(Piece::name(&name, value.span().to(typed), false));
                }
                // `\pi_i^{ref}` in a sum over i is an entry of pi_ref.
                let indexed = value.name.as_deref().and_then(|name| name.rsplit_once('_'));
                if let Some((stem, index)) =
                    indexed.filter(|(_, index)| self.indices.contains(&format!("_{index}")))
                    && label.len() > 2
                {
                    return Ok(Piece::name(
                        &format!("{stem}_{label}_{index}"),
                        value.span().to(typed),
                        false,
                    ));
                }
                let ending = match label.bytes().all(|byte| byte.is_ascii_digit()) && is_layer {
                    true => label.clone(),
                    false => format!("_{label}"),
                };
                // The weights of a layer are a matrix also where they are small, and its activations and biases vectors.
                let name = format!("{}{ending}", value.name.as_deref().unwrap_or_default());
                let is_letter = label.split('_').next().is_some_and(|first| LAYERS.contains(&first));
                let of_layer = value.name.as_deref().filter(|_| is_letter);
                match of_layer.filter(|_| !self.declared.contains_key(&name)) {
                    Some("w") => drop(self.squares.insert(name)),
                    Some("a" | "b") => drop(self.operands.insert(name)),
                    _ => {}
                }
                self.suffixed(value, &ending, typed)
            }
            None => Ok(value),
        }
    }
}

/// All that stands above.
fn all_above(tokens: &[Token]) -> Vec<Range<usize>> {
    (0..tokens.len()).filter_map(|at| above(tokens, at)).collect()
}

/// What stands above behind the sign here, without the brackets of its group.
fn above(tokens: &[Token], at: usize) -> Option<Range<usize>> {
    let mark = |at: usize| tokens.get(at).map(|token| &token.mark);
    if !matches!(mark(at), Some(Mark::Raise { each: false })) {
        return None;
    }
    if mark(at + 1) != Some(&Mark::OpenGroup) {
        return matches!(mark(at + 1), Some(Mark::Name(_))).then_some(at + 1..at + 2);
    }
    let end = (at + 2..tokens.len().min(at + LONGEST)).find(|at| mark(*at) == Some(&Mark::CloseGroup))?;
    (end > at + 2).then_some(at + 2..end)
}
