//! A column of a table: its name and its cells, numbers or text.

/// A named column. Its type is [`ColumnType::Text`] as soon as one cell is text.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub(crate) name: String,
    pub(crate) cells: Cells,
}

/// Whether a column holds numbers or text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Every cell that is not missing is a number (NaN and infinities written as numbers among them).
    Number,
    /// Some cell is not a number.
    Text,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cells {
    Number(Numbers),
    Text(Words),
}

/// The cells of a column of numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Numbers {
    // Invariant: a missing cell holds NaN here, and its row stands in `missing`.
    pub(crate) values: Vec<f64>,
    // Invariant: in rising order.
    pub(crate) missing: Vec<usize>,
}

/// The cells of a column of text, each distinct word stored once.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Words {
    /// The distinct words in the order in which they first appear.
    pub(crate) distinct: Vec<String>,
    /// For each row the place of its word in `distinct`, or [`Words::MISSING`].
    pub(crate) codes: Vec<usize>,
}

impl Column {
    /// The name in the header.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the column holds numbers or text.
    pub fn column_type(&self) -> ColumnType {
        match &self.cells {
            Cells::Number(_) => ColumnType::Number,
            Cells::Text(_) => ColumnType::Text,
        }
    }

    /// The number of missing cells.
    pub fn missing(&self) -> usize {
        match &self.cells {
            Cells::Number(numbers) => numbers.missing.len(),
            Cells::Text(words) => words.codes.iter().filter(|&&code| code == Words::MISSING).count(),
        }
    }

    /// The values of a column of numbers, one a row, a missing cell as NaN; `None` for a column of text.
    pub fn numbers(&self) -> Option<&[f64]> {
        match &self.cells {
            Cells::Number(numbers) => Some(&numbers.values),
            Cells::Text(_) => None,
        }
    }

    /// The text of a cell, without the blanks around it; `None` in a column of numbers, for a missing cell, and
    /// beyond the last row.
    pub fn text(&self, row: usize) -> Option<&str> {
        match &self.cells {
            Cells::Number(_) => None,
            Cells::Text(words) => words.get(row),
        }
    }

    /// The distinct texts of a column of text, in the order in which they first appear; `None` for a column of numbers.
    pub fn distinct(&self) -> Option<&[String]> {
        match &self.cells {
            Cells::Number(_) => None,
            Cells::Text(words) => Some(&words.distinct),
        }
    }
}

impl Words {
    /// The code of a missing cell. It is the place of no word.
    pub(crate) const MISSING: usize = usize::MAX;

    pub(crate) fn get(&self, row: usize) -> Option<&str> {
        let code = *self.codes.get(row)?;
        self.distinct.get(code).map(String::as_str)
    }

    /// The first cell that makes this a column of text: its row and its word.
    pub(crate) fn first_text(&self) -> Option<(usize, &str)> {
        (0..self.codes.len())
            .filter_map(|row| Some((row, self.get(row)?)))
            .find(|(_, word)| matches!(Cell::read(word), Cell::Text(_)))
    }
}

/// What one cell of a file says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    Missing,
    Number(f64),
    Text(&'a str),
}

impl<'a> Cell<'a> {
    /// Reads a cell, blanks around it left out: empty, `?` and `NA` are missing; what Rust reads as an `f64` is a
    /// number, `nan` and `inf` among them; anything else is text.
    pub(crate) fn read(text: &'a str) -> Cell<'a> {
        let text = text.trim();
        if matches!(text, "" | "?" | "NA") {
            return Cell::Missing;
        }
        text.parse().map_or(Cell::Text(text), Cell::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_missing_numbers_or_text() {
        for missing in ["", "  ", "?", " ?", "NA"] {
            assert_eq!(Cell::read(missing), Cell::Missing, "{missing:?}");
        }
        for (text, number) in [("1", 1.0), (" -2.5e3 ", -2500.0), ("+.5", 0.5), ("inf", f64::INFINITY)] {
            assert_eq!(Cell::read(text), Cell::Number(number), "{text:?}");
        }
        assert!(matches!(Cell::read("NaN"), Cell::Number(x) if x.is_nan()));
        for text in ["n/a", "1,5", "12 kg", "0x10", "1_000"] {
            assert_eq!(Cell::read(text), Cell::Text(text));
        }
    }
}
