//! Standard output and standard error that are closed or full, and terminals of any width: nobody panics, and training goes on.
#![cfg(unix)]

use super::{Place, names, shipped};
use std::path::Path;

const ENDS: [&str; 7] =
    ["2>&1 | head -1", ">/dev/full", "2>/dev/full", ">/dev/full 2>/dev/full", ">&-", "2>&-", ">&- 2>&-"];

fn is_full_known() -> bool {
    Path::new("/dev/full").exists()
}

#[test]
fn a_training_that_nobody_hears_is_saved() {
    let place = Place::new();
    let table = shipped("sine.csv");
    for (number, end) in ENDS.into_iter().enumerate() {
        if end.contains("/dev/full") && !is_full_known() {
            continue;
        }
        for json in ["", " --json"] {
            let out = format!("run{number}{}", json.trim());
            let line = format!(
                "$CHAINRULE train '{table}' --target y --hidden 4 --epochs 40 --out {out}{json} {end}; echo $? >status"
            );
            let answer = place.shell(&line);
            assert!(
                !answer.errors.contains("panicked") && !answer.errors.contains("this is a fault"),
                "{}",
                answer.errors
            );
            assert_eq!(names(&place.path(&out)).len(), 12, "{line}");
            let status = std::fs::read_to_string(place.path("status")).unwrap();
            // A pipe's status is that of its reader. That an answer could not be written is said, once the run is saved.
            let is_lost = end.starts_with(">/dev/full");
            assert_eq!(status.trim(), if is_lost { "2" } else { "0" }, "{line}: {}", answer.errors);
        }
    }
}

#[test]
fn no_subcommand_panics_over_an_output_that_is_closed_or_full() {
    let place = Place::new();
    let table = shipped("sine.csv");
    place.succeed(&["train", &table, "--target", "y", "--hidden", "2", "--epochs", "1", "--out", "run"]);
    let commands = [
        String::from("derive 'sum(sin(x))'"),
        String::from("derive 'sum(sin(x))' --format latex"),
        String::from("derive 'sum(sin(x))' --json"),
        String::from("derive 'x +'"),
        String::from("derive 'x +' --json"),
        String::from("check 'x*x' --wrt x --claim '2*x'"),
        format!("predict run '{table}'"),
        format!("evaluate run '{table}' --json"),
        String::from("explain run"),
        String::from("plan run --peak 1"),
        String::from("bench --workload tiny --seconds 0.001"),
        String::from("library"),
        String::from("--help"),
        String::from("derive"),
        String::from("nonsense"),
    ];
    for command in &commands {
        for end in ENDS {
            if end.contains("/dev/full") && !is_full_known() {
                continue;
            }
            let answer = place.shell(&format!("$CHAINRULE {command} {end}"));
            assert!(matches!(answer.status, 0 | 2), "{command} {end}: {} {}", answer.status, answer.errors);
            assert!(!answer.errors.contains("this is a fault"), "{command} {end}: {}", answer.errors);
        }
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_an_error() {
    if !is_full_known() {
        return;
    }
    let place = Place::new();
    for command in ["derive 'sum(sin(x))'", "library", "--help", "plan x --peak 1"] {
        let answer = place.shell(&format!("$CHAINRULE {command} >/dev/full"));
        assert_eq!(answer.status, 2, "{command}");
        assert!(answer.errors.contains("standard output cannot be written"), "{command}: {}", answer.errors);
    }
}

#[test]
fn the_width_that_is_claimed_of_a_terminal_changes_nothing() {
    let place = Place::new();
    let table = shipped("sine.csv");
    let plain = place.shell("$CHAINRULE train --help").output;
    for columns in ["0", "1", "2", "1000000000", "99999999999999999999", "-5", "abc", "''"] {
        let answer = place.shell(&format!("COLUMNS={columns} LINES={columns} $CHAINRULE train --help"));
        assert_eq!((answer.status, answer.output.as_str()), (0, plain.as_str()), "{columns}");
        let train = "--target y --hidden 2 --epochs 2 --out run --overwrite";
        let answer = place.shell(&format!("COLUMNS={columns} $CHAINRULE train '{table}' {train}"));
        assert_eq!(answer.status, 0, "{columns}: {}", answer.errors);
    }
}
