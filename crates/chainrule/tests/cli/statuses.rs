//! The exit statuses: 0 yes or done, 1 no, 2 bad input or usage, 3 undecided, 4 done with predictions that are not finite.

use super::{Place, shipped};
use serde_json::Value;

const SUBCOMMANDS: [&str; 9] =
    ["derive", "check", "train", "predict", "evaluate", "explain", "plan", "bench", "library"];

#[test]
fn one_table_of_statuses_stands_in_every_help_and_in_the_readme() {
    let place = Place::new();
    let help = place.succeed(&["--help"]).output;
    let table = help.split_once("Exit status:").expect("a table").1.trim_end();
    assert_eq!(table.trim().lines().count(), 5, "{table}");
    for (number, line) in table.trim().lines().enumerate() {
        assert!(line.trim().starts_with(&number.to_string()), "{line}");
    }
    for subcommand in SUBCOMMANDS {
        let help = place.succeed(&[subcommand, "--help"]).output;
        assert!(help.trim_end().ends_with(table), "{subcommand}: {help}");
        assert_eq!(help.matches("Exit status").count(), 1, "{subcommand}");
        assert!(place.succeed(&["help", subcommand]).output.contains(table), "{subcommand}");
    }
    let readme = std::fs::read_to_string(format!("{}/../../README.md", env!("CARGO_MANIFEST_DIR"))).unwrap();
    for line in table.trim().lines() {
        let (number, meaning) = line.trim().split_once("  ").unwrap();
        assert!(readme.contains(&format!("| {number} | {meaning} |")), "{line}");
    }
}

#[test]
fn yes_no_and_bad_input_have_their_statuses() {
    let place = Place::new();
    let claim = |claim: &str| place.run(&["check", "x'*x", "--wrt", "x", "--claim", claim]).status;
    assert_eq!((claim("2*x"), claim("3*x"), claim("2*x +")), (0, 1, 2));
    assert_eq!(place.run(&["check", "x", "--equals", "x"]).status, 0);
    assert_eq!(place.run(&["check", "x", "--equals", "2*x"]).status, 1);
    assert_eq!(place.run(&["derive", "sum(sin(x))"]).status, 0);
    // The others take a word that begins with a minus for a formula.
    for subcommand in ["train", "predict", "evaluate", "explain", "bench", "library"] {
        place.ends(2, &[subcommand, "--nonsense"], &["--nonsense"]);
    }
}

/// Nothing outside of the input stands in the table, so what the system refuses is a 2 like other things that can be mended.
#[test]
fn what_cannot_be_written_is_no_no() {
    let place = Place::new();
    model(&place);
    place.ends(2, &["predict", "run", "t.csv", "-o", "none/p.csv"], &["none/p.csv", "cannot be written"]);
}

/// A model `run` whose numbers overflow on inputs far outside of its table `t.csv`.
fn model(place: &Place) {
    let rows: String =
        (0..30).map(|row| format!("{},{},{}\n", row * 7 % 13, row % 5, 2 * row + row % 3)).collect();
    place.file("t.csv", format!("a,b,price\n{rows}"));
    let line =
        ["train", "t.csv", "--target", "price", "--layers", "4:x .* x", "--epochs", "2", "--out", "run"];
    place.succeed(&line);
}

#[test]
fn predictions_that_are_not_finite_are_told_and_counted() {
    let place = Place::new();
    model(&place);
    for (cells, wrong, first) in [
        (["1e300,1", "1,1", "2,2"], 1, 0),
        (["1,1", "-1e300,1e300", "1,1e200"], 2, 1),
        (["1,1", "2,2", "1.7976931348623157e308,0"], 1, 2),
    ] {
        let table = place.file("wild.csv", format!("a,b\n{}\n", cells.join("\n")));
        let words = [format!("{wrong} of 3 rows"), format!("row {first} (counted from 0)")];
        let words = [words[0].as_str(), words[1].as_str()];
        let answer = place.ends(4, &["predict", "run", table], &words);
        // They are written all the same, each in its row.
        let lines: Vec<&str> = answer.output.lines().collect();
        assert_eq!(lines.len(), 4, "{}", answer.output);
        let finite = |line: &str| line.parse::<f64>().unwrap().is_finite();
        assert_eq!(lines[1..].iter().filter(|line| !finite(line)).count(), wrong);
        assert!(!finite(lines[1 + first]));
        place.ends(4, &["predict", "run", table, "-o", "p.csv"], &words);
        assert_eq!(std::fs::read_to_string(place.path("p.csv")).unwrap(), answer.output);
    }
    let tame = place.file("tame.csv", "a,b\n1,1\n");
    assert_eq!(place.succeed(&["predict", "run", tame]).errors, "");
}

#[test]
fn scores_over_predictions_that_are_not_finite_end_with_their_status() {
    let place = Place::new();
    model(&place);
    let table = place.file("wild.csv", "a,b,price\n1,1,3\n1e300,1,4\n");
    place.ends(4, &["evaluate", "run", table], &["1 of 2 rows has a prediction", "row 1 (counted"]);
    let answer = place.ends(4, &["evaluate", "run", table, "--json"], &["1 of 2 rows"]);
    let json: Value = serde_json::from_str(&answer.output).expect("one JSON object and nothing else");
    assert_eq!(json["test"]["rmse"], Value::Null);
    let rows = place.file("rows.txt", "0\n");
    place.succeed(&["evaluate", "run", table, "--rows", rows]);
    let line =
        ["train", "t.csv", "--target", "price", "--layers", "4:x .* x", "--epochs", "2", "--test", table];
    place.ends(4, &[&line[..], &["--out", "tested"]].concat(), &["1 of 2 test rows"]);
    let answer = place.ends(4, &[&line[..], &["--out", "json", "--json"]].concat(), &["1 of 2 test rows"]);
    assert!(serde_json::from_str::<Value>(&answer.output).is_ok(), "{}", answer.output);
    assert!(
        place.path("tested/model.safetensors").is_file() && place.path("json/model.safetensors").is_file()
    );
}

/// The numbers of a model in doubles reach further, and its predictions are judged like any others.
#[test]
fn doubles_predict_what_floats_cannot() {
    let place = Place::new();
    let table = shipped("sine.csv");
    let line =
        ["train", &table, "--target", "y", "--layers", "4:relu", "--epochs", "2", "--precision", "f64"];
    place.succeed(&[&line[..], &["--out", "run"]].concat());
    let far = place.file("far.csv", "x\n1e200\n");
    place.succeed(&["predict", "run", far]);
}
