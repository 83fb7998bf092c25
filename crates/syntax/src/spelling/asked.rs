//! What a formula is derived by and does not have: the w of `f(w) = x.^2`, and what is no name.

use super::{Spelled, Spelling, is_function, mentions, respell};
use crate::diagnostic::{Origin, Text};
use crate::nearest::nearest;
use formula::Name;
use std::collections::BTreeMap;

impl Spelled {
    /// A name that was typed beside the text, such as `\beta` or `W_2`, as the text has it.
    pub fn name(&self, name: &str) -> Name {
        let is_latex = self.spelling == Spelling::Latex && name.contains(['\\', '_', '^', '{']);
        if mentions(&self.text, name) {
            return Name::from(name);
        }
        // `x'` is the other point of `\|x - x'\|^2`.
        if let Some(point) = name
            .strip_suffix('\'')
            .map(|stem| format!("{stem}_prime"))
            .filter(|point| mentions(&self.text, point))
        {
            return Name::from(point);
        }
        let spelling = if is_latex { Spelling::Latex } else { Spelling::Auto };
        // `beta_1` is one name beside a text that has `\beta_1`.
        let typed = match name.split_once('_') {
            Some((stem, label)) if is_latex && !name.contains(['\\', '^', '{']) => {
                format!("\\mathrm{{{stem}}}_{{{label}}}")
            }
            _ => name.to_owned(),
        };
        let read = |typed: &str| respell(&Text::new(Origin::Formula, typed), &BTreeMap::new(), spelling);
        // What stands above is a label where the text has it so: `w^l`.
        if let Some((base, above)) = typed.split_once('^').filter(|_| is_latex) {
            let label = above.trim_start_matches('{').trim_end_matches('}');
            let labelled = read(&format!("{base}^{{({label})}}")).ok();
            let name = labelled.and_then(|spelled| Some(spelled.text.lines().last()?.to_owned()));
            if let Some(name) = name.filter(|name| mentions(&self.text, name)) {
                return Name::from(name);
            }
        }
        let spelled = read(&typed);
        Name::from(spelled.map_or_else(|_| name.to_owned(), |spelled| spelled.text))
    }

    /// What is wrong, and how to mend it, where the left side is said to be of what the formula does not mention: the w of
    /// `f(w) = x.^2`. `None` where it mentions all of it.
    pub fn absent(&self) -> Option<String> {
        let absent = self.by.iter().find(|name| !mentions(&self.text, name))?;
        let formula = self.text.lines().next_back().unwrap_or_default();
        let formula = formula.split_once(" = ").map_or(formula, |(_, formula)| formula);
        let mut names: Vec<Name> = Vec::new();
        let mut rest = formula;
        while let Some(start) = rest.find(crate::token::begins_name) {
            let word = &rest[start..];
            let end = word.find(|letter| !crate::token::continues_name(letter)).unwrap_or(word.len());
            // What is divided by, and what a sum runs to, is seldom asked for.
            let before = formula[..formula.len() - word.len()].trim_end();
            let is_called = word[end..].starts_with('(') || before.ends_with('/') || before.ends_with("to =");
            names.extend((!is_called && !is_function(&word[..end])).then(|| Name::from(&word[..end])));
            rest = &word[end..];
        }
        let near = nearest(absent, names.iter().cloned());
        let what =
            format!("`{absent}` is what the formula is said to be of, and it does not mention `{absent}`");
        let is_large = |name: &&Name| crate::letters::kind(name) != crate::letters::Kind::Scalar;
        Some(match near.first().or(names.iter().find(is_large)).or(names.first()) {
            Some(meant) => {
                format!("{what}: say `{meant}` in its place, or ask by a name of it, as with `--wrt {meant}`")
            }
            None => format!("{what}, nor any other name"),
        })
    }

    /// How to derive by what is no name, such as `sigma^2`: the text with a name of its own in its place, or the line that gives what
    /// is in it its value. `None` where it is a name.
    pub fn named_apart(&self, asked: &str) -> Option<String> {
        let is_word = |text: &str| {
            text.starts_with(crate::token::begins_name) && text.chars().all(crate::token::continues_name)
        };
        if asked.is_empty() || asked.split('/').all(is_word) {
            return None;
        }
        let new =
            ["v", "t", "s", "u", "v2"].into_iter().find(|name| !mentions(&self.text, name)).unwrap_or("v3");
        if !self.text.contains(asked) {
            return Some("ask by one of its variables, or by the name of one of its lines".to_owned());
        }
        let Some((base, power)) = asked.split_once('^').filter(|(base, _)| is_word(base)) else {
            let whole = self.text.replace(asked, new).replace('\n', "; ");
            return Some(format!("give it a name, as in `{new} = {asked}; {whole}`, and ask by `{new}`"));
        };
        let whole = self.text.replace(asked, new);
        let is_last_digit =
            |at: usize| self.text[at + asked.len()..].starts_with(|next: char| next.is_ascii_digit());
        let is_apart = self
            .text
            .match_indices(asked)
            .all(|(at, _)| !self.text[..at].ends_with(crate::token::continues_name) && !is_last_digit(at));
        Some(match mentions(&whole, base) || !is_apart || !mentions(&whole, new) {
            false => format!(
                "write `{new}` for `{asked}`, as in `{}`, and ask by `{new}`",
                whole.replace('\n', "; ")
            ),
            true => {
                format!("write `{base} = {new}^(1/{power})` on a line before the formula, and ask by `{new}`")
            }
        })
    }
}
