//! The rows of the table.

use super::rows::Rows;

#[test]
fn every_row_is_read() {
    let table = ::library::INDEX_SUMS;
    let rows = Rows::read(table).unwrap_or_else(|error| panic!("{}", error.render()));
    let lines = table.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    assert_eq!(rows.rows.len(), lines.count());
}
