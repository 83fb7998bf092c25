//! What the questions of `derive`, `check` and `solve` have in common: how they are read, and what is said of that.

use super::Failure;
use chainrule::{Library, Order, Source, Verdict};
use formula::Name;
use judge::DeriveError;
use random::{Purpose, Random};
use syntax::Spelled;

/// What is derived by: the names that were asked for as the formula has them, or those on its left side.
///
/// # Errors
/// When what was asked for is no name: a formula is derived by a variable, and by a power such as `sigma^2` where it has a name.
pub fn by(asked: &[String], spelled: &Spelled) -> Result<Vec<Name>, Failure> {
    match asked {
        [] => match spelled.absent() {
            None => Ok(spelled.by.clone()),
            Some(what) => Err(Failure::bad_input(what)),
        },
        asked => asked
            .iter()
            .map(|typed| {
                let name = spelled.name(typed.trim());
                match spelled.named_apart(&name) {
                    None => Ok(name),
                    Some(mend) => Err(Failure::bad_input(format!(
                        "`{}` is no variable, but made of some, and a formula is derived by a variable; {mend}",
                        syntax::visible(typed.trim())
                    ))),
                }
            })
            .collect(),
    }
}

/// An error with its place in the text as it was typed.
pub fn restored(error: DeriveError, spelled: &Spelled) -> DeriveError {
    match error {
        DeriveError::Syntax(diagnostic) => DeriveError::Syntax(Box::new(spelled.restore(*diagnostic))),
        other => other,
    }
}

/// Holds the sides of a chain of equations, `f = a = b`, to each other; adds what is to be said of them to the notes.
///
/// # Errors
/// When two sides are not equal.
pub fn hold_sides(spelled: &mut Spelled, declarations: &str, library: &Library) -> Result<(), Failure> {
    for side in &spelled.sides {
        let mut random = Random::new(0, Purpose::Check, 0);
        let source = Source { text: &spelled.text, declarations };
        let answer = judge::check_equal(source, side, library, &mut || random.normal());
        let last = |text: &str| {
            let line = text.trim_end().lines().next_back().unwrap_or_default();
            line.split_once(" = ").map_or(line, |(_, value)| value).to_owned()
        };
        let (one, other) = (last(side), last(&spelled.text));
        let note = match answer.map(|answer| answer.judged.verdict) {
            Ok(verdict) if verdict.is_yes() => format!("`{one}`, the side before, is equal to it on numbers"),
            Ok(Verdict::Different(_)) => {
                return Err(Failure::bad_input(format!(
                    "the sides of the equation are not equal: `{one}` is not `{other}`; leave out the one that is not meant, or \
                     compare them with `chainrule check ... --equals`"
                )));
            }
            Ok(_) | Err(_) => format!("`{one}`, the side before, could not be compared with it"),
        };
        spelled.notes.push(note);
    }
    Ok(())
}

/// How often is derived, and by what the second time.
pub fn order(reading: &super::arguments::Reading) -> Result<Order, Failure> {
    match (reading.order, &reading.wrt2) {
        (1, None) => Ok(Order::First),
        (1, Some(name)) => Err(Failure::bad_input(format!(
            "`--wrt2 {name}` is the second variable of a second derivative: add `--order 2`, or leave it out"
        ))),
        (_, name) => Ok(Order::Second(name.as_deref().map(Name::from))),
    }
}

/// All of standard input, up to 16 MiB.
pub fn standard_input() -> Result<String, Failure> {
    super::text_from(std::io::stdin().lock()).map_err(|error| {
        Failure::bad_input(format!("standard input cannot be read ({error}): give it UTF-8 text"))
    })
}
