//! Known derivatives, judged by a reader and an evaluator that share nothing with Chainrule: each answer is right by difference
//! quotients and by the known answer, in closed form, and rarely longer than the known answer.

mod ask;
mod claims;
mod entry;
mod language;
mod value;

use ask::{answer, ask};
use entry::{Entry, Random};
use language::Expression;
use value::{Value, value};

const ENTRIES: &str = include_str!("identities.json");

/// Sizes at which answers are judged, all different, so that no transposed factor fits by chance.
const SIZES: [[(&str, usize); 5]; 3] = [
    [("m", 5), ("n", 3), ("p", 4), ("q", 2), ("k", 6)],
    [("m", 6), ("n", 4), ("p", 3), ("q", 5), ("k", 2)],
    [("m", 4), ("n", 2), ("p", 5), ("q", 3), ("k", 3)],
];

/// The largest error, by the largest entry of the difference quotients (by 1 where all are smaller).
const TOLERANCE: f64 = 1e-6;

/// How many answers must be no longer than the known ones. It only ever rises.
const NO_LONGER: usize = 198;
/// How many must be answered at all. It only ever rises.
const ANSWERED: usize = 200;
/// How many must be in closed form. It only ever rises.
const CLOSED: usize = 200;

/// The error of an answer at random points, against difference quotients and the known answer.
fn error(entry: &Entry, answer: &Expression, points: u64) -> Result<f64, String> {
    let (expression, known) = (Expression::read(&entry.expr)?, Expression::read(&entry.derivative)?);
    let mut worst = 0.0_f64;
    for (at, sizes) in SIZES.iter().enumerate() {
        for seed in 0..points {
            let mut random = Random(17 + 1000 * at as u64 + seed);
            let names = entry.point(&expression, sizes, &mut random);
            let (answer, _) = value(answer, &names)?;
            let (known, _) = value(&known, &names)?;
            for judge in [entry.quotients(&expression, &names), known] {
                worst = worst.max(apart(&answer, &judge)?);
            }
        }
    }
    Ok(worst)
}

fn apart(answer: &Value, judge: &Value) -> Result<f64, String> {
    if (answer.rows, answer.cols) != (judge.rows, judge.cols) {
        return Err(format!("{} x {} for {} x {}", answer.rows, answer.cols, judge.rows, judge.cols));
    }
    let size = judge.entries.iter().fold(1.0_f64, |size, entry| size.max(entry.abs()));
    let errors = answer.entries.iter().zip(&judge.entries).map(|(a, b)| (a - b).abs() / size);
    Ok(errors.fold(0.0, |worst: f64, error| if error.is_nan() { f64::INFINITY } else { worst.max(error) }))
}

/// Whether an answer that was not asked for as a vec form avoids the words of vec forms, but for those of the question.
fn is_closed(entry: &Entry, answer: &Expression) -> bool {
    let asked = |name: &str| entry.expr.contains(&format!("{name}("));
    entry.layout.as_deref() == Some("vec")
        || !answer.functions().any(|name| matches!(name, "vec" | "kron" | "commutation") && !asked(name))
}

#[test]
fn known_derivatives_are_found_in_closed_form() {
    let entries = Entry::all(ENTRIES);
    let (mut right, mut closed, mut no_longer, mut shorter) = (0, 0, 0, 0);
    let (mut size, mut known_size, mut worst) = (0, 0, 0.0_f64);
    let (mut longer, mut open, mut refused, mut wrong) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for entry in &entries {
        let question = format!("{}: {} by {}", entry.id, entry.expr, entry.wrt);
        let text = match ask(entry) {
            Ok(text) => text,
            Err(reason) => {
                refused.push(format!("{question}: {reason}"));
                continue;
            }
        };
        let answer = match Expression::read(&text) {
            Ok(answer) => answer,
            Err(reason) => {
                wrong.push(format!("{question}: {text} does not read: {reason}"));
                continue;
            }
        };
        match error(entry, &answer, 2) {
            Ok(error) if error <= TOLERANCE => {
                right += 1;
                worst = worst.max(error);
            }
            Ok(error) => wrong.push(format!("{question}: {text} is off by {error:.1e}")),
            Err(reason) => wrong.push(format!("{question}: {text}: {reason}")),
        }
        if is_closed(entry, &answer) {
            closed += 1;
        } else {
            open.push(format!("{question}: {text}"));
        }
        let known = Expression::read(&entry.derivative).expect("a known answer reads").size();
        (size, known_size) = (size + answer.size(), known_size + known);
        shorter += usize::from(answer.size() < known);
        if answer.size() <= known {
            no_longer += 1;
        } else {
            longer.push(format!("{question}: {} > {known}: {text}   [{}]", answer.size(), entry.derivative));
        }
    }
    let answered = entries.len() - refused.len();
    println!("known derivatives      {:4}", entries.len());
    println!("answered               {answered:4}");
    println!("right                  {right:4}   worst error {worst:.1e}");
    println!("in closed form         {closed:4}");
    println!("no longer than known   {no_longer:4}   of them shorter {shorter}");
    println!("distinct subterms      {size:4}   known {known_size}");
    let table =
        |title: &str, lines: &[String]| println!("\n{title}: {}\n  {}", lines.len(), lines.join("\n  "));
    table("longer", &longer);
    table("not in closed form", &open);
    table("refused", &refused);
    table("wrong", &wrong);
    assert!(wrong.is_empty(), "{} answers are wrong", wrong.len());
    assert!(answered >= ANSWERED, "only {answered} are answered");
    assert!(closed >= CLOSED, "only {closed} are in closed form");
    assert!(no_longer >= NO_LONGER, "only {no_longer} are no longer than known");
}

/// The judge itself is judged: the known answers pass, and none passes that is off by a thousandth.
#[test]
fn the_judge_passes_known_answers_and_refuses_others() {
    for entry in Entry::all(ENTRIES) {
        let known = Expression::read(&entry.derivative).unwrap();
        let right = error(&entry, &known, 1).unwrap_or_else(|reason| panic!("{}: {reason}", entry.id));
        assert!(right <= TOLERANCE, "{}: {right:.1e}", entry.id);
        let off = Expression::read(&format!("1.001*({})", entry.derivative)).unwrap();
        assert!(error(&entry, &off, 1).unwrap() > TOLERANCE, "{}", entry.id);
    }
}

#[test]
fn the_algebra_to_known_derivatives_has_no_gap_and_is_right_on_numbers() {
    let (mut forms, mut steps, mut undecided, mut order) = (0, 0, 0, 0);
    for entry in &Entry::all(ENTRIES) {
        let answer = answer(entry, true).expect("a known derivative");
        for (reading, algebra) in answer.closed.iter().zip(&answer.algebra) {
            for (raw, algebra, value) in algebra.ways(reading) {
                let mut place = raw;
                for step in algebra {
                    assert_eq!(step.before, place, "{}: a gap before {:?}", entry.id, step.used);
                    place = step.after;
                    order += usize::from(step.used.iter().all(|used| used.statement.is_none()));
                }
                let text = |id| notation::text(&answer.derivation.formula, id);
                assert_eq!(text(place), text(value), "{}: a gap at the end", entry.id);
                forms += 1;
                steps += algebra.len();
            }
        }
        let check = answer.algebra_check.expect("steps that were asked for");
        assert!(check.passed || check.points == 0, "{}: off by {:.1e}", entry.id, check.max_relative_error);
        undecided += if check.points == 0 { check.steps } else { 0 };
    }
    println!("closed forms {forms}, steps {steps}, of them without a row {order}, undecided {undecided}");
    assert!(undecided * 50 <= steps, "{undecided} of {steps} steps are not judged");
}

#[test]
fn the_measure_counts_distinct_subterms() {
    let size = |text: &str| Expression::read(text).unwrap().size();
    assert_eq!(size("x"), 1);
    assert_eq!(size("2*X'*(X*w - y)"), 9);
    assert_eq!(size("X*w + X*w"), 4);
    assert_eq!(size("-x^-2.5"), 5);
    assert_eq!(size("x^2"), 2);
    assert_eq!(size("2*x^2"), 4);
    assert_eq!(size("2.*X + 2.0*X"), 5);
    for unread in ["", "2 X", "foo(x)", "[A, B]", "x'(", "g'(x)", "unvec(x, m, n)", "1 +", "sum(X, 1, 2)"] {
        assert!(Expression::read(unread).is_err(), "{unread}");
    }
}
