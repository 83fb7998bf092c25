//! Shipped pages with one line made wrong: every one is caught by the judge of users' pages.

use crate::text_of;
use chainrule_compiler::{Kind, Library};
use formula::Name;
use judge::judge_page;

/// Where a line of a page has its formula, if it has one that means something.
fn formula_of(line: &str) -> Option<usize> {
    for word in ["slope", "stable"] {
        if line.trim_start().starts_with(word) {
            let at = line.find(word)? + word.len();
            return Some(at + line[at..].len() - line[at..].trim_start().len());
        }
    }
    if line.trim_start().starts_with("check") {
        return line.rfind(" = ").map(|at| at + 3);
    }
    if let Some(at) = line.find("<- ") {
        return Some(at + 3);
    }
    let is_header = Kind::ALL.iter().any(|kind| line.starts_with(&format!("{kind} ")));
    line.find(") = ").filter(|_| is_header).map(|at| at + 4)
}

/// The page with one of its formulas made wrong, in every way, each with how.
pub(crate) fn spoilt(page: &str) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    let lines: Vec<&str> = page.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let Some(start) = formula_of(line) else { continue };
        let (head, formula) = line.split_at(start);
        let mut with = |how: &'static str, formula: String| {
            let mut page: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            page[at] = format!("{head}{formula}");
            all.push((how, page.join("\n")));
        };
        // A side of a `check` line that is 0 has no sign.
        if formula.trim() != "0" {
            with("times 1.001", format!("1.001*({formula})"));
            with("the other sign", format!("-({formula})"));
        }
        let is_judged_closely = !line.trim_start().starts_with("check");
        if is_judged_closely {
            with(
                "a term of 1e-9 of it with the other sign",
                format!("({formula}) - 0.000000001*({formula})"),
            );
        }
        for (sign, other) in [(" + ", " - "), (" - ", " + ")] {
            for (place, _) in formula.match_indices(sign) {
                let mut turned = formula.to_owned();
                turned.replace_range(place..place + sign.len(), other);
                with("the sign of one term turned", turned);
            }
        }
    }
    all
}

#[test]
fn every_shipped_page_is_caught_when_one_of_its_lines_is_wrong() {
    let library = Library::standard();
    let mut missed = Vec::new();
    for kind in [Kind::Function, Kind::Loss, Kind::Metric, Kind::Schedule] {
        let (mut pages, mut caught) = (0, 0);
        for name in library.names(kind) {
            if text_of(&library, kind, &name).is_err() {
                // A primitive is no page; its row is judged by the tests of primitives.
                continue;
            }
            pages += 1;
            for page in library.text(&name).into_iter().filter(|page| page.kind == kind) {
                for (how, text) in spoilt(&page.text) {
                    match is_refused(kind, &name, &text) {
                        true => caught += 1,
                        false => missed.push(format!("{kind} {name}, {how}:\n{text}")),
                    }
                }
            }
        }
        println!("{kind}: {pages} pages, wrong lines caught: {caught}");
        assert!(caught > pages);
    }
    assert!(missed.is_empty(), "{} are not caught\n{}", missed.len(), missed.join("\n\n"));
}

fn is_refused(kind: Kind, name: &Name, text: &str) -> bool {
    let mut library = Library::standard();
    library.define(text).is_err() || judge_page(&library, kind, name).is_err()
}
