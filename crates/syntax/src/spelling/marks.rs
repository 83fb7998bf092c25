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
    /// Whether it is in bold type.
    pub is_bold: bool,
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
    /// Whether a line or the text ends with it.
    pub fn ends_line(&self) -> bool {
        matches!(self, Mark::Newline | Mark::Part(Part::Break) | Mark::End)
    }

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

/// The marks of a text, closed by [`Mark::End`]; whether the capital Σ is known to be a name.
///
/// # Errors
/// A sign that is no part of a formula in this spelling.
pub(crate) fn marks(
    text: &Arc<Text>,
    spelling: Spelling,
    knows_sigma: bool,
) -> Result<Vec<Token>, Diagnostic> {
    text.check_length()?;
    let tables = [Table::named(spelling.table()), Table::named("unicode")];
    let labels = super::indices::labels(&text.text);
    let mut lexer = Lexer {
        text,
        sums: !knows_sigma && super::totals::sums_alone(&text.text),
        spelling,
        tables,
        labels,
        at: 0,
        tokens: Vec::new(),
        raised: None,
        depth: 0,
        bold_until: 0,
        bars: (0, 0),
    };
    while lexer.next()? {
        if lexer.tokens.len() > MOST_MARKS {
            let span = Span { start: lexer.at, end: lexer.at };
            return Err(text.error(Mistake::TooManyWords { limit: MOST_MARKS }, span));
        }
    }
    lexer.close_raised();
    lexer.push(Mark::End, 0);
    let mut tokens = lexer.tokens;
    super::alike::settle(&mut tokens, spelling);
    Ok(tokens)
}

/// The most marks that one text may have.
const MOST_MARKS: usize = 100_000;

pub(super) struct Lexer<'a> {
    pub(super) text: &'a Arc<Text>,
    /// Whether each capital Σ without an index is the sign of a sum.
    pub(super) sums: bool,
    pub(super) spelling: Spelling,
    pub(super) tables: [&'static Table; 2],
    /// The indices of the text, where it has sums over any.
    pub(super) labels: BTreeSet<&'a str>,
    pub(super) at: usize,
    pub(super) tokens: Vec<Token>,
    /// Inside a run of letters above (`true`) or below.
    pub(super) raised: Option<bool>,
    pub(super) depth: usize,
    /// Where the part in bold type ends.
    pub(super) bold_until: usize,
    /// How many single and double bars there are so far.
    pub(super) bars: (usize, usize),
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
        let is_bold = self.at < self.bold_until;
        self.bars.0 += usize::from(mark == Mark::Part(Part::Bar));
        self.bars.1 += usize::from(mark == Mark::Part(Part::Norm));
        self.tokens.push(Token { mark, span, is_apart, is_bold });
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
    pub(super) fn next(&mut self) -> Result<bool, Diagnostic> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(false) };
        // `||x||` is a norm, and no bar within a bar.
        let is_double = rest.starts_with("||") && self.row("||").is_some() && !self.is_between_bars();
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
        let ends_word = self.text.text[..self.at].ends_with(continues_name);
        if !ends_word && let Some((phrase, Row::Refused(why, mend))) = self.phrase() {
            return Err(self.refused(why, mend, phrase.len()));
        }
        if first == '\n' {
            self.newline(is_latex);
            return Ok(true);
        }
        if let Some(width) = self.aside() {
            self.at += width;
            return Ok(true);
        }
        if first.is_whitespace() {
            self.at += width;
            return Ok(true);
        }
        if let Some((length, is_skipped)) = self.domain_below() {
            match is_skipped {
                true => self.at += length,
                false => self.push(Mark::Equals, length),
            }
            return Ok(true);
        }
        if let (Some(Row::Accent(accent)), Some(Token { mark: Mark::Name(name), span, .. })) =
            (row, self.tokens.last_mut())
            && !is_latex
            && span.end == self.at
        {
            // `Hx̂` is H times `x̂`.
            let last = name.len().saturating_sub(1);
            let (head, stem) = name.split_at(if name.is_ascii() { last } else { 0 });
            let is_product = !head.is_empty() && head.bytes().all(|byte| byte.is_ascii_uppercase());
            let (mut own, whole) = (if is_product { stem } else { name.as_str() }.to_owned(), *span);
            own.push('_');
            own.push_str(accent);
            let start = whole.end - if is_product { 1 } else { whole.end - whole.start };
            if is_product {
                *name = head.to_owned();
                span.end = start;
            } else {
                self.tokens.pop();
            }
            self.at = start;
            self.push(Mark::Name(own), whole.end - start + width);
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
        if self.spelling != Spelling::Python && super::symbols::says_gradient(self.rest()) {
            self.push(Mark::Field("grad".to_owned()), ".grad".len());
            return Ok(true);
        }
        if begins_name(first) && !(first == '_' && (is_latex || self.lowers())) {
            self.name(is_latex);
            return Ok(true);
        }
        self.sign(first, second)
    }

    /// Whether `_` here stands between a norm, a power or a bracket and what is below it.
    fn lowers(&self) -> bool {
        let before = self.tokens.len().checked_sub(2).map(|at| &self.tokens[at].mark);
        match self.last() {
            Some(Mark::Part(Part::Norm | Part::CloseNorm | Part::Bar | Part::CloseBar | Part::Total)) => true,
            Some(Mark::Part(Part::CloseAngle | Part::Slope | Part::Change) | Mark::CloseGroup) => true,
            Some(Mark::Number(_)) => matches!(before, Some(Mark::Raise { .. })),
            _ => self.rest().starts_with("_+"),
        }
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

    /// The length of what is no part of a formula in code, and of the backslash behind which a line of Python goes on.
    fn aside(&self) -> Option<usize> {
        let is_python = self.spelling == Spelling::Python;
        let ends = ["\\\n", "\\\r\n"].into_iter().find(|end| is_python && self.rest().starts_with(end));
        let found = super::asides::aside(&self.text.text, self.at);
        let found = found.filter(|(_, of)| (*of == Spelling::Python) == is_python);
        ends.map(str::len).or(found.filter(|_| self.spelling != Spelling::Latex).map(|(length, _)| length))
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
        match row {
            Row::Sign("'") => self.push(Mark::Quote, length),
            Row::Sign("=") => self.push(Mark::Equals, length),
            Row::Sign(own) => self.push(Mark::Sign(own), length),
            Row::Name(own) => {
                self.push(Mark::Name(own.to_owned()), length);
                self.join_name();
            }
            Row::Number(own) => self.push(Mark::Number(own.to_owned()), length),
            Row::Accent(own) => self.push(Mark::Accent(own), length),
            Row::Raise(_) | Row::Lower(_) => self.at += length,
            Row::Refused(why, mend) => return Err(self.refused(why, mend, length)),
            // `\vec{w}` is a column, `\vec(X)` and `\vec{X}` are those of all entries.
            Row::Apply("vec") if self.is_arrow() => return self.style(true, length),
            Row::Apply(own) => self.push(Mark::Apply(own.to_owned()), length),
            Row::Part(part @ (Part::Skip | Part::Bold)) => return self.style(part == Part::Bold, length),
            Row::Part(Part::Under) => return self.under(length),
            Row::Part(Part::Inline) => return self.inline(length),
            Row::Part(Part::SkipGroup) => {
                self.at += length;
                self.at += group(self.rest()).map_or(0, |(_, length)| length);
            }
            Row::Part(part @ (Part::Begin | Part::EndOf)) => self.environment(part, length),
            Row::Part(Part::Word) => return self.word(length),
            Row::Part(Part::Left | Part::Right) => self.delimiter(row == Row::Part(Part::Left), length),
            Row::Part(part) => self.push(Mark::Part(part), length),
        }
        Ok(())
    }
}
