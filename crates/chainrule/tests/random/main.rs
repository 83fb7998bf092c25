//! Random formulas over every kind of node and every function, as text: every line and every step of each derivation agrees with
//! difference quotients, closed forms have the gradient's values, and what is printed reads back.

mod algebra;
mod claims;
mod differences;
mod generator;
mod judge;
mod kinds;

use chainrule::Library;
use generator::{Focus, Generator, WORDS, elementwise};
use judge::{Report, Verdict, has_a_value};
use kinds::Kind;
use std::collections::BTreeMap;

/// How many formulas are drawn, unless `CHAINRULE_RANDOM_FORMULAS` says another number.
const FORMULAS: usize = 2_000;
/// Of so many it is asked that all kinds of node and all functions are among them.
const MANY: usize = 10_000;
/// What they are drawn from.
const SEED: u64 = 20_251_124;
/// How often a formula that has no value is drawn again.
const DRAWS: u64 = 40;
/// Closed forms and texts take ten times as long to judge as derivations, so they are those of every fifth formula, unless
/// `CHAINRULE_RANDOM_EVERY` says another number.
const EVERY: usize = 5;
/// How often every function occurs at least, and every kind of node in every other that can hold it.
const USES: usize = 100;
const PAIRS: usize = 5;

/// How many of the formulas may be refused, by a hundred.
const REFUSED: f64 = 1.0;

fn count(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// The texts of the formulas: in turn one that holds a kind of node in another one, and one that uses
/// two functions.
fn formulas(library: &Library, total: usize) -> Vec<(u64, String)> {
    let functions = elementwise(library);
    let names: Vec<String> = functions
        .iter()
        .map(|function| function.name.clone())
        .chain(WORDS.iter().map(|word| (*word).to_owned()))
        .collect();
    let pairs: Vec<(Kind, Kind)> = pairs().collect();
    let mut again = 0;
    let drawn: Vec<(u64, String)> = (0..total)
        .filter_map(|at| {
            let name = |place: usize| Focus::Function(names[place % names.len()].clone());
            let focus = match at % 2 {
                0 => {
                    let (outer, inner) = pairs[at / 2 % pairs.len()];
                    vec![Focus::Kind(outer), Focus::Kind(inner)]
                }
                _ => vec![name(at / 2), name(at / 2 * 7 + 3 + at / 2 / names.len())],
            };
            // Formulas that have a value nowhere, such as the inverse of a matrix of ones, are drawn again.
            let found = (0..DRAWS).find_map(|draw| {
                let seed = SEED.wrapping_mul(1_000_003).wrapping_add(at as u64 * DRAWS + draw);
                // Two functions may fit the one way round alone, or not into each other.
                let turned: Vec<Focus> = focus.iter().rev().cloned().collect();
                let ways = match (at % 2, draw < DRAWS / 2) {
                    (0, _) => vec![&focus[..]],
                    (_, true) => vec![&focus[..], &turned[..], &focus[..1]],
                    (_, false) => vec![&focus[..1]],
                };
                let text = ways.into_iter().find_map(|focus| Generator::formula(&functions, seed, focus))?;
                again += 1;
                has_a_value(&text, seed, library).then_some((seed, text))
            });
            if found.is_none() {
                println!("nothing was drawn with {focus:?}");
            }
            found
        })
        .collect();
    println!("without a value     {:6}   drawn again", again - drawn.len());
    drawn
}

fn pairs() -> impl Iterator<Item = (Kind, Kind)> {
    Kind::ALL
        .into_iter()
        .flat_map(|outer| Kind::ALL.into_iter().map(move |inner| (outer, inner)))
        .filter(|(outer, inner)| outer.holds(*inner))
}

/// Every formula judged, on all processors; the order of the reports is that of the formulas.
fn judged(formulas: &[(u64, String)], library: &Library) -> Vec<Report> {
    let every = count("CHAINRULE_RANDOM_EVERY", EVERY).max(1);
    let workers = std::thread::available_parallelism().map_or(1, |count| count.get());
    let each = formulas.len().div_ceil(workers).max(1);
    let judge = |(at, (seed, text)): (usize, &(u64, String))| {
        Report::new(text, *seed, library, at.is_multiple_of(every))
    };
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..formulas.len())
            .step_by(each)
            .map(|start| {
                let part = formulas.iter().enumerate().skip(start).take(each);
                scope.spawn(move || part.map(judge).collect::<Vec<_>>())
            })
            .collect();
        handles.into_iter().flat_map(|handle| handle.join().expect("a formula made a judge panic")).collect()
    })
}

/// How often a name stands before a bracket or a slope mark in the texts.
fn uses(reports: &[Report], name: &str) -> usize {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let starts = |text: &str, at: usize| !text[..at].chars().next_back().is_some_and(is_word);
    let called = |text: &str, end: usize| text[end..].starts_with('(') || text[end..].starts_with("'(");
    reports
        .iter()
        .map(|report| {
            let found = report.text.match_indices(name);
            found.filter(|(at, _)| starts(&report.text, *at) && called(&report.text, at + name.len())).count()
        })
        .sum()
}

#[test]
fn random_derivations_match_differences() {
    let library = Library::standard();
    let total = count("CHAINRULE_RANDOM_FORMULAS", FORMULAS);
    let drawn = formulas(&library, total);
    let reports = judged(&drawn, &library);

    let sum = |of: fn(&Report) -> usize| reports.iter().map(of).sum::<usize>();
    let wrong: Vec<&Report> =
        reports.iter().filter(|report| matches!(report.verdict, Verdict::Wrong(_))).collect();
    let mut refused: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for report in &reports {
        if let Verdict::Refused(reason) = &report.verdict {
            refused.entry(reason.clone()).or_default().push(&report.text);
        }
    }
    let refusals: usize = refused.values().map(Vec::len).sum();
    let worst = reports.iter().fold(0.0_f64, |worst, report| worst.max(report.worst));
    println!("formulas            {:6}   of {total} drawn with seed {SEED}", reports.len());
    println!("derivative lines    {:6}", sum(|report| report.lines));
    println!("steps               {:6}", sum(|report| report.steps));
    println!("closed forms        {:6}", sum(|report| report.closed));
    println!("worst error         {worst:6.1e}");
    println!("0 within rounding   {:6}", sum(|report| report.vanishing));
    println!("points redrawn      {:6}", sum(|report| report.redraws));
    println!("errors unconfirmed  {:6}", sum(|report| report.unconfirmed));
    let time = |at: usize| reports.iter().map(|report| report.times[at]).sum::<std::time::Duration>();
    println!(
        "time to derive {:.1?}, to simplify {:.1?}, to read back {:.1?}, to judge {:.1?}",
        time(0),
        time(1),
        time(2),
        time(3)
    );
    println!("wrong               {:6}", wrong.len());
    println!("refused             {refusals:6}");
    let mut reasons: Vec<_> = refused.iter().collect();
    reasons.sort_by_key(|(_, texts)| std::cmp::Reverse(texts.len()));
    for (reason, texts) in reasons.iter().take(40) {
        println!("  {:5}  {reason}\n           such as {}", texts.len(), texts[0]);
    }
    for report in wrong.iter().take(count("CHAINRULE_SHOWN", 20)) {
        println!("\n  {}\n    {:?}", report.text, report.verdict);
    }
    let unlike: Vec<&String> = reports.iter().flat_map(|report| &report.unlike).collect();
    let unsettled: Vec<&String> = reports.iter().flat_map(|report| &report.unsettled).collect();
    let regrouped: Vec<&String> = reports.iter().flat_map(|report| &report.regrouped).collect();
    let lists = [
        ("are another text when read back", &unlike),
        ("read back as other nodes of the same text", &regrouped),
        ("are simplified further when read again", &unsettled),
    ];
    for (title, texts) in lists {
        println!("\ntexts that {title}: {}", texts.len());
        for text in texts.iter().take(count("CHAINRULE_SHOWN", 20)) {
            println!("    {text}");
        }
    }

    let mut pair_counts: BTreeMap<(Kind, Kind), usize> = BTreeMap::new();
    for report in reports.iter().filter(|report| report.verdict == Verdict::Right) {
        for (pair, count) in &report.pairs {
            *pair_counts.entry(*pair).or_default() += count;
        }
    }
    println!("\nhow often each kind of node (to the right) is part of another (downwards)");
    print!("{:15}", "");
    Kind::ALL
        .iter()
        .for_each(|inner| print!("{:>6}", &format!("{inner:?}")[..format!("{inner:?}").len().min(5)]));
    println!();
    for outer in Kind::ALL.into_iter().filter(|kind| kind.has_parts()) {
        print!("{:15}", format!("{outer:?}"));
        for inner in Kind::ALL {
            match (pair_counts.get(&(outer, inner)), outer.holds(inner)) {
                (Some(count), _) => print!("{count:>6}"),
                (None, true) => print!("{:>6}", 0),
                (None, false) => print!("{:>6}", "-"),
            }
        }
        println!();
    }
    let names: Vec<String> = elementwise(&library)
        .into_iter()
        .map(|function| function.name)
        .chain(WORDS.iter().map(|word| (*word).to_owned()))
        .collect();
    println!("\nhow often each function is used");
    let used: Vec<(String, usize)> = names.iter().map(|name| (name.clone(), uses(&reports, name))).collect();
    for row in used.chunks(6) {
        println!("  {}", row.iter().map(|(name, count)| format!("{name:>14} {count:5}")).collect::<String>());
    }
    let latex: Vec<&str> =
        reports.iter().flat_map(|report| report.latex.iter().map(String::as_str)).collect();
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("random_formulas.tex");
    std::fs::write(&path, latex.join("\n")).expect("the folder of test files can be written");
    println!("\n{} lines of LaTeX in {}", latex.len(), path.display());

    assert!(wrong.is_empty(), "{} derivations are wrong", wrong.len());
    assert!(refusals as f64 <= REFUSED / 100.0 * reports.len() as f64, "{refusals} are refused");
    if total >= MANY {
        let rare: Vec<_> =
            pairs().filter(|pair| pair_counts.get(pair).copied().unwrap_or(0) < PAIRS).collect();
        assert!(rare.is_empty(), "too rare: {rare:?}");
        let rare: Vec<_> = used.iter().filter(|(_, count)| *count < USES).collect();
        assert!(rare.is_empty(), "too rare: {rare:?}");
    }
}
