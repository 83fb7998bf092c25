//! `chainrule check`: is what was derived by hand right? Where not, where it differs and by which known slip.

mod json;

use super::arguments::Check;
use super::deadline::Deadline;
use super::question::{by, hold_sides, order, restored, standard_input};
use super::{Failure, Status, library, text_or_file};
use chainrule::{
    ClaimAnswer, ClaimQuestion, Difference, Entry, EqualAnswer, Judged, Library, LinesAnswer, Source,
    Verdict, slip_text,
};
use formula::{Formula, Name, NodeId};
use json::{claim_json, equal_json, lines_json};
use judge::{DeriveError, SumCheck, check_claim, check_equal, check_lines};
use random::{Purpose, Random};
use serde_json::Value;
use std::fmt::Write;
use syntax::{Claim, Mistake, Origin, Spelled};

/// Checks and prints; the exit status says yes, no or undecided.
pub fn run(arguments: &Check) -> Result<Status, Failure> {
    let formula = match arguments.formula.as_str() {
        "-" => standard_input()?,
        text => text_or_file(text, "formula")?,
    };
    let deadline = Deadline::start(arguments.time_limit, arguments.json)?;
    let pages = library::with(&arguments.define)?;
    let declarations = arguments.declarations.join("\n");
    let spelling = arguments.reading.spelling;
    let mut spelled = syntax::spell_with(formula.trim_end(), &declarations, spelling, &pages)?;
    hold_sides(&mut spelled, &declarations, &pages)?;
    let source = Source { text: &spelled.text, declarations: &declarations };
    let beside = (&spelled, &pages);
    let mut random = Random::new(arguments.seed, Purpose::Check, 0);
    let mut draw = || {
        deadline.now("comparing on numbers, with known slips where they differ");
        random.normal()
    };
    deadline.now("deriving and comparing");
    let (printed, status) = match (&arguments.claim, &arguments.equals) {
        (Some(claim), _) => {
            let claims = syntax::spell_claim(claim, &declarations, spelling, beside)?;
            derivative(arguments, (source, &spelled), &claims, &pages, &mut draw)?
        }
        (None, Some(other)) => {
            let other = syntax::spell_beside(other, &declarations, spelling, beside)?;
            let restore = |error| restored(restored(error, &other), &spelled);
            let mut answer = check_equal(source, &other.text, &pages, &mut draw).map_err(restore)?;
            answer.left.notes.extend(spelled.notes.iter().cloned());
            let printed =
                answered(arguments, &answer.judged.verdict, || equal_text(&answer), || equal_json(&answer));
            sound(printed, answer.sums)
        }
        (None, None) => {
            let mut answer =
                check_lines(source, &pages, &mut draw).map_err(|error| restored(error, &spelled))?;
            answer.parsed.notes.extend(spelled.notes.iter().cloned());
            answer.lines.iter_mut().for_each(|line| line.number = spelled.typed_line(line.number));
            let verdicts = || answer.lines.iter().map(|line| &line.judged.verdict);
            let wrong = verdicts().find(|verdict| !verdict.is_yes());
            let Some(verdict) = wrong.or(verdicts().next_back()) else { return Ok(Status::Done) };
            let printed = answered(arguments, verdict, || lines_text(&answer), || lines_json(&answer));
            sound(printed, answer.sums)
        }
    };
    drop(deadline);
    super::print(&printed)?;
    Ok(status)
}

/// Claims about one derivative: all sides of a chain of equations, up to the first that is not right.
fn derivative(
    arguments: &Check,
    (source, spelled): (Source, &Spelled),
    claims: &[Claim],
    pages: &Library,
    draw: &mut dyn FnMut() -> f64,
) -> Result<(String, Status), Failure> {
    let request = calculus::Request {
        wrt: by(arguments.wrt.as_slice(), spelled)?,
        order: order(&arguments.reading)?,
        form: arguments.reading.form,
        layout: arguments.reading.layout.unwrap_or_default(),
        symmetric: arguments.reading.symmetric,
    };
    let mut sides: Vec<Side> = Vec::new();
    for (at, claim) in claims.iter().enumerate() {
        let question = ClaimQuestion {
            text: source.text,
            declarations: source.declarations,
            request: &request,
            is_in_any_layout: arguments.reading.layout.is_none(),
            claim,
        };
        let mut answer = check_claim(&question, pages, draw).map_err(|error| {
            let is_shape = is_shape(&error);
            let failure = Failure::from(restored(restored(error, &claim.value), spelled));
            // What has a wrong shape within is no answer of any kind, and the right one is of use all the same.
            match right_text(source, &request, pages).filter(|_| is_shape) {
                Some(right) => failure.and(&format!("\nright      {right}")),
                None => failure,
            }
        })?;
        answer.parsed.notes.extend(spelled.notes.iter().chain(&claim.value.notes).cloned());
        // A verdict by an answer that is wrong is none.
        let is_sound = !answer.check.is_contradicted;
        let is_over = at + 1 == claims.len() || !answer.judged.verdict.is_yes() || !is_sound;
        if is_over {
            let (text, json) = (|| claim_text(&answer, &sides), || claim_json(&answer, &sides));
            let (printed, status) = answered(arguments, &answer.judged.verdict, text, json);
            return Ok(sound((printed, if is_sound { status } else { Status::Undecided }), answer.sums));
        }
        sides
            .push(Side { claim: expression(&answer.echo).to_owned(), verdict: word(&answer.judged.verdict) });
    }
    Err(Failure::bad_input("the claim is empty: write what the derivative is, as in `df/dx = 2*x`"))
}

/// A side of a chain of equations that is right, before the one that is told in full.
struct Side {
    claim: String,
    verdict: &'static str,
}

/// Whether a claim was refused because of the shapes in it.
fn is_shape(error: &DeriveError) -> bool {
    let DeriveError::Syntax(diagnostic) = error else { return false };
    let is_of_shapes = matches!(
        &*diagnostic.mistake,
        Mistake::Shapes { .. }
            | Mistake::WantsShape { .. }
            | Mistake::AmbiguousBroadcast { .. }
            | Mistake::Power { .. }
    );
    is_of_shapes && diagnostic.text.origin == Origin::Claim
}

/// The right answer in a line, where there is one.
fn right_text(source: Source, request: &calculus::Request, pages: &Library) -> Option<String> {
    let parsed = syntax::parse_by(source, &request.wrt, pages).ok()?;
    let derived = calculus::derive(&parsed.formula, request, calculus::Laws::standard()).ok()?;
    let reading = derived.readings.first()?;
    let value = notation::text(&derived.derivation.formula, reading.value)?;
    Some(format!("{} = {value}", reading.title))
}

/// Nothing is decided by a matrix form that is not the sum that was written.
fn sound((printed, status): (String, Status), sums: Option<SumCheck>) -> (String, Status) {
    let is_sound = sums.is_none_or(|sums| sums.passed);
    (printed, if is_sound { status } else { Status::Undecided })
}

/// How the sums over an index agree with their matrix forms, as a line of its own.
fn sums_text(sums: Option<SumCheck>) -> String {
    sums.map_or_else(String::new, |sums| format!("sums       {}\n", sums))
}

/// What is printed, and the exit status.
fn answered(
    arguments: &Check,
    verdict: &Verdict,
    text: impl FnOnce() -> String,
    json: impl FnOnce() -> Value,
) -> (String, Status) {
    let printed = if arguments.json { format!("{:#}\n", json()) } else { text() };
    let status = match verdict {
        Verdict::Equal { .. } | Verdict::EqualOnNumbers { .. } | Verdict::EqualTransposed { .. } => {
            Status::Done
        }
        Verdict::Different(_) => Status::No,
        Verdict::Undecided(_) => Status::Undecided,
    };
    (printed, status)
}

fn claim_text(answer: &ClaimAnswer, before: &[Side]) -> String {
    let mut text = answer.parsed.text(&[]);
    for note in &answer.reading.notes {
        let _ = writeln!(text, "layout     {note}");
    }
    for symbol in &answer.reading.symbols {
        let _ = writeln!(text, "symbol     {} is {}", symbol.name, symbol.meaning);
    }
    for name in &answer.names {
        let _ = writeln!(text, "assumed    {name}");
    }
    for side in before {
        let _ = writeln!(text, "side       {} = {}: {}", answer.reading.title, side.claim, side.verdict);
    }
    let _ = writeln!(text, "claim      {}", claimed(&answer.echo, &answer.reading.title));
    let right = (&answer.reading.title, &answer.formula, answer.reading.value);
    text += &outcome_text(&answer.judged, Some(right));
    if answer.check.is_contradicted {
        let _ = writeln!(
            text,
            "failed     the derivative itself does not agree with its difference quotients (error {:.1e}); please report the \
             formula",
            answer.check.max_relative_error
        );
    }
    text + &sums_text(answer.sums)
}

fn equal_text(answer: &EqualAnswer) -> String {
    let mut text = answer.left.text(&[]);
    for assumption in &answer.right.assumptions {
        let _ = writeln!(text, "assumed    {assumption}");
    }
    let _ = writeln!(text, "equals     {}", expression(&answer.right.echo));
    text + &outcome_text(&answer.judged, None) + &sums_text(answer.sums)
}

fn lines_text(answer: &LinesAnswer) -> String {
    let mut text = answer.parsed.text(&[]);
    for line in &answer.lines {
        let verdict = word(&line.judged.verdict);
        let _ = writeln!(text, "line {:<5} {}: {verdict}", line.number, line.echo.trim_end());
    }
    let wrong = answer.lines.iter().find(|line| !line.judged.verdict.is_yes());
    match wrong {
        None => text.push_str("\nyes        every line of a derivative is right\n"),
        Some(line) => {
            let _ = writeln!(text, "\nthe first line that is not right is line {}:", line.number);
            text.push_str(&outcome_text(&line.judged, Some((&line.symbol, &line.formula, line.right))));
        }
    }
    text + &sums_text(answer.sums)
}

/// The verdict in a word or two.
fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Equal { .. } => "yes",
        Verdict::EqualOnNumbers { .. } => "yes, on numbers",
        Verdict::EqualTransposed { .. } => "yes, in the other layout",
        Verdict::Different(_) => "no",
        Verdict::Undecided(_) => "undecided",
    }
}

/// The verdict with all that is known: the slip, the entry, the right answer.
fn outcome_text(judged: &Judged, right: Option<(&Name, &Formula, NodeId)>) -> String {
    let mut text = match &judged.verdict {
        Verdict::Equal { points } => {
            format!("yes        by normal form, and on numbers at {points} random points\n")
        }
        Verdict::EqualOnNumbers { points, max_relative_error } => format!(
            "yes        on numbers at {points} random points, largest relative error {max_relative_error:.1e}; the normal \
             forms differ\n"
        ),
        Verdict::EqualTransposed { layout, claimed, points } => format!(
            "yes        {} ({} layout), at {points} random points\n",
            if claimed.rows.is_one() { "as a row" } else { "transposed" },
            layout.name()
        ),
        Verdict::Undecided(why) => why.iter().map(|why| format!("undecided  {why}\n")).collect(),
        Verdict::Different(difference) => different_text(judged, difference),
    };
    if let (false, Some((title, formula, right))) = (judged.verdict.is_yes(), right)
        && let Some(value) = notation::text(formula, right)
    {
        let _ = writeln!(text, "right      {title} = {value}");
    }
    text
}

fn different_text(judged: &Judged, difference: &Difference) -> String {
    let slip = difference.slip.as_ref();
    let named = slip.map(|slip| format!("{}: {}", slip.name, slip_text(judged, slip)));
    let mut text = match named {
        Some(named) => format!("no         {named}\n"),
        None => String::from("no\n"),
    };
    if difference.claimed != difference.right {
        let _ = writeln!(text, "shapes     {} is claimed, {} is right", difference.claimed, difference.right);
    }
    if let Some(Entry { sizes, row, col, claimed, right, difference, quotient, .. }) = &difference.entry {
        let sizes: Vec<String> = sizes.iter().map(|(name, size)| format!("{name} = {size}")).collect();
        let at = if sizes.is_empty() { String::new() } else { format!(" at {}", sizes.join(", ")) };
        let witness =
            quotient.map_or_else(String::new, |value| format!(", difference quotient {}", digits(value)));
        let (claimed, right) = (digits(*claimed), digits(*right));
        // Where the digits that are shown are the same.
        let by = if claimed == right { format!(", {difference:.1e} too much") } else { String::new() };
        let _ = writeln!(
            text,
            "differs    first in row {row}, column {col}{at}: claimed {claimed}, right {right}{by}{witness}"
        );
    }
    text
}

/// A number with six digits after the point, or in powers of ten where those would say little.
fn digits(value: f64) -> String {
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        format!("{value:.6}")
    } else {
        format!("{value:.6e}")
    }
}

/// A claim with the name of what it is.
fn claimed(echo: &str, title: &Name) -> String {
    format!("{title} = {}", expression(echo))
}

/// What was read, without the name of its line.
fn expression(echo: &str) -> &str {
    let echo = echo.trim_end();
    match echo.lines().next_back() {
        Some(last) => last.split_once(" = ").map_or(last, |(_, value)| value),
        None => echo,
    }
}
