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

#[test]
fn a_model_knows_which_cells_were_missing() {
    let place = Place::new();
    let cell = |row: usize| if row.is_multiple_of(5) { String::from("-999") } else { row.to_string() };
    let rows: String = (1..=60).map(|row| format!("{},{}\n", cell(row), row * 2)).collect();
    let table = place.file("t.csv", format!("a,y\n{rows}"));
    let holes = place.file("holes.csv", format!("a,y\n{}", rows.replace("-999", "")));
    train(&place, table, &["--missing=-999", "--out", "m"]);
    let want = place.succeed(&["predict", "m", holes]).output;
    let said = place.succeed(&["predict", "m", table]);
    assert_eq!(said.output, want);
    assert!(
        said.errors.contains("note: as in the model's training, `-999` is a missing cell"),
        "{}",
        said.errors
    );
    assert_ne!(place.succeed(&["predict", "m", table, "--missing=not:-999"]).output, want);
    let scores = |table: &str, options: &[&str]| {
        let said = place.succeed(&[&["evaluate", "m", table][..], options].concat()).output;
        said.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(scores(table, &[]), scores(holes, &[]));
    // Another run is told the same, by the model and by the audit, and its own model too.
    train(&place, table, &["--columns", "m/audit.json", "--out", "again"]);
    train(&place, table, &["--start-from", "m", "--out", "further"]);
    for model in ["again", "further"] {
        let own = place.succeed(&["predict", model, holes]).output;
        assert_eq!(place.succeed(&["predict", model, table]).output, own, "{model}");
        let audit = std::fs::read_to_string(place.path(&format!("{model}/audit.json"))).unwrap();
        assert!(audit.contains("\"-999\""), "{audit}");
    }
}

#[test]
fn a_word_that_is_a_class_stays_one() {
    let place = Place::new();
    let rows: String =
        (0..60).map(|row| format!("{row},{}\n", ["None", "Mild", "Severe"][row % 3])).collect();
    let table = place.file("t.csv", format!("a,y\n{rows}"));
    train(&place, table, &["--missing", "not:None", "--column", "a=number", "--out", "m"]);
    let said = place.succeed(&["evaluate", "m", table]);
    assert!(said.output.contains("60 rows"), "{}", said.output);
    let kept = place.succeed(&["predict", "m", table, "--keep", "y"]).output;
    assert!(kept.contains("\nNone,"), "{kept}");
}

#[test]
fn kinds_are_of_inputs_and_tasks_of_targets() {
    let place = Place::new();
    let rows: String = (0..60).map(|row| format!("{row},{}\n", row % 3)).collect();
    let table = place.file("t.csv", format!("a,y\n{rows}"));
    for (kind, mend) in [("category", "classes"), ("ordered", "classes"), ("number", "numbers")] {
        let line = ["train", table, "--target", "y", "--column", &format!("y={kind}"), "--dry-run"];
        refuse(&place, &line, &["`y` is the target", &format!("`--task {mend}`")]);
        place.succeed(&["train", table, "--target", "y", "--task", mend, "--dry-run"]);
    }
}

#[test]
fn what_is_missing_in_a_target_is_said() {
    let place = Place::new();
    let rows: String = (0..60).map(|row| format!("{row}.5,{}\n", ["None", "Mild", "Bad"][row % 3])).collect();
    let table = place.file("t.csv", format!("a,y\n{rows}"));
    let said = place.succeed(&["train", table, "--target", "y", "--dry-run"]).output;
    assert!(
        said.contains("20 missing, `None` taken as missing (`--missing not:None` makes it a value)"),
        "{said}"
    );
    let said = place.succeed(&["train", table, "--target", "y", "--dry-run", "--missing", "not:None"]).output;
    assert!(said.contains("classes 3 (Bad, Mild, None)") && !said.contains("missing"), "{said}");
}

#[test]
fn rows_that_cannot_be_parted_are_refused_with_the_cause() {
    let place = Place::new();
    let rows: String = (0..60).map(|row| format!("{row}.5,k{row},one\n")).collect();
    let table = place.file("t.csv", format!("a,y,g\n{rows}"));
    let line = ["train", table, "--target", "y", "--ignore", "g", "--dry-run"];
    refuse(&place, &line, &["60 rows are of 60 classes", "`--test 0 --validation 0`"]);
    place.succeed(&[&line[..], &["--test", "0", "--validation", "0"]].concat());
    let line = ["train", table, "--target", "a", "--ignore", "y", "--column", "g=category", "--group", "g"];
    refuse(&place, &[&line[..], &["--dry-run"]].concat(), &["1 group", "`--group`"]);
}
