//! Names and numbers of a typed text: letters of Greek, words among the letters of LaTeX, and phrases that are no formula.

use super::Spelling;
use super::juxtaposed::is_greek;
use super::marks::{Lexer, Mark, Token};
use super::minimized::{is_extreme, says};
use super::table::{Part, Row};
use crate::diagnostic::{Diagnostic, Mistake, Span};
use crate::token::continues_name;

impl Lexer<'_> {
    /// What goes on with the name of a Greek letter in a text that is no LaTeX: numbers and what stands below, as in `β1` and `λ_max`.
    /// Letters do so too in programs, and behind `Δ`.
    pub(super) fn join_name(&mut self) {
        if self.spelling == Spelling::Latex {
            return;
        }
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let is_label = rest[digits..].starts_with('_');
        let is_row = |at: usize, letter: char| match self.row(&rest[at..at + letter.len_utf8()]) {
            Some(Row::Name(_)) => !is_label,
            row => row.is_some(),
        };
        let is_change = matches!(self.last(), Some(Mark::Name(name)) if name == "Delta");
        let length = match self.spelling == Spelling::Text && !is_change && !is_label {
            true => digits,
            false => rest
                .char_indices()
                .find(|(at, letter)| !continues_name(*letter) || is_row(*at, *letter))
                .map_or(rest.len(), |(at, _)| at),
        };
        // `λmax`
        let letters = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let is_extreme = is_extreme(&rest[..letters]) && !rest[letters..].starts_with('(');
        let (length, more) = match is_extreme && self.spelling == Spelling::Text {
            true => (letters, format!("_{}", &rest[..letters])),
            false => (length, self.own_letters(&rest[..length])),
        };
        if let (Some(Token { mark: Mark::Name(name), span, .. }), false) =
            (self.tokens.last_mut(), more.is_empty())
        {
            name.push_str(&more);
            span.end += length;
            self.at += length;
        }
    }

    /// The letters of a name, those of Greek by their names.
    fn own_letters(&self, typed: &str) -> String {
        let mut name = String::new();
        for letter in typed.chars() {
            match self.row(letter.encode_utf8(&mut [0; 4])) {
                Some(Row::Name(own)) => name.push_str(own),
                _ => name.push(letter),
            }
        }
        name
    }

    /// A number.
    pub(super) fn number(&mut self) {
        let rest = self.rest().as_bytes();
        let digits = |from: usize| rest[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let byte = |at: usize| rest.get(at).copied().unwrap_or(0);
        let mut length = digits(0);
        if byte(length) == b'.' && !matches!(byte(length + 1), b'*' | b'/' | b'^' | b'\'' | b'T') {
            // The stop at the end of a sentence is no point.
            let more = digits(length + 1);
            length += if more > 0 || self.spelling != Spelling::Latex { 1 + more } else { 0 };
        }
        if matches!(byte(length), b'e' | b'E') && self.spelling != Spelling::Latex {
            let sign = usize::from(matches!(byte(length + 1), b'+' | b'-'));
            if byte(length + 1 + sign).is_ascii_digit() {
                length += 1 + sign;
                length += digits(length);
            }
        }
        let text = self.rest()[..length].to_owned();
        self.push(Mark::Number(text), length);
    }

    /// A name: one letter in LaTeX, where several before a bracket may be a function; with what stands behind points in Python.
    pub(super) fn name(&mut self, is_latex: bool) {
        if !is_latex && self.spelling != Spelling::Python && self.sum_word() {
            return;
        }
        let rest = self.rest();
        if is_latex {
            let length = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let (word, after) = (self.meaning(&rest[..length]), rest[length..].trim_start().to_owned());
            let is_applied = ["(", r"\left(", r"\big(", r"\bigl(", r"\Big(", r"\Bigl("]
                .iter()
                .any(|open| after.starts_with(open));
            if length > 1 && is_applied && super::is_function(&word) {
                return self.push(Mark::Apply(word), length);
            }
            if rest.starts_with("sum_") {
                return self.push(Mark::Part(Part::Total), 3);
            }
            if self.latex_word(length, &word, &after) {
                return;
            }
            let first = self.rest().chars().next().unwrap_or('x');
            return self.push(Mark::Name(first.to_string()), first.len_utf8());
        }
        let after_point = self.spelling == Spelling::Python && self.text.text[..self.at].ends_with('.');
        let length = rest.find(|letter| !continues_name(letter)).unwrap_or(rest.len());
        // Where Greek letters and letters below go on, the table says what they are.
        let row_at = rest[..length].char_indices().find(|(at, letter)| {
            let spelled = &rest[*at..*at + letter.len_utf8()];
            match self.row(spelled) {
                Some(Row::Lower(_) | Row::Raise(_)) => true,
                // `xβ` is a product, but for the `dβ` of a derivative and what stands below.
                Some(Row::Name(_)) => {
                    let is_change = &rest[..*at] == "d" && self.last() == Some(&Mark::Sign("/"));
                    self.spelling == Spelling::Text && *at > 0 && !rest[..*at].contains('_') && !is_change
                }
                _ => false,
            }
        });
        let length = row_at.map_or(length, |(at, _)| at);
        let mut name = self.own_letters(&rest[..length]);
        // `x_{i}` in a text with sums.
        let is_lowered = !self.labels.is_empty() && self.rest()[length..].starts_with('{') && name.len() > 1;
        if is_lowered && name.ends_with('_') {
            name.pop();
            self.push(Mark::Name(name), length - 1);
            return self.push(Mark::Lower, 1);
        }
        let mark = if after_point { Mark::Field(name) } else { Mark::Name(name) };
        self.push(mark, length);
    }

    /// A word that no row begins with a backslash, among the letters of LaTeX: the name of a Greek letter, a function before its
    /// argument, or what asks for the least of a formula. Whether one stands here; else its letters are factors.
    fn latex_word(&mut self, length: usize, word: &str, after: &str) -> bool {
        let rest = self.rest();
        // `arg\,min`
        let argument =
            rest.strip_prefix("arg").map(|rest| rest.trim_start_matches(['\\', ',', ';', '!', ' ', '~']));
        let least = argument.and_then(|rest| rest.get(..3).filter(|least| is_extreme(least)));
        if let (Some(rest), Some(least)) = (argument, least) {
            let whole = self.rest().len() - rest.len() + least.len();
            self.push(Mark::Part(Part::Minimize), whole);
            return true;
        }
        let ends_word = self.text.text[..self.at].ends_with(|letter: char| letter.is_ascii_alphabetic());
        if ends_word || length < 2 || !word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return false;
        }
        let is_least = is_extreme(word) && after.starts_with('_');
        let begins = after.starts_with(|first: char| {
            first.is_alphanumeric() || matches!(first, '\\' | '|' | '{' | '[' | '^' | '_')
        });
        let mark = match word {
            _ if says(word) => Mark::Part(Part::Minimize),
            _ if word.len() > 2 && is_greek(word) => Mark::Name(word.to_owned()),
            _ if is_least || begins && (word.len() > 2 || word == "tr") && super::is_function(word) => {
                Mark::Apply(word.to_owned())
            }
            // `sinx`: a function and the letter that it is of.
            _ => match word.char_indices().next_back() {
                Some((last, _)) if last > 2 && self.is_written_bare(&word[..last]) => {
                    let function = word[..last].to_owned();
                    self.push(Mark::Apply(function), last);
                    return true;
                }
                _ => return false,
            },
        };
        self.push(mark, length);
        true
    }

    /// Whether papers write this function before its argument, as `\\sin x`.
    fn is_written_bare(&self, word: &str) -> bool {
        let command = format!("\\{word}");
        super::is_function(word) && matches!(self.row(&command), Some(Row::Apply(_)))
    }

    /// The row of a phrase of words that no formula has, where one stands here.
    pub(super) fn phrase(&self) -> Option<(&'static str, Row)> {
        let table = self.tables[1];
        let phrase = table.phrases.iter().find(|phrase| self.rest().starts_with(*phrase))?;
        Some((phrase, *table.rows.get(phrase)?))
    }

    /// The error that so many bytes are no part of a formula.
    pub(super) fn refused(&self, why: &str, mend: Option<&str>, length: usize) -> Diagnostic {
        let span = Span { start: self.at, end: self.at + length };
        let what = format!("`{}`: {why}", self.text.slice(span));
        let mend = mend.unwrap_or("write the formula whose derivative is wanted, such as `\\|X w - y\\|^2`");
        // What is said of a name is of the one before.
        let before = match self.last() {
            Some(Mark::Name(name)) => name.as_str(),
            _ => "A",
        };
        self.text.error(Mistake::Foreign { what, mend: mend.replace("{name}", before) }, span)
    }
}
