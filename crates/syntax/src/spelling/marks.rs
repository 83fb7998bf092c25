//! A typed text to marks: what each spelling calls a number, a name, a sign or a structure, with its place.

use super::Spelling;
use super::commands::group;
use super::table::{Part, Row, Table};
use crate::diagnostic::{Diagnostic, Mistake, Span, Text};
use crate::token::{begins_name, continues_name};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A mark and its place.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub mark: Mark,
    pub span: Span,
    /// Whether white space stands before it.
    pub is_apart: bool,
}

/// What a part of a text is, whatever it was spelled like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Number(String),
    Name(String),
    /// A function that may stand before its argument without brackets.
    Apply(String),
    /// The end of the name of the letter that follows.
    Accent(&'static str),
    /// An operator with an operand on either side; `kron` is one.
    Sign(&'static str),
    /// `^`, or `.^` where it is entry by entry.
    Raise {
        each: bool,
    },
    /// What stands below.
    Lower,
    Quote,
    /// `'fro'`
    Text(String),
    /// `.sum` behind a value.
    Field(String),
    /// `(:)` behind a value.
    All,
    Open,
    Close,
    OpenBlock,
    CloseBlock,
    OpenGroup,
    CloseGroup,
    Comma,
    Semicolon,
    Newline,
    Colon,
    Equals,
    Arrow,
    Part(Part),
    End,
}

impl Mark {
    /// Whether a value may end with it.
    pub fn ends_value(&self) -> bool {
        match self {
            Mark::Number(_) | Mark::Name(_) | Mark::Quote | Mark::Field(_) | Mark::All => true,
            Mark::Close | Mark::CloseBlock | Mark::CloseGroup | Mark::Text(_) => true,
            Mark::Part(part) => {
                matches!(part, Part::Close | Part::CloseNorm | Part::CloseBar | Part::CloseAngle)
            }
            _ => false,
        }
    }
}

/// The marks of a text, closed by [`Mark::End`].
///
/// # Errors
/// A sign that is no part of a formula in this spelling.
pub(crate) fn marks(text: &Arc<Text>, spelling: Spelling) -> Result<Vec<Token>, Diagnostic> {
    text.check_length()?;
    let tables = [Table::named(spelling.table()), Table::named("unicode")];
    let labels = super::indices::labels(&text.text);
    let mut lexer =
        Lexer { text, spelling, tables, labels, at: 0, tokens: Vec::new(), raised: None, depth: 0 };
    while lexer.next()? {
        if lexer.tokens.len() > MOST_MARKS {
            let span = Span { start: lexer.at, end: lexer.at };
            return Err(text.error(Mistake::TooManyWords { limit: MOST_MARKS }, span));
        }
    }
    lexer.close_raised();
    lexer.push(Mark::End, 0);
    Ok(lexer.tokens)
}

/// The most marks that one text may have.
const MOST_MARKS: usize = 100_000;

pub(super) struct Lexer<'a> {
    pub(super) text: &'a Arc<Text>,
    pub(super) spelling: Spelling,
    pub(super) tables: [&'static Table; 2],
    /// The indices of the text, where it has sums over any.
    pub(super) labels: BTreeSet<&'a str>,
    pub(super) at: usize,
    pub(super) tokens: Vec<Token>,
    /// Inside a run of letters above (`true`) or below.
    pub(super) raised: Option<bool>,
    pub(super) depth: usize,
}

impl Lexer<'_> {
    pub(super) fn rest(&self) -> &str {
        self.text.text.get(self.at..).unwrap_or("")
    }

    pub(super) fn row(&self, spelled: &str) -> Option<Row> {
        self.tables.iter().find_map(|table| table.rows.get(spelled).copied())
    }

    /// Adds a mark for so many bytes.
    pub(super) fn push(&mut self, mark: Mark, length: usize) {
        let before = self.text.text[..self.at].chars().next_back();
        let is_apart = before.is_none_or(char::is_whitespace);
        let span = Span { start: self.at, end: self.at + length };
        self.tokens.push(Token { mark, span, is_apart });
        self.at += length;
    }

    /// Ends a run of letters above or below.
    fn close_raised(&mut self) {
        if self.raised.take().is_some() {
            self.push(Mark::CloseGroup, 0);
        }
    }

    pub(super) fn last(&self) -> Option<&Mark> {
        self.tokens.last().map(|token| &token.mark)
    }

    /// The next mark; whether there is more.
    fn next(&mut self) -> Result<bool, Diagnostic> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(false) };
        // `||x||` is a norm, and no bar within a bar.
        let is_double = rest.starts_with("||") && self.row("||").is_some();
        let width = if is_double { 2 } else { first.len_utf8() };
        let row = self.row(&rest[..width]);
        if let Some(Row::Raise(own) | Row::Lower(own)) = row {
            let is_above = matches!(row, Some(Row::Raise(_)));
            self.run(is_above, own, width);
            return Ok(true);
        }
        self.close_raised();
        let is_latex = self.spelling == Spelling::Latex;
        let comment = if is_latex { '%' } else { '#' };
        if first == comment || first == '%' && self.spelling == Spelling::Matlab {
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            return Ok(true);
        }
        if first == '\n' {
            self.newline(is_latex);
            return Ok(true);
        }
        if first.is_whitespace() {
            self.at += width;
            return Ok(true);
        }
        if is_latex && first == '\\' {
            return self.command().map(|()| true);
        }
        if first == 'Σ' && self.sums_here() {
            self.sum_sign();
            return Ok(true);
        }
        if let Some(row) = row {
            self.take(row, width)?;
            return Ok(true);
        }
        let second = self.rest()[width..].chars().next().unwrap_or('\0');
        if first.is_ascii_digit() || first == '.' && second.is_ascii_digit() {
            self.number();
            return Ok(true);
        }
        if begins_name(first) && !(first == '_' && (is_latex || self.lowers())) {
            self.name(is_latex);
            return Ok(true);
        }
        self.sign(first, second)
    }

    /// Whether `_` here stands between a norm and what is below it.
    fn lowers(&self) -> bool {
        matches!(
            self.last(),
            Some(Mark::Part(Part::Norm | Part::CloseNorm | Part::Bar | Part::CloseBar | Part::Total))
        )
    }

    /// A letter above or below: the first opens a group.
    fn run(&mut self, is_above: bool, own: &str, width: usize) {
        if self.raised != Some(is_above) {
            self.close_raised();
            self.push(if is_above { Mark::Raise { each: false } } else { Mark::Lower }, 0);
            self.push(Mark::OpenGroup, 0);
            self.raised = Some(is_above);
        }
        let digits = own.bytes().all(|byte| byte.is_ascii_digit());
        match (own, self.tokens.last_mut()) {
            (_, Some(Token { mark: Mark::Number(known), span, .. })) if digits => {
                known.push_str(own);
                span.end += width;
                self.at += width;
            }
            ("-", _) => self.push(Mark::Sign("-"), width),
            ("+", _) => self.push(Mark::Sign("+"), width),
            ("=", _) => self.push(Mark::Equals, width),
            ("(", _) => self.push(Mark::Open, width),
            (")", _) => self.push(Mark::Close, width),
            (own, _) if digits => self.push(Mark::Number(own.to_owned()), width),
            (own, _) => self.push(Mark::Name(own.to_owned()), width),
        }
    }

    fn newline(&mut self, is_latex: bool) {
        let joins = matches!(
            self.last(),
            None | Some(
                Mark::Sign(_) | Mark::Raise { .. } | Mark::Equals | Mark::Colon | Mark::Arrow | Mark::Newline
            )
        );
        let next = self.rest()[1..].trim_start_matches([' ', '\t', '\r']);
        // An operator at the beginning of a line goes on with the line before, but for `-`.
        let goes_on = next.starts_with(['+', '*', '/', '@', '.', '^', '=']) && !next.starts_with("==");
        if is_latex || joins || goes_on || self.depth > 0 {
            self.at += 1;
        } else {
            self.push(Mark::Newline, 1);
        }
    }

    /// The mark of a row.
    pub(super) fn take(&mut self, row: Row, length: usize) -> Result<(), Diagnostic> {
        let span = Span { start: self.at, end: self.at + length };
        match row {
            Row::Sign("'") => self.push(Mark::Quote, length),
            Row::Sign("=") => self.push(Mark::Equals, length),
            Row::Sign(own) => self.push(Mark::Sign(own), length),
            Row::Name(own) => {
                self.push(Mark::Name(own.to_owned()), length);
                self.join_name();
            }
            Row::Number(own) => self.push(Mark::Number(own.to_owned()), length),
            Row::Apply(own) => self.push(Mark::Apply(own.to_owned()), length),
            Row::Accent(own) => self.push(Mark::Accent(own), length),
            Row::Raise(_) | Row::Lower(_) => self.at += length,
            Row::Refused(why) => {
                let what = format!("`{}`: {why}", self.text.slice(span));
                let mend =
                    "write the formula whose derivative is wanted, such as `\\|X w - y\\|^2`".to_owned();
                return Err(self.text.error(Mistake::Foreign { what, mend }, span));
            }
            Row::Part(Part::Skip) => {
                self.at += length;
                // `\mathbf{1}`: a column of ones.
                let rest = self.rest().trim_start();
                let is_one =
                    self.text.slice(span).starts_with("\\mathb") || self.text.slice(span) == "\\mathds";
                let blank = self.rest().len() - rest.len();
                let width = match (rest.starts_with("{1}"), rest.starts_with('1')) {
                    (true, _) => 3,
                    (_, true) => 1,
                    _ => 0,
                };
                if is_one && width > 0 {
                    self.at = span.start;
                    self.push(Mark::Name("ones".to_owned()), length + blank + width);
                }
            }
            Row::Part(Part::SkipGroup) => {
                self.at += length;
                self.at += group(self.rest()).map_or(0, |(_, length)| length);
            }
            Row::Part(part @ (Part::Begin | Part::EndOf)) => self.environment(part, length),
            Row::Part(Part::Word) => self.word(length),
            Row::Part(Part::Left | Part::Right) => self.delimiter(row == Row::Part(Part::Left), length),
            Row::Part(part) => self.push(Mark::Part(part), length),
        }
        Ok(())
    }

    /// Letters of Greek are letters of a longer name in a text that is no LaTeX: `β1`, `dβ`.
    fn join_name(&mut self) {
        if self.spelling == Spelling::Latex {
            return;
        }
        let rest = self.rest();
        let length = rest
            .char_indices()
            .find(|(at, letter)| {
                !continues_name(*letter) || self.row(&rest[*at..*at + letter.len_utf8()]).is_some()
            })
            .map_or(rest.len(), |(at, _)| at);
        let more = rest[..length].to_owned();
        if let (Some(Token { mark: Mark::Name(name), span, .. }), false) =
            (self.tokens.last_mut(), more.is_empty())
        {
            name.push_str(&more);
            span.end += length;
            self.at += length;
        }
    }

    fn number(&mut self) {
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
    fn name(&mut self, is_latex: bool) {
        if !is_latex && self.spelling != Spelling::Python && self.sum_word() {
            return;
        }
        let rest = self.rest();
        if is_latex {
            let length = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let (word, after) = (self.meaning(&rest[..length]), rest[length..].trim_start());
            let is_applied = ["(", r"\left(", r"\big(", r"\bigl(", r"\Big(", r"\Bigl("]
                .iter()
                .any(|open| after.starts_with(open));
            if length > 1 && is_applied && super::is_function(&word) {
                return self.push(Mark::Apply(word), length);
            }
            if rest.starts_with("sum_") {
                return self.push(Mark::Part(Part::Total), 3);
            }
            let first = rest.chars().next().unwrap_or('x');
            return self.push(Mark::Name(first.to_string()), first.len_utf8());
        }
        let after_point = self.spelling == Spelling::Python && self.text.text[..self.at].ends_with('.');
        let length = rest.find(|letter| !continues_name(letter)).unwrap_or(rest.len());
        // Where Greek letters and letters below go on, the table says what they are.
        let row_at = rest[..length].char_indices().find(|(at, letter)| {
            let spelled = &rest[*at..*at + letter.len_utf8()];
            matches!(self.row(spelled), Some(Row::Lower(_) | Row::Raise(_)))
        });
        let length = row_at.map_or(length, |(at, _)| at);
        let mut name = String::new();
        for letter in rest[..length].chars() {
            match self.row(letter.encode_utf8(&mut [0; 4])) {
                Some(Row::Name(own)) => name.push_str(own),
                _ => name.push(letter),
            }
        }
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
}
