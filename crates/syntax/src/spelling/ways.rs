//! What may be read in two ways by its signs alone: the reading is taken with which the formula fits, and has a number for its value.

use super::Spelled;
use super::piece::{Level, Piece, matrix_product};
use super::reader::Reader;
use super::wholes::{is_number, odd};
use crate::diagnostic::{Diagnostic, Span};
use crate::letters::{self, Kind};
use crate::library::Library;
use crate::parse::{Source, parse};

/// How signs are read that have two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ways {
    /// `b·x` is `b'*x` though a letter stands for a scalar.
    pub points_are_inner: bool,
    /// `M \odot UV^T` is `(M .* U)*V'`.
    pub signs_come_first: bool,
}

impl Ways {
    /// The other ways to read what was met.
    pub fn others(self) -> Vec<Ways> {
        let each = [
            Ways { points_are_inner: self.points_are_inner, signs_come_first: false },
            Ways { points_are_inner: false, signs_come_first: self.signs_come_first },
            self,
        ];
        let mut all = Vec::new();
        each.into_iter().filter(|ways| *ways != Ways::default()).for_each(|ways| {
            if !all.contains(&ways) {
                all.push(ways);
            }
        });
        all
    }
}

impl Reader<'_> {
    /// What stands behind a sign of mathematics that joins entry by entry: all factors side by side.
    ///
    /// # Errors
    /// Those of the factors.
    pub fn factors_behind(&mut self, left: &Piece, typed: Span) -> Result<Piece, Diagnostic> {
        let first = self.sign()?;
        let is_program = matches!(self.source.slice(typed), ".*" | "./");
        if is_program || !self.juxtaposes() {
            return Ok(first);
        }
        self.met.signs_come_first = true;
        if self.ways.signs_come_first {
            return Ok(first);
        }
        let begins = first.written.text.clone();
        let mut run = first;
        while self.juxtaposes() {
            let start = self.span().start;
            let next = self.power()?;
            let axes = matrix_product(&run, "*", &next);
            run = run.join("*", Span { start, end: start }, next, Level::Product, axes);
        }
        let (before, behind) = (&left.written.text, &run.written.text);
        if before.len() + behind.len() < LONGEST {
            let rest = behind.strip_prefix(begins.as_str()).unwrap_or_default();
            self.note(format!(
                "factors side by side are multiplied first, `{before} .* ({behind})`; the other reading is `({before} .* {begins}){rest}`"
            ));
        }
        Ok(run.enclosed())
    }
}

/// How long both sides of a sign are at most, where both readings are shown.
const LONGEST: usize = 120;

/// The best of the readings of a text: the first, unless another fits better.
pub(crate) fn chosen(mut spelled: Spelled, declarations: &str, library: &Library) -> Spelled {
    let others = std::mem::take(&mut spelled.others);
    if others.is_empty() {
        return spelled;
    }
    let fit = |text: &str| {
        let parsed = parse(Source { text, declarations }, library);
        let is_flat = |kind: &str| kind == "scalar" || kind.ends_with(" x 1") || kind.starts_with("1 x ");
        let flat = parsed.as_ref().map_or(0, |parsed| {
            let capitals = parsed.assumptions.iter().filter(|one| letters::kind(&one.name) == Kind::Matrix);
            capitals.filter(|one| is_flat(&one.kind)).count()
        });
        (flat, (parsed.is_err(), !parsed.as_ref().is_ok_and(is_number), odd(text, &[], &parsed)))
    };
    let (flat, mut least) = fit(&spelled.text);
    for (ways, other) in others {
        let (flat_then, fits) = fit(&other.text);
        // What stands side by side is a product first, unless that does not fit.
        let is_fuller = least.0 || flat_then <= flat;
        if fits < least && is_fuller && (least.0 || !ways.signs_come_first) {
            (spelled, least) = (other, fits);
        }
    }
    spelled
}
