//! The commands of LaTeX: letters after a backslash, words in braces, environments and brackets that grow.

use super::Spelling;
use super::marks::{Lexer, Mark};
use super::table::{Part, Row};
use crate::diagnostic::{Diagnostic, Mistake, Span};
use crate::token::continues_name;

impl Lexer<'_> {
    /// `\frac`, `\|`, `\\`: letters after a backslash, or one sign.
    pub(super) fn command(&mut self) -> Result<(), Diagnostic> {
        let rest = self.rest();
        let letters = rest[1..].find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len() - 1);
        let length = match letters {
            0 => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            letters => 1 + letters + usize::from(rest[1 + letters..].starts_with('*')),
        };
        let spelled = &rest[..length];
        let known = self.row(spelled).map(|row| (row, length));
        let known = known.or_else(|| Some((self.row(spelled.strip_suffix('*')?)?, length - 1)));
        match known {
            Some((row, length)) => self.take(row, length),
            None => {
                let what = format!("`{}` is not known here", spelled.trim_end());
                let mend =
                    match spelled.strip_prefix('\\').filter(|name| name.starts_with(char::is_alphabetic)) {
                        Some(name) => format!(r"write a name as `\mathrm{{{name}}}`, or leave it out"),
                        None => "leave it out".to_owned(),
                    };
                let span = Span { start: self.at, end: self.at + length };
                Err(self.text.error(Mistake::Foreign { what, mend }, span))
            }
        }
    }

    /// `\mathrm{tr}`: a word, which is a function where it names one.
    pub(super) fn word(&mut self, length: usize) {
        let start = self.at;
        let Some((inner, whole)) = group(&self.rest()[length..]) else {
            self.at += length;
            return;
        };
        let letters: String = inner.chars().filter(|letter| continues_name(*letter)).collect();
        let name = self.meaning(&letters);
        let mark = match name.as_str() {
            "" => {
                self.at += length + whole;
                return;
            }
            "d" if self.spelling == Spelling::Latex => Mark::Part(Part::Change),
            name if name.bytes().all(|byte| byte.is_ascii_digit()) => Mark::Number(name.to_owned()),
            name if super::is_function(name) => Mark::Apply(name.to_owned()),
            _ => Mark::Name(name),
        };
        self.push(mark, length + whole);
        debug_assert!(self.at >= start);
    }

    /// What a word of this spelling is in the language.
    pub(super) fn meaning(&self, word: &str) -> String {
        self.tables[0].words.get(word).map_or_else(|| word.to_owned(), |own| (*own).to_owned())
    }

    /// `\begin{bmatrix}` opens a block; what only arranges lines is left out.
    pub(super) fn environment(&mut self, part: Part, length: usize) {
        let Some((name, whole)) = group(&self.rest()[length..]) else {
            self.at += length;
            return;
        };
        let is_block = name.trim_end_matches('*').ends_with("matrix") || name == "array";
        let length = length + whole;
        match (is_block, part) {
            (true, Part::Begin) => self.push(Mark::Part(Part::Begin), length),
            (true, _) => self.push(Mark::Part(Part::EndOf), length),
            (false, _) => self.at += length,
        }
    }

    /// `\left(`, `\right|`, `\left.`
    pub(super) fn delimiter(&mut self, opens: bool, length: usize) {
        self.at += length;
        let blank = self.rest().len() - self.rest().trim_start().len();
        self.at += blank;
        let rest = self.rest();
        let own = |open: Part, close: Part| Mark::Part(if opens { open } else { close });
        let letters = rest
            .strip_prefix('\\')
            .map(|rest| rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len()).max(1));
        let length = match letters {
            Some(letters) if rest.is_char_boundary(1 + letters) => 1 + letters,
            _ => rest.chars().next().map_or(0, char::len_utf8),
        };
        let mark = match (&rest[..length], self.row(&rest[..length])) {
            (".", _) => {
                self.at += 1;
                return;
            }
            ("(" | "[", _) => own(Part::Open, Part::Close),
            (")" | "]", _) => own(Part::Open, Part::Close),
            (_, Some(Row::Part(Part::Bar | Part::OpenBar | Part::CloseBar))) => {
                own(Part::OpenBar, Part::CloseBar)
            }
            (_, Some(Row::Part(Part::Norm | Part::OpenNorm | Part::CloseNorm))) => {
                own(Part::OpenNorm, Part::CloseNorm)
            }
            (_, Some(Row::Part(Part::OpenAngle | Part::CloseAngle))) => {
                own(Part::OpenAngle, Part::CloseAngle)
            }
            (_, Some(Row::Part(Part::Open | Part::Close))) => own(Part::Open, Part::Close),
            _ => return,
        };
        self.push(mark, length);
    }
}

/// The inside of the group that a text begins with, and the length of the whole.
pub(super) fn group(text: &str) -> Option<(&str, usize)> {
    let blank = text.len() - text.trim_start().len();
    let inner = text[blank..].strip_prefix('{')?;
    let mut depth = 0_usize;
    // No word is longer, and a text of brackets that never close is not looked through again and again.
    for (at, byte) in inner.bytes().enumerate().take(200) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some((&inner[..at], blank + at + 2)),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}
