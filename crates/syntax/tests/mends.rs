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
