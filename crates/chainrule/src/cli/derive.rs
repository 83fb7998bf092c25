//! `chainrule derive`: a formula to its derivatives, with the steps, the numbers and the check.

use super::arguments::{Derive, Format};
use super::deadline::Deadline;
use super::derive_json::to_json;
use super::question::{by, hold_sides, order, read_text, restored, standard_input};
use super::sums::{self, sums_sentence};
use super::{Failure, library, text_or_file};
use chainrule::{
    AlgebraCheck, Answer, Check, DerivationOptions, Otherwise, Question, Shown, Stage, derive_telling,
};
use formula::Name;
use notation::{Language, Numbers, PrintedLine};
use std::fmt::Write;

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
        Format::Text if arguments.answer => notation::lines_text(&shown_lines(&answer)),
        Format::Text => explained(&answer, steps, arguments.numbers),
        Format::Latex => latex(&answer, numbers),
        Format::Html => html(&answer, numbers),
        Format::Numpy => code(&answer, Language::NumPy)?,
        Format::Jax => code(&answer, Language::Jax)?,
        Format::Pytorch => code(&answer, Language::PyTorch)?,
        Format::Json => format!("{:#}\n", to_json(&answer)),
    };
    drop(deadline);
    super::print(&text)?;
    if !matches!(format, Format::Text | Format::Json) {
        super::tell(&format!("{}{}", preamble(&answer), check_text(&answer)));
    }
    verdict(&answer.check)?;
    algebra_verdict(answer.algebra_check)?;
    sums::verdict(answer.sums)
}

/// Which steps are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steps {
    /// None.
    None,
    /// Laws, and of many steps of algebra the first and the last.
    Some,
    /// Every one.
    All,
}

/// What a stage does, as the end of a sentence.
pub fn doing(stage: Stage) -> &'static str {
    match stage {
        Stage::Deriving => "deriving",
        Stage::Simplifying => "simplifying the derivatives",
        Stage::Checking => "checking the derivatives on numbers",
    }
}

/// One step of the derivation, opened entry by entry.
fn opened(answer: &Answer, number: usize) -> Result<String, Failure> {
    let derivation = &answer.derivation;
    let laws = derivation.steps.len();
    let algebra: Vec<_> = answer.algebra.iter().flatten().collect();
    let count = laws + algebra.len();
    if let Some(step) = number.checked_sub(laws + 1).and_then(|place| algebra.get(place)) {
        return Ok(opened_algebra(answer, step, number));
    }
    let step = derivation.steps.iter().find(|step| step.number == number);
    let why = step.and_then(|step| chainrule::why(&derivation.formula, step));
    let (Some(step), Some(why)) = (step, why) else {
        return Err(Failure::bad_input(format!(
            "`--why {number}` asks for a step, but the derivation has {count}: `--steps` lists them with their numbers"
        )));
    };
    let printed = notation::print_steps(derivation);
    let stated = printed.iter().find(|printed| printed.number == step.number);
    let stated =
        stated.map_or_else(String::new, |stated| notation::step_text(stated, &derivation.result.name));
    Ok(format!("{}\n\n{stated}\n{}", answer.parsed.echo.trim_end(), notation::why_text(&why)))
}

/// One step of algebra: its identities as the library states them, what their letters stand for, and the part on numbers.
fn opened_algebra(answer: &Answer, step: &chainrule::AlgebraStep, number: usize) -> String {
    let formula = &answer.derivation.formula;
    let printed = notation::print_algebra(formula, std::slice::from_ref(step), number);
    let mut text = format!("{}\n\n{}", answer.parsed.echo.trim_end(), notation::algebra_text(&printed, true));
    for used in &step.used {
        let _ = write!(text, "\n{}", notation::used_text(formula, used));
    }
    if let Some(check) = answer.algebra_check {
        let _ = writeln!(text, "\n{}", algebra_sentence(check));
    }
    text
}

/// A module of a language of code.
fn code(answer: &Answer, language: Language) -> Result<String, Failure> {
    notation::code(&answer.derivation, &answer.closed, &answer.request, language)
        .map_err(|error| Failure::bad_input(error.to_string()))
}

/// The derivation of a formula for a person: what was read and assumed, every line with its law, the closed forms, the check;
/// on request each step, and the matrices of one point.
pub fn explained(answer: &Answer, steps: Steps, numbers: bool) -> String {
    let derivation = &answer.derivation;
    let mut text = preamble(answer);
    let mut section = |title: &str, body: &str| {
        if !body.is_empty() {
            let _ = write!(text, "\n{title}\n{}", indented(body));
        }
    };
    section(
        "lines",
        &notation::derivation_text(derivation, DerivationOptions { steps: false, closed: false }),
    );
    let substituted = notation::print_lines(&derivation.formula, &answer.substituted);
    section("substituted", &notation::lines_text(&substituted));
    if steps != Steps::None {
        let printed = notation::print_steps(derivation);
        let steps: Vec<String> =
            printed.iter().map(|step| notation::step_text(step, &derivation.result.name)).collect();
        section("steps", &steps.join("\n"));
    }
    for reading in &answer.closed {
        if let Some(second) = &reading.second {
            let title = format!("lines of {}", reading.title);
            let options = DerivationOptions { steps: false, closed: false };
            section(&title, &notation::derivation_text(second, options));
        }
    }
    for (reading, printed) in answer.closed.iter().zip(algebra(answer)) {
        section(
            &format!("algebra of {}", reading.title),
            &notation::algebra_text(&printed, steps == Steps::All),
        );
    }
    section("closed form", &notation::lines_text(&shown_lines(answer)));
    section("read otherwise", &otherwise_text(answer));
    section("where", &symbols_text(answer));
    section("at a kink", &answer.kinks.iter().map(|kink| format!("{kink}\n")).collect::<String>());
    if numbers {
        section("numbers, each derivative beside its difference quotient", &numbers_text(&answer.check));
    }
    let _ = writeln!(text, "\n{}", check_text(answer));
    text
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
    Err(Failure::check(format!("the derivative is not confirmed: {}; {why}", check_sentence(check)))
        .after_answer())
}

/// The formula as it was read, what was assumed, and the layout.
fn preamble(answer: &Answer) -> String {
    let mut text = read_text(&answer.parsed, &answer.declared());
    for note in answer.notes() {
        let _ = writeln!(text, "layout     {note}");
    }
    text
}

pub(super) fn closed_lines(answer: &Answer) -> Vec<PrintedLine> {
    notation::print_readings(&answer.derivation, &answer.closed)
}

/// The closed forms as they are shown: under the names of the formula's own lets, where these stand in them.
fn shown_lines(answer: &Answer) -> Vec<PrintedLine> {
    match answer.in_lets.as_slice() {
        [] => closed_lines(answer),
        lines => notation::print_lines(&answer.derivation.formula, lines),
    }
}

/// The steps of algebra to each closed form, numbered on from the laws.
pub(super) fn algebra(answer: &Answer) -> Vec<Vec<notation::PrintedAlgebra>> {
    let mut first = answer.derivation.steps.len() + 1;
    let printed = answer.algebra.iter().map(|steps| {
        let printed = notation::print_algebra(&answer.derivation.formula, steps, first);
        first += steps.len();
        printed
    });
    printed.collect()
}

/// The derivation as LaTeX, and the steps of algebra where they were asked for.
fn latex(answer: &Answer, numbers: Numbers) -> String {
    let mut text = notation::derivation_latex(&answer.derivation, &answer.closed, numbers);
    for (reading, steps) in answer.closed.iter().zip(&answer.algebra).filter(|(_, steps)| !steps.is_empty()) {
        let rows = notation::algebra_latex(&answer.derivation.formula, steps, numbers);
        let _ = write!(text, "The algebra of ${}$:\n{rows}", notation::title_latex(reading, numbers));
    }
    text
}

/// The answers in other readings, each with the declaration that chooses it.
fn otherwise_text(answer: &Answer) -> String {
    let line = |other: &Otherwise| format!("with {}   {} = {}\n", other.declaration, other.name, other.text);
    answer.otherwise.iter().map(line).collect()
}

/// What the symbols of the closed forms stand for, each once.
fn symbols_text(answer: &Answer) -> String {
    let mut lines: Vec<String> = Vec::new();
    for symbol in answer.closed.iter().flat_map(|reading| &reading.symbols) {
        let line = format!("{} is {}\n", symbol.name, symbol.meaning);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.concat()
}

/// A page of its own.
fn html(answer: &Answer, numbers: Numbers) -> String {
    let parsed = &answer.parsed;
    let declared = answer.declared().into_iter().map(|declaration| [declaration, "declared".to_owned()]);
    let assumed = parsed.assumptions.iter();
    let assumed =
        assumed.map(|assumption| [format!("{}: {}", assumption.name, assumption.kind), assumption.reason()]);
    let assumptions: Vec<[String; 2]> = declared.chain(assumed).collect();
    let sums = parsed.sums.iter().flat_map(|sums| &sums.vectorized).map(ToString::to_string);
    let notes: Vec<String> =
        sums.chain(parsed.notes.iter().cloned()).chain(answer.kinks.iter().cloned()).collect();
    let check = [check_sentence(&answer.check)]
        .into_iter()
        .chain(answer.sums.map(|sums| format!("sums {}", sums_sentence(sums))))
        .chain(answer.algebra_check.filter(|check| check.steps > 0).map(algebra_sentence));
    let check = check.collect::<Vec<_>>().join("; ");
    notation::html(&notation::Page {
        formula: &parsed.echo,
        assumptions: &assumptions,
        notes: &notes,
        derivation: &answer.derivation,
        closed: &answer.closed,
        algebra: &answer.algebra,
        check: (&check, answer.check.passed && answer.sums.is_none_or(|sums| sums.passed)),
        numbers,
    })
}

fn check_text(answer: &Answer) -> String {
    let check = &answer.check;
    let mut text = format!("check      {}", check_sentence(check));
    if let Some(sums) = answer.sums {
        let _ = write!(text, "\n           sums {}", sums_sentence(sums));
    }
    if let Some(algebra) = answer.algebra_check.filter(|algebra| algebra.steps > 0) {
        let _ = write!(text, "\n           {}", algebra_sentence(algebra));
    }
    if !check.not_reached.is_empty() {
        let _ = write!(text, "\n           not reached: {}", check.not_reached.join(", "));
    }
    text
}

fn algebra_sentence(check: AlgebraCheck) -> String {
    let AlgebraCheck { steps, points, max_relative_error, passed } = check;
    let steps = if steps == 1 { "1 step".to_owned() } else { format!("{steps} steps") };
    let said = match (passed, points) {
        (true, _) => "passed",
        (false, 0) => "undecided",
        (false, _) => "failed",
    };
    format!(
        "{steps} of algebra at {points} random points, largest relative error {max_relative_error:.1e}: {said}"
    )
}

/// An error where a step of algebra is not what its numbers say.
fn algebra_verdict(check: Option<AlgebraCheck>) -> Result<(), Failure> {
    match check {
        // Where no point tells, nothing speaks against a step, and the closed form itself was judged.
        Some(check) if !check.passed && check.points > 0 => {
            let said = algebra_sentence(check);
            Err(Failure::check(format!("the algebra is not confirmed: {said}; choose another `--seed`"))
                .after_answer())
        }
        _ => Ok(()),
    }
}

pub fn check_sentence(check: &Check) -> String {
    format!(
        "{} random points ({} redrawn), largest relative error {:.1e}: {}",
        check.points,
        check.redrawn,
        check.max_relative_error,
        match (check.passed, check.is_contradicted) {
            (true, _) => "passed",
            (false, true) => "failed",
            (false, false) => "undecided",
        }
    )
}

/// Every matrix of the check's last point.
fn numbers_text(check: &Check) -> String {
    let sizes: Vec<String> =
        check.example.sizes.iter().map(|(name, size)| format!("{name} = {size}")).collect();
    let mut text = if sizes.is_empty() { String::new() } else { format!("{}\n", sizes.join(", ")) };
    let width = check.example.values.iter().map(|shown| shown.name.chars().count() + 2).max().unwrap_or(0);
    for Shown { name, rows, cols, entries, quotients } in &check.example.values {
        for row in 0..*rows {
            let cells = |entries: &[f64]| -> String {
                entries.iter().skip(row * cols).take(*cols).map(|entry| cell(*entry)).collect()
            };
            let title = if row == 0 { format!("{name} =") } else { String::new() };
            let beside =
                quotients.as_ref().map_or(String::new(), |quotients| format!("   |{}", cells(quotients)));
            let _ = writeln!(text, "{title:<width$}{}{beside}", cells(entries));
        }
    }
    text
}

fn cell(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-3..1e5).contains(&size) {
        format!("{value:>13.6}")
    } else {
        format!("{value:>13.4e}")
    }
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| if line.is_empty() { String::from("\n") } else { format!("  {line}\n") })
        .collect()
}
