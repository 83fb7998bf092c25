//! What a model keeps of the table that it was trained on, and what predictions keep of theirs.

use super::Place;
use super::bad_input::refuse;

/// A network that is trained at once.
const SMALL: [&str; 5] = ["--hidden", "2", "--epochs", "1", "--overwrite"];

fn train(place: &Place, table: &str, options: &[&str]) -> String {
    let line = [&["train", table, "--target", "y"][..], options, &SMALL].concat();
    place.succeed(&line).output
}

#[test]
fn kept_cells_are_written_as_they_stand() {
    let place = Place::new();
    let rows: String = (1..=12).map(|row| format!("{row},{}\n", row * row)).collect();
    train(&place, place.file("t.csv", format!("a,y\n{rows}")), &["--out", "m"]);
    let cells = ["1234567890123456789", "1.50", "1e5", "NA", "", "007", "\"a, \"\"b\"\"\"", "None", "-0"];
    for (name, sign) in [("q.csv", ","), ("q.tsv", "\t")] {
        let rows: String = cells.iter().map(|cell| format!("2.0{sign}{cell}\n")).collect();
        let table = place.file(name, format!("a{sign}id\n{rows}"));
        let said = place.succeed(&["predict", "m", table, "--keep", "id", "--keep", "a"]).output;
        let lines: Vec<&str> = said.lines().skip(1).collect();
        assert_eq!(lines.len(), cells.len());
        for (line, cell) in lines.iter().zip(cells) {
            assert!(line.starts_with(&format!("{cell},2.0,")), "{cell} in {line}");
        }
    }
    // Of a long table each block.
    let long: String = (0..40_000).map(|row| format!("2,{row}.0\n")).collect();
    let long = place.file("long.csv", format!("a,id\n{long}"));
    let said = place.succeed(&["predict", "m", long, "--keep", "id"]).output;
    assert!(said.lines().skip(1).enumerate().all(|(row, line)| line.starts_with(&format!("{row}.0,"))));
}

#[test]
fn no_two_columns_of_predictions_have_one_name() {
    let place = Place::new();
    let rows: String = (1..=12).map(|row| format!("{row},{},7\n", row * row)).collect();
    let table = place.file("t.csv", format!("a,y,prediction\n{rows}"));
    train(&place, table, &["--ignore", "prediction", "--out", "m"]);
    refuse(&place, &["predict", "m", table, "--keep", "prediction"], &["`prediction`", "rename it"]);
    refuse(&place, &["predict", "m", table, "--keep", "a", "--keep", "a"], &["`a`", "keep it once"]);
    place.succeed(&["predict", "m", table, "--keep", "a", "--keep", "y"]);
}
