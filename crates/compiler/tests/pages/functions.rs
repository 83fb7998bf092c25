//! Functions: what their pages say is true.

use crate::slopes::{Elementwise, Points};
use crate::{Verdict, apart, arguments_of, as_function, every, is_elementwise, number, text_of};
use chainrule_compiler::{Kind, Library, Source};
use formula::Name;

/// Sides of a `check` line may differ by this part of the right side, and by a last bit of 1.
const CHECKED: f64 = 1e-12;
const LAST_BIT: f64 = 1e-15;
/// How far a stable form may be from the body, by the larger of the value's size and 1: bodies cancel.
const STABLE: f64 = 1e-12;

/// Both sides of every `check` line of the pages of this name.
pub(crate) fn checks_hold(library: &Library, kind: Kind, name: &Name) -> Verdict {
    let library = match kind {
        Kind::Schedule => as_function(library, kind, name)?,
        Kind::Function | Kind::Loss | Kind::Metric | Kind::Optimizer | Kind::Law => library.clone(),
    };
    let checks = library.checks(name)?;
    for (left, right) in &checks {
        let (found, wanted) = (number(&library, left)?, number(&library, right)?);
        if apart(found, wanted, LAST_BIT / CHECKED) > CHECKED {
            return Err(format!("{left} = {right} does not hold: the left side is {found:e}").into());
        }
    }
    Ok(match checks.len() {
        0 => String::from("has no check lines"),
        count => format!("check lines that hold: {count}"),
    })
}

/// The page is read where a formula uses it, and its text begins with what it is.
fn is_read(library: &Library, kind: Kind, name: &Name) -> Verdict {
    let text = text_of(library, kind, name)?;
    let arguments = arguments_of(&text, kind, name)?;
    if !text.starts_with("# ") {
        return Err("the page does not begin with a comment that says what it is".into());
    }
    match kind {
        Kind::Optimizer => drop(syntax::optimizer(name, library)?),
        Kind::Schedule => drop(syntax::schedule(name, library)?),
        Kind::Function | Kind::Loss | Kind::Metric | Kind::Law => {
            let names = arguments.split(',').map(|part| part.split(':').next().unwrap_or(part).trim());
            let text = format!("{name}({})", names.collect::<Vec<_>>().join(", "));
            // The arguments of a function of numbers are declared by no shape: any will do.
            let declarations = if arguments.contains(':') { arguments.as_str() } else { "" };
            syntax::parse(Source { text: &text, declarations }, library)?;
        }
    }
    Ok(String::from("the page is read and used"))
}

#[test]
fn every_page_is_read_and_used() {
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Law) {
        every(kind, |library, name| is_read(library, kind, name));
    }
}

#[test]
fn every_check_line_holds() {
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Law) {
        every(kind, |library, name| checks_hold(library, kind, name));
    }
}

/// The stable form against the body, wherever the body is finite.
pub(crate) fn stable_form_is_the_body(library: &Library, name: &Name) -> Verdict {
    let function = Elementwise::of(library, name)?;
    if !function.has_stable_form() {
        return Ok(String::from("has no stable form"));
    }
    let mut points = Points::inner(function.arity());
    points.extend(&Points::outer(function.arity()));
    let stable = function.shipped(points.count())?.at(&points)?;
    let body = function.without_stable_form(points.count())?.at(&points)?;
    let mut judged = 0;
    for (at, (stable, body)) in stable.values().iter().zip(body.values()).enumerate() {
        if body.is_finite() {
            judged += 1;
            if apart(*stable, *body, 1.0) > STABLE {
                return Err(format!(
                    "at {} the stable form is {stable:e} and the body {body:e}",
                    points.show(at)
                )
                .into());
            }
        } else if body.is_nan() && !stable.is_nan() && !stable.is_finite() {
            return Err(format!("at {} the stable form is {stable:e}", points.show(at)).into());
        }
    }
    if judged == 0 {
        return Err("the body is finite nowhere".into());
    }
    Ok(format!("the stable form is the body at all {judged} points where that is finite"))
}

#[test]
fn stable_forms_are_their_bodies() {
    every(Kind::Function, |library, name| match is_elementwise(library, name)? {
        true => stable_form_is_the_body(library, name),
        false => Ok(String::from("acts on matrices: stable forms are for functions of numbers")),
    });
}
