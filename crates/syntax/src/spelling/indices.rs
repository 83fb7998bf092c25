//! Sums over one index as they are written: `\sum_{i=1}^m (...)^2`, `∑ᵢ xᵢ`, `sum_i log(p_i)`.
//!
//! In the language of formulas such a sum is a call, `sum_i(x_i, to = m)`. It takes the product behind it.

use super::marks::{Lexer, Mark};
use super::piece::{Axes, Level, Piece};
use super::reader::Reader;
use super::table::Part;
use super::written::Written;
use crate::diagnostic::{Diagnostic, Span};
use crate::token::continues_name;
use std::collections::BTreeSet;

/// The word that a sum over an index begins with in a text without signs for it.
const WORD: &str = "sum_";

/// The indices of a text: what names end with behind `_`, but for sums themselves. Empty where the text has no sum over an index.
pub(super) fn labels(text: &str) -> BTreeSet<&str> {
    if !text.contains(WORD) && !text.contains(['Σ', '∑']) {
        return BTreeSet::new();
    }
    let words = text.split(|letter: char| !continues_name(letter));
    let label = |word: &'_ str| {
        let at = word.rfind('_')?;
        (&word[..at] != "sum").then_some(at + 1)
    };
    let mut labels: BTreeSet<&str> = words.filter_map(|word| Some(&word[label(word)?..])).collect();
    // `x_ij`, `x_i1`
    let pairs: Vec<&str> =
        labels.iter().copied().filter(|label| label.len() == 2 && label.is_ascii()).collect();
    labels.extend(pairs.iter().flat_map(|pair| [&pair[..1], &pair[1..]]));
    if text.contains(['ᵢ', 'ⱼ', 'ₖ']) {
        labels.extend(["i", "j", "k"]);
    }
    // `x_{i}`
    labels.extend(text.split("_{").skip(1).filter_map(|part| part.split_once('}').map(|(label, _)| label)));
    labels
}

/// How many bytes `sum_i`, `sum_{i=1}` and `sum_{i=1}^{n}` take at the beginning of a text in which they are no name; these are the
/// indices of all of the text.
pub(super) fn indexed_sum(rest: &str, labels: &BTreeSet<&str>) -> Option<usize> {
    let label = rest.strip_prefix(WORD)?;
    let group = |text: &str| text.starts_with('{').then(|| text.find('}').map(|end| end + 1)).flatten();
    let name = |text: &str| text.find(|letter| !continues_name(letter)).unwrap_or(text.len());
    let length = match group(label) {
        Some(length) => length,
        None => {
            let length = name(label);
            let index = &label[..length];
            let behind = label[length..].trim_start_matches([' ', '\t']);
            let first = behind.chars().next().unwrap_or('\0');
            let begins = first == '-' || first == '\\' || first.is_alphanumeric() || "√‖|½∑[".contains(first);
            let is_letter = index.chars().count() == 1 && matches!(first, '(' | '^');
            let is_sum = is_letter || (begins || matches!(first, '(' | '^')) && labels.contains(index);
            if length == 0 || !is_sum {
                return None;
            }
            length
        }
    };
    let mut length = WORD.len() + length;
    if let Some(above) = rest[length..].strip_prefix('^') {
        length += 1 + group(above).unwrap_or_else(|| name(above));
    }
    Some(length)
}

/// So many marks a left side with an index has.
const MOST_LEFT: usize = 6;

impl Lexer<'_> {
    /// The word of a sum over an index, where one begins here.
    pub(super) fn sum_word(&mut self) -> bool {
        let length = indexed_sum(self.rest(), &self.labels);
        if length.is_some() {
            self.push(Mark::Part(Part::Total), WORD.len() - 1);
            self.push(Mark::Lower, 1);
        }
        length.is_some()
    }
}

impl Reader<'_> {
    /// `∑ x`, the sum of all entries of the product behind it, and a sum over an index, `sum_i(x_i, to = m)`.
    pub fn total(&mut self) -> Result<Piece, Diagnostic> {
        let start = self.advance();
        if let Some(sum) = self.sum_in_pair(start).or_else(|| self.pair_sum(start)) {
            return Ok(sum);
        }
        let operands = self.operands.len();
        let sum = self.one_sum(start)?;
        // What has an index of the sum around it is no vector of this one.
        match self.pair.is_some() && self.operands.len() > operands {
            true => Err(self.expected("entries of matrices")),
            false => Ok(sum),
        }
    }

    /// A sum of all entries or over one index, behind its sign.
    fn one_sum(&mut self, start: Span) -> Result<Piece, Diagnostic> {
        let is_word = self.source.slice(start).starts_with("sum");
        let (mut index, mut to, mut is_from_zero) = (None, None, false);
        loop {
            match self.peek() {
                Mark::Lower => {
                    is_from_zero =
                        [self.ahead(3), self.ahead(4)] == [&Mark::Equals, &Mark::Number("0".to_owned())];
                    index = Some(self.index()?);
                }
                Mark::Raise { .. } => {
                    self.advance();
                    to = Some(self.argument()?);
                }
                _ => break,
            }
        }
        let is_tight = !self.tokens.get(self.at).is_none_or(|token| token.is_apart);
        let (index, body) = match index {
            None => match self.unindexed(start)? {
                (None, body) => return Ok(Piece::call("sum(", start, vec![body])),
                (Some(index), body) => (index, body),
            },
            Some(index) if is_word && is_tight && *self.peek() == Mark::Open => {
                (index, self.called(&mut to)?)
            }
            Some(index) => {
                let around = std::mem::take(&mut self.entrywise);
                let body = self.product();
                self.entrywise = around;
                let body = body?;
                if let Some(row) = self.row_times(&index, &body, start) {
                    return Ok(row);
                }
                (index, body)
            }
        };
        let axes = body.axes;
        let piece = Piece::call(&format!("{WORD}{index}("), start, vec![body]);
        let piece = match to {
            None => piece,
            Some(to) => {
                let to = if is_from_zero { one_more(&to) } else { to };
                let mut written = piece.written;
                written.pop();
                let end = Span { start: to.span().start, end: to.span().start };
                written.sign(", to = ", end);
                written.push(&to.written);
                let end = written.span().end;
                written.sign(")", Span { start: end, end });
                Piece::new(written, Level::Whole, Axes::Scalar)
            }
        };
        let depth = piece.depth.max(1);
        Ok(Piece { level: Level::Power, axes, depth, ..piece })
    }

    /// `\sum_j x_{ij} \beta_j` inside of a sum over i: the row i of a matrix times a vector, `x_i'*beta`.
    #[inline(never)]
    fn row_times(&mut self, index: &str, body: &Piece, start: Span) -> Option<Piece> {
        let (first, second) = body.written.text.split_once('*')?;
        let is_name = |name: &str| name.chars().all(continues_name);
        if !is_name(first) || !is_name(second) {
            return None;
        }
        for (matrix, vector) in [(first, second), (second, first)] {
            let Some((stem, label)) = matrix.rsplit_once('_') else { continue };
            let Some(name) = vector.strip_suffix(&format!("_{index}")) else { continue };
            // `\sum_i w_{ij} x_i` beside a left side z_j is of a column.
            let of_column = label.strip_prefix(index).filter(|column| self.is_index_of_left(column));
            let Some(row) = label.strip_suffix(index).or(of_column) else { continue };
            let own: String = stem.chars().next()?.to_lowercase().chain(stem.chars().skip(1)).collect();
            let is_taken =
                own != stem && self.tokens.iter().any(|token| token.mark == Mark::Name(own.clone()));
            let is_open = self.indices.contains(&format!("_{row}")) || self.is_index_of_left(row);
            if row.is_empty() || is_taken || !is_open {
                continue;
            }
            let typed = start.to(body.span());
            let whole = self.source.slice(typed).to_owned();
            let part = if of_column.is_some() { "column" } else { "row" };
            self.note(format!(
                "`{whole}` is {part} {row} of a matrix times `{name}`, and read as `{own}_{row}'*{name}`"
            ));
            let written = Written::new(&format!("{own}_{row}'*{name}"), typed);
            return Some(Piece::new(written, Level::Product, Axes::Scalar));
        }
        None
    }

    /// Whether a left side has this index, as in `y_i = \sum_j W_{ij} x_j + b_i`, which is for each i.
    fn is_index_of_left(&self, index: &str) -> bool {
        let marks: Vec<&Mark> = self.tokens.iter().map(|token| &token.mark).take(MOST_LEFT).collect();
        let is_it = |mark: &Mark| matches!(mark, Mark::Name(name) if name.trim_start_matches('_') == index);
        let is_whole =
            matches!(marks.first(), Some(Mark::Name(name)) if name.ends_with(&format!("_{index}")));
        match marks.as_slice() {
            [Mark::Name(_), Mark::Lower, mark, Mark::Equals, ..]
            | [Mark::Name(_), Mark::Lower, Mark::OpenGroup, mark, Mark::CloseGroup, Mark::Equals] => {
                is_it(mark)
            }
            [_, Mark::Equals, ..] => is_whole,
            _ => false,
        }
    }

    /// `(x_i, to = m)` directly behind the word, with the powers of the bracket.
    fn called(&mut self, to: &mut Option<Piece>) -> Result<Piece, Diagnostic> {
        let open = self.advance();
        let mut body = self.inside(Part::Close)?;
        let is_bound = matches!(self.peek(), Mark::Comma | Mark::Semicolon)
            && *self.ahead(1) == Mark::Name("to".to_owned())
            && *self.ahead(2) == Mark::Equals;
        if is_bound {
            self.at += 3;
            *to = Some(self.inside(Part::Close)?);
        }
        if self.eat(&Mark::Close).is_none() {
            return Err(match self.peek() {
                Mark::End => self.source.error(crate::diagnostic::Mistake::Unclosed, open),
                _ => self.expected("`)` or an operator"),
            });
        }
        if matches!(self.peek(), Mark::Raise { .. }) {
            self.note("a power behind a sum over an index is taken of each term; for a power of the sum put the sum in brackets, `(sum_i(...))^2`".to_owned());
            body = body.at_least(Level::Whole);
            while let Mark::Raise { each } = *self.peek() {
                body = self.raised(body, each)?;
            }
        }
        Ok(body)
    }

    /// What a sum runs over: the i of `_i` and of `_{i=1}`.
    pub fn index(&mut self) -> Result<String, Diagnostic> {
        let start = self.advance();
        let grouped = self.eat(&Mark::OpenGroup).is_some();
        let name = match self.peek().clone() {
            Mark::Name(name) if name.chars().all(char::is_alphanumeric) => name,
            _ => return Err(self.no_index(start)),
        };
        self.advance();
        self.indices.push(format!("_{name}"));
        if !grouped {
            return Ok(name);
        }
        if self.is_among() {
            let (from, set) = (self.span(), self.set_below());
            // `j \in R(t_i)` is another set for each i.
            if set.contains(['(', '_', '^']) {
                let what =
                    format!("the terms of the sum over {name} are those of `{set}`, which is no one set");
                let mend = "write the choice as a matrix of ones and zeros, such as `log(A*exp(x))` for the logarithm of `\\sum_{j \\in R_i} \\exp(x_j)` for all i".to_owned();
                return Err(self.error(what, mend, from));
            }
            if self.sets.iter().any(|other| *other != set) {
                let what = format!(
                    "sums run over {} and {set}, and which terms these share is not known here",
                    self.sets.join(", ")
                );
                let mend = "write each choice as a vector of ones and zeros, such as `s'*x` for the sum of the x_i with i in S".to_owned();
                return Err(self.error(what, mend, from));
            }
            let note = format!("the sum over {name} has the terms of {set}, which are numbered from 1");
            self.sets.push(set);
            self.note(note);
        } else if self.eat(&Mark::Equals).is_some() {
            let from = self.span();
            let is_zero = *self.peek() == Mark::Number("0".to_owned());
            if is_zero && self.counts_as_from_one(&name) {
                self.note(format!("the sum over {name} begins at 0, and its terms are numbered from 1"));
            } else if *self.peek() != Mark::Number("1".to_owned()) {
                let what = format!("the sum over {name} begins at something else than 1");
                let mend = format!("number the terms from 1, as in `sum_{{{name}=1}}^m x_{name}`");
                return Err(self.error(what, mend, from));
            }
            self.advance();
        }
        match self.eat(&Mark::CloseGroup) {
            Some(_) => Ok(name),
            None => Err(self.no_index(start)),
        }
    }

    /// Whether an index only picks terms, so that it makes no difference from what number on: it stands below names alone, and these
    /// have no other index.
    fn counts_as_from_one(&self, index: &str) -> bool {
        let mark = |at: usize| self.tokens.get(at).map_or(&Mark::End, |token| &token.mark);
        let is_index = |at: usize| *mark(at) == Mark::Name(index.to_owned());
        let is_below = |at: usize| {
            let is_grouped =
                mark(at + 1) == &Mark::OpenGroup && is_index(at + 2) && *mark(at + 3) == Mark::CloseGroup;
            *mark(at) == Mark::Lower && (is_index(at + 1) || is_grouped)
        };
        let names = || {
            (0..self.tokens.len()).filter_map(|at| match mark(at) {
                Mark::Name(name) => Some((at, name.as_str())),
                _ => None,
            })
        };
        let ending = format!("_{index}");
        let stem = |at: usize, name: &str| {
            name.strip_suffix(&ending)
                .map(str::to_owned)
                .or_else(|| is_below(at + 1).then(|| name.to_owned()))
        };
        let stems: BTreeSet<String> = names().filter_map(|(at, name)| stem(at, name)).collect();
        names().all(|(at, name)| {
            let is_label = at > 0 && *mark(at - 1) == Mark::Lower
                || at > 1 && *mark(at - 1) == Mark::OpenGroup && *mark(at - 2) == Mark::Lower;
            let own = name.split('_').next().unwrap_or(name);
            match name == index {
                true => is_label,
                false => is_label || stem(at, name).is_some() || !stems.contains(own),
            }
        })
    }

    fn no_index(&self, start: Span) -> Diagnostic {
        let before = self.tokens.get(self.at.saturating_sub(1)).map(|token| &token.mark);
        let is_two = matches!(before, Some(Mark::Name(_)))
            && matches!(self.peek(), Mark::Comma | Mark::Name(_))
            || matches!(before, Some(Mark::Name(name)) if name.len() == 2);
        let what = match is_two {
            true => "a sum runs over two indices, and only sums over one are read",
            false => "a sum has something else below it than one index that counts from 1",
        };
        let mend = "write one index, such as `sum_{i=1}^m`, or the matrix form, such as `sum(A .* B)` for the sum over two";
        self.error(what, mend, start.to(self.span()))
    }
}

/// Says of the first index of which no mark says from which number it is counted how it is read.
pub(super) fn tell_counting(reader: &mut Reader) {
    let text = &reader.source.clone().text;
    let Some(open) = super::detect::undecided_index(text) else { return };
    let before = text.get(..open.start).unwrap_or_default();
    let name = before.rfind(|letter| !continues_name(letter)).map_or(0, |at| at + 1);
    let name = if before.is_char_boundary(name) { name } else { open.start };
    let shown = text.get(name..).and_then(|text| text.split_inclusive(']').next()).unwrap_or_default();
    reader.note(format!(
        "`{shown}` is counted from 0, as in Python; `--spelling text` counts from 1, as in Julia and in MATLAB"
    ));
}

/// The entry of a layer's matrix that a name is with this label above: `w_{kj}^{(2)}` is one of w2.
pub(super) fn entry_of_layer(name: Option<&str>, label: &str) -> Option<String> {
    let (stem, index) = name?.rsplit_once('_')?;
    let is_layer = label.bytes().all(|byte| byte.is_ascii_digit());
    let is_index = (1..=2).contains(&index.len()) && index.bytes().all(|letter| letter.is_ascii_lowercase());
    (is_layer && is_index).then(|| format!("{stem}{label}_{index}"))
}

/// How many terms a sum from 0 to this number has.
fn one_more(to: &Piece) -> Piece {
    let text = &to.written.text;
    let more = match (text.strip_suffix(" - 1"), text.parse::<u64>()) {
        (Some(count), _) => count.to_owned(),
        (None, Ok(last)) => last.saturating_add(1).to_string(),
        (None, Err(_)) => format!("{text} + 1"),
    };
    Piece::new(Written::new(&more, to.span()), Level::Sum, Axes::Scalar)
}
