//! Claims in one call: is what was derived by hand equal to what is derived?

use formula::Formula;
use judge::{
    ClaimAnswer, ClaimQuestion, DeriveError, EqualAnswer, Judged, Library, LinesAnswer, Part, Slip, Source,
};
use random::{Purpose, Random};

/// Compares a derivative that was derived by hand with the right one.
///
/// # Errors
/// What is wrong with the formula or with the claim, with the place and the mend; or the part that has no law.
pub fn check_claim(
    question: &ClaimQuestion,
    seed: u64,
    library: &Library,
) -> Result<ClaimAnswer, DeriveError> {
    let mut random = Random::new(seed, Purpose::Check, 0);
    judge::check_claim(question, library, &mut || random.normal())
}

/// Compares two formulas of any shape.
///
/// # Errors
/// What is wrong with one of them, with the place and the mend.
pub fn check_equal(
    left: Source,
    right: &str,
    seed: u64,
    library: &Library,
) -> Result<EqualAnswer, DeriveError> {
    let mut random = Random::new(seed, Purpose::Check, 0);
    judge::check_equal(left, right, library, &mut || random.normal())
}

/// Judges each line `df/dX = ...` of a whole derivation by hand.
///
/// # Errors
/// What is wrong with a line, with the place and the mend; or the part that has no law.
pub fn check_lines(source: Source, seed: u64, library: &Library) -> Result<LinesAnswer, DeriveError> {
    let mut random = Random::new(seed, Purpose::Check, 0);
    judge::check_lines(source, library, &mut || random.normal())
}

/// What a slip is, as a sentence with its parts in the language of formulas.
pub fn slip_text(judged: &Judged, slip: &Slip) -> String {
    slip.parts.iter().enumerate().fold(slip.says.to_owned(), |says, (at, part)| {
        says.replace(&format!("{{{at}}}"), &part_text(&judged.formula, part))
    })
}

fn part_text(formula: &Formula, part: &Part) -> String {
    match part {
        Part::Value(id) => notation::text(formula, *id).unwrap_or_else(|| String::from("(a long part)")),
        Part::Number(number) => match number.as_ratio() {
            Some((numerator, denominator)) if denominator > 1 => format!("{numerator}/{denominator}"),
            _ => number.to_string(),
        },
    }
}
