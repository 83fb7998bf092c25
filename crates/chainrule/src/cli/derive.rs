//! `chainrule derive`: a formula to its derivatives, with the steps, the numbers and the check.

use super::arguments::{Derive, Format};
use super::deadline::Deadline;
use super::question::{by, hold_sides, order, restored, standard_input};
use super::{Failure, library, text_or_file};
use chainrule::{AlgebraCheck, Answer, Check, Question, Stage, Steps, SumCheck, derive_telling};
use formula::Name;
use notation::{Language, Numbers};

/// Derives and prints.
pub fn run(arguments: &Derive) -> Result<(), Failure> {
    let formula = match arguments.formula.as_str() {
        "-" => standard_input()?,
        text => text_or_file(text, "formula")?,
    };
    let format = if arguments.json { Format::Json } else { arguments.format };
    let steps = match (arguments.all_steps, arguments.steps) {
        (true, _) => Steps::All,
        (false, true) => Steps::Some,
        (false, false) => Steps::None,
    };
    let deadline = Deadline::start(arguments.time_limit, format == Format::Json)?;
    let pages = library::with(&arguments.define)?;
    let declarations = arguments.declarations.join("\n");
    let mut spelled =
        syntax::spell_with(formula.trim_end(), &declarations, arguments.reading.spelling, &pages)?;
    hold_sides(&mut spelled, &declarations, &pages)?;
    let wrt = by(&arguments.wrt, &spelled)?;
    let wrt: Vec<&str> = wrt.iter().map(Name::as_str).collect();
    let question = Question {
        formula: &spelled.text,
        declarations: &declarations,
        wrt: &wrt,
        order: order(&arguments.reading)?,
        form: arguments.reading.form,
        layout: arguments.reading.layout.unwrap_or_default(),
        symmetric: arguments.reading.symmetric,
        seed: arguments.seed,
        algebra: steps != Steps::None
            || arguments.why.is_some()
            || matches!(format, Format::Html | Format::Json),
        ..Question::default()
    };
    let answer = derive_telling(&question, &pages, &mut |stage| deadline.now(doing(stage)));
    let mut answer = answer.map_err(|error| restored(error, &spelled))?;
    answer.parsed.notes.splice(0..0, spelled.notes.iter().cloned());
    deadline.now("writing the answer out");
    let numbers = if arguments.layers { Numbers::Above } else { Numbers::Below };
    let text = match format {
        Format::Text if arguments.why.is_some() => opened(&answer, arguments.why.unwrap_or_default())?,
        Format::Text if arguments.answer => notation::lines_text(&answer.shown_lines()),
        Format::Text => answer.explained(steps, arguments.numbers),
        Format::Latex => answer.latex(numbers),
        Format::Html => answer.html(numbers),
        Format::Numpy => code(&answer, Language::NumPy)?,
        Format::Jax => code(&answer, Language::Jax)?,
        Format::Pytorch => code(&answer, Language::PyTorch)?,
        Format::Json => format!("{:#}\n", answer.to_json()),
    };
    drop(deadline);
    super::print(&text)?;
    if !matches!(format, Format::Text | Format::Json) {
        super::tell(&format!("{}{}", answer.preamble(), answer.check_text()));
    }
    verdict(&answer.check)?;
    algebra_verdict(answer.algebra_check)?;
    sums_verdict(answer.sums)
}

/// What a stage does, as the end of a sentence.
pub fn doing(stage: Stage) -> &'static str {
    match stage {
        Stage::Deriving => "deriving",
        Stage::Simplifying => "simplifying the derivatives",
        Stage::Checking => "checking the derivatives on numbers",
    }
}

/// One step of the derivation, opened.
fn opened(answer: &Answer, number: usize) -> Result<String, Failure> {
    answer.opened(number).ok_or_else(|| {
        let count = answer.step_count();
        Failure::bad_input(format!(
            "`--why {number}` asks for a step, but the derivation has {count}: `--steps` lists them with their numbers"
        ))
    })
}

/// A module of a language of code.
fn code(answer: &Answer, language: Language) -> Result<String, Failure> {
    answer.code(language).map_err(|error| Failure::bad_input(error.to_string()))
}

/// An error when the check failed, with the exit status for that.
pub fn verdict(check: &Check) -> Result<(), Failure> {
    if check.passed {
        return Ok(());
    }
    let why = if check.is_contradicted {
        "choose another `--seed`, or look for a place where the formula is not smooth"
    } else {
        "at every point a value was not finite, near a kink, or lost in rounding; choose another `--seed`, or write the formula in \
         units in which its variables are near 1"
    };
    Err(Failure::check(format!("the derivative is not confirmed: {check}; {why}")).after_answer())
}

/// An error where a step of algebra is not what its numbers say.
fn algebra_verdict(check: Option<AlgebraCheck>) -> Result<(), Failure> {
    match check {
        // Where no point tells, nothing speaks against a step, and the closed form itself was judged.
        Some(check) if !check.passed && check.points > 0 => {
            Err(Failure::check(format!("the algebra is not confirmed: {check}; choose another `--seed`"))
                .after_answer())
        }
        _ => Ok(()),
    }
}

/// An error when a matrix form is not the sum that was written.
fn sums_verdict(sums: Option<SumCheck>) -> Result<(), Failure> {
    match sums {
        Some(check) if !check.passed => Err(Failure::check(format!(
            "the matrix form is not confirmed: the sums {check}; please report the formula"
        ))
        .after_answer()),
        _ => Ok(()),
    }
}
