//! What says that a formula is to be as small as it can be: `minimize`, `min_x`, `\arg\min_w`.

use super::marks::Mark;
use super::reader::Reader;
use super::table::Part;
use crate::diagnostic::Diagnostic;
use crate::token::begins_name;

/// Words that say so where they stand before a value; they are functions as well, or names.
const MAY_SAY: &str = "min max argmin argmax";

impl Reader<'_> {
    /// `minimize`, `\min_w`, `\arg\min_w`: goes past it; what it is by.
    pub fn minimized(&mut self) -> Result<Vec<String>, Diagnostic> {
        let mut by = Vec::new();
        loop {
            let word = match self.peek() {
                Mark::Part(Part::Minimize) => true,
                Mark::Apply(name) => {
                    let bare =
                        !matches!(self.ahead(1), Mark::Open | Mark::Part(Part::Open) | Mark::OpenGroup);
                    MAY_SAY.split(' ').take(2).any(|word| word == name) && bare
                }
                Mark::Name(name) => {
                    let rest = self.source.text.get(self.span().end..).unwrap_or_default();
                    let begins = minimizes(name, rest);
                    by.extend(name.split_once('_').filter(|_| begins).map(|(_, name)| name.to_owned()));
                    begins
                }
                _ => false,
            };
            if !word {
                return Ok(by);
            }
            self.advance();
            // `minimize over x ...`
            if *self.peek() == Mark::Name("over".to_owned()) && matches!(self.ahead(1), Mark::Name(_)) {
                self.advance();
                by.extend(self.primary()?.name);
            }
            if *self.peek() == Mark::Lower {
                self.advance();
                let grouped = self.eat(&Mark::OpenGroup).is_some();
                loop {
                    let piece = if grouped { self.power()? } else { self.argument()? };
                    by.extend(piece.name);
                    if !grouped || self.eat(&Mark::Comma).is_none() {
                        break;
                    }
                }
                if grouped && self.eat(&Mark::CloseGroup).is_none() {
                    return Err(self.expected("`}`"));
                }
            }
        }
    }
}

/// Whether a word says that what follows is to be as small, or as large, as it can be: `minimize`, `min_x`, `argmin_w`.
pub(crate) fn minimizes(word: &str, rest: &str) -> bool {
    let stem = word.split('_').next().unwrap_or(word);
    let is_named = stem.len() < word.len();
    let says = matches!(stem, "minimize" | "minimise" | "maximize" | "maximise");
    let may_say = MAY_SAY.split(' ').any(|word| word == stem);
    let behind = rest.trim_start_matches([' ', '\t']);
    let is_apart = behind.len() < rest.len();
    let next = behind.chars().next().unwrap_or('=');
    // What a name stands before is no value of that name.
    let begins =
        begins_name(next) || next.is_ascii_digit() || matches!(next, '|' | '‖' | '[' | '√' | '½' | '\\');
    match (says, may_say) {
        (true, _) | (_, true) if begins => is_apart,
        (true, _) => next == '(' && is_apart,
        (_, true) => next == '(' && is_named && is_apart,
        (false, false) => false,
    }
}
