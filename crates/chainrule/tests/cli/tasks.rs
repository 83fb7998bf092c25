//! Targets of every kind, and columns of every kind, from a table to predictions.

use super::Place;
use super::bad_input::refuse;
use serde_json::Value;

/// Rows with a number with gaps, a category, two values and targets of every kind that follow from them.
fn table(rows: usize) -> String {
    let mut text = String::from("id,size,town,garden,weight,kind,level,calls,price\n");
    for row in 0..rows {
        let size = (row * 37 % 101) as f64 / 10.0;
        let (town, garden) = (["Ulm", "Bonn", "Hof"][row * 7 % 3], if row % 2 == 0 { "no" } else { "yes" });
        let shown = if row % 11 == 3 { String::from("NA") } else { size.to_string() };
        let kind = if size > 5.0 { "large" } else { "small" };
        let level = ["low", "mid", "high"][(size / 3.5) as usize];
        let calls = (size / 2.0) as usize + usize::from(garden == "yes");
        let price = 10.0 + 3.0 * size + if town == "Ulm" { 5.0 } else { 0.0 };
        let weight = 1 + row % 2;
        text.push_str(&format!("{row},{shown},{town},{garden},{weight},{kind},{level},{calls},{price}\n"));
    }
    text
}

const QUICK: [&str; 6] = ["--epochs", "60", "--hidden", "16", "--json", "--overwrite"];

fn train(place: &Place, target: &str, options: &[&str]) -> Value {
    let others: Vec<&str> =
        ["kind", "level", "calls", "price", "weight"].into_iter().filter(|name| *name != target).collect();
    let ignored = others.join(",");
    let line = ["train", "t.csv", "--target", target, "--ignore", &ignored, "--out", target];
    let answer = place.succeed(&[line.as_slice(), &QUICK, options].concat());
    serde_json::from_str(&answer.output).expect("one JSON object and nothing else")
}

fn score(answer: &Value, name: &str) -> f64 {
    answer["test"][name].as_f64().unwrap_or_else(|| panic!("{name} in {answer}"))
}

#[test]
fn classes_are_found_trained_and_judged() {
    let place = Place::new();
    place.file("t.csv", table(300));
    let two = train(&place, "kind", &[]);
    assert_eq!((two["task"].as_str(), two["schema"].as_u64()), (Some("classes"), Some(3)));
    let target = &two["targets"][0];
    assert_eq!(target["classes"], serde_json::json!(["large", "small"]));
    assert_eq!(target["positive"], "small");
    assert!(score(&two, "accuracy") > 0.85 && score(&two, "auc") > 0.9, "{two}");
    let names: Vec<&str> =
        target["baselines"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["majority", "logistic"]);
    let positive = train(&place, "kind", &["--positive", "large"]);
    assert_eq!(positive["targets"][0]["positive"], "large");
    assert!((score(&positive, "accuracy") - score(&two, "accuracy")).abs() < 1e-12);

    let three = train(&place, "level", &[]);
    assert_eq!(three["targets"][0]["classes"], serde_json::json!(["high", "low", "mid"]));
    assert!(score(&three, "balanced_accuracy") > 0.75, "{three}");
    let lines = place.succeed(&["predict", "level", "t.csv", "--probabilities", "--keep", "id"]).output;
    assert!(lines.starts_with("id,prediction,p_high,p_low,p_mid\n0,"), "{lines}");
    let written = std::fs::read_to_string(place.path("level/scores.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&written).unwrap()["targets"], three["targets"]);
}

#[test]
fn counts_numbers_and_several_targets_are_trained() {
    let place = Place::new();
    place.file("t.csv", table(300));
    let counts = train(&place, "calls", &["--task", "counts"]);
    assert_eq!(counts["task"], "counts");
    assert!(score(&counts, "r2") > 0.7, "{counts}");
    let lines = place.succeed(&["predict", "calls", "t.csv"]).output;
    assert!(lines.lines().skip(1).all(|line| line.parse::<f64>().unwrap() > 0.0), "{lines}");
    for scale in ["standard", "log", "none"] {
        let numbers = train(&place, "price", &["--target-scale", scale, "--batch-size", "16"]);
        assert!(score(&numbers, "r2") > 0.5, "{scale}: {numbers}");
    }
    let line = [
        "train",
        "t.csv",
        "--target",
        "kind",
        "--target",
        "level",
        "--ignore",
        "calls,price",
        "--out",
        "both",
    ];
    let answer = place.succeed(&[line.as_slice(), &QUICK].concat());
    let both: Value = serde_json::from_str(&answer.output).unwrap();
    assert_eq!(both["targets"].as_array().unwrap().len(), 2);
    assert_eq!(both["test"], Value::Null);
    let lines = place.succeed(&["predict", "both", "t.csv", "--probabilities"]).output;
    assert!(
        lines.starts_with(
            "prediction_kind,p_kind_large,p_kind_small,prediction_level,p_level_high,p_level_low,p_level_mid\n"
        ),
        "{lines}"
    );
}

/// The probabilities of a model, one line a row, from `predict` with these columns kept.
fn rows_of(place: &Place, run: &str, kept: &str) -> Vec<Vec<String>> {
    let lines = place.succeed(&["predict", run, "t.csv", "--probabilities", "--keep", kept]).output;
    lines.lines().skip(1).map(|line| line.split(',').map(String::from).collect()).collect()
}

#[test]
fn several_targets_of_classes_have_a_softmax_each() {
    let place = Place::new();
    place.file("t.csv", table(300));
    let line = ["train", "t.csv", "--target", "town,level", "--ignore", "kind,calls,price"];
    let answer = place.succeed(&[line.as_slice(), &QUICK, &["--out", "both"]].concat());
    let both: Value = serde_json::from_str(&answer.output).unwrap();
    let config = std::fs::read_to_string(place.path("both/config.json")).unwrap();
    assert!(config.contains("\"cross_entropy_of_each_target\""), "{config}");
    assert_eq!(both["targets"][1]["baselines"][1]["name"], "logistic");
    // id, then town: prediction and three probabilities, then level: the same.
    let rows = rows_of(&place, "both", "id");
    let number = |text: &String| text.parse::<f64>().unwrap();
    for row in &rows {
        for own in [&row[2..5], &row[6..9]] {
            assert!((own.iter().map(number).sum::<f64>() - 1.0).abs() < 1e-6, "{row:?}");
        }
    }
    // The written scores are those of what is predicted.
    let test = std::fs::read_to_string(place.path("both/test.txt")).unwrap();
    let table: Vec<Vec<String>> =
        table(300).lines().skip(1).map(|line| line.split(',').map(String::from).collect()).collect();
    for (target, column, first, classes) in
        [(0, 2, 2, ["Bonn", "Hof", "Ulm"]), (1, 6, 6, ["high", "low", "mid"])]
    {
        let tested: Vec<usize> = test.lines().map(|row| row.trim().parse().unwrap()).collect();
        let losses = tested.iter().map(|&row| {
            let class = classes.iter().position(|class| *class == table[row][column]).unwrap();
            -libm::log(number(&rows[row][first + class]).max(1e-300))
        });
        let mean = losses.sum::<f64>() / tested.len() as f64;
        let score = both["targets"][target]["test"]["log_loss"].as_f64().unwrap();
        assert!((mean - score).abs() < 1e-5 * (1.0 + score), "target {target}: {mean}, written {score}");
    }
    let told = place.succeed(&["explain", "both"]).output;
    for line in [
        "P = [softmax(cols(A2, 1, 3), 2), softmax(cols(A2, 4, 6), 2)]",
        "probability of level = high is P, column 4",
    ] {
        assert!(told.contains(line), "{told}");
    }
    // A formula sees the columns of all targets, and weighs them as it says.
    let formula = "cross_entropy(cols(A, 1, 3), cols(Y, 1, 3)) + cross_entropy(cols(A, 4, 6), cols(Y, 4, 6))";
    let options = ["--out", "typed", "--loss", formula];
    place.succeed(&[line.as_slice(), &QUICK, &options].concat());
    assert_eq!(rows_of(&place, "typed", "id"), rows, "the same loss, typed");
}

#[test]
fn columns_are_told_replayed_and_explained() {
    let place = Place::new();
    place.file("t.csv", table(120));
    let line = ["train", "t.csv", "--target", "price", "--ignore", "kind,level,calls", "--epochs", "2"];
    let with = |options: &[&'static str]| [&line[..], options].concat();
    let said = place.succeed(&with(&["--out", "a", "--column", "garden=category"])).output;
    for words in ["id", "identifier", "town", "category", "garden", "missing"] {
        assert!(said.contains(words), "{words} in {said}");
    }
    let explained = place.succeed(&["explain", "a"]).output;
    for words in ["garden=no", "town=Ulm", "(size - ", "size is missing", "price is "] {
        assert!(explained.contains(words), "{words} in {explained}");
    }
    place.succeed(&with(&["--out", "b", "--columns", "a/audit.json"]));
    let encoding = |run: &str| {
        let text = std::fs::read_to_string(place.path(run).join("audit.json")).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        let part = |column: &Value| (column["name"].clone(), column["part"].clone());
        value["columns"].as_array().unwrap().iter().map(part).collect::<Vec<_>>()
    };
    assert_eq!(encoding("a"), encoding("b"));
    let before = place.names();
    let dry = place.succeed(&with(&["--out", "c", "--dry-run"])).output;
    assert!(dry.contains("network") && dry.contains("at most"), "{dry}");
    assert_eq!(place.names(), before);
    // What is not as in training is predicted and counted.
    let new = place.file("new.csv", "size,town,garden,weight\n1.5,Berlin,yes,1\n,Ulm,no,2\n");
    let answer = place.succeed(&["predict", "a", new]);
    assert_eq!(answer.output.lines().count(), 3);
    assert!(
        answer.errors.contains("`town` 1 unseen") && answer.errors.contains("`size` 1 missing"),
        "{}",
        answer.errors
    );
    refuse(&place, &["predict", "a", new, "--probabilities"], &["no probabilities"]);
}

#[test]
fn a_row_of_weight_2_is_the_row_twice() {
    let place = Place::new();
    let rows: Vec<(usize, f64, f64, usize)> = (0..60)
        .map(|row| {
            let x = (row * 37 % 101) as f64 / 25.0;
            (row, x, 1.0 + x * x + (row % 7) as f64 / 5.0, 1 + row % 2)
        })
        .collect();
    let line = |(_, x, y, weight): &(usize, f64, f64, usize)| format!("{x},{y},{weight}\n");
    let weighted: String = rows.iter().map(line).collect();
    let twice: String = rows.iter().flat_map(|row| std::iter::repeat_n(line(row), row.3)).collect();
    place.file("w.csv", format!("x,y,w\n{weighted}"));
    place.file("d.csv", format!("x,y,w\n{twice}"));
    let options = [
        "--target",
        "y",
        "--test",
        "0",
        "--validation",
        "0",
        "--batch-size",
        "full",
        "--epochs",
        "80",
        "--hidden",
        "8",
        "--precision",
        "f64",
        "--json",
    ];
    for (task, loss) in [("numbers", "mse"), ("numbers", "huber"), ("numbers", "sum(log(cosh(A - Y)))/m")] {
        let run = |table: &str, more: &[&str]| {
            let told = ["--task", task, "--loss", loss, "--overwrite", "--out", "run"];
            let line = [&["train", table], &options[..], &told, more].concat();
            let answer: Value = serde_json::from_str(&place.succeed(&line).output).unwrap();
            let predictions = place.succeed(&["predict", "run", "w.csv"]).output;
            let numbers: Vec<f64> = predictions.lines().skip(1).map(|line| line.parse().unwrap()).collect();
            (numbers, answer["targets"][0]["train"]["rmse"].as_f64().unwrap())
        };
        let (weighted, score) = run("w.csv", &["--weight", "w"]);
        let (doubled, want) = run("d.csv", &["--ignore", "w"]);
        assert!((score - want).abs() < 1e-5 * want, "{loss}: {score} for {want}");
        for (found, want) in weighted.iter().zip(&doubled) {
            assert!((found - want).abs() < 1e-5 * want.abs().max(1.0), "{loss}: {found} for {want}");
        }
    }
}

#[test]
fn targets_that_cannot_be_learnt_are_refused_with_the_reason() {
    let place = Place::new();
    let rows = |cell: &dyn Fn(usize) -> String| {
        let rows: String = (0..40).map(|row| format!("{},{}\n", row * 7 % 13, cell(row))).collect();
        format!("x,y\n{rows}")
    };
    place.file("one.csv", rows(&|_| String::from("a")));
    refuse(&place, &["train", "one.csv", "--target", "y"], &["`y` is `a` in every row", "another target"]);
    place.file("none.csv", rows(&|_| String::new()));
    refuse(&place, &["train", "none.csv", "--target", "y"], &["missing in every row"]);
    place.file(
        "late.csv",
        rows(&|row| if row >= 38 { String::from("c") } else { ["a", "b"][row % 2].to_owned() }),
    );
    let test = place.file("test.txt", "38\n39\n");
    let told = ["train", "late.csv", "--target", "y", "--test", test];
    refuse(&place, &told, &["class `c`", "2 validation or test rows", "part the rows otherwise"]);
    // No seed changes rows that were told.
    let errors = place.run(&told).errors;
    assert!(!errors.contains("--seed"), "{errors}");
    place.file("two.csv", rows(&|row| ["a", "b"][row % 2].to_owned()));
    refuse(
        &place,
        &["train", "two.csv", "--target", "y", "--positive", "c"],
        &["`c` is no class", "`a`, `b`"],
    );
    place.file("three.csv", rows(&|row| ["a", "b", "c"][row % 3].to_owned()));
    refuse(
        &place,
        &["train", "three.csv", "--target", "y", "--positive", "c"],
        &["no target has two", "leave `--positive` out"],
    );
    place.file("bits.csv", rows(&|row| (row % 2).to_string()));
    place.succeed(&["train", "bits.csv", "--target", "y", "--positive", "0.0", "--dry-run"]);
    refuse(
        &place,
        &["train", "two.csv", "--target", "y", "--output", "sigmoid", "--loss", "binary_cross_entropy"],
        &["takes logits", "leave `--output` out"],
    );
    refuse(&place, &["train", "two.csv", "--target", "y", "--task", "numbers"], &["column `y`"]);
}

#[test]
fn few_rows_are_all_trained_on_and_folds_judge() {
    let place = Place::new();
    place.file("t.csv", table(24));
    let line = ["train", "t.csv", "--target", "price", "--ignore", "kind,level,calls", "--epochs", "20"];
    let answer = place.succeed(&[&line[..], &["--out", "run"]].concat());
    assert!(
        answer.output.contains("nothing can be judged") && answer.output.contains("--folds 5"),
        "{}",
        answer.output
    );
    let answer = place.succeed(&[&line[..], &["--folds", "4", "--json"]].concat());
    let folds: Value = serde_json::from_str(&answer.output).expect("one JSON object");
    assert_eq!(folds["folds"], 4);
    assert!(folds["targets"][0]["test"]["rmse"].is_f64(), "{folds}");
    let quiet = place.succeed(&[&line[..], &["--out", "quiet", "--quiet", "--test", "0.2"]].concat());
    assert_eq!(quiet.errors, "");
    assert!(quiet.output.starts_with("test, "), "{}", quiet.output);
}

#[test]
fn a_dry_run_is_one_object_too() {
    let place = Place::new();
    let rows: String = (0..60).map(|row| format!("{row}.5,{},{}\n", row % 7, ["u", "v"][row % 2])).collect();
    place.file("t.csv", format!("a,b,y\n{rows}"));
    let answer = place.succeed(&["train", "t.csv", "--target", "y", "--dry-run", "--json"]);
    let told: Value = serde_json::from_str(&answer.output).expect("one JSON object and nothing else");
    assert_eq!((&told["task"], &told["targets"][0]), (&"classes".into(), &"y".into()));
    assert_eq!(told["rows"]["test"], 12);
    assert!(told["audit"]["inputs"].is_array() || told["audit"].is_object(), "{told}");
    assert!(told["seconds_at_most"].as_f64().is_some_and(|seconds| seconds > 0.0));
    assert_eq!(place.names(), ["t.csv"]);
}
