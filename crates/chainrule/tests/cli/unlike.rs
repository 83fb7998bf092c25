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
