//! A column while the first pass over a text reads it: its numbers while it has nothing else, and what its cells say of it.

use crate::error::Error;
use crate::missing::Missing;
use crate::number::{Survey, bare, is_beyond_double, read_number};
use crate::reading::Reading;
use crate::room::Reads;
use crate::spool::{Growing, Spool};

/// A column while the first pass reads it.
pub(crate) struct Building {
    /// The cells so far, while all are plain numbers; empty where they are not kept.
    pub(crate) values: Option<Growing<f64>>,
    keeps: bool,
    /// Whether all cells are plain numbers or missing.
    pub(crate) is_plain: bool,
    /// Whether some cell is not missing.
    pub(crate) has_value: bool,
    /// Whether every number is whole.
    is_whole: bool,
    /// Whether no number is below 0.
    is_unsigned: bool,
    pub(crate) survey: Survey,
    /// The first row whose cell makes this a column of text.
    pub(crate) text: Option<usize>,
    /// Of a column of text all of whose cells are numbers but for what stands beside them: the survey of these numbers.
    pub(crate) bare: Option<Survey>,
    /// The first row whose cell is digits behind a zero, such as `01234`.
    code: Option<usize>,
    /// The first row whose cell is a whole number that a double does not hold.
    beyond: Option<usize>,
}

impl Building {
    /// A column that keeps its numbers, or is only looked at.
    pub(crate) fn new(keeps: bool) -> Building {
        Building {
            values: Some(Growing::default()),
            keeps,
            is_plain: true,
            has_value: false,
            is_whole: true,
            is_unsigned: true,
            survey: Survey::default(),
            text: None,
            bare: None,
            code: None,
            beyond: None,
        }
    }

    /// Takes a cell of this row and line.
    pub(crate) fn note(
        &mut self,
        cell: &str,
        (row, line): (usize, usize),
        told: &Reading,
        missing: &Missing,
    ) {
        if self.text.is_some() {
            self.note_bare(cell, line, missing);
            return;
        }
        let is_number_like = cell.bytes().next().is_some_and(|first| first.is_ascii_digit());
        if !self.is_plain && is_number_like && told.missing.is_empty() {
            // A column that is no plain numbers is only surveyed.
            if !missing.has(cell) && !self.survey.note(line, cell) {
                self.is_text_from(row, cell, line, missing);
            }
            return;
        }
        let number = match told.decimal {
            Some(decimal) => read_number(cell, decimal),
            None => cell.parse().ok(),
        };
        match number {
            Some(value) if missing.has_number(value) => self.push(f64::NAN),
            Some(value) => {
                self.push(value);
                self.has_value = true;
                self.is_whole = self.is_whole && value.fract() == 0.0;
                self.is_unsigned = self.is_unsigned && value >= 0.0;
                if self.code.is_none() && is_code(cell) {
                    self.code = Some(row);
                }
                if self.beyond.is_none() && is_beyond_double(cell) {
                    self.beyond = Some(row);
                }
                if told.decimal.is_none() {
                    self.survey.note_plain(line, cell);
                }
            }
            None if missing.has(cell) => self.push(f64::NAN),
            None => {
                self.values = None;
                self.is_plain = false;
                self.has_value = true;
                if told.decimal.is_some() {
                    self.text = Some(row);
                } else if !self.survey.note(line, cell) {
                    self.is_text_from(row, cell, line, missing);
                }
            }
        }
    }

    /// Makes whole numbers words of which some are codes, which keep their zeros, or beyond doubles, which keep their digits; to be
    /// called behind the last row.
    pub(crate) fn settle(&mut self) {
        let code = self.code.filter(|_| self.is_unsigned).or(self.beyond);
        self.text = self.text.or(code.filter(|_| self.is_plain && self.is_whole));
    }

    /// Makes this a column of text from a row on, whose numbers may have something beside them.
    fn is_text_from(&mut self, row: usize, cell: &str, line: usize, missing: &Missing) {
        self.text = Some(row);
        self.bare = Some(self.survey.of_bare());
        self.note_bare(cell, line, missing);
    }

    fn note_bare(&mut self, cell: &str, line: usize, missing: &Missing) {
        if let Some(survey) = &mut self.bare
            && !missing.has(cell)
            && !survey.note(line, bare(cell))
        {
            self.bare = None;
        }
    }

    fn push(&mut self, value: f64) {
        if let Some(values) = &mut self.values
            && self.keeps
        {
            values.push(value);
        }
    }
}

impl Reads for Building {
    fn held(&self) -> usize {
        self.values.as_ref().map_or(0, Growing::held)
    }

    fn spool(&mut self, spool: &Spool) -> Result<(), Error> {
        self.values.as_mut().map_or(Ok(()), |values| values.spool(spool))
    }
}

/// Whether a cell is digits behind a zero.
pub(crate) fn is_code(cell: &str) -> bool {
    cell.len() > 1 && cell.starts_with('0') && cell.bytes().all(|byte| byte.is_ascii_digit())
}
