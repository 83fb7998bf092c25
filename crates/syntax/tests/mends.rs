//! What is refused says what it is, and each formula that its mend proposes is read.

use chainrule_syntax::{Library, parse};

/// The texts in quotation marks of a mend, but for the options of the program, names alone that open no bracket, declarations and
/// what is left open.
fn formulas(mend: &str) -> Vec<&str> {
    let quoted = mend.split('`').skip(1).step_by(2);
    quoted.filter(|text| !text.starts_with("--") && !text.contains(": ") && !text.contains("...")).collect()
}

#[test]
fn every_mend_of_the_table_is_read() {
    let library = Library::standard();
    let (mut count, mut mends, mut wrong) = (0, 0, Vec::new());
    for line in include_str!("mends.txt").lines() {
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        let (typed, want) = line.rsplit_once(" | ").expect("a formula and a part of its message");
        let typed = typed.trim();
        count += 1;
        let error = match parse(typed, &library) {
            Ok(parsed) => {
                wrong.push(format!("{typed} is read as {}", parsed.echo));
                continue;
            }
            Err(error) => error,
        };
        let said = error.to_string();
        if !said.contains(want.trim()) || error.text.text != typed {
            wrong.push(format!("{typed}: {said}"));
        }
        let mend = error.mend().unwrap_or_default();
        for formula in formulas(&mend) {
            mends += 1;
            if let Err(again) = parse(formula, &library) {
                wrong.push(format!("{typed}: the mend `{formula}` is refused: {again}"));
            }
        }
    }
    assert!(wrong.is_empty() && count >= 60 && mends >= 60, "{count}, {mends}\n{}", wrong.join("\n"));
}

/// What a formula is, without the name that its result is given.
fn read(formula: &str, library: &Library) -> String {
    let parsed = parse(formula, library).unwrap_or_else(|error| panic!("{formula}: {error}"));
    parsed.echo.lines().map(|line| line.split_once(" = ").map_or(line, |(_, value)| value)).collect()
}

#[test]
fn what_a_mend_proposes_is_what_was_meant() {
    let library = Library::standard();
    let cases = include_str!("meant.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let (mut count, mut wrong) = (0, Vec::new());
    for line in cases {
        let (typed, meant) = line.rsplit_once(" | ").expect("a formula and what was meant");
        let (typed, meant) = (typed.trim(), meant.trim());
        count += 1;
        let Err(error) = parse(typed, &library) else {
            wrong.push(format!("{typed} is read"));
            continue;
        };
        let mend = error.mend().unwrap_or_default();
        let proposed: Vec<String> =
            formulas(&mend).into_iter().map(|formula| read(formula, &library)).collect();
        if proposed.first() != Some(&read(meant, &library)) {
            wrong.push(format!("{typed}: {mend}"));
        }
    }
    println!("{count} mends mean what was meant");
    assert!(wrong.is_empty() && count >= 30, "{count}\n{}", wrong.join("\n"));
}
