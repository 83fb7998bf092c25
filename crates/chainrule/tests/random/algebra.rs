//! The steps of algebra to closed forms of random formulas: each begins where the one before ends, and is right on numbers.

use super::{count, formulas};
use chainrule::{Library, Order, Question, derive};
use std::collections::BTreeMap;

/// Every so many of the random formulas are explained, unless `CHAINRULE_RANDOM_ALGEBRA` says another number.
const EVERY: usize = 40;

#[test]
fn random_algebra_leads_to_the_closed_form_and_is_right_on_numbers() {
    let library = Library::standard();
    let drawn = formulas(&library, count("CHAINRULE_RANDOM_FORMULAS", super::FORMULAS));
    let every = count("CHAINRULE_RANDOM_ALGEBRA", EVERY).max(1);
    let (mut steps, mut forms, mut judged, mut undecided) = (0, 0, 0, 0);
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for (seed, text) in drawn.iter().step_by(every) {
        let declarations = super::generator::DECLARATIONS;
        let question = Question {
            formula: text,
            declarations,
            algebra: true,
            order: if seed % 4 == 3 { Order::Second(None) } else { Order::First },
            points: 1,
            seed: *seed,
            ..Question::default()
        };
        let Ok(answer) = derive(&question, &library) else { continue };
        for (reading, algebra) in answer.closed.iter().zip(&answer.algebra) {
            for (raw, algebra, value) in algebra.ways(reading) {
                let mut place = raw;
                for step in algebra {
                    assert_eq!(step.before, place, "{text}: a gap before {:?}", step.used);
                    place = step.after;
                    for used in &step.used {
                        *names.entry(used.name.to_string()).or_default() += 1;
                    }
                }
                let written = |id| notation::text(&answer.derivation.formula, id);
                assert_eq!(written(place), written(value), "{text}: a gap at the end");
                forms += 1;
                steps += algebra.len();
            }
        }
        let check = answer.algebra_check.expect("steps that were asked for");
        match check.passed {
            true => judged += check.steps,
            false if check.points == 0 => undecided += check.steps,
            false => panic!("{text}: a step of algebra is off by {:.1e}", check.max_relative_error),
        }
    }
    println!("closed forms {forms}, steps {steps}, right on numbers {judged}, undecided {undecided}");
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    names.iter().for_each(|(name, count)| println!("{count:6} {name}"));
    assert!(undecided * 20 <= steps, "{undecided} of {steps} steps are not judged");
}
