//! A known derivative as a question to the library.

use crate::entry::Entry;
use chainrule::{Answer, Form, Library, Name, Order, Question, Symmetric, derive};
use notation::{Dialect, text_in};

/// The answer as portable text, or why there is none.
pub fn ask(entry: &Entry) -> Result<String, String> {
    let answer = answer(entry, false)?;
    let closed = answer.closed.first().ok_or("no derivative")?;
    text_in(&answer.derivation.formula, closed.value, Dialect::Portable).ok_or_else(|| "too long".into())
}

/// The whole answer, with the steps of algebra where they are asked for.
pub fn answer(entry: &Entry, algebra: bool) -> Result<Answer, String> {
    let declarations = entry.declarations();
    let question = Question {
        formula: &entry.expr,
        declarations: &declarations,
        wrt: &[&entry.wrt],
        order: match entry.order {
            2 => Order::Second(entry.wrt2.as_deref().map(Name::from)),
            _ => Order::First,
        },
        // A Hessian by a column is what there is by default; in vec form it is asked for.
        form: match entry.layout.as_deref() {
            Some("jacobian") => Some(Form::Jacobian),
            Some("tangent") => Some(Form::Tangent),
            Some("vec") => Some(Form::Vec),
            _ => None,
        },
        symmetric: match entry.convention.as_deref() {
            Some("indep") => Symmetric::Independent,
            _ => Symmetric::Projection,
        },
        algebra,
        points: 0,
        ..Question::default()
    };
    derive(&question, &Library::standard()).map_err(|error| error.to_string())
}
