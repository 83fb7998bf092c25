//! The commands of LaTeX: letters after a backslash, words in braces, environments and brackets that grow.

use super::Spelling;
use super::marks::{Lexer, Mark, Token};
use super::table::{Part, Row};
use crate::diagnostic::{Diagnostic, Mistake, Span};
use crate::token::continues_name;

impl Lexer<'_> {
    /// Whether one bar closes here, and one opens: `|a||b|`.
    pub(super) fn is_between_bars(&self) -> bool {
        let (bars, norms) = self.bars;
        bars % 2 == 1 && norms % 2 == 0 && self.last().is_some_and(Mark::ends_value)
    }

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

    /// The row of a command with its group that is refused, such as `\mathbb{E}` and `\text{s.t.}`, and the length of the whole.
    fn refused_group(&self, length: usize) -> Option<(&'static str, Option<&'static str>, usize)> {
        let (command, rest) = (&self.rest()[..length], &self.rest()[length..]);
        let blank = rest.len() - rest.trim_start().len();
        let letter = rest.trim_start().chars().next().filter(char::is_ascii_alphabetic);
        let (inner, whole) = match (group(rest), letter) {
            (Some((inner, whole)), _) => (inner.trim().to_owned(), whole),
            (None, Some(letter)) => (letter.to_string(), blank + 1),
            (None, None) => return None,
        };
        let row = self.row(&format!("{command}{{{inner}}}"));
        let row = row.or_else(|| self.row(inner.trim_end_matches([':', ' '])));
        match row {
            Some(Row::Refused(why, mend)) => Some((why, mend, length + whole)),
            _ => None,
        }
    }

    /// `\mathbf{w}`, `\vec{w}`, `{\bf w}`, `\mathcal{L}`: what follows, in another type; `\mathbf{1}` is a column of ones.
    pub(super) fn style(&mut self, is_bold: bool, length: usize) -> Result<(), Diagnostic> {
        if let Some((why, mend, whole)) = self.refused_group(length) {
            return Err(self.refused(why, mend, whole));
        }
        let (start, command) = (self.at, self.rest()[..length].to_owned());
        self.at += length;
        let rest = self.rest().trim_start();
        let blank = self.rest().len() - rest.len();
        let is_one = is_bold || command.starts_with("\\mathb") || command == "\\mathds";
        let width = ["{1}", "{11}", "1"].into_iter().find(|one| rest.starts_with(one)).map_or(0, str::len);
        if is_one && width > 0 {
            self.at = start;
            let count = if width == 4 { 2 } else { 1 };
            let whole = length + blank + width;
            for index in 0..count {
                self.push(Mark::Name("ones".to_owned()), if index == 0 { whole - (count - 1) } else { 1 });
            }
            return Ok(());
        }
        if is_bold {
            let declares = matches!(command.as_str(), "\\bf" | "\\bfseries");
            let letters = rest.strip_prefix('\\').map_or(1, |rest| {
                1 + rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len())
            });
            let width = match (declares, group(rest)) {
                (true, _) => rest.find('}').unwrap_or(rest.len()),
                (false, Some((_, width))) => width,
                (false, None) => letters,
            };
            self.bold_until = self.at + blank + width;
        }
        Ok(())
    }

    /// Whether `\vec` here is an arrow over one small letter.
    pub(super) fn is_arrow(&self) -> bool {
        let Some(rest) = self.rest().strip_prefix("\\vec") else { return false };
        let inner = group(rest).map_or(rest.trim_start(), |(inner, _)| inner.trim());
        let is_alone = group(rest).is_none();
        let (first, more) = match inner.strip_prefix('\\') {
            Some(name) => {
                let end = name.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(name.len());
                (name.chars().next(), &name[end..])
            }
            None => (inner.chars().next(), inner.get(1..).unwrap_or("")),
        };
        first.is_some_and(|first| first.is_ascii_lowercase())
            && (is_alone || more.is_empty() || more.starts_with('_'))
    }

    /// `\underset{w}{\min}`: the second group with the first below it.
    pub(super) fn under(&mut self, length: usize) -> Result<(), Diagnostic> {
        let first = self.at + length;
        let Some((_, below)) = group(&self.text.text[first..]) else { return self.skip(length) };
        let second = first + below;
        let Some((inner, above)) = group(&self.text.text[second..]) else { return self.skip(length) };
        let blank = above - 2 - inner.len();
        self.part(second + blank + 1, second + above - 1)?;
        self.push(Mark::Lower, 0);
        self.part(first, second)?;
        self.at = second + above;
        Ok(())
    }

    /// `\mathop{\arg\min}`: what the group holds.
    pub(super) fn inline(&mut self, length: usize) -> Result<(), Diagnostic> {
        let first = self.at + length;
        let Some((inner, whole)) = group(&self.text.text[first..]) else { return self.skip(length) };
        let blank = whole - 2 - inner.len();
        self.part(first + blank + 1, first + whole - 1)?;
        self.at = first + whole;
        Ok(())
    }

    fn skip(&mut self, length: usize) -> Result<(), Diagnostic> {
        self.at += length;
        Ok(())
    }

    /// The marks of a part of the text.
    fn part(&mut self, start: usize, end: usize) -> Result<(), Diagnostic> {
        self.at = start;
        while self.at < end && self.next()? {}
        Ok(())
    }

    /// `\mathrm{tr}`: a word, which is a function where it names one.
    pub(super) fn word(&mut self, length: usize) -> Result<(), Diagnostic> {
        let start = self.at;
        let Some((inner, whole)) = group(&self.rest()[length..]) else {
            self.at += length;
            return Ok(());
        };
        if let Some((why, mend, whole)) = self.refused_group(length) {
            return Err(self.refused(why, mend, whole));
        }
        let letters: String = inner.chars().filter(|letter| continues_name(*letter)).collect();
        let name = self.meaning(&letters);
        let is_condition = self.tables[0].conditions.contains(name.as_str())
            && !super::behind::WORDS.contains(&name.as_str());
        // `\text{ (ridge)}` behind a formula.
        let is_aside = inner.starts_with(' ') || inner.starts_with('(');
        let is_linked = super::behind::WORDS.contains(&name.as_str()) || name == "and";
        let is_prose = is_condition
            || is_aside && !is_linked && self.rest().starts_with("\\text")
            || inner.split_whitespace().filter(|word| word.starts_with(continues_name)).count() > 1;
        if is_prose && !super::is_function(&name) && !super::minimized::says(&name) {
            self.push(Mark::Text(inner.trim().to_owned()), length + whole);
            return Ok(());
        }
        let mark = match name.as_str() {
            "" => {
                self.at += length + whole;
                return Ok(());
            }
            name if super::minimized::says(name) => Mark::Part(Part::Minimize),
            "d" if self.spelling == Spelling::Latex => Mark::Part(Part::Change),
            name if name.bytes().all(|byte| byte.is_ascii_digit()) => Mark::Number(name.to_owned()),
            name if super::is_function(name) => Mark::Apply(name.to_owned()),
            _ => Mark::Name(name),
        };
        self.push(mark, length + whole);
        debug_assert!(self.at >= start);
        Ok(())
    }

    /// What a word of this spelling is in the language.
    pub(super) fn meaning(&self, word: &str) -> String {
        self.tables[0].words.get(word).map_or_else(|| word.to_owned(), |own| (*own).to_owned())
    }

    /// `\begin{bmatrix}` and `\begin{cases}` open a block; what only arranges lines is left out.
    pub(super) fn environment(&mut self, part: Part, length: usize) {
        let Some((name, whole)) = group(&self.rest()[length..]) else {
            self.at += length;
            return;
        };
        if part == Part::Begin
            && let Some(length) = self.picture(name, length + whole)
        {
            self.push(Mark::Part(Part::Picture), length);
            return;
        }
        let is_block = name.trim_end_matches('*').ends_with("matrix") || name == "array";
        let length = length + whole;
        // `\left\{ \begin{array}{ll}`: a brace that is never closed.
        let is_brace = |token: &Token| self.text.slice(token.span).ends_with("\\{");
        let opens = name == "array" && part == Part::Begin && self.tokens.last().is_some_and(is_brace);
        let is_cases = opens || name.trim_end_matches('*').ends_with("cases");
        if opens {
            self.tokens.pop();
            let columns = group(&self.rest()[length..]).map_or(0, |(_, columns)| columns);
            return self.push(Mark::Part(Part::Cases), length + columns);
        }
        match (is_block || is_cases, part) {
            (true, Part::Begin) if is_cases => self.push(Mark::Part(Part::Cases), length),
            (true, Part::Begin) => self.push(Mark::Part(Part::Begin), length),
            (true, _) => self.push(Mark::Part(Part::EndOf), length),
            (false, _) => self.at += length,
        }
    }

    /// The length of a matrix here that has dots or lines in the place of entries; `None` where it has none.
    fn picture(&self, name: &str, inside: usize) -> Option<usize> {
        let whole = name.trim_end_matches('*').ends_with("matrix").then(|| self.rest().get(inside..))??;
        let end = format!("\\end{{{name}}}");
        let inner = &whole[..whole.find(&end)?];
        let is_drawn = |command: &str| {
            let length = command.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(command.len());
            matches!(self.row(&format!("\\{}", &command[..length])), Some(Row::Part(Part::Dots)))
                || &command[..length] == "rule"
        };
        inner.split('\\').skip(1).any(is_drawn).then(|| inside + inner.len() + end.len())
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
