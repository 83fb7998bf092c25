//! The memory of a training: the encoded rows once, and little beside them, however many there are.

use super::Place;
use std::fmt::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

const NUMBERS: usize = 18;
const TOWNS: [&str; 3] = ["Bonn", "Trier", "Ulm"];

/// A table of numbers, a category, a text that is another in each row, and a target.
fn table(rows: usize) -> String {
    let mut text = String::from("id,town");
    (0..NUMBERS).for_each(|column| write!(text, ",x{column}").unwrap());
    text.push_str(",y\n");
    let mut state = 1_u64;
    for row in 0..rows {
        write!(text, "case {:07},{}", row * 7919 % 9_999_991, TOWNS[row % 3]).unwrap();
        for _ in 0..=NUMBERS {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            write!(text, ",{:.5}", (state >> 40) as f64 / 1e5).unwrap();
        }
        text.push('\n');
    }
    text
}

/// The most memory that the program has while it trains on a table, in bytes.
fn peak(place: &Place, table: &str) -> usize {
    let mut child = Command::new(env!("CARGO_BIN_EXE_chainrule"))
        .args([
            "train",
            table,
            "--target",
            "y",
            "--hidden",
            "2",
            "--epochs",
            "1",
            "--out",
            table.trim_end_matches(".csv"),
        ])
        .current_dir(place.path("."))
        .env("TMPDIR", place.path("temporary"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let file = format!("/proc/{}/status", child.id());
    let mut most = 0;
    let status = loop {
        // What it says only rises.
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
        most = most.max(now.unwrap_or_default() * 1024);
        if let Some(status) = child.try_wait().expect("a status") {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    assert!(status.success(), "{table}: {status}");
    most
}

#[test]
fn training_takes_one_and_a_half_times_the_encoded_rows() {
    const ROWS: usize = 100_000;
    const MOST_HELD: usize = 4 << 20;
    if !cfg!(target_os = "linux") {
        eprintln!("not run: only Linux tells the most memory that a process had");
        return;
    }
    let place = Place::new();
    std::fs::create_dir(place.path("temporary")).unwrap();
    place.file("few.csv", table(100));
    place.file("many.csv", table(ROWS));
    let encoded = 4 * ROWS * (NUMBERS + TOWNS.len());
    let (alone, whole) = (peak(&place, "few.csv"), peak(&place, "many.csv"));
    let more = whole - alone;
    assert!(
        more <= encoded + encoded / 2 + MOST_HELD,
        "{more} bytes more than {alone} for {encoded} of encoded rows"
    );
    assert_eq!(std::fs::read_dir(place.path("temporary")).unwrap().count(), 0, "something is left behind");
}

#[test]
#[cfg(unix)]
fn a_large_table_needs_a_folder_for_what_does_not_fit() {
    let place = Place::new();
    place.file("many.csv", table(30_000));
    let answer = place.shell("TMPDIR=/nowhere $CHAINRULE train many.csv --target y --dry-run");
    assert_eq!(answer.status, 2, "{}", answer.errors);
    assert!(answer.errors.contains("/nowhere") && answer.errors.contains("`TMPDIR`"), "{}", answer.errors);
    // What fits needs none.
    place.file("few.csv", table(1000));
    let answer = place.shell("TMPDIR=/nowhere $CHAINRULE train few.csv --target y --dry-run");
    assert_eq!(answer.status, 0, "{}", answer.errors);
}
