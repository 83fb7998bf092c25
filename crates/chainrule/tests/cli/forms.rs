//! Numbers and words in several forms: what training asks about, judging asks about too, and what is told is read wherever it stands.

use super::Place;
use super::bad_input::refuse;

/// A network that is trained at once.
const SMALL: [&str; 5] = ["--hidden", "2", "--epochs", "1", "--overwrite"];

/// A table `a,y` of 60 rows with a target of numbers between these signs; every seventh as `other` makes it.
fn table(before: &str, behind: &str, other: impl Fn(usize) -> String) -> String {
    let cell = |row: usize| match row % 7 {
        3 => other(row),
        _ => format!("{before}{}.25{behind}", row * 3 % 17 + row),
    };
    let row = |row: usize| format!("{}.5,{}\n", row * 7 % 11, cell(row));
    format!("a,y\n{}", (0..60).map(row).collect::<String>())
}

fn all(before: &str, behind: &str) -> String {
    table(before, behind, |row| format!("{before}{row}.75{behind}"))
}

fn train<'a>(options: &[&'a str]) -> Vec<&'a str> {
    let out: &[&str] = if options.contains(&"--out") { &[] } else { &["--out", "m"] };
    [&["train", "t.csv", "--target", "y"], out, &SMALL, options].concat()
}

#[test]
fn a_targets_cells_are_judged_as_they_were_learnt() {
    let place = Place::new();
    place.file("t.csv", all("", ""));
    place.succeed(&train(&[]));
    // A few of another form are refused where rows are judged as where they are learnt.
    for stray in ["\u{20ac}50", "50%", "5 kg", "5-", "1_000", "soon"] {
        let mixed = table("", "", |row| if row == 10 { stray.to_owned() } else { format!("{row}.75") });
        place.file("t.csv", &mixed);
        let said = [&format!(
            "line 12 (row 10, counted from 0), column `y`: `{stray}` is no number as 59 of the 60 cells"
        )[..]];
        refuse(&place, &train(&["--out", "n"]), &said);
        refuse(&place, &["evaluate", "m", "t.csv"], &said);
        let missing = format!("--missing={stray}");
        place.succeed(&["evaluate", "m", "t.csv", &missing]);
        place.succeed(&train(&["--out", "n", &missing]));
    }
    // What all have is read and said, and brackets are plain.
    place.file("t.csv", all("$", ""));
    let said = place.succeed(&["evaluate", "m", "t.csv"]).errors;
    assert!(said.contains("`y` have `$` beside them, and those of the training rows no sign"), "{said}");
    place.file("t.csv", table("", "", |row| format!("({row}.75)")));
    let said = place.succeed(&["evaluate", "m", "t.csv"]).errors;
    assert!(!said.contains("sign"), "{said}");
    // The other way round.
    place.file("t.csv", all("", "%"));
    place.succeed(&train(&[]));
    assert!(!place.succeed(&["evaluate", "m", "t.csv"]).errors.contains("beside"));
    place.file("t.csv", all("", ""));
    let said = place.succeed(&["evaluate", "m", "t.csv"]).errors;
    assert!(said.contains("`y` have no sign beside them, and those of the training rows `%`"), "{said}");
}

#[test]
fn numbers_that_are_told_are_learnt_judged_and_predicted() {
    let place = Place::new();
    for other in ["{}-", "1_{}00"] {
        let odd = |row: usize| other.replace("{}", &row.to_string());
        place.file("t.csv", table("", "", odd));
        refuse(&place, &train(&[]), &["`--task numbers`"]);
        place.succeed(&train(&["--task", "numbers"]));
        let judged = place.succeed(&["evaluate", "m", "t.csv"]).output;
        // The same numbers as everybody writes them.
        let plain = |row: usize| if other.contains('-') { format!("-{row}") } else { format!("1{row}00") };
        place.file("t.csv", table("", "", plain));
        assert_eq!(place.succeed(&["evaluate", "m", "t.csv"]).output, judged, "{other}");
    }
    // An input is asked about or named in the audit, and `--column` reads it.
    let inputs = |cell: &dyn Fn(usize) -> String| {
        let row = |row: usize| format!("{},{}.5\n", cell(row), row * 7 % 11);
        format!("a,y\n{}", (0..60).map(row).collect::<String>())
    };
    place.file("t.csv", inputs(&|row| if row % 3 == 0 { format!("{row}-") } else { row.to_string() }));
    let told = place.succeed(&train(&["--column", "a=number"])).output;
    assert!(told.contains("a") && !told.contains("left out"), "{told}");
    let predicted = place.succeed(&["predict", "m", "t.csv"]).output;
    place.file("u.csv", inputs(&|row| if row % 3 == 0 { format!("-{row}") } else { row.to_string() }));
    assert_eq!(place.succeed(&["predict", "m", "u.csv"]).output, predicted);
    // One cell suffices, in whatever part it is.
    for at in 0..12 {
        place.file("v.csv", inputs(&|row| if row == at { format!("{row}-") } else { row.to_string() }));
        place.succeed(&[
            "train",
            "v.csv",
            "--target",
            "y",
            "--hidden",
            "2",
            "--epochs",
            "1",
            "--overwrite",
            "--out",
            "m",
            "--column",
            "a=number",
        ]);
    }
    // What nobody was told of is no number.
    place.succeed(&[&["train", "u.csv", "--target", "y", "--out", "m"][..], &SMALL].concat());
    refuse(&place, &["predict", "m", "t.csv"], &["`0-` is no number"]);
}

#[test]
fn excels_sign_of_text_is_no_part_of_a_cell() {
    let place = Place::new();
    let rows = |cell: &dyn Fn(usize) -> String| {
        let row = |row: usize| format!("{},{},{}.5\n", row, cell(row * 5 % 13), row * 7 % 11);
        format!("id,a,y\n{}", (0..60).map(row).collect::<String>())
    };
    let answers: Vec<String> = [
        rows(&|value| format!("{value}.5")),
        rows(&|value| format!("=\"{value}.5\"")),
        rows(&|value| format!("\"=\"\"{value}.5\"\"\"")),
    ]
    .iter()
    .map(|text| {
        place.file("t.csv", text);
        place.succeed(&train(&[]));
        place.succeed(&["predict", "m", "t.csv", "--keep", "a"]).output
    })
    .collect();
    assert_eq!((&answers[0], &answers[0]), (&answers[1], &answers[2]));
}

#[test]
fn spellings_are_one_where_the_warnings_command_says_so() {
    let place = Place::new();
    let cells = [["New York", "yes"], ["new_york", "Yes"], ["ulm", " NO"], ["Ulm", "no"], ["Bonn", "yes."]];
    let rows: String = (0..100)
        .map(|row| {
            let [town, class] = cells[row * 7 % 5];
            format!("{}.5,{town},{class}\n", row * 3 % 17)
        })
        .collect();
    place.file("t.csv", format!("a,town,y\n{rows}"));
    let said = place.succeed(&train(&[])).output;
    assert!(said.contains("`--merge y`") && said.contains("`--merge town`"), "{said}");
    let said = place.succeed(&train(&["--merge", "y,town"])).output;
    assert!(said.contains("town=new york") || said.contains("3 values"), "{said}");
    assert!(!said.contains("told apart"), "{said}");
    assert!(said.contains("one spelling, in small letters, of each word of `town` and `y`"), "{said}");
    let answer = place.succeed(&["predict", "m", "t.csv", "--probabilities"]);
    assert!(answer.output.starts_with("prediction,p_no,p_yes\n"), "{}", answer.output);
    assert!(!answer.errors.contains("unseen"), "{}", answer.errors);
    // The model knows it, and so does its audit.
    let judged = place.succeed(&["evaluate", "m", "t.csv"]).output;
    place.file("u.csv", format!("a,town,y\n{}", rows.to_uppercase()));
    assert_eq!(place.succeed(&["evaluate", "m", "u.csv"]).output.replace("u, 100", "t, 100"), judged);
    place.succeed(&train(&["--columns", "m/audit.json", "--out", "n"]));
    assert!(
        place
            .succeed(&["predict", "n", "u.csv", "--probabilities"])
            .output
            .starts_with("prediction,p_no,p_yes\n")
    );
    place.succeed(&["train", "t.csv", "--start-from", "m", "--epochs", "1", "--out", "o"]);
    assert!(
        place
            .succeed(&["predict", "o", "u.csv", "--probabilities"])
            .output
            .starts_with("prediction,p_no,p_yes\n")
    );
    refuse(&place, &train(&["--merge", "z"]), &["`z`", "t.csv"]);
    place.succeed(&train(&["--merge", "y"]));
    refuse(&place, &["predict", "m", "t.csv", "--merge", "town"], &["`town`", "leave `--merge` out"]);
}

#[test]
fn a_class_in_another_spelling_is_that_class_where_no_two_are_alike() {
    let place = Place::new();
    let table = |no: &str, yes: &str| {
        let row = |row: usize| format!("{}.5,{}\n", row * 7 % 11, if row * 7 % 11 > 5 { yes } else { no });
        format!("a,y\n{}", (0..60).map(row).collect::<String>())
    };
    place.file("t.csv", table("No", "Yes"));
    place.succeed(&train(&[]));
    let judged = place.succeed(&["evaluate", "m", "t.csv"]).output;
    place.file("t.csv", table("NO", "yes."));
    let answer = place.succeed(&["evaluate", "m", "t.csv"]);
    assert_eq!(answer.output, judged);
    assert!(answer.errors.contains("`NO` for `No`, `yes.` for `Yes`"), "{}", answer.errors);
    place.file("t.csv", table("no", "maybe"));
    refuse(&place, &["evaluate", "m", "t.csv"], &["`maybe` is none of the model's classes"]);
}

#[test]
fn numbers_with_units_are_a_target_of_numbers_or_asked_about() {
    let place = Place::new();
    place.file("t.csv", all("", " kg"));
    let said = place.succeed(&train(&[])).output;
    assert!(said.contains("target   y: numbers, `kg` is left out of its numbers"), "{said}");
    place.succeed(&["evaluate", "m", "t.csv"]);
    place.file(
        "t.csv",
        table("", " kg", |row| if row == 10 { String::from("5 lb") } else { format!("{row} kg") }),
    );
    for line in [train(&["--out", "n"]), vec!["evaluate", "m", "t.csv"]] {
        refuse(
            &place,
            &line,
            &["line 12 ", "`5 lb` is no number as 59 of the 60 cells", "`--missing='5 lb'`"],
        );
    }
    place.file("t.csv", all("", " lb"));
    refuse(&place, &["evaluate", "m", "t.csv"], &["line 2 ", "column `y`", "`0.25 lb`"]);
}
