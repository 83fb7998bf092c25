//! Tables of a few lines, and what their columns become.

use chainrule_table::{Choices, Encoding, Table};

/// A table of a text.
pub fn table(csv: &str) -> Table {
    Table::parse("t", csv.as_bytes()).unwrap()
}

/// All of its rows.
pub fn all(table: &Table) -> Vec<usize> {
    (0..table.rows()).collect()
}

/// What its columns become, by all of its rows.
pub fn fit(table: &Table, choices: &Choices) -> Encoding {
    Encoding::fit(table, &all(table), None, choices).unwrap()
}

/// That a column is told to be of a kind.
pub fn as_kind(name: &str, kind: &str) -> Choices {
    Choices { kinds: vec![(name.to_owned(), kind.parse().unwrap())], ..Choices::default() }
}
