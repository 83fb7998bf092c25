//! A known derivative as a question to the library.

use crate::entry::Entry;
use chainrule::{Library, Question, derive};
use notation::{Dialect, text_in};

/// The answer as portable text, or why there is none.
pub fn ask(entry: &Entry) -> Result<String, String> {
    if !entry.is_gradient() || entry.convention.is_some() {
        return Err("not asked yet".into());
    }
    let declarations = entry.declarations();
    let question = Question {
        formula: &entry.expr,
        declarations: &declarations,
        wrt: &[&entry.wrt],
        points: 0,
        ..Question::default()
    };
    let answer = derive(&question, &Library::standard()).map_err(|error| error.to_string())?;
    let closed = answer.closed.first().ok_or("no derivative")?;
    text_in(&answer.derivation.formula, closed.value, Dialect::Portable).ok_or_else(|| "too long".into())
}
