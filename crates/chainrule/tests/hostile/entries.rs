//! What any text whatever is put through: the reader, the whole way to an answer, the judge of claims, and the reader of tables.

use chainrule::{Library, Question, Table, check_equal, check_lines, derive};
use std::sync::OnceLock;
use syntax::{Diagnostic, Source};

fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(Library::standard)
}

/// Reads any bytes as a formula, and as declarations beside one: what is wrong is said, with a place inside the text.
pub fn read(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Err(error) = syntax::parse(text.as_ref(), library()) {
        judge(&error);
    }
    let beside = Source { text: "norm(X*w - y)^2", declarations: &text };
    if let Err(error) = syntax::parse(beside, library()) {
        judge(&error);
    }
    // Whatever it is taken for.
    for spelling in syntax::Spelling::ALL {
        if let Err(error) = syntax::spell(&text, "X: m x n, w: n", spelling) {
            judge(&error);
        }
    }
    // A user's own definitions go through the same reader.
    if let Err(error) = library().clone().define(&text) {
        judge(&error);
    }
}

/// A mistake has a place in its text, says what it is, and says what was expected or how to mend it.
fn judge(error: &Diagnostic) {
    let (start, end, length) = (error.span.start, error.span.end, error.text.text.len());
    assert!(start <= end && end <= length, "{start}..{end} of {length}: {error:?}");
    assert!(error.text.text.is_char_boundary(start) && error.text.text.is_char_boundary(end), "{error:?}");
    assert!(!error.message().is_empty(), "{error:?}");
    assert!(error.expected().is_some() || error.mend().is_some(), "no mend: {}", error.render());
    assert!(!error.render().is_empty());
}

/// The longest text that is derived, so that the time for one is bounded.
const LONGEST: usize = 300;

/// Derives any text that can be read by all of its variables, and prints the answer.
pub fn answer(bytes: &[u8]) {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST)]);
    let question = Question { formula: &text, points: 1, ..Question::default() };
    match derive(&question, library()) {
        Ok(answer) => {
            for reading in &answer.closed {
                let _ = chainrule::text(&answer.derivation.formula, reading.value);
                let _ = chainrule::latex(&answer.derivation.formula, reading.value);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Judges the lines `df/dX = ...` of any text, and whether its last line is equal to the others.
pub fn claim(bytes: &[u8]) {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST)]);
    if let Err(error) = check_lines(Source { text: &text, declarations: "" }, 0, library()) {
        assert!(!error.to_string().is_empty());
    }
    let Some((left, right)) = text.trim_end().rsplit_once('\n') else { return };
    if let Err(error) = check_equal(Source { text: left, declarations: "" }, right, 0, library()) {
        assert!(!error.to_string().is_empty());
    }
}

/// Reads any bytes as a table: it has rows, and columns with names of their own, or what is wrong is said on one line.
pub fn table(bytes: &[u8]) {
    match Table::parse("t", bytes) {
        Ok(table) => {
            let names: std::collections::BTreeSet<String> = table.column_names().into_iter().collect();
            assert!(table.rows() > 0 && names.len() == table.columns().len() && !names.contains(""));
            for column in table.columns() {
                let loaded = column.loaded().unwrap();
                let cells = loaded.numbers().map_or(table.rows(), <[f64]>::len);
                assert!(cells == table.rows() && column.missing().unwrap() <= table.rows());
            }
            assert!(!table.audit().unwrap().to_string().is_empty());
            if let Err(error) = table.matrix(&table.column_names(), None) {
                assert!(!error.to_string().contains('\n'));
            }
        }
        Err(error) => assert!(!error.to_string().is_empty() && !error.to_string().contains('\n'), "{error}"),
    }
}
