//! Tables for test and prediction that are not like the one that a model was trained on: told before anything is trained, or counted.

use super::Place;
use super::bad_input::refuse;

/// A network that is trained at once.
const SMALL: [&str; 5] = ["--hidden", "2", "--epochs", "1", "--overwrite"];

/// A table `a,b,y` of numbers, whose column `b` has a sign behind each.
fn numbers(rows: usize, sign: &str) -> String {
    let row = |row: usize| format!("{}.5,{}{sign},{}\n", row * 7 % 11, row * 5 % 13, row * 3 % 17);
    format!("a,b,y\n{}", (0..rows).map(row).collect::<String>())
}

#[test]
fn a_test_table_that_does_not_fit_is_refused_before_training() {
    let place = Place::new();
    let table = place.file("t.csv", numbers(60, ""));
    for (contents, words) in [
        ("a,y\n1,2\n2,3\n", &["`b`", "other.csv"][..]),
        ("a,b\n1,2\n2,3\n", &["`y`", "other.csv"]),
        ("a,b,y\n1,2,3\n2,x,3\n", &["other.csv, line 3 ", "column `b`", "`x` is no number"]),
        ("a,b,y\n1,2,3\n2,inf,3\n", &["other.csv, line 3 ", "column `b`", "inf"]),
        ("a,b,y\n1,2,3\n2,3,x\n", &["other.csv, line 3 ", "column `y`", "`x` is no number"]),
    ] {
        let other = place.file("other.csv", contents);
        for part in ["--test", "--validation"] {
            refuse(&place, &[&["train", table, "--target", "y", part, other][..], &SMALL].concat(), words);
        }
    }
}

#[test]
fn signs_that_training_does_not_have_are_counted() {
    let place = Place::new();
    let (bare, cent) = (place.file("bare.csv", numbers(60, "")), place.file("cent.csv", numbers(60, "%")));
    for (trained, given) in [(bare, cent), (cent, bare)] {
        place.succeed(&[&["train", trained, "--target", "y", "--out", "m"][..], &SMALL].concat());
        for command in ["predict", "evaluate"] {
            let said = place.succeed(&[command, "m", given]).errors;
            assert!(said.contains("`b` 60 with another sign of money or per cent or brackets"), "{said}");
            let said = place.succeed(&[command, "m", trained]).errors;
            assert!(!said.contains("sign"), "{said}");
        }
    }
}

#[test]
fn weights_that_are_none_are_refused_with_mends_for_weights() {
    let place = Place::new();
    let table = |weight: &dyn Fn(usize) -> String| {
        let row = |row: usize| format!("{}.5,{},{}\n", row * 7 % 11, weight(row), row * 3 % 17);
        format!("a,w,y\n{}", (0..60).map(row).collect::<String>())
    };
    let line = |weight: &'static str| {
        [&["train", "t.csv", "--target", "y", "--weight", weight][..], &SMALL].concat()
    };
    for (odd, words) in [
        ("-2", &["line 7 ", "column `w`", "found -2", "leave `--weight` out"][..]),
        ("", &["line 7 ", "column `w`", "missing cell", "leave `--weight` out"]),
        ("x", &["line 7 ", "column `w`", "the text `x`", "leave `--weight` out"]),
        ("inf", &["line 7 ", "column `w`", "infinite", "leave `--weight` out"]),
    ] {
        place.file("t.csv", table(&|row| if row == 5 { odd.to_owned() } else { (row % 3).to_string() }));
        refuse(&place, &line("w"), words);
    }
    place.file("t.csv", table(&|_| "0".to_owned()));
    refuse(&place, &line("w"), &["each weight in the column `w` is 0"]);
    refuse(&place, &line("y"), &["`y` is the target", "`--weight`"]);
    refuse(&place, &line("v"), &["the column `v` that has the weights of rows"]);
}

#[test]
fn codes_without_their_zeros_and_true_in_other_letters_are_found_or_counted() {
    let place = Place::new();
    let row = |row: usize| {
        let zip = ["01234", "90210", "02139"][row % 3];
        format!("{zip},{},{}\n", ["TRUE", "FALSE"][row / 3 % 2], row * 3 % 17)
    };
    let rows: String = (0..60).map(row).collect();
    let table = place.file("t.csv", format!("zip,b,y\n{rows}"));
    place.succeed(&[&["train", table, "--target", "y", "--out", "m"][..], &SMALL].concat());
    let want = place.succeed(&["predict", "m", table]);
    assert_eq!(want.errors, "");
    let other = place
        .file("other.csv", format!("zip,b,y\n{}", rows.replace("TRUE", "True").replace("FALSE", "false")));
    let said = place.succeed(&["predict", "m", other]);
    assert_eq!((said.output.as_str(), said.errors.as_str()), (want.output.as_str(), ""));
    let stripped: String = rows.lines().map(|line| format!("{}\n", line.trim_start_matches('0'))).collect();
    let other = place.file("other.csv", format!("zip,b,y\n{stripped}"));
    let said = place.succeed(&["predict", "m", other]);
    assert_eq!(said.output, want.output);
    assert!(said.errors.contains("`zip` 40 with other zeros in front"), "{}", said.errors);
    let other =
        place.file("other.csv", format!("zip,b,y\n{}", rows.replace("TRUE", "1").replace("FALSE", "0")));
    assert!(place.succeed(&["predict", "m", other]).errors.contains("`b` 60 unseen"));
}
