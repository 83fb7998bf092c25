//! Tables as people have them: read, with what was found, or refused with a mend that works.

use super::Place;
use super::bad_input::refuse;

/// A network that is trained at once.
const SMALL: [&str; 5] = ["--hidden", "2", "--epochs", "1", "--overwrite"];

fn train(place: &Place, table: &str, options: &[&str]) -> String {
    let line = [&["train", table][..], options, &SMALL].concat();
    place.succeed(&line).output
}

/// Twelve rows `a,b,y` with their cells parted by a sign and their fractions by a mark.
fn rows(sign: &str, mark: &str) -> String {
    (1..=12).map(|row| format!("{row}{mark}5{sign}{}{mark}25{sign}{}\n", row * 7 % 5, row * row)).collect()
}

#[test]
fn every_form_of_a_table_trains_the_same_model() {
    let place = Place::new();
    let plain = place.file("plain.csv", format!("a,b,y\n{}", rows(",", ".")));
    let said = train(&place, plain, &["--target", "y", "--out", "plain"]);
    assert!(said.starts_with("plain: 12 rows, 3 columns\n"), "{said}");
    let want = std::fs::read(place.path("plain/model.safetensors")).unwrap();
    let semicolons = format!("a;b;y\n{}", rows(";", ","));
    let utf_16: Vec<u8> = format!("\u{feff}{semicolons}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (contents, words) in [
        (semicolons.clone().into_bytes(), &["semicolons between cells; decimal commas"][..]),
        (format!("a\tb\ty\n{}", rows("\t", ".")).into_bytes(), &["tabs"]),
        (format!("sep=|\na|b|y\n{}", rows("|", ".")).into_bytes(), &["vertical bars", "`sep=`"]),
        (format!("# mine\na b y\n{}", rows("  ", ".")).into_bytes(), &["blanks", "1 comment line"]),
        (utf_16, &["UTF-16LE"]),
    ] {
        let table = place.file("other.txt", contents);
        let said = train(&place, table, &["--target", "y", "--out", "other"]);
        let first = said.lines().next().unwrap_or_default();
        assert!(words.iter().all(|word| first.contains(word)), "{words:?} in {first}");
        assert_eq!(std::fs::read(place.path("other/model.safetensors")).unwrap(), want, "{words:?}");
        let answer = place.succeed(&["predict", "other", table]);
        assert!(
            answer.errors.contains("note: other is read with ") && answer.errors.contains(words[0]),
            "{}",
            answer.errors
        );
        assert_eq!(answer.output, place.succeed(&["predict", "plain", plain]).output);
        let answer = place.succeed(&["evaluate", "other", table]);
        assert!(answer.errors.contains("is read with"), "{}", answer.errors);
    }
    assert_eq!(place.succeed(&["predict", "plain", plain]).errors, "");
}

#[test]
fn what_a_file_leaves_open_is_asked_with_two_commands_that_work() {
    let place = Place::new();
    let no_header = place.file("t.csv", rows(",", "."));
    let line = ["train", no_header, "--target", "c3", "--hidden", "2", "--epochs", "1"];
    let commands = |option: &str| format!("`chainrule {} {option}`", line.join(" "));
    refuse(&place, &line, &[&commands("--no-header"), &commands("--header")]);
    place.succeed(&[&line[..], &["--no-header"]].concat());
    place.succeed(&["predict", "runs/t-0", no_header, "--no-header"]);
    place.succeed(&["evaluate", "runs/t-0", no_header, "--no-header"]);
    refuse(&place, &["predict", "runs/t-0", no_header], &["`chainrule predict runs/t-0 t.csv --no-header`"]);
    let thousands: String = (1..=12).map(|row| format!("\"{row},234\",{row}\n")).collect();
    let thousands = place.file("thousands.csv", format!("a,y\n{thousands}"));
    let line = ["train", thousands, "--target", "y", "--hidden", "2", "--epochs", "1", "--overwrite"];
    let commands = |option: &str| format!("`chainrule {} {option}`", line.join(" "));
    refuse(
        &place,
        &line,
        &["line 2, column `a`", "1234 or 1.234", &commands("--decimal ."), &commands("--decimal ,")],
    );
    for (decimal, median) in [(".", "\"gap\": 6734"), (",", "\"gap\": 6.734")] {
        place.succeed(&[&line[..], &["--decimal", decimal]].concat());
        let audit = std::fs::read_to_string(place.path("runs/thousands-0/audit.json")).unwrap();
        assert!(audit.contains(median), "{median} in {audit}");
    }
}

#[test]
fn a_quote_left_open_loses_no_row() {
    let place = Place::new();
    let cell = |row: usize| if row == 5 { "\"5 inch" } else { "x" };
    let rows: String =
        (1..=9).map(|row| format!("{row},{},{},{}\n", row % 3, row * row, cell(row))).collect();
    let table = place.file("open.csv", format!("a,b,y,note\n{rows}"));
    let words = ["open.csv, line 6", "quote", "--quote none"];
    let line = ["train", table, "--target", "y", "--ignore", "note"];
    refuse(&place, &line, &words);
    let as_text = [&line[..], &SMALL, &["--quote", "none", "--out", "run"]].concat();
    assert!(place.succeed(&as_text).output.contains("9 rows"));
    refuse(&place, &["predict", "run", table], &words);
    refuse(&place, &["evaluate", "run", table], &words);
    let predicted = place.succeed(&["predict", "run", table, "--quote", "none"]).output;
    assert_eq!(predicted.lines().count(), 10);
}

#[test]
fn headers_that_are_not_whole_are_read_and_said() {
    let place = Place::new();
    let rows: String = (1..=12).map(|row| format!("{row},{},{},{}\n", row % 3, row % 5, row * row)).collect();
    let table = place.file("t.csv", format!(",a,a,y\n{rows}"));
    let said = train(&place, table, &["--target", "y", "--ignore", "index"]);
    for words in ["`index` (leave it out with `--ignore index`)", "column 3", "`a_2`"] {
        assert!(said.lines().next().unwrap_or_default().contains(words), "{words} in {said}");
    }
}

#[test]
fn options_of_tables_are_read_or_refused() {
    let place = Place::new();
    let table = place.file(
        "t.csv",
        format!("a;b;y\n{}", rows(";", ",").replacen("1,5", "-99", 1).replacen("2,5", "none", 1)),
    );
    let line = ["train", table, "--target", "y"];
    let with = |options: &[&'static str]| [&line[..], options].concat();
    for wrong in [
        ["--delimiter", "ab"],
        ["--delimiter", "1"],
        ["--decimal", "x"],
        ["--encoding", "klingon"],
        ["--quote", "xx"],
        ["--comment", "1"],
    ] {
        refuse(&place, &with(&wrong), &[wrong[0], "expected"]);
    }
    refuse(&place, &with(&["--header", "--no-header"]), &["--no-header"]);
    // Told wrongly, the message says how the table looks then.
    refuse(&place, &with(&["--delimiter", ","]), &["line 2", "commas between cells", "--delimiter"]);
    refuse(&place, &with(&["--delimiter", "tab"]), &["`a;b;y` alone", "--delimiter"]);
    let said = place.run(&with(&["--missing", "-99,never", "--epochs", "1"]));
    assert!(said.output.contains("2 missing"), "{}{}", said.output, said.errors);
}

#[test]
fn standard_input_has_any_form_too() {
    let place = Place::new();
    place.file("t.csv", format!("a;b;y\n{}", rows(";", ",")));
    let line = "\"$CHAINRULE\" train - --target y --hidden 2 --epochs 1 --out run --json";
    for before in ["cat t.csv |", "< t.csv", "gzip -c t.csv |"] {
        let answer = place.shell(&format!("{before} {line} --overwrite"));
        assert_eq!(answer.status, 0, "{before}: {}", answer.errors);
        assert!(
            answer.errors.contains("read with semicolons between cells; decimal commas"),
            "{}",
            answer.errors
        );
        let answer = place.shell(&format!("{before} \"$CHAINRULE\" predict run -"));
        assert_eq!((answer.status, answer.output.lines().count()), (0, 13), "{before}: {}", answer.errors);
    }
}

#[test]
fn images_of_idx_are_trained_on() {
    let place = Place::new();
    let idx = |sizes: &[u32], bytes: Vec<u8>| {
        let head =
            [0, 0, 8, sizes.len() as u8].into_iter().chain(sizes.iter().flat_map(|size| size.to_be_bytes()));
        head.chain(bytes).collect::<Vec<u8>>()
    };
    place.file("train-images-idx3-ubyte", idx(&[20, 2, 2], (0..80).map(|byte| byte * 3).collect()));
    place.file("train-labels-idx1-ubyte", idx(&[20], (0..20).collect()));
    let said = train(&place, "train-images-idx3-ubyte", &["--target", "label"]);
    assert!(
        said.starts_with(
            "train-images-idx3-ubyte: 20 rows, 5 columns; read with the format IDX; labels from"
        ),
        "{said}"
    );
}

#[test]
fn files_that_are_no_tables_are_refused_with_a_mend() {
    let place = Place::new();
    for (contents, words) in [
        (
            &b"PAR1...."[..],
            &["Parquet", if cfg!(feature = "parquet") { "copy or download" } else { "to_csv" }][..],
        ),
        (b"PK\x03\x04....", &["spreadsheets", "CSV"]),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", &["gzip ends early"]),
        (b"a,y\n1,\0\n", &["line 2", "value 0"]),
        (b"a,\xc3\xa9\n1,2\n\xe9,3\n", &["line 3", "--encoding windows-1252"]),
        (b"\0\0\x08\x03\0\0\0\x01", &["ends before its last item"]),
        (b"a,y\n1,2\n3\n", &["line 3", "1 cell", "2 columns"]),
    ] {
        let table = place.file("t.bin", contents);
        refuse(&place, &["train", table, "--target", "y"], words);
    }
    place.file("t.bin", b"a,\xc3\xa9\n1,2\n\xe9,3\n");
    // The mend that was named reads it: then the column of the letter has two classes.
    let line = ["train", "t.bin", "--target", "a", "--encoding", "windows-1252", "--epochs", "1"];
    assert!(place.succeed(&line).output.contains("classes 2"));
}

#[test]
fn a_cell_that_ends_a_prediction_leaves_the_file_as_it_was() {
    let place = Place::new();
    let rows: Vec<String> = (0..60).map(|row| format!("{},{}", row % 7, row % 5)).collect();
    let table = place.file("train.csv", format!("a,y\n{}\n", rows.join("\n")));
    place.succeed(&["train", table, "--target", "y", "--epochs", "1", "--out", "run"]);
    // The cell is beyond the first block.
    let mut rows = vec!["k,1"; 40_000];
    rows[39_000] = "k,no";
    let wrong = place.file("wrong.csv", format!("id,a\n{}\n", rows.join("\n")));
    std::fs::write(place.path("p.csv"), "as it was").unwrap();
    let words = ["wrong.csv", "39002", "`a`", "no"];
    place.ends(2, &["predict", "run", wrong, "--keep", "id", "-o", "p.csv"], &words);
    assert_eq!(std::fs::read_to_string(place.path("p.csv")).unwrap(), "as it was");
    rows[39_000] = "k,,";
    let ragged = place.file("ragged.csv", format!("id,a\n{}\n", rows.join("\n")));
    place.ends(2, &["predict", "run", ragged, "-o", "p.csv"], &["ragged.csv", "39002"]);
    // In order, whatever the block, and what is missing is counted over all.
    rows[39_000] = "last,";
    let gap = place.file("gap.csv", format!("id,a\n{}\n", rows.join("\n")));
    let answer = place.succeed(&["predict", "run", gap, "--keep", "id"]);
    assert_eq!(answer.output.lines().count(), 40_001);
    assert!(answer.output.lines().nth(39_001).unwrap().starts_with("last,"));
    assert!(
        answer.errors.contains("of 40000 rows") && answer.errors.contains("`a` 1 missing"),
        "{}",
        answer.errors
    );
}

#[test]
fn weights_of_classes_say_what_they_do_to_probabilities() {
    let place = Place::new();
    let rows: Vec<String> =
        (0..60).map(|row| format!("{},{}", row % 7, ["no", "yes"][row % 5 / 4])).collect();
    let table = place.file("train.csv", format!("a,y\n{}\n", rows.join("\n")));
    let train = ["train", table, "--target", "y", "--epochs", "1", "--out", "run", "--overwrite"];
    assert!(!place.succeed(&train).output.contains("calibrated"));
    let balanced = [&train[..], &["--class-weights", "balanced"]].concat();
    assert!(place.succeed(&balanced).output.contains("not calibrated"));
}

#[test]
fn several_targets_may_stand_between_commas() {
    let place = Place::new();
    let rows: Vec<String> = (0..60).map(|row| format!("{},{},{}", row % 7, row % 5, row % 3)).collect();
    let table = place.file("train.csv", format!("a,y,z\n{}\n", rows.join("\n")));
    place.succeed(&["train", table, "--target", "y,z", "--task", "numbers", "--epochs", "1", "--out", "run"]);
    assert!(place.succeed(&["predict", "run", table]).output.starts_with("prediction_y,prediction_z\n"));
}
